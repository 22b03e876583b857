#include "geo/arrange.h"

#include <string.h>

#include "num/num.h"

/*
 * Half-edges: edge i of the planar graph is 2i from its first end and 2i + 1 from its second.
 *
 *   node[h]         the node where h starts
 *   out[]           all half-edges by node, those of a node counter-clockwise
 *   place[h]        where h stands in out[]
 *   face[h]         the loop of half-edges that has h, with its face on the left
 *
 * From h, the loop goes on with the half-edge that comes next clockwise from h's twin.
 */
struct graph {
    const struct edge *edge;
    uint32_t half_count, node_count, face_count;
    uint32_t *node, *out, *place, *face;
    uint32_t *node_start; /* node_count + 1 offsets into out[] */
    uint8_t *inside;      /* by face: bit i for region i */
    bool fine;
    struct buckets buckets;
};

static struct vertex half_from(const struct graph *g, uint32_t h)
{
    return h & 1 ? g->edge[h / 2].b : g->edge[h / 2].a;
}

static struct vertex half_to(const struct graph *g, uint32_t h)
{
    return half_from(g, h ^ 1);
}

static bool graph_alloc(struct graph *g, size_t edge_count, struct arena *arena)
{
    size_t n = edge_count * 2 + 1;
    g->half_count = (uint32_t)(edge_count * 2);
    g->node = ARENA_ARRAY(arena, uint32_t, n);
    g->out = ARENA_ARRAY(arena, uint32_t, n);
    g->place = ARENA_ARRAY(arena, uint32_t, n);
    g->node_start = ARENA_ARRAY(arena, uint32_t, n + 1);
    g->face = ARENA_ARRAY(arena, uint32_t, n);
    return g->node && g->out && g->place && g->node_start && g->face &&
           buckets_init(&g->buckets, g->edge, edge_count, arena);
}

/* ---- nodes ---------------------------------------------------------------------------------- */

/* A table of the half-edges by the place they start from, open addressing. */
struct table {
    uint32_t *half; /* one more than the number of a half-edge; 0: free */
    size_t mask;
};

static size_t slot_of(const struct table *t, struct vertex v)
{
    uint64_t mix = (uint64_t)v.lon_e9 * UINT64_C(0x9e3779b97f4a7c15) ^
                   (uint64_t)v.lat_e9 * UINT64_C(0xc2b2ae3d27d4eb4f);
    return (size_t)(mix ^ mix >> 29) & t->mask;
}

/* Numbers the nodes in order of their first half-edges. */
static void number_nodes(struct graph *g, struct table *t)
{
    for (uint32_t h = 0; h < g->half_count; h++) {
        struct vertex v = half_from(g, h);
        size_t slot = slot_of(t, v);
        while (t->half[slot] && !vertex_same(half_from(g, t->half[slot] - 1), v))
            slot = (slot + 1) & t->mask;
        if (t->half[slot]) {
            g->node[h] = g->node[t->half[slot] - 1];
        } else {
            t->half[slot] = h + 1;
            g->node[h] = g->node_count++;
        }
    }
}

/* Counter-clockwise from due east: 0 for the half turn to due west, 1 for the other. */
static int half_plane(struct vertex from, struct vertex to)
{
    if (to.lat_e9 != from.lat_e9)
        return to.lat_e9 < from.lat_e9;
    return to.lon_e9 < from.lon_e9;
}

/* Whether p comes before q counter-clockwise, both from one node. */
static bool half_before(const struct graph *g, uint32_t p, uint32_t q)
{
    struct vertex from = half_from(g, p), to_p = half_to(g, p), to_q = half_to(g, q);
    int p_half = half_plane(from, to_p), q_half = half_plane(from, to_q);
    return p_half != q_half ? p_half < q_half : vertex_turn(from, to_p, to_q) > 0;
}

