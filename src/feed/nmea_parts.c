#include "feed/nmea_parts.h"

#include <string.h>

struct place {
    uint64_t key;
    uint32_t station, line; /* of the last part that came */
    unsigned have;          /* bit k - 1: part k is here; 0: the place is free */
    struct stamp stamp;     /* the best of its parts */
    uint8_t total, fill;
    uint8_t length[PART_COUNT_MAX];
    uint8_t chars[PART_COUNT_MAX][PART_CHARS_MAX];
};

struct parts {
    struct place place[PART_PLACES];
};

struct parts *parts_new(struct arena *arena)
{
    return ARENA_ARRAY(arena, struct parts, 1);
}

static unsigned held(const struct place *place)
{
    return (unsigned)__builtin_popcount(place->have);
}

static void give_up(struct feed *feed, struct place *place)
{
    feed_count_many(feed, SKIP_PART_LOST, held(place));
    place->have = 0;
}

static bool is_too_old(const struct place *place, uint32_t line, struct stamp stamp)
{
    uint32_t lines = line - place->line;
    if (lines > PART_AGE_LINES || (!(place->have & 1) && lines > PART_SWAP_LINES))
        return true;
    if (stamp.us == TIME_UNKNOWN || place->stamp.us == TIME_UNKNOWN)
        return false;
    int64_t us = stamp.us - place->stamp.us;
    return us > PART_AGE_US || us < -PART_AGE_US;
}

static bool is_for(const struct place *place, const struct part *part)
{
    return place->key == part->key &&
           (!place->station || !part->station || place->station == part->station);
}

/* The place where the part belongs, or a free one, made by giving up the oldest if need be. */
static struct place *find_place(struct feed *feed, struct parts *parts, const struct part *part,
                                uint32_t line)
{
    struct place *empty = NULL, *oldest = &parts->place[0];
    for (size_t i = 0; i < PART_PLACES; i++) {
        struct place *place = &parts->place[i];
        if (place->have && is_too_old(place, line, part->stamp))
            give_up(feed, place);
        if (place->have && is_for(place, part))
            return place;
        if (!place->have && !empty)
            empty = place;
        if (line - place->line > line - oldest->line)
            oldest = place;
    }
    if (!empty)
        give_up(feed, oldest);
    return empty ? empty : oldest;
}

static bool is_better(struct stamp a, struct stamp b)
{
    if (a.us == TIME_UNKNOWN)
        return false;
    return b.us == TIME_UNKNOWN || a.source < b.source;
}

static void put(struct place *place, const struct part *part, uint32_t line)
{
    unsigned i = part->number - 1u;
    if (!place->have) {
        place->key = part->key;
        place->station = 0;
        place->stamp = STAMP_NONE;
        place->total = part->total;
    }
    if (part->station)
        place->station = part->station;
    if (is_better(part->stamp, place->stamp))
        place->stamp = part->stamp;
    if (part->number == part->total)
        place->fill = part->fill;
    place->have |= 1u << i;
    place->line = line;
    place->length[i] = (uint8_t)part->chars.n;
    memcpy(place->chars[i], part->chars.p, part->chars.n);
}

static int join(const struct place *place, struct ais_bits *ret_bits)
{
    uint8_t chars[PART_COUNT_MAX * PART_CHARS_MAX];
    size_t n = 0;
    for (unsigned i = 0; i < place->total; i++) {
        memcpy(chars + n, place->chars[i], place->length[i]);
        n += place->length[i];
    }
    if (n > AIS_CHARS_MAX)
        return SKIP_TOO_LONG;
    return ais_unpack((struct bytes){chars, n}, place->fill, ret_bits) ? RECORD_POSITION
                                                                       : SKIP_SYNTAX;
}

int parts_add(struct feed *feed, struct parts *parts, const struct part *part, uint32_t line,
              struct ais_bits *ret_bits, struct stamp *ret_stamp, unsigned *ret_waited)
{
    if (part->chars.n > PART_CHARS_MAX)
        return SKIP_TOO_LONG;
    struct place *place = find_place(feed, parts, part, line);
    if (place->have >> (part->number - 1u) & 1)
        give_up(feed, place);
    put(place, part, line);
    if (held(place) < place->total)
        return RECORD_WAITS;
    *ret_waited = place->total - 1u;
    *ret_stamp = place->stamp;
    place->have = 0;
    return join(place, ret_bits);
}

void parts_flush(struct feed *feed, struct parts *parts)
{
    for (size_t i = 0; i < PART_PLACES; i++)
        give_up(feed, &parts->place[i]);
}
