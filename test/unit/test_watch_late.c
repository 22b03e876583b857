#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "watch_scene.h"

/*
 * Fixes that come late, out of order, twice or in two forms. The expectation of a feed that is not in
 * order is the same feed in order: what stands after all amendments must be the same.
 */
#define STEPS_MAX 64
#define SEEDS     100

static struct sighting standing[2][SCENE_TOLD_MAX];

/* Three zones, one with hours, one with a ceiling, as in test_watch.c; and one for ships alone. */
static void open_zones(void)
{
    scene_open();
    world_box(&scene.world, "A", 10, -1, 10.3, 1);
    struct zone *window = world_box(&scene.world, "W", 10.2, -1, 10.6, 1);
    window->from_us = SCENE_US + 300 * S;
    window->to_us = SCENE_US + 900 * S;
    world_box(&scene.world, "C", 10.5, -1, 11, 1)->ceiling =
        (struct alt_limit){LIMIT_ELLIPSOID, 100000};
    world_box(&scene.world, "SHIPS", 10.1, -1, 10.4, 1)->classes = platform_leaves(PLATFORM_SHIP);
}

/* A walk about the zones: sometimes silent, sometimes uncertain, sometimes somebody else's fix far
 * away, sometimes two fixes of one time, at times without class. */
static size_t walk(struct position *steps)
{
    double lon = 9.8 + 1.2 * scene_unit(), lat = 0.2 * scene_unit(), second = 0;
    size_t count = 20 + scene_random() % (STEPS_MAX - 20);
    for (size_t i = 0; i < count; i++) {
        lon += 0.06 * (scene_unit() - 0.5);
        lat += 0.06 * (scene_unit() - 0.5);
        if (i % 7)
            second += scene_unit() < 0.02 ? 1000 : 5 + (double)(scene_random() % 10);
        bool other = scene_unit() < 0.05;
        steps[i] = scene_at(second, other ? lon + 12 : lon, lat);
        steps[i].alt_cm = (int32_t)(scene_unit() * 200000);
        steps[i].alt_ref = ALT_REF_ELLIPSOID;
        steps[i].err_dm = scene_unit() < 0.5 ? 3000 : 0;
        steps[i].platform = scene_unit() < 0.5 ? PLATFORM_HELICOPTER : PLATFORM_UNKNOWN;
        steps[i].flag = scene_unit() < 0.5 ? 0x4b50 : 0;
    }
    return count;
}

static void start(uint32_t late_s)
{
    struct watch_options options = watch_defaults();
    options.track_max = 100;
    options.late_us = late_s * S;
    scene_start_with(&options);
}

/* Each fix may be overtaken by those up to `back` places after it. */
static void shuffle(struct position *steps, size_t count, size_t back)
{
    for (size_t i = 0; i + 1 < count; i++) {
        size_t reach = count - i < back ? count - i : back;
        size_t k = i + scene_random() % reach;
        struct position moved = steps[k];
        memmove(&steps[i + 1], &steps[i], (k - i) * sizeof steps[0]);
        steps[i] = moved;
    }
}

static size_t tell_all(const struct position *steps, size_t count, double tick_every,
                       struct sighting *ret_standing)
{
    int64_t newest_us = SCENE_US;
    open_zones();
    start(36000);
    for (size_t i = 0; i < count; i++) {
        scene_feed(&steps[i]);
        newest_us = steps[i].time_us > newest_us ? steps[i].time_us : newest_us;
        if (tick_every > 0 && scene_unit() < 0.3)
            scene_tick((double)(newest_us - SCENE_US) / S + tick_every * scene_unit());
    }
    scene_tick(100000);
    size_t told = scene_standing(ret_standing, SCENE_TOLD_MAX);
    assert_int_equal(watch_counts(scene.watch)->too_late, 0);
    scene_close();
    return told;
}

static void show(const char *what, const struct sighting *s)
{
    print_message("%s %s zone %u leg %u at %.6f (%.6f..%.6f) fix %.0f certainty %u dist %lld "
                  "platform %u side %u\n",
                  what, sighting_kind_name((enum sighting_kind)s->kind), s->zone, s->leg,
                  (double)(s->time_us - SCENE_US) / S, (double)(s->time_lo_us - SCENE_US) / S,
                  (double)(s->time_hi_us - SCENE_US) / S, (double)(s->fix.time_us - SCENE_US) / S,
                  s->certainty, (long long)s->dist_mm, s->platform, s->side);
}

static bool is_in(const struct sighting *list, size_t count, const struct sighting *s)
{
    for (size_t i = 0; i < count; i++)
        if (scene_content(&list[i]) == scene_content(s))
            return true;
    return false;
}

static void show_difference(size_t a, size_t b)
{
    for (size_t i = 0; i < a; i++)
        if (!is_in(standing[1], b, &standing[0][i]))
            show("only in order:", &standing[0][i]);
    for (size_t i = 0; i < b; i++)
        if (!is_in(standing[0], a, &standing[1][i]))
            show("only late:    ", &standing[1][i]);
}

