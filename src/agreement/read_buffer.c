#include "agreement/reader.h"

/* Buffers of a line: one width or several along it, on one hand or both. */

#define WIDTHS_MAX 1024

static int read_step(struct reader *r, struct json value, void *into)
{
    static const char *const names[] = {"nearest", "any"};
    size_t index;
    if (word_read(r, value, names, 2, &index))
        return ERR_FAIL;
    *(enum step *)into = index ? STEP_ANY : STEP_NEAREST;
    return 0;
}

struct buffer_entry {
    uint16_t line;
    struct length length, inner;
    struct json by, side;
    enum cap cap;
    enum step step;
};

static const struct field buffer_fields[] = {
    {"line", read_course_line, offsetof(struct buffer_entry, line), "the id of a line"},
    LENGTH_FIELDS(struct buffer_entry, length),
    {"by", read_value, offsetof(struct buffer_entry, by), NULL},
    {"inner", read_length, offsetof(struct buffer_entry, inner), NULL},
    {"side", read_value, offsetof(struct buffer_entry, side), NULL},
    {"cap", read_cap, offsetof(struct buffer_entry, cap),
     "\"round\" or \"flat\", how the zone ends where the line ends"},
    {"step", read_step, offsetof(struct buffer_entry, step), NULL},
};

struct part_entry {
    struct json from, to;
    struct length length;
};

static const struct field part_fields[] = {
    {"from", read_value, offsetof(struct part_entry, from), NULL},
    {"to", read_value, offsetof(struct part_entry, to), NULL},
    LENGTH_FIELDS(struct part_entry, length),
};

/* Where a station stands; an absent one is the line's end. */
static int station_find(struct reader *r, uint16_t line, struct json id, int64_t absent_mm,
                        int64_t *ret_mm)
{
    *ret_mm = absent_mm;
    if (id.type == JSON_NONE)
        return 0;
    for (uint16_t i = 0; i < r->lines[line].station_count; i++)
        if (json_is(id, r->lines[line].stations[i].id)) {
            *ret_mm = r->lines[line].stations[i].chainage_mm;
            return 0;
        }
    return reader_fail(r, id, "expected the id of a station of line \"%s\"", r->lines[line].id);
}

static int part_read(struct reader *r, uint16_t line, struct json json, struct width *width)
{
    struct part_entry entry = {0};
    if (OBJECT_READ(r, json, part_fields, &entry) || length_need(r, json, &entry.length) ||
        station_find(r, line, entry.from, 0, &width->from_mm) ||
        station_find(r, line, entry.to, r->line_length_mm[line], &width->to_mm))
        return ERR_FAIL;
    if (width->from_mm >= width->to_mm)
        return reader_fail(r, json, "\"from\" does not come before \"to\" along the line");
    width->width_mm = entry.length.mm;
    return 0;
}

/* Insertion in the order of the line. */
static void widths_insert(struct width *widths, size_t count, struct width width)
{
    size_t at = count;
    for (; at > 0 && widths[at - 1].from_mm > width.from_mm; at--)
        widths[at] = widths[at - 1];
    widths[at] = width;
}

static int widths_cover(struct reader *r, struct json by, const struct width *widths, size_t count,
                        int64_t length_mm)
{
    int64_t reached_mm = 0;
    for (size_t i = 0; i <= count; i++) {
        int64_t from_mm = i < count ? widths[i].from_mm : length_mm;
        if (from_mm > reached_mm)
            return reader_fail(r, by,
                               "a gap from km %.3f to km %.3f of the line; expected parts that "
                               "cover it from end to end",
                               (double)reached_mm / 1e6, (double)from_mm / 1e6);
        if (from_mm < reached_mm)
            return reader_fail(r, by,
                               "parts overlap from km %.3f to km %.3f of the line; expected "
                               "each to begin where another ends",
                               (double)from_mm / 1e6, (double)reached_mm / 1e6);
        reached_mm = i < count ? widths[i].to_mm : reached_mm;
    }
    return 0;
}

