/*
 * Feet per second: how fast points find the nearest place on a line, beside what PROJ's
 * geodesic.h needs for the same answer without an index.
 *
 *   bench/distance [-o FILE] [-d DIR]     FILE gets the table as JSON lines
 *
 * S2's closest edge is asked where S2 was found when this was built. With -d, DIR/line.csv and
 * DIR/points.csv get the line and the points with our distances, for bench/run to ask PostGIS.
 *
 * The line is made, not copied: from 126.669 E 37.828 N to 128.365 E 38.625 N by halving and moving
 * the middle sideways (normal, 7.5 % of the length) until no segment is longer than 130 m, which
 * gives about 2,400 of them. Times are CPU time of the thread, the median of ROUNDS; errors are
 * against PROJ on the subset that PROJ does.
 */
#include <geodesic.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "geo/distance.h"
#include "measure.h"
#include "rival.h"

#define VERTICES_MAX 8192
#define SEGMENT_M    130.0
#define WANDER       0.075
#define SEED         42

#define POINTS      200000
#define REACH_DEG   0.55 /* 60 km of latitude */
#define REACH_M     6.5e4
#define ROUNDS      5
#define PROJ_POINTS 200
#define NEAR_M      4.0e4 /* errors are promised up to here */
#define S2_POINTS   20000
#define PROJ_NEAR   6 /* segments that PROJ's foot is sought on, about the nearest vertex */
#define GOLDEN      0.6180339887498949
#define ARENA_MAX   ((size_t)64 << 20)

struct line {
    size_t count;
    double lon[VERTICES_MAX], lat[VERTICES_MAX];
};

struct points {
    double lon[POINTS], lat[POINTS];
};

static double next_normal(uint64_t *state)
{
    double radius = sqrt(-2 * log(1 - random_unit(state)));
    return radius * cos(2 * M_PI * random_unit(state));
}

/* Doubles the line until its segments are short enough. */
static void wander(struct line *line, uint64_t *seed)
{
    static struct line fine;
    const double degree_m = 111320, east = cos(38.2 * M_PI / 180);
    for (bool again = true; again;) {
        again = false;
        fine.count = 0;
        for (size_t i = 0; i + 1 < line->count; i++) {
            double dx = line->lon[i + 1] - line->lon[i], dy = line->lat[i + 1] - line->lat[i];
            fine.lon[fine.count] = line->lon[i], fine.lat[fine.count++] = line->lat[i];
            if (hypot(dx * east, dy) * degree_m <= SEGMENT_M || fine.count + 2 >= VERTICES_MAX)
                continue;
            double by = WANDER * next_normal(seed);
            fine.lon[fine.count] = line->lon[i] + dx / 2 - by * dy / east;
            fine.lat[fine.count++] = line->lat[i] + dy / 2 + by * dx * east;
            again = true;
        }
        fine.lon[fine.count] = line->lon[line->count - 1];
        fine.lat[fine.count++] = line->lat[line->count - 1];
        *line = fine;
    }
}

static void scatter(const struct line *line, struct points *points, uint64_t *seed)
{
    for (size_t i = 0; i < POINTS; i++) {
        size_t k = (size_t)(random_unit(seed) * (double)line->count);
        points->lon[i] = line->lon[k] + REACH_DEG * (2 * random_unit(seed) - 1);
        points->lat[i] = line->lat[k] + REACH_DEG * (2 * random_unit(seed) - 1);
    }
}

/* One after another the tracks of many platforms, a fix every 5 s at 20 to 250 m/s. */
static void track(const struct line *line, struct points *points, uint64_t *seed)
{
    enum { FIXES = 200 };
    double course = 0, step = 0;
    scatter(line, points, seed);
    for (size_t i = 0; i < POINTS; i++) {
        if (i % FIXES == 0) {
            course = 2 * M_PI * random_unit(seed);
            step = 5 * (20 + 230 * random_unit(seed)) / 111320;
            continue;
        }
        course += 0.05 * next_normal(seed);
        points->lon[i] = points->lon[i - 1] + step * sin(course) / 0.786;
        points->lat[i] = points->lat[i - 1] + step * cos(course);
    }
}

/* ----------------------------------------------------------------------------------- cases */

struct work {
    const struct distance_index *index;
    const struct distance_map *map;
    const struct points *points;
    struct foot *feet;
    double limit_m;
};

static size_t run_single(const struct work *work)
{
    for (size_t i = 0; i < POINTS; i++)
        work->feet[i] = distance_foot(work->index, work->points->lon[i], work->points->lat[i]);
    return POINTS;
}

static size_t run_batch(const struct work *work)
{
    distance_feet(work->index, work->points->lon, work->points->lat, POINTS, work->feet);
    return POINTS;
}

