#include "os/source.h"

#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/http.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/source_parts.h"

#define SOURCE_TRACKS_MAX (1u << 17)
#define SOURCE_MEMORY_MAX ((size_t)256 << 20)
#define NOTE_BYTES        512
#define STOP_LOOK_MS      100

typedef int start_fn(struct source *source, struct err *err);

static start_fn *const starts[] = {
    [FEED_FROM_FILE] = file_start, [FEED_FROM_UDP] = udp_start, [FEED_FROM_TCP] = tcp_start,
    [FEED_FROM_HTTP] = poll_start, [FEED_FROM_TLS] = tls_start,
};

/* ---- starting ----------------------------------------------------------------------------------- */

static int make_feed(struct source *source, struct err *err)
{
    const struct sources_options *options = &source->set->options;
    struct feed_options feed = {.format = source->url.format,
                                .source = source->index,
                                .classes = options->classes,
                                .receive_time = feed_url_is_live(&source->url),
                                .zone_known = options->zone_known,
                                .zone_us = options->zone_us,
                                .simulated = source->url.simulated,
                                .gps_clock = source->url.gps_clock,
                                .at_known = source->url.at_known,
                                .at_lat_e7 = source->url.at_lat_e7,
                                .at_lon_e7 = source->url.at_lon_e7,
                                .track_max = SOURCE_TRACKS_MAX};
    strcpy(feed.name, source->url.name);
    arena_init(&source->arena, SOURCE_MEMORY_MAX, malloc, free);
    source->feed = feed_new(&feed, &source->arena, err);
    return source->feed ? 0 : err_prefix(err, "feed %s", source->url.text);
}

/* Two feeds of one name would share the ids of their tracks. */
static void name_apart(struct sources *sources, struct source *source)
{
    for (size_t i = 0; i < source->index; i++)
        if (strcmp(sources->sources[i].url.name, source->url.name) == 0) {
            char suffix[8];
            int n = snprintf(suffix, sizeof suffix, "-%u", source->index + 1u);
            size_t at = strnlen(source->url.name, FEED_NAME_MAX - 1 - (size_t)n);
            memcpy(source->url.name + at, suffix, (size_t)n + 1);
            return;
        }
}

static int source_start(struct sources *sources, const struct feed_url *url, struct err *err)
{
    struct source *source = &sources->sources[sources->count];
    source->set = sources;
    source->index = (uint8_t)sources->count;
    source->url = *url;
    source->fd = -1;
    source->last_receive_us = source->last_fix_us = TIME_UNKNOWN;
    sources->count++;
    name_apart(sources, source);
    return make_feed(source, err) ? ERR_FAIL : starts[url->transport](source, err);
}

static int check_clocks(const struct feed_url *urls, size_t count, struct err *err)
{
    if (count > SOURCES_MAX)
        return err_set(err, EXIT_USAGE, "at most %d feeds are taken", SOURCES_MAX);
    for (size_t i = 1; i < count; i++)
        if (feed_url_is_live(&urls[i]) != feed_url_is_live(&urls[0]))
            return err_set(err, EXIT_USAGE,
                           "feed %s: files and live feeds have different clocks; run them apart",
                           urls[i].text);
    return 0;
}

static int start_all(struct sources *sources, const struct feed_url *urls, size_t count,
                     struct err *err)
{
    for (size_t i = 0; i < count; i++)
        if (source_start(sources, &urls[i], err))
            return ERR_FAIL;
    return replay_start(sources, err);
}

struct sources *sources_new(struct event_base *base, const struct feed_url *urls, size_t count,
                            const struct sources_options *options, struct err *err)
{
    struct sources *sources = calloc(1, sizeof *sources);
    if (!sources) {
        err_set(err, EXIT_CONFIG, "no memory for feeds");
        return NULL;
    }
    sources->base = base;
    sources->options = *options;
    sources->batch_max = options->batch ? options->batch : SOURCE_BATCH;
    sources->data0_us = TIME_UNKNOWN;
    if (check_clocks(urls, count, err) || start_all(sources, urls, count, err)) {
        sources_free(sources);
        return NULL;
    }
    return sources;
}

static void source_stop(struct source *source)
{
    net_stop(source);
    if (source->event)
        event_free(source->event);
    if (source->fd > STDERR_FILENO)
        close(source->fd);
    if (source->file && source->file->fd > STDERR_FILENO)
        close(source->file->fd);
    free(source->file);
    arena_release(&source->arena);
}

void sources_free(struct sources *sources)
{
    if (!sources)
        return;
    for (size_t i = 0; i < sources->count; i++)
        source_stop(&sources->sources[i]);
    if (sources->replay)
        event_free(sources->replay);
    if (sources->dns)
        evdns_base_free(sources->dns, 0);
    free(sources);
}

/* ---- bytes in, positions out -------------------------------------------------------------------- */

static int64_t receive_us(const struct source *source)
{
    return feed_url_is_live(&source->url) ? clock_now_us() : TIME_UNKNOWN;
}

void source_give(struct source *source)
{
    struct sources *sources = source->set;
    const struct position *positions = sources->batch;
    size_t count = sources->batch_count;
    for (size_t i = count; i-- > 0;)
        if (positions[i].time_us != TIME_UNKNOWN) {
            source->last_fix_us = positions[i].time_us;
            break;
        }
    source->counts.positions += count;
    sources->batch_count = 0;
    if (count)
        sources->options.positions(sources->options.to, positions, count);
}

