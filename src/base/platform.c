#include "base/platform.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#define NO_PARENT PLATFORM_COUNT

/*
 * The tree in the order of a walk that visits a parent before its children. Leaves are numbered
 * in this order, so the leaves of any class are a run of numbers; first and count say which.
 * test/unit/test_platform.c recounts them from the parents.
 */
static const struct row {
    const char *name;
    enum platform parent;
    uint8_t first, count;
} rows[PLATFORM_COUNT] = {
    [PLATFORM_UNKNOWN] = {"unknown", NO_PARENT, 0, 33},
    [PLATFORM_AIRCRAFT] = {"aircraft", PLATFORM_UNKNOWN, 0, 13},
    [PLATFORM_FIXED_WING] = {"fixed_wing", PLATFORM_AIRCRAFT, 0, 6},
    [PLATFORM_COMBAT_AIRCRAFT] = {"combat_aircraft", PLATFORM_FIXED_WING, 0, 1},
    [PLATFORM_TRANSPORT_AIRCRAFT] = {"transport_aircraft", PLATFORM_FIXED_WING, 1, 1},
    [PLATFORM_AIRLINER] = {"airliner", PLATFORM_FIXED_WING, 2, 1},
    [PLATFORM_AIR_CARGO] = {"air_cargo", PLATFORM_FIXED_WING, 3, 1},
    [PLATFORM_LIGHT_AIRCRAFT] = {"light_aircraft", PLATFORM_FIXED_WING, 4, 1},
    [PLATFORM_GLIDER] = {"glider", PLATFORM_FIXED_WING, 5, 1},
    [PLATFORM_ROTARY_WING] = {"rotary_wing", PLATFORM_AIRCRAFT, 6, 2},
    [PLATFORM_HELICOPTER] = {"helicopter", PLATFORM_ROTARY_WING, 6, 1},
    [PLATFORM_GYROCOPTER] = {"gyrocopter", PLATFORM_ROTARY_WING, 7, 1},
    [PLATFORM_UAV] = {"uav", PLATFORM_AIRCRAFT, 8, 2},
    [PLATFORM_UAV_FIXED] = {"uav_fixed", PLATFORM_UAV, 8, 1},
    [PLATFORM_UAV_ROTARY] = {"uav_rotary", PLATFORM_UAV, 9, 1},
    [PLATFORM_BALLOON] = {"balloon", PLATFORM_AIRCRAFT, 10, 2},
    [PLATFORM_FREE_BALLOON] = {"free_balloon", PLATFORM_BALLOON, 10, 1},
    [PLATFORM_AIRSHIP] = {"airship", PLATFORM_BALLOON, 11, 1},
    [PLATFORM_PARACHUTE] = {"parachute", PLATFORM_AIRCRAFT, 12, 1},
    [PLATFORM_SHIP] = {"ship", PLATFORM_UNKNOWN, 13, 14},
    [PLATFORM_NAVAL] = {"naval", PLATFORM_SHIP, 13, 2},
    [PLATFORM_WARSHIP] = {"warship", PLATFORM_NAVAL, 13, 1},
    [PLATFORM_SUBMARINE] = {"submarine", PLATFORM_NAVAL, 14, 1},
    [PLATFORM_PATROL] = {"patrol", PLATFORM_SHIP, 15, 1},
    [PLATFORM_FISHING] = {"fishing", PLATFORM_SHIP, 16, 1},
    [PLATFORM_MERCHANT] = {"merchant", PLATFORM_SHIP, 17, 4},
    [PLATFORM_CARGO_SHIP] = {"cargo_ship", PLATFORM_MERCHANT, 17, 1},
    [PLATFORM_TANKER] = {"tanker", PLATFORM_MERCHANT, 18, 1},
    [PLATFORM_PASSENGER_SHIP] = {"passenger_ship", PLATFORM_MERCHANT, 19, 1},
    [PLATFORM_HIGH_SPEED_CRAFT] = {"high_speed_craft", PLATFORM_MERCHANT, 20, 1},
    [PLATFORM_SERVICE_SHIP] = {"service_ship", PLATFORM_SHIP, 21, 5},
    [PLATFORM_TUG] = {"tug", PLATFORM_SERVICE_SHIP, 21, 1},
    [PLATFORM_PILOT_VESSEL] = {"pilot_vessel", PLATFORM_SERVICE_SHIP, 22, 1},
    [PLATFORM_SAR_VESSEL] = {"sar_vessel", PLATFORM_SERVICE_SHIP, 23, 1},
    [PLATFORM_SURVEY_VESSEL] = {"survey_vessel", PLATFORM_SERVICE_SHIP, 24, 1},
    [PLATFORM_DREDGER] = {"dredger", PLATFORM_SERVICE_SHIP, 25, 1},
    [PLATFORM_PLEASURE_CRAFT] = {"pleasure_craft", PLATFORM_SHIP, 26, 1},
    [PLATFORM_LAND] = {"land", PLATFORM_UNKNOWN, 27, 2},
    [PLATFORM_VEHICLE] = {"vehicle", PLATFORM_LAND, 27, 1},
    [PLATFORM_PERSON] = {"person", PLATFORM_LAND, 28, 1},
    [PLATFORM_FIXED] = {"fixed", PLATFORM_UNKNOWN, 29, 4},
    [PLATFORM_BASE_STATION] = {"base_station", PLATFORM_FIXED, 29, 1},
    [PLATFORM_AID_TO_NAVIGATION] = {"aid_to_navigation", PLATFORM_FIXED, 30, 1},
    [PLATFORM_OBSTACLE] = {"obstacle", PLATFORM_FIXED, 31, 1},
    [PLATFORM_DISTRESS_BEACON] = {"distress_beacon", PLATFORM_FIXED, 32, 1},
};

platform_set platform_leaves(enum platform platform)
{
    assert(platform < PLATFORM_COUNT);
    const struct row *row = &rows[platform];
    return ((UINT64_C(1) << row->count) - 1) << row->first;
}

const char *platform_name(enum platform platform)
{
    assert(platform < PLATFORM_COUNT);
    return rows[platform].name;
}

enum platform platform_parent(enum platform platform)
{
    assert(platform < PLATFORM_COUNT);
    return rows[platform].parent;
}

bool platform_from_name(struct bytes name, enum platform *ret_platform)
{
    for (size_t i = 0; i < PLATFORM_COUNT; i++) {
        if (bytes_is(name, rows[i].name)) {
            *ret_platform = (enum platform)i;
            return true;
        }
    }
    return false;
}

enum meant platform_meant(enum platform platform, platform_set rule)
{
    platform_set leaves = platform_leaves(platform);
    if ((leaves & rule) == 0)
        return MEANT_NOT;
    return (leaves & ~rule) == 0 ? MEANT_CERTAINLY : MEANT_POSSIBLY;
}
