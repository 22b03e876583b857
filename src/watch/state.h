#ifndef WATCH_STATE_H
#define WATCH_STATE_H

#include "base/chain.h"
#include "watch/judge.h"
#include "watch/watch.h"

/*
 * What the files of the watch share; nobody else includes it.
 *
 *   watch.c   the door: batches, ticks, counts
 *   view.c    what is known of an agreement;  swap.c  from one to the next
 *   legs.c    which leg of which track a fix belongs to
 *   hop.c     what changed between two fixes
 *   quiet.c   what changes without a fix: periods, silence
 *   near.c    what a course drawn out will enter
 *   judge.c   distance and certainty;  band.c  altitude
 *   nearest.c how far the nearest border and the line are
 *   tell.c    a change becomes a sighting
 *   doubt.c   what its own fix left open a later one settles
 *   mark.c    what is odd about a track
 *   history.c what was heard of late;  late.c  a fix among those that came before it
 *
 * T1  What is told of a leg depends on its own fixes alone: a tick tells it sooner, never
 *     otherwise. (So a feed may be split among watches by track, and replayed with other ticks.)
 */
#define NO_ZONES UINT64_C(0)

/*
 * Zones entered or left by the last hop of which its fix did not decide it, for it was too near to
 * the border, or told too little of altitude or class; and what was told of it. A later fix that
 * decides the same settles it.
 */
struct doubt {
    uint64_t entered, left;
    int64_t time_us, time_lo_us, time_hi_us;
    int32_t lat_e7, lon_e7, alt_cm;
    int32_t fix_lat_e7, fix_lon_e7;
    int64_t fix_us;
    uint8_t kind; /* of the entered ones: enter or inside-at-start */
};

struct track {
    struct position last; /* platform and flag: the last known ones; last.leg as the feed said */
    uint64_t plan;        /* regions that hold it, whatever its altitude, class and the time */
    uint64_t inside;      /* zones that were told to hold it */
    uint64_t near;        /* zones that were told near and still are */
    struct doubt doubt;
    int64_t quiet_us;              /* told in silence since `last` up to here; TIME_UNKNOWN */
    int64_t judged_us;             /* periods are applied up to here */
    int64_t drawn_us;              /* when its course was last drawn out */
    float clear_m;                 /* no border is nearer to `last` than this */
    int32_t north_cmps, east_cmps; /* as told, or from the last hop; SPEED_UNKNOWN */
    uint32_t untimed;              /* fixes without time since the last one that told it */
    uint32_t memory;               /* the track's newest fix in the history */
    uint8_t unsaved;               /* fixes since one with a state */
    uint16_t nth;                  /* sightings told of it, modulo 2^16 */
    uint8_t leg;
    uint8_t returns;        /* to it from another leg that was heard lately */
    bool frozen, said_late; /* marks told, for as long as it is so */
    int32_t ahead_s;        /* what its clock is taken to be ahead by */
    int64_t still_us;       /* since when its place is the same */
    bool lost;              /* lost-inside was told, or would have been */
};

/* Which zones are in force from one instant to before another. */
struct periods {
    int64_t from_us, next_us; /* next TIME_UNKNOWN: for ever */
    uint64_t active;
};

/* Sets of zones by what they are. */
struct zone_sets {
    uint64_t concerned[PLATFORM_COUNT]; /* with an area, and possibly meaning the class */
    uint64_t banded;                    /* with a floor or a ceiling */
    uint64_t timed;                     /* not always in force */
};

/* A step on a hop, at fraction t: these regions change, and these zones' bands. */
#define HOP_CROSSINGS_MAX 256
#define HOP_CHANGES_MAX   512
#define HOP_TOLD_MAX      128 /* sightings of one hop; past it they are told in sum */

struct change {
    double t;
    uint16_t zone;
    bool in;    /* the zone holds it from t on */
    bool plan;  /* so does its region */
    bool taken; /* told together with the change before it */
};

/* One id may be several craft, or seem to be: numbers that position.leg can hold. */
#define LEGS_MAX 16

struct legs {
    uint32_t count;
    struct track *leg[LEGS_MAX]; /* in no order */
};

/* Fixes whose regions are looked up together. */
#define BATCH_MAX 256

struct batch {
    int32_t lon_e7[BATCH_MAX], lat_e7[BATCH_MAX];
    uint64_t plan[BATCH_MAX];
};

/* What the watch knows of an agreement. */
struct view {
    const struct compiled *compiled;
    struct zone_sets sets;
    double
        ring_extent_m[AGREEMENT_ZONES_MAX]; /* no smaller square holds a ring of the zone whole */
    double precision_max_m;                 /* the least that the agreement knows of a border */
    struct periods periods[2];
};

/* From one agreement to the next. */
struct swap {
    bool begun;
    uint32_t at;                       /* tracks before it are in the next one */
    uint64_t same;                     /* zones of the next one that are as they were */
    uint8_t next[AGREEMENT_ZONES_MAX]; /* of a zone before: its index there, or ZONE_GONE */
};
#define ZONE_GONE UINT8_MAX

