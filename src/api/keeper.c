#include "api/keeper.h"

#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "api/show.h"
#include "api/streams.h"

struct row {
    enum kept_kind kind;
    char track[FEED_NAME_MAX];
    union {
        struct sighting sighting;
        struct alert alert;
        struct {
            uint64_t track;
            int64_t time_us;
            uint8_t leg;
            size_t at, n; /* its body, in the group's bodies */
        } position;
    };
};

struct group {
    struct row *rows;
    size_t count;
    struct page bodies; /* of positions */
    struct page frames; /* of what was kept */
    int64_t since_us;   /* of the oldest row */
};

/* `lock` guards work, ending and err; a group is its thread's while it is `work`. */
struct keeper {
    struct store *store;
    const struct compiled *compiled;
    struct keeper_options options;
    struct event *gathered, *written; /* the group waited long enough; the thread is done */
    int wake_fd;
    struct group groups[2];
    struct group *gathering, *writing; /* writing: NULL none */
    size_t event_room;
    struct page body; /* the thread's */
    bool dead;        /* K3 */

    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t given, done;
    struct group *work; /* the thread's; NULL: it is idle */
    bool ending, made;
    struct err err;
};

/* ---- the thread --------------------------------------------------------------------------------- */

static struct kept kept_sighting(struct keeper *k, const struct row *row)
{
    const struct sighting *s = &row->sighting;
    sighting_json(&k->body.out, k->compiled, s, row->track);
    return (struct kept){.kind = KEPT_SIGHTING,
                         .id = s->id,
                         .track = s->track,
                         .time_us = s->time_us,
                         .leg = s->leg,
                         .body = page_bytes(&k->body)};
}

static struct kept kept_alert(struct keeper *k, const struct row *row)
{
    const struct alert *a = &row->alert;
    alert_json(&k->body.out, k->compiled, a, row->track);
    return (struct kept){.kind = KEPT_ALERT,
                         .id = a->id,
                         .track = a->track,
                         .time_us = a->changed_us,
                         .leg = a->leg,
                         .alert = a,
                         .track_text = row->track,
                         .body = page_bytes(&k->body)};
}

static struct kept kept_position(const struct group *group, const struct row *row)
{
    return (struct kept){
        .kind = KEPT_POSITION,
        .track = row->position.track,
        .time_us = row->position.time_us,
        .leg = row->position.leg,
        .body = {(const uint8_t *)group->bodies.buf.p + row->position.at, row->position.n}};
}

static int write_row(struct keeper *k, struct group *group, const struct row *row, struct err *err)
{
    uint64_t sequence;
    page_clear(&k->body);
    page_room(&k->body, k->event_room);
    struct kept kept = row->kind == KEPT_SIGHTING ? kept_sighting(k, row)
                       : row->kind == KEPT_ALERT  ? kept_alert(k, row)
                                                  : kept_position(group, row);
    if (page_failed(&k->body))
        return err_set(err, EXIT_IO, "no memory for what must be kept");
    if (store_keep(k->store, &kept, &sequence, err))
        return ERR_FAIL;
    if (sequence)
        stream_frame_kept(&group->frames, row->kind, sequence, kept.body);
    return 0;
}

static int write_group(struct keeper *k, struct group *group, struct err *err)
{
    for (size_t i = 0; i < group->count; i++)
        if (write_row(k, group, &group->rows[i], err))
            return ERR_FAIL;
    if (page_failed(&group->frames))
        return err_set(err, EXIT_IO, "no memory for what must be shown");
    return store_commit(k->store, err);
}

static void *keep_on(void *to)
{
    struct keeper *k = to;
    uint64_t one = 1;
    pthread_mutex_lock(&k->lock);
    while (!k->ending) {
        if (!k->work) {
            pthread_cond_wait(&k->given, &k->lock);
            continue;
        }
        struct err err = {EXIT_FINE, ""};
        pthread_mutex_unlock(&k->lock);
        int failed = write_group(k, k->work, &err);
        pthread_mutex_lock(&k->lock);
        if (failed)
            k->err = err;
        k->work = NULL;
        pthread_cond_signal(&k->done);
        ssize_t woken = write(k->wake_fd, &one, sizeof one);
        (void)woken; /* fails only where the counter is full: then the loop wakes all the same */
    }
    pthread_mutex_unlock(&k->lock);
    return NULL;
}