/* Few half-edges meet at a node: two nearly always, and those are in order as they are. */
static void sort_node(struct graph *g, uint32_t start, uint32_t end)
{
    for (uint32_t i = start + 1; i < end && end - start > 2; i++) {
        uint32_t h = g->out[i], k = i;
        for (; k > start && half_before(g, h, g->out[k - 1]); k--)
            g->out[k] = g->out[k - 1];
        g->out[k] = h;
    }
    for (uint32_t i = start; i < end; i++)
        g->place[g->out[i]] = i;
}

static void fill_nodes(struct graph *g)
{
    uint32_t *start = g->node_start;
    for (uint32_t h = 0; h < g->half_count; h++)
        start[g->node[h] + 1]++;
    for (uint32_t k = 0; k < g->node_count; k++)
        start[k + 1] += start[k];
    for (uint32_t h = g->half_count; h-- > 0;) /* place[] counts what a node has already */
        g->out[start[g->node[h]] + g->place[g->node[h]]++] = h;
    for (uint32_t k = 0; k < g->node_count; k++)
        sort_node(g, start[k], start[k + 1]);
}

static bool find_nodes(struct graph *g, struct arena *arena)
{
    struct arena_mark mark = arena_mark(arena);
    size_t size = 16;
    while (size < (size_t)g->half_count * 2)
        size *= 2;
    struct table table = {ARENA_ARRAY(arena, uint32_t, size), size - 1};
    if (!table.half)
        return false;
    number_nodes(g, &table);
    arena_rewind(arena, mark);
    fill_nodes(g);
    return true;
}

