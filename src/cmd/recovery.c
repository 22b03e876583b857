#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd/cmd.h"
#include "feed/field.h"
#include "os/file.h"
#include "recovery/effort.h"

/* detente recovery: where to search next. */

static const char help[] =
    "usage: detente recovery allocate --effort T [--json] FILE.csv\n"
    "\n"
    "Reads a file with the header cell,p,w or cell,p,w,cap: a cell's name, the probability (or "
    "any\n"
    "number in proportion) that what is sought lies there, how fast effort finds it there\n"
    "(detection is 1 - 1 / e^(w x effort)), and the most effort the cell may take (empty: no "
    "limit).\n"
    "Prints the allocation of the effort T that finds most: rows cell,effort,posterior, where\n"
    "posterior is the probability of each cell after the search has found nothing, all together "
    "1.\n"
    "\n"
    "  --effort T  the effort there is, in the unit that w counts in\n"
    "  --json      one object: cells, pos (the probability mass that is found), lambda (what the\n"
    "              next unit of effort would find; null when no cell can take more), and gap "
    "(what\n"
    "              the plan leaves less what any plan must leave: 0 but for rounding)\n"
    "  --help      this text\n"
    "\n"
    "exit: 0 fine, 64 wrong usage, 65 a row is wrong, 66 the file is not there, 74 reading or\n"
    "writing failed\n";

#define FILE_BYTES_MAX  ((size_t)1 << 30)
#define ARENA_BYTES     ((size_t)4 << 30)
#define NUMBER_TEXT_MAX 40
#define FIELDS_MAX      4

struct table {
    struct bytes *name;
    double *mass, *width, *cap; /* cap: NULL if the file has no such column */
    size_t count;
};

/* ---- rows in ----------------------------------------------------------------------------------- */

static bool next_line(struct bytes *rest, struct bytes *ret_line)
{
    if (rest->n == 0)
        return false;
    const uint8_t *end = memchr(rest->p, '\n', rest->n);
    size_t n = end ? (size_t)(end - rest->p) : rest->n;
    size_t used = end ? n + 1 : n;
    *ret_line = (struct bytes){rest->p, n && rest->p[n - 1] == '\r' ? n - 1 : n};
    *rest = (struct bytes){rest->p + used, rest->n - used};
    return true;
}

static bool read_number(struct bytes text, double *ret_value)
{
    struct json number;
    return json_open_fast(text, &number) && json_double(number, ret_value);
}

static int read_row(struct table *t, struct bytes line, size_t columns, struct err *err)
{
    static const char *const names[FIELDS_MAX] = {"cell", "p", "w", "cap"};
    struct bytes field[FIELDS_MAX];
    double value[FIELDS_MAX] = {0, 0, 0, EFFORT_MOST};
    if (memchr(line.p, '"', line.n))
        return err_set(err, EXIT_DATA, "quotes are not understood; use names without commas");
    if (fields_split(line, ',', field, FIELDS_MAX) != columns)
        return err_set(err, EXIT_DATA, "expected %zu fields, as in the first line", columns);
    for (size_t i = 1; i < columns; i++)
        if (!(i == 3 && field[i].n == 0) && !read_number(field[i], &value[i]))
            return err_set(err, EXIT_DATA, "\"%.*s\" is no number for %s", (int)field[i].n,
                           (const char *)field[i].p, names[i]);
    t->name[t->count] = field[0];
    t->mass[t->count] = value[1];
    t->width[t->count] = value[2];
    if (t->cap)
        t->cap[t->count] = value[3];
    t->count++;
    return 0;
}

static int read_table(struct bytes text, struct arena *arena, struct table *ret_table,
                      struct err *err)
{
    size_t lines = 1;
    for (size_t i = 0; i < text.n; i++)
        lines += text.p[i] == '\n';
    struct bytes line = {text.p, 0};
    next_line(&text, &line);
    bool capped = bytes_is(line, "cell,p,w,cap");
    if (!capped && !bytes_is(line, "cell,p,w"))
        return err_set(err, EXIT_DATA, "line 1: expected the header cell,p,w or cell,p,w,cap");
    struct table t = {
        .name = ARENA_ARRAY(arena, struct bytes, lines),
        .mass = ARENA_ARRAY(arena, double, lines),
        .width = ARENA_ARRAY(arena, double, lines),
        .cap = capped ? ARENA_ARRAY(arena, double, lines) : NULL,
    };
    if (!t.name || !t.mass || !t.width || (capped && !t.cap))
        return err_set(err, EXIT_DATA, "%zu lines are more than can be planned at once", lines);
    for (size_t number = 2; next_line(&text, &line); number++)
        if (line.n > 0 && read_row(&t, line, capped ? 4 : 3, err) < 0)
            return err_prefix(err, "line %zu", number);
    *ret_table = t;
    return 0;
}

