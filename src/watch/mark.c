#include "watch/state.h"

/*
 * What is odd about a track: said once, when it begins to be so. A mark accuses nobody; it tells the
 * officer why the track is not to be believed as it stands.
 */

/* A receiver that lost its satellites tells the last place on and on. Anchored craft do not tell
 * speed, and moving ones do not stay within 0.0000001 degree. */
#define FROZEN_US   (2 * TIME_MINUTE)
#define FROZEN_CMPS 300

/* A jump there and back is a fault; more often is another craft, or a second sender. */
#define RETURNS 3

void mark_tell(struct watch *watch, struct track *track, const struct position *fix, enum mark mark)
{
    struct telling telling = {.kind = SIGHTING_MARK,
                              .mark = mark,
                              .zone = AGREEMENT_NONE,
                              .time_us = fix->time_us,
                              .time_lo_us = is_timed(fix) ? fix->time_us : TIME_UNKNOWN,
                              .time_hi_us = is_timed(fix) ? fix->time_us : TIME_UNKNOWN,
                              .fix = fix,
                              .place = fix,
                              .sure = true};
    tell(watch, track, &telling);
    watch->counts.marks++;
}

static bool is_nowhere(const struct position *fix)
{
    return fix->lat_e7 == 0 && fix->lon_e7 == 0;
}

static bool tells_speed(const struct position *fix)
{
    if (fix->north_cmps == SPEED_UNKNOWN || fix->east_cmps == SPEED_UNKNOWN)
        return false;
    int64_t north = fix->north_cmps, east = fix->east_cmps;
    return north * north + east * east >= (int64_t)FROZEN_CMPS * FROZEN_CMPS;
}

/* Another leg was heard after this one, and lately. */
static bool is_return(const struct watch *watch, const struct legs *legs, const struct track *track,
                      const struct position *fix)
{
    for (uint32_t i = 0; i < legs->count; i++) {
        const struct position *other = &legs->leg[i]->last;
        if (legs->leg[i] != track && other->leg == fix->leg && is_timed(other) &&
            other->time_us > track->last.time_us &&
            fix->time_us - other->time_us <= watch->options.gap_us)
            return true;
    }
    return false;
}

static void look_still(struct watch *watch, struct track *track, const struct position *fix)
{
    const struct position *last = &track->last;
    if (fix->lat_e7 != last->lat_e7 || fix->lon_e7 != last->lon_e7 || !tells_speed(fix)) {
        track->still_us = fix->time_us;
        track->frozen = false;
    } else if (!track->frozen && fix->time_us - track->still_us >= FROZEN_US) {
        track->frozen = true;
        mark_tell(watch, track, fix, MARK_FROZEN);
    }
}

void mark_look(struct watch *watch, const struct legs *legs, struct track *track,
               const struct position *fix, bool first)
{
    if (is_nowhere(fix) && (first || !is_nowhere(&track->last)))
        mark_tell(watch, track, fix, MARK_NO_PLACE);
    if (first) {
        track->still_us = fix->time_us;
        if (legs->count)
            mark_tell(watch, track, fix, MARK_JUMP);
        return;
    }
    if (!is_timed(fix))
        return;
    look_still(watch, track, fix);
    if (legs->count > 1 && track->returns < RETURNS && is_return(watch, legs, track, fix) &&
        ++track->returns == RETURNS)
        mark_tell(watch, track, fix, MARK_TWO_PLACES);
}

/* ---- clocks ------------------------------------------------------------------------------------ */

/* Since the first fix that was ahead, all are as far apart as they say. */
void mark_clock(struct watch *watch, const struct legs *legs, struct position *fix,
                int32_t *ret_ahead_s)
{
    int64_t limit_us = watch->ticked_us + watch->options.ahead_us;
    int32_t ahead_s = 0;
    *ret_ahead_s = 0;
    if (!watch->options.ahead_us || watch->ticked_us == TIME_UNKNOWN || fix->time_us <= limit_us)
        return;
    for (uint32_t i = 0; i < legs->count; i++)
        if (legs->leg[i]->ahead_s > ahead_s)
            ahead_s = legs->leg[i]->ahead_s;
    if (!ahead_s || fix->time_us - ahead_s * TIME_SECOND > limit_us) {
        int64_t seconds = (fix->time_us - watch->ticked_us) / TIME_SECOND + 1;
        ahead_s = seconds < INT32_MAX ? (int32_t)seconds : INT32_MAX;
    }
    fix->time_us -= ahead_s * TIME_SECOND;
    fix->note |= NOTE_CLOCK;
    watch->counts.clocks++;
    *ret_ahead_s = ahead_s;
}

const char *mark_name(enum mark mark)
{
    static const char *const names[] = {
        [MARK_NONE] = "none",         [MARK_JUMP] = "jump",     [MARK_TWO_PLACES] = "two-places",
        [MARK_NO_PLACE] = "no-place", [MARK_FROZEN] = "frozen", [MARK_CLOCK] = "clock",
        [MARK_TOO_LATE] = "too-late",
    };
    return names[mark];
}
