#include "feed/cpr.h"

#include <stddef.h>

#include "base/degree.h"

#define ZONES_EVEN 60 /* of latitude round the world; odd frames have one less */
#define TURN       360
#define QUARTER    90
#define E9         INT64_C(1000000000)

/* Where the number of zones falls by one, from 59: arccos(sqrt((1 - cos(pi / 30)) /
 * (1 - cos(2 pi / NL)))) for NL = 59 .. 3, in 1e-9 degree. At 87 degrees there still are two. */
static const int64_t borders[] = {
    INT64_C(10470471300), INT64_C(14828174369), INT64_C(18186263571), INT64_C(21029394926),
    INT64_C(23545044866), INT64_C(25829247071), INT64_C(27938987101), INT64_C(29911356857),
    INT64_C(31772097077), INT64_C(33539934363), INT64_C(35228995978), INT64_C(36850251076),
    INT64_C(38412418924), INT64_C(39922566843), INT64_C(41386518323), INT64_C(42809140122),
    INT64_C(44194549514), INT64_C(45546267227), INT64_C(46867332525), INT64_C(48160391281),
    INT64_C(49427764393), INT64_C(50671501656), INT64_C(51893424692), INT64_C(53095161528),
    INT64_C(54278174723), INT64_C(55443784445), INT64_C(56593187562), INT64_C(57727473539),
    INT64_C(58847637761), INT64_C(59954592767), INT64_C(61049177742), INT64_C(62132166592),
    INT64_C(63204274794), INT64_C(64266165226), INT64_C(65318453097), INT64_C(66361710084),
    INT64_C(67396467741), INT64_C(68423220221), INT64_C(69442426311), INT64_C(70454510750),
    INT64_C(71459864730), INT64_C(72458845447), INT64_C(73451774417), INT64_C(74438934157),
    INT64_C(75420562567), INT64_C(76396843908), INT64_C(77367894613), INT64_C(78333740829),
    INT64_C(79294282255), INT64_C(80249232133), INT64_C(81198013493), INT64_C(82139569805),
    INT64_C(83071994447), INT64_C(83991735630), INT64_C(84891661907), INT64_C(85755416209),
    INT64_C(86535369975), INT64_C(87000000001)};
#define BORDER_COUNT (sizeof borders / sizeof borders[0])

/* ---- whole numbers ------------------------------------------------------------------------------ */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t modulo(int64_t a, int64_t b)
{
    return a - b * floor_div(a, b);
}

/* To the nearest, halves up. */
static int64_t round_div(int64_t a, int64_t b)
{
    return floor_div(2 * a + b, 2 * b);
}

static int64_t distance(int64_t a, int64_t b)
{
    return a < b ? b - a : a - b;
}

/* ---- zones -------------------------------------------------------------------------------------- */

unsigned cpr_zones(int64_t lat_e9)
{
    size_t low = 0, high = BORDER_COUNT;
    if (lat_e9 < 0)
        lat_e9 = -lat_e9;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (lat_e9 < borders[middle])
            high = middle;
        else
            low = middle + 1;
    }
    return (unsigned)(BORDER_COUNT + 1 - low);
}

static int64_t lat_zones(const struct cpr *frame)
{
    return ZONES_EVEN - frame->odd;
}

static int64_t lon_zones(unsigned zones, const struct cpr *frame)
{
    int64_t n = (int64_t)zones - frame->odd;
    return n > 1 ? n : 1;
}

/* The whole that the zones divide, in degrees. */
static int64_t span(const struct cpr *frame)
{
    return frame->surface ? QUARTER : TURN;
}

/* zone + value / 2^17, of `zones` in the span, in the unit `per_degree`: at most 360e9 * 60 * 2^17,
 * which is 2.9e18. */
static int64_t angle(const struct cpr *frame, int64_t zone, uint32_t value, int64_t zones,
                     int64_t per_degree)
{
    int64_t whole = span(frame) * per_degree;
    int64_t quotient = floor_div(whole * (zone * CPR_ONE + value), zones * CPR_ONE);
    int64_t rest = whole * (zone * CPR_ONE + value) - quotient * zones * CPR_ONE;
    return quotient + (2 * rest >= zones * CPR_ONE);
}

