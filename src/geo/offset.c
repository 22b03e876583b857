#include "geo/offset.h"

#include "num/num.h"

#define EARTH_M 6371008.8

struct vertex vertex_at(struct place place)
{
    double lon = place.lon_deg * 1e9, lat = place.lat_deg * 1e9;
    return (struct vertex){(int64_t)(lon < 0 ? lon - 0.5 : lon + 0.5),
                           (int64_t)(lat < 0 ? lat - 0.5 : lat + 0.5)};
}

/* A chord straight in lon/lat leaves the geodesic by L^2 tan(lat) / 8R; never above 250 m. */
double chord_at_lat_m(double lat_deg)
{
    double sine, cosine;
    num_sincos(num_radians(lat_deg < 0 ? -lat_deg : lat_deg), &sine, &cosine);
    double chord = num_sqrt(8.0 * EARTH_M * CURVE_TOLERANCE_M * cosine / (sine + 1e-3));
    return chord < 250.0 ? chord : 250.0;
}

/* Sagitta L^2 / 8r. Vertices stand half of that outside, so that the chords leave the circle as far
 * to the one side as to the other. */
struct arc_chords {
    double chord_m, lift_m;
};

static struct arc_chords chords_of_arc(double lat_deg, double radius_m)
{
    double chord_m = num_sqrt(8.0 * radius_m * 2.0 * CURVE_TOLERANCE_M);
    double flat_m = chord_at_lat_m(lat_deg);
    chord_m = chord_m < flat_m ? chord_m : flat_m;
    return (struct arc_chords){chord_m, chord_m * chord_m / (16.0 * radius_m)};
}

size_t chords_of_leg(const struct leg *leg)
{
    return (size_t)(leg->length_m / chord_at_lat_m(leg->from.lat_deg)) + 1;
}

struct place leg_chord(const struct leg *leg, size_t k, size_t chords)
{
    return leg_at(leg, leg->length_m * (double)k / (double)chords, NULL);
}

/* Whether a stretch of the curve of length_m with this place in its middle lies wholly nearer than
 * the width to the line. Distance changes by at most the way gone. */
static bool is_covered(const struct offset *o, struct place mid, double length_m)
{
    double limit_m = o->width_m - length_m * 0.5005 - 0.02;
    if (limit_m <= 0.0)
        return false;
    if (!o->own_part_only)
        return !distance_beyond(o->buffer->index, mid.lon_deg, mid.lat_deg, limit_m);
    struct foot foot =
        distance_foot_within(o->buffer->index, mid.lon_deg, mid.lat_deg, o->from_m, o->to_m);
    return foot.dist_m <= limit_m;
}

/* One curve: places by a parameter, and how long a stretch of it is. */
struct curve {
    const struct offset *offset;
    const struct leg *leg; /* parallel: along this leg; arc: NULL */
    double turn_deg;       /* parallel: +90 right, -90 left */
    struct place center;   /* arc */
    double radius_m;       /* arc: that of its vertices, outside it by half the sagitta */
    double chord_m;        /* longest chord to draw */
    double metres;         /* length of the curve per unit of the parameter, at most */
    double from, to;       /* its ends */
};

static struct place curve_at(const struct curve *c, double at)
{
    if (!c->leg)
        return place_from(c->center, at, c->radius_m);
    double azi;
    struct place foot = leg_at(c->leg, at, &azi);
    return place_from(foot, azi + c->turn_deg, c->offset->width_m);
}

struct stretch {
    double from, to;
    struct place a, b;
};

/* Looking whether a stretch is covered costs more than drawing so many chords of it. */
#define CHORDS_UNSEEN 16

/*
 * Places of a stretch by a polynomial through five of it: so short a piece of a curve that bends
 * with a radius r leaves it by 3e-5 r h^5, h = length / r. Where longitudes turn quickly, about a
 * pole, places are computed one by one.
 */
#define FIT_ERROR      1e-4 /* metres: a twentieth of the tolerance of a chord */
#define FIT_LAT_DEG    85.0
#define FIT_SPREAD_DEG 5.0

struct fit {
    double lon[5], lat[5]; /* coefficients of 1, t, t^2, ..., t from 0 to 1 over the stretch */
};

/* Newton's form through t = 0, 1/4, 1/2, 3/4, 1, multiplied out. */
static void fit_values(const double v[5], double c[5])
{
    double d1 = v[1] - v[0], d2 = v[2] - 2 * v[1] + v[0];
    double d3 = v[3] - 3 * v[2] + 3 * v[1] - v[0];
    double d4 = v[4] - 4 * v[3] + 6 * v[2] - 4 * v[1] + v[0];
    c[0] = v[0];
    c[1] = 4 * (d1 - d2 / 2 + d3 / 3 - d4 / 4);
    c[2] = 16 * (d2 / 2 - d3 / 2 + d4 * (11.0 / 24));
    c[3] = 64 * (d3 / 6 - d4 / 4);
    c[4] = 256 * (d4 / 24);
}

