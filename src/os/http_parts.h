#ifndef OS_HTTP_PARTS_H
#define OS_HTTP_PARTS_H

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "os/http.h"

/* The inside of http.h: what its files share. */

struct http_request {
    struct http_server *server;
    struct evhttp_request *raw;
    char path[HTTP_PATH_MAX];
    struct evkeyvalq query;
    bool answered;
};

/*
 * One connection. evhttp tells of its end only where a whole request came before; for the others we
 * keep a reference on its bufferevent, which loses its callbacks when evhttp lets go of it, and look
 * every SWEEP_MS.
 */
struct connection {
    struct connection *next;
    struct http_server *server;
    struct bufferevent *bytes;
    struct http_stream *stream; /* its answer without an end; NULL none */
    int64_t begun_us; /* steady time of the first byte of a request not yet whole; 0 none */
    bool crowded;     /* one too many: closed at the next look */
    bool tells;       /* evhttp will tell of its end */
};

struct http_server {
    struct event_base *base;
    struct evhttp *http;
    struct http_options options;
    struct http_counts counts;
    struct connection *connections;
    struct event *sweep;
    uint16_t port;
    bool closing;
};

struct connection *connection_find(const struct http_server *server, struct evhttp_connection *raw);
void connection_cut(struct connection *connection); /* its end follows */
void stream_ended(struct http_stream *stream);      /* the connection is going */
void http_common_headers(struct http_request *request, const char *type);
void http_send(struct http_request *request, int status, struct evbuffer *body);

#endif
