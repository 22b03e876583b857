#include "feed/field.h"

#include <string.h>

#include "base/json.h"

#define HEX_MAX    8
#define DIGITS_MAX 18

size_t fields_split(struct bytes line, uint8_t comma, struct bytes *ret_fields, size_t cap)
{
    const uint8_t *p = line.p, *end = bytes_end(line);
    size_t count = 0;
    for (;;) {
        const uint8_t *stop = p < end ? memchr(p, comma, (size_t)(end - p)) : NULL;
        if (!stop)
            stop = end;
        if (count < cap)
            ret_fields[count] = (struct bytes){p, (size_t)(stop - p)};
        count++;
        if (stop == end)
            return count;
        p = stop + 1;
    }
}

struct bytes field_trim(struct bytes field)
{
    while (field.n && field.p[0] == ' ')
        field = (struct bytes){field.p + 1, field.n - 1};
    while (field.n && field.p[field.n - 1] == ' ')
        field.n--;
    return field;
}

bool field_scaled(struct bytes field, unsigned scale, int64_t *ret_value)
{
    struct json number;
    return field.n && json_open_fast(field, &number) && json_scaled(number, scale, ret_value, NULL);
}

bool field_within(struct bytes field, unsigned scale, int64_t limit, int64_t *ret_value)
{
    int64_t v;
    if (!field_scaled(field, scale, &v) || v < -limit || v > limit)
        return false;
    *ret_value = v;
    return true;
}

bool field_hex(struct bytes field, uint32_t *ret_value)
{
    uint32_t v = 0;
    if (field.n == 0 || field.n > HEX_MAX)
        return false;
    for (size_t i = 0; i < field.n; i++) {
        uint8_t c = field.p[i];
        if (c >= '0' && c <= '9')
            v = v << 4 | (uint32_t)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            v = v << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
        else
            return false;
    }
    *ret_value = v;
    return true;
}

bool field_digits(struct bytes field, int64_t *ret_value)
{
    int64_t v = 0;
    if (field.n == 0 || field.n > DIGITS_MAX)
        return false;
    for (size_t i = 0; i < field.n; i++) {
        if (field.p[i] < '0' || field.p[i] > '9')
            return false;
        v = v * 10 + (field.p[i] - '0');
    }
    *ret_value = v;
    return true;
}
