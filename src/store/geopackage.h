#ifndef STORE_GEOPACKAGE_H
#define STORE_GEOPACKAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/*
 * A GeoPackage 1.3 (OGC 12-128r17): an SQLite database that maps open. It is made in memory and handed
 * over as a whole, so that nothing half done ever stands on a disk; the same rows give the same bytes
 * with the same SQLite.
 *
 *   geopackage_open --> geopackage_table --> geopackage_row*  --> geopackage_write --> geopackage_close
 *                            ^------------------/
 *
 * A table has an integer key `fid`, one geometry column `geom` in EPSG:4326 with an R-tree (or none:
 * then it is a table of attributes), and the columns that its caller names.
 */
#define GEOPACKAGE_COLUMNS_MAX 64
#define GEOPACKAGE_NAME_MAX    48 /* bytes of a table's or column's name: a-z, 0-9, '_' */

struct geopackage;

enum geopackage_type {
    GEOPACKAGE_TEXT,
    GEOPACKAGE_INTEGER,
    GEOPACKAGE_REAL,
    GEOPACKAGE_BOOLEAN, /* values as integers, 0 or 1 */
    GEOPACKAGE_DATETIME /* values as times in us */
};

struct geopackage_column {
    const char *name;
    enum geopackage_type type;
};

struct geopackage_table {
    const char *name;
    const char *title, *description; /* as shown in a list of layers */
    const char *geometry;            /* "MULTIPOLYGON", "POINT", ...; NULL: none */
    const struct geopackage_column *columns;
    size_t column_count;
    const char *style_qml; /* QGIS's default style of the layer; NULL: none */
};

/* A value of a row; what it is follows from its column. */
struct geopackage_value {
    bool present; /* false: NULL */
    int64_t integer;
    double real;
    const char *text;
};

/* Well-known binary (OGC 06-103r4, 8.2) and its bounds in degrees; no bytes: NULL. */
struct geopackage_geometry {
    struct bytes wkb;
    double west, east, south, north;
};

/* Every table and row is told to have changed at that time: no clock is read. */
int geopackage_open(int64_t changed_us, struct geopackage **ret_geopackage, struct err *err);

/* Ends the table before and begins another. The struct need not outlive the call. */
int geopackage_table(struct geopackage *geopackage, const struct geopackage_table *table,
                     struct err *err);

/* One row of the table that was begun last; as many values as it has columns. */
int geopackage_row(struct geopackage *geopackage, const struct geopackage_geometry *geometry,
                   const struct geopackage_value *values, struct err *err);

/* Ends the last table and hands the file to `put`. */
int geopackage_write(struct geopackage *geopackage,
                     int (*put)(void *to, const void *p, size_t n, struct err *err), void *to,
                     struct err *err);

void geopackage_close(struct geopackage *geopackage); /* NULL is allowed */

#endif
