#include "base/json.h"
#include "feed/field.h"
#include "feed/own.h"

/* NDJSON of ours (docs/format/positions.md): one object a line, keys as `decode` prints them. */

static bool take_text(struct own_record *record, int field, struct json value,
                      struct own_texts *texts)
{
    if (field == OWN_TIME && value.type == JSON_NUMBER) {
        record->text[field] = (struct bytes){value.p, (size_t)(value.end - value.p)};
        return true;
    }
    if (texts->count == OWN_TEXTS_MAX)
        return false;
    char *text = texts->text[texts->count++];
    if (!json_text(value, text, sizeof texts->text[0]))
        return false;
    record->text[field] = bytes_of(text);
    return true;
}

static int take_member(struct own_record *record, const struct json_iter *it,
                       struct own_texts *texts)
{
    for (int i = 0; i < OWN_COUNT; i++) {
        int scale = own_scale((enum own_field)i);
        if (!bytes_is(it->key, own_name((enum own_field)i)) || it->value.type == JSON_NULL)
            continue;
        if (record->has[i])
            return SKIP_SYNTAX;
        record->has[i] = true;
        bool taken = scale < 0 ? take_text(record, i, it->value, texts)
                               : json_scaled(it->value, (unsigned)scale, &record->number[i], NULL);
        if (!taken)
            return SKIP_SYNTAX;
    }
    return RECORD_USED;
}

int own_members(struct json object, struct own_record *record, struct own_texts *texts)
{
    struct json_iter it = json_iter(object);
    while (json_next(&it)) {
        int end = take_member(record, &it, texts);
        if (end != RECORD_USED)
            return end;
    }
    return RECORD_USED;
}

int ndjson_record(struct feed *feed, struct bytes line, int64_t receive_us,
                  struct position *ret_position)
{
    struct own_record record = {.has = {false}};
    struct own_texts texts = {.count = 0};
    struct json top;
    line = field_trim(line);
    if (!line.n || line.p[0] == '#')
        return RECORD_NOTHING;
    if (line.p[0] != '{')
        return SKIP_NOT_A_RECORD;
    if (!json_open_fast(line, &top))
        return SKIP_SYNTAX;
    int end = own_members(top, &record, &texts);
    if (end == RECORD_USED)
        end = own_position(feed, &record, feed_receive(feed, receive_us), ret_position);
    if (end == RECORD_POSITION && json_get(top, "simulated").type == JSON_TRUE)
        ret_position->note |= NOTE_SIMULATED;
    return end;
}
