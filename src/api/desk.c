#include "api/desk.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "api/show.h"
#include "os/clock.h"

#define TICK_US TIME_SECOND

/* ---- failing ------------------------------------------------------------------------------------ */

static int desk_fail(struct desk *desk, const struct err *err)
{
    if (!desk->failure.code)
        desk->failure = *err;
    event_base_loopbreak(desk->base);
    return ERR_FAIL;
}

/* ---- keeping ------------------------------------------------------------------------------------ */

int64_t desk_time_us(const struct desk *desk)
{
    return desk->live ? clock_now_us() : desk->clock.now_us;
}

bool desk_simulated(const struct desk *desk)
{
    if (desk->saw_simulated || node_compiled(desk->node)->agreement->simulated)
        return true;
    for (size_t i = 0; desk->sources && i < sources_count(desk->sources); i++)
        if (source_url(desk->sources, i)->simulated)
            return true;
    return false;
}

void desk_track_text(struct desk *desk, uint64_t track, struct buf *out)
{
    const struct craft *craft = crafts_find(&desk->crafts, track);
    if (craft && craft->text[0])
        buf_text(out, craft->text);
    else
        track_write(out, track);
}

static int keep_position(struct desk *desk, const struct position *position)
{
    if (position->time_us == TIME_UNKNOWN)
        return 0;
    page_clear(&desk->body);
    page_room(&desk->body, POSITION_ROOM);
    show_position(&desk->body, desk, position);
    return keeper_position(desk->keeper, position, page_bytes(&desk->body), desk->since_us);
}

/* An episode began: how the track came there is part of it. */
static int keep_past(struct desk *desk, const struct craft *craft)
{
    struct position fixes[CRAFT_FIXES_MAX];
    size_t count = craft_fixes(craft, fixes, CRAFT_FIXES_MAX);
    for (size_t i = 0; i < count; i++)
        if (keep_position(desk, &fixes[i]))
            return ERR_FAIL;
    return 0;
}

static bool has_open(const struct desk *desk, uint64_t track)
{
    const struct alerts *alerts = node_alerts(desk->node);
    for (size_t i = 0; i < alerts_count(alerts); i++) {
        const struct alert *alert = alerts_at(alerts, i);
        if (alert->track == track && alert->state != ALERT_CLOSED)
            return true;
    }
    return false;
}

static int note_alerted(struct desk *desk, const struct alert *alert)
{
    struct craft *craft = crafts_find(&desk->crafts, alert->track);
    if (!craft)
        return 0;
    bool before = craft->alerted;
    craft->alerted = alert->state != ALERT_CLOSED || has_open(desk, alert->track);
    craft->moved |= craft->seen && craft->alerted != before;
    return craft->alerted && !before ? keep_past(desk, craft) : 0;
}

static int keep_sighting(struct desk *desk, const struct sighting *sighting)
{
    char track[FEED_NAME_MAX];
    struct buf text;
    buf_init(&text, track, sizeof track);
    desk_track_text(desk, sighting->track, &text);
    return keeper_sighting(desk->keeper, sighting, track, desk->since_us);
}

static int keep_alert(struct desk *desk, const struct alert *alert)
{
    char track[FEED_NAME_MAX];
    struct buf text;
    buf_init(&text, track, sizeof track);
    desk_track_text(desk, alert->track, &text);
    return keeper_alert(desk->keeper, alert, track, desk->since_us) ? ERR_FAIL
                                                                    : note_alerted(desk, alert);
}

static int keep_effect(struct desk *desk, const struct effect *effect)
{
    switch (effect->kind) {
    case EFFECT_KEEP_SIGHTING:
        return keep_sighting(desk, &effect->sighting);
    case EFFECT_KEEP_ALERT:
        return keep_alert(desk, &effect->alert);
    }
    struct err err;
    err_set(&err, EXIT_IO, "an effect of kind %d, which must be kept, is not known",
            (int)effect->kind);
    return desk_fail(desk, &err);
}

static int keep_effects(struct desk *desk, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (keep_effect(desk, &desk->effects[i]))
            return ERR_FAIL;
    return 0;
}

/* ---- showing ------------------------------------------------------------------------------------ */

