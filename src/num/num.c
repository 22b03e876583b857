#include "num/num.h"

#include <assert.h>
#include <float.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/*
 * The series below are Taylor's, cut where the next term is below 2^-58 of the result, so every
 * coefficient is a fraction that anybody can check; the arguments are first brought into a small
 * interval with constants that stand as the nearest double and the nearest double to the rest.
 * Where a result is a sum of unequal terms the small ones are added first (names ending in _lo).
 */
_Static_assert(FLT_EVAL_METHOD == 0, "a double operation rounds to double (not the x87 unit)");
_Static_assert(DBL_MANT_DIG == 53 && DBL_MAX_EXP == 1024, "double is IEEE 754 binary64");

#define EXPONENT_BIAS 1023
#define MANTISSA_BITS 52
#define TRIG_MAX      1e6

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static double from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static uint64_t to_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double power_of_two(int e)
{
    return from_bits((uint64_t)(e + EXPONENT_BIAS) << MANTISSA_BITS);
}

static double absolute(double x)
{
    return x < 0 ? -x : x;
}

/* The nearest integer; |x| < 2^52. */
static double nearest(double x)
{
    return (double)(int64_t)(x < 0 ? x - 0.5 : x + 0.5);
}

/* c[0] + c[1] x + c[2] x^2 + ... */
static double polynomial(const double *c, size_t n, double x)
{
    double sum = c[n - 1];
    for (size_t i = n - 1; i-- > 0;)
        sum = sum * x + c[i];
    return sum;
}

/* hi + lo, unevaluated. */
struct pair {
    double hi, lo;
};

/* a + b exactly (Knuth, The Art of Computer Programming 2, 4.2.2, theorem B). */
static struct pair exact_sum(double a, double b)
{
    double sum = a + b, b_part = sum - a, a_part = sum - b_part;
    return (struct pair){.hi = sum, .lo = (a - a_part) + (b - b_part)};
}

/*
 * The root of mantissa x 2^54 in 54 binary digits, by hand as one extracts decimal roots: two bits
 * of the radicand a digit. mantissa is in [2^52, 2^54).
 */
static uint64_t root_digits(uint64_t mantissa)
{
    const int digits = MANTISSA_BITS + 2;
    uint64_t root = 0, rest = 0, radicand = mantissa << (64 - digits);
    for (int i = 0; i < digits; i++) {
        uint64_t trial = root << 2 | 1;
        rest = rest << 2 | radicand >> 62;
        radicand <<= 2;
        root <<= 1;
        if (rest >= trial) {
            rest -= trial;
            root |= 1;
        }
    }
    return root;
}

/* The last of the 54 digits rounds. It never stands for exactly half: the root would then be odd
 * and exact, but the square of an odd number is no multiple of 2^54. */
double num_sqrt_digits(double x)
{
    assert(x >= 0 && x <= DBL_MAX);
    if (x == 0)
        return x;
    uint64_t bits = to_bits(x), implicit = UINT64_C(1) << MANTISSA_BITS;
    uint64_t mantissa = bits & (implicit - 1);
    int field = (int)(bits >> MANTISSA_BITS);
    if (field > 0)
        mantissa |= implicit;
    for (field = field ? field : 1; mantissa < implicit; field--)
        mantissa <<= 1;
    int exponent = field - EXPONENT_BIAS - MANTISSA_BITS; /* x = mantissa x 2^exponent */
    if (exponent % 2 != 0) {
        mantissa <<= 1;
        exponent--;
    }
    uint64_t root = (root_digits(mantissa) + 1) >> 1;
    int root_field = exponent / 2 + MANTISSA_BITS / 2 + EXPONENT_BIAS;
    return from_bits(((uint64_t)(root_field - 1) << MANTISSA_BITS) + root);
}

