#include <string.h>

#include "agreement/reader.h"

/* Geometry expressions: one row per form, each with a table of its keys. */

#define OPERANDS_MAX      64
#define WIDTHS_MAX        1024
#define POLYGON_RINGS_MAX 65536
#define RING_DEPTH_MAX    3 /* lists around a ring: none, of a polygon, of a multipolygon */
#define DEGREES_360_E9    INT64_C(360000000000)

static int expression_read(struct reader *r, struct json value, int depth,
                           const struct expression **ret_expression, uint16_t *ret_side);

static const char *line_id(const struct reader *r, uint16_t line)
{
    return r->lines[line].id;
}

/* A reference to a line that has a course. */
static int read_course_line(struct reader *r, struct json value, void *into)
{
    uint16_t line;
    if (read_line_ref(r, value, &line))
        return ERR_FAIL;
    if (r->lines[line].used == AGREEMENT_NONE)
        return reader_fail(r, value,
                           "no version of line \"%s\" has geometry; expected a line with a "
                           "published course",
                           line_id(r, line));
    *(uint16_t *)into = line;
    return 0;
}

static int read_cap(struct reader *r, struct json value, void *into)
{
    static const char *const names[] = {"round", "flat"};
    size_t index;
    if (word_read(r, value, names, 2, &index))
        return ERR_FAIL;
    *(enum cap *)into = index ? CAP_FLAT : CAP_ROUND;
    return 0;
}

static int read_step(struct reader *r, struct json value, void *into)
{
    static const char *const names[] = {"nearest", "any"};
    size_t index;
    if (word_read(r, value, names, 2, &index))
        return ERR_FAIL;
    *(enum step *)into = index ? STEP_ANY : STEP_NEAREST;
    return 0;
}

/* An object that is a length: {"km": 2}. */
static int read_length(struct reader *r, struct json value, void *into)
{
    static const struct field fields[] = {
        {"km", read_km, 0, NULL}, {"m", read_m, 0, NULL}, {"nm", read_nm, 0, NULL}};
    return OBJECT_READ(r, value, fields, into) ? ERR_FAIL : length_need(r, value, into);
}

/* ---- buffer ------------------------------------------------------------------------------------- */

struct buffer_entry {
    uint16_t line;
    struct length length, inner;
    struct json by, side;
    enum cap cap;
    enum step step;
};

static const struct field buffer_fields[] = {
    {"line", read_course_line, offsetof(struct buffer_entry, line), "the id of a line"},
    LENGTH_FIELDS(struct buffer_entry, length),
    {"by", read_value, offsetof(struct buffer_entry, by), NULL},
    {"inner", read_length, offsetof(struct buffer_entry, inner), NULL},
    {"side", read_value, offsetof(struct buffer_entry, side), NULL},
    {"cap", read_cap, offsetof(struct buffer_entry, cap),
     "\"round\" or \"flat\", how the zone ends where the line ends"},
    {"step", read_step, offsetof(struct buffer_entry, step), NULL},
};

struct part_entry {
    struct json from, to;
    struct length length;
};

static const struct field part_fields[] = {
    {"from", read_value, offsetof(struct part_entry, from), NULL},
    {"to", read_value, offsetof(struct part_entry, to), NULL},
    LENGTH_FIELDS(struct part_entry, length),
};

/* Where a station stands; an absent one is the line's end. */
static int station_find(struct reader *r, uint16_t line, struct json id, int64_t absent_mm,
                        int64_t *ret_mm)
{
    *ret_mm = absent_mm;
    if (id.type == JSON_NONE)
        return 0;
    for (uint16_t i = 0; i < r->lines[line].station_count; i++)
        if (json_is(id, r->lines[line].stations[i].id)) {
            *ret_mm = r->lines[line].stations[i].chainage_mm;
            return 0;
        }
    return reader_fail(r, id, "expected the id of a station of line \"%s\"", line_id(r, line));
}

static int part_read(struct reader *r, uint16_t line, struct json json, struct width *width)
{
    struct part_entry entry = {0};
    if (OBJECT_READ(r, json, part_fields, &entry) || length_need(r, json, &entry.length) ||
        station_find(r, line, entry.from, 0, &width->from_mm) ||
        station_find(r, line, entry.to, r->line_length_mm[line], &width->to_mm))
        return ERR_FAIL;
    if (width->from_mm >= width->to_mm)
        return reader_fail(r, json, "\"from\" does not come before \"to\" along the line");
    width->width_mm = entry.length.mm;
    return 0;
}

