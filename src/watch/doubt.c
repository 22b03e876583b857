#include "watch/state.h"

/*
 * A craft that comes in by less than its error is possibly inside; some fixes later it may be inside
 * for certain. So may one whose class is told later. That is told as an amended sighting, so that an
 * alert need not stay in doubt. Doubts of one hop are remembered at a time, for as long as there is
 * no gap.
 */
static void forget_zone(struct doubt *doubt, uint16_t zone)
{
    doubt->entered &= ~(UINT64_C(1) << zone);
    doubt->left &= ~(UINT64_C(1) << zone);
}

static bool is_of(const struct doubt *doubt, const struct sighting *sighting)
{
    return doubt->fix_us == sighting->fix.time_us && doubt->time_us == sighting->time_us &&
           doubt->fix_lat_e7 == sighting->fix.lat_e7 && doubt->fix_lon_e7 == sighting->fix.lon_e7;
}

static void begin(struct doubt *doubt, const struct sighting *sighting)
{
    *doubt = (struct doubt){.time_us = sighting->time_us,
                            .time_lo_us = sighting->time_lo_us,
                            .time_hi_us = sighting->time_hi_us,
                            .lat_e7 = sighting->lat_e7,
                            .lon_e7 = sighting->lon_e7,
                            .alt_cm = sighting->alt_cm,
                            .fix_lat_e7 = sighting->fix.lat_e7,
                            .fix_lon_e7 = sighting->fix.lon_e7,
                            .fix_us = sighting->fix.time_us,
                            .kind = SIGHTING_ENTER};
}

void doubt_note(struct track *track, const struct sighting *sighting, bool open)
{
    struct doubt *doubt = &track->doubt;
    uint64_t bit = UINT64_C(1) << sighting->zone;
    bool entered = sighting->kind == SIGHTING_ENTER || sighting->kind == SIGHTING_INSIDE_AT_START;
    if (sighting->kind == SIGHTING_NEAR)
        return;
    forget_zone(doubt, sighting->zone);
    if (!open || !is_timed(&sighting->fix) || (!entered && sighting->kind != SIGHTING_LEAVE))
        return;
    if (!is_of(doubt, sighting))
        begin(doubt, sighting);
    if (entered) {
        doubt->entered |= bit;
        doubt->kind = sighting->kind;
    } else {
        doubt->left |= bit;
    }
}

/* What was told of the zone then. */
static struct sighting told_then(const struct watch *watch, const struct track *track,
                                 uint16_t zone)
{
    const struct doubt *doubt = &track->doubt;
    const struct position *last = &track->last;
    bool entered = doubt->entered >> zone & 1;
    struct sighting then = {
        .track = last->track,
        .time_us = doubt->time_us,
        .time_lo_us = doubt->time_lo_us,
        .time_hi_us = doubt->time_hi_us,
        .lat_e7 = doubt->lat_e7,
        .lon_e7 = doubt->lon_e7,
        .alt_cm = doubt->alt_cm,
        .zone = zone,
        .side = agreement_side_of_flag(watch->view->compiled->agreement, last->flag),
        .kind = entered ? doubt->kind : (uint8_t)SIGHTING_LEAVE,
        .grade = GRADE_SELF_REPORTED,
        .platform = last->platform,
        .leg = track->leg,
        .fix = {
            .time_us = doubt->fix_us, .lat_e7 = doubt->fix_lat_e7, .lon_e7 = doubt->fix_lon_e7}};
    then.id = sighting_id(watch, &then, 0, 0);
    return then;
}

/* What costs nothing to know is looked at first. */
static bool may_decide(const struct watch *watch, const struct track *track, uint16_t zone)
{
    const struct zone *it = &watch->view->compiled->agreement->zones[zone];
    return it->status == ZONE_AGREED &&
           platform_meant((enum platform)track->last.platform, it->classes) == MEANT_CERTAINLY &&
           band_judge(it, &track->last).sure;
}

static void settle_zone(struct watch *watch, struct track *track, uint16_t zone)
{
    bool inside = track->inside >> zone & 1, plan = track->plan >> zone & 1;
    if (inside != (track->doubt.entered >> zone & 1)) {
        forget_zone(&track->doubt, zone);
        return;
    }
    if (!may_decide(watch, track, zone))
        return;
    struct border border = border_of(watch->view->compiled, zone, &track->last, plan);
    if (!zone_decides(watch->view->compiled, zone, &track->last, &border, plan))
        return;
    struct sighting then = told_then(watch, track, zone);
    tell_amended(watch, track, &then, &border);
    forget_zone(&track->doubt, zone);
}

void doubt_settle(struct watch *watch, struct track *track)
{
    const struct doubt *doubt = &track->doubt;
    uint64_t open = doubt->entered | doubt->left;
    if (!open || !is_timed(&track->last) || track->last.time_us == doubt->fix_us)
        return;
    if (track->last.time_us - doubt->fix_us > watch->options.gap_us)
        track->doubt = (struct doubt){0};
    else
        while (open)
            settle_zone(watch, track, zone_pop(&open));
}
