#include "geo/arrange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * Set operations against the definition: a point is in the union if it is in either, and so on,
 * asked with region_holds at random points; and against areas that are plain arithmetic.
 */
static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1u << 28, malloc, free);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static uint64_t seed = 42;

static uint32_t random_below(uint32_t n)
{
    seed += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = (seed ^ seed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ z >> 31) % n);
}

static struct region box(int32_t west, int32_t south, int32_t east, int32_t north)
{
    int32_t lon[] = {west, east, east, west}, lat[] = {south, south, north, north};
    uint32_t start[] = {0, 4};
    struct region r;
    struct err err;
    assert_int_equal(region_from_rings(lon, lat, start, 1, &arena, &r, &err), 0);
    return r;
}

static struct region combine(enum region_op op, struct region a, struct region b)
{
    struct region r;
    struct err err = {.text = ""};
    if (region_combine(op, &a, &b, &arena, &r, &err))
        fail_msg("%s", err.text);
    return r;
}

/* Twice the enclosed area in square units: exact for boxes. */
static int64_t twice_area(const struct region *r)
{
    int64_t sum = 0;
    for (uint32_t ring = 0; ring < r->ring_count; ring++) {
        uint32_t start = r->ring_start[ring], end = r->ring_start[ring + 1];
        for (uint32_t i = start, last = end - 1; i < end; last = i++)
            sum +=
                (int64_t)r->lon_e7[last] * r->lat_e7[i] - (int64_t)r->lon_e7[i] * r->lat_e7[last];
    }
    return sum;
}

static void boxes_combine(void **state)
{
    (void)state;
    struct region a = box(0, 0, 100, 100), b = box(50, 50, 150, 150);
    struct region u = combine(REGION_UNION, a, b), i = combine(REGION_INTER, a, b),
                  m = combine(REGION_MINUS, a, b);
    assert_int_equal(twice_area(&u), 2 * 17500);
    assert_int_equal(twice_area(&i), 2 * 2500);
    assert_int_equal(twice_area(&m), 2 * 7500);
    assert_int_equal(u.ring_start[1], 8);
    assert_int_equal(i.ring_start[1], 4);
    assert_int_equal(i.west_e7, 50);
    assert_int_equal(i.north_e7, 100);
}

static void a_hole_is_a_clockwise_ring(void **state)
{
    (void)state;
    struct region r = combine(REGION_MINUS, box(0, 0, 100, 100), box(40, 40, 60, 60));
    assert_int_equal(r.ring_count, 2);
    assert_int_equal(twice_area(&r), 2 * (10000 - 400));
    assert_false(region_holds(&r, 50, 50));
    assert_true(region_holds(&r, 20, 50));
}

static void abutting_boxes_become_one(void **state)
{
    (void)state;
    struct region r = combine(REGION_UNION, box(0, 0, 100, 100), box(100, 0, 200, 100));
    assert_int_equal(r.ring_count, 1);
    assert_int_equal(r.ring_start[1], 4); /* no vertex is left on the straight sides (R2) */
    assert_int_equal(twice_area(&r), 2 * 20000);
}

static void nothing_left_is_the_empty_region(void **state)
{
    (void)state;
    struct region r = combine(REGION_MINUS, box(10, 10, 20, 20), box(0, 0, 100, 100));
    assert_int_equal(r.ring_count, 0);
    r = combine(REGION_INTER, box(0, 0, 10, 10), box(20, 20, 30, 30));
    assert_int_equal(r.ring_count, 0);
}

static void boxes_that_touch_at_a_corner_stay_two_rings(void **state)
{
    (void)state;
    struct region r = combine(REGION_UNION, box(0, 0, 10, 10), box(10, 10, 20, 20));
    assert_int_equal(r.ring_count, 2);
    assert_int_equal(twice_area(&r), 2 * 200);
}

static void regions_meet_across_the_antimeridian(void **state)
{
    (void)state;
    struct region a = box(1790000000, 0, 1810000000, 10000000); /* 179 E to 179 W */
    struct region b = box(-1795000000, 0, -1780000000, 10000000);
    struct region r = combine(REGION_INTER, a, b);
    assert_int_equal(r.west_e7, -1795000000); /* R5: brought home */
    assert_int_equal(r.east_e7, -1790000000);
    r = combine(REGION_INTER, b, a); /* the same place, named from the other side */
    assert_int_equal(r.west_e7, -1795000000);
    assert_int_equal(r.east_e7, -1790000000);
}

static void a_ring_that_crosses_itself_is_refused(void **state)
{
    (void)state;
    int32_t lon[] = {0, 100, 100, 0}, lat[] = {0, 100, 0, 100};
    uint32_t start[] = {0, 4};
    struct region r;
    struct err err;
    assert_int_equal(region_from_rings(lon, lat, start, 1, &arena, &r, &err), ERR_FAIL);
    assert_int_equal(err.code, EXIT_DATA);
    assert_non_null(strstr(err.text, "crosses"));
}

