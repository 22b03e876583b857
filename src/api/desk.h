#ifndef API_DESK_H
#define API_DESK_H

#include "api/crafts.h"
#include "api/keeper.h"
#include "api/streams.h"
#include "node/node.h"
#include "os/data_clock.h"
#include "os/source.h"
#include "store/store.h"

struct event;

/*
 * The desk joins one node with its feeds, its store and those who look on.
 *
 *   sources -> desk_positions -> node -> effects -> keeper -> store (KEEP)
 *                                                     |
 *                                                     v  once it is durable
 *                                       streams, answers (SHOW)
 *
 * Invariants
 *  D1  Nothing of what must be kept is shown before it is committed: answers call desk_settle first.
 *  D2  When the store fails nothing more is shown; `failure` says why, and the loop ends.
 *  D3  Live feeds are ticked by the clock each second, replays by the time of their fixes.
 */
#define SHOW_MS   200         /* positions go out as often */
#define SHOW_MAX  (128 << 10) /* bytes of positions at a time; the rest follows */
#define HEALTH_MS 2000

struct desk_counts {
    uint64_t positions;             /* taken from all sources */
    uint64_t late;                  /* fixes older than what the picture shows */
    uint64_t restored, rejected;    /* alerts of before the start; not of this agreement */
    uint64_t shown_us, show_max_us; /* from the receipt of a batch to its commit: sum, longest */
    uint64_t shows;
};

struct desk {
    struct event_base *base;
    struct node *node;
    struct store *store;
    struct sources *sources; /* NULL: none */
    bool live;
    bool saw_simulated; /* a position said so of itself */
    struct streams streams;
    struct crafts crafts;
    struct data_clock clock; /* replays */
    int64_t ticked_us;
    int64_t since_us; /* steady time of the receipt of what is at hand */
    uint32_t show_at; /* whose turn it is to be shown */
    struct effect *effects;
    struct keeper *keeper;
    struct page body; /* of one position */
    struct event *tick_event, *show_event, *health_event;
    struct desk_counts counts;
    struct err failure; /* EXIT_FINE while all is well */
};

/* Restores what the store has. The node and the store outlive it. */
int desk_init(struct desk *desk, struct event_base *base, struct node *node, struct store *store,
              struct err *err);

/* From now on the sources' positions come in; they must not be freed before the desk. */
int desk_start(struct desk *desk, struct sources *sources, struct err *err);
void desk_free(struct desk *desk);

void desk_positions(void *to, const struct position *positions, size_t count);

/* All that must be kept is kept and shown. -1: it failed, nothing may be answered. */
int desk_settle(struct desk *desk);

/* An operator acknowledges; kept when it returns 0. EXIT_DATA: there is no such open episode. */
int desk_ack(struct desk *desk, uint64_t alert, const char *by, struct err *err);

/* The time that the data have come to; live: now. */
int64_t desk_time_us(const struct desk *desk);

/* The track's text, by whoever knew it. */
void desk_track_text(struct desk *desk, uint64_t track, struct buf *out);

bool desk_simulated(const struct desk *desk);

#endif
