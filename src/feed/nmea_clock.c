#include "feed/nmea_clock.h"

#include <string.h>

#include "feed/field.h"
#include "feed/nmea_line.h"

void clock_init(struct clock *clock)
{
    *clock = (struct clock){.pghp_us = TIME_UNKNOWN,
                            .group_us = TIME_UNKNOWN,
                            .rmc_us = TIME_UNKNOWN,
                            .rmc_receive_us = TIME_UNKNOWN};
}

/* ---- UNIX times --------------------------------------------------------------------------------- */

#define SECOND_DIGITS_MIN 9  /* from 1973 on */
#define SECOND_DIGITS_MAX 10 /* to 2286; then milliseconds */
#define MILLI_DIGITS      13

static bool read_unix(struct bytes digits, int64_t *ret_us)
{
    int64_t v;
    if (!field_digits(digits, &v))
        return false;
    if (digits.n == MILLI_DIGITS)
        *ret_us = v * (TIME_SECOND / 1000);
    else if (digits.n >= SECOND_DIGITS_MIN && digits.n <= SECOND_DIGITS_MAX)
        *ret_us = v * TIME_SECOND;
    else
        return false;
    return time_civil(*ret_us).year < 2200;
}

/* ---- TAG blocks --------------------------------------------------------------------------------- */

#define TAG_FIELDS 16

/* "1-2-1604": part, parts, id. */
static uint32_t read_group(struct bytes value)
{
    struct bytes part[3];
    int64_t id;
    if (fields_split(value, '-', part, 3) != 3 || !field_digits(part[2], &id))
        return 0;
    return (uint32_t)id & UINT32_MAX;
}

/* "1G2:0125", as NMEA 4.0 wrote it: part 1 of 2, id 0125. */
static uint32_t read_old_group(struct bytes field)
{
    int64_t id;
    bool is_group = field.n > 4 && field.p[1] == 'G' && field.p[3] == ':';
    if (!is_group || !field_digits((struct bytes){field.p + 4, field.n - 4}, &id))
        return 0;
    return (uint32_t)id & UINT32_MAX;
}

static void read_tag_field(struct bytes field, struct tag *tag)
{
    struct bytes value = {field.p + 2, field.n - 2};
    int64_t us;
    if (field.p[1] == ':' && field.p[0] == 'c' && read_unix(value, &us))
        tag->time_us = us;
    else if (field.p[1] == ':' && field.p[0] == 'g')
        tag->group = read_group(value);
    else if (field.p[1] == ':' && field.p[0] == 's')
        tag->station = (uint32_t)hash_bytes(value.p, value.n) | 1;
    else if (field.p[1] == 'G')
        tag->group = read_old_group(field);
}

/* One block without its backslashes. */
static void read_block(struct bytes block, struct tag *tag)
{
    struct bytes field[TAG_FIELDS];
    struct sentence s;
    if (sentence_read(block, &s) != SENTENCE_RIGHT || s.suffix.n) {
        tag->wrong = true;
        return;
    }
    size_t count = fields_split(s.body, ',', field, TAG_FIELDS);
    for (size_t i = 0; i < count && i < TAG_FIELDS; i++)
        if (field[i].n >= 2)
            read_tag_field(field[i], tag);
}

/* A time told for a group holds for its other sentences. */
static void share_in_group(struct clock *clock, struct tag *tag)
{
    if (!tag->group)
        return;
    if (tag->time_us != TIME_UNKNOWN) {
        clock->group = tag->group;
        clock->group_us = tag->time_us;
    } else if (clock->group == tag->group) {
        tag->time_us = clock->group_us;
    }
}

struct tag tag_read(struct clock *clock, struct bytes line, struct bytes *ret_rest)
{
    struct tag tag = {.time_us = TIME_UNKNOWN};
    while (line.n && line.p[0] == '\\') {
        const uint8_t *end = memchr(line.p + 1, '\\', line.n - 1);
        if (!end)
            break;
        read_block((struct bytes){line.p + 1, (size_t)(end - line.p - 1)}, &tag);
        line = (struct bytes){end + 1, (size_t)(bytes_end(line) - end - 1)};
    }
    share_in_group(clock, &tag);
    *ret_rest = line;
    return tag;
}

/* ---- $PGHP -------------------------------------------------------------------------------------- */

#define PGHP_FIELDS 9 /* PGHP, 1, year, month, day, hour, minute, second, millisecond */

static int civil_part(struct bytes field)
{
    int64_t v;
    return field_digits(field, &v) && v < 10000 ? (int)v : -1;
}

