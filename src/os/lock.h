#ifndef OS_LOCK_H
#define OS_LOCK_H

#include "base/err.h"

/*
 * A home has one writer. The lock is flock on a file that holds the pid of who has it; the kernel
 * lets go when that process ends, however it ends.
 */
struct lock {
    int fd; /* -1: not held */
};

/* EXIT_UNAVAILABLE when another process has it, with its pid; EXIT_IO when the file cannot be made. */
int lock_take(struct lock *lock, const char *path, struct err *err);
void lock_drop(struct lock *lock);

#endif
