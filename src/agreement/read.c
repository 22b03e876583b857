#include <string.h>

#include "agreement/reader.h"

/* The text as a whole: which files it names, its top level, parties, custodians, provisions. */

#define FORMAT "detente-agreement/1"

static int text_open(struct bytes text, struct json *ret_top, struct err *err)
{
    struct reader r = {.err = err};
    if (text.n > AGREEMENT_BYTES_MAX)
        return err_set(err, EXIT_DATA, "agreement.json: %zu bytes; at most %d MiB are allowed",
                       text.n, AGREEMENT_BYTES_MAX >> 20);
    if (json_open(text, &r.top, err))
        return err_prefix(err, "agreement.json");
    if (r.top.type != JSON_OBJECT)
        return reader_expected(&r, r.top, "an object");
    struct json format = json_get(r.top, "format");
    if (format.type == JSON_NONE)
        return reader_fail(&r, r.top, "missing \"format\": \"" FORMAT "\"");
    if (!json_is(format, FORMAT))
        return reader_fail(&r, format, "unknown format; this version reads \"" FORMAT "\" only");
    *ret_top = r.top;
    return 0;
}

/* ---- the files it names ------------------------------------------------------------------------ */

struct name_list {
    struct arena *arena;
    const char **name;
    size_t count;
    struct err *err;
};

static int names_add(struct name_list *names, struct bytes name)
{
    for (size_t i = 0; i < names->count; i++)
        if (bytes_is(name, names->name[i]))
            return 0;
    if (names->count == AGREEMENT_FILES_MAX)
        return err_set(names->err, EXIT_DATA, "agreement.json: more than %d geometry files",
                       AGREEMENT_FILES_MAX);
    char *text = arena_text(names->arena, name.p, name.n);
    if (!text)
        return err_set(names->err, EXIT_DATA, "agreement.json: out of memory");
    names->name[names->count++] = text;
    return 0;
}

/* References that are not well formed are left to the reader, which knows their place. */
static int names_add_reference(struct name_list *names, struct json reference)
{
    char text[AGREEMENT_FILE_NAME_MAX + AGREEMENT_ID_MAX];
    struct bytes name;
    const char *id;
    if (!json_text(reference, text, sizeof text) || !file_reference_split(text, &name, &id))
        return 0;
    return names_add(names, name);
}

static bool is_container(struct json value)
{
    return value.type == JSON_OBJECT || value.type == JSON_ARRAY;
}

/* Every "file" wherever it stands. Depth is bounded by JSON_DEPTH_MAX. */
static int names_walk(struct name_list *names, struct json value)
{
    if (value.type == JSON_OBJECT && names_add_reference(names, json_get(value, "file")))
        return ERR_FAIL;
    for (struct json_iter it = json_iter(value); json_next(&it);)
        if (is_container(it.value) && names_walk(names, it.value))
            return ERR_FAIL;
    return 0;
}

int agreement_files(struct bytes text, struct arena *arena, const char *const **ret_names,
                    size_t *ret_count, struct err *err)
{
    struct json top;
    if (text_open(text, &top, err))
        return ERR_FAIL;
    struct name_list names = {
        .arena = arena, .name = ARENA_ARRAY(arena, const char *, AGREEMENT_FILES_MAX), .err = err};
    if (!names.name)
        return err_set(err, EXIT_DATA, "agreement.json: out of memory");
    if (names_walk(&names, json_get(top, "lines")) || names_walk(&names, json_get(top, "zones")))
        return ERR_FAIL;
    *ret_names = names.name;
    *ret_count = names.count;
    return 0;
}

/* ---- parties ------------------------------------------------------------------------------------ */

static int read_letter(struct reader *r, struct json value, void *into)
{
    char text[2];
    if (!json_text(value, text, sizeof text) || text[0] < 'A' || text[0] > 'Z')
        return reader_fail(r, value, "expected one letter A to Z");
    *(char *)into = text[0];
    return 0;
}

static int check_country(struct reader *r, struct json value, void *into)
{
    char text[3];
    (void)into;
    if (!json_text(value, text, sizeof text) || strlen(text) != 2 || text[0] < 'A' ||
        text[0] > 'Z' || text[1] < 'A' || text[1] > 'Z')
        return reader_fail(r, value, "expected two letters of ISO 3166, such as \"KR\"");
    return 0;
}

static int read_flags(struct reader *r, struct json value, void *into)
{
    if (value.type != JSON_ARRAY)
        return reader_expected(r, value, "a list of country codes");
    return joined_read(r, value, check_country, into);
}

static const struct field party_fields[] = {
    {"id", read_id, offsetof(struct party, id), "the id of this party"},
    {"name", read_words, offsetof(struct party, name), NULL},
    {"formal", read_words, offsetof(struct party, formal), NULL},
    {"letter", read_letter, offsetof(struct party, letter), NULL},
    {"flags", read_flags, offsetof(struct party, flags), NULL},
};

