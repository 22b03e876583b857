#include <string.h>

#include "agreement/reader.h"

/* Rules: what is forbidden, limited, required or allowed, where, and for whom. */

#define WHEN_DEPTH_MAX   16
#define SEVERITY_DEFAULT 2
#define SEVERITY_MAX     4

struct activity {
    const char *name;
    enum activity_kind kind;
};

static const struct activity activities[] = {
    {"presence", ACTIVITY_BY_POSITION},
    {"flight", ACTIVITY_BY_POSITION},
    {"navigation", ACTIVITY_BY_POSITION},
    {"live_fire", ACTIVITY_BY_OBSERVATION},
    {"field_exercise", ACTIVITY_BY_OBSERVATION},
    {"manoeuvre_exercise", ACTIVITY_BY_OBSERVATION},
    {"tactical_live_fire", ACTIVITY_BY_OBSERVATION},
    {"barrel_uncovered", ACTIVITY_BY_OBSERVATION},
    {"gunport_open", ACTIVITY_BY_OBSERVATION},
    {"fishing", ACTIVITY_BY_OBSERVATION},
    {"survey", ACTIVITY_BY_OBSERVATION},
    {"construction", ACTIVITY_BY_OBSERVATION},
    {"reconnaissance", ACTIVITY_BY_OBSERVATION},
    {"psychological_warfare", ACTIVITY_BY_OBSERVATION},
    {"armed_presence", ACTIVITY_BY_OBSERVATION},
    {"mine_laying", ACTIVITY_BY_OBSERVATION},
};
#define ACTIVITY_COUNT (sizeof activities / sizeof activities[0])

/* `into` is an enum activity_kind: one activity seen by position makes the rule one. */
static int read_activity(struct reader *r, struct json value, void *into)
{
    const char *names[ACTIVITY_COUNT];
    size_t index;
    for (size_t i = 0; i < ACTIVITY_COUNT; i++)
        names[i] = activities[i].name;
    if (word_read(r, value, names, ACTIVITY_COUNT, &index))
        return ERR_FAIL;
    if (activities[index].kind == ACTIVITY_BY_POSITION)
        *(enum activity_kind *)into = ACTIVITY_BY_POSITION;
    return 0;
}

static int read_verb(struct reader *r, struct json value, void *into)
{
    const char *names[VERB_FREEZE + 1];
    size_t index;
    for (int i = 0; i <= VERB_FREEZE; i++)
        names[i] = verb_name((enum verb)i);
    if (word_read(r, value, names, VERB_FREEZE + 1, &index))
        return ERR_FAIL;
    *(enum verb *)into = (enum verb)index;
    return 0;
}

static int read_severity(struct reader *r, struct json value, void *into)
{
    int64_t severity;
    if (!json_int(value, &severity) || severity < 1 || severity > SEVERITY_MAX)
        return reader_fail(r, value, "expected 1 (alarm), 2 (warning), 3 (caution) or 4 (journal)");
    *(uint8_t *)into = (uint8_t)severity;
    return 0;
}

static int read_side_bit(struct reader *r, struct json value, void *into)
{
    uint16_t party;
    if (read_party(r, value, &party))
        return ERR_FAIL;
    *(uint16_t *)into |= (uint16_t)(1u << party);
    return 0;
}

static int read_sides(struct reader *r, struct json value, void *into)
{
    *(uint16_t *)into = 0;
    if (value.type != JSON_ARRAY || json_count(value) == 0)
        return reader_fail(r, value, "expected a list of party ids; leave the key out to bind all");
    return each_read(r, value, read_side_bit, into);
}

static int check_exemption(struct reader *r, struct json value, void *into)
{
    uint16_t index;
    (void)into;
    return ref_read(r, LIST_EXEMPTIONS, value, &index);
}

static int read_exemptions(struct reader *r, struct json value, void *into)
{
    return joined_read(r, value, check_exemption, into);
}

static int id_ref(struct reader *r, enum list list, struct json value, void *into)
{
    uint16_t index;
    if (ref_read(r, list, value, &index))
        return ERR_FAIL;
    *(const char **)into = r->list[list].id[index];
    return 0;
}

static int read_notice(struct reader *r, struct json value, void *into)
{
    return id_ref(r, LIST_NOTICES, value, into);
}

static int read_ladder(struct reader *r, struct json value, void *into)
{
    return id_ref(r, LIST_LADDERS, value, into);
}

