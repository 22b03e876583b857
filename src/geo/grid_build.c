#include <stdbool.h>
#include <string.h>

#include "base/table.h"
#include "geo/grid.h"
#include "geo/grid_layout.h"

#define TURN        ((int64_t)GRID_TURN_E7)
#define LAT_MAX_E7  900000000
#define LINE_BYTES  sizeof(union grid_line)
#define LINES_CHUNK 4096 /* lines that the scratch gives at a time */

#define GRID_EDGES_MAX  (1u << 24) /* of all regions together, before merging */
#define GRID_SETS_MAX   (1u << 16) /* different sets, masks of edges included */
#define GRID_CELLS_MAX  (1u << 20)
#define GRID_LEAVES_MAX (1u << 26)
#define GRID_LINES_MAX  (1u << 25)
#define GRID_TOUCHES_MAX                                                                           \
    (1u << 28) /* pairs of an edge and a cell, or an edge and a leaf of a cell */
#define GRID_SCRATCH_MAX ((size_t)4 << 30) /* bytes that a build may hold besides the grid */

/* What grid_build aims at: cells that stay in the second cache level, leaves in the third, and
 * not many more leaves than edges to find in them. Measured with bench/engine -s. */
#define CELLS_WANTED    (1u << 16)
#define LEAVES_WANTED   (1u << 21)
#define LEAVES_FEW      (1u << 14)
#define LEAVES_PER_EDGE 512
#define CELL_SHIFT_MIN  8
#define CELL_SHIFT_MAX  26
#define SUB_BITS_WANTED 4
#define SUB_BITS_MAX    8

/* From the end of lower latitude to the other; from west to east if they are equal. In the frame,
 * which a copy of a region across the seam leaves. */
struct edge {
    int64_t low_x, high_x;
    int32_t low_y, high_y;
    uint64_t mask;
};

struct edges {
    struct edge *p;
    uint32_t n;
};

/* Squares of 2^shift from the corner (x, y). */
struct lattice {
    int64_t x, y;
    uint32_t shift;
    int64_t cols, rows;
};

/* The edges that touch each square: item[start[i]] to before item[start[i + 1]], square by
 * square, row by row. */
struct touches {
    uint32_t *start;
    uint32_t *item;
    size_t start_cap, item_cap;
};

struct build {
    struct arena *arena;   /* of the grid */
    struct arena *scratch; /* of everything else */
    struct err *err;
    struct grid grid;
    struct edges edges; /* of all regions, merged */
    struct table sets;
    struct touches cells;

    uint32_t *cell, *leaf; /* what the grid will point to */
    union grid_line *chunk[GRID_LINES_MAX / LINES_CHUNK];
    uint32_t line_count;
    uint64_t last_set; /* of set_id */
    uint32_t last_id;

    /* Of the cell, and then of the leaf, in work. */
    struct edges cell_edges, leaf_edges;
    size_t cell_edges_cap, leaf_edges_cap;
    struct touches leaves;
    uint64_t *corner_set; /* of the leaves */
};

static int too_big(struct build *b, const char *what, unsigned limit)
{
    return err_set(b->err, EXIT_DATA,
                   "the zones need more than %u %s in the zone grid: simplify their boundaries",
                   limit, what);
}

static int out_of_memory(struct build *b)
{
    return err_set(b->err, EXIT_CONFIG, "no memory left for the zone grid: raise the limit");
}

static void *scratch(struct build *b, size_t count, size_t size)
{
    void *p = arena_alloc(b->scratch, count, size);
    if (!p)
        out_of_memory(b);
    return p;
}

/* At least `need` elements, old content not kept. *cap is 0 at first. */
static int reserve(struct build *b, void **p, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap)
        return 0;
    *p = scratch(b, need + need / 2, size);
    if (!*p)
        return ERR_FAIL;
    *cap = need + need / 2;
    return 0;
}

/* The frame */

/* Where a region's west side lies in a frame that starts at `west`. */
static int64_t region_x(const struct region *region, int64_t west)
{
    int64_t x = (region->west_e7 - west) % TURN;
    return x < 0 ? x + TURN : x;
}

static int64_t region_width(const struct region *region)
{
    return (int64_t)region->east_e7 - region->west_e7;
}

/* The width of all regions seen from `west`; more than a turn if one lies across the seam. */
static int64_t frame_width(const struct region *regions, size_t count, int64_t west)
{
    int64_t width = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t end = region_x(&regions[i], west) + region_width(&regions[i]);
        if (regions[i].ring_count && end > width)
            width = end;
    }
    return width;
}

/* The narrowest frame begins at some region's west side. If none is at most a turn wide, every
 * meridian lies in some region, and any will do. */
