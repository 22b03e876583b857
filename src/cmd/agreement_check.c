#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cmd/agreement_parts.h"
#include "cmd/show.h"
#include "os/agreement_dir.h"

/* detente agreement check: read, compile, print. */

/* Rounded up: a bound stays a bound. */
#define ERROR_DECIMALS 4
static int64_t error_e4(double metres)
{
    int64_t below = (int64_t)(metres * 1e4);
    return below + ((double)below < metres * 1e4 ? 1 : 0);
}

static uint32_t vertex_count(const struct region *region)
{
    return region->ring_count ? region->ring_start[region->ring_count] : 0;
}

static const char *side_of(const struct agreement *a, const struct zone *zone)
{
    return zone->side == AGREEMENT_NONE ? NULL : a->parties[zone->side].id;
}

static void put_classes(struct json_out *out, const char *names)
{
    json_begin(out, '[');
    for (size_t n; *names; names += n + (names[n] == ' ')) {
        n = strcspn(names, " ");
        json_put_bytes(out, (struct bytes){(const uint8_t *)names, n});
    }
    json_end(out, ']');
}

static void put_measures(struct json_out *out, const struct compiled_zone *zone)
{
    bool measured = zone->region.ring_count > 0;
    json_key(out, "area_km2");
    if (measured)
        json_put_decimal(out, (int64_t)(zone->area_m2 + 0.5), 6);
    else
        json_put_null(out);
    json_key(out, "vertices");
    json_put_int(out, vertex_count(&zone->region));
    json_key(out, "boundary_error_m");
    if (measured)
        json_put_decimal(out, error_e4(zone->boundary_error_m), ERROR_DECIMALS);
    else
        json_put_null(out);
}

static int print_zone_json(const struct compiled *c, uint16_t i, struct arena *arena,
                           struct err *err)
{
    const struct zone *zone = &c->agreement->zones[i];
    size_t room = 1024 + 2 * strlen(zone->classes_text);
    char *memory = arena_alloc(arena, room, 1);
    if (!memory)
        return err_set(err, EXIT_DATA, "no memory to print zone %s", zone->id);
    struct buf buf;
    struct json_out out;
    buf_init(&buf, memory, room);
    json_out_init(&out, &buf);
    json_begin(&out, '{');
    json_key(&out, "zone");
    json_put_text(&out, zone->id);
    json_key(&out, "side");
    json_put_text(&out, side_of(c->agreement, zone));
    json_key(&out, "classes");
    put_classes(&out, zone->classes_text);
    json_key(&out, "status");
    json_put_text(&out, zone_status_name(zone->status));
    put_measures(&out, &c->zones[i]);
    json_end(&out, '}');
    puts(buf.p);
    return 0;
}

static void print_digest(const uint8_t digest[32])
{
    char text[DIGEST_TEXT_MAX];
    struct buf buf;
    buf_init(&buf, text, sizeof text);
    digest_write(&buf, digest);
    fputs(text, stdout);
}

static int print_json(const struct compiled *c, struct arena *arena, struct err *err)
{
    for (uint16_t i = 0; i < c->agreement->zone_count; i++)
        if (print_zone_json(c, i, arena, err))
            return ERR_FAIL;
    printf("{\"digest\":\"");
    print_digest(c->digest);
    printf("\"}\n");
    return 0;
}

static void print_zone(const struct agreement *a, const struct zone *zone,
                       const struct compiled_zone *compiled)
{
    const char *side = side_of(a, zone);
    printf("%-16s %-6s %-11s ", zone->id, side ? side : "-", zone_status_name(zone->status));
    if (compiled->region.ring_count)
        printf("%14.6f %9u %8.4f  ", compiled->area_m2 / 1e6, vertex_count(&compiled->region),
               (double)error_e4(compiled->boundary_error_m) / 1e4);
    else
        printf("%14s %9s %8s  ", "-", "-", "-");
    printf("%s\n", *zone->classes_text ? zone->classes_text : "all");
}

/* What is promised of every zone (1 cm) and not kept is said, on standard error. */
#define ERROR_PROMISED_E4 100

static void warn_of_errors(const struct compiled *c)
{
    for (uint16_t i = 0; i < c->agreement->zone_count; i++)
        if (error_e4(c->zones[i].boundary_error_m) > ERROR_PROMISED_E4)
            fprintf(stderr,
                    "warning: zone %s: its border may be %.4f m from the one defined, more than "
                    "%.2f m; look at where its line comes near itself, and simplify it there\n",
                    c->agreement->zones[i].id, (double)error_e4(c->zones[i].boundary_error_m) / 1e4,
                    ERROR_PROMISED_E4 / 1e4);
}

static int print_table(const struct compiled *c, struct arena *arena, struct err *err)
{
    const struct agreement *a = c->agreement;
    (void)arena;
    (void)err;
    printf("%s: %s", a->id, a->simulated ? "SIMULATED: " : "");
    show_text(a->title.en);
    printf("%s", a->title.en && a->title.ko ? " / " : "");
    show_text(a->title.ko);
    putchar('\n');
    printf("%d parties, %d lines, %d zones, %d provisions, %d rules, %u changes of status\n\n",
           a->party_count, a->line_count, a->zone_count, a->provision_count, a->rule_count,
           a->status_count);
    printf("%-16s %-6s %-11s %14s %9s %8s  %s\n", "zone", "side", "status", "area km2", "vertices",
           "error m", "classes");
    for (uint16_t i = 0; i < a->zone_count; i++)
        print_zone(a, &a->zones[i], &c->zones[i]);
    printf("\ndigest ");
    print_digest(c->digest);
    printf("\n");
    return 0;
}

int agreement_check(const struct agreement_options *options, struct arena *arena, struct err *err)
{
    const struct compiled *compiled = NULL;
    if (agreement_open(options->path, arena, &compiled, err))
        return ERR_FAIL;
    if (options->json ? print_json(compiled, arena, err) : print_table(compiled, arena, err))
        return ERR_FAIL;
    if (fflush(stdout))
        return err_set(err, EXIT_IO, "standard output: writing failed");
    warn_of_errors(compiled);
    return 0;
}
