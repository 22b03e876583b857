#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

/*
 * Memory for things that live and die together. The core never calls malloc: it asks an arena
 * that its caller made. An arena grows in chunks that it gets from `grow` (the shell passes
 * malloc) up to `limit` bytes in all; past that, arena_alloc returns NULL and the caller reports
 * that the named limit is reached. Everything is freed at once.
 *
 * Alignment is 16 bytes; memory is zeroed.
 */
struct arena_chunk;

struct arena {
    struct arena_chunk *chunk;   /* newest first */
    size_t used, cap;            /* of the newest chunk */
    size_t total, limit;         /* bytes taken from grow, and their ceiling */
    void *(*grow)(size_t bytes); /* NULL: fixed memory, no growth */
    void (*drop)(void *);
};

/* `limit` bounds all chunks together. grow and drop may be malloc and free. */
void arena_init(struct arena *arena, size_t limit, void *(*grow)(size_t), void (*drop)(void *));

/* An arena in the caller's memory (16-byte aligned), which outlives it; it never grows. */
void arena_init_fixed(struct arena *arena, void *memory, size_t size);

/* Zeroed memory for count elements of size bytes, or NULL at the limit or on overflow. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* Takes a chunk of `bytes` from grow ahead of need, so that what is allocated next costs no more
 * than that. Beyond the limit: does nothing, and the arena grows as it must. */
void arena_reserve(struct arena *arena, size_t bytes);

/* A NUL-terminated copy of n bytes, or NULL at the limit. */
char *arena_text(struct arena *arena, const void *p, size_t n);

/* Where the arena stands, and going back there: everything allocated since is gone. */
struct arena_mark {
    struct arena_chunk *chunk;
    size_t used;
};
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);

/* Gives every chunk back. The arena is as after arena_init (or arena_init_fixed). */
void arena_release(struct arena *arena);

/* arena_alloc for an array of T. */
#define ARENA_ARRAY(arena, T, count) ((T *)arena_alloc((arena), (count), sizeof(T)))

#endif
