#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agreement/zonefile.h"
#include "base/degree.h"
#include "cmd/agreement_parts.h"
#include "os/agreement_dir.h"
#include "os/file.h"

/*
 * detente agreement import: a zone file becomes an agreement. Each zone is compiled alone first, so
 * that one whose ring crosses itself is named by its place in the file; then the whole is.
 */
#define TEXT_FIRST 65536

/* The text of an agreement as it is written. */
struct text {
    char *p;
    size_t n, cap;
};

static int text_put(void *to, const void *p, size_t n, struct err *err)
{
    struct text *text = to;
    if (text->n + n > text->cap) {
        size_t cap = text->cap ? text->cap : TEXT_FIRST;
        while (cap < text->n + n)
            cap *= 2;
        char *more = cap <= AGREEMENT_BYTES_MAX ? realloc(text->p, cap) : NULL;
        if (!more)
            return err_set(err, EXIT_DATA, "the agreement would have more than %d MiB",
                           AGREEMENT_BYTES_MAX >> 20);
        text->p = more;
        text->cap = cap;
    }
    memcpy(text->p + text->n, p, n);
    text->n += n;
    return 0;
}

static struct bytes text_bytes(const struct text *text)
{
    return (struct bytes){(const uint8_t *)text->p, text->n};
}

/* ---- what was asked for -------------------------------------------------------------------------- */

/* "W,S,E,N" in degrees. */
static int box_read(const char *given, struct zone_box *ret_box, struct err *err)
{
    static const int64_t limits_deg[] = {180, 90, 180, 90};
    char text[128];
    int32_t e7[4];
    char *rest = text;
    if (strlen(given) >= sizeof text)
        return err_set(err, EXIT_USAGE, "--box is too long");
    memcpy(text, given, strlen(given) + 1);
    for (int i = 0; i < 4; i++) {
        const char *part = strsep(&rest, ",");
        if (!part || !degree_read(bytes_of(part), limits_deg[i] * DEG_E7, &e7[i]))
            return err_set(err, EXIT_USAGE,
                           "--box %s: expected W,S,E,N in degrees, such as 124,37,129,39", given);
    }
    if (rest || e7[1] > e7[3])
        return err_set(err, EXIT_USAGE, "--box %s: expected W,S,E,N, S not north of N", given);
    *ret_box = (struct zone_box){e7[0] * INT64_C(100), e7[2] * INT64_C(100), e7[1] * INT64_C(100),
                                 e7[3] * INT64_C(100)};
    return 0;
}

struct asked {
    struct zone_file_request request;
    struct zone_box box;
    enum edge_kind edges;
};

