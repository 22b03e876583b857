#ifndef WATCH_SCENE_H
#define WATCH_SCENE_H

#include "box_world.h"
#include "watch/watch.h"

/*
 * A watch over a world of boxes, and all that it tells, for the tests of the watch.
 *
 *   scene_open --> zones --> scene_start --> scene_feed / scene_go / scene_tick ... --> scene_close
 *
 * What a fix that comes late changes is told by amendments: scene_standing applies them.
 */
#define SCENE_TOLD_MAX 16384
#define SCENE_US       INT64_C(1577836800000000) /* 2020-01-01 */
#define S              TIME_SECOND

/* Along the equator an arc of longitude is a geodesic, of a * radians metres (a = 6,378,137 m). */
#define EQUATOR_MM (6378137.0 * 1000.0 * 3.14159265358979311600 / 180.0)

struct scene {
    struct box_world world;
    struct watch *watch;
    struct sighting told[SCENE_TOLD_MAX];
    size_t count;
};

extern struct scene scene;

void scene_open(void);
void scene_start_with(const struct watch_options *options);
void scene_start(void); /* the defaults, a thousand tracks */
void scene_close(void); /* no hop may have broken parity */

/* A helicopter of no known altitude, course or error. */
struct position scene_at(double second, double lon, double lat);
struct position scene_ship(double second, double lon, double lat);

void scene_feed(const struct position *position);
void scene_go(double second, double lon, double lat);
void scene_tick(double second);

/* What stands at the end, in an order that does not depend on how it came; without lapses. Returns
 * how many. */
size_t scene_standing(struct sighting *ret_standing, size_t cap);

/* A number of all that is said but ids, and how it came to be said. */
uint64_t scene_content(const struct sighting *sighting);

/* The i-th of what was told, left out what is near or lapsed or is a mark. */
const struct sighting *scene_said(size_t i);
size_t scene_said_count(void);
void scene_expect(size_t i, enum sighting_kind kind, uint16_t zone, double second);

/* splitmix64 (Steele, Lea and Flood 2014). */
void scene_seed(uint64_t seed);
uint64_t scene_random(void);
double scene_unit(void); /* 0 .. below 1 */

#endif
