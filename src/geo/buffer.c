#include "geo/buffer.h"

#include "geo/arrange.h"
#include "geo/bisector.h"
#include "geo/cut.h"
#include "geo/offset.h"
#include "num/num.h"

#define STATION_M 1e-6 /* a foot this near to a station is at it */

static double wider(double a, double b)
{
    return a > b ? a : b;
}

/* ---- the definition ------------------------------------------------------------------------------ */

static bool is_beyond_end(const struct buffer *b, struct foot foot)
{
    return b->flat && (foot.station_m <= STATION_M ||
                       foot.station_m >= distance_length_m(b->index) - STATION_M);
}

static bool within_any(const struct buffer *b, double lon_deg, double lat_deg)
{
    for (size_t i = 0; i < b->part_count; i++) {
        const struct buffer_part *part = &b->parts[i];
        if (distance_foot_within(b->index, lon_deg, lat_deg, part->from_m, part->to_m).dist_m <=
            part->width_m)
            return true;
    }
    return false;
}

static double width_at(const struct buffer *b, double station_m)
{
    size_t i = 0;
    while (i + 1 < b->part_count && station_m > b->parts[i].to_m + STATION_M)
        i++;
    return b->parts[i].width_m;
}

bool buffer_within(const struct buffer *b, double lon_deg, double lat_deg)
{
    struct foot foot = distance_foot(b->index, lon_deg, lat_deg);
    if (is_beyond_end(b, foot) || (b->inner_m > 0.0 && foot.dist_m <= b->inner_m))
        return false;
    if (b->any && b->part_count > 1)
        return within_any(b, lon_deg, lat_deg);
    return foot.dist_m <= width_at(b, foot.station_m);
}

/* A buffer in the making. */
struct work {
    const struct buffer *buffer;
    struct legs legs;
    struct cut cut;
    struct edges edges;
};

static bool work_holds(const void *self, double lon_deg, double lat_deg)
{
    const struct work *w = self;
    if (w->buffer->hand != BUFFER_BOTH &&
        cut_is_left(&w->cut, lon_deg, lat_deg) != (w->buffer->hand == BUFFER_LEFT))
        return false;
    return buffer_within(w->buffer, lon_deg, lat_deg);
}

/* ---- drawing ------------------------------------------------------------------------------------- */

static void draw_offsets(struct work *w, size_t i)
{
    const struct buffer *b = w->buffer;
    const struct buffer_part *part = &b->parts[i];
    struct offset offset = {.buffer = b,
                            .legs = &w->legs,
                            .from_m = part->from_m,
                            .to_m = part->to_m,
                            .width_m = part->width_m,
                            .own_part_only = b->any && b->part_count > 1,
                            .cap_from = i || !b->flat,
                            .cap_to = i + 1 < b->part_count || !b->flat,
                            .edges = &w->edges};
    offset_draw(&offset);
}

static void draw_inner(struct work *w)
{
    const struct buffer *b = w->buffer;
    struct offset offset = {.buffer = b,
                            .legs = &w->legs,
                            .to_m = w->legs.length_m,
                            .width_m = b->inner_m,
                            .cap_from = !b->flat,
                            .cap_to = !b->flat,
                            .edges = &w->edges};
    offset_draw(&offset);
}

/* The limit of the part of the line up to to_m, from the line at station_m on. */
static void draw_bisector(struct work *w, double station_m, double to_m, double reach_m)
{
    const struct leg *leg = legs_find(&w->legs, station_m);
    struct bisector bisector = {.index = w->buffer->index,
                                .start = leg_at(leg, station_m - leg->station_m, NULL),
                                .to_m = to_m,
                                .reach_m = reach_m + 100.0,
                                .edges = &w->edges};
    bisector_draw(&bisector);
}

static void draw_bisectors(struct work *w)
{
    const struct buffer *b = w->buffer;
    double length_m = distance_length_m(b->index), widest = 0.0;
    for (size_t i = 0; i < b->part_count; i++)
        widest = wider(widest, b->parts[i].width_m);
    if (b->flat) {
        draw_bisector(w, 0.0, STATION_M, widest);
        draw_bisector(w, length_m, length_m - STATION_M, widest);
    }
    for (size_t i = 0; i + 1 < b->part_count && !b->any; i++)
        if (b->parts[i].width_m != b->parts[i + 1].width_m)
            draw_bisector(w, b->parts[i].to_m, b->parts[i].to_m + STATION_M,
                          wider(b->parts[i].width_m, b->parts[i + 1].width_m));
}

static int draw(struct work *w, struct err *err)
{
    const struct buffer *b = w->buffer;
    for (size_t i = 0; i < b->part_count; i++)
        draw_offsets(w, i);
    if (b->inner_m > 0.0)
        draw_inner(w);
    draw_bisectors(w);
    if (b->hand == BUFFER_BOTH)
        return 0;
    if (cut_make(b, &w->legs, w->edges.arena, &w->cut, err))
        return ERR_FAIL;
    cut_draw(&w->cut, &w->edges);
    return 0;
}

/* ---- the certificate ------------------------------------------------------------------------------- */

struct sample {
    double lon_deg, lat_deg;
    double east, north; /* degrees per metre across the edge */
};

/* By distance alone: an offset curve is as far from where it should be as its distance from the
 * width. A large value says nothing: the sample may be on another kind of boundary. */
static double error_by_width(const struct buffer *b, double dist_m)
{
    double least = 1e30;
    for (size_t i = 0; i < b->part_count; i++) {
        double off = dist_m - b->parts[i].width_m;
        off = off < 0 ? -off : off;
        least = off < least ? off : least;
    }
    return least;
}

