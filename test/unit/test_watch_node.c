#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/node.h"
#include "watch_scene.h"

/* What late fixes and marks do to the episodes that an officer sees. */
static struct node *node;
static struct effect effects[EFFECTS_ROOM];
static size_t marks, raised;
static struct alert last;

static void take(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct effect *effect = &effects[i];
        if (effect->kind == EFFECT_KEEP_ALERT) {
            raised += effect->alert.id != last.id;
            last = effect->alert;
            continue;
        }
        marks += effect->sighting.kind == SIGHTING_MARK;
    }
}

static void open_node(void)
{
    struct node_options options = {
        .party = AGREEMENT_NONE, .watch = watch_defaults(), .alert_max = 100};
    struct err err;
    marks = raised = 0;
    memset(&last, 0, sizeof last);
    memset(&scene, 0, sizeof scene);
    world_open(&scene.world);
    world_box(&scene.world, "A", 10, -1, 11, 1);
    world_rule(&scene.world, "R", 1);
    world_compile(&scene.world);
    options.watch.track_max = 100;
    node = node_new(&scene.world.compiled, &options, &scene.world.arena, &err);
    assert_non_null(node);
}

static void feed(const struct position *position)
{
    size_t count;
    assert_int_equal(node_positions(node, position, 1, effects, EFFECTS_ROOM, &count), 1);
    take(count);
}

static void go(double second, double lon, double lat)
{
    struct position position = scene_at(second, lon, lat);
    feed(&position);
}

/* Said to have left; then the place of that time comes in better known: it had not. */
static void who_had_not_left_is_raised_again(void **state)
{
    (void)state;
    open_node();
    go(0, 9.99, 0);
    go(100, 10.001, 0);
    go(110, 9.999, 0);
    assert_int_equal(last.state, ALERT_CLEARED_UNACKED);
    struct position better = scene_at(110, 10.002, 0);
    better.err_dm = 10;
    feed(&better);
    assert_int_equal(last.state, ALERT_UNACKED);
    assert_true(last.inside);
    world_release(&scene.world);
}

static void marks_are_kept_and_raise_nothing(void **state)
{
    (void)state;
    open_node();
    go(0, 9.0, 0);
    go(1, 14.0, 0);
    go(2, 9.0001, 0);
    assert_int_equal(marks, 1);
    assert_int_equal(raised, 0);
    world_release(&scene.world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_had_not_left_is_raised_again),
        cmocka_unit_test(marks_are_kept_and_raise_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
