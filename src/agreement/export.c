#include <assert.h>
#include <string.h>

#include "agreement/compile.h"
#include "base/degree.h"
#include "base/json.h"
#include "num/num.h"

/*
 * Zone files. A compiled region is a heap of rings under the even-odd rule; what maps read is a list
 * of polygons, each a shell with its holes. A hole belongs to the smallest shell around it. Regions
 * across the antimeridian are cut there (RFC 7946, 3.1.9).
 */
#define CHUNK_BYTES   8192
#define ITEM_BYTES    128 /* room for one vertex, tag or number */
#define SAGITTA_M     5.0
#define EARTH_M       6378137.0 /* WGS 84 equatorial radius */
#define PIECES_MAX    1024
#define E9_PER_E7     100
#define TURN_E7       INT64_C(3600000000)
#define STEEP_LAT_DEG 89.0 /* beyond it a Mercator map shows nothing */

__extension__ typedef __int128 int128;

/* ---- out in chunks ------------------------------------------------------------------------------ */

struct stream {
    struct buf buf;
    char memory[CHUNK_BYTES];
    int (*put)(void *to, const void *p, size_t n, struct err *err);
    void *to;
    struct err *err;
    bool failed;
};

static void stream_flush(struct stream *s)
{
    if (!s->failed && s->buf.n && s->put(s->to, s->buf.p, s->buf.n, s->err))
        s->failed = true;
    buf_clear(&s->buf);
}

/* The buffer, with room for one item. */
static struct buf *stream_item(struct stream *s)
{
    if (s->buf.n + ITEM_BYTES > s->buf.cap)
        stream_flush(s);
    return &s->buf;
}

static void stream_bytes(struct stream *s, const char *p, size_t n)
{
    for (size_t done = 0; done < n; done += ITEM_BYTES / 2) {
        size_t piece = n - done < ITEM_BYTES / 2 ? n - done : ITEM_BYTES / 2;
        buf_put(stream_item(s), p + done, piece);
    }
}

static void stream_text(struct stream *s, const char *text)
{
    stream_bytes(s, text, strlen(text));
}

/* ---- rings -> polygons -------------------------------------------------------------------------- */

/* A region with the shell of each hole; of a shell, itself. */
struct polygons {
    struct region region;
    uint32_t *shell;
};

/* Twice the area in square 1e-7 degrees: positive for shells (R3). */
static int128 ring_area(const struct region *region, uint32_t ring)
{
    int128 area = 0;
    uint32_t first = region->ring_start[ring], end = region->ring_start[ring + 1];
    for (uint32_t i = first, before = end - 1; i < end; before = i++)
        area += (int128)region->lon_e7[before] * region->lat_e7[i] -
                (int128)region->lon_e7[i] * region->lat_e7[before];
    return area;
}

/* The middle of a ring's first edge, in half units: on no other ring, for rings touch at vertices
 * only (R1). */
static void ring_probe(const struct region *region, uint32_t ring, int64_t *ret_x, int64_t *ret_y)
{
    uint32_t i = region->ring_start[ring];
    *ret_x = (int64_t)region->lon_e7[i] + region->lon_e7[i + 1];
    *ret_y = (int64_t)region->lat_e7[i] + region->lat_e7[i + 1];
}

/* Even-odd on one ring, in half units. */
static bool ring_holds(const struct region *region, uint32_t ring, int64_t x, int64_t y)
{
    bool inside = false;
    uint32_t first = region->ring_start[ring], end = region->ring_start[ring + 1];
    for (uint32_t i = first, before = end - 1; i < end; before = i++) {
        int64_t ax = 2 * (int64_t)region->lon_e7[before], ay = 2 * (int64_t)region->lat_e7[before];
        int64_t bx = 2 * (int64_t)region->lon_e7[i], by = 2 * (int64_t)region->lat_e7[i];
        if ((ay > y) == (by > y))
            continue;
        int128 cross = (int128)(bx - ax) * (y - ay) - (int128)(by - ay) * (x - ax);
        inside ^= (cross > 0) == (by > ay);
    }
    return inside;
}

