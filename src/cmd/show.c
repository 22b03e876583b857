#include "cmd/show.h"

#include <stdio.h>

static int control_length(const unsigned char *p)
{
    if (p[0] < 0x20 || p[0] == 0x7f)
        return 1;
    return p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f ? 2 : 0;
}

void show_text(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    while (p && *p) {
        int n = control_length(p);
        putchar(n ? '?' : *p);
        p += n ? n : 1;
    }
}
