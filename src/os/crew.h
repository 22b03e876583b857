#ifndef OS_CREW_H
#define OS_CREW_H

#include <stdint.h>

#include "base/err.h"
#include "base/jobs.h"

/*
 * A few threads that run the parts of a job (base/jobs.h) together with whoever gives it. One job at
 * a time, from one thread. Between jobs they sleep.
 */
#define CREW_MAX 64

struct crew; /* opaque */

/* threads: with the caller's own, 1 .. CREW_MAX; 0: as many as there are processors. */
int crew_new(uint32_t threads, struct crew **ret_crew, struct err *err);
void crew_free(struct crew *crew); /* NULL is harmless */

uint32_t crew_threads(const struct crew *crew);

/* Valid as long as the crew is; NULL where it has one thread: in order. */
const struct jobs *crew_jobs(const struct crew *crew);

#endif
