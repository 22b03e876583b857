#ifndef WATCH_WATCH_H
#define WATCH_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agreement/compile.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/position.h"

/*
 * The watch: positions in, sightings out. A sighting says that a track's relation to a zone
 * changed; what that means (an alert, or nothing because a notice covers it) is decided above.
 *
 * Pure and deterministic: the same positions and ticks in the same order give the same sightings
 * with the same ids, on every machine. Time comes with the fixes and with watch_tick.
 *
 *            first fix inside                    border crossed inwards
 *   unseen -------------------> inside <------------------------------- outside <--- first fix out
 *      inside-at-start            |  |  enter                            |   |
 *                                 |  `---------- leave ----------------->'   | near (predicted),
 *                    lost-inside  |            (cross: in and out            | ends by itself on
 *                    (silence)    v             within one hop)              v a turn
 *                               lost                                       near
 *   opened / closed: the zone changed around a track: its period or hours began or ended, the
 *   track's class was learnt, or another agreement came into use (enum sighting_reason).
 *
 * Invariants
 *  W1  For each track, the XOR of all masks crossed on a hop equals old set XOR new set; a
 *      violation is counted (watch_counts.parity) and the new set, which is exact, is believed.
 *  W2  enter and leave of one (track, zone) alternate.
 *  W3  A verdict nearer to the border than the fix's own 95 % error, in a provisional zone, for a
 *      class or altitude that is not known, or on a hop over a gap longer than gap_us is
 *      `possible`, never silently decided.
 *  W4  No sighting names a zone that cannot concern the track's class (platform_meant is not), but
 *      for the `closed` that says so when the class is learnt.
 *  W5  Applied in order, amendments and retractions leave what the same fixes in order of time
 *      would have given, as long as none is counted too_late.
 */
enum sighting_kind {
    SIGHTING_ENTER,
    SIGHTING_LEAVE,
    SIGHTING_CROSS,
    SIGHTING_INSIDE_AT_START,
    SIGHTING_NEAR,
    SIGHTING_LOST_INSIDE,
    SIGHTING_OPENED,
    SIGHTING_CLOSED,
    SIGHTING_LAPSED,    /* a `near` came to nothing: told to the node, neither kept nor shown */
    SIGHTING_RETRACTED, /* what it replaces did not happen, and nothing stands in its place */
    SIGHTING_MARK       /* something is odd about the track: enum mark; of no zone */
};

/* What is odd. Nothing is dropped for it but what is too late. */
enum mark {
    MARK_NONE,
    MARK_JUMP,       /* no craft could have come here from where its id was last: another leg */
    MARK_TWO_PLACES, /* the id goes on in two places by turns: two craft, or one and its ghost */
    MARK_NO_PLACE,   /* latitude 0, longitude 0: what receivers tell that know no position */
    MARK_FROZEN,     /* tells speed, but not another place for two minutes */
    MARK_CLOCK,      /* its clock is ahead: its fixes are placed when they come */
    MARK_TOO_LATE    /* a fix is older than what is remembered: it is not told of */
};

/* Why a zone opened or closed around a track; REASON_NONE for all other kinds. */
enum sighting_reason {
    REASON_NONE,
    REASON_PERIOD,      /* its period or hours */
    REASON_CLASS,       /* the track's class was learnt */
    REASON_ZONE_CHANGE, /* watch_swap: the zone came, went, or became another */
};

enum certainty { CERTAINTY_POSSIBLE, CERTAINTY_CERTAIN };

/* How far one source is to be believed: a self-reported position never makes a claim certain. */
enum source_grade { GRADE_SELF_REPORTED, GRADE_RADAR, GRADE_SEVERAL };

#define HOLDS_INSIDE 0x1
#define HOLDS_NEAR   0x2

struct sighting {
    uint64_t id;       /* stable: a hash of track, leg, zone, kind, instant and deciding fix */
    uint64_t replaces; /* id of the sighting that this one amends; 0 none */
    uint64_t track;
    int64_t time_us;                /* the instant, interpolated on the hop (near: predicted) */
    int64_t time_lo_us, time_hi_us; /* the instant lies in this band */
    int32_t lat_e7, lon_e7;         /* the place of the instant */
    int32_t alt_cm;
    int64_t dist_mm;     /* from the deciding fix to the zone's border; negative inside */
    int32_t dist_err_mm; /* error of the fix and of the boundary together */
    int64_t line_mm;     /* from the deciding fix to the agreement's first line; -1 none */
    uint16_t zone,
        side; /* indices; side: the track's party or AGREEMENT_NONE. A mark has no zone */
    uint8_t kind, certainty, grade, platform;
    uint8_t leg;
    uint8_t mark;        /* enum mark, of a SIGHTING_MARK */
    uint8_t reason;      /* enum sighting_reason */
    bool late;           /* a fix that came late told it, or told it otherwise than before */
    uint8_t holds;       /* if late, what holds of leg and zone now: HOLDS_ bits */
    bool former;         /* zone is an index in the agreement before the swap */
    uint16_t nth;        /* counts what the leg says, modulo 2^16 */
    uint32_t at;         /* which of the positions handed in told it; a tick or swap: 0 */
    struct position fix; /* the deciding fix, as it came */
};

/*
 * The canonical order of what one call says: by `at`, then track, then leg, then nth (as it counts
 * on from a to b). It is total, and for one leg it is the order in which things are said. What is
 * said depends on the track's own fixes, on ticks and on swaps alone, as long as there is room for
 * all tracks and for the history (T1, watch/state.h). So watches that share out the tracks of a feed say together, call
 * for call and sorted by this order, what one watch says sorted likewise. Below, equal or above 0.
 */
