#ifndef GEO_DISTANCE_INDEX_H
#define GEO_DISTANCE_INDEX_H

#include <stdint.h>

#include "geo/distance.h"
#include "geo/geodesic.h"

/*
 * The layout that distance_build.c makes and distance.c searches.
 *
 * Pieces are the densified edges in the order given, eight to a block. Above them stands a tree
 * without pointers: node i of level 0 has the blocks 8i .. 8i + 7 for children, node i of level l
 * the nodes 8i .. 8i + 7 of level l - 1, and the top level is one node. As neighbours in order are
 * neighbours on the ground, this is as good as a tree built by sorting.
 *
 * Everything is in a frame of the index's own, metres: x along the greatest extent, y across it,
 * z up at the middle. Boxes leave z out: it is the shortest side of nearly every box, and a bound
 * without it is still a lower bound. They are float, widened by what float and the bow may lose.
 */
#define DISTANCE_LANES      8
#define DISTANCE_LANES_LOG2 3
#define DISTANCE_SINES      (360 + 90 + 1) /* the cosine of k degrees is the sine of k + 90 */
#define DISTANCE_LEVELS_MAX 7              /* 8^(7 + 1) = DISTANCE_PIECES_MAX */

struct distance_vec {
    double x, y, z;
};

/* What one instruction does on every machine we run on: gcc and clang translate to SSE2 or NEON,
 * and the results are those of the scalar operations. */
typedef double distance_vec2 __attribute__((vector_size(16)));
typedef float distance_vec4 __attribute__((vector_size(16)));
typedef int64_t distance_mask2 __attribute__((vector_size(16)));
typedef int32_t distance_mask4 __attribute__((vector_size(16)));
#define DISTANCE_PAIRS (DISTANCE_LANES / 2)
#define DISTANCE_FOURS (DISTANCE_LANES / 4)

/* Lane k is [k / 2][k % 2]. */
struct distance_block {
    distance_vec2 x[DISTANCE_PAIRS], y[DISTANCE_PAIRS], z[DISTANCE_PAIRS];    /* chord starts */
    distance_vec2 dx[DISTANCE_PAIRS], dy[DISTANCE_PAIRS], dz[DISTANCE_PAIRS]; /* to their ends */
    distance_vec2 per_square[DISTANCE_PAIRS]; /* 1 / |d|^2, or 0 if that is 0 */
};

/* The children's boxes: x from west to east, y from south to north. Child k is [k / 4][k % 4]. */
struct distance_node {
    distance_vec4 west[DISTANCE_FOURS], east[DISTANCE_FOURS];
    distance_vec4 south[DISTANCE_FOURS], north[DISTANCE_FOURS];
};

/* The middle of the piece less the middle of its chord. */
struct distance_bow {
    float x, y, z;
};

struct distance_index {
    struct ecef origin;
    struct distance_vec along, across, up; /* unit vectors of the frame, earth-centred */
    uint32_t piece_count, edge_count;
    uint32_t level_count;
    const struct distance_node *levels[DISTANCE_LEVELS_MAX];
    const struct distance_block *blocks;
    const struct distance_bow *bows;
    const uint32_t *piece_edge;
    const uint32_t *edge_piece; /* first piece of each edge; edge_count + 1 */
    const double *station_m;    /* of each piece's start; piece_count + 1; NULL for regions */
    double bow_max_m;
    double length_m;
    double sine[DISTANCE_SINES]; /* of whole degrees */
};

/*
 * The map: square cells in the plane of the frame. Whatever point of the ellipsoid stands in a
 * cell, its nearest foot is in one of the blocks named; 0 blocks: too many to name.
 */
#define DISTANCE_CELL_BLOCKS 7 /* with their count, half a cache line */

struct distance_cell {
    uint32_t count;
    uint32_t blocks[DISTANCE_CELL_BLOCKS];
};

struct distance_map {
    const struct distance_index *index;
    double west_m, south_m, floor_m; /* x, y of the corner; points below the floor are not meant */
    double cell_m, per_cell;         /* and 1 / cell_m */
    uint32_t columns, rows;
    const struct distance_cell *cells; /* by rows */
};

/* Into the frame of the index. */
static inline struct distance_vec distance_local(const struct distance_index *index,
                                                 struct ecef point)
{
    double x = point.x_m - index->origin.x_m, y = point.y_m - index->origin.y_m,
           z = point.z_m - index->origin.z_m;
    return (struct distance_vec){
        .x = x * index->along.x + y * index->along.y + z * index->along.z,
        .y = x * index->across.x + y * index->across.y + z * index->across.z,
        .z = x * index->up.x + y * index->up.y + z * index->up.z,
    };
}

#endif
