#include "watch/watch.h"

#include <assert.h>

#include "watch/state.h"

#define TRACK_MAX_MAX (UINT32_C(1) << 24)
#define CM_PER_M      100.0

/* A course from two fixes serves if they are not farther apart in time. */
#define DERIVE_MAX_US (2 * TIME_MINUTE)

struct watch_options watch_defaults(void)
{
    return (struct watch_options){
        .track_max = 100000,
        .gap_us = 10 * TIME_MINUTE,
        .lost_us = 15 * TIME_MINUTE,
        .near_air_us = 5 * TIME_MINUTE,
        .near_sea_us = 20 * TIME_MINUTE,
        .late_us = 10 * TIME_MINUTE,
    };
}

/* ---- making ------------------------------------------------------------------------------------ */

static int options_check(const struct watch_options *o, struct err *err)
{
    if (o->track_max < 1 || o->track_max > TRACK_MAX_MAX)
        return err_set(err, EXIT_CONFIG, "watch: track_max is %u; it must be 1 to %u", o->track_max,
                       TRACK_MAX_MAX);
    if (o->gap_us < 0 || o->lost_us <= 0 || o->near_air_us <= 0 || o->near_sea_us <= 0 ||
        o->late_us < 0 || o->jump_mps < 0)
        return err_set(err, EXIT_CONFIG,
                       "watch: gap, lost, near and late times and jump_mps must not be negative, "
                       "lost and near not zero");
    return 0;
}

/* A watch of so many tracks, without a history. */
static struct watch *make(const struct watch_options *options, struct arena *arena)
{
    struct watch *watch = ARENA_ARRAY(arena, struct watch, 1);
    if (!watch || !(watch->tracks = ARENA_ARRAY(arena, struct track, options->track_max)) ||
        !chain_init(&watch->by_track, options->track_max, arena))
        return NULL;
    watch->options = *options;
    watch->now_us = watch->ticked_us = watch->swapped_us = TIME_UNKNOWN;
    watch->due_us = INT64_MAX;
    watch->view = &watch->views[0];
    for (int p = 0; p < PLATFORM_COUNT; p++)
        watch->flies[p] =
            platform_meant((enum platform)p, platform_leaves(PLATFORM_AIRCRAFT)) != MEANT_NOT;
    return watch;
}

struct watch *watch_of_one(const struct watch_options *options, struct arena *arena)
{
    struct watch_options one = *options;
    one.track_max = LEGS_MAX;
    return make(&one, arena);
}

struct watch *watch_new(const struct compiled *compiled, const struct watch_options *options,
                        struct arena *arena, struct err *err)
{
    if (options_check(options, err))
        return NULL;
    struct arena_mark mark = arena_mark(arena);
    struct watch *watch = make(options, arena);
    if (!watch)
        err_set(err, EXIT_CONFIG, "watch: no memory for %u tracks; lower track_max",
                options->track_max);
    if (!watch || history_init(watch, arena, err) || late_init(watch, arena, err)) {
        arena_rewind(arena, mark);
        return NULL;
    }
    view_make(watch->view, compiled);
    return watch;
}

/* ---- one fix ----------------------------------------------------------------------------------- */

/* A time is known if and only if it has a source. Without one it is where the caller placed it, or
 * that of the watch. */
static struct position placed(struct watch *watch, const struct position *given)
{
    struct position fix = *given;
    if (fix.time_us == TIME_UNKNOWN || fix.time_source == TIME_FROM_NONE) {
        fix.time_source = TIME_FROM_NONE;
        if (fix.time_us == TIME_UNKNOWN)
            fix.time_us = watch->now_us;
    } else {
        watch->now_us = fix.time_us;
    }
    return fix;
}

/* What one fix leaves out another has told. */
static void inherit(struct position *fix, const struct position *last)
{
    if (fix->platform == PLATFORM_UNKNOWN)
        fix->platform = last->platform;
    if (fix->flag == 0)
        fix->flag = last->flag;
}

static int32_t rate_cmps(double metres, double seconds)
{
    double rate = metres * CM_PER_M / seconds;
    return rate > INT32_MAX / 2 || rate < -INT32_MAX / 2 ? SPEED_UNKNOWN : (int32_t)rate;
}

/* As the fix tells, or as the hop to it was. */
static void steer(struct track *track, const struct position *fix)
{
    const struct position *last = &track->last;
    int64_t took_us = is_timed(fix) && is_timed(last) ? fix->time_us - last->time_us : 0;
    struct position corner = {.lat_e7 = fix->lat_e7, .lon_e7 = last->lon_e7};
    track->north_cmps = fix->north_cmps;
    track->east_cmps = fix->east_cmps;
    if (fix->north_cmps != SPEED_UNKNOWN && fix->east_cmps != SPEED_UNKNOWN)
        return;
    track->north_cmps = track->east_cmps = SPEED_UNKNOWN;
    if (took_us <= 0 || took_us > DERIVE_MAX_US)
        return;
    double seconds = (double)took_us / TIME_SECOND;
    double north = hop_about_m(last, &corner), east = hop_about_m(&corner, fix);
    bool west = lon_wrap_e7((int64_t)fix->lon_e7 - last->lon_e7) < 0;
    track->north_cmps = rate_cmps(fix->lat_e7 < last->lat_e7 ? -north : north, seconds);
    track->east_cmps = rate_cmps(west ? -east : east, seconds);
    if (track->north_cmps == SPEED_UNKNOWN || track->east_cmps == SPEED_UNKNOWN)
        track->north_cmps = track->east_cmps = SPEED_UNKNOWN;
}

