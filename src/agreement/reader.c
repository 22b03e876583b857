#include "agreement/reader.h"

#include <assert.h>
#include <string.h>

#define PATH_MAX_BYTES   240
#define KEYS_SHOWN_BYTES 200

/* ---- where a value stands ---------------------------------------------------------------------- */

static void path_step(struct buf *out, const struct json_iter *it)
{
    if (!it->object) {
        buf_format(out, "[%zu]", it->index);
        return;
    }
    if (out->n)
        buf_char(out, '.');
    buf_put(out, it->key.p, it->key.n);
}

/* Walks from the top down to the value. */
static void path_write(struct buf *out, struct json top, struct json at)
{
    struct json here = top;
    while (at.p && here.p != at.p) {
        struct json_iter it = json_iter(here);
        do {
            if (!json_next(&it))
                return;
        } while (at.p >= it.value.end);
        path_step(out, &it);
        here = it.value;
    }
}

static bool holds(struct json top, struct json at)
{
    return at.p >= top.p && at.p < top.end;
}

static const struct geometry_file *file_of(const struct reader *r, struct json at)
{
    for (size_t i = 0; i < r->file_count; i++)
        if (holds(r->files[i].top, at))
            return &r->files[i];
    return NULL;
}

int reader_place(struct reader *r, struct json at)
{
    char memory[PATH_MAX_BYTES];
    struct buf path;
    buf_init(&path, memory, sizeof memory);
    const struct geometry_file *file = file_of(r, at);
    path_write(&path, file ? file->top : r->top, at);
    if (path.n)
        err_prefix(r->err, "%s", path.p);
    return err_prefix(r->err, "%s", file ? file->name : "agreement.json");
}

static const char *type_name(enum json_type type)
{
    static const char *const names[] = {"nothing",  "null", "false",  "true",
                                        "a number", "text", "a list", "an object"};
    return names[type];
}

int reader_expected(struct reader *r, struct json at, const char *expected)
{
    return reader_fail(r, at, "expected %s, found %s", expected, type_name(at.type));
}

void *reader_alloc(struct reader *r, size_t count, size_t size)
{
    void *p = arena_alloc(r->arena, count, size);
    if (!p)
        err_set(r->err, EXIT_DATA, "agreement.json: more than the %zu MiB of memory allowed",
                r->arena->limit >> 20);
    return p;
}

/* ---- objects ----------------------------------------------------------------------------------- */

static int check_tag(struct reader *r, struct json value, void *into)
{
    static const char *const tags[] = {"T", "M", "C"};
    size_t index;
    (void)into;
    return word_read(r, value, tags, sizeof tags / sizeof tags[0], &index);
}

/* Any object may carry these. */
static const struct field common_fields[] = {
    {"note", read_text, NOT_KEPT, NULL},       {"source", read_text, NOT_KEPT, NULL},
    {"tag", check_tag, NOT_KEPT, NULL},        {"precision_m", read_metres, NOT_KEPT, NULL},
    {"assumption", read_text, NOT_KEPT, NULL}, {"licence", read_text, NOT_KEPT, NULL},
};
#define COMMON_COUNT (sizeof common_fields / sizeof common_fields[0])

/* A key as a value, so that it is compared after decoding. */
static struct json key_string(const struct json_iter *it)
{
    return (struct json){it->key.p - 1, it->key.p + it->key.n + 1, JSON_STRING};
}

static size_t field_find(const struct field *fields, size_t count, const struct json_iter *it)
{
    struct json key = key_string(it);
    size_t i = 0;
    while (i < count && !json_is(key, fields[i].key))
        i++;
    return i;
}

static int fail_unknown_key(struct reader *r, struct json value, const struct field *fields,
                            size_t count)
{
    char memory[KEYS_SHOWN_BYTES];
    struct buf keys;
    buf_init(&keys, memory, sizeof memory);
    for (size_t i = 0; i < count; i++)
        buf_format(&keys, "%s%s", i ? ", " : "", fields[i].key);
    return reader_fail(r, value, "unknown key; expected one of %s", keys.p);
}

static int field_read(struct reader *r, const struct json_iter *it, const struct field *fields,
                      size_t count, void *into, uint64_t *seen)
{
    union spare spare = {{0}};
    size_t i = field_find(fields, count, it);
    if (i < count) {
        *seen |= UINT64_C(1) << i;
        bool kept = into && fields[i].offset != NOT_KEPT;
        return fields[i].read(r, it->value, kept ? (char *)into + fields[i].offset : spare.bytes);
    }
    i = field_find(common_fields, COMMON_COUNT, it);
    if (i < COMMON_COUNT)
        return common_fields[i].read(r, it->value, spare.bytes);
    return fail_unknown_key(r, it->value, fields, count);
}

int object_read(struct reader *r, struct json object, const struct field *fields, size_t count,
                void *into)
{
    assert(count <= FIELD_KEYS_MAX);
    if (object.type != JSON_OBJECT)
        return reader_expected(r, object, "an object");
    uint64_t seen = 0;
    for (struct json_iter it = json_iter(object); json_next(&it);)
        if (field_read(r, &it, fields, count, into, &seen))
            return ERR_FAIL;
    for (size_t i = 0; i < count; i++)
        if (fields[i].required && !(seen >> i & 1))
            return reader_fail(r, object, "missing \"%s\": %s", fields[i].key, fields[i].required);
    return 0;
}

/* ---- lists ------------------------------------------------------------------------------------- */

int each_read(struct reader *r, struct json one_or_list, field_reader *read, void *into)
{
    if (one_or_list.type != JSON_ARRAY)
        return read(r, one_or_list, into);
    for (struct json_iter it = json_iter(one_or_list); json_next(&it);)
        if (read(r, it.value, into))
            return ERR_FAIL;
    return 0;
}

void *list_read(struct reader *r, struct json array, field_reader *read, size_t size, size_t max,
                size_t *ret_count)
{
    if (array.type != JSON_ARRAY) {
        reader_expected(r, array, "a list");
        return NULL;
    }
    size_t count = json_count(array);
    if (count > max) {
        reader_fail(r, array, "%zu entries; at most %zu are allowed", count, max);
        return NULL;
    }
    char *entries = reader_alloc(r, count, size);
    if (!entries)
        return NULL;
    for (struct json_iter it = json_iter(array); json_next(&it);)
        if (read(r, it.value, entries + it.index * size))
            return NULL;
    *ret_count = count;
    return entries;
}

/* What is joined has been read as text: decoding cannot fail, and is never longer than the text. */
static void join(struct buf *out, struct json value)
{
    if (out->n)
        buf_char(out, ' ');
    bool fits = json_text(value, out->p + out->n, out->cap - out->n);
    assert(fits);
    out->n += strlen(out->p + out->n);
}

int joined_read(struct reader *r, struct json one_or_list, field_reader *check,
                const char **ret_text)
{
    union spare ignored;
    if (each_read(r, one_or_list, check, &ignored))
        return ERR_FAIL;
    size_t cap = (size_t)(one_or_list.end - one_or_list.p) + 1;
    char *text = reader_alloc(r, cap, 1);
    if (!text)
        return ERR_FAIL;
    struct buf out;
    buf_init(&out, text, cap);
    if (one_or_list.type != JSON_ARRAY)
        join(&out, one_or_list);
    for (struct json_iter it = json_iter(one_or_list); json_next(&it);)
        join(&out, it.value);
    *ret_text = text;
    return 0;
}
