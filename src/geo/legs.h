#ifndef GEO_LEGS_H
#define GEO_LEGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "geo/geodesic.h"

/*
 * A line as a walk: geodesic legs, one for each edge (edges straight in lon/lat become as many
 * short ones as keep within 1 mm of them). Stations are metres from the first vertex.
 */
struct place {
    double lon_deg, lat_deg;
};

struct leg {
    struct geodesic_line path;
    struct place from, to; /* to is exactly the next leg's from */
    double station_m;      /* of its start */
    double length_m;
    double azi_deg, azi_end_deg; /* course at its start and its end */
};

struct legs {
    struct leg *leg;
    size_t count;
    double length_m;
};

#define LEGS_MAX (1u << 20)

/* Longitudes go on continuously from the first vertex (past 180 degrees if need be). */
int legs_of_line(const double *lon_deg, const double *lat_deg, size_t count, bool lonlat_edges,
                 struct arena *arena, struct legs *ret_legs, struct err *err);

/* The longitude equal to lon_deg, by whole turns, that is nearest to near_deg. */
double lon_near(double lon_deg, double near_deg);

/* The place and the course at a distance along a leg. */
struct place leg_at(const struct leg *leg, double along_m, double *ret_azi_deg);

/* The place at `bearing` and `dist_m` from another, longitude continuous. */
struct place place_from(struct place from, double bearing_deg, double dist_m);

/* The leg that has the station (the later one at a vertex). */
const struct leg *legs_find(const struct legs *legs, double station_m);

#endif
