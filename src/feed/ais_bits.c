#include <string.h>

#include "feed/ais.h"

/*
 * ITU-R M.1371-5 leaves the armour to IEC 61162-1: 0 .. 39 are written '0' .. 'W', 40 .. 63 are
 * written '`' .. 'w'. NOT marks what is none of them: its top bits are never set in a value.
 */
#define NOT       0xff
#define NOT_BITS  0xc0
#define NOT_8     NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT
#define NOT_16    NOT_8, NOT_8
#define GROUP     8 /* characters, 48 bits */
#define GROUP_OUT 6 /* bytes */

static const uint8_t values[256] = {
    NOT_16, NOT_16, NOT_16, /* 0 */
    0,      1,      2,      3,      4,      5,      6,      7,     8,
    9,      10,     11,     12,     13,     14,     15, /* 30 */
    16,     17,     18,     19,     20,     21,     22,     23,    24,
    25,     26,     27,     28,     29,     30,     31,                   /* 40 */
    32,     33,     34,     35,     36,     37,     38,     39,    NOT_8, /* 50 */
    40,     41,     42,     43,     44,     45,     46,     47,    48,
    49,     50,     51,     52,     53,     54,     55,                   /* 60 */
    56,     57,     58,     59,     60,     61,     62,     63,    NOT_8, /* 70 */
    NOT_16, NOT_16, NOT_16, NOT_16, NOT_16, NOT_16, NOT_16, NOT_16};

/* 48 bits at the top of a word; *bad collects the characters' own bits. */
static uint64_t group_bits(const uint8_t *chars, uint8_t *bad)
{
    uint64_t w = 0;
    uint8_t seen = 0;
    for (int i = 0; i < GROUP; i++) {
        uint8_t v = values[chars[i]];
        seen |= v;
        w = w << 6 | v;
    }
    *bad |= seen;
    return w << 16;
}

/* Eight bytes, of which the next group overwrites the last two. */
static void put_group(uint8_t *p, uint64_t w)
{
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(w >> (56 - 8 * i));
}

bool ais_unpack(struct bytes chars, unsigned fill, struct ais_bits *ret_bits)
{
    const uint8_t *p = chars.p;
    uint8_t *out = ret_bits->p, bad = 0;
    uint8_t last[GROUP] = "00000000";
    if (chars.n > AIS_CHARS_MAX)
        return false;
    size_t groups = chars.n / GROUP, rest = chars.n % GROUP;
    for (size_t i = 0; i < groups; i++, p += GROUP, out += GROUP_OUT)
        put_group(out, group_bits(p, &bad));
    if (rest)
        memcpy(last, p, rest);
    put_group(out, group_bits(last, &bad));
    ret_bits->n = (unsigned)chars.n * 6;
    ret_bits->n -= fill < ret_bits->n ? fill : ret_bits->n;
    return !(bad & NOT_BITS);
}
