#include "geo/geodesic.h"
#include "num/num.h"
#include "watch/state.h"

/*
 * What a track will enter if it keeps its course and speed, and what it may already have entered
 * because the border is nearer than its error. Told once an approach: it ends when the course drawn
 * out a quarter farther no longer enters, and the border is two and a half errors away.
 *
 * A zone is entered when its region, its band and its period all hold; so a track that is in plan
 * inside is near a zone that will open, or whose floor it will sink through.
 */
#define KEEP_FACTOR 1.25 /* what was told near lapses a quarter farther out than it begins */
#define KEEP_ERRORS 2.5  /* five sigma from the border, which noise does not reach */

/* Below this, 1 knot, a course is drift and noise. */
#define COURSE_MIN_CMPS 51

/* How often a course is drawn out anew. */
#define DRAW_AIR_US (5 * TIME_SECOND)
#define DRAW_SEA_US (15 * TIME_SECOND)

/* A craft that keeps its course is taken to keep its speed within a tenth. AIS and ADS-B tell speed
 * to 0.1 and 1 knot, so it is the craft, not the report, that makes the band. */
#define SPEED_PART 0.1

/* East of here a metre is many degrees; no agreement reaches there. */
#define LAT_MAX_DEG 89.0

#define E7          1e-7
#define MM_PER_M    1000.0
#define M_PER_DM    0.1
#define CM_PER_M    100.0
#define US_PER_S    1e6
#define PROBE_MAX_M 20000.0
#define PROBE_HOPS  8.0  /* hops for which a probe that found nothing serves */
#define RING_PART   0.45 /* of the smallest ring that a probe may be half as wide as */

/* One look ahead. */
struct look {
    struct watch *watch;
    struct track *track;
    struct position end;           /* the course, KEEP_FACTOR times the horizon long */
    size_t crossings;              /* in watch->crossings */
    uint64_t able;                 /* zones that it could enter */
    uint64_t coming;               /* those it will */
    uint64_t brink;                /* those whose border is within the error */
    double t[AGREEMENT_ZONES_MAX]; /* of entry */
};

int64_t near_horizon_us(const struct watch *watch, enum platform platform)
{
    return watch->flies[platform] ? watch->options.near_air_us : watch->options.near_sea_us;
}

/* ---- the course -------------------------------------------------------------------------------- */

static bool is_moving(const struct track *track)
{
    int64_t n = track->north_cmps, e = track->east_cmps;
    return track->north_cmps != SPEED_UNKNOWN &&
           n * n + e * e >= (int64_t)COURSE_MIN_CMPS * COURSE_MIN_CMPS;
}

static int32_t climb_to(const struct position *fix, double seconds)
{
    if (fix->alt_cm == ALT_UNKNOWN || fix->up_cmps == SPEED_UNKNOWN)
        return fix->alt_cm;
    double alt = fix->alt_cm + fix->up_cmps * seconds;
    return alt > INT32_MAX / 2    ? INT32_MAX / 2
           : alt < -INT32_MAX / 2 ? -INT32_MAX / 2
                                  : (int32_t)alt;
}

/* Straight in longitude and latitude, as hops are; what does not move stays. False: it would pass a
 * pole. */
static bool draw_course(const struct track *track, double seconds, struct position *ret_end)
{
    const struct position *fix = &track->last;
    double lat_deg = fix->lat_e7 * E7, meridian_m, transverse_m;
    if (lat_deg > LAT_MAX_DEG || lat_deg < -LAT_MAX_DEG)
        return false;
    geodesic_radii(lat_deg, &meridian_m, &transverse_m);
    double parallel_m = transverse_m * num_cos(num_radians(lat_deg));
    double metres_per_cmps = is_moving(track) ? seconds / CM_PER_M : 0.0;
    double north_e7 = num_degrees(track->north_cmps * metres_per_cmps / meridian_m) / E7;
    double east_e7 = num_degrees(track->east_cmps * metres_per_cmps / parallel_m) / E7;
    double lat_e7 = fix->lat_e7 + north_e7;
    if (lat_e7 > LAT_E7_MAX || lat_e7 < -LAT_E7_MAX || east_e7 > LAT_E7_MAX ||
        east_e7 < -LAT_E7_MAX)
        return false;
    *ret_end = *fix;
    ret_end->lat_e7 = (int32_t)lat_e7;
    ret_end->lon_e7 = lon_wrap_e7(fix->lon_e7 + (int64_t)east_e7);
    ret_end->alt_cm = climb_to(fix, seconds);
    ret_end->time_us += (int64_t)(seconds * US_PER_S);
    return true;
}

