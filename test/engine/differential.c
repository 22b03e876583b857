/*
 * The engine against slow and obvious answers (oracle.h), on random worlds.
 *
 *     differential [--cases N] [--seed S] [--at CASE]
 *
 * A case is one question. WORLD_CASES of them are asked of one world, and a world is made from the
 * seed and its number alone: --at asks the world of one case only. Sets of points and crossings of
 * hops of a grid, points of two combined regions, and points about a compiled buffer, whose
 * distance PROJ says. The first difference ends the run with 1, the seed and the case.
 */
#include <getopt.h>
#include <inttypes.h>
#include <malloc.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "geo/buffer.h"
#include "geo/grid.h"
#include "oracle.h"
#include "worlds.h"

#define WORLD_CASES    500u
#define ARENA_MAX      ((size_t)2 << 30)
#define PASSINGS_MAX   (1u << 15)
#define CLEAR_UNITS    3.0 /* roundings of crossings move an edge by less (noding.h) */
#define STAR_RADIUS    (INT64_C(1) << 26)
#define BORDER_ERROR_M 0.012 /* 2 mm of chord and 8 mm of rounding, with room (buffer.h) */

struct run {
    uint64_t seed, cases, asked, left_out;
    struct arena arena;
    struct world world;
    uint64_t world_number;
};

static struct run run = {.seed = 1, .cases = 100000};

static void differs(unsigned question, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

static void differs(unsigned question, const char *format, ...)
{
    uint64_t number = run.world_number * WORLD_CASES + question;
    va_list args;
    fprintf(stderr, "differential: case %" PRIu64 " of seed %" PRIu64 ": ", number, run.seed);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\nagain: differential --seed %" PRIu64 " --at %" PRIu64 "\n", run.seed,
            number);
    exit(1);
}

static uint64_t seed_of_world(void)
{
    uint64_t seed = run.seed;
    return oracle_random(&seed) ^ run.world_number * UINT64_C(0xd1342543de82ef95);
}

/* ---- grids -------------------------------------------------------------------------------------- */

static void ask_set(const struct grid *grid, unsigned question)
{
    struct world *world = &run.world;
    int32_t lon, lat;
    uint64_t set;
    world_point(world, &lon, &lat);
    grid_locate(grid, &lon, &lat, 1, &set);
    uint64_t expected = oracle_set(world->region, world->count, lon, lat);
    if (set != expected)
        differs(question, "%s: the set at %d, %d is %" PRIx64 ", not %" PRIx64, world->frame,
                (int)lon, (int)lat, set, expected);
    for (size_t i = 0; i < world->count; i++)
        if (region_holds(&world->region[i], lon, lat) != (expected >> i & 1))
            differs(question, "%s: region %zu at %d, %d", world->frame, i, (int)lon, (int)lat);
}

static void passings_match(const struct passing *expected, size_t n, const struct passing *also,
                           size_t also_n, unsigned question)
{
    if (n != also_n)
        differs(question, "the two answers for a hop have %zu and %zu crossings", n, also_n);
    for (size_t i = 0; i < n; i++)
        if (expected[i].num * also[i].den != also[i].num * expected[i].den ||
            expected[i].mask != also[i].mask)
            differs(question, "the two answers for a hop differ at crossing %zu", i);
}

/* Small worlds: by the middles too. */
static void middles_match(struct hop hop, const struct passing *expected, size_t n,
                          unsigned question)
{
    static struct passing also[PASSINGS_MAX];
    const struct world *world = &run.world;
    if (world->east - world->west > ORACLE_MIDDLES_SPAN / 2 ||
        world->east > 180 * INT64_C(10000000) || llabs(hop.d[0]) > ORACLE_MIDDLES_SPAN ||
        llabs(hop.d[1]) > ORACLE_MIDDLES_SPAN ||
        llabs(hop.a[0] - world->west) > ORACLE_MIDDLES_SPAN ||
        llabs(hop.a[1] - world->south) > ORACLE_MIDDLES_SPAN)
        return;
    passings_match(expected, n, also,
                   oracle_passings_by_middles(world->region, world->count, hop, also, PASSINGS_MAX),
                   question);
}

static void crossing_matches(const struct crossing *got, const struct passing *expected,
                             unsigned question)
{
    double exact = (double)expected->num / (double)expected->den;
    if (got->mask != expected->mask || fabs(got->t - exact) > 1e-15 || got->t < 0 || got->t > 1)
        differs(question, "%s: a crossing at %.17g of %" PRIx64 ", not at %.17g of %" PRIx64,
                run.world.frame, got->t, got->mask, exact, expected->mask);
}

