#include <assert.h>
#include <string.h>

#include "base/degree.h"
#include "geo/distance.h"
#include "geo/distance_index.h"
#include "geo/distance_point.h"
#include "geo/geodesic.h"
#include "num/num.h"

#define LANES DISTANCE_LANES

/* No radius of curvature and no radius vector of the ellipsoid is greater. */
#define RADIUS_MAX_M 6.4e6

/* An edge that bows this much over its chord is divided: what is left out after the bow is put
 * back is of third order in the same small angle. 250 m of geodesic bow 1.2 mm, 250 m of parallel
 * 4 mm at 72 degrees and more beyond. */
#define BOW_MAX_M 4e-3

/* How much a float may be off for coordinates up to the extent: box and point, each rounded once,
 * each by half of 2^-23. */
#define FLOAT_LOSS 2.4e-7f

/* A box that nothing is near: its square is still a float. */
#define NOWHERE_M 1e18f

#define NOWHERE_DEG 1e9 /* no latitude */

#define FRAME_SAMPLES 256
#define LON_MAX_DEG   1e6 /* what num_sincos takes */

/* An edge as given, from one vertex towards the next. */
struct edge {
    double lat_deg, lon_deg, dlat_deg, dlon_deg;
    double end_lat_deg, end_lon_deg; /* as the next edge's start is given */
    double length_m;                 /* geodesic edges only */
    bool geodesic;
    struct geodesic_line line;
    uint32_t pieces;
};

/* Made in two passes over the same edges: one counts, one fills. */
struct builder {
    struct distance_index *index;
    struct distance_block *blocks;
    struct distance_bow *bows;
    uint32_t *piece_edge, *edge_piece;
    double *station_m;
    uint64_t pieces, edges; /* so far in this pass */
    double length_m, bow_max_m;
    bool fill;
    double end_lat_deg, end_lon_deg; /* of the last edge, and the same place */
    struct ecef end;
};

