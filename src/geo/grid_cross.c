#include <string.h>

#include "geo/grid.h"
#include "geo/grid_layout.h"

/*
 * A hop over a few leaves asks all of them and sorts what they have; a longer
 * one is walked leaf by leaf. An edge that many leaves list is still counted
 * once, by the leaf that owns the crossing: in the first case the leaf that
 * holds the point where it is, in the other the leaf where the hop is at the
 * time, from its entry to before its exit. All these are fractions of integers
 * and compared exactly.
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

/* A latitude past the poles, where no region is, is as good as any other. */
#define LAT_OUT_E7 900000001

/* In the frame, which the hop may leave. dx within half a turn. */
struct hop {
    int64_t x, y, dx, dy;
};

/* t = num / den, from 0 to 1. With edges within a turn and a hop within half a
 * turn, both are at most 1.8e9 * 1.8e9 + 3.6e9 * 1.8e9 < 2^64. */
struct fraction {
    uint64_t num, den;
};

static int fraction_order(struct fraction a, struct fraction b)
{
    uwide left = (uwide)a.num * b.den, right = (uwide)b.num * a.den;
    return (left > right) - (left < right);
}

/* The part of a walked hop that a leaf owns: from `in` on, to before `out` or,
 * if closed, `out`. */
struct stretch {
    struct fraction in, out;
    bool closed;
};

struct vector {
    int64_t x, y;
};

/* Who asks for crossings: a leaf, of a walked hop or (stretch NULL) of a short
 * one. */
struct asker {
    const struct grid *grid;
    const struct hop *hop;
    struct vector corner;
    const struct stretch *stretch;
};

/* Is the coordinate at t, relative to the start of the hop, in low .. low +
 * size? */
static bool lies_in(int64_t d, struct fraction t, int64_t low, int64_t size)
{
    wide at = (wide)d * t.num;
    return (wide)low * t.den <= at && at < (wide)(low + size) * t.den;
}

static bool asker_owns(const struct asker *asker, struct fraction t)
{
    const struct hop *hop = asker->hop;
    const struct stretch *stretch = asker->stretch;
    int64_t size = (int64_t)1 << asker->grid->leaf_shift;
    if (stretch)
        return fraction_order(t, stretch->in) >= 0 &&
               fraction_order(t, stretch->out) < (stretch->closed ? 1 : 0);
    return lies_in(hop->dx, t, asker->corner.x - hop->x, size) &&
           lies_in(hop->dy, t, asker->corner.y - hop->y, size);
}

/* Crossings in order: the first MEETS after `after`, with equal ones merged. */
#define MEETS 16

struct meet {
    struct fraction t;
    uint64_t mask;
};

struct meets {
    struct meet p[MEETS];
    int count;
    bool overflown;
    bool has_after;
    struct fraction after;
};

static void meets_add(struct meets *meets, struct fraction t, uint64_t mask)
{
    if (meets->has_after && fraction_order(t, meets->after) <= 0)
        return;
    int at = meets->count;
    while (at > 0 && fraction_order(t, meets->p[at - 1].t) < 0)
        at--;
    if (at > 0 && fraction_order(t, meets->p[at - 1].t) == 0) {
        meets->p[at - 1].mask ^= mask;
        return;
    }
    if (meets->count == MEETS) {
        meets->overflown = true;
        if (at == MEETS)
            return;
        meets->count--;
    }
    memmove(&meets->p[at + 1], &meets->p[at], (size_t)(meets->count - at) * sizeof meets->p[0]);
    meets->p[at] = (struct meet){t, mask};
    meets->count++;
}

/* Where the result goes. */
struct out {
    struct crossing *p;
    size_t cap, count;
    double last_t;
};

/* Rounding may not put a later crossing before an earlier one: division is
 * monotonic, but the roundings of num and den are not. */
static void out_add(struct out *out, const struct meet *meet)
{
    double t = (double)meet->t.num / (double)meet->t.den;
    if (!meet->mask)
        return;
    out->last_t = t < out->last_t ? out->last_t : t > 1.0 ? 1.0 : t;
    if (out->count < out->cap)
        out->p[out->count] = (struct crossing){out->last_t, meet->mask};
    out->count++;
}

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

