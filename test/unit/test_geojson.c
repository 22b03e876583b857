#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "feed_world.h"

/* RFC 7946: lon before lat, height above the ellipsoid third. RFC 8142: 0x1e before each text. */
#define T0_US               INT64_C(1541030400000000)
#define POINT               "\"geometry\":{\"type\":\"Point\",\"coordinates\":[126.5,37.25,100.5]}"
#define TIME                "\"time\":\"2018-11-01T00:00:00Z\""
#define FEATURE(properties) "{\"type\":\"Feature\"," POINT ",\"properties\":{" properties "}}"

static void a_collection(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(
        &fed, FEED_AUTO,
        "{\n \"type\": \"FeatureCollection\",\n \"features\": [\n" FEATURE(
            TIME
            ",\"track\":\"alpha\",\"class\":\"fishing\",\"flag\":\"KR\",\"name\":\"A\","
            "\"speed_mps\":5,\"course_deg\":90,\"err_m\":7.5,\"colour\":\"red\"") ",\n" FEATURE("\""
                                                                                                "ti"
                                                                                                "me"
                                                                                                "st"
                                                                                                "am"
                                                                                                "p"
                                                                                                "\""
                                                                                                ":1"
                                                                                                "54"
                                                                                                "10"
                                                                                                "30"
                                                                                                "40"
                                                                                                "1."
                                                                                                "5,"
                                                                                                "\""
                                                                                                "mm"
                                                                                                "si"
                                                                                                "\""
                                                                                                ":4"
                                                                                                "40"
                                                                                                "12"
                                                                                                "34"
                                                                                                "56"
                                                                                                ","
                                                                                                "\""
                                                                                                "al"
                                                                                                "t_"
                                                                                                "m"
                                                                                                "\""
                                                                                                ":"
                                                                                                "3") "\n]}\n");
    assert_int_equal(feed_format(fed.feed), FEED_GEOJSON);
    assert_int_equal(fed.count, 2);
    const struct position *p = &fed.at[0];
    assert_int_equal(p->time_us, T0_US);
    assert_int_equal(p->lat_e7, 372500000);
    assert_int_equal(p->lon_e7, 1265000000);
    assert_int_equal(p->alt_cm, 10050);
    assert_int_equal(p->alt_ref, ALT_REF_ELLIPSOID);
    assert_int_equal(p->platform, PLATFORM_FISHING);
    assert_int_equal(p->east_cmps, 500);
    assert_int_equal(p->err_dm, 75);
    assert_string_equal(feed_identity(fed.feed, p->track)->id, "test:alpha");
    assert_int_equal(fed.at[1].track, track_ais(440123456));
    assert_int_equal(fed.at[1].time_us, T0_US + 1500000);
    assert_int_equal(fed.at[1].alt_cm, 300); /* the property wins, and says not above what */
    assert_int_equal(fed.at[1].alt_ref, ALT_REF_NONE);
    fed_close(&fed);
}

static void a_sequence(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(&fed, FEED_AUTO,
             "\x1e{\"type\":\"Feature\",\"id\":7," POINT ",\n \"properties\":null}\n"
             "\x1e" FEATURE(TIME ",\"id\":\"b\",\"simulated\":true") "\n");
    assert_int_equal(feed_format(fed.feed), FEED_GEOJSON);
    assert_int_equal(fed.count, 2);
    assert_string_equal(feed_identity(fed.feed, fed.at[0].track)->id, "test:7");
    assert_int_equal(fed.at[0].time_us, TIME_UNKNOWN);
    assert_string_equal(feed_identity(fed.feed, fed.at[1].track)->id, "test:b");
    assert_int_equal(fed.at[1].note, NOTE_SIMULATED);
    fed_close(&fed);
}

static void what_is_skipped(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int end;
    } known[] = {
        {FEATURE(TIME), SKIP_CUT}, /* whose? */
        {FEATURE(TIME ",\"track\":\"a\",\"class\":\"dragon\""), SKIP_SYNTAX},
        {FEATURE("\"time\":\"yesterday\",\"track\":\"a\""), SKIP_SYNTAX},
        {"{\"type\":\"Feature\",\"geometry\":null,\"properties\":{\"track\":\"a\"}}",
         SKIP_NO_POSITION},
        {"{\"type\":\"Feature\",\"id\":1,\"geometry\":{\"type\":\"Point\",\"coordinates\":[1,95]}}",
         SKIP_IMPOSSIBLE},
        {"{\"type\":\"Feature\",\"id\":1,\"geometry\":{\"type\":\"Point\",\"coordinates\":[1]}}",
         SKIP_SYNTAX},
        {"{\"type\":\"Feature\",\"id\":1,\"geometry\":{\"type\":\"Point\",\"coordinates\":[\"1\",2]"
         "}}",
         SKIP_SYNTAX},
        {"{\"type\":\"Feature\",\"id\":1,\"geometry\":{\"type\":\"LineString\",\"coordinates\":[]}"
         "}",
         SKIP_COUNT},
        {"{\"type\":\"Point\",\"coordinates\":[1,2]}", SKIP_COUNT},
        {"{\"type\":\"FeatureCollection\",\"features\":[7]}", SKIP_SYNTAX},
        {"{\"type\":\"FeatureCollection\",\"features\":7}", SKIP_NOT_A_RECORD},
        {"{\"type\":\"Feature\",\"id\":1", SKIP_CUT},
        {"{\"type\":\"Feature\",,}", SKIP_SYNTAX},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        fed_expect_skip(FEED_GEOJSON, known[i].text, known[i].end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_collection),
        cmocka_unit_test(a_sequence),
        cmocka_unit_test(what_is_skipped),
    };
    return cmocka_run_group_tests_name("geojson", tests, NULL, NULL);
}
