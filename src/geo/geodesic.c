#include "geo/geodesic.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "num/num.h"

/*
 * Names follow the paper: bet reduced latitude, alp azimuth, sig arc on the auxiliary sphere from
 * the equator, omg longitude on it, lam longitude on the ellipsoid, tau distance in units of arc;
 * 0 is the equator, 1 and 2 the two ends, 12 from one to the other; s and c before them sine and
 * cosine. "(n)" is equation n of Karney 2013.
 */
#define A   GEODESIC_WGS84_A
#define F   GEODESIC_WGS84_F
#define F1  (1.0 - F)
#define B   (A * F1)
#define E2  (F * (2.0 - F))  /* first eccentricity, squared */
#define EP2 (E2 / (F1 * F1)) /* second eccentricity, squared */
#define N   (F / (2.0 - F))  /* third flattening */

#define C1_ORDER 5
#define C3_ORDER 4

/* Stands for the cosine of latitude at a pole, so that the azimuth keeps its meaning there; its
 * square is still a normal number. */
#define TINY 1e-150

/* cos 1.6: an arc beyond that is longer than 1.6 B = 10,171 km less 0.4 %, surely refused. */
#define ARC_MAX_COS (-0.0292)

/* Newton's error after a step d is below f e'^2 d + f d^2, so a step this short is the last. */
#define STEP_LAST 1e-12
#define STEPS_MAX 8

static double hypotenuse(double x, double y)
{
    return num_sqrt(x * x + y * y);
}

static void normalise(double *x, double *y)
{
    double r = hypotenuse(*x, *y);
    *x /= r;
    *y /= r;
}

static double nearest(double x)
{
    return (double)(int64_t)(x < 0 ? x - 0.5 : x + 0.5);
}

static void put(double *ret, double value)
{
    if (ret)
        *ret = value;
}

/* Sine and cosine of degrees, exact at multiples of 90. */
static void sincos_deg(double deg, double *ret_sin, double *ret_cos)
{
    double quarter = nearest(deg / 90.0), s, c;
    num_sincos(num_radians(deg - 90.0 * quarter), &s, &c);
    int64_t turn = (int64_t)quarter;
    bool swap = turn & 1, sin_negative = turn & 2, cos_negative = (turn + 1) & 2;
    double sine = swap ? c : s, cosine = swap ? s : c;
    *ret_sin = sin_negative ? -sine : sine;
    *ret_cos = cos_negative ? -cosine : cosine;
}

/* b - a the short way round. What the subtraction loses (Knuth's two-sum tells) is put back after
 * the turn is taken off: across the antimeridian it would be 6 nm. */
static double lon_difference(double a_deg, double b_deg)
{
    double sum = b_deg - a_deg, a_part = sum - b_deg, b_part = sum - a_part;
    double lost = (b_deg - b_part) - (a_deg + a_part);
    return (sum - 360.0 * nearest(sum / 360.0)) + lost;
}

/* tan bet = (1 - f) tan lat */
static void reduced_latitude(double lat_deg, double *ret_sbet, double *ret_cbet)
{
    double s, c;
    sincos_deg(lat_deg, &s, &c);
    s *= F1;
    c = c > TINY ? c : TINY;
    normalise(&s, &c);
    *ret_sbet = s;
    *ret_cbet = c;
}

static double latitude_deg(double sbet, double cbet)
{
    return num_degrees(num_atan2(sbet, F1 * cbet));
}

/* c[1] sin 2 sig + c[2] sin 4 sig + ... by Clenshaw's recurrence. */
static double sin_series(const double *c, int order, double ssig, double csig)
{
    double twice_cos = 2 * (csig - ssig) * (csig + ssig), next = 0, sum = 0;
    for (int k = order; k > 0; k--) {
        double now = c[k] + twice_cos * sum - next;
        next = sum;
        sum = now;
    }
    return 2 * ssig * csig * sum;
}

/* eps of (16): k^2 = e'^2 cos^2 alp0. */
static double epsilon(double calp0)
{
    double k2 = EP2 * calp0 * calp0;
    return k2 / (2 * (1 + num_sqrt(1 + k2)) + k2);
}

/* (17): distance per arc. */
static double a1(double eps)
{
    double e2 = eps * eps;
    return (1 + e2 * (1.0 / 4 + e2 / 64)) / (1 - eps);
}

/* (18): tau - sig. */
static void c1_fill(double eps, double c[C1_ORDER + 1])
{
    double e2 = eps * eps, e3 = e2 * eps;
    c[1] = eps * (-1.0 / 2 + e2 * (3.0 / 16 - e2 / 32));
    c[2] = e2 * (-1.0 / 16 + e2 / 32);
    c[3] = e3 * (-1.0 / 48 + e2 * (3.0 / 256));
    c[4] = e2 * e2 * (-5.0 / 512);
    c[5] = e2 * e3 * (-7.0 / 1280);
}

