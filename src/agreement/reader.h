#ifndef AGREEMENT_READER_H
#define AGREEMENT_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agreement/agreement.h"
#include "base/json.h"

/*
 * The inside of the agreement reader: shared by read*.c and nobody else.
 *
 * docs/format/agreement.md is written here as tables. Every kind of object has one table of
 * `struct field`: its keys, what reads each, where that goes, and what a reader of the error is
 * told when a required one is missing. object_read walks an object along its table, so an unknown
 * key, a missing one and a value of the wrong type are found in one place.
 *
 * A value keeps its place: a struct json points into the text, and the path that an error names
 * ("agreement.json: zones[3].geometry.buffer.km") is found again by walking down to it. Nothing
 * carries a path about.
 *
 * Reading goes in this order, so that every reference can be an index at once:
 *   1. the ids of all lists (ids_read);
 *   2. parties, lines, zones, provisions, rules, what is only carried, status;
 *   3. what needs everything: zones that need themselves.
 */

/* The lists of an agreement whose entries have ids. */
enum list {
    LIST_PARTIES,
    LIST_CUSTODIANS,
    LIST_LINES,
    LIST_ZONES,
    LIST_PROVISIONS,
    LIST_RULES,
    LIST_EXEMPTIONS,
    LIST_NOTICES,
    LIST_LADDERS,
    LIST_TASKS,
    LIST_VERIFICATIONS,
    LIST_CHANNELS,
    LIST_BODIES,
    LIST_COUNT
};

#define LIST_ENTRIES_MAX    4096 /* of any list; most allow fewer */
#define PROVISION_DEPTH_MAX 16

struct id_list {
    struct json array; /* JSON_NONE when absent */
    uint16_t count;
    const char **id;   /* in the order of the text */
    uint16_t *by_name; /* the same, sorted by id */
};

/* A geometry file, opened. */
struct feature {
    const char *id;
    struct json geometry;
};

struct geometry_file {
    const char *name;
    struct json top;
    uint32_t feature_count;
    const struct feature *features;
};

struct reader {
    struct json top;
    struct arena *arena;
    const struct geometry_file *files;
    size_t file_count;
    struct agreement *agreement; /* under construction */
    struct line *lines;          /* the same lists as the agreement's, still writable */
    struct zone *zones;
    struct provision *provisions;
    int64_t *line_length_mm; /* of the used version; 0 without one */
    struct id_list list[LIST_COUNT];
    struct err *err;
};

/* ---- errors -------------------------------------------------------------------------------- */

/* "FILE: PATH: reason", exit 65. `at` is a value of the agreement or of one of its files; the
 * reason is a format and its arguments. */
#define reader_fail(r, at, ...) (err_set((r)->err, EXIT_DATA, __VA_ARGS__), reader_place((r), (at)))

/* Puts file and path before an error that stands. */
int reader_place(struct reader *r, struct json at);

/* The same for a value that is not what it should be: `expected` says what it should. */
int reader_expected(struct reader *r, struct json at, const char *expected);

/* Zeroed memory, or an error at the arena's limit and NULL. */
void *reader_alloc(struct reader *r, size_t count, size_t size);
#define READER_ARRAY(r, T, count) ((T *)reader_alloc((r), (count), sizeof(T)))

/* ---- objects -------------------------------------------------------------------------------- */

/* Reads one value to where `into` points. */
typedef int field_reader(struct reader *r, struct json value, void *into);

struct field {
    const char *key;
    field_reader *read;
    size_t offset;        /* into the struct that the object is read to, or NOT_KEPT */
    const char *required; /* what must stand there; NULL: the key may be missing */
};

#define NOT_KEPT SIZE_MAX /* checked, and left in the text */

/* Room for any one value that is checked but not kept. */
union spare {
    char bytes[64];
    int64_t aligned;
    const void *pointer;
};

#define FIELD_KEYS_MAX 64 /* rows of one table: a bit each */

/* Reads an object along its table; `into` NULL: checked only. Keys that any object may carry (note, source, ...) need no row;
 * with one they are kept. */
int object_read(struct reader *r, struct json object, const struct field *fields, size_t count,
                void *into);
#define OBJECT_READ(r, object, fields, into)                                                       \
    object_read((r), (object), (fields), sizeof(fields) / sizeof((fields)[0]), (into))

/* ---- values: each is a field_reader ---------------------------------------------------------- */

field_reader read_text;      /* const char * */
field_reader read_id;        /* const char * */
field_reader read_words;     /* struct words */
field_reader read_bool;      /* bool */
field_reader read_value;     /* struct json: kept as it stands, read later */
field_reader read_start;     /* int64_t: a bare date is the start of that day */
field_reader read_end;       /* int64_t, excluded: a bare date means the whole of that day */
field_reader read_moment;    /* struct moment: a bare date is the end of that day */
field_reader read_metres;    /* int32_t, rounded up */
field_reader read_classes;   /* struct class_list */
field_reader read_edges;     /* enum edge_kind */
field_reader read_party;     /* uint16_t */
field_reader read_line_ref;  /* uint16_t */
field_reader read_provision; /* uint16_t */
field_reader read_km, read_m, read_nm;                   /* struct length, more than 0 */
field_reader read_along_km, read_along_m, read_along_nm; /* struct length, 0 or more */

struct moment {
    int64_t time_us;
    bool date_only;
};

struct class_list {
    platform_set set; /* 0: not given */
    const char *text; /* the names, space-separated; NULL: not given */
};

/* Filled by the one of read_km, read_m, read_nm whose key stands there. */
struct length {
    int64_t mm;
    bool given;
};

#define LENGTH_MAX_KM 2000

