#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "api/describe.h"
#include "api/show.h"
#include "os/clock.h"

#define LIMIT_USUAL 100
#define LIMIT_MAX   10000
#define WHY_FIXES   50
#define SEGMENT_MAX 128

/* One call: who asks, and what stood in place of {} in the path. */
struct call {
    struct api *api;
    struct desk *desk;
    struct http_request *request;
    char segment[SEGMENT_MAX];
};

/* ---- common ------------------------------------------------------------------------------------- */

static void answer(struct call *call, const struct page *page, const char *type)
{
    if (page_failed(page))
        http_refuse(call->request, 503, "no memory for the answer; ask for less");
    else
        http_answer(call->request, 200, type, page_bytes(page));
}

static void answer_json(struct call *call, struct page *page)
{
    answer(call, page, "application/json");
    page_free(page);
}

/* False: it was refused. */
static bool read_limit(struct call *call, uint32_t *ret_limit)
{
    const char *text = http_query(call->request, "limit");
    int64_t limit = LIMIT_USUAL;
    if (text && (!bytes_int64(bytes_of(text), &limit) || limit < 1 || limit > LIMIT_MAX)) {
        http_refuse(call->request, 400, "limit: expected 1 to %d", LIMIT_MAX);
        return false;
    }
    *ret_limit = (uint32_t)limit;
    return true;
}

/* 16 hex digits. */
static bool read_id(struct call *call, uint64_t *ret_id)
{
    const char *text = call->segment;
    if (strlen(text) == 16 && strspn(text, "0123456789abcdef") == 16) {
        *ret_id = strtoull(text, NULL, 16);
        return true;
    }
    http_refuse(call->request, 404, "an id has 16 hex digits");
    return false;
}

static int put_row(void *to, const struct kept *row)
{
    struct page *page = to;
    page_raw(page, row->body);
    return page_failed(page);
}

/* {"KEY": [rows]} */
static void answer_list(struct call *call, const char *key, const struct store_query *query)
{
    struct err err = {EXIT_FINE, ""};
    struct page page;
    page_init(&page);
    page_begin(&page, '{');
    page_key(&page, key);
    page_begin(&page, '[');
    int result = store_find(call->desk->store, query, put_row, &page, &err);
    page_end(&page, ']');
    page_end(&page, '}');
    if (result < 0) {
        http_refuse(call->request, 503, "%s", err.text);
        page_free(&page);
    } else {
        answer_json(call, &page);
    }
}

/* ---- what does not change ----------------------------------------------------------------------- */

static void get_agreement(struct call *call)
{
    answer(call, &call->api->agreement, "application/json");
}

static void get_zones(struct call *call)
{
    answer(call, &call->api->zones, "application/geo+json");
}

static void get_lines(struct call *call)
{
    answer(call, &call->api->lines, "application/geo+json");
}

static void get_openapi(struct call *call)
{
    http_answer(call->request, 200, "application/json", openapi_text());
}

/* ---- now ---------------------------------------------------------------------------------------- */

static void get_health(struct call *call)
{
    struct page page;
    page_init(&page);
    show_health(&page, call->desk);
    answer_json(call, &page);
}

static void get_metrics(struct call *call)
{
    struct page page;
    page_init(&page);
    metrics_write(&page, call->desk, http_counts(call->api->http));
    answer(call, &page, "text/plain; version=0.0.4; charset=utf-8");
    page_free(&page);
}

static void get_tracks(struct call *call)
{
    struct page page;
    page_init(&page);
    show_tracks(&page, call->desk);
    answer_json(call, &page);
}

/* The members of an object that was kept. */
static void put_members(struct page *page, struct json object)
{
    for (struct json_iter it = json_iter(object); json_next(&it);) {
        char key[32];
        bytes_copy_text(it.key, key, sizeof key);
        page_key(page, key);
        page_raw(page, (struct bytes){it.value.p, (size_t)(it.value.end - it.value.p)});
    }
}

/* A track that is not seen now: the last of what was kept. */
static void put_kept_track(struct page *page, struct desk *desk, const struct kept *last)
{
    struct json body;
    if (json_open(last->body, &body, NULL))
        return;
    page_begin(page, '{');
    put_members(page, body);
    page_key_text(page, "side", NULL);
    page_key_text(page, "letter", NULL);
    page_key_bool(page, "own", false);
    page_key(page, "inside");
    page_raw(page, bytes_of("[]"));
    page_key(page, "near");
    page_raw(page, bytes_of("[]"));
    page_key_text(page, "line_m", NULL);
    const struct craft *craft = crafts_find(&desk->crafts, last->track);
    page_key_bool(page, "alerted", craft && craft->alerted);
    page_key_bool(page, "stale", true);
    page_key(page, "fixes");
    show_kept_fixes(page, desk, last->track, INT64_MAX, CRAFT_FIXES_MAX);
    page_end(page, '}');
}

