#include <string.h>

#include "agreement/zonefile_parts.h"
#include "geo/geodesic.h"

/*
 * OpenAir, versions 1 and 2.1: lines of a keyword of two letters and a value. An area goes from AC to
 * the next AC. What one record does is one row of a table.
 */
#define MM_PER_NM      1852000 /* international nautical mile, 1,852 m (BIPM, SI brochure) */
#define LINE_BYTES_MAX 4096
#define RADIUS_SCALE   9
#define E9             INT64_C(1000000000)
#define RADIUS_MAX_NM  1079 /* 2,000 km */

struct openair {
    struct sketch *s;
    uint32_t line;
    bool inside;  /* an area is open */
    bool refused; /* it is wrong, and `skip` goes on to the next */
    bool has_floor, has_ceiling, has_center, has_width, by_axis;
    bool right;  /* direction of arcs */
    bool notice; /* AA NONE */
    int64_t center_lon_e9, center_lat_e9, width_mm;
};

/* ---- values --------------------------------------------------------------------------------------- */

static void skip_space(struct cursor *c)
{
    while (take(c, ' ') || take(c, '\t'))
        ;
}

static int points_expected(struct openair *o)
{
    return sketch_fail(o->s, "expected a point such as 39:29:54 N 119:46:06 W");
}

/* Degrees, minutes and seconds run together: DDMMSS or DDDMMSS, here already a number x 1e9. */
static int64_t run_together_e9(int64_t value_e9)
{
    int64_t whole = value_e9 / E9, degrees = whole / 10000, minutes = whole / 100 % 100;
    int64_t seconds_e9 = value_e9 - (whole - whole % 100) * E9;
    if (minutes > 60 || seconds_e9 > 60 * E9)
        return INT64_MAX;
    return degrees * E9 + (minutes * 60 * E9 + seconds_e9 + 1800) / 3600;
}

/* One coordinate without its letter; INT64_MAX: it is none. Minutes and seconds may be 60. */
static int64_t angle_take(struct cursor *c)
{
    int64_t parts_e9[3] = {0, 0, 0};
    int n = 0;
    const uint8_t *start = c->p;
    do {
        if (!at_digit(c) || !decimal_take(c, 9, &parts_e9[n++]))
            return INT64_MAX;
    } while (n < 3 && take(c, ':'));
    size_t digits = 0;
    while (start + digits < c->p && start[digits] >= '0' && start[digits] <= '9')
        digits++;
    if (n == 1 && (digits == 6 || digits == 7))
        return run_together_e9(parts_e9[0]);
    if (parts_e9[0] > 180 * E9 || parts_e9[1] > 60 * E9 || parts_e9[2] > 60 * E9)
        return INT64_MAX;
    return parts_e9[0] + (parts_e9[1] * 60 + parts_e9[2] + 1800) / 3600;
}

/* A coordinate and its letter, one of two. */
static bool coordinate_take(struct cursor *c, const char letters[2], int64_t limit_e9,
                            int64_t *ret_e9)
{
    skip_space(c);
    int64_t angle_e9 = angle_take(c);
    skip_space(c);
    if (angle_e9 > limit_e9 || at_end(c))
        return false;
    char letter = (char)(*c->p++ & ~0x20);
    *ret_e9 = letter == letters[1] ? -angle_e9 : angle_e9;
    return letter == letters[0] || letter == letters[1];
}

static bool point_take(struct cursor *c, int64_t *ret_lon_e9, int64_t *ret_lat_e9)
{
    return coordinate_take(c, "NS", 90 * E9, ret_lat_e9) &&
           coordinate_take(c, "EW", 180 * E9, ret_lon_e9);
}

static int point_value(struct openair *o, struct bytes value, int64_t *ret_lon_e9,
                       int64_t *ret_lat_e9)
{
    struct cursor c = cursor_of(value);
    if (!point_take(&c, ret_lon_e9, ret_lat_e9))
        return points_expected(o);
    skip_space(&c);
    return at_end(&c) ? 0 : points_expected(o);
}

