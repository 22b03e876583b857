#include "geo/distance.h"
#include "geo/distance_index.h"
#include "geo/distance_point.h"
#include "geo/geodesic.h"
#include "num/num.h"

#define LANES DISTANCE_LANES

#define A GEODESIC_WGS84_A
#define B (A * (1.0 - GEODESIC_WGS84_F))

/* Smaller cells name no fewer blocks; the map ends where the earth falls away from its plane. */
#define CELL_MIN_M 250.0
#define HALF_MAX_M 3.0e6

/* What rounding moves: far below this. */
#define ROUNDING_M2 1.0

#define RADIUS_M 6.3e6
#define CORNERS  4

/* Points of a batch, and pieces of them that wait for a closer look: two each, and one cell. */
#define BATCH         32
#define BATCH_WAITING (2 * BATCH + DISTANCE_CELL_BLOCKS * LANES)

/*
 * Which blocks a cell needs. Let P be a place on the line, q a point in the cell and k one in a
 * block's box, and f = |q - k|^2 in the plane less |q - P|^2 in space. f is linear in x and y of q
 * and concave in its z, so over the four corners of the cell and all between them it is least at a
 * corner: if the box is farther than P at all four corners, no point of the cell has its foot in
 * that block. P are the feet of the corners. Two things beside go into a slack: the cell bulges
 * over its corners by less than cell^2 / R, and nearest is by length, not by chord.
 */
struct corner {
    struct distance_vec at;   /* on the ellipsoid */
    struct distance_vec foot; /* on the line */
};

struct builder {
    const struct distance_index *index;
    struct distance_map *map;
    struct distance_cell *cells;
    struct corner *below, *above; /* the row of corners south of a row of cells, and north of it */
};

static double square(double x)
{
    return x * x;
}

static double gap2(struct distance_vec a, struct distance_vec b)
{
    return square(a.x - b.x) + square(a.y - b.y) + square(a.z - b.z);
}

/* From the frame to the earth's centre. */
static struct ecef to_earth(const struct distance_index *index, struct distance_vec v)
{
    return (struct ecef){
        .x_m = index->origin.x_m + v.x * index->along.x + v.y * index->across.x + v.z * index->up.x,
        .y_m = index->origin.y_m + v.x * index->along.y + v.y * index->across.y + v.z * index->up.y,
        .z_m = index->origin.z_m + v.x * index->along.z + v.y * index->across.z + v.z * index->up.z,
    };
}

/* Bilinear form of the ellipsoid. */
static double form(struct ecef a, struct ecef b)
{
    return (a.x_m * b.x_m + a.y_m * b.y_m) / (A * A) + a.z_m * b.z_m / (B * B);
}

/* The place of the ellipsoid above a place of the plane: the upper root of a quadratic. */
static struct distance_vec surface(const struct distance_index *index, double x, double y)
{
    struct distance_vec v = {x, y, 0};
    struct ecef p = to_earth(index, v);
    struct ecef up = {index->up.x, index->up.y, index->up.z};
    double a = form(up, up), half_b = form(p, up), c = form(p, p) - 1;
    double root2 = half_b * half_b - a * c;
    v.z = (num_sqrt(root2 > 0 ? root2 : 0) - half_b) / a;
    return v;
}

static struct distance_vec foot_place(const struct distance_index *index, struct foot foot)
{
    uint32_t first = index->edge_piece[foot.edge], count = index->edge_piece[foot.edge + 1] - first;
    double along = foot.t * count;
    uint32_t whole = along < count ? (uint32_t)along : count - 1;
    const struct distance_block *block = &index->blocks[(first + whole) / LANES];
    uint32_t pair = (first + whole) % LANES / 2, k = (first + whole) % 2;
    double t = along - whole;
    return (struct distance_vec){block->x[pair][k] + t * block->dx[pair][k],
                                 block->y[pair][k] + t * block->dy[pair][k],
                                 block->z[pair][k] + t * block->dz[pair][k]};
}

