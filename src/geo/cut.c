#include "geo/cut.h"

#include "geo/offset.h"
#include "num/num.h"

struct frame {
    double west, east, south, north; /* degrees */
};

static void frame_take(struct frame *f, struct place p)
{
    f->west = p.lon_deg < f->west ? p.lon_deg : f->west;
    f->east = p.lon_deg > f->east ? p.lon_deg : f->east;
    f->south = p.lat_deg < f->south ? p.lat_deg : f->south;
    f->north = p.lat_deg > f->north ? p.lat_deg : f->north;
}

/* Around the line, wide of anything within reach_m of it. */
static struct frame frame_of(const struct legs *legs, double reach_m)
{
    struct frame f = {1e9, -1e9, 1e9, -1e9};
    for (size_t i = 0; i < legs->count; i++) {
        frame_take(&f, legs->leg[i].from);
        frame_take(&f, legs->leg[i].to);
    }
    double lat = f.north > -f.south ? f.north : -f.south;
    double margin = reach_m * 1.2 / 110000.0 + 0.1;
    double shrink = num_cos(num_radians(lat + margin < 89.0 ? lat + margin : 89.0));
    f.south = f.south - margin > -90.0 ? f.south - margin : -90.0;
    f.north = f.north + margin < 90.0 ? f.north + margin : 90.0;
    f.west -= margin / shrink;
    f.east += margin / shrink;
    return f;
}

/* Where the straight lon/lat ray from a place inside at the bearing leaves the frame. */
static struct place leave_frame(const struct frame *f, struct place from, double bearing_deg)
{
    double sine, cosine;
    num_sincos(num_radians(bearing_deg), &sine, &cosine);
    double dx = sine / (num_cos(num_radians(from.lat_deg)) + 1e-9), dy = cosine;
    double tx = dx > 1e-12    ? (f->east - from.lon_deg) / dx
                : dx < -1e-12 ? (f->west - from.lon_deg) / dx
                              : 1e30;
    double ty = dy > 1e-12    ? (f->north - from.lat_deg) / dy
                : dy < -1e-12 ? (f->south - from.lat_deg) / dy
                              : 1e30;
    double t = tx < ty ? tx : ty;
    return (struct place){from.lon_deg + dx * t, from.lat_deg + dy * t};
}

/* Place on the frame as a number 0 .. 4, counter-clockwise from the south-west corner. */
static double around(const struct frame *f, struct place p)
{
    double x = (p.lon_deg - f->west) / (f->east - f->west);
    double y = (p.lat_deg - f->south) / (f->north - f->south);
    double to_south = y, to_east = 1 - x, to_north = 1 - y, to_west = x;
    double least = to_south;
    least = to_east < least ? to_east : least;
    least = to_north < least ? to_north : least;
    least = to_west < least ? to_west : least;
    if (least == to_south)
        return x;
    if (least == to_east)
        return 1 + y;
    if (least == to_north)
        return 2 + (1 - x);
    return 3 + (1 - y);
}

static struct place corner(const struct frame *f, int k)
{
    switch (k & 3) {
    case 0:
        return (struct place){f->west, f->south};
    case 1:
        return (struct place){f->east, f->south};
    case 2:
        return (struct place){f->east, f->north};
    default:
        return (struct place){f->west, f->north};
    }
}

static void cut_add(struct cut *cut, struct place p)
{
    struct vertex v = vertex_at(p);
    if (!cut->count || !vertex_same(cut->vertex[cut->count - 1], v))
        cut->vertex[cut->count++] = v;
}

static void add_line(struct cut *cut, const struct legs *legs)
{
    for (size_t i = 0; i < legs->count; i++) {
        const struct leg *leg = &legs->leg[i];
        size_t chords = chords_of_leg(leg);
        for (size_t k = 0; k < chords; k++)
            cut_add(cut, leg_chord(leg, k, chords));
    }
    const struct leg *last = &legs->leg[legs->count - 1];
    cut_add(cut, last->to);
}

/* From the tip of the last extension counter-clockwise round the frame to that of the first. */
static void add_left_side(struct cut *cut, const struct frame *f, struct place from,
                          struct place to)
{
    double at = around(f, from), end = around(f, to);
    if (end <= at)
        end += 4.0;
    for (int k = (int)at + 1; k < end; k++)
        cut_add(cut, corner(f, k));
}

/* ---- which side ---------------------------------------------------------------------------------- */

