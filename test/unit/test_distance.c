/*
 * Distance to lines and rings against PROJ's geodesic.h (Karney's code): the shortest of all
 * geodesics from the point to the edges, found edge by edge without any index; and against a
 * table made with GeographicLib (`test_distance table`, with DETENTE_SAMPLES).
 */
#include "geo/distance.h"

#include <geodesic.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define assert_near(value, expected, by) assert_true(fabs((value) - (expected)) <= (by))

#define A_M          6378137.0
#define F            (1 / 298.257223563)
#define ARENA_MAX    ((size_t)256 << 20)
#define NEAR_MAX_M   1e5 /* DISTANCE_FAR_M */
#define NEAR_ERR_M   1e-5
#define VERTICES_MAX 400
#define GOLDEN       0.6180339887498949

/* ------------------------------------------------------------------------ random numbers */

struct rng {
    uint64_t state;
};

/* splitmix64 (Steele, Lea, Flood 2014), as a double in [0, 1). */
static double rng_unit(struct rng *rng)
{
    uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static double rng_between(struct rng *rng, double low, double high)
{
    return low + (high - low) * rng_unit(rng);
}

static double rng_log(struct rng *rng, double low, double high)
{
    return exp(rng_between(rng, log(low), log(high)));
}

/* -------------------------------------------------------------------------------- oracle */

/* Edges by their ends; PROJ alone says where they run and how far they are. */
struct oracle {
    struct geod_geodesic g;
    bool lonlat;
    size_t edges;
    double lon[VERTICES_MAX], lat[VERTICES_MAX], lon_to[VERTICES_MAX], lat_to[VERTICES_MAX];
    double length_m[VERTICES_MAX], azi[VERTICES_MAX]; /* of the geodesic between the ends */
    double from_t, to_t; /* of the first and the last edge, when only a part counts */
};

static void oracle_edge(struct oracle *o, double lon1, double lat1, double lon2, double lat2)
{
    size_t i = o->edges++;
    assert_true(i < VERTICES_MAX);
    o->lon[i] = lon1, o->lat[i] = lat1, o->lon_to[i] = lon2, o->lat_to[i] = lat2;
    geod_inverse(&o->g, lat1, lon1, lat2, lon2, &o->length_m[i], &o->azi[i], NULL);
}

static void oracle_init(struct oracle *o, bool lonlat)
{
    *o = (struct oracle){.lonlat = lonlat, .to_t = 1};
    geod_init(&o->g, A_M, F);
}

static void oracle_point(const struct oracle *o, size_t i, double t, double *lon, double *lat)
{
    if (o->lonlat) {
        *lon = o->lon[i] + t * (o->lon_to[i] - o->lon[i]);
        *lat = o->lat[i] + t * (o->lat_to[i] - o->lat[i]);
    } else {
        geod_direct(&o->g, o->lat[i], o->lon[i], o->azi[i], t * o->length_m[i], lat, lon, NULL);
    }
}

static double oracle_at(const struct oracle *o, size_t i, double t, double lon, double lat)
{
    double lon2, lat2, s;
    oracle_point(o, i, t, &lon2, &lat2);
    geod_inverse(&o->g, lat, lon, lat2, lon2, &s, NULL, NULL);
    return s;
}

/* Least distance within low .. high of one edge by golden section. */
static double oracle_section(const struct oracle *o, size_t i, const double range[2], double lon,
                             double lat)
{
    double a = range[0], b = range[1];
    double p = b - GOLDEN * (b - a), q = a + GOLDEN * (b - a);
    double dp = oracle_at(o, i, p, lon, lat), dq = oracle_at(o, i, q, lon, lat);
    while (b - a > 1e-9) {
        if (dp < dq) {
            b = q, q = p, dq = dp;
            p = b - GOLDEN * (b - a), dp = oracle_at(o, i, p, lon, lat);
        } else {
            a = p, p = q, dp = dq;
            q = a + GOLDEN * (b - a), dq = oracle_at(o, i, q, lon, lat);
        }
    }
    double ends = fmin(oracle_at(o, i, range[0], lon, lat), oracle_at(o, i, range[1], lon, lat));
    return fmin(ends, fmin(dp, dq));
}

/* Long edges are cut: within a section the distance has one minimum. */
static double oracle_edge_m(const struct oracle *o, size_t i, double lon, double lat)
{
    double low = i == 0 ? o->from_t : 0, high = i + 1 == o->edges ? o->to_t : 1;
    double run = o->lonlat ? hypot(o->lon_to[i] - o->lon[i], o->lat_to[i] - o->lat[i]) : 0;
    int sections = 1 + (int)(run / 5);
    double best = INFINITY;
    for (int k = 0; k < sections; k++) {
        double range[2] = {low + (high - low) * k / sections,
                           low + (high - low) * (k + 1) / sections};
        best = fmin(best, oracle_section(o, i, range, lon, lat));
    }
    return best;
}

/* Edges that cannot hold the least, by the triangle inequality, are left out. */
static double oracle_m(const struct oracle *o, double lon, double lat)
{
    double best = INFINITY;
    for (size_t i = 0; i < o->edges; i++) {
        double middle = oracle_at(o, i, 0.5, lon, lat);
        double reach = fmax(oracle_at(o, i, 0, o->lon_to[i], o->lat_to[i]), o->length_m[i]);
        if (o->lonlat && reach > 1e4)
            reach = INFINITY;
        if (middle - reach < best)
            best = fmin(best, oracle_edge_m(o, i, lon, lat));
    }
    return best;
}

/* ------------------------------------------------------------------------------ fixtures */

static int setup(void **state)
{
    static struct arena arena;
    arena_init(&arena, ARENA_MAX, malloc, free);
    *state = &arena;
    return 0;
}

static int teardown(void **state)
{
    arena_release(*state);
    return 0;
}

struct course {
    size_t count;
    double lon[VERTICES_MAX], lat[VERTICES_MAX];
};

static const struct distance_index *index_of(const struct course *course, bool lonlat,
                                             struct arena *arena)
{
    const struct distance_index *index = NULL;
    struct err err = {0};
    int result =
        distance_of_line(course->lon, course->lat, course->count, lonlat, arena, &index, &err);
    if (result != 0)
        print_error("%s\n", err.text);
    assert_int_equal(result, 0);
    return index;
}

static void oracle_of(const struct course *course, bool lonlat, struct oracle *o)
{
    oracle_init(o, lonlat);
    for (size_t i = 0; i + 1 < course->count; i++)
        oracle_edge(o, course->lon[i], course->lat[i], course->lon[i + 1], course->lat[i + 1]);
}

/* A river: steps of a length about `step_m` that wind, so that it comes near itself. */
static void river(struct rng *rng, const double start[2], double step_m, size_t count,
                  struct course *course)
{
    struct geod_geodesic g;
    geod_init(&g, A_M, F);
    double lon = start[0], lat = start[1], azi = rng_between(rng, -180, 180), bend = 0;
    course->count = count;
    for (size_t i = 0; i < count; i++) {
        course->lon[i] = lon, course->lat[i] = lat;
        bend = 0.9 * bend + rng_between(rng, -20, 20);
        azi += bend;
        double lon2;
        geod_direct(&g, lat, lon, azi, step_m * rng_between(rng, 0.1, 2), &lat, &lon2, NULL);
        lon += remainder(lon2 - lon, 360); /* continuous, for edges straight in lon/lat */
    }
}

/* A point at about dist_m from some vertex. */
static void beside(struct rng *rng, const struct course *course, double dist_m, double *lon,
                   double *lat)
{
    struct geod_geodesic g;
    geod_init(&g, A_M, F);
    size_t i = (size_t)(rng_unit(rng) * (double)course->count);
    geod_direct(&g, course->lat[i], course->lon[i], rng_between(rng, -180, 180), dist_m, lat, lon,
                NULL);
}

struct worst {
    double err_m, foot_m, of_bound;
};

static void worst_more(double *worst, double value)
{
    *worst = value > *worst ? value : *worst;
}

/* One point: the distance, the place of the foot, and what err_m promises. */
static void compare(const struct distance_index *index, const struct oracle *o, double lon,
                    double lat, struct worst *worst)
{
    struct foot foot = distance_foot(index, lon, lat);
    double true_m = oracle_m(o, lon, lat);
    double err_m = fabs(foot.dist_m - true_m);
    assert_true(foot.edge < o->edges && foot.t >= 0 && foot.t <= 1);
    worst_more(&worst->err_m, err_m);
    worst_more(&worst->foot_m, fabs(oracle_at(o, foot.edge, foot.t, lon, lat) - true_m));
    worst_more(&worst->of_bound, err_m / foot.err_m);
}

static void report(const char *what, struct worst worst, double limit_m)
{
    print_message(
        "# %s: distance off by at most %.3f um, to the foot given %.3f um, %.2f of err_m\n", what,
        worst.err_m * 1e6, worst.foot_m * 1e6, worst.of_bound);
    assert_true(worst.err_m <= limit_m);
    assert_true(worst.foot_m <= limit_m);
    assert_true(worst.of_bound <= 1);
}

/* --------------------------------------------------------------------------------- tests */

static void rivers(struct arena *arena, const double starts[][2], size_t n, bool lonlat,
                   const char *what)
{
    struct rng rng = {11};
    struct worst worst = {0};
    static struct course course;
    static struct oracle o;
    for (size_t i = 0; i < n; i++) {
        river(&rng, starts[i], rng_log(&rng, 20, 20000), 60, &course);
        oracle_of(&course, lonlat, &o);
        const struct distance_index *index = index_of(&course, lonlat, arena);
        for (int k = 0; k < 40; k++) {
            double lon, lat;
            beside(&rng, &course, rng_log(&rng, 0.01, NEAR_MAX_M), &lon, &lat);
            compare(index, &o, lon, lat, &worst);
        }
    }
    report(what, worst, NEAR_ERR_M);
}

static const double starts[][2] = {{127, 38},   {127, 38},     {11.5, 57.7}, {0, 0},    {-70, -55},
                                   {179.9, 10}, {-179.9, -40}, {30, 0.1},    {100, 70}, {127, 38}};

static void geodesic_lines_agree_with_proj(void **state)
{
    rivers(*state, starts, 10, false, "geodesic lines");
}

static void lonlat_lines_agree_with_proj(void **state)
{
    rivers(*state, starts, 10, true, "lon/lat lines");
}

static void geodesic_lines_about_the_poles_agree_with_proj(void **state)
{
    static const double polar[][2] = {
        {10, 89.9}, {-170, 89.99999}, {0, 90}, {77, -89.95}, {5, -90}};
    rivers(*state, polar, 5, false, "geodesic lines about the poles");
}

/* Parallels close to the pole: the hardest edges there are, circles of 1 m to 100 km. */
static void parallels_about_the_pole_agree_with_proj(void **state)
{
    struct rng rng = {12};
    struct worst worst = {0};
    static struct oracle o;
    for (double radius_m = 1; radius_m < 2e5; radius_m *= 10) {
        double lat = 90 - radius_m / 111694; /* a degree of meridian at the pole, metres */
        struct course course = {
            .count = 4, .lon = {-180, -60, 60, 180}, .lat = {lat, lat, lat, lat}};
        oracle_of(&course, true, &o);
        const struct distance_index *index = index_of(&course, true, *state);
        for (int k = 0; k < 60; k++) {
            double lon, lat_k;
            beside(&rng, &course, rng_log(&rng, 0.01, NEAR_MAX_M), &lon, &lat_k);
            compare(index, &o, lon, lat_k, &worst);
        }
    }
    report("parallels about the pole", worst, NEAR_ERR_M);
}

static void far_points_have_an_honest_bound(void **state)
{
    struct rng rng = {13};
    static struct course course;
    static struct oracle o;
    double bound_1000km = 0, of_bound = 0;
    river(&rng, (double[2]){127, 38}, 2000, 40, &course);
    oracle_of(&course, false, &o);
    const struct distance_index *index = index_of(&course, false, *state);
    for (int k = 0; k < 500; k++) {
        double lon, lat, s = rng_log(&rng, NEAR_MAX_M, 2e7);
        beside(&rng, &course, s, &lon, &lat);
        struct foot foot = distance_foot(index, lon, lat);
        worst_more(&of_bound, fabs(foot.dist_m - oracle_m(&o, lon, lat)) / foot.err_m);
        if (s < 1e6)
            worst_more(&bound_1000km, foot.err_m);
    }
    print_message("# far points: error at most %.2f of err_m, which is %.1f mm within 1,000 km\n",
                  of_bound, bound_1000km * 1e3);
    assert_true(of_bound <= 1);
    assert_true(bound_1000km < 0.05);
}

/*
 * North-south and east-west chords of one length span geodesics 13 mm apart at 100 km on the
 * equator (Euler's formula). Two vertices, one of them nearer by 1 mm: nearest is by geodesic.
 */
static void nearest_is_by_geodesic_not_by_chord(void **state)
{
    struct geod_geodesic g;
    geod_init(&g, A_M, F);
    for (int nearer = 0; nearer < 2; nearer++) {
        for (double d = 2e4; d <= 1e5; d += 1e4) {
            double lat0, lon1;
            geod_direct(&g, 0, 30, 0, d + (nearer == 0 ? 0 : 1e-3), &lat0, &(double){0}, NULL);
            geod_direct(&g, 0, 30, 90, d + (nearer == 0 ? 1e-3 : 0), &(double){0}, &lon1, NULL);
            double to_lat, to_lon;
            geod_direct(&g, lat0, 30, 0, 5e4, &to_lat, &to_lon, NULL); /* both lead away */
            struct course course = {
                .count = 4, .lon = {30, to_lon, lon1 + 3, lon1}, .lat = {lat0, to_lat, 0, 0}};
            struct foot foot = distance_foot(index_of(&course, false, *state), 30, 0);
            assert_int_equal(foot.edge, nearer == 0 ? 0 : 2);
            assert_near(foot.dist_m, d, 1e-6);
        }
    }
}

/*
 * PostGIS 3.3.2 gives 15,298.635 m from this point to a line of which this vertex, by its own
 * ST_Distance 15,291.946 m away, is part: its search tree is spherical.
 */
static void a_line_is_no_farther_than_its_vertices(void **state)
{
    struct course vertex = {.count = 1, .lon = {127.3894171}, .lat = {38.3131468}};
    const struct distance_index *index = index_of(&vertex, false, *state);
    struct foot foot = distance_foot(index, 127.366166005466, 38.176608686838);
    assert_near(foot.dist_m, 15291.946, 5e-4);
    assert_int_equal(foot.edge, 0);
    assert_true(distance_length_m(index) == 0 && foot.station_m == 0);
}

static void stations_are_geodesic_chainage(void **state)
{
    struct rng rng = {14};
    static struct course course;
    struct geod_geodesic g;
    geod_init(&g, A_M, F);
    river(&rng, (double[2]){127, 38}, 3000, 50, &course);
    const struct distance_index *index = index_of(&course, false, *state);
    double station = 0;
    for (size_t i = 0; i + 1 < course.count; i++) {
        double length, azi, part = rng_unit(&rng), lon, lat;
        geod_inverse(&g, course.lat[i], course.lon[i], course.lat[i + 1], course.lon[i + 1],
                     &length, &azi, NULL);
        geod_direct(&g, course.lat[i], course.lon[i], azi, part * length, &lat, &lon, NULL);
        struct foot foot = distance_foot_within(index, lon, lat, station, station + length);
        assert_near(foot.station_m, station + part * length, 1e-6);
        assert_int_equal(foot.edge, i);
        assert_near(foot.t * length, part * length, 1e-6);
        assert_near(foot.dist_m, 0, 1e-6);
        station += length;
    }
    assert_near(distance_length_m(index), station, 1e-6);
}

/* A quarter of the parallel at 60 degrees: N(60) cos(60) pi/2, in closed form. */
static void a_lonlat_edge_has_the_length_of_its_parallel(void **state)
{
    struct course course = {.count = 2, .lon = {10, 100}, .lat = {60, 60}};
    double e2 = F * (2 - F), radius = A_M / sqrt(1 - e2 * 0.75) * 0.5;
    const struct distance_index *index = index_of(&course, true, *state);
    assert_near(distance_length_m(index), radius * M_PI / 2, 1e-5);
    struct foot foot = distance_foot(index, 55, 60);
    assert_near(foot.station_m, radius * M_PI / 4, 1e-5);
    assert_near(foot.t, 0.5, 1e-12);
}

/* The part of a line between two stations, against the same part as a line of its own. */
static void a_restricted_foot_agrees_with_proj(void **state)
{
    struct rng rng = {15};
    static struct course course;
    static struct oracle o;
    double worst = 0;
    river(&rng, (double[2]){127, 38}, 3000, 50, &course);
    const struct distance_index *index = index_of(&course, false, *state);
    double length = distance_length_m(index);
    for (int k = 0; k < 300; k++) {
        double a = rng_between(&rng, 0, length), b = rng_between(&rng, 0, length);
        double from = fmin(a, b), to = fmax(a, b), station = 0;
        oracle_init(&o, false);
        for (size_t i = 0; i + 1 < course.count; i++) {
            double s;
            geod_inverse(&o.g, course.lat[i], course.lon[i], course.lat[i + 1], course.lon[i + 1],
                         &s, NULL, NULL);
            if (station + s > from && station < to) {
                if (o.edges == 0)
                    o.from_t = fmax(0, (from - station) / s);
                o.to_t = fmin(1, (to - station) / s);
                oracle_edge(&o, course.lon[i], course.lat[i], course.lon[i + 1], course.lat[i + 1]);
            }
            station += s;
        }
        double lon, lat;
        beside(&rng, &course, rng_log(&rng, 1, NEAR_MAX_M), &lon, &lat);
        struct foot foot = distance_foot_within(index, lon, lat, a, b);
        worst_more(&worst, fabs(foot.dist_m - oracle_m(&o, lon, lat)));
        assert_true(foot.station_m >= from - 1e-6 && foot.station_m <= to + 1e-6);
    }
    print_message("# restricted feet: off by at most %.3f um\n", worst * 1e6);
    assert_true(worst <= NEAR_ERR_M);
}

static void stations_out_of_order_or_range_are_brought_in(void **state)
{
    struct course course = {.count = 3, .lon = {0, 1, 1}, .lat = {0, 0, 1}};
    const struct distance_index *index = index_of(&course, false, *state);
    double length = distance_length_m(index);
    struct foot all = distance_foot(index, 0.5, 0.3);
    struct foot same = distance_foot_within(index, 0.5, 0.3, length + 1e9, -5);
    assert_true(all.dist_m == same.dist_m && all.station_m == same.station_m);
    assert_true(all.edge == same.edge && all.t == same.t && all.err_m == same.err_m);
    struct foot end = distance_foot_within(index, 0.5, 0.3, length, 2 * length);
    assert_near(end.station_m, length, 1e-9);
    assert_int_equal(end.edge, 1);
    assert_true(end.t == 1);
}

static void batches_and_limits_say_what_the_foot_says(void **state)
{
    enum { POINTS = 3000 };
    static double lon[POINTS], lat[POINTS];
    static struct foot feet[POINTS];
    struct rng rng = {16};
    static struct course course;
    river(&rng, (double[2]){127, 38}, 500, VERTICES_MAX, &course);
    const struct distance_index *index = index_of(&course, false, *state);
    for (int i = 0; i < POINTS; i++)
        beside(&rng, &course, rng_log(&rng, 0.1, 1e6), &lon[i], &lat[i]);
    distance_feet(index, lon, lat, POINTS, feet);
    for (int i = 0; i < POINTS; i++) {
        struct foot foot = distance_foot(index, lon[i], lat[i]);
        assert_true(foot.dist_m == feet[i].dist_m && foot.err_m == feet[i].err_m);
        assert_near(foot.station_m, feet[i].station_m, 1e-3); /* two feet may be equally near */
        assert_true(distance_beyond(index, lon[i], lat[i], foot.dist_m * (1 - 1e-12)));
        assert_false(distance_beyond(index, lon[i], lat[i], foot.dist_m * (1 + 1e-12)));
        assert_false(distance_beyond(index, lon[i], lat[i], foot.dist_m));
        assert_true(distance_beyond(index, lon[i], lat[i], -1));
    }
}

/* Points on a map and off it: each foot by the map against the foot without, which the tests above
 * hold to PROJ, and one in two hundred against PROJ itself. */
static void compare_map(const struct course *course, double reach_m, struct arena *arena,
                        struct rng *rng, struct worst *worst)
{
    enum { POINTS = 2000 };
    static double lon[POINTS], lat[POINTS];
    static struct foot feet[POINTS];
    static struct oracle o;
    const struct distance_index *index = index_of(course, false, arena);
    const struct distance_map *map = NULL;
    struct err err = {0};
    oracle_of(course, false, &o);
    assert_int_equal(distance_map_of(index, reach_m, arena, &map, &err), 0);
    for (int i = 0; i < POINTS; i++)
        beside(rng, course, i % 50 == 0 ? 2.0e7 : rng_log(rng, 0.1, 1.5 * reach_m), &lon[i],
               &lat[i]); /* some of them on the other side of the earth, under the map */
    distance_map_feet(map, lon, lat, POINTS, feet);
    for (int i = 0; i < POINTS; i++) {
        struct foot foot = distance_foot(index, lon[i], lat[i]);
        assert_true(foot.dist_m == feet[i].dist_m && foot.err_m == feet[i].err_m);
        if (i % 200 != 1)
            continue;
        double err_m = fabs(feet[i].dist_m - oracle_m(&o, lon[i], lat[i]));
        worst_more(&worst->err_m, err_m);
        worst_more(&worst->of_bound, err_m / feet[i].err_m);
    }
}

static void maps_say_what_the_foot_says(void **state)
{
    static struct course course;
    struct rng rng = {18};
    struct worst worst = {0};
    for (int i = 0; i < 10; i++) {
        river(&rng, starts[i], rng_log(&rng, 50, 5000), 200, &course);
        compare_map(&course, rng_log(&rng, 1000, NEAR_MAX_M / 2), *state, &rng, &worst);
    }
    struct course pole = {.count = 3, .lon = {0, 120, -120}, .lat = {89.5, 89.9, 89}};
    compare_map(&pole, 5e4, *state, &rng, &worst);
    struct course across = {.count = 3, .lon = {0, 40, 60}, .lat = {0, 30, -20}};
    compare_map(&across, 6e4, *state, &rng, &worst);
    struct course vertex = {.count = 2, .lon = {-3, -3}, .lat = {-60, -60}};
    compare_map(&vertex, 3e3, *state, &rng, &worst);
    report("maps", worst, NEAR_ERR_M);
}

static void a_map_without_reach_or_memory_is_refused(void **state)
{
    struct course course = {.count = 2, .lon = {0, 1}, .lat = {0, 1}};
    const struct distance_index *index = index_of(&course, false, *state);
    const struct distance_map *map = NULL;
    static const double reaches[] = {0, -1, 1e8, NAN};
    for (size_t i = 0; i < sizeof reaches / sizeof reaches[0]; i++) {
        struct err err = {0};
        assert_int_equal(distance_map_of(index, reaches[i], *state, &map, &err), ERR_FAIL);
        assert_int_equal(err.code, EXIT_DATA);
        assert_non_null(strstr(err.text, "reach"));
    }
    struct arena small;
    struct err err = {0};
    arena_init(&small, 1 << 17, malloc, free);
    assert_int_equal(distance_map_of(index, 1e5, &small, &map, &err), ERR_FAIL);
    assert_non_null(strstr(err.text, "no memory"));
    arena_release(&small);
}

/* Vertices on 1e-7 degree as regions have them: a ring of many corners about a place. */
static uint32_t ring(struct rng *rng, double lon, double lat, double radius_deg, bool hole,
                     int32_t *lon_e7, int32_t *lat_e7)
{
    uint32_t corners = 3 + (uint32_t)(rng_unit(rng) * 30);
    for (uint32_t i = 0; i < corners; i++) {
        double at = 2 * M_PI * i / corners * (hole ? -1 : 1);
        double r = radius_deg * rng_between(rng, 0.7, 1);
        lon_e7[i] = (int32_t)lrint((lon + r * cos(at)) * 1e7);
        lat_e7[i] = (int32_t)lrint((lat + r * sin(at)) * 1e7);
    }
    return corners;
}

static void oracle_of_region(const struct region *region, struct oracle *o)
{
    oracle_init(o, true);
    for (uint32_t r = 0; r < region->ring_count; r++) {
        uint32_t first = region->ring_start[r], end = region->ring_start[r + 1];
        for (uint32_t i = first; i < end; i++) {
            uint32_t j = i + 1 < end ? i + 1 : first;
            oracle_edge(o, region->lon_e7[i] / 1e7, region->lat_e7[i] / 1e7,
                        region->lon_e7[j] / 1e7, region->lat_e7[j] / 1e7);
        }
    }
}

static void region_boundaries_agree_with_proj(void **state)
{
    static const double centres[][2] = {{127, 38}, {180, -20}, {200, 60}, {-179.99, 0}, {15, 78}};
    struct rng rng = {17};
    struct worst worst = {0};
    static struct oracle o;
    for (int k = 0; k < 5; k++) {
        int32_t lon_e7[VERTICES_MAX], lat_e7[VERTICES_MAX];
        double radius = rng_log(&rng, 0.001, 2);
        uint32_t shell = ring(&rng, centres[k][0], centres[k][1], radius, false, lon_e7, lat_e7);
        uint32_t hole = ring(&rng, centres[k][0], centres[k][1], radius / 3, true, lon_e7 + shell,
                             lat_e7 + shell);
        uint32_t ring_start[] = {0, shell, shell + hole};
        struct region region = {
            .ring_count = 2, .ring_start = ring_start, .lon_e7 = lon_e7, .lat_e7 = lat_e7};
        const struct distance_index *index = NULL;
        struct err err;
        assert_int_equal(distance_of_region(&region, *state, &index, &err), 0);
        oracle_of_region(&region, &o);
        for (int i = 0; i < 60; i++)
            compare(index, &o,
                    centres[k][0] + rng_between(&rng, -1.3, 1.3) * radius - 360 * (i % 2),
                    centres[k][1] + rng_between(&rng, -1.3, 1.3) * radius, &worst);
    }
    report("region boundaries", worst, NEAR_ERR_M);
}

static void a_region_without_rings_has_no_index(void **state)
{
    struct region region = {.ring_count = 0};
    const struct distance_index *index = (const void *)state;
    struct err err;
    assert_int_equal(distance_of_region(&region, *state, &index, &err), 0);
    assert_null(index);
}

static void what_is_wrong_is_refused_with_a_reason(void **state)
{
    static const struct {
        size_t count;
        double lon[3], lat[3];
        int lonlat;
        const char *reason;
    } cases[] = {
        {0, {0}, {0}, 0, "no vertex"},
        {2, {0, 0}, {0, 90.1}, 0, "vertex 1"},
        {2, {NAN, 0}, {0, 0}, 0, "vertex 0"},
        {3, {0, 1, INFINITY}, {0, 0, 0}, 1, "vertex 2"},
        {3, {0, 1, 179}, {0, 0, 1}, 0, "edge 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct distance_index *index = NULL;
        struct err err = {0};
        assert_int_equal(distance_of_line(cases[i].lon, cases[i].lat, cases[i].count,
                                          cases[i].lonlat, *state, &index, &err),
                         ERR_FAIL);
        assert_non_null(strstr(err.text, cases[i].reason));
        assert_int_equal(err.code, EXIT_DATA);
        assert_null(index);
    }
}

static void a_full_arena_is_said(void **state)
{
    (void)state;
    double lon[] = {0, 10, 20, 30}, lat[] = {0, 1, 0, 1};
    const struct distance_index *index = NULL;
    size_t limit = 1 << 16;
    int result = ERR_FAIL;
    for (; result != 0 && limit < ARENA_MAX; limit += 1 << 16) {
        struct arena arena;
        struct err err = {0};
        arena_init(&arena, limit, malloc, free);
        result = distance_of_line(lon, lat, 4, 0, &arena, &index, &err);
        assert_true(result == 0 || strstr(err.text, "no memory"));
        arena_release(&arena);
    }
    assert_int_equal(result, 0);
}

/* Repeated vertices and an edge that turns back on itself. */
static void degenerate_lines_work(void **state)
{
    struct course course = {
        .count = 6, .lon = {5, 5, 5.1, 5.1, 5, 5}, .lat = {50, 50, 50, 50, 50, 50}};
    static struct oracle o;
    struct worst worst = {0};
    oracle_of(&course, false, &o);
    const struct distance_index *index = index_of(&course, false, *state);
    for (double lon = 4.95; lon < 5.15; lon += 0.01)
        compare(index, &o, lon, 50.02, &worst);
    report("degenerate lines", worst, NEAR_ERR_M);
}

/* 1e-4 minute, as AIS has it. */
#define PER_DEGREE 600000.0

static void the_table_of_geographiclib_holds(void **state)
{
    const char *samples = getenv("DETENTE_SAMPLES");
    assert_non_null(samples);
    char command[1024], row[256];
    snprintf(command, sizeof command, "gzip -dc '%s/oracles/Hakefjord.distance-to-line.csv.gz'",
             samples);
    struct course course = {.count = 3, .lon = {11.5, 11.68, 11.8}, .lat = {57.65, 57.9, 58.12}};
    const struct distance_index *index = index_of(&course, false, *state);
    FILE *table = popen(command, "r");
    assert_non_null(table);
    double worst = 0;
    size_t rows = 0;
    while (fgets(row, sizeof row, table)) {
        double lon, lat, dist_m;
        if (row[0] == '#' || sscanf(row, "%lf,%lf,%lf", &lon, &lat, &dist_m) != 3)
            continue;
        rows++;
        worst_more(&worst,
                   fabs(distance_foot(index, lon / PER_DEGREE, lat / PER_DEGREE).dist_m - dist_m));
    }
    assert_int_equal(pclose(table), 0);
    print_message("# GeographicLib table: %zu rows, off by at most %.4f mm\n", rows, worst * 1e3);
    assert_true(rows > 1000);
    assert_true(worst <= 1e-3);
}

#define EXIT_SKIPPED 77

/* A run of its own, since a case that cmocka 1.1 skips reads as failed in TAP. */
static int run_table(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_table_of_geographiclib_holds)};
    const char *samples = getenv("DETENTE_SAMPLES");
    if (!samples || !*samples) {
        puts("DETENTE_SAMPLES is not set: skipped");
        return EXIT_SKIPPED;
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(geodesic_lines_agree_with_proj),
        cmocka_unit_test(lonlat_lines_agree_with_proj),
        cmocka_unit_test(geodesic_lines_about_the_poles_agree_with_proj),
        cmocka_unit_test(parallels_about_the_pole_agree_with_proj),
        cmocka_unit_test(far_points_have_an_honest_bound),
        cmocka_unit_test(nearest_is_by_geodesic_not_by_chord),
        cmocka_unit_test(a_line_is_no_farther_than_its_vertices),
        cmocka_unit_test(stations_are_geodesic_chainage),
        cmocka_unit_test(a_lonlat_edge_has_the_length_of_its_parallel),
        cmocka_unit_test(a_restricted_foot_agrees_with_proj),
        cmocka_unit_test(stations_out_of_order_or_range_are_brought_in),
        cmocka_unit_test(batches_and_limits_say_what_the_foot_says),
        cmocka_unit_test(maps_say_what_the_foot_says),
        cmocka_unit_test(a_map_without_reach_or_memory_is_refused),
        cmocka_unit_test(region_boundaries_agree_with_proj),
        cmocka_unit_test(a_region_without_rings_has_no_index),
        cmocka_unit_test(what_is_wrong_is_refused_with_a_reason),
        cmocka_unit_test(a_full_arena_is_said),
        cmocka_unit_test(degenerate_lines_work),
    };
    if (argc == 2 && strcmp(argv[1], "table") == 0)
        return run_table();
    return cmocka_run_group_tests(tests, setup, teardown);
}
