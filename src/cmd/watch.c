#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agreement/compile.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/feeds.h"
#include "node/node.h"
#include "os/agreement_dir.h"
#include "os/file.h"

/* detente watch: feeds in, sightings and alerts out, until the feeds end. */

static const char help[] =
    "usage: detente watch --agreement DIR [--party ID] [--format F] [--classes FILE] FEED...\n"
    "\n"
    "Prints sightings and alerts (docs/format/sightings.md), one JSON object a line, until the\n"
    "feeds end or a signal comes. Time is that of the positions, not of the clock.\n"
    "\n"
    "  FEED             a file, - for standard input, or file:PATH?format=F&speed=N (N times as\n"
    "                   fast as it was; without speed as fast as it goes). Several feeds are\n"
    "                   merged in order of time\n"
    "  --agreement DIR  the directory that holds agreement.json\n"
    "  --party ID       whose watch: alerts about its own craft are marked \"own\"\n"
    "  --format F       format of the feeds: nmea, sbs, aircraft, csv, ndjson (default: guessed)\n"
    "  --classes FILE   classes, flags and names of tracks: lines track,class[,flag[,name]]\n"
    "  --json           accepted; the output always is JSON\n"
    "  --help           this text\n"
    "\n"
    "exit: 0 fine, also with sightings and after SIGINT; 64 wrong usage, 65 wrong data, 66 no\n"
    "input, 74 reading or writing failed\n";

/* A fix that leaps farther ahead than this waits for the next one to say the same: one wrong time
 * stamp does not declare every track lost. */
#define LEAP_US (10 * TIME_MINUTE)

#define TICK_US       TIME_SECOND
#define TRACKS_MAX    200000
#define ALERTS_HELD   ALERTS_MAX
#define POSITIONS_MAX 512
#define LINE_BYTES    (1 << 20)
#define CLASSES_BYTES (64 << 20)
#define MEMORY_MAX    ((size_t)4 << 30)

struct options {
    const char *agreement, *party, *format, *classes;
    char **feeds;
    size_t feed_count;
    bool help;
};

struct run {
    struct arena arena;
    const struct compiled *compiled;
    struct feeds *feeds;
    struct node *node;
    int64_t now_us, ticked_us; /* data time, and the last tick */
    int64_t leap_us;           /* a time stamp that waits to be confirmed */
    uint64_t sightings, alerts;
    struct effect *effects;
    struct position *positions;
    char *line;
};

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

/* Without SA_RESTART: waits end. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* ---- options ----------------------------------------------------------------------------------- */

static int usage(const char *why)
{
    fprintf(stderr, "detente watch: %s\n%s", why, help);
    return EXIT_USAGE;
}

static bool options_read(int argc, char **argv, struct options *options)
{
    static const struct option names[] = {{"agreement", required_argument, NULL, 'a'},
                                          {"party", required_argument, NULL, 'p'},
                                          {"format", required_argument, NULL, 'f'},
                                          {"classes", required_argument, NULL, 'c'},
                                          {"json", no_argument, NULL, 'j'},
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
        else if (c == 'h')
            options->help = true;
        else if (c != 'j')
            return false;
    }
    options->feeds = argv + optind;
    options->feed_count = (size_t)(argc - optind);
    return options->help || (options->agreement && options->feed_count);
}

/* ---- starting ---------------------------------------------------------------------------------- */

static int load_agreement(struct run *run, const char *dir, struct err *err)
{
    const struct agreement *agreement;
    if (agreement_load(dir, &run->arena, &agreement, err))
        return ERR_FAIL;
    if (compile(agreement, &run->arena, &run->compiled, err))
        return err_prefix(err, "%s", dir);
    return 0;
}

static int load_classes(struct run *run, const char *path, const struct feed_classes **ret_classes,
                        struct err *err)
{
    struct bytes csv;
    *ret_classes = NULL;
    if (!path)
        return 0;
    if (file_read(path, CLASSES_BYTES, &run->arena, &csv, err))
        return ERR_FAIL;
    *ret_classes = feed_classes_new(csv, &run->arena, err);
    return *ret_classes ? 0 : err_prefix(err, "%s", path);
}

static int open_feeds(struct run *run, const struct options *options, struct err *err)
{
    struct feeds_options feeds = {.format = FEED_AUTO};
    if (options->format && !feed_format_from_name(bytes_of(options->format), &feeds.format))
        return err_set(err, EXIT_USAGE, "--format %s: expected nmea, sbs, aircraft, csv or ndjson",
                       options->format);
    if (load_classes(run, options->classes, &feeds.classes, err))
        return ERR_FAIL;
    run->feeds = feeds_open(options->feeds, options->feed_count, &feeds, &run->arena, err);
    return run->feeds ? 0 : ERR_FAIL;
}

static int make_node(struct run *run, const char *party, struct err *err)
{
    const struct agreement *a = run->compiled->agreement;
    struct node_options options = {
        .party = AGREEMENT_NONE, .watch = watch_defaults(), .alert_max = ALERTS_HELD};
    options.watch.track_max = TRACKS_MAX;
    if (party && (options.party = agreement_party(a, party)) == AGREEMENT_NONE)
        return err_set(err, EXIT_USAGE, "--party %s: the agreement has no such party", party);
    run->node = node_new(run->compiled, &options, &run->arena, err);
    return run->node ? 0 : ERR_FAIL;
}

