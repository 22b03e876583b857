#include "feed_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ARENA_MAX    (64u << 20)
#define TRACKS       256
#define DOCUMENT_MAX 16384

void fed_open(struct fed *fed, struct feed_options options)
{
    struct err err = {EXIT_FINE, ""};
    if (!options.track_max)
        options.track_max = TRACKS;
    if (!options.document_max)
        options.document_max = DOCUMENT_MAX;
    if (!options.name[0])
        strcpy(options.name, "test");
    arena_init(&fed->arena, ARENA_MAX, malloc, free);
    fed->feed = feed_new(&options, &fed->arena, &err);
    fed->count = 0;
    assert_string_equal(err.text, "");
    assert_non_null(fed->feed);
}

void fed_push(struct fed *fed, const char *text, int64_t receive_us)
{
    fed_push_bytes(fed, bytes_of(text), receive_us);
}

void fed_push_bytes(struct fed *fed, struct bytes rest, int64_t receive_us)
{
    while (rest.n) {
        size_t used, count;
        feed_push(fed->feed, rest, receive_us, fed->at + fed->count, FED_MAX - fed->count, &used,
                  &count);
        assert_true(used || count);
        fed->count += count;
        rest = (struct bytes){rest.p + used, rest.n - used};
    }
}

void fed_flush(struct fed *fed)
{
    size_t count;
    do {
        feed_flush(fed->feed, TIME_UNKNOWN, fed->at + fed->count, FED_MAX - fed->count, &count);
        fed->count += count;
    } while (count);
}

void fed_close(struct fed *fed)
{
    arena_release(&fed->arena);
}

void fed_read(struct fed *fed, enum feed_format format, const char *text)
{
    fed_open(fed, (struct feed_options){.format = format});
    fed_push(fed, text, TIME_UNKNOWN);
    fed_flush(fed);
    fed_check_sum(fed);
}

uint64_t fed_skipped(const struct fed *fed, enum feed_skip skip)
{
    return feed_counts(fed->feed)->skipped[skip];
}

void fed_expect_skip(enum feed_format format, const char *text, int skip)
{
    struct fed fed;
    fed_read(&fed, format, text);
    assert_int_equal(fed.count, 0);
    assert_int_equal(feed_counts(fed.feed)->records, 1);
    if (skip == SKIP_COUNT)
        assert_int_equal(feed_counts(fed.feed)->other, 1);
    else if (fed_skipped(&fed, (enum feed_skip)skip) != 1)
        fail_msg("%s is not skipped as %s", text, feed_skip_name((enum feed_skip)skip));
    fed_close(&fed);
}

void fed_check_sum(const struct fed *fed)
{
    const struct feed_counts *counts = feed_counts(fed->feed);
    uint64_t sum = counts->used + counts->other;
    for (int i = 0; i < SKIP_RECORDS; i++)
        sum += counts->skipped[i];
    assert_int_equal(counts->records, sum);
}

void script_line(struct script *script, const char *line)
{
    int n = snprintf(script->text + script->n, sizeof script->text - script->n, "%s\n", line);
    script->n += (size_t)n;
    assert_true(script->n < sizeof script->text);
}

void script_sentence(struct script *script, char start, const char *body, const char *before,
                     const char *after)
{
    char line[512];
    unsigned sum = 0;
    for (const char *p = body; *p; p++)
        sum ^= (unsigned char)*p;
    snprintf(line, sizeof line, "%s%c%s*%02X%s", before, start, body, sum, after);
    script_line(script, line);
}

void ais_put(struct ais_writer *writer, unsigned bits, int64_t value)
{
    for (unsigned i = bits; i-- > 0;)
        writer->bit[writer->n++] = (uint64_t)value >> i & 1;
}

void ais_put_text(struct ais_writer *writer, unsigned chars, const char *text)
{
    size_t n = strlen(text);
    for (unsigned i = 0; i < chars; i++)
        ais_put(writer, 6, i < n ? text[i] & 63 : 0);
}

static char six(const struct ais_writer *writer, unsigned at)
{
    unsigned v = 0;
    for (unsigned i = at; i < at + 6; i++)
        v = v * 2 + (i < writer->n ? writer->bit[i] : 0);
    return (char)(v < 40 ? v + 48 : v + 56);
}

void script_ais(struct script *script, const struct ais_writer *writer, unsigned parts,
                const char *sequence, const char *channel)
{
    unsigned chars = (writer->n + 5) / 6, each = (chars + parts - 1) / parts;
    for (unsigned part = 0; part < parts; part++) {
        char body[300];
        unsigned last = (part + 1) * each < chars ? (part + 1) * each : chars;
        int n =
            snprintf(body, sizeof body, "AIVDM,%u,%u,%s,%s,", parts, part + 1, sequence, channel);
        for (unsigned i = part * each; i < last; i++)
            body[n++] = six(writer, i * 6);
        snprintf(body + n, sizeof body - (size_t)n, ",%u",
                 part + 1 == parts ? chars * 6 - writer->n : 0);
        script_sentence(script, '!', body, "", "");
    }
}

struct ais_writer ais_class_a(uint32_t mmsi, int32_t lon, int32_t lat, unsigned sog, unsigned cog)
{
    struct ais_writer w = {.n = 0};
    ais_put(&w, 6, 1);
    ais_put(&w, 2, 0);
    ais_put(&w, 30, mmsi);
    ais_put(&w, 12, 0); /* status, rate of turn */
    ais_put(&w, 10, sog);
    ais_put(&w, 1, 1); /* accuracy high */
    ais_put(&w, 28, lon);
    ais_put(&w, 27, lat);
    ais_put(&w, 12, cog);
    ais_put(&w, 9, 511);
    ais_put(&w, 6, 7);
    ais_put(&w, 25, 0);
    return w;
}
