#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/timetext.h"
#include "jansson_oracle.h"

static struct json opened(const char *text)
{
    struct json v;
    struct err err = {0};
    if (json_open(bytes_of(text), &v, &err))
        fail_msg("%s: %s", text, err.text);
    return v;
}

/* A small generator, so that a failing case can be run again (xorshift64, Marsaglia 2003). */
static uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* RFC 8259. JANSSON_APART: jansson differs, and the line says why. */
enum { BOTH, JANSSON_APART };
static const struct {
    const char *text;
    bool good;
    int apart;
} texts[] = {
    {"null", true, BOTH},
    {"true", true, BOTH},
    {"false", true, BOTH},
    {"0", true, BOTH},
    {"-0", true, BOTH},
    {"-0.0e-0", true, BOTH},
    {"1E+2", true, BOTH},
    {"12.50", true, BOTH},
    {"\"\"", true, BOTH},
    {" \t\r\n[ ] ", true, BOTH},
    {"{}", true, BOTH},
    {"{\"a\":1,\"b\":[1,2,{\"c\":null}]}", true, BOTH},
    {"[[],{},[[]],\"\",0]", true, BOTH},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDD4A\"", true, BOTH},
    {"\"비무장지대 \xf0\x9f\x95\x8a \x7f\"", true, BOTH},
    {"{\"\":1}", true, BOTH},
    {"123456789012345678901234567890", true, JANSSON_APART}, /* it wants 64 bits */
    {"1e999", true, JANSSON_APART},                          /* it wants a double */
    {"\"\\u0000\"", true, BOTH},
    {"{\"\\u0000\":1}", true, JANSSON_APART}, /* its keys are C strings */
    {"", false, BOTH},
    {" ", false, BOTH},
    {"nul", false, BOTH},
    {"nulll", false, BOTH},
    {"True", false, BOTH},
    {"NaN", false, BOTH},
    {"-NaN", false, BOTH},
    {"Infinity", false, BOTH},
    {"-Infinity", false, BOTH},
    {"01", false, BOTH},
    {"-01", false, BOTH},
    {"00", false, BOTH},
    {"+1", false, BOTH},
    {".5", false, BOTH},
    {"1.", false, BOTH},
    {"1.e2", false, BOTH},
    {"1e", false, BOTH},
    {"1e+", false, BOTH},
    {"-", false, BOTH},
    {"0x10", false, BOTH},
    {"1 2", false, BOTH},
    {"[1]]", false, BOTH},
    {"[1],", false, BOTH},
    {"[1,]", false, BOTH},
    {"[,1]", false, BOTH},
    {"[1 2]", false, BOTH},
    {"[1", false, BOTH},
    {"[1}", false, BOTH},
    {"[", false, BOTH},
    {"]", false, BOTH},
    {"{", false, BOTH},
    {"{]", false, BOTH},
    {"{\"a\"}", false, BOTH},
    {"{\"a\":}", false, BOTH},
    {"{\"a\":1,}", false, BOTH},
    {"{\"a\" 1}", false, BOTH},
    {"{a:1}", false, BOTH},
    {"{'a':1}", false, BOTH},
    {"{1:1}", false, BOTH},
    {"{\"a\":1 \"b\":2}", false, BOTH},
    {"{\"a\":1", false, BOTH},
    {"{\"a\":1,\"a\":2}", false, BOTH},
    {"{\"a\":1,\"\\u0061\":2}", false, BOTH},
    {"{\"\xc3\xa9\":1,\"\\u00E9\":2}", false, BOTH},
    {"{\"\xf0\x9f\x95\x8a\":1,\"\\ud83d\\udd4a\":2}", false, BOTH},
    {"[{\"x\":{\"b\":1,\"c\":2,\"b\":3}}]", false, BOTH},
    {"{\"a\":1,\"A\":2}", true, BOTH},
    {"{\"a\":{\"a\":{\"a\":1}}}", true, BOTH},
    {"{\"a\":\"a\",\"b\":\"a\"}", true, BOTH},
    {"\"", false, BOTH},
    {"\"abc", false, BOTH},
    {"\"\\\"", false, BOTH},
    {"\"\\x\"", false, BOTH},
    {"\"\\u12\"", false, BOTH},
    {"\"\\u12g4\"", false, BOTH},
    {"\"\\ud800\"", false, BOTH},
    {"\"\\ud800x\"", false, BOTH},
    {"\"\\ud800\\n\"", false, BOTH},
    {"\"\\ud800\\u0041\"", false, BOTH},
    {"\"\\udc00\"", false, BOTH},
    {"\"\\udc00\\ud800\"", false, BOTH},
    {"\"a\nb\"", false, BOTH},
    {"\"a\tb\"", false, BOTH},
    {"\"12345678\x1f\"", false, BOTH},
    {"\"\xff\"", false, BOTH},
    {"\"\xc0\xaf\"", false, BOTH},
    {"\"\xed\xa0\x80\"", false, BOTH},
    {"\"\xf4\x90\x80\x80\"", false, BOTH},
    {"\"\xe2\x82\"", false, BOTH},
    {"[1]\xff", false, BOTH},
    {"\xef\xbb\xbf[]", false, BOTH},
    {"/* c */ 1", false, BOTH},
    {"[1] // c", false, BOTH},
};

