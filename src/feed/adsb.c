#include "feed/adsb.h"

#include "feed/field.h"
#include "feed/icao.h"

#define ADDRESS_DIGITS 6
#define SPACE_SHIFT    56
#define ADDRESS_MASK   UINT32_C(0xffffff)

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
