#include "os/data_clock.h"

#include "base/timetext.h"

void data_clock_init(struct data_clock *clock)
{
    clock->now_us = clock->leap_us = TIME_UNKNOWN;
}

void data_clock_move(struct data_clock *clock, int64_t time_us)
{
    int64_t leap_us = clock->leap_us;
    if (time_us == TIME_UNKNOWN)
        return;
    clock->leap_us = TIME_UNKNOWN;
    if (clock->now_us == TIME_UNKNOWN)
        clock->now_us = time_us;
    else if (time_us <= clock->now_us + DATA_LEAP_US)
        clock->now_us = time_us > clock->now_us ? time_us : clock->now_us;
    else if (leap_us == TIME_UNKNOWN || time_us < leap_us - DATA_LEAP_US)
        clock->leap_us = time_us;
    else
        clock->now_us = leap_us < time_us ? leap_us : time_us;
}
