#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agreement/agreement.h"

/*
 * The reader against docs/format/agreement.md. What must be refused is written as one change to the
 * smallest document of that page: what stands there, what is put in its place, and what the error
 * says. Lengths and stations are measured against GeographicLib (geod of PROJ 9.1.1).
 */
#define ARENA_LIMIT  (256u << 20)
#define DOCUMENT_MAX (256 * 1024)

static const char smallest[] =
    "{ \"format\": \"detente-agreement/1\", \"id\": \"tiny\",\n"
    "  \"title\": {\"en\": \"Tiny\", \"ko\": \"작은 합의\"}, \"tz\": \"UTC\",\n"
    "  \"parties\": [{\"id\": \"N\", \"name\": {\"en\": \"North\"}},"
    " {\"id\": \"S\", \"name\": {\"en\": \"South\"}}],\n"
    "  \"lines\": [{\"id\": \"L\", \"left\": \"N\", \"right\": \"S\", \"edges\": \"geodesic\",\n"
    "    \"versions\": [{\"id\": \"v1\", \"coordinates\":"
    " [[11.5, 57.65], [11.68, 57.9], [11.8, 58.12]]}]}],\n"
    "  \"zones\": [{\"id\": \"Z\", \"geometry\":"
    " {\"buffer\": {\"line\": \"L\", \"km\": 5, \"side\": \"both\", \"cap\": \"round\"}}}],\n"
    "  \"provisions\": [{\"id\": \"1\", \"title\": {\"en\": \"Ships keep 5 km away\"}}],\n"
    "  \"rules\": [{\"id\": \"R\", \"provision\": \"1\", \"zone\": \"Z\", \"verb\": \"prohibit\","
    " \"activity\": \"presence\", \"classes\": [\"ship\"]}] }\n";

struct fixture {
    struct arena arena;
    struct err err;
    const struct agreement *a;
    char text[DOCUMENT_MAX];
    struct agreement_file file;
    size_t file_count;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    arena_init(&f->arena, ARENA_LIMIT, malloc, free);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    arena_release(&f->arena);
    free(f);
    return 0;
}

static int read_bytes(struct fixture *f, struct bytes text)
{
    err_clear(&f->err);
    return agreement_read(text, &f->file, f->file_count, &f->arena, &f->a, &f->err);
}

/* The smallest document with `from` replaced by `to`. */
static void change(struct fixture *f, const char *from, const char *to)
{
    const char *at = strstr(smallest, from);
    assert_non_null(at);
    assert_null(strstr(at + 1, from));
    int n = snprintf(f->text, sizeof f->text, "%.*s%s%s", (int)(at - smallest), smallest, to,
                     at + strlen(from));
    assert_in_range(n, 1, sizeof f->text - 1);
}

static int read_changed(struct fixture *f, const char *from, const char *to)
{
    change(f, from, to);
    return read_bytes(f, bytes_of(f->text));
}

static void must_read(struct fixture *f, const char *from, const char *to)
{
    if (read_changed(f, from, to))
        fail_msg("%s", f->err.text);
}

/* One line that holds `said`, exit 65. */
static void must_refuse(struct fixture *f, const char *from, const char *to, const char *said)
{
    if (!read_changed(f, from, to))
        fail_msg("accepted: %s", to);
    assert_int_equal(f->err.code, EXIT_DATA);
    assert_null(strchr(f->err.text, '\n'));
    if (!strstr(f->err.text, said))
        fail_msg("\"%s\" does not say \"%s\"", f->err.text, said);
}

/* ---- the smallest document ------------------------------------------------------------------------ */

static void smallest_is_accepted(void **state)
{
    struct fixture *f = *state;
    if (read_bytes(f, bytes_of(smallest)))
        fail_msg("%s", f->err.text);
    const struct agreement *a = f->a;
    assert_string_equal(a->id, "tiny");
    assert_string_equal(a->title.ko, "작은 합의");
    assert_int_equal(a->party_count, 2);
    assert_int_equal(a->parties[0].letter, 'N');
    assert_string_equal(a->parties[1].flags, "");
    assert_int_equal(a->lines[0].left, agreement_party(a, "N"));
    assert_int_equal(a->lines[0].right, agreement_party(a, "S"));
    assert_int_equal(a->lines[0].used, 0);
    assert_int_equal(a->lines[0].versions[0].count, 3);
    assert_int_equal(a->lines[0].versions[0].lon_e9[1], 11680000000);
    assert_int_equal(a->lines[0].versions[0].lat_e9[1], 57900000000);
    assert_true(bytes_is(a->text, smallest));
}

static void smallest_has_the_defaults(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(read_bytes(f, bytes_of(smallest)), 0);
    const struct zone *zone = &f->a->zones[0];
    assert_int_equal(zone->geometry->kind, EXPR_BUFFER);
    assert_int_equal(zone->geometry->buffer.width_count, 1);
    assert_int_equal(zone->geometry->buffer.widths[0].width_mm, 5000000);
    assert_int_equal(zone->geometry->buffer.hand, HAND_BOTH);
    assert_int_equal(zone->geometry->buffer.step, STEP_NEAREST);
    assert_int_equal(zone->side, AGREEMENT_NONE);
    assert_int_equal(zone->classes, platform_leaves(PLATFORM_UNKNOWN));
    assert_string_equal(zone->classes_text, "");
    assert_int_equal(zone->floor.ref, LIMIT_SURFACE);
    assert_int_equal(zone->ceiling.ref, LIMIT_UNLIMITED);
    assert_int_equal(zone->from_us, TIME_UNKNOWN);
    assert_int_equal(zone->status, ZONE_AGREED);
    const struct rule *rule = &f->a->rules[0];
    assert_int_equal(rule->severity, 2);
    assert_int_equal(rule->observed, ACTIVITY_BY_POSITION);
    assert_int_equal(rule->classes, platform_leaves(PLATFORM_SHIP));
    assert_int_equal(rule->sides, 3);
    assert_true(rule->binds_others);
    assert_string_equal(rule->exemptions, "");
}

/* ---- what is refused, as changes to the smallest document ------------------------------------------ */

struct refusal {
    const char *from, *to, *said;
};

static void refuse_all(struct fixture *f, const struct refusal *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        must_refuse(f, rows[i].from, rows[i].to, rows[i].said);
}
#define REFUSE_ALL(f, rows) refuse_all((f), (rows), sizeof(rows) / sizeof((rows)[0]))

static void text_that_is_not_the_format(void **state)
{
    static const struct refusal rows[] = {
        {"detente-agreement/1", "detente-agreement/2",
         "agreement.json: format: unknown format; this version reads \"detente-agreement/1\" only"},
        {"\"format\": \"detente-agreement/1\", ", "",
         "agreement.json: missing \"format\": \"detente-agreement/1\""},
        {"\"id\": \"tiny\",", "", "agreement.json: missing \"id\": the id of this agreement"},
        {"\"tz\": \"UTC\"", "\"tz\": \"UTC\", \"tz\": \"UTC\"", "agreement.json: "},
        {"57.65", "NaN", "agreement.json: "},
        {"57.65", "057.65", "agreement.json: "},
        {"Tiny", "T\xffny", "agreement.json: "},
        {"Tiny", "T\\u0000ny", "agreement.json: title.en: text must not hold"},
        {"\"tz\": \"UTC\"", "\"tz\": \"Europe/Paris\"", "agreement.json: tz: unknown time zone"},
        {"\"tz\": \"UTC\"", "\"datum\": \"ED50\"",
         "agreement.json: datum: \"ED50\" is not known; expected one of WGS84"},
        {"\"tz\": \"UTC\"", "\"colour\": \"red\"", "agreement.json: colour: unknown key; expected"},
        {"\"tz\": \"UTC\"", "\"tag\": \"X\"", "agreement.json: tag: \"X\" is not known"},
        {"{\"en\": \"Tiny\", \"ko\": \"작은 합의\"}", "{}",
         "agreement.json: title: empty; expected"},
        {"{\"en\": \"Tiny\", \"ko\": \"작은 합의\"}", "7",
         "agreement.json: title: expected text, or an object with \"en\" and \"ko\", found a "
         "number"},
    };
    REFUSE_ALL((struct fixture *)*state, rows);
}

