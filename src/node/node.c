#include "node/node.h"

#include <assert.h>
#include <string.h>

#include "base/table.h"
#include "node/rules.h"

_Static_assert(EFFECTS_ROOM > 2 * RULES_OF_ZONE_MAX, "a sighting's effects fit");

struct node {
    const struct compiled *compiled;
    uint16_t party;
    struct shards *shards;
    struct alerts *alerts;
    struct rules rules;

    uint64_t still_near; /* zones that the sightings at hand leave near */
    size_t ahead;        /* positions that the shards have, not yet reported as used */
    bool ticks;          /* the shards have a tick that is not all told */

    int64_t now_us;
    uint32_t status_at; /* acts of status before it are in the labels */
    size_t relabel_at;  /* alerts before it have the label of status_at; SIZE_MAX: all have */
    uint64_t *restored; /* ids of episodes kept from before, not seen again yet */
    uint32_t restored_count, restored_max;

    struct effect *out;
    size_t out_count, out_cap;
};

static int make_parts(struct node *node, const struct node_options *options, struct arena *arena,
                      struct err *err)
{
    struct shards_options shards = {.count = options->shards ? options->shards : SHARDS_USUAL,
                                    .watch = options->watch,
                                    .jobs = options->jobs};
    node->shards = shards_new(node->compiled, &shards, arena, err);
    if (!node->shards)
        return ERR_FAIL;
    node->alerts = alerts_new(options->alert_max, arena, err);
    if (!node->alerts)
        return ERR_FAIL;
    node->restored_max = options->alert_max;
    node->restored = ARENA_ARRAY(arena, uint64_t, node->restored_max);
    if (!node->restored)
        return err_set(err, EXIT_CONFIG, "no memory for a node; lower its limits");
    return rules_init(&node->rules, node->compiled->agreement, arena, err);
}

struct node *node_new(const struct compiled *compiled, const struct node_options *options,
                      struct arena *arena, struct err *err)
{
    struct arena_mark mark = arena_mark(arena);
    struct node *node = ARENA_ARRAY(arena, struct node, 1);
    if (!node) {
        err_set(err, EXIT_CONFIG, "no memory for a node");
        return NULL;
    }
    assert(options->party == AGREEMENT_NONE || options->party < compiled->agreement->party_count);
    node->compiled = compiled;
    node->party = options->party;
    node->now_us = TIME_UNKNOWN;
    node->relabel_at = SIZE_MAX;
    if (make_parts(node, options, arena, err)) {
        arena_rewind(arena, mark);
        return NULL;
    }
    return node;
}

/* ---- effects ----------------------------------------------------------------------------------- */

static void out_open(struct node *node, struct effect *out, size_t cap)
{
    assert(cap >= EFFECTS_ROOM);
    node->out = out;
    node->out_cap = cap;
    node->out_count = 0;
}

static bool out_has_room(const struct node *node, size_t need)
{
    return node->out_cap - node->out_count >= need;
}

static struct effect *out_next(struct node *node, enum effect_kind kind)
{
    assert(out_has_room(node, 1));
    struct effect *effect = &node->out[node->out_count++];
    effect->kind = kind;
    return effect;
}

static void keep_alert(struct node *node, const struct alert *alert, bool changed)
{
    if (alert && changed)
        out_next(node, EFFECT_KEEP_ALERT)->alert = *alert;
}

/* ---- a sighting under a rule ------------------------------------------------------------------- */

/* What a kind of sighting does to the episodes of its zone's rules. */
struct reaction {
    bool raises, predicts; /* raises, because the track is in the zone; or will be */
    bool ends_inside, ends_near;
};

