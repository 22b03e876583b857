/*
 * What the engine answers, as a few numbers that are the same from every compiler, every level of
 * optimisation and every kind of machine (test/house/same_bits.sh), and from every shape of the
 * grid, which it checks itself:
 *
 *     event_hash        prints a line a kind of answer; 1 when a shape answers differently
 *
 *     zones    vertices of buffers compiled along random lines
 *     feet     distances to those lines, and their stations, to the last bit
 *     sets     of points in random worlds (worlds.h)
 *     hops     crossings in them, the time of each to the last bit
 *     events   entries and leavings of tracks that wander about the buffers
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/buffer.h"
#include "geo/geodesic.h"
#include "geo/grid.h"
#include "geo/grid_layout.h"
#include "oracle.h"
#include "worlds.h"

#define ARENA_MAX     ((size_t)1 << 30)
#define WORLDS        40
#define POINTS        400
#define HOPS          200
#define CROSSINGS_MAX 20000
#define LINES         8
#define VERTICES      8
#define FEET          500
#define TRACKS        200
#define STEPS         60

/* FNV-1a, 64 bits (Fowler, Noll and Vo), over bytes in order of their worth. */
static void hash_u64(uint64_t *hash, uint64_t value)
{
    for (int i = 0; i < 8; i++, value >>= 8)
        *hash = (*hash ^ (value & 255)) * UINT64_C(0x100000001b3);
}

static void hash_double(uint64_t *hash, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    hash_u64(hash, bits);
}

struct hashes {
    uint64_t zones, feet, sets, hops, events;
};

static const uint64_t basis = UINT64_C(0xcbf29ce484222325);
static struct arena arena;

static void must(int failed, const struct err *err)
{
    if (failed) {
        fprintf(stderr, "event_hash: %s\n", err->text);
        exit(1);
    }
}

static const struct grid *grid_of(const struct region *regions, size_t count,
                                  struct grid_shape shape)
{
    const struct grid *grid;
    struct err err = {0};
    must(grid_build_shaped(regions, count, shape, &arena, &grid, &err), &err);
    return grid;
}

/* ---- random worlds ------------------------------------------------------------------------------ */

static void hash_sets(struct world *world, const struct grid *grid, uint64_t *hash)
{
    int32_t lon[POINTS], lat[POINTS];
    uint64_t set[POINTS];
    for (int i = 0; i < POINTS; i++)
        world_point(world, &lon[i], &lat[i]);
    grid_locate(grid, lon, lat, POINTS, set);
    for (int i = 0; i < POINTS; i++)
        hash_u64(hash, set[i]);
}

static void hash_hops(struct world *world, const struct grid *grid, uint64_t *hash)
{
    static struct crossing crossing[CROSSINGS_MAX];
    for (int i = 0; i < HOPS; i++) {
        int32_t a[2], b[2];
        world_point(world, &a[0], &a[1]);
        world_step(world, a[0], a[1], &b[0], &b[1]);
        size_t n = grid_cross(grid, a[0], a[1], b[0], b[1], crossing, CROSSINGS_MAX);
        for (size_t k = 0; k < n && k < CROSSINGS_MAX; k++) {
            hash_double(hash, crossing[k].t);
            hash_u64(hash, crossing[k].mask);
        }
    }
}

/* The coarsest grid there is for a world, the one chosen, and one between. */
static void hash_world(uint64_t number, struct hashes *ret)
{
    struct hashes first = {0};
    static const struct grid_shape shapes[] = {{0, 0}, {26, 2}, {24, 5}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct arena_mark mark = arena_mark(&arena);
        struct world world;
        world_make(&world, number, &arena);
        const struct grid *grid = grid_of(world.region, world.count, shapes[i]);
        struct hashes now = {.sets = basis, .hops = basis};
        hash_sets(&world, grid, &now.sets);
        hash_hops(&world, grid, &now.hops);
        arena_rewind(&arena, mark);
        if (i == 0)
            first = now;
        else if (now.sets != first.sets || now.hops != first.hops) {
            fprintf(stderr, "event_hash: world %" PRIu64 " in shape %zu answers differently\n",
                    number, i);
            exit(1);
        }
    }
    hash_u64(&ret->sets, first.sets);
    hash_u64(&ret->hops, first.hops);
}

/* ---- buffers ------------------------------------------------------------------------------------ */

struct course {
    double lon[VERTICES], lat[VERTICES];
};

