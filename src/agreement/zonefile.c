#include "agreement/zonefile_parts.h"

#include <string.h>

#include "agreement/arc.h"
#include "base/degree.h"

/* The sketch of an area, and what becomes of it. */

#define REMARK_BYTES      240
#define GROW_FIRST        64
#define RADIUS_MAX_MM     INT64_C(2000000000) /* of every length of an agreement: 2,000 km */
#define METRES_PER_DEGREE 110574              /* of latitude at the equator, where it is shortest */
#define AXIS_POINTS_MAX   100000

static int out_of_memory(struct sketch *s)
{
    return sketch_fail(s, "the memory limit is reached; take fewer areas with --box");
}

/* Room for one more in an array that doubles. */
static bool grow(struct sketch *s, void **array, uint32_t count, uint32_t *cap, size_t size)
{
    if (count < *cap)
        return true;
    uint32_t more = *cap ? 2 * *cap : GROW_FIRST;
    void *room = arena_alloc(s->arena, more, size);
    if (!room)
        return false;
    if (count)
        memcpy(room, *array, count * size);
    *array = room;
    *cap = more;
    return true;
}

/* ---- text --------------------------------------------------------------------------------------- */

static const char *copy(struct sketch *s, const struct buf *text)
{
    char *copied = arena_text(s->arena, text->p, text->n);
    return copied ? copied : "";
}

const char *sketch_place(struct sketch *s, const char *format, ...)
{
    char memory[REMARK_BYTES];
    struct buf text;
    va_list args;
    va_start(args, format);
    buf_init(&text, memory, sizeof memory);
    buf_vformat(&text, format, args);
    va_end(args);
    return copy(s, &text);
}

/* `old`, a space, and the new sentence, unless it stands last already. */
static const char *append(struct sketch *s, const char *old, const struct buf *text)
{
    size_t n = old ? strlen(old) : 0;
    if (n >= text->n && memcmp(old + n - text->n, text->p, text->n) == 0)
        return old;
    char *joined = arena_alloc(s->arena, n + text->n + 2, 1);
    if (!joined)
        return old;
    if (n) {
        memcpy(joined, old, n);
        joined[n++] = ' ';
    }
    memcpy(joined + n, text->p, text->n);
    return joined;
}

