/*
 * Geodesics against PROJ's geodesic.h (Karney's own code: order 6, libm), the worked example of
 * Karney 2013, and closed forms.
 */
#include <geodesic.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "geo/geodesic.h"

#define assert_near(value, expected, by) assert_true(fabs((value) - (expected)) <= (by))

#define ROUNDS     100000
#define ERR_MAX_M  20e-9
#define EARTH_M    6.371e6
#define DEG_M      (EARTH_M * M_PI / 180)
#define SHORTEST_M 1e-3
#define LONGEST_M  9e6

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

/* Lengths of every order of magnitude alike. */
static double rng_length(struct rng *rng)
{
    return exp(rng_between(rng, log(SHORTEST_M), log(LONGEST_M)));
}

/* A quarter of all starts and directions are the awkward ones. */
static double rng_pick(struct rng *rng, double low, double high, const double *awkward, size_t n)
{
    if (rng_unit(rng) < 0.25)
        return awkward[(size_t)(rng_unit(rng) * (double)n)];
    return rng_between(rng, low, high);
}

static double rng_lat(struct rng *rng)
{
    static const double awkward[] = {0, 90, -90, 1e-9, -1e-9, 89.999999, -89.99, 45};
    return rng_pick(rng, -90, 90, awkward, 8);
}

static double rng_lon(struct rng *rng)
{
    static const double awkward[] = {0, 180, -180, 179.9999999, -179.9999, 127};
    return rng_pick(rng, -180, 180, awkward, 6);
}

static double rng_azi(struct rng *rng)
{
    static const double awkward[] = {0, 90, -90, 180, -180, 1e-9, 89.9999999, 179.9999};
    return rng_pick(rng, -180, 180, awkward, 8);
}

