#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agreement/compile.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "feed/field.h"
#include "os/agreement_dir.h"
#include "watch/watch.h"

/* detente locate: points in, the zones that hold them out. */

static const char help[] =
    "usage: detente locate --agreement DIR < POINTS\n"
    "\n"
    "Reads lines time,lon,lat,alt_m,class,side from standard input (a first line of these names\n"
    "is skipped; all but lon and lat may be empty) and prints for each a JSON object with the\n"
    "same fields and zones: every compiled zone that may concern the class, with inside,\n"
    "certainty and dist_m, the distance to its border in plan, negative inside. A zone holds a\n"
    "point if its altitude (metres above the ellipsoid) and its period do, where the line tells\n"
    "altitude and time.\n"
    "\n"
    "  --agreement DIR  the directory that holds agreement.json\n"
    "  --help           this text\n"
    "\n"
    "exit: 0 fine, 64 wrong usage, 65 a line or the agreement is wrong (other lines are answered\n"
    "all the same), 66 the agreement is not there, 74 reading or writing failed\n";

#define LINE_MAX_BYTES 1024
#define FIELDS         6
#define OUT_BYTES      32768 /* 64 zones of at most 64 bytes of id and 100 of the rest */

static const char *const names[FIELDS] = {"time", "lon", "lat", "alt_m", "class", "side"};

struct point {
    struct position position;
    uint16_t side;
};

/* ---- a line in --------------------------------------------------------------------------------- */

/* How a field is read into the point; false: it is wrong. */
typedef bool field_reader(const struct agreement *a, struct bytes text, struct point *point);

static bool read_time(const struct agreement *a, struct bytes text, struct point *point)
{
    bool date_only;
    point->position.time_source = TIME_FROM_TAG;
    return time_read(text, a->zone_offset_us, &point->position.time_us, &date_only);
}

static bool read_lon(const struct agreement *a, struct bytes text, struct point *point)
{
    int32_t lon_e7;
    (void)a;
    if (!degree_read(text, LON_E7_MAX, &lon_e7))
        return false;
    point->position.lon_e7 = lon_wrap_e7(lon_e7);
    return true;
}

static bool read_lat(const struct agreement *a, struct bytes text, struct point *point)
{
    (void)a;
    return degree_read(text, LAT_E7_MAX, &point->position.lat_e7);
}

#define ALT_CM_MAX INT64_C(100000000) /* 1,000 km */

static bool read_alt(const struct agreement *a, struct bytes text, struct point *point)
{
    struct json number;
    int64_t alt_cm;
    (void)a;
    if (!json_open_fast(text, &number) || !json_scaled(number, 2, &alt_cm, NULL) ||
        alt_cm > ALT_CM_MAX || alt_cm < -ALT_CM_MAX)
        return false;
    point->position.alt_cm = (int32_t)alt_cm;
    point->position.alt_ref = ALT_REF_ELLIPSOID;
    return true;
}

static bool read_class(const struct agreement *a, struct bytes text, struct point *point)
{
    enum platform platform;
    (void)a;
    if (!platform_from_name(text, &platform))
        return false;
    point->position.platform = (uint8_t)platform;
    return true;
}

static bool read_side(const struct agreement *a, struct bytes text, struct point *point)
{
    char id[AGREEMENT_ID_MAX];
    if (!bytes_copy_text(text, id, sizeof id))
        return false;
    point->side = agreement_party(a, id);
    return point->side != AGREEMENT_NONE;
}

static field_reader *const readers[FIELDS] = {read_time, read_lon,   read_lat,
                                              read_alt,  read_class, read_side};
static const bool required[FIELDS] = {false, true, true, false, false, false};

static int point_read(const struct agreement *a, struct bytes line, struct point *point,
                      struct err *err)
{
    struct bytes fields[FIELDS];
    *point = (struct point){.position = {.time_us = TIME_UNKNOWN,
                                         .alt_cm = ALT_UNKNOWN,
                                         .north_cmps = SPEED_UNKNOWN,
                                         .east_cmps = SPEED_UNKNOWN,
                                         .up_cmps = SPEED_UNKNOWN},
                            .side = AGREEMENT_NONE};
    if (fields_split(line, ',', fields, FIELDS) != FIELDS)
        return err_set(err, EXIT_DATA, "expected 6 fields: time,lon,lat,alt_m,class,side");
    for (int i = 0; i < FIELDS; i++) {
        if (fields[i].n == 0 && !required[i])
            continue;
        if (!readers[i](a, fields[i], point))
            return err_set(err, EXIT_DATA, "\"%.*s\" is no %s", (int)fields[i].n,
                           (const char *)fields[i].p, names[i]);
    }
    return 0;
}

/* ---- a line out -------------------------------------------------------------------------------- */