static void remember(struct sketch *s, const char **to, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void remember(struct sketch *s, const char **to, const char *format, va_list args)
{
    char memory[REMARK_BYTES];
    struct buf text;
    buf_init(&text, memory, sizeof memory);
    buf_vformat(&text, format, args);
    *to = append(s, *to, &text);
}

void sketch_note(struct sketch *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    remember(s, &s->zone.note, format, args);
    va_end(args);
}

void sketch_assume(struct sketch *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    remember(s, &s->zone.assumption, format, args);
    va_end(args);
}

static void remark(struct sketch *s, struct remark *list, uint32_t *count, const char *what)
{
    for (uint32_t i = 0; i < *count; i++)
        if (strcmp(list[i].what, what) == 0) {
            list[i].count++;
            return;
        }
    if (*count == ZONE_FILE_REMARKS_MAX) {
        list[*count - 1].what = "others";
        list[*count - 1].count++;
        return;
    }
    const char *copied = arena_text(s->arena, what, strlen(what));
    list[(*count)++] = (struct remark){copied ? copied : "", s->place ? s->place : "", 1};
}

void sketch_left(struct sketch *s, const char *format, ...)
{
    char memory[REMARK_BYTES];
    struct buf text;
    va_list args;
    va_start(args, format);
    buf_init(&text, memory, sizeof memory);
    buf_vformat(&text, format, args);
    va_end(args);
    remark(s, s->left, &s->left_count, text.p);
}

/* Hangul syllables, U+AC00 to U+D7A3: in UTF-8 ea b0 80 to ed 9e a3. */
static bool has_hangul(struct bytes text)
{
    for (size_t i = 0; i + 2 < text.n; i++)
        if (text.p[i] >= 0xea && text.p[i] <= 0xed && (text.p[i] != 0xea || text.p[i + 1] >= 0xb0))
            return true;
    return false;
}

int sketch_name(struct sketch *s, struct bytes utf8, struct bytes lang)
{
    struct words *name = &s->zone.name;
    bool korean = lang.n ? bytes_starts(lang, "ko") : has_hangul(utf8);
    bool english = !lang.n || bytes_starts(lang, "en");
    const char **into = korean ? &name->ko : &name->en;
    if (utf8.n > ZONE_FILE_NAME_MAX)
        return sketch_fail(s, "a name of %zu bytes; at most %d", utf8.n, ZONE_FILE_NAME_MAX);
    if (!utf8.n)
        return 0;
    if (!korean && !english) {
        sketch_note(s, "Name in %.*s: %.*s.", (int)(lang.n > 20 ? 20 : lang.n),
                    (const char *)lang.p, (int)(utf8.n > 160 ? 160 : utf8.n), (const char *)utf8.p);
        if (name->en)
            return 0;
    }
    *into = arena_text(s->arena, utf8.p, utf8.n);
    return *into ? 0 : out_of_memory(s);
}

void zone_file_id(const char *text, char ret_id[AGREEMENT_ID_MAX])
{
    size_t n = 0;
    for (; *text && n < AGREEMENT_ID_MAX - 8; text++) { /* room for ".4096" */
        char c = *text, lower = (char)(c | 0x20);
        bool plain = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
                     c == '.' || c == '-';
        if (plain)
            ret_id[n++] = c;
        else if (n && ret_id[n - 1] != '-')
            ret_id[n++] = '-';
    }
    while (n && ret_id[n - 1] == '-')
        n--;
    ret_id[n] = '\0';
}

/* ---- points ------------------------------------------------------------------------------------- */

void sketch_begin(struct sketch *s, const char *place, enum edge_kind edges)
{
    uint32_t *start = ARENA_ARRAY(s->arena, uint32_t, 1);
    s->zone = (struct drawn_zone){.place = place,
                                  .same = ZONE_FILE_SAME_NONE,
                                  .floor = {LIMIT_SURFACE, HEIGHT_M, 0},
                                  .ceiling = {LIMIT_UNLIMITED, HEIGHT_M, 0},
                                  .classes = ""};
    s->zone.drawing.edges = s->request->edges ? *s->request->edges : edges;
    s->zone.drawing.ring_start = start;
    s->ring_cap = start ? 1 : 0;
    s->place = place;
    s->id = NULL;
    s->point_count = s->point_cap = s->arc_count = s->arc_cap = s->ring_first = 0;
    s->period_count = 0;
}

static int point_add(struct sketch *s, int64_t lon_e9, int64_t lat_e9, uint32_t arc)
{
    struct drawing *d = &s->zone.drawing;
    void *points = d->points;
    if (s->point_count == ZONE_FILE_POINTS_MAX)
        return sketch_fail(s, "more than %d points", ZONE_FILE_POINTS_MAX);
    if (!grow(s, &points, s->point_count, &s->point_cap, sizeof *d->points))
        return out_of_memory(s);
    d->points = points;
    d->points[s->point_count++] = (struct drawn_point){lon_e9, lat_e9, arc};
    return 0;
}

static bool same_point(const struct drawn_point *a, const struct drawn_point *b)
{
    return a->lon_e9 == b->lon_e9 && a->lat_e9 == b->lat_e9;
}

int sketch_point(struct sketch *s, int64_t lon_e9, int64_t lat_e9)
{
    struct drawn_point point = {lon_e9, lat_e9, 0};
    if (s->point_count > s->ring_first &&
        same_point(&s->zone.drawing.points[s->point_count - 1], &point))
        return 0;
    return point_add(s, lon_e9, lat_e9, 0);
}

static bool arc_of_drawn(const struct drawn_arc *drawn, const struct drawn_point *from,
                         const struct drawn_point *to, struct arc *ret_arc)
{
    double center[2] = {(double)drawn->center_lon_e9 / 1e9, (double)drawn->center_lat_e9 / 1e9};
    double a[2] = {(double)from->lon_e9 / 1e9, (double)from->lat_e9 / 1e9};
    double b[2] = {(double)to->lon_e9 / 1e9, (double)to->lat_e9 / 1e9};
    return arc_of(center, a, b, drawn->right, ret_arc);
}

int sketch_arc(struct sketch *s, struct drawn_arc drawn, int64_t lon_e9, int64_t lat_e9)
{
    struct drawing *d = &s->zone.drawing;
    struct drawn_point to = {lon_e9, lat_e9, 0};
    void *arcs = d->arcs;
    struct arc arc;
    if (s->point_count == s->ring_first)
        return sketch_fail(s, "an arc without a point before it");
    if (!arc_of_drawn(&drawn, &d->points[s->point_count - 1], &to, &arc))
        return sketch_fail(s,
                           "the ends of the arc are %.0f m and %.0f m from its centre; expected "
                           "the same but for a tenth, 1 m to 2000 km",
                           arc.from_radius_m, arc.to_radius_m);
    if (!grow(s, &arcs, s->arc_count, &s->arc_cap, sizeof *d->arcs))
        return out_of_memory(s);
    d->arcs = arcs;
    d->arcs[s->arc_count++] = drawn;
    return point_add(s, lon_e9, lat_e9, s->arc_count);
}

/* Points that the ring has when its arcs are drawn; at most the limit of a path. */
static size_t ring_points(const struct drawing *d, const struct drawn_point *ring, uint32_t n)
{
    size_t count = n;
    for (uint32_t i = 0; i < n; i++) {
        struct arc arc;
        if (ring[i].arc &&
            arc_of_drawn(&d->arcs[ring[i].arc - 1], &ring[i ? i - 1 : n - 1], &ring[i], &arc))
            count += arc_pieces(&arc) - 1;
    }
    return count;
}

/* The last point of a ring that is closed goes; how one got there stands at the first. */
static void ring_open(struct sketch *s)
{
    struct drawn_point *ring = s->zone.drawing.points + s->ring_first;
    uint32_t n = s->point_count - s->ring_first;
    if (n < 2 || !same_point(&ring[0], &ring[n - 1]))
        return;
    ring[0].arc = ring[n - 1].arc;
    s->point_count--;
}

int sketch_ring_end(struct sketch *s)
{
    struct drawing *d = &s->zone.drawing;
    void *starts = d->ring_start;
    ring_open(s);
    uint32_t n = s->point_count - s->ring_first;
    size_t points = n ? ring_points(d, d->points + s->ring_first, n) : 0;
    if (points < 3)
        return sketch_fail(s, "a ring of %zu points; expected 3 or more", points);
    if (points > ZONE_FILE_POINTS_MAX)
        return sketch_fail(s, "more than %d points with its arcs drawn", ZONE_FILE_POINTS_MAX);
    if (d->ring_count == ZONE_FILE_RINGS_MAX)
        return sketch_fail(s, "more than %d rings", ZONE_FILE_RINGS_MAX);
    if (!grow(s, &starts, d->ring_count + 1, &s->ring_cap, sizeof *d->ring_start))
        return out_of_memory(s);
    d->ring_start = starts;
    d->ring_start[++d->ring_count] = s->ring_first = s->point_count;
    return 0;
}

static int radius_check(struct sketch *s, int64_t mm)
{
    if (mm < 1 || mm > RADIUS_MAX_MM)
        return sketch_fail(s, "a length of %lld mm; expected 1 mm to 2000 km", (long long)mm);
    s->zone.drawing.radius_mm = mm;
    return 0;
}

int sketch_circle(struct sketch *s, int64_t lon_e9, int64_t lat_e9, int64_t radius_mm)
{
    if (s->point_count)
        return sketch_fail(s, "a circle beside other edges; expected it alone");
    s->zone.drawing.kind = DRAWN_CIRCLE;
    return radius_check(s, radius_mm) ? ERR_FAIL : point_add(s, lon_e9, lat_e9, 0);
}

int sketch_corridor(struct sketch *s, int64_t halfwidth_mm)
{
    s->zone.drawing.kind = DRAWN_CORRIDOR;
    if (s->point_count < 2 || s->point_count > AXIS_POINTS_MAX)
        return sketch_fail(s, "an axis of %u points; expected 2 to %d", s->point_count,
                           AXIS_POINTS_MAX);
    return radius_check(s, halfwidth_mm);
}

/* ---- times -------------------------------------------------------------------------------------- */

struct period *sketch_period(struct sketch *s, int64_t from_us, int64_t to_us)
{
    if (from_us != TIME_UNKNOWN && to_us != TIME_UNKNOWN && from_us >= to_us) {
        sketch_fail(s, "a period that ends before it begins");
        return NULL;
    }
    if (s->period_count == PERIODS_MAX) {
        sketch_fail(s, "more than %d periods", PERIODS_MAX);
        return NULL;
    }
    struct period *period = &s->periods[s->period_count++];
    *period = (struct period){.from_us = from_us, .to_us = to_us};
    return period;
}

static int hours_add(struct sketch *s, struct period *period, int from_min, int to_min,
                     uint16_t months)
{
    if (from_min >= to_min)
        return 0;
    if (period->daily_count == DAILY_MAX)
        return sketch_fail(s, "more than %d daily periods", DAILY_MAX);
    period->daily[period->daily_count++] =
        (struct daily){months, (int16_t)from_min, (int16_t)to_min};
    return 0;
}

int period_hours(struct sketch *s, struct period *period, int from_min, int to_min, uint16_t months)
{
    const int day = 1440;
    if (to_min <= from_min) /* across midnight */
        to_min += day;
    while (from_min < 0) {
        from_min += day;
        to_min += day;
    }
    while (from_min >= day) {
        from_min -= day;
        to_min -= day;
    }
    if (to_min - from_min >= day)
        return hours_add(s, period, 0, day, months);
    if (to_min <= day)
        return hours_add(s, period, from_min, to_min, months);
    return hours_add(s, period, 0, to_min - day, months) ||
                   hours_add(s, period, from_min, day, months)
               ? ERR_FAIL
               : 0;
}

/* ---- the box ------------------------------------------------------------------------------------ */

/* Bounds of the points, grown by what circles, corridors and arcs may reach. */
static struct zone_box bounds_of(const struct sketch *s)
{
    const struct drawing *d = &s->zone.drawing;
    const struct drawn_point *p = d->points;
    struct zone_box b = {p[0].lon_e9, p[0].lon_e9, p[0].lat_e9, p[0].lat_e9};
    int64_t near = p[0].lon_e9;
    for (uint32_t i = 1; i < s->point_count; i++) {
        int64_t lon = p[i].lon_e9;
        while (lon - near > TURN_E9 / 2)
            lon -= TURN_E9;
        while (near - lon > TURN_E9 / 2)
            lon += TURN_E9;
        near = lon;
        b.west_e9 = lon < b.west_e9 ? lon : b.west_e9;
        b.east_e9 = lon > b.east_e9 ? lon : b.east_e9;
        b.south_e9 = p[i].lat_e9 < b.south_e9 ? p[i].lat_e9 : b.south_e9;
        b.north_e9 = p[i].lat_e9 > b.north_e9 ? p[i].lat_e9 : b.north_e9;
    }
    return b;
}

static struct zone_box bounds_grown(struct zone_box b, int64_t metres)
{
    int64_t up = metres * INT64_C(1000000000) / METRES_PER_DEGREE;
    int64_t far = -b.south_e9 > b.north_e9 ? -b.south_e9 : b.north_e9;
    int64_t room = INT64_C(90000000000) - far - up;
    /* a degree of longitude is at least as long as the way to the pole is short, over 90 */
    int64_t aside = room > INT64_C(1000000000) ? up * 90 / (room / INT64_C(1000000000)) : TURN_E9;
    return (struct zone_box){b.west_e9 - aside, b.east_e9 + aside, b.south_e9 - up,
                             b.north_e9 + up};
}

static struct zone_box bounds(const struct sketch *s)
{
    const struct drawing *d = &s->zone.drawing;
    struct zone_box b = bounds_of(s);
    double reach_m = (double)d->radius_mm / 1e3;
    for (uint32_t i = 0; i < s->point_count; i++) {
        struct arc arc;
        uint32_t before = i ? i - 1 : s->point_count - 1;
        if (d->points[i].arc &&
            arc_of_drawn(&d->arcs[d->points[i].arc - 1], &d->points[before], &d->points[i], &arc)) {
            double across_m = 2 * (arc.from_radius_m + arc.to_radius_m);
            reach_m = reach_m > across_m ? reach_m : across_m;
        }
    }
    return reach_m > 0 ? bounds_grown(b, (int64_t)reach_m + 1) : b;
}

static bool longitudes_meet(int64_t west, int64_t east, int64_t box_west, int64_t box_east)
{
    for (int64_t turn = -2 * TURN_E9; turn <= 2 * TURN_E9; turn += TURN_E9)
        if (west + turn <= box_east && east + turn >= box_west)
            return true;
    return false;
}

static bool boxes_meet(struct zone_box a, const struct zone_box *box)
{
    int64_t east = box->east_e9 < box->west_e9 ? box->east_e9 + TURN_E9 : box->east_e9;
    return a.south_e9 <= box->north_e9 && a.north_e9 >= box->south_e9 &&
           longitudes_meet(a.west_e9, a.east_e9, box->west_e9, east);
}

/* Whether the area is wanted; counts those that are not. */
static bool in_box(struct sketch *s)
{
    if (!s->request->box)
        return true;
    struct zone_box b = bounds(s);
    if (boxes_meet(b, s->request->box))
        return true;
    struct zone_box exchanged = {b.south_e9, b.north_e9, b.west_e9, b.east_e9};
    s->outside++;
    s->exchanged += boxes_meet(exchanged, s->request->box);
    return false;
}

/* ---- the end of an area --------------------------------------------------------------------------- */

static bool id_taken(const struct sketch *s, const char *id)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (strcmp(s->zones[i].id, id) == 0)
            return true;
    return false;
}

