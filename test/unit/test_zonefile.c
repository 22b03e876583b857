#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <geodesic.h>

#include "agreement/zonefile.h"

/*
 * The readers of zone files. Expected figures are those of the texts, worked out by hand; heights and
 * the circle are what XCSoar's own test (test/src/TestAirspaceParser.cpp) asserts of such records;
 * ends of arcs by bearing are PROJ's. Whatever is read must read as an agreement when it is written.
 */
#define TEXT_MAX (1u << 20)

struct fixture {
    struct arena arena;
    struct err err;
    struct zone_file_request request;
    const struct zone_file *file;
    char *text; /* of the agreement */
    size_t n;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f || !(f->text = malloc(TEXT_MAX)))
        return -1;
    arena_init(&f->arena, 64u << 20, malloc, free);
    f->request = (struct zone_file_request){.name = "f", .format = ZONE_FILE_GUESS};
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    arena_release(&f->arena);
    free(f->text);
    free(f);
    return 0;
}

static int put(void *to, const void *p, size_t n, struct err *err)
{
    struct fixture *f = to;
    (void)err;
    assert_true(f->n + n < TEXT_MAX);
    memcpy(f->text + f->n, p, n);
    f->n += n;
    f->text[f->n] = '\0';
    return 0;
}

/* As an agreement, which must be one. */
static void write_out(struct fixture *f)
{
    static const char *const parties[] = {"N", "S"};
    const struct zone_file_agreement as = {"made", parties, 2, false, UINT64_MAX};
    const struct agreement *a;
    f->n = 0;
    assert_int_equal(zone_file_write(f->file, &as, &f->arena, put, f, &f->err), 0);
    if (agreement_read((struct bytes){(const uint8_t *)f->text, f->n}, NULL, 0, &f->arena, &a,
                       &f->err))
        fail_msg("%s in\n%s", f->err.text, f->text);
    assert_int_equal(a->zone_count, f->file->count);
}

static int read_text(struct fixture *f, const char *text)
{
    err_clear(&f->err);
    f->file = NULL;
    return zone_file_read(bytes_of(text), &f->request, &f->arena, &f->file, &f->err);
}

static const struct drawn_zone *must_read(struct fixture *f, const char *text)
{
    if (read_text(f, text))
        fail_msg("%s", f->err.text);
    write_out(f);
    return f->file->zones;
}

static void must_refuse(struct fixture *f, const char *text, const char *said)
{
    if (!read_text(f, text))
        fail_msg("accepted: %s", text);
    assert_int_equal(f->err.code, EXIT_DATA);
    assert_true(strncmp(f->err.text, "f: ", 3) == 0);
    if (!strstr(f->err.text, said))
        fail_msg("\"%s\" does not say \"%s\"", f->err.text, said);
}

static bool is_left(const struct fixture *f, const char *what, uint32_t count)
{
    for (uint32_t i = 0; i < f->file->left_count; i++)
        if (strcmp(f->file->left[i].what, what) == 0)
            return f->file->left[i].count == count;
    return false;
}

static void assert_point(const struct drawn_zone *zone, uint32_t i, int64_t lon_e9, int64_t lat_e9)
{
    assert_true(i < zone->drawing.point_count);
    assert_int_equal(zone->drawing.points[i].lon_e9, lon_e9);
    assert_int_equal(zone->drawing.points[i].lat_e9, lat_e9);
}

/* ---- OpenAir ---------------------------------------------------------------------------------------- */

#define AREA "AC C\nAN Area\nAL GND\nAH FL65\n"

static const char *area_with(char *memory, size_t size, const char *records)
{
    snprintf(memory, size, AREA "%s\n", records);
    return memory;
}

static void openair_points(void **state)
{
    static const struct {
        const char *text;
        int64_t lon_e9, lat_e9;
    } rows[] = {
        {"39:29:54 N 119:46:06 W", -119768333333, 39498333333},
        {"39:29:54N 119:46:06W", -119768333333, 39498333333},
        {"39:29.9 N 119:46.1 W", -119768333333, 39498333333},
        {"39:29:54.5 s 119:46:06.25e", 119768402778, -39498472222},
        {"01:05.5 N 000:05.5 E", 91666667, 1091666667},
        {"265644.00N 0500434.00E", 50076111111, 26945555556},
        {"261706.56N 0510440.74E", 51077983333, 26285155556},
        {"47:22:60 N 007:39:30 E", 7658333333, 47383333333},
        {"42:60:57 N 000:60:00 W", -1000000000, 43015833333},
        {"39.5 N 119.25 W", -119250000000, 39500000000},
        {"90:00:00 N 180:00:00 W", -180000000000, 90000000000},
        {"00:00:00.000001 N 000:00:00.000002 W", -1, 0},
    };
    char text[400], records[300];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(records, sizeof records,
                 "DP %s\nDP 10:00:00 N 010:00:00 E\nDP 11:00:00 N 010:00:00 E", rows[i].text);
        assert_point(must_read(*state, area_with(text, sizeof text, records)), 0, rows[i].lon_e9,
                     rows[i].lat_e9);
    }
}

static void openair_points_that_are_none(void **state)
{
    static const char *const rows[] = {"",
                                       "45:49:51 N 008:42:",
                                       "45:49:51 N 008:42:58",
                                       "45:49:51 N",
                                       "45:61:00 N 008:42:58 E",
                                       "45:00:61 N 008:42:58 E",
                                       "91:00:00 N 008:42:58 E",
                                       "45:00:00 N 181:42:58 E",
                                       "45:00:00 E 008:42:58 N",
                                       "45:00:00:00 N 008:42:58 E",
                                       "45:00:00 N 008:42:58 E 12",
                                       "-45:00:00 N 008:42:58 E",
                                       "259999N 0500434E",
                                       "45::00 N 008:42:58 E"};
    char text[400], records[300];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(records, sizeof records, "DP %s", rows[i]);
        must_refuse(*state, area_with(text, sizeof text, records), "f: line 5: expected a point");
    }
}

