#ifndef BASE_JOBS_H
#define BASE_JOBS_H

#include <stddef.h>

/*
 * Work that falls into parts which know nothing of each other. Whoever has threads passes a `run`
 * that calls job(arg, 0) to job(arg, count - 1) once each, on any of them, and returns when all are
 * done; without one they are called in order. What a job writes no other job of the same call reads
 * or writes, so the result is the same either way.
 */
struct jobs {
    void (*run)(void *to, size_t count, void (*job)(void *arg, size_t index), void *arg);
    void *to;
};

static inline void jobs_run(const struct jobs *jobs, size_t count,
                            void (*job)(void *arg, size_t index), void *arg)
{
    if (jobs && jobs->run && count > 1) {
        jobs->run(jobs->to, count, job, arg);
        return;
    }
    for (size_t i = 0; i < count; i++)
        job(arg, i);
}

#endif
