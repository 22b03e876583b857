#ifndef RECOVERY_EFFORT_H
#define RECOVERY_EFFORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * Where to search with the effort there is: the allocation that finds most.
 *
 * Cell i holds what is sought with mass p (a probability, or any number in proportion) and is
 * searched by a sensor that after effort t has found it with probability 1 - e^(-w t). Sought:
 * efforts t_i with 0 <= t_i <= cap_i and sum t_i <= budget that leave the least,
 * sum p_i e^(-w_i t_i).
 *
 * Solution (B. O. Koopman 1956; A. Charnes, W. W. Cooper 1958): with one price lambda for all
 * cells, t_i = (ln p_i w_i - ln lambda) / w_i, brought into 0 .. cap_i; each searched cell then
 * gives lambda for the next unit of effort, and no other gives more. The efforts fall as ln lambda
 * rises, piecewise linearly, so Newton's method on ln lambda, held between bounds, ends exactly.
 *
 * Certificate: for any price, sum_i min_t (p_i e^(-w_i t) + lambda t) - lambda budget is a bound
 * that no allocation gets below. `gap` is what the plan leaves less that bound: a plan whose gap
 * is 0 is optimal, whoever made it.
 *
 * Deterministic: the same cells give the same bits everywhere.
 */
#define EFFORT_CELLS_MAX (1u << 24)
#define EFFORT_LEAST     1e-100 /* masses and widths below this count as 0 */
#define EFFORT_MOST      1e100

struct effort_cells {
    const double *mass;  /* p, >= 0 */
    const double *width; /* w, >= 0: per unit of effort */
    const double *cap;   /* most effort a cell takes, >= 0; NULL: no limit; HUGE values: none */
    size_t count;
};

struct effort_plan {
    double *effort; /* t, by cell */
    double *left;   /* p e^(-w t), by cell: not found */
    double lambda;  /* what the next unit of effort would find; 0 if no cell can take more */
    double spent;   /* sum of effort */
    double found;   /* sum of p (1 - e^(-w t)) */
    double gap;     /* certificate, >= 0 but for rounding */
};

/* The arrays of the plan live in the arena. Refused, with the number of the cell (the first is 1):
 * a negative, infinite or too large number; a negative budget; too many cells; a full arena. */
int effort_allocate(const struct effort_cells *cells, double budget, struct arena *arena,
                    struct effort_plan *ret_plan, struct err *err);

#endif
