#include "os/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "base/json.h"
#include "os/clock.h"
#include "os/http_parts.h"

#define REASON_BYTES  320
#define REFUSAL_BYTES 2400
#define SWEEP_MS      250
#define POLICY                                                                                     \
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "           \
    "worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; "            \
    "form-action 'self'; frame-ancestors 'none'"

/* ---- connections -------------------------------------------------------------------------------- */

struct connection *connection_find(const struct http_server *server, struct evhttp_connection *raw)
{
    struct bufferevent *bytes = evhttp_connection_get_bufferevent(raw);
    struct connection *c = server->connections;
    while (c && c->bytes != bytes)
        c = c->next;
    return c;
}

/* evhttp has not let go of it: its descriptor is its own. */
static bool is_open(const struct connection *connection)
{
    bufferevent_data_cb read, write;
    bufferevent_event_cb event;
    void *to;
    bufferevent_getcb(connection->bytes, &read, &write, &event, &to);
    return read || write || event;
}

/* The loop sees the end and takes it down in order. */
void connection_cut(struct connection *connection)
{
    if (is_open(connection))
        shutdown(bufferevent_getfd(connection->bytes), SHUT_RDWR);
}

/* The first byte of a request starts its clock; evhttp's own only runs while nothing comes. */
static void on_bytes(struct evbuffer *input, const struct evbuffer_cb_info *info, void *to)
{
    struct connection *connection = to;
    int on = 1;
    (void)input;
    if (info->n_added == 0 || connection->begun_us)
        return;
    connection->begun_us = clock_steady_us();
    setsockopt(bufferevent_getfd(connection->bytes), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void connection_free(struct connection *connection)
{
    struct connection **at = &connection->server->connections;
    while (*at != connection)
        at = &(*at)->next;
    *at = connection->next;
    connection->server->counts.connections--;
    if (connection->stream)
        stream_ended(connection->stream);
    evbuffer_remove_cb(bufferevent_get_input(connection->bytes), on_bytes, connection);
    bufferevent_decref(connection->bytes);
    free(connection);
}

static void on_closed(struct evhttp_connection *raw, void *to)
{
    (void)raw;
    connection_free(to);
}

/* Makes the bytes of a connection that was just accepted. */
static struct bufferevent *on_accept(struct event_base *base, void *to)
{
    struct http_server *server = to;
    struct connection *c = calloc(1, sizeof *c);
    struct bufferevent *bytes = c ? bufferevent_socket_new(base, -1, 0) : NULL;
    if (!bytes || !evbuffer_add_cb(bufferevent_get_input(bytes), on_bytes, c)) {
        free(c);
        return bytes;
    }
    bufferevent_setwatermark(bytes, EV_READ, 0, HTTP_INPUT_MAX);
    bufferevent_incref(bytes);
    c->server = server;
    c->bytes = bytes;
    c->crowded = server->counts.connections >= HTTP_CONNECTIONS_MAX;
    c->next = server->connections;
    server->connections = c;
    server->counts.connections++;
    server->counts.crowded += c->crowded;
    return bytes;
}

static void connection_look(struct connection *connection, int64_t now_us)
{
    bool late =
        connection->begun_us && now_us - connection->begun_us > (int64_t)HTTP_REQUEST_S * 1000000;
    if (!is_open(connection)) {
        connection_free(connection);
        return;
    }
    connection->server->counts.late += late;
    if (late || connection->crowded)
        connection_cut(connection);
    if (late)
        connection->begun_us = 0;
}

static void on_sweep(evutil_socket_t fd, short what, void *to)
{
    struct http_server *server = to;
    int64_t now_us = clock_steady_us();
    (void)fd;
    (void)what;
    for (struct connection *c = server->connections, *next; c; c = next) {
        next = c->next;
        connection_look(c, now_us);
    }
}

/* ---- who asks ----------------------------------------------------------------------------------- */

/* The name in a Host or an Origin, without its port: loopback, or where we listen. */
static bool is_own_name(const struct http_server *server, struct bytes host)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    size_t n = host.n;
    while (n && host.p[n - 1] >= '0' && host.p[n - 1] <= '9')
        n--;
    if (n && host.p[n - 1] == ':' && (host.p[0] != '[' || host.p[n - 2] == ']'))
        host.n = n - 1;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (bytes_is(host, names[i]))
            return true;
    return bytes_is(host, server->options.address);
}

static bool is_own_host(const struct http_server *server, const char *host)
{
    return !host || is_own_name(server, bytes_of(host));
}

static bool is_own_origin(const struct http_server *server, const char *origin)
{
    static const char scheme[] = "http://";
    size_t n = sizeof scheme - 1;
    if (!origin)
        return true;
    return strncmp(origin, scheme, n) == 0 && is_own_name(server, bytes_of(origin + n));
}

static bool is_json(const char *type)
{
    static const char json[] = "application/json";
    size_t n = sizeof json - 1;
    return type && strncasecmp(type, json, n) == 0 &&
           (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

/* True: the request was refused. */
static bool refuse_stranger(struct http_request *request)
{
    bool posts = http_method(request) == HTTP_POST;
    request->server->counts.refused++;
    if (!is_own_host(request->server, http_header(request, "Host")))
        http_refuse(request, 421, "this node does not go by that name; ask for 127.0.0.1");
    else if (posts && !is_own_origin(request->server, http_header(request, "Origin")))
        http_refuse(request, 403, "pages from elsewhere may not write here");
    else if (posts && !is_json(http_header(request, "Content-Type")))
        http_refuse(request, 415, "expected Content-Type: application/json");
    else
        request->server->counts.refused--;
    return request->answered;
}

/* ---- one request -------------------------------------------------------------------------------- */

/* Its path and query, taken apart. False: they are none. */
static bool take_uri(struct http_request *request)
{
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request->raw);
    const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
    const char *query = uri ? evhttp_uri_get_query(uri) : NULL;
    size_t n = 0;
    char *decoded = path && *path == '/' ? evhttp_uridecode(path, 0, &n) : NULL;
    bool fine = decoded && n < sizeof request->path && strlen(decoded) == n;
    if (fine)
        memcpy(request->path, decoded, n + 1);
    free(decoded);
    return fine && (!query || evhttp_parse_query_str(query, &request->query) == 0);
}

/* The request is whole; from now on evhttp tells of the connection's end. */
static void note_whole(struct http_server *server, struct evhttp_connection *raw)
{
    struct connection *connection = connection_find(server, raw);
    if (!connection)
        return;
    connection->begun_us = 0;
    if (!connection->tells)
        evhttp_connection_set_closecb(raw, on_closed, connection);
    connection->tells = true;
}

static void on_request(struct evhttp_request *raw, void *to)
{
    struct http_request request = {.server = to, .raw = raw};
    request.server->counts.requests++;
    note_whole(to, evhttp_request_get_connection(raw));
    TAILQ_INIT(&request.query);
    if (!take_uri(&request))
        http_refuse(&request, 400, "the address is not understood");
    else if (!refuse_stranger(&request))
        request.server->options.handle(request.server->options.to, &request);
    if (!request.answered)
        http_refuse(&request, 500, "no answer was made");
    evhttp_clear_headers(&request.query);
}

enum http_method http_method(const struct http_request *request)
{
    return evhttp_request_get_command(request->raw) == EVHTTP_REQ_POST ? HTTP_POST : HTTP_GET;
}

const char *http_path(const struct http_request *request)
{
    return request->path;
}

const char *http_query(const struct http_request *request, const char *key)
{
    return evhttp_find_header(&request->query, key);
}

const char *http_header(const struct http_request *request, const char *name)
{
    return evhttp_find_header(evhttp_request_get_input_headers(request->raw), name);
}

struct bytes http_body(const struct http_request *request)
{
    struct evbuffer *body = evhttp_request_get_input_buffer(request->raw);
    return (struct bytes){evbuffer_pullup(body, -1), evbuffer_get_length(body)};
}

/* ---- answers ------------------------------------------------------------------------------------ */

static const struct phrase {
    int status;
    const char *text;
} phrases[] = {{200, "OK"},
               {304, "Not Modified"},
               {400, "Bad Request"},
               {403, "Forbidden"},
               {404, "Not Found"},
               {405, "Method Not Allowed"},
               {409, "Conflict"},
               {413, "Content Too Large"},
               {415, "Unsupported Media Type"},
               {421, "Misdirected Request"},
               {500, "Internal Server Error"},
               {503, "Service Unavailable"}};

static const char *phrase_of(int status)
{
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
        if (phrases[i].status == status)
            return phrases[i].text;
    return "Answer";
}

void http_add_header(struct http_request *request, const char *name, const char *value)
{
    evhttp_add_header(evhttp_request_get_output_headers(request->raw), name, value);
}

void http_common_headers(struct http_request *request, const char *type)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request->raw);
    evhttp_add_header(headers, "Content-Type", type);
    evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
    evhttp_add_header(headers, "Referrer-Policy", "no-referrer");
    evhttp_add_header(headers, "Cross-Origin-Resource-Policy", "same-origin");
    evhttp_add_header(headers, "Content-Security-Policy", POLICY);
    if (!evhttp_find_header(headers, "Cache-Control"))
        evhttp_add_header(headers, "Cache-Control", "no-store");
}

