#include "feed/nmea_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "feed/nmea_line.h"
#include "feed_world.h"

/* 2018-11-01T00:00:00Z, `date -u -d 2018-11-01 +%s` */
#define T0    INT64_C(1541030400)
#define T0_US (T0 * TIME_SECOND)
#define A_SHIP                                                                                     \
    "AIVDM,1,1,,A,16SteH0P00Jt63hHaa6SagvJ087r,0" /* gpsd's sample.aivdm, its own sum 42 */

static void checksums(void **state)
{
    (void)state;
    /* printf '%s' BODY | by hand: exclusive or of the bytes */
    static const struct {
        const char *text;
        enum sentence_state is;
    } known[] = {
        {A_SHIP "*42", SENTENCE_RIGHT},
        {A_SHIP "*42,b003669794,1272412827", SENTENCE_RIGHT},
        {A_SHIP "*43", SENTENCE_WRONG},
        {A_SHIP "*", SENTENCE_WRONG},
        {A_SHIP "*x2", SENTENCE_WRONG},
        {A_SHIP, SENTENCE_BARE},
        {"AB*3", SENTENCE_RIGHT}, /* 0x41 ^ 0x42 = 0x03, the zero dropped */
        {"AB*03", SENTENCE_RIGHT},
        {"*00", SENTENCE_RIGHT},
        {"", SENTENCE_BARE},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct sentence s;
        assert_int_equal(sentence_read(bytes_of(known[i].text), &s), known[i].is);
    }
    for (size_t n = 1; n < 100; n++) { /* every length of the last word */
        char text[128];
        struct sentence s;
        unsigned sum = 0;
        for (size_t i = 0; i < n; i++)
            sum ^= (unsigned)(text[i] = (char)('0' + i * 7 % 64));
        for (size_t i = 0; i < n; i++)
            if (text[i] == '*') {
                text[i] = '!';
                sum ^= '*' ^ '!';
            }
        snprintf(text + n, sizeof text - n, "*%02x", sum);
        assert_int_equal(sentence_read(bytes_of(text), &s), SENTENCE_RIGHT);
        assert_int_equal(s.body.n, n);
    }
}

/* Reads the script; the time of position i and how it is known. */
static void expect_time(const struct fed *fed, size_t i, int64_t us, enum time_source source)
{
    assert_true(i < fed->count);
    assert_int_equal(fed->at[i].time_us, us);
    assert_int_equal(fed->at[i].time_source, source);
}

static void tagged(struct script *script, const char *tag, const char *after)
{
    char before[128];
    unsigned sum = 0;
    for (const char *p = tag; *p; p++)
        sum ^= (unsigned char)*p;
    snprintf(before, sizeof before, "\\%s*%02X\\", tag, sum);
    script_sentence(script, '!', A_SHIP, before, after);
}

static void tag_blocks(void **state)
{
    (void)state;
    struct script script = {.n = 0};
    struct fed fed;
    tagged(&script, "s:rORBCOMM,c:1541030400,T:2018-11-01 00.00.00", "");
    tagged(&script, "c:1541030400250", "");
    tagged(&script, "s:nothing", "");
    script_sentence(&script, '!', A_SHIP, "\\c:1541030400*00\\", ""); /* a wrong sum */
    tagged(&script, "c:154103", "");                                  /* no time of ours */
    fed_read(&fed, FEED_NMEA, script.text);
    assert_int_equal(fed.count, 5);
    expect_time(&fed, 0, T0_US, TIME_FROM_TAG);
    expect_time(&fed, 1, T0_US + 250000, TIME_FROM_TAG);
    expect_time(&fed, 2, TIME_UNKNOWN, TIME_FROM_NONE);
    expect_time(&fed, 3, TIME_UNKNOWN, TIME_FROM_NONE);
    expect_time(&fed, 4, TIME_UNKNOWN, TIME_FROM_NONE);
    assert_int_equal(fed_skipped(&fed, SKIP_TAG), 1);
    assert_int_equal(feed_counts(fed.feed)->used, 5);
    fed_close(&fed);
}

