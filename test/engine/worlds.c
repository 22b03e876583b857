#include "worlds.h"

#include <assert.h>
#include <string.h>

#include "oracle.h"

#define E7        INT64_C(10000000)
#define LON_MAX   (INT32_C(2140000000)) /* region.h, R5 */
#define LAT_MAX   (90 * E7)
#define RINGS_MAX 4

/* Vertices of one region in the making, kept within a frame. */
struct draft {
    uint64_t *seed;
    int64_t west, east, south, north;
    uint32_t start[RINGS_MAX + 1], rings;
    uint32_t n;
    int32_t lon[WORLD_VERTICES], lat[WORLD_VERTICES];
};

static int64_t within(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static void add(struct draft *d, int64_t lon, int64_t lat)
{
    if (d->n == WORLD_VERTICES)
        return;
    d->lon[d->n] = (int32_t)within(lon, d->west, d->east);
    d->lat[d->n++] = (int32_t)within(lat, d->south, d->north);
}

static int64_t between(struct draft *d, int64_t low, int64_t high)
{
    return oracle_between(d->seed, low, high);
}

static int64_t any_lon(struct draft *d)
{
    return between(d, d->west, d->east);
}

static int64_t any_lat(struct draft *d)
{
    return between(d, d->south, d->north);
}

/* One random number a statement: the order of arguments is the compiler's. */
static void add_anywhere(struct draft *d)
{
    int64_t lon = any_lon(d);
    add(d, lon, any_lat(d));
}

static int64_t size_of(const struct draft *d)
{
    int64_t width = d->east - d->west, height = d->north - d->south;
    return width < height ? width : height;
}

/* ---- rings -------------------------------------------------------------------------------------- */

static void ring_scattered(struct draft *d)
{
    for (int64_t n = between(d, 3, 20); n > 0; n--)
        add_anywhere(d);
}

/* Directions in order of their angle. */
static const int8_t way[16][2] = {{4, 0},  {4, 1},  {4, 4},  {1, 4},   {0, 4},   {-1, 4},
                                  {-4, 4}, {-4, 1}, {-4, 0}, {-4, -1}, {-4, -4}, {-1, -4},
                                  {0, -4}, {1, -4}, {4, -4}, {4, -1}};

uint32_t world_star(uint64_t *seed, int64_t lon, int64_t lat, int64_t radius, int32_t *ret_lon_e7,
                    int32_t *ret_lat_e7)
{
    uint32_t n = 0, step = (uint32_t)1 << oracle_between(seed, 0, 2);
    for (uint32_t i = 0; i < 16; i += step) {
        int64_t far = oracle_between(seed, 1, radius / 4 > 1 ? radius / 4 : 1);
        ret_lon_e7[n] = (int32_t)(lon + way[i][0] * far);
        ret_lat_e7[n++] = (int32_t)(lat + way[i][1] * far);
    }
    return n;
}

static void ring_star(struct draft *d)
{
    int32_t lon[16], lat[16];
    int64_t radius = between(d, 1, size_of(d) / 2 + 1);
    uint32_t n =
        world_star(d->seed, d->west / 2 + d->east / 2, (d->south + d->north) / 2, radius, lon, lat);
    for (uint32_t i = 0; i < n; i++)
        add(d, lon[i], lat[i]);
}

/* Up and down in steps of a unit or a few: edges that almost coincide. */
static void ring_comb(struct draft *d)
{
    int64_t lon = any_lon(d), low = any_lat(d), high = any_lat(d), step = between(d, 1, 3);
    int64_t teeth = between(d, 2, 60);
    for (int64_t i = 0; i < teeth; i++) {
        add(d, lon + 2 * i * step, low);
        add(d, lon + (2 * i + 1) * step, high);
    }
    add(d, lon + 2 * teeth * step, low - between(d, 0, 2));
}

/* From end to end, a unit or two wide. */
static void ring_sliver(struct draft *d)
{
    int64_t a[2], b[2];
    a[0] = any_lon(d);
    a[1] = any_lat(d);
    b[0] = any_lon(d);
    b[1] = any_lat(d);
    int64_t wide_lon = between(d, -2, 2), wide_lat = between(d, -2, 2);
    add(d, a[0], a[1]);
    add(d, b[0], b[1]);
    add(d, b[0] + wide_lon, b[1] + wide_lat);
    add(d, a[0] + wide_lon, a[1] + wide_lat);
}

/* A box with vertices all along its sides, some of them twice, and a way back over one side. */
static void ring_lattice(struct draft *d)
{
    int64_t west = any_lon(d), south = any_lat(d), step = between(d, 1, size_of(d) / 8 + 1);
    int64_t cols = between(d, 1, 30), rows = between(d, 1, 30);
    for (int64_t i = 0; i < cols; i++)
        add(d, west + i * step, south);
    for (int64_t i = 0; i < rows; i++)
        add(d, west + cols * step, south + i * step);
    for (int64_t i = cols; i > 0; i--) {
        add(d, west + i * step, south + rows * step);
        if (between(d, 0, 3) == 0)
            add(d, west + i * step, south + rows * step);
    }
    for (int64_t i = rows; i > 0; i--)
        add(d, west, south + i * step);
    if (between(d, 0, 1))
        add(d, west, south - step);
}

/* Two loops that share one vertex, which no edge goes through. */
static void ring_pinched(struct draft *d)
{
    int64_t lon = any_lon(d), lat = any_lat(d), a = between(d, 1, size_of(d) / 3 + 1);
    add(d, lon, lat);
    add(d, lon - a, lat + between(d, 0, a));
    add(d, lon - a, lat - between(d, 1, a));
    add(d, lon, lat);
    add(d, lon + a, lat - between(d, 1, a));
    add(d, lon + a, lat + between(d, 0, a));
}

/* Short steps one after the other, as compiled borders have them. */
static void ring_walk(struct draft *d)
{
    int64_t lon = any_lon(d), lat = any_lat(d), step = between(d, 1, size_of(d) / 20 + 2);
    for (int64_t n = between(d, 30, 300); n > 0; n--) {
        lon += between(d, -step, step);
        lat += between(d, -step, step);
        add(d, lon, lat);
    }
}

/* The frame itself. */
static void ring_frame(struct draft *d)
{
    add(d, d->west, d->south);
    add(d, d->east, d->south);
    add(d, d->east, d->north);
    add(d, d->west, d->north);
}

/* The ring before once more, from another vertex on or backwards: all of it cancels; or half as
 * large round its first vertex, which it touches. */
static void ring_again(struct draft *d)
{
    uint32_t last = d->rings ? d->start[d->rings - 1] : 0, n = d->n - last;
    if (n < 3) {
        ring_star(d);
        return;
    }
    bool half = between(d, 0, 1), back = between(d, 0, 1);
    uint32_t from = (uint32_t)between(d, 0, n - 1);
    int64_t x = d->lon[last], y = d->lat[last];
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = last + (from + (back ? n - i : i)) % n;
        if (half)
            add(d, x + (d->lon[at] - x) / 2, y + (d->lat[at] - y) / 2);
        else
            add(d, d->lon[at], d->lat[at]);
    }
}

