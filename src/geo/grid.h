#ifndef GEO_GRID_H
#define GEO_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "geo/region.h"

/*
 * The zone grid: all compiled regions of an agreement in one index that answers, for a batch of
 * points, which regions hold each, exactly; and, for a hop between two fixes, every border crossed,
 * in order. No allocation, callback or lock after grid_build; shared freely between threads.
 *
 * A set of regions is a 64-bit mask, bit i for regions[i].
 */
#define GRID_REGIONS_MAX 64

struct grid; /* opaque, in the arena of grid_build */

/* regions[i] may have no ring (an unresolved zone): it then holds nothing. */
int grid_build(const struct region *regions, size_t count, struct arena *arena,
               const struct grid **ret_grid, struct err *err);

/* The sets that hold each of n points. Exact, border rule of region.h. */
void grid_locate(const struct grid *grid, const int32_t *lon_e7, const int32_t *lat_e7, size_t n,
                 uint64_t *ret_sets);

/* One border passed on a hop: at fraction t in [0, 1] of the straight lon/lat segment, the
 * regions in `mask` change (entered if they were out before, else left). */
struct crossing {
    double t;
    uint64_t mask;
};

/*
 * Crossings of the hop from a to b (short way round), ordered by t; masks at the same point are
 * merged. Returns how many there are; only the first cap are written. The parity invariant holds:
 * the XOR of all masks is set(a) XOR set(b).
 */
size_t grid_cross(const struct grid *grid, int32_t a_lon_e7, int32_t a_lat_e7, int32_t b_lon_e7,
                  int32_t b_lat_e7, struct crossing *ret_crossings, size_t cap);

struct grid_hop {
    int32_t a_lon_e7, a_lat_e7, b_lon_e7, b_lat_e7;
};

/*
 * grid_cross for n hops: many times quicker a hop. The crossings of hop i are those from
 * ret_start[i] to before ret_start[i + 1], of n + 1. Returns how many there are in all; only the
 * first cap are written.
 */
size_t grid_cross_batch(const struct grid *grid, const struct grid_hop *hops, size_t n,
                        struct crossing *ret_crossings, size_t cap, uint32_t *ret_start);

#endif