static void groups_share_a_time(void **state)
{
    (void)state;
    struct script script = {.n = 0};
    struct fed fed;
    tagged(&script, "g:1-2-77,s:r1,c:1541030400", "");
    tagged(&script, "g:2-2-77", "");
    tagged(&script, "g:1-2-78", "");
    tagged(&script, "1G2:0125,c:1541030405", ""); /* as NMEA 4.0 wrote it */
    tagged(&script, "2G2:0125", "");
    fed_read(&fed, FEED_NMEA, script.text);
    expect_time(&fed, 0, T0_US, TIME_FROM_TAG);
    expect_time(&fed, 1, T0_US, TIME_FROM_TAG);
    expect_time(&fed, 2, TIME_UNKNOWN, TIME_FROM_NONE);
    expect_time(&fed, 3, T0_US + 5 * TIME_SECOND, TIME_FROM_TAG);
    expect_time(&fed, 4, T0_US + 5 * TIME_SECOND, TIME_FROM_TAG);
    fed_close(&fed);
}

static void pghp_lines(void **state)
{
    (void)state;
    struct script script = {.n = 0};
    struct fed fed;
    script_sentence(&script, '$', "PGHP,1,2018,11,1,0,0,2,250,440,2,,1,42", "", "");
    script_sentence(&script, '!', A_SHIP, "", "");
    script_sentence(&script, '!', A_SHIP, "", ""); /* used up */
    script_sentence(&script, '$', "PGHP,1,2018,13,1,0,0,2,250,440,2,,1,42", "", "");
    script_sentence(&script, '!', A_SHIP, "", ""); /* month 13 */
    script_line(&script, "$PGHP,1,2018,11,1,0,0,2,250,440,2,,1,42*00");
    script_sentence(&script, '!', A_SHIP, "", ""); /* a wrong sum */
    fed_read(&fed, FEED_NMEA, script.text);
    expect_time(&fed, 0, T0_US + 2250000, TIME_FROM_PGHP);
    expect_time(&fed, 1, TIME_UNKNOWN, TIME_FROM_NONE);
    expect_time(&fed, 2, TIME_UNKNOWN, TIME_FROM_NONE);
    expect_time(&fed, 3, TIME_UNKNOWN, TIME_FROM_NONE);
    assert_int_equal(fed_skipped(&fed, SKIP_CHECKSUM), 1);
    fed_close(&fed);
}

static void suffixes(void **state)
{
    (void)state;
    struct script script = {.n = 0};
    struct fed fed;
    script_sentence(&script, '!', A_SHIP, "", ",b003669794,1541030400");
    script_sentence(&script, '!', A_SHIP, "",
                    ",d-109,S2105,t050056.00,T56.13718694,r003669946,1541030460,1541030401");
    script_sentence(&script, '!', A_SHIP, "", ",s26523,d-095,r003669946");
    script_sentence(&script, '!', A_SHIP, "", ",");
    fed_read(&fed, FEED_NMEA, script.text);
    assert_int_equal(fed.count, 4);
    expect_time(&fed, 0, T0_US, TIME_FROM_SUFFIX);
    expect_time(&fed, 1, T0_US + 60 * TIME_SECOND, TIME_FROM_SUFFIX);
    expect_time(&fed, 2, TIME_UNKNOWN, TIME_FROM_NONE);
    expect_time(&fed, 3, TIME_UNKNOWN, TIME_FROM_NONE);
    fed_close(&fed);
}

static void rmc(struct script *script, const char *talker, const char *time, const char *date,
                char status)
{
    char body[128];
    snprintf(body, sizeof body, "%sRMC,%s,%c,3730.00,N,12515.00,E,10.3,45.0,%s,,,A", talker, time,
             status, date);
    script_sentence(script, '$', body, "", "");
    script_sentence(script, '!', A_SHIP, "", "");
}

