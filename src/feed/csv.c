#include <string.h>

#include "feed/field.h"
#include "feed/own.h"

/*
 * CSV of ours (docs/format/positions.md). The first line names the columns; until it has come, lines
 * are no records.
 */
#define COLUMNS_MAX 64

struct csv {
    bool begun;
    size_t count;                /* columns */
    uint8_t column[COLUMNS_MAX]; /* enum own_field; OWN_COUNT is none of ours */
    struct bytes field[COLUMNS_MAX];
    uint8_t text[FEED_RECORD_MAX]; /* fields without their quotes */
};

struct csv *csv_new(struct arena *arena)
{
    return ARENA_ARRAY(arena, struct csv, 1);
}

/* ---- fields of RFC 4180 ------------------------------------------------------------------------- */

/* A quoted field at p, unquoted into *out; returns the byte behind its last quote, or NULL. */
static const uint8_t *unquote(const uint8_t *p, const uint8_t *end, uint8_t **out)
{
    for (p++; p < end; p++) {
        if (*p != '"') {
            *(*out)++ = *p;
            continue;
        }
        if (p + 1 == end || p[1] != '"')
            return p + 1;
        *(*out)++ = '"';
        p++;
    }
    return NULL;
}

/* Splits the line into csv->field; returns how many fields, or 0 when quotes do not pair. */
static size_t split(struct csv *csv, struct bytes line)
{
    const uint8_t *p = line.p, *end = bytes_end(line);
    uint8_t *out = csv->text;
    size_t count = 0;
    for (;; p++) {
        uint8_t *begin = out;
        if (p < end && *p == '"') {
            p = unquote(p, end, &out);
            if (!p || (p < end && *p != ','))
                return 0;
        } else {
            while (p < end && *p != ',')
                *out++ = *p++;
        }
        if (count < COLUMNS_MAX)
            csv->field[count] = field_trim((struct bytes){begin, (size_t)(out - begin)});
        count++;
        if (p == end)
            return count;
    }
}

/* ---- the header --------------------------------------------------------------------------------- */

static bool same_name(struct bytes field, const char *name)
{
    if (field.n != strlen(name))
        return false;
    for (size_t i = 0; i < field.n; i++) {
        uint8_t c = field.p[i];
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != name[i])
            return false;
    }
    return true;
}

static uint8_t column_of(struct bytes field)
{
    for (int i = 0; i < OWN_COUNT; i++)
        if (same_name(field, own_name((enum own_field)i)))
            return (uint8_t)i;
    return OWN_COUNT;
}

/* Each of our columns at most once, and those that must be there. */
static bool columns_serve(const struct csv *csv)
{
    unsigned seen[OWN_COUNT + 1] = {0};
    for (size_t i = 0; i < csv->count; i++)
        if (++seen[csv->column[i]] > 1 && csv->column[i] != OWN_COUNT)
            return false;
    return seen[OWN_TRACK] && seen[OWN_LAT] && seen[OWN_LON];
}

static int header(struct csv *csv, struct bytes line)
{
    csv->count = split(csv, line);
    if (csv->count == 0 || csv->count > COLUMNS_MAX)
        return SKIP_NOT_A_RECORD;
    for (size_t i = 0; i < csv->count; i++)
        csv->column[i] = column_of(csv->field[i]);
    csv->begun = columns_serve(csv);
    return csv->begun ? RECORD_OTHER : SKIP_NOT_A_RECORD;
}

/* ---- records ------------------------------------------------------------------------------------ */

static bool take_field(struct own_record *record, uint8_t column, struct bytes field)
{
    if (column == OWN_COUNT || !field.n)
        return true;
    int scale = own_scale((enum own_field)column);
    record->has[column] = true;
    record->text[column] = field;
    return scale < 0 || field_scaled(field, (unsigned)scale, &record->number[column]);
}

int csv_record(struct feed *feed, struct bytes line, int64_t receive_us,
               struct position *ret_position)
{
    struct csv *csv = feed->csv;
    struct own_record record = {.has = {false}};
    if (!field_trim(line).n || line.p[0] == '#')
        return RECORD_NOTHING;
    if (!csv->begun)
        return header(csv, line);
    size_t count = split(csv, line);
    if (count != csv->count)
        return count && count < csv->count ? SKIP_CUT : SKIP_SYNTAX;
    for (size_t i = 0; i < count; i++)
        if (!take_field(&record, csv->column[i], csv->field[i]))
            return SKIP_SYNTAX;
    return own_position(feed, &record, feed_receive(feed, receive_us), ret_position);
}