/* XCSoar: test/src/TestAirspaceParser.cpp, Height-Test-1 to 6, and what it does not have. */
static void openair_heights(void **state)
{
    static const struct {
        const char *text;
        struct height height;
    } rows[] = {
        {"SFC", {LIMIT_SURFACE, HEIGHT_M, 0}},
        {"gnd", {LIMIT_SURFACE, HEIGHT_M, 0}},
        {"0", {LIMIT_SEA_LEVEL, HEIGHT_FT, 0}},
        {"100 Agl", {LIMIT_GROUND, HEIGHT_FT, 10000}},
        {"100m", {LIMIT_SEA_LEVEL, HEIGHT_M, 10000}},
        {"100m GND", {LIMIT_GROUND, HEIGHT_M, 10000}},
        {"50 GND", {LIMIT_GROUND, HEIGHT_FT, 5000}},
        {"5200ft MSL", {LIMIT_SEA_LEVEL, HEIGHT_FT, 520000}},
        {"2500FT AMSL", {LIMIT_SEA_LEVEL, HEIGHT_FT, 250000}},
        {"5000 STD", {LIMIT_LEVEL, HEIGHT_FT, 500000}},
        {"FL 65", {LIMIT_LEVEL, HEIGHT_FL, 6500}},
        {"FL065", {LIMIT_LEVEL, HEIGHT_FL, 6500}},
        {"1234.56m AMSL", {LIMIT_SEA_LEVEL, HEIGHT_M, 123456}},
        {"-100 ft", {LIMIT_SEA_LEVEL, HEIGHT_FT, -10000}},
    };
    char text[400];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(text, sizeof text, "AC C\nAN A\nAL %s\nAH UNLIM\nV X=01:05.5 N 000:05.5 E\nDC 5\n",
                 rows[i].text);
        const struct drawn_zone *zone = must_read(*state, text);
        assert_int_equal(zone->floor.ref, rows[i].height.ref);
        assert_int_equal(zone->floor.unit, rows[i].height.unit);
        assert_int_equal(zone->floor.value_e2, rows[i].height.value_e2);
        assert_int_equal(zone->ceiling.ref, LIMIT_UNLIMITED);
    }
}

static void openair_heights_that_are_none(void **state)
{
    static const struct {
        const char *low, *high, *said;
    } rows[] = {
        {"FL", "FL 100", "line 3: \"FL\" is not a height"},
        {"ask", "FL 100", "line 3: \"ask\" is not a height"},
        {"100 ft above", "FL 100", "is not a height"},
        {"9999999999", "FL 100", "is not a height"},
        {"FL 999", "FL 240", "line 1: the floor is not below the ceiling"},
        {"UNL", "UNL", "line 1: the floor is not below the ceiling"},
        {"GND", "SFC", "line 1: the floor is not below the ceiling"},
        {"GND", "FL 9999", "line 1: a height outside of -1000 m to 100 km"},
        {"-4000 ft", "FL 99", "line 1: a height outside of -1000 m to 100 km"},
    };
    char text[400];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(text, sizeof text, "AC C\nAN A\nAL %s\nAH %s\nV X=01:05.5 N 000:05.5 E\nDC 5\n",
                 rows[i].low, rows[i].high);
        must_refuse(*state, text, rows[i].said);
    }
}

/* XCSoar: Circle-Test; 5 nautical miles of 1,852 m. */
static void openair_circles(void **state)
{
    char text[400];
    const struct drawn_zone *zone =
        must_read(*state, area_with(text, sizeof text, "V X=01:05.5 N 000:05.5 E\nDC 5"));
    assert_int_equal(zone->drawing.kind, DRAWN_CIRCLE);
    assert_int_equal(zone->drawing.radius_mm, 9260000);
    assert_point(zone, 0, 91666667, 1091666667);
    assert_non_null(strstr(((struct fixture *)*state)->text, "\"m\": 9260}"));
}

static void assert_near_e9(int64_t a, double degrees)
{
    if (fabs((double)a / 1e9 - degrees) > 1.1e-9)
        fail_msg("%.10f is not %.10f", (double)a / 1e9, degrees);
}

/* Two arcs about 1 N 1 E, as in XCSoar's Arc-Test: 15 nm from 185 to 155 to the left, 25 nm back. */
static void openair_arcs_by_bearing(void **state)
{
    static const double bearings[] = {185, 155, 155, 185}, miles[] = {15, 15, 25, 25};
    struct geod_geodesic earth;
    char text[400];
    const struct drawn_zone *zone =
        must_read(*state, area_with(text, sizeof text,
                                    "V X=01:00:00 N 001:00:00 E\nV D=-\nDA 15, 185, 155\n"
                                    "V D=+\nDA 25, 155, 185"));
    geod_init(&earth, 6378137.0, 1 / 298.257223563);
    assert_int_equal(zone->drawing.point_count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        double lat, lon, azi;
        geod_direct(&earth, 1, 1, bearings[i], miles[i] * 1852, &lat, &lon, &azi);
        assert_near_e9(zone->drawing.points[i].lon_e9, lon);
        assert_near_e9(zone->drawing.points[i].lat_e9, lat);
    }
    assert_int_equal(zone->drawing.points[0].arc, 0);
    assert_false(zone->drawing.arcs[zone->drawing.points[1].arc - 1].right);
    assert_int_equal(zone->drawing.points[2].arc, 0);
    assert_true(zone->drawing.arcs[zone->drawing.points[3].arc - 1].right);
}