static double absolute(double x)
{
    return x < 0 ? -x : x;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static double apart_m(struct ecef a, struct ecef b)
{
    double x = b.x_m - a.x_m, y = b.y_m - a.y_m, z = b.z_m - a.z_m;
    return num_sqrt(x * x + y * y + z * z);
}

/* The smallest count >= 1 whose pieces are at most `each` long; saturates far above any limit. */
static uint32_t parts(double whole, double each)
{
    double n = whole / each;
    if (n > DISTANCE_PIECES_MAX)
        return DISTANCE_PIECES_MAX + 1;
    uint32_t count = (uint32_t)n;
    return (double)count < n ? count + 1 : count > 0 ? count : 1;
}

static void edge_point(const struct edge *edge, double t, double *ret_lat_deg, double *ret_lon_deg)
{
    if (edge->geodesic) {
        geodesic_line_at(&edge->line, t * edge->length_m, ret_lat_deg, ret_lon_deg, NULL);
        return;
    }
    *ret_lat_deg = edge->lat_deg + t * edge->dlat_deg;
    *ret_lon_deg = edge->lon_deg + t * edge->dlon_deg;
}

static struct ecef edge_ecef(const struct builder *builder, const struct edge *edge, double t)
{
    double lat_deg, lon_deg;
    edge_point(edge, t, &lat_deg, &lon_deg);
    return distance_to_ecef(builder->index, lon_deg, lat_deg);
}

/* An edge starts where the one before it ends, as a rule. */
static struct ecef edge_start(const struct builder *builder, const struct edge *edge)
{
    if (builder->end_lat_deg == edge->lat_deg && builder->end_lon_deg == edge->lon_deg)
        return builder->end;
    return edge_ecef(builder, edge, 0);
}

/*
 * Pieces of an edge straight in lon/lat. With the edge run in unit time, its acceleration in space
 * is at most R (dlat^2 + |cos lat| dlon^2 + 2 |dlat dlon|), and n pieces of it bow by an eighth of
 * that over n^2.
 */
static uint32_t lonlat_pieces(const struct edge *edge)
{
    double way_m = RADIUS_MAX_M * num_radians(absolute(edge->dlat_deg) + absolute(edge->dlon_deg));
    if (way_m <= DISTANCE_EDGE_M) /* and so it bows by way_m^2 / 8 R at most, 1.2 mm */
        return 1;
    double lat1 = absolute(edge->lat_deg), lat2 = absolute(edge->lat_deg + edge->dlat_deg);
    bool crosses = absolute(edge->dlat_deg) >= larger(lat1, lat2);
    double cosine = crosses ? 1 : num_cos(num_radians(lat1 < lat2 ? lat1 : lat2));
    double dlat = absolute(num_radians(edge->dlat_deg));
    double dlon = absolute(num_radians(edge->dlon_deg));
    double east = cosine * dlon;
    double length_m = RADIUS_MAX_M * num_sqrt(dlat * dlat + east * east);
    double acceleration_m = RADIUS_MAX_M * (dlat * dlat + east * dlon + 2 * dlat * dlon);
    uint32_t by_length = parts(length_m, DISTANCE_EDGE_M);
    uint32_t by_bow = parts(num_sqrt(acceleration_m / (8 * BOW_MAX_M)), 1);
    return by_length > by_bow ? by_length : by_bow;
}

static struct edge lonlat_edge(double lat_deg, double lon_deg, double dlat_deg, double dlon_deg)
{
    struct edge edge = {
        .lat_deg = lat_deg, .lon_deg = lon_deg, .dlat_deg = dlat_deg, .dlon_deg = dlon_deg};
    edge.end_lat_deg = lat_deg + dlat_deg;
    edge.end_lon_deg = lon_deg + dlon_deg;
    edge.pieces = lonlat_pieces(&edge);
    return edge;
}

static void put_piece(struct builder *builder, struct ecef start, struct ecef middle,
                      struct ecef end)
{
    struct distance_vec a = distance_local(builder->index, start);
    struct distance_vec m = distance_local(builder->index, middle);
    struct distance_vec b = distance_local(builder->index, end);
    struct distance_block *block = &builder->blocks[builder->pieces / LANES];
    uint64_t k = builder->pieces % LANES;
    double dx = b.x - a.x, dy = b.y - a.y, dz = b.z - a.z, square = dx * dx + dy * dy + dz * dz;
    block->x[k / 2][k % 2] = a.x, block->y[k / 2][k % 2] = a.y, block->z[k / 2][k % 2] = a.z;
    block->dx[k / 2][k % 2] = dx, block->dy[k / 2][k % 2] = dy, block->dz[k / 2][k % 2] = dz;
    block->per_square[k / 2][k % 2] = square > 0 ? 1 / square : 0;
    double bx = m.x - (a.x + b.x) / 2, by = m.y - (a.y + b.y) / 2, bz = m.z - (a.z + b.z) / 2;
    builder->bows[builder->pieces] = (struct distance_bow){(float)bx, (float)by, (float)bz};
    builder->bow_max_m = larger(builder->bow_max_m, num_sqrt(bx * bx + by * by + bz * bz));
}

/* Divides an edge. The length of a curve over three points: Richardson's extrapolation of the
 * lengths of one chord and of two. */
static void fill_edge(struct builder *builder, const struct edge *edge)
{
    struct ecef start = edge_start(builder, edge);
    for (uint32_t i = 0; i < edge->pieces; i++) {
        struct ecef middle = edge_ecef(builder, edge, (i + 0.5) / edge->pieces);
        struct ecef end = edge_ecef(builder, edge, (i + 1.0) / edge->pieces);
        double chords_m = apart_m(start, middle) + apart_m(middle, end);
        double length_m = edge->geodesic ? edge->length_m / edge->pieces
                                         : (4 * chords_m - apart_m(start, end)) / 3;
        put_piece(builder, start, middle, end);
        builder->piece_edge[builder->pieces] = (uint32_t)builder->edges;
        if (builder->station_m)
            builder->station_m[builder->pieces] = builder->length_m;
        builder->length_m += length_m;
        builder->pieces++;
        start = end;
    }
    builder->end = start;
    builder->end_lat_deg = edge->end_lat_deg;
    builder->end_lon_deg = edge->end_lon_deg;
}

static void add_edge(struct builder *builder, const struct edge *edge)
{
    if (builder->fill) {
        builder->edge_piece[builder->edges] = (uint32_t)builder->pieces;
        fill_edge(builder, edge);
    } else {
        builder->pieces += edge->pieces;
    }
    builder->edges++;
}

/* The points that the frame is fitted to: a few hundred vertices spread over all. */
struct samples {
    size_t count;
    struct ecef points[FRAME_SAMPLES];
};

static size_t sample_step(size_t vertices)
{
    return vertices / FRAME_SAMPLES + 1;
}

static struct distance_vec unit(double x, double y, double z)
{
    double r = num_sqrt(x * x + y * y + z * z);
    return (struct distance_vec){x / r, y / r, z / r};
}

static struct distance_vec cross(struct distance_vec a, struct distance_vec b)
{
    return (struct distance_vec){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z,
                                 a.x * b.y - a.y * b.x};
}

/* A frame upright at the mean of the samples (anyhow, if that is near the earth's centre). */
static void frame_stand(struct distance_index *index, const struct samples *samples)
{
    struct ecef sum = {0, 0, 0};
    for (size_t i = 0; i < samples->count; i++) {
        sum.x_m += samples->points[i].x_m;
        sum.y_m += samples->points[i].y_m;
        sum.z_m += samples->points[i].z_m;
    }
    double n = (double)samples->count;
    index->origin = (struct ecef){sum.x_m / n, sum.y_m / n, sum.z_m / n};
    struct ecef o = index->origin;
    bool low = absolute(o.x_m) + absolute(o.y_m) + absolute(o.z_m) < 1;
    index->up = low ? (struct distance_vec){0, 0, 1} : unit(o.x_m, o.y_m, o.z_m);
    struct distance_vec least = absolute(index->up.z) < 0.9 ? (struct distance_vec){0, 0, 1}
                                                            : (struct distance_vec){1, 0, 0};
    struct distance_vec east = cross(least, index->up);
    index->along = unit(east.x, east.y, east.z);
    index->across = cross(index->up, index->along);
}

/* Turned about its upright so that x is the principal axis of the samples: boxes of a line are
 * slimmest along the line. The greater eigenvector of [[xx, xy], [xy, yy]]. */
static void frame_turn(struct distance_index *index, const struct samples *samples)
{
    double xx = 0, xy = 0, yy = 0;
    for (size_t i = 0; i < samples->count; i++) {
        struct distance_vec p = distance_local(index, samples->points[i]);
        xx += p.x * p.x;
        xy += p.x * p.y;
        yy += p.y * p.y;
    }
    double half = (xx - yy) / 2, root = num_sqrt(half * half + xy * xy);
    double x = half > 0 ? half + root : xy, y = half > 0 ? xy : root - half;
    if (x == 0 && y == 0)
        return;
    struct distance_vec turn = unit(x, y, 0), a = index->along, b = index->across;
    index->along =
        unit(turn.x * a.x + turn.y * b.x, turn.x * a.y + turn.y * b.y, turn.x * a.z + turn.y * b.z);
    index->across = cross(index->up, index->along);
}

static int builder_alloc(struct builder *builder, bool stations, struct arena *arena,
                         struct err *err)
{
    if (builder->pieces > DISTANCE_PIECES_MAX)
        return err_set(err, EXIT_DATA,
                       "distance index: more than %u edges of %.0f m; give the line fewer or "
                       "shorter edges",
                       DISTANCE_PIECES_MAX, DISTANCE_EDGE_M);
    size_t pieces = builder->pieces, edges = builder->edges;
    builder->index = ARENA_ARRAY(arena, struct distance_index, 1);
    builder->blocks = ARENA_ARRAY(arena, struct distance_block, (pieces + LANES - 1) / LANES);
    builder->bows = ARENA_ARRAY(arena, struct distance_bow, pieces);
    builder->piece_edge = ARENA_ARRAY(arena, uint32_t, pieces);
    builder->edge_piece = ARENA_ARRAY(arena, uint32_t, edges + 1);
    builder->station_m = stations ? ARENA_ARRAY(arena, double, pieces + 1) : NULL;
    if (!builder->index || !builder->blocks || !builder->bows || !builder->piece_edge ||
        !builder->edge_piece || (stations && !builder->station_m))
        return err_set(err, EXIT_CONFIG, "distance index: no memory for %zu edges under the limit",
                       pieces);
    for (int k = 0; k < DISTANCE_SINES; k++)
        builder->index->sine[k] = geodesic_to_ecef(0, k).y_m / GEODESIC_WGS84_A;
    builder->fill = true;
    builder->end_lat_deg = NOWHERE_DEG;
    builder->pieces = builder->edges = 0;
    return 0;
}

/* A box around pieces, growing. */
struct box {
    float west, east, south, north;
};

static const struct box box_none = {NOWHERE_M, -NOWHERE_M, NOWHERE_M, -NOWHERE_M};

static void box_add(struct box *box, double x, double y)
{
    box->west = (float)x < box->west ? (float)x : box->west;
    box->east = (float)x > box->east ? (float)x : box->east;
    box->south = (float)y < box->south ? (float)y : box->south;
    box->north = (float)y > box->north ? (float)y : box->north;
}

static struct box block_box(const struct distance_index *index, uint32_t b)
{
    const struct distance_block *block = &index->blocks[b];
    struct box box = box_none;
    for (uint32_t k = 0; k < LANES && b * LANES + k < index->piece_count; k++) {
        box_add(&box, block->x[k / 2][k % 2], block->y[k / 2][k % 2]);
        box_add(&box, block->x[k / 2][k % 2] + block->dx[k / 2][k % 2],
                block->y[k / 2][k % 2] + block->dy[k / 2][k % 2]);
    }
    return box;
}

static struct box node_box(const struct distance_node *node)
{
    struct box box = box_none;
    for (uint32_t k = 0; k < LANES; k++) {
        box.west = node->west[k / 4][k % 4] < box.west ? node->west[k / 4][k % 4] : box.west;
        box.east = node->east[k / 4][k % 4] > box.east ? node->east[k / 4][k % 4] : box.east;
        box.south = node->south[k / 4][k % 4] < box.south ? node->south[k / 4][k % 4] : box.south;
        box.north = node->north[k / 4][k % 4] > box.north ? node->north[k / 4][k % 4] : box.north;
    }
    return box;
}

static void node_put(struct distance_node *node, uint32_t k, struct box box)
{
    node->west[k / 4][k % 4] = box.west;
    node->east[k / 4][k % 4] = box.east;
    node->south[k / 4][k % 4] = box.south;
    node->north[k / 4][k % 4] = box.north;
}

/* One level over `children` blocks or nodes. */
static struct distance_node *build_level(const struct distance_index *index, uint32_t level,
                                         uint32_t children, struct arena *arena)
{
    uint32_t count = (children + LANES - 1) / LANES;
    struct distance_node *nodes = ARENA_ARRAY(arena, struct distance_node, count);
    for (uint32_t i = 0; nodes && i < count * LANES; i++) {
        struct box box = box_none;
        if (i < children)
            box = level == 0 ? block_box(index, i) : node_box(&index->levels[level - 1][i]);
        node_put(&nodes[i / LANES], i % LANES, box);
    }
    return nodes;
}

/* The boxes are exact so far; now they are widened by what a float of this size may lose. The bow
 * is in the limits that they are compared with. */
static void widen_level(struct distance_node *nodes, uint32_t count, float by)
{
    for (uint32_t i = 0; i < count; i++) {
        for (int k = 0; k < DISTANCE_FOURS; k++) {
            nodes[i].west[k] -= by;
            nodes[i].east[k] += by;
            nodes[i].south[k] -= by;
            nodes[i].north[k] += by;
        }
    }
}

static float largest_of(const struct distance_node *top)
{
    struct box box = node_box(top);
    double x = larger(absolute(box.west), absolute(box.east));
    return (float)larger(x, larger(absolute(box.south), absolute(box.north)));
}

static int build_tree(struct distance_index *index, struct arena *arena, struct err *err)
{
    struct distance_node *nodes[DISTANCE_LEVELS_MAX];
    uint32_t counts[DISTANCE_LEVELS_MAX];
    uint32_t children = (index->piece_count + LANES - 1) / LANES;
    do {
        uint32_t level = index->level_count;
        assert(level < DISTANCE_LEVELS_MAX);
        nodes[level] = build_level(index, level, children, arena);
        if (!nodes[level])
            return err_set(err, EXIT_CONFIG,
                           "distance index: no memory for a tree over %u edges under the limit",
                           index->piece_count);
        index->levels[level] = nodes[level];
        children = counts[level] = (children + LANES - 1) / LANES;
        index->level_count++;
    } while (children > 1);
    float by = largest_of(nodes[index->level_count - 1]) * FLOAT_LOSS;
    for (uint32_t level = 0; level < index->level_count; level++)
        widen_level(nodes[level], counts[level], by);
    return 0;
}

/* Lanes of the last block that no piece has: so far away that no limit is above them. */
static void fill_lanes(struct builder *builder)
{
    for (uint64_t i = builder->pieces; i % LANES != 0; i++)
        builder->blocks[i / LANES].x[i % LANES / 2][i % 2] = (double)NOWHERE_M;
}

static int builder_end(struct builder *builder, struct arena *arena,
                       const struct distance_index **ret_index, struct err *err)
{
    struct distance_index *index = builder->index;
    index->piece_count = (uint32_t)builder->pieces;
    index->edge_count = (uint32_t)builder->edges;
    builder->edge_piece[builder->edges] = (uint32_t)builder->pieces;
    if (builder->station_m)
        builder->station_m[builder->pieces] = builder->length_m;
    fill_lanes(builder);
    index->blocks = builder->blocks;
    index->bows = builder->bows;
    index->piece_edge = builder->piece_edge;
    index->edge_piece = builder->edge_piece;
    index->station_m = builder->station_m;
    index->length_m = builder->length_m;
    index->bow_max_m = builder->bow_max_m;
    if (build_tree(index, arena, err) != 0)
        return ERR_FAIL;
    *ret_index = index;
    return 0;
}

/* ----------------------------------------------------------------------------------- lines */

struct polyline {
    const double *lon_deg, *lat_deg;
    size_t count;
    bool lonlat;
};

static int polyline_check(const struct polyline *line, struct err *err)
{
    if (line->count == 0)
        return err_set(err, EXIT_DATA, "line: no vertex; give at least one");
    if (line->count > DISTANCE_PIECES_MAX)
        return err_set(err, EXIT_DATA, "line: %zu vertices; at most %u", line->count,
                       DISTANCE_PIECES_MAX);
    for (size_t i = 0; i < line->count; i++) {
        bool fine = absolute(line->lat_deg[i]) <= 90 && absolute(line->lon_deg[i]) <= LON_MAX_DEG;
        if (!fine)
            return err_set(err, EXIT_DATA,
                           "line: vertex %zu: latitude beyond 90 or longitude no number of degrees",
                           i);
    }
    return 0;
}

/* b - a, the short way round. */
static double short_way_deg(double a_deg, double b_deg)
{
    double d = b_deg - a_deg;
    while (d > 180)
        d -= 360;
    while (d < -180)
        d += 360;
    return d;
}

static int geodesic_edge(double lat1_deg, double lon1_deg, double lat2_deg, double lon2_deg,
                         struct edge *ret_edge)
{
    struct edge edge = {.lat_deg = lat1_deg, .lon_deg = lon1_deg, .geodesic = true};
    double azi_deg;
    if (geodesic_inverse(lat1_deg, lon1_deg, lat2_deg, lon2_deg, &edge.length_m, &azi_deg, NULL))
        return -1;
    geodesic_line_init(&edge.line, lat1_deg, lon1_deg, azi_deg);
    edge.end_lat_deg = lat2_deg;
    edge.end_lon_deg = lon2_deg;
    edge.pieces = parts(edge.length_m, DISTANCE_EDGE_M);
    *ret_edge = edge;
    return 0;
}

/* Edge i, from vertex i to the next; a line of one vertex has one edge of no length. */
static int polyline_edge(const struct polyline *line, size_t i, struct edge *ret_edge,
                         struct err *err)
{
    size_t j = i + 1 < line->count ? i + 1 : i;
    double lat1 = line->lat_deg[i], lon1 = line->lon_deg[i];
    double lat2 = line->lat_deg[j], lon2 = line->lon_deg[j];
    if (line->lonlat) {
        *ret_edge = lonlat_edge(lat1, lon1, lat2 - lat1, short_way_deg(lon1, lon2));
        return 0;
    }
    if (geodesic_edge(lat1, lon1, lat2, lon2, ret_edge) != 0)
        return err_set(err, EXIT_DATA,
                       "line: edge %zu is longer than %.0f km; put a vertex between its ends", i,
                       GEODESIC_INVERSE_MAX_M / 1000);
    return 0;
}

static int polyline_pass(struct builder *builder, const struct polyline *line, struct err *err)
{
    size_t edges = line->count > 1 ? line->count - 1 : 1;
    for (size_t i = 0; i < edges; i++) {
        struct edge edge;
        if (polyline_edge(line, i, &edge, err) != 0)
            return ERR_FAIL;
        add_edge(builder, &edge);
    }
    return 0;
}

static void polyline_frame(struct distance_index *index, const struct polyline *line)
{
    struct samples samples = {.count = 0};
    for (size_t i = 0; i < line->count; i += sample_step(line->count))
        samples.points[samples.count++] = geodesic_to_ecef(line->lat_deg[i], line->lon_deg[i]);
    frame_stand(index, &samples);
    frame_turn(index, &samples);
}

int distance_of_line(const double *lon_deg, const double *lat_deg, size_t count, int lonlat_edges,
                     struct arena *arena, const struct distance_index **ret_index, struct err *err)
{
    struct polyline line = {
        .lon_deg = lon_deg, .lat_deg = lat_deg, .count = count, .lonlat = lonlat_edges != 0};
    struct builder builder = {.index = NULL};
    if (polyline_check(&line, err) != 0 || polyline_pass(&builder, &line, err) != 0 ||
        builder_alloc(&builder, true, arena, err) != 0)
        return ERR_FAIL;
    polyline_frame(builder.index, &line);
    if (polyline_pass(&builder, &line, err) != 0)
        return ERR_FAIL;
    return builder_end(&builder, arena, ret_index, err);
}

/* --------------------------------------------------------------------------------- regions */

static double from_e7(double e7)
{
    return e7 / 1e7;
}

/* Edge i of a region: from vertex i to the next of its ring. */
static struct edge region_edge(const struct region *region, uint32_t i, uint32_t next)
{
    double dlat_e7 = (double)region->lat_e7[next] - region->lat_e7[i];
    double dlon_e7 = (double)region->lon_e7[next] - region->lon_e7[i];
    struct edge edge = lonlat_edge(from_e7(region->lat_e7[i]), from_e7(region->lon_e7[i]),
                                   from_e7(dlat_e7), from_e7(dlon_e7));
    edge.end_lat_deg = from_e7(region->lat_e7[next]);
    edge.end_lon_deg = from_e7(region->lon_e7[next]);
    return edge;
}

/*
 * A region all round a pole is cut open along a meridian, and closed along the latitude of the
 * pole (region.h, R5). Neither is a border on the ground: such an edge has no pieces.
 */
static bool is_seam(const struct region *region, uint32_t a, uint32_t b)
{
    if ((int64_t)region->east_e7 - region->west_e7 != TURN_E7)
        return false;
    int32_t lat_a = region->lat_e7[a], lat_b = region->lat_e7[b];
    bool pole = lat_a == lat_b && (lat_a == LAT_E7_MAX || lat_a == -LAT_E7_MAX);
    bool side = region->lon_e7[a] == region->lon_e7[b] &&
                (region->lon_e7[a] == region->west_e7 || region->lon_e7[a] == region->east_e7);
    return pole || side;
}

static void region_pass(struct builder *builder, const struct region *region)
{
    for (uint32_t ring = 0; ring < region->ring_count; ring++) {
        uint32_t first = region->ring_start[ring], end = region->ring_start[ring + 1];
        for (uint32_t i = first; i < end; i++) {
            uint32_t next = i + 1 < end ? i + 1 : first;
            struct edge edge = region_edge(region, i, next);
            if (is_seam(region, i, next))
                edge.pieces = 0;
            add_edge(builder, &edge);
        }
    }
}

static void region_frame(struct distance_index *index, const struct region *region)
{
    struct samples samples = {.count = 0};
    uint32_t vertices = region->ring_start[region->ring_count];
    for (size_t i = 0; i < vertices; i += sample_step(vertices))
        samples.points[samples.count++] =
            geodesic_to_ecef(from_e7(region->lat_e7[i]), from_e7(region->lon_e7[i]));
    frame_stand(index, &samples);
    frame_turn(index, &samples);
}

int distance_of_region(const struct region *region, struct arena *arena,
                       const struct distance_index **ret_index, struct err *err)
{
    struct builder builder = {.index = NULL};
    *ret_index = NULL;
    if (region->ring_count == 0)
        return 0;
    region_pass(&builder, region);
    if (builder.pieces == 0) /* the whole earth */
        return 0;
    if (builder_alloc(&builder, false, arena, err) != 0)
        return ERR_FAIL;
    region_frame(builder.index, region);
    region_pass(&builder, region);
    return builder_end(&builder, arena, ret_index, err);
}
