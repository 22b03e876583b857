#include "agreement/shape.h"

#include "geo/arrange.h"
#include "geo/buffer.h"
#include "geo/legs.h"
#include "geo/offset.h"

static int arena_is_full(struct err *err)
{
    return err_set(err, EXIT_DATA, "the memory limit is reached; simplify the geometry");
}

double *degrees_of(const int64_t *e9, size_t count, struct arena *arena)
{
    double *degrees = ARENA_ARRAY(arena, double, count + 1);
    for (size_t i = 0; degrees && i < count; i++)
        degrees[i] = (double)e9[i] / 1e9;
    return degrees;
}

/* ---- rings of straight pieces ------------------------------------------------------------------ */

/* Rings in the making, vertices rounded to 1e-7 degree. */
struct outline {
    int32_t *lon_e7, *lat_e7;
    uint32_t count, cap;
    uint32_t ring_start[3];
    struct arena *arena;
};

static bool outline_add(struct outline *o, struct place place)
{
    struct vertex v = vertex_at(place);
    if (o->count == o->cap) {
        uint32_t cap = o->cap ? o->cap * 2 : 64;
        int32_t *lon = ARENA_ARRAY(o->arena, int32_t, cap),
                *lat = ARENA_ARRAY(o->arena, int32_t, cap);
        if (!lon || !lat)
            return false;
        for (uint32_t i = 0; i < o->count; i++) {
            lon[i] = o->lon_e7[i];
            lat[i] = o->lat_e7[i];
        }
        o->lon_e7 = lon;
        o->lat_e7 = lat;
        o->cap = cap;
    }
    o->lon_e7[o->count] = v.lon_e7;
    o->lat_e7[o->count++] = v.lat_e7;
    return true;
}

/* A walk along geodesics, in chords that stay within CURVE_TOLERANCE_M; without its last point. */
static bool outline_walk(struct outline *o, const struct legs *legs)
{
    for (size_t i = 0; i < legs->count; i++) {
        const struct leg *leg = &legs->leg[i];
        size_t chords = chords_of_leg(leg);
        for (size_t k = 0; k < chords; k++)
            if (!outline_add(o, leg_at(leg, leg->length_m * (double)k / (double)chords, NULL)))
                return false;
    }
    return true;
}

static int outline_region(struct outline *o, const uint32_t *start, uint32_t rings,
                          struct arena *arena, struct region *ret_region, struct err *err)
{
    return region_from_rings(o->lon_e7, o->lat_e7, start, rings, arena, ret_region, err);
}

/* ---- polygon -------------------------------------------------------------------------------------- */

/* The ring with its first vertex again at its end, in degrees, going on continuously. */
static bool ring_degrees(const struct expression *e, uint32_t ring, struct arena *arena,
                         double **ret_lon, double **ret_lat, size_t *ret_count)
{
    uint32_t start = e->polygon.ring_start[ring], n = e->polygon.ring_start[ring + 1] - start;
    double *lon = degrees_of(e->polygon.lon_e9 + start, n, arena);
    double *lat = degrees_of(e->polygon.lat_e9 + start, n, arena);
    if (!lon || !lat)
        return false;
    double near = (double)e->polygon.lon_e9[0] / 1e9;
    for (uint32_t i = 0; i < n; i++) {
        lon[i] = lon_near(lon[i], near);
        near = lon[i];
    }
    lon[n] = lon[0];
    lat[n] = lat[0];
    *ret_lon = lon;
    *ret_lat = lat;
    *ret_count = n + 1;
    return true;
}

static int polygon_ring(const struct expression *e, uint32_t ring, struct outline *outline,
                        struct err *err)
{
    double *lon, *lat;
    size_t n;
    struct legs legs;
    if (!ring_degrees(e, ring, outline->arena, &lon, &lat, &n))
        return arena_is_full(err);
    if (e->polygon.edges == EDGE_GEODESIC) {
        if (legs_of_line(lon, lat, n, false, outline->arena, &legs, err))
            return ERR_FAIL;
        return outline_walk(outline, &legs) ? 0 : arena_is_full(err);
    }
    for (size_t i = 0; i + 1 < n; i++)
        if (!outline_add(outline, (struct place){lon[i], lat[i]}))
            return arena_is_full(err);
    return 0;
}

