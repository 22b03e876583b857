#include "api/describe.h"

#include <string.h>

#define LIMIT_BYTES 48
#define SINCE_BYTES 40
#define ERROR_SCALE 4

void describe_digest(char text[65], const uint8_t digest[32])
{
    struct buf buf;
    buf_init(&buf, text, 65);
    digest_write(&buf, digest);
}

/* ---- parts -------------------------------------------------------------------------------------- */

static void put_words(struct page *page, const char *key, const struct words *words)
{
    page_key(page, key);
    if (!words->en && !words->ko) {
        page_null(page);
        return;
    }
    page_begin(page, '{');
    page_key_text(page, "en", words->en);
    page_key_text(page, "ko", words->ko);
    page_end(page, '}');
}

/* The names of a space-separated list. */
static void put_names(struct page *page, const char *key, const char *names)
{
    page_key(page, key);
    page_begin(page, '[');
    for (size_t n; *names; names += n + (names[n] == ' ')) {
        n = strcspn(names, " ");
        page_room(page, 6 * n + 4);
        json_put_bytes(&page->out, (struct bytes){(const uint8_t *)names, n});
    }
    page_end(page, ']');
}

static void put_party(struct page *page, const char *key, const struct agreement *a, uint16_t party)
{
    page_key_text(page, key, party == AGREEMENT_NONE ? NULL : a->parties[party].id);
}

static void put_limit(struct page *page, const char *key, struct alt_limit limit)
{
    char text[LIMIT_BYTES];
    struct buf buf;
    buf_init(&buf, text, sizeof text);
    alt_limit_write(&buf, limit);
    page_key_text(page, key, text);
}

static void put_letter(struct page *page, char letter)
{
    char text[2] = {letter, '\0'};
    page_key_text(page, "letter", text);
}

/* ---- entities ----------------------------------------------------------------------------------- */

static void put_one_party(struct page *page, const struct party *party)
{
    page_begin(page, '{');
    page_key_text(page, "id", party->id);
    put_words(page, "name", &party->name);
    put_words(page, "formal", &party->formal);
    put_letter(page, party->letter);
    page_end(page, '}');
}

static int32_t line_precision_m(const struct line *line)
{
    return line->used == AGREEMENT_NONE ? -1 : line->versions[line->used].precision_m;
}

static void put_line(struct page *page, const struct agreement *a, const struct line *line)
{
    int32_t precision_m = line_precision_m(line);
    page_begin(page, '{');
    page_key_text(page, "id", line->id);
    put_words(page, "name", &line->name);
    put_party(page, "left", a, line->left);
    put_party(page, "right", a, line->right);
    if (line->asserted_by)
        put_names(page, "asserted_by", line->asserted_by);
    else
        page_key_text(page, "asserted_by", NULL);
    put_names(page, "disputed_by", line->disputed_by ? line->disputed_by : "");
    page_key(page, "precision_m");
    if (precision_m < 0)
        page_null(page);
    else
        json_put_int(&page->out, precision_m);
    page_end(page, '}');
}

/* Rounded up: a bound stays a bound. */
static int64_t error_e4(double metres)
{
    int64_t below = (int64_t)(metres * 1e4);
    return below + ((double)below < metres * 1e4 ? 1 : 0);
}

static void put_measures(struct page *page, const struct compiled_zone *zone)
{
    bool measured = zone->region.ring_count > 0;
    page_key(page, "area_km2");
    if (measured)
        json_put_decimal(&page->out, (int64_t)(zone->area_m2 + 0.5), 6);
    else
        page_null(page);
    page_key(page, "boundary_error_m");
    if (measured)
        json_put_decimal(&page->out, error_e4(zone->boundary_error_m), ERROR_SCALE);
    else
        page_null(page);
}

void describe_zone(struct page *page, const struct compiled *compiled, uint16_t index)
{
    const struct agreement *a = compiled->agreement;
    const struct zone *zone = &a->zones[index];
    page_begin(page, '{');
    page_key_text(page, "id", zone->id);
    put_words(page, "name", &zone->name);
    put_party(page, "side", a, zone->side);
    put_names(page, "classes", zone->classes_text);
    page_key_text(page, "status", zone_status_name(zone->status));
    page_key_text(page, "assumption", zone->assumption);
    page_key_text(page, "source", zone->source);
    put_measures(page, &compiled->zones[index]);
    put_limit(page, "floor", zone->floor);
    put_limit(page, "ceiling", zone->ceiling);
    page_end(page, '}');
}

void describe_provision(struct page *page, const struct agreement *a, uint16_t index)
{
    const struct provision *provision = &a->provisions[index];
    page_begin(page, '{');
    page_key_text(page, "id", provision->id);
    page_key_text(page, "parent",
                  provision->parent == AGREEMENT_NONE ? NULL : a->provisions[provision->parent].id);
    put_words(page, "title", &provision->title);
    page_end(page, '}');
}

