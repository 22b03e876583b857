#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "agreement/agreement.h"
#include "agreement/zonefile.h"

/*
 * Any bytes as a zone file: read, or refused with one line and exit code 65. What was read holds what
 * zonefile.h promises: it reads as an agreement when it is written. The first byte is the format (of
 * 0 to 5, the last one a guess), its bits above say whether to skip and whether there is a box.
 */
#define MEMORY_MAX (64u << 20)
#define SKIP_BIT   0x40
#define BOX_BIT    0x20

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct text {
    char *p;
    size_t n, cap;
};

static int put(void *to, const void *p, size_t n, struct err *err)
{
    struct text *text = to;
    (void)err;
    if (text->n + n > text->cap) {
        text->cap = 2 * (text->n + n);
        text->p = realloc(text->p, text->cap);
        assert(text->p);
    }
    memcpy(text->p + text->n, p, n);
    text->n += n;
    return 0;
}

static bool has_corridor(const struct zone_file *file)
{
    for (uint32_t i = 0; i < file->count; i++)
        if (file->zones[i].drawing.kind == DRAWN_CORRIDOR)
            return true;
    return false;
}

static void check_zone(const struct drawn_zone *zone)
{
    const struct drawing *d = &zone->drawing;
    assert(zone->id[0] && zone->place);
    assert(d->ring_start[d->ring_count] <= d->point_count);
    for (uint32_t i = 0; i < d->point_count; i++) {
        assert(d->points[i].lon_e9 >= -180000000000 && d->points[i].lon_e9 <= 180000000000);
        assert(d->points[i].lat_e9 >= -90000000000 && d->points[i].lat_e9 <= 90000000000);
    }
}

/* An axis that crosses itself is found by the agreement only. */
static void check_written(const struct zone_file *file, struct arena *arena)
{
    static const char *const parties[] = {"A", "B"};
    const struct zone_file_agreement as = {"made", parties, 2, true, UINT64_MAX};
    struct err err = {EXIT_FINE, ""};
    struct text text = {0};
    const struct agreement *a;
    if (!zone_file_write(file, &as, arena, put, &text, &err) &&
        agreement_read((struct bytes){(uint8_t *)text.p, text.n}, NULL, 0, arena, &a, &err))
        assert(has_corridor(file) || strstr(err.text, "memory"));
    free(text.p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct zone_box box = {170000000000, -170000000000, -10000000000, 60000000000};
    struct arena arena;
    struct err err = {EXIT_FINE, ""};
    const struct zone_file *file;
    if (size == 0)
        return 0;
    struct zone_file_request request = {.name = "f",
                                        .format = (enum zone_file_format)((data[0] & 0x0f) % 6),
                                        .skip = data[0] & SKIP_BIT,
                                        .box = data[0] & BOX_BIT ? &box : NULL};
    arena_init(&arena, MEMORY_MAX, malloc, free);
    if (zone_file_read((struct bytes){data + 1, size - 1}, &request, &arena, &file, &err)) {
        assert(err.code == EXIT_DATA);
        assert(err.text[0] && !strchr(err.text, '\n'));
    } else {
        assert(file->count >= 1 && file->count <= AGREEMENT_ZONES_MAX);
        for (uint32_t i = 0; i < file->count; i++)
            check_zone(&file->zones[i]);
        check_written(file, &arena);
    }
    arena_release(&arena);
    return 0;
}
