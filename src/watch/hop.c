#include "base/degree.h"
#include "watch/state.h"

/*
 * What changed between two fixes. The hop is straight in longitude, latitude, altitude and time.
 * Along it regions change where their borders are crossed (geo/grid.h) and bands where a limit is
 * passed; a zone holds the track while both do and it is in force and concerns the class. Walking
 * both lists in order gives the changes, and these the sightings: in and out again within the hop
 * is one `cross`.
 */
struct hop {
    struct watch *watch;
    struct track *track;
    const struct position *fix;
    uint64_t plan;           /* regions at its end */
    uint64_t fixed;          /* zones in force that concern the class */
    uint64_t touched;        /* regions whose border is crossed */
    size_t crossings, bands; /* in watch->crossings and watch->bands */
    size_t changes;          /* in watch->changes */
    bool full;               /* there were more */
};

struct position hop_at(const struct position *a, const struct position *b, double t)
{
    struct position at = *b;
    double east = (double)lon_wrap_e7((int64_t)b->lon_e7 - a->lon_e7);
    double north = (double)b->lat_e7 - (double)a->lat_e7;
    at.lon_e7 = lon_wrap_e7(a->lon_e7 + (int64_t)(t * east + (east < 0.0 ? -0.5 : 0.5)));
    at.lat_e7 = a->lat_e7 + (int32_t)(t * north + (north < 0.0 ? -0.5 : 0.5));
    if (a->alt_cm != ALT_UNKNOWN && b->alt_cm != ALT_UNKNOWN && a->alt_ref == b->alt_ref)
        at.alt_cm = (int32_t)(a->alt_cm + t * ((double)b->alt_cm - a->alt_cm));
    if (is_timed(a) && is_timed(b))
        at.time_us = a->time_us + (int64_t)(t * (double)(b->time_us - a->time_us) + 0.5);
    return at;
}

/* ---- what is passed on the way ----------------------------------------------------------------- */

/* In order of t; what is passed at the same t becomes one step. */
static void band_put(struct hop *hop, double t, uint64_t zone)
{
    struct crossing *bands = hop->watch->bands;
    size_t at = hop->bands++;
    for (; at > 0 && bands[at - 1].t > t; at--)
        bands[at] = bands[at - 1];
    bands[at] = (struct crossing){t, zone};
}

static void pass_bands(struct hop *hop)
{
    const struct zone *zones = hop->watch->view->compiled->agreement->zones;
    uint64_t rest = (hop->track->plan | hop->touched) & hop->fixed & hop->watch->view->sets.banded;
    while (rest) {
        uint16_t zone = zone_pop(&rest);
        double t[2];
        size_t count = band_cross(&zones[zone], &hop->track->last, hop->fix, t);
        for (size_t i = 0; i < count; i++)
            band_put(hop, t[i], UINT64_C(1) << zone);
    }
}

static void pass_borders(struct hop *hop)
{
    struct watch *watch = hop->watch;
    const struct position *a = &hop->track->last, *b = hop->fix;
    size_t count = grid_cross(watch->view->compiled->grid, a->lon_e7, a->lat_e7, b->lon_e7,
                              b->lat_e7, watch->crossings, HOP_CROSSINGS_MAX);
    uint64_t parity = hop->track->plan ^ hop->plan;
    hop->full = count > HOP_CROSSINGS_MAX;
    hop->crossings = hop->full ? HOP_CROSSINGS_MAX : count;
    for (size_t i = 0; i < hop->crossings; i++) {
        parity ^= watch->crossings[i].mask;
        hop->touched |= watch->crossings[i].mask;
    }
    if (parity && !hop->full)
        watch->counts.parity++;
    hop->touched |= hop->track->plan ^ hop->plan;
}

/* ---- what that changes ------------------------------------------------------------------------- */

static void change_put(struct hop *hop, double t, uint64_t zones, uint64_t plan, bool in)
{
    while (zones) {
        uint16_t zone = zone_pop(&zones);
        if (hop->changes == HOP_CHANGES_MAX) {
            hop->full = true;
            return;
        }
        hop->watch->changes[hop->changes++] =
            (struct change){.t = t, .zone = zone, .in = in, .plan = plan >> zone & 1};
    }
}

/* At one instant zones are left before others are entered. */
static void change_to(struct hop *hop, double t, uint64_t *inside, uint64_t now, uint64_t plan)
{
    change_put(hop, t, *inside & ~now, plan, false);
    change_put(hop, t, now & ~*inside, plan, true);
    *inside = now;
}

static uint64_t bands_at(const struct hop *hop, const struct position *fix)
{
    const struct zone *zones = hop->watch->view->compiled->agreement->zones;
    uint64_t in = ~NO_ZONES, rest = hop->fixed & hop->watch->view->sets.banded;
    rest &= hop->track->plan | hop->touched;
    while (rest) {
        uint16_t zone = zone_pop(&rest);
        if (!band_judge(&zones[zone], fix).in)
            in &= ~(UINT64_C(1) << zone);
    }
    return in;
}