static size_t run_map(const struct work *work)
{
    distance_map_feet(work->map, work->points->lon, work->points->lat, POINTS, work->feet);
    return POINTS;
}

static size_t run_beyond(const struct work *work)
{
    for (size_t i = 0; i < POINTS; i++)
        work->feet[i].t =
            distance_beyond(work->index, work->points->lon[i], work->points->lat[i], work->limit_m);
    return POINTS;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_rate(size_t (*run)(const struct work *), const struct work *work)
{
    double rates[ROUNDS];
    for (size_t i = 0; i < ROUNDS; i++) {
        double start = cpu_s();
        size_t done = run(work);
        rates[i] = (double)done / (cpu_s() - start);
    }
    qsort(rates, ROUNDS, sizeof rates[0], ascending);
    return rates[ROUNDS / 2];
}

static void report(FILE *out, const char *name, double rate, const char *unit)
{
    printf("%-44s %14.0f %s\n", name, rate, unit);
    if (out)
        fprintf(out, "{\"bench\":\"distance\",\"case\":\"%s\",\"value\":%.6g,\"unit\":\"%s\"}\n",
                name, rate, unit);
}

/* ------------------------------------------------------------------------------------ PROJ */

static double proj_at(const struct geod_geodesic *g, const struct line *line, size_t i, double t,
                      const double point[2])
{
    double length, azi, lat, lon, s;
    geod_inverse(g, line->lat[i], line->lon[i], line->lat[i + 1], line->lon[i + 1], &length, &azi,
                 NULL);
    geod_direct(g, line->lat[i], line->lon[i], azi, t * length, &lat, &lon, NULL);
    geod_inverse(g, point[1], point[0], lat, lon, &s, NULL, NULL);
    return s;
}

static double proj_segment(const struct geod_geodesic *g, const struct line *line, size_t i,
                           const double point[2])
{
    double a = 0, b = 1, p = 1 - GOLDEN, q = GOLDEN;
    double dp = proj_at(g, line, i, p, point), dq = proj_at(g, line, i, q, point);
    while (b - a > 1e-6) {
        if (dp < dq) {
            b = q, q = p, dq = dp;
            p = b - GOLDEN * (b - a), dp = proj_at(g, line, i, p, point);
        } else {
            a = p, p = q, dp = dq;
            q = a + GOLDEN * (b - a), dq = proj_at(g, line, i, q, point);
        }
    }
    return fmin(dp, dq);
}

static double proj_foot(const struct geod_geodesic *g, const struct line *line,
                        const double point[2])
{
    size_t nearest = 0;
    double best = INFINITY, s;
    for (size_t i = 0; i < line->count; i++) {
        geod_inverse(g, point[1], point[0], line->lat[i], line->lon[i], &s, NULL, NULL);
        if (s < best)
            best = s, nearest = i;
    }
    size_t first = nearest > PROJ_NEAR / 2 ? nearest - PROJ_NEAR / 2 : 0;
    for (size_t i = first; i < first + PROJ_NEAR && i + 1 < line->count; i++)
        best = fmin(best, proj_segment(g, line, i, point));
    return best;
}

static void beside_proj(FILE *out, const struct line *line, const struct work *work, double rate)
{
    struct geod_geodesic g;
    geod_init(&g, 6378137.0, 1 / 298.257223563);
    double worst = 0, start = cpu_s(), truth[PROJ_POINTS];
    for (size_t i = 0; i < PROJ_POINTS; i++)
        truth[i] = proj_foot(&g, line, (double[2]){work->points->lon[i], work->points->lat[i]});
    double proj = PROJ_POINTS / (cpu_s() - start);
    for (size_t i = 0; i < PROJ_POINTS; i++) {
        struct foot foot = distance_foot(work->index, work->points->lon[i], work->points->lat[i]);
        if (truth[i] <= NEAR_M)
            worst = fmax(worst, fabs(foot.dist_m - truth[i]));
    }
    report(out, "PROJ, all vertices and 6 segments", proj, "feet/s");
    report(out, "batch with a map over PROJ", rate / proj, "times");
    report(out, "largest difference from PROJ within 40 km", worst * 1e9, "nm");
}

/* -------------------------------------------------------------------------------------- S2 */

#ifdef HAVE_S2
static void beside_s2(FILE *out, const struct line *line, const struct work *work, double rate)
{
    struct s2_line *s2 = s2_line_new(line->lon, line->lat, line->count);
    double worst = 0, sum = 0, start = cpu_s();
    for (size_t i = 0; i < S2_POINTS; i++)
        sum += s2_line_m(s2, work->points->lon[i], work->points->lat[i]);
    double s2_rate = S2_POINTS / (cpu_s() - start);
    for (size_t i = 0; i < S2_POINTS; i++) {
        double ours = distance_foot(work->index, work->points->lon[i], work->points->lat[i]).dist_m;
        if (ours <= NEAR_M)
            worst =
                fmax(worst, fabs(ours - s2_line_m(s2, work->points->lon[i], work->points->lat[i])));
    }
    s2_line_free(s2);
    if (sum < 0) /* the sum is looked at, so that it is worked out */
        return;
    report(out, "S2 closest edge", s2_rate, "feet/s");
    report(out, "batch with a map over S2", rate / s2_rate, "times");
    report(out, "largest difference of S2 within 40 km", worst, "m");
}
#endif

/* --------------------------------------------------------------------------------- PostGIS */

static void put_files(const char *dir, const struct line *line, const struct work *work)
{
    FILE *f = file_in(dir, "line.csv");
    fprintf(f, "LINESTRING(");
    for (size_t i = 0; i < line->count; i++)
        fprintf(f, "%s%.17g %.17g", i ? "," : "", line->lon[i], line->lat[i]);
    fprintf(f, ")\n");
    fclose(f);
    f = file_in(dir, "points.csv");
    for (size_t i = 0; i < S2_POINTS; i++)
        fprintf(f, "%.17g;%.17g;%.17g\n", work->points->lon[i], work->points->lat[i],
                distance_foot(work->index, work->points->lon[i], work->points->lat[i]).dist_m);
    fclose(f);
}

static void bench(FILE *out, const char *dir, const struct line *line,
                  const struct distance_index *index, const struct distance_map *map)
{
    static struct points scattered, tracks;
    static struct foot feet[POINTS];
    uint64_t seed = SEED;
    scatter(line, &scattered, &seed);
    track(line, &tracks, &seed);
    struct work loose = {index, map, &scattered, feet, 5000},
                along = {index, map, &tracks, feet, 5000};
    report(out, "segments", (double)line->count - 1, "segments");
    report(out, "one by one, scattered within 60 km", median_rate(run_single, &loose), "feet/s");
    report(out, "one by one, tracks", median_rate(run_single, &along), "feet/s");
    report(out, "batch, scattered within 60 km", median_rate(run_batch, &loose), "feet/s");
    report(out, "batch, tracks", median_rate(run_batch, &along), "feet/s");
    double batch = median_rate(run_map, &loose);
    report(out, "batch with a map, scattered within 60 km", batch, "feet/s");
    report(out, "batch with a map, tracks", median_rate(run_map, &along), "feet/s");
    report(out, "farther than 5 km?, scattered", median_rate(run_beyond, &loose), "answers/s");
    beside_proj(out, line, &loose, batch);
#ifdef HAVE_S2
    beside_s2(out, line, &loose, batch);
#endif
    if (dir)
        put_files(dir, line, &loose);
}

static FILE *options_read(int argc, char **argv, const char **ret_dir)
{
    FILE *out = NULL;
    bool wrong = false;
    for (int c; (c = getopt(argc, argv, "o:d:")) != -1;) {
        if (c == 'd')
            *ret_dir = optarg;
        else if (c == 'o')
            out = fopen(optarg, "w");
        wrong |= c == '?' || (c == 'o' && !out);
    }
    if (wrong || optind != argc) {
        fprintf(stderr, "usage: distance [-o FILE] [-d DIR]   (both must be writable)\n");
        exit(EXIT_USAGE);
    }
    return out;
}

int main(int argc, char **argv)
{
    static struct line line = {.count = 2, .lon = {126.669, 128.365}, .lat = {37.828, 38.625}};
    const char *dir = NULL;
    FILE *out = options_read(argc, argv, &dir);
    struct arena arena;
    struct err err;
    const struct distance_index *index = NULL;
    const struct distance_map *map = NULL;
    uint64_t seed = SEED;
    wander(&line, &seed);
    arena_init(&arena, ARENA_MAX, malloc, free);
    double start = cpu_s();
    int result = distance_of_line(line.lon, line.lat, line.count, 0, &arena, &index, &err);
    double indexed = cpu_s();
    if (result == 0)
        result = distance_map_of(index, REACH_M, &arena, &map, &err);
    if (result != 0) {
        fprintf(stderr, "distance: %s\n", err.text);
        return (int)err.code;
    }
    report(out, "making the index", (indexed - start) * 1e6, "us");
    report(out, "making the map", (cpu_s() - indexed) * 1e6, "us");
    bench(out, dir, &line, index, map);
    arena_release(&arena);
    return out && fclose(out) != 0 ? EXIT_IO : 0;
}