static int shape_polygon(struct shaper *s, const struct expression *e, struct zone_shape *ret,
                         struct err *err)
{
    struct outline outline = {.arena = s->arena};
    uint32_t *start = ARENA_ARRAY(s->arena, uint32_t, e->polygon.ring_count + 1);
    if (!start)
        return arena_is_full(err);
    for (uint32_t ring = 0; ring < e->polygon.ring_count; ring++) {
        start[ring] = outline.count;
        if (polygon_ring(e, ring, &outline, err))
            return ERR_FAIL;
    }
    start[e->polygon.ring_count] = outline.count;
    ret->error_m = ROUNDING_M + (e->polygon.edges == EDGE_GEODESIC ? CURVE_TOLERANCE_M : 0.0);
    return outline_region(&outline, start, e->polygon.ring_count, s->arena, &ret->region, err);
}

/* ---- circle, band, between ------------------------------------------------------------------------ */

struct circle {
    struct place center;
    double radius_m;
};

static bool circle_holds(const void *self, double lon_deg, double lat_deg)
{
    const struct circle *c = self;
    double dist_m;
    return !geodesic_inverse(c->center.lat_deg, c->center.lon_deg, lat_deg, lon_deg, &dist_m, NULL,
                             NULL) &&
           dist_m <= c->radius_m;
}

static int shape_circle(struct shaper *s, const struct expression *e, struct zone_shape *ret,
                        struct err *err)
{
    struct circle circle = {{(double)e->circle.lon_e9 / 1e9, (double)e->circle.lat_e9 / 1e9},
                            (double)e->circle.radius_mm / 1e3};
    struct arena scratch;
    arena_init(&scratch, s->arena->limit, s->arena->grow, s->arena->drop);
    struct edges edges;
    edges_init(&edges, &scratch);
    circle_draw(circle.center, circle.radius_m, &edges);
    int rc = arrange(&edges, (struct shape){circle_holds, &circle}, s->arena, &ret->region, err);
    arena_release(&scratch);
    ret->error_m = ROUNDING_M + CURVE_TOLERANCE_M;
    return rc;
}

static bool outline_box(struct outline *o, double west, double east, double south, double north)
{
    return outline_add(o, (struct place){west, south}) &&
           outline_add(o, (struct place){east, south}) &&
           outline_add(o, (struct place){east, north}) &&
           outline_add(o, (struct place){west, north});
}

/* Across the antimeridian the band is two boxes, one on each side of it. */
static int shape_latband(struct shaper *s, const struct expression *e, struct zone_shape *ret,
                         struct err *err)
{
    double west = (double)e->latband.west_e9 / 1e9, east = (double)e->latband.east_e9 / 1e9;
    double south = (double)e->latband.south_e9 / 1e9, north = (double)e->latband.north_e9 / 1e9;
    struct outline outline = {.arena = s->arena, .ring_start = {0, 4, 8}};
    bool across = west > east;
    if (!outline_box(&outline, west, across ? 180.0 : east, south, north) ||
        (across && !outline_box(&outline, -180.0, east, south, north)))
        return arena_is_full(err);
    ret->error_m = ROUNDING_M;
    return outline_region(&outline, outline.ring_start, across ? 2 : 1, s->arena, &ret->region,
                          err);
}

static int line_points(const struct line *line, struct arena *arena, double **ret_lon,
                       double **ret_lat, size_t *ret_count, struct err *err)
{
    const struct line_version *v = &line->versions[line->used];
    if (!v->count)
        return err_set(err, EXIT_DATA,
                       "the line \"%s\" has no published course; give one of its "
                       "versions coordinates",
                       line->id);
    *ret_lon = degrees_of(v->lon_e9, v->count, arena);
    *ret_lat = degrees_of(v->lat_e9, v->count, arena);
    *ret_count = v->count;
    return *ret_lon && *ret_lat ? 0 : arena_is_full(err);
}

static void turn_round(double *v, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        double swap = v[i];
        v[i] = v[n - 1 - i];
        v[n - 1 - i] = swap;
    }
}

