#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "feed_world.h"

/*
 * What gpsd 3.22's gpsdecode -j (and -j -u) prints for "!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A"
 * and others of its own sample load; what gpsd_json(5) says of TPV; AIS-catcher's README and key list.
 */
#define SCALED                                                                                     \
    "{\"class\":\"AIS\",\"device\":\"stdin\",\"type\":1,\"repeat\":0,\"mmsi\":371798000,"          \
    "\"scaled\":true,\"status\":0,\"status_text\":\"Under way using engine\","                     \
    "\"turn\":\"fastleft\",\"speed\":12.3,\"accuracy\":true,\"lon\":-123.3953833,"                 \
    "\"lat\":48.3816333,\"course\":224.0,\"heading\":215,\"second\":33,\"raim\":false}\n"
#define UNSCALED                                                                                   \
    "{\"class\":\"AIS\",\"device\":\"stdin\",\"type\":1,\"repeat\":0,\"mmsi\":371798000,"          \
    "\"scaled\":false,\"status\":0,\"turn\":-127,\"speed\":123,\"accuracy\":true,"                 \
    "\"lon\":-74037230,\"lat\":29028980,\"course\":2240,\"heading\":215,\"second\":33}\n"

static void scaled_and_unscaled_are_one(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(&fed, FEED_GPSD, SCALED UNSCALED);
    assert_int_equal(fed.count, 2);
    assert_memory_equal(&fed.at[0], &fed.at[1], sizeof fed.at[0]);
    const struct position *p = &fed.at[0];
    assert_int_equal(p->track, track_ais(371798000));
    assert_int_equal(p->lon_e7, -1233953833); /* 74037230 / 600000 */
    assert_int_equal(p->lat_e7, 483816333);
    assert_int_equal(p->north_cmps, -455); /* 12.3 kn = 632.77 cm/s; cos 224 = -0.71934 */
    assert_int_equal(p->east_cmps, -440);  /* sin 224 = -0.69466 */
    assert_int_equal(p->err_dm, 100);
    assert_int_equal(p->flag, 'P' << 8 | 'A');
    assert_int_equal(p->platform, PLATFORM_SHIP);
    assert_int_equal(p->time_us, TIME_UNKNOWN);
    fed_close(&fed);
}

#define AIS(rest) "{\"class\":\"AIS\",\"mmsi\":440123456," rest "}\n"

static void not_available(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool placed, moves;
    } known[] = {
        {AIS("\"type\":1,\"scaled\":true,\"lon\":181.0,\"lat\":91.0,\"speed\":1"), false, false},
        {AIS("\"type\":1,\"scaled\":false,\"lon\":108600000,\"lat\":54600000"), false, false},
        {AIS("\"type\":27,\"scaled\":false,\"lon\":108600,\"lat\":54600"), false, false},
        {AIS("\"type\":1,\"lon\":null,\"lat\":null"), false, false},
        {AIS("\"type\":1,\"lon\":\"n/a\",\"lat\":\"n/a\""), false, false},
        {AIS("\"type\":1,\"lon\":1,\"lat\":2,\"speed\":\"nan\",\"course\":10"), true, false},
        {AIS("\"type\":1,\"lon\":1,\"lat\":2,\"speed\":\"n/a\",\"course\":10"), true, false},
        {AIS("\"type\":1,\"lon\":1,\"lat\":2,\"speed\":102.3,\"course\":10"), true, false},
        {AIS("\"type\":1,\"lon\":1,\"lat\":2,\"speed\":102.2,\"course\":10"), true, true},
        {AIS("\"type\":1,\"lon\":1,\"lat\":2,\"speed\":5,\"course\":360.0"), true, false},
        {AIS("\"type\":1,\"lon\":1,\"lat\":2,\"speed\":0,\"course\":360.0"), true, true},
        {AIS("\"type\":9,\"lon\":1,\"lat\":2,\"speed\":500,\"course\":10"), true, true},
        {AIS("\"type\":9,\"scaled\":false,\"lon\":1,\"lat\":2,\"speed\":1023,\"course\":1"), true,
         false},
        {AIS("\"type\":27,\"lon\":1,\"lat\":2,\"speed\":63,\"course\":10"), true, false},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct fed fed;
        fed_read(&fed, FEED_GPSD, known[i].line);
        assert_int_equal(fed.count, known[i].placed);
        assert_int_equal(fed_skipped(&fed, SKIP_NO_POSITION), !known[i].placed);
        if (known[i].placed)
            assert_int_equal(fed.at[0].north_cmps != SPEED_UNKNOWN, known[i].moves);
        fed_close(&fed);
    }
}