/* The search must be over before another begins. */
struct last_kept {
    struct page body;
    struct kept row;
};

static int take_last(void *to, const struct kept *row)
{
    struct last_kept *last = to;
    page_put(&last->body, row->body);
    last->row = *row;
    return 1;
}

static void get_kept_track(struct call *call, uint64_t track, struct page *page)
{
    struct err err = {EXIT_FINE, ""};
    struct store_query query = {FIND_POSITIONS, track, INT64_MAX, 1};
    struct last_kept last;
    page_init(&last.body);
    if (store_find(call->desk->store, &query, take_last, &last, &err) > 0) {
        last.row.body = page_bytes(&last.body);
        put_kept_track(page, call->desk, &last.row);
        answer(call, page, "application/json");
    } else {
        http_refuse(call->request, 404, "track %s: nothing is known of it", call->segment);
    }
    page_free(&last.body);
}

static void get_track(struct call *call)
{
    struct page page;
    uint64_t track = track_read(bytes_of(call->segment));
    const struct craft *craft = crafts_find(&call->desk->crafts, track);
    page_init(&page);
    if (craft && craft->seen) {
        show_track(&page, call->desk, craft, true);
        answer(call, &page, "application/json");
    } else {
        get_kept_track(call, track, &page);
    }
    page_free(&page);
}

/* ---- what was kept ------------------------------------------------------------------------------ */

static void get_alerts(struct call *call)
{
    const char *state = http_query(call->request, "state");
    struct store_query query = {.find = FIND_ALERTS_OPEN};
    if (state && strcmp(state, "all") == 0)
        query.find = FIND_ALERTS;
    else if (state && strcmp(state, "open") != 0) {
        http_refuse(call->request, 400, "state: expected open or all");
        return;
    }
    if (read_limit(call, &query.limit))
        answer_list(call, "alerts", &query);
}

static void get_sightings(struct call *call)
{
    const char *track = http_query(call->request, "track");
    struct store_query query = {.find = track ? FIND_SIGHTINGS_OF : FIND_SIGHTINGS};
    if (track)
        query.key = track_read(bytes_of(track));
    if (read_limit(call, &query.limit))
        answer_list(call, "sightings", &query);
}

/* ---- one alert ---------------------------------------------------------------------------------- */

static int copy_row(void *to, const struct kept *row)
{
    page_put(to, row->body);
    return 1;
}

/* The body of one row; false: there is none. */
static bool find_one(struct desk *desk, enum store_find find, uint64_t key, struct page *body)
{
    struct err err = {EXIT_FINE, ""};
    struct store_query query = {.find = find, .key = key, .limit = 1};
    return store_find(desk->store, &query, copy_row, body, &err) > 0 && !page_failed(body);
}

/* The index of the entity of this id among `count`, each found by `id_of`. */
static uint16_t index_of(struct json id, const struct agreement *a, uint16_t count,
                         const char *(*id_of)(const struct agreement *, uint16_t))
{
    for (uint16_t i = 0; i < count; i++)
        if (json_is(id, id_of(a, i)))
            return i;
    return AGREEMENT_NONE;
}

static const char *rule_id(const struct agreement *a, uint16_t i)
{
    return a->rules[i].id;
}

static const char *zone_id(const struct agreement *a, uint16_t i)
{
    return a->zones[i].id;
}

static const char *provision_id(const struct agreement *a, uint16_t i)
{
    return a->provisions[i].id;
}

static void put_entities(struct page *page, const struct compiled *compiled, struct json alert)
{
    const struct agreement *a = compiled->agreement;
    uint16_t rule = index_of(json_get(alert, "rule"), a, a->rule_count, rule_id);
    uint16_t provision =
        index_of(json_get(alert, "provision"), a, a->provision_count, provision_id);
    uint16_t zone = index_of(json_get(alert, "zone"), a, a->zone_count, zone_id);
    page_key(page, "rule");
    if (rule == AGREEMENT_NONE)
        page_null(page);
    else
        describe_rule(page, a, rule);
    page_key(page, "provision");
    if (provision == AGREEMENT_NONE)
        page_null(page);
    else
        describe_provision(page, a, provision);
    page_key(page, "zone");
    if (zone == AGREEMENT_NONE)
        page_null(page);
    else
        describe_zone(page, compiled, zone);
}

