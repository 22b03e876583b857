#ifndef FEED_MODE_S_H
#define FEED_MODE_S_H

#include "feed/cpr.h"
#include "feed/decoder.h"

/*
 * Mode S downlink frames (ICAO Annex 10, Volume IV) as receivers hand them on, 7 or 14 bytes:
 *
 *   DF 17, 18    extended squitter (RTCA DO-260B): positions, velocities, call signs
 *   DF 11        all-call reply
 *   DF 0, 4, 5, 16, 20, 21, others   nothing for us: their parity holds the address, so that any
 *                noise is a right frame of somebody
 *
 * Valid if and only if the parity is right to the last bit (of DF 11: but for the interrogator's
 * number in the low seven); no bit is ever mended.
 *
 *   even frame, odd frame at most 10 s apart -> cpr_global -> place
 *   one frame, a place at most 60 s old      -> cpr_local  -> place
 *   both                                     -> must be the same, or both are forgotten
 */
#define MODE_S_SHORT 7
#define MODE_S_LONG  14

/* When a frame was received. at_us counts from anywhere: it tells how far two frames are apart. */
struct mode_s_time {
    int64_t at_us;
    struct stamp stamp;
    bool multilateration; /* made by a server from several receivers, not sent by the craft */
};

/* What extended squitters have told of a track. By track index. */
struct flight {
    int64_t at_us[2]; /* the last even frame, the last odd one */
    struct cpr frame[2];
    int64_t fix_at_us;
    struct cpr_place fix;
    int64_t velocity_at_us;
    int32_t north_cmps, east_cmps, up_cmps;
    uint8_t held;    /* FLIGHT_ bits: which of these are there */
    uint8_t nac_p;   /* of the operational status */
    uint8_t version; /* of ADS-B; 0 until told */
};
#define FLIGHT_EVEN     0x01
#define FLIGHT_ODD      0x02
#define FLIGHT_FIX      0x04
#define FLIGHT_VELOCITY 0x08
#define FLIGHT_NAC_P    0x10

struct mode_s *mode_s_new(struct arena *arena);

/* A frame's time from the 48 bits of the receiver's counter; 0: it has none. */
struct mode_s_time mode_s_time(struct feed *feed, uint64_t counter, int64_t receive_us);

/* One frame of 2 (Mode A/C), 7 or 14 bytes. Returns a reason or a record_end. */
int mode_s_record(struct feed *feed, const uint8_t *frame, size_t n, const struct mode_s_time *when,
                  struct position *ret_position);

/* extended.c: a checked DF 17 or 18. */
int extended_record(struct feed *feed, const uint8_t frame[MODE_S_LONG],
                    const struct mode_s_time *when, struct position *ret_position);

/* altitude.c: feet from the 12 bits of an airborne position (Annex 10, Volume IV, 3.1.2.6.5.4: the
 * 13 bits of mode C without the M bit). False: not told, or no code. */
bool altitude_feet(unsigned code, int32_t *ret_feet);

#endif
