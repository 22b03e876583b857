#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/http_parts.h"

#define ETAG_BYTES 80

static const struct media {
    const char *suffix, *type;
} media[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".geojson", "application/geo+json"},
    {".map", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".pbf", "application/x-protobuf"},
    {".webmanifest", "application/manifest+json"},
    {".txt", "text/plain; charset=utf-8"},
};
#define MEDIA_COUNT (sizeof media / sizeof media[0])

static const char *type_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; i < MEDIA_COUNT && dot; i++)
        if (strcmp(media[i].suffix, dot) == 0)
            return media[i].type;
    return "application/octet-stream";
}

/* Every part has a name that begins with no dot: no hidden files, no way up, no "//". */
static bool is_plain(const char *path)
{
    if (strchr(path, '\\'))
        return false;
    for (const char *p = path; *p;) {
        size_t n = strcspn(p, "/");
        if (n == 0 || *p == '.')
            return false;
        p += n + (p[n] == '/');
    }
    return path[0] && path[strlen(path) - 1] != '/';
}

/* A regular file of a size that is served; -1 when there is none. */
static int open_file(int folder_fd, const char *path, struct stat *st)
{
    int fd = openat(folder_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return -1;
    if (fstat(fd, st) || !S_ISREG(st->st_mode) || st->st_size > HTTP_FILE_MAX) {
        close(fd);
        return -1;
    }
    return fd;
}

static void write_etag(char etag[ETAG_BYTES], const struct stat *st)
{
    snprintf(etag, ETAG_BYTES, "\"%" PRIxMAX "-%" PRIxMAX "-%" PRIxMAX ".%lx\"",
             (uintmax_t)st->st_ino, (uintmax_t)st->st_size, (uintmax_t)st->st_mtim.tv_sec,
             (unsigned long)st->st_mtim.tv_nsec);
}

/* Takes the descriptor over. */
static void send_file(struct http_request *request, const char *path, int fd, const struct stat *st)
{
    struct evbuffer *body = evbuffer_new();
    http_common_headers(request, type_of(path));
    bool whole = body && (st->st_size == 0 || evbuffer_add_file(body, fd, 0, st->st_size) == 0);
    if (!whole || st->st_size == 0)
        close(fd);
    http_send(request, whole ? 200 : 503, whole ? body : NULL);
    if (body)
        evbuffer_free(body);
}

void http_answer_file(struct http_request *request, int folder_fd, const char *path)
{
    char etag[ETAG_BYTES];
    struct stat st;
    const char *name = strcmp(path, "/") == 0 ? "index.html" : path + 1;
    int fd = is_plain(name) ? open_file(folder_fd, name, &st) : -1;
    if (fd < 0) {
        http_refuse(request, 404, "there is no such page");
        return;
    }
    write_etag(etag, &st);
    http_add_header(request, "ETag", etag);
    http_add_header(request, "Cache-Control", "no-cache");
    const char *known = http_header(request, "If-None-Match");
    if (known && strcmp(known, etag) == 0) {
        close(fd);
        http_send(request, 304, NULL);
        return;
    }
    send_file(request, name, fd, &st);
}