static void frame_choose(struct build *b, const struct region *regions, size_t count)
{
    int64_t west = -TURN / 2, width = TURN + 1, south = LAT_MAX_E7, north = -LAT_MAX_E7;
    for (size_t i = 0; i < count; i++) {
        if (!regions[i].ring_count)
            continue;
        int64_t start = region_x(&regions[i], -TURN / 2) - TURN / 2;
        int64_t here = frame_width(regions, count, start);
        if (here < width) {
            west = start;
            width = here;
        }
        south = regions[i].south_e7 < south ? regions[i].south_e7 : south;
        north = regions[i].north_e7 > north ? regions[i].north_e7 : north;
    }
    if (width > TURN)
        width = north < south ? 0 : TURN;
    b->grid.west_e7 = (int32_t)west;
    b->grid.width = (uint32_t)width;
    b->grid.south_e7 = (int32_t)(north < south ? 0 : south);
    b->grid.height = (uint32_t)(north < south ? 0 : north - south);
}

/* The edges */

static uint64_t edge_hash(const struct edge *edge)
{
    uint64_t low = (uint64_t)edge->low_x << 32 ^ (uint32_t)edge->low_y;
    uint64_t high = (uint64_t)edge->high_x << 32 ^ (uint32_t)edge->high_y;
    return hash_mix(low ^ hash_mix(high));
}

static bool edge_same(const struct edge *a, const struct edge *b)
{
    return a->low_x == b->low_x && a->low_y == b->low_y && a->high_x == b->high_x &&
           a->high_y == b->high_y;
}

/* Edges that several regions share become one. Slots hold index + 1, open addressing. */
struct merger {
    uint32_t *slot;
    uint32_t slot_mask;
};

static void edge_merge(struct build *b, struct merger *merger, const struct edge *edge)
{
    uint32_t at = (uint32_t)edge_hash(edge) & merger->slot_mask;
    while (merger->slot[at] && !edge_same(&b->edges.p[merger->slot[at] - 1], edge))
        at = (at + 1) & merger->slot_mask;
    if (merger->slot[at]) {
        b->edges.p[merger->slot[at] - 1].mask ^= edge->mask;
        return;
    }
    b->edges.p[b->edges.n++] = *edge;
    merger->slot[at] = b->edges.n;
}

static struct edge edge_of(int64_t ax, int32_t ay, int64_t bx, int32_t by, uint64_t mask)
{
    if (ay < by || (ay == by && ax < bx))
        return (struct edge){ax, bx, ay, by, mask};
    return (struct edge){bx, ax, by, ay, mask};
}

/* All edges of the region, its west side at x. */
static void merge_region(struct build *b, struct merger *merger, const struct region *region,
                         int64_t x, uint64_t mask)
{
    int64_t east = x - region->west_e7;
    int32_t south = b->grid.south_e7;
    for (uint32_t ring = 0; ring < region->ring_count; ring++) {
        uint32_t start = region->ring_start[ring], end = region->ring_start[ring + 1];
        for (uint32_t i = start, last = end - 1; i < end; last = i++) {
            struct edge edge = edge_of(region->lon_e7[last] + east, region->lat_e7[last] - south,
                                       region->lon_e7[i] + east, region->lat_e7[i] - south, mask);
            if (edge.low_x != edge.high_x || edge.low_y != edge.high_y)
                edge_merge(b, merger, &edge);
        }
    }
}

static void edges_drop_unmasked(struct edges *edges)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < edges->n; i++)
        if (edges->p[i].mask)
            edges->p[kept++] = edges->p[i];
    edges->n = kept;
}

/* A copy of a region is wanted if it reaches into the frame. */
static bool copy_wanted(const struct build *b, const struct region *region, int64_t x)
{
    return region->ring_count && x + region_width(region) >= 0 && x <= b->grid.width;
}

static int edges_gather(struct build *b, const struct region *regions, size_t count)
{
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++)
        for (int64_t x = region_x(&regions[i], b->grid.west_e7) - TURN; x <= TURN; x += TURN)
            if (copy_wanted(b, &regions[i], x))
                total += regions[i].ring_start[regions[i].ring_count];
    if (total > GRID_EDGES_MAX)
        return too_big(b, "edges", GRID_EDGES_MAX);
    uint32_t slots = 2;
    while (slots < 2 * total)
        slots *= 2;
    struct merger merger = {scratch(b, slots, sizeof(uint32_t)), slots - 1};
    b->edges.p = scratch(b, total, sizeof(struct edge));
    if (!merger.slot || !b->edges.p)
        return ERR_FAIL;
    for (size_t i = 0; i < count; i++)
        for (int64_t x = region_x(&regions[i], b->grid.west_e7) - TURN; x <= TURN; x += TURN)
            if (copy_wanted(b, &regions[i], x))
                merge_region(b, &merger, &regions[i], x, UINT64_C(1) << i);
    edges_drop_unmasked(&b->edges);
    return 0;
}