/* An arc that closes the ring leads into its first point; direction goes back to clockwise. */
static void openair_arcs_by_points(void **state)
{
    char text[800];
    const struct drawn_zone *zone =
        must_read(*state, area_with(text, sizeof text,
                                    "V D=-\nV X=38:00:00 N 127:00:00 E\nDP 38:10:00 N 127:00:00 E\n"
                                    "DB 37:50:00 N 127:00:00 E, 38:10:00 N 127:00:00 E\n" AREA
                                    "V X=38:00:00 N 127:00:00 E\n"
                                    "DB 38:10:00 N 127:00:00 E , 37:50:00 N 127:00:00 E"));
    struct fixture *f = *state;
    assert_int_equal(f->file->count, 2);
    assert_int_equal(zone[0].drawing.point_count, 2);
    assert_int_equal(zone[0].drawing.points[0].arc, 1);
    assert_false(zone[0].drawing.arcs[0].right);
    assert_int_equal(zone[1].drawing.point_count, 2);
    assert_true(zone[1].drawing.arcs[0].right);
    assert_string_equal(zone[1].id, "Area.2");
    assert_string_equal(zone[1].place, "line 9");
    assert_non_null(strstr(f->text,
                           "{\"polygon\": {\"path\": [[127, 38.166666667], [127, "
                           "37.833333333], {\"arc\": {\"center\": [127, 38], \"to\": [127, "
                           "38.166666667], \"turn\": \"left\"}}], \"edges\": \"geodesic\"}}"));
}

static void openair_corridors(void **state)
{
    char text[400];
    const struct drawn_zone *zone = must_read(
        *state, area_with(text, sizeof text,
                          "V W=2.5\nDY 44:17:00 N 004:59:00 E\nDY 44:19:30 N 005:05:00 E"));
    assert_int_equal(zone->drawing.kind, DRAWN_CORRIDOR);
    assert_int_equal(zone->drawing.radius_mm, 2315000); /* 1.25 nm: half of the width */
    assert_int_equal(zone->drawing.point_count, 2);
}

/* 2025-01-01T12:00Z is 1735732800 (date -u -d ... +%s), 2025-02-02T12:00Z 1738497600. */
static void openair_times(void **state)
{
    struct fixture *f = *state;
    char text[400];
    const struct drawn_zone *zone =
        must_read(f, area_with(text, sizeof text,
                               "AA 2025-01-01T12:00Z/2025-01-01T13:00Z\nAA NONE/2025-02-02T12:00Z\n"
                               "AA 2025-02-02T12:00Z/NONE\nV X=01:05.5 N 000:05.5 E\nDC 5"));
    assert_int_equal(f->file->count, 3);
    assert_int_equal(zone[0].from_us, INT64_C(1735732800) * TIME_SECOND);
    assert_int_equal(zone[0].to_us, INT64_C(1735736400) * TIME_SECOND);
    assert_int_equal(zone[1].from_us, TIME_UNKNOWN);
    assert_int_equal(zone[1].to_us, INT64_C(1738497600) * TIME_SECOND);
    assert_int_equal(zone[2].to_us, TIME_UNKNOWN);
    assert_int_equal(zone[2].same, 0);
    assert_string_equal(zone[2].id, "Area.3");
    assert_non_null(strstr(f->text, "\"geometry\": {\"zone\": \"Area\"}"));
    zone = must_read(f, area_with(text, sizeof text, "AA NONE\nV X=01:05.5 N 000:05.5 E\nDC 5"));
    assert_true(zone->provisional);
    assert_non_null(strstr(zone->assumption, "notice only"));
}

static void openair_names(void **state)
{
    struct fixture *f = *state;
    const struct drawn_zone *zone = must_read(
        f, "AC R\r\nAN F\xf6hr \x80 \x96 \x81 * a comment\r\nAI x/1\r\nAL GND\r\nAH UNL\r\n"
           "V X=01:05.5 N 000:05.5 E\r\nDC 5\r\n"
           "AC R\nAN \xea\xb9\x80\xed\x8f\xac\nAL GND\nAH UNL\nV X=01:05.5 N 000:05.5 E\n"
           "DC 5\n");
    /* o umlaut, euro sign, en dash of Windows-1252; 0x81 has no character there */
    assert_string_equal(zone[0].name.en, "F\xc3\xb6hr \xe2\x82\xac \xe2\x80\x93 \xef\xbf\xbd");
    assert_string_equal(zone[0].id, "x-1");
    assert_null(zone[1].name.en);
    assert_string_equal(zone[1].name.ko, "\xea\xb9\x80\xed\x8f\xac");
    assert_string_equal(zone[1].id, "zone-2");
}