static const struct reaction reactions[] = {
    [SIGHTING_ENTER] = {.raises = true, .ends_near = true},
    [SIGHTING_LEAVE] = {.ends_inside = true},
    [SIGHTING_CROSS] = {.raises = true, .ends_inside = true, .ends_near = true},
    [SIGHTING_INSIDE_AT_START] = {.raises = true, .ends_near = true},
    [SIGHTING_NEAR] = {.raises = true, .predicts = true},
    [SIGHTING_LOST_INSIDE] = {.raises = true},
    [SIGHTING_OPENED] = {.raises = true, .ends_near = true},
    [SIGHTING_CLOSED] = {.ends_inside = true},
    [SIGHTING_LAPSED] = {.ends_near = true},
    [SIGHTING_RETRACTED] = {.raises = false},
    [SIGHTING_MARK] = {.raises = false},
};

/* What is told late may have ended long ago, and what is retracted may hold all the same: what holds
 * now decides. */
static struct reaction reaction_of(const struct sighting *sighting)
{
    struct reaction reaction = reactions[sighting->kind];
    if (!sighting->late)
        return reaction;
    reaction.raises |= sighting->kind == SIGHTING_RETRACTED && sighting->holds & HOLDS_INSIDE;
    reaction.ends_inside = !(sighting->holds & HOLDS_INSIDE);
    reaction.ends_near = !(sighting->holds & HOLDS_NEAR);
    return reaction;
}

/* The legs of one id are different craft until somebody knows better. */
static uint64_t subject_of(const struct sighting *sighting)
{
    return sighting->leg ? hash_mix(sighting->track ^ hash_mix(sighting->leg)) : sighting->track;
}

/* What is predicted is known since its fix, what happened since it happened. */
static int64_t known_us(const struct node *node, const struct sighting *sighting)
{
    int64_t time_us = sighting->kind == SIGHTING_NEAR ? sighting->fix.time_us : sighting->time_us;
    return time_us == TIME_UNKNOWN ? node->now_us : time_us;
}

#define SEVERITY_PREDICTED 2

static struct alert cause_of(const struct node *node, const struct sighting *sighting,
                             uint16_t rule_index, enum meant meant)
{
    const struct rule *rule = &node->compiled->agreement->rules[rule_index];
    bool predicted = reaction_of(sighting).predicts;
    uint64_t zone = UINT64_C(1) << sighting->zone;
    int64_t time_us = known_us(node, sighting);
    bool certain = meant == MEANT_CERTAINLY && sighting->certainty == CERTAINTY_CERTAIN;
    return (struct alert){
        .subject = subject_of(sighting),
        .track = sighting->track,
        .cause = sighting->id,
        .inside = predicted ? 0 : zone,
        .near = predicted ? zone : 0,
        .raised_us = time_us,
        .time_us = sighting->time_us,
        .dist_mm = sighting->dist_mm,
        .dist_err_mm = sighting->dist_err_mm,
        .lat_e7 = sighting->lat_e7,
        .lon_e7 = sighting->lon_e7,
        .rule = rule_index,
        .zone = sighting->zone,
        .side = sighting->side,
        .in_force = rule_in_force(node->compiled->agreement, rule, time_us),
        .severity =
            predicted && rule->severity < SEVERITY_PREDICTED ? SEVERITY_PREDICTED : rule->severity,
        .certainty = certain ? CERTAINTY_CERTAIN : CERTAINTY_POSSIBLE,
        .sighted = sighting->certainty,
        .platform = sighting->platform,
        .leg = sighting->leg,
        .own = node->party != AGREEMENT_NONE && sighting->side == node->party,
        .predicted = predicted,
        .simulated = sighting->fix.note & NOTE_SIMULATED,
    };
}

static bool raises_under(const struct node *node, const struct sighting *sighting,
                         const struct rule *rule, enum meant *ret_meant)
{
    const struct agreement *a = node->compiled->agreement;
    if (!reaction_of(sighting).raises || a->zones[sighting->zone].status == ZONE_UNRESOLVED)
        return false;
    *ret_meant = rule_meant(a, rule, sighting);
    return *ret_meant != MEANT_NOT;
}