static void course_make(struct course *c, uint64_t *seed)
{
    double azi = 90;
    c->lon[0] = 126.5 + 1.5 * oracle_unit(seed);
    c->lat[0] = 37.8 + 0.7 * oracle_unit(seed);
    for (size_t i = 1; i < VERTICES; i++) {
        azi += 60 * (oracle_unit(seed) - 0.5);
        geodesic_direct(c->lat[i - 1], c->lon[i - 1], azi, 2000 + 6000 * oracle_unit(seed),
                        &c->lat[i], &c->lon[i], NULL);
    }
}

static void hash_feet(const struct course *c, const struct distance_index *index, uint64_t *seed,
                      uint64_t *hash)
{
    for (int i = 0; i < FEET; i++) {
        double lon = c->lon[0] + 2 * oracle_unit(seed) - 1;
        double lat = c->lat[0] + 2 * oracle_unit(seed) - 1;
        struct foot foot = distance_foot(index, lon, lat);
        hash_double(hash, foot.dist_m);
        hash_double(hash, foot.station_m);
        hash_double(hash, foot.err_m);
    }
}

static struct region zone_make(const struct course *c, const struct distance_index *index,
                               uint64_t *seed, uint64_t *hash)
{
    static const double widths[] = {400, 2000, 10000, 40000};
    struct buffer_part part = {0, 1e9, widths[oracle_random(seed) % 4]};
    struct buffer b = {.lon_deg = c->lon,
                       .lat_deg = c->lat,
                       .count = VERTICES,
                       .index = index,
                       .parts = &part,
                       .part_count = 1,
                       .hand = (enum buffer_hand)(oracle_random(seed) % 3),
                       .extend_deg = {270, 90}};
    struct region region;
    struct err err = {0};
    double error_m;
    must(buffer_region(&b, &arena, &region, &error_m, &err), &err);
    for (uint32_t i = 0; i < region.ring_start[region.ring_count]; i++) {
        hash_u64(hash, (uint32_t)region.lon_e7[i]);
        hash_u64(hash, (uint32_t)region.lat_e7[i]);
    }
    hash_double(hash, error_m);
    return region;
}

static void hash_track(const struct grid *grid, uint64_t *seed, uint64_t *hash)
{
    static struct crossing crossing[CROSSINGS_MAX];
    int32_t at[2] = {(int32_t)oracle_between(seed, 1260000000, 1290000000),
                     (int32_t)oracle_between(seed, 374000000, 390000000)};
    uint64_t set;
    grid_locate(grid, &at[0], &at[1], 1, &set);
    hash_u64(hash, set);
    for (int i = 0; i < STEPS; i++) {
        int32_t to[2] = {at[0] + (int32_t)oracle_between(seed, -1000000, 1000000),
                         at[1] + (int32_t)oracle_between(seed, -1000000, 1000000)};
        size_t n = grid_cross(grid, at[0], at[1], to[0], to[1], crossing, CROSSINGS_MAX);
        for (size_t k = 0; k < n && k < CROSSINGS_MAX; k++) {
            set ^= crossing[k].mask;
            hash_double(hash, i + crossing[k].t);
            hash_u64(hash, crossing[k].mask);
            hash_u64(hash, set);
        }
        at[0] = to[0];
        at[1] = to[1];
    }
}

static void hash_buffers(struct hashes *ret)
{
    uint64_t seed = 20180919;
    struct region zone[LINES];
    for (int i = 0; i < LINES; i++) {
        struct course c;
        const struct distance_index *index;
        struct err err = {0};
        course_make(&c, &seed);
        must(distance_of_line(c.lon, c.lat, VERTICES, 0, &arena, &index, &err), &err);
        hash_feet(&c, index, &seed, &ret->feet);
        zone[i] = zone_make(&c, index, &seed, &ret->zones);
    }
    const struct grid *grid = grid_of(zone, LINES, (struct grid_shape){0, 0});
    for (int i = 0; i < TRACKS; i++)
        hash_track(grid, &seed, &ret->events);
}

int main(void)
{
    struct hashes hashes = {basis, basis, basis, basis, basis};
    arena_init(&arena, ARENA_MAX, malloc, free);
    for (uint64_t i = 0; i < WORLDS; i++)
        hash_world(i, &hashes);
    hash_buffers(&hashes);
    arena_release(&arena);
    printf("zones %016" PRIx64 " feet %016" PRIx64 " sets %016" PRIx64 " hops %016" PRIx64
           " events %016" PRIx64 "\n",
           hashes.zones, hashes.feet, hashes.sets, hashes.hops, hashes.events);
    return 0;
}