/* Both lists as one. Whatever they leave open at the end (W1), the fix itself decides. */
static void walk(struct hop *hop)
{
    const struct watch *watch = hop->watch;
    uint64_t plan = hop->track->plan, bands = bands_at(hop, &hop->track->last);
    uint64_t inside = hop->track->inside;
    size_t i = 0, j = 0;
    while (i < hop->crossings || j < hop->bands) {
        bool border =
            j == hop->bands || (i < hop->crossings && watch->crossings[i].t <= watch->bands[j].t);
        double t = border ? watch->crossings[i].t : watch->bands[j].t;
        for (; i < hop->crossings && watch->crossings[i].t == t; i++)
            plan ^= watch->crossings[i].mask;
        for (; j < hop->bands && watch->bands[j].t == t; j++)
            bands ^= watch->bands[j].mask;
        change_to(hop, t, &inside, plan & bands & hop->fixed, plan);
    }
    uint64_t end = hop->plan & bands_at(hop, hop->fix) & hop->fixed;
    change_to(hop, 1.0, &inside, end, hop->plan);
}

/* ---- telling ----------------------------------------------------------------------------------- */

/* The next change of the same zone; NULL if there is none. */
static struct change *change_after(const struct hop *hop, const struct change *change)
{
    struct change *end = hop->watch->changes + hop->changes;
    for (struct change *c = hop->watch->changes + (change - hop->watch->changes) + 1; c < end; c++)
        if (c->zone == change->zone)
            return c;
    return NULL;
}

/* Every change is known, by fixes that tell their time and leave no gap. */
static bool is_close(const struct hop *hop)
{
    bool clock = (hop->fix->note | hop->track->last.note) & NOTE_CLOCK;
    return !hop->full && !clock && is_timed(hop->fix) && is_timed(&hop->track->last) &&
           hop->fix->time_us - hop->track->last.time_us <= hop->watch->options.gap_us;
}

/* What holds only for a part of the hop is certain if its middle is. */
static bool middle_decides(const struct hop *hop, const struct change *from,
                           const struct change *to)
{
    const struct compiled *compiled = hop->watch->view->compiled;
    struct position middle = hop_at(&hop->track->last, hop->fix, 0.5 * (from->t + to->t));
    struct border border = border_of(compiled, from->zone, &middle, from->plan);
    return zone_decides(compiled, from->zone, &middle, &border, from->plan);
}

static void tell_change(const struct hop *hop, const struct change *change)
{
    struct change *after = change_after(hop, change);
    const struct position *last = &hop->track->last;
    bool cross = change->in && after;
    bool timed = is_timed(last) && is_timed(hop->fix);
    struct position at = hop_at(last, hop->fix, change->t);
    struct telling telling = {
        .kind = cross        ? SIGHTING_CROSS
                : change->in ? SIGHTING_ENTER
                             : SIGHTING_LEAVE,
        .zone = change->zone,
        .time_us = at.time_us,
        .time_lo_us = timed ? last->time_us : TIME_UNKNOWN,
        .time_hi_us = timed ? hop->fix->time_us : TIME_UNKNOWN,
        .fix = hop->fix,
        .place = &at,
        .plan = hop->plan >> change->zone & 1,
        .sure = is_close(hop) && (!after || middle_decides(hop, change, after)),
        .by_fix = !after,
    };
    if (cross) {
        after->taken = true;
        telling.time_lo_us = timed ? at.time_us : TIME_UNKNOWN;
        telling.time_hi_us = timed ? hop_at(last, hop->fix, after->t).time_us : TIME_UNKNOWN;
    }
    tell(hop->watch, hop->track, &telling);
}

/* How many sightings that makes: a pair in and out is one. */
static size_t told_count(const struct hop *hop)
{
    size_t count = 0;
    for (size_t i = 0; i < hop->changes; i++) {
        const struct change *change = &hop->watch->changes[i];
        count += !(change->in && change_after(hop, change));
    }
    return count;
}

/* Too much for one hop: each zone once, as it is at the end; those only touched as crossed. */
static void sum_up(struct hop *hop, uint64_t before)
{
    uint64_t end = hop->plan & bands_at(hop, hop->fix) & hop->fixed;
    uint64_t passed = hop->touched & hop->fixed & ~before & ~end;
    hop->watch->counts.crowded++;
    hop->full = true;
    hop->changes = 0;
    change_put(hop, 0.0, passed, hop->touched, true);
    change_put(hop, 1.0, before & ~end, hop->plan, false);
    change_put(hop, 1.0, passed, hop->plan, false);
    change_put(hop, 1.0, end & ~before, hop->plan, true);
}

void hop_tell(struct watch *watch, struct track *track, const struct position *fix, uint64_t plan)
{
    int64_t time_us = fix->time_us > track->judged_us ? fix->time_us : track->judged_us;
    struct hop hop = {.watch = watch, .track = track, .fix = fix, .plan = plan};
    hop.fixed = zones_in_force(watch, fix, time_us);
    pass_borders(&hop);
    pass_bands(&hop);
    walk(&hop);
    if (hop.full || told_count(&hop) > HOP_TOLD_MAX)
        sum_up(&hop, track->inside);
    for (size_t i = 0; i < hop.changes; i++)
        if (!watch->changes[i].taken)
            tell_change(&hop, &watch->changes[i]);
    track->inside = plan & bands_at(&hop, fix) & hop.fixed;
}
