#include "agreement/reader.h"
#include "agreement/zonefile_parts.h"

/* What GeoJSON, ED-269 and ED-318 share: coordinates, texts, heights, periods. */

#define SCALE_E9    9
#define LON_MAX_E9  INT64_C(180000000000)
#define LAT_MAX_E9  INT64_C(90000000000)
#define TIME_BYTES  48
#define MILLIMETRES 3

/* ---- coordinates -------------------------------------------------------------------------------- */

int json_point(struct sketch *s, struct json point, int64_t *ret_lon_e9, int64_t *ret_lat_e9)
{
    int64_t e9[2] = {0, 0};
    struct json_iter it = json_iter(point);
    if (point.type != JSON_ARRAY)
        return sketch_fail(s, "a point that is no list [longitude, latitude]");
    for (int i = 0; i < 2; i++)
        if (!json_next(&it) || !json_scaled(it.value, SCALE_E9, &e9[i], NULL))
            return sketch_fail(s, "a point that is not [longitude, latitude] in degrees");
    if (e9[1] > LAT_MAX_E9 || e9[1] < -LAT_MAX_E9 || e9[0] > LON_MAX_E9 || e9[0] < -LON_MAX_E9)
        return sketch_fail(s,
                           "the point [%.9g, %.9g] is outside of the world; a point is "
                           "[longitude, latitude]",
                           (double)e9[0] / 1e9, (double)e9[1] / 1e9);
    *ret_lon_e9 = e9[0];
    *ret_lat_e9 = e9[1];
    return 0;
}

static int ring(struct sketch *s, struct json points)
{
    int64_t lon_e9, lat_e9;
    for (struct json_iter it = json_iter(points); json_next(&it);)
        if (json_point(s, it.value, &lon_e9, &lat_e9) || sketch_point(s, lon_e9, lat_e9))
            return ERR_FAIL;
    return sketch_ring_end(s);
}

int json_rings(struct sketch *s, struct json coordinates, int depth)
{
    if (coordinates.type != JSON_ARRAY)
        return sketch_fail(s, "\"coordinates\" that are no list of rings");
    if (depth == 1)
        return ring(s, coordinates);
    for (struct json_iter it = json_iter(coordinates); json_next(&it);)
        if (json_rings(s, it.value, depth - 1))
            return ERR_FAIL;
    return 0;
}

int json_radius(struct sketch *s, struct json metres, int64_t *ret_mm)
{
    if (!json_scaled(metres, MILLIMETRES, ret_mm, NULL))
        return sketch_fail(s, "a circle without a radius in metres");
    return 0;
}

/* ---- texts ---------------------------------------------------------------------------------------- */

int json_string(struct sketch *s, struct json value, const char **ret_text)
{
    *ret_text = NULL;
    if (value.type != JSON_STRING)
        return 0;
    size_t cap = (size_t)(value.end - value.p);
    char *text = arena_alloc(s->arena, cap, 1);
    if (!text)
        return sketch_fail(s, "the memory limit is reached");
    if (!json_text(value, text, cap))
        return sketch_fail(s, "text with the character U+0000");
    *ret_text = text;
    return 0;
}

static int one_name(struct sketch *s, struct json text, struct json lang)
{
    const char *name, *language;
    if (json_string(s, text, &name) || json_string(s, lang, &language))
        return ERR_FAIL;
    return name ? sketch_name(s, bytes_of(name), bytes_of(language)) : 0;
}

int json_names(struct sketch *s, struct json name)
{
    if (name.type != JSON_ARRAY)
        return one_name(s, name, (struct json){NULL, NULL, JSON_NONE});
    for (struct json_iter it = json_iter(name); json_next(&it);)
        if (one_name(s, json_get(it.value, "text"), json_get(it.value, "lang")))
            return ERR_FAIL;
    return 0;
}

/* ---- heights -------------------------------------------------------------------------------------- */

struct code {
    const char *text;
    int value;
};

