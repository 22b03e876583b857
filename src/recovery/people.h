#ifndef RECOVERY_PEOPLE_H
#define RECOVERY_PEOPLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * How many persons a heap of bones stands for, from one paired bone: `left` and `right` specimens,
 * `pairs` of them matched to one person.
 *
 *   minimum (MNI)        the larger of left and right
 *   grand minimum        left + right - pairs
 *   most likely (MLNI)   floor((left + 1)(right + 1) / (pairs + 1)) - 1
 *   recovery rate        2 pairs / (left + right)
 *
 * B. J. Adams, L. W. Konigsberg, Estimation of the most likely number of individuals from
 * commingled human skeletal remains, American Journal of Physical Anthropology 125 (2004).
 * Fragments, provisional individuals and these estimates are three counts: they are never added.
 */
struct pairing {
    uint32_t left, right, pairs; /* pairs <= left, pairs <= right; each at most PAIRING_MAX */
};
#define PAIRING_MAX 1000000u

uint32_t people_minimum(struct pairing pairing);
uint32_t people_grand_minimum(struct pairing pairing);
uint64_t people_most_likely(struct pairing pairing);
double people_recovery_rate(struct pairing pairing); /* 0 if there is no bone */

/*
 * The probability that there were n persons, for n = first, first + 1, ... (first: the grand
 * minimum, below which it is 0): the hypergeometric probability of the pairs among n, times
 * pairs / (n + 1), which sums to 1 over all n. Fills ret_share[0 .. count - 1] and returns their
 * sum. pairs >= 1, for without a pair no number is too large.
 */
double people_posterior(struct pairing pairing, double *ret_share, size_t count);

#endif
