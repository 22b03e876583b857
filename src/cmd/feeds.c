#include "cmd/feeds.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define READ_BYTES    65536
#define POSITIONS_MAX 1 /* what a feed tells later of a track does not reach a position before it */
#define PATH_BYTES    4096
#define SPEED_MAX     1000000

struct input {
    char path[PATH_BYTES]; /* "-": standard input */
    int fd;
    struct feed *feed;
    int64_t speed;              /* 0: as fast as it goes */
    int64_t clock_us, paced_us; /* time of the last position that had one; waited for up to there */
    size_t bytes_at, byte_count;
    size_t at, count; /* in positions */
    bool ended;
    uint8_t bytes[READ_BYTES];
    struct position positions[POSITIONS_MAX];
};

struct feeds {
    struct input *inputs;
    size_t count;
};

/* ---- opening ----------------------------------------------------------------------------------- */

/* One "key=value" of a feed's URL. */
static int take_option(struct input *input, struct bytes option, struct feed_options *feed,
                       struct err *err)
{
    struct bytes value = {option.p, option.n};
    if (bytes_starts(option, "format=")) {
        value = (struct bytes){option.p + 7, option.n - 7};
        if (feed_format_from_name(value, &feed->format))
            return 0;
    } else if (bytes_starts(option, "speed=")) {
        value = (struct bytes){option.p + 6, option.n - 6};
        if (bytes_int64(value, &input->speed) && input->speed > 0 && input->speed <= SPEED_MAX)
            return 0;
    }
    return err_set(err, EXIT_USAGE, "feed %s: \"%.*s\" is not format=NAME or speed=1..%d",
                   input->path, (int)option.n, (const char *)option.p, SPEED_MAX);
}

static int take_options(struct input *input, const char *text, struct feed_options *feed,
                        struct err *err)
{
    while (*text) {
        size_t n = strcspn(text, "&");
        if (take_option(input, (struct bytes){(const uint8_t *)text, n}, feed, err))
            return ERR_FAIL;
        text += n + (text[n] == '&');
    }
    return 0;
}

/* "SCHEME://" of a feed that is no file. */
static bool is_live(const char *url)
{
    const char *colon = strstr(url, "://");
    return colon && strspn(url, "abcdefghijklmnopqrstuvwxyz0123456789+.-") == (size_t)(colon - url);
}

static int take_url(struct input *input, const char *url, struct feed_options *feed,
                    struct err *err)
{
    bool is_url = strncmp(url, "file:", 5) == 0;
    const char *path = is_url ? url + 5 : url;
    size_t n = is_url ? strcspn(path, "?") : strlen(path);
    if (!is_url && is_live(url))
        return err_set(err, EXIT_USAGE,
                       "feed %s: this is not a file; detente serve takes live feeds", url);
    if (n == 0 || n >= sizeof input->path)
        return err_set(err, EXIT_USAGE, "feed %s: expected a path of 1 to %d bytes", url,
                       PATH_BYTES - 1);
    memcpy(input->path, path, n);
    input->path[n] = '\0';
    return path[n] == '?' ? take_options(input, path + n + 1, feed, err) : 0;
}

/* The only place where bytes come from. */
static int input_open(struct input *input, struct err *err)
{
    input->fd =
        strcmp(input->path, "-") == 0 ? STDIN_FILENO : open(input->path, O_RDONLY | O_CLOEXEC);
    if (input->fd < 0)
        return err_set(err, EXIT_NO_INPUT, "feed %s: %s", input->path, strerror(errno));
    return 0;
}

/* What stands before the id of tracks that have no space of their own: the file's name. */
static void name_feed(const struct input *input, char name[FEED_NAME_MAX])
{
    const char *slash = strrchr(input->path, '/');
    const char *base = slash ? slash + 1 : input->path;
    size_t n = strcspn(base, ".");
    if (strcmp(base, "-") == 0 || n == 0) {
        base = "stdin";
        n = 5;
    }
    bytes_copy_text((struct bytes){(const uint8_t *)base, n}, name, FEED_NAME_MAX);
}

static int input_start(struct input *input, const char *url, uint8_t number,
                       const struct feeds_options *options, struct arena *arena, struct err *err)
{
    struct feed_options feed = {.format = options->format,
                                .source = number,
                                .classes = options->classes,
                                .zone_known = options->zone_known,
                                .zone_us = options->zone_us};
    input->fd = -1;
    input->clock_us = input->paced_us = TIME_UNKNOWN;
    if (take_url(input, url, &feed, err) || input_open(input, err))
        return ERR_FAIL;
    name_feed(input, feed.name);
    input->feed = feed_new(&feed, arena, err);
    return input->feed ? 0 : err_prefix(err, "feed %s", input->path);
}

struct feeds *feeds_open(char *const *urls, size_t count, const struct feeds_options *options,
                         struct arena *arena, struct err *err)
{
    struct feeds *feeds = ARENA_ARRAY(arena, struct feeds, 1);
    if (count < 1 || count > FEEDS_MAX) {
        err_set(err, EXIT_USAGE, "1 to %d feeds are expected", FEEDS_MAX);
        return NULL;
    }
    if (!feeds || !(feeds->inputs = ARENA_ARRAY(arena, struct input, count))) {
        err_set(err, EXIT_CONFIG, "no memory for %zu feeds", count);
        return NULL;
    }
    for (; feeds->count < count; feeds->count++)
        if (input_start(&feeds->inputs[feeds->count], urls[feeds->count], (uint8_t)feeds->count,
                        options, arena, err)) {
            feeds->count++;
            feeds_close(feeds);
            return NULL;
        }
    return feeds;
}

