#ifndef FEED_ICAO_H
#define FEED_ICAO_H

#include <stdint.h>

/* The flag of the state that a 24-bit aircraft address was allocated to (ICAO Annex 10, Volume III,
 * Part I, Chapter 9, appendix); 0 outside the allocated blocks. */
uint16_t icao_flag(uint32_t address);

#endif
