#include "agreement/zonefile_parts.h"

/* ED-269 JSON and ED-318 GeoJSON: zones for unmanned aircraft, one data model in two dresses. */

#define COLLECTION_DEPTH_MAX 8

/* What both carry beside the area, kept as words or counted. */
static int description(struct sketch *s, struct json zone)
{
    static const char *const left[] = {
        "restrictionConditions", "reason",        "otherReasonInfo", "message",
        "regulationExemption",   "zoneAuthority", "region",          "dataSource"};
    const char *type, *id;
    struct json restriction = json_get(zone, "restriction");
    if (json_string(s, json_get(zone, "identifier"), &id) ||
        json_string(s, restriction.type == JSON_STRING ? restriction : json_get(zone, "type"),
                    &type) ||
        json_names(s, json_get(zone, "name")))
        return ERR_FAIL;
    s->id = id;
    if (type)
        sketch_note(s, "%s.", type);
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++)
        if (json_get(zone, left[i]).type > JSON_NULL)
            sketch_left(s, "%s", left[i]);
    return 0;
}

static int circle(struct sketch *s, struct json center, struct json radius)
{
    int64_t lon_e9, lat_e9, mm;
    return json_point(s, center, &lon_e9, &lat_e9) || json_radius(s, radius, &mm) ||
                   sketch_circle(s, lon_e9, lat_e9, mm)
               ? ERR_FAIL
               : 0;
}

/* ---- ED-269 --------------------------------------------------------------------------------------- */

static int projection(struct sketch *s, struct json p)
{
    if (json_is(json_get(p, "type"), "Polygon"))
        return json_rings(s, json_get(p, "coordinates"), 2);
    if (json_is(json_get(p, "type"), "Circle"))
        return circle(s, json_get(p, "center"), json_get(p, "radius"));
    return sketch_fail(s, "a horizontalProjection that is neither a Polygon nor a Circle");
}

static int volume(struct sketch *s, struct json zone, struct json v)
{
    struct json unit = json_get(v, "uomDimensions");
    if (description(s, zone) || json_periods(s, json_get(zone, "applicability")) ||
        json_height(s, json_get(v, "lowerLimit"), json_get(v, "lowerVerticalReference"), unit,
                    &s->zone.floor) ||
        json_height(s, json_get(v, "upperLimit"), json_get(v, "upperVerticalReference"), unit,
                    &s->zone.ceiling) ||
        projection(s, json_get(v, "horizontalProjection")))
        return ERR_FAIL;
    return sketch_end(s);
}

static int ed269_zone(struct sketch *s, struct json zone, const char *list, size_t index)
{
    struct json volumes = json_get(zone, "geometry");
    sketch_begin(s, sketch_place(s, "%s[%zu]", list, index), EDGE_LONLAT);
    if (volumes.type != JSON_ARRAY || !json_count(volumes))
        return sketch_fail(s, "missing \"geometry\", a list of volumes"), sketch_refuse(s);
    for (struct json_iter it = json_iter(volumes); json_next(&it);) {
        sketch_begin(s, sketch_place(s, "%s[%zu].geometry[%zu]", list, index, it.index),
                     EDGE_LONLAT);
        if (volume(s, zone, it.value) && sketch_refuse(s))
            return ERR_FAIL;
    }
    return 0;
}

int import_ed269(struct sketch *s, struct json top)
{
    const char *key = json_get(top, "UASZoneList").type == JSON_ARRAY ? "UASZoneList" : "features";
    struct json list = json_get(top, key);
    if (list.type != JSON_ARRAY)
        return sketch_fail(s, "missing \"UASZoneList\" or \"features\", a list of zones");
    for (struct json_iter it = json_iter(list); json_next(&it);)
        if (ed269_zone(s, it.value, key, it.index))
            return ERR_FAIL;
    return 0;
}

/* ---- ED-318 --------------------------------------------------------------------------------------- */

static int shape(struct sketch *s, struct json g)
{
    struct json type = json_get(g, "type"), extent = json_get(g, "extent");
    if (json_is(type, "Polygon"))
        return json_rings(s, json_get(g, "coordinates"), 2);
    if (json_is(type, "MultiPolygon"))
        return json_rings(s, json_get(g, "coordinates"), 3);
    if (json_is(type, "Point") && json_is(json_get(extent, "subType"), "Circle"))
        return circle(s, json_get(g, "coordinates"), json_get(extent, "radius"));
    return sketch_fail(s, "a geometry that is no Polygon, MultiPolygon, or Point with a Circle");
}

/* Our own export says there what ED-318 cannot; its digest tells it. */
static int extended(struct sketch *s, struct json properties)
{
    if (json_get(properties, "digest").type == JSON_STRING)
        return json_own(s, properties);
    if (properties.type > JSON_NULL)
        sketch_left(s, "extendedProperties");
    return 0;
}

static int layered(struct sketch *s, struct json feature, struct json geometry)
{
    struct json properties = json_get(feature, "properties"), layer = json_get(geometry, "layer");
    struct json unit = json_get(layer, "uom");
    const char *id;
    if (description(s, properties) || json_string(s, json_get(feature, "id"), &id) ||
        json_periods(s, json_get(properties, "limitedApplicability")) ||
        json_height(s, json_get(layer, "lower"), json_get(layer, "lowerReference"), unit,
                    &s->zone.floor) ||
        json_height(s, json_get(layer, "upper"), json_get(layer, "upperReference"), unit,
                    &s->zone.ceiling) ||
        extended(s, json_get(properties, "extendedProperties")) || shape(s, geometry))
        return ERR_FAIL;
    if (id)
        s->id = id;
    return sketch_end(s);
}

static int geometries(struct sketch *s, struct json feature, struct json geometry,
                      const char *place, int depth)
{
    bool collection = json_is(json_get(geometry, "type"), "GeometryCollection");
    if (collection && depth < COLLECTION_DEPTH_MAX) {
        struct json_iter it = json_iter(json_get(geometry, "geometries"));
        while (json_next(&it))
            if (geometries(s, feature, it.value,
                           sketch_place(s, "%s.geometries[%zu]", place, it.index), depth + 1))
                return ERR_FAIL;
        return 0;
    }
    sketch_begin(s, place, EDGE_LONLAT);
    return layered(s, feature, geometry) ? sketch_refuse(s) : 0;
}

static int ed318_feature(struct sketch *s, struct json feature, const char *place)
{
    struct json geometry = json_get(feature, "geometry");
    s->place = place;
    if (geometry.type != JSON_OBJECT) {
        sketch_left(s, "a feature without geometry");
        return 0;
    }
    return geometries(s, feature, geometry, place, 0);
}

int import_ed318(struct sketch *s, struct json top)
{
    struct json list = json_get(top, "features");
    if (json_is(json_get(top, "type"), "Feature"))
        return ed318_feature(s, top, "feature");
    if (list.type != JSON_ARRAY)
        return sketch_fail(s, "expected a GeoJSON FeatureCollection");
    for (struct json_iter it = json_iter(list); json_next(&it);)
        if (ed318_feature(s, it.value, sketch_place(s, "features[%zu]", it.index)))
            return ERR_FAIL;
    return 0;
}
