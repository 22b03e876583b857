#include "base/timetext.h"

#include <stddef.h>

#include "base/cursor.h"

#define YEAR_MIN      1900
#define YEAR_MAX      2200
#define DAYS_ERA      146097 /* in 400 Gregorian years */
#define DAYS_TO_EPOCH 719468 /* from 0000-03-01 to 1970-01-01 */
#define OFFSET_HOURS  23     /* the largest offset RFC 3339 can write is 23:59 */
#define MICRO_DIGITS  6

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

/*
 * Days and dates. A year that starts on 1 March ends with its leap day, and month m of it (March
 * is 0) starts on its day (153 m + 2) / 5: the lengths 31 30 31 30 31 come round every 153 days.
 */
static int64_t days_from_date(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t m = month <= 2 ? month + 9 : month - 3;
    int64_t era = floor_div(y, 400), year_of_era = y - era * 400;
    int64_t day_of_year = (153 * m + 2) / 5 + day - 1;
    int64_t leap_days = year_of_era / 4 - year_of_era / 100;
    return era * DAYS_ERA + year_of_era * 365 + leap_days + day_of_year - DAYS_TO_EPOCH;
}

static struct civil date_from_days(int64_t days)
{
    int64_t z = days + DAYS_TO_EPOCH;
    int64_t era = floor_div(z, DAYS_ERA), day = z - era * DAYS_ERA;
    /* take out the leap days before this one: one in 1460, none in 36524, one in 146096 */
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t day_of_year = day - (year * 365 + year / 4 - year / 100);
    int64_t m = (5 * day_of_year + 2) / 153;
    struct civil c = {0};
    c.day = (int)(day_of_year - (153 * m + 2) / 5 + 1);
    c.month = (int)(m < 10 ? m + 3 : m - 9);
    c.year = (int)(year + era * 400 + (c.month <= 2 ? 1 : 0));
    return c;
}

