#include "geo/distance.h"

#include <assert.h>
#include <string.h>

#include "geo/distance_index.h"
#include "geo/geodesic.h"
#include "num/num.h"

#define LANES DISTANCE_LANES
#define PAIRS DISTANCE_PAIRS
#define FOURS DISTANCE_FOURS
#define NONE  UINT32_MAX

#define A     GEODESIC_WGS84_A
#define E2    (GEODESIC_WGS84_F * (2.0 - GEODESIC_WGS84_F))
#define B     (A * (1.0 - GEODESIC_WGS84_F))
#define POLAR (A * A / (B * B) - 1) /* second eccentricity, squared */

/* Radii of curvature of the ellipsoid lie between b^2 / a and a^2 / b, rounded outwards. The
 * squares of the two differ by RADIUS_SPREAD. */
#define RADIUS_MIN_M  6.335e6
#define RADIUS_MAX_M  6.4e6
#define RADIUS_SPREAD 0.0206

/* Longer than any chord through the earth, squared. */
#define CHORD2_MAX 1e15
#define FLOAT_MAX  1e30f

/* Where the series for the arc over a chord ends and the arc sine begins: (c / R)^2, about
 * 2,000 km, where the first term left out is 0.4 mm and the radius in doubt by 0.8 m. */
#define SERIES_MAX 0.1

/* A square of distances in float against one in double: three roundings each way. */
#define FLOAT_SLACK (1 + 1e-6)

/* err_m: rounding and the bow of the edges, and what one radius for the whole arc leaves out,
 * which is about e'^2 R (s/R)^5 / 160; test/unit/test_distance.c measures both. Beyond a quarter of
 * the earth nothing better is said than that it is far. */
#define ERR_BASE_M 5e-6
#define ERR_PER_S5 3.2e-32
#define ERR_LOST_M 1e6
#define LOST_M     1e7

/* Above (c / R)^2 = 3, 13,000 km, lengths are too unlike the chords: every piece is looked at. */
#define NEARS_MAX 3.0

/* Pieces that wait for a closer look. */
#define WAITING_MAX 24

/* Room for a node's children beside the siblings on the way to it. */
#define STACK_MAX ((DISTANCE_LEVELS_MAX + 1) * LANES)

/* A piece whose chord may lead to the nearest foot, and the square of that chord. */
struct waiting {
    double chord2;
    uint32_t piece;
};

/*
 * A search has two grades. Chords are cheap: blocks of them are compared with the least one so
 * far, and what is above limit2 cannot lead to the nearest foot. The few that remain wait, and
 * are looked at closely when all is seen.
 */
