#ifndef NODE_SHARDS_H
#define NODE_SHARDS_H

#include "base/jobs.h"
#include "watch/watch.h"

/*
 * Several watches that share the tracks by a hash of their ids, and are one to the node: positions
 * and ticks go in, the sightings of all come out in one order.
 *
 *               shards_positions, shards_tick
 *   (nothing) ------------------------------> told --- shards_next ... NULL ---> (nothing), or the
 *                                              ^                                    next part of
 *                                              `---------- shards_more ------------ what was given
 *
 * Invariants
 *  P1  What positions give comes in the order of the positions that told it, whichever watch that
 *      was; what a tick gives by track and leg. So neither the number of shards nor that of threads
 *      shows in what comes out (watch/state.h, T1), as long as no
 *      shard lets go of tracks, or of fixes that a late one needs. With one number of shards, never.
 *  P2  Positions without a time are placed here, at the last time that came, as one watch would.
 */
#define SHARDS_MAX   16
#define SHARDS_USUAL 8
#define SHARDS_BATCH 4096 /* positions taken at once */
#define SHARDS_FEW   64   /* positions too few to wake threads for */

struct shards; /* opaque */

struct shards_options {
    uint32_t count;             /* 1 .. SHARDS_MAX */
    struct watch_options watch; /* track_max: of all together */
    const struct jobs *jobs;    /* NULL: in order; outlives the shards */
};

struct shards *shards_new(const struct compiled *compiled, const struct shards_options *options,
                          struct arena *arena, struct err *err);

/* Takes the first of them; returns how many, at most SHARDS_BATCH. Nothing may be left to tell. The
 * positions stay where they are until all is told. */
size_t shards_positions(struct shards *shards, const struct position *positions, size_t count);

/* Data time came to now_us. Nothing may be left to tell. */
void shards_tick(struct shards *shards, int64_t now_us);

/* The next sightings that one fix, or one track's tick, gave; NULL: no more are told as yet. They are
 * valid, and are given again, until shards_pass. */
const struct sighting *shards_next(struct shards *shards, size_t *ret_count);
void shards_pass(struct shards *shards, size_t count);

/* Goes on with what had no room. False: all that was given is told. */
bool shards_more(struct shards *shards);

struct watch_counts shards_counts(const struct shards *shards);
bool shards_track(const struct shards *shards, uint64_t track, struct watch_track *ret_track);

#endif