static double apart_m(struct place a, struct place b)
{
    double dist_m = GEODESIC_INVERSE_MAX_M;
    (void)geodesic_inverse(a.lat_deg, a.lon_deg, b.lat_deg, b.lon_deg, &dist_m, NULL, NULL);
    return dist_m;
}

static int walk_line(struct shaper *s, const struct line *line, const struct place *near,
                     struct outline *outline, struct place *ret_end, struct err *err)
{
    double *lon, *lat;
    size_t n;
    struct legs legs;
    if (line_points(line, s->arena, &lon, &lat, &n, err))
        return ERR_FAIL;
    struct place first = {lon[0], lat[0]}, last = {lon[n - 1], lat[n - 1]};
    if (near && apart_m(*near, last) < apart_m(*near, first)) {
        turn_round(lon, n);
        turn_round(lat, n);
    }
    if (near)
        lon[0] = lon_near(lon[0], near->lon_deg);
    if (legs_of_line(lon, lat, n, line->edges == EDGE_LONLAT, s->arena, &legs, err))
        return ERR_FAIL;
    *ret_end = legs.leg[legs.count - 1].to;
    return outline_walk(outline, &legs) ? 0 : arena_is_full(err);
}

/* The straight way between two places, its first point included. */
static int walk_between(struct shaper *s, struct place from, struct place to,
                        struct outline *outline, struct err *err)
{
    double lon[2] = {from.lon_deg, to.lon_deg}, lat[2] = {from.lat_deg, to.lat_deg};
    struct legs legs;
    if (apart_m(from, to) == 0.0)
        return 0;
    if (legs_of_line(lon, lat, 2, false, s->arena, &legs, err))
        return ERR_FAIL;
    return outline_walk(outline, &legs) ? 0 : arena_is_full(err);
}

static struct place outline_place(const struct outline *o, uint32_t i)
{
    return (struct place){o->lon_e7[i] / 1e7, o->lat_e7[i] / 1e7};
}

static int shape_between(struct shaper *s, const struct expression *e, struct zone_shape *ret,
                         struct err *err)
{
    struct outline a = {.arena = s->arena}, b = {.arena = s->arena};
    struct place end_a, end_b;
    const struct line *lines = s->agreement->lines;
    if (walk_line(s, &lines[e->between.line_a], NULL, &a, &end_a, err) ||
        walk_line(s, &lines[e->between.line_b], &end_a, &b, &end_b, err) ||
        walk_between(s, end_a, outline_place(&b, 0), &a, err))
        return ERR_FAIL;
    struct place first_a = outline_place(&a, 0);
    for (uint32_t i = 0; i < b.count; i++)
        if (!outline_add(&a, outline_place(&b, i)))
            return arena_is_full(err);
    if (walk_between(s, end_b, first_a, &a, err))
        return ERR_FAIL;
    uint32_t start[2] = {0, a.count};
    ret->error_m = ROUNDING_M + CURVE_TOLERANCE_M;
    return outline_region(&a, start, 1, s->arena, &ret->region, err);
}

/* ---- buffer and corridor --------------------------------------------------------------------------- */

static enum buffer_hand hand_of(enum hand hand)
{
    switch (hand) {
    case HAND_LEFT:
        return BUFFER_LEFT;
    case HAND_RIGHT:
        return BUFFER_RIGHT;
    case HAND_BOTH:
        break;
    }
    return BUFFER_BOTH;
}

