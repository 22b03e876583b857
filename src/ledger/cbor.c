#include "ledger/cbor.h"

#include <string.h>

#define SHORT_MAX 23 /* the largest value that stands in the first byte itself */
#define FALSE     20 /* RFC 8949, 3.3 */
#define TRUE      21
#define NIL       22

struct head {
    enum cbor_type major;
    uint64_t value;
};

/* One array or map that is open: how many items it still waits for (of a map an even number where a
 * key comes next), and the last key of a map. */
struct frame {
    uint64_t left;
    bool is_map;
    const uint8_t *item; /* where the item now being read begins */
    struct bytes key;
};

struct checker {
    struct cbor at;
    struct frame frame[CBOR_DEPTH_MAX];
    uint32_t depth, items;
};

static size_t left_of(const struct cbor *c)
{
    return (size_t)(c->end - c->p);
}

/* What follows a first byte whose low bits are 24 to 27: 1, 2, 4 or 8 bytes. */
static uint64_t long_value(const uint8_t *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | p[i];
    return v;
}

static bool is_shortest(uint64_t v, size_t n)
{
    static const uint64_t at_least[] = {[1] = SHORT_MAX + 1,
                                        [2] = UINT64_C(1) << 8,
                                        [4] = UINT64_C(1) << 16,
                                        [8] = UINT64_C(1) << 32};
    return v >= at_least[n];
}

/* The head of the next item, or the reason why it has none. */
static const char *take_head(struct cbor *c, struct head *ret_head)
{
    if (c->p == c->end)
        return "the bytes end inside an item";
    unsigned low = *c->p & 31;
    ret_head->major = (enum cbor_type)(*c->p >> 5);
    ret_head->value = low;
    if (low > 27)
        return low == 31 ? "an indefinite length" : "a reserved length";
    size_t n = low <= SHORT_MAX ? 0 : (size_t)1 << (low - 24);
    if (left_of(c) - 1 < n)
        return "the bytes end inside an item";
    if (n && ret_head->major != CBOR_SIMPLE) {
        ret_head->value = long_value(c->p + 1, n);
        if (!is_shortest(ret_head->value, n))
            return "a number that is not in its shortest form";
    }
    c->p += 1 + n;
    return NULL;
}

static const char *check_string(struct cbor *c, const struct head *head)
{
    if (head->value > left_of(c))
        return "a string longer than the bytes that are there";
    struct bytes s = {c->p, (size_t)head->value};
    if (head->major == CBOR_TEXT && !bytes_is_utf8(s))
        return "text that is not UTF-8";
    c->p += s.n;
    return NULL;
}

static const char *open_frame(struct checker *k, const struct head *head)
{
    bool is_map = head->major == CBOR_MAP;
    if (k->depth == CBOR_DEPTH_MAX)
        return "more levels than allowed";
    if (head->value > left_of(&k->at) / (is_map ? 2 : 1))
        return "more items than there are bytes";
    k->frame[k->depth++] =
        (struct frame){.left = is_map ? head->value * 2 : head->value, .is_map = is_map};
    return NULL;
}

static const char *check_content(struct checker *k, const struct head *head)
{
    switch (head->major) {
    case CBOR_UINT:
        return NULL;
    case CBOR_NINT:
        return head->value > INT64_MAX ? "a number below -2^63" : NULL;
    case CBOR_BYTES:
    case CBOR_TEXT:
        return check_string(&k->at, head);
    case CBOR_ARRAY:
    case CBOR_MAP:
        return open_frame(k, head);
    case CBOR_SIMPLE:
        if (head->value >= FALSE && head->value <= NIL)
            return NULL;
        return "floating point or a simple value, which have no place here";
    case CBOR_END:
        break;
    }
    return "a tag, which has no place here";
}

static bool ascends(struct bytes a, struct bytes b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = memcmp(a.p, b.p, n);
    return order < 0 || (order == 0 && a.n < b.n);
}

/* An item has ended: so has, perhaps, what it stands in. */
static const char *end_item(struct checker *k)
{
    for (; k->depth > 0; k->depth--) {
        struct frame *f = &k->frame[k->depth - 1];
        if (f->left == 0)
            continue; /* opened empty */
        struct bytes item = {f->item, (size_t)(k->at.p - f->item)};
        if (f->is_map && f->left % 2 == 0) {
            if (f->key.p && !ascends(f->key, item))
                return "map keys that do not ascend";
            f->key = item;
        }
        if (--f->left > 0)
            return NULL;
    }
    return NULL;
}

static const char *check_item(struct checker *k)
{
    struct head head;
    if (k->depth > 0)
        k->frame[k->depth - 1].item = k->at.p;
    if (++k->items > CBOR_ITEMS_MAX)
        return "more items than allowed";
    uint32_t depth = k->depth;
    const char *why = take_head(&k->at, &head);
    if (!why)
        why = check_content(k, &head);
    if (why)
        return why;
    bool opened = k->depth > depth;
    return opened && head.value > 0 ? NULL : end_item(k);
}

int cbor_check(struct bytes bytes, struct err *err)
{
    struct checker k = {.at = cbor_open(bytes)};
    const char *why;
    do
        why = check_item(&k);
    while (!why && k.depth > 0);
    if (!why && k.at.p != k.at.end)
        why = "bytes after the item";
    if (!why)
        return 0;
    return err_set(err, EXIT_DATA, "CBOR, byte %zu: %s", (size_t)(k.at.p - bytes.p), why);
}

