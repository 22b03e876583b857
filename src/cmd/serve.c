#include <event2/event.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "cmd/cmd.h"
#include "cmd/feeds.h"
#include "os/agreement_dir.h"
#include "os/clock.h"
#include "os/config.h"
#include "os/crew.h"
#include "os/home.h"

/* detente serve: one party's node with its feeds, its store and its console, on one loop. */

static const char help[] =
    "usage: detente serve HOME [--feed URL]... [--console DIR] [--listen ADDRESS] [--port N]\n"
    "                     [--simulate-speed N] [--threads N]\n"
    "\n"
    "Runs the node of a home until SIGINT or SIGTERM, and prints the address of its console.\n"
    "\n"
    "  --feed URL          a feed; once each, up to 16. Takes the place of those in the\n"
    "                      configuration. ais+udp://:10110  ais+tcp://HOST:PORT\n"
    "                      sbs+tcp://HOST:30003  aircraft+http://HOST/PATH  tcp://HOST:PORT\n"
    "                      udp://:PORT  file:PATH?speed=60&loop=1  -\n"
    "                      after \"?\", joined by \"&\": format=F name=NAME simulated=1, and for\n"
    "                      files speed=N and loop=1\n"
    "  --console DIR       the folder of the console's files\n"
    "  --listen ADDRESS    a loopback address (default 127.0.0.1)\n"
    "  --port N            default 8420; 0: any that is free\n"
    "  --simulate-speed N  files that name no speed are replayed N times as fast as it was\n"
    "  --threads N         threads that watch; what is told is the same with any number (default:\n"
    "                      as many as there are processors)\n"
    "  --help              this text\n"
    "\n"
    "Everything may stand in HOME/detente.conf instead (docs/guide/operating.md).\n"
    "\n"
    "exit: 0 fine, also after SIGINT and SIGTERM; 64 wrong usage, 65 the agreement is wrong, 66 a\n"
    "file is not there, 69 the home is taken or the port in use, 74 what must be kept cannot be\n"
    "kept, 78 wrong configuration\n";

#define TRACKS_MAX  200000
#define MEMORY_MAX  ((size_t)6 << 30)
#define SCRATCH_MAX ((size_t)1 << 30)

struct options {
    const char *home, *console, *listen, *port, *speed, *threads;
    const char *feeds[CONFIG_FEEDS_MAX];
    size_t feed_count;
    bool help;
};

struct serve {
    struct arena arena;
    struct home home;
    struct config config;
    const struct compiled *compiled;
    struct event_base *base;
    struct store *store;
    struct node *node;
    struct crew *crew;
    struct desk desk;
    struct api api;
    struct sources *sources;
    struct http_server *http;
    struct event *signals[2];
    bool desk_made, api_made;
};

/* ---- options ------------------------------------------------------------------------------------ */

static int usage(const char *why)
{
    fprintf(stderr, "detente serve: %s\n%s", why, help);
    return EXIT_USAGE;
}

static bool add_feed(struct options *options, const char *url)
{
    if (options->feed_count == CONFIG_FEEDS_MAX)
        return false;
    options->feeds[options->feed_count++] = url;
    return true;
}

static bool take_option(struct options *options, int c)
{
    switch (c) {
    case 'f':
        return add_feed(options, optarg);
    case 'c':
        options->console = optarg;
        return true;
    case 'l':
        options->listen = optarg;
        return true;
    case 'p':
        options->port = optarg;
        return true;
    case 's':
        options->speed = optarg;
        return true;
    case 't':
        options->threads = optarg;
        return true;
    case 'h':
        options->help = true;
        return true;
    default:
        return false;
    }
}

static bool options_read(int argc, char **argv, struct options *options)
{
    static const struct option names[] = {
        {"feed", required_argument, NULL, 'f'},    {"console", required_argument, NULL, 'c'},
        {"listen", required_argument, NULL, 'l'},  {"port", required_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},          {"simulate-speed", required_argument, NULL, 's'},
        {"threads", required_argument, NULL, 't'}, {NULL, 0, NULL, 0}};
    *options = (struct options){NULL};
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "h", names, NULL)) != -1;)
        if (!take_option(options, c))
            return false;
    options->home = optind + 1 == argc ? argv[optind] : NULL;
    return options->help || options->home;
}

/* ---- configuration ------------------------------------------------------------------------------ */

static int read_file_config(struct serve *s, struct err *err)
{
    char path[FILE_PATH_MAX];
    struct bytes text;
    return home_path(&s->home, "detente.conf", path, err) ||
                   file_read(path, CONFIG_BYTES_MAX, &s->arena, &text, err) ||
                   config_read(&s->config, text, path, err)
               ? ERR_FAIL
               : 0;
}

