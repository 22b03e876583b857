#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "feed/cot.h"
#include "feed_world.h"

/* Attributes and their meaning: MITRE's Event-PUBLIC.xsd and CoT_track.xsd (public release 11-3895). */
#define T0_US INT64_C(1541030400000000) /* date -u -d 2018-11-01 +%s */

#define HEAD "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
#define TIMES                                                                                      \
    "time='2018-11-01T00:00:01.5Z' start='2018-11-01T00:00:01.5Z' stale='2018-11-01T00:01:00Z' "
#define OPEN(uid, type) "<event version='2.0' uid='" uid "' type='" type "' " TIMES "how='m-g'>"
#define POINT(lat, lon, hae, ce)                                                                   \
    "<point lat='" lat "' lon='" lon "' hae='" hae "' ce='" ce "' le='9999999.0'/>"
#define PLACE POINT("37.5", "126.25", "120.5", "10.0")
#define CLOSE "</event>"
#define PLAIN OPEN("u1", "a-f-S") PLACE CLOSE

static void all_of_an_event(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(
        &fed, FEED_AUTO,
        HEAD OPEN("drone-7", "a-h-A-M-F-Q") PLACE
        "<detail><track speed='20.0' course='30.0' slope='-30'/><contact callsign='Eagle &amp; 7'/>"
        "<remarks>&lt;/event&gt;</remarks></detail>" CLOSE);
    assert_int_equal(feed_format(fed.feed), FEED_COT);
    assert_int_equal(fed.count, 1);
    const struct position *p = &fed.at[0];
    assert_int_equal(p->time_us, T0_US + 1500000);
    assert_int_equal(p->time_source, TIME_FROM_TAG);
    assert_int_equal(p->lat_e7, 375000000);
    assert_int_equal(p->lon_e7, 1262500000);
    assert_int_equal(p->alt_cm, 12050);
    assert_int_equal(p->alt_ref, ALT_REF_ELLIPSOID);
    assert_int_equal(p->err_dm, 245);      /* one sigma of 10 m; 95 % are 2.4477 of it */
    assert_int_equal(p->up_cmps, -1000);   /* 20 sin 30 */
    assert_int_equal(p->north_cmps, 1500); /* 20 cos 30 cos 30 */
    assert_int_equal(p->east_cmps, 866);
    assert_int_equal(p->platform, PLATFORM_UAV_FIXED);
    assert_int_equal(p->flag, 0); /* "h" is the sender's view, no side */
    assert_int_equal(p->note, 0);
    assert_string_equal(feed_identity(fed.feed, p->track)->name, "Eagle & 7");
    assert_string_equal(feed_identity(fed.feed, p->track)->id, "test:drone-7");
    fed_close(&fed);
}

/* 9999999.0 and, of some, 999999 stand for unknown. */
static void what_is_not_known(void **state)
{
    (void)state;
    static const char *const events[] = {
        OPEN("u", "a-n-S") POINT(
            "1", "2", "9999999.0",
            "9999999.0") "<detail><track speed='9999999.0' course='9999999.0'/></detail>" CLOSE,
        OPEN("u", "a-n-S")
            POINT("1", "2", "999999",
                  "999999.0") "<detail><track speed='NaN' course='NaN'/></detail>" CLOSE,
        OPEN("u", "a-n-S") "<point lat='1' lon='2'/>" CLOSE,
    };
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        struct fed fed;
        fed_read(&fed, FEED_COT, events[i]);
        assert_int_equal(fed.count, 1);
        assert_int_equal(fed.at[0].alt_cm, ALT_UNKNOWN);
        assert_int_equal(fed.at[0].alt_ref, ALT_REF_NONE);
        assert_int_equal(fed.at[0].err_dm, 0);
        assert_int_equal(fed.at[0].north_cmps, SPEED_UNKNOWN);
        fed_close(&fed);
    }
}

