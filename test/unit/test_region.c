#include "geo/region.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "geo/geodesic.h"

#define E7 10000000

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

static int32_t rand_below(uint32_t limit)
{
    return (int32_t)(rand_u64() % limit);
}

/* A region of up to RINGS rings of equal length, in memory of its own. */
#define RINGS    4
#define VERTICES 64

struct shape {
    uint32_t start[RINGS + 1];
    int32_t lon[VERTICES], lat[VERTICES];
    struct region region;
};

static struct region *shape_of(struct shape *shape, uint32_t rings, uint32_t each)
{
    struct region *region = &shape->region;
    for (uint32_t i = 0; i <= rings; i++)
        shape->start[i] = i * each;
    *region = (struct region){.ring_count = rings,
                              .ring_start = shape->start,
                              .lon_e7 = shape->lon,
                              .lat_e7 = shape->lat};
    region_bound(region);
    return region;
}

static void set_ring(struct shape *shape, uint32_t ring, uint32_t n, const int32_t (*vertex)[2])
{
    for (uint32_t i = 0; i < n; i++) {
        shape->lon[ring * n + i] = vertex[i][0];
        shape->lat[ring * n + i] = vertex[i][1];
    }
}

static const struct region *box(struct shape *shape, int32_t west, int32_t east, int32_t south,
                                int32_t north)
{
    int32_t corner[4][2] = {{west, south}, {east, south}, {east, north}, {west, north}};
    set_ring(shape, 0, 4, (const int32_t(*)[2])corner);
    return shape_of(shape, 1, 4);
}

/*
 * The displaced point in plain integers: on a lattice of side 2^5, a step of 2^-12 east and 2^-24
 * north cannot pass any line through two lattice points that the point does not lie on, and moves
 * it off all that it does lie on. Coordinates are scaled by 2^24. Then the ring is counted by its
 * turns round the point, not by a ray: odd turns are inside.
 */
#define SCALE (INT64_C(1) << 24)

static int turns_round(const struct shape *shape, uint32_t ring, int64_t x, int64_t y)
{
    uint32_t start = shape->start[ring], end = shape->start[ring + 1];
    int quarters = 0;
    for (uint32_t i = start, last = end - 1; i < end; last = i++) {
        int64_t ax = SCALE * shape->lon[last] - x, bx = SCALE * shape->lon[i] - x;
        int64_t ay = SCALE * shape->lat[last] - y, by = SCALE * shape->lat[i] - y;
        static const int quadrant[2][2] = {{0, 3}, {1, 2}}; /* [left][below] */
        int step = (quadrant[bx < 0][by < 0] - quadrant[ax < 0][ay < 0] + 4) % 4;
        wide side = (wide)ax * by - (wide)ay * bx;
        quarters += step == 3 ? -1 : step == 2 ? (side > 0 ? 2 : -2) : step;
    }
    assert_int_equal(quarters % 4, 0);
    return quarters / 4;
}

static bool expected_holds(const struct shape *shape, int32_t lon, int32_t lat)
{
    int64_t x = SCALE * lon + (1 << 12), y = SCALE * lat + 1;
    int turns = 0;
    for (uint32_t ring = 0; ring < shape->region.ring_count; ring++)
        turns += turns_round(shape, ring, x, y);
    return turns % 2 != 0;
}

/* Every lattice point of random rings: on vertices, edges, level edges, folds. */
static void holds_as_the_displaced_point(void **state)
{
    (void)state;
    static struct shape shape;
    for (seed = 1; seed < 20000; seed += 7) {
        uint64_t kept = seed;
        uint32_t rings = 1 + (uint32_t)rand_below(RINGS), each = 3 + (uint32_t)rand_below(10);
        uint32_t side = 3 + (uint32_t)rand_below(14);
        for (uint32_t i = 0; i < rings * each; i++) {
            shape.lon[i] = rand_below(side);
            shape.lat[i] = rand_below(side);
        }
        shape_of(&shape, rings, each);
        for (int32_t lon = -1; lon <= (int32_t)side; lon++)
            for (int32_t lat = -1; lat <= (int32_t)side; lat++)
                assert_true(region_holds(&shape.region, lon, lat) ==
                            expected_holds(&shape, lon, lat));
        seed = kept;
    }
}

