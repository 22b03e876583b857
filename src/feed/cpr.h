#ifndef FEED_CPR_H
#define FEED_CPR_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Compact position reporting of ADS-B (RTCA DO-260B, A.1.7). A frame tells a place within a zone,
 * not which zone: latitude zones are 6 degrees (even frames) or 360/59 (odd ones), a quarter of that
 * for what reports from the ground. Two frames of both kinds, or one and a place nearby, tell where.
 *
 * Whole numbers throughout: a latitude is a fraction of the zone count times 2^17, rounded once.
 */
#define CPR_BITS 17
#define CPR_ONE  (INT64_C(1) << CPR_BITS)

struct cpr {
    uint32_t lat, lon; /* 0 .. 2^17 - 1 */
    bool odd, surface;
};

struct cpr_place {
    int32_t lat_e7, lon_e7;
};

/* Zones of longitude at a latitude, 1 .. 59. */
unsigned cpr_zones(int64_t lat_e9);

/*
 * An even frame and an odd one of one craft, at most 10 s apart; the place of the newer one. On the
 * ground four places round the world fit: the one nearest to `near`, which may be NULL otherwise.
 * False: the two are of different zones of longitude (the craft crossed a border between them), or
 * of no place.
 */
bool cpr_global(const struct cpr *even, const struct cpr *odd, bool odd_is_newer,
                const struct cpr_place *near, struct cpr_place *ret_place);

/* One frame, and a place less than half a zone away: 180 nautical miles in the air, 45 on the
 * ground. False: of no place. */
bool cpr_local(const struct cpr *frame, const struct cpr_place *near, struct cpr_place *ret_place);

#endif
