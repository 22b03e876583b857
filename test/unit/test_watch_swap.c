#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "watch_scene.h"

/*
 * Another agreement while tracks are inside (cases 14 and 15). Boxes in longitude and latitude: who is
 * in which before and after is known from the corners.
 */
static struct box_world after;

/* The one that comes, in `after`. */
static void swap(double second)
{
    size_t count;
    world_compile(&after);
    assert_false(watch_swap(scene.watch, &after.compiled, SCENE_US + (int64_t)(second * S),
                            scene.told + scene.count, SCENE_TOLD_MAX - scene.count, &count));
    scene.count += count;
}

static void open_both(void)
{
    scene_open();
    world_open(&after);
}

static void close_both(void)
{
    scene_close();
    world_release(&after);
}

static void expect_change(size_t i, enum sighting_kind kind, uint16_t zone, double second)
{
    scene_expect(i, kind, zone, second);
    assert_int_equal(scene_said(i)->reason, REASON_ZONE_CHANGE);
    assert_int_equal(scene_said(i)->former, kind == SIGHTING_CLOSED);
}

/* Grown over the track, shrunk away from it, removed, added; and one that it is in all the time, under
 * another index. */
static void zones_that_change_speak_at_once(void **state)
{
    (void)state;
    open_both();
    world_box(&scene.world, "STAYS", 10, -1, 11, 1);
    world_box(&scene.world, "GROWS", 12, -1, 13, 1);
    world_box(&scene.world, "SHRINKS", 10, -1, 11, 1);
    world_box(&scene.world, "GOES", 10, -1, 11, 1);
    world_box(&after, "COMES", 10, -1, 11, 1);
    world_box(&after, "SHRINKS", 10.8, -1, 11, 1);
    world_box(&after, "STAYS", 10, -1, 10.9, 1);
    world_box(&after, "GROWS", 10, -1, 13, 1);
    scene_start();
    scene_go(0, 10.5, 0);
    assert_int_equal(scene_said_count(), 3);
    swap(60);
    assert_int_equal(scene_said_count(), 7);
    expect_change(3, SIGHTING_CLOSED, 2, 60);
    expect_change(4, SIGHTING_CLOSED, 3, 60);
    expect_change(5, SIGHTING_OPENED, 0, 60);
    expect_change(6, SIGHTING_OPENED, 3, 60);
    struct watch_track track;
    assert_true(watch_track(scene.watch, track_ais(1), &track));
    assert_int_equal(track.inside, 1 << 0 | 1 << 2 | 1 << 3);
    scene_go(100, 10.5, 0); /* nothing is left to say */
    assert_int_equal(scene_said_count(), 7);
    scene_go(200, 10.7, 0);
    scene_go(300, 10.86, 0);
    assert_int_equal(scene_said_count(), 8);
    scene_expect(7, SIGHTING_ENTER, 1, 262.5);
    close_both();
}

/* What a rival never says: the zone is replaced, then the track leaves. */
static void it_leaves_the_zone_that_came_in_place(void **state)
{
    (void)state;
    open_both();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    world_box(&after, "A", 10, -1, 11.5, 1);
    scene_start();
    scene_go(0, 10.9, 0);
    swap(10);
    scene_go(100, 11.4, 0);
    assert_int_equal(scene_said_count(), 1);
    scene_go(200, 11.6, 0);
    scene_expect(1, SIGHTING_LEAVE, 0, 150);
    close_both();
}

static void classes_and_periods_change_too(void **state)
{
    (void)state;
    open_both();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    world_box(&scene.world, "B", 10, -1, 11, 1);
    world_box(&after, "A", 10, -1, 11, 1)->classes = platform_leaves(PLATFORM_SHIP);
    world_box(&after, "B", 10, -1, 11, 1)->from_us = SCENE_US + 100 * S;
    scene_start();
    scene_go(0, 10.5, 0);
    swap(60);
    expect_change(2, SIGHTING_CLOSED, 0, 60);
    expect_change(3, SIGHTING_CLOSED, 1, 60);
    scene_tick(100);
    scene_expect(4, SIGHTING_OPENED, 1, 100);
    assert_int_equal(scene_said(4)->reason, REASON_PERIOD);
    assert_int_equal(scene_said_count(), 5);
    close_both();
}

