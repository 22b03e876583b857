#include <string.h>

#include "agreement/export.h"

/* KML 2.2 (OGC 07-147r2): a Placemark for each zone; without an area it has no geometry. */

static const struct frame frame = {"<Polygon><tessellate>1</tessellate>",
                                   "</Polygon>\n",
                                   "",
                                   "<outerBoundaryIs><LinearRing><coordinates>",
                                   "</coordinates></LinearRing></outerBoundaryIs>",
                                   "<innerBoundaryIs><LinearRing><coordinates>",
                                   "</coordinates></LinearRing></innerBoundaryIs>"};

static void vertex(struct export *s, int64_t lon_e9, int64_t lat_e9, bool first)
{
    struct buf *buf = export_item(s);
    if (!first)
        buf_char(buf, ' ');
    buf_decimal(buf, lon_e9, 9);
    buf_char(buf, ',');
    buf_decimal(buf, lat_e9, 9);
}

/* XML 1.0 has no control characters but tab, line feed and carriage return. */
static void xml_text(struct export *s, const char *text)
{
    for (; text && *text; text++) {
        struct buf *buf = export_item(s);
        if (*text == '<')
            buf_text(buf, "&lt;");
        else if (*text == '>')
            buf_text(buf, "&gt;");
        else if (*text == '&')
            buf_text(buf, "&amp;");
        else if (*text == '"')
            buf_text(buf, "&quot;");
        else if ((uint8_t)*text < ' ' && *text != '\t' && *text != '\n' && *text != '\r')
            buf_char(buf, '?');
        else
            buf_char(buf, *text);
    }
}

static const char *one_of(struct words words, const char *otherwise)
{
    return words.en ? words.en : words.ko ? words.ko : otherwise;
}

/* Outline and fill by status, as KML writes colours: alpha, blue, green, red. */
static void style(struct export *s, enum zone_status status, const char *line, const char *fill)
{
    export_text(s, "<Style id=\"");
    export_text(s, zone_status_name(status));
    export_text(s, "\"><LineStyle><color>");
    export_text(s, line);
    export_text(s, "</color><width>2</width></LineStyle><PolyStyle><color>");
    export_text(s, fill);
    export_text(s, "</color></PolyStyle></Style>\n");
}

static int head(struct export *s, const struct compiled *c, struct arena *arena)
{
    (void)arena;
    export_text(s, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                   "<kml xmlns=\"http://www.opengis.net/kml/2.2\">\n<Document><name>");
    export_text(s, c->agreement->simulated ? "SIMULATED: " : "");
    xml_text(s, one_of(c->agreement->title, c->agreement->id));
    export_text(s, "</name><description>agreement digest ");
    digest_write(export_item(s), c->digest);
    export_text(s, "</description>\n");
    style(s, ZONE_AGREED, "ff333333", "33777777");
    style(s, ZONE_PROVISIONAL, "ff888888", "1a777777");
    style(s, ZONE_UNRESOLVED, "ffbbbbbb", "0d777777");
    return 0;
}

static void data(struct export *s, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    export_text(s, "<Data name=\"");
    export_text(s, name);
    export_text(s, "\"><value>");
    xml_text(s, value);
    export_text(s, "</value></Data>");
}

static void limit(struct export *s, const char *name, struct alt_limit limit)
{
    char memory[48];
    struct buf text;
    buf_init(&text, memory, sizeof memory);
    alt_limit_write(&text, limit);
    data(s, name, text.p);
}

/* The hours, and the zone of time they are in. */
static void daily(struct export *s, const struct agreement *a, const struct zone *zone)
{
    char memory[DAILY_TEXT * DAILY_MAX];
    struct buf list;
    if (!zone->daily_count)
        return;
    buf_init(&list, memory, sizeof memory);
    daily_write(&list, zone->daily, zone->daily_count);
    data(s, "daily", list.p);
    data(s, "tz", a->tz);
}

static void extended(struct export *s, const struct agreement *a, const struct zone *zone,
                     const struct compiled_zone *compiled)
{
    char memory[DIGEST_TEXT_MAX];
    struct buf digest;
    buf_init(&digest, memory, sizeof memory);
    digest_write(&digest, compiled->digest);
    export_text(s, "<ExtendedData>");
    data(s, "zone", zone->id);
    data(s, "name_ko", zone->name.en ? zone->name.ko : NULL);
    data(s, "side", zone->side == AGREEMENT_NONE ? NULL : a->parties[zone->side].id);
    data(s, "classes", zone->classes_text);
    data(s, "status", zone_status_name(zone->status));
    limit(s, "floor", zone->floor);
    limit(s, "ceiling", zone->ceiling);
    data(s, "source", zone->source);
    data(s, "assumption", zone->assumption);
    daily(s, a, zone);
    data(s, "edges", compiled->region.ring_count ? "lonlat" : NULL);
    data(s, "digest", digest.p);
    export_text(s, "</ExtendedData>\n");
}

static void moment(struct export *s, const char *name, int64_t time_us)
{
    struct buf *buf = export_item(s);
    if (time_us == TIME_UNKNOWN)
        return;
    buf_format(buf, "<%s>", name);
    time_write(buf, time_us);
    buf_format(buf, "</%s>", name);
}

static void time_span(struct export *s, const struct zone *zone)
{
    if (zone->from_us == TIME_UNKNOWN && zone->to_us == TIME_UNKNOWN)
        return;
    export_text(s, "<TimeSpan>");
    moment(s, "begin", zone->from_us);
    moment(s, "end", zone->to_us);
    export_text(s, "</TimeSpan>");
}

static int feature(struct export *s, const struct compiled *c, uint16_t i,
                   const struct polygons *parts, size_t count, struct arena *arena)
{
    const struct zone *zone = &c->agreement->zones[i];
    struct writer w = {.to = s, .vertex = vertex, .great_circles = true};
    (void)arena;
    export_text(s, "<Placemark id=\"");
    export_text(s, zone->id);
    export_text(s, "\"><name>");
    xml_text(s, one_of(zone->name, zone->id));
    export_text(s, "</name>");
    time_span(s, zone);
    export_text(s, "<styleUrl>#");
    export_text(s, zone_status_name(zone->status));
    export_text(s, "</styleUrl>");
    extended(s, c->agreement, zone, &c->zones[i]);
    export_text(s, count ? "<MultiGeometry>\n" : "");
    export_polygons(&w, &frame, parts, count);
    export_text(s, count ? "</MultiGeometry></Placemark>\n" : "</Placemark>\n");
    return 0;
}

static int tail(struct export *s, const struct compiled *c, struct arena *arena)
{
    (void)c;
    (void)arena;
    export_text(s, "</Document>\n</kml>\n");
    return 0;
}

const struct format format_kml = {head, feature, tail};
