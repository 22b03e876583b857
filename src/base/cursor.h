#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* A place in somebody else's bytes, for the small strict readers (degrees, times). Each take_
 * moves past what it took, or says false; where it then stands does not matter. */
struct cursor {
    const uint8_t *p, *end;
};

static inline struct cursor cursor_of(struct bytes text)
{
    return (struct cursor){.p = text.p, .end = bytes_end(text)};
}

static inline bool at_end(const struct cursor *c)
{
    return c->p == c->end;
}

static inline bool at_digit(const struct cursor *c)
{
    return c->p < c->end && *c->p >= '0' && *c->p <= '9';
}

static inline bool take(struct cursor *c, char expected)
{
    if (at_end(c) || *c->p != (uint8_t)expected)
        return false;
    c->p++;
    return true;
}

#endif
