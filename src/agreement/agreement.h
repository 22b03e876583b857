#ifndef AGREEMENT_AGREEMENT_H
#define AGREEMENT_AGREEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/platform.h"
#include "base/timetext.h"

/*
 * An agreement as data: what docs/format/agreement.md says, read and checked. Everything lives in
 * the arena it was read into and is never changed afterwards. References between entities are
 * indices (NONE where absent); ids are unique within their list and stay as text for people.
 *
 * Reading is strict: an unknown key, class, unit or reference, a missing value, a station off its
 * line, overlapping periods of one zone, a set operation that refers to itself: each is one error
 * that names the JSON path and says what is expected. Nothing is read half.
 */
#define AGREEMENT_NONE          UINT16_MAX
#define AGREEMENT_BYTES_MAX     (64 * 1024 * 1024) /* agreement.json and each geometry file */
#define AGREEMENT_FILES_MAX     64
#define AGREEMENT_FILE_NAME_MAX 256 /* with its NUL */
#define AGREEMENT_PARTIES_MAX   8
#define AGREEMENT_ZONES_MAX     64 /* one bit each in a zone set */
#define AGREEMENT_ID_MAX        64 /* bytes of an id: letters, digits, '.', '-', '_' */
#define EXPRESSION_DEPTH_MAX    16
#define DAILY_MAX               16 /* daily periods of a zone */

/* The same words in the languages that the agreement gives; NULL where it gives none. */
struct words {
    const char *en, *ko;
};

struct party {
    const char *id;
    struct words name;   /* "South" / "남측" */
    struct words formal; /* the name in the signed text; may be NULL */
    char letter;         /* side letter on the map: first letter of the id unless given */
    const char *flags;   /* ISO countries whose craft are this party's: "KR" or "KR US"; "" */
};

/* A published or asserted course of a line. */
struct line_version {
    const char *id, *by, *source, *licence;
    int64_t from_us, to_us; /* TIME_UNKNOWN: open */
    int32_t precision_m;    /* -1 unknown */
    uint32_t count;         /* vertices; 0: known to exist, not published */
    const int64_t *lon_e9, *lat_e9;
};

struct station {
    const char *id;      /* marker number */
    int64_t chainage_mm; /* along the used version from its first vertex */
    int32_t precision_m;
};

enum edge_kind { EDGE_GEODESIC, EDGE_LONLAT }; /* EDGE_LONLAT: straight in longitude and latitude */

struct line {
    const char *id;
    struct words name;
    uint16_t left, right;    /* parties on either hand of the direction of the vertices, or NONE */
    const char *asserted_by; /* NULL: agreed. Else ids, space-separated: "asserted by X" */
    const char *disputed_by; /* ids, space-separated; "" none */
    enum edge_kind edges;
    int32_t extend_e7[2]; /* bearing (-180 .. 180 degrees x 1e7) by which the line goes on past
                                  its first and its last vertex, to tell sides there */
    uint16_t version_count, station_count;
    uint16_t used; /* the version that zones are compiled from; NONE: no version has geometry */
    const struct line_version *versions;
    const struct station *stations;
};

/* ---- geometry expressions: eight forms, set operations and references -------------------- */

enum expression_kind {
    EXPR_BUFFER,
    EXPR_POLYGON,
    EXPR_CIRCLE,
    EXPR_CORRIDOR,
    EXPR_LATBAND,
    EXPR_BETWEEN,
    EXPR_UNION,
    EXPR_INTER,
    EXPR_MINUS,
    EXPR_ZONE,
    EXPR_AROUND,
    EXPR_UNRESOLVED
};
enum hand { HAND_BOTH, HAND_LEFT, HAND_RIGHT };
enum cap { CAP_ROUND, CAP_FLAT };
enum step { STEP_NEAREST, STEP_ANY };

/* One width from station chainage `from` to `to`. A buffer of one width has one. */
struct width {
    int64_t from_mm, to_mm;
    int64_t width_mm;
};