static bool code_of(struct json value, const struct code *codes, size_t count, int *ret_value)
{
    for (size_t i = 0; i < count; i++)
        if (json_is(value, codes[i].text)) {
            *ret_value = codes[i].value;
            return true;
        }
    return false;
}

static bool is_absent(struct json value)
{
    return value.type == JSON_NONE || value.type == JSON_NULL;
}

static int height_value(struct sketch *s, struct json value, int64_t *ret_e2)
{
    const char *text;
    if (json_scaled(value, 2, ret_e2, NULL))
        return 0;
    if (json_string(s, value, &text))
        return ERR_FAIL;
    struct cursor c = cursor_of(bytes_of(text));
    if (!text || !decimal_take(&c, 2, ret_e2) || !at_end(&c))
        return sketch_fail(s, "a height that is no number");
    return 0;
}

int json_height(struct sketch *s, struct json value, struct json ref, struct json unit,
                struct height *height)
{
    static const struct code refs[] = {
        {"AGL", LIMIT_GROUND}, {"AMSL", LIMIT_SEA_LEVEL}, {"WGS84", LIMIT_ELLIPSOID}};
    static const struct code units[] = {
        {"m", HEIGHT_M}, {"M", HEIGHT_M}, {"ft", HEIGHT_FT}, {"FT", HEIGHT_FT}};
    int r, u = HEIGHT_M;
    if (is_absent(value))
        return 0;
    if (height_value(s, value, &height->value_e2))
        return ERR_FAIL;
    if (!code_of(ref, refs, sizeof refs / sizeof refs[0], &r))
        return sketch_fail(s, "a height without a reference of AGL, AMSL, WGS84");
    if (!is_absent(unit) && !code_of(unit, units, sizeof units / sizeof units[0], &u))
        return sketch_fail(s, "a unit of heights that is neither m nor ft");
    /* nothing above the ground is the surface */
    height->ref = r == LIMIT_GROUND && !height->value_e2 ? LIMIT_SURFACE : (enum alt_limit_ref)r;
    height->unit = (enum height_unit)u;
    return 0;
}

/* ---- periods -------------------------------------------------------------------------------------- */

static int time_of(struct sketch *s, struct json value, bool end, int64_t *ret_us)
{
    char text[TIME_BYTES];
    bool date_only;
    *ret_us = TIME_UNKNOWN;
    if (is_absent(value))
        return 0;
    if (!json_text(value, text, sizeof text) || !time_read(bytes_of(text), 0, ret_us, &date_only))
        return sketch_fail(s, "a date that is not like 2018-12-31T15:59:59Z, years 1900 to 2200");
    if (date_only)
        *ret_us += end ? 1 : 1 - TIME_DAY;
    return 0;
}

static bool two_digits(struct cursor *c, int *ret_value)
{
    if (c->end - c->p < 2 || c->p[0] < '0' || c->p[0] > '9' || c->p[1] < '0' || c->p[1] > '9')
        return false;
    *ret_value = (c->p[0] - '0') * 10 + c->p[1] - '0';
    c->p += 2;
    return true;
}

/* Seconds and their fraction; whether there are any. */
static bool seconds_take(struct cursor *c, bool *ret_any)
{
    int seconds = 0;
    *ret_any = false;
    if (!take(c, ':'))
        return true;
    if (!two_digits(c, &seconds))
        return false;
    *ret_any = seconds > 0;
    if (take(c, '.'))
        for (; at_digit(c); c->p++)
            *ret_any |= *c->p != '0';
    return true;
}

/* "Z", "+hh:mm" or nothing, which means UTC. */
static bool offset_take(struct cursor *c, int *ret_min)
{
    int hours, minutes, sign = take(c, '-') ? -1 : take(c, '+') ? 1 : 0;
    *ret_min = 0;
    if (!sign)
        return (take(c, 'Z') || true) && at_end(c);
    if (!two_digits(c, &hours) || !take(c, ':') || !two_digits(c, &minutes) || !at_end(c) ||
        hours > 14 || minutes > 59)
        return false;
    *ret_min = sign * (hours * 60 + minutes);
    return true;
}

