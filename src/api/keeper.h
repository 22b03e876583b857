#ifndef API_KEEPER_H
#define API_KEEPER_H

#include "api/page.h"
#include "node/node.h"
#include "store/store.h"

struct event_base;

/*
 * The keeper writes what must be kept on a thread of its own, so that positions flow while the disk
 * works: one group gathers, another is written in one transaction. Sightings and alerts become JSON
 * there as well.
 *
 *   keeper_sighting, _alert, _position          thread: store_keep each, store_commit
 *   (gathering) ------- GATHER_MS, or -------> (being written) ------------> `kept` is called on the
 *        ^              GATHER_ROWS                   |                       loop with its frames
 *        `--------------------------------------------'
 *
 * Invariants
 *  K1  A group is durable as a whole before `kept` is called with its frames; groups come in order.
 *  K2  The store is the thread's while a group is being written: whoever reads it calls keeper_settle
 *      first. Not `kept`: when it is called the store is at rest, and the group is not given back yet.
 *  K3  When the store fails `failed` is called once, and nothing more is kept or shown.
 */
#define GATHER_MS   2
#define GATHER_ROWS 4096        /* at which it does not wait */
#define GROUP_ROWS  16384       /* past it, or past GROUP_BYTES, the giver waits for the disk */
#define GROUP_BYTES (16u << 20) /* of bodies */

struct keeper; /* opaque */

struct keeper_options {
    void *to;
    void (*kept)(void *to, struct bytes frames, int64_t since_us); /* since: of the oldest row */
    void (*failed)(void *to, const struct err *err);
};

/* The store outlives it, and so does what `compiled` points to until keeper_agreement. */
int keeper_new(struct event_base *base, struct store *store, const struct compiled *compiled,
               const struct keeper_options *options, struct keeper **ret_keeper, struct err *err);
void keeper_free(struct keeper *keeper); /* what is not written is dropped; NULL is harmless */

/* From now on sightings and alerts are of this agreement. Settled before. */
void keeper_agreement(struct keeper *keeper, const struct compiled *compiled);

/* Gathers. since_us: steady time of the receipt. -1: it failed. */
int keeper_sighting(struct keeper *keeper, const struct sighting *sighting, const char *track,
                    int64_t since_us);
int keeper_alert(struct keeper *keeper, const struct alert *alert, const char *track,
                 int64_t since_us);
int keeper_position(struct keeper *keeper, const struct position *position, struct bytes body,
                    int64_t since_us);

/* All that was gathered is durable, and `kept` was called for it. -1: it failed. */
int keeper_settle(struct keeper *keeper);

#endif
