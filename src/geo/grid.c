#include "geo/grid.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "geo/grid_layout.h"

/*
 * Points go through the grid in batches and in passes: cells, leaves, lines. Each pass decides
 * what it can, keeps the rest in a list without branching on it, and asks for the memory that the
 * next pass reads, so that misses overlap.
 */
#define BATCH 512

struct batch {
    uint32_t x[BATCH], y[BATCH]; /* in the frame */
};

/* What a pass leaves for the next: points of the batch, and where they go on. */
struct rest {
    uint32_t at[BATCH];
    uint16_t point[BATCH];
};

static void batch_fill(struct batch *batch, const struct grid *grid, const int32_t *lon_e7,
                       const int32_t *lat_e7, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t turn = lon_e7[i] < grid->west_e7 ? GRID_TURN_E7 : 0;
        batch->x[i] = (uint32_t)lon_e7[i] - (uint32_t)grid->west_e7 + turn;
        batch->y[i] = (uint32_t)lat_e7[i] - (uint32_t)grid->south_e7;
    }
}

static inline uint32_t at_most(uint32_t value, uint32_t limit)
{
    return value < limit ? value : limit;
}

/* The id of the set, or 0 for an entry that goes deeper: written so that no compiler makes it a
 * branch, which half of the points would take. */
static inline uint32_t decided(uint32_t entry)
{
    return entry & GRID_SET_ID & ((entry >> 31) - 1);
}

/* Where the kept points go on: the place of a leaf, from the index of a subgrid. */
static void find_leaves(const struct grid *grid, const struct batch *batch, struct rest *rest,
                        size_t n)
{
    const uint32_t shift = grid->leaf_shift, bits = grid->shape.sub_bits, mask = (1u << bits) - 1;
    const uint32_t *leaf = grid->leaf;
    for (size_t i = 0; i < n; i++) {
        uint32_t x = batch->x[rest->point[i]], y = batch->y[rest->point[i]];
        uint32_t place = grid_tiled(bits, x >> shift & mask, y >> shift & mask);
        rest->at[i] = rest->at[i] << 2 * bits | place;
        __builtin_prefetch(&leaf[rest->at[i]]);
    }
}

/* A point outside of the cells falls in the last row or column, where the set is empty. */
static size_t pass_cells(const struct grid *grid, const struct batch *batch, size_t n,
                         uint64_t *ret_sets, struct rest *rest)
{
    const uint32_t shift = grid->shape.cell_shift, cols = grid->cols, rows = grid->rows;
    const uint32_t *cell = grid->cell;
    const uint64_t *set = grid->set;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t col = at_most(batch->x[i] >> shift, cols);
        uint32_t row = at_most(batch->y[i] >> shift, rows);
        uint32_t entry = cell[row * (cols + 1) + col];
        ret_sets[i] = set[decided(entry)];
        rest->point[kept] = (uint16_t)i;
        rest->at[kept] = entry;
        kept += entry >> 31;
    }
    find_leaves(grid, batch, rest, kept);
    return kept;
}

static size_t pass_leaves(const struct grid *grid, const struct rest *from, size_t n,
                          uint64_t *ret_sets, struct rest *rest)
{
    const uint32_t *leaf = grid->leaf;
    const uint64_t *set = grid->set;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t entry = leaf[from->at[i]];
        ret_sets[from->point[i]] = set[decided(entry)];
        rest->point[kept] = from->point[i];
        rest->at[kept] = entry & ~GRID_DEEPER;
        kept += entry >> 31;
    }
    for (size_t i = 0; i < kept; i++)
        __builtin_prefetch(&grid->line[rest->at[i]]);
    return kept;
}

