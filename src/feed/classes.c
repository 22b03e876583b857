#include "feed/decoder.h"
#include "feed/field.h"

#define FIELDS_MAX 4 /* track, class, flag, name */

struct feed_classes {
    struct table table;
    struct feed_identity *identity;
};

static uint32_t count_lines(struct bytes csv)
{
    uint32_t lines = 1;
    for (size_t i = 0; i < csv.n; i++)
        lines += csv.p[i] == '\n' && lines < FEED_CLASSES_MAX + 1;
    return lines;
}

static int fail(struct err *err, uint32_t line, const char *why, struct bytes field)
{
    return err_set(err, EXIT_DATA, "classes: line %u: %s: \"%.*s\"", line, why,
                   (int)(field.n < FEED_NAME_MAX ? field.n : FEED_NAME_MAX),
                   field.n ? (const char *)field.p : "");
}

static int read_identity(const struct bytes *f, uint32_t line, struct feed_identity *ret,
                         struct err *err)
{
    enum platform platform = PLATFORM_UNKNOWN;
    *ret = (struct feed_identity){.flag = 0};
    if (f[1].n && !platform_from_name(f[1], &platform))
        return fail(err, line, "there is no such class", f[1]);
    if (f[2].n && !flag_read(f[2], &ret->flag))
        return fail(err, line, "a flag is two upper-case letters", f[2]);
    if (!bytes_is_utf8(f[3]) || !bytes_copy_text(f[3], ret->name, sizeof ret->name))
        return fail(err, line, "a name is at most 63 bytes of UTF-8", f[3]);
    ret->platform = (uint8_t)platform;
    return 0;
}

static int add_line(struct feed_classes *classes, struct bytes text, uint32_t line, struct err *err)
{
    struct bytes f[FIELDS_MAX] = {{NULL, 0}};
    size_t count = fields_split(text, ',', f, FIELDS_MAX);
    bool is_new;
    for (size_t i = 0; i < FIELDS_MAX; i++)
        f[i] = field_trim(f[i]);
    if (count < 2 || count > FIELDS_MAX || !f[0].n)
        return fail(err, line, "expected track,class[,flag[,name]]", text);
    uint32_t index = table_add(&classes->table, track_read(f[0]), &is_new);
    if (!is_new)
        return fail(err, line, "the track is there twice", f[0]);
    struct feed_identity *identity = &classes->identity[index];
    if (read_identity(f, line, identity, err))
        return ERR_FAIL;
    bool named = track_read(f[0]) >> 56 == TRACK_NAMED;
    if (named && !bytes_copy_text(f[0], identity->id, sizeof identity->id))
        return fail(err, line, "a track is at most 63 bytes", f[0]);
    return 0;
}

static int add_lines(struct feed_classes *classes, struct bytes csv, struct err *err)
{
    const uint8_t *p = csv.p, *end = bytes_end(csv);
    for (uint32_t line = 1; p < end; line++) {
        const uint8_t *stop = p;
        while (stop < end && *stop != '\n')
            stop++;
        struct bytes text = {p, (size_t)(stop - p)};
        if (text.n && text.p[text.n - 1] == '\r')
            text.n--;
        if (field_trim(text).n && text.p[0] != '#' && add_line(classes, text, line, err))
            return ERR_FAIL;
        p = stop < end ? stop + 1 : end;
    }
    return 0;
}

struct feed_classes *feed_classes_new(struct bytes csv, struct arena *arena, struct err *err)
{
    uint32_t lines = count_lines(csv);
    struct feed_classes *classes = ARENA_ARRAY(arena, struct feed_classes, 1);
    if (lines > FEED_CLASSES_MAX) {
        err_set(err, EXIT_DATA, "classes: at most %u lines are allowed", FEED_CLASSES_MAX);
        return NULL;
    }
    if (classes && table_init(&classes->table, lines, arena))
        classes->identity = ARENA_ARRAY(arena, struct feed_identity, lines);
    if (!classes || !classes->identity) {
        err_set(err, EXIT_DATA, "classes: no memory for %u lines", lines);
        return NULL;
    }
    return add_lines(classes, csv, err) ? NULL : classes;
}

const struct feed_identity *feed_classes_find(const struct feed_classes *classes, uint64_t track)
{
    uint32_t index = table_find(&classes->table, track);
    return index == TABLE_NONE ? NULL : &classes->identity[index];
}

bool classes_at(const struct feed_classes *classes, uint32_t i, uint64_t *ret_track,
                const struct feed_identity **ret_identity)
{
    if (i >= classes->table.count)
        return false;
    *ret_track = classes->table.key[i];
    *ret_identity = &classes->identity[i];
    return true;
}
