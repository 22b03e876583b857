#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/timetext.h"
#include "store/geopackage.h"

/* GeoPackages, opened again by SQLite. What must stand in them is OGC 12-128r17. */

struct fixture {
    struct geopackage *g;
    struct err err;
    unsigned char *bytes;
    size_t n;
    bool refuse;
    sqlite3 *db;
};

static int put(void *to, const void *p, size_t n, struct err *err)
{
    struct fixture *f = to;
    if (f->refuse)
        return err_set(err, EXIT_IO, "full");
    f->bytes = sqlite3_malloc64(n);
    assert_non_null(f->bytes);
    memcpy(f->bytes, p, n);
    f->n = n;
    return 0;
}

static const struct geopackage_column columns[] = {{"name", GEOPACKAGE_TEXT},
                                                   {"count", GEOPACKAGE_INTEGER},
                                                   {"share", GEOPACKAGE_REAL},
                                                   {"done", GEOPACKAGE_BOOLEAN},
                                                   {"seen", GEOPACKAGE_DATETIME}};
static const struct geopackage_table squares = {.name = "squares",
                                                .title = "Squares",
                                                .description = "one",
                                                .geometry = "POINT",
                                                .columns = columns,
                                                .column_count = 5,
                                                .style_qml = "<qgis/>"};
static const struct geopackage_table finds = {
    .name = "finds", .title = "Finds", .columns = columns, .column_count = 1};

/* POINT (127.5 38.25), little-endian. */
static const uint8_t point[21] = {1,    1,    0, 0, 0, 0, 0, 0,    0,    0,   0xe0,
                                  0x5f, 0x40, 0, 0, 0, 0, 0, 0x20, 0x43, 0x40};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    *state = f;
    return f && !geopackage_open(INT64_C(1541030400) * TIME_SECOND, &f->g, &f->err) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    geopackage_close(f->g);
    sqlite3_close(f->db);
    sqlite3_free(f->bytes);
    free(f);
    return 0;
}

static void fill(struct fixture *f)
{
    const struct geopackage_geometry at = {{point, sizeof point}, 127.5, 127.5, 38.25, 38.25};
    const struct geopackage_value row[] = {{true, 0, 0, "first"},
                                           {true, -7, 0, NULL},
                                           {true, 0, 0.25, NULL},
                                           {true, 1, 0, NULL},
                                           {true, 1500000, 0, NULL}};
    const struct geopackage_value empty[5] = {{false, 0, 0, NULL}};
    assert_int_equal(geopackage_table(f->g, &squares, &f->err), 0);
    assert_int_equal(geopackage_row(f->g, &at, row, &f->err), 0);
    assert_int_equal(geopackage_row(f->g, NULL, empty, &f->err), 0);
    assert_int_equal(geopackage_table(f->g, &finds, &f->err), 0);
    assert_int_equal(geopackage_row(f->g, NULL, row, &f->err), 0);
    if (geopackage_write(f->g, put, f, &f->err))
        fail_msg("%s", f->err.text);
}

static void open_again(struct fixture *f)
{
    unsigned char *copy = sqlite3_malloc64(f->n);
    memcpy(copy, f->bytes, f->n);
    assert_int_equal(sqlite3_open(":memory:", &f->db), SQLITE_OK);
    assert_int_equal(sqlite3_deserialize(f->db, "main", copy, (sqlite3_int64)f->n,
                                         (sqlite3_int64)f->n, SQLITE_DESERIALIZE_FREEONCLOSE),
                     SQLITE_OK);
}

