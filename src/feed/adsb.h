#ifndef FEED_ADSB_H
#define FEED_ADSB_H

#include "feed/decoder.h"

/* What BaseStation and aircraft.json share. */

/* Where a source tells no error: 14 CFR 91.227 and EU 2017/386 demand NACp 8 of every aircraft that
 * must have ADS-B: within 0.05 nautical mile in 95 of 100 cases. */
#define ADSB_ERR_DM 926

/* A track from the text of an address: six hexadecimal digits; '~' before them marks one that is
 * none of ICAO's (TIS-B). False for anything else. */
bool adsb_track(struct bytes hex, uint64_t *ret_track);

/* Sets class and flag: `platform`, the state of the address, and what tracks_dress knows better. */
void adsb_dress(const struct feed *feed, enum platform platform, struct position *position);

/* A call sign: tells the track's name. */
void adsb_call_sign(struct feed *feed, uint32_t index, struct bytes text);

#endif
