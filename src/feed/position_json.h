#ifndef FEED_POSITION_JSON_H
#define FEED_POSITION_JSON_H

#include "base/json.h"
#include "feed/feed.h"

/* A position as one JSON object with the keys of docs/format/positions.md. */
#define POSITION_JSON_MAX 2048 /* bytes at most, names of nothing but escapes included */

void position_json(struct json_out *out, const struct position *position, const struct feed *feed);

/* Its members alone, for an object that says more. */
void position_members_json(struct json_out *out, const struct position *position,
                           const struct feed *feed);

#endif
