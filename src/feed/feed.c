#include "feed/feed.h"

#include <assert.h>
#include <string.h>

#include "feed/decoder.h"
#include "feed/document.h"
#include "feed/guess.h"
#include "feed/mode_s.h"

static const struct feed_row rows[FEED_FORMAT_COUNT] = {
    [FEED_AUTO] = {.name = "auto"},
    [FEED_NMEA] = {.name = "nmea", .record = nmea_record, .flush = nmea_flush},
    [FEED_SBS] = {.name = "sbs", .record = sbs_record},
    [FEED_AIRCRAFT] = {.name = "aircraft",
                       .framing = &document_framing,
                       .flush = documents_flush,
                       .kind = &aircraft_documents},
    [FEED_CSV] = {.name = "csv", .record = csv_record},
    [FEED_NDJSON] = {.name = "ndjson", .record = ndjson_record},
    [FEED_COT] = {.name = "cot", .framing = &cot_framing, .flush = cot_flush},
    [FEED_BEAST] = {.name = "beast", .framing = &beast_framing, .flush = beast_flush},
    [FEED_AVR] = {.name = "avr", .record = avr_record},
    [FEED_GPSD] = {.name = "gpsd", .record = gpsd_record},
    [FEED_AISCATCHER] = {.name = "aiscatcher",
                         .framing = &document_framing,
                         .flush = documents_flush,
                         .kind = &aiscatcher_documents},
    [FEED_GEOJSON] = {.name = "geojson",
                      .framing = &document_framing,
                      .flush = documents_flush,
                      .kind = &geojson_documents},
};

static const char *const skip_names[SKIP_COUNT] = {
    [SKIP_NOT_A_RECORD] = "not_a_record",
    [SKIP_TOO_LONG] = "too_long",
    [SKIP_NOT_TEXT] = "not_text",
    [SKIP_CUT] = "cut",
    [SKIP_CHECKSUM] = "checksum",
    [SKIP_SYNTAX] = "syntax",
    [SKIP_PART_LOST] = "part_lost",
    [SKIP_IMPOSSIBLE] = "impossible",
    [SKIP_NO_POSITION] = "no_position",
    [SKIP_STALE] = "stale",
    [SKIP_TAG] = "tag",
    [SKIP_TRACKS_FULL] = "tracks_full",
};

const char *feed_format_name(enum feed_format format)
{
    assert(format < FEED_FORMAT_COUNT);
    return rows[format].name;
}

bool feed_format_from_name(struct bytes name, enum feed_format *ret_format)
{
    for (int i = 0; i < FEED_FORMAT_COUNT; i++)
        if (bytes_is(name, rows[i].name)) {
            *ret_format = (enum feed_format)i;
            return true;
        }
    return false;
}

const char *feed_skip_name(enum feed_skip skip)
{
    assert(skip < SKIP_COUNT);
    return skip_names[skip];
}

/* ---- making ------------------------------------------------------------------------------------- */

static int check_options(const struct feed_options *options, struct err *err)
{
    if (options->format >= FEED_FORMAT_COUNT)
        return err_set(err, EXIT_USAGE, "feed %s: there is no format %d", options->name,
                       (int)options->format);
    if (options->source > FEED_SOURCE_MAX)
        return err_set(err, EXIT_USAGE, "feed %s: source %u; at most %u feeds are allowed",
                       options->name, options->source, FEED_SOURCE_MAX + 1);
    if (options->track_max > FEED_TRACK_MAX)
        return err_set(err, EXIT_USAGE, "feed %s: %u tracks; at most %u are allowed", options->name,
                       options->track_max, FEED_TRACK_MAX);
    if (options->document_max > FEED_DOCUMENT_MAX)
        return err_set(err, EXIT_USAGE, "feed %s: documents of %zu bytes; at most %u are allowed",
                       options->name, options->document_max, FEED_DOCUMENT_MAX);
    return 0;
}

