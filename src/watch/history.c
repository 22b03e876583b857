#include <assert.h>
#include <string.h>

#include "watch/state.h"

/*
 * Two rings. Writing runs on through memory, so that it costs little; what is oldest of all tracks
 * is forgotten first. A number tells whether its slot still holds what it held: numbers run on, and
 * one that wrapped round to the same slot belongs to another track.
 */
#define HISTORY_MAX     (UINT32_C(1) << 24)
#define FIXES_PER_TRACK 4  /* unless the options say how many in all */
#define FIXES_PER_STATE 16 /* the most fixes between two that have a state */
#define SLOTS_PER_STATE 8  /* states come closer where tracks are cut or have several legs */

struct saved {
    struct track leg;
    uint32_t number;
};

struct history {
    struct memory *memory;
    struct saved *state;
    uint32_t memory_max, state_max;
    uint32_t memory_next, state_next; /* numbers to be given */
    uint32_t cut;                     /* memories before it are of no use */
};

static uint32_t memories_wanted(const struct watch_options *options)
{
    uint64_t wanted = options->history_max ? options->history_max
                                           : (uint64_t)FIXES_PER_TRACK * options->track_max;
    wanted = wanted > 2 * REPLAY_MAX ? wanted : 2 * REPLAY_MAX;
    return wanted < HISTORY_MAX ? (uint32_t)wanted : HISTORY_MAX;
}

int history_init(struct watch *watch, struct arena *arena, struct err *err)
{
    uint32_t max = memories_wanted(&watch->options);
    struct history *history = ARENA_ARRAY(arena, struct history, 1);
    if (!history)
        return err_set(err, EXIT_CONFIG, "watch: no memory for a history");
    history->memory_max = max;
    history->state_max = max / SLOTS_PER_STATE + LEGS_MAX;
    history->memory = ARENA_ARRAY(arena, struct memory, history->memory_max);
    history->state = ARENA_ARRAY(arena, struct saved, history->state_max);
    if (!history->memory || !history->state)
        return err_set(err, EXIT_CONFIG,
                       "watch: no memory for a history of %u fixes; lower history_max", max);
    history->memory_next = history->state_next = history->cut = 1;
    watch->history = history;
    return 0;
}

void history_cut(struct watch *watch)
{
    watch->history->cut = watch->history->memory_next;
}

/* ---- reading ----------------------------------------------------------------------------------- */

struct memory *history_at(const struct watch *watch, uint64_t track, uint32_t number)
{
    const struct history *history = watch->history;
    struct memory *memory = &history->memory[number % history->memory_max];
    bool kept = number && memory->number == number && memory->fix.track == track;
    return kept && (int32_t)(number - history->cut) >= 0 ? memory : NULL;
}

bool history_states(const struct watch *watch, const struct memory *memory,
                    const struct track *ret_legs[LEGS_MAX])
{
    const struct history *history = watch->history;
    for (uint32_t i = 0; i < memory->legs; i++) {
        const struct saved *state = &history->state[(memory->state + i) % history->state_max];
        if (state->number != memory->state + i || state->leg.last.track != memory->fix.track)
            return false;
        ret_legs[i] = &state->leg;
    }
    return memory->legs > 0;
}

/* ---- writing ----------------------------------------------------------------------------------- */

void history_save(const struct watch *watch, struct memory *memory, const struct legs *legs)
{
    struct history *history = watch->history;
    memory->state = history->state_next;
    memory->legs = (uint8_t)legs->count;
    for (uint32_t i = 0; i < legs->count; i++) {
        struct saved *state = &history->state[history->state_next % history->state_max];
        state->leg = *legs->leg[i];
        state->number = history->state_next++;
    }
}

struct memory *history_new(const struct watch *watch, const struct position *fix, uint64_t plan)
{
    struct history *history = watch->history;
    if (history->memory_next == 0) /* wrapped: 0 is no number */
        history->memory_next = 1;
    uint32_t number = history->memory_next++;
    struct memory *memory = &history->memory[number % history->memory_max];
    *memory = (struct memory){.fix = *fix, .plan = plan, .number = number};
    return memory;
}

bool history_is_due(uint32_t unsaved)
{
    return unsaved >= FIXES_PER_STATE;
}

/* The number if its slot still holds what it held, as far as numbers alone tell. */
static uint32_t if_kept(const struct history *history, uint32_t number)
{
    bool kept = (int32_t)(number - history->cut) >= 0 &&
                history->memory_next - number <= history->memory_max;
    return kept ? number : 0;
}

uint32_t history_add(struct watch *watch, struct legs *legs, const struct position *fix,
                     uint64_t plan)
{
    const struct track *any = legs->count ? legs->leg[0] : NULL;
    uint32_t before = any ? if_kept(watch->history, any->memory) : 0,
             unsaved = any ? any->unsaved + 1U : 0;
    struct memory *memory = history_new(watch, fix, plan);
    memory->first = !any;
    memory->before = before;
    if (any && (!before || history_is_due(unsaved))) {
        history_save(watch, memory, legs);
        unsaved = 0;
    }
    for (uint32_t i = 0; i < legs->count; i++)
        legs->leg[i]->unsaved = (uint8_t)unsaved;
    return memory->number;
}
