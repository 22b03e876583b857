#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "watch_scene.h"

/*
 * Cases of docs/cases.md that no other test of the watch has: edges slid along, the edges of a period,
 * the way over a pole's neighbourhood that is the short one, and a stream cut anywhere.
 */

/* ---- case 5 ------------------------------------------------------------------------------------ */

/* From one box into NE at 400 s. A fix farther on settles that it left; that it is in, on the edge,
 * stays possible. */
static void expect_over_the_corner(uint16_t from)
{
    assert_int_equal(scene_said_count(), 4);
    scene_expect(0, SIGHTING_INSIDE_AT_START, from, 0);
    scene_expect(1, SIGHTING_LEAVE, from, 400);
    scene_expect(2, SIGHTING_ENTER, 1, 400);
    scene_expect(3, SIGHTING_LEAVE, from, 400);
    assert_true(scene_said(3)->replaces == scene_said(1)->id);
    assert_int_equal(scene_said(2)->certainty, CERTAINTY_POSSIBLE);
}

/* They share the corner at 11, 0. */
static void open_four_boxes(void)
{
    scene_open();
    world_box(&scene.world, "NW", 10, 0, 11, 1);
    world_box(&scene.world, "NE", 11, 0, 12, 1);
    world_box(&scene.world, "SW", 10, -1, 11, 0);
    world_box(&scene.world, "SE", 11, -1, 12, 0);
    scene_start();
}

/* Along the edge that two boxes share, and over a corner where four meet: whose the edge is is told
 * once, and nothing flaps. The corner at 11, 0 is the north-east box's, as its own south-west. */
static void sliding_along_an_edge_does_not_flap(void **state)
{
    (void)state;
    open_four_boxes();
    for (int i = -40; i <= 40; i++) /* northwards on the meridian that is their edge */
        scene_go(10 * (i + 40), 11, 0.01 * i);
    expect_over_the_corner(3);
    scene_close();
}

static void sliding_along_a_parallel_does_not_flap(void **state)
{
    (void)state;
    open_four_boxes();
    for (int i = -40; i <= 40;
         i++) /* eastwards on the parallel that is their edge: the northern's */
        scene_go(10 * (i + 40), 11 + 0.01 * i, 0);
    expect_over_the_corner(0);
    scene_close();
}

/* ---- case 13 ----------------------------------------------------------------------------------- */

/* A period holds from its first instant to before its last: a fix at either, and a microsecond off. */
static void periods_hold_from_their_start_to_before_their_end(void **state)
{
    static const struct {
        int64_t off_us;
        bool inside;
    } rows[] = {
        {60 * S - 1, false}, {60 * S, true},   {60 * S + 1, true},
        {200 * S - 1, true}, {200 * S, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        scene_open();
        struct zone *zone = world_box(&scene.world, "W", 10, -1, 11, 1);
        zone->from_us = SCENE_US + 60 * S;
        zone->to_us = SCENE_US + 200 * S;
        scene_start();
        struct position fix = scene_at(0, 10.5, 0);
        fix.time_us = SCENE_US + rows[i].off_us;
        scene_feed(&fix);
        assert_int_equal(scene_said_count(), rows[i].inside);
        scene_close();
    }
}

/* ---- case 8 ------------------------------------------------------------------------------------ */

/* At 89.9 N a step of ten degrees is 1,946 m: no jump, and the short way round. */
static void near_the_pole_degrees_are_short(void **state)
{
    (void)state;
    scene_open();
    world_box(&scene.world, "CAP", -179, 89.85, 179, 89.95);
    scene_start();
    for (int i = 0; i < 36; i++)
        scene_go(100 * i, -175 + 10 * i, 89.9);
    assert_int_equal(scene_said_count(),
                     1); /* 175 to -175 passes the two degrees that CAP leaves out
                                                only behind the last fix */
    scene_expect(0, SIGHTING_INSIDE_AT_START, 0, 0);
    assert_int_equal(watch_counts(scene.watch)->jumps, 0);
    scene_go(3600, -175, 89.9);
    assert_int_equal(scene_said_count(), 3);
    scene_expect(1, SIGHTING_LEAVE, 0, 3540);
    scene_expect(2, SIGHTING_ENTER, 0, 3560);
    scene_close();
}

/* ---- case 26, O5 ------------------------------------------------------------------------------- */

#define FIXES 3000

static struct position fixes[FIXES];
static struct sighting whole[SCENE_TOLD_MAX];

static void make_fixes(void)
{
    scene_seed(26);
    for (uint32_t i = 0; i < FIXES; i++) {
        double second = i * 0.5 - (scene_unit() < 0.1 ? 30 * scene_unit() : 0);
        fixes[i] = scene_at(second, 9.9 + 0.3 * scene_unit(), 0.1 * scene_unit());
        fixes[i].track = track_icao((uint32_t)(scene_random() % 20));
    }
}

/* In parts of up to `most` positions with the least room, as a caller who starts again would. */
static void feed_in_parts(size_t most)
{
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    world_box(&scene.world, "B", 10.1, -1, 10.12, 1);
    scene_start();
    for (size_t at = 0; at < FIXES;) {
        size_t n = 1 + scene_random() % most, count;
        n = n < FIXES - at ? n : FIXES - at;
        size_t room = most > 1 ? SCENE_TOLD_MAX - scene.count : WATCH_ROOM;
        at += watch_positions(scene.watch, fixes + at, n, scene.told + scene.count, room, &count);
        scene.count += count;
        assert_true(scene.count + WATCH_ROOM <= SCENE_TOLD_MAX);
    }
}

static void a_stream_cut_anywhere_says_the_same(void **state)
{
    (void)state;
    make_fixes();
    feed_in_parts(FIXES);
    size_t count = scene.count;
    assert_true(count > 1000);
    assert_true(watch_counts(scene.watch)->amended > 20);
    memcpy(whole, scene.told, count * sizeof whole[0]);
    scene_close();
    for (size_t most = 1; most <= 1000; most *= 10) {
        feed_in_parts(most);
        assert_int_equal(scene.count, count);
        for (size_t i = 0; i < count; i++) {
            assert_true(scene.told[i].id == whole[i].id);
            assert_true(scene.told[i].replaces == whole[i].replaces);
            assert_true(scene_content(&scene.told[i]) == scene_content(&whole[i]));
        }
        scene_close();
    }
}

/* No two things said have one id, whatever was taken back and said again: what is kept is kept once. */
static int id_order(const void *a, const void *b)
{
    const struct sighting *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static void ids_do_not_repeat(void **state)
{
    (void)state;
    make_fixes();
    feed_in_parts(100);
    size_t count = 0;
    for (size_t i = 0; i < scene.count; i++)
        if (scene.told[i].kind != SIGHTING_LAPSED)
            whole[count++] = scene.told[i];
    qsort(whole, count, sizeof whole[0], id_order);
    for (size_t i = 1; i < count; i++)
        assert_true(whole[i].id != whole[i - 1].id);
    scene_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sliding_along_an_edge_does_not_flap),
        cmocka_unit_test(sliding_along_a_parallel_does_not_flap),
        cmocka_unit_test(periods_hold_from_their_start_to_before_their_end),
        cmocka_unit_test(near_the_pole_degrees_are_short),
        cmocka_unit_test(a_stream_cut_anywhere_says_the_same),
        cmocka_unit_test(ids_do_not_repeat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