static int shape_buffer(struct shaper *s, const struct expression *e, struct zone_shape *ret,
                        struct err *err)
{
    const struct line *line = &s->agreement->lines[e->buffer.line];
    struct buffer_part *parts = ARENA_ARRAY(s->arena, struct buffer_part, e->buffer.width_count);
    double *lon, *lat;
    size_t n;
    if (line_points(line, s->arena, &lon, &lat, &n, err))
        return ERR_FAIL;
    if (!parts)
        return arena_is_full(err);
    for (uint16_t i = 0; i < e->buffer.width_count; i++) {
        const struct width *w = &e->buffer.widths[i];
        parts[i] = (struct buffer_part){(double)w->from_mm / 1e3, (double)w->to_mm / 1e3,
                                        (double)w->width_mm / 1e3};
    }
    /* the last part reaches the end of the line, whatever its rounded station says */
    parts[e->buffer.width_count - 1].to_m = distance_length_m(s->lines[e->buffer.line]) + 1.0;
    struct buffer buffer = {.lon_deg = lon,
                            .lat_deg = lat,
                            .count = n,
                            .lonlat_edges = line->edges == EDGE_LONLAT,
                            .index = s->lines[e->buffer.line],
                            .parts = parts,
                            .part_count = e->buffer.width_count,
                            .inner_m = (double)e->buffer.inner_mm / 1e3,
                            .hand = hand_of(e->buffer.hand),
                            .flat = e->buffer.cap == CAP_FLAT,
                            .any = e->buffer.step == STEP_ANY,
                            .extend_deg = {line->extend_e7[0] / 1e7, line->extend_e7[1] / 1e7}};
    return buffer_region(&buffer, s->arena, &ret->region, &ret->error_m, err);
}

static int shape_corridor(struct shaper *s, const struct expression *e, struct zone_shape *ret,
                          struct err *err)
{
    double *lon = degrees_of(e->corridor.lon_e9, e->corridor.count, s->arena);
    double *lat = degrees_of(e->corridor.lat_e9, e->corridor.count, s->arena);
    const struct distance_index *index;
    bool lonlat = e->corridor.edges == EDGE_LONLAT;
    if (!lon || !lat)
        return arena_is_full(err);
    if (distance_of_line(lon, lat, e->corridor.count, lonlat, s->arena, &index, err))
        return ERR_FAIL;
    struct buffer_part part = {0.0, distance_length_m(index) + 1.0,
                               (double)e->corridor.halfwidth_mm / 1e3};
    struct buffer buffer = {.lon_deg = lon,
                            .lat_deg = lat,
                            .count = e->corridor.count,
                            .lonlat_edges = lonlat,
                            .index = index,
                            .parts = &part,
                            .part_count = 1,
                            .flat = e->corridor.cap == CAP_FLAT};
    return buffer_region(&buffer, s->arena, &ret->region, &ret->error_m, err);
}

/* ---- sets ------------------------------------------------------------------------------------------- */

static int shape_set(struct shaper *s, const struct expression *e, enum region_op op,
                     struct zone_shape *ret, struct err *err)
{
    if (shape_of(s, e->set.operand[0], ret, err))
        return ERR_FAIL;
    for (uint16_t i = 1; i < e->set.count; i++) {
        struct zone_shape left = *ret, right;
        if (shape_of(s, e->set.operand[i], &right, err) ||
            region_combine(op, &left.region, &right.region, s->arena, &ret->region, err))
            return ERR_FAIL;
        ret->error_m = (left.error_m > right.error_m ? left.error_m : right.error_m) + ROUNDING_M;
    }
    return 0;
}

int shape_of(struct shaper *s, const struct expression *e, struct zone_shape *ret_shape,
             struct err *err)
{
    switch (e->kind) {
    case EXPR_BUFFER:
        return shape_buffer(s, e, ret_shape, err);
    case EXPR_POLYGON:
        return shape_polygon(s, e, ret_shape, err);
    case EXPR_CIRCLE:
        return shape_circle(s, e, ret_shape, err);
    case EXPR_CORRIDOR:
        return shape_corridor(s, e, ret_shape, err);
    case EXPR_LATBAND:
        return shape_latband(s, e, ret_shape, err);
    case EXPR_BETWEEN:
        return shape_between(s, e, ret_shape, err);
    case EXPR_UNION:
        return shape_set(s, e, REGION_UNION, ret_shape, err);
    case EXPR_INTER:
        return shape_set(s, e, REGION_INTER, ret_shape, err);
    case EXPR_MINUS:
        return shape_set(s, e, REGION_MINUS, ret_shape, err);
    case EXPR_ZONE:
        return s->zone(s, e->zone.zone, ret_shape, err);
    case EXPR_AROUND:
    case EXPR_UNRESOLVED:
        *ret_shape = (struct zone_shape){region_empty(), 0.0};
        return 0;
    }
    return err_set(err, EXIT_DATA, "unknown geometry form");
}