/* ---- entering ---------------------------------------------------------------------------------- */

static double look_t(const struct look *look, int64_t time_us)
{
    const struct position *fix = &look->track->last;
    return (double)(time_us - fix->time_us) / (double)(look->end.time_us - fix->time_us);
}

/* From t on, when is the zone in force? Above 1: not on this course. */
static double in_force_from(const struct look *look, uint16_t zone, double t)
{
    const struct agreement *a = look->watch->view->compiled->agreement;
    int64_t time_us = hop_at(&look->track->last, &look->end, t).time_us, next_us = TIME_UNKNOWN;
    if (!(look->watch->view->sets.timed >> zone & 1) || time_us == TIME_UNKNOWN ||
        zone_active(a, &a->zones[zone], time_us, &next_us))
        return t;
    return next_us == TIME_UNKNOWN || next_us > look->end.time_us ? 2.0 : look_t(look, next_us);
}

/* From t on, when does the climb or descent bring it into the band? Above 1: not. */
static double in_band_from(const struct look *look, uint16_t zone, double t)
{
    const struct zone *it = &look->watch->view->compiled->agreement->zones[zone];
    struct position at = hop_at(&look->track->last, &look->end, t);
    double pass[2];
    if (!(look->watch->view->sets.banded >> zone & 1) || band_judge(it, &at).in)
        return t;
    size_t count = band_cross(it, &at, &look->end, pass);
    return count ? t + pass[0] * (1.0 - t) : 2.0;
}

/* The first instant at which all hold, with the region holding it from `from` to before `to`. */
static bool enters_within(struct look *look, uint16_t zone, double from, double to)
{
    double t = in_band_from(look, zone, in_force_from(look, zone, from));
    if (t >= to || t > 1.0 || in_force_from(look, zone, t) != t)
        return false;
    look->t[zone] = t;
    return true;
}

static bool enters(struct look *look, uint16_t zone)
{
    const struct crossing *crossings = look->watch->crossings;
    bool plan = look->track->plan >> zone & 1;
    double from = 0.0;
    for (size_t i = 0; i < look->crossings; i++) {
        if (!(crossings[i].mask >> zone & 1))
            continue;
        if (plan && enters_within(look, zone, from, crossings[i].t))
            return true;
        plan = !plan;
        from = crossings[i].t;
    }
    return plan && enters_within(look, zone, from, 2.0);
}

static void look_along(struct look *look, double seconds)
{
    struct watch *watch = look->watch;
    const struct position *fix = &look->track->last;
    uint64_t passed = look->track->plan;
    if (!draw_course(look->track, seconds, &look->end))
        return;
    size_t count =
        grid_cross(watch->view->compiled->grid, fix->lon_e7, fix->lat_e7, look->end.lon_e7,
                   look->end.lat_e7, watch->crossings, HOP_CROSSINGS_MAX);
    look->crossings = count < HOP_CROSSINGS_MAX ? count : HOP_CROSSINGS_MAX;
    for (size_t i = 0; i < look->crossings; i++)
        passed |= watch->crossings[i].mask;
    for (uint64_t rest = passed & look->able; rest;) {
        uint16_t zone = zone_pop(&rest);
        if (enters(look, zone))
            look->coming |= UINT64_C(1) << zone;
    }
}

/* ---- the brink --------------------------------------------------------------------------------- */

/* Regions with a border in the square of that half width around the fix: a border that comes in and
 * is no ring inside of it crosses its outline. */
