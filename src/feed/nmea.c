#include <string.h>

#include "feed/field.h"
#include "feed/nmea_clock.h"
#include "feed/nmea_line.h"
#include "feed/nmea_parts.h"

/*
 * NMEA 0183 / IEC 61162-1 lines:
 *
 *   [\TAG*hh\]... !aaVDM,total,number,sequence,channel,payload,fill*hh[,suffix...]
 *                 $aaRMC,...*hh    $PGHP,...*hh    others
 *
 * Valid if and only if the checksum is there and right; VDO (one's own ship) is read like VDM.
 */
#define ADDRESS_BYTES 5  /* talker, formatter */
#define OTHER_FIELDS  16 /* of sentences that only tell the time */
#define FILL_MAX      5

struct nmea {
    struct clock clock;
    struct parts *parts;
    struct ais_bits bits;
    uint32_t lines;
};

struct nmea *nmea_new(struct arena *arena)
{
    struct nmea *nmea = ARENA_ARRAY(arena, struct nmea, 1);
    if (!nmea)
        return NULL;
    clock_init(&nmea->clock);
    nmea->parts = parts_new(arena);
    return nmea->parts ? nmea : NULL;
}

void nmea_flush(struct feed *feed)
{
    parts_flush(feed, feed->nmea->parts);
}

/* ---- VDM and VDO -------------------------------------------------------------------------------- */

/* The five small fields and the payload. */
struct vdm {
    uint64_t key; /* address, channel, sequence, total */
    uint8_t total, number, fill;
    struct bytes payload;
};

/* A digit or nothing, then the comma. 0 for nothing; false for anything else. */
static bool take_digit(const uint8_t **p, const uint8_t *end, uint8_t *ret_digit)
{
    *ret_digit = 0;
    if (*p < end && **p >= '0' && **p <= '9')
        *ret_digit = (uint8_t)(*(*p)++ - '0');
    return *p < end && *(*p)++ == ',';
}

static bool take_channel(const uint8_t **p, const uint8_t *end, uint8_t *ret_channel)
{
    *ret_channel = 0;
    if (*p < end && **p != ',')
        *ret_channel = *(*p)++;
    return *p < end && *(*p)++ == ',';
}

/* Payload, comma, fill bits; the comma may be missing with them. */
static bool take_payload(const uint8_t *p, const uint8_t *end, struct vdm *vdm)
{
    const uint8_t *comma = p < end ? memchr(p, ',', (size_t)(end - p)) : NULL;
    vdm->payload = (struct bytes){p, (size_t)((comma ? comma : end) - p)};
    vdm->fill = 0;
    if (!comma || comma + 1 == end)
        return true;
    vdm->fill = (uint8_t)(comma[1] - '0');
    return comma + 2 == end && vdm->fill <= FILL_MAX;
}

/* body: "AIVDM,1,1,,A,payload,0". A total or number left out is 1 of 1. */
static bool vdm_read(struct bytes body, struct vdm *ret_vdm)
{
    const uint8_t *p = body.p + ADDRESS_BYTES + 1, *end = bytes_end(body);
    uint8_t sequence, channel;
    if (body.n <= ADDRESS_BYTES || !take_digit(&p, end, &ret_vdm->total) ||
        !take_digit(&p, end, &ret_vdm->number) || !take_digit(&p, end, &sequence) ||
        !take_channel(&p, end, &channel) || !take_payload(p, end, ret_vdm))
        return false;
    if (!ret_vdm->total && ret_vdm->number <= 1)
        ret_vdm->total = ret_vdm->number = 1;
    ret_vdm->key = (uint64_t)body.p[0] << 48 | (uint64_t)body.p[1] << 40 |
                   (uint64_t)body.p[4] << 32 | (uint64_t)channel << 16 | (uint64_t)sequence << 8 |
                   ret_vdm->total;
    return ret_vdm->number >= 1 && ret_vdm->number <= ret_vdm->total;
}

/* A station's name among the trailing fields: "b003669794" (base), "r..." (receiver). */
static uint32_t suffix_station(struct bytes suffix)
{
    for (size_t i = 0; i + 1 < suffix.n; i++) {
        bool begins = suffix.p[i] == ',' && (suffix.p[i + 1] == 'b' || suffix.p[i + 1] == 'r');
        size_t n = 1;
        if (!begins)
            continue;
        while (i + n < suffix.n && suffix.p[i + n] != ',')
            n++;
        return (uint32_t)hash_bytes(suffix.p + i, n) | 1;
    }
    return 0;
}

static int vdm_part(struct feed *feed, const struct vdm *vdm, const struct tag *tag,
                    struct bytes suffix, struct stamp stamp, struct position *ret_position)
{
    struct nmea *nmea = feed->nmea;
    unsigned waited = 0;
    struct part part = {.key = vdm->key ^ hash_mix(tag->group),
                        .station = tag->station ? tag->station : suffix_station(suffix),
                        .number = vdm->number,
                        .total = vdm->total,
                        .fill = vdm->fill,
                        .chars = vdm->payload,
                        .stamp = stamp};
    int end = parts_add(feed, nmea->parts, &part, nmea->lines, &nmea->bits, &stamp, &waited);
    if (end == RECORD_WAITS)
        return end;
    if (end == RECORD_POSITION)
        end = ais_message(feed, &nmea->bits, stamp, ret_position);
    feed_count_many(feed, end, waited);
    return end;
}

