#include <stdbool.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "geo/grid.h"
#include "geo/grid_layout.h"

/*
 * Hops go through the grid in batches and in passes. The first lets go of all hops whose ends lie
 * in one neighbourhood of decided cells, which are most. The second scans the cells and leaves
 * that a hop passes, in the order in which it passes them, and lists the leaves that have lines;
 * the third asks these. Each pass asks for the memory that the next one reads.
 *
 * A leaf may be listed that the hop only comes near to, and an edge is listed by many leaves.
 * Still each crossing is counted once, by the leaf that owns the point where it is: squares are
 * half open, and each point is in one. Leaves come in the order of the hop, since columns and rows
 * only grow or only shrink on its way; so only the crossings of one leaf have to be sorted.
 * Times are fractions of integers and compared exactly.
 *
 * Both ends of the hop are displaced as region.h displaces a point on a border,
 * east by an infinitesimal and north by infinitely less. Then no end lies on an
 * edge and no vertex on the hop, each edge is plainly crossed or not, and the
 * masks of the crossed edges add up to the difference between the sets that
 * grid_locate gives for the ends. The displacement decides whether an edge is
 * crossed; t is that of the hop as given.
 */
__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 uwide;

#define BATCH 256  /* hops */
#define TASKS 1024 /* leaves with lines that wait to be asked */

/* A latitude past the poles, where no region is, is as good as any other. */
#define LAT_OUT_E7 900000001

#define TURN ((int64_t)GRID_TURN_E7)

/* In the frame, which the hop may leave. dx within half a turn. */
struct hop {
    int64_t x, y, dx, dy;
};

/* t = num / den, from 0 to 1. With edges within a turn and a hop within half a
 * turn, both are at most 1.8e9 * 1.8e9 + 3.6e9 * 1.8e9 < 2^64. */
struct fraction {
    uint64_t num, den;
};

struct vector {
    int64_t x, y;
};

