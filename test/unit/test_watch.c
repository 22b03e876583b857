#include "watch_scene.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"

/*
 * Expected instants: zones are boxes in longitude and latitude and hops are straight in both, so a
 * border at a known part of a hop is crossed at that part of its time. Expected distances: along
 * the equator an arc of longitude is a geodesic, of a * radians metres (a = 6,378,137 m).
 */

/* Leaves out what only the node looks at. */
static void feed(const struct position *position)
{
    static struct sighting out[WATCH_ROOM];
    size_t count;
    assert_int_equal(watch_positions(scene.watch, position, 1, out, WATCH_ROOM, &count), 1);
    for (size_t i = 0; i < count; i++)
        if (out[i].kind != SIGHTING_NEAR && out[i].kind != SIGHTING_LAPSED &&
            out[i].kind != SIGHTING_MARK)
            scene.told[scene.count++] = out[i];
}

static void go(double second, double lon, double lat)
{
    struct position position = scene_at(second, lon, lat);
    feed(&position);
}

/* The i-th thing told: what, where, and how many seconds after the start. */
static void expect(size_t i, enum sighting_kind kind, uint16_t zone, double second)
{
    assert_true(i < scene.count);
    assert_string_equal(sighting_kind_name((enum sighting_kind)scene.told[i].kind),
                        sighting_kind_name(kind));
    assert_int_equal(scene.told[i].zone, zone);
    assert_int_equal(scene.told[i].time_us, SCENE_US + (int64_t)(second * S));
}

static void expect_certainty(size_t i, enum certainty certainty)
{
    assert_string_equal(certainty_name((enum certainty)scene.told[i].certainty),
                        certainty_name(certainty));
}

/* ---- borders ----------------------------------------------------------------------------------- */

static void enters_and_leaves_where_and_when(void **state)
{
    (void)state;
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    scene_start();
    go(0, 9.9, 0);
    go(100, 10.1, 0);
    go(200, 10.3, 0);
    go(600, 11.1, 0);
    assert_int_equal(scene.count, 2);
    expect(0, SIGHTING_ENTER, 0, 50);
    assert_int_equal(scene.told[0].lon_e7, 10 * WORLD_E7);
    assert_int_equal(scene.told[0].lat_e7, 0);
    assert_int_equal(scene.told[0].time_lo_us, SCENE_US);
    assert_int_equal(scene.told[0].time_hi_us, SCENE_US + 100 * S);
    assert_true(fabs((double)scene.told[0].dist_mm + 0.1 * EQUATOR_MM) <= 1.0);
    expect_certainty(0, CERTAINTY_CERTAIN);
    expect(1, SIGHTING_LEAVE, 0, 550);
    assert_true(fabs((double)scene.told[1].dist_mm - 0.1 * EQUATOR_MM) <= 1.0);
    expect_certainty(1, CERTAINTY_CERTAIN);
    scene_close();
}

static void a_thin_zone_jumped_is_crossed(void **state)
{
    (void)state;
    scene_open();
    world_box(&scene.world, "THIN", 10.0095, -1, 10.0105, 1);
    scene_start();
    go(0, 10.00, 0);
    go(10, 10.02, 0);
    assert_int_equal(scene.count, 1);
    expect(0, SIGHTING_CROSS, 0, 4.75);
    assert_int_equal(scene.told[0].time_lo_us, SCENE_US + 4750000);
    assert_int_equal(scene.told[0].time_hi_us, SCENE_US + 5250000);
    expect_certainty(0, CERTAINTY_CERTAIN);
    scene_close();
}

/* A comb of two teeth: out, in, out, in. */
static void a_concave_zone_is_crossed_in_order(void **state)
{
    (void)state;
    const double comb[] = {10.0, -1,   10.4, -1,   10.4, 1, 10.3, 1,
                           10.3, -0.5, 10.2, -0.5, 10.2, 1, 10.0, 1};
    scene_open();
    world_ring(&scene.world, "COMB", comb, 8);
    scene_start();
    go(0, 9.95, 0);
    go(400, 10.35, 0);
    assert_int_equal(scene.count, 2);
    expect(0, SIGHTING_CROSS, 0, 50);
    assert_int_equal(scene.told[0].time_hi_us, SCENE_US + 250 * S);
    expect(1, SIGHTING_ENTER, 0, 350);
    scene_close();
}

static void inside_out_inside_is_leave_and_enter(void **state)
{
    (void)state;
    const double comb[] = {10.0, -1,   10.4, -1,   10.4, 1, 10.3, 1,
                           10.3, -0.5, 10.2, -0.5, 10.2, 1, 10.0, 1};
    scene_open();
    world_ring(&scene.world, "COMB", comb, 8);
    scene_start();
    go(0, 10.15, 0);
    go(200, 10.35, 0);
    assert_int_equal(scene.count, 3);
    expect(0, SIGHTING_INSIDE_AT_START, 0, 0);
    expect(1, SIGHTING_LEAVE, 0, 50);
    expect(2, SIGHTING_ENTER, 0, 150);
    scene_close();
}