static void count_show(struct desk *desk, int64_t since_us)
{
    uint64_t us = (uint64_t)(clock_steady_us() - since_us);
    desk->counts.shows++;
    desk->counts.shown_us += us;
    if (us > desk->counts.show_max_us)
        desk->counts.show_max_us = us;
}

static void on_kept(void *to, struct bytes frames, int64_t since_us)
{
    struct desk *desk = to;
    if (frames.n)
        streams_put_kept(&desk->streams, frames);
    count_show(desk, since_us);
}

static void on_failed(void *to, const struct err *err)
{
    desk_fail(to, err);
}

int desk_settle(struct desk *desk)
{
    return desk->failure.code || keeper_settle(desk->keeper) ? ERR_FAIL : 0;
}

static int settle_any(void *to)
{
    return desk_settle(to);
}

static void on_show(evutil_socket_t fd, short what, void *to)
{
    struct desk *desk = to;
    struct page page;
    (void)fd;
    (void)what;
    if (!desk->streams.count || desk_settle(desk))
        return;
    page_init(&page);
    if (show_moved(&page, desk, SHOW_MAX) && !page_failed(&page))
        streams_put(&desk->streams, page_bytes(&page));
    page_free(&page);
}

static void on_health(evutil_socket_t fd, short what, void *to)
{
    struct desk *desk = to;
    struct page health, frame;
    (void)fd;
    (void)what;
    if (!desk->streams.count || desk_settle(desk))
        return;
    page_init(&health);
    page_init(&frame);
    show_health(&health, desk);
    stream_frame(&frame, "health", 0, page_bytes(&health));
    if (!page_failed(&health) && !page_failed(&frame))
        streams_put(&desk->streams, page_bytes(&frame));
    page_free(&frame);
    page_free(&health);
}

/* ---- positions in ------------------------------------------------------------------------------- */

/* The picture first: effects name tracks by it. */
static void note_craft(struct desk *desk, const struct position *position)
{
    struct craft *craft = crafts_add(&desk->crafts, position->track, desk_time_us(desk));
    if (!craft)
        return;
    if (!craft->text[0] && desk->sources) {
        struct buf text;
        buf_init(&text, craft->text, sizeof craft->text);
        feed_track_write(source_feed(desk->sources, position->source), position->track, &text);
    }
    desk->saw_simulated |= (position->note & NOTE_SIMULATED) != 0;
    if (!craft_note(&desk->crafts, craft, position))
        desk->counts.late++;
}

/* Fixes of tracks that stand under an alert. */
static int keep_alerted(struct desk *desk, const struct position *positions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct craft *craft = crafts_find(&desk->crafts, positions[i].track);
        if (craft && craft->alerted && keep_position(desk, &positions[i]))
            return ERR_FAIL;
    }
    return 0;
}

static int hand_in(struct desk *desk, const struct position *positions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        note_craft(desk, &positions[i]);
    while (count) {
        size_t made;
        size_t used =
            node_positions(desk->node, positions, count, desk->effects, EFFECTS_ROOM, &made);
        if (keep_effects(desk, made) || keep_alerted(desk, positions, used))
            return ERR_FAIL;
        positions += used;
        count -= used;
    }
    return 0;
}

static int tick(struct desk *desk, int64_t now_us)
{
    desk->ticked_us = now_us;
    for (bool more = now_us != TIME_UNKNOWN; more;) {
        size_t count;
        more = node_tick(desk->node, now_us, desk->effects, EFFECTS_ROOM, &count);
        if (keep_effects(desk, count))
            return ERR_FAIL;
    }
    return 0;
}

static bool is_tick_due(const struct desk *desk)
{
    int64_t now_us = desk->clock.now_us;
    return now_us != TIME_UNKNOWN &&
           (desk->ticked_us == TIME_UNKNOWN || now_us - desk->ticked_us >= TICK_US);
}

/* Time passes before the first position of its time comes in. */
static int replay(struct desk *desk, const struct position *positions, size_t count)
{
    size_t from = 0;
    for (size_t i = 0; i < count; i++) {
        data_clock_move(&desk->clock, positions[i].time_us);
        if (!is_tick_due(desk))
            continue;
        if (hand_in(desk, positions + from, i - from) || tick(desk, desk->clock.now_us))
            return ERR_FAIL;
        from = i;
    }
    return hand_in(desk, positions + from, count - from);
}

