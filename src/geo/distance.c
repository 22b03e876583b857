#include "geo/distance.h"

#include <assert.h>
#include <string.h>

#include "geo/distance_index.h"
#include "geo/distance_point.h"

#define LANES DISTANCE_LANES
#define FOURS DISTANCE_FOURS
#define NONE  DISTANCE_NONE

#define FLOAT_MAX 1e30f

/* A square of distances in float against one in double: three roundings each way. */
#define FLOAT_SLACK (1 + 1e-6)

/* Pieces that wait for a closer look. */
#define WAITING_MAX 24

/* Room for a node's children beside the siblings on the way to it. */
#define STACK_MAX ((DISTANCE_LEVELS_MAX + 1) * LANES)

/* A piece whose chord may lead to the nearest foot, and the square of that chord. */
struct waiting {
    double chord2;
    uint32_t piece;
};

struct search {
    const struct distance_index *index;
    struct distance_point point;
    bool part; /* only pieces first .. last count, from t_first to t_last */
    uint32_t first, last;
    double t_first, t_last;
    double least2, limit2; /* squares of chords: the least, and the greatest that may matter */
    uint32_t seen;         /* a block that need not be seen again */
    uint32_t waiting_count;
    struct waiting waiting[WAITING_MAX];
};

static void lower_limit(struct search *search, double limit2)
{
    search->limit2 = limit2 < search->limit2 ? limit2 : search->limit2;
}

static double part_low(const struct search *search, uint32_t piece)
{
    return piece == search->first ? search->t_first : 0;
}

static double part_high(const struct search *search, uint32_t piece)
{
    return piece == search->last ? search->t_last : 1;
}

/* Looks at those that wait and are still within the limit. */
static void settle(struct search *search)
{
    for (uint32_t i = 0; i < search->waiting_count; i++) {
        uint32_t piece = search->waiting[i].piece;
        if (search->waiting[i].chord2 < search->limit2)
            distance_point_look(search->index, piece, part_low(search, piece),
                                part_high(search, piece), &search->point);
    }
    search->waiting_count = 0;
    lower_limit(search, distance_chord2_limit(search->index, search->point.best_m));
}

/* Where only a part of the line counts: the chords as far as they belong to it. */
static void restrict_chords2(const struct search *search, uint32_t first_piece,
                             struct distance_chords *chords)
{
    chords->least2 = DISTANCE_CHORD2_MAX;
    for (uint32_t k = 0; k < LANES; k++) {
        uint32_t i = first_piece + k;
        if (i < search->first || i > search->last)
            chords->chord2[k] = DISTANCE_CHORD2_MAX;
        else if (i == search->first || i == search->last)
            chords->chord2[k] = distance_chord2(search->index, search->point.at, i,
                                                part_low(search, i), part_high(search, i));
        chords->least2 = distance_least(chords->least2, chords->chord2[k]);
    }
}

/* Lowers the limit by the least chord of a block, and lets those below it wait. Without branches
 * on single lanes: nothing foretells them. */
static void see_block(struct search *search, uint32_t block)
{
    struct distance_chords chords;
    if (search->waiting_count > WAITING_MAX - LANES)
        settle(search);
    distance_chords2(&search->index->blocks[block], search->point.at, &chords);
    if (search->part)
        restrict_chords2(search, block * LANES, &chords);
    if (chords.least2 < search->least2) {
        search->least2 = chords.least2;
        lower_limit(search, distance_chord2_rivals(search->index, chords.least2));
    }
    uint32_t n = search->waiting_count;
    for (uint32_t k = 0; chords.least2 < search->limit2 && k < LANES; k++) {
        search->waiting[n] =
            (struct waiting){.chord2 = chords.chord2[k], .piece = block * LANES + k};
        n += chords.chord2[k] < search->limit2;
    }
    search->waiting_count = n;
}

/* Squares of the distances to the boxes of a node's children, in the plane of the frame. */
static void node_nears2(const struct distance_node *node, float x, float y,
                        distance_vec4 ret_near2[FOURS])
{
    for (int k = 0; k < FOURS; k++) {
        distance_vec4 west = node->west[k] - x, east = x - node->east[k];
        distance_vec4 south = node->south[k] - y, north = y - node->north[k];
        /* One of a pair at most is above 0, and only the one above counts. */
        distance_vec4 dx = (distance_vec4)(((west > 0) & (distance_mask4)west) |
                                           ((east > 0) & (distance_mask4)east));
        distance_vec4 dy = (distance_vec4)(((south > 0) & (distance_mask4)south) |
                                           ((north > 0) & (distance_mask4)north));
        ret_near2[k] = dx * dx + dy * dy;
    }
}

struct branch {
    float near2;
    uint32_t level, child; /* a node of this level; or a block, if level is 0 */
};

struct stack {
    uint32_t count;
    struct branch branches[STACK_MAX];
};

/* The children of a node that may hold less than the limit, the nearest on top. Child k of a node
 * of level l stands for 8^(l + 1) pieces. */
