#include "box_world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_MAX ((size_t)256 << 20)

void world_open(struct box_world *world)
{
    memset(world, 0, sizeof *world);
    arena_init(&world->arena, ARENA_MAX, malloc, free);
    world->parties[0] =
        (struct party){.id = "N", .name = {"North", "북측"}, .letter = 'N', .flags = "KP"};
    world->parties[1] =
        (struct party){.id = "S", .name = {"South", "남측"}, .letter = 'S', .flags = "KR"};
    world->provision =
        (struct provision){.id = "1", .parent = AGREEMENT_NONE, .title = {"Keep out", "출입 금지"}};
    world->agreement = (struct agreement){.id = "boxes",
                                          .tz = "UTC",
                                          .in_force_us = TIME_UNKNOWN,
                                          .party_count = 2,
                                          .provision_count = 1,
                                          .parties = world->parties,
                                          .zones = world->zones,
                                          .provisions = &world->provision,
                                          .rules = world->rules,
                                          .status = world->status};
    world_status(world, 0, TIME_UNKNOWN, STATE_IN_FORCE);
    world_status(world, 1, TIME_UNKNOWN, STATE_IN_FORCE);
}

void world_release(struct box_world *world)
{
    arena_release(&world->arena);
}

static int32_t whole_e7(double degrees)
{
    return (int32_t)(degrees * WORLD_E7 + (degrees < 0 ? -0.5 : 0.5));
}

static struct region ring_region(struct arena *arena, const double *corners, uint32_t count)
{
    int32_t *lon = ARENA_ARRAY(arena, int32_t, count), *lat = ARENA_ARRAY(arena, int32_t, count);
    uint32_t *start = ARENA_ARRAY(arena, uint32_t, 2);
    struct region region = {.ring_count = 1, .ring_start = start, .lon_e7 = lon, .lat_e7 = lat};
    assert(lon && lat && start);
    start[1] = count;
    for (uint32_t i = 0; i < count; i++) {
        lon[i] = whole_e7(corners[2 * i]);
        lat[i] = whole_e7(corners[2 * i + 1]);
    }
    region_bound(&region);
    return region;
}

struct zone *world_ring(struct box_world *world, const char *id, const double *corners,
                        uint32_t count)
{
    assert(world->agreement.zone_count < WORLD_ZONES);
    uint16_t index = world->agreement.zone_count++;
    struct zone *zone = &world->zones[index];
    *zone = (struct zone){.id = id,
                          .name = {id, NULL},
                          .side = AGREEMENT_NONE,
                          .classes = platform_leaves(PLATFORM_UNKNOWN),
                          .classes_text = "",
                          .floor = {LIMIT_SURFACE, 0},
                          .ceiling = {LIMIT_UNLIMITED, 0},
                          .from_us = TIME_UNKNOWN,
                          .to_us = TIME_UNKNOWN,
                          .precision_m = -1};
    world->compiled_zones[index].region = ring_region(&world->arena, corners, count);
    return zone;
}

struct zone *world_box(struct box_world *world, const char *id, double west, double south,
                       double east, double north)
{
    const double corners[] = {west, south, east, south, east, north, west, north};
    return world_ring(world, id, corners, 4);
}

struct rule *world_rule(struct box_world *world, const char *id, uint32_t zones)
{
    assert(world->agreement.rule_count < WORLD_RULES);
    uint16_t index = world->agreement.rule_count++;
    struct rule *rule = &world->rules[index];
    *rule = (struct rule){.id = id,
                          .zones = world->rule_zones[index],
                          .verb = VERB_PROHIBIT,
                          .activity = "presence",
                          .observed = ACTIVITY_BY_POSITION,
                          .classes = platform_leaves(PLATFORM_UNKNOWN),
                          .sides = UINT16_MAX,
                          .binds_others = true,
                          .exemptions = "",
                          .severity = 1,
                          .from_us = TIME_UNKNOWN,
                          .to_us = TIME_UNKNOWN};
    for (uint16_t zone = 0; zone < WORLD_ZONES; zone++)
        if (zones >> zone & 1)
            world->rule_zones[index][rule->zone_count++] = zone;
    return rule;
}

void world_status(struct box_world *world, uint16_t party, int64_t time_us, enum state state)
{
    assert(world->agreement.status_count < sizeof world->status / sizeof world->status[0]);
    world->status[world->agreement.status_count++] =
        (struct status_event){.party = party, .time_us = time_us, .state = state};
}

void world_compile(struct box_world *world)
{
    struct region regions[WORLD_ZONES];
    struct err err = {EXIT_FINE, ""};
    uint16_t count = world->agreement.zone_count;
    for (uint16_t i = 0; i < count; i++) {
        struct compiled_zone *zone = &world->compiled_zones[i];
        regions[i] = zone->region;
        int failed = distance_of_region(&zone->region, &world->arena, &zone->boundary, &err);
        assert(!failed);
    }
    world->compiled.agreement = &world->agreement;
    world->compiled.zones = world->compiled_zones;
    int failed = grid_build(regions, count, &world->arena, &world->compiled.grid, &err);
    assert(!failed);
}