/* What the agreement before has to say by then it says first. */
static void time_passes_before_the_swap(void **state)
{
    (void)state;
    open_both();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    scene_start();
    scene_go(0, 10.5, 0);
    swap(2000);
    scene_expect(1, SIGHTING_LOST_INSIDE, 0, 900);
    assert_true(scene_said(1)->former);
    expect_change(2, SIGHTING_CLOSED, 0, 2000);
    assert_int_equal(scene_said(2)->certainty, CERTAINTY_POSSIBLE);
    close_both();
}

/* A fix of before the swap is not told of in the agreement of after. */
static void fixes_of_before_are_too_late(void **state)
{
    (void)state;
    open_both();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    world_box(&after, "B", 9, -1, 10, 1);
    scene_start();
    scene_go(0, 10.5, 0);
    swap(60);
    assert_int_equal(scene_said_count(), 2);
    scene_go(30, 9.8, 0);
    assert_int_equal(scene_said_count(), 2);
    assert_int_equal(watch_counts(scene.watch)->too_late, 1);
    scene_go(90, 9.8, 0);
    scene_go(80, 9.7, 0); /* but one of after is told of */
    assert_int_equal(watch_counts(scene.watch)->too_late, 1);
    struct sighting out[8];
    size_t count = scene_standing(out, 8), enters = 0;
    for (size_t i = 0; i < count; i++)
        enters += out[i].kind == SIGHTING_ENTER && out[i].zone == 0;
    assert_int_equal(enters, 1);
    close_both();
}

/* A zone added around a thousand tracks: all say so, in parts, each once. */
static void every_track_says_so_however_little_room(void **state)
{
    (void)state;
    static struct sighting out[WATCH_ROOM];
    static uint32_t seen[1000];
    open_both();
    world_box(&scene.world, "A", 0, 0, 1, 1);
    world_box(&after, "A", 0, 0, 1, 1);
    world_box(&after, "B", 10, -1, 11, 1);
    scene_start();
    for (uint32_t i = 0; i < 1000; i++) {
        struct position position = scene_at(i * 0.01, i % 2 ? 10.5 : 12, 0);
        position.track = track_icao(i);
        scene_feed(&position);
    }
    assert_int_equal(scene.count, 0);
    memset(seen, 0, sizeof seen);
    world_compile(&after);
    int calls = 0;
    for (bool more = true; more; calls++) {
        size_t count;
        more = watch_swap(scene.watch, &after.compiled, SCENE_US + 60 * S, out, WATCH_ROOM, &count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(out[i].kind, SIGHTING_OPENED);
            assert_int_equal(out[i].zone, 1);
            seen[out[i].track & 0xffff]++;
        }
    }
    assert_true(calls > 1);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(seen[i], i % 2);
    close_both();
}

static int order(const void *a, const void *b)
{
    return sighting_order(a, b);
}

/* sighting_order: what two watches say of half the tracks each, is what one says. */
static void halves_in_order_are_the_whole(void **state)
{
    (void)state;
    static struct sighting said[2][2048];
    size_t count[2] = {0, 0};
    for (int way = 0; way < 2; way++) {
        open_both();
        world_box(&scene.world, "A", 10, -1, 11, 1);
        world_box(&after, "B", 10.2, -1, 11, 1);
        for (int part = 0; part <= way; part++) {
            scene_start();
            for (uint32_t i = 0; i < 200; i++) {
                struct position position = scene_at(i, 9.9 + 0.01 * (i % 60), 0);
                position.track = track_icao(i * 7919 % 1000);
                if (!way || (i & 1) == (uint32_t)part)
                    scene_feed(&position);
            }
            swap(300);
        }
        for (size_t i = 0; i < scene.count; i++) {
            scene.told[i].at = 0; /* one fix a call: 0 anyhow */
            said[way][count[way]++] = scene.told[i];
        }
        qsort(said[way], count[way], sizeof said[way][0], order);
        close_both();
    }
    assert_int_equal(count[0], count[1]);
    assert_true(count[0] > 100);
    for (size_t i = 0; i < count[0]; i++)
        assert_true(said[0][i].id == said[1][i].id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones_that_change_speak_at_once),
        cmocka_unit_test(it_leaves_the_zone_that_came_in_place),
        cmocka_unit_test(classes_and_periods_change_too),
        cmocka_unit_test(time_passes_before_the_swap),
        cmocka_unit_test(fixes_of_before_are_too_late),
        cmocka_unit_test(every_track_says_so_however_little_room),
        cmocka_unit_test(halves_in_order_are_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