/* The highest classes that the set holds as a whole: what the text meant, in the fewest names. */
static void put_class_set(struct page *page, const char *key, platform_set set)
{
    page_key(page, key);
    page_begin(page, '[');
    for (int i = 0; i < PLATFORM_COUNT; i++) {
        enum platform platform = (enum platform)i, parent = platform_parent(platform);
        bool whole = (platform_leaves(platform) & ~set) == 0;
        bool above = parent != PLATFORM_COUNT && (platform_leaves(parent) & ~set) == 0;
        if (!whole || above)
            continue;
        page_room(page, 64);
        json_put_text(&page->out, platform_name(platform));
    }
    page_end(page, ']');
}

void describe_rule(struct page *page, const struct agreement *a, uint16_t index)
{
    const struct rule *rule = &a->rules[index];
    page_begin(page, '{');
    page_key_text(page, "id", rule->id);
    page_key_text(page, "provision", a->provisions[rule->provision].id);
    page_key(page, "zones");
    page_begin(page, '[');
    for (uint16_t i = 0; i < rule->zone_count; i++) {
        page_room(page, 6 * AGREEMENT_ID_MAX);
        json_put_text(&page->out, a->zones[rule->zones[i]].id);
    }
    page_end(page, ']');
    page_key_text(page, "verb", verb_name(rule->verb));
    page_key_text(page, "activity", rule->activity);
    put_class_set(page, "classes", rule->classes);
    page_key_int(page, "severity", rule->severity);
    put_words(page, "text", &rule->text);
    page_end(page, '}');
}

/* ---- the whole ---------------------------------------------------------------------------------- */

static void begin_list(struct page *page, const char *key)
{
    page_key(page, key);
    page_begin(page, '[');
}

static void put_lists(struct page *page, const struct compiled *compiled)
{
    const struct agreement *a = compiled->agreement;
    begin_list(page, "parties");
    for (uint16_t i = 0; i < a->party_count; i++)
        put_one_party(page, &a->parties[i]);
    page_end(page, ']');
    begin_list(page, "lines");
    for (uint16_t i = 0; i < a->line_count; i++)
        put_line(page, a, &a->lines[i]);
    page_end(page, ']');
    begin_list(page, "zones");
    for (uint16_t i = 0; i < a->zone_count; i++)
        describe_zone(page, compiled, i);
    page_end(page, ']');
    begin_list(page, "provisions");
    for (uint16_t i = 0; i < a->provision_count; i++)
        describe_provision(page, a, i);
    page_end(page, ']');
    begin_list(page, "rules");
    for (uint16_t i = 0; i < a->rule_count; i++)
        describe_rule(page, a, i);
    page_end(page, ']');
}

void describe_agreement(struct page *page, const struct compiled *compiled)
{
    const struct agreement *a = compiled->agreement;
    char digest[65];
    describe_digest(digest, compiled->digest);
    page_begin(page, '{');
    page_key_text(page, "id", a->id);
    put_words(page, "title", &a->title);
    page_key_text(page, "tz", a->tz);
    page_key_bool(page, "simulated", a->simulated);
    page_key_text(page, "digest", digest);
    put_lists(page, compiled);
    page_end(page, '}');
}

/* ---- status ------------------------------------------------------------------------------------- */

/* The day in the agreement's own zone where the act names only that; else the time in UTC. */
static void put_since(struct page *page, const struct agreement *a,
                      const struct status_event *since)
{
    char text[SINCE_BYTES];
    struct buf buf;
    bool known = since && since->time_us != TIME_UNKNOWN;
    buf_init(&buf, text, sizeof text);
    if (known && since->date_only) {
        struct civil day = time_civil(since->time_us + a->zone_offset_us);
        buf_format(&buf, "%04d-%02d-%02d", day.year, day.month, day.day);
    } else if (known) {
        time_write(&buf, since->time_us);
    }
    page_key_text(page, "since", known ? text : NULL);
}

static void put_state(struct page *page, const struct agreement *a, uint16_t provision,
                      uint16_t party, int64_t time_us)
{
    const struct status_event *since;
    enum state state = agreement_state(a, provision, party, time_us, &since);
    const char *cause = !since ? NULL : since->cause.en ? since->cause.en : since->cause.ko;
    page_begin(page, '{');
    page_key_text(page, "provision", a->provisions[provision].id);
    page_key_text(page, "party", a->parties[party].id);
    page_key_text(page, "state", state_name(state));
    put_since(page, a, since);
    page_key_text(page, "cause", cause);
    page_key_text(page, "source", since ? since->source : NULL);
    page_key_bool(page, "in_force", state_in_force(state));
    page_end(page, '}');
}

void describe_status(struct page *page, const struct agreement *a, int64_t time_us)
{
    page_begin(page, '{');
    page_key_time(page, "on", time_us);
    begin_list(page, "status");
    for (uint16_t i = 0; i < a->provision_count; i++)
        for (uint16_t k = 0; k < a->party_count; k++)
            put_state(page, a, i, k, time_us);
    page_end(page, ']');
    page_end(page, '}');
}
