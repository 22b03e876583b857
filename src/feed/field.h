#ifndef FEED_FIELD_H
#define FEED_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Fields of text lines. */

/* Cuts at `comma` into at most cap fields; returns how many there are (more than cap: the last
 * field is cut off at its comma and the rest is lost). */
size_t fields_split(struct bytes line, uint8_t comma, struct bytes *ret_fields, size_t cap);

/* A decimal number as JSON writes it, times 10^scale, rounded half to even. False when it is none
 * or does not fit; white space around it is allowed. */
bool field_scaled(struct bytes field, unsigned scale, int64_t *ret_value);

/* The same within +-limit. */
bool field_within(struct bytes field, unsigned scale, int64_t limit, int64_t *ret_value);

/* Exactly these digits of base 16, either case; 1 to 8 of them. */
bool field_hex(struct bytes field, uint32_t *ret_value);

/* Digits only, 1 to 18. */
bool field_digits(struct bytes field, int64_t *ret_value);

struct bytes field_trim(struct bytes field); /* without spaces around it */

#endif