void source_take(struct source *source, struct bytes bytes)
{
    struct sources *sources = source->set;
    source->last_receive_us = clock_now_us();
    int64_t now_us = feed_url_is_live(&source->url) ? source->last_receive_us : TIME_UNKNOWN;
    source->counts.bytes += bytes.n;
    source->counts.receipts++;
    while (bytes.n) {
        size_t used, count;
        feed_push(source->feed, bytes, now_us, sources->batch + sources->batch_count,
                  sources->batch_max - sources->batch_count, &used, &count);
        bytes = (struct bytes){bytes.p + used, bytes.n - used};
        sources->batch_count += count;
        if (sources->batch_count == sources->batch_max)
            source_give(source);
    }
    source->state = SOURCE_OPEN;
}

void source_finish_record(struct source *source)
{
    struct sources *sources = source->set;
    size_t count;
    do {
        source_give(source);
        feed_flush(source->feed, receive_us(source), sources->batch, sources->batch_max, &count);
        sources->batch_count = count;
    } while (count);
}

void source_end(struct source *source)
{
    struct sources *sources = source->set;
    if (source->state == SOURCE_ENDED)
        return;
    source->state = SOURCE_ENDED;
    source_note(source, "ended");
    if (++sources->ended_count == sources->count && sources->options.ended)
        sources->options.ended(sources->options.to);
}

void source_note(const struct source *source, const char *format, ...)
{
    char text[NOTE_BYTES];
    struct buf buf;
    va_list arguments;
    if (!source->set->options.note)
        return;
    buf_init(&buf, text, sizeof text);
    buf_format(&buf, "feed %s: ", source->url.name);
    va_start(arguments, format);
    vsnprintf(text + buf.n, sizeof text - buf.n, format, arguments);
    va_end(arguments);
    source->set->options.note(source->set->options.to, text);
}

/* ---- what is known ------------------------------------------------------------------------------ */

size_t sources_count(const struct sources *sources)
{
    return sources->count;
}

bool sources_are_live(const struct sources *sources)
{
    return sources->count && feed_url_is_live(&sources->sources[0].url);
}

const struct feed_url *source_url(const struct sources *sources, size_t index)
{
    return &sources->sources[index].url;
}

const struct feed *source_feed(const struct sources *sources, size_t index)
{
    return sources->sources[index].feed;
}

const struct source_counts *source_counts(const struct sources *sources, size_t index)
{
    return &sources->sources[index].counts;
}

enum source_state source_state(const struct sources *sources, size_t index)
{
    return sources->sources[index].state;
}

int64_t source_last_receive_us(const struct sources *sources, size_t index)
{
    return sources->sources[index].last_receive_us;
}

int64_t source_last_fix_us(const struct sources *sources, size_t index)
{
    return sources->sources[index].last_fix_us;
}

const char *source_state_name(enum source_state state)
{
    static const char *const names[] = {
        [SOURCE_WAITING] = "waiting", [SOURCE_OPEN] = "open", [SOURCE_ENDED] = "ended"};
    return names[state];
}

/* ---- a loop of their own ------------------------------------------------------------------------ */

struct run {
    struct event_base *base;
    const struct sources_options *options;
    const volatile int *stop;
};

static void run_positions(void *to, const struct position *positions, size_t count)
{
    struct run *run = to;
    run->options->positions(run->options->to, positions, count);
}

static void run_note(void *to, const char *text)
{
    struct run *run = to;
    if (run->options->note)
        run->options->note(run->options->to, text);
}

static void run_ended(void *to)
{
    struct run *run = to;
    event_base_loopbreak(run->base);
}

static void run_look(evutil_socket_t fd, short what, void *to)
{
    struct run *run = to;
    (void)fd;
    (void)what;
    if (run->options->idle)
        run->options->idle(run->options->to);
    if (*run->stop)
        event_base_loopbreak(run->base);
}

static int run_on(struct run *run, const struct feed_url *urls, size_t count,
                  void (*see)(void *to, const struct sources *sources), struct err *err)
{
    struct timeval every = {0, STOP_LOOK_MS * 1000};
    struct sources_options options = *run->options;
    options.to = run;
    options.positions = run_positions;
    options.ended = run_ended;
    options.note = run_note;
    struct sources *sources = sources_new(run->base, urls, count, &options, err);
    struct event *look = event_new(run->base, -1, EV_PERSIST, run_look, run);
    int failed = !sources || !look ? ERR_FAIL : 0;
    if (!failed) {
        if (options.begun)
            options.begun(run->options->to, sources);
        event_add(look, &every);
        event_base_dispatch(run->base);
        if (see)
            see(run->options->to, sources);
    }
    if (look)
        event_free(look);
    sources_free(sources);
    return failed;
}

int sources_run(const struct feed_url *urls, size_t count, const struct sources_options *options,
                const volatile int *stop, void (*see)(void *to, const struct sources *sources),
                struct err *err)
{
    struct run run = {event_base_new(), options, stop};
    if (!run.base)
        return err_set(err, EXIT_UNAVAILABLE, "no event loop can be made");
    int failed = run_on(&run, urls, count, see, err);
    event_base_free(run.base);
    return failed;
}
