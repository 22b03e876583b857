#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/agreement_parts.h"
#include "cmd/cmd.h"
#include "os/agreement_dir.h"

/* detente agreement: check an agreement's directory, export its zones, import those of others. */

static const char help[] =
    "usage: detente agreement check DIR [--json]\n"
    "       detente agreement zones DIR --format FORMAT [--exact] [-o FILE]\n"
    "       detente agreement import FILE [--format FORMAT] [--party ID]... [--id ID]\n"
    "                         [--box W,S,E,N] [--edges EDGES] [--skip] [-o DIR]\n"
    "\n"
    "check   reads DIR/agreement.json and the geometry files that it names, compiles the zones\n"
    "        and prints them with the digest that both parties compare\n"
    "zones   writes the compiled zones as a zone file\n"
    "import  makes an agreement of the zones of FILE\n"
    "\n"
    "  --json           one JSON object a line: for each zone zone, side, classes ([]: all),\n"
    "                   status, area_km2, vertices, boundary_error_m; then digest\n"
    "  --format FORMAT  zones: geojson, kml, openair, ed318, gpkg\n"
    "                   import: geojson, kml, openair, ed269, ed318; else by what FILE holds\n"
    "  --exact          no points between the vertices of the compiled zones\n"
    "  -o FILE          where to; without it, or with -, standard output\n"
    "  -o DIR           a directory without an agreement; it is made if it is not there\n"
    "  --party ID       a party of the agreement; without any, two stand in: A and B\n"
    "  --id ID          the agreement's id; else from the name of FILE\n"
    "  --box W,S,E,N    only areas that meet this box, in degrees\n"
    "  --edges EDGES    geodesic or lonlat, instead of what the format says\n"
    "  --skip           leave out areas that are wrong, and say which\n"
    "  --help           this text\n"
    "\n"
    "exit: 0 fine, 64 wrong usage, 65 the agreement or FILE is wrong (one line says where), 66 it\n"
    "is not there, 74 writing failed\n";

static int usage(const char *why)
{
    fprintf(stderr, "detente agreement: %s\n%s", why, help);
    return EXIT_USAGE;
}

static int report(const struct err *err)
{
    fprintf(stderr, "detente agreement: %s\n", err->text);
    return (int)err->code;
}

/* The verb and the path stand among the options; nothing else may. */
static bool options_rest(int argc, char **argv, struct agreement_options *options)
{
    options->verb = optind < argc ? argv[optind] : NULL;
    options->path = optind + 1 < argc ? argv[optind + 1] : NULL;
    return options->help || optind + 2 == argc;
}

static bool party_add(struct agreement_options *options, const char *id)
{
    if (options->party_count == AGREEMENT_PARTIES_MAX)
        return false;
    options->parties[options->party_count++] = id;
    return true;
}

static bool option_take(struct agreement_options *options, int c)
{
    const char **const texts[] = {['f'] = &options->format,
                                  ['o'] = &options->out,
                                  ['i'] = &options->id,
                                  ['b'] = &options->box,
                                  ['e'] = &options->edges};
    bool *const flags[] = {['j'] = &options->json,
                           ['x'] = &options->exact,
                           ['s'] = &options->skip,
                           ['h'] = &options->help};
    size_t at = (size_t)c;
    if (c == 'p')
        return party_add(options, optarg);
    if (at < sizeof texts / sizeof texts[0] && texts[at])
        *texts[at] = optarg;
    else if (at < sizeof flags / sizeof flags[0] && flags[at])
        *flags[at] = true;
    else
        return false;
    return true;
}

static bool options_read(int argc, char **argv, struct agreement_options *options)
{
    static const struct option names[] = {{"json", no_argument, NULL, 'j'},
                                          {"format", required_argument, NULL, 'f'},
                                          {"exact", no_argument, NULL, 'x'},
                                          {"output", required_argument, NULL, 'o'},
                                          {"party", required_argument, NULL, 'p'},
                                          {"id", required_argument, NULL, 'i'},
                                          {"box", required_argument, NULL, 'b'},
                                          {"edges", required_argument, NULL, 'e'},
                                          {"skip", no_argument, NULL, 's'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    *options = (struct agreement_options){NULL};
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "o:h", names, NULL)) != -1;)
        if (!option_take(options, c))
            return false;
    return options_rest(argc, argv, options);
}

struct verb_row {
    const char *name;
    int (*run)(const struct agreement_options *options, struct arena *arena, struct err *err);
};

static const struct verb_row verbs[] = {
    {"check", agreement_check}, {"zones", agreement_zones}, {"import", agreement_import}};

static const struct verb_row *verb_find(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

int cmd_agreement(int argc, char **argv)
{
    struct agreement_options options;
    struct err err = {EXIT_FINE, ""};
    struct arena arena;
    if (!options_read(argc, argv, &options))
        return usage("expected a verb and a directory or file");
    if (options.help) {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    const struct verb_row *verb = verb_find(options.verb);
    if (!verb)
        return usage("expected check, zones or import");
    arena_init(&arena, AGREEMENT_MEMORY_MAX, malloc, free);
    int failed = verb->run(&options, &arena, &err);
    arena_release(&arena);
    return failed ? report(&err) : EXIT_FINE;
}
