#ifndef GEO_CUT_H
#define GEO_CUT_H

#include "geo/buffer.h"
#include "geo/noding.h"

/*
 * The line, drawn out past both ends, as the border between left and right: a polygon around
 * everything to its left within the reach of a buffer. Which side a place is on is decided by
 * topology, not by the nearest leg.
 */
struct cut {
    struct vertex *vertex; /* the polygon: along the line, round the left, back */
    size_t count;
    size_t line_count; /* how many of them, from the first, are the line with its extensions */
    /* its edges by columns of equal width, for cut_is_left */
    double west_e9, column_e9;
    uint32_t columns;
    const uint32_t *start,
        *edge; /* columns + 1 offsets into edge; an edge ends at the vertex [i] */
};

int cut_make(const struct buffer *buffer, const struct legs *legs, struct arena *arena,
             struct cut *ret_cut, struct err *err);

bool cut_is_left(const struct cut *cut, double lon_deg, double lat_deg);

/* The line and its extensions, as edges. */
void cut_draw(const struct cut *cut, struct edges *edges);

#endif
