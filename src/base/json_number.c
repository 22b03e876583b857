#include "base/json.h"

#include <string.h>

/*
 * Numbers. A number is read where it stands: its digits without the point are one decimal integer,
 * `whole` says how many of them stand before the point once the exponent is applied.
 */
#define EXPONENT_MAX INT64_C(1000000000000000) /* more zeros than any text that fits in memory */

struct decimal {
    const uint8_t *p, *end; /* digits, and perhaps a point among them */
    int64_t whole;          /* digits before the point; may be negative or beyond the digits */
    bool negative;
};

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static int64_t read_exponent(const uint8_t *p, const uint8_t *end)
{
    bool negative = *p == '-';
    if (!is_digit(*p))
        p++;
    int64_t e = 0;
    for (; p < end; p++)
        e = e < EXPONENT_MAX ? e * 10 + (*p - '0') : e;
    return negative ? -e : e;
}

static bool read_decimal(struct json number, struct decimal *ret_decimal)
{
    if (number.type != JSON_NUMBER)
        return false;
    struct decimal d = {.p = number.p, .end = number.p, .negative = *number.p == '-'};
    if (d.negative)
        d.end = ++d.p;
    while (d.end < number.end && is_digit(*d.end))
        d.end++;
    d.whole = d.end - d.p;
    while (d.end < number.end && (is_digit(*d.end) || *d.end == '.'))
        d.end++;
    if (d.end < number.end) /* at the e */
        d.whole += read_exponent(d.end + 1, number.end);
    *ret_decimal = d;
    return true;
}

/* The next digit, or -1 at the end. */
static int next_digit(struct decimal *d)
{
    if (d->p < d->end && *d->p == '.')
        d->p++;
    return d->p < d->end ? *d->p++ - '0' : -1;
}

static bool any_digit_left(struct decimal *d)
{
    int digit;
    while ((digit = next_digit(d)) == 0)
        continue;
    return digit > 0;
}

/* The first `count` digits as an integer, zeros standing in for those beyond the end. */
static bool take_integer(struct decimal *d, int64_t count, uint64_t *ret_value)
{
    uint64_t v = 0;
    for (int64_t i = 0; i < count; i++) {
        int digit = next_digit(d);
        if (digit < 0 && v == 0)
            break;
        if (__builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, digit > 0 ? (uint64_t)digit : 0, &v))
            return false;
    }
    *ret_value = v;
    return true;
}

static bool to_int64(uint64_t magnitude, bool negative, int64_t *ret_value)
{
    uint64_t most = (uint64_t)INT64_MAX + (negative ? 1 : 0);
    if (magnitude > most)
        return false;
    *ret_value = (int64_t)(negative ? 0 - magnitude : magnitude);
    return true;
}

bool json_scaled(struct json number, unsigned scale, int64_t *ret_value, bool *ret_exact)
{
    struct decimal d;
    uint64_t v;
    if (!read_decimal(number, &d) || !take_integer(&d, d.whole + scale, &v))
        return false;
    int next = d.whole + (int64_t)scale < 0 ? 0 : next_digit(&d); /* worth a tenth of the last */
    bool rest = any_digit_left(&d);
    bool up = next > 5 || (next == 5 && (rest || v % 2 != 0));
    if (up && __builtin_add_overflow(v, 1, &v))
        return false;
    if (!to_int64(v, d.negative, ret_value))
        return false;
    if (ret_exact)
        *ret_exact = next <= 0 && !rest;
    return true;
}

bool json_int(struct json number, int64_t *ret_value)
{
    int64_t v;
    bool exact;
    if (!json_scaled(number, 0, &v, &exact) || !exact)
        return false;
    *ret_value = v;
    return true;
}

/*
 * Doubles. m x 10^e with m < 2^53 and |e| <= 22 is one correctly rounded operation on two exact
 * doubles (Clinger 1990). The rest is done on integers: a power of ten as a 64-bit mantissa, a
 * product or quotient of 64 bits whose last bit is set if anything follows it, one rounding to 53.
 * 5^27 < 2^64, so up to 10^27 the power is exact and the result the nearest double; beyond, the
 * power's error stays below 2^-57 and the result within 1 ulp.
 */
#define MANTISSA_DIGITS 19 /* always below 2^64 */
#define EXACT_TENS      22 /* 10^22 = 5^22 x 2^22 and 5^22 < 2^53 */
#define TENS_MAX        400

/* mantissa x 2^exponent, the top bit of the mantissa set. */
struct wide {
    uint64_t mantissa;
    int exponent;
};

