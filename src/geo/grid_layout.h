#ifndef GEO_GRID_LAYOUT_H
#define GEO_GRID_LAYOUT_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "geo/region.h"

/*
 * How the zone grid lies in memory. Included by the files of the grid and their test only.
 *
 * FRAME. x = lon - west modulo one turn, in [0, TURN); y = lat - south. West is a meridian that no
 * region crosses; when there is none the frame is a whole turn wide and a region across its seam
 * stands in it twice.
 *
 * LEVELS. Square cells of 2^cell_shift (1e-7 degree) cover all regions, one more row and column
 * stands for everything outside. A cell that no edge touches is decided: its entry is the id of
 * its set. Any other cell has a subgrid of 2^sub_bits x 2^sub_bits leaves; a leaf that no edge
 * touches is decided likewise, any other has a run of lines. Leaves lie in tiles of 4 x 4, a cache
 * line each, so that a hop over a few leaves reads one or two lines. Touching counts the
 * border of the square and is found conservatively, so a square may list an edge too many, never
 * one too few.
 *
 * LINES. The set at a point of a leaf is the far set of the leaf, with the mask of every edge
 * flipped that lies west of the point: that a ray due west from the point would meet. So the far
 * set is what a point west of all listed edges would see. A chain of edges that stays outside of
 * the leaf is not listed, but its end at a listed edge may lie west of the leaf and between its
 * latitudes; then points north of that end meet the chain once and points south of it do not (or
 * the other way round, in the far set). A stub stands for the chain: an edge from the end due
 * north without end, at an x west of the leaf. Thus no edge is ever clipped, and every decision
 * takes the vertices as they are.
 *
 * A line is 64 bytes, one cache line, and holds edges that change the same regions. Near edges
 * have both ends within GRID_NEAR of the corner of the leaf, and all products fit 32 bits; others
 * stand in far lines. The point meets an edge from `low` (the end of lower latitude) if
 *     0 <= q < -drop  and  run * q + drop * r <= 0,   (r, q) = point - low,
 * with (run, -drop) the vector from low to high: this is the rule of region.h for borders.
 * Horizontal edges are never met, but are crossed by hops. Unused places are all 0 and never met.
 */
#define GRID_TURN_E7 UINT32_C(3600000000)

#define GRID_DEEPER UINT32_C(0x80000000) /* entry: index of a subgrid, or of a first line */

/* A decided entry is the id of a set and, of a cell, the clearance: all cells as near as that in
 * columns and rows are decided too (or outside, where nothing is). */
#define GRID_SET_ID      UINT32_C(0x00ffffff)
#define GRID_CLEAR_SHIFT 24
#define GRID_CLEAR_MAX   127

#define GRID_NEAR           16384 /* offsets in [-GRID_NEAR, GRID_NEAR) */
#define GRID_NEAR_SHIFT_MAX 14    /* larger leaves have far lines only */
#define GRID_NEAR_EDGES     7
#define GRID_FAR_EDGES      2

#define GRID_MORE UINT32_C(0x80000000) /* another line of this leaf follows */
#define GRID_FAR  UINT32_C(0x40000000) /* the line is a far line */
#define GRID_ID   UINT32_C(0x3fffffff)

struct grid_near {
    struct {
        int16_t y, x;
    } low[GRID_NEAR_EDGES]; /* from the corner of the leaf */
    uint32_t head;          /* id of the far set (first line, else of the empty set), and flags */
    struct {
        int16_t run, drop;
    } way[GRID_NEAR_EDGES];
    uint32_t mask_id; /* the regions that these edges bound, as the id of a set */
};

struct grid_far_edge {
    int64_t low_x, high_x; /* in the frame; a copy across the seam may leave it */
    int32_t low_y, high_y;
    uint32_t unused;
    uint32_t word; /* head in the first edge, mask_id in the second */
};

union grid_line {
    struct grid_near near;
    struct grid_far_edge far[GRID_FAR_EDGES];
};

static_assert(sizeof(union grid_line) == 64, "a line is a cache line");
static_assert(offsetof(struct grid_near, head) == offsetof(struct grid_far_edge, word), "head");

/* What a stub looks like, which no edge can: a near edge ends below GRID_NEAR, a far one below
 * INT32_MAX. */
#define GRID_STUB_DROP   (-GRID_NEAR)
#define GRID_STUB_HIGH_Y INT32_MAX

/* The clearance; negative if the entry goes deeper. */
static inline int32_t grid_clear(uint32_t entry)
{
    return (int32_t)entry >> GRID_CLEAR_SHIFT;
}

/* The place of a leaf in its subgrid. */
static inline uint32_t grid_tiled(uint32_t sub_bits, uint32_t col, uint32_t row)
{
    return row >> 2 << (sub_bits + 2) | col >> 2 << 4 | (row & 3) << 2 | (col & 3);
}

/* And back. */
static inline uint32_t grid_col_of(uint32_t sub_bits, uint32_t place)
{
    return (place >> 4 & ((1u << (sub_bits - 2)) - 1)) << 2 | (place & 3);
}

static inline uint32_t grid_row_of(uint32_t sub_bits, uint32_t place)
{
    return place >> (sub_bits + 2) << 2 | (place >> 2 & 3);
}

struct grid_shape {
    uint32_t cell_shift, sub_bits;
};

struct grid {
    int32_t west_e7, south_e7;
    uint32_t width, height; /* of the box around all regions; up to TURN and half of it */
    uint32_t cols, rows;    /* of cells, without the row and column outside */
    struct grid_shape shape;
    uint32_t leaf_shift;         /* cell_shift - sub_bits */
    const uint32_t *cell;        /* (rows + 1) * (cols + 1) */
    const uint32_t *leaf;        /* subgrid after subgrid */
    const union grid_line *line; /* 64-byte aligned */
    const uint64_t *set;         /* by id; id 0 is the empty set */
    uint32_t leaf_count, line_count, set_count;
};

/* grid_build with the shape given, 2 <= sub_bits <= 8 <= cell_shift <= 26, instead of chosen (as
 * it is for a cell_shift of 0): answers never depend on it (test/unit/test_grid.c). */
int grid_build_shaped(const struct region *regions, size_t count, struct grid_shape shape,
                      struct arena *arena, const struct grid **ret_grid, struct err *err);

#endif
