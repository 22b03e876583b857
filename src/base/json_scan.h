#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stdint.h>
#include <string.h>

/* The two inner loops of the JSON reader, shared by the check and by navigation. */

static inline const uint8_t *json_skip_space(const uint8_t *p, const uint8_t *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    return p;
}

/* True if none of the eight bytes is '"', '\\', below 0x20 or above 0x7f. A byte that is borrows
 * into its own top bit; a borrow from a neighbour only happens when that neighbour is one. */
static inline int json_plain8(uint64_t w)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quote = w ^ ones * '"', backslash = w ^ ones * '\\';
    uint64_t found = w | (w - ones * 0x20) | (quote - ones) | (backslash - ones);
    return (found & ones * 0x80) == 0;
}

static inline int json_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* The first byte of a string's inside that needs a closer look, or end. */
static inline const uint8_t *json_skip_plain(const uint8_t *p, const uint8_t *end)
{
    while (end - p >= 8) {
        uint64_t w;
        memcpy(&w, p, sizeof w);
        if (!json_plain8(w))
            break;
        p += 8;
    }
    while (p < end && json_plain(*p))
        p++;
    return p;
}

#endif
