#ifndef NODE_NODE_H
#define NODE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agreement/compile.h"
#include "alert/alert.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/jobs.h"
#include "base/json.h"
#include "node/shards.h"
#include "watch/watch.h"

/*
 * One party's node: a deterministic value. Inputs go in (positions, ticks, operator commands),
 * effects come out; it knows no clock, socket, file or random source.
 *
 * The caller carries the effects out in this order: everything KEPT is durable before anything of
 * the same batch is SHOWN. So a crash loses nothing that anybody has seen.
 */
enum effect_kind { EFFECT_KEEP_SIGHTING, EFFECT_KEEP_ALERT };

struct effect {
    enum effect_kind kind;
    union {
        struct sighting sighting;
        struct alert alert; /* the episode as it stands after the change */
    };
};

#define EFFECTS_ROOM 4096 /* capacity that node_positions wants free; it stops before overrunning */

struct node_options {
    uint16_t party;          /* whose node; AGREEMENT_NONE: an analyst's, nobody's own */
    uint32_t shards;         /* watches that share the tracks, 1 .. SHARDS_MAX; 0: SHARDS_USUAL */
    const struct jobs *jobs; /* runs them at once; NULL: one after the other */
    struct watch_options watch;
    uint32_t alert_max;
};

struct node; /* opaque */

struct node *node_new(const struct compiled *compiled, const struct node_options *options,
                      struct arena *arena, struct err *err);

/* Returns how many positions were used; the caller comes back with the same rest after carrying out
 * the effects. cap is at least EFFECTS_ROOM, here and below. */
size_t node_positions(struct node *node, const struct position *positions, size_t count,
                      struct effect *out, size_t cap, size_t *ret_count);

/* Data time moved on. True: call again after carrying out the effects. */
bool node_tick(struct node *node, int64_t now_us, struct effect *out, size_t cap,
               size_t *ret_count);

/* An operator acknowledges. Fails when there is no such open episode. */
int node_ack(struct node *node, uint64_t alert_id, const char *by, int64_t time_us,
             struct effect *out, size_t cap, size_t *ret_count, struct err *err);

/* After a restart: what the store had kept. */
bool node_restore_alert(struct node *node, const struct alert *kept);

const struct compiled *node_compiled(const struct node *node);
struct watch_counts node_counts(const struct node *node);
bool node_track(const struct node *node, uint64_t track, struct watch_track *ret_track);
const struct alerts *node_alerts(const struct node *node);
uint16_t node_party(const struct node *node);

/*
 * How a sighting and an alert read as JSON: one writer for the command line, the api and the
 * store. `track` is the track's text. Keys: docs/format/sightings.md.
 */
void sighting_json(struct json_out *out, const struct compiled *compiled,
                   const struct sighting *sighting, const char *track);
void alert_json(struct json_out *out, const struct compiled *compiled, const struct alert *alert,
                const char *track);

#endif
