#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agreement/agreement.h"

/*
 * What was in force for whom. The acts are those of the agreement of 19 September 2018 as both
 * sides announced them: in force on 1 November 2018; the South suspended 1.3 from 22 November 2023,
 * 15:00 Korean time (decision of the State Council, notified by the Ministry of National Defense);
 * the North renounced all of it on 23 November (statement of its Ministry of Defence); the South
 * suspended all of it on 4 June 2024 (State Council).
 */
#define ARENA_LIMIT (64u << 20)

#define HEAD                                                                                       \
    "{\"format\": \"detente-agreement/1\", \"id\": \"t\", \"title\": \"T\", \"tz\": "              \
    "\"Asia/Seoul\","                                                                              \
    "\"parties\": [{\"id\": \"S\"}, {\"id\": \"N\"}],"                                             \
    "\"provisions\": [{\"id\": \"1\"}, {\"id\": \"1.2\", \"parent\": \"1\"},"                      \
    " {\"id\": \"1.3\", \"parent\": \"1\"}, {\"id\": \"1.3.a\", \"parent\": \"1.3\"},"             \
    " {\"id\": \"2\"}]"

#define HISTORY                                                                                    \
    HEAD ", \"status\": ["                                                                         \
         "{\"provision\": \"*\", \"party\": \"*\", \"at\": \"2018-11-01T00:00\", \"is\": "         \
         "\"in_force\"},"                                                                          \
         "{\"provision\": \"*\", \"party\": \"S\", \"at\": \"2024-06-04\", \"is\": "               \
         "\"declared_suspended\","                                                                 \
         " \"until\": \"trust is restored\"},"                                                     \
         "{\"provision\": \"*\", \"party\": [\"N\"], \"at\": \"2023-11-23\", \"is\": "             \
         "\"declared_void\","                                                                      \
         " \"cause\": {\"en\": \"the suspension by the South\"}},"                                 \
         "{\"provision\": [\"1.3\"], \"party\": \"S\", \"at\": \"2023-11-22T15:00+09:00\","        \
         " \"is\": \"declared_suspended\", \"cause\": \"a satellite launch\", \"source\": "        \
         "\"MND\"}]}"

struct fixture {
    struct arena arena;
    struct err err;
    const struct agreement *a;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    arena_init(&f->arena, ARENA_LIMIT, malloc, free);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    arena_release(&f->arena);
    free(f);
    return 0;
}

static const struct agreement *read_text(struct fixture *f, const char *text)
{
    if (agreement_read(bytes_of(text), NULL, 0, &f->arena, &f->a, &f->err))
        fail_msg("%s", f->err.text);
    return f->a;
}

static int64_t at(const char *text)
{
    int64_t time_us;
    bool date_only;
    assert_true(time_read(bytes_of(text), 9 * TIME_HOUR, &time_us, &date_only));
    return time_us;
}

static enum state state_at(const struct agreement *a, const char *provision, const char *party,
                           const char *time)
{
    uint16_t p = agreement_provision(a, provision), who = agreement_party(a, party);
    assert_int_not_equal(p, AGREEMENT_NONE);
    assert_int_not_equal(who, AGREEMENT_NONE);
    return agreement_state(a, p, who, at(time), NULL);
}

