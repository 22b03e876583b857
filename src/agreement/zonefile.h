#ifndef AGREEMENT_ZONEFILE_H
#define AGREEMENT_ZONEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agreement/agreement.h"
#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"

/*
 * Zone files in: what docs/format/zone-files.md says, read to zones as a file draws them (points,
 * arcs, circles, axes), and written as an agreement. Nothing is compiled here, and nothing is drawn
 * coarser than the file has it.
 *
 *   text --zone_file_read--> struct zone_file --zone_file_write--> agreement.json --agreement_read-->
 *
 * Whatever zone_file_read accepts, agreement_read accepts as zone_file_write writes it; compiling it
 * may still find a ring that crosses itself.
 */
enum zone_file_format {
    ZONE_FILE_GEOJSON,
    ZONE_FILE_KML,
    ZONE_FILE_OPENAIR,
    ZONE_FILE_ED269,
    ZONE_FILE_ED318,
    ZONE_FILE_GUESS
};

#define ZONE_FILE_BYTES_MAX   AGREEMENT_BYTES_MAX
#define ZONE_FILE_POINTS_MAX  1000000 /* of a zone */
#define ZONE_FILE_RINGS_MAX   65536
#define ZONE_FILE_NAME_MAX    1000 /* bytes of a name */
#define ZONE_FILE_REMARKS_MAX 64
#define ZONE_FILE_SAME_NONE   UINT32_MAX

/* "geojson", ...; the name in a standard's words; the format of a name. */
const char *zone_file_format_name(enum zone_file_format format);
bool zone_file_format_find(const char *name, enum zone_file_format *ret_format);

enum height_unit { HEIGHT_M, HEIGHT_FT, HEIGHT_FL };

/* A limit as the file writes it: value x 100 of the unit. */
struct height {
    enum alt_limit_ref ref;
    enum height_unit unit;
    int64_t value_e2;
};

/* A point of a ring, and how one gets there from the point before. */
struct drawn_point {
    int64_t lon_e9, lat_e9;
    uint32_t arc; /* 0: straight; else 1 + an index of arcs. That of the first point of a ring leads
                     from the last one */
};

struct drawn_arc {
    int64_t center_lon_e9, center_lat_e9;
    bool right;
};

enum drawn_kind { DRAWN_RINGS, DRAWN_CIRCLE, DRAWN_CORRIDOR };

struct drawing {
    enum drawn_kind kind;
    enum edge_kind edges;
    uint32_t point_count, ring_count;
    uint32_t *ring_start;       /* ring_count + 1; rings are not closed */
    struct drawn_point *points; /* of all rings; of the axis; the centre */
    struct drawn_arc *arcs;
    int64_t radius_mm; /* of the circle; half the width of the corridor */
};

struct drawn_zone {
    char id[AGREEMENT_ID_MAX];
    struct words name;
    const char *place; /* "line 12", "features[3]" */
    struct drawing drawing;
    uint32_t same; /* the zone whose outline it shares, or ZONE_FILE_SAME_NONE */
    struct height floor, ceiling;
    int64_t from_us, to_us; /* TIME_UNKNOWN: open */
    uint32_t daily_count;
    struct daily daily[DAILY_MAX];
    const char *classes; /* space-separated; "" all */
    bool provisional;
    const char *note, *assumption; /* NULL: none */
};

/* What was left out, or refused with `skip`. */
struct remark {
    const char *what, *place; /* place: of the first */
    uint32_t count;
};

struct zone_file {
    enum zone_file_format format;
    const char *name;   /* of the file */
    const char *tz;     /* of the hours: "UTC" but for our own exports */
    uint8_t digest[32]; /* SHA-256 of its bytes */
    uint32_t count;     /* at most AGREEMENT_ZONES_MAX */
    const struct drawn_zone *zones;
    uint32_t left_count, refused_count;
    const struct remark *left, *refused;
    uint32_t outside; /* areas outside of the box */
};

struct zone_box {
    int64_t west_e9, east_e9, south_e9, north_e9; /* west > east: across the antimeridian */
};

struct zone_file_request {
    const char *name; /* of the file, for errors and as source */
    enum zone_file_format format;
    const enum edge_kind *edges; /* instead of the format's; NULL: as it says */
    bool skip;                   /* leave out areas that are wrong */
    const struct zone_box *box;  /* NULL: everything */
};

/* Everything stands in the arena; the text may go. Errors are "NAME: place: reason", exit 65. */
int zone_file_read(struct bytes text, const struct zone_file_request *request, struct arena *arena,
                   const struct zone_file **ret_file, struct err *err);

/* The agreement that it becomes. */
struct zone_file_agreement {
    const char *id;
    const char *const *parties; /* ids; those that are placeholders say so */
    size_t party_count;
    bool placeholders;
    uint64_t zones; /* bit i: zone i is written; one whose outline is left out has its own */
};

/* In pieces to `put`, as zones_export does. The arena is for scratch, given back at the end. */
int zone_file_write(const struct zone_file *file, const struct zone_file_agreement *as,
                    struct arena *arena,
                    int (*put)(void *to, const void *p, size_t n, struct err *err), void *to,
                    struct err *err);

/* An id out of any text: what an id may not hold becomes '-'. "" if nothing is left. */
void zone_file_id(const char *text, char ret_id[AGREEMENT_ID_MAX]);

#endif
