#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "feed/icao.h"
#include "feed_world.h"

/* Keys and units as README-json.md of readsb describes them: feet, knots, feet a minute, seconds. */
#define T0_US (INT64_C(1541030400) * TIME_SECOND) /* date -u -d 2018-11-01 +%s */
#define NOW   "\"now\":1541030410.5"

static void document(struct fed *fed, const char *aircraft)
{
    char text[2048];
    snprintf(text, sizeof text, "{ " NOW ",\n \"messages\":1,\n \"aircraft\" : [\n%s\n ]\n}\n",
             aircraft);
    fed_read(fed, FEED_AIRCRAFT, text);
}

static void the_new_dialect(void **state)
{
    (void)state;
    struct fed fed;
    document(&fed, "{\"hex\":\"71be12\",\"type\":\"adsb_icao\",\"flight\":\"KAL858  \","
                   "\"alt_baro\":12000,\"alt_geom\":12250,\"gs\":250.5,\"track\":90,"
                   "\"baro_rate\":64,\"geom_rate\":-640,\"category\":\"A3\",\"lat\":37.51234,"
                   "\"lon\":126.12345,\"nic\":8,\"rc\":186,\"seen_pos\":10.25,\"nac_p\":9}");
    assert_int_equal(fed.count, 1);
    const struct position *p = &fed.at[0];
    assert_int_equal(p->track, track_icao(0x71be12));
    assert_int_equal(p->time_us, T0_US + 250000);
    assert_int_equal(p->time_source, TIME_FROM_TAG);
    assert_int_equal(p->lat_e7, 375123400);
    assert_int_equal(p->lon_e7, 1261234500);
    assert_int_equal(p->alt_cm, 373380); /* 12250 x 30.48 */
    assert_int_equal(p->alt_ref, ALT_REF_ELLIPSOID);
    assert_int_equal(p->east_cmps, 12887);
    assert_int_equal(p->north_cmps, 0);
    assert_int_equal(p->up_cmps, -325);
    assert_int_equal(p->err_dm, 300);
    assert_int_equal(p->note, 0);
    assert_int_equal(p->platform, PLATFORM_FIXED_WING);
    assert_int_equal(p->flag, 'K' << 8 | 'R');
    assert_string_equal(feed_identity(fed.feed, p->track)->name, "KAL858");
    fed_close(&fed);
}

static void the_old_dialect(void **state)
{
    (void)state;
    struct fed fed;
    document(&fed,
             "{\"hex\":\"720001\",\"squawk\":\"1200\",\"lat\":38.5,\"lon\":126.1,\"nucp\":7,"
             "\"seen_pos\":0.5,\"altitude\":9000,\"vert_rate\":60,\"track\":0,\"speed\":100}");
    const struct position *p = &fed.at[0];
    assert_int_equal(p->time_us, T0_US + 10 * TIME_SECOND);
    assert_int_equal(p->alt_cm, 274320);
    assert_int_equal(p->alt_ref, ALT_REF_BARO);
    assert_int_equal(p->north_cmps, 5144);
    assert_int_equal(p->up_cmps, 30);
    assert_int_equal(p->err_dm, 926);
    assert_int_equal(p->note, 0);
    assert_int_equal(p->platform, PLATFORM_AIRCRAFT);
    assert_int_equal(p->flag, 'K' << 8 | 'P');
    fed_close(&fed);
}

/* 95 % bounds: EPU by NACp of DO-260B; containment radius where there is no NACp. */
static void errors(void **state)
{
    (void)state;
    static const struct {
        const char *keys;
        unsigned dm;
        bool assumed;
    } known[] = {
        {"\"nac_p\":11", 30, false},
        {"\"nac_p\":10", 100, false},
        {"\"nac_p\":8,\"rc\":5", 926, false},
        {"\"nac_p\":5", 9260, false},
        {"\"nac_p\":3", 37040, false},
        {"\"nac_p\":2", ERR_DM_MAX, false},
        {"\"nac_p\":0,\"rc\":186", 1860, false},
        {"\"nac_p\":12,\"rc\":7.5", 75, false},
        {"\"rc\":100000", ERR_DM_MAX, false},
        {"\"rc\":0", 926, true},
        {"\"nucp\":9", 30, false},
        {"\"nucp\":0", 926, true},
        {"\"seen\":1", 926, true},
        {"\"type\":\"mlat\",\"nac_p\":9", 9260, true},
        {"\"mlat\":[\"altitude\",\"lat\",\"lon\"]", 9260, true},
        {"\"mlat\":[],\"nac_p\":9", 300, false},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        char text[256];
        struct fed fed;
        snprintf(text, sizeof text, "{\"hex\":\"71be12\",\"lat\":37,\"lon\":126,%s}",
                 known[i].keys);
        document(&fed, text);
        assert_int_equal(fed.count, 1);
        assert_int_equal(fed.at[0].err_dm, known[i].dm);
        assert_int_equal(fed.at[0].note, known[i].assumed ? NOTE_ASSUMED_ERR : 0);
        fed_close(&fed);
    }
}

