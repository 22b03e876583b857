#include <string.h>

#include "agreement/reader.h"
#include "geo/distance.h"
#include "geo/geodesic.h"

/* Lines: their versions, the one in use, what lies on either hand, and the stations on it. */

#define VERSIONS_MAX   32
#define EDGE_MAX_M     5.0e6
#define BEARING_MAX_E7 INT64_C(3600000000)

double degrees_of_e9(int64_t e9)
{
    return (double)e9 / 1e9;
}

/* ---- versions ----------------------------------------------------------------------------------- */

struct version_entry {
    struct line_version version;
    struct place place;
    struct json json; /* the entry itself, for errors */
};

static int read_by(struct reader *r, struct json value, void *into)
{
    union spare ignored;
    if (check_asserter(r, value, &ignored))
        return ERR_FAIL;
    return read_id(r, value, into);
}

static int check_asserters(struct reader *r, struct json value, void *into)
{
    return each_read(r, value, check_asserter, into);
}

static const struct field version_fields[] = {
    {"id", read_id, offsetof(struct version_entry, version.id), "the id of this version"},
    {"by", read_by, offsetof(struct version_entry, version.by), NULL},
    {"from", read_start, offsetof(struct version_entry, version.from_us), NULL},
    {"to", read_end, offsetof(struct version_entry, version.to_us), NULL},
    PLACE_FIELDS(struct version_entry, place),
    {"precision_m", read_metres, offsetof(struct version_entry, version.precision_m), NULL},
    {"source", read_text, offsetof(struct version_entry, version.source), NULL},
    {"licence", read_text, offsetof(struct version_entry, version.licence), NULL},
    {"disputed_by", check_asserters, NOT_KEPT, NULL},
};

static int edge_check(struct reader *r, struct json points, const struct course *c, uint32_t i)
{
    double length_m;
    if (c->lon_e9[i] == c->lon_e9[i + 1] && c->lat_e9[i] == c->lat_e9[i + 1])
        return reader_fail(r, points, "points %u and %u are equal; leave one out", i, i + 1);
    if (geodesic_inverse(degrees_of_e9(c->lat_e9[i]), degrees_of_e9(c->lon_e9[i]),
                         degrees_of_e9(c->lat_e9[i + 1]), degrees_of_e9(c->lon_e9[i + 1]),
                         &length_m, NULL, NULL) ||
        length_m > EDGE_MAX_M)
        return reader_fail(r, points, "more than 5000 km from point %u to %u; give points between",
                           i, i + 1);
    return 0;
}

int course_check(struct reader *r, struct json points, const struct course *course)
{
    bool crosses;
    uint32_t first, second;
    for (uint32_t i = 0; i + 1 < course->count; i++)
        if (edge_check(r, points, course, i))
            return ERR_FAIL;
    if (course_crosses(course, r->arena, &crosses, &first, &second))
        return reader_fail(r, points,
                           "too tangled to check; expected a line that does not cross "
                           "itself");
    if (crosses)
        return reader_fail(r, points,
                           "the line crosses itself: the edges from points %u and %u meet", first,
                           second);
    return 0;
}

static int version_read_course(struct reader *r, struct version_entry *entry)
{
    static const char *const types[] = {"LineString", NULL};
    struct json points;
    struct course course;
    if (place_find(r, entry->json, &entry->place, types, &points))
        return ERR_FAIL;
    if (points.type == JSON_NONE)
        return 0;
    if (course_read(r, points, 2, LINE_VERTICES_MAX, &course) || course_check(r, points, &course))
        return ERR_FAIL;
    entry->version.count = course.count;
    entry->version.lon_e9 = course.lon_e9;
    entry->version.lat_e9 = course.lat_e9;
    return 0;
}

static int version_read(struct reader *r, struct json value, void *into)
{
    struct version_entry *entry = into;
    struct line_version *version = &entry->version;
    version->from_us = version->to_us = TIME_UNKNOWN;
    version->precision_m = -1;
    entry->json = value;
    if (OBJECT_READ(r, value, version_fields, entry))
        return ERR_FAIL;
    if (version->from_us != TIME_UNKNOWN && version->to_us != TIME_UNKNOWN &&
        version->from_us >= version->to_us)
        return reader_fail(r, value, "\"from\" is not before \"to\"");
    return version_read_course(r, entry);
}