static void abutting_regions_share_no_point(void **state)
{
    (void)state;
    static struct shape a, b;
    int32_t left[4][2] = {{0, 0}, {5, -3}, {7, 6}, {1, 9}};
    int32_t right[4][2] = {{5, -3}, {12, 1}, {11, 8}, {7, 6}};
    set_ring(&a, 0, 4, (const int32_t(*)[2])left);
    set_ring(&b, 0, 4, (const int32_t(*)[2])right);
    shape_of(&a, 1, 4);
    shape_of(&b, 1, 4);
    assert_true(region_holds(&b.region, 7, 6) && !region_holds(&a.region, 7, 6));
    assert_false(region_holds(&a.region, 5, -3)); /* east of the shared edge, */
    assert_false(region_holds(&b.region, 5, -3)); /* and under the edge that rises from there */
    for (int32_t lon = -2; lon < 14; lon++)
        for (int32_t lat = -5; lat < 12; lat++)
            assert_false(region_holds(&a.region, lon, lat) && region_holds(&b.region, lon, lat));
}

static void holds_nothing_without_rings(void **state)
{
    (void)state;
    struct region none = {0};
    assert_false(region_holds(&none, 0, 0));
    assert_true(region_area_m2(&none) == 0.0);
}

/* A region from 179 to 181 degrees, asked with the names that positions have. */
static void holds_across_the_antimeridian(void **state)
{
    (void)state;
    static struct shape shape;
    const struct region *region = box(&shape, 179 * E7, 181 * E7, -E7, E7);
    assert_true(region_holds(region, 179 * E7, 0));
    assert_true(region_holds(region, -180 * E7, 0));
    assert_true(region_holds(region, 180 * E7, 0));
    assert_true(region_holds(region, -179 * E7 - 1, 0));
    assert_false(region_holds(region, -179 * E7, 0));
    assert_false(region_holds(region, 179 * E7 - 1, 0));
    assert_false(region_holds(region, 0, 0));
}

static void holds_round_the_whole_earth(void **state)
{
    (void)state;
    static struct shape shape;
    const struct region *region = box(&shape, -180 * E7, 180 * E7, -90 * E7, 90 * E7);
    assert_true(region_holds(region, -180 * E7, -90 * E7));
    assert_true(region_holds(region, 180 * E7 - 1, 90 * E7 - 1));
    assert_true(region_holds(region, 0, 0));
    assert_false(region_holds(region, 0, 90 * E7)); /* displaced north of the pole */
}

/* Area between the equator and a latitude per radian of longitude, in closed form (Snyder 1987,
 * eq. 3-12). */
static long double area_below(long double lat)
{
    const long double a = GEODESIC_WGS84_A, f = (long double)1.0 / 298.257223563L;
    long double e2 = f * (2.0L - f), e = sqrtl(e2), s = sinl(lat);
    return a * a * (1.0L - e2) / 2.0L *
           (s / (1.0L - e2 * s * s) + logl((1.0L + e * s) / (1.0L - e * s)) / (2.0L * e));
}

static long double radians_e7(long double degrees_e7)
{
    return degrees_e7 * 1e-7L * 3.14159265358979323846264338327950288L / 180.0L;
}

/* The integral of it along an edge, less its value at `base`, by Simpson's rule. */
static long double edge_area(const int32_t a[2], const int32_t b[2], long double base)
{
    enum { STEPS = 2000 };
    long double sum = 0.0L;
    for (int i = 0; i <= STEPS; i++) {
        long double lat = radians_e7(a[1] + (long double)(b[1] - a[1]) * i / STEPS);
        int weight = i == 0 || i == STEPS ? 1 : i % 2 ? 4 : 2;
        sum += weight * (area_below(lat) - base);
    }
    return sum / (3 * STEPS) * radians_e7((long double)a[0] - b[0]);
}

static void area_is(const struct shape *shape)
{
    long double base = area_below(radians_e7(shape->region.south_e7)), expected = 0.0L;
    for (uint32_t ring = 0; ring < shape->region.ring_count; ring++)
        for (uint32_t i = shape->start[ring], end = shape->start[ring + 1], last = end - 1; i < end;
             last = i++) {
            int32_t a[2] = {shape->lon[last], shape->lat[last]};
            int32_t b[2] = {shape->lon[i], shape->lat[i]};
            expected += edge_area(a, b, base);
        }
    long double got = region_area_m2(&shape->region);
    assert_true(fabsl(got - expected) <= 1e-9L * fabsl(expected));
}

/* 510,065,621.724 km2 is the surface of WGS 84 (4 pi R^2 with the authalic radius of 6,371,007.1809
 * m, NIMA TR8350.2, table 3.3). */
static void area_of_the_earth(void **state)
{
    (void)state;
    static struct shape shape;
    double area = region_area_m2(box(&shape, -180 * E7, 180 * E7, -90 * E7, 90 * E7));
    assert_true(fabs(area - 510065621.724e6) < 1e3);
}