static void expect_same(uint64_t seed, size_t a, size_t b)
{
    bool same = a == b;
    for (size_t i = 0; i < a && same; i++)
        same = scene_content(&standing[0][i]) == scene_content(&standing[1][i]);
    if (same)
        return;
    show_difference(a, b);
    fail_msg("seed %llu: %zu stand in order, %zu late, and not the same", (unsigned long long)seed,
             a, b);
}

static void permuted(size_t back, double tick_every)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct position steps[STEPS_MAX];
        scene_seed(seed);
        size_t count = walk(steps);
        size_t a = tell_all(steps, count, 0, standing[0]);
        shuffle(steps, count, back);
        size_t b = tell_all(steps, count, tick_every, standing[1]);
        expect_same(seed, a, b);
    }
}

static void neighbours_that_overtake_change_nothing(void **state)
{
    (void)state;
    permuted(3, 0);
}

static void any_order_changes_nothing(void **state)
{
    (void)state;
    permuted(STEPS_MAX, 0);
}

static void ticks_ahead_of_late_fixes_change_nothing(void **state)
{
    (void)state;
    permuted(10, 2000);
}

/* ---- by hand ----------------------------------------------------------------------------------- */

static void one_box(void)
{
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    scene_start();
}

/* Case 16: outside, inside, and late the fix between them, which was inside too. What was told of the
 * long hop, border at half of it, is told of the short one: border at 9.95 .. 10.05, at 25 s. */
static void a_late_fix_amends_the_instant(void **state)
{
    (void)state;
    one_box();
    scene_go(0, 9.95, 0);
    scene_go(100, 10.05, 0);
    scene_expect(0, SIGHTING_ENTER, 0, 50);
    scene_go(50, 10.05, 0);
    assert_int_equal(scene_said_count(), 2);
    scene_expect(1, SIGHTING_ENTER, 0, 25);
    const struct sighting *first = scene_said(0), *amended = scene_said(1);
    assert_true(amended->replaces == first->id && amended->id != first->id && amended->late);
    assert_int_equal(amended->holds, HOLDS_INSIDE);
    assert_int_equal(amended->time_hi_us, SCENE_US + 50 * S);
    assert_int_equal(watch_counts(scene.watch)->late, 1);
    assert_int_equal(watch_counts(scene.watch)->amended, 1);
    scene_close();
}

/* It went round by the north, and was never in. */
static void a_late_fix_retracts_a_crossing(void **state)
{
    (void)state;
    scene_open();
    world_box(&scene.world, "A", 10, -0.1, 10.02, 0.1);
    scene_start();
    scene_go(0, 9.99, 0);
    scene_go(100, 10.03, 0);
    scene_expect(0, SIGHTING_CROSS, 0, 25);
    scene_go(50, 10.01, 0.3);
    assert_int_equal(scene_said_count(), 2);
    assert_int_equal(scene_said(1)->kind, SIGHTING_RETRACTED);
    assert_true(scene_said(1)->replaces == scene_said(0)->id);
    assert_int_equal(scene_said(1)->holds, 0);
    scene_close();
}

/* Never a false exit: the late fix is outside, of before the track came in. */
static void an_old_fix_outside_is_no_exit(void **state)
{
    (void)state;
    struct watch_track track;
    one_box();
    scene_go(0, 9.90, 0);
    scene_go(100, 10.10, 0);
    scene_go(200, 10.20, 0);
    scene_go(20, 9.92, 0);
    for (size_t i = 0; i < scene.count; i++)
        assert_int_not_equal(scene.told[i].kind, SIGHTING_LEAVE);
    assert_true(watch_track(scene.watch, track_ais(1), &track));
    assert_int_equal(track.inside, 1);
    assert_int_equal(track.last.time_us, SCENE_US + 200 * S);
    scene_close();
}

/* Case 17: two hours stored and forwarded after newer ones. They are counted, and change nothing. */
static void a_batch_of_two_hours_ago_is_too_late(void **state)
{
    (void)state;
    one_box();
    for (int i = 0; i < 20; i++)
        scene_go(7200 + 10 * i, 10.5, 0);
    size_t before = scene.count;
    for (int i = 0; i < 100; i++)
        scene_go(10 * i, 12 + 0.01 * i, 0);
    assert_int_equal(scene.count, before + 1);
    assert_int_equal(scene.told[before].kind, SIGHTING_MARK);
    assert_int_equal(scene.told[before].mark, MARK_TOO_LATE);
    assert_int_equal(watch_counts(scene.watch)->late, 100);
    assert_int_equal(watch_counts(scene.watch)->too_late, 100);
    scene_go(7400, 10.5, 0);
    assert_int_equal(scene.count, before + 1);
    scene_close();
}

