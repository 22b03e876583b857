#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdint.h>
#include <stdio.h>

/* What the benches share. */

double cpu_s(void);                   /* of this thread */
void *must(void *p);                  /* ends the program where there is no memory */
uint64_t random_u64(uint64_t *state); /* splitmix64 (Steele, Lea and Flood 2014) */
double random_unit(uint64_t *state);  /* in [0, 1) */

/* DIR/NAME to write; ends the program where it cannot be written. */
FILE *file_in(const char *dir, const char *name);

#endif