static struct wide wide_of(uint64_t v)
{
    int shift = __builtin_clzll(v);
    return (struct wide){.mantissa = v << shift, .exponent = -shift};
}

/* The upper 64 bits of a product. */
static uint64_t multiply_high(uint64_t a, uint64_t b)
{
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t middle = a1 * b0 + (a0 * b0 >> 32);
    uint64_t other = a0 * b1 + (uint32_t)middle;
    return a1 * b1 + (middle >> 32) + (other >> 32);
}

static struct wide wide_multiply(struct wide a, struct wide b)
{
    uint64_t high = multiply_high(a.mantissa, b.mantissa), low = a.mantissa * b.mantissa;
    int exponent = a.exponent + b.exponent + 64;
    if (high >> 63)
        return (struct wide){.mantissa = high | (low != 0), .exponent = exponent};
    high = high << 1 | low >> 63;
    return (struct wide){.mantissa = high | (low << 1 != 0), .exponent = exponent - 1};
}

/* Long division in binary: 64 bits of the quotient. */
static struct wide wide_divide(struct wide a, struct wide b)
{
    uint64_t rest = a.mantissa, quotient = 0;
    int exponent = a.exponent - b.exponent - 63;
    bool carry = false; /* bit 64 of the remainder */
    if (rest < b.mantissa) {
        carry = true;
        rest <<= 1;
        exponent--;
    }
    for (int i = 0; i < 64; i++) {
        bool fits = carry || rest >= b.mantissa;
        quotient = quotient << 1 | (fits ? 1 : 0);
        rest -= fits ? b.mantissa : 0;
        carry = rest >> 63;
        rest <<= 1;
    }
    return (struct wide){.mantissa = quotient | (carry || rest != 0), .exponent = exponent};
}

static struct wide wide_power_of_ten(unsigned e)
{
    struct wide result = wide_of(1), square = wide_of(10);
    for (; e; e >>= 1) {
        if (e & 1)
            result = wide_multiply(result, square);
        square = wide_multiply(square, square);
    }
    return result;
}

/* mantissa >> shift, rounded half to even; 1 <= shift <= 63. */
static uint64_t shift_half_even(uint64_t mantissa, int shift)
{
    uint64_t kept = mantissa >> shift, half = UINT64_C(1) << (shift - 1);
    uint64_t rest = mantissa & ((half << 1) - 1);
    return kept + (rest > half || (rest == half && (kept & 1)) ? 1 : 0);
}

/* The fields of an IEEE 754 double; a carry out of the mantissa rightly grows the exponent. */
static bool wide_round(struct wide w, double *ret_value)
{
    const int bias = 1023, mantissa_bits = 52, drop = 64 - 53;
    int field = w.exponent + 63 + bias;
    uint64_t bits;
    if (field >= 1)
        bits = shift_half_even(w.mantissa, drop) + ((uint64_t)(field - 1) << mantissa_bits);
    else
        bits = drop + 1 - field > 63 ? 0 : shift_half_even(w.mantissa, drop + 1 - field);
    if (field > 2 * bias || bits >> mantissa_bits > 2 * (uint64_t)bias)
        return false;
    memcpy(ret_value, &bits, sizeof bits);
    return true;
}

static bool scale_by_tens(uint64_t m, int64_t e, double *ret_value)
{
    static const double tens[EXACT_TENS + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (m == 0 || e < -TENS_MAX) {
        *ret_value = 0;
        return true;
    }
    if (e > TENS_MAX)
        return false;
    if (m >> 53 == 0 && e >= -EXACT_TENS && e <= EXACT_TENS) {
        *ret_value = e < 0 ? (double)m / tens[-e] : (double)m * tens[e];
        return true;
    }
    struct wide power = wide_power_of_ten((unsigned)(e < 0 ? -e : e));
    struct wide value = wide_of(m);
    return wide_round(e < 0 ? wide_divide(value, power) : wide_multiply(value, power), ret_value);
}

bool json_double(struct json number, double *ret_value)
{
    struct decimal d;
    if (!read_decimal(number, &d))
        return false;
    uint64_t m = 0;
    int digit;
    for (int used = 0; used < MANTISSA_DIGITS && (digit = next_digit(&d)) >= 0; d.whole--) {
        m = m * 10 + (uint64_t)digit;
        used += m ? 1 : 0;
    }
    double value;
    if (!scale_by_tens(m, d.whole, &value))
        return false;
    *ret_value = d.negative ? -value : value;
    return true;
}