static uint32_t shell_of_hole(const struct region *region, const int128 *area, uint32_t hole)
{
    uint32_t shell = hole;
    int64_t x, y;
    ring_probe(region, hole, &x, &y);
    for (uint32_t i = 0; i < region->ring_count; i++) {
        bool smaller = shell == hole || area[i] < area[shell];
        if (area[i] > 0 && smaller && ring_holds(region, i, x, y))
            shell = i;
    }
    return shell;
}

static int polygons_group(struct polygons *p, struct arena *arena)
{
    uint32_t count = p->region.ring_count;
    int128 *area = ARENA_ARRAY(arena, int128, count);
    p->shell = ARENA_ARRAY(arena, uint32_t, count);
    if (!area || !p->shell)
        return ERR_FAIL;
    for (uint32_t i = 0; i < count; i++)
        area[i] = ring_area(&p->region, i);
    for (uint32_t i = 0; i < count; i++)
        p->shell[i] = area[i] > 0 ? i : shell_of_hole(&p->region, area, i);
    return 0;
}

/* The part between two meridians. */
static int region_between(const struct region *region, int64_t west_e7, int64_t east_e7,
                          struct arena *arena, struct region *ret_region, struct err *err)
{
    int32_t w = (int32_t)west_e7, e = (int32_t)east_e7, s = -LAT_E7_MAX, n = LAT_E7_MAX;
    int32_t lon_e7[] = {w, e, e, w}, lat_e7[] = {s, s, n, n};
    uint32_t ring_start[] = {0, 4};
    struct region band = {1, ring_start, lon_e7, lat_e7, w, e, s, n};
    return region_combine(REGION_INTER, region, &band, arena, ret_region, err);
}

/* One part, or two of a region that goes on past 180 degrees. */
static int parts_of(const struct region *region, struct arena *arena, struct polygons ret_parts[2],
                    size_t *ret_count, struct err *err)
{
    bool cut = region->east_e7 > LON_E7_MAX;
    ret_parts[0].region = ret_parts[1].region = *region;
    *ret_count = region->ring_count == 0 ? 0 : cut ? 2 : 1;
    if (cut && (region_between(region, -LON_E7_MAX, LON_E7_MAX, arena, &ret_parts[0].region, err) ||
                region_between(region, LON_E7_MAX, INT32_MAX, arena, &ret_parts[1].region, err)))
        return ERR_FAIL;
    for (size_t i = 0; i < *ret_count; i++)
        if (polygons_group(&ret_parts[i], arena))
            return err_set(err, EXIT_DATA, "zones: no memory for %u rings", region->ring_count);
    return 0;
}

/* ---- vertices ----------------------------------------------------------------------------------- */

/* How a format writes one vertex; lon and lat in 1e-9 degree. */
struct writer {
    struct stream *stream;
    bool great_circles; /* the reader joins vertices by great circles */
    bool first;         /* of its ring */
    void (*vertex)(struct stream *s, int64_t lon_e9, int64_t lat_e9, bool first);
};

/*
 * How far an edge, straight in longitude and latitude, bends from the straight one of a Mercator
 * map: y'' dlat^2 / 8 over y' is tan(lat) dlat^2 / 8, times the sine of its azimuth. From a great
 * circle: at most dlon^2 sin(2 lat) / 16, here without the sines.
 */
static double edge_sagitta_m(int64_t dlon_e7, int64_t dlat_e7, double lat_deg, bool great_circles)
{
    double steep = lat_deg > STEEP_LAT_DEG ? STEEP_LAT_DEG : lat_deg, sine, cosine;
    double dlon = num_radians((double)dlon_e7 * 1e-7), dlat = num_radians((double)dlat_e7 * 1e-7);
    num_sincos(num_radians(steep), &sine, &cosine);
    double across = dlon * cosine, length = num_sqrt(across * across + dlat * dlat);
    double azimuth_sine = across < 0 ? -across / length : across / length;
    double mercator_m = EARTH_M * sine / cosine * dlat * dlat * azimuth_sine / 8;
    double circle_m = great_circles ? EARTH_M * dlon * dlon / 16 : 0;
    return mercator_m > circle_m ? mercator_m : circle_m;
}

static int64_t absolute(int64_t x)
{
    return x < 0 ? -x : x;
}