static void abutting_zones_are_left_and_entered_at_once(void **state)
{
    (void)state;
    scene_open();
    world_box(&scene.world, "B", 11, -1, 12, 1);
    world_box(&scene.world, "A", 10, -1, 11, 1);
    scene_start();
    go(0, 10.9, 0);
    go(100, 11.1, 0);
    go(200, 11.0, 0); /* exactly on the edge: the eastern one's */
    go(300, 10.9, 0);
    assert_int_equal(scene.count, 5);
    expect(0, SIGHTING_INSIDE_AT_START, 1, 0);
    expect(1, SIGHTING_LEAVE, 1, 50);
    expect(2, SIGHTING_ENTER, 0, 50);
    expect(3, SIGHTING_LEAVE, 0, 200);
    expect(4, SIGHTING_ENTER, 1, 200);
    scene_close();
}

static void the_short_way_round_is_taken(void **state)
{
    (void)state;
    scene_open();
    world_box(&scene.world, "DATE", 179, -1, 181, 1);
    world_box(&scene.world, "FAR", 10, -1, 11, 1);
    scene_start();
    go(0, 178.9, 0);
    go(200, 179.1, 0);
    go(700, -179.1, 0);
    go(900, -178.9, 0);
    assert_int_equal(scene.count, 2);
    expect(0, SIGHTING_ENTER, 0, 100);
    expect(1, SIGHTING_LEAVE, 0, 800);
    scene_close();
}

/* ---- altitude ---------------------------------------------------------------------------------- */

static void go_up(double second, double lon, double alt_m, enum alt_ref ref)
{
    struct position position = scene_at(second, lon, 0);
    position.alt_cm = (int32_t)lround(alt_m * 100);
    position.alt_ref = (uint8_t)ref;
    feed(&position);
}

static struct zone *banded(double floor_m, double ceiling_m, enum alt_limit_ref ref)
{
    struct zone *zone = world_box(&scene.world, "BAND", 10, -1, 11, 1);
    zone->floor = (struct alt_limit){ref, (int64_t)(floor_m * 100)};
    zone->ceiling = (struct alt_limit){ref, (int64_t)(ceiling_m * 100)};
    return zone;
}

static void limits_are_crossed_at_their_height(void **state)
{
    (void)state;
    scene_open();
    banded(1000, 2000, LIMIT_ELLIPSOID);
    scene_start();
    go_up(0, 10.5, 900, ALT_REF_ELLIPSOID);
    go_up(40, 10.51, 1300, ALT_REF_ELLIPSOID);
    go_up(60, 10.52, 2000, ALT_REF_ELLIPSOID); /* the ceiling itself is out */
    go_up(160, 10.53, 500, ALT_REF_ELLIPSOID); /* through the band and out below */
    go_up(260, 10.54, 1000, ALT_REF_ELLIPSOID);
    assert_int_equal(scene.count, 4);
    expect(0, SIGHTING_ENTER, 0, 10);
    assert_int_equal(scene.told[0].alt_cm, 100000);
    expect_certainty(0, CERTAINTY_CERTAIN);
    expect(1, SIGHTING_LEAVE, 0, 60);
    expect(2, SIGHTING_CROSS, 0, 60);
    expect(3, SIGHTING_ENTER, 0, 260);
    scene_close();
}

static void border_and_ceiling_in_one_hop(void **state)
{
    (void)state;
    scene_open();
    banded(0, 1000, LIMIT_ELLIPSOID);
    scene_start();
    go_up(0, 9.9, 1200, ALT_REF_ELLIPSOID);   /* over the border at 25 s, still above */
    go_up(100, 10.3, 800, ALT_REF_ELLIPSOID); /* through the ceiling at 50 s */
    assert_int_equal(scene.count, 1);
    expect(0, SIGHTING_ENTER, 0, 50);
    assert_int_equal(scene.told[0].lon_e7, (int32_t)(10.1 * WORLD_E7));
    scene_close();
}

