#include "api/streams.h"

#include <stdlib.h>
#include <string.h>

struct stream_client {
    struct stream_client *next;
    struct streams *streams;
    struct http_stream *http;
    uint64_t seen; /* the last sequence number sent, while resuming */
    bool resuming;
};

void stream_frame(struct page *page, const char *event, uint64_t id, struct bytes json)
{
    page_room(page, json.n + strlen(event) + 64);
    if (id)
        buf_format(&page->buf, "id: %llu\n", (unsigned long long)id);
    buf_format(&page->buf, "event: %s\ndata: ", event);
    buf_put(&page->buf, json.p, json.n);
    buf_text(&page->buf, "\n\n");
}

void stream_frame_kept(struct page *page, enum kept_kind kind, uint64_t sequence, struct bytes json)
{
    stream_frame(page, kind == KEPT_SIGHTING ? "sighting" : "alert", sequence, json);
}

/* ---- catching up -------------------------------------------------------------------------------- */

struct catching {
    struct page page;
    uint64_t last;
    uint32_t rows;
};

static int catch_row(void *to, const struct kept *row)
{
    struct catching *catching = to;
    stream_frame_kept(&catching->page, row->kind, row->sequence, row->body);
    catching->last = row->sequence;
    catching->rows++;
    return catching->page.buf.n > STREAM_PAGE_MAX;
}

/* One page; the next follows when it was sent. The store is nobody else's now. */
static void catch_up(struct stream_client *client)
{
    struct catching catching = {.last = client->seen};
    struct err err = {EXIT_FINE, ""};
    struct store_query query = {.find = FIND_SINCE, .key = client->seen, .limit = STREAM_PAGE_ROWS};
    page_init(&catching.page);
    int result = store_find(client->streams->store, &query, catch_row, &catching, &err);
    client->seen = catching.last;
    client->resuming = result > 0 || catching.rows == STREAM_PAGE_ROWS;
    if (result < 0 || page_failed(&catching.page))
        http_stream_close(client->http);
    else if (catching.rows)
        http_stream_put(client->http, page_bytes(&catching.page));
    page_free(&catching.page);
}

static void on_drained(void *to, struct http_stream *http)
{
    struct stream_client *client = to;
    (void)http;
    if (!client->resuming)
        return;
    if (client->streams->settle(client->streams->to))
        http_stream_close(client->http);
    else
        catch_up(client);
}

/* ---- joining, leaving --------------------------------------------------------------------------- */

static void on_closed(void *to, struct http_stream *http, bool slow)
{
    struct stream_client *client = to, **at = &client->streams->clients;
    (void)http;
    while (*at != client)
        at = &(*at)->next;
    *at = client->next;
    client->streams->count--;
    client->streams->dropped += slow;
    free(client);
}

/* A number that the store has passed; what is no such number asks for nothing. */
static bool wants_more(const struct streams *streams, const char *last, uint64_t *ret_seen)
{
    int64_t seen;
    if (!last || !bytes_int64(bytes_of(last), &seen) || seen < 0)
        return false;
    *ret_seen = (uint64_t)seen;
    return *ret_seen < streams->store->sequence;
}

void streams_join(struct streams *streams, struct http_request *request, struct bytes hello)
{
    if (streams->count >= STREAMS_MAX) {
        http_refuse(request, 503, "%d streams are open; close one", STREAMS_MAX);
        return;
    }
    struct stream_client *client = calloc(1, sizeof *client);
    if (!client) {
        http_refuse(request, 503, "no memory for another stream");
        return;
    }
    client->resuming = wants_more(streams, http_header(request, "Last-Event-ID"), &client->seen);
    struct http_stream_events events = {client, on_drained, on_closed};
    client->http = http_stream_new(request, "text/event-stream; charset=utf-8", &events);
    if (!client->http) {
        free(client);
        return;
    }
    client->streams = streams;
    client->next = streams->clients;
    streams->clients = client;
    streams->count++;
    streams->served++;
    http_stream_put(client->http, hello);
}

void streams_put(struct streams *streams, struct bytes frames)
{
    for (struct stream_client *client = streams->clients; client; client = client->next)
        http_stream_put(client->http, frames);
}

void streams_put_kept(struct streams *streams, struct bytes frames)
{
    for (struct stream_client *client = streams->clients; client; client = client->next) {
        size_t waiting = http_stream_waiting(client->http);
        if (client->resuming)
            continue;
        if (waiting + frames.n <= STREAM_BURST_MAX) {
            http_stream_put(client->http, frames);
            continue;
        }
        client->resuming = true;
        client->seen = streams->shown;
        if (!waiting)
            catch_up(client);
    }
    streams->shown = streams->store->sequence;
}