static int set_flag(struct serve *s, const char *section, const char *key, const char *value,
                    struct err *err)
{
    if (!value || !config_set(&s->config, section, key, bytes_of(value), err))
        return 0;
    err->code = EXIT_USAGE;
    return ERR_FAIL;
}

static int set_flags(struct serve *s, const struct options *options, struct err *err)
{
    if (options->feed_count)
        s->config.feed_count = 0;
    for (size_t i = 0; i < options->feed_count; i++)
        if (set_flag(s, "feeds", "feed", options->feeds[i], err))
            return ERR_FAIL;
    return set_flag(s, "http", "console", options->console, err) ||
                   set_flag(s, "http", "listen", options->listen, err) ||
                   set_flag(s, "http", "port", options->port, err) ||
                   set_flag(s, "feeds", "speed", options->speed, err) ||
                   set_flag(s, "node", "threads", options->threads, err)
               ? ERR_FAIL
               : 0;
}

static int configure(struct serve *s, const struct options *options, struct err *err)
{
    config_defaults(&s->config);
    return home_open(&s->home, options->home, err) || read_file_config(s, err) ||
                   config_environment(&s->config, getenv, err) || set_flags(s, options, err)
               ? ERR_FAIL
               : 0;
}

/* ---- agreement, store, node --------------------------------------------------------------------- */

static int load(struct serve *s, struct err *err)
{
    char dir[FILE_PATH_MAX];
    return home_path(&s->home, "agreement", dir, err) ||
                   agreement_open(dir, &s->arena, &s->compiled, err)
               ? ERR_FAIL
               : 0;
}

static int open_store(struct serve *s, struct err *err)
{
    char path[FILE_PATH_MAX], digest[DIGEST_TEXT_MAX];
    struct store_options options = {
        .path = path, .digest = digest, .party = s->config.party, .max_mb = s->config.store_max_mb};
    struct buf buf;
    if (strcmp(s->config.store, "memory") == 0)
        return store_memory_open(&s->store, err);
    if (strcmp(s->config.store, "sqlite") != 0)
        return err_set(err, EXIT_CONFIG, "[store] kind: expected sqlite or memory, not \"%s\"",
                       s->config.store);
    buf_init(&buf, digest, sizeof digest);
    digest_write(&buf, s->compiled->digest);
    return home_path(&s->home, "detente.db", path, err) ||
                   store_sqlite_open(&options, &s->store, err)
               ? ERR_FAIL
               : 0;
}

/* Live feeds are all or none (os/source.h); what is wrong with a URL is said where they open. */
static bool is_live(const struct serve *s)
{
    struct feed_url url;
    struct err err;
    return s->config.feed_count && !feed_url_read(s->config.feeds[0], &url, &err) &&
           feed_url_is_live(&url);
}

static int make_node(struct serve *s, struct err *err)
{
    const struct agreement *a = s->compiled->agreement;
    struct node_options options = {
        .party = AGREEMENT_NONE, .watch = watch_defaults(), .alert_max = ALERTS_MAX};
    if (crew_new((uint32_t)s->config.threads, &s->crew, err))
        return ERR_FAIL;
    options.jobs = crew_jobs(s->crew);
    options.watch.track_max = TRACKS_MAX;
    options.watch.ahead_us = is_live(s) ? WATCH_AHEAD_US : 0;
    if (s->config.party[0] &&
        (options.party = agreement_party(a, s->config.party)) == AGREEMENT_NONE)
        return err_set(err, EXIT_CONFIG, "[node] party: the agreement has no party \"%s\"",
                       s->config.party);
    s->node = node_new(s->compiled, &options, &s->arena, err);
    return s->node ? 0 : ERR_FAIL;
}

/* ---- desk, feeds, server ------------------------------------------------------------------------ */

/* A line of diagnostics. */
static void note(void *to, const char *text)
{
    char memory[40];
    struct buf time;
    (void)to;
    buf_init(&time, memory, sizeof memory);
    time_write(&time, clock_now_us() / TIME_SECOND * TIME_SECOND);
    fprintf(stderr, "%s %s\n", memory, text);
}

static int make_desk(struct serve *s, struct err *err)
{
    struct arena scratch;
    s->base = event_base_new();
    if (!s->base)
        return err_set(err, EXIT_UNAVAILABLE, "no event loop can be made");
    s->desk_made = true;
    if (desk_init(&s->desk, s->base, s->node, s->store, err))
        return ERR_FAIL;
    s->api_made = true;
    arena_init(&scratch, SCRATCH_MAX, malloc, free);
    int failed = api_init(&s->api, &s->desk, s->config.console, &scratch, err);
    arena_release(&scratch);
    return failed;
}