/* The sighting that the alert last stood on. */
static void put_sighting(struct page *page, struct desk *desk, struct json alert)
{
    char text[17] = "";
    struct page body;
    page_init(&body);
    json_text(json_get(alert, "last_cause"), text, sizeof text);
    page_key(page, "sighting");
    if (find_one(desk, FIND_SIGHTING, strtoull(text, NULL, 16), &body))
        page_raw(page, page_bytes(&body));
    else
        page_null(page);
    page_free(&body);
}

static int64_t time_of(struct json object, const char *key)
{
    char text[40] = "";
    int64_t time_us;
    bool date_only;
    json_text(json_get(object, key), text, sizeof text);
    return time_read(bytes_of(text), 0, &time_us, &date_only) ? time_us : INT64_MIN;
}

/* The fixes up to the episode's last word. */
static void put_why_fixes(struct page *page, struct desk *desk, struct json alert)
{
    char track[SEGMENT_MAX] = "";
    int64_t changed_us = time_of(alert, "changed"), cause_us = time_of(alert, "time");
    json_text(json_get(alert, "track"), track, sizeof track);
    page_key(page, "fixes");
    show_kept_fixes(page, desk, track_read(bytes_of(track)),
                    changed_us > cause_us ? changed_us : cause_us, WHY_FIXES);
}

static void put_alert(struct page *page, struct desk *desk, struct json alert)
{
    page_begin(page, '{');
    put_members(page, alert);
    page_key(page, "why");
    page_begin(page, '{');
    put_entities(page, node_compiled(desk->node), alert);
    put_sighting(page, desk, alert);
    put_why_fixes(page, desk, alert);
    page_end(page, '}');
    page_end(page, '}');
}

static void get_alert(struct call *call)
{
    struct page page, body;
    struct json alert;
    uint64_t id;
    if (!read_id(call, &id))
        return;
    page_init(&page);
    page_init(&body);
    if (!find_one(call->desk, FIND_ALERT, id, &body) ||
        json_open(page_bytes(&body), &alert, NULL)) {
        http_refuse(call->request, 404, "there is no alert %s", call->segment);
    } else {
        put_alert(&page, call->desk, alert);
        answer(call, &page, "application/json");
    }
    page_free(&body);
    page_free(&page);
}

/* {"by": "name"} and nothing else. */
static bool read_by(struct call *call, char by[ALERT_BY_MAX])
{
    struct err err = {EXIT_FINE, ""};
    struct json body;
    if (json_open(http_body(call->request), &body, &err)) {
        http_refuse(call->request, 400, "the body: %s", err.text);
        return false;
    }
    if (body.type == JSON_OBJECT && json_count(body) == 1 &&
        json_text(json_get(body, "by"), by, ALERT_BY_MAX) && by[0])
        return true;
    http_refuse(call->request, 400, "the body: expected {\"by\": \"name\"}, at most %d bytes",
                ALERT_BY_MAX - 1);
    return false;
}

/* Twice is once: an episode that was acknowledged already answers as it stands. */
static void post_ack(struct call *call)
{
    char by[ALERT_BY_MAX];
    struct err err = {EXIT_FINE, ""};
    struct page body;
    uint64_t id;
    if (!read_id(call, &id) || !read_by(call, by))
        return;
    page_init(&body);
    int failed = desk_ack(call->desk, id, by, &err);
    if (call->desk->failure.code)
        http_refuse(call->request, 503, "%s", call->desk->failure.text);
    else if (!find_one(call->desk, FIND_ALERT, id, &body))
        http_refuse(call->request, 404, "%s", failed ? err.text : "there is no such alert");
    else
        answer(call, &body, "application/json");
    page_free(&body);
}

/* ---- status, stream, console -------------------------------------------------------------------- */

static void get_status(struct call *call)
{
    const struct agreement *a = node_compiled(call->desk->node)->agreement;
    const char *on = http_query(call->request, "on");
    int64_t time_us = desk_time_us(call->desk);
    bool date_only;
    struct page page;
    if (on && !time_read(bytes_of(on), a->zone_offset_us, &time_us, &date_only)) {
        http_refuse(call->request, 400,
                    "on: expected a time such as 2018-11-01 or 2023-11-22T15:00Z");
        return;
    }
    page_init(&page);
    describe_status(&page, a, time_us == TIME_UNKNOWN ? clock_now_us() : time_us);
    answer_json(call, &page);
}

static void get_events(struct call *call)
{
    struct page health, hello;
    page_init(&health);
    page_init(&hello);
    show_health(&health, call->desk);
    page_text(&hello, "retry: 2000\n");
    stream_frame(&hello, "hello", 0, page_bytes(&health));
    streams_join(&call->desk->streams, call->request, page_bytes(&hello));
    page_free(&hello);
    page_free(&health);
}

