#include "geo/region.h"

#include <sodium/crypto_hash_sha256.h>

#include "base/degree.h"
#include "geo/geodesic.h"
#include "num/num.h"

/* In wide integers: within one turn and 180 degrees of latitude every product of two differences
 * is below 3.6e9 * 1.8e9 < 2^63. */
struct corner {
    int64_t lon, lat;
};

/*
 * Does the ray from the displaced point due west meet the edge? The displacement of the border
 * rule makes both answers strict: in latitude the point stands above a vertex of equal latitude,
 * and in longitude east of an edge through it. A horizontal edge is never met.
 */
static bool is_west_of(struct corner a, struct corner b, struct corner point)
{
    struct corner low = a.lat < b.lat ? a : b;
    struct corner high = a.lat < b.lat ? b : a;
    if (point.lat < low.lat || point.lat >= high.lat)
        return false;
    int64_t run = (high.lon - low.lon) * (point.lat - low.lat);
    int64_t rise = (high.lat - low.lat) * (point.lon - low.lon);
    return run <= rise;
}

static bool ring_is_odd(const struct region *region, uint32_t ring, struct corner point)
{
    uint32_t start = region->ring_start[ring], end = region->ring_start[ring + 1];
    bool odd = false;
    for (uint32_t i = start, last = end - 1; i < end; last = i++) {
        struct corner a = {region->lon_e7[last], region->lat_e7[last]};
        struct corner b = {region->lon_e7[i], region->lat_e7[i]};
        odd ^= is_west_of(a, b, point);
    }
    return odd;
}

void region_bound(struct region *region)
{
    region->west_e7 = region->south_e7 = INT32_MAX;
    region->east_e7 = region->north_e7 = INT32_MIN;
    for (uint32_t i = 0; i < region->ring_start[region->ring_count]; i++) {
        int32_t lon = region->lon_e7[i], lat = region->lat_e7[i];
        region->west_e7 = lon < region->west_e7 ? lon : region->west_e7;
        region->east_e7 = lon > region->east_e7 ? lon : region->east_e7;
        region->south_e7 = lat < region->south_e7 ? lat : region->south_e7;
        region->north_e7 = lat > region->north_e7 ? lat : region->north_e7;
    }
}

static bool holds_at(const struct region *region, struct corner point)
{
    if (point.lon < region->west_e7 || point.lon > region->east_e7 ||
        point.lat < region->south_e7 || point.lat > region->north_e7)
        return false;
    bool odd = false;
    for (uint32_t ring = 0; ring < region->ring_count; ring++)
        odd ^= ring_is_odd(region, ring, point);
    return odd;
}

/* The same place has three names within reach of R5. A region is at most one turn wide, so at
 * most one of them lies inside. */
bool region_holds(const struct region *region, int32_t lon_e7, int32_t lat_e7)
{
    bool holds = false;
    for (int64_t turn = -1; turn <= 1 && !holds; turn++)
        holds = holds_at(region, (struct corner){lon_e7 + turn * TURN_E7, lat_e7});
    return holds;
}

/*
 * Area. With Q(lat) the area between the equator and lat per radian of longitude, an edge adds
 * the integral of Q over its longitudes; the latitude is linear along the edge, so that is its
 * width times the mean of Q over its latitudes. In terms of s = sin(lat)
 *     Q = a^2 (1 - e^2) * integral of du / (1 - e^2 u^2)^2 from 0 to s
 *       = a^2 (1 - e^2) * sum over k of (k + 1) e^2k s^(2k + 1) / (2k + 1)
 * (Snyder 1987, eq. 3-12, as a series), and the odd powers of the sine are sums of sines of odd
 * multiples, whose means have closed forms. AREA_TERMS terms leave e^2k below 1e-17.
 */
#define AREA_TERMS     8
#define RADIANS_PER_E7 (NUM_PI / 180.0 * 1e-7)

/* Q(lat) = sum over k of sine[k] * sin((2k + 1) lat). */
struct authalic {
    double sine[AREA_TERMS];
};

static double choose(int n, int k)
{
    double ways = 1.0;
    for (int i = 1; i <= k; i++)
        ways = ways * (n - k + i) / i;
    return ways;
}

static struct authalic authalic_series(void)
{
    struct authalic series = {{0.0}};
    double e2 = GEODESIC_WGS84_F * (2.0 - GEODESIC_WGS84_F);
    double scale = GEODESIC_WGS84_A * GEODESIC_WGS84_A * (1.0 - e2); /* times (e^2 / 4)^k below */
    for (int k = 0; k < AREA_TERMS; k++, scale *= e2 / 4.0)
        for (int j = 0; j <= k; j++) {
            double sign = j % 2 ? -1.0 : 1.0;
            series.sine[j] += sign * choose(2 * k + 1, k - j) * scale * (k + 1) / (2 * k + 1);
        }
    return series;
}