double num_sqrt(double x)
{
    assert(x >= 0 && x <= DBL_MAX);
#if defined(__SSE2__)
    return _mm_cvtsd_f64(_mm_sqrt_sd(_mm_set_sd(x), _mm_set_sd(x)));
#elif defined(__aarch64__)
    return vget_lane_f64(vsqrt_f64(vdup_n_f64(x)), 0);
#else
    return num_sqrt_digits(x);
#endif
}

/*
 * Sine and cosine. x = n pi/2 + r with |r| <= pi/4. pi/2 stands as three parts of 33 bits and the
 * rest, 152 bits in all: n < 2^20 times a part is exact, and r keeps 53 good bits however close x
 * is to a multiple of pi/2 (no double below 1e6 is closer to one than about 2^-54).
 */
static struct pair reduce_quarter(double x, int64_t *ret_n)
{
    static const double two_over_pi = 0x1.45f306dc9c883p-1;
    static const double part[] = {0x1.921fb544p+0, 0x1.0b4611a6p-34, 0x1.3198a2e0p-69,
                                  0x1.b839a252049c1p-104};
    double n = nearest(x * two_over_pi);
    struct pair r = {.hi = x - n * part[0]};
    for (size_t i = 1; i < COUNT(part); i++) {
        struct pair sum = exact_sum(r.hi, -(n * part[i]));
        r = exact_sum(sum.hi, r.lo + sum.lo);
    }
    *ret_n = (int64_t)n;
    return r;
}

/* r - r^3/3! + r^5/5! - ... with r = hi + lo, |r| <= pi/4. */
static double sin_series(struct pair r)
{
    static const double c[] = {
        -1.0 / 6,        1.0 / 120,        -1.0 / 5040,          1.0 / 362880,
        -1.0 / 39916800, 1.0 / 6227020800, -1.0 / 1307674368000, 1.0 / 355687428096000};
    double z = r.hi * r.hi;
    return r.hi + (r.hi * z * polynomial(c, COUNT(c), z) + r.lo * (1 - z / 2));
}

/* 1 - r^2/2! + r^4/4! - ...; what 1 - z/2 rounds away is put back. */
static double cos_series(struct pair r)
{
    static const double c[] = {
        1.0 / 24,        -1.0 / 720,         1.0 / 40320,          -1.0 / 3628800,
        1.0 / 479001600, -1.0 / 87178291200, 1.0 / 20922789888000, -1.0 / 6402373705728000};
    double z = r.hi * r.hi, half = z / 2, top = 1 - half;
    double top_lo = (1 - top) - half;
    return top + (top_lo + (z * z * polynomial(c, COUNT(c), z) - r.hi * r.lo));
}

void num_sincos(double x, double *ret_sin, double *ret_cos)
{
    assert(absolute(x) <= TRIG_MAX);
    int64_t n;
    struct pair r = reduce_quarter(x, &n);
    double s = sin_series(r), c = cos_series(r);
    bool swap = n & 1, sin_negative = n & 2, cos_negative = (n + 1) & 2;
    double sine = swap ? c : s, cosine = swap ? s : c;
    *ret_sin = sin_negative ? -sine : sine;
    *ret_cos = cos_negative ? -cosine : cosine;
}

double num_sin(double x)
{
    double s, c;
    num_sincos(x, &s, &c);
    return s;
}

double num_cos(double x)
{
    double s, c;
    num_sincos(x, &s, &c);
    return c;
}

/*
 * Arctangent of y / x for 0 <= y <= x, as atan(k/8) + atan(u) with k/8 the nearest eighth and
 * u = (y - x k/8) / (x + y k/8), |u| <= 1/16 (3/16 when k is 0). An eighth is the sum of two powers
 * of two, so that y - x k/8 is taken in two subtractions of numbers within a factor of two: both
 * are exact.
 */
struct eighth {
    double first, second; /* k/8 = first + second */
    struct pair angle;    /* atan(k/8) */
};

