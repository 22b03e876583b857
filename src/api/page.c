#include "api/page.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_FIRST 4096
#define SMALL      96 /* a key of ours with a number, a time or an id */

void page_init(struct page *page)
{
    *page = (struct page){.failed = false};
    json_out_init(&page->out, &page->buf);
    page_room(page, PAGE_FIRST);
}

void page_free(struct page *page)
{
    free(page->buf.p);
    page->buf = (struct buf){NULL, 0, 0, false};
}

void page_clear(struct page *page)
{
    page->failed = page->buf.full = false;
    page->buf.n = 0;
    json_out_init(&page->out, &page->buf);
}

bool page_room(struct page *page, size_t n)
{
    struct buf *buf = &page->buf;
    size_t cap = buf->cap ? buf->cap : PAGE_FIRST;
    if (buf->p && buf->cap - buf->n > n)
        return true;
    while (cap - buf->n <= n && cap < PAGE_MAX)
        cap *= 2;
    char *p = cap - buf->n > n ? realloc(buf->p, cap) : NULL;
    if (!p) {
        page->failed = true;
        return false;
    }
    buf->p = p;
    buf->cap = cap;
    return true;
}

bool page_failed(const struct page *page)
{
    return page->failed || page->buf.full;
}

struct bytes page_bytes(const struct page *page)
{
    return (struct bytes){(const uint8_t *)page->buf.p, page->buf.n};
}

void page_put(struct page *page, struct bytes bytes)
{
    if (page_room(page, bytes.n))
        buf_put(&page->buf, bytes.p, bytes.n);
}

void page_text(struct page *page, const char *text)
{
    page_put(page, bytes_of(text));
}

void page_key(struct page *page, const char *key)
{
    page_room(page, SMALL + 6 * strlen(key));
    json_key(&page->out, key);
}

void page_key_text(struct page *page, const char *key, const char *text)
{
    page_key(page, key);
    page_room(page, 8 + (text ? 6 * strlen(text) : 0)); /* "\u001f" has six bytes */
    json_put_text(&page->out, text);
}

void page_key_time(struct page *page, const char *key, int64_t time_us)
{
    page_key(page, key);
    json_put_time(&page->out, time_us);
}

void page_key_int(struct page *page, const char *key, int64_t value)
{
    page_key(page, key);
    json_put_int(&page->out, value);
}

void page_key_bool(struct page *page, const char *key, bool value)
{
    page_key(page, key);
    json_put_bool(&page->out, value);
}

void page_key_id(struct page *page, const char *key, uint64_t id)
{
    char text[17];
    struct buf buf;
    buf_init(&buf, text, sizeof text);
    buf_format(&buf, "%016llx", (unsigned long long)id);
    page_key_text(page, key, text);
}

void page_raw(struct page *page, struct bytes json)
{
    page_room(page, json.n + 2);
    json_put_raw(&page->out, json);
}

void page_begin(struct page *page, char open)
{
    page_room(page, SMALL);
    json_begin(&page->out, open);
}

void page_end(struct page *page, char close)
{
    page_room(page, SMALL);
    json_end(&page->out, close);
}

void page_null(struct page *page)
{
    page_room(page, SMALL);
    json_put_null(&page->out);
}
