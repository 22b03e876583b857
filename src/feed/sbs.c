#include <string.h>

#include "feed/adsb.h"
#include "feed/field.h"
#include "feed/velocity.h"

/*
 * BaseStation, TCP port 30003: one line a message, 22 fields.
 *
 *   0 MSG  1 type  2 session  3 aircraft  4 hex  5 flight  6, 7 date and time of the message
 *   8, 9 date and time of the log  10 call sign  11 altitude (ft)  12 ground speed (kn)
 *   13 track (deg)  14 latitude  15 longitude  16 vertical rate (ft/min)  17 squawk
 *   18 alert  19 emergency  20 SPI  21 on ground (-1 or 1; 0)
 *
 * Position, velocity and call sign of an aircraft come in messages of their own. Any field may be
 * empty, and a short line may lack the last ones. Stratux puts the nanoseconds since its START line
 * before MSG and leaves the dates out.
 */
enum field {
    F_KIND,
    F_TYPE,
    F_HEX = 4,
    F_DATE = 6,
    F_TIME = 7,
    F_LOG_DATE = 8,
    F_LOG_TIME = 9,
    F_CALL_SIGN = 10,
    F_ALTITUDE = 11,
    F_SPEED = 12,
    F_TRACK = 13,
    F_LAT = 14,
    F_LON = 15,
    F_CLIMB = 16,
    F_GROUND = 21,
    F_COUNT = 22
};

#define FIELDS_MIN 16 /* up to the longitude */
#define MILLI      1000.0

/* ---- time --------------------------------------------------------------------------------------- */

static int digits_at(struct bytes text, size_t at, size_t n)
{
    int64_t v;
    if (at + n > text.n || !field_digits((struct bytes){text.p + at, n}, &v))
        return -1;
    return (int)v;
}

/* ".045" after hh:mm:ss, to microseconds. */
static int read_fraction(struct bytes time)
{
    int64_t v;
    size_t n = time.n > 9 ? time.n - 9 : 0;
    if (n == 0 || time.p[8] != '.' || n > 6 || !field_digits((struct bytes){time.p + 9, n}, &v))
        return time.n == 8 ? 0 : -1;
    for (; n < 6; n++)
        v *= 10;
    return (int)v;
}

/* yyyy/mm/dd and hh:mm:ss.mmm */
static bool read_local(struct bytes date, struct bytes time, int64_t *ret_us)
{
    if (date.n != 10 || time.n < 8)
        return false;
    struct civil c = {.year = digits_at(date, 0, 4),
                      .month = digits_at(date, 5, 2),
                      .day = digits_at(date, 8, 2),
                      .hour = digits_at(time, 0, 2),
                      .minute = digits_at(time, 3, 2),
                      .second = digits_at(time, 6, 2),
                      .micro = read_fraction(time)};
    return time_from_civil(c, ret_us);
}

static struct stamp read_stamp(const struct feed *feed, const struct bytes *f, struct stamp receive)
{
    int64_t us;
    if (receive.us != TIME_UNKNOWN && !feed->options.zone_known)
        return receive;
    if (!read_local(f[F_DATE], f[F_TIME], &us) && !read_local(f[F_LOG_DATE], f[F_LOG_TIME], &us))
        return receive;
    int64_t zone_us = feed->options.zone_known ? feed->options.zone_us : 0;
    return (struct stamp){us - zone_us, TIME_FROM_SUFFIX};
}

/* ---- what a line tells -------------------------------------------------------------------------- */

/* False: the field is neither empty nor a number within +-limit. */
static bool number(struct bytes field, unsigned scale, int64_t limit, int64_t *value, bool *told)
{
    *told = false;
    field = field_trim(field);
    if (!field.n)
        return true;
    *told = field_within(field, scale, limit, value);
    return *told;
}

static void keep_altitude(struct motion *motion, int64_t feet, int64_t time_us)
{
    motion->high = true;
    motion->alt_time_us = time_us;
    motion->alt_cm = round_cm((double)feet * FOOT_CM);
}

static void keep_velocity(struct motion *motion, const struct position *velocity, int64_t time_us)
{
    motion->moved = true;
    motion->time_us = time_us;
    motion->north_cmps = velocity->north_cmps;
    motion->east_cmps = velocity->east_cmps;
    motion->up_cmps = velocity->up_cmps;
}

/* Altitude and velocity of this line go where the next position of the aircraft finds them. */
static int take_motion(const struct feed *feed, const struct bytes *f, int64_t time_us,
                       struct motion *motion, bool *ret_told)
{
    struct position velocity = feed_position(feed, 0, 0, 0);
    int64_t alt = 0, speed = 0, track = 0, climb = 0;
    bool has_alt, has_speed, has_track, has_climb;
    if (!number(f[F_ALTITUDE], 0, ALT_MAX_FT, &alt, &has_alt) ||
        !number(f[F_SPEED], 3, SPEED_MAX_KNOTS * 1000, &speed, &has_speed) ||
        !number(f[F_TRACK], 3, 360000, &track, &has_track) ||
        !number(f[F_CLIMB], 0, CLIMB_MAX_FPM, &climb, &has_climb))
        return SKIP_SYNTAX;
    if (has_alt)
        keep_altitude(motion, alt, time_us);
    if (has_speed && has_track)
        velocity_set(&velocity, (double)speed / MILLI * KNOT_CMPS, (double)track / MILLI);
    if (has_climb)
        velocity.up_cmps = round_cm((double)climb * FOOT_CM / 60.0);
    if ((has_speed && has_track) || has_climb)
        keep_velocity(motion, &velocity, time_us);
    *ret_told = has_alt || has_speed || has_climb;
    return RECORD_USED;
}

