#ifndef AGREEMENT_COMPILE_H
#define AGREEMENT_COMPILE_H

#include "agreement/agreement.h"
#include "geo/distance.h"
#include "geo/grid.h"
#include "geo/region.h"

/*
 * From text to zones: every geometry expression becomes a canonical region, all regions one grid.
 * Deterministic: the same text gives the same integers and the same digest on every machine.
 */
struct compiled_zone {
    struct region region;                  /* no rings: unresolved or moving */
    const struct distance_index *boundary; /* NULL without rings */
    double boundary_error_m;               /* largest distance from the defined boundary */
    double area_m2;
    uint8_t digest[32];
};

struct compiled {
    const struct agreement *agreement;
    const struct compiled_zone *zones;         /* as agreement->zones */
    const struct distance_index *const *lines; /* as agreement->lines; NULL: no published course */
    const struct grid *grid;
    uint8_t digest[32]; /* over the text's meaning and all zones */
};

/* Everything stands in the arena. Errors carry the JSON path of the zone. */
int compile(const struct agreement *agreement, struct arena *arena,
            const struct compiled **ret_compiled, struct err *err);

/* In hex. */
#define DIGEST_TEXT_MAX 65
void digest_write(struct buf *out, const uint8_t digest[32]);

/*
 * Zone files out (docs/format/zone-files.md), handed to a callback in pieces. Edges get points between
 * their ends, for 5 m of sagitta: GeoJSON and ED-318 on the map's Mercator, KML and OpenAir for great
 * circles too; `exact` adds none. `put` returns 0, or -1 to stop after it has written err. The arena is
 * for scratch, given back at the end.
 */
enum zone_format { ZONES_GEOJSON, ZONES_KML, ZONES_OPENAIR, ZONES_ED318 };
struct zone_export {
    enum zone_format format;
    bool exact;
};
int zones_export_as(const struct compiled *compiled, struct zone_export as, struct arena *arena,
                    int (*put)(void *to, const void *p, size_t n, struct err *err), void *to,
                    struct err *err);

/* One zone as a MultiPolygon in well-known binary (OGC 06-103r4), in the arena; no bytes without area. */
int zone_wkb(const struct compiled *compiled, uint16_t zone, bool exact, struct arena *arena,
             struct bytes *ret_wkb, struct err *err);

int zones_export(const struct compiled *compiled, enum zone_format format, struct arena *arena,
                 int (*put)(void *to, const void *p, size_t n, struct err *err), void *to,
                 struct err *err);

#endif