struct history; /* history.c */
struct late;    /* late.c */

struct watch {
    struct view views[2], *view; /* in use; the other serves to change it */
    struct swap swap;
    struct watch_options options;
    struct watch_counts counts;
    bool flies[PLATFORM_COUNT];
    int64_t now_us, due_us; /* due: nothing happens in silence before */
    uint32_t tick_at;       /* where a tick goes on that had no room */

    int64_t ticked_us, swapped_us; /* the last tick and swap; TIME_UNKNOWN */
    struct history *history;
    struct late *late;

    struct track *tracks;
    uint32_t count, hand;
    uint32_t vacant; /* first of the places given back: its index + 1; the next in `memory` */
    struct chain by_track;

    struct sighting *out;
    size_t out_count, out_cap, out_mark; /* mark: first sighting of the fix at hand */
    uint32_t at;                         /* the position at hand; 0 in a tick */

    struct batch batch;
    struct crossing crossings[HOP_CROSSINGS_MAX];
    struct crossing bands[2 * AGREEMENT_ZONES_MAX];
    struct change changes[HOP_CHANGES_MAX];
};

/* Whether the time is the fix's own. */
static inline bool is_timed(const struct position *fix)
{
    return fix->time_source != TIME_FROM_NONE;
}

/* A place without a track. */
static inline bool is_vacant(const struct track *track)
{
    return track->last.track == 0;
}

static inline uint16_t zone_pop(uint64_t *zones)
{
    uint16_t zone = (uint16_t)__builtin_ctzll(*zones);
    *zones &= *zones - 1;
    return zone;
}

static inline void out_open(struct watch *watch, struct sighting *out, size_t cap)
{
    watch->out = out;
    watch->out_cap = cap;
    watch->out_count = 0;
}

static inline bool out_has_room(const struct watch *watch)
{
    return watch->out_cap - watch->out_count >= WATCH_ROOM;
}

/* ---- view.c ------------------------------------------------------------------------------------ */

void view_make(struct view *view, const struct compiled *compiled);

bool zone_is_always(const struct zone *zone); /* without period or hours */

/* ---- legs.c -------------------------------------------------------------------------------- */

/* The legs of a track. */
void legs_of(const struct watch *watch, uint64_t track, struct legs *ret_legs);

/* The one that the fix belongs to; NULL if it begins another. */
struct track *legs_reach(const struct watch *watch, const struct legs *legs,
                         const struct position *fix);

/* A place for a new one, which holds nothing but its number. */
struct track *legs_begin(struct watch *watch, const struct legs *legs, const struct position *fix);

/* These become the track's legs. */
void legs_replace(struct watch *watch, struct legs *legs, const struct track *with, uint32_t count);

/* The leg with the latest fix; NULL if the track is not known. */
const struct track *legs_latest(const struct watch *watch, uint64_t track);

/* At least the length of the way between two fixes, and about its length. */
double hop_bound_m(const struct position *a, const struct position *b);
double hop_about_m(const struct position *a, const struct position *b);

/* ---- hop.c --------------------------------------------------------------------------------- */

/* The point at fraction t of the straight lon/lat way, with all else as in b. */
struct position hop_at(const struct position *a, const struct position *b, double t);

/* Tells what changed from the track's last fix to this one, held by the regions in plan. */
void hop_tell(struct watch *watch, struct track *track, const struct position *fix, uint64_t plan);

/* ---- quiet.c ------------------------------------------------------------------------------- */

const struct periods *periods_at(struct watch *watch, int64_t time_us);

/* Zones in force at that time that concern the fix's class. */
uint64_t zones_in_force(struct watch *watch, const struct position *fix, int64_t time_us);

/* Zones that hold a fix in these regions, for its class, at that time. */
uint64_t zones_holding(struct watch *watch, const struct position *fix, uint64_t plan,
                       int64_t time_us);

/* Time passes for the track without a fix: at most so many sightings. */
#define QUIET_ROOM (4 * AGREEMENT_ZONES_MAX)
void quiet_until(struct watch *watch, struct track *track, int64_t time_us);

/* The fix at hand ends a silence: periods that changed in it, and a class learnt, are told. */
void quiet_end(struct watch *watch, struct track *track, const struct position *fix);

/* Its place goes to another. */
void quiet_forget(struct watch *watch, struct track *track);

/* A zone opened or closed around the track. */
struct turn {
    uint16_t zone;
    bool opened, sure; /* sure: nothing but perhaps the last fix leaves a doubt */
    enum sighting_reason reason;
    int64_t time_us;
};
void quiet_turn(struct watch *watch, struct track *track, const struct turn *turn);

/* The watch's due_us is no later than when next something may happen to the track in silence. */
void quiet_note_due(struct watch *watch, const struct track *track);

/* ---- near.c -------------------------------------------------------------------------------- */

int64_t near_horizon_us(const struct watch *watch, enum platform platform);

