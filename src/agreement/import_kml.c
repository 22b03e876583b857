#include <string.h>

#include "agreement/zonefile_parts.h"
#include "base/xml.h"

/*
 * KML 2.2: every Placemark with a polygon is an area. The elements that matter are found by where
 * they stand (the last few names of the path); text is gathered only inside of these.
 */
#define DEPTH_MAX      64
#define ATTRIBUTES_MAX 64
#define NAME_BYTES     24
#define TEXT_FIRST     4096
#define TEXT_MAX       ZONE_FILE_BYTES_MAX

enum altitude_mode { ON_GROUND, ABOVE_GROUND, ABOVE_SEA };

struct kml {
    struct sketch *s;
    char path[DEPTH_MAX + 1][NAME_BYTES]; /* names of the open elements, cut */
    unsigned depth;

    bool inside, refused, polygon; /* a Placemark is open; is wrong; has a polygon */
    uint32_t placemark;            /* which, from 1 */
    char *text;                    /* of the element that is being read */
    size_t text_count, text_cap;
    const struct place_row *row; /* whose text is being gathered; NULL none */
    char data[NAME_BYTES];       /* name of the Data that is open */

    enum altitude_mode mode;
    bool extrude, sloped, heights; /* sloped: vertices of several heights */
    int64_t height_e2;
    int64_t from_us, to_us;
    struct json daily; /* our own export's hours; JSON_NONE: none */
};

/* Whether the open elements end in these: "Polygon/altitudeMode". */
static bool stands_at(const struct kml *k, const char *tail)
{
    unsigned depth = k->depth;
    for (const char *end = tail + strlen(tail); end > tail; depth--) {
        const char *start = end;
        while (start > tail && start[-1] != '/')
            start--;
        size_t n = (size_t)(end - start);
        if (!depth || strncmp(k->path[depth], start, n) != 0 || k->path[depth][n])
            return false;
        end = start > tail ? start - 1 : tail;
    }
    return true;
}

/* ---- coordinates ---------------------------------------------------------------------------------- */

static void skip_space(struct cursor *c)
{
    while (!at_end(c) && *c->p <= ' ')
        c->p++;
}

static bool tuple_take(struct cursor *c, int64_t e9[2], int64_t *ret_height_e2, bool *ret_height)
{
    *ret_height = false;
    if (!decimal_take(c, 9, &e9[0]) || !take(c, ',') || !decimal_take(c, 9, &e9[1]))
        return false;
    if (take(c, ',')) {
        if (!decimal_take(c, 2, ret_height_e2))
            return false;
        *ret_height = true;
    }
    return at_end(c) || *c->p <= ' ';
}

static void height_seen(struct kml *k, bool has, int64_t height_e2)
{
    if (!has)
        height_e2 = 0;
    k->sloped |= k->heights && height_e2 != k->height_e2;
    k->heights = true;
    k->height_e2 = height_e2;
}

static int ring_read(struct kml *k)
{
    struct cursor c = {(const uint8_t *)k->text, (const uint8_t *)k->text + k->text_count};
    for (skip_space(&c); !at_end(&c); skip_space(&c)) {
        int64_t e9[2], height_e2 = 0;
        bool height;
        if (!tuple_take(&c, e9, &height_e2, &height))
            return sketch_fail(k->s, "coordinates that are not like 126.5,37.5,0");
        if (e9[1] > INT64_C(90000000000) || e9[1] < -INT64_C(90000000000) ||
            e9[0] > INT64_C(180000000000) || e9[0] < -INT64_C(180000000000))
            return sketch_fail(k->s,
                               "the point %.9g,%.9g is outside of the world; a point is "
                               "longitude,latitude",
                               (double)e9[0] / 1e9, (double)e9[1] / 1e9);
        height_seen(k, height, height_e2);
        if (sketch_point(k->s, e9[0], e9[1]))
            return ERR_FAIL;
    }
    k->polygon = true;
    return sketch_ring_end(k->s);
}

/* ---- what text means --------------------------------------------------------------------------------- */

static struct bytes text_of(const struct kml *k)
{
    struct bytes text = {(const uint8_t *)k->text, k->text_count};
    while (text.n && text.p[text.n - 1] <= ' ')
        text.n--;
    while (text.n && *text.p <= ' ') {
        text.p++;
        text.n--;
    }
    return text;
}

static int on_name(struct kml *k)
{
    return sketch_name(k->s, text_of(k), (struct bytes){NULL, 0});
}

static int on_mode(struct kml *k)
{
    struct bytes text = text_of(k);
    k->mode = bytes_is(text, "absolute")           ? ABOVE_SEA
              : bytes_is(text, "relativeToGround") ? ABOVE_GROUND
                                                   : ON_GROUND;
    return 0;
}

