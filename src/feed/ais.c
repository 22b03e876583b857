#include "feed/ais.h"

#include <string.h>

#include "feed/velocity.h"

#define TYPE_COUNT 28

/* ---- bits --------------------------------------------------------------------------------------- */

/* Bit `at` and those behind it, at the top of the word; at least 57 of them. */
static uint64_t bits_top(const struct ais_bits *bits, unsigned at)
{
    const uint8_t *p = bits->p + at / 8;
    uint64_t w = (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 |
                 (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
                 (uint64_t)p[6] << 8 | p[7];
    return w << at % 8;
}

static uint32_t bits_unsigned(const struct ais_bits *bits, unsigned at, unsigned n)
{
    return (uint32_t)(bits_top(bits, at) >> (64 - n));
}

static int32_t bits_signed(const struct ais_bits *bits, unsigned at, unsigned n)
{
    return (int32_t)((int64_t)bits_top(bits, at) >> (64 - n));
}

/* ---- positions ---------------------------------------------------------------------------------- */

/* The two precisions that messages are sent in. */
struct grain {
    uint8_t lon_bits, lat_bits, cog_bits;
    int32_t
        per_degree;  /* units of longitude and latitude; 181 and 91 degrees are "not available" */
    int32_t e7_by_3; /* one unit in thirds of 1e-7 degree */
    int32_t cog_per_degree;
};

static const struct grain fine = {28, 27, 12, 600000, 50, 10};
static const struct grain coarse = {18, 17, 9, 600, 50000, 1};

/* Where the fields of a message stand, in bits (ITU-R M.1371-5 Annex 8). At 0: it has none. */
struct layout {
    const struct grain *grain; /* NULL: no position message */
    uint16_t least;            /* bits of the message; one that is shorter is noise */
    uint8_t sog, sog_bits, sog_per_knot;
    uint8_t accuracy, lon, cog, second;
    uint8_t altitude; /* 12 bits, metres */
    uint8_t sensor;   /* 1: the altitude is barometric */
    uint8_t platform;
};

static const struct layout layouts[TYPE_COUNT] = {
    [1] = {&fine, 163, 50, 10, 10, 60, 61, 116, 137, 0, 0, PLATFORM_SHIP},
    [2] = {&fine, 163, 50, 10, 10, 60, 61, 116, 137, 0, 0, PLATFORM_SHIP},
    [3] = {&fine, 163, 50, 10, 10, 60, 61, 116, 137, 0, 0, PLATFORM_SHIP},
    [4] = {&fine, 168, 0, 0, 0, 78, 79, 0, 0, 0, 0, PLATFORM_BASE_STATION},
    [9] = {&fine, 168, 50, 10, 1, 60, 61, 116, 128, 38, 134, PLATFORM_AIRCRAFT},
    [11] = {&fine, 168, 0, 0, 0, 78, 79, 0, 0, 0, 0, PLATFORM_SHIP},
    [18] = {&fine, 168, 46, 10, 10, 56, 57, 112, 133, 0, 0, PLATFORM_SHIP},
    [19] = {&fine, 312, 46, 10, 10, 56, 57, 112, 133, 0, 0, PLATFORM_SHIP},
    [21] = {&fine, 272, 0, 0, 0, 163, 164, 0, 0, 0, 0, PLATFORM_AID_TO_NAVIGATION},
    [27] = {&coarse, 96, 79, 6, 1, 38, 44, 85, 0, 0, 0, PLATFORM_SHIP},
};

#define LON_NONE_DEG 181
#define LAT_NONE_DEG 91
#define ALT_NONE_M   4095

/* Thirds to units, to the nearest: a third never lies halfway. */
static int32_t thirds(int64_t v)
{
    return (int32_t)((v + (v < 0 ? -1 : 1)) / 3);
}

int32_t ais_units_e7(int32_t units, bool is_coarse)
{
    return thirds((int64_t)units * (is_coarse ? coarse : fine).e7_by_3);
}

static int read_place(const struct ais_bits *bits, const struct layout *at,
                      struct position *position)
{
    const struct grain *grain = at->grain;
    int32_t lon = bits_signed(bits, at->lon, grain->lon_bits);
    int32_t lat = bits_signed(bits, at->lon + grain->lon_bits, grain->lat_bits);
    int32_t lon_most = 180 * grain->per_degree, lat_most = 90 * grain->per_degree;
    if (lon == LON_NONE_DEG * grain->per_degree || lat == LAT_NONE_DEG * grain->per_degree)
        return SKIP_NO_POSITION;
    if (lon < -lon_most || lon > lon_most || lat < -lat_most || lat > lat_most)
        return SKIP_IMPOSSIBLE;
    position->lon_e7 =
        lon == lon_most ? (int32_t)-LON_E7_MAX : thirds((int64_t)lon * grain->e7_by_3);
    position->lat_e7 = thirds((int64_t)lat * grain->e7_by_3);
    return RECORD_POSITION;
}

/* All ones are "not available", so are courses of 360 degrees and more. */
static void read_velocity(const struct ais_bits *bits, const struct layout *at,
                          struct position *position)
{
    uint32_t sog = bits_unsigned(bits, at->sog, at->sog_bits);
    uint32_t cog = bits_unsigned(bits, at->cog, at->grain->cog_bits);
    int32_t cog_per_degree = at->grain->cog_per_degree;
    if (sog == 0)
        velocity_rest(position);
    else if (sog != (1u << at->sog_bits) - 1 && cog < 360u * (uint32_t)cog_per_degree)
        velocity_set(position, sog * KNOT_CMPS / at->sog_per_knot, (double)cog / cog_per_degree);
}

static void read_altitude(const struct ais_bits *bits, const struct layout *at,
                          struct position *position)
{
    uint32_t metres = bits_unsigned(bits, at->altitude, 12);
    if (metres == ALT_NONE_M)
        return;
    position->alt_cm = (int32_t)metres * 100;
    position->alt_ref = bits_unsigned(bits, at->sensor, 1) ? ALT_REF_BARO : ALT_REF_SEA_LEVEL;
}

void ais_error(bool high, bool estimated, bool is_coarse, struct position *position)
{
    position->err_dm = is_coarse ? ERR_COARSE_DM : high ? ERR_HIGH_DM : ERR_LOW_DM;
    if (estimated)
        position->err_dm = ERR_DM_MAX;
    if (position->err_dm != ERR_HIGH_DM)
        position->note |= NOTE_ASSUMED_ERR;
}

static void read_error(const struct ais_bits *bits, const struct layout *at,
                       struct position *position)
{
    bool high = bits_unsigned(bits, at->accuracy, 1);
    bool estimated = at->second && bits_unsigned(bits, at->second, 6) >= AIS_SECOND_ESTIMATED;
    ais_error(high, estimated, at->grain == &coarse, position);
}

void ais_dress(const struct feed *feed, uint32_t mmsi, unsigned type, struct position *position)
{
    struct mmsi_kind kind = mmsi_kind(mmsi);
    uint8_t by_type = type < TYPE_COUNT ? layouts[type].platform : PLATFORM_SHIP;
    position->platform = kind.platform ? (uint8_t)kind.platform : by_type;
    position->flag = kind.flag;
    tracks_dress(feed, position);
}

static int read_position(struct feed *feed, const struct ais_bits *bits, uint32_t mmsi,
                         const struct layout *at, struct position *ret_position)
{
    struct position position = feed_position(feed, track_ais(mmsi), 0, 0);
    int end = read_place(bits, at, &position);
    if (end != RECORD_POSITION)
        return end;
    if (at->sog)
        read_velocity(bits, at, &position);
    if (at->altitude)
        read_altitude(bits, at, &position);
    read_error(bits, at, &position);
    ais_dress(feed, mmsi, (unsigned)(at - layouts), &position);
    *ret_position = position;
    return RECORD_POSITION;
}

/* ---- identities --------------------------------------------------------------------------------- */

#define TEXT_MAX   34 /* characters: name and extension of message 21 */
#define CHAR_BITS  6
#define NAME_CHARS 20
#define CALL_CHARS 7

/* Six-bit ASCII (table 47) up to the first '@'. */
static size_t read_chars(const struct ais_bits *bits, unsigned at, unsigned chars, char *text)
{
    size_t n = 0;
    for (; n < chars && at + CHAR_BITS <= bits->n; n++, at += CHAR_BITS) {
        uint32_t v = bits_unsigned(bits, at, CHAR_BITS);
        if (v == 0)
            break;
        text[n] = (char)(v < 32 ? v + 64 : v);
    }
    return n;
}

static struct bytes text_bytes(const char *text, size_t n)
{
    while (n && text[n - 1] == ' ')
        n--;
    return (struct bytes){(const uint8_t *)text, n};
}

static void tell_name(struct feed *feed, uint32_t index, const struct ais_bits *bits, unsigned at)
{
    char text[TEXT_MAX];
    size_t n = read_chars(bits, at, NAME_CHARS, text);
    tracks_name(feed, index, text_bytes(text, n));
}

/* Stands for the name until that is told. */
static void tell_call_sign(struct feed *feed, uint32_t index, const struct ais_bits *bits,
                           unsigned at)
{
    char text[TEXT_MAX];
    if (index == TABLE_NONE || feed->tracks.identity[index].name[0])
        return;
    size_t n = read_chars(bits, at, CALL_CHARS, text);
    tracks_name(feed, index, text_bytes(text, n));
}

void ais_tell_ship_type(struct feed *feed, uint32_t index, uint32_t mmsi, unsigned type)
{
    enum platform kind = mmsi_kind(mmsi).platform;
    if (kind == PLATFORM_UNKNOWN || kind == PLATFORM_SHIP)
        tracks_platform(feed, index, ship_type_platform(type));
}

static void tell_ship_type(struct feed *feed, uint32_t index, uint32_t mmsi,
                           const struct ais_bits *bits, unsigned at)
{
    ais_tell_ship_type(feed, index, mmsi, bits_unsigned(bits, at, 8));
}

static bool tell_5(struct feed *feed, const struct ais_bits *bits, uint32_t mmsi)
{
    if (bits->n < 240)
        return false;
    uint32_t index = tracks_index(feed, track_ais(mmsi));
    tell_name(feed, index, bits, 112);
    tell_call_sign(feed, index, bits, 70);
    tell_ship_type(feed, index, mmsi, bits, 232);
    return true;
}

static bool tell_19(struct feed *feed, const struct ais_bits *bits, uint32_t mmsi)
{
    if (bits->n < 271)
        return false;
    uint32_t index = tracks_index(feed, track_ais(mmsi));
    tell_name(feed, index, bits, 143);
    tell_ship_type(feed, index, mmsi, bits, 263);
    return true;
}

/* The extension of the name follows the fixed fields and fills the message. */
static bool tell_21(struct feed *feed, const struct ais_bits *bits, uint32_t mmsi)
{
    char text[TEXT_MAX];
    if (bits->n < 163)
        return false;
    uint32_t index = tracks_index(feed, track_ais(mmsi));
    size_t n = read_chars(bits, 43, NAME_CHARS, text);
    if (n == NAME_CHARS)
        n += read_chars(bits, 272, TEXT_MAX - NAME_CHARS, text + n);
    tracks_name(feed, index, text_bytes(text, n));
    return true;
}

/* Part A is the name, and may end early; part B the rest; a ship's boats (98...) have their mother
 * ship's number where others have dimensions, which nobody here asks for. */
static bool tell_24(struct feed *feed, const struct ais_bits *bits, uint32_t mmsi)
{
    uint32_t part = bits->n >= 40 ? bits_unsigned(bits, 38, 2) : 2;
    if (part > 1 || bits->n < (part == 0 ? 46 : 132))
        return false;
    uint32_t index = tracks_index(feed, track_ais(mmsi));
    if (part == 0) {
        tell_name(feed, index, bits, 40);
        return true;
    }
    tell_call_sign(feed, index, bits, 90);
    tell_ship_type(feed, index, mmsi, bits, 40);
    return true;
}

typedef bool tell_fn(struct feed *feed, const struct ais_bits *bits, uint32_t mmsi);

static tell_fn *const tellers[TYPE_COUNT] = {
    [5] = tell_5, [19] = tell_19, [21] = tell_21, [24] = tell_24};

/* Message 27 has 96 bits; some fill its slot. The last five bits of 1, 2, 3 carry nothing for us and
 * some drop them. What else is longer than it should be is read: senders pad. */
#define COARSE_PADDED 168

static bool is_whole(const struct layout *at, unsigned n)
{
    if (at->grain == &coarse)
        return n == at->least || n == COARSE_PADDED;
    return n >= at->least;
}

/* ---- messages ----------------------------------------------------------------------------------- */

int ais_message(struct feed *feed, const struct ais_bits *bits, struct stamp stamp,
                struct position *ret_position)
{
    if (bits->n < 38)
        return SKIP_CUT;
    uint32_t type = bits_unsigned(bits, 0, 6), mmsi = bits_unsigned(bits, 8, 30);
    if (type == 0 || type >= TYPE_COUNT || mmsi > MMSI_MAX)
        return SKIP_IMPOSSIBLE;
    const struct layout *at = &layouts[type];
    if (!at->grain && !tellers[type])
        return RECORD_OTHER;
    bool told = tellers[type] && tellers[type](feed, bits, mmsi);
    feed->counts.identities += told;
    int end = SKIP_CUT;
    if (at->grain && is_whole(at, bits->n))
        end = read_position(feed, bits, mmsi, at, ret_position);
    if (end == RECORD_POSITION)
        position_stamp(ret_position, stamp);
    return end != RECORD_POSITION && told ? RECORD_USED : end;
}