static void altitudes_that_do_not_decide_are_possible(void **state)
{
    static const struct {
        double alt_m;
        enum alt_ref ref;
        enum alt_limit_ref limit;
        bool inside, certain;
    } rows[] = {
        {1500, ALT_REF_ELLIPSOID, LIMIT_ELLIPSOID, true, true},
        {2000, ALT_REF_ELLIPSOID, LIMIT_ELLIPSOID, false, true},
        {1950, ALT_REF_SEA_LEVEL, LIMIT_ELLIPSOID, true, false}, /* the geoid is within 110 m */
        {1500, ALT_REF_SEA_LEVEL, LIMIT_ELLIPSOID, true, true},
        {1600, ALT_REF_BARO, LIMIT_SEA_LEVEL, true, false}, /* pressure: hundreds of metres */
        {1990, ALT_REF_BARO, LIMIT_LEVEL, true, false},     /* altimeters: 75 m */
        {1500, ALT_REF_BARO, LIMIT_LEVEL, true, true},
        {1500, ALT_REF_SEA_LEVEL, LIMIT_GROUND, true, false}, /* ground may be anywhere */
        {1500, ALT_REF_GROUND, LIMIT_GROUND, true, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        scene_open();
        banded(1000, 2000, rows[i].limit);
        scene_start();
        go_up(0, 10.5, rows[i].alt_m, rows[i].ref);
        assert_int_equal(scene.count, rows[i].inside);
        if (rows[i].inside)
            expect_certainty(0, rows[i].certain ? CERTAINTY_CERTAIN : CERTAINTY_POSSIBLE);
        scene_close();
    }
}

static void no_altitude_may_be_any(void **state)
{
    (void)state;
    scene_open();
    banded(1000, 2000, LIMIT_ELLIPSOID);
    scene_start();
    go(0, 10.5, 0);
    assert_int_equal(scene.count, 1);
    expect_certainty(0, CERTAINTY_POSSIBLE);
    scene_close();
}

static void ships_are_at_the_surface(void **state)
{
    (void)state;
    scene_open();
    banded(0, 2000, LIMIT_SEA_LEVEL)->floor.ref = LIMIT_SURFACE;
    banded(1000, 2000, LIMIT_SEA_LEVEL);
    scene_start();
    struct position ship = scene_at(0, 10.5, 0);
    ship.platform = PLATFORM_TANKER;
    feed(&ship);
    assert_int_equal(scene.count, 1);
    expect(0, SIGHTING_INSIDE_AT_START, 0, 0);
    expect_certainty(0, CERTAINTY_CERTAIN);
    scene_close();
}

/* ---- time -------------------------------------------------------------------------------------- */

static void a_zone_opens_and_closes_around_a_track(void **state)
{
    (void)state;
    scene_open();
    struct zone *zone = world_box(&scene.world, "WINDOW", 10, -1, 11, 1);
    zone->from_us = SCENE_US + 60 * S;
    zone->to_us = SCENE_US + 200 * S;
    scene_start();
    go(0, 10.5, 0);
    go(50, 10.5, 0);
    go(100, 10.5, 0);
    go(150, 10.5, 0);
    scene_tick(250);
    go(300, 10.5, 0);
    assert_int_equal(scene.count, 2);
    expect(0, SIGHTING_OPENED, 0, 60);
    expect(1, SIGHTING_CLOSED, 0, 200);
    scene_close();
}

static void outside_its_hours_a_zone_is_not_entered(void **state)
{
    static const struct daily hours = {.months = 0xfff, .from_min = 6 * 60, .to_min = 18 * 60};
    (void)state;
    scene_open();
    struct zone *zone = world_box(&scene.world, "DAY", 10, -1, 11, 1);
    zone->daily = &hours;
    zone->daily_count = 1;
    scene_start();
    double night = 3 * 3600, day = 6 * 3600;
    go(night, 9.9, 0);
    go(night + 100, 10.1, 0);
    assert_int_equal(scene.count, 0);
    for (double second = night + 400; second < day + 400; second += 300)
        go(second, 10.1, 0);
    assert_int_equal(scene.count, 1);
    expect(0, SIGHTING_OPENED, 0, day);
    scene_close();
}

static void silence_inside_is_told_once(void **state)
{
    (void)state;
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    scene_start();
    go(0, 10.5, 0);
    scene_tick(899);
    assert_int_equal(scene.count, 1);
    scene_tick(901);
    scene_tick(5000);
    go(6000, 10.6, 0);
    assert_int_equal(scene.count, 2);
    expect(1, SIGHTING_LOST_INSIDE, 0, 900);
    go(9000, 12, 0); /* found outside after a gap: when it left nobody knows */
    assert_int_equal(scene.count, 4);
    expect(2, SIGHTING_LOST_INSIDE, 0, 6900);
    assert_int_equal(scene.told[3].kind, SIGHTING_LEAVE);
    assert_int_equal(scene.told[3].time_lo_us, SCENE_US + 6000 * S);
    assert_int_equal(scene.told[3].time_hi_us, SCENE_US + 9000 * S);
    expect_certainty(3, CERTAINTY_POSSIBLE);
    scene_close();
}

static void fixes_without_time_keep_their_order(void **state)
{
    (void)state;
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    scene_start();
    for (int i = 0; i < 4; i++) {
        struct position position = scene_at(0, 9.95 + 0.1 * i, 0);
        position.time_us = TIME_UNKNOWN;
        position.time_source = TIME_FROM_NONE;
        feed(&position);
    }
    assert_int_equal(scene.count, 1);
    assert_int_equal(scene.told[0].kind, SIGHTING_ENTER);
    assert_int_equal(scene.told[0].time_us, TIME_UNKNOWN);
    assert_int_equal(scene.told[0].lon_e7, 10 * WORLD_E7);
    expect_certainty(0, CERTAINTY_POSSIBLE);
    assert_int_equal(watch_counts(scene.watch)->same_time, 0);
    scene_close();
}

/* A recording that runs round: the same places again, and no time to tell the rounds apart. */
static void ids_without_time_do_not_repeat(void **state)
{
    (void)state;
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    scene_start();
    for (int i = 0; i < 8; i++) {
        struct position position = scene_at(0, i % 2 ? 10.05 : 9.95, 0);
        position.time_us = TIME_UNKNOWN;
        feed(&position);
    }
    assert_int_equal(scene.count, 7);
    for (size_t i = 0; i < scene.count; i++)
        for (size_t k = 0; k < i; k++)
            assert_true(scene.told[i].id != scene.told[k].id);
    scene_close();
}

static void old_and_equal_times_are_counted(void **state)
{
    (void)state;
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    scene_start();
    go(100, 9.90, 0);
    go(100, 9.9001, 0);
    go(90, 9.89, 0);
    go(110, 9.91, 0);
    assert_int_equal(scene.count, 0);
    assert_int_equal(watch_counts(scene.watch)->same_time, 1);
    assert_int_equal(watch_counts(scene.watch)->late, 1);
    assert_int_equal(watch_counts(scene.watch)->tracks, 1);
    scene_close();
}

/* ---- legs -------------------------------------------------------------------------------------- */

static void a_jump_begins_a_leg_and_crosses_nothing(void **state)
{
    (void)state;
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    scene_start();
    go(0, 9.9, 0);
    go(1, 13.0, 0); /* 345 km in a second */
    go(2, 9.901, 0);
    go(3, 13.001, 0);
    assert_int_equal(scene.count, 0);
    assert_int_equal(watch_counts(scene.watch)->jumps, 1);
    assert_int_equal(watch_counts(scene.watch)->tracks, 2);
    go(103, 10.1, 0);
    assert_int_equal(scene.count, 1);
    assert_int_equal(scene.told[0].leg, 0);
    assert_int_equal(scene.told[0].time_lo_us, SCENE_US + 2 * S);
    scene_close();
}

static void two_craft_of_one_id_are_two_legs(void **state)
{
    (void)state;
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    scene_start();
    for (int i = 0; i < 50; i++) {
        struct position here = scene_at(20 * i, 10.5, 0.001 * i),
                        there = scene_at(20 * i + 10, 14, 0.001 * i);
        here.platform = there.platform = PLATFORM_TANKER;
        feed(&here);
        feed(&there);
    }
    assert_int_equal(scene.count, 1);
    expect(0, SIGHTING_INSIDE_AT_START, 0, 0);
    assert_int_equal(watch_counts(scene.watch)->tracks, 2);
    scene_close();
}

static void the_stalest_place_is_reused_and_said_lost(void **state)
{
    (void)state;
    struct watch_options options = watch_defaults();
    options.track_max = 2;
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    scene_start_with(&options);
    for (uint32_t i = 0; i < 3; i++) {
        struct position position = scene_at(i, 10.5, 0);
        position.track = track_ais(100 + i);
        feed(&position);
    }
    assert_int_equal(scene.count, 4);
    expect(2, SIGHTING_LOST_INSIDE, 0, 0);
    assert_true(scene.told[2].track == track_ais(100));
    expect(3, SIGHTING_INSIDE_AT_START, 0, 2);
    assert_int_equal(watch_counts(scene.watch)->tracks_reused, 1);
    scene_close();
}

/* ---- certainty --------------------------------------------------------------------------------- */

/* 0.001 degree of the equator is 111.3 m. */
static void an_error_that_reaches_the_border_is_possible(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        scene_open();
        world_box(&scene.world, "A", 10, -1, 11, 1);
        scene_start();
        struct position out = scene_at(0, 9.99, 0), in = scene_at(10, 10.001, 0);
        in.err_dm = i ? 1120 : 1100;
        feed(&out);
        feed(&in);
        assert_int_equal(scene.count, 1);
        assert_int_equal(scene.told[0].kind, SIGHTING_ENTER);
        assert_in_range(scene.told[0].dist_err_mm, in.err_dm * 100, in.err_dm * 100 + 3);
        expect_certainty(0, i ? CERTAINTY_POSSIBLE : CERTAINTY_CERTAIN);
        scene_close();
    }
}

