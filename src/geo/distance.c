#include "geo/distance.h"

#include <assert.h>

#include "geo/distance_index.h"
#include "geo/geodesic.h"
#include "num/num.h"

#define LANES DISTANCE_LANES
#define NONE  UINT32_MAX

#define A     GEODESIC_WGS84_A
#define B     (A * (1.0 - GEODESIC_WGS84_F))
#define POLAR (A * A / (B * B) - 1) /* second eccentricity, squared */

/* The greatest radius of curvature of the ellipsoid, a^2 / b at the poles, rounded up. */
#define RADIUS_MAX_M 6.4e6

/* Longer than any chord through the earth, squared. */
#define CHORD2_MAX 1e15

/* Where the series for the arc over a chord ends and the arc sine begins: (c / R)^2, about
 * 2,000 km, where the first term left out is 0.4 mm and the radius in doubt by 0.8 m. */
#define SERIES_MAX 0.1

/* A square of distances in float against one in double: three roundings each way. */
#define FLOAT_SLACK (1 + 1e-6)

/* err_m: rounding and the bow of the edges, and what one radius for the whole arc leaves out,
 * which is about e'^2 R (s/R)^5 / 160; test/unit/test_distance.c measures both. Beyond a quarter of
 * the earth nothing better is said than that it is far. */
#define ERR_BASE_M 2e-6
#define ERR_PER_S5 3.2e-32
#define ERR_LOST_M 1e6
#define LOST_M     1e7

/* Room for a node's children beside the siblings on the way to it. */
#define STACK_MAX ((DISTANCE_LEVELS_MAX + 1) * LANES)

struct search {
    const struct distance_index *index;
    struct distance_vec at; /* the point in the frame */
    double polar_m;         /* its earth-centred z */
    uint32_t first, last;   /* pieces that count */
    double t_first, t_last; /* where on these two the part begins and ends */
    double best_m, limit2;  /* only a chord whose square is below limit2 can lead to less */
    uint32_t piece;
    double t;
};

/*
 * The chord that a geodesic of s_m spans at most, squared: 2 R^2 (1 - cos(s/R)) for the greatest
 * R, cut after a positive term; then widened by the bow that the chords of pieces leave out.
 */
static double chord2_limit(double s_m, double bow_m)
{
    double h = s_m * s_m / (RADIUS_MAX_M * RADIUS_MAX_M);
    double chord2 = s_m * s_m * (1 - h * (1.0 / 12 - h / 360));
    return (chord2 + bow_m * (2 * s_m + bow_m)) * (1 + 1e-12) + 1e-12;
}

/* s / c from h = (c / R)^2: arc sine of half a chord. */
static double arc_per_chord(double h)
{
    if (h <= SERIES_MAX)
        return 1 + h * (1.0 / 24 + h * (3.0 / 640 + h * (5.0 / 7168 + h * (35.0 / 294912))));
    double sine2 = h < 4 ? h / 4 : 1, sine = num_sqrt(sine2);
    return num_atan2(sine, num_sqrt(1 - sine2)) / sine;
}

/*
 * Geodesic length over a chord between two points of the ellipsoid, from its square and the
 * earth-centred z of its ends.
 *
 * With Q(v) = (vx^2 + vy^2) / a^2 + vz^2 / b^2, the ellipsoid is Q = 1, and the curvature of the
 * normal section along v at a point p of it is Q(v) / |v|^2 / |grad Q(p) / 2|. p is the middle of
 * the chord v, blown up to the surface by 1 / sqrt(1 - Q(v)/4); of its coordinates only z is
 * needed, because Q(p) = 1 tells the rest.
 */
static double length_over_chord(double chord2, double z1_m, double z2_m)
{
    if (chord2 <= 0)
        return 0;
    double dz = z2_m - z1_m, middle = (z1_m + z2_m) / 2;
    double q = (chord2 + POLAR * dz * dz) / (A * A);
    double depth = 1 - q / 4;
    double z2 = middle * middle < B * B * depth ? middle * middle / depth : B * B;
    double gradient2 = 1 + POLAR * z2 / (B * B); /* times a^2 */
    return num_sqrt(chord2) * arc_per_chord(A * A * q * q / (chord2 * gradient2));
}

