#ifndef FEED_NMEA_PARTS_H
#define FEED_NMEA_PARTS_H

#include "feed/ais.h"

/*
 * Messages in several sentences. A message is told from others by talker, formatter, channel,
 * sequence number and count of parts, by its TAG group where there is one, and by the receiving
 * station where both parts name one.
 *
 *            part k of n               part_add, all n there
 *   free ---------------> waiting ---------------------------> whole -> ais_message -> free
 *                            |
 *                            '-> lost: the same part again, PART_AGE_US or PART_AGE_LINES gone by,
 *                                the oldest when a place is needed, parts_flush
 *
 * Parts may come in any order, but a first part must be there within PART_SWAP_LINES: sequence
 * numbers come round after ten messages, and an old second part must not meet a new first one.
 */
#define PART_PLACES     64
#define PART_COUNT_MAX  9
#define PART_CHARS_MAX  120 /* of one sentence; those of 82 characters hold 62 */
#define PART_AGE_LINES  500
#define PART_SWAP_LINES 10
#define PART_AGE_US     (10 * TIME_SECOND)

struct part {
    uint64_t key;     /* all of the above but the station */
    uint32_t station; /* 0: not told */
    uint8_t number, total, fill;
    struct bytes chars;
    struct stamp stamp;
};

struct parts;
struct parts *parts_new(struct arena *arena);

/* Returns RECORD_WAITS, a reason, or RECORD_POSITION once the message is whole: then *ret_bits and
 * *ret_stamp are set, and *ret_waited other sentences of it wait to be counted. Sentences that are
 * given up are counted here. `line` numbers the feed's lines. */
int parts_add(struct feed *feed, struct parts *parts, const struct part *part, uint32_t line,
              struct ais_bits *ret_bits, struct stamp *ret_stamp, unsigned *ret_waited);

void parts_flush(struct feed *feed, struct parts *parts);

#endif
