#ifndef FEED_ADSB_H
#define FEED_ADSB_H

#include "feed/decoder.h"

/* What BaseStation, aircraft.json and Mode S frames share. */

/* Beyond these a value is none. */
#define ALT_MAX_FT      150000
#define CLIMB_MAX_FPM   100000
#define SPEED_MAX_KNOTS 10000

/* Where a source tells no error: 14 CFR 91.227 and EU 2017/386 demand NACp 8 of every aircraft that
 * must have ADS-B: within 0.05 nautical mile in 95 of 100 cases. */
#define ADSB_ERR_DM 926

/* No figure is sent with what servers locate by several receivers: 0.5 nautical mile, as NACp 5. */
#define ADSB_MLAT_ERR_DM 9260

/* EPU in decimetres by NACp (RTCA DO-260B, table 2-71), the 95 % bound by NUCp (DO-260, table 2-11);
 * 0: tells nothing. */
uint16_t adsb_nac_p_dm(int64_t nac_p);
uint16_t adsb_nucp_dm(int64_t nucp);

/* A track from the text of an address: six hexadecimal digits; '~' before them marks one that is
 * none of ICAO's (TIS-B). False for anything else. */
bool adsb_track(struct bytes hex, uint64_t *ret_track);

/* Sets class and flag: `platform`, the state of the address, and what tracks_dress knows better. */
void adsb_dress(const struct feed *feed, enum platform platform, struct position *position);

/* A call sign: tells the track's name. */
void adsb_call_sign(struct feed *feed, uint32_t index, struct bytes text);

/* "A7" -> rotary wing; PLATFORM_UNKNOWN for what tells nothing. */
enum platform adsb_category(struct bytes text);

/* Whether velocity or altitude of another message still serves: 30 s, or no time is known. */
bool adsb_serves(int64_t then_us, int64_t now_us);

#endif
