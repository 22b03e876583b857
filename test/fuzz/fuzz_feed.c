#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "feed/position_json.h"

/*
 * Any bytes as a feed of FUZZ_FORMAT, one program each. The first byte picks the options, the second
 * how the rest is cut: the feed read in one piece and the feed read in pieces must give the same (F2), every record is
 * counted once (F1), every position holds what base/position.h promises (F3) and can be printed.
 */
#define INPUT_MAX     16384
#define POSITIONS_MAX 1024 /* the shortest record of one has 23 bytes */
#define TRACKS        64   /* few, so that full tables are seen */
#define DOCUMENT_MAX  4096
#define MEMORY_MAX    (64u << 20)
#define RECEIVE_US    INT64_C(1500000000000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
    size_t count;
    struct feed_counts counts;
    struct position positions[POSITIONS_MAX];
};

static void check_position(const struct position *p)
{
    assert(p->lat_e7 >= -LAT_E7_MAX && p->lat_e7 <= LAT_E7_MAX);
    assert(p->lon_e7 >= -LON_E7_MAX && p->lon_e7 < LON_E7_MAX);
    assert((p->north_cmps == SPEED_UNKNOWN) == (p->east_cmps == SPEED_UNKNOWN));
    assert(p->platform < PLATFORM_COUNT && p->alt_ref <= ALT_REF_GROUND);
    assert((p->time_us == TIME_UNKNOWN) == (p->time_source == TIME_FROM_NONE));
    assert(p->alt_cm != ALT_UNKNOWN || p->alt_ref == ALT_REF_NONE);
}

static void check_printed(const struct position *p, const struct feed *feed)
{
    char memory[POSITION_JSON_MAX];
    struct json_out out;
    struct json value;
    struct buf buf;
    struct err err;
    buf_init(&buf, memory, sizeof memory);
    json_out_init(&out, &buf);
    position_json(&out, p, feed);
    assert(!buf.full);
    assert(json_open((struct bytes){(const uint8_t *)buf.p, buf.n}, &value, &err) == 0);
}

static void check_counts(const struct feed_counts *counts, size_t size)
{
    uint64_t sum = counts->used + counts->other;
    for (int i = 0; i < SKIP_RECORDS; i++)
        sum += counts->skipped[i];
    assert(counts->bytes == size);
    assert(counts->records == sum);
    assert(counts->positions <= counts->used);
}

static void take(struct result *result, const struct position *out, size_t count,
                 const struct feed *feed)
{
    assert(result->count + count <= POSITIONS_MAX);
    for (size_t i = 0; i < count; i++) {
        check_position(&out[i]);
        if (result->count + i < 16)
            check_printed(&out[i], feed);
    }
    if (count)
        memcpy(result->positions + result->count, out, count * sizeof out[0]);
    result->count += count;
}

/* Reads all of it, at most `piece` bytes and `cap` positions at a time. */
static void read_feed(const struct feed_options *options, struct bytes input, size_t piece,
                      size_t cap, struct result *result)
{
    struct position out[16];
    struct arena arena;
    struct err err = {EXIT_FINE, ""};
    size_t used, count;
    arena_init(&arena, MEMORY_MAX, malloc, free);
    struct feed *feed = feed_new(options, &arena, &err);
    assert(feed && cap <= 16);
    result->count = 0;
    for (size_t at = 0; at < input.n; at += used) {
        size_t n = input.n - at < piece ? input.n - at : piece;
        feed_push(feed, (struct bytes){input.p + at, n}, RECEIVE_US, out, cap, &used, &count);
        assert(used <= n && count <= cap && (used || count));
        take(result, out, count, feed);
    }
    do {
        feed_flush(feed, RECEIVE_US, out, cap, &count);
        take(result, out, count, feed);
    } while (count);
    result->counts = *feed_counts(feed);
    check_counts(&result->counts, input.n);
    assert(result->counts.positions == result->count);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > INPUT_MAX)
        return 0;
    struct feed_options options = {.format = FUZZ_FORMAT,
                                   .name = "fuzz",
                                   .receive_time = data[0] & 0x40,
                                   .zone_known = data[0] & 0x80,
                                   .zone_us = 9 * TIME_HOUR,
                                   .gps_clock = data[0] & 0x20,
                                   .at_known = data[0] & 0x20,
                                   .at_lat_e7 = 520000000,
                                   .at_lon_e7 = 45000000,
                                   .track_max = TRACKS,
                                   .document_max = DOCUMENT_MAX};
    struct result *whole = calloc(2, sizeof *whole);
    struct bytes input = {data + 2, size - 2};
    assert(whole);
    read_feed(&options, input, size, 16, &whole[0]);
    read_feed(&options, input, (size_t)data[1] + 1, data[1] % 16u + 1, &whole[1]);
    assert(whole[0].count == whole[1].count);
    assert(memcmp(whole[0].positions, whole[1].positions,
                  whole[0].count * sizeof whole[0].positions[0]) == 0);
    assert(memcmp(&whole[0].counts, &whole[1].counts, sizeof whole[0].counts) == 0);
    free(whole);
    return 0;
}
