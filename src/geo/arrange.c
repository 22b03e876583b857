#include "geo/arrange.h"

#include <string.h>

#include "base/degree.h"
#include "base/sort.h"
#include "num/num.h"

/*
 * Half-edges: edge i of the planar graph is 2i from its first end and 2i + 1 from its second.
 *
 *   out[]      all half-edges sorted by where they start, then by angle: a node is a run of them
 *   place[h]   where h stands in out[]
 *   face[h]    the loop of half-edges that has h, with its face on the left
 *
 * From h, the loop goes on with the half-edge that comes next clockwise from h's twin.
 */
struct graph {
    const struct edge *edge;
    uint32_t half_count;
    uint32_t *out, *place,
        *node_start; /* node_start[k]: first place of the node that place k is in */
    uint32_t *node_end;
    uint32_t *face;
    uint32_t face_count;
    uint8_t *inside; /* by face */
    struct buckets buckets;
};

struct spoke {
    struct vertex from, to;
    uint32_t half;
};

static struct vertex half_from(const struct graph *g, uint32_t h)
{
    return h & 1 ? g->edge[h / 2].b : g->edge[h / 2].a;
}

static struct vertex half_to(const struct graph *g, uint32_t h)
{
    return half_from(g, h ^ 1);
}

/* Counter-clockwise from due east: 0 for the half turn to due west, 1 for the other. */
static int half_plane(const struct spoke *s)
{
    if (s->to.lat_e7 != s->from.lat_e7)
        return s->to.lat_e7 < s->from.lat_e7;
    return s->to.lon_e7 < s->from.lon_e7;
}

static bool spoke_less(const void *a, const void *b)
{
    const struct spoke *p = a, *q = b;
    if (!vertex_same(p->from, q->from))
        return vertex_before(p->from, q->from);
    int p_half = half_plane(p), q_half = half_plane(q);
    if (p_half != q_half)
        return p_half < q_half;
    return vertex_turn(p->from, p->to, q->to) > 0;
}

static bool graph_alloc(struct graph *g, size_t edge_count, struct arena *arena)
{
    size_t n = edge_count * 2 + 1;
    g->half_count = (uint32_t)(edge_count * 2);
    g->out = ARENA_ARRAY(arena, uint32_t, n);
    g->place = ARENA_ARRAY(arena, uint32_t, n);
    g->node_start = ARENA_ARRAY(arena, uint32_t, n);
    g->node_end = ARENA_ARRAY(arena, uint32_t, n);
    g->face = ARENA_ARRAY(arena, uint32_t, n);
    g->inside = ARENA_ARRAY(arena, uint8_t, n);
    return g->out && g->place && g->node_start && g->node_end && g->face && g->inside &&
           buckets_init(&g->buckets, g->edge, edge_count, arena);
}

static void mark_nodes(struct graph *g)
{
    for (uint32_t first = 0; first < g->half_count;) {
        uint32_t end = first + 1;
        while (end < g->half_count &&
               vertex_same(half_from(g, g->out[first]), half_from(g, g->out[end])))
            end++;
        for (uint32_t k = first; k < end; k++) {
            g->node_start[k] = first;
            g->node_end[k] = end;
        }
        first = end;
    }
}

static bool sort_spokes(struct graph *g, struct arena *arena)
{
    struct arena_mark mark = arena_mark(arena);
    struct spoke *spoke = ARENA_ARRAY(arena, struct spoke, g->half_count + 1);
    struct spoke *spare = ARENA_ARRAY(arena, struct spoke, g->half_count + 1);
    if (!spoke || !spare)
        return false;
    for (uint32_t h = 0; h < g->half_count; h++)
        spoke[h] = (struct spoke){half_from(g, h), half_to(g, h), h};
    sort_items(spoke, spare, g->half_count, sizeof *spoke, spoke_less);
    for (uint32_t k = 0; k < g->half_count; k++) {
        g->out[k] = spoke[k].half;
        g->place[spoke[k].half] = k;
    }
    arena_rewind(arena, mark);
    mark_nodes(g);
    return true;
}

/* The next half-edge clockwise around the node that h starts from. */
static uint32_t clockwise(const struct graph *g, uint32_t h)
{
    uint32_t k = g->place[h];
    return g->out[k == g->node_start[k] ? g->node_end[k] - 1 : k - 1];
}

