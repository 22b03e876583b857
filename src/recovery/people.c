#include "recovery/people.h"

#include <assert.h>
#include <stdbool.h>

#include "num/num.h"

static bool is_valid(struct pairing p)
{
    return p.left <= PAIRING_MAX && p.right <= PAIRING_MAX && p.pairs <= p.left &&
           p.pairs <= p.right;
}

uint32_t people_minimum(struct pairing pairing)
{
    return pairing.left > pairing.right ? pairing.left : pairing.right;
}

uint32_t people_grand_minimum(struct pairing pairing)
{
    assert(is_valid(pairing));
    return pairing.left + pairing.right - pairing.pairs;
}

uint64_t people_most_likely(struct pairing pairing)
{
    assert(is_valid(pairing));
    uint64_t left = pairing.left, right = pairing.right, pairs = pairing.pairs;
    return (left + 1) * (right + 1) / (pairs + 1) - 1;
}

double people_recovery_rate(struct pairing pairing)
{
    uint32_t bones = pairing.left + pairing.right;
    return bones == 0 ? 0 : 2.0 * pairing.pairs / bones;
}

/* ln of the number of ways to choose k of n. */
static double log_choose(uint32_t n, uint32_t k)
{
    double sum = 0;
    for (uint32_t i = 1; i <= k; i++)
        sum += num_log((double)(n - k + i) / i);
    return sum;
}

/* At the grand minimum the bones without a partner can be told apart in one way only. */
static double first_share(struct pairing p, uint32_t n)
{
    double log_ways = log_choose(p.left, p.pairs) - log_choose(n, p.right);
    return log_ways < -NUM_EXP_MAX ? 0 : num_exp(log_ways) * p.pairs / (n + 1.0);
}

double people_posterior(struct pairing pairing, double *ret_share, size_t count)
{
    assert(is_valid(pairing) && pairing.pairs >= 1);
    double first = people_grand_minimum(pairing), single = pairing.right - pairing.pairs, sum = 0;
    double share = first_share(pairing, (uint32_t)first);
    for (size_t i = 0; i < count; i++) {
        ret_share[i] = share;
        sum += share;
        double next = first + (double)i + 1;
        share *= (next - pairing.left) / (next - pairing.left - single) * (next - pairing.right) /
                 (next + 1);
    }
    return sum;
}
