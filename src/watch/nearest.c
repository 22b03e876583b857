#include "watch/state.h"

#define E7       1e-7
#define MM_PER_M 1000.0

static int64_t foot_mm(const struct distance_index *index, const struct position *fix)
{
    struct foot foot = distance_foot(index, fix->lon_e7 * E7, fix->lat_e7 * E7);
    return (int64_t)(foot.dist_m * MM_PER_M + 0.5);
}

int64_t line_mm(const struct compiled *compiled, const struct position *fix)
{
    if (compiled->agreement->line_count == 0 || !compiled->lines[0])
        return -1;
    return foot_mm(compiled->lines[0], fix);
}

/* Borders that are farther than the nearest so far cost little. Of equals, the first zone's. */
bool watch_nearest(const struct watch *watch, uint64_t id, struct watch_nearest *ret_nearest)
{
    const struct track *track = legs_latest(watch, id);
    if (!track)
        return false;
    const struct compiled *compiled = watch->view->compiled;
    const struct position *fix = &track->last;
    uint64_t zones = watch->view->sets.concerned[fix->platform];
    int64_t nearest_mm = INT64_MAX;
    *ret_nearest = (struct watch_nearest){.zone = AGREEMENT_NONE};
    while (zones) {
        uint16_t zone = zone_pop(&zones);
        const struct distance_index *border = compiled->zones[zone].boundary;
        if (nearest_mm != INT64_MAX && distance_beyond(border, fix->lon_e7 * E7, fix->lat_e7 * E7,
                                                       (double)nearest_mm / MM_PER_M))
            continue;
        int64_t dist_mm = foot_mm(border, fix);
        if (dist_mm >= nearest_mm)
            continue;
        nearest_mm = dist_mm;
        ret_nearest->zone = zone;
        ret_nearest->border_mm = track->plan >> zone & 1 ? -dist_mm : dist_mm;
    }
    ret_nearest->line_mm = line_mm(compiled, fix);
    return true;
}