static void a_ring_without_area_is_refused(void **state)
{
    (void)state;
    int32_t lon[] = {0, 100, 0}, lat[] = {0, 100, 0};
    uint32_t start[] = {0, 3};
    struct region r;
    struct err err;
    assert_int_equal(region_from_rings(lon, lat, start, 1, &arena, &r, &err), ERR_FAIL);
}

static void a_hole_may_touch_its_shell(void **state)
{
    (void)state;
    int32_t lon[] = {0, 100, 100, 0, 0, 50, 50}, lat[] = {0, 0, 100, 100, 50, 40, 60};
    uint32_t start[] = {0, 4, 7};
    struct region r;
    struct err err;
    assert_int_equal(region_from_rings(lon, lat, start, 2, &arena, &r, &err), 0);
    assert_int_equal(twice_area(&r), 2 * 10000 - 20 * 50);
    assert_false(region_holds(&r, 40, 50));
}

/* A star around a center: never crosses itself, as wild as one likes. */
static struct region star(int32_t size)
{
    static const int8_t way[8][2] = {{1, 0},  {1, 1},   {0, 1},  {-1, 1},
                                     {-1, 0}, {-1, -1}, {0, -1}, {1, -1}};
    int32_t lon[8], lat[8], x = (int32_t)random_below((uint32_t)size),
                            y = (int32_t)random_below((uint32_t)size);
    uint32_t start[] = {0, 8};
    for (int i = 0; i < 8; i++) {
        int32_t far = (int32_t)random_below((uint32_t)size) + 1;
        lon[i] = x + way[i][0] * far;
        lat[i] = y + way[i][1] * far;
    }
    struct region r;
    struct err err;
    assert_int_equal(region_from_rings(lon, lat, start, 1, &arena, &r, &err), 0);
    return r;
}

/* No edge of the region passes within two units of the point, so rounding decides nothing. */
static bool is_clear(const struct region *r, int32_t x, int32_t y)
{
    for (uint32_t ring = 0; ring < r->ring_count; ring++) {
        uint32_t start = r->ring_start[ring], end = r->ring_start[ring + 1];
        for (uint32_t i = start, last = end - 1; i < end; last = i++) {
            double ax = r->lon_e7[last] - x, ay = r->lat_e7[last] - y;
            double ex = r->lon_e7[i] - (double)r->lon_e7[last],
                   ey = r->lat_e7[i] - (double)r->lat_e7[last];
            double t = -(ax * ex + ay * ey) / (ex * ex + ey * ey);
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            double dx = ax + t * ex, dy = ay + t * ey;
            if (dx * dx + dy * dy < 4.0)
                return false;
        }
    }
    return true;
}

static void compare(const struct region *a, const struct region *b, const struct region *u,
                    const struct region *i, const struct region *m, int32_t size)
{
    for (int k = 0; k < 200; k++) {
        int32_t x = (int32_t)random_below(3 * (uint32_t)size) - size;
        int32_t y = (int32_t)random_below(3 * (uint32_t)size) - size;
        if (!is_clear(a, x, y) || !is_clear(b, x, y))
            continue;
        bool in_a = region_holds(a, x, y), in_b = region_holds(b, x, y);
        assert_int_equal(region_holds(u, x, y), in_a || in_b);
        assert_int_equal(region_holds(i, x, y), in_a && in_b);
        assert_int_equal(region_holds(m, x, y), in_a && !in_b);
    }
}

static void random_stars_combine_as_their_points_do(void **state)
{
    (void)state;
    static const int32_t sizes[] = {30, 1000, 10000000};
    for (int round = 0; round < 900; round++) {
        struct arena_mark mark = arena_mark(&arena);
        int32_t size = sizes[round % 3];
        struct region a = star(size), b = star(size);
        struct region u = combine(REGION_UNION, a, b), i = combine(REGION_INTER, a, b),
                      m = combine(REGION_MINUS, a, b);
        compare(&a, &b, &u, &i, &m, size);
        arena_rewind(&arena, mark);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_combine),
        cmocka_unit_test(a_hole_is_a_clockwise_ring),
        cmocka_unit_test(abutting_boxes_become_one),
        cmocka_unit_test(nothing_left_is_the_empty_region),
        cmocka_unit_test(boxes_that_touch_at_a_corner_stay_two_rings),
        cmocka_unit_test(regions_meet_across_the_antimeridian),
        cmocka_unit_test(a_ring_that_crosses_itself_is_refused),
        cmocka_unit_test(a_ring_without_area_is_refused),
        cmocka_unit_test(a_hole_may_touch_its_shell),
        cmocka_unit_test(random_stars_combine_as_their_points_do),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