static void get_console(struct call *call)
{
    const char *path = http_path(call->request);
    static const char none[] =
        "<!doctype html><meta charset=utf-8><title>Detente</title><p>This node runs without a "
        "console: start it with <code>--console DIR</code>. Its interface is described in <a "
        "href=/openapi.json>openapi.json</a>.";
    if (call->api->console_fd >= 0)
        http_answer_file(call->request, call->api->console_fd, path);
    else if (strcmp(path, "/") == 0)
        http_answer(call->request, 200, "text/html; charset=utf-8", bytes_of(none));
    else
        http_refuse(call->request, 404, "there is no such page");
}

/* ---- the table ---------------------------------------------------------------------------------- */

/* "{}" stands for one part of the path. */
static const struct route {
    enum http_method method;
    const char *pattern;
    void (*run)(struct call *call);
} routes[] = {
    {HTTP_GET, "/v1/health", get_health},       {HTTP_GET, "/v1/agreement", get_agreement},
    {HTTP_GET, "/v1/zones.geojson", get_zones}, {HTTP_GET, "/v1/lines.geojson", get_lines},
    {HTTP_GET, "/v1/tracks", get_tracks},       {HTTP_GET, "/v1/tracks/{}", get_track},
    {HTTP_GET, "/v1/alerts", get_alerts},       {HTTP_GET, "/v1/alerts/{}", get_alert},
    {HTTP_POST, "/v1/alerts/{}/ack", post_ack}, {HTTP_GET, "/v1/sightings", get_sightings},
    {HTTP_GET, "/v1/status", get_status},       {HTTP_GET, "/v1/events", get_events},
    {HTTP_GET, "/metrics", get_metrics},        {HTTP_GET, "/openapi.json", get_openapi},
};
#define ROUTE_COUNT (sizeof routes / sizeof routes[0])

static bool matches(const char *pattern, const char *path, char segment[SEGMENT_MAX])
{
    const char *hole = strstr(pattern, "{}");
    if (!hole)
        return strcmp(pattern, path) == 0;
    size_t before = (size_t)(hole - pattern);
    if (strncmp(pattern, path, before) != 0)
        return false;
    size_t n = strcspn(path + before, "/");
    if (n == 0 || n >= SEGMENT_MAX || strcmp(hole + 2, path + before + n) != 0)
        return false;
    memcpy(segment, path + before, n);
    segment[n] = '\0';
    return true;
}

static void run_route(struct call *call)
{
    const char *path = http_path(call->request);
    bool known = false;
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        if (!matches(routes[i].pattern, path, call->segment))
            continue;
        known = true;
        if (routes[i].method == http_method(call->request)) {
            routes[i].run(call);
            return;
        }
    }
    if (known || http_method(call->request) != HTTP_GET)
        http_refuse(call->request, known ? 405 : 404, "%s is not asked for like that", path);
    else if (strncmp(path, "/v1/", 4) == 0)
        http_refuse(call->request, 404, "%s: there is no such thing; see /openapi.json", path);
    else
        get_console(call);
}

void api_handle(void *to, struct http_request *request)
{
    struct api *api = to;
    struct call call = {.api = api, .desk = api->desk, .request = request};
    if (desk_settle(api->desk))
        http_refuse(request, 503, "%s", api->desk->failure.text);
    else
        run_route(&call);
}

/* ---- starting ----------------------------------------------------------------------------------- */

static int open_console(struct api *api, const char *console, struct err *err)
{
    if (!*console)
        return 0;
    api->console_fd = open(console, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (api->console_fd < 0)
        return err_set(err, EXIT_NO_INPUT, "--console %s: there is no such folder", console);
    return 0;
}

int api_init(struct api *api, struct desk *desk, const char *console, struct arena *scratch,
             struct err *err)
{
    const struct compiled *compiled = node_compiled(desk->node);
    *api = (struct api){.desk = desk, .console_fd = -1};
    page_init(&api->agreement);
    page_init(&api->zones);
    page_init(&api->lines);
    describe_agreement(&api->agreement, compiled);
    describe_lines_map(&api->lines, compiled->agreement);
    if (describe_zones_map(&api->zones, compiled, scratch, err))
        return ERR_FAIL;
    return open_console(api, console, err);
}

void api_free(struct api *api)
{
    if (api->console_fd >= 0)
        close(api->console_fd);
    page_free(&api->agreement);
    page_free(&api->zones);
    page_free(&api->lines);
}
