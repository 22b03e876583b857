#include "alert/alert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/timetext.h"

/* Expected states: the drawing in alert.h. */
#define MAX 16

static struct arena arena;
static struct alerts *alerts;
static bool changed;

static void open_with(uint32_t max)
{
    struct err err;
    arena_init(&arena, 4 << 20, malloc, free);
    alerts = alerts_new(max, &arena, &err);
    assert_non_null(alerts);
}

static void done(void)
{
    arena_release(&arena);
}

static const struct alert *raise_at(uint64_t subject, uint16_t rule, int64_t time_us,
                                    uint8_t severity)
{
    struct alert cause = {.subject = subject,
                          .track = subject,
                          .rule = rule,
                          .cause = (uint64_t)time_us,
                          .inside = 1,
                          .raised_us = time_us,
                          .time_us = time_us,
                          .severity = severity};
    return alert_raise(alerts, &cause, &changed);
}

static const struct alert *end_at(uint64_t subject, uint64_t zones, int64_t time_us)
{
    struct alert_end end = {
        .subject = subject, .rule = 1, .inside = zones, .near = zones, .time_us = time_us};
    return alert_end(alerts, &end, &changed);
}

static void every_arrow_of_the_drawing(void **state)
{
    (void)state;
    open_with(MAX);
    const struct alert *a = raise_at(7, 1, 100, 2);
    uint64_t id = a->id;
    assert_int_equal(a->state, ALERT_UNACKED);
    assert_int_equal(a->cleared_us, TIME_UNKNOWN);
    assert_ptr_equal(alert_clear(alerts, 7, 1, 110, &changed), a);
    assert_true(changed);
    assert_int_equal(a->state, ALERT_CLEARED_UNACKED);
    assert_int_equal(a->cleared_us, 110);
    alert_clear(alerts, 7, 1, 111, &changed);
    assert_false(changed);
    assert_ptr_equal(raise_at(7, 1, 120, 2), a); /* the same episode */
    assert_int_equal(a->state, ALERT_UNACKED);
    assert_int_equal(a->cleared_us, TIME_UNKNOWN);
    assert_int_equal(a->count, 2);
    alert_ack(alerts, id, "Kim", 130, &changed);
    assert_true(changed);
    assert_int_equal(a->state, ALERT_ACKED);
    assert_string_equal(a->acked_by, "Kim");
    alert_ack(alerts, id, "Lee", 131, &changed);
    assert_false(changed);
    assert_string_equal(a->acked_by, "Kim");
    raise_at(7, 1, 140, 2); /* again the same: stays acknowledged */
    assert_int_equal(a->state, ALERT_ACKED);
    alert_clear(alerts, 7, 1, 150, &changed);
    assert_int_equal(a->state, ALERT_CLOSED);
    assert_null(alert_open(alerts, 7, 1));
    const struct alert *b = raise_at(7, 1, 160, 2);
    assert_true(b->id != id);
    alert_clear(alerts, 7, 1, 170, &changed);
    alert_ack(alerts, b->id, "Lee", 180, &changed);
    assert_int_equal(b->state, ALERT_CLOSED);
    assert_int_equal(alerts_count(alerts), 2);
    assert_ptr_equal(alert_find(alerts, id), alerts_at(alerts, 0));
    done();
}

static void subjects_and_rules_are_apart(void **state)
{
    (void)state;
    open_with(MAX);
    const struct alert *a = raise_at(7, 1, 1, 1);
    assert_ptr_not_equal(raise_at(7, 2, 1, 1), a);
    assert_ptr_not_equal(raise_at(8, 1, 1, 1), a);
    assert_int_equal(alerts_count(alerts), 3);
    done();
}

static void the_last_zone_left_clears(void **state)
{
    (void)state;
    open_with(MAX);
    struct alert cause = {.subject = 7, .rule = 1, .inside = 3, .near = 4, .raised_us = 1};
    const struct alert *a = alert_raise(alerts, &cause, &changed);
    end_at(7, 1, 2);
    assert_false(changed);
    end_at(7, 4, 3);
    assert_false(changed);
    end_at(7, 2, 4);
    assert_true(changed);
    assert_int_equal(a->state, ALERT_CLEARED_UNACKED);
    assert_int_equal(a->cleared_us, 4);
    assert_null(end_at(8, 1, 4));
    done();
}

