#include "os/feed_url.h"

#include <string.h>

struct scheme {
    const char *name;
    enum feed_transport transport;
    enum feed_format format;
    uint16_t port; /* 0: must be given */
};

static const struct scheme schemes[] = {
    {"ais+udp", FEED_FROM_UDP, FEED_NMEA, 10110},
    {"ais+tcp", FEED_FROM_TCP, FEED_NMEA, 10110},
    {"sbs+tcp", FEED_FROM_TCP, FEED_SBS, 30003},
    {"aircraft+http", FEED_FROM_HTTP, FEED_AIRCRAFT, 80},
    {"udp", FEED_FROM_UDP, FEED_AUTO, 0},
    {"tcp", FEED_FROM_TCP, FEED_AUTO, 0},
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

static const struct option {
    const char *key; /* with its "=" */
    bool (*take)(struct feed_url *url, struct bytes value);
    const char *expected;
} options[] = {
    {"format=", take_format, "nmea, sbs, aircraft, csv or ndjson"},
    {"simulated=", take_simulated, "0 or 1"},
    {"name=", take_name, "1 to 63 bytes of text"},
    {"speed=", take_speed, "1 to 1000000, and a file"},
    {"loop=", take_loop, "0 or 1, and a file"},
};
#define OPTION_COUNT (sizeof options / sizeof options[0])

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
    return err_set(err, EXIT_USAGE,
                   "feed %s: \"%.*s\" is none of format=, name=, simulated=, speed=, loop=",
                   url->text, (int)n, p);
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
        return err_set(err, EXIT_USAGE,
                       "feed %s: expected file:, ais+udp://, ais+tcp://, sbs+tcp://, "
                       "aircraft+http://, udp:// or tcp://",
                       text);
    return take_file(ret_url, text, strlen(text), err);
}

bool feed_url_is_live(const struct feed_url *url)
{
    return url->transport != FEED_FROM_FILE;
}
