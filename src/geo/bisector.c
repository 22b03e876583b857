#include "geo/bisector.h"

#include "geo/offset.h"
#include "num/num.h"

#define FIRST_STEP_M   1.0
#define LONGEST_STEP_M 400.0
#define STEPS_MAX      20000
#define PLACE_M        2e-4 /* a transition is located to this */
#define LEAST_CHORD_M  0.01 /* a kink is not cut finer */

static double length(double x, double y)
{
    return num_sqrt(x * x + y * y);
}

/* Small steps are taken in a plane: east and north metres at the latitude. The error does not
 * matter, since every place is then decided by its nearest point. */
struct plane {
    double metres_per_lat, metres_per_lon;
};

static struct plane plane_at(double lat_deg)
{
    double meridian, transverse;
    geodesic_radii(lat_deg, &meridian, &transverse);
    return (struct plane){num_radians(meridian),
                          num_radians(transverse * num_cos(num_radians(lat_deg))) + 1e-3};
}

static struct place moved(struct place from, struct plane plane, double east_m, double north_m)
{
    return (struct place){from.lon_deg + east_m / plane.metres_per_lon,
                          from.lat_deg + north_m / plane.metres_per_lat};
}

static bool is_before(const struct bisector *b, struct place p)
{
    return distance_foot(b->index, p.lon_deg, p.lat_deg).station_m <= b->to_m;
}

static struct place on_circle(struct place center, struct plane plane, double radius_m,
                              double angle)
{
    double sine, cosine;
    num_sincos(angle, &sine, &cosine);
    return moved(center, plane, radius_m * sine, radius_m * cosine);
}

/* The transition on a circle between two angles that answer differently. */
static double narrow(const struct bisector *b, struct place center, double radius_m, double from,
                     double to)
{
    struct plane plane = plane_at(center.lat_deg);
    bool at_from = is_before(b, on_circle(center, plane, radius_m, from));
    while ((to - from) * radius_m > PLACE_M) {
        double mid = (from + to) / 2;
        if (is_before(b, on_circle(center, plane, radius_m, mid)) == at_from)
            from = mid;
        else
            to = mid;
    }
    return (from + to) / 2;
}

/* A step outwards: where to look for the curve, and which answer it has on its left. */
struct search {
    struct place center;
    double radius_m, heading;
    bool left_is_before;
};

/* Looks at `rays` angles to either side of the heading, up to `spread` off it; of the transitions
 * that have the right answer on their left, takes the one nearest to the heading. */
static bool look(const struct bisector *b, const struct search *s, double spread, int rays,
                 double *ret_heading)
{
    struct plane plane = plane_at(s->center.lat_deg);
    double step = spread / rays, best = 1e9, from = s->heading - spread;
    bool left = is_before(b, on_circle(s->center, plane, s->radius_m, from));
    for (int i = 1; i <= 2 * rays; i++) {
        double to = s->heading - spread + step * i;
        bool right = is_before(b, on_circle(s->center, plane, s->radius_m, to));
        double off = (from + to) / 2 - s->heading;
        off = off < 0 ? -off : off;
        if (left == s->left_is_before && right != left && off < best) {
            best = off;
            *ret_heading = from;
        }
        left = right;
        from = to;
    }
    if (best > 1e8)
        return false;
    *ret_heading = narrow(b, s->center, s->radius_m, *ret_heading, *ret_heading + step);
    return true;
}

/* The curve is smooth but for kinks: a narrow look first, which also tells it from the other
 * border of a thin wedge. */
static bool find_heading(const struct bisector *b, const struct search *s, double *ret_heading)
{
    return look(b, s, 0.02, 1, ret_heading) || look(b, s, 0.2, 4, ret_heading) ||
           look(b, s, 2.4, 48, ret_heading);
}

/* ---- one chord, bent until it lies on the curve ------------------------------------------------- */

struct chord {
    struct place a, b;
    double length_m, east, north; /* unit vector across it, to the right */
    struct plane plane;
    struct place mid;
};

