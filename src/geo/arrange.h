#ifndef GEO_ARRANGE_H
#define GEO_ARRANGE_H

#include "base/arena.h"
#include "base/err.h"
#include "geo/noding.h"
#include "geo/region.h"

/*
 * From curves to a region. The caller hands over edges that contain the region's whole boundary
 * (and may contain more: tails, curves inside or outside), and says of any point whether it is
 * inside. The edges are made planar, each face is asked once, and the edges between an inside and
 * an outside face are the boundary.
 *
 * So no offset curve has to be trimmed and no winding counted, a spare edge does no harm, and the
 * result is always closed. A missing piece of boundary makes a face that is inside in one place
 * and outside in another: each face is asked in several places, and a face that disagrees with
 * itself fails with the place, instead of giving a wrong region.
 */
struct shape {
    /* Whether a point (degrees, not on an edge) is inside. */
    bool (*holds)(const void *self, double lon_deg, double lat_deg);
    const void *self;
};

/* `edges` is used up. The region stands in `arena`; scratch is given back. */
int arrange(struct edges *edges, struct shape shape, struct arena *arena, struct region *ret_region,
            struct err *err);

/* The empty region. */
struct region region_empty(void);

#endif