static bool miles_take(struct cursor *c, int64_t *ret_mm)
{
    int64_t miles_e9;
    skip_space(c);
    if (!decimal_take(c, RADIUS_SCALE, &miles_e9) || miles_e9 < 0 || miles_e9 > RADIUS_MAX_NM * E9)
        return false;
    int64_t whole = miles_e9 / E9, rest_e9 = miles_e9 % E9;
    *ret_mm = whole * MM_PER_NM + (rest_e9 * MM_PER_NM + E9 / 2) / E9;
    skip_space(c);
    return true;
}

static int miles_value(struct openair *o, struct bytes value, int64_t *ret_mm)
{
    struct cursor c = cursor_of(value);
    if (!miles_take(&c, ret_mm) || !at_end(&c))
        return sketch_fail(o->s, "expected a length in nautical miles, at most %d", RADIUS_MAX_NM);
    return 0;
}

static int center_need(struct openair *o)
{
    return o->has_center ? 0 : sketch_fail(o->s, "no centre; expected V X= before it");
}

/* ---- records ------------------------------------------------------------------------------------- */

/* Windows code page 1252 from 0x80 to 0x9f; what it leaves free is U+FFFD. */
static const uint16_t cp1252[32] = {0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd,
                                    0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178};

static void put_utf8(struct buf *out, uint8_t c)
{
    unsigned code = c >= 0x80 && c < 0xa0 ? cp1252[c - 0x80] : c;
    if (code < 0x80) {
        buf_char(out, (char)code);
    } else if (code < 0x800) {
        buf_char(out, (char)(0xc0 | code >> 6));
        buf_char(out, (char)(0x80 | (code & 0x3f)));
    } else {
        buf_char(out, (char)(0xe0 | code >> 12));
        buf_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
        buf_char(out, (char)(0x80 | (code & 0x3f)));
    }
}

/* Text of a record as UTF-8, at most what its line may hold. */
static void text_value(struct bytes value, struct buf *out)
{
    if (bytes_is_utf8(value))
        buf_put(out, value.p, value.n);
    else
        for (size_t i = 0; i < value.n; i++)
            put_utf8(out, value.p[i]);
}

static int on_name(struct openair *o, struct bytes value)
{
    char memory[3 * LINE_BYTES_MAX + 1];
    struct buf text;
    buf_init(&text, memory, sizeof memory);
    text_value(value, &text);
    if (strnlen(text.p, text.n) < text.n)
        return sketch_fail(o->s, "a name with the character U+0000");
    return sketch_name(o->s, (struct bytes){(const uint8_t *)text.p, text.n},
                       (struct bytes){NULL, 0});
}

static int on_id(struct openair *o, struct bytes value)
{
    o->s->id = arena_text(o->s->arena, value.p, value.n);
    return o->s->id ? 0 : sketch_fail(o->s, "the memory limit is reached");
}

static int on_type(struct openair *o, struct bytes value)
{
    sketch_note(o->s, "Type %.*s.", (int)(value.n > 40 ? 40 : value.n), (const char *)value.p);
    return 0;
}

/* Programs take the last of several; so do we, and say it. */
static int on_floor(struct openair *o, struct bytes value)
{
    if (o->has_floor)
        sketch_left(o->s, "an AL before another");
    o->has_floor = true;
    return height_read(o->s, value, &o->s->zone.floor);
}

static int on_ceiling(struct openair *o, struct bytes value)
{
    if (o->has_ceiling)
        sketch_left(o->s, "an AH before another");
    o->has_ceiling = true;
    return height_read(o->s, value, &o->s->zone.ceiling);
}

