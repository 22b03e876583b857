#include "base/json.h"

#include <string.h>

#include "base/json_scan.h"

#define KEY_SHOWN_MAX 64 /* bytes of a key in an error */

/*
 * The check (json_open): one pass over the bytes with the kinds of the open containers as bits of
 * a word, so nothing recurses. A failed step leaves `p` at the offending byte and the reason in
 * `why`.
 */
struct scan {
    const uint8_t *p, *end;
    uint64_t objects; /* bit d: the container of level d + 1 is an object */
    unsigned depth;
    const char *why;
};

static bool fail(struct scan *s, const char *why)
{
    s->why = why;
    return false;
}

static void scan_space(struct scan *s)
{
    s->p = json_skip_space(s->p, s->end);
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits of a \u escape, or -1. */
static int32_t hex4(const uint8_t *p, const uint8_t *end)
{
    if (end - p < 4)
        return -1;
    int32_t v = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_value(p[i]);
        if (digit < 0)
            return -1;
        v = v << 4 | digit;
    }
    return v;
}

static bool is_high(int32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low(int32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* At the digits of \uXXXX: one unit, or a pair of surrogates. */
static bool scan_unicode(struct scan *s)
{
    int32_t unit = hex4(s->p, s->end);
    if (unit < 0)
        return fail(s, "\\u needs four hex digits");
    if (is_low(unit))
        return fail(s, "a low surrogate stands without its high one");
    s->p += 4;
    if (!is_high(unit))
        return true;
    if (s->end - s->p < 6 || s->p[0] != '\\' || s->p[1] != 'u' || !is_low(hex4(s->p + 2, s->end)))
        return fail(s, "a high surrogate is not followed by its low one");
    s->p += 6;
    return true;
}

static bool scan_escape(struct scan *s)
{
    if (++s->p == s->end)
        return fail(s, "the string does not end");
    switch (*s->p) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        s->p++;
        return true;
    case 'u':
        s->p++;
        return scan_unicode(s);
    default:
        return fail(s, "no such escape");
    }
}

/* What ends a run of plain bytes, other than the closing quote. */
static bool scan_special(struct scan *s)
{
    if (*s->p == '\\')
        return scan_escape(s);
    if (*s->p < 0x20)
        return fail(s, "a control character in a string must be escaped");
    size_t n = utf8_length(s->p, s->end);
    if (n == 0)
        return fail(s, "the string is not UTF-8");
    s->p += n;
    return true;
}

static bool scan_string(struct scan *s)
{
    for (s->p++;;) {
        s->p = json_skip_plain(s->p, s->end);
        if (s->p == s->end)
            return fail(s, "the string does not end");
        if (*s->p == '"')
            break;
        if (!scan_special(s))
            return false;
    }
    s->p++;
    return true;
}

static bool at_digit(const struct scan *s)
{
    return s->p < s->end && *s->p >= '0' && *s->p <= '9';
}

static bool scan_digits(struct scan *s, const char *why)
{
    if (!at_digit(s))
        return fail(s, why);
    while (at_digit(s))
        s->p++;
    return true;
}

static bool scan_exponent(struct scan *s)
{
    s->p++;
    if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
        s->p++;
    return scan_digits(s, "an exponent needs a digit");
}

static bool scan_number(struct scan *s)
{
    if (*s->p == '-')
        s->p++;
    bool zero = s->p < s->end && *s->p == '0';
    const uint8_t *first = s->p;
    if (!scan_digits(s, "a number needs a digit here"))
        return false;
    if (zero && s->p - first > 1) {
        s->p = first;
        return fail(s, "a number must not begin with 0");
    }
    if (s->p < s->end && *s->p == '.') {
        s->p++;
        if (!scan_digits(s, "a decimal point needs a digit after it"))
            return false;
    }
    if (s->p < s->end && (*s->p == 'e' || *s->p == 'E'))
        return scan_exponent(s);
    return true;
}

static bool scan_word(struct scan *s, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
        return fail(s, "expected a value");
    s->p += n;
    return true;
}

static bool scan_scalar(struct scan *s)
{
    switch (*s->p) {
    case '"':
        return scan_string(s);
    case 't':
        return scan_word(s, "true");
    case 'f':
        return scan_word(s, "false");
    case 'n':
        return scan_word(s, "null");
    default:
        if (*s->p == '-' || at_digit(s))
            return scan_number(s);
        return fail(s, "expected a value");
    }
}

static bool in_object(const struct scan *s)
{
    return s->objects >> (s->depth - 1) & 1;
}

static bool scan_key(struct scan *s)
{
    scan_space(s);
    if (s->p == s->end || *s->p != '"')
        return fail(s, "expected a key in quotes");
    if (!scan_string(s))
        return false;
    scan_space(s);
    if (s->p == s->end || *s->p != ':')
        return fail(s, "expected ':' after the key");
    s->p++;
    return true;
}

static bool scan_open(struct scan *s)
{
    if (s->depth == JSON_DEPTH_MAX)
        return fail(s, "more than 64 levels");
    uint64_t bit = UINT64_C(1) << s->depth++;
    s->objects = *s->p == '{' ? s->objects | bit : s->objects & ~bit;
    s->p++;
    return true;
}

static bool at_close(const struct scan *s)
{
    return s->p < s->end && *s->p == (in_object(s) ? '}' : ']');
}

/* Containers open until a scalar or an empty container ends a value. */
static bool scan_value(struct scan *s)
{
    for (;;) {
        scan_space(s);
        if (s->p == s->end)
            return fail(s, "expected a value");
        if (*s->p != '{' && *s->p != '[')
            return scan_scalar(s);
        if (!scan_open(s))
            return false;
        scan_space(s);
        if (at_close(s))
            return true;
        if (in_object(s) && !scan_key(s))
            return false;
    }
}

/* After a value: containers close until a comma says that another value follows. */
static bool scan_closes(struct scan *s)
{
    for (; s->depth > 0; s->depth--, s->p++) {
        scan_space(s);
        if (at_close(s))
            continue;
        if (s->p == s->end || *s->p != ',')
            return fail(s, in_object(s) ? "expected ',' or '}'" : "expected ',' or ']'");
        s->p++;
        return !in_object(s) || scan_key(s);
    }
    return true;
}

static bool scan_text(struct scan *s)
{
    _Static_assert(JSON_DEPTH_MAX == 64, "objects has a bit a level, the reason names the limit");
    do {
        if (!scan_value(s) || !scan_closes(s))
            return false;
    } while (s->depth > 0);
    return true;
}

static enum json_type type_at(const uint8_t *p)
{
    switch (*p) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
        return JSON_TRUE;
    case 'f':
        return JSON_FALSE;
    case 'n':
        return JSON_NULL;
    default:
        return JSON_NUMBER;
    }
}

