#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/source_parts.h"

/* Sources on the network. A name is looked up on the loop; what breaks is tried again. */
#define DATAGRAM_BYTES  65536
#define DATAGRAMS       64 /* read at one call */
#define CALLS_A_GO      4  /* before others have their turn */
#define RECEIVE_BUFFER  (32 << 20)
#define SILENCE_S       60 /* a connection that says nothing for so long is made anew */
#define POLL_S          1
#define POLL_TIMEOUT_S  5
#define PORT_TEXT_BYTES 8

static void wait_and(struct source *source, int seconds, event_callback_fn then)
{
    struct timeval wait = {seconds, 0};
    if (!source->event)
        source->event = event_new(source->set->base, -1, 0, then, source);
    if (source->event)
        event_add(source->event, &wait);
}

/* 1, 2, 4 ... 30 seconds. */
static int backoff_next(struct source *source)
{
    int seconds = source->backoff_s ? source->backoff_s : 1;
    source->backoff_s = 2 * seconds < SOURCE_BACKOFF ? 2 * seconds : SOURCE_BACKOFF;
    return seconds;
}

static struct evdns_base *names_of(struct sources *sources)
{
    if (!sources->dns)
        sources->dns = evdns_base_new(sources->base, EVDNS_BASE_INITIALIZE_NAMESERVERS |
                                                         EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    return sources->dns;
}

/* ---- datagrams ---------------------------------------------------------------------------------- */

/* Memory for datagrams that are read at one call. The counter of those that found no room comes with
 * each of them. */
struct datagrams {
    struct mmsghdr messages[DATAGRAMS];
    struct iovec parts[DATAGRAMS];
    char control[DATAGRAMS][CMSG_SPACE(sizeof(uint32_t))];
    uint8_t bytes[DATAGRAMS][DATAGRAM_BYTES + 1];
};

static void datagrams_begin(struct datagrams *d)
{
    for (int i = 0; i < DATAGRAMS; i++) {
        d->parts[i] = (struct iovec){d->bytes[i], DATAGRAM_BYTES};
        d->messages[i].msg_hdr = (struct msghdr){.msg_iov = &d->parts[i],
                                                 .msg_iovlen = 1,
                                                 .msg_control = d->control[i],
                                                 .msg_controllen = sizeof d->control[i]};
    }
}

static void note_lost(struct source *source, struct msghdr *message)
{
    uint32_t lost;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
            memcpy(&lost, CMSG_DATA(c), sizeof lost);
            source->counts.lost = lost;
        }
}

/* Each datagram is whole records; the last line may lack its end. */
static void take_datagram(struct source *source, uint8_t *bytes, size_t n)
{
    if (n && bytes[n - 1] != '\n' && feed_format(source->feed) != FEED_BEAST)
        bytes[n++] = '\n';
    source_take(source, (struct bytes){bytes, n});
}

static void udp_read(evutil_socket_t fd, short what, void *to)
{
    struct source *source = to;
    struct datagrams *d = source->datagrams;
    int n = DATAGRAMS;
    (void)what;
    for (int calls = 0; calls < CALLS_A_GO && n == DATAGRAMS; calls++) {
        datagrams_begin(d);
        n = recvmmsg(fd, d->messages, DATAGRAMS, MSG_DONTWAIT, NULL);
        for (int i = 0; i < n; i++)
            take_datagram(source, d->bytes[i], d->messages[i].msg_len);
        if (n > 0)
            note_lost(source, &d->messages[n - 1].msg_hdr);
    }
    source_give(source);
}

static int fail_bind(const struct source *source, const char *why, struct err *err)
{
    return err_set(err, EXIT_UNAVAILABLE, "feed %s: cannot listen there: %s", source->url.text,
                   why);
}

/* Past the system's limit (net.core.rmem_max) where we may. */
static void make_room(int fd)
{
    int size = RECEIVE_BUFFER, on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
}

/* Where the address is a multicast group's, on the interface that the system would choose; others on
 * this machine may listen too. */
static int join_group(int fd, const struct sockaddr *address)
{
    const struct sockaddr_in *four = (const void *)address;
    const struct sockaddr_in6 *six = (const void *)address;
    int on = 1;
    if (address->sa_family == AF_INET && IN_MULTICAST(ntohl(four->sin_addr.s_addr))) {
        struct ip_mreq group = {.imr_multiaddr = four->sin_addr};
        return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
               setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group);
    }
    if (address->sa_family == AF_INET6 && IN6_IS_ADDR_MULTICAST(&six->sin6_addr)) {
        struct ipv6_mreq group = {.ipv6mr_multiaddr = six->sin6_addr};
        return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
               setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group, sizeof group);
    }
    return 0;
}

