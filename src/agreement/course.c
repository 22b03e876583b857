#include "agreement/reader.h"
#include "base/degree.h"
#include "base/sort.h"

/*
 * Does an open course cross or touch itself? Its edges are taken straight in longitude and
 * latitude. A sweep from west to east (or from south to north, if fewer edges then lie side by
 * side): edges enter in order of their west end, and each is tried against those not yet passed.
 * Exact: coordinates are integers of 1e-9 degree, so a cross product
 * stays below 2^80.
 */
#define TRIALS_MAX INT64_C(200000000) /* pairs looked at, about a second */

__extension__ typedef __int128 int128;

struct edge {
    int64_t x0, y0, x1, y1; /* in the direction of the course */
    int64_t west, east, south, north;
    uint32_t index;
};

/* The longitude nearest to `near` of those that mean the same meridian: the short way round. */
static int64_t unwrap(int64_t lon_e9, int64_t near)
{
    while (lon_e9 - near > TURN_E9 / 2)
        lon_e9 -= TURN_E9;
    while (lon_e9 - near < -TURN_E9 / 2)
        lon_e9 += TURN_E9;
    return lon_e9;
}

static void edge_box(struct edge *e)
{
    e->west = e->x0 < e->x1 ? e->x0 : e->x1;
    e->east = e->x0 < e->x1 ? e->x1 : e->x0;
    e->south = e->y0 < e->y1 ? e->y0 : e->y1;
    e->north = e->y0 < e->y1 ? e->y1 : e->y0;
}

static void edges_fill(struct edge *edges, const struct course *c)
{
    int64_t x = c->lon_e9[0];
    for (uint32_t i = 0; i + 1 < c->count; i++) {
        int64_t next = unwrap(c->lon_e9[i + 1], x);
        edges[i] = (struct edge){
            .x0 = x, .y0 = c->lat_e9[i], .x1 = next, .y1 = c->lat_e9[i + 1], .index = i};
        edge_box(&edges[i]);
        x = next;
    }
}

/* Edges that a line across the sweep meets, on average: their extent over that of the course. */
static bool better_turned(const struct edge *edges, uint32_t n)
{
    struct edge box = edges[0];
    int64_t across = 0, along = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct edge *e = &edges[i];
        across += e->east - e->west;
        along += e->north - e->south;
        box.west = e->west < box.west ? e->west : box.west;
        box.east = e->east > box.east ? e->east : box.east;
        box.south = e->south < box.south ? e->south : box.south;
        box.north = e->north > box.north ? e->north : box.north;
    }
    return (int128)across * (box.north - box.south) > (int128)along * (box.east - box.west);
}

static void edges_turn(struct edge *edges, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct edge *e = &edges[i];
        int64_t x0 = e->x0, x1 = e->x1;
        e->x0 = e->y0;
        e->x1 = e->y1;
        e->y0 = x0;
        e->y1 = x1;
        edge_box(e);
    }
}

/* By west end, then in the order of the line. */
static bool edge_less(const void *a, const void *b)
{
    const struct edge *p = a, *q = b;
    return p->west != q->west ? p->west < q->west : p->index < q->index;
}

/* Which side of a's line a point is on: -1, 0, 1. */
static int side(const struct edge *a, int64_t x, int64_t y)
{
    int128 cross = (int128)(a->x1 - a->x0) * (y - a->y0) - (int128)(a->y1 - a->y0) * (x - a->x0);
    return cross > 0 ? 1 : cross < 0 ? -1 : 0;
}

/* The boxes meet already; so edges of one line overlap, others meet if each straddles the other. */
static bool edges_meet(const struct edge *a, const struct edge *b)
{
    int a0 = side(b, a->x0, a->y0), a1 = side(b, a->x1, a->y1);
    int b0 = side(a, b->x0, b->y0), b1 = side(a, b->x1, b->y1);
    return a0 * a1 <= 0 && b0 * b1 <= 0;
}

/* Neighbours share a vertex; they overlap only if the second goes straight back. */
static bool neighbours_overlap(const struct edge *a, const struct edge *b)
{
    if (side(a, b->x1, b->y1) != 0)
        return false;
    return (int128)(a->x1 - a->x0) * (b->x1 - b->x0) + (int128)(a->y1 - a->y0) * (b->y1 - b->y0) <
           0;
}

static bool pair_crosses(const struct edge *a, const struct edge *b)
{
    if (a->north < b->south || b->north < a->south)
        return false;
    if (a->index + 1 == b->index)
        return neighbours_overlap(a, b);
    if (b->index + 1 == a->index)
        return neighbours_overlap(b, a);
    return edges_meet(a, b);
}

struct found {
    bool crosses;
    uint32_t first, second;
};

/* Tries edge i against the active ones and drops those that lie west of it. */
static bool sweep_edge(const struct edge *edges, uint32_t i, uint32_t *active, size_t *count,
                       struct found *found)
{
    size_t kept = 0;
    for (size_t k = 0; k < *count; k++) {
        const struct edge *a = &edges[active[k]], *b = &edges[i];
        if (a->east < b->west)
            continue;
        active[kept++] = active[k];
        if (!pair_crosses(a, b))
            continue;
        *found = (struct found){.crosses = true,
                                .first = a->index < b->index ? a->index : b->index,
                                .second = a->index < b->index ? b->index : a->index};
        return true;
    }
    active[kept++] = i;
    *count = kept;
    return false;
}

static int sweep(const struct edge *edges, uint32_t n, uint32_t *active, struct found *found)
{
    size_t count = 0;
    int64_t trials = 0;
    for (uint32_t i = 0; i < n; i++) {
        trials += (int64_t)count;
        if (trials > TRIALS_MAX)
            return ERR_FAIL;
        if (sweep_edge(edges, i, active, &count, found))
            return 0;
    }
    return 0;
}

int course_crosses(const struct course *course, struct arena *arena, bool *ret_crosses,
                   uint32_t *ret_first, uint32_t *ret_second)
{
    struct arena_mark mark = arena_mark(arena);
    struct found found = {0};
    uint32_t n = course->count - 1;
    struct edge *edges = ARENA_ARRAY(arena, struct edge, n);
    struct edge *spare = ARENA_ARRAY(arena, struct edge, n);
    uint32_t *active = ARENA_ARRAY(arena, uint32_t, n);
    int failed = ERR_FAIL;
    if (edges && spare && active) {
        edges_fill(edges, course);
        if (better_turned(edges, n))
            edges_turn(edges, n);
        sort_items(edges, spare, n, sizeof *edges, edge_less);
        failed = sweep(edges, n, active, &found);
    }
    arena_rewind(arena, mark);
    *ret_crosses = found.crosses;
    *ret_first = found.first;
    *ret_second = found.second;
    return failed;
}
