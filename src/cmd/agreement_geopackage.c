#include <string.h>

#include "base/degree.h"
#include "cmd/agreement_parts.h"
#include "store/geopackage.h"

/* Zones as rows of a GeoPackage: the columns are the properties of the GeoJSON export. */

static const struct geopackage_column columns[] = {
    {"zone", GEOPACKAGE_TEXT},        {"name_en", GEOPACKAGE_TEXT},
    {"name_ko", GEOPACKAGE_TEXT},     {"side", GEOPACKAGE_TEXT},
    {"letter", GEOPACKAGE_TEXT},      {"status", GEOPACKAGE_TEXT},
    {"classes", GEOPACKAGE_TEXT},     {"floor", GEOPACKAGE_TEXT},
    {"ceiling", GEOPACKAGE_TEXT},     {"from_time", GEOPACKAGE_DATETIME},
    {"to_time", GEOPACKAGE_DATETIME}, {"daily", GEOPACKAGE_TEXT},
    {"area_km2", GEOPACKAGE_REAL},    {"source", GEOPACKAGE_TEXT},
    {"assumption", GEOPACKAGE_TEXT},  {"digest", GEOPACKAGE_TEXT},
};
#define COLUMN_COUNT (sizeof columns / sizeof columns[0])

/* Greys by status: no colour takes a side. A QGIS 3 style, categories of "status". */
#define QML_SYMBOL(name, fill, line)                                                               \
    "<symbol name=\"" name "\" type=\"fill\" alpha=\"1\" clip_to_extent=\"1\" force_rhr=\"0\">"    \
    "<layer class=\"SimpleFill\" enabled=\"1\" locked=\"0\" pass=\"0\"><Option type=\"Map\">"      \
    "<Option name=\"color\" type=\"QString\" value=\"" fill "\"/>"                                 \
    "<Option name=\"outline_color\" type=\"QString\" value=\"" line "\"/>"                         \
    "<Option name=\"outline_style\" type=\"QString\" value=\"solid\"/>"                            \
    "<Option name=\"outline_width\" type=\"QString\" value=\"0.4\"/>"                              \
    "<Option name=\"style\" type=\"QString\" value=\"solid\"/>"                                    \
    "</Option></layer></symbol>"

static const char style[] =
    "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
    "<qgis version=\"3.22.0\" styleCategories=\"Symbology\">"
    "<renderer-v2 type=\"categorizedSymbol\" attr=\"status\" enableorderby=\"0\""
    " forceraster=\"0\" symbollevels=\"0\"><categories>"
    "<category symbol=\"0\" value=\"agreed\" label=\"agreed\" render=\"true\"/>"
    "<category symbol=\"1\" value=\"provisional\" label=\"provisional\" render=\"true\"/>"
    "<category symbol=\"2\" value=\"unresolved\" label=\"unresolved\" render=\"true\"/>"
    "</categories><symbols>" QML_SYMBOL("0", "119,119,119,51", "51,51,51,255")
        QML_SYMBOL("1", "119,119,119,26", "136,136,136,255")
            QML_SYMBOL("2", "119,119,119,13", "187,187,187,255") "</symbols></renderer-v2></qgis>";

static struct geopackage_value text(const char *value)
{
    return (struct geopackage_value){.present = value != NULL, .text = value};
}

static struct geopackage_value moment(int64_t time_us)
{
    return (struct geopackage_value){.present = time_us != TIME_UNKNOWN, .integer = time_us};
}

/* Room for the short texts of a row. */
struct row_texts {
    char letter[2], floor[48], ceiling[48], daily[DAILY_TEXT * DAILY_MAX], digest[65];
};

