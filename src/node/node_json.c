#include "node/node.h"
#include "node/rules.h"

#define LABEL_MAX 1024

/* ---- parts that both have ---------------------------------------------------------------------- */

static void put_id(struct json_out *out, uint64_t id)
{
    char text[17];
    struct buf buf;
    buf_init(&buf, text, sizeof text);
    buf_format(&buf, "%016llx", (unsigned long long)id);
    json_put_text(out, text);
}

static void put_words(struct json_out *out, const struct words *words)
{
    json_begin(out, '{');
    json_key(out, "en");
    json_put_text(out, words->en);
    json_key(out, "ko");
    json_put_text(out, words->ko);
    json_end(out, '}');
}

static void put_class(struct json_out *out, uint8_t platform)
{
    json_key(out, "class");
    json_put_text(out,
                  platform == PLATFORM_UNKNOWN ? NULL : platform_name((enum platform)platform));
}

static void put_side(struct json_out *out, const struct agreement *a, uint16_t side)
{
    json_key(out, "side");
    json_put_text(out, side == AGREEMENT_NONE ? NULL : a->parties[side].id);
}

static void put_time(struct json_out *out, const char *key, int64_t time_us)
{
    json_key(out, key);
    json_put_time(out, time_us);
}

static void put_scaled(struct json_out *out, const char *key, int64_t value, unsigned scale)
{
    json_key(out, key);
    json_put_decimal(out, value, scale);
}

static void put_altitude(struct json_out *out, int32_t alt_cm)
{
    json_key(out, "alt_m");
    if (alt_cm == ALT_UNKNOWN)
        json_put_null(out);
    else
        json_put_decimal(out, alt_cm, 2);
}

static void put_provision(struct json_out *out, const struct agreement *a, const struct rule *rule)
{
    const struct provision *provision = &a->provisions[rule->provision];
    json_key(out, "rule");
    json_put_text(out, rule->id);
    json_key(out, "provision");
    json_put_text(out, provision->id);
    json_key(out, "article");
    put_words(out, &provision->title);
}

static void put_in_force(struct json_out *out, const struct agreement *a, uint16_t in_force)
{
    json_key(out, "in_force");
    json_begin(out, '{');
    for (uint16_t i = 0; i < a->party_count; i++) {
        json_key(out, a->parties[i].id);
        json_put_bool(out, in_force >> i & 1);
    }
    json_end(out, '}');
}

/* ---- sightings --------------------------------------------------------------------------------- */

static void put_rule(struct json_out *out, const struct agreement *a, const struct rule *rule,
                     int64_t time_us)
{
    json_begin(out, '{');
    put_provision(out, a, rule);
    json_key(out, "verb");
    json_put_text(out, verb_name(rule->verb));
    json_key(out, "severity");
    json_put_int(out, rule->severity);
    put_in_force(out, a, rule_in_force(a, rule, time_us));
    json_end(out, '}');
}

static void put_rules(struct json_out *out, const struct agreement *a,
                      const struct sighting *sighting)
{
    json_key(out, "rules");
    json_begin(out, '[');
    for (uint16_t i = 0; i < a->rule_count && sighting->zone != AGREEMENT_NONE; i++)
        if (rule_watches(&a->rules[i], sighting->zone) &&
            rule_meant(a, &a->rules[i], sighting) != MEANT_NOT)
            put_rule(out, a, &a->rules[i], sighting->time_us);
    json_end(out, ']');
}

/* Only where it is so: absent means that nobody called it simulated. */
static void put_simulated(struct json_out *out, const struct agreement *a, bool simulated)
{
    if (!simulated && !a->simulated)
        return;
    json_key(out, "simulated");
    json_put_bool(out, true);
}

static void put_fix(struct json_out *out, const struct position *fix)
{
    json_key(out, "fix");
    json_begin(out, '{');
    put_time(out, "time", fix->time_source == TIME_FROM_NONE ? TIME_UNKNOWN : fix->time_us);
    put_scaled(out, "lat", fix->lat_e7, 7);
    put_scaled(out, "lon", fix->lon_e7, 7);
    put_altitude(out, fix->alt_cm);
    json_key(out, "err_m");
    if (fix->err_dm)
        json_put_decimal(out, fix->err_dm, 1);
    else
        json_put_null(out);
    json_end(out, '}');
}

static void put_names(struct json_out *out, const struct sighting *sighting)
{
    json_key(out, "type");
    json_put_text(out, sighting->kind == SIGHTING_MARK ? "mark"
                       : sighting->replaces            ? "amended"
                                                       : "sighting");
    json_key(out, "id");
    put_id(out, sighting->id);
    json_key(out, "replaces");
    if (sighting->replaces)
        put_id(out, sighting->replaces);
    else
        json_put_null(out);
}

/* Null where nobody knows. */
static void put_millimetres(struct json_out *out, const char *key, bool known, int64_t mm)
{
    json_key(out, key);
    if (known)
        json_put_decimal(out, mm, 3);
    else
        json_put_null(out);
}

/* Each only where there is something to say. */
static void put_manner(struct json_out *out, const struct sighting *sighting)
{
    static const char *const reasons[] = {
        [REASON_PERIOD] = "period", [REASON_CLASS] = "class", [REASON_ZONE_CHANGE] = "zone-change"};
    if (sighting->reason != REASON_NONE) {
        json_key(out, "reason");
        json_put_text(out, reasons[sighting->reason]);
    }
    if (sighting->late) {
        json_key(out, "late");
        json_put_bool(out, true);
    }
}

