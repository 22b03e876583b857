#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kt20.h"
#include "measure.h"
#include "watch/watch.h"

/*
 * The watch on the reference workload: positions to sightings, with crossings between fixes,
 * distances, certainty and predictions; one thread.
 *
 * usage: watch [POSITIONS]
 */
#define TRACKS     100000
#define POSITIONS  2000000
#define CHUNK      4096
#define ROOM       8192
#define MEMORY_MAX ((size_t)6 << 30)
#define BORDER_M   100.0
#define START_US   INT64_C(1577836800000000)

/* What a bench needs of an agreement: twenty zones for everybody, always. */
struct world {
    struct agreement agreement;
    struct zone zones[GRID_REGIONS_MAX];
    struct compiled_zone compiled_zones[GRID_REGIONS_MAX];
    struct compiled compiled;
    struct compiled other; /* the same, but that two zones have changed names */
    struct agreement other_agreement;
    struct zone other_zones[GRID_REGIONS_MAX];
    char ids[GRID_REGIONS_MAX][8];
};

static void fail(const char *what)
{
    fprintf(stderr, "watch: %s\n", what);
    exit(1);
}

static void make_world(struct world *world, struct arena *arena)
{
    struct zones zones;
    struct err err;
    kt20_zones(BORDER_M, arena, &zones);
    for (size_t i = 0; i < zones.count; i++) {
        snprintf(world->ids[i], sizeof world->ids[i], "Z%zu", i);
        world->zones[i] = (struct zone){.id = world->ids[i],
                                        .classes = platform_leaves(PLATFORM_UNKNOWN),
                                        .ceiling = {LIMIT_UNLIMITED, 0},
                                        .from_us = TIME_UNKNOWN,
                                        .to_us = TIME_UNKNOWN};
        world->compiled_zones[i].region = zones.region[i];
        if (distance_of_region(&zones.region[i], arena, &world->compiled_zones[i].boundary, &err))
            fail(err.text);
    }
    world->agreement =
        (struct agreement){.zones = world->zones, .zone_count = (uint16_t)zones.count};
    world->compiled =
        (struct compiled){.agreement = &world->agreement, .zones = world->compiled_zones};
    memcpy(world->other_zones, world->zones, sizeof world->zones);
    world->other_zones[0].id = world->ids[1];
    world->other_zones[1].id = world->ids[0];
    world->other_agreement = world->agreement;
    world->other_agreement.zones = world->other_zones;
    if (grid_build(zones.region, zones.count, arena, &world->compiled.grid, &err))
        fail(err.text);
    world->other = world->compiled;
    world->other.agreement = &world->other_agreement;
}

/* Helicopters, all of them: the workload has hops of vehicles and of aircraft alike. */
static struct position position_of(const struct fixes *fixes, size_t i, uint16_t err_dm)
{
    return (struct position){.track = track_icao(fixes->track[i]),
                             .time_us = START_US + fixes->t_ms[i] * INT64_C(1000),
                             .lat_e7 = fixes->lat_e7[i],
                             .lon_e7 = fixes->lon_e7[i],
                             .alt_cm = ALT_UNKNOWN,
                             .north_cmps = SPEED_UNKNOWN,
                             .east_cmps = SPEED_UNKNOWN,
                             .up_cmps = SPEED_UNKNOWN,
                             .err_dm = err_dm,
                             .platform = PLATFORM_HELICOPTER,
                             .time_source = TIME_FROM_TAG};
}

struct tally {
    uint64_t kinds[SIGHTING_RETRACTED + 1];
    double took_s;
};

static void run_chunk(struct watch *watch, const struct position *positions, size_t count,
                      struct sighting *out, struct tally *tally)
{
    double start = cpu_s();
    while (count) {
        size_t told, used = watch_positions(watch, positions, count, out, ROOM, &told);
        positions += used;
        count -= used;
        for (size_t i = 0; i < told; i++)
            tally->kinds[out[i].kind]++;
    }
    tally->took_s += cpu_s() - start;
}

/* Every track looked at anew under the agreement that comes: the same zones, or none of them. */
static void time_swap(struct watch *watch, const struct compiled *next, const char *what,
                      struct sighting *out)
{
    double start = cpu_s();
    size_t told = 0, count;
    for (bool more = true; more; told += count)
        more = watch_swap(watch, next, START_US, out, ROOM, &count);
    printf("swap to %s: %.2f ms, %" PRIu64 " tracks, %zu sightings\n", what,
           (cpu_s() - start) * 1e3, watch_counts(watch)->tracks, told);
}

static void run(const struct world *world, const struct fixes *fixes, uint16_t err_dm,
                struct arena *arena)
{
    struct watch_options options = watch_defaults();
    struct err err;
    struct arena_mark mark = arena_mark(arena);
    struct tally tally = {.took_s = 0};
    struct position *chunk = ARENA_ARRAY(arena, struct position, CHUNK);
    struct sighting *out = ARENA_ARRAY(arena, struct sighting, ROOM);
    options.track_max = 2 * TRACKS;
    struct watch *watch = watch_new(&world->compiled, &options, arena, &err);
    if (!watch || !chunk || !out)
        fail("no memory");
    for (size_t at = 0; at < fixes->count; at += CHUNK) {
        size_t n = fixes->count - at < CHUNK ? fixes->count - at : CHUNK;
        for (size_t i = 0; i < n; i++)
            chunk[i] = position_of(fixes, at + i, err_dm);
        run_chunk(watch, chunk, n, out, &tally);
    }
    const struct watch_counts *counts = watch_counts(watch);
    printf("error %5.1f m: %7.3f M positions/s, %" PRIu64 " sightings, %" PRIu64 " jumps, %" PRIu64
           " violations of parity;",
           err_dm / 10.0, (double)counts->positions / tally.took_s * 1e-6, counts->sightings,
           counts->jumps, counts->parity);
    for (int kind = 0; kind < SIGHTING_LAPSED; kind++)
        printf(" %s %" PRIu64, sighting_kind_name((enum sighting_kind)kind), tally.kinds[kind]);
    putchar('\n');
    time_swap(watch, &world->compiled, "the same zones", out);
    time_swap(watch, &world->other, "zones of which one is another's", out);
    arena_rewind(arena, mark);
}

int main(int argc, char **argv)
{
    static struct world world;
    struct arena arena;
    struct zones zones;
    struct fixes fixes;
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : POSITIONS;
    arena_init(&arena, MEMORY_MAX, malloc, free);
    make_world(&world, &arena);
    kt20_zones(BORDER_M, &arena, &zones);
    kt20_fixes(&zones, count, TRACKS, &arena, &fixes);
    run(&world, &fixes, 0, &arena);
    run(&world, &fixes, 100, &arena);
    arena_release(&arena);
    return 0;
}