struct civil time_civil(int64_t time_us)
{
    int64_t days = floor_div(time_us, TIME_DAY);
    int64_t rest = time_us % TIME_DAY;
    if (rest < 0)
        rest += TIME_DAY;
    struct civil c = date_from_days(days);
    c.hour = (int)(rest / TIME_HOUR);
    c.minute = (int)(rest % TIME_HOUR / TIME_MINUTE);
    c.second = (int)(rest % TIME_MINUTE / TIME_SECOND);
    c.micro = (int)(rest % TIME_SECOND);
    return c;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static bool civil_is_real(struct civil c)
{
    if (c.year < YEAR_MIN || c.year > YEAR_MAX || c.month < 1 || c.month > 12)
        return false;
    return c.day >= 1 && c.day <= month_days(c.year, c.month) && c.hour >= 0 && c.hour <= 23 &&
           c.minute >= 0 && c.minute <= 59 && c.second >= 0 && c.second <= 59 && c.micro >= 0 &&
           c.micro < TIME_SECOND;
}

bool time_from_civil(struct civil c, int64_t *ret_time_us)
{
    if (!civil_is_real(c))
        return false;
    *ret_time_us = days_from_date(c.year, c.month, c.day) * TIME_DAY + c.hour * TIME_HOUR +
                   c.minute * TIME_MINUTE + c.second * TIME_SECOND + c.micro;
    return true;
}

void time_write(struct buf *out, int64_t time_us)
{
    if (time_us == TIME_UNKNOWN) {
        buf_text(out, "unknown");
        return;
    }
    struct civil c = time_civil(time_us);
    buf_format(out, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute,
               c.second);
    if (c.micro) {
        int digits = MICRO_DIGITS, fraction = c.micro;
        for (; fraction % 10 == 0; fraction /= 10)
            digits--;
        buf_format(out, ".%0*d", digits, fraction);
    }
    buf_char(out, 'Z');
}

/* Exactly n digits. */
static bool take_digits(struct cursor *c, int n, int *ret_value)
{
    int v = 0;
    for (; n > 0; n--) {
        if (!at_digit(c))
            return false;
        v = v * 10 + (*c->p++ - '0');
    }
    *ret_value = v;
    return true;
}

static bool take_date(struct cursor *c, struct civil *civil)
{
    return take_digits(c, 4, &civil->year) && take(c, '-') && take_digits(c, 2, &civil->month) &&
           take(c, '-') && take_digits(c, 2, &civil->day);
}

/* Digits after the sixth are read and dropped: a time is never later than its text. */
static bool take_fraction(struct cursor *c, int *ret_micro)
{
    if (!at_digit(c))
        return false;
    int micro = 0, unit = (int)(TIME_SECOND / 10);
    for (; at_digit(c); unit /= 10)
        micro += (*c->p++ - '0') * unit;
    *ret_micro = micro;
    return true;
}

static bool take_time(struct cursor *c, struct civil *civil)
{
    if (!take_digits(c, 2, &civil->hour) || !take(c, ':') || !take_digits(c, 2, &civil->minute))
        return false;
    if (!take(c, ':'))
        return true;
    if (!take_digits(c, 2, &civil->second))
        return false;
    return !take(c, '.') || take_fraction(c, &civil->micro);
}

/* "+hh:mm" or "-hh:mm". */
static bool take_offset(struct cursor *c, int64_t *ret_offset_us)
{
    int hours, minutes;
    bool west = take(c, '-');
    if ((!west && !take(c, '+')) || !take_digits(c, 2, &hours) || !take(c, ':') ||
        !take_digits(c, 2, &minutes) || hours > OFFSET_HOURS || minutes > 59)
        return false;
    int64_t offset = hours * TIME_HOUR + minutes * TIME_MINUTE;
    *ret_offset_us = west ? -offset : offset;
    return true;
}

static bool take_zone(struct cursor *c, int64_t *offset_us)
{
    if (at_end(c))
        return true;
    if (take(c, 'Z'))
        *offset_us = 0;
    else if (!take_offset(c, offset_us))
        return false;
    return at_end(c);
}

static bool in_range(int64_t time_us)
{
    return time_us >= days_from_date(YEAR_MIN, 1, 1) * TIME_DAY &&
           time_us < days_from_date(YEAR_MAX + 1, 1, 1) * TIME_DAY;
}

bool time_read(struct bytes text, int64_t offset_us, int64_t *ret_time_us, bool *ret_date_only)
{
    struct cursor c = cursor_of(text);
    struct civil civil = {0};
    int64_t time_us;
    if (!take_date(&c, &civil))
        return false;
    bool date_only = at_end(&c);
    if (!date_only && (!take(&c, 'T') || !take_time(&c, &civil) || !take_zone(&c, &offset_us)))
        return false;
    if (!time_from_civil(civil, &time_us))
        return false;
    time_us += (date_only ? TIME_DAY - 1 : 0) - offset_us;
    if (!in_range(time_us))
        return false;
    *ret_time_us = time_us;
    if (ret_date_only)
        *ret_date_only = date_only;
    return true;
}

bool time_zone_offset(struct bytes name, int64_t *ret_offset_us)
{
    static const struct {
        const char *name;
        int64_t offset_us;
    } zones[] = {
        {"UTC", 0},
        {"Asia/Seoul", 9 * TIME_HOUR},     /* since 1988-10-09 (IANA tz database) */
        {"Asia/Pyongyang", 9 * TIME_HOUR}, /* since 2018-05-05 (IANA tz database) */
    };
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        if (bytes_is(name, zones[i].name)) {
            *ret_offset_us = zones[i].offset_us;
            return true;
        }
    }
    struct cursor c = cursor_of(name);
    int64_t offset_us;
    if (!take_offset(&c, &offset_us) || !at_end(&c))
        return false;
    *ret_offset_us = offset_us;
    return true;
}
