#include "store/columns.h"

#include <assert.h>
#include <string.h>

#define UNSIGNED(field)                                                                            \
#field, offsetof(struct alert, field), sizeof(((struct alert *)0)->field), false
#define SIGNED(field)                                                                              \
#field, offsetof(struct alert, field), sizeof(((struct alert *)0)->field), true

const struct column alert_columns[] = {
    {UNSIGNED(id)},         {UNSIGNED(subject)},  {UNSIGNED(track)},     {UNSIGNED(cause)},
    {UNSIGNED(last_cause)}, {UNSIGNED(inside)},   {UNSIGNED(near)},      {SIGNED(raised_us)},
    {SIGNED(changed_us)},   {SIGNED(cleared_us)}, {SIGNED(time_us)},     {SIGNED(dist_mm)},
    {SIGNED(dist_err_mm)},  {SIGNED(lat_e7)},     {SIGNED(lon_e7)},      {UNSIGNED(count)},
    {UNSIGNED(rule)},       {UNSIGNED(zone)},     {UNSIGNED(side)},      {UNSIGNED(in_force)},
    {UNSIGNED(severity)},   {UNSIGNED(state)},    {UNSIGNED(certainty)}, {UNSIGNED(platform)},
    {UNSIGNED(leg)},        {UNSIGNED(own)},      {UNSIGNED(predicted)}, {UNSIGNED(simulated)},
    {UNSIGNED(sighted)},
};
const size_t alert_column_count = sizeof alert_columns / sizeof alert_columns[0];

/* Little-endian and big-endian alike: by the field's own type. */
int64_t column_get(const struct column *column, const struct alert *alert)
{
    const char *at = (const char *)alert + column->offset;
    union {
        uint64_t u64;
        uint32_t u32;
        int32_t i32;
        uint16_t u16;
        uint8_t u8;
    } value = {0};
    memcpy(&value, at, column->size);
    switch (column->size) {
    case 8:
        return (int64_t)value.u64;
    case 4:
        return column->is_signed ? value.i32 : (int64_t)value.u32;
    case 2:
        return value.u16;
    default:
        assert(column->size == 1);
        return value.u8;
    }
}

void column_set(const struct column *column, struct alert *alert, int64_t value)
{
    char *at = (char *)alert + column->offset;
    const uint64_t u64 = (uint64_t)value;
    const uint32_t u32 = (uint32_t)value;
    const uint16_t u16 = (uint16_t)value;
    const uint8_t u8 = (uint8_t)value;
    const void *from = column->size == 8   ? (const void *)&u64
                       : column->size == 4 ? (const void *)&u32
                       : column->size == 2 ? (const void *)&u16
                                           : (const void *)&u8;
    memcpy(at, from, column->size);
}