static int edges_read(const char *name, struct asked *asked, struct err *err)
{
    if (strcmp(name, "geodesic") != 0 && strcmp(name, "lonlat") != 0)
        return err_set(err, EXIT_USAGE, "--edges %s: expected geodesic or lonlat", name);
    asked->edges = strcmp(name, "lonlat") == 0 ? EDGE_LONLAT : EDGE_GEODESIC;
    asked->request.edges = &asked->edges;
    return 0;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int asked_read(const struct agreement_options *o, struct asked *asked, struct err *err)
{
    asked->request = (struct zone_file_request){
        .name = base_name(o->path), .format = ZONE_FILE_GUESS, .skip = o->skip};
    if (o->format && !zone_file_format_find(o->format, &asked->request.format))
        return err_set(err, EXIT_USAGE,
                       "--format %s: import knows geojson, kml, openair, ed269, ed318", o->format);
    if (o->edges && edges_read(o->edges, asked, err))
        return ERR_FAIL;
    if (o->box) {
        if (box_read(o->box, &asked->box, err))
            return ERR_FAIL;
        asked->request.box = &asked->box;
    }
    return 0;
}

/* ---- what it becomes ------------------------------------------------------------------------------ */

static int make(const struct zone_file *file, const struct zone_file_agreement *as,
                struct arena *arena, struct text *text, struct err *err)
{
    text->n = 0;
    return zone_file_write(file, as, arena, text_put, text, err);
}

/* Whether the agreement reads and compiles. */
static int try_text(struct bytes text, struct err *err)
{
    struct arena arena;
    const struct agreement *agreement = NULL;
    const struct compiled *compiled;
    arena_init(&arena, AGREEMENT_MEMORY_MAX, malloc, free);
    int failed = agreement_read(text, NULL, 0, &arena, &agreement, err) ||
                         compile(agreement, &arena, &compiled, err)
                     ? ERR_FAIL
                     : 0;
    arena_release(&arena);
    return failed;
}

/* The reason without the path in a text that nobody has seen. */
static void reason_bare(struct err *err)
{
    char text[ERR_TEXT_MAX];
    const char *zone = strstr(err->text, "zones[0]"), *reason = zone ? strstr(zone, ": ") : NULL;
    if (!reason)
        return;
    snprintf(text, sizeof text, "%s", reason + 2);
    err_set(err, err->code, "%s", text);
}

static uint64_t with_outline(const struct zone_file *file, uint32_t zone)
{
    uint64_t zones = UINT64_C(1) << zone;
    for (uint32_t i = 0; i < file->count; i++)
        if (file->zones[i].same == zone)
            zones |= UINT64_C(1) << i;
    return zones;
}

static void tell(const char *what, const char *place, uint32_t count)
{
    fprintf(stderr, "detente agreement: %s", what);
    if (count)
        fprintf(stderr, ": %u, first at %s", count, place);
    fputc('\n', stderr);
}

/* Compiles each outline alone; with `skip` those that fail are taken out of as->zones. */
static int zones_try(const struct zone_file *file, struct zone_file_agreement *as, bool skip,
                     struct arena *arena, struct text *text, struct err *err)
{
    for (uint32_t i = 0; i < file->count; i++) {
        struct zone_file_agreement one = *as;
        one.zones = UINT64_C(1) << i;
        if (file->zones[i].same != ZONE_FILE_SAME_NONE)
            continue;
        if (make(file, &one, arena, text, err))
            return ERR_FAIL;
        if (!try_text(text_bytes(text), err))
            continue;
        reason_bare(err);
        err_prefix(err, "%s: %s (%s)", file->name, file->zones[i].place, file->zones[i].id);
        if (!skip)
            return ERR_FAIL;
        tell(err->text, "", 0);
        err_clear(err);
        as->zones &= ~with_outline(file, i);
    }
    return as->zones ? 0 : err_set(err, EXIT_DATA, "%s: no area that is right", file->name);
}

static void told(const struct zone_file *file)
{
    char text[ERR_TEXT_MAX];
    for (uint32_t i = 0; i < file->refused_count; i++) {
        snprintf(text, sizeof text, "%s: %s", file->name, file->refused[i].what);
        tell(text, "", 0);
    }
    for (uint32_t i = 0; i < file->left_count; i++) {
        snprintf(text, sizeof text, "%s: left out: %s", file->name, file->left[i].what);
        tell(text, file->left[i].place, file->left[i].count);
    }
    if (file->outside)
        fprintf(stderr, "detente agreement: %s: %u areas outside of the box\n", file->name,
                file->outside);
}

/* ---- where to ------------------------------------------------------------------------------------- */

static int write_to(const char *dir, struct bytes text, struct err *err)
{
    char path[FILE_PATH_MAX];
    struct stat st;
    int n = snprintf(path, sizeof path, "%s/agreement.json", dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return err_set(err, EXIT_IO, "the path is longer than %d bytes", FILE_PATH_MAX);
    if (!stat(path, &st))
        return err_set(err, EXIT_IO, "%s: there is one already; name another directory", path);
    if (mkdir(dir, 0777) && errno != EEXIST)
        return err_set(err, EXIT_IO, "%s: %s", dir, strerror(errno));
    return file_write_atomic(path, text, err);
}

static int write_out(const struct agreement_options *options, struct bytes text, struct err *err)
{
    if (options->out && strcmp(options->out, "-") != 0)
        return write_to(options->out, text, err);
    if (fwrite(text.p, 1, text.n, stdout) != text.n || fflush(stdout))
        return err_set(err, EXIT_IO, "standard output: writing failed");
    return 0;
}

/* ---- all of it -------------------------------------------------------------------------------------- */

/* The name of the file up to its last dot. */
static void id_of_file(const char *name, char ret_id[AGREEMENT_ID_MAX])
{
    char text[256];
    snprintf(text, sizeof text, "%s", name);
    char *dot = strrchr(text, '.');
    if (dot && dot > text)
        *dot = '\0';
    zone_file_id(text, ret_id);
    if (!*ret_id)
        memcpy(ret_id, "zones", sizeof "zones");
}

static int import(const struct agreement_options *options, const struct zone_file *file,
                  struct arena *arena, struct text *text, struct err *err)
{
    static const char *const stand_ins[] = {"A", "B"};
    char id[AGREEMENT_ID_MAX];
    struct zone_file_agreement as = {.id = id,
                                     .parties = options->party_count ? options->parties : stand_ins,
                                     .party_count = options->party_count ? options->party_count : 2,
                                     .placeholders = !options->party_count,
                                     .zones = file->count == 64 ? UINT64_MAX
                                                                : (UINT64_C(1) << file->count) - 1};
    id_of_file(file->name, id);
    if (options->id) {
        zone_file_id(options->id, id);
        if (strcmp(id, options->id) != 0)
            return err_set(err, EXIT_USAGE, "--id %s: expected letters, digits, . - _, at most 55",
                           options->id);
    }
    if (as.zones && !make(file, &as, arena, text, err) && !try_text(text_bytes(text), err))
        return write_out(options, text_bytes(text), err);
    err_clear(err); /* which one is wrong is worth finding out */
    if (zones_try(file, &as, options->skip, arena, text, err) ||
        make(file, &as, arena, text, err) || try_text(text_bytes(text), err))
        return ERR_FAIL;
    return write_out(options, text_bytes(text), err);
}

int agreement_import(const struct agreement_options *options, struct arena *arena, struct err *err)
{
    struct asked asked = {0};
    struct bytes bytes;
    struct text text = {0};
    const struct zone_file *file = NULL;
    if (asked_read(options, &asked, err) ||
        file_read(options->path, ZONE_FILE_BYTES_MAX, arena, &bytes, err) ||
        zone_file_read(bytes, &asked.request, arena, &file, err))
        return ERR_FAIL;
    told(file);
    int failed = import(options, file, arena, &text, err);
    free(text.p);
    return failed;
}
