#include "geo/arrange.h"

/* Set operations, and rings as a person wrote them. */

#define TURN_E7 INT64_C(3600000000)

/* Even-odd, at a point that no edge passes through. */
static bool rings_hold(const struct region *r, double lon_deg, double lat_deg)
{
    double x = lon_deg * 1e7, y = lat_deg * 1e7;
    bool odd = false;
    for (uint32_t ring = 0; ring < r->ring_count; ring++) {
        uint32_t start = r->ring_start[ring], end = r->ring_start[ring + 1];
        for (uint32_t i = start, last = end - 1; i < end; last = i++) {
            struct vertex a = {r->lon_e7[last], r->lat_e7[last]}, b = {r->lon_e7[i], r->lat_e7[i]};
            odd ^= vertex_ray_meets(a, b, x, y);
        }
    }
    return odd;
}

static void add_rings(struct edges *edges, const struct region *r, int64_t turn_e7)
{
    for (uint32_t ring = 0; ring < r->ring_count; ring++) {
        uint32_t start = r->ring_start[ring], end = r->ring_start[ring + 1];
        for (uint32_t i = start, last = end - 1; i < end; last = i++) {
            struct vertex a = {(int32_t)(r->lon_e7[last] + turn_e7), r->lat_e7[last]};
            struct vertex b = {(int32_t)(r->lon_e7[i] + turn_e7), r->lat_e7[i]};
            edges_add(edges, a, b, last);
        }
    }
}

struct pair {
    enum region_op op;
    const struct region *a, *b;
    double b_turn_deg; /* by which b is moved to lie where a does */
};

static bool pair_holds(const void *self, double lon_deg, double lat_deg)
{
    const struct pair *p = self;
    bool in_a = rings_hold(p->a, lon_deg, lat_deg);
    bool in_b = rings_hold(p->b, lon_deg - p->b_turn_deg, lat_deg);
    switch (p->op) {
    case REGION_UNION:
        return in_a || in_b;
    case REGION_INTER:
        return in_a && in_b;
    case REGION_MINUS:
        return in_a && !in_b;
    }
    return false;
}

static bool spans_meet(const struct region *a, const struct region *b, int64_t turn_e7)
{
    return b->west_e7 + turn_e7 <= a->east_e7 && b->east_e7 + turn_e7 >= a->west_e7;
}

/* A region across the antimeridian has longitudes above 180 degrees (R5): by how many units b must
 * be moved to meet a; 0 if it meets as it is or not at all. */
static int64_t turn_to_meet(const struct region *a, const struct region *b)
{
    if (!a->ring_count || !b->ring_count || spans_meet(a, b, 0))
        return 0;
    if (b->east_e7 + TURN_E7 <= INT32_MAX && spans_meet(a, b, TURN_E7))
        return TURN_E7;
    if (b->west_e7 - TURN_E7 >= INT32_MIN && spans_meet(a, b, -TURN_E7))
        return -TURN_E7;
    return 0;
}

int region_combine(enum region_op op, const struct region *a, const struct region *b,
                   struct arena *arena, struct region *ret_region, struct err *err)
{
    struct arena scratch;
    arena_init(&scratch, arena->limit, arena->grow, arena->drop);
    int64_t turn_e7 = turn_to_meet(a, b);
    struct pair pair = {op, a, b, (double)turn_e7 / 1e7};
    struct edges edges;
    edges_init(&edges, &scratch);
    add_rings(&edges, a, 0);
    add_rings(&edges, b, turn_e7);
    int rc = arrange(&edges, (struct shape){pair_holds, &pair}, arena, ret_region, err);
    arena_release(&scratch);
    return rc;
}

static bool even_odd_holds(const void *self, double lon_deg, double lat_deg)
{
    return rings_hold(self, lon_deg, lat_deg);
}

static int conflict(const struct edges *edges, size_t i, size_t j, struct err *err)
{
    struct edge p = edges->edge[i], q = edges->edge[j];
    return err_set(err, EXIT_DATA,
                   "the edge %.7g,%.7g - %.7g,%.7g crosses the edge %.7g,%.7g - %.7g,%.7g; a ring "
                   "must not cross itself or another",
                   p.a.lon_e7 / 1e7, p.a.lat_e7 / 1e7, p.b.lon_e7 / 1e7, p.b.lat_e7 / 1e7,
                   q.a.lon_e7 / 1e7, q.a.lat_e7 / 1e7, q.b.lon_e7 / 1e7, q.b.lat_e7 / 1e7);
}

static int region_of_checked(struct edges *edges, const struct region *as_written,
                             struct arena *arena, struct region *ret_region, struct err *err)
{
    size_t i, j;
    if (edges->full)
        return err_set(err, EXIT_DATA, "more than %u edges; simplify the geometry",
                       NODING_EDGES_MAX);
    if (noding_find_conflict(edges, edges->arena, &i, &j))
        return conflict(edges, i, j, err);
    return arrange(edges, (struct shape){even_odd_holds, as_written}, arena, ret_region, err);
}

int region_from_rings(const int32_t *lon_e7, const int32_t *lat_e7, const uint32_t *ring_start,
                      uint32_t ring_count, struct arena *arena, struct region *ret_region,
                      struct err *err)
{
    struct region as_written = {ring_count, ring_start, lon_e7, lat_e7, 0, 0, 0, 0};
    struct arena scratch;
    arena_init(&scratch, arena->limit, arena->grow, arena->drop);
    struct edges edges;
    edges_init(&edges, &scratch);
    add_rings(&edges, &as_written, 0);
    int rc = region_of_checked(&edges, &as_written, arena, ret_region, err);
    arena_release(&scratch);
    if (!rc && !ret_region->ring_count)
        return err_set(err, EXIT_DATA, "the rings enclose nothing; give at least 3 points apart");
    return rc;
}
