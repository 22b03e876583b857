#include "agreement/zonefile_parts.h"

#include <sodium/crypto_hash_sha256.h>
#include <string.h>

/* From bytes to a zone file: which format, its reader, and what the whole must be. */

static const char *const names[] = {
    [ZONE_FILE_GEOJSON] = "geojson", [ZONE_FILE_KML] = "kml",     [ZONE_FILE_OPENAIR] = "openair",
    [ZONE_FILE_ED269] = "ed269",     [ZONE_FILE_ED318] = "ed318",
};

const char *zone_file_format_name(enum zone_file_format format)
{
    return format < ZONE_FILE_GUESS ? names[format] : "unknown";
}

bool zone_file_format_find(const char *name, enum zone_file_format *ret_format)
{
    for (size_t i = 0; i < ZONE_FILE_GUESS; i++)
        if (strcmp(names[i], name) == 0) {
            *ret_format = (enum zone_file_format)i;
            return true;
        }
    return false;
}

/* ---- which format ------------------------------------------------------------------------------- */

static struct json first_of(struct json array)
{
    struct json_iter it = json_iter(array);
    return array.type == JSON_ARRAY && json_next(&it) ? it.value
                                                      : (struct json){NULL, NULL, JSON_NONE};
}

/* ED-318 says its variant in every feature's properties, ED-269 has no GeoJSON features. */
static enum zone_file_format json_format(struct json top)
{
    struct json feature = first_of(json_get(top, "features"));
    if (json_get(top, "UASZoneList").type == JSON_ARRAY ||
        json_get(feature, "geometry").type == JSON_ARRAY)
        return ZONE_FILE_ED269;
    if (top.type == JSON_OBJECT && json_is(json_get(top, "type"), "Feature"))
        feature = top;
    struct json properties = json_get(feature, "properties");
    return json_get(properties, "variant").type == JSON_STRING &&
                   json_get(properties, "zoneAuthority").type == JSON_ARRAY
               ? ZONE_FILE_ED318
               : ZONE_FILE_GEOJSON;
}

static bool begins_line(struct bytes text, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= text.n; i++)
        if ((i == 0 || text.p[i - 1] == '\n' || text.p[i - 1] == '\r') &&
            memcmp(text.p + i, word, n) == 0)
            return true;
    return false;
}

static uint8_t first_byte(struct bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] > ' ')
            return text.p[i];
    return 0;
}

static struct bytes without_mark(struct bytes text)
{
    if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
        return (struct bytes){text.p + 3, text.n - 3};
    return text;
}

/* ---- reading -------------------------------------------------------------------------------------- */

static int read_json(struct sketch *s, struct bytes text, enum zone_file_format *format)
{
    struct json top;
    if (json_open(text, &top, s->err))
        return ERR_FAIL;
    if (*format == ZONE_FILE_GUESS)
        *format = json_format(top);
    if (*format == ZONE_FILE_ED269)
        return import_ed269(s, top);
    return *format == ZONE_FILE_ED318 ? import_ed318(s, top) : import_geojson(s, top);
}

static int read_any(struct sketch *s, struct bytes text, enum zone_file_format *format)
{
    if (*format == ZONE_FILE_GUESS && first_byte(text) == '<')
        *format = ZONE_FILE_KML;
    if (*format == ZONE_FILE_GUESS && first_byte(text) != '{' && begins_line(text, "AC "))
        *format = ZONE_FILE_OPENAIR;
    if (*format == ZONE_FILE_KML)
        return import_kml(s, text);
    if (*format == ZONE_FILE_OPENAIR)
        return import_openair(s, text);
    if (*format == ZONE_FILE_GUESS && first_byte(text) != '{')
        return sketch_fail(s, "no zone file that is known; say which with --format");
    return read_json(s, text, format);
}

/* A file of which nothing is left is not an import. */
static int whole_check(struct sketch *s)
{
    if (s->count > AGREEMENT_ZONES_MAX)
        return sketch_fail(s, "%u zones; at most %d: take a part with --box W,S,E,N", s->count,
                           AGREEMENT_ZONES_MAX);
    if (s->count)
        return 0;
    if (s->exchanged)
        return sketch_fail(s,
                           "no area in the box, but %u with longitude and latitude exchanged; "
                           "correct the order of the axes",
                           s->exchanged);
    if (s->outside)
        return sketch_fail(s, "no area in the box, %u outside", s->outside);
    return sketch_fail(s, "no area%s", s->refused_count ? " that is right" : "");
}

static int file_make(const struct sketch *s, struct bytes text, enum zone_file_format format,
                     const struct zone_file **ret_file)
{
    struct zone_file *file = ARENA_ARRAY(s->arena, struct zone_file, 1);
    if (!file)
        return sketch_fail(s, "the memory limit is reached");
    *file = (struct zone_file){.format = format,
                               .name = s->request->name,
                               .tz = s->tz,
                               .count = s->count,
                               .zones = s->zones,
                               .left_count = s->left_count,
                               .left = s->left,
                               .refused_count = s->refused_count,
                               .refused = s->refused,
                               .outside = s->outside};
    crypto_hash_sha256(file->digest, text.p, text.n);
    *ret_file = file;
    return 0;
}

int zone_file_read(struct bytes text, const struct zone_file_request *request, struct arena *arena,
                   const struct zone_file **ret_file, struct err *err)
{
    struct sketch *s = ARENA_ARRAY(arena, struct sketch, 1);
    enum zone_file_format format = request->format;
    if (text.n > ZONE_FILE_BYTES_MAX)
        return err_set(err, EXIT_DATA, "%s: %zu bytes; at most %d MiB", request->name, text.n,
                       ZONE_FILE_BYTES_MAX >> 20);
    if (s) {
        s->zones = ARENA_ARRAY(arena, struct drawn_zone, AGREEMENT_ZONES_MAX);
        s->left = ARENA_ARRAY(arena, struct remark, ZONE_FILE_REMARKS_MAX);
        s->refused = ARENA_ARRAY(arena, struct remark, ZONE_FILE_REMARKS_MAX);
    }
    if (!s || !s->zones || !s->left || !s->refused)
        return err_set(err, EXIT_DATA, "%s: the memory limit is reached", request->name);
    s->arena = arena;
    s->tz = "UTC";
    s->err = err;
    s->request = request;
    if (read_any(s, without_mark(text), &format) || whole_check(s) ||
        file_make(s, text, format, ret_file))
        return err_prefix(err, "%s", request->name);
    return 0;
}
