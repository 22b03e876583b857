#include "agreement/export.h"

/* OpenAir 2.1 in UTF-8: an area for each polygon of a zone. What the format cannot say stands in
 * comments. */

#define MM_PER_NM 1852000 /* international nautical mile, 1,852 m (BIPM, SI brochure) */
#define LEVEL_CM  3048    /* a flight level is 100 ft */
#define E9        INT64_C(1000000000)

/* Degrees, minutes and seconds with six decimals: 1e-9 degree is 3.6 of the last one. */
static void angle(struct buf *out, int64_t value_e9, int width, char plus, char minus)
{
    int64_t size = value_e9 < 0 ? -value_e9 : value_e9;
    int64_t micro = (size * 3600 + 500) / 1000;
    long long degrees = micro / (3600 * INT64_C(1000000));
    int minutes = (int)(micro / (60 * INT64_C(1000000)) % 60);
    int64_t seconds = micro % (60 * INT64_C(1000000));
    buf_format(out, "%0*lld:%02d:%s", width, degrees, minutes,
               seconds < 10 * INT64_C(1000000) ? "0" : "");
    buf_decimal(out, seconds, 6);
    buf_format(out, " %c", value_e9 < 0 ? minus : plus);
}

static void point(struct buf *out, int64_t lon_e9, int64_t lat_e9)
{
    angle(out, lat_e9, 2, 'N', 'S');
    buf_char(out, ' ');
    angle(out, lon_e9, 3, 'E', 'W');
    buf_char(out, '\n');
}

static void vertex(struct export *s, int64_t lon_e9, int64_t lat_e9, bool first)
{
    struct buf *buf = export_item(s);
    (void)first;
    buf_text(buf, "DP ");
    point(buf, lon_e9, lat_e9);
}

/* One line: '*' would begin a comment, a line feed another record. */
static void line_text(struct export *s, const char *text)
{
    for (; text && *text; text++)
        buf_char(export_item(s), (uint8_t)*text < ' ' ? ' ' : *text == '*' ? '+' : *text);
}

static const char *one_of(struct words words, const char *otherwise)
{
    return words.en ? words.en : words.ko ? words.ko : otherwise;
}

static int head(struct export *s, const struct compiled *c, struct arena *arena)
{
    (void)arena;
    export_text(s, "* ");
    export_text(s, c->agreement->simulated ? "SIMULATED: " : "");
    line_text(s, one_of(c->agreement->title, c->agreement->id));
    export_text(s, "\n* agreement digest ");
    digest_write(export_item(s), c->digest);
    export_text(s, "\n* edges are straight in longitude and latitude\n");
    return 0;
}

/* ---- the records before the edges ------------------------------------------------------------------- */

static const char *airspace_class(const struct agreement *a, uint16_t zone)
{
    enum verb verb;
    if (!export_verb(a, zone, &verb))
        return "UNC";
    return verb == VERB_PROHIBIT ? "P" : "R";
}

static void height(struct export *s, struct alt_limit limit)
{
    struct buf *buf = export_item(s);
    switch (limit.ref) {
    case LIMIT_SURFACE:
        buf_text(buf, "GND");
        return;
    case LIMIT_UNLIMITED:
        buf_text(buf, "UNL");
        return;
    case LIMIT_LEVEL:
        if (limit.value_cm % LEVEL_CM == 0)
            buf_format(buf, "FL%lld", (long long)(limit.value_cm / LEVEL_CM));
        else
            buf_decimal(buf, limit.value_cm, 2);
        buf_text(buf, limit.value_cm % LEVEL_CM == 0 ? "" : "m STD");
        return;
    case LIMIT_ELLIPSOID:
    case LIMIT_SEA_LEVEL:
    case LIMIT_GROUND:
        break;
    }
    buf_decimal(buf, limit.value_cm, 2);
    buf_text(buf, limit.ref == LIMIT_GROUND ? "m AGL" : "m AMSL");
}

static void limit_record(struct export *s, const char *key, struct alt_limit limit,
                         enum alt_limit_ref otherwise)
{
    if (limit.ref == LIMIT_ELLIPSOID) {
        export_text(s, "* not said by the next record: ");
        alt_limit_write(export_item(s), limit);
        export_text(s, "\n");
        limit.ref = otherwise;
    }
    export_text(s, key);
    height(s, limit);
    export_text(s, "\n");
}

static void time_side(struct export *s, int64_t time_us)
{
    if (time_us == TIME_UNKNOWN)
        export_text(s, "NONE");
    else
        time_write(export_item(s), time_us);
}

