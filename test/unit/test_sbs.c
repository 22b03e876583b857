#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "feed_world.h"

/* Lines as the field list of BaseStation describes them; units are those of that list: feet (0.3048 m),
 * knots (1852 m an hour), feet a minute. */
#define T0_US (INT64_C(1541030400) * TIME_SECOND) /* date -u -d 2018-11-01 +%s */
#define D     "2018/11/01,00:00:0"
#define HEX   "71BE12"

#define ID    "MSG,1,1,1," HEX ",1," D "0.000," D "0.100,KAL858  ,,,,,,,,,,,\n"
#define SPEED "MSG,4,1,1," HEX ",1," D "1.000," D "1.100,,,250.5,90.0,,,-640,,,,,0\n"
#define PLACE "MSG,3,1,1," HEX ",1," D "2.250," D "2.300,,12000,,,37.51234,126.12345,,,0,0,0,0\n"

static void merges_the_lines_of_an_aircraft(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(&fed, FEED_SBS, ID SPEED PLACE);
    assert_int_equal(fed.count, 1);
    const struct position *p = &fed.at[0];
    assert_int_equal(p->track, track_icao(0x71be12));
    assert_int_equal(p->time_us, T0_US + 2250000);
    assert_int_equal(p->time_source, TIME_FROM_SUFFIX);
    assert_int_equal(p->lat_e7, 375123400);
    assert_int_equal(p->lon_e7, 1261234500);
    assert_int_equal(p->alt_cm, 365760);
    assert_int_equal(p->alt_ref, ALT_REF_BARO);
    assert_int_equal(p->east_cmps, 12887); /* 250.5 x 51.4444 */
    assert_int_equal(p->north_cmps, 0);
    assert_int_equal(p->up_cmps, -325); /* 640 x 30.48 / 60 = 325.12 */
    assert_int_equal(p->err_dm, 926);
    assert_int_equal(p->note, NOTE_ASSUMED_ERR);
    assert_int_equal(p->platform, PLATFORM_AIRCRAFT);
    assert_int_equal(p->flag, 'K' << 8 | 'R');
    assert_string_equal(feed_identity(fed.feed, p->track)->name, "KAL858");
    assert_int_equal(feed_counts(fed.feed)->used, 3);
    fed_close(&fed);
}

static void another_aircraft_is_another(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(&fed, FEED_SBS, SPEED "MSG,3,1,1,720001,1," D "2.0," D "2.0,,,,,38,125,,,,,,\n");
    assert_int_equal(fed.at[0].north_cmps, SPEED_UNKNOWN);
    assert_int_equal(fed.at[0].alt_cm, ALT_UNKNOWN);
    assert_int_equal(fed.at[0].alt_ref, ALT_REF_NONE);
    assert_int_equal(fed.at[0].flag, 'K' << 8 | 'P');
    fed_close(&fed);
}

static void old_motion_does_not_serve(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(&fed, FEED_SBS,
             SPEED "MSG,3,1,1," HEX ",1,2018/11/01,00:00:31.000,,,,1000,,,37,126,,,,,,\n"
                   "MSG,3,1,1," HEX ",1,2018/11/01,00:00:31.001,,,,,,,37,126,,,,,,\n");
    assert_int_equal(fed.count, 2);
    assert_int_equal(fed.at[0].east_cmps, 12887); /* 30 s */
    assert_int_equal(fed.at[1].east_cmps, SPEED_UNKNOWN);
    assert_int_equal(fed.at[1].alt_cm, 30480); /* told a millisecond ago */
    fed_close(&fed);
}

static void on_the_ground(void **state)
{
    (void)state;
    static const char *const lines[] = {"MSG,2,1,1," HEX ",1,,,,,,0,10,90,37,126,,,,,,\n",
                                        "MSG,3,1,1," HEX ",1,,,,,,0,10,90,37,126,,,0,0,0,-1\n",
                                        "MSG,3,1,1," HEX ",1,,,,,,0,10,90,37,126,,,0,0,0,1\n"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct fed fed;
        fed_read(&fed, FEED_SBS, lines[i]);
        assert_int_equal(fed.at[0].note & NOTE_ON_GROUND, NOTE_ON_GROUND);
        assert_int_equal(fed.at[0].alt_cm, ALT_UNKNOWN);
        assert_int_equal(fed.at[0].east_cmps, 514);
        fed_close(&fed);
    }
    struct fed fed;
    fed_read(&fed, FEED_SBS, PLACE);
    assert_int_equal(fed.at[0].note & NOTE_ON_GROUND, 0);
    fed_close(&fed);
}