/* (21): sig - tau. */
static void c1p_fill(double eps, double c[C1_ORDER + 1])
{
    double e2 = eps * eps, e3 = e2 * eps;
    c[1] = eps * (1.0 / 2 + e2 * (-9.0 / 32 + e2 * (205.0 / 1536)));
    c[2] = e2 * (5.0 / 16 + e2 * (-37.0 / 96));
    c[3] = e3 * (29.0 / 96 + e2 * (-75.0 / 128));
    c[4] = e2 * e2 * (539.0 / 1536);
    c[5] = e2 * e3 * (3467.0 / 7680);
}

/* (24): longitude per arc; the factor f before it makes order 4 enough, here and in (25). */
static double a3(double eps)
{
    return 1 -
           eps * ((1.0 / 2 - N / 2) + eps * ((1.0 / 4 + N / 8 - 3 * N * N / 8) +
                                             eps * ((1.0 / 16 + 3 * N / 16) + eps * (3.0 / 64))));
}

/* (25) */
static void c3_fill(double eps, double c[C3_ORDER + 1])
{
    double e2 = eps * eps;
    c[1] = eps * ((1.0 / 4 - N / 4) + eps * ((1.0 / 8 - N * N / 8) +
                                             eps * ((3.0 / 64 + 3 * N / 64) + eps * (5.0 / 128))));
    c[2] = e2 *
           ((1.0 / 16 - 3 * N / 32 + N * N / 32) + eps * ((3.0 / 64 - N / 32) + eps * (3.0 / 128)));
    c[3] = e2 * eps * ((5.0 / 192 - 3 * N / 64) + eps * (3.0 / 128));
    c[4] = e2 * e2 * (7.0 / 512);
}

/*
 * sig less the longitude on the sphere it spans from the equator, for a line going east:
 * tan omg = sin alp0 tan sig, and both lie in the same quadrant, so their difference needs no
 * unrolling.
 */
static double turn(double sin_alp0, double cos_alp0, double ssig, double csig)
{
    double east = sin_alp0 < 0 ? -sin_alp0 : sin_alp0;
    double rest = cos_alp0 * cos_alp0 / (1 + east); /* 1 - east */
    return num_atan2(rest * ssig * csig, csig * csig + east * ssig * ssig);
}

void geodesic_line_init(struct geodesic_line *line, double lat_deg, double lon_deg, double azi_deg)
{
    double sbet, cbet, salp, calp, c1[C1_ORDER + 1], s, c;
    reduced_latitude(lat_deg, &sbet, &cbet);
    sincos_deg(azi_deg, &salp, &calp);
    line->lon_deg = lon_deg;
    line->sin_alp0 = salp * cbet;
    line->cos_alp0 = hypotenuse(calp, salp * sbet);
    line->sin_sig1 = sbet;
    line->cos_sig1 = sbet != 0 || calp != 0 ? calp * cbet : 1; /* along the equator: start at 0 */
    normalise(&line->sin_sig1, &line->cos_sig1);
    double eps = epsilon(line->cos_alp0);
    c1_fill(eps, c1);
    c1p_fill(eps, line->c1p);
    c3_fill(eps, line->c3);
    line->metres = B * a1(eps);
    line->shrink = F * line->sin_alp0 * a3(eps);
    line->b1_start = sin_series(c1, C1_ORDER, line->sin_sig1, line->cos_sig1);
    line->b3_start = sin_series(line->c3, C3_ORDER, line->sin_sig1, line->cos_sig1);
    line->turn_start = turn(line->sin_alp0, line->cos_alp0, line->sin_sig1, line->cos_sig1);
    num_sincos(line->b1_start, &s, &c);
    line->sin_tau1 = line->sin_sig1 * c + line->cos_sig1 * s;
    line->cos_tau1 = line->cos_sig1 * c - line->sin_sig1 * s;
}

/* The arc that a distance spans: (20), tau back to sig. */
static double arc_of_distance(const struct geodesic_line *line, double s_m)
{
    double tau12 = s_m / line->metres, s, c;
    num_sincos(tau12, &s, &c);
    double stau2 = line->sin_tau1 * c + line->cos_tau1 * s;
    double ctau2 = line->cos_tau1 * c - line->sin_tau1 * s;
    return tau12 + (line->b1_start + sin_series(line->c1p, C1_ORDER, stau2, ctau2));
}