static struct vertex edge_start(const struct cut *cut, size_t i)
{
    return cut->vertex[i ? i - 1 : cut->count - 1];
}

static uint32_t column_of(const struct cut *cut, double x)
{
    double column = (x - cut->west_e9) / cut->column_e9;
    return column <= 0 ? 0 : column >= cut->columns ? cut->columns - 1 : (uint32_t)column;
}

/* Counts (edge NULL) or files the edges by the columns they touch; next[] runs along. */
static void file_edges(const struct cut *cut, uint32_t *next, uint32_t *edge)
{
    for (size_t i = 0; i < cut->count; i++) {
        uint32_t a = column_of(cut, (double)edge_start(cut, i).lon_e9);
        uint32_t b = column_of(cut, (double)cut->vertex[i].lon_e9);
        for (uint32_t column = a < b ? a : b; column <= (a < b ? b : a); column++) {
            if (edge)
                edge[next[column]] = (uint32_t)i;
            next[column]++;
        }
    }
}

static bool cut_index(struct cut *cut, const struct frame *f, struct arena *arena)
{
    cut->columns = (uint32_t)cut->count;
    cut->west_e9 = f->west * 1e9;
    cut->column_e9 = (f->east - f->west) * 1e9 / cut->columns;
    uint32_t *start = ARENA_ARRAY(arena, uint32_t, cut->columns + 2u);
    uint32_t *next = ARENA_ARRAY(arena, uint32_t, cut->columns + 1u);
    if (!start || !next)
        return false;
    file_edges(cut, start + 1, NULL);
    for (uint32_t i = 0; i < cut->columns; i++) {
        start[i + 1] += start[i];
        next[i] = start[i];
    }
    uint32_t *edge = ARENA_ARRAY(arena, uint32_t, start[cut->columns] + 1u);
    if (!edge)
        return false;
    file_edges(cut, next, edge);
    cut->start = start;
    cut->edge = edge;
    return true;
}

/* Even-odd along the way due north: only edges of the column of the place can be met. */
bool cut_is_left(const struct cut *cut, double lon_deg, double lat_deg)
{
    double x = lon_deg * 1e9, y = lat_deg * 1e9;
    uint32_t column = column_of(cut, x);
    bool odd = false;
    for (uint32_t k = cut->start[column]; k < cut->start[column + 1]; k++) {
        struct vertex a = edge_start(cut, cut->edge[k]), b = cut->vertex[cut->edge[k]];
        /* the ray due east of the same count, mirrored at the diagonal */
        odd ^= vertex_ray_meets((struct vertex){a.lat_e9, a.lon_e9},
                                (struct vertex){b.lat_e9, b.lon_e9}, y, x);
    }
    return odd;
}

/* ---- all of it -------------------------------------------------------------------------------------- */

int cut_make(const struct buffer *buffer, const struct legs *legs, struct arena *arena,
             struct cut *ret_cut, struct err *err)
{
    size_t room = 16;
    for (size_t i = 0; i < legs->count; i++)
        room += chords_of_leg(&legs->leg[i]);
    struct cut cut = {.vertex = ARENA_ARRAY(arena, struct vertex, room)};
    struct frame frame = frame_of(legs, buffer_reach_m(buffer));
    const struct leg *last = &legs->leg[legs->count - 1];
    struct place tip[2] = {leave_frame(&frame, legs->leg[0].from, buffer->extend_deg[0]),
                           leave_frame(&frame, last->to, buffer->extend_deg[1])};
    if (!cut.vertex)
        return err_set(err, EXIT_DATA, "the memory limit is reached; simplify the line");
    cut_add(&cut, tip[0]);
    add_line(&cut, legs);
    cut_add(&cut, tip[1]);
    cut.line_count = cut.count;
    add_left_side(&cut, &frame, tip[1], tip[0]);
    if (!cut_index(&cut, &frame, arena))
        return err_set(err, EXIT_DATA, "the memory limit is reached; simplify the line");
    *ret_cut = cut;
    return 0;
}

void cut_draw(const struct cut *cut, struct edges *edges)
{
    for (size_t i = 1; i < cut->line_count; i++) {
        bool extension = i == 1 || i + 1 == cut->line_count;
        edges_add(edges, cut->vertex[i - 1], cut->vertex[i],
                  extension ? CURVE_EXTENSION : CURVE_LINE);
    }
}
