#include "watch/state.h"

#define E7            1e-7
#define M_PER_DEG_MIN 110574.0 /* a degree of latitude at the equator; none is shorter */

bool zone_is_always(const struct zone *zone)
{
    return zone->from_us == TIME_UNKNOWN && zone->to_us == TIME_UNKNOWN && zone->daily_count == 0;
}

static void sets_make(struct view *view)
{
    const struct agreement *a = view->compiled->agreement;
    for (uint16_t i = 0; i < a->zone_count; i++) {
        const struct zone *zone = &a->zones[i];
        uint64_t bit = UINT64_C(1) << i;
        if (!view->compiled->zones[i].boundary)
            continue;
        view->sets.banded |= zone_is_banded(zone) ? bit : 0;
        view->sets.timed |= zone_is_always(zone) ? 0 : bit;
        for (int p = 0; p < PLATFORM_COUNT; p++)
            if (platform_meant((enum platform)p, zone->classes) != MEANT_NOT)
                view->sets.concerned[p] |= bit;
    }
}

/* Its height alone: no square that is less high holds it whole. */
static double ring_extent_deg(const struct region *region, uint32_t ring)
{
    uint32_t start = region->ring_start[ring], end = region->ring_start[ring + 1];
    int32_t low = region->lat_e7[start], high = low;
    for (uint32_t i = start; i < end; i++) {
        low = region->lat_e7[i] < low ? region->lat_e7[i] : low;
        high = region->lat_e7[i] > high ? region->lat_e7[i] : high;
    }
    return ((double)high - low) * E7;
}

static void measure(struct view *view)
{
    const struct compiled *compiled = view->compiled;
    for (uint16_t i = 0; i < compiled->agreement->zone_count; i++) {
        const struct region *region = &compiled->zones[i].region;
        double least_deg = 180.0, precision_m = compiled->agreement->zones[i].precision_m;
        for (uint32_t ring = 0; ring < region->ring_count; ring++) {
            double extent_deg = ring_extent_deg(region, ring);
            least_deg = extent_deg < least_deg ? extent_deg : least_deg;
        }
        view->ring_extent_m[i] = least_deg * M_PER_DEG_MIN;
        if (compiled->zones[i].boundary && precision_m > view->precision_max_m)
            view->precision_max_m = precision_m;
    }
}

void view_make(struct view *view, const struct compiled *compiled)
{
    *view = (struct view){.compiled = compiled};
    for (int i = 0; i < 2; i++)
        view->periods[i] = (struct periods){INT64_MAX, INT64_MAX, NO_ZONES}; /* of no time */
    sets_make(view);
    measure(view);
}
