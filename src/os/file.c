#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY_SUFFIX ".XXXXXX"
#define WRITE_MAX        (1u << 30) /* Linux writes at most 2 GiB - 4 KiB at a time */

/* ---- in ----------------------------------------------------------------------------------------- */

static int fail_open(const char *path, struct err *err)
{
    if (errno == ENOENT || errno == ENOTDIR)
        return err_set(err, EXIT_NO_INPUT, "%s: no such file", path);
    return err_set(err, EXIT_NO_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
}

static int check_size(int fd, const char *path, size_t limit, size_t *ret_size, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st))
        return err_set(err, EXIT_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(err, EXIT_DATA, "%s: not a regular file", path);
    if ((uintmax_t)st.st_size > limit)
        return err_set(err, EXIT_DATA, "%s: %jd bytes; at most %zu are allowed", path,
                       (intmax_t)st.st_size, limit);
    *ret_size = (size_t)st.st_size;
    return 0;
}

/* Reads what is there, at most `size`; a file that grows meanwhile is cut, one that shrinks ends. */
static int read_all(int fd, const char *path, uint8_t *p, size_t size, size_t *ret_n,
                    struct err *err)
{
    size_t n = 0;
    while (n < size) {
        ssize_t got = read(fd, p + n, size - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set(err, EXIT_IO, "%s: reading failed: %s", path, strerror(errno));
        if (got == 0)
            break;
        n += (size_t)got;
    }
    *ret_n = n;
    return 0;
}

static int read_open(int fd, const char *path, size_t limit, struct arena *arena,
                     struct bytes *ret_bytes, struct err *err)
{
    size_t size = 0, n = 0;
    if (check_size(fd, path, limit, &size, err))
        return ERR_FAIL;
    uint8_t *p = arena_alloc(arena, size + 1, 1);
    if (!p)
        return err_set(err, EXIT_DATA, "%s: %zu bytes; too large for the memory allowed", path,
                       size);
    if (read_all(fd, path, p, size, &n, err))
        return ERR_FAIL;
    *ret_bytes = (struct bytes){p, n};
    return 0;
}

int file_read(const char *path, size_t limit, struct arena *arena, struct bytes *ret_bytes,
              struct err *err)
{
    /* O_NONBLOCK: a named pipe without a writer is refused, not waited for */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return fail_open(path, err);
    int failed = read_open(fd, path, limit, arena, ret_bytes, err);
    close(fd);
    return failed;
}

/* ---- out ---------------------------------------------------------------------------------------- */

static int fail_write(const struct file_out *out, struct err *err)
{
    return err_set(err, EXIT_IO, "%s: writing failed: %s", out->path, strerror(errno));
}

static int open_in_place(struct file_out *out, struct err *err)
{
    out->temporary[0] = '\0';
    out->fd = open(out->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return out->fd < 0 ? fail_write(out, err) : 0;
}

/* The rights that a plain open would have given; mkostemp gives the owner's only. */
static int allow_as_usual(int fd)
{
    mode_t mask = umask(0);
    umask(mask);
    return fchmod(fd, 0666 & ~mask);
}

static int open_beside(struct file_out *out, struct err *err)
{
    out->fd = mkostemp(out->temporary, O_CLOEXEC);
    if (out->fd < 0)
        return fail_write(out, err);
    if (allow_as_usual(out->fd)) {
        fail_write(out, err);
        file_abandon(out);
        return ERR_FAIL;
    }
    return 0;
}

int file_open(struct file_out *out, const char *path, struct err *err)
{
    struct stat st;
    *out = (struct file_out){.fd = -1};
    if (strlen(path) + sizeof TEMPORARY_SUFFIX > sizeof out->path)
        return err_set(err, EXIT_IO, "the path is longer than %d bytes", FILE_PATH_MAX);
    strcpy(out->path, path);
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return err_set(err, EXIT_IO, "%s: is a directory; name a file", path);
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return open_in_place(out, err);
    snprintf(out->temporary, sizeof out->temporary, "%s" TEMPORARY_SUFFIX, path);
    return open_beside(out, err);
}

int file_put(struct file_out *out, const void *p, size_t n, struct err *err)
{
    const uint8_t *at = p;
    while (n > 0) {
        ssize_t done = write(out->fd, at, n < WRITE_MAX ? n : WRITE_MAX);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return fail_write(out, err);
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

/* The rename is durable once the directory is. */
static int sync_directory(const char *path)
{
    char directory[FILE_PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;
    memcpy(directory, path, n);
    directory[n] = '\0';
    int fd = open(!slash ? "." : n == 0 ? "/" : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return ERR_FAIL;
    int failed = fsync(fd);
    close(fd);
    return failed;
}

int file_commit(struct file_out *out, struct err *err)
{
    int failed = out->temporary[0] ? fsync(out->fd) : 0;
    failed |= close(out->fd);
    out->fd = -1;
    if (!failed && out->temporary[0])
        failed = rename(out->temporary, out->path);
    if (failed) {
        fail_write(out, err);
        file_abandon(out);
        return ERR_FAIL;
    }
    bool renamed = out->temporary[0] != '\0';
    out->temporary[0] = '\0';
    return renamed && sync_directory(out->path) ? fail_write(out, err) : 0;
}

void file_abandon(struct file_out *out)
{
    if (out->fd >= 0)
        close(out->fd);
    if (out->temporary[0])
        unlink(out->temporary);
    out->fd = -1;
    out->temporary[0] = '\0';
}

int file_write_atomic(const char *path, struct bytes bytes, struct err *err)
{
    struct file_out out;
    if (file_open(&out, path, err))
        return ERR_FAIL;
    if (file_put(&out, bytes.p, bytes.n, err) || file_commit(&out, err)) {
        file_abandon(&out);
        return ERR_FAIL;
    }
    return 0;
}