void geodesic_line_at(const struct geodesic_line *line, double s_m, double *ret_lat_deg,
                      double *ret_lon_deg, double *ret_azi_deg)
{
    double sig12 = arc_of_distance(line, s_m), s, c;
    num_sincos(sig12, &s, &c);
    double ssig2 = line->sin_sig1 * c + line->cos_sig1 * s;
    double csig2 = line->cos_sig1 * c - line->sin_sig1 * s;
    double cbet2 = hypotenuse(line->sin_alp0, line->cos_alp0 * csig2);
    if (cbet2 < TINY) /* on a pole, and on a meridian */
        cbet2 = csig2 = TINY;
    double lean = sig12 - (turn(line->sin_alp0, line->cos_alp0, ssig2, csig2) - line->turn_start);
    double omg12 = line->sin_alp0 < 0 ? -lean : lean;
    double b3 = sin_series(line->c3, C3_ORDER, ssig2, csig2) - line->b3_start;
    put(ret_lat_deg, latitude_deg(line->cos_alp0 * ssig2, cbet2));
    put(ret_lon_deg, line->lon_deg + num_degrees(omg12 - line->shrink * (sig12 + b3)));
    put(ret_azi_deg, num_degrees(num_atan2(line->sin_alp0, line->cos_alp0 * csig2)));
}

void geodesic_direct(double lat_deg, double lon_deg, double azi_deg, double s_m,
                     double *ret_lat_deg, double *ret_lon_deg, double *ret_azi_deg)
{
    struct geodesic_line line;
    geodesic_line_init(&line, lat_deg, lon_deg, azi_deg);
    geodesic_line_at(&line, s_m, ret_lat_deg, ret_lon_deg, ret_azi_deg);
}

/* What the inverse problem is given, on the sphere but for lam. */
struct ends {
    double sbet1, cbet1, sbet2, cbet2, lam12;
    double sbet12; /* sin(bet2 - bet1) */
};

/* A great circle between them. */
struct arc {
    double salp1, calp1, salp2, calp2;
    double sig12, ssig12;
    double salp0, calp0, ssig1, csig1, ssig2, csig2;
};

/* The two ends' places on the great circle, from its equator crossing. */
static void arc_place(const struct ends *ends, struct arc *arc)
{
    arc->salp0 = arc->salp1 * ends->cbet1;
    arc->calp0 = hypotenuse(arc->calp1, arc->salp1 * ends->sbet1);
    arc->ssig1 = ends->sbet1;
    arc->csig1 = arc->calp1 * ends->cbet1;
    arc->ssig2 = ends->sbet2;
    arc->csig2 = arc->calp2 * ends->cbet2;
    if (arc->ssig1 == 0 && arc->csig1 == 0) /* along the equator: its origin is anywhere */
        arc->csig1 = 1;
    if (arc->ssig2 == 0 && arc->csig2 == 0)
        arc->csig2 = 1;
    normalise(&arc->ssig1, &arc->csig1);
    normalise(&arc->ssig2, &arc->csig2);
}

/* The great circle if the longitude between the ends on the sphere is omg12. Without the
 * cancellation of the school formulas when the ends are close. False when they coincide. */
static bool arc_draw(const struct ends *ends, double omg12, struct arc *arc)
{
    double somg, comg;
    num_sincos(omg12, &somg, &comg);
    double versine = comg > 0 ? somg * somg / (1 + comg) : 1 - comg; /* 1 - cos omg */
    double y1 = ends->cbet2 * somg, x1 = ends->sbet12 + ends->cbet2 * ends->sbet1 * versine;
    double y2 = ends->cbet1 * somg, x2 = ends->sbet12 - ends->cbet1 * ends->sbet2 * versine;
    arc->ssig12 = hypotenuse(x1, y1);
    double csig12 = ends->sbet1 * ends->sbet2 + ends->cbet1 * ends->cbet2 * comg;
    if (arc->ssig12 < 4 * TINY) /* at a pole two longitudes are 2 TINY apart */
        return false;
    arc->sig12 = num_atan2(arc->ssig12, csig12);
    arc->salp1 = y1 / arc->ssig12;
    arc->calp1 = x1 / arc->ssig12;
    arc->salp2 = y2 / arc->ssig12;
    arc->calp2 = x2 / arc->ssig12;
    arc_place(ends, arc);
    return true;
}

