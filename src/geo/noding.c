#include "geo/noding.h"

#include <string.h>

#include "base/sort.h"

void edges_init(struct edges *edges, struct arena *arena)
{
    *edges = (struct edges){.arena = arena};
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

void edges_add(struct edges *edges, struct vertex a, struct vertex b, uint32_t owner)
{
    if (vertex_same(a, b) || (edges->count == edges->cap && !edges_grow(edges)))
        return;
    bool in_order = vertex_before(a, b);
    edges->edge[edges->count++] = (struct edge){in_order ? a : b, in_order ? b : a, owner};
}

/* ---- buckets -------------------------------------------------------------------------------- */

#define BUCKETS_MAX (1u << 22)

struct span {
    uint32_t first, last;
};

struct box {
    int64_t west, east, south, north;
};

static struct box box_of(const struct edge *edge, size_t count)
{
    struct box box = {INT32_MAX, INT32_MIN, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < count; i++) {
        struct vertex a = edge[i].a, b = edge[i].b;
        int64_t low = a.lat_e7 < b.lat_e7 ? a.lat_e7 : b.lat_e7;
        int64_t high = a.lat_e7 < b.lat_e7 ? b.lat_e7 : a.lat_e7;
        box.west = a.lon_e7 < box.west ? a.lon_e7 : box.west;
        box.east = b.lon_e7 > box.east ? b.lon_e7 : box.east;
        box.south = low < box.south ? low : box.south;
        box.north = high > box.north ? high : box.north;
    }
    return box;
}

/* The smallest power of two that gives no more cells than edges (and than BUCKETS_MAX). */
static int64_t cell_size(struct box box, size_t count)
{
    int64_t limit = (int64_t)(count < BUCKETS_MAX ? count : BUCKETS_MAX);
    int64_t cell = 64;
    while (((box.east - box.west) / cell + 1) * ((box.north - box.south) / cell + 1) > limit + 16)
        cell *= 2;
    return cell;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return q - (a % b != 0 && (a < 0) != (b < 0));
}

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

/* The columns that an edge touches within a row of cells, exact up to one unit to spare. */
static struct span columns_in_row(const struct buckets *b, struct edge e, uint32_t row)
{
    int64_t low = b->south_e7 + (int64_t)row * b->cell_e7 - 1, high = low + b->cell_e7 + 2;
    int64_t west = e.a.lon_e7, east = e.b.lon_e7;
    int64_t rise = (int64_t)e.b.lat_e7 - e.a.lat_e7, run = east - west;
    if (rise != 0) {
        int64_t at_low = e.a.lon_e7 + (int64_t)((int128)run * (low - e.a.lat_e7) / rise);
        int64_t at_high = e.a.lon_e7 + (int64_t)((int128)run * (high - e.a.lat_e7) / rise);
        int64_t from = at_low < at_high ? at_low : at_high;
        int64_t to = at_low < at_high ? at_high : at_low;
        west = clamp(from - 1, west, east);
        east = clamp(to + 1, west, east);
    }
    int64_t last = b->columns - 1;
    return (struct span){(uint32_t)clamp(floor_div(west - b->west_e7, b->cell_e7), 0, last),
                         (uint32_t)clamp(floor_div(east - b->west_e7, b->cell_e7), 0, last)};
}

static struct span rows_of(const struct buckets *b, struct edge e)
{
    int64_t low = e.a.lat_e7 < e.b.lat_e7 ? e.a.lat_e7 : e.b.lat_e7;
    int64_t high = e.a.lat_e7 < e.b.lat_e7 ? e.b.lat_e7 : e.a.lat_e7;
    return (struct span){(uint32_t)((low - b->south_e7) / b->cell_e7),
                         (uint32_t)((high - b->south_e7) / b->cell_e7)};
}

/* Counts (edge_at NULL) or files one edge under each cell it touches. */
static void file_edge(struct buckets *b, struct edge e, uint32_t index, uint32_t *next)
{
    struct span rows = rows_of(b, e);
    for (uint32_t row = rows.first; row <= rows.last; row++) {
        struct span columns = columns_in_row(b, e, row);
        for (uint32_t column = columns.first; column <= columns.last; column++) {
            size_t cell = (size_t)row * b->columns + column;
            if (b->edge)
                b->edge[next[cell]] = index;
            next[cell]++;
        }
    }
}

bool buckets_init(struct buckets *buckets, const struct edge *edge, size_t count,
                  struct arena *arena)
{
    struct box box = count ? box_of(edge, count) : (struct box){0, 0, 0, 0};
    struct buckets b = {.west_e7 = (int32_t)box.west, .south_e7 = (int32_t)box.south};
    b.cell_e7 = cell_size(box, count);
    b.columns = (uint32_t)((box.east - box.west) / b.cell_e7 + 1);
    b.rows = (uint32_t)((box.north - box.south) / b.cell_e7 + 1);
    size_t cells = (size_t)b.columns * b.rows;
    uint32_t *next = ARENA_ARRAY(arena, uint32_t, cells + 1);
    b.start = ARENA_ARRAY(arena, uint32_t, cells + 1);
    if (!next || !b.start)
        return false;
    for (size_t i = 0; i < count; i++)
        file_edge(&b, edge[i], (uint32_t)i, next);
    uint64_t sum = 0;
    for (size_t cell = 0; cell <= cells; cell++) {
        uint32_t here = next[cell];
        b.start[cell] = next[cell] = (uint32_t)sum;
        sum += here;
    }
    b.edge = sum < UINT32_MAX ? ARENA_ARRAY(arena, uint32_t, sum + 1) : NULL;
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
    if (p.b.lon_e7 < q.a.lon_e7 || q.b.lon_e7 < p.a.lon_e7)
        return false;
    int32_t p_low = p.a.lat_e7 < p.b.lat_e7 ? p.a.lat_e7 : p.b.lat_e7;
    int32_t p_high = p.a.lat_e7 < p.b.lat_e7 ? p.b.lat_e7 : p.a.lat_e7;
    int32_t q_low = q.a.lat_e7 < q.b.lat_e7 ? q.a.lat_e7 : q.b.lat_e7;
    int32_t q_high = q.a.lat_e7 < q.b.lat_e7 ? q.b.lat_e7 : q.a.lat_e7;
    return p_low <= q_high && q_low <= p_high;
}

/* v, known to be on e's straight line, lies between e's ends and is neither. */
static bool is_inside(struct edge e, struct vertex v)
{
    return vertex_before(e.a, v) && vertex_before(v, e.b);
}

/* numerator / denominator rounded to the nearest, half away from zero. */
static int64_t divide_round(int128 numerator, int128 denominator)
{
    if (denominator < 0) {
        numerator = -numerator;
        denominator = -denominator;
    }
    int128 half = denominator / 2;
    return (int64_t)(numerator >= 0 ? (numerator + half) / denominator
                                    : (numerator - half) / denominator);
}

/* The crossing of two edges that cross properly, at the nearest unit. */
static struct vertex crossing_of(struct edge p, struct edge q)
{
    int64_t px = (int64_t)p.b.lon_e7 - p.a.lon_e7, py = (int64_t)p.b.lat_e7 - p.a.lat_e7;
    int64_t qx = (int64_t)q.b.lon_e7 - q.a.lon_e7, qy = (int64_t)q.b.lat_e7 - q.a.lat_e7;
    int64_t dx = (int64_t)q.a.lon_e7 - p.a.lon_e7, dy = (int64_t)q.a.lat_e7 - p.a.lat_e7;
    int128 over = (int128)px * qy - (int128)py * qx;
    int128 along = (int128)dx * qy - (int128)dy * qx; /* t = along / over */
    /* t * px fits: |along| < 2^66 and |px| < 2^33 */
    return (struct vertex){(int32_t)(p.a.lon_e7 + divide_round(along * px, over)),
                           (int32_t)(p.a.lat_e7 + divide_round(along * py, over))};
}

/* Up to two vertices that each of the edges must gain. */
struct meeting {
    struct vertex gain_p[2], gain_q[2];
    unsigned count_p, count_q;
    bool crosses, overlaps;
};

static void meet_at_ends(struct edge p, struct edge q, int turn_a, int turn_b, struct vertex *gain,
                         unsigned *count)
{
    if (turn_a == 0 && is_inside(p, q.a))
        gain[(*count)++] = q.a;
    if (turn_b == 0 && is_inside(p, q.b))
        gain[(*count)++] = q.b;
}

static struct meeting meet(struct edge p, struct edge q)
{
    struct meeting m = {.count_p = 0};
    int q_a = vertex_turn(p.a, p.b, q.a), q_b = vertex_turn(p.a, p.b, q.b);
    if (q_a * q_b > 0)
        return m;
    int p_a = vertex_turn(q.a, q.b, p.a), p_b = vertex_turn(q.a, q.b, p.b);
    if (p_a * p_b > 0)
        return m;
    if (q_a * q_b < 0 && p_a * p_b < 0) {
        struct vertex v = crossing_of(p, q);
        m.crosses = true;
        if (!vertex_same(v, p.a) && !vertex_same(v, p.b))
            m.gain_p[m.count_p++] = v;
        if (!vertex_same(v, q.a) && !vertex_same(v, q.b))
            m.gain_q[m.count_q++] = v;
        return m;
    }
    meet_at_ends(p, q, q_a, q_b, m.gain_p, &m.count_p);
    meet_at_ends(q, p, p_a, p_b, m.gain_q, &m.count_q);
    bool collinear = q_a == 0 && q_b == 0;
    m.overlaps =
        collinear && (m.count_p || m.count_q || (vertex_same(p.a, q.a) && vertex_same(p.b, q.b)));
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
    int128 x = (int128)((int64_t)v.lon_e7 - e.a.lon_e7) * ((int64_t)e.b.lon_e7 - e.a.lon_e7);
    int128 y = (int128)((int64_t)v.lat_e7 - e.a.lat_e7) * ((int64_t)e.b.lat_e7 - e.a.lat_e7);
    gains->gain[gains->count++] = (struct gain){index, v, x + y};
}

static bool gain_less(const void *a, const void *b)
{
    const struct gain *p = a, *q = b;
    if (p->edge != q->edge)
        return p->edge < q->edge;
    return p->along < q->along;
}

static bool edge_less(const void *a, const void *b)
{
    const struct edge *p = a, *q = b;
    if (!vertex_same(p->a, q->a))
        return vertex_before(p->a, q->a);
    if (!vertex_same(p->b, q->b))
        return vertex_before(p->b, q->b);
    return p->owner < q->owner;
}

static bool edges_sort_once(struct edges *edges)
{
    struct arena_mark mark = arena_mark(edges->arena);
    struct edge *spare = ARENA_ARRAY(edges->arena, struct edge, edges->count + 1);
    if (!spare)
        return false;
    sort_items(edges->edge, spare, edges->count, sizeof *spare, edge_less);
    size_t kept = 0;
    for (size_t i = 0; i < edges->count; i++) {
        struct edge e = edges->edge[i];
        if (kept && vertex_same(edges->edge[kept - 1].a, e.a) &&
            vertex_same(edges->edge[kept - 1].b, e.b))
            continue;
        edges->edge[kept++] = e;
    }
    edges->count = kept;
    arena_rewind(edges->arena, mark);
    return true;
}

/* What every pair of edges in one cell must gain. A pair in two cells gains twice: no harm. */
static void gains_in_cell(const struct edges *edges, const uint32_t *index, size_t count,
                          struct gains *gains)
{
    for (size_t i = 0; i < count; i++) {
        struct edge p = edges->edge[index[i]];
        for (size_t j = i + 1; j < count; j++) {
            struct edge q = edges->edge[index[j]];
            if (!boxes_meet(p, q))
                continue;
            struct meeting m = meet(p, q);
            for (unsigned k = 0; k < m.count_p; k++)
                gain_add(gains, index[i], p, m.gain_p[k]);
            for (unsigned k = 0; k < m.count_q; k++)
                gain_add(gains, index[j], q, m.gain_q[k]);
        }
    }
}

/* Replaces each edge that gained vertices by the chain through them. */
static void edges_split(struct edges *edges, const struct gains *gains)
{
    size_t old_count = edges->count;
    for (size_t i = 0; i < gains->count;) {
        uint32_t index = gains->gain[i].edge;
        struct edge whole = edges->edge[index];
        struct vertex from = whole.a;
        for (; i < gains->count && gains->gain[i].edge == index; i++) {
            edges_add(edges, from, gains->gain[i].vertex, whole.owner);
            from = gains->gain[i].vertex;
        }
        edges_add(edges, from, whole.b, whole.owner);
        edges->edge[index].b = edges->edge[index].a; /* nothing left of it */
    }
    size_t kept = 0;
    for (size_t i = 0; i < edges->count; i++)
        if (i >= old_count || !vertex_same(edges->edge[i].a, edges->edge[i].b))
            edges->edge[kept++] = edges->edge[i];
    edges->count = kept;
}

enum pass { PASS_FULL, PASS_CHANGED, PASS_DONE };

static enum pass make_pass(struct edges *edges)
{
    struct gains gains = {.arena = edges->arena};
    struct buckets buckets;
    if (!edges_sort_once(edges) || !buckets_init(&buckets, edges->edge, edges->count, edges->arena))
        return PASS_FULL;
    size_t cells = (size_t)buckets.columns * buckets.rows;
    for (size_t cell = 0; cell < cells; cell++)
        gains_in_cell(edges, buckets.edge + buckets.start[cell],
                      buckets.start[cell + 1] - buckets.start[cell], &gains);
    if (gains.full)
        return PASS_FULL;
    if (!gains.count)
        return PASS_DONE;
    struct gain *spare = ARENA_ARRAY(edges->arena, struct gain, gains.count);
    if (!spare)
        return PASS_FULL;
    sort_items(gains.gain, spare, gains.count, sizeof *spare, gain_less);
    edges_split(edges, &gains);
    return edges->full ? PASS_FULL : PASS_CHANGED;
}

int noding_make_planar(struct edges *edges, struct err *err)
{
    if (edges->full)
        return err_set(err, EXIT_DATA, "more than %u edges; simplify the geometry",
                       NODING_EDGES_MAX);
    for (int pass = 0; pass < NODING_PASSES_MAX; pass++) {
        enum pass result = make_pass(edges);
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

bool noding_find_conflict(const struct edges *edges, struct arena *scratch, size_t *ret_i,
                          size_t *ret_j)
{
    struct buckets b;
    if (!buckets_init(&b, edges->edge, edges->count, scratch))
        return false;
    size_t cells = (size_t)b.columns * b.rows;
    for (size_t cell = 0; cell < cells; cell++)
        for (uint32_t i = b.start[cell]; i < b.start[cell + 1]; i++)
            for (uint32_t j = i + 1; j < b.start[cell + 1]; j++) {
                struct edge p = edges->edge[b.edge[i]], q = edges->edge[b.edge[j]];
                if (!boxes_meet(p, q))
                    continue;
                struct meeting m = meet(p, q);
                if (m.crosses || m.overlaps) {
                    *ret_i = b.edge[i];
                    *ret_j = b.edge[j];
                    return true;
                }
            }
    return false;
}
