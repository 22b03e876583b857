#include "os/feed_url.h"

#include <string.h>

#include "base/degree.h"

/* Asks gpsd for its reports, numbers as they were sent (gpsd_json(5)). */
static const char gpsd_watch[] = "?WATCH={\"enable\":true,\"json\":true,\"scaled\":false};\n";

struct scheme {
    const char *name;
    enum feed_transport transport;
    enum feed_format format;
    uint16_t port; /* 0: must be given */
    const char *greeting;
};

static const struct scheme schemes[] = {
    {"ais+udp", FEED_FROM_UDP, FEED_NMEA, 10110, NULL},
    {"ais+tcp", FEED_FROM_TCP, FEED_NMEA, 10110, NULL},
    {"ais+http", FEED_FROM_HTTP, FEED_AISCATCHER, 80, NULL},
    {"aiscatcher+udp", FEED_FROM_UDP, FEED_AISCATCHER, 0, NULL},
    {"aiscatcher+tcp", FEED_FROM_TCP, FEED_AISCATCHER, 0, NULL},
    {"gpsd", FEED_FROM_TCP, FEED_GPSD, 2947, gpsd_watch},
    {"sbs+tcp", FEED_FROM_TCP, FEED_SBS, 30003, NULL},
    {"beast+tcp", FEED_FROM_TCP, FEED_BEAST, 30005, NULL},
    {"avr+tcp", FEED_FROM_TCP, FEED_AVR, 30002, NULL},
    {"aircraft+http", FEED_FROM_HTTP, FEED_AIRCRAFT, 80, NULL},
    {"aircraft+tcp", FEED_FROM_TCP, FEED_AIRCRAFT, 0, NULL},
    {"cot+udp", FEED_FROM_UDP, FEED_COT, 6969, NULL},
    {"cot+tcp", FEED_FROM_TCP, FEED_COT, 8087, NULL},
    {"cot+tls", FEED_FROM_TLS, FEED_COT, 8089, NULL},
    {"udp", FEED_FROM_UDP, FEED_AUTO, 0, NULL},
    {"tcp", FEED_FROM_TCP, FEED_AUTO, 0, NULL},
    {"tls", FEED_FROM_TLS, FEED_AUTO, 0, NULL},
};
#define SCHEME_COUNT (sizeof schemes / sizeof schemes[0])

static struct bytes part(const char *p, size_t n)
{
    return (struct bytes){(const uint8_t *)p, n};
}

/* ---- options ----------------------------------------------------------------------------------- */

static bool read_flag(struct bytes value, bool *ret_flag)
{
    *ret_flag = bytes_is(value, "1");
    return *ret_flag || bytes_is(value, "0");
}

static bool take_format(struct feed_url *url, struct bytes value)
{
    return feed_format_from_name(value, &url->format);
}

static bool take_simulated(struct feed_url *url, struct bytes value)
{
    return read_flag(value, &url->simulated);
}

static bool take_loop(struct feed_url *url, struct bytes value)
{
    return url->transport == FEED_FROM_FILE && read_flag(value, &url->loop);
}

static bool take_speed(struct feed_url *url, struct bytes value)
{
    return url->transport == FEED_FROM_FILE && bytes_int64(value, &url->speed) && url->speed > 0 &&
           url->speed <= FEED_SPEED_MAX;
}

static bool take_name(struct feed_url *url, struct bytes value)
{
    return value.n && bytes_is_utf8(value) && bytes_copy_text(value, url->name, sizeof url->name);
}

static bool take_clock(struct feed_url *url, struct bytes value)
{
    url->gps_clock = bytes_is(value, "gps");
    return url->gps_clock || bytes_is(value, "12mhz");
}

/* LAT,LON */
static bool take_at(struct feed_url *url, struct bytes value)
{
    const uint8_t *comma = value.n ? memchr(value.p, ',', value.n) : NULL;
    if (!comma)
        return false;
    struct bytes lat = {value.p, (size_t)(comma - value.p)};
    struct bytes lon = {comma + 1, value.n - lat.n - 1};
    url->at_known = degree_read(lat, LAT_E7_MAX, &url->at_lat_e7) &&
                    degree_read(lon, LON_E7_MAX, &url->at_lon_e7);
    return url->at_known;
}

