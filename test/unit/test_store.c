#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/timetext.h"

/* Both stores hold the same promises; what a restart asks only the one on disk can. */
struct fixture {
    char dir[64], path[128];
    struct store *store;
    struct err err;
    bool memory;
};

static int open_db(struct fixture *f, bool create, const char *digest, int64_t max_mb)
{
    struct store_options options = {
        .path = f->path, .digest = digest, .party = "S", .create = create, .max_mb = max_mb};
    err_clear(&f->err);
    return store_sqlite_open(&options, &f->store, &f->err);
}

static int set_up(void **state, bool memory)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    f->memory = memory;
    strcpy(f->dir, "/tmp/detente-test.XXXXXX");
    if (!mkdtemp(f->dir))
        return -1;
    snprintf(f->path, sizeof f->path, "%s/x.db", f->dir);
    *state = f;
    return memory ? store_memory_open(&f->store, &f->err) : open_db(f, true, "d", 0);
}

static int set_up_sqlite(void **state)
{
    return set_up(state, false);
}

static int set_up_memory(void **state)
{
    return set_up(state, true);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    char command[128];
    store_close(f->store);
    snprintf(command, sizeof command, "rm -r %s", f->dir);
    int failed = system(command);
    free(f);
    return failed;
}

static void reopen(struct fixture *f)
{
    store_close(f->store);
    f->store = NULL;
    if (open_db(f, false, "d", 0))
        fail_msg("%s", f->err.text);
}

static uint64_t keep(struct fixture *f, const struct kept *kept)
{
    uint64_t sequence = UINT64_MAX;
    if (store_keep(f->store, kept, &sequence, &f->err))
        fail_msg("%s", f->err.text);
    return sequence;
}

static uint64_t keep_sighting(struct fixture *f, uint64_t id, uint64_t track)
{
    char body[64];
    snprintf(body, sizeof body, "{\"s\":%llu}", (unsigned long long)id);
    struct kept kept = {
        .kind = KEPT_SIGHTING, .id = id, .track = track, .time_us = 5, .body = bytes_of(body)};
    return keep(f, &kept);
}

static struct alert example(uint64_t id, int64_t raised_us)
{
    return (struct alert){.id = id,
                          .subject = UINT64_MAX - 1,
                          .track = UINT64_C(0x8000000000000001),
                          .cause = 3,
                          .last_cause = 4,
                          .inside = UINT64_C(1) << 63,
                          .near = 2,
                          .raised_us = raised_us,
                          .changed_us = raised_us + 1,
                          .cleared_us = TIME_UNKNOWN,
                          .time_us = -7,
                          .dist_mm = -123456789012,
                          .dist_err_mm = -3,
                          .lat_e7 = -900000000,
                          .lon_e7 = -1800000000,
                          .count = UINT32_MAX,
                          .rule = 65535,
                          .zone = 63,
                          .side = 1,
                          .in_force = 0x8001,
                          .severity = 4,
                          .state = ALERT_ACKED,
                          .certainty = 1,
                          .platform = 44,
                          .leg = 15,
                          .own = true,
                          .predicted = true,
                          .simulated = true,
                          .acked_by = "김 대위"};
}

static uint64_t keep_alert(struct fixture *f, const struct alert *alert, const char *body)
{
    struct kept kept = {.kind = KEPT_ALERT,
                        .id = alert->id,
                        .track = alert->track,
                        .time_us = alert->changed_us,
                        .body = bytes_of(body),
                        .track_text = "FEED:한글",
                        .alert = alert};
    return keep(f, &kept);
}

struct found {
    size_t count;
    uint64_t sequence[64];
    char body[64][64];
};

static int take(void *to, const struct kept *row)
{
    struct found *found = to;
    found->sequence[found->count] = row->sequence;
    bytes_copy_text(row->body, found->body[found->count], sizeof found->body[0]);
    return ++found->count == 64;
}

static struct found find(struct fixture *f, enum store_find what, uint64_t key, uint32_t limit)
{
    struct found found = {0};
    struct store_query query = {what, key, INT64_MAX, limit};
    if (store_find(f->store, &query, take, &found, &f->err) < 0)
        fail_msg("%s", f->err.text);
    return found;
}

/* ---- both ---------------------------------------------------------------------------------------- */

static void test_sequence_and_order(void **state)
{
    struct fixture *f = *state;
    for (uint64_t i = 1; i <= 5; i++)
        assert_int_equal(keep_sighting(f, 100 + i, i % 2), i);
    assert_int_equal(f->store->sequence, 5);
    assert_int_equal(store_commit(f->store, &f->err), 0);
    struct found since = find(f, FIND_SINCE, 2, 10);
    assert_int_equal(since.count, 3);
    assert_int_equal(since.sequence[0], 3);
    assert_int_equal(since.sequence[2], 5);
    struct found newest = find(f, FIND_SIGHTINGS, 0, 2);
    assert_int_equal(newest.count, 2);
    assert_int_equal(newest.sequence[0], 5);
    assert_string_equal(newest.body[0], "{\"s\":105}");
    assert_int_equal(find(f, FIND_SIGHTINGS_OF, 1, 10).count, 3);
    assert_string_equal(find(f, FIND_SIGHTING, 103, 1).body[0], "{\"s\":103}");
    assert_int_equal(find(f, FIND_SIGHTING, 999, 1).count, 0);
}

