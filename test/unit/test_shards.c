#include "node/shards.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box_world.h"
#include "feed/feed.h"
#include "node/node.h"
#include "os/agreement_dir.h"
#include "os/crew.h"
#include "os/file.h"
#include <cmocka.h>

/*
 * Expected: one watch and one thread. However many watches share the tracks, and however many threads
 * run them, the node's output is the same, byte by byte (node/shards.h, P1).
 */
#define SEED       UINT64_C(20180919)
#define START_US   INT64_C(1577836800000000) /* 2020-01-01 */
#define TRACKS     400
#define FIXES      20000
#define BATCH      3000 /* not a divisor of SHARDS_BATCH */
#define MEMORY_MAX ((size_t)2 << 30)
#define TEXT_MAX   ((size_t)256 << 20)
#define DAY_BYTES  ((size_t)16 << 20)
#define DAY_FIXES  20000

static const uint32_t numbers[] = {1, 2, 3, 8};
#define NUMBERS (sizeof numbers / sizeof numbers[0])

static uint64_t next_random(uint64_t *state) /* splitmix64 (Steele, Lea, Flood 2014) */
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* ---- a load ------------------------------------------------------------------------------------ */

struct load {
    const struct compiled *compiled;
    struct position *positions;
    size_t count;
};

static void write_effects(struct buf *text, const struct load *load, const struct effect *effects,
                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct json_out out;
        json_out_init(&out, text);
        if (effects[i].kind == EFFECT_KEEP_SIGHTING)
            sighting_json(&out, load->compiled, &effects[i].sighting, "t");
        else
            alert_json(&out, load->compiled, &effects[i].alert, "t");
        buf_char(text, '\n');
    }
}

/* Everything that a node says of a load. */
static struct buf run(const struct load *load, uint32_t shards, const struct jobs *jobs)
{
    static struct effect effects[EFFECTS_ROOM];
    struct node_options options = {
        .party = 0, .watch = watch_defaults(), .alert_max = 4096, .shards = shards, .jobs = jobs};
    struct arena arena;
    struct err err = {EXIT_FINE, ""};
    struct buf text;
    options.watch.track_max = 4 * TRACKS;
    options.watch.history_max = NUMBERS * FIXES; /* so that none forgets a fix */
    arena_init(&arena, MEMORY_MAX, malloc, free);
    struct node *node = node_new(load->compiled, &options, &arena, &err);
    assert_non_null(node);
    buf_init(&text, malloc(TEXT_MAX), TEXT_MAX);
    for (size_t at = 0; at < load->count;) {
        size_t n = load->count - at < BATCH ? load->count - at : BATCH;
        int64_t time_us = TIME_UNKNOWN;
        for (size_t used = 0; used < n;) {
            size_t count;
            used += node_positions(node, load->positions + at + used, n - used, effects,
                                   EFFECTS_ROOM, &count);
            write_effects(&text, load, effects, count);
        }
        for (size_t i = 0; i < n; i++)
            if (load->positions[at + i].time_us != TIME_UNKNOWN)
                time_us = load->positions[at + i].time_us;
        at += n;
        for (bool more = time_us != TIME_UNKNOWN; more;) {
            size_t count;
            more = node_tick(node, time_us + TIME_MINUTE, effects, EFFECTS_ROOM, &count);
            write_effects(&text, load, effects, count);
        }
    }
    assert_false(text.full);
    assert_int_equal(node_counts(node).positions, load->count);
    assert_int_equal(node_counts(node).parity, 0);
    arena_release(&arena);
    return text;
}

/* Each number of watches by as many threads, and eight of them by each number of threads. */
static void compare(const struct load *load)
{
    struct buf expected = run(load, 1, NULL);
    assert_true(expected.n > 10000);
    for (size_t i = 0; i < NUMBERS; i++) {
        struct crew *crew;
        struct err err = {EXIT_FINE, ""};
        assert_int_equal(crew_new(numbers[i], &crew, &err), 0);
        for (uint32_t eight = 0; eight < 2; eight++) {
            struct buf text = run(load, eight ? 8 : numbers[i], crew_jobs(crew));
            assert_int_equal(text.n, expected.n);
            assert_memory_equal(text.p, expected.p, expected.n);
            free(text.p);
        }
        crew_free(crew);
    }
    free(expected.p);
}

/* ---- made at random ---------------------------------------------------------------------------- */

/* Walks about the corner of zones of all kinds, with silences, fixes without time, of equal time and
 * late ones. */
static struct position wander(uint64_t *state, struct position *tracks, int64_t *now_us)
{
    uint64_t r = next_random(state);
    struct position *fix = &tracks[r % TRACKS];
    *now_us += (int64_t)(next_random(state) % (TIME_SECOND / 10));
    fix->lat_e7 += (int32_t)(next_random(state) % 20001) - 10000;
    fix->lon_e7 += (int32_t)(next_random(state) % 20001) - 10000;
    fix->time_us = *now_us;
    fix->time_source = TIME_FROM_TAG;
    struct position given = *fix;
    switch (next_random(state) % 64) {
    case 0:
        given.time_us = TIME_UNKNOWN;
        given.time_source = TIME_FROM_NONE;
        break;
    case 1:
        given.time_us -= TIME_MINUTE;
        break;
    case 2:
        *now_us += TIME_MINUTE;
        break;
    default:
        break;
    }
    return given;
}

