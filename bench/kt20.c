#include "kt20.h"

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

/* The plane of the workload: metres from 127.5 east, 38.2 north, on a sphere that fits there. */
#define LON0_DEG     127.5
#define LAT0_DEG     38.2
#define M_PER_LON    87500.0
#define M_PER_LAT    111000.0
#define LINE_SEED    42
#define FIX_SEED     7
#define LINE_MAX     (1u << 14)
#define LINE_STEP_M  130.0
#define LINE_SIGMA   0.075 /* displacement of a midpoint, in lengths of its segment */
#define ENVELOPE_MAX (1u << 17)
#define SPLIT_DEG    127.35

struct point {
    double x, y;
};

struct path {
    struct point *p;
    size_t n;
};

static double rand_between(uint64_t *seed, double low, double high)
{
    return low + (high - low) * random_unit(seed);
}

/* Box and Muller 1958. */
static double rand_normal(uint64_t *seed)
{
    double r = sqrt(-2.0 * log(1.0 - random_unit(seed)));
    return r * cos(6.283185307179586 * random_unit(seed));
}

static struct point plane(double lon_deg, double lat_deg)
{
    return (struct point){(lon_deg - LON0_DEG) * M_PER_LON, (lat_deg - LAT0_DEG) * M_PER_LAT};
}

static int32_t lon_e7(double x)
{
    return (int32_t)lround((LON0_DEG + x / M_PER_LON) * 1e7);
}

static int32_t lat_e7(double y)
{
    return (int32_t)lround((LAT0_DEG + y / M_PER_LAT) * 1e7);
}

/* Zones */

static void path_add(struct path *path, double x, double y)
{
    path->p[path->n++] = (struct point){x, y};
}

/* Midpoint displacement, from the point after the last to `to`. */
static void displace(struct path *path, struct point from, struct point to, uint64_t *seed)
{
    double dx = to.x - from.x, dy = to.y - from.y;
    if (hypot(dx, dy) <= LINE_STEP_M || path->n + 2 > LINE_MAX) {
        path_add(path, to.x, to.y);
        return;
    }
    double shift = LINE_SIGMA * rand_normal(seed);
    struct point mid = {(from.x + to.x) / 2 - dy * shift, (from.y + to.y) / 2 + dx * shift};
    displace(path, from, mid, seed);
    displace(path, mid, to, seed);
}

static struct path line_make(struct arena *arena)
{
    struct path line = {must(ARENA_ARRAY(arena, struct point, LINE_MAX)), 0};
    uint64_t seed = LINE_SEED;
    struct point from = plane(126.669, 37.828), to = plane(128.365, 38.625);
    path_add(&line, from.x, from.y);
    displace(&line, from, to, &seed);
    return line;
}

/* How far a disc of radius d round any vertex of the line reaches north (up = 1) or south (-1)
 * of the line's western end, at x. */
static double reach(const struct path *line, double x, double d, double up)
{
    double best = -1e9;
    for (size_t i = 0; i < line->n; i++) {
        double dx = x - line->p[i].x;
        if (dx > -d && dx < d) {
            double y = up * line->p[i].y + sqrt(d * d - dx * dx);
            best = y > best ? y : best;
        }
    }
    return up * best;
}

/* One side of the line from vertex first to last, d wide; round beyond an end of the whole line,
 * cut due north and south otherwise. */
static void side_make(const struct path *line, size_t first, size_t last, double d, double up,
                      double step, struct path *ret)
{
    struct point a = line->p[first], b = line->p[last];
    double west = first == 0 ? a.x - d : a.x, east = last == line->n - 1 ? b.x + d : b.x;
    if (first == 0)
        path_add(ret, west, a.y);
    for (size_t i = first; i <= last; i++)
        path_add(ret, line->p[i].x, line->p[i].y);
    if (last == line->n - 1)
        path_add(ret, east, b.y);
    else
        path_add(ret, east, reach(line, east, d, up));
    for (double x = east - step; x > west + step / 2; x -= step)
        path_add(ret, x, reach(line, x, d, up));
    if (first != 0)
        path_add(ret, west, reach(line, west, d, up));
}

