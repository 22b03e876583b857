#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "geo/grid.h"

/*
 * Any bytes as polygons: crossing themselves and each other, of no width, of one vertex again and
 * again, as wide as the earth. Whatever grid_build takes answers points as region_holds does, and
 * hops with the parity that grid.h promises; what it does not take it refuses with a reason.
 *
 * The first byte says how large a step of a vertex is; then vertices of 4 bytes, a ring each
 * RING of them, a region each RINGS rings; the last POINTS of them are places to ask about too.
 */
#define RING          8
#define RINGS         2
#define VERTICES_MAX  512
#define POINTS        16
#define CROSSINGS_MAX 65536
#define MEMORY_MAX    (256u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    size_t n;
    int32_t lon[VERTICES_MAX], lat[VERTICES_MAX];
    uint32_t start[GRID_REGIONS_MAX][RINGS + 1];
    struct region region[GRID_REGIONS_MAX];
    size_t regions;
};

static int32_t bounded(int64_t value, int32_t low, int32_t high)
{
    return (int32_t)(value < low ? low : value > high ? high : value);
}

static void read_vertices(struct input *in, const uint8_t *data, size_t size)
{
    int64_t step = INT64_C(1) << data[0] % 18, lon = (int8_t)data[1] * INT64_C(14000000);
    int64_t lat = (int8_t)data[2] * INT64_C(7000000);
    for (size_t at = 3; at + 4 <= size && in->n < VERTICES_MAX; at += 4, in->n++) {
        in->lon[in->n] = bounded(lon + (int16_t)get_u16(data + at) * step, -1800000000, 2140000000);
        in->lat[in->n] =
            bounded(lat + (int16_t)get_u16(data + at + 2) * step, -900000000, 900000000);
    }
}

static void read_regions(struct input *in)
{
    for (size_t at = 0; at + RING <= in->n && in->regions < GRID_REGIONS_MAX;) {
        uint32_t *start = in->start[in->regions], rings = 0;
        struct region *region = &in->region[in->regions++];
        *region =
            (struct region){.ring_start = start, .lon_e7 = in->lon + at, .lat_e7 = in->lat + at};
        for (; rings < RINGS && at + RING <= in->n; at += RING) {
            rings++;
            start[rings] = rings * RING;
        }
        region->ring_count = rings;
        region_bound(region);
    }
}

static int32_t name_of(int32_t lon_e7)
{
    return lon_e7 >= 1800000000 ? (int32_t)(lon_e7 - INT64_C(3600000000)) : lon_e7;
}

static uint64_t set_of(const struct input *in, int32_t lon, int32_t lat)
{
    uint64_t set = 0;
    for (size_t i = 0; i < in->regions; i++)
        set |= (uint64_t)region_holds(&in->region[i], lon, lat) << i;
    return set;
}

static void ask(const struct input *in, const struct grid *grid)
{
    static struct crossing crossing[CROSSINGS_MAX];
    size_t first = in->n > POINTS ? in->n - POINTS : 0;
    for (size_t i = first; i < in->n; i++) {
        size_t k = i + 1 < in->n ? i + 1 : first;
        int32_t lon = name_of(in->lon[i]), lat = in->lat[i], to = name_of(in->lon[k]);
        uint64_t set, parity = set_of(in, lon, lat);
        grid_locate(grid, &lon, &lat, 1, &set);
        assert(set == parity);
        size_t n = grid_cross(grid, lon, lat, to, in->lat[k], crossing, CROSSINGS_MAX);
        for (size_t c = 0; c < n && n <= CROSSINGS_MAX; c++) {
            assert(crossing[c].t >= 0 && crossing[c].t <= 1 && crossing[c].mask);
            assert(c == 0 || crossing[c].t >= crossing[c - 1].t);
            parity ^= crossing[c].mask;
        }
        assert(n > CROSSINGS_MAX || parity == set_of(in, to, in->lat[k]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct input in;
    struct arena arena;
    struct err err = {EXIT_FINE, ""};
    const struct grid *grid;
    if (size < 3)
        return 0;
    memset(&in, 0, sizeof in);
    read_vertices(&in, data, size);
    read_regions(&in);
    arena_init(&arena, MEMORY_MAX, malloc, free);
    if (grid_build(in.region, in.regions, &arena, &grid, &err))
        assert(err.code != EXIT_FINE && err.text[0]);
    else
        ask(&in, grid);
    arena_release(&arena);
    return 0;
}
