#include <stdlib.h>
#include <sys/socket.h>

#include "os/http_parts.h"

#define SEND_BUFFER (64 * 1024) /* in the kernel: what waits is ours to count */

struct http_stream {
    struct evhttp_request *raw; /* NULL: evhttp has let go of it */
    struct connection *connection;
    struct http_stream_events events;
    struct evbuffer *piece;
    bool slow, cut;
};

/* evhttp sent the last of it and frees the request. */
static void on_complete(struct evhttp_request *raw, void *to)
{
    struct http_stream *stream = to;
    (void)raw;
    stream->raw = NULL;
}

/* evhttp leaves a request that is being answered to who answers it. */
static void let_go(struct http_stream *stream)
{
    if (stream->raw && !stream->connection->server->closing &&
        !evhttp_request_get_connection(stream->raw))
        evhttp_request_free(stream->raw);
    stream->raw = NULL;
}

void stream_ended(struct http_stream *stream)
{
    let_go(stream);
    stream->events.closed(stream->events.to, stream, stream->slow);
    evbuffer_free(stream->piece);
    free(stream);
}

static void begin(struct http_stream *stream)
{
    struct bufferevent *bytes = stream->connection->bytes;
    int size = SEND_BUFFER;
    setsockopt(bufferevent_getfd(bytes), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    bufferevent_set_timeouts(bytes, NULL, NULL);
    stream->connection->stream = stream;
    evhttp_request_set_on_complete_cb(stream->raw, on_complete, stream);
    evhttp_send_reply_start(stream->raw, 200, "OK");
}

struct http_stream *http_stream_new(struct http_request *request, const char *type,
                                    const struct http_stream_events *events)
{
    struct connection *connection =
        connection_find(request->server, evhttp_request_get_connection(request->raw));
    struct http_stream *stream = connection ? calloc(1, sizeof *stream) : NULL;
    if (!stream || !(stream->piece = evbuffer_new())) {
        free(stream);
        http_refuse(request, 503, "no memory for another stream");
        return NULL;
    }
    stream->raw = request->raw;
    stream->connection = connection;
    stream->events = *events;
    http_common_headers(request, type);
    request->answered = true;
    begin(stream);
    return stream;
}

static void on_drained(struct evhttp_connection *raw, void *to)
{
    struct http_stream *stream = to;
    (void)raw;
    if (stream->events.drained && !stream->cut)
        stream->events.drained(stream->events.to, stream);
}

size_t http_stream_waiting(const struct http_stream *stream)
{
    return evbuffer_get_length(bufferevent_get_output(stream->connection->bytes));
}

void http_stream_put(struct http_stream *stream, struct bytes bytes)
{
    if (stream->cut || !stream->raw)
        return;
    if (http_stream_waiting(stream) + bytes.n > HTTP_STREAM_MAX) {
        stream->slow = true;
        http_stream_close(stream);
        return;
    }
    evbuffer_add(stream->piece, bytes.p, bytes.n);
    evhttp_send_reply_chunk_with_cb(stream->raw, stream->piece, on_drained, stream);
}

void http_stream_close(struct http_stream *stream)
{
    if (stream->cut)
        return;
    stream->cut = true;
    connection_cut(stream->connection);
}
