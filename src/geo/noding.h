#ifndef GEO_NODING_H
#define GEO_NODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * Edges that may cross, touch and overlap in; a planar graph out: every two edges of it meet at a
 * common end or not at all. Exact integer predicates; a crossing becomes a vertex at the nearest
 * 1e-7 degree, so an edge moves by less than one unit for each vertex it gains. Moving can make
 * new crossings, hence passes until none is left.
 */
#define NODING_EDGES_MAX  (1u << 22)
#define NODING_PASSES_MAX 50

/* Products of coordinate differences: up to 2^66. */
__extension__ typedef __int128 int128;

struct vertex {
    int32_t lon_e7, lat_e7;
};

static inline bool vertex_same(struct vertex a, struct vertex b)
{
    return a.lon_e7 == b.lon_e7 && a.lat_e7 == b.lat_e7;
}

/* By longitude, then latitude. */
static inline bool vertex_before(struct vertex a, struct vertex b)
{
    return a.lon_e7 != b.lon_e7 ? a.lon_e7 < b.lon_e7 : a.lat_e7 < b.lat_e7;
}

/* > 0: c lies left of the way from a to b; 0: on their straight line. Exact. */
static inline int vertex_turn(struct vertex a, struct vertex b, struct vertex c)
{
    int128 x = (int128)((int64_t)b.lon_e7 - a.lon_e7) * ((int64_t)c.lat_e7 - a.lat_e7);
    int128 y = (int128)((int64_t)b.lat_e7 - a.lat_e7) * ((int64_t)c.lon_e7 - a.lon_e7);
    return x > y ? 1 : x < y ? -1 : 0;
}

/* Whether the ray from a place (1e-7 degree) due east meets the edge from a to b: for even-odd
 * counts at places that no edge passes through. */
static inline bool vertex_ray_meets(struct vertex a, struct vertex b, double x, double y)
{
    if ((a.lat_e7 > y) == (b.lat_e7 > y))
        return false;
    double run = (double)b.lon_e7 - a.lon_e7, rise = (double)b.lat_e7 - a.lat_e7;
    return x < a.lon_e7 + run * (y - a.lat_e7) / rise;
}

struct edge {
    struct vertex a, b; /* a before b */
    uint32_t owner;     /* what the caller called it; of edges that coincide, the lowest */
};

/* A growing list of edges in an arena. */
struct edges {
    struct edge *edge;
    size_t count, cap;
    struct arena *arena;
    bool full; /* NODING_EDGES_MAX or the arena is reached: the list is not whole */
};

void edges_init(struct edges *edges, struct arena *arena);
void edges_add(struct edges *edges, struct vertex a, struct vertex b, uint32_t owner);

/* Replaces the list by the planar graph of it, sorted, each edge once. */
int noding_make_planar(struct edges *edges, struct err *err);

/* The first pair that crosses in its insides or overlaps along a piece (touching is neither).
 * False: there is none. Edges keep their order; owners tell whose they are. */
bool noding_find_conflict(const struct edges *edges, struct arena *scratch, size_t *ret_i,
                          size_t *ret_j);

/* ---- the bucket grid under it, for whoever asks what is near ---------------------------- */

/* Edges by square cells of equal size, about one edge a cell. */
struct buckets {
    int32_t west_e7, south_e7;
    int64_t cell_e7; /* side of a cell */
    uint32_t columns, rows;
    uint32_t *start; /* columns * rows + 1 offsets into `edge` */
    uint32_t *edge;  /* indices of the edges that touch the cell (a few more may stand) */
};

bool buckets_init(struct buckets *buckets, const struct edge *edge, size_t count,
                  struct arena *arena);

#endif
