#ifndef FEED_DOCUMENT_H
#define FEED_DOCUMENT_H

#include "base/json.h"
#include "feed/decoder.h"

/*
 * JSON objects in a stream of bytes: one after the other, with or without line ends between and
 * within them. Brackets are counted outside of strings, so cuts may fall anywhere.
 *
 *            documents_take            '{' .. '}'                  json_next
 *   bytes ----------------> held bytes -----------> open document -----------> aircraft_record
 *                               |
 *                               '-> cut: a line end in a string; a line end in an object where
 *                                   objects come one a line; `{"now"`, with which only a new
 *                                   document begins, inside an object
 */

/* NULL when the arena is full. */
struct documents *documents_new(size_t cap, struct arena *arena);

/* Holds some of the bytes; returns how many. To be called when documents_next has said false. */
size_t documents_take(struct feed *feed, struct bytes input);

/* The next position, or false when the bytes held give no more. */
bool documents_next(struct feed *feed, int64_t receive_us, struct position *ret_position);

/* The stream ended: an unfinished object is cut. To be called when documents_next has said false. */
void documents_flush(struct feed *feed);

/* aircraft.c: one aircraft. now_us is TIME_UNKNOWN where the document does not tell. */
int aircraft_record(struct feed *feed, struct json object, int64_t now_us, int64_t receive_us,
                    struct position *ret_position);

#endif
