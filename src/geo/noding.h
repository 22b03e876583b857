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
 * place of the lattice, so an edge moves by less than one step for each vertex it gains. Moving can
 * make new crossings, hence passes until none is left.
 *
 * Vertices are whole 1e-9 degrees (0.1 mm): a hundred times finer than those of a region, so that
 * curves, crossings and set operations add up to less than rounding to a region does, once, at the
 * end (outline.h). That rounding nodes again, with the coarse step.
 */
#define NODING_EDGES_MAX  (1u << 22)
#define NODING_PASSES_MAX 50
#define NODING_FINE       1
#define NODING_COARSE     100 /* 1e-7 degree */

__extension__ typedef __int128 int128;

struct vertex {
    int64_t lon_e9, lat_e9;
};

static inline bool vertex_same(struct vertex a, struct vertex b)
{
    return a.lon_e9 == b.lon_e9 && a.lat_e9 == b.lat_e9;
}

/* By longitude, then latitude. */
static inline bool vertex_before(struct vertex a, struct vertex b)
{
    return a.lon_e9 != b.lon_e9 ? a.lon_e9 < b.lon_e9 : a.lat_e9 < b.lat_e9;
}

int vertex_turn_exactly(struct vertex a, struct vertex b, struct vertex c);

/* > 0: c lies left of the way from a to b; 0: on their straight line. Exact: differences are below
 * 2^42 and so are doubles, and a gap between two products wider than their rounding decides. */
static inline int vertex_turn(struct vertex a, struct vertex b, struct vertex c)
{
    double x = (double)(b.lon_e9 - a.lon_e9) * (double)(c.lat_e9 - a.lat_e9);
    double y = (double)(b.lat_e9 - a.lat_e9) * (double)(c.lon_e9 - a.lon_e9);
    double slack = ((x < 0 ? -x : x) + (y < 0 ? -y : y)) * 0x1p-51;
    if (x - y > slack)
        return 1;
    return y - x > slack ? -1 : vertex_turn_exactly(a, b, c);
}

/* Whether the ray from a place (1e-9 degree) due east meets the edge from a to b: for even-odd
 * counts at places that no edge passes through. */
static inline bool vertex_ray_meets(struct vertex a, struct vertex b, double x, double y)
{
    if (((double)a.lat_e9 > y) == ((double)b.lat_e9 > y))
        return false;
    double run = (double)(b.lon_e9 - a.lon_e9), rise = (double)(b.lat_e9 - a.lat_e9);
    return x < (double)a.lon_e9 + run * (y - (double)a.lat_e9) / rise;
}

struct edge {
    struct vertex a, b; /* a before b */
    uint32_t owner;     /* what the caller called it; of edges that coincide, the lowest */
    uint32_t whole;     /* the edge that was added and of which this is a piece, by number */
};

/* A growing list of edges in an arena. */
struct edges {
    struct edge *edge;
    size_t count, cap;
    size_t fresh; /* edges from here on have not been compared with any */
    struct arena *arena;
    int64_t step;    /* of the lattice: NODING_FINE or NODING_COARSE */
    double moved_e9; /* the longest way that a crossing was rounded, in either coordinate */
    bool full;       /* NODING_EDGES_MAX or the arena is reached: the list is not whole */
};

void edges_init(struct edges *edges, struct arena *arena);
void edges_add(struct edges *edges, struct vertex a, struct vertex b, uint32_t owner);

/* Replaces the list by the planar graph of it, each edge once. */
int noding_make_planar(struct edges *edges, struct err *err);

/* Two edges of a list that keeps its order; owners tell whose they are. */
struct edge_pair {
    uint32_t i, j;
};

/* The first pair that crosses in its insides or overlaps along a piece (touching is neither).
 * False: the scratch is full. */
bool noding_find_conflict(const struct edges *edges, struct arena *scratch, bool *ret_found,
                          struct edge_pair *ret_pair);

/* The first pair that has any place in common. Except edges of the list that follow one another,
 * which may share the vertex between them: `next[i]` follows i. */
bool noding_find_touch(const struct edges *edges, const uint32_t *next, struct arena *scratch,
                       bool *ret_found);

/* ---- the bucket grid under it, for whoever asks what is near ---------------------------- */

/* Edges by square cells of equal size, about one edge a cell. */
struct buckets {
    int64_t west_e9, south_e9;
    int shift; /* a cell's side is 2^shift */
    uint32_t columns, rows;
    uint32_t *start; /* columns * rows + 1 offsets into `edge` */
    uint32_t *edge;  /* indices of the edges that touch the cell (a few more may stand) */
};

bool buckets_init(struct buckets *buckets, const struct edge *edge, size_t count,
                  struct arena *arena);

#endif