static int udp_bind(struct source *source, const struct addrinfo *address, struct err *err)
{
    source->datagrams = malloc(sizeof *source->datagrams);
    if (!source->datagrams)
        return fail_bind(source, "no memory", err);
    source->fd = socket(address->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (source->fd < 0)
        return fail_bind(source, strerror(errno), err);
    make_room(source->fd);
    if (join_group(source->fd, address->ai_addr))
        return fail_bind(source, strerror(errno), err);
    if (bind(source->fd, address->ai_addr, address->ai_addrlen))
        return fail_bind(source, strerror(errno), err);
    source->event =
        event_new(source->set->base, source->fd, EV_READ | EV_PERSIST, udp_read, source);
    if (!source->event || event_add(source->event, NULL))
        return fail_bind(source, "no event can be made", err);
    source->state = SOURCE_OPEN;
    return 0;
}

int udp_start(struct source *source, struct err *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST | AI_PASSIVE};
    struct addrinfo *address = NULL;
    char port[PORT_TEXT_BYTES];
    snprintf(port, sizeof port, "%u", source->url.port);
    int code = getaddrinfo(source->url.host, port, &hints, &address);
    if (code)
        return err_set(err, EXIT_USAGE, "feed %s: expected an address of this machine: %s",
                       source->url.text, gai_strerror(code));
    int failed = udp_bind(source, address, err);
    freeaddrinfo(address);
    return failed;
}

/* ---- connections -------------------------------------------------------------------------------- */

static void tcp_connect(struct source *source);

static void tcp_again(evutil_socket_t fd, short what, void *to)
{
    (void)fd;
    (void)what;
    tcp_connect(to);
}

static void tcp_drop(struct source *source)
{
    if (source->reading)
        event_free(source->reading);
    if (source->stream)
        bufferevent_free(source->stream);
    source->reading = NULL;
    source->stream = NULL;
}

static void tcp_lost(struct source *source, const char *why)
{
    int seconds = backoff_next(source);
    tcp_drop(source);
    source_finish_record(source);
    source->state = SOURCE_WAITING;
    source->counts.failures++;
    source_note(source, "%s; trying again in %d s", why, seconds);
    wait_and(source, seconds, tcp_again);
}

/* In pieces that a bufferevent would not take: it reads 4 KiB at a time. */
static void tcp_read(evutil_socket_t fd, short what, void *to)
{
    struct source *source = to;
    uint8_t *bytes = source->set->bytes;
    ssize_t n = recv(fd, bytes, SOCKET_BYTES, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        if (what & EV_TIMEOUT)
            tcp_lost(source, "nothing was heard for a minute");
        return;
    }
    if (n <= 0) {
        tcp_lost(source, n < 0 ? strerror(errno) : "the other side closed the connection");
        return;
    }
    source->backoff_s = 0;
    source_take(source, (struct bytes){bytes, (size_t)n});
    source_give(source);
}

/* What OpenSSL has deciphered. */
static void tls_read(struct bufferevent *stream, void *to)
{
    struct source *source = to;
    uint8_t *bytes = source->set->bytes;
    size_t n;
    source->backoff_s = 0;
    while ((n = bufferevent_read(stream, bytes, SOCKET_BYTES)) > 0)
        source_take(source, (struct bytes){bytes, n});
    source_give(source);
}

/* From here on we read the socket ourselves. */
static int read_socket(struct source *source)
{
    struct timeval silence = {SILENCE_S, 0};
    evutil_socket_t fd = bufferevent_getfd(source->stream);
    const char *greeting = source->url.greeting;
    bufferevent_disable(source->stream, EV_READ | EV_WRITE);
    if (greeting && send(fd, greeting, strlen(greeting), MSG_NOSIGNAL) < 0)
        return ERR_FAIL;
    source->reading = event_new(source->set->base, fd, EV_READ | EV_PERSIST, tcp_read, source);
    return source->reading ? event_add(source->reading, &silence) : ERR_FAIL;
}

static int read_tls(struct source *source)
{
    struct timeval silence = {SILENCE_S, 0};
    bufferevent_set_timeouts(source->stream, &silence, NULL);
    return bufferevent_enable(source->stream, EV_READ);
}

static void tcp_connected(struct source *source)
{
    if (source->tls ? read_tls(source) : read_socket(source)) {
        tcp_lost(source, "it cannot be read");
        return;
    }
    source->state = SOURCE_OPEN;
    source->counts.connects++;
    source_note(source, "connected");
}