static bool open_text(struct scan *s, struct json *ret_value)
{
    if (s->end - s->p >= 3 && memcmp(s->p, "\xef\xbb\xbf", 3) == 0)
        return fail(s, "the text begins with a byte order mark; save it without one");
    scan_space(s);
    const uint8_t *first = s->p;
    if (s->p == s->end)
        return fail(s, "the text is empty");
    if (!scan_text(s))
        return false;
    struct json value = {.p = first, .end = s->p, .type = type_at(first)};
    scan_space(s);
    if (s->p != s->end)
        return fail(s, "something follows the value");
    *ret_value = value;
    return true;
}

bool json_open_fast(struct bytes text, struct json *ret_value)
{
    struct scan s = {.p = text.p, .end = bytes_end(text)};
    return open_text(&s, ret_value);
}

/* Navigation: the text is known to be right, and the closing bracket always comes. */

static const uint8_t *skip_string(const uint8_t *p, const uint8_t *end)
{
    for (p++;;) {
        p = json_skip_plain(p, end);
        if (*p == '"')
            return p + 1;
        p += *p == '\\' ? 2 : 1;
    }
}

static const uint8_t *skip_container(const uint8_t *p, const uint8_t *end)
{
    unsigned depth = 0;
    do {
        switch (*p) {
        case '"':
            p = skip_string(p, end);
            continue;
        case '{':
        case '[':
            depth++;
            break;
        case '}':
        case ']':
            depth--;
            break;
        default:
            break;
        }
        p++;
    } while (depth > 0);
    return p;
}

static const uint8_t *skip_word(const uint8_t *p, const uint8_t *end)
{
    while (p<end && * p> ' ' && *p != ',' && *p != '}' && *p != ']')
        p++;
    return p;
}

static struct json value_at(const uint8_t *p, const uint8_t *end)
{
    struct json v = {.p = p, .type = type_at(p)};
    if (v.type == JSON_OBJECT || v.type == JSON_ARRAY)
        v.end = skip_container(p, end);
    else if (v.type == JSON_STRING)
        v.end = skip_string(p, end);
    else
        v.end = skip_word(p, end);
    return v;
}