/* xs:decimal, and how Java and others print numbers. */
static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *lat;
        int32_t lat_e7;
    } known[] = {{"+1.5", 15000000},   {".5", 5000000},
                 {"-.5", -5000000},    {"7.", 70000000},
                 {"007.25", 72500000}, {"-0", 0},
                 {"1.5E1", 150000000}, {"38.856650047254725", 388566500},
                 {"-90", -900000000},  {" 12 ", 120000000}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct fed fed;
        char text[512];
        snprintf(text, sizeof text, OPEN("u", "a-f-A") POINT("%s", "1", "0", "1") CLOSE,
                 known[i].lat);
        fed_read(&fed, FEED_COT, text);
        assert_int_equal(fed.count, 1);
        assert_int_equal(fed.at[0].lat_e7, known[i].lat_e7);
        fed_close(&fed);
    }
}

static void what_is_skipped(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int end; /* of one record */
    } known[] = {
        {OPEN("u", "b-m-r") PLACE CLOSE, SKIP_COUNT}, /* other */
        {OPEN("u", "t-x-takp-v") "<detail/>" CLOSE, SKIP_COUNT},
        {OPEN("u", "a-f-S") POINT("95", "1", "0", "1") CLOSE, SKIP_IMPOSSIBLE},
        {OPEN("u", "a-f-S") POINT("1", "180.1", "0", "1") CLOSE, SKIP_IMPOSSIBLE},
        {OPEN("u", "a-f-S") POINT("0.0", "0.0", "9999999.0", "9999999.0") CLOSE, SKIP_NO_POSITION},
        {OPEN("u", "a-f-S") POINT("north", "1", "0", "1") CLOSE, SKIP_SYNTAX},
        {OPEN("u", "a-f-S") POINT("1", "1", "high", "1") CLOSE, SKIP_SYNTAX},
        {OPEN("u", "a-f-S") "<detail/>" CLOSE, SKIP_CUT},
        {"<event uid='u' type='a-f-S'>" PLACE CLOSE, SKIP_SYNTAX}, /* no time */
        {"<event version='2.0' " TIMES "type='a-f-S'>" PLACE CLOSE, SKIP_CUT},
        {"<event version='2.0' uid='u' " TIMES ">" PLACE CLOSE, SKIP_CUT},
        {"<event uid='u' uid='v'>" CLOSE, SKIP_SYNTAX},
        {"<?xml version='1.0'?><!DOCTYPE event [<!ENTITY a 'b'>]>" PLAIN, SKIP_SYNTAX},
        {"<event><a><b><c><d><e><f><g><h><i><j><k><l><m><n><o><p/>" CLOSE, SKIP_SYNTAX},
        {"<?xml version='1.0'?><events>" CLOSE, SKIP_SYNTAX},
        {"hello", SKIP_NOT_A_RECORD},
        {"<html><body>no</body></html>", SKIP_CUT},
        {"<", SKIP_CUT},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        fed_expect_skip(FEED_COT, known[i].text, known[i].end);
}

/* Whatever stands before: the next whole event is read. */
static void starts_clean(void **state)
{
    (void)state;
    static const char *const before[] = {
        "noise ",
        "noise\n" HEAD,
        "<event uid='u' type='a-f-S'><point lat='1'",
        HEAD "<event uid='u' type='a-f-S'><point lat='1'" HEAD,
        "</event>",
        "<!-- a comment -->",
        HEAD,
        "\xbf\x01\xbf\x0a\x05\x08",
        OPEN("v", "b-t-f") "<detail>" CLOSE,
        "<x>",
    };
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        struct fed fed;
        char text[2048];
        snprintf(text, sizeof text, "%s%s", before[i], PLAIN);
        fed_read(&fed, FEED_COT, text);
        if (fed.count != 1)
            fail_msg("lost behind \"%s\"", before[i]);
        fed_close(&fed);
    }
}

