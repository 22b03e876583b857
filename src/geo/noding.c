#include "geo/noding.h"

#include <string.h>

#include "base/sort.h"

int vertex_turn_exactly(struct vertex a, struct vertex b, struct vertex c)
{
    int128 x = (int128)(b.lon_e9 - a.lon_e9) * (c.lat_e9 - a.lat_e9);
    int128 y = (int128)(b.lat_e9 - a.lat_e9) * (c.lon_e9 - a.lon_e9);
    return x > y ? 1 : x < y ? -1 : 0;
}

void edges_init(struct edges *edges, struct arena *arena)
{
    *edges = (struct edges){.arena = arena, .step = NODING_FINE};
}

static bool edges_grow(struct edges *edges)
{
    size_t cap = edges->cap ? edges->cap * 2 : 256;
    struct edge *edge =
        cap <= NODING_EDGES_MAX ? ARENA_ARRAY(edges->arena, struct edge, cap) : NULL;
    if (!edge) {
        edges->full = true;
        return false;
    }
    if (edges->count)
        memcpy(edge, edges->edge, edges->count * sizeof *edge);
    edges->edge = edge;
    edges->cap = cap;
    return true;
}

static void add_piece(struct edges *edges, struct vertex a, struct vertex b, struct edge of)
{
    if (vertex_same(a, b) || (edges->count == edges->cap && !edges_grow(edges)))
        return;
    bool in_order = vertex_before(a, b);
    edges->edge[edges->count++] =
        (struct edge){in_order ? a : b, in_order ? b : a, of.owner, of.whole};
}

void edges_add(struct edges *edges, struct vertex a, struct vertex b, uint32_t owner)
{
    add_piece(edges, a, b, (struct edge){.owner = owner, .whole = (uint32_t)edges->count});
}

/* ---- buckets -------------------------------------------------------------------------------- */

#define BUCKETS_MAX   (1u << 22)
#define CELL_LOG2     12 /* of the smallest cell: 0.4 m */
#define CELL_TO_SPARE 2  /* where an edge meets a row is known this well, in units */

struct span {
    int64_t first, last;
};

struct box {
    int64_t west, east, south, north;
};

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static struct box box_of(const struct edge *edge, size_t count)
{
    struct box box = {INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < count; i++) {
        struct vertex a = edge[i].a, b = edge[i].b;
        box.west = lesser(box.west, a.lon_e9);
        box.east = greater(box.east, b.lon_e9);
        box.south = lesser(box.south, lesser(a.lat_e9, b.lat_e9));
        box.north = greater(box.north, greater(a.lat_e9, b.lat_e9));
    }
    return box;
}

/* The smallest power of two that gives no more cells than edges (and than BUCKETS_MAX). */
static int cell_shift(struct box box, size_t count)
{
    int64_t limit = (int64_t)(count < BUCKETS_MAX ? count : BUCKETS_MAX) + 16;
    int shift = CELL_LOG2;
    while ((((box.east - box.west) >> shift) + 1) * (((box.north - box.south) >> shift) + 1) >
           limit)
        shift++;
    return shift;
}

static struct span columns_between(const struct buckets *b, int64_t west, int64_t east)
{
    return (struct span){(west - b->west_e9) >> b->shift, (east - b->west_e9) >> b->shift};
}

static struct span rows_of(const struct buckets *b, struct edge e)
{
    return (struct span){(lesser(e.a.lat_e9, e.b.lat_e9) - b->south_e9) >> b->shift,
                         (greater(e.a.lat_e9, e.b.lat_e9) - b->south_e9) >> b->shift};
}

/* The columns that an edge, not level, touches within a row of cells, and hardly more. */
static struct span columns_in_row(const struct buckets *b, struct edge e, int64_t row)
{
    double low = (double)(b->south_e9 + (row << b->shift) - e.a.lat_e9);
    double high = low + (double)(INT64_C(1) << b->shift);
    double slope = (double)(e.b.lon_e9 - e.a.lon_e9) / (double)(e.b.lat_e9 - e.a.lat_e9);
    double at_low = low * slope, at_high = high * slope;
    double from = at_low < at_high ? at_low : at_high, to = at_low < at_high ? at_high : at_low;
    double run = (double)(e.b.lon_e9 - e.a.lon_e9);
    from = from < 0 ? 0 : from > run ? run : from;
    to = to < 0 ? 0 : to > run ? run : to;
    return columns_between(b, greater(e.a.lon_e9 + (int64_t)from - CELL_TO_SPARE, e.a.lon_e9),
                           lesser(e.a.lon_e9 + (int64_t)to + CELL_TO_SPARE, e.b.lon_e9));
}