static uint64_t probe(struct watch *watch, const struct position *fix, double half_m)
{
    double lat_deg = fix->lat_e7 * E7, meridian_m, transverse_m;
    geodesic_radii(lat_deg, &meridian_m, &transverse_m);
    double parallel_m = transverse_m * num_cos(num_radians(lat_deg));
    int32_t north = 1 + (int32_t)(num_degrees(half_m / meridian_m) / E7);
    int32_t east = 1 + (int32_t)(num_degrees(half_m / parallel_m) / E7);
    const int32_t lon[] = {-east, east, east, -east, -east};
    const int32_t lat[] = {-north, -north, north, north, -north};
    uint64_t found = NO_ZONES;
    for (int i = 0; i < 4; i++) {
        size_t count = grid_cross(watch->view->compiled->grid, fix->lon_e7 + lon[i],
                                  fix->lat_e7 + lat[i], fix->lon_e7 + lon[i + 1],
                                  fix->lat_e7 + lat[i + 1], watch->crossings, HOP_CROSSINGS_MAX);
        for (size_t c = 0; c < count && c < HOP_CROSSINGS_MAX; c++)
            found |= watch->crossings[c].mask;
        if (count > HOP_CROSSINGS_MAX)
            return ~NO_ZONES;
    }
    return found;
}

/* Zones with a ring that a square of that half width may hold whole. */
static uint64_t small_zones(const struct watch *watch, double half_m)
{
    uint64_t small = NO_ZONES;
    for (uint16_t i = 0; i < watch->view->compiled->agreement->zone_count; i++)
        if (RING_PART * watch->view->ring_extent_m[i] < half_m)
            small |= UINT64_C(1) << i;
    return small;
}

/* Of zones too small to be probed for: those nearer than need_m, and how far the others are. */
static uint64_t small_about(const struct look *look, double half_m, double need_m, double *clear_m)
{
    const struct watch *watch = look->watch;
    uint64_t about = NO_ZONES;
    uint64_t concerned = watch->view->sets.concerned[look->track->last.platform];
    for (uint64_t rest = small_zones(watch, half_m) & concerned; rest;) {
        uint16_t zone = zone_pop(&rest);
        bool plan = look->track->plan >> zone & 1;
        struct border border = border_of(watch->view->compiled, zone, &look->track->last, plan);
        double dist_m = (double)(plan ? -border.dist_mm : border.dist_mm) / MM_PER_M;
        if (dist_m <= need_m)
            about |= UINT64_C(1) << zone;
        *clear_m = dist_m < *clear_m ? dist_m : *clear_m;
    }
    return about;
}

/* Zones whose border may be within need_m. What is found to be clear of all, track->clear_m keeps. */
static uint64_t borders_about(const struct look *look, double need_m, double hop_m)
{
    double half_m = need_m + PROBE_HOPS * hop_m, clear_m = PROBE_MAX_M;
    double lat_deg = look->track->last.lat_e7 * E7;
    if (need_m > PROBE_MAX_M || lat_deg > LAT_MAX_DEG || lat_deg < -LAT_MAX_DEG)
        return ~NO_ZONES;
    half_m = half_m < PROBE_MAX_M ? half_m : PROBE_MAX_M;
    uint64_t found = probe(look->watch, &look->track->last, half_m);
    found |= small_about(look, half_m, need_m, &clear_m);
    if (!found)
        look->track->clear_m = (float)(clear_m < half_m ? clear_m : half_m);
    return found;
}

/* What the fix's altitude, or its place, leaves open. */
static bool on_brink(const struct look *look, uint16_t zone)
{
    const struct compiled *compiled = look->watch->view->compiled;
    const struct track *track = look->track;
    bool plan = track->plan >> zone & 1;
    double keep = track->near >> zone & 1 ? KEEP_ERRORS : 1.0;
    struct band_verdict band = band_judge(&compiled->agreement->zones[zone], &track->last);
    if ((!band.in && band.sure) || in_force_from(look, zone, 0.0) > 0.0)
        return false;
    struct border border = border_of(compiled, zone, &track->last, plan);
    return (double)border.dist_mm <= (double)border_doubt_mm(&border) * keep;
}

static void look_about(struct look *look, double hop_m)
{
    struct watch *watch = look->watch;
    struct track *track = look->track;
    double need_m = KEEP_ERRORS * (M_PER_DM * track->last.err_dm + watch->view->precision_max_m);
    uint64_t about = track->plan & watch->view->sets.banded;
    if (need_m > 0.0 && need_m >= (double)track->clear_m)
        about |= borders_about(look, need_m, hop_m);
    for (uint64_t rest = about & look->able; rest;) {
        uint16_t zone = zone_pop(&rest);
        if (!on_brink(look, zone))
            continue;
        look->brink |= UINT64_C(1) << zone;
        look->t[zone] = 0.0;
    }
}

