#include "agreement/reader.h"

#include <string.h>

/* The ids of all lists, read first, so that whatever comes later can refer to anything. */

struct list_rule {
    const char *key, *entry; /* "zones", "zone" */
    uint16_t min, max;
};

static const struct list_rule list_rules[LIST_COUNT] = {
    [LIST_PARTIES] = {"parties", "party", 1, AGREEMENT_PARTIES_MAX},
    [LIST_CUSTODIANS] = {"custodians", "custodian", 0, 16},
    [LIST_LINES] = {"lines", "line", 0, 256},
    [LIST_ZONES] = {"zones", "zone", 0, AGREEMENT_ZONES_MAX},
    [LIST_PROVISIONS] = {"provisions", "provision", 0, LIST_ENTRIES_MAX},
    [LIST_RULES] = {"rules", "rule", 0, LIST_ENTRIES_MAX},
    [LIST_EXEMPTIONS] = {"exemptions", "exemption", 0, 256},
    [LIST_NOTICES] = {"notices", "notice", 0, 256},
    [LIST_LADDERS] = {"ladders", "ladder", 0, 64},
    [LIST_TASKS] = {"tasks", "task", 0, LIST_ENTRIES_MAX},
    [LIST_VERIFICATIONS] = {"verifications", "verification", 0, 256},
    [LIST_CHANNELS] = {"channels", "channel", 0, 256},
    [LIST_BODIES] = {"bodies", "body", 0, 256},
};

/* Where the id stands, or would stand, in the sorted order; true when it is there. */
static bool by_name_find(const struct id_list *list, uint16_t count, const char *id,
                         uint16_t *ret_at)
{
    uint16_t low = 0, high = count;
    while (low < high) {
        uint16_t middle = (uint16_t)((low + high) / 2);
        int order = strcmp(list->id[list->by_name[middle]], id);
        if (order == 0) {
            *ret_at = middle;
            return true;
        }
        if (order < 0)
            low = (uint16_t)(middle + 1);
        else
            high = middle;
    }
    *ret_at = low;
    return false;
}

static int id_add(struct reader *r, enum list which, struct json entry, uint16_t index)
{
    struct id_list *list = &r->list[which];
    if (entry.type != JSON_OBJECT)
        return reader_expected(r, entry, "an object");
    struct json id = json_get(entry, "id");
    if (id.type == JSON_NONE)
        return reader_fail(r, entry, "missing \"id\": the id of this %s", list_rules[which].entry);
    if (read_id(r, id, &list->id[index]))
        return ERR_FAIL;
    uint16_t at;
    if (by_name_find(list, index, list->id[index], &at))
        return reader_fail(r, id, "a second %s \"%s\"; ids are unique in their list",
                           list_rules[which].entry, list->id[index]);
    memmove(list->by_name + at + 1, list->by_name + at, (index - at) * sizeof *list->by_name);
    list->by_name[at] = index;
    return 0;
}

static int list_check(struct reader *r, const struct list_rule *rule, struct json array)
{
    if (array.type == JSON_NONE && rule->min == 0)
        return 0;
    if (array.type == JSON_NONE)
        return reader_fail(r, r->top, "missing \"%s\": a list of 1 to %d", rule->key, rule->max);
    if (array.type != JSON_ARRAY)
        return reader_expected(r, array, "a list");
    size_t count = json_count(array);
    if (count < rule->min || count > rule->max)
        return reader_fail(r, array, "%zu entries; expected %d to %d", count, rule->min, rule->max);
    return 0;
}

static int list_ids_read(struct reader *r, enum list which)
{
    struct id_list *list = &r->list[which];
    list->array = json_get(r->top, list_rules[which].key);
    if (list_check(r, &list_rules[which], list->array))
        return ERR_FAIL;
    uint16_t count = (uint16_t)json_count(list->array);
    list->id = READER_ARRAY(r, const char *, count);
    list->by_name = READER_ARRAY(r, uint16_t, count + 1u);
    if (!list->id || !list->by_name)
        return ERR_FAIL;
    for (struct json_iter it = json_iter(list->array); json_next(&it);)
        if (id_add(r, which, it.value, (uint16_t)it.index))
            return ERR_FAIL;
    list->count = count;
    return 0;
}

int ids_read(struct reader *r)
{
    for (int i = 0; i < LIST_COUNT; i++)
        if (list_ids_read(r, (enum list)i))
            return ERR_FAIL;
    return 0;
}

uint16_t ref_find(const struct reader *r, enum list list, const char *id)
{
    uint16_t at;
    const struct id_list *ids = &r->list[list];
    return by_name_find(ids, ids->count, id, &at) ? ids->by_name[at] : AGREEMENT_NONE;
}

int ref_read(struct reader *r, enum list list, struct json value, uint16_t *ret_index)
{
    char id[AGREEMENT_ID_MAX];
    const struct list_rule *rule = &list_rules[list];
    if (value.type != JSON_STRING)
        return reader_fail(r, value, "expected the id of a %s", rule->entry);
    if (!json_text(value, id, sizeof id))
        return reader_fail(r, value, "no such %s; an id has at most %d characters", rule->entry,
                           AGREEMENT_ID_MAX - 1);
    *ret_index = ref_find(r, list, id);
    if (*ret_index == AGREEMENT_NONE)
        return reader_fail(r, value, "no %s \"%s\"; expected an id from \"%s\"", rule->entry, id,
                           rule->key);
    return 0;
}

struct json_iter list_iter(const struct reader *r, enum list list)
{
    return json_iter(r->list[list].array);
}
