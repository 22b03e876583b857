#include "agreement/reader.h"

#include <string.h>

/* Coordinates: points, courses, and the GeoJSON files (RFC 7946) beside the agreement. */

#define DEGREE_SCALE    9 /* decimals kept: 1e-9 degree is 0.1 mm */
#define DEGREE_E9       INT64_C(1000000000)
#define FEATURES_MAX    65536
#define REFERENCE_BYTES 320

int degrees_read(struct reader *r, struct json number, int64_t limit_deg, int64_t *ret_e9)
{
    if (number.type != JSON_NUMBER)
        return reader_expected(r, number, "a number of degrees");
    if (!json_scaled(number, DEGREE_SCALE, ret_e9, NULL) || *ret_e9 > limit_deg * DEGREE_E9 ||
        *ret_e9 < -limit_deg * DEGREE_E9)
        return reader_fail(r, number, "%.*s is outside -%d to %d degrees%s",
                           (int)(number.end - number.p > 24 ? 24 : number.end - number.p),
                           (const char *)number.p, (int)limit_deg, (int)limit_deg,
                           limit_deg == 90 ? "; a point is [longitude, latitude]" : "");
    return 0;
}

int point_read(struct reader *r, struct json point, int64_t *ret_lon_e9, int64_t *ret_lat_e9)
{
    int64_t *const into[] = {ret_lon_e9, ret_lat_e9};
    static const int64_t limit_deg[] = {180, 90};
    if (point.type != JSON_ARRAY)
        return reader_expected(r, point, "a point [longitude, latitude]");
    struct json_iter it = json_iter(point);
    for (size_t i = 0; i < 2; i++)
        if (!json_next(&it))
            return reader_fail(r, point, "%zu numbers; expected [longitude, latitude]", i);
        else if (degrees_read(r, it.value, limit_deg[i], into[i]))
            return ERR_FAIL;
    /* RFC 7946 allows a height as third number; a boundary has none */
    if (json_next(&it) && (it.value.type != JSON_NUMBER || json_next(&it)))
        return reader_fail(r, point, "expected [longitude, latitude]");
    return 0;
}

int course_read(struct reader *r, struct json list, uint32_t min, uint32_t max,
                struct course *ret_course)
{
    if (list.type != JSON_ARRAY)
        return reader_expected(r, list, "a list of points");
    size_t count = json_count(list);
    if (count < min || count > max)
        return reader_fail(r, list, "%zu points; expected %u to %u", count, min, max);
    struct course course = {.count = (uint32_t)count,
                            .lon_e9 = READER_ARRAY(r, int64_t, count),
                            .lat_e9 = READER_ARRAY(r, int64_t, count)};
    if (!course.lon_e9 || !course.lat_e9)
        return ERR_FAIL;
    for (struct json_iter it = json_iter(list); json_next(&it);)
        if (point_read(r, it.value, &course.lon_e9[it.index], &course.lat_e9[it.index]))
            return ERR_FAIL;
    *ret_course = course;
    return 0;
}

/* ---- geometry files ----------------------------------------------------------------------------- */

static int feature_open(struct reader *r, struct json value, void *into)
{
    struct feature *feature = into;
    struct json id = json_get(value, "id");
    if (!json_is(json_get(value, "type"), "Feature"))
        return reader_fail(r, value, "expected a GeoJSON Feature");
    if (id.type == JSON_NONE)
        id = json_get(json_get(value, "properties"), "id");
    feature->geometry = json_get(value, "geometry");
    return id.type == JSON_STRING ? read_text(r, id, &feature->id) : 0;
}

static int file_open(struct reader *r, const struct agreement_file *source,
                     struct geometry_file *file)
{
    file->name = source->name;
    if (json_open(source->text, &file->top, r->err))
        return err_prefix(r->err, "%s", source->name);
    r->file_count++; /* from here on, errors find their place in it */
    if (!json_is(json_get(file->top, "type"), "FeatureCollection"))
        return reader_fail(r, file->top, "expected a GeoJSON FeatureCollection");
    size_t count;
    struct json features = json_get(file->top, "features");
    if (features.type != JSON_ARRAY)
        return reader_fail(r, file->top, "expected \"features\", a list");
    file->features =
        list_read(r, features, feature_open, sizeof *file->features, FEATURES_MAX, &count);
    file->feature_count = (uint32_t)count;
    return file->features ? 0 : ERR_FAIL;
}