static void known_craft(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(&fed, FEED_COT,
             OPEN("ICAO-71be12", "a-n-A-C-F") PLACE CLOSE OPEN("MMSI-440123456", "a-n-S-X-F")
                 PLACE CLOSE OPEN("ICAO-xyz", "a-n-A") PLACE CLOSE OPEN("ais:440123456", "a-n-S")
                     PLACE CLOSE);
    assert_int_equal(fed.count, 4);
    assert_int_equal(fed.at[0].track, track_icao(0x71be12));
    assert_int_equal(fed.at[0].flag, 'K' << 8 | 'R');
    assert_int_equal(fed.at[1].track, track_ais(440123456));
    assert_int_equal(fed.at[1].flag, 'K' << 8 | 'R');
    assert_int_equal(fed.at[1].platform, PLATFORM_FISHING);
    assert_string_equal(feed_identity(fed.feed, fed.at[2].track)->id, "test:ICAO-xyz");
    assert_string_equal(feed_identity(fed.feed, fed.at[3].track)->id, "test:ais:440123456");
    fed_close(&fed);
}

static void stale_and_repeated(void **state)
{
    (void)state;
    struct fed fed;
    fed_open(&fed, (struct feed_options){.format = FEED_COT, .receive_time = true});
    fed_push(&fed, PLAIN, T0_US + 2 * TIME_SECOND);
    fed_push(&fed, PLAIN, T0_US + 5 * TIME_SECOND); /* a server says it again */
    fed_push(&fed, PLAIN, T0_US + 60 * TIME_SECOND);
    fed_push(&fed, PLAIN, T0_US + 60 * TIME_SECOND + 1);
    assert_int_equal(fed.count, 1);
    assert_int_equal(feed_counts(fed.feed)->other, 2);
    assert_int_equal(fed_skipped(&fed, SKIP_STALE), 1);
    fed_close(&fed);
    fed_read(&fed, FEED_COT, PLAIN); /* a file is of its own time */
    assert_int_equal(fed.count, 1);
    fed_close(&fed);
}

static void simulated(void **state)
{
    (void)state;
    static const struct {
        const char *attributes;
        int note;
    } known[] = {{"how='m-s'", NOTE_SIMULATED},   {"how='m-g'", 0},
                 {"how='m-s-x'", NOTE_SIMULATED}, {"how='m-simple'", 0},
                 {"opex='s'", NOTE_SIMULATED},    {"opex='s-river'", NOTE_SIMULATED},
                 {"opex='e-river'", 0},           {"opex='so'", 0}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct fed fed;
        char text[1024];
        snprintf(text, sizeof text, "<event uid='u' type='a-f-S' " TIMES "%s>" PLACE CLOSE,
                 known[i].attributes);
        fed_read(&fed, FEED_COT, text);
        assert_int_equal(fed.count, 1);
        assert_int_equal(fed.at[0].note, known[i].note);
        fed_close(&fed);
    }
}

