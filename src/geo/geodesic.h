#ifndef GEO_GEODESIC_H
#define GEO_GEODESIC_H

/*
 * Shortest paths on the WGS84 ellipsoid.
 *
 * The method is Karney's (C. F. F. Karney, "Algorithms for geodesics", J. Geodesy 87, 2013): the
 * geodesic is a great circle of the auxiliary sphere; distance and longitude along it are Fourier
 * series whose coefficients are power series in eps <= 0.00168, here to order 5, which leaves out
 * less than 0.2 nm. The arithmetic is + - x / sqrt and num/num.h, so the results have the same
 * bits on every machine.
 *
 * Against PROJ's geodesic.h: below 20 nm in position and length (test/unit/test_geodesic.c).
 *
 * Arguments are degrees and metres, finite, |lat| <= 90, |lon| and |azi| <= 1e6: callers check
 * what came from outside. Azimuths are clockwise from north; at a pole they are relative to the
 * meridian of the longitude given. Every ret_ pointer may be NULL.
 */
#define GEODESIC_WGS84_A 6378137.0
#define GEODESIC_WGS84_F (1.0 / 298.257223563)

/* Longest path that geodesic_inverse answers: nothing in an agreement is longer, and the nearly
 * antipodal case with its ambiguous path never arises. */
#define GEODESIC_INVERSE_MAX_M 1.0e7

/* A geodesic prepared for many points on it: value, no ownership. */
struct geodesic_line {
    double lon_deg;
    double sin_alp0, cos_alp0; /* azimuth where the line crosses the equator */
    /* sig, the arc from there to the start, and tau, the same measured in distance. Sine and cosine
     * of one angle do not stand side by side: gcc 12 with FMA would turn them as one vector and
     * contract that even under -ffp-contract=off. */
    double sin_sig1, sin_tau1, cos_sig1, cos_tau1;
    double metres;             /* per radian of distance */
    double shrink;             /* longitude that the ellipsoid takes from a radian of arc */
    double b1_start, b3_start; /* the series at the start: distance and longitude */
    double turn_start;         /* arc less longitude on the sphere, at the start */
    double c1p[6], c3[5];      /* Fourier coefficients of sin 2k sigma at [k] */
};

void geodesic_line_init(struct geodesic_line *line, double lat_deg, double lon_deg, double azi_deg);

/*
 * The point s_m (negative: backwards) along the line, and the azimuth of the line there. The
 * longitude is continuous from the start's: it may leave [-180, 180). |s_m| <= 4e7.
 */
void geodesic_line_at(const struct geodesic_line *line, double s_m, double *ret_lat_deg,
                      double *ret_lon_deg, double *ret_azi_deg);

/* geodesic_line_init and geodesic_line_at in one. The point at distance w to the right of a foot
 * is the one at azimuth + 90 from it. */
void geodesic_direct(double lat_deg, double lon_deg, double azi_deg, double s_m,
                     double *ret_lat_deg, double *ret_lon_deg, double *ret_azi_deg);

/*
 * Length of the shortest path and its azimuth at both ends (the second one pointing onwards, away
 * from the first point). Coinciding points have length 0 and azimuths 0. Returns -1 and writes
 * nothing when the points are farther apart than GEODESIC_INVERSE_MAX_M.
 */
int geodesic_inverse(double lat1_deg, double lon1_deg, double lat2_deg, double lon2_deg,
                     double *ret_s_m, double *ret_azi1_deg, double *ret_azi2_deg);

/* Earth-centred coordinates: x to 0 E on the equator, z to the north pole. */
struct ecef {
    double x_m, y_m, z_m;
};

/* The point on the ellipsoid. */
struct ecef geodesic_to_ecef(double lat_deg, double lon_deg);

/* The foot on the ellipsoid of a point within 10 km of it (Bowring 1976; error below 1 nm for
 * heights below 100 m, below 1 um up to 10 km). Longitude in [-180, 180]. */
void geodesic_from_ecef(struct ecef point, double *ret_lat_deg, double *ret_lon_deg);

/* Principal radii of curvature: along the meridian, and across it. */
void geodesic_radii(double lat_deg, double *ret_meridian_m, double *ret_transverse_m);

/* Radius of curvature in a direction, by Euler's formula. */
double geodesic_radius(double lat_deg, double azi_deg);

#endif
