#include "agreement/zonefile_parts.h"

/* Numbers and heights as the formats write them. */

#define DIGITS_MAX 18
#define FOOT_E4_CM 304800 /* 1 ft = 30.48 cm (1959 agreement), here in 1e-4 cm */
#define LEVEL_FEET 100    /* ICAO Doc 4444: a flight level is 100 ft of pressure */

/* Digits after the point that are past the scale round; the first of them decides. */
static bool fraction_take(struct cursor *c, unsigned scale, int64_t *value, int *digits)
{
    bool up = false;
    unsigned places = 0;
    for (; at_digit(c); c->p++, places++) {
        if (places == scale)
            up = *c->p >= '5';
        if (places >= scale)
            continue;
        if (++*digits > DIGITS_MAX)
            return false;
        *value = *value * 10 + (*c->p - '0');
    }
    for (; places < scale; places++) {
        if (++*digits > DIGITS_MAX)
            return false;
        *value *= 10;
    }
    *value += up;
    return true;
}

bool decimal_take(struct cursor *c, unsigned scale, int64_t *ret_value)
{
    bool negative = take(c, '-');
    int64_t value = 0;
    int digits = 0;
    if (!negative)
        (void)take(c, '+');
    bool whole = at_digit(c);
    for (; at_digit(c); c->p++) {
        if (++digits > DIGITS_MAX)
            return false;
        value = value * 10 + (*c->p - '0');
    }
    if (take(c, '.'))
        whole |= at_digit(c);
    if (!whole || !fraction_take(c, scale, &value, &digits))
        return false;
    *ret_value = negative ? -value : value;
    return true;
}

int64_t height_cm(struct height height)
{
    const int64_t million = 1000000;
    int64_t value = height.value_e2, half = value < 0 ? -million / 2 : million / 2;
    switch (height.unit) {
    case HEIGHT_M:
        break;
    case HEIGHT_FT:
        return (value * FOOT_E4_CM + half) / million;
    case HEIGHT_FL:
        return (value * LEVEL_FEET * FOOT_E4_CM + half) / million;
    }
    return value;
}

/* ---- text ----------------------------------------------------------------------------------------- */

struct word {
    const char *text;
    int value;
};

static void skip_space(struct cursor *c)
{
    while (take(c, ' ') || take(c, '\t'))
        ;
}

static uint8_t upper(uint8_t c)
{
    return c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
}

/* A whole word of the table, in any case, or false. */
static bool word_take(struct cursor *c, const struct word *words, size_t count, int *ret_value)
{
    size_t n = 0;
    skip_space(c);
    while (c->p + n < c->end && upper(c->p[n]) >= 'A' && upper(c->p[n]) <= 'Z')
        n++;
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (k < n && words[i].text[k] && upper(c->p[k]) == (uint8_t)words[i].text[k])
            k++;
        if (k == n && !words[i].text[k] && n) {
            c->p += n;
            *ret_value = words[i].value;
            return true;
        }
    }
    return false;
}

static const struct word alone[] = {{"SFC", LIMIT_SURFACE},
                                    {"GND", LIMIT_SURFACE},
                                    {"UNL", LIMIT_UNLIMITED},
                                    {"UNLIM", LIMIT_UNLIMITED},
                                    {"UNLIMITED", LIMIT_UNLIMITED}};
static const struct word units[] = {{"FT", HEIGHT_FT}, {"F", HEIGHT_FT}, {"M", HEIGHT_M}};
static const struct word refs[] = {{"MSL", LIMIT_SEA_LEVEL}, {"AMSL", LIMIT_SEA_LEVEL},
                                   {"AGL", LIMIT_GROUND},    {"GND", LIMIT_GROUND},
                                   {"SFC", LIMIT_GROUND},    {"ASFC", LIMIT_GROUND},
                                   {"STD", LIMIT_LEVEL},     {"HAE", LIMIT_ELLIPSOID}};
static const struct word level[] = {{"FL", LIMIT_LEVEL}};
#define COUNT_OF(words) (sizeof(words) / sizeof((words)[0]))

static bool number_height(struct cursor *c, struct height *h)
{
    int unit = HEIGHT_FT, ref = LIMIT_SEA_LEVEL;
    if (!decimal_take(c, 2, &h->value_e2))
        return false;
    (void)word_take(c, units, COUNT_OF(units), &unit);
    (void)word_take(c, refs, COUNT_OF(refs), &ref);
    h->unit = (enum height_unit)unit;
    h->ref = (enum alt_limit_ref)ref;
    return true;
}

static bool height_take(struct cursor *c, struct height *h)
{
    int ref;
    skip_space(c);
    if (word_take(c, level, COUNT_OF(level), &ref)) {
        skip_space(c);
        *h = (struct height){LIMIT_LEVEL, HEIGHT_FL, 0};
        return decimal_take(c, 2, &h->value_e2);
    }
    if (!word_take(c, alone, COUNT_OF(alone), &ref))
        return number_height(c, h);
    *h = (struct height){(enum alt_limit_ref)ref, HEIGHT_M, 0};
    return true;
}

int height_read(struct sketch *s, struct bytes text, struct height *ret_height)
{
    struct cursor c = cursor_of(text);
    struct height h = {LIMIT_SURFACE, HEIGHT_M, 0};
    const int64_t most_e2 = 100000000; /* 1,000,000 of any unit; the range is checked in the end */
    bool taken = height_take(&c, &h);
    skip_space(&c);
    if (!taken || !at_end(&c) || h.value_e2 > most_e2 || h.value_e2 < -most_e2)
        return sketch_fail(s, "\"%.*s\" is not a height; expected such as GND, FL 65, 1000 ft AGL",
                           (int)(text.n > 40 ? 40 : text.n), (const char *)text.p);
    *ret_height = h;
    return 0;
}
