#include "feed/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "feed_world.h"

/* A piece of each format with `positions` positions in it; the NMEA is gpsd's own examples. */
static const struct {
    enum feed_format format;
    size_t positions;
    const char *text;
} pieces[] = {
    {FEED_NMEA, 2,
     "# a log\n"
     "\n"
     "!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A\r\n"
     "!AIVDM,1,1,,A,16SteH0P00Jt63hHaa6SagvJ087r,0*42\r\n"},
    {FEED_NMEA, 1, "\\c:1541030400*5F\\!AIVDM,1,1,,A,16SteH0P00Jt63hHaa6SagvJ087r,0*42\n"},
    {FEED_NMEA, 1, "$GPZDA,1\n2018: !AIVDM,1,1,,A,16SteH0P00Jt63hHaa6SagvJ087r,0*42\n"},
    {FEED_SBS, 1, "STA,,5,179,71BE12\nMSG,3,1,1,71BE12,1,,,,,,5000,,,37.6,126.9,,,,,,0\n"},
    {FEED_SBS, 1, "12,MSG,3,,,71BE12,,,,,,,5000,,,37.6,126.9,,,,,,0\n"},
    {FEED_AIRCRAFT, 2,
     "{ \"now\" : 100,\n \"aircraft\" : [\n{\"hex\":\"71be12\",\"lat\":1,\"lon\":2},\n"
     "{\"hex\":\"71be13\",\"lat\":1,\"lon\":2}\n]}\n"},
    {FEED_AIRCRAFT, 1, "{\"hex\":\"71be12\",\"lat\":1,\"lon\":2}"},
    {FEED_AIRCRAFT, 1, "{\"flight\":\"A\",\"hex\":\"71be12\",\"lat\":1,\"lon\":2}\n"},
    {FEED_AIRCRAFT, 1, "\n{\n\n\"aircraft\":[{\"hex\":\"71be12\",\"lat\":1,\"lon\":2}]}"},
    {FEED_CSV, 2, "# mine\ntime,track,lat,lon\n,a,1,2\n,b,1,2"},
    {FEED_CSV, 1, "\xef\xbb\xbf\"Track\",\"LAT\",\"lon\"\r\na,1,2\r\n"},
    {FEED_NDJSON, 2,
     "{\"track\":\"a\",\"lat\":1,\"lon\":2}\n{\"track\":\"b\",\"lat\":1,\"lon\":2}"},
};
#define PIECES (sizeof pieces / sizeof pieces[0])

static void guesses_the_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < PIECES; i++) {
        struct fed fed;
        fed_read(&fed, FEED_AUTO, pieces[i].text);
        assert_int_equal(feed_format(fed.feed), pieces[i].format);
        assert_int_equal(fed.count, pieces[i].positions);
        assert_int_equal(feed_guess(bytes_of(pieces[i].text)), pieces[i].format);
        fed_close(&fed);
    }
    assert_int_equal(feed_guess(bytes_of("")), FEED_AUTO);
    assert_int_equal(feed_guess(bytes_of("good morning\n{}\n")), FEED_AUTO);
    assert_int_equal(feed_guess(bytes_of("good\n!AIVDM,1")), FEED_NMEA);
}

/* Wherever the bytes are cut, and however few positions are taken at a time. */
static void cuts_change_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < PIECES; i++)
        for (size_t piece = 1; piece < 40; piece++) {
            struct fed whole, cut;
            struct bytes rest = bytes_of(pieces[i].text);
            fed_read(&whole, FEED_AUTO, pieces[i].text);
            fed_open(&cut, (struct feed_options){.format = FEED_AUTO});
            while (rest.n) {
                size_t used, count, n = rest.n < piece ? rest.n : piece;
                feed_push(cut.feed, (struct bytes){rest.p, n}, TIME_UNKNOWN, cut.at + cut.count, 1,
                          &used, &count);
                cut.count += count;
                rest = (struct bytes){rest.p + used, rest.n - used};
            }
            fed_flush(&cut);
            assert_int_equal(cut.count, whole.count);
            assert_memory_equal(cut.at, whole.at, whole.count * sizeof whole.at[0]);
            assert_memory_equal(feed_counts(cut.feed), feed_counts(whole.feed),
                                sizeof(struct feed_counts));
            fed_close(&cut);
            fed_close(&whole);
        }
}

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

