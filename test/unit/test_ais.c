#include "feed/ais.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "feed/mid.h"
#include "feed_world.h"

/*
 * Messages are put together field by field from the tables of ITU-R M.1371-5, Annex 8; what comes out
 * is expected from the units those tables state. test/vector/decode_oracle.py compares real ones.
 */
#define DEGREE 600000
#define KNOT   51.4444 /* cm/s: 1852 m in 3600 s */

static struct fed read_one(const struct ais_writer *writer, unsigned parts)
{
    struct script script = {.n = 0};
    struct fed fed;
    script_ais(&script, writer, parts, parts > 1 ? "1" : "", "A");
    fed_read(&fed, FEED_NMEA, script.text);
    return fed;
}

static struct ais_writer head(unsigned type, uint32_t mmsi)
{
    struct ais_writer w = {.n = 0};
    ais_put(&w, 6, type);
    ais_put(&w, 2, 0);
    ais_put(&w, 30, mmsi);
    return w;
}

static void class_a(void **state)
{
    (void)state;
    struct ais_writer w = ais_class_a(440123456, 125 * DEGREE + 1, -37 * DEGREE - 1, 103, 900);
    struct fed fed = read_one(&w, 1);
    assert_int_equal(fed.count, 1);
    const struct position *p = &fed.at[0];
    assert_int_equal(p->track, track_ais(440123456));
    assert_int_equal(p->lon_e7, 1250000017); /* 1/600000 degree is 16.67e-7 */
    assert_int_equal(p->lat_e7, -370000017);
    assert_int_equal(p->north_cmps, 0);
    assert_int_equal(p->east_cmps, (int)(10.3 * KNOT + 0.5));
    assert_int_equal(p->err_dm, 100);
    assert_int_equal(p->note, 0);
    assert_int_equal(p->platform, PLATFORM_SHIP);
    assert_int_equal(p->flag, 'K' << 8 | 'R');
    assert_int_equal(p->time_us, TIME_UNKNOWN);
    assert_int_equal(p->alt_cm, ALT_UNKNOWN);
    fed_close(&fed);
}

/* Units beside the nearest 1e-7 degree, computed with exact fractions: round(n * 50 / 3). */
static void every_third_of_a_unit(void **state)
{
    (void)state;
    static const struct {
        int32_t unit, e7;
    } known[] = {{0, 0},
                 {1, 17},
                 {2, 33},
                 {3, 50},
                 {-1, -17},
                 {-2, -33},
                 {-3, -50},
                 {107999999, 1799999983},
                 {-107999999, -1799999983}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct ais_writer w = ais_class_a(1, known[i].unit, 0, 0, 0);
        struct fed fed = read_one(&w, 1);
        assert_int_equal(fed.count, 1);
        assert_int_equal(fed.at[0].lon_e7, known[i].e7);
        fed_close(&fed);
    }
}

static void not_available(void **state)
{
    (void)state;
    struct ais_writer lon = ais_class_a(1, 181 * DEGREE, 0, 0, 0);
    struct ais_writer lat = ais_class_a(1, 0, 91 * DEGREE, 0, 0);
    struct ais_writer sog = ais_class_a(1, 0, 0, 1023, 900);
    struct ais_writer cog = ais_class_a(1, 0, 0, 103, 3600);
    struct ais_writer rest = ais_class_a(1, 0, 0, 0, 3600);
    struct fed fed = read_one(&lon, 1);
    assert_int_equal(fed.count, 0);
    assert_int_equal(fed_skipped(&fed, SKIP_NO_POSITION), 1);
    fed_close(&fed);
    fed = read_one(&lat, 1);
    assert_int_equal(fed_skipped(&fed, SKIP_NO_POSITION), 1);
    fed_close(&fed);
    fed = read_one(&sog, 1);
    assert_int_equal(fed.at[0].north_cmps, SPEED_UNKNOWN);
    assert_int_equal(fed.at[0].east_cmps, SPEED_UNKNOWN);
    fed_close(&fed);
    fed = read_one(&cog, 1);
    assert_int_equal(fed.at[0].north_cmps, SPEED_UNKNOWN);
    fed_close(&fed);
    fed = read_one(&rest, 1); /* at rest a course is not needed */
    assert_int_equal(fed.at[0].north_cmps, 0);
    assert_int_equal(fed.at[0].east_cmps, 0);
    fed_close(&fed);
}

