#ifndef OS_FEED_URL_H
#define OS_FEED_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "feed/feed.h"

/*
 * Where a feed comes from, as people write it:
 *
 *   PATH, file:PATH        a file, replayed (a pipe is read as it comes); - is standard input
 *   ais+udp://[HOST]:PORT  AIS sentences in datagrams; bound to loopback unless HOST says else
 *   ais+tcp://HOST:PORT    AIS sentences from a server
 *   sbs+tcp://HOST:PORT    BaseStation lines (port 30003)
 *   aircraft+http://HOST[:PORT]/PATH   aircraft.json, asked for each second
 *   udp://, tcp://         anything; the format is told by ?format= or by the first bytes
 *
 * After "?", joined by "&": format=NAME, simulated=1, name=NAME, and for files speed=N (N times as
 * fast as it was; without it as fast as it goes) and loop=1 (begins anew at its end, whole days
 * later). A path with a "?" needs file:.
 */
enum feed_transport { FEED_FROM_FILE, FEED_FROM_UDP, FEED_FROM_TCP, FEED_FROM_HTTP };

#define FEED_URL_MAX   1024 /* bytes of the text with its NUL */
#define FEED_HOST_MAX  256
#define FEED_SPEED_MAX 1000000

struct feed_url {
    enum feed_transport transport;
    char text[FEED_URL_MAX];
    char name
        [FEED_NAME_MAX]; /* what stands before the ids of its tracks; the file's or the host's */
    char path[FEED_URL_MAX];  /* of a file, "-" standard input; of a page with its "/" */
    char host[FEED_HOST_MAX]; /* without brackets */
    uint16_t port;
    enum feed_format format;
    int64_t speed; /* 0: as fast as it goes */
    bool loop, simulated;
};

/* EXIT_USAGE with one line that says what is expected. */
int feed_url_read(const char *text, struct feed_url *ret_url, struct err *err);

/* Whether its time is now, or that of its records (files, standard input). */
bool feed_url_is_live(const struct feed_url *url);

#endif
