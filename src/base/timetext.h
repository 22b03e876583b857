#ifndef BASE_TIMETEXT_H
#define BASE_TIMETEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

/*
 * Times are int64 microseconds since 1970-01-01T00:00:00Z, without leap seconds (POSIX time; the
 * AIS and ADS-B feeds repeat or skip that second, and so do we). Range: years 1900 to 2200;
 * anything else is refused.
 */
#define TIME_UNKNOWN INT64_MIN
#define TIME_SECOND  INT64_C(1000000)
#define TIME_MINUTE  (60 * TIME_SECOND)
#define TIME_HOUR    (60 * TIME_MINUTE)
#define TIME_DAY     (24 * TIME_HOUR)

struct civil {
    int year, month, day, hour, minute, second, micro;
};

struct civil time_civil(int64_t time_us);
bool time_from_civil(struct civil c, int64_t *ret_time_us); /* false: not a real date and time */

/* "2018-11-01T00:00:00Z"; with a fraction only where there is one (1 to 6 digits). TIME_UNKNOWN is
 * written "unknown". */
void time_write(struct buf *out, int64_t time_us);

/*
 * ISO 8601: DATE, DATE"T"TIME, seconds and fraction optional, then "Z", "+hh:mm", or nothing,
 * which means offset_us from UTC (the agreement's own zone). A date alone yields the end of that
 * day (its last microsecond) and *ret_date_only = true. False when the text is none of these.
 */
bool time_read(struct bytes text, int64_t offset_us, int64_t *ret_time_us, bool *ret_date_only);

/*
 * Offset from UTC of the time zones an agreement may name: "UTC", "+hh:mm", "-hh:mm", and the
 * zones without daylight saving that the shipped agreements use ("Asia/Seoul",
 * "Asia/Pyongyang" [+09:00 since 2018-05-05]). False: not known; say so and ask for "+hh:mm".
 */
bool time_zone_offset(struct bytes name, int64_t *ret_offset_us);

#endif