static void set_defaults(struct feed_options *options)
{
    if (!options->track_max)
        options->track_max = FEED_TRACK_MAX;
    if (!options->document_max)
        options->document_max = FEED_DOCUMENT_MAX;
    options->name[FEED_NAME_MAX - 1] = '\0';
}

static bool is_or_may_be(const struct feed *feed, enum feed_format format)
{
    return feed->format == format || feed->format == FEED_AUTO;
}

static bool make_tracks(struct feed *feed, struct arena *arena)
{
    bool flight = is_or_may_be(feed, FEED_BEAST) || is_or_may_be(feed, FEED_AVR);
    bool motion = is_or_may_be(feed, FEED_AIRCRAFT) || is_or_may_be(feed, FEED_SBS) ||
                  is_or_may_be(feed, FEED_COT) || is_or_may_be(feed, FEED_AISCATCHER);
    return tracks_init(feed, motion, flight, arena);
}

static bool make_documents(struct feed *feed, struct arena *arena)
{
    if (feed->format != FEED_AUTO && !feed->row->kind)
        return true;
    feed->documents = documents_new(feed->options.document_max, arena);
    return feed->documents != NULL;
}

/* What the format needs, or all where it is not known yet. */
static bool make_states(struct feed *feed, struct arena *arena)
{
    feed->line = ARENA_ARRAY(arena, uint8_t, FEED_RECORD_MAX);
    if (!feed->line || !make_tracks(feed, arena) || !make_documents(feed, arena))
        return false;
    if (is_or_may_be(feed, FEED_NMEA) && !(feed->nmea = nmea_new(arena)))
        return false;
    if (is_or_may_be(feed, FEED_CSV) && !(feed->csv = csv_new(arena)))
        return false;
    if (is_or_may_be(feed, FEED_COT) && !(feed->cot = cot_new(arena)))
        return false;
    if (is_or_may_be(feed, FEED_BEAST) && !(feed->beast = beast_new(arena)))
        return false;
    if (feed->tracks.flight && !(feed->mode_s = mode_s_new(arena)))
        return false;
    return !is_or_may_be(feed, FEED_GPSD) || (feed->gpsd = gpsd_new(arena));
}

struct feed *feed_new(const struct feed_options *options, struct arena *arena, struct err *err)
{
    if (check_options(options, err))
        return NULL;
    struct arena_mark mark = arena_mark(arena);
    struct feed *feed = ARENA_ARRAY(arena, struct feed, 1);
    if (feed) {
        feed->options = *options;
        set_defaults(&feed->options);
        feed->format = options->format;
        feed->row = &rows[options->format];
    }
    if (!feed || !make_states(feed, arena)) {
        arena_rewind(arena, mark);
        err_set(err, EXIT_CONFIG, "feed %s: no memory for %u tracks; allow fewer", options->name,
                options->track_max ? options->track_max : FEED_TRACK_MAX);
        return NULL;
    }
    return feed;
}

/* ---- counting ----------------------------------------------------------------------------------- */

void feed_count_many(struct feed *feed, int end, unsigned count)
{
    struct feed_counts *counts = &feed->counts;
    if (end == RECORD_WAITS || end == RECORD_NOTHING)
        return;
    counts->records += count;
    if (end == RECORD_POSITION || end == RECORD_USED)
        counts->used += count;
    else if (end == RECORD_OTHER)
        counts->other += count;
    else
        counts->skipped[end] += count;
}

void feed_count(struct feed *feed, int end)
{
    feed_count_many(feed, end, 1);
    feed->counts.positions += end == RECORD_POSITION;
}

/* ---- lines -------------------------------------------------------------------------------------- */

/* What of the input belongs to the current line; *ret_whole tells if its end is there. */
static size_t line_length(struct bytes input, bool *ret_whole)
{
    const uint8_t *end = memchr(input.p, '\n', input.n);
    *ret_whole = end != NULL;
    return end ? (size_t)(end - input.p) : input.n;
}