/* The one value of a query, as text. */
static void assert_value(struct fixture *f, const char *sql, const char *expected)
{
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_prepare_v2(f->db, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    const char *text = (const char *)sqlite3_column_text(s, 0);
    assert_string_equal(text ? text : "NULL", expected);
    sqlite3_finalize(s);
}

static void the_file_says_what_it_is(void **state)
{
    struct fixture *f = *state;
    fill(f);
    open_again(f);
    assert_memory_equal(f->bytes + 68, "GPKG", 4); /* application id, at its place in the header */
    assert_value(f, "PRAGMA user_version", "10300");
    assert_value(f, "PRAGMA integrity_check", "ok");
    assert_value(f,
                 "SELECT group_concat(srs_id) FROM (SELECT srs_id FROM gpkg_spatial_ref_sys "
                 "ORDER BY srs_id)",
                 "-1,0,4326");
    assert_value(f, "SELECT count(*) FROM pragma_foreign_key_check", "0");
}

static void tables_are_registered(void **state)
{
    struct fixture *f = *state;
    fill(f);
    open_again(f);
    assert_value(f,
                 "SELECT group_concat(table_name || ' ' || data_type) FROM (SELECT * FROM "
                 "gpkg_contents ORDER BY table_name)",
                 "finds attributes,layer_styles attributes,squares features");
    assert_value(f, "SELECT last_change FROM gpkg_contents WHERE table_name = 'squares'",
                 "2018-11-01T00:00:00.000Z");
    assert_value(f,
                 "SELECT min_x || ' ' || max_y || ' ' || srs_id FROM gpkg_contents WHERE "
                 "table_name = 'squares'",
                 "127.5 38.25 4326");
    assert_value(f,
                 "SELECT table_name || ' ' || column_name || ' ' || geometry_type_name FROM "
                 "gpkg_geometry_columns",
                 "squares geom POINT");
    assert_value(f, "SELECT extension_name FROM gpkg_extensions", "gpkg_rtree_index");
    assert_value(f, "SELECT styleQML FROM layer_styles WHERE f_table_name = 'squares'", "<qgis/>");
    assert_value(f, "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'", "6");
}

static void rows_keep_their_values(void **state)
{
    struct fixture *f = *state;
    fill(f);
    open_again(f);
    assert_value(f,
                 "SELECT name || ' ' || count || ' ' || share || ' ' || done || ' ' || seen "
                 "FROM squares WHERE fid = 1",
                 "first -7 0.25 1 1970-01-01T00:00:01.500Z");
    assert_value(f,
                 "SELECT coalesce(name, count, share, done, seen, geom) FROM squares WHERE fid "
                 "= 2",
                 "NULL");
    /* 2.1.3.1.1: "GP", version 0, flags 3, srs 4326, envelope, then WKB */
    assert_value(f, "SELECT hex(substr(geom, 1, 16)) FROM squares WHERE fid = 1",
                 "47500003E61000000000000000E05F40");
    assert_value(f, "SELECT hex(substr(geom, 41)) FROM squares WHERE fid = 1",
                 "01010000000000000000E05F400000000000204340");
    assert_value(f, "SELECT count(*) || ' ' || min(minx) FROM rtree_squares_geom", "1 127.5");
    assert_value(f, "SELECT name FROM finds", "first");
}

static void the_same_rows_give_the_same_bytes(void **state)
{
    struct fixture *f = *state;
    fill(f);
    unsigned char *first = f->bytes;
    size_t n = f->n;
    geopackage_close(f->g);
    assert_int_equal(geopackage_open(INT64_C(1541030400) * TIME_SECOND, &f->g, &f->err), 0);
    fill(f);
    assert_int_equal(f->n, n);
    assert_memory_equal(first, f->bytes, n);
    sqlite3_free(first);
}

static void what_is_wrong_is_said(void **state)
{
    struct fixture *f = *state;
    struct geopackage_table wrong = squares;
    assert_int_equal(geopackage_row(f->g, NULL, NULL, &f->err), ERR_FAIL);
    assert_non_null(strstr(f->err.text, "before any table"));
    wrong.name = "squares; DROP TABLE gpkg_contents";
    assert_int_equal(geopackage_table(f->g, &wrong, &f->err), ERR_FAIL);
    assert_int_equal(f->err.code, EXIT_DATA);
    fill(f);
    assert_int_equal(geopackage_table(f->g, &squares, &f->err), ERR_FAIL);
    assert_non_null(strstr(f->err.text, "already exists"));
}

static void a_refusal_of_bytes_is_passed_on(void **state)
{
    struct fixture *f = *state;
    f->refuse = true;
    assert_int_equal(geopackage_table(f->g, &finds, &f->err), 0);
    assert_int_equal(geopackage_write(f->g, put, f, &f->err), ERR_FAIL);
    assert_int_equal(f->err.code, EXIT_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_file_says_what_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tables_are_registered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows_keep_their_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_same_rows_give_the_same_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refusal_of_bytes_is_passed_on, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
