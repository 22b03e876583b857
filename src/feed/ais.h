#ifndef FEED_AIS_H
#define FEED_AIS_H

#include "feed/decoder.h"

/*
 * AIS messages: the bits that ITU-R M.1371-5 Annex 8 lays out, carried by NMEA sentences as one
 * character for six bits.
 */
#define AIS_CHARS_MAX 512 /* of one message; five slots, the most there is, are 203 */

struct ais_bits {
    unsigned n;
    uint8_t p[AIS_CHARS_MAX * 6 / 8 + 16]; /* and room to read and write eight bytes anywhere */
};

/* False when a character is none of the 64. At most AIS_CHARS_MAX characters; fill bits 0 .. 5 do
 * not count at the end. */
bool ais_unpack(struct bytes chars, unsigned fill, struct ais_bits *ret_bits);

/* What one message tells. Returns a reason or a record_end. */
int ais_message(struct feed *feed, const struct ais_bits *bits, struct stamp stamp,
                struct position *ret_position);

/* mmsi.c: what a station's number says of it (ITU-R M.585-9). PLATFORM_UNKNOWN: a ship, or a group. */
struct mmsi_kind {
    enum platform platform;
    uint16_t flag;
};
struct mmsi_kind mmsi_kind(uint32_t mmsi);
#define MMSI_MAX 999999999u

/* ship_type.c */
enum platform ship_type_platform(unsigned type);

/* ---- what the JSON of other programs shares with the messages ------------------------------------ */

#define ERR_HIGH_DM   100 /* accuracy flag set: 10 m or better */
#define ERR_LOW_DM    1000 /* not set, the default: worse than 10 m; 100 m is IMO A.819(19)'s limit */
#define ERR_COARSE_DM 1850 /* message 27 counts in tenths of a minute */

#define AIS_TYPE_COARSE 27

/* Time stamps 62 and 63: dead reckoning, and no positioning at all. */
#define AIS_SECOND_ESTIMATED 62

/* Units of a message, 1/600000 degree (coarse: 1/600), as 1e-7 degree. */
int32_t ais_units_e7(int32_t units, bool is_coarse);

void ais_error(bool high, bool estimated, bool is_coarse, struct position *position);

/* Sets class and flag by MMSI, message type (0: not known) and what the track has told. */
void ais_dress(const struct feed *feed, uint32_t mmsi, unsigned type, struct position *position);

void ais_tell_ship_type(struct feed *feed, uint32_t index, uint32_t mmsi, unsigned type);

#endif
