#ifndef OS_CONFIG_H
#define OS_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/*
 * HOME/detente.conf: lines `key = value` under `[section]`; `#` begins a comment line. What may
 * stand there is the table in config.c; anything else is an error with its line, EXIT_CONFIG. The
 * environment DETENTE_SECTION_KEY wins over the file, the command line over both.
 */
#define CONFIG_BYTES_MAX (64 * 1024)
#define CONFIG_TEXT_MAX  1024 /* bytes of a value with its NUL */
#define CONFIG_FEEDS_MAX 16

struct config {
    char party[CONFIG_TEXT_MAX];   /* [node] party: id in the agreement; "" an analyst's home */
    int64_t threads;               /* [node] threads; 0: as many as there are processors */
    char listen[CONFIG_TEXT_MAX];  /* [http] listen: address */
    int64_t port;                  /* [http] port; 0: any that is free */
    char console[CONFIG_TEXT_MAX]; /* [http] console: folder of the console's files; "" none */
    char store[CONFIG_TEXT_MAX];   /* [store] kind: sqlite or memory */
    int64_t store_max_mb;          /* [store] max_mb: largest database; 0: as the disk allows */
    char classes[CONFIG_TEXT_MAX]; /* [feeds] classes: table of classes; "" none */
    char zone[CONFIG_TEXT_MAX];    /* [feeds] tz: zone of local times in feeds; "" not known */
    int64_t speed;     /* [feeds] speed: of files that name none; 0: as fast as it goes */
    size_t feed_count; /* [feeds] feed: a URL, once a line; the environment has one */
    char feeds[CONFIG_FEEDS_MAX][CONFIG_TEXT_MAX];
};

void config_defaults(struct config *config);

/* Puts the file's values over what stands; name: the file, for errors. */
int config_read(struct config *config, struct bytes text, const char *name, struct err *err);

/* The same with the environment; look_up is getenv. Feeds from there replace the file's. */
int config_environment(struct config *config, char *(*look_up)(const char *), struct err *err);

/* One value by its section and key, checked as the file's are. */
int config_set(struct config *config, const char *section, const char *key, struct bytes value,
               struct err *err);

#endif
