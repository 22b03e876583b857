/*
 * The load of bench/wire: sends AIS or BaseStation lines over loopback and, if asked, listens to the
 * event stream and says how long each crossing took to come back as a sighting.
 *
 *   wire_load --agreement DIR --format ais|sbs --to tcp|udp [--port N] [--tracks N] [--share PPM]
 *             [--lines N]
 *
 * TCP: listens on a free port, which is printed as {"port": N}, and takes one connection. UDP: sends
 * to --port. Then orders come on standard input, a line each, and each is answered by a JSON line:
 *
 *   events PORT     listens to the event stream of that port from now on
 *   RATE SECONDS    sends RATE fixes a second (0: as fast as they are taken) for so long
 *
 * The first of the latter sends each track three times, whatever its seconds. Of the tracks
 * --share in a million step over the border of a zone with each fix and back with the next; the
 * others go their way.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"
#include "os/agreement_dir.h"

#define TRACKS_MAX    200000
#define ROUNDS        8 /* texts made; sent forwards and backwards in turn */
#define WARM_ROUNDS   3
#define BLOCKS        16 /* a round's tracks are shuffled within so many blocks */
#define LINE_BYTES    160
#define PIECE         65536 /* most bytes of one send over TCP */
#define DATAGRAM_MAX  1400
#define DATAGRAMS     32              /* of one sendmmsg */
#define TURN_NS       INT64_C(500000) /* paced sending: a turn every half millisecond */
#define LATENCIES_MAX (1u << 20)
#define SEED          7
#define MEMORY_MAX    ((size_t)4 << 30)
#define STEP_E7       20 /* a crossing track's distance from the border: about 2 m */
#define AREA_WEST     1235000000
#define AREA_EAST     1320000000
#define AREA_SOUTH    340000000
#define AREA_NORTH    395000000

struct options {
    const char *agreement;
    bool sbs, udp;
    uint16_t port;
    uint32_t tracks, share_ppm, lines;
};

struct point {
    int32_t lon_e7, lat_e7;
};

/* One round of all tracks: its text, and where each fix's line ends. */
struct round {
    char *text;
    size_t n;
    uint32_t *end, *track;
};

struct load {
    struct options options;
    struct arena arena;
    const struct compiled *compiled;
    uint32_t crossing; /* tracks below this number cross */
    struct point *home, *pace;
    struct round rounds[ROUNDS];
    uint32_t round, at; /* what comes next */
    int step;
    int fd;
    bool begun;
    uint16_t events;          /* 0: nobody listens */
    _Atomic int64_t *sent_ns; /* of a crossing track's fix that has not come back */
    int64_t *latency_ns;
    _Atomic uint32_t latency_count;
    _Atomic uint64_t told; /* sightings that came */
};

