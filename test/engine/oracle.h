#ifndef ENGINE_ORACLE_H
#define ENGINE_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "geo/region.h"

/*
 * The slow and obvious answers that the engine is held to: every edge is looked at, whole numbers
 * are compared in 128 bits, and nothing of src/geo but struct region is used. Three of them are of
 * another kind than the engine's own: a ray due north instead of due west, a hop that is asked
 * between its crossings instead of at them, and PROJ's geodesics.
 */
#define ORACLE_TURN_E7 INT64_C(3600000000)

__extension__ typedef __int128 wide;

/* splitmix64 (Steele, Lea and Flood 2014); whole numbers in [low, high]; [0, 1). */
uint64_t oracle_random(uint64_t *seed);
int64_t oracle_between(uint64_t *seed, int64_t low, int64_t high);
double oracle_unit(uint64_t *seed);

/* The name in [-180, 180) degrees of a longitude. */
int32_t oracle_wrapped(int64_t lon_e7);

/* The rule of region.h at a point, by a ray due north through all edges, in every turn. */
bool oracle_holds(const struct region *region, int32_t lon_e7, int32_t lat_e7);

/* Bit i: regions[i] holds the point. */
uint64_t oracle_set(const struct region *regions, size_t count, int32_t lon_e7, int32_t lat_e7);

/* A way from a by d, straight in lon/lat. */
struct hop {
    int64_t a[2], d[2];
};

struct hop oracle_hop(int32_t a_lon_e7, int32_t a_lat_e7, int32_t b_lon_e7, int32_t b_lat_e7);

/* What grid_cross must say: regions that change at num/den of the way. */
struct passing {
    wide num, den;
    uint64_t mask;
};

/* Every edge by itself. Returns how many there are; SIZE_MAX: more than cap. */
size_t oracle_passings(const struct region *regions, size_t count, struct hop hop,
                       struct passing *ret_passings, size_t cap);

/* The same without a notion of crossing: where the hop's line meets any edge's line the way is cut,
 * and each piece is asked at its middle. For regions and hops within ORACLE_MIDDLES_SPAN, so that
 * everything fits 128 bits. */
#define ORACLE_MIDDLES_SPAN (INT64_C(1) << 18)
size_t oracle_passings_by_middles(const struct region *regions, size_t count, struct hop hop,
                                  struct passing *ret_passings, size_t cap);

/* Whether every edge of the region is at least this many units from the point. */
bool oracle_clear(const struct region *region, int32_t lon_e7, int32_t lat_e7, double units);

/* Geodesic distance by PROJ from a point to a line of count vertices, every edge by golden section
 * (those that cannot hold the least, by the triangle inequality, left out). Edges below 300 km. */
double oracle_line_m(const double *lon_deg, const double *lat_deg, size_t count, bool lonlat_edges,
                     double at_lon_deg, double at_lat_deg);

/* The point at s_m from another in a direction, by PROJ. */
void oracle_direct(double lon_deg, double lat_deg, double azi_deg, double s_m, double *ret_lon_deg,
                   double *ret_lat_deg);

#endif
