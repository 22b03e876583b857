#include <assert.h>
#include <string.h>

#include "watch/state.h"

/*
 * From one agreement to the next while tracks are inside. Zones are matched by id; sets of them are
 * carried over bit by bit. Where the tracks are in the next one is looked up in batches, as for
 * fixes; what a track says of it costs only those around which something changed.
 */
static uint64_t carried(const struct swap *swap, uint64_t zones)
{
    uint64_t carried = NO_ZONES;
    while (zones) {
        uint8_t next = swap->next[zone_pop(&zones)];
        if (next != ZONE_GONE)
            carried |= UINT64_C(1) << next;
    }
    return carried;
}

/* Of zones before: those that are gone, or whose next is not among these. */
static uint64_t not_among(const struct swap *swap, uint64_t zones, uint64_t next)
{
    uint64_t not = NO_ZONES;
    for (uint64_t rest = zones; rest;) {
        uint16_t zone = zone_pop(&rest);
        uint8_t to = swap->next[zone];
        if (to == ZONE_GONE || !(next >> to & 1))
            not |= UINT64_C(1) << zone;
    }
    return not ;
}

static struct view *other_view(struct watch *watch)
{
    return watch->view == &watch->views[0] ? &watch->views[1] : &watch->views[0];
}

static void match_zones(struct swap *swap, const struct compiled *before,
                        const struct compiled *next)
{
    swap->same = NO_ZONES;
    for (uint16_t i = 0; i < before->agreement->zone_count; i++) {
        uint16_t to = agreement_zone(next->agreement, before->agreement->zones[i].id);
        swap->next[i] = to == AGREEMENT_NONE ? ZONE_GONE : (uint8_t)to;
        if (to != AGREEMENT_NONE && memcmp(before->zones[i].digest, next->zones[to].digest,
                                           sizeof next->zones[to].digest) == 0)
            swap->same |= UINT64_C(1) << to;
    }
}

static void begin(struct watch *watch, const struct compiled *next)
{
    match_zones(&watch->swap, watch->view->compiled, next);
    view_make(other_view(watch), next);
    watch->swap.begun = true;
    watch->swap.at = 0;
    watch->due_us = INT64_MAX;
}

static void turn_all(struct watch *watch, struct track *track, uint64_t zones, bool opened,
                     int64_t now_us)
{
    const struct position *last = &track->last;
    bool sure = is_timed(last) && now_us - last->time_us <= watch->options.gap_us;
    while (zones) {
        struct turn turn = {zone_pop(&zones), opened, sure, REASON_ZONE_CHANGE, now_us};
        quiet_turn(watch, track, &turn);
    }
}

static void mark_former(struct watch *watch, size_t from)
{
    for (size_t i = from; i < watch->out_count; i++)
        watch->out[i].former = true;
}

/* What the agreement before says, and what it no longer does. */
static void leave_before(struct watch *watch, struct track *track, uint64_t holding, int64_t now_us)
{
    const struct swap *swap = &watch->swap;
    size_t from = watch->out_count;
    quiet_until(watch, track, now_us);
    turn_all(watch, track, not_among(swap, track->inside, holding), false, now_us);
    uint64_t lapsed = not_among(swap, track->near, ~NO_ZONES);
    tell_lapsed(watch, track, lapsed, now_us);
    track->near &= ~lapsed;
    mark_former(watch, from);
}

/* What holds it now; borders are to be looked for anew, and a course to be drawn. */
static void take_over(struct watch *watch, struct track *track, uint64_t plan, uint64_t holding,
                      int64_t now_us)
{
    const struct swap *swap = &watch->swap;
    track->plan = plan;
    track->inside = holding;
    track->near = carried(swap, track->near) & ~holding;
    track->doubt.entered = carried(swap, track->doubt.entered) & swap->same;
    track->doubt.left = carried(swap, track->doubt.left) & swap->same;
    track->clear_m = 0.0F;
    track->drawn_us = TIME_UNKNOWN;
    track->quiet_us = now_us;
}

static void swap_track(struct watch *watch, struct track *track, uint64_t plan, int64_t now_us)
{
    struct view *before = watch->view, *next = other_view(watch);
    watch->out_mark = watch->out_count;
    watch->view = next;
    uint64_t holding = zones_holding(watch, &track->last, plan, now_us);
    watch->view = before;
    leave_before(watch, track, holding, now_us);
    uint64_t fresh = holding & ~carried(&watch->swap, track->inside);
    watch->view = next;
    take_over(watch, track, plan, holding, now_us);
    turn_all(watch, track, fresh, true, now_us);
    quiet_note_due(watch, track);
    watch->view = before;
}

static void swap_batch(struct watch *watch, int64_t now_us)
{
    struct batch *batch = &watch->batch;
    struct track *tracks = watch->tracks + watch->swap.at;
    size_t n = watch->count - watch->swap.at;
    n = n < BATCH_MAX ? n : BATCH_MAX;
    for (size_t i = 0; i < n; i++) {
        batch->lon_e7[i] = tracks[i].last.lon_e7;
        batch->lat_e7[i] = tracks[i].last.lat_e7;
    }
    grid_locate(other_view(watch)->compiled->grid, batch->lon_e7, batch->lat_e7, n, batch->plan);
    for (size_t i = 0; i < n && out_has_room(watch); i++, watch->swap.at++)
        if (!is_vacant(&tracks[i]))
            swap_track(watch, &tracks[i], batch->plan[i], now_us);
}

bool watch_swap(struct watch *watch, const struct compiled *next, int64_t now_us,
                struct sighting *out, size_t cap, size_t *ret_count)
{
    assert(cap >= WATCH_ROOM && watch->tick_at == 0);
    out_open(watch, out, cap);
    watch->at = 0;
    if (!watch->swap.begun)
        begin(watch, next);
    while (watch->swap.at < watch->count && out_has_room(watch))
        swap_batch(watch, now_us);
    *ret_count = watch->out_count;
    if (watch->swap.at < watch->count)
        return true;
    watch->view = other_view(watch);
    watch->swap.begun = false;
    watch->swapped_us = now_us;
    history_cut(watch);
    if (watch->now_us == TIME_UNKNOWN || now_us > watch->now_us)
        watch->now_us = now_us;
    return false;
}
