#ifndef OS_SOURCE_H
#define OS_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "feed/feed.h"
#include "os/feed_url.h"

struct event_base;

/*
 * Sources: feeds on the event loop, bytes in, positions out. Each source reads its file or socket
 * and hands the bytes with the time of their receipt to a decoder of its own (feed/feed.h); a TCP
 * source connects again by itself. Files are replayed on one common line of time: the next position
 * of all of them goes out first, when it is due.
 *
 *             start           connected, bound
 *   (none) ---------> waiting ----------------> open --- end of file ---> ended
 *                       ^                         |
 *                       `--- backoff 1..30 s <----'  connection lost, nothing heard
 *
 * Everything runs on the thread of the loop. Callbacks come from the loop only, never from within
 * sources_new.
 */
#define SOURCES_MAX    16
#define SOURCE_BATCH   4096 /* most positions at a call */
#define SOURCE_BACKOFF 30   /* seconds, the longest wait before another attempt */

enum source_state { SOURCE_WAITING, SOURCE_OPEN, SOURCE_ENDED };

struct source_counts {
    uint64_t bytes, receipts; /* what came */
    uint64_t positions;       /* given out; a replay has decoded more */
    uint64_t connects;        /* connections that stood */
    uint64_t failures;        /* attempts and connections that broke */
    uint64_t reading;         /* errors of reading a file */
    uint64_t lost;            /* datagrams for which the system had no room */
};

struct sources; /* opaque */

struct sources_options {
    const struct feed_classes *classes; /* NULL: none; outlives the sources */
    bool zone_known;                    /* local times in feeds are zone_us ahead of UTC */
    int64_t zone_us;
    /* Positions at a call, 1 .. SOURCE_BATCH; 0: SOURCE_BATCH. What a feed tells of a track in a later
     * record does not reach positions of an earlier call. */
    size_t batch;
    void *to; /* the callbacks' */
    /* position.source is the index of the source. */
    void (*positions)(void *to, const struct position *positions, size_t count);
    void (*ended)(void *to); /* once, when all sources have ended; live ones never do */
    void (*note)(void *to, const char *text); /* a line for the log */
    /* Of sources_run only; each may be NULL. */
    void (*begun)(void *to, const struct sources *sources); /* before anything comes */
    void (*idle)(void *to);                                 /* every 100 ms */
};

/* Errors name the feed: EXIT_NO_INPUT a file that is not there, EXIT_UNAVAILABLE a port that cannot
 * be bound, EXIT_USAGE live feeds and files at once. */
struct sources *sources_new(struct event_base *base, const struct feed_url *urls, size_t count,
                            const struct sources_options *options, struct err *err);
void sources_free(struct sources *sources);

size_t sources_count(const struct sources *sources);
bool sources_are_live(const struct sources *sources);

/* What is known of one source. Valid until sources_free. */
const struct feed_url *source_url(const struct sources *sources, size_t index);
const struct feed *source_feed(const struct sources *sources, size_t index);
const struct source_counts *source_counts(const struct sources *sources, size_t index);
enum source_state source_state(const struct sources *sources, size_t index);
int64_t source_last_receive_us(const struct sources *sources, size_t index);
int64_t source_last_fix_us(const struct sources *sources, size_t index);
const char *source_state_name(enum source_state state); /* "waiting", "open", "ended" */

/*
 * For commands without a loop of their own: runs until all sources have ended or *stop is set
 * (looked at every 100 ms). The sources are made, run and freed; `see` is called after they were
 * run and before they are freed, to report counts.
 */
int sources_run(const struct feed_url *urls, size_t count, const struct sources_options *options,
                const volatile int *stop, void (*see)(void *to, const struct sources *sources),
                struct err *err);

#endif
