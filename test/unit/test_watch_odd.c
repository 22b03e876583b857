#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "watch_scene.h"

/*
 * Tracks that are not to be believed as they stand: jumps, clones, frozen and empty positions, wrong
 * clocks, silence, noise at a border. Marked, and never dropped.
 */
static size_t marks_of(enum mark mark)
{
    size_t count = 0;
    for (size_t i = 0; i < scene.count; i++)
        if (scene.told[i].kind == SIGHTING_MARK && scene.told[i].mark == mark) {
            assert_int_equal(scene.told[i].zone, AGREEMENT_NONE);
            count++;
        }
    return count;
}

static size_t all_marks(void)
{
    size_t count = 0;
    for (size_t i = 0; i < scene.count; i++)
        count += scene.told[i].kind == SIGHTING_MARK;
    return count;
}

static size_t kinds_of(enum sighting_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < scene.count; i++)
        count += scene.told[i].kind == kind;
    return count;
}

static void one_box(void)
{
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    scene_start();
}

/* Without what is told again for certain. */
static size_t first_told(enum sighting_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < scene.count; i++)
        count += scene.told[i].kind == kind && !scene.told[i].replaces;
    return count;
}

/* ---- case 18 ----------------------------------------------------------------------------------- */

/* 300 km in a second through twenty zones of a twentieth degree: none is passed. */
static void a_teleport_passes_nothing_and_is_marked(void **state)
{
    (void)state;
    static char ids[WORLD_ZONES][4];
    scene_open();
    for (int i = 0; i < WORLD_ZONES; i++) {
        ids[i][0] = (char)('A' + i);
        world_box(&scene.world, ids[i], 10 + 0.2 * i, -1, 10.1 + 0.2 * i, 1);
    }
    scene_start();
    scene_go(0, 9.5, 0);
    scene_go(1, 12.2, 0); /* 300.6 km */
    scene_go(2, 12.201, 0);
    assert_int_equal(scene_said_count(), 0);
    assert_int_equal(marks_of(MARK_JUMP), 1);
    assert_int_equal(all_marks(), 1);
    assert_int_equal(watch_counts(scene.watch)->jumps, 1);
    scene_close();
}

/* Jammed for a while, and back: the leg goes on, and what it passed meanwhile is told. */
static void a_jump_there_and_back_goes_on(void **state)
{
    (void)state;
    one_box();
    scene_go(0, 9.95, 0);
    scene_go(10, 50, 30);
    scene_go(20, 50, 30);
    scene_go(100, 10.05, 0);
    assert_int_equal(scene_said_count(), 1);
    scene_expect(0, SIGHTING_ENTER, 0, 50);
    assert_int_equal(scene_said(0)->leg, 0);
    assert_int_equal(marks_of(MARK_JUMP), 1);
    assert_int_equal(marks_of(MARK_TWO_PLACES), 0);
    scene_close();
}

static void one_id_in_two_places_is_marked_once_a_leg(void **state)
{
    (void)state;
    one_box();
    for (int i = 0; i < 50; i++) {
        struct position here = scene_ship(20 * i, 10.5, 0.001 * i),
                        there = scene_ship(20 * i + 10, 14, 0.001 * i);
        scene_feed(&here);
        scene_feed(&there);
    }
    assert_int_equal(scene_said_count(), 1);
    assert_int_equal(marks_of(MARK_JUMP), 1);
    assert_int_equal(marks_of(MARK_TWO_PLACES), 2);
    assert_int_equal(watch_counts(scene.watch)->tracks, 2);
    scene_close();
}

static void the_place_of_no_place_is_marked(void **state)
{
    (void)state;
    one_box();
    scene_go(0, 10.5, 0);
    scene_go(10, 0, 0);
    scene_go(20, 0, 0);
    scene_go(30, 10.5, 0.001);
    assert_int_equal(marks_of(MARK_NO_PLACE), 1);
    assert_int_equal(scene_said_count(), 1); /* inside at start, and never out */
    scene_close();
}

