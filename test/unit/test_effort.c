#include "recovery/effort.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * Expected values: the published cases of SORAL (C. Twardy; MIT licence), which agree with its
 * hand calculations to the four decimals printed there, taken to 15 digits by the closed form; and
 * properties that any optimal plan has (L. D. Stone, Theory of Optimal Search).
 */
#define CELLS_MAX 4
#define NONE      1e300

struct known {
    const char *name;
    size_t count;
    double mass[CELLS_MAX], width[CELLS_MAX], cap[CELLS_MAX], budget;
    double effort[CELLS_MAX], lambda, found;
    bool capped;
};

static const struct known known[] = {
    {"0", 1, {4}, {4}, {0}, .05, {.05}, 13.0996920492477, .725076987688073, false},
    {"1",
     4,
     {8, 4, 1, 2},
     {1, 4, 12, 8},
     {0},
     .05,
     {0, 1.0 / 30, 0, 1.0 / 60},
     14.0027731046872,
     .748960085742318,
     false},
    {"2",
     4,
     {4, 2, 8, 1},
     {4, 1, 1, 12},
     {0},
     .10,
     {.0929801295282362, 0, 0, .00701987047176367},
     11.0305445740445,
     1.32315180865185,
     false},
    {"3",
     3,
     {2, 4, 2},
     {9, 3, 6},
     {0},
     .20,
     {.0732241007371058, .0845172661752627, .0422586330876313},
     9.31247455415499,
     2.30904332801639,
     false},
    {"4",
     4,
     {1, 4, 20, 0},
     {8, 4, 0, 10},
     {0},
     .50,
     {.108904401620005, .391095598379995, 0, 0},
     3.34747499472569,
     3.74469687697787,
     false},
    {"5",
     3,
     {2, 6, 4},
     {6, 2, 3},
     {0},
     .50,
     {1.0 / 12, 0.25, 1.0 / 6},
     7.27836791655160,
     4.72163208344840,
     false},
    {"6", 4, {0, 7, 0, 5}, {8, 0, 0, 0}, {0}, .50, {0, 0, 0, 0}, 0, 0, false},
    {"areas",
     4,
     {.1935, .2581, .2903, .2581},
     {1.0 / 28, 1.0 / 30, 1.0 / 14, 1.0 / 12},
     {0},
     40,
     {1.47343510452457, 8.15098215216687, 16.1197010999520, 14.2558816433566},
     .00655645670102249,
     .449257637114111,
     false},
    {"capped",
     3,
     {.5, .3, .2},
     {1, 1, 1},
     {1, NONE, NONE},
     2,
     {1, .702732554054082, .297267445945918},
     .148569062964965,
     .518922153484357,
     true},
};

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, (size_t)64 << 20, malloc, free);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static void near_to(const char *what, double got, double want)
{
    if (!(fabs(got - want) <= 1e-12 * (1 + fabs(want))))
        fail_msg("%s: %.17g, not %.17g", what, got, want);
}

static void published_cases(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
        const struct known *c = &known[k];
        struct effort_cells cells = {c->mass, c->width, c->capped ? c->cap : NULL, c->count};
        struct effort_plan plan;
        assert_int_equal(effort_allocate(&cells, c->budget, &arena, &plan, NULL), 0);
        for (size_t i = 0; i < c->count; i++)
            near_to(c->name, plan.effort[i], c->effort[i]);
        near_to(c->name, plan.lambda, c->lambda);
        near_to(c->name, plan.found, c->found);
        near_to(c->name, plan.gap, 0);
    }
}

/* ---- properties of random plans ---------------------------------------------------------------- */

#define RANDOM_CASES 2000
#define RANDOM_CELLS 24

struct draw {
    uint64_t state;
};

static double draw(struct draw *d)
{
    d->state = d->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(d->state >> 11) * 0x1p-53;
}

struct world {
    double mass[2 * RANDOM_CELLS], width[2 * RANDOM_CELLS], cap[2 * RANDOM_CELLS], budget;
    struct effort_cells cells;
};

static void draw_world(struct draw *d, bool capped, struct world *w)
{
    size_t count = 1 + (size_t)(draw(d) * RANDOM_CELLS);
    for (size_t i = 0; i < count; i++) {
        w->mass[i] = draw(d) < 0.1 ? 0 : exp(8 * draw(d) - 4);
        w->width[i] = draw(d) < 0.1 ? 0 : exp(6 * draw(d) - 3);
        w->cap[i] = draw(d) < 0.3 ? NONE : 2 * draw(d);
    }
    w->budget = exp(8 * draw(d) - 5);
    w->cells = (struct effort_cells){w->mass, w->width, capped ? w->cap : NULL, count};
}

static struct effort_plan plan_of(const struct effort_cells *cells, double budget)
{
    struct effort_plan plan;
    assert_int_equal(effort_allocate(cells, budget, &arena, &plan, NULL), 0);
    return plan;
}

/* By the C library, from the efforts alone. */
static double left_of(const struct effort_cells *cells, const double *effort)
{
    double left = 0;
    for (size_t i = 0; i < cells->count; i++)
        left += cells->mass[i] * exp(-cells->width[i] * effort[i]);
    return left;
}

