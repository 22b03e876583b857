#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Output bytes with a hard maximum, in memory that the caller owns. Writing past the end sets
 * `full` and drops the rest: the caller asks once, at the end (buf.full), instead of at each
 * write. What stands is always a NUL-terminated prefix of what was meant.
 */
struct buf {
    char *p;
    size_t n, cap; /* cap counts the NUL */
    bool full;
};

void buf_init(struct buf *buf, char *memory, size_t cap);
void buf_clear(struct buf *buf);
void buf_put(struct buf *buf, const void *p, size_t n);
void buf_text(struct buf *buf, const char *text);
void buf_char(struct buf *buf, char c);
void buf_format(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vformat(struct buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
void buf_int(struct buf *buf, int64_t value);

#define BUF_SCALE_MAX 40

/* value / 10^scale as an exact decimal without trailing zeros: (1234500, 4) writes 123.45. */
void buf_decimal(struct buf *buf, int64_t value, unsigned scale);

#endif
