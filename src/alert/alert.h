#ifndef ALERT_ALERT_H
#define ALERT_ALERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * Alerts: one episode per (subject, rule), with the states of ISA-18.2 / IEC 62682. Pure.
 *
 *                    alert_raise                    alert_ack
 *   (none) ---------------------> unacknowledged --------------> acknowledged
 *                                    |      ^                       |     ^
 *                        alert_clear |      | alert_raise           |     | alert_raise
 *                                    v      | (same episode)        v     |
 *                          cleared-unacknowledged -- alert_ack --> closed -' (new episode, if the
 *                                                                  cause returns)
 *
 * Invariants
 *  A1  At most one episode of a (subject, rule) is open.
 *  A2  No episode is lost: closed ones stay readable until alert_forget.
 *  A3  Times are data time and come from the caller.
 *  A4  Repeated causes of an open episode raise its count, not a second episode; a higher
 *      certainty or severity raises the episode's, never lowers it.
 *  A5  An episode is active (not cleared) if and only if `inside` or `near` is not empty.
 */
#define ALERTS_MAX   (1u << 16)
#define ALERT_BY_MAX 48 /* bytes of the name of who acknowledged, with its NUL */

enum alert_state { ALERT_UNACKED, ALERT_ACKED, ALERT_CLEARED_UNACKED, ALERT_CLOSED };

struct alert {
    uint64_t id;      /* stable: hash of subject, rule, first time and cause */
    uint64_t subject; /* what the episode is about: a leg of a track, or another module's */
    uint64_t track;   /* track key; 0 where the subject is no track */
    uint64_t cause;   /* id of the sighting that raised it */
    uint64_t last_cause;
    uint64_t inside, near; /* zones for whose sake it stands: the subject is in, or soon will be */
    int64_t raised_us, changed_us, cleared_us; /* cleared: TIME_UNKNOWN while active */
    int64_t time_us;                           /* of the last cause, as are the next three */
    int64_t dist_mm;
    int32_t dist_err_mm;
    int32_t lat_e7, lon_e7;
    uint32_t count; /* causes seen in this episode */
    uint16_t rule, zone, side;
    uint16_t in_force; /* bit i: the rule's provision binds party i now */
    uint8_t severity;  /* 1 alarm .. 4 journal */
    uint8_t state, certainty;
    uint8_t sighted; /* certainty of the causes alone, whomever the rule means */
    uint8_t platform, leg;
    bool own;       /* the subject is the home party's own: a warning to it, not a claim */
    bool predicted; /* only near so far */
    bool simulated; /* its cause was a simulated position */
    char acked_by[ALERT_BY_MAX];
};

struct alerts; /* opaque */

struct alerts *alerts_new(uint32_t max, struct arena *arena, struct err *err);

/*
 * Raises or renews. `cause` has all fields but id, state, count, cleared_us and acked_by; its
 * raised_us is the time of this cause, and inside or near is not empty. Returns the episode;
 * *ret_changed tells whether anything that people see changed. NULL: all of `max` are open (counted
 * by alerts_refused, said in the log by the caller; an alert is never dropped silently). When only
 * closed ones stand in the way, the oldest of them are forgotten.
 *
 * What is returned here and below is valid until the next call that raises, restores or forgets.
 */
const struct alert *alert_raise(struct alerts *alerts, const struct alert *cause,
                                bool *ret_changed);

/* The subject left these zones, or is no longer near those. An episode that stands for no zone any
 * more is cleared. NULL: none is open. */
struct alert_end {
    uint64_t subject;
    uint16_t rule;
    uint64_t inside, near;
    int64_t time_us;
};
const struct alert *alert_end(struct alerts *alerts, const struct alert_end *end,
                              bool *ret_changed);

/* Clears the episode, whatever it stood for. */
const struct alert *alert_clear(struct alerts *alerts, uint64_t subject, uint16_t rule,
                                int64_t time_us, bool *ret_changed);
const struct alert *alert_ack(struct alerts *alerts, uint64_t id, const char *by, int64_t time_us,
                              bool *ret_changed);

/* The parties that the rule binds changed. */
const struct alert *alert_relabel(struct alerts *alerts, uint64_t id, uint16_t in_force,
                                  int64_t time_us, bool *ret_changed);

/* It turned out that the rule means the subject for certain. */
const struct alert *alert_confirm(struct alerts *alerts, uint64_t id, int64_t time_us,
                                  bool *ret_changed);

/* Puts back an episode kept by the store (after a restart); again and it takes the later form. */
bool alert_restore(struct alerts *alerts, const struct alert *kept);

/* Forgets closed episodes that last changed before this time; returns how many. */
size_t alert_forget(struct alerts *alerts, int64_t before_us);

const struct alert *alert_find(const struct alerts *alerts, uint64_t id);

/* The open episode; NULL if none. */
const struct alert *alert_open(const struct alerts *alerts, uint64_t subject, uint16_t rule);
size_t alerts_count(const struct alerts *alerts);
const struct alert *alerts_at(const struct alerts *alerts, size_t index); /* by order of raising */
uint64_t alerts_refused(const struct alerts *alerts);

const char *alert_state_name(enum alert_state state); /* "unacked", "acked", ... */

#endif