static void test_once_is_enough(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(keep_sighting(f, 7, 1), 1);
    assert_int_equal(keep_sighting(f, 7, 1), 0);
    assert_int_equal(f->store->sequence, 1);
    assert_int_equal(f->store->sightings, 1);
    assert_int_equal(keep_sighting(f, 8, 1), 2);
    struct kept fix = {.kind = KEPT_POSITION, .track = 9, .time_us = 50, .body = bytes_of("{}")};
    keep(f, &fix);
    keep(f, &fix);
    fix.leg = 1;
    keep(f, &fix);
    assert_int_equal(find(f, FIND_POSITIONS, 9, 10).count, 2);
    assert_int_equal(f->store->sequence, 2);
}

static void test_an_alert_stands_once_and_is_told_each_time(void **state)
{
    struct fixture *f = *state;
    struct alert first = example(1, 10), second = example(2, 20);
    keep_alert(f, &first, "{\"a\":1}");
    keep_alert(f, &second, "{\"a\":2}");
    first.state = ALERT_CLOSED;
    keep_alert(f, &first, "{\"a\":3}");
    struct found all = find(f, FIND_ALERTS, 0, 10), open = find(f, FIND_ALERTS_OPEN, 0, 10);
    assert_int_equal(all.count, 2);
    assert_string_equal(all.body[0], "{\"a\":2}");
    assert_string_equal(all.body[1], "{\"a\":3}");
    assert_int_equal(open.count, 1);
    assert_string_equal(open.body[0], "{\"a\":2}");
    assert_int_equal(find(f, FIND_SINCE, 0, 10).count, 3);
    assert_string_equal(find(f, FIND_ALERT, 1, 1).body[0], "{\"a\":3}");
}

static void test_positions_up_to_a_time(void **state)
{
    struct fixture *f = *state;
    for (int i = 1; i <= 4; i++) {
        char body[16];
        snprintf(body, sizeof body, "{\"t\":%d}", i);
        struct kept fix = {
            .kind = KEPT_POSITION, .track = 5, .time_us = i * 10, .body = bytes_of(body)};
        assert_int_equal(keep(f, &fix), 0);
    }
    struct store_query query = {FIND_POSITIONS, 5, 30, 2};
    struct found found = {0};
    assert_int_equal(store_find(f->store, &query, take, &found, &f->err), 0);
    assert_int_equal(found.count, 2);
    assert_string_equal(found.body[0], "{\"t\":3}");
    assert_string_equal(found.body[1], "{\"t\":2}");
}

struct restored {
    size_t count;
    struct alert alert;
    char text[64];
};

static void take_alert(void *to, const struct alert *alert, const char *track_text)
{
    struct restored *r = to;
    r->count++;
    r->alert = *alert;
    snprintf(r->text, sizeof r->text, "%s", track_text);
}

static void assert_same_alert(const struct alert *a, const struct alert *b)
{
    assert_true(a->id == b->id && a->subject == b->subject && a->track == b->track);
    assert_true(a->cause == b->cause && a->last_cause == b->last_cause);
    assert_true(a->inside == b->inside && a->near == b->near);
    assert_true(a->raised_us == b->raised_us && a->changed_us == b->changed_us);
    assert_true(a->cleared_us == b->cleared_us && a->time_us == b->time_us);
    assert_true(a->dist_mm == b->dist_mm && a->dist_err_mm == b->dist_err_mm);
    assert_true(a->lat_e7 == b->lat_e7 && a->lon_e7 == b->lon_e7 && a->count == b->count);
    assert_true(a->rule == b->rule && a->zone == b->zone && a->side == b->side);
    assert_true(a->in_force == b->in_force && a->severity == b->severity);
    assert_true(a->state == b->state && a->certainty == b->certainty);
    assert_true(a->platform == b->platform && a->leg == b->leg);
    assert_true(a->own == b->own && a->predicted == b->predicted && a->simulated == b->simulated);
    assert_string_equal(a->acked_by, b->acked_by);
}

static void test_open_alerts_come_back_whole(void **state)
{
    struct fixture *f = *state;
    struct alert open = example(UINT64_MAX, INT64_MIN + 5), closed = example(2, 20);
    struct restored restored = {0};
    closed.state = ALERT_CLOSED;
    keep_alert(f, &open, "{}");
    keep_alert(f, &closed, "{}");
    assert_int_equal(store_commit(f->store, &f->err), 0);
    if (!f->memory)
        reopen(f);
    assert_int_equal(store_restore(f->store, take_alert, &restored, &f->err), 0);
    assert_int_equal(restored.count, 1);
    assert_same_alert(&restored.alert, &open);
    assert_string_equal(restored.text, "FEED:한글");
}

