#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/source_parts.h"

/* Files, replayed on one line of time; and what is read as it comes: pipes, standard input. */

/* ---- opening ------------------------------------------------------------------------------------ */

static int fail_open(const struct source *source, struct err *err)
{
    return err_set(err, EXIT_NO_INPUT, "feed %s: %s", source->url.path, strerror(errno));
}

static void pipe_read(evutil_socket_t fd, short what, void *to)
{
    struct source *source = to;
    uint8_t bytes[READ_BYTES];
    (void)what;
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n > 0) {
        source_take(source, (struct bytes){bytes, (size_t)n});
        source_give(source);
        return;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    source->counts.reading += n < 0;
    source_finish_record(source);
    event_del(source->event);
    source_end(source);
}

static int pipe_start(struct source *source, int fd, struct err *err)
{
    source->fd = fd;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    source->event = event_new(source->set->base, fd, EV_READ | EV_PERSIST, pipe_read, source);
    if (!source->event || event_add(source->event, NULL))
        return err_set(err, EXIT_NO_INPUT, "feed %s: cannot be waited for", source->url.path);
    source->state = SOURCE_OPEN;
    return 0;
}

static int regular_start(struct source *source, int fd, struct err *err)
{
    source->file = calloc(1, sizeof *source->file);
    if (!source->file) {
        close(fd);
        return err_set(err, EXIT_CONFIG, "feed %s: no memory", source->url.path);
    }
    source->file->fd = fd;
    source->file->clock_us = source->file->first_us = source->file->last_us = TIME_UNKNOWN;
    source->state = SOURCE_OPEN;
    return 0;
}

int file_start(struct source *source, struct err *err)
{
    struct stat st;
    bool standard = strcmp(source->url.path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(source->url.path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st))
        return fail_open(source, err);
    if (S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        close(fd);
        return fail_open(source, err);
    }
    /* what is neither a file nor a line to somebody (/dev/null) cannot be waited for */
    bool at_once = S_ISREG(st.st_mode) || (S_ISCHR(st.st_mode) && !isatty(fd));
    return at_once ? regular_start(source, fd, err) : pipe_start(source, fd, err);
}

/* ---- rounds ------------------------------------------------------------------------------------- */

static void note_times(struct replay_file *file)
{
    for (size_t i = 0; i < file->count; i++) {
        int64_t time_us = file->positions[i].time_us;
        if (time_us == TIME_UNKNOWN)
            continue;
        if (file->first_us == TIME_UNKNOWN || time_us < file->first_us)
            file->first_us = time_us;
        if (file->last_us == TIME_UNKNOWN || time_us > file->last_us)
            file->last_us = time_us;
        file->positions[i].time_us = time_us + file->shift_us;
    }
}

/* Passes one line; false at the end of the file. */
static bool skip_line(int fd, bool *ret_comment)
{
    uint8_t c = 0;
    for (size_t n = 0; c != '\n'; n++) {
        if (read(fd, &c, 1) != 1)
            return false;
        if (n == 0)
            *ret_comment = c == '#' || c == '\n' || c == '\r';
    }
    return true;
}

/* The line of column names is not told twice. False: the file has no line more. */
static bool skip_names(const struct replay_file *file)
{
    bool comment = true;
    while (comment)
        if (!skip_line(file->fd, &comment))
            return false;
    return true;
}

/* The next round is later by whole days, so that hours of the day stay what they were. */
static bool begin_anew(struct source *source)
{
    struct replay_file *file = source->file;
    if (!source->url.loop || file->first_us == TIME_UNKNOWN || lseek(file->fd, 0, SEEK_SET))
        return false;
    if (feed_format(source->feed) == FEED_CSV && !skip_names(file))
        return false;
    file->shift_us += ((file->last_us - file->first_us) / TIME_DAY + 1) * TIME_DAY;
    file->flushed = false;
    file->anew = true;
    return true;
}

/* ---- reading ------------------------------------------------------------------------------------ */

static void file_push(struct source *source)
{
    struct replay_file *file = source->file;
    struct bytes rest = {file->bytes + file->bytes_at, file->byte_count - file->bytes_at};
    size_t used;
    feed_push(source->feed, rest, TIME_UNKNOWN, file->positions, source->set->batch_max, &used,
              &file->count);
    file->bytes_at += used;
    note_times(file);
}

