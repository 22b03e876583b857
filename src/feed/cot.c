#include "feed/cot.h"

#include <string.h>

#include "base/xml.h"
#include "feed/ais.h"
#include "feed/decoder.h"
#include "feed/field.h"
#include "feed/icao.h"
#include "feed/velocity.h"
#include "num/num.h"

/*
 * Cursor on Target, XML version 2.0 (MITRE, Event-PUBLIC.xsd): a stream of documents, each ended by
 * </event>, with or without an XML declaration and line ends between; a datagram holds whole ones.
 *
 *   <event version="2.0" uid="..." type="a-f-A-M-F-Q" time="..." start="..." stale="..." how="m-g">
 *     <point lat="37.5" lon="126.4" hae="120.0" ce="5.0" le="9999999.0"/>
 *     <detail><track speed="12.5" course="90.0"/><contact callsign="EAGLE"/>...</detail></event>
 *
 *                 '<'                       </event>
 *   between ------------------> held bytes ---------> cot_event
 *      ^                          |
 *      '--------------------------'  too long; or a new document begins in the unfinished one: cut
 *
 * An event of type a-... ("atom") is a position; all others (drawings, chat, alerts, negotiation) carry
 * nothing for us. Unknown numbers are sent as 9999999.0, by some as 999999.
 */
#define EVENT_DEPTH      16
#define EVENT_ATTRIBUTES 64
#define COT_BUFFER       (FEED_EVENT_MAX + FEED_RECORD_MAX)
#define UNKNOWN_FROM     INT64_C(999999)
#define HAE_MAX_CM       (INT64_C(100000) * 100) /* above this it flies by other laws */
#define NUMBER_CHARS     40
#define TEXT_CHARS       128 /* of an attribute that is kept */

/* 95 % of a circular normal distribution lie within sqrt(-2 ln 0.05) standard deviations. */
#define CE_95 2.4477468306808

struct cot {
    size_t from, at, n; /* the document begins at from; bytes before at are looked at */
    size_t dropped;     /* of a document that is too long: what is no longer held */
    bool inside;        /* a document has begun, */
    bool prolog;        /* with a declaration or a comment; */
    bool event;         /* its <event has */
    bool junk;          /* between documents: this run of bytes is counted */
    uint8_t p[COT_BUFFER];
};

struct cot *cot_new(struct arena *arena)
{
    return ARENA_ARRAY(arena, struct cot, 1);
}

/* ---- one event ---------------------------------------------------------------------------------- */

struct event {
    char type[TEXT_CHARS], uid[TEXT_CHARS], call_sign[TEXT_CHARS];
    char time[NUMBER_CHARS], stale[NUMBER_CHARS];
    char lat[NUMBER_CHARS], lon[NUMBER_CHARS], hae[NUMBER_CHARS], ce[NUMBER_CHARS];
    char speed[NUMBER_CHARS], course[NUMBER_CHARS], slope[NUMBER_CHARS];
    bool simulated;
    bool too_long; /* a value did not fit */
    bool is_event; /* the outermost element is <event> */
};

static const struct value {
    const char *element, *attribute;
    uint8_t depth; /* of the element; 0 any */
    size_t at, cap;
} values[] = {
#define ROW(element, attribute, depth, member)                                                     \
    {                                                                                              \
        element, attribute, depth, offsetof(struct event, member),                                 \
            sizeof((struct event *)0)->member                                                      \
    }
    ROW("event", "type", 1, type),   ROW("event", "uid", 1, uid),
    ROW("event", "time", 1, time),   ROW("event", "stale", 1, stale),
    ROW("point", "lat", 2, lat),     ROW("point", "lon", 2, lon),
    ROW("point", "hae", 2, hae),     ROW("point", "ce", 2, ce),
    ROW("track", "speed", 3, speed), ROW("track", "course", 3, course),
    ROW("track", "slope", 3, slope), ROW("contact", "callsign", 3, call_sign),
#undef ROW
};

/* A simulation by its opex ("s", "s-NAME"), or by how its place was found ("m-s"). */
static bool is_simulated(const struct xml_element *element)
{
    const char *opex = xml_attribute(element, "opex"), *how = xml_attribute(element, "how");
    return (opex && opex[0] == 's' && (!opex[1] || opex[1] == '-')) ||
           (how && strncmp(how, "m-s", 3) == 0 && (!how[3] || how[3] == '-'));
}