/* Three rows of a table whose object carries a length in struct T's member `length`. */
#define LENGTH_FIELDS(T, length)                                                                   \
    {"km", read_km, offsetof(T, length), NULL}, {"m", read_m, offsetof(T, length), NULL},          \
    {                                                                                              \
        "nm", read_nm, offsetof(T, length), NULL                                                   \
    }

/* One of the three was there, or an error at the object. */
int length_need(struct reader *r, struct json object, const struct length *length);

/* The string's index in a list of words, or an error that prints them. */
int word_read(struct reader *r, struct json value, const char *const *words, size_t count,
              size_t *ret_index);

/* One element, or all elements of a list: `read` is called with `into` for each. */
int each_read(struct reader *r, struct json one_or_list, field_reader *read, void *into);

/* A list whose elements are read to an array of *ret_count entries of `size`; NULL on error. */
void *list_read(struct reader *r, struct json array, field_reader *read, size_t size, size_t max,
                size_t *ret_count);

/* Texts of a list (or one text) joined with spaces. */
int joined_read(struct reader *r, struct json one_or_list, field_reader *check,
                const char **ret_text);

/* ---- references ------------------------------------------------------------------------------ */

/* Reads the ids of every list; after this, references resolve. */
int ids_read(struct reader *r);

/* The index of an id in a list, or an error that names the list. */
int ref_read(struct reader *r, enum list list, struct json value, uint16_t *ret_index);
uint16_t ref_find(const struct reader *r, enum list list, const char *id); /* or NONE */

/* Id of a party or a custodian. */
field_reader check_asserter;

/* Entry i of a list, in the order of the text: for (each) json_next(&it). */
struct json_iter list_iter(const struct reader *r, enum list list);

/* ---- coordinates ----------------------------------------------------------------------------- */

struct course {
    uint32_t count;
    int64_t *lon_e9, *lat_e9;
};

/* Where a geometry stands: inline, or a feature of a file. */
struct place {
    struct json coordinates; /* as read; JSON_NONE: no geometry */
    struct json file;        /* the reference, a string */
};

#define PLACE_FIELDS(T, place)                                                                     \
    {"coordinates", read_value, offsetof(T, place.coordinates), NULL},                             \
    {                                                                                              \
        "file", read_value, offsetof(T, place.file), NULL                                          \
    }

int point_read(struct reader *r, struct json point, int64_t *ret_lon_e9, int64_t *ret_lat_e9);
int degrees_read(struct reader *r, struct json number, int64_t limit_deg, int64_t *ret_e9);

/* A list of points: at least `min`, at most `max`. */
int course_read(struct reader *r, struct json list, uint32_t min, uint32_t max,
                struct course *ret_course);

/* A course that a buffer can follow: no equal neighbours, no edge over 5,000 km, no crossing. */
int course_check(struct reader *r, struct json points, const struct course *course);

/* The coordinates of a place: inline, or those of a feature whose type is one of `types` (NULL
 * ends the list). JSON_NONE when the place is empty. */
int place_find(struct reader *r, struct json object, const struct place *place,
               const char *const *types, struct json *ret_coordinates);

/* Opens the geometry files; after this, places in them are found. */
int files_open(struct reader *r, const struct agreement_file *sources, size_t count);

/* Letters, digits, '-' and '_': what ids and file names are made of, besides dots. */
bool is_plain(uint8_t c);

/* "geometry.geojson#ID": the name (checked to lie below the agreement's directory) and the id. */
bool file_reference_split(const char *reference, struct bytes *ret_name, const char **ret_id);

/* ---- the parts -------------------------------------------------------------------------------- */

field_reader read_hours;                                /* struct daily: "07:00-19:00" */
bool minute_of_day(const char *text, int16_t *ret_min); /* "00:00" to "24:00"; 5 bytes are read */
bool months_of_text(const char *text, uint16_t *ret_months); /* "4-9": bit 0 January */

double degrees_of_e9(int64_t e9);

/* Stations are read before the index of the course is made, so that it can go again, and placed
 * with it (NULL: the line has no course). */
struct station_entry;
struct distance_index;
int stations_open(struct reader *r, struct json value, struct station_entry **ret_entries,
                  struct line *line);
int stations_place(struct reader *r, struct station_entry *entries,
                   const struct distance_index *index, int64_t length_mm, struct line *line);

/* A period is not empty. */
int period_check(struct reader *r, struct json json, int64_t from_us, int64_t to_us);

#define LINE_VERTICES_MAX 100000

int lines_read(struct reader *r);
int zones_read(struct reader *r);
int provisions_read(struct reader *r);
int rules_read(struct reader *r);
int carried_read(struct reader *r);
int status_read(struct reader *r);

/* The geometry of a zone. *ret_side: the party of a one-sided buffer, else NONE. */
int geometry_read(struct reader *r, struct json value, const struct expression **ret_expression,
                  uint16_t *ret_side);

/* Forms with a file of their own, and what the forms share. */
int buffer_read(struct reader *r, struct json json, struct expression *e, uint16_t *ret_side);
int polygon_read(struct reader *r, struct json json, struct expression *e, uint16_t *ret_side);
int path_read(struct reader *r, struct json list, struct course *ret_ring); /* not closed */
field_reader read_course_line; /* uint16_t: a line that has a course */
field_reader read_cap;         /* enum cap */
field_reader read_length;      /* struct length: {"km": 2} */

/* The two edges of an open course that meet elsewhere than at their common vertex, if any: edges
 * straight in longitude and latitude. -1 when the course is too tangled to tell. */
int course_crosses(const struct course *course, struct arena *arena, bool *ret_crosses,
                   uint32_t *ret_first, uint32_t *ret_second);

#endif
