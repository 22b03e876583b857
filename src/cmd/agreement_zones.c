#include <stdio.h>
#include <string.h>

#include "cmd/agreement_parts.h"
#include "os/agreement_dir.h"
#include "os/file.h"

/* detente agreement zones: compiled zones as a zone file. */

typedef int put_function(void *to, const void *p, size_t n, struct err *err);

static int put_file(void *to, const void *p, size_t n, struct err *err)
{
    return file_put(to, p, n, err);
}

static int put_stdout(void *to, const void *p, size_t n, struct err *err)
{
    if (fwrite(p, 1, n, to) != n)
        return err_set(err, EXIT_IO, "standard output: writing failed");
    return 0;
}

/* One format that can be written: as text by the core, or as a GeoPackage. */
struct format_row {
    const char *name;
    bool geopackage;
    enum zone_format format;
};

static const struct format_row formats[] = {
    {"geojson", false, ZONES_GEOJSON}, {"kml", false, ZONES_KML}, {"openair", false, ZONES_OPENAIR},
    {"ed318", false, ZONES_ED318},     {"gpkg", true, 0},
};

static const struct format_row *format_find(const char *name)
{
    for (size_t i = 0; name && i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp(name, formats[i].name) == 0)
            return &formats[i];
    return NULL;
}

static int export(const struct compiled *compiled, const struct format_row *format, bool exact,
                  struct arena *arena, put_function *put, void *to, struct err *err)
{
    struct zone_export as = {.format = format->format, .exact = exact};
    if (format->geopackage)
        return agreement_geopackage(compiled, exact, arena, put, to, err);
    return zones_export_as(compiled, as, arena, put, to, err);
}

static int export_to_file(const struct compiled *compiled, const struct format_row *format,
                          const struct agreement_options *options, struct arena *arena,
                          struct err *err)
{
    struct file_out out;
    if (file_open(&out, options->out, err))
        return ERR_FAIL;
    if (export(compiled, format, options->exact, arena, put_file, &out, err) ||
        file_commit(&out, err)) {
        file_abandon(&out);
        return ERR_FAIL;
    }
    return 0;
}

static int export_to_stdout(const struct compiled *compiled, const struct format_row *format,
                            const struct agreement_options *options, struct arena *arena,
                            struct err *err)
{
    if (export(compiled, format, options->exact, arena, put_stdout, stdout, err))
        return ERR_FAIL;
    if (fflush(stdout))
        return err_set(err, EXIT_IO, "standard output: writing failed");
    return 0;
}

int agreement_zones(const struct agreement_options *options, struct arena *arena, struct err *err)
{
    const struct format_row *format = format_find(options->format);
    const struct compiled *compiled = NULL;
    if (!format)
        return err_set(err, EXIT_USAGE,
                       "zones needs --format geojson, kml, openair, ed318 or gpkg");
    if (agreement_open(options->path, arena, &compiled, err))
        return ERR_FAIL;
    if (!options->out || strcmp(options->out, "-") == 0)
        return export_to_stdout(compiled, format, options, arena, err);
    return export_to_file(compiled, format, options, arena, err);
}