static void kinds_and_errors(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        uint16_t err_dm;
        enum platform platform;
    } known[] = {
        {AIS("\"type\":1,\"lon\":1,\"lat\":2,\"accuracy\":false"), 1000, PLATFORM_SHIP},
        {AIS("\"type\":18,\"lon\":1,\"lat\":2,\"accuracy\":1"), 100, PLATFORM_SHIP},
        {AIS("\"type\":1,\"lon\":1,\"lat\":2,\"accuracy\":true,\"second\":63"), ERR_DM_MAX,
         PLATFORM_SHIP},
        {AIS("\"type\":4,\"lon\":1,\"lat\":2,\"accuracy\":true,\"second\":62"), 100,
         PLATFORM_BASE_STATION},
        {AIS("\"type\":27,\"lon\":1,\"lat\":2,\"accuracy\":true"), 1850, PLATFORM_SHIP},
        {AIS("\"type\":21,\"lon\":1,\"lat\":2,\"accuracy\":true"), 100, PLATFORM_AID_TO_NAVIGATION},
        {AIS("\"type\":19,\"lon\":1,\"lat\":2,\"accuracy\":true,\"shiptype\":30"), 100,
         PLATFORM_FISHING},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct fed fed;
        fed_read(&fed, FEED_GPSD, known[i].line);
        assert_int_equal(fed.count, 1);
        assert_int_equal(fed.at[0].err_dm, known[i].err_dm);
        assert_int_equal(fed.at[0].platform, known[i].platform);
        fed_close(&fed);
    }
}

static void identities(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(&fed, FEED_GPSD,
             AIS("\"type\":24,\"callsign\":\"HL123\",\"shiptype\":52")
                 AIS("\"type\":1,\"lon\":1,\"lat\":2")
                     AIS("\"type\":24,\"shipname\":\"HAE\\u00a0YANG  \"")
                         AIS("\"type\":1,\"lon\":1,\"lat\":2"));
    assert_int_equal(fed.count, 2);
    assert_int_equal(fed.at[0].platform, PLATFORM_TUG);
    assert_int_equal(feed_counts(fed.feed)->identities, 2);
    assert_string_equal(feed_identity(fed.feed, fed.at[1].track)->name, "HAE\xc2\xa0YANG");
    fed_close(&fed);
}

static void wrong_ones(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum feed_skip skip;
    } known[] = {
        {"{\"class\":\"AIS\",\"type\":1,\"lon\":1,\"lat\":2}\n", SKIP_CUT},
        {"{\"class\":\"AIS\",\"mmsi\":\"x\",\"type\":1}\n", SKIP_SYNTAX},
        {"{\"class\":\"AIS\",\"mmsi\":1000000000,\"type\":1}\n", SKIP_IMPOSSIBLE},
        {AIS("\"type\":28"), SKIP_IMPOSSIBLE},
        {AIS("\"type\":1,\"lon\":1,\"lat\":90.1"), SKIP_IMPOSSIBLE},
        {AIS("\"type\":1,\"scaled\":false,\"lon\":99999999999,\"lat\":1"), SKIP_IMPOSSIBLE},
        {AIS("\"type\":1,\"scaled\":false,\"lon\":1.5,\"lat\":1"), SKIP_SYNTAX},
        {AIS("\"type\":1,\"lon\":{},\"lat\":1"), SKIP_SYNTAX},
        {"{\"mmsi\":1}\n", SKIP_NOT_A_RECORD},
        {"{\"class\":\n", SKIP_SYNTAX},
        {"hello\n", SKIP_NOT_A_RECORD},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct fed fed;
        fed_read(&fed, FEED_GPSD, known[i].line);
        assert_int_equal(fed.count, 0);
        if (fed_skipped(&fed, known[i].skip) != 1)
            fail_msg("%s is not skipped as %s", known[i].line, feed_skip_name(known[i].skip));
        fed_close(&fed);
    }
}