/* An episode ends where the track left, not where it came in. */
static int64_t ended_us(const struct node *node, const struct sighting *sighting)
{
    if (sighting->kind == SIGHTING_CROSS && sighting->time_hi_us != TIME_UNKNOWN)
        return sighting->time_hi_us;
    return known_us(node, sighting);
}

static void end_under(struct node *node, const struct sighting *sighting, uint16_t rule)
{
    struct reaction reaction = reaction_of(sighting);
    uint64_t zone = UINT64_C(1) << sighting->zone;
    if (!reaction.ends_inside && !reaction.ends_near)
        return;
    struct alert_end end = {.subject = subject_of(sighting),
                            .rule = rule,
                            .inside = reaction.ends_inside ? zone : 0,
                            .near = reaction.ends_near ? zone & ~node->still_near : 0,
                            .time_us = ended_us(node, sighting)};
    bool changed;
    const struct alert *alert = alert_end(node->alerts, &end, &changed);
    keep_alert(node, alert, changed);
}

static void raise_under(struct node *node, const struct sighting *sighting, uint16_t rule)
{
    enum meant meant;
    bool changed;
    if (!raises_under(node, sighting, &node->compiled->agreement->rules[rule], &meant))
        return;
    struct alert cause = cause_of(node, sighting, rule, meant);
    const struct alert *alert = alert_raise(node->alerts, &cause, &changed);
    keep_alert(node, alert, changed);
}

/* ---- pending sightings ------------------------------------------------------------------------- */

typedef void act_under(struct node *node, const struct sighting *sighting, uint16_t rule);

/* Does it under every rule that alarms in the sighting's zone. */
static void for_rules(struct node *node, const struct sighting *sighting, act_under *act)
{
    const struct rules *rules = &node->rules;
    if (sighting->zone == AGREEMENT_NONE)
        return;
    for (uint16_t i = rules->start[sighting->zone]; i < rules->start[sighting->zone + 1]; i++)
        if (rule_alarms(&node->compiled->agreement->rules[rules->rule[i]]))
            act(node, sighting, rules->rule[i]);
}

/* Zones that are near at the end of these sightings: no episode about them ends meanwhile. */
static uint64_t near_after(const struct sighting *sightings, size_t count)
{
    uint64_t zones = 0;
    for (size_t i = 0; i < count; i++)
        if (sightings[i].kind == SIGHTING_NEAR)
            zones |= UINT64_C(1) << sightings[i].zone;
    return zones;
}

/* What belongs together. An episode goes on if one of its zones is left for another, or left so
 * narrowly that it still is near. */
static void judge(struct node *node, const struct sighting *sightings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sightings[i].kind != SIGHTING_LAPSED)
            out_next(node, EFFECT_KEEP_SIGHTING)->sighting = sightings[i];
    for (size_t i = 0; i < count; i++)
        for_rules(node, &sightings[i], raise_under);
    node->still_near = near_after(sightings, count);
    for (size_t i = 0; i < count; i++)
        for_rules(node, &sightings[i], end_under);
}

/* The most effects that a sighting can have: each rule can raise and clear. */
static size_t effects_most(const struct node *node, const struct sighting *sighting)
{
    if (sighting->zone == AGREEMENT_NONE)
        return 1;
    const uint16_t *start = &node->rules.start[sighting->zone];
    return 1 + 2 * (size_t)(start[1] - start[0]);
}

static bool is_same_fix(const struct sighting *a, const struct sighting *b)
{
    return a->fix.time_us == b->fix.time_us && a->fix.lat_e7 == b->fix.lat_e7 &&
           a->fix.lon_e7 == b->fix.lon_e7;
}

/* What one leg does in one instant belongs together, with what it is near thereafter. */
static bool is_together(const struct sighting *first, const struct sighting *next)
{
    return first->track == next->track && first->leg == next->leg &&
           (first->time_us == next->time_us ||
            (next->kind == SIGHTING_NEAR && is_same_fix(first, next)));
}