static double fit_at(const double c[5], double t)
{
    return c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * c[4])));
}

static bool fit_make(const struct curve *c, struct stretch s, double length_m, struct fit *ret)
{
    double h = length_m / c->offset->width_m, lon[5], lat[5];
    if (c->offset->width_m * 3e-5 * h * h * h * h * h > FIT_ERROR)
        return false;
    for (int i = 0; i < 5; i++) {
        struct place p = curve_at(c, s.from + (s.to - s.from) * i / 4);
        lon[i] = p.lon_deg;
        lat[i] = p.lat_deg;
        double spread = lon[i] - lon[0];
        if (lat[i] * lat[i] > FIT_LAT_DEG * FIT_LAT_DEG ||
            spread * spread > FIT_SPREAD_DEG * FIT_SPREAD_DEG)
            return false;
    }
    fit_values(lon, ret->lon);
    fit_values(lat, ret->lat);
    return true;
}

/* Chords of a stretch: where it begins or ends a curve, whose ends are on it and not outside, the
 * first and the last are divided. */
struct chords {
    const struct curve *curve;
    struct stretch stretch;
    bool fits;
    struct fit fit;
    struct vertex last;
};

static void chord_to(struct chords *c, double t)
{
    const struct stretch *s = &c->stretch;
    struct place p = c->fits ? (struct place){fit_at(c->fit.lon, t), fit_at(c->fit.lat, t)}
                             : curve_at(c->curve, s->from + (s->to - s->from) * t);
    struct vertex v = vertex_at(p);
    edges_add(c->curve->offset->edges, c->last, v, CURVE_OFFSET);
    c->last = v;
}

static void draw_chords(const struct curve *c, struct stretch s, double length_m)
{
    int chords = (int)(length_m / c->chord_m) + 1;
    bool lifted = !c->leg;
    struct chords drawn = {.curve = c, .stretch = s, .last = vertex_at(s.a)};
    drawn.fits = chords > 4 && fit_make(c, s, length_m, &drawn.fit);
    if (lifted && s.from == c->from)
        chord_to(&drawn, 0.5 / chords);
    for (int i = 1; i < chords; i++)
        chord_to(&drawn, (double)i / chords);
    if (lifted && s.to == c->to)
        chord_to(&drawn, 1.0 - 0.5 / chords);
    edges_add(c->offset->edges, drawn.last, vertex_at(s.b), CURVE_OFFSET);
}

static void draw_stretch(const struct curve *c, struct stretch s)
{
    double mid = (s.from + s.to) / 2, length_m = (s.to - s.from) * c->metres;
    struct place m = curve_at(c, mid);
    if (is_covered(c->offset, m, length_m))
        return;
    if (length_m <= c->chord_m * CHORDS_UNSEEN) {
        draw_chords(c, s, length_m);
        return;
    }
    draw_stretch(c, (struct stretch){s.from, mid, s.a, m});
    draw_stretch(c, (struct stretch){mid, s.to, m, s.b});
}

/*
 * Curves that continue one another must share their end vertex to the last bit, or a gap of one
 * unit opens between them. So an end is always computed as this: from a foot and the course of
 * the leg there.
 */
struct end {
    struct place foot;
    double azi_deg;
};

static struct place end_place(const struct offset *o, struct end end, double turn_deg)
{
    return place_from(end.foot, end.azi_deg + turn_deg, o->width_m);
}

static struct end leg_start(const struct leg *leg)
{
    return (struct end){leg->from, leg->azi_deg};
}

static struct end leg_end(const struct leg *leg)
{
    return (struct end){leg->to, leg->azi_end_deg};
}

static struct end leg_end_at(const struct leg *leg, double along_m)
{
    struct end end;
    if (along_m <= 0.0)
        return leg_start(leg);
    if (along_m >= leg->length_m)
        return leg_end(leg);
    end.foot = leg_at(leg, along_m, &end.azi_deg);
    return end;
}

/* Past a flat end the parallel goes on for this long, to be sure to meet the limit of the cap. */
#define OVERLAP_M 1.0

static void draw_overlap(const struct offset *o, struct end end, double turn_deg, double back_m)
{
    struct end past = {place_from(end.foot, end.azi_deg, back_m), end.azi_deg};
    edges_add(o->edges, vertex_at(end_place(o, end, turn_deg)),
              vertex_at(end_place(o, past, turn_deg)), CURVE_OFFSET);
}