void desk_positions(void *to, const struct position *positions, size_t count)
{
    struct desk *desk = to;
    if (desk->failure.code)
        return;
    desk->since_us = clock_steady_us();
    desk->counts.positions += count;
    if (desk->live)
        hand_in(desk, positions, count);
    else
        replay(desk, positions, count);
}

static void on_tick(evutil_socket_t fd, short what, void *to)
{
    struct desk *desk = to;
    (void)fd;
    (void)what;
    desk->since_us = clock_steady_us();
    if (desk->live && !desk->failure.code)
        tick(desk, clock_now_us());
}

/* ---- operators ---------------------------------------------------------------------------------- */

int desk_ack(struct desk *desk, uint64_t alert, const char *by, struct err *err)
{
    size_t count;
    int64_t time_us = desk_time_us(desk);
    desk->since_us = clock_steady_us();
    if (time_us == TIME_UNKNOWN)
        time_us = clock_now_us();
    if (node_ack(desk->node, alert, by, time_us, desk->effects, EFFECTS_ROOM, &count, err))
        return ERR_FAIL;
    if (keep_effects(desk, count) || desk_settle(desk)) {
        *err = desk->failure;
        return ERR_FAIL;
    }
    return 0;
}

/* ---- starting, ending --------------------------------------------------------------------------- */

static void restore_one(void *to, const struct alert *alert, const char *track_text)
{
    struct desk *desk = to;
    if (!node_restore_alert(desk->node, alert)) {
        desk->counts.rejected++;
        return;
    }
    desk->counts.restored++;
    struct craft *craft = crafts_add(&desk->crafts, alert->track, TIME_UNKNOWN);
    if (!craft)
        return;
    craft->alerted = true;
    bytes_copy_text(bytes_of(track_text), craft->text, sizeof craft->text);
}

static int make_event(struct desk *desk, struct event **ret_event, short what,
                      event_callback_fn call)
{
    *ret_event = event_new(desk->base, -1, what, call, desk);
    return *ret_event ? 0 : ERR_FAIL;
}

static int make_events(struct desk *desk, struct err *err)
{
    if (make_event(desk, &desk->tick_event, EV_PERSIST, on_tick) ||
        make_event(desk, &desk->show_event, EV_PERSIST, on_show) ||
        make_event(desk, &desk->health_event, EV_PERSIST, on_health))
        return err_set(err, EXIT_CONFIG, "no memory for the loop's events");
    return 0;
}

int desk_init(struct desk *desk, struct event_base *base, struct node *node, struct store *store,
              struct err *err)
{
    *desk = (struct desk){.base = base, .node = node, .store = store, .ticked_us = TIME_UNKNOWN};
    struct keeper_options keeping = {desk, on_kept, on_failed};
    desk->streams.store = store;
    desk->streams.shown = store->sequence;
    desk->streams.to = desk;
    desk->streams.settle = settle_any;
    data_clock_init(&desk->clock);
    page_init(&desk->body);
    desk->effects = calloc(EFFECTS_ROOM, sizeof *desk->effects);
    if (!desk->effects)
        return err_set(err, EXIT_CONFIG, "no memory for the node's effects");
    if (crafts_init(&desk->crafts, err) || make_events(desk, err) ||
        keeper_new(base, store, node_compiled(node), &keeping, &desk->keeper, err))
        return ERR_FAIL;
    return store_restore(store, restore_one, desk, err);
}

int desk_start(struct desk *desk, struct sources *sources, struct err *err)
{
    struct timeval second = {1, 0}, show = {0, SHOW_MS * 1000}, health = {HEALTH_MS / 1000, 0};
    desk->sources = sources;
    desk->live = sources_count(sources) == 0 || sources_are_live(sources);
    if (event_add(desk->tick_event, &second) || event_add(desk->show_event, &show) ||
        event_add(desk->health_event, &health))
        return err_set(err, EXIT_CONFIG, "the loop takes no events");
    return 0;
}

void desk_free(struct desk *desk)
{
    struct event *events[] = {desk->tick_event, desk->show_event, desk->health_event};
    keeper_free(desk->keeper);
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (events[i])
            event_free(events[i]);
    if (desk->crafts.crafts)
        crafts_free(&desk->crafts);
    page_free(&desk->body);
    free(desk->effects);
}
