#include "base/degree.h"

#include <assert.h>
#include <stddef.h>

#include "base/cursor.h"

/* Numbers are read to 1e-9 of a unit, and whether something was cut below that. */
#define NANO INT64_C(1000000000)

struct fixed {
    int64_t nano;
    bool cut; /* digits below a nano that were not all zero */
};

/* Unsigned integer of at most `digits` digits. */
static bool take_whole(struct cursor *c, int digits, int64_t *ret_value)
{
    if (!at_digit(c))
        return false;
    int64_t v = 0;
    for (int i = 0; at_digit(c); i++) {
        if (i == digits)
            return false;
        v = v * 10 + (*c->p++ - '0');
    }
    *ret_value = v;
    return true;
}

static bool take_fixed(struct cursor *c, int digits, struct fixed *ret_value)
{
    struct fixed f = {0};
    if (!take_whole(c, digits, &f.nano))
        return false;
    f.nano *= NANO;
    bool fraction = take(c, '.');
    if (fraction && !at_digit(c))
        return false;
    int64_t unit = NANO / 10;
    for (; fraction && at_digit(c); unit /= 10) {
        int digit = *c->p++ - '0';
        f.nano += digit * unit;
        f.cut = f.cut || (unit == 0 && digit != 0);
    }
    *ret_value = f;
    return true;
}

/* f / divisor, rounded half to even; divisor is even. */
static int64_t round_half_even(struct fixed f, int64_t divisor)
{
    int64_t q = f.nano / divisor, rest = f.nano % divisor, half = divisor / 2;
    bool up = rest > half || (rest == half && (f.cut || q % 2 != 0));
    return q + (up ? 1 : 0);
}

static bool within(int64_t value, int64_t limit_e7, int32_t *ret_e7)
{
    if (value > limit_e7 || value < -limit_e7)
        return false;
    *ret_e7 = (int32_t)value;
    return true;
}

static bool read_decimal(struct cursor c, int64_t limit_e7, int32_t *ret_e7)
{
    bool negative = take(&c, '-');
    struct fixed degrees;
    if (!take_fixed(&c, 3, &degrees) || !at_end(&c))
        return false;
    int64_t value = round_half_even(degrees, NANO / DEG_E7);
    return within(negative ? -value : value, limit_e7, ret_e7);
}

/* The letter at the end: a latitude takes N and S, a longitude E and W. */
static bool take_hemisphere(struct cursor *c, int64_t limit_e7, bool *ret_negative)
{
    bool latitude = limit_e7 <= LAT_E7_MAX;
    *ret_negative = take(c, latitude ? 'S' : 'W');
    return (*ret_negative || take(c, latitude ? 'N' : 'E')) && at_end(c);
}

static bool read_sexagesimal(struct cursor c, int64_t limit_e7, int32_t *ret_e7)
{
    int64_t degrees, minutes;
    struct fixed seconds = {0};
    bool negative;
    if (!take_whole(&c, 3, &degrees) || !take(&c, '-') || !take_whole(&c, 2, &minutes))
        return false;
    if (take(&c, '-') && !take_fixed(&c, 2, &seconds))
        return false;
    if (!take_hemisphere(&c, limit_e7, &negative) || minutes >= 60 || seconds.nano >= 60 * NANO)
        return false;
    seconds.nano += (degrees * 3600 + minutes * 60) * NANO;
    int64_t value = round_half_even(seconds, 3600 * NANO / DEG_E7);
    return within(negative ? -value : value, limit_e7, ret_e7);
}

void degree_write(struct buf *out, int32_t value_e7)
{
    buf_decimal(out, value_e7, 7);
}

bool degree_read(struct bytes text, int64_t limit_e7, int32_t *ret_e7)
{
    assert(limit_e7 >= 0 && limit_e7 <= INT32_MAX);
    if (text.n == 0)
        return false;
    struct cursor c = cursor_of(text);
    uint8_t last = c.end[-1];
    bool lettered = last == 'N' || last == 'S' || last == 'E' || last == 'W';
    return lettered ? read_sexagesimal(c, limit_e7, ret_e7) : read_decimal(c, limit_e7, ret_e7);
}

int32_t lon_wrap_e7(int64_t lon_e7)
{
    const int64_t turn = 2 * LON_E7_MAX;
    int64_t lon = lon_e7 % turn;
    if (lon < -LON_E7_MAX)
        lon += turn;
    if (lon >= LON_E7_MAX)
        lon -= turn;
    return (int32_t)lon;
}
