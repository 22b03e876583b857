#include "alert/alert.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "base/chain.h"
#include "base/table.h"
#include "base/timetext.h"

/* Full of closed episodes: this part of all is forgotten at once, so that it is seldom done. */
#define FORGET_PART 8

struct alerts {
    struct alert *alert;  /* by slot */
    uint32_t *order;      /* slots by order of raising */
    uint32_t *free;       /* slots that hold nothing, a stack */
    struct chain by_id;   /* all slots in use */
    struct chain by_need; /* open ones, by (subject, rule) */
    uint32_t max, count, free_count;
    uint64_t refused;
};

struct alerts *alerts_new(uint32_t max, struct arena *arena, struct err *err)
{
    if (max < 1 || max > ALERTS_MAX) {
        err_set(err, EXIT_CONFIG, "alerts: %u episodes asked for; the limit is 1 to %u", max,
                ALERTS_MAX);
        return NULL;
    }
    struct arena_mark mark = arena_mark(arena);
    struct alerts *alerts = ARENA_ARRAY(arena, struct alerts, 1);
    if (!alerts || !(alerts->alert = ARENA_ARRAY(arena, struct alert, max)) ||
        !(alerts->order = ARENA_ARRAY(arena, uint32_t, max)) ||
        !(alerts->free = ARENA_ARRAY(arena, uint32_t, max)) ||
        !chain_init(&alerts->by_id, max, arena) || !chain_init(&alerts->by_need, max, arena)) {
        arena_rewind(arena, mark);
        err_set(err, EXIT_CONFIG, "alerts: no memory for %u episodes; ask for fewer", max);
        return NULL;
    }
    alerts->max = alerts->free_count = max;
    for (uint32_t i = 0; i < max; i++)
        alerts->free[i] = max - 1 - i;
    return alerts;
}

static uint64_t need_hash(uint64_t subject, uint16_t rule)
{
    return hash_mix(subject ^ hash_mix(rule));
}

static bool is_open(const struct alert *alert)
{
    return alert->state != ALERT_CLOSED;
}

static struct alert *find_open(const struct alerts *alerts, uint64_t subject, uint16_t rule)
{
    uint32_t i = chain_first(&alerts->by_need, need_hash(subject, rule));
    for (; i != CHAIN_END; i = chain_next(&alerts->by_need, i))
        if (alerts->alert[i].subject == subject && alerts->alert[i].rule == rule)
            return &alerts->alert[i];
    return NULL;
}

static struct alert *find_id(const struct alerts *alerts, uint64_t id)
{
    uint32_t i = chain_first(&alerts->by_id, id);
    for (; i != CHAIN_END; i = chain_next(&alerts->by_id, i))
        if (alerts->alert[i].id == id)
            return &alerts->alert[i];
    return NULL;
}

const struct alert *alert_find(const struct alerts *alerts, uint64_t id)
{
    return find_id(alerts, id);
}

const struct alert *alert_open(const struct alerts *alerts, uint64_t subject, uint16_t rule)
{
    return find_open(alerts, subject, rule);
}

/* ---- places ------------------------------------------------------------------------------- */

/* Forgets up to `most` closed episodes that last changed before this time, oldest first. */
static size_t forget(struct alerts *alerts, int64_t before_us, size_t most)
{
    uint32_t kept = 0;
    size_t gone = 0;
    for (uint32_t i = 0; i < alerts->count; i++) {
        uint32_t slot = alerts->order[i];
        const struct alert *alert = &alerts->alert[slot];
        if (gone == most || is_open(alert) || alert->changed_us >= before_us) {
            alerts->order[kept++] = slot;
            continue;
        }
        chain_remove(&alerts->by_id, alert->id, slot);
        alerts->free[alerts->free_count++] = slot;
        gone++;
    }
    alerts->count = kept;
    return gone;
}

size_t alert_forget(struct alerts *alerts, int64_t before_us)
{
    return forget(alerts, before_us, alerts->max);
}