/* The next half-edge clockwise around the node that h starts from. */
static uint32_t clockwise(const struct graph *g, uint32_t h)
{
    uint32_t k = g->place[h], start = g->node_start[g->node[h]];
    return g->out[k == start ? g->node_start[g->node[h] + 1] - 1 : k - 1];
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
 * than this: about 200 m, in units of 1e-9 degree. */
#define ASK_REACH_E9 4e6
/* Nearer than this to two edges, rounding may decide: such a place is not held against the face. */
#define ASK_CLEAR_E9 1000.0
#define ASK_PLACES   24

struct probe {
    double lon_e9, lat_e9;
    double clear_e9; /* distance to the nearest edge */
};

struct ray {
    double x, y, dx, dy; /* from, and unit direction */
    double reach;        /* to the first edge met so far */
};

static void ray_meet(struct ray *ray, struct edge e)
{
    double ex = (double)(e.b.lon_e9 - e.a.lon_e9), ey = (double)(e.b.lat_e9 - e.a.lat_e9);
    double ax = (double)e.a.lon_e9 - ray->x, ay = (double)e.a.lat_e9 - ray->y;
    double over = ray->dx * ey - ray->dy * ex;
    if (over == 0.0)
        return;
    double along = (ax * ey - ay * ex) / over;
    double t = (ax * ray->dy - ay * ray->dx) / over;
    /* a ray through a vertex must not slip between its two edges */
    if (t >= -1e-9 && t <= 1.0 + 1e-9 && along > 0.0 && along < ray->reach)
        ray->reach = along;
}

static int64_t cell_at(double at, int64_t origin, int shift, int64_t count)
{
    int64_t cell = ((int64_t)at - origin) >> shift;
    return cell < 0 ? 0 : cell >= count ? count - 1 : cell;
}

/* The cells of the bucket grid between two corners. */
struct window {
    int64_t column_from, column_to, row_from, row_to;
};

static struct window window_of(const struct buckets *b, double x1, double y1, double x2, double y2)
{
    return (struct window){cell_at(x1 < x2 ? x1 : x2, b->west_e9, b->shift, b->columns),
                           cell_at(x1 < x2 ? x2 : x1, b->west_e9, b->shift, b->columns),
                           cell_at(y1 < y2 ? y1 : y2, b->south_e9, b->shift, b->rows),
                           cell_at(y1 < y2 ? y2 : y1, b->south_e9, b->shift, b->rows)};
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
    double ex = (double)(e.b.lon_e9 - e.a.lon_e9), ey = (double)(e.b.lat_e9 - e.a.lat_e9);
    double ax = x - (double)e.a.lon_e9, ay = y - (double)e.a.lat_e9;
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
    double dx = (double)(b.lon_e9 - a.lon_e9), dy = (double)(b.lat_e9 - a.lat_e9);
    double length = num_sqrt(dx * dx + dy * dy);
    struct ray ray = {.x = (double)(a.lon_e9 + b.lon_e9) / 2,
                      .y = (double)(a.lat_e9 + b.lat_e9) / 2,
                      .dx = -dy / length,
                      .dy = dx / length,
                      .reach = ASK_REACH_E9};
    double cell = (double)(INT64_C(4) << g->buckets.shift);
    if (ray.reach > cell)
        ray.reach = cell;
    ray_cast(g, &ray, h / 2);
    double half = ray.reach / 2, x = ray.x + ray.dx * half, y = ray.y + ray.dy * half;
    return (struct probe){x, y, clearance(g, x, y, half)};
}

struct answer {
    unsigned inside;
    struct probe at;
};

struct poll {
    struct answer best;
    bool split; /* two clear places disagree */
    struct probe other;
};

static void poll_add(struct poll *poll, struct answer answer)
{
    bool clear = answer.at.clear_e9 > ASK_CLEAR_E9 && poll->best.at.clear_e9 > ASK_CLEAR_E9;
    if (clear && answer.inside != poll->best.inside) {
        poll->split = true;
        poll->other = answer.at;
    }
    if (answer.at.clear_e9 > poll->best.at.clear_e9)
        poll->best = answer;
}

static struct answer ask_beside(const struct graph *g, struct shape shape, uint32_t h)
{
    struct probe p = probe_beside(g, h);
    return (struct answer){shape.holds(shape.self, p.lon_e9 / 1e9, p.lat_e9 / 1e9), p};
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
#define THIN_E9 2.0

static unsigned thin_inside(const struct graph *g, const uint8_t *thin, uint32_t first)
{
    unsigned inside = 0xff, among = 0;
    uint32_t h = first;
    do {
        uint32_t across = g->face[h ^ 1];
        if (!thin[across]) {
            inside &= g->inside[across];
            among = 0xff;
        }
        h = clockwise(g, h ^ 1);
    } while (h != first);
    return among ? inside : g->inside[g->face[first]];
}

static void decide_thin_faces(struct graph *g, const uint8_t *thin)
{
    for (uint32_t h = 0, next = 0; h < g->half_count; h++) {
        if (g->face[h] != next)
            continue;
        if (thin[next])
            g->inside[next] = (uint8_t)thin_inside(g, thin, h);
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
                           poll.other.lon_e9 / 1e9, poll.other.lat_e9 / 1e9);
        thin[asked] = poll.best.at.clear_e9 < THIN_E9;
        g->inside[asked++] = (uint8_t)poll.best.inside;
    }
    decide_thin_faces(g, thin);
    return 0;
}

/* ---- the boundary as rings ------------------------------------------------------------------- */

/* The rings of one region in the making. */
struct tracer {
    const struct graph *graph;
    unsigned region;
    uint8_t *done; /* by half-edge */
    struct vertex *vertex;
    uint32_t *owner, *ring_start;
    uint32_t ring_count, vertex_count;
};

static bool is_boundary(const struct tracer *t, uint32_t h)
{
    const struct graph *g = t->graph;
    unsigned here = g->inside[g->face[h]], across = g->inside[g->face[h ^ 1]];
    return (here & ~across) >> t->region & 1u;
}

static unsigned boundary_degree(const struct tracer *t, uint32_t h)
{
    const struct graph *g = t->graph;
    unsigned degree = 0;
    for (uint32_t i = g->node_start[g->node[h]]; i < g->node_start[g->node[h] + 1]; i++)
        degree += is_boundary(t, g->out[i]) || is_boundary(t, g->out[i] ^ 1);
    return degree;
}

/* The boundary half-edge that follows h: the first one clockwise from h's twin. */
static uint32_t boundary_next(const struct tracer *t, uint32_t h)
{
    do
        h = clockwise(t->graph, h ^ 1) ^ 1;
    while (!is_boundary(t, h ^ 1));
    return h ^ 1;
}

/* On the fine lattice a vertex is left out where a spare edge met the boundary, on the coarse one
 * wherever the boundary is straight; unless another ring has it too. */
static bool is_needed(const struct tracer *t, uint32_t before, uint32_t h)
{
    const struct graph *g = t->graph;
    bool straight = g->fine
                        ? g->edge[before / 2].whole == g->edge[h / 2].whole
                        : vertex_turn(half_from(g, before), half_from(g, h), half_to(g, h)) == 0;
    return !straight || boundary_degree(t, h) > 2;
}

static void trace_ring(struct tracer *t, uint32_t first)
{
    uint32_t h = first, start = t->vertex_count, n = start;
    do {
        t->done[h] = 1;
        uint32_t next = boundary_next(t, h);
        if (is_needed(t, h, next)) {
            t->vertex[n] = half_from(t->graph, next);
            t->owner[n++] = t->graph->edge[next / 2].owner;
        }
        h = next;
    } while (h != first);
    if (n - start < 3)
        return;
    t->vertex_count = n;
    t->ring_start[++t->ring_count] = n;
}

static bool trace_region(const struct graph *g, unsigned region, struct arena *scratch,
                         struct arena *arena, struct outline *ret)
{
    struct tracer t = {.graph = g, .region = region};
    uint32_t length = 0;
    t.done = ARENA_ARRAY(scratch, uint8_t, g->half_count + 1);
    for (uint32_t h = 0; h < g->half_count; h++)
        length += is_boundary(&t, h);
    t.vertex = ARENA_ARRAY(arena, struct vertex, length + 1);
    t.owner = ARENA_ARRAY(arena, uint32_t, length + 1);
    t.ring_start = ARENA_ARRAY(arena, uint32_t, length / 3 + 2);
    if (!t.done || !t.vertex || !t.owner || !t.ring_start)
        return false;
    for (uint32_t h = 0; h < g->half_count; h++)
        if (is_boundary(&t, h) && !t.done[h])
            trace_ring(&t, h);
    *ret = (struct outline){t.ring_count, t.ring_start, t.vertex, t.owner};
    return true;
}

static int arena_is_full(struct err *err)
{
    return err_set(err, EXIT_DATA, "the memory limit is reached; simplify the geometry");
}

static int graph_make(struct edges *edges, struct shape shape, struct graph *g, struct err *err)
{
    struct arena *arena = edges->arena;
    if (noding_make_planar(edges, err))
        return ERR_FAIL;
    *g = (struct graph){.edge = edges->edge, .fine = edges->step == NODING_FINE};
    if (!graph_alloc(g, edges->count, arena) || !find_nodes(g, arena))
        return arena_is_full(err);
    find_faces(g);
    g->inside = ARENA_ARRAY(arena, uint8_t, g->face_count + 1u);
    uint8_t *thin = ARENA_ARRAY(arena, uint8_t, g->face_count + 1u);
    return g->inside && thin ? ask_faces(g, shape, thin, err) : arena_is_full(err);
}

int arrange(struct edges *edges, struct shape shape, struct arena *arena,
            struct outline *ret_outlines, struct err *err)
{
    struct graph g;
    if (graph_make(edges, shape, &g, err))
        return ERR_FAIL;
    for (unsigned i = 0; i < shape.count; i++)
        if (!trace_region(&g, i, edges->arena, arena, &ret_outlines[i]))
            return arena_is_full(err);
    return 0;
}
