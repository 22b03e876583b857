#ifndef OS_DATA_CLOCK_H
#define OS_DATA_CLOCK_H

#include <stdint.h>

/*
 * The time of a replay: that of its fixes. It never goes back, and a fix that leaps far ahead waits
 * for the next one to say the same: one wrong time stamp does not declare every track lost.
 */
#define DATA_LEAP_US (INT64_C(10) * 60 * 1000000)

struct data_clock {
    int64_t now_us;  /* TIME_UNKNOWN: no fix told a time yet */
    int64_t leap_us; /* a time that waits to be confirmed, or TIME_UNKNOWN */
};

void data_clock_init(struct data_clock *clock);
void data_clock_move(struct data_clock *clock, int64_t time_us);

#endif
