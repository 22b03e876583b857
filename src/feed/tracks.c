#include <string.h>

#include "feed/mode_s.h"

/* ---- the user's table first --------------------------------------------------------------------- */

static uint8_t held_by(const struct feed_identity *fixed)
{
    return (uint8_t)((fixed->name[0] ? HELD_NAME : 0) | (fixed->platform ? HELD_PLATFORM : 0));
}

static void take_classes(struct feed *feed)
{
    const struct feed_identity *fixed;
    uint64_t track;
    for (uint32_t i = 0; classes_at(feed->options.classes, i, &track, &fixed); i++) {
        uint32_t index = tracks_index(feed, track);
        if (index == TABLE_NONE)
            continue;
        feed->tracks.identity[index] = *fixed;
        feed->tracks.brief[index] = (struct brief){fixed->flag, fixed->platform, held_by(fixed)};
    }
}

/* A feed has one format: what is kept of its tracks' motion has one place. */
static bool make_motion(struct tracks *tracks, uint32_t cap, bool motion, bool flight,
                        struct arena *arena)
{
    size_t size = flight && sizeof(struct flight) > sizeof(struct motion) ? sizeof(struct flight)
                                                                          : sizeof(struct motion);
    if (!motion && !flight)
        return true;
    void *memory = arena_alloc(arena, cap, size);
    if (motion)
        tracks->motion = memory;
    if (flight)
        tracks->flight = memory;
    return memory != NULL;
}

bool tracks_init(struct feed *feed, bool motion, bool flight, struct arena *arena)
{
    struct tracks *tracks = &feed->tracks;
    uint32_t cap = feed->options.track_max;
    if (!table_init(&tracks->table, cap, arena))
        return false;
    tracks->identity = ARENA_ARRAY(arena, struct feed_identity, cap);
    tracks->brief = ARENA_ARRAY(arena, struct brief, cap);
    if (!tracks->identity || !tracks->brief || !make_motion(tracks, cap, motion, flight, arena))
        return false;
    if (feed->options.classes)
        take_classes(feed);
    return true;
}

/* ---- telling ------------------------------------------------------------------------------------ */

uint32_t tracks_index(struct feed *feed, uint64_t track)
{
    uint32_t index = table_add(&feed->tracks.table, track, NULL);
    if (index == TABLE_NONE)
        feed->counts.skipped[SKIP_TRACKS_FULL]++;
    return index;
}

/* Cut where a character of UTF-8 begins. */
static void name_copy(struct bytes text, char dst[FEED_NAME_MAX])
{
    size_t n = text.n < FEED_NAME_MAX ? text.n : FEED_NAME_MAX - 1;
    while (n < text.n && n > 0 && (text.p[n] & 0xc0) == 0x80)
        n--;
    if (n)
        memcpy(dst, text.p, n);
    dst[n] = '\0';
}

void tracks_name(struct feed *feed, uint32_t index, struct bytes name)
{
    if (index != TABLE_NONE && name.n && !(feed->tracks.brief[index].held & HELD_NAME))
        name_copy(name, feed->tracks.identity[index].name);
}

void tracks_platform(struct feed *feed, uint32_t index, enum platform platform)
{
    if (index != TABLE_NONE && platform && !(feed->tracks.brief[index].held & HELD_PLATFORM))
        feed->tracks.identity[index].platform = feed->tracks.brief[index].platform =
            (uint8_t)platform;
}

void tracks_id(struct feed *feed, uint32_t index, struct bytes id)
{
    if (index != TABLE_NONE)
        name_copy(id, feed->tracks.identity[index].id);
}

bool tracks_repeat(struct feed *feed, uint32_t index, const struct position *fix, int64_t within_us)
{
    if (index == TABLE_NONE)
        return false;
    struct motion *last = &feed->tracks.motion[index];
    bool same = last->moved && last->lat_e7 == fix->lat_e7 && last->lon_e7 == fix->lon_e7 &&
                last->time_us != TIME_UNKNOWN && fix->time_us != TIME_UNKNOWN &&
                last->time_us - fix->time_us <= within_us &&
                fix->time_us - last->time_us <= within_us;
    if (same)
        return true;
    last->moved = true;
    last->lat_e7 = fix->lat_e7;
    last->lon_e7 = fix->lon_e7;
    last->time_us = fix->time_us;
    return false;
}

/* ---- asking ------------------------------------------------------------------------------------- */

void tracks_dress(const struct feed *feed, struct position *position)
{
    uint32_t index = table_find(&feed->tracks.table, position->track);
    if (index == TABLE_NONE)
        return;
    struct brief brief = feed->tracks.brief[index];
    if (brief.platform)
        position->platform = brief.platform;
    if (brief.flag)
        position->flag = brief.flag;
}

const struct feed_identity *feed_identity(const struct feed *feed, uint64_t track)
{
    uint32_t index = table_find(&feed->tracks.table, track);
    if (index == TABLE_NONE)
        return NULL;
    const struct feed_identity *known = &feed->tracks.identity[index];
    bool told = known->name[0] || known->id[0] || known->platform || known->flag;
    return told ? known : NULL;
}

void feed_track_write(const struct feed *feed, uint64_t track, struct buf *out)
{
    const struct feed_identity *known = feed_identity(feed, track);
    if (known && known->id[0])
        buf_text(out, known->id);
    else
        track_write(out, track);
}

/* ---- track texts of our own formats ------------------------------------------------------------- */

#define SPACE_SHIFT 56

/* The whole text of a track; `own` puts the feed's name before it. */
static bool read_track(struct feed *feed, struct bytes text, bool own, uint64_t *ret_track)
{
    char memory[FEED_NAME_MAX];
    struct buf whole;
    buf_init(&whole, memory, sizeof memory);
    if (own) {
        buf_text(&whole, feed->options.name);
        buf_char(&whole, ':');
    }
    buf_put(&whole, text.p, text.n);
    if (whole.full)
        return false;
    struct bytes id = {(const uint8_t *)whole.p, whole.n};
    *ret_track = track_read(id);
    if (*ret_track >> SPACE_SHIFT == TRACK_NAMED)
        tracks_id(feed, tracks_index(feed, *ret_track), id);
    return true;
}

bool tracks_read(struct feed *feed, struct bytes text, uint64_t *ret_track)
{
    return read_track(feed, text, !text.n || !memchr(text.p, ':', text.n), ret_track);
}

bool tracks_own(struct feed *feed, struct bytes id, uint64_t *ret_track)
{
    return read_track(feed, id, true, ret_track);
}