static void (*const rings[])(struct draft *) = {ring_scattered, ring_star,    ring_comb,
                                                ring_sliver,    ring_lattice, ring_pinched,
                                                ring_walk,      ring_frame,   ring_again};

/* A ring needs three vertices, wherever they are. */
static void end_ring(struct draft *d)
{
    while (d->n < d->start[d->rings] + 3 && d->n < WORLD_VERTICES)
        add_anywhere(d);
    if (d->n >= d->start[d->rings] + 3)
        d->start[++d->rings] = d->n;
    else
        d->n = d->start[d->rings];
}

/* ---- regions ------------------------------------------------------------------------------------ */

static void keep(struct world *world, const struct draft *d)
{
    uint32_t *start = ARENA_ARRAY(world->arena, uint32_t, d->rings + 1);
    int32_t *lon = ARENA_ARRAY(world->arena, int32_t, d->n + 1);
    int32_t *lat = ARENA_ARRAY(world->arena, int32_t, d->n + 1);
    assert(start && lon && lat && d->rings);
    memcpy(start, d->start, (d->rings + 1) * sizeof start[0]);
    memcpy(lon, d->lon, d->n * sizeof lon[0]);
    memcpy(lat, d->lat, d->n * sizeof lat[0]);
    struct region *region = &world->region[world->count++];
    *region =
        (struct region){.ring_count = d->rings, .ring_start = start, .lon_e7 = lon, .lat_e7 = lat};
    region_bound(region);
}

