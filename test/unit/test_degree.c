#include "base/degree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define LAT LAT_E7_MAX
#define LON LON_E7_MAX

/* Expected values: decimal shift, or d + m/60 + s/3600 worked with `bc -l` (scale 12). */
static const struct {
    const char *text;
    int64_t limit;
    int32_t e7;
} good[] = {
    {"38", LAT, 380000000},
    {"-12.5", LAT, -125000000},
    {"0", LAT, 0},
    {"-0", LAT, 0},
    {"38.281972", LAT, 382819720},
    {"90", LAT, 900000000},
    {"-90.0000000", LAT, -900000000},
    {"180", LON, 1800000000},
    {"-180", LON, -1800000000},
    {"126.6752", LON, 1266752000},
    {"0.0000001", LAT, 1},
    {"0.00000005", LAT, 0},
    {"0.00000015", LAT, 2},
    {"0.00000025", LAT, 2},
    {"-0.00000015", LAT, -2},
    {"0.000000050000000000000000001", LAT, 1},
    {"0.00000004999999999999999999", LAT, 0},
    {"90.00000004", LAT, 900000000},
    {"38-17-35N", LAT, 382930556}, /* 38.293055555 */
    {"38-17-35S", LAT, -382930556},
    {"38-17-35.2N", LAT, 382931111}, /* 38.293111111 */
    {"127-05E", LON, 1270833333},    /* 127.083333333 */
    {"127-5E", LON, 1270833333},
    {"127-05W", LON, -1270833333},
    {"124-39-59.99E", LON, 1246666639}, /* 124.666663888 */
    {"37-30-00N", LAT, 375000000},
    {"180-00W", LON, -1800000000},
    {"0-00-00.00018N", LAT, 0}, /* 0.00000005 exactly: half, to even */
    {"0-00-00.00054N", LAT, 2}, /* 0.00000015 exactly */
    {"0-00-00.0001800000000001N", LAT, 1},
};

static const struct {
    const char *text;
    int64_t limit;
} bad[] = {
    {"", LAT},           {"-", LAT},           {"+1", LAT},        {" 1", LAT},
    {"1 ", LAT},         {"1.", LAT},          {".5", LAT},        {"1e1", LAT},
    {"1,5", LAT},        {"90.0000001", LAT},  {"-90.1", LAT},     {"180.0000001", LON},
    {"1000", LON},       {"nan", LAT},         {"--1", LAT},       {"38-17-35", LAT},
    {"38-60-00N", LAT},  {"38-17-60N", LAT},   {"38-17-35E", LAT}, {"127-05N", LON},
    {"38N", LAT},        {"-38-17N", LAT},     {"38-N", LAT},      {"38-17-N", LAT},
    {"38-17-35.N", LAT}, {"38-17-35NN", LAT},  {"90-00-01N", LAT}, {"38-017-35N", LAT},
    {"N", LAT},          {"38-17.5-35N", LAT}, {"38-17-35n", LAT},
};

static void reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int32_t e7 = 77;
        if (!degree_read(bytes_of(good[i].text), good[i].limit, &e7) || e7 != good[i].e7)
            fail_msg("%s: %d, not %d", good[i].text, e7, good[i].e7);
    }
}

static void refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int32_t e7 = 77;
        if (degree_read(bytes_of(bad[i].text), bad[i].limit, &e7) || e7 != 77)
            fail_msg("\"%s\" was taken as %d", bad[i].text, e7);
    }
}

static void writes_what_it_reads(void **state)
{
    (void)state;
    for (int64_t v = -LON_E7_MAX; v <= LON_E7_MAX; v += 7654321) {
        char memory[32];
        struct buf buf;
        int32_t e7;
        buf_init(&buf, memory, sizeof memory);
        degree_write(&buf, (int32_t)v);
        assert_true(degree_read(bytes_of(memory), LON_E7_MAX, &e7));
        assert_int_equal(e7, v);
    }
    char memory[32];
    struct buf buf;
    buf_init(&buf, memory, sizeof memory);
    degree_write(&buf, -1266752000);
    assert_string_equal(memory, "-126.6752");
}

static void wraps_longitudes(void **state)
{
    (void)state;
    assert_int_equal(lon_wrap_e7(0), 0);
    assert_int_equal(lon_wrap_e7(1800000000), -1800000000);
    assert_int_equal(lon_wrap_e7(-1800000000), -1800000000);
    assert_int_equal(lon_wrap_e7(1799999999), 1799999999);
    assert_int_equal(lon_wrap_e7(1800000001), -1799999999);
    assert_int_equal(lon_wrap_e7(-1800000001), 1799999999);
    assert_int_equal(lon_wrap_e7(INT64_C(3600000000) * 5 + 17), 17);
    assert_int_equal(lon_wrap_e7(INT64_C(-3600000000) * 5 - 17), -17);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),
        cmocka_unit_test(refuses),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(wraps_longitudes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
