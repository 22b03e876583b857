#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void compares(void **state)
{
    (void)state;
    assert_true(bytes_is(bytes_of("ship"), "ship"));
    assert_false(bytes_is(bytes_of("ship"), "ships"));
    assert_false(bytes_is(bytes_of("ships"), "ship"));
    assert_true(bytes_is(bytes_of(NULL), ""));
    assert_true(bytes_is((struct bytes){(const uint8_t *)"shipyard", 4}, "ship"));
    assert_true(bytes_equal(bytes_of("a"), bytes_of("a")));
    assert_false(bytes_equal(bytes_of("a"), bytes_of("b")));
    assert_true(bytes_starts(bytes_of("ais:1"), "ais:"));
    assert_true(bytes_starts(bytes_of("ais:"), ""));
    assert_false(bytes_starts(bytes_of("ais"), "ais:"));
    assert_false(bytes_starts(bytes_of(NULL), "a"));
}

static void copies_what_fits(void **state)
{
    (void)state;
    char dst[4];
    assert_true(bytes_copy_text(bytes_of("abc"), dst, sizeof dst));
    assert_string_equal(dst, "abc");
    assert_false(bytes_copy_text(bytes_of("wxyz"), dst, sizeof dst));
    assert_string_equal(dst, "wxy");
    assert_true(bytes_copy_text(bytes_of(NULL), dst, sizeof dst));
    assert_string_equal(dst, "");
    assert_false(bytes_copy_text(bytes_of("a"), dst, 1));
    assert_string_equal(dst, "");
    assert_false(bytes_copy_text(bytes_of(NULL), dst, 0));
}

static const struct {
    const char *text;
    bool good;
    int64_t value;
} integers[] = {
    {"0", true, 0},
    {"-0", true, 0},
    {"42", true, 42},
    {"-42", true, -42},
    {"007", true, 7},
    {"9223372036854775807", true, INT64_MAX},
    {"-9223372036854775808", true, INT64_MIN},
    {"9223372036854775808", false, 0},
    {"-9223372036854775809", false, 0},
    {"99999999999999999999", false, 0},
    {"", false, 0},
    {"-", false, 0},
    {"+1", false, 0},
    {" 1", false, 0},
    {"1 ", false, 0},
    {"1.0", false, 0},
    {"1e3", false, 0},
    {"--1", false, 0},
    {"0x10", false, 0},
};

static void reads_integers_strictly(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++) {
        int64_t v = 77;
        assert_int_equal(bytes_int64(bytes_of(integers[i].text), &v), integers[i].good);
        assert_int_equal(v, integers[i].good ? integers[i].value : 77);
    }
}

/* RFC 3629 section 4, written the other way round: decode, then ask whether the code point may
 * stand in that many bytes. */
static size_t slow_length(const uint8_t *p, size_t room)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = p[0] < 0x80             ? 1
               : (p[0] & 0xe0) == 0xc0 ? 2
               : (p[0] & 0xf0) == 0xe0 ? 3
               : (p[0] & 0xf8) == 0xf0 ? 4
                                       : 0;
    if (n == 0 || n > room)
        return 0;
    uint32_t code = n == 1 ? p[0] : p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3fu);
    }
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < least[n] || surrogate || code > 0x10ffff ? 0 : n;
}

/* Every first and second byte, with third and fourth bytes at the edges of their range. */
static void utf8_agrees_with_decoding(void **state)
{
    (void)state;
    static const uint8_t edge[] = {0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xff};
    for (unsigned i = 0; i < 256u * 256 * 36; i++) {
        uint8_t p[4] = {(uint8_t)(i >> 8), (uint8_t)i, edge[(i >> 16) % 6], edge[(i >> 16) / 6]};
        for (size_t room = 1; room <= 4; room++) {
            if (utf8_length(p, p + room) != slow_length(p, room))
                fail_msg("%02x %02x %02x %02x in %zu", p[0], p[1], p[2], p[3], room);
        }
    }
}

static void checks_texts(void **state)
{
    (void)state;
    assert_true(bytes_is_utf8(bytes_of("비무장지대 DMZ \xf0\x9f\x95\x8a")));
    assert_true(bytes_is_utf8(bytes_of(NULL)));
    assert_false(bytes_is_utf8(bytes_of("abc\xff")));
    assert_false(bytes_is_utf8(bytes_of("abc\xec\x9d")));
    assert_false(bytes_is_utf8(bytes_of("\xed\xa0\x80")));
    assert_int_equal(utf8_length((const uint8_t *)"", (const uint8_t *)"" + 0), 0);
}

static void integers_are_big_endian(void **state)
{
    (void)state;
    uint8_t p[8];
    put_u16(p, 0x0102);
    assert_memory_equal(p, "\x01\x02", 2);
    put_u32(p, 0x01020304);
    assert_memory_equal(p, "\x01\x02\x03\x04", 4);
    put_u64(p, UINT64_C(0xfedcba9876543210));
    assert_memory_equal(p, "\xfe\xdc\xba\x98\x76\x54\x32\x10", 8);
    assert_int_equal(get_u16(p), 0xfedc);
    assert_int_equal(get_u32(p), 0xfedcba98);
    assert_true(get_u64(p) == UINT64_C(0xfedcba9876543210));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares),
        cmocka_unit_test(copies_what_fits),
        cmocka_unit_test(reads_integers_strictly),
        cmocka_unit_test(utf8_agrees_with_decoding),
        cmocka_unit_test(checks_texts),
        cmocka_unit_test(integers_are_big_endian),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
