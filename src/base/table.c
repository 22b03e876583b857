#include "base/table.h"

#include <assert.h>

#define TABLE_CAP_MAX (UINT32_C(1) << 27)

/* The finaliser of MurmurHash3 (Appleby, public domain): each input bit moves each output bit. */
uint64_t hash_mix(uint64_t x)
{
    x ^= x >> 33;
    x *= UINT64_C(0xff51afd7ed558ccd);
    x ^= x >> 33;
    x *= UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ x >> 33;
}

/* FNV-1a with its published 64-bit prime (Fowler, Noll, Vo; RFC 9923). */
uint64_t hash_more(uint64_t hash, const void *p, size_t n)
{
    const uint8_t *byte = p;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    return hash;
}

uint64_t hash_bytes(const void *p, size_t n)
{
    return hash_mix(hash_more(HASH_START, p, n));
}

/* Slots: a power of two of which cap keys fill at most 70 %. */
static uint32_t slots_for(uint32_t cap)
{
    uint32_t slots = 2;
    while ((uint64_t)slots * 7 < (uint64_t)cap * 10)
        slots *= 2;
    return slots;
}

bool table_init(struct table *table, uint32_t cap, struct arena *arena)
{
    assert(cap >= 1 && cap <= TABLE_CAP_MAX);
    uint32_t slots = slots_for(cap);
    struct arena_mark mark = arena_mark(arena);
    struct table t = {.cap = cap, .slot_mask = slots - 1};
    t.key = ARENA_ARRAY(arena, uint64_t, cap);
    t.slot = ARENA_ARRAY(arena, uint32_t, slots);
    if (!t.key || !t.slot) {
        arena_rewind(arena, mark);
        return false;
    }
    *table = t;
    return true;
}

/* The slot that holds the key, or the empty one where it would go. */
static uint32_t table_probe(const struct table *table, uint64_t key)
{
    uint32_t at = (uint32_t)hash_mix(key) & table->slot_mask;
    while (table->slot[at] && table->key[table->slot[at] - 1] != key)
        at = (at + 1) & table->slot_mask;
    return at;
}

uint32_t table_find(const struct table *table, uint64_t key)
{
    uint32_t held = table->slot[table_probe(table, key)];
    return held ? held - 1 : TABLE_NONE;
}

uint32_t table_add(struct table *table, uint64_t key, bool *ret_new)
{
    uint32_t at = table_probe(table, key);
    bool is_new = table->slot[at] == 0;
    if (is_new && table->count == table->cap)
        return TABLE_NONE;
    if (is_new) {
        table->key[table->count] = key;
        table->slot[at] = ++table->count;
    }
    if (ret_new)
        *ret_new = is_new;
    return table->slot[at] - 1;
}
