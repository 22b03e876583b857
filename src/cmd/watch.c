#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agreement/compile.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/feeds.h"
#include "cmd/stop.h"
#include "node/node.h"
#include "os/agreement_dir.h"
#include "os/clock.h"
#include "os/crew.h"
#include "os/data_clock.h"
#include "os/source.h"

/* detente watch: feeds in, sightings and alerts out, until the feeds end. */

static const char help[] =
    "usage: detente watch --agreement DIR [--party ID] [--format F] [--classes FILE]\n"
    "                     [--threads N] FEED...\n"
    "\n"
    "Prints sightings and alerts (docs/format/sightings.md), one JSON object a line, until the\n"
    "feeds end or a signal comes. Time is that of the positions; in live feeds it is now.\n"
    "\n"
    "  FEED             a file, - for standard input, file:PATH?format=F&speed=N (N times as fast\n"
    "                   as it was; without speed as fast as it goes), ais+udp://:PORT,\n"
    "                   ais+tcp://HOST:PORT, sbs+tcp://HOST:PORT, aircraft+http://HOST/PATH.\n"
    "                   Several files are merged in order of time\n"
    "  --agreement DIR  the directory that holds agreement.json\n"
    "  --party ID       whose watch: alerts about its own craft are marked \"own\"\n"
    "  --format F       format of the feeds: nmea, sbs, aircraft, csv, ndjson (default: guessed)\n"
    "  --classes FILE   classes, flags and names of tracks: lines track,class[,flag[,name]]\n"
    "  --threads N      threads that watch; what is told is the same with any number (default: as\n"
    "                   many as there are processors)\n"
    "  --json           accepted; the output always is JSON\n"
    "  --help           this text\n"
    "\n"
    "exit: 0 fine, also with sightings and after SIGINT; 64 wrong usage, 65 wrong data, 66 no\n"
    "input, 69 a port that cannot be had, 74 reading or writing failed\n";

#define TICK_US     TIME_SECOND
#define TRACKS_MAX  200000
#define ALERTS_HELD ALERTS_MAX
#define LINE_BYTES  (1 << 20)
#define MEMORY_MAX  ((size_t)4 << 30)

struct options {
    const char *agreement, *party, *format, *classes;
    int64_t threads;
    char **feeds;
    size_t feed_count;
    bool help;
};

struct run {
    struct arena arena;
    const struct compiled *compiled;
    const struct feed_classes *classes;
    struct feed_url urls[SOURCES_MAX];
    size_t url_count;
    const struct sources *sources; /* while they run */
    struct node *node;
    struct crew *crew;
    struct data_clock clock;
    int64_t ticked_us;
    uint64_t sightings, alerts;
    struct effect *effects;
    char *line;
    struct err err; /* why it stopped; EXIT_FINE: no error */
};

/* ---- options ----------------------------------------------------------------------------------- */

static int usage(const char *why)
{
    fprintf(stderr, "detente watch: %s\n%s", why, help);
    return EXIT_USAGE;
}

static bool read_threads(const char *text, int64_t *ret_threads)
{
    return bytes_int64(bytes_of(text), ret_threads) && *ret_threads >= 1 &&
           *ret_threads <= CREW_MAX;
}

static bool options_read(int argc, char **argv, struct options *options)
{
    static const struct option names[] = {{"agreement", required_argument, NULL, 'a'},
                                          {"party", required_argument, NULL, 'p'},
                                          {"format", required_argument, NULL, 'f'},
                                          {"classes", required_argument, NULL, 'c'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"threads", required_argument, NULL, 't'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    *options = (struct options){NULL};
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "h", names, NULL)) != -1;) {
        if (c == 'a')
            options->agreement = optarg;
        else if (c == 'p')
            options->party = optarg;
        else if (c == 'f')
            options->format = optarg;
        else if (c == 'c')
            options->classes = optarg;
        else if (c == 't' && !read_threads(optarg, &options->threads))
            return false;
        else if (c == 'h')
            options->help = true;
        else if (c != 'j' && c != 't')
            return false;
    }
    options->feeds = argv + optind;
    options->feed_count = (size_t)(argc - optind);
    return options->help || (options->agreement && options->feed_count);
}

/* ---- starting ---------------------------------------------------------------------------------- */

/* --format is for feeds that do not name theirs. */
static int read_urls(struct run *run, const struct options *options, struct err *err)
{
    enum feed_format format;
    if (feeds_format(options->format, &format, err))
        return ERR_FAIL;
    if (options->feed_count > SOURCES_MAX)
        return err_set(err, EXIT_USAGE, "at most %d feeds are taken", SOURCES_MAX);
    for (; run->url_count < options->feed_count; run->url_count++) {
        struct feed_url *url = &run->urls[run->url_count];
        if (feed_url_read(options->feeds[run->url_count], url, err))
            return ERR_FAIL;
        if (url->format == FEED_AUTO)
            url->format = format;
    }
    return 0;
}

