#include <string.h>

#include "agreement/reader.h"

/* Polygons: rings inline or in a file, gathered into one list of vertices. */

#define POLYGON_RINGS_MAX    65536
#define POLYGON_VERTICES_MAX 1000000
#define RING_DEPTH_MAX       3 /* lists around a ring: none, of a polygon, of a multipolygon */

struct polygon_entry {
    struct place place;
    struct json path;
    enum edge_kind edges;
};

static const struct field polygon_fields[] = {
    PLACE_FIELDS(struct polygon_entry, place),
    {"path", read_value, offsetof(struct polygon_entry, path), NULL},
    {"edges", read_edges, offsetof(struct polygon_entry, edges), NULL},
};

/* The rings of a polygon as they are gathered. */
struct rings {
    uint32_t count, cap;
    struct course *ring;
    uint32_t vertices;
};

static struct json first_of(struct json array)
{
    struct json_iter it = json_iter(array);
    return json_next(&it) ? it.value : (struct json){NULL, NULL, JSON_NONE};
}

/* A list whose first element is a point. */
static bool is_ring(struct json value)
{
    return first_of(first_of(value)).type == JSON_NUMBER;
}

static int ring_read(struct reader *r, struct json value, struct rings *rings)
{
    struct course ring;
    if (rings->count == rings->cap)
        return reader_fail(r, value, "more than %u rings", rings->cap);
    if (course_read(r, value, 4, POLYGON_VERTICES_MAX, &ring))
        return ERR_FAIL;
    uint32_t last = --ring.count;
    if (ring.lon_e9[0] != ring.lon_e9[last] || ring.lat_e9[0] != ring.lat_e9[last])
        return reader_fail(r, value, "the ring is not closed; repeat its first point at its end");
    rings->vertices += ring.count;
    if (rings->vertices > POLYGON_VERTICES_MAX)
        return reader_fail(r, value, "more than %d points in one polygon", POLYGON_VERTICES_MAX);
    rings->ring[rings->count++] = ring;
    return 0;
}

/* A ring, a list of rings (Polygon), or a list of those (MultiPolygon). */
static int rings_read(struct reader *r, struct json value, int depth, struct rings *rings)
{
    if (is_ring(value))
        return ring_read(r, value, rings);
    if (value.type != JSON_ARRAY || depth == RING_DEPTH_MAX || first_of(value).type == JSON_NONE)
        return reader_fail(r, value,
                           "expected a ring: a list of points, the first repeated at the "
                           "end");
    for (struct json_iter it = json_iter(value); json_next(&it);)
        if (rings_read(r, it.value, depth + 1, rings))
            return ERR_FAIL;
    return 0;
}

static int rings_join(struct reader *r, const struct rings *rings, struct expression *e)
{
    uint32_t *start = READER_ARRAY(r, uint32_t, rings->count + 1u);
    int64_t *lon_e9 = READER_ARRAY(r, int64_t, rings->vertices);
    int64_t *lat_e9 = READER_ARRAY(r, int64_t, rings->vertices);
    if (!start || !lon_e9 || !lat_e9)
        return ERR_FAIL;
    for (uint32_t i = 0; i < rings->count; i++) {
        const struct course *ring = &rings->ring[i];
        memcpy(lon_e9 + start[i], ring->lon_e9, ring->count * sizeof *lon_e9);
        memcpy(lat_e9 + start[i], ring->lat_e9, ring->count * sizeof *lat_e9);
        start[i + 1] = start[i] + ring->count;
    }
    e->polygon.ring_count = rings->count;
    e->polygon.ring_start = start;
    e->polygon.lon_e9 = lon_e9;
    e->polygon.lat_e9 = lat_e9;
    return 0;
}

/* As many rings as there can be: each has a bracket of its own. */
static uint32_t rings_bound(struct json coordinates)
{
    size_t brackets = 0;
    for (const uint8_t *p = coordinates.p; p < coordinates.end; p++)
        brackets += *p == '[';
    return brackets < POLYGON_RINGS_MAX ? (uint32_t)brackets : POLYGON_RINGS_MAX;
}

static int coordinates_join(struct reader *r, struct json coordinates, struct expression *e)
{
    struct rings rings = {.cap = rings_bound(coordinates)};
    rings.ring = READER_ARRAY(r, struct course, rings.cap);
    if (!rings.ring || rings_read(r, coordinates, 1, &rings))
        return ERR_FAIL;
    return rings_join(r, &rings, e);
}

static int path_join(struct reader *r, struct json path, struct expression *e)
{
    struct course ring;
    if (path_read(r, path, &ring))
        return ERR_FAIL;
    struct rings rings = {.count = 1, .cap = 1, .ring = &ring, .vertices = ring.count};
    return rings_join(r, &rings, e);
}

int polygon_read(struct reader *r, struct json json, struct expression *e, uint16_t *ret_side)
{
    static const char *const types[] = {"Polygon", "MultiPolygon", NULL};
    struct polygon_entry entry = {0};
    struct json coordinates;
    (void)ret_side;
    if (OBJECT_READ(r, json, polygon_fields, &entry) ||
        place_find(r, json, &entry.place, types, &coordinates))
        return ERR_FAIL;
    e->polygon.edges = entry.edges;
    bool placed = coordinates.type != JSON_NONE, drawn = entry.path.type != JSON_NONE;
    if (!placed && !drawn)
        return reader_fail(r, json, "missing \"coordinates\", \"file\" or \"path\"");
    if (placed && drawn)
        return reader_fail(r, json, "\"path\" beside another outline; expected one of them");
    return drawn ? path_join(r, entry.path, e) : coordinates_join(r, coordinates, e);
}