static void milestones_of_2018(void **state)
{
    static const struct {
        const char *provision, *party, *time;
        enum state state;
    } rows[] = {
        {"1.3", "S", "2018-10-31", STATE_NOT_STARTED},
        {"1.3", "S", "2018-11-01", STATE_IN_FORCE},
        {"2", "N", "2018-11-01T00:00", STATE_IN_FORCE},
        {"1.3", "S", "2023-11-22T14:59+09:00", STATE_IN_FORCE},
        {"1.3", "S", "2023-11-22T15:00+09:00", STATE_DECLARED_SUSPENDED},
        {"1.3", "S", "2023-11-22T06:00Z", STATE_DECLARED_SUSPENDED},
        {"1.3", "S", "2023-11-22T05:59:59.999999Z", STATE_IN_FORCE},
        {"1.3", "S", "2023-11-22", STATE_DECLARED_SUSPENDED},
        {"1.3.a", "S", "2023-11-22T15:00", STATE_DECLARED_SUSPENDED}, /* below 1.3 */
        {"1.2", "S", "2023-11-22T15:00", STATE_IN_FORCE},             /* beside it */
        {"1", "S", "2023-11-22T15:00", STATE_IN_FORCE},               /* above it */
        {"1.3", "N", "2023-11-22T15:00", STATE_IN_FORCE},             /* the other side */
        {"1.2", "N", "2023-11-23T23:59", STATE_IN_FORCE},             /* a date is the day's end */
        {"1.2", "N", "2023-11-23", STATE_DECLARED_VOID},
        {"1.2", "N", "2023-11-24T00:00", STATE_DECLARED_VOID},
        {"1.2", "S", "2024-06-04T12:00", STATE_IN_FORCE},
        {"1.2", "S", "2024-06-05", STATE_DECLARED_SUSPENDED},
    };
    const struct agreement *a = read_text(*state, HISTORY);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum state found = state_at(a, rows[i].provision, rows[i].party, rows[i].time);
        if (found != rows[i].state)
            fail_msg("%s for %s at %s: %s", rows[i].provision, rows[i].party, rows[i].time,
                     state_name(found));
    }
}

static void the_act_tells_its_cause(void **state)
{
    const struct agreement *a = read_text(*state, HISTORY);
    const struct status_event *since;
    agreement_state(a, agreement_provision(a, "1.3"), agreement_party(a, "S"),
                    at("2023-12-01T00:00"), &since);
    assert_non_null(since);
    assert_int_equal(since->time_us, at("2023-11-22T15:00"));
    assert_false(since->date_only);
    assert_string_equal(since->cause.en, "a satellite launch");
    assert_string_equal(since->source, "MND");
    agreement_state(a, agreement_provision(a, "2"), agreement_party(a, "N"), at("2023-11-24"),
                    &since);
    assert_true(since->date_only);
    agreement_state(a, agreement_provision(a, "2"), agreement_party(a, "N"), at("2018-10-31"),
                    &since);
    assert_null(since);
}

static void events_stand_in_order(void **state)
{
    const struct agreement *a = read_text(*state, HISTORY);
    /* 5 provisions x 2 parties, 5 x 1 twice, and 1.3 with 1.3.a for one */
    assert_int_equal(a->status_count, 10 + 5 + 5 + 2);
    for (uint32_t i = 1; i < a->status_count; i++)
        assert_true(a->status[i - 1].time_us <= a->status[i].time_us);
}

static void acts_of_one_time_keep_the_order_of_the_text(void **state)
{
    const struct agreement *a = read_text(
        *state, HEAD
        ", \"status\": ["
        "{\"provision\": \"2\", \"party\": \"S\", \"at\": \"2020-01-01\", \"is\": \"done\"},"
        "{\"provision\": \"2\", \"party\": \"S\", \"at\": \"2020-01-01\", \"is\": \"verified\"}]}");
    assert_int_equal(state_at(a, "2", "S", "2020-01-01"), STATE_VERIFIED);
}

/* Rules without a history bind: docs/format/agreement.md, "status". */
static void without_acts_everything_is_in_force(void **state)
{
    static const char *const texts[] = {HEAD "}", HEAD ", \"status\": []}"};
    for (size_t i = 0; i < 2; i++) {
        const struct agreement *a = read_text(*state, texts[i]);
        const struct status_event *since;
        assert_int_equal(agreement_state(a, 0, 1, at("1900-01-01"), &since), STATE_IN_FORCE);
        assert_int_equal(since->time_us, TIME_UNKNOWN);
        assert_int_equal(state_at(a, "1.3.a", "S", "2200-01-01"), STATE_IN_FORCE);
    }
    const struct agreement *a = read_text(*state, HEAD ", \"in_force\": \"2018-10-26\"}");
    assert_int_equal(state_at(a, "2", "S", "2018-10-25"), STATE_NOT_STARTED);
    assert_int_equal(state_at(a, "2", "N", "2018-10-26T00:00"), STATE_IN_FORCE);
}

