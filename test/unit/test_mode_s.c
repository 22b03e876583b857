#include "feed/mode_s.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "feed_world.h"

/*
 * Frames are the worked examples of J. Sun, The 1090 Megahertz Riddle (2nd edition, 2021), chapters 3
 * to 7, with the results printed there. Latitudes and longitudes are printed to 5 decimals.
 */
#define PLACE_E7_TOLERANCE 50
#define EVEN_AIR           "8D40621D58C382D690C8AC2863A7"
#define ODD_AIR            "8D40621D58C386435CC412692AD6"
#define EVEN_GROUND        "8C4841753AAB238733C8CD4020B1"
#define ODD_GROUND         "8C4841753A8A35323FAEBDAC702D"
#define IDENTITY           "8D4840D6202CC371C32CE0576098"
#define OVER_GROUND        "8D485020994409940838175B284F"
#define THROUGH_AIR        "8DA05F219B06B6AF189400CBC33F"

#define RECEIVE_US INT64_C(1541030410000000) /* 2018-11-01T00:00:10Z */

static void assert_place(const struct position *p, int32_t lat_e7, int32_t lon_e7)
{
    assert_in_range(p->lat_e7 - lat_e7 + PLACE_E7_TOLERANCE, 0, 2 * PLACE_E7_TOLERANCE);
    assert_in_range(p->lon_e7 - lon_e7 + PLACE_E7_TOLERANCE, 0, 2 * PLACE_E7_TOLERANCE);
}

static void a_pair_in_the_air(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(&fed, FEED_AVR, "*" ODD_AIR ";\n*" EVEN_AIR ";\n");
    assert_int_equal(fed.count, 1);
    const struct position *p = &fed.at[0];
    assert_int_equal(p->track, track_icao(0x40621d));
    assert_place(p, 522572000, 39193700);
    assert_int_equal(p->alt_cm, 1158240); /* 38000 ft x 30.48 cm */
    assert_int_equal(p->alt_ref, ALT_REF_BARO);
    assert_int_equal(p->time_us, TIME_UNKNOWN);
    assert_int_equal(p->err_dm, 926); /* type 11 of version 0: NUCp 7 */
    assert_int_equal(p->north_cmps, SPEED_UNKNOWN);
    assert_int_equal(p->flag, 'G' << 8 | 'B');
    assert_int_equal(p->platform, PLATFORM_AIRCRAFT);
    assert_int_equal(feed_counts(fed.feed)->used, 2);
    fed_close(&fed);
}

/* On the ground of Schiphol; the receiver stood at 51.990, 4.375. */
static void a_pair_on_the_ground(void **state)
{
    (void)state;
    struct fed fed;
    struct feed_options options = {
        .format = FEED_AVR, .at_known = true, .at_lat_e7 = 519900000, .at_lon_e7 = 43750000};
    fed_open(&fed, options);
    fed_push(&fed, "*" EVEN_GROUND ";\n*" ODD_GROUND ";\n", TIME_UNKNOWN);
    assert_int_equal(fed.count, 2); /* the first one by the receiver's place */
    assert_place(&fed.at[1], 523206100, 47347300);
    assert_int_equal(fed.at[1].note & NOTE_ON_GROUND, NOTE_ON_GROUND);
    assert_int_equal(fed.at[1].alt_cm, ALT_UNKNOWN);
    fed_close(&fed);
    fed_read(&fed, FEED_AVR, "*" EVEN_GROUND ";\n*" ODD_GROUND ";\n");
    assert_int_equal(fed.count, 0); /* four places round the world fit */
    assert_int_equal(feed_counts(fed.feed)->used, 2);
    fed_close(&fed);
}

