#include "node/rules.h"

static bool is_seen(const struct rule *rule)
{
    return rule->observed == ACTIVITY_BY_POSITION;
}

/* `permit` means: only with notice. */
bool rule_alarms(const struct rule *rule)
{
    static const bool alarms[] = {[VERB_PROHIBIT] = true,
                                  [VERB_LIMIT] = false,
                                  [VERB_REQUIRE] = false,
                                  [VERB_PERMIT] = true,
                                  [VERB_FREEZE] = false};
    return is_seen(rule) && alarms[rule->verb];
}

bool rule_watches(const struct rule *rule, uint16_t zone)
{
    for (uint16_t i = 0; is_seen(rule) && i < rule->zone_count; i++)
        if (rule->zones[i] == zone)
            return true;
    return false;
}

/* Writes the rules of a zone if `to` is not NULL; returns how many there are. */
static uint32_t list_rules(const struct agreement *a, uint16_t zone, uint16_t *to)
{
    uint32_t count = 0;
    for (uint16_t i = 0; i < a->rule_count; i++) {
        if (!rule_watches(&a->rules[i], zone))
            continue;
        if (to)
            to[count] = i;
        count++;
    }
    return count;
}

int rules_init(struct rules *rules, const struct agreement *a, struct arena *arena, struct err *err)
{
    uint32_t total = 0;
    for (uint16_t zone = 0; zone < a->zone_count; zone++) {
        uint32_t count = list_rules(a, zone, NULL);
        if (count > RULES_OF_ZONE_MAX || total + count > UINT16_MAX)
            return err_set(err, EXIT_DATA,
                           "zone %s: %u rules are seen by position; the limit is %u",
                           a->zones[zone].id, count, RULES_OF_ZONE_MAX);
        total += count;
        rules->start[zone + 1] = (uint16_t)total;
    }
    uint16_t *list = ARENA_ARRAY(arena, uint16_t, total + 1);
    if (!list)
        return err_set(err, EXIT_CONFIG, "no memory for the rules of %u zones", a->zone_count);
    for (uint16_t zone = 0; zone < a->zone_count; zone++)
        list_rules(a, zone, list + rules->start[zone]);
    rules->rule = list;
    return 0;
}

static enum meant side_meant(const struct agreement *a, const struct rule *rule,
                             const struct sighting *sighting)
{
    uint16_t all = (uint16_t)((1U << a->party_count) - 1);
    uint16_t bound = rule->sides & all;
    if (sighting->side != AGREEMENT_NONE)
        return bound >> sighting->side & 1 ? MEANT_CERTAINLY : MEANT_NOT;
    if (sighting->fix.flag)
        return rule->binds_others ? MEANT_CERTAINLY : MEANT_NOT;
    if (bound == all && rule->binds_others)
        return MEANT_CERTAINLY;
    return bound || rule->binds_others ? MEANT_POSSIBLY : MEANT_NOT;
}

static bool is_in_period(const struct rule *rule, int64_t time_us)
{
    return time_us == TIME_UNKNOWN ||
           ((rule->from_us == TIME_UNKNOWN || time_us >= rule->from_us) &&
            (rule->to_us == TIME_UNKNOWN || time_us < rule->to_us));
}

enum meant rule_meant(const struct agreement *a, const struct rule *rule,
                      const struct sighting *sighting)
{
    enum meant class = platform_meant((enum platform)sighting->platform, rule->classes);
    enum meant side = side_meant(a, rule, sighting);
    if (!is_in_period(rule, sighting->time_us))
        return MEANT_NOT;
    return class < side ? class : side;
}

uint16_t rule_in_force(const struct agreement *a, const struct rule *rule, int64_t time_us)
{
    uint16_t parties = 0;
    for (uint16_t party = 0; party < a->party_count; party++)
        if (state_in_force(agreement_state(a, rule->provision, party, time_us, NULL)))
            parties |= (uint16_t)(1U << party);
    return parties;
}
