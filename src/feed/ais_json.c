#include "feed/ais_json.h"

#include <string.h>

#include "feed/ais.h"
#include "feed/velocity.h"

#define LON_NONE_DEG 181
#define LAT_NONE_DEG 91
#define TEXT_BYTES   64
#define MILLI        1000.0

/* The values of one object; JSON_NONE where absent. */
struct report {
    struct json type, mmsi, scaled, lon, lat, speed, course, second, accuracy, alt, approx;
    struct json shipname, name, name_ext, callsign, shiptype;
};

#define AT(member) offsetof(struct report, member)

static const struct json_member members[] = {
    {"type", 4, AT(type)},         {"mmsi", 4, AT(mmsi)},         {"scaled", 6, AT(scaled)},
    {"lon", 3, AT(lon)},           {"lat", 3, AT(lat)},           {"speed", 5, AT(speed)},
    {"course", 6, AT(course)},     {"cog", 3, AT(course)},        {"second", 6, AT(second)},
    {"accuracy", 8, AT(accuracy)}, {"alt", 3, AT(alt)},           {"approx", 6, AT(approx)},
    {"shipname", 8, AT(shipname)}, {"name", 4, AT(name)},         {"name_ext", 8, AT(name_ext)},
    {"callsign", 8, AT(callsign)}, {"shiptype", 8, AT(shiptype)},
};

/* How numbers of this report are to be taken. */
struct scale {
    unsigned type;
    bool scaled, coarse;
};

/* 1 or true. */
static bool is_set(struct json value)
{
    int64_t v;
    return value.type == JSON_TRUE || (json_int(value, &v) && v == 1);
}

/* ---- place -------------------------------------------------------------------------------------- */

static bool is_there(struct json value)
{
    return value.type != JSON_NONE && value.type != JSON_NULL;
}

/* 1e-7 degree, or past the range for "not available" and what is beyond it. */
static bool read_angle(struct json value, const struct scale *scale, int64_t none_e7,
                       int64_t *ret_e7)
{
    int64_t v, per_degree = scale->coarse ? 600 : 600000;
    if (value.type == JSON_STRING) {
        *ret_e7 = none_e7;
        return true;
    }
    if (scale->scaled)
        return json_scaled(value, 7, ret_e7, NULL);
    if (!json_int(value, &v))
        return false;
    bool within = v >= -per_degree * LON_NONE_DEG && v <= per_degree * LON_NONE_DEG;
    *ret_e7 = within ? ais_units_e7((int32_t)v, scale->coarse) : 2 * none_e7;
    return true;
}

static int read_place(const struct report *report, const struct scale *scale,
                      struct position *position)
{
    const int64_t lon_none = LON_NONE_DEG * DEG_E7, lat_none = LAT_NONE_DEG * DEG_E7;
    int64_t lon, lat;
    if (!read_angle(report->lon, scale, lon_none, &lon) ||
        !read_angle(report->lat, scale, lat_none, &lat))
        return SKIP_SYNTAX;
    if (lon == lon_none || lat == lat_none)
        return SKIP_NO_POSITION;
    if (lat < -LAT_E7_MAX || lat > LAT_E7_MAX || lon < -LON_E7_MAX || lon > LON_E7_MAX)
        return SKIP_IMPOSSIBLE;
    position->lat_e7 = (int32_t)lat;
    position->lon_e7 = lon_wrap_e7(lon);
    return RECORD_POSITION;
}

/* ---- motion ------------------------------------------------------------------------------------- */

#define TYPE_AIRCRAFT 9 /* its speed is in knots, so is that of message 27 */

/* Thousandths of a knot; false: not told. */
static bool read_speed(const struct report *report, const struct scale *scale, int64_t *ret_milli)
{
    bool whole = scale->coarse || scale->type == TYPE_AIRCRAFT;
    int64_t v, none = scale->coarse ? 63000 : whole ? 1023000 : 102300;
    if (!json_scaled(report->speed, 3, &v, NULL) || v < 0)
        return false;
    if (!scale->scaled && !whole)
        v /= 10;
    *ret_milli = v;
    return v < none;
}

/* Thousandths of a degree; false: not told. */
static bool read_course(const struct report *report, const struct scale *scale, int64_t *ret_milli)
{
    int64_t v;
    if (!json_scaled(report->course, 3, &v, NULL) || v < 0)
        return false;
    if (!scale->scaled && !scale->coarse)
        v /= 10;
    *ret_milli = v;
    return v < 360000;
}

static void read_velocity(const struct report *report, const struct scale *scale,
                          struct position *position)
{
    int64_t speed, course;
    if (!read_speed(report, scale, &speed))
        return;
    if (speed == 0)
        velocity_rest(position);
    else if (read_course(report, scale, &course))
        velocity_set(position, (double)speed * KNOT_CMPS / MILLI, (double)course / MILLI);
}