static void zone_add(struct zones *zones, const struct path *path, struct arena *arena)
{
    uint32_t *start = must(ARENA_ARRAY(arena, uint32_t, 2));
    int32_t *lon = must(ARENA_ARRAY(arena, int32_t, path->n));
    int32_t *lat = must(ARENA_ARRAY(arena, int32_t, path->n));
    for (size_t i = 0; i < path->n; i++) {
        lon[i] = lon_e7(path->p[i].x);
        lat[i] = lat_e7(path->p[i].y);
    }
    start[1] = (uint32_t)path->n;
    struct region *region = &zones->region[zones->count++];
    *region = (struct region){.ring_count = 1, .ring_start = start, .lon_e7 = lon, .lat_e7 = lat};
    region_bound(region);
}

static void sides_add(struct zones *zones, const struct path *line, size_t first, size_t last,
                      double d, double step, struct arena *arena)
{
    struct path path = {must(ARENA_ARRAY(arena, struct point, ENVELOPE_MAX)), 0};
    for (double up = 1.0; up >= -1.0; up -= 2.0) {
        path.n = 0;
        side_make(line, first, last, d, up, step, &path);
        zone_add(zones, &path, arena);
    }
}

static void box_add(struct zones *zones, double west, double east, double south, double north,
                    struct arena *arena)
{
    struct point a = plane(west, south), b = plane(east, north);
    struct point corner[] = {a, {b.x, a.y}, b, {a.x, b.y}};
    struct path path = {corner, 4};
    zone_add(zones, &path, arena);
}

static void circle_add(struct zones *zones, double radius, struct arena *arena)
{
    struct point centre = plane(126.677, 37.956), corner[64];
    struct path path = {corner, 0};
    for (int i = 0; i < 64; i++)
        path_add(&path, centre.x + radius * cos(i * 6.283185307179586 / 64),
                 centre.y + radius * sin(i * 6.283185307179586 / 64));
    zone_add(zones, &path, arena);
}

/* A strip a kilometre wide whose two banks run together. */
static void estuary_add(struct zones *zones, struct arena *arena)
{
    enum { STEPS = 200 };
    struct point from = plane(126.45, 37.75), to = plane(126.66, 37.82), bank[STEPS];
    struct path path = {must(ARENA_ARRAY(arena, struct point, 2 * STEPS)), 0};
    uint64_t seed = LINE_SEED;
    double drift = 0.0;
    for (int i = 0; i < STEPS; i++) {
        drift += 20.0 * rand_normal(&seed);
        bank[i].x = from.x + (to.x - from.x) * i / STEPS;
        bank[i].y = from.y + (to.y - from.y) * i / STEPS + drift;
        path_add(&path, bank[i].x, bank[i].y - 500.0);
    }
    for (int i = STEPS; i-- > 0;)
        path_add(&path, bank[i].x, bank[i].y + 500.0);
    zone_add(zones, &path, arena);
}

void kt20_zones(double step_m, struct arena *arena, struct zones *ret_zones)
{
    static const double both_km[] = {2.0, 5.0, 10.0, 25.0};
    struct path line = line_make(arena);
    size_t split = 0, last = line.n - 1;
    while (split < last && line.p[split].x < plane(SPLIT_DEG, 0.0).x)
        split++;
    ret_zones->count = 0;
    for (int i = 0; i < 4; i++)
        sides_add(ret_zones, &line, 0, last, both_km[i] * 1000.0, step_m, arena);
    sides_add(ret_zones, &line, 0, split, 10000.0, step_m, arena);
    sides_add(ret_zones, &line, split, last, 15000.0, step_m, arena);
    sides_add(ret_zones, &line, 0, split, 20000.0, step_m, arena);
    sides_add(ret_zones, &line, split, last, 40000.0, step_m, arena);
    box_add(ret_zones, 124.6, 126.5, 37.4, 38.1, arena);
    box_add(ret_zones, 128.4, 129.6, 38.2, 39.1, arena);
    circle_add(ret_zones, 400.0, arena);
    estuary_add(ret_zones, arena);
}

/* GeoJSON */

/* The rings of one polygon behind those that stand; *n counts rings and vertices. */
struct rings {
    uint32_t *start;
    int32_t *lon, *lat;
    uint32_t rings, vertices;
};