static void put_point(struct json_out *out, const struct agreement *a, const struct point *point)
{
    const struct position *position = &point->position;
    json_key(out, "time");
    json_put_time(out, position->time_us);
    json_key(out, "lon");
    json_put_decimal(out, position->lon_e7, 7);
    json_key(out, "lat");
    json_put_decimal(out, position->lat_e7, 7);
    json_key(out, "alt_m");
    if (position->alt_cm == ALT_UNKNOWN)
        json_put_null(out);
    else
        json_put_decimal(out, position->alt_cm, 2);
    json_key(out, "class");
    json_put_text(out, position->platform == PLATFORM_UNKNOWN
                           ? NULL
                           : platform_name((enum platform)position->platform));
    json_key(out, "side");
    json_put_text(out, point->side == AGREEMENT_NONE ? NULL : a->parties[point->side].id);
}

static void put_verdicts(struct json_out *out, const struct compiled *compiled,
                         const struct position *position)
{
    struct place_verdict verdicts[AGREEMENT_ZONES_MAX];
    size_t count = watch_locate(compiled, position, verdicts, AGREEMENT_ZONES_MAX);
    json_key(out, "zones");
    json_begin(out, '[');
    for (size_t i = 0; i < count; i++) {
        json_begin(out, '{');
        json_key(out, "zone");
        json_put_text(out, compiled->agreement->zones[verdicts[i].zone].id);
        json_key(out, "inside");
        json_put_bool(out, verdicts[i].inside);
        json_key(out, "certainty");
        json_put_text(out, certainty_name((enum certainty)verdicts[i].certainty));
        json_key(out, "dist_m");
        json_put_decimal(out, verdicts[i].dist_mm, 3);
        json_end(out, '}');
    }
    json_end(out, ']');
}

static void print_point(const struct compiled *compiled, const struct point *point)
{
    static char memory[OUT_BYTES];
    struct buf buf;
    struct json_out out;
    buf_init(&buf, memory, sizeof memory);
    json_out_init(&out, &buf);
    json_begin(&out, '{');
    put_point(&out, compiled->agreement, point);
    put_verdicts(&out, compiled, &point->position);
    json_end(&out, '}');
    puts(buf.p);
}

/* ---- all lines --------------------------------------------------------------------------------- */

/* One line without its end; false at the end of input. *ret_long: it did not fit, its rest was
 * skipped. */
static bool read_line(char line[LINE_MAX_BYTES], struct bytes *ret_line, bool *ret_long)
{
    size_t n = 0;
    int c;
    *ret_long = false;
    while ((c = getchar()) != EOF && c != '\n') {
        if (n == LINE_MAX_BYTES)
            *ret_long = true;
        else
            line[n++] = (char)c;
    }
    if (n && line[n - 1] == '\r')
        n--;
    *ret_line = (struct bytes){(const uint8_t *)line, n};
    return c != EOF || n;
}

static int locate_line(const struct compiled *compiled, struct bytes line, bool too_long,
                       struct err *err)
{
    struct point point;
    if (too_long)
        return err_set(err, EXIT_DATA, "longer than %d bytes", LINE_MAX_BYTES);
    if (point_read(compiled->agreement, line, &point, err))
        return ERR_FAIL;
    print_point(compiled, &point);
    return 0;
}

static int locate_all(const struct compiled *compiled, struct err *err)
{
    char memory[LINE_MAX_BYTES];
    struct bytes line;
    bool too_long;
    uint64_t number = 0, wrong = 0;
    while (read_line(memory, &line, &too_long)) {
        number++;
        if (line.n == 0 || (number == 1 && bytes_starts(line, "time,")))
            continue;
        if (locate_line(compiled, line, too_long, err)) {
            fprintf(stderr, "detente locate: line %llu: %s\n", (unsigned long long)number,
                    err->text);
            wrong++;
        }
    }
    if (ferror(stdin))
        return err_set(err, EXIT_IO, "standard input: reading failed");
    if (fflush(stdout))
        return err_set(err, EXIT_IO, "standard output: writing failed");
    return wrong ? err_set(err, EXIT_DATA, "%llu of %llu lines are wrong",
                           (unsigned long long)wrong, (unsigned long long)number)
                 : 0;
}

static int locate(const char *dir, struct arena *arena, struct err *err)
{
    const struct compiled *compiled;
    if (agreement_open(dir, arena, &compiled, err))
        return ERR_FAIL;
    return locate_all(compiled, err);
}

static bool options_read(int argc, char **argv, const char **ret_dir, bool *ret_help)
{
    static const struct option options[] = {{"agreement", required_argument, NULL, 'a'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (c == 'a')
            *ret_dir = optarg;
        else if (c == 'h')
            *ret_help = true;
        else if (c != 'j')
            return false;
    }
    return *ret_help || (*ret_dir && optind == argc);
}

int cmd_locate(int argc, char **argv)
{
    const char *dir = NULL;
    bool want_help = false;
    struct err err = {EXIT_FINE, ""};
    struct arena arena;
    if (!options_read(argc, argv, &dir, &want_help)) {
        fprintf(stderr, "detente locate: expected --agreement DIR and nothing else\n%s", help);
        return EXIT_USAGE;
    }
    if (want_help) {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    arena_init(&arena, AGREEMENT_MEMORY_MAX, malloc, free);
    int failed = locate(dir, &arena, &err);
    arena_release(&arena);
    if (failed)
        fprintf(stderr, "detente locate: %s\n", err.text);
    return failed ? (int)err.code : EXIT_FINE;
}
