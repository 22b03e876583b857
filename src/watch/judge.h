#ifndef WATCH_JUDGE_H
#define WATCH_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agreement/compile.h"
#include "base/position.h"

/*
 * What one fix says about one zone: where it stands in the zone's altitude band, how far it is
 * from the zone's border, and whether that is certain.
 */

/* Floor included, ceiling not, so that bands one above the other neither gap nor overlap. An
 * altitude that is not known is in every band that it could be in. */
struct band_verdict {
    bool in, sure;
};
bool zone_is_banded(const struct zone *zone);
struct band_verdict band_judge(const struct zone *zone, const struct position *fix);

/*
 * Fractions of the climb or descent from a to b at which the band is entered or left, in order:
 * as many (0 to 2) as bring band_judge(a).in to band_judge(b).in. Where one altitude is not known,
 * or they are measured from different references, the change happens at b.
 */
size_t band_cross(const struct zone *zone, const struct position *a, const struct position *b,
                  double ret_t[2]);

/* From the fix to the border of the zone's region: negative inside. */
struct border {
    int64_t dist_mm;
    int32_t err_mm;       /* of the fix and of the border together, 95 % */
    int64_t precision_mm; /* how well the agreement itself knows the border; 0 not said */
};
struct border border_of(const struct compiled *compiled, uint16_t zone, const struct position *fix,
                        bool plan);

/* How far the border and the fix may be from where they seem to be. */
int64_t border_doubt_mm(const struct border *border);

/* Whether the fix is farther from the border than that; an error that is past all measure decides
 * nothing. */
bool border_decides(const struct border *border, const struct position *fix);

/*
 * Whether it is certain that the zone holds the fix, or that it does not (W3): border and band
 * decide, the zone is as agreed, and the class is known to be meant.
 */
bool zone_decides(const struct compiled *compiled, uint16_t zone, const struct position *fix,
                  const struct border *border, bool plan);

#endif
