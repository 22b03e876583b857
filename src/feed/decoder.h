#ifndef FEED_DECODER_H
#define FEED_DECODER_H

#include "base/table.h"
#include "feed/feed.h"

/*
 * What the files of this folder share: the feed's inside, and the contract between the framing
 * (feed.c) and the decoders (one format a file, one row each in feed.c).
 *
 *   bytes -> feed.c cuts lines           -> row->record -> how it ended -> feed_count
 *         -> row->framing cuts the rest ----> a record -----^
 *            (document.c JSON objects, cot.c XML events, beast.c binary frames)
 */

/* How a record ended: a reason of enum feed_skip, or one of these. */
enum record_end {
    RECORD_POSITION = SKIP_COUNT, /* *ret_position is set */
    RECORD_USED,                  /* told something that a later record uses */
    RECORD_OTHER,                 /* right, and nothing for us */
    RECORD_WAITS,                 /* a part; counted when its message ends */
    RECORD_NOTHING                /* empty or a comment: no record */
};

/* A time and how it is known; TIME_UNKNOWN goes with TIME_FROM_NONE. */
struct stamp {
    int64_t us;
    enum time_source source;
};
#define STAMP_NONE ((struct stamp){TIME_UNKNOWN, TIME_FROM_NONE})

/* What a format that tells a track in pieces told last. By track index. */
struct motion {
    int64_t time_us, alt_time_us; /* of the velocity (or whole fix), of the altitude */
    int32_t lat_e7, lon_e7;
    int32_t north_cmps, east_cmps, up_cmps, alt_cm;
    bool moved, high; /* velocity told, altitude told */
};

/* What every position of a track asks for, apart from the names so that many lie together in the
 * cache; the same values stand in the identity. */
struct brief {
    uint16_t flag;
    uint8_t platform;
    uint8_t held; /* fields that the table of classes has fixed: */
};
#define HELD_NAME     0x1
#define HELD_PLATFORM 0x2

/* Index -> what is known of the track. */
struct tracks {
    struct table table;
    struct feed_identity *identity;
    struct brief *brief;
    struct motion *motion; /* NULL for formats that need none; in its place for Mode S: */
    struct flight *flight;
};

/* How a format that has no lines is cut. `take` holds some of the bytes, at least one, and returns
 * how many; it is called when `next` has said that the bytes held give no more positions. */
struct framing {
    size_t (*take)(struct feed *feed, struct bytes input);
    bool (*next)(struct feed *feed, int64_t receive_us, struct position *ret_position);
};

struct document_kind;

struct feed_row {
    const char *name;
    const struct framing *framing; /* NULL: lines, and then: */
    /* One line without its end. Returns a reason or a record_end. */
    int (*record)(struct feed *feed, struct bytes line, int64_t receive_us,
                  struct position *ret_position);
    void (*flush)(struct feed *feed); /* counts what waits; may be NULL */
    const struct document_kind *kind; /* of JSON documents */
};

struct nmea;
struct csv;
struct documents;
struct cot;
struct beast;
struct mode_s;
struct gpsd;
struct flight;

struct feed {
    struct feed_options options;
    struct feed_counts counts;
    enum feed_format format;
    const struct feed_row *row;
    struct tracks tracks;
    uint8_t *line; /* FEED_RECORD_MAX bytes: a line whose end has not come */
    size_t line_n;
    bool line_over; /* that line is too long: dropped up to its end */
    bool begun;     /* a line has been seen */
    struct nmea *nmea;
    struct csv *csv;
    struct documents *documents;
    struct cot *cot;
    struct beast *beast;
    struct mode_s *mode_s;
    struct gpsd *gpsd;
};

void feed_count(struct feed *feed, int end);
void feed_count_many(struct feed *feed, int end, unsigned count);

/* A position of this feed with everything unknown but the track and the place. */
struct position feed_position(const struct feed *feed, uint64_t track, int32_t lat_e7,
                              int32_t lon_e7);

/* The receive time where the feed is live, else none. */
struct stamp feed_receive(const struct feed *feed, int64_t receive_us);
void position_stamp(struct position *position, struct stamp stamp);

/* tracks.c */
bool tracks_init(struct feed *feed, bool motion, bool flight, struct arena *arena);

/* The track's index, new or old; TABLE_NONE when the table is full, which is counted. */
uint32_t tracks_index(struct feed *feed, uint64_t track);

/* What a record tells; a value of a field that the user's table holds is ignored. */
void tracks_name(struct feed *feed, uint32_t index, struct bytes name);
void tracks_platform(struct feed *feed, uint32_t index, enum platform platform);
void tracks_id(struct feed *feed, uint32_t index, struct bytes id); /* text of a named track */

/* Puts class and flag into the position where they are known. */
void tracks_dress(const struct feed *feed, struct position *position);

/* The same place as the track told last, at the same time to within_us; else it is kept as that.
 * False at TABLE_NONE, and where a time is not known. */
bool tracks_repeat(struct feed *feed, uint32_t index, const struct position *fix,
                   int64_t within_us);

/* A track from its text, with the feed's name before it where it has no ':'. False: too long. */
bool tracks_read(struct feed *feed, struct bytes text, uint64_t *ret_track);

/* "FEED:ID", whatever the id looks like. False: too long. */
bool tracks_own(struct feed *feed, struct bytes id, uint64_t *ret_track);

/* classes.c: by index 0, 1, ...; false past the end. */
bool classes_at(const struct feed_classes *classes, uint32_t i, uint64_t *ret_track,
                const struct feed_identity **ret_identity);

/* One file a format. */
struct nmea *nmea_new(struct arena *arena);
int nmea_record(struct feed *feed, struct bytes line, int64_t receive_us,
                struct position *ret_position);
void nmea_flush(struct feed *feed);
int sbs_record(struct feed *feed, struct bytes line, int64_t receive_us,
               struct position *ret_position);
struct csv *csv_new(struct arena *arena);
int csv_record(struct feed *feed, struct bytes line, int64_t receive_us,
               struct position *ret_position);
int ndjson_record(struct feed *feed, struct bytes line, int64_t receive_us,
                  struct position *ret_position);
struct cot *cot_new(struct arena *arena);
extern const struct framing cot_framing;
void cot_flush(struct feed *feed);
struct beast *beast_new(struct arena *arena);
extern const struct framing beast_framing;
void beast_flush(struct feed *feed);
int avr_record(struct feed *feed, struct bytes line, int64_t receive_us,
               struct position *ret_position);
struct gpsd *gpsd_new(struct arena *arena);
int gpsd_record(struct feed *feed, struct bytes line, int64_t receive_us,
                struct position *ret_position);

#endif
