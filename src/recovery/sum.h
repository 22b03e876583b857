#ifndef RECOVERY_SUM_H
#define RECOVERY_SUM_H

#include <stddef.h>
#include <stdint.h>

/*
 * A long sum whose rounding error grows with the logarithm of its length, and whose order of
 * additions is always the same, so that two parties get the same bits: partial sums are joined in
 * pairs of equal size, as carries are in a binary counter.
 */
#define SUM_LEVELS 40
#define SUM_BLOCK  512 /* terms that callers add up one by one before they hand them over */

struct sum {
    double part[SUM_LEVELS]; /* part[i] stands for 2^i additions if bit i of count is set */
    uint64_t count;
};

/* Where the block that begins at `from` ends. */
static inline size_t sum_block_end(size_t from, size_t count)
{
    return count - from < SUM_BLOCK ? count : from + SUM_BLOCK;
}

static inline void sum_add(struct sum *sum, double value)
{
    int level = 0;
    for (; sum->count >> level & 1; level++)
        value += sum->part[level];
    sum->part[level] = value;
    sum->count++;
}

static inline double sum_total(const struct sum *sum)
{
    double total = 0;
    for (int level = 0; level < SUM_LEVELS; level++)
        if (sum->count >> level & 1)
            total += sum->part[level];
    return total;
}

#endif
