#include <string.h>

#include "agreement/export.h"
#include "base/degree.h"
#include "num/num.h"

/*
 * Zone files. A compiled region is a heap of rings under the even-odd rule; what maps read is a list
 * of polygons, each a shell with its holes. A hole belongs to the smallest shell around it. Regions
 * across the antimeridian are cut there (RFC 7946, 3.1.9).
 */
#define SAGITTA_M     5.0
#define EARTH_M       6378137.0 /* WGS 84 equatorial radius */
#define PIECES_MAX    1024
#define E9_PER_E7     100
#define STEEP_LAT_DEG 89.0 /* beyond it a Mercator map shows nothing */

__extension__ typedef __int128 int128;

/* ---- out in chunks ------------------------------------------------------------------------------ */

static void export_flush(struct export *s)
{
    if (!s->failed && s->buf.n && s->put(s->to, s->buf.p, s->buf.n, s->err))
        s->failed = true;
    buf_clear(&s->buf);
}

void export_init(struct export *s, int (*put)(void *to, const void *p, size_t n, struct err *err),
                 void *to, struct err *err)
{
    *s = (struct export){.put = put, .to = to, .err = err};
    buf_init(&s->buf, s->memory, sizeof s->memory);
}

int export_finish(struct export *s)
{
    export_flush(s);
    return s->failed ? ERR_FAIL : 0;
}

/* The buffer, with room for one item. */
struct buf *export_item(struct export *s)
{
    if (s->buf.n + ITEM_BYTES > s->buf.cap)
        export_flush(s);
    return &s->buf;
}

void export_bytes(struct export *s, const char *p, size_t n)
{
    for (size_t done = 0; done < n; done += ITEM_BYTES / 2) {
        size_t piece = n - done < ITEM_BYTES / 2 ? n - done : ITEM_BYTES / 2;
        buf_put(export_item(s), p + done, piece);
    }
}

void export_text(struct export *s, const char *text)
{
    export_bytes(s, text, strlen(text));
}

void digest_write(struct buf *out, const uint8_t digest[32])
{
    for (int i = 0; i < 32; i++)
        buf_format(out, "%02x", digest[i]);
}

/* ---- rings -> polygons -------------------------------------------------------------------------- */

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
int export_parts(const struct region *region, struct arena *arena, struct polygons ret_parts[2],
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

/* ---- without holes --------------------------------------------------------------------------------- */

#define CUT_DEPTH_MAX  48
#define CUT_PIECES_MAX 65536

struct cutting {
    struct polygons *parts;
    size_t count, cap;
    struct arena *arena;
    struct err *err;
};

static int cutting_add(struct cutting *c, const struct polygons *part)
{
    if (c->count == CUT_PIECES_MAX)
        return err_set(c->err, EXIT_DATA, "zones: more than %d pieces without holes",
                       CUT_PIECES_MAX);
    if (c->count == c->cap) {
        size_t cap = c->cap ? 2 * c->cap : 16;
        struct polygons *parts = ARENA_ARRAY(c->arena, struct polygons, cap);
        if (!parts)
            return err_set(c->err, EXIT_DATA, "zones: no memory for %zu pieces", cap);
        if (c->count)
            memcpy(parts, c->parts, c->count * sizeof *parts);
        c->parts = parts;
        c->cap = cap;
    }
    c->parts[c->count++] = *part;
    return 0;
}

/* The hole in the middle of all, in the order of their western ends (R4); NONE: there is none. */
static uint32_t middle_hole(const struct polygons *p)
{
    uint32_t holes = 0, half;
    for (uint32_t i = 0; i < p->region.ring_count; i++)
        holes += p->shell[i] != i;
    half = holes / 2;
    for (uint32_t i = 0; i < p->region.ring_count; i++)
        if (p->shell[i] != i && half-- == 0)
            return i;
    return UINT32_MAX;
}

static int64_t ring_middle_e7(const struct region *region, uint32_t ring)
{
    uint32_t first = region->ring_start[ring];
    int64_t west = region->lon_e7[first], east = west;
    for (uint32_t i = first; i < region->ring_start[ring + 1]; i++) {
        west = region->lon_e7[i] < west ? region->lon_e7[i] : west;
        east = region->lon_e7[i] > east ? region->lon_e7[i] : east;
    }
    return (west + east) / 2;
}

/* Each cut goes through a hole, which is none any more. */
static int cut_holes(struct cutting *c, const struct region *region, int depth)
{
    struct polygons part = {.region = *region};
    struct region half;
    if (!region->ring_count)
        return 0;
    if (polygons_group(&part, c->arena))
        return err_set(c->err, EXIT_DATA, "zones: no memory for %u rings", region->ring_count);
    uint32_t hole = middle_hole(&part);
    if (hole == UINT32_MAX)
        return cutting_add(c, &part);
    if (depth == CUT_DEPTH_MAX)
        return err_set(c->err, EXIT_DATA, "zones: holes nested too thickly to be cut open");
    int64_t middle_e7 = ring_middle_e7(region, hole);
    if (region_between(region, region->west_e7, middle_e7, c->arena, &half, c->err) ||
        cut_holes(c, &half, depth + 1) ||
        region_between(region, middle_e7, region->east_e7, c->arena, &half, c->err))
        return ERR_FAIL;
    return cut_holes(c, &half, depth + 1);
}

int export_without_holes(const struct region *region, struct arena *arena,
                         struct polygons **ret_parts, size_t *ret_count, struct err *err)
{
    struct cutting c = {.arena = arena, .err = err};
    if (cut_holes(&c, region, 0))
        return ERR_FAIL;
    *ret_parts = c.parts;
    *ret_count = c.count;
    return 0;
}

/* ---- vertices ----------------------------------------------------------------------------------- */

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
    w->vertex(w->to, lon_e9, lat_e9, w->first);
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
    int64_t pieces = w->to->exact ? 1 : edge_pieces(region, a, b, w->great_circles);
    for (int64_t i = 0; i < pieces; i++)
        write_vertex(w, lon_e9 + dlon_e9 * i / pieces, lat_e9 + dlat_e9 * i / pieces);
}