static void takes_and_refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct json v;
        struct err err = {0};
        const char *text = texts[i].text;
        if ((json_open(bytes_of(text), &v, &err) == 0) != texts[i].good)
            fail_msg("%s: %s", text, err.text);
        if (texts[i].apart == BOTH && oracle_accepts(text, strlen(text)) != texts[i].good)
            fail_msg("jansson does not agree about %s", text);
        assert_int_equal(err.code, texts[i].good ? EXIT_FINE : EXIT_DATA);
    }
}

/* Every byte of a text with everything in it replaced, removed and doubled. */
static const char sample[] =
    "{\"k\":[1,-2.5e3,0.125,true,false,null,\"\\u00e9\\uD83D\\uDD4A\\n\"],\"m\":{\"\xed\x95\x9c\":"
    "\"\xc3\xa9 abc defghi\",\"n\":{}},\"a\":[[ ],{\"k\" : \"\"}]}";

static void agree_on(const uint8_t *text, size_t n)
{
    struct json v, fast;
    bool ours = json_open((struct bytes){text, n}, &v, NULL) == 0;
    if (ours != oracle_accepts(text, n))
        fail_msg("we say %d: %.*s", ours, (int)n, (const char *)text);
    if (ours) {
        assert_true(json_open_fast((struct bytes){text, n}, &fast));
        assert_true(fast.p == v.p && fast.end == v.end && fast.type == v.type);
        assert_true(v.type == JSON_OBJECT ? json_count(v) <= 4 : json_count(v) == 0);
    }
}

/* The text stands at the end of its own memory, so that a sanitizer sees any byte read past it. */
static void mutants_agree_with_jansson(void **state)
{
    (void)state;
    const size_t n = sizeof sample - 1;
    uint8_t *same = malloc(n), *less = malloc(n - 1), *more = malloc(n + 1);
    for (size_t at = 0; at < n; at++) {
        memcpy(less, sample, at);
        memcpy(less + at, sample + at + 1, n - 1 - at);
        agree_on(less, n - 1);
        for (int byte = 1; byte < 256; byte++) { /* a NUL: jansson stops there, see below */
            memcpy(same, sample, n);
            same[at] = (uint8_t)byte;
            agree_on(same, n);
        }
        for (size_t i = 0; i < 32; i++) {
            memcpy(more, sample, at);
            more[at] = (uint8_t)sample[i * 3];
            memcpy(more + at + 1, sample + at, n - at);
            agree_on(more, n + 1);
        }
    }
    free(same);
    free(less);
    free(more);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    struct json none;
    assert_false(json_open_fast(bytes_of(NULL), &none));
    assert_int_equal(json_open(bytes_of(NULL), &none, NULL), ERR_FAIL);
    for (size_t n = 0; n < sizeof sample - 1; n++) {
        uint8_t *text = malloc(n + 1);
        struct json v;
        memcpy(text, sample, n);
        assert_int_equal(json_open((struct bytes){text, n}, &v, NULL), ERR_FAIL);
        text[n] = '\0'; /* a NUL is no white space */
        assert_false(json_open_fast((struct bytes){text, n + 1}, &v));
        free(text);
    }
}