static void text_that_is_cut_short(void **state)
{
    struct fixture *f = *state;
    for (size_t n = 0; n + 2 < sizeof smallest; n++) {
        struct bytes text = {(const uint8_t *)smallest, n};
        if (!read_bytes(f, text))
            fail_msg("the first %zu bytes were accepted", n);
        assert_int_equal(f->err.code, EXIT_DATA);
    }
}

static void parties_that_do_not_fit(void **state)
{
    static const struct refusal rows[] = {
        {"{\"id\": \"S\", \"name\"", "{\"id\": \"N\", \"name\"",
         "agreement.json: parties[1].id: a second party \"N\"; ids are unique in their list"},
        {"{\"id\": \"S\", \"name\"", "{\"id\": \"\", \"name\"",
         "agreement.json: parties[1].id: not an id"},
        {"{\"id\": \"S\", \"name\"", "{\"id\": \"a b\", \"name\"",
         "agreement.json: parties[1].id: not an id; expected 1 to 63 of A-Z a-z 0-9 . - _"},
        {"{\"id\": \"S\", \"name\"", "{\"name\"", "agreement.json: parties[1]: missing \"id\""},
        {"\"name\": {\"en\": \"North\"}}, {\"id\": \"S\",",
         "\"letter\": \"X\"}, {\"id\": \"S\", \"letter\": \"X\",",
         "agreement.json: parties[1].letter: party \"N\" has the side letter X too"},
        {"{\"en\": \"South\"}", "\"South\", \"flags\": [\"kr\"]",
         "agreement.json: parties[1].flags[0]: expected two letters of ISO 3166"},
        {"{\"en\": \"North\"}}, {\"id\": \"S\", \"name\": {\"en\": \"South\"}",
         "\"North\", \"flags\": [\"KP\", \"KR\"]}, {\"id\": \"S\", \"flags\": [\"KR\"]",
         "agreement.json: parties[1].flags: a country stands under party \"N\" too"},
        {"[{\"id\": \"N\", \"name\": {\"en\": \"North\"}}, {\"id\": \"S\", \"name\": {\"en\": "
         "\"South\"}}]",
         "[]", "agreement.json: parties: 0 entries; expected 1 to 8"},
        {"\"tz\": \"UTC\"", "\"custodians\": [{\"id\": \"N\"}]",
         "agreement.json: custodians[0]: \"N\" is a party already"},
        {"\"tz\": \"UTC\"", "\"custodians\": [{\"id\": \"UNC\", \"scope\": [\"X\"]}]",
         "agreement.json: custodians[0].scope[0]: no zone \"X\"; expected an id from \"zones\""},
    };
    REFUSE_ALL((struct fixture *)*state, rows);
}

static void lines_that_do_not_fit(void **state)
{
    static const char points[] = "[[11.5, 57.65], [11.68, 57.9], [11.8, 58.12]]";
    static const struct refusal rows[] = {
        {"57.65", "95",
         "agreement.json: lines[0].versions[0].coordinates[0][1]: 95 is outside -90 to 90 degrees"},
        {"11.5,", "180.000000001,", "is outside -180 to 180 degrees"},
        {"57.65", "\"57.65\"", "coordinates[0][1]: expected a number of degrees, found text"},
        {"[11.5, 57.65]", "[11.5]", "coordinates[0]: 1 numbers; expected [longitude, latitude]"},
        {"[11.5, 57.65]", "[11.5, 57.65, 0, 0]", "coordinates[0]: expected [longitude, latitude]"},
        {points, "[[11.5, 57.65]]", "coordinates: 1 points; expected 2 to 100000"},
        {points, "[[11.5, 57.65], [11.5, 57.650]]", "points 0 and 1 are equal"},
        {points, "[[0, 0], [80, 0]]", "more than 5000 km from point 0 to 1"},
        {points, "[[0, 0], [1, 1], [1, 0], [0, 1]]",
         "coordinates: the line crosses itself: the edges from points 0 and 2 meet"},
        {points, "[[0, 0], [1, 0], [0.5, 0]]", "the edges from points 0 and 1 meet"},
        {points, "[[0, 0], [1, 0], [1, 1], [0, 0]]", "the line crosses itself"},
        {"\"versions\": [{", "\"versions\": [], \"stations\": [{", "versions: empty"},
        {"\"left\": \"N\"", "\"left\": \"S\"", "lines[0]: the same party on both hands"},
        {"\"left\": \"N\"", "\"left\": \"X\"", "lines[0].left: no party \"X\""},
        {"\"geodesic\"", "\"straight\"",
         "lines[0].edges: \"straight\" is not known; expected one of geodesic, lonlat"},
        {"\"edges\": \"geodesic\"", "\"use\": \"v2\"",
         "lines[0].use: expected the id of a version"},
        {"\"edges\": \"geodesic\"", "\"extend_deg\": [10]",
         "lines[0].extend_deg: expected two bearings"},
        {"\"edges\": \"geodesic\"", "\"extend_deg\": [10, 400]",
         "lines[0].extend_deg[1]: expected a bearing"},
        {"\"edges\": \"geodesic\"", "\"asserted_by\": \"X\"",
         "lines[0].asserted_by: no party or custodian \"X\""},
        {"\"edges\": \"geodesic\"", "\"judge_by\": \"me\"",
         "lines[0].judge_by: \"me\" is not known"},
    };
    REFUSE_ALL((struct fixture *)*state, rows);
}

static void versions_that_overlap(void **state)
{
    static const struct refusal rows[] = {
        {"\"versions\": [",
         "\"versions\": [{\"id\": \"v1\", \"by\": \"N\", \"coordinates\": [[0, 0], [1, 1]]}, ",
         "lines[0].versions[1]: a second version \"v1\""},
        {"\"versions\": [{",
         "\"versions\": [{\"id\": \"v0\", \"from\": \"2010-01-01\", \"to\": \"2015-06-30\"},"
         " {\"from\": \"2015-06-30\", ",
         "agreement.json: lines[0].versions[1]: its period overlaps that of version \"v0\""},
        {"\"versions\": [{", "\"versions\": [{\"id\": \"v0\"}, {",
         "its period overlaps that of version \"v0\""},
        {"\"versions\": [{", "\"versions\": [{\"from\": \"2015-06-30\", \"to\": \"2015-06-29\", ",
         "lines[0].versions[0]: \"from\" is not before \"to\""},
        {"\"versions\": [{", "\"versions\": [{\"from\": \"2015-02-30\", ",
         "lines[0].versions[0].from: not a time"},
        {"\"versions\": [{", "\"versions\": [{\"by\": \"X\", ",
         "lines[0].versions[0].by: no party or custodian"},
    };
    struct fixture *f = *state;
    REFUSE_ALL(f, rows);
    must_read(
        f, "\"versions\": [{",
        "\"versions\": [{\"id\": \"v0\", \"to\": \"2015-06-29\"}, {\"from\": \"2015-06-30\", ");
    assert_int_equal(f->a->lines[0].versions[0].to_us, f->a->lines[0].versions[1].from_us);
    assert_int_equal(f->a->lines[0].used, 1);
    must_read(f, "\"versions\": [{",
              "\"versions\": [{\"id\": \"v0\", \"by\": \"S\"}, {\"by\": \"N\", ");
}

