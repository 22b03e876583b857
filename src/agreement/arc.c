#include "agreement/arc.h"

#include "geo/buffer.h"
#include "geo/geodesic.h"
#include "num/num.h"

/* Chords take nine tenths of the tolerance: the rest is for their own bow in longitude and
 * latitude, a ten-thousandth of it, and for the radius that changes along the arc. */
#define CHORD_SHARE 0.9
#define TURN_DEG    360.0
#define E9          1e9

bool arc_of(const double center[2], const double from[2], const double to[2], bool right,
            struct arc *ret_arc)
{
    struct arc arc = {.center_lon = center[0], .center_lat = center[1]};
    double to_azi = 0;
    bool measured =
        !geodesic_inverse(center[1], center[0], from[1], from[0], &arc.from_radius_m, &arc.from_azi,
                          NULL) &&
        !geodesic_inverse(center[1], center[0], to[1], to[0], &arc.to_radius_m, &to_azi, NULL);
    arc.sweep = right ? to_azi - arc.from_azi : arc.from_azi - to_azi;
    while (arc.sweep <= 0)
        arc.sweep += TURN_DEG;
    if (!right)
        arc.sweep = -arc.sweep;
    *ret_arc = arc;
    double less = arc.from_radius_m, more = arc.to_radius_m;
    if (less > more) {
        less = arc.to_radius_m;
        more = arc.from_radius_m;
    }
    return measured && less >= ARC_RADIUS_MIN_M && more <= ARC_RADIUS_MAX_M &&
           more - less <= more / ARC_RADII_APART;
}

size_t arc_pieces(const struct arc *arc)
{
    double radius_m = arc->from_radius_m > arc->to_radius_m ? arc->from_radius_m : arc->to_radius_m;
    /* the bow of a chord of angle a is r a^2 / 8 */
    double step = num_sqrt(8 * CHORD_SHARE * CURVE_TOLERANCE_M / radius_m);
    double sweep = num_radians(arc->sweep < 0 ? -arc->sweep : arc->sweep);
    double pieces = sweep / (step < 0.5 ? step : 0.5) + 1;
    return pieces < ARC_PIECES_MAX ? (size_t)pieces : ARC_PIECES_MAX;
}

static int64_t rounded_e9(double degrees)
{
    return (int64_t)(degrees < 0 ? degrees * E9 - 0.5 : degrees * E9 + 0.5);
}

void arc_point(const struct arc *arc, size_t i, size_t n, int64_t *ret_lon_e9, int64_t *ret_lat_e9)
{
    double part = (double)i / (double)n, lon, lat;
    double radius_m = arc->from_radius_m + (arc->to_radius_m - arc->from_radius_m) * part;
    geodesic_direct(arc->center_lat, arc->center_lon, arc->from_azi + arc->sweep * part, radius_m,
                    &lat, &lon, NULL);
    while (lon > TURN_DEG / 2)
        lon -= TURN_DEG;
    while (lon < -TURN_DEG / 2)
        lon += TURN_DEG;
    *ret_lon_e9 = rounded_e9(lon);
    *ret_lat_e9 = rounded_e9(lat);
}
