#ifndef GEO_BISECTOR_H
#define GEO_BISECTOR_H

#include "geo/distance.h"
#include "geo/legs.h"
#include "geo/noding.h"

/*
 * The line between points whose nearest point on a line has a station up to to_m, and points for
 * which it lies beyond. It starts on the line there, one branch on each hand: first the
 * perpendicular, then, where another part of the line comes as near, curves equally far from
 * both. With the station of an end it is the limit of a flat cap.
 *
 * Followed outwards step by step, each step found by asking for nearest points, until the
 * distance to the line exceeds reach_m.
 */
struct bisector {
    const struct distance_index *index;
    struct place start; /* the place on the line */
    double to_m;
    double reach_m;
    struct edges *edges;
};

void bisector_draw(const struct bisector *bisector);

#endif
