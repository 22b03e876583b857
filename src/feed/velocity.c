#include "feed/velocity.h"

#include "num/num.h"

#define TURN_DEG 360.0

void velocity_set(struct position *position, double speed_cmps, double course_deg)
{
    double sin, cos;
    if (!(speed_cmps >= 0.0 && speed_cmps <= SPEED_MAX_CMPS) ||
        !(course_deg >= -TURN_DEG && course_deg <= TURN_DEG))
        return;
    num_sincos(num_radians(course_deg), &sin, &cos);
    position->north_cmps = round_cm(speed_cmps * cos);
    position->east_cmps = round_cm(speed_cmps * sin);
}

void velocity_rest(struct position *position)
{
    position->north_cmps = position->east_cmps = 0;
}

bool velocity_polar(const struct position *position, double *ret_speed_cmps, double *ret_course_deg)
{
    if (position->north_cmps == SPEED_UNKNOWN || position->east_cmps == SPEED_UNKNOWN)
        return false;
    double north = position->north_cmps, east = position->east_cmps;
    double course = num_degrees(num_atan2(east, north));
    *ret_speed_cmps = num_sqrt(north * north + east * east);
    *ret_course_deg = course < 0.0 ? course + TURN_DEG : course;
    return true;
}