static void line_keep(struct feed *feed, struct bytes piece)
{
    if (piece.n > FEED_RECORD_MAX - feed->line_n) {
        feed->line_over = true;
        return;
    }
    memcpy(feed->line + feed->line_n, piece.p, piece.n);
    feed->line_n += piece.n;
}

/* The line without CR; a byte order mark may stand before the first one. */
static struct bytes line_bare(struct feed *feed, struct bytes line)
{
    if (!feed->begun && line.n >= 3 && memcmp(line.p, "\xef\xbb\xbf", 3) == 0)
        line = (struct bytes){line.p + 3, line.n - 3};
    while (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    feed->begun = true;
    return line;
}

/* A comment that says that what follows is made up. */
static void heed_comment(struct feed *feed, struct bytes line)
{
    if (bytes_starts(line, "# SIMULATED"))
        feed->options.simulated = true;
}

static bool line_end(struct feed *feed, struct bytes line, int64_t receive_us, struct position *out)
{
    int end = SKIP_TOO_LONG;
    heed_comment(feed, line);
    if (!feed->line_over && line.n <= FEED_RECORD_MAX)
        end = feed->row->record(feed, line_bare(feed, line), receive_us, out);
    feed_count(feed, end);
    feed->line_n = 0;
    feed->line_over = false;
    return end == RECORD_POSITION;
}

/* Takes one line, or what there is of it; returns how many bytes. */
static size_t take_line(struct feed *feed, struct bytes input, int64_t receive_us,
                        struct position *out, size_t *count)
{
    bool whole;
    size_t n = line_length(input, &whole);
    struct bytes line = {input.p, n};
    if (!whole || feed->line_n || feed->line_over) {
        line_keep(feed, line);
        line = (struct bytes){feed->line, feed->line_n};
    }
    if (!whole)
        return n;
    *count += line_end(feed, line, receive_us, out + *count);
    return n + 1;
}

/* ---- what has no lines -------------------------------------------------------------------------- */

static size_t take_framed(struct feed *feed, struct bytes input, int64_t receive_us,
                          struct position *out, size_t cap, size_t *count)
{
    const struct framing *framing = feed->row->framing;
    while (*count < cap)
        if (framing->next(feed, receive_us, out + *count))
            ++*count;
        else
            return framing->take(feed, input);
    return 0;
}

/* What the bytes held give. */
static void drain(struct feed *feed, int64_t receive_us, struct position *out, size_t cap,
                  size_t *count)
{
    while (*count < cap && feed->row->framing->next(feed, receive_us, out + *count))
        ++*count;
}

/* ---- a format that is not known yet ------------------------------------------------------------- */

static void set_format(struct feed *feed, enum feed_format format)
{
    feed->format = format;
    feed->row = &rows[format];
}

/* The format is known: the line kept so far goes to its decoder. A line that is whole has its end
 * with it. */
static void replay_kept(struct feed *feed, int64_t receive_us, struct position *out, size_t *count)
{
    struct bytes line = {feed->line, feed->line_n};
    if (feed->row->framing) {
        feed->line_n = 0;
        while (line.n) {
            size_t n = feed->row->framing->take(feed, line);
            line = (struct bytes){line.p + n, line.n - n};
        }
    } else if (line.n && line.p[line.n - 1] == '\n') {
        line.n--;
        *count += line_end(feed, line, receive_us, out + *count);
    }
}

/* Takes bytes until a line tells the format. Lines that tell nothing are no records of any. */
static size_t take_unknown(struct feed *feed, struct bytes input, int64_t receive_us,
                           struct position *out, size_t *count)
{
    bool whole;
    size_t n = line_length(input, &whole) + (whole ? 1 : 0);
    size_t room = FEED_RECORD_MAX - feed->line_n;
    line_keep(feed, (struct bytes){input.p, n < room ? n : room});
    struct bytes kept = {feed->line, feed->line_n};
    struct guess guess = guess_line(kept);
    bool full = n >= room;
    if (guess.format != FEED_AUTO && (whole || full || rows[guess.format].framing)) {
        set_format(feed, guess.format);
        replay_kept(feed, receive_us, out, count);
    } else if (full || (whole && !guess.more)) {
        heed_comment(feed, kept);
        feed_count(feed, line_is_empty(kept) ? RECORD_NOTHING : SKIP_NOT_A_RECORD);
        feed->line_n = 0;
    }
    return n < room ? n : room;
}

/* ---- pushing ------------------------------------------------------------------------------------ */

void feed_push(struct feed *feed, struct bytes input, int64_t receive_us, struct position *out,
               size_t cap, size_t *ret_used, size_t *ret_count)
{
    size_t used = 0, count = 0;
    while (count < cap && used < input.n) {
        struct bytes rest = {input.p + used, input.n - used};
        if (feed->format == FEED_AUTO)
            used += take_unknown(feed, rest, receive_us, out, &count);
        else if (feed->row->framing)
            used += take_framed(feed, rest, receive_us, out, cap, &count);
        else
            used += take_line(feed, rest, receive_us, out, &count);
    }
    if (feed->row->framing)
        drain(feed, receive_us, out, cap, &count);
    feed->counts.bytes += used;
    *ret_used = used;
    *ret_count = count;
}

static void flush_unknown(struct feed *feed)
{
    struct bytes kept = {feed->line, feed->line_n};
    struct guess guess = guess_line(kept);
    if (guess.format != FEED_AUTO) {
        set_format(feed, guess.format);
        return;
    }
    if (!line_is_empty(kept))
        feed_count(feed, SKIP_NOT_A_RECORD);
    feed->line_n = 0;
}

void feed_flush(struct feed *feed, int64_t receive_us, struct position *out, size_t cap,
                size_t *ret_count)
{
    size_t count = 0;
    if (feed->format == FEED_AUTO)
        flush_unknown(feed);
    if (feed->row->framing)
        drain(feed, receive_us, out, cap, &count);
    else if (cap && (feed->line_n || feed->line_over))
        count += line_end(feed, (struct bytes){feed->line, feed->line_n}, receive_us, out);
    if (count == 0 && cap && feed->row->flush)
        feed->row->flush(feed);
    *ret_count = count;
}

/* ---- for decoders ------------------------------------------------------------------------------- */

struct position feed_position(const struct feed *feed, uint64_t track, int32_t lat_e7,
                              int32_t lon_e7)
{
    return (struct position){.track = track,
                             .time_us = TIME_UNKNOWN,
                             .lat_e7 = lat_e7,
                             .lon_e7 = lon_e7,
                             .alt_cm = ALT_UNKNOWN,
                             .north_cmps = SPEED_UNKNOWN,
                             .east_cmps = SPEED_UNKNOWN,
                             .up_cmps = SPEED_UNKNOWN,
                             .note = feed->options.simulated ? NOTE_SIMULATED : 0,
                             .source = feed->options.source & 31u};
}

struct stamp feed_receive(const struct feed *feed, int64_t receive_us)
{
    if (!feed->options.receive_time || receive_us == TIME_UNKNOWN)
        return STAMP_NONE;
    return (struct stamp){receive_us, TIME_FROM_RECEIVE};
}

void position_stamp(struct position *position, struct stamp stamp)
{
    position->time_us = stamp.us;
    position->time_source = stamp.source & 7;
}

/* ---- asking ------------------------------------------------------------------------------------- */

const struct feed_counts *feed_counts(const struct feed *feed)
{
    return &feed->counts;
}

bool feed_is_garbage(const struct feed_counts *counts)
{
    uint64_t right = counts->used + counts->other + counts->skipped[SKIP_NO_POSITION] +
                     counts->skipped[SKIP_PART_LOST] + counts->skipped[SKIP_STALE];
    return counts->records && !right;
}

enum feed_format feed_format(const struct feed *feed)
{
    return feed->format;
}
