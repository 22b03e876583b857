#include "geo/grid.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "geo/grid_layout.h"

/*
 * Expected values: region_holds for sets (tested by itself against displaced integers,
 * test_region.c); for hops, all edges one by one in brute force (hop_expected), and the parity
 * invariant. Rings here are arbitrary, crossing themselves and each other: the even-odd rule asks
 * for nothing else, and it makes the most of coincidences.
 */
#define E7       10000000
#define POINTS   4096
#define ARENA_MB 1500

__extension__ typedef __int128 wide;

static uint64_t seed;

/* splitmix64 (Steele, Lea and Flood 2014). */
static uint64_t rand_u64(void)
{
    uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static int64_t rand_in(int64_t low, int64_t high)
{
    return low + (int64_t)(rand_u64() % (uint64_t)(high - low + 1));
}

/* One world: regions, points to ask about, and the memory of it all. */
struct world {
    struct arena arena;
    struct region region[GRID_REGIONS_MAX];
    size_t count;
    int64_t west, east, south, north; /* where points are asked for */
    const struct grid *grid;
    int32_t lon[POINTS], lat[POINTS];
    uint64_t set[POINTS];
    size_t points;
};

static struct world world;

static void world_start(uint64_t number)
{
    memset(&world, 0, sizeof world);
    arena_init(&world.arena, (size_t)ARENA_MB << 20, malloc, free);
    seed = number;
}

static void world_end(void)
{
    arena_release(&world.arena);
}

/* An empty region with room for rings of n vertices each. */
static struct region *add_region(uint32_t rings, uint32_t n)
{
    assert_true(world.count < GRID_REGIONS_MAX);
    struct region *region = &world.region[world.count++];
    uint32_t *start = ARENA_ARRAY(&world.arena, uint32_t, rings + 1);
    for (uint32_t i = 0; i <= rings; i++)
        start[i] = i * n;
    *region = (struct region){.ring_count = rings, .ring_start = start};
    region->lon_e7 = ARENA_ARRAY(&world.arena, int32_t, rings * n);
    region->lat_e7 = ARENA_ARRAY(&world.arena, int32_t, rings * n);
    return region;
}

static void set_vertex(struct region *region, uint32_t i, int64_t lon, int64_t lat)
{
    ((int32_t *)(uintptr_t)region->lon_e7)[i] = (int32_t)lon;
    ((int32_t *)(uintptr_t)region->lat_e7)[i] = (int32_t)lat;
}

static void add_random(uint32_t rings, uint32_t n, int64_t west, int64_t east, int64_t south,
                       int64_t north)
{
    struct region *region = add_region(rings, n);
    for (uint32_t i = 0; i < rings * n; i++)
        set_vertex(region, i, rand_in(west, east), rand_in(south, north));
    region_bound(region);
}

static void add_box(int64_t west, int64_t east, int64_t south, int64_t north)
{
    struct region *region = add_region(1, 4);
    set_vertex(region, 0, west, south);
    set_vertex(region, 1, east, south);
    set_vertex(region, 2, east, north);
    set_vertex(region, 3, west, north);
    region_bound(region);
}

static void look_at(int64_t west, int64_t east, int64_t south, int64_t north)
{
    world.west = west;
    world.east = east;
    world.south = south;
    world.north = north;
}

/* Worlds */

/* Everything within 16 units: all points are vertices, or on edges. */
static void world_tiny(void)
{
    int64_t lon = rand_in(-179 * E7, 179 * E7), lat = rand_in(-89 * E7, 89 * E7);
    for (int64_t i = rand_in(1, GRID_REGIONS_MAX); i > 0; i--)
        add_random((uint32_t)rand_in(1, 3), (uint32_t)rand_in(3, 9), lon, lon + 15, lat, lat + 15);
    look_at(lon - 3, lon + 18, lat - 3, lat + 18);
}

/* Sizes as zones have them; shared copies of regions so that masks merge. */
static void world_usual(void)
{
    int64_t lon = rand_in(-170 * E7, 170 * E7), lat = rand_in(-80 * E7, 80 * E7);
    int64_t size = (int64_t)1 << rand_in(8, 25);
    for (int64_t i = rand_in(1, 20); i > 0; i--) {
        add_random(1, (uint32_t)rand_in(3, 30), lon, lon + size, lat, lat + size);
        if (rand_in(0, 2) == 0) {
            struct region copy = world.region[world.count - 1];
            world.region[world.count++] = copy;
        }
    }
    look_at(lon - size / 4, lon + size + size / 4, lat - size / 4, lat + size + size / 4);
}

/* Short edges in long chains, as compiled zones: a ring round a centre, and one inside as hole. */
static void world_rings(void)
{
    int64_t lon = rand_in(-170 * E7, 170 * E7), lat = rand_in(-80 * E7, 80 * E7);
    int64_t size = (int64_t)1 << rand_in(10, 22);
    for (int64_t i = rand_in(1, 10); i > 0; i--) {
        uint32_t n = (uint32_t)rand_in(8, 400);
        struct region *region = add_region(2, n);
        int64_t at_lon = lon + rand_in(0, size / 4), at_lat = lat + rand_in(0, size / 4);
        for (uint32_t k = 0; k < 2 * n; k++) {
            /* The perimeter of a square, pushed outward by a random amount. */
            int64_t side = 4 * (int64_t)(k % n) / n, along = 4 * (int64_t)(k % n) % n * size / n;
            int64_t out = size / 2 + rand_in(0, size / 8) - (k >= n ? size / 4 : 0);
            int64_t u = along - size / 2;
            int64_t x[4] = {u, out, -u, -out}, y[4] = {-out, u, out, -u};
            set_vertex(region, k, at_lon + x[side], at_lat + y[side]);
        }
        region_bound(region);
    }
    look_at(lon - size, lon + 2 * size, lat - size, lat + 2 * size);
}

/* Bands one above the other that share jagged borders, and columns across them. */
static void world_abutting(void)
{
    enum { STEPS = 50, BANDS = 12 };
    int64_t lon = rand_in(-170 * E7, 170 * E7), lat = rand_in(-80 * E7, 80 * E7);
    int64_t size = (int64_t)1 << rand_in(7, 22);
    static int64_t border[BANDS + 1][STEPS + 1];
    for (int b = 0; b <= BANDS; b++)
        for (int s = 0; s <= STEPS; s++)
            border[b][s] = lat + b * size + rand_in(0, size / 2);
    for (int b = 0; b < BANDS; b++) {
        struct region *region = add_region(1, 2 * (STEPS + 1));
        for (uint32_t s = 0; s <= STEPS; s++) {
            set_vertex(region, s, lon + s * size / 4, border[b][s]);
            set_vertex(region, 2 * STEPS + 1 - s, lon + s * size / 4, border[b + 1][s]);
        }
        region_bound(region);
    }
    for (int i = 0; i < 6; i++)
        add_box(lon + i * 2 * size, lon + (i + 1) * 2 * size, lat, lat + BANDS * size);
    look_at(lon - size, lon + STEPS * size / 4 + size, lat - size, lat + (BANDS + 2) * size);
}

/* From one end of the world to the other. */
static void world_huge(void)
{
    for (int64_t i = rand_in(1, 6); i > 0; i--) {
        int64_t west = rand_in(-180 * E7, 0);
        int64_t width = rand_in(E7, (int64_t)360 * E7);
        int64_t east = west + width < 214 * (int64_t)E7 ? west + width : 214 * (int64_t)E7;
        add_random(1, (uint32_t)rand_in(3, 8), west, east, -90 * E7, 90 * E7);
    }
    look_at(-180 * (int64_t)E7, 180 * (int64_t)E7 - 1, -90 * E7, 90 * E7);
}

/* Across the antimeridian, and far from it. */
static void world_antimeridian(void)
{
    for (int64_t i = rand_in(1, 8); i > 0; i--) {
        int64_t west = rand_in(178 * (int64_t)E7, 180 * (int64_t)E7 - 1);
        int64_t lat = rand_in(-2 * E7, E7);
        add_random(1, 6, west, west + rand_in(1, 3 * E7), lat, lat + rand_in(1, 2 * E7));
        add_box(-180 * (int64_t)E7, -179 * (int64_t)E7, lat, lat + E7);
        add_box(179 * (int64_t)E7, 180 * (int64_t)E7, lat, lat + E7);
    }
    look_at(177 * (int64_t)E7, 184 * (int64_t)E7, -3 * E7, 3 * E7);
}

/* No meridian is free, so that the frame has a seam; the seam is at longitude -180. */
static void world_belt(void)
{
    for (int64_t i = 0; i < 6; i++)
        add_random(1, 7, -180 * E7 + i * 60 * E7, -180 * (int64_t)E7 + (i * 60 + 75) * E7, -E7, E7);
    add_box(-180 * (int64_t)E7, 180 * (int64_t)E7, 0, E7 / 2);
    for (int64_t i = 0; i < 5; i++)
        add_random(1, 5, 179 * (int64_t)E7, 181 * (int64_t)E7, -E7 / 4, E7 / 4);
    if (rand_in(0, 1))
        look_at(179 * (int64_t)E7, 181 * (int64_t)E7, -E7, E7);
    else
        look_at(-180 * (int64_t)E7, 180 * (int64_t)E7 - 1, -2 * E7, 2 * E7);
}

/* Two theatres far apart, and one small zone that touches both poles' latitudes. */
static void world_apart(void)
{
    for (int i = 0; i < 4; i++) {
        add_random(1, 12, 126 * E7, 128 * E7, 37 * E7, 39 * E7);
        add_random(1, 12, 33 * E7, 34 * E7, 34 * E7, 36 * E7);
    }
    add_box(10 * E7, 10 * E7 + 1, -90 * E7, 90 * E7);
    look_at(33 * E7, 34 * E7, 34 * E7, 36 * E7);
}

static void (*const worlds[])(void) = {world_tiny, world_usual,        world_rings, world_abutting,
                                       world_huge, world_antimeridian, world_belt,  world_apart};
#define WORLDS (sizeof worlds / sizeof worlds[0])

/* Points */

static int32_t wrapped(int64_t lon)
{
    const int64_t turn = 360 * (int64_t)E7;
    while (lon >= turn / 2)
        lon -= turn;
    while (lon < -turn / 2)
        lon += turn;
    return (int32_t)lon;
}

/* A vertex, a lattice point on or beside an edge, or one within sight. */
static void pick_point(int64_t *ret_lon, int64_t *ret_lat)
{
    *ret_lon = rand_in(world.west, world.east);
    *ret_lat = rand_in(world.south, world.north);
    const struct region *region = &world.region[rand_u64() % world.count];
    int64_t way = rand_in(0, 5);
    if (way == 0 || !region->ring_count)
        return;
    uint32_t ring = (uint32_t)(rand_u64() % region->ring_count);
    uint32_t start = region->ring_start[ring], n = region->ring_start[ring + 1] - start;
    uint32_t i = (uint32_t)(rand_u64() % n), next = (i + 1) % n;
    int64_t x = region->lon_e7[start + i], y = region->lat_e7[start + i];
    int64_t dx = region->lon_e7[start + next] - x, dy = region->lat_e7[start + next] - y;
    int64_t part = way == 1 ? 0 : rand_in(0, 1000);
    x += dx * part / 1000; /* on the edge if it is level, upright, or its steps divide */
    y += dy * part / 1000;
    *ret_lon = x + (way == 4 ? rand_in(-1, 1) : way == 5 ? rand_in(-9, 9) : 0);
    *ret_lat = y + (way == 4 ? rand_in(-1, 1) : way == 5 ? rand_in(-9, 9) : 0);
    if (way == 2)
        *ret_lon = rand_in(world.west, world.east);
}

static void pick_points(size_t n)
{
    for (world.points = 0; world.points < n; world.points++) {
        int64_t lon, lat;
        pick_point(&lon, &lat);
        world.lon[world.points] = wrapped(lon);
        world.lat[world.points] = (int32_t)lat;
    }
}

static uint64_t set_expected(int32_t lon, int32_t lat)
{
    uint64_t set = 0;
    for (size_t i = 0; i < world.count; i++)
        set |= (uint64_t)region_holds(&world.region[i], lon, lat) << i;
    return set;
}

/* In the shape the engine chooses, or in any other that fits. */
static void build(bool any_shape)
{
    struct err err = {0};
    if (!any_shape) {
        if (grid_build(world.region, world.count, &world.arena, &world.grid, &err))
            fail_msg("%s", err.text);
        return;
    }
    int64_t span = world.north - world.south;
    span = world.east - world.west > span ? world.east - world.west : span;
    uint32_t shift = 8;
    while (span >> shift > 200)
        shift++;
    struct grid_shape shape = {.cell_shift = shift + (uint32_t)rand_in(0, 1)};
    for (;; shape.cell_shift++) {
        assert_true(shape.cell_shift <= 26);
        shape.sub_bits = (uint32_t)rand_in(2, 5);
        if (!grid_build_shaped(world.region, world.count, shape, &world.arena, &world.grid, &err))
            return;
    }
}

static void locate_matches(size_t points)
{
    pick_points(points);
    grid_locate(world.grid, world.lon, world.lat, world.points, world.set);
    for (size_t i = 0; i < world.points; i++) {
        uint64_t expected = set_expected(world.lon[i], world.lat[i]);
        if (world.set[i] != expected)
            fail_msg("at %d, %d: %llx, not %llx", (int)world.lon[i], (int)world.lat[i],
                     (unsigned long long)world.set[i], (unsigned long long)expected);
    }
}

static void locates_as_region_holds(void **state)
{
    (void)state;
    for (uint64_t number = 0; number < 24 * WORLDS; number++) {
        world_start(number);
        worlds[number % WORLDS]();
        build(number / WORLDS % 2);
        locate_matches(POINTS);
        world_end();
    }
}

/* Hops, by brute force over all edges: the displaced hop against the edge, in the frame of the
 * hop, in every turn that matters. */

struct expected {
    wide num, den;
    uint64_t mask;
};

static struct expected expected[1 << 16];
static size_t expected_count;

/* The sign of value + e * first + e^2 * second. */
static int sign(wide value, wide first, wide second)
{
    wide v = value ? value : first ? first : second;
    return (v > 0) - (v < 0);
}

static void expect_edge(const int64_t a[2], const int64_t d[2], const int64_t p[2],
                        const int64_t q[2], uint64_t mask)
{
    wide ex = q[0] - p[0], ey = q[1] - p[1], ax = a[0] - p[0], ay = a[1] - p[1];
    wide start = ex * ay - ey * ax, end = start + ex * d[1] - ey * d[0];
    if (sign(start, -ey, ex) == sign(end, -ey, ex))
        return;
    wide p_side = -(d[0] * ay - d[1] * ax), q_side = p_side + d[0] * ey - d[1] * ex;
    if (sign(p_side, d[1], -d[0]) == sign(q_side, d[1], -d[0]))
        return;
    wide num = start < 0 ? -start : start, den = start < end ? end - start : start - end;
    assert_true(expected_count < sizeof expected / sizeof expected[0]);
    expected[expected_count++] = (struct expected){num, den, mask};
}

static int expected_order(const void *a, const void *b)
{
    const struct expected *p = a, *q = b;
    wide left = p->num * q->den, right = q->num * p->den;
    return (left > right) - (left < right);
}

static void expected_merge(void)
{
    qsort(expected, expected_count, sizeof expected[0], expected_order);
    size_t kept = 0;
    for (size_t i = 0; i < expected_count;) {
        struct expected sum = expected[i];
        while (++i < expected_count && expected_order(&sum, &expected[i]) == 0)
            sum.mask ^= expected[i].mask;
        if (sum.mask)
            expected[kept++] = sum;
    }
    expected_count = kept;
}

static void hop_expected(const int64_t a[2], const int64_t d[2])
{
    const int64_t turn = 360 * (int64_t)E7;
    expected_count = 0;
    for (size_t r = 0; r < world.count; r++) {
        const struct region *region = &world.region[r];
        for (uint32_t ring = 0; ring < region->ring_count; ring++) {
            uint32_t start = region->ring_start[ring], end = region->ring_start[ring + 1];
            for (uint32_t i = start, last = end - 1; i < end; last = i++)
                for (int64_t t = -turn; t <= turn; t += turn) {
                    int64_t p[2] = {region->lon_e7[last] + t, region->lat_e7[last]};
                    int64_t q[2] = {region->lon_e7[i] + t, region->lat_e7[i]};
                    expect_edge(a, d, p, q, UINT64_C(1) << r);
                }
        }
    }
    expected_merge();
}

static int64_t within_poles(int64_t lat)
{
    return lat > 90 * E7 ? 90 * E7 : lat < -90 * E7 ? -90 * E7 : lat;
}

/* The other end of a hop of some length: onto another point, level, upright, or at random. */
static void pick_hop(int64_t a[2], int64_t b[2])
{
    pick_point(&a[0], &a[1]);
    pick_point(&b[0], &b[1]);
    int64_t way = rand_in(0, 7), reach = (int64_t)1 << rand_in(0, 24);
    if (way == 0)
        b[1] = a[1];
    if (way == 1)
        b[0] = a[0];
    if (way >= 5) {
        b[0] = a[0] + rand_in(-reach, reach);
        b[1] = a[1] + rand_in(-reach, reach);
    }
    a[1] = within_poles(a[1]);
    b[1] = within_poles(b[1]);
}

static void hop_matches(void)
{
    static struct crossing got[1 << 16];
    const int64_t half = 180 * (int64_t)E7;
    int64_t a[2], b[2];
    pick_hop(a, b);
    a[0] = wrapped(a[0]);
    b[0] = wrapped(b[0]);
    int64_t d[2] = {wrapped(b[0] - a[0]), b[1] - a[1]};
    hop_expected(a, d);
    size_t n = grid_cross(world.grid, (int32_t)a[0], (int32_t)a[1], (int32_t)b[0], (int32_t)b[1],
                          got, sizeof got / sizeof got[0]);
    if (n != expected_count)
        fail_msg("seed %llx: hop %lld,%lld to %lld,%lld: %zu crossings, not %zu",
                 (unsigned long long)seed, (long long)a[0], (long long)a[1], (long long)b[0],
                 (long long)b[1], n, expected_count);
    uint64_t parity = set_expected((int32_t)a[0], (int32_t)a[1]);
    double t = 0.0;
    for (size_t i = 0; i < n; i++) {
        double exact = (double)expected[i].num / (double)expected[i].den;
        assert_true(got[i].mask == expected[i].mask);
        assert_true(got[i].t >= t && got[i].t <= 1.0);
        assert_true(got[i].t - exact < 1e-15 && exact - got[i].t < 1e-15);
        t = got[i].t;
        parity ^= got[i].mask;
    }
    assert_true(d[0] >= -half && d[0] < half);
    assert_true(parity == set_expected((int32_t)b[0], (int32_t)b[1]));
}

static void crosses_as_edge_by_edge(void **state)
{
    (void)state;
    for (uint64_t number = 0; number < 12 * WORLDS; number++) {
        world_start(number + 1000);
        worlds[number % WORLDS]();
        build(number / WORLDS % 2);
        for (int i = 0; i < 1000; i++)
            hop_matches();
        world_end();
    }
}

/* Many hops at once, more than a batch of the grid: as each by itself, with room for all or not. */
static void batches_match(void)
{
    enum { HOPS = 700, ROOM = 1 << 20 };
    static struct grid_hop hop[HOPS];
    static struct crossing got[ROOM], few[100], one[ROOM];
    static uint32_t start[HOPS + 1], again[HOPS + 1];
    for (int i = 0; i < HOPS; i++) {
        int64_t a[2], b[2];
        pick_hop(a, b);
        hop[i] = (struct grid_hop){wrapped(a[0]), (int32_t)a[1], wrapped(b[0]), (int32_t)b[1]};
    }
    size_t n = grid_cross_batch(world.grid, hop, HOPS, got, ROOM, start);
    assert_true(n <= ROOM && start[0] == 0 && start[HOPS] == n);
    assert_true(grid_cross_batch(world.grid, hop, HOPS, few, 100, again) == n);
    assert_memory_equal(start, again, sizeof start);
    for (size_t i = 0; i < n && i < 100; i++)
        assert_true(few[i].t == got[i].t && few[i].mask == got[i].mask);
    for (int i = 0; i < HOPS; i++) {
        size_t alone = grid_cross(world.grid, hop[i].a_lon_e7, hop[i].a_lat_e7, hop[i].b_lon_e7,
                                  hop[i].b_lat_e7, one, ROOM);
        assert_true(alone == start[i + 1] - start[i]);
        for (size_t k = 0; k < alone; k++)
            assert_true(one[k].t == got[start[i] + k].t && one[k].mask == got[start[i] + k].mask);
    }
}

static void batches_cross_as_hops(void **state)
{
    (void)state;
    for (uint64_t number = 0; number < 4 * WORLDS; number++) {
        world_start(number + 2000);
        worlds[number % WORLDS]();
        build(number / WORLDS % 2);
        batches_match();
        world_end();
    }
}

/* Cases */

static uint64_t set_at(int64_t lon, int64_t lat)
{
    int32_t lon_e7 = wrapped(lon), lat_e7 = (int32_t)lat;
    uint64_t set;
    grid_locate(world.grid, &lon_e7, &lat_e7, 1, &set);
    return set;
}

static void no_region_holds_nothing(void **state)
{
    (void)state;
    world_start(0);
    world.region[0] = world.region[1] = (struct region){0};
    for (world.count = 0; world.count <= 2; world.count++) {
        build(false);
        struct crossing crossing;
        assert_true(set_at(0, 0) == 0);
        assert_true(set_at(-180 * (int64_t)E7, -90 * E7) == 0);
        assert_true(grid_cross(world.grid, -E7, 5, E7, -5, &crossing, 1) == 0);
    }
    world_end();
}

/* The rule of region.h on a box: its west and south sides belong to it, the others do not. */
static void borders_belong_to_one_side(void **state)
{
    (void)state;
    world_start(0);
    add_box(100, 200, 1000, 1100);
    add_box(200, 300, 1000, 1100);
    add_box(100, 300, 1100, 1200);
    build(false);
    assert_true(set_at(100, 1000) == 1);
    assert_true(set_at(150, 1000) == 1);
    assert_true(set_at(200, 1000) == 2);
    assert_true(set_at(200, 1050) == 2);
    assert_true(set_at(200, 1100) == 4);
    assert_true(set_at(150, 1100) == 4);
    assert_true(set_at(300, 1000) == 0);
    assert_true(set_at(100, 1200) == 0);
    assert_true(set_at(99, 1000) == 0);
    assert_true(set_at(100, 999) == 0);
    world_end();
}

static void far_points_are_outside(void **state)
{
    (void)state;
    world_start(0);
    add_box(127 * E7, 128 * E7, 37 * E7, 38 * E7);
    build(false);
    int32_t lon[] = {INT32_MIN, INT32_MAX, 1275000000, 1275000000, -525000000, 1275000000};
    int32_t lat[] = {375000000, 375000000, INT32_MIN, INT32_MAX, 375000000, 375000000};
    uint64_t set[6];
    grid_locate(world.grid, lon, lat, 6, set);
    for (int i = 0; i < 5; i++)
        assert_true(set[i] == 0);
    assert_true(set[5] == 1);
    struct crossing crossing;
    assert_true(
        grid_cross(world.grid, 1275000000, INT32_MIN, 1275000000, INT32_MAX, &crossing, 1) == 2);
    world_end();
}

/* A hop from 179.9 east to 179.9 west is short, and meets nothing at longitude 10. */
static void hops_go_the_short_way(void **state)
{
    (void)state;
    world_start(0);
    add_box(10 * E7, 11 * E7, -E7, E7);
    add_box(180 * (int64_t)E7 - 100, 180 * (int64_t)E7 + 100, -E7, E7);
    build(false);
    struct crossing got[4];
    assert_true(grid_cross(world.grid, 1799999000, 0, -1799999000, 0, got, 4) == 2);
    assert_true(got[0].mask == 2 && got[1].mask == 2);
    assert_true(got[0].t == 900.0 / 2000.0 && got[1].t == 1100.0 / 2000.0);
    assert_true(grid_cross(world.grid, -1799999000, 5, 1799999000, 5, got, 4) == 2);
    assert_true(got[0].t == 900.0 / 2000.0 && got[1].t == 1100.0 / 2000.0);
    world_end();
}

/* From A over the shared border into B: one crossing, A left and B entered at the same time. */
static void a_shared_border_is_one_crossing(void **state)
{
    (void)state;
    world_start(0);
    add_box(0, 1000, 0, 1000);
    add_box(1000, 2000, 0, 1000);
    build(false);
    struct crossing got[4];
    assert_true(grid_cross(world.grid, 500, 300, 1500, 500, got, 4) == 1);
    assert_true(got[0].mask == 3 && got[0].t == 0.5);
    /* Out of the corner that both share, along the border: never in A, from the start in B. */
    assert_true(grid_cross(world.grid, 1000, -500, 1000, 1500, got, 4) == 2);
    assert_true(got[0].mask == 2 && got[0].t == 0.25);
    assert_true(got[1].mask == 2 && got[1].t == 0.75);
    world_end();
}

/* More crossings in one leaf than are sorted at a time, and more than the caller has room for. */
static void many_crossings_come_in_order(void **state)
{
    (void)state;
    enum { TEETH = 300 };
    world_start(0);
    struct region *comb = add_region(1, 2 * TEETH + 2);
    set_vertex(comb, 0, 0, 0);
    for (uint32_t i = 0; i < TEETH; i++) {
        set_vertex(comb, 2 * i + 1, 2 * i + 1, 1000);
        set_vertex(comb, 2 * i + 2, 2 * i + 2, 0);
    }
    set_vertex(comb, 2 * TEETH + 1, TEETH, -1000);
    region_bound(comb);
    build(false);
    static struct crossing got[2 * TEETH], few[8];
    size_t n = grid_cross(world.grid, -100, 500, 1000, 500, got, 2 * TEETH);
    assert_true(n == 2 * TEETH);
    for (size_t i = 0; i < n; i++) {
        double exact = (100.0 + (double)i + 0.5) / 1100.0;
        assert_true(got[i].mask == 1 && got[i].t - exact < 1e-15 && exact - got[i].t < 1e-15);
    }
    assert_true(grid_cross(world.grid, 1000, 500, -100, 500, few, 8) == 2 * TEETH);
    assert_true(few[7].t == (1000.0 - 2 * TEETH + 7.5) / 1100.0);
    world_end();
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static struct region many[GRID_REGIONS_MAX + 1];
    struct err err = {0};
    world_start(0);
    assert_int_equal(grid_build(many, GRID_REGIONS_MAX + 1, &world.arena, &world.grid, &err),
                     ERR_FAIL);
    assert_string_equal(err.text, "65 zones, but a zone grid holds at most 64");
    add_box(-180 * (int64_t)E7, 180 * (int64_t)E7 + 1, 0, 1);
    assert_int_equal(grid_build(world.region, 1, &world.arena, &world.grid, &err), ERR_FAIL);
    world.count = 0;
    add_box(0, 1, 0, 90 * E7 + 1);
    assert_int_equal(grid_build(world.region, 1, &world.arena, &world.grid, &err), ERR_FAIL);
    world.count = 0;
    add_box(0, 100 * E7, 0, 50 * E7);
    static _Alignas(16) uint8_t memory[4096];
    struct arena small;
    arena_init_fixed(&small, memory, sizeof memory);
    assert_int_equal(grid_build(world.region, 1, &small, &world.grid, &err), ERR_FAIL);
    assert_true(small.used == 0);
    struct grid_shape fine = {.cell_shift = 8, .sub_bits = 5};
    assert_int_equal(grid_build_shaped(world.region, 1, fine, &world.arena, &world.grid, &err),
                     ERR_FAIL);
    world_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_region_holds_nothing),
        cmocka_unit_test(borders_belong_to_one_side),
        cmocka_unit_test(far_points_are_outside),
        cmocka_unit_test(hops_go_the_short_way),
        cmocka_unit_test(a_shared_border_is_one_crossing),
        cmocka_unit_test(many_crossings_come_in_order),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(locates_as_region_holds),
        cmocka_unit_test(crosses_as_edge_by_edge),
        cmocka_unit_test(batches_cross_as_hops),
    };
    /* Hundreds of grids one after the other: keep their pages. */
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