/* Emitter categories of DO-260B. */
static void classes(void **state)
{
    (void)state;
    static const struct {
        const char *category;
        enum platform platform;
    } known[] = {
        {"A1", PLATFORM_FIXED_WING}, {"A6", PLATFORM_FIXED_WING}, {"A7", PLATFORM_ROTARY_WING},
        {"A0", PLATFORM_AIRCRAFT},   {"B1", PLATFORM_GLIDER},     {"B2", PLATFORM_BALLOON},
        {"B3", PLATFORM_PARACHUTE},  {"B6", PLATFORM_UAV},        {"C1", PLATFORM_VEHICLE},
        {"C2", PLATFORM_VEHICLE},    {"C3", PLATFORM_OBSTACLE},   {"D7", PLATFORM_AIRCRAFT}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        char text[256];
        struct fed fed;
        snprintf(text, sizeof text,
                 "{\"hex\":\"71be12\",\"lat\":37,\"lon\":126,\"category\":\"%s\"}",
                 known[i].category);
        document(&fed, text);
        assert_int_equal(fed.at[0].platform, known[i].platform);
        fed_close(&fed);
    }
}

static void on_the_ground_and_foreign(void **state)
{
    (void)state;
    struct fed fed;
    document(&fed, "{\"hex\":\"~2a1b2c\",\"alt_baro\":\"ground\",\"gs\":0,\"lat\":37.5,"
                   "\"lon\":126.8}");
    assert_int_equal(fed.at[0].track, track_tisb(0x2a1b2c));
    assert_int_equal(fed.at[0].flag, 0);
    assert_int_equal(fed.at[0].note & NOTE_ON_GROUND, NOTE_ON_GROUND);
    assert_int_equal(fed.at[0].alt_cm, ALT_UNKNOWN);
    assert_int_equal(fed.at[0].north_cmps, 0);
    assert_int_equal(fed.at[0].time_us, T0_US + 10500000); /* seen_pos is not told */
    fed_close(&fed);
}

static void what_is_skipped(void **state)
{
    (void)state;
    static const struct {
        const char *aircraft;
        enum feed_skip skip;
    } known[] = {
        {"{\"hex\":\"71be12\",\"lat\":95,\"lon\":126}", SKIP_IMPOSSIBLE},
        {"{\"hex\":\"71be12\",\"lat\":37,\"lon\":-180.1}", SKIP_IMPOSSIBLE},
        {"{\"hex\":\"71be12\",\"lat\":\"37\",\"lon\":126}", SKIP_SYNTAX},
        {"{\"hex\":\"71be12\",\"lat\":37,\"lon\":126,\"alt_baro\":\"high\"}", SKIP_SYNTAX},
        {"{\"hex\":\"71be12\",\"lat\":37,\"lon\":126,\"gs\":[]}", SKIP_SYNTAX},
        {"{\"hex\":\"71be1\",\"lat\":37,\"lon\":126}", SKIP_SYNTAX},
        {"{\"hex\":7,\"lat\":37,\"lon\":126}", SKIP_SYNTAX},
        {"7", SKIP_SYNTAX},
        {"{\"hex\":\"71be12\",\"lat\":37,,}", SKIP_SYNTAX},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct fed fed;
        document(&fed, known[i].aircraft);
        assert_int_equal(fed.count, 0);
        assert_int_equal(feed_counts(fed.feed)->records, 1);
        assert_int_equal(fed_skipped(&fed, known[i].skip), 1);
        fed_close(&fed);
    }
    struct fed fed;
    document(&fed, "{\"hex\":\"71be12\",\"seen\":1},{\"hex\":\"71be13\",\"flight\":\"X1\"}");
    assert_int_equal(feed_counts(fed.feed)->other, 1);
    assert_int_equal(feed_counts(fed.feed)->used, 1);
    fed_close(&fed);
}

/* A fix stays in the documents until the next one comes. */
static void a_fix_is_told_once(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(
        &fed, FEED_AIRCRAFT,
        "{\"now\":100.0,\"aircraft\":[{\"hex\":\"71be12\",\"lat\":1,\"lon\":2,\"seen_pos\":1}]}"
        "{\"now\":101.1,\"aircraft\":[{\"hex\":\"71be12\",\"lat\":1,\"lon\":2,\"seen_pos\":2}]}"
        "{\"now\":102.0,\"aircraft\":[{\"hex\":\"71be12\",\"lat\":1,\"lon\":2,\"seen_pos\":0}]}"
        "{\"now\":103.0,\"aircraft\":[{\"hex\":\"71be12\",\"lat\":1,\"lon\":3,\"seen_pos\":1}]}");
    assert_int_equal(fed.count, 3);
    assert_int_equal(fed.at[0].time_us, 99 * TIME_SECOND);
    assert_int_equal(fed.at[1].time_us, 102 * TIME_SECOND);
    assert_int_equal(fed.at[2].lon_e7, 30000000);
    assert_int_equal(feed_counts(fed.feed)->other, 1);
    fed_close(&fed);
}

