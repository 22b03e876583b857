#include "feed/document.h"

#include <string.h>

#define MILLISECONDS_FROM INT64_C(100000000000) /* a "now" past the year 5138 is in milliseconds */
#define RECORD_SEPARATOR  0x1e                  /* RFC 7464 */

struct documents {
    uint8_t *p;
    size_t cap, n;
    size_t from, at; /* the unfinished object begins at from; bytes before at are looked at */
    size_t string;   /* where the current string begins, past its quote */
    size_t inner;    /* where the innermost object begins */
    unsigned depth;
    bool in_string, escaped;
    bool first_key; /* the next string is the first key of the object at inner */
    bool junk;      /* between objects: this run of bytes is counted */
    bool one_a_line;
    bool open; /* a document is being read: its records, or the one object it is */
    struct json_iter records;
    struct json alone;
    int64_t now_us;
};

struct documents *documents_new(size_t cap, struct arena *arena)
{
    struct documents *d = ARENA_ARRAY(arena, struct documents, 1);
    if (!d)
        return NULL;
    d->cap = cap;
    d->p = ARENA_ARRAY(arena, uint8_t, cap);
    return d->p ? d : NULL;
}

static void start_over(struct documents *d)
{
    d->depth = 0;
    d->in_string = d->escaped = d->first_key = d->junk = false;
    d->from = d->at;
}

static size_t documents_take(struct feed *feed, struct bytes input)
{
    struct documents *d = feed->documents;
    if (d->from == 0 && d->n == d->cap) {
        feed_count(feed, SKIP_TOO_LONG);
        start_over(d);
    }
    if (d->n == d->cap || d->from == d->n) {
        memmove(d->p, d->p + d->from, d->n - d->from);
        d->n -= d->from;
        d->at -= d->from;
        d->string -= d->from;
        d->inner -= d->from;
        d->from = 0;
    }
    size_t n = input.n < d->cap - d->n ? input.n : d->cap - d->n;
    memcpy(d->p + d->n, input.p, n);
    d->n += n;
    return n;
}

/* ---- a whole object ----------------------------------------------------------------------------- */

static int64_t read_now(struct json top)
{
    int64_t now;
    if (!json_scaled(json_get(top, "now"), 6, &now, NULL) || now <= 0)
        return TIME_UNKNOWN;
    return now / TIME_SECOND >= MILLISECONDS_FROM ? now / 1000 : now;
}

static struct json find_list(const struct document_kind *kind, struct json top)
{
    struct json list = json_get(top, kind->lists[0]);
    return list.type == JSON_NONE && kind->lists[1] ? json_get(top, kind->lists[1]) : list;
}

static void open_document(struct feed *feed, struct bytes text)
{
    const struct document_kind *kind = feed->row->kind;
    struct documents *d = feed->documents;
    struct json top;
    if (!json_open_fast(text, &top)) {
        feed_count(feed, SKIP_SYNTAX);
        return;
    }
    struct json list = find_list(kind, top);
    d->now_us = kind->tells_now ? read_now(top) : TIME_UNKNOWN;
    d->alone = (struct json){NULL, NULL, JSON_NONE};
    d->records = json_iter(list);
    if (list.type == JSON_NONE && kind->is_record(top)) {
        d->alone = top;
        d->one_a_line = kind->one_a_line;
    } else if (list.type != JSON_ARRAY) {
        feed_count(feed, kind->is_other(top) ? RECORD_OTHER : SKIP_NOT_A_RECORD);
        return;
    }
    d->open = true;
}

static bool next_record(struct documents *d, struct json *ret_object)
{
    if (d->alone.type != JSON_NONE) {
        *ret_object = d->alone;
        d->alone.type = JSON_NONE;
        return true;
    }
    if (d->records.p && json_next(&d->records)) {
        *ret_object = d->records.value;
        return true;
    }
    d->open = false;
    return false;
}

/* ---- byte by byte ------------------------------------------------------------------------------- */

static void cut(struct feed *feed)
{
    feed_count(feed, SKIP_CUT);
    start_over(feed->documents);
}

static void scan_between(struct feed *feed, uint8_t c)
{
    struct documents *d = feed->documents;
    d->from = d->at;
    if (c == '{') {
        d->from = d->at - 1;
        d->inner = d->from;
        d->depth = 1;
        d->first_key = d->junk = false;
    } else if (c == '\n') {
        d->junk = false;
    } else if (!strchr(" \t\r,[]", c) && c != RECORD_SEPARATOR && !d->junk) {
        feed_count(feed, SKIP_NOT_A_RECORD);
        d->junk = true;
    }
}

/* A new document inside an unfinished one: the old one is cut, the new one begun. */
static void end_string(struct feed *feed)
{
    struct documents *d = feed->documents;
    struct bytes text = {d->p + d->string, d->at - 1 - d->string};
    const char *only = feed->row->kind->first_key;
    d->in_string = false;
    if (d->first_key && only && bytes_is(text, only)) {
        feed_count(feed, SKIP_CUT);
        d->from = d->inner;
        d->depth = 1;
    }
    d->first_key = false;
}

static void scan_string(struct feed *feed, uint8_t c)
{
    struct documents *d = feed->documents;
    if (c == '\n')
        cut(feed);
    else if (d->escaped)
        d->escaped = false;
    else if (c == '\\')
        d->escaped = true;
    else if (c == '"')
        end_string(feed);
}

/* True at the end of the outermost object. */
static bool scan_inside(struct feed *feed, uint8_t c)
{
    struct documents *d = feed->documents;
    if (c == '"') {
        d->in_string = true;
        d->string = d->at;
    } else if (c == '{') {
        d->inner = d->at - 1;
        d->first_key = true;
        d->depth++;
    } else if (c == '[') {
        d->depth++;
    } else if (c == '}' || c == ']') {
        d->first_key = false;
        d->depth--;
    } else if (c == '\n' && d->one_a_line) {
        cut(feed);
    }
    return d->depth == 0 && c != '\n';
}

/* Looks at the bytes held until an object is whole; opens it. */
static bool scan(struct feed *feed)
{
    struct documents *d = feed->documents;
    while (d->at < d->n && !d->open) {
        uint8_t c = d->p[d->at++];
        if (d->depth == 0) {
            scan_between(feed, c);
        } else if (d->in_string) {
            scan_string(feed, c);
        } else if (scan_inside(feed, c)) {
            struct bytes text = {d->p + d->from, d->at - d->from};
            d->from = d->at;
            open_document(feed, text);
        }
    }
    return d->open;
}

static bool documents_next(struct feed *feed, int64_t receive_us, struct position *ret_position)
{
    struct documents *d = feed->documents;
    struct json object;
    while (d->open || scan(feed)) {
        if (!next_record(d, &object))
            continue;
        int end = feed->row->kind->record(feed, object, d->now_us, receive_us, ret_position);
        feed_count(feed, end);
        if (end == RECORD_POSITION)
            return true;
    }
    return false;
}

const struct framing document_framing = {documents_take, documents_next};

void documents_flush(struct feed *feed)
{
    struct documents *d = feed->documents;
    if (d->depth)
        cut(feed);
    d->from = d->at = d->n = 0;
}