/* 8C4841753A9A153237AEF0F275BE: movement 41, 17 kn, track 92.8 degrees. */
static void movement_on_the_ground(void **state)
{
    (void)state;
    struct fed fed;
    struct feed_options options = {
        .format = FEED_AVR, .at_known = true, .at_lat_e7 = 519900000, .at_lon_e7 = 43750000};
    fed_open(&fed, options);
    fed_push(&fed, "*8C4841753A9A153237AEF0F275BE;\n", TIME_UNKNOWN);
    assert_int_equal(fed.count, 1);
    assert_int_equal(fed.at[0].east_cmps, 874);  /* 17 kn = 874.556 cm/s; sin 92.8125 = 0.998796 */
    assert_int_equal(fed.at[0].north_cmps, -43); /* cos 92.8125 = -0.049068 */
    fed_close(&fed);
}

static void identity(void **state)
{
    (void)state;
    struct fed fed;
    fed_read(&fed, FEED_AVR, "@0123456789ab" IDENTITY ";\r\n");
    assert_int_equal(feed_counts(fed.feed)->identities, 1);
    assert_string_equal(feed_identity(fed.feed, track_icao(0x4840d6))->name, "KLM1023");
    fed_close(&fed);
}

/* 159.20 kn on 182.88 degrees, -832 ft/min: -422.7 cm/s. Heading and airspeed are no velocity over
 * ground; -2304 ft/min is -1170.4 cm/s. The aircraft's place is made of the pair above, whose parity
 * is that of its own address: the velocity is read by its effect on that aircraft only. */
static void velocities(void **state)
{
    (void)state;
    static const struct {
        const char *frame;
        int32_t north_cmps, east_cmps, up_cmps;
    } known[] = {{OVER_GROUND, -8180, -411, -423},
                 {THROUGH_AIR, SPEED_UNKNOWN, SPEED_UNKNOWN, -1170}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct fed fed;
        char line[64] = "*";
        fed_open(&fed, (struct feed_options){.format = FEED_AVR});
        strcat(strcat(line, known[i].frame), ";\n");
        fed_push(&fed, line, TIME_UNKNOWN);
        uint32_t index = 0; /* the only track */
        const struct flight *f = &((struct feed *)fed.feed)->tracks.flight[index];
        assert_int_equal(f->held, FLIGHT_VELOCITY);
        if (known[i].north_cmps == SPEED_UNKNOWN) {
            assert_int_equal(f->north_cmps, SPEED_UNKNOWN);
        } else {
            assert_in_range(f->north_cmps - known[i].north_cmps + 2, 0, 4);
            assert_in_range(f->east_cmps - known[i].east_cmps + 2, 0, 4);
        }
        assert_int_equal(f->up_cmps, known[i].up_cmps);
        fed_close(&fed);
    }
}

/* One bit wrong, everywhere: never a position, always counted. */
static void parity(void **state)
{
    (void)state;
    static const char digits[] = "0123456789ABCDEF";
    for (size_t bit = 5; bit < 112; bit++) {
        struct fed fed;
        char line[] = "*" EVEN_AIR ";\n";
        char *p = &line[1 + bit / 4];
        *p = digits[(size_t)(strchr(digits, *p) - digits) ^ (8u >> bit % 4)];
        fed_read(&fed, FEED_AVR, line);
        assert_int_equal(fed_skipped(&fed, SKIP_CHECKSUM), 1);
        fed_close(&fed);
    }
}

