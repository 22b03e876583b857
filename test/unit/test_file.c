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

#include "os/agreement_dir.h"

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
    const struct agreement *a;
    write_text(f, "agreement.json", "{}");
    assert_int_equal(truncate(f->path, 100 * 1000 * 1000), 0);
    assert_int_equal(agreement_load(f->dir, &f->arena, &a, &f->err), ERR_FAIL);
    assert_int_equal(f->err.code, EXIT_DATA);
    assert_non_null(strstr(f->err.text, "agreement.json: 100000000 bytes; at most 67108864"));
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

#define DOCUMENT                                                                                   \
    "{\"format\": \"detente-agreement/1\", \"id\": \"t\", \"title\": \"T\", \"parties\": "         \
    "[{\"id\": "                                                                                   \
    "\"A\"}], \"zones\": [{\"id\": \"Z\", \"geometry\": {\"polygon\": {\"file\": "                 \
    "\"%s#sq\"}}}, {\"id\": \"Y\", \"geometry\": {\"polygon\": {\"file\": \"a.geojson#sq\"}}}]}"
#define COLLECTION                                                                                 \
    "{\"type\": \"FeatureCollection\", \"features\": [{\"type\": \"Feature\", \"id\": \"sq\", "    \
    "\"geometry\": {\"type\": \"Polygon\", \"coordinates\": [[[0, 0], [1, 0], [1, %s], [0, "       \
    "0]]]}}]}"

static void write_agreement(struct fixture *f, const char *file, const char *latitude)
{
    char text[1024];
    snprintf(text, sizeof text, DOCUMENT, file);
    write_text(f, "agreement.json", text);
    snprintf(text, sizeof text, COLLECTION, latitude);
    write_text(f, "a.geojson", text);
}

static void directories_are_loaded(void **state)
{
    struct fixture *f = *state;
    const struct agreement *a;
    write_agreement(f, "b.geojson", "1");
    write_text(f, "b.geojson", "");
    char text[1024];
    snprintf(text, sizeof text, COLLECTION, "2");
    write_text(f, "b.geojson", text);
    if (agreement_load(f->dir, &f->arena, &a, &f->err))
        fail_msg("%s", f->err.text);
    assert_int_equal(a->zone_count, 2);
    assert_int_equal(a->file_count, 2);
    assert_string_equal(a->files[0].name, "a.geojson");
    assert_true(bytes_is(a->files[1].text, text));
    assert_int_equal(a->zones[0].geometry->polygon.lat_e9[2], 2000000000);
}

static void check_refused(struct fixture *f, const char *dir, enum exit_code code, const char *said)
{
    const struct agreement *a;
    assert_int_equal(agreement_load(dir, &f->arena, &a, &f->err), ERR_FAIL);
    assert_int_equal(f->err.code, code);
    assert_null(strchr(f->err.text, '\n'));
    if (!strstr(f->err.text, said))
        fail_msg("\"%s\" does not say \"%s\"", f->err.text, said);
}

static void directories_that_are_refused(void **state)
{
    struct fixture *f = *state;
    check_refused(f, "/nowhere", EXIT_NO_INPUT, "/nowhere: no such directory");
    check_refused(f, f->dir, EXIT_NO_INPUT, "agreement.json: no such file");
    write_agreement(f, "c.geojson", "1");
    check_refused(f, f->dir, EXIT_NO_INPUT, "c.geojson: no such file");
    write_agreement(f, "a.geojson", "95");
    check_refused(f, f->dir, EXIT_DATA,
                  "/a.geojson: features[0].geometry.coordinates[0][2][1]: 95 is outside");
    write_text(f, "agreement.json", "{");
    check_refused(f, f->dir, EXIT_DATA, "/agreement.json: ");
    check_refused(f, path_of(f, "agreement.json"), EXIT_NO_INPUT, "not a directory");
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
        cmocka_unit_test_setup_teardown(directories_are_loaded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(directories_that_are_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
