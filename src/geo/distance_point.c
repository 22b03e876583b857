#include "geo/distance_point.h"

#include <assert.h>

#include "geo/geodesic.h"
#include "num/num.h"

#define LANES DISTANCE_LANES

#define A     GEODESIC_WGS84_A
#define E2    (GEODESIC_WGS84_F * (2.0 - GEODESIC_WGS84_F))
#define B     (A * (1.0 - GEODESIC_WGS84_F))
#define POLAR (A * A / (B * B) - 1) /* second eccentricity, squared */

/* Radii of curvature of the ellipsoid lie between b^2 / a and a^2 / b, rounded outwards. The
 * squares of the two differ by RADIUS_SPREAD. */
#define RADIUS_MIN_M  6.335e6
#define RADIUS_MAX_M  6.4e6
#define RADIUS_SPREAD 0.0206

/* Where the series for the arc over a chord ends and the arc sine begins: (c / R)^2, about
 * 2,000 km, where the first term left out is 0.4 mm and the radius in doubt by 0.8 m. */
#define SERIES_MAX 0.1

/* err_m: rounding and the bow of the edges, and what one radius for the whole arc leaves out,
 * which is about e'^2 R (s/R)^5 / 160; test/unit/test_distance.c measures both. Beyond a quarter of
 * the earth nothing better is said than that it is far. */
#define ERR_BASE_M 5e-6
#define ERR_PER_S5 3.2e-32
#define ERR_LOST_M 1e6
#define LOST_M     1e7

/* Above (c / R)^2 = 3, 13,000 km, lengths are too unlike the chords: every piece is looked at. */
#define NEARS_MAX 3.0

/*
 * The chord that a geodesic of s_m spans at most, squared: 2 R^2 (1 - cos(s/R)) for the greatest
 * R, cut after a positive term; then widened by the bow that the chords of pieces leave out.
 */
double distance_chord2_limit(const struct distance_index *index, double s_m)
{
    double bow_m = index->bow_max_m;
    double h = s_m * s_m / (RADIUS_MAX_M * RADIUS_MAX_M);
    double chord2 = s_m * s_m * (1 - h * (1.0 / 12 - h / 360));
    return (chord2 + bow_m * (2 * s_m + bow_m)) * (1 + 1e-12) + 1e-12;
}

/* Both may bow, and the radius may be least for the one and greatest for the other: s/c is a
 * function g(h), h = (c/R)^2, and g' <= (1 + h) / 24 for h <= 3. */
double distance_chord2_rivals(const struct distance_index *index, double chord2)
{
    double bow_m = index->bow_max_m, chord_m = num_sqrt(chord2) + bow_m;
    double h = chord_m * chord_m / (RADIUS_MIN_M * RADIUS_MIN_M);
    if (h > NEARS_MAX)
        return DISTANCE_CHORD2_MAX;
    double rival_m = chord_m * (1 + RADIUS_SPREAD / 24 * h * (1 + h)) + bow_m;
    return rival_m * rival_m * (1 + 1e-12) + 1e-12;
}

/* s / c from h = (c / R)^2: arc sine of half a chord. */
static inline double arc_per_chord(double h)
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
static inline double length_over_chord(double chord2, double z1_m, double z2_m)
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

