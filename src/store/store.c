#include "store/store.h"

static int fail_again(const struct store *store, struct err *err)
{
    *err = store->failure;
    return ERR_FAIL;
}

static int note_failure(struct store *store, int failed, const struct err *err)
{
    if (failed)
        store->failure = *err;
    return failed;
}

int store_keep(struct store *store, const struct kept *kept, uint64_t *ret_sequence,
               struct err *err)
{
    uint64_t sequence = 0;
    if (store->failure.code)
        return fail_again(store, err);
    if (note_failure(store, store->rows->keep(store, kept, &sequence, err), err))
        return ERR_FAIL;
    store->pending++;
    store->kept++;
    if (sequence)
        store->sequence = sequence;
    store->sightings += sequence && kept->kind == KEPT_SIGHTING;
    *ret_sequence = sequence;
    return 0;
}

int store_commit(struct store *store, struct err *err)
{
    if (store->failure.code)
        return fail_again(store, err);
    if (!store->pending)
        return 0;
    if (note_failure(store, store->rows->commit(store, err), err))
        return ERR_FAIL;
    store->pending = 0;
    store->commits++;
    return 0;
}

int store_find(struct store *store, const struct store_query *query, store_row *row, void *to,
               struct err *err)
{
    return store->rows->find(store, query, row, to, err);
}

int store_restore(struct store *store, store_alert *each, void *to, struct err *err)
{
    return store->rows->restore(store, each, to, err);
}

void store_close(struct store *store)
{
    if (store)
        store->rows->close(store);
}
