#include "geo/arrange.h"

#include "base/degree.h"

/* Set operations, and rings as a person wrote them. */

struct pair {
    enum region_op op;
    const struct outline *a, *b;
    double b_turn_e9; /* by which b is moved to lie where a does */
};

static unsigned pair_holds(const void *self, double lon_deg, double lat_deg)
{
    const struct pair *p = self;
    double x = lon_deg * 1e9, y = lat_deg * 1e9;
    bool in_a = outline_holds(p->a, x, y), in_b = outline_holds(p->b, x - p->b_turn_e9, y);
    switch (p->op) {
    case REGION_UNION:
        return in_a || in_b;
    case REGION_INTER:
        return in_a && in_b;
    case REGION_MINUS:
        return in_a && !in_b;
    }
    return 0;
}

static bool spans_meet(struct outline_box a, struct outline_box b, int64_t turn_e9)
{
    return b.west_e9 + turn_e9 <= a.east_e9 && b.east_e9 + turn_e9 >= a.west_e9;
}

/* An outline across the antimeridian has longitudes above 180 degrees or below -180: by how much b
 * must be moved to meet a; 0 if it meets as it is or not at all. */
static int64_t turn_to_meet(const struct outline *a, const struct outline *b)
{
    if (!a->ring_count || !b->ring_count)
        return 0;
    struct outline_box box_a = outline_box(a), box_b = outline_box(b);
    static const int64_t turns[] = {0, TURN_E9, -TURN_E9};
    for (int i = 0; i < 3; i++)
        if (spans_meet(box_a, box_b, turns[i]))
            return turns[i];
    return 0;
}

int outline_combine(enum region_op op, const struct outline *a, const struct outline *b,
                    struct arena *arena, struct outline *ret_outline, struct err *err)
{
    struct arena scratch;
    arena_init(&scratch, arena->limit, arena->grow, arena->drop);
    int64_t turn_e9 = turn_to_meet(a, b);
    struct pair pair = {op, a, b, (double)turn_e9};
    struct edges edges;
    edges_init(&edges, &scratch);
    outline_add_edges(a, 0, &edges);
    outline_add_edges(b, turn_e9, &edges);
    int rc = arrange(&edges, (struct shape){pair_holds, &pair, 1}, arena, ret_outline, err);
    arena_release(&scratch);
    return rc;
}

int region_combine(enum region_op op, const struct region *a, const struct region *b,
                   struct arena *arena, struct region *ret_region, struct err *err)
{
    struct arena scratch;
    struct outline of_a, of_b, combined;
    double moved_m;
    arena_init(&scratch, arena->limit, arena->grow, arena->drop);
    int rc = outline_of_region(a, &scratch, &of_a, err);
    rc = rc ? rc : outline_of_region(b, &scratch, &of_b, err);
    rc = rc ? rc : outline_combine(op, &of_a, &of_b, &scratch, &combined, err);
    rc = rc ? rc : outline_round(&combined, arena, ret_region, &moved_m, err);
    arena_release(&scratch);
    return rc;
}

static int conflict(const struct edges *edges, struct edge_pair pair, struct err *err)
{
    struct edge p = edges->edge[pair.i], q = edges->edge[pair.j];
    return err_set(err, EXIT_DATA,
                   "the edge %.7g,%.7g - %.7g,%.7g crosses the edge %.7g,%.7g - %.7g,%.7g; a ring "
                   "must not cross itself or another",
                   (double)p.a.lon_e9 / 1e9, (double)p.a.lat_e9 / 1e9, (double)p.b.lon_e9 / 1e9,
                   (double)p.b.lat_e9 / 1e9, (double)q.a.lon_e9 / 1e9, (double)q.a.lat_e9 / 1e9,
                   (double)q.b.lon_e9 / 1e9, (double)q.b.lat_e9 / 1e9);
}

static int outline_of_checked(struct edges *edges, const struct outline *as_written,
                              struct arena *arena, struct outline *ret_outline, struct err *err)
{
    struct edge_pair pair;
    bool found;
    if (edges->full)
        return err_set(err, EXIT_DATA, "more than %u edges; simplify the geometry",
                       NODING_EDGES_MAX);
    if (!noding_find_conflict(edges, edges->arena, &found, &pair))
        return err_set(err, EXIT_DATA, "the memory limit is reached; simplify the geometry");
    if (found)
        return conflict(edges, pair, err);
    if (arrange(edges, shape_of_outline(as_written), arena, ret_outline, err))
        return ERR_FAIL;
    if (!ret_outline->ring_count)
        return err_set(err, EXIT_DATA, "the rings enclose nothing; give at least 3 points apart");
    return 0;
}

int outline_from_rings(const struct outline *as_written, struct arena *arena,
                       struct outline *ret_outline, struct err *err)
{
    struct arena scratch;
    arena_init(&scratch, arena->limit, arena->grow, arena->drop);
    struct edges edges;
    edges_init(&edges, &scratch);
    outline_add_edges(as_written, 0, &edges);
    int rc = outline_of_checked(&edges, as_written, arena, ret_outline, err);
    arena_release(&scratch);
    return rc;
}

int region_from_rings(const int32_t *lon_e7, const int32_t *lat_e7, const uint32_t *ring_start,
                      uint32_t ring_count, struct arena *arena, struct region *ret_region,
                      struct err *err)
{
    struct region as_written = {ring_count, ring_start, lon_e7, lat_e7, 0, 0, 0, 0};
    struct arena scratch;
    struct outline written, checked;
    double moved_m;
    arena_init(&scratch, arena->limit, arena->grow, arena->drop);
    int rc = outline_of_region(&as_written, &scratch, &written, err);
    rc = rc ? rc : outline_from_rings(&written, &scratch, &checked, err);
    rc = rc ? rc : outline_round(&checked, arena, ret_region, &moved_m, err);
    arena_release(&scratch);
    return rc;
}
