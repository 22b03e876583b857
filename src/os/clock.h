#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdint.h>

/* The only clocks of the house. */
int64_t clock_now_us(void);    /* UTC, microseconds since 1970 */
int64_t clock_steady_us(void); /* never set back; only differences mean anything */

#endif
