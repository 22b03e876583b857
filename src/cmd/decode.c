#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/feeds.h"
#include "feed/position_json.h"
#include "os/file.h"

/* detente decode: bytes of a feed in, positions out, one JSON object a line. */

static const char help[] =
    "usage: detente decode [--format F] [--classes FILE] [--tz ZONE] FEED\n"
    "\n"
    "Prints the positions of a feed, one JSON object a line (docs/format/positions.md): time,\n"
    "time_source, track, lat, lon, alt_m, speed_mps, course_deg, class, name, flag, err_m, feed.\n"
    "What was read and what was skipped is told on standard error.\n"
    "\n"
    "  FEED            a file, - for standard input, or file:PATH?format=F&speed=N (N times as\n"
    "                  fast as it was; without speed as fast as it goes)\n"
    "  --format F      nmea, sbs, aircraft, csv or ndjson (default: told by the first lines)\n"
    "  --classes FILE  classes, flags and names of tracks: lines track,class[,flag[,name]]\n"
    "  --tz ZONE       how local times in the feed stand to UTC: +09:00, UTC, Asia/Seoul\n"
    "  --json          accepted; the output always is JSON\n"
    "  --help          this text\n"
    "\n"
    "exit: 0 fine, 64 wrong usage, 65 nothing in it is of its format, 66 it is not there,\n"
    "74 reading or writing failed\n";

#define CLASSES_BYTES (64u << 20)
#define MEMORY_MAX    ((size_t)1 << 30)

struct options {
    const char *format, *classes, *zone;
    char **feed;
    bool help;
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
    options->feed = argv + optind;
    return options->help || optind + 1 == argc;
}

static int load_classes(const char *path, struct arena *arena,
                        const struct feed_classes **ret_classes, struct err *err)
{
    struct bytes csv;
    if (!path)
        return 0;
    if (file_read(path, CLASSES_BYTES, arena, &csv, err))
        return ERR_FAIL;
    *ret_classes = feed_classes_new(csv, arena, err);
    return *ret_classes ? 0 : err_prefix(err, "%s", path);
}

static int feeds_options_read(const struct options *options, struct arena *arena,
                              struct feeds_options *ret, struct err *err)
{
    *ret = (struct feeds_options){.format = FEED_AUTO, .zone_known = options->zone != NULL};
    if (options->format && !feed_format_from_name(bytes_of(options->format), &ret->format))
        return err_set(err, EXIT_USAGE, "--format %s: expected nmea, sbs, aircraft, csv or ndjson",
                       options->format);
    if (options->zone && !time_zone_offset(bytes_of(options->zone), &ret->zone_us))
        return err_set(err, EXIT_USAGE, "--tz %s: not known; expected for example +09:00",
                       options->zone);
    return load_classes(options->classes, arena, &ret->classes, err);
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

/* One by one: a name that is told later is not known yet. A pipe behind a live feed does not wait. */
static int print_all(struct feeds *feeds, struct err *err)
{
    struct position position;
    size_t count;
    do {
        if (!feeds_ready(feeds) && flush(err))
            return ERR_FAIL;
        if (feeds_read(feeds, &position, 1, &count, err))
            return ERR_FAIL;
        if (count && print_position(&position, feeds_of(feeds, &position), err))
            return ERR_FAIL;
    } while (count);
    return flush(err);
}

static int run(const struct options *options, struct arena *arena, struct err *err)
{
    struct feeds_options feeds_options;
    if (feeds_options_read(options, arena, &feeds_options, err))
        return ERR_FAIL;
    struct feeds *feeds = feeds_open(options->feed, 1, &feeds_options, arena, err);
    if (!feeds)
        return ERR_FAIL;
    int failed = print_all(feeds, err);
    feeds_report(feeds);
    if (!failed)
        failed = feeds_check(feeds, err);
    feeds_close(feeds);
    return failed;
}

int cmd_decode(int argc, char **argv)
{
    struct options options;
    struct err err = {EXIT_FINE, ""};
    struct arena arena;
    if (!options_read(argc, argv, &options))
        return usage("expected one feed");
    if (options.help) {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    arena_init(&arena, MEMORY_MAX, malloc, free);
    int failed = run(&options, &arena, &err);
    arena_release(&arena);
    if (failed)
        fprintf(stderr, "detente decode: %s\n", err.text);
    return failed ? (int)err.code : EXIT_FINE;
}