static void tcp_event(struct bufferevent *stream, short what, void *to)
{
    struct source *source = to;
    if (what & BEV_EVENT_CONNECTED) {
        tcp_connected(source);
        return;
    }
    int dns = bufferevent_socket_get_dns_error(stream);
    const char *tls = source->tls ? tls_error(stream) : NULL;
    tcp_lost(source, tls                        ? tls
                     : what & BEV_EVENT_EOF     ? "the other side closed the connection"
                     : what & BEV_EVENT_TIMEOUT ? "nothing was heard for a minute"
                     : dns                      ? evutil_gai_strerror(dns)
                                                : evutil_socket_error_to_string(errno));
}

static void tcp_connect(struct source *source)
{
    const struct feed_url *url = &source->url;
    struct timeval patience = {SILENCE_S / 2, 0};
    source->stream = source->tls
                         ? tls_stream(source)
                         : bufferevent_socket_new(source->set->base, -1, BEV_OPT_CLOSE_ON_FREE);
    if (!source->stream) {
        tcp_lost(source, "no memory");
        return;
    }
    bufferevent_setcb(source->stream, source->tls ? tls_read : NULL, NULL, tcp_event, source);
    bufferevent_set_timeouts(source->stream, &patience, &patience);
    bufferevent_socket_connect_hostname(source->stream, names_of(source->set), AF_UNSPEC, url->host,
                                        url->port);
}

int tcp_start(struct source *source, struct err *err)
{
    if (!names_of(source->set))
        return err_set(err, EXIT_UNAVAILABLE, "feed %s: names cannot be looked up",
                       source->url.text);
    wait_and(source, 0, tcp_again);
    return 0;
}

/* ---- pages asked for each second ---------------------------------------------------------------- */

static void poll_ask(evutil_socket_t fd, short what, void *to);

static void poll_lost(struct source *source, const char *why)
{
    int seconds = backoff_next(source);
    if (source->state == SOURCE_OPEN || source->counts.failures == 0)
        source_note(source, "%s; trying again in %d s", why, seconds);
    source->state = SOURCE_WAITING;
    source->counts.failures++;
    wait_and(source, seconds, poll_ask);
}

static void poll_take(struct source *source, struct evbuffer *body)
{
    size_t n = evbuffer_get_length(body);
    source_take(source, (struct bytes){evbuffer_pullup(body, -1), n});
    source_finish_record(source);
    source->backoff_s = 0;
    wait_and(source, POLL_S, poll_ask);
}

static void poll_done(struct evhttp_request *request, void *to)
{
    struct source *source = to;
    int status = request ? evhttp_request_get_response_code(request) : 0;
    char why[64];
    source->poll = NULL; /* frees itself */
    snprintf(why, sizeof why, status ? "it answered with status %d" : "it does not answer", status);
    if (status != HTTP_OK)
        poll_lost(source, why);
    else
        poll_take(source, evhttp_request_get_input_buffer(request));
}

static struct evhttp_request *poll_request(struct source *source)
{
    struct evhttp_request *request = evhttp_request_new(poll_done, source);
    if (!request)
        return NULL;
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    evhttp_add_header(headers, "Host", source->url.host);
    evhttp_add_header(headers, "Connection", "close");
    return request;
}

static void poll_ask(evutil_socket_t fd, short what, void *to)
{
    struct source *source = to;
    (void)fd;
    (void)what;
    source->poll = evhttp_connection_base_new(source->set->base, names_of(source->set),
                                              source->url.host, source->url.port);
    struct evhttp_request *request = source->poll ? poll_request(source) : NULL;
    if (!request) {
        poll_lost(source, "no memory");
        return;
    }
    evhttp_connection_set_timeout(source->poll, POLL_TIMEOUT_S);
    evhttp_connection_set_max_body_size(source->poll, FEED_DOCUMENT_MAX);
    evhttp_connection_free_on_completion(source->poll);
    if (evhttp_make_request(source->poll, request, EVHTTP_REQ_GET, source->url.path)) {
        evhttp_connection_free(source->poll);
        source->poll = NULL;
        poll_lost(source, "it cannot be asked");
    }
}

int poll_start(struct source *source, struct err *err)
{
    if (!names_of(source->set))
        return err_set(err, EXIT_UNAVAILABLE, "feed %s: names cannot be looked up",
                       source->url.text);
    wait_and(source, 0, poll_ask);
    return 0;
}

/* ---- ending ------------------------------------------------------------------------------------- */

void net_stop(struct source *source)
{
    if (source->poll)
        evhttp_connection_free(source->poll);
    tcp_drop(source);
    tls_stop(source);
    free(source->datagrams);
}