static void area_of_boxes(void **state)
{
    (void)state;
    static struct shape shape;
    static const int32_t boxes[][4] = {
        {1270000000, 1280000000, 370000000, 390000000}, {0, 10, 0, 10},
        {-5, 900000000, -900000000, -890000000},        {1799000000, 1811000000, 0, 1},
        {1276770000, 1276770001, 379560000, 379560001}, {0, 3600000, 899000000, 900000000},
    };
    for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++) {
        const int32_t *b = boxes[i];
        double area = region_area_m2(box(&shape, b[0], b[1], b[2], b[3]));
        long double expected = (area_below(radians_e7(b[3])) - area_below(radians_e7(b[2]))) *
                               radians_e7((long double)b[1] - b[0]);
        /* The difference of the closed form loses digits in thin boxes, about 1e-10 here. */
        assert_true(fabsl(area - expected) <= 1e-9L * expected);
        area_is(&shape);
    }
}

static void area_of_slanted_edges_and_holes(void **state)
{
    (void)state;
    static struct shape shape;
    int32_t shell[4][2] = {
        {100 * E7, -20 * E7}, {140 * E7, 10 * E7}, {130 * E7, 60 * E7}, {90 * E7, 50 * E7}};
    int32_t hole[4][2] = {
        {110 * E7, 10 * E7}, {111 * E7, 40 * E7}, {120 * E7, 41 * E7}, {119 * E7, 9 * E7}};
    set_ring(&shape, 0, 4, (const int32_t(*)[2])shell);
    shape_of(&shape, 1, 4);
    double whole = region_area_m2(&shape.region);
    area_is(&shape);
    set_ring(&shape, 1, 4, (const int32_t(*)[2])hole);
    shape_of(&shape, 2, 4);
    area_is(&shape);
    assert_true(region_area_m2(&shape.region) < whole);
    for (seed = 5; seed < 5000;) {
        int32_t lon = rand_below(200) * E7, lat = (rand_below(170) - 85) * E7,
                size = 1 << rand_below(25);
        int32_t ring[4][2] = {{lon, lat},
                              {lon + size, lat + size / 7},
                              {lon + size / 3, lat + size},
                              {lon - size, lat + size / 2}};
        uint64_t kept = seed;
        set_ring(&shape, 0, 4, (const int32_t(*)[2])ring);
        shape_of(&shape, 1, 4);
        area_is(&shape);
        seed = kept % 5000 + 97;
    }
}

/* By Python's hashlib and struct over the bytes that docs/format/agreement.md names. */
static void digest_is_of_the_canonical_form(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        uint32_t rings, each;
        int32_t vertex[7][2];
        const char *digest;
    } cases[] = {
        {"x", 0, 0, {{0}}, "de67fa4f2d1c36d97a6f719f060860828a3a5f7c2ada1b7bac07d511fbd22322"},
        {"w",
         1,
         3,
         {{-1800000000, -1}, {-1799999999, -900000000}, {-1799999998, 0}},
         "c14ba614f2d8f0caab65d9930398b95de26a02d46deffb5e14635aa3c5155719"},
        {"land-5km-north",
         2,
         0, /* 4 and 3 */
         {{1266000000, 378000000},
          {1267000000, 378000000},
          {1267000000, 379000000},
          {1266000000, 379000000},
          {1266200000, 378200000},
          {1266200001, 378800000},
          {1266900000, 378200000}},
         "bc0b8d2f12e4bb06086160ff50bd870d2d1acaaad7f770210526becd061ebe91"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        static struct shape shape;
        set_ring(&shape, 0, 7, cases[i].vertex);
        shape_of(&shape, cases[i].rings, cases[i].each);
        if (cases[i].rings == 2) {
            shape.start[1] = 4;
            shape.start[2] = 7;
        }
        uint8_t digest[32];
        char hex[65];
        region_digest(&shape.region, bytes_of(cases[i].id), digest);
        for (int k = 0; k < 32; k++) {
            hex[2 * k] = "0123456789abcdef"[digest[k] >> 4];
            hex[2 * k + 1] = "0123456789abcdef"[digest[k] & 15];
        }
        hex[64] = '\0';
        assert_string_equal(hex, cases[i].digest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_as_the_displaced_point),
        cmocka_unit_test(abutting_regions_share_no_point),
        cmocka_unit_test(holds_nothing_without_rings),
        cmocka_unit_test(holds_across_the_antimeridian),
        cmocka_unit_test(holds_round_the_whole_earth),
        cmocka_unit_test(area_of_the_earth),
        cmocka_unit_test(area_of_boxes),
        cmocka_unit_test(area_of_slanted_edges_and_holes),
        cmocka_unit_test(digest_is_of_the_canonical_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
