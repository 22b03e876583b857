#ifndef GEO_OUTLINE_H
#define GEO_OUTLINE_H

#include "base/arena.h"
#include "base/err.h"
#include "geo/noding.h"
#include "geo/region.h"

/*
 * A region before it is rounded: rings of whole 1e-9 degrees, the inside on the left, no two edges
 * crossing. Curves are drawn, cut and combined as outlines; the rounding to the 1e-7 degree of a
 * region is done once, by outline_round.
 */
struct outline {
    uint32_t ring_count;
    const uint32_t *ring_start; /* ring_count + 1 offsets; ring i has vertices [i], [i + 1) */
    const struct vertex *vertex;
    const uint32_t *owner; /* of the edge that starts at the vertex; NULL: not known */
};

/* The corners of a box around it. Not for one without rings. */
struct outline_box {
    int64_t west_e9, east_e9, south_e9, north_e9;
};
struct outline_box outline_box(const struct outline *outline);

/* Even-odd, at a place (1e-9 degree) that no edge passes through. */
bool outline_holds(const struct outline *outline, double x, double y);

/* The edges, numbered as their first vertices, moved by turn_e9 in longitude. */
void outline_add_edges(const struct outline *outline, int64_t turn_e9, struct edges *edges);

/* A region, exactly. */
int outline_of_region(const struct region *region, struct arena *arena, struct outline *ret_outline,
                      struct err *err);

/* Set operation on two outlines, exact up to crossings. */
int outline_combine(enum region_op op, const struct outline *a, const struct outline *b,
                    struct arena *arena, struct outline *ret_outline, struct err *err);

/* From rings as a person wrote them: checks that no ring crosses itself or another (error names
 * the two edges), and that they enclose something. */
int outline_from_rings(const struct outline *as_written, struct arena *arena,
                       struct outline *ret_outline, struct err *err);

/*
 * To the canonical region: every vertex goes to the nearest 1e-7 degree, and edges that then cross
 * or touch are noded again. *ret_moved_m: how far a place of the boundary was moved at most.
 */
int outline_round(const struct outline *outline, struct arena *arena, struct region *ret_region,
                  double *ret_moved_m, struct err *err);

#endif