static void active(struct export *s, const struct zone *zone)
{
    if (zone->from_us == TIME_UNKNOWN && zone->to_us == TIME_UNKNOWN)
        return;
    export_text(s, "AA ");
    time_side(s, zone->from_us);
    export_text(s, "/");
    time_side(s, zone->to_us);
    export_text(s, "\n");
}

static void hours(struct export *s, const struct agreement *a, const struct zone *zone)
{
    char memory[DAILY_TEXT * DAILY_MAX];
    struct buf list;
    buf_init(&list, memory, sizeof memory);
    daily_write(&list, zone->daily, zone->daily_count);
    export_text(s, "* ");
    export_bytes(s, list.p, list.n);
    export_text(s, " in ");
    line_text(s, a->tz);
    export_text(s, "\n");
}

static void comments(struct export *s, const struct agreement *a, const struct zone *zone)
{
    export_text(s, "* status ");
    export_text(s, zone_status_name(zone->status));
    if (zone->side != AGREEMENT_NONE) {
        export_text(s, ", side ");
        export_text(s, a->parties[zone->side].id);
    }
    if (*zone->classes_text) {
        export_text(s, ", classes ");
        line_text(s, zone->classes_text);
    }
    export_text(s, "\n");
    if (zone->daily_count)
        hours(s, a, zone);
}

/* "NAME (2/3)" for the second of three areas. */
static void records(struct export *s, const struct agreement *a, uint16_t i, size_t part,
                    size_t parts)
{
    const struct zone *zone = &a->zones[i];
    export_text(s, "\nAC ");
    export_text(s, airspace_class(a, i));
    export_text(s, "\nAN ");
    line_text(s, one_of(zone->name, zone->id));
    if (parts > 1)
        buf_format(export_item(s), " (%zu/%zu)", part, parts);
    export_text(s, "\nAI ");
    export_text(s, zone->id);
    if (parts > 1)
        buf_format(export_item(s), ".%zu", part);
    export_text(s, "\n");
    limit_record(s, "AL ", zone->floor, LIMIT_SURFACE);
    limit_record(s, "AH ", zone->ceiling, LIMIT_UNLIMITED);
    active(s, zone);
    comments(s, a, zone);
}

/* ---- edges ---------------------------------------------------------------------------------------------- */

static void circle(struct export *s, const struct expression *e)
{
    struct buf *buf = export_item(s);
    int64_t miles_e9 = e->circle.radius_mm / MM_PER_NM * E9 +
                       (e->circle.radius_mm % MM_PER_NM * E9 + MM_PER_NM / 2) / MM_PER_NM;
    buf_text(buf, "V X=");
    point(buf, e->circle.lon_e9, e->circle.lat_e9);
    buf_text(buf, "DC ");
    buf_decimal(buf, miles_e9, 9);
    buf_char(buf, '\n');
}

static size_t shells(const struct polygons *parts, size_t count)
{
    size_t n = 0;
    for (size_t k = 0; k < count; k++)
        n += parts[k].region.ring_count;
    return n;
}

static int polygons(struct export *s, const struct agreement *a, uint16_t i,
                    const struct polygons *halves, size_t half_count, struct arena *arena)
{
    struct writer w = {.to = s, .vertex = vertex, .great_circles = true};
    struct polygons *parts[2] = {NULL, NULL};
    size_t counts[2] = {0, 0}, n = 0, all = 0;
    for (size_t h = 0; h < half_count; h++) {
        if (export_without_holes(&halves[h].region, arena, &parts[h], &counts[h], s->err))
            return ERR_FAIL;
        all += shells(parts[h], counts[h]);
    }
    for (size_t h = 0; h < half_count; h++)
        for (size_t k = 0; k < counts[h]; k++)
            for (uint32_t ring = 0; ring < parts[h][k].region.ring_count; ring++) {
                records(s, a, i, ++n, all);
                export_ring(&w, &parts[h][k].region, ring, export_shift_e7(&parts[h][k].region));
            }
    return 0;
}

static int feature(struct export *s, const struct compiled *c, uint16_t i,
                   const struct polygons *parts, size_t count, struct arena *arena)
{
    const struct agreement *a = c->agreement;
    const struct expression *e = a->zones[i].geometry;
    if (!count) {
        export_text(s, "\n* without area: ");
        export_text(s, a->zones[i].id);
        export_text(s, "\n");
        return 0;
    }
    if (!e || e->kind != EXPR_CIRCLE)
        return polygons(s, a, i, parts, count, arena);
    records(s, a, i, 1, 1);
    circle(s, e);
    return 0;
}

static int tail(struct export *s, const struct compiled *c, struct arena *arena)
{
    (void)s;
    (void)c;
    (void)arena;
    return 0;
}

const struct format format_openair = {head, feature, tail};
