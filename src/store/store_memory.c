#include <stdlib.h>
#include <string.h>

#include "store/store.h"

/* A store that forgets: for exercises and tests. Searches walk over everything. */

struct memory_row {
    struct kept kept; /* its body is ours */
    struct alert alert;
    char track_text[64];
    bool replaced; /* an alert that changed later */
};

struct store_memory {
    struct store head;
    struct memory_row *rows;
    size_t count, cap;
};

static struct store_memory *own(struct store *store)
{
    return (struct store_memory *)store;
}

static int grow(struct store_memory *m, struct err *err)
{
    if (m->count < m->cap)
        return 0;
    size_t cap = m->cap ? 2 * m->cap : 256;
    struct memory_row *rows = cap > STORE_MEMORY_ROWS ? NULL : realloc(m->rows, cap * sizeof *rows);
    if (!rows)
        return err_set(err, EXIT_IO, "the store in memory is full; keep a database instead");
    m->rows = rows;
    m->cap = cap;
    return 0;
}

/* The episode stands once in lists, as it stands now. */
static void replace_before(struct store_memory *m, uint64_t id)
{
    for (size_t i = m->count; i-- > 0;)
        if (m->rows[i].kept.kind == KEPT_ALERT && m->rows[i].kept.id == id &&
            !m->rows[i].replaced) {
            m->rows[i].replaced = true;
            return;
        }
}

static bool is_same(const struct kept *a, const struct kept *b)
{
    if (a->kind != b->kind || a->kind == KEPT_ALERT)
        return false;
    if (a->kind == KEPT_SIGHTING)
        return a->id == b->id;
    return a->track == b->track && a->time_us == b->time_us && a->leg == b->leg;
}

static bool is_kept(const struct store_memory *m, const struct kept *kept)
{
    for (size_t i = m->count; i-- > 0;)
        if (is_same(&m->rows[i].kept, kept))
            return true;
    return false;
}

static int memory_keep(struct store *store, const struct kept *kept, uint64_t *ret_sequence,
                       struct err *err)
{
    struct store_memory *m = own(store);
    if (is_kept(m, kept))
        return 0;
    if (grow(m, err))
        return ERR_FAIL;
    uint8_t *body = malloc(kept->body.n + 1);
    if (!body)
        return err_set(err, EXIT_IO, "no memory to keep more");
    memcpy(body, kept->body.p, kept->body.n);
    if (kept->kind == KEPT_ALERT)
        replace_before(m, kept->id);
    struct memory_row *row = &m->rows[m->count++];
    *row = (struct memory_row){.kept = *kept};
    row->kept.body.p = body;
    *ret_sequence = row->kept.sequence = kept->kind == KEPT_POSITION ? 0 : store->sequence + 1;
    if (kept->alert) {
        row->alert = *kept->alert;
        bytes_copy_text(bytes_of(kept->track_text), row->track_text, sizeof row->track_text);
    }
    return 0;
}

static int memory_commit(struct store *store, struct err *err)
{
    (void)store;
    (void)err;
    return 0;
}

static bool is_meant(const struct memory_row *row, const struct store_query *query)
{
    const struct kept *kept = &row->kept;
    bool sighting = kept->kind == KEPT_SIGHTING;
    bool stands = kept->kind == KEPT_ALERT && !row->replaced;
    switch (query->find) {
    case FIND_SINCE:
        return kept->kind != KEPT_POSITION && kept->sequence > query->key;
    case FIND_SIGHTINGS:
        return sighting;
    case FIND_SIGHTINGS_OF:
        return sighting && kept->track == query->key;
    case FIND_SIGHTING:
        return sighting && kept->id == query->key;
    case FIND_ALERTS:
        return stands;
    case FIND_ALERTS_OPEN:
        return stands && row->alert.state != ALERT_CLOSED;
    case FIND_ALERT:
        return stands && kept->id == query->key;
    case FIND_POSITIONS:
        return kept->kind == KEPT_POSITION && kept->track == query->key &&
               kept->time_us <= query->until_us;
    case FIND_COUNT:
        break;
    }
    return false;
}

/* What lists are ordered by. */
static int64_t order_of(const struct memory_row *row)
{
    if (row->kept.kind == KEPT_ALERT)
        return row->alert.raised_us;
    return row->kept.kind == KEPT_POSITION ? row->kept.time_us : (int64_t)row->kept.sequence;
}

static int newest_first(const void *a, const void *b)
{
    const struct memory_row *const *x = a, *const *y = b;
    int64_t p = order_of(*x), q = order_of(*y);
    return p < q ? 1 : p > q ? -1 : 0;
}

static int memory_find(struct store *store, const struct store_query *query, store_row *row,
                       void *to, struct err *err)
{
    struct store_memory *m = own(store);
    size_t count = 0;
    int result = 0;
    const struct memory_row **found = malloc((m->count + 1) * sizeof(const struct memory_row *));
    if (!found)
        return err_set(err, EXIT_IO, "no memory to look for it");
    for (size_t i = 0; i < m->count; i++)
        if (is_meant(&m->rows[i], query))
            found[count++] = &m->rows[i];
    if (query->find != FIND_SINCE)
        qsort(found, count, sizeof(const struct memory_row *), newest_first);
    for (size_t i = 0; i < count && i < query->limit && result == 0; i++)
        result = row(to, &found[i]->kept);
    free(found);
    return result;
}

static int memory_restore(struct store *store, store_alert *each, void *to, struct err *err)
{
    struct store_memory *m = own(store);
    (void)err;
    for (size_t i = 0; i < m->count; i++)
        if (m->rows[i].kept.kind == KEPT_ALERT && !m->rows[i].replaced &&
            m->rows[i].alert.state != ALERT_CLOSED)
            each(to, &m->rows[i].alert, m->rows[i].track_text);
    return 0;
}

static void memory_close(struct store *store)
{
    struct store_memory *m = own(store);
    for (size_t i = 0; i < m->count; i++)
        free((void *)(uintptr_t)m->rows[i].kept.body.p);
    free(m->rows);
    free(m);
}

static const struct store_rows rows = {memory_keep, memory_commit, memory_find, memory_restore,
                                       memory_close};

int store_memory_open(struct store **ret_store, struct err *err)
{
    struct store_memory *m = calloc(1, sizeof *m);
    if (!m)
        return err_set(err, EXIT_CONFIG, "no memory for the store");
    m->head.rows = &rows;
    *ret_store = &m->head;
    return 0;
}