static struct corner corner_at(const struct distance_index *index, double x, double y)
{
    struct corner corner = {.at = surface(index, x, y)};
    double lat_deg, lon_deg;
    geodesic_from_ecef(to_earth(index, corner.at), &lat_deg, &lon_deg);
    corner.foot = foot_place(index, distance_foot(index, lon_deg, lat_deg));
    return corner;
}

/* What a cell asks of a box. */
struct question {
    struct distance_vec at[CORNERS];
    double foot2[CORNERS][CORNERS]; /* foot i from corner j, squared, with the slack */
    struct distance_cell *cell;
    bool full;
};

/* A box in a node, in the plane. */
static double box_gap2(const struct distance_node *node, uint32_t k, struct distance_vec at)
{
    double west = node->west[k / 4][k % 4] - at.x, east = at.x - node->east[k / 4][k % 4];
    double south = node->south[k / 4][k % 4] - at.y, north = at.y - node->north[k / 4][k % 4];
    double x = west > east ? west : east, y = south > north ? south : north;
    return square(x > 0 ? x : 0) + square(y > 0 ? y : 0);
}

static bool box_needed(const struct question *question, const struct distance_node *node,
                       uint32_t k)
{
    double box2[CORNERS];
    for (int j = 0; j < CORNERS; j++)
        box2[j] = box_gap2(node, k, question->at[j]);
    for (int i = 0; i < CORNERS; i++) {
        int farther = 0;
        for (int j = 0; j < CORNERS; j++)
            farther += box2[j] > question->foot2[i][j];
        if (farther == CORNERS)
            return false;
    }
    return true;
}

/* Walks the tree without a stack: the next box in order that is not below one found needless. */
static void ask_tree(const struct distance_index *index, struct question *question)
{
    uint32_t level = index->level_count - 1, child = 0; /* child of a node of this level */
    uint32_t end = (index->piece_count + LANES - 1) / LANES;
    while (!question->full) {
        bool needed = box_needed(question, &index->levels[level][child / LANES], child % LANES);
        if (needed && level > 0) {
            level--;
            child *= LANES;
            continue;
        }
        if (needed && question->cell->count == DISTANCE_CELL_BLOCKS)
            question->full = true;
        else if (needed)
            question->cell->blocks[question->cell->count++] = child;
        for (child++; child % LANES == 0 && level + 1 < index->level_count; level++)
            child /= LANES;
        if ((uint64_t)child << (DISTANCE_LANES_LOG2 * level) >= end)
            break;
    }
    if (question->full)
        question->cell->count = 0;
}

static double slack2(const struct distance_map *map, double chord2)
{
    double bulge_m = map->cell_m * map->cell_m / RADIUS_M;
    double bulge2 = bulge_m * (2 * num_sqrt(chord2) + bulge_m) + ROUNDING_M2;
    return distance_chord2_rivals(map->index, chord2) - chord2 + bulge2;
}

static void fill_cell(const struct builder *builder, uint32_t column, struct distance_cell *cell)
{
    const struct corner *corners[CORNERS] = {&builder->below[column], &builder->below[column + 1],
                                             &builder->above[column], &builder->above[column + 1]};
    struct question question = {.cell = cell, .full = false};
    for (int i = 0; i < CORNERS; i++) {
        double most2 = 0;
        for (int j = 0; j < CORNERS; j++) {
            question.foot2[i][j] = gap2(corners[j]->at, corners[i]->foot);
            most2 = question.foot2[i][j] > most2 ? question.foot2[i][j] : most2;
        }
        double slack = slack2(builder->map, most2);
        for (int j = 0; j < CORNERS; j++)
            question.foot2[i][j] += slack;
        question.at[i] = corners[i]->at;
    }
    ask_tree(builder->index, &question);
}

