#ifndef AGREEMENT_SHAPE_H
#define AGREEMENT_SHAPE_H

#include "agreement/agreement.h"
#include "geo/distance.h"
#include "geo/outline.h"

/*
 * One geometry expression to one outline: the inside of compile.c.
 *
 * A shape is the outline and how far its boundary may lie from the one defined, before rounding.
 * Zones that refer to others find them here: `zone` is called back, and compiles the other first.
 */
struct zone_shape {
    struct outline outline;
    double error_m;
};

struct hands;

struct shaper {
    const struct agreement *agreement;
    const struct distance_index *const *lines;
    struct arena *arena;
    int (*zone)(struct shaper *shaper, uint16_t zone, struct zone_shape *ret_shape,
                struct err *err);
    void *self;
    struct hands *hands; /* buffers drawn so far, whose other hand may still be asked for */
};

int shape_of(struct shaper *shaper, const struct expression *expression,
             struct zone_shape *ret_shape, struct err *err);

/* The vertices as degrees, in the arena; NULL when it is full. */
double *degrees_of(const int64_t *e9, size_t count, struct arena *arena);

#endif