static const struct eighth eighths[] = {
    {0, 0, {0, 0}},
    {0, 0, {0, 0}}, /* below 3/16 atan(1/8) would lead u by too little; the series serves alone */
    {0.25, 0, {0x1.f5b75f92c80ddp-3, 0x1.8ab6e3cf7afbdp-57}},
    {0.25, 0.125, {0x1.6f61941e4def1p-2, -0x1.c63aae6f6e918p-56}},
    {0.5, 0, {0x1.dac670561bb4fp-2, 0x1.a2b7f222f65e2p-56}},
    {0.5, 0.125, {0x1.1e00babdefeb4p-1, -0x1.928df287a668fp-58}},
    {0.5, 0.25, {0x1.4978fa3269ee1p-1, 0x1.2419a87f2a458p-56}},
    {1, -0.125, {0x1.700a7c5784634p-1, -0x1.8c34d25aadef6p-56}},
    {1, 0, {0x1.921fb54442d18p-1, 0x1.1a62633145c07p-55}},
};

/* u - u^3/3 + u^5/5 - ... for |u| <= 3/16. */
static double atan_series(double u)
{
    static const double c[] = {-1.0 / 3,  1.0 / 5,  -1.0 / 7,  1.0 / 9,  -1.0 / 11, 1.0 / 13,
                               -1.0 / 15, 1.0 / 17, -1.0 / 19, 1.0 / 21, -1.0 / 23};
    double z = u * u;
    return u + u * z * polynomial(c, COUNT(c), z);
}

static struct pair atan_octant(double y, double x)
{
    const struct eighth *e = &eighths[(int)(8 * (y / x) + 0.5)];
    double u = ((y - x * e->first) - x * e->second) / (x + y * (e->first + e->second));
    double small = atan_series(u);
    double sum = e->angle.hi + (e->angle.lo + small);
    double lo = (e->angle.hi - sum) + small + e->angle.lo;
    return (struct pair){.hi = sum, .lo = lo};
}

/* Both scaled by one power of two to where neither product nor quotient leaves the range. */
static void scale_together(double *y, double *x)
{
    double most = *y > *x ? *y : *x;
    double factor = most > power_of_two(900)    ? power_of_two(-200)
                    : most < power_of_two(-800) ? power_of_two(200)
                                                : 1;
    *y *= factor;
    *x *= factor;
}

double num_atan2(double y, double x)
{
    static const struct pair half_pi = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54};
    static const struct pair pi = {0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53};
    double up = absolute(y), right = absolute(x);
    assert(up <= DBL_MAX && right <= DBL_MAX);
    if (up == 0 && right == 0)
        return 0;
    scale_together(&up, &right);
    struct pair base = {0, 0},
                angle = up <= right ? atan_octant(up, right) : atan_octant(right, up);
    bool minus = false;
    if (up > right) { /* the angle is from the y axis */
        base = half_pi;
        minus = x >= 0;
    } else if (x < 0) {
        base = pi;
        minus = true;
    }
    struct pair sum = exact_sum(base.hi, minus ? -angle.hi : angle.hi);
    double result = sum.hi + (sum.lo + (base.lo + (minus ? -angle.lo : angle.lo)));
    return y < 0 ? -result : result;
}

/* ln 2: 42 bits, so that a whole multiple below 2^11 is exact, and the rest. */
static const struct pair ln2 = {0x1.62e42fefa3p-1, 0x1.3de6af278ece6p-42};

/* e^x = 2^k e^r with |r| <= ln2 / 2, and e^r = 1 + r + r^2/2! + r^3/3! + ... */
double num_exp(double x)
{
    static const double one_over_ln2 = 0x1.71547652b82fep+0;
    static const double c[] = {1.0 / 2,          1.0 / 6,        1.0 / 24,        1.0 / 120,
                               1.0 / 720,        1.0 / 5040,     1.0 / 40320,     1.0 / 362880,
                               1.0 / 3628800,    1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800,
                               1.0 / 87178291200};
    assert(x >= -NUM_EXP_MAX && x <= NUM_EXP_MAX);
    double k = nearest(x * one_over_ln2);
    double hi = x - k * ln2.hi, lo = k * ln2.lo;
    double r = hi - lo, r_lo = (hi - r) - lo;
    double sum = 1 + (r + (r * r * polynomial(c, COUNT(c), r) + r_lo * (1 + r)));
    return sum * power_of_two((int)k);
}

