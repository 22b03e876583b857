#include "api/crafts.h"

#include <stdlib.h>
#include <string.h>

#define TABLE_MEMORY  ((size_t)16 << 20)
#define FIXES_FIRST   8
#define STALE_AIR_US  TIME_MINUTE
#define STALE_ELSE_US (6 * TIME_MINUTE)

static int make_table(struct crafts *crafts)
{
    arena_init(&crafts->arena, TABLE_MEMORY, malloc, free);
    return table_init(&crafts->table, CRAFTS_MAX, &crafts->arena) ? 0 : ERR_FAIL;
}

int crafts_init(struct crafts *crafts, struct err *err)
{
    *crafts = (struct crafts){.refused = 0};
    crafts->crafts = calloc(CRAFTS_MAX, sizeof *crafts->crafts);
    if (!crafts->crafts || make_table(crafts))
        return err_set(err, EXIT_CONFIG, "no memory for the picture of %d tracks", CRAFTS_MAX);
    return 0;
}

void crafts_free(struct crafts *crafts)
{
    for (uint32_t i = 0; i < crafts->table.count && crafts->crafts; i++)
        free(crafts->crafts[i].fixes);
    free(crafts->crafts);
    arena_release(&crafts->arena);
}

struct craft *crafts_find(struct crafts *crafts, uint64_t track)
{
    uint32_t at = table_find(&crafts->table, track);
    return at == TABLE_NONE ? NULL : &crafts->crafts[at];
}

static void forget(struct crafts *crafts, struct craft *craft)
{
    crafts->fixes -= craft->fix_cap;
    free(craft->fixes);
}

/* Those that are gone leave; the others close up. */
static bool make_room(struct crafts *crafts, int64_t now_us)
{
    uint32_t count = crafts->table.count, kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct craft *craft = &crafts->crafts[i];
        if (craft_is_gone(craft, now_us) && !craft->alerted)
            forget(crafts, craft);
        else
            crafts->crafts[kept++] = *craft;
    }
    memset(&crafts->crafts[kept], 0, (count - kept) * sizeof *crafts->crafts);
    arena_release(&crafts->arena);
    if (make_table(crafts))
        return false;
    for (uint32_t i = 0; i < kept; i++)
        table_add(&crafts->table, crafts->crafts[i].track, NULL);
    return kept < CRAFTS_MAX;
}

struct craft *crafts_add(struct crafts *crafts, uint64_t track, int64_t now_us)
{
    bool is_new;
    uint32_t at = table_add(&crafts->table, track, &is_new);
    if (at == TABLE_NONE && make_room(crafts, now_us))
        at = table_add(&crafts->table, track, &is_new);
    if (at == TABLE_NONE) {
        crafts->refused++;
        return NULL;
    }
    struct craft *craft = &crafts->crafts[at];
    if (is_new)
        *craft = (struct craft){.track = track};
    return craft;
}

/* The ring fills before it grows, so that what it holds begins at 0. */
static void grow(struct crafts *crafts, struct craft *craft)
{
    size_t cap = craft->fix_cap ? 2u * craft->fix_cap : FIXES_FIRST;
    cap = cap < CRAFT_FIXES_MAX ? cap : CRAFT_FIXES_MAX;
    size_t more = cap - craft->fix_cap;
    if (more == 0 || craft->fix_at != 0 || crafts->fixes + more > CRAFTS_FIXES_MAX)
        return;
    struct position *fixes = realloc(craft->fixes, cap * sizeof *fixes);
    if (!fixes)
        return;
    crafts->fixes += more;
    craft->fixes = fixes;
    craft->fix_at = craft->fix_cap;
    craft->fix_cap = (uint16_t)cap;
}

static bool is_late(const struct craft *craft, const struct position *position)
{
    return craft->seen && position->time_us != TIME_UNKNOWN &&
           craft->last.time_us != TIME_UNKNOWN && position->time_us < craft->last.time_us;
}

bool craft_note(struct crafts *crafts, struct craft *craft, const struct position *position)
{
    if (is_late(craft, position))
        return false;
    craft->last = *position;
    craft->seen = craft->moved = true;
    if (craft->fix_at == 0)
        grow(crafts, craft);
    if (craft->fix_cap == 0)
        return true;
    craft->fixes[craft->fix_at] = *position;
    craft->fix_at = (uint16_t)((craft->fix_at + 1) % craft->fix_cap);
    if (craft->fix_held < craft->fix_cap)
        craft->fix_held++;
    return true;
}

size_t craft_fixes(const struct craft *craft, struct position *out, size_t cap)
{
    size_t count = craft->fix_held < cap ? craft->fix_held : cap;
    for (size_t i = 0; i < count; i++)
        out[i] = craft->fixes[(craft->fix_at + craft->fix_cap - count + i) % craft->fix_cap];
    return count;
}

bool craft_is_stale(const struct craft *craft, int64_t now_us)
{
    platform_set air = platform_leaves(PLATFORM_AIRCRAFT);
    bool flies = platform_meant((enum platform)craft->last.platform, air) != MEANT_NOT;
    if (craft->last.time_us == TIME_UNKNOWN || now_us == TIME_UNKNOWN)
        return false;
    return now_us - craft->last.time_us > (flies ? STALE_AIR_US : STALE_ELSE_US);
}

bool craft_is_gone(const struct craft *craft, int64_t now_us)
{
    if (!craft->seen)
        return true;
    if (craft->last.time_us == TIME_UNKNOWN || now_us == TIME_UNKNOWN)
        return false;
    return now_us - craft->last.time_us > CRAFTS_FORGET_US;
}
