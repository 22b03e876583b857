#ifndef CMD_FEEDS_H
#define CMD_FEEDS_H

#include "feed/feed.h"

/* What the commands that read feeds share. */

/* The table of classes in a CSV file; no path, no table. Lives in the arena. */
int feeds_classes(const char *path, struct arena *arena, const struct feed_classes **ret_classes,
                  struct err *err);

/* The value of --format; NULL leaves it to the feed. */
int feeds_format(const char *text, enum feed_format *ret_format, struct err *err);

/* ", 3 cut, 1 checksum" and the end of the line, on standard error. */
void feeds_print_skipped(const struct feed_counts *counts);

#endif