void http_send(struct http_request *request, int status, struct evbuffer *body)
{
    request->answered = true;
    evhttp_send_reply(request->raw, status, phrase_of(status), body);
}

void http_answer(struct http_request *request, int status, const char *type, struct bytes body)
{
    struct evbuffer *buffer = evbuffer_new();
    http_common_headers(request, type);
    if (!buffer || evbuffer_add(buffer, body.p, body.n)) {
        http_send(request, 503, NULL);
    } else {
        http_send(request, status, buffer);
    }
    if (buffer)
        evbuffer_free(buffer);
}

void http_refuse(struct http_request *request, int status, const char *format, ...)
{
    char memory[REFUSAL_BYTES], reason[REASON_BYTES];
    struct json_out out;
    struct buf buf;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    buf_init(&buf, memory, sizeof memory);
    json_out_init(&out, &buf);
    json_begin(&out, '{');
    json_key(&out, "error");
    json_begin(&out, '{');
    json_key(&out, "status");
    json_put_int(&out, status);
    json_key(&out, "reason");
    json_put_text(&out, reason);
    json_end(&out, '}');
    json_end(&out, '}');
    http_answer(request, status, "application/json", (struct bytes){(uint8_t *)buf.p, buf.n});
}

/* ---- the server --------------------------------------------------------------------------------- */