static void put_place(struct json_out *out, const struct sighting *sighting)
{
    put_scaled(out, "lat", sighting->lat_e7, 7);
    put_scaled(out, "lon", sighting->lon_e7, 7);
    put_altitude(out, sighting->alt_cm);
    bool zone = sighting->zone != AGREEMENT_NONE;
    put_millimetres(out, "dist_m", zone, sighting->dist_mm);
    put_millimetres(out, "dist_err_m", zone, sighting->dist_err_mm);
    put_millimetres(out, "line_m", sighting->line_mm >= 0, sighting->line_mm);
}

void sighting_json(struct json_out *out, const struct compiled *compiled,
                   const struct sighting *sighting, const char *track)
{
    const struct agreement *a = compiled->agreement;
    json_begin(out, '{');
    put_names(out, sighting);
    put_time(out, "time", sighting->time_us);
    put_time(out, "time_lo", sighting->time_lo_us);
    put_time(out, "time_hi", sighting->time_hi_us);
    json_key(out, "track");
    json_put_text(out, track);
    json_key(out, "leg");
    json_put_int(out, sighting->leg);
    put_class(out, sighting->platform);
    put_side(out, a, sighting->side);
    json_key(out, "zone");
    json_put_text(out, sighting->zone == AGREEMENT_NONE ? NULL : a->zones[sighting->zone].id);
    json_key(out, "kind");
    json_put_text(out, sighting->kind == SIGHTING_MARK
                           ? mark_name((enum mark)sighting->mark)
                           : sighting_kind_name((enum sighting_kind)sighting->kind));
    json_key(out, "certainty");
    json_put_text(out, certainty_name((enum certainty)sighting->certainty));
    json_key(out, "source_grade");
    json_put_text(out, source_grade_name((enum source_grade)sighting->grade));
    put_manner(out, sighting);
    put_place(out, sighting);
    put_fix(out, &sighting->fix);
    put_rules(out, a, sighting);
    put_simulated(out, a, sighting->fix.note & NOTE_SIMULATED);
    json_end(out, '}');
}

/* ---- alerts ------------------------------------------------------------------------------------ */

/* Names in one language, or else in the other. */
static const char *name_in(const struct words *words, bool korean)
{
    const char *first = korean ? words->ko : words->en;
    return first ? first : korean ? words->en : words->ko;
}

/* "in force", or for whom it is not: without particles, which would depend on the names. */
static void put_label(struct json_out *out, const struct agreement *a, uint16_t in_force,
                      bool korean)
{
    static const char *const all[] = {"in force", "시행 중"};
    static const char *const not [] = {"not in force for ", "시행 중 아님: "};
    char text[LABEL_MAX];
    struct buf buf;
    const char *before = not [korean];
    buf_init(&buf, text, sizeof text);
    for (uint16_t i = 0; i < a->party_count; i++) {
        if (in_force >> i & 1)
            continue;
        buf_text(&buf, before);
        buf_text(&buf, name_in(&a->parties[i].name, korean));
        before = ", ";
    }
    json_put_text(out, buf.n ? text : all[korean]);
}

static void put_labels(struct json_out *out, const struct agreement *a, uint16_t in_force)
{
    json_key(out, "label");
    json_begin(out, '{');
    json_key(out, "en");
    put_label(out, a, in_force, false);
    json_key(out, "ko");
    put_label(out, a, in_force, true);
    json_end(out, '}');
}

static void put_episode(struct json_out *out, const struct alert *alert)
{
    json_key(out, "severity");
    json_put_int(out, alert->severity);
    json_key(out, "state");
    json_put_text(out, alert_state_name((enum alert_state)alert->state));
    json_key(out, "own");
    json_put_bool(out, alert->own);
    json_key(out, "predicted");
    json_put_bool(out, alert->predicted);
    put_time(out, "raised", alert->raised_us);
    put_time(out, "changed", alert->changed_us);
    put_time(out, "cleared", alert->cleared_us);
    json_key(out, "count");
    json_put_int(out, alert->count);
    json_key(out, "acked_by");
    json_put_text(out, alert->acked_by[0] ? alert->acked_by : NULL);
}

static void put_causes(struct json_out *out, const struct alert *alert)
{
    json_key(out, "cause");
    put_id(out, alert->cause);
    json_key(out, "last_cause");
    put_id(out, alert->last_cause);
    put_time(out, "time", alert->time_us);
    put_scaled(out, "lat", alert->lat_e7, 7);
    put_scaled(out, "lon", alert->lon_e7, 7);
    put_scaled(out, "dist_m", alert->dist_mm, 3);
    put_scaled(out, "dist_err_m", alert->dist_err_mm, 3);
}

void alert_json(struct json_out *out, const struct compiled *compiled, const struct alert *alert,
                const char *track)
{
    const struct agreement *a = compiled->agreement;
    json_begin(out, '{');
    json_key(out, "type");
    json_put_text(out, "alert");
    json_key(out, "id");
    put_id(out, alert->id);
    json_key(out, "track");
    json_put_text(out, track);
    json_key(out, "leg");
    json_put_int(out, alert->leg);
    put_class(out, alert->platform);
    put_side(out, a, alert->side);
    json_key(out, "zone");
    json_put_text(out, a->zones[alert->zone].id);
    json_key(out, "certainty");
    json_put_text(out, certainty_name((enum certainty)alert->certainty));
    put_provision(out, a, &a->rules[alert->rule]);
    put_in_force(out, a, alert->in_force);
    put_labels(out, a, alert->in_force);
    put_episode(out, alert);
    put_causes(out, alert);
    put_simulated(out, a, alert->simulated);
    json_end(out, '}');
}
