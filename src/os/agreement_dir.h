#ifndef OS_AGREEMENT_DIR_H
#define OS_AGREEMENT_DIR_H

#include "agreement/agreement.h"
#include "agreement/compile.h"
#include "base/arena.h"
#include "base/err.h"

/* What the texts, the agreement and its compiled zones may take in memory together. */
#define AGREEMENT_MEMORY_MAX ((size_t)2 << 30)

/*
 * Reads an agreement's directory: agreement.json, and the geometry files that it names. Everything,
 * the texts included, stands in the arena. Errors begin with the path of the file. EXIT_NO_INPUT: the
 * directory or one of the files is not there; EXIT_DATA: a file is too large or wrong.
 */
int agreement_load(const char *dir, struct arena *arena, const struct agreement **ret_agreement,
                   struct err *err);

/* compile() of what was loaded from there: errors begin with the path of the file, as above. */
int agreement_compile(const char *dir, const struct agreement *agreement, struct arena *arena,
                      const struct compiled **ret_compiled, struct err *err);

/* Both. */
int agreement_open(const char *dir, struct arena *arena, const struct compiled **ret_compiled,
                   struct err *err);

#endif