/* Is the number of near edges met odd? (x, y) from the corner of the leaf. */
#ifdef __SSE2__
static inline unsigned four_met(const void *low, const void *way, __m128i point)
{
    __m128i from_low = _mm_sub_epi16(point, _mm_loadu_si128(low)); /* q, r */
    __m128i vector = _mm_loadu_si128(way);                         /* run, drop */
    __m128i side = _mm_madd_epi16(from_low, vector);               /* run * q + drop * r */
    __m128i below = _mm_slli_epi32(from_low, 16);                  /* sign: q < 0 */
    __m128i drop = _mm_and_si128(vector, _mm_set1_epi32((int)0xffff0000));
    __m128i beneath_high = _mm_add_epi32(below, drop); /* sign, if q >= 0: q + drop < 0 */
    __m128i not_met = _mm_or_si128(below, _mm_cmpgt_epi32(side, _mm_setzero_si128()));
    return (unsigned)_mm_movemask_ps(_mm_castsi128_ps(_mm_andnot_si128(not_met, beneath_high)));
}

static inline unsigned near_is_odd(const struct grid_near *line, uint32_t x, uint32_t y)
{
    __m128i point = _mm_set1_epi32((int)(x << 16 | y));
    unsigned met = four_met(line->low, line->way, point);
    met |= (four_met(line->low + 4, line->way + 4, point) & 7) << 4; /* without head and mask_id */
    return (unsigned)__builtin_parity(met);
}
#else
static inline unsigned near_is_odd(const struct grid_near *line, uint32_t x, uint32_t y)
{
    unsigned odd = 0;
    for (int i = 0; i < GRID_NEAR_EDGES; i++) {
        int32_t q = (int32_t)y - line->low[i].y, r = (int32_t)x - line->low[i].x;
        int32_t run = line->way[i].run, drop = line->way[i].drop;
        odd ^= (unsigned)(q >= 0) & (unsigned)(q + drop < 0) & (unsigned)(run * q + drop * r <= 0);
    }
    return odd;
}
#endif

/* The products are below 2^63: a square that lists the edge is within a leaf of it. */
static unsigned far_is_odd(const struct grid_far_edge *edge, uint32_t x, uint32_t y)
{
    unsigned odd = 0;
    for (int i = 0; i < GRID_FAR_EDGES; i++) {
        const struct grid_far_edge *e = &edge[i];
        if ((int64_t)y < e->low_y || (int64_t)y >= e->high_y)
            continue;
        int64_t run = (e->high_x - e->low_x) * ((int64_t)y - e->low_y);
        int64_t rise = ((int64_t)e->high_y - e->low_y) * ((int64_t)x - e->low_x);
        odd ^= (unsigned)(run <= rise);
    }
    return odd;
}

static uint64_t lines_set(const struct grid *grid, const union grid_line *line, uint32_t x,
                          uint32_t y)
{
    const uint32_t inside = (1u << grid->leaf_shift) - 1;
    uint64_t set = 0;
    for (;; line++) {
        uint32_t head = line->near.head;
        unsigned odd = head & GRID_FAR ? far_is_odd(line->far, x, y)
                                       : near_is_odd(&line->near, x & inside, y & inside);
        set ^= grid->set[head & GRID_ID] ^ (grid->set[line->near.mask_id] & -(uint64_t)odd);
        if (!(head & GRID_MORE))
            return set;
    }
}

static void pass_lines(const struct grid *grid, const struct batch *batch, const struct rest *from,
                       size_t n, uint64_t *ret_sets)
{
    for (size_t i = 0; i < n; i++) {
        size_t point = from->point[i];
        ret_sets[point] =
            lines_set(grid, &grid->line[from->at[i]], batch->x[point], batch->y[point]);
    }
}

void grid_locate(const struct grid *grid, const int32_t *lon_e7, const int32_t *lat_e7, size_t n,
                 uint64_t *ret_sets)
{
    struct batch batch;
    struct rest in_leaves, in_lines;
    for (size_t start = 0; start < n; start += BATCH) {
        size_t count = n - start < BATCH ? n - start : BATCH;
        uint64_t *sets = ret_sets + start;
        batch_fill(&batch, grid, lon_e7 + start, lat_e7 + start, count);
        count = pass_cells(grid, &batch, count, sets, &in_leaves);
        count = pass_leaves(grid, &in_leaves, count, sets, &in_lines);
        pass_lines(grid, &batch, &in_lines, count, sets);
    }
}
