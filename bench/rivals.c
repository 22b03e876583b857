/*
 * The zone grid beside S2, and what bench/run needs to put PostGIS beside it: the reference
 * workload, or the zones of a file, the full task (sets, states of tracks, entries and exits) on
 * the same fixes by both, in one process, so that their ratio means something.
 *
 *     rivals [-n FIXES] [-s S2_FIXES] [-d DIR [-p POSTGIS_FIXES]] [-z STEP_M | ZONES.geojson]
 *
 * Prints one JSON object a line. With -d, DIR/zones.csv gets the rings of the zones as lines in WKT
 * and DIR/fixes.csv the first fixes, both for PostgreSQL's COPY. One thread; thread CPU time, the
 * median of RUNS. S2 is left out where it was not found when this was built.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "geo/grid.h"
#include "kt20.h"
#include "measure.h"
#include "rival.h"

#define TRACKS         20000u /* of a run with few fixes: each has some */
#define CHUNK          1024
#define RUNS           5
#define EVENTS_PER_FIX 4
#define ARENA_MAX      ((size_t)8 << 30)

/* Sets of n fixes from the start-th on. */
typedef void locate_fn(void *self, const struct fixes *fixes, size_t start, size_t n,
                       uint64_t *ret);

struct event {
    uint32_t track, t_ms, zone, fix;
};

struct task {
    const struct fixes *fixes;
    uint64_t *state; /* of each track */
    struct event *event;
    size_t events;
};

/* ---- the task ----------------------------------------------------------------------------------- */

static void task_fix(struct task *task, size_t i, uint64_t set)
{
    uint64_t *state = &task->state[task->fixes->track[i]];
    for (uint64_t change = *state ^ set; change; change &= change - 1) {
        uint32_t zone = (uint32_t)__builtin_ctzll(change);
        task->event[task->events++] =
            (struct event){task->fixes->track[i], task->fixes->t_ms[i],
                           zone | (uint32_t)(set >> zone & 1) << 31, (uint32_t)i};
    }
    *state = set;
}

