#include "api/keeper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "api/streams.h"
#include "watch_scene.h"

/*
 * What is kept reaches each client once and in order, also where one takes more at once than goes
 * out live. The connections are ours (they stand in for os/http.h): what is put into one waits until
 * the test says that it has gone.
 */
struct http_stream {
    struct http_stream_events events;
    uint64_t ids[4096]; /* as they came */
    size_t count, waiting;
};

#define CLIENTS 2
static struct http_stream streams_of[CLIENTS];
static size_t joined;

struct http_stream *http_stream_new(struct http_request *request, const char *type,
                                    const struct http_stream_events *events)
{
    (void)request;
    (void)type;
    struct http_stream *stream = &streams_of[joined++];
    *stream = (struct http_stream){.events = *events};
    return stream;
}

void http_stream_put(struct http_stream *stream, struct bytes bytes)
{
    char *text = calloc(1, bytes.n + 1);
    assert_non_null(text);
    memcpy(text, bytes.p, bytes.n);
    for (const char *at = text; (at = strstr(at, "id: ")); at += 4)
        stream->ids[stream->count++] = strtoull(at + 4, NULL, 10);
    free(text);
    stream->waiting += bytes.n;
}

size_t http_stream_waiting(const struct http_stream *stream)
{
    return stream->waiting;
}

void http_stream_close(struct http_stream *stream)
{
    stream->events.closed(stream->events.to, stream, false);
}

const char *http_header(const struct http_request *request, const char *name)
{
    (void)request;
    (void)name;
    return NULL;
}

void http_refuse(struct http_request *request, int status, const char *format, ...)
{
    (void)request;
    fail_msg("refused with %d: %s", status, format);
}

/* ---- the scene ---------------------------------------------------------------------------------- */

static struct event_base *base;
static struct store *store;
static struct streams streams;
static struct keeper *keeper;
static bool busy; /* `kept` is at work: nobody may come into it again */

static void on_kept(void *to, struct bytes frames, int64_t since_us)
{
    (void)to;
    (void)since_us;
    assert_false(busy);
    busy = true;
    streams_put_kept(&streams, frames);
    busy = false;
}

static void on_failed(void *to, const struct err *err)
{
    (void)to;
    fail_msg("%s", err->text);
}

static int settle(void *to)
{
    (void)to;
    return keeper_settle(keeper);
}

static void open_all(void)
{
    struct keeper_options options = {NULL, on_kept, on_failed};
    struct err err;
    scene_open();
    world_box(&scene.world, "A", 10, -1, 11, 1);
    world_compile(&scene.world);
    base = event_base_new();
    joined = 0;
    assert_int_equal(store_memory_open(&store, &err), 0);
    streams = (struct streams){.store = store, .settle = settle};
    assert_int_equal(keeper_new(base, store, &scene.world.compiled, &options, &keeper, &err), 0);
    for (size_t i = 0; i < CLIENTS; i++)
        streams_join(&streams, NULL, (struct bytes){NULL, 0});
}

static void close_all(void)
{
    keeper_free(keeper);
    while (streams.clients)
        http_stream_close(&streams_of[--joined]);
    store_close(store);
    event_base_free(base);
    world_release(&scene.world);
}

static void keep(uint64_t id)
{
    struct position fix = scene_at((double)id, 10.5, 0);
    struct sighting sighting = {.id = id, .track = fix.track, .time_us = fix.time_us, .fix = fix};
    assert_int_equal(keeper_sighting(keeper, &sighting, "ais:000000001", 1), 0);
}

/* What was put has gone, as often as more follows. */
static void drain(struct http_stream *stream)
{
    while (stream->waiting) {
        stream->waiting = 0;
        stream->events.drained(stream->events.to, stream);
    }
}

static void each_has_all_in_order(uint64_t count)
{
    assert_int_equal(store->kept, count);
    for (size_t i = 0; i < CLIENTS; i++) {
        drain(&streams_of[i]);
        assert_int_equal(streams_of[i].count, count);
        for (size_t k = 0; k < count; k++)
            assert_int_equal(streams_of[i].ids[k], k + 1);
    }
}

/* ---- tests -------------------------------------------------------------------------------------- */

static void what_is_kept_goes_out_live(void **state)
{
    (void)state;
    open_all();
    for (uint64_t id = 1; id <= 10; id++)
        keep(id);
    assert_int_equal(streams_of[0].count, 0); /* it is not durable yet */
    assert_int_equal(keeper_settle(keeper), 0);
    each_has_all_in_order(10);
    close_all();
}

/* A group that is more than goes out live, and rows that gathered while it was written. */
#define BURST 1000

static void a_burst_is_read_from_the_store(void **state)
{
    (void)state;
    open_all();
    for (uint64_t id = 1; id <= BURST; id++)
        keep(id);
    assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0); /* it waited long enough: written */
    keep(BURST + 1);
    while (store->kept < BURST + 1)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    assert_int_equal(keeper_settle(keeper), 0);
    each_has_all_in_order(BURST + 1);
    close_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_goes_out_live),
        cmocka_unit_test(a_burst_is_read_from_the_store),
    };
    return cmocka_run_group_tests_name("streams", tests, NULL, NULL);
}