static void meets_edge(struct meets *meets, const struct asker *asker, struct vector low,
                       struct vector way, uint64_t mask)
{
    struct fraction t;
    if (hop_meets(asker->hop, low, way, &t) && asker_owns(asker, t))
        meets_add(meets, t, mask);
}

/* How far left of the line of the hop the corner is, as dx * y - dy * x. It may pass through more
 * than 64 bits on the way, but ends within them, as the leaf is about the hop. */
static int64_t corner_side(const struct asker *asker)
{
    const struct hop *hop = asker->hop;
    uint64_t up = (uint64_t)(asker->corner.y - hop->y), east = (uint64_t)(asker->corner.x - hop->x);
    return (int64_t)((uint64_t)hop->dx * up - (uint64_t)hop->dy * east);
}

/* Are both ends of the near edge plainly on one side of the hop? Most edges end here. */
static bool near_passes(const struct grid_near *line, int i, const struct hop *hop, int64_t side)
{
    int64_t low = side + hop->dx * line->low[i].y - hop->dy * line->low[i].x;
    int64_t high = low - hop->dx * line->way[i].drop - hop->dy * line->way[i].run;
    return (low > 0 && high > 0) || (low < 0 && high < 0);
}

static bool near_is_stub(const struct grid_near *line, int i)
{
    return line->way[i].drop == GRID_STUB_DROP && line->low[i].y > 0;
}

static void meets_near(struct meets *meets, const struct asker *asker, const struct grid_near *line)
{
    int64_t side = corner_side(asker);
    for (int i = 0; i < GRID_NEAR_EDGES; i++) {
        if (near_passes(line, i, asker->hop, side) || near_is_stub(line, i))
            continue;
        struct vector low = {asker->corner.x + line->low[i].x, asker->corner.y + line->low[i].y};
        struct vector way = {line->way[i].run, -line->way[i].drop};
        meets_edge(meets, asker, low, way, asker->grid->set[line->mask_id]);
    }
}

static void meets_far(struct meets *meets, const struct asker *asker, const union grid_line *line)
{
    for (int i = 0; i < GRID_FAR_EDGES; i++) {
        const struct grid_far_edge *e = &line->far[i];
        struct vector low = {e->low_x, e->low_y};
        struct vector way = {e->high_x - e->low_x, (int64_t)e->high_y - e->low_y};
        if (e->high_y != GRID_STUB_HIGH_Y)
            meets_edge(meets, asker, low, way, asker->grid->set[line->near.mask_id]);
    }
}

/* All lines of a leaf. */
static void meets_leaf(struct meets *meets, const struct asker *asker, const union grid_line *line)
{
    for (;; line++) {
        if (line->near.head & GRID_FAR)
            meets_far(meets, asker, line);
        else
            meets_near(meets, asker, &line->near);
        if (!(line->near.head & GRID_MORE))
            return;
    }
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
        meets->after = meets->p[MEETS - 1].t;
    meets->has_after = more;
    meets->overflown = false;
    meets->count = 0;
    return more;
}

/* The walk */

/* Where on the way the walk stands: the leaf (in columns and rows of leaves),
 * and since when. */
struct walk {
    int64_t col, row;
    struct fraction in;
};

/* A square of one leaf, or of all leaves of a decided cell. */
struct box {
    int64_t west, east, south, north;
};

/* For the times of axes, whose parts are below 2^32 and 2^31. */
static bool axis_before(struct fraction a, struct fraction b)
{
    return a.num * b.den <= b.num * a.den;
}

/* When the hop leaves low .. high along one axis; num may be past den. */
static struct fraction axis_exit(int64_t at, int64_t d, int64_t low, int64_t high)
{
    if (d == 0)
        return (struct fraction){2, 1};
    return d > 0 ? (struct fraction){(uint64_t)(high - at), (uint64_t)d}
                 : (struct fraction){(uint64_t)(at - low), (uint64_t)-d};
}

/* The coordinate at t along the other axis, rounded down. t has the den of an
 * axis. */
