#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "feed/position_json.h"
#include "feed/velocity.h"
#include "feed_world.h"

/* Our own two formats, docs/format/positions.md. */
#define T0_US (INT64_C(1541030400) * TIME_SECOND) /* date -u -d 2018-11-01 +%s */
#define HEADER                                                                                     \
    "time,track,lat,lon,alt_m,alt_ref,speed_mps,course_deg,vrate_mps,class,flag,name,err_m\n"

static void every_column(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(&fed, FEED_CSV,
             "# a comment\n\n" HEADER
             "2018-11-01T09:00:00+09:00,radar:7,37.5,-125.25,3657.6,baro,128.5,90,-3.25,airliner,"
             "KR,\"KAL 858, \"\"first\"\"\",30\n");
    assert_int_equal(fed.count, 1);
    const struct position *p = &fed.at[0];
    assert_int_equal(p->time_us, T0_US);
    assert_int_equal(p->time_source, TIME_FROM_TAG);
    assert_int_equal(p->track, track_read(bytes_of("radar:7")));
    assert_int_equal(p->lat_e7, 375000000);
    assert_int_equal(p->lon_e7, -1252500000);
    assert_int_equal(p->alt_cm, 365760);
    assert_int_equal(p->alt_ref, ALT_REF_BARO);
    assert_int_equal(p->east_cmps, 12850);
    assert_int_equal(p->north_cmps, 0);
    assert_int_equal(p->up_cmps, -325);
    assert_int_equal(p->platform, PLATFORM_AIRLINER);
    assert_int_equal(p->flag, 'K' << 8 | 'R');
    assert_int_equal(p->err_dm, 300);
    assert_string_equal(feed_identity(fed.feed, p->track)->name, "KAL 858, \"first\"");
    assert_string_equal(feed_identity(fed.feed, p->track)->id, "radar:7");
    assert_int_equal(feed_counts(fed.feed)->other, 1);
    fed_close(&fed);
}

static void few_columns_in_another_order(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(&fed, FEED_CSV,
             "Lon, LAT ,colour,\"track\"\r\n126,37,red,alpha\r\n1,2,,icao:71BE12\r\n");
    assert_int_equal(fed.count, 2);
    assert_int_equal(fed.at[0].track, track_named(bytes_of("test"), bytes_of("alpha")));
    assert_int_equal(fed.at[0].time_us, TIME_UNKNOWN);
    assert_int_equal(fed.at[0].time_source, TIME_FROM_NONE);
    assert_int_equal(fed.at[0].alt_cm, ALT_UNKNOWN);
    assert_int_equal(fed.at[0].north_cmps, SPEED_UNKNOWN);
    assert_int_equal(fed.at[0].platform, PLATFORM_UNKNOWN);
    assert_int_equal(fed.at[0].err_dm, 0);
    assert_int_equal(fed.at[1].track, track_icao(0x71be12));
    char memory[64];
    struct buf text;
    buf_init(&text, memory, sizeof memory);
    feed_track_write(fed.feed, fed.at[0].track, &text);
    assert_string_equal(memory, "test:alpha");
    fed_close(&fed);
}

static void times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } known[] = {
        {"2018-11-01T00:00:00Z", T0_US},
        {"2018-11-01T00:00:00.25Z", T0_US + 250000},
        {"2018-11-01T09:00+09:00", T0_US},
        {"2018-11-01T00:00:00", T0_US},
        {"1541030400", T0_US},
        {"1541030400.125", T0_US + 125000},
        {"", TIME_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        char text[200] = "time,track,lat,lon\n";
        struct fed fed;
        strcat(strcat(text, known[i].text), ",a,1,2\n");
        fed_read(&fed, FEED_CSV, text);
        assert_int_equal(fed.count, 1);
        assert_int_equal(fed.at[0].time_us, known[i].us);
        fed_close(&fed);
    }
    struct fed fed;
    fed_open(&fed, (struct feed_options){
                       .format = FEED_CSV, .zone_known = true, .zone_us = 9 * TIME_HOUR});
    fed_push(&fed, "time,track,lat,lon\n2018-11-01T09:00:00,a,1,2\n", TIME_UNKNOWN);
    assert_int_equal(fed.at[0].time_us, T0_US);
    fed_close(&fed);
}

