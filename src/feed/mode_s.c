#include "feed/mode_s.h"

#define PARITY_BYTES      3
#define PARITY_POLYNOMIAL UINT32_C(0xfff409) /* Annex 10, Volume IV, 3.1.2.3.3.1.2 */
#define PARITY_MASK       UINT32_C(0xffffff)
#define INTERROGATOR      UINT32_C(0x7f)
#define TICKS_PER_US      12

/* Files without a clock: frames count as 25 ms apart, 400 within the 10 s of a pair. Receivers hear
 * from ten to some thousand frames a second; a quiet one loses pairs and gains none. */
#define FRAME_US 25000

/* GPS clock: seconds of the day above, nanoseconds below. */
#define GPS_NANO_BITS 30
#define GPS_NANO_MASK ((UINT64_C(1) << GPS_NANO_BITS) - 1)
#define DAY_S         86400
#define NANO          UINT64_C(1000000000)
#define GPS_NEAR      (10 * TIME_SECOND) /* farther from the receive time it is no GPS clock */

/* What a server that locates by several receivers puts in the counter's place ("MLAT"). */
#define COUNTER_MLAT UINT64_C(0xff004d4c4154)

struct mode_s {
    uint32_t parity[256];
    int64_t frames;
};

static uint32_t parity_of(uint32_t byte)
{
    uint32_t v = byte << 16;
    for (int i = 0; i < 8; i++)
        v = v & 0x800000 ? (v << 1) ^ PARITY_POLYNOMIAL : v << 1;
    return v & PARITY_MASK;
}

struct mode_s *mode_s_new(struct arena *arena)
{
    struct mode_s *mode_s = ARENA_ARRAY(arena, struct mode_s, 1);
    for (uint32_t i = 0; mode_s && i < 256; i++)
        mode_s->parity[i] = parity_of(i);
    return mode_s;
}

/* The parity of the bytes before the last three, and those three, together: 0 where all is right. */
static uint32_t syndrome(const struct mode_s *mode_s, const uint8_t *frame, size_t n)
{
    uint32_t v = 0;
    const uint8_t *sent = frame + n - PARITY_BYTES;
    for (size_t i = 0; i < n - PARITY_BYTES; i++)
        v = ((v << 8) ^ mode_s->parity[(v >> 16 ^ frame[i]) & 0xff]) & PARITY_MASK;
    return v ^ ((uint32_t)sent[0] << 16 | (uint32_t)sent[1] << 8 | sent[2]);
}

/* ---- time --------------------------------------------------------------------------------------- */

/* The moment of the day that lies nearest to the receive time. */
static bool gps_time(uint64_t counter, int64_t receive_us, int64_t *ret_us)
{
    uint64_t second = counter >> GPS_NANO_BITS, nano = counter & GPS_NANO_MASK;
    if (second >= DAY_S || nano >= NANO || receive_us == TIME_UNKNOWN)
        return false;
    int64_t us = (int64_t)second * TIME_SECOND + (int64_t)(nano / 1000);
    us += receive_us - receive_us % TIME_DAY;
    if (us - receive_us > TIME_DAY / 2)
        us -= TIME_DAY;
    else if (receive_us - us > TIME_DAY / 2)
        us += TIME_DAY;
    *ret_us = us;
    return us - receive_us <= GPS_NEAR && receive_us - us <= GPS_NEAR;
}

static int64_t counter_us(const struct feed *feed, uint64_t counter)
{
    if (!feed->options.gps_clock)
        return (int64_t)(counter / TICKS_PER_US);
    return (int64_t)(counter >> GPS_NANO_BITS) * TIME_SECOND +
           (int64_t)((counter & GPS_NANO_MASK) / 1000);
}

struct mode_s_time mode_s_time(struct feed *feed, uint64_t counter, int64_t receive_us)
{
    struct mode_s_time when = {.stamp = feed_receive(feed, receive_us),
                               .multilateration = counter == COUNTER_MLAT};
    feed->mode_s->frames++;
    if (when.stamp.us != TIME_UNKNOWN) {
        int64_t us;
        when.at_us = receive_us; /* counters of several receivers may come on one connection */
        if (feed->options.gps_clock && gps_time(counter, receive_us, &us))
            when.stamp = (struct stamp){us, TIME_FROM_TAG};
    } else if (counter && !when.multilateration) {
        when.at_us = counter_us(feed, counter);
    } else {
        when.at_us = feed->mode_s->frames * FRAME_US;
    }
    return when;
}

/* ---- frames ------------------------------------------------------------------------------------- */

static bool is_extended(unsigned df)
{
    return df == 17 || df == 18;
}

int mode_s_record(struct feed *feed, const uint8_t *frame, size_t n, const struct mode_s_time *when,
                  struct position *ret_position)
{
    if (n != MODE_S_SHORT && n != MODE_S_LONG)
        return RECORD_OTHER;
    unsigned df = frame[0] >> 3;
    if ((df < 16) != (n == MODE_S_SHORT))
        return SKIP_SYNTAX;
    if (!is_extended(df) && df != 11)
        return RECORD_OTHER;
    uint32_t wrong = syndrome(feed->mode_s, frame, n);
    if (df == 11)
        return wrong & ~INTERROGATOR ? SKIP_CHECKSUM : RECORD_OTHER;
    return wrong ? SKIP_CHECKSUM : extended_record(feed, frame, when, ret_position);
}
