#include <assert.h>
#include <string.h>

#include "base/table.h"
#include "watch/state.h"

/* Like sightings of the fix at hand: two in one instant are told apart. */
static uint8_t like_before(const struct watch *watch, const struct sighting *sighting)
{
    uint8_t count = 0;
    for (size_t i = watch->out_mark; i < watch->out_count; i++) {
        const struct sighting *s = &watch->out[i];
        if (s->track == sighting->track && s->leg == sighting->leg && s->zone == sighting->zone &&
            s->kind == sighting->kind && s->mark == sighting->mark &&
            s->time_us == sighting->time_us)
            count++;
    }
    return count;
}

/* The zone counts by its id, so that an agreement with other zones before it gives the same. Fixes
 * without time, which may repeat each other, are numbered. */
uint64_t sighting_id(const struct watch *watch, const struct sighting *sighting, uint8_t ordinal,
                     uint32_t untimed)
{
    uint8_t key[39];
    const char *zone = sighting->zone == AGREEMENT_NONE
                           ? mark_name((enum mark)sighting->mark)
                           : watch->view->compiled->agreement->zones[sighting->zone].id;
    put_u64(key, sighting->track);
    key[8] = sighting->leg;
    key[9] = sighting->kind;
    key[10] = ordinal;
    put_u64(key + 11, (uint64_t)sighting->time_us);
    put_u64(key + 19, (uint64_t)sighting->fix.time_us);
    put_u32(key + 27, (uint32_t)sighting->fix.lat_e7);
    put_u32(key + 31, (uint32_t)sighting->fix.lon_e7);
    put_u32(key + 35, untimed);
    uint64_t hash = hash_more(HASH_START, key, sizeof key);
    return hash_mix(hash_more(hash, zone, strlen(zone)));
}

static bool is_sure(const struct watch *watch, const struct telling *telling,
                    const struct border *border)
{
    if (!telling->sure || !telling->by_fix)
        return telling->sure;
    int64_t dist_mm = border->dist_mm < 0 ? -border->dist_mm : border->dist_mm;
    if (telling->drift_mm && dist_mm <= telling->drift_mm + border_doubt_mm(border))
        return false;
    return zone_decides(watch->view->compiled, telling->zone, telling->fix, border, telling->plan);
}

static void put(struct watch *watch, struct track *track, struct sighting *sighting)
{
    assert(watch->out_count < watch->out_cap);
    sighting->at = watch->at;
    sighting->nth = track->nth++;
    watch->out[watch->out_count++] = *sighting;
}

void tell(struct watch *watch, struct track *track, const struct telling *telling)
{
    const struct compiled *compiled = watch->view->compiled;
    const struct position *fix = telling->fix, *place = telling->place;
    struct border border = {0};
    if (telling->zone != AGREEMENT_NONE)
        border = border_of(compiled, telling->zone, fix, telling->plan);
    struct sighting sighting = {
        .track = track->last.track,
        .time_us = telling->time_us,
        .time_lo_us = telling->time_lo_us,
        .time_hi_us = telling->time_hi_us,
        .lat_e7 = place->lat_e7,
        .lon_e7 = place->lon_e7,
        .alt_cm = place->alt_cm,
        .dist_mm = border.dist_mm,
        .dist_err_mm = border.err_mm,
        .line_mm = line_mm(compiled, fix),
        .zone = telling->zone,
        .side = agreement_side_of_flag(compiled->agreement, fix->flag),
        .kind = (uint8_t)telling->kind,
        .certainty = is_sure(watch, telling, &border) ? CERTAINTY_CERTAIN : CERTAINTY_POSSIBLE,
        .grade = GRADE_SELF_REPORTED, /* no feed yet carries anything else */
        .platform = fix->platform,
        .leg = track->leg,
        .reason = (uint8_t)telling->reason,
        .mark = (uint8_t)telling->mark,
        .fix = *fix,
    };
    uint8_t ordinal = like_before(watch, &sighting);
    sighting.id = sighting_id(watch, &sighting, ordinal, track->untimed);
    put(watch, track, &sighting);
    watch->counts.sightings++;
    if (telling->zone == AGREEMENT_NONE)
        return;
    bool open = telling->sure && telling->by_fix && sighting.certainty == CERTAINTY_POSSIBLE;
    doubt_note(track, &sighting, open && ordinal == 0);
}

void tell_amended(struct watch *watch, struct track *track, const struct sighting *replaced,
                  const struct border *border)
{
    struct sighting sighting = *replaced;
    sighting.replaces = late_id(watch, replaced->id);
    sighting.fix = track->last;
    sighting.dist_mm = border->dist_mm;
    sighting.dist_err_mm = border->err_mm;
    sighting.line_mm = line_mm(watch->view->compiled, &track->last);
    sighting.certainty = CERTAINTY_CERTAIN;
    sighting.id = sighting_id(watch, &sighting, 0, track->untimed);
    put(watch, track, &sighting);
    watch->counts.sightings++;
}

void tell_lapsed(struct watch *watch, struct track *track, uint64_t zones, int64_t time_us)
{
    const struct position *last = &track->last;
    while (zones) {
        struct sighting sighting = {.track = last->track,
                                    .time_us = time_us,
                                    .time_lo_us = time_us,
                                    .time_hi_us = time_us,
                                    .lat_e7 = last->lat_e7,
                                    .lon_e7 = last->lon_e7,
                                    .alt_cm = last->alt_cm,
                                    .line_mm = -1,
                                    .zone = zone_pop(&zones),
                                    .side = AGREEMENT_NONE,
                                    .kind = SIGHTING_LAPSED,
                                    .platform = last->platform,
                                    .leg = track->leg,
                                    .fix = *last};
        put(watch, track, &sighting);
    }
}

/* ---- order ------------------------------------------------------------------------------------- */

int sighting_order(const struct sighting *a, const struct sighting *b)
{
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if (a->track != b->track)
        return a->track < b->track ? -1 : 1;
    if (a->leg != b->leg)
        return a->leg < b->leg ? -1 : 1;
    return (int16_t)(uint16_t)(a->nth - b->nth);
}

/* ---- names --------------------------------------------------------------------------------- */

const char *sighting_kind_name(enum sighting_kind kind)
{
    static const char *const names[] = {
        [SIGHTING_ENTER] = "enter",   [SIGHTING_LEAVE] = "leave",
        [SIGHTING_CROSS] = "cross",   [SIGHTING_INSIDE_AT_START] = "inside-at-start",
        [SIGHTING_NEAR] = "near",     [SIGHTING_LOST_INSIDE] = "lost-inside",
        [SIGHTING_OPENED] = "opened", [SIGHTING_CLOSED] = "closed",
        [SIGHTING_LAPSED] = "lapsed", [SIGHTING_RETRACTED] = "retracted",
        [SIGHTING_MARK] = "mark",
    };
    assert(kind <= SIGHTING_MARK);
    return names[kind];
}

const char *certainty_name(enum certainty certainty)
{
    return certainty == CERTAINTY_CERTAIN ? "certain" : "possible";
}

const char *source_grade_name(enum source_grade grade)
{
    static const char *const names[] = {
        [GRADE_SELF_REPORTED] = "self-reported",
        [GRADE_RADAR] = "radar",
        [GRADE_SEVERAL] = "several",
    };
    assert(grade <= GRADE_SEVERAL);
    return names[grade];
}
