#include <assert.h>
#include <string.h>

#include "agreement/export.h"
#include "agreement/zonefile.h"
#include "base/json.h"

/* A zone file as an agreement's text: a line for each zone and one for its geometry. */

struct zone_text {
    struct export out;
    const struct zone_file *file;
    uint64_t zones;
    struct arena *arena;
};

/* ---- JSON in pieces --------------------------------------------------------------------------------- */

static int text_put(struct zone_text *t, const char *text)
{
    struct arena_mark mark = arena_mark(t->arena);
    size_t room = 6 * strlen(text) + 8; /* an escape of a control character has six bytes */
    char *memory = arena_alloc(t->arena, room, 1);
    struct buf buf;
    struct json_out json;
    if (!memory)
        return err_set(t->out.err, EXIT_DATA, "no memory for %zu bytes of text", room);
    buf_init(&buf, memory, room);
    json_out_init(&json, &buf);
    json_put_text(&json, text);
    assert(!buf.full);
    export_bytes(&t->out, buf.p, buf.n);
    arena_rewind(t->arena, mark);
    return 0;
}

/* , "key": text -- nothing for NULL. */
static int member_put(struct zone_text *t, const char *key, const char *text)
{
    if (!text)
        return 0;
    export_text(&t->out, ", \"");
    export_text(&t->out, key);
    export_text(&t->out, "\": ");
    return text_put(t, text);
}

static int words_put(struct zone_text *t, const char *key, struct words words)
{
    if (!words.en && !words.ko)
        return 0;
    export_text(&t->out, ", \"");
    export_text(&t->out, key);
    export_text(&t->out, words.en ? "\": {\"en\": " : "\": {\"ko\": ");
    if (text_put(t, words.en ? words.en : words.ko) || (words.en && member_put(t, "ko", words.ko)))
        return ERR_FAIL;
    export_text(&t->out, "}");
    return 0;
}

static void decimal_put(struct zone_text *t, int64_t value, unsigned scale)
{
    buf_decimal(export_item(&t->out), value, scale);
}

static void pair_put(struct zone_text *t, int64_t lon_e9, int64_t lat_e9)
{
    export_text(&t->out, "[");
    decimal_put(t, lon_e9, 9);
    export_text(&t->out, ", ");
    decimal_put(t, lat_e9, 9);
    export_text(&t->out, "]");
}

static void point_put(struct zone_text *t, const struct drawn_point *p)
{
    pair_put(t, p->lon_e9, p->lat_e9);
}

static void length_put(struct zone_text *t, int64_t mm)
{
    export_text(&t->out, "\"m\": ");
    decimal_put(t, mm, 3);
}

/* ---- geometry ---------------------------------------------------------------------------------------- */

static void edges_put(struct zone_text *t, const struct drawing *d)
{
    export_text(&t->out, d->edges == EDGE_LONLAT ? ", \"edges\": \"lonlat\"}"
                                                 : ", \"edges\": \"geodesic\"}");
}

static void ring_put(struct zone_text *t, const struct drawing *d, uint32_t ring)
{
    uint32_t first = d->ring_start[ring], end = d->ring_start[ring + 1];
    export_text(&t->out, ring ? ",\n [" : "[");
    for (uint32_t i = first; i < end; i++) {
        point_put(t, &d->points[i]);
        export_text(&t->out, ", ");
    }
    point_put(t, &d->points[first]);
    export_text(&t->out, "]");
}

static void arc_put(struct zone_text *t, const struct drawing *d, const struct drawn_point *to)
{
    const struct drawn_arc *arc = &d->arcs[to->arc - 1];
    export_text(&t->out, "{\"arc\": {\"center\": ");
    pair_put(t, arc->center_lon_e9, arc->center_lat_e9);
    export_text(&t->out, ", \"to\": ");
    point_put(t, to);
    export_text(&t->out, arc->right ? ", \"turn\": \"right\"}}" : ", \"turn\": \"left\"}}");
}

/* One ring with arcs: the way into its first point comes last. */
static void path_put(struct zone_text *t, const struct drawing *d)
{
    uint32_t n = d->ring_start[1];
    export_text(&t->out, "{\"polygon\": {\"path\": [");
    point_put(t, &d->points[0]);
    for (uint32_t i = 1; i < n; i++) {
        export_text(&t->out, ", ");
        if (d->points[i].arc)
            arc_put(t, d, &d->points[i]);
        else
            point_put(t, &d->points[i]);
    }
    if (d->points[0].arc) {
        export_text(&t->out, ", ");
        arc_put(t, d, &d->points[0]);
    }
    export_text(&t->out, "]");
    edges_put(t, d);
    export_text(&t->out, "}");
}

