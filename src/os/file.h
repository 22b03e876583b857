#ifndef OS_FILE_H
#define OS_FILE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"

/*
 * Whole files in, whole files out. Part of the door to the machine: nothing below src/os opens a
 * file.
 */

/*
 * Reads a regular file into the arena; a NUL follows its last byte. Its size is checked before
 * memory is taken. Errors name the path: EXIT_NO_INPUT when it is not there or not readable,
 * EXIT_DATA when it is not a regular file or larger than `limit`, EXIT_IO when reading fails.
 */
int file_read(const char *path, size_t limit, struct arena *arena, struct bytes *ret_bytes,
              struct err *err);

/*
 * A file that appears whole or not at all: written beside its place under a name of its own, synced,
 * and renamed there by file_commit. A path that exists and is not a regular file (/dev/stdout, a
 * pipe) is written in place.
 *
 *   file_open --> file_put* --> file_commit    the file stands
 *        \             \------> file_abandon   nothing has happened
 */
#define FILE_PATH_MAX 4096

struct file_out {
    int fd; /* -1: not open */
    char path[FILE_PATH_MAX];
    char temporary[FILE_PATH_MAX]; /* empty: written in place */
};

int file_open(struct file_out *out, const char *path, struct err *err);
int file_put(struct file_out *out, const void *p, size_t n, struct err *err);
int file_commit(struct file_out *out, struct err *err); /* fails: nothing has happened */
void file_abandon(struct file_out *out);                /* also after a failure; else harmless */

/* All of it in one call. */
int file_write_atomic(const char *path, struct bytes bytes, struct err *err);

#endif
