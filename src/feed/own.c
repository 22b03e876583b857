#include "feed/own.h"

#include "feed/field.h"
#include "feed/velocity.h"

#define TEXT (-1)

static const struct form {
    const char *name;
    int8_t scale;
    int64_t least, most; /* of the scaled number */
} forms[OWN_COUNT] = {
    [OWN_TIME] = {"time", TEXT, 0, 0},
    [OWN_TIME_SOURCE] = {"time_source", TEXT, 0, 0},
    [OWN_TRACK] = {"track", TEXT, 0, 0},
    [OWN_LAT] = {"lat", 7, -LAT_E7_MAX, LAT_E7_MAX},
    [OWN_LON] = {"lon", 7, -LON_E7_MAX, LON_E7_MAX},
    [OWN_ALT] = {"alt_m", 2, -1000000000, 1000000000},
    [OWN_ALT_REF] = {"alt_ref", TEXT, 0, 0},
    [OWN_SPEED] = {"speed_mps", 3, 0, SPEED_MAX_CMPS *INT64_C(10)},
    [OWN_COURSE] = {"course_deg", 4, 0, 3600000},
    [OWN_CLIMB] = {"vrate_mps", 2, -SPEED_MAX_CMPS, SPEED_MAX_CMPS},
    [OWN_CLASS] = {"class", TEXT, 0, 0},
    [OWN_NAME] = {"name", TEXT, 0, 0},
    [OWN_FLAG] = {"flag", TEXT, 0, 0},
    [OWN_ERR] = {"err_m", 1, 0, INT64_MAX},
    [OWN_LEG] = {"leg", 0, 0, 15},
};

const char *own_name(enum own_field field)
{
    return forms[field].name;
}

int own_scale(enum own_field field)
{
    return forms[field].scale;
}

/* ---- texts -------------------------------------------------------------------------------------- */

/* Seconds since 1970 as a decimal number, or ISO 8601. */
static bool read_time(const struct feed *feed, struct bytes text, int64_t *ret_us)
{
    int64_t zone_us = feed->options.zone_known ? feed->options.zone_us : 0;
    bool date_only = false;
    struct civil c;
    if (field_scaled(text, 6, ret_us)) {
        c = time_civil(*ret_us);
        return c.year >= 1900 && c.year < 2200;
    }
    return time_read(text, zone_us, ret_us, &date_only) && !date_only;
}

static bool read_time_source(struct bytes text, enum time_source *ret_source)
{
    for (int i = TIME_FROM_NONE; i <= TIME_FROM_RECEIVE; i++)
        if (bytes_is(text, time_source_name((enum time_source)i))) {
            *ret_source = (enum time_source)i;
            return true;
        }
    return false;
}

static bool read_stamp(const struct feed *feed, const struct own_record *record,
                       struct stamp receive, struct stamp *ret_stamp)
{
    struct stamp stamp = {.source = TIME_FROM_TAG};
    *ret_stamp = receive;
    if (!record->has[OWN_TIME])
        return true;
    if (!read_time(feed, record->text[OWN_TIME], &stamp.us))
        return false;
    if (record->has[OWN_TIME_SOURCE] &&
        !read_time_source(record->text[OWN_TIME_SOURCE], &stamp.source))
        return false;
    if (stamp.source != TIME_FROM_NONE)
        *ret_stamp = stamp;
    return true;
}

static bool read_alt_ref(struct bytes text, uint8_t *ret_ref)
{
    for (int i = ALT_REF_NONE; i <= ALT_REF_GROUND; i++)
        if (bytes_is(text, alt_ref_name((enum alt_ref)i))) {
            *ret_ref = (uint8_t)i;
            return true;
        }
    return false;
}

static bool read_texts(const struct own_record *record, struct position *position)
{
    enum platform platform = PLATFORM_UNKNOWN;
    if (record->has[OWN_CLASS] && !platform_from_name(record->text[OWN_CLASS], &platform))
        return false;
    if (record->has[OWN_FLAG] && !flag_read(record->text[OWN_FLAG], &position->flag))
        return false;
    if (record->has[OWN_ALT_REF] && !read_alt_ref(record->text[OWN_ALT_REF], &position->alt_ref))
        return false;
    if (!record->has[OWN_ALT])
        position->alt_ref = ALT_REF_NONE;
    position->platform = (uint8_t)platform;
    return true;
}

/* ---- numbers ------------------------------------------------------------------------------------ */

static bool is_possible(const struct own_record *record)
{
    for (int i = 0; i < OWN_COUNT; i++)
        if (record->has[i] && forms[i].scale != TEXT &&
            (record->number[i] < forms[i].least || record->number[i] > forms[i].most))
            return false;
    return true;
}

static void read_numbers(const struct own_record *record, struct position *position)
{
    const int64_t *v = record->number;
    position->lat_e7 = (int32_t)v[OWN_LAT];
    position->lon_e7 = lon_wrap_e7(v[OWN_LON]);
    if (record->has[OWN_ALT])
        position->alt_cm = (int32_t)v[OWN_ALT];
    if (record->has[OWN_SPEED] && v[OWN_SPEED] == 0)
        velocity_rest(position);
    else if (record->has[OWN_SPEED] && record->has[OWN_COURSE])
        velocity_set(position, (double)v[OWN_SPEED] / 10.0, (double)v[OWN_COURSE] / 10000.0);
    if (record->has[OWN_CLIMB])
        position->up_cmps = (int32_t)v[OWN_CLIMB];
    if (record->has[OWN_ERR])
        position->err_dm = v[OWN_ERR] > ERR_DM_MAX ? ERR_DM_MAX : (uint16_t)v[OWN_ERR];
    if (record->has[OWN_LEG])
        position->leg = (unsigned)v[OWN_LEG] & 15u;
}

static void tell_name(struct feed *feed, const struct own_record *record, uint64_t track)
{
    if (!record->has[OWN_NAME] || !record->text[OWN_NAME].n)
        return;
    tracks_name(feed, tracks_index(feed, track), record->text[OWN_NAME]);
    feed->counts.identities++;
}

int own_position(struct feed *feed, const struct own_record *record, struct stamp receive,
                 struct position *ret_position)
{
    struct position position = feed_position(feed, 0, 0, 0);
    struct stamp stamp;
    if (!record->has[OWN_TRACK] || !record->text[OWN_TRACK].n || !record->has[OWN_LAT] ||
        !record->has[OWN_LON])
        return SKIP_CUT;
    if (!bytes_is_utf8(record->text[OWN_TRACK]) || !bytes_is_utf8(record->text[OWN_NAME]))
        return SKIP_NOT_TEXT;
    if (!is_possible(record))
        return SKIP_IMPOSSIBLE;
    if (!read_texts(record, &position) || !read_stamp(feed, record, receive, &stamp))
        return SKIP_SYNTAX;
    if (!tracks_read(feed, record->text[OWN_TRACK], &position.track))
        return SKIP_TOO_LONG;
    read_numbers(record, &position);
    tell_name(feed, record, position.track);
    position_stamp(&position, stamp);
    tracks_dress(feed, &position);
    *ret_position = position;
    return RECORD_POSITION;
}