/* Newton's step towards the omg12 whose longitude (8) on the ellipsoid is lam12. */
static double arc_step(const struct ends *ends, const struct arc *arc, double omg12)
{
    double eps = epsilon(arc->calp0), c3[C3_ORDER + 1];
    c3_fill(eps, c3);
    double b3 = sin_series(c3, C3_ORDER, arc->ssig2, arc->csig2) -
                sin_series(c3, C3_ORDER, arc->ssig1, arc->csig1);
    double shrink = F * a3(eps);
    double gap = omg12 - ends->lam12 - shrink * arc->salp0 * (arc->sig12 + b3);
    double bend = ends->cbet1 * arc->calp1 * ends->cbet2 * arc->calp2 * arc->sig12 / arc->ssig12;
    return gap / (1 - shrink * (arc->salp0 * arc->salp0 + bend));
}

/* The great circle whose ellipsoidal image joins the ends; ends not nearly antipodal. */
static void arc_solve(const struct ends *ends, struct arc *arc)
{
    double omg12 = ends->lam12, step = 1;
    for (int i = 0; i < STEPS_MAX && (step < -STEP_LAST || step > STEP_LAST); i++) {
        step = arc_step(ends, arc, omg12);
        omg12 -= step;
        if (!arc_draw(ends, omg12, arc))
            return;
    }
}

static double arc_length_m(const struct arc *arc)
{
    double eps = epsilon(arc->calp0), c1[C1_ORDER + 1];
    c1_fill(eps, c1);
    double b1 = sin_series(c1, C1_ORDER, arc->ssig2, arc->csig2) -
                sin_series(c1, C1_ORDER, arc->ssig1, arc->csig1);
    return B * a1(eps) * (arc->sig12 + b1);
}

/* Before anything is divided by the sine of the arc. */
static bool surely_too_far(const struct ends *ends)
{
    double comg = num_cos(ends->lam12);
    return ends->sbet1 * ends->sbet2 + ends->cbet1 * ends->cbet2 * comg < ARC_MAX_COS;
}

int geodesic_inverse(double lat1_deg, double lon1_deg, double lat2_deg, double lon2_deg,
                     double *ret_s_m, double *ret_azi1_deg, double *ret_azi2_deg)
{
    struct ends ends = {.lam12 = num_radians(lon_difference(lon1_deg, lon2_deg))};
    struct arc arc = {0};
    double s_m = 0;
    reduced_latitude(lat1_deg, &ends.sbet1, &ends.cbet1);
    reduced_latitude(lat2_deg, &ends.sbet2, &ends.cbet2);
    ends.sbet12 = ends.sbet2 * ends.cbet1 - ends.cbet2 * ends.sbet1;
    if (surely_too_far(&ends))
        return -1;
    if (arc_draw(&ends, ends.lam12, &arc)) {
        arc_solve(&ends, &arc);
        s_m = arc_length_m(&arc);
    }
    if (s_m > GEODESIC_INVERSE_MAX_M)
        return -1;
    put(ret_s_m, s_m);
    put(ret_azi1_deg, num_degrees(num_atan2(arc.salp1, arc.calp1)));
    put(ret_azi2_deg, num_degrees(num_atan2(arc.salp2, arc.calp2)));
    return 0;
}

struct ecef geodesic_to_ecef(double lat_deg, double lon_deg)
{
    double slat, clat, slon, clon;
    sincos_deg(lat_deg, &slat, &clat);
    sincos_deg(lon_deg, &slon, &clon);
    double transverse = A / num_sqrt(1 - E2 * slat * slat);
    return (struct ecef){.x_m = transverse * clat * clon,
                         .y_m = transverse * clat * slon,
                         .z_m = transverse * (1 - E2) * slat};
}

void geodesic_from_ecef(struct ecef point, double *ret_lat_deg, double *ret_lon_deg)
{
    double axis_m = hypotenuse(point.x_m, point.y_m);
    double sbet = point.z_m * A, cbet = axis_m * B;
    normalise(&sbet, &cbet);
    double up = point.z_m + EP2 * B * sbet * sbet * sbet;
    double out = axis_m - E2 * A * cbet * cbet * cbet;
    put(ret_lat_deg, num_degrees(num_atan2(up, out)));
    put(ret_lon_deg, num_degrees(num_atan2(point.y_m, point.x_m)));
}

void geodesic_radii(double lat_deg, double *ret_meridian_m, double *ret_transverse_m)
{
    double slat, clat;
    sincos_deg(lat_deg, &slat, &clat);
    double w2 = 1 - E2 * slat * slat, transverse = A / num_sqrt(w2);
    put(ret_meridian_m, transverse * (1 - E2) / w2);
    put(ret_transverse_m, transverse);
}

double geodesic_radius(double lat_deg, double azi_deg)
{
    double salp, calp, meridian_m, transverse_m;
    sincos_deg(azi_deg, &salp, &calp);
    geodesic_radii(lat_deg, &meridian_m, &transverse_m);
    return 1 / (calp * calp / meridian_m + salp * salp / transverse_m);
}