static void depth_is_bounded(void **state)
{
    (void)state;
    char text[4 * JSON_DEPTH_MAX + 8];
    struct json v;
    for (size_t depth = 1; depth <= JSON_DEPTH_MAX + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        struct bytes all = {(const uint8_t *)text, 2 * depth};
        assert_int_equal(json_open(all, &v, NULL) == 0, depth <= JSON_DEPTH_MAX);
    }
    char *deep = malloc(1 << 20);
    memset(deep, '[', 1 << 20);
    struct err err;
    assert_int_equal(json_open((struct bytes){(uint8_t *)deep, 1 << 20}, &v, &err), ERR_FAIL);
    assert_string_equal(err.text, "line 1, column 65: more than 64 levels");
    free(deep);
}

static char *object_of(size_t keys, const char *format)
{
    size_t cap = keys * 64 + 16;
    char *text = malloc(cap);
    struct buf buf;
    buf_init(&buf, text, cap);
    buf_char(&buf, '{');
    for (size_t i = 0; i < keys; i++) {
        char key[48];
        snprintf(key, sizeof key, format, i * 7919 % keys);
        buf_format(&buf, "%s\"%s\":0", i ? "," : "", key);
    }
    buf_char(&buf, '}');
    assert_false(buf.full);
    return text;
}

static void keys_are_bounded_and_compared(void **state)
{
    (void)state;
    struct json v;
    struct err err = {0};
    char *most = object_of(JSON_OBJECT_MAX, "a-long-common-beginning-%zu");
    assert_int_equal(json_open(bytes_of(most), &v, &err), 0);
    assert_int_equal(json_count(v), JSON_OBJECT_MAX);
    memcpy(strstr(most, "-17\""), "-71\"", 4);
    assert_int_equal(json_open(bytes_of(most), &v, &err), ERR_FAIL);
    assert_non_null(strstr(err.text, "the key \"a-long-common-beginning-71\" is there twice"));
    assert_true(json_open_fast(bytes_of(most), &v));
    free(most);
    char *more = object_of(JSON_OBJECT_MAX + 1, "%zu");
    assert_int_equal(json_open(bytes_of(more), &v, &err), ERR_FAIL);
    assert_non_null(strstr(err.text, "more than 4096 keys"));
    free(more);
}

/* Line, column and reason; a column is a character, so Hangul counts once. */
static const struct {
    const char *text, *error;
} errors[] = {
    {"", "line 1, column 1: the text is empty"},
    {"\n\n  ", "line 3, column 3: the text is empty"},
    {"{\n  \"a\": 1,\n  \"b\": tru\n}", "line 3, column 8: expected a value"},
    {"[1 2]", "line 1, column 4: expected ',' or ']'"},
    {"{\"남측\":1;}", "line 1, column 8: expected ',' or '}'"},
    {"{\"a\" 1}", "line 1, column 6: expected ':' after the key"},
    {"{a:1}", "line 1, column 2: expected a key in quotes"},
    {"{} x", "line 1, column 4: something follows the value"},
    {"{\"a\":1,\n\"a\":2}", "line 2, column 1: the key \"a\" is there twice"},
    {"[012]", "line 1, column 2: a number must not begin with 0"},
    {"[1.]", "line 1, column 4: a decimal point needs a digit after it"},
    {"[1e]", "line 1, column 4: an exponent needs a digit"},
    {"[-]", "line 1, column 3: a number needs a digit here"},
    {"[\"a", "line 1, column 4: the string does not end"},
    {"\"\\q\"", "line 1, column 3: no such escape"},
    {"\"\\u12\"", "line 1, column 4: \\u needs four hex digits"},
    {"\"a\nb\"", "line 1, column 3: a control character in a string must be escaped"},
    {"\"\\udc00\"", "line 1, column 4: a low surrogate stands without its high one"},
    {"\"\\ud800\"", "line 1, column 8: a high surrogate is not followed by its low one"},
    {"\"\xff\"", "line 1, column 2: the string is not UTF-8"},
    {"\xef\xbb\xbf{}",
     "line 1, column 1: the text begins with a byte order mark; save it without one"},
};

