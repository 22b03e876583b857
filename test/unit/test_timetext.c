#include "base/timetext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define KST (9 * TIME_HOUR)

/* Seconds from `date -u -d TEXT +%s` (GNU coreutils). */
static const struct {
    const char *text;
    int64_t second;
} known[] = {
    {"1970-01-01T00:00:00Z", 0},           {"2018-11-01T00:00:00Z", 1541030400},
    {"2018-09-19T00:00:00Z", 1537315200},  {"2000-02-29T00:00:00Z", 951782400},
    {"1900-01-01T00:00:00Z", -2208988800}, {"2100-02-28T23:59:59Z", 4107542399},
    {"2200-12-31T23:59:59Z", 7289654399},
};

static const char *written(int64_t time_us)
{
    static char memory[64];
    struct buf buf;
    buf_init(&buf, memory, sizeof memory);
    time_write(&buf, time_us);
    return memory;
}

static void known_instants(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        int64_t us = 77;
        bool date_only = true;
        assert_true(time_read(bytes_of(known[i].text), KST, &us, &date_only));
        assert_int_equal(us, known[i].second * TIME_SECOND);
        assert_false(date_only);
        assert_string_equal(written(us), known[i].text);
    }
}

/* Each day of the range, at an odd time of it, against gmtime_r. */
static void agrees_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t day = -25567; day <= 84370; day++) {
        time_t second = day * 86400 + (day & 1 ? 86399 : 3661);
        struct tm tm;
        assert_non_null(gmtime_r(&second, &tm));
        struct civil c = time_civil(second * TIME_SECOND + 999999);
        struct civil want = {tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                             tm.tm_min,         tm.tm_sec,     999999};
        int64_t back;
        assert_memory_equal(&c, &want, sizeof c);
        assert_true(time_from_civil(c, &back));
        assert_int_equal(back, second * TIME_SECOND + 999999);
    }
}

static void any_int64_has_a_civil_time(void **state)
{
    (void)state;
    assert_int_equal(time_civil(INT64_MAX).year, 294247);  /* date -u -d @9223372036854 */
    assert_int_equal(time_civil(INT64_MIN).year, -290308); /* date -u -d @-9223372036855 */
    assert_string_equal(written(TIME_UNKNOWN), "unknown");
}

static void fractions(void **state)
{
    (void)state;
    assert_string_equal(written(500000), "1970-01-01T00:00:00.5Z");
    assert_string_equal(written(1), "1970-01-01T00:00:00.000001Z");
    assert_string_equal(written(-1), "1969-12-31T23:59:59.999999Z");
    assert_string_equal(written(120), "1970-01-01T00:00:00.00012Z");
}

/* Written as microseconds from 2018-11-01T00:00:00Z. */
static const struct {
    const char *text;
    int64_t offset, us;
    bool date_only;
} readings[] = {
    {"2018-11-01T00:00Z", KST, 0, false},
    {"2018-11-01T09:00:00+09:00", 0, 0, false},
    {"2018-10-31T15:30:00-08:30", 0, 0, false},
    {"2018-11-01T09:00:00", KST, 0, false},
    {"2018-11-01T09:00", KST, 0, false},
    {"2018-11-01T00:00:00.25Z", KST, 250000, false},
    {"2018-11-01T00:00:00.1234567Z", KST, 123456, false},
    {"2018-11-01T00:00:00.000000999999999999999999999999Z", 0, 0, false},
    {"2018-11-01", 0, TIME_DAY - 1, true},
    {"2018-11-01", KST, TIME_DAY - 1 - KST, true},
    {"2018-10-31", -TIME_HOUR, TIME_HOUR - 1, true},
};

static void reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
        int64_t us = 77;
        bool date_only = !readings[i].date_only;
        assert_true(time_read(bytes_of(readings[i].text), readings[i].offset, &us, &date_only));
        assert_int_equal(us - 1541030400 * TIME_SECOND, readings[i].us);
        assert_int_equal(date_only, readings[i].date_only);
    }
}

static const char *const refused[] = {
    "",
    "2018",
    "2018-11",
    "2018-11-1",
    "18-11-01",
    "2018-11-01 00:00:00Z",
    "2018-11-01t00:00:00Z",
    "2018-11-01T00:00:00z",
    "2018-11-01T",
    "2018-11-01T00",
    "2018-11-01T00:0",
    "2018-11-01T00:00:",
    "2018-11-01T00:00:0Z",
    "2018-11-01T00:00:00.Z",
    "2018-11-01T00:00.5Z",
    "2018-11-01Z",
    "2018-11-01T00:00:00+9:00",
    "2018-11-01T00:00:00+0900",
    "2018-11-01T00:00:00+24:00",
    "2018-11-01T00:00:00+09:60",
    "2018-11-01T00:00:00Z ",
    "2018-11-01T00:00:00Zx",
    " 2018-11-01",
    "2018-11-01T24:00:00Z",
    "2018-11-01T23:60:00Z",
    "2018-11-01T23:59:60Z",
    "2018-00-01",
    "2018-13-01",
    "2018-11-00",
    "2018-11-31",
    "2018-02-29",
    "1900-02-29",
    "2100-02-29",
    "1899-12-31",
    "2201-01-01",
    "1900-01-01T00:00:00+00:01",
    "2200-12-31T23:59:59-00:01",
    "-018-11-01",
};

static void refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        int64_t us = 77;
        if (time_read(bytes_of(refused[i]), 0, &us, NULL) || us != 77)
            fail_msg("\"%s\" was taken", refused[i]);
    }
    int64_t us;
    assert_false(time_read(bytes_of(NULL), 0, &us, NULL));
    assert_true(time_read(bytes_of("2000-02-29"), 0, &us, NULL));
}

static void civil_must_be_real(void **state)
{
    (void)state;
    const struct civil good = {2018, 11, 1, 23, 59, 59, 999999};
    int64_t us;
    assert_true(time_from_civil(good, &us));
    struct civil c = good;
    c.micro = 1000000;
    assert_false(time_from_civil(c, &us));
    c = good;
    c.hour = -1;
    assert_false(time_from_civil(c, &us));
    c = good;
    c.day = 31;
    assert_false(time_from_civil(c, &us));
    c = good;
    c.year = INT32_MAX;
    assert_false(time_from_civil(c, &us));
}

static void zones(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t offset;
    } good[] = {
        {"UTC", 0},
        {"Asia/Seoul", KST},
        {"Asia/Pyongyang", KST},
        {"+09:00", KST},
        {"-03:30", -(3 * TIME_HOUR + 30 * TIME_MINUTE)},
        {"+00:00", 0},
    };
    static const char *const bad[] = {"",   "utc",   "Z",      "KST",    "Europe/Stockholm",
                                      "+9", "09:00", "+24:00", "+09:00 "};
    int64_t offset;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(time_zone_offset(bytes_of(good[i].name), &offset));
        assert_int_equal(offset, good[i].offset);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(time_zone_offset(bytes_of(bad[i]), &offset));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_instants),
        cmocka_unit_test(agrees_with_the_c_library),
        cmocka_unit_test(any_int64_has_a_civil_time),
        cmocka_unit_test(fractions),
        cmocka_unit_test(reads),
        cmocka_unit_test(refuses),
        cmocka_unit_test(civil_must_be_real),
        cmocka_unit_test(zones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
