#include "api/crafts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct crafts crafts;

static int set_up(void **state)
{
    struct err err;
    (void)state;
    return crafts_init(&crafts, &err);
}

static int tear_down(void **state)
{
    (void)state;
    crafts_free(&crafts);
    return 0;
}

static struct position fix(uint64_t track, int64_t time_us, int32_t lat_e7)
{
    return (struct position){.track = track, .time_us = time_us, .lat_e7 = lat_e7};
}

static bool note(uint64_t track, int64_t time_us, int32_t lat_e7)
{
    struct position position = fix(track, time_us, lat_e7);
    struct craft *craft = crafts_add(&crafts, track, time_us);
    return craft && craft_note(&crafts, craft, &position);
}

/* Whatever the ring has grown to, it holds the newest ones in order. */
static void test_fixes_are_the_newest_in_order(void **state)
{
    struct position out[CRAFT_FIXES_MAX];
    (void)state;
    for (int i = 1; i <= 1000; i++) {
        assert_true(note(1, i, i));
        size_t count = craft_fixes(crafts_find(&crafts, 1), out, CRAFT_FIXES_MAX);
        assert_int_equal(count, i < CRAFT_FIXES_MAX ? i : CRAFT_FIXES_MAX);
        for (size_t k = 0; k < count; k++)
            assert_int_equal(out[k].lat_e7, i - (int)count + 1 + (int)k);
    }
    assert_int_equal(craft_fixes(crafts_find(&crafts, 1), out, 3), 3);
    assert_int_equal(out[2].lat_e7, 1000);
}

static void test_late_fixes_change_nothing(void **state)
{
    (void)state;
    assert_true(note(1, 100, 1));
    assert_false(note(1, 99, 2));
    assert_int_equal(crafts_find(&crafts, 1)->last.lat_e7, 1);
    assert_true(note(1, 100, 3));
    assert_true(note(1, TIME_UNKNOWN, 4));
    assert_int_equal(crafts_find(&crafts, 1)->last.lat_e7, 4);
}

static void test_the_silent_make_room(void **state)
{
    int64_t later = 2 * CRAFTS_FORGET_US;
    (void)state;
    for (uint64_t i = 0; i < CRAFTS_MAX; i++)
        assert_true(note(i, i < 10 ? 0 : later, 1));
    crafts_find(&crafts, 3)->alerted = true;
    assert_true(note(CRAFTS_MAX, later, 7)); /* ten are gone, one of them stands under an alert */
    assert_int_equal(crafts.table.count, CRAFTS_MAX - 9 + 1);
    assert_null(crafts_find(&crafts, 2));
    assert_non_null(crafts_find(&crafts, 3));
    assert_int_equal(crafts_find(&crafts, CRAFTS_MAX)->last.lat_e7, 7);
    assert_int_equal(crafts_find(&crafts, CRAFTS_MAX - 1)->track, CRAFTS_MAX - 1);
    for (uint64_t i = 1; i < 9; i++)
        assert_true(note(CRAFTS_MAX + i, later, 1));
    assert_false(note(CRAFTS_MAX + 9, later, 1));
    assert_int_equal(crafts.refused, 1);
}

static void test_stale(void **state)
{
    struct craft craft = {.seen = true, .last = {.platform = PLATFORM_CARGO_SHIP}};
    (void)state;
    assert_false(craft_is_stale(&craft, 6 * TIME_MINUTE));
    assert_true(craft_is_stale(&craft, 6 * TIME_MINUTE + 1));
    craft.last.platform = PLATFORM_UNKNOWN; /* it may fly */
    assert_false(craft_is_stale(&craft, TIME_MINUTE));
    assert_true(craft_is_stale(&craft, TIME_MINUTE + 1));
    assert_false(craft_is_gone(&craft, CRAFTS_FORGET_US));
    assert_true(craft_is_gone(&craft, CRAFTS_FORGET_US + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_fixes_are_the_newest_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_late_fixes_change_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_silent_make_room, set_up, tear_down),
        cmocka_unit_test(test_stale),
    };
    return cmocka_run_group_tests_name("crafts", tests, NULL, NULL);
}
