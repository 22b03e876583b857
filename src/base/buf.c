#include "base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define INT64_DIGITS 20 /* 18446744073709551615, and INT64_MIN with its sign */

void buf_init(struct buf *buf, char *memory, size_t cap)
{
    assert(cap > 0);
    *buf = (struct buf){.p = memory, .cap = cap};
    buf->p[0] = '\0';
}

void buf_clear(struct buf *buf)
{
    buf_init(buf, buf->p, buf->cap);
}

void buf_put(struct buf *buf, const void *p, size_t n)
{
    if (buf->full || n == 0)
        return;
    size_t room = buf->cap - 1 - buf->n;
    if (n > room) {
        n = room;
        buf->full = true;
    }
    memcpy(buf->p + buf->n, p, n);
    buf->n += n;
    buf->p[buf->n] = '\0';
}

void buf_text(struct buf *buf, const char *text)
{
    buf_put(buf, text, strlen(text));
}

void buf_char(struct buf *buf, char c)
{
    buf_put(buf, &c, 1);
}

void buf_vformat(struct buf *buf, const char *format, va_list args)
{
    if (buf->full)
        return;
    size_t room = buf->cap - buf->n;
    int n = vsnprintf(buf->p + buf->n, room, format, args);
    if (n < 0 || (size_t)n >= room) {
        buf->full = true;
        buf->n += strnlen(buf->p + buf->n, room - 1);
        buf->p[buf->n] = '\0';
    } else {
        buf->n += (size_t)n;
    }
}

void buf_format(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vformat(buf, format, args);
    va_end(args);
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

/* Decimal digits of v, right-aligned before end; returns their first. */
static char *digits_before(char *end, uint64_t v)
{
    do {
        *--end = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    return end;
}

void buf_int(struct buf *buf, int64_t value)
{
    char digits[INT64_DIGITS + 1], *end = digits + sizeof digits;
    char *p = digits_before(end, magnitude(value));
    if (value < 0)
        *--p = '-';
    buf_put(buf, p, (size_t)(end - p));
}

void buf_decimal(struct buf *buf, int64_t value, unsigned scale)
{
    assert(scale <= BUF_SCALE_MAX);
    char digits[BUF_SCALE_MAX + INT64_DIGITS], *end = digits + sizeof digits;
    memset(digits, '0', sizeof digits);
    char *first = digits_before(end, magnitude(value));
    char *point = end - scale; /* the first decimal */
    if (first >= point)
        first = point - 1;
    while (end > point && end[-1] == '0')
        end--;
    if (value < 0)
        buf_char(buf, '-');
    buf_put(buf, first, (size_t)(point - first));
    if (end > point) {
        buf_char(buf, '.');
        buf_put(buf, point, (size_t)(end - point));
    }
}
