#ifndef BENCH_KT20_H
#define BENCH_KT20_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "geo/grid.h"

/*
 * The reference workload: twenty zones along a line of 200 km, as an agreement between two sides
 * of one line has them, and fixes of tracks half of which follow the borders of the zones. All
 * of it from seeds, so that every run and every machine has the same integers.
 */
struct zones {
    struct region region[GRID_REGIONS_MAX];
    size_t count;
};

/* The line's two sides of 2, 5, 10, 25 km; of 10 km in the west and 15 km in the east; of 20 and
 * 40 km likewise; two sea areas, a circle and an estuary. Outer borders have a vertex each
 * step_m. */
void kt20_zones(double step_m, struct arena *arena, struct zones *ret_zones);

/* Zones from the polygons of a GeoJSON FeatureCollection, one a feature; -1 with a line on
 * stderr. */
int zones_read(const char *path, struct arena *arena, struct zones *ret_zones);

struct fixes {
    size_t count;
    uint32_t tracks;
    uint32_t *track, *t_ms;
    int32_t *lon_e7, *lat_e7;
};

/* Rounds of one fix a track, each in an order of its own. */
void kt20_fixes(const struct zones *zones, size_t count, uint32_t tracks, struct arena *arena,
                struct fixes *ret_fixes);

#endif