static void openair_files_that_are_wrong(void **state)
{
    static const struct {
        const char *records, *said;
    } rows[] = {
        {"DC 5", "line 5: no centre"},
        {"DA 5,0,90", "line 5: no centre"},
        {"V X=01:05.5 N 000:05.5 E\nDC 0", "line 6: a length of 0 mm"},
        {"V X=01:05.5 N 000:05.5 E\nDC 1081", "line 6: expected a length in nautical miles"},
        {"V X=01:05.5 N 000:05.5 E\nDC -5", "line 6: expected a length"},
        {"V X=01:05.5 N 000:05.5 E\nDA 5,0", "line 6: expected radius"},
        {"V X=01:05.5 N 000:05.5 E\nDA 5,0,361", "line 6: expected radius"},
        {"V X=01:05.5 N 000:05.5 E\nDC 5\nDC 5", "line 7: a circle beside other edges"},
        {"DP 01:00:00 N 001:00:00 E\nDP 02:00:00 N 001:00:00 E\nDP 01:00:00 N 001:00:00 E",
         "line 1: a ring of 2 points"},
        {"", "line 1: a ring of 0 points"},
        {"DY 01:00:00 N 001:00:00 E\nDY 02:00:00 N 001:00:00 E", "line 1: an axis without V W="},
        {"V W=1\nDY 01:00:00 N 001:00:00 E", "line 1: an axis of 1 points"},
        {"V D=x", "line 5: expected V D=+ or V D=-"},
        {"V X", "line 5: expected V X="},
        {"AA 2025-01-01", "line 5: expected NONE or FROM/TO"},
        {"AA NONE/NONE", "line 5: expected times"},
        {"AA 2025-01-02T14:00Z/2025-01-01T15:00Z", "line 5: a period that ends before it begins"},
        {"AA NONE\nAA NONE/2025-01-01T15:00Z\nV X=01:05.5 N 000:05.5 E\nDC 5",
         "line 1: AA NONE beside other times"},
        {"what is this?", "line 5: \"what is this?\" is no record"},
        {"V X=38:00:00 N 127:00:00 E\nDB 38:10:00 N 127:00:00 E, 38:12:00 N 127:00:00 E",
         "line 6: the ends of the arc are"},
    };
    char text[800];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        must_refuse(*state, area_with(text, sizeof text, rows[i].records), rows[i].said);
    must_refuse(*state, "AC C\nAN A\nAH FL1\nV X=01:05.5 N 000:05.5 E\nDC 5\n",
                "line 1: the area has no AL");
    must_refuse(*state, "AN A\nAC C\n", "line 1: AN outside of an area");
    must_refuse(*state, "hello\n", "no zone file that is known");
    must_refuse(*state, "", "no zone file that is known");
}

static void skipping_leaves_out_what_is_wrong(void **state)
{
    struct fixture *f = *state;
    f->request.skip = true;
    const struct drawn_zone *zone =
        must_read(f, AREA "DP nowhere\nDP 01:00:00 N 001:00:00 E\n" AREA
                          "V X=01:05.5 N 000:05.5 E\nDC 5\nAF 123.4\nSP 0,1,2\n" AREA);
    assert_int_equal(f->file->count, 1);
    assert_string_equal(zone->place, "line 7");
    assert_int_equal(f->file->refused_count, 2);
    assert_string_equal(f->file->refused[0].what,
                        "line 5: expected a point such as 39:29:54 N 119:46:06 W");
    assert_string_equal(f->file->refused[1].what,
                        "line 15: a ring of 0 points; expected 3 or more");
    assert_true(is_left(f, "record AF", 1) && is_left(f, "record SP", 1));
    must_refuse(f, AREA, "no area that is right");
}

/* ---- ED-269 and ED-318 -------------------------------------------------------------------------------- */

#define CIRCLE                                                                                     \
    "\"horizontalProjection\": {\"type\": \"Circle\", \"center\": [6.5, 46.25], \"radius\": "      \
    "1500.5}"
#define ED269(wrapper, low, high, unit, applicability)                                             \
    "{\"" wrapper "\": [{\"identifier\": \"LSXX\", \"country\": \"CHE\", \"name\": \"City\", "     \
    "\"type\": \"COMMON\", \"restriction\": \"PROHIBITED\", \"applicability\": [" applicability    \
    "], \"zoneAuthority\": [], \"geometry\": [{\"uomDimensions\": \"" unit                         \
    "\", \"lowerLimit\": " low ", \"lowerVerticalReference\": \"AGL\", \"upperLimit\": " high      \
    ", \"upperVerticalReference\": \"AMSL\", " CIRCLE "}]}]}"

static void ed269_has_two_wrappers(void **state)
{
    static const char *const texts[] = {
        ED269("UASZoneList", "10", "120.5", "M", "{\"permanent\": \"YES\"}"),
        ED269("features", "\"10\"", "\"120.5\"", "M", "{\"permanent\": \"YES\"}")};
    struct fixture *f = *state;
    for (int i = 0; i < 2; i++) {
        const struct drawn_zone *zone = must_read(f, texts[i]);
        assert_int_equal(f->file->format, ZONE_FILE_ED269);
        assert_string_equal(zone->id, "LSXX");
        assert_string_equal(zone->name.en, "City");
        assert_string_equal(zone->note, "PROHIBITED.");
        assert_int_equal(zone->floor.ref, LIMIT_GROUND);
        assert_int_equal(zone->floor.value_e2, 1000);
        assert_int_equal(zone->ceiling.ref, LIMIT_SEA_LEVEL);
        assert_int_equal(zone->ceiling.value_e2, 12050);
        assert_int_equal(zone->drawing.kind, DRAWN_CIRCLE);
        assert_int_equal(zone->drawing.radius_mm, 1500500);
        assert_int_equal(zone->from_us, TIME_UNKNOWN);
        assert_int_equal(zone->daily_count, 0);
        assert_true(is_left(f, "zoneAuthority", 1));
    }
}

static void ed269_limits_may_be_null(void **state)
{
    const struct drawn_zone *zone =
        must_read(*state, ED269("UASZoneList", "null", "null", "FT", "{\"permanent\": \"YES\"}"));
    assert_int_equal(zone->floor.ref, LIMIT_SURFACE);
    assert_int_equal(zone->ceiling.ref, LIMIT_UNLIMITED);
    /* nothing above the ground is the surface; feet stay feet */
    zone = must_read(*state, ED269("UASZoneList", "\"0\"", "400", "FT", ""));
    assert_int_equal(zone->floor.ref, LIMIT_SURFACE);
    assert_int_equal(zone->ceiling.unit, HEIGHT_FT);
    must_refuse(*state, ED269("UASZoneList", "\"low\"", "400", "FT", ""),
                "UASZoneList[0].geometry[0]: a height that is no number");
    must_refuse(*state, ED269("UASZoneList", "1", "400", "KM", ""), "neither m nor ft");
}

