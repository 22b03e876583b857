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
 *   SCHEME://HOST:PORT     the schemes of the table in feed_url.c: what is sent and how it comes,
 *                          ais+udp, sbs+tcp, cot+tls, aircraft+http, gpsd, ...
 *   udp://, tcp://, tls:// anything; the format is told by ?format= or by the first bytes
 *
 * Datagrams are received here: HOST is an address of this machine (loopback if it is left out), or a
 * multicast group, which is joined. All others are called there; a port left out is the usual one.
 *
 * After "?", joined by "&": what the table of options in feed_url.c names. A path with a "?" needs
 * file:.
 */
enum feed_transport {
    FEED_FROM_FILE,
    FEED_FROM_UDP,
    FEED_FROM_TCP,
    FEED_FROM_HTTP,
    FEED_FROM_TLS,
};

#define FEED_URL_MAX   1024 /* bytes of the text with its NUL */
#define FEED_HOST_MAX  256
#define FEED_PATH_MAX  512 /* of a certificate's or key's file */
#define FEED_SPEED_MAX 1000000

/* Of TLS: PEM files. What is "" is: the system's authorities, no certificate of our own, the host. */
struct feed_tls {
    char ca[FEED_PATH_MAX];
    char certificate[FEED_PATH_MAX], key[FEED_PATH_MAX];
    char server[FEED_HOST_MAX]; /* the name that the server's certificate must have */
};

struct feed_url {
    enum feed_transport transport;
    char text[FEED_URL_MAX];
    char name
        [FEED_NAME_MAX]; /* what stands before the ids of its tracks; the file's or the host's */
    char path[FEED_URL_MAX];  /* of a file, "-" standard input; of a page with its "/" */
    char host[FEED_HOST_MAX]; /* without brackets */
    uint16_t port;
    enum feed_format format;
    const char *greeting; /* what is sent first; NULL nothing */
    int64_t speed;        /* 0: as fast as it goes */
    bool loop, simulated;
    bool gps_clock, at_known; /* as in struct feed_options */
    int32_t at_lat_e7, at_lon_e7;
    struct feed_tls tls;
};

/* EXIT_USAGE with one line that says what is expected. */
int feed_url_read(const char *text, struct feed_url *ret_url, struct err *err);

/* Whether its time is now, or that of its records (files, standard input). */
bool feed_url_is_live(const struct feed_url *url);

#endif