static void dialects(void **state)
{
    (void)state;
    struct fed fed; /* stratux: nanoseconds first, no dates; VRS: MLAT; short lines */
    fed_read(&fed, FEED_SBS,
             "START,Mon Sep 7 14:17:41 +0000 UTC 2015\n"
             "133657202173,MSG,3,,,71BE14,,,,,,,5000,,,37.6,126.9,,,,,,0\n"
             "MLAT,3,1,1,71BE15,1,,,,,,5000,,,37.6,126.9,,,,,,0\r\n"
             "MSG,3,111,11111,71be16,111111,,,,,,5000,,,37.6,-126.9\n");
    assert_int_equal(fed.count, 3);
    assert_int_equal(fed.at[0].track, track_icao(0x71be14));
    assert_int_equal(fed.at[0].time_us, TIME_UNKNOWN);
    assert_int_equal(fed.at[1].track, track_icao(0x71be15));
    assert_int_equal(fed.at[2].track, track_icao(0x71be16));
    assert_int_equal(fed.at[2].lon_e7, -1269000000);
    assert_int_equal(feed_counts(fed.feed)->other, 1);
    fed_close(&fed);
}

static void local_time(void **state)
{
    (void)state;
    struct fed fed;
    struct feed_options told = {
        .format = FEED_SBS, .zone_known = true, .zone_us = 9 * TIME_HOUR, .receive_time = true};
    fed_open(&fed, told); /* live, zone told: the line's own */
    fed_push(&fed, PLACE, 77);
    assert_int_equal(fed.at[0].time_us, T0_US + 2250000 - 9 * TIME_HOUR);
    fed_close(&fed);
    fed_open(&fed, (struct feed_options){.format = FEED_SBS, .receive_time = true});
    fed_push(&fed, PLACE, 77); /* live, not told: it may be any zone */
    assert_int_equal(fed.at[0].time_us, 77);
    assert_int_equal(fed.at[0].time_source, TIME_FROM_RECEIVE);
    fed_close(&fed);
    fed_read(&fed, FEED_SBS, /* the message's date is missing: the log's */
             "MSG,3,1,1," HEX ",1,,," D "2.300,,12000,,,37.5,126.1,,,0,0,0,0\n"
             "MSG,3,1,1," HEX ",1,2018/13/01,00:00:00,,,,12000,,,37.5,126.1,,,0,0,0,0\n");
    assert_int_equal(fed.at[0].time_us, T0_US + 2300000);
    assert_int_equal(fed.at[1].time_us, TIME_UNKNOWN);
    fed_close(&fed);
}

static void what_is_skipped(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum feed_skip skip;
    } known[] = {
        {"MSG,3,1,1," HEX ",1,,,,,,,,,95,126,,,,,,\n", SKIP_IMPOSSIBLE},
        {"MSG,3,1,1," HEX ",1,,,,,,,,,37,181,,,,,,\n", SKIP_IMPOSSIBLE},
        {"MSG,3,1,1," HEX ",1,,,,,,,,,37,x,,,,,,\n", SKIP_SYNTAX},
        {"MSG,3,1,1," HEX ",1,,,,,,,,,37,,,,,,,\n", SKIP_SYNTAX},
        {"MSG,3,1,1," HEX ",1,,,,,,high,,,37,126,,,,,,\n", SKIP_SYNTAX},
        {"MSG,3,1,1,HELLO!,1,,,,,,,,,37,126,,,,,,\n", SKIP_SYNTAX},
        {"MSG,3,1,1," HEX ",1,,,,,,,,,,,,,,,,\n", SKIP_NO_POSITION},
        {"MSG,3,1,1," HEX ",1\n", SKIP_CUT},
        {"TICK,3,1,1\n", SKIP_NOT_A_RECORD},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct fed fed;
        fed_read(&fed, FEED_SBS, known[i].line);
        assert_int_equal(fed.count, 0);
        assert_int_equal(fed_skipped(&fed, known[i].skip), 1);
        fed_close(&fed);
    }
    struct fed fed;
    fed_read(&fed, FEED_SBS,
             "STA,,5,179," HEX ",10103,,,,,RM\nMSG,8,1,1," HEX ",1,,,,,,,,,,,,,,,,0\n\n");
    assert_int_equal(feed_counts(fed.feed)->other, 2);
    fed_close(&fed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merges_the_lines_of_an_aircraft),
        cmocka_unit_test(another_aircraft_is_another),
        cmocka_unit_test(old_motion_does_not_serve),
        cmocka_unit_test(on_the_ground),
        cmocka_unit_test(dialects),
        cmocka_unit_test(local_time),
        cmocka_unit_test(what_is_skipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