void feeds_close(struct feeds *feeds)
{
    for (size_t i = 0; i < feeds->count; i++)
        if (feeds->inputs[i].fd > STDIN_FILENO)
            close(feeds->inputs[i].fd);
}

/* ---- reading ----------------------------------------------------------------------------------- */

static void input_push(struct input *input)
{
    size_t used;
    struct bytes rest = {input->bytes + input->bytes_at, input->byte_count - input->bytes_at};
    feed_push(input->feed, rest, TIME_UNKNOWN, input->positions, POSITIONS_MAX, &used,
              &input->count);
    input->bytes_at += used;
}

/* Makes a position stand ready, unless the feed has ended or a signal came. */
static int input_fill(struct input *input, bool *ret_broken, struct err *err)
{
    while (input->at == input->count && !input->ended) {
        input->at = input->count = 0;
        if (input->bytes_at < input->byte_count) {
            input_push(input);
            continue;
        }
        ssize_t n = read(input->fd, input->bytes, READ_BYTES);
        if (n < 0 && errno == EINTR) {
            *ret_broken = true;
            return 0;
        }
        if (n < 0)
            return err_set(err, EXIT_IO, "feed %s: %s", input->path, strerror(errno));
        input->bytes_at = 0;
        input->byte_count = (size_t)n;
        if (n == 0)
            feed_flush(input->feed, TIME_UNKNOWN, input->positions, POSITIONS_MAX, &input->count);
        input->ended = n == 0 && input->count == 0;
    }
    return 0;
}

/* Where the feed's next position stands in time. */
static int64_t input_key(const struct input *input)
{
    int64_t time_us = input->positions[input->at].time_us;
    return time_us == TIME_UNKNOWN || time_us < input->clock_us ? input->clock_us : time_us;
}

/* The feed whose position comes next; among equals the one named first. NULL: all have ended, or a
 * signal came. */
static int feeds_next(struct feeds *feeds, struct input **ret_next, struct err *err)
{
    struct input *next = NULL;
    bool broken = false;
    *ret_next = NULL;
    for (size_t i = 0; i < feeds->count; i++) {
        struct input *input = &feeds->inputs[i];
        if (input_fill(input, &broken, err))
            return ERR_FAIL;
        if (broken)
            return 0;
        if (input->at < input->count && (!next || input_key(input) < input_key(next)))
            next = input;
    }
    *ret_next = next;
    return 0;
}

/* Microseconds to wait before the feed's next position. */
static int64_t input_wait(const struct input *input)
{
    int64_t key = input_key(input);
    if (!input->speed || key == TIME_UNKNOWN || input->paced_us == TIME_UNKNOWN)
        return 0;
    return key > input->paced_us ? (key - input->paced_us) / input->speed : 0;
}

/* False: a signal came. */
static bool input_sleep(struct input *input)
{
    int64_t wait_us = input_wait(input);
    struct timespec wait = {wait_us / TIME_SECOND, wait_us % TIME_SECOND * 1000};
    input->paced_us = input_key(input);
    return nanosleep(&wait, NULL) == 0;
}

static void input_take(struct input *input, struct position *out)
{
    *out = input->positions[input->at];
    input->clock_us = input_key(input);
    input->at++;
}

int feeds_read(struct feeds *feeds, struct position *out, size_t cap, size_t *ret_count,
               struct err *err)
{
    size_t count = 0;
    while (count < cap) {
        struct input *next;
        if (feeds_next(feeds, &next, err))
            return ERR_FAIL;
        if (!next || (input_wait(next) > 0 && count > 0))
            break; /* what is there goes out before the wait */
        if (next->speed && !input_sleep(next))
            break;
        input_take(next, &out[count++]);
    }
    *ret_count = count;
    return 0;
}

static bool input_ready(const struct input *input)
{
    bool held = input->at < input->count || input->bytes_at < input->byte_count;
    return input->ended || (held && !input->speed);
}

bool feeds_ready(const struct feeds *feeds)
{
    for (size_t i = 0; i < feeds->count; i++)
        if (!input_ready(&feeds->inputs[i]))
            return false;
    return true;
}

/* ---- what they were ---------------------------------------------------------------------------- */

const struct feed *feeds_of(const struct feeds *feeds, const struct position *position)
{
    return feeds->inputs[position->source].feed;
}

void feeds_report(const struct feeds *feeds)
{
    for (size_t i = 0; i < feeds->count; i++) {
        const struct input *input = &feeds->inputs[i];
        const struct feed_counts *counts = feed_counts(input->feed);
        fprintf(stderr,
                "feed %s: %s, %" PRIu64 " records: %" PRIu64 " used (%" PRIu64
                " positions, %" PRIu64 " identities), %" PRIu64 " other",
                input->path, feed_format_name(feed_format(input->feed)), counts->records,
                counts->used, counts->positions, counts->identities, counts->other);
        for (int skip = 0; skip < SKIP_COUNT; skip++)
            if (counts->skipped[skip])
                fprintf(stderr, ", %" PRIu64 " %s", counts->skipped[skip],
                        feed_skip_name((enum feed_skip)skip));
        fputc('\n', stderr);
    }
}

int feeds_check(const struct feeds *feeds, struct err *err)
{
    for (size_t i = 0; i < feeds->count; i++) {
        if (feed_is_garbage(feed_counts(feeds->inputs[i].feed)))
            return err_set(err, EXIT_DATA,
                           "feed %s: not one record of its format; name it by --format",
                           feeds->inputs[i].path);
    }
    return 0;
}