/* Whoever adds a field to an alert adds its column: none is forgotten. */
static void test_no_field_is_forgotten(void **state)
{
    struct fixture *f = *state;
    struct restored restored = {0};
    struct alert alert;
    memset(&alert, 1, sizeof alert);
    memset(alert.acked_by, 0, sizeof alert.acked_by);
    keep_alert(f, &alert, "{}");
    assert_int_equal(store_restore(f->store, take_alert, &restored, &f->err), 0);
    assert_int_equal(restored.count, 1);
    assert_memory_equal(&restored.alert, &alert, offsetof(struct alert, acked_by));
}

/* ---- on disk ------------------------------------------------------------------------------------- */

static void test_what_was_committed_is_there(void **state)
{
    struct fixture *f = *state;
    keep_sighting(f, 1, 1);
    assert_int_equal(store_commit(f->store, &f->err), 0);
    keep_sighting(f, 2, 1); /* not committed */
    reopen(f);
    assert_int_equal(f->store->sequence, 1);
    assert_int_equal(f->store->sightings, 1);
    assert_int_equal(find(f, FIND_SINCE, 0, 10).count, 1);
    assert_int_equal(keep_sighting(f, 3, 1), 2);
}

static void test_others_are_refused(void **state)
{
    struct fixture *f = *state;
    char command[512];
    store_close(f->store);
    f->store = NULL;
    assert_int_equal(open_db(f, false, "other", 0), ERR_FAIL);
    assert_int_equal(f->err.code, EXIT_CONFIG);
    assert_non_null(strstr(f->err.text, "agreement digest d"));
    assert_int_equal(open_db(f, true, "d", 0), ERR_FAIL); /* is there already */
    assert_int_equal(f->err.code, EXIT_IO);
    snprintf(command, sizeof command, "head -c 8192 /dev/zero > %s; rm -f %s-wal %s-shm", f->path,
             f->path, f->path);
    assert_int_equal(system(command), 0);
    assert_int_equal(open_db(f, false, "d", 0), ERR_FAIL);
    assert_true(f->err.code == EXIT_IO || f->err.code == EXIT_CONFIG);
    snprintf(command, sizeof command, "rm %s", f->path);
    assert_int_equal(system(command), 0);
    assert_int_equal(open_db(f, false, "d", 0), ERR_FAIL);
    assert_int_equal(f->err.code, EXIT_IO);
    assert_int_not_equal(access(f->path, F_OK), 0); /* none was made by the way */
}

/* Keeps until it fails; returns how many were committed. */
static uint64_t fill(struct fixture *f)
{
    char body[2048];
    uint64_t committed = 0, sequence;
    memset(body, ' ', sizeof body);
    for (uint64_t id = 1; id < 10000; id++) {
        struct kept kept = {
            .kind = KEPT_SIGHTING, .id = id, .body = {(const uint8_t *)body, sizeof body}};
        if (store_keep(f->store, &kept, &sequence, &f->err) || store_commit(f->store, &f->err))
            return committed;
        committed++;
    }
    fail_msg("it never was full");
    return 0;
}

static void test_full_is_an_answer(void **state)
{
    struct fixture *f = *state;
    uint64_t sequence;
    store_close(f->store);
    f->store = NULL;
    assert_int_equal(open_db(f, false, "d", 1), 0);
    uint64_t committed = fill(f);
    assert_in_range(committed, 100, 512); /* 1 MiB in bodies of 2 KiB */
    assert_int_equal(f->err.code, EXIT_IO);
    assert_non_null(strstr(f->err.text, "no room is left"));
    struct kept more = {.kind = KEPT_SIGHTING, .id = 77777, .body = bytes_of("{}")};
    assert_int_equal(store_keep(f->store, &more, &sequence, &f->err), ERR_FAIL);
    assert_int_equal(store_commit(f->store, &f->err), ERR_FAIL);
    reopen(f);
    assert_int_equal(f->store->sequence, committed);
}

#define BOTH(test)                                                                                 \
    {"sqlite: " #test, test, set_up_sqlite, tear_down, NULL},                                      \
    {                                                                                              \
        "memory: " #test, test, set_up_memory, tear_down, NULL                                     \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(test_sequence_and_order),
        BOTH(test_once_is_enough),
        BOTH(test_an_alert_stands_once_and_is_told_each_time),
        BOTH(test_positions_up_to_a_time),
        BOTH(test_open_alerts_come_back_whole),
        BOTH(test_no_field_is_forgotten),
        cmocka_unit_test_setup_teardown(test_what_was_committed_is_there, set_up_sqlite, tear_down),
        cmocka_unit_test_setup_teardown(test_others_are_refused, set_up_sqlite, tear_down),
        cmocka_unit_test_setup_teardown(test_full_is_an_answer, set_up_sqlite, tear_down),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