/* Insertion in the order of the line. */
static void widths_insert(struct width *widths, size_t count, struct width width)
{
    size_t at = count;
    for (; at > 0 && widths[at - 1].from_mm > width.from_mm; at--)
        widths[at] = widths[at - 1];
    widths[at] = width;
}

static int widths_cover(struct reader *r, struct json by, const struct width *widths, size_t count,
                        int64_t length_mm)
{
    int64_t reached_mm = 0;
    for (size_t i = 0; i <= count; i++) {
        int64_t from_mm = i < count ? widths[i].from_mm : length_mm;
        if (from_mm > reached_mm)
            return reader_fail(r, by,
                               "a gap from km %.3f to km %.3f of the line; expected parts that "
                               "cover it from end to end",
                               (double)reached_mm / 1e6, (double)from_mm / 1e6);
        if (from_mm < reached_mm)
            return reader_fail(r, by,
                               "parts overlap from km %.3f to km %.3f of the line; expected "
                               "each to begin where another ends",
                               (double)from_mm / 1e6, (double)reached_mm / 1e6);
        reached_mm = i < count ? widths[i].to_mm : reached_mm;
    }
    return 0;
}

static int widths_by_parts(struct reader *r, uint16_t line, struct json by, struct width *widths,
                           size_t *ret_count)
{
    for (struct json_iter it = json_iter(by); json_next(&it);) {
        struct width width;
        if (part_read(r, line, it.value, &width))
            return ERR_FAIL;
        widths_insert(widths, it.index, width);
        *ret_count = it.index + 1;
    }
    return widths_cover(r, by, widths, *ret_count, r->line_length_mm[line]);
}

static int widths_read(struct reader *r, struct json json, const struct buffer_entry *entry,
                       struct expression *e)
{
    bool parts = entry->by.type != JSON_NONE;
    if (parts == entry->length.given)
        return reader_fail(r, json,
                           "expected a width (\"km\", \"m\", \"nm\") or a list of parts "
                           "(\"by\"), one of them");
    if (parts && (entry->by.type != JSON_ARRAY || json_count(entry->by) > WIDTHS_MAX))
        return reader_fail(r, entry->by, "expected a list of at most %d parts", WIDTHS_MAX);
    size_t count = parts ? json_count(entry->by) : 1;
    struct width *widths = READER_ARRAY(r, struct width, count);
    if (!widths)
        return ERR_FAIL;
    widths[0] = (struct width){0, r->line_length_mm[entry->line], entry->length.mm};
    if (parts && widths_by_parts(r, entry->line, entry->by, widths, &count))
        return ERR_FAIL;
    e->buffer.widths = widths;
    e->buffer.width_count = (uint16_t)count;
    return 0;
}

static int inner_check(struct reader *r, struct json json, const struct expression *e)
{
    for (size_t i = 0; i < e->buffer.width_count; i++)
        if (e->buffer.inner_mm >= e->buffer.widths[i].width_mm)
            return reader_fail(r, json, "\"inner\" is not less than the width; nothing is inside");
    return 0;
}

static int party_hand(struct reader *r, struct json side, const struct line *line,
                      enum hand *ret_hand)
{
    char id[AGREEMENT_ID_MAX];
    uint16_t party =
        json_text(side, id, sizeof id) ? ref_find(r, LIST_PARTIES, id) : AGREEMENT_NONE;
    if (party == AGREEMENT_NONE || (party != line->left && party != line->right))
        return reader_fail(r, side,
                           "expected \"both\", \"left\", \"right\", or the party on a hand of "
                           "line \"%s\"",
                           line->id);
    *ret_hand = party == line->left ? HAND_LEFT : HAND_RIGHT;
    return 0;
}

static int hand_read(struct reader *r, struct json side, const struct line *line,
                     enum hand *ret_hand)
{
    static const char *const names[] = {"both", "left", "right"};
    *ret_hand = HAND_BOTH;
    if (side.type == JSON_NONE)
        return 0;
    for (size_t i = 0; i < 3; i++)
        if (json_is(side, names[i])) {
            *ret_hand = (enum hand)i;
            return 0;
        }
    return party_hand(r, side, line, ret_hand);
}

