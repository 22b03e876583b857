#include <inttypes.h>
#include <string.h>

#include "api/api.h"

#define LINE_ROOM 512

static void head(struct page *page, const char *name, const char *type, const char *help)
{
    page_room(page, LINE_ROOM);
    buf_format(&page->buf, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void one(struct page *page, const char *name, const char *type, const char *help,
                uint64_t value)
{
    head(page, name, type, help);
    buf_format(&page->buf, "%s %" PRIu64 "\n", name, value);
}

/* A label's value: backslash, quote and line end are escaped. */
static void put_label(struct page *page, const char *text)
{
    page_room(page, 2 * strlen(text) + 1);
    for (; *text; text++) {
        if (*text == '\\' || *text == '"')
            buf_char(&page->buf, '\\');
        if (*text == '\n')
            buf_text(&page->buf, "\\n");
        else
            buf_char(&page->buf, *text);
    }
}

static void put_source(struct page *page, const char *name, const char *source)
{
    page_room(page, LINE_ROOM);
    buf_format(&page->buf, "%s{source=\"", name);
    put_label(page, source);
    page_room(page, LINE_ROOM);
    buf_char(&page->buf, '"');
}

/* A number of each source. */
static void each_source(struct page *page, const struct sources *sources, const char *name,
                        uint64_t (*of)(const struct sources *, size_t))
{
    for (size_t i = 0; i < sources_count(sources); i++) {
        put_source(page, name, source_url(sources, i)->name);
        buf_format(&page->buf, "} %" PRIu64 "\n", of(sources, i));
    }
}

static uint64_t positions_of(const struct sources *sources, size_t i)
{
    return source_counts(sources, i)->positions;
}

static uint64_t bytes_of_source(const struct sources *sources, size_t i)
{
    return source_counts(sources, i)->bytes;
}

static uint64_t failures_of(const struct sources *sources, size_t i)
{
    return source_counts(sources, i)->failures;
}

static uint64_t lost_of(const struct sources *sources, size_t i)
{
    return source_counts(sources, i)->lost;
}

static uint64_t is_open(const struct sources *sources, size_t i)
{
    return source_state(sources, i) == SOURCE_OPEN;
}

static void put_skips(struct page *page, const struct sources *sources)
{
    const char *name = "detente_decode_errors_total";
    head(page, name, "counter", "Records that could not be used, by reason.");
    for (size_t i = 0; i < sources_count(sources); i++)
        for (int skip = 0; skip < SKIP_COUNT; skip++) {
            put_source(page, name, source_url(sources, i)->name);
            buf_format(&page->buf, ",reason=\"%s\"} %" PRIu64 "\n",
                       feed_skip_name((enum feed_skip)skip),
                       feed_counts(source_feed(sources, i))->skipped[skip]);
        }
}

static void put_last_fixes(struct page *page, const struct sources *sources)
{
    const char *name = "detente_source_last_fix_timestamp_seconds";
    head(page, name, "gauge", "Time that the source's last fix tells.");
    for (size_t i = 0; i < sources_count(sources); i++) {
        int64_t time_us = source_last_fix_us(sources, i);
        if (time_us == TIME_UNKNOWN)
            continue;
        put_source(page, name, source_url(sources, i)->name);
        buf_text(&page->buf, "} ");
        buf_decimal(&page->buf, time_us, 6);
        buf_char(&page->buf, '\n');
    }
}

static void put_sources(struct page *page, const struct sources *sources)
{
    head(page, "detente_positions_total", "counter", "Positions that the source gave.");
    each_source(page, sources, "detente_positions_total", positions_of);
    head(page, "detente_source_bytes_total", "counter", "Bytes received.");
    each_source(page, sources, "detente_source_bytes_total", bytes_of_source);
    head(page, "detente_source_failures_total", "counter", "Connections that broke or failed.");
    each_source(page, sources, "detente_source_failures_total", failures_of);
    head(page, "detente_source_lost_total", "counter",
         "Datagrams for which the system had no room (net.core.rmem_max).");
    each_source(page, sources, "detente_source_lost_total", lost_of);
    head(page, "detente_source_open", "gauge", "Whether the source is open.");
    each_source(page, sources, "detente_source_open", is_open);
    put_skips(page, sources);
    put_last_fixes(page, sources);
}

#define SEVERITIES 5 /* 1 to 4; 0 is not used */

static void put_alerts(struct page *page, const struct alerts *alerts)
{
    uint64_t counts[SEVERITIES][ALERT_CLOSED + 1] = {{0}};
    for (size_t i = 0; i < alerts_count(alerts); i++) {
        const struct alert *alert = alerts_at(alerts, i);
        counts[alert->severity < SEVERITIES ? alert->severity : 0][alert->state]++;
    }
    head(page, "detente_alerts", "gauge", "Episodes by severity (1 alarm) and state.");
    for (int severity = 1; severity < SEVERITIES; severity++)
        for (int state = ALERT_UNACKED; state < ALERT_CLOSED; state++) {
            page_room(page, LINE_ROOM);
            buf_format(&page->buf, "detente_alerts{priority=\"%d\",state=\"%s\"} %" PRIu64 "\n",
                       severity, alert_state_name((enum alert_state)state),
                       counts[severity][state]);
        }
}

static void put_seconds(struct page *page, const char *name, uint64_t us)
{
    page_room(page, LINE_ROOM);
    buf_format(&page->buf, "%s ", name);
    buf_decimal(&page->buf, (int64_t)us, 6);
    buf_char(&page->buf, '\n');
}

static void put_times(struct page *page, const struct desk_counts *counts)
{
    head(page, "detente_fix_to_event_seconds", "summary",
         "From the receipt of a fix to its events being kept and shown.");
    put_seconds(page, "detente_fix_to_event_seconds_sum", counts->shown_us);
    buf_format(&page->buf, "detente_fix_to_event_seconds_count %" PRIu64 "\n", counts->shows);
    head(page, "detente_fix_to_event_seconds_max", "gauge", "The longest of them.");
    put_seconds(page, "detente_fix_to_event_seconds_max", counts->show_max_us);
}

static void put_node(struct page *page, struct desk *desk)
{
    struct watch_counts watch = node_counts(desk->node);
    one(page, "detente_tracks", "gauge", "Tracks in memory.", watch.tracks);
    one(page, "detente_late_fixes_total", "counter", "Fixes older than their track's last.",
        watch.late);
    one(page, "detente_too_late_fixes_total", "counter",
        "Of these, too old to be told of: they are not used.", watch.too_late);
    one(page, "detente_amended_total", "counter",
        "Sightings amended or retracted because a fix came late.", watch.amended);
    one(page, "detente_jumps_total", "counter", "Fixes that could not be reached: a leg began.",
        watch.jumps);
    one(page, "detente_tracks_reused_total", "counter", "Tracks let go to make room.",
        watch.tracks_reused);
    one(page, "detente_crowded_hops_total", "counter", "Hops told in sum.", watch.crowded);
    one(page, "detente_parity_violations_total", "counter",
        "Self-checks of the engine that failed.", watch.parity);
    one(page, "detente_tracks_unshown_total", "counter",
        "Fixes of tracks that the picture refused.", desk->crafts.refused);
    one(page, "detente_alerts_refused_total", "counter", "Alerts that found no place.",
        alerts_refused(node_alerts(desk->node)));
}

static void put_store(struct page *page, const struct desk *desk)
{
    one(page, "detente_sightings_total", "counter", "Sightings kept.", desk->store->sightings);
    one(page, "detente_log_head_sequence", "gauge", "Sequence number of what was kept last.",
        desk->store->sequence);
    one(page, "detente_kept_total", "counter",
        "Rows given to the store since the start: sightings, alerts, fixes.", desk->store->kept);
    one(page, "detente_commits_total", "counter", "Commits since the start.", desk->store->commits);
}

static void put_http(struct page *page, const struct desk *desk, const struct http_counts *http)
{
    one(page, "detente_sse_clients", "gauge", "Open streams.", desk->streams.count);
    one(page, "detente_sse_dropped_total", "counter", "Streams cut because nobody read.",
        desk->streams.dropped);
    one(page, "detente_http_requests_total", "counter", "Requests.", http->requests);
    one(page, "detente_http_refused_total", "counter", "Requests of strangers.", http->refused);
    one(page, "detente_http_late_total", "counter", "Requests cut because they dripped.",
        http->late);
    one(page, "detente_http_crowded_total", "counter", "Connections past the limit.",
        http->crowded);
    one(page, "detente_http_connections", "gauge", "Open connections.", http->connections);
}

void metrics_write(struct page *page, struct desk *desk, const struct http_counts *http)
{
    put_sources(page, desk->sources);
    put_alerts(page, node_alerts(desk->node));
    put_times(page, &desk->counts);
    put_node(page, desk);
    put_store(page, desk);
    put_http(page, desk, http);
}