/* How many sightings belong together, as far as their effects fit at all. */
static size_t together_count(const struct node *node, const struct sighting *first, size_t most,
                             size_t *ret_need)
{
    size_t count = 1;
    *ret_need = effects_most(node, first);
    while (count < most && is_together(first, &first[count]) &&
           *ret_need + effects_most(node, &first[count]) <= EFFECTS_ROOM)
        *ret_need += effects_most(node, &first[count++]);
    return count;
}

/* All that the shards have to tell. False: no room, some is left. */
static bool drain(struct node *node)
{
    do {
        const struct sighting *next;
        for (size_t most; (next = shards_next(node->shards, &most));) {
            size_t need, count = together_count(node, next, most, &need);
            if (!out_has_room(node, need))
                return false;
            judge(node, next, count);
            shards_pass(node->shards, count);
        }
    } while (shards_more(node->shards));
    return true;
}

static void note_time(struct node *node, const struct position *positions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (positions[i].time_us != TIME_UNKNOWN)
            node->now_us = positions[i].time_us;
}

size_t node_positions(struct node *node, const struct position *positions, size_t count,
                      struct effect *out, size_t cap, size_t *ret_count)
{
    size_t used = 0;
    assert(node->ahead <= count);
    out_open(node, out, cap);
    while (drain(node)) {
        used += node->ahead;
        node->ahead = 0;
        if (used == count)
            break;
        node->ahead = shards_positions(node->shards, positions + used, count - used);
        note_time(node, positions + used, node->ahead);
    }
    *ret_count = node->out_count;
    return used;
}

/* ---- ticks ------------------------------------------------------------------------------------- */

/* Acts of status that have come to pass start a new round of labels. */
static void note_status(struct node *node, int64_t now_us)
{
    const struct agreement *a = node->compiled->agreement;
    uint32_t before = node->status_at;
    while (node->status_at < a->status_count && a->status[node->status_at].time_us <= now_us)
        node->status_at++;
    if (node->status_at != before)
        node->relabel_at = 0;
}

/* The labels of open episodes as of the last act. False: no room, some are left. */
static bool relabel(struct node *node, int64_t now_us)
{
    const struct agreement *a = node->compiled->agreement;
    if (node->relabel_at == SIZE_MAX)
        return true;
    for (; node->relabel_at < alerts_count(node->alerts); node->relabel_at++) {
        const struct alert *alert = alerts_at(node->alerts, node->relabel_at);
        bool changed;
        if (alert->state == ALERT_CLOSED)
            continue;
        if (!out_has_room(node, 1))
            return false;
        uint16_t in_force = rule_in_force(a, &a->rules[alert->rule], now_us);
        alert = alert_relabel(node->alerts, alert->id, in_force, now_us, &changed);
        keep_alert(node, alert, changed);
    }
    node->relabel_at = SIZE_MAX;
    return true;
}

/* An episode from before a restart whose track is seen again, but not where the episode says: it
 * left while nobody watched. */
static bool review_one(struct node *node, uint64_t id)
{
    const struct alert *alert = alert_find(node->alerts, id);
    struct watch_track seen;
    bool changed;
    if (!alert || alert->state == ALERT_CLEARED_UNACKED || alert->state == ALERT_CLOSED)
        return true;
    if (!shards_track(node->shards, alert->track, &seen))
        return false;
    if (seen.last.leg == alert->leg && (alert->inside & seen.inside || alert->near & seen.near))
        return true;
    alert = alert_clear(node->alerts, alert->subject, alert->rule, seen.last.time_us, &changed);
    keep_alert(node, alert, changed);
    return true;
}

static bool review_restored(struct node *node)
{
    for (uint32_t i = 0; i < node->restored_count;) {
        if (!out_has_room(node, 1))
            return false;
        if (review_one(node, node->restored[i]))
            node->restored[i] = node->restored[--node->restored_count];
        else
            i++;
    }
    return true;
}