static bool take_tls(struct feed_url *url, struct bytes value, char *to, size_t cap)
{
    return url->transport == FEED_FROM_TLS && value.n && !memchr(value.p, '\0', value.n) &&
           bytes_copy_text(value, to, cap);
}

static bool take_ca(struct feed_url *url, struct bytes value)
{
    return take_tls(url, value, url->tls.ca, sizeof url->tls.ca);
}

static bool take_certificate(struct feed_url *url, struct bytes value)
{
    return take_tls(url, value, url->tls.certificate, sizeof url->tls.certificate);
}

static bool take_key(struct feed_url *url, struct bytes value)
{
    return take_tls(url, value, url->tls.key, sizeof url->tls.key);
}

static bool take_server(struct feed_url *url, struct bytes value)
{
    return take_tls(url, value, url->tls.server, sizeof url->tls.server);
}

static const struct option {
    const char *key; /* with its "=" */
    bool (*take)(struct feed_url *url, struct bytes value);
    const char *expected;
} options[] = {
    {"format=", take_format, FEED_FORMAT_NAMES},
    {"name=", take_name, "1 to 63 bytes of text"},
    {"simulated=", take_simulated, "0 or 1"},
    {"speed=", take_speed, "1 to 1000000, and a file"},
    {"loop=", take_loop, "0 or 1, and a file"},
    {"clock=", take_clock, "gps or 12mhz"},
    {"at=", take_at, "LAT,LON of the receiver in degrees"},
    {"ca=", take_ca, "a file of certificates, and tls"},
    {"cert=", take_certificate, "a file with our certificate, and tls"},
    {"key=", take_key, "a file with our key, and tls"},
    {"server=", take_server, "the name in the server's certificate, and tls"},
};
#define OPTION_COUNT (sizeof options / sizeof options[0])

static int refuse_option(const struct feed_url *url, const char *p, size_t n, struct err *err)
{
    char names[FEED_PATH_MAX];
    struct buf known;
    buf_init(&known, names, sizeof names);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        buf_format(&known, "%s%s", i ? ", " : "", options[i].key);
    return err_set(err, EXIT_USAGE, "feed %s: \"%.*s\" is none of %s", url->text, (int)n, p,
                   known.p);
}

static int take_option(struct feed_url *url, const char *p, size_t n, struct err *err)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        size_t key = strlen(options[i].key);
        if (!bytes_starts(part(p, n), options[i].key))
            continue;
        if (options[i].take(url, part(p + key, n - key)))
            return 0;
        return err_set(err, EXIT_USAGE, "feed %s: %.*s: expected %s", url->text, (int)n, p,
                       options[i].expected);
    }
    return refuse_option(url, p, n, err);
}

static int take_options(struct feed_url *url, const char *text, struct err *err)
{
    while (*text) {
        size_t n = strcspn(text, "&");
        if (take_option(url, text, n, err))
            return ERR_FAIL;
        text += n + (text[n] == '&');
    }
    return 0;
}

/* ---- places ------------------------------------------------------------------------------------- */

/* HOST, [HOST] or nothing, and the port that may follow. */
static bool take_authority(struct feed_url *url, struct bytes text, uint16_t port)
{
    const char *p = (const char *)text.p;
    const char *close = text.n && *p == '[' ? memchr(p, ']', text.n) : NULL;
    const char *rest = close ? close + 1 : memchr(p, ':', text.n);
    struct bytes host = close ? part(p + 1, (size_t)(close - p - 1)) : text;
    int64_t number = port;
    if (!close && rest)
        host.n = (size_t)(rest - p);
    size_t left = rest ? (size_t)(p + text.n - rest) : 0;
    if (left && (*rest != ':' || !bytes_int64(part(rest + 1, left - 1), &number)))
        return false;
    if (number < 1 || number > UINT16_MAX || memchr(host.p, '\0', host.n))
        return false;
    url->port = (uint16_t)number;
    return bytes_copy_text(host, url->host, sizeof url->host);
}

