#include "num/num.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define SAMPLES       200000
#define ULP_MAX       1.0L /* what num.h promises */
#define ULP_MAX_ATAN2 1.5L
#define ULP_MAX_ERF   8.0L
#define PI_LONG       3.14159265358979323846264338327950288L

/* The oracle: long double functions of the C library, 64 bits of mantissa here. */
_Static_assert(__LDBL_MANT_DIG__ >= 64, "the oracle needs more bits than double");

/* Points of [0, 1): multiples of the golden ratio modulo 1, dense and even. */
static double fraction(uint64_t i)
{
    return (double)((i * UINT64_C(0x9e3779b97f4a7c15)) >> 11) * 0x1p-53;
}

static double between(uint64_t i, double least, double most)
{
    return least + fraction(i) * (most - least);
}

struct worst {
    const char *name;
    long double ulp;
    double at, at2;
};

static void measure(struct worst *worst, double got, long double want, double at, double at2)
{
    double near = fabs((double)want);
    long double unit = (long double)nextafter(near, INFINITY) - near;
    long double ulp = fabsl((long double)got - want) / unit;
    if (!(ulp <= worst->ulp)) /* a NaN is the worst of all */
        *worst = (struct worst){worst->name, ulp, at, at2};
}

static void judge_by(const struct worst *worst, long double limit)
{
    printf("# %s: worst %.3Lf ulp at %a, %a\n", worst->name, worst->ulp, worst->at, worst->at2);
    if (!(worst->ulp <= limit))
        fail_msg("%s: %.3Lf ulp at %a, %a", worst->name, worst->ulp, worst->at, worst->at2);
}

static void judge(const struct worst *worst)
{
    judge_by(worst, ULP_MAX);
}

static void measure_trig(struct worst *s, struct worst *c, double x)
{
    double sine, cosine;
    num_sincos(x, &sine, &cosine);
    assert_true(sine == num_sin(x) && cosine == num_cos(x));
    measure(s, sine, sinl(x), x, 0);
    measure(c, cosine, cosl(x), x, 0);
}

static void sine_and_cosine(void **state)
{
    (void)state;
    static const double reach[] = {0x1p-30, 1, 7, 1000, 1e6};
    struct worst s = {.name = "sin"}, c = {.name = "cos"};
    for (size_t r = 0; r < sizeof reach / sizeof reach[0]; r++) {
        for (uint64_t i = 0; i < SAMPLES; i++)
            measure_trig(&s, &c, between(i, -reach[r], reach[r]));
    }
    judge(&s);
    judge(&c);
}

/* Where the reduction cancels most: every double nearest a multiple of pi/2, and around pi/4. */
static void sine_and_cosine_near_multiples(void **state)
{
    (void)state;
    struct worst s = {.name = "sin near n pi/2"}, c = {.name = "cos near n pi/2"};
    for (int n = -636619; n <= 636619; n++)
        measure_trig(&s, &c, (double)((long double)n * PI_LONG / 2));
    for (int n = -20000; n <= 20000; n++) {
        double edge = (double)((2 * n + 1) * PI_LONG / 4);
        measure_trig(&s, &c, nextafter(edge, -1e9));
        measure_trig(&s, &c, edge);
        measure_trig(&s, &c, nextafter(edge, 1e9));
    }
    judge(&s);
    judge(&c);
}

static void trig_at_zero(void **state)
{
    (void)state;
    double s, c;
    num_sincos(0, &s, &c);
    assert_true(s == 0 && c == 1);
    assert_true(num_sin(0x1p-1060) == 0x1p-1060);
}

static void measure_atan2(struct worst *worst, double y, double x)
{
    measure(worst, num_atan2(y, x), atan2l(y, x), y, x);
}

static void arctangent(void **state)
{
    (void)state;
    struct worst all = {.name = "atan2"}, ratio = {.name = "atan2 by ratio"};
    for (uint64_t i = 0; i < SAMPLES; i++) {
        double y = between(i, -1, 1), x = between(i + SAMPLES, -1, 1);
        measure_atan2(&all, y, x);
        measure_atan2(&all, y * 1e-8, x);
        measure_atan2(&all, y, x * 1e-8);
        measure_atan2(&all, y * 1e300, x * 1e300);
        measure_atan2(&all, y * 0x1p-1000, x * 0x1p-1000);
    }
    for (uint64_t i = 1; i < SAMPLES; i++) { /* all ratios, each octant */
        double t = (double)i / SAMPLES;
        measure_atan2(&ratio, t, 1);
        measure_atan2(&ratio, 1, t);
        measure_atan2(&ratio, 1, -t);
        measure_atan2(&ratio, -t, -1);
    }
    for (uint64_t i = 0; i < SAMPLES; i++) { /* the result falls just below a power of two */
        double y = ldexp(between(i, 1, 1.005), -1 - (int)(i % 8));
        double x = between(i + SAMPLES, 1, 2);
        measure_atan2(&ratio, y * x, x);
    }
    judge_by(&all, ULP_MAX_ATAN2);
    judge_by(&ratio, ULP_MAX_ATAN2);
}

