#include "agreement/reader.h"

/* Geometry expressions: one row per form, each with a table of its keys. */

#define OPERANDS_MAX   64
#define DEGREES_360_E9 INT64_C(360000000000)

static int expression_read(struct reader *r, struct json value, int depth,
                           const struct expression **ret_expression, uint16_t *ret_side);

/* A reference to a line that has a course. */
int read_course_line(struct reader *r, struct json value, void *into)
{
    uint16_t line;
    if (read_line_ref(r, value, &line))
        return ERR_FAIL;
    if (r->lines[line].used == AGREEMENT_NONE)
        return reader_fail(r, value,
                           "no version of line \"%s\" has geometry; expected a line with a "
                           "published course",
                           r->lines[line].id);
    *(uint16_t *)into = line;
    return 0;
}

int read_cap(struct reader *r, struct json value, void *into)
{
    static const char *const names[] = {"round", "flat"};
    size_t index;
    if (word_read(r, value, names, 2, &index))
        return ERR_FAIL;
    *(enum cap *)into = index ? CAP_FLAT : CAP_ROUND;
    return 0;
}

/* An object that is a length: {"km": 2}. */
int read_length(struct reader *r, struct json value, void *into)
{
    static const struct field fields[] = {
        {"km", read_km, 0, NULL}, {"m", read_m, 0, NULL}, {"nm", read_nm, 0, NULL}};
    return OBJECT_READ(r, value, fields, into) ? ERR_FAIL : length_need(r, value, into);
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