static int on_open(void *to, const struct xml_element *element, struct err *err)
{
    struct event *event = to;
    (void)err;
    if (element->depth == 1) {
        event->is_event = strcmp(element->name, "event") == 0;
        event->simulated = is_simulated(element);
    }
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        const struct value *v = &values[i];
        if (v->depth != element->depth || strcmp(v->element, element->name) != 0)
            continue;
        const char *text = xml_attribute(element, v->attribute);
        if (text && !bytes_copy_text(bytes_of(text), (char *)event + v->at, v->cap))
            event->too_long = true;
    }
    return 0;
}

static bool read_event(struct bytes document, struct event *ret_event)
{
    static const struct xml_limits limits = {FEED_EVENT_MAX, EVENT_DEPTH, EVENT_ATTRIBUTES};
    static const struct xml_handler handler = {.open = on_open};
    *ret_event = (struct event){.is_event = false};
    return xml_read(document, &limits, &handler, ret_event, NULL) == 0;
}

/* ---- numbers ------------------------------------------------------------------------------------ */

/* xs:decimal and what programs write for it ("+1.5", ".5", "5.", "1.0E-4"), as JSON has it. */
static bool decimal_scaled(const char *text, unsigned scale, int64_t *ret_value)
{
    char memory[NUMBER_CHARS + 4];
    struct buf buf;
    buf_init(&buf, memory, sizeof memory);
    struct bytes t = field_trim(bytes_of(text));
    const char *p = (const char *)t.p, *end = p + t.n;
    if (p < end && (*p == '-' || *p == '+')) {
        if (*p == '-')
            buf_char(&buf, '-');
        p++;
    }
    while (end - p > 1 && p[0] == '0' && p[1] >= '0' && p[1] <= '9')
        p++;
    if (p < end && *p == '.')
        buf_char(&buf, '0');
    for (; p < end; p++) {
        bool bare = *p == '.' && (p + 1 == end || p[1] < '0' || p[1] > '9');
        if (!bare)
            buf_char(&buf, *p);
    }
    return !buf.full &&
           field_scaled((struct bytes){(const uint8_t *)buf.p, buf.n}, scale, ret_value);
}

/* A number that may be absent, unknown, or "NaN". False: it is none of these. */
static bool measure(const char *text, unsigned scale, int64_t *ret_value, bool *ret_told)
{
    int64_t whole;
    *ret_told = false;
    if (!text[0] || strcmp(text, "NaN") == 0)
        return true;
    if (!decimal_scaled(text, 0, &whole))
        return false;
    if (whole >= UNKNOWN_FROM)
        return true;
    *ret_told = decimal_scaled(text, scale, ret_value);
    return *ret_told;
}

/* ---- a position --------------------------------------------------------------------------------- */

#define MMSI_DIGITS 9
#define HEX_DIGITS  6

/* Gateways from ADS-B and AIS put the address into the uid: "ICAO-71BE12", "MMSI-440123456". */
static bool known_craft(struct bytes uid, struct position *position)
{
    struct bytes id = {uid.p + 5, uid.n > 5 ? uid.n - 5 : 0};
    uint32_t address;
    int64_t mmsi;
    if (bytes_starts(uid, "ICAO-") && id.n == HEX_DIGITS && field_hex(id, &address)) {
        position->track = track_icao(address);
        position->flag = icao_flag(address);
        return true;
    }
    if (bytes_starts(uid, "MMSI-") && id.n == MMSI_DIGITS && field_digits(id, &mmsi)) {
        position->track = track_ais((uint32_t)mmsi);
        position->flag = mmsi_kind((uint32_t)mmsi).flag;
        return true;
    }
    return false;
}

static int read_place(const struct feed *feed, const struct event *event,
                      struct position *ret_position)
{
    int64_t lat, lon, ce;
    bool exact;
    if (!event->lat[0] || !event->lon[0])
        return SKIP_CUT;
    if (!decimal_scaled(event->lat, 7, &lat) || !decimal_scaled(event->lon, 7, &lon) ||
        !measure(event->ce, 2, &ce, &exact))
        return SKIP_SYNTAX;
    if (lat == 0 && lon == 0 && !exact)
        return SKIP_NO_POSITION; /* what is sent before a receiver has a fix */
    if (lat < -LAT_E7_MAX || lat > LAT_E7_MAX || lon < -LON_E7_MAX || lon > LON_E7_MAX)
        return SKIP_IMPOSSIBLE;
    *ret_position = feed_position(feed, 0, (int32_t)lat, lon_wrap_e7(lon));
    if (!exact || ce <= 0)
        return RECORD_POSITION;
    double dm = (double)ce * CE_95 / 10.0 + 0.5;
    ret_position->err_dm = dm >= ERR_DM_MAX ? ERR_DM_MAX : dm < 1.0 ? 1 : (uint16_t)dm;
    return RECORD_POSITION;
}

