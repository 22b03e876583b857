#include "base/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MANY 20000

static void indices_follow_arrival(void **state)
{
    (void)state;
    struct arena arena;
    struct table table;
    arena_init(&arena, 4 << 20, malloc, free);
    assert_true(table_init(&table, MANY, &arena));
    for (uint32_t i = 0; i < MANY; i++) {
        bool is_new = false;
        assert_int_equal(table_find(&table, i * UINT64_C(0x10001)), TABLE_NONE);
        assert_int_equal(table_add(&table, i * UINT64_C(0x10001), &is_new), i);
        assert_true(is_new);
    }
    for (uint32_t i = 0; i < MANY; i++) {
        bool is_new = true;
        assert_int_equal(table_find(&table, i * UINT64_C(0x10001)), i);
        assert_int_equal(table_add(&table, i * UINT64_C(0x10001), &is_new), i);
        assert_false(is_new);
        assert_true(table.key[i] == i * UINT64_C(0x10001));
    }
    assert_int_equal(table_find(&table, 5), TABLE_NONE);
    arena_release(&arena);
}

static void full_refuses_only_new_keys(void **state)
{
    (void)state;
    for (uint32_t cap = 1; cap < 40; cap++) {
        struct arena arena;
        struct table table;
        arena_init(&arena, 1 << 20, malloc, free);
        assert_true(table_init(&table, cap, &arena));
        for (uint64_t k = 0; k < cap; k++)
            assert_int_equal(table_add(&table, ~k, NULL), k);
        bool is_new = true;
        assert_int_equal(table_add(&table, 1, &is_new), TABLE_NONE);
        assert_int_equal(table_add(&table, ~UINT64_C(0), NULL), 0);
        assert_int_equal(table_find(&table, 1), TABLE_NONE);
        assert_int_equal(table.count, cap);
        assert_true(cap * 10 <= (table.slot_mask + 1) * 7);
        arena_release(&arena);
    }
}

static void a_full_arena_is_left_as_it_was(void **state)
{
    (void)state;
    static _Alignas(16) uint8_t memory[1024];
    struct arena arena;
    struct table table;
    arena_init_fixed(&arena, memory, sizeof memory);
    assert_false(table_init(&table, 100, &arena)); /* the keys fit, the slots do not */
    assert_int_equal(arena.used, 0);
    assert_true(table_init(&table, 10, &arena));
}

/* FNV-1a 64 of "" and "foobar" before mixing: RFC 9923 test vectors. */
static void hash_is_fnv_mixed(void **state)
{
    (void)state;
    assert_true(hash_more(HASH_START, "", 0) == UINT64_C(0xcbf29ce484222325));
    assert_true(hash_more(HASH_START, "foobar", 6) == UINT64_C(0x85944171f73967e8));
    assert_true(hash_bytes("foobar", 6) == hash_mix(UINT64_C(0x85944171f73967e8)));
    uint64_t part = hash_more(HASH_START, "foo", 3);
    assert_true(hash_mix(hash_more(part, "bar", 3)) == hash_bytes("foobar", 6));
    assert_true(hash_mix(0) == 0);
}

/* Flipping one input bit flips about half of the output bits; 64 x 64 pairs, wide margins. */
static void mixing_spreads_every_bit(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        int flipped = 0;
        for (uint64_t x = 1; x <= 64; x++) {
            uint64_t other = (x * 977) ^ (UINT64_C(1) << bit);
            flipped += __builtin_popcountll(hash_mix(x * 977) ^ hash_mix(other));
        }
        assert_in_range(flipped, 64 * 26, 64 * 38);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indices_follow_arrival),
        cmocka_unit_test(full_refuses_only_new_keys),
        cmocka_unit_test(a_full_arena_is_left_as_it_was),
        cmocka_unit_test(hash_is_fnv_mixed),
        cmocka_unit_test(mixing_spreads_every_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