static struct geod_geodesic wgs84(void)
{
    struct geod_geodesic g;
    geod_init(&g, 6378137.0, 1 / 298.257223563);
    return g;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* How far apart two points are that are nearly the same; turns of longitude do not count. */
static double apart_m(double lat1, double lon1, double lat2, double lon2)
{
    double east = remainder(lon2 - lon1, 360) * cos(lat1 * M_PI / 180);
    return hypot(lat2 - lat1, east) * DEG_M;
}

/* Azimuths are from the meridian of their own point, which near a pole turns with the longitude:
 * the difference in degrees less that turn. */
static double turned_deg(double lat, double lon1, double azi1, double lon2, double azi2)
{
    double meridian = remainder(lon2 - lon1, 360) * sin(lat * M_PI / 180);
    return fabs(remainder(azi2 - azi1 - meridian, 360));
}

static void report(const char *what, double err, double scale, const char *unit, double limit)
{
    print_message("# %s: at most %.2f %s\n", what, err / scale, unit);
    assert_true(err <= limit);
}

static void report_nm(const char *what, double err_m)
{
    report(what, err_m, 1e-9, "nm", ERR_MAX_M);
}

static void direct_agrees_with_proj(void **state)
{
    (void)state;
    struct geod_geodesic g = wgs84();
    struct rng rng = {1};
    double worst_m = 0, worst_deg = 0;
    for (int i = 0; i < ROUNDS; i++) {
        double lat = rng_lat(&rng), lon = rng_lon(&rng), azi = rng_azi(&rng);
        double s = rng_length(&rng) * (rng_unit(&rng) < 0.5 ? -1 : 1);
        double lat2, lon2, azi2, lat_p, lon_p, azi_p;
        geodesic_direct(lat, lon, azi, s, &lat2, &lon2, &azi2);
        geod_direct(&g, lat, lon, azi, s, &lat_p, &lon_p, &azi_p);
        worst_m = larger(worst_m, apart_m(lat_p, lon_p, lat2, lon2));
        worst_deg = larger(worst_deg, turned_deg(lat_p, lon_p, azi_p, lon2, azi2));
    }
    report_nm("direct, position", worst_m);
    report("direct, azimuth", worst_deg, 1e-12, "e-12 degree", 1e-12);
}

/* One prepared line for many points, with the longitude unrolled the way PROJ does it. */
static void line_agrees_with_proj(void **state)
{
    (void)state;
    struct geod_geodesic g = wgs84();
    struct rng rng = {2};
    double worst_m = 0, worst_lon_deg = 0;
    for (int i = 0; i < ROUNDS / 100; i++) {
        double lat = rng_between(&rng, -90, 90), lon = rng_lon(&rng), azi = rng_azi(&rng);
        struct geodesic_line line;
        struct geod_geodesicline line_p;
        geodesic_line_init(&line, lat, lon, azi);
        geod_lineinit(&line_p, &g, lat, lon, azi, 0);
        for (double s = -4e7; s <= 4e7; s += 8.1e5) {
            double lat2, lon2, lat_p, lon_p, azi_p;
            geodesic_line_at(&line, s, &lat2, &lon2, NULL);
            geod_genposition(&line_p, GEOD_LONG_UNROLL, s, &lat_p, &lon_p, &azi_p, NULL, NULL, NULL,
                             NULL, NULL);
            if (fabs(s) <= LONGEST_M)
                worst_m = larger(worst_m, apart_m(lat_p, lon_p, lat2, lon2));
            if (fmod(azi, 180) != 0) /* over a pole either way round is right */
                worst_lon_deg = larger(worst_lon_deg, fabs(lon_p - lon2));
        }
    }
    report_nm("line, position", worst_m);
    report("line, turns of the longitude", worst_lon_deg, 1, "degree", 1e-3);
}

struct inverse_worst {
    double length_m, swing_m;
};

static void compare_inverse(const struct geod_geodesic *g, const double at[4],
                            struct inverse_worst *worst)
{
    double s, azi1, azi2, s_p, azi1_p, azi2_p;
    geod_inverse(g, at[0], at[1], at[2], at[3], &s_p, &azi1_p, &azi2_p);
    int result = geodesic_inverse(at[0], at[1], at[2], at[3], &s, &azi1, &azi2);
    assert_int_equal(result, s_p > GEODESIC_INVERSE_MAX_M ? -1 : 0);
    if (result != 0 || s_p == 0)
        return;
    double swing = larger(fabs(remainder(azi1 - azi1_p, 360)), fabs(remainder(azi2 - azi2_p, 360)));
    worst->length_m = larger(worst->length_m, fabs(s - s_p));
    worst->swing_m = larger(worst->swing_m, swing * M_PI / 180 * fmin(s_p, EARTH_M));
}

static void inverse_agrees_with_proj_at_every_scale(void **state)
{
    (void)state;
    struct geod_geodesic g = wgs84();
    struct rng rng = {3};
    struct inverse_worst worst = {0};
    for (int i = 0; i < ROUNDS; i++) {
        double at[4] = {rng_lat(&rng), rng_lon(&rng)};
        geod_direct(&g, at[0], at[1], rng_azi(&rng), rng_length(&rng), &at[2], &at[3], NULL);
        compare_inverse(&g, at, &worst);
    }
    report_nm("inverse, length", worst.length_m);
    report_nm("inverse, azimuth at the other end", worst.swing_m);
}

/* Both ends anywhere: half of them are too far apart, and both codes must agree which. */
static void inverse_agrees_with_proj_anywhere(void **state)
{
    (void)state;
    struct geod_geodesic g = wgs84();
    struct rng rng = {4};
    struct inverse_worst worst = {0};
    for (int i = 0; i < ROUNDS; i++) {
        double at[4] = {rng_lat(&rng), rng_lon(&rng), rng_lat(&rng), rng_lon(&rng)};
        compare_inverse(&g, at, &worst);
    }
    report_nm("inverse anywhere, length", worst.length_m);
    report_nm("inverse anywhere, azimuth at the other end", worst.swing_m);
}

/* Karney 2013, table 2: 10,000 km from 40 N at azimuth 30. */
static void direct_gives_the_published_example(void **state)
{
    (void)state;
    double lat, lon, azi;
    geodesic_direct(40, 0, 30, 1e7, &lat, &lon, &azi);
    assert_near(lat, 41.79331020506, 1e-11);
    assert_near(lon, 137.84490004377, 1e-11);
    assert_near(azi, 149.09016931807, 1e-11);
}

static void equator_is_a_circle(void **state)
{
    (void)state;
    double s, azi1, azi2, lat, lon;
    assert_int_equal(geodesic_inverse(0, 179, 0, -178, &s, &azi1, &azi2), 0);
    assert_near(s, 6378137.0 * M_PI / 60, 1e-8);
    assert_near(azi1, 90, 0);
    assert_near(azi2, 90, 0);
    geodesic_direct(0, 179, 90, 6378137.0 * M_PI / 60, &lat, &lon, &azi2);
    assert_near(lat, 0, 0);
    assert_near(lon, 182, 1e-13);
    geodesic_direct(0, -179, -90, 6378137.0 * M_PI / 60, NULL, &lon, NULL);
    assert_near(lon, -182, 1e-13);
}

/* The quarter meridian of WGS84 is 10 001 965.7293 m (Karney 2013, section 2, f = 1/298.257...). */
static void meridian_leads_over_the_pole(void **state)
{
    (void)state;
    const double quarter_m = 10001965.7293;
    double lat, lon, azi, s;
    geodesic_direct(0, 20, 0, quarter_m, &lat, NULL, NULL);
    assert_near(lat, 90, 1e-9);
    geodesic_direct(0, 20, 0, quarter_m + 1e6, &lat, &lon, &azi);
    assert_near(fabs(remainder(lon - 200, 360)), 0, 0);
    assert_near(fabs(azi), 180, 0);
    assert_int_equal(geodesic_inverse(lat, lon, 0, 20, &s, NULL, NULL), -1);
    assert_int_equal(geodesic_inverse(lat, lon, 60, 20, &s, NULL, NULL), 0);
    geodesic_direct(60, 20, 0, s, &lat, &lon, NULL);
    assert_near(fabs(remainder(lon - 200, 360)), 0, 0);
}

static void coinciding_points_have_no_length(void **state)
{
    (void)state;
    static const double at[][4] = {{38, 127, 38, 127},
                                   {0, 180, 0, -180},
                                   {90, 5, 90, 77},
                                   {-90, 0, -90, 180},
                                   {38, 487, 38, 127}};
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        double s = 1, azi1 = 1, azi2 = 1;
        assert_int_equal(geodesic_inverse(at[i][0], at[i][1], at[i][2], at[i][3], &s, &azi1, &azi2),
                         0);
        assert_true(s == 0 && azi1 == 0 && azi2 == 0);
    }
}