static bool read_height(const struct event *event, struct position *position)
{
    int64_t cm;
    bool told;
    if (!measure(event->hae, 2, &cm, &told))
        return false;
    if (told && cm > -HAE_MAX_CM && cm < HAE_MAX_CM) {
        position->alt_cm = (int32_t)cm;
        position->alt_ref = ALT_REF_ELLIPSOID;
    }
    return true;
}

/* Speed is along the way; with a slope told it has a part upwards. */
static bool read_motion(const struct event *event, struct position *position)
{
    int64_t speed, course, slope;
    bool has_speed, has_course, has_slope;
    double sin = 0.0, cos = 1.0;
    if (!measure(event->speed, 4, &speed, &has_speed) ||
        !measure(event->course, 4, &course, &has_course) ||
        !measure(event->slope, 4, &slope, &has_slope))
        return false;
    if (!has_speed || speed < 0 || speed > SPEED_MAX_CMPS * INT64_C(100))
        return true;
    if (has_slope && slope >= -900000 && slope <= 900000) {
        num_sincos(num_radians((double)slope / 1e4), &sin, &cos);
        position->up_cmps = round_cm((double)speed / 100.0 * sin);
    }
    if (speed == 0)
        velocity_rest(position);
    else if (has_course)
        velocity_set(position, (double)speed / 100.0 * cos, (double)course / 1e4);
    return true;
}

static int read_times(const struct event *event, int64_t receive_us, struct position *position)
{
    int64_t time_us, stale_us;
    bool date_only = false;
    if (!time_read(bytes_of(event->time), 0, &time_us, &date_only) || date_only)
        return SKIP_SYNTAX;
    if (!time_read(bytes_of(event->stale), 0, &stale_us, &date_only) || date_only)
        return SKIP_SYNTAX;
    if (receive_us != TIME_UNKNOWN && stale_us < receive_us)
        return SKIP_STALE;
    position_stamp(position, (struct stamp){time_us, TIME_FROM_TAG});
    return RECORD_POSITION;
}

static void tell(struct feed *feed, const struct event *event, uint32_t index)
{
    enum platform platform = cot_platform(bytes_of(event->type));
    tracks_name(feed, index, field_trim(bytes_of(event->call_sign)));
    tracks_platform(feed, index, platform);
    feed->counts.identities += event->call_sign[0] || platform;
}

static int read_atom(struct feed *feed, const struct event *event, int64_t receive_us,
                     struct position *ret_position)
{
    struct position position = {.track = 0};
    struct bytes uid = bytes_of(event->uid);
    int end = read_place(feed, event, &position);
    if (end == RECORD_POSITION)
        end = read_times(event, feed->options.receive_time ? receive_us : TIME_UNKNOWN, &position);
    if (end != RECORD_POSITION)
        return end;
    if (!uid.n)
        return SKIP_CUT;
    if (!read_height(event, &position) || !read_motion(event, &position))
        return SKIP_SYNTAX;
    if (!known_craft(uid, &position) && !tracks_own(feed, uid, &position.track))
        return SKIP_TOO_LONG;
    uint32_t index = tracks_index(feed, position.track);
    tell(feed, event, index);
    if (event->simulated)
        position.note |= NOTE_SIMULATED;
    tracks_dress(feed, &position);
    if (tracks_repeat(feed, index, &position, 0)) /* servers and repeaters send it over and over */
        return RECORD_OTHER;
    *ret_position = position;
    return RECORD_POSITION;
}

static int cot_event(struct feed *feed, struct bytes document, int64_t receive_us,
                     struct position *ret_position)
{
    struct event event;
    if (!read_event(document, &event))
        return SKIP_SYNTAX;
    if (!event.is_event)
        return SKIP_NOT_A_RECORD;
    if (event.too_long)
        return SKIP_TOO_LONG;
    if (strncmp(event.type, "a-", 2) != 0)
        return event.type[0] ? RECORD_OTHER : SKIP_CUT;
    return read_atom(feed, &event, receive_us, ret_position);
}

/* ---- cutting the stream ------------------------------------------------------------------------- */

static void forget(struct cot *c)
{
    c->from = c->at;
    c->dropped = 0;
    c->inside = c->prolog = c->event = false;
}

static bool is_too_long(const struct cot *c, size_t end)
{
    return c->dropped + (end - c->from) > FEED_EVENT_MAX;
}

/* The document ends before its time, where the bytes are now or at `end`. */
static void cut(struct feed *feed, size_t end)
{
    struct cot *c = feed->cot;
    feed_count(feed, is_too_long(c, end) ? SKIP_TOO_LONG : SKIP_CUT);
    forget(c);
}

