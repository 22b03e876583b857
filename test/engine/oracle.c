#include "oracle.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

uint64_t oracle_random(uint64_t *seed)
{
    uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

int64_t oracle_between(uint64_t *seed, int64_t low, int64_t high)
{
    return low + (int64_t)(oracle_random(seed) % (uint64_t)(high - low + 1));
}

double oracle_unit(uint64_t *seed)
{
    return (double)(oracle_random(seed) >> 11) * 0x1p-53;
}

int32_t oracle_wrapped(int64_t lon_e7)
{
    int64_t past = (lon_e7 + ORACLE_TURN_E7 / 2) % ORACLE_TURN_E7;
    return (int32_t)((past < 0 ? past + ORACLE_TURN_E7 : past) - ORACLE_TURN_E7 / 2);
}

/* The sign of value + e * first + e^2 * second, e positive and as small as one likes. */
static int sign(wide value, wide first, wide second)
{
    wide v = value ? value : first ? first : second;
    return (v > 0) - (v < 0);
}

/* Every edge of every ring: p to q, `turn` further east. */
struct walk {
    const struct region *region;
    uint32_t ring, i;
    int64_t turn, p[2], q[2];
};

static bool walk_next(struct walk *w)
{
    const struct region *r = w->region;
    while (w->ring < r->ring_count && w->i == r->ring_start[w->ring + 1])
        w->ring++;
    if (w->ring == r->ring_count)
        return false;
    uint32_t start = r->ring_start[w->ring], end = r->ring_start[w->ring + 1];
    uint32_t next = w->i + 1 < end ? w->i + 1 : start;
    w->p[0] = r->lon_e7[w->i] + w->turn, w->p[1] = r->lat_e7[w->i];
    w->q[0] = r->lon_e7[next] + w->turn, w->q[1] = r->lat_e7[next];
    w->i++;
    return true;
}

/* ---- sets --------------------------------------------------------------------------------------- */

/* Whether the ray due north from (x, y) / den, displaced as region.h says, meets the edge. */
static bool meets_north(const int64_t p[2], const int64_t q[2], const wide at[2], wide den)
{
    if ((p[0] * den <= at[0]) == (q[0] * den <= at[0]))
        return false;
    const int64_t *west = p[0] < q[0] ? p : q, *east = p[0] < q[0] ? q : p;
    wide ex = east[0] - west[0], ey = east[1] - west[1];
    wide side = ex * (at[1] - west[1] * den) - ey * (at[0] - west[0] * den);
    return sign(side, -ey, ex) < 0;
}

static bool holds_at(const struct region *region, int64_t turn, const wide at[2], wide den)
{
    struct walk w = {.region = region, .turn = turn};
    bool odd = false;
    while (walk_next(&w))
        odd ^= meets_north(w.p, w.q, at, den);
    return odd;
}

bool oracle_holds(const struct region *region, int32_t lon_e7, int32_t lat_e7)
{
    const wide at[2] = {lon_e7, lat_e7};
    bool odd = false;
    for (int64_t turn = -ORACLE_TURN_E7; turn <= ORACLE_TURN_E7; turn += ORACLE_TURN_E7)
        odd ^= holds_at(region, turn, at, 1);
    return odd;
}

uint64_t oracle_set(const struct region *regions, size_t count, int32_t lon_e7, int32_t lat_e7)
{
    uint64_t set = 0;
    for (size_t i = 0; i < count; i++)
        set |= (uint64_t)oracle_holds(&regions[i], lon_e7, lat_e7) << i;
    return set;
}

/* ---- hops --------------------------------------------------------------------------------------- */

struct hop oracle_hop(int32_t a_lon_e7, int32_t a_lat_e7, int32_t b_lon_e7, int32_t b_lat_e7)
{
    return (struct hop){
        {a_lon_e7, a_lat_e7},
        {oracle_wrapped((int64_t)b_lon_e7 - a_lon_e7), (int64_t)b_lat_e7 - a_lat_e7}};
}

static int passing_order(const void *a, const void *b)
{
    const struct passing *p = a, *q = b;
    wide left = p->num * q->den, right = q->num * p->den;
    return (left > right) - (left < right);
}

/* Both ends of either lie on different sides of the other, the hop displaced. */
static bool passes(struct hop hop, const int64_t p[2], const int64_t q[2], struct passing *ret)
{
    wide ex = q[0] - p[0], ey = q[1] - p[1], ax = hop.a[0] - p[0], ay = hop.a[1] - p[1];
    wide from = ex * ay - ey * ax, to = from + ex * hop.d[1] - ey * hop.d[0];
    if (sign(from, -ey, ex) == sign(to, -ey, ex))
        return false;
    wide p_side = hop.d[1] * ax - hop.d[0] * ay, q_side = p_side + hop.d[0] * ey - hop.d[1] * ex;
    if (sign(p_side, hop.d[1], -hop.d[0]) == sign(q_side, hop.d[1], -hop.d[0]))
        return false;
    *ret = (struct passing){from < 0 ? -from : from, from < to ? to - from : from - to, 0};
    return true;
}

/* In order, those at one place as one, those that change nothing left out. */
static size_t merge(struct passing *passing, size_t n)
{
    qsort(passing, n, sizeof passing[0], passing_order);
    size_t kept = 0;
    for (size_t i = 0; i < n;) {
        struct passing sum = passing[i];
        while (++i < n && passing_order(&sum, &passing[i]) == 0)
            sum.mask ^= passing[i].mask;
        if (sum.mask)
            passing[kept++] = sum;
    }
    return kept;
}

size_t oracle_passings(const struct region *regions, size_t count, struct hop hop,
                       struct passing *ret_passings, size_t cap)
{
    size_t n = 0;
    for (size_t r = 0; r < count; r++)
        for (int64_t turn = -ORACLE_TURN_E7; turn <= ORACLE_TURN_E7; turn += ORACLE_TURN_E7) {
            struct walk w = {.region = &regions[r], .turn = turn};
            while (walk_next(&w)) {
                struct passing one;
                if (!passes(hop, w.p, w.q, &one))
                    continue;
                if (n == cap)
                    return SIZE_MAX;
                one.mask = UINT64_C(1) << r;
                ret_passings[n++] = one;
            }
        }
    return merge(ret_passings, n);
}

/* Where the hop's line meets the edge's; both ends of an edge that lies along it. Relative to a. */
static size_t meetings(struct hop hop, const int64_t p[2], const int64_t q[2],
                       struct passing ret[2])
{
    wide px = p[0] - hop.a[0], py = p[1] - hop.a[1], ex = q[0] - p[0], ey = q[1] - p[1];
    wide den = hop.d[0] * ey - hop.d[1] * ex;
    if (den != 0) {
        wide num = px * ey - py * ex;
        ret[0] = (struct passing){den < 0 ? -num : num, den < 0 ? -den : den, 1};
        return 1;
    }
    wide qx = q[0] - hop.a[0], qy = q[1] - hop.a[1];
    den = hop.d[0] * (wide)hop.d[0] + hop.d[1] * (wide)hop.d[1];
    ret[0] = (struct passing){px * hop.d[0] + py * hop.d[1], den, 1};
    ret[1] = (struct passing){qx * hop.d[0] + qy * hop.d[1], den, 1};
    return den != 0 ? 2 : 0;
}

/* All places strictly within the way, in order, each once. */
static size_t cuts(const struct region *regions, size_t count, struct hop hop,
                   struct passing *ret_cuts, size_t cap)
{
    size_t n = 0;
    for (size_t r = 0; r < count; r++) {
        struct walk w = {.region = &regions[r]};
        while (walk_next(&w)) {
            struct passing at[2];
            for (size_t i = meetings(hop, w.p, w.q, at); i-- > 0;) {
                if (at[i].num <= 0 || at[i].num >= at[i].den)
                    continue;
                if (n == cap)
                    return SIZE_MAX;
                ret_cuts[n++] = at[i];
            }
        }
    }
    qsort(ret_cuts, n, sizeof ret_cuts[0], passing_order);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || passing_order(&ret_cuts[kept - 1], &ret_cuts[i]) != 0)
            ret_cuts[kept++] = ret_cuts[i];
    return kept;
}

