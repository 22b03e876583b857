#ifndef LEDGER_CBOR_H
#define LEDGER_CBOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

/*
 * Deterministic CBOR (RFC 8949, 4.2.1), the part that the ledger uses: docs/format/entry.md.
 *
 * Bytes are valid if and only if they are one item, with nothing after it, made of
 *   - unsigned integers; negative ones down to -2^63
 *   - byte strings; text strings in UTF-8
 *   - arrays; maps whose keys ascend by their encoded bytes, so that none comes twice
 *   - false, true, null
 * with every integer and length in its shortest form, nothing of indefinite length, at most
 * CBOR_DEPTH_MAX arrays and maps inside each other and CBOR_ITEMS_MAX items in all.
 * Floating point, tags and other simple values are refused.
 *
 * First check, then take: cbor_check looks at all of it once, allocates nothing and calls itself
 * never; a cursor then walks what was checked and can only find another type than was hoped for.
 * A declared length is compared with the bytes that are there, and with nothing else.
 */
#define CBOR_DEPTH_MAX 8
#define CBOR_ITEMS_MAX 4096

enum cbor_type { /* the major types of RFC 8949, 3.1; false, true and null are 7 */
                 CBOR_UINT = 0,
                 CBOR_NINT = 1,
                 CBOR_BYTES = 2,
                 CBOR_TEXT = 3,
                 CBOR_ARRAY = 4,
                 CBOR_MAP = 5,
                 CBOR_SIMPLE = 7,
                 CBOR_END = 8 /* nothing is left */
};

/* Refuses with EXIT_DATA, naming the byte and the reason. */
int cbor_check(struct bytes bytes, struct err *err);

/* A place in bytes that cbor_check accepted, which their owner keeps while it is used. */
struct cbor {
    const uint8_t *p, *end;
};

struct cbor cbor_open(struct bytes checked);
enum cbor_type cbor_type(const struct cbor *cbor); /* of the next item */

/* Each takes the next item, or says false and stays. */
bool cbor_take_uint(struct cbor *cbor, uint64_t *ret_value);
bool cbor_take_int(struct cbor *cbor, int64_t *ret_value);
bool cbor_take_bytes(struct cbor *cbor, struct bytes *ret_bytes);
bool cbor_take_text(struct cbor *cbor, struct bytes *ret_text);
bool cbor_take_bool(struct cbor *cbor, bool *ret_value);
bool cbor_take_null(struct cbor *cbor);

/* The head of an array or map; its items, or keys and values in turn, come next. */
bool cbor_take_array(struct cbor *cbor, uint32_t *ret_count);
bool cbor_take_map(struct cbor *cbor, uint32_t *ret_pairs);

/* The next item whole, with all that is in it. */
bool cbor_take_item(struct cbor *cbor, struct bytes *ret_item);

/* Writing. The caller writes map keys in their order, and as many items as it announced. */
void cbor_put_uint(struct buf *buf, uint64_t value);
void cbor_put_int(struct buf *buf, int64_t value);
void cbor_put_bytes(struct buf *buf, struct bytes bytes);
void cbor_put_text(struct buf *buf, struct bytes text);
void cbor_put_array(struct buf *buf, uint32_t count);
void cbor_put_map(struct buf *buf, uint32_t pairs);
void cbor_put_bool(struct buf *buf, bool value);
void cbor_put_null(struct buf *buf);

#endif
