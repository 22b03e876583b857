#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/box_world.h"
#include "node/node.h"

/*
 * Any bytes as fixes and ticks: RECORD bytes each move one of four tracks about a handful of zones
 * with holes in time, height and class. What is told keeps W1, W2 and W4 of watch.h and A5 of
 * alert.h, and ends in what the watch says of the track.
 */
#define RECORD     12
#define TRACKS     4
#define LEGS       16
#define START_US   INT64_C(1577836800000000) /* 2020-01-01 */
#define MEMORY_MAX (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct model {
    uint64_t inside[TRACKS + 1][LEGS], any[TRACKS + 1][LEGS]; /* any: lost, may be either */
};

static struct box_world world;
static struct effect effects[EFFECTS_ROOM];

static void make_world(void)
{
    static const struct daily hours = {.months = 0xfff, .from_min = 1, .to_min = 5};
    static const double comb[] = {10.0, 0,   10.4, 0,   10.4, 1,   10.3, 1,
                                  10.3, 0.2, 10.2, 0.2, 10.2, 1.0, 10.0, 1};
    world_open(&world);
    world_ring(&world, "COMB", comb, 8);
    world_box(&world, "SHIPS", 10.1, 0.1, 10.2, 0.9)->classes = platform_leaves(PLATFORM_SHIP);
    world_box(&world, "BAND", 9.9, 0.3, 10.6, 0.6)->floor =
        (struct alt_limit){LIMIT_ELLIPSOID, 50000};
    world.zones[2].ceiling = (struct alt_limit){LIMIT_SEA_LEVEL, 100000};
    world_box(&world, "HOURS", 10.05, 0.2, 10.5, 0.5)->daily = &hours;
    world.zones[3].daily_count = 1;
    world_box(&world, "THIN", 10.25, -0.5, 10.2500002, 1.5)->status = ZONE_PROVISIONAL;
    world_box(&world, "ONCE", 10.2, 0.5, 10.9, 1.2)->from_us = START_US + 100 * TIME_SECOND;
    world.zones[5].to_us = START_US + 900 * TIME_SECOND;
    world_rule(&world, "ALL", 0x3f);
    world_rule(&world, "SOME", 0x15)->sides = 1;
    world_compile(&world);
}

static struct node *make_node(struct arena *arena)
{
    struct node_options options = {.party = 0, .watch = watch_defaults(), .alert_max = 256};
    struct err err;
    options.watch.track_max = TRACKS * LEGS;
    struct node *node = node_new(&world.compiled, &options, arena, &err);
    assert(node);
    return node;
}

static int16_t i16(const uint8_t *p)
{
    return (int16_t)get_u16(p);
}

/* 1/4096 degree a step; times up to an hour on, or a little back. */
static struct position fix_of(const uint8_t *p, int64_t *now_us)
{
    struct position fix = {.track = track_ais(1 + (p[0] & 3U)),
                           .lon_e7 = 101000000 + i16(p + 2) * 2441,
                           .lat_e7 = 5000000 + i16(p + 4) * 2441,
                           .alt_cm = p[6] ? p[6] * 1000 : ALT_UNKNOWN,
                           .alt_ref = (uint8_t)(p[7] % (ALT_REF_GROUND + 1)),
                           .north_cmps = SPEED_UNKNOWN,
                           .east_cmps = SPEED_UNKNOWN,
                           .up_cmps = SPEED_UNKNOWN,
                           .err_dm = (uint16_t)(p[8] * p[8]),
                           .flag = p[7] & 0x80 ? 0x4b50 : 0,
                           .platform = (uint8_t)(p[9] % PLATFORM_COUNT),
                           .time_source = TIME_FROM_TAG};
    *now_us += (p[1] < 8 ? -(int64_t)p[1] : (int64_t)p[1] * p[1] / 16) * TIME_SECOND;
    fix.time_us = p[0] & 4 ? TIME_UNKNOWN : *now_us;
    if (p[0] & 8) {
        fix.north_cmps = (int8_t)p[10] * 200;
        fix.east_cmps = (int8_t)p[11] * 200;
        fix.up_cmps = p[6] * 10 - 1000;
    }
    return fix;
}

/* ---- what may be told -------------------------------------------------------------------------- */