static void fail(const char *what)
{
    fprintf(stderr, "wire_load: %s\n", what);
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int32_t between(uint64_t *state, int32_t low, int32_t high)
{
    return low + (int32_t)(random_u64(state) % (uint64_t)((int64_t)high - low + 1));
}

/* ---- where tracks are --------------------------------------------------------------------------- */

static uint64_t zones_at(const struct load *load, struct point p)
{
    uint64_t zones;
    grid_locate(load->compiled->grid, &p.lon_e7, &p.lat_e7, 1, &zones);
    return zones;
}

/* Whether tracks of this load concern the zone, and it has a border at all times. */
static bool serves(const struct load *load, uint16_t zone)
{
    const struct zone *it = &load->compiled->agreement->zones[zone];
    if (it->daily_count || it->from_us != TIME_UNKNOWN || it->to_us != TIME_UNKNOWN)
        return false;
    enum platform platform = load->options.sbs ? PLATFORM_AIRCRAFT : PLATFORM_SHIP;
    return load->compiled->zones[zone].boundary &&
           platform_meant(platform, it->classes) != MEANT_NOT;
}

/* A point on a border of some zone and a step to its left; false: not where one step decides. */
static bool border_point(const struct load *load, uint64_t *state, struct point *ret_home,
                         struct point *ret_pace)
{
    uint16_t zone = (uint16_t)between(state, 0, load->compiled->agreement->zone_count - 1);
    if (!serves(load, zone))
        return false;
    const struct region *r = &load->compiled->zones[zone].region;
    uint32_t end = r->ring_start[r->ring_count];
    uint32_t i = (uint32_t)between(state, 0, (int32_t)end - 2);
    double t = between(state, 1, 999) * 1e-3;
    double dx = (double)r->lon_e7[i + 1] - r->lon_e7[i],
           dy = (double)r->lat_e7[i + 1] - r->lat_e7[i];
    double most = dx * dx > dy * dy ? (dx > 0 ? dx : -dx) : (dy > 0 ? dy : -dy);
    if (most < 1.0)
        return false;
    *ret_home = (struct point){r->lon_e7[i] + (int32_t)(t * dx), r->lat_e7[i] + (int32_t)(t * dy)};
    *ret_pace = (struct point){(int32_t)(-dy / most * STEP_E7), (int32_t)(dx / most * STEP_E7)};
    struct point left = {ret_home->lon_e7 + ret_pace->lon_e7, ret_home->lat_e7 + ret_pace->lat_e7};
    struct point right = {ret_home->lon_e7 - ret_pace->lon_e7, ret_home->lat_e7 - ret_pace->lat_e7};
    return (zones_at(load, left) ^ zones_at(load, right)) == UINT64_C(1) << zone;
}

static struct point place_of(const struct load *load, uint32_t track, uint32_t round)
{
    struct point home = load->home[track], pace = load->pace[track];
    int32_t n = track < load->crossing ? (round % 2 ? 1 : -1) : (int32_t)round;
    return (struct point){home.lon_e7 + n * pace.lon_e7, home.lat_e7 + n * pace.lat_e7};
}

static void place_tracks(struct load *load)
{
    uint64_t state = SEED;
    int32_t pace = load->options.sbs ? 90 : 5; /* 10 m and half a metre a round */
    for (uint32_t i = 0; i < load->options.tracks; i++) {
        while (i < load->crossing && !border_point(load, &state, &load->home[i], &load->pace[i]))
            ;
        if (i < load->crossing)
            continue;
        load->home[i] = (struct point){between(&state, AREA_WEST, AREA_EAST),
                                       between(&state, AREA_SOUTH, AREA_NORTH)};
        load->pace[i] = (struct point){between(&state, -pace, pace), between(&state, -pace, pace)};
    }
}

/* ---- lines -------------------------------------------------------------------------------------- */

static void put_bits(uint8_t six[28], unsigned at, unsigned n, int32_t value)
{
    for (unsigned i = 0; i < n; i++)
        if ((uint32_t)value >> (n - 1 - i) & 1)
            six[(at + i) / 6] |= (uint8_t)(32 >> (at + i) % 6);
}

static uint32_t mmsi_of(uint32_t track)
{
    return 440000000 + track;
}

/* Message 1 of ITU-R M.1371-5, table 48. */
static int ais_line(char *line, uint32_t track, struct point p)
{
    uint8_t six[28] = {0};
    put_bits(six, 0, 6, 1);
    put_bits(six, 8, 30, (int32_t)mmsi_of(track));
    put_bits(six, 50, 10, 10);
    put_bits(six, 60, 1, 1);
    put_bits(six, 61, 28, (int32_t)((int64_t)p.lon_e7 * 3 / 50));
    put_bits(six, 89, 27, (int32_t)((int64_t)p.lat_e7 * 3 / 50));
    put_bits(six, 116, 12, (int32_t)(track % 3600));
    put_bits(six, 128, 9, 511);
    put_bits(six, 137, 6, 60);
    int n = sprintf(line, "!AIVDM,1,1,,A,");
    for (unsigned i = 0; i < 28; i++)
        line[n++] = (char)(six[i] < 40 ? six[i] + 48 : six[i] + 56);
    n += sprintf(line + n, ",0");
    unsigned sum = 0;
    for (int i = 1; i < n; i++)
        sum ^= (unsigned char)line[i];
    return n + sprintf(line + n, "*%02X\r\n", sum);
}

static int sbs_line(char *line, uint32_t track, struct point p)
{
    return sprintf(line,
                   "MSG,3,1,1,%06X,1,2026/11/24,06:00:00.000,2026/11/24,06:00:00.000,,12000,,,"
                   "%.7f,%.7f,,,0,0,0,0\r\n",
                   0x710000 + track, p.lat_e7 * 1e-7, p.lon_e7 * 1e-7);
}

static void shuffle(uint32_t *track, uint32_t count, uint64_t *state)
{
    for (uint32_t block = 0; block < BLOCKS; block++) {
        uint32_t from = (uint32_t)((uint64_t)count * block / BLOCKS);
        uint32_t to = (uint32_t)((uint64_t)count * (block + 1) / BLOCKS);
        for (uint32_t i = to; i > from + 1; i--) {
            uint32_t j = from + (uint32_t)(random_u64(state) % (i - from)), t = track[i - 1];
            track[i - 1] = track[j];
            track[j] = t;
        }
    }
}

static void write_round(struct load *load, uint32_t number, const uint32_t *order, uint64_t *state)
{
    struct round *round = &load->rounds[number];
    uint32_t count = load->options.tracks;
    round->text = malloc((size_t)count * LINE_BYTES);
    round->end = calloc(count, sizeof *round->end);
    round->track = calloc(count, sizeof *round->track);
    if (!round->text || !round->end || !round->track)
        fail("no memory");
    memcpy(round->track, order, count * sizeof *order);
    shuffle(round->track, count, state);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t track = round->track[i];
        struct point p = place_of(load, track, number);
        char *line = round->text + round->n;
        round->n +=
            (size_t)(load->options.sbs ? sbs_line(line, track, p) : ais_line(line, track, p));
        round->end[i] = (uint32_t)round->n;
    }
}

