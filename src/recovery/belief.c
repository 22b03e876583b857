#include "recovery/belief.h"

#include <assert.h>

#include "num/num.h"
#include "recovery/sum.h"

static void sum_up(struct belief *belief)
{
    struct sum sum = {.count = 0};
    for (size_t from = 0; from < belief->count; from += SUM_BLOCK) {
        size_t to = sum_block_end(from, belief->count);
        double part = 0;
        for (size_t i = from; i < to; i++)
            part += belief->mass[i];
        sum_add(&sum, part);
    }
    belief->total = sum_total(&sum);
    belief->changes = 0;
}

void belief_init(struct belief *belief, double *mass, size_t count)
{
    *belief = (struct belief){.mass = mass, .count = count};
    sum_up(belief);
}

void belief_sweep(struct belief *belief, const uint32_t *cell, const double *pod, size_t n)
{
    double removed = 0;
    for (size_t i = 0; i < n; i++) {
        assert(cell[i] < belief->count && pod[i] >= 0 && pod[i] <= 1);
        double *mass = &belief->mass[cell[i]], left = *mass * (1 - pod[i]);
        removed += *mass - left;
        *mass = left;
    }
    belief->total -= removed;
    belief->changes += (uint32_t)n;
    /* What is left of a difference of two nearly equal numbers has few good digits. */
    if (belief->changes >= BELIEF_CHANGES_MAX || belief->total < removed)
        sum_up(belief);
}

double belief_share(const struct belief *belief, size_t cell)
{
    assert(cell < belief->count);
    return belief->total > 0 ? belief->mass[cell] / belief->total : 0;
}

double belief_left(const struct belief *belief, size_t cell, double dead, double found)
{
    return dead > found ? (dead - found) * belief_share(belief, cell) : 0;
}

struct rate rate_after(struct rate before, double pod, double found)
{
    return (struct rate){.alpha = before.alpha + found, .beta = before.beta + pod};
}

double rate_mean(struct rate rate)
{
    return rate.alpha / rate.beta;
}

double rate_left(struct rate before, double pod, double found)
{
    return (1 - pod) * rate_mean(rate_after(before, pod, found));
}

double rate_none_left(struct rate before, double pod, double found)
{
    struct rate after = rate_after(before, pod, found);
    return num_exp(after.alpha * (num_log(after.beta) - num_log(before.beta + 1)));
}