static int64_t axis_at(int64_t at, int64_t d, struct fraction t)
{
    int64_t product = d * (int64_t)t.num, den = (int64_t)t.den;
    return at + product / den - (product % den < 0);
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* Out of the box into the next leaf, which may be outside of the grid. */
static struct walk walk_step(const struct grid *grid, const struct hop *hop, const struct box *box,
                             struct fraction out, bool by_x)
{
    uint32_t shift = grid->leaf_shift;
    struct walk next = {.in = out};
    if (by_x) {
        next.col = hop->dx > 0 ? ((box->east - 1) >> shift) + 1 : (box->west >> shift) - 1;
        int64_t y = axis_at(hop->y, hop->dy, out);
        next.row = clamp(y, box->south, box->north - 1) >> shift;
    } else {
        next.row = hop->dy > 0 ? ((box->north - 1) >> shift) + 1 : (box->south >> shift) - 1;
        int64_t x = axis_at(hop->x, hop->dx, out);
        next.col = clamp(x, box->west, box->east - 1) >> shift;
    }
    return next;
}

static struct box box_of(const struct grid *grid, int64_t col, int64_t row, uint32_t shift)
{
    struct box box = {col << shift, (col + 1) << shift, row << shift, (row + 1) << shift};
    if (box.east > grid->width && grid->width == GRID_TURN_E7)
        box.east = grid->width; /* the frame goes on in its next copy */
    return box;
}

static uint32_t cell_entry(const struct grid *grid, int64_t col, int64_t row)
{
    return grid->cell[row * (grid->cols + 1) + col];
}

/* Columns and rows of leaves; a decided cell answers for all of its leaves. */
static uint32_t leaf_entry(const struct grid *grid, int64_t col, int64_t row)
{
    uint32_t bits = grid->shape.sub_bits;
    uint32_t entry = cell_entry(grid, col >> bits, row >> bits);
    uint32_t inside = (1u << bits) - 1;
    uint32_t at = grid_tiled(bits, (uint32_t)col & inside, (uint32_t)row & inside);
    return entry & GRID_DEEPER ? grid->leaf[entry << 2 * bits | at] : entry;
}

/* The lines of the leaf, or NULL; *ret_box is what is decided at once. */
static const union grid_line *leaf_at(const struct grid *grid, int64_t col, int64_t row,
                                      struct box *ret_box)
{
    uint32_t bits = grid->shape.sub_bits;
    if (!(cell_entry(grid, col >> bits, row >> bits) & GRID_DEEPER)) {
        *ret_box = box_of(grid, col >> bits, row >> bits, grid->shape.cell_shift);
        return NULL;
    }
    uint32_t entry = leaf_entry(grid, col, row);
    *ret_box = box_of(grid, col, row, grid->leaf_shift);
    return entry & GRID_DEEPER ? &grid->line[entry & ~GRID_DEEPER] : NULL;
}

static struct vector leaf_corner(const struct grid *grid, int64_t col, int64_t row)
{
    return (struct vector){col << grid->leaf_shift, row << grid->leaf_shift};
}

/* The crossings of one leaf of a walked hop. */
static void asker_cross(const struct asker *asker, const union grid_line *line, struct out *out)
{
    struct meets meets;
    meets_start(&meets);
    do
        meets_leaf(&meets, asker, line);
    while (meets_more(&meets, out));
}

/* Does the hop go on in the next copy of the frame when it leaves the box? */
static bool is_at_seam(const struct grid *grid, const struct hop *hop, const struct box *box)
{
    return grid->width == GRID_TURN_E7 &&
           (hop->dx > 0 ? box->east == GRID_TURN_E7 : box->west == 0);
}

static bool is_inside(const struct grid *grid, const struct walk *walk)
{
    return walk->col >= 0 && walk->col < (int64_t)grid->cols << grid->shape.sub_bits &&
           walk->row >= 0 && walk->row < (int64_t)grid->rows << grid->shape.sub_bits;
}

/* From walk->in to the end of the hop or of the grid. What lies on the seam
 * belongs to the next copy of the frame, even at the very end. */
static void walk_run(struct walk walk, const struct grid *grid, const struct hop *hop,
                     struct out *out)
{
    for (bool last = false; !last;) {
        struct box box;
        const union grid_line *line = leaf_at(grid, walk.col, walk.row, &box);
        struct fraction by_x = axis_exit(hop->x, hop->dx, box.west, box.east);
        struct fraction by_y = axis_exit(hop->y, hop->dy, box.south, box.north);
        bool leaves_by_x = axis_before(by_x, by_y);
        struct stretch stretch = {walk.in, leaves_by_x ? by_x : by_y, false};
        bool at_seam = leaves_by_x && is_at_seam(grid, hop, &box);
        struct walk next = walk_step(grid, hop, &box, stretch.out, leaves_by_x);
        last = stretch.out.num >= stretch.out.den || at_seam || !is_inside(grid, &next);
        stretch.closed = last && (stretch.out.num > stretch.out.den || !at_seam);
        struct asker asker = {grid, hop, leaf_corner(grid, walk.col, walk.row), &stretch};
        if (line)
            asker_cross(&asker, line, out);
        walk = next;
    }
}

/* When the hop comes to low .. high along one axis; false if never. */
static bool axis_entry(int64_t at, int64_t d, int64_t low, int64_t high, struct fraction *in)
{
    int64_t wait = d > 0 ? low - at : at - high;
    if (d == 0)
        return at >= low && at <= high;
    if (wait > (d > 0 ? d : -d) || (d > 0 ? at > high : at < low))
        return false;
    struct fraction entry = {(uint64_t)wait, (uint64_t)(d > 0 ? d : -d)};
    if (wait > 0 && fraction_order(entry, *in) > 0)
        *in = entry;
    return true;
}

/* The part of the hop in one copy of the frame. */
static void hop_cross(const struct grid *grid, const struct hop *hop, struct out *out)
{
    struct fraction in = {0, 1};
    if (!axis_entry(hop->x, hop->dx, 0, grid->width, &in) ||
        !axis_entry(hop->y, hop->dy, 0, grid->height, &in))
        return;
    int64_t x = axis_at(hop->x, hop->dx, in), y = axis_at(hop->y, hop->dy, in);
    if (x < 0 || x > grid->width || y < 0 || y > grid->height)
        return; /* it passes a corner of the box */
    struct walk walk = {x >> grid->leaf_shift, y >> grid->leaf_shift, in};
    if (grid->width == GRID_TURN_E7 && x == grid->width)
        walk.col = (x - 1) >> grid->leaf_shift;
    walk_run(walk, grid, hop, out);
}

/* Short hops */

#define BLOCK_LEAVES 64 /* that a short hop looks at; more, and walking is quicker */

/* The block of leaves, or of cells, between the two ends of a hop. */
struct block {
    int64_t col, row, last_col, last_row;
};

static struct block block_of(const struct hop *hop, uint32_t shift)
{
    int64_t a_col = hop->x >> shift, b_col = (hop->x + hop->dx) >> shift;
    int64_t a_row = hop->y >> shift, b_row = (hop->y + hop->dy) >> shift;
    return (struct block){a_col < b_col ? a_col : b_col, a_row < b_row ? a_row : b_row,
                          a_col < b_col ? b_col : a_col, a_row < b_row ? b_row : a_row};
}

static int64_t block_size(const struct block *block)
{
    return (block->last_col - block->col + 1) * (block->last_row - block->row + 1);
}

/* Does the line of the hop pass by the leaf, all corners strictly on one side?
 * The block is small enough for 64 bits. */
static bool hop_misses(const struct grid *grid, const struct hop *hop, struct vector corner)
{
    int64_t side = hop->dx * (corner.y - hop->y) - hop->dy * (corner.x - hop->x);
    int64_t north = hop->dx * ((int64_t)1 << grid->leaf_shift);
    int64_t east = -hop->dy * ((int64_t)1 << grid->leaf_shift);
    int64_t least = (north < 0 ? north : 0) + (east < 0 ? east : 0);
    return side + least > 0 || side + north + east - least < 0;
}

static void leaf_ask(const struct grid *grid, const struct hop *hop, uint32_t entry, int64_t col,
                     int64_t row, struct meets *meets)
{
    struct asker asker = {grid, hop, leaf_corner(grid, col, row), NULL};
    if (!hop_misses(grid, hop, asker.corner))
        meets_leaf(meets, &asker, &grid->line[entry & ~GRID_DEEPER]);
}

/* The leaves of the block that lie in a cell with a subgrid. */
static void cell_ask(const struct grid *grid, const struct hop *hop, const struct block *leaves,
                     int64_t cell_col, int64_t cell_row, struct meets *meets)
{
    uint32_t bits = grid->shape.sub_bits, inside = (1u << bits) - 1;
    uint32_t subgrid = cell_entry(grid, cell_col, cell_row) << 2 * bits;
    int64_t west = cell_col << bits, south = cell_row << bits;
    int64_t last_col = clamp(leaves->last_col, west, west + inside);
    int64_t last_row = clamp(leaves->last_row, south, south + inside);
    for (int64_t row = clamp(leaves->row, south, last_row); row <= last_row; row++)
        for (int64_t col = clamp(leaves->col, west, last_col); col <= last_col; col++) {
            uint32_t at = grid_tiled(bits, (uint32_t)col & inside, (uint32_t)row & inside);
            if (grid->leaf[subgrid | at] & GRID_DEEPER)
                leaf_ask(grid, hop, grid->leaf[subgrid | at], col, row, meets);
        }
}

static void block_ask(const struct grid *grid, const struct hop *hop, const struct block *leaves,
                      struct meets *meets)
{
    struct block cells = block_of(hop, grid->shape.cell_shift);
    for (int64_t row = cells.row; row <= cells.last_row; row++)
        for (int64_t col = cells.col; col <= cells.last_col; col++)
            if (cell_entry(grid, col, row) & GRID_DEEPER)
                cell_ask(grid, hop, leaves, col, row, meets);
}

static bool lies_inside(const struct grid *grid, int64_t x, int64_t y)
{
    return x >= 0 && x < grid->width && y >= 0 && y < grid->height;
}

/* The crossings of a hop within a few leaves; false if it has to be walked. */
static bool hop_is_short(const struct grid *grid, const struct hop *hop, struct out *out)
{
    struct block leaves = block_of(hop, grid->leaf_shift);
    if (!lies_inside(grid, hop->x, hop->y) ||
        !lies_inside(grid, hop->x + hop->dx, hop->y + hop->dy) ||
        block_size(&leaves) > BLOCK_LEAVES)
        return false;
    struct meets meets;
    meets_start(&meets);
    do
        block_ask(grid, hop, &leaves, &meets);
    while (meets_more(&meets, out));
    return true;
}

/* Does the hop stay on one side of the box around all regions? */
static bool hop_is_outside(const struct grid *grid, const struct hop *hop)
{
    int64_t b_x = hop->x + hop->dx, b_y = hop->y + hop->dy;
    return (hop->y < 0 && b_y < 0) || (hop->y > grid->height && b_y > grid->height) ||
           (hop->x > grid->width && b_x > grid->width && b_x < GRID_TURN_E7);
}

/* Longitudes are within a turn of each other, or out of contract and met by
 * nothing. */
static int64_t turned(int64_t x, int64_t low)
{
    if (x < low)
        return x + GRID_TURN_E7;
    return x >= low + GRID_TURN_E7 ? x - GRID_TURN_E7 : x;
}

size_t grid_cross(const struct grid *grid, int32_t a_lon_e7, int32_t a_lat_e7, int32_t b_lon_e7,
                  int32_t b_lat_e7, struct crossing *ret_crossings, size_t cap)
{
    const int64_t turn = GRID_TURN_E7;
    struct out out = {.p = ret_crossings, .cap = cap};
    int64_t a_lat = clamp(a_lat_e7, -LAT_OUT_E7, LAT_OUT_E7);
    int64_t b_lat = clamp(b_lat_e7, -LAT_OUT_E7, LAT_OUT_E7);
    struct hop hop = {.x = turned((int64_t)a_lon_e7 - grid->west_e7, 0),
                      .y = a_lat - grid->south_e7,
                      .dx = turned((int64_t)b_lon_e7 - a_lon_e7, -turn / 2),
                      .dy = b_lat - a_lat};
    if (grid->cols == 0 || hop_is_outside(grid, &hop) || hop_is_short(grid, &hop, &out))
        return out.count;
    hop_cross(grid, &hop, &out);
    if (hop.dx == 0)
        return out.count;
    hop.x -= hop.dx > 0 ? turn : -turn;
    hop_cross(grid, &hop, &out);
    return out.count;
}
