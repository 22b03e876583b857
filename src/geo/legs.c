#include "geo/legs.h"

#include "num/num.h"

/* An east-west edge straight in lon/lat leaves its geodesic by L^2 tan(lat) / 8R: 250 m at 45
 * degrees is 1.2 mm, at 80 degrees 7 mm; the piece shrinks with the cosine. */
#define LONLAT_PIECE_M 200.0

struct place leg_at(const struct leg *leg, double along_m, double *ret_azi_deg)
{
    struct place p;
    geodesic_line_at(&leg->path, along_m, &p.lat_deg, &p.lon_deg, ret_azi_deg);
    return p;
}

struct place place_from(struct place from, double bearing_deg, double dist_m)
{
    struct place p;
    geodesic_direct(from.lat_deg, from.lon_deg, bearing_deg, dist_m, &p.lat_deg, &p.lon_deg, NULL);
    return p;
}

double lon_near(double lon_deg, double near_deg)
{
    while (lon_deg - near_deg > 180.0)
        lon_deg -= 360.0;
    while (lon_deg - near_deg < -180.0)
        lon_deg += 360.0;
    return lon_deg;
}

static int add_leg(struct legs *legs, struct place from, struct place to, struct err *err)
{
    struct leg *leg = &legs->leg[legs->count];
    *leg = (struct leg){.from = from, .to = to, .station_m = legs->length_m};
    if (geodesic_inverse(from.lat_deg, from.lon_deg, to.lat_deg, to.lon_deg, &leg->length_m,
                         &leg->azi_deg, &leg->azi_end_deg))
        return err_set(err, EXIT_DATA,
                       "the edge %.7g,%.7g - %.7g,%.7g is longer than %.0f km; add "
                       "vertices between",
                       from.lon_deg, from.lat_deg, to.lon_deg, to.lat_deg,
                       GEODESIC_INVERSE_MAX_M / 1e3);
    if (leg->length_m == 0.0)
        return 0;
    geodesic_line_init(&leg->path, from.lat_deg, from.lon_deg, leg->azi_deg);
    legs->length_m += leg->length_m;
    legs->count++;
    return 0;
}

static size_t pieces_of(struct place from, struct place to, bool lonlat_edges)
{
    double length = 0.0;
    if (!lonlat_edges ||
        geodesic_inverse(from.lat_deg, from.lon_deg, to.lat_deg, to.lon_deg, &length, NULL, NULL))
        return 1;
    double lat = from.lat_deg * from.lat_deg > to.lat_deg * to.lat_deg ? from.lat_deg : to.lat_deg;
    double piece = LONLAT_PIECE_M * num_cos(num_radians(lat)) + 1.0;
    double pieces = length / piece + 1.0;
    return pieces < LEGS_MAX ? (size_t)pieces : LEGS_MAX;
}

static int add_edge(struct legs *legs, struct place from, struct place to, size_t pieces,
                    struct err *err)
{
    for (size_t i = 0; i < pieces; i++) {
        double s = (double)i / (double)pieces, t = (double)(i + 1) / (double)pieces;
        struct place a = {from.lon_deg + (to.lon_deg - from.lon_deg) * s,
                          from.lat_deg + (to.lat_deg - from.lat_deg) * s};
        struct place b = {from.lon_deg + (to.lon_deg - from.lon_deg) * t,
                          from.lat_deg + (to.lat_deg - from.lat_deg) * t};
        if (add_leg(legs, a, b, err))
            return ERR_FAIL;
    }
    return 0;
}

int legs_of_line(const double *lon_deg, const double *lat_deg, size_t count, bool lonlat_edges,
                 struct arena *arena, struct legs *ret_legs, struct err *err)
{
    size_t room = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        struct place a = {lon_deg[i], lat_deg[i]},
                     b = {lon_near(lon_deg[i + 1], a.lon_deg), lat_deg[i + 1]};
        room += pieces_of(a, b, lonlat_edges);
    }
    struct legs legs = {.leg = room <= LEGS_MAX ? ARENA_ARRAY(arena, struct leg, room + 1) : NULL};
    if (!legs.leg)
        return err_set(err, EXIT_DATA, "the line needs more than %u legs; simplify it", LEGS_MAX);
    struct place from = {lon_deg[0], lat_deg[0]};
    for (size_t i = 1; i < count; i++) {
        struct place to = {lon_near(lon_deg[i], from.lon_deg), lat_deg[i]};
        if (add_edge(&legs, from, to, pieces_of(from, to, lonlat_edges), err))
            return ERR_FAIL;
        from = to;
    }
    if (!legs.count)
        return err_set(err, EXIT_DATA, "the line has no length; give two points apart");
    *ret_legs = legs;
    return 0;
}

const struct leg *legs_find(const struct legs *legs, double station_m)
{
    size_t low = 0, high = legs->count;
    while (high - low > 1) {
        size_t mid = (low + high) / 2;
        if (legs->leg[mid].station_m <= station_m)
            low = mid;
        else
            high = mid;
    }
    return &legs->leg[low];
}