static void lines_that_are_skipped(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum feed_skip skip;
    } known[] = {
        {",a,95,0,,,,,,,,,\n", SKIP_IMPOSSIBLE},
        {",a,0,180.1,,,,,,,,,\n", SKIP_IMPOSSIBLE},
        {",a,0,0,,,-1,0,,,,,\n", SKIP_IMPOSSIBLE},
        {",a,0,0,,,1,361,,,,,\n", SKIP_IMPOSSIBLE},
        {",a,0,0,,,,,,,,,-5\n", SKIP_IMPOSSIBLE},
        {",a,x,0,,,,,,,,,\n", SKIP_SYNTAX},
        {",a,0x1,0,,,,,,,,,\n", SKIP_SYNTAX},
        {",a,0,0,,,,,,zeppelin,,,\n", SKIP_SYNTAX},
        {",a,0,0,,,,,,,kr,,\n", SKIP_SYNTAX},
        {",a,0,0,5,keel,,,,,,,\n", SKIP_SYNTAX},
        {"2018-11-01,a,0,0,,,,,,,,,\n", SKIP_SYNTAX},
        {"2018-13-01T00:00:00Z,a,0,0,,,,,,,,,\n", SKIP_SYNTAX},
        {",a,0,0,,,,,,,,,,,\n", SKIP_SYNTAX},
        {",\"a,0,0,,,,,,,,,\n", SKIP_SYNTAX},
        {",\"a\"b,0,0,,,,,,,,,\n", SKIP_SYNTAX},
        {",a,0,0\n", SKIP_CUT},
        {",,0,0,,,,,,,,,\n", SKIP_CUT},
        {",a,,0,,,,,,,,,\n", SKIP_CUT},
        {",\xff,0,0,,,,,,,,,\n", SKIP_NOT_TEXT},
        {",a234567890123456789012345678901234567890123456789012345678901234567890,0,0,,,,,,,,,\n",
         SKIP_TOO_LONG},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        char text[512] = HEADER;
        struct fed fed;
        fed_read(&fed, FEED_CSV, strcat(text, known[i].line));
        assert_int_equal(fed.count, 0);
        assert_int_equal(fed_skipped(&fed, known[i].skip), 1);
        fed_close(&fed);
    }
}

static void a_header_is_needed(void **state)
{
    (void)state;
    static const char *const wrong[] = {"lat,lon\n1,2\n", "track,lat,lat,lon\na,1,1,2\n", "a,1,2\n",
                                        "\"track,lat,lon\na,1,2\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct fed fed;
        fed_read(&fed, FEED_CSV, wrong[i]);
        assert_int_equal(fed.count, 0);
        assert_int_equal(fed_skipped(&fed, SKIP_NOT_A_RECORD), feed_counts(fed.feed)->records);
        fed_close(&fed);
    }
    struct fed fed;
    fed_read(&fed, FEED_CSV, "\xef\xbb\xbftrack,lat,lon\na,1,2\n"); /* a byte order mark */
    assert_int_equal(fed.count, 1);
    fed_close(&fed);
}

/* ---- NDJSON ------------------------------------------------------------------------------------- */