/* Whether two lists of two-letter codes have one in common. */
static bool flags_meet(const char *a, const char *b)
{
    for (size_t i = 0; a[i] && a[i + 1]; i += a[i + 2] ? 3 : 2)
        for (size_t k = 0; b[k] && b[k + 1]; k += b[k + 2] ? 3 : 2)
            if (a[i] == b[k] && a[i + 1] == b[k + 1])
                return true;
    return false;
}

/* Whether another party has this letter. */
static bool letter_taken(const struct party *parties, size_t count, char letter)
{
    for (size_t i = 0; i < count; i++)
        if (parties[i].letter == letter)
            return true;
    return false;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* The first free one of its id's letters, else of the alphabet: 8 parties leave some. */
static char letter_choose(const struct party *parties, size_t count, const char *id)
{
    for (; *id; id++) {
        char letter = upper(*id);
        if (letter >= 'A' && letter <= 'Z' && !letter_taken(parties, count, letter))
            return letter;
    }
    char letter = 'A';
    while (letter_taken(parties, count, letter))
        letter++;
    return letter;
}

static int party_check(struct reader *r, struct json entry, const struct party *parties, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (flags_meet(parties[i].flags, parties[k].flags))
            return reader_fail(r, json_get(entry, "flags"),
                               "a country stands under party \"%s\" too; one party only",
                               parties[k].id);
        if (parties[i].letter && parties[i].letter == parties[k].letter)
            return reader_fail(r, json_get(entry, "letter"),
                               "party \"%s\" has the side letter %c too; expected another",
                               parties[k].id, parties[k].letter);
    }
    return 0;
}

static int party_read(struct reader *r, struct json entry, struct party *parties, size_t i)
{
    struct party *party = &parties[i];
    party->flags = "";
    if (OBJECT_READ(r, entry, party_fields, party))
        return ERR_FAIL;
    if (!party->name.en && !party->name.ko)
        party->name.en = party->id;
    return party_check(r, entry, parties, i);
}

static int parties_read(struct reader *r)
{
    uint16_t count = r->list[LIST_PARTIES].count;
    struct party *parties = READER_ARRAY(r, struct party, count);
    if (!parties)
        return ERR_FAIL;
    for (struct json_iter it = list_iter(r, LIST_PARTIES); json_next(&it);)
        if (party_read(r, it.value, parties, it.index))
            return ERR_FAIL;
    for (uint16_t i = 0; i < count; i++) /* once all given ones are known */
        if (!parties[i].letter)
            parties[i].letter = letter_choose(parties, count, parties[i].id);
    r->agreement->parties = parties;
    r->agreement->party_count = count;
    return 0;
}

/* ---- custodians --------------------------------------------------------------------------------- */

static int check_zone(struct reader *r, struct json value, void *into)
{
    uint16_t zone;
    (void)into;
    return ref_read(r, LIST_ZONES, value, &zone);
}

static int check_scope(struct reader *r, struct json value, void *into)
{
    return each_read(r, value, check_zone, into);
}

static const struct field custodian_fields[] = {
    {"id", read_id, NOT_KEPT, "the id of this custodian"},
    {"name", read_words, NOT_KEPT, NULL},
    {"signs", read_bool, NOT_KEPT, NULL},
    {"scope", check_scope, NOT_KEPT, NULL},
};

static int custodians_read(struct reader *r)
{
    for (struct json_iter it = list_iter(r, LIST_CUSTODIANS); json_next(&it);) {
        const char *id = r->list[LIST_CUSTODIANS].id[it.index];
        if (OBJECT_READ(r, it.value, custodian_fields, NULL))
            return ERR_FAIL;
        if (ref_find(r, LIST_PARTIES, id) != AGREEMENT_NONE)
            return reader_fail(r, it.value, "\"%s\" is a party already", id);
    }
    return 0;
}

/* ---- provisions --------------------------------------------------------------------------------- */

static int check_party(struct reader *r, struct json value, void *into)
{
    uint16_t party;
    (void)into;
    return read_party(r, value, &party);
}

static int check_parties(struct reader *r, struct json value, void *into)
{
    return each_read(r, value, check_party, into);
}

static const struct field provision_fields[] = {
    {"id", read_id, offsetof(struct provision, id), "the id of this provision"},
    {"parent", read_provision, offsetof(struct provision, parent), NULL},
    {"title", read_words, offsetof(struct provision, title), NULL},
    {"text", read_words, offsetof(struct provision, text), NULL},
    {"binds", check_parties, NOT_KEPT, NULL},
    {"source", read_text, offsetof(struct provision, source), NULL},
};

/* A provision has fewer than PROVISION_DEPTH_MAX above it, and is not above itself. */
static int provision_check(struct reader *r, struct json entry, uint16_t index)
{
    uint16_t above = r->provisions[index].parent;
    for (int depth = 1; above != AGREEMENT_NONE; depth++, above = r->provisions[above].parent) {
        if (above == index)
            return reader_fail(r, entry,
                               "provision \"%s\" stands above itself; correct a \"parent\"",
                               r->provisions[index].id);
        if (depth == PROVISION_DEPTH_MAX)
            return reader_fail(r, entry, "more than %d provisions above this one",
                               PROVISION_DEPTH_MAX);
    }
    return 0;
}