static int vdm_record(struct feed *feed, const struct sentence *s, const struct tag *tag,
                      struct stamp receive, struct position *ret_position)
{
    struct nmea *nmea = feed->nmea;
    struct vdm vdm;
    if (!vdm_read(s->body, &vdm))
        return SKIP_SYNTAX;
    struct stamp stamp = clock_stamp(&nmea->clock, tag, s->suffix, receive);
    if (!vdm.payload.n)
        return RECORD_OTHER;
    if (vdm.total > 1)
        return vdm_part(feed, &vdm, tag, s->suffix, stamp, ret_position);
    if (vdm.payload.n > AIS_CHARS_MAX)
        return SKIP_TOO_LONG;
    if (!ais_unpack(vdm.payload, vdm.fill, &nmea->bits))
        return SKIP_SYNTAX;
    return ais_message(feed, &nmea->bits, stamp, ret_position);
}

/* ---- other sentences ---------------------------------------------------------------------------- */

static bool is_formatter(struct bytes address, const char *formatter)
{
    return address.n == ADDRESS_BYTES && memcmp(address.p + 2, formatter, 3) == 0;
}

static int other_record(struct feed *feed, const struct sentence *s, int64_t receive_us)
{
    struct bytes field[OTHER_FIELDS];
    size_t count = fields_split(s->body, ',', field, OTHER_FIELDS);
    count = count < OTHER_FIELDS ? count : OTHER_FIELDS;
    if (bytes_is(field[0], "PGHP"))
        clock_pghp(&feed->nmea->clock, field, count);
    else if (is_formatter(field[0], "RMC"))
        clock_rmc(&feed->nmea->clock, field, count, receive_us);
    return RECORD_OTHER;
}

/* ---- lines -------------------------------------------------------------------------------------- */

static bool is_vdm(struct bytes body)
{
    return body.n > ADDRESS_BYTES && body.p[2] == 'V' && body.p[3] == 'D' &&
           (body.p[4] == 'M' || body.p[4] == 'O') && body.p[5] == ',';
}

/* "XXYYY," or "PXXX,": letters and digits up to a comma. */
static bool is_address(struct bytes body)
{
    size_t n = 0;
    while (n < body.n && body.p[n] != ',') {
        uint8_t c = body.p[n++];
        if ((c < 'A' || c > 'Z') && (c < '0' || c > '9'))
            return false;
    }
    return n >= 3 && n < body.n;
}

static int not_a_sentence(struct bytes line)
{
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] >= 0x80)
            return SKIP_NOT_TEXT;
    return SKIP_NOT_A_RECORD;
}

/* line begins with '!' or '$'. */
static int sentence_record(struct feed *feed, struct bytes line, const struct tag *tag,
                           int64_t receive_us, struct position *ret_position)
{
    struct sentence s;
    enum sentence_state state = sentence_read((struct bytes){line.p + 1, line.n - 1}, &s);
    bool vdm = is_vdm(s.body);
    if (!vdm && !is_address(s.body))
        return not_a_sentence(line);
    if (state == SENTENCE_WRONG)
        return SKIP_CHECKSUM;
    if (vdm && state == SENTENCE_BARE)
        return SKIP_CUT;
    if (vdm)
        return vdm_record(feed, &s, tag, feed_receive(feed, receive_us), ret_position);
    return state == SENTENCE_BARE ? RECORD_OTHER : other_record(feed, &s, receive_us);
}

/* Where another VDM begins in a line that is none: behind a logger's prefix, or behind the rest of
 * a sentence whose end was lost. */
static bool find_vdm(struct bytes line, struct bytes *ret_rest)
{
    for (size_t i = 1; i < line.n; i++) {
        struct bytes rest = {line.p + i, line.n - i};
        if (rest.p[0] == '!' && is_vdm((struct bytes){rest.p + 1, rest.n - 1})) {
            *ret_rest = rest;
            return true;
        }
    }
    return false;
}

int nmea_record(struct feed *feed, struct bytes line, int64_t receive_us,
                struct position *ret_position)
{
    struct nmea *nmea = feed->nmea;
    struct tag tag = {.time_us = TIME_UNKNOWN};
    struct bytes rest = line;
    if (!line.n || line.p[0] == '#')
        return RECORD_NOTHING;
    nmea->lines++;
    if (line.p[0] == '\\')
        tag = tag_read(&nmea->clock, line, &rest);
    if (tag.wrong)
        feed->counts.skipped[SKIP_TAG]++;
    if (!rest.n)
        return RECORD_OTHER;
    bool begins = rest.p[0] == '!' || rest.p[0] == '$';
    int end =
        begins ? sentence_record(feed, rest, &tag, receive_us, ret_position) : not_a_sentence(rest);
    bool lost =
        end == SKIP_CHECKSUM || end == SKIP_CUT || end < SKIP_TOO_LONG || end == SKIP_NOT_TEXT;
    if (lost && find_vdm(rest, &rest))
        return sentence_record(feed, rest, &tag, receive_us, ret_position);
    return end;
}