static void find_faces(struct graph *g)
{
    memset(g->face, 0xff, g->half_count * sizeof *g->face);
    for (uint32_t first = 0; first < g->half_count; first++) {
        if (g->face[first] != UINT32_MAX)
            continue;
        uint32_t h = first;
        do {
            g->face[h] = g->face_count;
            h = clockwise(g, h ^ 1);
        } while (h != first);
        g->face_count++;
    }
}

/* ---- asking a face ------------------------------------------------------------------------------ */

/* A face is asked beside the middles of its edges, half way to whatever is across, but no farther
 * than this: about 200 m, in units of 1e-7 degree. */
#define ASK_REACH_E7 40000.0
/* Nearer than this to two edges, rounding may decide: such a place is not held against the face. */
#define ASK_CLEAR_E7 10.0
#define ASK_PLACES   24

struct probe {
    double lon_e7, lat_e7;
    double clear_e7; /* distance to the nearest edge */
};

struct ray {
    double x, y, dx, dy; /* from, and unit direction */
    double reach;        /* to the first edge met so far */
};

static void ray_meet(struct ray *ray, struct edge e)
{
    double ex = (double)e.b.lon_e7 - e.a.lon_e7, ey = (double)e.b.lat_e7 - e.a.lat_e7;
    double ax = e.a.lon_e7 - ray->x, ay = e.a.lat_e7 - ray->y;
    double over = ray->dx * ey - ray->dy * ex;
    if (over == 0.0)
        return;
    double along = (ax * ey - ay * ex) / over;
    double t = (ax * ray->dy - ay * ray->dx) / over;
    /* a ray through a vertex must not slip between its two edges */
    if (t >= -1e-9 && t <= 1.0 + 1e-9 && along > 0.0 && along < ray->reach)
        ray->reach = along;
}

static int64_t cell_at(double at, int64_t origin, int64_t size, int64_t count)
{
    double cell = (at - (double)origin) / (double)size;
    return cell < 0.0 ? 0 : cell >= (double)count ? count - 1 : (int64_t)cell;
}

/* The cells of the bucket grid between two corners. */
struct window {
    int64_t column_from, column_to, row_from, row_to;
};

static struct window window_of(const struct buckets *b, double x1, double y1, double x2, double y2)
{
    return (struct window){cell_at(x1 < x2 ? x1 : x2, b->west_e7, b->cell_e7, b->columns),
                           cell_at(x1 < x2 ? x2 : x1, b->west_e7, b->cell_e7, b->columns),
                           cell_at(y1 < y2 ? y1 : y2, b->south_e7, b->cell_e7, b->rows),
                           cell_at(y1 < y2 ? y2 : y1, b->south_e7, b->cell_e7, b->rows)};
}

static void ray_cast(const struct graph *g, struct ray *ray, uint32_t own)
{
    const struct buckets *b = &g->buckets;
    struct window w =
        window_of(b, ray->x, ray->y, ray->x + ray->dx * ray->reach, ray->y + ray->dy * ray->reach);
    for (int64_t row = w.row_from; row <= w.row_to; row++)
        for (int64_t column = w.column_from; column <= w.column_to; column++) {
            size_t cell = (size_t)(row * b->columns + column);
            for (uint32_t i = b->start[cell]; i < b->start[cell + 1]; i++)
                if (b->edge[i] != own)
                    ray_meet(ray, g->edge[b->edge[i]]);
        }
}

static double distance_to_edge(double x, double y, struct edge e)
{
    double ex = (double)e.b.lon_e7 - e.a.lon_e7, ey = (double)e.b.lat_e7 - e.a.lat_e7;
    double ax = x - e.a.lon_e7, ay = y - e.a.lat_e7;
    double t = (ax * ex + ay * ey) / (ex * ex + ey * ey);
    t = t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
    double dx = ax - t * ex, dy = ay - t * ey;
    return num_sqrt(dx * dx + dy * dy);
}

/* Distance from the place to the nearest edge, where that is below limit. */
static double clearance(const struct graph *g, double x, double y, double limit)
{
    const struct buckets *b = &g->buckets;
    struct window w = window_of(b, x - limit, y - limit, x + limit, y + limit);
    for (int64_t row = w.row_from; row <= w.row_to; row++)
        for (int64_t column = w.column_from; column <= w.column_to; column++) {
            size_t cell = (size_t)(row * b->columns + column);
            for (uint32_t i = b->start[cell]; i < b->start[cell + 1]; i++) {
                double dist = distance_to_edge(x, y, g->edge[b->edge[i]]);
                limit = dist < limit ? dist : limit;
            }
        }
    return limit;
}

