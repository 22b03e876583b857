#include <string.h>

#include "agreement/reader.h"

/* Zones: geometry, side, altitude, period; and zones that need each other. */

#define ALTITUDE_MAX_CM INT64_C(10000000)  /* 100 km */
#define ALTITUDE_MIN_CM (-INT64_C(100000)) /* the deepest dry land is 430 m below the sea */
#define FOOT_E4_CM      304800             /* 1 ft = 30.48 cm (1959 agreement), here in 1e-4 cm */
#define FEET_PER_LEVEL  100                /* ICAO Doc 4444: a flight level is 100 ft of pressure */

/* ---- altitude ----------------------------------------------------------------------------------- */

enum unit { UNIT_M, UNIT_FT, UNIT_FL };
static const char *const unit_names[] = {"m", "ft", "FL"};
static const char *const ref_names[] = {"HAE", "AMSL", "AGL", "STD"};
static const enum alt_limit_ref ref_values[] = {LIMIT_ELLIPSOID, LIMIT_SEA_LEVEL, LIMIT_GROUND,
                                                LIMIT_LEVEL};

struct limit_entry {
    struct json value;
    enum unit unit;
    enum alt_limit_ref ref; /* LIMIT_SURFACE: not given */
};

static int read_unit(struct reader *r, struct json value, void *into)
{
    size_t index;
    if (word_read(r, value, unit_names, 3, &index))
        return ERR_FAIL;
    *(enum unit *)into = (enum unit)index;
    return 0;
}

static int read_ref(struct reader *r, struct json value, void *into)
{
    size_t index;
    if (word_read(r, value, ref_names, 4, &index))
        return ERR_FAIL;
    *(enum alt_limit_ref *)into = ref_values[index];
    return 0;
}

static const struct field limit_fields[] = {
    {"value", read_value, offsetof(struct limit_entry, value), "a number"},
    {"unit", read_unit, offsetof(struct limit_entry, unit), "\"m\", \"ft\" or \"FL\""},
    {"ref", read_ref, offsetof(struct limit_entry, ref), NULL},
};

static int64_t rounded(int64_t value, int64_t unit)
{
    return (value < 0 ? value - unit / 2 : value + unit / 2) / unit;
}

/* The height in whole centimetres. */
static int limit_height(struct reader *r, const struct limit_entry *entry, int64_t *ret_cm)
{
    int64_t scaled; /* 1e-2 of the unit */
    if (entry->value.type != JSON_NUMBER)
        return reader_expected(r, entry->value, "a number");
    if (!json_scaled(entry->value, 2, &scaled, NULL) || scaled > ALTITUDE_MAX_CM ||
        scaled < -ALTITUDE_MAX_CM)
        return reader_fail(r, entry->value, "expected a height of -1000 m to 100 km");
    if (entry->unit == UNIT_M)
        *ret_cm = scaled;
    else if (entry->unit == UNIT_FT)
        *ret_cm = rounded(scaled * FOOT_E4_CM, 1000000);
    else
        *ret_cm = rounded(scaled * FEET_PER_LEVEL * FOOT_E4_CM, 1000000);
    if (*ret_cm > ALTITUDE_MAX_CM || *ret_cm < ALTITUDE_MIN_CM)
        return reader_fail(r, entry->value, "expected a height of -1000 m to 100 km");
    return 0;
}

static int limit_ref(struct reader *r, struct json json, struct limit_entry *entry)
{
    if (entry->unit == UNIT_FL && entry->ref == LIMIT_SURFACE)
        entry->ref = LIMIT_LEVEL;
    if (entry->ref == LIMIT_SURFACE)
        return reader_fail(r, json, "missing \"ref\": \"HAE\", \"AMSL\", \"AGL\" or \"STD\"");
    if (entry->unit == UNIT_FL && entry->ref != LIMIT_LEVEL)
        return reader_fail(r, json, "a flight level is measured from \"STD\" only");
    return 0;
}

static int read_limit(struct reader *r, struct json value, void *into)
{
    struct alt_limit *limit = into;
    struct limit_entry entry = {.ref = LIMIT_SURFACE};
    if (json_is(value, "SFC") || json_is(value, "UNL")) {
        limit->ref = json_is(value, "SFC") ? LIMIT_SURFACE : LIMIT_UNLIMITED;
        limit->value_cm = 0;
        return 0;
    }
    if (value.type != JSON_OBJECT)
        return reader_fail(r, value, "expected \"SFC\", \"UNL\" or {\"value\", \"unit\", \"ref\"}");
    if (OBJECT_READ(r, value, limit_fields, &entry) || limit_ref(r, value, &entry) ||
        limit_height(r, &entry, &limit->value_cm))
        return ERR_FAIL;
    limit->ref = entry.ref;
    return 0;
}

struct altitude {
    struct alt_limit floor, ceiling;
};

static const struct field altitude_fields[] = {
    {"floor", read_limit, offsetof(struct altitude, floor), NULL},
    {"ceiling", read_limit, offsetof(struct altitude, ceiling), NULL},
};