static void start(struct watch *watch, struct track *track, const struct position *fix,
                  uint64_t plan)
{
    track->last = *fix;
    track->plan = plan;
    track->judged_us = fix->time_us;
    track->quiet_us = TIME_UNKNOWN;
    track->drawn_us = TIME_UNKNOWN;
    track->untimed = !is_timed(fix);
    track->north_cmps = track->east_cmps = SPEED_UNKNOWN;
    if (fix->north_cmps != SPEED_UNKNOWN && fix->east_cmps != SPEED_UNKNOWN)
        steer(track, fix);
    track->inside = zones_holding(watch, fix, plan, fix->time_us);
    for (uint64_t inside = track->inside; inside;) {
        struct telling telling = {.kind = SIGHTING_INSIDE_AT_START,
                                  .zone = zone_pop(&inside),
                                  .time_us = fix->time_us,
                                  .time_lo_us = is_timed(fix) ? fix->time_us : TIME_UNKNOWN,
                                  .time_hi_us = is_timed(fix) ? fix->time_us : TIME_UNKNOWN,
                                  .fix = &track->last,
                                  .place = &track->last,
                                  .plan = true,
                                  .sure = is_timed(fix) && !(fix->note & NOTE_CLOCK),
                                  .by_fix = true};
        tell(watch, track, &telling);
    }
    near_tell(watch, track, 0.0);
}

/* A hop shorter than the way to any border changes nothing, if no band may. */
static bool is_idle(const struct watch *watch, const struct track *track, uint64_t plan,
                    double hop_m)
{
    return hop_m < (double)track->clear_m && plan == track->plan &&
           !(plan & watch->view->sets.banded);
}

static void next(struct watch *watch, struct track *track, struct position *fix, uint64_t plan)
{
    double hop_m = hop_bound_m(&track->last, fix);
    if (track->quiet_us == TIME_UNKNOWN && track->judged_us > fix->time_us)
        track->judged_us = track->last.time_us; /* a tick went ahead and found nothing to tell */
    if (fix->time_us != TIME_UNKNOWN)
        quiet_until(watch, track, fix->time_us);
    inherit(fix, &track->last);
    track->untimed = is_timed(fix) ? 0 : track->untimed + 1;
    quiet_end(watch, track, fix);
    if (!is_idle(watch, track, plan, hop_m))
        hop_tell(watch, track, fix, plan);
    steer(track, fix);
    track->last = *fix;
    track->plan = plan;
    track->clear_m = hop_m < (double)track->clear_m ? track->clear_m - (float)hop_m : 0.0F;
    track->lost = false;
    track->quiet_us = TIME_UNKNOWN;
    if (fix->time_us > track->judged_us)
        track->judged_us = fix->time_us;
    doubt_settle(watch, track);
    near_tell(watch, track, hop_m);
}

struct track *take_next(struct watch *watch, const struct legs *legs, const struct position *given,
                        uint64_t plan)
{
    struct position fix = *given;
    struct track *track = legs_reach(watch, legs, &fix);
    watch->out_mark = watch->out_count;
    if (!track) {
        watch->counts.jumps += legs->count > 0;
        track = legs_begin(watch, legs, &fix);
        mark_look(watch, legs, track, &fix, true);
        start(watch, track, &fix, plan);
    } else if (!is_timed(&fix) || !is_timed(&track->last) || fix.time_us > track->last.time_us) {
        mark_look(watch, legs, track, &fix, false);
        next(watch, track, &fix, plan);
    }
    quiet_note_due(watch, track);
    return track;
}

static void take_in_turn(struct watch *watch, struct legs *legs, const struct position *fix,
                         uint64_t plan)
{
    uint32_t memory = is_timed(fix) ? history_add(watch, legs, fix, plan) : 0;
    struct track *track = take_next(watch, legs, fix, plan);
    track->memory = memory;
    track->said_late = false;
    for (uint32_t i = 0; i < legs->count; i++)
        legs->leg[i]->memory = memory;
}

/* Told once for as long as it is ahead by as much. */
static void note_clock(struct watch *watch, const struct position *fix, int32_t ahead_s)
{
    struct legs legs;
    legs_of(watch, fix->track, &legs);
    bool known = false;
    for (uint32_t i = 0; i < legs.count; i++) {
        known |= legs.leg[i]->ahead_s == ahead_s;
        legs.leg[i]->ahead_s = ahead_s;
    }
    if (!known && legs.count)
        mark_tell(watch, legs.leg[0], fix, MARK_CLOCK);
}