static int on_point(struct openair *o, struct bytes value)
{
    int64_t lon_e9, lat_e9;
    return point_value(o, value, &lon_e9, &lat_e9) || sketch_point(o->s, lon_e9, lat_e9) ? ERR_FAIL
                                                                                         : 0;
}

static int on_axis(struct openair *o, struct bytes value)
{
    o->by_axis = true;
    return on_point(o, value);
}

static struct drawn_arc arc_now(const struct openair *o)
{
    return (struct drawn_arc){o->center_lon_e9, o->center_lat_e9, o->right};
}

static int64_t e9_of(double degrees)
{
    while (degrees > 180)
        degrees -= 360;
    while (degrees < -180)
        degrees += 360;
    return (int64_t)(degrees < 0 ? degrees * 1e9 - 0.5 : degrees * 1e9 + 0.5);
}

/* The point at a bearing and distance from the centre. */
static void around_center(const struct openair *o, int64_t bearing_e9, int64_t radius_mm,
                          int64_t *ret_lon_e9, int64_t *ret_lat_e9)
{
    double lat_deg, lon_deg;
    geodesic_direct((double)o->center_lat_e9 / 1e9, (double)o->center_lon_e9 / 1e9,
                    (double)bearing_e9 / 1e9, (double)radius_mm / 1e3, &lat_deg, &lon_deg, NULL);
    *ret_lon_e9 = e9_of(lon_deg);
    *ret_lat_e9 = e9_of(lat_deg);
}

static int arc_draw(struct openair *o, const int64_t from_e9[2], const int64_t to_e9[2])
{
    return sketch_point(o->s, from_e9[0], from_e9[1]) ||
                   sketch_arc(o->s, arc_now(o), to_e9[0], to_e9[1])
               ? ERR_FAIL
               : 0;
}

static int on_arc_bearings(struct openair *o, struct bytes value)
{
    struct cursor c = cursor_of(value);
    int64_t radius_mm, bearing_e9[2], from_e9[2], to_e9[2];
    bool taken = miles_take(&c, &radius_mm);
    for (int i = 0; i < 2 && taken; i++) {
        taken = take(&c, ',');
        skip_space(&c);
        taken = taken && decimal_take(&c, 9, &bearing_e9[i]) && bearing_e9[i] >= 0 &&
                bearing_e9[i] <= 360 * E9;
        skip_space(&c);
    }
    if (!taken || !at_end(&c))
        return sketch_fail(o->s, "expected radius in nautical miles, and two bearings of 0 to 360 "
                                 "degrees, such as 10,270,90");
    if (center_need(o))
        return ERR_FAIL;
    around_center(o, bearing_e9[0], radius_mm, &from_e9[0], &from_e9[1]);
    around_center(o, bearing_e9[1], radius_mm, &to_e9[0], &to_e9[1]);
    return arc_draw(o, from_e9, to_e9);
}

static int on_arc_points(struct openair *o, struct bytes value)
{
    struct cursor c = cursor_of(value);
    int64_t from_e9[2], to_e9[2];
    bool taken = point_take(&c, &from_e9[0], &from_e9[1]);
    skip_space(&c);
    taken = taken && take(&c, ',') && point_take(&c, &to_e9[0], &to_e9[1]);
    skip_space(&c);
    if (!taken || !at_end(&c))
        return sketch_fail(o->s, "expected two points with a comma between them");
    return center_need(o) ? ERR_FAIL : arc_draw(o, from_e9, to_e9);
}

static int on_circle(struct openair *o, struct bytes value)
{
    int64_t radius_mm = 0;
    if (center_need(o) || miles_value(o, value, &radius_mm))
        return ERR_FAIL;
    return sketch_circle(o->s, o->center_lon_e9, o->center_lat_e9, radius_mm);
}

static int64_t time_side(struct bytes text, bool *ret_none, bool *ret_wrong)
{
    int64_t time_us = TIME_UNKNOWN;
    bool date_only = false;
    *ret_none = bytes_is(text, "NONE");
    if (!*ret_none && (!time_read(text, 0, &time_us, &date_only) || date_only))
        *ret_wrong = true;
    return time_us;
}