/* ---- telling ----------------------------------------------------------------------------------- */

/* How far off the predicted instant may be: by the speed, and by where border and fix really are,
 * at the rate at which the border comes nearer. */
static int64_t entry_slack_us(const struct look *look, uint16_t zone, int64_t ahead_us)
{
    const struct track *track = look->track;
    double ahead = (double)ahead_us, slack = SPEED_PART * ahead;
    bool plan = track->plan >> zone & 1;
    if (!plan && ahead_us > 0) {
        struct border border = border_of(look->watch->view->compiled, zone, &track->last, plan);
        int64_t doubt_mm = border_doubt_mm(&border);
        bool apart = border.dist_mm > doubt_mm;
        slack += (apart ? (double)doubt_mm / (double)border.dist_mm : 1.0) * ahead;
    }
    return (int64_t)slack;
}

static void tell_near(const struct look *look, uint16_t zone)
{
    struct track *track = look->track;
    const struct zone *it = &look->watch->view->compiled->agreement->zones[zone];
    struct position at = hop_at(&track->last, &look->end, look->t[zone]);
    bool timed = is_timed(&track->last);
    int64_t ahead_us = timed ? at.time_us - track->last.time_us : 0;
    int64_t slack_us = entry_slack_us(look, zone, ahead_us);
    struct telling telling = {
        .kind = SIGHTING_NEAR,
        .zone = zone,
        .time_us = at.time_us,
        .time_lo_us =
            timed ? at.time_us - (slack_us < ahead_us ? slack_us : ahead_us) : TIME_UNKNOWN,
        .time_hi_us = timed ? at.time_us + slack_us : TIME_UNKNOWN,
        .fix = &track->last,
        .place = &at,
        .plan = track->plan >> zone & 1,
        .sure = timed && !(look->brink >> zone & 1) && band_judge(it, &at).sure,
        .by_fix = true,
    };
    tell(look->watch, track, &telling);
}

/* Courses are drawn out now and then; in between what was near still is. */
static bool is_draw_due(const struct watch *watch, const struct track *track)
{
    const struct position *fix = &track->last;
    int64_t every_us = watch->flies[fix->platform] ? DRAW_AIR_US : DRAW_SEA_US;
    return is_timed(fix) && (track->drawn_us == TIME_UNKNOWN || fix->time_us < track->drawn_us ||
                             fix->time_us - track->drawn_us >= every_us);
}

/* Those that are entered before the horizon, not only before what they are kept for. */
static uint64_t within_horizon(const struct look *look)
{
    uint64_t soon = NO_ZONES;
    for (uint64_t rest = look->coming; rest;) {
        uint16_t zone = zone_pop(&rest);
        if (look->t[zone] <= 1.0 / KEEP_FACTOR)
            soon |= UINT64_C(1) << zone;
    }
    return soon;
}

void near_tell(struct watch *watch, struct track *track, double hop_m)
{
    struct look look = {.watch = watch, .track = track, .end = track->last};
    double horizon_s =
        (double)near_horizon_us(watch, (enum platform)track->last.platform) / US_PER_S;
    look.able = watch->view->sets.concerned[track->last.platform] & ~track->inside;
    bool drawn = is_draw_due(watch, track);
    if (drawn && (is_moving(track) || track->plan & look.able)) {
        look_along(&look, KEEP_FACTOR * horizon_s);
        track->drawn_us = track->last.time_us;
    }
    look_about(&look, hop_m);
    uint64_t kept = track->near & look.able & (look.coming | look.brink | (drawn ? 0 : ~NO_ZONES));
    uint64_t fresh = (within_horizon(&look) | look.brink) & ~track->near;
    uint64_t lapsed = track->near & ~kept & ~track->inside;
    track->near = kept | fresh;
    while (fresh)
        tell_near(&look, zone_pop(&fresh));
    tell_lapsed(watch, track, lapsed, track->last.time_us);
}
