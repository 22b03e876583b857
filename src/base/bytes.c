#include "base/bytes.h"

#include <string.h>

struct bytes bytes_of(const char *text)
{
    return (struct bytes){.p = (const uint8_t *)text, .n = text ? strlen(text) : 0};
}

bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool bytes_is(struct bytes a, const char *text)
{
    return bytes_equal(a, bytes_of(text));
}

bool bytes_starts(struct bytes a, const char *prefix)
{
    struct bytes b = bytes_of(prefix);
    return a.n >= b.n && bytes_equal((struct bytes){.p = a.p, .n = b.n}, b);
}

bool bytes_copy_text(struct bytes a, char *dst, size_t cap)
{
    if (cap == 0)
        return false;
    size_t n = a.n < cap ? a.n : cap - 1;
    if (n)
        memcpy(dst, a.p, n);
    dst[n] = '\0';
    return n == a.n;
}

bool bytes_int64(struct bytes a, int64_t *ret_value)
{
    bool negative = a.n > 0 && a.p[0] == '-';
    size_t first = negative ? 1 : 0;
    if (a.n == first)
        return false;
    int64_t v = 0; /* built on the negative side, which reaches further */
    for (size_t i = first; i < a.n; i++) {
        int digit = a.p[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_sub_overflow(v, digit, &v))
            return false;
    }
    if (!negative && v == INT64_MIN)
        return false;
    *ret_value = negative ? v : -v;
    return true;
}

static bool is_tail(uint8_t c)
{
    return (c & 0xc0) == 0x80;
}

/* The table of well-formed sequences: RFC 3629, section 4. */
size_t utf8_length(const uint8_t *p, const uint8_t *end)
{
    size_t room = (size_t)(end - p);
    if (room == 0)
        return 0;
    if (p[0] < 0x80)
        return 1;
    if (room < 2 || p[0] < 0xc2 || p[0] > 0xf4 || !is_tail(p[1]))
        return 0;
    if (p[0] < 0xe0)
        return 2;
    if (room < 3 || !is_tail(p[2]) || (p[0] == 0xe0 && p[1] < 0xa0) ||
        (p[0] == 0xed && p[1] > 0x9f))
        return 0;
    if (p[0] < 0xf0)
        return 3;
    if (room < 4 || !is_tail(p[3]) || (p[0] == 0xf0 && p[1] < 0x90) ||
        (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return 4;
}

bool bytes_is_utf8(struct bytes a)
{
    for (size_t i = 0; i < a.n;) {
        size_t n = utf8_length(a.p + i, a.p + a.n);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

void put_u16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

void put_u32(uint8_t *p, uint32_t v)
{
    put_u16(p, (uint16_t)(v >> 16));
    put_u16(p + 2, (uint16_t)v);
}

void put_u64(uint8_t *p, uint64_t v)
{
    put_u32(p, (uint32_t)(v >> 32));
    put_u32(p + 4, (uint32_t)v);
}

uint16_t get_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t get_u32(const uint8_t *p)
{
    return (uint32_t)get_u16(p) << 16 | get_u16(p + 2);
}

uint64_t get_u64(const uint8_t *p)
{
    return (uint64_t)get_u32(p) << 32 | get_u32(p + 4);
}