#define DAY(days, from, to) "{\"day\": [" days "], \"startTime\": " from ", \"endTime\": " to "}"
#define PERIOD(schedule)                                                                           \
    "{\"permanent\": \"NO\", \"startDateTime\": \"2018-11-01T00:00:00Z\", \"endDateTime\": null, " \
    "\"dailyPeriod\": [" schedule "]}"

/* Hours become those of every day; what the file says of days of the week is told. */
static void schedules(void **state)
{
    static const struct {
        const char *text;
        uint32_t count;
        struct daily daily[2];
        bool provisional;
    } rows[] = {
        {ED269("features", "0", "1", "M", PERIOD(DAY("", "null", "null"))), 0, {{0}}, false},
        {ED269("features", "0", "1", "M", PERIOD(DAY("\"ANY\"", "\"08:00Z\"", "\"17:30Z\""))),
         1,
         {{0xfff, 480, 1050}},
         false},
        {ED269("features", "0", "1", "M", PERIOD(DAY("\"ANY\"", "\"22:00:00Z\"", "\"06:00:00Z\""))),
         2,
         {{0xfff, 0, 360}, {0xfff, 1320, 1440}},
         false},
        {ED269("features", "0", "1", "M",
               PERIOD(DAY("\"ANY\"", "\"08:00:30+09:00\"", "\"17:00:01+09:00\""))),
         2,
         {{0xfff, 0, 481}, {0xfff, 1380, 1440}}, /* 23:00 to 08:01 UTC */
         false},
        {ED269("features", "0", "1", "M", PERIOD(DAY("\"SUN\"", "\"10:00Z\"", "\"12:00Z\""))),
         1,
         {{0xfff, 600, 720}},
         true},
        {ED269("features", "0", "1", "M",
               PERIOD("{\"day\": [\"ANY\"], \"startEvent\": \"SR\", \"endEvent\": \"SS\"}")),
         0,
         {{0}},
         true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct drawn_zone *zone = must_read(*state, rows[i].text);
        assert_int_equal(zone->from_us, INT64_C(1541030400) * TIME_SECOND);
        assert_int_equal(zone->to_us, TIME_UNKNOWN);
        assert_int_equal(zone->daily_count, rows[i].count);
        for (uint32_t k = 0; k < rows[i].count; k++) {
            assert_int_equal(zone->daily[k].from_min, rows[i].daily[k].from_min);
            assert_int_equal(zone->daily[k].to_min, rows[i].daily[k].to_min);
            assert_int_equal(zone->daily[k].months, 0xfff);
        }
        assert_int_equal(zone->provisional, rows[i].provisional);
        assert_int_equal(zone->assumption != NULL, rows[i].provisional);
    }
    must_refuse(*state, ED269("features", "0", "1", "M", PERIOD(DAY("", "\"8 am\"", "null"))),
                "features[0].geometry[0]: hours that are not like 16:00:00Z");
    must_refuse(*state, ED269("features", "0", "1", "M", "{\"startDateTime\": \"soon\"}"),
                "a date that is not like");
}

#define ED318(geometry, more)                                                                      \
    "{\"type\": \"FeatureCollection\", \"features\": [{\"type\": \"Feature\", "                    \
    "\"geometry\": " geometry                                                                      \
    ", \"properties\": {\"identifier\": \"NFZ1\", \"country\": \"FRA\", \"name\": "                \
    "[{\"text\": \"Parc\", \"lang\": \"fr-FR\"}, {\"text\": \"Park\", \"lang\": \"en-GB\"}, "      \
    "{\"text\": \"\xea\xb3\xb5\xec\x9b\x90\", \"lang\": \"ko-KR\"}], \"type\": \"PROHIBITED\", "   \
    "\"variant\": \"COMMON\", \"zoneAuthority\": [{\"purpose\": \"INFORMATION\"}]" more "}}]}"
#define SQUARE "[[[2, 48], [3, 48], [3, 49], [2, 49], [2, 48]]]"
#define LAYER(low, high)                                                                           \
    "\"layer\": {\"upper\": " high ", \"upperReference\": \"WGS84\", \"lower\": " low              \
    ", \"lowerReference\": \"AGL\", \"uom\": \"ft\"}"

static void ed318_layers_are_zones(void **state)
{
    struct fixture *f = *state;
    const struct drawn_zone *zone = must_read(
        f, ED318("{\"type\": \"GeometryCollection\", \"geometries\": [{\"type\": \"Polygon\", "
                 "\"coordinates\": " SQUARE
                 ", " LAYER("50", "150") "}, {\"type\": \"Point\", "
                                         "\"coordinates\": [2.5, 48.5], \"extent\": {\"subType\": "
                                         "\"Circle\", \"radius\": "
                                         "3500}, " LAYER("0", "50") "}]}",
                 ""));
    assert_int_equal(f->file->format, ZONE_FILE_ED318);
    assert_int_equal(f->file->count, 2);
    assert_string_equal(zone[0].id, "NFZ1");
    assert_string_equal(zone[1].id, "NFZ1.2");
    assert_string_equal(zone[1].place, "features[0].geometries[1]");
    assert_string_equal(zone[0].name.en, "Park");
    assert_string_equal(zone[0].name.ko, "\xea\xb3\xb5\xec\x9b\x90");
    assert_non_null(strstr(zone[0].note, "Name in fr-FR: Parc."));
    assert_int_equal(zone[0].drawing.edges, EDGE_LONLAT);
    assert_int_equal(zone[0].floor.value_e2, 5000);
    assert_int_equal(zone[0].floor.unit, HEIGHT_FT);
    assert_int_equal(zone[0].ceiling.ref, LIMIT_ELLIPSOID);
    assert_int_equal(zone[1].drawing.kind, DRAWN_CIRCLE);
    assert_int_equal(zone[1].floor.ref, LIMIT_SURFACE);
}

static void ed318_that_is_wrong(void **state)
{
    must_refuse(*state, ED318("{\"type\": \"Point\", \"coordinates\": [2, 48]}", ""),
                "features[0]: a geometry that is no Polygon");
    must_refuse(*state,
                ED318("{\"type\": \"Point\", \"coordinates\": [2, 48], \"extent\": {\"subType\": "
                      "\"Circle\"}}",
                      ""),
                "features[0]: a circle without a radius");
    must_refuse(*state,
                ED318("{\"type\": \"Polygon\", \"coordinates\": " SQUARE
                      ", \"layer\": {\"upper\": 3, \"upperReference\": \"QNH\"}}",
                      ""),
                "features[0]: a height without a reference");
    must_refuse(*state, ED318("null", ""), "f: no area");
}

/* ---- GeoJSON -------------------------------------------------------------------------------------------- */

#define FEATURES(list)                                                                             \
    "{\"type\": \"FeatureCollection\", \"tz\": \"Asia/Seoul\", \"features\": [" list "]}"
#define FEATURE(more, coordinates)                                                                 \
    "{\"type\": \"Feature\", " more                                                                \
    "\"geometry\": {\"type\": \"Polygon\", \"coordinates\": " coordinates "}}"

static void geojson_features_are_zones(void **state)
{
    struct fixture *f = *state;
    const struct drawn_zone *zone = must_read(
        f, FEATURES(FEATURE(
               "\"id\": 7, \"properties\": {\"title\": \"Seven\"}, ",
               "[[[0, 0], [4, 0, 99], [4, 4], [0, 4], [0, 0]], [[1, 1], [1, 2], [2, 2], [1, "
               "1]]]") ", "
                       "{\"type\": \"Feature\", \"properties\": null, \"geometry\": null}, "
                       "{\"type\": \"Feature\", \"properties\": {}, \"geometry\": "
                       "{\"type\": \"Point\", "
                       "\"coordinates\": [1, 2]}}"));
    assert_int_equal(f->file->format, ZONE_FILE_GEOJSON);
    assert_int_equal(f->file->count, 1);
    assert_string_equal(zone->id, "7");
    assert_string_equal(zone->name.en, "Seven");
    assert_int_equal(zone->drawing.ring_count, 2);
    assert_int_equal(zone->drawing.ring_start[1], 4);
    assert_int_equal(zone->drawing.edges, EDGE_LONLAT);
    assert_true(is_left(f, "a feature without geometry", 1));
    assert_true(is_left(f, "a geometry of type Point", 1));
    assert_non_null(strstr(f->text, "\"source\": \"f (geojson), features[0]\""));
}

static void geojson_properties_of_our_own(void **state)
{
    struct fixture *f = *state;
    const struct drawn_zone *zone = must_read(
        f,
        FEATURES(FEATURE(
            "\"properties\": {\"zone\": \"Z\", \"name\": {\"en\": \"A\", \"ko\": \"B\"}, "
            "\"floor\": \"12345.5 m AMSL\", \"ceiling\": \"FL430\", "
            "\"from\": \"2018-11-01T00:00:00Z\", \"to\": null, \"classes\": [\"ship\", \"uav\"], "
            "\"status\": \"provisional\", \"daily\": [{\"months\": \"10-3\", \"hours\": "
            "\"08:00-18:00\"}], \"source\": \"chart\", \"assumption\": \"drawn\"}, ",
            SQUARE)));
    assert_string_equal(zone->id, "Z");
    assert_string_equal(zone->name.ko, "B");
    assert_int_equal(zone->floor.value_e2, 1234550);
    assert_int_equal(zone->ceiling.unit, HEIGHT_FL);
    assert_int_equal(zone->from_us, INT64_C(1541030400) * TIME_SECOND);
    assert_string_equal(zone->classes, "ship uav");
    assert_true(zone->provisional);
    assert_int_equal(zone->daily_count, 1);
    assert_int_equal(zone->daily[0].months, 0xe07); /* October to March */
    assert_int_equal(zone->daily[0].from_min, 480);
    assert_string_equal(zone->assumption, "drawn");
    assert_string_equal(f->file->tz, "Asia/Seoul");
}

/* Other writers' properties of the same names refuse nothing. */
static void geojson_properties_of_others(void **state)
{
    struct fixture *f = *state;
    const struct drawn_zone *zone = must_read(
        f, FEATURES(FEATURE("\"properties\": {\"floor\": \"ground floor\", \"ceiling\": 3, "
                            "\"from\": \"Seoul\", \"classes\": [\"A1\"], \"daily\": [7]}, ",
                            SQUARE)));
    assert_int_equal(zone->floor.ref, LIMIT_SURFACE);
    assert_int_equal(zone->ceiling.ref, LIMIT_UNLIMITED);
    assert_string_equal(zone->classes, "");
    assert_true(is_left(f, "the property \"floor\", which is no height", 1));
    assert_true(is_left(f, "the property \"ceiling\", which is no height", 1));
    assert_true(is_left(f, "the property \"from\", which is no time", 1));
    assert_true(is_left(f, "a class that is not of the platform tree", 1));
}

static void geojson_that_is_wrong(void **state)
{
    must_refuse(*state, "{\"type\": \"FeatureCollection\"}",
                "expected a GeoJSON FeatureCollection");
    must_refuse(*state, "{\"type\": ", "f: line 1");
    must_refuse(*state,
                "{\"type\": \"FeatureCollection\", \"crs\": {\"properties\": {\"name\": "
                "\"urn:ogc:def:crs:EPSG::5179\"}}, \"features\": []}",
                "crs: not WGS 84");
    must_refuse(*state, FEATURES(FEATURE("", "[[[0, 95], [1, 0], [1, 1], [0, 95]]]")),
                "features[0]: the point [0, 95] is outside of the world; a point is [longitude");
    must_refuse(*state, FEATURES(FEATURE("", "[[[0, 0], [1, 0], [0, 0]]]")),
                "features[0]: a ring of 2 points");
    must_refuse(*state, FEATURES(FEATURE("", "[[0, 0], [1, 0], [1, 1]]")), "features[0]: a point");
    must_refuse(*state, FEATURES(FEATURE("", "7")),
                "features[0]: \"coordinates\" that are no list");
    must_refuse(*state, FEATURES(""), "f: no area");
    must_refuse(*state, FEATURES(FEATURE("\"properties\": {\"name\": \"a\\u0000b\"}, ", SQUARE)),
                "the character U+0000");
}

/* ---- the box -------------------------------------------------------------------------------------------- */

static void the_box_takes_what_meets_it(void **state)
{
    static const struct {
        double west, south, east, north;
        uint32_t count; /* of the three areas; 0: refused */
    } rows[] = {{-10, 40, 10, 50, 1},    {3, 48, 4, 48, 1},       {3.001, 40, 10, 50, 0},
                {-180, -90, 180, 90, 3}, {179.9, -5, -179, 5, 1}, {0, 48, 1.9, 49, 0},
                {-60, -40, -50, -39, 1}};
    static const char text[] = FEATURES(FEATURE("", SQUARE) ", " FEATURE(
        "", "[[[179.5, 0], [-179.5, 0], [-179.5, 1], "
            "[179.5, 0]]]") ", " FEATURE("", "[[[-55.5, -39.5], [-55.4, -39.5], [-55.4, -39.4], "
                                             "[-55.5, -39.5]]]"));
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct zone_box box = {(int64_t)(rows[i].west * 1e9), (int64_t)(rows[i].east * 1e9),
                                     (int64_t)(rows[i].south * 1e9),
                                     (int64_t)(rows[i].north * 1e9)};
        f->request.box = &box;
        if (!rows[i].count) {
            must_refuse(f, text, "f: no area in the box, 3 outside");
            continue;
        }
        must_read(f, text);
        assert_int_equal(f->file->count, rows[i].count);
        assert_int_equal(f->file->outside, 3 - rows[i].count);
    }
}

