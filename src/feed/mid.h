#ifndef FEED_MID_H
#define FEED_MID_H

#include <stdint.h>

/* The flag of a maritime identification digits number (ITU Radio Regulations, Appendix 42, and the
 * ITU's table of its assignments); 0 for one that is not assigned. */
uint16_t mid_flag(uint32_t mid);

#endif
