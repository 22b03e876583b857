#ifndef STORE_COLUMNS_H
#define STORE_COLUMNS_H

#include <stddef.h>
#include <stdint.h>

#include <stdbool.h>

#include "alert/alert.h"

/* The numbers of an alert, one column each: one table for making, writing and reading them. Its
 * name of who acknowledged and its track's text are texts and stand beside. */
struct column {
    const char *name;
    size_t offset, size;
    bool is_signed;
};

extern const struct column alert_columns[];
extern const size_t alert_column_count;

int64_t column_get(const struct column *column, const struct alert *alert);
void column_set(const struct column *column, struct alert *alert, int64_t value);

#endif
