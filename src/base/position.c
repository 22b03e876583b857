#include "base/position.h"

#include <assert.h>
#include <stddef.h>

#include "base/table.h"

#define SPACE_SHIFT  56
#define ID_MASK      ((UINT64_C(1) << SPACE_SHIFT) - 1)
#define ICAO_MASK    UINT32_C(0xffffff)
#define MMSI_DIGITS  9
#define ICAO_DIGITS  6
#define TISB_DIGITS  8 /* at most; written with at least ICAO_DIGITS */
#define NAMED_DIGITS 14

static uint64_t track_key(enum track_space space, uint64_t id)
{
    return (uint64_t)space << SPACE_SHIFT | (id & ID_MASK);
}

uint64_t track_ais(uint32_t mmsi)
{
    return track_key(TRACK_AIS, mmsi);
}

uint64_t track_icao(uint32_t address)
{
    return track_key(TRACK_ICAO, address & ICAO_MASK);
}

uint64_t track_tisb(uint32_t address)
{
    return track_key(TRACK_TISB, address);
}

/* The hash of "FEED:ID"; track_whole gives the same key for that text in one piece. */
uint64_t track_named(struct bytes feed, struct bytes id)
{
    uint64_t hash = hash_more(HASH_START, feed.p, feed.n);
    hash = hash_more(hash, ":", 1);
    return track_key(TRACK_NAMED, hash_mix(hash_more(hash, id.p, id.n)));
}

static uint64_t track_whole(struct bytes text)
{
    return track_key(TRACK_NAMED, hash_bytes(text.p, text.n));
}

void track_write(struct buf *out, uint64_t track)
{
    unsigned long long id = track & ID_MASK;
    switch ((enum track_space)(track >> SPACE_SHIFT)) {
    case TRACK_AIS:
        buf_format(out, "ais:%09llu", id);
        return;
    case TRACK_ICAO:
        buf_format(out, "icao:%06llX", id);
        return;
    case TRACK_TISB:
        buf_format(out, "tisb:%06llX", id);
        return;
    case TRACK_NAMED:
        break;
    }
    buf_format(out, "named:%014llx", id);
}

/* How an id is written after its prefix. */
struct id_form {
    const char *prefix;
    enum track_space space;
    size_t digits_min, digits_max;
    unsigned base;
    char ten; /* 'A' or 'a'; what 10 is in base 16 */
};

static const struct id_form forms[] = {
    {"ais:", TRACK_AIS, MMSI_DIGITS, MMSI_DIGITS, 10, 'A'},
    {"icao:", TRACK_ICAO, ICAO_DIGITS, ICAO_DIGITS, 16, 'A'},
    {"tisb:", TRACK_TISB, ICAO_DIGITS, TISB_DIGITS, 16, 'A'},
    {"named:", TRACK_NAMED, NAMED_DIGITS, NAMED_DIGITS, 16, 'a'},
};

static unsigned digit_value(uint8_t c, char ten)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    return c >= ten && c < ten + 6 ? (unsigned)(c - ten + 10) : UINT32_MAX;
}

/* Only what track_write writes: no leading zero beyond the least number of digits. */
static bool read_id(const struct id_form *form, struct bytes digits, uint64_t *ret_id)
{
    if (digits.n < form->digits_min || digits.n > form->digits_max ||
        (digits.n > form->digits_min && digits.p[0] == '0'))
        return false;
    uint64_t id = 0;
    for (size_t i = 0; i < digits.n; i++) {
        unsigned digit = digit_value(digits.p[i], form->ten);
        if (digit >= form->base)
            return false;
        id = id * form->base + digit;
    }
    *ret_id = id;
    return true;
}

uint64_t track_read(struct bytes text)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        const struct id_form *form = &forms[i];
        if (!bytes_starts(text, form->prefix))
            continue;
        size_t skip = bytes_of(form->prefix).n;
        uint64_t id;
        if (read_id(form, (struct bytes){.p = text.p + skip, .n = text.n - skip}, &id))
            return track_key(form->space, id);
    }
    return track_whole(text);
}

static bool is_upper(uint8_t c)
{
    return c >= 'A' && c <= 'Z';
}

bool flag_read(struct bytes letters, uint16_t *ret_flag)
{
    if (letters.n != 2 || !is_upper(letters.p[0]) || !is_upper(letters.p[1]))
        return false;
    *ret_flag = get_u16(letters.p);
    return true;
}

void flag_write(struct buf *out, uint16_t flag)
{
    if (flag == 0)
        return;
    buf_char(out, (char)(flag >> 8));
    buf_char(out, (char)(flag & 0xff));
}

const char *time_source_name(enum time_source source)
{
    static const char *const names[] = {
        [TIME_FROM_NONE] = "none",     [TIME_FROM_TAG] = "tag", [TIME_FROM_PGHP] = "pghp",
        [TIME_FROM_SUFFIX] = "suffix", [TIME_FROM_RMC] = "rmc", [TIME_FROM_RECEIVE] = "receive",
    };
    assert(source <= TIME_FROM_RECEIVE);
    return names[source];
}

const char *alt_ref_name(enum alt_ref ref)
{
    static const char *const names[] = {
        [ALT_REF_NONE] = "none",           [ALT_REF_ELLIPSOID] = "ellipsoid",
        [ALT_REF_SEA_LEVEL] = "sea_level", [ALT_REF_BARO] = "baro",
        [ALT_REF_GROUND] = "ground",
    };
    assert(ref <= ALT_REF_GROUND);
    return names[ref];
}
