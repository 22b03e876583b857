#include <string.h>

#include "base/table.h"
#include "num/num.h"
#include "watch/state.h"

/*
 * Legs. One id may be two craft (a cloned MMSI) or one that seems to jump (a spoofed or jammed
 * receiver). A fix continues the leg from which it is reached most slowly; if it is reached from
 * none at a possible speed it begins a leg of its own. So two craft of one id are two legs, and
 * one that jumps away and comes back is continued.
 */
#define LOOK_AT_MAX 64 /* places looked at for the stalest one */

/* Receivers stamp fixes to a second, before or after they were true. */
#define STAMP_SLACK_S 2.0

/* Without times no speed is known; a craft heard again elsewhere is taken for another beyond this. */
#define UNTIMED_HOP_M 20000.0

#define AIR_MPS      1000.0
#define OTHER_MPS    60.0
#define M_PER_DM     0.1
#define US_PER_S     1e6
#define E7           1e-7
#define M_PER_E7     0.0111195 /* sphere of 6,371 km */
#define M_PER_E7_MAX 0.0111694 /* a degree of latitude at a pole; none anywhere is longer */

static double lon_apart_e7(const struct position *a, const struct position *b)
{
    return (double)lon_wrap_e7((int64_t)b->lon_e7 - a->lon_e7);
}

static double absolute(double x)
{
    return x < 0.0 ? -x : x;
}

double hop_bound_m(const struct position *a, const struct position *b)
{
    double north = (double)b->lat_e7 - (double)a->lat_e7;
    return M_PER_E7_MAX * (absolute(north) + absolute(lon_apart_e7(a, b)));
}

double hop_about_m(const struct position *a, const struct position *b)
{
    double middle_deg = ((double)a->lat_e7 + (double)b->lat_e7) * 0.5 * E7;
    double north = (double)b->lat_e7 - (double)a->lat_e7;
    double east = lon_apart_e7(a, b) * num_cos(num_radians(middle_deg));
    return M_PER_E7 * num_sqrt(north * north + east * east);
}

/* Seconds between two fixes, either way. */
static double seconds_between(const struct position *a, const struct position *b)
{
    return absolute((double)(b->time_us - a->time_us)) / US_PER_S;
}

static double speed_limit(const struct watch *watch, const struct position *fix)
{
    if (watch->options.jump_mps > 0)
        return (double)watch->options.jump_mps;
    return watch->flies[fix->platform] ? AIR_MPS : OTHER_MPS;
}

/* How fast the fix is reached from the track, as a part of what is possible: above 1 it is not. */
static double effort(const struct watch *watch, const struct track *track,
                     const struct position *fix)
{
    double slack_m = M_PER_DM * (track->last.err_dm + fix->err_dm);
    double reach_m = UNTIMED_HOP_M;
    if (is_timed(fix) && is_timed(&track->last))
        reach_m = speed_limit(watch, fix) * (seconds_between(&track->last, fix) + STAMP_SLACK_S);
    return hop_about_m(&track->last, fix) / (reach_m + slack_m);
}

static bool is_leg_of(const struct track *track, const struct position *fix)
{
    return track->last.track == fix->track && track->last.leg == fix->leg;
}

static uint64_t track_hash(uint64_t track)
{
    return hash_mix(track);
}

void legs_of(const struct watch *watch, uint64_t key, struct legs *ret_legs)
{
    ret_legs->count = 0;
    uint32_t i = chain_first(&watch->by_track, track_hash(key));
    for (; i != CHAIN_END; i = chain_next(&watch->by_track, i))
        if (watch->tracks[i].last.track == key)
            ret_legs->leg[ret_legs->count++] = &watch->tracks[i];
}

/* The leg that reaches the fix with the least effort, if that is possible at all. Among equals the
 * lowest number. */
struct track *legs_reach(const struct watch *watch, const struct legs *legs,
                         const struct position *fix)
{
    struct track *best = NULL;
    double least = 1.0;
    for (uint32_t i = 0; i < legs->count; i++) {
        struct track *track = legs->leg[i];
        if (!is_leg_of(track, fix))
            continue;
        double need = effort(watch, track, fix);
        if (need > 1.0 || (best && (need > least || (need == least && track->leg > best->leg))))
            continue;
        best = track;
        least = need;
    }
    return best;
}

/* Older than which? A fix that never had a time is the oldest. */
static bool is_staler(const struct track *a, const struct track *b)
{
    return a->last.time_us < b->last.time_us;
}