static int on_extrude(struct kml *k)
{
    k->extrude = bytes_is(text_of(k), "1") || bytes_is(text_of(k), "true");
    return 0;
}

static int time_of(struct kml *k, bool end, int64_t *ret_us)
{
    bool date_only;
    if (!time_read(text_of(k), 0, ret_us, &date_only))
        return sketch_fail(k->s, "a time that is not like 2018-11-01T00:00:00Z");
    if (date_only)
        *ret_us += end ? 1 : 1 - TIME_DAY;
    return 0;
}

static int on_begin(struct kml *k)
{
    return time_of(k, false, &k->from_us);
}

static int on_end(struct kml *k)
{
    return time_of(k, true, &k->to_us);
}

/* ---- the data that our own export writes; others may have other data of these names ------------- */

static int limit_datum(struct kml *k, struct height *height)
{
    if (!height_read(k->s, text_of(k), height))
        return 0;
    err_clear(k->s->err);
    sketch_left(k->s, "the datum \"%s\", which is no height", k->data);
    return 0;
}

static int floor_datum(struct kml *k)
{
    return limit_datum(k, &k->s->zone.floor);
}

static int ceiling_datum(struct kml *k)
{
    return limit_datum(k, &k->s->zone.ceiling);
}

static const char *text_copied(struct kml *k)
{
    struct bytes text = text_of(k);
    return arena_text(k->s->arena, text.p, text.n);
}

static int zone_datum(struct kml *k)
{
    if (!k->s->id)
        k->s->id = text_copied(k);
    return 0;
}

static int status_datum(struct kml *k)
{
    k->s->zone.provisional |= bytes_is(text_of(k), "provisional");
    return 0;
}

static int assumption_datum(struct kml *k)
{
    k->s->zone.assumption = text_copied(k);
    return 0;
}

static int source_datum(struct kml *k)
{
    struct bytes text = text_of(k);
    sketch_note(k->s, "Source: %.*s.", (int)(text.n > 200 ? 200 : text.n), (const char *)text.p);
    return 0;
}

static int edges_datum(struct kml *k)
{
    if (bytes_is(text_of(k), "lonlat") && !k->s->request->edges)
        k->s->zone.drawing.edges = EDGE_LONLAT;
    return 0;
}

static int korean_datum(struct kml *k)
{
    return sketch_name(k->s, text_of(k), bytes_of("ko"));
}

static int classes_datum(struct kml *k)
{
    return sketch_classes(k->s, text_of(k));
}

static int daily_datum(struct kml *k)
{
    const char *text = text_copied(k);
    struct err ignored = {EXIT_FINE, ""};
    if (!text || json_open(bytes_of(text), &k->daily, &ignored)) {
        k->daily = (struct json){NULL, NULL, JSON_NONE};
        sketch_left(k->s, "the datum \"daily\", which is no hours");
    }
    return 0;
}

static int tz_datum(struct kml *k)
{
    int64_t offset_us;
    const char *tz = text_copied(k);
    if (tz && time_zone_offset(bytes_of(tz), &offset_us))
        k->s->tz = tz;
    return 0;
}

static const struct {
    const char *name;
    int (*read)(struct kml *k);
} data_rows[] = {
    {"zone", zone_datum},       {"name_ko", korean_datum}, {"floor", floor_datum},
    {"ceiling", ceiling_datum}, {"status", status_datum},  {"assumption", assumption_datum},
    {"source", source_datum},   {"edges", edges_datum},    {"classes", classes_datum},
    {"daily", daily_datum},     {"tz", tz_datum},
};

static int on_data(struct kml *k)
{
    for (size_t i = 0; i < sizeof data_rows / sizeof data_rows[0]; i++)
        if (strcmp(k->data, data_rows[i].name) == 0)
            return data_rows[i].read(k);
    return 0;
}

struct place_row {
    const char *tail;
    int (*read)(struct kml *k);
};

static const struct place_row rows[] = {
    {"Placemark/name", on_name},
    {"Polygon/altitudeMode", on_mode},
    {"Polygon/extrude", on_extrude},
    {"outerBoundaryIs/LinearRing/coordinates", ring_read},
    {"innerBoundaryIs/LinearRing/coordinates", ring_read},
    {"TimeSpan/begin", on_begin},
    {"TimeSpan/end", on_end},
    {"Data/value", on_data},
    {"SchemaData/SimpleData", on_data},
};

static const struct place_row *row_here(const struct kml *k)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (stands_at(k, rows[i].tail))
            return &rows[i];
    return NULL;
}

/* ---- placemarks --------------------------------------------------------------------------------------- */

static const char *const not_areas[] = {"Point",         "LineString",    "Track",
                                        "Model",         "GroundOverlay", "NetworkLink",
                                        "ScreenOverlay", "PhotoOverlay"};