static void keys_of_ndjson(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(
        &fed, FEED_NDJSON,
        "{\"time\":\"2018-11-01T00:00:00Z\",\"time_source\":\"rmc\",\"track\":\"ais:440123456\","
        "\"lat\":37.5,\"lon\":180,\"alt_m\":null,\"alt_ref\":\"baro\",\"speed_mps\":0,"
        "\"course_deg\":null,\"vrate_mps\":1.5,\"class\":\"fishing\","
        "\"name\":\"\\ud55c\\uae00\",\"flag\":\"KR\",\"err_m\":6553.5,\"feed\":\"x\",\"leg\":3,"
        "\"colour\":{\"a\":[1]}}\n"
        "{\"time\":1541030400.5,\"track\":\"a\",\"lat\":1e-7,\"lon\":-5e-7}\n");
    assert_int_equal(fed.count, 2);
    const struct position *p = &fed.at[0];
    assert_int_equal(p->track, track_ais(440123456));
    assert_int_equal(p->time_source, TIME_FROM_RMC);
    assert_int_equal(p->lon_e7, -LON_E7_MAX);
    assert_int_equal(p->alt_ref, ALT_REF_NONE); /* of no altitude */
    assert_int_equal(p->north_cmps, 0);
    assert_int_equal(p->up_cmps, 150);
    assert_int_equal(p->platform, PLATFORM_FISHING);
    assert_int_equal(p->err_dm, ERR_DM_MAX);
    assert_int_equal(p->leg, 3);
    assert_string_equal(feed_identity(fed.feed, p->track)->name, "\xed\x95\x9c\xea\xb8\x80");
    assert_int_equal(fed.at[1].lat_e7, 1);
    assert_int_equal(fed.at[1].lon_e7, -5);
    assert_int_equal(fed.at[1].time_us, T0_US + 500000);
    assert_int_equal(fed.at[1].time_source, TIME_FROM_TAG);
    fed_close(&fed);
}

static void wrong_ndjson(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum feed_skip skip;
    } known[] = {
        {"{\"track\":\"a\",\"lat\":1}\n", SKIP_CUT},
        {"{\"track\":null,\"lat\":1,\"lon\":2}\n", SKIP_CUT},
        {"{\"track\":\"a\",\"lat\":1,\"lon\":2\n", SKIP_SYNTAX},
        {"{\"track\":\"a\",\"lat\":\"1\",\"lon\":2}\n", SKIP_SYNTAX},
        {"{\"track\":7,\"lat\":1,\"lon\":2}\n", SKIP_SYNTAX},
        {"{\"track\":\"a\",\"lat\":1,\"lon\":2,\"leg\":16}\n", SKIP_IMPOSSIBLE},
        {"{\"track\":\"a\",\"lat\":91,\"lon\":2}\n", SKIP_IMPOSSIBLE},
        {"{\"track\":\"a\",\"track\":\"b\",\"lat\":1,\"lon\":2}\n", SKIP_SYNTAX},
        {"{\"track\":\"a\",\"lat\":1,\"lon\":2,\"time\":\"now\"}\n", SKIP_SYNTAX},
        {"[1]\n", SKIP_NOT_A_RECORD},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct fed fed;
        fed_read(&fed, FEED_NDJSON, known[i].line);
        assert_int_equal(fed.count, 0);
        assert_int_equal(fed_skipped(&fed, known[i].skip), 1);
        fed_close(&fed);
    }
}

/* What is printed comes back as the same position, whatever it was. */
static struct position any_position(uint64_t *seed)
{
    struct position p = {.track = track_ais(440000000)};
    for (int i = 0; i < 8; i++)
        *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint64_t a = *seed >> 16, b = *seed * UINT64_C(0x9e3779b97f4a7c15) >> 16;
    p.track += a % 1000000;
    p.time_us = a & 1 ? T0_US + (int64_t)(b % 1000000000) : TIME_UNKNOWN;
    p.time_source = a & 1 ? TIME_FROM_SUFFIX : TIME_FROM_NONE;
    p.lat_e7 = (int32_t)(a % 1800000001) - 900000000;
    p.lon_e7 = (int32_t)((int64_t)(b % 3600000000) - 1800000000);
    p.alt_cm = a & 2 ? (int32_t)(b % 2000000) - 10000 : ALT_UNKNOWN;
    p.north_cmps = a & 4 ? (int32_t)(b >> 8 & 0xffff) - 32768 : SPEED_UNKNOWN;
    p.east_cmps = a & 4 ? (int32_t)(a >> 8 & 0xffff) - 32768 : SPEED_UNKNOWN;
    p.up_cmps = SPEED_UNKNOWN;
    p.err_dm = (uint16_t)(b >> 24);
    p.platform = (uint8_t)(a >> 24) % PLATFORM_COUNT;
    p.flag = a & 8 ? 'K' << 8 | 'P' : 0;
    p.leg = a >> 30 & 15;
    return p;
}

