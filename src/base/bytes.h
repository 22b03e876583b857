#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A run of bytes that somebody else owns. It is valid as long as its owner says; it is never
 * NUL-terminated and may hold any byte.
 */
struct bytes {
    const uint8_t *p;
    size_t n;
};

struct bytes bytes_of(const char *text); /* text up to its NUL; bytes_of(NULL) is empty */

/* One past the last byte; an empty run may stand on a null pointer. */
static inline const uint8_t *bytes_end(struct bytes a)
{
    return a.n ? a.p + a.n : a.p;
}

bool bytes_equal(struct bytes a, struct bytes b);
bool bytes_is(struct bytes a, const char *text);
bool bytes_starts(struct bytes a, const char *prefix);

/* Copies into dst[cap] as a C string, cut at cap - 1; returns true if all of it fitted. */
bool bytes_copy_text(struct bytes a, char *dst, size_t cap);

/* Strict decimal integer: optional '-', digits, nothing else, no overflow. */
bool bytes_int64(struct bytes a, int64_t *ret_value);

/* Well-formed UTF-8 (RFC 3629: no overlong form, no surrogate, at most U+10FFFF). */
bool bytes_is_utf8(struct bytes a);

/* Length of the well-formed UTF-8 sequence at p (1 to 4), or 0 when there is none. */
size_t utf8_length(const uint8_t *p, const uint8_t *end);

/* Big-endian integers, the byte order of everything that leaves the machine. */
void put_u16(uint8_t *p, uint16_t v);
void put_u32(uint8_t *p, uint32_t v);
void put_u64(uint8_t *p, uint64_t v);
uint16_t get_u16(const uint8_t *p);
uint32_t get_u32(const uint8_t *p);
uint64_t get_u64(const uint8_t *p);

#endif
