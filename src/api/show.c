#include "api/show.h"

#include <stdlib.h>
#include <string.h>

#include "api/describe.h"
#include "os/clock.h"

#define TRACK_ROOM (POSITION_ROOM + AGREEMENT_ZONES_MAX * (AGREEMENT_ID_MAX + 4) * 2 + 512)
#define EVENT_ROOM 8192
#define RULE_ROOM  1024
#define SHOW_FRAME (32 << 10) /* bytes of one event of positions, about */

size_t show_event_room(const struct compiled *compiled)
{
    const struct agreement *a = compiled->agreement;
    size_t room = EVENT_ROOM;
    for (uint16_t i = 0; i < a->rule_count; i++) {
        const struct words *title = &a->provisions[a->rules[i].provision].title;
        room += RULE_ROOM + (title->en ? 6 * strlen(title->en) : 0) +
                (title->ko ? 6 * strlen(title->ko) : 0);
    }
    return room;
}

/* ---- positions and tracks ----------------------------------------------------------------------- */

void show_position(struct page *page, const struct desk *desk, const struct position *position)
{
    page_room(page, POSITION_ROOM);
    position_json(&page->out, position, source_feed(desk->sources, position->source));
}

static void put_zones(struct page *page, const struct agreement *a, const char *key, uint64_t zones)
{
    page_key(page, key);
    page_begin(page, '[');
    for (uint16_t i = 0; i < a->zone_count; i++)
        if (zones >> i & 1)
            json_put_text(&page->out, a->zones[i].id);
    page_end(page, ']');
}

static void put_line_distance(struct page *page, const struct compiled *compiled,
                              const struct position *at)
{
    const struct distance_index *line = compiled->agreement->line_count ? compiled->lines[0] : NULL;
    page_key(page, "line_m");
    if (!line) {
        page_null(page);
        return;
    }
    struct foot foot = distance_foot(line, (double)at->lon_e7 * 1e-7, (double)at->lat_e7 * 1e-7);
    json_put_decimal(&page->out, (int64_t)(foot.dist_m * 1e3 + 0.5), 3);
}

static void put_side(struct page *page, const struct agreement *a, uint16_t side, uint16_t party)
{
    bool known = side != AGREEMENT_NONE;
    char letter[2] = {known ? a->parties[side].letter : '\0', '\0'};
    page_key_text(page, "side", known ? a->parties[side].id : NULL);
    page_key_text(page, "letter", known ? letter : NULL);
    page_key_bool(page, "own", known && side == party);
}

/* What the node makes of it. */
static void put_relation(struct page *page, struct desk *desk, const struct craft *craft)
{
    const struct compiled *compiled = node_compiled(desk->node);
    struct watch_track seen = {.side = AGREEMENT_NONE};
    node_track(desk->node, craft->track, &seen);
    put_side(page, compiled->agreement, seen.side, node_party(desk->node));
    put_zones(page, compiled->agreement, "inside", seen.inside);
    put_zones(page, compiled->agreement, "near", seen.near);
    put_line_distance(page, compiled, &craft->last);
    page_key_bool(page, "alerted", craft->alerted);
    page_key_bool(page, "stale", craft_is_stale(craft, desk_time_us(desk)));
    if (compiled->agreement->simulated && !(craft->last.note & NOTE_SIMULATED))
        page_key_bool(page, "simulated", true);
}

static int64_t before_oldest(const struct position *fixes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fixes[i].time_us != TIME_UNKNOWN)
            return fixes[i].time_us - 1;
    return INT64_MAX;
}

struct fix_list {
    struct page *pages; /* newest first */
    size_t count;
};

static int take_fix(void *to, const struct kept *row)
{
    struct fix_list *list = to;
    struct page *page = &list->pages[list->count];
    page_init(page);
    page_put(page, row->body);
    list->count += !page_failed(page);
    return page_failed(page);
}

/* The kept ones are found newest first and written oldest first. */
static void put_kept(struct page *page, struct desk *desk, uint64_t track, int64_t until_us,
                     uint32_t limit)
{
    struct err err = {EXIT_FINE, ""};
    struct store_query query = {FIND_POSITIONS, track, until_us, limit};
    struct fix_list list = {limit ? calloc(limit, sizeof *list.pages) : NULL, 0};
    if (list.pages)
        store_find(desk->store, &query, take_fix, &list, &err);
    for (size_t i = list.count; i-- > 0;) {
        page_raw(page, page_bytes(&list.pages[i]));
        page_free(&list.pages[i]);
    }
    free(list.pages);
}

void show_kept_fixes(struct page *page, struct desk *desk, uint64_t track, int64_t until_us,
                     uint32_t limit)
{
    page_begin(page, '[');
    put_kept(page, desk, track, until_us, limit);
    page_end(page, ']');
}

static void put_fixes(struct page *page, struct desk *desk, const struct craft *craft)
{
    struct position fixes[CRAFT_FIXES_MAX];
    size_t count = craft_fixes(craft, fixes, CRAFT_FIXES_MAX);
    page_key(page, "fixes");
    page_begin(page, '[');
    put_kept(page, desk, craft->track, before_oldest(fixes, count),
             (uint32_t)(CRAFT_FIXES_MAX - count));
    for (size_t i = 0; i < count; i++)
        show_position(page, desk, &fixes[i]);
    page_end(page, ']');
}

void show_track(struct page *page, struct desk *desk, const struct craft *craft, bool with_fixes)
{
    page_room(page, TRACK_ROOM);
    page_begin(page, '{');
    position_members_json(&page->out, &craft->last, source_feed(desk->sources, craft->last.source));
    put_relation(page, desk, craft);
    if (with_fixes)
        put_fixes(page, desk, craft);
    page_end(page, '}');
}

