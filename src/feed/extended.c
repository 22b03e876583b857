#include "feed/adsb.h"
#include "feed/mode_s.h"
#include "feed/velocity.h"

/*
 * Extended squitter (RTCA DO-260B, 2.2.3.2): DF 17, and DF 18 with its control field, then the 24-bit
 * address, 56 bits of message, parity. Bits of the message are numbered from 1, as there.
 *
 *   type  1-4    identification and category
 *         5-8    surface position, with speed and track
 *         9-18   airborne position with pressure altitude;  20-22 with GNSS height;  0 without place
 *         19     velocity
 *         31     operational status: version, NACp
 */
#define PAIR_US  (10 * TIME_SECOND)
#define LOCAL_US (60 * TIME_SECOND)

#define TYPE_VELOCITY 19
#define TYPE_STATUS   31
#define CALL_CHARS    8

struct message {
    uint64_t bits; /* the 56, in the low end */
    unsigned type;
    uint64_t track;
    uint32_t index;
    struct flight *flight;
    const struct mode_s_time *when;
};

static uint32_t field(const struct message *m, unsigned first, unsigned count)
{
    return (uint32_t)(m->bits >> (57 - first - count) & ((UINT64_C(1) << count) - 1));
}

/* ---- whose it is -------------------------------------------------------------------------------- */

enum carries { CARRIES_NOTHING, CARRIES_ICAO, CARRIES_OTHER, CARRIES_MARKED };

/* By the control field of DF 18 (table 2-8). MARKED: a bit of the message tells whether the address is
 * the ICAO one. Coarse TIS-B (3) and its management (4) have messages of their own. */
static const uint8_t controls[8] = {CARRIES_ICAO,    CARRIES_OTHER,   CARRIES_MARKED,
                                    CARRIES_NOTHING, CARRIES_NOTHING, CARRIES_OTHER,
                                    CARRIES_MARKED,  CARRIES_NOTHING};

/* The IMF bit: 8 of positions in the air, 21 of those on the ground, 9 of velocities (2.2.17). */
static bool is_marked(const struct message *m)
{
    if (m->type >= 5 && m->type <= 8)
        return field(m, 21, 1);
    return m->type == TYPE_VELOCITY ? field(m, 9, 1) : m->type > 8 && field(m, 8, 1);
}

static bool read_track(const uint8_t *frame, struct message *m)
{
    uint32_t address = (uint32_t)frame[1] << 16 | (uint32_t)frame[2] << 8 | frame[3];
    unsigned carries = frame[0] >> 3 == 17 ? CARRIES_ICAO : controls[frame[0] & 7];
    bool icao = carries == CARRIES_ICAO || (carries == CARRIES_MARKED && !is_marked(m));
    m->track = icao ? track_icao(address) : track_tisb(address);
    return carries != CARRIES_NOTHING;
}

/* ---- identification ----------------------------------------------------------------------------- */

/* Six-bit characters (table 2-15): letters from 1, space 32, digits from 48; 0x7f for what is none. */
static uint8_t character(uint32_t v)
{
    if (v >= 1 && v <= 26)
        return (uint8_t)('A' + v - 1);
    return v == ' ' || (v >= '0' && v <= '9') ? (uint8_t)v : 0x7f;
}

static int tell_identity(struct feed *feed, const struct message *m)
{
    uint8_t call[CALL_CHARS];
    uint8_t category[2] = {(uint8_t)('A' + 4 - m->type), (uint8_t)('0' + field(m, 6, 3))};
    for (unsigned i = 0; i < CALL_CHARS; i++)
        call[i] = character(field(m, 9 + 6 * i, 6));
    adsb_call_sign(feed, m->index, (struct bytes){call, CALL_CHARS});
    tracks_platform(feed, m->index, adsb_category((struct bytes){category, 2}));
    feed->counts.identities++;
    return RECORD_USED;
}

/* ---- velocity ----------------------------------------------------------------------------------- */

/* One axis: a sign, then knots + 1 in steps of `step`; 0 is not told. */
static bool axis_cmps(const struct message *m, unsigned sign, int step, int32_t *ret_cmps)
{
    int32_t v = (int32_t)field(m, sign + 1, 10);
    if (v == 0)
        return false;
    v = (v - 1) * step;
    *ret_cmps = round_cm((field(m, sign, 1) ? -v : v) * KNOT_CMPS);
    return true;
}

/* Subtypes 1 and 2 are over ground, 3 and 4 through the air, of which only the climb serves; even ones
 * are supersonic and count by fours. */
static int keep_velocity(const struct message *m)
{
    struct flight *f = m->flight;
    unsigned subtype = field(m, 6, 3);
    int step = subtype % 2 ? 1 : 4;
    int32_t climb = (int32_t)field(m, 38, 9);
    if (subtype < 1 || subtype > 4)
        return RECORD_OTHER;
    f->north_cmps = f->east_cmps = f->up_cmps = SPEED_UNKNOWN;
    if (subtype > 2 || !axis_cmps(m, 14, step, &f->east_cmps) ||
        !axis_cmps(m, 25, step, &f->north_cmps))
        f->north_cmps = f->east_cmps = SPEED_UNKNOWN;
    if (climb)
        f->up_cmps = round_cm((field(m, 37, 1) ? -64 : 64) * (climb - 1) * FOOT_CM / 60.0);
    f->velocity_at_us = m->when->at_us;
    f->held |= FLIGHT_VELOCITY;
    return RECORD_USED;
}

