#ifndef GEO_ARRANGE_H
#define GEO_ARRANGE_H

#include "base/arena.h"
#include "base/err.h"
#include "geo/noding.h"
#include "geo/outline.h"

/*
 * From curves to regions. The caller hands over edges that contain the regions' whole boundaries
 * (and may contain more: tails, curves inside or outside), and says of any point which regions it
 * is in. The edges are made planar, each face is asked, and the edges between a face inside and
 * one outside are the boundary.
 *
 * So no offset curve has to be trimmed and no winding counted, a spare edge does no harm, and the
 * result is always closed. A missing piece of boundary makes a face that is inside in one place
 * and outside in another: each face is asked in several places, and a face that disagrees with
 * itself fails with the place, instead of giving a wrong region.
 */
#define ARRANGE_REGIONS_MAX 8

struct shape {
    /* Of a point (degrees, not on an edge): bit i is set if it is in region i. */
    unsigned (*holds)(const void *self, double lon_deg, double lat_deg);
    const void *self;
    unsigned count; /* of regions; ARRANGE_REGIONS_MAX at most */
};

/* The even-odd inside of rings, whatever they do to each other. */
struct shape shape_of_outline(const struct outline *outline);

/*
 * `edges` is used up. The outlines of the regions stand in `arena`. On the fine lattice their
 * vertices are ends and crossings of the edges as added, with the owners of the edges; on the
 * coarse one they are canonical (region.h, R1 to R3).
 */
int arrange(struct edges *edges, struct shape shape, struct arena *arena,
            struct outline *ret_outlines, struct err *err);

#endif
