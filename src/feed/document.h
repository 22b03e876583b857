#ifndef FEED_DOCUMENT_H
#define FEED_DOCUMENT_H

#include "base/json.h"
#include "feed/decoder.h"

/*
 * JSON objects in a stream of bytes: one after the other, with or without line ends between and
 * within them. Brackets are counted outside of strings, so cuts may fall anywhere.
 *
 *            documents_take            '{' .. '}'                  json_next
 *   bytes ----------------> held bytes -----------> open document -----------> kind->record
 *                               |
 *                               '-> cut: a line end in a string; a line end in an object where
 *                                   objects come one a line; inside an object the beginning of one
 *                                   that can only be a new document (`{"now"` of aircraft.json)
 */

/* What differs between the formats that are cut so. */
struct document_kind {
    const char *lists[2];               /* the keys whose array holds the records */
    bool (*is_record)(struct json top); /* the object itself is one */
    bool (*is_other)(struct json top);  /* right, and nothing for us */
    const char *first_key;              /* with which only a new document begins; NULL: none */
    bool one_a_line;                    /* objects that are records themselves come one a line */
    bool tells_now;                     /* the document says when it is from */
    /* now_us is the document's "now", TIME_UNKNOWN where it does not tell. */
    int (*record)(struct feed *feed, struct json object, int64_t now_us, int64_t receive_us,
                  struct position *ret_position);
};

extern const struct framing document_framing;

/* NULL when the arena is full. */
struct documents *documents_new(size_t cap, struct arena *arena);

/* The stream ended: an unfinished object is cut. To be called when documents_next has said false. */
void documents_flush(struct feed *feed);

/* The formats: aircraft.c, aiscatcher.c, geojson.c. */
extern const struct document_kind aircraft_documents, aiscatcher_documents, geojson_documents;

#endif