/* ---- the receiver itself ------------------------------------------------------------------------ */

#define TPV(time, rest)                                                                            \
    "{\"class\":\"TPV\",\"device\":\"/dev/ttyUSB0\",\"mode\":3,\"time\":" time ",\"lat\":37.5,"    \
    "\"lon\":126.25" rest "}\n"
#define T0    "\"2018-11-01T00:00:00.000Z\""
#define T0_US INT64_C(1541030400000000)

static void a_fix_of_its_own(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(
        &fed, FEED_AUTO,
        "{\"class\":\"VERSION\",\"release\":\"3.22\",\"rev\":\"3.22\",\"proto_major\":3}\n" TPV(
            T0, ",\"altHAE\":40.5,\"altMSL\":20.25,\"alt\":20.25,\"eph\":12.34,\"track\":90.0,"
                "\"speed\":5.25,\"climb\":-0.5"));
    assert_int_equal(feed_format(fed.feed), FEED_GPSD);
    assert_int_equal(fed.count, 1);
    const struct position *p = &fed.at[0];
    assert_int_equal(p->time_us, T0_US);
    assert_int_equal(p->time_source, TIME_FROM_TAG);
    assert_int_equal(p->alt_cm, 4050);
    assert_int_equal(p->alt_ref, ALT_REF_ELLIPSOID);
    assert_int_equal(p->err_dm, 123);
    assert_int_equal(p->east_cmps, 525);
    assert_int_equal(p->up_cmps, -50);
    assert_string_equal(feed_identity(fed.feed, p->track)->id, "test:/dev/ttyUSB0");
    fed_close(&fed);
    fed_read(&fed, FEED_GPSD,
             TPV("1541030400.5", ",\"alt\":20.25") /* gpsd 2 */
             "{\"class\":\"TPV\",\"mode\":1}\n{\"class\":\"SKY\",\"satellites\":[]}\n");
    assert_int_equal(fed.at[0].time_us, T0_US + 500000);
    assert_int_equal(fed.at[0].alt_ref, ALT_REF_SEA_LEVEL);
    assert_int_equal(fed_skipped(&fed, SKIP_NO_POSITION), 1);
    assert_int_equal(feed_counts(fed.feed)->other, 1);
    fed_close(&fed);
}

#define SHIP AIS("\"type\":1,\"lon\":1,\"lat\":2")

/* In a file the receiver's clock serves; not one that ran back, not another device's. */
static void its_clock(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(&fed, FEED_GPSD,
             SHIP TPV(T0, "") SHIP TPV("\"2018-10-31T23:59:00Z\"", "")
                 SHIP TPV("\"2018-11-01T00:00:01Z\"", "") SHIP
             "{\"class\":\"TPV\",\"device\":\"other\",\"mode\":2,\"time\":\"2030-01-01T00:00:00Z\","
             "\"lat\":1,\"lon\":1}\n" SHIP);
    static const int64_t expected[] = {TIME_UNKNOWN, T0_US, TIME_UNKNOWN, T0_US + TIME_SECOND,
                                       T0_US + TIME_SECOND};
    size_t at = 0;
    for (size_t i = 0; i < fed.count; i++) {
        if (fed.at[i].track != track_ais(440123456))
            continue;
        assert_int_equal(fed.at[i].time_us, expected[at]);
        assert_int_equal(fed.at[i].time_source,
                         expected[at] == TIME_UNKNOWN ? TIME_FROM_NONE : TIME_FROM_RMC);
        at++;
    }
    assert_int_equal(at, 5);
    fed_close(&fed);
    fed_open(&fed, (struct feed_options){.format = FEED_GPSD, .receive_time = true});
    fed_push(&fed, TPV(T0, "") SHIP, T0_US + 7);
    assert_int_equal(fed.at[1].time_us, T0_US + 7);
    assert_int_equal(fed.at[1].time_source, TIME_FROM_RECEIVE);
    fed_close(&fed);
}