/* 5 m/s told, and the same place for 150 s; then at anchor, which is no fault. */
static void a_frozen_place_is_marked(void **state)
{
    (void)state;
    for (int moving = 0; moving < 2; moving++) {
        one_box();
        for (int i = 0; i <= 15; i++) {
            struct position p = scene_ship(10 * i, 10.5, 0);
            p.north_cmps = moving ? 500 : 10;
            p.east_cmps = 0;
            scene_feed(&p);
            assert_int_equal(marks_of(MARK_FROZEN), moving && i >= 12);
        }
        scene_close();
    }
}

/* ---- case 25 ----------------------------------------------------------------------------------- */

static void live(void)
{
    struct watch_options options = watch_defaults();
    options.track_max = 100;
    options.ahead_us = WATCH_AHEAD_US;
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    scene_start_with(&options);
}

/* An hour ahead, and moving on: it comes in between the ticks of 40 and 50 s, as it would with a clock
 * that is right; only when is not certain. */
static void a_clock_an_hour_ahead_is_marked_and_goes_on(void **state)
{
    (void)state;
    live();
    for (int i = 0; i < 10; i++) {
        scene_tick(10 * i);
        scene_go(3600 + 10 * i, 9.955 + 0.01 * i, 0);
    }
    assert_int_equal(marks_of(MARK_CLOCK), 1);
    assert_int_equal(scene_said_count(), 1);
    const struct sighting *enter = scene_said(0);
    assert_int_equal(enter->kind, SIGHTING_ENTER);
    assert_in_range(enter->time_us, SCENE_US + 39 * S, SCENE_US + 50 * S);
    assert_int_equal(enter->certainty, CERTAINTY_POSSIBLE);
    assert_true(enter->fix.note & NOTE_CLOCK);
    assert_int_equal(watch_counts(scene.watch)->clocks, 10);
    scene_close();
}

/* One fix of next year does not block the track. */
static void one_fix_far_ahead_does_not_block(void **state)
{
    (void)state;
    live();
    scene_tick(0);
    scene_go(0, 9.955, 0);
    scene_tick(10);
    scene_go(365.0 * 86400, 9.965, 0);
    for (int i = 2; i < 10; i++) {
        scene_tick(10 * i);
        scene_go(10 * i, 9.955 + 0.01 * i, 0);
    }
    assert_int_equal(marks_of(MARK_CLOCK), 1);
    assert_int_equal(scene_said_count(), 1);
    scene_expect(0, SIGHTING_ENTER, 0, 45);
    assert_int_equal(watch_counts(scene.watch)->late, 0);
    scene_close();
}

/* Two receivers whose clocks differ by two seconds hear the same ship: whichever is ahead in the
 * stream, the same stands at the end, and it came in once. */
static void two_receivers_of_different_skew(void **state)
{
    (void)state;
    static struct sighting standing[2][64];
    size_t count[2];
    for (int way = 0; way < 2; way++) {
        one_box();
        for (int i = 0; i < 40; i++) {
            double lon = 9.99 + 0.0005 * i;
            struct position a = scene_ship(10 * i, lon, 0), b = scene_ship(10 * i + 2, lon, 0);
            scene_feed(way ? &b : &a);
            scene_feed(way ? &a : &b);
        }
        count[way] = scene_standing(standing[way], 64);
        size_t enters = 0;
        for (size_t i = 0; i < count[way]; i++)
            enters += standing[way][i].kind == SIGHTING_ENTER;
        assert_int_equal(enters, 1);
        scene_close();
    }
    assert_int_equal(count[0], count[1]);
    for (size_t i = 0; i < count[0]; i++)
        assert_true(scene_content(&standing[0][i]) == scene_content(&standing[1][i]));
}

/* ---- cases 20 and 21 --------------------------------------------------------------------------- */

/* Silence inside is lost, never left; found far outside, it left somewhen between. */
static void silence_inside_is_no_exit(void **state)
{
    (void)state;
    one_box();
    scene_go(0, 10.5, 0);
    for (int minute = 1; minute < 300; minute++)
        scene_tick(60 * minute);
    assert_int_equal(scene_said_count(), 2);
    scene_expect(1, SIGHTING_LOST_INSIDE, 0, 900);
    scene_go(18000, 12.5, 0);
    assert_int_equal(scene_said_count(), 3);
    const struct sighting *leave = scene_said(2);
    assert_int_equal(leave->kind, SIGHTING_LEAVE);
    assert_int_equal(leave->time_lo_us, SCENE_US);
    assert_int_equal(leave->time_hi_us, SCENE_US + 18000 * S);
    assert_int_equal(leave->certainty, CERTAINTY_POSSIBLE);
    scene_close();
}

