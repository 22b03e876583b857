#ifndef GEO_BUFFER_H
#define GEO_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "geo/distance.h"
#include "geo/legs.h"
#include "geo/outline.h"
#include "geo/region.h"

/*
 * The zone along a line: every point whose geodesic distance d to the line, at its nearest point
 * f, is at most the width that holds there. The words are those of docs/format/agreement.md:
 *
 *   widths  parts of the line by station, in order and without gap, each with its width
 *   step    nearest: the width of the part that f lies in; any: within the width of any part
 *   cap     flat: out where f is an end of the line and p not on the perpendicular
 *   hand    one side only: the line, drawn out straight in lon/lat by extend_deg, cuts the world
 *   inner   points at most this near are out
 *
 * How: the boundary is made of pieces of offset curves (offset.c), of lines between the parts of
 * the line that points are nearest to (bisector.c), and of the line itself (cut.c). All of these
 * are drawn, and arrange.h finds which faces are inside by the definition above.
 */
#define BUFFER_WIDTH_MAX_M 2.0e6
#define BUFFER_PARTS_MAX   256

enum buffer_hand { BUFFER_BOTH, BUFFER_LEFT, BUFFER_RIGHT };

struct buffer_part {
    double from_m, to_m, width_m;
};

struct buffer {
    const double *lon_deg, *lat_deg; /* the line */
    size_t count;
    bool lonlat_edges;
    const struct distance_index *index; /* of that line */
    const struct buffer_part *parts;
    size_t part_count;
    double inner_m;
    enum buffer_hand hand;
    bool flat, any;
    double extend_deg[2]; /* bearings of the line past its first and its last vertex */
};

/*
 * The outline, and the largest distance of its boundary from the one defined, as measured at
 * BUFFER_SAMPLES places on every edge. With hands apart there are two of each, left then right;
 * with BUFFER_BOTH one. What hand the buffer names does not matter for the cost: both are drawn.
 */
#define BUFFER_SAMPLES 4
struct buffer_outlines {
    struct outline outline[2];
    double error_m[2];
};
int buffer_outlines(const struct buffer *buffer, struct arena *arena,
                    struct buffer_outlines *ret_outlines, struct err *err);

/* The one outline of its hand, rounded; the error with the rounding. */
int buffer_region(const struct buffer *buffer, struct arena *arena, struct region *ret_region,
                  double *ret_error_m, struct err *err);

double buffer_reach_m(const struct buffer *buffer); /* the widest width */

/* The definition itself, by distance alone: true without regard to hand. */
bool buffer_within(const struct buffer *buffer, double lon_deg, double lat_deg);

/* Chord errors are kept to this. */
#define CURVE_TOLERANCE_M 0.002

#endif