static void impossible(void **state)
{
    (void)state;
    struct ais_writer wrong[] = {ais_class_a(1, 180 * DEGREE + 1, 0, 0, 0),
                                 ais_class_a(1, 0, -90 * DEGREE - 1, 0, 0),
                                 ais_class_a(1000000000, 0, 0, 0, 0)};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct fed fed = read_one(&wrong[i], 1);
        assert_int_equal(fed.count, 0);
        assert_int_equal(fed_skipped(&fed, SKIP_IMPOSSIBLE), 1);
        fed_close(&fed);
    }
    struct ais_writer edge = ais_class_a(1, 180 * DEGREE, 90 * DEGREE, 0, 0);
    struct fed fed = read_one(&edge, 1);
    assert_int_equal(fed.at[0].lon_e7, -LON_E7_MAX); /* 180 degrees east is 180 west */
    assert_int_equal(fed.at[0].lat_e7, LAT_E7_MAX);
    fed_close(&fed);
}

static void cut(void **state)
{
    (void)state;
    struct ais_writer w = ais_class_a(1, 0, 0, 0, 0);
    w.n = 150;
    struct fed fed = read_one(&w, 1);
    assert_int_equal(fed.count, 0);
    assert_int_equal(fed_skipped(&fed, SKIP_CUT), 1);
    fed_close(&fed);
}

/* Time stamps 62 and 63: estimated, and no positioning system. */
static void fixes_that_are_none(void **state)
{
    (void)state;
    for (unsigned second = 59; second < 64; second++) {
        struct ais_writer w = ais_class_a(1, 0, 0, 0, 0);
        w.n = 137;
        ais_put(&w, 6, second);
        w.n = 168;
        struct fed fed = read_one(&w, 1);
        assert_int_equal(fed.at[0].err_dm, second < 62 ? 100 : ERR_DM_MAX);
        fed_close(&fed);
    }
}

static void rescue_aircraft(void **state)
{
    (void)state;
    struct ais_writer w = head(9, 111440001);
    ais_put(&w, 12, 300); /* metres */
    ais_put(&w, 10, 130); /* knots */
    ais_put(&w, 1, 0);
    ais_put(&w, 28, 126 * DEGREE);
    ais_put(&w, 27, 37 * DEGREE);
    ais_put(&w, 12, 1800);
    ais_put(&w, 6, 9);
    ais_put(&w, 34, 0);
    struct fed fed = read_one(&w, 1);
    assert_int_equal(fed.at[0].alt_cm, 30000);
    assert_int_equal(fed.at[0].alt_ref, ALT_REF_SEA_LEVEL);
    assert_int_equal(fed.at[0].north_cmps, -(int)(130 * KNOT + 0.5));
    assert_int_equal(fed.at[0].east_cmps, 0);
    assert_int_equal(fed.at[0].err_dm, 1000);
    assert_int_equal(fed.at[0].note, NOTE_ASSUMED_ERR);
    assert_int_equal(fed.at[0].platform, PLATFORM_AIRCRAFT);
    assert_int_equal(fed.at[0].flag, 'K' << 8 | 'R');
    fed_close(&fed);
    w.n = 38;
    ais_put(&w, 12, 4095);
    w.n = 134;
    ais_put(&w, 1, 1);
    w.n = 168;
    fed = read_one(&w, 1);
    assert_int_equal(fed.at[0].alt_cm, ALT_UNKNOWN);
    assert_int_equal(fed.at[0].alt_ref, ALT_REF_NONE);
    fed_close(&fed);
}

static struct ais_writer long_range(int32_t lon, int32_t lat, unsigned sog, unsigned cog)
{
    struct ais_writer w = head(27, 412000001);
    ais_put(&w, 6, 0);
    ais_put(&w, 18, lon);
    ais_put(&w, 17, lat);
    ais_put(&w, 6, sog);
    ais_put(&w, 9, cog);
    ais_put(&w, 2, 0);
    return w;
}