static int read_altitude(struct reader *r, struct json value, void *into)
{
    struct altitude *altitude = into;
    if (OBJECT_READ(r, value, altitude_fields, altitude))
        return ERR_FAIL;
    const struct alt_limit *floor = &altitude->floor, *ceiling = &altitude->ceiling;
    if (floor->ref == LIMIT_UNLIMITED || ceiling->ref == LIMIT_SURFACE ||
        (floor->ref == ceiling->ref && floor->value_cm >= ceiling->value_cm))
        return reader_fail(r, value, "the floor is not below the ceiling");
    return 0;
}

/* ---- daily hours -------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool minute_of_day(const char *text, int16_t *ret_min)
{
    if (!is_digit(text[0]) || !is_digit(text[1]) || text[2] != ':' || !is_digit(text[3]) ||
        !is_digit(text[4]))
        return false;
    int hours = (text[0] - '0') * 10 + text[1] - '0',
        minutes = (text[3] - '0') * 10 + text[4] - '0';
    *ret_min = (int16_t)(hours * 60 + minutes);
    return minutes < 60 && *ret_min <= 1440;
}

int read_hours(struct reader *r, struct json value, void *into)
{
    char text[12];
    struct daily *daily = into;
    if (!json_text(value, text, sizeof text) || strlen(text) != 11 || text[5] != '-' ||
        !minute_of_day(text, &daily->from_min) || !minute_of_day(text + 6, &daily->to_min))
        return reader_fail(r, value, "expected hours such as \"07:00-19:00\"");
    if (daily->from_min >= daily->to_min)
        return reader_fail(r, value, "expected hours of one day; across midnight give two entries");
    return 0;
}

/* A month 1 to 12; moves on past it. 0: none there. */
static int month_take(const char **text)
{
    int month = 0;
    for (int i = 0; i < 2 && is_digit(**text); i++)
        month = month * 10 + *(*text)++ - '0';
    return month <= 12 ? month : 0;
}

bool months_of_text(const char *text, uint16_t *ret_months)
{
    int first = month_take(&text), last = first;
    if (first && *text == '-') {
        text++;
        last = month_take(&text);
    }
    if (!first || !last || *text)
        return false;
    *ret_months = 0;
    for (int month = first;; month = month % 12 + 1) {
        *ret_months |= (uint16_t)(1u << (unsigned)(month - 1));
        if (month == last)
            return true;
    }
}

static int read_months(struct reader *r, struct json value, void *into)
{
    char text[8];
    struct daily *daily = into;
    if (!json_text(value, text, sizeof text) || !months_of_text(text, &daily->months))
        return reader_fail(r, value, "expected months such as \"4-9\", \"10-3\" or \"7\"");
    return 0;
}

static const struct field daily_fields[] = {
    {"months", read_months, 0, NULL},
    {"hours", read_hours, 0, "hours such as \"07:00-19:00\""},
};

static int daily_read(struct reader *r, struct json value, void *into)
{
    struct daily *daily = into;
    daily->months = 0xfff;
    return OBJECT_READ(r, value, daily_fields, daily);
}

struct daily_list {
    const struct daily *daily;
    size_t count;
};

static int read_daily(struct reader *r, struct json value, void *into)
{
    struct daily_list *list = into;
    list->daily = list_read(r, value, daily_read, sizeof *list->daily, DAILY_MAX, &list->count);
    if (!list->daily)
        return ERR_FAIL;
    return list->count ? 0 : reader_fail(r, value, "empty; leave the key out to mean all day");
}

/* ---- zones -------------------------------------------------------------------------------------- */

struct zone_entry {
    struct zone zone;
    struct class_list classes;
    struct altitude altitude;
    struct daily_list daily;
    struct json geometry, status;
};

static int read_zone_status(struct reader *r, struct json value, void *into)
{
    static const char *const names[] = {"agreed", "provisional", "unresolved"};
    size_t index;
    if (word_read(r, value, names, sizeof names / sizeof names[0], &index))
        return ERR_FAIL;
    *(enum zone_status *)into = (enum zone_status)index;
    return 0;
}

static const struct field zone_fields[] = {
    {"id", read_id, offsetof(struct zone_entry, zone.id), "the id of this zone"},
    {"name", read_words, offsetof(struct zone_entry, zone.name), NULL},
    {"geometry", read_value, offsetof(struct zone_entry, geometry), "a geometry expression"},
    {"side", read_party, offsetof(struct zone_entry, zone.side), NULL},
    {"classes", read_classes, offsetof(struct zone_entry, classes), NULL},
    {"altitude", read_altitude, offsetof(struct zone_entry, altitude), NULL},
    {"from", read_start, offsetof(struct zone_entry, zone.from_us), NULL},
    {"to", read_end, offsetof(struct zone_entry, zone.to_us), NULL},
    {"daily", read_daily, offsetof(struct zone_entry, daily), NULL},
    {"status", read_zone_status, offsetof(struct zone_entry, zone.status), NULL},
    {"precision_m", read_metres, offsetof(struct zone_entry, zone.precision_m), NULL},
    {"source", read_text, offsetof(struct zone_entry, zone.source), NULL},
    {"assumption", read_text, offsetof(struct zone_entry, zone.assumption), NULL},
};