static void id_choose(struct sketch *s, struct drawn_zone *zone)
{
    const struct words *name = &zone->name;
    char base[AGREEMENT_ID_MAX] = "";
    if (s->id)
        zone_file_id(s->id, base);
    if (!base[0] && name->en)
        zone_file_id(name->en, base);
    if (!base[0] && name->ko)
        zone_file_id(name->ko, base);
    struct buf id;
    buf_init(&id, zone->id, sizeof zone->id);
    if (!base[0])
        buf_format(&id, "zone-%u", s->count + 1);
    else
        buf_text(&id, base);
    for (uint32_t i = 2; id_taken(s, zone->id); i++) {
        buf_clear(&id);
        buf_format(&id, "%s.%u", base[0] ? base : "zone", i);
    }
}

static int heights_check(struct sketch *s)
{
    const struct height *floor = &s->zone.floor, *ceiling = &s->zone.ceiling;
    const int64_t least_cm = -100000, most_cm = 10000000;
    int64_t low = height_cm(*floor), high = height_cm(*ceiling);
    if (low < least_cm || low > most_cm || high < least_cm || high > most_cm)
        return sketch_fail(s, "a height outside of -1000 m to 100 km");
    if (floor->ref == LIMIT_UNLIMITED || ceiling->ref == LIMIT_SURFACE ||
        (floor->ref == ceiling->ref && low >= high))
        return sketch_fail(s, "the floor is not below the ceiling");
    return 0;
}