/* ---- two frames --------------------------------------------------------------------------------- */

/* The latitude of one frame, given the pair's zone number. */
static int64_t pair_lat_e9(const struct cpr *frame, int64_t zone, const struct cpr_place *near)
{
    int64_t zones = lat_zones(frame);
    int64_t lat_e9 = angle(frame, modulo(zone, zones), frame->lat, zones, E9);
    if (!frame->surface)
        return lat_e9 >= (TURN - QUARTER) * E9 ? lat_e9 - TURN * E9 : lat_e9;
    int64_t south_e9 = lat_e9 - QUARTER * E9, near_e9 = near->lat_e7 * INT64_C(100);
    return distance(lat_e9, near_e9) <= distance(south_e9, near_e9) ? lat_e9 : south_e9;
}

/* Of the four the one nearest to `near`. */
static int32_t nearest_lon(int64_t lon_e7, const struct cpr_place *near)
{
    int64_t turns = round_div(near->lon_e7 - lon_e7, QUARTER * DEG_E7);
    return lon_wrap_e7(lon_e7 + turns * QUARTER * DEG_E7);
}

static bool is_latitude(int64_t lat_e9)
{
    return lat_e9 >= -QUARTER * E9 && lat_e9 <= QUARTER * E9;
}

bool cpr_global(const struct cpr *even, const struct cpr *odd, bool odd_is_newer,
                const struct cpr_place *near, struct cpr_place *ret_place)
{
    const struct cpr *newer = odd_is_newer ? odd : even;
    int64_t zone = floor_div((ZONES_EVEN - 1) * (int64_t)even->lat -
                                 ZONES_EVEN * (int64_t)odd->lat + CPR_ONE / 2,
                             CPR_ONE);
    int64_t even_e9 = pair_lat_e9(even, zone, near), odd_e9 = pair_lat_e9(odd, zone, near);
    int64_t lat_e9 = odd_is_newer ? odd_e9 : even_e9;
    unsigned zones = cpr_zones(even_e9);
    if (!is_latitude(even_e9) || !is_latitude(odd_e9) || zones != cpr_zones(odd_e9))
        return false;
    int64_t m = floor_div(
        ((int64_t)zones - 1) * even->lon - (int64_t)zones * odd->lon + CPR_ONE / 2, CPR_ONE);
    int64_t across = lon_zones(zones, newer);
    int64_t lon_e7 = angle(newer, modulo(m, across), newer->lon, across, DEG_E7);
    ret_place->lat_e7 = (int32_t)round_div(lat_e9, 100);
    ret_place->lon_e7 = newer->surface ? nearest_lon(lon_e7, near) : lon_wrap_e7(lon_e7);
    return true;
}

/* ---- one frame and a place nearby --------------------------------------------------------------- */

/* The zone in which the value comes nearest to the reference. */
static int64_t near_zone(const struct cpr *frame, int64_t near_e7, uint32_t value, int64_t zones)
{
    int64_t whole = span(frame) * DEG_E7;
    return floor_div(2 * near_e7 * zones * CPR_ONE + whole * CPR_ONE - 2 * value * whole,
                     2 * whole * CPR_ONE);
}

bool cpr_local(const struct cpr *frame, const struct cpr_place *near, struct cpr_place *ret_place)
{
    int64_t zones = lat_zones(frame);
    int64_t zone = near_zone(frame, near->lat_e7, frame->lat, zones);
    int64_t lat_e9 = angle(frame, zone, frame->lat, zones, E9);
    if (!is_latitude(lat_e9))
        return false;
    zones = lon_zones(cpr_zones(lat_e9), frame);
    zone = near_zone(frame, near->lon_e7, frame->lon, zones);
    ret_place->lat_e7 = (int32_t)round_div(lat_e9, 100);
    ret_place->lon_e7 = lon_wrap_e7(angle(frame, zone, frame->lon, zones, DEG_E7));
    return true;
}