static void rmc_is_a_clock(void **state)
{
    (void)state;
    struct script script = {.n = 0};
    struct fed fed;
    rmc(&script, "GP", "000000.00", "011118", 'V'); /* 0: not valid */
    rmc(&script, "II", "000000.00", "", 'A');       /* 1: no date */
    rmc(&script, "GP", "000001.50", "011118", 'A'); /* 2: the clock */
    rmc(&script, "II", "000009.00", "011118", 'A'); /* 3: another talker */
    rmc(&script, "GP", "000002", "011118", 'A');    /* 4 */
    rmc(&script, "GP", "000001", "011118", 'A');    /* 5: another receiver, a second behind */
    rmc(&script, "GP", "000003", "311118", 'A');    /* 6: there is no 31 November */
    rmc(&script, "GP", "230000", "311018", 'A');    /* 7: ran backwards: no time */
    rmc(&script, "GP", "000004", "011118", 'A');    /* 8: caught up */
    script_line(&script, "$GPRMC,000007,A,3730.00,N,12515.00,E,10.3,45.0,011118,,,A");
    script_sentence(&script, '!', A_SHIP, "", ""); /* 9: that had no checksum */
    fed_read(&fed, FEED_NMEA, script.text);
    assert_int_equal(fed.count, 10);
    expect_time(&fed, 0, TIME_UNKNOWN, TIME_FROM_NONE);
    expect_time(&fed, 1, TIME_UNKNOWN, TIME_FROM_NONE);
    expect_time(&fed, 2, T0_US + 1500000, TIME_FROM_RMC);
    expect_time(&fed, 3, T0_US + 1500000, TIME_FROM_RMC);
    expect_time(&fed, 4, T0_US + 2 * TIME_SECOND, TIME_FROM_RMC);
    expect_time(&fed, 5, T0_US + 2 * TIME_SECOND, TIME_FROM_RMC);
    expect_time(&fed, 6, T0_US + 2 * TIME_SECOND, TIME_FROM_RMC);
    expect_time(&fed, 7, TIME_UNKNOWN, TIME_FROM_NONE);
    expect_time(&fed, 8, T0_US + 4 * TIME_SECOND, TIME_FROM_RMC);
    expect_time(&fed, 9, T0_US + 4 * TIME_SECOND, TIME_FROM_RMC);
    fed_close(&fed);
}

/* Best first: tag, pghp, suffix, rmc, receive. */
static void the_best_time_wins(void **state)
{
    (void)state;
    struct script script = {.n = 0};
    struct fed fed;
    rmc(&script, "GP", "000003", "011118", 'A');
    script_sentence(&script, '!', A_SHIP, "", ",b1,1541030402");
    script_sentence(&script, '$', "PGHP,1,2018,11,1,0,0,1,0,440,2,,1,42", "", "");
    script_sentence(&script, '!', A_SHIP, "", ",b1,1541030402");
    script_sentence(&script, '$', "PGHP,1,2018,11,1,0,0,1,0,440,2,,1,42", "", "");
    tagged(&script, "c:1541030400", ",b1,1541030402");
    fed_open(&fed, (struct feed_options){.format = FEED_NMEA, .receive_time = true});
    fed_push(&fed, script.text, T0_US + 9 * TIME_SECOND);
    expect_time(&fed, 0, T0_US + 3 * TIME_SECOND, TIME_FROM_RMC);
    expect_time(&fed, 1, T0_US + 2 * TIME_SECOND, TIME_FROM_SUFFIX);
    expect_time(&fed, 2, T0_US + 1 * TIME_SECOND, TIME_FROM_PGHP);
    expect_time(&fed, 3, T0_US, TIME_FROM_TAG);
    script.n = 0;
    script_sentence(&script, '!', A_SHIP, "", "");
    fed_push(&fed, script.text, T0_US + 60 * TIME_SECOND); /* the RMC is stale by now */
    expect_time(&fed, 4, T0_US + 60 * TIME_SECOND, TIME_FROM_RECEIVE);
    fed_close(&fed);
}

/* ---- parts ---------------------------------------------------------------------------------------- */

static struct ais_writer ship_static(uint32_t mmsi, const char *name)
{
    struct ais_writer w = {.n = 0};
    ais_put(&w, 6, 5);
    ais_put(&w, 2, 0);
    ais_put(&w, 30, mmsi);
    ais_put(&w, 32, 0);
    ais_put_text(&w, 7, "CALL");
    ais_put_text(&w, 20, name);
    ais_put(&w, 8, 70);
    ais_put(&w, 62, 0);
    ais_put_text(&w, 20, "");
    ais_put(&w, 2, 0);
    return w;
}

/* The lines of a message in two parts. */
struct pair {
    char line[2][256];
};

static struct pair pair_of(uint32_t mmsi, const char *name, const char *sequence,
                           const char *channel)
{
    struct script script = {.n = 0};
    struct pair pair;
    struct ais_writer w = ship_static(mmsi, name);
    script_ais(&script, &w, 2, sequence, channel);
    assert_int_equal(sscanf(script.text, "%255[^\n]\n%255[^\n]", pair.line[0], pair.line[1]), 2);
    return pair;
}

static const char *name_of(const struct fed *fed, uint32_t mmsi)
{
    const struct feed_identity *known = feed_identity(fed->feed, track_ais(mmsi));
    return known ? known->name : "";
}

