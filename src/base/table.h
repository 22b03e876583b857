#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * A fixed table from a 64-bit key to an index 0, 1, 2, ... given in order of arrival. The caller
 * keeps its values in an array of its own under that index. Capacity is set once; a full table
 * refuses and says so. Keys are never removed (a caller that must reuse keeps a free list of
 * indices, or makes a new table).
 *
 * Open addressing, linear probing, at most 70 % full; the hash is a fixed mixing of the key, so
 * iteration and layout are the same on every machine.
 */
#define TABLE_NONE UINT32_MAX

struct table {
    uint64_t *key;  /* by index */
    uint32_t *slot; /* hash slots hold index + 1; 0 is empty */
    uint32_t count, cap, slot_mask;
};

/* Room for cap keys (1 .. 2^27). False when the arena is full. */
bool table_init(struct table *table, uint32_t cap, struct arena *arena);

/* The key's index, or TABLE_NONE. */
uint32_t table_find(const struct table *table, uint64_t key);

/* The key's index, new or old; TABLE_NONE when the table is full. *ret_new may be NULL. */
uint32_t table_add(struct table *table, uint64_t key, bool *ret_new);

/* A fixed 64-bit hash of bytes (for keys made from text). */
uint64_t hash_bytes(const void *p, size_t n);

/* The same in pieces: hash_mix(hash_more(hash_more(HASH_START, a, n), b, m)). */
#define HASH_START UINT64_C(0xcbf29ce484222325)
uint64_t hash_more(uint64_t hash, const void *p, size_t n);

/* A fixed mixing of 64 bits, one to one. */
uint64_t hash_mix(uint64_t x);

#endif