/* Pieces fall with the square of their number. */
static int64_t edge_pieces(const struct region *region, uint32_t a, uint32_t b, bool great_circles)
{
    int64_t south = absolute(region->lat_e7[a]), north = absolute(region->lat_e7[b]);
    double lat_deg = (double)(south > north ? south : north) * 1e-7;
    double sagitta_m =
        edge_sagitta_m((int64_t)region->lon_e7[b] - region->lon_e7[a],
                       (int64_t)region->lat_e7[b] - region->lat_e7[a], lat_deg, great_circles);
    int64_t pieces = 1 + (int64_t)num_sqrt(sagitta_m / SAGITTA_M);
    return pieces < PIECES_MAX ? pieces : PIECES_MAX;
}

static void write_vertex(struct writer *w, int64_t lon_e9, int64_t lat_e9)
{
    w->vertex(w->stream, lon_e9, lat_e9, w->first);
    w->first = false;
}

/* The start of an edge and the points between; its end is the start of the next. */
static void write_edge(struct writer *w, const struct region *region, uint32_t a, uint32_t b,
                       int64_t shift_e7)
{
    int64_t lon_e9 = (region->lon_e7[a] - shift_e7) * E9_PER_E7;
    int64_t lat_e9 = (int64_t)region->lat_e7[a] * E9_PER_E7;
    int64_t dlon_e9 = ((int64_t)region->lon_e7[b] - region->lon_e7[a]) * E9_PER_E7;
    int64_t dlat_e9 = ((int64_t)region->lat_e7[b] - region->lat_e7[a]) * E9_PER_E7;
    int64_t pieces = edge_pieces(region, a, b, w->great_circles);
    for (int64_t i = 0; i < pieces; i++)
        write_vertex(w, lon_e9 + dlon_e9 * i / pieces, lat_e9 + dlat_e9 * i / pieces);
}

static void write_ring(struct writer *w, const struct region *region, uint32_t ring,
                       int64_t shift_e7)
{
    uint32_t first = region->ring_start[ring], end = region->ring_start[ring + 1];
    w->first = true;
    for (uint32_t i = first; i < end; i++)
        write_edge(w, region, i, i + 1 < end ? i + 1 : first, shift_e7);
    write_vertex(w, (region->lon_e7[first] - shift_e7) * E9_PER_E7,
                 (int64_t)region->lat_e7[first] * E9_PER_E7);
}

/* The words of a format around its rings. */
struct frame {
    const char *polygon, *polygon_end, *between; /* between: from the second polygon on */
    const char *shell, *shell_end;
    const char *hole, *hole_end;
};

static void write_polygon(struct writer *w, const struct frame *frame, const struct polygons *p,
                          uint32_t shell, int64_t shift_e7)
{
    stream_text(w->stream, frame->polygon);
    stream_text(w->stream, frame->shell);
    write_ring(w, &p->region, shell, shift_e7);
    stream_text(w->stream, frame->shell_end);
    for (uint32_t i = 0; i < p->region.ring_count; i++) {
        if (p->shell[i] != shell || i == shell)
            continue;
        stream_text(w->stream, frame->hole);
        write_ring(w, &p->region, i, shift_e7);
        stream_text(w->stream, frame->hole_end);
    }
    stream_text(w->stream, frame->polygon_end);
}

static void write_polygons(struct writer *w, const struct frame *frame,
                           const struct polygons *parts, size_t count)
{
    bool first = true;
    for (size_t k = 0; k < count; k++)
        for (uint32_t i = 0; i < parts[k].region.ring_count; i++) {
            if (parts[k].shell[i] != i)
                continue;
            if (!first)
                stream_text(w->stream, frame->between);
            write_polygon(w, frame, &parts[k], i, k == 1 ? TURN_E7 : 0);
            first = false;
        }
}

/* ---- GeoJSON ------------------------------------------------------------------------------------ */

static const struct frame geojson_frame = {"[", "]", ",", "[", "]", ",[", "]"};

static void geojson_vertex(struct stream *s, int64_t lon_e9, int64_t lat_e9, bool first)
{
    struct buf *buf = stream_item(s);
    buf_text(buf, first ? "[" : ",[");
    buf_decimal(buf, lon_e9, 9);
    buf_char(buf, ',');
    buf_decimal(buf, lat_e9, 9);
    buf_char(buf, ']');
}