/* After a hop of that length. */
void near_tell(struct watch *watch, struct track *track, double hop_m);

/* ---- mark.c ------------------------------------------------------------------------------------ */

void mark_tell(struct watch *watch, struct track *track, const struct position *fix,
               enum mark mark);

/* Before a fix becomes the leg's last; `first`: it begins the leg. */
void mark_look(struct watch *watch, const struct legs *legs, struct track *track,
               const struct position *fix, bool first);

/* If the fix's clock is ahead, it is placed when it came. */
void mark_clock(struct watch *watch, const struct legs *legs, struct position *fix,
                int32_t *ret_ahead_s);

/* ---- history.c --------------------------------------------------------------------------------- */

/*
 * What was heard of late, so that a fix that comes late can be told of as if it had come in time. The
 * newest fixes of all tracks stand in one ring, each linked to the one of its track before it in
 * order; some with the state of the track's legs before them.
 */
#define REPLAY_MAX 1024 /* of one track gone back over; the ring is never smaller than twice that */

struct memory {
    struct position fix;
    uint64_t plan;
    uint32_t number; /* its own, from 1 on; later its slot holds another's */
    uint32_t before; /* number of the one before; 0 not known */
    uint32_t state;  /* number of the first leg's state */
    uint8_t legs;    /* that have a state; 0 none */
    bool first;      /* nothing was before it */
};

int history_init(struct watch *watch, struct arena *arena, struct err *err);

/* All that was before is of no use any more. */
void history_cut(struct watch *watch);

/* The fix is taken next; all legs are as they were before it. Returns its number. */
uint32_t history_add(struct watch *watch, struct legs *legs, const struct position *fix,
                     uint64_t plan);

struct memory *history_at(const struct watch *watch, uint64_t track, uint32_t number); /* or NULL */

/* The state before it. False: it has none, or that is forgotten. */
bool history_states(const struct watch *watch, const struct memory *memory,
                    const struct track *ret_legs[LEGS_MAX]);

/* In parts, for what is put in between. */
struct memory *history_new(const struct watch *watch, const struct position *fix, uint64_t plan);
void history_save(const struct watch *watch, struct memory *memory, const struct legs *legs);
bool history_is_due(uint32_t unsaved); /* so many fixes without a state */

/* ---- late.c ------------------------------------------------------------------------------------ */

/* Whether the fix is not after all that was told of the legs. */
bool late_is(const struct legs *legs, const struct position *fix);

/* Tells what it changes. False: it is taken as if it were not late. */
bool late_take(struct watch *watch, struct legs *legs, const struct position *fix, uint64_t plan);

int late_init(struct watch *watch, struct arena *arena, struct err *err);

/* The id under which a sighting stands. */
uint64_t late_id(const struct watch *watch, uint64_t id);

/* ---- watch.c ----------------------------------------------------------------------------------- */

/* One for a single track's legs, without history or view. NULL: no memory. */
struct watch *watch_of_one(const struct watch_options *options, struct arena *arena);

/* A fix in its turn. Returns its leg. */
struct track *take_next(struct watch *watch, const struct legs *legs, const struct position *given,
                        uint64_t plan);

/* ---- nearest.c --------------------------------------------------------------------------------- */

/* From the fix to the agreement's first line; -1 none. */
int64_t line_mm(const struct compiled *compiled, const struct position *fix);

/* ---- tell.c -------------------------------------------------------------------------------- */

struct telling {
    enum sighting_kind kind;
    enum sighting_reason reason;
    enum mark mark;
    uint16_t zone; /* AGREEMENT_NONE: a mark */
    int64_t time_us, time_lo_us, time_hi_us;
    const struct position *fix;   /* the deciding one */
    const struct position *place; /* where the instant was */
    bool plan;                    /* the zone's region holds the deciding fix */
    bool sure;                    /* nothing but perhaps the deciding fix leaves a doubt */
    bool by_fix;                  /* it does if it does not decide: what is told holds there */
    int64_t drift_mm;             /* how far the track may be from the deciding fix */
};
void tell(struct watch *watch, struct track *track, const struct telling *telling);

/* Tells again, for certain, what `replaced` told as possible; `track->last` decided it. */
void tell_amended(struct watch *watch, struct track *track, const struct sighting *replaced,
                  const struct border *border);

/* Of a sighting's fields; ordinal: how many like it the same fix gave before. */
uint64_t sighting_id(const struct watch *watch, const struct sighting *sighting, uint8_t ordinal,
                     uint32_t untimed);

/* The end of a near that came to nothing. */
void tell_lapsed(struct watch *watch, struct track *track, uint64_t zones, int64_t time_us);

/* ---- doubt.c ------------------------------------------------------------------------------- */

/* A sighting was told: it ends an older doubt about the zone, and may begin one. `open`: nothing but
 * the fix left it open. */
void doubt_note(struct track *track, const struct sighting *sighting, bool open);

/* After a fix: what it settles is told. */
void doubt_settle(struct watch *watch, struct track *track);

#endif
