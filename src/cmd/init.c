#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agreement/compile.h"
#include "cmd/cmd.h"
#include "os/agreement_dir.h"
#include "os/home.h"
#include "store/store.h"

/* detente init: a party's home. */

static const char help[] =
    "usage: detente init HOME --agreement DIR [--party ID]\n"
    "\n"
    "Makes the home of one party: a copy of the agreement, a configuration, an empty database.\n"
    "What is there already is not touched.\n"
    "\n"
    "  --agreement DIR  the directory that holds agreement.json\n"
    "  --party ID       whose home it is; without it an analyst's, who is no party\n"
    "  --help           this text\n"
    "\n"
    "exit: 0 fine, 64 wrong usage, 65 the agreement is wrong, 66 it is not there, 74 writing\n"
    "failed, 77 something is there already\n";

#define CONFIG_BYTES 1024

struct options {
    const char *home, *agreement, *party;
    bool help;
};

static int usage(const char *why)
{
    fprintf(stderr, "detente init: %s\n%s", why, help);
    return EXIT_USAGE;
}

static bool options_read(int argc, char **argv, struct options *options)
{
    static const struct option names[] = {{"agreement", required_argument, NULL, 'a'},
                                          {"party", required_argument, NULL, 'p'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    *options = (struct options){NULL};
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "h", names, NULL)) != -1;) {
        if (c == 'a')
            options->agreement = optarg;
        else if (c == 'p')
            options->party = optarg;
        else if (c == 'h')
            options->help = true;
        else
            return false;
    }
    options->home = optind + 1 == argc ? argv[optind] : NULL;
    return options->help || (options->home && options->agreement);
}

static int check_party(const struct agreement *a, const char *party, struct err *err)
{
    char text[ERR_TEXT_MAX];
    struct buf names;
    if (!party || agreement_party(a, party) != AGREEMENT_NONE)
        return 0;
    buf_init(&names, text, sizeof text);
    for (uint16_t i = 0; i < a->party_count; i++)
        buf_format(&names, "%s%s", i ? ", " : "", a->parties[i].id);
    return err_set(err, EXIT_USAGE, "--party %s: the agreement has %s", party, text);
}

static int make_store(const struct home *home, const struct compiled *compiled, const char *party,
                      struct err *err)
{
    char path[FILE_PATH_MAX], digest[DIGEST_TEXT_MAX];
    struct store *store = NULL;
    struct buf buf;
    buf_init(&buf, digest, sizeof digest);
    digest_write(&buf, compiled->digest);
    if (home_path(home, "detente.db", path, err))
        return ERR_FAIL;
    struct store_options options = {
        .path = path, .digest = digest, .party = party ? party : "", .create = true};
    int failed = store_sqlite_open(&options, &store, err);
    if (!failed)
        store_close(store);
    return failed;
}

static void write_config(char text[CONFIG_BYTES], const char *party)
{
    snprintf(text, CONFIG_BYTES,
             "# What may stand here: docs/guide/operating.md. DETENTE_SECTION_KEY in the\n"
             "# environment wins over this file, the command line over both.\n"
             "\n"
             "[node]\n"
             "party = %s\n"
             "\n"
             "[http]\n"
             "# listen = 127.0.0.1\n"
             "# port = 8420\n"
             "# console = /path/to/the/console\n"
             "\n"
             "[store]\n"
             "# max_mb = 0\n"
             "\n"
             "[feeds]\n"
             "# feed = ais+tcp://127.0.0.1:10110\n",
             party ? party : "");
}

static int make_home(const struct options *options, const struct compiled *compiled,
                     struct err *err)
{
    struct home home;
    char config[CONFIG_BYTES];
    write_config(config, options->party);
    if (home_begin(&home, options->home, compiled->agreement, config, err) ||
        make_store(&home, compiled, options->party, err) || home_commit(&home, err)) {
        home_abandon(&home);
        return ERR_FAIL;
    }
    return 0;
}

static int run(const struct options *options, struct arena *arena, struct err *err)
{
    const struct agreement *agreement = NULL;
    const struct compiled *compiled = NULL;
    if (agreement_load(options->agreement, arena, &agreement, err) ||
        check_party(agreement, options->party, err) ||
        agreement_compile(options->agreement, agreement, arena, &compiled, err) ||
        make_home(options, compiled, err))
        return ERR_FAIL;
    printf("%s: home of %s under %s%s\n", options->home,
           options->party ? options->party : "an analyst", agreement->id,
           agreement->simulated ? " (SIMULATED)" : "");
    return fflush(stdout) ? err_set(err, EXIT_IO, "standard output: writing failed") : 0;
}

int cmd_init(int argc, char **argv)
{
    struct options options;
    struct err err = {EXIT_FINE, ""};
    struct arena arena;
    if (!options_read(argc, argv, &options))
        return usage("expected HOME and --agreement DIR");
    if (options.help) {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    arena_init(&arena, AGREEMENT_MEMORY_MAX, malloc, free);
    int failed = run(&options, &arena, &err);
    arena_release(&arena);
    if (failed)
        fprintf(stderr, "detente init: %s\n", err.text);
    return failed ? (int)err.code : EXIT_FINE;
}
