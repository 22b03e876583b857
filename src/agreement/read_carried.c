#include <string.h>

#include "agreement/reader.h"

/*
 * Exemptions, notices, ladders, tasks, verifications, channels and bodies: carried for the
 * committee, which works from the text. Here their keys, types and references are checked, so that
 * nothing fails later. Every field is NOT_KEPT.
 */
#define HOURS_MAX  INT64_C(100000)
#define NUMBER_MAX INT64_C(1000000000)
#define MHZ_MAX    INT64_C(100000)
#define STEPS_MAX  64

static int number_check(struct reader *r, struct json value, int64_t max)
{
    int64_t milli;
    if (!json_scaled(value, 3, &milli, NULL) || milli < 0 || milli > max * 1000)
        return reader_fail(r, value, "expected a number from 0 to %lld", (long long)max);
    return 0;
}

static int check_hours(struct reader *r, struct json value, void *into)
{
    (void)into;
    return number_check(r, value, HOURS_MAX);
}

static int check_number(struct reader *r, struct json value, void *into)
{
    (void)into;
    return number_check(r, value, NUMBER_MAX);
}

static int check_mhz(struct reader *r, struct json value, void *into)
{
    (void)into;
    return number_check(r, value, MHZ_MAX);
}

/* A number or words: what texts of agreements say in either way ("team": 7, "each": "colonel"). */
static int check_amount(struct reader *r, struct json value, void *into)
{
    return value.type == JSON_NUMBER ? check_number(r, value, into) : read_words(r, value, into);
}

static int check_words_each(struct reader *r, struct json value, void *into)
{
    return each_read(r, value, read_words, into);
}

static int check_mhz_each(struct reader *r, struct json value, void *into)
{
    return each_read(r, value, check_mhz, into);
}

static int check_asserter_each(struct reader *r, struct json value, void *into)
{
    return each_read(r, value, check_asserter, into);
}

static int check_hours_each(struct reader *r, struct json value, void *into)
{
    return each_read(r, value, read_hours, into);
}

static int check_clock(struct reader *r, struct json value, void *into)
{
    char text[8];
    int16_t minute;
    (void)into;
    if (!json_text(value, text, sizeof text) || strlen(text) != 5 || !minute_of_day(text, &minute))
        return reader_fail(r, value, "expected a time of day such as \"09:00\"");
    return 0;
}

static int check_clock_each(struct reader *r, struct json value, void *into)
{
    return each_read(r, value, check_clock, into);
}

/* ---- references --------------------------------------------------------------------------------- */

static int ref_check(struct reader *r, enum list list, struct json value)
{
    uint16_t index;
    return ref_read(r, list, value, &index);
}

/* A notice, or null: the exemption needs none. */
static int check_needs(struct reader *r, struct json value, void *into)
{
    (void)into;
    return value.type == JSON_NULL ? 0 : ref_check(r, LIST_NOTICES, value);
}

static int check_channel(struct reader *r, struct json value, void *into)
{
    (void)into;
    return ref_check(r, LIST_CHANNELS, value);
}

static int check_channel_each(struct reader *r, struct json value, void *into)
{
    return each_read(r, value, check_channel, into);
}

static int check_zone(struct reader *r, struct json value, void *into)
{
    (void)into;
    return ref_check(r, LIST_ZONES, value);
}

static int check_zone_each(struct reader *r, struct json value, void *into)
{
    return each_read(r, value, check_zone, into);
}

static int check_task(struct reader *r, struct json value, void *into)
{
    (void)into;
    return ref_check(r, LIST_TASKS, value);
}

/* {"S": 11, "N": 11}: one field a party, whatever the parties are called. */
static int per_party(struct reader *r, struct json value, field_reader *read)
{
    struct field fields[AGREEMENT_PARTIES_MAX];
    uint16_t count = r->list[LIST_PARTIES].count;
    for (uint16_t i = 0; i < count; i++)
        fields[i] = (struct field){r->list[LIST_PARTIES].id[i], read, NOT_KEPT, NULL};
    return object_read(r, value, fields, count, NULL);
}

static int check_count(struct reader *r, struct json value, void *into)
{
    return value.type == JSON_OBJECT ? per_party(r, value, check_number)
                                     : check_number(r, value, into);
}

static int check_call(struct reader *r, struct json value, void *into)
{
    (void)into;
    return per_party(r, value, read_words);
}

/* What each side sends to a body: names of offices are the agreement's own. */
static int check_each(struct reader *r, struct json value, void *into)
{
    if (value.type != JSON_OBJECT)
        return reader_expected(r, value, "an object");
    for (struct json_iter it = json_iter(value); json_next(&it);)
        if (check_amount(r, it.value, into))
            return ERR_FAIL;
    return 0;
}

/* ---- ladders ------------------------------------------------------------------------------------ */

static int check_domain(struct reader *r, struct json value, void *into)
{
    static const char *const domains[] = {"land", "sea", "air"};
    size_t index;
    (void)into;
    return word_read(r, value, domains, 3, &index);
}

struct step_entry {
    const char *id;
    struct words name;
};

static const struct field step_fields[] = {
    {"id", read_id, offsetof(struct step_entry, id), "the id of this step"},
    {"name", read_words, offsetof(struct step_entry, name), "the name of this step"},
};

static int step_read(struct reader *r, struct json value, void *into)
{
    return OBJECT_READ(r, value, step_fields, into);
}

