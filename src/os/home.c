#include "os/home.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERSION_BYTES 64
#define OPEN_AT_ONCE  16 /* directories that nftw holds open */

int home_path(const struct home *home, const char *name, char path[FILE_PATH_MAX], struct err *err)
{
    const char *dir = home->temporary[0] ? home->temporary : home->dir;
    int n = snprintf(path, FILE_PATH_MAX, "%s/%s", dir, name);
    if (n < 0 || n >= FILE_PATH_MAX)
        return err_set(err, EXIT_USAGE, "the path of the home is longer than %d bytes",
                       FILE_PATH_MAX - 1);
    return 0;
}

/* ---- making ------------------------------------------------------------------------------------- */

static int make_folder(const struct home *home, const char *name, struct err *err)
{
    char path[FILE_PATH_MAX];
    if (home_path(home, name, path, err))
        return ERR_FAIL;
    if (mkdir(path, 0700) && errno != EEXIST)
        return err_set(err, EXIT_IO, "%s: cannot be made: %s", path, strerror(errno));
    return 0;
}

/* The folders above a file. */
static int make_folders(const struct home *home, const char *name, struct err *err)
{
    char part[FILE_PATH_MAX];
    for (const char *p = strchr(name, '/'); p; p = strchr(p + 1, '/')) {
        bytes_copy_text((struct bytes){(const uint8_t *)name, (size_t)(p - name)}, part,
                        sizeof part);
        if (make_folder(home, part, err))
            return ERR_FAIL;
    }
    return 0;
}

static int put_file(const struct home *home, const char *name, struct bytes bytes, struct err *err)
{
    char path[FILE_PATH_MAX];
    return make_folders(home, name, err) || home_path(home, name, path, err) ||
                   file_write_atomic(path, bytes, err)
               ? ERR_FAIL
               : 0;
}

static int put_agreement(const struct home *home, const struct agreement *a, struct err *err)
{
    if (put_file(home, "agreement/agreement.json", a->text, err))
        return ERR_FAIL;
    for (uint16_t i = 0; i < a->file_count; i++) {
        char name[AGREEMENT_FILE_NAME_MAX + 16];
        snprintf(name, sizeof name, "agreement/%s", a->files[i].name);
        if (put_file(home, name, a->files[i].text, err))
            return ERR_FAIL;
    }
    return 0;
}

static int make_temporary(struct home *home, struct err *err)
{
    int n = snprintf(home->temporary, sizeof home->temporary, "%s.new.XXXXXX", home->dir);
    if (n < 0 || (size_t)n >= sizeof home->temporary)
        return err_set(err, EXIT_USAGE, "the path of the home is longer than %d bytes",
                       FILE_PATH_MAX - 1);
    if (mkdtemp(home->temporary))
        return 0;
    home->temporary[0] = '\0';
    return err_set(err, EXIT_IO, "%s: cannot be made: %s", home->dir, strerror(errno));
}

static int fail_there(const struct home *home, struct err *err)
{
    return err_set(err, EXIT_NOT_PERMITTED,
                   "%s: is there already and is not touched; name a new "
                   "place",
                   home->dir);
}

int home_begin(struct home *home, const char *dir, const struct agreement *agreement,
               const char *config, struct err *err)
{
    struct stat st;
    *home = (struct home){.lock = {-1}};
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/')
        n--;
    bytes_copy_text((struct bytes){(const uint8_t *)dir, n}, home->dir, sizeof home->dir);
    if (lstat(home->dir, &st) == 0)
        return fail_there(home, err);
    return make_temporary(home, err) || put_file(home, "version", bytes_of(HOME_VERSION), err) ||
                   put_file(home, "detente.conf", bytes_of(config), err) ||
                   put_agreement(home, agreement, err) || make_folder(home, "log", err)
               ? ERR_FAIL
               : 0;
}

int home_commit(struct home *home, struct err *err)
{
    if (renameat2(AT_FDCWD, home->temporary, AT_FDCWD, home->dir, RENAME_NOREPLACE)) {
        if (errno == EEXIST)
            return fail_there(home, err);
        return err_set(err, EXIT_IO, "%s: cannot be made: %s", home->dir, strerror(errno));
    }
    home->temporary[0] = '\0';
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void home_abandon(struct home *home)
{
    if (home->temporary[0])
        nftw(home->temporary, remove_one, OPEN_AT_ONCE, FTW_DEPTH | FTW_PHYS);
    home->temporary[0] = '\0';
}

/* ---- opening ------------------------------------------------------------------------------------ */

static int check_version(const struct home *home, struct err *err)
{
    char path[FILE_PATH_MAX], text[VERSION_BYTES] = "";
    if (home_path(home, "version", path, err))
        return ERR_FAIL;
    FILE *file = fopen(path, "re");
    if (!file)
        return err_set(err, EXIT_NO_INPUT, "%s: no home is there; make one with detente init",
                       home->dir);
    bool read = fgets(text, sizeof text, file) != NULL;
    fclose(file);
    if (read && strcmp(text, HOME_VERSION) == 0)
        return 0;
    text[strcspn(text, "\n")] = '\0';
    return err_set(err, EXIT_CONFIG, "%s: \"%s\", and this program knows \"%.14s\"", path, text,
                   HOME_VERSION);
}

int home_open(struct home *home, const char *dir, struct err *err)
{
    char path[FILE_PATH_MAX];
    *home = (struct home){.lock = {-1}};
    bytes_copy_text(bytes_of(dir), home->dir, sizeof home->dir);
    return check_version(home, err) || home_path(home, "lock", path, err) ||
                   lock_take(&home->lock, path, err)
               ? ERR_FAIL
               : 0;
}

void home_close(struct home *home)
{
    lock_drop(&home->lock);
}