static void what_is_other_or_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int end;
    } known[] = {
        {"*5D484FDEA248F5;\n", RECORD_OTHER}, /* all-call reply, interrogator 0 */
        {"*5D484FDEA248F4;\n", RECORD_OTHER}, /* and 1 */
        {"*5D484FDEA2C8F5;\n", SKIP_CHECKSUM},
        {"*2A00516D492B80;\n", RECORD_OTHER}, /* DF 5: the address is in the parity */
        {"*A0001838CA3E51F0A8000047A36A;\n", RECORD_OTHER},
        {"*0000;\n", RECORD_OTHER},
        {"*" EVEN_AIR "\n", SKIP_CUT},
        {"*;\n", SKIP_SYNTAX},
        {"@" EVEN_AIR ";\n", SKIP_SYNTAX}, /* no counter: the rest is no frame */
        {"*8D40621D58C382D690C8AC2863AX;\n", SKIP_SYNTAX},
        {"*8D40621D58C382;\n", SKIP_SYNTAX}, /* a long format in a short frame */
        {"8D40621D58C382D690C8AC2863A7;\n", SKIP_NOT_A_RECORD},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct fed fed;
        fed_read(&fed, FEED_AVR, known[i].line);
        assert_int_equal(feed_counts(fed.feed)->records, 1);
        if (known[i].end == RECORD_OTHER)
            assert_int_equal(feed_counts(fed.feed)->other, 1);
        else
            assert_int_equal(fed_skipped(&fed, (enum feed_skip)known[i].end), 1);
        fed_close(&fed);
    }
}

/* ---- Beast -------------------------------------------------------------------------------------- */

struct beast_text {
    size_t n;
    uint8_t p[1024];
};

static void beast_byte(struct beast_text *text, uint8_t byte)
{
    text->p[text->n++] = byte;
    if (byte == 0x1a)
        text->p[text->n++] = byte;
}

static uint8_t hex(const char *p)
{
    static const char digits[] = "0123456789ABCDEF";
    return (uint8_t)((strchr(digits, p[0]) - digits) << 4 | (strchr(digits, p[1]) - digits));
}

static void beast_frame(struct beast_text *text, uint64_t counter, const char *frame)
{
    text->p[text->n++] = 0x1a;
    text->p[text->n++] = strlen(frame) == 28 ? '3' : strlen(frame) == 14 ? '2' : '1';
    for (int i = 5; i >= 0; i--)
        beast_byte(text, (uint8_t)(counter >> (8 * i)));
    beast_byte(text, 0x1a); /* the level */
    for (; *frame; frame += 2)
        beast_byte(text, hex(frame));
}

static void beast_read(struct fed *fed, const struct beast_text *text, struct feed_options options)
{
    options.format = options.format ? options.format : FEED_BEAST;
    fed_open(fed, options);
    fed_push_bytes(fed, (struct bytes){text->p, text->n},
                   options.receive_time ? RECEIVE_US : TIME_UNKNOWN);
    fed_flush(fed);
    fed_check_sum(fed);
}

#define TICKS_S UINT64_C(12000000)

static void frames_and_escapes(void **state)
{
    (void)state;
    struct beast_text text = {.n = 0};
    struct fed fed;
    beast_frame(&text, 0x1a1a1a1a1a1a, "0000");
    beast_frame(&text, 10 * TICKS_S, ODD_AIR);
    beast_frame(&text, 20 * TICKS_S, EVEN_AIR); /* at the limit of a pair */
    beast_read(&fed, &text, (struct feed_options){.format = FEED_AUTO});
    assert_int_equal(feed_format(fed.feed), FEED_BEAST);
    assert_int_equal(fed.count, 1);
    assert_place(&fed.at[0], 522572000, 39193700);
    assert_int_equal(feed_counts(fed.feed)->other, 1);
    assert_int_equal(feed_counts(fed.feed)->used, 2);
    fed_close(&fed);
}

static void too_far_apart_for_a_pair(void **state)
{
    (void)state;
    struct beast_text text = {.n = 0};
    struct fed fed;
    beast_frame(&text, 10 * TICKS_S, ODD_AIR);
    beast_frame(&text, 20 * TICKS_S + 12, EVEN_AIR);
    beast_read(&fed, &text, (struct feed_options){.format = FEED_BEAST});
    assert_int_equal(fed.count, 0);
    assert_int_equal(feed_counts(fed.feed)->used, 2);
    fed_close(&fed);
}