/* Every track has its block of the round for good, so that its fixes are about a round apart. */
static void write_rounds(struct load *load)
{
    uint64_t state = SEED + 1;
    uint32_t count = load->options.tracks;
    uint32_t *order = calloc(count, sizeof *order);
    if (!order)
        fail("no memory");
    for (uint32_t i = 0; i < count; i++)
        order[i] = (uint32_t)((uint64_t)i * 7919 % count);
    if (count % 7919 == 0)
        fail("this number of tracks cannot be shuffled");
    for (uint32_t number = 0; number < ROUNDS; number++)
        write_round(load, number, order, &state);
    free(order);
}

/* ---- what comes back ---------------------------------------------------------------------------- */

static void note_latency(struct load *load, uint32_t track, int64_t at_ns)
{
    if (track >= load->crossing)
        return;
    int64_t sent = atomic_exchange(&load->sent_ns[track], 0);
    uint32_t n = atomic_load(&load->latency_count);
    if (!sent || n == LATENCIES_MAX)
        return;
    load->latency_ns[n] = at_ns - sent;
    atomic_store(&load->latency_count, n + 1);
}

/* One line of the stream that is a sighting's data. */
static void heed_line(struct load *load, const char *line, int64_t at_ns)
{
    const char *key = load->options.sbs ? "\"track\":\"icao:" : "\"track\":\"ais:";
    const char *found = strncmp(line, "data: {\"type\":\"sighting\"", 24) == 0 ||
                                strncmp(line, "data: {\"type\":\"amended\"", 23) == 0
                            ? strstr(line, key)
                            : NULL;
    if (!found)
        return;
    atomic_fetch_add(&load->told, 1);
    unsigned long id = strtoul(found + strlen(key), NULL, load->options.sbs ? 16 : 10);
    note_latency(load, (uint32_t)(id - (load->options.sbs ? 0x710000 : 440000000)), at_ns);
}

static void *listen_events(void *to)
{
    struct load *load = to;
    static char text[1 << 20];
    size_t n = 0;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(load->events)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    static const char ask[] = "GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) ||
        write(fd, ask, sizeof ask - 1) < 0)
        fail("the event stream does not answer");
    for (ssize_t got; (got = read(fd, text + n, sizeof text - 1 - n)) > 0;) {
        int64_t at_ns = now_ns();
        n += (size_t)got;
        text[n] = '\0';
        char *line = text;
        for (char *end; (end = memchr(line, '\n', (size_t)(text + n - line))); line = end + 1) {
            *end = '\0';
            heed_line(load, line, at_ns);
        }
        n = (size_t)(text + n - line);
        memmove(text, line, n);
        if (n == sizeof text - 1)
            n = 0;
    }
    close(fd);
    return NULL;
}

/* ---- sending ------------------------------------------------------------------------------------ */

static void put_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t done = send(fd, p, n, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            fail("the feed's connection broke");
        p += done;
        n -= (size_t)done;
    }
}

static size_t begin_of(const struct round *round, uint32_t i)
{
    return i ? round->end[i - 1] : 0;
}