/* Counts (b->edge NULL) or files one edge under a row of cells. */
static void file_in_row(struct buckets *b, int64_t row, struct span columns, uint32_t index,
                        uint32_t *next)
{
    for (int64_t column = columns.first; column <= columns.last; column++) {
        size_t cell = (size_t)(row * b->columns + column);
        if (b->edge)
            b->edge[next[cell]] = index;
        next[cell]++;
    }
}

static void file_edge(struct buckets *b, struct edge e, uint32_t index, uint32_t *next)
{
    struct span rows = rows_of(b, e), columns = columns_between(b, e.a.lon_e9, e.b.lon_e9);
    bool slanted = rows.first < rows.last && columns.first < columns.last;
    for (int64_t row = rows.first; row <= rows.last; row++)
        file_in_row(b, row, slanted ? columns_in_row(b, e, row) : columns, index, next);
}

/* From counts to offsets. False: too many. */
static bool counts_to_starts(struct buckets *b, uint32_t *next, size_t cells, uint64_t *ret_sum)
{
    uint64_t sum = 0;
    for (size_t cell = 0; cell <= cells; cell++) {
        uint32_t here = next[cell];
        b->start[cell] = next[cell] = (uint32_t)sum;
        sum += here;
    }
    *ret_sum = sum;
    return sum < UINT32_MAX;
}

bool buckets_init(struct buckets *buckets, const struct edge *edge, size_t count,
                  struct arena *arena)
{
    struct box box = count ? box_of(edge, count) : (struct box){0, 0, 0, 0};
    struct buckets b = {.west_e9 = box.west, .south_e9 = box.south};
    b.shift = cell_shift(box, count);
    b.columns = (uint32_t)(((box.east - box.west) >> b.shift) + 1);
    b.rows = (uint32_t)(((box.north - box.south) >> b.shift) + 1);
    size_t cells = (size_t)b.columns * b.rows;
    uint32_t *next = ARENA_ARRAY(arena, uint32_t, cells + 1);
    b.start = ARENA_ARRAY(arena, uint32_t, cells + 1);
    if (!next || !b.start)
        return false;
    for (size_t i = 0; i < count; i++)
        file_edge(&b, edge[i], (uint32_t)i, next);
    uint64_t sum;
    b.edge = counts_to_starts(&b, next, cells, &sum) ? ARENA_ARRAY(arena, uint32_t, sum + 1) : NULL;
    if (!b.edge)
        return false;
    for (size_t i = 0; i < count; i++)
        file_edge(&b, edge[i], (uint32_t)i, next);
    *buckets = b;
    return true;
}

/* ---- how two edges meet ---------------------------------------------------------------------- */

static bool boxes_meet(struct edge p, struct edge q)
{
    if (p.b.lon_e9 < q.a.lon_e9 || q.b.lon_e9 < p.a.lon_e9)
        return false;
    return lesser(p.a.lat_e9, p.b.lat_e9) <= greater(q.a.lat_e9, q.b.lat_e9) &&
           lesser(q.a.lat_e9, q.b.lat_e9) <= greater(p.a.lat_e9, p.b.lat_e9);
}

/* v, known to be on e's straight line, lies between e's ends and is neither. */
static bool is_inside(struct edge e, struct vertex v)
{
    return vertex_before(e.a, v) && vertex_before(v, e.b);
}

static double magnitude(double x)
{
    return x < 0 ? -x : x;
}

static double to_double(int128 v)
{
    return (double)(int64_t)(v >> 64) * 0x1p64 + (double)(uint64_t)v;
}

/* The multiple of step nearest to at + numerator / denominator, half away from zero. */
static int64_t divide_round(int64_t at, int128 numerator, int128 denominator, int64_t step,
                            double *moved)
{
    numerator += at * denominator;
    if (denominator < 0) {
        numerator = -numerator;
        denominator = -denominator;
    }
    denominator *= step;
    int128 half = denominator / 2;
    int64_t steps = (int64_t)(numerator >= 0 ? (numerator + half) / denominator
                                             : (numerator - half) / denominator);
    double rest = to_double(numerator - steps * denominator);
    double way = magnitude(rest / to_double(denominator) * (double)step);
    *moved = way > *moved ? way : *moved;
    return steps * step;
}