static void check_garbage(enum feed_format format, const uint8_t *p, size_t n)
{
    static struct position out[FED_MAX];
    struct fed fed;
    size_t used, count;
    fed_open(&fed, (struct feed_options){.format = format});
    for (size_t at = 0; at < n; at += used) {
        feed_push(fed.feed, (struct bytes){p + at, n - at}, TIME_UNKNOWN, out, FED_MAX, &used,
                  &count);
        assert_true(used || count);
    }
    do
        feed_flush(fed.feed, TIME_UNKNOWN, out, FED_MAX, &count);
    while (count);
    fed_check_sum(&fed);
    assert_int_equal(feed_counts(fed.feed)->bytes, n);
    fed_close(&fed);
}

static void random_bytes(void **state)
{
    (void)state;
    static uint8_t noise[20000];
    uint64_t seed = 7;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof noise; i++)
            noise[i] = (uint8_t)(round == 0 ? next_random(&seed) : 32 + next_random(&seed) % 95);
        for (int format = FEED_AUTO; format < FEED_FORMAT_COUNT; format++)
            check_garbage((enum feed_format)format, noise, sizeof noise);
    }
}

static void flips_and_cuts_of_good_ones(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (size_t i = 0; i < PIECES; i++)
        for (int round = 0; round < 200; round++) {
            uint8_t text[512];
            size_t n = strlen(pieces[i].text);
            memcpy(text, pieces[i].text, n);
            text[next_random(&seed) % n] ^= (uint8_t)(1u << next_random(&seed) % 8);
            n -= round & 1 ? next_random(&seed) % n : 0;
            check_garbage(pieces[i].format, text, n);
            check_garbage(FEED_AUTO, text, n);
        }
}

/* Of one that nobody knows, each line is counted. */
static void nothing_of_any_format(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(&fed, FEED_AUTO, "good morning\n\n# what a\nlovely day\n{\"a\":1}\nx");
    assert_int_equal(feed_format(fed.feed), FEED_AUTO);
    assert_int_equal(feed_counts(fed.feed)->records, 4);
    assert_int_equal(fed_skipped(&fed, SKIP_NOT_A_RECORD), 4);
    fed_close(&fed);
}

static void garbage(void **state)
{
    (void)state;
    static const struct {
        enum feed_format format;
        const char *text;
        bool is;
    } known[] = {
        {FEED_AUTO, "good morning\n", true},
        {FEED_AUTO, "", false},
        {FEED_AUTO, "# nothing\n\n", false},
        {FEED_NMEA, "good morning\n", true},
        {FEED_NMEA, "!AIVDM,1,1,,A,16SteH0P00Jt63hHaa6SagvJ087r,0*43\n", true},
        {FEED_NMEA, "good morning\n!AIVDM,1,1,,A,16SteH0P00Jt63hHaa6SagvJ087r,0*42\n", false},
        {FEED_NMEA, "!AIVDM,1,1,,B,13cc3o?P?w<tSF0l4Q@>4?wv0d0a,0*49\n", false}, /* no place */
        {FEED_NMEA, "$GPZDA,1\n", false},
        {FEED_AIRCRAFT, "{}{\"a\":1}", true},
        {FEED_AIRCRAFT, "{\"now\":1,\"aircraft\":[{\"hex\":\"71be12\"}]}", false},
        {FEED_CSV, "track,lat,lon\n", false},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct fed fed;
        fed_read(&fed, known[i].format, known[i].text);
        assert_int_equal(feed_is_garbage(feed_counts(fed.feed)), known[i].is);
        fed_close(&fed);
    }
}