/* All bytes but the last few are looked at: what is held is the unfinished document. */
static size_t cot_take(struct feed *feed, struct bytes input)
{
    struct cot *c = feed->cot;
    if (!c->inside) {
        c->from = c->at;
    } else if (is_too_long(c, c->n)) {
        c->dropped += c->at - c->from;
        c->from = c->at;
    }
    memmove(c->p, c->p + c->from, c->n - c->from);
    c->n -= c->from;
    c->at -= c->from;
    c->from = 0;
    size_t n = input.n < COT_BUFFER - c->n ? input.n : COT_BUFFER - c->n;
    memcpy(c->p + c->n, input.p, n);
    c->n += n;
    return n;
}

static bool is_space(uint8_t b)
{
    return b == ' ' || b == '\t' || b == '\n' || b == '\r' || b == '\0';
}

/* Passes what stands before a document. False: no more bytes. */
static bool find_begin(struct feed *feed)
{
    struct cot *c = feed->cot;
    for (; c->at < c->n && c->p[c->at] != '<'; c->at++) {
        if (is_space(c->p[c->at]) || c->junk)
            continue;
        feed_count(feed, SKIP_NOT_A_RECORD);
        c->junk = true;
    }
    return c->at < c->n;
}

/* What a '<' begins. */
enum mark { MARK_NONE, MARK_MORE, MARK_DECLARATION, MARK_EVENT, MARK_END };

static const struct tag {
    const char *text, *after; /* one of these follows */
    enum mark mark;
} tags[] = {
    {"<?xml", " \t\r\n", MARK_DECLARATION},
    {"<event", " \t\r\n/>", MARK_EVENT},
    {"</event>", "", MARK_END},
};

/* A longer tag than the bytes there may still be one. */
static enum mark look(const struct cot *c)
{
    size_t there = c->n - c->at;
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        size_t n = strlen(tags[i].text), need = n + (tags[i].after[0] ? 1 : 0);
        if (memcmp(c->p + c->at, tags[i].text, there < n ? there : n) != 0)
            continue;
        if (there < need)
            return MARK_MORE;
        if (need == n || (c->p[c->at + n] && strchr(tags[i].after, c->p[c->at + n])))
            return tags[i].mark;
    }
    return MARK_NONE;
}

/* A declaration, a second event, or an event behind what belongs to none begins a new document. */
static void begin(struct feed *feed, enum mark mark)
{
    struct cot *c = feed->cot;
    bool anew = mark == MARK_DECLARATION || (mark == MARK_EVENT && (c->event || !c->prolog));
    if (c->inside && anew)
        cut(feed, c->at);
    if (!c->inside) {
        c->from = c->at;
        c->prolog = (c->p[c->at + 1] == '?' || c->p[c->at + 1] == '!');
    }
    c->inside = true;
    c->event |= mark == MARK_EVENT;
    c->at++;
}

/* To the next '<' within the document. False: no more bytes. */
static bool find_tag(struct cot *c)
{
    const uint8_t *tag = memchr(c->p + c->at, '<', c->n - c->at);
    c->at = tag ? (size_t)(tag - c->p) : c->n;
    return tag != NULL;
}

/* To the end of the next document: one past its last byte is at `at`. False: it has not come. */
static bool find_end(struct feed *feed)
{
    struct cot *c = feed->cot;
    while (c->inside ? find_tag(c) : find_begin(feed)) {
        enum mark mark = look(c);
        if (mark == MARK_MORE)
            return false;
        if (mark == MARK_END && c->inside) {
            c->at += strlen("</event>");
            return true;
        }
        begin(feed, mark);
    }
    return false;
}

static bool cot_next(struct feed *feed, int64_t receive_us, struct position *ret_position)
{
    struct cot *c = feed->cot;
    while (find_end(feed)) {
        struct bytes document = {c->p + c->from, c->at - c->from};
        int end = SKIP_TOO_LONG;
        if (!is_too_long(c, c->at))
            end = cot_event(feed, document, receive_us, ret_position);
        forget(c);
        c->junk = false;
        feed_count(feed, end);
        if (end == RECORD_POSITION)
            return true;
    }
    return false;
}

const struct framing cot_framing = {cot_take, cot_next};

void cot_flush(struct feed *feed)
{
    struct cot *c = feed->cot;
    if (!c->inside)
        c->from = c->at;
    if (c->from < c->n)
        cut(feed, c->n);
    c->from = c->at = c->n = 0;
    c->junk = false;
}
