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
 */
#define ALERTS_MAX (1u << 16)

enum alert_state { ALERT_UNACKED, ALERT_ACKED, ALERT_CLEARED_UNACKED, ALERT_CLOSED };

struct alert {
    uint64_t id;              /* stable: hash of subject, rule and first time */
    uint64_t subject;         /* track key, or another module's */
    uint64_t cause;           /* id of the sighting that raised it */
    uint64_t last_cause;
    int64_t raised_us, changed_us, cleared_us; /* cleared: TIME_UNKNOWN while active */
    uint32_t count;           /* causes seen in this episode */
    uint16_t rule, zone, side;
    uint16_t in_force;        /* bit i: the rule's provision binds party i now */
    uint8_t severity;         /* 1 alarm .. 4 journal */
    uint8_t state, certainty;
    bool own;                 /* the subject is the home party's own: a warning to it, not a claim */
    bool predicted;           /* only near so far */
    char acked_by[48];
};

struct alerts; /* opaque */

struct alerts *alerts_new(uint32_t max, struct arena *arena, struct err *err);

/* Raises or renews. `cause` has all fields but id, state, count and times other than raised_us.
 * Returns the episode; *ret_changed tells whether anything that people see changed. NULL: full
 * (counted by alerts_refused, said in the log by the caller; an alert is never dropped silently). */
const struct alert *alert_raise(struct alerts *alerts, const struct alert *cause, bool *ret_changed);
const struct alert *alert_clear(struct alerts *alerts, uint64_t subject, uint16_t rule,
                                int64_t time_us, bool *ret_changed);
const struct alert *alert_ack(struct alerts *alerts, uint64_t id, const char *by, int64_t time_us,
                              bool *ret_changed);

/* Puts back an episode kept by the store (after a restart). */
bool alert_restore(struct alerts *alerts, const struct alert *kept);

const struct alert *alert_find(const struct alerts *alerts, uint64_t id);
size_t alerts_count(const struct alerts *alerts);
const struct alert *alerts_at(const struct alerts *alerts, size_t index); /* by order of raising */
uint64_t alerts_refused(const struct alerts *alerts);

const char *alert_state_name(enum alert_state state); /* "unacked", "acked", ... */

#endif
