#ifndef ENGINE_WORLDS_H
#define ENGINE_WORLDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "geo/region.h"

/*
 * Random regions of every kind that has hurt an engine of this sort: stars, combs a unit wide,
 * slivers, rings that touch or cross themselves, chains of vertices on one straight line, vertices
 * twice, holes that touch their shell, islands in holes; of a few units, of a zone's size, of half
 * the earth, across the antimeridian and round the poles. From a seed alone.
 */
#define WORLD_REGIONS_MAX 24
#define WORLD_VERTICES    600 /* of one region */

struct world {
    struct arena *arena;
    uint64_t seed;
    struct region region[WORLD_REGIONS_MAX];
    size_t count;
    int64_t west, east, south, north; /* where to ask: the frame of the regions, and about it */
    const char *frame;                /* its name, for whoever reads a failure */
};

void world_make(struct world *world, uint64_t seed, struct arena *arena);

/* A vertex, a place on or beside an edge, level with one, or any within the frame. */
void world_point(struct world *world, int32_t *ret_lon_e7, int32_t *ret_lat_e7);

/* Where a hop from a point may lead: level, upright, to another point, or a step of any size. */
void world_step(struct world *world, int32_t lon_e7, int32_t lat_e7, int32_t *ret_lon_e7,
                int32_t *ret_lat_e7);

/* A ring that does not cross itself: a star round (lon, lat) of at most `radius` units, and how
 * many vertices it has (4 to 16). */
uint32_t world_star(uint64_t *seed, int64_t lon, int64_t lat, int64_t radius, int32_t *ret_lon_e7,
                    int32_t *ret_lat_e7);

#endif
