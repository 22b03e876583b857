#ifndef API_API_H
#define API_API_H

#include "api/desk.h"
#include "api/page.h"
#include "os/http.h"

/* The HTTP interface of docs/format/api.md over one desk: a table of routes in routes.c. */
struct api {
    struct desk *desk;
    struct http_server *http;
    int console_fd;                      /* the folder of the console; -1 none */
    struct page agreement, zones, lines; /* they never change */
};

/* Console: a folder, or "" for none. EXIT_NO_INPUT when it is not there. */
int api_init(struct api *api, struct desk *desk, const char *console, struct arena *scratch,
             struct err *err);
void api_free(struct api *api);

/* The server's handler; `to` is the api. */
void api_handle(void *to, struct http_request *request);

/* Prometheus text 0.0.4. */
void metrics_write(struct page *page, struct desk *desk, const struct http_counts *http);

/* openapi.json, as it was at build time. */
struct bytes openapi_text(void);

#endif