/* What rounding ln lambda, here below 16, does to the efforts. */
static double rounding_of(const struct effort_cells *cells, double budget)
{
    double sum = budget;
    for (size_t i = 0; i < cells->count; i++)
        sum += cells->width[i] > 0 ? 16 / cells->width[i] : 0;
    return sum * 0x1p-51;
}

/* Within bounds, no more than there is, and no cell would give more than lambda for more effort,
 * or less than lambda for less: Kuhn and Tucker's conditions, which are enough here. */
static void check_optimal(const struct world *w, const struct effort_plan *plan)
{
    double spent = 0;
    for (size_t i = 0; i < w->cells.count; i++) {
        double t = plan->effort[i], cap = w->cells.cap ? w->cap[i] : NONE;
        double gain = w->mass[i] * w->width[i] * exp(-w->width[i] * t);
        assert_true(t >= 0 && t <= cap);
        assert_true(t == cap || gain <= plan->lambda * (1 + 1e-9));
        assert_true(t == 0 || gain >= plan->lambda * (1 - 1e-9));
        spent += t;
    }
    double slack = rounding_of(&w->cells, w->budget);
    assert_true(spent <= w->budget + slack);
    assert_true(plan->lambda == 0 || spent >= w->budget - slack);
    assert_true(fabs(plan->gap) <= 1e-11 * (1 + left_of(&w->cells, plan->effort)));
}

static void optimal_at_random(void **state)
{
    (void)state;
    struct draw d = {1};
    for (int n = 0; n < RANDOM_CASES; n++) {
        struct world w;
        struct arena_mark mark = arena_mark(&arena);
        draw_world(&d, n % 2, &w);
        struct effort_plan plan = plan_of(&w.cells, w.budget);
        check_optimal(&w, &plan);
        arena_rewind(&arena, mark);
    }
}

/* Effort now and more effort after it found nothing is as good as both at once (Stone 1975). */
static void effort_adds(void **state)
{
    (void)state;
    struct draw d = {2};
    for (int n = 0; n < RANDOM_CASES; n++) {
        struct world w;
        struct arena_mark mark = arena_mark(&arena);
        draw_world(&d, false, &w);
        double first = w.budget * draw(&d);
        struct effort_plan whole = plan_of(&w.cells, w.budget), one = plan_of(&w.cells, first);
        struct effort_cells rest = {one.left, w.width, NULL, w.cells.count};
        struct effort_plan two = plan_of(&rest, w.budget - first);
        near_to("found", one.found + two.found, whole.found);
        for (size_t i = 0; i < w.cells.count; i++)
            assert_true(fabs(one.effort[i] + two.effort[i] - whole.effort[i]) <=
                        1e-9 * (1 + w.budget));
        arena_rewind(&arena, mark);
    }
}

/* Half a cell has half the mass and is searched twice as fast. */
static void splitting_a_cell_changes_nothing(void **state)
{
    (void)state;
    struct draw d = {3};
    for (int n = 0; n < RANDOM_CASES; n++) {
        struct world w, halves;
        struct arena_mark mark = arena_mark(&arena);
        draw_world(&d, false, &w);
        for (size_t i = 0; i < w.cells.count; i++) {
            halves.mass[2 * i] = halves.mass[2 * i + 1] = w.mass[i] / 2;
            halves.width[2 * i] = halves.width[2 * i + 1] = w.width[i] * 2;
        }
        halves.cells = (struct effort_cells){halves.mass, halves.width, NULL, 2 * w.cells.count};
        struct effort_plan plan = plan_of(&w.cells, w.budget);
        near_to("found", plan_of(&halves.cells, w.budget).found, plan.found);
        for (size_t i = 0; i < w.cells.count; i++)
            w.mass[i] *= 1024;
        near_to("scaled", plan_of(&w.cells, w.budget).lambda, plan.lambda * 1024);
        arena_rewind(&arena, mark);
    }
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        double mass, width, cap, budget;
        const char *says;
    } bad[] = {
        {-1, 1, 1, 1, "cell 2: the mass is negative"},
        {NAN, 1, 1, 1, "cell 2: the mass is too large or no number"},
        {1, INFINITY, 1, 1, "cell 2: the width is too large"},
        {1, 1, -1, 1, "cell 2: the cap is negative"},
        {1, 1, 1, -1, "the effort to spend"},
        {1, 1, 1, NAN, "the effort to spend"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        double mass[] = {1, bad[i].mass}, width[] = {1, bad[i].width}, cap[] = {1, bad[i].cap};
        struct effort_plan plan;
        struct err err = {0};
        struct effort_cells cells = {mass, width, cap, 2};
        assert_int_equal(effort_allocate(&cells, bad[i].budget, &arena, &plan, &err), ERR_FAIL);
        assert_int_equal(err.code, EXIT_DATA);
        assert_non_null(strstr(err.text, bad[i].says));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_cases), cmocka_unit_test(optimal_at_random),
        cmocka_unit_test(effort_adds),     cmocka_unit_test(splitting_a_cell_changes_nothing),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