static void long_lines(void **state)
{
    (void)state;
    static char text[3 * FEED_RECORD_MAX];
    static const enum feed_format formats[] = {FEED_NMEA, FEED_SBS, FEED_NDJSON};
    for (size_t i = 0; i < 3; i++)
        for (size_t n = FEED_RECORD_MAX - 1; n <= FEED_RECORD_MAX + 1; n++) {
            struct fed fed;
            memset(text, 'a', n);
            strcpy(text + n, "\n");
            fed_read(&fed, formats[i], text);
            assert_int_equal(feed_counts(fed.feed)->records, 1);
            assert_int_equal(fed_skipped(&fed, SKIP_TOO_LONG), n > FEED_RECORD_MAX);
            fed_close(&fed);
        }
    struct fed fed;
    memset(text, 'a', 2 * FEED_RECORD_MAX + 5);
    strcpy(text + 2 * FEED_RECORD_MAX + 5, "\n!AIVDM,1,1,,A,16SteH0P00Jt63hHaa6SagvJ087r,0*42\n");
    fed_read(&fed, FEED_NMEA, text); /* the next record starts clean */
    assert_int_equal(fed.count, 1);
    fed_close(&fed);
}

static void wrong_options(void **state)
{
    (void)state;
    static const struct feed_options wrong[] = {
        {.format = FEED_FORMAT_COUNT, .name = "x"},
        {.source = FEED_SOURCE_MAX + 1, .name = "x"},
        {.track_max = FEED_TRACK_MAX + 1, .name = "x"},
        {.document_max = FEED_DOCUMENT_MAX + 1, .name = "x"},
        {.format = FEED_NMEA, .name = "x"}, /* right, but for the memory */
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct arena arena;
        struct err err = {EXIT_FINE, ""};
        arena_init(&arena, 100000, malloc, free);
        assert_null(feed_new(&wrong[i], &arena, &err));
        assert_int_equal(err.code, i < 4 ? EXIT_USAGE : EXIT_CONFIG);
        assert_non_null(strstr(err.text, "feed x: "));
        arena_release(&arena);
    }
}

static void names(void **state)
{
    (void)state;
    for (int i = FEED_AUTO; i < FEED_FORMAT_COUNT; i++) {
        enum feed_format format;
        assert_true(
            feed_format_from_name(bytes_of(feed_format_name((enum feed_format)i)), &format));
        assert_int_equal(format, i);
    }
    enum feed_format format;
    assert_false(feed_format_from_name(bytes_of("nme"), &format));
    for (int i = 0; i < SKIP_COUNT; i++)
        assert_true(strlen(feed_skip_name((enum feed_skip)i)) > 0);
}

static void source_and_simulation(void **state)
{
    (void)state;
    struct fed fed;
    fed_open(&fed, (struct feed_options){.format = FEED_CSV, .source = 31});
    fed_push(&fed, "track,lat,lon\na,1,2\n# SIMULATED from here on\nb,1,2\n", TIME_UNKNOWN);
    assert_int_equal(fed.count, 2);
    assert_int_equal(fed.at[0].source, 31);
    assert_int_equal(fed.at[0].note & NOTE_SIMULATED, 0);
    assert_int_equal(fed.at[1].note & NOTE_SIMULATED, NOTE_SIMULATED);
    fed_close(&fed);
}

static void receive_time(void **state)
{
    (void)state;
    static const char text[] = "time,track,lat,lon\n,a,1,2\n1541030400,a,1,2\n";
    struct fed fed;
    fed_open(&fed, (struct feed_options){.format = FEED_CSV, .receive_time = true});
    fed_push(&fed, text, 77);
    assert_int_equal(fed.at[0].time_us, 77);
    assert_int_equal(fed.at[0].time_source, TIME_FROM_RECEIVE);
    assert_int_equal(fed.at[1].time_source, TIME_FROM_TAG);
    fed_close(&fed);
    fed_open(&fed, (struct feed_options){.format = FEED_CSV});
    fed_push(&fed, text, 77);
    assert_int_equal(fed.at[0].time_us, TIME_UNKNOWN);
    fed_close(&fed);
}