static struct probe probe_beside(const struct graph *g, uint32_t h)
{
    struct vertex a = half_from(g, h), b = half_to(g, h);
    double dx = (double)b.lon_e7 - a.lon_e7, dy = (double)b.lat_e7 - a.lat_e7;
    double length = num_sqrt(dx * dx + dy * dy);
    struct ray ray = {.x = ((double)a.lon_e7 + b.lon_e7) / 2,
                      .y = ((double)a.lat_e7 + b.lat_e7) / 2,
                      .dx = -dy / length,
                      .dy = dx / length,
                      .reach = ASK_REACH_E7};
    double cell = (double)g->buckets.cell_e7 * 4.0;
    if (ray.reach > cell)
        ray.reach = cell;
    ray_cast(g, &ray, h / 2);
    double half = ray.reach / 2, x = ray.x + ray.dx * half, y = ray.y + ray.dy * half;
    return (struct probe){x, y, clearance(g, x, y, half)};
}

struct answer {
    bool inside;
    struct probe at;
};

struct poll {
    struct answer best;
    bool split; /* two clear places disagree */
    struct probe other;
};

static void poll_add(struct poll *poll, struct answer answer)
{
    bool clear = answer.at.clear_e7 > ASK_CLEAR_E7 && poll->best.at.clear_e7 > ASK_CLEAR_E7;
    if (clear && answer.inside != poll->best.inside) {
        poll->split = true;
        poll->other = answer.at;
    }
    if (answer.at.clear_e7 > poll->best.at.clear_e7)
        poll->best = answer;
}

static struct answer ask_beside(const struct graph *g, struct shape shape, uint32_t h)
{
    struct probe p = probe_beside(g, h);
    return (struct answer){shape.holds(shape.self, p.lon_e7 / 1e7, p.lat_e7 / 1e7), p};
}

/* Asks one face at up to ASK_PLACES of its edges, spread evenly over its loop. */
static struct poll ask_face(const struct graph *g, struct shape shape, uint32_t first,
                            uint32_t length)
{
    struct poll poll = {.best = ask_beside(g, shape, first)};
    uint32_t stride = length / ASK_PLACES + 1, k = 0;
    for (uint32_t h = clockwise(g, first ^ 1); h != first; h = clockwise(g, h ^ 1))
        if (++k % stride == 0)
            poll_add(&poll, ask_beside(g, shape, h));
    return poll;
}

static uint32_t loop_length(const struct graph *g, uint32_t first)
{
    uint32_t length = 1;
    for (uint32_t h = clockwise(g, first ^ 1); h != first; h = clockwise(g, h ^ 1))
        length++;
    return length;
}

/*
 * A face thinner than rounding is what two curves enclose that are drawn along the same way. It
 * has no answer of its own worth asking for: it is inside if all that it lies between is.
 */
#define THIN_E7 1.0

static bool thin_is_inside(const struct graph *g, const uint8_t *thin, uint32_t first)
{
    bool inside = false;
    uint32_t h = first;
    do {
        uint32_t across = g->face[h ^ 1];
        if (!thin[across] && !g->inside[across])
            return false;
        inside |= !thin[across];
        h = clockwise(g, h ^ 1);
    } while (h != first);
    return inside;
}

static void decide_thin_faces(struct graph *g, const uint8_t *thin)
{
    for (uint32_t h = 0, next = 0; h < g->half_count; h++) {
        if (g->face[h] != next)
            continue;
        if (thin[next])
            g->inside[next] = thin_is_inside(g, thin, h);
        next++;
    }
}

static int ask_faces(struct graph *g, struct shape shape, uint8_t *thin, struct err *err)
{
    for (uint32_t h = 0, asked = 0; h < g->half_count; h++) {
        if (g->face[h] != asked)
            continue; /* faces are numbered in order of their first half-edge */
        struct poll poll = ask_face(g, shape, h, loop_length(g, h));
        if (poll.split)
            return err_set(err, EXIT_DATA,
                           "the boundary does not close near %.5f, %.5f: this shape is too "
                           "irregular to compile; simplify the line there",
                           poll.other.lon_e7 / 1e7, poll.other.lat_e7 / 1e7);
        thin[asked] = poll.best.at.clear_e7 < THIN_E7;
        g->inside[asked++] = poll.best.inside;
    }
    decide_thin_faces(g, thin);
    return 0;
}