/* A zone whose geometry is left to a body is unresolved, whatever else it says. */
static int zone_status_check(struct reader *r, struct json json, struct zone *zone)
{
    struct json status = json_get(json, "status");
    if (zone->geometry->kind != EXPR_UNRESOLVED)
        return 0;
    if (status.type != JSON_NONE && zone->status != ZONE_UNRESOLVED)
        return reader_fail(r, status, "the geometry is unresolved; expected \"unresolved\"");
    zone->status = ZONE_UNRESOLVED;
    return 0;
}

static int zone_geometry(struct reader *r, struct zone_entry *entry)
{
    uint16_t side;
    if (geometry_read(r, entry->geometry, &entry->zone.geometry, &side))
        return ERR_FAIL;
    if (entry->zone.side == AGREEMENT_NONE)
        entry->zone.side = side;
    return 0;
}

int period_check(struct reader *r, struct json json, int64_t from_us, int64_t to_us)
{
    if (to_us != TIME_UNKNOWN && from_us >= to_us)
        return reader_fail(r, json, "\"from\" is not before \"to\"");
    return 0;
}

static int zone_read(struct reader *r, struct json json, struct zone *ret_zone)
{
    struct zone_entry entry = {.zone = {.side = AGREEMENT_NONE,
                                        .from_us = TIME_UNKNOWN,
                                        .to_us = TIME_UNKNOWN,
                                        .status = ZONE_AGREED,
                                        .precision_m = -1},
                               .classes = {platform_leaves(PLATFORM_UNKNOWN), ""},
                               .altitude = {{LIMIT_SURFACE, 0}, {LIMIT_UNLIMITED, 0}}};
    struct zone *zone = &entry.zone;
    if (OBJECT_READ(r, json, zone_fields, &entry) || zone_geometry(r, &entry) ||
        zone_status_check(r, json, zone) || period_check(r, json, zone->from_us, zone->to_us))
        return ERR_FAIL;
    zone->classes = entry.classes.set;
    zone->classes_text = entry.classes.text;
    zone->floor = entry.altitude.floor;
    zone->ceiling = entry.altitude.ceiling;
    zone->daily = entry.daily.daily;
    zone->daily_count = (uint16_t)entry.daily.count;
    *ret_zone = *zone;
    return 0;
}

/* ---- zones that need zones ------------------------------------------------------------------------ */

/* The zones that an expression needs at once, as bits. */
static uint64_t zones_needed(const struct expression *e)
{
    uint64_t needed = 0;
    if (e->kind == EXPR_ZONE)
        return UINT64_C(1) << e->zone.zone;
    if (e->kind == EXPR_UNION || e->kind == EXPR_INTER || e->kind == EXPR_MINUS)
        for (uint16_t i = 0; i < e->set.count; i++)
            needed |= zones_needed(e->set.operand[i]);
    return needed;
}

static int zone_area_check(struct reader *r, struct json json, uint64_t needed)
{
    for (uint16_t i = 0; i < r->list[LIST_ZONES].count; i++) {
        enum expression_kind kind = r->zones[i].geometry->kind;
        if ((needed >> i & 1) && (kind == EXPR_AROUND || kind == EXPR_UNRESOLVED))
            return reader_fail(r, json, "zone \"%s\" has no area and cannot be part of another",
                               r->zones[i].id);
    }
    return 0;
}

/* Closes the relation over all zones in turn (Warshall); a zone that then needs itself is wrong. */
static int zones_check(struct reader *r)
{
    uint64_t needed[AGREEMENT_ZONES_MAX];
    uint16_t count = r->list[LIST_ZONES].count;
    for (struct json_iter it = list_iter(r, LIST_ZONES); json_next(&it);) {
        needed[it.index] = zones_needed(r->zones[it.index].geometry);
        if (zone_area_check(r, json_get(it.value, "geometry"), needed[it.index]))
            return ERR_FAIL;
    }
    for (uint16_t via = 0; via < count; via++)
        for (uint16_t i = 0; i < count; i++)
            needed[i] |= needed[i] >> via & 1 ? needed[via] : 0;
    for (struct json_iter it = list_iter(r, LIST_ZONES); json_next(&it);)
        if (needed[it.index] >> it.index & 1)
            return reader_fail(r, json_get(it.value, "geometry"),
                               "zone \"%s\" needs itself; leave one \"zone\" out of the circle",
                               r->zones[it.index].id);
    return 0;
}

int zones_read(struct reader *r)
{
    uint16_t count = r->list[LIST_ZONES].count;
    r->zones = READER_ARRAY(r, struct zone, count);
    if (!r->zones)
        return ERR_FAIL;
    for (struct json_iter it = list_iter(r, LIST_ZONES); json_next(&it);)
        if (zone_read(r, it.value, &r->zones[it.index]))
            return ERR_FAIL;
    r->agreement->zones = r->zones;
    r->agreement->zone_count = count;
    return zones_check(r);
}