/* The crossing of two edges that cross properly, at the nearest place of the lattice. Products of
 * three differences stay below 2^126: 2^41 for longitudes within two turns, 2^38 for latitudes. */
static struct vertex crossing_of(struct edge p, struct edge q, int64_t step, double *moved)
{
    int64_t px = p.b.lon_e9 - p.a.lon_e9, py = p.b.lat_e9 - p.a.lat_e9;
    int64_t qx = q.b.lon_e9 - q.a.lon_e9, qy = q.b.lat_e9 - q.a.lat_e9;
    int64_t dx = q.a.lon_e9 - p.a.lon_e9, dy = q.a.lat_e9 - p.a.lat_e9;
    int128 over = (int128)px * qy - (int128)py * qx;
    int128 along = (int128)dx * qy - (int128)dy * qx; /* t = along / over */
    return (struct vertex){divide_round(p.a.lon_e9, along * px, over, step, moved),
                           divide_round(p.a.lat_e9, along * py, over, step, moved)};
}

/* Up to two vertices that each of the edges must gain. */
struct meeting {
    struct vertex gain_p[2], gain_q[2];
    unsigned count_p, count_q;
    bool crosses, overlaps, touches;
};

static void meet_at_ends(struct edge p, struct edge q, int turn_a, int turn_b, struct vertex *gain,
                         unsigned *count)
{
    if (turn_a == 0 && is_inside(p, q.a))
        gain[(*count)++] = q.a;
    if (turn_b == 0 && is_inside(p, q.b))
        gain[(*count)++] = q.b;
}

/* Edges that share just one end, as neighbours on a curve do, and do not lie on one line. */
static bool is_fork(struct edge p, struct edge q)
{
    bool aa = vertex_same(p.a, q.a), bb = vertex_same(p.b, q.b);
    if (aa != bb)
        return vertex_turn(p.a, p.b, aa ? q.b : q.a) != 0;
    if (aa)
        return false;
    bool ab = vertex_same(p.a, q.b), ba = vertex_same(p.b, q.a);
    return ab != ba && vertex_turn(p.a, p.b, ab ? q.a : q.b) != 0;
}

static struct meeting meet(struct edge p, struct edge q, int64_t step, double *moved)
{
    struct meeting m = {.count_p = 0};
    int q_a = vertex_turn(p.a, p.b, q.a), q_b = vertex_turn(p.a, p.b, q.b);
    if (q_a * q_b > 0)
        return m;
    int p_a = vertex_turn(q.a, q.b, p.a), p_b = vertex_turn(q.a, q.b, p.b);
    if (p_a * p_b > 0)
        return m;
    if (q_a * q_b < 0 && p_a * p_b < 0) {
        struct vertex v = crossing_of(p, q, step, moved);
        m.crosses = m.touches = true;
        if (!vertex_same(v, p.a) && !vertex_same(v, p.b))
            m.gain_p[m.count_p++] = v;
        if (!vertex_same(v, q.a) && !vertex_same(v, q.b))
            m.gain_q[m.count_q++] = v;
        return m;
    }
    meet_at_ends(p, q, q_a, q_b, m.gain_p, &m.count_p);
    meet_at_ends(q, p, p_a, p_b, m.gain_q, &m.count_q);
    bool collinear = q_a == 0 && q_b == 0, same = vertex_same(p.a, q.a) && vertex_same(p.b, q.b);
    m.overlaps = collinear && (m.count_p || m.count_q || same);
    m.touches = !collinear || m.overlaps || vertex_same(p.a, q.b) || vertex_same(p.b, q.a);
    return m;
}

/* ---- passes ------------------------------------------------------------------------------------ */

/* A vertex that an edge gains, ordered along the edge. */
struct gain {
    uint32_t edge;
    struct vertex vertex;
    int128 along; /* projection on the edge, from its first end */
};

struct gains {
    struct gain *gain;
    size_t count, cap;
    struct arena *arena;
    bool full;
};