static double clamped(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* A piece, and the point's place from its start. */
struct piece {
    struct distance_vec d, bow, from;
    double per_square;
};

static struct piece piece_at(const struct search *search, uint32_t i)
{
    const struct distance_block *block = &search->index->blocks[i / LANES];
    struct distance_bow bow = search->index->bows[i];
    uint32_t k = i % LANES;
    return (struct piece){
        .d = {block->dx[k], block->dy[k], block->dz[k]},
        .bow = {bow.x, bow.y, bow.z},
        .from = {search->at.x - block->x[k], search->at.y - block->y[k],
                 search->at.z - block->z[k]},
        .per_square = block->per_square[k],
    };
}

static double dot(struct distance_vec a, struct distance_vec b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

/* a + b * by */
static struct distance_vec plus(struct distance_vec a, struct distance_vec b, double by)
{
    return (struct distance_vec){a.x + b.x * by, a.y + b.y * by, a.z + b.z * by};
}

/* From the point to the place t on the piece, which runs as start + t d + 4 t (1 - t) bow. */
static struct distance_vec piece_gap(const struct piece *piece, double t)
{
    struct distance_vec gap = plus(piece->bow, piece->bow, 4 * t * (1 - t) - 1);
    return plus(plus(gap, piece->d, t), piece->from, -1);
}

/* The foot on the chord, and one step of Newton's from there to the one on the bowed piece. */
static double piece_foot(const struct piece *piece, double low, double high)
{
    double t = clamped(dot(piece->from, piece->d) * piece->per_square, low, high);
    struct distance_vec gap = piece_gap(piece, t);
    struct distance_vec tangent = plus(piece->d, piece->bow, 4 - 8 * t);
    double bend = dot(tangent, tangent) - 8 * dot(gap, piece->bow);
    if (bend <= 0) /* beyond the centre of curvature an end is nearer, and stands there already */
        return t;
    return clamped(t - dot(gap, tangent) / bend, low, high);
}

static void try_piece(struct search *search, uint32_t i)
{
    const struct distance_index *index = search->index;
    struct piece piece = piece_at(search, i);
    double t = piece_foot(&piece, i == search->first ? search->t_first : 0,
                          i == search->last ? search->t_last : 1);
    struct distance_vec gap = piece_gap(&piece, t);
    double up_m = gap.x * index->along.z + gap.y * index->across.z + gap.z * index->up.z;
    double s_m = length_over_chord(dot(gap, gap), search->polar_m, search->polar_m + up_m);
    if (s_m > search->best_m)
        return;
    search->best_m = s_m;
    search->limit2 = chord2_limit(s_m, index->bow_max_m);
    search->piece = i;
    search->t = t;
}

/* Squares of the distances to the chords of a block. */
static void block_chords2(const struct distance_block *block, struct distance_vec at,
                          double ret_chord2[LANES])
{
    for (int k = 0; k < LANES; k++) {
        double x = at.x - block->x[k], y = at.y - block->y[k], z = at.z - block->z[k];
        double t = (x * block->dx[k] + y * block->dy[k] + z * block->dz[k]) * block->per_square[k];
        t = t > 0 ? t : 0;
        t = t < 1 ? t : 1;
        x -= t * block->dx[k];
        y -= t * block->dy[k];
        z -= t * block->dz[k];
        ret_chord2[k] = x * x + y * y + z * z;
    }
}

static void try_block(struct search *search, uint32_t block)
{
    double chord2[LANES];
    block_chords2(&search->index->blocks[block], search->at, chord2);
    for (uint32_t k = 0; k < LANES; k++) {
        uint32_t i = block * LANES + k;
        if (chord2[k] < search->limit2 && i >= search->first && i <= search->last)
            try_piece(search, i);
    }
}

/* Squares of the distances to the boxes of a node's children, in the plane of the frame. */
static void node_nears2(const struct distance_node *node, float x, float y, float ret_near2[LANES])
{
    for (int k = 0; k < LANES; k++) {
        float west = node->west[k] - x, east = x - node->east[k];
        float south = node->south[k] - y, north = y - node->north[k];
        float dx = west > east ? west : east, dy = south > north ? south : north;
        dx = dx > 0 ? dx : 0;
        dy = dy > 0 ? dy : 0;
        ret_near2[k] = dx * dx + dy * dy;
    }
}

struct branch {
    float near2;
    uint32_t level, child; /* a node of this level; or a block, if level is 0 */
};

struct stack {
    uint32_t count;
    struct branch branches[STACK_MAX];
};

/* Level l holds what is below nodes of level l: 8^(l + 1) pieces a child. */
static bool counts(const struct search *search, uint32_t level, uint32_t child)
{
    uint32_t shift = DISTANCE_LANES_LOG2 * (level + 1);
    return child >= search->first >> shift && child <= search->last >> shift;
}

/* The children of a node that may hold less than the best, the nearest on top. */
static void push_children(const struct search *search, uint32_t level, uint32_t i,
                          struct stack *stack)
{
    float near2[LANES], limit2 = (float)(search->limit2 * FLOAT_SLACK);
    node_nears2(&search->index->levels[level][i], (float)search->at.x, (float)search->at.y, near2);
    uint32_t bottom = stack->count;
    for (uint32_t k = 0; k < LANES; k++) {
        uint32_t child = i * LANES + k, j = stack->count;
        if (near2[k] > limit2 || !counts(search, level, child))
            continue;
        assert(stack->count < STACK_MAX);
        for (; j > bottom && stack->branches[j - 1].near2 < near2[k]; j--)
            stack->branches[j] = stack->branches[j - 1];
        stack->branches[j] = (struct branch){.near2 = near2[k], .level = level, .child = child};
        stack->count++;
    }
}

/* Down the tree, nearest first; stops at the first find if one is enough. */
static void search_tree(struct search *search, bool one_is_enough)
{
    struct stack stack = {.count = 0};
    push_children(search, search->index->level_count - 1, 0, &stack);
    while (stack.count > 0 && !(one_is_enough && search->piece != NONE)) {
        struct branch branch = stack.branches[--stack.count];
        if (branch.near2 > search->limit2 * FLOAT_SLACK)
            continue;
        if (branch.level == 0)
            try_block(search, branch.child);
        else
            push_children(search, branch.level - 1, branch.child, &stack);
    }
}

static struct search search_begin(const struct distance_index *index, double lon_deg,
                                  double lat_deg)
{
    struct ecef point = geodesic_to_ecef(lat_deg, lon_deg);
    return (struct search){
        .index = index,
        .at = distance_local(index, point),
        .polar_m = point.z_m,
        .last = index->piece_count - 1,
        .t_last = 1,
        .best_m = CHORD2_MAX,
        .limit2 = CHORD2_MAX,
        .piece = NONE,
    };
}

static double error_bound_m(double s_m)
{
    if (s_m > LOST_M)
        return ERR_LOST_M;
    return ERR_BASE_M + ERR_PER_S5 * (s_m * s_m) * (s_m * s_m) * s_m;
}

static struct foot search_end(const struct search *search)
{
    const struct distance_index *index = search->index;
    assert(search->piece != NONE);
    uint32_t piece = search->piece, edge = index->piece_edge[piece];
    uint32_t first = index->edge_piece[edge], count = index->edge_piece[edge + 1] - first;
    struct foot foot = {.dist_m = search->best_m,
                        .edge = edge,
                        .t = ((double)(piece - first) + search->t) / (double)count,
                        .err_m = error_bound_m(search->best_m)};
    if (index->station_m) {
        const double *station_m = &index->station_m[piece];
        foot.station_m = station_m[0] + search->t * (station_m[1] - station_m[0]);
    }
    return foot;
}

struct foot distance_foot(const struct distance_index *index, double lon_deg, double lat_deg)
{
    struct search search = search_begin(index, lon_deg, lat_deg);
    search_tree(&search, false);
    return search_end(&search);
}

void distance_feet(const struct distance_index *index, const double *lon_deg, const double *lat_deg,
                   size_t n, struct foot *ret_feet)
{
    uint32_t guess = 0; /* the piece of the point before: a good bound to begin with */
    for (size_t i = 0; i < n; i++) {
        struct search search = search_begin(index, lon_deg[i], lat_deg[i]);
        try_piece(&search, guess);
        search_tree(&search, false);
        guess = search.piece;
        ret_feet[i] = search_end(&search);
    }
}

/* The piece that holds a station, and where on it. */
static uint32_t piece_of_station(const struct distance_index *index, double station_m,
                                 double *ret_t)
{
    uint32_t low = 0, high = index->piece_count - 1; /* the answer is in low .. high */
    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;
        if (index->station_m[middle] <= station_m)
            low = middle;
        else
            high = middle - 1;
    }
    double start_m = index->station_m[low], length_m = index->station_m[low + 1] - start_m;
    *ret_t = length_m > 0 ? clamped((station_m - start_m) / length_m, 0, 1) : 0;
    return low;
}

struct foot distance_foot_within(const struct distance_index *index, double lon_deg, double lat_deg,
                                 double from_station_m, double to_station_m)
{
    assert(index->station_m);
    double from_m = from_station_m < to_station_m ? from_station_m : to_station_m;
    double to_m = from_station_m < to_station_m ? to_station_m : from_station_m;
    struct search search = search_begin(index, lon_deg, lat_deg);
    search.first = piece_of_station(index, clamped(from_m, 0, index->length_m), &search.t_first);
    search.last = piece_of_station(index, clamped(to_m, 0, index->length_m), &search.t_last);
    search_tree(&search, false);
    return search_end(&search);
}

bool distance_beyond(const struct distance_index *index, double lon_deg, double lat_deg,
                     double dist_m)
{
    if (dist_m < 0)
        return true;
    struct search search = search_begin(index, lon_deg, lat_deg);
    search.best_m = dist_m;
    search.limit2 = chord2_limit(dist_m, index->bow_max_m);
    search_tree(&search, true);
    return search.piece == NONE;
}

double distance_length_m(const struct distance_index *index)
{
    return index->length_m;
}
