#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/feeds.h"
#include "cmd/stop.h"
#include "feed/position_json.h"
#include "os/source.h"

/* detente decode: bytes of a feed in, positions out, one JSON object a line. */

static const char help[] =
    "usage: detente decode [--format F] [--classes FILE] [--tz ZONE] FEED\n"
    "\n"
    "Prints the positions of a feed, one JSON object a line (docs/format/positions.md): time,\n"
    "time_source, track, lat, lon, alt_m, speed_mps, course_deg, class, name, flag, err_m, feed.\n"
    "What was read and what was skipped is told on standard error, when the feed ends or a signal\n"
    "comes.\n"
    "\n"
    "  FEED            a file, - for standard input, or an address as watch and serve take them\n"
    "                  (docs/guide/feeds.md): ais+udp://:10110, beast+tcp://HOST, cot+tls://HOST,\n"
    "                  file:PATH?speed=10\n"
    "  --format F      nmea, sbs, aircraft, csv, ndjson, cot, beast, avr, gpsd, aiscatcher or\n"
    "                  geojson (default: what the address says, else told by the first bytes)\n"
    "  --classes FILE  classes, flags and names of tracks: lines track,class[,flag[,name]]\n"
    "  --tz ZONE       how local times in the feed stand to UTC: +09:00, UTC, Asia/Seoul\n"
    "  --json          accepted; the output always is JSON\n"
    "  --help          this text\n"
    "\n"
    "exit: 0 fine, also after a signal, 64 wrong usage, 65 nothing in it is of its format, 66 it\n"
    "is not there, 69 its port cannot be bound, 74 reading or writing failed, 78 a certificate is\n"
    "wrong\n";

#define MEMORY_MAX ((size_t)1 << 30)

struct options {
    const char *format, *classes, *zone;
    const char *feed;
    bool help;
};

struct run {
    struct arena arena;
    struct feed_url url;
    struct sources_options options;
    const struct sources *sources; /* while they run */
    bool prompt;                   /* lines go out as they come: the feed is live or has a pace */
    struct err err;                /* why it stopped; EXIT_FINE: no error */
};

/* ---- options ----------------------------------------------------------------------------------- */

static int usage(const char *why)
{
    fprintf(stderr, "detente decode: %s\n%s", why, help);
    return EXIT_USAGE;
}

static bool options_read(int argc, char **argv, struct options *options)
{
    static const struct option names[] = {
        {"format", required_argument, NULL, 'f'}, {"classes", required_argument, NULL, 'c'},
        {"tz", required_argument, NULL, 'z'},     {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
    *options = (struct options){NULL};
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "h", names, NULL)) != -1;) {
        if (c == 'f')
            options->format = optarg;
        else if (c == 'c')
            options->classes = optarg;
        else if (c == 'z')
            options->zone = optarg;
        else if (c == 'h')
            options->help = true;
        else if (c != 'j')
            return false;
    }
    options->feed = argv[optind];
    return options->help || optind + 1 == argc;
}

/* --format is for a feed that does not name its own. */
static int read_url(struct run *run, const struct options *options, struct err *err)
{
    enum feed_format format;
    if (feeds_format(options->format, &format, err) || feed_url_read(options->feed, &run->url, err))
        return ERR_FAIL;
    if (run->url.format == FEED_AUTO)
        run->url.format = format;
    run->prompt = feed_url_is_live(&run->url) || run->url.speed;
    return 0;
}

static int read_zone(struct run *run, const struct options *options, struct err *err)
{
    struct sources_options *to = &run->options;
    to->zone_known = options->zone != NULL;
    if (options->zone && !time_zone_offset(bytes_of(options->zone), &to->zone_us))
        return err_set(err, EXIT_USAGE, "--tz %s: not known; expected for example +09:00",
                       options->zone);
    return 0;
}

/* ---- positions out ----------------------------------------------------------------------------- */

