#include "base/arena.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ARENA_ALIGN     16
#define ARENA_CHUNK_MIN (64 * 1024) /* what an arena asks from grow at a time, unless more is due */

/* Stands at the front of each chunk; the memory given out follows it. */
struct arena_chunk {
    _Alignas(ARENA_ALIGN) struct arena_chunk *older;
    size_t cap; /* bytes after this header */
};

void arena_init(struct arena *arena, size_t limit, void *(*grow)(size_t), void (*drop)(void *))
{
    *arena = (struct arena){.limit = limit, .grow = grow, .drop = drop};
}

void arena_init_fixed(struct arena *arena, void *memory, size_t size)
{
    assert((uintptr_t)memory % ARENA_ALIGN == 0);
    arena_init(arena, size, NULL, NULL);
    if (size < sizeof(struct arena_chunk))
        return;
    arena->chunk = memory;
    *arena->chunk = (struct arena_chunk){.older = NULL, .cap = size - sizeof(struct arena_chunk)};
    arena->cap = arena->chunk->cap;
    arena->total = size;
}

static bool arena_grow(struct arena *arena, size_t need)
{
    size_t room = arena->limit - arena->total;
    if (!arena->grow || room < sizeof(struct arena_chunk) ||
        need > room - sizeof(struct arena_chunk))
        return false;
    size_t size = need + sizeof(struct arena_chunk);
    if (size < ARENA_CHUNK_MIN)
        size = ARENA_CHUNK_MIN;
    if (size > room)
        size = room;
    struct arena_chunk *chunk = arena->grow(size);
    if (!chunk)
        return false;
    *chunk = (struct arena_chunk){.older = arena->chunk, .cap = size - sizeof *chunk};
    arena->chunk = chunk;
    arena->used = 0;
    arena->cap = chunk->cap;
    arena->total += size;
    return true;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    size_t need;
    if (__builtin_mul_overflow(count, size, &need) || need > SIZE_MAX - ARENA_ALIGN)
        return NULL;
    need = need ? (need + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN : ARENA_ALIGN;
    if (need > arena->cap - arena->used && !arena_grow(arena, need))
        return NULL;
    uint8_t *p = (uint8_t *)(arena->chunk + 1) + arena->used;
    arena->used += need;
    return memset(p, 0, need);
}

void arena_reserve(struct arena *arena, size_t bytes)
{
    if (bytes > arena->cap - arena->used)
        (void)arena_grow(arena, bytes);
}

char *arena_text(struct arena *arena, const void *p, size_t n)
{
    if (n == SIZE_MAX)
        return NULL;
    char *text = arena_alloc(arena, n + 1, 1);
    if (text && n)
        memcpy(text, p, n);
    return text;
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){.chunk = arena->chunk, .used = arena->used};
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    while (arena->chunk != mark.chunk) {
        struct arena_chunk *newest = arena->chunk;
        assert(newest); /* else the mark is not of this arena, or already rewound past */
        arena->chunk = newest->older;
        arena->total -= newest->cap + sizeof *newest;
        arena->drop(newest);
    }
    arena->used = mark.used;
    arena->cap = arena->chunk ? arena->chunk->cap : 0;
}

void arena_release(struct arena *arena)
{
    struct arena_chunk *fixed = arena->grow ? NULL : arena->chunk;
    arena_rewind(arena, (struct arena_mark){.chunk = fixed, .used = 0});
}
