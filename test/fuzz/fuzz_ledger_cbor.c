#include <assert.h>
#include <string.h>

#include "ledger/cbor.h"

/*
 * Any bytes as CBOR: refused with one line and exit code 65, or accepted; what was accepted is
 * walked to its end by the takes, and each of its items, cut out, is accepted too.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(struct cbor *c, uint32_t count);

static void walk_one(struct cbor *c)
{
    struct bytes s;
    uint64_t u;
    int64_t i;
    uint32_t n;
    bool b;
    if (cbor_take_array(c, &n))
        walk(c, n);
    else if (cbor_take_map(c, &n))
        walk(c, 2 * n);
    else
        assert(cbor_take_uint(c, &u) || cbor_take_int(c, &i) || cbor_take_bytes(c, &s) ||
               cbor_take_text(c, &s) || cbor_take_bool(c, &b) || cbor_take_null(c));
}

static void walk(struct cbor *c, uint32_t count)
{
    for (; count > 0; count--) {
        struct cbor at = *c;
        struct bytes item;
        assert(cbor_take_item(&at, &item));
        assert(cbor_check(item, NULL) == 0);
        walk_one(c);
        assert(c->p == at.p);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    struct err err = {EXIT_FINE, ""};
    if (cbor_check(bytes, &err)) {
        assert(err.code == EXIT_DATA && err.text[0] && !strchr(err.text, '\n'));
        return 0;
    }
    struct cbor c = cbor_open(bytes);
    walk(&c, 1);
    assert(cbor_type(&c) == CBOR_END);
    return 0;
}
