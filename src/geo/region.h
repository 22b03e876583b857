#ifndef GEO_REGION_H
#define GEO_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"

/*
 * A region: the compiled form of every zone. Closed rings of int32 vertices (1e-7 degree), edges
 * straight in longitude and latitude, shells and holes alike under the even-odd rule.
 *
 * Canonical form, so that one region has one digest:
 *  R1  no two edges cross or overlap; rings touch at vertices at most;
 *  R2  a ring has at least 3 vertices, no repeated vertex, no vertex on the straight line between
 *      its neighbours unless it is an end of another ring's edge;
 *  R3  the inside is on the left of every edge (shells counter-clockwise, holes clockwise);
 *  R4  a ring starts at its lowest vertex (by lon, then lat); rings are ordered by their first
 *      vertices, then lengths;
 *  R5  longitudes lie in [lon_min, lon_min + 360 degrees) continuously: a region across the
 *      antimeridian has longitudes above 180 degrees (as int32 they may reach 214 degrees).
 *
 * A point on an edge or vertex belongs to the region if a point displaced from it infinitesimally
 * eastward, and infinitely less northward, does (so abutting regions neither gap nor overlap).
 */
struct region {
    uint32_t ring_count;
    const uint32_t *ring_start; /* ring_count + 1 offsets; ring i has vertices [i], [i + 1) */
    const int32_t *lon_e7, *lat_e7;
    int32_t west_e7, east_e7, south_e7, north_e7; /* bounding box */
};

#define REGION_VERTICES_MAX (1u << 24)

/* Exact: by integer arithmetic, the rule above for borders. Linear in the vertices. */
bool region_holds(const struct region *region, int32_t lon_e7, int32_t lat_e7);

/* Area on the WGS84 ellipsoid in m2, edges as they are (straight in lon/lat), by the exact
 * authalic integral per edge; error below 1e-9 of the area. */
double region_area_m2(const struct region *region);

/* SHA-256 over the id of the zone that has this region and its canonical form
 * (docs/format/agreement.md, "Digest"). */
void region_digest(const struct region *region, struct bytes id, uint8_t ret_digest[32]);

/* Sets the bounding box from the vertices; without any, west is east of east: it holds nothing. */
void region_bound(struct region *region);

enum region_op { REGION_UNION, REGION_INTER, REGION_MINUS };

struct region region_empty(void);

/* Set operation on two regions, exact up to rounding of crossing points to the nearest 1e-7
 * degree. The result is canonical and stands in the arena. */
int region_combine(enum region_op op, const struct region *a, const struct region *b,
                   struct arena *arena, struct region *ret_region, struct err *err);

/*
 * A region from rings as a person wrote them: checks that no ring crosses itself or another
 * (error names the two edges), then makes the form canonical.
 */
int region_from_rings(const int32_t *lon_e7, const int32_t *lat_e7, const uint32_t *ring_start,
                      uint32_t ring_count, struct arena *arena, struct region *ret_region,
                      struct err *err);

#endif