/* In by 56 m and in doubt by 100 m; then by 167 m: what was told is told again, for certain. */
static void a_later_fix_settles_what_was_possible(void **state)
{
    (void)state;
    static const double lons[] = {9.99, 10.0005, 10.0007, 10.0015, 10.0020};
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    world_box(&scene.world, "PLACE", 10, -1, 11, 1)->status = ZONE_PROVISIONAL;
    scene_start();
    for (int i = 0; i < 5; i++) {
        struct position position = scene_at(10 * i, lons[i], 0);
        position.err_dm = 1000;
        feed(&position);
    }
    assert_int_equal(scene.count, 3);
    assert_int_equal(scene.told[0].kind, SIGHTING_ENTER);
    expect_certainty(0, CERTAINTY_POSSIBLE);
    assert_int_equal(scene.told[1].zone, 1);
    const struct sighting *first = &scene.told[0], *amended = &scene.told[2];
    assert_true(amended->replaces == first->id && amended->id != first->id);
    assert_int_equal(amended->kind, SIGHTING_ENTER);
    assert_int_equal(amended->zone, 0);
    expect_certainty(2, CERTAINTY_CERTAIN);
    assert_int_equal(amended->time_us, first->time_us);
    assert_int_equal(amended->time_lo_us, first->time_lo_us);
    assert_int_equal(amended->lon_e7, first->lon_e7);
    assert_int_equal(amended->fix.time_us, SCENE_US + 30 * S);
    assert_true(fabs((double)amended->dist_mm + 0.0015 * EQUATOR_MM) <= 1.0);
    scene_close();
}