static int buffer_read(struct reader *r, struct json json, struct expression *e, uint16_t *ret_side)
{
    struct buffer_entry entry = {0};
    if (OBJECT_READ(r, json, buffer_fields, &entry) || widths_read(r, json, &entry, e))
        return ERR_FAIL;
    const struct line *line = &r->lines[entry.line];
    e->buffer.line = entry.line;
    e->buffer.inner_mm = entry.inner.mm;
    e->buffer.cap = entry.cap;
    e->buffer.step = entry.step;
    if (inner_check(r, json, e) || hand_read(r, entry.side, line, &e->buffer.hand))
        return ERR_FAIL;
    *ret_side = e->buffer.hand == HAND_LEFT    ? line->left
                : e->buffer.hand == HAND_RIGHT ? line->right
                                               : AGREEMENT_NONE;
    return 0;
}

/* ---- polygon ------------------------------------------------------------------------------------ */

struct polygon_entry {
    struct place place;
    enum edge_kind edges;
};

static const struct field polygon_fields[] = {
    PLACE_FIELDS(struct polygon_entry, place),
    {"edges", read_edges, offsetof(struct polygon_entry, edges), NULL},
};

/* The rings of a polygon as they are gathered. */
struct rings {
    uint32_t count, cap;
    struct course *ring;
    uint32_t vertices;
};

static struct json first_of(struct json array)
{
    struct json_iter it = json_iter(array);
    return json_next(&it) ? it.value : (struct json){NULL, NULL, JSON_NONE};
}

/* A list whose first element is a point. */
static bool is_ring(struct json value)
{
    return first_of(first_of(value)).type == JSON_NUMBER;
}

static int ring_read(struct reader *r, struct json value, struct rings *rings)
{
    struct course ring;
    if (rings->count == rings->cap)
        return reader_fail(r, value, "more than %u rings", rings->cap);
    if (course_read(r, value, 4, POLYGON_VERTICES_MAX, &ring))
        return ERR_FAIL;
    uint32_t last = --ring.count;
    if (ring.lon_e9[0] != ring.lon_e9[last] || ring.lat_e9[0] != ring.lat_e9[last])
        return reader_fail(r, value, "the ring is not closed; repeat its first point at its end");
    rings->vertices += ring.count;
    if (rings->vertices > POLYGON_VERTICES_MAX)
        return reader_fail(r, value, "more than %d points in one polygon", POLYGON_VERTICES_MAX);
    rings->ring[rings->count++] = ring;
    return 0;
}

/* A ring, a list of rings (Polygon), or a list of those (MultiPolygon). */
static int rings_read(struct reader *r, struct json value, int depth, struct rings *rings)
{
    if (is_ring(value))
        return ring_read(r, value, rings);
    if (value.type != JSON_ARRAY || depth == RING_DEPTH_MAX || first_of(value).type == JSON_NONE)
        return reader_fail(r, value,
                           "expected a ring: a list of points, the first repeated at the "
                           "end");
    for (struct json_iter it = json_iter(value); json_next(&it);)
        if (rings_read(r, it.value, depth + 1, rings))
            return ERR_FAIL;
    return 0;
}

static int rings_join(struct reader *r, const struct rings *rings, struct expression *e)
{
    uint32_t *start = READER_ARRAY(r, uint32_t, rings->count + 1u);
    int64_t *lon_e9 = READER_ARRAY(r, int64_t, rings->vertices);
    int64_t *lat_e9 = READER_ARRAY(r, int64_t, rings->vertices);
    if (!start || !lon_e9 || !lat_e9)
        return ERR_FAIL;
    for (uint32_t i = 0; i < rings->count; i++) {
        const struct course *ring = &rings->ring[i];
        memcpy(lon_e9 + start[i], ring->lon_e9, ring->count * sizeof *lon_e9);
        memcpy(lat_e9 + start[i], ring->lat_e9, ring->count * sizeof *lat_e9);
        start[i + 1] = start[i] + ring->count;
    }
    e->polygon.ring_count = rings->count;
    e->polygon.ring_start = start;
    e->polygon.lon_e9 = lon_e9;
    e->polygon.lat_e9 = lat_e9;
    return 0;
}

/* As many rings as there can be: each has a bracket of its own. */
static uint32_t rings_bound(struct json coordinates)
{
    size_t brackets = 0;
    for (const uint8_t *p = coordinates.p; p < coordinates.end; p++)
        brackets += *p == '[';
    return brackets < POLYGON_RINGS_MAX ? (uint32_t)brackets : POLYGON_RINGS_MAX;
}