static void check_sighting(struct model *model, const struct sighting *s)
{
    if (s->zone == AGREEMENT_NONE) { /* a mark, or one that is taken back */
        assert(s->kind == SIGHTING_MARK || (s->kind == SIGHTING_RETRACTED && s->late));
        assert(s->mark > MARK_NONE && s->mark <= MARK_TOO_LATE);
        return;
    }
    uint64_t track = s->track & 0xff, bit = UINT64_C(1) << s->zone;
    assert(track >= 1 && track <= TRACKS && s->leg < LEGS && s->zone < 6);
    uint64_t *inside = &model->inside[track][s->leg], *any = &model->any[track][s->leg];
    bool in = *inside & bit, either = *any & bit;
    assert(s->kind == SIGHTING_CLOSED ||
           platform_meant((enum platform)s->platform, world.zones[s->zone].classes) != MEANT_NOT);
    assert((s->time_lo_us == TIME_UNKNOWN && s->time_hi_us == TIME_UNKNOWN) ||
           (s->time_lo_us <= s->time_us && s->time_us <= s->time_hi_us));
    if (s->late ||
        s->kind == SIGHTING_RETRACTED) { /* W2 holds for what stands, not as it is told */
        *any &= ~bit;
        *inside = s->holds & HOLDS_INSIDE ? *inside | bit : *inside & ~bit;
        return;
    }
    if (s->replaces) {
        assert(s->certainty == CERTAINTY_CERTAIN && (either || in == (s->kind != SIGHTING_LEAVE)));
        return;
    }
    *any &= ~bit;
    switch ((enum sighting_kind)s->kind) {
    case SIGHTING_INSIDE_AT_START:
        *inside |= bit;
        return;
    case SIGHTING_ENTER:
    case SIGHTING_OPENED:
        assert(!in || either);
        *inside |= bit;
        return;
    case SIGHTING_LEAVE:
    case SIGHTING_CLOSED:
        assert(in || either);
        *inside &= ~bit;
        return;
    case SIGHTING_LOST_INSIDE:
        assert(in || either);
        *any |= bit;
        return;
    case SIGHTING_CROSS:
    case SIGHTING_NEAR:
        assert(!in || either);
        *inside &= ~bit;
        return;
    case SIGHTING_LAPSED:
    case SIGHTING_RETRACTED:
    case SIGHTING_MARK:
        break;
    }
    assert(s->kind != SIGHTING_LAPSED); /* not shown */
}

static void check_alert(const struct alert *alert)
{
    bool active = alert->state == ALERT_UNACKED || alert->state == ALERT_ACKED;
    assert(active == (alert->inside || alert->near));
    assert(alert->id && alert->count && alert->rule < 2);
}

static void check_effects(struct model *model, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (effects[i].kind == EFFECT_KEEP_SIGHTING)
            check_sighting(model, &effects[i].sighting);
        else
            check_alert(&effects[i].alert);
}

static void check_end(const struct node *node, const struct model *model)
{
    assert(node_counts(node).parity == 0);
    for (uint32_t track = 1; track <= TRACKS; track++) {
        struct watch_track seen;
        if (!node_track(node, track_ais(track), &seen))
            continue;
        uint64_t any = model->any[track][seen.last.leg];
        assert((seen.inside & ~any) == (model->inside[track][seen.last.leg] & ~any));
        assert(!(seen.inside & seen.near));
    }
}

static void feed(struct node *node, struct model *model, const uint8_t *p, int64_t *now_us)
{
    size_t count, used = 0;
    struct position fix = fix_of(p, now_us);
    if (p[0] >= 0xe0) {
        for (bool more = true; more;) {
            more = node_tick(node, *now_us, effects, EFFECTS_ROOM, &count);
            check_effects(model, count);
        }
        return;
    }
    while (used == 0) {
        used = node_positions(node, &fix, 1, effects, EFFECTS_ROOM, &count);
        check_effects(model, count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct model model = {0};
    int64_t now_us = START_US;
    if (!world.compiled.grid)
        make_world();
    arena_init(&arena, MEMORY_MAX, malloc, free);
    struct node *node = make_node(&arena);
    for (size_t at = 0; at + RECORD <= size; at += RECORD)
        feed(node, &model, data + at, &now_us);
    check_end(node, &model);
    arena_release(&arena);
    return 0;
}
