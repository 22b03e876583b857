#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <geos_c.h>

#include "base/table.h"
#include "geo/grid.h"
#include "geo/grid_layout.h"
#include "kt20.h"
#include "measure.h"

/*
 * How fast fixes become entries and exits, against what the machine can do and against GEOS.
 *
 *     engine [-n FIXES] [-g GEOS_FIXES] [-r RUNS] [-s CELL_SHIFT,SUB_BITS] [-o FILE]
 *            [ZONES.geojson]
 *
 * -s takes a shape of the grid instead of the one that it chooses.
 * One thread; thread CPU time, the median of the runs. Rates of one table come from one process
 * and compare; rates of different machines or days do not.
 */
#define TRACKS         100000u
#define CHUNK          1024 /* fixes that go through grid_locate at a time */
#define RUNS_MAX       99
#define CROSSINGS_MAX  (64u * CHUNK)
#define EVENTS_PER_FIX 4 /* room for events; the workload has 0.6 */
#define ARENA_MAX      ((size_t)8 << 30)

struct event {
    uint32_t track, t_ms;
    uint32_t zone; /* bit 31: entered */
    uint32_t fix;
};

/* Where a track was last, for hops. */
struct last {
    int32_t lon_e7, lat_e7;
    uint64_t set;
};

struct bench {
    struct arena arena;
    struct zones zones;
    struct fixes fixes;
    const struct grid *grid;
    double build_ms;
    uint64_t *set;     /* of each fix */
    uint64_t *state;   /* of each track */
    struct last *last; /* of each track */
    struct event *event;
    size_t events, events_max;
    size_t hops, crossings, pass_throughs, parity_errors;
    size_t geos_fixes;
    struct grid_shape shape; /* 0: chosen */
    int runs;
    FILE *out;
};

