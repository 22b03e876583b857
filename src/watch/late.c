#include <assert.h>
#include <string.h>

#include "base/table.h"
#include "watch/state.h"

/*
 * A fix that comes late. What is told of a track is a function of its fixes in order (T1), so it is
 * derived twice from a state that is remembered: of the fixes that came before, and of the same with
 * this one among them. What stands in the first and not in the second is amended or retracted, the
 * rest of the second is told.
 *
 *   history:   o---o---S---o---o---o          S  a state is remembered
 *                              ^
 *                              the late fix   S ... ^ both ways, then twice to the end and to the
 *                                             last tick
 *
 * A sighting stands if nothing in its derivation replaces it. One that stands in both with all that
 * is said of it is not told again. One that was told before, and comes to stand again, gets an id
 * of its own, of both its id and the late fix's.
 */
#define TOLD_MAX  (2 * WATCH_ROOM)
#define ROOM_LEFT 8 /* of WATCH_ROOM: for marks */

/* Sightings that stand under another id than their own, or do not stand any more. */
#define ID_BUCKETS 1024
#define ID_WAYS    8

struct told_id {
    uint64_t id, now; /* now: 0, it does not stand */
};

struct derivation {
    struct sighting told[TOLD_MAX];
    bool stands[TOLD_MAX];
    size_t count;
    struct track legs[LEGS_MAX];
    uint32_t leg_count;
};

struct late {
    struct watch *one; /* a watch of this one track */
    struct derivation was, is;
    struct memory *replay[REPLAY_MAX]; /* newest first */
    size_t count;
    size_t after; /* how many of them come after the late fix */
    const struct track *base[LEGS_MAX];
    uint32_t base_count;
    struct track before[LEGS_MAX]; /* the legs before the late fix */
    uint32_t before_count;
    struct told_id ids[ID_BUCKETS][ID_WAYS];
};

int late_init(struct watch *watch, struct arena *arena, struct err *err)
{
    watch->late = ARENA_ARRAY(arena, struct late, 1);
    if (!watch->late || !(watch->late->one = watch_of_one(&watch->options, arena)))
        return err_set(err, EXIT_CONFIG, "watch: no memory for what comes late");
    return 0;
}

/* ---- order of fixes ---------------------------------------------------------------------------- */

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Which of two fixes of one track comes first. Of one time, the one that is known better; then any,
 * but always the same. 0: they say the same, whoever heard it. */