/* Minutes UTC of "16:00:00Z", outwards. */
static bool minutes_of(struct json value, bool end, int *ret_min)
{
    char text[TIME_BYTES];
    int hours, minutes, offset;
    bool seconds;
    if (!json_text(value, text, sizeof text))
        return false;
    struct cursor c = cursor_of(bytes_of(text));
    if (!two_digits(&c, &hours) || !take(&c, ':') || !two_digits(&c, &minutes) ||
        !seconds_take(&c, &seconds) || !offset_take(&c, &offset) || hours > 24 || minutes > 59)
        return false;
    *ret_min = hours * 60 + minutes + (end && seconds ? 1 : 0) - offset;
    return *ret_min - offset <= 1440 + 14 * 60;
}

/* Days that are not every day make the zone larger than the file says. */
static void days_told(struct sketch *s, struct json days)
{
    char day[8] = "";
    struct json first = days;
    size_t count = days.type == JSON_ARRAY ? json_count(days) : days.type == JSON_STRING ? 1 : 0;
    if (days.type == JSON_ARRAY) {
        struct json_iter it = json_iter(days);
        if (json_next(&it))
            first = it.value;
    }
    if (!count || count >= 7 || json_is(first, "ANY"))
        return;
    (void)json_text(first, day, sizeof day);
    sketch_left(s, "days of the week");
    sketch_assume(s, "The file has days of the week (%s, ...); here the hours hold on every day.",
                  day);
    s->zone.provisional = true;
}

/* Whether the entry is for the whole day. */
static int schedule_entry(struct sketch *s, struct json entry, struct period *period,
                          bool *ret_whole)
{
    struct json start = json_get(entry, "startTime"), end = json_get(entry, "endTime");
    int from_min = 0, to_min = 1440;
    bool events =
        !is_absent(json_get(entry, "startEvent")) || !is_absent(json_get(entry, "endEvent"));
    days_told(s, json_get(entry, "day"));
    if (events) {
        sketch_left(s, "hours by sunrise or sunset");
        sketch_assume(s, "The file has hours by sunrise or sunset; here the whole day holds.");
        s->zone.provisional = true;
    }
    *ret_whole = events || (is_absent(start) && is_absent(end));
    if (*ret_whole)
        return 0;
    if ((!is_absent(start) && !minutes_of(start, false, &from_min)) ||
        (!is_absent(end) && !minutes_of(end, true, &to_min)))
        return sketch_fail(s, "hours that are not like 16:00:00Z");
    return period_hours(s, period, from_min, to_min, 0xfff);
}

static int schedule(struct sketch *s, struct json list, struct period *period)
{
    bool all_day = false;
    if (list.type != JSON_ARRAY)
        return 0;
    for (struct json_iter it = json_iter(list); json_next(&it);) {
        bool whole;
        if (schedule_entry(s, it.value, period, &whole))
            return ERR_FAIL;
        all_day |= whole;
    }
    if (all_day)
        period->daily_count = 0;
    return 0;
}

int json_periods(struct sketch *s, struct json list)
{
    if (list.type != JSON_ARRAY)
        return 0;
    for (struct json_iter it = json_iter(list); json_next(&it);) {
        int64_t from_us, to_us;
        if (time_of(s, json_get(it.value, "startDateTime"), false, &from_us) ||
            time_of(s, json_get(it.value, "endDateTime"), true, &to_us))
            return ERR_FAIL;
        struct period *period = sketch_period(s, from_us, to_us);
        if (!period || schedule(s, json_get(it.value, "schedule"), period) ||
            schedule(s, json_get(it.value, "dailyPeriod"), period))
            return ERR_FAIL;
    }
    return 0;
}
