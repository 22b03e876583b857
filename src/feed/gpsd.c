#include "feed/ais_json.h"
#include "feed/field.h"
#include "feed/velocity.h"

/*
 * gpsd's JSON (gpsd_json(5)), one object a line:
 *
 *   "class":"AIS"   an AIS message (ais_json.c)
 *   "class":"TPV"   a fix of the receiver itself; mode 2 and 3 have a place
 *   VERSION, DEVICES, WATCH, SKY, GST, ...   nothing for us
 *
 * The AIS reports hold no time. Live it is that of their receipt; in a file the receiver's own clock
 * serves, the last time of the first device that told one in a TPV, as long as it does not run back.
 */
#define DEVICE_BYTES 64
#define CLOCK_BACK   (10 * TIME_SECOND)
#define ALT_MAX_CM   (INT64_C(100000) * 100)

struct gpsd {
    char device[DEVICE_BYTES]; /* whose time is the clock */
    bool ticks, lost;          /* there is a clock; it ran back */
    int64_t clock_us;
};

struct gpsd *gpsd_new(struct arena *arena)
{
    return ARENA_ARRAY(arena, struct gpsd, 1);
}

/* ---- time --------------------------------------------------------------------------------------- */

/* ISO 8601, or (before gpsd 3) seconds since 1970. */
static bool read_time(struct json value, int64_t *ret_us)
{
    char text[DEVICE_BYTES];
    bool date_only = false;
    if (value.type == JSON_NUMBER)
        return json_scaled(value, 6, ret_us, NULL) && *ret_us > 0 &&
               time_civil(*ret_us).year < 2200;
    return json_text(value, text, sizeof text) &&
           time_read(bytes_of(text), 0, ret_us, &date_only) && !date_only;
}

static void keep_clock(struct gpsd *gpsd, const char *device, int64_t time_us)
{
    if (!gpsd->ticks)
        bytes_copy_text(bytes_of(device), gpsd->device, sizeof gpsd->device);
    if (!bytes_is(bytes_of(device), gpsd->device))
        return;
    gpsd->lost = gpsd->ticks && (time_us < gpsd->clock_us - CLOCK_BACK ||
                                 (gpsd->lost && time_us < gpsd->clock_us));
    if (!gpsd->ticks || time_us > gpsd->clock_us)
        gpsd->clock_us = time_us;
    gpsd->ticks = true;
}

static struct stamp clock(const struct feed *feed, struct stamp receive)
{
    const struct gpsd *gpsd = feed->gpsd;
    if (receive.us != TIME_UNKNOWN || !gpsd->ticks || gpsd->lost)
        return receive;
    return (struct stamp){gpsd->clock_us, TIME_FROM_RMC};
}

/* ---- the receiver's own fix --------------------------------------------------------------------- */

static bool number(struct json object, const char *key, unsigned scale, int64_t limit,
                   int64_t *ret_value)
{
    int64_t v;
    if (!json_scaled(json_get(object, key), scale, &v, NULL) || v < -limit || v > limit)
        return false;
    *ret_value = v;
    return true;
}

static void read_altitude(struct json tpv, struct position *fix)
{
    static const struct {
        const char *key;
        uint8_t ref;
    } known[] = {
        {"altHAE", ALT_REF_ELLIPSOID}, {"altMSL", ALT_REF_SEA_LEVEL}, {"alt", ALT_REF_SEA_LEVEL}};
    int64_t cm;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (number(tpv, known[i].key, 2, ALT_MAX_CM, &cm)) {
            fix->alt_cm = (int32_t)cm;
            fix->alt_ref = known[i].ref;
            return;
        }
}

static void read_motion(struct json tpv, struct position *fix)
{
    int64_t speed, track, climb;
    if (number(tpv, "climb", 2, SPEED_MAX_CMPS, &climb))
        fix->up_cmps = (int32_t)climb;
    if (!number(tpv, "speed", 4, SPEED_MAX_CMPS * INT64_C(100), &speed) || speed < 0)
        return;
    if (speed == 0)
        velocity_rest(fix);
    else if (number(tpv, "track", 4, 3600000, &track))
        velocity_set(fix, (double)speed / 100.0, (double)track / 1e4);
}

/* eph is the 95 % bound of both axes together. */
static void read_error(struct json tpv, struct position *fix)
{
    int64_t dm;
    if (number(tpv, "eph", 1, INT64_MAX / 2, &dm) && dm > 0)
        fix->err_dm = dm > ERR_DM_MAX ? ERR_DM_MAX : (uint16_t)dm;
}

static int read_place(struct feed *feed, struct json tpv, const char *device, struct position *fix)
{
    int64_t lat, lon;
    uint64_t track;
    if (!json_scaled(json_get(tpv, "lat"), 7, &lat, NULL) ||
        !json_scaled(json_get(tpv, "lon"), 7, &lon, NULL))
        return SKIP_SYNTAX;
    if (lat < -LAT_E7_MAX || lat > LAT_E7_MAX || lon < -LON_E7_MAX || lon > LON_E7_MAX)
        return SKIP_IMPOSSIBLE;
    if (!tracks_own(feed, bytes_of(device), &track))
        return SKIP_TOO_LONG;
    *fix = feed_position(feed, track, (int32_t)lat, lon_wrap_e7(lon));
    return RECORD_POSITION;
}

static int tpv_record(struct feed *feed, struct json tpv, struct stamp receive,
                      struct position *ret_position)
{
    char device[DEVICE_BYTES] = "";
    int64_t mode = 0, time_us;
    struct position fix;
    if (!json_text(json_get(tpv, "device"), device, sizeof device) || !device[0])
        bytes_copy_text(bytes_of("own"), device, sizeof device);
    if (!json_int(json_get(tpv, "mode"), &mode) || mode < 2)
        return SKIP_NO_POSITION;
    bool timed = read_time(json_get(tpv, "time"), &time_us);
    if (timed)
        keep_clock(feed->gpsd, device, time_us);
    int end = read_place(feed, tpv, device, &fix);
    if (end != RECORD_POSITION)
        return end;
    position_stamp(&fix, timed ? (struct stamp){time_us, TIME_FROM_TAG} : receive);
    read_altitude(tpv, &fix);
    read_motion(tpv, &fix);
    read_error(tpv, &fix);
    tracks_dress(feed, &fix);
    *ret_position = fix;
    return RECORD_POSITION;
}

/* ---- lines -------------------------------------------------------------------------------------- */

int gpsd_record(struct feed *feed, struct bytes line, int64_t receive_us,
                struct position *ret_position)
{
    struct json top;
    struct stamp receive = feed_receive(feed, receive_us);
    line = field_trim(line);
    if (!line.n || line.p[0] == '#')
        return RECORD_NOTHING;
    if (line.p[0] == '!' || line.p[0] == '$')
        return RECORD_OTHER; /* the sentence itself, where that was asked for too */
    if (line.p[0] != '{')
        return SKIP_NOT_A_RECORD;
    if (!json_open_fast(line, &top))
        return SKIP_SYNTAX;
    struct json class = json_get(top, "class");
    if (class.type != JSON_STRING)
        return SKIP_NOT_A_RECORD;
    if (json_is(class, "AIS"))
        return ais_json_record(feed, top, clock(feed, receive), ret_position);
    return json_is(class, "TPV") ? tpv_record(feed, top, receive, ret_position) : RECORD_OTHER;
}
