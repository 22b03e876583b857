#ifndef API_CRAFTS_H
#define API_CRAFTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/position.h"
#include "base/table.h"
#include "feed/feed.h"

/*
 * The live picture: of each track the last fix, the fixes before it, and its name as text. Shown,
 * not kept. When CRAFTS_MAX tracks are known, those silent for CRAFTS_FORGET_US make room; the fixes
 * of all tracks together are at most CRAFTS_FIXES_MAX.
 */
#define CRAFTS_MAX       200000
#define CRAFT_FIXES_MAX  200
#define CRAFTS_FIXES_MAX (2u << 20)
#define CRAFTS_FORGET_US (60 * TIME_MINUTE)

struct craft {
    uint64_t track;
    struct position last;
    struct position *fixes;     /* a ring */
    uint16_t fix_cap, fix_held; /* its places, and how many of them hold a fix */
    uint16_t fix_at;            /* where the next one goes */
    bool seen;                  /* there is a last fix */
    bool moved;                 /* since it was last shown */
    bool alerted;               /* an episode about it is open */
    char text[FEED_NAME_MAX];
};

struct crafts {
    struct table table;
    struct craft *crafts;
    struct arena arena; /* the table's */
    size_t fixes;       /* places in all rings */
    uint64_t refused;   /* fixes of tracks that found no place */
};

int crafts_init(struct crafts *crafts, struct err *err);
void crafts_free(struct crafts *crafts);

struct craft *crafts_find(struct crafts *crafts, uint64_t track);

/* The craft, old or new; NULL when there is no place. now_us: data time. Others move when room is
 * made: pointers are valid until the next call. */
struct craft *crafts_add(struct crafts *crafts, uint64_t track, int64_t now_us);

/* A fix came. False: it is older than the last one and changes nothing. */
bool craft_note(struct crafts *crafts, struct craft *craft, const struct position *position);

/* Copies the newest fixes, oldest first; returns how many. */
size_t craft_fixes(const struct craft *craft, struct position *out, size_t cap);

/* Whether it was silent for so long that its last fix tells little: a minute for what may fly; six
 * for others, twice the three minutes of an anchored ship's AIS (ITU-R M.1371-5, table 1). */
bool craft_is_stale(const struct craft *craft, int64_t now_us);
bool craft_is_gone(const struct craft *craft, int64_t now_us); /* silent for CRAFTS_FORGET_US */

#endif