static int read_urls(struct serve *s, struct feed_url *urls, struct err *err)
{
    for (size_t i = 0; i < s->config.feed_count; i++) {
        if (feed_url_read(s->config.feeds[i], &urls[i], err))
            return ERR_FAIL;
        if (urls[i].transport == FEED_FROM_FILE && !urls[i].speed)
            urls[i].speed = s->config.speed;
    }
    return 0;
}

static int open_feeds(struct serve *s, struct err *err)
{
    struct sources_options options = {.to = &s->desk,
                                      .positions = desk_positions,
                                      .note = note,
                                      .zone_known = s->config.zone[0] != '\0'};
    struct feed_url *urls = ARENA_ARRAY(&s->arena, struct feed_url, CONFIG_FEEDS_MAX);
    if (!urls)
        return err_set(err, EXIT_CONFIG, "no memory for feeds");
    if (options.zone_known && !time_zone_offset(bytes_of(s->config.zone), &options.zone_us))
        return err_set(err, EXIT_CONFIG,
                       "[feeds] tz: \"%s\" is not known; expected for example "
                       "+09:00",
                       s->config.zone);
    if (read_urls(s, urls, err) ||
        feeds_classes(s->config.classes, &s->arena, &options.classes, err))
        return ERR_FAIL;
    s->sources = sources_new(s->base, urls, s->config.feed_count, &options, err);
    return s->sources ? desk_start(&s->desk, s->sources, err) : ERR_FAIL;
}

static int listen_http(struct serve *s, struct err *err)
{
    struct http_options options = {.address = s->config.listen,
                                   .port = (uint16_t)s->config.port,
                                   .to = &s->api,
                                   .handle = api_handle};
    s->http = http_new(s->base, &options, err);
    s->api.http = s->http;
    return s->http ? 0 : ERR_FAIL;
}

/* ---- running ------------------------------------------------------------------------------------ */

static void on_signal(evutil_socket_t number, short what, void *to)
{
    (void)number;
    (void)what;
    event_base_loopbreak(to);
}

/* A broken pipe and a file's limit are errors of the write, told where they happen. */
static int catch_signals(struct serve *s, struct err *err)
{
    static const int numbers[2] = {SIGINT, SIGTERM};
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    for (int i = 0; i < 2; i++) {
        s->signals[i] = evsignal_new(s->base, numbers[i], on_signal, s->base);
        if (!s->signals[i] || event_add(s->signals[i], NULL))
            return err_set(err, EXIT_UNAVAILABLE, "signals cannot be caught");
    }
    return 0;
}

static int announce(const struct serve *s, struct err *err)
{
    bool six = strchr(s->config.listen, ':') != NULL;
    printf("http://%s%s%s:%u/\n", six ? "[" : "", s->config.listen, six ? "]" : "",
           http_port(s->http));
    if (s->desk.counts.rejected)
        fprintf(stderr, "%" PRIu64 " kept alerts do not fit the agreement and were left out\n",
                s->desk.counts.rejected);
    return fflush(stdout) ? err_set(err, EXIT_IO, "standard output: writing failed") : 0;
}

static int start(struct serve *s, const struct options *options, struct err *err)
{
    return configure(s, options, err) || load(s, err) || open_store(s, err) || make_node(s, err) ||
                   make_desk(s, err) || catch_signals(s, err) || listen_http(s, err) ||
                   open_feeds(s, err) || announce(s, err)
               ? ERR_FAIL
               : 0;
}

static int run(struct serve *s, const struct options *options, struct err *err)
{
    if (start(s, options, err))
        return ERR_FAIL;
    event_base_dispatch(s->base);
    desk_settle(&s->desk);
    if (!s->desk.failure.code)
        return 0;
    *err = s->desk.failure;
    return ERR_FAIL;
}

/* In the reverse order; what was not made is harmless. */
static void end(struct serve *s)
{
    http_free(s->http);
    sources_free(s->sources);
    if (s->api_made)
        api_free(&s->api);
    if (s->desk_made)
        desk_free(&s->desk);
    for (int i = 0; i < 2; i++)
        if (s->signals[i])
            event_free(s->signals[i]);
    if (s->base)
        event_base_free(s->base);
    store_close(s->store);
    crew_free(s->crew);
    home_close(&s->home);
    arena_release(&s->arena);
}

int cmd_serve(int argc, char **argv)
{
    struct options options;
    struct err err = {EXIT_FINE, ""};
    if (!options_read(argc, argv, &options))
        return usage("expected HOME");
    if (options.help) {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    struct serve *s = calloc(1, sizeof *s);
    if (!s)
        return EXIT_CONFIG;
    s->home.lock.fd = -1;
    arena_init(&s->arena, MEMORY_MAX, malloc, free);
    int failed = run(s, &options, &err);
    end(s);
    free(s);
    if (failed)
        fprintf(stderr, "detente serve: %s\n", err.text);
    return failed ? (int)err.code : EXIT_FINE;
}
