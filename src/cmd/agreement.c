#include "agreement/agreement.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agreement/compile.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/show.h"
#include "os/agreement_dir.h"
#include "os/file.h"

/* detente agreement: check an agreement's directory, export its zones. */

static const char help[] =
    "usage: detente agreement check DIR [--json]\n"
    "       detente agreement zones DIR --format geojson|kml [-o FILE]\n"
    "\n"
    "check   reads DIR/agreement.json and the geometry files that it names, compiles the zones\n"
    "        and prints them with the digest that both parties compare\n"
    "zones   writes the compiled zones as GeoJSON (RFC 7946) or KML 2.2\n"
    "\n"
    "  --json           one JSON object a line: for each zone zone, side, classes ([]: all),\n"
    "                   status, area_km2, vertices, boundary_error_m; then digest\n"
    "  --format FORMAT  geojson or kml\n"
    "  -o FILE          where to; without it, or with -, standard output\n"
    "  --help           this text\n"
    "\n"
    "exit: 0 fine, 64 wrong usage, 65 the agreement is wrong (one line says where), 66 it is not\n"
    "there, 74 writing failed\n";

struct options {
    const char *verb, *dir, *format, *out;
    bool json, help;
};

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

/* The verb and the directory stand among the options; nothing else may. */
static bool options_rest(int argc, char **argv, struct options *options)
{
    options->verb = optind < argc ? argv[optind] : NULL;
    options->dir = optind + 1 < argc ? argv[optind + 1] : NULL;
    return options->help || optind + 2 == argc;
}

static bool options_read(int argc, char **argv, struct options *options)
{
    static const struct option names[] = {{"json", no_argument, NULL, 'j'},
                                          {"format", required_argument, NULL, 'f'},
                                          {"output", required_argument, NULL, 'o'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    *options = (struct options){NULL};
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "o:h", names, NULL)) != -1;) {
        if (c == 'j')
            options->json = true;
        else if (c == 'f')
            options->format = optarg;
        else if (c == 'o')
            options->out = optarg;
        else if (c == 'h')
            options->help = true;
        else
            return false;
    }
    return options_rest(argc, argv, options);
}

static int load(const char *dir, struct arena *arena, const struct compiled **ret_compiled,
                struct err *err)
{
    const struct agreement *agreement = NULL;
    if (agreement_load(dir, arena, &agreement, err))
        return ERR_FAIL;
    return agreement_compile(dir, agreement, arena, ret_compiled, err);
}

/* ---- check -------------------------------------------------------------------------------------- */

/* Rounded up: a bound stays a bound. */
#define ERROR_DECIMALS 4
static int64_t error_e4(double metres)
{
    int64_t below = (int64_t)(metres * 1e4);
    return below + ((double)below < metres * 1e4 ? 1 : 0);
}

static uint32_t vertex_count(const struct region *region)
{
    return region->ring_count ? region->ring_start[region->ring_count] : 0;
}

static const char *side_of(const struct agreement *a, const struct zone *zone)
{
    return zone->side == AGREEMENT_NONE ? NULL : a->parties[zone->side].id;
}

static void put_classes(struct json_out *out, const char *names)
{
    json_begin(out, '[');
    for (size_t n; *names; names += n + (names[n] == ' ')) {
        n = strcspn(names, " ");
        json_put_bytes(out, (struct bytes){(const uint8_t *)names, n});
    }
    json_end(out, ']');
}

static void put_measures(struct json_out *out, const struct compiled_zone *zone)
{
    bool measured = zone->region.ring_count > 0;
    json_key(out, "area_km2");
    if (measured)
        json_put_decimal(out, (int64_t)(zone->area_m2 + 0.5), 6);
    else
        json_put_null(out);
    json_key(out, "vertices");
    json_put_int(out, vertex_count(&zone->region));
    json_key(out, "boundary_error_m");
    if (measured)
        json_put_decimal(out, error_e4(zone->boundary_error_m), ERROR_DECIMALS);
    else
        json_put_null(out);
}

static int print_zone_json(const struct compiled *c, uint16_t i, struct arena *arena,
                           struct err *err)
{
    const struct zone *zone = &c->agreement->zones[i];
    size_t room = 1024 + 2 * strlen(zone->classes_text);
    char *memory = arena_alloc(arena, room, 1);
    if (!memory)
        return err_set(err, EXIT_DATA, "no memory to print zone %s", zone->id);
    struct buf buf;
    struct json_out out;
    buf_init(&buf, memory, room);
    json_out_init(&out, &buf);
    json_begin(&out, '{');
    json_key(&out, "zone");
    json_put_text(&out, zone->id);
    json_key(&out, "side");
    json_put_text(&out, side_of(c->agreement, zone));
    json_key(&out, "classes");
    put_classes(&out, zone->classes_text);
    json_key(&out, "status");
    json_put_text(&out, zone_status_name(zone->status));
    put_measures(&out, &c->zones[i]);
    json_end(&out, '}');
    puts(buf.p);
    return 0;
}

static void print_hex(const uint8_t digest[32])
{
    for (int i = 0; i < 32; i++)
        printf("%02x", digest[i]);
}