/* ---- AIS-catcher -------------------------------------------------------------------------------- */

#define CATCHER(rest)                                                                              \
    "{\"class\":\"AIS\",\"device\":\"AIS-catcher\",\"channel\":\"B\",\"rxtime\":"                  \
    "\"20181101000000\","                                                                          \
    "\"rxuxtime\":1541030400.25,\"scaled\":true,\"mmsi\":440123456," rest "}"

static void one_message_a_line(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(
        &fed, FEED_AUTO,
        CATCHER("\"type\":1,\"lon\":126.5,\"lat\":37.25,\"speed\":10.0,\"course\":0") "\n" CATCHER(
            "\"type\":1,\"lon\":126.5,\"la") "\n" /* cut */
        CATCHER("\"type\":5,\"shipname\":\"HAEYANG 7\",\"shiptype\":55") "\n");
    assert_int_equal(feed_format(fed.feed), FEED_AISCATCHER);
    assert_int_equal(fed.count, 1);
    assert_int_equal(fed.at[0].time_us, T0_US + 250000);
    assert_int_equal(fed.at[0].time_source, TIME_FROM_SUFFIX);
    assert_int_equal(fed.at[0].lat_e7, 372500000);
    assert_int_equal(fed.at[0].north_cmps, 514);
    assert_int_equal(feed_counts(fed.feed)->identities, 1);
    assert_int_equal(feed_counts(fed.feed)->records, 3);
    fed_close(&fed);
}

static void posted_messages(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(&fed, FEED_AUTO,
             "{\n\"protocol\":\"jsonaiscatcher\",\"encodetime\":\"x\",\"receiver\":{},\"msgs\":["
             "\n" CATCHER("\"type\":1,\"lon\":1,\"lat\":2") ",\n" CATCHER(
                 "\"type\":18,\"lon\":2,\"lat\":2") "]}\n{\"count\":0,\"ships\":[]}\n");
    assert_int_equal(fed.count, 2);
    assert_int_equal(fed.at[1].lon_e7, 20000000);
    fed_close(&fed);
}

#define LIST(ago)                                                                                  \
    "{\"count\":1,\"ships\":[{\"mmsi\":440123456,\"lat\":37.5,\"lon\":126.5,"                      \
    "\"speed\":null,\"cog\":null,\"shiptype\":30,\"approx\":false,\"shipname\":\"A\","             \
    "\"last_signal\":" ago "},{\"mmsi\":440000001,\"lat\":null,\"lon\":null,"                      \
    "\"last_signal\":3}]}"

static void a_list_asked_for_again(void **state)
{
    (void)state;
    struct fed fed;
    fed_open(&fed, (struct feed_options){.format = FEED_AISCATCHER, .receive_time = true});
    fed_push(&fed, LIST("5"), T0_US);
    fed_push(&fed, LIST("6"), T0_US + TIME_SECOND + 100000);
    fed_push(&fed, LIST("0"), T0_US + 2 * TIME_SECOND);
    assert_int_equal(fed.count, 2);
    assert_int_equal(fed.at[0].time_us, T0_US - 5 * TIME_SECOND);
    assert_int_equal(fed.at[0].platform, PLATFORM_FISHING);
    assert_int_equal(fed.at[0].err_dm, 1000);
    assert_int_equal(fed.at[1].time_us, T0_US + 2 * TIME_SECOND);
    fed_close(&fed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scaled_and_unscaled_are_one),
        cmocka_unit_test(not_available),
        cmocka_unit_test(kinds_and_errors),
        cmocka_unit_test(identities),
        cmocka_unit_test(wrong_ones),
        cmocka_unit_test(a_fix_of_its_own),
        cmocka_unit_test(its_clock),
        cmocka_unit_test(one_message_a_line),
        cmocka_unit_test(posted_messages),
        cmocka_unit_test(a_list_asked_for_again),
    };
    return cmocka_run_group_tests_name("ais_json", tests, NULL, NULL);
}