static void zones_that_do_not_fit(void **state)
{
    static const struct refusal rows[] = {
        {"\"line\": \"L\"", "\"line\": \"M\"",
         "agreement.json: zones[0].geometry.buffer.line: no line \"M\"; expected an id from "
         "\"lines\""},
        {"\"line\": \"L\", ", "", "zones[0].geometry.buffer: missing \"line\": the id of a line"},
        {"\"km\": 5", "\"km\": 5, \"m\": 5000",
         "zones[0].geometry.buffer.m: a second unit; give the length once"},
        {"\"km\": 5", "\"km\": -5", "zones[0].geometry.buffer.km: too short"},
        {"\"km\": 5", "\"km\": 0", "zones[0].geometry.buffer.km: too short"},
        {"\"km\": 5", "\"km\": 20000",
         "zones[0].geometry.buffer.km: too long; a length is at most 2000 km"},
        {"\"km\": 5", "\"km\": 1e300", "zones[0].geometry.buffer.km: too long"},
        {"\"km\": 5", "\"km\": \"5\"",
         "zones[0].geometry.buffer.km: expected a number, found text"},
        {"\"km\": 5", "\"miles\": 5",
         "zones[0].geometry.buffer.miles: unknown key; expected one of line, km, m, nm"},
        {"\"km\": 5, ", "", "zones[0].geometry.buffer: expected a width"},
        {", \"cap\": \"round\"", "",
         "zones[0].geometry.buffer: missing \"cap\": \"round\" or \"flat\""},
        {"\"cap\": \"round\"", "\"cap\": \"square\"",
         "cap: \"square\" is not known; expected one of round, flat"},
        {"\"side\": \"both\"", "\"side\": \"X\"",
         "zones[0].geometry.buffer.side: expected \"both\""},
        {"\"side\": \"both\"", "\"inner\": {\"km\": 5}",
         "zones[0].geometry.buffer: \"inner\" is not less"},
        {"\"side\": \"both\"", "\"inner\": {}", "zones[0].geometry.buffer.inner: missing length"},
        {"{\"id\": \"Z\", ", "{\"id\": \"Z\", \"classes\": [\"zeppelin\"], ",
         "agreement.json: zones[0].classes[0]: no class \"zeppelin\""},
        {"{\"id\": \"Z\", ", "{\"id\": \"Z\", \"classes\": [], ", "zones[0].classes: empty"},
        {"{\"id\": \"Z\", ", "{\"id\": \"Z\", \"status\": \"sure\", ",
         "zones[0].status: \"sure\" is not known"},
        {"{\"id\": \"Z\", ", "{\"id\": \"Z\", \"from\": \"tomorrow\", ",
         "zones[0].from: not a time"},
        {"{\"id\": \"Z\", ", "{\"id\": \"Z\", \"from\": \"2018-11-02\", \"to\": \"2018-11-01\", ",
         "zones[0]: \"from\" is not before \"to\""},
        {"{\"id\": \"Z\", ", "{\"id\": \"Z\", \"side\": \"X\", ", "zones[0].side: no party \"X\""},
    };
    REFUSE_ALL((struct fixture *)*state, rows);
}

/* Puts a geometry in the place of the smallest document's buffer. */
#define BUFFER "{\"buffer\": {\"line\": \"L\", \"km\": 5, \"side\": \"both\", \"cap\": \"round\"}}"

static void geometries_that_do_not_fit(void **state)
{
    static const struct refusal rows[] = {
        {BUFFER, "{}", "zones[0].geometry: 0 forms; expected one of buffer, polygon"},
        {BUFFER, "{\"note\": \"x\"}", "zones[0].geometry: 0 forms"},
        {BUFFER, "{\"blob\": {}}", "zones[0].geometry.blob: unknown key; expected one of buffer"},
        {BUFFER, "{\"zone\": \"Z\", \"latband\": {\"s\": 1, \"n\": 2}}",
         "zones[0].geometry: 2 forms"},
        {BUFFER, "[]", "zones[0].geometry: expected an object, found a list"},
        {BUFFER, "{\"zone\": \"Z\"}", "zones[0].geometry: zone \"Z\" needs itself"},
        {BUFFER, "{\"polygon\": {}}", "polygon: missing \"coordinates\", \"file\" or \"path\""},
        {BUFFER, "{\"polygon\": {\"path\": []}}", "polygon.path: 0 points; expected 3 or more"},
        {BUFFER, "{\"polygon\": {\"path\": [[0, 0], [1, 0]]}}", "polygon.path: 2 points"},
        {BUFFER, "{\"polygon\": {\"path\": {}}}", "polygon.path: expected a list of points"},
        {BUFFER, "{\"polygon\": {\"path\": [{\"arc\": {}}]}}",
         "polygon.path[0]: an arc cannot be first"},
        {BUFFER, "{\"polygon\": {\"path\": [[0, 0], {\"arc\": {\"center\": [0, 1]}}]}}",
         "polygon.path[1].arc: missing \"to\""},
        {BUFFER,
         "{\"polygon\": {\"path\": [[0, 0], {\"arc\": {\"center\": [0, 1], \"to\": [0, 2], "
         "\"turn\": "
         "\"up\"}}]}}",
         "polygon.path[1].arc.turn: \"up\" is not known; expected one of left, right"},
        {BUFFER,
         "{\"polygon\": {\"path\": [[0, 0], {\"arc\": {\"center\": [0, 1], \"to\": [0, 2.2], "
         "\"turn\": "
         "\"left\"}}]}}",
         "polygon.path[1]: the ends of the arc are 110574 m and 132690 m from its centre"},
        {BUFFER,
         "{\"polygon\": {\"path\": [[0, 0], [1, 0], [1, 1]], \"coordinates\": [[0, 0], [1, 0], [1, "
         "1], "
         "[0, 0]]}}",
         "polygon: \"path\" beside another outline"},
        {BUFFER, "{\"polygon\": {\"coordinates\": []}}", "polygon.coordinates: expected a ring"},
        {BUFFER, "{\"polygon\": {\"coordinates\": 7}}", "polygon.coordinates: expected a ring"},
        {BUFFER, "{\"polygon\": {\"coordinates\": [[[[[1, 2]]]]]}}", "expected a ring"},
        {BUFFER, "{\"polygon\": {\"coordinates\": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}}",
         "polygon.coordinates[0]: the ring is not closed"},
        {BUFFER, "{\"polygon\": {\"coordinates\": [[[0, 0], [1, 0], [0, 0]]]}}",
         "polygon.coordinates[0]: 3 points; expected 4 to 1000000"},
        {BUFFER, "{\"polygon\": {\"file\": \"geometry.geojson#a\"}}",
         "polygon.file: the file is not there"},
        {BUFFER, "{\"polygon\": {\"file\": \"../geometry.geojson#a\"}}",
         "polygon.file: expected \"geometry.geojson#ID\""},
        {BUFFER, "{\"circle\": {\"km\": 5}}", "circle: missing \"center\""},
        {BUFFER, "{\"circle\": {\"center\": [1, 2]}}", "circle: missing length: one of"},
        {BUFFER, "{\"circle\": {\"center\": [1, 91], \"nm\": 2}}",
         "circle.center[1]: 91 is outside"},
        {BUFFER, "{\"corridor\": {\"halfwidth\": {\"nm\": 1}}}", "corridor: expected \"axis\""},
        {BUFFER,
         "{\"corridor\": {\"axis\": [[0, 0], [1, 1], [1, 0], [0, 1]], \"halfwidth\": {\"nm\": 1}}}",
         "corridor.axis: the line crosses itself"},
        {BUFFER,
         "{\"corridor\": {\"line\": \"L\", \"edges\": \"lonlat\", \"halfwidth\": {\"nm\": 1}}}",
         "corridor: \"edges\" stands with the line"},
        {BUFFER, "{\"latband\": {\"s\": 38, \"n\": 37}}", "latband: \"s\" is not south of \"n\""},
        {BUFFER, "{\"latband\": {\"s\": 37, \"n\": 38, \"w\": 124}}",
         "latband: expected both \"w\" and \"e\""},
        {BUFFER, "{\"latband\": {\"s\": 37, \"n\": 38, \"w\": 124, \"e\": 124}}", "are equal"},
        {BUFFER, "{\"between\": {\"a\": \"L\", \"b\": \"L\"}}", "between: the same line twice"},
        {BUFFER, "{\"unresolved\": {\"by\": \"JMC\"}}", "unresolved.by: no body \"JMC\""},
        {BUFFER, "{\"around\": {\"classes\": [\"ship\"]}}", "around: missing length"},
        {BUFFER, "{\"union\": [" BUFFER "]}", "geometry.union: 1 expressions; expected 2 to 64"},
        {BUFFER, "{\"minus\": [" BUFFER ", {\"unresolved\": {}}]}",
         "geometry.minus[1].unresolved: \"unresolved\" has no area"},
        {"{\"id\": \"Z\", \"geometry\": " BUFFER,
         "{\"id\": \"Z\", \"status\": \"agreed\", \"geometry\": {\"unresolved\": {}}",
         "zones[0].status: the geometry is unresolved"},
    };
    REFUSE_ALL((struct fixture *)*state, rows);
}

