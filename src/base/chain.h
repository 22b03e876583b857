#ifndef BASE_CHAIN_H
#define BASE_CHAIN_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * Hash chains over things that the caller keeps in an array of its own, for those that come and go
 * (struct table's keys only come). A chain links all indices of one hash bucket; the caller
 * compares keys:
 *
 *   for (uint32_t i = chain_first(&c, hash); i != CHAIN_END; i = chain_next(&c, i)) ...
 */
#define CHAIN_END UINT32_MAX

struct chain {
    uint32_t *head; /* by bucket: index + 1; 0 is empty */
    uint32_t *next; /* by index: the next one's index + 1 */
    uint32_t mask;  /* buckets - 1 */
};

/* For indices below cap (1 .. 2^27). False when the arena is full. */
static inline bool chain_init(struct chain *chain, uint32_t cap, struct arena *arena)
{
    assert(cap >= 1 && cap <= UINT32_C(1) << 27);
    uint32_t buckets = 1;
    while (buckets < cap)
        buckets *= 2;
    struct arena_mark mark = arena_mark(arena);
    struct chain c = {.head = ARENA_ARRAY(arena, uint32_t, buckets),
                      .next = ARENA_ARRAY(arena, uint32_t, cap),
                      .mask = buckets - 1};
    if (!c.head || !c.next) {
        arena_rewind(arena, mark);
        return false;
    }
    *chain = c;
    return true;
}

static inline uint32_t chain_first(const struct chain *chain, uint64_t hash)
{
    return chain->head[hash & chain->mask] - 1;
}

static inline uint32_t chain_next(const struct chain *chain, uint32_t index)
{
    return chain->next[index] - 1;
}

/* The index must not be in the chain yet. It comes first. */
static inline void chain_add(struct chain *chain, uint64_t hash, uint32_t index)
{
    chain->next[index] = chain->head[hash & chain->mask];
    chain->head[hash & chain->mask] = index + 1;
}

/* The index must be in the chain of that hash. */
static inline void chain_remove(struct chain *chain, uint64_t hash, uint32_t index)
{
    uint32_t *link = &chain->head[hash & chain->mask];
    while (*link != index + 1) {
        assert(*link);
        link = &chain->next[*link - 1];
    }
    *link = chain->next[index];
}

#endif