static void gain_add(struct gains *gains, uint32_t index, struct edge e, struct vertex v)
{
    if (gains->count == gains->cap) {
        size_t cap = gains->cap ? gains->cap * 2 : 1024;
        struct gain *gain = ARENA_ARRAY(gains->arena, struct gain, cap);
        if (!gain) {
            gains->full = true;
            return;
        }
        if (gains->count)
            memcpy(gain, gains->gain, gains->count * sizeof *gain);
        gains->gain = gain;
        gains->cap = cap;
    }
    int128 x = (int128)(v.lon_e9 - e.a.lon_e9) * (e.b.lon_e9 - e.a.lon_e9);
    int128 y = (int128)(v.lat_e9 - e.a.lat_e9) * (e.b.lat_e9 - e.a.lat_e9);
    gains->gain[gains->count++] = (struct gain){index, v, x + y};
}

static bool gain_less(const void *a, const void *b)
{
    const struct gain *p = a, *q = b;
    if (p->edge != q->edge)
        return p->edge < q->edge;
    return p->along < q->along;
}

/* An edge whose ends are one is no edge: dropped at the end of the pass. */
static bool is_dropped(struct edge e)
{
    return vertex_same(e.a, e.b);
}

static void drop(struct edge *e)
{
    e->b = e->a;
}

/* Of two edges that coincide one is kept, with the lower owner. */
static void drop_second(struct edges *edges, uint32_t first, uint32_t second)
{
    struct edge *kept = &edges->edge[first], *other = &edges->edge[second];
    if (other->owner < kept->owner) {
        kept->owner = other->owner;
        kept->whole = other->whole;
    }
    drop(other);
}

static void compare(struct edges *edges, uint32_t i, uint32_t j, struct gains *gains)
{
    struct edge p = edges->edge[i], q = edges->edge[j];
    if (!boxes_meet(p, q) || is_fork(p, q) || is_dropped(p) || is_dropped(q))
        return;
    if (vertex_same(p.a, q.a) && vertex_same(p.b, q.b)) {
        drop_second(edges, i < j ? i : j, i < j ? j : i);
        return;
    }
    struct meeting m = meet(p, q, edges->step, &edges->moved_e9);
    for (unsigned k = 0; k < m.count_p; k++)
        gain_add(gains, i, p, m.gain_p[k]);
    for (unsigned k = 0; k < m.count_q; k++)
        gain_add(gains, j, q, m.gain_q[k]);
}

/* What every pair of edges in one cell must gain, one of them fresh. Indices in a cell are in
 * order. A pair in two cells gains twice: no harm. */
static void gains_in_cell(struct edges *edges, const uint32_t *index, size_t count,
                          struct gains *gains)
{
    for (size_t j = count; j-- > 1 && index[j] >= edges->fresh;)
        for (size_t i = 0; i < j; i++)
            compare(edges, index[i], index[j], gains);
}

/* Replaces each edge that gained vertices by the chain through them. */
static void edges_split(struct edges *edges, const struct gains *gains)
{
    for (size_t i = 0; i < gains->count;) {
        uint32_t index = gains->gain[i].edge;
        struct edge whole = edges->edge[index];
        struct vertex from = whole.a;
        for (; i < gains->count && gains->gain[i].edge == index; i++) {
            if (!is_dropped(whole))
                add_piece(edges, from, gains->gain[i].vertex, whole);
            from = gains->gain[i].vertex;
        }
        if (!is_dropped(whole))
            add_piece(edges, from, whole.b, whole);
        drop(&edges->edge[index]);
    }
}

/* Takes out what was dropped; pieces added after old_count are fresh. */
static void edges_pack(struct edges *edges, size_t old_count)
{
    size_t kept = 0;
    for (size_t i = 0; i < edges->count; i++) {
        if (i == old_count)
            edges->fresh = kept;
        if (!is_dropped(edges->edge[i]))
            edges->edge[kept++] = edges->edge[i];
    }
    if (old_count == edges->count)
        edges->fresh = kept;
    edges->count = kept;
}

enum pass { PASS_FULL, PASS_CHANGED, PASS_DONE };

static enum pass make_pass(struct edges *edges, struct gains *gains)
{
    struct buckets buckets;
    if (!buckets_init(&buckets, edges->edge, edges->count, gains->arena))
        return PASS_FULL;
    size_t cells = (size_t)buckets.columns * buckets.rows;
    for (size_t cell = 0; cell < cells; cell++)
        gains_in_cell(edges, buckets.edge + buckets.start[cell],
                      buckets.start[cell + 1] - buckets.start[cell], gains);
    if (gains->full)
        return PASS_FULL;
    struct gain *spare = ARENA_ARRAY(gains->arena, struct gain, gains->count + 1);
    if (!spare)
        return PASS_FULL;
    sort_items(gains->gain, spare, gains->count, sizeof *spare, gain_less);
    return gains->count ? PASS_CHANGED : PASS_DONE;
}

