#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "agreement/compile.h"

/*
 * Zone files, from regions drawn by hand. GeoJSON is read back with jansson; what it must hold is
 * RFC 7946: closed rings, shells counter-clockwise, holes clockwise and inside their shell, nothing
 * across the antimeridian.
 */
#define TEXT_MAX (4u << 20)
#define E7       10000000

/* A shell with two holes, in one of which lies an island; shells are counter-clockwise (R3). */
static const int32_t nested_lon[] = {0,      8 * E7, 8 * E7, 0,          1 * E7,
                                     1 * E7, 3 * E7, 3 * E7, 5 * E7,     5 * E7,
                                     6 * E7, 6 * E7, 2 * E7, 3 * E7 - 1, 2 * E7};
static const int32_t nested_lat[] = {0,      0,      8 * E7, 8 * E7, 1 * E7,
                                     3 * E7, 3 * E7, 1 * E7, 5 * E7, 6 * E7,
                                     6 * E7, 5 * E7, 2 * E7, 2 * E7, 3 * E7 - 1};
static const uint32_t nested_start[] = {0, 4, 8, 12, 15};

/* 170 E to 170 W, 10 S to 10 N. */
static const int32_t dateline_lon[] = {1700000000, 1900000000, 1900000000, 1700000000};
static const int32_t dateline_lat[] = {-100000000, -100000000, 100000000, 100000000};
static const uint32_t square_start[] = {0, 4};

/* One long slanting edge. */
static const int32_t slant_lon[] = {0, 100000000, 0};
static const int32_t slant_lat[] = {500000000, 600000000, 600000000};
static const uint32_t slant_start[] = {0, 3};

struct fixture {
    struct arena arena;
    struct err err;
    struct agreement agreement;
    struct party party;
    struct zone zones[4];
    struct compiled_zone compiled_zones[4];
    struct compiled compiled;
    char *text;
    size_t n, stop_at;
    json_t *json;
};

static void set_zone(struct fixture *f, int i, const char *id, struct region region)
{
    f->zones[i] = (struct zone){.id = id,
                                .side = AGREEMENT_NONE,
                                .classes_text = "",
                                .ceiling = {LIMIT_UNLIMITED, 0},
                                .from_us = TIME_UNKNOWN,
                                .to_us = TIME_UNKNOWN};
    f->compiled_zones[i] = (struct compiled_zone){.region = region, .area_m2 = 1234567.4};
    f->compiled_zones[i].digest[31] = (uint8_t)(0xa0 + i);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f || !(f->text = malloc(TEXT_MAX)))
        return -1;
    arena_init(&f->arena, 64u << 20, malloc, free);
    f->stop_at = SIZE_MAX;
    f->party = (struct party){.id = "S", .letter = 'S', .flags = ""};
    set_zone(f, 0, "nested",
             (struct region){4, nested_start, nested_lon, nested_lat, 0, 8 * E7, 0, 8 * E7});
    set_zone(f, 1, "dateline",
             (struct region){1, square_start, dateline_lon, dateline_lat, 1700000000, 1900000000,
                             -100000000, 100000000});
    set_zone(
        f, 2, "slant",
        (struct region){1, slant_start, slant_lon, slant_lat, 0, 100000000, 500000000, 600000000});
    set_zone(f, 3, "open", (struct region){0});
    f->zones[3].status = ZONE_UNRESOLVED;
    f->zones[3].side = 0;
    f->zones[3].name = (struct words){"a \"b\" <c> & \x01", "북"};
    f->zones[3].classes_text = "fixed_wing uav";
    f->zones[3].floor = (struct alt_limit){LIMIT_LEVEL, 100 * 3048};
    f->zones[3].ceiling = (struct alt_limit){LIMIT_SEA_LEVEL, 1234550};
    f->agreement = (struct agreement){.id = "t",
                                      .title = {"Title & Co", NULL},
                                      .simulated = true,
                                      .party_count = 1,
                                      .parties = &f->party,
                                      .zone_count = 4,
                                      .zones = f->zones};
    f->compiled = (struct compiled){.agreement = &f->agreement, .zones = f->compiled_zones};
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    json_decref(f->json);
    arena_release(&f->arena);
    free(f->text);
    free(f);
    return 0;
}

static int put(void *to, const void *p, size_t n, struct err *err)
{
    struct fixture *f = to;
    if (f->n + n > f->stop_at)
        return err_set(err, EXIT_IO, "full");
    assert_true(f->n + n < TEXT_MAX);
    memcpy(f->text + f->n, p, n);
    f->n += n;
    f->text[f->n] = '\0';
    return 0;
}

