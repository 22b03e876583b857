#ifndef BOX_WORLD_H
#define BOX_WORLD_H

#include "agreement/compile.h"

/*
 * An agreement made by hand, for tests of what stands on compiled zones: two parties N (flag KP) and
 * S (flag KR), one provision "1" in force for both since ever, zones from rings whose corners are
 * whole numbers, so that distances and instants have closed forms.
 *
 *   world_open --> world_ring / world_box, world_rule ... --> world_compile
 */
#define WORLD_ZONES 8
#define WORLD_RULES 8
#define WORLD_E7    10000000

struct box_world {
    struct arena arena;
    struct agreement agreement;
    struct party parties[2];
    struct zone zones[WORLD_ZONES];
    struct provision provision;
    struct rule rules[WORLD_RULES];
    uint16_t rule_zones[WORLD_RULES][WORLD_ZONES];
    struct status_event status[4];
    struct compiled_zone compiled_zones[WORLD_ZONES];
    struct compiled compiled;
};

void world_open(struct box_world *world);
void world_release(struct box_world *world);

/* Corners in degrees, counter-clockwise; lon, lat, lon, lat, ... The zone is agreed, always in
 * force, without limits of altitude, and concerns everybody, until the test says otherwise. */
struct zone *world_ring(struct box_world *world, const char *id, const double *corners,
                        uint32_t count);
struct zone *world_box(struct box_world *world, const char *id, double west, double south,
                       double east, double north);

/* Presence is prohibited in the zones of the mask, for every class and side, severity 1. */
struct rule *world_rule(struct box_world *world, const char *id, uint32_t zones);

/* A party says something of the provision; in order of time. */
void world_status(struct box_world *world, uint16_t party, int64_t time_us, enum state state);

void world_compile(struct box_world *world);

#endif