/* Half way between two places. */
static uint64_t set_between(const struct region *regions, size_t count, struct hop hop,
                            const struct passing *p, const struct passing *q)
{
    wide den = 2 * p->den * q->den, num = p->num * q->den + q->num * p->den;
    const wide at[2] = {hop.a[0] * den + hop.d[0] * num, hop.a[1] * den + hop.d[1] * num};
    uint64_t set = 0;
    for (size_t i = 0; i < count; i++)
        set |= (uint64_t)holds_at(&regions[i], 0, at, den) << i;
    return set;
}

/* Coordinates from the hop's start, so that products stay small. */
static void bring_near(const struct region *regions, size_t count, struct hop *hop,
                       struct region *ret_regions)
{
    for (size_t r = 0; r < count; r++) {
        uint32_t n = regions[r].ring_count ? regions[r].ring_start[regions[r].ring_count] : 0;
        int32_t *lon = malloc((n + 1) * sizeof *lon), *lat = malloc((n + 1) * sizeof *lat);
        assert(lon && lat);
        for (uint32_t i = 0; i < n; i++) {
            lon[i] = (int32_t)(regions[r].lon_e7[i] - hop->a[0]);
            lat[i] = (int32_t)(regions[r].lat_e7[i] - hop->a[1]);
            assert(llabs(lon[i]) <= 4 * ORACLE_MIDDLES_SPAN);
        }
        ret_regions[r] = regions[r];
        ret_regions[r].lon_e7 = lon;
        ret_regions[r].lat_e7 = lat;
    }
    hop->a[0] = hop->a[1] = 0;
}