/* ---- case 19 ----------------------------------------------------------------------------------- */

/* Normal with sigma 1: the sum of twelve, less six. */
static double noise(void)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += scene_unit();
    return sum;
}

/* At anchor for a day 5 m outside a border, sigma 10 m, a fix every 3 minutes, its error told: no
 * crossing is certain, and every one is told. The raw count is that of the signs of the noise. */
static void noise_at_a_border_is_never_certain(void **state)
{
    (void)state;
    const double m = 1000.0 / EQUATOR_MM;
    size_t crossings = 0;
    bool in = false;
    one_box();
    scene_seed(19);
    for (int i = 0; i < 480; i++) {
        struct position p = scene_ship(180 * i, 10 + m * (-5 + 10 * noise()), 0);
        p.err_dm = 196; /* 1.96 sigma */
        bool now = p.lon_e7 >= 10 * WORLD_E7;
        crossings += now != in;
        in = now;
        scene_feed(&p);
    }
    assert_true(crossings > 100);
    assert_int_equal(first_told(SIGHTING_ENTER) + first_told(SIGHTING_INSIDE_AT_START),
                     (crossings + 1) / 2);
    assert_int_equal(first_told(SIGHTING_LEAVE), crossings / 2);
    size_t certain = 0;
    for (size_t i = 0; i < scene.count; i++)
        certain += scene.told[i].certainty == CERTAINTY_CERTAIN && scene.told[i].dist_mm < 0;
    assert_true(certain <= 480 / 20);               /* 5 m and 19.6 m: rarer than one in twenty */
    assert_int_equal(kinds_of(SIGHTING_LAPSED), 0); /* near all day long: one episode above */
    scene_close();
}

/* ---- for the console --------------------------------------------------------------------------- */

/* A third of a degree inside A, two thirds from B, in longitude; the borders in latitude are farther.
 * And a zone that does not concern it, nearer. */
static void the_nearest_border_is_told(void **state)
{
    (void)state;
    struct watch_nearest nearest;
    scene_open();
    world_box(&scene.world, "B", 11, -1, 12, 1);
    world_box(&scene.world, "A", 10, -1, 12, 1);
    world_box(&scene.world, "SHIPS", 10.3, -1, 12, 1)->classes = platform_leaves(PLATFORM_SHIP);
    scene_start();
    scene_go(0, 10.3, 0);
    assert_true(watch_nearest(scene.watch, track_ais(1), &nearest));
    assert_int_equal(nearest.zone, 1);
    assert_true(fabs((double)nearest.border_mm + 0.3 * EQUATOR_MM) <= 1.0);
    scene_go(1000, 10.8, 0);
    assert_true(watch_nearest(scene.watch, track_ais(1), &nearest));
    assert_int_equal(nearest.zone, 0);
    assert_true(fabs((double)nearest.border_mm - 0.2 * EQUATOR_MM) <= 1.0);
    assert_int_equal(nearest.line_mm, -1);
    scene_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_teleport_passes_nothing_and_is_marked),
        cmocka_unit_test(a_jump_there_and_back_goes_on),
        cmocka_unit_test(one_id_in_two_places_is_marked_once_a_leg),
        cmocka_unit_test(the_place_of_no_place_is_marked),
        cmocka_unit_test(a_frozen_place_is_marked),
        cmocka_unit_test(a_clock_an_hour_ahead_is_marked_and_goes_on),
        cmocka_unit_test(one_fix_far_ahead_does_not_block),
        cmocka_unit_test(two_receivers_of_different_skew),
        cmocka_unit_test(silence_inside_is_no_exit),
        cmocka_unit_test(noise_at_a_border_is_never_certain),
        cmocka_unit_test(the_nearest_border_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