static void errors_say_where_and_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        struct json v;
        struct err err = {0};
        assert_int_equal(json_open(bytes_of(errors[i].text), &v, &err), ERR_FAIL);
        assert_string_equal(err.text, errors[i].error);
    }
}

static void navigates(void **state)
{
    (void)state;
    struct json v =
        opened(" { \"a\" : [ 10 , \"x,]}\\\"\" , { } ] , \"b\\u0063\" : true,\"n\":null } ");
    assert_int_equal(v.type, JSON_OBJECT);
    assert_int_equal(json_count(v), 3);
    struct json a = json_get(v, "a");
    assert_int_equal(a.type, JSON_ARRAY);
    struct json_iter it = json_iter(a);
    static const enum json_type types[] = {JSON_NUMBER, JSON_STRING, JSON_OBJECT};
    for (size_t i = 0; i < 3; i++) {
        assert_true(json_next(&it));
        assert_int_equal(it.index, i);
        assert_int_equal(it.value.type, types[i]);
        assert_int_equal(it.key.n, 0);
    }
    assert_false(json_next(&it));
    assert_false(json_next(&it));
    assert_int_equal(json_get(v, "bc").type, JSON_TRUE);
    assert_int_equal(json_get(v, "b").type, JSON_NONE);
    assert_int_equal(json_get(v, "bcd").type, JSON_NONE);
    assert_int_equal(json_get(v, "n").type, JSON_NULL);
    assert_int_equal(json_get(a, "a").type, JSON_NONE);
    assert_int_equal(json_get(json_get(v, "none"), "a").type, JSON_NONE);
    assert_int_equal(json_count(json_get(v, "n")), 0);
    it = json_iter(v);
    assert_true(json_next(&it) && json_next(&it));
    assert_true(bytes_is(it.key, "b\\u0063"));
}

static void strings_decode(void **state)
{
    (void)state;
    char dst[32];
    struct json v =
        opened("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD55C\\uD83D\\uDD4A\", \"plain\", "
               "\"\", \"a\\u0000b\", 5]");
    struct json_iter it = json_iter(v);
    assert_true(json_next(&it) && json_text(it.value, dst, sizeof dst));
    assert_string_equal(dst, "\"\\/\b\f\n\r\té한\xf0\x9f\x95\x8a");
    assert_true(json_is(it.value, dst));
    assert_false(json_is(it.value, "\"\\/"));
    size_t exact = strlen(dst) + 1;
    assert_true(json_text(it.value, dst, exact));
    assert_false(json_text(it.value, dst, exact - 1));
    assert_string_equal(dst, "");
    assert_false(json_text(it.value, dst, 0));
    assert_true(json_next(&it) && json_is(it.value, "plain"));
    assert_false(json_is(it.value, "plai"));
    assert_false(json_is(it.value, "plain1"));
    assert_true(bytes_is(json_raw(it.value), "plain"));
    assert_true(json_next(&it) && json_is(it.value, ""));
    assert_true(json_next(&it));
    assert_false(json_text(it.value, dst, sizeof dst));
    assert_false(json_is(it.value, "a"));
    assert_true(json_next(&it));
    assert_false(json_text(it.value, dst, sizeof dst));
    assert_false(json_is(it.value, "5"));
    assert_int_equal(json_raw(it.value).n, 0);
}