/* ---- groups come and go ------------------------------------------------------------------------- */

static void group_clear(struct group *group)
{
    group->count = 0;
    group->since_us = 0;
    page_clear(&group->bodies);
    page_clear(&group->frames);
}

/* Gives the gathered rows to the thread, which must be idle. */
static void hand_over(struct keeper *k)
{
    if (k->dead || k->writing || !k->gathering->count)
        return;
    k->writing = k->gathering;
    k->gathering = &k->groups[k->writing == &k->groups[0]];
    event_del(k->gathered);
    pthread_mutex_lock(&k->lock);
    k->work = k->writing;
    pthread_mutex_unlock(&k->lock);
    pthread_cond_signal(&k->given);
}

/* The thread is done with a group: it is shown. */
static void take_back(struct keeper *k)
{
    struct group *group = k->writing;
    if (!group || k->dead)
        return;
    if (k->err.code) {
        k->dead = true;
        k->options.failed(k->options.to, &k->err);
        return;
    }
    k->writing = NULL;
    k->options.kept(k->options.to, page_bytes(&group->frames), group->since_us);
    group_clear(group);
}

static bool is_done(struct keeper *k)
{
    pthread_mutex_lock(&k->lock);
    bool done = !k->work;
    pthread_mutex_unlock(&k->lock);
    return done;
}

static void wait_done(struct keeper *k)
{
    pthread_mutex_lock(&k->lock);
    while (k->work)
        pthread_cond_wait(&k->done, &k->lock);
    pthread_mutex_unlock(&k->lock);
    take_back(k);
}

/* What gathered meanwhile goes at once where it has waited long enough. */
static void on_written(evutil_socket_t fd, short what, void *to)
{
    struct keeper *k = to;
    uint64_t count;
    (void)what;
    if (read(fd, &count, sizeof count) < 0 || !is_done(k))
        return;
    take_back(k);
    if (!event_pending(k->gathered, EV_TIMEOUT, NULL))
        hand_over(k);
}

static void on_gathered(evutil_socket_t fd, short what, void *to)
{
    (void)fd;
    (void)what;
    hand_over(to);
}

int keeper_settle(struct keeper *k)
{
    while (!k->dead && (k->writing || k->gathering->count)) {
        if (!k->writing)
            hand_over(k);
        wait_done(k);
    }
    return k->dead ? ERR_FAIL : 0;
}

/* ---- gathering ---------------------------------------------------------------------------------- */

/* A place for one more; NULL: it failed. */
static struct row *row_next(struct keeper *k, enum kept_kind kind, int64_t since_us)
{
    struct timeval soon = {0, GATHER_MS * 1000};
    if (k->gathering->count == GROUP_ROWS || k->gathering->bodies.buf.n > GROUP_BYTES) {
        if (k->writing)
            wait_done(k);
        hand_over(k);
    }
    if (k->dead)
        return NULL;
    struct group *group = k->gathering;
    if (group->count == 0) {
        group->since_us = since_us;
        event_add(k->gathered, &soon);
    }
    struct row *row = &group->rows[group->count++];
    row->kind = kind;
    return row;
}

static void row_given(struct keeper *k)
{
    if (k->gathering->count >= GATHER_ROWS)
        hand_over(k);
}

int keeper_sighting(struct keeper *k, const struct sighting *sighting, const char *track,
                    int64_t since_us)
{
    struct row *row = row_next(k, KEPT_SIGHTING, since_us);
    if (!row)
        return ERR_FAIL;
    row->sighting = *sighting;
    bytes_copy_text(bytes_of(track), row->track, sizeof row->track);
    row_given(k);
    return 0;
}