static int check_texts(struct reader *r, struct json value, void *into)
{
    return each_read(r, value, read_text, into);
}

/* ---- when: thresholds, checked and carried ------------------------------------------------------- */

static const char *const quantities[] = {
    "echelon", "persons",    "guards_per_side", "count",       "calibre_mm", "range_km",
    "sorties", "duration_h", "speed_mps",       "distance_km", "heading_deg"};
#define QUANTITY_COUNT   (sizeof quantities / sizeof quantities[0])
#define QUANTITY_ECHELON 0

static const char *const echelons[] = {"squad",    "platoon", "company",  "battalion",
                                       "regiment", "brigade", "division", "corps"};
#define ECHELON_COUNT (sizeof echelons / sizeof echelons[0])

struct comparison {
    size_t of;
    struct json value;
};

static int read_quantity(struct reader *r, struct json value, void *into)
{
    return word_read(r, value, quantities, QUANTITY_COUNT, into);
}

static int check_relation(struct reader *r, struct json value, void *into)
{
    static const char *const relations[] = {"<", "<=", "=", ">=", ">"};
    return word_read(r, value, relations, 5, into);
}

static int check_per(struct reader *r, struct json value, void *into)
{
    static const char *const periods[] = {"year"};
    return word_read(r, value, periods, 1, into);
}

static const struct field comparison_fields[] = {
    {"of", read_quantity, offsetof(struct comparison, of), "a quantity"},
    {"is", check_relation, NOT_KEPT, "\"<\", \"<=\", \"=\", \">=\" or \">\""},
    {"value", read_value, offsetof(struct comparison, value), "a number or an echelon"},
    {"per", check_per, NOT_KEPT, NULL},
    {"class", read_text, NOT_KEPT, NULL},
};

static int comparison_check(struct reader *r, struct json value)
{
    struct comparison comparison;
    size_t index;
    if (OBJECT_READ(r, value, comparison_fields, &comparison))
        return ERR_FAIL;
    if (comparison.of == QUANTITY_ECHELON)
        return word_read(r, comparison.value, echelons, ECHELON_COUNT, &index);
    if (comparison.value.type != JSON_NUMBER)
        return reader_expected(r, comparison.value, "a number");
    return 0;
}

static int when_check(struct reader *r, struct json value, int depth);

static int when_list_check(struct reader *r, struct json list, int depth)
{
    if (list.type != JSON_ARRAY || json_count(list) == 0)
        return reader_fail(r, list, "expected a list of thresholds");
    for (struct json_iter it = json_iter(list); json_next(&it);)
        if (when_check(r, it.value, depth + 1))
            return ERR_FAIL;
    return 0;
}

static int when_check(struct reader *r, struct json value, int depth)
{
    static const struct field all = {"all", read_value, 0, NULL};
    static const struct field any = {"any", read_value, 0, NULL};
    bool is_all = json_get(value, "all").type != JSON_NONE;
    struct json list;
    if (depth > WHEN_DEPTH_MAX)
        return reader_fail(r, value, "nested more than %d deep", WHEN_DEPTH_MAX);
    if (!is_all && json_get(value, "any").type == JSON_NONE)
        return comparison_check(r, value);
    if (object_read(r, value, is_all ? &all : &any, 1, &list))
        return ERR_FAIL;
    return when_list_check(r, list, depth);
}

/* ---- rules -------------------------------------------------------------------------------------- */

struct rule_entry {
    struct rule rule;
    struct json zone, activity, when;
    struct class_list classes, exempt;
};

