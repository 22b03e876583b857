#ifndef FEED_NMEA_LINE_H
#define FEED_NMEA_LINE_H

#include "base/bytes.h"

/*
 * One sentence, or one TAG block: BODY*hh[SUFFIX]. The checksum is the exclusive or of all bytes
 * of the body (IEC 61162-1).
 */
enum sentence_state { SENTENCE_RIGHT, SENTENCE_WRONG, SENTENCE_BARE /* no checksum */ };

struct sentence {
    struct bytes body, suffix;
};
enum sentence_state sentence_read(struct bytes text, struct sentence *ret_sentence);

#endif
