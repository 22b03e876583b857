#include "cmd/feeds.h"

#include <inttypes.h>
#include <stdio.h>

#include "os/file.h"

#define CLASSES_BYTES ((size_t)64 << 20)

int feeds_classes(const char *path, struct arena *arena, const struct feed_classes **ret_classes,
                  struct err *err)
{
    struct bytes csv;
    if (!path || !*path)
        return 0;
    if (file_read(path, CLASSES_BYTES, arena, &csv, err))
        return ERR_FAIL;
    *ret_classes = feed_classes_new(csv, arena, err);
    return *ret_classes ? 0 : err_prefix(err, "%s", path);
}

int feeds_format(const char *text, enum feed_format *ret_format, struct err *err)
{
    *ret_format = FEED_AUTO;
    if (text && !feed_format_from_name(bytes_of(text), ret_format))
        return err_set(err, EXIT_USAGE, "--format %s: expected " FEED_FORMAT_NAMES, text);
    return 0;
}

void feeds_print_skipped(const struct feed_counts *counts)
{
    for (int skip = 0; skip < SKIP_COUNT; skip++)
        if (counts->skipped[skip])
            fprintf(stderr, ", %" PRIu64 " %s", counts->skipped[skip],
                    feed_skip_name((enum feed_skip)skip));
    fputc('\n', stderr);
}