static void parts_interleaved(void **state)
{
    (void)state;
    struct script script = {.n = 0};
    struct fed fed;
    struct pair a = pair_of(1, "ONE", "1", "A"), b = pair_of(2, "TWO", "1", "B");
    struct pair c = pair_of(3, "THREE", "2", "A"), d = pair_of(4, "FOUR", "1", "");
    const char *const order[] = {a.line[0], b.line[0], c.line[0], d.line[0],
                                 b.line[1], a.line[1], d.line[1], c.line[1]};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        script_line(&script, order[i]);
    fed_read(&fed, FEED_NMEA, script.text);
    assert_string_equal(name_of(&fed, 1), "ONE");
    assert_string_equal(name_of(&fed, 2), "TWO");
    assert_string_equal(name_of(&fed, 3), "THREE");
    assert_string_equal(name_of(&fed, 4), "FOUR");
    assert_int_equal(feed_counts(fed.feed)->used, 8);
    assert_int_equal(feed_counts(fed.feed)->identities, 4);
    fed_close(&fed);
}

static void parts_swapped_and_lost(void **state)
{
    (void)state;
    struct script script = {.n = 0};
    struct fed fed;
    struct pair a = pair_of(1, "ONE", "1", "A"), b = pair_of(2, "TWO", "1", "A");
    script_line(&script, a.line[1]); /* the second first */
    script_line(&script, a.line[0]);
    script_line(&script, a.line[0]); /* its second is lost: the same key comes again */
    script_line(&script, b.line[0]);
    script_line(&script, b.line[1]);
    script_line(&script, a.line[0]); /* and the end comes */
    fed_read(&fed, FEED_NMEA, script.text);
    assert_string_equal(name_of(&fed, 1), "ONE");
    assert_string_equal(name_of(&fed, 2), "TWO");
    assert_int_equal(feed_counts(fed.feed)->used, 4);
    assert_int_equal(fed_skipped(&fed, SKIP_PART_LOST), 2);
    fed_close(&fed);
}

/* An old first part must not meet a new second one, by count or by time. */
static void parts_grow_old(void **state)
{
    (void)state;
    struct fed fed;
    struct pair a = pair_of(1, "ONE", "1", "A");
    struct script one = {.n = 0}, two = {.n = 0}, noise = {.n = 0};
    script_line(&one, a.line[0]);
    script_line(&two, a.line[1]);
    script_line(&noise, "$GPZDA,1*00");
    fed_open(&fed, (struct feed_options){.format = FEED_NMEA, .receive_time = true});
    fed_push(&fed, one.text, T0_US);
    for (int i = 0; i < PART_AGE_LINES + 1; i++)
        fed_push(&fed, noise.text, T0_US);
    fed_push(&fed, two.text, T0_US);
    assert_string_equal(name_of(&fed, 1), "");
    fed_flush(&fed);
    assert_int_equal(fed_skipped(&fed, SKIP_PART_LOST), 2);
    fed_push(&fed, one.text, T0_US);
    fed_push(&fed, two.text, T0_US + PART_AGE_US + 1);
    assert_string_equal(name_of(&fed, 1), "");
    fed_flush(&fed);
    fed_push(&fed, one.text, T0_US);
    fed_push(&fed, two.text, T0_US + PART_AGE_US);
    assert_string_equal(name_of(&fed, 1), "ONE");
    fed_check_sum(&fed);
    fed_close(&fed);
}

/* A second part that waits for its first meets it within PART_SWAP_LINES, not later. */
static void a_late_first_part(void **state)
{
    (void)state;
    struct pair a = pair_of(1, "ONE", "1", "A");
    for (int between = PART_SWAP_LINES - 1; between <= PART_SWAP_LINES; between++) {
        struct script script = {.n = 0};
        struct fed fed;
        script_line(&script, a.line[1]);
        for (int i = 0; i < between; i++)
            script_line(&script, "$GPZDA,1");
        script_line(&script, a.line[0]);
        fed_read(&fed, FEED_NMEA, script.text);
        assert_string_equal(name_of(&fed, 1), between < PART_SWAP_LINES ? "ONE" : "");
        assert_int_equal(fed_skipped(&fed, SKIP_PART_LOST), between < PART_SWAP_LINES ? 0 : 2);
        fed_close(&fed);
    }
}