#define ALT_NONE_M 4095

static void read_altitude(const struct report *report, struct position *position)
{
    int64_t metres;
    if (!json_int(report->alt, &metres) || metres < 0 || metres >= ALT_NONE_M)
        return;
    position->alt_cm = (int32_t)metres * 100;
    position->alt_ref = ALT_REF_SEA_LEVEL;
}

/* Messages 4, 11 and 21 have a second that says nothing of the fix. */
static bool is_estimated(const struct report *report, unsigned type)
{
    int64_t second;
    bool of_fix = type <= 3 || type == 9 || type == 18 || type == 19;
    return is_set(report->approx) ||
           (of_fix && json_int(report->second, &second) && second >= AIS_SECOND_ESTIMATED);
}

static int read_fix(struct feed *feed, const struct report *report, uint32_t mmsi,
                    const struct scale *scale, struct position *ret_position)
{
    struct position fix = feed_position(feed, track_ais(mmsi), 0, 0);
    int end = read_place(report, scale, &fix);
    if (end != RECORD_POSITION)
        return end;
    read_velocity(report, scale, &fix);
    if (scale->type == TYPE_AIRCRAFT)
        read_altitude(report, &fix);
    ais_error(is_set(report->accuracy), is_estimated(report, scale->type), scale->coarse, &fix);
    ais_dress(feed, mmsi, scale->type, &fix);
    *ret_position = fix;
    return RECORD_POSITION;
}

/* ---- identity ----------------------------------------------------------------------------------- */

static bool tell_name(struct feed *feed, uint32_t index, struct json name, struct json more)
{
    char text[2 * TEXT_BYTES];
    if (!json_text(name, text, TEXT_BYTES) || !text[0])
        return false;
    size_t n = strlen(text);
    if (json_text(more, text + n, TEXT_BYTES))
        n += strlen(text + n);
    while (n && text[n - 1] == ' ')
        n--;
    tracks_name(feed, index, (struct bytes){(const uint8_t *)text, n});
    return n > 0;
}

/* A name, else a call sign that stands for it; the type of ship. True if any is told. */
static bool tell(struct feed *feed, const struct report *report, uint32_t mmsi)
{
    const struct json none = {NULL, NULL, JSON_NONE};
    uint32_t index = tracks_index(feed, track_ais(mmsi));
    int64_t type;
    bool told = tell_name(feed, index, report->shipname, none);
    told |= tell_name(feed, index, report->name, report->name_ext);
    if (index != TABLE_NONE && !feed->tracks.identity[index].name[0])
        told |= tell_name(feed, index, report->callsign, none);
    if (json_int(report->shiptype, &type) && type > 0 && type < 256) {
        ais_tell_ship_type(feed, index, mmsi, (unsigned)type);
        told = true;
    }
    return told;
}

static bool has_identity(const struct report *report)
{
    return is_there(report->shipname) || is_there(report->name) || is_there(report->callsign) ||
           is_there(report->shiptype);
}

/* ---- reports ------------------------------------------------------------------------------------ */

static bool is_position_type(unsigned type)
{
    return type <= 4 || type == 9 || type == 11 || type == 18 || type == 19 || type == 21 ||
           type == AIS_TYPE_COARSE;
}

int ais_json_record(struct feed *feed, struct json object, struct stamp stamp,
                    struct position *ret_position)
{
    struct report report = {.type = {NULL, NULL, JSON_NONE}};
    json_members(object, members, sizeof members / sizeof members[0], &report);
    int64_t mmsi, type = 0;
    if (!json_int(report.mmsi, &mmsi) || (is_there(report.type) && !json_int(report.type, &type)))
        return is_there(report.mmsi) ? SKIP_SYNTAX : SKIP_CUT;
    if (mmsi < 0 || mmsi > MMSI_MAX || type < 0 || type > AIS_TYPE_COARSE)
        return SKIP_IMPOSSIBLE;
    struct scale scale = {(unsigned)type, report.scaled.type != JSON_FALSE,
                          type == AIS_TYPE_COARSE};
    bool told = has_identity(&report) && tell(feed, &report, (uint32_t)mmsi);
    feed->counts.identities += told;
    int end = RECORD_OTHER;
    if (is_position_type(scale.type))
        end = SKIP_NO_POSITION;
    if (is_position_type(scale.type) && is_there(report.lon) && is_there(report.lat))
        end = read_fix(feed, &report, (uint32_t)mmsi, &scale, ret_position);
    if (end == RECORD_POSITION)
        position_stamp(ret_position, stamp);
    return end != RECORD_POSITION && told ? RECORD_USED : end;
}