static int start(struct run *run, const struct options *options, struct err *err)
{
    run->now_us = run->ticked_us = run->leap_us = TIME_UNKNOWN;
    run->effects = ARENA_ARRAY(&run->arena, struct effect, EFFECTS_ROOM);
    run->positions = ARENA_ARRAY(&run->arena, struct position, POSITIONS_MAX);
    run->line = ARENA_ARRAY(&run->arena, char, LINE_BYTES);
    if (!run->effects || !run->positions || !run->line)
        return err_set(err, EXIT_CONFIG, "no memory");
    if (load_agreement(run, options->agreement, err) || make_node(run, options->party, err))
        return ERR_FAIL;
    return open_feeds(run, options, err);
}

/* ---- effects ----------------------------------------------------------------------------------- */

static void write_effect(struct run *run, struct json_out *out, const struct effect *effect)
{
    char track[FEED_NAME_MAX];
    struct buf text;
    buf_init(&text, track, sizeof track);
    switch (effect->kind) {
    case EFFECT_KEEP_SIGHTING:
        feeds_track_write(run->feeds, effect->sighting.track, &text);
        sighting_json(out, run->compiled, &effect->sighting, track);
        run->sightings++;
        break;
    case EFFECT_KEEP_ALERT:
        feeds_track_write(run->feeds, effect->alert.track, &text);
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
    run->ticked_us = run->now_us;
    for (bool more = run->now_us != TIME_UNKNOWN; more;) {
        size_t count;
        more = node_tick(run->node, run->now_us, run->effects, EFFECTS_ROOM, &count);
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

/* ---- data time --------------------------------------------------------------------------------- */

static void move_clock(struct run *run, int64_t time_us)
{
    int64_t leap_us = run->leap_us;
    if (time_us == TIME_UNKNOWN)
        return;
    run->leap_us = TIME_UNKNOWN;
    if (run->now_us == TIME_UNKNOWN || time_us <= run->now_us + LEAP_US) {
        if (run->now_us == TIME_UNKNOWN || time_us > run->now_us)
            run->now_us = time_us;
    } else if (leap_us == TIME_UNKNOWN || time_us < leap_us - LEAP_US) {
        run->leap_us = time_us;
    } else {
        run->now_us = leap_us < time_us ? leap_us : time_us;
    }
}

/* A leap that nothing came after was time passing. */
static void end_clock(struct run *run)
{
    if (run->leap_us != TIME_UNKNOWN)
        run->now_us = run->leap_us;
}

static bool is_tick_due(const struct run *run)
{
    return run->now_us != TIME_UNKNOWN &&
           (run->ticked_us == TIME_UNKNOWN || run->now_us - run->ticked_us >= TICK_US);
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

static int watch_all(struct run *run, struct err *err)
{
    size_t count = 1;
    while (!stopped && count) {
        if (feeds_read(run->feeds, run->positions, POSITIONS_MAX, &count, err) ||
            take(run, run->positions, count, err))
            return ERR_FAIL;
        if (fflush(stdout))
            return err_set(err, EXIT_IO, "standard output: %s", strerror(errno));
    }
    end_clock(run);
    if (tick(run, err))
        return ERR_FAIL;
    if (fflush(stdout))
        return err_set(err, EXIT_IO, "standard output: %s", strerror(errno));
    return stopped ? 0 : feeds_check(run->feeds, err);
}

static void report(const struct run *run)
{
    const struct watch_counts *counts = watch_counts(node_watch(run->node));
    fprintf(stderr,
            "%" PRIu64 " positions, %" PRIu64 " tracks, %" PRIu64 " sightings, %" PRIu64
            " changes of alerts; not used: %" PRIu64 " late, %" PRIu64 " of equal time; %" PRIu64
            " jumps, %" PRIu64 " tracks let go, %" PRIu64 " alerts refused, %" PRIu64
            " crowded hops, %" PRIu64 " violations of parity\n",
            counts->positions, counts->tracks, run->sightings, run->alerts, counts->late,
            counts->same_time, counts->jumps, counts->tracks_reused,
            alerts_refused(node_alerts(run->node)), counts->crowded, counts->parity);
    feeds_report(run->feeds);
}

int cmd_watch(int argc, char **argv)
{
    struct options options;
    struct err err = {EXIT_FINE, ""};
    struct run run = {.now_us = TIME_UNKNOWN};
    if (!options_read(argc, argv, &options))
        return usage("expected --agreement DIR and a feed");
    if (options.help) {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    catch_signals();
    arena_init(&run.arena, MEMORY_MAX, malloc, free);
    int failed = start(&run, &options, &err) || watch_all(&run, &err);
    if (run.feeds) {
        report(&run);
        feeds_close(run.feeds);
    }
    arena_release(&run.arena);
    if (failed)
        fprintf(stderr, "detente watch: %s\n", err.text);
    return failed ? (int)err.code : EXIT_FINE;
}