static void texts_write(const struct agreement *a, const struct zone *zone,
                        const uint8_t digest[32], struct row_texts *t)
{
    struct buf buf;
    t->letter[0] = zone->side == AGREEMENT_NONE ? '\0' : a->parties[zone->side].letter;
    t->letter[1] = '\0';
    buf_init(&buf, t->floor, sizeof t->floor);
    alt_limit_write(&buf, zone->floor);
    buf_init(&buf, t->ceiling, sizeof t->ceiling);
    alt_limit_write(&buf, zone->ceiling);
    buf_init(&buf, t->daily, sizeof t->daily);
    daily_write(&buf, zone->daily, zone->daily_count);
    buf_init(&buf, t->digest, sizeof t->digest);
    digest_write(&buf, digest);
}

static struct geopackage_geometry geometry_of(const struct region *region, struct bytes wkb)
{
    double shift = region->west_e7 >= LON_E7_MAX ? 360.0 : 0.0;
    bool cut = shift == 0 && region->east_e7 > LON_E7_MAX;
    return (struct geopackage_geometry){.wkb = wkb,
                                        .west = cut ? -180.0 : region->west_e7 / 1e7 - shift,
                                        .east = cut ? 180.0 : region->east_e7 / 1e7 - shift,
                                        .south = region->south_e7 / 1e7,
                                        .north = region->north_e7 / 1e7};
}

static int row(struct geopackage *g, const struct compiled *c, uint16_t i, bool exact,
               struct arena *arena, struct err *err)
{
    const struct agreement *a = c->agreement;
    const struct zone *zone = &a->zones[i];
    const struct compiled_zone *compiled = &c->zones[i];
    bool sided = zone->side != AGREEMENT_NONE, drawn = compiled->region.ring_count > 0;
    struct row_texts t;
    struct bytes wkb;
    texts_write(a, zone, compiled->digest, &t);
    const struct geopackage_value values[COLUMN_COUNT] = {
        text(zone->id),
        text(zone->name.en),
        text(zone->name.ko),
        text(sided ? a->parties[zone->side].id : NULL),
        text(sided ? t.letter : NULL),
        text(zone_status_name(zone->status)),
        text(zone->classes_text),
        text(t.floor),
        text(t.ceiling),
        moment(zone->from_us),
        moment(zone->to_us),
        text(zone->daily_count ? t.daily : NULL),
        {.present = drawn, .real = (double)(int64_t)(compiled->area_m2 + 0.5) / 1e6},
        text(zone->source),
        text(zone->assumption),
        text(t.digest)};
    if (zone_wkb(c, i, exact, arena, &wkb, err))
        return ERR_FAIL;
    struct geopackage_geometry geometry = geometry_of(&compiled->region, wkb);
    return geopackage_row(g, &geometry, values, err);
}

static int rows(struct geopackage *g, const struct compiled *c, bool exact, struct arena *arena,
                struct err *err)
{
    for (uint16_t i = 0; i < c->agreement->zone_count; i++) {
        struct arena_mark mark = arena_mark(arena);
        if (row(g, c, i, exact, arena, err))
            return ERR_FAIL;
        arena_rewind(arena, mark);
    }
    return 0;
}

int agreement_geopackage(const struct compiled *compiled, bool exact, struct arena *arena,
                         int (*put)(void *to, const void *p, size_t n, struct err *err), void *to,
                         struct err *err)
{
    const struct agreement *a = compiled->agreement;
    const char *title = a->title.en ? a->title.en : a->title.ko;
    const struct geopackage_table table = {.name = "zones",
                                           .title = title,
                                           .description = a->simulated ? "SIMULATED" : "",
                                           .geometry = "MULTIPOLYGON",
                                           .columns = columns,
                                           .column_count = COLUMN_COUNT,
                                           .style_qml = style};
    struct geopackage *g = NULL;
    if (geopackage_open(a->in_force_us, &g, err))
        return ERR_FAIL;
    int failed = geopackage_table(g, &table, err) || rows(g, compiled, exact, arena, err) ||
                         geopackage_write(g, put, to, err)
                     ? ERR_FAIL
                     : 0;
    geopackage_close(g);
    return failed;
}