/* The edges that touch the squares of a lattice */

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* Rounds down; the divisor is positive. */
static int64_t floor_div(int64_t value, int64_t divisor)
{
    return value / divisor - (value % divisor < 0);
}

struct range {
    int64_t first, last;
};

/* Squares whose closed span touches the closed span low .. high. */
static struct range squares(int64_t low, int64_t high, uint32_t shift, int64_t count)
{
    struct range range = {(low - 1) >> shift, high >> shift};
    if (range.first < 0)
        range.first = 0;
    if (range.last >= count)
        range.last = count - 1;
    return range;
}

static struct range lattice_rows(const struct lattice *lattice, const struct edge *edge)
{
    return squares(edge->low_y - lattice->y, edge->high_y - lattice->y, lattice->shift,
                   lattice->rows);
}

/* The x of the edge at a latitude between its ends, rounded down. The product is below 2^63. */
static int64_t edge_x(const struct edge *edge, int64_t y)
{
    int64_t run = edge->high_x - edge->low_x, rise = (int64_t)edge->high_y - edge->low_y;
    return edge->low_x + floor_div(run * (y - edge->low_y), rise);
}

/* The columns that the edge touches in a row; at most one too many, by the rounding. */
static struct range lattice_cols(const struct lattice *lattice, const struct edge *edge,
                                 int64_t row)
{
    int64_t south = lattice->y + (row << lattice->shift);
    int64_t north = south + ((int64_t)1 << lattice->shift);
    int64_t a = edge->low_x, b = edge->high_x;
    if (edge->low_y < south && edge->high_y > edge->low_y)
        a = edge_x(edge, clamp(south, edge->low_y, edge->high_y));
    if (edge->high_y > north && edge->high_y > edge->low_y)
        b = edge_x(edge, clamp(north, edge->low_y, edge->high_y));
    int64_t west = a < b ? a : b, east = a < b ? b : a;
    return squares(west - lattice->x, east + 1 - lattice->x, lattice->shift, lattice->cols);
}

/* Counts into start[square + 2], so that filling can advance start[square + 1]. */
static uint64_t touches_count(const struct lattice *lattice, const struct edges *edges,
                              uint32_t *start)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < edges->n; i++) {
        struct range rows = lattice_rows(lattice, &edges->p[i]);
        for (int64_t row = rows.first; row <= rows.last; row++) {
            struct range cols = lattice_cols(lattice, &edges->p[i], row);
            for (int64_t col = cols.first; col <= cols.last; col++)
                start[row * lattice->cols + col + 2]++;
            total += (uint64_t)(cols.last >= cols.first ? cols.last - cols.first + 1 : 0);
        }
    }
    return total;
}

static void touches_fill(const struct lattice *lattice, const struct edges *edges,
                         struct touches *touches)
{
    for (uint32_t i = 0; i < edges->n; i++) {
        struct range rows = lattice_rows(lattice, &edges->p[i]);
        for (int64_t row = rows.first; row <= rows.last; row++) {
            struct range cols = lattice_cols(lattice, &edges->p[i], row);
            for (int64_t col = cols.first; col <= cols.last; col++)
                touches->item[touches->start[row * lattice->cols + col + 1]++] = i;
        }
    }
}

static int touches_find(struct build *b, const struct lattice *lattice, const struct edges *edges,
                        struct touches *touches)
{
    size_t count = (size_t)(lattice->cols * lattice->rows);
    if (reserve(b, (void **)&touches->start, &touches->start_cap, count + 2, sizeof(uint32_t)))
        return ERR_FAIL;
    memset(touches->start, 0, (count + 2) * sizeof(uint32_t));
    uint64_t total = touches_count(lattice, edges, touches->start);
    if (total > GRID_TOUCHES_MAX)
        return too_big(b, "squares along edges", GRID_TOUCHES_MAX);
    if (reserve(b, (void **)&touches->item, &touches->item_cap, (size_t)total, sizeof(uint32_t)))
        return ERR_FAIL;
    for (size_t i = 2; i < count + 2; i++)
        touches->start[i] += touches->start[i - 1];
    touches_fill(lattice, edges, touches);
    return 0;
}

