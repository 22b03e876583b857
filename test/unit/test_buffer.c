#include "geo/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <geodesic.h>

#include "geo/geodesic.h"

/*
 * The compiled region against the definition. The definition is asked by distance_foot, which
 * test_distance.c holds to PROJ's geodesics; the region by exact arithmetic on its vertices. A
 * place counts where the definition answers the same 5 cm to every side.
 */
#define SLACK_M 0.05

static struct arena arena;
static struct err err;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1u << 30, malloc, free);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static uint64_t seed = 7;

static double random_unit(void)
{
    seed += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = (seed ^ seed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

#define VERTICES_MAX 400

struct line {
    double lon[VERTICES_MAX], lat[VERTICES_MAX];
    size_t count;
};

static double turn_of(const struct line *line, size_t a, size_t b, size_t c)
{
    return (line->lon[b] - line->lon[a]) * (line->lat[c] - line->lat[a]) -
           (line->lat[b] - line->lat[a]) * (line->lon[c] - line->lon[a]);
}

/* A line that crosses itself is refused when an agreement is read. */
static bool crosses_itself(const struct line *l)
{
    for (size_t i = 0; i + 1 < l->count; i++)
        for (size_t j = i + 2; j + 1 < l->count; j++)
            if (turn_of(l, i, i + 1, j) * turn_of(l, i, i + 1, j + 1) < 0 &&
                turn_of(l, j, j + 1, i) * turn_of(l, j, j + 1, i + 1) < 0)
                return true;
    return false;
}

/* A walk with turns of every size, about step_m from vertex to vertex. */
static struct line walk_once(double lon, double lat, double step_m, size_t count)
{
    struct line line = {.lon = {lon}, .lat = {lat}, .count = count};
    double azi = 360.0 * random_unit();
    for (size_t i = 1; i < count; i++) {
        azi += 140.0 * (random_unit() - 0.5);
        geodesic_direct(line.lat[i - 1], line.lon[i - 1], azi, step_m * (0.2 + random_unit()),
                        &line.lat[i], &line.lon[i], NULL);
    }
    return line;
}

static struct line walk(double lon, double lat, double step_m, size_t count)
{
    struct line line;
    do
        line = walk_once(lon, lat, step_m, count);
    while (crosses_itself(&line));
    return line;
}

static struct buffer buffer_of(const struct line *line, const struct buffer_part *parts,
                               size_t part_count)
{
    struct buffer b = {.lon_deg = line->lon,
                       .lat_deg = line->lat,
                       .count = line->count,
                       .parts = parts,
                       .part_count = part_count,
                       .extend_deg = {270.0, 90.0}};
    assert_int_equal(distance_of_line(line->lon, line->lat, line->count, 0, &arena, &b.index, &err),
                     0);
    return b;
}

static bool agrees_around(const struct buffer *b, double lon, double lat)
{
    bool here = buffer_within(b, lon, lat);
    for (int i = 0; i < 8; i++) {
        double x, y;
        geodesic_direct(lat, lon, 45.0 * i, SLACK_M, &y, &x, NULL);
        if (buffer_within(b, x, y) != here)
            return false;
    }
    return true;
}

static int32_t e7(double degrees)
{
    return (int32_t)(degrees * 1e7 + (degrees < 0 ? -0.5 : 0.5));
}

/* Places about the line, half of them near the limit. Returns how many counted. */
static int compare(const struct buffer *b, const struct region *r, double width_m, int places)
{
    int counted = 0;
    for (int i = 0; i < places; i++) {
        size_t k = (size_t)(random_unit() * (double)b->count);
        double far = i % 2 ? width_m + (random_unit() - 0.5) * 2.0 : 2.0 * width_m * random_unit();
        double lon, lat;
        geodesic_direct(b->lat_deg[k], b->lon_deg[k], 360.0 * random_unit(), far, &lat, &lon, NULL);
        int32_t x = e7(lon), y = e7(lat);
        if (!agrees_around(b, x / 1e7, y / 1e7))
            continue;
        counted++;
        if (region_holds(r, x, y) != buffer_within(b, x / 1e7, y / 1e7))
            fail_msg("%.7f %.7f: region says %d", x / 1e7, y / 1e7, region_holds(r, x, y));
    }
    return counted;
}

static struct region make(const struct buffer *b, double *ret_error_m)
{
    struct region r;
    if (buffer_region(b, &arena, &r, ret_error_m, &err))
        fail_msg("%s", err.text);
    return r;
}

static void random_lines_compile_to_their_definition(void **state)
{
    (void)state;
    static const double widths[] = {150.0, 2000.0, 10000.0, 40000.0};
    int counted = 0;
    double worst = 0.0;
    for (int round = 0; round < 60; round++) {
        struct arena_mark mark = arena_mark(&arena);
        double width = widths[round % 4];
        struct line line = walk(120.0, 60.0 * (random_unit() - 0.5) * 2.0, width * 0.4 + 50.0,
                                2 + (size_t)(random_unit() * 20));
        struct buffer_part part = {0.0, 1e9, width};
        struct buffer b = buffer_of(&line, &part, 1);
        b.flat = round % 3 == 0;
        b.inner_m = round % 5 == 0 ? width / 3 : 0.0;
        double error_m;
        struct region r = make(&b, &error_m);
        counted += compare(&b, &r, width, 400);
        if (!b.flat) /* where both ends of a curled line are nearest, a flat cap has thin tips */
            worst = error_m > worst ? error_m : worst;
        arena_rewind(&arena, mark);
    }
    print_message("# %d places, largest error of a boundary %.4f m\n", counted, worst);
    assert_true(counted > 10000);
    assert_true(worst <= SLACK_M);
}

static void widths_by_station_follow_the_step_rule(void **state)
{
    (void)state;
    int counted = 0;
    for (int round = 0; round < 24; round++) {
        struct arena_mark mark = arena_mark(&arena);
        struct line line = walk(127.0, 38.0, 4000.0, 12);
        struct buffer_part parts[2] = {{0.0, 0.0, 3000.0 + 4000.0 * random_unit()},
                                       {0.0, 1e9, 9000.0}};
        struct buffer b = buffer_of(&line, parts, 2);
        parts[0].to_m = parts[1].from_m = distance_length_m(b.index) * (0.2 + 0.6 * random_unit());
        b.flat = round % 2;
        b.any = round % 4 >= 2;
        double error_m;
        struct region r = make(&b, &error_m);
        counted += compare(&b, &r, 9000.0, 300) + compare(&b, &r, parts[0].width_m, 300);
        assert_true(b.flat || error_m <= SLACK_M);
        arena_rewind(&arena, mark);
    }
    assert_true(counted > 8000);
}

static void the_two_sides_share_the_line_and_nothing_else(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        struct arena_mark mark = arena_mark(&arena);
        /* a line from west to east that its extensions to the west and east do not meet again */
        struct line line = {.count = 15};
        for (size_t i = 0; i < line.count; i++) {
            line.lon[i] = 127.0 + 0.05 * (double)i + 0.02 * random_unit();
            line.lat[i] = 38.0 + 0.06 * random_unit();
        }
        line.lat[0] = line.lat[line.count - 1] = 38.03;
        struct buffer_part part = {0.0, 1e9, 5000.0};
        struct buffer b = buffer_of(&line, &part, 1);
        b.flat = round % 2;
        double error_m;
        struct region both = make(&b, &error_m);
        b.hand = BUFFER_LEFT;
        struct region left = make(&b, &error_m);
        b.hand = BUFFER_RIGHT;
        struct region right = make(&b, &error_m), overlap, together;
        assert_int_equal(region_combine(REGION_INTER, &left, &right, &arena, &overlap, &err), 0);
        assert_int_equal(overlap.ring_count, 0);
        assert_int_equal(region_combine(REGION_UNION, &left, &right, &arena, &together, &err), 0);
        double off = region_area_m2(&together) - region_area_m2(&both);
        assert_true(off * off < 1e6); /* 1,000 m2 of 740 km2: centimetres along the border */
        for (int i = 0; i < 500; i++) {
            int32_t x = e7(126.9 + random_unit()), y = e7(37.9 + 0.3 * random_unit());
            assert_false(region_holds(&left, x, y) && region_holds(&right, x, y));
        }
        arena_rewind(&arena, mark);
    }
}

/* pi r^2 (1 - r^2 K / 12) on a surface of curvature K, twice: a cap at either end of a line, which
 * with the strip of length L, 2 w L (1 - w^2 K / 6), make the buffer. */
static void a_straight_buffer_has_the_area_of_its_formula(void **state)
{
    (void)state;
    struct line line = {.lon = {127.0}, .lat = {38.0}, .count = 2};
    geodesic_direct(38.0, 127.0, 60.0, 100000.0, &line.lat[1], &line.lon[1], NULL);
    struct buffer_part part = {0.0, 1e9, 10000.0};
    struct buffer b = buffer_of(&line, &part, 1);
    double error_m, meridian, transverse, w = 10000.0, length = 100000.0;
    geodesic_radii((38.0 + line.lat[1]) / 2, &meridian, &transverse);
    double curvature = 1.0 / (meridian * transverse), pi = 3.14159265358979323846;
    struct region r = make(&b, &error_m);
    double want =
        pi * w * w * (1 - w * w * curvature / 12) + 2 * w * length * (1 - w * w * curvature / 6);
    double got = region_area_m2(&r);
    print_message("# round: %.0f m2, by formula %.0f\n", got, want);
    assert_true((got - want) * (got - want) < want * 1e-6 * want * 1e-6);
    b.flat = true;
    r = make(&b, &error_m);
    want = 2 * w * length * (1 - w * w * curvature / 6);
    got = region_area_m2(&r);
    print_message("# flat: %.0f m2, by formula %.0f\n", got, want);
    assert_true((got - want) * (got - want) < want * 1e-6 * want * 1e-6);
}

/* The line of korea-2018 as its file has it: the pairs after "coordinates". */
static size_t read_korea(double *lon, double *lat, size_t cap)
{
    static char text[1 << 17];
    char path[512];
    const char *root = getenv("DETENTE_AGREEMENTS");
    snprintf(path, sizeof path, "%s/korea-2018/mdl.geojson", root ? root : "");
    FILE *file = root ? fopen(path, "r") : NULL;
    if (!file)
        return 0;
    size_t n = fread(text, 1, sizeof text - 1, file), count = 0;
    fclose(file);
    text[n] = '\0';
    char *at = strstr(text, "\"coordinates\"");
    while (at && count < cap && (at = strpbrk(at, "-0123456789"))) {
        lon[count] = strtod(at, &at);
        at = strpbrk(at, "-0123456789");
        lat[count++] = strtod(at, &at);
        at = strchr(at, '[');
    }
    return count;
}

/*
 * Places 2 cm within and 2 cm beyond the limit, set out with PROJ's geod_direct at right angles to
 * a leg or about a vertex. Only those count whose nearest foot is that one (by distance_foot, which
 * test_distance.c holds to PROJ): then PROJ's is the distance to the line.
 */
static int places_at_limit(const struct buffer *b, const struct region *r, double width_m, int want)
{
    struct geod_geodesic earth;
    geod_init(&earth, 6378137.0, 1 / 298.257223563);
    int counted = 0;
    for (int i = 0; counted < want && i < 1000 * want; i++) {
        size_t k = (size_t)(random_unit() * (double)(b->count - 1));
        double length, azi, end, lat, lon, y, x;
        geod_inverse(&earth, b->lat_deg[k], b->lon_deg[k], b->lat_deg[k + 1], b->lon_deg[k + 1],
                     &length, &azi, &end);
        bool vertex = i % 2;
        geod_direct(&earth, b->lat_deg[k], b->lon_deg[k], azi, vertex ? 0 : length * random_unit(),
                    &lat, &lon, &end);
        double turn = vertex ? 360.0 * random_unit() : i % 4 ? 90.0 : -90.0;
        double far = width_m + (i % 8 < 4 ? 0.02 : -0.02);
        geod_direct(&earth, lat, lon, end + turn, far, &y, &x, &azi);
        struct foot foot = distance_foot(b->index, x, y);
        if (foot.dist_m < far - 0.001 || foot.dist_m > far + 0.001)
            continue;
        /* verdicts are for whole 1e-7 degrees: measured again from there */
        double exact = distance_foot(b->index, e7(x) / 1e7, e7(y) / 1e7).dist_m;
        if (exact > width_m - 0.0105 && exact < width_m + 0.0105)
            continue;
        counted++;
        if (region_holds(r, e7(x), e7(y)) != (exact < width_m))
            fail_msg("%.9f %.9f at %.4f of %.0f", x, y, exact, width_m);
    }
    return counted;
}

static void ten_thousand_places_at_the_limit_are_told_right(void **state)
{
    (void)state;
    static double lon[1000], lat[1000];
    static const double widths[] = {2000.0, 5000.0, 10000.0, 20000.0, 40000.0};
    struct buffer b = {.lon_deg = lon, .lat_deg = lat, .extend_deg = {270.0, 90.0}};
    b.count = read_korea(lon, lat, 1000);
    if (!b.count) {
        puts("# DETENTE_AGREEMENTS is not set: no places at the limit");
        return;
    }
    assert_int_equal(b.count, 557); /* "vertices" in the file */
    assert_int_equal(distance_of_line(lon, lat, b.count, 0, &arena, &b.index, &err), 0);
    int counted = 0;
    for (int i = 0; i < 5; i++) {
        struct arena_mark mark = arena_mark(&arena);
        struct buffer_part part = {0.0, 1e9, widths[i]};
        double error_m;
        b.parts = &part;
        b.part_count = 1;
        struct region r = make(&b, &error_m);
        assert_true(error_m <= 0.01);
        counted += places_at_limit(&b, &r, widths[i], 2000);
        arena_rewind(&arena, mark);
    }
    assert_int_equal(counted, 10000);
}

/* The same line as over Korea, moved: across 180 degrees it is as wide as elsewhere. */
static void a_line_across_the_antimeridian_is_a_line_like_any(void **state)
{
    (void)state;
    double here[] = {126.5, 127.0, 127.4}, there[] = {179.5, -180.0, -179.6},
           lat[] = {38.0, 38.2, 38.1}, area[2], error_m;
    struct buffer_part part = {0.0, 1e9, 5000.0};
    for (int i = 0; i < 2; i++) {
        struct buffer b = {.lon_deg = i ? there : here,
                           .lat_deg = lat,
                           .count = 3,
                           .parts = &part,
                           .part_count = 1};
        assert_int_equal(distance_of_line(b.lon_deg, lat, 3, 0, &arena, &b.index, &err), 0);
        struct region r = make(&b, &error_m);
        assert_true(error_m <= 0.01);
        area[i] = region_area_m2(&r);
        if (i) { /* R5: one ring, longitudes above 180 degrees */
            assert_int_equal(r.ring_count, 1);
            assert_true(r.west_e7 < 1800000000 && r.east_e7 > 1800000000);
            assert_true(region_holds(&r, -1799000000, 381500000));
            assert_true(region_holds(&r, 1799900000, 382000000));
            assert_false(region_holds(&r, 0, 382000000));
        }
    }
    assert_true((area[0] - area[1]) * (area[0] - area[1]) < 50.0 * 50.0); /* of 980 km2 */
}

static void a_zone_round_a_pole_is_refused_not_given_wrong(void **state)
{
    (void)state;
    double lon[] = {10.0, 20.0}, lat[] = {89.9, 89.8}, error_m; /* 11 km from the pole */
    struct buffer_part part = {0.0, 1e9, 20000.0};
    struct buffer b = {.lon_deg = lon, .lat_deg = lat, .count = 2, .parts = &part, .part_count = 1};
    struct region r;
    assert_int_equal(distance_of_line(lon, lat, 2, 0, &arena, &b.index, &err), 0);
    assert_int_equal(buffer_region(&b, &arena, &r, &error_m, &err), ERR_FAIL);
    assert_non_null(strstr(err.text, "pole"));
    part.width_m = 5000.0;
    assert_int_equal(buffer_region(&b, &arena, &r, &error_m, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_lines_compile_to_their_definition),
        cmocka_unit_test(widths_by_station_follow_the_step_rule),
        cmocka_unit_test(the_two_sides_share_the_line_and_nothing_else),
        cmocka_unit_test(a_straight_buffer_has_the_area_of_its_formula),
        cmocka_unit_test(ten_thousand_places_at_the_limit_are_told_right),
        cmocka_unit_test(a_line_across_the_antimeridian_is_a_line_like_any),
        cmocka_unit_test(a_zone_round_a_pole_is_refused_not_given_wrong),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