struct cbor cbor_open(struct bytes checked)
{
    return (struct cbor){.p = checked.p, .end = bytes_end(checked)};
}

enum cbor_type cbor_type(const struct cbor *c)
{
    return c->p == c->end ? CBOR_END : (enum cbor_type)(*c->p >> 5);
}

static bool take(struct cbor *c, enum cbor_type type, uint64_t *ret_value)
{
    struct head head;
    struct cbor next = *c;
    if (cbor_type(c) != type || take_head(&next, &head))
        return false;
    *c = next;
    *ret_value = head.value;
    return true;
}

bool cbor_take_uint(struct cbor *c, uint64_t *ret_value)
{
    return take(c, CBOR_UINT, ret_value);
}

bool cbor_take_int(struct cbor *c, int64_t *ret_value)
{
    struct cbor next = *c;
    uint64_t v;
    bool negative = cbor_type(c) == CBOR_NINT;
    if (!take(&next, negative ? CBOR_NINT : CBOR_UINT, &v) || v > INT64_MAX)
        return false;
    *c = next;
    *ret_value = negative ? -1 - (int64_t)v : (int64_t)v;
    return true;
}

static bool take_string(struct cbor *c, enum cbor_type type, struct bytes *ret_bytes)
{
    struct cbor next = *c;
    uint64_t n;
    if (!take(&next, type, &n) || n > left_of(&next))
        return false;
    *ret_bytes = (struct bytes){next.p, (size_t)n};
    c->p = next.p + n;
    return true;
}

bool cbor_take_bytes(struct cbor *c, struct bytes *ret_bytes)
{
    return take_string(c, CBOR_BYTES, ret_bytes);
}

bool cbor_take_text(struct cbor *c, struct bytes *ret_text)
{
    return take_string(c, CBOR_TEXT, ret_text);
}

static bool take_simple(struct cbor *c, uint64_t wanted)
{
    struct cbor next = *c;
    uint64_t v;
    if (!take(&next, CBOR_SIMPLE, &v) || v != wanted)
        return false;
    *c = next;
    return true;
}

bool cbor_take_bool(struct cbor *c, bool *ret_value)
{
    bool is_true = take_simple(c, TRUE);
    if (!is_true && !take_simple(c, FALSE))
        return false;
    *ret_value = is_true;
    return true;
}

bool cbor_take_null(struct cbor *c)
{
    return take_simple(c, NIL);
}

static bool take_count(struct cbor *c, enum cbor_type type, uint32_t *ret_count)
{
    struct cbor next = *c;
    uint64_t v;
    if (!take(&next, type, &v) || v > CBOR_ITEMS_MAX)
        return false;
    *c = next;
    *ret_count = (uint32_t)v;
    return true;
}

bool cbor_take_array(struct cbor *c, uint32_t *ret_count)
{
    return take_count(c, CBOR_ARRAY, ret_count);
}

bool cbor_take_map(struct cbor *c, uint32_t *ret_pairs)
{
    return take_count(c, CBOR_MAP, ret_pairs);
}

bool cbor_take_item(struct cbor *c, struct bytes *ret_item)
{
    struct cbor next = *c;
    struct head head;
    for (uint64_t left = 1; left > 0; left--) {
        if (take_head(&next, &head))
            return false;
        if (head.major == CBOR_ARRAY)
            left += head.value;
        else if (head.major == CBOR_MAP)
            left += 2 * head.value;
        else if (head.major == CBOR_BYTES || head.major == CBOR_TEXT)
            next.p += head.value;
    }
    *ret_item = (struct bytes){c->p, (size_t)(next.p - c->p)};
    *c = next;
    return true;
}

static void put_head(struct buf *buf, enum cbor_type major, uint64_t value)
{
    uint8_t head[9];
    unsigned low = (unsigned)value;
    size_t n = 0;
    if (value > SHORT_MAX) {
        unsigned log2 = value > UINT32_MAX ? 3 : value > UINT16_MAX ? 2 : value > UINT8_MAX ? 1 : 0;
        low = 24 + log2;
        n = (size_t)1 << log2;
    }
    head[0] = (uint8_t)((unsigned)major << 5 | low);
    for (size_t i = 0; i < n; i++)
        head[n - i] = (uint8_t)(value >> 8 * i);
    buf_put(buf, head, n + 1);
}

void cbor_put_uint(struct buf *buf, uint64_t value)
{
    put_head(buf, CBOR_UINT, value);
}

void cbor_put_int(struct buf *buf, int64_t value)
{
    if (value < 0)
        put_head(buf, CBOR_NINT, (uint64_t)(-1 - value));
    else
        put_head(buf, CBOR_UINT, (uint64_t)value);
}

void cbor_put_bytes(struct buf *buf, struct bytes bytes)
{
    put_head(buf, CBOR_BYTES, bytes.n);
    buf_put(buf, bytes.p, bytes.n);
}

void cbor_put_text(struct buf *buf, struct bytes text)
{
    put_head(buf, CBOR_TEXT, text.n);
    buf_put(buf, text.p, text.n);
}

void cbor_put_array(struct buf *buf, uint32_t count)
{
    put_head(buf, CBOR_ARRAY, count);
}

void cbor_put_map(struct buf *buf, uint32_t pairs)
{
    put_head(buf, CBOR_MAP, pairs);
}

void cbor_put_bool(struct buf *buf, bool value)
{
    put_head(buf, CBOR_SIMPLE, value ? TRUE : FALSE);
}

void cbor_put_null(struct buf *buf)
{
    put_head(buf, CBOR_SIMPLE, NIL);
}
