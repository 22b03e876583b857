#include "base/buf.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void collects(void **state)
{
    (void)state;
    char memory[64];
    struct buf buf;
    buf_init(&buf, memory, sizeof memory);
    assert_string_equal(memory, "");
    buf_text(&buf, "line ");
    buf_int(&buf, -7);
    buf_char(&buf, ',');
    buf_put(&buf, "abc", 2);
    buf_format(&buf, "[%s %03d]", "x", 5);
    assert_string_equal(buf.p, "line -7,ab[x 005]");
    assert_int_equal(buf.n, strlen(buf.p));
    assert_false(buf.full);
    buf_clear(&buf);
    assert_string_equal(buf.p, "");
    assert_int_equal(buf.n, 0);
}

static void exact_fit_is_not_full(void **state)
{
    (void)state;
    char memory[6];
    struct buf buf;
    buf_init(&buf, memory, sizeof memory);
    buf_text(&buf, "ab");
    buf_format(&buf, "%s", "cde");
    assert_false(buf.full);
    assert_string_equal(buf.p, "abcde");
    buf_put(&buf, "", 0);
    assert_false(buf.full);
    buf_char(&buf, 'f');
    assert_true(buf.full);
    assert_string_equal(buf.p, "abcde");
}

/* Whatever the capacity, what stands is a prefix of what was meant; later writes add nothing. */
static void what_stands_is_a_prefix(void **state)
{
    (void)state;
    static const char meant[] = "zone 12.5 km, line 42;";
    for (size_t cap = 1; cap <= sizeof meant; cap++) {
        char memory[sizeof meant + 1];
        memset(memory, '#', sizeof memory);
        struct buf buf;
        buf_init(&buf, memory, cap);
        buf_text(&buf, "zone ");
        buf_decimal(&buf, 125, 1);
        buf_format(&buf, " km, %s ", "line");
        buf_int(&buf, 42);
        buf_char(&buf, ';');
        assert_int_equal(buf.n, cap - 1);
        assert_memory_equal(memory, meant, cap - 1);
        assert_int_equal(memory[cap - 1], '\0');
        assert_int_equal(memory[cap], '#');
        assert_int_equal(buf.full, cap < sizeof meant);
    }
}

static void clear_forgets_full(void **state)
{
    (void)state;
    char memory[4];
    struct buf buf;
    buf_init(&buf, memory, sizeof memory);
    buf_text(&buf, "abcd");
    assert_true(buf.full);
    buf_clear(&buf);
    buf_text(&buf, "xyz");
    assert_false(buf.full);
    assert_string_equal(buf.p, "xyz");
}

static void integers_as_printf_writes_them(void **state)
{
    (void)state;
    static const int64_t values[] = {0, 1, -1, 9, 10, -10, 1234567890, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char memory[32], want[32];
        struct buf buf;
        buf_init(&buf, memory, sizeof memory);
        buf_int(&buf, values[i]);
        snprintf(want, sizeof want, "%" PRId64, values[i]);
        assert_string_equal(buf.p, want);
    }
}

/* Expected texts: shifting the point by hand. */
static const struct {
    int64_t value;
    unsigned scale;
    const char *text;
} decimals[] = {
    {1234500, 4, "123.45"},
    {0, 0, "0"},
    {0, 7, "0"},
    {5, 0, "5"},
    {500, 0, "500"},
    {500, 2, "5"},
    {5, 1, "0.5"},
    {-5, 1, "-0.5"},
    {-5, 7, "-0.0000005"},
    {100, 7, "0.00001"},
    {-1270000000, 7, "-127"},
    {382819720, 7, "38.281972"},
    {INT64_MAX, 19, "0.9223372036854775807"},
    {INT64_MIN, 18, "-9.223372036854775808"},
    {INT64_MIN, 0, "-9223372036854775808"},
    {1, 40, "0.0000000000000000000000000000000000000001"},
};

static void decimals_are_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof decimals / sizeof decimals[0]; i++) {
        char memory[64];
        struct buf buf;
        buf_init(&buf, memory, sizeof memory);
        buf_decimal(&buf, decimals[i].value, decimals[i].scale);
        assert_string_equal(buf.p, decimals[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collects),
        cmocka_unit_test(exact_fit_is_not_full),
        cmocka_unit_test(what_stands_is_a_prefix),
        cmocka_unit_test(clear_forgets_full),
        cmocka_unit_test(integers_as_printf_writes_them),
        cmocka_unit_test(decimals_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