static int on_active(struct openair *o, struct bytes value)
{
    size_t n = 0;
    bool none[2] = {false, false}, wrong = false;
    if (bytes_is(value, "NONE")) {
        o->notice = true;
        return 0;
    }
    while (n < value.n && value.p[n] != '/')
        n++;
    if (n == value.n)
        return sketch_fail(o->s, "expected NONE or FROM/TO");
    int64_t from_us = time_side((struct bytes){value.p, n}, &none[0], &wrong);
    int64_t to_us = time_side((struct bytes){value.p + n + 1, value.n - n - 1}, &none[1], &wrong);
    if (wrong || (none[0] && none[1]))
        return sketch_fail(o->s, "expected times such as 2025-01-01T12:00Z/2025-01-01T13:00Z, one "
                                 "of which may be NONE");
    return sketch_period(o->s, from_us, to_us) ? 0 : ERR_FAIL;
}

/* V X=, V D=, V W=; V Z= and V T= are about a map. */
static int on_variable(struct openair *o, struct bytes value)
{
    struct cursor c = cursor_of(value);
    char name = at_end(&c) ? '\0' : (char)(*c.p & ~0x20);
    c.p += name != '\0';
    skip_space(&c);
    if (!name || !take(&c, '='))
        return sketch_fail(o->s, "expected V X=, V D= or V W=");
    skip_space(&c);
    struct bytes rest = {c.p, (size_t)(c.end - c.p)};
    if (name == 'X') {
        o->has_center = true;
        return point_value(o, rest, &o->center_lon_e9, &o->center_lat_e9);
    }
    if (name == 'W') {
        o->has_width = true;
        return miles_value(o, rest, &o->width_mm);
    }
    if (name != 'D') {
        sketch_left(o->s, "V %c=", name);
        return 0;
    }
    o->right = bytes_is(rest, "+");
    return o->right || bytes_is(rest, "-") ? 0 : sketch_fail(o->s, "expected V D=+ or V D=-");
}

/* ---- areas ----------------------------------------------------------------------------------------- */

static int area_close(struct openair *o)
{
    struct sketch *s = o->s;
    if (!o->has_floor || !o->has_ceiling)
        return sketch_fail(s, "the area has no %s", o->has_floor ? "AH" : "AL");
    if (o->by_axis && !o->has_width)
        return sketch_fail(s, "an axis without V W=");
    if (o->notice && s->period_count)
        return sketch_fail(s, "AA NONE beside other times");
    if (o->notice) {
        sketch_assume(s, "Active by notice only (AA NONE): when is not in the file.");
        s->zone.provisional = true;
    }
    if (o->by_axis ? sketch_corridor(s, o->width_mm / 2)
                   : s->zone.drawing.kind == DRAWN_RINGS && sketch_ring_end(s))
        return ERR_FAIL;
    return sketch_end(s);
}

static int area_end(struct openair *o)
{
    bool close = o->inside && !o->refused;
    o->inside = o->refused = false;
    return close && area_close(o) ? sketch_refuse(o->s) : 0;
}

static int on_area(struct openair *o, struct bytes value)
{
    *o = (struct openair){.s = o->s, .line = o->line, .inside = true, .right = true};
    sketch_begin(o->s, sketch_place(o->s, "line %u", o->line), EDGE_GEODESIC);
    sketch_note(o->s, "Class %.*s.", (int)(value.n > 40 ? 40 : value.n), (const char *)value.p);
    return 0;
}

/* ---- lines ----------------------------------------------------------------------------------------- */

struct record {
    const char *key;
    int (*read)(struct openair *o, struct bytes value);
};