int sighting_order(const struct sighting *a, const struct sighting *b);

struct watch_options {
    uint32_t track_max;   /* tracks in memory at once; past it the stalest is reused, counted */
    int64_t gap_us;       /* a longer silence makes a hop's verdicts possible (default 10 min) */
    int64_t lost_us;      /* silence inside a zone after which lost-inside is said (15 min) */
    int64_t near_air_us;  /* how far ahead a course is drawn out, aircraft (5 min) */
    int64_t near_sea_us;  /* ships and others (20 min) */
    int64_t late_us;      /* a fix older than its track's newest by more is not told of (10 min) */
    uint32_t history_max; /* fixes of all tracks remembered for that; 0: 4 a track */
    int64_t ahead_us; /* live feeds: a fix whose time is later than the last tick's by more has a
                         wrong clock (WATCH_AHEAD_US); 0: ticks follow the fixes, and no clock is wrong */
    int64_t jump_mps; /* a hop faster than this is a jump: marked, a new leg. 0: 1,000 m/s for
                            what may be an aircraft, 60 m/s for others */
};
struct watch_options watch_defaults(void);

/* For live feeds. AIS and ADS-B stations keep seconds; minutes are a wrong clock or time zone. */
#define WATCH_AHEAD_US (2 * TIME_MINUTE)

struct watch_counts {
    uint64_t positions, sightings;
    uint64_t marks;           /* told */
    uint64_t clocks;          /* fixes whose own time was ahead by more than ahead_us */
    uint64_t jumps;           /* hops faster than jump_mps: a leg began */
    uint64_t late, same_time; /* older than what was told of the track, or as old as a fix */
    uint64_t too_late;        /* of these: not told of, for they are older than is remembered */
    uint64_t amended;         /* sightings told otherwise, or retracted, for a late fix */
    uint64_t parity;          /* W1 violated */
    uint64_t crowded;         /* hops with more changes than told one by one: told in sum */
    uint64_t tracks;          /* legs in memory */
    uint64_t tracks_reused;   /* places taken from the stalest, which was told lost if inside */
};

struct watch; /* opaque */

struct watch *watch_new(const struct compiled *compiled, const struct watch_options *options,
                        struct arena *arena, struct err *err);

/*
 * Takes positions in order until all are used or fewer than WATCH_ROOM places are left in out[].
 * Positions without time are placed at the last known time of the watch and yield `possible`.
 */
#define WATCH_ROOM 640 /* most sightings one position or one track's tick can yield */
size_t watch_positions(struct watch *watch, const struct position *positions, size_t count,
                       struct sighting *out, size_t cap, size_t *ret_count);

/* Time has come to now_us (data time): periods open and close, silent tracks are lost, predicted
 * entries lapse. Call again while it returns true (out[] was full). */
bool watch_tick(struct watch *watch, int64_t now_us, struct sighting *out, size_t cap,
                size_t *ret_count);

/*
 * Another agreement, or another form of it, comes into use at now_us: zones that came, went, grew,
 * shrank, or concern others. Zones are the same if their ids are. First time passes as by
 * watch_tick; then for every track, at once, the zones that no longer hold it are said closed and
 * those that hold it now are said opened, REASON_ZONE_CHANGE, at now_us, by its last fix. A zone
 * that holds the track before and after says nothing, whatever else changed in it.
 *
 * What the agreement before says last (also of periods and silence) has `former` set: its zone is an
 * index there, and that agreement must live until this returns false. Else it is of `next`. Call
 * again with the same arguments while it returns true (out[] was full); no fix and no tick comes in
 * between. Fixes older than now_us that come later still are too late to be told of.
 */
bool watch_swap(struct watch *watch, const struct compiled *next, int64_t now_us,
                struct sighting *out, size_t cap, size_t *ret_count);

const struct watch_counts *watch_counts(const struct watch *watch);

/* What is known of a track now: NULL if nothing. */
struct watch_track {
    struct position last;
    uint64_t inside; /* zones that hold it and concern it */
    uint64_t near;   /* zones it is predicted to enter */
    uint16_t side;
};
bool watch_track(const struct watch *watch, uint64_t track, struct watch_track *ret_track);

/* How far its last fix is from what matters to it. Measured when asked: not for every track shown. */
struct watch_nearest {
    uint16_t zone;     /* of those that concern it, the one with the nearest border; or NONE */
    int64_t border_mm; /* to that border, negative inside its region */
    int64_t line_mm;   /* to the agreement's first line; -1 none */
};
bool watch_nearest(const struct watch *watch, uint64_t track, struct watch_nearest *ret_nearest);

/* One point, no track: which zones hold it and how far their borders are (`detente locate`). */
struct place_verdict {
    uint16_t zone;
    bool inside;
    uint8_t certainty;
    int64_t dist_mm;
    int32_t dist_err_mm;
};
size_t watch_locate(const struct compiled *compiled, const struct position *position,
                    struct place_verdict *out, size_t cap);

const char *sighting_kind_name(enum sighting_kind kind); /* "enter", "inside-at-start", ... */
const char *mark_name(enum mark mark);                   /* "jump", "two-places", ... */
const char *certainty_name(enum certainty certainty);
const char *source_grade_name(enum source_grade grade); /* "self-reported", ... */

#endif