static const struct field rule_fields[] = {
    {"id", read_id, offsetof(struct rule_entry, rule.id), "the id of this rule"},
    {"provision", read_provision, offsetof(struct rule_entry, rule.provision),
     "the id of a provision"},
    {"zone", read_value, offsetof(struct rule_entry, zone), NULL},
    {"verb", read_verb, offsetof(struct rule_entry, rule.verb),
     "prohibit, limit, require, permit or freeze"},
    {"activity", read_value, offsetof(struct rule_entry, activity),
     "an activity, such as presence"},
    {"classes", read_classes, offsetof(struct rule_entry, classes), NULL},
    {"exempt_classes", read_classes, offsetof(struct rule_entry, exempt), NULL},
    {"what", check_texts, NOT_KEPT, NULL},
    {"sides", read_sides, offsetof(struct rule_entry, rule.sides), NULL},
    {"when", read_value, offsetof(struct rule_entry, when), NULL},
    {"exemptions", read_exemptions, offsetof(struct rule_entry, rule.exemptions), NULL},
    {"notice", read_notice, offsetof(struct rule_entry, rule.notice), NULL},
    {"ladder", read_ladder, offsetof(struct rule_entry, rule.ladder), NULL},
    {"severity", read_severity, offsetof(struct rule_entry, rule.severity), NULL},
    {"from", read_start, offsetof(struct rule_entry, rule.from_us), NULL},
    {"to", read_end, offsetof(struct rule_entry, rule.to_us), NULL},
    {"text", read_words, offsetof(struct rule_entry, rule.text), NULL},
    {"source", read_text, offsetof(struct rule_entry, rule.source), NULL},
};

/* `into` points to the next free place of the list. */
static int read_zone_next(struct reader *r, struct json value, void *into)
{
    uint16_t **next = into;
    return ref_read(r, LIST_ZONES, value, (*next)++);
}

static int rule_zones(struct reader *r, struct json value, struct rule *rule)
{
    if (value.type == JSON_NONE)
        return 0;
    size_t count = value.type == JSON_ARRAY ? json_count(value) : 1;
    if (count > AGREEMENT_ZONES_MAX)
        return reader_fail(r, value, "%zu zones; there are at most %d", count, AGREEMENT_ZONES_MAX);
    uint16_t *zones = READER_ARRAY(r, uint16_t, count), *next = zones;
    if (!zones || each_read(r, value, read_zone_next, &next))
        return ERR_FAIL;
    rule->zones = zones;
    rule->zone_count = (uint16_t)count;
    return 0;
}

/* A rule with a threshold is for observers: no track alone shows that it is passed. */
static int rule_activity(struct reader *r, const struct rule_entry *entry, struct rule *rule)
{
    enum activity_kind kind = ACTIVITY_BY_OBSERVATION;
    if (entry->activity.type == JSON_ARRAY && json_count(entry->activity) == 0)
        return reader_fail(r, entry->activity, "empty; expected an activity");
    if (each_read(r, entry->activity, read_activity, &kind) ||
        joined_read(r, entry->activity, read_text, &rule->activity))
        return ERR_FAIL;
    rule->observed = entry->when.type == JSON_NONE ? kind : ACTIVITY_BY_OBSERVATION;
    return 0;
}

static int rule_classes(struct reader *r, struct json json, const struct rule_entry *entry,
                        struct rule *rule)
{
    rule->classes = entry->classes.set & ~entry->exempt.set;
    if (!rule->classes)
        return reader_fail(r, json,
                           "\"exempt_classes\" leaves nobody; expected some of \"classes\"");
    return 0;
}

static int rule_read(struct reader *r, struct json json, struct rule *ret_rule)
{
    struct rule_entry entry = {.rule = {.exemptions = "",
                                        .sides = (uint16_t)((1u << r->agreement->party_count) - 1),
                                        .severity = SEVERITY_DEFAULT,
                                        .from_us = TIME_UNKNOWN,
                                        .to_us = TIME_UNKNOWN},
                               .classes = {.set = platform_leaves(PLATFORM_UNKNOWN)}};
    struct rule *rule = &entry.rule;
    rule->binds_others = json_get(json, "sides").type == JSON_NONE;
    if (OBJECT_READ(r, json, rule_fields, &entry) || rule_zones(r, entry.zone, rule) ||
        rule_activity(r, &entry, rule) || rule_classes(r, json, &entry, rule) ||
        period_check(r, json, rule->from_us, rule->to_us))
        return ERR_FAIL;
    if (entry.when.type != JSON_NONE && when_check(r, entry.when, 1))
        return ERR_FAIL;
    *ret_rule = *rule;
    return 0;
}

int rules_read(struct reader *r)
{
    uint16_t count = r->list[LIST_RULES].count;
    struct rule *rules = READER_ARRAY(r, struct rule, count);
    if (!rules)
        return ERR_FAIL;
    for (struct json_iter it = list_iter(r, LIST_RULES); json_next(&it);)
        if (rule_read(r, it.value, &rules[it.index]))
            return ERR_FAIL;
    r->agreement->rules = rules;
    r->agreement->rule_count = count;
    return 0;
}