static size_t text_room(const char *text)
{
    return text ? 6 * strlen(text) : 0; /* an escape of a control character has six bytes */
}

static void put_words(struct json_out *out, const char *key, struct words words)
{
    json_key(out, key);
    json_begin(out, '{');
    json_key(out, "en");
    json_put_text(out, words.en);
    json_key(out, "ko");
    json_put_text(out, words.ko);
    json_end(out, '}');
}

static void put_text(struct json_out *out, const char *key, const char *text)
{
    json_key(out, key);
    json_put_text(out, text);
}

/* The names of a space-separated list. */
static void put_names(struct json_out *out, const char *key, const char *names)
{
    json_key(out, key);
    json_begin(out, '[');
    for (size_t n; *names; names += n + (names[n] == ' ')) {
        for (n = 0; names[n] && names[n] != ' ';)
            n++;
        json_put_bytes(out, (struct bytes){(const uint8_t *)names, n});
    }
    json_end(out, ']');
}

static void put_limit(struct json_out *out, const char *key, struct alt_limit limit)
{
    char memory[48];
    struct buf text;
    buf_init(&text, memory, sizeof memory);
    alt_limit_write(&text, limit);
    put_text(out, key, text.p);
}

static void hex_write(struct buf *out, const uint8_t digest[32])
{
    for (int i = 0; i < 32; i++)
        buf_format(out, "%02x", digest[i]);
}

static void put_digest(struct json_out *out, const char *key, const uint8_t digest[32])
{
    char memory[72];
    struct buf text;
    buf_init(&text, memory, sizeof memory);
    hex_write(&text, digest);
    put_text(out, key, text.p);
}

static void put_area(struct json_out *out, const struct compiled_zone *zone)
{
    json_key(out, "area_km2");
    if (zone->region.ring_count)
        json_put_decimal(out, (int64_t)(zone->area_m2 + 0.5), 6);
    else
        json_put_null(out);
}

static void put_properties(struct json_out *out, const struct agreement *a, const struct zone *zone,
                           const struct compiled_zone *compiled)
{
    const struct party *side = zone->side == AGREEMENT_NONE ? NULL : &a->parties[zone->side];
    char letter[2] = {side ? side->letter : '\0', '\0'};
    json_begin(out, '{');
    put_text(out, "zone", zone->id);
    put_words(out, "name", zone->name);
    put_text(out, "side", side ? side->id : NULL);
    put_text(out, "letter", side ? letter : NULL);
    put_text(out, "status", zone_status_name(zone->status));
    put_names(out, "classes", zone->classes_text);
    put_limit(out, "floor", zone->floor);
    put_limit(out, "ceiling", zone->ceiling);
    json_key(out, "from");
    json_put_time(out, zone->from_us);
    json_key(out, "to");
    json_put_time(out, zone->to_us);
    put_area(out, compiled);
    put_text(out, "source", zone->source);
    put_text(out, "assumption", zone->assumption);
    put_digest(out, "digest", compiled->digest);
    json_end(out, '}');
}

static size_t properties_room(const struct zone *zone)
{
    return 2048 + text_room(zone->name.en) + text_room(zone->name.ko) + text_room(zone->source) +
           text_room(zone->assumption) + text_room(zone->classes_text);
}

/* JSON of unknown length is put together in the arena and goes out as a whole. */
static int json_start(struct json_out *out, struct buf *buf, size_t room, struct arena *arena,
                      struct err *err)
{
    char *memory = arena_alloc(arena, room, 1);
    if (!memory)
        return err_set(err, EXIT_DATA, "zones: no memory for %zu bytes of text", room);
    buf_init(buf, memory, room);
    json_out_init(out, buf);
    return 0;
}

static int geojson_head(struct stream *s, const struct compiled *c, struct arena *arena)
{
    const struct agreement *a = c->agreement;
    struct json_out out;
    struct buf buf;
    size_t room = 2048 + text_room(a->title.en) + text_room(a->title.ko);
    if (json_start(&out, &buf, room, arena, s->err))
        return ERR_FAIL;
    json_begin(&out, '{');
    put_text(&out, "type", "FeatureCollection");
    put_text(&out, "agreement", a->id);
    put_words(&out, "title", a->title);
    json_key(&out, "simulated");
    json_put_bool(&out, a->simulated);
    put_digest(&out, "digest", c->digest);
    assert(!buf.full);
    stream_bytes(s, buf.p, buf.n);
    stream_text(s, ",\"features\":[\n");
    return 0;
}