static void ask_hop(const struct grid *grid, unsigned question)
{
    static struct passing expected[PASSINGS_MAX];
    static struct crossing got[PASSINGS_MAX];
    struct world *world = &run.world;
    int32_t a[2], b[2];
    world_point(world, &a[0], &a[1]);
    world_step(world, a[0], a[1], &b[0], &b[1]);
    struct hop hop = oracle_hop(a[0], a[1], b[0], b[1]);
    size_t n = oracle_passings(world->region, world->count, hop, expected, PASSINGS_MAX);
    size_t got_n = grid_cross(grid, a[0], a[1], b[0], b[1], got, PASSINGS_MAX);
    if (n != got_n)
        differs(question, "%s: %d, %d to %d, %d has %zu crossings, not %zu", world->frame,
                (int)a[0], (int)a[1], (int)b[0], (int)b[1], got_n, n);
    uint64_t parity = oracle_set(world->region, world->count, a[0], a[1]);
    for (size_t i = 0; i < n; i++) {
        crossing_matches(&got[i], &expected[i], question);
        if (i > 0 && got[i].t < got[i - 1].t)
            differs(question, "%s: crossings out of order", world->frame);
        parity ^= got[i].mask;
    }
    if (parity != oracle_set(world->region, world->count, b[0], b[1]))
        differs(question, "%s: parity of a hop", world->frame);
    middles_match(hop, expected, n, question);
}

static void world_of_grid(void)
{
    const struct grid *grid;
    struct err err = {0};
    world_make(&run.world, seed_of_world(), &run.arena);
    if (grid_build(run.world.region, run.world.count, &run.arena, &grid, &err))
        differs(0, "%s: no grid: %s", run.world.frame, err.text);
    for (unsigned i = 0; i < WORLD_CASES; i++)
        if (i % 2)
            ask_hop(grid, i);
        else
            ask_set(grid, i);
}

/* ---- combined regions --------------------------------------------------------------------------- */

static struct region star(uint64_t *seed, int64_t lon, int64_t lat, int64_t radius)
{
    int32_t ring_lon[16], ring_lat[16];
    struct region region;
    struct err err = {0};
    int64_t off = radius / 2;
    lon += oracle_between(seed, -off, off);
    lat += oracle_between(seed, -off, off);
    uint32_t start[2] = {0, world_star(seed, lon, lat, radius, ring_lon, ring_lat)};
    if (region_from_rings(ring_lon, ring_lat, start, 1, &run.arena, &region, &err))
        differs(0, "a star is refused: %s", err.text);
    return region;
}

static struct region combined(enum region_op op, const struct region *a, const struct region *b)
{
    struct region region;
    struct err err = {0};
    if (region_combine(op, a, b, &run.arena, &region, &err))
        differs(0, "two regions do not combine: %s", err.text);
    return region;
}

/* A point about the stars; whether it is clear of every border of them. */
static bool clear_point(uint64_t *seed, const struct region *a, const struct region *b,
                        int32_t point[2])
{
    const struct region *near = oracle_between(seed, 0, 1) ? a : b;
    uint32_t vertices = near->ring_start[near->ring_count];
    uint32_t i = (uint32_t)(oracle_random(seed) % vertices);
    int64_t off = INT64_C(1) << oracle_between(seed, 2, 26);
    point[0] = oracle_wrapped(near->lon_e7[i] + oracle_between(seed, -off, off));
    point[1] = (int32_t)(near->lat_e7[i] + oracle_between(seed, -off, off));
    return oracle_clear(a, point[0], point[1], CLEAR_UNITS) &&
           oracle_clear(b, point[0], point[1], CLEAR_UNITS);
}