static void add_region(struct world *world)
{
    struct draft d = {.seed = &world->seed,
                      .west = world->west,
                      .east = world->east,
                      .south = world->south,
                      .north = world->north};
    for (int64_t n = oracle_between(&world->seed, 1, RINGS_MAX); n > 0; n--) {
        rings[oracle_random(&world->seed) % (sizeof rings / sizeof rings[0])](&d);
        end_ring(&d);
    }
    keep(world, &d);
    /* Now and then the same region twice: masks of several bits. */
    if (world->count < WORLD_REGIONS_MAX && oracle_between(&world->seed, 0, 4) == 0) {
        world->region[world->count] = world->region[world->count - 1];
        world->count++;
    }
}

/* ---- frames ------------------------------------------------------------------------------------- */

static void frame_at(struct world *world, int64_t lon, int64_t lat, int64_t size)
{
    world->west = within(lon, -180 * E7, LON_MAX);
    world->east = within(lon + size, -180 * E7, LON_MAX);
    world->south = within(lat, -LAT_MAX, LAT_MAX);
    world->north = within(lat + size, -LAT_MAX, LAT_MAX);
}

static void frame_tiny(struct world *world)
{
    world->frame = "tiny";
    int64_t size = oracle_between(&world->seed, 2, 60);
    int64_t lon = oracle_between(&world->seed, -170 * E7, 170 * E7);
    frame_at(world, lon, oracle_between(&world->seed, -80 * E7, 80 * E7), size);
}

static void frame_small(struct world *world)
{
    world->frame = "small";
    int64_t size = INT64_C(1) << oracle_between(&world->seed, 6, 17);
    int64_t lon = oracle_between(&world->seed, -170 * E7, 170 * E7);
    frame_at(world, lon, oracle_between(&world->seed, -80 * E7, 80 * E7), size);
}

static void frame_usual(struct world *world)
{
    world->frame = "usual";
    int64_t size =
        oracle_between(&world->seed, 1, INT64_C(1) << oracle_between(&world->seed, 18, 26));
    int64_t lon = oracle_between(&world->seed, -170 * E7, 170 * E7);
    frame_at(world, lon, oracle_between(&world->seed, -80 * E7, 80 * E7), size);
}

static void frame_huge(struct world *world)
{
    world->frame = "huge";
    int64_t west = oracle_between(&world->seed, -180 * E7, 0);
    int64_t width = oracle_between(&world->seed, 90 * E7, 360 * E7);
    frame_at(world, west, -LAT_MAX, width);
    world->north = oracle_between(&world->seed, 0, LAT_MAX);
}

static void frame_antimeridian(struct world *world)
{
    world->frame = "antimeridian";
    int64_t size = INT64_C(1) << oracle_between(&world->seed, 2, 27);
    int64_t lon = 180 * E7 - oracle_between(&world->seed, 0, size);
    frame_at(world, lon, oracle_between(&world->seed, -80 * E7, 80 * E7), size);
}

static void frame_polar(struct world *world)
{
    world->frame = "polar";
    int64_t size = INT64_C(1) << oracle_between(&world->seed, 2, 27);
    frame_at(world, -180 * E7, oracle_between(&world->seed, 0, 1) ? LAT_MAX - size : -LAT_MAX,
             size);
    if (oracle_between(&world->seed, 0, 1))
        world->east = 180 * E7;
}