void export_ring(struct writer *w, const struct region *region, uint32_t ring, int64_t shift_e7)
{
    uint32_t first = region->ring_start[ring], end = region->ring_start[ring + 1];
    w->first = true;
    for (uint32_t i = first; i < end; i++)
        write_edge(w, region, i, i + 1 < end ? i + 1 : first, shift_e7);
    write_vertex(w, (region->lon_e7[first] - shift_e7) * E9_PER_E7,
                 (int64_t)region->lat_e7[first] * E9_PER_E7);
}

static void write_polygon(struct writer *w, const struct frame *frame, const struct polygons *p,
                          uint32_t shell, int64_t shift_e7)
{
    export_text(w->to, frame->polygon);
    export_text(w->to, frame->shell);
    export_ring(w, &p->region, shell, shift_e7);
    export_text(w->to, frame->shell_end);
    for (uint32_t i = 0; i < p->region.ring_count; i++) {
        if (p->shell[i] != shell || i == shell)
            continue;
        export_text(w->to, frame->hole);
        export_ring(w, &p->region, i, shift_e7);
        export_text(w->to, frame->hole_end);
    }
    export_text(w->to, frame->polygon_end);
}

/* What lies wholly past 180 degrees is written as west longitudes. */
int64_t export_shift_e7(const struct region *region)
{
    return region->west_e7 >= LON_E7_MAX ? TURN_E7 : 0;
}

void export_polygons(struct writer *w, const struct frame *frame, const struct polygons *parts,
                     size_t count)
{
    bool first = true;
    for (size_t k = 0; k < count; k++)
        for (uint32_t i = 0; i < parts[k].region.ring_count; i++) {
            if (parts[k].shell[i] != i)
                continue;
            if (!first)
                export_text(w->to, frame->between);
            write_polygon(w, frame, &parts[k], i, export_shift_e7(&parts[k].region));
            first = false;
        }
}

/* ---- formats ------------------------------------------------------------------------------------ */

static const struct format *const formats[] = {
    [ZONES_GEOJSON] = &format_geojson,
    [ZONES_KML] = &format_kml,
    [ZONES_OPENAIR] = &format_openair,
    [ZONES_ED318] = &format_ed318,
};

static int export_zone(struct export *s, const struct format *format, const struct compiled *c,
                       uint16_t i, struct arena *arena)
{
    struct polygons parts[2];
    size_t count;
    if (export_parts(&c->zones[i].region, arena, parts, &count, s->err))
        return ERR_FAIL;
    return format->feature(s, c, i, parts, count, arena);
}

static int export_all(struct export *s, const struct format *format, const struct compiled *c,
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
    return export_finish(s);
}

/* From the strictest: what may be done with notice is stricter than what is limited. */
bool export_verb(const struct agreement *a, uint16_t zone, enum verb *ret_verb)
{
    static const enum verb order[] = {VERB_PROHIBIT, VERB_PERMIT, VERB_REQUIRE, VERB_FREEZE,
                                      VERB_LIMIT};
    for (size_t k = 0; k < sizeof order / sizeof order[0]; k++)
        for (uint16_t i = 0; i < a->rule_count; i++)
            for (uint16_t z = 0; z < a->rules[i].zone_count; z++)
                if (a->rules[i].zones[z] == zone && a->rules[i].verb == order[k]) {
                    *ret_verb = order[k];
                    return true;
                }
    return false;
}

int zones_export(const struct compiled *compiled, enum zone_format format, struct arena *arena,
                 int (*put)(void *to, const void *p, size_t n, struct err *err), void *to,
                 struct err *err)
{
    struct zone_export as = {.format = format};
    return zones_export_as(compiled, as, arena, put, to, err);
}

int zones_export_as(const struct compiled *compiled, struct zone_export as, struct arena *arena,
                    int (*put)(void *to, const void *p, size_t n, struct err *err), void *to,
                    struct err *err)
{
    struct export s;
    struct arena_mark mark = arena_mark(arena);
    export_init(&s, put, to, err);
    s.exact = as.exact;
    int failed = export_all(&s, formats[as.format], compiled, arena);
    arena_rewind(arena, mark);
    return failed;
}
