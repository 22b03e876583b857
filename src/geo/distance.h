#ifndef GEO_DISTANCE_H
#define GEO_DISTANCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "geo/region.h"

/*
 * Distance on the WGS84 ellipsoid from points to a set of short edges: a line, or the boundary of
 * a compiled zone.
 *
 * Edges are held as chords between earth-centred points, densified to DISTANCE_EDGE_M; the chord
 * length c from the point to its foot gives the geodesic length c + c^3/24R^2 with R the radius of
 * curvature in that direction. Error against Karney's geodesic: below 1 mm up to 100 km
 * (test/unit/test_distance.c measures it); beyond DISTANCE_FAR_M it grows and is stated.
 */
#define DISTANCE_EDGE_M 250.0
#define DISTANCE_FAR_M  1.0e5

struct distance_index; /* opaque */

struct foot {
    double dist_m;      /* geodesic distance from the point to the foot; >= 0 */
    double station_m;   /* along the edges as given, from the first vertex (lines; else 0) */
    uint32_t edge;      /* index of the given edge */
    double t;           /* 0 .. 1 along that edge */
    double err_m;       /* bound on the error of dist_m */
};

/* Index over a polyline of count vertices (degrees), edges geodesic or straight in lon/lat. */
int distance_of_line(const double *lon_deg, const double *lat_deg, size_t count, int lonlat_edges,
                     struct arena *arena, const struct distance_index **ret_index, struct err *err);

/* Index over all rings of a region. A region without rings has no index: NULL, no error. */
int distance_of_region(const struct region *region, struct arena *arena,
                       const struct distance_index **ret_index, struct err *err);

/* The nearest foot. */
struct foot distance_foot(const struct distance_index *index, double lon_deg, double lat_deg);

/* Length of the polyline in metres. */
double distance_length_m(const struct distance_index *index);

#endif