static void file_read_more(struct source *source)
{
    struct replay_file *file = source->file;
    ssize_t n = read(file->fd, file->bytes, READ_BYTES);
    if (n < 0) {
        source->counts.reading++;
        source_note(source, "reading failed: %s", strerror(errno));
    }
    file->bytes_at = 0;
    file->byte_count = n > 0 ? (size_t)n : 0;
    source->counts.bytes += file->byte_count;
    source->counts.receipts += n > 0;
    source->last_receive_us = clock_now_us();
    file->flushed = n <= 0;
}

/* Waiting records, then the next round or the end. */
static void file_finish(struct source *source)
{
    struct replay_file *file = source->file;
    feed_flush(source->feed, TIME_UNKNOWN, file->positions, source->set->batch_max, &file->count);
    note_times(file);
    if (file->count == 0 && !begin_anew(source))
        source_end(source);
}

/* Makes a position stand ready, unless the file has ended. */
static void file_fill(struct source *source)
{
    struct replay_file *file = source->file;
    while (file->at == file->count && source->state != SOURCE_ENDED) {
        file->at = file->count = 0;
        if (file->bytes_at < file->byte_count)
            file_push(source);
        else if (!file->flushed)
            file_read_more(source);
        else
            file_finish(source);
    }
}

/* ---- the common line of time -------------------------------------------------------------------- */

/* Where the file's next position stands in time. */
static int64_t file_key(const struct replay_file *file)
{
    int64_t time_us = file->positions[file->at].time_us;
    return time_us == TIME_UNKNOWN || time_us < file->clock_us ? file->clock_us : time_us;
}

static struct source *next_source(struct sources *sources)
{
    struct source *next = NULL;
    for (size_t i = 0; i < sources->count; i++) {
        struct source *source = &sources->sources[i];
        if (!source->file)
            continue;
        file_fill(source);
        if (source->state != SOURCE_ENDED &&
            (!next || file_key(source->file) < file_key(next->file)))
            next = source;
    }
    return next;
}

/* Microseconds until the position is due. */
static int64_t wait_us(struct sources *sources, const struct source *source)
{
    int64_t key = file_key(source->file), now_us = clock_steady_us();
    if (!source->url.speed || key == TIME_UNKNOWN)
        return 0;
    if (sources->data0_us == TIME_UNKNOWN || source->file->anew) {
        sources->data0_us = key;
        sources->steady0_us = now_us;
        source->file->anew = false;
    }
    int64_t due_us = sources->steady0_us + (key - sources->data0_us) / source->url.speed;
    return due_us > now_us ? due_us - now_us : 0;
}

static void file_give(struct source *source, struct position *out)
{
    struct replay_file *file = source->file;
    file->clock_us = file_key(file);
    *out = file->positions[file->at++];
    source->counts.positions++;
    if (out->time_us != TIME_UNKNOWN)
        source->last_fix_us = out->time_us;
}

static void give_batch(struct sources *sources)
{
    if (sources->batch_count)
        sources->options.positions(sources->options.to, sources->batch, sources->batch_count);
    sources->batch_count = 0;
}

/* What is due, at most SOURCE_BATCH positions; then others have their turn. */
static void replay_turn(evutil_socket_t fd, short what, void *to)
{
    struct sources *sources = to;
    struct source *next = NULL;
    int64_t wait = 0;
    (void)fd;
    (void)what;
    for (size_t n = 0;
         n < SOURCE_BATCH && (next = next_source(sources)) && (wait = wait_us(sources, next)) == 0;
         n++) {
        file_give(next, &sources->batch[sources->batch_count++]);
        if (sources->batch_count == sources->batch_max)
            give_batch(sources);
    }
    give_batch(sources);
    if (!next)
        return;
    struct timeval again = {wait / TIME_SECOND, wait % TIME_SECOND};
    event_add(sources->replay, &again);
}

static bool has_files(const struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        if (sources->sources[i].file)
            return true;
    return false;
}

int replay_start(struct sources *sources, struct err *err)
{
    struct timeval now = {0, 0};
    if (!has_files(sources))
        return 0;
    sources->replay = event_new(sources->base, -1, 0, replay_turn, sources);
    if (!sources->replay || event_add(sources->replay, &now))
        return err_set(err, EXIT_CONFIG, "no memory for the replay");
    return 0;
}