static void zones_in_a_circle(void **state)
{
    struct fixture *f = *state;
    must_refuse(f, "{\"id\": \"Z\", \"geometry\": " BUFFER "}",
                "{\"id\": \"A\", \"geometry\": {\"minus\": [" BUFFER ", {\"zone\": \"B\"}]}},"
                "{\"id\": \"B\", \"geometry\": {\"union\": [{\"zone\": \"Z\"}, " BUFFER "]}},"
                "{\"id\": \"Z\", \"geometry\": {\"zone\": \"A\"}}",
                "agreement.json: zones[0].geometry: zone \"A\" needs itself");
    must_refuse(f, "{\"id\": \"Z\", \"geometry\": " BUFFER "}",
                "{\"id\": \"Z\", \"geometry\": {\"minus\": [" BUFFER ", {\"zone\": \"B\"}]}},"
                "{\"id\": \"B\", \"geometry\": {\"unresolved\": {}}}",
                "agreement.json: zones[0].geometry: zone \"B\" has no area");
    must_read(f, "{\"id\": \"Z\", \"geometry\": " BUFFER "}",
              "{\"id\": \"Z\", \"geometry\": {\"minus\": [{\"zone\": \"B\"}, {\"zone\": \"B\"}]}},"
              "{\"id\": \"B\", \"geometry\": " BUFFER "}");
}

static void nesting_has_a_limit(void **state)
{
    struct fixture *f = *state;
    char text[4096];
    for (int depth = 16; depth <= 17; depth++) {
        size_t n = 0;
        for (int i = 1; i < depth; i++)
            n += (size_t)snprintf(text + n, sizeof text - n, "{\"union\": [" BUFFER ", ");
        n += (size_t)snprintf(text + n, sizeof text - n, BUFFER);
        for (int i = 1; i < depth; i++)
            n += (size_t)snprintf(text + n, sizeof text - n, "]}");
        if (depth == 16)
            must_read(f, BUFFER, text);
        else
            must_refuse(f, BUFFER, text, "nested more than 16 deep");
    }
}

static void zones_have_a_limit(void **state)
{
    struct fixture *f = *state;
    char text[16384];
    for (int count = 64; count <= 65; count++) {
        size_t n = 0;
        for (int i = 1; i < count; i++)
            n += (size_t)snprintf(text + n, sizeof text - n,
                                  "{\"id\": \"z%d\", \"geometry\": {\"zone\": \"Z\"}}, ", i);
        snprintf(text + n, sizeof text - n, "{\"id\": \"Z\", ");
        if (count == 64)
            must_read(f, "{\"id\": \"Z\", ", text);
        else
            must_refuse(f, "{\"id\": \"Z\", ", text,
                        "agreement.json: zones: 65 entries; expected 0 to 64");
    }
}

static void altitudes_and_hours_that_do_not_fit(void **state)
{
#define ZONE "{\"id\": \"Z\", "
    static const struct refusal rows[] = {
        {ZONE, ZONE "\"altitude\": {\"floor\": \"sky\"}, ",
         "altitude.floor: expected \"SFC\", \"UNL\""},
        {ZONE, ZONE "\"altitude\": {\"floor\": \"UNL\"}, ",
         "altitude: the floor is not below the ceiling"},
        {ZONE, ZONE "\"altitude\": {\"ceiling\": {\"value\": 10, \"unit\": \"m\"}}, ",
         "missing \"ref\""},
        {ZONE,
         ZONE "\"altitude\": {\"ceiling\": {\"value\": 10, \"unit\": \"km\", \"ref\": \"AMSL\"}}, ",
         "altitude.ceiling.unit: \"km\" is not known; expected one of m, ft, FL"},
        {ZONE,
         ZONE "\"altitude\": {\"ceiling\": {\"value\": 10, \"unit\": \"FL\", \"ref\": \"AGL\"}}, ",
         "a flight level is measured from"},
        {ZONE,
         ZONE
         "\"altitude\": {\"ceiling\": {\"value\": 400000, \"unit\": \"ft\", \"ref\": \"AGL\"}}, ",
         "altitude.ceiling.value: expected a height"},
        {ZONE,
         ZONE "\"altitude\": {\"floor\": {\"value\": 100, \"unit\": \"FL\"},"
              " \"ceiling\": {\"value\": 10000, \"unit\": \"ft\", \"ref\": \"STD\"}}, ",
         "altitude: the floor is not below"},
        {ZONE, ZONE "\"daily\": [], ", "daily: empty"},
        {ZONE, ZONE "\"daily\": [{\"months\": \"4-9\"}], ", "daily[0]: missing \"hours\""},
        {ZONE, ZONE "\"daily\": [{\"months\": \"4-13\", \"hours\": \"07:00-19:00\"}], ",
         "daily[0].months: expected"},
        {ZONE, ZONE "\"daily\": [{\"hours\": \"7-19\"}], ", "daily[0].hours: expected hours"},
        {ZONE, ZONE "\"daily\": [{\"hours\": \"07:60-19:00\"}], ",
         "daily[0].hours: expected hours"},
        {ZONE, ZONE "\"daily\": [{\"hours\": \"22:00-04:00\"}], ",
         "across midnight give two entries"},
    };
    REFUSE_ALL((struct fixture *)*state, rows);
}