struct json_iter json_iter(struct json container)
{
    struct json_iter it = {.index = SIZE_MAX};
    if (container.type == JSON_OBJECT || container.type == JSON_ARRAY) {
        it.p = container.p + 1;
        it.end = container.end;
        it.object = container.type == JSON_OBJECT;
    }
    return it;
}

bool json_next(struct json_iter *it)
{
    if (it->p == it->end)
        return false;
    const uint8_t *p = json_skip_space(it->p, it->end);
    if (*p == ',')
        p = json_skip_space(p + 1, it->end);
    if (*p == '}' || *p == ']') {
        it->p = it->end;
        return false;
    }
    if (it->object) {
        const uint8_t *key = p + 1;
        p = skip_string(p, it->end);
        it->key = (struct bytes){.p = key, .n = (size_t)(p - 1 - key)};
        p = json_skip_space(p, it->end);
        p = json_skip_space(p + 1, it->end); /* the colon */
    }
    it->value = value_at(p, it->end);
    it->p = it->value.end;
    it->index++;
    return true;
}

void json_members(struct json object, const struct json_member *members, size_t count, void *to)
{
    struct json_iter it = json_iter(object);
    while (json_next(&it))
        for (size_t i = 0; i < count; i++)
            if (it.key.n == members[i].length && memcmp(it.key.p, members[i].name, it.key.n) == 0)
                memcpy((uint8_t *)to + members[i].at, &it.value, sizeof it.value);
}

size_t json_count(struct json container)
{
    size_t n = 0;
    for (struct json_iter it = json_iter(container); json_next(&it);)
        n++;
    return n;
}

/* The bytes of a string's text, escapes decoded as they come. */
struct decoder {
    const uint8_t *p, *end;
    uint8_t pending[4];
    unsigned at, n;
};

static struct decoder decoder_of(struct bytes raw)
{
    return (struct decoder){.p = raw.p, .end = raw.p + raw.n};
}

static void decoder_put(struct decoder *d, uint32_t code)
{
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0}; /* by length */
    d->at = 0;
    d->n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (unsigned i = d->n; i-- > 1; code >>= 6)
        d->pending[i] = (uint8_t)(0x80 | (code & 0x3f));
    d->pending[0] = (uint8_t)(lead[d->n] | code);
}

static uint32_t decode_unicode(struct decoder *d)
{
    int32_t unit = hex4(d->p, d->end);
    d->p += 4;
    if (!is_high(unit))
        return (uint32_t)unit;
    int32_t low = hex4(d->p + 2, d->end);
    d->p += 6;
    return (uint32_t)(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
}

static uint32_t decode_escape(struct decoder *d)
{
    uint8_t c = *d->p++;
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'u':
        return decode_unicode(d);
    default:
        return c;
    }
}

/* The next byte, or -1 at the end. */
static int decoder_next(struct decoder *d)
{
    if (d->at < d->n)
        return d->pending[d->at++];
    if (d->p == d->end)
        return -1;
    uint8_t c = *d->p++;
    if (c != '\\')
        return c;
    decoder_put(d, decode_escape(d));
    return d->pending[d->at++];
}

static bool decoded_is(struct bytes raw, const char *text)
{
    struct decoder d = decoder_of(raw);
    int c;
    for (; (c = decoder_next(&d)) > 0; text++) {
        if ((uint8_t)*text != c)
            return false;
    }
    return c < 0 && *text == '\0';
}

/* Most keys have no escapes and differ early. */
static bool raw_is(struct bytes raw, const char *text)
{
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] == '\\')
            return decoded_is(raw, text);
        if (text[i] == '\0' || (uint8_t)text[i] != raw.p[i])
            return false;
    }
    return text[raw.n] == '\0';
}

struct json json_get(struct json object, const char *key)
{
    if (object.type == JSON_OBJECT) {
        for (struct json_iter it = json_iter(object); json_next(&it);) {
            if (raw_is(it.key, key))
                return it.value;
        }
    }
    return (struct json){.type = JSON_NONE};
}

struct bytes json_raw(struct json string)
{
    if (string.type != JSON_STRING)
        return (struct bytes){0};
    return (struct bytes){.p = string.p + 1, .n = (size_t)(string.end - string.p) - 2};
}