/* In and out within the error, and then clear outside: only the leaving is settled. */
static void a_doubt_ends_with_the_next_change(void **state)
{
    (void)state;
    static const double lons[] = {9.99, 10.0005, 9.9995, 9.99};
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    scene_start();
    for (int i = 0; i < 4; i++) {
        struct position position = scene_at(10 * i, lons[i], 0);
        position.err_dm = 1000;
        feed(&position);
    }
    assert_int_equal(scene.count, 3);
    assert_int_equal(scene.told[1].kind, SIGHTING_LEAVE);
    assert_int_equal(scene.told[2].kind, SIGHTING_LEAVE);
    assert_true(scene.told[2].replaces == scene.told[1].id);
    scene_close();
}

static void what_may_be_inside_already_is_near(void **state)
{
    (void)state;
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    scene_start();
    for (int i = 0; i < 5; i++) { /* along the border, 111 m off, by 150 m more or less */
        struct position position = scene_at(10 * i, 9.999, 0.001 * i);
        position.err_dm = 1500;
        scene_feed(&position);
    }
    assert_int_equal(scene.count, 1);
    expect(0, SIGHTING_NEAR, 0, 0);
    expect_certainty(0, CERTAINTY_POSSIBLE);
    for (int i = 5; i < 10; i++) { /* 445 m: clear of it */
        struct position position = scene_at(10 * i, 9.996, 0.001 * i);
        position.err_dm = 1500;
        scene_feed(&position);
    }
    assert_int_equal(scene.count, 2);
    assert_int_equal(scene.told[1].kind, SIGHTING_LAPSED);
    scene_close();
}

/* 445 m outside, in an agreement that knows the border to 500 m; and a ring of 100 m, 445 m away,
 * that the square looked at holds whole. */
static void what_the_agreement_does_not_know_is_near(void **state)
{
    (void)state;
    for (int known = 0; known < 2; known++) {
        scene_open();
        world_box(&scene.world, "A", 10, -1, 11, 1)->precision_m = known ? 400 : 500;
        world_box(&scene.world, "DOT", 9.9910, 0, 9.9920, 0.001)->precision_m = known ? 400 : 500;
        scene_start();
        struct position position = scene_at(0, 9.996, 0);
        position.err_dm = 1;
        scene_feed(&position);
        assert_int_equal(scene.count, known ? 0 : 2);
        for (size_t i = 0; i < scene.count; i++) {
            assert_int_equal(scene.told[i].kind, SIGHTING_NEAR);
            expect_certainty(i, CERTAINTY_POSSIBLE);
        }
        scene_close();
    }
}