static void push_children(const struct search *search, uint32_t level, uint32_t node,
                          struct stack *stack)
{
    distance_vec4 fours[FOURS];
    float near2[LANES], limit2 = (float)(search->limit2 * FLOAT_SLACK), least2 = FLOAT_MAX;
    node_nears2(&search->index->levels[level][node], (float)search->point.at.x,
                (float)search->point.at.y, fours);
    memcpy(near2, fours, sizeof near2);
    uint32_t shift = DISTANCE_LANES_LOG2 * (level + 1), n = stack->count, nearest = n;
    uint32_t first = search->first >> shift, last = search->last >> shift;
    for (uint32_t k = 0; k < LANES; k++) {
        uint32_t child = node * LANES + k;
        bool in = near2[k] <= limit2 && child >= first && child <= last;
        stack->branches[n] = (struct branch){.near2 = near2[k], .level = level, .child = child};
        nearest = in && near2[k] < least2 ? n : nearest;
        least2 = in && near2[k] < least2 ? near2[k] : least2;
        n += in;
    }
    if (n > stack->count) {
        struct branch top = stack->branches[nearest];
        stack->branches[nearest] = stack->branches[n - 1];
        stack->branches[n - 1] = top;
    }
    stack->count = n;
}

/* Down the tree, nearest first; stops at the first find if any foot below best_m is enough. */
static void search_tree(struct search *search, bool any)
{
    struct stack stack;
    stack.count = 0;
    push_children(search, search->index->level_count - 1, 0, &stack);
    while (stack.count > 0) {
        struct branch branch = stack.branches[--stack.count];
        if (branch.near2 > search->limit2 * FLOAT_SLACK)
            continue;
        if (branch.level > 0) {
            push_children(search, branch.level - 1, branch.child, &stack);
            continue;
        }
        if (branch.child == search->seen)
            continue;
        see_block(search, branch.child);
        if (!any)
            continue;
        settle(search);
        if (search->point.piece != NONE)
            return;
    }
    settle(search);
}

static void search_begin(const struct distance_index *index, double lon_deg, double lat_deg,
                         struct search *search)
{
    search->index = index;
    distance_point_begin(index, lon_deg, lat_deg, &search->point);
    search->part = false;
    search->first = 0;
    search->last = index->piece_count - 1;
    search->t_first = 0;
    search->t_last = 1;
    search->least2 = search->limit2 = DISTANCE_CHORD2_MAX;
    search->seen = NONE;
    search->waiting_count = 0;
}

struct foot distance_foot(const struct distance_index *index, double lon_deg, double lat_deg)
{
    struct search search;
    search_begin(index, lon_deg, lat_deg, &search);
    search_tree(&search, false);
    return distance_point_foot(index, &search.point);
}

void distance_feet(const struct distance_index *index, const double *lon_deg, const double *lat_deg,
                   size_t n, struct foot *ret_feet)
{
    uint32_t guess = 0; /* the block of the foot before: a good bound to begin with */
    for (size_t i = 0; i < n; i++) {
        struct search search;
        search_begin(index, lon_deg[i], lat_deg[i], &search);
        see_block(&search, guess);
        search.seen = guess;
        search_tree(&search, false);
        guess = search.point.piece / LANES;
        ret_feet[i] = distance_point_foot(index, &search.point);
    }
}

static double clamped(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* The piece that holds a station, and where on it. */
static uint32_t piece_of_station(const struct distance_index *index, double station_m,
                                 double *ret_t)
{
    uint32_t low = 0, high = index->piece_count - 1; /* the answer is in low .. high */
    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;
        if (index->station_m[middle] <= station_m)
            low = middle;
        else
            high = middle - 1;
    }
    double start_m = index->station_m[low], length_m = index->station_m[low + 1] - start_m;
    *ret_t = length_m > 0 ? clamped((station_m - start_m) / length_m, 0, 1) : 0;
    return low;
}

struct foot distance_foot_within(const struct distance_index *index, double lon_deg, double lat_deg,
                                 double from_station_m, double to_station_m)
{
    assert(index->station_m);
    double from_m = from_station_m < to_station_m ? from_station_m : to_station_m;
    double to_m = from_station_m < to_station_m ? to_station_m : from_station_m;
    struct search search;
    search_begin(index, lon_deg, lat_deg, &search);
    search.part = true;
    search.first = piece_of_station(index, clamped(from_m, 0, index->length_m), &search.t_first);
    search.last = piece_of_station(index, clamped(to_m, 0, index->length_m), &search.t_last);
    search_tree(&search, false);
    return distance_point_foot(index, &search.point);
}

bool distance_beyond(const struct distance_index *index, double lon_deg, double lat_deg,
                     double dist_m)
{
    if (dist_m < 0)
        return true;
    struct search search;
    search_begin(index, lon_deg, lat_deg, &search);
    search.point.best_m = dist_m;
    lower_limit(&search, distance_chord2_limit(index, dist_m));
    search_tree(&search, true);
    return search.point.piece == NONE;
}

double distance_length_m(const struct distance_index *index)
{
    return index->length_m;
}