static int polygon_read(struct reader *r, struct json json, struct expression *e,
                        uint16_t *ret_side)
{
    static const char *const types[] = {"Polygon", "MultiPolygon", NULL};
    struct polygon_entry entry = {0};
    struct json coordinates;
    (void)ret_side;
    if (OBJECT_READ(r, json, polygon_fields, &entry) ||
        place_find(r, json, &entry.place, types, &coordinates))
        return ERR_FAIL;
    if (coordinates.type == JSON_NONE)
        return reader_fail(r, json, "missing \"coordinates\" or \"file\"");
    struct rings rings = {.cap = rings_bound(coordinates)};
    rings.ring = READER_ARRAY(r, struct course, rings.cap);
    if (!rings.ring || rings_read(r, coordinates, 1, &rings))
        return ERR_FAIL;
    e->polygon.edges = entry.edges;
    return rings_join(r, &rings, e);
}

/* ---- circle, corridor, latband, between --------------------------------------------------------- */

struct circle_entry {
    struct json center;
    struct length radius;
};

static const struct field circle_fields[] = {
    {"center", read_value, offsetof(struct circle_entry, center), "a point [longitude, latitude]"},
    LENGTH_FIELDS(struct circle_entry, radius),
};

static int circle_read(struct reader *r, struct json json, struct expression *e, uint16_t *ret_side)
{
    struct circle_entry entry = {0};
    (void)ret_side;
    if (OBJECT_READ(r, json, circle_fields, &entry) || length_need(r, json, &entry.radius) ||
        point_read(r, entry.center, &e->circle.lon_e9, &e->circle.lat_e9))
        return ERR_FAIL;
    e->circle.radius_mm = entry.radius.mm;
    return 0;
}

struct corridor_entry {
    struct json axis;
    uint16_t line;
    struct length halfwidth;
    enum edge_kind edges;
    enum cap cap;
};

static const struct field corridor_fields[] = {
    {"axis", read_value, offsetof(struct corridor_entry, axis), NULL},
    {"line", read_course_line, offsetof(struct corridor_entry, line), NULL},
    {"halfwidth", read_length, offsetof(struct corridor_entry, halfwidth),
     "an object with one of \"km\", \"m\", \"nm\""},
    {"edges", read_edges, offsetof(struct corridor_entry, edges), NULL},
    {"cap", read_cap, offsetof(struct corridor_entry, cap), NULL},
};

static void corridor_of_line(const struct line *line, struct expression *e)
{
    const struct line_version *version = &line->versions[line->used];
    e->corridor.count = version->count;
    e->corridor.lon_e9 = version->lon_e9;
    e->corridor.lat_e9 = version->lat_e9;
    e->corridor.edges = line->edges;
}

static int corridor_of_axis(struct reader *r, const struct corridor_entry *entry,
                            struct expression *e)
{
    struct course axis;
    if (course_read(r, entry->axis, 2, LINE_VERTICES_MAX, &axis) ||
        course_check(r, entry->axis, &axis))
        return ERR_FAIL;
    e->corridor.count = axis.count;
    e->corridor.lon_e9 = axis.lon_e9;
    e->corridor.lat_e9 = axis.lat_e9;
    e->corridor.edges = entry->edges;
    return 0;
}

static int corridor_read(struct reader *r, struct json json, struct expression *e,
                         uint16_t *ret_side)
{
    struct corridor_entry entry = {.line = AGREEMENT_NONE, .cap = CAP_ROUND};
    (void)ret_side;
    if (OBJECT_READ(r, json, corridor_fields, &entry))
        return ERR_FAIL;
    if ((entry.axis.type == JSON_NONE) == (entry.line == AGREEMENT_NONE))
        return reader_fail(r, json,
                           "expected \"axis\" (a list of points) or \"line\", one of them");
    e->corridor.halfwidth_mm = entry.halfwidth.mm;
    e->corridor.cap = entry.cap;
    if (entry.line == AGREEMENT_NONE)
        return corridor_of_axis(r, &entry, e);
    if (json_get(json, "edges").type != JSON_NONE)
        return reader_fail(r, json, "\"edges\" stands with the line; leave it out here");
    corridor_of_line(&r->lines[entry.line], e);
    return 0;
}

static int read_latitude(struct reader *r, struct json value, void *into)
{
    return degrees_read(r, value, 90, into);
}