static int fix_order(const struct position *a, const struct position *b)
{
    const int64_t keys[][2] = {
        {a->time_us, b->time_us},
        {a->err_dm ? a->err_dm : ERR_DM_MAX, b->err_dm ? b->err_dm : ERR_DM_MAX},
        {a->lat_e7, b->lat_e7},
        {a->lon_e7, b->lon_e7},
        {a->alt_cm, b->alt_cm},
        {a->alt_ref, b->alt_ref},
        {a->north_cmps, b->north_cmps},
        {a->east_cmps, b->east_cmps},
        {a->up_cmps, b->up_cmps},
        {a->platform, b->platform},
        {a->flag, b->flag},
        {a->leg, b->leg},
        {a->note, b->note},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (keys[i][0] != keys[i][1])
            return compare(keys[i][0], keys[i][1]);
    return 0;
}

bool late_is(const struct legs *legs, const struct position *fix)
{
    for (uint32_t i = 0; i < legs->count; i++) {
        const struct track *leg = legs->leg[i];
        if (is_timed(&leg->last) &&
            (fix->time_us <= leg->last.time_us ||
             (leg->quiet_us != TIME_UNKNOWN && fix->time_us <= leg->quiet_us)))
            return true;
    }
    return false;
}

static int64_t newest_us(const struct legs *legs)
{
    int64_t newest_us = legs->leg[0]->last.time_us;
    for (uint32_t i = 1; i < legs->count; i++)
        if (legs->leg[i]->last.time_us > newest_us)
            newest_us = legs->leg[i]->last.time_us;
    return newest_us;
}

/* ---- from where to derive ---------------------------------------------------------------------- */

static bool is_open(const struct late *late)
{
    for (uint32_t i = 0; i < late->base_count; i++)
        if (late->base[i]->doubt.entered | late->base[i]->doubt.left)
            return true;
    return false;
}

/* The state before the oldest of the fixes gone back to serves if the late one is not older. */
static bool is_base(const struct watch *watch, struct late *late, const struct position *fix)
{
    const struct memory *oldest = late->replay[late->count - 1];
    bool between = late->after == late->count; /* it comes before the oldest */
    late->base_count = 0;
    if (oldest->first)
        return true;
    if (!history_states(watch, oldest, late->base))
        return false;
    late->base_count = oldest->legs;
    const struct memory *before = history_at(watch, fix->track, oldest->before);
    if (!between)
        return true;
    if (before && fix_order(&before->fix, fix) > 0)
        return false;
    for (uint32_t i = 0; i < late->base_count; i++)
        if (late->base[i]->last.time_us > fix->time_us ||
            (!before && late->base[i]->last.time_us == fix->time_us) ||
            late->base[i]->quiet_us >= fix->time_us)
            return false;
    return true;
}

/* Goes back from the newest fix to a state from which to derive: one that leaves nothing open, if
 * one is remembered. False: none is, or the fix is there already (*ret_known). */
static bool go_back(const struct watch *watch, struct late *late, const struct legs *legs,
                    const struct position *fix, bool *ret_known)
{
    uint32_t number = legs->leg[0]->memory;
    struct memory *memory;
    size_t serves = 0;
    late->count = late->after = 0;
    *ret_known = false;
    while (late->count < REPLAY_MAX && (memory = history_at(watch, fix->track, number))) {
        int order = fix_order(fix, &memory->fix);
        *ret_known |= order == 0;
        late->replay[late->count++] = memory;
        late->after += order < 0;
        number = memory->before;
        if (*ret_known)
            return false;
        if (!is_base(watch, late, fix))
            continue;
        serves = late->count;
        if (memory->first || !is_open(late))
            break;
    }
    late->count = serves;
    return serves && is_base(watch, late, fix);
}

/* ---- deriving ---------------------------------------------------------------------------------- */

static void one_clear(struct watch *one)
{
    for (uint32_t i = 0; i < one->count; i++) {
        struct legs legs;
        if (is_vacant(&one->tracks[i]))
            continue;
        legs_of(one, one->tracks[i].last.track, &legs);
        legs_replace(one, &legs, NULL, 0);
    }
}

static void one_load(struct watch *one, const struct watch *watch, const struct track *const *from,
                     uint32_t count)
{
    struct legs none = {.count = 0};
    struct track legs[LEGS_MAX];
    for (uint32_t i = 0; i < count; i++)
        legs[i] = *from[i];
    one_clear(one);
    legs_replace(one, &none, legs, count);
    one->view = watch->view;
    one->counts = (struct watch_counts){.tracks = count};
}

/* False: too much was told. */
static bool one_take(struct late *late, const struct position *fix, uint64_t plan)
{
    struct legs legs;
    if (!out_has_room(late->one))
        return false;
    legs_of(late->one, fix->track, &legs);
    take_next(late->one, &legs, fix, plan);
    return true;
}

/* Silence after the last fix, as far as ticks have told it. */
static bool one_end(const struct watch *watch, struct late *late, uint64_t track)
{
    struct legs legs;
    legs_of(late->one, track, &legs);
    for (uint32_t i = 0; i < legs.count && watch->ticked_us != TIME_UNKNOWN; i++) {
        if (!out_has_room(late->one))
            return false;
        late->one->out_mark = late->one->out_count;
        quiet_until(late->one, legs.leg[i], watch->ticked_us);
    }
    return true;
}

/* Returns how many legs it has. */
static uint32_t one_copy(const struct watch *one, uint64_t track, struct track *ret_legs)
{
    struct legs legs;
    legs_of(one, track, &legs);
    for (uint32_t i = 0; i < legs.count; i++)
        ret_legs[i] = *legs.leg[i];
    return legs.count;
}

static void one_save(const struct late *late, struct derivation *derivation, uint64_t track)
{
    derivation->count = late->one->out_count;
    derivation->leg_count = one_copy(late->one, track, derivation->legs);
}

/* Both ways up to the late fix. */
static bool derive_before(const struct watch *watch, struct late *late)
{
    one_load(late->one, watch, late->base, late->base_count);
    out_open(late->one, late->was.told, TOLD_MAX);
    for (size_t i = late->count; i > late->after; i--)
        if (!one_take(late, &late->replay[i - 1]->fix, late->replay[i - 1]->plan))
            return false;
    return true;
}

static bool derive_after(const struct watch *watch, struct late *late, uint64_t track)
{
    for (size_t i = late->after; i > 0; i--)
        if (!one_take(late, &late->replay[i - 1]->fix, late->replay[i - 1]->plan))
            return false;
    return one_end(watch, late, track);
}

static bool derive(const struct watch *watch, struct late *late, const struct position *fix,
                   uint64_t plan)
{
    struct derivation *was = &late->was, *is = &late->is;
    const struct track *legs[LEGS_MAX];
    if (!derive_before(watch, late))
        return false;
    size_t count = late->one->out_count;
    late->before_count = one_copy(late->one, fix->track, late->before);
    for (uint32_t i = 0; i < late->before_count; i++)
        legs[i] = &late->before[i];
    if (!derive_after(watch, late, fix->track))
        return false;
    one_save(late, was, fix->track);
    one_load(late->one, watch, legs, late->before_count);
    memcpy(is->told, was->told, count * sizeof is->told[0]);
    out_open(late->one, is->told, TOLD_MAX);
    late->one->out_count = count;
    if (!one_take(late, fix, plan) || !derive_after(watch, late, fix->track))
        return false;
    one_save(late, is, fix->track);
    return true;
}

static const struct track *leg_of(const struct track *legs, uint32_t count, uint8_t leg)
{
    for (uint32_t i = 0; i < count; i++)
        if (legs[i].leg == leg)
            return &legs[i];
    return NULL;
}

/* T1 held: the derivation ends in what stands. */
static bool is_as_told(const struct derivation *was, const struct legs *legs)
{
    if (was->leg_count != legs->count)
        return false;
    for (uint32_t i = 0; i < legs->count; i++) {
        const struct track *leg = legs->leg[i],
                           *other = leg_of(was->legs, was->leg_count, leg->leg);
        if (!other || other->inside != leg->inside || other->near != leg->near ||
            other->last.time_us != leg->last.time_us)
            return false;
    }
    return true;
}

/* ---- what stands ------------------------------------------------------------------------------- */

static void mark_standing(struct derivation *derivation)
{
    const struct sighting *told = derivation->told;
    for (size_t i = 0; i < derivation->count; i++) {
        derivation->stands[i] = told[i].kind != SIGHTING_LAPSED;
        for (size_t k = 0; told[i].replaces && k < i; k++)
            derivation->stands[k] &= told[k].id != told[i].replaces;
    }
}

/* All that is said but the number among what is told. */
static bool says_same(const struct sighting *a, const struct sighting *b)
{
    return a->id == b->id && a->time_us == b->time_us && a->time_lo_us == b->time_lo_us &&
           a->time_hi_us == b->time_hi_us && a->lat_e7 == b->lat_e7 && a->lon_e7 == b->lon_e7 &&
           a->alt_cm == b->alt_cm && a->dist_mm == b->dist_mm && a->kind == b->kind &&
           a->dist_err_mm == b->dist_err_mm && a->side == b->side && a->platform == b->platform &&
           a->certainty == b->certainty && a->mark == b->mark && a->reason == b->reason &&
           a->leg == b->leg;
}

static bool was_told(const struct derivation *derivation, uint64_t id)
{
    for (size_t i = 0; i < derivation->count; i++)
        if (derivation->told[i].id == id)
            return true;
    return false;
}

/* Takes away what stands in both alike. */
static void strike_same(struct derivation *was, struct derivation *is)
{
    for (size_t i = 0; i < was->count; i++) {
        for (size_t k = 0; was->stands[i] && k < is->count; k++) {
            if (!is->stands[k] || !says_same(&was->told[i], &is->told[k]))
                continue;
            was->stands[i] = is->stands[k] = false;
        }
    }
}

/* Which of what stood is this in place of: the same thing said otherwise, or else the first of the
 * same zone and kind, or of the same zone and direction. */
static bool is_inwards(uint8_t kind)
{
    return kind == SIGHTING_ENTER || kind == SIGHTING_INSIDE_AT_START || kind == SIGHTING_OPENED ||
           kind == SIGHTING_CROSS;
}

static int likeness(const struct sighting *a, const struct sighting *b)
{
    if (a->leg != b->leg || a->zone != b->zone || a->mark != b->mark)
        return 0;
    if (a->id == b->id)
        return 4;
    if (a->kind == b->kind)
        return a->time_us == b->time_us ? 3 : 2;
    return is_inwards(a->kind) && is_inwards(b->kind) ? 1 : 0;
}

static struct sighting *take_place(struct derivation *was, const struct sighting *sighting)
{
    size_t best = was->count;
    int most = 0;
    for (size_t i = 0; i < was->count; i++) {
        int like = was->stands[i] ? likeness(&was->told[i], sighting) : 0;
        if (like > most) {
            most = like;
            best = i;
        }
    }
    if (best == was->count)
        return NULL;
    was->stands[best] = false;
    return &was->told[best];
}

/* ---- telling ----------------------------------------------------------------------------------- */

static uint64_t fix_hash(const struct position *fix)
{
    uint8_t key[16];
    put_u64(key, (uint64_t)fix->time_us);
    put_u32(key + 8, (uint32_t)fix->lat_e7);
    put_u32(key + 12, (uint32_t)fix->lon_e7);
    return hash_mix(hash_more(HASH_START, key, sizeof key));
}

static struct told_id *find_id(struct late *late, uint64_t id)
{
    struct told_id *bucket = late->ids[id % ID_BUCKETS];
    for (size_t i = 0; i < ID_WAYS; i++)
        if (bucket[i].id == id)
            return &bucket[i];
    return NULL;
}

/* The oldest of its bucket is forgotten. */
static void note_id(struct late *late, uint64_t id, uint64_t now)
{
    struct told_id *bucket = late->ids[id % ID_BUCKETS], *noted = find_id(late, id);
    if (!noted) {
        memmove(bucket + 1, bucket, (ID_WAYS - 1) * sizeof bucket[0]);
        noted = bucket;
    }
    *noted = (struct told_id){id, now};
}

uint64_t late_id(const struct watch *watch, uint64_t id)
{
    const struct told_id *noted = watch->late ? find_id(watch->late, id) : NULL;
    return noted && noted->now ? noted->now : id;
}

static void note_all_gone(struct late *late)
{
    for (size_t i = 0; i < late->was.count; i++)
        if (!was_told(&late->is, late->was.told[i].id))
            note_id(late, late->was.told[i].id, 0);
}

/* What is told a second time is told under another id. */
static void give_id(struct late *late, struct sighting *sighting, const struct position *fix)
{
    uint64_t id = sighting->id;
    if (!was_told(&late->was, id) && !find_id(late, id))
        return;
    sighting->id = hash_mix(id ^ fix_hash(fix));
    note_id(late, id, sighting->id);
}

static uint8_t holds(const struct derivation *is, const struct sighting *sighting)
{
    const struct track *leg = leg_of(is->legs, is->leg_count, sighting->leg);
    uint8_t holds = 0;
    if (sighting->zone == AGREEMENT_NONE)
        return holds;
    if (leg && leg->inside >> sighting->zone & 1)
        holds |= HOLDS_INSIDE;
    if (leg && leg->near >> sighting->zone & 1)
        holds |= HOLDS_NEAR;
    return holds;
}

/* What was told of the leg goes on to be counted. */
static void put_late(struct watch *watch, struct sighting *sighting, uint16_t nth[LEGS_MAX])
{
    assert(watch->out_count < watch->out_cap);
    sighting->late = true;
    sighting->at = watch->at;
    sighting->nth = nth[sighting->leg]++;
    sighting->holds = holds(&watch->late->is, sighting);
    watch->out[watch->out_count++] = *sighting;
    watch->counts.sightings++;
}

static void tell_standing(struct watch *watch, const struct position *fix, uint16_t nth[LEGS_MAX])
{
    struct late *late = watch->late;
    for (size_t i = 0; i < late->is.count; i++) {
        if (!late->is.stands[i])
            continue;
        struct sighting sighting = late->is.told[i];
        struct sighting *instead = take_place(&late->was, &sighting);
        if (instead)
            sighting.replaces = instead->id;
        else if (sighting.replaces && !was_told(&late->was, sighting.replaces))
            sighting.replaces = 0; /* that was not told, and need not be */
        sighting.replaces = sighting.replaces ? late_id(watch, sighting.replaces) : 0;
        watch->counts.amended += sighting.replaces != 0;
        give_id(late, &sighting, fix);
        put_late(watch, &sighting, nth);
    }
}

static void tell_retracted(struct watch *watch, const struct position *fix, uint16_t nth[LEGS_MAX])
{
    struct derivation *was = &watch->late->was;
    for (size_t i = 0; i < was->count; i++) {
        if (!was->stands[i])
            continue;
        struct sighting sighting = was->told[i];
        sighting.replaces = late_id(watch, sighting.id);
        sighting.id = hash_mix(~sighting.id ^ fix_hash(fix));
        sighting.kind = SIGHTING_RETRACTED;
        put_late(watch, &sighting, nth);
        watch->counts.amended++;
    }
}

/* An approach that the late fix shows to be none. */
static uint64_t lapsed_of(const struct derivation *is, const struct track *leg)
{
    const struct track *now = leg_of(is->legs, is->leg_count, leg->leg);
    return now ? leg->near & ~now->near & ~now->inside : leg->near;
}

static void tell_late_lapsed(struct watch *watch, const struct legs *legs, uint16_t nth[LEGS_MAX])
{
    for (uint32_t i = 0; i < legs->count; i++) {
        struct track leg = *legs->leg[i];
        uint64_t zones = lapsed_of(&watch->late->is, &leg);
        leg.nth = nth[leg.leg];
        tell_lapsed(watch, &leg, zones, leg.last.time_us);
        nth[leg.leg] = leg.nth;
    }
}

static size_t lapsed_count(const struct derivation *is, const struct legs *legs)
{
    size_t count = 0;
    for (uint32_t i = 0; i < legs->count; i++)
        count += (size_t)__builtin_popcountll(lapsed_of(is, legs->leg[i]));
    return count;
}

static size_t standing_count(const struct derivation *derivation)
{
    size_t count = 0;
    for (size_t i = 0; i < derivation->count; i++)
        count += derivation->stands[i];
    return count;
}

/* ---- what is remembered ------------------------------------------------------------------------ */

/* The late fix comes in between; states after it are not true any more. */
static struct memory *link_in(struct watch *watch, const struct position *fix, uint64_t plan)
{
    struct late *late = watch->late;
    struct memory *memory = history_new(watch, fix, plan);
    struct memory *next = late->after ? late->replay[late->after - 1] : NULL;
    for (size_t i = 0; i < late->after; i++)
        late->replay[i]->legs = 0;
    if (late->after < late->count) {
        memory->before = late->replay[late->after]->number;
    } else {
        memory->before = next->before;
        memory->first = next->first;
        next->first = false;
    }
    if (next)
        next->before = memory->number;
    return memory;
}

/* Its own state is saved where it is due, or was the one to derive from. */
static void remember(struct watch *watch, const struct legs *legs, const struct position *fix,
                     uint64_t plan)
{
    struct late *late = watch->late;
    uint32_t unsaved = legs->leg[0]->unsaved + 1U;
    struct memory *memory = link_in(watch, fix, plan);
    struct legs before = {.count = late->before_count};
    for (uint32_t i = 0; i < before.count; i++)
        before.leg[i] = &late->before[i];
    bool was_base = late->after == late->count;
    if (!memory->first && (was_base || history_is_due((uint32_t)(late->count - late->after))))
        history_save(watch, memory, &before);
    for (uint32_t i = 0; i < late->is.leg_count; i++) {
        late->is.legs[i].memory = late->after ? late->replay[0]->number : memory->number;
        late->is.legs[i].unsaved = (uint8_t)(unsaved < UINT8_MAX ? unsaved : UINT8_MAX);
    }
}

static void commit(struct watch *watch, struct legs *legs, const uint16_t nth[LEGS_MAX])
{
    struct late *late = watch->late;
    const struct watch_counts *counts = &late->one->counts;
    for (uint32_t i = 0; i < late->is.leg_count; i++)
        late->is.legs[i].nth = nth[late->is.legs[i].leg];
    legs_replace(watch, legs, late->is.legs, late->is.leg_count);
    watch->counts.parity += counts->parity;
    watch->counts.crowded += counts->crowded;
    for (uint32_t i = 0; i < legs->count; i++)
        quiet_note_due(watch, legs->leg[i]);
}

/* ---- the whole --------------------------------------------------------------------------------- */

static bool has_places(const struct watch *watch, const struct legs *legs)
{
    uint32_t fresh =
        watch->late->is.leg_count > legs->count ? watch->late->is.leg_count - legs->count : 0;
    return fresh == 0 || fresh <= watch->options.track_max - watch->count;
}

static void tell_all(struct watch *watch, struct legs *legs, const struct position *fix)
{
    uint16_t nth[LEGS_MAX] = {0};
    for (uint32_t i = 0; i < legs->count; i++)
        nth[legs->leg[i]->leg] = legs->leg[i]->nth;
    tell_standing(watch, fix, nth);
    tell_retracted(watch, fix, nth);
    tell_late_lapsed(watch, legs, nth);
    note_all_gone(watch->late);
    commit(watch, legs, nth);
}

/* Of what one fix may tell; however much the caller has room for. */
static size_t room_left(const struct watch *watch)
{
    return WATCH_ROOM - ROOM_LEFT - (watch->out_count - watch->out_mark);
}

/* What ticks since the last fixes have to tell is told first. False: that may be too much. */
static bool catch_up(struct watch *watch, const struct legs *legs)
{
    if (watch->ticked_us == TIME_UNKNOWN)
        return true;
    for (uint32_t i = 0; i < legs->count; i++) {
        struct track *leg = legs->leg[i];
        if (room_left(watch) < QUIET_ROOM)
            return false;
        quiet_until(watch, leg, watch->ticked_us);
    }
    return true;
}

/* False: it cannot be told of. */
static bool retell(struct watch *watch, struct legs *legs, const struct position *fix,
                   uint64_t plan)
{
    struct late *late = watch->late;
    if (!catch_up(watch, legs) || !derive(watch, late, fix, plan) ||
        !is_as_told(&late->was, legs) || !has_places(watch, legs))
        return false;
    mark_standing(&late->was);
    mark_standing(&late->is);
    strike_same(&late->was, &late->is);
    if (standing_count(&late->was) + standing_count(&late->is) + lapsed_count(&late->is, legs) >
        room_left(watch))
        return false;
    remember(watch, legs, fix, plan);
    tell_all(watch, legs, fix);
    return true;
}

/* It is older than what is remembered. Not than its own leg: then it can be taken all the same. */
static bool give_up(struct watch *watch, struct legs *legs, const struct position *fix)
{
    struct track *leg = legs_reach(watch, legs, fix);
    bool swapped = watch->swapped_us != TIME_UNKNOWN && fix->time_us < watch->swapped_us;
    if (!swapped && (!leg || !is_timed(&leg->last) || fix->time_us > leg->last.time_us)) {
        for (uint32_t i = 0; i < legs->count; i++)
            legs->leg[i]->memory = 0;
        return false;
    }
    watch->counts.too_late++;
    struct track *any = leg ? leg : legs->leg[0];
    if (!any->said_late)
        mark_tell(watch, any, fix, MARK_TOO_LATE);
    any->said_late = true;
    return true;
}

bool late_take(struct watch *watch, struct legs *legs, const struct position *fix, uint64_t plan)
{
    bool known = false;
    int64_t age_us = newest_us(legs) - fix->time_us;
    watch->out_mark = watch->out_count;
    bool within = age_us <= watch->options.late_us &&
                  (watch->swapped_us == TIME_UNKNOWN || fix->time_us >= watch->swapped_us);
    bool can = within && go_back(watch, watch->late, legs, fix, &known);
    if (known || age_us == 0)
        watch->counts.same_time++;
    else
        watch->counts.late++;
    if (can && retell(watch, legs, fix, plan))
        return true;
    return known || give_up(watch, legs, fix);
}