static void long_range_reports(void **state)
{
    (void)state;
    struct ais_writer w = long_range(-107994, -20101, 11, 270);
    struct fed fed = read_one(&w, 1);
    assert_int_equal(fed.at[0].lon_e7, -1799900000); /* tenths of a minute: 600 a degree */
    assert_int_equal(fed.at[0].lat_e7, -335016667);
    assert_int_equal(fed.at[0].east_cmps, -(int)(11 * KNOT + 0.5));
    assert_int_equal(fed.at[0].err_dm, 1850);
    fed_close(&fed);
    w = long_range(181 * 600, 91 * 600, 63, 511);
    fed = read_one(&w, 1);
    assert_int_equal(fed_skipped(&fed, SKIP_NO_POSITION), 1);
    fed_close(&fed);
    w = long_range(600, 600, 63, 511);
    fed = read_one(&w, 1);
    assert_int_equal(fed.at[0].north_cmps, SPEED_UNKNOWN);
    fed_close(&fed);
    w.n = 82; /* noise that passed the checksum on the air */
    fed = read_one(&w, 1);
    assert_int_equal(fed.count, 0);
    assert_int_equal(fed_skipped(&fed, SKIP_CUT), 1);
    fed_close(&fed);
}

static void put_static(struct script *script, uint32_t mmsi, const char *name, unsigned type)
{
    struct ais_writer w = head(5, mmsi);
    ais_put(&w, 32, 0);
    ais_put_text(&w, 7, "HLAB");
    ais_put_text(&w, 20, name);
    ais_put(&w, 8, type);
    ais_put(&w, 30, 0);
    ais_put(&w, 4, 1);
    ais_put(&w, 28, 0);
    ais_put_text(&w, 20, "BUSAN");
    ais_put(&w, 2, 0);
    script_ais(script, &w, 2, "3", "B");
}

static void names_and_classes(void **state)
{
    (void)state;
    struct script script = {.n = 0};
    struct fed fed;
    struct ais_writer w = ais_class_a(440123456, 0, 0, 0, 0);
    script_ais(&script, &w, 1, "", "A");
    put_static(&script, 440123456, "PLOVER  @@", 70);
    script_ais(&script, &w, 1, "", "A");
    put_static(&script, 440123456, "", 55);
    script_ais(&script, &w, 1, "", "A");
    fed_read(&fed, FEED_NMEA, script.text);
    assert_int_equal(fed.count, 3);
    assert_int_equal(fed.at[0].platform, PLATFORM_SHIP);
    assert_int_equal(fed.at[1].platform, PLATFORM_CARGO_SHIP);
    assert_int_equal(fed.at[2].platform, PLATFORM_PATROL);
    assert_string_equal(feed_identity(fed.feed, track_ais(440123456))->name, "PLOVER");
    assert_null(feed_identity(fed.feed, track_ais(1)));
    assert_int_equal(feed_counts(fed.feed)->identities, 2);
    assert_int_equal(feed_counts(fed.feed)->used, 7); /* sentences */
    fed_close(&fed);
}

static void class_b_static(void **state)
{
    (void)state;
    struct script script = {.n = 0};
    struct fed fed;
    struct ais_writer b = head(24, 445000123), a = head(24, 445000123);
    ais_put(&b, 2, 1);
    ais_put(&b, 8, 30);
    ais_put(&b, 42, 0);
    ais_put_text(&b, 7, "P5XY");
    ais_put(&b, 36, 0);
    script_ais(&script, &b, 1, "", "A");
    fed_open(&fed, (struct feed_options){.format = FEED_NMEA});
    fed_push(&fed, script.text, TIME_UNKNOWN);
    const struct feed_identity *known = feed_identity(fed.feed, track_ais(445000123));
    assert_string_equal(known->name, "P5XY"); /* until a name is told */
    assert_int_equal(known->platform, PLATFORM_FISHING);
    ais_put(&a, 2, 0);
    ais_put_text(&a, 20, "SANDPIPER");
    script.n = 0;
    script_ais(&script, &a, 1, "", "A");
    script_ais(&script, &b, 1, "", "A");
    fed_push(&fed, script.text, TIME_UNKNOWN);
    assert_string_equal(feed_identity(fed.feed, track_ais(445000123))->name, "SANDPIPER");
    fed_close(&fed);
}