static void draw_parallel(const struct offset *o, const struct leg *leg, double turn_deg)
{
    double from = o->from_m - leg->station_m, to = o->to_m - leg->station_m;
    from = from > 0.0 ? from : 0.0;
    to = to < leg->length_m ? to : leg->length_m;
    if (to <= from)
        return;
    /* parallels of a geodesic are shorter or, by less than 2 %, longer than it */
    struct curve c = {.offset = o, .leg = leg, .turn_deg = turn_deg, .metres = 1.02};
    c.from = from;
    c.to = to;
    c.chord_m = chord_at_lat_m(leg->from.lat_deg);
    draw_stretch(&c, (struct stretch){from, to, end_place(o, leg_end_at(leg, from), turn_deg),
                                      end_place(o, leg_end_at(leg, to), turn_deg)});
}

/* Clockwise around the feet of two ends at one place, from one's perpendicular to the other's. */
static void draw_arc(const struct offset *o, struct end from, double from_turn_deg, struct end to,
                     double to_turn_deg, double sweep_deg)
{
    struct arc_chords chords = chords_of_arc(from.foot.lat_deg, o->width_m);
    double start = from.azi_deg + from_turn_deg, end = start + sweep_deg;
    struct curve c = {.offset = o,
                      .center = from.foot,
                      .radius_m = o->width_m + chords.lift_m,
                      .chord_m = chords.chord_m,
                      .metres = num_radians(o->width_m),
                      .from = start,
                      .to = end};
    draw_stretch(&c, (struct stretch){start, end, end_place(o, from, from_turn_deg),
                                      end_place(o, to, to_turn_deg)});
}

/*
 * The inner side of a vertex: the parallels of both legs cross before they end. Where the turn is
 * so small that rounding may undo that, this short edge still joins them; elsewhere it is spare.
 */
static void draw_link(const struct offset *o, const struct leg *before, const struct leg *after,
                      double turn_deg)
{
    struct place a = end_place(o, leg_end(before), turn_deg);
    struct place b = end_place(o, leg_start(after), turn_deg);
    double turn = num_radians(after->azi_deg - before->azi_end_deg);
    double length_m = 2.0 * o->width_m * num_sin(turn / 2);
    length_m = length_m < 0 ? -length_m : length_m;
    struct place mid = {(a.lon_deg + b.lon_deg) / 2, (a.lat_deg + b.lat_deg) / 2};
    if (!is_covered(o, mid, length_m))
        edges_add(o->edges, vertex_at(a), vertex_at(b), CURVE_OFFSET);
}

/* An arc on the outer side of a vertex: left of a turn to the right, and the reverse. */
static void draw_turn(const struct offset *o, const struct leg *before, const struct leg *after)
{
    double turn = after->azi_deg - before->azi_end_deg;
    turn -= 360.0 * (double)(int)((turn + (turn < 0 ? -180.0 : 180.0)) / 360.0);
    if (turn > 0.0)
        draw_arc(o, leg_end(before), -90.0, leg_start(after), -90.0, turn);
    else if (turn < 0.0)
        draw_arc(o, leg_start(after), 90.0, leg_end(before), 90.0, -turn);
    draw_link(o, before, after, turn > 0.0 ? 90.0 : -90.0);
}

/* The end of the part: a half circle, or just enough to meet the limit of a flat cap. */
static void draw_cap(const struct offset *o, double station_m, bool is_start, bool round)
{
    const struct leg *leg = legs_find(o->legs, station_m);
    struct end end = leg_end_at(leg, station_m - leg->station_m);
    double turn_deg = is_start ? 90.0 : -90.0;
    if (round) {
        draw_arc(o, end, turn_deg, end, -turn_deg, 180.0);
        return;
    }
    draw_overlap(o, end, 90.0, is_start ? -OVERLAP_M : OVERLAP_M);
    draw_overlap(o, end, -90.0, is_start ? -OVERLAP_M : OVERLAP_M);
}

void offset_draw(const struct offset *o)
{
    for (size_t i = 0; i < o->legs->count; i++) {
        const struct leg *leg = &o->legs->leg[i];
        if (leg->station_m >= o->to_m || leg->station_m + leg->length_m <= o->from_m)
            continue;
        draw_parallel(o, leg, 90.0);
        draw_parallel(o, leg, -90.0);
        if (i && leg->station_m > o->from_m)
            draw_turn(o, leg - 1, leg);
    }
    draw_cap(o, o->from_m, true, o->cap_from);
    draw_cap(o, o->to_m, false, o->cap_to);
}

void circle_draw(struct place center, double radius_m, struct edges *edges)
{
    struct arc_chords chords = chords_of_arc(center.lat_deg, radius_m);
    int n = (int)(2.0 * NUM_PI * radius_m / chords.chord_m) + 8;
    struct vertex first = vertex_at(place_from(center, 0.0, radius_m + chords.lift_m)),
                  last = first;
    for (int i = 1; i < n; i++) {
        struct vertex v = vertex_at(place_from(center, 360.0 * i / n, radius_m + chords.lift_m));
        edges_add(edges, last, v, CURVE_OFFSET);
        last = v;
    }
    edges_add(edges, last, first, CURVE_OFFSET);
}