/* Insertion in order of name. */
static void file_insert(struct agreement_file *files, size_t count, struct agreement_file file)
{
    size_t at = count;
    for (; at > 0 && strcmp(files[at - 1].name, file.name) > 0; at--)
        files[at] = files[at - 1];
    files[at] = file;
}

int files_open(struct reader *r, const struct agreement_file *sources, size_t count)
{
    struct geometry_file *files = READER_ARRAY(r, struct geometry_file, count);
    struct agreement_file *sorted = READER_ARRAY(r, struct agreement_file, count);
    if (!files || !sorted)
        return ERR_FAIL;
    for (size_t i = 0; i < count; i++)
        file_insert(sorted, i, sources[i]);
    r->agreement->files = sorted;
    r->agreement->file_count = (uint16_t)count;
    r->files = files;
    for (size_t i = 0; i < count; i++)
        if (file_open(r, &sorted[i], &files[i]))
            return ERR_FAIL;
    return 0;
}

bool is_plain(uint8_t c)
{
    uint8_t lower = c | 0x20;
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* A name below the agreement's own directory: no part of it is empty or begins with a dot. */
static bool file_name_is_safe(struct bytes name)
{
    bool part_begins = true;
    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = name.p[i];
        if (!is_plain(c) && (part_begins || (c != '.' && c != '/')))
            return false;
        part_begins = c == '/';
    }
    return name.n > 0 && name.n < AGREEMENT_FILE_NAME_MAX && !part_begins;
}

bool file_reference_split(const char *reference, struct bytes *ret_name, const char **ret_id)
{
    size_t n = 0;
    while (reference[n] && reference[n] != '#')
        n++;
    if (!reference[n] || !reference[n + 1])
        return false;
    *ret_name = (struct bytes){(const uint8_t *)reference, n};
    *ret_id = reference + n + 1;
    return file_name_is_safe(*ret_name);
}

static const struct geometry_file *file_named(const struct reader *r, struct bytes name)
{
    for (size_t i = 0; i < r->file_count; i++)
        if (bytes_is(name, r->files[i].name))
            return &r->files[i];
    return NULL;
}

static const struct feature *feature_named(const struct geometry_file *file, const char *id,
                                           size_t *ret_found)
{
    const struct feature *feature = NULL;
    *ret_found = 0;
    for (uint32_t i = 0; i < file->feature_count; i++)
        if (file->features[i].id && strcmp(file->features[i].id, id) == 0) {
            feature = &file->features[i];
            ++*ret_found;
        }
    return feature;
}

static int feature_find(struct reader *r, struct json reference, const struct feature **ret_feature)
{
    char text[REFERENCE_BYTES];
    struct bytes name;
    const char *id;
    size_t found;
    if (!json_text(reference, text, sizeof text) || !file_reference_split(text, &name, &id))
        return reader_fail(r, reference,
                           "expected \"geometry.geojson#ID\", a file beside the "
                           "agreement and a feature of it");
    const struct geometry_file *file = file_named(r, name);
    if (!file)
        return reader_fail(r, reference, "the file is not there");
    *ret_feature = feature_named(file, id, &found);
    if (found != 1)
        return reader_fail(r, reference, "%zu features of %s have the id \"%s\"; expected one",
                           found, file->name, id);
    return 0;
}

int place_find(struct reader *r, struct json object, const struct place *place,
               const char *const *types, struct json *ret_coordinates)
{
    const struct feature *feature;
    *ret_coordinates = place->coordinates;
    if (place->file.type == JSON_NONE)
        return 0;
    if (place->coordinates.type != JSON_NONE)
        return reader_fail(r, object, "both \"coordinates\" and \"file\"; expected one of them");
    if (feature_find(r, place->file, &feature))
        return ERR_FAIL;
    *ret_coordinates = json_get(feature->geometry, "coordinates");
    struct json type = json_get(feature->geometry, "type");
    for (; *types; types++)
        if (json_is(type, *types) && ret_coordinates->type == JSON_ARRAY)
            return 0;
    return reader_fail(r, place->file, "that feature is not a %s", types[-1]);
}
