#include "jansson_oracle.h"

#include <string.h>

#include <jansson.h>

static json_t *load(const void *text, size_t n)
{
    json_error_t error;
    return json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
}

bool oracle_accepts(const void *text, size_t n)
{
    json_t *value = load(text, n);
    bool good = value != NULL;
    json_decref(value);
    return good;
}

bool oracle_string(const void *text, size_t n, char *dst, size_t cap)
{
    json_t *value = load(text, n);
    const char *s = json_string_value(json_object_get(value, "s"));
    bool good = s && strlen(s) < cap;
    if (good)
        memcpy(dst, s, strlen(s) + 1);
    json_decref(value);
    return good;
}
