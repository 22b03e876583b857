#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What the arena took and gave back, counted at its two doors. */
static size_t taken, dropped;

static void *count_grow(size_t bytes)
{
    taken++;
    void *p = malloc(bytes);
    if (p)
        memset(p, 0xa5, bytes); /* so that zeroing is seen */
    return p;
}

static void count_drop(void *p)
{
    dropped++;
    free(p);
}

static void *refuse_grow(size_t bytes)
{
    (void)bytes;
    return NULL;
}

static int reset(void **state)
{
    (void)state;
    taken = dropped = 0;
    return 0;
}

static int all_dropped(void **state)
{
    (void)state;
    return taken == dropped ? 0 : -1;
}

static int is_zero(const uint8_t *p, size_t n)
{
    while (n > 0 && p[n - 1] == 0)
        n--;
    return n == 0;
}

static void gives_zeroed_aligned_memory(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20, count_grow, count_drop);
    for (size_t n = 0; n < 300; n++) {
        uint8_t *p = arena_alloc(&arena, n, 3);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        assert_true(is_zero(p, n * 3));
        memset(p, 0xff, n * 3);
    }
    arena_release(&arena);
}

static void stops_at_the_limit(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 200 * 1000, count_grow, count_drop);
    size_t given = 0;
    while (arena_alloc(&arena, 1, 1000))
        given++;
    assert_in_range(given, 190, 200);
    assert_true(arena.total <= arena.limit);
    assert_null(arena_alloc(&arena, 1, 200 * 1000));
    arena_release(&arena);
    assert_int_equal(arena.total, 0);
    assert_non_null(arena_alloc(&arena, 1, 1000));
    arena_release(&arena);
}

static void one_large_piece_may_take_nearly_all(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1000000, count_grow, count_drop);
    assert_non_null(arena_alloc(&arena, 1, 999900));
    assert_null(arena_alloc(&arena, 1, 200));
    arena_release(&arena);
}

static void refuses_overflow(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, SIZE_MAX, count_grow, count_drop);
    assert_null(arena_alloc(&arena, SIZE_MAX / 2, 3));
    assert_null(arena_alloc(&arena, SIZE_MAX, 1));
    assert_null(arena_text(&arena, "x", SIZE_MAX));
    assert_int_equal(taken, 0);
}

static void passes_on_that_memory_is_out(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20, refuse_grow, count_drop);
    assert_null(arena_alloc(&arena, 1, 1));
    assert_int_equal(arena.total, 0);
    arena_release(&arena);
}

static void copies_text(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20, count_grow, count_drop);
    assert_string_equal(arena_text(&arena, "corridor", 3), "cor");
    assert_string_equal(arena_text(&arena, NULL, 0), "");
    arena_release(&arena);
}

static void rewinds_across_chunks(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20, count_grow, count_drop);
    char *kept = arena_text(&arena, "kept", 4);
    struct arena_mark mark = arena_mark(&arena);
    uint8_t *first = arena_alloc(&arena, 1, 100);
    memset(first, 0xff, 100);
    size_t total = arena.total;
    for (int i = 0; i < 5; i++)
        assert_non_null(arena_alloc(&arena, 1, 100 * 1000));
    arena_rewind(&arena, mark);
    assert_int_equal(arena.total, total);
    assert_int_equal(dropped, 5);
    assert_string_equal(kept, "kept");
    uint8_t *again = arena_alloc(&arena, 1, 100);
    assert_ptr_equal(again, first);
    assert_true(is_zero(again, 100));
    arena_release(&arena);
}

static void rewinds_to_empty(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20, count_grow, count_drop);
    struct arena_mark mark = arena_mark(&arena);
    assert_non_null(arena_alloc(&arena, 1, 1));
    arena_rewind(&arena, mark);
    assert_int_equal(taken, dropped);
    assert_non_null(arena_alloc(&arena, 1, 1));
    arena_release(&arena);
}

static void fixed_memory_does_not_grow(void **state)
{
    (void)state;
    static _Alignas(16) uint8_t memory[512];
    struct arena arena;
    arena_init_fixed(&arena, memory, sizeof memory);
    struct arena_mark mark = arena_mark(&arena);
    uint8_t *p = arena_alloc(&arena, 1, 400);
    assert_true(p >= memory && p + 400 <= memory + sizeof memory);
    assert_null(arena_alloc(&arena, 1, 400));
    arena_rewind(&arena, mark);
    assert_non_null(arena_alloc(&arena, 1, 400));
    arena_release(&arena);
    assert_non_null(arena_alloc(&arena, 1, 400));
    arena_init_fixed(&arena, memory, 8);
    assert_null(arena_alloc(&arena, 1, 1));
    arena_release(&arena);
}

#define COUNTED(f) cmocka_unit_test_setup_teardown(f, reset, all_dropped)

int main(void)
{
    const struct CMUnitTest tests[] = {
        COUNTED(gives_zeroed_aligned_memory),
        COUNTED(stops_at_the_limit),
        COUNTED(one_large_piece_may_take_nearly_all),
        COUNTED(refuses_overflow),
        COUNTED(passes_on_that_memory_is_out),
        COUNTED(copies_text),
        COUNTED(rewinds_across_chunks),
        COUNTED(rewinds_to_empty),
        COUNTED(fixed_memory_does_not_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