static int geojson_feature(struct stream *s, const struct compiled *c, uint16_t i,
                           const struct polygons *parts, size_t count, struct arena *arena)
{
    const struct zone *zone = &c->agreement->zones[i];
    struct writer w = {.stream = s, .vertex = geojson_vertex};
    struct json_out out;
    struct buf buf;
    if (json_start(&out, &buf, properties_room(zone), arena, s->err))
        return ERR_FAIL;
    put_properties(&out, c->agreement, zone, &c->zones[i]);
    assert(!buf.full);
    stream_text(s, i ? ",\n{\"type\":\"Feature\",\"id\":\"" : "{\"type\":\"Feature\",\"id\":\"");
    stream_text(s, zone->id);
    stream_text(s, "\",\"properties\":");
    stream_bytes(s, buf.p, buf.n);
    stream_text(s, ",\"geometry\":");
    stream_text(s, count ? "{\"type\":\"MultiPolygon\",\"coordinates\":[" : "null");
    write_polygons(&w, &geojson_frame, parts, count);
    stream_text(s, count ? "]}}" : "}");
    return 0;
}

static int geojson_tail(struct stream *s, const struct compiled *c, struct arena *arena)
{
    (void)c;
    (void)arena;
    stream_text(s, "\n]}\n");
    return 0;
}

/* ---- KML ---------------------------------------------------------------------------------------- */

static const struct frame kml_frame = {"<Polygon><tessellate>1</tessellate>",
                                       "</Polygon>\n",
                                       "",
                                       "<outerBoundaryIs><LinearRing><coordinates>",
                                       "</coordinates></LinearRing></outerBoundaryIs>",
                                       "<innerBoundaryIs><LinearRing><coordinates>",
                                       "</coordinates></LinearRing></innerBoundaryIs>"};

static void kml_vertex(struct stream *s, int64_t lon_e9, int64_t lat_e9, bool first)
{
    struct buf *buf = stream_item(s);
    if (!first)
        buf_char(buf, ' ');
    buf_decimal(buf, lon_e9, 9);
    buf_char(buf, ',');
    buf_decimal(buf, lat_e9, 9);
}

