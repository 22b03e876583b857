#include <assert.h>
#include <string.h>

#include "agreement/export.h"
#include "base/json.h"

/* ED-318: GeoJSON with a layer in each geometry, and properties of a fixed set. */

#define IDENTIFIER_MAX 7   /* characters of ED-318's identifier */
#define TEXT_SHORT_MAX 200 /* characters of its short texts */

/* ---- texts -------------------------------------------------------------------------------------------- */

/* At most that many characters, whole ones. */
static struct bytes cut(const char *text, size_t most)
{
    struct bytes all = bytes_of(text);
    size_t n = 0;
    for (size_t count = 0; n < all.n && count < most; count++) {
        size_t step = utf8_length(all.p + n, bytes_end(all));
        n += step ? step : 1;
    }
    all.n = n;
    return all;
}

static void put_one(struct json_out *out, const char *text, const char *lang)
{
    if (!text)
        return;
    json_begin(out, '{');
    json_key(out, "text");
    json_put_bytes(out, cut(text, TEXT_SHORT_MAX));
    json_key(out, "lang");
    json_put_text(out, lang);
    json_end(out, '}');
}

static void put_words(struct json_out *out, const char *key, struct words words,
                      const char *otherwise)
{
    bool none = !words.en && !words.ko;
    json_key(out, key);
    json_begin(out, '[');
    put_one(out, none ? otherwise : words.en, "en");
    put_one(out, words.ko, "ko");
    json_end(out, ']');
}

static void put_text(struct json_out *out, const char *key, const char *text)
{
    json_key(out, key);
    json_put_text(out, text);
}

/* ---- properties --------------------------------------------------------------------------------------- */

static bool identifier_taken(const struct agreement *a, uint16_t zone, const char *id)
{
    for (uint16_t i = 0; i < a->zone_count; i++)
        if (i != zone && strcmp(a->zones[i].id, id) == 0)
            return true;
    return false;
}

static void put_identifier(struct json_out *out, const struct agreement *a, uint16_t i)
{
    char memory[IDENTIFIER_MAX + 1];
    struct buf id;
    unsigned number = i;
    buf_init(&id, memory, sizeof memory);
    if (strlen(a->zones[i].id) <= IDENTIFIER_MAX) {
        put_text(out, "identifier", a->zones[i].id);
        return;
    }
    do {
        buf_clear(&id);
        buf_format(&id, "Z%06u", number);
        number += AGREEMENT_ZONES_MAX;
    } while (identifier_taken(a, i, id.p));
    put_text(out, "identifier", id.p);
}

static const char *type_of(const struct agreement *a, uint16_t zone)
{
    static const char *const types[] = {[VERB_PROHIBIT] = "PROHIBITED",
                                        [VERB_LIMIT] = "CONDITIONAL",
                                        [VERB_REQUIRE] = "CONDITIONAL",
                                        [VERB_PERMIT] = "REQ_AUTHORIZATION",
                                        [VERB_FREEZE] = "CONDITIONAL"};
    enum verb verb;
    return export_verb(a, zone, &verb) ? types[verb] : "NO_RESTRICTION";
}

static bool sayable(struct alt_limit limit)
{
    return limit.ref != LIMIT_LEVEL;
}

static void put_unsaid(struct buf *text, const char *what, struct alt_limit limit)
{
    if (sayable(limit))
        return;
    buf_format(text, "%s%s ", text->n ? "; " : "", what);
    alt_limit_write(text, limit);
}

/* What no other member can say. */
static void put_message(struct json_out *out, const struct zone *zone)
{
    char memory[160 + 64];
    struct buf text;
    buf_init(&text, memory, sizeof memory);
    put_unsaid(&text, "floor", zone->floor);
    put_unsaid(&text, "ceiling", zone->ceiling);
    for (uint16_t i = 0; i < zone->daily_count; i++)
        if (zone->daily[i].months != 0xfff) {
            buf_format(&text, "%shours in some months only", text.n ? "; " : "");
            break;
        }
    if (!text.n)
        return;
    json_key(out, "message");
    json_begin(out, '[');
    put_one(out, text.p, "en");
    json_end(out, ']');
}