static void fill_corners(struct builder *builder, uint32_t row)
{
    struct distance_map *map = builder->map;
    for (uint32_t i = 0; i <= map->columns; i++) {
        struct corner *corner = &builder->above[i];
        *corner = corner_at(builder->index, map->west_m + i * map->cell_m,
                            map->south_m + row * map->cell_m);
        if (corner->at.z - map->cell_m < map->floor_m)
            map->floor_m = corner->at.z - map->cell_m;
    }
}

static void fill_cells(struct builder *builder)
{
    fill_corners(builder, 0);
    for (uint32_t row = 0; row < builder->map->rows; row++) {
        struct corner *below = builder->above;
        builder->above = builder->below;
        builder->below = below;
        fill_corners(builder, row + 1);
        for (uint32_t i = 0; i < builder->map->columns; i++)
            fill_cell(builder, i, &builder->cells[(size_t)row * builder->map->columns + i]);
    }
}

static double clamped(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* The rectangle of the line and what is within reach of it, and the size of its cells. */
static void lay_out(struct distance_map *map, double reach_m)
{
    const struct distance_node *top = map->index->levels[map->index->level_count - 1];
    double west = HALF_MAX_M, east = -HALF_MAX_M, south = HALF_MAX_M, north = -HALF_MAX_M;
    for (uint32_t k = 0; k < LANES; k++) {
        west = top->west[k / 4][k % 4] < west ? top->west[k / 4][k % 4] : west;
        east = top->east[k / 4][k % 4] > east ? top->east[k / 4][k % 4] : east;
        south = top->south[k / 4][k % 4] < south ? top->south[k / 4][k % 4] : south;
        north = top->north[k / 4][k % 4] > north ? top->north[k / 4][k % 4] : north;
    }
    map->west_m = clamped(west - reach_m, -HALF_MAX_M, HALF_MAX_M);
    map->south_m = clamped(south - reach_m, -HALF_MAX_M, HALF_MAX_M);
    double width = clamped(east + reach_m, -HALF_MAX_M, HALF_MAX_M) - map->west_m;
    double height = clamped(north + reach_m, -HALF_MAX_M, HALF_MAX_M) - map->south_m;
    /* One row and column may be begun and not filled: the area is that much larger at most. */
    double cell = num_sqrt(width * height / DISTANCE_CELLS_MAX);
    cell = cell > CELL_MIN_M ? cell : CELL_MIN_M;
    do {
        map->cell_m = cell;
        map->columns = (uint32_t)(width / cell) + 1;
        map->rows = (uint32_t)(height / cell) + 1;
        cell *= 1.01;
    } while ((uint64_t)map->columns * map->rows > DISTANCE_CELLS_MAX);
    map->per_cell = 1 / map->cell_m;
}

int distance_map_of(const struct distance_index *index, double reach_m, struct arena *arena,
                    const struct distance_map **ret_map, struct err *err)
{
    if (!(reach_m > 0 && reach_m <= HALF_MAX_M))
        return err_set(err, EXIT_DATA, "distance map: a reach of %.0f m; give 1 to %.0f", reach_m,
                       HALF_MAX_M);
    struct distance_map *map = ARENA_ARRAY(arena, struct distance_map, 1);
    if (!map)
        return err_set(err, EXIT_CONFIG, "distance map: no memory under the limit");
    map->index = index;
    lay_out(map, reach_m);
    size_t count = (size_t)map->columns * map->rows;
    struct builder builder = {.index = index, .map = map};
    builder.cells = ARENA_ARRAY(arena, struct distance_cell, count);
    map->cells = builder.cells;
    struct arena_mark mark = arena_mark(arena);
    builder.below = ARENA_ARRAY(arena, struct corner, map->columns + 1);
    builder.above = ARENA_ARRAY(arena, struct corner, map->columns + 1);
    if (!builder.cells || !builder.below || !builder.above)
        return err_set(err, EXIT_CONFIG, "distance map: no memory for %zu cells under the limit",
                       count);
    fill_cells(&builder);
    arena_rewind(arena, mark);
    *ret_map = map;
    return 0;
}

/* NULL: off the map. */
static const struct distance_cell *cell_of(const struct distance_map *map, struct distance_vec at)
{
    double x = (at.x - map->west_m) * map->per_cell, y = (at.y - map->south_m) * map->per_cell;
    if (!(x >= 0 && y >= 0 && x < map->columns && y < map->rows && at.z >= map->floor_m))
        return NULL;
    return &map->cells[(size_t)(uint32_t)y * map->columns + (uint32_t)x];
}

/* Points that are worked on side by side: the processor looks at the pieces of one while it waits
 * for the square roots of another. */
struct batch {
    const struct distance_map *map;
    size_t count;
    struct distance_point points[BATCH];
    const struct distance_cell *cells[BATCH];
    size_t waiting_count;
    struct {
        uint32_t point, piece;
    } waiting[BATCH_WAITING];
};

static void look(struct batch *batch)
{
    for (size_t i = 0; i < batch->waiting_count; i++)
        distance_point_look(batch->map->index, batch->waiting[i].piece, 0, 1,
                            &batch->points[batch->waiting[i].point]);
    batch->waiting_count = 0;
}

/* The chords of all blocks of a cell; those that may lead to the nearest foot wait. */
static void sift(struct batch *batch, uint32_t point)
{
    const struct distance_index *index = batch->map->index;
    const struct distance_cell *cell = batch->cells[point];
    struct distance_chords chords[DISTANCE_CELL_BLOCKS];
    double least2 = DISTANCE_CHORD2_MAX;
    for (uint32_t k = 0; k < cell->count; k++) {
        distance_chords2(&index->blocks[cell->blocks[k]], batch->points[point].at, &chords[k]);
        least2 = chords[k].least2 < least2 ? chords[k].least2 : least2;
    }
    double limit2 = distance_chord2_rivals(index, least2);
    size_t n = batch->waiting_count;
    for (uint32_t k = 0; k < cell->count; k++) {
        for (uint32_t i = 0; chords[k].least2 < limit2 && i < LANES; i++) {
            batch->waiting[n].point = point;
            batch->waiting[n].piece = cell->blocks[k] * LANES + i;
            n += chords[k].chord2[i] < limit2;
        }
    }
    batch->waiting_count = n;
}

static void work_through(struct batch *batch, const double *lon_deg, const double *lat_deg,
                         struct foot *ret_feet)
{
    const struct distance_index *index = batch->map->index;
    for (size_t i = 0; i < batch->count; i++) {
        distance_point_begin(index, lon_deg[i], lat_deg[i], &batch->points[i]);
        batch->cells[i] = cell_of(batch->map, batch->points[i].at);
        __builtin_prefetch(batch->cells[i]);
    }
    for (uint32_t i = 0; i < batch->count; i++) {
        if (batch->waiting_count > BATCH_WAITING - DISTANCE_CELL_BLOCKS * LANES)
            look(batch);
        if (batch->cells[i])
            sift(batch, i);
    }
    look(batch);
    for (size_t i = 0; i < batch->count; i++)
        ret_feet[i] = batch->points[i].piece != DISTANCE_NONE
                          ? distance_point_foot(index, &batch->points[i])
                          : distance_foot(index, lon_deg[i], lat_deg[i]);
}

void distance_map_feet(const struct distance_map *map, const double *lon_deg, const double *lat_deg,
                       size_t n, struct foot *ret_feet)
{
    struct batch batch;
    batch.map = map;
    batch.waiting_count = 0;
    for (size_t i = 0; i < n; i += batch.count) {
        batch.count = n - i < BATCH ? n - i : BATCH;
        work_through(&batch, lon_deg + i, lat_deg + i, ret_feet + i);
    }
}
