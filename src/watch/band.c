#include "watch/judge.h"

/*
 * Altitudes are compared in the limit's own reference. Between two references only a range is
 * known. The nominal height, taken over as it is, decides in or out; the range decides whether
 * that is certain.
 */

/* Geoid undulations lie between -107 m and +86 m (EGM96, NASA/TP-1998-206861). */
#define GEOID_CM 11000

/* Aircraft keep the 1013.25 hPa surface within 245 ft (total vertical error, ICAO Doc 9574). */
#define BARO_CM 7500

/* Pressure surfaces against true height: with 950 to 1050 hPa at sea level and 8.3 m a hPa within
 * 530 m near the ground; 28 K off the standard temperature adds a tenth of the height. */
#define PRESSURE_CM   53000
#define PRESSURE_PART 10

/* The highest ground above the sea and the lowest below it: Everest, the Dead Sea's shore. */
#define GROUND_HIGH_CM 884900
#define GROUND_LOW_CM  44000

/* A height above a limit's reference: within low .. high, and nominally there. */
struct height {
    bool known, nominal;
    int64_t at_cm, low_cm, high_cm;
};

/* How a fix's reference relates to a limit's. */
enum relation { RELATION_SAME, RELATION_GEOID, RELATION_BARO, RELATION_PRESSURE, RELATION_TERRAIN };

static const uint8_t relations[][LIMIT_UNLIMITED] = {
    [ALT_REF_NONE] = {[LIMIT_ELLIPSOID] = RELATION_PRESSURE,
                      [LIMIT_SEA_LEVEL] = RELATION_PRESSURE,
                      [LIMIT_GROUND] = RELATION_TERRAIN,
                      [LIMIT_LEVEL] = RELATION_PRESSURE},
    [ALT_REF_ELLIPSOID] = {[LIMIT_ELLIPSOID] = RELATION_SAME,
                           [LIMIT_SEA_LEVEL] = RELATION_GEOID,
                           [LIMIT_GROUND] = RELATION_TERRAIN,
                           [LIMIT_LEVEL] = RELATION_PRESSURE},
    [ALT_REF_SEA_LEVEL] = {[LIMIT_ELLIPSOID] = RELATION_GEOID,
                           [LIMIT_SEA_LEVEL] = RELATION_SAME,
                           [LIMIT_GROUND] = RELATION_TERRAIN,
                           [LIMIT_LEVEL] = RELATION_PRESSURE},
    [ALT_REF_BARO] = {[LIMIT_ELLIPSOID] = RELATION_PRESSURE,
                      [LIMIT_SEA_LEVEL] = RELATION_PRESSURE,
                      [LIMIT_GROUND] = RELATION_TERRAIN,
                      [LIMIT_LEVEL] = RELATION_BARO},
    [ALT_REF_GROUND] = {[LIMIT_ELLIPSOID] = RELATION_TERRAIN,
                        [LIMIT_SEA_LEVEL] = RELATION_TERRAIN,
                        [LIMIT_GROUND] = RELATION_SAME,
                        [LIMIT_LEVEL] = RELATION_TERRAIN},
};

static struct height height_within(int64_t at_cm, int64_t slack_cm)
{
    return (struct height){true, true, at_cm, at_cm - slack_cm, at_cm + slack_cm};
}

static int64_t pressure_slack(int64_t at_cm)
{
    return PRESSURE_CM + (at_cm < 0 ? -at_cm : at_cm) / PRESSURE_PART;
}

/* Over ground that may be anywhere, or above the sea from ground that may be anywhere. */
static struct height height_by_terrain(int64_t at_cm, bool to_ground)
{
    int64_t slack_cm = pressure_slack(at_cm);
    int64_t up_cm = to_ground ? GROUND_LOW_CM : GROUND_HIGH_CM;
    int64_t down_cm = to_ground ? GROUND_HIGH_CM : GROUND_LOW_CM;
    return (struct height){
        .known = true, .low_cm = at_cm - down_cm - slack_cm, .high_cm = at_cm + up_cm + slack_cm};
}

static struct height height_over(int64_t at_cm, enum alt_ref from, enum alt_limit_ref to)
{
    switch ((enum relation)relations[from][to]) {
    case RELATION_SAME:
        return height_within(at_cm, 0);
    case RELATION_GEOID:
        return height_within(at_cm, GEOID_CM);
    case RELATION_BARO:
        return height_within(at_cm, BARO_CM);
    case RELATION_PRESSURE:
        return height_within(at_cm, pressure_slack(at_cm));
    case RELATION_TERRAIN:
        break;
    }
    return height_by_terrain(at_cm, to == LIMIT_GROUND);
}

