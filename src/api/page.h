#ifndef API_PAGE_H
#define API_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/json.h"

/*
 * An answer in the making: JSON (or text) in memory that grows up to PAGE_MAX. Whoever writes asks
 * for room first; what found none is missing, and page_failed tells so.
 */
#define PAGE_MAX ((size_t)256 << 20)

struct page {
    struct buf buf;
    struct json_out out;
    bool failed;
};

void page_init(struct page *page);
void page_free(struct page *page);

/* Keeps the memory. */
void page_clear(struct page *page);

/* Room for n more bytes; false: there is none. */
bool page_room(struct page *page, size_t n);
bool page_failed(const struct page *page);
struct bytes page_bytes(const struct page *page);

/* Bytes as they are, with room for them. */
void page_put(struct page *page, struct bytes bytes);
void page_text(struct page *page, const char *text);

/* Members with room for them. */
void page_key_text(struct page *page, const char *key, const char *text); /* NULL: null */
void page_key_time(struct page *page, const char *key, int64_t time_us);
void page_key_int(struct page *page, const char *key, int64_t value);
void page_key_bool(struct page *page, const char *key, bool value);
void page_key_id(struct page *page, const char *key, uint64_t id);
void page_key(struct page *page, const char *key);
void page_raw(struct page *page, struct bytes json); /* a value that is JSON already */
void page_begin(struct page *page, char open);
void page_end(struct page *page, char close);
void page_null(struct page *page);

#endif
