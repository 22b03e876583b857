#include "geo/outline.h"

#include "base/degree.h"
#include "base/sort.h"
#include "geo/arrange.h"
#include "geo/geodesic.h"
#include "num/num.h"

static int arena_is_full(struct err *err)
{
    return err_set(err, EXIT_DATA, "the memory limit is reached; simplify the geometry");
}

static uint32_t vertices_of(const struct outline *o)
{
    return o->ring_count ? o->ring_start[o->ring_count] : 0;
}

struct outline_box outline_box(const struct outline *o)
{
    struct outline_box box = {INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN};
    for (uint32_t i = 0; i < vertices_of(o); i++) {
        struct vertex v = o->vertex[i];
        box.west_e9 = v.lon_e9 < box.west_e9 ? v.lon_e9 : box.west_e9;
        box.east_e9 = v.lon_e9 > box.east_e9 ? v.lon_e9 : box.east_e9;
        box.south_e9 = v.lat_e9 < box.south_e9 ? v.lat_e9 : box.south_e9;
        box.north_e9 = v.lat_e9 > box.north_e9 ? v.lat_e9 : box.north_e9;
    }
    return box;
}

bool outline_holds(const struct outline *o, double x, double y)
{
    bool odd = false;
    for (uint32_t ring = 0; ring < o->ring_count; ring++) {
        uint32_t start = o->ring_start[ring], end = o->ring_start[ring + 1];
        for (uint32_t i = start, last = end - 1; i < end; last = i++)
            odd ^= vertex_ray_meets(o->vertex[last], o->vertex[i], x, y);
    }
    return odd;
}

static struct vertex moved_by(struct vertex v, int64_t turn_e9)
{
    return (struct vertex){v.lon_e9 + turn_e9, v.lat_e9};
}

void outline_add_edges(const struct outline *o, int64_t turn_e9, struct edges *edges)
{
    for (uint32_t ring = 0; ring < o->ring_count; ring++) {
        uint32_t start = o->ring_start[ring], end = o->ring_start[ring + 1];
        for (uint32_t i = start, last = end - 1; i < end; last = i++)
            edges_add(edges, moved_by(o->vertex[last], turn_e9), moved_by(o->vertex[i], turn_e9),
                      last);
    }
}

int outline_of_region(const struct region *r, struct arena *arena, struct outline *ret_outline,
                      struct err *err)
{
    uint32_t count = r->ring_count ? r->ring_start[r->ring_count] : 0;
    struct vertex *vertex = ARENA_ARRAY(arena, struct vertex, count + 1u);
    if (!vertex)
        return arena_is_full(err);
    for (uint32_t i = 0; i < count; i++)
        vertex[i] = (struct vertex){(int64_t)r->lon_e7[i] * NODING_COARSE,
                                    (int64_t)r->lat_e7[i] * NODING_COARSE};
    *ret_outline = (struct outline){r->ring_count, r->ring_start, vertex, NULL};
    return 0;
}

/* ---- rounding ---------------------------------------------------------------------------------- */

/* Rings that can be written to. */
struct rings {
    uint32_t ring_count, *ring_start;
    struct vertex *vertex;
};

static struct outline outline_of(const struct rings *r)
{
    return (struct outline){r->ring_count, r->ring_start, r->vertex, NULL};
}

static int64_t round_e9(int64_t v)
{
    int64_t half = v < 0 ? -NODING_COARSE / 2 : NODING_COARSE / 2;
    return (v + half) / NODING_COARSE * NODING_COARSE;
}

/* Strictly between its neighbours on their straight line. */
static bool is_straight(struct vertex before, struct vertex v, struct vertex after)
{
    bool between = vertex_before(before, after)
                       ? vertex_before(before, v) && vertex_before(v, after)
                       : vertex_before(after, v) && vertex_before(v, before);
    return between && vertex_turn(before, v, after) == 0;
}

/* Takes a vertex off the end of a ring while it is superfluous before `next`. */
static uint32_t trim(const struct vertex *v, uint32_t start, uint32_t n, struct vertex next)
{
    while (n > start && (vertex_same(v[n - 1], next) ||
                         (n - start > 1 && is_straight(v[n - 2], v[n - 1], next))))
        n--;
    return n;
}

/* One ring to whole steps, without vertices that are repeated or on a straight way; none at all if
 * nothing is left of it. */
static void round_ring(const struct outline *o, uint32_t ring, struct rings *to)
{
    uint32_t start = to->ring_start[to->ring_count], n = start;
    for (uint32_t i = o->ring_start[ring]; i < o->ring_start[ring + 1]; i++) {
        struct vertex v = {round_e9(o->vertex[i].lon_e9), round_e9(o->vertex[i].lat_e9)};
        n = trim(to->vertex, start, n, v);
        to->vertex[n++] = v;
    }
    n = trim(to->vertex, start, n, to->vertex[start]);
    if (n - start > 2 && is_straight(to->vertex[n - 1], to->vertex[start], to->vertex[start + 1])) {
        to->vertex[start] = to->vertex[n - 1];
        n--;
    }
    if (n - start >= 3)
        to->ring_start[++to->ring_count] = n;
}

