#include "feed/adsb.h"
#include "feed/document.h"
#include "feed/field.h"
#include "feed/velocity.h"

/*
 * One aircraft of an aircraft.json, or of a stream of single objects. Two dialects of keys, which
 * never stand together:
 *
 *   readsb, dump1090-fa   alt_baro, alt_geom, gs, track, baro_rate, geom_rate, nac_p, rc
 *   dump1090-mutability   altitude, speed, track, vert_rate, nucp
 *
 * Keys are absent rather than null. A number in place of a text, or a text in place of a number,
 * makes the aircraft unreadable; alt_baro and altitude may be "ground".
 */

#define SEEN_MAX_S  1000000
#define SAME_FIX_US (TIME_SECOND / 2) /* now and seen_pos are rounded to a tenth each, or worse */
#define MILLI       1000.0

/* The values of one object; JSON_NONE where absent. */
struct plane {
    struct json hex, type, flight, category, lat, lon, seen_pos, mlat;
    struct json alt_geom, alt_baro, gs, track, geom_rate, baro_rate;
    struct json nac_p, rc, nucp;
};

#define AT(member) offsetof(struct plane, member)

static const struct json_member members[] = {
    {"hex", 3, AT(hex)},
    {"lat", 3, AT(lat)},
    {"lon", 3, AT(lon)},
    {"type", 4, AT(type)},
    {"mlat", 4, AT(mlat)},
    {"nucp", 4, AT(nucp)},
    {"gs", 2, AT(gs)},
    {"rc", 2, AT(rc)},
    {"track", 5, AT(track)},
    {"speed", 5, AT(gs)},
    {"nac_p", 5, AT(nac_p)},
    {"flight", 6, AT(flight)},
    {"category", 8, AT(category)},
    {"seen_pos", 8, AT(seen_pos)},
    {"alt_geom", 8, AT(alt_geom)},
    {"alt_baro", 8, AT(alt_baro)},
    {"altitude", 8, AT(alt_baro)},
    {"geom_rate", 9, AT(geom_rate)},
    {"baro_rate", 9, AT(baro_rate)},
    {"vert_rate", 9, AT(baro_rate)},
};

/* ---- fields ------------------------------------------------------------------------------------- */

/* False: there, and no number within +-limit. */
static bool number(struct json value, unsigned scale, int64_t limit, int64_t *ret, bool *told)
{
    *told = false;
    if (value.type == JSON_NONE || value.type == JSON_NULL)
        return true;
    int64_t v;
    if (!json_scaled(value, scale, &v, NULL) || v < -limit || v > limit)
        return false;
    *ret = v;
    *told = true;
    return true;
}

static bool read_altitude(const struct plane *plane, struct position *position)
{
    int64_t geom = 0, baro = 0;
    bool has_geom, has_baro = false, ground = json_is(plane->alt_baro, "ground");
    if (!number(plane->alt_geom, 0, ALT_MAX_FT, &geom, &has_geom) ||
        (!ground && !number(plane->alt_baro, 0, ALT_MAX_FT, &baro, &has_baro)))
        return false;
    if (ground) {
        position->note |= NOTE_ON_GROUND;
    } else if (has_geom || has_baro) {
        position->alt_cm = round_cm((double)(has_geom ? geom : baro) * FOOT_CM);
        position->alt_ref = has_geom ? ALT_REF_ELLIPSOID : ALT_REF_BARO;
    }
    return true;
}

static bool read_velocity(const struct plane *plane, struct position *position)
{
    int64_t speed = 0, track = 0, geom = 0, baro = 0;
    bool has_speed, has_track, has_geom, has_baro;
    if (!number(plane->gs, 3, SPEED_MAX_KNOTS * 1000, &speed, &has_speed) ||
        !number(plane->track, 3, 360000, &track, &has_track) ||
        !number(plane->geom_rate, 0, CLIMB_MAX_FPM, &geom, &has_geom) ||
        !number(plane->baro_rate, 0, CLIMB_MAX_FPM, &baro, &has_baro))
        return false;
    if (has_speed && has_track)
        velocity_set(position, (double)speed / MILLI * KNOT_CMPS, (double)track / MILLI);
    else if (has_speed && speed == 0)
        velocity_rest(position);
    if (has_geom || has_baro)
        position->up_cmps = round_cm((double)(has_geom ? geom : baro) * FOOT_CM / 60.0);
    return true;
}

static uint16_t radius_dm(struct json value)
{
    int64_t dm;
    if (!json_scaled(value, 1, &dm, NULL) || dm <= 0)
        return 0;
    return dm > ERR_DM_MAX ? ERR_DM_MAX : (uint16_t)dm;
}

/* dump1090-fa lists the fields that came by multilateration. */
static bool is_multilateration(const struct plane *plane)
{
    if (json_is(plane->type, "mlat"))
        return true;
    struct json_iter it = json_iter(plane->mlat);
    while (plane->mlat.type == JSON_ARRAY && json_next(&it))
        if (json_is(it.value, "lat"))
            return true;
    return false;
}