int keeper_alert(struct keeper *k, const struct alert *alert, const char *track, int64_t since_us)
{
    struct row *row = row_next(k, KEPT_ALERT, since_us);
    if (!row)
        return ERR_FAIL;
    row->alert = *alert;
    bytes_copy_text(bytes_of(track), row->track, sizeof row->track);
    row_given(k);
    return 0;
}

int keeper_position(struct keeper *k, const struct position *position, struct bytes body,
                    int64_t since_us)
{
    struct row *row = row_next(k, KEPT_POSITION, since_us);
    if (!row)
        return ERR_FAIL;
    row->position.track = position->track;
    row->position.time_us = position->time_us;
    row->position.leg = position->leg;
    row->position.at = k->gathering->bodies.buf.n;
    row->position.n = body.n;
    page_put(&k->gathering->bodies, body);
    if (!page_failed(&k->gathering->bodies)) {
        row_given(k);
        return 0;
    }
    k->dead = true;
    err_set(&k->err, EXIT_IO, "no memory for what must be kept");
    k->options.failed(k->options.to, &k->err);
    return ERR_FAIL;
}

/* ---- making and ending -------------------------------------------------------------------------- */

void keeper_agreement(struct keeper *k, const struct compiled *compiled)
{
    k->compiled = compiled;
    k->event_room = show_event_room(compiled);
}

static int make_groups(struct keeper *k)
{
    for (int i = 0; i < 2; i++) {
        k->groups[i].rows = calloc(GROUP_ROWS, sizeof *k->groups[i].rows);
        page_init(&k->groups[i].bodies);
        page_init(&k->groups[i].frames);
        if (!k->groups[i].rows)
            return ERR_FAIL;
    }
    page_init(&k->body);
    k->gathering = &k->groups[0];
    return 0;
}

/* Signals are the loop's. */
static int start_thread(struct keeper *k)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    k->made = pthread_create(&k->thread, NULL, keep_on, k) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return k->made ? 0 : ERR_FAIL;
}

static int make_parts(struct keeper *k, struct event_base *base)
{
    k->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (k->wake_fd < 0 || make_groups(k))
        return ERR_FAIL;
    k->gathered = event_new(base, -1, 0, on_gathered, k);
    k->written = event_new(base, k->wake_fd, EV_READ | EV_PERSIST, on_written, k);
    if (!k->gathered || !k->written || event_add(k->written, NULL))
        return ERR_FAIL;
    return start_thread(k);
}

int keeper_new(struct event_base *base, struct store *store, const struct compiled *compiled,
               const struct keeper_options *options, struct keeper **ret_keeper, struct err *err)
{
    struct keeper *k = calloc(1, sizeof *k);
    if (!k)
        return err_set(err, EXIT_CONFIG, "no memory for keeping");
    k->store = store;
    k->options = *options;
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->given, NULL);
    pthread_cond_init(&k->done, NULL);
    keeper_agreement(k, compiled);
    if (make_parts(k, base)) {
        keeper_free(k);
        return err_set(err, EXIT_CONFIG, "no memory, or no thread, for keeping");
    }
    *ret_keeper = k;
    return 0;
}

static void end_thread(struct keeper *k)
{
    if (!k->made)
        return;
    pthread_mutex_lock(&k->lock);
    k->ending = true;
    pthread_mutex_unlock(&k->lock);
    pthread_cond_signal(&k->given);
    pthread_join(k->thread, NULL);
}

void keeper_free(struct keeper *k)
{
    if (!k)
        return;
    end_thread(k);
    if (k->gathered)
        event_free(k->gathered);
    if (k->written)
        event_free(k->written);
    if (k->wake_fd >= 0)
        close(k->wake_fd);
    for (int i = 0; i < 2; i++) {
        free(k->groups[i].rows);
        page_free(&k->groups[i].bodies);
        page_free(&k->groups[i].frames);
    }
    page_free(&k->body);
    pthread_cond_destroy(&k->done);
    pthread_cond_destroy(&k->given);
    pthread_mutex_destroy(&k->lock);
    free(k);
}
