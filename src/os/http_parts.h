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

/* One connection, from its first byte to its end. */
struct connection {
    struct connection *next;
    struct http_server *server;
    struct evhttp_connection *raw;
    struct bufferevent *stream_of; /* its bytes */
    struct event *deadline;        /* of the request that has begun */
    struct http_stream *stream;    /* its answer without an end; NULL none */
    bool begun;                    /* bytes of a request came and it is not whole */
};

struct http_server {
    struct event_base *base;
    struct evhttp *http;
    struct http_options options;
    struct http_counts counts;
    struct connection *connections;
    uint16_t port;
    bool closing;
};

struct connection *connection_find(const struct http_server *server, struct evhttp_connection *raw);
void connection_cut(struct connection *connection); /* its end follows */
void stream_ended(struct http_stream *stream);      /* the connection is going */
void http_common_headers(struct http_request *request, const char *type);
void http_send(struct http_request *request, int status, struct evbuffer *body);

#endif