/* Datagrams of whole lines, several at a call. */
static void put_datagrams(const struct load *load, const struct round *round, uint32_t from,
                          uint32_t to)
{
    while (from < to) {
        struct mmsghdr messages[DATAGRAMS];
        struct iovec parts[DATAGRAMS];
        unsigned count = 0;
        memset(messages, 0, sizeof messages);
        for (; count < DATAGRAMS && from < to; count++) {
            uint32_t last = from;
            size_t begin = begin_of(round, from);
            while (last + 1 < to && last + 1 - from < load->options.lines &&
                   round->end[last + 1] - begin <= DATAGRAM_MAX)
                last++;
            parts[count] = (struct iovec){round->text + begin, round->end[last] - begin};
            messages[count].msg_hdr.msg_iov = &parts[count];
            messages[count].msg_hdr.msg_iovlen = 1;
            from = last + 1;
        }
        for (unsigned done = 0; done < count;) {
            int n = sendmmsg(load->fd, messages + done, count - done, 0);
            if (n < 0 && errno != EINTR && errno != ENOBUFS && errno != ECONNREFUSED)
                fail("sending datagrams failed");
            done += n > 0 ? (unsigned)n : 0;
        }
    }
}

/* Sends up to `most` next fixes of the round at hand; returns how many. */
static uint32_t put_some(struct load *load, uint32_t most)
{
    struct round *round = &load->rounds[load->round];
    uint32_t from = load->at, to = from, count = load->options.tracks;
    while (to < count && to - from < most && round->end[to] - begin_of(round, from) <= PIECE)
        to++;
    int64_t sent = now_ns();
    for (uint32_t i = from; i < to; i++)
        if (round->track[i] < load->crossing && load->begun)
            atomic_store(&load->sent_ns[round->track[i]], sent);
    if (load->options.udp)
        put_datagrams(load, round, from, to);
    else
        put_all(load->fd, round->text + begin_of(round, from),
                round->end[to - 1] - begin_of(round, from));
    load->at = to;
    if (to < count)
        return to - from;
    load->at = 0;
    if ((load->step > 0 && load->round == ROUNDS - 1) || (load->step < 0 && load->round == 0))
        load->step = -load->step;
    load->round = (uint32_t)((int)load->round + load->step);
    return to - from;
}

