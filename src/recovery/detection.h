#ifndef RECOVERY_DETECTION_H
#define RECOVERY_DETECTION_H

#include <stddef.h>

/*
 * How likely a search finds what is there: the probability of detection (POD) as a function of
 * coverage.
 *
 * Coverage C = W v t / A: the area that a sensor of effective sweep width W (m) sweeps at speed v
 * (m/s) in the time t (s), over the area A (m2) that it searches. The models are those of
 * B. O. Koopman, Search and Screening (1946):
 *   random        1 - e^-C: sweeps laid at random; the safe one, and the one that plans use, for
 *                 then efforts add: C1 and then C2 is C1 + C2
 *   inverse cube  erf(sqrt(pi) C / 2): parallel sweeps, evenly spaced, a sensor that fades
 *   definite      min(1, C): parallel sweeps, a sensor that misses nothing within its width
 *
 * Arguments: coverages finite and >= 0, probabilities in 0 .. 1; callers check what came from
 * outside.
 */
enum detection_law {
    DETECTION_RANDOM,
    DETECTION_INVERSE_CUBE,
    DETECTION_DEFINITE,
    DETECTION_COUNT
};

const char *detection_law_name(enum detection_law law); /* "random", "inverse-cube", "definite" */

double coverage_of(double width_m, double speed_mps, double time_s, double area_m2);

double detection_of(enum detection_law law, double coverage);

/* At least one of independent looks: 1 - (1 - pod[0]) (1 - pod[1]) ... */
double detection_any(const double *pod, size_t count);

/*
 * Looks that can fail together (the layer is disturbed, the bone is decayed): condition j holds
 * with probability weight[j], and then look s succeeds with pod[j * looks + s].
 */
double detection_mixed(const double *weight, const double *pod, size_t conditions, size_t looks);

/* A disc of radius target_m in a square grid of point pits spacing_m apart; target_m <= spacing_m
 * / 2: the share of places where a pit meets it, pi target^2 / spacing^2. */
double detection_pits(double target_m, double spacing_m);

#endif