static int make_node(struct run *run, const char *party, int64_t threads, struct err *err)
{
    const struct agreement *a = run->compiled->agreement;
    struct node_options options = {
        .party = AGREEMENT_NONE, .watch = watch_defaults(), .alert_max = ALERTS_HELD};
    options.watch.track_max = TRACKS_MAX;
    if (run->url_count && feed_url_is_live(&run->urls[0]))
        options.watch.ahead_us = WATCH_AHEAD_US;
    if (crew_new((uint32_t)threads, &run->crew, err))
        return ERR_FAIL;
    options.jobs = crew_jobs(run->crew);
    if (party && (options.party = agreement_party(a, party)) == AGREEMENT_NONE)
        return err_set(err, EXIT_USAGE, "--party %s: the agreement has no such party", party);
    run->node = node_new(run->compiled, &options, &run->arena, err);
    return run->node ? 0 : ERR_FAIL;
}

static int start(struct run *run, const struct options *options, struct err *err)
{
    data_clock_init(&run->clock);
    run->ticked_us = TIME_UNKNOWN;
    run->effects = ARENA_ARRAY(&run->arena, struct effect, EFFECTS_ROOM);
    run->line = ARENA_ARRAY(&run->arena, char, LINE_BYTES);
    if (!run->effects || !run->line)
        return err_set(err, EXIT_CONFIG, "no memory");
    if (read_urls(run, options, err) ||
        feeds_classes(options->classes, &run->arena, &run->classes, err) ||
        agreement_open(options->agreement, &run->arena, &run->compiled, err))
        return ERR_FAIL;
    return make_node(run, options->party, options->threads, err);
}

/* ---- effects ----------------------------------------------------------------------------------- */

/* The text of a track, by the feed that knows it. */
static void write_track(const struct run *run, uint64_t track, struct buf *out)
{
    for (size_t i = 0; i < sources_count(run->sources); i++) {
        const struct feed *feed = source_feed(run->sources, i);
        if (feed_identity(feed, track)) {
            feed_track_write(feed, track, out);
            return;
        }
    }
    track_write(out, track);
}

static void write_effect(struct run *run, struct json_out *out, const struct effect *effect)
{
    char track[FEED_NAME_MAX];
    struct buf text;
    buf_init(&text, track, sizeof track);
    switch (effect->kind) {
    case EFFECT_KEEP_SIGHTING:
        write_track(run, effect->sighting.track, &text);
        sighting_json(out, run->compiled, &effect->sighting, track);
        run->sightings++;
        break;
    case EFFECT_KEEP_ALERT:
        write_track(run, effect->alert.track, &text);
        alert_json(out, run->compiled, &effect->alert, track);
        run->alerts++;
        break;
    }
}

static int print_effects(struct run *run, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct buf buf;
        struct json_out out;
        buf_init(&buf, run->line, LINE_BYTES);
        json_out_init(&out, &buf);
        write_effect(run, &out, &run->effects[i]);
        buf_char(&buf, '\n');
        if (buf.full)
            return err_set(err, EXIT_DATA, "a line is longer than %d bytes", LINE_BYTES);
        if (fwrite(buf.p, 1, buf.n, stdout) != buf.n)
            return err_set(err, EXIT_IO, "standard output: %s", strerror(errno));
    }
    return 0;
}

static int tick(struct run *run, struct err *err)
{
    run->ticked_us = run->clock.now_us;
    for (bool more = run->clock.now_us != TIME_UNKNOWN; more;) {
        size_t count;
        more = node_tick(run->node, run->clock.now_us, run->effects, EFFECTS_ROOM, &count);
        if (print_effects(run, count, err))
            return ERR_FAIL;
    }
    return 0;
}

static int hand_in(struct run *run, const struct position *positions, size_t count, struct err *err)
{
    while (count) {
        size_t made;
        size_t used =
            node_positions(run->node, positions, count, run->effects, EFFECTS_ROOM, &made);
        if (print_effects(run, made, err))
            return ERR_FAIL;
        positions += used;
        count -= used;
    }
    return 0;
}

/* ---- time passes ------------------------------------------------------------------------------- */

static void move_clock(struct run *run, int64_t time_us)
{
    if (sources_are_live(run->sources))
        run->clock.now_us = clock_now_us();
    else
        data_clock_move(&run->clock, time_us);
}

static bool is_tick_due(const struct run *run)
{
    return run->clock.now_us != TIME_UNKNOWN &&
           (run->ticked_us == TIME_UNKNOWN || run->clock.now_us - run->ticked_us >= TICK_US);
}

/* Time passes before the first position of its time comes in. */
static int take(struct run *run, const struct position *positions, size_t count, struct err *err)
{
    size_t from = 0;
    for (size_t i = 0; i < count; i++) {
        move_clock(run, positions[i].time_us);
        if (!is_tick_due(run))
            continue;
        if (hand_in(run, positions + from, i - from, err) || tick(run, err))
            return ERR_FAIL;
        from = i;
    }
    return hand_in(run, positions + from, count - from, err);
}

