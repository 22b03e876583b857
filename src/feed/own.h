#ifndef FEED_OWN_H
#define FEED_OWN_H

#include "base/json.h"
#include "feed/decoder.h"

/*
 * A record of our own formats (docs/format/positions.md), read from whichever of the two: numbers
 * are integers with the unit of their name; `has` says which are there.
 */
enum own_field {
    OWN_TIME,
    OWN_TIME_SOURCE,
    OWN_TRACK,
    OWN_LAT,
    OWN_LON,
    OWN_ALT,
    OWN_ALT_REF,
    OWN_SPEED,
    OWN_COURSE,
    OWN_CLIMB,
    OWN_CLASS,
    OWN_NAME,
    OWN_FLAG,
    OWN_ERR,
    OWN_LEG,
    OWN_COUNT
};

/* The key or column of a field: "alt_m". */
const char *own_name(enum own_field field);

/* Decimals of a field's number on its way into own_record.number; -1: it is a text. */
int own_scale(enum own_field field);

struct own_record {
    bool has[OWN_COUNT];
    int64_t number[OWN_COUNT];
    struct bytes text[OWN_COUNT];
};

/* Decoded texts of a JSON object; names may have escapes. The record's texts stand in it. */
#define OWN_TEXTS_MAX 8
struct own_texts {
    size_t count;
    char text[OWN_TEXTS_MAX][2 * FEED_NAME_MAX];
};

/* Takes the members of a JSON object that are fields of ours; others and nulls are passed over.
 * SKIP_SYNTAX, or RECORD_USED. */
int own_members(struct json object, struct own_record *record, struct own_texts *texts);

/* Checks all and makes the position. Returns a reason or RECORD_POSITION. */
int own_position(struct feed *feed, const struct own_record *record, struct stamp receive,
                 struct position *ret_position);

#endif
