#include <assert.h>
#include <string.h>

#include "agreement/export.h"
#include "base/json.h"

/* GeoJSON (RFC 7946): a Feature for each zone, its geometry null where it has no area. */

const struct frame export_geojson_frame = {"[", "]", ",", "[", "]", ",[", "]"};

void export_geojson_vertex(struct export *s, int64_t lon_e9, int64_t lat_e9, bool first)
{
    struct buf *buf = export_item(s);
    buf_text(buf, first ? "[" : ",[");
    buf_decimal(buf, lon_e9, 9);
    buf_char(buf, ',');
    buf_decimal(buf, lat_e9, 9);
    buf_char(buf, ']');
}

size_t export_text_room(const char *text)
{
    return text ? 6 * strlen(text) : 0; /* an escape of a control character has six bytes */
}

static void put_words(struct json_out *out, const char *key, struct words words)
{
    json_key(out, key);
    json_begin(out, '{');
    json_key(out, "en");
    json_put_text(out, words.en);
    json_key(out, "ko");
    json_put_text(out, words.ko);
    json_end(out, '}');
}

static void put_text(struct json_out *out, const char *key, const char *text)
{
    json_key(out, key);
    json_put_text(out, text);
}

/* The names of a space-separated list. */
void export_names(struct json_out *out, const char *key, const char *names)
{
    json_key(out, key);
    json_begin(out, '[');
    for (size_t n; *names; names += n + (names[n] == ' ')) {
        for (n = 0; names[n] && names[n] != ' ';)
            n++;
        json_put_bytes(out, (struct bytes){(const uint8_t *)names, n});
    }
    json_end(out, ']');
}

void export_limit(struct json_out *out, const char *key, struct alt_limit limit)
{
    char memory[48];
    struct buf text;
    buf_init(&text, memory, sizeof memory);
    alt_limit_write(&text, limit);
    put_text(out, key, text.p);
}

void export_digest(struct json_out *out, const char *key, const uint8_t digest[32])
{
    char memory[DIGEST_TEXT_MAX];
    struct buf text;
    buf_init(&text, memory, sizeof memory);
    digest_write(&text, digest);
    put_text(out, key, text.p);
}

static void put_area(struct json_out *out, const struct compiled_zone *zone)
{
    json_key(out, "area_km2");
    if (zone->region.ring_count)
        json_put_decimal(out, (int64_t)(zone->area_m2 + 0.5), 6);
    else
        json_put_null(out);
}

static void put_daily(struct json_out *out, const struct zone *zone)
{
    char memory[DAILY_TEXT * DAILY_MAX];
    struct buf list;
    buf_init(&list, memory, sizeof memory);
    daily_write(&list, zone->daily, zone->daily_count);
    assert(!list.full);
    json_key(out, "daily");
    json_put_raw(out, (struct bytes){(const uint8_t *)list.p, list.n});
}

static void put_properties(struct json_out *out, const struct agreement *a, const struct zone *zone,
                           const struct compiled_zone *compiled)
{
    const struct party *side = zone->side == AGREEMENT_NONE ? NULL : &a->parties[zone->side];
    char letter[2] = {side ? side->letter : '\0', '\0'};
    json_begin(out, '{');
    put_text(out, "zone", zone->id);
    put_words(out, "name", zone->name);
    put_text(out, "side", side ? side->id : NULL);
    put_text(out, "letter", side ? letter : NULL);
    put_text(out, "status", zone_status_name(zone->status));
    export_names(out, "classes", zone->classes_text);
    export_limit(out, "floor", zone->floor);
    export_limit(out, "ceiling", zone->ceiling);
    json_key(out, "from");
    json_put_time(out, zone->from_us);
    json_key(out, "to");
    json_put_time(out, zone->to_us);
    put_daily(out, zone);
    put_area(out, compiled);
    put_text(out, "source", zone->source);
    put_text(out, "assumption", zone->assumption);
    export_digest(out, "digest", compiled->digest);
    json_end(out, '}');
}

static size_t properties_room(const struct zone *zone)
{
    return 2048 + 64u * zone->daily_count + export_text_room(zone->name.en) +
           export_text_room(zone->name.ko) + export_text_room(zone->source) +
           export_text_room(zone->assumption) + export_text_room(zone->classes_text);
}

/* JSON of unknown length is put together in the arena and goes out as a whole. */
int export_json(struct json_out *out, struct buf *buf, size_t room, struct arena *arena,
                struct err *err)
{
    char *memory = arena_alloc(arena, room, 1);
    if (!memory)
        return err_set(err, EXIT_DATA, "zones: no memory for %zu bytes of text", room);
    buf_init(buf, memory, room);
    json_out_init(out, buf);
    return 0;
}

void export_feature(struct export *s, const char *id, const struct buf *properties)
{
    export_text(s, "{\"type\":\"Feature\",\"id\":\"");
    export_text(s, id);
    export_text(s, "\",\"properties\":");
    export_bytes(s, properties->p, properties->n);
    export_text(s, ",\"geometry\":");
}

int export_features_end(struct export *s, const struct compiled *c, struct arena *arena)
{
    (void)c;
    (void)arena;
    export_text(s, "\n]}\n");
    return 0;
}

static int head(struct export *s, const struct compiled *c, struct arena *arena)
{
    const struct agreement *a = c->agreement;
    struct json_out out;
    struct buf buf;
    size_t room = 2048 + export_text_room(a->title.en) + export_text_room(a->title.ko);
    if (export_json(&out, &buf, room, arena, s->err))
        return ERR_FAIL;
    json_begin(&out, '{');
    put_text(&out, "type", "FeatureCollection");
    put_text(&out, "agreement", a->id);
    put_words(&out, "title", a->title);
    put_text(&out, "tz", a->tz);
    json_key(&out, "simulated");
    json_put_bool(&out, a->simulated);
    export_digest(&out, "digest", c->digest);
    assert(!buf.full);
    export_bytes(s, buf.p, buf.n);
    export_text(s, ",\"features\":[\n");
    return 0;
}

static int feature(struct export *s, const struct compiled *c, uint16_t i,
                   const struct polygons *parts, size_t count, struct arena *arena)
{
    const struct zone *zone = &c->agreement->zones[i];
    struct writer w = {.to = s, .vertex = export_geojson_vertex};
    struct json_out out;
    struct buf buf;
    if (export_json(&out, &buf, properties_room(zone), arena, s->err))
        return ERR_FAIL;
    put_properties(&out, c->agreement, zone, &c->zones[i]);
    assert(!buf.full);
    export_text(s, i ? ",\n" : "");
    export_feature(s, zone->id, &buf);
    export_text(s, count ? "{\"type\":\"MultiPolygon\",\"coordinates\":[" : "null");
    export_polygons(&w, &export_geojson_frame, parts, count);
    export_text(s, count ? "]}}" : "}");
    return 0;
}

const struct format format_geojson = {head, feature, export_features_end};