static void doubts_of_class_and_zone(void **state)
{
    static const struct {
        enum platform platform;
        enum zone_status status;
        bool seen, certain;
    } rows[] = {
        {PLATFORM_FISHING, ZONE_AGREED, true, true},
        {PLATFORM_FISHING, ZONE_PROVISIONAL, true, false},
        {PLATFORM_SHIP, ZONE_AGREED, true, false},
        {PLATFORM_UNKNOWN, ZONE_AGREED, true, false},
        {PLATFORM_TANKER, ZONE_AGREED, false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        scene_open();
        struct zone *zone = world_box(&scene.world, "A", 10, -1, 11, 1);
        zone->classes = platform_leaves(PLATFORM_FISHING);
        zone->status = rows[i].status;
        scene_start();
        struct position position = scene_at(0, 10.5, 0);
        position.platform = (uint8_t)rows[i].platform;
        feed(&position);
        assert_int_equal(scene.count, rows[i].seen);
        if (rows[i].seen)
            expect_certainty(0, rows[i].certain ? CERTAINTY_CERTAIN : CERTAINTY_POSSIBLE);
        scene_close();
    }
}

static void a_class_learnt_ends_what_does_not_concern_it(void **state)
{
    (void)state;
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1)->classes = platform_leaves(PLATFORM_FISHING);
    scene_start();
    struct position first = scene_at(0, 10.5, 0), second = scene_at(10, 10.5, 0),
                    third = scene_at(20, 10.5, 0);
    first.platform = third.platform = PLATFORM_UNKNOWN;
    second.platform = PLATFORM_TANKER;
    feed(&first);
    feed(&second);
    feed(&third);
    assert_int_equal(scene.count, 2);
    expect(1, SIGHTING_CLOSED, 0, 10);
    scene_close();
}

/* ---- near -------------------------------------------------------------------------------------- */

static struct position flying(double second, double lon, double lat, double north, double east)
{
    struct position position = scene_at(second, lon, lat);
    position.north_cmps = (int32_t)lround(north * 100);
    position.east_cmps = (int32_t)lround(east * 100);
    return position;
}

/* From 0.1 degree, 11,132 m, at 100 m/s: in 111.3 s. */
static void a_course_into_a_zone_is_near_and_a_turn_ends_it(void **state)
{
    (void)state;
    struct watch_track track;
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    scene_start();
    struct position p = flying(0, 9.9, 0, 0, 100);
    scene_feed(&p);
    assert_int_equal(scene.count, 1);
    assert_int_equal(scene.told[0].kind, SIGHTING_NEAR);
    double ahead = (double)(scene.told[0].time_us - SCENE_US) / S;
    assert_true(fabs(ahead - 0.1 * EQUATOR_MM / 1000 / 100) < 0.001);
    assert_true(scene.told[0].time_lo_us < scene.told[0].time_us);
    assert_true(scene.told[0].time_hi_us > scene.told[0].time_us);
    assert_int_equal(scene.told[0].lon_e7, 10 * WORLD_E7);
    p = flying(10, 9.909, 0, 0, 100);
    scene_feed(&p);
    assert_int_equal(scene.count, 1); /* one an approach */
    p = flying(20, 9.915, 0, 100, 0);
    scene_feed(&p);
    assert_int_equal(scene.count, 2);
    assert_int_equal(scene.told[1].kind, SIGHTING_LAPSED);
    assert_true(watch_track(scene.watch, track_ais(1), &track));
    assert_int_equal(track.near, 0);
    p = flying(30, 9.915, 0.009, 0, 100);
    scene_feed(&p);
    assert_int_equal(scene.count, 3);
    assert_int_equal(scene.told[2].kind, SIGHTING_NEAR);
    assert_true(scene.told[2].id != scene.told[0].id);
    scene_close();
}

static void near_goes_over_into_enter(void **state)
{
    (void)state;
    struct watch_track track;
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    scene_start();
    for (int i = 0; i < 20; i++) {
        struct position p = flying(10 * i, 9.9 + 0.009 * i, 0, 0, 100);
        scene_feed(&p);
    }
    assert_int_equal(scene.count, 2);
    assert_int_equal(scene.told[0].kind, SIGHTING_NEAR);
    assert_int_equal(scene.told[1].kind, SIGHTING_ENTER);
    assert_true(watch_track(scene.watch, track_ais(1), &track));
    assert_int_equal(track.near, 0);
    assert_int_equal(track.inside, 1);
    scene_close();
}

static void a_zone_that_will_be_closed_is_not_near(void **state)
{
    (void)state;
    for (int closes = 0; closes < 2; closes++) {
        scene_open();
        struct zone *zone = world_box(&scene.world, "A", 10, -1, 11, 1);
        zone->to_us = SCENE_US + (closes ? 100 : 120) * S;
        scene_start();
        struct position p = flying(0, 9.9, 0, 0, 100);
        scene_feed(&p);
        assert_int_equal(scene.count, closes ? 0 : 1);
        scene_close();
    }
}

static void sinking_towards_a_band_is_near(void **state)
{
    (void)state;
    scene_open();
    banded(0, 1000, LIMIT_ELLIPSOID);
    scene_start();
    struct position p = flying(0, 10.5, 0, 50, 0);
    p.alt_cm = 200000;
    p.alt_ref = ALT_REF_ELLIPSOID;
    p.up_cmps = -1000; /* a thousand metres in 100 s */
    scene_feed(&p);
    assert_int_equal(scene.count, 1);
    assert_int_equal(scene.told[0].kind, SIGHTING_NEAR);
    assert_true(fabs((double)(scene.told[0].time_us - SCENE_US) / S - 100) < 0.1);
    scene_close();
}

