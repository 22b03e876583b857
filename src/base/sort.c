#include "base/sort.h"

#include <string.h>

struct run {
    const char *p, *end;
};

static void merge(struct run a, struct run b, char *out, size_t size,
                  bool (*less)(const void *, const void *))
{
    while (a.p < a.end && b.p < b.end) {
        struct run *first = less(b.p, a.p) ? &b : &a;
        memcpy(out, first->p, size);
        first->p += size;
        out += size;
    }
    memcpy(out, a.p, (size_t)(a.end - a.p));
    memcpy(out + (a.end - a.p), b.p, (size_t)(b.end - b.p));
}

void sort_items(void *items, void *spare, size_t count, size_t size,
                bool (*less)(const void *a, const void *b))
{
    char *from = items, *to = spare;
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t start = 0; start < count; start += 2 * width) {
            size_t mid = start + width < count ? start + width : count;
            size_t end = mid + width < count ? mid + width : count;
            merge((struct run){from + start * size, from + mid * size},
                  (struct run){from + mid * size, from + end * size}, to + start * size, size,
                  less);
        }
        char *swap = from;
        from = to;
        to = swap;
    }
    if (from != items && count)
        memcpy(items, from, count * size);
}