/* The same message heard by two stations, and two messages of one key at two stations. */
static void stations_are_kept_apart(void **state)
{
    (void)state;
    struct script script = {.n = 0};
    struct fed fed;
    struct pair a = pair_of(1, "ONE", "1", "A"), b = pair_of(2, "TWO", "1", "A");
    const char *const lines[] = {a.line[0], b.line[0], a.line[1], b.line[1]};
    for (size_t i = 0; i < 4; i++) {
        char line[300];
        snprintf(line, sizeof line, "%s,r00%zu,1541030400", lines[i], i % 2 + 1);
        script_line(&script, line);
    }
    fed_read(&fed, FEED_NMEA, script.text);
    assert_string_equal(name_of(&fed, 1), "ONE");
    assert_string_equal(name_of(&fed, 2), "TWO");
    fed_close(&fed);
}

static void parts_more_than_places(void **state)
{
    (void)state;
    struct fed fed;
    fed_open(&fed, (struct feed_options){.format = FEED_NMEA});
    for (int i = 0; i < PART_PLACES + 5; i++) {
        struct script script = {.n = 0};
        char body[64];
        snprintf(body, sizeof body, "%c%cVDM,2,1,1,A,5000,0", 'A' + i % 26, 'A' + i / 26);
        script_sentence(&script, '!', body, "", "");
        fed_push(&fed, script.text, TIME_UNKNOWN);
    }
    assert_int_equal(fed_skipped(&fed, SKIP_PART_LOST), 5);
    fed_flush(&fed);
    assert_int_equal(fed_skipped(&fed, SKIP_PART_LOST), PART_PLACES + 5);
    fed_check_sum(&fed);
    fed_close(&fed);
}

/* The message has the best time that one of its parts had. */
static void parts_share_a_time(void **state)
{
    (void)state;
    struct script script = {.n = 0};
    struct fed fed;
    struct ais_writer w = ais_class_a(1, 0, 0, 0, 0);
    script_ais(&script, &w, 2, "1", "A");
    char one[256], two[256], text[700];
    assert_int_equal(sscanf(script.text, "%255[^\n]\n%255[^\n]", one, two), 2);
    snprintf(text, sizeof text, "\\c:1541030400*5F\\%s\n%s\n", one, two);
    fed_read(&fed, FEED_NMEA, text);
    assert_int_equal(fed_skipped(&fed, SKIP_TAG), 0);
    expect_time(&fed, 0, T0_US, TIME_FROM_TAG);
    fed_close(&fed);
}

static void a_part_of_too_many_characters(void **state)
{
    (void)state;
    char body[400] = "AIVDM,2,1,1,A,";
    struct script script = {.n = 0};
    struct fed fed;
    memset(body + strlen(body), '0', PART_CHARS_MAX + 1);
    strcat(body, ",0");
    script_sentence(&script, '!', body, "", "");
    fed_read(&fed, FEED_NMEA, script.text);
    assert_int_equal(fed_skipped(&fed, SKIP_TOO_LONG), 1);
    assert_int_equal(feed_counts(fed.feed)->records, 1);
    fed_close(&fed);
}

/* ---- lines ---------------------------------------------------------------------------------------- */

static void one_line(const char *line, bool with_sum, struct fed *ret_fed)
{
    struct script script = {.n = 0};
    if (with_sum)
        script_sentence(&script, line[0], line + 1, "", "");
    else
        script_line(&script, line);
    fed_read(ret_fed, FEED_NMEA, script.text);
}

static void talkers_channels_and_fields(void **state)
{
    (void)state;
    static const char *const right[] = {"!BSVDM,1,1,,1,16SteH0P00Jt63hHaa6SagvJ087r,0",
                                        "!ABVDO,1,1,,2,16SteH0P00Jt63hHaa6SagvJ087r,0",
                                        "!SAVDM,1,1,,,16SteH0P00Jt63hHaa6SagvJ087r,0",
                                        "!AIVDM,1,1,0,,16SteH0P00Jt63hHaa6SagvJ087r,0",
                                        "!AIVDM,,,,A,16SteH0P00Jt63hHaa6SagvJ087r,0",
                                        "!AIVDM,1,1,9,B,16SteH0P00Jt63hHaa6SagvJ087r,",
                                        "!AIVDM,1,1,,A,16SteH0P00Jt63hHaa6SagvJ087r"};
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        struct fed fed;
        one_line(right[i], true, &fed);
        assert_int_equal(fed.count, 1);
        assert_int_equal(fed.at[0].track, track_ais(440348000)); /* gpsd's own decode */
        fed_close(&fed);
    }
}