/* Expected values: the point shifted by hand. */
static const struct {
    const char *text;
    unsigned scale;
    bool good;
    int64_t value;
    bool exact;
} scaled[] = {
    {"0", 7, true, 0, true},
    {"-0.0", 7, true, 0, true},
    {"38.281972", 7, true, 382819720, true},
    {"-127.5", 0, true, -128, false},
    {"0.5", 0, true, 0, false},
    {"1.5", 0, true, 2, false},
    {"2.5", 0, true, 2, false},
    {"-0.5", 0, true, 0, false},
    {"-1.5", 0, true, -2, false},
    {"2.50000000000000000000000000000000001", 0, true, 3, false},
    {"2.49999999999999999999999999999999999", 0, true, 2, false},
    {"2.500", 1, true, 25, true},
    {"1e3", 0, true, 1000, true},
    {"1E+3", 2, true, 100000, true},
    {"1234e-2", 2, true, 1234, true},
    {"1234e-2", 0, true, 12, false},
    {"0.00012e5", 0, true, 12, true},
    {"0.00012e3", 0, true, 0, false},
    {"5e-1", 0, true, 0, false},
    {"51e-2", 0, true, 1, false},
    {"5e-2", 0, true, 0, false},
    {"99e-2", 0, true, 1, false},
    {"9223372036854775807", 0, true, INT64_MAX, true},
    {"-9223372036854775808", 0, true, INT64_MIN, true},
    {"9223372036854775807.4", 0, true, INT64_MAX, false},
    {"9223372036854775807.5", 0, false, 0, false},
    {"9223372036854775808", 0, false, 0, false},
    {"-9223372036854775809", 0, false, 0, false},
    {"18446744073709551615.5", 0, false, 0, false},
    {"99999999999999999999", 0, false, 0, false},
    {"922337203685.4775807", 7, true, INT64_MAX, true},
    {"922337203685.4775808", 7, false, 0, false},
    {"1e18", 0, true, 1000000000000000000, true},
    {"1e19", 0, false, 0, false},
    {"1e999999999999999999999999", 0, false, 0, false},
    {"0e999999999999999999999999", 0, true, 0, true},
    {"1e-999999999999999999999999", 0, true, 0, false},
    {"0e-999999999999999999999999", 0, true, 0, true},
    {"100000000000000000000000000000e-29", 0, true, 1, true},
    {"0.000000000000000000000000000001e30", 0, true, 1, true},
    {"\"1\"", 0, false, 0, false},
    {"null", 0, false, 0, false},
};

static void numbers_are_exact_decimals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scaled / sizeof scaled[0]; i++) {
        int64_t v = 77;
        bool exact = false;
        bool good = json_scaled(opened(scaled[i].text), scaled[i].scale, &v, &exact);
        if (good != scaled[i].good || (good && (v != scaled[i].value || exact != scaled[i].exact)))
            fail_msg("%s: %" PRId64 " %d", scaled[i].text, v, exact);
        assert_true(good || v == 77);
    }
    int64_t v;
    assert_true(json_int(opened("3"), &v) && v == 3);
    assert_true(json_int(opened("3.0"), &v) && v == 3);
    assert_true(json_int(opened("-30e-1"), &v) && v == -3);
    assert_false(json_int(opened("3.5"), &v));
    assert_false(json_int(opened("\"3\""), &v));
}

static double doubled(const char *text)
{
    double d = NAN;
    struct json v;
    assert_true(json_open_fast(bytes_of(text), &v));
    return json_double(v, &d) ? d : NAN;
}

/* Steps between two doubles of one sign. */
static uint64_t ulps_apart(double a, double b)
{
    int64_t i, j;
    memcpy(&i, &a, sizeof i);
    memcpy(&j, &b, sizeof j);
    return (uint64_t)(i > j ? i - j : j - i);
}

