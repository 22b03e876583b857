#include "os/agreement_dir.h"

#include <stdio.h>
#include <sys/stat.h>

#include "os/file.h"

#define AGREEMENT_NAME "agreement.json"

static int read_named(const char *dir, const char *name, struct arena *arena,
                      struct bytes *ret_text, struct err *err)
{
    char path[FILE_PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/%s", dir, name);
    if (n < 0 || (size_t)n >= sizeof path)
        return err_set(err, EXIT_NO_INPUT, "the path is longer than %d bytes", FILE_PATH_MAX);
    return file_read(path, AGREEMENT_BYTES_MAX, arena, ret_text, err);
}

/* What the reader says begins with the name of a file: now with its path. */
static int add_directory(const char *dir, struct err *err)
{
    return err_set(err, err->code, "%s/%s", dir, err->text);
}

static int check_directory(const char *dir, struct err *err)
{
    struct stat st;
    if (stat(dir, &st))
        return err_set(err, EXIT_NO_INPUT, "%s: no such directory", dir);
    if (!S_ISDIR(st.st_mode))
        return err_set(err, EXIT_NO_INPUT,
                       "%s: not a directory; name the one that holds " AGREEMENT_NAME, dir);
    return 0;
}

static int read_files(const char *dir, struct bytes text, struct arena *arena,
                      const struct agreement_file **ret_files, size_t *ret_count, struct err *err)
{
    const char *const *names;
    size_t count;
    if (agreement_files(text, arena, &names, &count, err))
        return add_directory(dir, err);
    struct agreement_file *files = ARENA_ARRAY(arena, struct agreement_file, count);
    if (!files)
        return err_set(err, EXIT_DATA, "%s: too large for the memory allowed", dir);
    for (size_t i = 0; i < count; i++) {
        files[i].name = names[i];
        if (read_named(dir, names[i], arena, &files[i].text, err))
            return ERR_FAIL;
    }
    *ret_files = files;
    *ret_count = count;
    return 0;
}

int agreement_load(const char *dir, struct arena *arena, const struct agreement **ret_agreement,
                   struct err *err)
{
    struct bytes text;
    const struct agreement_file *files = NULL;
    size_t count = 0;
    if (check_directory(dir, err) || read_named(dir, AGREEMENT_NAME, arena, &text, err) ||
        read_files(dir, text, arena, &files, &count, err))
        return ERR_FAIL;
    if (agreement_read(text, files, count, arena, ret_agreement, err))
        return add_directory(dir, err);
    return 0;
}

int agreement_compile(const char *dir, const struct agreement *agreement, struct arena *arena,
                      const struct compiled **ret_compiled, struct err *err)
{
    return compile(agreement, arena, ret_compiled, err) ? add_directory(dir, err) : 0;
}

int agreement_open(const char *dir, struct arena *arena, const struct compiled **ret_compiled,
                   struct err *err)
{
    const struct agreement *agreement = NULL;
    if (agreement_load(dir, arena, &agreement, err))
        return ERR_FAIL;
    return agreement_compile(dir, agreement, arena, ret_compiled, err);
}