/* sin(x) / x - 1, without the loss of the subtraction near 0. */
static double sinc_less_1(double x)
{
    if (x > 0.1 || x < -0.1)
        return num_sin(x) / x - 1.0;
    double x2 = x * x;
    return -x2 / 6.0 * (1.0 - x2 / 20.0 * (1.0 - x2 / 42.0 * (1.0 - x2 / 72.0)));
}

/* Sines (or cosines) of x, 3x, 5x, ...: each from the two before it, with 2 cos 2x. */
static void odd_sines(double x, double sine[AREA_TERMS])
{
    double s, c;
    num_sincos(x, &s, &c);
    double twice = 2.0 - 4.0 * s * s;
    sine[0] = s;
    sine[1] = s * (twice + 1.0);
    for (int k = 2; k < AREA_TERMS; k++)
        sine[k] = twice * sine[k - 1] - sine[k - 2];
}

static void odd_cosines(double x, double cosine[AREA_TERMS])
{
    double s, c;
    num_sincos(x, &s, &c);
    double twice = 2.0 - 4.0 * s * s;
    cosine[0] = c;
    cosine[1] = c * (twice - 1.0);
    for (int k = 2; k < AREA_TERMS; k++)
        cosine[k] = twice * cosine[k - 1] - cosine[k - 2];
}

/* Latitudes are counted from a base, so that a small region far from the equator keeps its
 * digits. */
struct area_base {
    struct authalic series;
    int64_t lat_e7;
    double sine[AREA_TERMS]; /* of its odd multiples */
};

/* The mean of Q over the latitudes from a to b, less Q(base), all in 1e-7 degree. Differences are
 * taken of integers. */
static double mean_above(const struct area_base *base, int64_t a, int64_t b)
{
    double half = RADIANS_PER_E7 / 2.0 * (double)(b - a);
    double rise[AREA_TERMS], middle[AREA_TERMS], sum = 0.0;
    odd_sines(RADIANS_PER_E7 / 4.0 * (double)(a + b - 2 * base->lat_e7), rise);
    odd_cosines(RADIANS_PER_E7 / 4.0 * (double)(a + b + 2 * base->lat_e7), middle);
    for (int k = 0; k < AREA_TERMS; k++) {
        double shrink = sinc_less_1((2 * k + 1) * half);
        sum += base->series.sine[k] *
               (2.0 * middle[k] * rise[k] * (1.0 + shrink) + base->sine[k] * shrink);
    }
    return sum;
}

/* Positive when the inside is on the left (R3): eastward edges then lie below westward ones. */
static double ring_area_m2(const struct region *region, uint32_t ring, const struct area_base *base)
{
    uint32_t start = region->ring_start[ring], end = region->ring_start[ring + 1];
    double area = 0.0;
    for (uint32_t i = start, last = end - 1; i < end; last = i++) {
        int64_t width = (int64_t)region->lon_e7[last] - region->lon_e7[i];
        if (width)
            area += RADIANS_PER_E7 * (double)width *
                    mean_above(base, region->lat_e7[last], region->lat_e7[i]);
    }
    return area;
}

double region_area_m2(const struct region *region)
{
    struct area_base base = {.series = authalic_series(), .lat_e7 = region->south_e7};
    odd_sines(RADIANS_PER_E7 * (double)base.lat_e7, base.sine);
    double area = 0.0;
    for (uint32_t ring = 0; ring < region->ring_count; ring++)
        area += ring_area_m2(region, ring, &base);
    return area;
}

static void hash_u32(crypto_hash_sha256_state *hash, uint32_t value)
{
    uint8_t raw[4];
    put_u32(raw, value);
    crypto_hash_sha256_update(hash, raw, sizeof raw);
}

void region_digest(const struct region *region, struct bytes id, uint8_t ret_digest[32])
{
    static const char format[] = "detente-zone/1"; /* its NUL is the zero byte of the format */
    crypto_hash_sha256_state hash;
    crypto_hash_sha256_init(&hash);
    crypto_hash_sha256_update(&hash, (const uint8_t *)format, sizeof format);
    crypto_hash_sha256_update(&hash, id.p, id.n);
    crypto_hash_sha256_update(&hash, (const uint8_t[1]){0}, 1);
    hash_u32(&hash, region->ring_count);
    for (uint32_t ring = 0; ring < region->ring_count; ring++) {
        hash_u32(&hash, region->ring_start[ring + 1] - region->ring_start[ring]);
        for (uint32_t i = region->ring_start[ring]; i < region->ring_start[ring + 1]; i++) {
            hash_u32(&hash, (uint32_t)region->lon_e7[i]);
            hash_u32(&hash, (uint32_t)region->lat_e7[i]);
        }
    }
    crypto_hash_sha256_final(&hash, ret_digest);
}