/*
 * ln x = k ln2 + ln m with m in [sqrt(1/2), sqrt(2)). With f = m - 1 and s = f / (2 + f),
 * ln m = 2 (s + s^3/3 + s^5/5 + ...) = f - (f^2/2 - s (f^2/2 + tail)), where f is exact and leads,
 * and tail = 2 s^2/3 + 2 s^4/5 + ...
 */
double num_log(double x)
{
    static const double sqrt_2 = 0x1.6a09e667f3bcdp+0;
    static const double c[] = {2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11, 2.0 / 13,
                               2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23};
    assert(x >= DBL_MIN && x <= DBL_MAX);
    const uint64_t one = (uint64_t)EXPONENT_BIAS << MANTISSA_BITS;
    uint64_t bits = to_bits(x), mantissa = bits & ((UINT64_C(1) << MANTISSA_BITS) - 1);
    int k = (int)(bits >> MANTISSA_BITS) - EXPONENT_BIAS;
    double m = from_bits(one | mantissa);
    if (m >= sqrt_2) {
        m /= 2;
        k++;
    }
    double f = m - 1, s = f / (2 + f), z = s * s, half = f * f / 2;
    double tail = z * polynomial(c, COUNT(c), z);
    return k * ln2.hi - ((half - (s * (half + tail) + k * ln2.lo)) - f);
}

/*
 * The error function, 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x.
 *
 * Below ERF_SERIES_MAX by the series in rising powers whose terms are all positive (Abramowitz and
 * Stegun 7.1.6), 2/sqrt(pi) e^(-x^2) (x + 2 x^3/3 + 4 x^5/15 + ...), where the ratio of a term to
 * the one before is 2 x^2 / (2n + 1). Past it the rest to 1 by the continued fraction 7.1.14. Both
 * from the inside out.
 */
#define ERF_SERIES_MAX 2.0
#define ERF_FRACTIONS  60
#define ERFC_X_MAX     19.0

static const double one_over_sqrt_pi = 0x1.20dd750429b6dp-1;

/* e^(-x^2), without the error that rounding x^2 would bring. */
static double exp_of_minus_square(double x)
{
    double high = (double)(float)x, low = x - high;
    return num_exp(-(high * high)) * num_exp(-(low * (x + high)));
}

static double erf_series(double x)
{
    double sum = 1, ratio = 2 * x * x;
    for (int n = 10 + (int)(15 * x); n >= 1; n--)
        sum = 1 + sum * ratio / (2 * n + 1);
    return 2 * one_over_sqrt_pi * exp_of_minus_square(x) * sum * x;
}

static double erfc_fraction(double x)
{
    double below = x;
    for (int n = ERF_FRACTIONS; n >= 1; n--)
        below = x + 0.5 * n / below;
    return one_over_sqrt_pi * exp_of_minus_square(x) / below;
}

double num_erf(double x)
{
    double size = absolute(x);
    assert(size <= DBL_MAX);
    double value = size < ERF_SERIES_MAX ? erf_series(size) : 1 - num_erfc(size);
    return x < 0 ? -value : value;
}

double num_erfc(double x)
{
    assert(absolute(x) <= DBL_MAX);
    if (x < ERF_SERIES_MAX)
        return 1 - num_erf(x);
    if (x > ERFC_X_MAX)
        return 0;
    return erfc_fraction(x);
}

double num_radians(double degrees)
{
    return degrees * 0x1.1df46a2529d39p-6; /* pi / 180 */
}

double num_degrees(double radians)
{
    return radians * 0x1.ca5dc1a63c1f8p+5; /* 180 / pi */
}
