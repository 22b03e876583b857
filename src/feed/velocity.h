#ifndef FEED_VELOCITY_H
#define FEED_VELOCITY_H

#include <stdbool.h>

#include "base/position.h"

/* Speed and course, as feeds tell velocity, and its parts north and east, as a position holds it. */

#define SPEED_MAX_CMPS 1000000 /* 10 km/s: above any orbit; faster is no speed */

/* The exact factors of the international nautical mile (1852 m) and foot (0.3048 m). */
#define KNOT_CMPS (185200.0 / 3600.0)
#define FOOT_CM   30.48

/* Leaves the velocity unknown when speed is not within 0 .. SPEED_MAX_CMPS. */
void velocity_set(struct position *position, double speed_cmps, double course_deg);

/* At rest the course means nothing. */
void velocity_rest(struct position *position);

/* False when unknown. Course 0 <= c < 360; at rest 0. */
bool velocity_polar(const struct position *position, double *ret_speed_cmps,
                    double *ret_course_deg);

/* The nearest integer, halves away from zero; |x| must be below 2^31. */
static inline int32_t round_cm(double x)
{
    return (int32_t)(x < 0 ? x - 0.5 : x + 0.5);
}

#endif