static void put_minute(struct json_out *out, const char *key, int minute, int64_t offset_us)
{
    char memory[32];
    struct buf text;
    int offset = (int)(offset_us / TIME_MINUTE), size = offset < 0 ? -offset : offset;
    bool last = minute == 1440; /* RFC 3339 has no 24:00 */
    buf_init(&text, memory, sizeof memory);
    buf_format(&text, "%02d:%02d:%s", last ? 23 : minute / 60, last ? 59 : minute % 60,
               last ? "59" : "00");
    if (offset)
        buf_format(&text, "%c%02d:%02d", offset < 0 ? '-' : '+', size / 60, size % 60);
    else
        buf_char(&text, 'Z');
    put_text(out, key, text.p);
}

static void put_schedule(struct json_out *out, const struct zone *zone, int64_t offset_us)
{
    json_key(out, "schedule");
    json_begin(out, '[');
    for (uint16_t i = 0; i < zone->daily_count; i++) {
        json_begin(out, '{');
        json_key(out, "day");
        json_begin(out, '[');
        json_put_text(out, "ANY");
        json_end(out, ']');
        put_minute(out, "startTime", zone->daily[i].from_min, offset_us);
        put_minute(out, "endTime", zone->daily[i].to_min, offset_us);
        json_end(out, '}');
    }
    json_end(out, ']');
}

static void put_applicability(struct json_out *out, const struct agreement *a,
                              const struct zone *zone)
{
    bool from = zone->from_us != TIME_UNKNOWN, to = zone->to_us != TIME_UNKNOWN;
    if (!from && !to && !zone->daily_count)
        return;
    json_key(out, "limitedApplicability");
    json_begin(out, '[');
    json_begin(out, '{');
    if (from) {
        json_key(out, "startDateTime");
        json_put_time(out, zone->from_us);
    }
    if (to) {
        json_key(out, "endDateTime");
        json_put_time(out, zone->to_us);
    }
    if (zone->daily_count)
        put_schedule(out, zone, a->zone_offset_us);
    json_end(out, '}');
    json_end(out, ']');
}

static void put_authority(struct json_out *out, const struct agreement *a)
{
    json_key(out, "zoneAuthority");
    json_begin(out, '[');
    json_begin(out, '{');
    put_words(out, "name", a->title, a->id);
    put_text(out, "purpose", "INFORMATION");
    json_end(out, '}');
    json_end(out, ']');
}

static void put_extended(struct json_out *out, const struct agreement *a, const struct zone *zone,
                         const struct compiled_zone *compiled)
{
    json_key(out, "extendedProperties");
    json_begin(out, '{');
    put_text(out, "side", zone->side == AGREEMENT_NONE ? NULL : a->parties[zone->side].id);
    export_names(out, "classes", zone->classes_text);
    export_limit(out, "floor", zone->floor);
    export_limit(out, "ceiling", zone->ceiling);
    put_text(out, "status", zone_status_name(zone->status));
    json_key(out, "simulated");
    json_put_bool(out, a->simulated);
    export_digest(out, "digest", compiled->digest);
    json_end(out, '}');
}

static void put_properties(struct json_out *out, const struct compiled *c, uint16_t i)
{
    const struct agreement *a = c->agreement;
    const struct zone *zone = &a->zones[i];
    json_begin(out, '{');
    put_identifier(out, a, i);
    put_text(out, "country", "XXX");
    put_words(out, "name", zone->name, zone->id);
    put_text(out, "type", type_of(a, i));
    put_text(out, "variant", "COMMON");
    put_message(out, zone);
    put_authority(out, a);
    put_applicability(out, a, zone);
    put_extended(out, a, zone, &c->zones[i]);
    json_end(out, '}');
}

