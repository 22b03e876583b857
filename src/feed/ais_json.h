#ifndef FEED_AIS_JSON_H
#define FEED_AIS_JSON_H

#include "base/json.h"
#include "feed/decoder.h"

/*
 * An AIS message that another program has decoded: the object of class AIS that gpsd prints
 * (gpsd_json(5)), AIS-catcher's with the same keys, or a ship of AIS-catcher's list.
 *
 *   "scaled": true, or absent   degrees, knots
 *   "scaled": false             units of the message: 1/600000 degree (message 27: 1/600), 0.1 knot
 *
 * Words stand for numbers that are not there ("nan", "n/a", "fast"), so do those of the message
 * (181, 91, 1023) and null.
 */
int ais_json_record(struct feed *feed, struct json object, struct stamp stamp,
                    struct position *ret_position);

#endif