static void exchanged_axes_are_seen(void **state)
{
    struct fixture *f = *state;
    const struct zone_box box = {45 * INT64_C(1000000000), 55 * INT64_C(1000000000), 0,
                                 10 * INT64_C(1000000000)};
    f->request.box = &box;
    must_refuse(f, FEATURES(FEATURE("", SQUARE)),
                "no area in the box, but 1 with longitude and latitude exchanged");
}

/* A circle of 5 nm about 1.09 N reaches 0.083 degrees further. */
static void the_box_knows_radii(void **state)
{
    struct fixture *f = *state;
    char text[400];
    const struct zone_box near = {50000000, 100000000, 1170000000, 2000000000};
    const struct zone_box far = {50000000, 100000000, 1190000000, 2000000000};
    const char *circle = area_with(text, sizeof text, "V X=01:05.5 N 000:05.5 E\nDC 5");
    f->request.box = &near;
    assert_int_equal(must_read(f, circle)->drawing.kind, DRAWN_CIRCLE);
    f->request.box = &far;
    must_refuse(f, circle, "no area in the box");
}

static void edges_can_be_said(void **state)
{
    struct fixture *f = *state;
    const enum edge_kind geodesic = EDGE_GEODESIC;
    f->request.edges = &geodesic;
    assert_int_equal(must_read(f, FEATURES(FEATURE("", SQUARE)))->drawing.edges, EDGE_GEODESIC);
}

