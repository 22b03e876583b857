#include <string.h>

#include "agreement/reader.h"
#include "agreement/zonefile_parts.h"
#include "base/platform.h"

/* GeoJSON (RFC 7946), with the properties that our own export writes. */

#define COLLECTION_DEPTH_MAX 8
#define TEXT_BYTES           64

/* ---- geometry ------------------------------------------------------------------------------------- */

static int depth_of_polygon(struct json geometry)
{
    struct json type = json_get(geometry, "type");
    return json_is(type, "Polygon") ? 2 : json_is(type, "MultiPolygon") ? 3 : 0;
}

static bool is_collection(struct json geometry)
{
    return json_is(json_get(geometry, "type"), "GeometryCollection");
}

static bool has_polygon(struct json geometry, int depth)
{
    if (!is_collection(geometry) || depth == COLLECTION_DEPTH_MAX)
        return depth_of_polygon(geometry) > 0;
    for (struct json_iter it = json_iter(json_get(geometry, "geometries")); json_next(&it);)
        if (has_polygon(it.value, depth + 1))
            return true;
    return false;
}

static void geometry_left(struct sketch *s, struct json geometry)
{
    char type[TEXT_BYTES];
    if (!json_text(json_get(geometry, "type"), type, sizeof type))
        sketch_left(s, "a feature without geometry");
    else
        sketch_left(s, "a geometry of type %s", type);
}

/* All polygons of a feature are one area. */
static int geometry_draw(struct sketch *s, struct json geometry, int depth)
{
    if (depth_of_polygon(geometry))
        return json_rings(s, json_get(geometry, "coordinates"), depth_of_polygon(geometry));
    if (!is_collection(geometry) || depth == COLLECTION_DEPTH_MAX) {
        geometry_left(s, geometry);
        return 0;
    }
    for (struct json_iter it = json_iter(json_get(geometry, "geometries")); json_next(&it);)
        if (geometry_draw(s, it.value, depth + 1))
            return ERR_FAIL;
    return 0;
}

/* ---- our own properties ------------------------------------------------------------------------- */

/* Other writers have properties of these names too: what does not read as ours is only counted. */
static void limit(struct sketch *s, struct json properties, const char *key, struct height *height)
{
    char text[TEXT_BYTES];
    struct json value = json_get(properties, key);
    if (value.type <= JSON_NULL)
        return;
    if (json_text(value, text, sizeof text) && !height_read(s, bytes_of(text), height))
        return;
    err_clear(s->err);
    sketch_left(s, "the property \"%s\", which is no height", key);
}

static int64_t moment(struct sketch *s, struct json properties, const char *key)
{
    char text[TEXT_BYTES];
    bool date_only;
    int64_t time_us;
    struct json value = json_get(properties, key);
    if (value.type <= JSON_NULL)
        return TIME_UNKNOWN;
    if (json_text(value, text, sizeof text) && time_read(bytes_of(text), 0, &time_us, &date_only) &&
        !date_only)
        return time_us;
    sketch_left(s, "the property \"%s\", which is no time", key);
    return TIME_UNKNOWN;
}

static int daily_entry(struct sketch *s, struct json entry, struct period *period)
{
    char hours[TEXT_BYTES], months[TEXT_BYTES];
    uint16_t mask = 0xfff;
    int16_t from_min, to_min;
    if (!json_text(json_get(entry, "hours"), hours, sizeof hours) || strlen(hours) != 11 ||
        hours[5] != '-' || !minute_of_day(hours, &from_min) || !minute_of_day(hours + 6, &to_min) ||
        (json_text(json_get(entry, "months"), months, sizeof months) &&
         !months_of_text(months, &mask))) {
        sketch_left(s, "the property \"daily\", which is no hours");
        return 0;
    }
    return period_hours(s, period, from_min, to_min, mask);
}

int json_daily(struct sketch *s, struct json list, struct period *period)
{
    if (list.type != JSON_ARRAY)
        return 0;
    for (struct json_iter it = json_iter(list); json_next(&it);)
        if (daily_entry(s, it.value, period))
            return ERR_FAIL;
    return 0;
}

static int period(struct sketch *s, struct json properties)
{
    int64_t from_us = moment(s, properties, "from"), to_us = moment(s, properties, "to");
    struct json daily = json_get(properties, "daily");
    bool hours = daily.type == JSON_ARRAY && json_count(daily) > 0;
    if (from_us == TIME_UNKNOWN && to_us == TIME_UNKNOWN && !hours)
        return 0;
    struct period *p = sketch_period(s, from_us, to_us);
    return p ? json_daily(s, daily, p) : ERR_FAIL;
}

int sketch_classes(struct sketch *s, struct bytes names)
{
    char name[AGREEMENT_ID_MAX];
    enum platform platform;
    for (size_t at = 0, n; at < names.n; at += n + 1) {
        for (n = 0; at + n < names.n && names.p[at + n] != ' ';)
            n++;
        if (!bytes_copy_text((struct bytes){names.p + at, n}, name, sizeof name) ||
            !platform_from_name(bytes_of(name), &platform)) {
            sketch_left(s, "a class that is not of the platform tree");
            return 0;
        }
    }
    s->zone.classes = arena_text(s->arena, names.p, names.n);
    return s->zone.classes ? 0 : sketch_fail(s, "the memory limit is reached");
}

