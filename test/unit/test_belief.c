#include "recovery/belief.h"
#include "recovery/detection.h"
#include "recovery/people.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Expected values: closed forms by the C library or worked by hand, and the published figures that
 * are named. */
static void near_to(double got, double want, double within)
{
    if (!(fabs(got - want) <= within))
        fail_msg("%.17g, not %.17g", got, want);
}

static void detection_laws(void **state)
{
    (void)state;
    for (double c = 0; c <= 6; c += 0.125) {
        near_to(detection_of(DETECTION_RANDOM, c), 1 - exp(-c), 1e-15);
        near_to(detection_of(DETECTION_INVERSE_CUBE, c), erf(sqrt(M_PI) / 2 * c), 2e-15);
        near_to(detection_of(DETECTION_DEFINITE, c), fmin(1, c), 0);
    }
    near_to(detection_of(DETECTION_RANDOM, 1e9), 1, 0);
    near_to(coverage_of(2, 0.5, 100, 400), 0.25, 0);
    near_to(detection_pits(1, 4), M_PI / 16, 1e-15);
}

/* The two beacons of flight AF447 (Stone and others, Statistical Science 29, 2014): each works with
 * 0.8 and is heard with 0.9; together, if they fail alone, if they fail together, and mixed. */
static void looks_that_fail_together(void **state)
{
    (void)state;
    static const double beacons[] = {0.72, 0.72}, weight[] = {0.25, 0.75},
                        mixed[] = {0.72, 0.72, 0.72, 0};
    near_to(detection_any(beacons, 2), 0.9216, 1e-15);
    near_to(detection_mixed(weight, mixed, 2, 2), 0.7704, 1e-15);
}

static void nothing_found_moves_the_belief(void **state)
{
    (void)state;
    double mass[] = {.4, .1, .2, .3};
    static const double want[] = {.4 / .73, .1 / .73, .2 / .73, .03 / .73};
    struct belief belief;
    belief_init(&belief, mass, 4);
    belief_sweep(&belief, (const uint32_t[]){3}, (const double[]){.9}, 1);
    for (size_t i = 0; i < 4; i++)
        near_to(belief_share(&belief, i), want[i], 1e-15);
    near_to(belief_left(&belief, 0, 10, 3), 7 * want[0], 1e-14);
    near_to(belief_left(&belief, 0, 3, 3), 0, 0);
}

#define CELLS  50
#define SWEEPS 40

/* Sweeps in either order, and all at once by the C library. */
static void order_does_not_count(void **state)
{
    (void)state;
    double forth[CELLS], back[CELLS], pod[SWEEPS], sum = 0;
    uint32_t cell[SWEEPS];
    long double product[CELLS];
    srand(1);
    for (size_t i = 0; i < CELLS; i++)
        product[i] = forth[i] = back[i] = rand() / (double)RAND_MAX;
    for (size_t i = 0; i < SWEEPS; i++) {
        cell[i] = (uint32_t)rand() % CELLS;
        pod[i] = rand() / (double)RAND_MAX;
        product[cell[i]] *= 1 - (long double)pod[i];
    }
    struct belief a, b;
    belief_init(&a, forth, CELLS);
    belief_init(&b, back, CELLS);
    belief_sweep(&a, cell, pod, SWEEPS);
    for (size_t i = SWEEPS; i-- > 0;)
        belief_sweep(&b, &cell[i], &pod[i], 1);
    for (size_t i = 0; i < CELLS; i++)
        sum += (double)product[i];
    for (size_t i = 0; i < CELLS; i++) {
        near_to(belief_share(&a, i), (double)product[i] / sum, 1e-13);
        near_to(belief_share(&b, i), (double)product[i] / sum, 1e-13);
    }
}

static void unknown_number(void **state)
{
    (void)state;
    struct rate rate = {2, .5};
    near_to(rate_mean(rate_after(rate, .6, 3)), 5 / 1.1, 1e-14);
    near_to(rate_left(rate, .6, 3), .4 * 5 / 1.1, 1e-14);
    near_to(rate_none_left(rate, .6, 3), pow(1.1 / 1.5, 5), 1e-14);
    /* An empty square of Gamma(1, 1/4) closes at a detection of 0.95 and not at 0.8. */
    near_to(rate_none_left((struct rate){1, .25}, .8, 0), .84, 1e-14);
    near_to(rate_none_left((struct rate){1, .25}, .95, 0), .96, 1e-14);
    assert_true(rate_none_left((struct rate){1, .25}, .95, 0) >= RATE_CLOSING);
}

/* 21 left, 15 right, 11 pairs: the worked example of L. W. Konigsberg's page on the MLNI. */
static void numbers_of_people(void **state)
{
    (void)state;
    static const struct pairing bones = {21, 15, 11};
    double share[2000], mean = 0;
    assert_int_equal(people_minimum(bones), 21);
    assert_int_equal(people_grand_minimum(bones), 25);
    assert_int_equal(people_most_likely(bones), 28);
    near_to(people_recovery_rate(bones), 22.0 / 36, 1e-15);
    near_to(people_posterior(bones, share, 2000), 1, 1e-12);
    size_t mode = 0;
    for (size_t i = 0; i < 2000; i++) {
        mean += share[i] * (25 + (double)i);
        mode = share[i] > share[mode] ? i : mode;
    }
    assert_int_equal(25 + mode, 28);
    near_to(share[mode], .12506, 5e-6);
    near_to(mean, 30.5, 0.05);
    near_to(people_posterior(bones, share, 39 - 25 + 1), .958, 5e-4);
    near_to(people_recovery_rate((struct pairing){0, 0, 0}), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(detection_laws),
        cmocka_unit_test(looks_that_fail_together),
        cmocka_unit_test(nothing_found_moves_the_belief),
        cmocka_unit_test(order_does_not_count),
        cmocka_unit_test(unknown_number),
        cmocka_unit_test(numbers_of_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
