#ifndef TEST_JANSSON_ORACLE_H
#define TEST_JANSSON_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

/* What jansson, an independent JSON reader, says. It stands in a file of its own because its names
 * and ours cannot be seen together. */

/* True if jansson takes the text, duplicate keys refused. */
bool oracle_accepts(const void *text, size_t n);

/* The string under "s" of an object, decoded; false if there is none. */
bool oracle_string(const void *text, size_t n, char *dst, size_t cap);

#endif
