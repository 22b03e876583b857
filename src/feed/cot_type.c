#include <string.h>

#include "feed/cot.h"

/*
 * Battle dimension and function of MIL-STD-2525B (appendix A), as Cursor on Target writes them behind
 * "a-f-": the longest row that the type begins with counts. Space and subsurface beyond submarines,
 * weapons in flight and "other" tell no class of ours.
 */
static const struct row {
    const char *function;
    uint8_t platform;
} rows[] = {
    {"A", PLATFORM_AIRCRAFT},
    {"A-M-F", PLATFORM_FIXED_WING},
    {"A-M-F-A", PLATFORM_COMBAT_AIRCRAFT}, /* attack */
    {"A-M-F-B", PLATFORM_COMBAT_AIRCRAFT}, /* bomber */
    {"A-M-F-F", PLATFORM_COMBAT_AIRCRAFT}, /* fighter */
    {"A-M-F-C", PLATFORM_TRANSPORT_AIRCRAFT},
    {"A-M-F-Q", PLATFORM_UAV_FIXED},
    {"A-M-H", PLATFORM_ROTARY_WING},
    {"A-M-H-Q", PLATFORM_UAV_ROTARY},
    {"A-M-L", PLATFORM_BALLOON}, /* lighter than air */
    {"A-C-F", PLATFORM_FIXED_WING},
    {"A-C-F-q", PLATFORM_UAV_FIXED}, /* what TAK adds for civil drones */
    {"A-C-H", PLATFORM_ROTARY_WING},
    {"A-C-H-q", PLATFORM_UAV_ROTARY},
    {"A-C-L", PLATFORM_BALLOON},
    {"A-W", PLATFORM_UNKNOWN}, /* missiles */
    {"G", PLATFORM_LAND},
    {"G-E-V", PLATFORM_VEHICLE},
    {"G-I", PLATFORM_FIXED}, /* installations */
    {"S", PLATFORM_SHIP},
    {"S-C", PLATFORM_NAVAL}, /* combatants: lines, amphibious, mine warfare, patrol */
    {"S-C-L", PLATFORM_WARSHIP},
    {"S-N", PLATFORM_NAVAL}, /* noncombatants of navies */
    {"S-X", PLATFORM_SHIP},
    {"S-X-M", PLATFORM_MERCHANT},
    {"S-X-M-C", PLATFORM_CARGO_SHIP},
    {"S-X-M-F", PLATFORM_PASSENGER_SHIP}, /* ferries */
    {"S-X-M-O", PLATFORM_TANKER},
    {"S-X-M-P", PLATFORM_PASSENGER_SHIP},
    {"S-X-M-R", PLATFORM_CARGO_SHIP}, /* roll on, roll off */
    {"S-X-M-T", PLATFORM_SHIP},       /* tugs, towed things */
    {"S-X-F", PLATFORM_FISHING},
    {"S-X-R", PLATFORM_PLEASURE_CRAFT},
    {"S-X-L", PLATFORM_PATROL}, /* law enforcement */
    {"U-S", PLATFORM_SUBMARINE},
};

/* The row's letters are the type's, up to a dash or its end. */
static bool begins(struct bytes type, const char *function)
{
    size_t n = strlen(function);
    return bytes_starts(type, function) && (type.n == n || type.p[n] == '-');
}

/* Behind the affiliation: "a-f-A-M" -> "A-M"; up to a ';', where other components begin. */
static struct bytes function_of(struct bytes type)
{
    size_t dashes = 0, from = 0, n = 0;
    while (n < type.n && type.p[n] != ';') {
        if (type.p[n] == '-' && ++dashes == 2)
            from = n + 1;
        n++;
    }
    return from ? (struct bytes){type.p + from, n - from} : (struct bytes){NULL, 0};
}

enum platform cot_platform(struct bytes type)
{
    struct bytes function = function_of(type);
    enum platform found = PLATFORM_UNKNOWN;
    size_t longest = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n = strlen(rows[i].function);
        if (n > longest && begins(function, rows[i].function)) {
            found = (enum platform)rows[i].platform;
            longest = n;
        }
    }
    return found;
}