static int flush(struct err *err)
{
    return fflush(stdout) ? err_set(err, EXIT_IO, "standard output: %s", strerror(errno)) : 0;
}

/* ---- what the feeds say ------------------------------------------------------------------------ */

static void on_begun(void *to, const struct sources *sources)
{
    struct run *run = to;
    run->sources = sources;
}

static void on_positions(void *to, const struct position *positions, size_t count)
{
    struct run *run = to;
    if (run->err.code == EXIT_FINE && (take(run, positions, count, &run->err) || flush(&run->err)))
        stop_asked = 1;
}

/* Live feeds may fall silent; time passes all the same. */
static void on_idle(void *to)
{
    struct run *run = to;
    if (!sources_are_live(run->sources) || run->err.code != EXIT_FINE)
        return;
    run->clock.now_us = clock_now_us();
    if (is_tick_due(run) && (tick(run, &run->err) || flush(&run->err)))
        stop_asked = 1;
}

static void on_note(void *to, const char *text)
{
    const struct run *run = to;
    if (run->sources && sources_are_live(run->sources))
        fprintf(stderr, "detente watch: %s\n", text);
}

/* ---- the end ----------------------------------------------------------------------------------- */

static int check_sources(const struct sources *sources, struct err *err)
{
    for (size_t i = 0; i < sources_count(sources); i++) {
        const struct feed_counts *counts = feed_counts(source_feed(sources, i));
        const char *name = source_url(sources, i)->text;
        if (source_counts(sources, i)->reading)
            return err_set(err, EXIT_IO, "feed %s: reading failed", name);
        if (counts->bytes && !counts->used && !counts->other)
            return err_set(err, EXIT_DATA,
                           "feed %s: not one record of its format; name it by --format", name);
    }
    return 0;
}

static void report_source(const struct sources *sources, size_t index)
{
    const struct feed *feed = source_feed(sources, index);
    const struct feed_counts *counts = feed_counts(feed);
    fprintf(stderr, "feed %s: %s, %" PRIu64 " records, %" PRIu64 " positions",
            source_url(sources, index)->text, feed_format_name(feed_format(feed)), counts->records,
            counts->positions);
    feeds_print_skipped(counts);
}

static void report(const struct run *run)
{
    struct watch_counts counts = node_counts(run->node);
    fprintf(stderr,
            "%" PRIu64 " positions, %" PRIu64 " tracks, %" PRIu64 " sightings, %" PRIu64
            " changes of alerts; %" PRIu64 " late, %" PRIu64 " of equal time, %" PRIu64
            " too late to be told of, %" PRIu64 " amended; %" PRIu64 " jumps, %" PRIu64
            " tracks let go, %" PRIu64 " alerts refused, %" PRIu64 " crowded hops, %" PRIu64
            " violations of parity\n",
            counts.positions, counts.tracks, run->sightings, run->alerts, counts.late,
            counts.same_time, counts.too_late, counts.amended, counts.jumps, counts.tracks_reused,
            alerts_refused(node_alerts(run->node)), counts.crowded, counts.parity);
    for (size_t i = 0; i < sources_count(run->sources); i++)
        report_source(run->sources, i);
}

/* A leap of data time that nothing came after was time passing. */
static void on_end(void *to, const struct sources *sources)
{
    struct run *run = to;
    if (run->clock.leap_us != TIME_UNKNOWN)
        run->clock.now_us = run->clock.leap_us;
    if (run->err.code == EXIT_FINE && !tick(run, &run->err) && !flush(&run->err) && !stop_asked)
        check_sources(sources, &run->err);
    report(run);
    run->sources = NULL;
}

static int watch_all(struct run *run, struct err *err)
{
    struct sources_options options = {.classes = run->classes,
                                      .to = run,
                                      .positions = on_positions,
                                      .note = on_note,
                                      .begun = on_begun,
                                      .idle = on_idle};
    if (sources_run(run->urls, run->url_count, &options, &stop_asked, on_end, err))
        return ERR_FAIL;
    *err = run->err;
    return err->code == EXIT_FINE ? 0 : ERR_FAIL;
}

int cmd_watch(int argc, char **argv)
{
    struct options options;
    struct err err = {EXIT_FINE, ""};
    struct run run = {.err = {EXIT_FINE, ""}};
    if (!options_read(argc, argv, &options))
        return usage("expected --agreement DIR and a feed");
    if (options.help) {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    stop_on_signals();
    arena_init(&run.arena, MEMORY_MAX, malloc, free);
    int failed = start(&run, &options, &err) || watch_all(&run, &err);
    crew_free(run.crew);
    arena_release(&run.arena);
    if (failed)
        fprintf(stderr, "detente watch: %s\n", err.text);
    return failed ? (int)err.code : EXIT_FINE;
}
