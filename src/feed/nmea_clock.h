#ifndef FEED_NMEA_CLOCK_H
#define FEED_NMEA_CLOCK_H

#include "feed/decoder.h"

/*
 * When a sentence was received. AIS does not say; these say it around it, best first:
 *
 *   TAG block   \c:1418169601*hh\!AIVDM,...       that sentence, or its group (g:)
 *   $PGHP       the line before                   the next VDM or VDO
 *   suffix      !AIVDM,...*hh,b003669794,1272412827
 *   RMC         the recorder's own GPS            all that follow
 */
#define TALKER_BYTES 2

/* What of TAG blocks stands before a sentence. */
struct tag {
    int64_t time_us;  /* TIME_UNKNOWN: not told */
    uint32_t group;   /* id of g:, 0 none */
    uint32_t station; /* hash of s:, 0 none */
    bool wrong;       /* a block whose checksum is wrong: nothing of it was taken */
};

struct clock {
    int64_t pghp_us;  /* of the next sentence */
    uint32_t group;   /* the last group that told a time, */
    int64_t group_us; /* and that */
    bool rmc_locked;  /* one talker's RMC is the clock: */
    uint8_t rmc_talker[TALKER_BYTES];
    int64_t rmc_us;         /* its last time */
    bool rmc_lost;          /* it ran backwards and has not caught up */
    int64_t rmc_receive_us; /* when it came, live */
};

void clock_init(struct clock *clock);

/* Reads the TAG blocks at the front; *ret_rest is what follows them. */
struct tag tag_read(struct clock *clock, struct bytes line, struct bytes *ret_rest);

/* Fields of checked sentences, address included: f[0] is "PGHP", "GPRMC". */
void clock_pghp(struct clock *clock, const struct bytes *f, size_t count);
void clock_rmc(struct clock *clock, const struct bytes *f, size_t count, int64_t receive_us);

/* The time of a sentence whose checksum was followed by `suffix`; uses up $PGHP. */
struct stamp clock_stamp(struct clock *clock, const struct tag *tag, struct bytes suffix,
                         struct stamp receive);

#endif
