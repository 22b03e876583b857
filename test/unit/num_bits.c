/*
 * Prints one hash of 120 000 results of src/num. Builds with different compilers, optimisation
 * levels or machines must print the same line; a script builds this twice and compares.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/table.h"
#include "num/num.h"

#define ROUNDS 10000

/* Points that depend on nothing but integers: multiples of the golden ratio, modulo 1. */
static double fraction(uint64_t i)
{
    return (double)((i * UINT64_C(0x9e3779b97f4a7c15)) >> 11) * 0x1p-53;
}

static uint64_t add(uint64_t hash, double x)
{
    return hash_more(hash, &x, sizeof x);
}

static uint64_t add_round(uint64_t hash, uint64_t i)
{
    double u = fraction(i) * 2 - 1, v = fraction(i + ROUNDS) * 2 - 1;
    hash = add(hash, num_sin(u * 4));
    hash = add(hash, num_cos(u * 4));
    hash = add(hash, num_sin(v * 1e6));
    hash = add(hash, num_cos(v * 1e6));
    hash = add(hash, num_atan2(u, v));
    hash = add(hash, num_atan2(u * 1e-5, v));
    hash = add(hash, num_exp(u * 700));
    hash = add(hash, num_log(num_exp(v * 300)));
    hash = add(hash, num_sqrt(num_exp(u * 400)));
    hash = add(hash, num_erf(u * 4));
    hash = add(hash, num_erfc(v * 20));
    return add(hash, num_degrees(num_radians(v * 180)));
}

int main(void)
{
    uint64_t hash = HASH_START;
    for (uint64_t i = 0; i < ROUNDS; i++)
        hash = add_round(hash, i);
    printf("num %016" PRIx64 "\n", hash);
    return 0;
}