/* ---- the plan out ------------------------------------------------------------------------------ */

/* The shortest of 15 to 17 digits that reads back as the same number. */
static const char *number_text(double value, char text[NUMBER_TEXT_MAX])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, NUMBER_TEXT_MAX, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    return text;
}

static void print_rows(const struct table *t, const struct effort_plan *plan, double left)
{
    char effort[NUMBER_TEXT_MAX], posterior[NUMBER_TEXT_MAX];
    puts("cell,effort,posterior");
    for (size_t i = 0; i < t->count; i++)
        printf("%.*s,%s,%s\n", (int)t->name[i].n, (const char *)t->name[i].p,
               number_text(plan->effort[i], effort),
               number_text(left > 0 ? plan->left[i] / left : 0, posterior));
}

/* A name as JSON, by the one writer. */
static void print_name(struct bytes name)
{
    static char memory[4096];
    struct buf buf;
    struct json_out out;
    buf_init(&buf, memory, sizeof memory);
    json_out_init(&out, &buf);
    json_put_bytes(&out, name);
    fputs(buf.p, stdout);
}

static void print_json(const struct table *t, const struct effort_plan *plan, double left)
{
    char text[NUMBER_TEXT_MAX];
    fputs("{\"cells\":[", stdout);
    for (size_t i = 0; i < t->count; i++) {
        fputs(i ? ",{\"cell\":" : "{\"cell\":", stdout);
        print_name(t->name[i]);
        printf(",\"effort\":%s", number_text(plan->effort[i], text));
        printf(",\"posterior\":%s}", number_text(left > 0 ? plan->left[i] / left : 0, text));
    }
    printf("],\"pos\":%s", number_text(plan->found, text));
    printf(",\"lambda\":%s", plan->lambda > 0 ? number_text(plan->lambda, text) : "null");
    printf(",\"gap\":%s}\n", number_text(plan->gap, text));
}

static double left_in_all(const struct table *t, const struct effort_plan *plan)
{
    double sum = 0;
    for (size_t i = 0; i < t->count; i++)
        sum += plan->left[i];
    return sum;
}

/* ---- the command ------------------------------------------------------------------------------- */

static int allocate(const char *path, double effort, bool json, struct arena *arena,
                    struct err *err)
{
    struct bytes text;
    struct table table;
    struct effort_plan plan;
    if (file_read(path, FILE_BYTES_MAX, arena, &text, err) < 0)
        return ERR_FAIL;
    if (read_table(text, arena, &table, err) < 0)
        return err_prefix(err, "%s", path);
    struct effort_cells cells = {table.mass, table.width, table.cap, table.count};
    if (effort_allocate(&cells, effort, arena, &plan, err) < 0)
        return err_prefix(err, "%s", path);
    (json ? print_json : print_rows)(&table, &plan, left_in_all(&table, &plan));
    if (fflush(stdout))
        return err_set(err, EXIT_IO, "standard output: writing failed");
    return 0;
}

static int usage(const char *reason)
{
    fprintf(stderr, "detente recovery: %s\n\n%s", reason, help);
    return EXIT_USAGE;
}

int cmd_recovery(int argc, char **argv)
{
    static const struct option options[] = {{"effort", required_argument, NULL, 'e'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    double effort = -1;
    bool json = false;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(help, stdout);
            return EXIT_FINE;
        }
        if (option == 'j')
            json = true;
        else if (option != 'e')
            return usage("unknown option");
        else if (!read_number((struct bytes){(const uint8_t *)optarg, strlen(optarg)}, &effort) ||
                 effort < 0)
            return usage("--effort takes a number that is not negative");
    }
    if (argc - optind != 2 || strcmp(argv[optind], "allocate") != 0)
        return usage("expected: allocate FILE.csv");
    if (effort < 0)
        return usage("--effort is missing");
    struct arena arena;
    struct err err = {.code = EXIT_FINE};
    arena_init(&arena, ARENA_BYTES, malloc, free);
    if (allocate(argv[optind + 1], effort, json, &arena, &err) < 0)
        fprintf(stderr, "detente recovery: %s\n", err.text);
    arena_release(&arena);
    return (int)err.code;
}
