/* The answers of oracle.h that PROJ's geodesic.h (Karney's code) gives. */
#include <geodesic.h>
#include <math.h>

#include "oracle.h"

#define GOLDEN 0.6180339887498949

static const struct geod_geodesic *wgs84(void)
{
    static struct geod_geodesic g;
    if (g.a == 0)
        geod_init(&g, 6378137.0, 1 / 298.257223563);
    return &g;
}

void oracle_direct(double lon_deg, double lat_deg, double azi_deg, double s_m, double *ret_lon_deg,
                   double *ret_lat_deg)
{
    geod_direct(wgs84(), lat_deg, lon_deg, azi_deg, s_m, ret_lat_deg, ret_lon_deg, NULL);
}

struct span {
    double lon[2], lat[2]; /* of its ends, continuous */
    double at[2];          /* the point asked about: lon, lat */
    double length_m, azi;
    bool lonlat;
};

static double inverse_m(double lon1, double lat1, double lon2, double lat2, double *ret_azi)
{
    double s;
    geod_inverse(wgs84(), lat1, lon1, lat2, lon2, &s, ret_azi, NULL);
    return s;
}

static double span_m(const struct span *e, double t)
{
    double lon = e->lon[0] + t * (e->lon[1] - e->lon[0]);
    double lat = e->lat[0] + t * (e->lat[1] - e->lat[0]);
    if (!e->lonlat)
        oracle_direct(e->lon[0], e->lat[0], e->azi, t * e->length_m, &lon, &lat);
    return inverse_m(e->at[0], e->at[1], lon, lat, NULL);
}

static double span_least_m(const struct span *e)
{
    double a = 0, b = 1, p = 1 - GOLDEN, q = GOLDEN, dp = span_m(e, p), dq = span_m(e, q);
    /* the distance is level at its least: 1 mm along the edge is below 1 um of it there */
    while ((b - a) * (e->length_m + 1) > 1e-3) {
        if (dp < dq) {
            b = q, q = p, dq = dp;
            p = b - GOLDEN * (b - a), dp = span_m(e, p);
        } else {
            a = p, p = q, dp = dq;
            q = a + GOLDEN * (b - a), dq = span_m(e, q);
        }
    }
    return fmin(dp, dq);
}

double oracle_line_m(const double *lon_deg, const double *lat_deg, size_t count, bool lonlat_edges,
                     double at_lon_deg, double at_lat_deg)
{
    double best = INFINITY;
    for (size_t i = 0; i < count; i++)
        best = fmin(best, inverse_m(at_lon_deg, at_lat_deg, lon_deg[i], lat_deg[i], NULL));
    for (size_t i = 0; i + 1 < count; i++) {
        struct span e = {.lon = {lon_deg[i], lon_deg[i + 1]},
                         .lat = {lat_deg[i], lat_deg[i + 1]},
                         .at = {at_lon_deg, at_lat_deg},
                         .lonlat = lonlat_edges};
        e.lon[1] = e.lon[0] + remainder(e.lon[1] - e.lon[0], 360);
        e.length_m = inverse_m(e.lon[0], e.lat[0], e.lon[1], e.lat[1], &e.azi);
        /* an edge straight in lon/lat is at most a tenth longer here than the geodesic */
        if (span_m(&e, 0.5) - (lonlat_edges ? 0.55 : 0.5) * e.length_m < best)
            best = fmin(best, span_least_m(&e));
    }
    return best;
}
