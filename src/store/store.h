#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/alert.h"
#include "base/bytes.h"
#include "base/err.h"

/*
 * What one node has kept: sightings, alerts at each change, and the positions of tracks that stood
 * under an alert. SQLite and memory behind one row of functions.
 *
 *   store_keep ... store_keep -> store_commit      only then may any of it be shown
 *
 * Invariants
 *  S1  Sequence numbers of sightings and alerts rise by one from 1 and are never given twice, also
 *      over restarts.
 *  S2  What was committed is on the disk (WAL, synchronous=FULL); what was not is gone after a crash
 *      as a whole.
 *  S3  A sighting is kept once, whatever is replayed: its id says what it is. So is a position.
 *  S4  A store belongs to one agreement (by digest) and one party; another's is refused.
 *  S5  After a failure nothing more is taken: every further call fails with the same reason.
 */
enum kept_kind { KEPT_SIGHTING = 1, KEPT_ALERT = 2, KEPT_POSITION = 3 };

struct kept {
    enum kept_kind kind;
    uint64_t sequence; /* out only; 0 for positions */
    uint64_t id;       /* of a sighting or an alert; 0 for positions */
    uint64_t track;
    int64_t time_us;
    uint8_t leg;
    struct bytes body;         /* JSON, as it is shown */
    const char *track_text;    /* of an alert, in only */
    const struct alert *alert; /* of an alert, in only */
};

#define KEPT_BODY_MAX (1 << 20)

/* Kinds of questions. Newest first, but for FIND_SINCE. */
enum store_find {
    FIND_SINCE,        /* sightings and alerts after sequence `key`, in order */
    FIND_SIGHTINGS,    /* all */
    FIND_SIGHTINGS_OF, /* of track `key` */
    FIND_SIGHTING,     /* of id `key` */
    FIND_ALERTS,       /* each as it stands now, by the time it was raised */
    FIND_ALERTS_OPEN,
    FIND_ALERT,     /* of id `key` */
    FIND_POSITIONS, /* of track `key`, up to until_us */
    FIND_COUNT
};

struct store_query {
    enum store_find find;
    uint64_t key;
    int64_t until_us; /* FIND_POSITIONS */
    uint32_t limit;
};

/* Called for each row; the body is valid within. Not 0 ends the search with that result. */
typedef int store_row(void *to, const struct kept *row);

/* An alert as it stood last, and its track's text. */
typedef void store_alert(void *to, const struct alert *alert, const char *track_text);

struct store; /* opaque */

struct store_rows {
    int (*keep)(struct store *, const struct kept *, uint64_t *ret_sequence, struct err *);
    int (*commit)(struct store *, struct err *);
    int (*find)(struct store *, const struct store_query *, store_row *, void *to, struct err *);
    int (*restore)(struct store *, store_alert *, void *to, struct err *);
    void (*close)(struct store *);
};

/* The head of every store; the rest is its own. */
struct store {
    const struct store_rows *rows;
    uint64_t sequence;  /* of what was kept last */
    uint64_t sightings; /* kept in all */
    uint64_t kept;      /* rows taken since it was opened */
    uint64_t pending;   /* kept and not committed */
    uint64_t commits;
    struct err failure; /* S5; EXIT_FINE while nothing failed */
};

struct store_options {
    const char *path; /* of the database */
    const char *digest, *party;
    bool create;    /* make it; fails if it is there */
    int64_t max_mb; /* largest database; 0: as the disk allows */
};

#define STORE_VERSION 1 /* of the tables; others are refused */

/* EXIT_CONFIG: another version, agreement or party. EXIT_IO: it cannot be opened or made. */
int store_sqlite_open(const struct store_options *options, struct store **ret_store,
                      struct err *err);

/* Forgets everything when it is closed. */
#define STORE_MEMORY_ROWS (1u << 20) /* past it: full */
int store_memory_open(struct store **ret_store, struct err *err);

/* *ret_sequence is 0 for positions and for what was kept before (S3): it is not shown again. Fails
 * with EXIT_IO when the disk is full or broken: then nothing of what was kept since the last commit may be
 * shown, and the process ends. */
int store_keep(struct store *store, const struct kept *kept, uint64_t *ret_sequence,
               struct err *err);
int store_commit(struct store *store, struct err *err);
int store_find(struct store *store, const struct store_query *query, store_row *row, void *to,
               struct err *err);
int store_restore(struct store *store, store_alert *each, void *to, struct err *err);
void store_close(struct store *store); /* what is not committed is dropped; NULL is harmless */

#endif
