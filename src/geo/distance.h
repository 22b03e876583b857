#ifndef GEO_DISTANCE_H
#define GEO_DISTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "geo/region.h"

/*
 * Distance on the WGS84 ellipsoid from points to a set of short edges: a line, or the boundary of
 * a compiled zone.
 *
 * Edges are held as chords between earth-centred points, densified to DISTANCE_EDGE_M, with the
 * bow of the edge over its chord; the chord c from the point to its foot gives the geodesic length
 * c + c^3/24R^2 + ..., R the radius of curvature in that direction half way. Nearest means by that
 * length, not by chord. Error against Karney's geodesic: below 0.01 mm up to DISTANCE_FAR_M; beyond
 * it grows with the fifth power of the distance (3 cm at 1,000 km) and err_m says so.
 *
 * An index is read-only after it is made and shared freely between threads. Arguments are degrees,
 * finite, |lat| <= 90, |lon| <= 1e6: callers check what came from outside.
 */
#define DISTANCE_EDGE_M     250.0
#define DISTANCE_FAR_M      1.0e5
#define DISTANCE_PIECES_MAX (1u << 24) /* edges after densifying */

struct distance_index; /* opaque */

struct foot {
    double dist_m;    /* geodesic distance from the point to the foot; >= 0 */
    double station_m; /* along the edges as given, from the first vertex (lines; else 0) */
    uint32_t edge;    /* index of the given edge: it starts at the vertex of that index */
    double t;         /* 0 .. 1 along that edge */
    double err_m;     /* bound on the error of dist_m */
};

/*
 * Index over a polyline of count vertices (degrees), edges geodesic or straight in lon/lat, both
 * the short way round. One vertex is a line of no length; repeated vertices do no harm. Refused:
 * no vertex, a coordinate out of range, an edge longer than GEODESIC_INVERSE_MAX_M, too many
 * pieces, a full arena.
 */
int distance_of_line(const double *lon_deg, const double *lat_deg, size_t count, int lonlat_edges,
                     struct arena *arena, const struct distance_index **ret_index, struct err *err);

/* Index over all rings of a region. A region without rings, and the whole earth, have no border and
 * so no index: NULL, no error. The seam of a region round a pole is no border either. */
int distance_of_region(const struct region *region, struct arena *arena,
                       const struct distance_index **ret_index, struct err *err);

/* The nearest foot. Of feet equally near, any one, the same on every machine. */
struct foot distance_foot(const struct distance_index *index, double lon_deg, double lat_deg);

/* The nearest feet of n points: as distance_foot, a quarter faster when neighbours in the array
 * are neighbours on the ground, no faster when they are scattered. */
void distance_feet(const struct distance_index *index, const double *lon_deg, const double *lat_deg,
                   size_t n, struct foot *ret_feet);

/*
 * A map of what is within reach_m of the edges: small cells that know which edges to look at, 32
 * bytes a cell, at most DISTANCE_CELLS_MAX of them. Worth its making (1 us a cell) for the lines
 * that every position is measured to. The index must outlive it.
 */
#define DISTANCE_CELLS_MAX (1u << 16)

struct distance_map; /* opaque */

int distance_map_of(const struct distance_index *index, double reach_m, struct arena *arena,
                    const struct distance_map **ret_map, struct err *err);

/* As distance_feet, about twice as fast for points on the map, in any order. */
void distance_map_feet(const struct distance_map *map, const double *lon_deg, const double *lat_deg,
                       size_t n, struct foot *ret_feet);

/* The nearest foot on the part of a line between two stations, which are brought into
 * 0 .. length and into order. Not for regions: their edges have no stations. */
struct foot distance_foot_within(const struct distance_index *index, double lon_deg, double lat_deg,
                                 double from_station_m, double to_station_m);

/* Whether the nearest foot is farther than dist_m: distance_foot(...).dist_m > dist_m, but quicker
 * the farther the point is from that limit. */
bool distance_beyond(const struct distance_index *index, double lon_deg, double lat_deg,
                     double dist_m);

/* Length of the polyline in metres; of a region, of all its rings. */
double distance_length_m(const struct distance_index *index);

#endif
