#include <stddef.h>

#include "feed/ais.h"
#include "feed/mid.h"

/* Forms of ITU-R M.585-9; M, I, D stand for the flag's digits. Without a flag's: per_mid is 0. */
static const struct form {
    uint32_t first, last;
    uint32_t per_mid; /* mmsi / per_mid % 1000 is the MID */
    uint8_t platform;
} forms[] = {
    {2000000, 7999999, 10000, PLATFORM_BASE_STATION},         /* 00MIDxxxx, coast stations */
    {20000000, 79999999, 100000, PLATFORM_UNKNOWN},           /* 0MIDxxxxx, groups */
    {111000000, 111999999, 1000, PLATFORM_AIRCRAFT},          /* 111MIDxxx, search and rescue */
    {200000000, 799999999, 1000000, PLATFORM_UNKNOWN},        /* MIDxxxxxx, ships */
    {800000000, 899999999, 100000, PLATFORM_UNKNOWN},         /* 8MIDxxxxx, handheld sets */
    {970000000, 970999999, 0, PLATFORM_DISTRESS_BEACON},      /* AIS-SART */
    {972000000, 972999999, 0, PLATFORM_DISTRESS_BEACON},      /* man overboard */
    {974000000, 974999999, 0, PLATFORM_DISTRESS_BEACON},      /* EPIRB */
    {980000000, 989999999, 10000, PLATFORM_SHIP},             /* 98MIDxxxx, craft of a ship */
    {990000000, 999999999, 10000, PLATFORM_AID_TO_NAVIGATION} /* 99MIDxxxx */
};

struct mmsi_kind mmsi_kind(uint32_t mmsi)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        const struct form *form = &forms[i];
        if (mmsi < form->first || mmsi > form->last)
            continue;
        uint16_t flag = form->per_mid ? mid_flag(mmsi / form->per_mid % 1000) : 0;
        return (struct mmsi_kind){(enum platform)form->platform, flag};
    }
    return (struct mmsi_kind){PLATFORM_UNKNOWN, 0};
}