static void rules_that_do_not_fit(void **state)
{
#define ACT "\"activity\": \"presence\""
    static const struct refusal rows[] = {
        {"\"provision\": \"1\"", "\"provision\": \"9\"",
         "agreement.json: rules[0].provision: no provision \"9\"; expected an id from "
         "\"provisions\""},
        {"\"zone\": \"Z\"", "\"zone\": [\"Z\", \"Y\"]", "rules[0].zone[1]: no zone \"Y\""},
        {"\"prohibit\"", "\"forbid\"",
         "rules[0].verb: \"forbid\" is not known; expected one of prohibit, limit"},
        {ACT, "\"activity\": \"dancing\"", "rules[0].activity: \"dancing\" is not known"},
        {ACT, "\"activity\": []", "rules[0].activity: empty"},
        {"[\"ship\"]", "[\"boat\"]", "agreement.json: rules[0].classes[0]: no class \"boat\""},
        {"[\"ship\"]", "[\"tug\"], \"exempt_classes\": [\"ship\"]",
         "rules[0]: \"exempt_classes\" leaves nobody"},
        {ACT, ACT ", \"sides\": []", "rules[0].sides: expected a list of party ids"},
        {ACT, ACT ", \"severity\": 5", "rules[0].severity: expected 1 (alarm)"},
        {ACT, ACT ", \"severity\": 1.5", "rules[0].severity: expected 1 (alarm)"},
        {ACT, ACT ", \"exemptions\": [\"e1\"]", "rules[0].exemptions[0]: no exemption \"e1\""},
        {ACT, ACT ", \"notice\": \"n1\"", "rules[0].notice: no notice \"n1\""},
        {ACT, ACT ", \"ladder\": \"air\"", "rules[0].ladder: no ladder \"air\""},
        {ACT, ACT ", \"when\": {\"of\": \"mood\", \"is\": \"<\", \"value\": 1}",
         "rules[0].when.of: \"mood\" is not known"},
        {ACT, ACT ", \"when\": {\"of\": \"persons\", \"is\": \"!\", \"value\": 1}",
         "rules[0].when.is"},
        {ACT, ACT ", \"when\": {\"of\": \"echelon\", \"is\": \">=\", \"value\": 3}",
         "when.value: expected one of squad"},
        {ACT, ACT ", \"when\": {\"of\": \"persons\", \"is\": \">=\", \"value\": \"brigade\"}",
         "when.value: expected a number, found text"},
        {ACT, ACT ", \"when\": {\"all\": []}", "rules[0].when.all: expected a list of thresholds"},
        {"\"id\": \"1\", \"title\"", "\"id\": \"1\", \"parent\": \"1\", \"title\"",
         "provisions[0]: provision \"1\" stands above itself"},
        {"\"id\": \"1\", \"title\"", "\"id\": \"1\", \"binds\": [\"X\"], \"title\"",
         "provisions[0].binds[0]: no party \"X\""},
    };
    REFUSE_ALL((struct fixture *)*state, rows);
}

static void carried_that_does_not_fit(void **state)
{
#define TZ "\"tz\": \"UTC\""
    static const struct refusal rows[] = {
        {TZ, "\"exemptions\": [{\"id\": \"e\", \"needs\": \"n\"}]",
         "exemptions[0].needs: no notice \"n\""},
        {TZ, "\"exemptions\": [{\"id\": \"e\", \"max_count\": -1}]",
         "exemptions[0].max_count: expected a number"},
        {TZ, "\"notices\": [{\"id\": \"n\", \"lead_h\": \"soon\"}]",
         "notices[0].lead_h: expected a number"},
        {TZ, "\"notices\": [{\"id\": \"n\", \"channels\": [\"west\"]}]",
         "notices[0].channels[0]: no channel"},
        {TZ, "\"ladders\": [{\"id\": \"l\", \"domain\": \"space\", \"steps\": []}]",
         "ladders[0].domain"},
        {TZ,
         "\"ladders\": [{\"id\": \"l\", \"steps\": [{\"id\": \"a\", \"name\": \"A\"}, {\"id\": "
         "\"a\", \"name\": \"B\"}]}]",
         "ladders[0].steps: a second step \"a\""},
        {TZ,
         "\"tasks\": [{\"id\": \"t\", \"provision\": \"1\", \"act\": \"dig\", \"count\": {\"X\": "
         "1}}]",
         "tasks[0].count.X: unknown key; expected one of N, S"},
        {TZ,
         "\"tasks\": [{\"id\": \"t\", \"provision\": \"1\", \"act\": \"dig\", \"after\": \"u\"}]",
         "tasks[0].after: no task"},
        {TZ,
         "\"tasks\": [{\"id\": \"t\", \"provision\": \"1\", \"act\": \"dig\", \"daily\": "
         "[\"10-12\"]}]",
         "tasks[0].daily[0]"},
        {TZ, "\"verifications\": [{\"id\": \"v\"}]", "verifications[0]: missing \"provision\""},
        {TZ, "\"channels\": [{\"id\": \"c\", \"checks\": [\"9:00\"]}]",
         "channels[0].checks[0]: expected a time of day"},
        {TZ, "\"channels\": [{\"id\": \"c\", \"call\": {\"X\": \"Hi\"}}]",
         "channels[0].call.X: unknown key"},
        {TZ, "\"bodies\": [{\"id\": \"b\", \"members\": [\"X\"]}]",
         "bodies[0].members[0]: no party or custodian"},
        {TZ, "\"bodies\": [{\"id\": \"b\", \"chair\": 1}]", "bodies[0].chair: unknown key"},
    };
    REFUSE_ALL((struct fixture *)*state, rows);
}

/* ---- values --------------------------------------------------------------------------------------- */

static void numbers_are_exact_decimals(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *length;
        int64_t mm;
    } rows[] = {{"\"km\": 38.1", 38100000},     {"\"km\": 38.10", 38100000},
                {"\"km\": 3.81e1", 38100000},   {"\"m\": 0.001", 1},
                {"\"nm\": 1", 1852000},         {"\"nm\": 0.001", 1852},
                {"\"m\": 2000000", 2000000000}, {"\"km\": 0.0000015", 2},
                {"\"km\": 0.0000025", 2}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        must_read(f, "\"km\": 5", rows[i].length);
        assert_int_equal(f->a->zones[0].geometry->buffer.widths[0].width_mm, rows[i].mm);
    }
    must_read(f, "11.5,", "11.50000000049,");
    assert_int_equal(f->a->lines[0].versions[0].lon_e9[0], 11500000000);
}

static void altitudes_become_centimetres(void **state)
{
    struct fixture *f = *state;
    must_read(f, ZONE,
              ZONE
              "\"altitude\": {\"floor\": {\"value\": 1000, \"unit\": \"ft\", \"ref\": \"AMSL\"},"
              " \"ceiling\": {\"value\": 245, \"unit\": \"FL\"}}, ");
    const struct zone *zone = &f->a->zones[0];
    assert_int_equal(zone->floor.ref, LIMIT_SEA_LEVEL);
    assert_int_equal(zone->floor.value_cm, 30480); /* 1,000 x 30.48 cm */
    assert_int_equal(zone->ceiling.ref, LIMIT_LEVEL);
    assert_int_equal(zone->ceiling.value_cm, 746760); /* 24,500 x 30.48 cm */
}

