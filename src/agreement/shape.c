#include "agreement/shape.h"

#include <string.h>

#include "geo/arrange.h"
#include "geo/buffer.h"
#include "geo/legs.h"
#include "geo/offset.h"

static int arena_is_full(struct err *err)
{
    return err_set(err, EXIT_DATA, "the memory limit is reached; simplify the geometry");
}

/* Its curve would go all round the plane of longitudes: refused, not given wrong. */
static int refuse_pole(struct err *err)
{
    return err_set(err, EXIT_DATA,
                   "it holds a pole: zones round a pole are not compiled; give it as a latband");
}

double *degrees_of(const int64_t *e9, size_t count, struct arena *arena)
{
    double *degrees = ARENA_ARRAY(arena, double, count + 1);
    for (size_t i = 0; degrees && i < count; i++)
        degrees[i] = (double)e9[i] / 1e9;
    return degrees;
}

/* ---- rings of straight pieces ------------------------------------------------------------------ */

/* Rings in the making. */
struct path {
    struct vertex *vertex;
    uint32_t count, cap;
    struct arena *arena;
};

static bool path_put(struct path *o, struct vertex v)
{
    if (o->count == o->cap) {
        uint32_t cap = o->cap ? o->cap * 2 : 64;
        struct vertex *vertex = ARENA_ARRAY(o->arena, struct vertex, cap);
        if (!vertex)
            return false;
        if (o->count)
            memcpy(vertex, o->vertex, o->count * sizeof *vertex);
        o->vertex = vertex;
        o->cap = cap;
    }
    o->vertex[o->count++] = v;
    return true;
}

static bool path_add(struct path *o, struct place place)
{
    return path_put(o, vertex_at(place));
}

/* A walk along geodesics, in chords that stay within CURVE_TOLERANCE_M; without its last point. */
static bool path_walk(struct path *o, const struct legs *legs)
{
    for (size_t i = 0; i < legs->count; i++) {
        const struct leg *leg = &legs->leg[i];
        size_t chords = chords_of_leg(leg);
        for (size_t k = 0; k < chords; k++)
            if (!path_add(o, leg_chord(leg, k, chords)))
                return false;
    }
    return true;
}

