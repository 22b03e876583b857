#ifndef RECOVERY_BELIEF_H
#define RECOVERY_BELIEF_H

#include <stddef.h>
#include <stdint.h>

/*
 * Where what is sought may still lie, after searches that did not find it.
 *
 * One target, somewhere in `count` cells: mass[i] is in proportion to the probability of cell i. A
 * sweep that would have found it with probability pod[i] multiplies the cell by 1 - pod[i]; all
 * shares follow, through the total (Bayes). Sweeps may come in any order and may be split: only
 * the products count.
 *
 * N dead known to lie here, M found: each of the others follows the same shares, independently.
 */
struct belief {
    double *mass; /* the caller's */
    size_t count;
    double total;     /* of mass, kept by subtraction */
    uint32_t changes; /* since total was last summed up anew */
};

#define BELIEF_CHANGES_MAX 65536 /* then total is summed up anew */

/* mass: finite, >= 0; borrowed for as long as the belief is used. */
void belief_init(struct belief *belief, double *mass, size_t count);

/* A sweep over n cells found nothing there. pod in 0 .. 1, cell < count. */
void belief_sweep(struct belief *belief, const uint32_t *cell, const double *pod, size_t n);

/* The probability that one that is left lies in the cell; 0 if nothing is left anywhere. */
double belief_share(const struct belief *belief, size_t cell);

/* Of `dead` of whom `found` are found, how many to expect in the cell still. */
double belief_left(const struct belief *belief, size_t cell, double dead, double found);

/*
 * An unknown number: finds in a cell come at a rate drawn from Gamma(shape alpha, rate beta), each
 * is found with probability pod, n were. Cells are independent: an empty one says nothing of the
 * others. The rate is then Gamma(alpha + n, beta + pod).
 */
struct rate {
    double alpha, beta; /* > 0 */
};
struct rate rate_after(struct rate before, double pod, double found);
double rate_mean(struct rate rate);

/* After that search: the expected number still there, (1 - pod)(alpha + n)/(beta + pod), and the
 * probability that there is none, ((beta + pod)/(beta + 1))^(alpha + n). */
double rate_left(struct rate before, double pod, double found);
double rate_none_left(struct rate before, double pod, double found);

/* A square may be closed when that probability is at least this and the depth is reached. */
#define RATE_CLOSING 0.95

#endif