/* ---- geometry ------------------------------------------------------------------------------------------- */

static const char *reference(struct alt_limit limit)
{
    return limit.ref == LIMIT_ELLIPSOID ? "WGS84" : limit.ref == LIMIT_SEA_LEVEL ? "AMSL" : "AGL";
}

static void layer_side(struct buf *buf, const char *key, struct alt_limit limit)
{
    buf_format(buf, "\"%s\":", key);
    buf_decimal(buf, limit.value_cm, 2);
    buf_format(buf, ",\"%sReference\":\"%s\",", key, reference(limit));
}

/* A limit that is left out is none: as far as the format can say, up and down. */
static void layer(struct export *s, const struct zone *zone)
{
    export_text(s, ",\"layer\":{");
    if (sayable(zone->ceiling) && zone->ceiling.ref != LIMIT_UNLIMITED)
        layer_side(export_item(s), "upper", zone->ceiling);
    if (sayable(zone->floor))
        layer_side(export_item(s), "lower", zone->floor);
    export_text(s, "\"uom\":\"m\"}}");
}

static void circle(struct export *s, const struct expression *e)
{
    export_text(s, "{\"type\":\"Point\",\"coordinates\":");
    export_geojson_vertex(s, e->circle.lon_e9, e->circle.lat_e9, true);
    export_text(s, ",\"extent\":{\"subType\":\"Circle\",\"radius\":");
    buf_decimal(export_item(s), e->circle.radius_mm, 3);
    export_text(s, "}");
}

static void geometry(struct export *s, const struct zone *zone, const struct polygons *parts,
                     size_t count)
{
    struct writer w = {.to = s, .vertex = export_geojson_vertex};
    if (zone->geometry && zone->geometry->kind == EXPR_CIRCLE) {
        circle(s, zone->geometry);
    } else {
        export_text(s, "{\"type\":\"MultiPolygon\",\"coordinates\":[");
        export_polygons(&w, &export_geojson_frame, parts, count);
        export_text(s, "]");
    }
    layer(s, zone);
}

/* ---- the file --------------------------------------------------------------------------------------------- */

static int head(struct export *s, const struct compiled *c, struct arena *arena)
{
    struct json_out out;
    struct buf buf;
    const char *title = c->agreement->title.en;
    const char *text = title ? title : c->agreement->title.ko;
    if (export_json(&out, &buf, 256 + export_text_room(text), arena, s->err))
        return ERR_FAIL;
    json_put_bytes(&out, cut(text, TEXT_SHORT_MAX));
    assert(!buf.full);
    export_text(s, "{\"type\":\"FeatureCollection\",\"name\":");
    export_bytes(s, buf.p, buf.n);
    export_text(s, ",\"metadata\":{},\"features\":[");
    return 0;
}

static size_t properties_room(const struct agreement *a, const struct zone *zone)
{
    return 4096 + 160u * zone->daily_count + export_text_room(zone->name.en) +
           export_text_room(zone->name.ko) + export_text_room(a->title.en) +
           export_text_room(a->title.ko) + export_text_room(zone->classes_text);
}

static int feature(struct export *s, const struct compiled *c, uint16_t i,
                   const struct polygons *parts, size_t count, struct arena *arena)
{
    const struct agreement *a = c->agreement;
    const struct zone *zone = &a->zones[i];
    struct json_out out;
    struct buf buf;
    if (export_json(&out, &buf, properties_room(a, zone), arena, s->err))
        return ERR_FAIL;
    put_properties(&out, c, i);
    assert(!buf.full);
    export_text(s, i ? ",\n" : "\n");
    export_feature(s, zone->id, &buf);
    if (count)
        geometry(s, zone, parts, count);
    else
        export_text(s, "null");
    export_text(s, "}");
    return 0;
}

const struct format format_ed318 = {head, feature, export_features_end};
