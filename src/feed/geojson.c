#include "feed/ais.h"
#include "feed/document.h"
#include "feed/own.h"

/*
 * GeoJSON (RFC 7946) with times, for replay: features whose geometry is a point, alone, in a
 * collection, or one after the other (RFC 8142). Properties are the keys of our own formats
 * (docs/format/positions.md); the place is the geometry's, its third number the height above the
 * ellipsoid. The time may also be called "timestamp" or "datetime". A feature without "track" is that
 * of its "mmsi", else "id".
 */
#define ID_BYTES (FEED_NAME_MAX)

/* ---- the place ---------------------------------------------------------------------------------- */

/* Lon, lat and perhaps a height, which a property wins over. */
static int take_place(struct json geometry, struct own_record *record)
{
    static const struct {
        enum own_field field;
        unsigned scale;
    } axes[] = {{OWN_LON, 7}, {OWN_LAT, 7}, {OWN_ALT, 2}};
    struct json_iter it = json_iter(json_get(geometry, "coordinates"));
    size_t n = 0;
    bool higher = !record->has[OWN_ALT];
    for (; n < 2 + (size_t)higher && json_next(&it); n++) {
        enum own_field field = axes[n].field;
        if (!json_scaled(it.value, axes[n].scale, &record->number[field], NULL))
            return SKIP_SYNTAX;
        record->has[field] = true;
    }
    if (n < 2)
        return SKIP_SYNTAX;
    if (n == 3) {
        record->has[OWN_ALT_REF] = true;
        record->text[OWN_ALT_REF] = bytes_of("ellipsoid");
    }
    return RECORD_USED;
}

/* ---- what is called otherwise ------------------------------------------------------------------- */

static void take_time(struct json properties, struct own_record *record, struct own_texts *texts)
{
    static const char *const names[] = {"timestamp", "datetime"};
    for (size_t i = 0; i < 2 && !record->has[OWN_TIME]; i++) {
        struct json value = json_get(properties, names[i]);
        if (value.type == JSON_NUMBER) {
            record->text[OWN_TIME] = (struct bytes){value.p, (size_t)(value.end - value.p)};
            record->has[OWN_TIME] = true;
        } else if (texts->count < OWN_TEXTS_MAX &&
                   json_text(value, texts->text[texts->count], sizeof texts->text[0])) {
            record->text[OWN_TIME] = bytes_of(texts->text[texts->count++]);
            record->has[OWN_TIME] = true;
        }
    }
}

/* "ais:440123456" */
static bool write_mmsi(struct json mmsi, char id[ID_BYTES])
{
    struct buf buf;
    int64_t v;
    if (!json_int(mmsi, &v) || v < 0 || v > MMSI_MAX)
        return false;
    buf_init(&buf, id, ID_BYTES);
    track_write(&buf, track_ais((uint32_t)v));
    return true;
}

static bool write_id(struct json value, char id[ID_BYTES])
{
    struct bytes digits = {value.p, value.type == JSON_NUMBER ? (size_t)(value.end - value.p) : 0};
    if (value.type == JSON_NUMBER)
        return bytes_copy_text(digits, id, ID_BYTES);
    return json_text(value, id, ID_BYTES) && id[0];
}

static void take_track(struct json feature, struct json properties, struct own_record *record,
                       char id[ID_BYTES])
{
    if (record->has[OWN_TRACK])
        return;
    record->has[OWN_TRACK] = write_mmsi(json_get(properties, "mmsi"), id) ||
                             write_id(json_get(feature, "id"), id) ||
                             write_id(json_get(properties, "id"), id);
    record->text[OWN_TRACK] = bytes_of(id);
}

/* ---- features ----------------------------------------------------------------------------------- */

static int read_feature(struct feed *feed, struct json feature, struct json geometry,
                        struct stamp receive, struct position *ret_position)
{
    struct json properties = json_get(feature, "properties");
    struct own_record record = {.has = {false}};
    struct own_texts texts = {.count = 0};
    char id[ID_BYTES] = "";
    int end = RECORD_USED;
    if (properties.type == JSON_OBJECT)
        end = own_members(properties, &record, &texts);
    if (end == RECORD_USED)
        end = take_place(geometry, &record);
    if (end != RECORD_USED)
        return end;
    take_time(properties, &record, &texts);
    take_track(feature, properties, &record, id);
    end = own_position(feed, &record, receive, ret_position);
    if (end == RECORD_POSITION && json_get(properties, "simulated").type == JSON_TRUE)
        ret_position->note |= NOTE_SIMULATED;
    return end;
}

static int geojson_record(struct feed *feed, struct json object, int64_t now_us, int64_t receive_us,
                          struct position *ret_position)
{
    struct json geometry = json_get(object, "geometry");
    (void)now_us;
    if (!json_is(json_get(object, "type"), "Feature"))
        return object.type == JSON_OBJECT ? SKIP_NOT_A_RECORD : SKIP_SYNTAX;
    if (geometry.type == JSON_NULL || geometry.type == JSON_NONE)
        return SKIP_NO_POSITION;
    if (!json_is(json_get(geometry, "type"), "Point"))
        return RECORD_OTHER;
    return read_feature(feed, object, geometry, feed_receive(feed, receive_us), ret_position);
}

static bool is_feature(struct json top)
{
    return json_is(json_get(top, "type"), "Feature");
}

/* A geometry alone says not whose it is. */
static bool is_geometry(struct json top)
{
    return json_get(top, "coordinates").type == JSON_ARRAY;
}

const struct document_kind geojson_documents = {.lists = {"features", NULL},
                                                .is_record = is_feature,
                                                .is_other = is_geometry,
                                                .record = geojson_record};