static void one_act_starts_a_history(void **state)
{
    const struct agreement *a =
        read_text(*state, HEAD
                  ", \"in_force\": \"2018-10-26\", \"status\": [{\"provision\": \"2\", \"party\": "
                  "\"S\", \"at\": \"2020-01-01\", \"is\": \"under_way\"}]}");
    assert_int_equal(state_at(a, "2", "N", "2021-01-01"), STATE_NOT_STARTED);
    assert_int_equal(state_at(a, "1", "S", "2021-01-01"), STATE_NOT_STARTED);
    assert_int_equal(state_at(a, "2", "S", "2021-01-01"), STATE_UNDER_WAY);
}

/* The table of docs/format/agreement.md. */
static void which_states_bind(void **state)
{
    static const struct {
        enum state state;
        const char *name;
        bool in_force;
    } rows[] = {
        {STATE_NOT_STARTED, "not_started", false},
        {STATE_UNDER_WAY, "under_way", true},
        {STATE_DONE, "done", true},
        {STATE_VERIFIED, "verified", true},
        {STATE_HELD_BACK, "held_back", false},
        {STATE_IN_FORCE, "in_force", true},
        {STATE_THREATENED, "threatened", true},
        {STATE_DECLARED_SUSPENDED, "declared_suspended", false},
        {STATE_DECLARED_VOID, "declared_void", false},
        {STATE_RESTORING, "restoring", false},
        {STATE_LAPSED, "lapsed", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(state_name(rows[i].state), rows[i].name);
        assert_int_equal(state_in_force(rows[i].state), rows[i].in_force);
    }
}

static void acts_that_do_not_fit(void **state)
{
    static const struct {
        const char *act, *said;
    } rows[] = {
        {"\"provision\": \"1.3\", \"party\": \"X\", \"at\": \"2020-01-01\", \"is\": \"done\"",
         "agreement.json: status[0].party: no party \"X\"; expected an id from \"parties\""},
        {"\"provision\": \"9\", \"party\": \"S\", \"at\": \"2020-01-01\", \"is\": \"done\"",
         "agreement.json: status[0].provision: no provision \"9\""},
        {"\"provision\": [\"1\", \"9\"], \"party\": \"S\", \"at\": \"2020-01-01\", \"is\": "
         "\"done\"",
         "agreement.json: status[0].provision[1]: no provision \"9\""},
        {"\"provision\": \"1\", \"party\": \"S\", \"at\": \"2020-13-01\", \"is\": \"done\"",
         "agreement.json: status[0].at: not a time"},
        {"\"provision\": \"1\", \"party\": \"S\", \"at\": \"2020-01-01\", \"is\": \"broken\"",
         "agreement.json: status[0].is: \"broken\" is not known; expected one of not_started"},
        {"\"provision\": \"1\", \"party\": \"S\", \"is\": \"done\"",
         "agreement.json: status[0]: missing \"at\": a time"},
        {"\"provision\": \"1\", \"party\": \"S\", \"at\": \"2020-01-01\", \"is\": \"done\", "
         "\"who\": 1",
         "agreement.json: status[0].who: unknown key"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[2048];
        snprintf(text, sizeof text, "%s, \"status\": [{%s}]}", HEAD, rows[i].act);
        assert_int_equal(agreement_read(bytes_of(text), NULL, 0, &f->arena, &f->a, &f->err),
                         ERR_FAIL);
        assert_int_equal(f->err.code, EXIT_DATA);
        if (!strstr(f->err.text, rows[i].said))
            fail_msg("\"%s\" does not say \"%s\"", f->err.text, rows[i].said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(milestones_of_2018, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_act_tells_its_cause, set_up, tear_down),
        cmocka_unit_test_setup_teardown(events_stand_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(acts_of_one_time_keep_the_order_of_the_text, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(without_acts_everything_is_in_force, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_act_starts_a_history, set_up, tear_down),
        cmocka_unit_test(which_states_bind),
        cmocka_unit_test_setup_teardown(acts_that_do_not_fit, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