static void silence_ends_near(void **state)
{
    (void)state;
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    scene_start();
    struct position p = flying(0, 9.9, 0, 0, 100);
    scene_feed(&p);
    scene_tick(299);
    assert_int_equal(scene.count, 1);
    scene_tick(301);
    assert_int_equal(scene.count, 2);
    assert_int_equal(scene.told[1].kind, SIGHTING_LAPSED);
    scene_close();
}

/* ---- places ------------------------------------------------------------------------------------ */

static void places_are_judged_like_fixes(void **state)
{
    (void)state;
    struct place_verdict verdict[WORLD_ZONES];
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    world_box(&scene.world, "SHIPS", 10, -1, 11, 1)->classes = platform_leaves(PLATFORM_SHIP);
    struct zone *late = world_box(&scene.world, "LATE", 10, -1, 11, 1);
    late->from_us = SCENE_US + 10 * S;
    scene_start();
    struct position p = scene_at(0, 10.1, 0);
    assert_int_equal(watch_locate(&scene.world.compiled, &p, verdict, WORLD_ZONES), 2);
    assert_true(verdict[0].inside);
    assert_int_equal(verdict[0].certainty, CERTAINTY_CERTAIN);
    assert_true(fabs((double)verdict[0].dist_mm + 0.1 * EQUATOR_MM) <= 1.0);
    assert_int_equal(verdict[1].zone, 2);
    assert_false(verdict[1].inside);
    p.time_us = TIME_UNKNOWN;
    watch_locate(&scene.world.compiled, &p, verdict, WORLD_ZONES);
    assert_true(verdict[1].inside);
    assert_int_equal(verdict[1].certainty, CERTAINTY_POSSIBLE);
    scene_close();
}

/* ---- the same whichever way it is fed ---------------------------------------------------------- */

#define WALKERS 40
#define STEPS   60
#define LINES   8192

struct line_set {
    uint64_t ids[LINES];
    size_t count;
};

static uint64_t seed;

