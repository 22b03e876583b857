#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sysexits.h>

#include <cmocka.h>

#include "base/bytes.h"

static void sets_and_clears(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(err_set(&err, EXIT_DATA, "line %d: %s", 3, "no such zone"), ERR_FAIL);
    assert_int_equal(err.code, EXIT_DATA);
    assert_string_equal(err.text, "line 3: no such zone");
    err_clear(&err);
    assert_int_equal(err.code, EXIT_FINE);
    assert_string_equal(err.text, "");
}

static void prefixes(void **state)
{
    (void)state;
    struct err err;
    err_set(&err, EXIT_IO, "disk full");
    assert_int_equal(err_prefix(&err, "zone %s", "Z1"), ERR_FAIL);
    err_prefix(&err, "agreement.json");
    assert_string_equal(err.text, "agreement.json: zone Z1: disk full");
    assert_int_equal(err.code, EXIT_IO);
}

static void null_keeps_nothing(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, EXIT_DATA, "x"), ERR_FAIL);
    assert_int_equal(err_prefix(NULL, "x"), ERR_FAIL);
    err_clear(NULL);
}

static void own_text_may_be_an_argument(void **state)
{
    (void)state;
    struct err err;
    err_set(&err, EXIT_DATA, "inner");
    err_set(&err, EXIT_CONFIG, "outer (%s)", err.text);
    assert_string_equal(err.text, "outer (inner)");
}

static void controls_are_shown(void **state)
{
    (void)state;
    struct err err;
    err_set(&err, EXIT_DATA, "%s", "a\x1b[31mb\nc\x7f\xc2\x9b");
    assert_string_equal(err.text, "a?[31mb?c??\?");
    err_set(&err, EXIT_DATA, "%s", "남측 é");
    assert_string_equal(err.text, "남측 é");
}

/* Three bytes a character and ERR_TEXT_MAX - 1 = 399 = 133 x 3: shift the cut with a prefix. */
static void a_cut_leaves_whole_characters(void **state)
{
    (void)state;
    char long_text[3 * 200 + 1] = "";
    for (size_t i = 0; i < 200; i++)
        memcpy(long_text + 3 * i, "측", 4);
    static const char *const lead[] = {"", "a", "ab"};
    static const size_t kept[] = {399, 397, 398};
    for (size_t i = 0; i < 3; i++) {
        struct err err;
        err_set(&err, EXIT_DATA, "%s%s", lead[i], long_text);
        assert_int_equal(strlen(err.text), kept[i]);
        assert_true(bytes_is_utf8(bytes_of(err.text)));
        err_prefix(&err, "where");
        assert_true(bytes_is_utf8(bytes_of(err.text)));
        assert_int_equal(strncmp(err.text, "where: ", 7), 0);
    }
}

static void codes_are_those_of_sysexits(void **state)
{
    (void)state;
    assert_int_equal(EXIT_USAGE, EX_USAGE);
    assert_int_equal(EXIT_DATA, EX_DATAERR);
    assert_int_equal(EXIT_NO_INPUT, EX_NOINPUT);
    assert_int_equal(EXIT_UNAVAILABLE, EX_UNAVAILABLE);
    assert_int_equal(EXIT_IO, EX_IOERR);
    assert_int_equal(EXIT_NOT_PERMITTED, EX_NOPERM);
    assert_int_equal(EXIT_CONFIG, EX_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_and_clears),
        cmocka_unit_test(prefixes),
        cmocka_unit_test(null_keeps_nothing),
        cmocka_unit_test(own_text_may_be_an_argument),
        cmocka_unit_test(controls_are_shown),
        cmocka_unit_test(a_cut_leaves_whole_characters),
        cmocka_unit_test(codes_are_those_of_sysexits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