static inline double clamped(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* A piece, and the point's place from its start. */
struct piece {
    struct distance_vec d, bow, from;
    double per_square;
};

static inline struct piece piece_at(const struct distance_index *index, uint32_t i,
                                    struct distance_vec at)
{
    const struct distance_block *block = &index->blocks[i / LANES];
    struct distance_bow bow = index->bows[i];
    uint32_t pair = i % LANES / 2, k = i % 2;
    return (struct piece){
        .d = {block->dx[pair][k], block->dy[pair][k], block->dz[pair][k]},
        .bow = {bow.x, bow.y, bow.z},
        .from = {at.x - block->x[pair][k], at.y - block->y[pair][k], at.z - block->z[pair][k]},
        .per_square = block->per_square[pair][k],
    };
}

static inline double dot(struct distance_vec a, struct distance_vec b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

/* a + b * by */
static inline struct distance_vec plus(struct distance_vec a, struct distance_vec b, double by)
{
    return (struct distance_vec){a.x + b.x * by, a.y + b.y * by, a.z + b.z * by};
}

/* From the point to the place t on the piece, which runs as start + t d + 4 t (1 - t) bow. */
static inline struct distance_vec piece_gap(const struct piece *piece, double t)
{
    struct distance_vec gap = plus(piece->bow, piece->bow, 4 * t * (1 - t) - 1);
    return plus(plus(gap, piece->d, t), piece->from, -1);
}

static inline double chord_foot(const struct piece *piece, double low, double high)
{
    return clamped(dot(piece->from, piece->d) * piece->per_square, low, high);
}

double distance_chord2(const struct distance_index *index, struct distance_vec at, uint32_t i,
                       double low, double high)
{
    struct piece piece = piece_at(index, i, at);
    struct distance_vec gap = plus(piece.from, piece.d, -chord_foot(&piece, low, high));
    return dot(gap, gap);
}

/* The foot on the chord, and one step of Newton's from there to the one on the bowed piece. */
static inline double piece_foot(const struct piece *piece, double low, double high)
{
    double t = chord_foot(piece, low, high);
    struct distance_vec gap = piece_gap(piece, t);
    struct distance_vec tangent = plus(piece->d, piece->bow, 4 - 8 * t);
    double bend = dot(tangent, tangent) - 8 * dot(gap, piece->bow);
    if (bend <= 0) /* beyond the centre of curvature an end is nearer, and stands there already */
        return t;
    return clamped(t - dot(gap, tangent) / bend, low, high);
}

void distance_point_look(const struct distance_index *index, uint32_t i, double low, double high,
                         struct distance_point *point)
{
    struct piece piece = piece_at(index, i, point->at);
    double t = piece_foot(&piece, low, high);
    struct distance_vec gap = piece_gap(&piece, t);
    double up_m = gap.x * index->along.z + gap.y * index->across.z + gap.z * index->up.z;
    double s_m = length_over_chord(dot(gap, gap), point->polar_m, point->polar_m + up_m);
    if (s_m > point->best_m)
        return;
    point->best_m = s_m;
    point->piece = i;
    point->t = t;
}

static double error_bound_m(double s_m)
{
    if (s_m > LOST_M)
        return ERR_LOST_M;
    return ERR_BASE_M + ERR_PER_S5 * (s_m * s_m) * (s_m * s_m) * s_m;
}

struct foot distance_point_foot(const struct distance_index *index,
                                const struct distance_point *point)
{
    assert(point->piece != DISTANCE_NONE);
    uint32_t edge = index->piece_edge[point->piece];
    uint32_t first = index->edge_piece[edge], count = index->edge_piece[edge + 1] - first;
    struct foot foot = {.dist_m = point->best_m,
                        .edge = edge,
                        .t = ((double)(point->piece - first) + point->t) / (double)count,
                        .err_m = error_bound_m(point->best_m)};
    if (index->station_m) {
        const double *station_m = &index->station_m[point->piece];
        foot.station_m = station_m[0] + point->t * (station_m[1] - station_m[0]);
    }
    return foot;
}

static inline double nearest(double x)
{
    return (double)(int64_t)(x < 0 ? x - 0.5 : x + 0.5);
}

/* Sine and cosine of degrees: of the nearest whole degree from the table, and of the rest by
 * their series; the first terms left out are below 1e-18 and 1e-21. Both subtract: of a sum beside a
 * difference gcc 12 with FMA makes one vector and contracts it even under -ffp-contract=off. */
static inline void sincos_deg(const double *sine, double deg, double *ret_sin, double *ret_cos)
{
    double whole = nearest(deg), r = (deg - whole) * (NUM_PI / 180), r2 = r * r;
    int64_t turn = (int64_t)whole % 360;
    const double *at = sine + (turn < 0 ? turn + 360 : turn);
    double s = r - r * r2 * (1.0 / 6 - r2 / 120);
    double versine = r2 * (1.0 / 2 - r2 * (1.0 / 24 - r2 / 720));
    *ret_sin = at[0] + (at[90] * s - at[0] * versine);
    *ret_cos = at[90] + (at[0] * -s - at[90] * versine);
}

/* geodesic_to_ecef, quicker: 1 / sqrt(1 - u) by its series, u = e^2 sin^2 lat <= 0.0067. */
struct ecef distance_to_ecef(const struct distance_index *index, double lon_deg, double lat_deg)
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

void distance_point_begin(const struct distance_index *index, double lon_deg, double lat_deg,
                          struct distance_point *ret_point)
{
    struct ecef point = distance_to_ecef(index, lon_deg, lat_deg);
    *ret_point = (struct distance_point){
        .at = distance_local(index, point),
        .polar_m = point.z_m,
        .best_m = DISTANCE_CHORD2_MAX,
        .piece = DISTANCE_NONE,
    };
}
