/*
 * The digest of agreements, as `detente agreement check` prints it, from the core and two files of
 * src/os alone, so that it can be built for machines that we have few libraries for.
 *
 *     digest DIR...
 */
#include <stdio.h>
#include <stdlib.h>

#include "os/agreement_dir.h"

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct arena arena;
        struct err err = {0};
        const struct agreement *agreement;
        const struct compiled *compiled;
        arena_init(&arena, AGREEMENT_MEMORY_MAX, malloc, free);
        if (agreement_load(argv[i], &arena, &agreement, &err) ||
            agreement_compile(argv[i], agreement, &arena, &compiled, &err)) {
            fprintf(stderr, "digest: %s\n", err.text);
            return (int)err.code;
        }
        for (int k = 0; k < 32; k++)
            printf("%02x", compiled->digest[k]);
        printf("%s", i + 1 < argc ? " " : "\n");
        arena_release(&arena);
    }
    return 0;
}
