#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <geodesic.h>

#include "agreement/arc.h"

/* Arcs against PROJ's geodesics: radii, bearings, and how far chords bow from the arc. */

static struct geod_geodesic earth;

static void inverse(const double a[2], const double b[2], double *ret_m, double *ret_azi)
{
    double back;
    geod_inverse(&earth, a[1], a[0], b[1], b[0], ret_m, ret_azi, &back);
}

static void direct(const double a[2], double azi, double m, double ret_b[2])
{
    double azi2;
    geod_direct(&earth, a[1], a[0], azi, m, &ret_b[1], &ret_b[0], &azi2);
}

static void assert_near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.12g is not within %g of %.12g", a, tolerance, b);
}

static const double centers[][2] = {{126.6, 37.9}, {0, 0}, {179.99, -45}, {-70, 78}};
static const double radii_m[] = {2.5, 400, 27780, 600000, 1900000};

static struct arc arc_drawn(const double center[2], double radius_m, double from_azi, double to_azi,
                            bool right)
{
    struct arc arc;
    double from[2], to[2];
    direct(center, from_azi, radius_m, from);
    direct(center, to_azi, radius_m, to);
    assert_true(arc_of(center, from, to, right, &arc));
    return arc;
}

static void sweeps_go_the_way_that_is_said(void **state)
{
    (void)state;
    assert_near(arc_drawn(centers[0], 27780, 350, 20, true).sweep, 30, 1e-6);
    assert_near(arc_drawn(centers[0], 27780, 350, 20, false).sweep, -330, 1e-6);
    assert_near(arc_drawn(centers[0], 27780, 20, 350, true).sweep, 330, 1e-6);
    assert_near(arc_drawn(centers[2], 400, 90, 270, false).sweep, -180, 1e-6);
    /* one point: all round */
    assert_near(arc_drawn(centers[0], 27780, 123, 123, true).sweep, 360, 1e-6);
    assert_near(arc_drawn(centers[0], 27780, 123, 123, false).sweep, -360, 1e-6);
}

/* Every point at the radius and at its part of the bearing: 1e-9 degree is 0.11 mm. */
static void points_lie_on_the_circle(void **state)
{
    (void)state;
    for (size_t c = 0; c < 4; c++)
        for (size_t r = 0; r < 5; r++) {
            struct arc arc = arc_drawn(centers[c], radii_m[r], 300, 80, true);
            size_t n = arc_pieces(&arc);
            for (size_t i = 0; i <= n; i += 1 + n / 50) {
                int64_t lon_e9, lat_e9;
                double m, azi;
                arc_point(&arc, i, n, &lon_e9, &lat_e9);
                assert_true(lon_e9 >= -180000000000 && lon_e9 <= 180000000000);
                const double at[2] = {(double)lon_e9 / 1e9, (double)lat_e9 / 1e9};
                inverse(centers[c], at, &m, &azi);
                assert_near(m, radii_m[r], 0.0002);
                double off = fmod(azi - (300 + 140 * (double)i / (double)n) + 720 + 180, 360) - 180;
                assert_near(off * acos(-1) / 180 * radii_m[r], 0, 0.0003 + radii_m[r] * 1e-12);
            }
        }
}

/* The middle of each chord, a geodesic, is within 2 mm of the circle. */
static void chords_stay_within_two_millimetres(void **state)
{
    (void)state;
    for (size_t c = 0; c < 4; c++)
        for (size_t r = 0; r < 5; r++) {
            struct arc arc = arc_drawn(centers[c], radii_m[r], 10, 200, false);
            size_t n = arc_pieces(&arc);
            assert_true(n >= 2 && n <= ARC_PIECES_MAX);
            for (size_t i = 0; i < n; i += 1 + n / 20) {
                int64_t a_e9[2], b_e9[2];
                double m, azi, middle[2];
                arc_point(&arc, i, n, &a_e9[0], &a_e9[1]);
                arc_point(&arc, i + 1, n, &b_e9[0], &b_e9[1]);
                const double a[2] = {(double)a_e9[0] / 1e9, (double)a_e9[1] / 1e9};
                const double b[2] = {(double)b_e9[0] / 1e9, (double)b_e9[1] / 1e9};
                inverse(a, b, &m, &azi);
                direct(a, azi, m / 2, middle);
                inverse(centers[c], middle, &m, &azi);
                assert_near(m, radii_m[r], 0.002);
            }
        }
}

/* Half way along, the radius is half way between those of the ends. */
static void radii_go_evenly(void **state)
{
    struct arc arc;
    double from[2], to[2], m, azi;
    int64_t lon_e9, lat_e9;
    (void)state;
    direct(centers[0], 0, 10000, from);
    direct(centers[0], 90, 10050, to);
    assert_true(arc_of(centers[0], from, to, true, &arc));
    arc_point(&arc, 1, 2, &lon_e9, &lat_e9);
    const double at[2] = {(double)lon_e9 / 1e9, (double)lat_e9 / 1e9};
    inverse(centers[0], at, &m, &azi);
    assert_near(m, 10025, 0.001);
    assert_near(azi, 45, 1e-5);
}

static void what_is_no_arc_is_refused(void **state)
{
    static const struct {
        double from_m, to_m;
        bool fine;
    } rows[] = {{10000, 10000, true},     {10000, 9001, true},      {10000, 8999, false},
                {9001, 10000, true},      {0, 10000, false},        {0.5, 0.5, false},
                {1.01, 1.01, true},       {1999999, 1999999, true}, {2000001, 2000001, false},
                {9999999, 9999999, false}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arc arc;
        double from[2], to[2];
        direct(centers[0], 0, rows[i].from_m, from);
        direct(centers[0], 90, rows[i].to_m, to);
        assert_int_equal(arc_of(centers[0], from, to, true, &arc), rows[i].fine);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sweeps_go_the_way_that_is_said),
        cmocka_unit_test(points_lie_on_the_circle),
        cmocka_unit_test(chords_stay_within_two_millimetres),
        cmocka_unit_test(radii_go_evenly),
        cmocka_unit_test(what_is_no_arc_is_refused),
    };
    geod_init(&earth, 6378137.0, 1 / 298.257223563);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