static void add_motion(const struct motion *motion, int64_t time_us, struct position *position)
{
    if (motion->moved && adsb_serves(motion->time_us, time_us)) {
        position->north_cmps = motion->north_cmps;
        position->east_cmps = motion->east_cmps;
        position->up_cmps = motion->up_cmps;
    }
    if (motion->high && adsb_serves(motion->alt_time_us, time_us)) {
        position->alt_cm = motion->alt_cm;
        position->alt_ref = ALT_REF_BARO;
    }
}

static bool is_set(struct bytes flag)
{
    return bytes_is(flag, "-1") || bytes_is(flag, "1");
}

static int read_place(struct feed *feed, const struct bytes *f, uint64_t track,
                      struct position *ret_position)
{
    int64_t lat, lon;
    if (!field_scaled(field_trim(f[F_LAT]), 7, &lat) ||
        !field_scaled(field_trim(f[F_LON]), 7, &lon))
        return SKIP_SYNTAX;
    if (lat < -LAT_E7_MAX || lat > LAT_E7_MAX || lon < -LON_E7_MAX || lon > LON_E7_MAX)
        return SKIP_IMPOSSIBLE;
    *ret_position = feed_position(feed, track, (int32_t)lat, lon_wrap_e7(lon));
    return RECORD_POSITION;
}

static bool has_place(const struct bytes *f)
{
    return field_trim(f[F_LAT]).n || field_trim(f[F_LON]).n;
}

static int read_position(struct feed *feed, const struct bytes *f, uint64_t track,
                         const struct motion *motion, struct stamp stamp,
                         struct position *ret_position)
{
    struct position position;
    int end = read_place(feed, f, track, &position);
    if (end != RECORD_POSITION)
        return end;
    position_stamp(&position, stamp);
    add_motion(motion, stamp.us, &position);
    position.err_dm = ADSB_ERR_DM;
    position.note |= NOTE_ASSUMED_ERR;
    if (is_set(f[F_GROUND]) || bytes_is(f[F_TYPE], "2")) {
        position.note |= NOTE_ON_GROUND;
        position.alt_cm = ALT_UNKNOWN;
        position.alt_ref = ALT_REF_NONE;
    }
    adsb_dress(feed, PLATFORM_AIRCRAFT, &position);
    *ret_position = position;
    return RECORD_POSITION;
}

/* ---- lines -------------------------------------------------------------------------------------- */

static int message(struct feed *feed, const struct bytes *f, struct stamp receive,
                   struct position *ret_position)
{
    struct motion alone = {0};
    bool told = false;
    uint64_t track;
    if (!adsb_track(field_trim(f[F_HEX]), &track))
        return SKIP_SYNTAX;
    struct stamp stamp = read_stamp(feed, f, receive);
    uint32_t index = tracks_index(feed, track);
    struct motion *motion = index == TABLE_NONE ? &alone : &feed->tracks.motion[index];
    int end = take_motion(feed, f, stamp.us, motion, &told);
    if (end != RECORD_USED)
        return end;
    if (field_trim(f[F_CALL_SIGN]).n) {
        adsb_call_sign(feed, index, f[F_CALL_SIGN]);
        feed->counts.identities++;
        told = true;
    }
    if (has_place(f))
        return read_position(feed, f, track, motion, stamp, ret_position);
    if (bytes_is(f[F_TYPE], "2") || bytes_is(f[F_TYPE], "3"))
        return told ? RECORD_USED : SKIP_NO_POSITION;
    return told ? RECORD_USED : RECORD_OTHER;
}

/* Stratux: digits and a comma first. */
static struct bytes without_prefix(struct bytes line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] >= '0' && line.p[n] <= '9')
        n++;
    if (n == 0 || n == line.n || line.p[n] != ',')
        return line;
    return (struct bytes){line.p + n + 1, line.n - n - 1};
}

static bool is_message(struct bytes kind)
{
    return bytes_is(kind, "MSG") || bytes_is(kind, "MLAT");
}

/* Lines about sessions and aircraft, which say nothing of where. */
static bool is_other(struct bytes kind)
{
    static const char *const kinds[] = {"SEL", "ID",    "AIR",   "STA",
                                        "CLK", "START", "PAUSE", "UNPAUSE"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (bytes_is(kind, kinds[i]))
            return true;
    return false;
}

int sbs_record(struct feed *feed, struct bytes line, int64_t receive_us,
               struct position *ret_position)
{
    struct bytes f[F_COUNT] = {{NULL, 0}};
    if (!field_trim(line).n || line.p[0] == '#')
        return RECORD_NOTHING;
    size_t count = fields_split(without_prefix(line), ',', f, F_COUNT);
    if (is_other(f[F_KIND]))
        return RECORD_OTHER;
    if (!is_message(f[F_KIND]))
        return SKIP_NOT_A_RECORD;
    if (count < FIELDS_MIN)
        return SKIP_CUT;
    return message(feed, f, feed_receive(feed, receive_us), ret_position);
}
