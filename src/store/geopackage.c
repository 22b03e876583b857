#include "store/geopackage.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/timetext.h"

/*
 * The tables of the standard, and the file they make. Numbers in comments are requirements and
 * clauses of OGC 12-128r17.
 */
#define SQL_BYTES      8192
#define HEADER_BYTES   40 /* "GP", version, flags, srs_id, four doubles (2.1.3.1.1) */
#define EPSG_WGS84     4326
#define FLAGS_ENVELOPE 0x03 /* little-endian, envelope [minx, maxx, miny, maxy] */

struct geopackage {
    sqlite3 *db;
    sqlite3_stmt *insert, *insert_tree; /* of the table that is open; NULL: none */
    char table[GEOPACKAGE_NAME_MAX];
    enum geopackage_type types[GEOPACKAGE_COLUMNS_MAX];
    size_t column_count;
    bool geometry;
    int64_t row;
    bool bounded;
    double west, east, south, north; /* of the table */
    char changed[40];
};

static int failed(struct geopackage *g, struct err *err)
{
    return err_set(err, EXIT_IO, "geopackage: %s",
                   g && g->db ? sqlite3_errmsg(g->db) : "no memory");
}

static int run(struct geopackage *g, const char *sql, struct err *err)
{
    return sqlite3_exec(g->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : failed(g, err);
}

/* ---- the tables of every GeoPackage ------------------------------------------------------------- */

static const char core_tables[] =
    /* Req. 2: application_id "GPKG", user_version 10300 */
    "PRAGMA application_id = 1196444487; PRAGMA user_version = 10300; PRAGMA page_size = 4096;"
    "BEGIN;"
    "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY,"
    " organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL,"
    " definition TEXT NOT NULL, description TEXT);"
    "CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL,"
    " identifier TEXT UNIQUE, description TEXT DEFAULT '',"
    " last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),"
    " min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,"
    " CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));"
    "CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,"
    " geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL,"
    " m TINYINT NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),"
    " CONSTRAINT uk_gc_table_name UNIQUE (table_name),"
    " CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents (table_name),"
    " CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));"
    "CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT,"
    " extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,"
    " CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));"
    /* Req. 11: these three at least */
    "INSERT INTO gpkg_spatial_ref_sys VALUES"
    " ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian'),"
    " ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic'),"
    " ('WGS 84', 4326, 'EPSG', 4326, 'GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\","
    "SPHEROID[\"WGS 84\",6378137,298.257223563,AUTHORITY[\"EPSG\",\"7030\"]],"
    "AUTHORITY[\"EPSG\",\"6326\"]],PRIMEM[\"Greenwich\",0,AUTHORITY[\"EPSG\",\"8901\"]],"
    "UNIT[\"degree\",0.0174532925199433,AUTHORITY[\"EPSG\",\"9122\"]],"
    "AUTHORITY[\"EPSG\",\"4326\"]]', 'longitude and latitude');";

/* Where QGIS keeps the styles of layers. */
static const char style_table[] =
    "CREATE TABLE IF NOT EXISTS layer_styles (id INTEGER PRIMARY KEY, f_table_catalog TEXT,"
    " f_table_schema TEXT, f_table_name TEXT, f_geometry_column TEXT, styleName TEXT,"
    " styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT, ui TEXT,"
    " update_time DATETIME);";

/* %T the table. The R-tree extension's triggers (F.3). */
static const char tree_triggers[] =
    "CREATE TRIGGER rtree_%T_geom_insert AFTER INSERT ON %T"
    " WHEN (NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom))"
    " BEGIN INSERT OR REPLACE INTO rtree_%T_geom VALUES (NEW.fid, ST_MinX(NEW.geom),"
    " ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;"
    "CREATE TRIGGER rtree_%T_geom_update1 AFTER UPDATE OF geom ON %T"
    " WHEN OLD.fid = NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))"
    " BEGIN INSERT OR REPLACE INTO rtree_%T_geom VALUES (NEW.fid, ST_MinX(NEW.geom),"
    " ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;"
    "CREATE TRIGGER rtree_%T_geom_update2 AFTER UPDATE OF geom ON %T"
    " WHEN OLD.fid = NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))"
    " BEGIN DELETE FROM rtree_%T_geom WHERE id = OLD.fid; END;"
    "CREATE TRIGGER rtree_%T_geom_update3 AFTER UPDATE ON %T"
    " WHEN OLD.fid != NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))"
    " BEGIN DELETE FROM rtree_%T_geom WHERE id = OLD.fid;"
    " INSERT OR REPLACE INTO rtree_%T_geom VALUES (NEW.fid, ST_MinX(NEW.geom),"
    " ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;"
    "CREATE TRIGGER rtree_%T_geom_update4 AFTER UPDATE ON %T"
    " WHEN OLD.fid != NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))"
    " BEGIN DELETE FROM rtree_%T_geom WHERE id IN (OLD.fid, NEW.fid); END;"
    "CREATE TRIGGER rtree_%T_geom_delete AFTER DELETE ON %T WHEN OLD.geom NOT NULL"
    " BEGIN DELETE FROM rtree_%T_geom WHERE id = OLD.fid; END;";

/* The text with the table's name for %T. */
static void for_table(struct buf *out, const char *sql, const char *table)
{
    for (; *sql; sql++)
        if (sql[0] == '%' && sql[1] == 'T') {
            buf_text(out, table);
            sql++;
        } else {
            buf_char(out, *sql);
        }
}

static int run_for_table(struct geopackage *g, const char *sql, struct err *err)
{
    char memory[SQL_BYTES];
    struct buf text;
    buf_init(&text, memory, sizeof memory);
    for_table(&text, sql, g->table);
    if (text.full)
        return err_set(err, EXIT_DATA, "geopackage: a statement of more than %d bytes", SQL_BYTES);
    return run(g, text.p, err);
}

int geopackage_open(int64_t changed_us, struct geopackage **ret_geopackage, struct err *err)
{
    struct geopackage *g = calloc(1, sizeof *g);
    struct buf changed;
    if (!g)
        return failed(g, err);
    struct civil c = time_civil(changed_us == TIME_UNKNOWN ? 0 : changed_us);
    buf_init(&changed, g->changed, sizeof g->changed);
    buf_format(&changed, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year, c.month, c.day, c.hour,
               c.minute, c.second, c.micro / 1000);
    if (sqlite3_open(":memory:", &g->db) != SQLITE_OK || run(g, core_tables, err)) {
        if (err && !err->code)
            failed(g, err);
        geopackage_close(g);
        return ERR_FAIL;
    }
    *ret_geopackage = g;
    return 0;
}

void geopackage_close(struct geopackage *g)
{
    if (!g)
        return;
    sqlite3_finalize(g->insert);
    sqlite3_finalize(g->insert_tree);
    sqlite3_close(g->db);
    free(g);
}

/* ---- one statement with its values ---------------------------------------------------------------- */

/* Binds texts (NULL: NULL) to ?1, ?2, ... and runs. */
static int run_texts(struct geopackage *g, const char *sql, const char *const *texts, int count,
                     struct err *err)
{
    sqlite3_stmt *s = NULL;
    bool fine = sqlite3_prepare_v2(g->db, sql, -1, &s, NULL) == SQLITE_OK;
    for (int i = 0; i < count && fine; i++)
        fine = sqlite3_bind_text(s, i + 1, texts[i], -1, SQLITE_TRANSIENT) == SQLITE_OK;
    fine = fine && sqlite3_step(s) == SQLITE_DONE;
    int rc = fine ? 0 : failed(g, err);
    sqlite3_finalize(s);
    return rc;
}

/* ---- a table ------------------------------------------------------------------------------------------ */

static bool is_name(const char *name)
{
    size_t n = 0;
    while ((name[n] >= 'a' && name[n] <= 'z') || (name[n] >= '0' && name[n] <= '9' && n) ||
           name[n] == '_')
        n++;
    return n > 0 && n < GEOPACKAGE_NAME_MAX && !name[n];
}

static int names_check(const struct geopackage_table *t, struct err *err)
{
    if (!is_name(t->name))
        return err_set(err, EXIT_DATA, "geopackage: \"%s\" is no name for a table", t->name);
    if (t->column_count > GEOPACKAGE_COLUMNS_MAX)
        return err_set(err, EXIT_DATA, "geopackage: more than %d columns", GEOPACKAGE_COLUMNS_MAX);
    for (size_t i = 0; i < t->column_count; i++)
        if (!is_name(t->columns[i].name))
            return err_set(err, EXIT_DATA, "geopackage: \"%s\" is no name for a column",
                           t->columns[i].name);
    return 0;
}

/* Types of columns by the names of table 1. */
static const char *const type_names[] = {[GEOPACKAGE_TEXT] = "TEXT",
                                         [GEOPACKAGE_INTEGER] = "INTEGER",
                                         [GEOPACKAGE_REAL] = "DOUBLE",
                                         [GEOPACKAGE_BOOLEAN] = "BOOLEAN",
                                         [GEOPACKAGE_DATETIME] = "DATETIME"};

static int table_create(struct geopackage *g, const struct geopackage_table *t, struct err *err)
{
    char memory[SQL_BYTES];
    struct buf sql;
    buf_init(&sql, memory, sizeof memory);
    buf_format(&sql, "CREATE TABLE %s (fid INTEGER PRIMARY KEY NOT NULL", t->name);
    if (t->geometry)
        buf_format(&sql, ", geom %s", t->geometry);
    for (size_t i = 0; i < t->column_count; i++)
        buf_format(&sql, ", %s %s", t->columns[i].name, type_names[t->columns[i].type]);
    buf_text(&sql, ")");
    return run(g, sql.p, err);
}

static int statement_make(struct geopackage *g, struct err *err)
{
    char memory[SQL_BYTES];
    struct buf sql;
    buf_init(&sql, memory, sizeof memory);
    buf_format(&sql, "INSERT INTO %s VALUES (?1%s", g->table, g->geometry ? ", ?2" : "");
    for (size_t i = 0; i < g->column_count; i++)
        buf_format(&sql, ", ?%zu", i + 3);
    buf_text(&sql, ")");
    if (sqlite3_prepare_v2(g->db, sql.p, -1, &g->insert, NULL) != SQLITE_OK)
        return failed(g, err);
    if (!g->geometry)
        return 0;
    buf_clear(&sql);
    buf_format(&sql, "INSERT INTO rtree_%s_geom VALUES (?1, ?2, ?3, ?4, ?5)", g->table);
    return sqlite3_prepare_v2(g->db, sql.p, -1, &g->insert_tree, NULL) == SQLITE_OK
               ? 0
               : failed(g, err);
}

static int geometry_register(struct geopackage *g, const struct geopackage_table *t,
                             struct err *err)
{
    const char *const column[] = {t->name, t->geometry};
    const char *const extension[] = {t->name};
    if (!t->geometry)
        return 0;
    return run_texts(g, "INSERT INTO gpkg_geometry_columns VALUES (?1, 'geom', ?2, 4326, 0, 0)",
                     column, 2, err) ||
                   run_for_table(g,
                                 "CREATE VIRTUAL TABLE rtree_%T_geom USING"
                                 " rtree(id, minx, maxx, miny, maxy)",
                                 err) ||
                   run_texts(g,
                             "INSERT INTO gpkg_extensions VALUES (?1, 'geom', 'gpkg_rtree_index',"
                             " 'http://www.geopackage.org/spec120/#extension_rtree',"
                             " 'write-only')",
                             extension, 1, err)
               ? ERR_FAIL
               : 0;
}

static int style_register(struct geopackage *g, const struct geopackage_table *t, struct err *err)
{
    const char *const values[] = {t->name, t->geometry ? "geom" : NULL, t->title, t->style_qml,
                                  g->changed};
    const char *const contents[] = {g->changed};
    if (!t->style_qml)
        return 0;
    return run(g, style_table, err) ||
                   run_texts(g,
                             "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type,"
                             " identifier, last_change) VALUES ('layer_styles', 'attributes',"
                             " 'layer_styles', ?1)",
                             contents, 1, err) ||
                   run_texts(g,
                             "INSERT INTO layer_styles (f_table_catalog, f_table_schema,"
                             " f_table_name, f_geometry_column, styleName, styleQML, styleSLD,"
                             " useAsDefault, description, owner, update_time)"
                             " VALUES ('', '', ?1, ?2, ?3, ?4, '', 1, '', '', ?5)",
                             values, 5, err)
               ? ERR_FAIL
               : 0;
}

/* Bounds of all rows; triggers only now, for the tree was filled by hand. */
static int table_end(struct geopackage *g, struct err *err)
{
    sqlite3_stmt *s = NULL;
    if (!g->insert)
        return 0;
    sqlite3_finalize(g->insert);
    sqlite3_finalize(g->insert_tree);
    g->insert = g->insert_tree = NULL;
    if (!g->geometry)
        return 0;
    const double bounds[] = {g->west, g->south, g->east, g->north};
    bool fine = sqlite3_prepare_v2(g->db,
                                   "UPDATE gpkg_contents SET min_x = ?1, min_y = ?2, max_x = ?3,"
                                   " max_y = ?4 WHERE table_name = ?5",
                                   -1, &s, NULL) == SQLITE_OK;
    for (int i = 0; i < 4 && fine && g->bounded; i++)
        fine = sqlite3_bind_double(s, i + 1, bounds[i]) == SQLITE_OK;
    fine = fine && sqlite3_bind_text(s, 5, g->table, -1, SQLITE_STATIC) == SQLITE_OK &&
           sqlite3_step(s) == SQLITE_DONE;
    int rc = fine ? 0 : failed(g, err);
    sqlite3_finalize(s);
    return rc ? rc : run_for_table(g, tree_triggers, err);
}

int geopackage_table(struct geopackage *g, const struct geopackage_table *t, struct err *err)
{
    const char *const contents[] = {t->name, t->geometry ? "features" : "attributes", t->title,
                                    t->description, g->changed};
    if (table_end(g, err) || names_check(t, err) || table_create(g, t, err))
        return ERR_FAIL;
    memcpy(g->table, t->name, strlen(t->name) + 1);
    g->column_count = t->column_count;
    for (size_t i = 0; i < t->column_count; i++)
        g->types[i] = t->columns[i].type;
    g->geometry = t->geometry != NULL;
    g->row = 0;
    g->bounded = false;
    if (run_texts(g,
                  t->geometry ? "INSERT INTO gpkg_contents (table_name, data_type, identifier,"
                                " description, last_change, srs_id)"
                                " VALUES (?1, ?2, ?3, ?4, ?5, 4326)"
                              : "INSERT INTO gpkg_contents (table_name, data_type, identifier,"
                                " description, last_change) VALUES (?1, ?2, ?3, ?4, ?5)",
                  contents, 5, err) ||
        geometry_register(g, t, err) || style_register(g, t, err))
        return ERR_FAIL;
    return statement_make(g, err);
}

/* ---- rows ------------------------------------------------------------------------------------------------ */

static void put_u32_little(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static void put_double_little(uint8_t *p, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(bits >> 8 * i);
}

/* The blob of 2.1.3: header, envelope, WKB. */
static int bind_geometry(struct geopackage *g, const struct geopackage_geometry *geometry,
                         struct err *err)
{
    size_t n = HEADER_BYTES + geometry->wkb.n;
    uint8_t *blob = sqlite3_malloc64(n);
    if (!blob)
        return failed(NULL, err);
    memcpy(blob, "GP\0", 3);
    blob[3] = FLAGS_ENVELOPE;
    put_u32_little(blob + 4, EPSG_WGS84);
    put_double_little(blob + 8, geometry->west);
    put_double_little(blob + 16, geometry->east);
    put_double_little(blob + 24, geometry->south);
    put_double_little(blob + 32, geometry->north);
    memcpy(blob + HEADER_BYTES, geometry->wkb.p, geometry->wkb.n);
    return sqlite3_bind_blob64(g->insert, 2, blob, n, sqlite3_free) == SQLITE_OK ? 0
                                                                                 : failed(g, err);
}

static int bind_time(sqlite3_stmt *s, int at, int64_t time_us)
{
    char memory[48];
    struct buf text;
    struct civil c = time_civil(time_us);
    buf_init(&text, memory, sizeof memory);
    buf_format(&text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year, c.month, c.day, c.hour,
               c.minute, c.second, c.micro / 1000);
    return sqlite3_bind_text(s, at, text.p, (int)text.n, SQLITE_TRANSIENT);
}

static int bind_value(sqlite3_stmt *s, int at, enum geopackage_type type,
                      const struct geopackage_value *value)
{
    if (!value->present)
        return sqlite3_bind_null(s, at);
    switch (type) {
    case GEOPACKAGE_TEXT:
        return sqlite3_bind_text(s, at, value->text, -1, SQLITE_TRANSIENT);
    case GEOPACKAGE_REAL:
        return sqlite3_bind_double(s, at, value->real);
    case GEOPACKAGE_DATETIME:
        return bind_time(s, at, value->integer);
    case GEOPACKAGE_INTEGER:
    case GEOPACKAGE_BOOLEAN:
        break;
    }
    return sqlite3_bind_int64(s, at, value->integer);
}

static int tree_insert(struct geopackage *g, const struct geopackage_geometry *geometry,
                       struct err *err)
{
    sqlite3_stmt *s = g->insert_tree;
    bool fine = sqlite3_reset(s) == SQLITE_OK && sqlite3_bind_int64(s, 1, g->row) == SQLITE_OK &&
                sqlite3_bind_double(s, 2, geometry->west) == SQLITE_OK &&
                sqlite3_bind_double(s, 3, geometry->east) == SQLITE_OK &&
                sqlite3_bind_double(s, 4, geometry->south) == SQLITE_OK &&
                sqlite3_bind_double(s, 5, geometry->north) == SQLITE_OK &&
                sqlite3_step(s) == SQLITE_DONE;
    return fine ? 0 : failed(g, err);
}

static void bounds_take(struct geopackage *g, const struct geopackage_geometry *geometry)
{
    bool first = !g->bounded;
    g->west = first || geometry->west < g->west ? geometry->west : g->west;
    g->east = first || geometry->east > g->east ? geometry->east : g->east;
    g->south = first || geometry->south < g->south ? geometry->south : g->south;
    g->north = first || geometry->north > g->north ? geometry->north : g->north;
    g->bounded = true;
}

int geopackage_row(struct geopackage *g, const struct geopackage_geometry *geometry,
                   const struct geopackage_value *values, struct err *err)
{
    sqlite3_stmt *s = g->insert;
    bool drawn = g->geometry && geometry && geometry->wkb.n;
    if (!s)
        return err_set(err, EXIT_DATA, "geopackage: a row before any table");
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    bool fine = sqlite3_bind_int64(s, 1, ++g->row) == SQLITE_OK;
    if (drawn && bind_geometry(g, geometry, err))
        return ERR_FAIL;
    for (size_t i = 0; i < g->column_count && fine; i++)
        fine = bind_value(s, (int)i + 3, g->types[i], &values[i]) == SQLITE_OK;
    if (!fine || sqlite3_step(s) != SQLITE_DONE)
        return failed(g, err);
    sqlite3_reset(s);
    if (!drawn)
        return 0;
    bounds_take(g, geometry);
    return tree_insert(g, geometry, err);
}

int geopackage_write(struct geopackage *g,
                     int (*put)(void *to, const void *p, size_t n, struct err *err), void *to,
                     struct err *err)
{
    sqlite3_int64 size = 0;
    if (table_end(g, err) || run(g, "COMMIT", err))
        return ERR_FAIL;
    unsigned char *bytes = sqlite3_serialize(g->db, "main", &size, 0);
    if (!bytes)
        return failed(g, err);
    int rc = put(to, bytes, (size_t)size, err);
    sqlite3_free(bytes);
    return rc;
}