/* splitmix64 (Steele, Lea and Flood 2014). */
static uint64_t rand_u64(void)
{
    uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static double rand_unit(void)
{
    return (double)(rand_u64() >> 11) / 9007199254740992.0;
}

static int id_order(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Walkers about three zones, one with hours, one with a ceiling; some fall silent for a while. */
static void walk(struct position steps[STEPS][WALKERS])
{
    seed = 7;
    for (uint32_t w = 0; w < WALKERS; w++) {
        double lon = 9.8 + 1.4 * rand_unit(), lat = -0.2 + 0.4 * rand_unit(), second = w * 0.1;
        for (int s = 0; s < STEPS; s++) {
            lon += 0.05 * (rand_unit() - 0.5);
            lat += 0.05 * (rand_unit() - 0.5);
            second += rand_unit() < 0.03 ? 3000 : 30;
            steps[s][w] = scene_at(second, lon, lat);
            steps[s][w].track = track_icao(w);
            steps[s][w].alt_cm = (int32_t)(rand_unit() * 200000);
            steps[s][w].alt_ref = ALT_REF_ELLIPSOID;
            steps[s][w].err_dm = rand_unit() < 0.5 ? 3000 : 0;
        }
    }
}

static void walk_scene(void)
{
    scene_open();
    world_box(&scene.world, "A", 10, -1, 10.3, 1);
    struct zone *window = world_box(&scene.world, "W", 10.2, -1, 10.6, 1);
    window->from_us = SCENE_US + 300 * S;
    window->to_us = SCENE_US + 1500 * S;
    world_box(&scene.world, "C", 10.5, -1, 11, 1)->ceiling =
        (struct alt_limit){LIMIT_ELLIPSOID, 100000};
    scene_start();
}

static void collect(struct line_set *set, const struct sighting *told, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_true(set->count < LINES);
        uint64_t what = told[i].id ^ told[i].certainty ^ (uint64_t)told[i].time_lo_us;
        if (told[i].kind == SIGHTING_LAPSED)
            what = told[i].track ^ told[i].zone ^ (uint64_t)told[i].time_us;
        set->ids[set->count++] = hash_mix(what) ^ (uint64_t)told[i].dist_mm;
    }
}

static void collect_positions(struct line_set *set, const struct position *positions, size_t count)
{
    static struct sighting out[2 * WATCH_ROOM];
    while (count) {
        size_t n, used = watch_positions(scene.watch, positions, count, out, 2 * WATCH_ROOM, &n);
        collect(set, out, n);
        positions += used;
        count -= used;
    }
}

static void collect_tick(struct line_set *set, int64_t now_us)
{
    static struct sighting out[WATCH_ROOM];
    for (bool more = true; more;) {
        size_t n;
        more = watch_tick(scene.watch, now_us, out, WATCH_ROOM, &n);
        collect(set, out, n);
    }
}

static int64_t earliest(struct position steps[STEPS][WALKERS], int s)
{
    int64_t time_us = INT64_MAX;
    for (int later = s; later < STEPS; later++)
        for (int w = 0; w < WALKERS; w++)
            if (steps[later][w].time_us < time_us)
                time_us = steps[later][w].time_us;
    return time_us;
}

/* `way` 0: all at once; 1: one by one, backwards among the tracks; 2: with ticks as data time goes. */
static void walk_one_way(struct position steps[STEPS][WALKERS], int way, struct line_set *set)
{
    walk_scene();
    set->count = 0;
    if (way == 0)
        collect_positions(set, &steps[0][0], STEPS * WALKERS);
    for (int s = 0; way && s < STEPS; s++) {
        if (way == 2)
            collect_tick(set, earliest(steps, s) - 1);
        for (int w = 0; w < WALKERS; w++)
            collect_positions(set, &steps[s][way == 1 ? WALKERS - 1 - w : w], 1);
    }
    collect_tick(set, SCENE_US + 100000 * S);
    qsort(set->ids, set->count, sizeof set->ids[0], id_order);
    scene_close();
}

static void batches_order_and_ticks_change_nothing(void **state)
{
    (void)state;
    static struct position steps[STEPS][WALKERS];
    static struct line_set sets[3];
    walk(steps);
    for (int way = 0; way < 3; way++)
        walk_one_way(steps, way, &sets[way]);
    assert_true(sets[0].count > 500);
    for (int way = 1; way < 3; way++) {
        assert_int_equal(sets[way].count, sets[0].count);
        assert_memory_equal(sets[way].ids, sets[0].ids, sets[0].count * sizeof sets[0].ids[0]);
    }
    for (size_t i = 1; i < sets[0].count; i++)
        assert_true(sets[0].ids[i] != sets[0].ids[i - 1]);
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    struct err err;
    struct watch_options options = watch_defaults();
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    world_compile(&scene.world);
    options.track_max = 0;
    assert_null(watch_new(&scene.world.compiled, &options, &scene.world.arena, &err));
    assert_int_equal(err.code, EXIT_CONFIG);
    options = watch_defaults();
    options.lost_us = 0;
    assert_null(watch_new(&scene.world.compiled, &options, &scene.world.arena, &err));
    world_release(&scene.world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enters_and_leaves_where_and_when),
        cmocka_unit_test(a_thin_zone_jumped_is_crossed),
        cmocka_unit_test(a_concave_zone_is_crossed_in_order),
        cmocka_unit_test(inside_out_inside_is_leave_and_enter),
        cmocka_unit_test(abutting_zones_are_left_and_entered_at_once),
        cmocka_unit_test(the_short_way_round_is_taken),
        cmocka_unit_test(limits_are_crossed_at_their_height),
        cmocka_unit_test(border_and_ceiling_in_one_hop),
        cmocka_unit_test(altitudes_that_do_not_decide_are_possible),
        cmocka_unit_test(no_altitude_may_be_any),
        cmocka_unit_test(ships_are_at_the_surface),
        cmocka_unit_test(a_zone_opens_and_closes_around_a_track),
        cmocka_unit_test(outside_its_hours_a_zone_is_not_entered),
        cmocka_unit_test(silence_inside_is_told_once),
        cmocka_unit_test(fixes_without_time_keep_their_order),
        cmocka_unit_test(ids_without_time_do_not_repeat),
        cmocka_unit_test(old_and_equal_times_are_counted),
        cmocka_unit_test(a_jump_begins_a_leg_and_crosses_nothing),
        cmocka_unit_test(two_craft_of_one_id_are_two_legs),
        cmocka_unit_test(the_stalest_place_is_reused_and_said_lost),
        cmocka_unit_test(an_error_that_reaches_the_border_is_possible),
        cmocka_unit_test(a_later_fix_settles_what_was_possible),
        cmocka_unit_test(a_doubt_ends_with_the_next_change),
        cmocka_unit_test(what_may_be_inside_already_is_near),
        cmocka_unit_test(what_the_agreement_does_not_know_is_near),
        cmocka_unit_test(doubts_of_class_and_zone),
        cmocka_unit_test(a_class_learnt_ends_what_does_not_concern_it),
        cmocka_unit_test(a_course_into_a_zone_is_near_and_a_turn_ends_it),
        cmocka_unit_test(near_goes_over_into_enter),
        cmocka_unit_test(a_zone_that_will_be_closed_is_not_near),
        cmocka_unit_test(sinking_towards_a_band_is_near),
        cmocka_unit_test(silence_ends_near),
        cmocka_unit_test(places_are_judged_like_fixes),
        cmocka_unit_test(batches_order_and_ticks_change_nothing),
        cmocka_unit_test(options_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
