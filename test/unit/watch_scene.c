#include "watch_scene.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"

struct scene scene;

void scene_open(void)
{
    memset(&scene, 0, sizeof scene);
    world_open(&scene.world);
}

void scene_start_with(const struct watch_options *options)
{
    struct err err;
    world_compile(&scene.world);
    scene.watch = watch_new(&scene.world.compiled, options, &scene.world.arena, &err);
    assert_non_null(scene.watch);
}

void scene_start(void)
{
    struct watch_options options = watch_defaults();
    options.track_max = 1000;
    scene_start_with(&options);
}

void scene_close(void)
{
    assert_int_equal(watch_counts(scene.watch)->parity, 0);
    world_release(&scene.world);
}

struct position scene_at(double second, double lon, double lat)
{
    return (struct position){.track = track_ais(1),
                             .time_us = SCENE_US + (int64_t)(second * S),
                             .lat_e7 = (int32_t)lround(lat * WORLD_E7),
                             .lon_e7 = (int32_t)lround(lon * WORLD_E7),
                             .alt_cm = ALT_UNKNOWN,
                             .north_cmps = SPEED_UNKNOWN,
                             .east_cmps = SPEED_UNKNOWN,
                             .up_cmps = SPEED_UNKNOWN,
                             .platform = PLATFORM_HELICOPTER,
                             .time_source = TIME_FROM_TAG};
}

struct position scene_ship(double second, double lon, double lat)
{
    struct position position = scene_at(second, lon, lat);
    position.platform = PLATFORM_TANKER;
    return position;
}

void scene_feed(const struct position *position)
{
    size_t count;
    assert_true(SCENE_TOLD_MAX - scene.count >= WATCH_ROOM);
    assert_int_equal(watch_positions(scene.watch, position, 1, scene.told + scene.count,
                                     SCENE_TOLD_MAX - scene.count, &count),
                     1);
    scene.count += count;
}

void scene_go(double second, double lon, double lat)
{
    struct position position = scene_at(second, lon, lat);
    scene_feed(&position);
}

void scene_tick(double second)
{
    size_t count;
    assert_false(watch_tick(scene.watch, SCENE_US + (int64_t)(second * S), scene.told + scene.count,
                            SCENE_TOLD_MAX - scene.count, &count));
    scene.count += count;
}

/* ---- what stands ------------------------------------------------------------------------------- */

uint64_t scene_content(const struct sighting *s)
{
    struct sighting content = {.track = s->track,
                               .time_us = s->time_us,
                               .time_lo_us = s->time_lo_us,
                               .time_hi_us = s->time_hi_us,
                               .lat_e7 = s->lat_e7,
                               .lon_e7 = s->lon_e7,
                               .alt_cm = s->alt_cm,
                               .dist_mm = s->dist_mm,
                               .dist_err_mm = s->dist_err_mm,
                               .zone = s->zone,
                               .side = s->side,
                               .kind = s->kind,
                               .certainty = s->certainty,
                               .platform = s->platform,
                               .leg = s->leg,
                               .reason = s->reason};
    const int64_t fields[] = {
        (int64_t)content.track, content.time_us, content.time_lo_us, content.time_hi_us,
        content.lat_e7,         content.lon_e7,  content.alt_cm,     content.dist_mm,
        content.dist_err_mm,    content.zone,    content.side,       content.kind,
        content.certainty,      content.leg,     content.platform,   content.reason,
        s->fix.time_us,         s->fix.lat_e7,   s->fix.lon_e7};
    return hash_mix(hash_bytes(fields, sizeof fields));
}

/* What is replaced was told, and stands. */
static size_t told_as(uint64_t id, size_t before, const bool *stands)
{
    for (size_t i = before; i-- > 0;)
        if (scene.told[i].id == id) {
            assert_true(stands[i]);
            return i;
        }
    fail_msg("what is replaced was never told");
    return 0;
}

static int content_order(const void *a, const void *b)
{
    uint64_t x = scene_content(a), y = scene_content(b);
    return (x > y) - (x < y);
}

size_t scene_standing(struct sighting *ret_standing, size_t cap)
{
    static bool stands[SCENE_TOLD_MAX];
    size_t count = 0;
    for (size_t i = 0; i < scene.count; i++) {
        const struct sighting *s = &scene.told[i];
        stands[i] = s->kind != SIGHTING_LAPSED && s->kind != SIGHTING_RETRACTED;
        if (s->replaces)
            stands[told_as(s->replaces, i, stands)] = false;
    }
    for (size_t i = 0; i < scene.count; i++) {
        if (!stands[i])
            continue;
        assert_true(count < cap);
        ret_standing[count++] = scene.told[i];
    }
    qsort(ret_standing, count, sizeof *ret_standing, content_order);
    return count;
}

static bool is_said(const struct sighting *s)
{
    return s->kind != SIGHTING_NEAR && s->kind != SIGHTING_LAPSED && s->kind != SIGHTING_MARK;
}

size_t scene_said_count(void)
{
    size_t count = 0;
    for (size_t i = 0; i < scene.count; i++)
        count += is_said(&scene.told[i]);
    return count;
}

const struct sighting *scene_said(size_t nth)
{
    for (size_t i = 0; i < scene.count; i++)
        if (is_said(&scene.told[i]) && nth-- == 0)
            return &scene.told[i];
    fail_msg("not so much was said");
    return NULL;
}

void scene_expect(size_t i, enum sighting_kind kind, uint16_t zone, double second)
{
    const struct sighting *s = scene_said(i);
    assert_string_equal(sighting_kind_name((enum sighting_kind)s->kind), sighting_kind_name(kind));
    assert_int_equal(s->zone, zone);
    assert_int_equal(s->time_us, SCENE_US + (int64_t)(second * S));
}

/* ---- numbers at random ------------------------------------------------------------------------- */

static uint64_t seed_now;

void scene_seed(uint64_t seed)
{
    seed_now = seed;
}

uint64_t scene_random(void)
{
    uint64_t z = (seed_now += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

double scene_unit(void)
{
    return (double)(scene_random() >> 11) / 9007199254740992.0;
}