struct expression {
    enum expression_kind kind;
    union {
        struct {
            uint16_t line, width_count;
            const struct width *widths; /* in order, covering the line without gap or overlap */
            int64_t inner_mm;           /* points nearer than this are out; 0 none */
            enum hand hand;
            enum cap cap;
            enum step step;
        } buffer;
        struct {
            uint32_t ring_count;        /* shells and holes alike: even-odd */
            const uint32_t *ring_start; /* ring_count + 1 offsets into the vertices; the closing
                                           vertex of a ring is not kept */
            const int64_t *lon_e9, *lat_e9;
            enum edge_kind edges;
        } polygon;
        struct {
            int64_t lon_e9, lat_e9, radius_mm;
        } circle;
        struct {
            uint32_t count;
            const int64_t *lon_e9, *lat_e9;
            int64_t halfwidth_mm;
            enum edge_kind edges;
            enum cap cap;
        } corridor;
        struct {
            int64_t south_e9, north_e9, west_e9, east_e9; /* west > east: across the antimeridian */
        } latband;
        struct {
            uint16_t line_a, line_b;
        } between;
        struct {
            uint16_t count;
            const struct expression *const *operand;
        } set;
        struct {
            uint16_t zone;
        } zone;
        struct {
            platform_set classes;
            int64_t radius_mm;
        } around;
        struct {
            const char *body;
            struct words text;
        } unresolved;
    };
};

/* ---- zones, provisions, rules -------------------------------------------------------------- */

enum zone_status { ZONE_AGREED, ZONE_PROVISIONAL, ZONE_UNRESOLVED };
enum alt_limit_ref {
    LIMIT_SURFACE,
    LIMIT_ELLIPSOID,
    LIMIT_SEA_LEVEL,
    LIMIT_GROUND,
    LIMIT_LEVEL,
    LIMIT_UNLIMITED
};

struct alt_limit {
    enum alt_limit_ref ref;
    int64_t value_cm; /* 0 for surface and unlimited; LIMIT_LEVEL: the flight level as height */
};

/* In force daily from minute to minute of the agreement's own zone, in the months of the mask. */
struct daily {
    uint16_t months;          /* bit 0 January */
    int16_t from_min, to_min; /* 0 .. 1440 */
};

struct zone {
    const char *id;
    struct words name;
    const struct expression *geometry;
    uint16_t side;            /* the party on whose side it lies, or NONE */
    platform_set classes;     /* whom it concerns; all leaves when not given */
    const char *classes_text; /* the names as given, space-separated; "" for all */
    struct alt_limit floor, ceiling;
    int64_t from_us, to_us;
    uint16_t daily_count;
    const struct daily *daily;
    enum zone_status status;
    int32_t precision_m;
    const char *source, *assumption;
};

struct provision {
    const char *id; /* "1.3", "A2.1" */
    uint16_t parent;
    struct words title, text;
    const char *source;
};

enum verb { VERB_PROHIBIT, VERB_LIMIT, VERB_REQUIRE, VERB_PERMIT, VERB_FREEZE };

/* Activities that a position alone shows are watched; the others need observers. */
enum activity_kind { ACTIVITY_BY_POSITION, ACTIVITY_BY_OBSERVATION };

struct rule {
    const char *id;
    uint16_t provision;
    uint16_t zone_count;
    const uint16_t *zones;
    enum verb verb;
    const char *activity; /* "presence", "flight", "live_fire", ... */
    enum activity_kind observed;
    platform_set classes;        /* classes less exempt_classes */
    uint16_t sides;              /* bit i: binds party i's craft; all bits when not given */
    bool binds_others;           /* also craft of no party */
    const char *ladder, *notice; /* ids; NULL none */
    const char *exemptions;      /* ids, space-separated; "" none */
    uint8_t severity;            /* 1 alarm, 2 warning, 3 caution, 4 journal */
    int64_t from_us, to_us;
    struct words text;
    const char *source;
};

