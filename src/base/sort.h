#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Stable bottom-up merge sort, the same on every machine (libc's qsort is neither stable nor free
 * of malloc). `spare` has room for count items. The result stands in `items`.
 */
void sort_items(void *items, void *spare, size_t count, size_t size,
                bool (*less)(const void *a, const void *b));

#endif
