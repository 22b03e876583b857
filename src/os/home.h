#ifndef OS_HOME_H
#define OS_HOME_H

#include "agreement/agreement.h"
#include "base/err.h"
#include "os/file.h"
#include "os/lock.h"

/*
 * A party's home on disk:
 *
 *   version        "detente-home 1"; another number is refused
 *   detente.conf   what os/config.h reads
 *   agreement/     a copy of the agreement's files; never changed
 *   detente.db     what the node kept (store/store.h)
 *   log/           diagnostics
 *   lock           held by the process that serves the home
 *
 * It appears whole or not at all: made beside its place and renamed there.
 */
#define HOME_VERSION "detente-home 1\n"

struct home {
    char dir[FILE_PATH_MAX];       /* its place */
    char temporary[FILE_PATH_MAX]; /* while it is made; "" after */
    struct lock lock;
};

/* home_begin --> the caller makes detente.db --> home_commit, or home_abandon on any failure.
 * EXIT_NOT_PERMITTED when something is there already. */
int home_begin(struct home *home, const char *dir, const struct agreement *agreement,
               const char *config, struct err *err);
int home_commit(struct home *home, struct err *err);
void home_abandon(struct home *home);

/* Checks the version and takes the lock. EXIT_NO_INPUT: no home; EXIT_CONFIG: of another version;
 * EXIT_UNAVAILABLE: taken. */
int home_open(struct home *home, const char *dir, struct err *err);
void home_close(struct home *home);

/* The path of a file in it, where it is now. */
int home_path(const struct home *home, const char *name, char path[FILE_PATH_MAX], struct err *err);

#endif