static void placemark_begin(struct kml *k, const struct xml_element *element)
{
    const char *id = xml_attribute(element, "id");
    k->inside = true;
    k->refused = k->polygon = k->extrude = k->sloped = k->heights = false;
    k->mode = ON_GROUND;
    k->height_e2 = 0;
    k->from_us = k->to_us = TIME_UNKNOWN;
    k->daily = (struct json){NULL, NULL, JSON_NONE};
    sketch_begin(k->s, sketch_place(k->s, "Placemark %u", ++k->placemark), EDGE_GEODESIC);
    if (id)
        k->s->id = arena_text(k->s->arena, id, strlen(id));
}

/* Heights of the vertices: a ceiling where walls go down from them. */
static void heights_of_vertices(struct kml *k)
{
    struct sketch *s = k->s;
    bool given = s->zone.ceiling.ref != LIMIT_UNLIMITED || s->zone.floor.ref != LIMIT_SURFACE;
    if (given || k->mode == ON_GROUND || !k->heights)
        return;
    if (k->sloped || !k->extrude || k->height_e2 <= 0) {
        sketch_left(s, "heights of vertices that are not the top of walls");
        return;
    }
    s->zone.ceiling = (struct height){k->mode == ABOVE_SEA ? LIMIT_SEA_LEVEL : LIMIT_GROUND,
                                      HEIGHT_M, k->height_e2};
}

static int times(struct kml *k)
{
    if (k->from_us == TIME_UNKNOWN && k->to_us == TIME_UNKNOWN && k->daily.type == JSON_NONE)
        return 0;
    struct period *period = sketch_period(k->s, k->from_us, k->to_us);
    return period ? json_daily(k->s, k->daily, period) : ERR_FAIL;
}

static int placemark_end(struct kml *k)
{
    k->inside = false;
    if (!k->polygon || k->refused)
        return 0;
    heights_of_vertices(k);
    if (times(k) || sketch_end(k->s))
        return sketch_refuse(k->s);
    return 0;
}

/* ---- what the XML reader calls --------------------------------------------------------------------- */

static void path_push(struct kml *k, const char *name)
{
    size_t n = strnlen(name, NAME_BYTES - 1);
    k->depth++;
    memcpy(k->path[k->depth], name, n);
    k->path[k->depth][n] = '\0';
}

static int on_open(void *to, const struct xml_element *element, struct err *err)
{
    struct kml *k = to;
    const char *data = xml_attribute(element, "name");
    (void)err;
    path_push(k, element->name);
    for (size_t i = 0; i < sizeof not_areas / sizeof not_areas[0]; i++)
        if (strcmp(element->name, not_areas[i]) == 0)
            sketch_left(k->s, "%s", element->name);
    if (stands_at(k, "Placemark") && !k->inside)
        placemark_begin(k, element);
    if (data && (stands_at(k, "Data") || stands_at(k, "SimpleData"))) {
        size_t n = strnlen(data, NAME_BYTES - 1);
        memcpy(k->data, data, n);
        k->data[n] = '\0';
    }
    k->row = k->inside && !k->refused ? row_here(k) : NULL;
    k->text_count = 0;
    return 0;
}

static int on_text(void *to, struct bytes piece, struct err *err)
{
    struct kml *k = to;
    if (!k->row)
        return 0;
    if (k->text_count + piece.n > k->text_cap) {
        size_t cap = k->text_cap ? k->text_cap : TEXT_FIRST;
        while (cap < k->text_count + piece.n)
            cap *= 2;
        char *text = arena_alloc(k->s->arena, cap, 1);
        if (!text)
            return err_set(err, EXIT_DATA, "the memory limit is reached");
        if (k->text_count)
            memcpy(text, k->text, k->text_count);
        k->text = text;
        k->text_cap = cap;
    }
    memcpy(k->text + k->text_count, piece.p, piece.n);
    k->text_count += piece.n;
    return 0;
}

static int refuse(struct kml *k)
{
    k->refused = true;
    return sketch_refuse(k->s);
}

static int on_close(void *to, const char *name, unsigned depth, struct err *err)
{
    struct kml *k = to;
    int failed = 0;
    (void)name;
    (void)depth;
    (void)err;
    if (k->row && k->row->read(k))
        failed = refuse(k);
    k->row = NULL;
    if (!failed && k->inside && stands_at(k, "Placemark"))
        failed = placemark_end(k);
    k->depth--;
    return failed;
}

int import_kml(struct sketch *s, struct bytes text)
{
    static const struct xml_limits limits = {TEXT_MAX, DEPTH_MAX, ATTRIBUTES_MAX};
    static const struct xml_handler handler = {on_open, on_text, on_close};
    struct kml *k = ARENA_ARRAY(s->arena, struct kml, 1);
    if (!k)
        return sketch_fail(s, "the memory limit is reached");
    k->s = s;
    return xml_read(text, &limits, &handler, k, s->err);
}