static int fraction_order(struct fraction a, struct fraction b)
{
    uwide left = (uwide)a.num * b.den, right = (uwide)b.num * a.den;
    return (left > right) - (left < right);
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* Crossings in order */

/* One edge or several at one time that change the same regions; an even number of them changes
 * nothing. */
struct meet {
    struct fraction t;
    uint32_t set; /* id */
    bool odd;
};

/* The first MEETS after `after`, with equal ones merged. */
#define MEETS 16

struct meets {
    struct meet p[MEETS];
    int count;
    bool overflown;
    bool has_after;
    struct meet after;
};

static int meet_order(const struct meet *a, const struct meet *b)
{
    int order = fraction_order(a->t, b->t);
    return order ? order : (a->set > b->set) - (a->set < b->set);
}

static void meets_add(struct meets *meets, const struct meet *meet)
{
    if (meets->has_after && meet_order(meet, &meets->after) <= 0)
        return;
    int at = meets->count, order = 1;
    while (at > 0 && (order = meet_order(meet, &meets->p[at - 1])) < 0)
        at--;
    if (at > 0 && order == 0) {
        meets->p[at - 1].odd = !meets->p[at - 1].odd;
        return;
    }
    if (meets->count == MEETS) {
        meets->overflown = true;
        if (at == MEETS)
            return;
        meets->count--;
    }
    memmove(&meets->p[at + 1], &meets->p[at], (size_t)(meets->count - at) * sizeof meets->p[0]);
    meets->p[at] = *meet;
    meets->count++;
}

/* Where the result goes. */
struct out {
    const struct grid *grid;
    struct crossing *p;
    size_t cap, count;
    uint32_t *start; /* the first crossing of each hop, */
    size_t started;  /* of so many */
    double last_t;   /* of the hop in work */
    struct fraction t;
    uint64_t mask; /* what changes at t, so far */
};

/* From here on crossings are of this hop. */
static void out_hop(struct out *out, size_t hop)
{
    if (hop < out->started)
        return;
    while (out->started <= hop)
        out->start[out->started++] = (uint32_t)out->count;
    out->last_t = 0.0;
}

/* Rounding may not put a later crossing before an earlier one: division is
 * monotonic, but the roundings of num and den are not. */
static void out_finish(struct out *out)
{
    if (!out->mask)
        return;
    double t = (double)out->t.num / (double)out->t.den;
    out->last_t = t < out->last_t ? out->last_t : t > 1.0 ? 1.0 : t;
    if (out->count < out->cap)
        out->p[out->count] = (struct crossing){out->last_t, out->mask};
    out->count++;
    out->mask = 0;
}

static void out_add(struct out *out, const struct meet *meet)
{
    if (!meet->odd)
        return;
    if (out->mask && fraction_order(out->t, meet->t) != 0)
        out_finish(out);
    out->t = meet->t;
    out->mask ^= out->grid->set[meet->set];
}

static void meets_start(struct meets *meets)
{
    meets->count = 0;
    meets->overflown = meets->has_after = false;
}

/* Hands over what there is. True if there was more than room for, and it has to
 * be asked again. */
static bool meets_more(struct meets *meets, struct out *out)
{
    for (int i = 0; i < meets->count; i++)
        out_add(out, &meets->p[i]);
    bool more = meets->overflown;
    if (more)
        meets->after = meets->p[MEETS - 1];
    meets->has_after = more;
    meets->overflown = false;
    meets->count = 0;
    return more;
}

/* Edges */

/* The z of the cross product: positive if b points left of a. */
static wide cross(struct vector a, struct vector b)
{
    return (wide)a.x * b.y - (wide)a.y * b.x;
}

static bool is_left(wide side, bool if_zero)
{
    return side > 0 || (side == 0 && if_zero);
}

/* Is the edge from low to low + way crossed, and when? The displacement (e,
 * e^2) adds to a side that is zero: way x (e, e^2), so a point on an edge is
 * right of it, but left of a horizontal one (way.x > 0); and for a vertex on
 * the line of the hop, -d x (e, e^2). */
static bool hop_meets(const struct hop *hop, struct vector low, struct vector way,
                      struct fraction *ret_t)
{
    struct vector d = {hop->dx, hop->dy}, from_low = {hop->x - low.x, hop->y - low.y};
    wide start = cross(way, from_low), end = start + cross(way, d);
    bool start_left = is_left(start, way.y == 0), end_left = is_left(end, way.y == 0);
    if (start_left == end_left)
        return false;
    wide low_side = cross(from_low, d), high_side = low_side + cross(d, way);
    bool if_zero = d.y > 0 || (d.y == 0 && d.x < 0);
    if (is_left(low_side, if_zero) == is_left(high_side, if_zero))
        return false;
    wide num = start < 0 ? -start : start, den = start < end ? end - start : start - end;
    *ret_t = (struct fraction){(uint64_t)num, (uint64_t)den};
    return true;
}

/* A leaf that is asked for the crossings of a hop. */
struct asker {
    const struct grid *grid;
    const struct hop *hop;
    int64_t x, y; /* its corner */
};

/* Is the coordinate at t, relative to the start of the hop, in low .. before high? */
static bool lies_in(int64_t d, struct fraction t, int64_t low, int64_t high)
{
    wide at = (wide)d * t.num;
    return (wide)low * t.den <= at && at < (wide)high * t.den;
}

/* In a frame of a whole turn, what lies on the seam belongs to the next copy of the frame. */
static bool asker_owns(const struct asker *asker, struct fraction t)
{
    const struct hop *hop = asker->hop;
    int64_t size = (int64_t)1 << asker->grid->leaf_shift;
    int64_t east = asker->x + size < TURN ? asker->x + size : TURN;
    return lies_in(hop->dx, t, asker->x - hop->x, east - hop->x) &&
           lies_in(hop->dy, t, asker->y - hop->y, asker->y + size - hop->y);
}

static void meets_edge(struct meets *meets, const struct asker *asker, struct vector low,
                       struct vector way, uint32_t set)
{
    struct meet meet = {.set = set, .odd = true};
    if (hop_meets(asker->hop, low, way, &meet.t) && asker_owns(asker, meet.t))
        meets_add(meets, &meet);
}

static void meets_far(struct meets *meets, const struct asker *asker, const union grid_line *line)
{
    for (int i = 0; i < GRID_FAR_EDGES; i++) {
        const struct grid_far_edge *e = &line->far[i];
        struct vector low = {e->low_x, e->low_y};
        struct vector way = {e->high_x - e->low_x, (int64_t)e->high_y - e->low_y};
        if (e->high_y != GRID_STUB_HIGH_Y)
            meets_edge(meets, asker, low, way, line->near.mask_id);
    }
}

/* Near edges: first a look at all of a line that is wrong on one side only */

/*
 * A hop as 16-bit numbers see it, from the corner of a leaf. A point p lies left of its line by
 * north * p.y + east * p.x + side, in units of 2^shift and up to `margin`: the rounding of north
 * and east is below 1, times offsets of at most GRID_NEAR. All sums are below 2^31: the corner is
 * within a leaf of the line, which is at most GRID_NEAR.
 */
struct glance {
    int16_t north, east;
    int32_t side, margin;
    bool ends_are_near; /* and then, from the corner: */
    int16_t a_x, a_y, b_x, b_y;
};

static bool is_near(int64_t x, int64_t y)
{
    return x >= -GRID_NEAR && x < GRID_NEAR && y >= -GRID_NEAR && y < GRID_NEAR;
}

static struct glance glance_of(const struct asker *asker)
{
    const struct hop *hop = asker->hop;
    int64_t x = hop->x - asker->x, y = hop->y - asker->y;
    uint64_t size = (uint64_t)(hop->dx < 0 ? -hop->dx : hop->dx) |
                    (uint64_t)(hop->dy < 0 ? -hop->dy : hop->dy) | 1;
    int shift = 63 - __builtin_clzll(size) - (GRID_NEAR_SHIFT_MAX - 1);
    shift = shift < 0 ? 0 : shift;
    /* It may pass through more than 64 bits on the way, but ends within them. */
    int64_t side = (int64_t)((uint64_t)hop->dy * (uint64_t)x - (uint64_t)hop->dx * (uint64_t)y);
    struct glance glance = {.north = (int16_t)(hop->dx >> shift),
                            .east = (int16_t)(-hop->dy >> shift),
                            .side = (int32_t)(side >> shift),
                            .margin = shift ? 2 * GRID_NEAR + 1 : 0};
    glance.ends_are_near = is_near(x, y) && is_near(x + hop->dx, y + hop->dy);
    if (glance.ends_are_near) {
        glance.a_x = (int16_t)x;
        glance.a_y = (int16_t)y;
        glance.b_x = (int16_t)(x + hop->dx);
        glance.b_y = (int16_t)(y + hop->dy);
    }
    return glance;
}

#ifdef __SSE2__
static inline __m128i pairs(int16_t low, int16_t high)
{
    return _mm_set1_epi32((int)((uint32_t)(uint16_t)high << 16 | (uint16_t)low));
}

/* All ones where both are above the margin, or both below its negative. */
static inline __m128i same_side(__m128i a, __m128i b, __m128i margin)
{
    __m128i below = _mm_sub_epi32(_mm_setzero_si128(), margin);
    __m128i above = _mm_and_si128(_mm_cmpgt_epi32(a, margin), _mm_cmpgt_epi32(b, margin));
    return _mm_or_si128(above, _mm_and_si128(_mm_cmplt_epi32(a, below), _mm_cmplt_epi32(b, below)));
}

static inline unsigned four_maybe(const struct glance *glance, const void *low_at,
                                  const void *way_at)
{
    __m128i low = _mm_loadu_si128(low_at), way = _mm_loadu_si128(way_at);
    __m128i low_side = _mm_add_epi32(_mm_madd_epi16(low, pairs(glance->north, glance->east)),
                                     _mm_set1_epi32(glance->side));
    __m128i more = _mm_madd_epi16(way, pairs(glance->east, (int16_t)-glance->north));
    __m128i passed =
        same_side(low_side, _mm_add_epi32(low_side, more), _mm_set1_epi32(glance->margin));
    if (glance->ends_are_near) {
        __m128i a = _mm_sub_epi16(pairs(glance->a_y, glance->a_x), low);
        __m128i b = _mm_sub_epi16(pairs(glance->b_y, glance->b_x), low);
        passed = _mm_or_si128(
            passed, same_side(_mm_madd_epi16(a, way), _mm_madd_epi16(b, way), _mm_setzero_si128()));
    }
    return ~(unsigned)_mm_movemask_ps(_mm_castsi128_ps(passed)) & 15;
}

/* The edges, a bit each, that the hop does not plainly pass by. */
static inline unsigned near_maybe(const struct glance *glance, const struct grid_near *line)
{
    unsigned few = four_maybe(glance, line->low, line->way);
    return few | (four_maybe(glance, line->low + 4, line->way + 4) & 7) << 4;
}
#else
static bool same_side(int32_t a, int32_t b, int32_t margin)
{
    return (a > margin && b > margin) || (a < -margin && b < -margin);
}

static unsigned near_maybe(const struct glance *glance, const struct grid_near *line)
{
    unsigned maybe = 0;
    for (int i = 0; i < GRID_NEAR_EDGES; i++) {
        int32_t x = line->low[i].x, y = line->low[i].y;
        int32_t run = line->way[i].run, drop = line->way[i].drop;
        int32_t low = glance->north * y + glance->east * x + glance->side;
        int32_t high = low + glance->east * run - glance->north * drop;
        int32_t a = run * (glance->a_y - y) + drop * (glance->a_x - x);
        int32_t b = run * (glance->b_y - y) + drop * (glance->b_x - x);
        bool passed =
            same_side(low, high, glance->margin) || (glance->ends_are_near && same_side(a, b, 0));
        maybe |= (unsigned)!passed << i;
    }
    return maybe;
}
#endif

static bool near_is_stub(const struct grid_near *line, int i)
{
    return line->way[i].drop == GRID_STUB_DROP && line->low[i].y > 0;
}

static void meets_near(struct meets *meets, const struct asker *asker, const struct glance *glance,
                       const struct grid_near *line)
{
    for (unsigned maybe = near_maybe(glance, line); maybe; maybe &= maybe - 1) {
        int i = __builtin_ctz(maybe);
        struct vector low = {asker->x + line->low[i].x, asker->y + line->low[i].y};
        struct vector way = {line->way[i].run, -line->way[i].drop};
        if (!near_is_stub(line, i))
            meets_edge(meets, asker, low, way, line->mask_id);
    }
}

/* All lines of a leaf. */
static void meets_leaf(struct meets *meets, const struct asker *asker, const struct glance *glance,
                       const union grid_line *line)
{
    for (;; line++) {
        if (line->near.head & GRID_FAR)
            meets_far(meets, asker, line);
        else
            meets_near(meets, asker, glance, &line->near);
        if (!(line->near.head & GRID_MORE))
            return;
    }
}

static void asker_cross(const struct asker *asker, const union grid_line *line, struct out *out)
{
    struct glance glance = glance_of(asker);
    struct meets meets;
    meets_start(&meets);
    do
        meets_leaf(&meets, asker, &glance, line);
    while (meets_more(&meets, out));
    out_finish(out);
}

/* What waits */

struct task {
    uint32_t line, hop;
    uint32_t x, y; /* corner of the leaf */
};

struct work {
    const struct grid *grid;
    struct out *out;
    size_t first; /* hop of the batch, among all */
    struct hop hop[BATCH];
    uint16_t kept[BATCH]; /* hops that the first pass did not let go */
    size_t tasks;
    struct task task[TASKS];
};

static void tasks_run(struct work *work)
{
    const struct grid *grid = work->grid;
    for (size_t i = 0; i < work->tasks; i++) {
        const struct task *task = &work->task[i];
        struct asker asker = {grid, &work->hop[task->hop], task->x, task->y};
        out_hop(work->out, work->first + task->hop);
        asker_cross(&asker, &grid->line[task->line], work->out);
    }
    work->tasks = 0;
}

static void task_add(struct work *work, size_t hop, uint32_t line, int64_t col, int64_t row)
{
    if (work->tasks == TASKS)
        tasks_run(work);
    __builtin_prefetch(&work->grid->line[line]);
    work->task[work->tasks++] =
        (struct task){line, (uint32_t)hop, (uint32_t)(col << work->grid->leaf_shift),
                      (uint32_t)(row << work->grid->leaf_shift)};
}

/* Scanning */

/* Squares of one level: those of a cell, or all cells. */
struct window {
    uint32_t shift;
    int64_t west, east, south, north; /* columns and rows, both ends included */
};

/* The squares of the window that a hop passes, row by row. */
struct scan {
    const struct hop *hop;
    struct window window;
    double slope; /* x per y */
    int64_t first_row, last_row, row;
    int64_t x; /* where the hop comes into the row */
};

/* The x of the hop at a latitude on its way, within 2: the double is off by less than 2^-20. */
#define SCAN_SLACK 2

static int64_t scan_x(const struct scan *scan, int64_t y)
{
    return scan->hop->x + (int64_t)(scan->slope * (double)(y - scan->hop->y));
}

/* False if no row is passed. */
static bool scan_start(struct scan *scan, const struct hop *hop, const struct window *window)
{
    uint32_t shift = window->shift;
    bool up = hop->dy >= 0;
    int64_t first = hop->y >> shift, last = (hop->y + hop->dy) >> shift;
    *scan = (struct scan){.hop = hop, .window = *window, .x = hop->x};
    scan->first_row = up ? (first < window->south ? window->south : first)
                         : (first > window->north ? window->north : first);
    scan->last_row = up ? (last > window->north ? window->north : last)
                        : (last < window->south ? window->south : last);
    if (up ? scan->first_row > scan->last_row : scan->first_row < scan->last_row)
        return false;
    if (first != last)
        scan->slope = (double)hop->dx / (double)hop->dy;
    if (scan->first_row != first)
        scan->x = scan_x(scan, (scan->first_row + !up) << shift);
    scan->row = scan->first_row;
    return true;
}

/* The columns of the row at hand, in the order of the hop; first past last if there is none. */
struct columns {
    int64_t first, last, step;
};

static struct columns scan_columns(struct scan *scan)
{
    const struct hop *hop = scan->hop;
    const struct window *window = &scan->window;
    uint32_t shift = window->shift;
    int64_t end = hop->x + hop->dx, from = scan->x;
    if (scan->row != (hop->y + hop->dy) >> shift)
        end = scan_x(scan, (scan->row + (hop->dy >= 0)) << shift);
    scan->x = end;
    int64_t west = (from < end ? from : end) - SCAN_SLACK;
    int64_t east = (from < end ? end : from) + SCAN_SLACK;
    int64_t first = west >> shift, last = east >> shift;
    first = first < window->west ? window->west : first;
    last = last > window->east ? window->east : last;
    return hop->dx >= 0 || first > last ? (struct columns){first, last, 1}
                                        : (struct columns){last, first, -1};
}

/* To the next row, if there is one. */
static bool scan_next(struct scan *scan)
{
    if (scan->row == scan->last_row)
        return false;
    scan->row += scan->hop->dy >= 0 ? 1 : -1;
    return true;
}

static void scan_leaves(struct work *work, size_t hop, const struct window *cell, uint32_t subgrid)
{
    const uint32_t bits = work->grid->shape.sub_bits, inside = (1u << bits) - 1;
    const uint32_t *leaf = work->grid->leaf + ((size_t)subgrid << 2 * bits);
    struct scan scan;
    if (!scan_start(&scan, &work->hop[hop], cell))
        return;
    do {
        struct columns columns = scan_columns(&scan);
        for (int64_t col = columns.first; (columns.last - col) * columns.step >= 0;
             col += columns.step) {
            uint32_t entry =
                leaf[grid_tiled(bits, (uint32_t)col & inside, (uint32_t)scan.row & inside)];
            if (entry & GRID_DEEPER)
                task_add(work, hop, entry & ~GRID_DEEPER, col, scan.row);
        }
    } while (scan_next(&scan));
}

static void scan_cells(struct work *work, size_t hop)
{
    const struct grid *grid = work->grid;
    const uint32_t bits = grid->shape.sub_bits;
    const struct window all = {grid->shape.cell_shift, 0, (int64_t)grid->cols - 1, 0,
                               (int64_t)grid->rows - 1};
    struct scan scan;
    if (!scan_start(&scan, &work->hop[hop], &all))
        return;
    do {
        struct columns columns = scan_columns(&scan);
        for (int64_t col = columns.first; (columns.last - col) * columns.step >= 0;
             col += columns.step) {
            uint32_t entry = grid->cell[scan.row * (grid->cols + 1) + col];
            struct window cell = {grid->leaf_shift, col << bits, ((col + 1) << bits) - 1,
                                  scan.row << bits, ((scan.row + 1) << bits) - 1};
            if (entry & GRID_DEEPER)
                scan_leaves(work, hop, &cell, entry & ~GRID_DEEPER);
        }
    } while (scan_next(&scan));
}

/* The hop in one copy of the frame, and, where it goes on there, in the next. */
static void hop_scan(struct work *work, size_t i)
{
    struct hop *hop = &work->hop[i];
    scan_cells(work, i);
    int64_t end = hop->x + hop->dx;
    if (end >= 0 && end < TURN)
        return;
    tasks_run(work);
    hop->x += end < 0 ? TURN : -TURN;
    scan_cells(work, i);
}

/* Batches */

/* Longitudes are within a turn of each other, or out of contract and met by
 * nothing. */
static int64_t turned(int64_t x, int64_t low)
{
    if (x < low)
        return x + TURN;
    return x >= low + TURN ? x - TURN : x;
}

static struct hop hop_of(const struct grid *grid, const struct grid_hop *ends)
{
    int64_t a_lat = clamp(ends->a_lat_e7, -LAT_OUT_E7, LAT_OUT_E7);
    int64_t b_lat = clamp(ends->b_lat_e7, -LAT_OUT_E7, LAT_OUT_E7);
    return (struct hop){.x = turned((int64_t)ends->a_lon_e7 - grid->west_e7, 0),
                        .y = a_lat - grid->south_e7,
                        .dx = turned((int64_t)ends->b_lon_e7 - ends->a_lon_e7, -TURN / 2),
                        .dy = b_lat - a_lat};
}

static inline uint32_t at_most(uint64_t value, uint32_t limit)
{
    return value < limit ? (uint32_t)value : limit;
}

static inline int32_t apart(uint32_t a, uint32_t b)
{
    return a > b ? (int32_t)(a - b) : (int32_t)(b - a);
}

/* Does the hop stay among decided cells, for its first or its last one says so? An end outside
 * falls in the last column or row, which never says so. */
static inline bool hop_is_clear(const struct grid *grid, const struct hop *hop)
{
    const uint32_t shift = grid->shape.cell_shift, cols = grid->cols, rows = grid->rows;
    uint32_t a_col = at_most((uint64_t)hop->x >> shift, cols);
    uint32_t a_row = at_most((uint64_t)hop->y >> shift, rows);
    uint32_t b_col = at_most((uint64_t)(hop->x + hop->dx) >> shift, cols);
    uint32_t b_row = at_most((uint64_t)(hop->y + hop->dy) >> shift, rows);
    int32_t a_clear = grid_clear(grid->cell[a_row * (cols + 1) + a_col]);
    int32_t b_clear = grid_clear(grid->cell[b_row * (cols + 1) + b_col]);
    int32_t over = apart(a_col, b_col), up = apart(a_row, b_row);
    int32_t need = over > up ? over : up, have = a_clear > b_clear ? a_clear : b_clear;
    bool inside = (a_col < cols) & (b_col < cols) & (a_row < rows) & (b_row < rows);
    return inside & (need <= have);
}

static void leaf_prefetch(const struct grid *grid, int64_t x, int64_t y)
{
    const uint32_t bits = grid->shape.sub_bits, inside = (1u << bits) - 1;
    uint32_t col = at_most((uint64_t)x >> grid->shape.cell_shift, grid->cols);
    uint32_t row = at_most((uint64_t)y >> grid->shape.cell_shift, grid->rows);
    uint32_t entry = grid->cell[row * (grid->cols + 1) + col];
    uint32_t at = grid_tiled(bits, (uint32_t)(x >> grid->leaf_shift) & inside,
                             (uint32_t)(y >> grid->leaf_shift) & inside);
    if (entry & GRID_DEEPER)
        __builtin_prefetch(&grid->leaf[(size_t)(entry & ~GRID_DEEPER) << 2 * bits | at]);
}

/* Does the hop stay on one side of the box around all regions? */
static bool hop_is_outside(const struct grid *grid, const struct hop *hop)
{
    int64_t b_x = hop->x + hop->dx, b_y = hop->y + hop->dy;
    return (hop->y < 0 && b_y < 0) || (hop->y > grid->height && b_y > grid->height) ||
           (hop->x > grid->width && b_x > grid->width && b_x < TURN);
}

/* The first pass; how many hops it kept. */
static size_t batch_start(struct work *work, const struct grid_hop *ends, size_t n)
{
    const struct grid *grid = work->grid;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        work->hop[i] = hop_of(grid, &ends[i]);
        work->kept[kept] = (uint16_t)i;
        kept += !hop_is_clear(grid, &work->hop[i]);
    }
    for (size_t i = 0; i < kept; i++) {
        const struct hop *hop = &work->hop[work->kept[i]];
        leaf_prefetch(grid, hop->x, hop->y);
        leaf_prefetch(grid, hop->x + hop->dx, hop->y + hop->dy);
    }
    return kept;
}