static void (*const frames[])(struct world *) = {frame_tiny,         frame_small, frame_small,
                                                 frame_usual,        frame_usual, frame_huge,
                                                 frame_antimeridian, frame_polar};

void world_make(struct world *world, uint64_t seed, struct arena *arena)
{
    *world = (struct world){.arena = arena, .seed = seed};
    frames[oracle_random(&world->seed) % (sizeof frames / sizeof frames[0])](world);
    for (int64_t n = oracle_between(&world->seed, 1, 12); n > 0; n--)
        if (world->count < WORLD_REGIONS_MAX)
            add_region(world);
}

/* ---- questions ---------------------------------------------------------------------------------- */

static void any_place(struct world *world, int64_t *ret_lon, int64_t *ret_lat)
{
    int64_t about = (world->east - world->west) / 8 + 3;
    *ret_lon = oracle_between(&world->seed, world->west - about, world->east + about);
    *ret_lat = oracle_between(&world->seed, world->south - about, world->north + about);
}

/* On the edge from vertex i of a ring, or near it. */
static void beside_edge(struct world *world, const struct region *region, int64_t *ret_lon,
                        int64_t *ret_lat)
{
    uint32_t ring = (uint32_t)(oracle_random(&world->seed) % region->ring_count);
    uint32_t start = region->ring_start[ring], n = region->ring_start[ring + 1] - start;
    uint32_t i = (uint32_t)(oracle_random(&world->seed) % n), next = (i + 1) % n;
    int64_t x = region->lon_e7[start + i], y = region->lat_e7[start + i];
    int64_t dx = region->lon_e7[start + next] - x, dy = region->lat_e7[start + next] - y;
    static const int64_t parts[] = {1, 2, 3, 7, 1000};
    int64_t parted = parts[oracle_random(&world->seed) % 5];
    int64_t part = oracle_between(&world->seed, 0, parted - 1);
    static const int64_t offs[] = {0, 0, 1, 9};
    int64_t off = offs[oracle_random(&world->seed) % 4];
    *ret_lon = x + dx * part / parted + oracle_between(&world->seed, -off, off);
    *ret_lat = y + dy * part / parted + oracle_between(&world->seed, -off, off);
}

void world_point(struct world *world, int32_t *ret_lon_e7, int32_t *ret_lat_e7)
{
    int64_t lon, lat, level;
    any_place(world, &lon, &lat);
    uint64_t kind = oracle_random(&world->seed) % 8;
    const struct region *region = &world->region[oracle_random(&world->seed) % world->count];
    if (kind < 5)
        beside_edge(world, region, &lon, &lat);
    if (kind == 5)
        beside_edge(world, region, &lon, &level);
    if (kind == 6)
        beside_edge(world, region, &level, &lat);
    *ret_lon_e7 = oracle_wrapped(lon);
    *ret_lat_e7 = (int32_t)within(lat, -LAT_MAX, LAT_MAX);
}

void world_step(struct world *world, int32_t lon_e7, int32_t lat_e7, int32_t *ret_lon_e7,
                int32_t *ret_lat_e7)
{
    int64_t reach = INT64_C(1) << oracle_between(&world->seed, 0, 24);
    uint64_t kind = oracle_random(&world->seed) % 8;
    world_point(world, ret_lon_e7, ret_lat_e7);
    if (kind == 0)
        *ret_lat_e7 = lat_e7;
    if (kind == 1)
        *ret_lon_e7 = lon_e7;
    if (kind < 6)
        return;
    *ret_lon_e7 = oracle_wrapped(lon_e7 + oracle_between(&world->seed, -reach, reach));
    *ret_lat_e7 =
        (int32_t)within(lat_e7 + oracle_between(&world->seed, -reach, reach), -LAT_MAX, LAT_MAX);
}