/* Copies the edges that touch square i. */
static int touches_take(struct build *b, const struct touches *touches, size_t i,
                        const struct edges *from, struct edges *to, size_t *cap)
{
    uint32_t n = touches->start[i + 1] - touches->start[i];
    /* Two stubs an edge may join them. */
    if (reserve(b, (void **)&to->p, cap, (size_t)3 * n, sizeof(struct edge)))
        return ERR_FAIL;
    for (uint32_t k = 0; k < n; k++)
        to->p[k] = from->p[touches->item[touches->start[i] + k]];
    to->n = n;
    return 0;
}

/* Sets */

/* The rule of region.h: does the edge lie west of the point? */
static bool edge_is_met(const struct edge *edge, int64_t x, int64_t y)
{
    if (y < edge->low_y || y >= edge->high_y)
        return false;
    return (edge->high_x - edge->low_x) * (y - edge->low_y) <=
           ((int64_t)edge->high_y - edge->low_y) * (x - edge->low_x);
}

/* What flips between the far set and the corner of a square that lists these edges. */
static uint64_t edges_met(const struct edges *edges, int64_t x, int64_t y)
{
    uint64_t set = 0;
    for (uint32_t i = 0; i < edges->n; i++)
        if (edge_is_met(&edges->p[i], x, y))
            set ^= edges->p[i].mask;
    return set;
}

/* Flips the corners from the first one that meets the edge on, in every row of corners. */
static void corners_flip(const struct lattice *lattice, const struct edge *edge, uint64_t *corner)
{
    int64_t size = (int64_t)1 << lattice->shift;
    int64_t first = (edge->low_y - lattice->y + size - 1) >> lattice->shift;
    int64_t end = (edge->high_y - lattice->y + size - 1) >> lattice->shift;
    end = clamp(end, 0, lattice->rows);
    for (int64_t row = first < 0 ? 0 : first; row < end; row++) {
        int64_t y = lattice->y + (row << lattice->shift);
        int64_t run = edge->high_x - edge->low_x, rise = (int64_t)edge->high_y - edge->low_y;
        int64_t x = edge->low_x - floor_div(-run * (y - edge->low_y), rise); /* rounded up */
        int64_t col = (x - lattice->x + size - 1) >> lattice->shift;
        if (col < lattice->cols)
            corner[row * lattice->cols + (col < 0 ? 0 : col)] ^= edge->mask;
    }
}

/* Ends of chains west of the lattice: all corners north of one flip. */
static void corners_flip_stub(const struct lattice *lattice, int64_t x, int64_t y, uint64_t mask,
                              uint64_t *corner)
{
    int64_t size = (int64_t)1 << lattice->shift;
    if (x >= lattice->x || y <= lattice->y)
        return;
    for (int64_t row = (y - lattice->y + size - 1) >> lattice->shift; row < lattice->rows; row++)
        corner[row * lattice->cols] ^= mask;
}

/* The set at every corner (south-west, displaced) of a lattice whose edges are listed. */
static void corners_find(const struct lattice *lattice, const struct edges *edges, uint64_t far,
                         uint64_t *corner)
{
    memset(corner, 0, (size_t)(lattice->cols * lattice->rows) * sizeof *corner);
    for (uint32_t i = 0; i < edges->n; i++) {
        const struct edge *edge = &edges->p[i];
        corners_flip(lattice, edge, corner);
        corners_flip_stub(lattice, edge->low_x, edge->low_y, edge->mask, corner);
        corners_flip_stub(lattice, edge->high_x, edge->high_y, edge->mask, corner);
    }
    for (int64_t row = 0; row < lattice->rows; row++) {
        uint64_t set = far;
        for (int64_t col = 0; col < lattice->cols; col++)
            corner[row * lattice->cols + col] = set ^= corner[row * lattice->cols + col];
    }
}

/* Neighbours mostly have the same set. last_set and last_id start as the empty set's. */
static int set_id(struct build *b, uint64_t set, uint32_t *ret_id)
{
    if (set != b->last_set) {
        uint32_t id = table_add(&b->sets, set, NULL);
        if (id == TABLE_NONE)
            return too_big(b, "different sets", GRID_SETS_MAX);
        b->last_set = set;
        b->last_id = id;
    }
    *ret_id = b->last_id;
    return 0;
}

/* Lines */

/* Adds the stub of a chain that ends at (x, y), if that lies west of the leaf and beside it. */
static void stub_add(const struct lattice *leaf, int64_t x, int32_t y, uint64_t mask,
                     struct edges *edges)
{
    int64_t north = leaf->y + ((int64_t)1 << leaf->shift);
    if (x < leaf->x && y > leaf->y && y < north)
        edges->p[edges->n++] = (struct edge){leaf->x - 1, leaf->x - 1, y, GRID_STUB_HIGH_Y, mask};
}

