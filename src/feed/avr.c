#include "feed/field.h"
#include "feed/mode_s.h"

/*
 * Mode S frames as text, one a line (AVR receivers; dump1090's port 30002):
 *
 *   *FRAME;   :FRAME;              14, 28 or (Mode A/C) 4 hexadecimal digits
 *   @COUNTER FRAME;  %COUNTER FRAME;     12 digits of the receiver's counter first, no space
 *   <COUNTER LEVEL FRAME;          and 2 of the level
 */
#define COUNTER_DIGITS 12
#define LEVEL_DIGITS   2

struct start {
    char sign;
    uint8_t counter, level; /* digits of them */
};

static const struct start starts[] = {
    {'*', 0, 0},
    {':', 0, 0},
    {'@', COUNTER_DIGITS, 0},
    {'%', COUNTER_DIGITS, 0},
    {'<', COUNTER_DIGITS, LEVEL_DIGITS},
};

static const struct start *find_start(uint8_t sign)
{
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if ((uint8_t)starts[i].sign == sign)
            return &starts[i];
    return NULL;
}

static bool read_counter(struct bytes digits, uint64_t *ret_counter)
{
    uint32_t high, low;
    *ret_counter = 0;
    if (!digits.n)
        return true;
    if (!field_hex((struct bytes){digits.p, digits.n / 2}, &high) ||
        !field_hex((struct bytes){digits.p + digits.n / 2, digits.n / 2}, &low))
        return false;
    *ret_counter = (uint64_t)high << (2 * digits.n) | low;
    return true;
}

/* 2, 7 or 14 bytes; 0 for anything else. */
static size_t read_frame(struct bytes digits, uint8_t frame[MODE_S_LONG])
{
    size_t n = digits.n / 2;
    if (digits.n % 2 || (n != 2 && n != MODE_S_SHORT && n != MODE_S_LONG))
        return 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t byte;
        if (!field_hex((struct bytes){digits.p + 2 * i, 2}, &byte))
            return 0;
        frame[i] = (uint8_t)byte;
    }
    return n;
}

int avr_record(struct feed *feed, struct bytes line, int64_t receive_us,
               struct position *ret_position)
{
    uint8_t frame[MODE_S_LONG];
    uint64_t counter;
    line = field_trim(line);
    if (!line.n || line.p[0] == '#')
        return RECORD_NOTHING;
    const struct start *start = find_start(line.p[0]);
    if (!start)
        return SKIP_NOT_A_RECORD;
    size_t before = 1u + start->counter + start->level;
    if (line.p[line.n - 1] != ';' || line.n <= before)
        return SKIP_CUT;
    size_t n = read_frame((struct bytes){line.p + before, line.n - before - 1}, frame);
    if (!n || !read_counter((struct bytes){line.p + 1, start->counter}, &counter))
        return SKIP_SYNTAX;
    struct mode_s_time when = mode_s_time(feed, counter, receive_us);
    return mode_s_record(feed, frame, n, &when, ret_position);
}
