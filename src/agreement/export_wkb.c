#include <string.h>

#include "agreement/export.h"

/* Zones as well-known binary (OGC 06-103r4, 8.2), little-endian: for a GeoPackage. */

#define WKB_LITTLE_ENDIAN 1
#define WKB_POLYGON       3
#define WKB_MULTIPOLYGON  6
#define WKB_FIRST         4096

/* The export comes first: the writer of vertices is handed a pointer to it. */
struct wkb {
    struct export to;
    struct arena *arena;
    uint8_t *p;
    size_t n, cap;
    uint32_t count; /* points of the ring that is written */
};

static bool room(struct wkb *w, size_t more)
{
    if (w->n + more <= w->cap)
        return true;
    size_t cap = w->cap ? 2 * w->cap : WKB_FIRST;
    uint8_t *p = arena_alloc(w->arena, cap, 1);
    if (!p) {
        w->to.failed = true;
        return false;
    }
    if (w->n)
        memcpy(p, w->p, w->n);
    w->p = p;
    w->cap = cap;
    return true;
}

static void set_u32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static void put_number(struct wkb *w, uint32_t v)
{
    if (!room(w, 4))
        return;
    set_u32(w->p + w->n, v);
    w->n += 4;
}

static void put_degrees(struct wkb *w, int64_t e9)
{
    double value = (double)e9 / 1e9;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (!room(w, 8))
        return;
    for (int i = 0; i < 8; i++)
        w->p[w->n++] = (uint8_t)(bits >> 8 * i);
}

static void put_kind(struct wkb *w, uint32_t kind)
{
    if (room(w, 1))
        w->p[w->n++] = WKB_LITTLE_ENDIAN;
    put_number(w, kind);
}

static void vertex(struct export *s, int64_t lon_e9, int64_t lat_e9, bool first)
{
    struct wkb *w = (struct wkb *)s;
    if (first)
        w->count = 0;
    put_degrees(w, lon_e9);
    put_degrees(w, lat_e9);
    w->count++;
}

static void ring_put(struct wkb *w, const struct region *region, uint32_t ring)
{
    struct writer writer = {.to = &w->to, .vertex = vertex};
    size_t at = w->n;
    put_number(w, 0);
    export_ring(&writer, region, ring, export_shift_e7(region));
    if (!w->to.failed)
        set_u32(w->p + at, w->count);
}

static void polygon_put(struct wkb *w, const struct polygons *part, uint32_t shell)
{
    uint32_t rings = 0;
    for (uint32_t i = 0; i < part->region.ring_count; i++)
        rings += part->shell[i] == shell;
    put_kind(w, WKB_POLYGON);
    put_number(w, rings);
    ring_put(w, &part->region, shell);
    for (uint32_t i = 0; i < part->region.ring_count && !w->to.failed; i++)
        if (part->shell[i] == shell && i != shell)
            ring_put(w, &part->region, i);
}

static uint32_t shell_count(const struct polygons *parts, size_t count)
{
    uint32_t n = 0;
    for (size_t k = 0; k < count; k++)
        for (uint32_t i = 0; i < parts[k].region.ring_count; i++)
            n += parts[k].shell[i] == i;
    return n;
}

int zone_wkb(const struct compiled *compiled, uint16_t zone, bool exact, struct arena *arena,
             struct bytes *ret_wkb, struct err *err)
{
    struct wkb w = {.arena = arena};
    struct polygons parts[2];
    size_t count;
    *ret_wkb = (struct bytes){NULL, 0};
    if (export_parts(&compiled->zones[zone].region, arena, parts, &count, err))
        return ERR_FAIL;
    if (!count)
        return 0;
    w.to.exact = exact;
    put_kind(&w, WKB_MULTIPOLYGON);
    put_number(&w, shell_count(parts, count));
    for (size_t k = 0; k < count; k++)
        for (uint32_t i = 0; i < parts[k].region.ring_count && !w.to.failed; i++)
            if (parts[k].shell[i] == i)
                polygon_put(&w, &parts[k], i);
    if (w.to.failed)
        return err_set(err, EXIT_DATA, "zones: no memory for the geometry of zone %s",
                       compiled->agreement->zones[zone].id);
    *ret_wkb = (struct bytes){w.p, w.n};
    return 0;
}