static void rings_add(struct rings *rings, const json_t *polygon)
{
    size_t i, k;
    const json_t *ring, *position;
    json_array_foreach(polygon, i, ring)
    {
        json_array_foreach(ring, k, position)
        {
            if (k + 1 == json_array_size(ring))
                break; /* the first again (RFC 7946, 3.1.6) */
            double lon = json_number_value(json_array_get(position, 0));
            double lat = json_number_value(json_array_get(position, 1));
            rings->lon[rings->vertices] = (int32_t)lround(lon * 1e7);
            rings->lat[rings->vertices++] = (int32_t)lround(lat * 1e7);
        }
        rings->start[++rings->rings] = rings->vertices;
    }
}

static void zone_read(struct zones *zones, const json_t *geometry, struct arena *arena)
{
    const json_t *coordinates = json_object_get(geometry, "coordinates");
    const char *type = json_string_value(json_object_get(geometry, "type"));
    if (!type || zones->count == GRID_REGIONS_MAX)
        return;
    struct rings rings = {.start = must(ARENA_ARRAY(arena, uint32_t, 1u << 16)),
                          .lon = must(ARENA_ARRAY(arena, int32_t, 1u << 20)),
                          .lat = must(ARENA_ARRAY(arena, int32_t, 1u << 20))};
    size_t i;
    const json_t *polygon;
    if (strcmp(type, "Polygon") == 0)
        rings_add(&rings, coordinates);
    else if (strcmp(type, "MultiPolygon") == 0)
        json_array_foreach(coordinates, i, polygon) rings_add(&rings, polygon);
    if (!rings.rings)
        return;
    struct region *region = &zones->region[zones->count++];
    *region = (struct region){rings.rings, rings.start, rings.lon, rings.lat, 0, 0, 0, 0};
    region_bound(region);
}

int zones_read(const char *path, struct arena *arena, struct zones *ret_zones)
{
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    if (!root) {
        fprintf(stderr, "engine: %s:%d: %s\n", path, error.line, error.text);
        return -1;
    }
    size_t i;
    const json_t *feature;
    ret_zones->count = 0;
    json_array_foreach(json_object_get(root, "features"), i, feature)
        zone_read(ret_zones, json_object_get(feature, "geometry"), arena);
    json_decref(root);
    if (!ret_zones->count)
        fprintf(stderr, "engine: %s: no polygon in a feature\n", path);
    return ret_zones->count ? 0 : -1;
}

/* Fixes */

/* One border to follow: a ring, and how far each of its vertices is from the first, along it. */
struct border {
    const struct region *region;
    uint32_t start, n;
    const double *along_m;
};

/* A mover: along a border with an Ornstein-Uhlenbeck offset, or at large. */
struct mover {
    struct point at; /* at large */
    double heading, speed_ms;
    struct border border; /* n is 0 at large */
    uint32_t edge;
    double along_m, offset_m;
    uint32_t t_ms;
};

#define OFFSET_SIGMA_M 200.0
#define OFFSET_TAU_S   60.0

static const struct {
    double share, slow_ms, fast_ms;
} kinds[] = {{0.4, 1.0, 20.0}, {0.3, 2.0, 15.0}, {0.3, 30.0, 250.0}}; /* ground, ship, aircraft */

static struct point vertex(const struct border *border, uint32_t i)
{
    uint32_t at = border->start + i % border->n;
    return plane(border->region->lon_e7[at] * 1e-7, border->region->lat_e7[at] * 1e-7);
}

/* The first rings of all zones. */
static struct border *borders_make(const struct zones *zones, struct arena *arena)
{
    struct border *border = must(ARENA_ARRAY(arena, struct border, zones->count));
    for (size_t i = 0; i < zones->count; i++) {
        uint32_t n = zones->region[i].ring_start[1];
        double *along = must(ARENA_ARRAY(arena, double, n + 1));
        border[i] = (struct border){&zones->region[i], 0, n, along};
        for (uint32_t k = 0; k < n; k++) {
            struct point a = vertex(&border[i], k), b = vertex(&border[i], k + 1);
            along[k + 1] = along[k] + hypot(b.x - a.x, b.y - a.y);
        }
    }
    return border;
}

