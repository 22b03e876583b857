#include "watch/state.h"

/*
 * What changes for a track while nothing is heard of it.
 *
 * Periods are applied one change after the other as long as the track is thought to be where it was
 * last heard, that is for lost_us; those of a longer silence are told in sum when it ends. Then a
 * zone that closed is told closed when its period ended, and one that opened when it began.
 */
#define PERIOD_STEPS_MAX 64 /* sightings of one stretch of silence told one by one */

static bool periods_hold(const struct periods *periods, int64_t time_us)
{
    return time_us >= periods->from_us &&
           (periods->next_us == TIME_UNKNOWN || time_us < periods->next_us);
}

static struct periods periods_make(const struct watch *watch, int64_t time_us)
{
    const struct agreement *a = watch->view->compiled->agreement;
    struct periods periods = {time_us, TIME_UNKNOWN, ~watch->view->sets.timed};
    for (uint64_t zones = watch->view->sets.timed; zones;) {
        uint16_t zone = zone_pop(&zones);
        int64_t next_us = TIME_UNKNOWN;
        if (zone_active(a, &a->zones[zone], time_us, &next_us))
            periods.active |= UINT64_C(1) << zone;
        if (next_us != TIME_UNKNOWN &&
            (periods.next_us == TIME_UNKNOWN || next_us < periods.next_us))
            periods.next_us = next_us;
    }
    return periods;
}

/* Two stretches are kept, for the tracks on either side of a change. */
const struct periods *periods_at(struct watch *watch, int64_t time_us)
{
    struct periods *kept = watch->view->periods;
    if (periods_hold(&kept[0], time_us))
        return &kept[0];
    struct periods other = kept[1];
    if (!periods_hold(&other, time_us)) {
        other = periods_make(watch, time_us);
        if (other.next_us == kept[0].next_us && time_us < kept[0].from_us) {
            kept[0].from_us = time_us; /* the same stretch, known from an earlier instant on */
            return &kept[0];
        }
    }
    kept[1] = kept[0];
    kept[0] = other;
    return &kept[0];
}

/* At a time that nobody knows any zone may be. */
uint64_t zones_in_force(struct watch *watch, const struct position *fix, int64_t time_us)
{
    uint64_t zones = watch->view->sets.concerned[fix->platform];
    if (time_us != TIME_UNKNOWN && zones & watch->view->sets.timed)
        zones &= periods_at(watch, time_us)->active;
    return zones;
}

uint64_t zones_holding(struct watch *watch, const struct position *fix, uint64_t plan,
                       int64_t time_us)
{
    uint64_t zones = plan;
    if (plan)
        zones &= zones_in_force(watch, fix, time_us);
    for (uint64_t banded = zones & watch->view->sets.banded; banded;) {
        uint16_t zone = zone_pop(&banded);
        if (!band_judge(&watch->view->compiled->agreement->zones[zone], fix).in)
            zones &= ~(UINT64_C(1) << zone);
    }
    return zones;
}

/* How far the track may have gone since its last fix. */
static int64_t drift_mm(const struct track *track, int64_t time_us)
{
    const struct position *last = &track->last;
    if (track->north_cmps == SPEED_UNKNOWN || time_us <= last->time_us)
        return 0;
    int64_t north = track->north_cmps < 0 ? -(int64_t)track->north_cmps : track->north_cmps;
    int64_t east = track->east_cmps < 0 ? -(int64_t)track->east_cmps : track->east_cmps;
    return (north + east) * 10 * ((time_us - last->time_us) / TIME_SECOND);
}

/* A fix that comes no later than this changes what was told. */
static void note_quiet(struct track *track, int64_t time_us)
{
    if (track->quiet_us == TIME_UNKNOWN || time_us > track->quiet_us)
        track->quiet_us = time_us;
}

void quiet_turn(struct watch *watch, struct track *track, const struct turn *turn)
{
    struct telling telling = {.kind = turn->opened ? SIGHTING_OPENED : SIGHTING_CLOSED,
                              .reason = turn->reason,
                              .zone = turn->zone,
                              .time_us = turn->time_us,
                              .time_lo_us = turn->time_us,
                              .time_hi_us = turn->time_us,
                              .fix = &track->last,
                              .place = &track->last,
                              .plan = track->plan >> turn->zone & 1,
                              .sure = turn->sure,
                              .by_fix = true,
                              .drift_mm = drift_mm(track, turn->time_us)};
    tell(watch, track, &telling);
}

/* ---- periods ------------------------------------------------------------------------------- */

/* Some zones' periods begin or end at an instant. Returns how many sightings that makes. */
static int period_turn(struct watch *watch, struct track *track, uint64_t turned, int64_t time_us)
{
    int count = 0;
    if (!(turned & track->plan & watch->view->sets.concerned[track->last.platform]))
        return 0;
    uint64_t holding = zones_holding(watch, &track->last, track->plan, time_us);
    uint64_t changed = (track->inside ^ holding) & turned;
    for (uint64_t rest = changed; rest; count++) {
        uint16_t zone = zone_pop(&rest);
        struct turn turn = {zone, holding >> zone & 1, true, REASON_PERIOD, time_us};
        quiet_turn(watch, track, &turn);
    }
    track->inside ^= changed;
    if (changed)
        note_quiet(track, time_us);
    return count;
}

