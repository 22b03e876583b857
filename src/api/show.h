#ifndef API_SHOW_H
#define API_SHOW_H

#include "api/desk.h"
#include "feed/position_json.h"

/* What the desk knows, as JSON. Whoever calls has settled first (D1). */
#define POSITION_ROOM (POSITION_JSON_MAX + 64)

void show_position(struct page *page, const struct desk *desk, const struct position *position);
void show_track(struct page *page, struct desk *desk, const struct craft *craft, bool with_fixes);
void show_tracks(struct page *page, struct desk *desk);
void show_health(struct page *page, struct desk *desk);

/* The tracks that moved since they were last shown, as frames of the stream, about `max` bytes; those
 * that found no place are first the next time. False: none moved. */
bool show_moved(struct page *page, struct desk *desk, size_t max);

/* Fixes of a track that were kept up to a time, oldest first, `limit` at most: a list. */
void show_kept_fixes(struct page *page, struct desk *desk, uint64_t track, int64_t until_us,
                     uint32_t limit);

/* Room for a sighting or an alert: every rule of the agreement may stand in it. */
size_t show_event_room(const struct compiled *compiled);

#endif