static void out_of_step(void **state)
{
    (void)state;
    struct beast_text text = {.n = 0};
    struct fed fed;
    memcpy(text.p, "\x32\x1a\x1ahello\x1a\xe3whose",
           15); /* the end of a frame, junk, an addition */
    text.n = 15;
    beast_frame(&text, 1, ODD_AIR);
    text.n -= 4; /* its end is lost */
    beast_frame(&text, 2, ODD_AIR);
    beast_frame(&text, 3, EVEN_AIR);
    text.p[text.n++] = 0x1a; /* another begins */
    beast_read(&fed, &text, (struct feed_options){.format = FEED_BEAST});
    assert_int_equal(fed.count, 1);
    assert_int_equal(fed_skipped(&fed, SKIP_NOT_A_RECORD), 1);
    assert_int_equal(fed_skipped(&fed, SKIP_CUT), 2);
    fed_close(&fed);
}

/* Seconds of the day above 30 bits of nanoseconds. */
static void a_gps_clock(void **state)
{
    (void)state;
    struct beast_text text = {.n = 0};
    struct fed fed;
    beast_frame(&text, UINT64_C(86399) << 30 | 500000000, ODD_AIR); /* 10.5 s before */
    beast_frame(&text, UINT64_C(9) << 30 | 250000000, EVEN_AIR);
    struct feed_options options = {.format = FEED_BEAST, .receive_time = true, .gps_clock = true};
    beast_read(&fed, &text, options);
    assert_int_equal(fed.count, 1);
    assert_int_equal(fed.at[0].time_us, RECEIVE_US - 750000);
    assert_int_equal(fed.at[0].time_source, TIME_FROM_TAG);
    fed_close(&fed);
    options.gps_clock = false;
    beast_read(&fed, &text, options);
    assert_int_equal(fed.at[0].time_us, RECEIVE_US);
    assert_int_equal(fed.at[0].time_source, TIME_FROM_RECEIVE);
    fed_close(&fed);
}

/* The counter that servers give to what they locate by several receivers. */
static void multilateration(void **state)
{
    (void)state;
    struct beast_text text = {.n = 0};
    struct fed fed;
    beast_frame(&text, UINT64_C(0xff004d4c4154), ODD_AIR);
    beast_frame(&text, UINT64_C(0xff004d4c4154), EVEN_AIR);
    beast_read(&fed, &text, (struct feed_options){.format = FEED_BEAST});
    assert_int_equal(fed.count, 1);
    assert_int_equal(fed.at[0].err_dm, 9260);
    fed_close(&fed);
}

/* ---- parts -------------------------------------------------------------------------------------- */