/* NULL: all are open. */
static struct alert *place_new(struct alerts *alerts, const struct alert *alert)
{
    if (alerts->free_count == 0 && !forget(alerts, INT64_MAX, 1 + alerts->max / FORGET_PART)) {
        alerts->refused++;
        return NULL;
    }
    uint32_t slot = alerts->free[--alerts->free_count];
    alerts->order[alerts->count++] = slot;
    alerts->alert[slot] = *alert;
    chain_add(&alerts->by_id, alert->id, slot);
    if (is_open(alert))
        chain_add(&alerts->by_need, need_hash(alert->subject, alert->rule), slot);
    return &alerts->alert[slot];
}

static void close_episode(struct alerts *alerts, struct alert *alert)
{
    uint32_t slot = (uint32_t)(alert - alerts->alert);
    chain_remove(&alerts->by_need, need_hash(alert->subject, alert->rule), slot);
    alert->state = ALERT_CLOSED;
}

/* ---- causes -------------------------------------------------------------------------------- */

static uint64_t alert_id(const struct alert *alert)
{
    uint8_t key[26];
    put_u64(key, alert->subject);
    put_u16(key + 8, alert->rule);
    put_u64(key + 10, (uint64_t)alert->raised_us);
    put_u64(key + 18, alert->cause);
    return hash_bytes(key, sizeof key);
}

static const struct alert *raise_first(struct alerts *alerts, const struct alert *cause)
{
    struct alert alert = *cause;
    alert.id = alert_id(cause);
    alert.last_cause = cause->cause;
    alert.changed_us = cause->raised_us;
    alert.cleared_us = TIME_UNKNOWN;
    alert.count = 1;
    alert.state = ALERT_UNACKED;
    memset(alert.acked_by, 0, sizeof alert.acked_by);
    return place_new(alerts, &alert);
}

static void touch(struct alert *alert, int64_t time_us)
{
    if (time_us > alert->changed_us)
        alert->changed_us = time_us;
}

/* Worse than what was acknowledged wants another acknowledgement. */
static void renew_state(struct alert *alert, bool worse)
{
    if (alert->state == ALERT_CLEARED_UNACKED || worse)
        alert->state = ALERT_UNACKED;
    if (worse)
        memset(alert->acked_by, 0, sizeof alert->acked_by);
    alert->cleared_us = TIME_UNKNOWN;
}

static void renew(struct alert *alert, const struct alert *cause)
{
    bool worse = cause->severity < alert->severity || (alert->predicted && !cause->predicted);
    alert->last_cause = cause->cause;
    alert->time_us = cause->time_us;
    alert->dist_mm = cause->dist_mm;
    alert->dist_err_mm = cause->dist_err_mm;
    alert->lat_e7 = cause->lat_e7;
    alert->lon_e7 = cause->lon_e7;
    alert->zone = cause->zone;
    alert->side = cause->side;
    alert->platform = cause->platform;
    alert->in_force = cause->in_force;
    alert->own = cause->own;
    alert->inside |= cause->inside;
    alert->near |= cause->near;
    alert->predicted = alert->predicted && cause->predicted;
    if (cause->severity < alert->severity)
        alert->severity = cause->severity;
    if (cause->certainty > alert->certainty)
        alert->certainty = cause->certainty;
    if (cause->sighted > alert->sighted)
        alert->sighted = cause->sighted;
    if (alert->count < UINT32_MAX)
        alert->count++;
    renew_state(alert, worse);
    touch(alert, cause->raised_us);
}

const struct alert *alert_raise(struct alerts *alerts, const struct alert *cause, bool *ret_changed)
{
    assert(cause->inside || cause->near);
    struct alert *open = find_open(alerts, cause->subject, cause->rule);
    *ret_changed = true;
    if (open) {
        renew(open, cause);
        return open;
    }
    const struct alert *raised = raise_first(alerts, cause);
    *ret_changed = raised != NULL;
    return raised;
}

static bool is_cleared(const struct alert *alert)
{
    return alert->state == ALERT_CLEARED_UNACKED || alert->state == ALERT_CLOSED;
}

