#include "recovery/effort.h"

#include <float.h>
#include <stdint.h>

#include "num/num.h"
#include "recovery/sum.h"

#define PASSES_MAX 200 /* Newton takes 3 to 10, halving about 60 */

/* What all cells take at one price. */
struct demand {
    double effort;           /* sum of t */
    double slope;            /* of it, per unit of ln lambda, with the sign turned */
    size_t inside, at_limit; /* cells between 0 and their cap; cells at their cap */
};

struct market {
    const struct effort_cells *cells;
    const double *key;     /* ln p w; NO_KEY where nothing can be found */
    const double *inverse; /* 1 / w, or 0 */
    double budget;
};
#define NO_KEY (-1e300)

static double cap_of(const struct effort_cells *cells, size_t i)
{
    return cells->cap ? cells->cap[i] : DBL_MAX;
}

/* e^-x for x >= 0. */
static double fading(double x)
{
    return x > NUM_EXP_MAX ? 0 : num_exp(-x);
}

/* ---- what comes in ----------------------------------------------------------------------------- */

static int check_number(double value, const char *what, size_t cell, struct err *err)
{
    if (value >= 0 && value <= EFFORT_MOST)
        return 0;
    return err_set(err, EXIT_DATA, "cell %zu: %s is %s; give a number from 0 to 1e100", cell + 1,
                   what, value < 0 ? "negative" : "too large or no number");
}

static int check_cells(const struct effort_cells *cells, double budget, struct err *err)
{
    if (cells->count > EFFORT_CELLS_MAX)
        return err_set(err, EXIT_DATA, "%zu cells; at most %u can be planned at once", cells->count,
                       EFFORT_CELLS_MAX);
    if (!(budget >= 0 && budget <= EFFORT_MOST))
        return err_set(err, EXIT_DATA, "the effort to spend must be a number from 0 to 1e100");
    for (size_t i = 0; i < cells->count; i++) {
        if (check_number(cells->mass[i], "the mass", i, err) < 0 ||
            check_number(cells->width[i], "the width", i, err) < 0)
            return ERR_FAIL;
        if (cells->cap && !(cells->cap[i] >= 0))
            return err_set(err, EXIT_DATA, "cell %zu: the cap is negative or no number", i + 1);
    }
    return 0;
}

/* Fills key and inverse; returns the cell with the largest key, or SIZE_MAX if none has any. */
static size_t set_keys(const struct effort_cells *cells, double *key, double *inverse)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < cells->count; i++) {
        double p = cells->mass[i], w = cells->width[i];
        bool searchable = p >= EFFORT_LEAST && w >= EFFORT_LEAST && cap_of(cells, i) > 0;
        key[i] = searchable ? num_log(p * w) : NO_KEY;
        inverse[i] = searchable ? 1 / w : 0;
        if (searchable && (best == SIZE_MAX || key[i] > key[best]))
            best = i;
    }
    return best;
}

/* ---- the price --------------------------------------------------------------------------------- */

static double effort_at(const struct market *market, size_t i, double log_price)
{
    double excess = market->key[i] - log_price;
    if (!(excess > 0))
        return 0;
    double effort = excess * market->inverse[i], cap = cap_of(market->cells, i);
    return effort < cap ? effort : cap;
}

/* Cells from .. to, at most SUM_BLOCK of them, without caps: no branch, for it would be guessed
 * wrong half of the time. */
static struct demand demand_free(const struct market *market, size_t from, size_t to,
                                 double log_price)
{
    struct demand sum = {0, 0, 0, 0};
    for (size_t i = from; i < to; i++) {
        double excess = market->key[i] - log_price;
        bool taken = excess > 0;
        double inverse = taken ? market->inverse[i] : 0;
        sum.effort += taken ? excess * inverse : 0;
        sum.slope += inverse;
        sum.inside += taken;
    }
    return sum;
}

static struct demand demand_capped(const struct market *market, size_t from, size_t to,
                                   double log_price)
{
    struct demand sum = {0, 0, 0, 0};
    for (size_t i = from; i < to; i++) {
        double effort = effort_at(market, i, log_price);
        bool limited = effort > 0 && effort >= market->cells->cap[i];
        sum.effort += effort;
        sum.slope += effort > 0 && !limited ? market->inverse[i] : 0;
        sum.inside += effort > 0 && !limited;
        sum.at_limit += limited;
    }
    return sum;
}

static struct demand demand_at(const struct market *market, double log_price)
{
    struct sum effort = {.count = 0}, slope = {.count = 0};
    struct demand all = {0, 0, 0, 0};
    size_t count = market->cells->count;
    for (size_t from = 0; from < count; from += SUM_BLOCK) {
        size_t to = sum_block_end(from, count);
        struct demand part = market->cells->cap ? demand_capped(market, from, to, log_price)
                                                : demand_free(market, from, to, log_price);
        sum_add(&effort, part.effort);
        sum_add(&slope, part.slope);
        all.inside += part.inside;
        all.at_limit += part.at_limit;
    }
    all.effort = sum_total(&effort);
    all.slope = sum_total(&slope);
    return all;
}