static void test_random(void **s)
{
    static const struct daily hours = {.months = 0xfff, .from_min = 10, .to_min = 40};
    struct box_world world;
    struct position tracks[TRACKS];
    uint64_t state = SEED;
    int64_t now_us = START_US;
    struct load load = {.count = FIXES};
    (void)s;
    world_open(&world);
    world_box(&world, "A", 10.0, 0.0, 10.1, 0.1);
    world_box(&world, "B", 10.05, 0.0, 10.2, 0.1)->classes = platform_leaves(PLATFORM_SHIP);
    world_box(&world, "C", 9.9, -0.1, 10.0, 0.2)->daily = &hours;
    world.zones[2].daily_count = 1;
    world_box(&world, "D", 10.0, 0.05, 10.000001, 0.4)->status = ZONE_PROVISIONAL;
    world_rule(&world, "R", 0xf);
    world_rule(&world, "Q", 0x5)->sides = 1;
    world_compile(&world);
    for (uint32_t i = 0; i < TRACKS; i++)
        tracks[i] = (struct position){.track = track_ais(200000000 + i),
                                      .lat_e7 = (int32_t)(next_random(&state) % 3000000),
                                      .lon_e7 = 99000000 + (int32_t)(next_random(&state) % 3000000),
                                      .alt_cm = ALT_UNKNOWN,
                                      .north_cmps = SPEED_UNKNOWN,
                                      .east_cmps = SPEED_UNKNOWN,
                                      .up_cmps = SPEED_UNKNOWN,
                                      .err_dm = 100,
                                      .flag = i % 3 ? 0x4b52 : 0x4b50,
                                      .platform = i % 5 ? PLATFORM_SHIP : PLATFORM_UNKNOWN};
    load.compiled = &world.compiled;
    load.positions = malloc(FIXES * sizeof *load.positions);
    assert_non_null(load.positions);
    for (size_t i = 0; i < FIXES; i++)
        load.positions[i] = wander(&state, tracks, &now_us);
    compare(&load);
    free(load.positions);
    world_release(&world);
}

/* ---- the simulated day ------------------------------------------------------------------------- */

static void read_day(struct load *load, const char *path, struct arena *arena)
{
    struct feed_options options = {.format = FEED_CSV, .name = "day", .track_max = TRACKS};
    struct err err = {EXIT_FINE, ""};
    struct bytes text;
    size_t used, count;
    struct feed *feed = feed_new(&options, arena, &err);
    assert_non_null(feed);
    assert_int_equal(file_read(path, DAY_BYTES, arena, &text, &err), 0);
    load->positions = ARENA_ARRAY(arena, struct position, DAY_FIXES);
    assert_non_null(load->positions);
    feed_push(feed, text, TIME_UNKNOWN, load->positions, DAY_FIXES, &used, &count);
    assert_int_equal(used, text.n);
    load->count = count;
}

static void test_simulated_day(void **s)
{
    const char *dir = getenv("DETENTE_AGREEMENTS");
    char path[FILE_PATH_MAX];
    struct arena arena;
    struct err err = {EXIT_FINE, ""};
    const struct agreement *agreement;
    struct load load = {.count = 0};
    (void)s;
    assert_non_null(dir);
    arena_init(&arena, MEMORY_MAX, malloc, free);
    snprintf(path, sizeof path, "%s/korea-2018", dir);
    assert_int_equal(agreement_load(path, &arena, &agreement, &err), 0);
    assert_int_equal(agreement_compile(path, agreement, &arena, &load.compiled, &err), 0);
    snprintf(path, sizeof path, "%s/korea-2018/simulated-day/day.csv", dir);
    read_day(&load, path, &arena);
    assert_int_equal(load.count, 13210); /* lines of the file that are fixes */
    compare(&load);
    arena_release(&arena);
}

/* ---- the crew ---------------------------------------------------------------------------------- */

struct parts {
    _Atomic uint32_t done[100];
};

static void do_part(void *arg, size_t index)
{
    ((struct parts *)arg)->done[index]++;
}

/* Every part of every job once, whatever the threads do. */
static void test_crew(void **s)
{
    (void)s;
    for (size_t n = 0; n < NUMBERS; n++) {
        struct crew *crew;
        struct err err = {EXIT_FINE, ""};
        struct parts parts = {{0}};
        assert_int_equal(crew_new(numbers[n], &crew, &err), 0);
        assert_int_equal(crew_threads(crew), numbers[n]);
        for (uint32_t round = 1; round <= 1000; round++) {
            size_t count = round % 100 + 1;
            memset(&parts, 0, sizeof parts);
            jobs_run(crew_jobs(crew), count, do_part, &parts);
            for (size_t i = 0; i < 100; i++)
                assert_int_equal(parts.done[i], i < count);
        }
        crew_free(crew);
    }
    crew_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crew),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_simulated_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