static bool is_stub(const struct edge *edge)
{
    return edge->high_y == GRID_STUB_HIGH_Y;
}

static bool is_near_offset(int64_t offset)
{
    return offset >= -GRID_NEAR && offset < GRID_NEAR;
}

static bool is_near(const struct lattice *leaf, const struct edge *edge)
{
    if (leaf->shift > GRID_NEAR_SHIFT_MAX)
        return false;
    return is_stub(edge) ||
           (is_near_offset(edge->low_x - leaf->x) && is_near_offset(edge->low_y - leaf->y) &&
            is_near_offset(edge->high_x - leaf->x) && is_near_offset(edge->high_y - leaf->y));
}

/* Order in a leaf: by mask, near edges before far ones, stubs of one latitude side by side. */
static bool edge_before(const struct lattice *leaf, const struct edge *a, const struct edge *b)
{
    if (a->mask != b->mask)
        return a->mask < b->mask;
    bool a_near = is_near(leaf, a), b_near = is_near(leaf, b);
    if (a_near != b_near)
        return a_near;
    if (is_stub(a) != is_stub(b))
        return is_stub(b);
    return a->low_y < b->low_y;
}

/* Shell's sort with Knuth's gaps (1, 4, 13, ...): mostly for less than ten edges. */
static void edges_sort(const struct lattice *leaf, struct edges *edges)
{
    uint32_t gap = 1;
    while (gap < edges->n / 3)
        gap = 3 * gap + 1;
    for (; gap > 0; gap /= 3)
        for (uint32_t i = gap; i < edges->n; i++) {
            struct edge edge = edges->p[i];
            uint32_t at = i;
            for (; at >= gap && edge_before(leaf, &edge, &edges->p[at - gap]); at -= gap)
                edges->p[at] = edges->p[at - gap];
            edges->p[at] = edge;
        }
}

/* Two listed edges that meet west of the leaf left two stubs, which cancel. */
static void stubs_cancel(struct edges *edges)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < edges->n; i++) {
        const struct edge *edge = &edges->p[i];
        const struct edge *last = kept ? &edges->p[kept - 1] : NULL;
        if (last && is_stub(edge) && last->mask == edge->mask && edge_same(last, edge))
            kept--;
        else
            edges->p[kept++] = *edge;
    }
    edges->n = kept;
}

static void put_near(const struct lattice *leaf, const struct edge *edge, union grid_line *line,
                     uint32_t place)
{
    int32_t rise = is_stub(edge) ? -GRID_STUB_DROP : edge->high_y - edge->low_y;
    line->near.low[place].x = (int16_t)(edge->low_x - leaf->x);
    line->near.low[place].y = (int16_t)(edge->low_y - leaf->y);
    line->near.way[place].run = (int16_t)(edge->high_x - edge->low_x);
    line->near.way[place].drop = (int16_t)-rise;
}

static void put_far(const struct edge *edge, union grid_line *line, uint32_t place)
{
    struct grid_far_edge *far = &line->far[place];
    far->low_x = edge->low_x;
    far->low_y = edge->low_y;
    far->high_x = edge->high_x;
    far->high_y = edge->high_y;
}

static union grid_line *line_at(struct build *b, uint32_t i)
{
    return &b->chunk[i / LINES_CHUNK][i % LINES_CHUNK];
}

/* The next line, all 0; NULL when there is no room. */
static union grid_line *line_new(struct build *b)
{
    if (b->line_count == GRID_LINES_MAX) {
        too_big(b, "lines", GRID_LINES_MAX);
        return NULL;
    }
    if (b->line_count % LINES_CHUNK == 0) {
        union grid_line *chunk = scratch(b, LINES_CHUNK, LINE_BYTES);
        if (!chunk)
            return NULL;
        b->chunk[b->line_count / LINES_CHUNK] = chunk;
    }
    return line_at(b, b->line_count++);
}

/* One line of the edges from `at` on; *at moves behind those it holds. */
static int line_add(struct build *b, const struct lattice *leaf, const struct edges *edges,
                    uint32_t *at)
{
    union grid_line *line = line_new(b);
    if (!line)
        return ERR_FAIL;
    const struct edge *first = &edges->p[*at];
    bool near = is_near(leaf, first);
    uint32_t room = near ? GRID_NEAR_EDGES : GRID_FAR_EDGES;
    for (uint32_t place = 0; place < room && *at < edges->n; place++, ++*at) {
        const struct edge *edge = &edges->p[*at];
        if (edge->mask != first->mask || is_near(leaf, edge) != near)
            break;
        if (near)
            put_near(leaf, edge, line, place);
        else
            put_far(edge, line, place);
    }
    line->near.head = (near ? 0 : GRID_FAR) | (*at < edges->n ? GRID_MORE : 0);
    return set_id(b, first->mask, &line->near.mask_id);
}