/* Whether the rule means the alert's track, as it is known by now. */
static enum meant meant_now(const struct node *node, const struct alert *alert,
                            const struct watch_track *seen)
{
    const struct agreement *a = node->compiled->agreement;
    struct sighting now = {.track = alert->track,
                           .time_us = alert->time_us,
                           .side = seen->side,
                           .platform = seen->last.platform,
                           .fix = seen->last};
    return rule_meant(a, &a->rules[alert->rule], &now);
}

/* What was learnt of the craft's class or flag ends a possible episode, or makes it certain. */
static void review_learnt(struct node *node, const struct alert *alert,
                          const struct watch_track *seen)
{
    enum meant meant = meant_now(node, alert, seen);
    int64_t time_us = seen->last.time_us;
    bool changed = false;
    if (meant == MEANT_NOT)
        alert = alert_clear(node->alerts, alert->subject, alert->rule, time_us, &changed);
    if (meant == MEANT_CERTAINLY)
        alert = alert_confirm(node->alerts, alert->id, time_us, &changed);
    keep_alert(node, alert, changed);
}

/* False: no room, some are left. */
static bool review_possible(struct node *node)
{
    for (size_t i = 0; i < alerts_count(node->alerts); i++) {
        const struct alert *alert = alerts_at(node->alerts, i);
        struct watch_track seen;
        if (alert->certainty == CERTAINTY_CERTAIN || !(alert->inside || alert->near) ||
            !shards_track(node->shards, alert->track, &seen) || seen.last.leg != alert->leg)
            continue;
        if (!out_has_room(node, 1))
            return false;
        review_learnt(node, alert, &seen);
    }
    return true;
}

/* False: no room, some is left. */
static bool tell_tick(struct node *node, int64_t now_us)
{
    if (!node->ticks && !drain(node))
        return false;
    if (!node->ticks)
        shards_tick(node->shards, now_us);
    node->ticks = true;
    if (!drain(node))
        return false;
    node->ticks = false;
    return true;
}

bool node_tick(struct node *node, int64_t now_us, struct effect *out, size_t cap, size_t *ret_count)
{
    out_open(node, out, cap);
    node->now_us = now_us;
    note_status(node, now_us);
    bool done = tell_tick(node, now_us) && relabel(node, now_us) && review_restored(node) &&
                review_possible(node);
    *ret_count = node->out_count;
    return !done;
}

/* ---- operators, restarts, queries -------------------------------------------------------------- */

int node_ack(struct node *node, uint64_t alert_id, const char *by, int64_t time_us,
             struct effect *out, size_t cap, size_t *ret_count, struct err *err)
{
    bool changed;
    *ret_count = 0;
    if (!by[0])
        return err_set(err, EXIT_USAGE, "an acknowledgement needs the name of who gives it");
    const struct alert *alert = alert_ack(node->alerts, alert_id, by, time_us, &changed);
    if (!alert || (alert->state == ALERT_CLOSED && !changed))
        return err_set(err, EXIT_DATA, "alert %016llx: there is no such open episode",
                       (unsigned long long)alert_id);
    out_open(node, out, cap);
    keep_alert(node, alert, changed);
    *ret_count = node->out_count;
    return 0;
}

bool node_restore_alert(struct node *node, const struct alert *kept)
{
    if (kept->rule >= node->compiled->agreement->rule_count ||
        kept->zone >= node->compiled->agreement->zone_count)
        return false;
    if (!alert_restore(node->alerts, kept))
        return false;
    if (node->restored_count < node->restored_max && (kept->inside || kept->near))
        node->restored[node->restored_count++] = kept->id;
    return true;
}

const struct compiled *node_compiled(const struct node *node)
{
    return node->compiled;
}

struct watch_counts node_counts(const struct node *node)
{
    return shards_counts(node->shards);
}

bool node_track(const struct node *node, uint64_t track, struct watch_track *ret_track)
{
    return shards_track(node->shards, track, ret_track);
}

const struct alerts *node_alerts(const struct node *node)
{
    return node->alerts;
}

uint16_t node_party(const struct node *node)
{
    return node->party;
}