static void export(struct fixture *f, enum zone_format format)
{
    f->n = 0;
    if (zones_export(&f->compiled, format, &f->arena, put, f, &f->err))
        fail_msg("%s", f->err.text);
}

/* cmocka's own comparison is one of floats. */
static void assert_near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.12g is not within %g of %.12g", a, tolerance, b);
}

static json_t *feature(struct fixture *f, size_t i)
{
    json_error_t error;
    if (!f->json) {
        export(f, ZONES_GEOJSON);
        f->json = json_loadb(f->text, f->n, JSON_REJECT_DUPLICATES, &error);
        if (!f->json)
            fail_msg("%d:%d: %s", error.line, error.column, error.text);
    }
    return json_array_get(json_object_get(f->json, "features"), i);
}

static json_t *polygons(struct fixture *f, size_t i)
{
    json_t *geometry = json_object_get(feature(f, i), "geometry");
    assert_string_equal(json_string_value(json_object_get(geometry, "type")), "MultiPolygon");
    return json_object_get(geometry, "coordinates");
}

static double coordinate(json_t *ring, size_t i, size_t axis)
{
    return json_number_value(json_array_get(json_array_get(ring, i), axis));
}

/* Square degrees, positive counter-clockwise; the ring is closed. */
static double ring_area(json_t *ring)
{
    size_t n = json_array_size(ring);
    double area = 0;
    assert_true(n >= 4);
    for (size_t axis = 0; axis < 2; axis++)
        assert_true(coordinate(ring, 0, axis) == coordinate(ring, n - 1, axis));
    for (size_t i = 0; i + 1 < n; i++)
        area += coordinate(ring, i, 0) * coordinate(ring, i + 1, 1) -
                coordinate(ring, i + 1, 0) * coordinate(ring, i, 1);
    return area / 2;
}

static void holes_stand_in_their_shells(void **state)
{
    json_t *list = polygons(*state, 0);
    assert_int_equal(json_array_size(list), 2);
    json_t *outer = json_array_get(list, 0), *island = json_array_get(list, 1);
    assert_int_equal(json_array_size(outer), 3);
    assert_int_equal(json_array_size(island), 1);
    assert_near(ring_area(json_array_get(outer, 0)), 64, 1e-6);
    assert_near(ring_area(json_array_get(outer, 1)), -4, 1e-6);
    assert_near(ring_area(json_array_get(outer, 2)), -1, 1e-6);
    assert_near(ring_area(json_array_get(island, 0)), 0.5, 1e-6);
}

static void the_antimeridian_is_cut(void **state)
{
    json_t *list = polygons(*state, 1), *polygon, *point;
    size_t i, k;
    double area = 0;
    assert_int_equal(json_array_size(list), 2);
    json_array_foreach(list, i, polygon)
    {
        json_t *ring = json_array_get(polygon, 0);
        double west = 180, east = -180;
        area += ring_area(ring);
        json_array_foreach(ring, k, point)
        {
            west = fmin(west, coordinate(ring, k, 0));
            east = fmax(east, coordinate(ring, k, 0));
        }
        assert_true(west >= -180 && east <= 180 && east - west < 10.001);
    }
    assert_near(area, 400, 1e-6);
}

/* Mercator's y, in degrees of longitude at the equator (libm). */
static double mercator(double lat_deg)
{
    double lat = lat_deg * acos(-1) / 180;
    return log(tan(lat) + 1 / cos(lat)) * 180 / acos(-1);
}

/* The edge from 0 E 50 N to 10 E 60 N: all points on it, and between two the map's straight line
 * never more than 5 m (and a tenth, for the formula's next term) off. */
static void slanting_edges_get_points(void **state)
{
    json_t *ring = json_array_get(json_array_get(polygons(*state, 2), 0), 0);
    size_t n = json_array_size(ring) - 3; /* the two other edges are straight on the map */
    assert_in_range(n, 50, 200);
    for (size_t i = 0; i < n; i++) {
        double x0 = coordinate(ring, i, 0), y0 = coordinate(ring, i, 1);
        double x1 = coordinate(ring, i + 1, 0), y1 = coordinate(ring, i + 1, 1);
        assert_near(y0, 50 + x0, 2e-9);
        double middle = mercator((y0 + y1) / 2), chord = (mercator(y0) + mercator(y1)) / 2;
        double dx = x1 - x0, dy = mercator(y1) - mercator(y0);
        double off = fabs(middle - chord) * dx / hypot(dx, dy); /* in degrees of the map */
        double metres = off * 111319.49 * cos(y0 * acos(-1) / 180);
        assert_true(metres < 5.5);
    }
}