static void begin_tracks(struct page *page, const struct desk *desk)
{
    page_begin(page, '{');
    page_key_time(page, "data_time", desk_time_us(desk));
    page_key(page, "tracks");
    page_begin(page, '[');
}

static void end_tracks(struct page *page)
{
    page_end(page, ']');
    page_end(page, '}');
}

void show_tracks(struct page *page, struct desk *desk)
{
    int64_t now_us = desk_time_us(desk);
    begin_tracks(page, desk);
    for (uint32_t i = 0; i < desk->crafts.table.count; i++)
        if (!craft_is_gone(&desk->crafts.crafts[i], now_us))
            show_track(page, desk, &desk->crafts.crafts[i], false);
    end_tracks(page);
}

/* One event with the next tracks that moved; false: none did. */
static bool show_some(struct page *page, struct desk *desk, uint32_t *left)
{
    struct crafts *crafts = &desk->crafts;
    bool any = false;
    begin_tracks(page, desk);
    for (; *left && page->buf.n < SHOW_FRAME; (*left)--) {
        desk->show_at = desk->show_at < crafts->table.count ? desk->show_at : 0;
        struct craft *craft = &crafts->crafts[desk->show_at++];
        if (craft->moved)
            show_track(page, desk, craft, false);
        any |= craft->moved;
        craft->moved = false;
    }
    end_tracks(page);
    return any;
}

bool show_moved(struct page *page, struct desk *desk, size_t max)
{
    uint32_t left = desk->crafts.table.count;
    struct page json;
    page_init(&json);
    while (left && page->buf.n < max) {
        page_clear(&json);
        if (show_some(&json, desk, &left))
            stream_frame(page, "positions", 0, page_bytes(&json));
    }
    page->failed |= page_failed(&json);
    page_free(&json);
    return page->buf.n > 0;
}

/* ---- health ------------------------------------------------------------------------------------- */

static void put_skipped(struct page *page, const struct feed_counts *counts)
{
    page_key(page, "skipped");
    page_begin(page, '{');
    for (int i = 0; i < SKIP_COUNT; i++)
        if (counts->skipped[i])
            page_key_int(page, feed_skip_name((enum feed_skip)i), (int64_t)counts->skipped[i]);
    page_end(page, '}');
}

static void put_feed(struct page *page, const struct sources *sources, size_t index)
{
    const struct feed *feed = source_feed(sources, index);
    page_begin(page, '{');
    page_key_text(page, "name", source_url(sources, index)->name);
    page_key_text(page, "url", source_url(sources, index)->text);
    page_key_text(page, "format", feed_format_name(feed_format(feed)));
    page_key_text(page, "state", source_state_name(source_state(sources, index)));
    page_key_int(page, "positions", (int64_t)source_counts(sources, index)->positions);
    put_skipped(page, feed_counts(feed));
    page_key_time(page, "last_fix", source_last_fix_us(sources, index));
    page_key_time(page, "last_receive", source_last_receive_us(sources, index));
    page_end(page, '}');
}

static void put_alert_counts(struct page *page, const struct alerts *alerts)
{
    int64_t counts[] = {
        [ALERT_UNACKED] = 0, [ALERT_ACKED] = 0, [ALERT_CLEARED_UNACKED] = 0, [ALERT_CLOSED] = 0};
    for (size_t i = 0; i < alerts_count(alerts); i++)
        counts[alerts_at(alerts, i)->state]++;
    page_key(page, "alerts");
    page_begin(page, '{');
    page_key_int(page, "unacked", counts[ALERT_UNACKED]);
    page_key_int(page, "acked", counts[ALERT_ACKED]);
    page_key_int(page, "cleared_unacked", counts[ALERT_CLEARED_UNACKED]);
    page_end(page, '}');
}

static int64_t count_tracks(const struct desk *desk)
{
    int64_t now_us = desk_time_us(desk), count = 0;
    for (uint32_t i = 0; i < desk->crafts.table.count; i++)
        count += !craft_is_gone(&desk->crafts.crafts[i], now_us);
    return count;
}

static void put_agreement(struct page *page, const struct compiled *compiled)
{
    char digest[65];
    describe_digest(digest, compiled->digest);
    page_key(page, "agreement");
    page_begin(page, '{');
    page_key_text(page, "id", compiled->agreement->id);
    page_key_text(page, "digest", digest);
    page_end(page, '}');
}

void show_health(struct page *page, struct desk *desk)
{
    const struct compiled *compiled = node_compiled(desk->node);
    uint16_t party = node_party(desk->node);
    page_begin(page, '{');
    page_key_time(page, "now", clock_now_us());
    page_key_time(page, "data_time", desk_time_us(desk));
    page_key_text(page, "party",
                  party == AGREEMENT_NONE ? NULL : compiled->agreement->parties[party].id);
    page_key_bool(page, "simulated", desk_simulated(desk));
    put_agreement(page, compiled);
    page_key(page, "feeds");
    page_begin(page, '[');
    for (size_t i = 0; i < sources_count(desk->sources); i++)
        put_feed(page, desk->sources, i);
    page_end(page, ']');
    page_key_int(page, "tracks", count_tracks(desk));
    put_alert_counts(page, node_alerts(desk->node));
    page_key_int(page, "sightings", (int64_t)desk->store->sightings);
    page_key_int(page, "sequence", (int64_t)desk->store->sequence);
    page_end(page, '}');
}