static void lines_that_are_skipped(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool with_sum;
        enum feed_skip skip;
    } known[] = {
        {"!AIVDM,1,1,,A,16SteH0P00Jt63hHaa6SagvJ087r,0*43", false, SKIP_CHECKSUM},
        {"!AIVDM,1,1,,A,16SteH0P00Jt63hHaa6Sag", false, SKIP_CUT},
        {"!AIVDM,1,1,,A,16SteH0P00Jt63hHaa6SagvJ087r,6", true, SKIP_SYNTAX},
        {"!AIVDM,1,1,,A,16SteH0P00Jt63hHaa6SagvJ08Xr,0", true, SKIP_SYNTAX},
        {"!AIVDM,1,2,,A,16SteH0P00Jt63hHaa6SagvJ087r,0", true, SKIP_SYNTAX},
        {"!AIVDM,x,1,,A,16SteH0P00Jt63hHaa6SagvJ087r,0", true, SKIP_SYNTAX},
        {"!AIVDM,1,1,,AB,16SteH0P00Jt63hHaa6SagvJ087r,0", true, SKIP_SYNTAX},
        {"!AIVDM,1,1,,A", true, SKIP_SYNTAX},
        {"AIVDM,1,1,,A,16SteH0P00Jt63hHaa6SagvJ087r,0*42", false, SKIP_NOT_A_RECORD},
        {"good morning", false, SKIP_NOT_A_RECORD},
        {"\xff\xfe\x01", false, SKIP_NOT_TEXT},
        {"$GPZDA,1*00", false, SKIP_CHECKSUM},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct fed fed;
        one_line(known[i].line, known[i].with_sum, &fed);
        assert_int_equal(fed.count, 0);
        assert_int_equal(feed_counts(fed.feed)->records, 1);
        assert_int_equal(fed_skipped(&fed, known[i].skip), 1);
        fed_close(&fed);
    }
}

static void lines_for_others(void **state)
{
    (void)state;
    static const char *const other[] = {"!AIVDM,1,1,,B,,0", "$GPGGA,1,2,3", "!AIABM,1,2",
                                        "$RATTM,11,11.4"};
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        struct fed fed;
        one_line(other[i], true, &fed);
        assert_int_equal(feed_counts(fed.feed)->other, 1);
        assert_int_equal(feed_counts(fed.feed)->records, 1);
        fed_close(&fed);
    }
    struct fed fed;
    fed_read(&fed, FEED_NMEA, "# a comment\n\n\r\n");
    assert_int_equal(feed_counts(fed.feed)->records, 0);
    fed_close(&fed);
}

/* A sentence behind what a logger wrote, or behind one that lost its end. */
static void sentences_in_the_middle(void **state)
{
    (void)state;
    struct script script = {.n = 0};
    struct fed fed;
    script_sentence(&script, '!', A_SHIP, "2018-11-01 00:00:00 host ais: ", "");
    script_sentence(&script, '!', A_SHIP, "!AIVDM,1,1,,A,16SteH0P0", "");
    script_sentence(&script, '!', A_SHIP, "$GPRMC,0000", "");
    script_sentence(&script, '!', A_SHIP, "\x80\xff", "\r");
    fed_read(&fed, FEED_NMEA, script.text);
    assert_int_equal(fed.count, 4);
    fed_close(&fed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksums),
        cmocka_unit_test(tag_blocks),
        cmocka_unit_test(groups_share_a_time),
        cmocka_unit_test(pghp_lines),
        cmocka_unit_test(suffixes),
        cmocka_unit_test(rmc_is_a_clock),
        cmocka_unit_test(the_best_time_wins),
        cmocka_unit_test(parts_interleaved),
        cmocka_unit_test(parts_swapped_and_lost),
        cmocka_unit_test(parts_grow_old),
        cmocka_unit_test(a_late_first_part),
        cmocka_unit_test(stations_are_kept_apart),
        cmocka_unit_test(parts_more_than_places),
        cmocka_unit_test(parts_share_a_time),
        cmocka_unit_test(a_part_of_too_many_characters),
        cmocka_unit_test(talkers_channels_and_fields),
        cmocka_unit_test(lines_that_are_skipped),
        cmocka_unit_test(lines_for_others),
        cmocka_unit_test(sentences_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
