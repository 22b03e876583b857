#include "os/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PID_BYTES 24

static int fail_taken(int fd, const char *path, struct err *err)
{
    char text[PID_BYTES + 1] = "";
    ssize_t n = pread(fd, text, PID_BYTES, 0);
    text[n > 0 ? n : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return err_set(err, EXIT_UNAVAILABLE, "%s: the home is taken by process %s; end it first", path,
                   *text ? text : "?");
}

static int write_pid(int fd)
{
    char text[PID_BYTES];
    int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    return ftruncate(fd, 0) || pwrite(fd, text, (size_t)n, 0) != n ? ERR_FAIL : 0;
}

int lock_take(struct lock *lock, const char *path, struct err *err)
{
    lock->fd = -1;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    if (fd < 0)
        return err_set(err, EXIT_IO, "%s: cannot be opened: %s", path, strerror(errno));
    int failed = 0;
    if (flock(fd, LOCK_EX | LOCK_NB))
        failed = errno == EWOULDBLOCK
                     ? fail_taken(fd, path, err)
                     : err_set(err, EXIT_IO, "%s: cannot be locked: %s", path, strerror(errno));
    else if (write_pid(fd))
        failed = err_set(err, EXIT_IO, "%s: writing failed: %s", path, strerror(errno));
    if (failed)
        close(fd);
    else
        lock->fd = fd;
    return failed;
}

void lock_drop(struct lock *lock)
{
    if (lock->fd >= 0)
        close(lock->fd);
    lock->fd = -1;
}