static int print_position(const struct position *position, const struct feed *feed, struct err *err)
{
    char memory[POSITION_JSON_MAX + 2];
    struct json_out out;
    struct buf buf;
    buf_init(&buf, memory, sizeof memory);
    json_out_init(&out, &buf);
    position_json(&out, position, feed);
    buf_char(&buf, '\n');
    if (fwrite(buf.p, 1, buf.n, stdout) != buf.n)
        return err_set(err, EXIT_IO, "standard output: %s", strerror(errno));
    return 0;
}

static int flush(struct err *err)
{
    return fflush(stdout) ? err_set(err, EXIT_IO, "standard output: %s", strerror(errno)) : 0;
}

/* ---- what the feed says ------------------------------------------------------------------------ */

static void on_begun(void *to, const struct sources *sources)
{
    struct run *run = to;
    run->sources = sources;
}

static void on_positions(void *to, const struct position *positions, size_t count)
{
    struct run *run = to;
    for (size_t i = 0; i < count && run->err.code == EXIT_FINE; i++)
        if (print_position(&positions[i], source_feed(run->sources, 0), &run->err))
            stop_asked = 1;
    if (run->prompt && run->err.code == EXIT_FINE && flush(&run->err))
        stop_asked = 1;
}

/* A pipe may fall silent. */
static void on_idle(void *to)
{
    struct run *run = to;
    if (run->err.code == EXIT_FINE && flush(&run->err))
        stop_asked = 1;
}

static void on_note(void *to, const char *text)
{
    const struct run *run = to;
    if (feed_url_is_live(&run->url))
        fprintf(stderr, "detente decode: %s\n", text);
}

/* ---- the end ----------------------------------------------------------------------------------- */

static void report(const char *name, const struct feed *feed)
{
    const struct feed_counts *counts = feed_counts(feed);
    fprintf(stderr,
            "feed %s: %s, %" PRIu64 " records: %" PRIu64 " used (%" PRIu64 " positions, %" PRIu64
            " identities), %" PRIu64 " other",
            name, feed_format_name(feed_format(feed)), counts->records, counts->used,
            counts->positions, counts->identities, counts->other);
    feeds_print_skipped(counts);
}

static int check(const struct sources *sources, struct err *err)
{
    const char *name = source_url(sources, 0)->text;
    if (source_counts(sources, 0)->reading)
        return err_set(err, EXIT_IO, "feed %s: reading failed", name);
    if (feed_is_garbage(feed_counts(source_feed(sources, 0))))
        return err_set(err, EXIT_DATA, "feed %s: not one record of its format; name it by --format",
                       name);
    return 0;
}

static void on_end(void *to, const struct sources *sources)
{
    struct run *run = to;
    if (run->err.code == EXIT_FINE && !flush(&run->err))
        check(sources, &run->err);
    report(source_url(sources, 0)->text, source_feed(sources, 0));
}

/* One by one: a name that is told later is not known yet. */
static int decode(struct run *run, const struct options *options, struct err *err)
{
    run->options = (struct sources_options){.batch = 1,
                                            .to = run,
                                            .positions = on_positions,
                                            .note = on_note,
                                            .begun = on_begun,
                                            .idle = on_idle};
    if (read_url(run, options, err) || read_zone(run, options, err) ||
        feeds_classes(options->classes, &run->arena, &run->options.classes, err) ||
        sources_run(&run->url, 1, &run->options, &stop_asked, on_end, err))
        return ERR_FAIL;
    *err = run->err;
    return err->code == EXIT_FINE ? 0 : ERR_FAIL;
}

int cmd_decode(int argc, char **argv)
{
    struct options options;
    struct err err = {EXIT_FINE, ""};
    struct run run = {.err = {EXIT_FINE, ""}};
    if (!options_read(argc, argv, &options))
        return usage("expected one feed");
    if (options.help) {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    stop_on_signals();
    arena_init(&run.arena, MEMORY_MAX, malloc, free);
    int failed = decode(&run, &options, &err);
    arena_release(&run.arena);
    if (failed)
        fprintf(stderr, "detente decode: %s\n", err.text);
    return failed ? (int)err.code : EXIT_FINE;
}