static void one_object_a_line(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(&fed, FEED_AIRCRAFT,
             "{\"now\":100.5,\"hex\":\"71be12\",\"lat\":1,\"lon\":2,\"seen_pos\":0.5}\n"
             "{\"now\":101.5,\"hex\":\"71be12\",\"lat\":1,\"lo\n" /* cut */
             "{\"now\":102.5,\"hex\":\"71be12\",\"lat\":3,\"lon\":2,\"seen_pos\":0.5}\n"
             "{\"now\":103.5,\"hex\":\"71be12\",\"flight\":\"A\"}\n"
             "{\"now\":1541030410500,\"ac\":[{\"hex\":\"71be12\",\"lat\":4,\"lon\":2}]}\n");
    assert_int_equal(fed.count, 3);
    assert_int_equal(fed.at[0].time_us, 100 * TIME_SECOND);
    assert_int_equal(fed.at[1].time_us, 102 * TIME_SECOND);
    assert_int_equal(fed.at[2].time_us, T0_US + 10500000); /* milliseconds, as some servers have */
    assert_int_equal(fed_skipped(&fed, SKIP_CUT), 1);
    fed_close(&fed);
}

/* A file that was cut, then a whole one. */
static void a_new_document_in_an_unfinished_one(void **state)
{
    (void)state;
    static const char whole[] =
        "{ \"now\" : 100,\n \"aircraft\" : [\n{\"hex\":\"71be12\",\"lat\":1,\"lon\":2},\n"
        "{\"hex\":\"71be13\",\"lat\":1,\"lon\":2}\n]}\n";
    for (size_t n = 1; n < sizeof whole - 2; n++) {
        char text[512];
        struct fed fed;
        snprintf(text, sizeof text, "%.*s\n%s%s", (int)n, whole, whole, whole);
        fed_read(&fed, FEED_AIRCRAFT, text);
        /* the second document may be lost with the first, the third may not */
        assert_true(fed.count >= 2);
        assert_int_equal(fed.at[fed.count - 1].track, track_icao(0x71be13));
        fed_close(&fed);
    }
}

static void limits(void **state)
{
    (void)state;
    static char text[40000];
    struct fed fed;
    int n = snprintf(text, sizeof text, "{\"now\":1,\"x\":\"");
    memset(text + n, 'a', 20000);
    strcpy(text + n + 20000, "\"}\n{\"now\":100,\"hex\":\"71be12\",\"lat\":1,\"lon\":2}\n");
    fed_read(&fed, FEED_AIRCRAFT, text); /* documents of at most 16384 here */
    assert_int_equal(fed.count, 1);
    assert_int_equal(fed_skipped(&fed, SKIP_TOO_LONG), 1);
    fed_close(&fed);
    fed_read(&fed, FEED_AIRCRAFT, "hello\n{\"version\":1}\n{\"now\":1,\"aircraft\":[");
    assert_int_equal(fed_skipped(&fed, SKIP_NOT_A_RECORD), 1);
    assert_int_equal(feed_counts(fed.feed)->other, 1);
    assert_int_equal(fed_skipped(&fed, SKIP_CUT), 1);
    fed_close(&fed);
}

/* Blocks of the appendix to chapter 9 of ICAO Annex 10, Volume III: first and last of each. */
static void states_of_addresses(void **state)
{
    (void)state;
    static const struct {
        uint32_t address;
        const char *flag;
    } known[] = {{0x718000, "KR"}, {0x71ffff, "KR"}, {0x720000, "KP"}, {0x727fff, "KP"},
                 {0x728000, "IQ"}, {0x840000, "JP"}, {0x87ffff, "JP"}, {0x780000, "CN"},
                 {0x7bffff, "CN"}, {0xa00000, "US"}, {0xafffff, "US"}, {0x004000, "ZW"},
                 {0x003fff, ""},   {0x000000, ""},   {0xffffff, ""},   {0x400000, "GB"},
                 {0xe94fff, "BO"}, {0xe95000, ""},   {0x100000, "RU"}, {0x1fffff, "RU"},
                 {0x4ca000, "IE"}, {0x4cb000, ""}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        int flag = known[i].flag[0] ? known[i].flag[0] << 8 | known[i].flag[1] : 0;
        assert_int_equal(icao_flag(known[i].address), flag);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_new_dialect),
        cmocka_unit_test(the_old_dialect),
        cmocka_unit_test(errors),
        cmocka_unit_test(classes),
        cmocka_unit_test(on_the_ground_and_foreign),
        cmocka_unit_test(what_is_skipped),
        cmocka_unit_test(a_fix_is_told_once),
        cmocka_unit_test(one_object_a_line),
        cmocka_unit_test(a_new_document_in_an_unfinished_one),
        cmocka_unit_test(limits),
        cmocka_unit_test(states_of_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