static bool same_author(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* An open start lies before everything: TIME_UNKNOWN is the least time. */
static bool periods_overlap(const struct line_version *a, const struct line_version *b)
{
    bool a_ends_first = a->to_us != TIME_UNKNOWN && a->to_us <= b->from_us;
    bool b_ends_first = b->to_us != TIME_UNKNOWN && b->to_us <= a->from_us;
    return !a_ends_first && !b_ends_first;
}

static int version_check(struct reader *r, const struct version_entry *entries, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        const struct line_version *a = &entries[k].version, *b = &entries[i].version;
        if (strcmp(a->id, b->id) == 0)
            return reader_fail(r, entries[i].json, "a second version \"%s\" of this line", b->id);
        if (same_author(a->by, b->by) && periods_overlap(a, b))
            return reader_fail(r, entries[i].json,
                               "its period overlaps that of version \"%s\"; "
                               "expected another \"by\", or \"from\" and \"to\" "
                               "that do not overlap",
                               a->id);
    }
    return 0;
}

static int versions_read(struct reader *r, struct json value, struct line *line)
{
    size_t count;
    struct version_entry *entries =
        list_read(r, value, version_read, sizeof *entries, VERSIONS_MAX, &count);
    if (!entries)
        return ERR_FAIL;
    if (count == 0)
        return reader_fail(r, value, "empty; expected one version or more");
    struct line_version *versions = READER_ARRAY(r, struct line_version, count);
    if (!versions)
        return ERR_FAIL;
    for (size_t i = 0; i < count; i++) {
        if (version_check(r, entries, i))
            return ERR_FAIL;
        versions[i] = entries[i].version;
    }
    line->versions = versions;
    line->version_count = (uint16_t)count;
    return 0;
}

/* The version that zones are compiled from. */
static int version_choose(struct reader *r, struct json use, struct line *line)
{
    line->used = AGREEMENT_NONE;
    for (uint16_t i = line->version_count; i-- > 0;) {
        bool wanted = use.type == JSON_NONE || json_is(use, line->versions[i].id);
        if (line->versions[i].count && wanted)
            line->used = i;
    }
    if (use.type != JSON_NONE && line->used == AGREEMENT_NONE)
        return reader_fail(r, use, "expected the id of a version of this line that has geometry");
    return 0;
}

/* ---- the used course: its length, and how it goes on past its ends -------------------------------- */

static int course_index(struct reader *r, struct json at, const struct line *line,
                        const struct distance_index **ret_index)
{
    struct err reason = {0};
    const struct line_version *version = &line->versions[line->used];
    double *lon_deg = READER_ARRAY(r, double, version->count);
    double *lat_deg = READER_ARRAY(r, double, version->count);
    if (!lon_deg || !lat_deg)
        return ERR_FAIL;
    for (uint32_t i = 0; i < version->count; i++) {
        lon_deg[i] = degrees_of_e9(version->lon_e9[i]);
        lat_deg[i] = degrees_of_e9(version->lat_e9[i]);
    }
    if (distance_of_line(lon_deg, lat_deg, version->count, line->edges == EDGE_LONLAT, r->arena,
                         ret_index, &reason))
        return reader_fail(r, at, "%s", reason.text);
    return 0;
}

/* Nearest 1e-7 degree in -180 .. 180. */
static int32_t bearing_e7(double degrees)
{
    double e7 = degrees * 1e7;
    return (int32_t)(e7 < 0 ? e7 - 0.5 : e7 + 0.5);
}

/* Past either end the line goes on as if it came straight from the other end. */
static int extend_by_ends(struct reader *r, struct json entry, struct line *line)
{
    const struct line_version *version = &line->versions[line->used];
    uint32_t last = version->count - 1;
    double first_lon = degrees_of_e9(version->lon_e9[0]);
    double first_lat = degrees_of_e9(version->lat_e9[0]);
    double last_lon = degrees_of_e9(version->lon_e9[last]);
    double last_lat = degrees_of_e9(version->lat_e9[last]);
    double start_azi, end_azi;
    if (geodesic_inverse(last_lat, last_lon, first_lat, first_lon, NULL, NULL, &start_azi) ||
        geodesic_inverse(first_lat, first_lon, last_lat, last_lon, NULL, NULL, &end_azi))
        return reader_fail(r, entry,
                           "the line's ends are more than 10000 km apart; give "
                           "\"extend_deg\"");
    line->extend_e7[0] = bearing_e7(start_azi);
    line->extend_e7[1] = bearing_e7(end_azi);
    return 0;
}

