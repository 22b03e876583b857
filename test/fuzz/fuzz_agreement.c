#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "agreement/agreement.h"

/*
 * Any bytes as an agreement: read, or refused with one line and exit code 65; what was read holds
 * what agreement.h promises. A line that is "\n#geometry\n" divides the text from a geometry file.
 */
#define MEMORY_MAX (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char divider[] = "\n#geometry\n";

static size_t divider_at(const uint8_t *data, size_t size)
{
    size_t n = sizeof divider - 1;
    for (size_t i = 0; i + n <= size; i++)
        if (memcmp(data + i, divider, n) == 0)
            return i;
    return size;
}

static void check_error(const struct err *err)
{
    assert(err->code == EXIT_DATA);
    assert(err->text[0] && !strchr(err->text, '\n'));
}

static void check_expression(const struct agreement *a, const struct expression *e)
{
    if (e->kind == EXPR_UNION || e->kind == EXPR_INTER || e->kind == EXPR_MINUS)
        for (uint16_t i = 0; i < e->set.count; i++)
            check_expression(a, e->set.operand[i]);
    if (e->kind == EXPR_ZONE)
        assert(e->zone.zone < a->zone_count);
    if (e->kind == EXPR_POLYGON)
        for (uint32_t i = 0; i < e->polygon.ring_count; i++)
            assert(e->polygon.ring_start[i + 1] >= e->polygon.ring_start[i] + 3);
    if (e->kind != EXPR_BUFFER)
        return;
    assert(e->buffer.line < a->line_count && a->lines[e->buffer.line].used != AGREEMENT_NONE);
    for (uint16_t i = 1; i < e->buffer.width_count; i++)
        assert(e->buffer.widths[i].from_mm == e->buffer.widths[i - 1].to_mm);
}

static void check_agreement(const struct agreement *a)
{
    int64_t next_us;
    assert(a->party_count >= 1 && a->zone_count <= AGREEMENT_ZONES_MAX);
    for (uint16_t i = 0; i < a->zone_count; i++) {
        check_expression(a, a->zones[i].geometry);
        zone_active(a, &a->zones[i], INT64_C(1541030400) * TIME_SECOND, &next_us);
        assert(agreement_zone(a, a->zones[i].id) == i);
    }
    for (uint16_t i = 0; i < a->rule_count; i++)
        assert(a->rules[i].provision < a->provision_count && a->rules[i].classes);
    for (uint32_t i = 1; i < a->status_count; i++)
        assert(a->status[i - 1].time_us <= a->status[i].time_us);
    for (uint16_t i = 0; i < a->provision_count; i++)
        agreement_state(a, i, 0, INT64_C(1541030400) * TIME_SECOND, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct err err = {EXIT_FINE, ""};
    const struct agreement *a;
    const char *const *names;
    size_t count, n = divider_at(data, size);
    bool divided = n < size;
    struct bytes text = {data, n};
    struct agreement_file file = {"g.geojson", {NULL, 0}};
    if (divided)
        file.text = (struct bytes){data + n + sizeof divider - 1, size - n - (sizeof divider - 1)};
    arena_init(&arena, MEMORY_MAX, malloc, free);
    if (agreement_files(text, &arena, &names, &count, &err))
        check_error(&err);
    if (agreement_read(text, &file, divided ? 1 : 0, &arena, &a, &err))
        check_error(&err);
    else
        check_agreement(a);
    arena_release(&arena);
    return 0;
}
