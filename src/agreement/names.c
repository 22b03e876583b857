#include <string.h>

#include "agreement/agreement.h"

/* Finding entities by id, and the words for values. */

#define LEVEL_CM 3048 /* a flight level is 100 ft */

uint16_t agreement_party(const struct agreement *a, const char *id)
{
    for (uint16_t i = 0; i < a->party_count; i++)
        if (strcmp(a->parties[i].id, id) == 0)
            return i;
    return AGREEMENT_NONE;
}

uint16_t agreement_zone(const struct agreement *a, const char *id)
{
    for (uint16_t i = 0; i < a->zone_count; i++)
        if (strcmp(a->zones[i].id, id) == 0)
            return i;
    return AGREEMENT_NONE;
}

uint16_t agreement_provision(const struct agreement *a, const char *id)
{
    for (uint16_t i = 0; i < a->provision_count; i++)
        if (strcmp(a->provisions[i].id, id) == 0)
            return i;
    return AGREEMENT_NONE;
}

/* `flags` is a list of two letters each, with a space between. */
static bool flags_hold(const char *flags, uint16_t flag)
{
    for (; flags[0] && flags[1]; flags += flags[2] ? 3 : 2)
        if ((uint8_t)flags[0] << 8 == (flag & 0xff00) && (uint8_t)flags[1] == (flag & 0xff))
            return true;
    return false;
}

uint16_t agreement_side_of_flag(const struct agreement *a, uint16_t flag)
{
    for (uint16_t i = 0; i < a->party_count; i++)
        if (flags_hold(a->parties[i].flags, flag))
            return i;
    return AGREEMENT_NONE;
}

const char *verb_name(enum verb verb)
{
    static const char *const names[] = {"prohibit", "limit", "require", "permit", "freeze"};
    return names[verb];
}

const char *zone_status_name(enum zone_status status)
{
    static const char *const names[] = {"agreed", "provisional", "unresolved"};
    return names[status];
}

void alt_limit_write(struct buf *out, struct alt_limit limit)
{
    static const char *const refs[] = {
        [LIMIT_SURFACE] = "SFC", [LIMIT_ELLIPSOID] = "HAE", [LIMIT_SEA_LEVEL] = "AMSL",
        [LIMIT_GROUND] = "AGL",  [LIMIT_LEVEL] = "STD",     [LIMIT_UNLIMITED] = "UNL"};
    if (limit.ref == LIMIT_LEVEL && limit.value_cm % LEVEL_CM == 0) {
        buf_format(out, "FL%03lld", (long long)(limit.value_cm / LEVEL_CM));
        return;
    }
    if (limit.ref != LIMIT_SURFACE && limit.ref != LIMIT_UNLIMITED) {
        buf_decimal(out, limit.value_cm, 2);
        buf_text(out, " m ");
    }
    buf_text(out, refs[limit.ref]);
}

/* ---- hours ---------------------------------------------------------------------------------------- */

/* The months of a mask are one run round the year, as the agreement's text has them. */
static void months_write(struct buf *out, uint16_t months)
{
    int first = 0, last = 0;
    if (months == 0xfff)
        return;
    for (int i = 0; i < 12; i++) {
        bool here = months >> i & 1;
        if (here && !(months >> (i + 11) % 12 & 1))
            first = i + 1;
        if (here && !(months >> (i + 1) % 12 & 1))
            last = i + 1;
    }
    buf_format(out, "\"months\": \"%d", first);
    if (last != first)
        buf_format(out, "-%d", last);
    buf_text(out, "\", ");
}

void daily_write(struct buf *out, const struct daily *daily, size_t count)
{
    buf_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        buf_text(out, i ? ", {" : "{");
        months_write(out, daily[i].months);
        buf_format(out, "\"hours\": \"%02d:%02d-%02d:%02d\"}", daily[i].from_min / 60,
                   daily[i].from_min % 60, daily[i].to_min / 60, daily[i].to_min % 60);
    }
    buf_char(out, ']');
}