static int take_place(struct feed_url *url, const struct scheme *scheme, const char *rest,
                      struct err *err)
{
    size_t n = strcspn(rest, "/?"), path = strcspn(rest + n, "?");
    url->transport = scheme->transport;
    url->format = scheme->format;
    url->greeting = scheme->greeting;
    bool paged = scheme->transport == FEED_FROM_HTTP;
    if (!take_authority(url, part(rest, n), scheme->port) || (!paged && path > 1) ||
        (paged && path == 0) || (!url->host[0] && scheme->transport != FEED_FROM_UDP))
        return err_set(err, EXIT_USAGE, "feed %s: expected %s://%s", url->text, scheme->name,
                       paged ? "HOST[:PORT]/PATH"
                             : (scheme->transport == FEED_FROM_UDP ? "[HOST]:PORT" : "HOST:PORT"));
    if (!url->host[0])
        strcpy(url->host, "127.0.0.1");
    bytes_copy_text(part(rest + n, path), url->path, sizeof url->path);
    bytes_copy_text(bytes_of(url->host), url->name, sizeof url->name);
    return rest[n + path] == '?' ? take_options(url, rest + n + path + 1, err) : 0;
}

/* The file's name up to its first dot. */
static void name_file(struct feed_url *url)
{
    const char *slash = strrchr(url->path, '/');
    const char *base = slash ? slash + 1 : url->path;
    size_t n = strcspn(base, ".");
    if (n == 0 || strcmp(base, "-") == 0)
        strcpy(url->name, "stdin");
    else
        bytes_copy_text(part(base, n), url->name, sizeof url->name);
}

static int take_file(struct feed_url *url, const char *path, size_t n, struct err *err)
{
    if (n == 0)
        return err_set(err, EXIT_USAGE, "feed %s: expected the path of a file", url->text);
    bytes_copy_text(part(path, n), url->path, sizeof url->path);
    name_file(url);
    return path[n] == '?' ? take_options(url, path + n + 1, err) : 0;
}

static bool is_scheme(const char *text, size_t n)
{
    return n && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+.-") >= n;
}

static int fail_scheme(const char *text, struct err *err)
{
    char names[FEED_PATH_MAX];
    struct buf known;
    buf_init(&known, names, sizeof names);
    for (size_t i = 0; i < SCHEME_COUNT; i++)
        buf_format(&known, ", %s", schemes[i].name);
    return err_set(err, EXIT_USAGE,
                   "feed %s: expected a path, file:, or one of these and \"://\"%s", text,
                   known.p + 1);
}

int feed_url_read(const char *text, struct feed_url *ret_url, struct err *err)
{
    const char *colon = strstr(text, "://");
    size_t n = colon ? (size_t)(colon - text) : 0;
    *ret_url = (struct feed_url){.transport = FEED_FROM_FILE, .format = FEED_AUTO};
    if (!bytes_copy_text(bytes_of(text), ret_url->text, sizeof ret_url->text))
        return err_set(err, EXIT_USAGE, "feed %s: longer than %d bytes", text, FEED_URL_MAX - 1);
    if (strncmp(text, "file:", 5) == 0)
        return take_file(ret_url, text + 5, strcspn(text + 5, "?"), err);
    for (size_t i = 0; i < SCHEME_COUNT && colon; i++)
        if (strlen(schemes[i].name) == n && memcmp(text, schemes[i].name, n) == 0)
            return take_place(ret_url, &schemes[i], colon + 3, err);
    if (is_scheme(text, n))
        return fail_scheme(text, err);
    return take_file(ret_url, text, strlen(text), err);
}

bool feed_url_is_live(const struct feed_url *url)
{
    return url->transport != FEED_FROM_FILE;
}
