#include "agreement/reader.h"

#include <string.h>

/* The values that objects are made of: texts, times, lengths, classes, references. */

#define TIME_TEXT_MAX 48
#define MM_PER_NM     1852000 /* international nautical mile, 1,852 m (BIPM, SI brochure) */
#define LENGTH_MAX_MM (LENGTH_MAX_KM * INT64_C(1000000))
#define METRES_MAX    1000000

int read_text(struct reader *r, struct json value, void *into)
{
    if (value.type != JSON_STRING)
        return reader_expected(r, value, "text");
    size_t cap = (size_t)(value.end - value.p);
    char *text = reader_alloc(r, cap, 1);
    if (!text)
        return ERR_FAIL;
    if (!json_text(value, text, cap))
        return reader_fail(r, value, "text must not hold the character U+0000");
    *(const char **)into = text;
    return 0;
}

static bool is_id(const char *id)
{
    size_t n = 0;
    while (is_plain((uint8_t)id[n]) || id[n] == '.')
        n++;
    return n > 0 && !id[n];
}

int read_id(struct reader *r, struct json value, void *into)
{
    char id[AGREEMENT_ID_MAX];
    if (value.type != JSON_STRING)
        return reader_expected(r, value, "an id (text)");
    if (!json_text(value, id, sizeof id) || !is_id(id))
        return reader_fail(r, value, "not an id; expected 1 to %d of A-Z a-z 0-9 . - _",
                           AGREEMENT_ID_MAX - 1);
    return read_text(r, value, into);
}

int read_words(struct reader *r, struct json value, void *into)
{
    static const struct field fields[] = {
        {"en", read_text, offsetof(struct words, en), NULL},
        {"ko", read_text, offsetof(struct words, ko), NULL},
    };
    struct words *words = into;
    *words = (struct words){NULL, NULL};
    if (value.type == JSON_STRING)
        return read_text(r, value, &words->en);
    if (value.type != JSON_OBJECT)
        return reader_expected(r, value, "text, or an object with \"en\" and \"ko\"");
    if (OBJECT_READ(r, value, fields, words))
        return ERR_FAIL;
    if (!words->en && !words->ko)
        return reader_fail(r, value, "empty; expected \"en\", \"ko\" or both");
    return 0;
}

int read_bool(struct reader *r, struct json value, void *into)
{
    if (value.type != JSON_TRUE && value.type != JSON_FALSE)
        return reader_expected(r, value, "true or false");
    *(bool *)into = value.type == JSON_TRUE;
    return 0;
}

int read_value(struct reader *r, struct json value, void *into)
{
    (void)r;
    *(struct json *)into = value;
    return 0;
}

int word_read(struct reader *r, struct json value, const char *const *words, size_t count,
              size_t *ret_index)
{
    for (size_t i = 0; i < count; i++)
        if (json_is(value, words[i])) {
            *ret_index = i;
            return 0;
        }
    char memory[240];
    struct buf list;
    buf_init(&list, memory, sizeof memory);
    for (size_t i = 0; i < count; i++)
        buf_format(&list, "%s%s", i ? ", " : "", words[i]);
    if (value.type != JSON_STRING)
        return reader_fail(r, value, "expected one of %s", list.p);
    struct bytes raw = json_raw(value);
    return reader_fail(r, value, "\"%.*s\" is not known; expected one of %s",
                       raw.n > 40 ? 40 : (int)raw.n, (const char *)raw.p, list.p);
}

/* ---- times ------------------------------------------------------------------------------------ */

int read_moment(struct reader *r, struct json value, void *into)
{
    char text[TIME_TEXT_MAX];
    struct moment *moment = into;
    if (!json_text(value, text, sizeof text) ||
        !time_read(bytes_of(text), r->agreement->zone_offset_us, &moment->time_us,
                   &moment->date_only))
        return reader_fail(r, value,
                           "not a time; expected \"2018-11-01\" or "
                           "\"2023-11-22T15:00+09:00\", years 1900 to 2200");
    return 0;
}

int read_start(struct reader *r, struct json value, void *into)
{
    struct moment moment;
    if (read_moment(r, value, &moment))
        return ERR_FAIL;
    *(int64_t *)into = moment.date_only ? moment.time_us + 1 - TIME_DAY : moment.time_us;
    return 0;
}

int read_end(struct reader *r, struct json value, void *into)
{
    struct moment moment;
    if (read_moment(r, value, &moment))
        return ERR_FAIL;
    *(int64_t *)into = moment.time_us + (moment.date_only ? 1 : 0);
    return 0;
}

/* ---- numbers ---------------------------------------------------------------------------------- */

int read_metres(struct reader *r, struct json value, void *into)
{
    int64_t mm;
    if (value.type != JSON_NUMBER)
        return reader_expected(r, value, "a number of metres");
    if (!json_scaled(value, 3, &mm, NULL) || mm < 0 || mm > METRES_MAX * INT64_C(1000))
        return reader_fail(r, value, "expected 0 to %d metres", METRES_MAX);
    *(int32_t *)into = (int32_t)((mm + 999) / 1000);
    return 0;
}