static void sides_of_a_zone(void **state)
{
    struct fixture *f = *state;
    must_read(f, "\"side\": \"both\"", "\"side\": \"left\"");
    assert_int_equal(f->a->zones[0].side, agreement_party(f->a, "N"));
    must_read(f, "\"side\": \"both\"", "\"side\": \"S\"");
    assert_int_equal(f->a->zones[0].geometry->buffer.hand, HAND_RIGHT);
    assert_int_equal(f->a->zones[0].side, agreement_party(f->a, "S"));
    must_read(f, ZONE, ZONE "\"side\": \"N\", ");
    assert_int_equal(f->a->zones[0].side, agreement_party(f->a, "N"));
}

static void all_forms_are_read(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *text;
        enum expression_kind kind;
    } rows[] = {
        {"{\"polygon\": {\"coordinates\": [[[0, 0], [1, 0], [1, 1], [0, 0]]], \"edges\": "
         "\"lonlat\"}}",
         EXPR_POLYGON},
        {"{\"polygon\": {\"coordinates\": [[0, 0], [1, 0], [1, 1], [0, 0]]}}", EXPR_POLYGON},
        {"{\"polygon\": {\"coordinates\": [[[[0, 0], [1, 0], [1, 1], [0, 0]]]]}}", EXPR_POLYGON},
        {"{\"circle\": {\"center\": [126.9774, 37.5358], \"nm\": 2}}", EXPR_CIRCLE},
        {"{\"corridor\": {\"line\": \"L\", \"halfwidth\": {\"nm\": 1}}}", EXPR_CORRIDOR},
        {"{\"corridor\": {\"axis\": [[125, 37], [126, 37.5]], \"halfwidth\": {\"nm\": 1}, \"cap\": "
         "\"flat\"}}",
         EXPR_CORRIDOR},
        {"{\"latband\": {\"s\": 37, \"n\": 38}}", EXPR_LATBAND},
        {"{\"latband\": {\"s\": 37, \"n\": 38, \"w\": 179, \"e\": -179}}", EXPR_LATBAND},
        {"{\"union\": [" BUFFER ", " BUFFER "]}", EXPR_UNION},
        {"{\"inter\": [" BUFFER ", " BUFFER "]}", EXPR_INTER},
        {"{\"minus\": [" BUFFER ", " BUFFER ", " BUFFER "], \"note\": \"as shown\"}", EXPR_MINUS},
        {"{\"around\": {\"classes\": [\"warship\"], \"m\": 500}}", EXPR_AROUND},
        {"{\"unresolved\": {\"text\": {\"en\": \"left to the committee\"}}}", EXPR_UNRESOLVED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        must_read(f, BUFFER, rows[i].text);
        assert_int_equal(f->a->zones[0].geometry->kind, rows[i].kind);
    }
    assert_int_equal(f->a->zones[0].status, ZONE_UNRESOLVED);
}

static void polygons_drop_the_closing_point(void **state)
{
    struct fixture *f = *state;
    must_read(f, BUFFER,
              "{\"polygon\": {\"coordinates\": [[[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]],"
              " [[1, 1], [2, 1], [2, 2], [1, 1]]]}}");
    const struct expression *e = f->a->zones[0].geometry;
    assert_int_equal(e->polygon.ring_count, 2);
    assert_int_equal(e->polygon.ring_start[1], 4);
    assert_int_equal(e->polygon.ring_start[2], 7);
    assert_int_equal(e->polygon.lon_e9[6], 2000000000);
    assert_int_equal(e->polygon.edges, EDGE_GEODESIC);
}

/* geod -I +ellps=WGS84 -F %.3f: "57.65 11.5 57.9 11.68" gives 29832.385 m, "57.9 11.68 58.12 11.8"
 * gives 25509.346 m. */
#define EDGE_1_MM 29832385
#define LINE_MM   55341731

static void stations_lie_on_the_line(void **state)
{
    struct fixture *f = *state;
    must_read(
        f, "\"edges\": \"geodesic\"",
        "\"stations\": [{\"id\": \"0001\", \"km\": 0}, {\"id\": \"bend\", \"at\": [11.68, 57.9]},"
        " {\"id\": \"end\", \"km\": 55.35, \"precision_m\": 50}]");
    const struct line *line = &f->a->lines[0];
    assert_int_equal(line->station_count, 3);
    assert_int_equal(line->stations[0].chainage_mm, 0);
    assert_in_range(line->stations[1].chainage_mm, EDGE_1_MM - 5, EDGE_1_MM + 5);
    assert_in_range(line->stations[2].chainage_mm, LINE_MM - 5, LINE_MM + 5);
    assert_int_equal(line->stations[2].precision_m, 50);
    assert_int_equal(line->stations[0].precision_m, -1);
}

static void stations_off_the_line(void **state)
{
#define EDGES "\"edges\": \"geodesic\""
    static const struct refusal rows[] = {
        {EDGES, "\"stations\": [{\"id\": \"a\", \"km\": 56}]",
         "agreement.json: lines[0].stations[0]: station \"a\" is off the line, which is 55.342 km "
         "long"},
        {EDGES, "\"stations\": [{\"id\": \"a\", \"km\": -1}]",
         "stations[0].km: too short; expected 0 or more"},
        {EDGES, "\"stations\": [{\"id\": \"a\", \"at\": [12, 57.9]}]",
         "lines[0].stations[0].at: station \"a\" lies "},
        {EDGES, "\"stations\": [{\"id\": \"a\", \"at\": [11.681, 57.9], \"tolerance_m\": 10}]",
         "expected at most 10 m"},
        {EDGES, "\"stations\": [{\"id\": \"a\"}]", "stations[0]: expected a chainage"},
        {EDGES, "\"stations\": [{\"id\": \"a\", \"km\": 1, \"at\": [11.5, 57.65]}]",
         "stations[0]: expected a chainage"},
        {EDGES, "\"stations\": [{\"id\": \"a\", \"km\": 1}, {\"id\": \"a\", \"km\": 2}]",
         "a second station \"a\""},
    };
    REFUSE_ALL((struct fixture *)*state, rows);
}

/* A line with stations at 10 and 20 km, and its buffer in parts. */
static void change_parts(struct fixture *f, const char *by)
{
    char text[1024];
    change(f, EDGES, "\"stations\": [{\"id\": \"a\", \"km\": 10}, {\"id\": \"b\", \"km\": 20}]");
    char *at = strstr(f->text, "\"km\": 5,");
    assert_non_null(at);
    snprintf(text, sizeof text, "\"by\": %s,%s", by, at + strlen("\"km\": 5,"));
    strcpy(at, text);
}