static void zone_add(struct sketch *s, const struct period *period, uint32_t *first)
{
    if (s->count < AGREEMENT_ZONES_MAX) {
        struct drawn_zone *zone = &s->zones[s->count];
        *zone = s->zone;
        zone->same = *first;
        zone->from_us = period->from_us;
        zone->to_us = period->to_us;
        zone->daily_count = period->daily_count;
        memcpy(zone->daily, period->daily, sizeof zone->daily);
        id_choose(s, zone);
        if (*first == ZONE_FILE_SAME_NONE)
            *first = s->count;
    }
    s->count++;
}

int sketch_end(struct sketch *s)
{
    static const struct period always = {.from_us = TIME_UNKNOWN, .to_us = TIME_UNKNOWN};
    struct drawing *d = &s->zone.drawing;
    uint32_t first = ZONE_FILE_SAME_NONE;
    if (d->kind == DRAWN_RINGS && !d->ring_count)
        return sketch_fail(s, "no edges; expected a polygon or a circle");
    if (!d->ring_start)
        return out_of_memory(s);
    d->point_count = s->point_count;
    if (heights_check(s))
        return ERR_FAIL;
    if (!in_box(s))
        return 0;
    for (uint32_t i = 0; i < s->period_count; i++)
        zone_add(s, &s->periods[i], &first);
    if (!s->period_count)
        zone_add(s, &always, &first);
    return 0;
}

int sketch_refuse(struct sketch *s)
{
    err_prefix(s->err, "%s", s->place);
    if (!s->request->skip)
        return ERR_FAIL;
    remark(s, s->refused, &s->refused_count, s->err->text);
    err_clear(s->err);
    return 0;
}
