#include <stddef.h>

#include "feed/ais.h"

/* Type of ship and cargo, ITU-R M.1371-5 table 53; what is not here is a ship. */
static const struct type {
    uint8_t first, last, platform;
} types[] = {
    {30, 30, PLATFORM_FISHING},
    {31, 32, PLATFORM_TUG},            /* towing */
    {33, 33, PLATFORM_DREDGER},        /* or other underwater operations */
    {34, 34, PLATFORM_SERVICE_SHIP},   /* diving */
    {35, 35, PLATFORM_NAVAL},          /* military operations */
    {36, 37, PLATFORM_PLEASURE_CRAFT}, /* sailing, pleasure */
    {40, 49, PLATFORM_HIGH_SPEED_CRAFT},
    {50, 50, PLATFORM_PILOT_VESSEL},
    {51, 51, PLATFORM_SAR_VESSEL},
    {52, 52, PLATFORM_TUG},
    {53, 54, PLATFORM_SERVICE_SHIP}, /* port tender, anti-pollution */
    {55, 55, PLATFORM_PATROL},       /* law enforcement */
    {60, 69, PLATFORM_PASSENGER_SHIP},
    {70, 79, PLATFORM_CARGO_SHIP},
    {80, 89, PLATFORM_TANKER},
};

enum platform ship_type_platform(unsigned type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (type >= types[i].first && type <= types[i].last)
            return (enum platform)types[i].platform;
    return PLATFORM_SHIP;
}