/* Between bounds: demand(high) <= budget <= demand(low). */
struct search {
    double low, high;
};

/* Half way, or farther down while there is no lower bound. */
static double halve(const struct search *search, int pass)
{
    if (search->low > NO_KEY)
        return search->low + (search->high - search->low) / 2;
    return search->high - (double)(UINT64_C(1) << (pass < 60 ? pass : 60));
}

/*
 * ln lambda at which all cells together take the budget; there is one. Newton's step from a price
 * solves for the cells that are searched at that price; if they are the same at the price it leads
 * to, that is the one. The first step, from where the best cell takes all, never falls short.
 */
static double find_price(const struct market *market, size_t best)
{
    struct search search = {NO_KEY, market->key[best]};
    double at = market->key[best] - market->budget * market->cells->width[best];
    struct demand last = {0, 0, 0, 0};
    bool by_newton = false;
    for (int pass = 0; pass < PASSES_MAX; pass++) {
        struct demand now = demand_at(market, at);
        double over = now.effort - market->budget;
        double next = now.slope > 0 ? at + over / now.slope : at;
        if (over == 0 || next == at * (1 + DBL_EPSILON) ||
            (by_newton && now.inside == last.inside && now.at_limit == last.at_limit))
            return next;
        if (over > 0)
            search.low = at;
        else
            search.high = at;
        by_newton = next > search.low && next < search.high && pass % 8 != 7;
        at = by_newton ? next : halve(&search, pass);
        last = now;
    }
    return at;
}

/* ---- the plan ---------------------------------------------------------------------------------- */

struct totals {
    double spent, found, left, bound;
};

/* `bound`: the cell's share of the bound, the least of p e^(-w t) + lambda t for t in 0 .. cap. */
static void plan_cell(const struct market *market, size_t i, double log_price,
                      struct effort_plan *plan, struct totals *sum)
{
    double mass = market->cells->mass[i], cap = cap_of(market->cells, i);
    double excess = market->key[i] - log_price, effort = effort_at(market, i, log_price);
    double left = mass, bound = mass;
    if (effort >= cap) {
        left = mass * fading(market->cells->width[i] * cap);
        bound = left + plan->lambda * cap;
    } else if (excess > 0) {
        left = plan->lambda * market->inverse[i];
        bound = left * (1 + excess);
    }
    plan->effort[i] = effort;
    plan->left[i] = left;
    sum->spent += effort;
    sum->found += mass - left;
    sum->left += left;
    sum->bound += bound;
}

static void plan_at(const struct market *market, double log_price, struct effort_plan *plan)
{
    struct sum spent = {.count = 0}, found = {.count = 0}, over = {.count = 0};
    size_t count = market->cells->count;
    plan->lambda = log_price > -NUM_EXP_MAX ? num_exp(log_price) : 0;
    for (size_t from = 0; from < count; from += SUM_BLOCK) {
        size_t to = sum_block_end(from, count);
        struct totals part = {0, 0, 0, 0};
        for (size_t i = from; i < to; i++)
            plan_cell(market, i, log_price, plan, &part);
        sum_add(&spent, part.spent);
        sum_add(&found, part.found);
        sum_add(&over, part.left - part.bound);
    }
    plan->spent = sum_total(&spent);
    plan->found = sum_total(&found);
    plan->gap = sum_total(&over) + plan->lambda * market->budget;
}

/* Whether the caps together are more than the budget, so that there is a price. */
static bool is_scarce(const struct market *market)
{
    double room = 0;
    for (size_t i = 0; i < market->cells->count; i++)
        if (market->key[i] > NO_KEY)
            room += cap_of(market->cells, i); /* infinite is fine */
    return room > market->budget;
}

int effort_allocate(const struct effort_cells *cells, double budget, struct arena *arena,
                    struct effort_plan *ret_plan, struct err *err)
{
    if (check_cells(cells, budget, err) < 0)
        return ERR_FAIL;
    struct effort_plan plan = {
        .effort = ARENA_ARRAY(arena, double, cells->count + 1),
        .left = ARENA_ARRAY(arena, double, cells->count + 1),
    };
    struct arena_mark mark = arena_mark(arena);
    double *key = ARENA_ARRAY(arena, double, cells->count + 1);
    double *inverse = ARENA_ARRAY(arena, double, cells->count + 1);
    if (!plan.effort || !plan.left || !key || !inverse)
        return err_set(err, EXIT_DATA, "%zu cells need more memory than the plan may use",
                       cells->count);
    struct market market = {cells, key, inverse, budget};
    size_t best = set_keys(cells, key, inverse);
    bool priced = best != SIZE_MAX && is_scarce(&market);
    plan_at(&market, priced ? find_price(&market, best) : NO_KEY, &plan);
    arena_rewind(arena, mark);
    *ret_plan = plan;
    return 0;
}
