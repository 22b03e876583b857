#include "api/describe.h"
#include "geo/geodesic.h"

/*
 * Maps draw edges straight on Mercator's plane; a geodesic is not. Pieces of DENSE_M bend from it by
 * at most their square over 8 times the radius, times the tangent of the latitude: 5 m at 60
 * degrees.
 */
#define DENSE_M     12000.0
#define PIECES_MAX  1000
#define VERTEX_ROOM 64

static int put_page(void *to, const void *p, size_t n, struct err *err)
{
    struct page *page = to;
    page_put(page, (struct bytes){p, n});
    return page_failed(page) ? err_set(err, EXIT_CONFIG, "no memory for the map of zones") : 0;
}

int describe_zones_map(struct page *page, const struct compiled *compiled, struct arena *scratch,
                       struct err *err)
{
    return zones_export(compiled, ZONES_GEOJSON, scratch, put_page, page, err);
}

static void put_vertex(struct page *page, int64_t lon_e9, int64_t lat_e9)
{
    page_room(page, VERTEX_ROOM);
    json_begin(&page->out, '[');
    json_put_decimal(&page->out, lon_e9, 9);
    json_put_decimal(&page->out, lat_e9, 9);
    json_end(&page->out, ']');
}

/* The points of a geodesic edge between its ends. */
static void put_between(struct page *page, double lon1, double lat1, double lon2, double lat2)
{
    double length_m, azimuth;
    struct geodesic_line line;
    if (geodesic_inverse(lat1, lon1, lat2, lon2, &length_m, &azimuth, NULL))
        return;
    int pieces = (int)(length_m / DENSE_M) + 1;
    pieces = pieces < PIECES_MAX ? pieces : PIECES_MAX;
    geodesic_line_init(&line, lat1, lon1, azimuth);
    for (int i = 1; i < pieces; i++) {
        double lat_deg, lon_deg;
        geodesic_line_at(&line, length_m * i / pieces, &lat_deg, &lon_deg, NULL);
        put_vertex(page, (int64_t)(lon_deg * 1e9), (int64_t)(lat_deg * 1e9));
    }
}

static void put_course(struct page *page, const struct line *line)
{
    const struct line_version *v = &line->versions[line->used];
    page_begin(page, '[');
    for (uint32_t i = 0; i < v->count; i++) {
        if (i > 0 && line->edges == EDGE_GEODESIC)
            put_between(page, (double)v->lon_e9[i - 1] * 1e-9, (double)v->lat_e9[i - 1] * 1e-9,
                        (double)v->lon_e9[i] * 1e-9, (double)v->lat_e9[i] * 1e-9);
        put_vertex(page, v->lon_e9[i], v->lat_e9[i]);
    }
    page_end(page, ']');
}

static void put_geometry(struct page *page, const struct line *line)
{
    page_key(page, "geometry");
    if (line->used == AGREEMENT_NONE || line->versions[line->used].count < 2) {
        page_null(page);
        return;
    }
    page_begin(page, '{');
    page_key_text(page, "type", "LineString");
    page_key(page, "coordinates");
    put_course(page, line);
    page_end(page, '}');
}

static void put_properties(struct page *page, const struct line *line)
{
    page_key(page, "properties");
    page_begin(page, '{');
    page_key_text(page, "line", line->id);
    page_key(page, "name");
    page_begin(page, '{');
    page_key_text(page, "en", line->name.en);
    page_key_text(page, "ko", line->name.ko);
    page_end(page, '}');
    page_key_text(page, "asserted_by", line->asserted_by);
    page_end(page, '}');
}

void describe_lines_map(struct page *page, const struct agreement *a)
{
    page_begin(page, '{');
    page_key_text(page, "type", "FeatureCollection");
    page_key(page, "features");
    page_begin(page, '[');
    for (uint16_t i = 0; i < a->line_count; i++) {
        page_begin(page, '{');
        page_key_text(page, "type", "Feature");
        put_properties(page, &a->lines[i]);
        put_geometry(page, &a->lines[i]);
        page_end(page, '}');
    }
    page_end(page, ']');
    page_end(page, '}');
}