static int check_steps(struct reader *r, struct json value, void *into)
{
    size_t count;
    struct step_entry *steps = list_read(r, value, step_read, sizeof *steps, STEPS_MAX, &count);
    (void)into;
    if (!steps)
        return ERR_FAIL;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(steps[i].id, steps[k].id) == 0)
                return reader_fail(r, value, "a second step \"%s\" in one ladder", steps[i].id);
    return 0;
}

/* ---- the tables --------------------------------------------------------------------------------- */

static const struct field exemption_fields[] = {
    {"id", read_id, NOT_KEPT, "the id of this exemption"},
    {"title", read_words, NOT_KEPT, NULL},
    {"purposes", check_words_each, NOT_KEPT, NULL},
    {"classes", read_classes, NOT_KEPT, NULL},
    {"needs", check_needs, NOT_KEPT, NULL},
    {"max_duration_h", check_hours, NOT_KEPT, NULL},
    {"max_count", check_number, NOT_KEPT, NULL},
};

static const struct field notice_fields[] = {
    {"id", read_id, NOT_KEPT, "the id of this notice"},
    {"title", read_words, NOT_KEPT, NULL},
    {"lead_h", check_hours, NOT_KEPT, NULL},
    {"before", read_words, NOT_KEPT, NULL},
    {"reply_h_before", check_hours, NOT_KEPT, NULL},
    {"refusal_needs_reason", read_bool, NOT_KEPT, NULL},
    {"fields", check_words_each, NOT_KEPT, NULL},
    {"channels", check_channel_each, NOT_KEPT, NULL},
    {"validity_h", check_hours, NOT_KEPT, NULL},
};

static const struct field ladder_fields[] = {
    {"id", read_id, NOT_KEPT, "the id of this ladder"},
    {"title", read_words, NOT_KEPT, NULL},
    {"domain", check_domain, NOT_KEPT, NULL},
    {"steps", check_steps, NOT_KEPT, "a list of steps"},
};

static const struct field task_fields[] = {
    {"id", read_id, NOT_KEPT, "the id of this task"},
    {"title", read_words, NOT_KEPT, NULL},
    {"provision", read_provision, NOT_KEPT, "the id of a provision"},
    {"act", read_words, NOT_KEPT, "what is to be done"},
    {"zone", check_zone_each, NOT_KEPT, NULL},
    {"count", check_count, NOT_KEPT, NULL},
    {"start", read_moment, NOT_KEPT, NULL},
    {"due", read_moment, NOT_KEPT, NULL},
    {"after", check_task, NOT_KEPT, NULL},
    {"within_d", check_number, NOT_KEPT, NULL},
    {"steps", check_words_each, NOT_KEPT, NULL},
    {"daily", check_hours_each, NOT_KEPT, NULL},
    {"evidence", check_words_each, NOT_KEPT, NULL},
    {"verified_by", check_words_each, NOT_KEPT, NULL},
};

static const struct field verification_fields[] = {
    {"id", read_id, NOT_KEPT, "the id of this verification"},
    {"title", read_words, NOT_KEPT, NULL},
    {"provision", read_provision, NOT_KEPT, "the id of a provision"},
    {"method", read_words, NOT_KEPT, NULL},
    {"team", check_amount, NOT_KEPT, NULL},
    {"frequency", read_words, NOT_KEPT, NULL},
    {"reaction_h", check_hours, NOT_KEPT, NULL},
    {"report_h", check_hours, NOT_KEPT, NULL},
};

static const struct field channel_fields[] = {
    {"id", read_id, NOT_KEPT, "the id of this channel"},
    {"title", read_words, NOT_KEPT, NULL},
    {"kind", read_words, NOT_KEPT, NULL},
    {"checks", check_clock_each, NOT_KEPT, NULL},
    {"mhz", check_mhz_each, NOT_KEPT, NULL},
    {"call", check_call, NOT_KEPT, NULL},
    {"via", read_words, NOT_KEPT, NULL},
};

static const struct field body_fields[] = {
    {"id", read_id, NOT_KEPT, "the id of this body"},
    {"title", read_words, NOT_KEPT, NULL},
    {"each", check_each, NOT_KEPT, NULL},
    {"members", check_asserter_each, NOT_KEPT, NULL},
    {"meets", read_words, NOT_KEPT, NULL},
    {"places", check_words_each, NOT_KEPT, NULL},
    {"decides", read_words, NOT_KEPT, NULL},
};

struct carried {
    enum list list;
    const struct field *fields;
    size_t count;
};

#define CARRIED(list, fields)                                                                      \
    {                                                                                              \
        (list), (fields), sizeof(fields) / sizeof((fields)[0])                                     \
    }

static const struct carried carried[] = {
    CARRIED(LIST_EXEMPTIONS, exemption_fields), CARRIED(LIST_NOTICES, notice_fields),
    CARRIED(LIST_LADDERS, ladder_fields),       CARRIED(LIST_TASKS, task_fields),
    CARRIED(LIST_CHANNELS, channel_fields),     CARRIED(LIST_VERIFICATIONS, verification_fields),
    CARRIED(LIST_BODIES, body_fields),
};

int carried_read(struct reader *r)
{
    for (size_t i = 0; i < sizeof carried / sizeof carried[0]; i++)
        for (struct json_iter it = list_iter(r, carried[i].list); json_next(&it);)
            if (object_read(r, it.value, carried[i].fields, carried[i].count, NULL))
                return ERR_FAIL;
    return 0;
}