static void clear(struct alerts *alerts, struct alert *alert, int64_t time_us)
{
    alert->inside = alert->near = 0;
    alert->cleared_us = time_us;
    touch(alert, time_us);
    if (alert->state == ALERT_ACKED)
        close_episode(alerts, alert);
    else
        alert->state = ALERT_CLEARED_UNACKED;
}

const struct alert *alert_end(struct alerts *alerts, const struct alert_end *end, bool *ret_changed)
{
    struct alert *alert = find_open(alerts, end->subject, end->rule);
    *ret_changed = false;
    if (!alert || is_cleared(alert))
        return alert;
    alert->inside &= ~end->inside;
    alert->near &= ~end->near;
    if (!alert->inside && !alert->near) {
        clear(alerts, alert, end->time_us);
        *ret_changed = true;
    }
    return alert;
}

const struct alert *alert_clear(struct alerts *alerts, uint64_t subject, uint16_t rule,
                                int64_t time_us, bool *ret_changed)
{
    struct alert *alert = find_open(alerts, subject, rule);
    *ret_changed = alert && !is_cleared(alert);
    if (*ret_changed)
        clear(alerts, alert, time_us);
    return alert;
}

static void set_by(struct alert *alert, const char *by)
{
    size_t n = strnlen(by, sizeof alert->acked_by - 1);
    memset(alert->acked_by, 0, sizeof alert->acked_by);
    memcpy(alert->acked_by, by, n);
}

const struct alert *alert_ack(struct alerts *alerts, uint64_t id, const char *by, int64_t time_us,
                              bool *ret_changed)
{
    struct alert *alert = find_id(alerts, id);
    *ret_changed =
        alert && (alert->state == ALERT_UNACKED || alert->state == ALERT_CLEARED_UNACKED);
    if (!*ret_changed)
        return alert;
    if (alert->state == ALERT_CLEARED_UNACKED)
        close_episode(alerts, alert);
    else
        alert->state = ALERT_ACKED;
    set_by(alert, by);
    touch(alert, time_us);
    return alert;
}

const struct alert *alert_relabel(struct alerts *alerts, uint64_t id, uint16_t in_force,
                                  int64_t time_us, bool *ret_changed)
{
    struct alert *alert = find_id(alerts, id);
    *ret_changed = alert && alert->in_force != in_force;
    if (*ret_changed) {
        alert->in_force = in_force;
        touch(alert, time_us);
    }
    return alert;
}

const struct alert *alert_confirm(struct alerts *alerts, uint64_t id, int64_t time_us,
                                  bool *ret_changed)
{
    struct alert *alert = find_id(alerts, id);
    *ret_changed = alert && alert->certainty < alert->sighted;
    if (*ret_changed) {
        alert->certainty = alert->sighted;
        touch(alert, time_us);
    }
    return alert;
}

/* ---- restart, and reading ------------------------------------------------------------------- */

bool alert_restore(struct alerts *alerts, const struct alert *kept)
{
    struct alert *known = find_id(alerts, kept->id);
    if (!known)
        return place_new(alerts, kept) != NULL;
    if (kept->changed_us < known->changed_us || !is_open(known))
        return true;
    if (!is_open(kept))
        close_episode(alerts, known);
    *known = *kept;
    return true;
}

size_t alerts_count(const struct alerts *alerts)
{
    return alerts->count;
}

const struct alert *alerts_at(const struct alerts *alerts, size_t index)
{
    assert(index < alerts->count);
    return &alerts->alert[alerts->order[index]];
}

uint64_t alerts_refused(const struct alerts *alerts)
{
    return alerts->refused;
}

const char *alert_state_name(enum alert_state state)
{
    static const char *const names[] = {
        [ALERT_UNACKED] = "unacked",
        [ALERT_ACKED] = "acked",
        [ALERT_CLEARED_UNACKED] = "cleared_unacked",
        [ALERT_CLOSED] = "closed",
    };
    assert(state <= ALERT_CLOSED);
    return names[state];
}