static void too_far_is_refused_and_writes_nothing(void **state)
{
    (void)state;
    static const double at[][4] = {
        {0, 0, 0, 180}, {0, 0, 0.1, 179.9}, {90, 0, -90, 0}, {38, 127, -38, -53}, {0, 0, 0, 90}};
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        double s = 7, azi1 = 7, azi2 = 7;
        assert_int_equal(geodesic_inverse(at[i][0], at[i][1], at[i][2], at[i][3], &s, &azi1, &azi2),
                         -1);
        assert_true(s == 7 && azi1 == 7 && azi2 == 7);
    }
}

/* The surface by its textbook formula in long double; heights by adding the normal. */
static struct ecef surface(double lat, double lon, double height_m)
{
    long double f = 1 / 298.257223563L, e2 = f * (2 - f);
    long double phi = lat * M_PIl / 180, lam = lon * M_PIl / 180;
    long double n = 6378137 / sqrtl(1 - e2 * sinl(phi) * sinl(phi));
    return (struct ecef){.x_m = (double)((n + height_m) * cosl(phi) * cosl(lam)),
                         .y_m = (double)((n + height_m) * cosl(phi) * sinl(lam)),
                         .z_m = (double)((n * (1 - e2) + height_m) * sinl(phi))};
}

static void earth_centred_points_go_there_and_back(void **state)
{
    (void)state;
    struct rng rng = {5};
    double there_m = 0, back_m = 0, low_m = 0, high_m = 0;
    for (int i = 0; i < ROUNDS; i++) {
        double lat = rng_lat(&rng), lon = rng_lon(&rng), lat2, lon2;
        struct ecef p = geodesic_to_ecef(lat, lon), q = surface(lat, lon, 0);
        there_m = larger(there_m, hypot(hypot(p.x_m - q.x_m, p.y_m - q.y_m), p.z_m - q.z_m));
        geodesic_from_ecef(q, &lat2, &lon2);
        back_m = larger(back_m, apart_m(lat, lon, lat2, lon2));
        geodesic_from_ecef(surface(lat, lon, rng_between(&rng, -100, 100)), &lat2, &lon2);
        low_m = larger(low_m, apart_m(lat, lon, lat2, lon2));
        geodesic_from_ecef(surface(lat, lon, rng_between(&rng, -1e4, 1e4)), &lat2, &lon2);
        high_m = larger(high_m, apart_m(lat, lon, lat2, lon2));
    }
    report_nm("to earth-centred", there_m);
    report_nm("from earth-centred", back_m);
    report_nm("from 100 m above or below", low_m);
    report("from 10 km above or below", high_m, 1e-6, "um", 1e-6);
}

/* Closed forms at the equator and the pole: a (1 - f)^2, a, and a / (1 - f). */
static void radii_have_their_closed_forms(void **state)
{
    (void)state;
    const double a = 6378137.0, f = 1 / 298.257223563;
    double meridian, transverse;
    geodesic_radii(0, &meridian, &transverse);
    assert_near(meridian, a * (1 - f) * (1 - f), 1e-8);
    assert_near(transverse, a, 1e-8);
    geodesic_radii(-90, &meridian, &transverse);
    assert_near(meridian, a / (1 - f), 1e-8);
    assert_near(transverse, a / (1 - f), 1e-8);
    geodesic_radii(38, &meridian, &transverse);
    assert_near(geodesic_radius(38, 180), meridian, 1e-8);
    assert_near(geodesic_radius(38, -90), transverse, 1e-8);
    assert_near(1 / geodesic_radius(38, 45), (1 / meridian + 1 / transverse) / 2, 1e-20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(direct_agrees_with_proj),
        cmocka_unit_test(line_agrees_with_proj),
        cmocka_unit_test(inverse_agrees_with_proj_at_every_scale),
        cmocka_unit_test(inverse_agrees_with_proj_anywhere),
        cmocka_unit_test(direct_gives_the_published_example),
        cmocka_unit_test(equator_is_a_circle),
        cmocka_unit_test(meridian_leads_over_the_pole),
        cmocka_unit_test(coinciding_points_have_no_length),
        cmocka_unit_test(too_far_is_refused_and_writes_nothing),
        cmocka_unit_test(earth_centred_points_go_there_and_back),
        cmocka_unit_test(radii_have_their_closed_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
