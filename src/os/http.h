#ifndef OS_HTTP_H
#define OS_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

struct event_base;

/*
 * A small HTTP/1.1 server on the event loop, for one machine's own browsers and programs.
 *
 * What it refuses by itself, before the handler sees anything:
 *  H1  a request that is not whole HTTP_REQUEST_S seconds after its first byte: closed, counted;
 *  H2  a head larger than HTTP_HEAD_MAX, a body larger than HTTP_BODY_MAX, any method but GET and
 *      POST;
 *  H3  more than HTTP_CONNECTIONS_MAX connections at once: closed, counted;
 *  H4  a Host that names another place (a page elsewhere whose name was pointed at this machine);
 *  H5  a POST that is not application/json, or comes from a page of another origin: a browser sends
 *      such a body only after asking, and is never told yes.
 *
 * Every answer carries a policy that lets a page run nothing but what came from here.
 * A request is valid until its answer has been given, in the handler; each gets exactly one.
 */
#define HTTP_REQUEST_S       5
#define HTTP_IDLE_S          60 /* a kept connection without a request */
#define HTTP_HEAD_MAX        (16 * 1024)
#define HTTP_BODY_MAX        (16 * 1024)
#define HTTP_CONNECTIONS_MAX 512
#define HTTP_PATH_MAX        512
#define HTTP_INPUT_MAX       (64 * 1024)  /* bytes of a connection waiting to be read */
#define HTTP_STREAM_MAX      (256 * 1024) /* bytes of a stream waiting to be sent */

enum http_method { HTTP_GET, HTTP_POST };

struct http_server;  /* opaque */
struct http_request; /* opaque */

struct http_options {
    const char *address; /* numeric; must be loopback: there is no TLS here */
    uint16_t port;       /* 0: any that is free */
    void *to;
    void (*handle)(void *to, struct http_request *request);
};

struct http_counts {
    uint64_t requests, refused; /* refused: H2 as far as it is seen here, H4, H5 */
    uint64_t late;              /* H1 */
    uint64_t crowded;           /* H3 */
    uint64_t connections;       /* now */
};

/* EXIT_UNAVAILABLE when the port is in use, EXIT_USAGE when the address is none or not loopback. */
struct http_server *http_new(struct event_base *base, const struct http_options *options,
                             struct err *err);
void http_free(struct http_server *server); /* closes all connections and streams */

uint16_t http_port(const struct http_server *server);
const struct http_counts *http_counts(const struct http_server *server);

/* ---- what was asked ----------------------------------------------------------------------------- */

enum http_method http_method(const struct http_request *request);

/* Without the query, percent-decoded; no NUL within, and starts with "/". */
const char *http_path(const struct http_request *request);

/* A parameter of the query, decoded; NULL when it is not given. */
const char *http_query(const struct http_request *request, const char *key);
const char *http_header(const struct http_request *request, const char *name);
struct bytes http_body(const struct http_request *request);

/* ---- the answer --------------------------------------------------------------------------------- */

void http_answer(struct http_request *request, int status, const char *type, struct bytes body);

/* {"error": {"status": 404, "reason": "..."}} */
void http_refuse(struct http_request *request, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds a header to the answer to come. */
void http_add_header(struct http_request *request, const char *name, const char *value);

/* A file below a folder: with ETag, the type by its name, 304 for who has it; refuses 404 for what
 * is not there, is no regular file, begins with a dot, or tries to leave. "/" is index.html. */
#define HTTP_FILE_MAX (64 * 1024 * 1024)
void http_answer_file(struct http_request *request, int folder_fd, const char *path);

/* ---- streams ------------------------------------------------------------------------------------ */

/*
 * An answer without an end (server-sent events). It ends when the client goes, when it does not
 * read (more than HTTP_STREAM_MAX bytes waiting), or by http_stream_close. However it ends, `closed`
 * is called once, and the stream is gone thereafter.
 */
struct http_stream; /* opaque */

struct http_stream_events {
    void *to;
    void (*drained)(void *to, struct http_stream *stream); /* all that was put has been sent */
    void (*closed)(void *to, struct http_stream *stream, bool slow);
};

/* NULL when there is no memory; the request then was refused. */
struct http_stream *http_stream_new(struct http_request *request, const char *type,
                                    const struct http_stream_events *events);
void http_stream_put(struct http_stream *stream, struct bytes bytes);
size_t http_stream_waiting(const struct http_stream *stream); /* bytes not sent yet */
void http_stream_close(struct http_stream *stream);

#endif