static void arctangent_corners(void **state)
{
    (void)state;
    assert_true(num_atan2(0, 0) == 0);
    assert_true(num_atan2(0, 1) == 0);
    assert_true(num_atan2(0, -1) == M_PI);
    assert_true(num_atan2(1, 0) == M_PI_2);
    assert_true(num_atan2(-1, 0) == -M_PI_2);
    assert_true(num_atan2(1, 1) == M_PI_4);
    assert_true(num_atan2(-5, -5) == -3 * M_PI_4);
    assert_true(num_atan2(0x1p-1074, 0x1p-1074) == M_PI_4);
    assert_true(num_atan2(0x1.fffffffffffffp1023, 0x1.fffffffffffffp1023) == M_PI_4);
    assert_true(num_atan2(0x1p-1074, 1e308) == 0);
}

static void exponential(void **state)
{
    (void)state;
    static const double reach[] = {1e-9, 0.4, 3, 700};
    struct worst e = {.name = "exp"};
    for (size_t r = 0; r < sizeof reach / sizeof reach[0]; r++) {
        for (uint64_t i = 0; i < SAMPLES; i++) {
            double x = between(i, -reach[r], reach[r]);
            measure(&e, num_exp(x), expl(x), x, 0);
        }
    }
    measure(&e, num_exp(700), expl(700), 700, 0);
    measure(&e, num_exp(-700), expl(-700), -700, 0);
    judge(&e);
    assert_true(num_exp(0) == 1);
}

static void logarithm(void **state)
{
    (void)state;
    struct worst l = {.name = "log"};
    for (uint64_t i = 0; i < SAMPLES; i++) {
        double x = between(i, 0.4, 2.5), wide = ldexp(x, (int)(i % 2000) - 1000);
        double one = 1 + between(i, -1e-6, 1e-6);
        measure(&l, num_log(x), logl(x), x, 0);
        measure(&l, num_log(wide), logl(wide), wide, 0);
        measure(&l, num_log(one), logl(one), one, 0);
    }
    measure(&l, num_log(0x1p-1022), logl(0x1p-1022), 0x1p-1022, 0);
    judge(&l);
    assert_true(num_log(1) == 0);
}

static void error_function(void **state)
{
    (void)state;
    struct worst e = {.name = "erf"}, c = {.name = "erfc past 2"};
    for (uint64_t i = 0; i < SAMPLES; i++) {
        double x = between(i, -3, 3), far = between(i, 2, 19), small = between(i, -1e-6, 1e-6);
        measure(&e, num_erf(x), erfl(x), x, 0);
        measure(&e, num_erf(small), erfl(small), small, 0);
        measure(&c, num_erfc(far), erfcl(far), far, 0);
        assert_true(fabsl((long double)num_erfc(x) - erfcl(x)) <= 0x1p-50L);
    }
    judge_by(&e, ULP_MAX_ERF);
    judge_by(&c, ULP_MAX_ERF);
    assert_true(num_erf(0) == 0 && num_erf(40) == 1 && num_erf(-40) == -1);
    assert_true(num_erfc(0) == 1 && num_erfc(40) == 0 && num_erfc(-40) == 2);
}

/* sqrt of the C library is correctly rounded by IEEE 754; so must both of ours be. */
static void square_root(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < SAMPLES; i++) {
        double x = ldexp(between(i, 1, 4), (int)(i % 2097) - 1074);
        if (num_sqrt(x) != sqrt(x) || num_sqrt_digits(x) != sqrt(x))
            fail_msg("%a", x);
        double square = (double)(i * i);
        assert_true(num_sqrt(square) == (double)i && num_sqrt_digits(square) == (double)i);
    }
    static const double corners[] = {0,         0x1p-1074,           0x1.fffffffffffffp-1023,
                                     0x1p-1022, 0x1.fffffffffffffp0, 0x1.fffffffffffffp1023};
    for (size_t i = 0; i < sizeof corners / sizeof corners[0]; i++) {
        assert_true(num_sqrt(corners[i]) == sqrt(corners[i]));
        assert_true(num_sqrt_digits(corners[i]) == sqrt(corners[i]));
    }
}

static void degrees_and_radians(void **state)
{
    (void)state;
    struct worst r = {.name = "radians"}, d = {.name = "degrees"};
    for (uint64_t i = 0; i < SAMPLES; i++) {
        double x = between(i, -360, 360);
        measure(&r, num_radians(x), x * PI_LONG / 180, x, 0);
        measure(&d, num_degrees(x), x * 180.0L / PI_LONG, x, 0);
    }
    judge(&r);
    judge(&d);
    assert_true(NUM_PI == M_PI);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sine_and_cosine),    cmocka_unit_test(sine_and_cosine_near_multiples),
        cmocka_unit_test(trig_at_zero),       cmocka_unit_test(arctangent),
        cmocka_unit_test(arctangent_corners), cmocka_unit_test(exponential),
        cmocka_unit_test(logarithm),          cmocka_unit_test(error_function),
        cmocka_unit_test(square_root),        cmocka_unit_test(degrees_and_radians),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
