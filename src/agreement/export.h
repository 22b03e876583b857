#ifndef AGREEMENT_EXPORT_H
#define AGREEMENT_EXPORT_H

#include "agreement/compile.h"

/* The inside of zones_export: what its formats share. */

#define CHUNK_BYTES 8192
#define ITEM_BYTES  128 /* room for one vertex, tag or number */
#define DIGEST_TEXT 72  /* room for a digest in hex */

/* Output that goes to the caller's callback a chunk at a time. */
struct export
{
    struct buf buf;
    char memory[CHUNK_BYTES];
    int (*put)(void *to, const void *p, size_t n, struct err *err);
    void *to;
    struct err *err;
    bool failed;
};

/* The buffer, with room for one item. */
struct buf *export_item(struct export *s);
void export_bytes(struct export *s, const char *p, size_t n);
void export_text(struct export *s, const char *text);

void export_hex(struct buf *out, const uint8_t digest[32]);

/* A region with the shell of each hole; of a shell, itself. */
struct polygons {
    struct region region;
    uint32_t *shell;
};

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

/* A file: its head, each zone in one or two parts (none: no area), its tail. */
struct format {
    int (*head)(struct export *, const struct compiled *, struct arena *);
    int (*feature)(struct export *, const struct compiled *, uint16_t zone,
                   const struct polygons *parts, size_t count, struct arena *);
    int (*tail)(struct export *, const struct compiled *, struct arena *);
};

extern const struct format format_geojson, format_kml;

#endif