static bool is_loopback(const char *address)
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, address, &four) == 1)
        return (ntohl(four.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, address, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static uint16_t port_of(evutil_socket_t fd)
{
    struct sockaddr_storage address = {0};
    socklen_t n = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &n))
        return 0;
    return ntohs(address.ss_family == AF_INET6
                     ? ((struct sockaddr_in6 *)(void *)&address)->sin6_port
                     : ((struct sockaddr_in *)(void *)&address)->sin_port);
}

static void set_limits(struct http_server *server)
{
    evhttp_set_allowed_methods(server->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST);
    evhttp_set_max_headers_size(server->http, HTTP_HEAD_MAX);
    evhttp_set_max_body_size(server->http, HTTP_BODY_MAX);
    evhttp_set_timeout(server->http, HTTP_IDLE_S);
    evhttp_set_bevcb(server->http, on_accept, server);
    evhttp_set_gencb(server->http, on_request, server);
}

static int http_bind(struct http_server *server, struct err *err)
{
    const struct http_options *options = &server->options;
    struct evhttp_bound_socket *bound =
        evhttp_bind_socket_with_handle(server->http, options->address, options->port);
    if (!bound)
        return err_set(err, EXIT_UNAVAILABLE,
                       "cannot listen on %s port %u: %s; choose another by "
                       "--port",
                       options->address, options->port, strerror(errno));
    server->port = port_of(evhttp_bound_socket_get_fd(bound));
    return 0;
}

static int start_sweep(struct http_server *server, struct err *err)
{
    struct timeval every = {0, SWEEP_MS * 1000};
    server->sweep = event_new(server->base, -1, EV_PERSIST, on_sweep, server);
    if (!server->sweep || event_add(server->sweep, &every))
        return err_set(err, EXIT_UNAVAILABLE, "no memory for a server");
    return 0;
}

struct http_server *http_new(struct event_base *base, const struct http_options *options,
                             struct err *err)
{
    if (!is_loopback(options->address)) {
        err_set(err, EXIT_USAGE,
                "%s: expected a loopback address such as 127.0.0.1: what leaves this machine needs "
                "TLS, so put a proxy that speaks it in front",
                options->address);
        return NULL;
    }
    struct http_server *server = calloc(1, sizeof *server);
    if (!server || !(server->http = evhttp_new(base))) {
        err_set(err, EXIT_UNAVAILABLE, "no memory for a server");
        free(server);
        return NULL;
    }
    server->base = base;
    server->options = *options;
    set_limits(server);
    if (start_sweep(server, err) || http_bind(server, err)) {
        http_free(server);
        return NULL;
    }
    return server;
}

void http_free(struct http_server *server)
{
    if (!server)
        return;
    server->closing = true;
    evhttp_free(server->http);
    while (server->connections)
        connection_free(server->connections);
    if (server->sweep)
        event_free(server->sweep);
    free(server);
}

uint16_t http_port(const struct http_server *server)
{
    return server->port;
}

const struct http_counts *http_counts(const struct http_server *server)
{
    return &server->counts;
}
