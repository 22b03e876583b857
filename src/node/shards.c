#include "node/shards.h"

#include <assert.h>
#include <string.h>

#include "base/sort.h"
#include "base/table.h"

#define TOLD_MAX 1024 /* sightings of one shard that wait */

_Static_assert(TOLD_MAX >= WATCH_ROOM, "the watch needs room");

struct shard {
    struct watch *watch;
    struct position *positions; /* its part of the batch */
    uint32_t *from;             /* where they stand in the batch */
    size_t count, at;
    struct sighting *told, *spare;
    size_t told_count, told_at;
    bool ticks; /* its tick is not over */
};

struct shards {
    struct shard shard[SHARDS_MAX];
    uint32_t count;
    const struct jobs *jobs;
    bool ticking; /* what is told is a tick's */
    int64_t tick_us;
    int64_t now_us; /* where a position without time stands */
    uint32_t next;  /* the shard of the sightings given last */
};

/* ---- making ------------------------------------------------------------------------------------ */

/* A share of the tracks, and what the hash may give it more than that. */
static uint32_t tracks_of_one(const struct shards_options *options)
{
    uint32_t all = options->watch.track_max, n = options->count;
    return n == 1 ? all : all / n + all / (8 * n) + 16;
}

static int shard_make(struct shard *shard, const struct compiled *compiled,
                      const struct watch_options *options, struct arena *arena, struct err *err)
{
    shard->watch = watch_new(compiled, options, arena, err);
    if (!shard->watch)
        return ERR_FAIL;
    shard->positions = ARENA_ARRAY(arena, struct position, SHARDS_BATCH);
    shard->from = ARENA_ARRAY(arena, uint32_t, SHARDS_BATCH);
    shard->told = ARENA_ARRAY(arena, struct sighting, TOLD_MAX);
    shard->spare = ARENA_ARRAY(arena, struct sighting, TOLD_MAX);
    if (!shard->positions || !shard->from || !shard->told || !shard->spare)
        return err_set(err, EXIT_CONFIG, "no memory for a watch; lower its limits");
    return 0;
}

struct shards *shards_new(const struct compiled *compiled, const struct shards_options *options,
                          struct arena *arena, struct err *err)
{
    struct shards *shards = ARENA_ARRAY(arena, struct shards, 1);
    struct watch_options watch = options->watch;
    assert(options->count >= 1 && options->count <= SHARDS_MAX);
    if (!shards) {
        err_set(err, EXIT_CONFIG, "no memory for the watches");
        return NULL;
    }
    watch.track_max = tracks_of_one(options);
    shards->jobs = options->jobs;
    shards->now_us = TIME_UNKNOWN;
    for (; shards->count < options->count; shards->count++)
        if (shard_make(&shards->shard[shards->count], compiled, &watch, arena, err))
            return NULL;
    return shards;
}

/* Other bits than those of the watch's own table. */
static uint32_t shard_of(const struct shards *shards, uint64_t track)
{
    return (uint32_t)((hash_mix(track) >> 48) * shards->count >> 16);
}

/* ---- running ----------------------------------------------------------------------------------- */

static bool track_less(const void *a, const void *b)
{
    const struct sighting *x = a, *y = b;
    return x->track != y->track ? x->track < y->track : x->leg < y->leg;
}

static void run_positions(struct shard *shard)
{
    size_t first = shard->at;
    shard->at += watch_positions(shard->watch, shard->positions + first, shard->count - first,
                                 shard->told, TOLD_MAX, &shard->told_count);
    for (size_t i = 0; i < shard->told_count; i++)
        shard->told[i].at = shard->from[first + shard->told[i].at];
}

static void run_tick(struct shard *shard, int64_t now_us)
{
    shard->ticks = watch_tick(shard->watch, now_us, shard->told, TOLD_MAX, &shard->told_count);
    sort_items(shard->told, shard->spare, shard->told_count, sizeof *shard->told, track_less);
}

static bool is_waiting(const struct shard *shard)
{
    return shard->at < shard->count || shard->ticks;
}

static void run_one(void *arg, size_t index)
{
    struct shards *shards = arg;
    struct shard *shard = &shards->shard[index];
    if (shard->told_at < shard->told_count || !is_waiting(shard))
        return;
    shard->told_at = shard->told_count = 0;
    if (shards->ticking)
        run_tick(shard, shards->tick_us);
    else
        run_positions(shard);
}

