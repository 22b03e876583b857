/*
 * AIS sentences a second: NMEA bytes to positions, one thread, beside what gpsdecode needs for the
 * same file where it is installed.
 *
 *   bench/ais [-o FILE] [SENTENCES]     FILE gets the table as JSON lines
 *
 * The sentences are made: 20,000 ships, message types in the shares of `mix`, every field random within
 * its range, right checksums. Ours is CPU time of the thread from the bytes in memory to an array of
 * positions, the median of ROUNDS, each with a new feed; gpsdecode's is the user time of the whole
 * process, which also writes JSON (to /dev/null).
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "feed/feed.h"
#include "measure.h"

#define SENTENCES     1000000
#define SENTENCES_MAX 20000000
#define SHIPS         20000
#define ROUNDS        5
#define SEED          42
#define PUSH_BYTES    65536
#define POSITIONS     512
#define LINE_MAX_     100
#define CHARS_MAX     80
#define PART_CHARS    60
#define ARENA_MAX     ((size_t)1 << 30)

/* ---- making sentences --------------------------------------------------------------------------- */

static int32_t between(uint64_t *state, int32_t low, int32_t high)
{
    return low + (int32_t)(random_u64(state) % (uint64_t)(high - low + 1));
}

struct message {
    unsigned bits;
    uint8_t six[CHARS_MAX];
};

static void put(struct message *m, unsigned at, unsigned n, int32_t value)
{
    for (unsigned i = 0; i < n; i++)
        if ((uint32_t)value >> (n - 1 - i) & 1)
            m->six[(at + i) / 6] |= (uint8_t)(32 >> (at + i) % 6);
}

/* Shares of the message types, in hundredths; where the place stands and how it is counted. */
static const struct kind {
    int share, type;
    unsigned bits, lon, per_degree, lon_bits, lat_bits;
} mix[] = {
    {44, 1, 168, 61, 600000, 28, 27},  {16, 3, 168, 61, 600000, 28, 27},
    {14, 18, 168, 57, 600000, 28, 27}, {5, 4, 168, 79, 600000, 28, 27},
    {2, 21, 272, 164, 600000, 28, 27}, {2, 27, 96, 44, 600, 18, 17},
    {7, 24, 168, 0, 0, 0, 0},          {5, 5, 424, 0, 0, 0, 0},
    {5, 8, 168, 0, 0, 0, 0},
};

static const struct kind *pick(uint64_t *state)
{
    int at = between(state, 0, 99);
    const struct kind *kind = mix;
    while (at >= kind->share) {
        at -= kind->share;
        kind++;
    }
    return kind;
}

static void make(struct message *m, const struct kind *kind, uint64_t *state)
{
    *m = (struct message){.bits = kind->bits};
    for (unsigned at = 40; at + 6 < kind->bits; at += 6)
        put(m, at, 6, between(state, 0, 63));
    memset(m->six, 0, 7);
    put(m, 0, 6, kind->type);
    put(m, 8, 30, 200000000 + 27000 * between(state, 0, SHIPS - 1));
    if (!kind->lon)
        return;
    unsigned last = kind->lon + kind->lon_bits + kind->lat_bits;
    memset(m->six + kind->lon / 6, 0, (last + 5) / 6 - kind->lon / 6);
    int32_t unit = (int32_t)kind->per_degree;
    put(m, kind->lon, kind->lon_bits, between(state, -180 * unit, 180 * unit - 1));
    put(m, kind->lon + kind->lon_bits, kind->lat_bits, between(state, -90 * unit, 90 * unit));
}

struct text {
    char *p;
    size_t n, cap;
    unsigned sentences, sequence;
};

static void add_sentence(struct text *text, const struct message *m, unsigned parts, unsigned part)
{
    char line[LINE_MAX_];
    unsigned chars = (m->bits + 5) / 6, first = part * PART_CHARS;
    unsigned last = part + 1 == parts ? chars : first + PART_CHARS;
    bool end = part + 1 == parts;
    int n = parts == 1 ? snprintf(line, sizeof line, "!AIVDM,1,1,,A,")
                       : snprintf(line, sizeof line, "!AIVDM,%u,%u,%u,A,", parts, part + 1,
                                  text->sequence % 10);
    for (unsigned i = first; i < last; i++)
        line[n++] = (char)(m->six[i] < 40 ? m->six[i] + 48 : m->six[i] + 56);
    n += snprintf(line + n, sizeof line - (size_t)n, ",%u", end ? chars * 6 - m->bits : 0);
    unsigned sum = 0;
    for (int i = 1; i < n; i++)
        sum ^= (unsigned char)line[i];
    n += snprintf(line + n, sizeof line - (size_t)n, "*%02X\r\n", sum);
    memcpy(text->p + text->n, line, (size_t)n);
    text->n += (size_t)n;
    text->sentences++;
}