/* value x mm_per_unit in whole millimetres, half to even; false when it does not fit. */
static bool length_mm(struct json value, int64_t mm_per_unit, int64_t *ret_mm)
{
    const int64_t micro = 1000000; /* of the unit: 1 mm where the unit is the kilometre */
    int64_t scaled;
    if (!json_scaled(value, 6, &scaled, NULL) || scaled > 2 * LENGTH_MAX_MM * 1000 ||
        scaled < -2 * LENGTH_MAX_MM * 1000)
        return false;
    int64_t whole = scaled / micro * mm_per_unit, rest = scaled % micro * mm_per_unit;
    int64_t mm = whole + rest / micro, twice = 2 * (rest % micro);
    bool odd = mm % 2 != 0;
    if (twice > micro || (twice == micro && odd))
        mm++;
    else if (twice < -micro || (twice == -micro && odd))
        mm--;
    *ret_mm = mm;
    return true;
}

static int length_read(struct reader *r, struct json value, int64_t mm_per_unit, int64_t min_mm,
                       struct length *length)
{
    if (length->given)
        return reader_fail(r, value, "a second unit; give the length once, in km, m or nm");
    if (value.type != JSON_NUMBER)
        return reader_expected(r, value, "a number");
    if (!length_mm(value, mm_per_unit, &length->mm) || length->mm > LENGTH_MAX_MM)
        return reader_fail(r, value, "too long; a length is at most %d km", LENGTH_MAX_KM);
    if (length->mm < min_mm)
        return reader_fail(r, value, "too short; expected %s",
                           min_mm ? "a length of 1 mm or more" : "0 or more");
    length->given = true;
    return 0;
}

int read_km(struct reader *r, struct json value, void *into)
{
    return length_read(r, value, 1000000, 1, into);
}

int read_m(struct reader *r, struct json value, void *into)
{
    return length_read(r, value, 1000, 1, into);
}

int read_nm(struct reader *r, struct json value, void *into)
{
    return length_read(r, value, MM_PER_NM, 1, into);
}

int read_along_km(struct reader *r, struct json value, void *into)
{
    return length_read(r, value, 1000000, 0, into);
}

int read_along_m(struct reader *r, struct json value, void *into)
{
    return length_read(r, value, 1000, 0, into);
}

int read_along_nm(struct reader *r, struct json value, void *into)
{
    return length_read(r, value, MM_PER_NM, 0, into);
}

int length_need(struct reader *r, struct json object, const struct length *length)
{
    if (!length->given)
        return reader_fail(r, object, "missing length: one of \"km\", \"m\", \"nm\"");
    return 0;
}

/* ---- classes and words from a list ------------------------------------------------------------- */

static int read_class(struct reader *r, struct json value, void *into)
{
    char name[AGREEMENT_ID_MAX];
    enum platform platform;
    if (!json_text(value, name, sizeof name))
        return reader_expected(r, value, "the name of a class");
    if (!platform_from_name(bytes_of(name), &platform))
        return reader_fail(r, value,
                           "no class \"%s\"; expected a name of the platform tree, such as "
                           "ship, fishing, aircraft, fixed_wing, rotary_wing, uav",
                           name);
    *(platform_set *)into |= platform_leaves(platform);
    return 0;
}

int read_classes(struct reader *r, struct json value, void *into)
{
    struct class_list *list = into;
    *list = (struct class_list){0, NULL};
    if (value.type != JSON_ARRAY)
        return reader_expected(r, value, "a list of classes");
    if (json_count(value) == 0)
        return reader_fail(r, value, "empty; leave the key out to mean all classes");
    if (each_read(r, value, read_class, &list->set))
        return ERR_FAIL;
    return joined_read(r, value, read_text, &list->text);
}

int read_edges(struct reader *r, struct json value, void *into)
{
    static const char *const names[] = {"geodesic", "lonlat"};
    size_t index;
    if (word_read(r, value, names, 2, &index))
        return ERR_FAIL;
    *(enum edge_kind *)into = index ? EDGE_LONLAT : EDGE_GEODESIC;
    return 0;
}

/* ---- references ------------------------------------------------------------------------------- */

int read_party(struct reader *r, struct json value, void *into)
{
    return ref_read(r, LIST_PARTIES, value, into);
}

int read_line_ref(struct reader *r, struct json value, void *into)
{
    return ref_read(r, LIST_LINES, value, into);
}

int read_provision(struct reader *r, struct json value, void *into)
{
    return ref_read(r, LIST_PROVISIONS, value, into);
}

int check_asserter(struct reader *r, struct json value, void *into)
{
    char id[AGREEMENT_ID_MAX];
    (void)into;
    if (!json_text(value, id, sizeof id))
        return reader_expected(r, value, "the id of a party or custodian");
    if (ref_find(r, LIST_PARTIES, id) == AGREEMENT_NONE &&
        ref_find(r, LIST_CUSTODIANS, id) == AGREEMENT_NONE)
        return reader_fail(r, value, "no party or custodian \"%s\"", id);
    return 0;
}
