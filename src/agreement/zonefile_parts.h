#ifndef AGREEMENT_ZONEFILE_PARTS_H
#define AGREEMENT_ZONEFILE_PARTS_H

#include "agreement/zonefile.h"
#include "base/cursor.h"
#include "base/json.h"

/*
 * The inside of the zone file readers: shared by zonefile*.c and import_*.c and nobody else.
 *
 * A reader draws one area after the other:
 *
 *   sketch_begin --> sketch_ring, sketch_point, sketch_arc, ... --> sketch_end   the zones stand
 *        \                \
 *         \----------------`--> sketch_refuse: with `skip` told and forgotten, else the file fails
 *
 * A function that fails has written a reason without a place; sketch_refuse puts the place before
 * it, zone_file_read the name of the file.
 */
#define PERIODS_MAX 64

struct period {
    int64_t from_us, to_us;
    uint32_t daily_count;
    struct daily daily[DAILY_MAX];
};

struct sketch {
    struct arena *arena;
    struct err *err;
    const struct zone_file_request *request;

    /* what stands */
    struct drawn_zone *zones; /* room for AGREEMENT_ZONES_MAX */
    uint32_t count;           /* also those past the room */
    struct remark *left, *refused;
    uint32_t left_count, refused_count;
    const char *tz; /* of the hours */
    uint32_t outside,
        exchanged; /* areas outside of the box; of these, inside with axes exchanged */

    /* the area that is drawn */
    const char *place;
    const char *id; /* NULL: from the name */
    struct drawn_zone zone;
    uint32_t point_count, point_cap, ring_cap, arc_count, arc_cap;
    uint32_t ring_first; /* of the ring that is open */
    struct period periods[PERIODS_MAX];
    uint32_t period_count; /* 0: always */
};

#define sketch_fail(s, ...) err_set((s)->err, EXIT_DATA, __VA_ARGS__)

void sketch_begin(struct sketch *s, const char *place, enum edge_kind edges);
int sketch_end(struct sketch *s);
int sketch_refuse(struct sketch *s);

/* A ring, or the axis of a corridor: points, then its end. Equal points in a row count once. */
int sketch_point(struct sketch *s, int64_t lon_e9, int64_t lat_e9);
int sketch_arc(struct sketch *s, struct drawn_arc arc, int64_t lon_e9, int64_t lat_e9);
int sketch_ring_end(struct sketch *s);
int sketch_circle(struct sketch *s, int64_t lon_e9, int64_t lat_e9, int64_t radius_mm);
int sketch_corridor(struct sketch *s, int64_t halfwidth_mm); /* of the points so far */

/* Text that came from the file, copied; an error for one that is too long. */
int sketch_name(struct sketch *s, struct bytes utf8, struct bytes lang);

/* Appends a sentence. */
void sketch_note(struct sketch *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sketch_assume(struct sketch *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "features[3]": text in the arena. */
const char *sketch_place(struct sketch *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What the format holds and a zone cannot, counted by its words. */
void sketch_left(struct sketch *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A period without hours; NULL at the limit, with an error. */
struct period *sketch_period(struct sketch *s, int64_t from_us, int64_t to_us);

/* Hours of a day in minutes UTC, which may lie before 0, after 1440 or across midnight. */
int period_hours(struct sketch *s, struct period *period, int from_min, int to_min,
                 uint16_t months);

/* "1000 m AMSL", "FL245", "SFC", "UNL", and what OpenAir writes. */
int height_read(struct sketch *s, struct bytes text, struct height *ret_height);
int64_t height_cm(struct height height);

/* A decimal of at most 18 digits, x 10^scale, rounded half away from zero. Moves past it. */
bool decimal_take(struct cursor *c, unsigned scale, int64_t *ret_value);

/* ---- JSON, shared by GeoJSON, ED-269 and ED-318 ------------------------------------------------- */

/* Coordinates of a Polygon (depth 2) or MultiPolygon (depth 3). */
int json_rings(struct sketch *s, struct json coordinates, int depth);
int json_point(struct sketch *s, struct json point, int64_t *ret_lon_e9, int64_t *ret_lat_e9);
int json_names(struct sketch *s, struct json name); /* text, or a list of {text, lang} */
int json_radius(struct sketch *s, struct json metres, int64_t *ret_mm);
int json_string(struct sketch *s, struct json value, const char **ret_text); /* NULL if no string */
int json_periods(struct sketch *s, struct json list); /* of both ED formats */
int json_height(struct sketch *s, struct json value, struct json ref, struct json unit,
                struct height *height);

/* What our own exports say of a zone beyond a format: floor, ceiling, classes, status. */
int json_own(struct sketch *s, struct json properties);

/* A list of classes as text with spaces between; what is not of the platform tree is told. */
int sketch_classes(struct sketch *s, struct bytes names);

/* One of our own `daily` lists, in hours of s->tz. */
int json_daily(struct sketch *s, struct json list, struct period *period);

/* ---- the readers: whole files --------------------------------------------------------------------- */

int import_geojson(struct sketch *s, struct json top);
int import_ed318(struct sketch *s, struct json top);
int import_ed269(struct sketch *s, struct json top);
int import_kml(struct sketch *s, struct bytes text);
int import_openair(struct sketch *s, struct bytes text);

#endif