static void polygon_put(struct zone_text *t, const struct drawing *d)
{
    export_text(&t->out, "{\"polygon\": {\"coordinates\": [");
    for (uint32_t i = 0; i < d->ring_count; i++)
        ring_put(t, d, i);
    export_text(&t->out, "]");
    edges_put(t, d);
    export_text(&t->out, "}");
}

static void circle_put(struct zone_text *t, const struct drawing *d)
{
    export_text(&t->out, "{\"circle\": {\"center\": ");
    point_put(t, &d->points[0]);
    export_text(&t->out, ", ");
    length_put(t, d->radius_mm);
    export_text(&t->out, "}}");
}

static void corridor_put(struct zone_text *t, const struct drawing *d)
{
    export_text(&t->out, "{\"corridor\": {\"axis\": [");
    for (uint32_t i = 0; i < d->point_count; i++) {
        export_text(&t->out, i ? ", " : "");
        point_put(t, &d->points[i]);
    }
    export_text(&t->out, "], \"halfwidth\": {");
    length_put(t, d->radius_mm);
    export_text(&t->out, "}, \"cap\": \"round\"");
    edges_put(t, d);
    export_text(&t->out, "}");
}

static bool has_arcs(const struct drawing *d)
{
    for (uint32_t i = 0; i < d->ring_start[d->ring_count]; i++)
        if (d->points[i].arc)
            return true;
    return false;
}

static void drawing_put(struct zone_text *t, const struct drawing *d)
{
    switch (d->kind) {
    case DRAWN_CIRCLE:
        circle_put(t, d);
        break;
    case DRAWN_CORRIDOR:
        corridor_put(t, d);
        break;
    case DRAWN_RINGS:
        if (has_arcs(d))
            path_put(t, d);
        else
            polygon_put(t, d);
        break;
    }
}

static void geometry_put(struct zone_text *t, const struct drawn_zone *zone)
{
    export_text(&t->out, ",\n \"geometry\": ");
    if (zone->same == ZONE_FILE_SAME_NONE || !(t->zones >> zone->same & 1)) {
        drawing_put(t, &zone->drawing);
        return;
    }
    export_text(&t->out, "{\"zone\": \"");
    export_text(&t->out, t->file->zones[zone->same].id);
    export_text(&t->out, "\"}");
}

/* ---- heights and times ------------------------------------------------------------------------------- */

static void height_put(struct zone_text *t, struct height height)
{
    static const char *const units[] = {
        [HEIGHT_M] = "\"m\"", [HEIGHT_FT] = "\"ft\"", [HEIGHT_FL] = "\"FL\""};
    static const char *const refs[] = {
        [LIMIT_SURFACE] = "\"SFC\"", [LIMIT_ELLIPSOID] = "\"HAE\"", [LIMIT_SEA_LEVEL] = "\"AMSL\"",
        [LIMIT_GROUND] = "\"AGL\"",  [LIMIT_LEVEL] = "\"STD\"",     [LIMIT_UNLIMITED] = "\"UNL\""};
    if (height.ref == LIMIT_SURFACE || height.ref == LIMIT_UNLIMITED) {
        export_text(&t->out, refs[height.ref]);
        return;
    }
    export_text(&t->out, "{\"value\": ");
    decimal_put(t, height.value_e2, 2);
    export_text(&t->out, ", \"unit\": ");
    export_text(&t->out, units[height.unit]);
    export_text(&t->out, ", \"ref\": ");
    export_text(&t->out, refs[height.ref]);
    export_text(&t->out, "}");
}

static void altitude_put(struct zone_text *t, const struct drawn_zone *zone)
{
    if (zone->floor.ref == LIMIT_SURFACE && zone->ceiling.ref == LIMIT_UNLIMITED)
        return;
    export_text(&t->out, ",\n \"altitude\": {\"floor\": ");
    height_put(t, zone->floor);
    export_text(&t->out, ", \"ceiling\": ");
    height_put(t, zone->ceiling);
    export_text(&t->out, "}");
}

static void time_put(struct zone_text *t, const char *key, int64_t time_us)
{
    if (time_us == TIME_UNKNOWN)
        return;
    export_text(&t->out, key);
    time_write(export_item(&t->out), time_us);
    export_text(&t->out, "\"");
}

