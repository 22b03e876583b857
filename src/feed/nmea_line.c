#include "feed/nmea_line.h"

#include <string.h>

static uint8_t exclusive_or(struct bytes body)
{
    const uint8_t *p = body.p, *end = bytes_end(body);
    uint64_t words = 0, w;
    for (; end - p >= (ptrdiff_t)sizeof w; p += sizeof w) {
        memcpy(&w, p, sizeof w);
        words ^= w;
    }
    for (; p < end; p++)
        words ^= *p;
    words ^= words >> 32;
    words ^= words >> 16;
    return (uint8_t)(words ^ words >> 8);
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One or two digits: some talkers drop a leading zero. Returns how many; 0 none. */
static size_t read_checksum(const uint8_t *p, const uint8_t *end, uint8_t *ret_value)
{
    int high = p < end ? hex_digit(p[0]) : -1;
    int low = end - p > 1 ? hex_digit(p[1]) : -1;
    if (high < 0)
        return 0;
    *ret_value = (uint8_t)(low < 0 ? high : high << 4 | low);
    return low < 0 ? 1 : 2;
}

enum sentence_state sentence_read(struct bytes text, struct sentence *ret_sentence)
{
    const uint8_t *star = text.n ? memchr(text.p, '*', text.n) : NULL;
    uint8_t told;
    if (!star) {
        *ret_sentence = (struct sentence){.body = text};
        return SENTENCE_BARE;
    }
    struct bytes body = {text.p, (size_t)(star - text.p)};
    size_t digits = read_checksum(star + 1, bytes_end(text), &told);
    const uint8_t *rest = star + 1 + digits;
    *ret_sentence = (struct sentence){body, {rest, (size_t)(bytes_end(text) - rest)}};
    return digits && told == exclusive_or(body) ? SENTENCE_RIGHT : SENTENCE_WRONG;
}
