#ifndef BASE_DEGREE_H
#define BASE_DEGREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

/* Angles as integers: 1e-7 degree, 1.1 cm on the ground. */
#define DEG_E7     INT64_C(10000000)
#define LAT_E7_MAX (90 * DEG_E7)
#define LON_E7_MAX (180 * DEG_E7)
#define TURN_E7    (360 * DEG_E7)
#define TURN_E9    (100 * TURN_E7) /* in 1e-9 degree */

/* "38.281972": as many decimals as needed, at most 7. */
void degree_write(struct buf *out, int32_t value_e7);

/*
 * Strict decimal degrees ("-12.5", "38"), more than 7 decimals rounded half to even; or degrees,
 * minutes, seconds as agreements print them ("38-17-35N", "38-17-35.2N", "127-05E"). A latitude
 * (limit_e7 of at most 90 degrees) takes N and S, a longitude E and W. *ret_e7 is within
 * +-limit_e7 or the call fails.
 */
bool degree_read(struct bytes text, int64_t limit_e7, int32_t *ret_e7);

/* Brings a longitude into [-180, 180) degrees. */
int32_t lon_wrap_e7(int64_t lon_e7);

#endif