static struct track *legs_stalest(const struct legs *legs)
{
    struct track *stalest = legs->leg[0];
    for (uint32_t i = 1; i < legs->count; i++) {
        struct track *track = legs->leg[i];
        if (is_staler(track, stalest) || (!is_staler(stalest, track) && track->leg < stalest->leg))
            stalest = track;
    }
    return stalest;
}

/* Of some places in turn, the stalest. */
static struct track *place_stalest(struct watch *watch)
{
    struct track *stalest = NULL;
    for (uint32_t n = 0; n < LOOK_AT_MAX && n < watch->count; n++) {
        struct track *track = &watch->tracks[watch->hand];
        watch->hand = (watch->hand + 1) % watch->count;
        if (!stalest || is_staler(track, stalest))
            stalest = track;
    }
    return stalest;
}

static uint32_t index_of(const struct watch *watch, const struct track *track)
{
    return (uint32_t)(track - watch->tracks);
}

/* What is remembered of a track cannot be gone through any more without one of its legs. */
static void forget_history(struct watch *watch, uint64_t key)
{
    struct legs legs;
    legs_of(watch, key, &legs);
    for (uint32_t i = 0; i < legs.count; i++)
        legs.leg[i]->memory = 0;
}

static struct track *place_reuse(struct watch *watch, struct track *track)
{
    uint64_t key = track->last.track;
    quiet_forget(watch, track);
    chain_remove(&watch->by_track, track_hash(key), index_of(watch, track));
    forget_history(watch, key);
    watch->counts.tracks_reused++;
    return track;
}

/* A place for a leg; the stalest one's if none is free. */
static struct track *place_take(struct watch *watch)
{
    if (watch->vacant) {
        struct track *track = &watch->tracks[watch->vacant - 1];
        watch->vacant = track->memory;
        watch->counts.tracks++;
        return track;
    }
    if (watch->count == watch->options.track_max)
        return place_reuse(watch, place_stalest(watch));
    watch->counts.tracks++;
    return &watch->tracks[watch->count++];
}

static void place_give(struct watch *watch, struct track *track)
{
    chain_remove(&watch->by_track, track_hash(track->last.track), index_of(watch, track));
    memset(track, 0, sizeof *track);
    track->memory = watch->vacant;
    watch->vacant = index_of(watch, track) + 1;
    watch->counts.tracks--;
}

/* The feed's own number if it is free, else the lowest free one. */
static uint8_t leg_number(const struct legs *legs, const struct position *fix)
{
    uint32_t used = 0;
    for (uint32_t i = 0; i < legs->count; i++)
        used |= UINT32_C(1) << legs->leg[i]->leg;
    if (!(used >> fix->leg & 1))
        return fix->leg;
    return (uint8_t)__builtin_ctz(~used);
}

struct track *legs_begin(struct watch *watch, const struct legs *legs, const struct position *fix)
{
    bool full = legs->count == LEGS_MAX;
    struct track *track = full ? place_reuse(watch, legs_stalest(legs)) : place_take(watch);
    uint8_t leg = full ? track->leg : leg_number(legs, fix);
    memset(track, 0, sizeof *track);
    track->leg = leg;
    track->last.track = fix->track;
    track->last.leg = fix->leg;
    chain_add(&watch->by_track, track_hash(fix->track), index_of(watch, track));
    return track;
}

void legs_replace(struct watch *watch, struct legs *legs, const struct track *with, uint32_t count)
{
    while (legs->count > count)
        place_give(watch, legs->leg[--legs->count]);
    for (uint32_t i = 0; i < count; i++) {
        bool fresh = i == legs->count;
        if (fresh)
            legs->leg[legs->count++] = place_take(watch);
        *legs->leg[i] = with[i];
        if (fresh)
            chain_add(&watch->by_track, track_hash(with[i].last.track),
                      index_of(watch, legs->leg[i]));
    }
}

const struct track *legs_latest(const struct watch *watch, uint64_t key)
{
    const struct track *latest = NULL;
    uint32_t i = chain_first(&watch->by_track, track_hash(key));
    for (; i != CHAIN_END; i = chain_next(&watch->by_track, i)) {
        const struct track *track = &watch->tracks[i];
        if (track->last.track == key && (!latest || is_staler(latest, track) ||
                                         (!is_staler(track, latest) && track->leg < latest->leg)))
            latest = track;
    }
    return latest;
}