/* More tracks than the table holds: positions pass, names do not. */
static void too_many_tracks(void **state)
{
    (void)state;
    struct fed fed;
    fed_open(&fed, (struct feed_options){.format = FEED_CSV, .track_max = 2});
    fed_push(&fed,
             "track,lat,lon,name,class\nicao:000001,1,2,A,uav\nicao:000002,1,2,B,uav\n"
             "icao:000003,1,2,C,uav\nicao:000001,1,2,D,uav\n",
             TIME_UNKNOWN);
    assert_int_equal(fed.count, 4);
    assert_int_equal(fed_skipped(&fed, SKIP_TRACKS_FULL), 1);
    assert_string_equal(feed_identity(fed.feed, track_icao(1))->name, "D");
    assert_null(feed_identity(fed.feed, track_icao(3)));
    assert_int_equal(fed.at[2].platform, PLATFORM_UAV);
    fed_check_sum(&fed);
    fed_close(&fed);
}

/* ---- the user's classes --------------------------------------------------------------------------- */

static struct feed_classes *classes(const char *text, struct arena *arena, struct err *err)
{
    arena_init(arena, 1u << 20, malloc, free);
    *err = (struct err){EXIT_FINE, ""};
    return feed_classes_new(bytes_of(text), arena, err);
}

static void classes_win(void **state)
{
    (void)state;
    struct arena arena;
    struct err err;
    struct fed fed;
    struct feed_classes *table = classes("# ours\r\nicao:71BE12, helicopter ,KR\r\n\n"
                                         "ais:440348000,patrol,KP,Guard 7\nradar:7,,,Unknown 7",
                                         &arena, &err);
    assert_non_null(table);
    assert_null(feed_classes_find(table, track_icao(1)));
    assert_int_equal(feed_classes_find(table, track_icao(0x71be12))->platform, PLATFORM_HELICOPTER);
    fed_open(&fed, (struct feed_options){.format = FEED_AUTO, .classes = table});
    fed_push(&fed,
             "{\"now\":100,\"hex\":\"71be12\",\"lat\":1,\"lon\":2,\"category\":\"A3\","
             "\"flight\":\"KAL1\"}\n",
             TIME_UNKNOWN);
    assert_int_equal(fed.at[0].platform, PLATFORM_HELICOPTER);
    assert_string_equal(feed_identity(fed.feed, track_icao(0x71be12))->name, "KAL1");
    fed_close(&fed);
    fed_open(&fed, (struct feed_options){.format = FEED_NMEA, .classes = table});
    fed_push(&fed, "!AIVDM,1,1,,A,16SteH0P00Jt63hHaa6SagvJ087r,0*42\n", TIME_UNKNOWN);
    assert_int_equal(fed.at[0].platform, PLATFORM_PATROL);
    assert_int_equal(fed.at[0].flag, 'K' << 8 | 'P');
    assert_string_equal(feed_identity(fed.feed, track_ais(440348000))->name, "Guard 7");
    fed_close(&fed);
    arena_release(&arena);
}

static void classes_that_are_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } wrong[] = {
        {"icao:71BE12,zeppelin\n", "line 1"},
        {"a,uav\n\nb,uav,kr\n", "line 3"},
        {"icao:71BE12\n", "line 1"},
        {",uav\n", "line 1"},
        {"a,uav,KR,name,more\n", "line 1"},
        {"a,uav\na,uav\n", "line 2"},
        {"a,uav,KR,\xff\n", "line 1"},
        {"a,uav,KR,0123456789012345678901234567890123456789012345678901234567890123\n", "line 1"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct arena arena;
        struct err err;
        assert_null(classes(wrong[i].text, &arena, &err));
        assert_int_equal(err.code, EXIT_DATA);
        assert_non_null(strstr(err.text, wrong[i].why));
        arena_release(&arena);
    }
    struct arena arena;
    struct err err;
    assert_non_null(classes("", &arena, &err));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guesses_the_format),
        cmocka_unit_test(cuts_change_nothing),
        cmocka_unit_test(random_bytes),
        cmocka_unit_test(flips_and_cuts_of_good_ones),
        cmocka_unit_test(nothing_of_any_format),
        cmocka_unit_test(long_lines),
        cmocka_unit_test(garbage),
        cmocka_unit_test(wrong_options),
        cmocka_unit_test(names),
        cmocka_unit_test(source_and_simulation),
        cmocka_unit_test(receive_time),
        cmocka_unit_test(too_many_tracks),
        cmocka_unit_test(classes_win),
        cmocka_unit_test(classes_that_are_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
