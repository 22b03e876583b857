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

double buffer_reach_m(const struct buffer *buffer)
{
    double reach_m = 0.0;
    for (size_t i = 0; i < buffer->part_count; i++)
        reach_m = wider(reach_m, buffer->parts[i].width_m);
    return reach_m;
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

/* Bit 0: in the buffer or its left hand, bit 1: in its right hand. */
static unsigned work_holds(const void *self, double lon_deg, double lat_deg)
{
    const struct work *w = self;
    if (!buffer_within(w->buffer, lon_deg, lat_deg))
        return 0;
    return w->buffer->hand == BUFFER_BOTH || cut_is_left(&w->cut, lon_deg, lat_deg) ? 1 : 2;
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
    double length_m = distance_length_m(b->index), widest = buffer_reach_m(b);
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

/* The edge that a sample is on. */
struct sample {
    struct vertex a, b;
    uint32_t kind; /* enum curve_kind */
};

/* An offset curve is as far from where it should be as its distance from the width. */
static double error_by_width(const struct buffer *b, double dist_m)
{
    double least = 1e30;
    for (size_t i = 0; i <= b->part_count; i++) {
        double off = dist_m - (i < b->part_count ? b->parts[i].width_m : b->inner_m);
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

struct across {
    const struct work *work;
    double lon_deg, lat_deg, east, north;
    unsigned here;
};

/* From a sample across its edge, in degrees per metre. */
static struct across across_of(const struct work *w, struct sample s, double lon_deg,
                               double lat_deg)
{
    double meridian, transverse;
    geodesic_radii(lat_deg, &meridian, &transverse);
    double per_lat = num_radians(meridian);
    double per_lon = num_radians(transverse * num_cos(num_radians(lat_deg))) + 1e-3;
    double x = (double)(s.b.lon_e9 - s.a.lon_e9) * per_lon;
    double y = (double)(s.b.lat_e9 - s.a.lat_e9) * per_lat;
    double length = num_sqrt(x * x + y * y);
    return (struct across){w,
                           lon_deg,
                           lat_deg,
                           y / length / per_lon,
                           -x / length / per_lat,
                           work_holds(w, lon_deg, lat_deg)};
}

static bool differs_at(const struct across *a, double off_m)
{
    double x = a->east * off_m, y = a->north * off_m;
    return work_holds(a->work, a->lon_deg + x, a->lat_deg + y) != a->here ||
           work_holds(a->work, a->lon_deg - x, a->lat_deg - y) != a->here;
}

static double error_by_definition(const struct across *a)
{
    static const double far_m[] = {0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0};
    for (int i = 1; i * ERROR_STEP_M <= ERROR_NEAR_M; i++)
        if (differs_at(a, i * ERROR_STEP_M))
            return i * ERROR_STEP_M;
    for (size_t i = 0; i < sizeof far_m / sizeof *far_m; i++)
        if (differs_at(a, far_m[i]))
            return far_m[i];
    return ERROR_NONE_M;
}

#define ERROR_FINE_M 0.005 /* more than chords explain: looked at twice */

/* Samples of neighbouring edges, whose distances are taken together. */
#define BATCH 256

struct batch {
    struct sample sample[BATCH];
    double lon_deg[BATCH], lat_deg[BATCH];
    struct foot foot[BATCH];
    size_t count;
    double worst;
};

static double error_at(const struct work *w, const struct batch *batch, size_t i)
{
    uint32_t kind = batch->sample[i].kind;
    double by_width = error_by_width(w->buffer, batch->foot[i].dist_m);
    if (kind == CURVE_EXTENSION) /* straight by definition, as drawn */
        return 0.0;
    if (kind == CURVE_LINE)
        return batch->foot[i].dist_m;
    if (kind == CURVE_OFFSET && by_width <= ERROR_FINE_M)
        return by_width;
    struct across across = across_of(w, batch->sample[i], batch->lon_deg[i], batch->lat_deg[i]);
    double by_definition = error_by_definition(&across);
    return by_definition < by_width ? by_definition : by_width;
}

static void batch_measure(const struct work *w, struct batch *batch)
{
    distance_feet(w->buffer->index, batch->lon_deg, batch->lat_deg, batch->count, batch->foot);
    for (size_t i = 0; i < batch->count; i++)
        batch->worst = wider(batch->worst, error_at(w, batch, i));
    batch->count = 0;
}

static void batch_add_edge(const struct work *w, struct batch *batch, struct sample sample)
{
    struct vertex a = sample.a, b = sample.b;
    if (batch->count + BUFFER_SAMPLES > BATCH)
        batch_measure(w, batch);
    for (int k = 0; k < BUFFER_SAMPLES; k++, batch->count++) {
        double t = (k + 0.5) / BUFFER_SAMPLES;
        batch->lon_deg[batch->count] = ((double)a.lon_e9 + (double)(b.lon_e9 - a.lon_e9) * t) / 1e9;
        batch->lat_deg[batch->count] = ((double)a.lat_e9 + (double)(b.lat_e9 - a.lat_e9) * t) / 1e9;
        batch->sample[batch->count] = sample;
    }
}

static bool error_of_outline(const struct work *w, const struct outline *o, double *ret_error_m)
{
    struct batch *batch = ARENA_ARRAY(w->edges.arena, struct batch, 1);
    if (!batch)
        return false;
    for (uint32_t ring = 0; ring < o->ring_count; ring++) {
        uint32_t start = o->ring_start[ring], end = o->ring_start[ring + 1];
        for (uint32_t i = start, last = end - 1; i < end; last = i++)
            batch_add_edge(w, batch,
                           (struct sample){o->vertex[last], o->vertex[i], o->owner[last]});
    }
    batch_measure(w, batch);
    *ret_error_m = batch->worst;
    return true;
}

/* Taken at once: a buffer of some length needs it. */
#define BUFFER_SCRATCH (24u << 20)

/* ---- all of it -------------------------------------------------------------------------------------- */

/* Curves round a pole would go all round the plane of longitudes: refused, not given wrong. */
static bool holds_pole(const struct buffer *b)
{
    double widest = buffer_reach_m(b);
    return !distance_beyond(b->index, 0.0, 90.0, widest) ||
           !distance_beyond(b->index, 0.0, -90.0, widest);
}

static int make(struct work *w, struct arena *arena, struct buffer_outlines *ret, struct err *err)
{
    const struct buffer *b = w->buffer;
    struct shape shape = {work_holds, w, b->hand == BUFFER_BOTH ? 1 : 2};
    if (holds_pole(b))
        return err_set(
            err, EXIT_DATA,
            "it holds a pole: zones round a pole are not compiled; give it as a latband");
    if (legs_of_line(b->lon_deg, b->lat_deg, b->count, b->lonlat_edges, w->edges.arena, &w->legs,
                     err) ||
        draw(w, err) || arrange(&w->edges, shape, arena, ret->outline, err))
        return ERR_FAIL;
    for (unsigned i = 0; i < shape.count; i++)
        if (!error_of_outline(w, &ret->outline[i], &ret->error_m[i]))
            return err_set(err, EXIT_DATA, "the memory limit is reached; simplify the line");
    return 0;
}

int buffer_outlines(const struct buffer *buffer, struct arena *arena,
                    struct buffer_outlines *ret_outlines, struct err *err)
{
    struct arena scratch;
    arena_init(&scratch, arena->limit, arena->grow, arena->drop);
    arena_reserve(&scratch, BUFFER_SCRATCH);
    struct work work = {.buffer = buffer};
    edges_init(&work.edges, &scratch);
    int rc = make(&work, arena, ret_outlines, err);
    arena_release(&scratch);
    return rc;
}

int buffer_region(const struct buffer *buffer, struct arena *arena, struct region *ret_region,
                  double *ret_error_m, struct err *err)
{
    struct buffer_outlines made;
    double moved_m;
    int hand = buffer->hand == BUFFER_RIGHT;
    if (buffer_outlines(buffer, arena, &made, err) ||
        outline_round(&made.outline[hand], arena, ret_region, &moved_m, err))
        return ERR_FAIL;
    *ret_error_m = made.error_m[hand] + moved_m;
    return 0;
}