static int path_outline(struct path *o, const uint32_t *start, uint32_t rings, struct arena *arena,
                        struct outline *ret_outline, struct err *err)
{
    struct outline as_written = {rings, start, o->vertex, NULL};
    return outline_from_rings(&as_written, arena, ret_outline, err);
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

static int polygon_ring(const struct expression *e, uint32_t ring, struct path *path,
                        struct err *err)
{
    double *lon, *lat;
    size_t n;
    struct legs legs;
    if (!ring_degrees(e, ring, path->arena, &lon, &lat, &n))
        return arena_is_full(err);
    if (lon[n - 2] - lon[0] > 180.0 || lon[n - 2] - lon[0] < -180.0)
        return refuse_pole(err);
    if (e->polygon.edges == EDGE_GEODESIC) {
        if (legs_of_line(lon, lat, n, false, path->arena, &legs, err))
            return ERR_FAIL;
        return path_walk(path, &legs) ? 0 : arena_is_full(err);
    }
    for (size_t i = 0; i + 1 < n; i++)
        if (!path_add(path, (struct place){lon[i], lat[i]}))
            return arena_is_full(err);
    return 0;
}

static int shape_polygon(struct shaper *s, const struct expression *e, struct zone_shape *ret,
                         struct err *err)
{
    struct path path = {.arena = s->arena};
    uint32_t *start = ARENA_ARRAY(s->arena, uint32_t, e->polygon.ring_count + 1);
    if (!start)
        return arena_is_full(err);
    for (uint32_t ring = 0; ring < e->polygon.ring_count; ring++) {
        start[ring] = path.count;
        if (polygon_ring(e, ring, &path, err))
            return ERR_FAIL;
    }
    start[e->polygon.ring_count] = path.count;
    ret->error_m = e->polygon.edges == EDGE_GEODESIC ? CURVE_TOLERANCE_M : 0.0;
    return path_outline(&path, start, e->polygon.ring_count, s->arena, &ret->outline, err);
}

/* ---- circle, band, between ------------------------------------------------------------------------ */

struct circle {
    struct place center;
    double radius_m;
};

static unsigned circle_holds(const void *self, double lon_deg, double lat_deg)
{
    const struct circle *c = self;
    double dist_m;
    return !geodesic_inverse(c->center.lat_deg, c->center.lon_deg, lat_deg, lon_deg, &dist_m, NULL,
                             NULL) &&
           dist_m <= c->radius_m;
}

static double apart_m(struct place a, struct place b)
{
    double dist_m = GEODESIC_INVERSE_MAX_M;
    (void)geodesic_inverse(a.lat_deg, a.lon_deg, b.lat_deg, b.lon_deg, &dist_m, NULL, NULL);
    return dist_m;
}

static int shape_circle(struct shaper *s, const struct expression *e, struct zone_shape *ret,
                        struct err *err)
{
    struct circle circle = {{(double)e->circle.lon_e9 / 1e9, (double)e->circle.lat_e9 / 1e9},
                            (double)e->circle.radius_mm / 1e3};
    struct place pole = {circle.center.lon_deg, circle.center.lat_deg < 0 ? -90.0 : 90.0};
    if (apart_m(circle.center, pole) <= circle.radius_m)
        return refuse_pole(err);
    struct arena scratch;
    arena_init(&scratch, s->arena->limit, s->arena->grow, s->arena->drop);
    struct edges edges;
    edges_init(&edges, &scratch);
    circle_draw(circle.center, circle.radius_m, &edges);
    int rc =
        arrange(&edges, (struct shape){circle_holds, &circle, 1}, s->arena, &ret->outline, err);
    arena_release(&scratch);
    ret->error_m = CURVE_TOLERANCE_M;
    return rc;
}

static bool path_box(struct path *o, double west, double east, double south, double north)
{
    return path_add(o, (struct place){west, south}) && path_add(o, (struct place){east, south}) &&
           path_add(o, (struct place){east, north}) && path_add(o, (struct place){west, north});
}

/* Across the antimeridian the band is two boxes, one on each side of it. */
static int shape_latband(struct shaper *s, const struct expression *e, struct zone_shape *ret,
                         struct err *err)
{
    double west = (double)e->latband.west_e9 / 1e9, east = (double)e->latband.east_e9 / 1e9;
    double south = (double)e->latband.south_e9 / 1e9, north = (double)e->latband.north_e9 / 1e9;
    static const uint32_t start[] = {0, 4, 8};
    struct path path = {.arena = s->arena};
    bool across = west > east;
    if (!path_box(&path, west, across ? 180.0 : east, south, north) ||
        (across && !path_box(&path, -180.0, east, south, north)))
        return arena_is_full(err);
    ret->error_m = 0.0;
    return path_outline(&path, start, across ? 2 : 1, s->arena, &ret->outline, err);
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

static int walk_line(struct shaper *s, const struct line *line, const struct place *near,
                     struct path *path, struct place *ret_end, struct err *err)
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
    return path_walk(path, &legs) ? 0 : arena_is_full(err);
}

/* The straight way between two places, its first point included. */
static int walk_between(struct shaper *s, struct place from, struct place to, struct path *path,
                        struct err *err)
{
    double lon[2] = {from.lon_deg, to.lon_deg}, lat[2] = {from.lat_deg, to.lat_deg};
    struct legs legs;
    if (apart_m(from, to) == 0.0)
        return 0;
    if (legs_of_line(lon, lat, 2, false, s->arena, &legs, err))
        return ERR_FAIL;
    return path_walk(path, &legs) ? 0 : arena_is_full(err);
}

static struct place path_place(const struct path *o, uint32_t i)
{
    return (struct place){(double)o->vertex[i].lon_e9 / 1e9, (double)o->vertex[i].lat_e9 / 1e9};
}

static int shape_between(struct shaper *s, const struct expression *e, struct zone_shape *ret,
                         struct err *err)
{
    struct path a = {.arena = s->arena}, b = {.arena = s->arena};
    struct place end_a, end_b;
    const struct line *lines = s->agreement->lines;
    if (walk_line(s, &lines[e->between.line_a], NULL, &a, &end_a, err) ||
        walk_line(s, &lines[e->between.line_b], &end_a, &b, &end_b, err) ||
        walk_between(s, end_a, path_place(&b, 0), &a, err))
        return ERR_FAIL;
    struct place first_a = path_place(&a, 0);
    for (uint32_t i = 0; i < b.count; i++)
        if (!path_put(&a, b.vertex[i]))
            return arena_is_full(err);
    if (walk_between(s, end_b, first_a, &a, err))
        return ERR_FAIL;
    uint32_t start[2] = {0, a.count};
    ret->error_m = CURVE_TOLERANCE_M;
    return path_outline(&a, start, 1, s->arena, &ret->outline, err);
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

/* A buffer that was drawn, with all its hands. */
struct hands {
    const struct expression *expression;
    struct buffer_outlines made;
    struct hands *older;
};

static bool same_widths(const struct expression *a, const struct expression *b)
{
    if (a->buffer.width_count != b->buffer.width_count)
        return false;
    for (uint16_t i = 0; i < a->buffer.width_count; i++) {
        const struct width *p = &a->buffer.widths[i], *q = &b->buffer.widths[i];
        if (p->from_mm != q->from_mm || p->to_mm != q->to_mm || p->width_mm != q->width_mm)
            return false;
    }
    return true;
}

/* The same but for the hand, and both with one. */
static bool same_but_for_hand(const struct expression *a, const struct expression *b)
{
    return (a->buffer.hand == HAND_BOTH) == (b->buffer.hand == HAND_BOTH) &&
           a->buffer.line == b->buffer.line && a->buffer.inner_mm == b->buffer.inner_mm &&
           a->buffer.cap == b->buffer.cap && a->buffer.step == b->buffer.step && same_widths(a, b);
}

static const struct hands *find_hands(const struct shaper *s, const struct expression *e)
{
    const struct hands *hands = s->hands;
    while (hands && !same_but_for_hand(hands->expression, e))
        hands = hands->older;
    return hands;
}

static struct zone_shape hand_shape(const struct hands *hands, const struct expression *e)
{
    int hand = e->buffer.hand == HAND_RIGHT;
    return (struct zone_shape){hands->made.outline[hand], hands->made.error_m[hand]};
}

static int shape_buffer(struct shaper *s, const struct expression *e, struct zone_shape *ret,
                        struct err *err)
{
    const struct line *line = &s->agreement->lines[e->buffer.line];
    struct buffer_part *parts = ARENA_ARRAY(s->arena, struct buffer_part, e->buffer.width_count);
    const struct hands *drawn = find_hands(s, e);
    double *lon, *lat;
    size_t n;
    if (drawn) {
        *ret = hand_shape(drawn, e);
        return 0;
    }
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
    struct hands *hands = ARENA_ARRAY(s->arena, struct hands, 1);
    if (!hands)
        return arena_is_full(err);
    if (buffer_outlines(&buffer, s->arena, &hands->made, err))
        return ERR_FAIL;
    hands->expression = e;
    hands->older = s->hands;
    s->hands = hands;
    *ret = hand_shape(hands, e);
    return 0;
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
    struct buffer_outlines made;
    if (buffer_outlines(&buffer, s->arena, &made, err))
        return ERR_FAIL;
    *ret = (struct zone_shape){made.outline[0], made.error_m[0]};
    return 0;
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
            outline_combine(op, &left.outline, &right.outline, s->arena, &ret->outline, err))
            return ERR_FAIL;
        ret->error_m = left.error_m > right.error_m ? left.error_m : right.error_m;
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
        *ret_shape = (struct zone_shape){.error_m = 0.0};
        return 0;
    }
    return err_set(err, EXIT_DATA, "unknown geometry form");
}
