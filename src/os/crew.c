#include "os/crew.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * A job is its number; whoever sees a new one takes parts until none is left. `working` counts the
 * threads that may still take a part, so a job's end is: no part left, and nobody working.
 */
struct crew {
    pthread_mutex_t lock;
    pthread_cond_t begun, done;
    uint64_t job_number;
    uint32_t working;
    bool ending;
    size_t count;
    void (*job)(void *arg, size_t index);
    void *arg;
    _Atomic size_t next;

    struct jobs jobs;
    uint32_t thread_count; /* with the caller's */
    pthread_t threads[CREW_MAX];
};

static void take_parts(struct crew *crew)
{
    for (size_t i; (i = atomic_fetch_add(&crew->next, 1)) < crew->count;)
        crew->job(crew->arg, i);
}

static void *work(void *to)
{
    struct crew *crew = to;
    uint64_t seen = 0;
    pthread_mutex_lock(&crew->lock);
    for (;;) {
        while (crew->job_number == seen && !crew->ending)
            pthread_cond_wait(&crew->begun, &crew->lock);
        if (crew->ending)
            break;
        seen = crew->job_number;
        if (atomic_load(&crew->next) >= crew->count)
            continue; /* it came too late */
        crew->working++;
        pthread_mutex_unlock(&crew->lock);
        take_parts(crew);
        pthread_mutex_lock(&crew->lock);
        if (--crew->working == 0)
            pthread_cond_signal(&crew->done);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

static void crew_run(void *to, size_t count, void (*job)(void *arg, size_t index), void *arg)
{
    struct crew *crew = to;
    pthread_mutex_lock(&crew->lock);
    crew->job = job;
    crew->arg = arg;
    crew->count = count;
    atomic_store(&crew->next, 0);
    crew->job_number++;
    pthread_mutex_unlock(&crew->lock);
    pthread_cond_broadcast(&crew->begun);
    take_parts(crew);
    pthread_mutex_lock(&crew->lock);
    while (crew->working)
        pthread_cond_wait(&crew->done, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
}

/* Signals are the loop's. */
static int start_one(struct crew *crew)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&crew->threads[crew->thread_count - 1], NULL, work, crew);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    crew->thread_count += !failed;
    return failed ? ERR_FAIL : 0;
}

static uint32_t processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > CREW_MAX ? CREW_MAX : (uint32_t)n;
}

int crew_new(uint32_t threads, struct crew **ret_crew, struct err *err)
{
    struct crew *crew = calloc(1, sizeof *crew);
    if (!crew)
        return err_set(err, EXIT_CONFIG, "no memory for threads");
    threads = threads ? threads : processors();
    crew->jobs = (struct jobs){crew_run, crew};
    crew->thread_count = 1;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->begun, NULL);
    pthread_cond_init(&crew->done, NULL);
    while (crew->thread_count < threads)
        if (start_one(crew)) {
            crew_free(crew);
            return err_set(err, EXIT_CONFIG, "%u threads cannot be made; ask for fewer", threads);
        }
    *ret_crew = crew;
    return 0;
}

void crew_free(struct crew *crew)
{
    if (!crew)
        return;
    pthread_mutex_lock(&crew->lock);
    crew->ending = true;
    pthread_mutex_unlock(&crew->lock);
    pthread_cond_broadcast(&crew->begun);
    for (uint32_t i = 1; i < crew->thread_count; i++)
        pthread_join(crew->threads[i - 1], NULL);
    pthread_cond_destroy(&crew->begun);
    pthread_cond_destroy(&crew->done);
    pthread_mutex_destroy(&crew->lock);
    free(crew);
}

uint32_t crew_threads(const struct crew *crew)
{
    return crew->thread_count;
}

const struct jobs *crew_jobs(const struct crew *crew)
{
    return crew->thread_count > 1 ? &crew->jobs : NULL;
}
