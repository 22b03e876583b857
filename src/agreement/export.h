#ifndef AGREEMENT_EXPORT_H
#define AGREEMENT_EXPORT_H

#include "agreement/compile.h"

/* The inside of zones_export: what its formats share. */

#define CHUNK_BYTES 8192
#define ITEM_BYTES  128 /* room for one vertex, tag or number */

/* Output that goes to the caller's callback a chunk at a time. */
struct export
{
    struct buf buf;
    char memory[CHUNK_BYTES];
    int (*put)(void *to, const void *p, size_t n, struct err *err);
    void *to;
    struct err *err;
    bool failed;
    bool exact; /* no points between the vertices */
};

void export_init(struct export *s, int (*put)(void *to, const void *p, size_t n, struct err *err),
                 void *to, struct err *err);
int export_finish(struct export *s); /* -1 if anything failed */

/* The buffer, with room for one item. */
struct buf *export_item(struct export *s);
void export_bytes(struct export *s, const char *p, size_t n);
void export_text(struct export *s, const char *text);

/* A region with the shell of each hole; of a shell, itself. */
struct polygons {
    struct region region;
    uint32_t *shell;
};

/* One part, or two of a region that goes on past 180 degrees; none without rings. */
int export_parts(const struct region *region, struct arena *arena, struct polygons ret_parts[2],
                 size_t *ret_count, struct err *err);

/* How a format writes one vertex; lon and lat in 1e-9 degree. */
struct writer {
    struct export *to;
    bool great_circles; /* the reader joins vertices by great circles */
    bool first;         /* of its ring */
    void (*vertex)(struct export *s, int64_t lon_e9, int64_t lat_e9, bool first);
};

/* The words of a format around its rings. */
struct frame {
    const char *polygon, *polygon_end, *between; /* between: from the second polygon on */
    const char *shell, *shell_end;
    const char *hole, *hole_end;
};

void export_polygons(struct writer *w, const struct frame *frame, const struct polygons *parts,
                     size_t count);

/* The same region as polygons without holes, cut along meridians: *ret_count of them. */
int export_without_holes(const struct region *region, struct arena *arena,
                         struct polygons **ret_parts, size_t *ret_count, struct err *err);

/* One ring; `shift_e7` west. The closing vertex is written too. */
void export_ring(struct writer *w, const struct region *region, uint32_t ring, int64_t shift_e7);
int64_t export_shift_e7(const struct region *region); /* of what lies past 180 degrees */

/* The strictest verb of the rules about a zone; false: there is none. */
bool export_verb(const struct agreement *a, uint16_t zone, enum verb *ret_verb);

/* Room for text of any length as JSON, from the arena. */
struct json_out;
int export_json(struct json_out *out, struct buf *buf, size_t room, struct arena *arena,
                struct err *err);
size_t export_text_room(const char *text);

/* Rings and vertices of GeoJSON. */
extern const struct frame export_geojson_frame;
void export_geojson_vertex(struct export *s, int64_t lon_e9, int64_t lat_e9, bool first);

/* A feature of GeoJSON up to where its geometry follows, and the end of the collection. */
void export_feature(struct export *s, const char *id, const struct buf *properties);
int export_features_end(struct export *s, const struct compiled *c, struct arena *arena);

/* "key": ["a", "b"] of names with spaces between; "key": "1000 m AMSL". */
void export_names(struct json_out *out, const char *key, const char *names);
void export_limit(struct json_out *out, const char *key, struct alt_limit limit);
void export_digest(struct json_out *out, const char *key, const uint8_t digest[32]);

/* A file: its head, each zone in one or two parts (none: no area), its tail. */
struct format {
    int (*head)(struct export *, const struct compiled *, struct arena *);
    int (*feature)(struct export *, const struct compiled *, uint16_t zone,
                   const struct polygons *parts, size_t count, struct arena *);
    int (*tail)(struct export *, const struct compiled *, struct arena *);
};

extern const struct format format_geojson, format_kml, format_openair, format_ed318;

#endif