/* strtod of the C library rounds correctly. */
static void doubles_are_near_strtod(void **state)
{
    (void)state;
    uint64_t seed = 20180919;
    char text[64];
    for (int i = 0; i < 300000; i++) {
        uint64_t digits = random_next(&seed) >> (random_next(&seed) % 64);
        int e = (int)(random_next(&seed) % 620) - 330;
        snprintf(text, sizeof text, "%s%" PRIu64 "e%d", i & 1 ? "-" : "", digits, e);
        double want = strtod(text, NULL), got = doubled(text);
        if (isinf(want) ? !isnan(got) : ulps_apart(got, want) > 1)
            fail_msg("%s: %a, not %a", text, got, want);
    }
}

static void measurements_are_correctly_rounded(void **state)
{
    (void)state;
    uint64_t seed = 20181101;
    char text[64];
    for (int i = 0; i < 300000; i++) {
        uint64_t whole = random_next(&seed) % 1000, part = random_next(&seed) % 10000000000000000;
        snprintf(text, sizeof text, "%" PRIu64 ".%0*" PRIu64, whole, i % 2 ? 16 : 3,
                 i % 2 ? part : part % 1000);
        if (doubled(text) != strtod(text, NULL))
            fail_msg("%s", text);
        uint64_t digits = part * 1000 + whole;
        snprintf(text, sizeof text, "%" PRIu64 "e%d", digits >> i % 60, i % 55 - 27);
        if (doubled(text) != strtod(text, NULL))
            fail_msg("%s", text);
    }
}

static void double_corners(void **state)
{
    (void)state;
    assert_true(doubled("0") == 0);
    assert_true(signbit(doubled("-0.0")));
    assert_true(doubled("0.000e400") == 0);
    assert_true(doubled("1e-400") == 0);
    assert_true(doubled("1e-999999999999999999999") == 0);
    assert_true(doubled("0.1") == 0.1);
    assert_true(doubled("1.7976931348623157e308") == 1.7976931348623157e308);
    assert_true(ulps_apart(doubled("5e-324"), 5e-324) <= 1);
    assert_true(ulps_apart(doubled("2.2250738585072014e-308"), 2.2250738585072014e-308) <= 1);
    assert_true(isnan(doubled("1e309")));
    assert_true(isnan(doubled("1e99999999999999999999")));
    assert_true(isnan(doubled("\"1\"")));
    assert_true(doubled("1000000000000000000000000000000e-30") == 1);
}

static void writes(void **state)
{
    (void)state;
    char memory[512];
    struct buf buf;
    struct json_out out;
    buf_init(&buf, memory, sizeof memory);
    json_out_init(&out, &buf);
    json_begin(&out, '{');
    json_key(&out, "text");
    json_put_text(&out, "a\"\\\b\f\n\r\t\x01/\x7f남");
    json_key(&out, "none");
    json_put_text(&out, NULL);
    json_key(&out, "a\n");
    json_begin(&out, '[');
    json_put_int(&out, INT64_MIN);
    json_put_decimal(&out, -1275, 1);
    json_put_bool(&out, true);
    json_put_bool(&out, false);
    json_begin(&out, '[');
    json_end(&out, ']');
    json_begin(&out, '{');
    json_end(&out, '}');
    json_put_null(&out);
    json_end(&out, ']');
    json_key(&out, "time");
    json_put_time(&out, 1541030400 * TIME_SECOND);
    json_key(&out, "when");
    json_put_time(&out, TIME_UNKNOWN);
    json_key(&out, "raw");
    json_put_raw(&out, bytes_of("{\"x\":1}"));
    json_key(&out, "bad");
    json_put_bytes(&out, bytes_of("x\xff\xc3y"));
    json_end(&out, '}');
    assert_string_equal(memory,
                        "{\"text\":\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001/\x7f남\",\"none\":null,"
                        "\"a\\n\":[-9223372036854775808,-127.5,true,false,[],{},null],"
                        "\"time\":\"2018-11-01T00:00:00Z\",\"when\":null,\"raw\":{\"x\":1},"
                        "\"bad\":\"x\xef\xbf\xbd\xef\xbf\xbdy\"}");
    assert_true(oracle_accepts(memory, buf.n));
    buf_clear(&buf);
    json_put_bytes(&out, bytes_of(NULL));
    assert_string_equal(memory, "\"\"");
    buf_clear(&buf);
    json_put_int(&out, 1);
    buf_char(&buf, '\n');
    json_put_int(&out, 2);
    assert_string_equal(memory, "1\n2");
}

