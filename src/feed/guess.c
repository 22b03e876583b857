#include "feed/guess.h"

#include <string.h>

#include "base/cursor.h"

/*
 * The first bytes of each format:
 *
 *   nmea      "!AIVDM,", "$GPRMC,", "\g:1-2-7,s:..."; or a VDM behind somebody's line prefix
 *   beast     1a and a type;   avr   "*8D...;", "@", "%" or "<", then hexadecimal digits
 *   cot       XML with an <event
 *   sbs       "MSG,3,", "STA,", ...; stratux: digits before "MSG,", or "START,"
 *   aircraft  an object whose first key is now, hex, ...
 *   ndjson    one whose first key is time or track
 *   gpsd      one whose first key is class, unless AIS-catcher wrote it
 *   aircraft, aiscatcher, geojson   one with a word that only these have (marks below)
 *   ndjson    any other object with a "lat"
 *   csv       a header that names track, lat and lon
 */

#define RECORD_SEPARATOR 0x1e /* before each object of a JSON text sequence (RFC 7464) */
#define ADDRESS_BYTES    6    /* '!' or '$', talker of two, formatter of three */

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == RECORD_SEPARATOR;
}

struct bytes line_trim(struct bytes line)
{
    const uint8_t *p = line.p, *end = bytes_end(line);
    if (line.n >= 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf)
        p += 3;
    while (p < end && is_space(*p))
        p++;
    while (p < end && is_space(end[-1]))
        end--;
    return (struct bytes){p, (size_t)(end - p)};
}

bool line_is_empty(struct bytes line)
{
    struct bytes rest = line_trim(line);
    return rest.n == 0 || rest.p[0] == '#';
}

static bool holds(struct bytes text, const char *what)
{
    size_t n = strlen(what);
    for (size_t i = 0; i + n <= text.n; i++)
        if (text.p[i] == (uint8_t)what[0] && memcmp(text.p + i, what, n) == 0)
            return true;
    return false;
}