static void zones_have_a_limit(void **state)
{
    struct fixture *f = *state;
    char *text = malloc(TEXT_MAX);
    size_t n = 0;
    for (int i = 0; i < 65; i++)
        n += (size_t)snprintf(text + n, TEXT_MAX - n, AREA "V X=01:05.5 N 000:05.5 E\nDC 5\n");
    must_refuse(f, text, "f: 65 zones; at most 64: take a part with --box");
    n -= strlen(AREA "V X=01:05.5 N 000:05.5 E\nDC 5\n");
    text[n] = '\0';
    assert_string_equal(must_read(f, text)[63].id, "Area.64");
    free(text);
}

/* ---- KML ------------------------------------------------------------------------------------------------- */

#define KML(inside)                                                                                \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><kml xmlns=\"http://www.opengis.net/kml/2.2\">"     \
    "<Document><name>all</name>" inside "</Document></kml>"
#define KML_RING(points) "<LinearRing><coordinates>" points "</coordinates></LinearRing>"
#define KML_POLYGON(more, points)                                                                  \
    "<Polygon>" more "<outerBoundaryIs>" KML_RING(points) "</outerBoundaryIs></Polygon>"

static void kml_placemarks_are_zones(void **state)
{
    struct fixture *f = *state;
    const struct drawn_zone *zone = must_read(
        f, KML("<Folder><Placemark id=\"p.1\"><name>One &amp; "
               "<![CDATA[two]]></name><TimeSpan><begin>"
               "2018-11-01</begin></"
               "TimeSpan><MultiGeometry><Polygon><"
               "outerBoundaryIs>" KML_RING(
                   "0,0,5 4,0,5\n 4,4,5 0,4,5 "
                   "0,0,5") "</"
                            "outerBoundaryIs><"
                            "innerBoundaryIs"
                            ">" KML_RING(
                                "1,1 "
                                "1,2 "
                                "2,2") "</innerBoundaryIs></Polygon>" KML_POLYGON("",
                                                                                  "9,9 10,9 10,10 "
                                                                                  "9,9") "</"
                                                                                         "MultiGeom"
                                                                                         "etry></"
                                                                                         "Placemark"
                                                                                         "></"
                                                                                         "Folder><"
                                                                                         "Placemark"
                                                                                         "><Point><"
                                                                                         "coordinat"
                                                                                         "es>1,2</"
                                                                                         "coordinat"
                                                                                         "es>"
                                                                                         "</"
                                                                                         "Point></"
                                                                                         "Placemark"
                                                                                         ">"));
    assert_int_equal(f->file->format, ZONE_FILE_KML);
    assert_int_equal(f->file->count, 1);
    assert_string_equal(zone->id, "p.1");
    assert_string_equal(zone->name.en, "One & two");
    assert_int_equal(zone->drawing.ring_count, 3);
    assert_int_equal(zone->drawing.ring_start[1], 4);
    assert_int_equal(zone->drawing.ring_start[2], 7);
    assert_int_equal(zone->drawing.edges, EDGE_GEODESIC);
    assert_int_equal(zone->from_us, INT64_C(1541030400) * TIME_SECOND);
    assert_int_equal(zone->ceiling.ref, LIMIT_UNLIMITED); /* clamped to the ground */
    assert_true(is_left(f, "Point", 1));
}

