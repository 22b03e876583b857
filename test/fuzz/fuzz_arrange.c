#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "geo/region.h"

/*
 * Any bytes as rings that a person wrote: refused with a reason, or canonical (R2 to R4 of
 * region.h). Two of them combine, and what comes out is canonical again: a region united with
 * itself is itself, less itself nothing.
 *
 * The first byte says how large a step is, the second how many vertices the first polygon has.
 */
#define VERTICES_MAX 64
#define MEMORY_MAX   (256u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool before(const struct region *r, uint32_t a, uint32_t b)
{
    return r->lon_e7[a] != r->lon_e7[b] ? r->lon_e7[a] < r->lon_e7[b] : r->lat_e7[a] < r->lat_e7[b];
}

static void check_canonical(const struct region *r)
{
    for (uint32_t ring = 0; ring < r->ring_count; ring++) {
        uint32_t start = r->ring_start[ring], end = r->ring_start[ring + 1];
        assert(end >= start + 3);
        for (uint32_t i = start; i < end; i++) {
            assert(!before(r, i, start));
            assert(r->lon_e7[i] >= r->west_e7 && r->lon_e7[i] <= r->east_e7);
            assert(r->lat_e7[i] >= r->south_e7 && r->lat_e7[i] <= r->north_e7);
        }
        assert(ring == 0 || !before(r, start, r->ring_start[ring - 1]));
    }
}

static bool same(const struct region *a, const struct region *b)
{
    uint32_t n = a->ring_count ? a->ring_start[a->ring_count] : 0;
    return a->ring_count == b->ring_count &&
           (!n || (memcmp(a->ring_start, b->ring_start, (a->ring_count + 1) * sizeof n) == 0 &&
                   memcmp(a->lon_e7, b->lon_e7, n * sizeof a->lon_e7[0]) == 0 &&
                   memcmp(a->lat_e7, b->lat_e7, n * sizeof a->lat_e7[0]) == 0));
}

static bool read_ring(const uint8_t *data, size_t n, int32_t step, struct arena *arena,
                      struct region *ret)
{
    int32_t lon[VERTICES_MAX], lat[VERTICES_MAX];
    uint32_t start[2] = {0, (uint32_t)n};
    struct err err = {EXIT_FINE, ""};
    for (size_t i = 0; i < n; i++) {
        lon[i] = 1270000000 + (int8_t)data[2 * i] * step;
        lat[i] = 380000000 + (int8_t)data[2 * i + 1] * step;
    }
    if (region_from_rings(lon, lat, start, 1, arena, ret, &err)) {
        assert(err.code != EXIT_FINE && err.text[0]);
        return false;
    }
    check_canonical(ret);
    return true;
}

static struct region combined(enum region_op op, const struct region *a, const struct region *b,
                              struct arena *arena)
{
    struct region r = {0};
    struct err err = {EXIT_FINE, ""};
    if (region_combine(op, a, b, arena, &r, &err))
        assert(err.code != EXIT_FINE && err.text[0]);
    else
        check_canonical(&r);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct region a, b;
    if (size < 14)
        return 0;
    int32_t step = (int32_t)1 << data[0] % 19;
    size_t points = (size - 2) / 2, n = 3 + data[1] % 30u;
    n = n < points - 3 ? n : points - 3;
    size_t rest = points - n < VERTICES_MAX ? points - n : VERTICES_MAX;
    arena_init(&arena, MEMORY_MAX, malloc, free);
    if (read_ring(data + 2, n, step, &arena, &a)) {
        struct region twice = combined(REGION_UNION, &a, &a, &arena);
        assert(same(&a, &twice));
        assert(combined(REGION_MINUS, &a, &a, &arena).ring_count == 0);
        if (read_ring(data + 2 + 2 * n, rest, step, &arena, &b))
            for (int op = REGION_UNION; op <= REGION_MINUS; op++)
                combined((enum region_op)op, &a, &b, &arena);
    }
    arena_release(&arena);
    return 0;
}