/* Three regions in a row: the second operation meets the vertices that the first one made. */
static void world_of_regions(void)
{
    uint64_t seed = seed_of_world();
    int64_t radius = INT64_C(1) << oracle_between(&seed, 4, 26);
    int64_t lon = oracle_between(&seed, -1700000000, 1700000000);
    if (oracle_between(&seed, 0, 4) == 0)
        lon = 1800000000 - oracle_between(&seed, 0, radius);
    int64_t lat = oracle_between(&seed, -700000000, 700000000);
    struct region a = star(&seed, lon, lat, radius), b = star(&seed, lon, lat, radius);
    struct region made[3];
    for (int op = 0; op < 3; op++)
        made[op] = combined((enum region_op)op, &a, &b);
    struct region again = combined(REGION_UNION, &made[REGION_MINUS], &made[REGION_INTER]);
    for (unsigned i = 0; i < WORLD_CASES; i++) {
        int32_t p[2];
        if (!clear_point(&seed, &a, &b, p)) {
            run.left_out++;
            continue;
        }
        bool in_a = oracle_holds(&a, p[0], p[1]), in_b = oracle_holds(&b, p[0], p[1]);
        if (oracle_holds(&made[REGION_UNION], p[0], p[1]) != (in_a || in_b) ||
            oracle_holds(&made[REGION_INTER], p[0], p[1]) != (in_a && in_b) ||
            oracle_holds(&made[REGION_MINUS], p[0], p[1]) != (in_a && !in_b) ||
            oracle_holds(&again, p[0], p[1]) != in_a)
            differs(i, "regions combined, at %d, %d", (int)p[0], (int)p[1]);
    }
}

/* ---- buffers ------------------------------------------------------------------------------------ */

#define LINE_MAX 12

struct course {
    double lon[LINE_MAX], lat[LINE_MAX];
    size_t count;
    bool lonlat;
    double width_m, inner_m;
};

static double turn_of(const struct course *c, size_t i, size_t j, size_t k)
{
    return (c->lon[j] - c->lon[i]) * (c->lat[k] - c->lat[i]) -
           (c->lat[j] - c->lat[i]) * (c->lon[k] - c->lon[i]);
}

/* Such lines are refused when an agreement is read. */
static bool crosses_itself(const struct course *c)
{
    for (size_t i = 0; i + 1 < c->count; i++)
        for (size_t j = i + 2; j + 1 < c->count; j++)
            if (turn_of(c, i, i + 1, j) * turn_of(c, i, i + 1, j + 1) <= 0 &&
                turn_of(c, j, j + 1, i) * turn_of(c, j, j + 1, i + 1) <= 0)
                return true;
    return false;
}

static void course_walk(struct course *c, uint64_t *seed)
{
    double azi = 360 * oracle_unit(seed), bend = 300 * oracle_unit(seed);
    double step = c->width_m * exp(-3 + 4 * oracle_unit(seed)) + 20;
    step = step < 2e4 ? step : 2e4;
    c->count = 2 + (size_t)oracle_between(seed, 0, LINE_MAX - 2);
    c->lat[0] = 75 * (2 * oracle_unit(seed) - 1);
    c->lon[0] = oracle_between(seed, 0, 3) ? 360 * oracle_unit(seed) - 180 : 179.9;
    for (size_t i = 1; i < c->count; i++) {
        azi += bend * (oracle_unit(seed) - 0.5);
        oracle_direct(c->lon[i - 1], c->lat[i - 1], azi, step * (0.1 + oracle_unit(seed)),
                      &c->lon[i], &c->lat[i]);
        c->lon[i] = c->lon[i - 1] + remainder(c->lon[i] - c->lon[i - 1], 360);
    }
}

static void course_make(struct course *c, uint64_t *seed)
{
    *c = (struct course){.lonlat = oracle_between(seed, 0, 3) == 0};
    c->width_m = exp(log(20) + (log(60000) - log(20)) * oracle_unit(seed));
    if (oracle_between(seed, 0, 3) == 0)
        c->inner_m = c->width_m * oracle_unit(seed);
    do
        course_walk(c, seed);
    while (crosses_itself(c));
}

static struct region compiled(const struct course *c)
{
    struct buffer_part part = {0.0, 1e9, c->width_m};
    struct buffer b = {.lon_deg = c->lon,
                       .lat_deg = c->lat,
                       .count = c->count,
                       .lonlat_edges = c->lonlat,
                       .parts = &part,
                       .part_count = 1,
                       .inner_m = c->inner_m,
                       .extend_deg = {270, 90}};
    struct region region;
    struct err err = {0};
    double error_m;
    if (distance_of_line(c->lon, c->lat, c->count, c->lonlat, &run.arena, &b.index, &err) ||
        buffer_region(&b, &run.arena, &region, &error_m, &err))
        differs(0, "a buffer of %g m does not compile: %s", c->width_m, err.text);
    return region;
}

