#ifndef AGREEMENT_SHAPE_H
#define AGREEMENT_SHAPE_H

#include "agreement/agreement.h"
#include "geo/distance.h"
#include "geo/region.h"

/*
 * One geometry expression to one region: the inside of compile.c.
 *
 * A shape is the region and how far its boundary may lie from the one defined. Zones that refer
 * to others find them here: `zone_shape` is called back, and compiles the other first.
 */
struct zone_shape {
    struct region region;
    double error_m;
};

/* Rounding a vertex to 1e-7 degree moves it by at most half the diagonal of that square. */
#define ROUNDING_M 0.0079

struct shaper {
    const struct agreement *agreement;
    const struct distance_index *const *lines;
    struct arena *arena;
    int (*zone)(struct shaper *shaper, uint16_t zone, struct zone_shape *ret_shape,
                struct err *err);
    void *self;
};

int shape_of(struct shaper *shaper, const struct expression *expression,
             struct zone_shape *ret_shape, struct err *err);

/* The vertices as degrees, in the arena; NULL when it is full. */
double *degrees_of(const int64_t *e9, size_t count, struct arena *arena);

#endif
