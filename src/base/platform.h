#ifndef BASE_PLATFORM_H
#define BASE_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/*
 * What moves: one tree of classes, the vocabulary of feeds and agreements alike.
 *
 * A class is a set of leaves. A track of class P under a rule for classes R is certainly meant
 * if P's leaves are all in R, possibly meant if some are, and not meant if none is: so "unknown"
 * (all leaves) possibly falls under every rule, and a "ship" of unknown trade possibly under a
 * rule for fishing vessels.
 *
 *   unknown
 *   |- aircraft
 *   |  |- fixed_wing      combat_aircraft, transport_aircraft, airliner, air_cargo, light_aircraft,
 *   |  |                  glider
 *   |  |- rotary_wing     helicopter, gyrocopter
 *   |  |- uav             uav_fixed, uav_rotary
 *   |  |- balloon         free_balloon, airship
 *   |  `- parachute
 *   |- ship
 *   |  |- naval           warship, submarine
 *   |  |- patrol          (coast guard, law enforcement)
 *   |  |- fishing
 *   |  |- merchant        cargo_ship, tanker, passenger_ship, high_speed_craft
 *   |  |- service_ship    tug, pilot_vessel, sar_vessel, survey_vessel, dredger
 *   |  `- pleasure_craft
 *   |- land               vehicle, person
 *   `- fixed              base_station, aid_to_navigation, obstacle, distress_beacon
 */
enum platform {
    PLATFORM_UNKNOWN,
    PLATFORM_AIRCRAFT,
    PLATFORM_FIXED_WING,
    PLATFORM_COMBAT_AIRCRAFT,
    PLATFORM_TRANSPORT_AIRCRAFT,
    PLATFORM_AIRLINER,
    PLATFORM_AIR_CARGO,
    PLATFORM_LIGHT_AIRCRAFT,
    PLATFORM_GLIDER,
    PLATFORM_ROTARY_WING,
    PLATFORM_HELICOPTER,
    PLATFORM_GYROCOPTER,
    PLATFORM_UAV,
    PLATFORM_UAV_FIXED,
    PLATFORM_UAV_ROTARY,
    PLATFORM_BALLOON,
    PLATFORM_FREE_BALLOON,
    PLATFORM_AIRSHIP,
    PLATFORM_PARACHUTE,
    PLATFORM_SHIP,
    PLATFORM_NAVAL,
    PLATFORM_WARSHIP,
    PLATFORM_SUBMARINE,
    PLATFORM_PATROL,
    PLATFORM_FISHING,
    PLATFORM_MERCHANT,
    PLATFORM_CARGO_SHIP,
    PLATFORM_TANKER,
    PLATFORM_PASSENGER_SHIP,
    PLATFORM_HIGH_SPEED_CRAFT,
    PLATFORM_SERVICE_SHIP,
    PLATFORM_TUG,
    PLATFORM_PILOT_VESSEL,
    PLATFORM_SAR_VESSEL,
    PLATFORM_SURVEY_VESSEL,
    PLATFORM_DREDGER,
    PLATFORM_PLEASURE_CRAFT,
    PLATFORM_LAND,
    PLATFORM_VEHICLE,
    PLATFORM_PERSON,
    PLATFORM_FIXED,
    PLATFORM_BASE_STATION,
    PLATFORM_AID_TO_NAVIGATION,
    PLATFORM_OBSTACLE,
    PLATFORM_DISTRESS_BEACON,
    PLATFORM_COUNT
};

/* A set of leaves; bit i is leaf i in the order of the table in platform.c. */
typedef uint64_t platform_set;

platform_set platform_leaves(enum platform platform); /* never empty */
const char *platform_name(enum platform platform);    /* "fixed_wing"; static */

/* The class above; PLATFORM_COUNT for the root. */
enum platform platform_parent(enum platform platform);

/* False when the name is none of the tree's. */
bool platform_from_name(struct bytes name, enum platform *ret_platform);

/* "certain", "possible", or neither. */
enum meant { MEANT_NOT, MEANT_POSSIBLY, MEANT_CERTAINLY };
enum meant platform_meant(enum platform platform, platform_set rule);

#endif
