#ifndef OS_SOURCE_PARTS_H
#define OS_SOURCE_PARTS_H

#include <event2/event.h>

#include "base/arena.h"
#include "os/source.h"

/* The inside of source.h: what its transports share. */
#define READ_BYTES   65536
#define SOCKET_BYTES (256 * 1024) /* of one read from a socket */

struct bufferevent;
struct evdns_base;
struct evhttp_connection;

/* A file on the common line of time. */
struct replay_file {
    int fd;
    int64_t clock_us;          /* time of the last position that had one, shifted */
    int64_t first_us, last_us; /* of the file's own times */
    int64_t shift_us;          /* whole days that later rounds are moved by */
    size_t bytes_at, byte_count;
    size_t at, count; /* in positions */
    bool flushed;     /* the end was reached */
    bool anew;        /* a round begins: the hours since the last one are passed over */
    uint8_t bytes[READ_BYTES];
    struct position positions[SOURCE_BATCH];
};

struct source {
    struct sources *set;
    uint8_t index;
    struct feed_url url;
    struct arena arena; /* the decoder's */
    struct feed *feed;
    enum source_state state;
    struct source_counts counts;
    int64_t last_receive_us, last_fix_us;

    struct event *event;        /* datagrams, a pipe, the poll's or the backoff's timer */
    int fd;                     /* of datagrams and pipes; -1 none */
    struct bufferevent *stream; /* makes the connection; its descriptor is read by: */
    struct event *reading;
    struct datagrams *datagrams; /* NULL: none */
    struct tls *tls;             /* of source_tls.c; NULL: none */
    struct evhttp_connection *poll;
    int backoff_s;
    struct replay_file *file; /* NULL: none */
};

struct sources {
    struct event_base *base;
    struct evdns_base *dns; /* NULL until a name must be looked up */
    struct sources_options options;
    size_t count, ended_count;
    struct source sources[SOURCES_MAX];

    struct event *replay; /* the next position of all files is due */
    int64_t data0_us, steady0_us;
    struct position batch[SOURCE_BATCH];
    size_t batch_max;
    size_t batch_count; /* decoded and not given out: 0 between the loop's calls */
    uint8_t bytes[SOCKET_BYTES];
};

/*
 * Decodes; the receive time is now for live sources. Positions gather until the batch is full or
 * source_give, which every callback of the loop calls in the end.
 */
void source_take(struct source *source, struct bytes bytes);
void source_give(struct source *source);
void source_finish_record(struct source *source); /* a document ended */
void source_end(struct source *source);
void source_note(const struct source *source, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* One row a transport. */
void net_stop(struct source *source);
int udp_start(struct source *source, struct err *err);
int tcp_start(struct source *source, struct err *err);
int tls_start(struct source *source, struct err *err);
int poll_start(struct source *source, struct err *err);
int file_start(struct source *source, struct err *err); /* also pipes and standard input */

/* source_tls.c: a new connection's stream, NULL when there is no memory; what went wrong with it, or
 * NULL when that was nothing of TLS. */
struct bufferevent *tls_stream(struct source *source);
const char *tls_error(struct bufferevent *stream);
void tls_stop(struct source *source);

int replay_start(struct sources *sources, struct err *err); /* after all files are open */

#endif