/* The lines of leaf i of the cell in work. */
static int leaf_build(struct build *b, const struct lattice *leaf, size_t i, uint32_t *ret_entry)
{
    struct edges *edges = &b->leaf_edges;
    uint32_t far_id = 0, first = b->line_count, at = 0;
    if (touches_take(b, &b->leaves, i, &b->cell_edges, edges, &b->leaf_edges_cap) ||
        set_id(b, b->corner_set[i] ^ edges_met(edges, leaf->x, leaf->y), &far_id))
        return ERR_FAIL;
    for (uint32_t k = 0, n = edges->n; k < n; k++) {
        struct edge edge = edges->p[k];
        stub_add(leaf, edge.low_x, edge.low_y, edge.mask, edges);
        stub_add(leaf, edge.high_x, edge.high_y, edge.mask, edges);
    }
    edges_sort(leaf, edges);
    stubs_cancel(edges);
    while (at < edges->n)
        if (line_add(b, leaf, edges, &at))
            return ERR_FAIL;
    line_at(b, first)->near.head |= far_id;
    *ret_entry = first | GRID_DEEPER;
    return 0;
}

/* Cells */

/* The subgrid of a cell from b->cell_edges and the set at its corner. */
static int cell_build(struct build *b, const struct lattice *leaves, uint64_t corner,
                      uint32_t *entries)
{
    uint64_t far = corner ^ edges_met(&b->cell_edges, leaves->x, leaves->y);
    corners_find(leaves, &b->cell_edges, far, b->corner_set);
    if (touches_find(b, leaves, &b->cell_edges, &b->leaves))
        return ERR_FAIL;
    for (uint32_t place = 0; place < 1u << 2 * b->grid.shape.sub_bits; place++) {
        uint32_t col = grid_col_of(b->grid.shape.sub_bits, place);
        uint32_t row = grid_row_of(b->grid.shape.sub_bits, place);
        size_t i = (size_t)row * (size_t)leaves->cols + col;
        struct lattice leaf = {.x = leaves->x + ((int64_t)col << leaves->shift),
                               .y = leaves->y + ((int64_t)row << leaves->shift),
                               .shift = leaves->shift};
        bool decided = b->leaves.start[i] == b->leaves.start[i + 1];
        if (decided ? set_id(b, b->corner_set[i], &entries[place])
                    : leaf_build(b, &leaf, i, &entries[place]))
            return ERR_FAIL;
    }
    return 0;
}

static struct lattice cells_lattice(const struct grid *grid)
{
    return (struct lattice){
        .shift = grid->shape.cell_shift, .cols = grid->cols, .rows = grid->rows};
}

static struct lattice leaves_lattice(const struct grid *grid, uint32_t row, uint32_t col)
{
    return (struct lattice){.x = (int64_t)col << grid->shape.cell_shift,
                            .y = (int64_t)row << grid->shape.cell_shift,
                            .shift = grid->leaf_shift,
                            .cols = (int64_t)1 << grid->shape.sub_bits,
                            .rows = (int64_t)1 << grid->shape.sub_bits};
}

static int cells_build(struct build *b, const uint64_t *corner)
{
    struct grid *grid = &b->grid;
    uint32_t subs = 0;
    for (uint32_t i = 0; i < grid->cols * grid->rows; i++) {
        uint32_t row = i / grid->cols, col = i % grid->cols;
        uint32_t *entry = &b->cell[row * (grid->cols + 1) + col];
        if (touches_take(b, &b->cells, i, &b->edges, &b->cell_edges, &b->cell_edges_cap))
            return ERR_FAIL;
        if (b->cell_edges.n == 0) {
            if (set_id(b, corner[i], entry))
                return ERR_FAIL;
            continue;
        }
        struct lattice leaves = leaves_lattice(grid, row, col);
        uint32_t *entries = &b->leaf[(size_t)subs << 2 * grid->shape.sub_bits];
        if (cell_build(b, &leaves, corner[i], entries))
            return ERR_FAIL;
        *entry = subs++ | GRID_DEEPER;
    }
    return 0;
}

/* The shape */

static uint64_t squares_over(const struct grid *grid, uint32_t shift)
{
    return ((uint64_t)(grid->width >> shift) + 1) * ((grid->height >> shift) + 1);
}