static const char *property(json_t *properties, const char *key)
{
    return json_string_value(json_object_get(properties, key));
}

static void properties_say_what_a_zone_is(void **state)
{
    struct fixture *f = *state;
    json_t *properties = json_object_get(feature(f, 3), "properties");
    assert_string_equal(property(properties, "zone"), "open");
    assert_string_equal(property(properties, "side"), "S");
    assert_string_equal(property(properties, "letter"), "S");
    assert_string_equal(property(properties, "status"), "unresolved");
    assert_string_equal(property(properties, "floor"), "FL100");
    assert_string_equal(property(properties, "ceiling"), "12345.5 m AMSL");
    assert_string_equal(property(json_object_get(properties, "name"), "en"), "a \"b\" <c> & \x01");
    assert_int_equal(json_array_size(json_object_get(properties, "classes")), 2);
    assert_true(json_is_null(json_object_get(properties, "area_km2")));
    assert_true(json_is_null(json_object_get(feature(f, 3), "geometry")));
    assert_string_equal(property(properties, "digest") + 60, "00a3");
    properties = json_object_get(feature(f, 0), "properties");
    assert_true(json_is_null(json_object_get(properties, "side")));
    assert_near(json_number_value(json_object_get(properties, "area_km2")), 1.234567, 1e-12);
    assert_string_equal(property(f->json, "type"), "FeatureCollection");
    assert_true(json_is_true(json_object_get(f->json, "simulated")));
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        n++;
    return n;
}

static void kml_is_well_formed(void **state)
{
    struct fixture *f = *state;
    static const char *const tags[] = {"Document",   "Placemark",       "MultiGeometry",
                                       "Polygon",    "outerBoundaryIs", "innerBoundaryIs",
                                       "coordinates"};
    static const size_t times[] = {1, 4, 3, 5, 5, 2, 7};
    export(f, ZONES_KML);
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        char open[32], close[32];
        snprintf(open, sizeof open, "<%s", tags[i]);
        snprintf(close, sizeof close, "</%s>", tags[i]);
        assert_int_equal(count(f->text, open), times[i]);
        assert_int_equal(count(f->text, close), times[i]);
    }
    assert_non_null(strstr(f->text, "<name>a &quot;b&quot; &lt;c&gt; &amp; ?</name>"));
    assert_non_null(strstr(f->text, "<name>SIMULATED: Title &amp; Co</name>"));
    assert_null(strstr(f->text, "\x01"));
}

/* A reader that joins vertices by great circles must not leave the parallel of 10 degrees: with a
 * chord of d degrees it bulges by d^2 sin(20 degrees) / 16 radians, 5 m at d = 0.35. */
static void kml_follows_parallels(void **state)
{
    struct fixture *f = *state;
    export(f, ZONES_KML);
    const char *zone = strstr(f->text, "id=\"dateline\"");
    assert_non_null(zone);
    const char *ring = strstr(zone, "<coordinates>") + strlen("<coordinates>");
    const char *end = strstr(ring, "</coordinates>");
    double before = NAN;
    size_t along = 0;
    for (char *p = (char *)ring; p < end; p++) {
        double lon = strtod(p, &p), lat = strtod(p + 1, &p);
        if (lat == -10 && !isnan(before)) {
            assert_true(fabs(lon - before) < 0.35 || fabs(lon - before) > 5);
            along++;
        }
        before = lat == -10 ? lon : NAN;
    }
    assert_in_range(along, 28, 1000);
}

static void stopping_is_passed_on(void **state)
{
    struct fixture *f = *state;
    export(f, ZONES_GEOJSON);
    size_t all = f->n;
    for (size_t at = 0; at < all; at += 4096) {
        f->n = 0;
        f->stop_at = at;
        err_clear(&f->err);
        assert_int_equal(zones_export(&f->compiled, ZONES_GEOJSON, &f->arena, put, f, &f->err),
                         ERR_FAIL);
        assert_int_equal(f->err.code, EXIT_IO);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(holes_stand_in_their_shells, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_antimeridian_is_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(slanting_edges_get_points, set_up, tear_down),
        cmocka_unit_test_setup_teardown(properties_say_what_a_zone_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(kml_is_well_formed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(kml_follows_parallels, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stopping_is_passed_on, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