/* Any bytes without NUL: what we write jansson reads, and to the same text if it was UTF-8. */
static void written_strings_come_back(void **state)
{
    (void)state;
    uint64_t seed = 38;
    for (int round = 0; round < 20000; round++) {
        char text[16], memory[256], theirs[64], ours[64];
        size_t n = random_next(&seed) % sizeof text;
        for (size_t i = 0; i < n; i++)
            text[i] = (char)(random_next(&seed) % 255 + 1);
        if (round % 2)
            for (size_t i = 0; i < n; i++)
                text[i] &= 0x7f;
        text[n] = '\0';
        n = strlen(text);
        struct buf buf;
        struct json_out out;
        buf_init(&buf, memory, sizeof memory);
        json_out_init(&out, &buf);
        json_begin(&out, '{');
        json_key(&out, "s");
        json_put_bytes(&out, (struct bytes){(const uint8_t *)text, n});
        json_end(&out, '}');
        assert_true(oracle_string(memory, buf.n, theirs, sizeof theirs));
        assert_true(json_text(json_get(opened(memory), "s"), ours, sizeof ours));
        assert_string_equal(ours, theirs);
        if (bytes_is_utf8(bytes_of(text)))
            assert_string_equal(ours, text);
    }
}

static void deepest_writer(void **state)
{
    (void)state;
    char memory[4 * JSON_DEPTH_MAX];
    struct buf buf;
    struct json_out out;
    buf_init(&buf, memory, sizeof memory);
    json_out_init(&out, &buf);
    for (int i = 0; i < JSON_DEPTH_MAX; i++)
        json_begin(&out, '[');
    json_put_int(&out, 1);
    json_put_int(&out, 2);
    for (int i = 0; i < JSON_DEPTH_MAX; i++)
        json_end(&out, ']');
    opened(memory);
}

static void key_in_array(struct json_out *out)
{
    json_begin(out, '[');
    json_key(out, "a");
}

static void value_without_key(struct json_out *out)
{
    json_begin(out, '{');
    json_put_int(out, 1);
}

static void wrong_bracket(struct json_out *out)
{
    json_begin(out, '{');
    json_end(out, ']');
}

static void key_without_value(struct json_out *out)
{
    json_begin(out, '{');
    json_key(out, "a");
    json_end(out, '}');
}

static void one_end_too_many(struct json_out *out)
{
    json_end(out, ']');
}

static bool aborts(void (*misuse)(struct json_out *))
{
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char memory[64];
        struct buf buf;
        struct json_out out;
        signal(SIGABRT, SIG_DFL); /* cmocka's handler would return to the test */
        fclose(stderr);
        buf_init(&buf, memory, sizeof memory);
        json_out_init(&out, &buf);
        misuse(&out);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void misuse_asserts(void **state)
{
    (void)state;
    assert_true(aborts(key_in_array));
    assert_true(aborts(value_without_key));
    assert_true(aborts(wrong_bracket));
    assert_true(aborts(key_without_value));
    assert_true(aborts(one_end_too_many));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_and_refuses),
        cmocka_unit_test(mutants_agree_with_jansson),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(keys_are_bounded_and_compared),
        cmocka_unit_test(errors_say_where_and_why),
        cmocka_unit_test(navigates),
        cmocka_unit_test(strings_decode),
        cmocka_unit_test(numbers_are_exact_decimals),
        cmocka_unit_test(doubles_are_near_strtod),
        cmocka_unit_test(measurements_are_correctly_rounded),
        cmocka_unit_test(double_corners),
        cmocka_unit_test(writes),
        cmocka_unit_test(written_strings_come_back),
        cmocka_unit_test(deepest_writer),
        cmocka_unit_test(misuse_asserts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