/* At the equator, on both sides of borders that the formula of DO-260B gives, and in the book's example. */
static void zones_of_longitude(void **state)
{
    (void)state;
    static const struct {
        int64_t lat_e9;
        unsigned zones;
    } known[] = {{0, 59},
                 {INT64_C(10470471299), 59},
                 {INT64_C(10470471301), 58},
                 {-INT64_C(10470471301), 58},
                 {INT64_C(52257202148), 36},
                 {INT64_C(86535369974), 3},
                 {INT64_C(86535369976), 2},
                 {INT64_C(87000000000), 2},
                 {INT64_C(87000000001), 1},
                 {INT64_C(90000000000), 1}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        assert_int_equal(cpr_zones(known[i].lat_e9), known[i].zones);
}

/* Every place comes back from its own frames: encoding is A.1.7.3 of DO-260B. */
static uint32_t encode(int64_t angle_e7, int64_t zones, bool surface)
{
    const int64_t whole = (surface ? 90 : 360) * DEG_E7;
    int64_t at = angle_e7 * zones % whole;
    if (at < 0)
        at += whole;
    return (uint32_t)((2 * at * CPR_ONE + whole) / (2 * whole)) & (CPR_ONE - 1);
}

static struct cpr frame_of(const struct cpr_place *p, bool odd, bool surface)
{
    struct cpr frame = {.odd = odd, .surface = surface};
    const int64_t span = surface ? 90 : 360;
    frame.lat = encode(p->lat_e7, 60 - odd, surface);
    /* zones of the latitude that the receiver will read, as the standard has it */
    int64_t zone = (p->lat_e7 * (INT64_C(60) - odd) -
                    (int64_t)(frame.lat * (uint64_t)span * 10000000 >> 17) + span * DEG_E7 / 2);
    zone = zone / (span * DEG_E7) - (zone % (span * DEG_E7) < 0);
    int64_t lat_e9 = (zone * CPR_ONE + frame.lat) * span * 1000000000 / ((60 - odd) * CPR_ONE);
    int64_t n = (int64_t)cpr_zones(lat_e9) - odd;
    frame.lon = encode(p->lon_e7, n > 1 ? n : 1, surface);
    return frame;
}

static void there_and_back(void **state)
{
    (void)state;
    unsigned pairs = 0;
    for (int32_t lat = -899000000; lat <= 899000000; lat += 12345678)
        for (int32_t lon = -1799000000; lon <= 1790000000; lon += 91234567)
            for (int surface = 0; surface < 2; surface++) {
                struct cpr_place p = {lat, lon}, near = {lat + (lat < 0 ? 2000000 : -2000000), lon};
                struct cpr_place at;
                struct cpr even = frame_of(&p, false, surface), odd = frame_of(&p, true, surface);
                const int64_t lat_step = 300,
                              lon_step = surface ? 7000 : 28000; /* at most, one bit */
                assert_true(cpr_local(&even, &near, &at));
                assert_in_range(at.lat_e7 - lat + lat_step, 0, 2 * lat_step);
                assert_true(cpr_local(&odd, &near, &at));
                assert_in_range(at.lat_e7 - lat + lat_step, 0, 2 * lat_step);
                if (!cpr_global(&even, &odd, lon > 0, &near, &at))
                    continue; /* the two latitudes lie on both sides of a border */
                pairs++;
                assert_in_range(at.lat_e7 - lat + lat_step, 0, 2 * lat_step);
                assert_in_range(at.lon_e7 - lon + lon_step, 0, 2 * lon_step);
            }
    assert_true(pairs > 5700); /* of 5840 */
}

/* As pyModeS 3.3 reads them (its 13 bits have M, 0, behind A4); 38000 ft is the book's. */
static void altitudes(void **state)
{
    (void)state;
    static const struct {
        unsigned code; /* C1 A1 C2 A2 C4 A4 B1 Q B2 D2 B4 D4 */
        int32_t feet;
    } known[] = {{0xc38, 38000}, {0x010, -1000}, {0x080, -1200}, {0x280, -1100},
                 {0x200, -1000}, {0xa00, -900},  {0x800, -800},  {0x802, -700},
                 {0x082, -300},  {0x08a, -200},  {0x28a, -100},  {0x623, 34000},
                 {0x2aa, 1600},  {0x5a7, 81800}, {0x485, 94700}, {0x081, 62700}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        int32_t feet = 0;
        assert_true(altitude_feet(known[i].code, &feet));
        assert_int_equal(feet, known[i].feet);
    }
    int32_t feet;
    assert_false(altitude_feet(0, &feet));
    assert_false(altitude_feet(0x002, &feet)); /* no C pulse */
    assert_false(altitude_feet(0x880, &feet)); /* C1 C4 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pair_in_the_air),
        cmocka_unit_test(a_pair_on_the_ground),
        cmocka_unit_test(movement_on_the_ground),
        cmocka_unit_test(identity),
        cmocka_unit_test(velocities),
        cmocka_unit_test(parity),
        cmocka_unit_test(what_is_other_or_wrong),
        cmocka_unit_test(frames_and_escapes),
        cmocka_unit_test(too_far_apart_for_a_pair),
        cmocka_unit_test(out_of_step),
        cmocka_unit_test(a_gps_clock),
        cmocka_unit_test(multilateration),
        cmocka_unit_test(zones_of_longitude),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(altitudes),
    };
    return cmocka_run_group_tests_name("mode_s", tests, NULL, NULL);
}
