#include "agreement/arc.h"
#include "agreement/reader.h"

/*
 * A path: one ring of points and arcs (docs/format/agreement.md). It becomes a ring of points here:
 * arcs are drawn in pieces that stay within CURVE_TOLERANCE_M, so that everything after the reader
 * knows polygons only.
 */
#define PATH_POINTS_MAX 1000000

/* The ring as it grows. */
struct path {
    int64_t *lon_e9, *lat_e9;
    size_t count, cap;
};

struct arc_entry {
    struct json center, to;
    bool right;
};

static int read_turn(struct reader *r, struct json value, void *into)
{
    static const char *const names[] = {"left", "right"};
    size_t index;
    if (word_read(r, value, names, 2, &index))
        return ERR_FAIL;
    *(bool *)into = index == 1;
    return 0;
}

static const struct field arc_fields[] = {
    {"center", read_value, offsetof(struct arc_entry, center), "a point [longitude, latitude]"},
    {"to", read_value, offsetof(struct arc_entry, to), "the point where the arc ends"},
    {"turn", read_turn, offsetof(struct arc_entry, right), "\"left\" or \"right\""},
};

static int read_arc(struct reader *r, struct json value, void *into)
{
    return OBJECT_READ(r, value, arc_fields, into);
}

static const struct field element_fields[] = {
    {"arc", read_arc, 0, "an arc: center, to, turn"},
};

static int path_grow(struct reader *r, struct json at, struct path *path, size_t more)
{
    if (path->count + more <= path->cap)
        return 0;
    if (path->count + more > PATH_POINTS_MAX)
        return reader_fail(r, at, "more than %d points in one path", PATH_POINTS_MAX);
    size_t cap = 2 * path->cap > path->count + more ? 2 * path->cap : path->count + more;
    int64_t *lon_e9 = READER_ARRAY(r, int64_t, cap), *lat_e9 = READER_ARRAY(r, int64_t, cap);
    if (!lon_e9 || !lat_e9)
        return ERR_FAIL;
    for (size_t i = 0; i < path->count; i++) {
        lon_e9[i] = path->lon_e9[i];
        lat_e9[i] = path->lat_e9[i];
    }
    path->lon_e9 = lon_e9;
    path->lat_e9 = lat_e9;
    path->cap = cap;
    return 0;
}

/* A point equal to the one before says nothing new. */
static void path_add(struct path *path, int64_t lon_e9, int64_t lat_e9)
{
    size_t n = path->count;
    if (n && path->lon_e9[n - 1] == lon_e9 && path->lat_e9[n - 1] == lat_e9)
        return;
    path->lon_e9[n] = lon_e9;
    path->lat_e9[n] = lat_e9;
    path->count = n + 1;
}

static int path_point(struct reader *r, struct json value, struct path *path)
{
    int64_t lon_e9, lat_e9;
    if (point_read(r, value, &lon_e9, &lat_e9) || path_grow(r, value, path, 1))
        return ERR_FAIL;
    path_add(path, lon_e9, lat_e9);
    return 0;
}

static int arc_draw(struct reader *r, struct json value, const struct arc *arc, int64_t to_lon_e9,
                    int64_t to_lat_e9, struct path *path)
{
    size_t pieces = arc_pieces(arc);
    if (path_grow(r, value, path, pieces))
        return ERR_FAIL;
    for (size_t i = 1; i < pieces; i++) {
        int64_t lon_e9, lat_e9;
        arc_point(arc, i, pieces, &lon_e9, &lat_e9);
        path_add(path, lon_e9, lat_e9);
    }
    path_add(path, to_lon_e9, to_lat_e9);
    return 0;
}

static int path_arc(struct reader *r, struct json value, struct path *path)
{
    struct arc_entry written;
    struct arc arc;
    int64_t lon_e9, lat_e9, center_lon_e9, center_lat_e9;
    if (!path->count)
        return reader_fail(r, value, "an arc cannot be first; expected the point where it begins");
    if (OBJECT_READ(r, value, element_fields, &written) ||
        point_read(r, written.center, &center_lon_e9, &center_lat_e9) ||
        point_read(r, written.to, &lon_e9, &lat_e9))
        return ERR_FAIL;
    double center[2] = {degrees_of_e9(center_lon_e9), degrees_of_e9(center_lat_e9)};
    double from[2] = {degrees_of_e9(path->lon_e9[path->count - 1]),
                      degrees_of_e9(path->lat_e9[path->count - 1])};
    double to[2] = {degrees_of_e9(lon_e9), degrees_of_e9(lat_e9)};
    if (!arc_of(center, from, to, written.right, &arc))
        return reader_fail(r, value,
                           "the ends of the arc are %.0f m and %.0f m from its centre; expected "
                           "the same but for a tenth, 1 m to 2000 km",
                           arc.from_radius_m, arc.to_radius_m);
    return arc_draw(r, value, &arc, lon_e9, lat_e9, path);
}

int path_read(struct reader *r, struct json list, struct course *ret_ring)
{
    struct path path = {0};
    if (list.type != JSON_ARRAY)
        return reader_expected(r, list, "a list of points and arcs");
    for (struct json_iter it = json_iter(list); json_next(&it);)
        if (it.value.type == JSON_OBJECT ? path_arc(r, it.value, &path)
                                         : path_point(r, it.value, &path))
            return ERR_FAIL;
    size_t n = path.count;
    if (n > 1 && path.lon_e9[0] == path.lon_e9[n - 1] && path.lat_e9[0] == path.lat_e9[n - 1])
        n--;
    if (n < 3)
        return reader_fail(r, list, "%zu points; expected 3 or more, or an arc", n);
    *ret_ring = (struct course){(uint32_t)n, path.lon_e9, path.lat_e9};
    return 0;
}