static void kml_heights(void **state)
{
    struct fixture *f = *state;
    const struct drawn_zone *zone = must_read(
        f,
        KML("<Placemark>" KML_POLYGON("<extrude>1</extrude><altitudeMode>absolute</altitudeMode>",
                                      "0,0,630 4,0,630 4,4,630 0,0,630") "</Placemark>"));
    assert_int_equal(zone->ceiling.ref, LIMIT_SEA_LEVEL);
    assert_int_equal(zone->ceiling.value_e2, 63000);
    zone = must_read(f, KML("<Placemark>" KML_POLYGON(
                            "<extrude>1</extrude><altitudeMode>relativeToGround</altitudeMode>",
                            "0,0,630 4,0,631 4,4,630 0,0,630") "</Placemark>"));
    assert_int_equal(zone->ceiling.ref, LIMIT_UNLIMITED);
    assert_true(is_left(f, "heights of vertices that are not the top of walls", 1));
    zone =
        must_read(f, KML("<Placemark><ExtendedData><Data name=\"floor\"><value>FL100</value></Data>"
                         "<Data name=\"ceiling\"><value>UNL</value></Data><Data name=\"edges\">"
                         "<value>lonlat</value></Data></ExtendedData>" KML_POLYGON(
                             "", "0,0 4,0 4,4") "</Placemark>"));
    assert_int_equal(zone->floor.unit, HEIGHT_FL);
    assert_int_equal(zone->drawing.edges, EDGE_LONLAT);
}

static void kml_that_is_wrong(void **state)
{
    struct fixture *f = *state;
    must_refuse(f, KML("<Placemark>" KML_POLYGON("", "0,0 4,0") "</Placemark>"),
                "Placemark 1: a ring of 2 points");
    must_refuse(f, KML("<Placemark>" KML_POLYGON("", "0,0 4;0 1,1") "</Placemark>"),
                "Placemark 1: coordinates that are not like");
    must_refuse(f, KML("<Placemark>" KML_POLYGON("", "38,127 38,128 39,128") "</Placemark>"),
                "the point 38,127 is outside of the world; a point is longitude,latitude");
    must_refuse(f, "<kml><Placemark></kml>", "f: line 1");
    must_refuse(f, "<!DOCTYPE kml [<!ENTITY a \"b\">]><kml>&a;</kml>", "document type declaration");
    must_refuse(f, KML(""), "f: no area");
    f->request.skip = true;
    must_read(f, KML("<Placemark>" KML_POLYGON("", "0,0 4,0") "</Placemark><Placemark>" KML_POLYGON(
                     "", "0,0 4,0 4,4") "</Placemark>"));
    assert_int_equal(f->file->refused_count, 1);
    assert_string_equal(f->file->zones[0].place, "Placemark 2");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(openair_points),
        TEST(openair_points_that_are_none),
        TEST(openair_heights),
        TEST(openair_heights_that_are_none),
        TEST(openair_circles),
        TEST(openair_arcs_by_bearing),
        TEST(openair_arcs_by_points),
        TEST(openair_corridors),
        TEST(openair_times),
        TEST(openair_names),
        TEST(openair_files_that_are_wrong),
        TEST(skipping_leaves_out_what_is_wrong),
        TEST(ed269_has_two_wrappers),
        TEST(ed269_limits_may_be_null),
        TEST(schedules),
        TEST(ed318_layers_are_zones),
        TEST(ed318_that_is_wrong),
        TEST(geojson_features_are_zones),
        TEST(geojson_properties_of_our_own),
        TEST(geojson_properties_of_others),
        TEST(geojson_that_is_wrong),
        TEST(the_box_takes_what_meets_it),
        TEST(exchanged_axes_are_seen),
        TEST(the_box_knows_radii),
        TEST(edges_can_be_said),
        TEST(zones_have_a_limit),
        TEST(kml_placemarks_are_zones),
        TEST(kml_heights),
        TEST(kml_that_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
