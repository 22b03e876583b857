#include <string.h>

#include "feed/mode_s.h"

/*
 * Mode-S Beast's binary form:
 *
 *   1a TYPE COUNTER*6 LEVEL FRAME      TYPE '1': 2 bytes of frame (Mode A/C), '2': 7, '3': 14,
 *                                      '4': 14 bytes of the receiver's own status
 *
 * A byte 1a behind TYPE is sent twice, so 1a and anything else begins a frame. Servers add types of
 * their own (receiver's number, place), of no length that we know: passed over up to the next 1a.
 */
#define ESCAPE       0x1a
#define HEAD_BYTES   7 /* counter and level */
#define FRAME_MOST   (HEAD_BYTES + MODE_S_LONG)
#define BEAST_BUFFER (2 * FEED_RECORD_MAX)

struct beast {
    size_t at, n;
    bool junk; /* this run of bytes is counted */
    uint8_t p[BEAST_BUFFER];
};

struct beast *beast_new(struct arena *arena)
{
    return ARENA_ARRAY(arena, struct beast, 1);
}

static size_t beast_take(struct feed *feed, struct bytes input)
{
    struct beast *b = feed->beast;
    memmove(b->p, b->p + b->at, b->n - b->at);
    b->n -= b->at;
    b->at = 0;
    size_t n = input.n < BEAST_BUFFER - b->n ? input.n : BEAST_BUFFER - b->n;
    memcpy(b->p + b->n, input.p, n);
    b->n += n;
    return n;
}

static size_t frame_bytes(uint8_t type)
{
    switch (type) {
    case '1':
        return 2;
    case '2':
        return MODE_S_SHORT;
    case '3':
    case '4':
        return MODE_S_LONG;
    default:
        return 0;
    }
}

/* Types that dump1090-fa and readsb add: place of the receiver, its number, a ping. */
static bool is_addition(uint8_t type)
{
    return memchr("5HPW\xe3\xe4\xe8", type, 7) != NULL;
}

/* The run of bytes that stands here is counted once, under `end`. */
static void junk(struct feed *feed, int end)
{
    struct beast *b = feed->beast;
    if (!b->junk)
        feed_count(feed, end);
    b->junk = true;
}

/* To the next escape that begins something. False: none is there yet. */
static bool find_escape(struct feed *feed)
{
    struct beast *b = feed->beast;
    const uint8_t *escape = memchr(b->p + b->at, ESCAPE, b->n - b->at);
    size_t to = escape ? (size_t)(escape - b->p) : b->n;
    if (to > b->at)
        junk(feed, SKIP_NOT_A_RECORD);
    b->at = to;
    return b->n - b->at >= 2;
}

enum unescaped { WHOLE, CUT, MORE };

/* The n bytes from `at` on, without the doubling; *ret_end is one past them. */
static enum unescaped unescape(const struct beast *b, size_t at, uint8_t *out, size_t n,
                               size_t *ret_end)
{
    for (size_t i = 0; i < n; i++, at++) {
        if (at == b->n)
            return MORE;
        out[i] = b->p[at];
        if (out[i] != ESCAPE)
            continue;
        if (++at == b->n)
            return MORE;
        *ret_end = at - 1;
        if (b->p[at] != ESCAPE)
            return CUT;
    }
    *ret_end = at;
    return WHOLE;
}

static int read_frame(struct feed *feed, uint8_t type, const uint8_t *raw, size_t n,
                      int64_t receive_us, struct position *ret_position)
{
    uint64_t counter = 0;
    for (int i = 0; i < HEAD_BYTES - 1; i++)
        counter = counter << 8 | raw[i];
    struct mode_s_time when = mode_s_time(feed, counter, receive_us);
    if (type == '1' || type == '4')
        return RECORD_OTHER;
    return mode_s_record(feed, raw + HEAD_BYTES, n, &when, ret_position);
}

/* What begins with the escape at `at`. False: its end has not come. */
static bool take_frame(struct feed *feed, int64_t receive_us, struct position *ret_position,
                       int *ret_end)
{
    struct beast *b = feed->beast;
    uint8_t raw[FRAME_MOST], type = b->p[b->at + 1];
    size_t n = frame_bytes(type), end = 0;
    *ret_end = RECORD_NOTHING;
    if (!n) {
        junk(feed, is_addition(type) ? RECORD_OTHER : SKIP_NOT_A_RECORD);
        b->at += 2;
        return true;
    }
    enum unescaped how = unescape(b, b->at + 2, raw, HEAD_BYTES + n, &end);
    if (how == MORE)
        return false;
    b->at = end;
    b->junk = false;
    *ret_end = how == CUT ? SKIP_CUT : read_frame(feed, type, raw, n, receive_us, ret_position);
    return true;
}

static bool beast_next(struct feed *feed, int64_t receive_us, struct position *ret_position)
{
    int end;
    while (find_escape(feed) && take_frame(feed, receive_us, ret_position, &end)) {
        feed_count(feed, end);
        if (end == RECORD_POSITION)
            return true;
    }
    return false;
}

const struct framing beast_framing = {beast_take, beast_next};

void beast_flush(struct feed *feed)
{
    struct beast *b = feed->beast;
    if (b->at < b->n)
        junk(feed, SKIP_CUT);
    *b = (struct beast){.at = 0};
}
