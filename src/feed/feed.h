#ifndef FEED_FEED_H
#define FEED_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/position.h"

/*
 * Bytes of a real feed in, struct position out. Sans I/O: the caller reads the file or socket and
 * says when the bytes came; nothing here knows a clock or a socket.
 *
 *   feed_new -> feed_push ... feed_push -> feed_flush
 *
 * A record is a line, a binary frame, an XML event, or one member of a JSON document's list; a
 * document that cannot be read is one record;
 * empty lines and comments are none. A record that cannot be used is counted under one reason and
 * skipped; the next record starts clean. Bytes are never refused as a whole. Tracks' static data
 * (name, class, flag) that the feed tells in other records is kept per track and put into the
 * positions that follow. What each format becomes: docs/format/positions.md.
 *
 * Invariants
 *  F1  Each record is counted once: records = used + other + skipped[0 .. SKIP_RECORDS - 1], after
 *      feed_flush (before it the parts of unfinished messages and an unfinished line are missing).
 *  F2  The same bytes give the same positions, wherever the cuts between pushes fall.
 *  F3  Every position given out holds what base/position.h promises.
 */

enum feed_format {
    FEED_AUTO,     /* decided from the first bytes; see feed_guess */
    FEED_NMEA,     /* AIS in NMEA 0183: VDM, VDO; TAG blocks; $PGHP; RMC */
    FEED_SBS,      /* BaseStation, port 30003 */
    FEED_AIRCRAFT, /* aircraft.json of readsb, dump1090-fa and older dialects; or one object a line */
    FEED_CSV,      /* ours: docs/format/positions.md */
    FEED_NDJSON,   /* ours: what `detente decode` prints can be read back */
    FEED_COT,      /* Cursor on Target events, XML version 2.0 */
    FEED_BEAST,    /* Mode S frames in Mode-S Beast's binary form, port 30005 */
    FEED_AVR,      /* the same as hexadecimal text, port 30002 */
    FEED_GPSD,     /* gpsd's JSON: AIS and TPV reports, port 2947 */
    FEED_AISCATCHER, /* AIS-catcher's JSON, one message a line or a document */
    FEED_GEOJSON,    /* points with a time: features, collections, text sequences */
    FEED_FORMAT_COUNT
};

/* Why a record was skipped. One table of names serves --json counters and /metrics. */
enum feed_skip {
    SKIP_NOT_A_RECORD, /* a line that is none of this format's */
    SKIP_TOO_LONG,     /* longer than FEED_RECORD_MAX */
    SKIP_NOT_TEXT,     /* bytes that cannot stand there (non-ASCII in a sentence, bad UTF-8) */
    SKIP_CUT,          /* ends too early: fields or bits are missing */
    SKIP_CHECKSUM,
    SKIP_SYNTAX,      /* a field is not what the format says */
    SKIP_PART_LOST,   /* a part of a multi-part message whose rest never came */
    SKIP_IMPOSSIBLE,  /* a value outside what can be: latitude 95, month 13 */
    SKIP_NO_POSITION, /* a position record that says "not available" */
    SKIP_STALE,       /* a record whose own validity had ended when it came */
    SKIP_TAG,         /* from here on no record is lost. An NMEA TAG block with a wrong checksum:
                           the sentence passes, what the block says does not */
    SKIP_TRACKS_FULL, /* track_max identities are known; the position passes, its name not */
    SKIP_COUNT
};
#define SKIP_RECORDS SKIP_TAG

#define FEED_RECORD_MAX   (8 * 1024)         /* one line */
#define FEED_DOCUMENT_MAX (16 * 1024 * 1024) /* one aircraft.json */
#define FEED_TRACK_MAX    (1u << 18)         /* identities one feed remembers */
#define FEED_EVENT_MAX    (64 * 1024)        /* one XML event */
#define FEED_NAME_MAX     64                 /* bytes of a track's or feed's name with its NUL */

struct feed_counts {
    uint64_t bytes, records; /* everything seen */
    uint64_t used;           /* records that gave a position, an identity, or a part of either */
    uint64_t positions;      /* given out */
    uint64_t identities;     /* records that told a name, class or flag */
    uint64_t other;          /* well-formed records that carry nothing for us */
    uint64_t skipped[SKIP_COUNT];
};