static void task_run(struct task *task, size_t count, locate_fn *locate, void *self)
{
    uint64_t set[CHUNK];
    memset(task->state, 0, task->fixes->tracks * sizeof task->state[0]);
    task->events = 0;
    for (size_t i = 0; i < count; i += CHUNK) {
        size_t n = count - i < CHUNK ? count - i : CHUNK;
        locate(self, task->fixes, i, n, set);
        for (size_t k = 0; k < n; k++)
            __builtin_prefetch(&task->state[task->fixes->track[i + k]], 1);
        for (size_t k = 0; k < n; k++)
            task_fix(task, i + k, set[k]);
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double task_rate(struct task *task, size_t count, locate_fn *locate, void *self)
{
    double took[RUNS];
    for (int i = 0; i < RUNS; i++) {
        double start = cpu_s();
        task_run(task, count, locate, self);
        took[i] = cpu_s() - start;
    }
    qsort(took, RUNS, sizeof took[0], ascending);
    return (double)count / took[RUNS / 2];
}

static void by_grid(void *self, const struct fixes *fixes, size_t start, size_t n, uint64_t *ret)
{
    grid_locate(self, fixes->lon_e7 + start, fixes->lat_e7 + start, n, ret);
}

#ifdef HAVE_S2
static void by_s2(void *self, const struct fixes *fixes, size_t start, size_t n, uint64_t *ret)
{
    for (size_t i = 0; i < n; i++)
        ret[i] = s2_zones_at(self, fixes->lon_e7[start + i], fixes->lat_e7[start + i]);
}

static size_t sets_that_differ(const struct grid *grid, struct s2_zones *s2,
                               const struct fixes *fixes, size_t count)
{
    size_t differ = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t set;
        by_grid((void *)(uintptr_t)grid, fixes, i, 1, &set);
        differ += set != s2_zones_at(s2, fixes->lon_e7[i], fixes->lat_e7[i]);
    }
    return differ;
}

static void beside_s2(const struct zones *zones, const struct grid *grid, struct task *task,
                      size_t count, double ours)
{
    struct s2_zones *s2 = s2_zones_new();
    for (size_t i = 0; i < zones->count; i++)
        s2_zones_add(s2, zones->region[i].ring_count, zones->region[i].ring_start,
                     zones->region[i].lon_e7, zones->region[i].lat_e7);
    s2_zones_ready(s2);
    double rate = task_rate(task, count, by_s2, s2);
    printf("{\"case\":\"S2\",\"rate\":%.6g,\"ours_over\":%.6g,\"fixes\":%zu,\"sets_differ\":%zu}\n",
           rate, ours / rate, count, sets_that_differ(grid, s2, task->fixes, count));
    s2_zones_free(s2);
}
#endif

/* ---- for PostGIS -------------------------------------------------------------------------------- */

static void put_degrees(FILE *f, int32_t e7, char then)
{
    fprintf(f, "%s%d.%07d%c", e7 < 0 ? "-" : "", abs(e7) / 10000000, abs(e7) % 10000000, then);
}

/* The rings as one MULTILINESTRING, which ST_BuildArea makes a polygon of. */
static void put_zone(FILE *f, size_t id, const struct region *region)
{
    fprintf(f, "%zu;MULTILINESTRING(", id);
    for (uint32_t ring = 0; ring < region->ring_count; ring++) {
        uint32_t start = region->ring_start[ring], end = region->ring_start[ring + 1];
        fprintf(f, ring ? ",(" : "(");
        for (uint32_t i = start; i <= end; i++) {
            uint32_t at = i < end ? i : start;
            put_degrees(f, region->lon_e7[at], ' ');
            put_degrees(f, region->lat_e7[at], i < end ? ',' : ')');
        }
    }
    fprintf(f, ")\n");
}

static void put_files(const char *dir, const struct zones *zones, const struct fixes *fixes,
                      size_t count)
{
    FILE *f = file_in(dir, "zones.csv");
    for (size_t i = 0; i < zones->count; i++)
        if (zones->region[i].ring_count)
            put_zone(f, i, &zones->region[i]);
    fclose(f);
    f = file_in(dir, "fixes.csv");
    for (size_t i = 0; i < count; i++) {
        fprintf(f, "%zu;%u;", i, fixes->track[i]);
        put_degrees(f, fixes->lon_e7[i], ';');
        put_degrees(f, fixes->lat_e7[i], '\n');
    }
    fclose(f);
}

/* ---- the run ------------------------------------------------------------------------------------ */

struct options {
    size_t fixes, s2_fixes, postgis_fixes;
    double step_m;
    const char *dir, *zones;
};

static size_t vertices_of(const struct zones *zones)
{
    size_t n = 0;
    for (size_t i = 0; i < zones->count; i++)
        if (zones->region[i].ring_count)
            n += zones->region[i].ring_start[zones->region[i].ring_count];
    return n;
}

static void run(const struct options *o, const struct zones *zones, struct arena *arena)
{
    static struct fixes fixes;
    const struct grid *grid;
    struct err err = {0};
    if (grid_build(zones->region, zones->count, arena, &grid, &err)) {
        fprintf(stderr, "rivals: %s\n", err.text);
        exit(1);
    }
    kt20_fixes(zones, o->fixes, TRACKS, arena, &fixes);
    size_t room = EVENTS_PER_FIX * o->fixes + TRACKS * (size_t)GRID_REGIONS_MAX;
    struct task task = {&fixes, must(ARENA_ARRAY(arena, uint64_t, TRACKS)),
                        must(ARENA_ARRAY(arena, struct event, room)), 0};
    printf("{\"case\":\"zones\",\"zones\":%zu,\"vertices\":%zu}\n", zones->count,
           vertices_of(zones));
    double ours = task_rate(&task, o->fixes, by_grid, (void *)(uintptr_t)grid);
    printf("{\"case\":\"grid\",\"rate\":%.6g,\"fixes\":%zu,\"events\":%zu}\n", ours, o->fixes,
           task.events);
#ifdef HAVE_S2
    beside_s2(zones, grid, &task, o->s2_fixes, ours);
#endif
    if (!o->dir)
        return;
    put_files(o->dir, zones, &fixes, o->postgis_fixes);
    task_run(&task, o->postgis_fixes, by_grid, (void *)(uintptr_t)grid);
    printf("{\"case\":\"files\",\"fixes\":%zu,\"events\":%zu}\n", o->postgis_fixes, task.events);
}

static int options_read(int argc, char **argv, struct options *o)
{
    for (int c; (c = getopt(argc, argv, "n:s:d:p:z:")) != -1;) {
        if (c == 'n')
            o->fixes = strtoull(optarg, NULL, 10);
        else if (c == 's')
            o->s2_fixes = strtoull(optarg, NULL, 10);
        else if (c == 'p')
            o->postgis_fixes = strtoull(optarg, NULL, 10);
        else if (c == 'd')
            o->dir = optarg;
        else if (c == 'z')
            o->step_m = strtod(optarg, NULL);
        else
            return -1;
    }
    if (optind < argc)
        o->zones = argv[optind];
    return optind + 1 < argc || o->fixes < TRACKS || o->s2_fixes > o->fixes ||
                   o->postgis_fixes > o->fixes || !(o->step_m > 0)
               ? -1
               : 0;
}

int main(int argc, char **argv)
{
    static struct zones zones;
    struct options o = {
        .fixes = 4000000, .s2_fixes = 1000000, .postgis_fixes = 200000, .step_m = 1000};
    struct arena arena;
    if (options_read(argc, argv, &o)) {
        fprintf(stderr, "usage: rivals [-n FIXES] [-s S2_FIXES] [-d DIR [-p POSTGIS_FIXES]]\n"
                        "              [-z STEP_M | ZONES.geojson]\n");
        return 64;
    }
    arena_init(&arena, ARENA_MAX, malloc, free);
    if (o.zones && zones_read(o.zones, &arena, &zones))
        return 66;
    if (!o.zones)
        kt20_zones(o.step_m, &arena, &zones);
    run(&o, &zones, &arena);
    arena_release(&arena);
    return 0;
}
