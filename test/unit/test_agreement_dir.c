#include "os/agreement_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/file.h"

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

/* The agreements that ship are read as they are. DETENTE_AGREEMENTS names their directory. */
static void load_shipped(struct fixture *f, const char *name, const struct agreement **ret_a)
{
    char dir[512];
    const char *root = getenv("DETENTE_AGREEMENTS");
    if (!root) {
        print_message("# skipped: DETENTE_AGREEMENTS is not set\n");
        skip();
    }
    snprintf(dir, sizeof dir, "%s/%s", root, name);
    if (agreement_load(dir, &f->arena, ret_a, &f->err))
        fail_msg("%s", f->err.text);
}

static void the_tutorial_is_read(void **state)
{
    const struct agreement *a;
    load_shipped(*state, "tutorial", &a);
    assert_true(a->simulated);
}

static enum state state_at(const struct agreement *a, const char *provision, const char *party,
                           const char *time)
{
    int64_t time_us;
    bool date_only;
    uint16_t p = agreement_provision(a, provision), who = agreement_party(a, party);
    assert_true(time_read(bytes_of(time), a->zone_offset_us, &time_us, &date_only));
    assert_int_not_equal(p, AGREEMENT_NONE);
    assert_int_not_equal(who, AGREEMENT_NONE);
    return agreement_state(a, p, who, time_us, NULL);
}

/* Dates as both sides announced them (test_status.c says where they stand). */
static void the_agreement_of_2018_is_read(void **state)
{
    const struct agreement *a;
    load_shipped(*state, "korea-2018", &a);
    assert_int_equal(state_at(a, "1.3", "S", "2018-10-31T23:59"), STATE_NOT_STARTED);
    assert_int_equal(state_at(a, "1.3", "S", "2018-11-01"), STATE_IN_FORCE);
    assert_int_equal(state_at(a, "1.3", "S", "2023-11-22T14:59+09:00"), STATE_IN_FORCE);
    assert_int_equal(state_at(a, "1.3", "S", "2023-11-22T15:00+09:00"), STATE_DECLARED_SUSPENDED);
    assert_int_equal(state_at(a, "1.2", "S", "2023-11-22T15:00+09:00"), STATE_IN_FORCE);
    assert_int_equal(state_at(a, "1.3", "N", "2023-11-22"), STATE_IN_FORCE);
    assert_false(state_in_force(state_at(a, "1.2", "N", "2023-11-24")));
    assert_false(state_in_force(state_at(a, "1.2", "S", "2024-06-05")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(size_comes_before_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(directories_are_loaded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(directories_that_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_tutorial_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_agreement_of_2018_is_read, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