/* Heard twice, and once more much later. */
static void duplicates_say_nothing(void **state)
{
    (void)state;
    static const double lons[] = {9.9, 10.1, 10.1, 9.9, 10.2, 10.1, 9.9};
    static const double seconds[] = {0, 100, 100, 0, 200, 100, 0};
    one_box();
    for (size_t i = 0; i < sizeof lons / sizeof lons[0]; i++)
        scene_go(seconds[i], lons[i], 0);
    assert_int_equal(scene_said_count(), 1);
    scene_expect(0, SIGHTING_ENTER, 0, 50);
    assert_int_equal(watch_counts(scene.watch)->same_time, 4);
    assert_int_equal(watch_counts(scene.watch)->too_late, 0);
    scene_close();
}

/* One time and two places: the better known one counts, whichever came first. */
static void of_one_time_the_better_known_counts(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        struct position good = scene_at(100, 10.1, 0), poor = scene_at(100, 10.09, 0);
        good.err_dm = 100;
        poor.err_dm = 5000;
        one_box();
        scene_go(0, 9.9, 0);
        scene_feed(way ? &good : &poor);
        scene_feed(way ? &poor : &good);
        struct sighting out[4];
        assert_int_equal(scene_standing(out, 4), 1);
        scene_expect(scene_said_count() - 1, SIGHTING_ENTER, 0, 50);
        scene_close();
    }
}

/* A tick said it lost; then what it had sent in time comes in. */
static void what_comes_after_it_was_said_lost_retracts_that(void **state)
{
    (void)state;
    one_box();
    scene_go(0, 10.5, 0);
    scene_tick(1000);
    scene_expect(1, SIGHTING_LOST_INSIDE, 0, 900);
    scene_go(500, 10.6, 0);
    assert_int_equal(scene_said_count(), 3);
    assert_int_equal(scene_said(2)->kind, SIGHTING_RETRACTED);
    assert_true(scene_said(2)->replaces == scene_said(1)->id);
    assert_int_equal(scene_said(2)->holds, HOLDS_INSIDE);
    scene_tick(1401);
    scene_expect(3, SIGHTING_LOST_INSIDE, 0, 1400);
    scene_close();
}

/* Told, taken back, and told again: the last has an id of its own, and names what it replaces. */
static void what_comes_to_stand_again_has_another_id(void **state)
{
    (void)state;
    struct sighting out[64];
    struct position in = scene_at(10, 10.0005, 0), in_doubt = scene_at(40, 10.0007, 0),
                    decides = scene_at(60, 10.0020, 0), out_again = scene_at(50, 9.9990, 0);
    one_box();
    in.err_dm = in_doubt.err_dm = decides.err_dm = 1000;
    scene_go(0, 9.99, 0);
    scene_feed(&in);
    scene_feed(&in_doubt);
    scene_feed(&decides);
    assert_int_equal(scene_said_count(), 2); /* possible, then certain */
    uint64_t possible = scene_said(0)->id, certain = scene_said(1)->id;
    scene_feed(&out_again); /* so it was another time that it came in for certain */
    size_t count = scene_standing(out, 64);
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        assert_true(out[i].id != possible && out[i].id != certain);
        found |= out[i].kind == SIGHTING_ENTER && out[i].certainty == CERTAINTY_POSSIBLE &&
                 out[i].fix.time_us == SCENE_US + 10 * S && out[i].replaces == certain;
    }
    assert_true(found);
    scene_close();
}

/* Two hundred fixes of ten minutes, the oldest half after the newest: the way back is never long. */
static void a_backlog_is_told_of(void **state)
{
    (void)state;
    one_box();
    for (int i = 0; i < 200; i += 1)
        scene_go(300 + 3 * i / 2.0, 10.5 + 0.0001 * i, 0);
    for (int i = 0; i < 200; i++)
        scene_go(3 * i / 2.0 - 0.25, 9.5 + 0.0049 * i, 0);
    struct sighting out[64];
    size_t count = scene_standing(out, 64), enters = 0;
    for (size_t i = 0; i < count; i++)
        enters += out[i].kind == SIGHTING_ENTER;
    assert_int_equal(enters, 1);
    assert_int_equal(watch_counts(scene.watch)->too_late, 0);
    scene_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_that_overtake_change_nothing),
        cmocka_unit_test(any_order_changes_nothing),
        cmocka_unit_test(ticks_ahead_of_late_fixes_change_nothing),
        cmocka_unit_test(a_late_fix_amends_the_instant),
        cmocka_unit_test(a_late_fix_retracts_a_crossing),
        cmocka_unit_test(an_old_fix_outside_is_no_exit),
        cmocka_unit_test(a_batch_of_two_hours_ago_is_too_late),
        cmocka_unit_test(duplicates_say_nothing),
        cmocka_unit_test(of_one_time_the_better_known_counts),
        cmocka_unit_test(what_comes_after_it_was_said_lost_retracts_that),
        cmocka_unit_test(what_comes_to_stand_again_has_another_id),
        cmocka_unit_test(a_backlog_is_told_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