/* ---- positions and ticks in -------------------------------------------------------------------- */

/* A time is known if and only if it has a source. */
static struct position placed(struct shards *shards, const struct position *given)
{
    struct position fix = *given;
    if (fix.time_us == TIME_UNKNOWN || fix.time_source == TIME_FROM_NONE) {
        fix.time_source = TIME_FROM_NONE;
        fix.time_us = shards->now_us;
    } else {
        shards->now_us = fix.time_us;
    }
    return fix;
}

size_t shards_positions(struct shards *shards, const struct position *positions, size_t count)
{
    size_t n = count < SHARDS_BATCH ? count : SHARDS_BATCH;
    for (uint32_t i = 0; i < shards->count; i++)
        shards->shard[i].count = shards->shard[i].at = 0;
    for (size_t i = 0; i < n; i++) {
        struct shard *shard = &shards->shard[shard_of(shards, positions[i].track)];
        shard->from[shard->count] = (uint32_t)i;
        shard->positions[shard->count++] = placed(shards, &positions[i]);
    }
    shards->ticking = false;
    jobs_run(n < SHARDS_FEW ? NULL : shards->jobs, shards->count, run_one, shards);
    return n;
}

void shards_tick(struct shards *shards, int64_t now_us)
{
    if (shards->now_us == TIME_UNKNOWN || now_us > shards->now_us)
        shards->now_us = now_us;
    for (uint32_t i = 0; i < shards->count; i++)
        shards->shard[i].ticks = true;
    shards->ticking = true;
    shards->tick_us = now_us;
    jobs_run(shards->jobs, shards->count, run_one, shards);
}

/* ---- sightings out ----------------------------------------------------------------------------- */

static bool comes_before(const struct shards *shards, const struct sighting *a,
                         const struct sighting *b)
{
    return shards->ticking ? track_less(a, b) : a->at < b->at;
}

/* The batch is told up to here: a shard that had no room may still tell what is beyond. */
static size_t told_up_to(const struct shards *shards)
{
    size_t up_to = SHARDS_BATCH;
    for (uint32_t i = 0; i < shards->count; i++) {
        const struct shard *shard = &shards->shard[i];
        if (shard->at < shard->count && shard->from[shard->at] < up_to)
            up_to = shard->from[shard->at];
    }
    return up_to;
}

/* Those of one fix, or of one track. */
static size_t together(const struct shards *shards, const struct shard *shard)
{
    const struct sighting *first = &shard->told[shard->told_at];
    size_t most = shard->told_count - shard->told_at, count = 1;
    while (count < most && !comes_before(shards, first, &first[count]))
        count++;
    return count;
}

const struct sighting *shards_next(struct shards *shards, size_t *ret_count)
{
    const struct sighting *next = NULL;
    for (uint32_t i = 0; i < shards->count; i++) {
        const struct shard *shard = &shards->shard[i];
        const struct sighting *head = &shard->told[shard->told_at];
        if (shard->told_at == shard->told_count || (next && !comes_before(shards, head, next)))
            continue;
        next = head;
        shards->next = i;
    }
    if (!next || (!shards->ticking && next->at >= told_up_to(shards)))
        return NULL;
    *ret_count = together(shards, &shards->shard[shards->next]);
    return next;
}

void shards_pass(struct shards *shards, size_t count)
{
    struct shard *shard = &shards->shard[shards->next];
    assert(shard->told_count - shard->told_at >= count);
    shard->told_at += count;
}

bool shards_more(struct shards *shards)
{
    bool waiting = false;
    for (uint32_t i = 0; i < shards->count; i++)
        waiting |= is_waiting(&shards->shard[i]);
    if (waiting)
        jobs_run(shards->jobs, shards->count, run_one, shards);
    return waiting;
}

/* ---- asking ------------------------------------------------------------------------------------ */

struct watch_counts shards_counts(const struct shards *shards)
{
    struct watch_counts sum = {0};
    uint64_t *to = (uint64_t *)&sum;
    for (uint32_t i = 0; i < shards->count; i++) {
        const uint64_t *from = (const uint64_t *)watch_counts(shards->shard[i].watch);
        for (size_t n = 0; n < sizeof sum / sizeof *to; n++)
            to[n] += from[n];
    }
    return sum;
}

bool shards_track(const struct shards *shards, uint64_t track, struct watch_track *ret_track)
{
    return watch_track(shards->shard[shard_of(shards, track)].watch, track, ret_track);
}