/* XML 1.0 has no control characters but tab, line feed and carriage return. */
static void xml_text(struct stream *s, const char *text)
{
    for (; text && *text; text++) {
        struct buf *buf = stream_item(s);
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
static void kml_style(struct stream *s, enum zone_status status, const char *line, const char *fill)
{
    stream_text(s, "<Style id=\"");
    stream_text(s, zone_status_name(status));
    stream_text(s, "\"><LineStyle><color>");
    stream_text(s, line);
    stream_text(s, "</color><width>2</width></LineStyle><PolyStyle><color>");
    stream_text(s, fill);
    stream_text(s, "</color></PolyStyle></Style>\n");
}

static int kml_head(struct stream *s, const struct compiled *c, struct arena *arena)
{
    (void)arena;
    stream_text(s, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                   "<kml xmlns=\"http://www.opengis.net/kml/2.2\">\n<Document><name>");
    stream_text(s, c->agreement->simulated ? "SIMULATED: " : "");
    xml_text(s, one_of(c->agreement->title, c->agreement->id));
    stream_text(s, "</name><description>agreement digest ");
    hex_write(stream_item(s), c->digest);
    stream_text(s, "</description>\n");
    kml_style(s, ZONE_AGREED, "ff333333", "33777777");
    kml_style(s, ZONE_PROVISIONAL, "ff888888", "1a777777");
    kml_style(s, ZONE_UNRESOLVED, "ffbbbbbb", "0d777777");
    return 0;
}

static void kml_data(struct stream *s, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    stream_text(s, "<Data name=\"");
    stream_text(s, name);
    stream_text(s, "\"><value>");
    xml_text(s, value);
    stream_text(s, "</value></Data>");
}

static void kml_limit(struct stream *s, const char *name, struct alt_limit limit)
{
    char memory[48];
    struct buf text;
    buf_init(&text, memory, sizeof memory);
    alt_limit_write(&text, limit);
    kml_data(s, name, text.p);
}

static void kml_extended(struct stream *s, const struct agreement *a, const struct zone *zone,
                         const struct compiled_zone *compiled)
{
    char memory[72];
    struct buf digest;
    buf_init(&digest, memory, sizeof memory);
    hex_write(&digest, compiled->digest);
    stream_text(s, "<ExtendedData>");
    kml_data(s, "zone", zone->id);
    kml_data(s, "side", zone->side == AGREEMENT_NONE ? NULL : a->parties[zone->side].id);
    kml_data(s, "classes", zone->classes_text);
    kml_data(s, "status", zone_status_name(zone->status));
    kml_limit(s, "floor", zone->floor);
    kml_limit(s, "ceiling", zone->ceiling);
    kml_data(s, "source", zone->source);
    kml_data(s, "assumption", zone->assumption);
    kml_data(s, "digest", digest.p);
    stream_text(s, "</ExtendedData>\n");
}

static int kml_feature(struct stream *s, const struct compiled *c, uint16_t i,
                       const struct polygons *parts, size_t count, struct arena *arena)
{
    const struct zone *zone = &c->agreement->zones[i];
    struct writer w = {.stream = s, .vertex = kml_vertex, .great_circles = true};
    (void)arena;
    stream_text(s, "<Placemark id=\"");
    stream_text(s, zone->id);
    stream_text(s, "\"><name>");
    xml_text(s, one_of(zone->name, zone->id));
    stream_text(s, "</name><styleUrl>#");
    stream_text(s, zone_status_name(zone->status));
    stream_text(s, "</styleUrl>");
    kml_extended(s, c->agreement, zone, &c->zones[i]);
    stream_text(s, count ? "<MultiGeometry>\n" : "");
    write_polygons(&w, &kml_frame, parts, count);
    stream_text(s, count ? "</MultiGeometry></Placemark>\n" : "</Placemark>\n");
    return 0;
}

static int kml_tail(struct stream *s, const struct compiled *c, struct arena *arena)
{
    (void)c;
    (void)arena;
    stream_text(s, "</Document>\n</kml>\n");
    return 0;
}

/* ---- formats ------------------------------------------------------------------------------------ */

struct format {
    int (*head)(struct stream *, const struct compiled *, struct arena *);
    int (*feature)(struct stream *, const struct compiled *, uint16_t zone,
                   const struct polygons *parts, size_t count, struct arena *);
    int (*tail)(struct stream *, const struct compiled *, struct arena *);
};

static const struct format formats[] = {
    [ZONES_GEOJSON] = {geojson_head, geojson_feature, geojson_tail},
    [ZONES_KML] = {kml_head, kml_feature, kml_tail},
};

static int export_zone(struct stream *s, const struct format *format, const struct compiled *c,
                       uint16_t i, struct arena *arena)
{
    struct polygons parts[2];
    size_t count;
    if (parts_of(&c->zones[i].region, arena, parts, &count, s->err))
        return ERR_FAIL;
    return format->feature(s, c, i, parts, count, arena);
}

static int export_all(struct stream *s, const struct format *format, const struct compiled *c,
                      struct arena *arena)
{
    if (format->head(s, c, arena))
        return ERR_FAIL;
    for (uint16_t i = 0; i < c->agreement->zone_count && !s->failed; i++) {
        struct arena_mark mark = arena_mark(arena);
        if (export_zone(s, format, c, i, arena))
            return ERR_FAIL;
        arena_rewind(arena, mark);
    }
    if (format->tail(s, c, arena))
        return ERR_FAIL;
    stream_flush(s);
    return s->failed ? ERR_FAIL : 0;
}

int zones_export(const struct compiled *compiled, enum zone_format format, struct arena *arena,
                 int (*put)(void *to, const void *p, size_t n, struct err *err), void *to,
                 struct err *err)
{
    struct stream s = {.put = put, .to = to, .err = err};
    struct arena_mark mark = arena_mark(arena);
    buf_init(&s.buf, s.memory, sizeof s.memory);
    int failed = export_all(&s, &formats[format], compiled, arena);
    arena_rewind(arena, mark);
    return failed;
}
