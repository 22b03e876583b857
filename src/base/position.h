#ifndef BASE_POSITION_H
#define BASE_POSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/degree.h"
#include "base/platform.h"
#include "base/timetext.h"

/*
 * struct position: where something was, as one source said it. 48 bytes, passed by value and in
 * arrays; every feed decoder ends here and the watch starts here.
 *
 * Unknown is always said: TIME_UNKNOWN, ALT_UNKNOWN, SPEED_UNKNOWN, PLATFORM_UNKNOWN, flag 0,
 * err_dm 0. lat and lon are always known and in range (|lat| <= 90 degrees,
 * -180 <= lon < 180 degrees).
 */
#define ALT_UNKNOWN   INT32_MIN
#define SPEED_UNKNOWN INT32_MIN
#define ERR_DM_MAX    UINT16_MAX

/* What the altitude is measured from. Barometric altitude is above the 1013.25 hPa surface and
 * may differ from height by hundreds of metres: it decides a limit only as "possible". */
enum alt_ref { ALT_REF_NONE, ALT_REF_ELLIPSOID, ALT_REF_SEA_LEVEL, ALT_REF_BARO, ALT_REF_GROUND };

/* How the time is known, best first; the names of the command line contract. */
enum time_source {
    TIME_FROM_NONE,   /* no time: fixes keep the order of the file */
    TIME_FROM_TAG,    /* NMEA TAG block c:, or a time field of the record itself */
    TIME_FROM_PGHP,   /* the $PGHP line before the sentence */
    TIME_FROM_SUFFIX, /* a time stamp appended to the sentence by the receiving station */
    TIME_FROM_RMC,    /* the recording vessel's own GPS clock */
    TIME_FROM_RECEIVE /* when the bytes reached us */
};

/* Name spaces of track ids, the top byte of the key. */
enum track_space { TRACK_AIS = 1, TRACK_ICAO = 2, TRACK_TISB = 3, TRACK_NAMED = 4 };

/* position.note bits */
#define NOTE_ON_GROUND   0x01 /* an aircraft that reports itself on the ground */
#define NOTE_SIMULATED   0x04 /* no such thing is there: an exercise, a demonstration */
#define NOTE_CLOCK       0x08 /* its own time was far ahead: the time is when it came, or about that */
#define NOTE_ASSUMED_ERR 0x02 /* err_dm is our figure for this kind of source, not the source's */

struct position {
    uint64_t track;  /* track_key() */
    int64_t time_us; /* UTC */
    int32_t lat_e7, lon_e7;
    int32_t alt_cm;
    int32_t north_cmps, east_cmps; /* over ground; both known or both SPEED_UNKNOWN */
    int32_t up_cmps;               /* climb; may be unknown alone */
    uint16_t err_dm;  /* horizontal error, 95 %, decimetres; ERR_DM_MAX: that or more */
    uint16_t flag;    /* country: two ISO 3166 letters, first * 256 + second ("KR" = 0x4b52) */
    uint8_t platform; /* enum platform */
    uint8_t alt_ref;  /* enum alt_ref */
    uint8_t source : 5, time_source : 3; /* feed number in this process; enum time_source */
    uint8_t leg : 4, note : 4;           /* which of several platforms using one id; NOTE_ bits */
};

_Static_assert(sizeof(struct position) == 48, "struct position is a 48 byte value");

/* Keys. A named track's key is a hash of "FEED:ID"; its text is kept by whoever made it. */
uint64_t track_ais(uint32_t mmsi);
uint64_t track_icao(uint32_t address); /* 24 bits */
uint64_t track_tisb(uint32_t address);
uint64_t track_named(struct bytes feed, struct bytes id);

/* "ais:219000123", "icao:71BE12", "tisb:2A1B2C"; for TRACK_NAMED "named:" + 14 hex digits, unless
 * the caller knows the name and writes that. Always fits in TRACK_TEXT_MAX with its NUL. */
#define TRACK_TEXT_MAX 48
void track_write(struct buf *out, uint64_t track);

/* The reverse for texts as above; anything else becomes the named track with that whole text. */
uint64_t track_read(struct bytes text);

/* A flag from its two upper-case letters, and back; flag 0 is the empty text. */
bool flag_read(struct bytes letters, uint16_t *ret_flag);
void flag_write(struct buf *out, uint16_t flag);

const char *time_source_name(enum time_source source); /* "tag", "pghp", ..., "none" */
const char *alt_ref_name(enum alt_ref ref);

#endif
