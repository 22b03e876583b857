#ifndef TEST_FEED_WORLD_H
#define TEST_FEED_WORLD_H

#include "feed/feed.h"

/* A feed that a test writes into, and what came out. */
#define FED_MAX 64

struct fed {
    struct arena arena;
    struct feed *feed;
    struct position at[FED_MAX];
    size_t count;
};

/* name "test", few tracks, small documents, unless the options say otherwise. */
void fed_open(struct fed *fed, struct feed_options options);
void fed_push(struct fed *fed, const char *text, int64_t receive_us);
void fed_push_bytes(struct fed *fed, struct bytes bytes, int64_t receive_us);
void fed_flush(struct fed *fed);
void fed_close(struct fed *fed);

/* All of a text in one go: open, push, flush. */
void fed_read(struct fed *fed, enum feed_format format, const char *text);

uint64_t fed_skipped(const struct fed *fed, enum feed_skip skip);

/* The text is one record that gives no position and is skipped so; SKIP_COUNT: that is other. */
void fed_expect_skip(enum feed_format format, const char *text, int skip);

/* The counters add up: records = used + other + skipped. */
void fed_check_sum(const struct fed *fed);

/* Text that grows: sentences for NMEA. */
struct script {
    size_t n;
    char text[8192];
};
void script_line(struct script *script, const char *line);
/* "BODY" becomes "!BODY*hh" (or "$..."), with `before` and `after` around it. */
void script_sentence(struct script *script, char start, const char *body, const char *before,
                     const char *after);

/* The bits of an AIS message, put one field after the other (ITU-R M.1371-5 Annex 8). */
struct ais_writer {
    unsigned n;
    uint8_t bit[1024];
};
void ais_put(struct ais_writer *writer, unsigned bits, int64_t value);
void ais_put_text(struct ais_writer *writer, unsigned chars, const char *text);

/* The message in `parts` sentences with this sequence digit ("" for none) and channel. */
void script_ais(struct script *script, const struct ais_writer *writer, unsigned parts,
                const char *sequence, const char *channel);

/* A class A position report; degrees x 600000, sog in 0.1 knots, cog in 0.1 degrees. */
struct ais_writer ais_class_a(uint32_t mmsi, int32_t lon, int32_t lat, unsigned sog, unsigned cog);

#endif
