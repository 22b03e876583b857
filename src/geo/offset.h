#ifndef GEO_OFFSET_H
#define GEO_OFFSET_H

#include "geo/buffer.h"
#include "geo/noding.h"

/* What an edge was drawn as, its owner for noding.h. */
enum curve_kind { CURVE_LINE, CURVE_EXTENSION, CURVE_OFFSET, CURVE_LIMIT };

/*
 * Offset curves: all points at a distance from their foot on the line, on both hands: a parallel
 * to every leg, an arc around every vertex on its outer side, half circles at the ends. Pieces
 * whose every point is certainly nearer than that to another part of the line are left out.
 */
struct offset {
    const struct buffer *buffer;
    const struct legs *legs;
    double from_m, to_m; /* the part of the line */
    double width_m;
    bool own_part_only;    /* nearness counts against this part, not the whole line */
    bool cap_from, cap_to; /* with half circles */
    struct edges *edges;
};

void offset_draw(const struct offset *offset);

struct vertex vertex_at(struct place place);

/* Longest chord straight in lon/lat that stays within CURVE_TOLERANCE_M of its geodesic. */
double chord_at_lat_m(double lat_deg);

/* How many equal chords of that length draw a leg. */
size_t chords_of_leg(const struct leg *leg);

/* Where the k-th of them begins: the same place for whoever draws the leg. */
struct place leg_chord(const struct leg *leg, size_t k, size_t chords);

/* A whole circle as one ring of edges. */
void circle_draw(struct place center, double radius_m, struct edges *edges);

#endif
