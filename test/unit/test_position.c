#include "base/position.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char *written(uint64_t track)
{
    static char memory[TRACK_TEXT_MAX];
    struct buf buf;
    buf_init(&buf, memory, sizeof memory);
    track_write(&buf, track);
    assert_false(buf.full);
    return memory;
}

static void writes_ids(void **state)
{
    (void)state;
    assert_string_equal(written(track_ais(219000123)), "ais:219000123");
    assert_string_equal(written(track_ais(2190)), "ais:000002190");
    assert_string_equal(written(track_icao(0x71be12)), "icao:71BE12");
    assert_string_equal(written(track_icao(0xab)), "icao:0000AB");
    assert_string_equal(written(track_tisb(0x2a1b2c)), "tisb:2A1B2C");
    assert_string_equal(written(track_tisb(UINT32_MAX)), "tisb:FFFFFFFF");
    assert_int_equal(strncmp(written(track_named(bytes_of("cot"), bytes_of("A1"))), "named:", 6),
                     0);
    assert_int_equal(strlen(written(track_named(bytes_of("cot"), bytes_of("A1")))), 6 + 14);
    assert_int_equal(strlen(written(UINT64_MAX)), 6 + 14);
}

static void reads_what_it_writes(void **state)
{
    (void)state;
    const uint64_t tracks[] = {
        track_ais(0),
        track_ais(999999999),
        track_icao(0xffffff),
        track_icao(0),
        track_tisb(1),
        track_tisb(0x1000000),
        track_tisb(UINT32_MAX),
        track_named(bytes_of("sim"), bytes_of("drone 7")),
        track_named(bytes_of(NULL), bytes_of(NULL)),
    };
    for (size_t i = 0; i < sizeof tracks / sizeof tracks[0]; i++)
        assert_true(track_read(bytes_of(written(tracks[i]))) == tracks[i]);
}

static void name_spaces_are_apart(void **state)
{
    (void)state;
    assert_int_equal(track_ais(5) >> 56, TRACK_AIS);
    assert_int_equal(track_icao(5) >> 56, TRACK_ICAO);
    assert_int_equal(track_tisb(5) >> 56, TRACK_TISB);
    assert_int_equal(track_named(bytes_of("a"), bytes_of("b")) >> 56, TRACK_NAMED);
    assert_true(track_icao(0x1abcdef) == track_icao(0xabcdef));
}

static void other_texts_are_names(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "ais:12345678",
        "ais:1234567890",
        "ais:12345678x",
        "icao:71be12",
        "icao:71BE1",
        "tisb:2A1B2",
        "tisb:02A1B2C",
        "named:0123",
        "named:0123456789ABCD",
        "cot:A1",
        "",
        ":",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(track_read(bytes_of(texts[i])) >> 56, TRACK_NAMED);
    assert_true(track_read(bytes_of("cot:A1")) == track_named(bytes_of("cot"), bytes_of("A1")));
    assert_true(track_read(bytes_of("cot:A:1")) == track_named(bytes_of("cot"), bytes_of("A:1")));
    assert_true(track_read(bytes_of("cot:A1")) != track_read(bytes_of("cot:A2")));
    assert_true(track_read(bytes_of("cot:A1")) != track_read(bytes_of("cot:1A")));
}

static void flags(void **state)
{
    (void)state;
    uint16_t flag = 7;
    char memory[8];
    struct buf buf;
    assert_true(flag_read(bytes_of("KR"), &flag));
    assert_int_equal(flag, 0x4b52);
    assert_false(flag_read(bytes_of("kr"), &flag));
    assert_false(flag_read(bytes_of("KOR"), &flag));
    assert_false(flag_read(bytes_of("K"), &flag));
    assert_false(flag_read(bytes_of(""), &flag));
    assert_int_equal(flag, 0x4b52);
    buf_init(&buf, memory, sizeof memory);
    flag_write(&buf, 0);
    flag_write(&buf, flag);
    assert_string_equal(memory, "KR");
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(time_source_name(TIME_FROM_NONE), "none");
    assert_string_equal(time_source_name(TIME_FROM_TAG), "tag");
    assert_string_equal(time_source_name(TIME_FROM_PGHP), "pghp");
    assert_string_equal(time_source_name(TIME_FROM_SUFFIX), "suffix");
    assert_string_equal(time_source_name(TIME_FROM_RMC), "rmc");
    assert_string_equal(time_source_name(TIME_FROM_RECEIVE), "receive");
    assert_string_equal(alt_ref_name(ALT_REF_NONE), "none");
    assert_string_equal(alt_ref_name(ALT_REF_ELLIPSOID), "ellipsoid");
    assert_string_equal(alt_ref_name(ALT_REF_SEA_LEVEL), "sea_level");
    assert_string_equal(alt_ref_name(ALT_REF_BARO), "baro");
    assert_string_equal(alt_ref_name(ALT_REF_GROUND), "ground");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_ids),
        cmocka_unit_test(reads_what_it_writes),
        cmocka_unit_test(name_spaces_are_apart),
        cmocka_unit_test(other_texts_are_names),
        cmocka_unit_test(flags),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