static void read_error(const struct plane *plane, struct position *position)
{
    int64_t v;
    uint16_t dm = json_int(plane->nac_p, &v) ? adsb_nac_p_dm(v) : 0;
    if (!dm && json_int(plane->nucp, &v))
        dm = adsb_nucp_dm(v);
    if (!dm)
        dm = radius_dm(plane->rc);
    if (is_multilateration(plane))
        dm = 0;
    position->err_dm = dm;
    if (dm)
        return;
    position->err_dm = is_multilateration(plane) ? ADSB_MLAT_ERR_DM : ADSB_ERR_DM;
    position->note |= NOTE_ASSUMED_ERR;
}

static enum platform read_category(struct json value)
{
    return value.type == JSON_STRING ? adsb_category(json_raw(value)) : PLATFORM_UNKNOWN;
}

/* ---- the fix ------------------------------------------------------------------------------------ */

static struct stamp read_stamp(const struct plane *plane, int64_t now_us, struct stamp receive)
{
    int64_t seen_us;
    bool told;
    struct stamp stamp = receive;
    if (now_us != TIME_UNKNOWN)
        stamp = (struct stamp){now_us, TIME_FROM_TAG};
    if (!number(plane->seen_pos, 6, SEEN_MAX_S * TIME_SECOND, &seen_us, &told) || !told)
        return stamp;
    if (stamp.us != TIME_UNKNOWN)
        stamp.us -= seen_us;
    return stamp;
}

static int read_place(struct feed *feed, const struct plane *plane, uint64_t track,
                      struct position *ret_position)
{
    int64_t lat, lon;
    if (!json_scaled(plane->lat, 7, &lat, NULL) || !json_scaled(plane->lon, 7, &lon, NULL))
        return SKIP_SYNTAX;
    if (lat < -LAT_E7_MAX || lat > LAT_E7_MAX || lon < -LON_E7_MAX || lon > LON_E7_MAX)
        return SKIP_IMPOSSIBLE;
    *ret_position = feed_position(feed, track, (int32_t)lat, lon_wrap_e7(lon));
    return RECORD_POSITION;
}

static int read_fix(struct feed *feed, const struct plane *plane, uint64_t track, uint32_t index,
                    struct stamp stamp, struct position *ret_position)
{
    struct position fix;
    int end = read_place(feed, plane, track, &fix);
    if (end != RECORD_POSITION)
        return end;
    if (!read_altitude(plane, &fix) || !read_velocity(plane, &fix))
        return SKIP_SYNTAX;
    read_error(plane, &fix);
    position_stamp(&fix, stamp);
    adsb_dress(feed, PLATFORM_AIRCRAFT, &fix);
    if (tracks_repeat(feed, index, &fix, SAME_FIX_US)) /* as in the document before */
        return RECORD_OTHER;
    *ret_position = fix;
    return RECORD_POSITION;
}

/* Call sign and category; true if there is one. */
static bool tell(struct feed *feed, const struct plane *plane, uint32_t index)
{
    struct bytes flight =
        plane->flight.type == JSON_STRING ? json_raw(plane->flight) : (struct bytes){NULL, 0};
    enum platform platform = read_category(plane->category);
    adsb_call_sign(feed, index, flight);
    tracks_platform(feed, index, platform);
    return field_trim(flight).n || platform;
}

static int aircraft_record(struct feed *feed, struct json object, int64_t now_us,
                           int64_t receive_us, struct position *ret_position)
{
    struct plane plane = {.hex = {NULL, NULL, JSON_NONE}};
    uint64_t track;
    if (object.type != JSON_OBJECT)
        return SKIP_SYNTAX;
    json_members(object, members, sizeof members / sizeof members[0], &plane);
    if (plane.hex.type != JSON_STRING || !adsb_track(json_raw(plane.hex), &track))
        return SKIP_SYNTAX;
    uint32_t index = tracks_index(feed, track);
    bool told = tell(feed, &plane, index);
    feed->counts.identities += told;
    if (plane.lat.type == JSON_NONE || plane.lon.type == JSON_NONE)
        return told ? RECORD_USED : RECORD_OTHER;
    struct stamp stamp = read_stamp(&plane, now_us, feed_receive(feed, receive_us));
    return read_fix(feed, &plane, track, index, stamp, ret_position);
}

/* One object a line, as readsb sends them on its JSON port. */
static bool is_aircraft(struct json top)
{
    return json_get(top, "hex").type != JSON_NONE;
}

/* receiver.json, stats.json and the like stand beside aircraft.json. */
static bool is_of_a_receiver(struct json top)
{
    return json_get(top, "now").type != JSON_NONE || json_get(top, "version").type != JSON_NONE;
}

const struct document_kind aircraft_documents = {.lists = {"aircraft", "ac"},
                                                 .is_record = is_aircraft,
                                                 .is_other = is_of_a_receiver,
                                                 .first_key = "now",
                                                 .one_a_line = true,
                                                 .tells_now = true,
                                                 .record = aircraft_record};
