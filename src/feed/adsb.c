#include "feed/adsb.h"

#include "feed/field.h"
#include "feed/icao.h"

#define ADDRESS_DIGITS 6
#define SPACE_SHIFT    56
#define ADDRESS_MASK   UINT32_C(0xffffff)
#define KEEP_US        (30 * TIME_SECOND)

bool adsb_track(struct bytes hex, uint64_t *ret_track)
{
    uint32_t address;
    bool foreign = hex.n && hex.p[0] == '~';
    if (foreign)
        hex = (struct bytes){hex.p + 1, hex.n - 1};
    if (hex.n != ADDRESS_DIGITS || !field_hex(hex, &address))
        return false;
    *ret_track = foreign ? track_tisb(address) : track_icao(address);
    return true;
}

void adsb_dress(const struct feed *feed, enum platform platform, struct position *position)
{
    position->platform = (uint8_t)platform;
    if (position->track >> SPACE_SHIFT == TRACK_ICAO)
        position->flag = icao_flag((uint32_t)position->track & ADDRESS_MASK);
    tracks_dress(feed, position);
}

/* Padded with spaces; '@' is what zero bits become. */
void adsb_call_sign(struct feed *feed, uint32_t index, struct bytes text)
{
    text = field_trim(text);
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < 0x21 || text.p[i] > 0x7e || text.p[i] == '@')
            return;
    tracks_name(feed, index, text);
}

bool adsb_serves(int64_t then_us, int64_t now_us)
{
    return then_us == TIME_UNKNOWN || now_us == TIME_UNKNOWN ||
           (now_us - then_us <= KEEP_US && then_us - now_us <= KEEP_US);
}

/* ---- errors ------------------------------------------------------------------------------------- */

static uint16_t by_category(int64_t category, const uint16_t *table, size_t count)
{
    return category < 0 || category >= (int64_t)count ? 0 : table[category];
}

uint16_t adsb_nac_p_dm(int64_t nac_p)
{
    static const uint16_t dm[] = {0,    ERR_DM_MAX, ERR_DM_MAX, 37040, 18520, 9260,
                                  5556, 1852,       926,        300,   100,   30};
    return by_category(nac_p, dm, sizeof dm / sizeof dm[0]);
}

uint16_t adsb_nucp_dm(int64_t nucp)
{
    static const uint16_t dm[] = {0, ERR_DM_MAX, ERR_DM_MAX, 18520, 9260, 4630, 1852, 926, 100, 30};
    return by_category(nucp, dm, sizeof dm / sizeof dm[0]);
}

/* ---- classes ------------------------------------------------------------------------------------ */

/* Emitter categories (DO-260B, table 2-17). Sets A and B fly, C does not. */
static const struct category {
    char text[3];
    uint8_t platform;
} categories[] = {
    {"A1", PLATFORM_FIXED_WING},  {"A2", PLATFORM_FIXED_WING}, {"A3", PLATFORM_FIXED_WING},
    {"A4", PLATFORM_FIXED_WING},  {"A5", PLATFORM_FIXED_WING}, {"A6", PLATFORM_FIXED_WING},
    {"A7", PLATFORM_ROTARY_WING}, {"B1", PLATFORM_GLIDER},     {"B2", PLATFORM_BALLOON},
    {"B3", PLATFORM_PARACHUTE},   {"B4", PLATFORM_AIRCRAFT},   {"B6", PLATFORM_UAV},
    {"B7", PLATFORM_AIRCRAFT},    {"C1", PLATFORM_VEHICLE},    {"C2", PLATFORM_VEHICLE},
    {"C3", PLATFORM_OBSTACLE},    {"C4", PLATFORM_OBSTACLE},   {"C5", PLATFORM_OBSTACLE},
};

enum platform adsb_category(struct bytes text)
{
    for (size_t i = 0; i < sizeof categories / sizeof categories[0]; i++)
        if (bytes_is(text, categories[i].text))
            return (enum platform)categories[i].platform;
    return PLATFORM_UNKNOWN;
}