/* ---- the boundary as canonical rings ----------------------------------------------------------- */

struct ring {
    uint32_t start, count;
};

struct rings {
    struct vertex *vertex; /* of all rings, one after another */
    struct ring *ring;
    uint32_t ring_count, vertex_count;
};

static bool is_boundary(const struct graph *g, uint32_t h)
{
    return g->inside[g->face[h]] && !g->inside[g->face[h ^ 1]];
}

static unsigned boundary_degree(const struct graph *g, uint32_t h)
{
    unsigned degree = 0;
    uint32_t k = g->place[h];
    for (uint32_t i = g->node_start[k]; i < g->node_end[k]; i++)
        degree += is_boundary(g, g->out[i]) || is_boundary(g, g->out[i] ^ 1);
    return degree;
}

/* The boundary half-edge that follows h: the first one clockwise from h's twin. */
static uint32_t boundary_next(const struct graph *g, uint32_t h)
{
    do
        h = clockwise(g, h ^ 1) ^ 1;
    while (!is_boundary(g, h ^ 1));
    return h ^ 1;
}

static bool is_needed(const struct graph *g, uint32_t before, uint32_t h)
{
    return vertex_turn(half_from(g, before), half_from(g, h), half_to(g, h)) != 0 ||
           boundary_degree(g, h) > 2;
}

/* Turns a ring so that it starts at its lowest vertex (R4). */
static void ring_rotate(struct vertex *v, uint32_t count, struct vertex *spare)
{
    uint32_t low = 0;
    for (uint32_t i = 1; i < count; i++)
        if (vertex_before(v[i], v[low]))
            low = i;
    memcpy(spare, v, count * sizeof *v);
    for (uint32_t i = 0; i < count; i++)
        v[i] = spare[(low + i) % count];
}

static void trace_ring(const struct graph *g, uint32_t first, uint8_t *done, struct rings *rings)
{
    struct ring ring = {rings->vertex_count, 0};
    uint32_t h = first;
    do {
        done[h] = 1;
        uint32_t next = boundary_next(g, h);
        if (is_needed(g, h, next))
            rings->vertex[ring.start + ring.count++] = half_from(g, next);
        h = next;
    } while (h != first);
    if (ring.count < 3)
        return;
    rings->vertex_count += ring.count;
    rings->ring[rings->ring_count++] = ring;
}

struct ring_key {
    struct vertex first, second;
    struct ring ring;
};

static bool ring_less(const void *a, const void *b)
{
    const struct ring_key *p = a, *q = b;
    if (!vertex_same(p->first, q->first))
        return vertex_before(p->first, q->first);
    if (!vertex_same(p->second, q->second))
        return vertex_before(p->second, q->second);
    return p->ring.count < q->ring.count;
}

static bool rings_sort(struct rings *rings, struct arena *arena)
{
    struct ring_key *key = ARENA_ARRAY(arena, struct ring_key, rings->ring_count + 1);
    struct ring_key *spare = ARENA_ARRAY(arena, struct ring_key, rings->ring_count + 1);
    if (!key || !spare)
        return false;
    for (uint32_t i = 0; i < rings->ring_count; i++) {
        struct ring r = rings->ring[i];
        key[i] = (struct ring_key){rings->vertex[r.start], rings->vertex[r.start + 1], r};
    }
    sort_items(key, spare, rings->ring_count, sizeof *key, ring_less);
    for (uint32_t i = 0; i < rings->ring_count; i++)
        rings->ring[i] = key[i].ring;
    return true;
}