static int classes(struct sketch *s, struct json list)
{
    char name[AGREEMENT_ID_MAX];
    size_t room = (size_t)(list.end - list.p) + 1;
    if (list.type != JSON_ARRAY || !json_count(list))
        return 0;
    char *memory = arena_alloc(s->arena, room, 1);
    if (!memory)
        return sketch_fail(s, "the memory limit is reached");
    struct buf names;
    buf_init(&names, memory, room);
    for (struct json_iter it = json_iter(list); json_next(&it);) {
        buf_text(&names, names.n ? " " : "");
        buf_text(&names, json_text(it.value, name, sizeof name) && *name ? name : "?");
    }
    return sketch_classes(s, (struct bytes){(const uint8_t *)names.p, names.n});
}

int json_own(struct sketch *s, struct json properties)
{
    limit(s, properties, "floor", &s->zone.floor);
    limit(s, properties, "ceiling", &s->zone.ceiling);
    s->zone.provisional |= json_is(json_get(properties, "status"), "provisional");
    return classes(s, json_get(properties, "classes"));
}

/* ---- features ------------------------------------------------------------------------------------- */

static int name(struct sketch *s, struct json value)
{
    static const char *const languages[] = {"en", "ko"};
    if (value.type != JSON_OBJECT)
        return json_names(s, value);
    for (size_t i = 0; i < 2; i++) {
        const char *text;
        if (json_string(s, json_get(value, languages[i]), &text) ||
            (text && sketch_name(s, bytes_of(text), bytes_of(languages[i]))))
            return ERR_FAIL;
    }
    return 0;
}

static struct json first_there(struct json object, const char *const *keys)
{
    struct json value = {NULL, NULL, JSON_NONE};
    for (; *keys && value.type <= JSON_NULL; keys++)
        value = json_get(object, *keys);
    return value;
}

static int feature_id(struct sketch *s, struct json feature, struct json properties)
{
    static const char *const keys[] = {"zone", "id", NULL};
    struct json id = json_get(feature, "id");
    int64_t number;
    if (id.type <= JSON_NULL)
        id = first_there(properties, keys);
    if (json_int(id, &number)) {
        s->id = sketch_place(s, "%lld", (long long)number);
        return 0;
    }
    return json_string(s, id, &s->id);
}

static int words(struct sketch *s, struct json properties)
{
    const char *source, *assumption;
    if (json_string(s, json_get(properties, "source"), &source) ||
        json_string(s, json_get(properties, "assumption"), &assumption))
        return ERR_FAIL;
    if (source)
        sketch_note(s, "Source: %s.", source);
    if (assumption)
        s->zone.assumption = assumption;
    return 0;
}

static int feature_draw(struct sketch *s, struct json feature)
{
    static const char *const names[] = {"name", "title", NULL};
    struct json properties = json_get(feature, "properties");
    if (feature_id(s, feature, properties) || name(s, first_there(properties, names)) ||
        words(s, properties) || period(s, properties) || json_own(s, properties))
        return ERR_FAIL;
    if (geometry_draw(s, json_get(feature, "geometry"), 0))
        return ERR_FAIL;
    return sketch_end(s);
}

static int feature_read(struct sketch *s, struct json feature, const char *place)
{
    struct json geometry = json_get(feature, "geometry");
    s->place = place;
    if (!has_polygon(geometry, 0)) {
        geometry_left(s, geometry);
        return 0;
    }
    sketch_begin(s, place, EDGE_LONLAT);
    return feature_draw(s, feature) ? sketch_refuse(s) : 0;
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* GeoJSON of 2008 could name another datum; RFC 7946 has WGS 84 only. */
static int datum_check(struct sketch *s, struct json top)
{
    char name_text[TEXT_BYTES] = "";
    struct json crs = json_get(top, "crs");
    if (crs.type <= JSON_NULL)
        return 0;
    (void)json_text(json_get(json_get(crs, "properties"), "name"), name_text, sizeof name_text);
    if (ends_with(name_text, "CRS84") || ends_with(name_text, ":4326"))
        return 0;
    return sketch_fail(s, "crs: not WGS 84 (\"%s\"); convert it first", name_text);
}

static int geometry_read_alone(struct sketch *s, struct json geometry)
{
    s->place = "geometry";
    if (!has_polygon(geometry, 0)) {
        geometry_left(s, geometry);
        return 0;
    }
    sketch_begin(s, "geometry", EDGE_LONLAT);
    return geometry_draw(s, geometry, 0) || sketch_end(s) ? sketch_refuse(s) : 0;
}

/* Our own export says in which zone its hours are. */
static int time_zone(struct sketch *s, struct json value)
{
    const char *tz;
    int64_t offset_us;
    if (json_string(s, value, &tz))
        return err_prefix(s->err, "tz");
    if (tz && time_zone_offset(bytes_of(tz), &offset_us))
        s->tz = tz;
    return 0;
}

int import_geojson(struct sketch *s, struct json top)
{
    struct json list = json_get(top, "features");
    if (datum_check(s, top))
        return ERR_FAIL;
    if (time_zone(s, json_get(top, "tz")))
        return ERR_FAIL;
    if (json_is(json_get(top, "type"), "Feature"))
        return feature_read(s, top, "feature");
    if (json_is(json_get(top, "type"), "FeatureCollection") && list.type == JSON_ARRAY) {
        for (struct json_iter it = json_iter(list); json_next(&it);)
            if (feature_read(s, it.value, sketch_place(s, "features[%zu]", it.index)))
                return ERR_FAIL;
        return 0;
    }
    if (has_polygon(top, 0))
        return geometry_read_alone(s, top);
    return sketch_fail(s, "expected a GeoJSON FeatureCollection, a Feature or a polygon");
}
