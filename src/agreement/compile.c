#include "agreement/compile.h"

#include <sodium/crypto_hash_sha256.h>
#include <string.h>

#include "agreement/shape.h"

/* A compilation under way. */
struct work {
    struct compiled *compiled;
    struct compiled_zone *zones;
    struct zone_shape *shapes;
    bool *done;
    const struct distance_index **lines;
};

static int arena_is_full(struct err *err)
{
    return err_set(err, EXIT_DATA, "the memory limit is reached; simplify the geometry");
}

static int zone_shape(struct shaper *shaper, uint16_t zone, struct zone_shape *ret_shape,
                      struct err *err)
{
    struct work *w = shaper->self;
    if (!w->done[zone]) {
        if (shape_of(shaper, shaper->agreement->zones[zone].geometry, &w->shapes[zone], err))
            return err_prefix(err, "agreement.json: zones[%u].geometry (%s)", (unsigned)zone,
                              shaper->agreement->zones[zone].id);
        w->done[zone] = true;
    }
    *ret_shape = w->shapes[zone];
    return 0;
}

static int index_line(const struct line *line, struct arena *arena,
                      const struct distance_index **ret_index, struct err *err)
{
    if (line->used == AGREEMENT_NONE)
        return 0;
    const struct line_version *v = &line->versions[line->used];
    double *lon = degrees_of(v->lon_e9, v->count, arena);
    double *lat = degrees_of(v->lat_e9, v->count, arena);
    if (!lon || !lat)
        return arena_is_full(err);
    return distance_of_line(lon, lat, v->count, line->edges == EDGE_LONLAT, arena, ret_index, err);
}

static int index_lines(struct work *w, struct arena *arena, struct err *err)
{
    const struct agreement *a = w->compiled->agreement;
    for (uint16_t i = 0; i < a->line_count; i++)
        if (index_line(&a->lines[i], arena, &w->lines[i], err))
            return err_prefix(err, "agreement.json: lines[%u] (%s)", (unsigned)i, a->lines[i].id);
    return 0;
}

static int measure_zone(const struct zone *zone, const struct zone_shape *shape,
                        struct arena *arena, struct compiled_zone *ret_zone, struct err *err)
{
    double moved_m;
    if (outline_round(&shape->outline, arena, &ret_zone->region, &moved_m, err))
        return ERR_FAIL;
    ret_zone->boundary_error_m = shape->error_m + moved_m;
    ret_zone->area_m2 = region_area_m2(&ret_zone->region);
    region_digest(&ret_zone->region, bytes_of(zone->id), ret_zone->digest);
    return distance_of_region(&ret_zone->region, arena, &ret_zone->boundary, err);
}

static int compile_zones(struct work *w, struct arena *arena, struct err *err)
{
    const struct agreement *a = w->compiled->agreement;
    struct shaper shaper = {a, w->lines, arena, zone_shape, w, NULL};
    for (uint16_t i = 0; i < a->zone_count; i++) {
        struct zone_shape shape;
        if (zone_shape(&shaper, i, &shape, err) ||
            measure_zone(&a->zones[i], &shape, arena, &w->zones[i], err))
            return ERR_FAIL;
    }
    return 0;
}

static int build_grid(struct work *w, struct arena *arena, struct err *err)
{
    uint16_t n = w->compiled->agreement->zone_count;
    struct region *regions = ARENA_ARRAY(arena, struct region, n + 1u);
    if (!regions)
        return arena_is_full(err);
    for (uint16_t i = 0; i < n; i++)
        regions[i] = w->zones[i].region;
    return grid_build(regions, n, arena, &w->compiled->grid, err);
}

static void hash_text(crypto_hash_sha256_state *hash, struct bytes text)
{
    uint8_t digest[32];
    crypto_hash_sha256(digest, text.p, text.n);
    crypto_hash_sha256_update(hash, digest, sizeof digest);
}

/* docs/format/agreement.md, "Digest". */
static void digest_all(struct compiled *compiled)
{
    static const char format[] = "detente-agreement/1"; /* with its zero byte */
    const struct agreement *a = compiled->agreement;
    crypto_hash_sha256_state hash;
    crypto_hash_sha256_init(&hash);
    crypto_hash_sha256_update(&hash, (const uint8_t *)format, sizeof format);
    hash_text(&hash, a->text);
    for (uint16_t i = 0; i < a->file_count; i++)
        hash_text(&hash, a->files[i].text);
    for (uint16_t i = 0; i < a->zone_count; i++)
        crypto_hash_sha256_update(&hash, compiled->zones[i].digest, 32);
    crypto_hash_sha256_final(&hash, compiled->digest);
}

static bool work_alloc(struct work *w, const struct agreement *a, struct arena *arena)
{
    w->compiled = ARENA_ARRAY(arena, struct compiled, 1);
    w->zones = ARENA_ARRAY(arena, struct compiled_zone, a->zone_count + 1u);
    w->shapes = ARENA_ARRAY(arena, struct zone_shape, a->zone_count + 1u);
    w->done = ARENA_ARRAY(arena, bool, a->zone_count + 1u);
    w->lines = ARENA_ARRAY(arena, const struct distance_index *, a->line_count + 1u);
    return w->compiled && w->zones && w->shapes && w->done && w->lines;
}

int compile(const struct agreement *agreement, struct arena *arena,
            const struct compiled **ret_compiled, struct err *err)
{
    struct work w;
    if (!work_alloc(&w, agreement, arena))
        return arena_is_full(err);
    *w.compiled = (struct compiled){.agreement = agreement, .zones = w.zones, .lines = w.lines};
    if (index_lines(&w, arena, err) || compile_zones(&w, arena, err) || build_grid(&w, arena, err))
        return ERR_FAIL;
    digest_all(w.compiled);
    *ret_compiled = w.compiled;
    return 0;
}