static void add_velocity(const struct message *m, struct position *position)
{
    const struct flight *f = m->flight;
    if (!(f->held & FLIGHT_VELOCITY) || !adsb_serves(f->velocity_at_us, m->when->at_us))
        return;
    position->north_cmps = f->north_cmps;
    position->east_cmps = f->east_cmps;
    position->up_cmps = f->up_cmps;
}

/* Movement on the ground (table 2-18), in eighths of a knot: from each code on, so much a step. */
static const struct pace {
    uint8_t first;
    uint16_t base, step;
} paces[] = {{1, 0, 0},    {2, 1, 1},     {9, 8, 2},      {13, 16, 4},
             {39, 120, 8}, {94, 560, 16}, {109, 800, 40}, {124, 1400, 0}};
#define PACES         (sizeof paces / sizeof paces[0])
#define MOVEMENT_MOST 124
#define TRACK_DEGREES (360.0 / 128.0)

static void add_movement(const struct message *m, struct position *position)
{
    unsigned movement = field(m, 6, 7);
    size_t i = PACES;
    if (movement == 0 || movement > MOVEMENT_MOST)
        return;
    while (paces[i - 1].first > movement)
        i--;
    unsigned eighths = paces[i - 1].base + (movement - paces[i - 1].first) * paces[i - 1].step;
    if (eighths == 0)
        velocity_rest(position);
    else if (field(m, 13, 1))
        velocity_set(position, eighths * KNOT_CMPS / 8.0, field(m, 14, 7) * TRACK_DEGREES);
}

/* ---- status ------------------------------------------------------------------------------------- */

/* NACp stands there from version 1 on. */
static int keep_status(const struct message *m)
{
    if (field(m, 6, 3) > 1)
        return RECORD_OTHER;
    m->flight->version = (uint8_t)field(m, 41, 3);
    m->flight->nac_p = (uint8_t)field(m, 45, 4);
    m->flight->held |= FLIGHT_NAC_P;
    return RECORD_USED;
}

/* ---- error -------------------------------------------------------------------------------------- */

/* Radius of containment by type, where supplements could tell more the largest (DO-260B, table 2-14),
 * in decimetres. */
static const uint16_t containment_dm[] = {
    [5] = 75,     [6] = 250,         [7] = 1852,        [8] = ERR_DM_MAX,  [9] = 75,
    [10] = 250,   [11] = 1852,       [12] = 3704,       [13] = 11112,      [14] = 18520,
    [15] = 37040, [16] = ERR_DM_MAX, [17] = ERR_DM_MAX, [18] = ERR_DM_MAX, [20] = 75,
    [21] = 250,   [22] = ERR_DM_MAX};

/* NUCp by type (DO-260, table 2-11): 0 tells nothing. */
static const uint8_t nucp[] = {
    [5] = 9,  [6] = 8,  [7] = 7,  [8] = 6,  [9] = 9,  [10] = 8, [11] = 7, [12] = 6, [13] = 5,
    [14] = 4, [15] = 3, [16] = 2, [17] = 1, [18] = 0, [20] = 9, [21] = 8, [22] = 0};

static void add_error(const struct message *m, struct position *position)
{
    const struct flight *f = m->flight;
    uint16_t dm = 0;
    if (m->when->multilateration) {
        position->err_dm = ADSB_MLAT_ERR_DM;
        position->note |= NOTE_ASSUMED_ERR;
        return;
    }
    if (f->held & FLIGHT_NAC_P && f->version > 0)
        dm = adsb_nac_p_dm(f->nac_p);
    if (!dm)
        dm = f->version > 0 ? containment_dm[m->type] : adsb_nucp_dm(nucp[m->type]);
    position->err_dm = dm ? dm : ERR_DM_MAX;
}

/* ---- places ------------------------------------------------------------------------------------- */

static bool is_near(int64_t then_us, int64_t now_us, int64_t limit_us)
{
    return now_us - then_us <= limit_us && then_us - now_us <= limit_us;
}

/* The frame takes its place among the two; those of the other kind are of another life. */
static void keep_frame(const struct message *m, const struct cpr *frame)
{
    struct flight *f = m->flight;
    if (f->frame[frame->odd ? 0 : 1].surface != frame->surface)
        f->held &= (uint8_t) ~(FLIGHT_EVEN | FLIGHT_ODD);
    f->frame[frame->odd] = *frame;
    f->at_us[frame->odd] = m->when->at_us;
    f->held |= frame->odd ? FLIGHT_ODD : FLIGHT_EVEN;
}