bool json_text(struct json string, char *dst, size_t cap)
{
    if (string.type != JSON_STRING)
        return false;
    struct decoder d = decoder_of(json_raw(string));
    size_t n = 0;
    int c;
    for (; (c = decoder_next(&d)) > 0 && n < cap; n++)
        dst[n] = (char)c;
    bool fits = c < 0 && n < cap;
    if (cap)
        dst[fits ? n : 0] = '\0';
    return fits;
}

bool json_is(struct json string, const char *text)
{
    return string.type == JSON_STRING && raw_is(json_raw(string), text);
}

void json_place(struct bytes text, struct json value, size_t *ret_line, size_t *ret_column)
{
    size_t line = 1, column = 1;
    for (const uint8_t *p = text.p; p < bytes_end(text) && p < value.p; p++) {
        if (*p == '\n') {
            line++;
            column = 1;
        } else if ((*p & 0xc0) != 0x80) { /* a character counts once */
            column++;
        }
    }
    *ret_line = line;
    *ret_column = column;
}

/*
 * Duplicate keys: each object's keys are sorted by their decoded text and neighbours compared, so
 * the worst text costs n log n and not its square. Heapsort needs no memory beside the list.
 */
static int key_compare(struct bytes a, struct bytes b)
{
    struct decoder left = decoder_of(a), right = decoder_of(b);
    for (;;) {
        int l = decoder_next(&left), r = decoder_next(&right);
        if (l != r || l < 0)
            return l - r;
    }
}

static void sift_down(struct bytes *key, size_t at, size_t n)
{
    struct bytes moving = key[at];
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && key_compare(key[child], key[child + 1]) < 0)
            child++;
        if (key_compare(moving, key[child]) >= 0)
            break;
        key[at] = key[child];
    }
    key[at] = moving;
}

static void sort_keys(struct bytes *key, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift_down(key, i, n);
    for (size_t i = n; i-- > 1;) {
        struct bytes last = key[i];
        key[i] = key[0];
        key[0] = last;
        sift_down(key, 0, i);
    }
}

static int err_at(struct bytes text, const uint8_t *p, struct err *err, const char *why)
{
    size_t line, column;
    json_place(text, (struct json){.p = p}, &line, &column);
    return err_set(err, EXIT_DATA, "line %zu, column %zu: %s", line, column, why);
}

static int err_duplicate(struct bytes text, struct bytes a, struct bytes b, struct err *err)
{
    struct bytes second = a.p > b.p ? a : b;
    char shown[KEY_SHOWN_MAX + 1], why[KEY_SHOWN_MAX + 64];
    bytes_copy_text(second, shown, sizeof shown);
    struct buf buf;
    buf_init(&buf, why, sizeof why);
    buf_format(&buf, "the key \"%s\" is there twice", shown);
    return err_at(text, second.p - 1, err, why);
}

static int check_object(struct bytes text, struct json object, struct err *err)
{
    struct bytes key[JSON_OBJECT_MAX];
    size_t n = 0;
    for (struct json_iter it = json_iter(object); json_next(&it); n++) {
        if (n == JSON_OBJECT_MAX)
            return err_at(text, it.key.p - 1, err, "the object has more than 4096 keys");
        key[n] = it.key;
    }
    _Static_assert(JSON_OBJECT_MAX == 4096, "the reason names the limit");
    sort_keys(key, n);
    for (size_t i = 1; i < n; i++) {
        if (key_compare(key[i - 1], key[i]) == 0)
            return err_duplicate(text, key[i - 1], key[i], err);
    }
    return 0;
}

static int check_objects(struct bytes text, struct json top, struct err *err)
{
    for (const uint8_t *p = top.p; p < top.end;) {
        if (*p == '"') {
            p = skip_string(p, top.end);
            continue;
        }
        if (*p == '{' &&
            check_object(text, (struct json){.p = p, .end = top.end, .type = JSON_OBJECT}, err))
            return ERR_FAIL;
        p++;
    }
    return 0;
}

int json_open(struct bytes text, struct json *ret_value, struct err *err)
{
    struct scan s = {.p = text.p, .end = bytes_end(text)};
    struct json value;
    if (!open_text(&s, &value))
        return err_at(text, s.p, err, s.why);
    if (check_objects(text, value, err))
        return ERR_FAIL;
    *ret_value = value;
    return 0;
}