/* What a feed has told about a track. */
struct feed_identity {
    char name[FEED_NAME_MAX]; /* ship's name or call sign, "" if not told; UTF-8 */
    char id[FEED_NAME_MAX];   /* for TRACK_NAMED: "FEED:ID" as read; else "" */
    uint16_t flag;            /* as in struct position; 0 unknown */
    uint8_t platform;         /* enum platform */
};

struct feed_options {
    enum feed_format format;
    uint8_t source;                     /* put into every position */
    char name[FEED_NAME_MAX];           /* what `FEED:ID` and the "feed" key show */
    const struct feed_classes *classes; /* optional table track -> class, flag; NULL none */
    bool simulated;    /* mark every position; a comment line "# SIMULATED" in the feed does too */
    bool receive_time; /* live: records without time get the receive time */
    bool zone_known;   /* the feed's local times (BaseStation) are zone_us ahead of UTC; */
    int64_t zone_us;   /* not known: UTC in files, the receive time in live feeds */
    bool gps_clock; /* the counter of Beast frames is GPS time of day, not 12 MHz since the start */
    bool at_known;  /* where the receiver stands, for aircraft that report from the ground: */
    int32_t at_lat_e7, at_lon_e7;
    uint32_t track_max;  /* identities to hold; 0 means FEED_TRACK_MAX */
    size_t document_max; /* bytes of one document; 0 means FEED_DOCUMENT_MAX */
};

struct feed; /* opaque */

#define FEED_SOURCE_MAX 31 /* what position.source holds */

/* Makes a feed in the arena, which outlives it: about 250 bytes a track of track_max, and
 * document_max where the format is one of JSON documents or FEED_AUTO. NULL when the arena is full or the
 * options are wrong (*err says which). */
struct feed *feed_new(const struct feed_options *options, struct arena *arena, struct err *err);

/*
 * Takes bytes from *input until all are used or `cap` positions are out. *ret_used tells how many
 * bytes were taken (keep the rest and call again), *ret_count how many positions stand in out[].
 * receive_us: when the bytes came, or TIME_UNKNOWN (a file). Cuts may fall anywhere.
 */
void feed_push(struct feed *feed, struct bytes input, int64_t receive_us, struct position *out,
               size_t cap, size_t *ret_used, size_t *ret_count);

/* The input ended: an unfinished last line counts as a record, waiting parts as lost. Call until
 * *ret_count is 0. */
void feed_flush(struct feed *feed, int64_t receive_us, struct position *out, size_t cap,
                size_t *ret_count);

const struct feed_counts *feed_counts(const struct feed *feed);

/* Records came, and not one was of the format. */
bool feed_is_garbage(const struct feed_counts *counts);

/* NULL if neither the feed nor the table of classes told anything about it. Valid until the next
 * push. */
const struct feed_identity *feed_identity(const struct feed *feed, uint64_t track);

/* The track's text for people and files: "ais:...", "icao:...", or "FEED:ID". */
void feed_track_write(const struct feed *feed, uint64_t track, struct buf *out);

/* The format as far as it was decided; FEED_AUTO while no byte told. */
enum feed_format feed_format(const struct feed *feed);

/* Names: "nmea", "sbs", "aircraft", ..., "auto"; "checksum", "cut", ... */
#define FEED_FORMAT_NAMES                                                                          \
    "nmea, sbs, aircraft, csv, ndjson, cot, beast, avr, gpsd, aiscatcher or geojson"
const char *feed_format_name(enum feed_format format);
bool feed_format_from_name(struct bytes name, enum feed_format *ret_format);
const char *feed_skip_name(enum feed_skip skip);

/* What the first bytes look like; FEED_AUTO when they do not tell. */
enum feed_format feed_guess(struct bytes head);

/*
 * The optional table of classes by hex address or MMSI: CSV lines "track,class[,flag[,name]]"
 * ("icao:71BE12,helicopter,KR"). It wins over what the feed says of itself. Errors name the line.
 */
#define FEED_CLASSES_MAX (1u << 20) /* lines */

struct feed_classes;
struct feed_classes *feed_classes_new(struct bytes csv, struct arena *arena, struct err *err);
const struct feed_identity *feed_classes_find(const struct feed_classes *classes, uint64_t track);

#endif
