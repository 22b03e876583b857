#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

/*
 * One strict, bounded JSON reader and writer for feeds, agreements and the api.
 *
 * Reader: RFC 8259 and nothing else. Input is one text that the caller holds whole. It refuses:
 * duplicate keys in an object, numbers with leading zeros or '+', NaN, invalid UTF-8, unpaired
 * surrogates, raw control characters, text after the value, more than JSON_DEPTH_MAX levels. It
 * does not allocate: a value is a position in the text, checked once as a whole by json_open;
 * after that no navigation can fail on syntax. Strings with escapes are decoded on request.
 *
 * Cost: json_open is one pass, and one more for the keys of each level of objects; stepping over a
 * value is linear in its length. A worst text costs n log n, never its square.
 */
#define JSON_DEPTH_MAX  64
#define JSON_OBJECT_MAX 4096 /* keys in one object; json_open refuses more */

enum json_type {
    JSON_NONE,
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

/* A value inside a checked text; valid while the text is. JSON_NONE stands for "absent". */
struct json {
    const uint8_t *p;   /* first byte of the value */
    const uint8_t *end; /* one past its last byte */
    enum json_type type;
};

/* Checks the whole text and yields its top value. Errors carry line, column and reason; exit 65. */
int json_open(struct bytes text, struct json *ret_value, struct err *err);

/* Same, without error text, for the hot path of feeds. Keys are not checked for duplicates. */
bool json_open_fast(struct bytes text, struct json *ret_value);

/* Member of an object by key, or a value of type JSON_NONE. Keys are compared after decoding. */
struct json json_get(struct json object, const char *key);

/* Iteration: struct json_iter it = json_iter(v); while (json_next(&it)) { it.key, it.value }. */
struct json_iter {
    const uint8_t *p, *end;
    bool object;
    struct bytes key; /* raw text between the quotes (escapes not decoded); empty in arrays */
    struct json value;
    size_t index;
};
struct json_iter json_iter(struct json container);
bool json_next(struct json_iter *it);
size_t json_count(struct json container);

/* The values of an object that are wanted, each put where `at` says within `to`; the last of a key
 * that stands twice. Keys are compared as they stand. For the hot path: one walk over the object. */
struct json_member {
    const char *name;
    uint8_t length;
    uint16_t at; /* offset of a struct json */
};
void json_members(struct json object, const struct json_member *members, size_t count, void *to);

/* The string's bytes as they stand, without quotes; exact only if it has no escapes. */
struct bytes json_raw(struct json string);

/* Decodes a string into dst (NUL-terminated; a decoded U+0000 is refused). False, with dst
 * empty, if it is not a string or does not fit. */
bool json_text(struct json string, char *dst, size_t cap);
bool json_is(struct json string, const char *text);

/*
 * Numbers are exact decimals. json_scaled yields value x 10^scale as an integer, rounded half to
 * even where the text has more decimals (*ret_exact tells; may be NULL). False when it is not a
 * number or does not fit in 64 bits. Exponents are understood.
 */
bool json_scaled(struct json number, unsigned scale, int64_t *ret_value, bool *ret_exact);
bool json_int(struct json number, int64_t *ret_value); /* integers only: 3 and 3.0, not 3.5 */

/*
 * The double for a measurement: the nearest one for up to 19 digits times ten to within +-27 (all
 * that sensors write), else within 1 ulp. False when it is not a number or too large for a double;
 * what is too small becomes 0.
 */
bool json_double(struct json number, double *ret_value);

/* Where a value stands, for errors. */
void json_place(struct bytes text, struct json value, size_t *ret_line, size_t *ret_column);

/*
 * Writer: appends to a struct buf, inserts commas, escapes strings. Unbalanced calls are a
 * programming error and assert. Values at the top follow each other without a comma: the caller
 * puts a newline between the lines of NDJSON. A string that is not UTF-8 is written with U+FFFD
 * for each bad byte.
 */
struct json_out {
    struct buf *buf;
    unsigned depth;
    uint64_t filled; /* bit d: level d + 1 already has an element */
    uint64_t object; /* bit d: level d + 1 is an object */
    bool after_key;
};

void json_out_init(struct json_out *out, struct buf *buf);
void json_begin(struct json_out *out, char open); /* '{' or '[' */
void json_end(struct json_out *out, char close);
void json_key(struct json_out *out, const char *key);
void json_put_text(struct json_out *out, const char *text); /* NULL writes null */
void json_put_bytes(struct json_out *out, struct bytes text);
void json_put_int(struct json_out *out, int64_t value);
void json_put_decimal(struct json_out *out, int64_t value, unsigned scale); /* exact */
void json_put_bool(struct json_out *out, bool value);
void json_put_null(struct json_out *out);
void json_put_time(struct json_out *out, int64_t time_us);  /* ISO 8601 Z; unknown is null */
void json_put_raw(struct json_out *out, struct bytes json); /* checked JSON, as it stands */

#endif
