#ifndef AGREEMENT_ARC_H
#define AGREEMENT_ARC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Arcs as airspace files and our `path` write them (docs/format/agreement.md): about a centre, from
 * a point to a point, to the right (clockwise) or to the left. Every point of an arc lies on a
 * geodesic from the centre; its length goes evenly with the azimuth from that of the first end to
 * that of the second one, which differ by rounding.
 */
#define ARC_PIECES_MAX   100000
#define ARC_RADII_APART  10 /* the radii of the two ends differ by a tenth at most */
#define ARC_RADIUS_MIN_M 1.0
#define ARC_RADIUS_MAX_M 2.0e6 /* as every length of an agreement */

struct arc {
    double center_lon, center_lat; /* degrees */
    double from_radius_m, to_radius_m;
    double from_azi; /* degrees */
    double sweep;    /* degrees, positive to the right; +-360 if both ends are one point */
};

/* From its ends (degrees). False: an end is nearer to the centre than 1 m or too far from it, or the radii differ by
 * more than a tenth; *ret_arc then has the radii. */
bool arc_of(const double center[2], const double from[2], const double to[2], bool right,
            struct arc *ret_arc);

/* Pieces that are drawn straight within CURVE_TOLERANCE_M of the arc: 1 to ARC_PIECES_MAX. */
size_t arc_pieces(const struct arc *arc);

/* The end of piece i of n, i from 0 (the start) to n; 1e-9 degree, longitude in [-180, 180]. */
void arc_point(const struct arc *arc, size_t i, size_t n, int64_t *ret_lon_e9, int64_t *ret_lat_e9);

#endif