/* A direction away from the line where it leaves vertex i, or any. */
static double away(const struct course *c, size_t i, uint64_t *seed)
{
    if (i + 1 == c->count || oracle_between(seed, 0, 1))
        return 360 * oracle_unit(seed);
    double east = (c->lon[i + 1] - c->lon[i]) * cos(c->lat[i] * M_PI / 180);
    double side = oracle_between(seed, 0, 1) ? 90 : -90;
    return atan2(east, c->lat[i + 1] - c->lat[i]) * 180 / M_PI + side;
}

/* About the outer or the inner limit, as near as the border's error allows to tell and up to ten
 * metres off; one in five anywhere. */
static void course_point(const struct course *c, uint64_t *seed, int32_t point[2])
{
    size_t i = oracle_random(seed) % c->count;
    double limit = oracle_between(seed, 0, 2) ? c->width_m : c->inner_m, lon, lat;
    double off = BORDER_ERROR_M * exp(log(10 / BORDER_ERROR_M) * oracle_unit(seed));
    double s = oracle_between(seed, 0, 1) ? limit + off : limit - off;
    if (oracle_between(seed, 0, 4) == 0)
        s = 1.5 * c->width_m * oracle_unit(seed);
    oracle_direct(c->lon[i], c->lat[i], away(c, i, seed), fabs(s), &lon, &lat);
    point[0] = oracle_wrapped(llround(lon * 1e7));
    point[1] = (int32_t)lround(lat * 1e7);
}

static void world_of_buffer(void)
{
    uint64_t seed = seed_of_world();
    struct course c;
    course_make(&c, &seed);
    struct region region = compiled(&c);
    for (unsigned i = 0; i < WORLD_CASES; i++) {
        int32_t p[2];
        course_point(&c, &seed, p);
        double d = oracle_line_m(c.lon, c.lat, c.count, c.lonlat, p[0] / 1e7, p[1] / 1e7);
        if (fabs(d - c.width_m) <= BORDER_ERROR_M ||
            (c.inner_m > 0 && fabs(d - c.inner_m) <= BORDER_ERROR_M)) {
            run.left_out++;
            continue;
        }
        if (oracle_holds(&region, p[0], p[1]) != (d <= c.width_m && d > c.inner_m))
            differs(
                i,
                "a buffer of %g m, inner %g m: %d, %d is %.4f m from the line, the region says %s",
                c.width_m, c.inner_m, (int)p[0], (int)p[1], d,
                oracle_holds(&region, p[0], p[1]) ? "in" : "out");
    }
}

/* ---- the run ------------------------------------------------------------------------------------ */

static const struct {
    unsigned share; /* of a hundred worlds */
    void (*ask)(void);
} kinds[] = {{88, world_of_grid}, {10, world_of_regions}, {2, world_of_buffer}};

static void ask_world(uint64_t number)
{
    unsigned at = (unsigned)(number % 100), kind = 0;
    run.world_number = number;
    while (at >= kinds[kind].share)
        at -= kinds[kind++].share;
    struct arena_mark mark = arena_mark(&run.arena);
    kinds[kind].ask();
    arena_rewind(&run.arena, mark);
    run.asked += WORLD_CASES;
}

static int usage(void)
{
    fprintf(stderr, "usage: differential [--cases N] [--seed S] [--at CASE]\n");
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    static const struct option names[] = {{"cases", required_argument, NULL, 'n'},
                                          {"seed", required_argument, NULL, 's'},
                                          {"at", required_argument, NULL, 'a'},
                                          {NULL, 0, NULL, 0}};
    uint64_t at = UINT64_MAX;
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        if (c == 'n')
            run.cases = strtoull(optarg, NULL, 10);
        else if (c == 's')
            run.seed = strtoull(optarg, NULL, 10);
        else if (c == 'a')
            at = strtoull(optarg, NULL, 10);
        else
            return usage();
    }
    if (optind != argc || run.cases == 0)
        return usage();
    mallopt(M_MMAP_THRESHOLD, 1 << 30); /* one grid after the other: keep their pages */
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    arena_init(&run.arena, ARENA_MAX, malloc, free);
    if (at != UINT64_MAX)
        ask_world(at / WORLD_CASES);
    for (uint64_t n = 0; at == UINT64_MAX && run.asked < run.cases; n++)
        ask_world(n);
    arena_release(&run.arena);
    printf("differential: seed %" PRIu64 ": %" PRIu64 " cases, no difference; of them %" PRIu64
           " on a border that has an error, left out\n",
           run.seed, run.asked, run.left_out);
    return 0;
}
