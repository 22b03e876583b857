#include "agreement/agreement.h"

/*
 * The state of a provision for a party: a fold over its dated acts. The acts stand in order of
 * time, so the state at a time is that of the last one for this pair at or before it.
 */

struct state_row {
    const char *name;
    bool in_force;
};

/* The table of docs/format/agreement.md, "status". */
static const struct state_row states[] = {
    [STATE_NOT_STARTED] = {"not_started", false},
    [STATE_UNDER_WAY] = {"under_way", true},
    [STATE_DONE] = {"done", true},
    [STATE_VERIFIED] = {"verified", true},
    [STATE_HELD_BACK] = {"held_back", false},
    [STATE_IN_FORCE] = {"in_force", true},
    [STATE_THREATENED] = {"threatened", true},
    [STATE_DECLARED_SUSPENDED] = {"declared_suspended", false},
    [STATE_DECLARED_VOID] = {"declared_void", false},
    [STATE_RESTORING] = {"restoring", false},
    [STATE_LAPSED] = {"lapsed", false},
};

bool state_in_force(enum state state)
{
    return states[state].in_force;
}

const char *state_name(enum state state)
{
    return states[state].name;
}

/* How many events stand at or before the time. */
static uint32_t events_until(const struct agreement *a, int64_t time_us)
{
    uint32_t low = 0, high = a->status_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (a->status[middle].time_us <= time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum state agreement_state(const struct agreement *a, uint16_t provision, uint16_t party,
                           int64_t time_us, const struct status_event **ret_since)
{
    const struct status_event *since = NULL;
    for (uint32_t i = events_until(a, time_us); i-- > 0 && !since;)
        if (a->status[i].provision == provision && a->status[i].party == party)
            since = &a->status[i];
    if (ret_since)
        *ret_since = since;
    return since ? since->state : STATE_NOT_STARTED;
}
