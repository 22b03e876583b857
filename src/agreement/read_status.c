#include <string.h>

#include "agreement/reader.h"
#include "base/sort.h"

/*
 * Status: dated acts, read into one event per provision and party. "*", lists and provisions with
 * others below them are expanded here, so that the fold (status.c) compares indices only.
 */
#define ACTS_MAX   4096
#define EVENTS_MAX 262144

struct act {
    struct json provision, party;
    struct moment at;
    enum state state;
    struct words cause;
    const char *source;
    struct json json;
};

static int read_state(struct reader *r, struct json value, void *into)
{
    const char *names[STATE_LAPSED + 1];
    size_t index;
    for (int i = 0; i <= STATE_LAPSED; i++)
        names[i] = state_name((enum state)i);
    if (word_read(r, value, names, STATE_LAPSED + 1, &index))
        return ERR_FAIL;
    *(enum state *)into = (enum state)index;
    return 0;
}

static const struct field act_fields[] = {
    {"provision", read_value, offsetof(struct act, provision), "a provision id, a list, or \"*\""},
    {"party", read_value, offsetof(struct act, party), "a party id, a list, or \"*\""},
    {"at", read_moment, offsetof(struct act, at), "a time"},
    {"is", read_state, offsetof(struct act, state), "a state"},
    {"cause", read_words, offsetof(struct act, cause), NULL},
    {"until", read_words, NOT_KEPT, NULL},
    {"source", read_text, offsetof(struct act, source), NULL},
};

static int act_read(struct reader *r, struct json value, void *into)
{
    struct act *act = into;
    act->json = value;
    return OBJECT_READ(r, value, act_fields, act);
}

/* ---- expansion ---------------------------------------------------------------------------------- */

/* Whom and what an act is about. */
struct marks {
    uint16_t parties; /* bit i: party i */
    bool *provision;  /* as named, without those below */
};

static int mark_party(struct reader *r, struct json value, void *into)
{
    uint16_t party;
    struct marks *marks = into;
    if (read_party(r, value, &party))
        return ERR_FAIL;
    marks->parties |= (uint16_t)(1u << party);
    return 0;
}

static int mark_provision(struct reader *r, struct json value, void *into)
{
    uint16_t provision;
    struct marks *marks = into;
    if (read_provision(r, value, &provision))
        return ERR_FAIL;
    marks->provision[provision] = true;
    return 0;
}

static int marks_read(struct reader *r, const struct act *act, struct marks *marks)
{
    uint16_t provisions = r->agreement->provision_count;
    bool all = json_is(act->provision, "*");
    marks->parties = 0;
    memset(marks->provision, all, provisions * sizeof *marks->provision);
    if (json_is(act->party, "*"))
        marks->parties = (uint16_t)((1u << r->agreement->party_count) - 1);
    else if (each_read(r, act->party, mark_party, marks))
        return ERR_FAIL;
    return all ? 0 : each_read(r, act->provision, mark_provision, marks);
}

/* Named, or below one that is. */
static bool is_covered(const struct reader *r, const struct marks *marks, uint16_t provision)
{
    for (; provision != AGREEMENT_NONE; provision = r->provisions[provision].parent)
        if (marks->provision[provision])
            return true;
    return false;
}

/* The events as they are gathered; counted first (events NULL), then written. */
struct events {
    struct status_event *event;
    uint32_t count;
};

static void events_add(struct events *events, const struct act *act, uint16_t provision,
                       uint16_t party)
{
    if (events->event)
        events->event[events->count] = (struct status_event){.provision = provision,
                                                             .party = party,
                                                             .time_us = act->at.time_us,
                                                             .date_only = act->at.date_only,
                                                             .state = act->state,
                                                             .cause = act->cause,
                                                             .source = act->source};
    events->count++;
}

static void events_expand(const struct reader *r, const struct act *act, const struct marks *marks,
                          struct events *events)
{
    for (uint16_t i = 0; i < r->agreement->provision_count; i++) {
        if (!is_covered(r, marks, i))
            continue;
        for (uint16_t party = 0; party < r->agreement->party_count; party++)
            if (marks->parties >> party & 1)
                events_add(events, act, i, party);
    }
}

static int events_gather(struct reader *r, const struct act *acts, size_t count,
                         struct marks *marks, struct events *events)
{
    events->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (marks_read(r, &acts[i], marks))
            return ERR_FAIL;
        events_expand(r, &acts[i], marks, events);
        if (events->count > EVENTS_MAX)
            return reader_fail(r, acts[i].json,
                               "more than %d changes of a provision for a party so "
                               "far",
                               EVENTS_MAX);
    }
    return 0;
}

/* ---- order -------------------------------------------------------------------------------------- */

/* By time; acts of one time stay in the order of the text, since the sort is stable. */
static bool event_less(const void *a, const void *b)
{
    const struct status_event *p = a, *q = b;
    return p->time_us < q->time_us;
}

static int events_order(struct reader *r, struct events *events)
{
    struct arena_mark mark = arena_mark(r->arena);
    struct status_event *spare = READER_ARRAY(r, struct status_event, events->count);
    if (!spare)
        return ERR_FAIL;
    sort_items(events->event, spare, events->count, sizeof *spare, event_less);
    arena_rewind(r->arena, mark);
    return 0;
}

/*
 * An agreement that tells no acts at all is in force for every party, from its own date or from the
 * beginning of time: whoever writes rules and no history means them.
 */
static const struct act *act_of_silence(const struct reader *r, struct act *act)
{
    static const uint8_t star[] = "\"*\"";
    struct json all = {star, star + sizeof star - 1, JSON_STRING};
    *act = (struct act){.provision = all,
                        .party = all,
                        .at = {r->agreement->in_force_us, false},
                        .state = STATE_IN_FORCE};
    return act;
}

int status_read(struct reader *r)
{
    struct json list = json_get(r->top, "status");
    size_t count = 0;
    struct act silence;
    const struct act *acts = NULL;
    if (list.type != JSON_NONE &&
        !(acts = list_read(r, list, act_read, sizeof *acts, ACTS_MAX, &count)))
        return ERR_FAIL;
    if (count == 0) {
        acts = act_of_silence(r, &silence);
        count = 1;
    }
    struct marks marks = {0, READER_ARRAY(r, bool, r->agreement->provision_count)};
    struct events events = {NULL, 0};
    if (!marks.provision || events_gather(r, acts, count, &marks, &events))
        return ERR_FAIL;
    events.event = READER_ARRAY(r, struct status_event, events.count);
    if (!events.event || events_gather(r, acts, count, &marks, &events) || events_order(r, &events))
        return ERR_FAIL;
    r->agreement->status = events.event;
    r->agreement->status_count = events.count;
    return 0;
}
