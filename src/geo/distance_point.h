#ifndef GEO_DISTANCE_POINT_H
#define GEO_DISTANCE_POINT_H

#include <string.h>

#include "geo/distance_index.h"

/*
 * One point and what it is measured to: chords by the block, and the close look at a piece that
 * gives the geodesic length. What distance.c (the tree) and distance_map.c (the map) share.
 *
 * A search has two grades. Chords are cheap, and most pieces are left out by them: those that are
 * longer than the least one by more than what bows and radii of curvature can make up for. The few
 * that remain are looked at closely, and nearest is decided there.
 */
#define DISTANCE_NONE UINT32_MAX

/* Longer than any chord through the earth, squared: no limit. */
#define DISTANCE_CHORD2_MAX 1e15

struct distance_point {
    struct distance_vec at; /* in the frame of the index */
    double polar_m;         /* its earth-centred z */
    double best_m;          /* length to the nearest piece looked at, */
    uint32_t piece;         /* which that is, or DISTANCE_NONE, */
    double t;               /* and where on it */
};

/* geodesic_to_ecef, quicker: within 2 nm of it. Needs index->sine. */
struct ecef distance_to_ecef(const struct distance_index *index, double lon_deg, double lat_deg);

void distance_point_begin(const struct distance_index *index, double lon_deg, double lat_deg,
                          struct distance_point *ret_point);

/* Looks closely at a piece between low and high of its course. */
void distance_point_look(const struct distance_index *index, uint32_t piece, double low,
                         double high, struct distance_point *point);

struct foot distance_point_foot(const struct distance_index *index,
                                const struct distance_point *point);

/* The square of the distance to a chord between low and high of its course. */
double distance_chord2(const struct distance_index *index, struct distance_vec at, uint32_t piece,
                       double low, double high);

/* The square of the longest chord that may lead to a geodesic of s_m or less. */
double distance_chord2_limit(const struct distance_index *index, double s_m);

/* With one chord known, the square of the longest that may still lead to a shorter geodesic. */
double distance_chord2_rivals(const struct distance_index *index, double chord2);

/* Squares of the distances to the chords of a block, and the least of them. */
struct distance_chords {
    double chord2[DISTANCE_LANES];
    double least2;
};

static inline double distance_least(double a, double b)
{
    return a < b ? a : b;
}

static inline void distance_chords2(const struct distance_block *block, struct distance_vec at,
                                    struct distance_chords *ret_chords)
{
    for (int k = 0; k < DISTANCE_PAIRS; k++) {
        distance_vec2 x = at.x - block->x[k], y = at.y - block->y[k], z = at.z - block->z[k];
        distance_vec2 t =
            (x * block->dx[k] + y * block->dy[k] + z * block->dz[k]) * block->per_square[k];
        t = (distance_vec2)((t > 0) & (distance_mask2)t);
        t = (distance_vec2)((t < 1) & (distance_mask2)(t - 1)) + 1;
        x -= t * block->dx[k];
        y -= t * block->dy[k];
        z -= t * block->dz[k];
        distance_vec2 chord2 = x * x + y * y + z * z;
        memcpy(&ret_chords->chord2[2 * k], &chord2, sizeof chord2);
    }
    const double *c = ret_chords->chord2;
    ret_chords->least2 =
        distance_least(distance_least(distance_least(c[0], c[1]), distance_least(c[2], c[3])),
                       distance_least(distance_least(c[4], c[5]), distance_least(c[6], c[7])));
}

#endif