static void daily_put(struct zone_text *t, const struct drawn_zone *zone)
{
    char memory[DAILY_TEXT * DAILY_MAX];
    struct buf list;
    if (!zone->daily_count)
        return;
    buf_init(&list, memory, sizeof memory);
    daily_write(&list, zone->daily, zone->daily_count);
    export_text(&t->out, ",\n \"daily\": ");
    export_bytes(&t->out, list.p, list.n);
}

/* ---- zones --------------------------------------------------------------------------------------------- */

static int classes_put(struct zone_text *t, const char *classes)
{
    char name[AGREEMENT_ID_MAX];
    bool first = true;
    for (size_t n; *classes; classes += n + (classes[n] == ' '), first = false) {
        for (n = 0; classes[n] && classes[n] != ' ';)
            n++;
        assert(n < sizeof name);
        memcpy(name, classes, n);
        name[n] = '\0';
        export_text(&t->out, first ? ", \"classes\": [" : ", ");
        if (text_put(t, name))
            return ERR_FAIL;
    }
    export_text(&t->out, first ? "" : "]");
    return 0;
}

/* "sua.txt (openair), line 12" */
static int source_put(struct zone_text *t, const char *place)
{
    char memory[512];
    struct buf source;
    buf_init(&source, memory, sizeof memory);
    buf_format(&source, "%.300s (%s)%s%s", t->file->name, zone_file_format_name(t->file->format),
               place ? ", " : "", place ? place : "");
    export_text(&t->out, place ? ",\n \"source\": " : "");
    return text_put(t, source.p);
}

static int zone_put(struct zone_text *t, const struct drawn_zone *zone)
{
    export_text(&t->out, "{\"id\": \"");
    export_text(&t->out, zone->id);
    export_text(&t->out, "\"");
    if (words_put(t, "name", zone->name) || classes_put(t, zone->classes))
        return ERR_FAIL;
    geometry_put(t, zone);
    altitude_put(t, zone);
    time_put(t, ", \"from\": \"", zone->from_us);
    time_put(t, ", \"to\": \"", zone->to_us);
    daily_put(t, zone);
    export_text(&t->out, zone->provisional ? ", \"status\": \"provisional\"" : "");
    if (source_put(t, zone->place) || member_put(t, "assumption", zone->assumption) ||
        member_put(t, "note", zone->note))
        return ERR_FAIL;
    export_text(&t->out, "}");
    return 0;
}

static int parties_put(struct zone_text *t, const struct zone_file_agreement *as)
{
    export_text(&t->out, " \"parties\": [");
    for (size_t i = 0; i < as->party_count; i++) {
        export_text(&t->out, i ? ", {\"id\": " : "{\"id\": ");
        if (text_put(t, as->parties[i]) ||
            member_put(t, "note", as->placeholders ? "Stands for a party; put its own." : NULL))
            return ERR_FAIL;
        export_text(&t->out, "}");
    }
    export_text(&t->out, "],\n");
    return 0;
}

static int all_put(struct zone_text *t, const struct zone_file_agreement *as)
{
    bool first = true;
    export_text(&t->out, "{\"format\": \"detente-agreement/1\", \"id\": \"");
    export_text(&t->out, as->id);
    export_text(&t->out, "\", \"title\": {\"en\": ");
    if (source_put(t, NULL))
        return ERR_FAIL;
    export_text(&t->out, "}, \"tz\": ");
    if (text_put(t, t->file->tz))
        return ERR_FAIL;
    export_text(&t->out, ",\n \"note\": \"Made from a file with the SHA-256 ");
    digest_write(export_item(&t->out), t->file->digest);
    export_text(&t->out, "\",\n");
    if (parties_put(t, as))
        return ERR_FAIL;
    export_text(&t->out, " \"zones\": [\n");
    for (uint32_t i = 0; i < t->file->count; i++) {
        if (!(t->zones >> i & 1))
            continue;
        export_text(&t->out, first ? "" : ",\n");
        first = false;
        if (zone_put(t, &t->file->zones[i]))
            return ERR_FAIL;
    }
    export_text(&t->out, "\n]}\n");
    return export_finish(&t->out);
}

int zone_file_write(const struct zone_file *file, const struct zone_file_agreement *as,
                    struct arena *arena,
                    int (*put)(void *to, const void *p, size_t n, struct err *err), void *to,
                    struct err *err)
{
    struct zone_text t = {.file = file, .zones = as->zones, .arena = arena};
    export_init(&t.out, put, to, err);
    return all_put(&t, as);
}