static void parts_that_do_not_cover(void **state)
{
    struct fixture *f = *state;
    static const struct refusal rows[] = {
        {NULL, "[{\"to\": \"a\", \"km\": 1}, {\"from\": \"b\", \"km\": 2}]",
         "zones[0].geometry.buffer.by: a gap from km 10.000 to km 20.000"},
        {NULL, "[{\"to\": \"b\", \"km\": 1}, {\"from\": \"a\", \"km\": 2}]",
         "zones[0].geometry.buffer.by: parts overlap from km 10.000 to km 20.000"},
        {NULL, "[{\"to\": \"b\", \"km\": 1}]", "by: a gap from km 20.000 to km 55.342"},
        {NULL, "[]", "by: a gap from km 0.000 to km 55.342"},
        {NULL, "[{\"from\": \"b\", \"to\": \"a\", \"km\": 1}]",
         "by[0]: \"from\" does not come before"},
        {NULL, "[{\"from\": \"c\", \"km\": 1}]",
         "by[0].from: expected the id of a station of line \"L\""},
        {NULL, "[{\"to\": \"a\"}]", "by[0]: missing length"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        change_parts(f, rows[i].to);
        assert_int_equal(read_bytes(f, bytes_of(f->text)), ERR_FAIL);
        if (!strstr(f->err.text, rows[i].said))
            fail_msg("\"%s\" does not say \"%s\"", f->err.text, rows[i].said);
    }
}

static void parts_stand_in_the_order_of_the_line(void **state)
{
    struct fixture *f = *state;
    change_parts(f, "[{\"from\": \"b\", \"km\": 40}, {\"to\": \"a\", \"km\": 20},"
                    " {\"from\": \"a\", \"to\": \"b\", \"nm\": 10}]");
    if (read_bytes(f, bytes_of(f->text)))
        fail_msg("%s", f->err.text);
    const struct expression *e = f->a->zones[0].geometry;
    static const int64_t from_mm[] = {0, 10000000, 20000000};
    static const int64_t width_mm[] = {20000000, 18520000, 40000000};
    assert_int_equal(e->buffer.width_count, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(e->buffer.widths[i].from_mm, from_mm[i]);
        assert_int_equal(e->buffer.widths[i].width_mm, width_mm[i]);
    }
    assert_in_range(e->buffer.widths[2].to_mm, LINE_MM - 5, LINE_MM + 5);
}

/* geod -I between the ends: the way from the last vertex to the first arrives at 18.6499656 - 180
 * degrees, the way from the first to the last at -161.0959373 + 180. */
static void lines_go_on_past_their_ends(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(read_bytes(f, bytes_of(smallest)), 0);
    assert_in_range(-f->a->lines[0].extend_e7[0], 1613500343, 1613500345);
    assert_in_range(f->a->lines[0].extend_e7[1], 189040626, 189040628);
    must_read(f, EDGES, "\"extend_deg\": [270, 90.5]");
    assert_int_equal(f->a->lines[0].extend_e7[0], -900000000);
    assert_int_equal(f->a->lines[0].extend_e7[1], 905000000);
}

/* ---- geometry files -------------------------------------------------------------------------------- */

static void set_file(struct fixture *f, const char *text)
{
    f->file = (struct agreement_file){"geometry.geojson", bytes_of(text)};
    f->file_count = 1;
}

#define FEATURES                                                                                   \
    "{\"type\": \"FeatureCollection\", \"features\": ["                                            \
    "{\"type\": \"Feature\", \"id\": \"sq\", \"properties\": null, \"geometry\": {\"type\": "      \
    "\"Polygon\", \"coordinates\": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}},"                          \
    "{\"type\": \"Feature\", \"properties\": {\"id\": \"ln\"}, \"geometry\": {\"type\": "          \
    "\"LineString\", \"coordinates\": [[11.5, 57.65, 0], [11.8, 58.12, 0]]}},"                     \
    "{\"type\": \"Feature\", \"id\": \"bad\", \"geometry\": {\"type\": "                           \
    "\"Polygon\", \"coordinates\": [[[0, 0], [1, 95], [1, 1], [0, 0]]]}}]}"

static void places_in_files(void **state)
{
    struct fixture *f = *state;
    set_file(f, FEATURES);
    must_read(f, BUFFER, "{\"polygon\": {\"file\": \"geometry.geojson#sq\"}}");
    assert_int_equal(f->a->zones[0].geometry->polygon.ring_start[1], 3);
    must_read(f, "\"coordinates\": [[11.5, 57.65], [11.68, 57.9], [11.8, 58.12]]",
              "\"file\": \"geometry.geojson#ln\"");
    assert_int_equal(f->a->lines[0].versions[0].count, 2);
    must_refuse(f, BUFFER, "{\"polygon\": {\"file\": \"geometry.geojson#bad\"}}",
                "geometry.geojson: features[2].geometry.coordinates[0][1][1]: 95 is outside");
    must_refuse(f, BUFFER, "{\"polygon\": {\"file\": \"geometry.geojson#ln\"}}",
                "zones[0].geometry.polygon.file: that feature is not a MultiPolygon");
    must_refuse(f, BUFFER, "{\"polygon\": {\"file\": \"geometry.geojson#none\"}}",
                "0 features of geometry.geojson have the id \"none\"");
}

static void files_that_are_not_geojson(void **state)
{
    struct fixture *f = *state;
    set_file(f, "{\"type\": \"Topology\"}");
    must_refuse(f, "Tiny", "Tiny", "geometry.geojson: expected a GeoJSON FeatureCollection");
    set_file(f, "{\"type\": \"FeatureCollection\", \"features\": [7]}");
    must_refuse(f, "Tiny", "Tiny", "geometry.geojson: features[0]: expected a GeoJSON Feature");
    set_file(f, "{");
    must_refuse(f, "Tiny", "Tiny", "geometry.geojson: ");
}

static void files_named_in_the_text(void **state)
{
    struct fixture *f = *state;
    const char *const *names;
    size_t count;
    change(f, BUFFER,
           "{\"union\": [{\"polygon\": {\"file\": \"b.geojson#1\"}}, {\"polygon\": {\"file\": "
           "\"sub/a.geojson#1\"}}, {\"polygon\": {\"file\": \"b.geojson#2\"}}]}");
    assert_int_equal(agreement_files(bytes_of(f->text), &f->arena, &names, &count, &f->err), 0);
    assert_int_equal(count, 2);
    assert_string_equal(names[0], "b.geojson");
    assert_string_equal(names[1], "sub/a.geojson");
    change(f, BUFFER, "{\"polygon\": {\"file\": \"../b.geojson#1\"}}");
    assert_int_equal(agreement_files(bytes_of(f->text), &f->arena, &names, &count, &f->err), 0);
    assert_int_equal(count, 0);
    assert_int_equal(agreement_files(bytes_of("[]"), &f->arena, &names, &count, &f->err), ERR_FAIL);
}

/* ---- parties, rules, periods --------------------------------------------------------------------------- */

static void rules_keep_what_they_say(void **state)
{
    struct fixture *f = *state;
    must_read(
        f,
        "\"rules\": [{\"id\": \"R\", \"provision\": \"1\", \"zone\": \"Z\", \"verb\": "
        "\"prohibit\", "
        "\"activity\": \"presence\", \"classes\": [\"ship\"]}]",
        "\"exemptions\": [{\"id\": \"e1\", \"needs\": null}, {\"id\": \"e2\"}],"
        "\"ladders\": [{\"id\": \"sea\", \"domain\": \"sea\", \"steps\": []}],"
        "\"rules\": [{\"id\": \"R\", \"provision\": \"1\", \"zone\": [\"Z\"], \"verb\": \"permit\","
        " \"activity\": [\"fishing\", \"navigation\"], \"classes\": [\"ship\"],"
        " \"exempt_classes\": [\"naval\"], \"sides\": [\"S\"], \"ladder\": \"sea\","
        " \"exemptions\": [\"e1\", \"e2\"], \"severity\": 1, \"from\": \"2018-11-01\"},"
        " {\"id\": \"Q\", \"provision\": \"1\", \"verb\": \"limit\", \"activity\": \"presence\","
        " \"when\": {\"any\": [{\"of\": \"persons\", \"is\": \">\", \"value\": 35},"
        " {\"of\": \"echelon\", \"is\": \">=\", \"value\": \"regiment\"}]}}]");
    const struct rule *rule = &f->a->rules[0];
    assert_int_equal(rule->verb, VERB_PERMIT);
    assert_string_equal(rule->activity, "fishing navigation");
    assert_int_equal(rule->observed, ACTIVITY_BY_POSITION);
    assert_int_equal(rule->classes,
                     platform_leaves(PLATFORM_SHIP) & ~platform_leaves(PLATFORM_NAVAL));
    assert_int_equal(rule->sides, 1 << agreement_party(f->a, "S"));
    assert_false(rule->binds_others);
    assert_string_equal(rule->exemptions, "e1 e2");
    assert_string_equal(rule->ladder, "sea");
    assert_int_equal(rule->from_us,
                     INT64_C(1541030400) * TIME_SECOND); /* date -u -d 2018-11-01 +%s */
    assert_int_equal(f->a->rules[1].observed, ACTIVITY_BY_OBSERVATION);
}

static void letters_are_unique(void **state)
{
    struct fixture *f = *state;
    must_read(f, "\"parties\": [",
              "\"parties\": [{\"id\": \"nN1\"}, {\"id\": \"north\"},"
              " {\"id\": \"7\"}, {\"id\": \"x\", \"letter\": \"S\"}, ");
    const char letters[] = "NOASBC"; /* S and N stand already: one is given, one chosen before */
    for (size_t i = 0; i < f->a->party_count; i++)
        assert_int_equal(f->a->parties[i].letter, letters[i]);
}

static void flags_tell_the_side(void **state)
{
    struct fixture *f = *state;
    must_read(f, "\"name\": {\"en\": \"South\"}", "\"flags\": [\"KR\", \"US\"]");
    assert_string_equal(f->a->parties[1].name.en, "S");
    assert_int_equal(agreement_side_of_flag(f->a, 'K' << 8 | 'R'), 1);
    assert_int_equal(agreement_side_of_flag(f->a, 'U' << 8 | 'S'), 1);
    assert_int_equal(agreement_side_of_flag(f->a, 'K' << 8 | 'P'), AGREEMENT_NONE);
    assert_int_equal(agreement_side_of_flag(f->a, 0), AGREEMENT_NONE);
}

static int64_t at(const char *text)
{
    int64_t time_us;
    bool date_only;
    assert_true(time_read(bytes_of(text), 9 * TIME_HOUR, &time_us, &date_only));
    return time_us;
}

static void check_active(struct fixture *f, const char *time, bool active, const char *next)
{
    int64_t next_us = 0;
    assert_int_equal(zone_active(f->a, &f->a->zones[0], at(time), &next_us), active);
    assert_int_equal(next_us, next ? at(next) : TIME_UNKNOWN);
}

/* The estuary's hours of the 2018 agreement: April to September 07-19, else 08-18, in its own time. */
static void zones_keep_hours(void **state)
{
    struct fixture *f = *state;
    change(f, "\"tz\": \"UTC\"", "\"tz\": \"Asia/Seoul\"");
    char *zone = strstr(f->text, ZONE), rest[4096];
    strcpy(rest, zone + strlen(ZONE));
    sprintf(zone,
            ZONE "\"daily\": [{\"months\": \"4-9\", \"hours\": \"07:00-19:00\"},"
                 " {\"months\": \"10-3\", \"hours\": \"08:00-18:00\"}],"
                 " \"from\": \"2019-03-31\", \"to\": \"2019-10-01\", %s",
            rest);
    if (read_bytes(f, bytes_of(f->text)))
        fail_msg("%s", f->err.text);
    check_active(f, "2019-03-30T12:00", false, "2019-03-31T08:00");
    check_active(f, "2019-03-31T07:59:59", false, "2019-03-31T08:00");
    check_active(f, "2019-03-31T08:00", true, "2019-03-31T18:00");
    check_active(f, "2019-03-31T18:00", false, "2019-04-01T07:00");
    check_active(f, "2019-04-01T07:00", true, "2019-04-01T19:00");
    check_active(f, "2019-09-30T19:00", false, "2019-10-01T08:00");
    check_active(f, "2019-10-01T17:00", true, "2019-10-01T18:00");
    check_active(f, "2019-10-01T18:00", false, NULL);
    check_active(f, "2019-10-02T12:00", false, NULL);
}

static void zones_have_periods(void **state)
{
    struct fixture *f = *state;
    must_read(f, ZONE,
              ZONE "\"from\": \"2018-11-01T00:00+09:00\", \"to\": \"2018-11-30T00:00+09:00\", ");
    check_active(f, "2018-10-31T23:59", false, "2018-11-01T00:00");
    check_active(f, "2018-11-01T00:00", true, "2018-11-30T00:00");
    check_active(f, "2018-11-30T00:00", false, NULL);
    assert_int_equal(read_bytes(f, bytes_of(smallest)), 0);
    check_active(f, "2018-11-30T00:00", true, NULL);
    must_read(f, ZONE, ZONE "\"daily\": [{\"months\": \"7\", \"hours\": \"00:00-24:00\"}], ");
    check_active(f, "2019-06-30T12:00Z", false, "2019-07-01T00:00Z");
    check_active(f, "2019-07-01T00:00Z", true, "2019-08-01T00:00Z");
}

static void memory_has_a_limit(void **state)
{
    struct fixture *f = *state;
    for (size_t limit = 256; limit < 8192; limit += 256) {
        struct arena small;
        arena_init(&small, limit, malloc, free);
        if (agreement_read(bytes_of(smallest), NULL, 0, &small, &f->a, &f->err)) {
            assert_int_equal(f->err.code, EXIT_DATA);
            assert_null(strchr(f->err.text, '\n'));
        }
        arena_release(&small);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(smallest_is_accepted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(smallest_has_the_defaults, set_up, tear_down),
        cmocka_unit_test_setup_teardown(text_that_is_not_the_format, set_up, tear_down),
        cmocka_unit_test_setup_teardown(text_that_is_cut_short, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parties_that_do_not_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_that_do_not_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(versions_that_overlap, set_up, tear_down),
        cmocka_unit_test_setup_teardown(zones_that_do_not_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(geometries_that_do_not_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(zones_in_a_circle, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nesting_has_a_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(zones_have_a_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(altitudes_and_hours_that_do_not_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rules_that_do_not_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(carried_that_does_not_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numbers_are_exact_decimals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(altitudes_become_centimetres, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sides_of_a_zone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_forms_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(polygons_drop_the_closing_point, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stations_lie_on_the_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stations_off_the_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parts_that_do_not_cover, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parts_stand_in_the_order_of_the_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_go_on_past_their_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(places_in_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_that_are_not_geojson, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_named_in_the_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rules_keep_what_they_say, set_up, tear_down),
        cmocka_unit_test_setup_teardown(letters_are_unique, set_up, tear_down),
        cmocka_unit_test_setup_teardown(flags_tell_the_side, set_up, tear_down),
        cmocka_unit_test_setup_teardown(zones_keep_hours, set_up, tear_down),
        cmocka_unit_test_setup_teardown(zones_have_periods, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_has_a_limit, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