static void sleep_until(int64_t at_ns)
{
    struct timespec t = {at_ns / 1000000000, at_ns % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
        ;
}

/* At a rate of 0 as fast as it goes; else in turns, of which none is left out. */
static uint64_t put_for(struct load *load, double rate, double seconds, uint64_t most)
{
    int64_t start = now_ns(), until = start + (int64_t)(seconds * 1e9), now = start;
    uint64_t sent = 0;
    for (int64_t turn = start; now < until && sent < most; now = now_ns()) {
        uint64_t due = rate > 0 ? (uint64_t)((double)(now - start) * 1e-9 * rate) : UINT64_MAX;
        due = due < most ? due : most;
        if (rate > 0 && due <= sent) {
            turn = turn + TURN_NS > now ? turn + TURN_NS : now + TURN_NS;
            sleep_until(turn);
            continue;
        }
        uint64_t left = due - sent;
        sent += put_some(load, left < 4096 ? (uint32_t)left : 4096);
    }
    return sent;
}

/* ---- orders ------------------------------------------------------------------------------------- */

static int by_length(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static double share_of(const int64_t *sorted, uint32_t count, double share)
{
    uint32_t at = (uint32_t)(share * count);
    return count ? (double)sorted[at < count ? at : count - 1] * 1e-6 : 0.0;
}

static void obey(struct load *load, double rate, double seconds)
{
    uint64_t most = load->begun ? UINT64_MAX : (uint64_t)WARM_ROUNDS * load->options.tracks;
    atomic_store(&load->latency_count, 0);
    uint64_t told = atomic_load(&load->told);
    int64_t start = now_ns();
    uint64_t sent = put_for(load, rate, load->begun ? seconds : 3600.0, most);
    double took = (double)(now_ns() - start) * 1e-9;
    if (load->events)
        sleep_until(now_ns() + 2000000000);
    uint32_t count = atomic_load(&load->latency_count), missing = 0;
    for (uint32_t i = 0; i < load->crossing; i++)
        missing += atomic_exchange(&load->sent_ns[i], 0) != 0;
    qsort(load->latency_ns, count, sizeof *load->latency_ns, by_length);
    printf("{\"sent\": %" PRIu64 ", \"seconds\": %.4f, \"told\": %" PRIu64
           ", \"timed\": %u, \"missing\": %u, \"p50_ms\": %.3f, \"p90_ms\": %.3f, "
           "\"p99_ms\": %.3f, \"max_ms\": %.3f}\n",
           sent, took, atomic_load(&load->told) - told, count, missing,
           share_of(load->latency_ns, count, 0.5), share_of(load->latency_ns, count, 0.9),
           share_of(load->latency_ns, count, 0.99), share_of(load->latency_ns, count, 1.0));
    fflush(stdout);
    load->begun = true;
}

static void heed_order(struct load *load, const char *line)
{
    double rate, seconds;
    pthread_t listener;
    if (sscanf(line, "events %" SCNu16, &load->events) == 1) {
        if (pthread_create(&listener, NULL, listen_events, load))
            fail("no thread to listen on");
        return;
    }
    if (sscanf(line, "%lf %lf", &rate, &seconds) != 2)
        fail("an order is not understood");
    obey(load, rate, seconds);
}

/* ---- starting ----------------------------------------------------------------------------------- */

static void open_tcp(struct load *load)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t n = sizeof at;
    int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener < 0 || bind(listener, (struct sockaddr *)&at, n) || listen(listener, 1) ||
        getsockname(listener, (struct sockaddr *)&at, &n))
        fail("no port to listen on");
    printf("{\"port\": %u}\n", ntohs(at.sin_port));
    fflush(stdout);
    load->fd = accept(listener, NULL, NULL);
    if (load->fd < 0)
        fail("nobody connects");
    setsockopt(load->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    close(listener);
}

static void open_udp(struct load *load)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(load->options.port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    load->fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (load->fd < 0 || connect(load->fd, (struct sockaddr *)&at, sizeof at))
        fail("no socket for datagrams");
    printf("{\"port\": %u}\n", load->options.port);
    fflush(stdout);
}

static void read_options(int argc, char **argv, struct options *options)
{
    static const struct option names[] = {{"agreement", 1, NULL, 'a'}, {"format", 1, NULL, 'f'},
                                          {"to", 1, NULL, 't'},        {"port", 1, NULL, 'p'},
                                          {"tracks", 1, NULL, 'n'},    {"share", 1, NULL, 's'},
                                          {NULL, 0, NULL, 0}};
    *options = (struct options){.tracks = 100000, .share_ppm = 10000, .lines = UINT32_MAX};
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        unsigned long number = optarg ? strtoul(optarg, NULL, 10) : 0;
        options->agreement = c == 'a' ? optarg : options->agreement;
        options->sbs = c == 'f' ? strcmp(optarg, "sbs") == 0 : options->sbs;
        options->udp = c == 't' ? strcmp(optarg, "udp") == 0 : options->udp;
        options->port = c == 'p' ? (uint16_t)number : options->port;
        options->tracks = c == 'n' ? (uint32_t)number : options->tracks;
        options->share_ppm = c == 's' ? (uint32_t)number : options->share_ppm;
        options->lines = c == 'l' ? (uint32_t)number : options->lines;
        if (c == '?')
            fail("wrong usage; see the head of bench/wire_load.c");
    }
    if (!options->agreement || options->tracks < BLOCKS || options->tracks > TRACKS_MAX ||
        options->share_ppm > 1000000 || options->lines < 1)
        fail("wrong usage; see the head of bench/wire_load.c");
}

static void prepare(struct load *load)
{
    struct err err;
    const struct agreement *agreement;
    uint32_t tracks = load->options.tracks;
    arena_init(&load->arena, MEMORY_MAX, malloc, free);
    if (agreement_load(load->options.agreement, &load->arena, &agreement, &err) ||
        agreement_compile(load->options.agreement, agreement, &load->arena, &load->compiled, &err))
        fail(err.text);
    load->crossing = (uint32_t)((uint64_t)tracks * load->options.share_ppm / 1000000);
    load->home = calloc(tracks, sizeof *load->home);
    load->pace = calloc(tracks, sizeof *load->pace);
    load->sent_ns = calloc(tracks, sizeof *load->sent_ns);
    load->latency_ns = calloc(LATENCIES_MAX, sizeof *load->latency_ns);
    if (!load->home || !load->pace || !load->sent_ns || !load->latency_ns)
        fail("no memory");
    place_tracks(load);
    write_rounds(load);
    load->step = 1;
}

int main(int argc, char **argv)
{
    static struct load load;
    char line[128];
    read_options(argc, argv, &load.options);
    prepare(&load);
    if (load.options.udp)
        open_udp(&load);
    else
        open_tcp(&load);
    while (fgets(line, sizeof line, stdin))
        heed_order(&load, line);
    return 0;
}
