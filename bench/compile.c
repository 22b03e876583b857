#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "agreement/compile.h"
#include "os/agreement_dir.h"

/*
 * From text to zones, one thread: what a change of the agreement costs before it can be watched.
 * Medians of ROUNDS, milliseconds of processor time.
 *
 * usage: compile DIRECTORY
 */
#define ROUNDS     5
#define MEMORY_MAX ((size_t)2 << 30)

enum stage { STAGE_READ, STAGE_COMPILE, STAGE_GRID, STAGE_BORDERS, STAGES };

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void check(int failed, const struct err *err)
{
    if (!failed)
        return;
    fprintf(stderr, "compile: %s\n", err->text);
    exit(1);
}

/* The parts of compile() that go over all zones, once more by themselves. */
static void measure_parts(const struct compiled *compiled, struct arena *arena, double *ms)
{
    static struct region regions[GRID_REGIONS_MAX];
    struct err err;
    size_t count = compiled->agreement->zone_count;
    const struct grid *grid;
    const struct distance_index *border;
    for (size_t i = 0; i < count; i++)
        regions[i] = compiled->zones[i].region;
    double start = now_ms();
    check(grid_build(regions, count, arena, &grid, &err), &err);
    ms[STAGE_GRID] = now_ms() - start;
    start = now_ms();
    for (size_t i = 0; i < count; i++)
        check(distance_of_region(&regions[i], arena, &border, &err), &err);
    ms[STAGE_BORDERS] = now_ms() - start;
}

static void measure(const char *dir, double *ms)
{
    struct arena arena;
    struct err err;
    const struct agreement *agreement;
    const struct compiled *compiled;
    arena_init(&arena, MEMORY_MAX, malloc, free);
    double start = now_ms();
    check(agreement_load(dir, &arena, &agreement, &err), &err);
    ms[STAGE_READ] = now_ms() - start;
    start = now_ms();
    check(agreement_compile(dir, agreement, &arena, &compiled, &err), &err);
    ms[STAGE_COMPILE] = now_ms() - start;
    measure_parts(compiled, &arena, ms);
    arena_release(&arena);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static const char *const names[STAGES] = {"read", "compile (all)", "of which grid",
                                              "of which borders' distance"};
    double ms[STAGES][ROUNDS], round_ms[STAGES];
    if (argc != 2) {
        fprintf(stderr, "usage: compile DIRECTORY\n");
        return 64;
    }
    for (int round = 0; round < ROUNDS; round++) {
        measure(argv[1], round_ms);
        for (int i = 0; i < STAGES; i++)
            ms[i][round] = round_ms[i];
    }
    for (int i = 0; i < STAGES; i++) {
        qsort(ms[i], ROUNDS, sizeof ms[i][0], compare);
        printf("%-28s %8.1f ms\n", names[i], ms[i][ROUNDS / 2]);
    }
    return 0;
}