static void class_b_extended(void **state)
{
    (void)state;
    struct ais_writer w = head(19, 445000777);
    ais_put(&w, 8, 0);
    ais_put(&w, 10, 55);
    ais_put(&w, 1, 0);
    ais_put(&w, 28, 124 * DEGREE);
    ais_put(&w, 27, 38 * DEGREE);
    ais_put(&w, 12, 900);
    ais_put(&w, 9, 511);
    ais_put(&w, 10, 60 << 4);
    ais_put_text(&w, 20, "TERN");
    ais_put(&w, 8, 36);
    ais_put(&w, 41, 0);
    struct fed fed = read_one(&w, 2);
    assert_int_equal(fed.count, 1);
    assert_int_equal(fed.at[0].platform, PLATFORM_PLEASURE_CRAFT);
    assert_int_equal(fed.at[0].east_cmps, (int)(5.5 * KNOT + 0.5));
    assert_int_equal(fed.at[0].flag, 'K' << 8 | 'P');
    assert_string_equal(feed_identity(fed.feed, track_ais(445000777))->name, "TERN");
    fed_close(&fed);
}

static void aids_to_navigation(void **state)
{
    (void)state;
    struct ais_writer w = head(21, 994401001);
    ais_put(&w, 5, 1);
    ais_put_text(&w, 20, "THE LIGHT AT THE END");
    ais_put(&w, 1, 1);
    ais_put(&w, 28, 126 * DEGREE);
    ais_put(&w, 27, 37 * DEGREE);
    ais_put(&w, 53, 0);
    ais_put_text(&w, 8, " OF TIME");
    struct fed fed = read_one(&w, 2);
    assert_int_equal(fed.count, 1);
    assert_int_equal(fed.at[0].platform, PLATFORM_AID_TO_NAVIGATION);
    assert_int_equal(fed.at[0].north_cmps, SPEED_UNKNOWN);
    assert_string_equal(feed_identity(fed.feed, track_ais(994401001))->name,
                        "THE LIGHT AT THE END OF TIME");
    fed_close(&fed);
}

static void base_stations(void **state)
{
    (void)state;
    struct ais_writer w = head(4, 4401001);
    ais_put(&w, 40, 0);
    ais_put(&w, 1, 1);
    ais_put(&w, 28, 126 * DEGREE);
    ais_put(&w, 27, 37 * DEGREE);
    ais_put(&w, 34, 0);
    struct fed fed = read_one(&w, 1);
    assert_int_equal(fed.at[0].platform, PLATFORM_BASE_STATION);
    assert_int_equal(fed.at[0].lat_e7, 370000000);
    assert_int_equal(fed.at[0].flag, 'K' << 8 | 'R');
    fed_close(&fed);
}

static void messages_for_others(void **state)
{
    (void)state;
    static const unsigned types[] = {6, 7, 8, 10, 12, 13, 14, 15, 16, 17, 20, 22, 23, 25, 26};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct ais_writer w = head(types[i], 440123456);
        ais_put(&w, 50, 0);
        struct fed fed = read_one(&w, 1);
        assert_int_equal(feed_counts(fed.feed)->other, 1);
        fed_close(&fed);
    }
    static const unsigned none[] = {0, 28, 63};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        struct ais_writer w = head(none[i], 440123456);
        ais_put(&w, 50, 0);
        struct fed fed = read_one(&w, 1);
        assert_int_equal(fed_skipped(&fed, SKIP_IMPOSSIBLE), 1);
        fed_close(&fed);
    }
}