/*
 * By definition: how far across the edge the answer first differs from that at the sample. In
 * small steps near by, since the tip of a wedge between two bisectors is thin.
 */
#define ERROR_STEP_M 0.0005
#define ERROR_NEAR_M 0.05
#define ERROR_NONE_M 1000.0 /* nothing within 10 m: this edge bounds nothing */

static bool differs_at(const struct work *w, const struct sample *s, bool here, double off_m)
{
    double x = s->east * off_m, y = s->north * off_m;
    return work_holds(w, s->lon_deg + x, s->lat_deg + y) != here ||
           work_holds(w, s->lon_deg - x, s->lat_deg - y) != here;
}

static double error_by_definition(const struct work *w, const struct sample *s)
{
    static const double far_m[] = {0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0};
    bool here = work_holds(w, s->lon_deg, s->lat_deg);
    for (int i = 1; i * ERROR_STEP_M <= ERROR_NEAR_M; i++)
        if (differs_at(w, s, here, i * ERROR_STEP_M))
            return i * ERROR_STEP_M;
    for (size_t i = 0; i < sizeof far_m / sizeof *far_m; i++)
        if (differs_at(w, s, here, far_m[i]))
            return far_m[i];
    return ERROR_NONE_M;
}

#define ERROR_FINE_M 0.012 /* as much as rounding and chords explain: not looked at twice */

static double error_at(const struct work *w, const struct sample *s, double dist_m)
{
    double by_width = error_by_width(w->buffer, dist_m);
    if (by_width <= ERROR_FINE_M)
        return by_width;
    double by_definition = error_by_definition(w, s);
    return by_definition < by_width ? by_definition : by_width;
}

/* Samples of neighbouring edges, whose distances are taken together. */
#define BATCH 256

struct batch {
    struct sample sample[BATCH];
    double lon_deg[BATCH], lat_deg[BATCH];
    struct foot foot[BATCH];
    size_t count;
    double worst;
};

static void batch_measure(const struct work *w, struct batch *batch)
{
    distance_feet(w->buffer->index, batch->lon_deg, batch->lat_deg, batch->count, batch->foot);
    for (size_t i = 0; i < batch->count; i++)
        batch->worst = wider(batch->worst, error_at(w, &batch->sample[i], batch->foot[i].dist_m));
    batch->count = 0;
}

static void batch_add_edge(const struct work *w, struct batch *batch, struct vertex a,
                           struct vertex b)
{
    double lat = (a.lat_e7 / 1e7 + b.lat_e7 / 1e7) / 2, meridian, transverse;
    geodesic_radii(lat, &meridian, &transverse);
    double per_lat = num_radians(meridian);
    double per_lon = num_radians(transverse * num_cos(num_radians(lat))) + 1e-3;
    double x = (b.lon_e7 - (double)a.lon_e7) * per_lon, y = (b.lat_e7 - (double)a.lat_e7) * per_lat;
    double length = num_sqrt(x * x + y * y);
    if (batch->count + BUFFER_SAMPLES > BATCH)
        batch_measure(w, batch);
    for (int k = 0; k < BUFFER_SAMPLES; k++) {
        double t = (k + 0.5) / BUFFER_SAMPLES;
        struct sample s = {(a.lon_e7 + (b.lon_e7 - (double)a.lon_e7) * t) / 1e7,
                           (a.lat_e7 + (b.lat_e7 - (double)a.lat_e7) * t) / 1e7,
                           y / length / per_lon, -x / length / per_lat};
        batch->lon_deg[batch->count] = s.lon_deg;
        batch->lat_deg[batch->count] = s.lat_deg;
        batch->sample[batch->count++] = s;
    }
}

static bool error_of_region(const struct work *w, const struct region *r, double *ret_error_m)
{
    struct batch *batch = ARENA_ARRAY(w->edges.arena, struct batch, 1);
    if (!batch)
        return false;
    for (uint32_t ring = 0; ring < r->ring_count; ring++) {
        uint32_t start = r->ring_start[ring], end = r->ring_start[ring + 1];
        for (uint32_t i = start, last = end - 1; i < end; last = i++)
            batch_add_edge(w, batch, (struct vertex){r->lon_e7[last], r->lat_e7[last]},
                           (struct vertex){r->lon_e7[i], r->lat_e7[i]});
    }
    batch_measure(w, batch);
    *ret_error_m = batch->worst;
    return true;
}

/* ---- all of it -------------------------------------------------------------------------------------- */

static int make(struct work *w, struct arena *arena, struct region *ret_region, double *ret_error_m,
                struct err *err)
{
    const struct buffer *b = w->buffer;
    if (legs_of_line(b->lon_deg, b->lat_deg, b->count, b->lonlat_edges, w->edges.arena, &w->legs,
                     err) ||
        draw(w, err) || arrange(&w->edges, (struct shape){work_holds, w}, arena, ret_region, err))
        return ERR_FAIL;
    if (!error_of_region(w, ret_region, ret_error_m))
        return err_set(err, EXIT_DATA, "the memory limit is reached; simplify the line");
    return 0;
}

int buffer_region(const struct buffer *buffer, struct arena *arena, struct region *ret_region,
                  double *ret_error_m, struct err *err)
{
    struct arena scratch;
    arena_init(&scratch, arena->limit, arena->grow, arena->drop);
    struct work work = {.buffer = buffer};
    edges_init(&work.edges, &scratch);
    int rc = make(&work, arena, ret_region, ret_error_m, err);
    arena_release(&scratch);
    return rc;
}