static bool is_all(const struct position *fix, enum platform platform)
{
    return platform_meant((enum platform)fix->platform, platform_leaves(platform)) ==
           MEANT_CERTAINLY;
}

/* What floats or drives needs not tell its altitude. */
static struct height height_of(const struct position *fix, enum alt_limit_ref limit)
{
    if (fix->alt_cm != ALT_UNKNOWN)
        return height_over(fix->alt_cm, (enum alt_ref)fix->alt_ref, limit);
    if (is_all(fix, PLATFORM_SHIP))
        return height_over(0, limit == LIMIT_GROUND ? ALT_REF_GROUND : ALT_REF_SEA_LEVEL, limit);
    if (is_all(fix, PLATFORM_LAND) || fix->note & NOTE_ON_GROUND)
        return height_over(0, ALT_REF_GROUND, limit);
    return (struct height){.known = false};
}

static bool is_limited(const struct alt_limit *limit)
{
    return limit->ref != LIMIT_SURFACE && limit->ref != LIMIT_UNLIMITED;
}

bool zone_is_banded(const struct zone *zone)
{
    return is_limited(&zone->floor) || is_limited(&zone->ceiling);
}

/* Is the fix at or above the limit? */
struct reach {
    bool above, sure;
    struct height height;
};

/* `otherwise`: where there is no limit, or it cannot be told. */
static struct reach reach_of(const struct alt_limit *limit, const struct position *fix,
                             bool otherwise)
{
    if (!is_limited(limit))
        return (struct reach){.above = otherwise, .sure = true};
    struct reach reach = {.above = otherwise, .height = height_of(fix, limit->ref)};
    const struct height *height = &reach.height;
    if (!height->known)
        return reach;
    if (height->low_cm >= limit->value_cm || height->high_cm < limit->value_cm) {
        reach.above = height->low_cm >= limit->value_cm;
        reach.sure = true;
    } else if (height->nominal) {
        reach.above = height->at_cm >= limit->value_cm;
    }
    return reach;
}

static struct reach floor_of(const struct zone *zone, const struct position *fix)
{
    return reach_of(&zone->floor, fix, true);
}

static struct reach ceiling_of(const struct zone *zone, const struct position *fix)
{
    return reach_of(&zone->ceiling, fix, false);
}

struct band_verdict band_judge(const struct zone *zone, const struct position *fix)
{
    struct reach floor = floor_of(zone, fix), ceiling = ceiling_of(zone, fix);
    struct band_verdict verdict = {.in = floor.above && !ceiling.above};
    if (verdict.in)
        verdict.sure = floor.sure && ceiling.sure;
    else
        verdict.sure = (!floor.above && floor.sure) || (ceiling.above && ceiling.sure);
    return verdict;
}

/* Where between a and b the limit is passed: at b if the two cannot be compared. */
static double passed_at(const struct alt_limit *limit, const struct height *a,
                        const struct height *b, bool alike)
{
    double climb = (double)(b->at_cm - a->at_cm);
    if (!alike || !a->nominal || !b->nominal || climb == 0.0)
        return 1.0;
    double t = (double)(limit->value_cm - a->at_cm) / climb;
    return t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
}

size_t band_cross(const struct zone *zone, const struct position *a, const struct position *b,
                  double ret_t[2])
{
    struct reach floor_a = floor_of(zone, a), floor_b = floor_of(zone, b);
    struct reach top_a = ceiling_of(zone, a), top_b = ceiling_of(zone, b);
    bool alike = a->alt_ref == b->alt_ref;
    double floor_t = passed_at(&zone->floor, &floor_a.height, &floor_b.height, alike);
    double top_t = passed_at(&zone->ceiling, &top_a.height, &top_b.height, alike);
    bool by_floor = floor_a.above != floor_b.above, by_top = top_a.above != top_b.above;
    bool top_first = by_top && (!by_floor || top_t < floor_t);
    bool in_a = floor_a.above && !top_a.above, in_b = floor_b.above && !top_b.above;
    bool between = top_first ? floor_a.above && !top_b.above : floor_b.above && !top_a.above;
    size_t count = 0;
    if (between != in_a)
        ret_t[count++] = top_first ? top_t : floor_t;
    if (in_b != between)
        ret_t[count++] = top_first ? floor_t : top_t;
    return count == 2 && ret_t[0] == ret_t[1] ? 0 : count;
}
