#include "os/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Each test in a directory of its own, gone afterwards. */
struct fixture {
    struct arena arena;
    struct err err;
    char dir[64], path[128];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    strcpy(f->dir, "/tmp/detente-test.XXXXXX");
    if (!mkdtemp(f->dir))
        return -1;
    arena_init(&f->arena, 16u << 20, malloc, free);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    char command[128];
    arena_release(&f->arena);
    snprintf(command, sizeof command, "rm -r %s", f->dir);
    int failed = system(command);
    free(f);
    return failed;
}

static const char *path_of(struct fixture *f, const char *name)
{
    snprintf(f->path, sizeof f->path, "%s/%s", f->dir, name);
    return f->path;
}

static void write_text(struct fixture *f, const char *name, const char *text)
{
    if (file_write_atomic(path_of(f, name), bytes_of(text), &f->err))
        fail_msg("%s", f->err.text);
}

static int count_entries(const struct fixture *f)
{
    char command[128];
    int n = -1;
    snprintf(command, sizeof command, "ls -A %s | wc -l", f->dir);
    FILE *p = popen(command, "r");
    assert_non_null(p);
    assert_int_equal(fscanf(p, "%d", &n), 1);
    pclose(p);
    return n;
}

static void what_was_written_is_read(void **state)
{
    struct fixture *f = *state;
    struct bytes bytes;
    write_text(f, "a", "one");
    write_text(f, "a", "two\n");
    assert_int_equal(file_read(path_of(f, "a"), 4, &f->arena, &bytes, &f->err), 0);
    assert_true(bytes_is(bytes, "two\n"));
    assert_int_equal(bytes.p[bytes.n], 0);
    assert_int_equal(count_entries(f), 1);
    write_text(f, "empty", "");
    assert_int_equal(file_read(path_of(f, "empty"), 0, &f->arena, &bytes, &f->err), 0);
    assert_int_equal(bytes.n, 0);
}

static void rights_are_the_usual_ones(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    mode_t mask = umask(027);
    write_text(f, "a", "x");
    umask(mask);
    assert_int_equal(stat(path_of(f, "a"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
}

static void what_cannot_be_read(void **state)
{
    struct fixture *f = *state;
    struct bytes bytes;
    assert_int_equal(file_read(path_of(f, "none"), 9, &f->arena, &bytes, &f->err), ERR_FAIL);
    assert_int_equal(f->err.code, EXIT_NO_INPUT);
    assert_int_equal(file_read(f->dir, 9, &f->arena, &bytes, &f->err), ERR_FAIL);
    assert_int_equal(f->err.code, EXIT_DATA);
    assert_int_equal(mkfifo(path_of(f, "pipe"), 0600), 0);
    assert_int_equal(file_read(path_of(f, "pipe"), 9, &f->arena, &bytes, &f->err), ERR_FAIL);
    assert_int_equal(f->err.code, EXIT_DATA);
    write_text(f, "a", "0123456789");
    assert_int_equal(file_read(path_of(f, "a"), 9, &f->arena, &bytes, &f->err), ERR_FAIL);
    assert_int_equal(f->err.code, EXIT_DATA);
    assert_non_null(strstr(f->err.text, "10 bytes; at most 9 are allowed"));
}

/* The size is looked at first: a file of 100 MB takes no memory. */
static void size_comes_before_memory(void **state)
{
    struct fixture *f = *state;
    struct bytes bytes;
    write_text(f, "a", "");
    assert_int_equal(truncate(f->path, 100 * 1000 * 1000), 0);
    assert_int_equal(file_read(f->path, 64 << 20, &f->arena, &bytes, &f->err), ERR_FAIL);
    assert_int_equal(f->err.code, EXIT_DATA);
    assert_int_equal(f->arena.total, 0);
}

static void abandoned_files_leave_nothing(void **state)
{
    struct fixture *f = *state;
    struct file_out out;
    struct bytes bytes;
    write_text(f, "a", "old");
    assert_int_equal(file_open(&out, path_of(f, "a"), &f->err), 0);
    assert_int_equal(file_put(&out, "new", 3, &f->err), 0);
    file_abandon(&out);
    file_abandon(&out);
    assert_int_equal(count_entries(f), 1);
    assert_int_equal(file_read(path_of(f, "a"), 9, &f->arena, &bytes, &f->err), 0);
    assert_true(bytes_is(bytes, "old"));
}

static void what_cannot_be_written(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(file_write_atomic(f->dir, bytes_of("x"), &f->err), ERR_FAIL);
    assert_int_equal(f->err.code, EXIT_IO);
    assert_int_equal(file_write_atomic(path_of(f, "no/such"), bytes_of("x"), &f->err), ERR_FAIL);
    assert_int_equal(f->err.code, EXIT_IO);
    /* /dev/full answers every write with "no space left" */
    assert_int_equal(file_write_atomic("/dev/full", bytes_of("x"), &f->err), ERR_FAIL);
    assert_int_equal(f->err.code, EXIT_IO);
    assert_int_equal(file_write_atomic("/dev/null", bytes_of("x"), &f->err), 0);
    assert_int_equal(count_entries(f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_written_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rights_are_the_usual_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(size_comes_before_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(abandoned_files_leave_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_written, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