static void severity_and_certainty_only_rise(void **state)
{
    (void)state;
    open_with(MAX);
    struct alert cause = {
        .subject = 7, .rule = 1, .near = 1, .raised_us = 1, .severity = 2, .predicted = true};
    const struct alert *a = alert_raise(alerts, &cause, &changed);
    alert_ack(alerts, a->id, "Kim", 2, &changed);
    cause = (struct alert){
        .subject = 7, .rule = 1, .inside = 1, .raised_us = 3, .severity = 1, .certainty = 1};
    alert_raise(alerts, &cause, &changed);
    assert_int_equal(a->severity, 1);
    assert_int_equal(a->certainty, 1);
    assert_false(a->predicted);
    assert_int_equal(a->state, ALERT_UNACKED); /* worse than what was acknowledged */
    assert_string_equal(a->acked_by, "");
    cause = (struct alert){
        .subject = 7, .rule = 1, .near = 2, .raised_us = 4, .severity = 3, .predicted = true};
    alert_raise(alerts, &cause, &changed);
    assert_int_equal(a->severity, 1);
    assert_int_equal(a->certainty, 1);
    assert_false(a->predicted);
    done();
}

static void only_closed_ones_make_place(void **state)
{
    (void)state;
    open_with(4);
    for (uint64_t i = 0; i < 4; i++)
        assert_non_null(raise_at(i, 1, (int64_t)i, 1));
    assert_null(raise_at(9, 1, 9, 1));
    assert_false(changed);
    assert_int_equal(alerts_refused(alerts), 1);
    uint64_t id = alert_open(alerts, 2, 1)->id;
    alert_ack(alerts, id, "Kim", 10, &changed);
    alert_clear(alerts, 2, 1, 11, &changed);
    const struct alert *a = raise_at(9, 1, 12, 1);
    assert_non_null(a);
    assert_null(alert_find(alerts, id));
    assert_int_equal(alerts_count(alerts), 4);
    assert_ptr_equal(alerts_at(alerts, 3), a);
    assert_int_equal(alerts_at(alerts, 2)->subject, 3);
    done();
}

static void closed_ones_are_forgotten_by_age(void **state)
{
    (void)state;
    open_with(MAX);
    for (uint64_t i = 0; i < 6; i++) {
        const struct alert *a = raise_at(i, 1, (int64_t)i, 1);
        if (i == 5)
            continue;
        alert_clear(alerts, i, 1, (int64_t)i, &changed);
        alert_ack(alerts, a->id, "Kim", (int64_t)i, &changed);
    }
    assert_int_equal(alert_forget(alerts, 3), 3);
    assert_int_equal(alerts_count(alerts), 3);
    assert_int_equal(alerts_at(alerts, 0)->subject, 3);
    assert_int_equal(alert_forget(alerts, INT64_MAX), 2);
    assert_int_equal(alerts_at(alerts, 0)->subject, 5);
    done();
}

static void labels_change_once(void **state)
{
    (void)state;
    open_with(MAX);
    const struct alert *a = raise_at(7, 1, 100, 1);
    alert_relabel(alerts, a->id, 2, 200, &changed);
    assert_true(changed);
    assert_int_equal(a->in_force, 2);
    assert_int_equal(a->changed_us, 200);
    alert_relabel(alerts, a->id, 2, 300, &changed);
    assert_false(changed);
    assert_int_equal(a->changed_us, 200);
    done();
}

static void kept_ones_come_back(void **state)
{
    (void)state;
    open_with(MAX);
    struct alert kept = *raise_at(7, 1, 100, 1), later;
    alert_ack(alerts, kept.id, "Kim", 150, &changed);
    later = *alert_find(alerts, kept.id);
    done();
    open_with(MAX);
    assert_true(alert_restore(alerts, &kept));
    assert_true(alert_restore(alerts, &later));
    assert_true(alert_restore(alerts, &kept)); /* older: no effect */
    assert_int_equal(alerts_count(alerts), 1);
    assert_int_equal(alert_open(alerts, 7, 1)->state, ALERT_ACKED);
    later.state = ALERT_CLOSED;
    later.changed_us = 160;
    assert_true(alert_restore(alerts, &later));
    assert_null(alert_open(alerts, 7, 1));
    assert_int_equal(alert_find(alerts, kept.id)->state, ALERT_CLOSED);
    done();
}

static void limits_are_checked(void **state)
{
    (void)state;
    struct err err;
    static _Alignas(16) uint8_t memory[256];
    arena_init_fixed(&arena, memory, sizeof memory);
    assert_null(alerts_new(0, &arena, &err));
    assert_int_equal(err.code, EXIT_CONFIG);
    assert_null(alerts_new(ALERTS_MAX + 1, &arena, &err));
    assert_null(alerts_new(100, &arena, &err));
    assert_int_equal(arena.used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_arrow_of_the_drawing),
        cmocka_unit_test(subjects_and_rules_are_apart),
        cmocka_unit_test(the_last_zone_left_clears),
        cmocka_unit_test(severity_and_certainty_only_rise),
        cmocka_unit_test(only_closed_ones_make_place),
        cmocka_unit_test(closed_ones_are_forgotten_by_age),
        cmocka_unit_test(labels_change_once),
        cmocka_unit_test(kept_ones_come_back),
        cmocka_unit_test(limits_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