static void take(struct watch *watch, const struct position *given, uint64_t plan)
{
    struct position fix = placed(watch, given);
    struct legs legs;
    watch->counts.positions++;
    legs_of(watch, fix.track, &legs);
    int32_t ahead_s = 0;
    if (is_timed(&fix))
        mark_clock(watch, &legs, &fix, &ahead_s);
    bool clock = fix.note & NOTE_CLOCK;
    if (!is_timed(&fix) || !late_is(&legs, &fix) || !late_take(watch, &legs, &fix, plan))
        take_in_turn(watch, &legs, &fix, plan);
    if (clock)
        note_clock(watch, &fix, ahead_s);
}

/* ---- the door ---------------------------------------------------------------------------------- */

/* Returns how many were used. */
static size_t take_batch(struct watch *watch, const struct position *positions, size_t count,
                         size_t at)
{
    struct batch *batch = &watch->batch;
    size_t n = count < BATCH_MAX ? count : BATCH_MAX, i = 0;
    for (; i < n; i++) {
        batch->lon_e7[i] = positions[i].lon_e7;
        batch->lat_e7[i] = positions[i].lat_e7;
    }
    grid_locate(watch->view->compiled->grid, batch->lon_e7, batch->lat_e7, n, batch->plan);
    for (i = 0; i < n && out_has_room(watch); i++) {
        watch->at = (uint32_t)(at + i);
        take(watch, &positions[i], batch->plan[i]);
    }
    return i;
}

size_t watch_positions(struct watch *watch, const struct position *positions, size_t count,
                       struct sighting *out, size_t cap, size_t *ret_count)
{
    size_t used = 0;
    assert(cap >= WATCH_ROOM);
    out_open(watch, out, cap);
    while (used < count && out_has_room(watch))
        used += take_batch(watch, positions + used, count - used, used);
    *ret_count = watch->out_count;
    return used;
}

/* A pass over all tracks is made when one of them is due, and may take several calls. */
bool watch_tick(struct watch *watch, int64_t now_us, struct sighting *out, size_t cap,
                size_t *ret_count)
{
    assert(cap >= WATCH_ROOM);
    out_open(watch, out, cap);
    watch->at = 0;
    *ret_count = 0;
    if (watch->now_us == TIME_UNKNOWN || now_us > watch->now_us)
        watch->now_us = now_us;
    if (watch->ticked_us == TIME_UNKNOWN || now_us > watch->ticked_us)
        watch->ticked_us = now_us;
    if (watch->tick_at == 0 && now_us < watch->due_us)
        return false;
    if (watch->tick_at == 0)
        watch->due_us = INT64_MAX;
    while (watch->tick_at < watch->count && out_has_room(watch)) {
        struct track *track = &watch->tracks[watch->tick_at++];
        if (is_vacant(track))
            continue;
        watch->out_mark = watch->out_count;
        quiet_until(watch, track, now_us);
        quiet_note_due(watch, track);
    }
    *ret_count = watch->out_count;
    if (watch->tick_at < watch->count)
        return true;
    watch->tick_at = 0;
    return false;
}

const struct watch_counts *watch_counts(const struct watch *watch)
{
    return &watch->counts;
}

bool watch_track(const struct watch *watch, uint64_t track, struct watch_track *ret_track)
{
    const struct track *latest = legs_latest(watch, track);
    if (!latest)
        return false;
    const struct agreement *a = watch->view->compiled->agreement;
    *ret_track = (struct watch_track){.last = latest->last,
                                      .inside = latest->inside,
                                      .near = latest->near,
                                      .side = agreement_side_of_flag(a, latest->last.flag)};
    ret_track->last.leg = latest->leg & 0xfU;
    return true;
}

/* ---- one place --------------------------------------------------------------------------------- */

static struct place_verdict verdict_of(const struct compiled *compiled, uint16_t zone,
                                       const struct position *position, bool plan)
{
    const struct agreement *a = compiled->agreement;
    const struct zone *it = &a->zones[zone];
    bool timed = position->time_us != TIME_UNKNOWN;
    bool active = !timed || zone_active(a, it, position->time_us, NULL);
    struct border border = border_of(compiled, zone, position, plan);
    bool decided = zone_decides(compiled, zone, position, &border, plan);
    return (struct place_verdict){.zone = zone,
                                  .inside = plan && active && band_judge(it, position).in,
                                  .certainty = decided && (timed || zone_is_always(it))
                                                   ? CERTAINTY_CERTAIN
                                                   : CERTAINTY_POSSIBLE,
                                  .dist_mm = border.dist_mm,
                                  .dist_err_mm = border.err_mm};
}

size_t watch_locate(const struct compiled *compiled, const struct position *position,
                    struct place_verdict *out, size_t cap)
{
    const struct agreement *a = compiled->agreement;
    uint64_t plan;
    size_t count = 0;
    grid_locate(compiled->grid, &position->lon_e7, &position->lat_e7, 1, &plan);
    for (uint16_t i = 0; i < a->zone_count && count < cap; i++) {
        bool meant = platform_meant((enum platform)position->platform, a->zones[i].classes);
        if (meant && compiled->zones[i].boundary)
            out[count++] = verdict_of(compiled, i, position, plan >> i & 1);
    }
    return count;
}