/* Battle dimensions and functions: MIL-STD-2525B, appendix A. */
static void types(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        enum platform platform;
    } known[] = {
        {"a-f-G-U-C", PLATFORM_LAND},
        {"a-u-G", PLATFORM_LAND},
        {"a-h-G-E-V-A-T", PLATFORM_VEHICLE},
        {"a-n-G-I-B", PLATFORM_FIXED},
        {"a-f-A", PLATFORM_AIRCRAFT},
        {"a-f-A-M-F-F", PLATFORM_COMBAT_AIRCRAFT},
        {"a-f-A-M-F-C-H", PLATFORM_TRANSPORT_AIRCRAFT},
        {"a-f-A-M-F", PLATFORM_FIXED_WING},
        {"a-f-A-M-H-A", PLATFORM_ROTARY_WING},
        {"a-f-A-M-F-Q-r", PLATFORM_UAV_FIXED},
        {"a-n-A-C-F", PLATFORM_FIXED_WING},
        {"a-h-A-W-M", PLATFORM_UNKNOWN},
        {"a-f-S-C-L-D-D", PLATFORM_WARSHIP},
        {"a-f-S-C-P", PLATFORM_NAVAL},
        {"a-n-S-X-F-T", PLATFORM_FISHING},
        {"a-n-S-X-M-O", PLATFORM_TANKER},
        {"a-n-S-X-L", PLATFORM_PATROL},
        {"a-f-U-S", PLATFORM_SUBMARINE},
        {"a-f-P", PLATFORM_UNKNOWN},
        {"a-f-Axe", PLATFORM_UNKNOWN},
        {"a-f", PLATFORM_UNKNOWN},
        {"a-f-S;optional", PLATFORM_SHIP},
        {"a-f-", PLATFORM_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (cot_platform(bytes_of(known[i].type)) != known[i].platform)
            fail_msg("%s is %s", known[i].type,
                     platform_name(cot_platform(bytes_of(known[i].type))));
}

/* At the limit of an event, and past it, wherever it is cut. */
static void too_long(void **state)
{
    (void)state;
    size_t pieces[] = {1000000, 1000, 7};
    for (size_t i = 0; i < 6; i++) {
        struct fed fed;
        size_t room = strlen(PLAIN) + strlen("<!---->"), over = i % 2;
        struct buf buf;
        char *text = malloc(FEED_EVENT_MAX + 2000);
        assert_non_null(text);
        buf_init(&buf, text, FEED_EVENT_MAX + 2000);
        buf_text(&buf, OPEN("u1", "a-f-S") "<!--");
        for (size_t n = room; n < FEED_EVENT_MAX + over; n++)
            buf_char(&buf, '-' + (n % 2));
        buf_text(&buf, "-->" PLACE CLOSE HEAD OPEN("u2", "a-f-S") PLACE CLOSE);
        fed_open(&fed, (struct feed_options){.format = FEED_COT});
        for (size_t at = 0; at < buf.n; at += pieces[i / 2]) {
            size_t n = buf.n - at < pieces[i / 2] ? buf.n - at : pieces[i / 2];
            fed_push_bytes(&fed, (struct bytes){(uint8_t *)text + at, n}, TIME_UNKNOWN);
        }
        fed_flush(&fed);
        assert_int_equal(fed.count, over ? 1 : 2);
        assert_int_equal(fed_skipped(&fed, SKIP_TOO_LONG), over);
        fed_close(&fed);
        free(text);
    }
}

/* Real events of the Android Team Awareness Kit: drawings are none of ours, the marker is. */
static void real_events(void **state)
{
    (void)state;
    const char *root = getenv("DETENTE_SAMPLES");
    static const char *const names[] = {"Drawing Shapes - Circle", "Drawing Shapes - Rectangle",
                                        "Geo Fence", "Marker - 2525", "Route"};
    static char text[65536];
    size_t n = 0;
    if (!root) {
        puts("# DETENTE_SAMPLES is not set: real events are not read");
        return;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/cot/takcot/%s.cot", root, names[i]);
        FILE *f = fopen(path, "rb");
        if (!f) {
            printf("# %s is not there: real events are not read\n", path);
            return;
        }
        n += fread(text + n, 1, sizeof text - 1 - n, f);
        fclose(f);
    }
    text[n] = '\0';
    struct fed fed;
    fed_read(&fed, FEED_AUTO, text);
    assert_int_equal(feed_counts(fed.feed)->records, 5);
    assert_int_equal(feed_counts(fed.feed)->other, 4);
    assert_int_equal(fed.count, 1);
    assert_int_equal(fed.at[0].lat_e7, 388566500);  /* 38.856650047254725 */
    assert_int_equal(fed.at[0].lon_e7, -770636420); /* -77.06364199776728 */
    assert_int_equal(fed.at[0].time_us, INT64_C(1608148774910000));
    assert_string_equal(feed_identity(fed.feed, fed.at[0].track)->name, "U.16.135057");
    fed_close(&fed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_an_event),
        cmocka_unit_test(what_is_not_known),
        cmocka_unit_test(numbers),
        cmocka_unit_test(what_is_skipped),
        cmocka_unit_test(starts_clean),
        cmocka_unit_test(known_craft),
        cmocka_unit_test(stale_and_repeated),
        cmocka_unit_test(simulated),
        cmocka_unit_test(types),
        cmocka_unit_test(too_long),
        cmocka_unit_test(real_events),
    };
    return cmocka_run_group_tests_name("cot", tests, NULL, NULL);
}