#define PASS_SCRATCH 32 /* bytes an edge: what is needed, as a rule */

/* One pass in memory of its own. */
static enum pass pass_over(struct edges *edges)
{
    size_t old_count = edges->count;
    struct arena scratch;
    arena_init(&scratch, edges->arena->limit, edges->arena->grow, edges->arena->drop);
    arena_reserve(&scratch, edges->count * PASS_SCRATCH);
    struct gains gains = {.arena = &scratch};
    enum pass result = make_pass(edges, &gains);
    if (result == PASS_CHANGED)
        edges_split(edges, &gains);
    if (result != PASS_FULL)
        edges_pack(edges, old_count);
    arena_release(&scratch);
    return edges->full ? PASS_FULL : result;
}

int noding_make_planar(struct edges *edges, struct err *err)
{
    if (edges->full)
        return err_set(err, EXIT_DATA, "more than %u edges; simplify the geometry",
                       NODING_EDGES_MAX);
    for (int pass = 0; pass < NODING_PASSES_MAX; pass++) {
        enum pass result = pass_over(edges);
        if (result == PASS_DONE)
            return 0;
        if (result == PASS_FULL)
            return err_set(err, EXIT_DATA,
                           "too many crossing edges for the memory limit; simplify the geometry");
    }
    return err_set(err, EXIT_DATA,
                   "crossing edges do not settle in %d passes; simplify the geometry",
                   NODING_PASSES_MAX);
}

/* Whether two edges of the list are what is looked for. */
typedef bool pair_test(const struct edges *edges, const uint32_t *next, struct edge_pair pair);

/* The first such pair, cell by cell. False: the scratch is full. */
static bool find_pair(const struct edges *edges, const uint32_t *next, pair_test *test,
                      struct arena *scratch, bool *ret_found, struct edge_pair *ret_pair)
{
    struct buckets b;
    *ret_found = false;
    if (!buckets_init(&b, edges->edge, edges->count, scratch))
        return false;
    size_t cells = (size_t)b.columns * b.rows;
    for (size_t cell = 0; cell < cells; cell++)
        for (uint32_t i = b.start[cell]; i < b.start[cell + 1]; i++)
            for (uint32_t j = i + 1; j < b.start[cell + 1]; j++) {
                struct edge_pair pair = {b.edge[i], b.edge[j]};
                if (!test(edges, next, pair))
                    continue;
                *ret_found = true;
                *ret_pair = pair;
                return true;
            }
    return true;
}

static bool is_conflict(const struct edges *edges, const uint32_t *next, struct edge_pair pair)
{
    struct edge p = edges->edge[pair.i], q = edges->edge[pair.j];
    double moved = 0.0;
    (void)next;
    if (!boxes_meet(p, q) || is_fork(p, q))
        return false;
    struct meeting m = meet(p, q, edges->step, &moved);
    return m.crosses || m.overlaps;
}

bool noding_find_conflict(const struct edges *edges, struct arena *scratch, bool *ret_found,
                          struct edge_pair *ret_pair)
{
    return find_pair(edges, NULL, is_conflict, scratch, ret_found, ret_pair);
}

/* Neighbours on a ring may share the vertex between them, not more. */
static bool is_touch(const struct edges *edges, const uint32_t *next, struct edge_pair pair)
{
    struct edge p = edges->edge[pair.i], q = edges->edge[pair.j];
    bool neighbours = next[pair.i] == pair.j || next[pair.j] == pair.i;
    double moved = 0.0;
    if (!boxes_meet(p, q))
        return false;
    if (is_fork(p, q))
        return !neighbours;
    struct meeting m = meet(p, q, edges->step, &moved);
    return neighbours ? m.overlaps : m.touches;
}

bool noding_find_touch(const struct edges *edges, const uint32_t *next, struct arena *scratch,
                       bool *ret_found)
{
    struct edge_pair pair;
    return find_pair(edges, next, is_touch, scratch, ret_found, &pair);
}