/* About how many squares of 2^shift the edges touch. */
static uint64_t squares_along(const struct build *b, uint32_t shift, uint64_t length)
{
    uint64_t all = squares_over(&b->grid, shift), along = (length >> shift) + (length >> shift) / 2;
    along += GRID_REGIONS_MAX;
    return along < all ? along : all;
}

static struct grid_shape shape_choose(const struct build *b)
{
    uint64_t length = 0, leaves = (uint64_t)LEAVES_PER_EDGE * b->edges.n;
    for (uint32_t i = 0; i < b->edges.n; i++) {
        const struct edge *edge = &b->edges.p[i];
        int64_t run = edge->high_x - edge->low_x;
        length += (uint64_t)(run < 0 ? -run : run) + (uint64_t)(edge->high_y - edge->low_y);
    }
    leaves = leaves < LEAVES_FEW ? LEAVES_FEW : leaves > LEAVES_WANTED ? LEAVES_WANTED : leaves;
    struct grid_shape shape = {CELL_SHIFT_MIN, SUB_BITS_WANTED};
    while (shape.cell_shift < CELL_SHIFT_MAX &&
           (squares_over(&b->grid, shape.cell_shift) > CELLS_WANTED ||
            squares_along(b, shape.cell_shift, length) << 2 * shape.sub_bits > leaves))
        shape.cell_shift++;
    while (shape.sub_bits < SUB_BITS_MAX &&
           squares_along(b, shape.cell_shift, length) << 2 * (shape.sub_bits + 1) <= leaves)
        shape.sub_bits++;
    return shape;
}

static void shape_set(struct grid *grid, struct grid_shape shape)
{
    grid->shape = shape;
    grid->leaf_shift = shape.cell_shift - shape.sub_bits;
    if (grid->width == 0 && grid->height == 0)
        return; /* no region: every point is outside */
    grid->cols = (grid->width >> shape.cell_shift) + 1;
    grid->rows = (grid->height >> shape.cell_shift) + 1;
}

/* The whole */

static uint32_t cells_touched(const struct build *b)
{
    uint32_t touched = 0;
    for (uint32_t i = 0; i < b->grid.cols * b->grid.rows; i++)
        touched += b->cells.start[i + 1] > b->cells.start[i];
    return touched;
}

static int cells_prepare(struct build *b)
{
    struct grid *grid = &b->grid;
    if ((uint64_t)grid->cols * grid->rows > GRID_CELLS_MAX)
        return too_big(b, "cells", GRID_CELLS_MAX);
    struct lattice cells = cells_lattice(grid);
    if (touches_find(b, &cells, &b->edges, &b->cells))
        return ERR_FAIL;
    uint64_t leaves = (uint64_t)cells_touched(b) << 2 * grid->shape.sub_bits;
    if (leaves > GRID_LEAVES_MAX)
        return too_big(b, "leaves", GRID_LEAVES_MAX);
    grid->leaf_count = (uint32_t)leaves;
    b->cell = ARENA_ARRAY(b->arena, uint32_t, (size_t)(grid->cols + 1) * (grid->rows + 1));
    b->leaf = ARENA_ARRAY(b->arena, uint32_t, grid->leaf_count);
    b->corner_set = scratch(b, (size_t)1 << 2 * grid->shape.sub_bits, sizeof(uint64_t));
    return b->cell && b->leaf && b->corner_set ? 0 : out_of_memory(b);
}

/* Clearances, by two sweeps: that of a cell is one more than the least of its eight neighbours',
 * and an undecided cell has -1. */

static int32_t clear_at(const struct build *b, int64_t row, int64_t col)
{
    const struct grid *grid = &b->grid;
    if (row < 0 || col < 0 || row >= grid->rows || col >= grid->cols)
        return GRID_CLEAR_MAX;
    return grid_clear(b->cell[row * (grid->cols + 1) + col]);
}

/* The least around of four neighbours: those behind (-1), or those ahead (1). */
static int32_t clear_beside(const struct build *b, int64_t row, int64_t col, int way)
{
    int32_t least = clear_at(b, row, col + way);
    for (int64_t k = -1; k <= 1; k++) {
        int32_t other = clear_at(b, row + way, col + k);
        least = other < least ? other : least;
    }
    return (least < 0 ? -1 : least) + 1;
}

static void cell_clear(struct build *b, int64_t row, int64_t col, int way)
{
    uint32_t *entry = &b->cell[row * (b->grid.cols + 1) + col];
    int32_t clear = clear_beside(b, row, col, way);
    clear = clear < GRID_CLEAR_MAX ? clear : GRID_CLEAR_MAX;
    if (!(*entry & GRID_DEEPER) && (way < 0 || clear < grid_clear(*entry)))
        *entry = (*entry & GRID_SET_ID) | (uint32_t)clear << GRID_CLEAR_SHIFT;
}

