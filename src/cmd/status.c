#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agreement/agreement.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/show.h"
#include "os/agreement_dir.h"

/* detente status: what is in force for whom at a time. */

static const char help[] =
    "usage: detente status --agreement DIR --on TIME [--json]\n"
    "\n"
    "Prints the state of every provision for every party at a time, with the act that made it.\n"
    "\n"
    "  --agreement DIR  the directory that holds agreement.json\n"
    "  --on TIME        \"2023-11-22T15:00+09:00\"; without an offset in the agreement's time "
    "zone;\n"
    "                   a date alone means the end of that day\n"
    "  --json           one JSON object a line: provision, party, state, since, cause, source;\n"
    "                   since is a date where only the day is known, null from the beginning on\n"
    "  --help           this text\n"
    "\n"
    "exit: 0 fine, 64 wrong usage, 65 the agreement is wrong, 66 it is not there\n";

struct options {
    const char *agreement, *on;
    bool json, help;
};

static int usage(const char *why)
{
    fprintf(stderr, "detente status: %s\n%s", why, help);
    return EXIT_USAGE;
}

static bool options_read(int argc, char **argv, struct options *options)
{
    static const struct option names[] = {{"agreement", required_argument, NULL, 'a'},
                                          {"on", required_argument, NULL, 'o'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    *options = (struct options){NULL};
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "h", names, NULL)) != -1;) {
        if (c == 'a')
            options->agreement = optarg;
        else if (c == 'o')
            options->on = optarg;
        else if (c == 'j')
            options->json = true;
        else if (c == 'h')
            options->help = true;
        else
            return false;
    }
    return optind == argc;
}

/* ---- one row ------------------------------------------------------------------------------------ */

#define SINCE_BYTES 40

/* The day in the agreement's own zone where the act names only that; else the time in UTC. */
static const char *since_text(const struct agreement *a, const struct status_event *since,
                              char memory[SINCE_BYTES])
{
    struct buf buf;
    if (!since || since->time_us == TIME_UNKNOWN)
        return NULL;
    buf_init(&buf, memory, SINCE_BYTES);
    if (since->date_only) {
        struct civil day = time_civil(since->time_us + a->zone_offset_us);
        buf_format(&buf, "%04d-%02d-%02d", day.year, day.month, day.day);
    } else {
        time_write(&buf, since->time_us);
    }
    return memory;
}

static const char *cause_text(const struct status_event *since)
{
    if (!since)
        return NULL;
    return since->cause.en ? since->cause.en : since->cause.ko;
}

static size_t text_room(const char *text)
{
    return text ? 6 * strlen(text) : 0; /* an escape of a control character has six bytes */
}

struct row {
    const char *provision, *party, *state, *since, *cause, *source;
};

static int print_json(const struct row *row, struct arena *arena, struct err *err)
{
    const char *const keys[] = {"provision", "party", "state", "since", "cause", "source"};
    const char *const values[] = {row->provision, row->party, row->state,
                                  row->since,     row->cause, row->source};
    size_t room = 512 + text_room(row->cause) + text_room(row->source);
    struct arena_mark mark = arena_mark(arena);
    char *memory = arena_alloc(arena, room, 1);
    if (!memory)
        return err_set(err, EXIT_DATA, "no memory to print provision %s", row->provision);
    struct buf buf;
    struct json_out out;
    buf_init(&buf, memory, room);
    json_out_init(&out, &buf);
    json_begin(&out, '{');
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        json_key(&out, keys[i]);
        json_put_text(&out, values[i]);
    }
    json_end(&out, '}');
    puts(buf.p);
    arena_rewind(arena, mark);
    return 0;
}

static int print_text(const struct row *row, struct arena *arena, struct err *err)
{
    (void)arena;
    (void)err;
    printf("%-8s %-6s %-18s %-20s ", row->provision, row->party, row->state,
           row->since ? row->since : "-");
    show_text(row->cause);
    putchar('\n');
    return 0;
}

/* ---- all rows ----------------------------------------------------------------------------------- */

static int print_all(const struct agreement *a, int64_t time_us, bool json, struct arena *arena,
                     struct err *err)
{
    char memory[SINCE_BYTES];
    for (uint16_t i = 0; i < a->provision_count; i++)
        for (uint16_t k = 0; k < a->party_count; k++) {
            const struct status_event *since;
            enum state state = agreement_state(a, i, k, time_us, &since);
            struct row row = {a->provisions[i].id, a->parties[k].id,
                              state_name(state),   since_text(a, since, memory),
                              cause_text(since),   since ? since->source : NULL};
            if (json ? print_json(&row, arena, err) : print_text(&row, arena, err))
                return ERR_FAIL;
        }
    if (fflush(stdout))
        return err_set(err, EXIT_IO, "standard output: writing failed");
    return 0;
}

static int run(const struct options *options, struct arena *arena, struct err *err)
{
    const struct agreement *a = NULL;
    int64_t time_us;
    bool date_only;
    if (agreement_load(options->agreement, arena, &a, err))
        return ERR_FAIL;
    if (!time_read(bytes_of(options->on), a->zone_offset_us, &time_us, &date_only))
        return err_set(err, EXIT_USAGE,
                       "--on %s: not a time; expected 2018-11-01 or 2023-11-22T15:00+09:00",
                       options->on);
    return print_all(a, time_us, options->json, arena, err);
}

int cmd_status(int argc, char **argv)
{
    struct options options;
    struct err err = {EXIT_FINE, ""};
    struct arena arena;
    if (!options_read(argc, argv, &options))
        return usage("the command line is not understood");
    if (options.help) {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    if (!options.agreement || !options.on)
        return usage("--agreement and --on are needed");
    arena_init(&arena, AGREEMENT_MEMORY_MAX, malloc, free);
    int failed = run(&options, &arena, &err);
    arena_release(&arena);
    if (failed)
        fprintf(stderr, "detente status: %s\n", err.text);
    return failed ? (int)err.code : EXIT_FINE;
}