static int read_longitude(struct reader *r, struct json value, void *into)
{
    return degrees_read(r, value, 180, into);
}

struct latband_entry {
    int64_t south_e9, north_e9;
    int64_t west_e9, east_e9;
};

#define LONGITUDE_ABSENT INT64_MIN

static const struct field latband_fields[] = {
    {"s", read_latitude, offsetof(struct latband_entry, south_e9), "the southern parallel"},
    {"n", read_latitude, offsetof(struct latband_entry, north_e9), "the northern parallel"},
    {"w", read_longitude, offsetof(struct latband_entry, west_e9), NULL},
    {"e", read_longitude, offsetof(struct latband_entry, east_e9), NULL},
};

static int latband_read(struct reader *r, struct json json, struct expression *e,
                        uint16_t *ret_side)
{
    struct latband_entry entry = {.west_e9 = LONGITUDE_ABSENT, .east_e9 = LONGITUDE_ABSENT};
    (void)ret_side;
    if (OBJECT_READ(r, json, latband_fields, &entry))
        return ERR_FAIL;
    if (entry.south_e9 >= entry.north_e9)
        return reader_fail(r, json, "\"s\" is not south of \"n\"");
    if ((entry.west_e9 == LONGITUDE_ABSENT) != (entry.east_e9 == LONGITUDE_ABSENT))
        return reader_fail(r, json, "expected both \"w\" and \"e\", or neither (all round)");
    if (entry.west_e9 == LONGITUDE_ABSENT) {
        entry.west_e9 = -DEGREES_360_E9 / 2;
        entry.east_e9 = DEGREES_360_E9 / 2;
    }
    if (entry.west_e9 == entry.east_e9)
        return reader_fail(r, json, "\"w\" and \"e\" are equal; nothing is inside");
    e->latband.south_e9 = entry.south_e9;
    e->latband.north_e9 = entry.north_e9;
    e->latband.west_e9 = entry.west_e9;
    e->latband.east_e9 = entry.east_e9;
    return 0;
}

struct between_entry {
    uint16_t a, b;
};

static const struct field between_fields[] = {
    {"a", read_course_line, offsetof(struct between_entry, a), "the id of a line"},
    {"b", read_course_line, offsetof(struct between_entry, b), "the id of another line"},
};

static int between_read(struct reader *r, struct json json, struct expression *e,
                        uint16_t *ret_side)
{
    struct between_entry entry;
    (void)ret_side;
    if (OBJECT_READ(r, json, between_fields, &entry))
        return ERR_FAIL;
    if (entry.a == entry.b)
        return reader_fail(r, json, "the same line twice; expected two lines");
    e->between.line_a = entry.a;
    e->between.line_b = entry.b;
    return 0;
}

/* ---- forms without an area ------------------------------------------------------------------------ */

struct around_entry {
    struct class_list classes;
    struct length radius;
};

static const struct field around_fields[] = {
    {"classes", read_classes, offsetof(struct around_entry, classes), "a list of classes"},
    LENGTH_FIELDS(struct around_entry, radius),
};

static int around_read(struct reader *r, struct json json, struct expression *e, uint16_t *ret_side)
{
    struct around_entry entry = {0};
    (void)ret_side;
    if (OBJECT_READ(r, json, around_fields, &entry) || length_need(r, json, &entry.radius))
        return ERR_FAIL;
    e->around.classes = entry.classes.set;
    e->around.radius_mm = entry.radius.mm;
    return 0;
}

static int read_body(struct reader *r, struct json value, void *into)
{
    uint16_t body;
    if (ref_read(r, LIST_BODIES, value, &body))
        return ERR_FAIL;
    *(const char **)into = r->list[LIST_BODIES].id[body];
    return 0;
}

struct unresolved_entry {
    const char *body;
    struct words text;
};

static const struct field unresolved_fields[] = {
    {"by", read_body, offsetof(struct unresolved_entry, body), NULL},
    {"text", read_words, offsetof(struct unresolved_entry, text), NULL},
};

static int unresolved_read(struct reader *r, struct json json, struct expression *e,
                           uint16_t *ret_side)
{
    struct unresolved_entry entry = {0};
    (void)ret_side;
    if (OBJECT_READ(r, json, unresolved_fields, &entry))
        return ERR_FAIL;
    e->unresolved.body = entry.body;
    e->unresolved.text = entry.text;
    return 0;
}

/* ---- set operations and references ----------------------------------------------------------------- */