static struct chord chord_of(struct place a, struct place b)
{
    struct chord c = {.a = a, .b = b, .plane = plane_at((a.lat_deg + b.lat_deg) / 2)};
    double east = (b.lon_deg - a.lon_deg) * c.plane.metres_per_lon;
    double north = (b.lat_deg - a.lat_deg) * c.plane.metres_per_lat;
    c.length_m = length(east, north);
    c.mid = (struct place){(a.lon_deg + b.lon_deg) / 2, (a.lat_deg + b.lat_deg) / 2};
    if (c.length_m > 0.0) {
        c.east = north / c.length_m;
        c.north = -east / c.length_m;
    }
    return c;
}

static struct place across(const struct chord *c, double along, double right_m)
{
    struct place at = {c->a.lon_deg + (c->b.lon_deg - c->a.lon_deg) * along,
                       c->a.lat_deg + (c->b.lat_deg - c->a.lat_deg) * along};
    return moved(at, c->plane, c->east * right_m, c->north * right_m);
}

static bool differs_within(const struct bisector *b, const struct chord *c, double along,
                           double off_m)
{
    return is_before(b, across(c, along, off_m)) != is_before(b, across(c, along, -off_m));
}

static bool lies_on_curve(const struct bisector *b, const struct chord *c)
{
    return differs_within(b, c, 0.5, CURVE_TOLERANCE_M) &&
           differs_within(b, c, 0.25, CURVE_TOLERANCE_M) &&
           differs_within(b, c, 0.75, CURVE_TOLERANCE_M);
}

/* The transition across the middle of the chord, as near to it as there is one. */
static bool find_bow(const struct bisector *b, const struct chord *c, struct place *ret_place)
{
    for (double off = 4 * CURVE_TOLERANCE_M; off < c->length_m; off *= 4) {
        if (!differs_within(b, c, 0.5, off))
            continue;
        double from = -off, to = off;
        bool at_from = is_before(b, across(c, 0.5, from));
        while (to - from > PLACE_M) {
            double mid = (from + to) / 2;
            if (is_before(b, across(c, 0.5, mid)) == at_from)
                from = mid;
            else
                to = mid;
        }
        *ret_place = across(c, 0.5, (from + to) / 2);
        return true;
    }
    return false;
}

static void draw_chord(const struct bisector *b, struct place from, struct place to)
{
    struct chord c = chord_of(from, to);
    struct place bow;
    if (c.length_m <= LEAST_CHORD_M ||
        (c.length_m <= chord_at_lat_m(from.lat_deg) && lies_on_curve(b, &c)) ||
        !find_bow(b, &c, &bow)) {
        edges_add(b->edges, vertex_at(from), vertex_at(to), CURVE_LIMIT);
        return;
    }
    draw_chord(b, from, bow);
    draw_chord(b, bow, to);
}

static void follow(const struct bisector *b, double heading, bool left_is_before)
{
    struct search s = {b->start, FIRST_STEP_M, heading, left_is_before};
    double dist_m = 0.0;
    for (int step = 0; step < STEPS_MAX && dist_m <= b->reach_m; step++) {
        s.radius_m = dist_m / 2;
        s.radius_m = s.radius_m < FIRST_STEP_M ? FIRST_STEP_M : s.radius_m;
        s.radius_m = s.radius_m > LONGEST_STEP_M ? LONGEST_STEP_M : s.radius_m;
        if (!find_heading(b, &s, &s.heading))
            return;
        struct place next = on_circle(s.center, plane_at(s.center.lat_deg), s.radius_m, s.heading);
        draw_chord(b, s.center, next);
        s.center = next;
        dist_m = distance_foot(b->index, next.lon_deg, next.lat_deg).dist_m;
    }
}

void bisector_draw(const struct bisector *b)
{
    struct plane plane = plane_at(b->start.lat_deg);
    double step = 2.0 * NUM_PI / 64;
    bool last = is_before(b, on_circle(b->start, plane, FIRST_STEP_M, 0.0));
    for (int i = 1; i <= 64; i++) {
        bool here = is_before(b, on_circle(b->start, plane, FIRST_STEP_M, step * i));
        if (here != last)
            follow(b, step * (i - 0.5), last);
        last = here;
    }
}
