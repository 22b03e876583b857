#include "base/json.h"

#include <assert.h>
#include <string.h>

#include "base/timetext.h"

#define LEVEL_MAX JSON_DEPTH_MAX /* one bit a level in `filled` and `object` */

static uint64_t level_bit(const struct json_out *out)
{
    return UINT64_C(1) << (out->depth - 1);
}

static bool in_object(const struct json_out *out)
{
    return out->depth > 0 && (out->object & level_bit(out));
}

static void separate(struct json_out *out)
{
    if (out->depth == 0)
        return;
    if (out->filled & level_bit(out))
        buf_char(out->buf, ',');
    out->filled |= level_bit(out);
}

/* Before each value: the comma in arrays, and the check that a member has its key. */
static void before_value(struct json_out *out)
{
    assert(out->after_key == in_object(out));
    if (!out->after_key)
        separate(out);
    out->after_key = false;
}

void json_out_init(struct json_out *out, struct buf *buf)
{
    *out = (struct json_out){.buf = buf};
}

void json_begin(struct json_out *out, char open)
{
    assert(open == '{' || open == '[');
    assert(out->depth < LEVEL_MAX);
    before_value(out);
    buf_char(out->buf, open);
    out->depth++;
    out->filled &= ~level_bit(out);
    out->object &= ~level_bit(out);
    if (open == '{')
        out->object |= level_bit(out);
}

void json_end(struct json_out *out, char close)
{
    assert(out->depth > 0 && !out->after_key);
    assert(close == (in_object(out) ? '}' : ']'));
    buf_char(out->buf, close);
    out->depth--;
}

/* Bytes that stand for themselves in a string, as far as they run. */
static size_t plain_run(const uint8_t *p, const uint8_t *end)
{
    const uint8_t *q = p;
    while (q < end) {
        size_t n = utf8_length(q, end);
        if (n == 0 || *q < 0x20 || *q == '"' || *q == '\\')
            break;
        q += n;
    }
    return (size_t)(q - p);
}

static void put_escaped(struct buf *buf, uint8_t c)
{
    static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* byte, letter, byte, letter, ... */
    for (size_t i = 0; named[i]; i += 2) {
        if ((uint8_t)named[i] == c) {
            buf_char(buf, '\\');
            buf_char(buf, named[i + 1]);
            return;
        }
    }
    if (c >= 0x80)
        buf_text(buf, "\xef\xbf\xbd"); /* U+FFFD */
    else
        buf_format(buf, "\\u%04x", c);
}

static void put_string(struct buf *buf, struct bytes text)
{
    const uint8_t *p = text.p, *end = bytes_end(text);
    buf_char(buf, '"');
    while (p < end) {
        size_t n = plain_run(p, end);
        buf_put(buf, p, n);
        p += n;
        if (p < end)
            put_escaped(buf, *p++);
    }
    buf_char(buf, '"');
}

void json_key(struct json_out *out, const char *key)
{
    assert(in_object(out) && !out->after_key);
    separate(out);
    put_string(out->buf, bytes_of(key));
    buf_char(out->buf, ':');
    out->after_key = true;
}

void json_put_text(struct json_out *out, const char *text)
{
    if (text)
        json_put_bytes(out, bytes_of(text));
    else
        json_put_null(out);
}

void json_put_bytes(struct json_out *out, struct bytes text)
{
    before_value(out);
    put_string(out->buf, text);
}

void json_put_int(struct json_out *out, int64_t value)
{
    before_value(out);
    buf_int(out->buf, value);
}

void json_put_decimal(struct json_out *out, int64_t value, unsigned scale)
{
    before_value(out);
    buf_decimal(out->buf, value, scale);
}

void json_put_bool(struct json_out *out, bool value)
{
    before_value(out);
    buf_text(out->buf, value ? "true" : "false");
}

void json_put_null(struct json_out *out)
{
    before_value(out);
    buf_text(out->buf, "null");
}

void json_put_time(struct json_out *out, int64_t time_us)
{
    if (time_us == TIME_UNKNOWN) {
        json_put_null(out);
        return;
    }
    before_value(out);
    buf_char(out->buf, '"');
    time_write(out->buf, time_us);
    buf_char(out->buf, '"');
}

void json_put_raw(struct json_out *out, struct bytes json)
{
    before_value(out);
    buf_put(out->buf, json.p, json.n);
}
