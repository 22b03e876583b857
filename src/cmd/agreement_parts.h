#ifndef CMD_AGREEMENT_PARTS_H
#define CMD_AGREEMENT_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "agreement/compile.h"
#include "base/arena.h"
#include "base/err.h"

/* The inside of `detente agreement`: its verbs, one file each. */

struct agreement_options {
    const char *verb, *path; /* path: the agreement's directory, or the zone file */
    const char *format, *out, *id, *box, *edges;
    const char *parties[AGREEMENT_PARTIES_MAX];
    size_t party_count;
    bool json, exact, skip, help;
};

/* What is wrong with the command line is EXIT_USAGE. */
int agreement_check(const struct agreement_options *options, struct arena *arena, struct err *err);
int agreement_zones(const struct agreement_options *options, struct arena *arena, struct err *err);
int agreement_import(const struct agreement_options *options, struct arena *arena, struct err *err);

/* Zones as a GeoPackage, handed to `put` as a whole. */
int agreement_geopackage(const struct compiled *compiled, bool exact, struct arena *arena,
                         int (*put)(void *to, const void *p, size_t n, struct err *err), void *to,
                         struct err *err);

#endif