/* Forms of ITU-R M.585-9, annex 1. */
static void kinds_of_numbers(void **state)
{
    (void)state;
    static const struct {
        uint32_t mmsi;
        enum platform platform;
        const char *flag;
    } known[] = {
        {440123456, PLATFORM_UNKNOWN, "KR"},       {445123456, PLATFORM_UNKNOWN, "KP"},
        {4401001, PLATFORM_BASE_STATION, "KR"},    {44012345, PLATFORM_UNKNOWN, "KR"},
        {111445001, PLATFORM_AIRCRAFT, "KP"},      {970011234, PLATFORM_DISTRESS_BEACON, ""},
        {972011234, PLATFORM_DISTRESS_BEACON, ""}, {974011234, PLATFORM_DISTRESS_BEACON, ""},
        {984401234, PLATFORM_SHIP, "KR"},          {994451234, PLATFORM_AID_TO_NAVIGATION, "KP"},
        {843112345, PLATFORM_UNKNOWN, "JP"},       {0, PLATFORM_UNKNOWN, ""},
        {123456789, PLATFORM_UNKNOWN, ""},         {999999999, PLATFORM_AID_TO_NAVIGATION, ""},
        {200999999, PLATFORM_UNKNOWN, ""},         {799999999, PLATFORM_UNKNOWN, ""},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct mmsi_kind kind = mmsi_kind(known[i].mmsi);
        int flag = known[i].flag[0] ? known[i].flag[0] << 8 | known[i].flag[1] : 0;
        assert_int_equal(kind.platform, known[i].platform);
        assert_int_equal(kind.flag, flag);
    }
    assert_int_equal(mid_flag(0), 0);
    assert_int_equal(mid_flag(776), 0);
    assert_int_equal(mid_flag(UINT32_MAX), 0);
    assert_int_equal(mid_flag(775), 'V' << 8 | 'E');
}

static void types_of_ships(void **state)
{
    (void)state;
    static const struct {
        unsigned type;
        enum platform platform;
    } known[] = {{0, PLATFORM_SHIP},
                 {20, PLATFORM_SHIP},
                 {30, PLATFORM_FISHING},
                 {31, PLATFORM_TUG},
                 {35, PLATFORM_NAVAL},
                 {37, PLATFORM_PLEASURE_CRAFT},
                 {40, PLATFORM_HIGH_SPEED_CRAFT},
                 {51, PLATFORM_SAR_VESSEL},
                 {55, PLATFORM_PATROL},
                 {69, PLATFORM_PASSENGER_SHIP},
                 {70, PLATFORM_CARGO_SHIP},
                 {89, PLATFORM_TANKER},
                 {90, PLATFORM_SHIP},
                 {255, PLATFORM_SHIP}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        assert_int_equal(ship_type_platform(known[i].type), known[i].platform);
}

/* IEC 61162-1: 0 .. 39 are '0' .. 'W', 40 .. 63 are '`' .. 'w'. */
static void armour(void **state)
{
    (void)state;
    static const char all[] = "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw";
    struct ais_bits bits;
    assert_true(ais_unpack(bytes_of(all), 0, &bits));
    assert_int_equal(bits.n, 64 * 6);
    for (unsigned v = 0; v < 64; v++) {
        unsigned got = 0;
        for (unsigned i = v * 6; i < v * 6 + 6; i++)
            got = got * 2 + (bits.p[i / 8] >> (7 - i % 8) & 1);
        assert_int_equal(got, v);
    }
    for (int c = 1; c < 256; c++) {
        char text[] = "000000000000x";
        text[12] = (char)c;
        assert_int_equal(ais_unpack(bytes_of(text), 0, &bits), strchr(all, c) != NULL);
        text[3] = (char)c;
        text[12] = '0';
        assert_int_equal(ais_unpack(bytes_of(text), 0, &bits), strchr(all, c) != NULL);
    }
    assert_true(ais_unpack(bytes_of("0"), 5, &bits));
    assert_int_equal(bits.n, 1);
    assert_true(ais_unpack(bytes_of(""), 5, &bits));
    assert_int_equal(bits.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(class_a),
        cmocka_unit_test(every_third_of_a_unit),
        cmocka_unit_test(not_available),
        cmocka_unit_test(impossible),
        cmocka_unit_test(cut),
        cmocka_unit_test(fixes_that_are_none),
        cmocka_unit_test(rescue_aircraft),
        cmocka_unit_test(long_range_reports),
        cmocka_unit_test(names_and_classes),
        cmocka_unit_test(class_b_static),
        cmocka_unit_test(class_b_extended),
        cmocka_unit_test(aids_to_navigation),
        cmocka_unit_test(base_stations),
        cmocka_unit_test(messages_for_others),
        cmocka_unit_test(kinds_of_numbers),
        cmocka_unit_test(types_of_ships),
        cmocka_unit_test(armour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