static int print_json(const struct compiled *c, struct arena *arena, struct err *err)
{
    for (uint16_t i = 0; i < c->agreement->zone_count; i++)
        if (print_zone_json(c, i, arena, err))
            return ERR_FAIL;
    printf("{\"digest\":\"");
    print_hex(c->digest);
    printf("\"}\n");
    return 0;
}

static void print_zone(const struct agreement *a, const struct zone *zone,
                       const struct compiled_zone *compiled)
{
    const char *side = side_of(a, zone);
    printf("%-16s %-6s %-11s ", zone->id, side ? side : "-", zone_status_name(zone->status));
    if (compiled->region.ring_count)
        printf("%14.6f %9u %8.4f  ", compiled->area_m2 / 1e6, vertex_count(&compiled->region),
               (double)error_e4(compiled->boundary_error_m) / 1e4);
    else
        printf("%14s %9s %8s  ", "-", "-", "-");
    printf("%s\n", *zone->classes_text ? zone->classes_text : "all");
}

static int print_table(const struct compiled *c, struct arena *arena, struct err *err)
{
    const struct agreement *a = c->agreement;
    (void)arena;
    (void)err;
    printf("%s: %s", a->id, a->simulated ? "SIMULATED: " : "");
    show_text(a->title.en);
    printf("%s", a->title.en && a->title.ko ? " / " : "");
    show_text(a->title.ko);
    putchar('\n');
    printf("%d parties, %d lines, %d zones, %d provisions, %d rules, %u changes of status\n\n",
           a->party_count, a->line_count, a->zone_count, a->provision_count, a->rule_count,
           a->status_count);
    printf("%-16s %-6s %-11s %14s %9s %8s  %s\n", "zone", "side", "status", "area km2", "vertices",
           "error m", "classes");
    for (uint16_t i = 0; i < a->zone_count; i++)
        print_zone(a, &a->zones[i], &c->zones[i]);
    printf("\ndigest ");
    print_hex(c->digest);
    printf("\n");
    return 0;
}

static int check(const struct options *options, struct arena *arena, struct err *err)
{
    const struct compiled *compiled = NULL;
    if (load(options->dir, arena, &compiled, err))
        return ERR_FAIL;
    if (options->json ? print_json(compiled, arena, err) : print_table(compiled, arena, err))
        return ERR_FAIL;
    if (fflush(stdout))
        return err_set(err, EXIT_IO, "standard output: writing failed");
    return 0;
}

/* ---- zones -------------------------------------------------------------------------------------- */

static int put_file(void *to, const void *p, size_t n, struct err *err)
{
    return file_put(to, p, n, err);
}

static int put_stdout(void *to, const void *p, size_t n, struct err *err)
{
    if (fwrite(p, 1, n, to) != n)
        return err_set(err, EXIT_IO, "standard output: writing failed");
    return 0;
}

static int export_to_file(const struct compiled *compiled, enum zone_format format,
                          const char *path, struct arena *arena, struct err *err)
{
    struct file_out out;
    if (file_open(&out, path, err))
        return ERR_FAIL;
    if (zones_export(compiled, format, arena, put_file, &out, err) || file_commit(&out, err)) {
        file_abandon(&out);
        return ERR_FAIL;
    }
    return 0;
}

static int export_to_stdout(const struct compiled *compiled, enum zone_format format,
                            struct arena *arena, struct err *err)
{
    if (zones_export(compiled, format, arena, put_stdout, stdout, err))
        return ERR_FAIL;
    if (fflush(stdout))
        return err_set(err, EXIT_IO, "standard output: writing failed");
    return 0;
}

static bool format_find(const char *name, enum zone_format *ret_format)
{
    static const char *const names[] = {[ZONES_GEOJSON] = "geojson", [ZONES_KML] = "kml"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0) {
            *ret_format = (enum zone_format)i;
            return true;
        }
    return false;
}

static int zones(const struct options *options, struct arena *arena, struct err *err)
{
    enum zone_format format;
    const struct compiled *compiled = NULL;
    if (!options->format || !format_find(options->format, &format))
        return err_set(err, EXIT_USAGE, "zones needs --format geojson or --format kml");
    if (load(options->dir, arena, &compiled, err))
        return ERR_FAIL;
    if (!options->out || strcmp(options->out, "-") == 0)
        return export_to_stdout(compiled, format, arena, err);
    return export_to_file(compiled, format, options->out, arena, err);
}

/* ---- the verbs ---------------------------------------------------------------------------------- */

struct verb_row {
    const char *name;
    int (*run)(const struct options *options, struct arena *arena, struct err *err);
};

static const struct verb_row verbs[] = {{"check", check}, {"zones", zones}};

static const struct verb_row *verb_find(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

int cmd_agreement(int argc, char **argv)
{
    struct options options;
    struct err err = {EXIT_FINE, ""};
    struct arena arena;
    if (!options_read(argc, argv, &options))
        return usage("expected a verb and a directory");
    if (options.help) {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    const struct verb_row *verb = verb_find(options.verb);
    if (!verb)
        return usage("expected check or zones");
    arena_init(&arena, AGREEMENT_MEMORY_MAX, malloc, free);
    int failed = verb->run(&options, &arena, &err);
    arena_release(&arena);
    return failed ? report(&err) : EXIT_FINE;
}