/* Anywhere on the border. */
static void border_start(struct mover *mover, const struct border *border, uint64_t *seed)
{
    double at = border->along_m[border->n] * random_unit(seed);
    uint32_t low = 0, high = border->n;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (border->along_m[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    mover->border = *border;
    mover->edge = low;
    mover->along_m = at - border->along_m[low];
    mover->offset_m = OFFSET_SIGMA_M * rand_normal(seed);
}

static void mover_start(struct mover *mover, const struct zones *zones, const struct border *border,
                        uint64_t *seed)
{
    double share = random_unit(seed);
    int kind = share < kinds[0].share ? 0 : share < kinds[0].share + kinds[1].share ? 1 : 2;
    mover->speed_ms = rand_between(seed, kinds[kind].slow_ms, kinds[kind].fast_ms);
    mover->heading = rand_between(seed, 0.0, 6.283185307179586);
    mover->at = plane(rand_between(seed, 124.5, 130.0), rand_between(seed, 36.9, 39.4));
    mover->t_ms = (uint32_t)(random_u64(seed) % 10000);
    if (random_unit(seed) < 0.5)
        border_start(mover, &border[random_u64(seed) % zones->count], seed);
}

static struct point follow(struct mover *mover, double s, uint64_t *seed)
{
    double keep = exp(-s / OFFSET_TAU_S);
    mover->offset_m =
        mover->offset_m * keep + OFFSET_SIGMA_M * sqrt(1.0 - keep * keep) * rand_normal(seed);
    mover->along_m += mover->speed_ms * s;
    for (;;) {
        struct point a = vertex(&mover->border, mover->edge);
        struct point b = vertex(&mover->border, mover->edge + 1);
        double dx = b.x - a.x, dy = b.y - a.y, length = hypot(dx, dy);
        if (mover->along_m <= length && length > 0.0) {
            double t = mover->along_m / length, out = mover->offset_m / length;
            return (struct point){a.x + dx * t + dy * out, a.y + dy * t - dx * out};
        }
        mover->along_m -= length;
        mover->edge = (mover->edge + 1) % mover->border.n;
    }
}

static struct point roam(struct mover *mover, double s, uint64_t *seed)
{
    struct point low = plane(124.5, 36.9), high = plane(130.0, 39.4);
    mover->heading += 0.1 * rand_normal(seed);
    mover->at.x += mover->speed_ms * s * sin(mover->heading);
    mover->at.y += mover->speed_ms * s * cos(mover->heading);
    if (mover->at.x < low.x || mover->at.x > high.x || mover->at.y < low.y ||
        mover->at.y > high.y) {
        mover->heading += 3.141592653589793;
        mover->at.x = fmin(fmax(mover->at.x, low.x), high.x);
        mover->at.y = fmin(fmax(mover->at.y, low.y), high.y);
    }
    return mover->at;
}

static void shuffle(uint32_t *order, uint32_t n, uint64_t *seed)
{
    for (uint32_t i = n; i > 1; i--) {
        uint32_t other = (uint32_t)(random_u64(seed) % i), kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}

static void fix_make(struct mover *mover, uint32_t track, struct fixes *fixes, size_t i,
                     uint64_t *seed)
{
    double s = rand_between(seed, 1.0, 10.0);
    struct point at = mover->border.n ? follow(mover, s, seed) : roam(mover, s, seed);
    mover->t_ms += (uint32_t)(s * 1000.0);
    fixes->track[i] = track;
    fixes->t_ms[i] = mover->t_ms;
    fixes->lon_e7[i] = lon_e7(at.x);
    fixes->lat_e7[i] = lat_e7(at.y);
}

void kt20_fixes(const struct zones *zones, size_t count, uint32_t tracks, struct arena *arena,
                struct fixes *ret_fixes)
{
    struct mover *mover = must(ARENA_ARRAY(arena, struct mover, tracks));
    uint32_t *order = must(ARENA_ARRAY(arena, uint32_t, tracks));
    const struct border *border = borders_make(zones, arena);
    uint64_t seed = FIX_SEED;
    *ret_fixes = (struct fixes){.count = count,
                                .tracks = tracks,
                                .track = must(ARENA_ARRAY(arena, uint32_t, count)),
                                .t_ms = must(ARENA_ARRAY(arena, uint32_t, count)),
                                .lon_e7 = must(ARENA_ARRAY(arena, int32_t, count)),
                                .lat_e7 = must(ARENA_ARRAY(arena, int32_t, count))};
    for (uint32_t i = 0; i < tracks; i++) {
        mover_start(&mover[i], zones, border, &seed);
        order[i] = i;
    }
    for (size_t i = 0; i < count; i++) {
        if (i % tracks == 0)
            shuffle(order, tracks, &seed);
        fix_make(&mover[order[i % tracks]], order[i % tracks], ret_fixes, i, &seed);
    }
}