static bool rings_alloc(struct rings *r, uint32_t rings, uint32_t vertices, struct arena *arena)
{
    *r = (struct rings){0, ARENA_ARRAY(arena, uint32_t, rings + 1u),
                        ARENA_ARRAY(arena, struct vertex, vertices + 1u)};
    return r->ring_start && r->vertex;
}

/* Metres per 1e-9 degree, at most, within the latitudes of an outline. */
struct scale {
    double lon_m, lat_m;
};

static struct scale scale_of(const struct outline *o)
{
    struct outline_box box = outline_box(o);
    double south = (double)box.south_e9 / 1e9, north = (double)box.north_e9 / 1e9, meridian,
           transverse;
    double low = south > 0 ? south : north < 0 ? -north : 0.0;
    double high = north > -south ? north : -south;
    geodesic_radii(high, &meridian, &transverse);
    struct scale scale = {.lat_m = num_radians(meridian) * 1e-9};
    geodesic_radii(low, &meridian, &transverse);
    scale.lon_m = num_radians(transverse * num_cos(num_radians(low))) * 1e-9;
    return scale;
}

static double longest_move_m(const struct outline *o, struct scale scale)
{
    double most2 = 0.0;
    for (uint32_t i = 0; i < vertices_of(o); i++) {
        double x = (double)(o->vertex[i].lon_e9 - round_e9(o->vertex[i].lon_e9)) * scale.lon_m;
        double y = (double)(o->vertex[i].lat_e9 - round_e9(o->vertex[i].lat_e9)) * scale.lat_m;
        most2 = x * x + y * y > most2 ? x * x + y * y : most2;
    }
    return num_sqrt(most2);
}

/* ---- edges that cross or touch after rounding ------------------------------------------------- */

static unsigned even_odd_holds(const void *self, double lon_deg, double lat_deg)
{
    return outline_holds(self, lon_deg * 1e9, lat_deg * 1e9);
}

struct shape shape_of_outline(const struct outline *o)
{
    return (struct shape){even_odd_holds, o, 1};
}

/* Which edge follows which: those of a ring stand one after another. */
static bool has_touch(const struct outline *o, struct arena *scratch, bool *ret_touch)
{
    struct edges edges;
    edges_init(&edges, scratch);
    outline_add_edges(o, 0, &edges);
    uint32_t *next = ARENA_ARRAY(scratch, uint32_t, edges.count + 1);
    if (edges.full || !next)
        return false;
    for (uint32_t ring = 0; ring < o->ring_count; ring++) {
        uint32_t start = o->ring_start[ring], end = o->ring_start[ring + 1];
        for (uint32_t i = start; i < end; i++)
            next[i] = i + 1 < end ? i + 1 : start;
    }
    return noding_find_touch(&edges, next, scratch, ret_touch);
}

/* The even-odd region of rings on the coarse lattice, whatever they do to each other. */
static int node_again(const struct outline *o, struct arena *scratch, struct outline *ret,
                      double *ret_moved_e9, struct err *err)
{
    struct edges edges;
    edges_init(&edges, scratch);
    edges.step = NODING_COARSE;
    outline_add_edges(o, 0, &edges);
    if (arrange(&edges, shape_of_outline(o), scratch, ret, err))
        return ERR_FAIL;
    *ret_moved_e9 = edges.moved_e9;
    return 0;
}

/* ---- the canonical region ---------------------------------------------------------------------- */

struct ring_key {
    struct vertex first, second;
    uint32_t start, count, low; /* low: of its lowest vertex, from its start */
};

static struct ring_key key_of(const struct outline *o, uint32_t ring)
{
    uint32_t start = o->ring_start[ring], count = o->ring_start[ring + 1] - start, low = 0;
    const struct vertex *v = o->vertex + start;
    for (uint32_t i = 1; i < count; i++)
        if (vertex_before(v[i], v[low]))
            low = i;
    return (struct ring_key){v[low], v[(low + 1) % count], start, count, low};
}

static bool ring_less(const void *a, const void *b)
{
    const struct ring_key *p = a, *q = b;
    if (!vertex_same(p->first, q->first))
        return vertex_before(p->first, q->first);
    if (!vertex_same(p->second, q->second))
        return vertex_before(p->second, q->second);
    return p->count < q->count;
}