static void what_is_printed_comes_back(void **state)
{
    (void)state;
    struct fed fed;
    uint64_t seed = 42;
    fed_open(&fed, (struct feed_options){.format = FEED_NDJSON});
    for (int i = 0; i < 20000; i++) {
        char memory[POSITION_JSON_MAX];
        struct buf buf;
        struct json_out out;
        struct position p = any_position(&seed);
        buf_init(&buf, memory, sizeof memory);
        json_out_init(&out, &buf);
        position_json(&out, &p, fed.feed);
        buf_char(&buf, '\n');
        fed.count = 0;
        fed_push(&fed, memory, TIME_UNKNOWN);
        assert_int_equal(fed.count, 1);
        assert_memory_equal(&fed.at[0], &p, sizeof p);
    }
    fed_close(&fed);
}

static void printed_keys(void **state)
{
    (void)state;
    struct fed fed;
    char memory[POSITION_JSON_MAX];
    struct buf buf;
    struct json_out out;
    fed_read(&fed, FEED_CSV,
             HEADER "1541030400.5,radar:7,37.5,-125.25,10.5,baro,5,0,,fishing,KR,"
                    "\"A \"\"B\"\"\",30\n,b,1,2,,,,,,,,,\n");
    buf_init(&buf, memory, sizeof memory);
    json_out_init(&out, &buf);
    position_json(&out, &fed.at[0], fed.feed);
    assert_string_equal(memory,
                        "{\"time\":\"2018-11-01T00:00:00.5Z\",\"time_source\":\"tag\","
                        "\"track\":\"radar:7\",\"lat\":37.5,\"lon\":-125.25,\"alt_m\":10.5,"
                        "\"speed_mps\":5,\"course_deg\":0,\"class\":\"fishing\","
                        "\"name\":\"A \\\"B\\\"\",\"flag\":\"KR\",\"err_m\":30,\"feed\":\"test\"}");
    buf_clear(&buf);
    json_out_init(&out, &buf);
    fed.at[1].leg = 2;
    position_json(&out, &fed.at[1], fed.feed);
    assert_string_equal(memory,
                        "{\"time\":null,\"time_source\":\"none\",\"track\":\"test:b\",\"lat\":1,"
                        "\"lon\":2,\"alt_m\":null,\"speed_mps\":null,\"course_deg\":null,"
                        "\"class\":null,\"name\":null,\"flag\":null,\"err_m\":null,"
                        "\"feed\":\"test\",\"leg\":2}");
    fed_close(&fed);
}

/* Compass points in closed form. */
static void courses(void **state)
{
    (void)state;
    static const struct {
        int north, east;
        double speed, course;
    } known[] = {{100, 0, 100, 0},
                 {0, 100, 100, 90},
                 {-100, 0, 100, 180},
                 {0, -100, 100, 270},
                 {300, 400, 500, 53.130102354156},
                 {-300, -400, 500, 233.130102354156},
                 {0, 0, 0, 0}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct position p = {.north_cmps = known[i].north, .east_cmps = known[i].east};
        double speed, course;
        assert_true(velocity_polar(&p, &speed, &course));
        assert_true(speed - known[i].speed < 1e-9 && known[i].speed - speed < 1e-9);
        assert_true(course - known[i].course < 1e-9 && known[i].course - course < 1e-9);
    }
    struct position p = {.north_cmps = SPEED_UNKNOWN, .east_cmps = SPEED_UNKNOWN};
    double speed, course;
    assert_false(velocity_polar(&p, &speed, &course));
    velocity_set(&p, -1, 0);
    velocity_set(&p, 1e9, 0);
    velocity_set(&p, 1, 1e9);
    assert_int_equal(p.north_cmps, SPEED_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column),
        cmocka_unit_test(few_columns_in_another_order),
        cmocka_unit_test(times),
        cmocka_unit_test(lines_that_are_skipped),
        cmocka_unit_test(a_header_is_needed),
        cmocka_unit_test(keys_of_ndjson),
        cmocka_unit_test(wrong_ndjson),
        cmocka_unit_test(what_is_printed_comes_back),
        cmocka_unit_test(printed_keys),
        cmocka_unit_test(courses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
