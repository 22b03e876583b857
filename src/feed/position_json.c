#include "feed/position_json.h"

#include "feed/decoder.h"
#include "feed/velocity.h"

#define TEXT_MAX 80 /* a track's, a flag's, with the NUL */

static void put_track(struct json_out *out, const struct feed *feed, uint64_t track)
{
    char memory[TEXT_MAX];
    struct buf text;
    buf_init(&text, memory, sizeof memory);
    feed_track_write(feed, track, &text);
    json_key(out, "track");
    json_put_text(out, text.p);
}

static void put_number(struct json_out *out, const char *key, bool known, int64_t value,
                       unsigned scale)
{
    json_key(out, key);
    if (known)
        json_put_decimal(out, value, scale);
    else
        json_put_null(out);
}

static int64_t round_up_half(double x)
{
    return (int64_t)(x + 0.5);
}

/* With decimals enough for the same integers when it is read back. */
static void put_velocity(struct json_out *out, const struct position *position)
{
    double speed_cmps = 0.0, course_deg = 0.0;
    bool known = velocity_polar(position, &speed_cmps, &course_deg);
    int64_t course_e4 = round_up_half(course_deg * 1e4) % 3600000;
    put_number(out, "speed_mps", known, round_up_half(speed_cmps * 10.0), 3);
    put_number(out, "course_deg", known && speed_cmps > 0.0, course_e4, 4);
}

static void put_class(struct json_out *out, enum platform platform)
{
    json_key(out, "class");
    json_put_text(out, platform == PLATFORM_UNKNOWN ? NULL : platform_name(platform));
}

static void put_name(struct json_out *out, const struct feed *feed, uint64_t track)
{
    const struct feed_identity *known = feed_identity(feed, track);
    json_key(out, "name");
    json_put_text(out, known && known->name[0] ? known->name : NULL);
}

static void put_flag(struct json_out *out, uint16_t flag)
{
    char memory[TEXT_MAX];
    struct buf text;
    buf_init(&text, memory, sizeof memory);
    flag_write(&text, flag);
    json_key(out, "flag");
    json_put_text(out, flag ? text.p : NULL);
}

void position_members_json(struct json_out *out, const struct position *position,
                           const struct feed *feed)
{
    json_key(out, "time");
    json_put_time(out, position->time_us);
    json_key(out, "time_source");
    json_put_text(out, time_source_name((enum time_source)position->time_source));
    put_track(out, feed, position->track);
    put_number(out, "lat", true, position->lat_e7, 7);
    put_number(out, "lon", true, position->lon_e7, 7);
    put_number(out, "alt_m", position->alt_cm != ALT_UNKNOWN, position->alt_cm, 2);
    put_velocity(out, position);
    put_class(out, (enum platform)position->platform);
    put_name(out, feed, position->track);
    put_flag(out, position->flag);
    put_number(out, "err_m", position->err_dm != 0, position->err_dm, 1);
    json_key(out, "feed");
    json_put_text(out, feed->options.name);
    if (position->leg)
        put_number(out, "leg", true, position->leg, 0);
    if (position->note & NOTE_SIMULATED) {
        json_key(out, "simulated");
        json_put_bool(out, true);
    }
}

void position_json(struct json_out *out, const struct position *position, const struct feed *feed)
{
    json_begin(out, '{');
    position_members_json(out, position, feed);
    json_end(out, '}');
}
