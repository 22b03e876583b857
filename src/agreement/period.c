#include "agreement/agreement.h"

/*
 * When a zone is in force: its period, and within it the daily hours of the months given. All
 * edges of daily hours lie at whole minutes of days of the agreement's own zone, so the next change
 * is found by walking the days; a year and a day reaches every month again.
 */
#define DAYS_AHEAD_MAX 367

static bool period_holds(const struct zone *zone, int64_t time_us)
{
    return time_us >= zone->from_us && (zone->to_us == TIME_UNKNOWN || time_us < zone->to_us);
}

static int64_t day_start(int64_t local_us)
{
    int64_t rest = local_us % TIME_DAY;
    return local_us - (rest < 0 ? rest + TIME_DAY : rest);
}

static bool in_months(const struct daily *daily, int64_t local_us)
{
    return daily->months >> (time_civil(local_us).month - 1) & 1;
}

static bool hours_hold(const struct zone *zone, int64_t local_us)
{
    int64_t day = day_start(local_us);
    if (zone->daily_count == 0)
        return true;
    for (uint16_t i = 0; i < zone->daily_count; i++) {
        const struct daily *daily = &zone->daily[i];
        if (in_months(daily, local_us) && local_us >= day + daily->from_min * TIME_MINUTE &&
            local_us < day + daily->to_min * TIME_MINUTE)
            return true;
    }
    return false;
}

/* An edge at which the hours begin or end to hold becomes the next change if it is the earliest. */
static void edge_try(const struct zone *zone, int64_t edge_us, int64_t after_us, bool now,
                     int64_t *next_us)
{
    if (edge_us <= after_us || (*next_us != TIME_UNKNOWN && edge_us >= *next_us))
        return;
    if (hours_hold(zone, edge_us) != now)
        *next_us = edge_us;
}

/* The next time after this one (both local) at which the hours hold no longer, or again. */
static int64_t hours_next(const struct zone *zone, int64_t local_us)
{
    bool now = hours_hold(zone, local_us);
    int64_t day = day_start(local_us), next_us = TIME_UNKNOWN;
    for (int d = 0; d < DAYS_AHEAD_MAX && next_us == TIME_UNKNOWN; d++, day += TIME_DAY)
        for (uint16_t i = 0; i < zone->daily_count; i++) {
            edge_try(zone, day + zone->daily[i].from_min * TIME_MINUTE, local_us, now, &next_us);
            edge_try(zone, day + zone->daily[i].to_min * TIME_MINUTE, local_us, now, &next_us);
        }
    return next_us;
}

/* Within the period: the end of the hours or of the period, whichever comes first. */
static int64_t next_inside(const struct agreement *a, const struct zone *zone, int64_t time_us)
{
    int64_t next_us = hours_next(zone, time_us + a->zone_offset_us);
    if (next_us != TIME_UNKNOWN)
        next_us -= a->zone_offset_us;
    if (zone->to_us == TIME_UNKNOWN || (next_us != TIME_UNKNOWN && next_us < zone->to_us))
        return next_us;
    return hours_hold(zone, time_us + a->zone_offset_us) ? zone->to_us : TIME_UNKNOWN;
}

/* Before the period: its start, or the first hours after it. */
static int64_t next_before(const struct agreement *a, const struct zone *zone)
{
    if (hours_hold(zone, zone->from_us + a->zone_offset_us))
        return zone->from_us;
    return next_inside(a, zone, zone->from_us);
}

bool zone_active(const struct agreement *a, const struct zone *zone, int64_t time_us,
                 int64_t *ret_next_us)
{
    bool in_period = period_holds(zone, time_us);
    if (ret_next_us && in_period)
        *ret_next_us = next_inside(a, zone, time_us);
    else if (ret_next_us)
        *ret_next_us = time_us < zone->from_us ? next_before(a, zone) : TIME_UNKNOWN;
    return in_period && hours_hold(zone, time_us + a->zone_offset_us);
}
