#ifndef NODE_RULES_H
#define NODE_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "agreement/agreement.h"
#include "base/arena.h"
#include "base/err.h"
#include "watch/watch.h"

/*
 * Which rules a sighting falls under. Of the agreement's rules those that positions show are listed
 * by zone, in the order of the text.
 */
#define RULES_OF_ZONE_MAX 2000 /* of rules seen by position */

struct rules {
    uint16_t start[AGREEMENT_ZONES_MAX + 1]; /* zone z has rule[start[z]] to before start[z + 1] */
    const uint16_t *rule;
};

int rules_init(struct rules *rules, const struct agreement *a, struct arena *arena,
               struct err *err);

/*
 * Whether the sighting's track is meant by a rule of its zone: its class, its side, and the rule's
 * own period. A class or a flag that is not known is possibly every one that it could be.
 */
enum meant rule_meant(const struct agreement *a, const struct rule *rule,
                      const struct sighting *sighting);

/* Whether positions show this rule in this zone. */
bool rule_watches(const struct rule *rule, uint16_t zone);

/* Whether tracks seen against this rule in its zone raise an alert. */
bool rule_alarms(const struct rule *rule);

/* Bit i: the rule binds party i at that time. */
uint16_t rule_in_force(const struct agreement *a, const struct rule *rule, int64_t time_us);

#endif