static void periods_until(struct watch *watch, struct track *track, int64_t limit_us)
{
    int told = 0;
    while (watch->view->sets.timed && track->judged_us < limit_us && told < PERIOD_STEPS_MAX) {
        struct periods now = *periods_at(watch, track->judged_us);
        if (now.next_us == TIME_UNKNOWN || now.next_us > limit_us)
            break;
        uint64_t turned = now.active ^ periods_at(watch, now.next_us)->active;
        told += period_turn(watch, track, turned, now.next_us);
        track->judged_us = now.next_us;
    }
    if (told < PERIOD_STEPS_MAX && track->judged_us < limit_us)
        track->judged_us = limit_us;
}

/* Of a zone that is not as it was judged: when that changed. */
static int64_t turned_at(const struct watch *watch, const struct track *track, uint16_t zone,
                         int64_t time_us)
{
    const struct agreement *a = watch->view->compiled->agreement;
    int64_t next_us = TIME_UNKNOWN;
    if (watch->view->sets.timed >> zone & 1)
        zone_active(a, &a->zones[zone], track->judged_us, &next_us);
    return next_us == TIME_UNKNOWN || next_us > time_us ? time_us : next_us;
}

void quiet_end(struct watch *watch, struct track *track, const struct position *fix)
{
    const uint64_t *concerned = watch->view->sets.concerned;
    uint64_t learnt_of = concerned[fix->platform] ^ concerned[track->last.platform];
    bool learnt = fix->platform != track->last.platform;
    if (!learnt && (track->judged_us >= fix->time_us || !(track->plan & watch->view->sets.timed)))
        return;
    track->last.platform = fix->platform;
    uint64_t holding = zones_holding(watch, &track->last, track->plan, fix->time_us);
    for (uint64_t changed = track->inside ^ holding; changed;) {
        uint16_t zone = zone_pop(&changed);
        struct turn turn = {.zone = zone,
                            .opened = holding >> zone & 1,
                            .sure = learnt,
                            .reason = learnt_of >> zone & 1 ? REASON_CLASS : REASON_PERIOD,
                            .time_us = turned_at(watch, track, zone, fix->time_us)};
        quiet_turn(watch, track, &turn);
    }
    track->inside = holding;
}

/* ---- silence ------------------------------------------------------------------------------- */

static void tell_lost(struct watch *watch, struct track *track, int64_t time_us)
{
    for (uint64_t inside = track->inside; inside;) {
        uint16_t zone = zone_pop(&inside);
        struct telling telling = {.kind = SIGHTING_LOST_INSIDE,
                                  .zone = zone,
                                  .time_us = time_us,
                                  .time_lo_us = track->last.time_us,
                                  .time_hi_us = time_us,
                                  .fix = &track->last,
                                  .place = &track->last,
                                  .plan = true,
                                  .sure = is_timed(&track->last),
                                  .by_fix = true};
        tell(watch, track, &telling);
    }
}

static int64_t stale_at(const struct watch *watch, const struct track *track)
{
    return track->last.time_us + watch->options.lost_us;
}

static int64_t lapse_at(const struct watch *watch, const struct track *track)
{
    return track->last.time_us + near_horizon_us(watch, (enum platform)track->last.platform);
}

void quiet_until(struct watch *watch, struct track *track, int64_t time_us)
{
    if (track->last.time_us == TIME_UNKNOWN)
        return;
    int64_t stale_us = stale_at(watch, track);
    periods_until(watch, track, time_us < stale_us ? time_us : stale_us);
    if (track->near && time_us > lapse_at(watch, track)) {
        tell_lapsed(watch, track, track->near, lapse_at(watch, track));
        track->near = NO_ZONES;
        note_quiet(track, lapse_at(watch, track));
    }
    if (!track->lost && time_us > stale_us) {
        tell_lost(watch, track, stale_us);
        track->lost = true;
        note_quiet(track, stale_us);
    }
}

void quiet_forget(struct watch *watch, struct track *track)
{
    if (track->near)
        tell_lapsed(watch, track, track->near, track->last.time_us);
    if (!track->lost)
        tell_lost(watch, track, track->last.time_us);
}

/* When next something may happen to the track in silence. */
static int64_t due_at(struct watch *watch, const struct track *track)
{
    int64_t due_us = INT64_MAX;
    if (track->last.time_us == TIME_UNKNOWN)
        return due_us;
    if (track->inside && !track->lost)
        due_us = stale_at(watch, track);
    if (track->near && lapse_at(watch, track) < due_us)
        due_us = lapse_at(watch, track);
    if (track->plan & watch->view->sets.timed && !track->lost) {
        int64_t next_us = periods_at(watch, track->judged_us)->next_us;
        if (next_us != TIME_UNKNOWN && next_us < due_us)
            due_us = next_us;
    }
    return due_us;
}

void quiet_note_due(struct watch *watch, const struct track *track)
{
    int64_t due_us = due_at(watch, track);
    if (due_us < watch->due_us)
        watch->due_us = due_us;
}