/* Where a craft on the ground may be near: its last place, or the receiver. */
static const struct cpr_place *reference(const struct feed *feed, const struct flight *f,
                                         struct cpr_place *receiver)
{
    if (f->held & FLIGHT_FIX)
        return &f->fix;
    *receiver = (struct cpr_place){feed->options.at_lat_e7, feed->options.at_lon_e7};
    return feed->options.at_known ? receiver : NULL;
}

static bool by_pair(const struct message *m, const struct cpr *frame, const struct cpr_place *near,
                    struct cpr_place *ret_place)
{
    const struct flight *f = m->flight;
    const uint8_t both = FLIGHT_EVEN | FLIGHT_ODD;
    return (f->held & both) == both && is_near(f->at_us[0], f->at_us[1], PAIR_US) &&
           (!frame->surface || near) &&
           cpr_global(&f->frame[0], &f->frame[1], frame->odd, near, ret_place);
}

/* A craft is heard on the ground from no farther than 45 miles: the receiver serves as reference. */
static bool by_one(const struct message *m, const struct cpr *frame, const struct cpr_place *near,
                   struct cpr_place *ret_place)
{
    const struct flight *f = m->flight;
    bool fresh = f->held & FLIGHT_FIX && is_near(f->fix_at_us, m->when->at_us, LOCAL_US);
    bool beside = frame->surface && near && !(f->held & FLIGHT_FIX);
    return (fresh || beside) && cpr_local(frame, near, ret_place);
}

static void keep_fix(const struct message *m, struct cpr_place place)
{
    m->flight->fix = place;
    m->flight->fix_at_us = m->when->at_us;
    m->flight->held |= FLIGHT_FIX;
}

/* RECORD_POSITION with a place, RECORD_USED while one frame alone tells none, SKIP_IMPOSSIBLE where two
 * ways lead to two places. */
static int resolve(struct feed *feed, const struct message *m, const struct cpr *frame,
                   struct cpr_place *ret_place)
{
    struct cpr_place receiver, pair, one;
    const struct cpr_place *near = reference(feed, m->flight, &receiver);
    keep_frame(m, frame);
    bool paired = by_pair(m, frame, near, &pair), alone = by_one(m, frame, near, &one);
    if (!paired && !alone)
        return RECORD_USED;
    if (paired && alone && (pair.lat_e7 != one.lat_e7 || pair.lon_e7 != one.lon_e7)) {
        m->flight->held &= (uint8_t) ~(FLIGHT_EVEN | FLIGHT_ODD | FLIGHT_FIX);
        return SKIP_IMPOSSIBLE;
    }
    *ret_place = paired ? pair : one;
    keep_fix(m, *ret_place);
    return RECORD_POSITION;
}

static void add_altitude(const struct message *m, struct position *position)
{
    int32_t feet;
    if (m->type >= 20 || !altitude_feet(field(m, 9, 12), &feet))
        return; /* GNSS height: metres for some, the code of mode C for others */
    position->alt_cm = round_cm(feet * FOOT_CM);
    position->alt_ref = ALT_REF_BARO;
}

static int read_position(struct feed *feed, const struct message *m, struct position *ret_position)
{
    struct cpr frame = {.lat = field(m, 23, 17),
                        .lon = field(m, 40, 17),
                        .odd = field(m, 22, 1),
                        .surface = m->type < 9};
    struct cpr_place place;
    int end = resolve(feed, m, &frame, &place);
    if (end != RECORD_POSITION)
        return end;
    struct position position = feed_position(feed, m->track, place.lat_e7, place.lon_e7);
    position_stamp(&position, m->when->stamp);
    if (frame.surface) {
        add_movement(m, &position);
        position.note |= NOTE_ON_GROUND;
    } else {
        add_velocity(m, &position);
        add_altitude(m, &position);
    }
    add_error(m, &position);
    adsb_dress(feed, PLATFORM_AIRCRAFT, &position);
    *ret_position = position;
    return RECORD_POSITION;
}

/* ---- messages ----------------------------------------------------------------------------------- */

static int read_message(struct feed *feed, const struct message *m, struct position *ret_position)
{
    if (m->type >= 1 && m->type <= 4)
        return tell_identity(feed, m);
    if (m->type == TYPE_VELOCITY)
        return keep_velocity(m);
    if (m->type >= 5 && m->type <= 22)
        return read_position(feed, m, ret_position);
    if (m->type == TYPE_STATUS)
        return keep_status(m);
    return m->type == 0 ? SKIP_NO_POSITION : RECORD_OTHER;
}

int extended_record(struct feed *feed, const uint8_t frame[MODE_S_LONG],
                    const struct mode_s_time *when, struct position *ret_position)
{
    struct flight alone = {.held = 0};
    struct message m = {.type = frame[4] >> 3, .when = when};
    for (unsigned i = 4; i < 11; i++)
        m.bits = m.bits << 8 | frame[i];
    if (!read_track(frame, &m))
        return RECORD_OTHER;
    m.index = tracks_index(feed, m.track);
    m.flight = m.index == TABLE_NONE ? &alone : &feed->tracks.flight[m.index];
    return read_message(feed, &m, ret_position);
}