static int widths_by_parts(struct reader *r, uint16_t line, struct json by, struct width *widths,
                           size_t *ret_count)
{
    for (struct json_iter it = json_iter(by); json_next(&it);) {
        struct width width = {0, 0, 0};
        if (part_read(r, line, it.value, &width))
            return ERR_FAIL;
        widths_insert(widths, it.index, width);
        *ret_count = it.index + 1;
    }
    return widths_cover(r, by, widths, *ret_count, r->line_length_mm[line]);
}

static int widths_read(struct reader *r, struct json json, const struct buffer_entry *entry,
                       struct expression *e)
{
    bool parts = entry->by.type != JSON_NONE;
    if (parts == entry->length.given)
        return reader_fail(r, json,
                           "expected a width (\"km\", \"m\", \"nm\") or a list of parts "
                           "(\"by\"), one of them");
    if (parts && (entry->by.type != JSON_ARRAY || json_count(entry->by) > WIDTHS_MAX))
        return reader_fail(r, entry->by, "expected a list of at most %d parts", WIDTHS_MAX);
    size_t count = parts ? json_count(entry->by) : 1;
    struct width *widths = READER_ARRAY(r, struct width, count);
    if (!widths)
        return ERR_FAIL;
    widths[0] = (struct width){0, r->line_length_mm[entry->line], entry->length.mm};
    if (parts && widths_by_parts(r, entry->line, entry->by, widths, &count))
        return ERR_FAIL;
    e->buffer.widths = widths;
    e->buffer.width_count = (uint16_t)count;
    return 0;
}

static int inner_check(struct reader *r, struct json json, const struct expression *e)
{
    for (size_t i = 0; i < e->buffer.width_count; i++)
        if (e->buffer.inner_mm >= e->buffer.widths[i].width_mm)
            return reader_fail(r, json, "\"inner\" is not less than the width; nothing is inside");
    return 0;
}

static int party_hand(struct reader *r, struct json side, const struct line *line,
                      enum hand *ret_hand)
{
    char id[AGREEMENT_ID_MAX];
    uint16_t party =
        json_text(side, id, sizeof id) ? ref_find(r, LIST_PARTIES, id) : AGREEMENT_NONE;
    if (party == AGREEMENT_NONE || (party != line->left && party != line->right))
        return reader_fail(r, side,
                           "expected \"both\", \"left\", \"right\", or the party on a hand of "
                           "line \"%s\"",
                           line->id);
    *ret_hand = party == line->left ? HAND_LEFT : HAND_RIGHT;
    return 0;
}

static int hand_read(struct reader *r, struct json side, const struct line *line,
                     enum hand *ret_hand)
{
    static const char *const names[] = {"both", "left", "right"};
    *ret_hand = HAND_BOTH;
    if (side.type == JSON_NONE)
        return 0;
    for (size_t i = 0; i < 3; i++)
        if (json_is(side, names[i])) {
            *ret_hand = (enum hand)i;
            return 0;
        }
    return party_hand(r, side, line, ret_hand);
}

int buffer_read(struct reader *r, struct json json, struct expression *e, uint16_t *ret_side)
{
    struct buffer_entry entry = {0};
    if (OBJECT_READ(r, json, buffer_fields, &entry) || widths_read(r, json, &entry, e))
        return ERR_FAIL;
    const struct line *line = &r->lines[entry.line];
    e->buffer.line = entry.line;
    e->buffer.inner_mm = entry.inner.mm;
    e->buffer.cap = entry.cap;
    e->buffer.step = entry.step;
    if (inner_check(r, json, e) || hand_read(r, entry.side, line, &e->buffer.hand))
        return ERR_FAIL;
    *ret_side = e->buffer.hand == HAND_LEFT    ? line->left
                : e->buffer.hand == HAND_RIGHT ? line->right
                                               : AGREEMENT_NONE;
    return 0;
}