static void batch_cross(struct work *work, const struct grid_hop *ends, size_t n)
{
    size_t kept = batch_start(work, ends, n);
    for (size_t i = 0; i < kept; i++)
        if (!hop_is_outside(work->grid, &work->hop[work->kept[i]]))
            hop_scan(work, work->kept[i]);
    tasks_run(work);
}

size_t grid_cross_batch(const struct grid *grid, const struct grid_hop *hops, size_t n,
                        struct crossing *ret_crossings, size_t cap, uint32_t *ret_start)
{
    struct out out = {.grid = grid, .p = ret_crossings, .cap = cap, .start = ret_start};
    struct work work; /* large, and filled as it goes */
    work.grid = grid;
    work.out = &out;
    work.first = work.tasks = 0;
    for (; grid->cols && work.first < n; work.first += BATCH)
        batch_cross(&work, hops + work.first, n - work.first < BATCH ? n - work.first : BATCH);
    out_hop(&out, n);
    return out.count;
}

size_t grid_cross(const struct grid *grid, int32_t a_lon_e7, int32_t a_lat_e7, int32_t b_lon_e7,
                  int32_t b_lat_e7, struct crossing *ret_crossings, size_t cap)
{
    struct grid_hop hop = {a_lon_e7, a_lat_e7, b_lon_e7, b_lat_e7};
    uint32_t start[2];
    return grid_cross_batch(grid, &hop, 1, ret_crossings, cap, start);
}