/* ---- status --------------------------------------------------------------------------------- */

enum state {
    STATE_NOT_STARTED,
    STATE_UNDER_WAY,
    STATE_DONE,
    STATE_VERIFIED,
    STATE_HELD_BACK,
    STATE_IN_FORCE,
    STATE_THREATENED,
    STATE_DECLARED_SUSPENDED,
    STATE_DECLARED_VOID,
    STATE_RESTORING,
    STATE_LAPSED
};

/*
 * One dated act of one party about one provision (lists and '*' are expanded when read). A text
 * without any act is in force for every party: then there is one event for each pair, in force
 * since in_force_us, which is TIME_UNKNOWN (always) unless the text gives a date.
 */
struct status_event {
    uint16_t provision, party;
    int64_t time_us;
    bool date_only;
    enum state state;
    struct words cause;
    const char *source;
};

/* A geometry file that the agreement names, already in memory. */
struct agreement_file {
    const char *name; /* relative to the agreement's directory */
    struct bytes text;
};

struct agreement {
    const char *id;
    struct words title;
    int64_t zone_offset_us; /* of its own time zone from UTC */
    const char *tz;
    bool simulated;
    int64_t in_force_us; /* the text's own date; TIME_UNKNOWN: none */
    uint16_t party_count, line_count, zone_count, provision_count, rule_count;
    uint32_t status_count;
    const struct party *parties;
    const struct line *lines;
    const struct zone *zones;
    const struct provision *provisions;
    const struct rule *rules;
    const struct status_event *status; /* by time, then by order in the text */
    struct bytes text; /* the whole agreement.json as it was given, for what only the shell shows;
                          it must live as long as the agreement */
    uint16_t file_count;
    const struct agreement_file *files; /* as given, in order of name; same lifetime as the text */
};

/*
 * The files that an agreement text refers to, so that the shell can read them first. Each name is
 * relative, without "..", and given once. Fails only if the text is not JSON of this format.
 */
int agreement_files(struct bytes text, struct arena *arena, const char *const **ret_names,
                    size_t *ret_count, struct err *err);

/* Reads and checks the text. The agreement and everything under it stand in the arena. */
int agreement_read(struct bytes text, const struct agreement_file *files, size_t file_count,
                   struct arena *arena, const struct agreement **ret_agreement, struct err *err);

uint16_t agreement_party(const struct agreement *a, const char *id);     /* or NONE */
uint16_t agreement_zone(const struct agreement *a, const char *id);      /* or NONE */
uint16_t agreement_provision(const struct agreement *a, const char *id); /* or NONE */

/* The party whose `flags` name this country (position.flag); NONE when none or no flag. */
uint16_t agreement_side_of_flag(const struct agreement *a, uint16_t flag);

/* The state of a provision for a party at a time, and the event that made it (NULL: none yet, the
 * state is then STATE_NOT_STARTED). */
enum state agreement_state(const struct agreement *a, uint16_t provision, uint16_t party,
                           int64_t time_us, const struct status_event **ret_since);

/* Whether rules of a provision in this state bind: in force, verified, threatened, restoring...
 * one table, printed in docs/format/agreement.md. */
bool state_in_force(enum state state);
const char *state_name(enum state state);
const char *verb_name(enum verb verb);
const char *zone_status_name(enum zone_status status);

/* "SFC", "UNL", "FL245", "1000 m AMSL". */
void alt_limit_write(struct buf *out, struct alt_limit limit);

/* The hours as the text has them: [{"months": "4-9", "hours": "07:00-19:00"}]. */
#define DAILY_TEXT 64 /* room for one of them */
void daily_write(struct buf *out, const struct daily *daily, size_t count);

/* Whether the zone is in force at a time (period and daily hours), and when that next changes
 * (TIME_UNKNOWN: never). */
bool zone_active(const struct agreement *a, const struct zone *zone, int64_t time_us,
                 int64_t *ret_next_us);

#endif