static bool trace_rings(const struct graph *g, struct arena *arena, struct rings *rings)
{
    uint8_t *done = ARENA_ARRAY(arena, uint8_t, g->half_count + 1);
    struct vertex *spare = ARENA_ARRAY(arena, struct vertex, g->half_count + 1);
    rings->vertex = ARENA_ARRAY(arena, struct vertex, g->half_count + 1);
    rings->ring = ARENA_ARRAY(arena, struct ring, g->half_count / 3 + 1);
    if (!done || !spare || !rings->vertex || !rings->ring)
        return false;
    for (uint32_t h = 0; h < g->half_count; h++)
        if (is_boundary(g, h) && !done[h])
            trace_ring(g, h, done, rings);
    for (uint32_t i = 0; i < rings->ring_count; i++)
        ring_rotate(rings->vertex + rings->ring[i].start, rings->ring[i].count, spare);
    return rings_sort(rings, arena);
}

struct region region_empty(void)
{
    static const uint32_t no_rings[1] = {0};
    return (struct region){.ring_start = no_rings};
}

static void region_measure(struct region *r, uint32_t vertex_count)
{
    r->west_e7 = r->south_e7 = INT32_MAX;
    r->east_e7 = r->north_e7 = INT32_MIN;
    for (uint32_t i = 0; i < vertex_count; i++) {
        r->west_e7 = r->lon_e7[i] < r->west_e7 ? r->lon_e7[i] : r->west_e7;
        r->east_e7 = r->lon_e7[i] > r->east_e7 ? r->lon_e7[i] : r->east_e7;
        r->south_e7 = r->lat_e7[i] < r->south_e7 ? r->lat_e7[i] : r->south_e7;
        r->north_e7 = r->lat_e7[i] > r->north_e7 ? r->lat_e7[i] : r->north_e7;
    }
}

/* By how much all longitudes move so that the least lies in [-180, 180) degrees (R5). */
static int64_t turn_home(const struct rings *rings)
{
    int64_t west = INT32_MAX;
    for (uint32_t i = 0; i < rings->vertex_count; i++)
        west = rings->vertex[i].lon_e7 < west ? rings->vertex[i].lon_e7 : west;
    return west < -LON_E7_MAX ? 2 * LON_E7_MAX : west >= LON_E7_MAX ? -2 * LON_E7_MAX : 0;
}

static bool region_of_rings(const struct rings *rings, struct arena *arena, struct region *ret)
{
    if (!rings->ring_count) {
        *ret = region_empty();
        return true;
    }
    uint32_t *start = ARENA_ARRAY(arena, uint32_t, rings->ring_count + 1);
    int32_t *lon = ARENA_ARRAY(arena, int32_t, rings->vertex_count + 1);
    int32_t *lat = ARENA_ARRAY(arena, int32_t, rings->vertex_count + 1);
    if (!start || !lon || !lat)
        return false;
    int64_t turn_e7 = turn_home(rings);
    uint32_t n = 0;
    for (uint32_t i = 0; i < rings->ring_count; i++) {
        start[i] = n;
        for (uint32_t k = 0; k < rings->ring[i].count; k++, n++) {
            lon[n] = (int32_t)(rings->vertex[rings->ring[i].start + k].lon_e7 + turn_e7);
            lat[n] = rings->vertex[rings->ring[i].start + k].lat_e7;
        }
    }
    start[rings->ring_count] = n;
    *ret = (struct region){
        .ring_count = rings->ring_count, .ring_start = start, .lon_e7 = lon, .lat_e7 = lat};
    region_measure(ret, n);
    return true;
}

static int arena_is_full(struct err *err)
{
    return err_set(err, EXIT_DATA, "the memory limit is reached; simplify the geometry");
}

static int graph_make(struct edges *edges, struct shape shape, struct arena *arena,
                      struct graph *ret, struct err *err)
{
    if (noding_make_planar(edges, err))
        return ERR_FAIL;
    struct graph g = {.edge = edges->edge};
    if (!graph_alloc(&g, edges->count, arena) || !sort_spokes(&g, arena))
        return arena_is_full(err);
    find_faces(&g);
    *ret = g;
    uint8_t *thin = ARENA_ARRAY(arena, uint8_t, g.half_count + 1u);
    return thin ? ask_faces(ret, shape, thin, err) : arena_is_full(err);
}

int arrange(struct edges *edges, struct shape shape, struct arena *arena, struct region *ret_region,
            struct err *err)
{
    struct graph g;
    struct rings rings = {.ring_count = 0};
    if (graph_make(edges, shape, edges->arena, &g, err))
        return ERR_FAIL;
    if (!trace_rings(&g, edges->arena, &rings) || !region_of_rings(&rings, arena, ret_region))
        return arena_is_full(err);
    return 0;
}