static void say(struct bench *bench, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct bench *bench, const char *format, ...)
{
    char line[400];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    puts(line);
    fflush(stdout);
    if (bench->out)
        fprintf(bench->out, "%s\n", line);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_s(struct bench *bench, int runs, void (*run)(struct bench *))
{
    double took[RUNS_MAX];
    for (int i = 0; i < runs; i++) {
        double start = cpu_s();
        run(bench);
        took[i] = cpu_s() - start;
    }
    qsort(took, (size_t)runs, sizeof took[0], by_value);
    return took[runs / 2];
}

/* The task: from sets to events */

/* One event for each zone that differs. */
static struct event *events_put(struct event *event, const struct fixes *fixes, size_t fix,
                                uint64_t change, uint64_t set)
{
    for (; change; change &= change - 1) {
        uint32_t zone = (uint32_t)__builtin_ctzll(change);
        *event++ = (struct event){.track = fixes->track[fix],
                                  .t_ms = fixes->t_ms[fix],
                                  .zone = zone | (uint32_t)(set >> zone & 1) << 31,
                                  .fix = (uint32_t)fix};
    }
    return event;
}

/* Fixes start .. start + n with their sets: against the state of their tracks. The list of
 * changes is written without a branch, so that only fixes with events cost one. */
static struct event *states_update(uint64_t *state, const struct fixes *fixes, size_t start,
                                   size_t n, const uint64_t *set, struct event *event)
{
    uint64_t change[CHUNK];
    uint32_t at[CHUNK];
    size_t changed = 0;
    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(&state[fixes->track[start + i]], 1);
    for (size_t i = 0; i < n; i++) {
        uint64_t *last = &state[fixes->track[start + i]];
        at[changed] = (uint32_t)i;
        change[changed] = *last ^ set[i];
        changed += *last != set[i];
        *last = set[i];
    }
    for (size_t i = 0; i < changed; i++)
        event = events_put(event, fixes, start + at[i], change[i], set[at[i]]);
    return event;
}

static void state_clear(struct bench *bench)
{
    memset(bench->state, 0, bench->fixes.tracks * sizeof bench->state[0]);
}

/* The limit: sets are given, and only have to become events. */
static void run_given(struct bench *bench)
{
    state_clear(bench);
    struct event *event = bench->event;
    for (size_t i = 0; i < bench->fixes.count; i += CHUNK) {
        size_t n = bench->fixes.count - i < CHUNK ? bench->fixes.count - i : CHUNK;
        event = states_update(bench->state, &bench->fixes, i, n, bench->set + i, event);
    }
    bench->events = (size_t)(event - bench->event);
}

static void run_locate(struct bench *bench)
{
    const struct fixes *fixes = &bench->fixes;
    for (size_t i = 0; i < fixes->count; i += CHUNK) {
        size_t n = fixes->count - i < CHUNK ? fixes->count - i : CHUNK;
        grid_locate(bench->grid, fixes->lon_e7 + i, fixes->lat_e7 + i, n, bench->set + i);
    }
}

static void full_task(struct bench *bench, size_t count)
{
    const struct fixes *fixes = &bench->fixes;
    uint64_t set[CHUNK];
    state_clear(bench);
    struct event *event = bench->event;
    for (size_t i = 0; i < count; i += CHUNK) {
        size_t n = count - i < CHUNK ? count - i : CHUNK;
        grid_locate(bench->grid, fixes->lon_e7 + i, fixes->lat_e7 + i, n, set);
        event = states_update(bench->state, fixes, i, n, set, event);
    }
    bench->events = (size_t)(event - bench->event);
}

static void run_full(struct bench *bench)
{
    full_task(bench, bench->fixes.count);
}

/* Crossings */

struct hops {
    size_t n;
    struct grid_hop hop[CHUNK];
    uint64_t change[CHUNK]; /* between the sets of the ends */
};

/* The hops to fixes start .. start + n, from the last fix of each one's track. */
static void hops_fill(struct bench *bench, size_t start, size_t n, struct hops *hops)
{
    const struct fixes *fixes = &bench->fixes;
    uint64_t set[CHUNK];
    for (size_t i = start; i < start + n; i++)
        __builtin_prefetch(&bench->last[fixes->track[i]], 1);
    grid_locate(bench->grid, fixes->lon_e7 + start, fixes->lat_e7 + start, n, set);
    hops->n = 0;
    for (size_t i = start; i < start + n; i++) {
        struct last *last = &bench->last[fixes->track[i]];
        struct last now = {fixes->lon_e7[i], fixes->lat_e7[i], set[i - start]};
        hops->hop[hops->n] = (struct grid_hop){last->lon_e7, last->lat_e7, now.lon_e7, now.lat_e7};
        hops->change[hops->n] = last->set ^ now.set;
        hops->n += i >= fixes->tracks;
        *last = now;
    }
}

static void count_hop(struct bench *bench, uint64_t change, const struct crossing *crossing,
                      size_t n)
{
    uint64_t parity = 0, any = 0;
    for (size_t i = 0; i < n; i++) {
        parity ^= crossing[i].mask;
        any |= crossing[i].mask;
    }
    bench->hops++;
    bench->crossings += n;
    bench->pass_throughs += (any & ~change) != 0;
    bench->parity_errors += parity != change;
}

/* Sets and the crossings between them: what happens between fixes counts too. */
static void run_cross(struct bench *bench)
{
    static struct crossing crossing[CROSSINGS_MAX];
    static struct hops hops;
    uint32_t start[CHUNK + 1];
    bench->hops = bench->crossings = bench->pass_throughs = bench->parity_errors = 0;
    for (size_t i = 0; i < bench->fixes.count; i += CHUNK) {
        size_t n = bench->fixes.count - i < CHUNK ? bench->fixes.count - i : CHUNK;
        hops_fill(bench, i, n, &hops);
        if (grid_cross_batch(bench->grid, hops.hop, hops.n, crossing, CROSSINGS_MAX, start) >
            CROSSINGS_MAX)
            exit(fprintf(stderr, "engine: more than %u crossings at a time\n", CROSSINGS_MAX));
        for (size_t k = 0; k < hops.n; k++)
            count_hop(bench, hops.change[k], crossing + start[k], start[k + 1] - start[k]);
    }
}

/* GEOS: prepared polygons, each behind its bounding box, as its users do */

struct rival {
    GEOSContextHandle_t geos;
    GEOSGeometry *polygon[GRID_REGIONS_MAX];
    const GEOSPreparedGeometry *prepared[GRID_REGIONS_MAX];
};

/* Coordinates are the integers themselves, which doubles hold exactly. */
static GEOSGeometry *rival_ring(GEOSContextHandle_t geos, const struct region *region,
                                uint32_t ring)
{
    uint32_t start = region->ring_start[ring], n = region->ring_start[ring + 1] - start;
    GEOSCoordSequence *seq = GEOSCoordSeq_create_r(geos, n + 1, 2);
    for (uint32_t i = 0; i <= n; i++) {
        uint32_t at = start + i % n;
        GEOSCoordSeq_setXY_r(geos, seq, i, region->lon_e7[at], region->lat_e7[at]);
    }
    return GEOSGeom_createLinearRing_r(geos, seq);
}

/* Rings by the even-odd rule: shells and holes told apart by GEOS itself. */
static GEOSGeometry *rival_polygon(GEOSContextHandle_t geos, const struct region *region)
{
    GEOSGeometry *sum = NULL;
    for (uint32_t ring = 0; ring < region->ring_count; ring++) {
        GEOSGeometry *one = GEOSGeom_createPolygon_r(geos, rival_ring(geos, region, ring), NULL, 0);
        GEOSGeometry *both = sum ? GEOSSymDifference_r(geos, sum, one) : one;
        if (sum) {
            GEOSGeom_destroy_r(geos, sum);
            GEOSGeom_destroy_r(geos, one);
        }
        sum = both;
    }
    return sum;
}

static void rival_start(struct rival *rival, const struct zones *zones)
{
    rival->geos = GEOS_init_r();
    for (size_t i = 0; i < zones->count; i++) {
        rival->polygon[i] = must(rival_polygon(rival->geos, &zones->region[i]));
        rival->prepared[i] = must((void *)(uintptr_t)GEOSPrepare_r(rival->geos, rival->polygon[i]));
    }
}

static void rival_end(struct rival *rival, const struct zones *zones)
{
    for (size_t i = 0; i < zones->count; i++) {
        GEOSPreparedGeom_destroy_r(rival->geos, rival->prepared[i]);
        GEOSGeom_destroy_r(rival->geos, rival->polygon[i]);
    }
    GEOS_finish_r(rival->geos);
}

static uint64_t rival_set(const struct rival *rival, const struct zones *zones, int32_t lon,
                          int32_t lat)
{
    uint64_t set = 0;
    GEOSGeometry *point = NULL;
    for (size_t i = 0; i < zones->count; i++) {
        const struct region *region = &zones->region[i];
        if (lon < region->west_e7 || lon > region->east_e7 || lat < region->south_e7 ||
            lat > region->north_e7)
            continue;
        if (!point)
            point = must(GEOSGeom_createPointFromXY_r(rival->geos, lon, lat));
        set |= (uint64_t)(GEOSPreparedContains_r(rival->geos, rival->prepared[i], point) == 1) << i;
    }
    if (point)
        GEOSGeom_destroy_r(rival->geos, point);
    return set;
}

static struct rival rival; /* what run_rival asks */

static void run_rival(struct bench *bench)
{
    const struct fixes *fixes = &bench->fixes;
    uint64_t set[CHUNK];
    state_clear(bench);
    struct event *event = bench->event;
    for (size_t i = 0; i < bench->geos_fixes; i += CHUNK) {
        size_t n = bench->geos_fixes - i < CHUNK ? bench->geos_fixes - i : CHUNK;
        for (size_t k = 0; k < n; k++)
            set[k] = rival_set(&rival, &bench->zones, fixes->lon_e7[i + k], fixes->lat_e7[i + k]);
        event = states_update(bench->state, fixes, i, n, set, event);
    }
    bench->events = (size_t)(event - bench->event);
}

static uint64_t events_hash(const struct bench *bench)
{
    return hash_bytes(bench->event, bench->events * sizeof bench->event[0]);
}

/* GEOS holds a point on a border to be outside; the grid gives it to one side (region.h). The
 * regions on whose border the point lies. */
static uint64_t rival_borders(const struct zones *zones, int32_t lon, int32_t lat)
{
    uint64_t set = 0;
    GEOSGeometry *point = must(GEOSGeom_createPointFromXY_r(rival.geos, lon, lat));
    for (size_t i = 0; i < zones->count; i++)
        set |= (uint64_t)(GEOSPreparedIntersects_r(rival.geos, rival.prepared[i], point) == 1 &&
                          GEOSPreparedContains_r(rival.geos, rival.prepared[i], point) == 0)
               << i;
    GEOSGeom_destroy_r(rival.geos, point);
    return set;
}

struct verdict {
    size_t wrong, on_border;
    uint64_t hash; /* of GEOS's events, with our answers on borders */
};

/* The first fixes by GEOS, one by one, against ours in bench->set. */
static struct verdict verify(struct bench *bench)
{
    const struct fixes *fixes = &bench->fixes;
    struct verdict verdict = {0};
    state_clear(bench);
    struct event *event = bench->event;
    for (size_t i = 0; i < bench->geos_fixes; i++) {
        int32_t lon = fixes->lon_e7[i], lat = fixes->lat_e7[i];
        uint64_t set = rival_set(&rival, &bench->zones, lon, lat), differ = set ^ bench->set[i];
        if (differ && (differ & ~rival_borders(&bench->zones, lon, lat)) == 0) {
            verdict.on_border++;
            set = bench->set[i];
        }
        verdict.wrong += set != bench->set[i];
        event = states_update(bench->state, fixes, i, 1, &set, event);
    }
    bench->events = (size_t)(event - bench->event);
    verdict.hash = events_hash(bench);
    return verdict;
}

/* The report */

static void say_rate(struct bench *bench, const char *name, double per_s, double full, double limit)
{
    say(bench, "  %-44s %9.3f M/s   full task x%-9.4g of limit %.3f", name, per_s * 1e-6,
        full / per_s, per_s / limit);
}

static void say_setting(struct bench *bench, const char *name)
{
    const struct grid *grid = bench->grid;
    size_t vertices = 0;
    for (size_t i = 0; i < bench->zones.count; i++)
        vertices += bench->zones.region[i].ring_start[bench->zones.region[i].ring_count];
    say(bench, "%s: %zu zones, %zu vertices; %zu fixes of %u tracks", name, bench->zones.count,
        vertices, bench->fixes.count, bench->fixes.tracks);
    say(bench,
        "  grid: built in %.1f ms; %u x %u cells of 2^%u, leaves of 2^%u; %.1f MB of leaves, "
        "%.1f MB of lines, %u sets",
        bench->build_ms, grid->cols, grid->rows, grid->shape.cell_shift, grid->leaf_shift,
        grid->leaf_count * 4e-6, grid->line_count * 64e-6, grid->set_count);
}

static void say_verdict(struct bench *bench)
{
    struct verdict verdict = verify(bench);
    full_task(bench, bench->geos_fixes);
    uint64_t hash = events_hash(bench);
    say(bench,
        "  first %zu fixes: %zu events, hash %016" PRIx64 ", by GEOS %016" PRIx64
        ": %s (%zu sets differ; %zu fixes on a border)",
        bench->geos_fixes, bench->events, hash, verdict.hash,
        hash == verdict.hash ? "equal" : "DIFFERENT", verdict.wrong, verdict.on_border);
}

static void compare(struct bench *bench)
{
    double count = (double)bench->fixes.count;
    double locate = count / median_s(bench, bench->runs, run_locate);
    double given = count / median_s(bench, bench->runs, run_given);
    double full = count / median_s(bench, bench->runs, run_full);
    size_t events = bench->events;
    double cross = count / median_s(bench, bench->runs, run_cross);
    double geos = (double)bench->geos_fixes / median_s(bench, bench->runs < 3 ? 1 : 3, run_rival);
    say_rate(bench, "limit: sets given, events written", given, full, given);
    say_rate(bench, "sets only", locate, full, given);
    say_rate(bench, "full task: sets, states, events", full, full, given);
    say_rate(bench, "sets, and crossings of every hop", cross, full, given);
    say_rate(bench, "GEOS " GEOS_VERSION ", full task", geos, full, given);
    say(bench, "  %zu events; %zu crossings on %zu hops, %zu hops pass through; parity errors: %zu",
        events, bench->crossings, bench->hops, bench->pass_throughs, bench->parity_errors);
    say_verdict(bench);
}

static void bench_prepare(struct bench *bench, size_t fixes)
{
    struct err err = {0};
    double start = cpu_s();
    if (grid_build_shaped(bench->zones.region, bench->zones.count, bench->shape, &bench->arena,
                          &bench->grid, &err)) {
        fprintf(stderr, "engine: %s\n", err.text);
        exit(1);
    }
    bench->build_ms = (cpu_s() - start) * 1e3;
    kt20_fixes(&bench->zones, fixes, TRACKS, &bench->arena, &bench->fixes);
    bench->events_max = EVENTS_PER_FIX * fixes + TRACKS * (size_t)GRID_REGIONS_MAX;
    bench->set = must(ARENA_ARRAY(&bench->arena, uint64_t, fixes));
    bench->state = must(ARENA_ARRAY(&bench->arena, uint64_t, TRACKS));
    bench->last = must(ARENA_ARRAY(&bench->arena, struct last, TRACKS));
    bench->event = must(ARENA_ARRAY(&bench->arena, struct event, bench->events_max));
}

static void bench_run(struct bench *bench, const char *name, size_t fixes)
{
    bench_prepare(bench, fixes);
    rival_start(&rival, &bench->zones);
    say_setting(bench, name);
    compare(bench);
    rival_end(&rival, &bench->zones);
    arena_release(&bench->arena);
}

static int usage(void)
{
    fprintf(stderr, "usage: engine [-n FIXES] [-g GEOS_FIXES] [-r RUNS] [-s CELL_SHIFT,SUB_BITS]\n"
                    "              [-o FILE] [ZONES.geojson]\n");
    return 64;
}

static int run_file(struct bench *bench, const char *path, size_t fixes)
{
    if (zones_read(path, &bench->arena, &bench->zones))
        return 66;
    bench_run(bench, path, fixes);
    return 0;
}

static int run_all(struct bench *bench, size_t fixes)
{
    kt20_zones(1000.0, &bench->arena, &bench->zones);
    bench_run(bench, "coarse borders", fixes);
    kt20_zones(25.0, &bench->arena, &bench->zones);
    bench_run(bench, "fine borders", fixes);
    return 0;
}

int main(int argc, char **argv)
{
    static struct bench bench = {.geos_fixes = 200000, .runs = 5};
    size_t fixes = 10000000;
    const char *out = NULL;
    for (int option; (option = getopt(argc, argv, "n:g:r:s:o:")) != -1;) {
        if (option == 'n')
            fixes = strtoull(optarg, NULL, 10);
        else if (option == 'g')
            bench.geos_fixes = strtoull(optarg, NULL, 10);
        else if (option == 'r')
            bench.runs = atoi(optarg);
        else if (option == 's' && sscanf(optarg, "%" SCNu32 ",%" SCNu32, &bench.shape.cell_shift,
                                         &bench.shape.sub_bits) == 2)
            continue;
        else if (option == 'o')
            out = optarg;
        else
            return usage();
    }
    if (fixes < 2 * TRACKS || bench.geos_fixes > fixes || bench.runs < 1 || bench.runs > RUNS_MAX)
        return usage();
    if (out && !(bench.out = fopen(out, "w"))) {
        fprintf(stderr, "engine: %s: %s\n", out, strerror(errno));
        return 74;
    }
    arena_init(&bench.arena, ARENA_MAX, malloc, free);
    int code = optind < argc ? run_file(&bench, argv[optind], fixes) : run_all(&bench, fixes);
    if (bench.out && fclose(bench.out))
        code = 74;
    return code;
}