static const struct record records[] = {
    {"AN", on_name},         {"AI", on_id},         {"AY", on_type},   {"AL", on_floor},
    {"AH", on_ceiling},      {"AA", on_active},     {"DP", on_point},  {"DY", on_axis},
    {"DA", on_arc_bearings}, {"DB", on_arc_points}, {"DC", on_circle}, {"V ", on_variable},
};

static const struct record *record_find(const uint8_t key[2])
{
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++)
        if (key[0] == (uint8_t)records[i].key[0] && key[1] == (uint8_t)records[i].key[1])
            return &records[i];
    return NULL;
}

static uint8_t upper(uint8_t c)
{
    return c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
}

static bool is_letter(uint8_t c)
{
    return c >= 'A' && c <= 'Z';
}

/* Without comment and outer space. */
static struct bytes line_trim(struct bytes line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] != '*')
        n++;
    line.n = n;
    while (line.n && line.p[line.n - 1] <= ' ')
        line.n--;
    while (line.n && *line.p <= ' ') {
        line.p++;
        line.n--;
    }
    return line;
}

/* The keyword in capitals, "V " for a variable, and the value after it. */
static bool line_split(struct bytes line, uint8_t key[2], struct bytes *ret_value)
{
    key[0] = upper(line.p[0]);
    key[1] = line.n > 1 ? upper(line.p[1]) : ' ';
    if (key[1] == '\t')
        key[1] = ' ';
    bool variable = key[0] == 'V' && key[1] == ' ';
    bool known = is_letter(key[0]) && (is_letter(key[1]) || variable) &&
                 (variable || line.n < 3 || line.p[2] <= ' ');
    if (known)
        *ret_value = line_trim(
            (struct bytes){line.p + (line.n < 2 ? line.n : 2), line.n - (line.n < 2 ? line.n : 2)});
    return known;
}

static int record_read(struct openair *o, const uint8_t key[2], struct bytes value)
{
    const struct record *record = record_find(key);
    if (!record) {
        sketch_left(o->s, "record %c%c", key[0], key[1]);
        return 0;
    }
    if (!o->inside)
        return sketch_fail(o->s, "%s outside of an area; expected AC first", record->key);
    return record->read(o, value);
}

static int record_place(struct openair *o)
{
    o->s->place = sketch_place(o->s, "line %u", o->line);
    if (sketch_refuse(o->s))
        return ERR_FAIL;
    o->refused = true;
    return 0;
}

static int line_read(struct openair *o, struct bytes line)
{
    uint8_t key[2];
    struct bytes value = {NULL, 0};
    line = line_trim(line);
    if (!line.n)
        return 0;
    if (line.n > LINE_BYTES_MAX)
        return sketch_fail(o->s, "a line of %zu bytes; at most %d", line.n, LINE_BYTES_MAX),
               record_place(o);
    bool known = line_split(line, key, &value);
    if (known && key[0] == 'A' && key[1] == 'C')
        return area_end(o) ? ERR_FAIL : on_area(o, value);
    if (o->refused)
        return 0;
    if (!known)
        return sketch_fail(o->s, "\"%.*s\" is no record; expected two letters and a value",
                           (int)(line.n > 40 ? 40 : line.n), (const char *)line.p),
               record_place(o);
    const char *area = o->s->place;
    o->s->place = area && o->inside ? area : "outside of areas";
    int failed = record_read(o, key, value);
    return failed ? record_place(o) : 0;
}

int import_openair(struct sketch *s, struct bytes text)
{
    struct openair o = {.s = s};
    size_t at = 0;
    while (at < text.n) {
        size_t n = 0;
        while (at + n < text.n && text.p[at + n] != '\n' && text.p[at + n] != '\r')
            n++;
        o.line++;
        if (line_read(&o, (struct bytes){text.p + at, n}))
            return ERR_FAIL;
        at += n + 1;
        if (at < text.n && text.p[at - 1] == '\r' && text.p[at] == '\n')
            at++;
    }
    return area_end(&o);
}