int provisions_read(struct reader *r)
{
    uint16_t count = r->list[LIST_PROVISIONS].count;
    struct provision *provisions = READER_ARRAY(r, struct provision, count);
    if (!provisions)
        return ERR_FAIL;
    r->provisions = provisions;
    r->agreement->provisions = provisions;
    r->agreement->provision_count = count;
    for (struct json_iter it = list_iter(r, LIST_PROVISIONS); json_next(&it);) {
        provisions[it.index].parent = AGREEMENT_NONE;
        if (OBJECT_READ(r, it.value, provision_fields, &provisions[it.index]))
            return ERR_FAIL;
    }
    for (struct json_iter it = list_iter(r, LIST_PROVISIONS); json_next(&it);)
        if (provision_check(r, it.value, (uint16_t)it.index))
            return ERR_FAIL;
    return 0;
}

/* ---- the top level ------------------------------------------------------------------------------ */

static int check_datum(struct reader *r, struct json value, void *into)
{
    static const char *const datums[] = {"WGS84"};
    size_t index;
    (void)into;
    return word_read(r, value, datums, 1, &index);
}

static int check_texts(struct reader *r, struct json value, void *into)
{
    if (value.type != JSON_ARRAY)
        return reader_expected(r, value, "a list of texts");
    return each_read(r, value, read_text, into);
}

/* What has a reader of its own: "tz", which all times need first, and the lists. */
static int read_apart(struct reader *r, struct json value, void *into)
{
    (void)r;
    (void)value;
    (void)into;
    return 0;
}

static const struct field top_fields[] = {
    {"format", read_text, NOT_KEPT, NULL},
    {"id", read_id, offsetof(struct agreement, id), "the id of this agreement"},
    {"title", read_words, offsetof(struct agreement, title), "the agreement's title"},
    {"tz", read_apart, NOT_KEPT, NULL},
    {"datum", check_datum, NOT_KEPT, NULL},
    {"signed", read_moment, NOT_KEPT, NULL},
    {"in_force", read_start, offsetof(struct agreement, in_force_us), NULL},
    {"parent", read_text, NOT_KEPT, NULL},
    {"under", read_text, NOT_KEPT, NULL},
    {"amend", read_text, NOT_KEPT, NULL},
    {"external_id", read_text, NOT_KEPT, NULL},
    {"authentic", check_texts, NOT_KEPT, NULL},
    {"simulated", read_bool, offsetof(struct agreement, simulated), NULL},
    {"parties", read_apart, NOT_KEPT, NULL},
    {"custodians", read_apart, NOT_KEPT, NULL},
    {"lines", read_apart, NOT_KEPT, NULL},
    {"zones", read_apart, NOT_KEPT, NULL},
    {"provisions", read_apart, NOT_KEPT, NULL},
    {"rules", read_apart, NOT_KEPT, NULL},
    {"exemptions", read_apart, NOT_KEPT, NULL},
    {"notices", read_apart, NOT_KEPT, NULL},
    {"ladders", read_apart, NOT_KEPT, NULL},
    {"tasks", read_apart, NOT_KEPT, NULL},
    {"verifications", read_apart, NOT_KEPT, NULL},
    {"channels", read_apart, NOT_KEPT, NULL},
    {"bodies", read_apart, NOT_KEPT, NULL},
    {"status", read_apart, NOT_KEPT, NULL},
};

static int time_zone_read(struct reader *r)
{
    struct json value = json_get(r->top, "tz");
    r->agreement->tz = "UTC";
    if (value.type == JSON_NONE)
        return 0;
    if (read_text(r, value, &r->agreement->tz))
        return ERR_FAIL;
    if (!time_zone_offset(bytes_of(r->agreement->tz), &r->agreement->zone_offset_us))
        return reader_fail(r, value,
                           "unknown time zone; expected \"UTC\", \"+hh:mm\", \"-hh:mm\", "
                           "or a zone without summer time such as \"Asia/Seoul\"");
    return 0;
}

static int top_read(struct reader *r)
{
    r->agreement->in_force_us = TIME_UNKNOWN;
    if (time_zone_read(r))
        return ERR_FAIL;
    return OBJECT_READ(r, r->top, top_fields, r->agreement);
}

/* In an order in which each part finds what it refers to. */
static int (*const parts[])(struct reader *) = {
    top_read,        ids_read,   parties_read, custodians_read, lines_read,
    provisions_read, zones_read, rules_read,   carried_read,    status_read,
};

int agreement_read(struct bytes text, const struct agreement_file *files, size_t file_count,
                   struct arena *arena, const struct agreement **ret_agreement, struct err *err)
{
    struct reader r = {.arena = arena, .err = err};
    if (text_open(text, &r.top, err))
        return ERR_FAIL;
    if (file_count > AGREEMENT_FILES_MAX)
        return reader_fail(&r, r.top, "more than %d geometry files", AGREEMENT_FILES_MAX);
    r.agreement = READER_ARRAY(&r, struct agreement, 1);
    if (!r.agreement || files_open(&r, files, file_count))
        return ERR_FAIL;
    r.agreement->text = text;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i](&r))
            return ERR_FAIL;
    *ret_agreement = r.agreement;
    return 0;
}