void clock_pghp(struct clock *clock, const struct bytes *f, size_t count)
{
    clock->pghp_us = TIME_UNKNOWN;
    if (count < PGHP_FIELDS || !bytes_is(f[1], "1"))
        return;
    int milli = civil_part(f[8]);
    struct civil c = {.year = civil_part(f[2]),
                      .month = civil_part(f[3]),
                      .day = civil_part(f[4]),
                      .hour = civil_part(f[5]),
                      .minute = civil_part(f[6]),
                      .second = civil_part(f[7]),
                      .micro = milli * 1000};
    int64_t us;
    if (milli >= 0 && milli < 1000 && time_from_civil(c, &us))
        clock->pghp_us = us;
}

/* ---- RMC ---------------------------------------------------------------------------------------- */

#define RMC_FIELDS 10 /* address, time, status, four of place, two of motion, date */
#define RMC_BACK   (10 * TIME_SECOND) /* two receivers of one talker differ by less */
#define RMC_FRESH  (10 * TIME_SECOND) /* live: an older one is no clock */
#define YEAR_FIRST 80                 /* two digits from here on are 19xx: GPS began in 1980 */

/* Two digits at `at`. */
static int two(struct bytes field, size_t at)
{
    int tens = field.p[at] - '0', ones = field.p[at + 1] - '0';
    return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

/* The part of a second after the point, in microseconds; -1 when it is none. */
static int fraction(struct bytes field, size_t at)
{
    int micro = 0, unit = 100000;
    if (field.n == at)
        return 0;
    if (field.p[at] != '.')
        return -1;
    for (size_t i = at + 1; i < field.n; i++, unit /= 10) {
        if (field.p[i] < '0' || field.p[i] > '9')
            return -1;
        micro += (field.p[i] - '0') * unit;
    }
    return micro;
}

/* hhmmss[.ss] and ddmmyy. */
static bool read_rmc_time(struct bytes time, struct bytes date, int64_t *ret_us)
{
    if (time.n < 6 || date.n != 6)
        return false;
    int year = two(date, 4);
    struct civil c = {.year = year + (year >= YEAR_FIRST ? 1900 : 2000),
                      .month = two(date, 2),
                      .day = two(date, 0),
                      .hour = two(time, 0),
                      .minute = two(time, 2),
                      .second = two(time, 4),
                      .micro = fraction(time, 6)};
    return year >= 0 && c.micro >= 0 && time_from_civil(c, ret_us);
}

void clock_rmc(struct clock *clock, const struct bytes *f, size_t count, int64_t receive_us)
{
    int64_t us;
    if (count < RMC_FIELDS || !bytes_is(f[2], "A") || !read_rmc_time(f[1], f[9], &us))
        return;
    if (clock->rmc_locked && memcmp(clock->rmc_talker, f[0].p, TALKER_BYTES) != 0)
        return;
    if (clock->rmc_locked && us < clock->rmc_us) {
        clock->rmc_lost |= us < clock->rmc_us - RMC_BACK;
        return;
    }
    memcpy(clock->rmc_talker, f[0].p, TALKER_BYTES);
    clock->rmc_locked = true;
    clock->rmc_lost = false;
    clock->rmc_us = us;
    clock->rmc_receive_us = receive_us;
}

/* ---- all together ------------------------------------------------------------------------------- */

/* The first field behind the checksum that is a UNIX time. */
static bool read_suffix(struct bytes suffix, int64_t *ret_us)
{
    while (suffix.n && suffix.p[0] == ',') {
        const uint8_t *begin = suffix.p + 1;
        const uint8_t *comma = memchr(begin, ',', suffix.n - 1);
        const uint8_t *end = comma ? comma : bytes_end(suffix);
        if (read_unix((struct bytes){begin, (size_t)(end - begin)}, ret_us))
            return true;
        suffix = (struct bytes){end, (size_t)(bytes_end(suffix) - end)};
    }
    return false;
}

static bool rmc_serves(const struct clock *clock, struct stamp receive)
{
    if (!clock->rmc_locked || clock->rmc_lost)
        return false;
    if (receive.us == TIME_UNKNOWN)
        return true;
    return clock->rmc_receive_us != TIME_UNKNOWN && receive.us - clock->rmc_receive_us <= RMC_FRESH;
}

struct stamp clock_stamp(struct clock *clock, const struct tag *tag, struct bytes suffix,
                         struct stamp receive)
{
    int64_t pghp_us = clock->pghp_us, us;
    clock->pghp_us = TIME_UNKNOWN;
    if (tag->time_us != TIME_UNKNOWN)
        return (struct stamp){tag->time_us, TIME_FROM_TAG};
    if (pghp_us != TIME_UNKNOWN)
        return (struct stamp){pghp_us, TIME_FROM_PGHP};
    if (suffix.n && read_suffix(suffix, &us))
        return (struct stamp){us, TIME_FROM_SUFFIX};
    if (rmc_serves(clock, receive))
        return (struct stamp){clock->rmc_us, TIME_FROM_RMC};
    return receive;
}