static void text_make(struct text *text, unsigned sentences)
{
    uint64_t state = SEED;
    *text = (struct text){.cap = (size_t)(sentences + 1) * LINE_MAX_};
    text->p = malloc(text->cap);
    if (!text->p)
        exit(1);
    while (text->sentences < sentences) {
        struct message m;
        make(&m, pick(&state), &state);
        unsigned parts = m.bits > 372 ? 2 : 1;
        for (unsigned part = 0; part < parts; part++)
            add_sentence(text, &m, parts, part);
        text->sequence += parts > 1;
    }
}

/* ---- measuring ---------------------------------------------------------------------------------- */

/* Reads the whole text; returns the seconds. */
static double read_all(struct feed *feed, const struct text *text)
{
    static struct position out[POSITIONS];
    size_t used, count, at = 0;
    double begin = cpu_s();
    while (at < text->n) {
        size_t n = text->n - at < PUSH_BYTES ? text->n - at : PUSH_BYTES;
        feed_push(feed, (struct bytes){(const uint8_t *)text->p + at, n}, TIME_UNKNOWN, out,
                  POSITIONS, &used, &count);
        at += used;
    }
    return cpu_s() - begin;
}

struct result {
    double seconds;
    struct feed_counts counts;
};

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static struct result measure(const struct text *text)
{
    struct feed_options options = {.format = FEED_NMEA, .name = "bench"};
    struct result result = {0};
    double seconds[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        struct arena arena;
        struct err err = {EXIT_FINE, ""};
        arena_init(&arena, ARENA_MAX, malloc, free);
        struct feed *feed = feed_new(&options, &arena, &err);
        if (!feed) {
            fprintf(stderr, "ais: %s\n", err.text);
            exit(1);
        }
        seconds[i] = read_all(feed, text);
        result.counts = *feed_counts(feed);
        arena_release(&arena);
    }
    qsort(seconds, ROUNDS, sizeof seconds[0], ascending);
    result.seconds = seconds[ROUNDS / 2];
    return result;
}

static void run_gpsdecode(FILE *in)
{
    int null = open("/dev/null", O_WRONLY);
    dup2(fileno(in), STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    execlp("gpsdecode", "gpsdecode", "-j", (char *)NULL);
    _exit(127);
}

/* The user time of a process that reads the same bytes; 0 when it is not there. */
static double measure_gpsdecode(const struct text *text)
{
    struct rusage usage;
    int status = 0;
    FILE *in = tmpfile();
    if (!in || fwrite(text->p, 1, text->n, in) != text->n || fflush(in))
        return 0;
    lseek(fileno(in), 0, SEEK_SET);
    pid_t child = fork();
    if (child == 0)
        run_gpsdecode(in);
    if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0)
        return 0;
    fclose(in);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec * 1e-6;
}

/* ---- telling ------------------------------------------------------------------------------------ */

static void tell(FILE *out, const char *program, const struct text *text, double seconds)
{
    printf("%-10s %9u sentences %8.3f s  %11.0f sentences/s  %7.1f MB/s\n", program,
           text->sentences, seconds, text->sentences / seconds, (double)text->n / seconds / 1e6);
    if (out)
        fprintf(out,
                "{\"bench\":\"ais\",\"program\":\"%s\",\"sentences\":%u,\"seconds\":%.6f,"
                "\"sentences_per_s\":%.0f}\n",
                program, text->sentences, seconds, text->sentences / seconds);
}

int main(int argc, char **argv)
{
    FILE *out = NULL;
    unsigned sentences = SENTENCES;
    if (argc > 2 && strcmp(argv[1], "-o") == 0) {
        out = fopen(argv[2], "w");
        argc -= 2;
        argv += 2;
    }
    if (argc > 1)
        sentences = (unsigned)strtoul(argv[1], NULL, 10);
    if (sentences < 1 || sentences > SENTENCES_MAX)
        return 64;
    struct text text;
    text_make(&text, sentences);
    struct result ours = measure(&text);
    printf("%llu positions, %llu identities, %llu other\n",
           (unsigned long long)ours.counts.positions, (unsigned long long)ours.counts.identities,
           (unsigned long long)ours.counts.other);
    tell(out, "detente", &text, ours.seconds);
    double theirs = measure_gpsdecode(&text);
    if (theirs > 0)
        tell(out, "gpsdecode", &text, theirs);
    else
        puts("gpsdecode  is not installed");
    free(text.p);
    return out && fclose(out) ? 74 : 0;
}