/* By how much all longitudes move so that the least lies in [-180, 180) degrees (R5). */
static int64_t turn_home(int64_t west_e9)
{
    return west_e9 < -TURN_E9 / 2 ? TURN_E9 : west_e9 >= TURN_E9 / 2 ? -TURN_E9 : 0;
}

/* A region of that many rings and vertices, empty of values. */
static bool region_alloc(uint32_t rings, uint32_t vertices, struct arena *arena,
                         uint32_t **ret_start, int32_t **ret_lon, int32_t **ret_lat)
{
    *ret_start = ARENA_ARRAY(arena, uint32_t, rings + 1u);
    *ret_lon = ARENA_ARRAY(arena, int32_t, vertices + 1u);
    *ret_lat = ARENA_ARRAY(arena, int32_t, vertices + 1u);
    return *ret_start && *ret_lon && *ret_lat;
}

/* From rings on the coarse lattice, already R1 to R3. */
static int region_of(const struct outline *o, struct arena *scratch, struct arena *arena,
                     struct region *ret, struct err *err)
{
    uint32_t *start, n = 0;
    int32_t *lon, *lat;
    struct ring_key *key = ARENA_ARRAY(scratch, struct ring_key, o->ring_count + 1u);
    struct ring_key *spare = ARENA_ARRAY(scratch, struct ring_key, o->ring_count + 1u);
    if (!key || !spare || !region_alloc(o->ring_count, vertices_of(o), arena, &start, &lon, &lat))
        return arena_is_full(err);
    struct outline_box box = outline_box(o);
    int64_t turn_e9 = turn_home(box.west_e9);
    if (box.east_e9 + turn_e9 > (int64_t)INT32_MAX * NODING_COARSE)
        return err_set(err, EXIT_DATA,
                       "the zone reaches from %.4f across the antimeridian to %.4f: east of 214.7 "
                       "degrees; give it as a union of one part on each side",
                       (double)(box.west_e9 + turn_e9) / 1e9,
                       (double)(box.east_e9 + turn_e9) / 1e9);
    for (uint32_t ring = 0; ring < o->ring_count; ring++)
        key[ring] = key_of(o, ring);
    sort_items(key, spare, o->ring_count, sizeof *key, ring_less);
    for (uint32_t ring = 0; ring < o->ring_count; ring++) {
        struct ring_key k = key[ring];
        for (uint32_t i = 0; i < k.count; i++, n++) {
            uint32_t at = k.low + i < k.count ? k.low + i : k.low + i - k.count;
            lon[n] = (int32_t)((o->vertex[k.start + at].lon_e9 + turn_e9) / NODING_COARSE);
            lat[n] = (int32_t)(o->vertex[k.start + at].lat_e9 / NODING_COARSE);
        }
        start[ring + 1] = n;
    }
    *ret = (struct region){
        .ring_count = o->ring_count, .ring_start = start, .lon_e7 = lon, .lat_e7 = lat};
    region_bound(ret);
    return 0;
}

struct region region_empty(void)
{
    static const uint32_t no_rings[1] = {0};
    return (struct region){.ring_start = no_rings};
}

static int round_into(const struct outline *outline, struct arena *scratch, struct arena *arena,
                      struct region *ret_region, double *ret_moved_m, struct err *err)
{
    struct rings rings;
    bool touch;
    double moved_e9 = 0.0;
    if (!rings_alloc(&rings, outline->ring_count, vertices_of(outline), scratch))
        return arena_is_full(err);
    for (uint32_t ring = 0; ring < outline->ring_count; ring++)
        round_ring(outline, ring, &rings);
    struct outline rounded = outline_of(&rings), settled = rounded;
    if (!has_touch(&rounded, scratch, &touch))
        return arena_is_full(err);
    if (touch && node_again(&rounded, scratch, &settled, &moved_e9, err))
        return ERR_FAIL;
    *ret_region = region_empty();
    struct scale scale = scale_of(outline);
    *ret_moved_m = longest_move_m(outline, scale) +
                   moved_e9 * num_sqrt(scale.lon_m * scale.lon_m + scale.lat_m * scale.lat_m);
    return settled.ring_count ? region_of(&settled, scratch, arena, ret_region, err) : 0;
}

#define ROUND_SCRATCH 256 /* bytes a vertex: what is needed, as a rule */

int outline_round(const struct outline *outline, struct arena *arena, struct region *ret_region,
                  double *ret_moved_m, struct err *err)
{
    *ret_region = region_empty();
    *ret_moved_m = 0.0;
    if (!outline->ring_count)
        return 0;
    struct arena scratch;
    arena_init(&scratch, arena->limit, arena->grow, arena->drop);
    arena_reserve(&scratch, vertices_of(outline) * ROUND_SCRATCH);
    int rc = round_into(outline, &scratch, arena, ret_region, ret_moved_m, err);
    arena_release(&scratch);
    return rc;
}
