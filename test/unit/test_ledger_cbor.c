#include "ledger/cbor.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BYTES_MAX 256

static struct bytes unhex(const char *hex, uint8_t *memory)
{
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        memory[i] = (uint8_t)byte;
    }
    return (struct bytes){memory, n};
}

static bool accepted(const char *hex)
{
    uint8_t memory[BYTES_MAX];
    return cbor_check(unhex(hex, memory), NULL) == 0;
}

/* RFC 8949, appendix A: what lies in the part of CBOR that the ledger uses. */
static const char *const examples[] = {"00",
                                       "01",
                                       "0a",
                                       "17",
                                       "1818",
                                       "1819",
                                       "1864",
                                       "1903e8",
                                       "1a000f4240",
                                       "1b000000e8d4a51000",
                                       "1bffffffffffffffff",
                                       "20",
                                       "29",
                                       "3863",
                                       "3903e7",
                                       "f4",
                                       "f5",
                                       "f6",
                                       "40",
                                       "4401020304",
                                       "60",
                                       "6161",
                                       "6449455446",
                                       "62225c",
                                       "62c3bc",
                                       "63e6b0b4",
                                       "64f0908591",
                                       "80",
                                       "83010203",
                                       "8301820203820405",
                                       "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
                                       "a0",
                                       "a201020304",
                                       "a26161016162820203",
                                       "826161a161626163",
                                       "a56161614161626142616361436164614461656145"};

/* The same appendix: floating point, tags, other simple values, indefinite lengths, and -2^64. */
static const char *const outside[] = {"3bffffffffffffffff",
                                      "c249010000000000000000",
                                      "c349010000000000000000",
                                      "f90000",
                                      "f98000",
                                      "f93c00",
                                      "fb3ff199999999999a",
                                      "f93e00",
                                      "f97bff",
                                      "fa47c35000",
                                      "fa7f7fffff",
                                      "fb7e37e43c8800759c",
                                      "f90001",
                                      "f90400",
                                      "f9c400",
                                      "fbc010666666666666",
                                      "f97c00",
                                      "f97e00",
                                      "f9fc00",
                                      "fa7f800000",
                                      "fa7fc00000",
                                      "faff800000",
                                      "fb7ff0000000000000",
                                      "fb7ff8000000000000",
                                      "fbfff0000000000000",
                                      "f7",
                                      "f0",
                                      "f8ff",
                                      "c074323031332d30332d32315432303a30343a30305a",
                                      "c11a514b67b0",
                                      "c1fb41d452d9ec200000",
                                      "d74401020304",
                                      "d818456449455446",
                                      "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
                                      "5f42010243030405ff",
                                      "7f657374726561646d696e67ff",
                                      "9fff",
                                      "9f018202039f0405ffff",
                                      "9f01820203820405ff",
                                      "83018202039f0405ff",
                                      "83019f0203ff820405",
                                      "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff",
                                      "bf61610161629f0203ffff",
                                      "826161bf61626163ff",
                                      "bf6346756ef563416d7421ff"};

/* RFC 8949, appendix F: examples that are not well-formed. */
static const char *const malformed[] = {"18",
                                        "19",
                                        "1a",
                                        "1b",
                                        "1901",
                                        "1a0102",
                                        "1b01020304050607",
                                        "38",
                                        "58",
                                        "78",
                                        "98",
                                        "9a01ff00",
                                        "b8",
                                        "d8",
                                        "f8",
                                        "f900",
                                        "fa0000",
                                        "fb000000",
                                        "41",
                                        "61",
                                        "5affffffff00",
                                        "5bffffffffffffffff010203",
                                        "7affffffff00",
                                        "7b7fffffffffffffff010203",
                                        "81",
                                        "818181818181818181",
                                        "8200",
                                        "a1",
                                        "a20102",
                                        "a100",
                                        "a2000000",
                                        "c0",
                                        "5f4100",
                                        "7f6100",
                                        "9f",
                                        "9f0102",
                                        "bf",
                                        "bf01020102",
                                        "819f",
                                        "9f8000",
                                        "9f9f9f9f9fffffffff",
                                        "9f819f819f9fffffff",
                                        "1c",
                                        "1d",
                                        "1e",
                                        "3c",
                                        "3d",
                                        "3e",
                                        "5c",
                                        "5d",
                                        "5e",
                                        "7c",
                                        "7d",
                                        "7e",
                                        "9c",
                                        "9d",
                                        "9e",
                                        "bc",
                                        "bd",
                                        "be",
                                        "dc",
                                        "dd",
                                        "de",
                                        "fc",
                                        "fd",
                                        "fe",
                                        "f800",
                                        "f801",
                                        "f818",
                                        "f81f",
                                        "5f00ff",
                                        "5f21ff",
                                        "5f6100ff",
                                        "5f80ff",
                                        "5fa0ff",
                                        "5fc000ff",
                                        "5fe0ff",
                                        "7f4100ff",
                                        "5f5f4100ffff",
                                        "7f7f6100ffff",
                                        "ff",
                                        "81ff",
                                        "8200ff",
                                        "a1ff",
                                        "a1ff00",
                                        "a100ff",
                                        "a20000ff",
                                        "9f81ff",
                                        "9f829f819f9fffffffff",
                                        "bf00ff",
                                        "bf000000ff",
                                        "1f",
                                        "3f",
                                        "df",
                                        ""};

