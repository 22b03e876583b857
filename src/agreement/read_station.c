#include <string.h>

#include "agreement/reader.h"
#include "geo/distance.h"

/* Stations of a line: by chainage, or by a point whose foot on the line is taken. */

#define STATIONS_MAX        8192
#define TOLERANCE_M         1000  /* how far a station's point may lie off the line */
#define STATION_ROUNDING_MM 10000 /* printed chainages have two decimals of a kilometre */

struct station_entry {
    struct station station;
    struct length along;
    struct json at;
    int32_t tolerance_m;
    struct json json;
};

static const struct field station_fields[] = {
    {"id", read_id, offsetof(struct station_entry, station.id), "the id of this station"},
    {"km", read_along_km, offsetof(struct station_entry, along), NULL},
    {"m", read_along_m, offsetof(struct station_entry, along), NULL},
    {"nm", read_along_nm, offsetof(struct station_entry, along), NULL},
    {"at", read_value, offsetof(struct station_entry, at), NULL},
    {"tolerance_m", read_metres, offsetof(struct station_entry, tolerance_m), NULL},
    {"precision_m", read_metres, offsetof(struct station_entry, station.precision_m), NULL},
};

static int station_read(struct reader *r, struct json value, void *into)
{
    struct station_entry *entry = into;
    entry->station.precision_m = -1;
    entry->tolerance_m = TOLERANCE_M;
    entry->json = value;
    if (OBJECT_READ(r, value, station_fields, entry))
        return ERR_FAIL;
    if (entry->along.given == (entry->at.type != JSON_NONE))
        return reader_fail(r, value,
                           "expected a chainage (\"km\") or a point (\"at\"), one of them");
    return 0;
}

static int station_by_chainage(struct reader *r, struct station_entry *entry, int64_t length_mm)
{
    if (entry->along.mm > length_mm + STATION_ROUNDING_MM)
        return reader_fail(r, entry->json, "station \"%s\" is off the line, which is %.3f km long",
                           entry->station.id, (double)length_mm / 1e6);
    entry->station.chainage_mm = entry->along.mm < length_mm ? entry->along.mm : length_mm;
    return 0;
}

static int station_by_point(struct reader *r, struct station_entry *entry,
                            const struct distance_index *index, int64_t length_mm)
{
    int64_t lon_e9, lat_e9;
    if (point_read(r, entry->at, &lon_e9, &lat_e9))
        return ERR_FAIL;
    struct foot foot = distance_foot(index, degrees_of_e9(lon_e9), degrees_of_e9(lat_e9));
    if (foot.dist_m > entry->tolerance_m)
        return reader_fail(r, entry->at,
                           "station \"%s\" lies %.0f m off the line; expected at most "
                           "%d m",
                           entry->station.id, foot.dist_m, (int)entry->tolerance_m);
    int64_t along_mm = (int64_t)(foot.station_m * 1000.0 + 0.5);
    entry->station.chainage_mm = along_mm < length_mm ? along_mm : length_mm;
    return 0;
}

static int station_place(struct reader *r, struct station_entry *entry,
                         const struct distance_index *index, int64_t length_mm)
{
    if (!index)
        return reader_fail(r, entry->json,
                           "no version of this line has geometry; expected one that "
                           "stations can stand on");
    return entry->along.given ? station_by_chainage(r, entry, length_mm)
                              : station_by_point(r, entry, index, length_mm);
}

static int station_unique(struct reader *r, const struct station_entry *entries, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(entries[k].station.id, entries[i].station.id) == 0)
            return reader_fail(r, entries[i].json, "a second station \"%s\" on this line",
                               entries[i].station.id);
    return 0;
}

/* Reads them all before the index is made, so that the index can go again. */
int stations_open(struct reader *r, struct json value, struct station_entry **ret_entries,
                  struct line *line)
{
    size_t count = 0;
    *ret_entries = NULL;
    if (value.type == JSON_NONE)
        return 0;
    *ret_entries = list_read(r, value, station_read, sizeof **ret_entries, STATIONS_MAX, &count);
    line->stations = *ret_entries ? READER_ARRAY(r, struct station, count) : NULL;
    line->station_count = (uint16_t)count;
    return line->stations ? 0 : ERR_FAIL;
}

int stations_place(struct reader *r, struct station_entry *entries,
                   const struct distance_index *index, int64_t length_mm, struct line *line)
{
    struct station *stations = (struct station *)line->stations;
    for (size_t i = 0; i < line->station_count; i++) {
        if (station_place(r, &entries[i], index, length_mm) || station_unique(r, entries, i))
            return ERR_FAIL;
        stations[i] = entries[i].station;
    }
    return 0;
}
