#include "os/config.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "os/crew.h"

enum setting_type { SETTING_TEXT, SETTING_NUMBER, SETTING_LIST };

struct setting {
    const char *section, *key;
    enum setting_type type;
    size_t offset;
    int64_t least, most; /* of numbers */
};

static const struct setting settings[] = {
    {"node", "party", SETTING_TEXT, offsetof(struct config, party), 0, 0},
    {"node", "threads", SETTING_NUMBER, offsetof(struct config, threads), 0, CREW_MAX},
    {"http", "listen", SETTING_TEXT, offsetof(struct config, listen), 0, 0},
    {"http", "port", SETTING_NUMBER, offsetof(struct config, port), 0, 65535},
    {"http", "console", SETTING_TEXT, offsetof(struct config, console), 0, 0},
    {"store", "kind", SETTING_TEXT, offsetof(struct config, store), 0, 0},
    {"store", "max_mb", SETTING_NUMBER, offsetof(struct config, store_max_mb), 0, 1 << 24},
    {"feeds", "classes", SETTING_TEXT, offsetof(struct config, classes), 0, 0},
    {"feeds", "tz", SETTING_TEXT, offsetof(struct config, zone), 0, 0},
    {"feeds", "speed", SETTING_NUMBER, offsetof(struct config, speed), 0, 1000000},
    {"feeds", "feed", SETTING_LIST, offsetof(struct config, feeds), 0, 0},
};
#define SETTING_COUNT (sizeof settings / sizeof settings[0])

#define NAME_MAX_BYTES 64 /* of a section or a key with its NUL */

void config_defaults(struct config *config)
{
    *config = (struct config){.port = 8420, .listen = "127.0.0.1", .store = "sqlite"};
}

/* ---- one value ---------------------------------------------------------------------------------- */

static int take_text(char *to, struct bytes value, struct err *err)
{
    if (memchr(value.p, '\0', value.n) || !bytes_is_utf8(value))
        return err_set(err, EXIT_CONFIG, "expected UTF-8 text");
    if (!bytes_copy_text(value, to, CONFIG_TEXT_MAX))
        return err_set(err, EXIT_CONFIG, "longer than %d bytes", CONFIG_TEXT_MAX - 1);
    return 0;
}

static int take_number(const struct setting *setting, int64_t *to, struct bytes value,
                       struct err *err)
{
    int64_t number;
    if (!bytes_int64(value, &number) || number < setting->least || number > setting->most)
        return err_set(err, EXIT_CONFIG, "expected a number from %lld to %lld",
                       (long long)setting->least, (long long)setting->most);
    *to = number;
    return 0;
}

static int take_item(struct config *config, struct bytes value, struct err *err)
{
    if (config->feed_count == CONFIG_FEEDS_MAX)
        return err_set(err, EXIT_CONFIG, "at most %d are taken", CONFIG_FEEDS_MAX);
    if (take_text(config->feeds[config->feed_count], value, err))
        return ERR_FAIL;
    config->feed_count++;
    return 0;
}

static int take_value(struct config *config, const struct setting *setting, struct bytes value,
                      struct err *err)
{
    char *at = (char *)config + setting->offset;
    int failed = 0;
    switch (setting->type) {
    case SETTING_TEXT:
        failed = take_text(at, value, err);
        break;
    case SETTING_NUMBER:
        failed = take_number(setting, (int64_t *)(void *)at, value, err);
        break;
    case SETTING_LIST:
        failed = take_item(config, value, err);
        break;
    }
    return failed ? err_prefix(err, "[%s] %s", setting->section, setting->key) : 0;
}

static const struct setting *setting_find(const char *section, const char *key)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (strcmp(settings[i].section, section) == 0 && strcmp(settings[i].key, key) == 0)
            return &settings[i];
    return NULL;
}

static bool section_known(const char *section)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (strcmp(settings[i].section, section) == 0)
            return true;
    return false;
}

int config_set(struct config *config, const char *section, const char *key, struct bytes value,
               struct err *err)
{
    const struct setting *setting = setting_find(section, key);
    if (!setting)
        return err_set(err, EXIT_CONFIG, "[%s] has no key \"%s\"", section, key);
    return take_value(config, setting, value, err);
}

/* ---- the file ----------------------------------------------------------------------------------- */

static struct bytes trim(struct bytes text)
{
    while (text.n && isspace(text.p[0]))
        text = (struct bytes){text.p + 1, text.n - 1};
    while (text.n && isspace(text.p[text.n - 1]))
        text.n--;
    return text;
}

static int read_section(struct bytes line, char section[NAME_MAX_BYTES], struct err *err)
{
    if (line.p[line.n - 1] != ']')
        return err_set(err, EXIT_CONFIG, "expected [section]");
    struct bytes name = trim((struct bytes){line.p + 1, line.n - 2});
    if (!bytes_copy_text(name, section, NAME_MAX_BYTES) || !section_known(section))
        return err_set(err, EXIT_CONFIG,
                       "there is no section [%s]; expected [node], [http], [store] or [feeds]",
                       section);
    return 0;
}

static int read_pair(struct config *config, const char *section, struct bytes line, struct err *err)
{
    char key[NAME_MAX_BYTES];
    const uint8_t *equals = memchr(line.p, '=', line.n);
    if (!equals)
        return err_set(err, EXIT_CONFIG, "expected key = value");
    if (!*section)
        return err_set(err, EXIT_CONFIG, "expected a [section] first");
    struct bytes name = trim((struct bytes){line.p, (size_t)(equals - line.p)});
    bytes_copy_text(name, key, sizeof key);
    struct bytes value = {equals + 1, (size_t)(line.p + line.n - equals - 1)};
    return config_set(config, section, key, trim(value), err);
}

static int read_line(struct config *config, char section[NAME_MAX_BYTES], struct bytes line,
                     struct err *err)
{
    line = trim(line);
    if (line.n == 0 || line.p[0] == '#')
        return 0;
    return line.p[0] == '[' ? read_section(line, section, err)
                            : read_pair(config, section, line, err);
}

int config_read(struct config *config, struct bytes text, const char *name, struct err *err)
{
    char section[NAME_MAX_BYTES] = "";
    for (unsigned number = 1; text.n; number++) {
        const uint8_t *end = memchr(text.p, '\n', text.n);
        size_t n = end ? (size_t)(end - text.p) : text.n;
        if (read_line(config, section, (struct bytes){text.p, n}, err))
            return err_prefix(err, "%s:%u", name, number);
        n += end ? 1 : 0;
        text = (struct bytes){text.p + n, text.n - n};
    }
    return 0;
}

/* ---- the environment ---------------------------------------------------------------------------- */

static void environment_name(const struct setting *setting, char name[2 * NAME_MAX_BYTES])
{
    snprintf(name, 2 * NAME_MAX_BYTES, "DETENTE_%s_%s", setting->section, setting->key);
    for (char *p = name; *p; p++)
        *p = (char)toupper((unsigned char)*p);
}

int config_environment(struct config *config, char *(*look_up)(const char *), struct err *err)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        char name[2 * NAME_MAX_BYTES];
        environment_name(&settings[i], name);
        const char *value = look_up(name);
        if (!value)
            continue;
        if (settings[i].type == SETTING_LIST)
            config->feed_count = 0;
        if (take_value(config, &settings[i], bytes_of(value), err))
            return err_prefix(err, "%s", name);
    }
    return 0;
}
