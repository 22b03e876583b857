#ifndef CMD_FEEDS_H
#define CMD_FEEDS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/position.h"
#include "feed/feed.h"

/*
 * Feeds of the command line: files, "-" for standard input, and URLs "file:PATH?format=F&speed=N".
 * Positions of several feeds come merged in order of time; each feed keeps its own order, and a
 * position without time stands with the last one of its feed that had one.
 */
#define FEEDS_MAX 16

struct feeds; /* opaque */

struct feeds_options {
    enum feed_format format;            /* of feeds that do not name theirs */
    const struct feed_classes *classes; /* NULL: none */
    bool zone_known;                    /* local times in feeds are zone_us ahead of UTC */
    int64_t zone_us;
};

/* Opens all. Errors name the feed: EXIT_NO_INPUT when it is not there, EXIT_USAGE for what is no
 * feed. */
struct feeds *feeds_open(char *const *urls, size_t count, const struct feeds_options *options,
                         struct arena *arena, struct err *err);
void feeds_close(struct feeds *feeds);

/*
 * The next positions, at most cap; *ret_count 0: all have ended. Waits where a feed gives its pace
 * (speed=1: as it was), and for bytes. A signal ends the wait and yields what there is, which may
 * be nothing: the caller knows. EXIT_IO when reading fails.
 */
int feeds_read(struct feeds *feeds, struct position *out, size_t cap, size_t *ret_count,
               struct err *err);

/* False where the next feeds_read may wait: what is printed so far should go out. */
bool feeds_ready(const struct feeds *feeds);

/* The feed that a position came from. */
const struct feed *feeds_of(const struct feeds *feeds, const struct position *position);

/* What each feed gave and what was skipped, in a line each on standard error. */
void feeds_report(const struct feeds *feeds);

/* EXIT_DATA when one of the feeds held records and not one of its format. */
int feeds_check(const struct feeds *feeds, struct err *err);

#endif