/* Not deterministic (RFC 8949, 4.2.1), or past a limit of the ledger. */
static const char *const refused[] = {"1800",
                                      "1817",
                                      "190017",
                                      "1900ff",
                                      "1a0000ffff",
                                      "1b00000000ffffffff",
                                      "3817",
                                      "580100",
                                      "780161",
                                      "980100",
                                      "b8010000",
                                      "a203010101",
                                      "a2616201616101",
                                      "a201000100",
                                      "a20100200a00",
                                      "a20a0019000000",
                                      "61ff",
                                      "62c0af",
                                      "63eda080",
                                      "0000",
                                      "818181818181818180",
                                      "9b7fffffffffffffff00",
                                      "bb8000000000000000",
                                      "bb800000000000000100"};

static void appendix_a(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        if (!accepted(examples[i]))
            fail_msg("%s is refused", examples[i]);
}

static void refuse_each(const char *const *hex, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (accepted(hex[i]))
            fail_msg("%s is accepted", hex[i]);
}

static void what_is_outside(void **state)
{
    (void)state;
    refuse_each(outside, sizeof outside / sizeof *outside);
    refuse_each(malformed, sizeof malformed / sizeof *malformed);
    refuse_each(refused, sizeof refused / sizeof *refused);
}

static void copy_item(struct cbor *from, struct buf *to);

static void copy_items(struct cbor *from, struct buf *to, uint32_t count)
{
    while (count-- > 0)
        copy_item(from, to);
}

/* Takes one item and writes it again; a map's order is the one that was read. */
static void copy_item(struct cbor *from, struct buf *to)
{
    struct bytes s;
    uint64_t u;
    int64_t i;
    uint32_t n;
    bool b;
    if (cbor_take_uint(from, &u)) {
        cbor_put_uint(to, u);
    } else if (cbor_take_int(from, &i)) {
        cbor_put_int(to, i);
    } else if (cbor_take_bytes(from, &s)) {
        cbor_put_bytes(to, s);
    } else if (cbor_take_text(from, &s)) {
        cbor_put_text(to, s);
    } else if (cbor_take_array(from, &n)) {
        cbor_put_array(to, n);
        copy_items(from, to, n);
    } else if (cbor_take_map(from, &n)) {
        cbor_put_map(to, n);
        copy_items(from, to, 2 * n);
    } else if (cbor_take_bool(from, &b)) {
        cbor_put_bool(to, b);
    } else {
        assert_true(cbor_take_null(from));
        cbor_put_null(to);
    }
}

static void one_encoding(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        uint8_t memory[BYTES_MAX];
        char written[BYTES_MAX];
        struct buf buf;
        struct bytes read = unhex(examples[i], memory), item;
        struct cbor cursor = cbor_open(read), whole = cursor;
        buf_init(&buf, written, sizeof written);
        copy_item(&cursor, &buf);
        assert_int_equal(cbor_type(&cursor), CBOR_END);
        assert_int_equal(buf.n, read.n);
        assert_memory_equal(written, read.p, read.n);
        assert_true(cbor_take_item(&whole, &item));
        assert_true(bytes_equal(item, read));
    }
}

/* Values beside their encodings in RFC 8949, appendix A. */
static void values(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        int64_t value;
    } rows[] = {{"17", 23},
                {"1818", 24},
                {"1a000f4240", 1000000},
                {"29", -10},
                {"3903e7", -1000},
                {"20", -1},
                {"3863", -100},
                {"1b000000e8d4a51000", INT64_C(1000000000000)}};
    uint8_t memory[BYTES_MAX];
    int64_t v;
    uint64_t u;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cbor c = cbor_open(unhex(rows[i].hex, memory));
        assert_true(cbor_take_int(&c, &v));
        assert_int_equal(v, rows[i].value);
    }
    struct cbor c = cbor_open(unhex("1bffffffffffffffff", memory));
    assert_false(cbor_take_int(&c, &v));
    assert_true(cbor_take_uint(&c, &u));
    assert_true(u == UINT64_MAX);
    c = cbor_open(unhex("3b7fffffffffffffff", memory));
    assert_true(cbor_take_int(&c, &v));
    assert_true(v == INT64_MIN);
}

/* Eight levels are read, nine are not; 4,096 items are read, one more is not. */
static void limits(void **state)
{
    (void)state;
    static uint8_t many[CBOR_ITEMS_MAX + 3];
    assert_true(accepted("8181818181818180"));
    assert_false(accepted("818181818181818180"));
    memcpy(many, "\x99\x0f\xff", 3); /* 4,095 and the array itself */
    assert_int_equal(cbor_check((struct bytes){many, 3 + 4095}, NULL), 0);
    memcpy(many, "\x99\x10\x00", 3);
    assert_int_equal(cbor_check((struct bytes){many, 3 + 4096}, NULL), ERR_FAIL);
}

static void says_where(void **state)
{
    (void)state;
    uint8_t memory[BYTES_MAX];
    struct err err = {EXIT_FINE, ""};
    assert_int_equal(cbor_check(unhex("820119", memory), &err), ERR_FAIL);
    assert_int_equal(err.code, EXIT_DATA);
    assert_non_null(strstr(err.text, "byte 2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appendix_a),   cmocka_unit_test(what_is_outside),
        cmocka_unit_test(one_encoding), cmocka_unit_test(values),
        cmocka_unit_test(limits),       cmocka_unit_test(says_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