struct search {
    const struct distance_index *index;
    struct distance_vec at; /* the point in the frame */
    double polar_m;         /* its earth-centred z */
    bool part;              /* only pieces first .. last count, from t_first to t_last */
    uint32_t first, last;
    double t_first, t_last;
    double least2, limit2; /* squares of chords: the least, and the greatest that may matter */
    double best_m;         /* closely looked at: */
    uint32_t piece;
    double t;
    uint32_t seen; /* a block that need not be seen again */
    uint32_t waiting_count;
    struct waiting waiting[WAITING_MAX];
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

/*
 * With one chord known, the square of the longest that may still lead to a shorter geodesic: both
 * may bow, and the radius may be least for the one and greatest for the other. s/c is a function
 * g((c/R)^2) with g' <= (1 + h) / 24 for h <= 3.
 */
static double chord2_rivals(double chord2, double bow_m)
{
    double chord_m = num_sqrt(chord2) + bow_m;
    double h = chord_m * chord_m / (RADIUS_MIN_M * RADIUS_MIN_M);
    if (h > NEARS_MAX)
        return CHORD2_MAX;
    double rival_m = chord_m * (1 + RADIUS_SPREAD / 24 * h * (1 + h)) + bow_m;
    return rival_m * rival_m * (1 + 1e-12) + 1e-12;
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
    uint32_t pair = i % LANES / 2, k = i % 2;
    return (struct piece){
        .d = {block->dx[pair][k], block->dy[pair][k], block->dz[pair][k]},
        .bow = {bow.x, bow.y, bow.z},
        .from = {search->at.x - block->x[pair][k], search->at.y - block->y[pair][k],
                 search->at.z - block->z[pair][k]},
        .per_square = block->per_square[pair][k],
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

static void look_closely(struct search *search, uint32_t i)
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
    search->piece = i;
    search->t = t;
}

static void lower_limit(struct search *search, double limit2)
{
    search->limit2 = limit2 < search->limit2 ? limit2 : search->limit2;
}

/* Looks at those that wait and are still within the limit. */
static void settle(struct search *search)
{
    for (uint32_t i = 0; i < search->waiting_count; i++)
        if (search->waiting[i].chord2 < search->limit2)
            look_closely(search, search->waiting[i].piece);
    search->waiting_count = 0;
    lower_limit(search, chord2_limit(search->best_m, search->index->bow_max_m));
}

/* Squares of the distances to the chords of a block. */
static void block_chords2(const struct distance_block *block, struct distance_vec at,
                          distance_vec2 ret_chord2[PAIRS])
{
    for (int k = 0; k < PAIRS; k++) {
        distance_vec2 x = at.x - block->x[k], y = at.y - block->y[k], z = at.z - block->z[k];
        distance_vec2 t =
            (x * block->dx[k] + y * block->dy[k] + z * block->dz[k]) * block->per_square[k];
        t = (distance_vec2)((t > 0) & (distance_mask2)t);
        t = (distance_vec2)((t < 1) & (distance_mask2)(t - 1)) + 1;
        x -= t * block->dx[k];
        y -= t * block->dy[k];
        z -= t * block->dz[k];
        ret_chord2[k] = x * x + y * y + z * z;
    }
}

/* Where only a part of the line counts: the chords as far as they belong to it. */
static void restrict_chords2(const struct search *search, uint32_t first_piece,
                             double chord2[LANES])
{
    for (uint32_t k = 0; k < LANES; k++) {
        uint32_t i = first_piece + k;
        if (i < search->first || i > search->last) {
            chord2[k] = CHORD2_MAX;
        } else if (i == search->first || i == search->last) {
            struct piece piece = piece_at(search, i);
            double t = clamped(dot(piece.from, piece.d) * piece.per_square,
                               i == search->first ? search->t_first : 0,
                               i == search->last ? search->t_last : 1);
            struct distance_vec gap = plus(piece.from, piece.d, -t);
            chord2[k] = dot(gap, gap);
        }
    }
}

/* Lowers the limit by the least chord of a block, and lets those below it wait. Without branches
 * on single lanes: nothing foretells them. */
static void see_block(struct search *search, uint32_t block)
{
    distance_vec2 pairs[PAIRS];
    double chord2[LANES];
    if (search->waiting_count > WAITING_MAX - LANES)
        settle(search);
    block_chords2(&search->index->blocks[block], search->at, pairs);
    memcpy(chord2, pairs, sizeof chord2);
    if (search->part)
        restrict_chords2(search, block * LANES, chord2);
    double least2 = search->least2;
    for (uint32_t k = 0; k < LANES; k++)
        least2 = chord2[k] < least2 ? chord2[k] : least2;
    if (least2 < search->least2) {
        search->least2 = least2;
        lower_limit(search, chord2_rivals(least2, search->index->bow_max_m));
    }
    uint32_t n = search->waiting_count;
    for (uint32_t k = 0; k < LANES; k++) {
        search->waiting[n] = (struct waiting){.chord2 = chord2[k], .piece = block * LANES + k};
        n += chord2[k] < search->limit2;
    }
    search->waiting_count = n;
}

/* Squares of the distances to the boxes of a node's children, in the plane of the frame. */
static void node_nears2(const struct distance_node *node, float x, float y,
                        distance_vec4 ret_near2[FOURS])
{
    for (int k = 0; k < FOURS; k++) {
        distance_vec4 west = node->west[k] - x, east = x - node->east[k];
        distance_vec4 south = node->south[k] - y, north = y - node->north[k];
        /* One of a pair at most is above 0, and only the one above counts. */
        distance_vec4 dx = (distance_vec4)(((west > 0) & (distance_mask4)west) |
                                           ((east > 0) & (distance_mask4)east));
        distance_vec4 dy = (distance_vec4)(((south > 0) & (distance_mask4)south) |
                                           ((north > 0) & (distance_mask4)north));
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

/* The children of a node that may hold less than the limit, the nearest on top. Child k of a node
 * of level l stands for 8^(l + 1) pieces. */
static void push_children(const struct search *search, uint32_t level, uint32_t node,
                          struct stack *stack)
{
    distance_vec4 fours[FOURS];
    float near2[LANES], limit2 = (float)(search->limit2 * FLOAT_SLACK), least2 = FLOAT_MAX;
    node_nears2(&search->index->levels[level][node], (float)search->at.x, (float)search->at.y,
                fours);
    memcpy(near2, fours, sizeof near2);
    uint32_t shift = DISTANCE_LANES_LOG2 * (level + 1), n = stack->count, nearest = n;
    uint32_t first = search->first >> shift, last = search->last >> shift;
    for (uint32_t k = 0; k < LANES; k++) {
        uint32_t child = node * LANES + k;
        bool in = near2[k] <= limit2 && child >= first && child <= last;
        stack->branches[n] = (struct branch){.near2 = near2[k], .level = level, .child = child};
        nearest = in && near2[k] < least2 ? n : nearest;
        least2 = in && near2[k] < least2 ? near2[k] : least2;
        n += in;
    }
    if (n > stack->count) {
        struct branch top = stack->branches[nearest];
        stack->branches[nearest] = stack->branches[n - 1];
        stack->branches[n - 1] = top;
    }
    stack->count = n;
}

/* Down the tree, nearest first; stops at the first find if any foot below best_m is enough. */
static void search_tree(struct search *search, bool any)
{
    struct stack stack;
    stack.count = 0;
    push_children(search, search->index->level_count - 1, 0, &stack);
    while (stack.count > 0) {
        struct branch branch = stack.branches[--stack.count];
        if (branch.near2 > search->limit2 * FLOAT_SLACK)
            continue;
        if (branch.level > 0) {
            push_children(search, branch.level - 1, branch.child, &stack);
            continue;
        }
        if (branch.child == search->seen)
            continue;
        see_block(search, branch.child);
        if (!any)
            continue;
        settle(search);
        if (search->piece != NONE)
            return;
    }
    settle(search);
}

static double nearest(double x)
{
    return (double)(int64_t)(x < 0 ? x - 0.5 : x + 0.5);
}

/* Sine and cosine of degrees: of the nearest whole degree from the table, and of the rest by
 * their series; the first terms left out are below 1e-18 and 1e-21. */
static void sincos_deg(const double *sine, double deg, double *ret_sin, double *ret_cos)
{
    double whole = nearest(deg), r = (deg - whole) * (NUM_PI / 180), r2 = r * r;
    int64_t turn = (int64_t)whole % 360;
    const double *at = sine + (turn < 0 ? turn + 360 : turn);
    double s = r - r * r2 * (1.0 / 6 - r2 / 120);
    double versine = r2 * (1.0 / 2 - r2 * (1.0 / 24 - r2 / 720));
    *ret_sin = at[0] + (at[90] * s - at[0] * versine);
    *ret_cos = at[90] - (at[0] * s + at[90] * versine);
}

/* geodesic_to_ecef, quicker: 1 / sqrt(1 - u) by its series, u = e^2 sin^2 lat <= 0.0067. */
static struct ecef to_ecef(const struct distance_index *index, double lon_deg, double lat_deg)
{
    double slat, clat, slon, clon;
    sincos_deg(index->sine, lat_deg, &slat, &clat);
    sincos_deg(index->sine, lon_deg, &slon, &clon);
    double u = E2 * slat * slat;
    double transverse =
        A *
        (1 + u * (1.0 / 2 +
                  u * (3.0 / 8 +
                       u * (5.0 / 16 + u * (35.0 / 128 + u * (63.0 / 256 + u * (231.0 / 1024)))))));
    return (struct ecef){.x_m = transverse * clat * clon,
                         .y_m = transverse * clat * slon,
                         .z_m = transverse * (1 - E2) * slat};
}

static void search_begin(const struct distance_index *index, double lon_deg, double lat_deg,
                         struct search *search)
{
    struct ecef point = to_ecef(index, lon_deg, lat_deg);
    search->index = index;
    search->at = distance_local(index, point);
    search->polar_m = point.z_m;
    search->part = false;
    search->first = 0;
    search->last = index->piece_count - 1;
    search->t_first = 0;
    search->t_last = 1;
    search->least2 = search->limit2 = search->best_m = CHORD2_MAX;
    search->piece = search->seen = NONE;
    search->waiting_count = 0;
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
    struct search search;
    search_begin(index, lon_deg, lat_deg, &search);
    search_tree(&search, false);
    return search_end(&search);
}

void distance_feet(const struct distance_index *index, const double *lon_deg, const double *lat_deg,
                   size_t n, struct foot *ret_feet)
{
    uint32_t guess = 0; /* the block of the foot before: a good bound to begin with */
    for (size_t i = 0; i < n; i++) {
        struct search search;
        search_begin(index, lon_deg[i], lat_deg[i], &search);
        see_block(&search, guess);
        search.seen = guess;
        search_tree(&search, false);
        guess = search.piece / LANES;
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
    struct search search;
    search_begin(index, lon_deg, lat_deg, &search);
    search.part = true;
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
    struct search search;
    search_begin(index, lon_deg, lat_deg, &search);
    search.best_m = dist_m;
    lower_limit(&search, chord2_limit(dist_m, index->bow_max_m));
    search_tree(&search, true);
    return search.piece == NONE;
}

double distance_length_m(const struct distance_index *index)
{
    return index->length_m;
}
