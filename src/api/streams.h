#ifndef API_STREAMS_H
#define API_STREAMS_H

#include "api/page.h"
#include "os/http.h"
#include "store/store.h"

/*
 * The clients of /v1/events. Kept things go out as they are committed, each with its sequence number
 * as id; a client that names the last one it saw is first given all kept after it from the store, a
 * page whenever the last page was sent, and meanwhile hears only what is not kept.
 *
 *              Last-Event-ID given           nothing more in the store
 *   (none) ---------------------> resuming --------------------------> live
 *        \                            ^--- more at once than it can take ---'
 *         `-----------------------------------------------------------> live
 */
#define STREAMS_MAX      128
#define STREAM_BURST_MAX (HTTP_STREAM_MAX / 2) /* bytes waiting of a client that is live */
#define STREAM_PAGE_ROWS 500
#define STREAM_PAGE_MAX  (64 * 1024) /* bytes of one page of a resuming client, about */

struct stream_client;

struct streams {
    struct store *store;
    struct stream_client *clients;
    size_t count;
    uint64_t dropped; /* that did not read */
    uint64_t served;  /* in all */
    uint64_t shown;   /* sequence number of what was kept last, and shown */
    void *to;
    int (*settle)(void *to); /* before the store is read; -1: it failed */
};

/* Takes the request over; `hello` is its first event. What is pending must have been committed. */
void streams_join(struct streams *streams, struct http_request *request, struct bytes hello);

void streams_put(struct streams *streams, struct bytes frames); /* to all */

/* To those that are live: all that the store has got since the last time. */
void streams_put_kept(struct streams *streams, struct bytes frames);

/* One frame: "event: NAME", id unless 0, and JSON that has no line ends within. */
void stream_frame(struct page *page, const char *event, uint64_t id, struct bytes json);

/* Of a sighting or an alert. */
void stream_frame_kept(struct page *page, enum kept_kind kind, uint64_t sequence,
                       struct bytes json);

#endif