static bool is_word(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_sentence(struct bytes line)
{
    if (line.n <= ADDRESS_BYTES || (line.p[0] != '!' && line.p[0] != '$'))
        return false;
    for (size_t i = 1; i < ADDRESS_BYTES; i++)
        if (!is_word(line.p[i]))
            return line.p[i] == ',' && i > 3; /* proprietary ones may be shorter */
    return true;
}

static bool is_nmea(struct bytes line)
{
    bool tag = line.p[0] == '\\' && line.n > 4 && (line.p[2] == ':' || line.p[4] == ':');
    return tag || is_sentence(line) || holds(line, "VDM,") || holds(line, "VDO,");
}

static bool is_sbs(struct bytes line)
{
    static const char *const kinds[] = {"MSG,", "MLAT,", "SEL,", "ID,",
                                        "AIR,", "STA,",  "CLK,", "START,"};
    size_t digits = 0;
    while (digits < line.n && line.p[digits] >= '0' && line.p[digits] <= '9')
        digits++;
    if (digits && digits < line.n && line.p[digits] == ',')
        return bytes_starts((struct bytes){line.p + digits, line.n - digits}, ",MSG,");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (bytes_starts(line, kinds[i]))
            return true;
    return false;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool has_column(struct bytes line, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i + n <= line.n; i++) {
        size_t same = 0;
        while (same < n && lower(line.p[i + same]) == (uint8_t)name[same])
            same++;
        bool begins = i == 0 || strchr(",\" ", line.p[i - 1]);
        bool ends = i + n == line.n || strchr(",\" ", line.p[i + n]);
        if (same == n && begins && ends)
            return true;
    }
    return false;
}

static bool is_csv(struct bytes line)
{
    return has_column(line, "track") && has_column(line, "lat") && has_column(line, "lon");
}

/* ---- JSON --------------------------------------------------------------------------------------- */

/* The first key of the object at p, without its quotes; false while it is not whole. */
static bool first_key(struct bytes text, struct bytes *ret_key)
{
    struct cursor c = cursor_of(text);
    c.p++;
    while (c.p < c.end && is_space(*c.p))
        c.p++;
    const uint8_t *key = c.p + 1;
    if (!take(&c, '"'))
        return false;
    while (c.p < c.end && *c.p != '"')
        c.p++;
    *ret_key = (struct bytes){key, (size_t)(c.p - key)};
    return c.p < c.end;
}

/* First keys that tell. Formats of lines are only believed once the line is whole. */
static const struct word {
    const char *text;
    enum feed_format format;
} first_keys[] = {
    {"now", FEED_AIRCRAFT}, {"hex", FEED_AIRCRAFT},      {"aircraft", FEED_AIRCRAFT},
    {"ac", FEED_AIRCRAFT},  {"messages", FEED_AIRCRAFT}, {"time", FEED_NDJSON},
    {"track", FEED_NDJSON},
};

/* The one that ends first tells, so that more of the text cannot change the answer. */
static const struct word marks[] = {
    {"\"hex\"", FEED_AIRCRAFT},        {"\"aircraft\"", FEED_AIRCRAFT},
    {"\"rxuxtime\"", FEED_AISCATCHER}, {"\"AIS-catcher\"", FEED_AISCATCHER},
    {"\"ships\"", FEED_AISCATCHER},    {"\"msgs\"", FEED_AISCATCHER},
    {"\"Feature\"", FEED_GEOJSON},     {"\"FeatureCollection\"", FEED_GEOJSON},
    {"\"features\"", FEED_GEOJSON},
};

static enum feed_format find_mark(struct bytes text)
{
    for (size_t end = 1; end <= text.n; end++)
        for (size_t i = 0; text.p[end - 1] == '"' && i < sizeof marks / sizeof marks[0]; i++) {
            size_t n = strlen(marks[i].text);
            if (n <= end && memcmp(text.p + end - n, marks[i].text, n) == 0)
                return marks[i].format;
        }
    return FEED_AUTO;
}

/* Objects that may be written over several lines before they tell. */
static bool may_tell_later(struct bytes key)
{
    static const char *const keys[] = {"type", "geometry", "properties", "bbox", "crs", "id"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (bytes_is(key, keys[i]))
            return true;
    return false;
}

static struct guess guess_json(struct bytes text)
{
    struct bytes key;
    if (!first_key(text, &key))
        return (struct guess){FEED_AUTO, true};
    for (size_t i = 0; i < sizeof first_keys / sizeof first_keys[0]; i++)
        if (bytes_is(key, first_keys[i].text))
            return (struct guess){first_keys[i].format, false};
    enum feed_format marked = find_mark(text);
    if (marked != FEED_AUTO)
        return (struct guess){marked, false};
    if (bytes_is(key, "class"))
        return (struct guess){FEED_GPSD, false};
    if (holds(text, "\"lat\""))
        return (struct guess){FEED_NDJSON, false};
    return (struct guess){FEED_AUTO, may_tell_later(key)};
}

/* ---- XML and binary frames ---------------------------------------------------------------------- */

#define ESCAPE 0x1a

static struct guess guess_xml(struct bytes text)
{
    for (size_t i = 0; i + 6 < text.n; i++)
        if (memcmp(text.p + i, "<event", 6) == 0 &&
            (is_space(text.p[i + 6]) || text.p[i + 6] == '>'))
            return (struct guess){FEED_COT, false};
    return (struct guess){FEED_AUTO, true};
}

static struct guess guess_beast(struct bytes head)
{
    if (head.n < 2)
        return (struct guess){FEED_AUTO, true};
    bool frame = head.p[1] >= '1' && head.p[1] <= '4';
    return (struct guess){frame ? FEED_BEAST : FEED_AUTO, false};
}

/* A sign, then digits up to ';' or the end. */
static bool is_avr(struct bytes line)
{
    size_t n = 1;
    if (!strchr("*:@%<", line.p[0]) || !line.p[0])
        return false;
    while (n < line.n && strchr("0123456789abcdefABCDEF", line.p[n]) && line.p[n])
        n++;
    return n > 4 && n + 1 == line.n && line.p[n] == ';';
}

struct guess guess_line(struct bytes head)
{
    struct bytes line = line_trim(head);
    if (line_is_empty(line))
        return (struct guess){FEED_AUTO, false};
    if (line.p[0] == ESCAPE)
        return guess_beast(line);
    if (line.p[0] == '{')
        return guess_json(line);
    if (is_avr(line))
        return (struct guess){FEED_AVR, false};
    if (line.p[0] == '<')
        return guess_xml(line);
    if (is_sbs(line))
        return (struct guess){FEED_SBS, false};
    if (is_nmea(line))
        return (struct guess){FEED_NMEA, false};
    return (struct guess){is_csv(line) ? FEED_CSV : FEED_AUTO, false};
}

enum feed_format feed_guess(struct bytes head)
{
    while (head.n) {
        const uint8_t *end = memchr(head.p, '\n', head.n);
        struct bytes line = {head.p, end ? (size_t)(end - head.p) : head.n};
        struct guess guess = guess_line(line);
        if (guess.more)
            guess = guess_line(head);
        if (guess.format != FEED_AUTO || !end)
            return guess.format;
        head.n -= line.n + 1;
        head.p = end + 1;
    }
    return FEED_AUTO;
}