static int set_read(struct reader *r, struct json json, int depth, struct expression *e)
{
    if (json.type != JSON_ARRAY)
        return reader_expected(r, json, "a list of 2 to 64 expressions");
    size_t count = json_count(json);
    if (count < 2 || count > OPERANDS_MAX)
        return reader_fail(r, json, "%zu expressions; expected 2 to %d", count, OPERANDS_MAX);
    const struct expression **operand = READER_ARRAY(r, const struct expression *, count);
    if (!operand)
        return ERR_FAIL;
    for (struct json_iter it = json_iter(json); json_next(&it);) {
        uint16_t ignored = AGREEMENT_NONE;
        if (expression_read(r, it.value, depth + 1, &operand[it.index], &ignored))
            return ERR_FAIL;
    }
    e->set.count = (uint16_t)count;
    e->set.operand = operand;
    return 0;
}

static int zone_ref_read(struct reader *r, struct json json, struct expression *e,
                         uint16_t *ret_side)
{
    (void)ret_side;
    return ref_read(r, LIST_ZONES, json, &e->zone.zone);
}

/* ---- the forms -------------------------------------------------------------------------------------- */

struct form {
    const char *key;
    enum expression_kind kind;
    bool alone; /* has no area that a set operation could use */
    int (*read)(struct reader *, struct json, struct expression *, uint16_t *ret_side);
};

static const struct form forms[] = {
    {"buffer", EXPR_BUFFER, false, buffer_read},
    {"polygon", EXPR_POLYGON, false, polygon_read},
    {"circle", EXPR_CIRCLE, false, circle_read},
    {"corridor", EXPR_CORRIDOR, false, corridor_read},
    {"latband", EXPR_LATBAND, false, latband_read},
    {"between", EXPR_BETWEEN, false, between_read},
    {"union", EXPR_UNION, false, NULL},
    {"inter", EXPR_INTER, false, NULL},
    {"minus", EXPR_MINUS, false, NULL},
    {"zone", EXPR_ZONE, false, zone_ref_read},
    {"around", EXPR_AROUND, true, around_read},
    {"unresolved", EXPR_UNRESOLVED, true, unresolved_read},
};
#define FORM_COUNT (sizeof forms / sizeof forms[0])

/* All forms as optional keys: object_read then finds what is unknown and checks the rest. */
static int form_find(struct reader *r, struct json value, const struct form **ret_form,
                     struct json *ret_body)
{
    struct field fields[FORM_COUNT];
    struct json bodies[FORM_COUNT] = {{0}};
    size_t found = 0;
    for (size_t i = 0; i < FORM_COUNT; i++)
        fields[i] = (struct field){forms[i].key, read_value, i * sizeof bodies[0], NULL};
    if (object_read(r, value, fields, FORM_COUNT, bodies))
        return ERR_FAIL;
    for (size_t i = 0; i < FORM_COUNT; i++)
        if (bodies[i].type != JSON_NONE) {
            *ret_form = &forms[i];
            *ret_body = bodies[i];
            found++;
        }
    if (found != 1)
        return reader_fail(r, value,
                           "%zu forms; expected one of buffer, polygon, circle, corridor, "
                           "latband, between, around, unresolved, union, inter, minus, zone",
                           found);
    return 0;
}

static int expression_read(struct reader *r, struct json value, int depth,
                           const struct expression **ret_expression, uint16_t *ret_side)
{
    const struct form *form;
    struct json body;
    if (depth > EXPRESSION_DEPTH_MAX)
        return reader_fail(r, value, "nested more than %d deep", EXPRESSION_DEPTH_MAX);
    if (form_find(r, value, &form, &body))
        return ERR_FAIL;
    if (form->alone && depth > 1)
        return reader_fail(r, body, "\"%s\" has no area and cannot be part of a set operation",
                           form->key);
    struct expression *e = reader_alloc(r, 1, sizeof *e);
    if (!e)
        return ERR_FAIL;
    e->kind = form->kind;
    if (form->read ? form->read(r, body, e, ret_side) : set_read(r, body, depth, e))
        return ERR_FAIL;
    *ret_expression = e;
    return 0;
}

int geometry_read(struct reader *r, struct json value, const struct expression **ret_expression,
                  uint16_t *ret_side)
{
    *ret_side = AGREEMENT_NONE;
    return expression_read(r, value, 1, ret_expression, ret_side);
}