static void cells_clear(struct build *b)
{
    int64_t rows = b->grid.rows, cols = b->grid.cols;
    for (int64_t row = 0; row < rows; row++)
        for (int64_t col = 0; col < cols; col++)
            cell_clear(b, row, col, -1);
    for (int64_t row = rows; row-- > 0;)
        for (int64_t col = cols; col-- > 0;)
            cell_clear(b, row, col, 1);
}

/* Lines and sets move from the scratch to the arena, and the grid is whole. */
static int grid_finish(struct build *b, const struct grid **ret_grid)
{
    struct grid *grid = arena_alloc(b->arena, 1, sizeof *grid);
    uint64_t *set = ARENA_ARRAY(b->arena, uint64_t, b->sets.count);
    uint8_t *raw = arena_alloc(b->arena, (size_t)b->line_count + 1, LINE_BYTES);
    if (!grid || !set || !raw)
        return out_of_memory(b);
    memcpy(set, b->sets.key, b->sets.count * sizeof *set);
    union grid_line *line = (void *)(raw + (LINE_BYTES - (uintptr_t)raw % LINE_BYTES));
    for (uint32_t i = 0; i < b->line_count; i += LINES_CHUNK) {
        uint32_t n = b->line_count - i < LINES_CHUNK ? b->line_count - i : LINES_CHUNK;
        memcpy(line + i, line_at(b, i), n * LINE_BYTES);
    }
    *grid = b->grid;
    grid->cell = b->cell;
    grid->leaf = b->leaf;
    grid->line = line;
    grid->set = set;
    grid->line_count = b->line_count;
    grid->set_count = b->sets.count;
    *ret_grid = grid;
    return 0;
}

static int build_run(struct build *b, const struct grid **ret_grid)
{
    if (!table_init(&b->sets, GRID_SETS_MAX, b->scratch))
        return out_of_memory(b);
    b->last_id = table_add(&b->sets, 0, NULL); /* the empty set has id 0 */
    if (cells_prepare(b))
        return ERR_FAIL;
    struct lattice cells = cells_lattice(&b->grid);
    uint64_t *corner = scratch(b, (size_t)(cells.cols * cells.rows), sizeof(uint64_t));
    if (!corner)
        return ERR_FAIL;
    corners_find(&cells, &b->edges, 0, corner);
    if (cells_build(b, corner))
        return ERR_FAIL;
    cells_clear(b);
    return grid_finish(b, ret_grid);
}

static int regions_check(const struct region *regions, size_t count, struct err *err)
{
    if (count > GRID_REGIONS_MAX)
        return err_set(err, EXIT_DATA, "%zu zones, but a zone grid holds at most %d", count,
                       GRID_REGIONS_MAX);
    for (size_t i = 0; i < count; i++)
        if (regions[i].ring_count &&
            (region_width(&regions[i]) > TURN || regions[i].south_e7 < -LAT_MAX_E7 ||
             regions[i].north_e7 > LAT_MAX_E7))
            return err_set(err, EXIT_DATA,
                           "zone %zu reaches past a pole or more than once round the earth", i);
    return 0;
}

/* A shape of cell_shift 0 means: choose. */
static int build_all(const struct region *regions, size_t count, struct grid_shape shape,
                     struct build *b, const struct grid **ret_grid)
{
    if (regions_check(regions, count, b->err))
        return ERR_FAIL;
    frame_choose(b, regions, count);
    if (edges_gather(b, regions, count))
        return ERR_FAIL;
    shape_set(&b->grid, shape.cell_shift ? shape : shape_choose(b));
    return build_run(b, ret_grid);
}

int grid_build_shaped(const struct region *regions, size_t count, struct grid_shape shape,
                      struct arena *arena, const struct grid **ret_grid, struct err *err)
{
    /* An arena that can grow lends its doors to the scratch; a fixed one holds both. */
    struct arena scratch;
    arena_init(&scratch, GRID_SCRATCH_MAX, arena->grow, arena->drop);
    struct build b = {.arena = arena, .scratch = arena->grow ? &scratch : arena, .err = err};
    struct arena_mark mark = arena_mark(arena);
    int failed = build_all(regions, count, shape, &b, ret_grid);
    arena_release(&scratch);
    if (failed)
        arena_rewind(arena, mark);
    return failed;
}

int grid_build(const struct region *regions, size_t count, struct arena *arena,
               const struct grid **ret_grid, struct err *err)
{
    return grid_build_shaped(regions, count, (struct grid_shape){0}, arena, ret_grid, err);
}