static int extend_read(struct reader *r, struct json value, struct line *line)
{
    struct json_iter it = json_iter(value);
    if (value.type != JSON_ARRAY || json_count(value) != 2)
        return reader_fail(r, value, "expected two bearings in degrees, [start, end]");
    for (int i = 0; i < 2; i++) {
        int64_t e7;
        if (!json_next(&it) || !json_scaled(it.value, 7, &e7, NULL) || e7 < -BEARING_MAX_E7 ||
            e7 > BEARING_MAX_E7)
            return reader_fail(r, it.value, "expected a bearing of -360 to 360 degrees");
        e7 = e7 > BEARING_MAX_E7 / 2 ? e7 - BEARING_MAX_E7 : e7;
        line->extend_e7[i] = (int32_t)(e7 < -BEARING_MAX_E7 / 2 ? e7 + BEARING_MAX_E7 : e7);
    }
    return 0;
}

/* ---- lines -------------------------------------------------------------------------------------- */

struct line_entry {
    struct line line;
    struct json versions, use, stations, extend;
};

static int read_asserters(struct reader *r, struct json value, void *into)
{
    return joined_read(r, value, check_asserter, into);
}

static int check_judge(struct reader *r, struct json value, void *into)
{
    static const char *const rules[] = {"own", "theirs", "least_accusing", "all"};
    size_t index;
    (void)into;
    return word_read(r, value, rules, sizeof rules / sizeof rules[0], &index);
}

static const struct field line_fields[] = {
    {"id", read_id, offsetof(struct line_entry, line.id), "the id of this line"},
    {"name", read_words, offsetof(struct line_entry, line.name), NULL},
    {"left", read_party, offsetof(struct line_entry, line.left), NULL},
    {"right", read_party, offsetof(struct line_entry, line.right), NULL},
    {"asserted_by", read_asserters, offsetof(struct line_entry, line.asserted_by), NULL},
    {"disputed_by", read_asserters, offsetof(struct line_entry, line.disputed_by), NULL},
    {"edges", read_edges, offsetof(struct line_entry, line.edges), NULL},
    {"extend_deg", read_value, offsetof(struct line_entry, extend), NULL},
    {"versions", read_value, offsetof(struct line_entry, versions), "a list of courses"},
    {"use", read_value, offsetof(struct line_entry, use), NULL},
    {"stations", read_value, offsetof(struct line_entry, stations), NULL},
    {"judge_by", check_judge, NOT_KEPT, NULL},
};

/* What depends on the used course. */
static int line_measure(struct reader *r, struct json json, struct line_entry *entry,
                        int64_t *ret_length_mm)
{
    struct line *line = &entry->line;
    struct station_entry *stations;
    const struct distance_index *index = NULL;
    if (stations_open(r, entry->stations, &stations, line))
        return ERR_FAIL;
    if (entry->extend.type != JSON_NONE ? extend_read(r, entry->extend, line)
        : line->used != AGREEMENT_NONE  ? extend_by_ends(r, json, line)
                                        : 0)
        return ERR_FAIL;
    struct arena_mark mark = arena_mark(r->arena);
    if (line->used != AGREEMENT_NONE && course_index(r, json, line, &index))
        return ERR_FAIL;
    *ret_length_mm = index ? (int64_t)(distance_length_m(index) * 1000.0 + 0.5) : 0;
    if (stations_place(r, stations, index, *ret_length_mm, line))
        return ERR_FAIL;
    arena_rewind(r->arena, mark);
    return 0;
}

static int line_read(struct reader *r, struct json json, struct line *ret_line,
                     int64_t *ret_length_mm)
{
    struct line_entry entry = {
        .line = {.left = AGREEMENT_NONE, .right = AGREEMENT_NONE, .disputed_by = ""}};
    if (OBJECT_READ(r, json, line_fields, &entry))
        return ERR_FAIL;
    if (entry.line.left == entry.line.right && entry.line.left != AGREEMENT_NONE)
        return reader_fail(r, json, "the same party on both hands; expected two");
    if (versions_read(r, entry.versions, &entry.line) ||
        version_choose(r, entry.use, &entry.line) || line_measure(r, json, &entry, ret_length_mm))
        return ERR_FAIL;
    *ret_line = entry.line;
    return 0;
}

int lines_read(struct reader *r)
{
    uint16_t count = r->list[LIST_LINES].count;
    r->lines = READER_ARRAY(r, struct line, count);
    r->line_length_mm = READER_ARRAY(r, int64_t, count);
    if (!r->lines || !r->line_length_mm)
        return ERR_FAIL;
    for (struct json_iter it = list_iter(r, LIST_LINES); json_next(&it);)
        if (line_read(r, it.value, &r->lines[it.index], &r->line_length_mm[it.index]))
            return ERR_FAIL;
    r->agreement->lines = r->lines;
    r->agreement->line_count = count;
    return 0;
}