static size_t by_middles(const struct region *regions, size_t count, struct hop hop,
                         struct passing *ret, size_t cap)
{
    struct passing before = {0, 1, 0};
    const struct passing end = {1, 1, 0};
    const wide from[2] = {0, 0}, to[2] = {hop.d[0], hop.d[1]};
    size_t n = cuts(regions, count, hop, ret, cap), kept = 0;
    uint64_t set = 0, last = 0;
    for (size_t r = 0; r < count; r++) {
        set |= (uint64_t)holds_at(&regions[r], 0, from, 1) << r;
        last |= (uint64_t)holds_at(&regions[r], 0, to, 1) << r;
    }
    if (n == SIZE_MAX || n + 2 > cap)
        return SIZE_MAX;
    for (size_t i = 0; i <= n; i++) { /* ret[kept - 1] is written only after ret[i] was read */
        struct passing after = i < n ? ret[i] : end;
        uint64_t next = set_between(regions, count, hop, &before, &after);
        before.mask = set ^ next;
        if (before.mask)
            ret[kept++] = before;
        before = after;
        set = next;
    }
    if (set != last)
        ret[kept++] = (struct passing){1, 1, set ^ last};
    return kept;
}

size_t oracle_passings_by_middles(const struct region *regions, size_t count, struct hop hop,
                                  struct passing *ret_passings, size_t cap)
{
    struct region near[64];
    assert(count <= 64);
    bring_near(regions, count, &hop, near);
    size_t n = by_middles(near, count, hop, ret_passings, cap);
    for (size_t r = 0; r < count; r++) {
        free((int32_t *)(uintptr_t)near[r].lon_e7);
        free((int32_t *)(uintptr_t)near[r].lat_e7);
    }
    return n;
}

/* ---- distances ---------------------------------------------------------------------------------- */

static double units_to(const int64_t p[2], const int64_t q[2], double x, double y)
{
    double ex = (double)(q[0] - p[0]), ey = (double)(q[1] - p[1]);
    double ax = x - (double)p[0], ay = y - (double)p[1], len = ex * ex + ey * ey;
    double t = len > 0 ? (ax * ex + ay * ey) / len : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return hypot(ax - t * ex, ay - t * ey);
}

bool oracle_clear(const struct region *region, int32_t lon_e7, int32_t lat_e7, double units)
{
    for (int64_t turn = -ORACLE_TURN_E7; turn <= ORACLE_TURN_E7; turn += ORACLE_TURN_E7) {
        struct walk w = {.region = region, .turn = turn};
        while (walk_next(&w))
            if (units_to(w.p, w.q, lon_e7, lat_e7) < units)
                return false;
    }
    return true;
}
