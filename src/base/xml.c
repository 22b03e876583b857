#include "base/xml.h"

#include <expat.h>
#include <limits.h>
#include <string.h>

#include "base/table.h"

struct reading {
    XML_Parser parser;
    const struct xml_limits *limits;
    const struct xml_handler *handler;
    void *to;
    struct err *err;
    unsigned depth;
    bool refused; /* by us or the handler, not by expat; there: */
    unsigned long line, column;
};

static const char *bare(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

/* Where expat is in the text: the beginning of what it is calling for. */
static void mark_place(struct reading *r)
{
    r->line = (unsigned long)XML_GetCurrentLineNumber(r->parser);
    r->column = (unsigned long)XML_GetCurrentColumnNumber(r->parser) + 1;
}

static void stop(struct reading *r)
{
    r->refused = true;
    mark_place(r);
    XML_StopParser(r->parser, XML_FALSE);
}

/* ---- what expat calls --------------------------------------------------------------------------- */

static bool within_limits(struct reading *r, const char *const *attributes)
{
    size_t count = 0;
    while (attributes[count])
        count++;
    if (r->depth > r->limits->depth)
        err_set(r->err, EXIT_DATA, "more than %u levels of elements", r->limits->depth);
    else if (count / 2 > r->limits->attributes)
        err_set(r->err, EXIT_DATA, "an element with more than %u attributes",
                r->limits->attributes);
    else
        return true;
    return false;
}

static void on_open(void *to, const char *name, const char **attributes)
{
    struct reading *r = to;
    struct xml_element element = {bare(name), (const char *const *)attributes, ++r->depth};
    if (r->refused)
        return;
    if (!within_limits(r, element.attributes) ||
        (r->handler->open && r->handler->open(r->to, &element, r->err)))
        stop(r);
}

static void on_close(void *to, const char *name)
{
    struct reading *r = to;
    unsigned depth = r->depth--;
    if (!r->refused && r->handler->close && r->handler->close(r->to, bare(name), depth, r->err))
        stop(r);
}

static void on_text(void *to, const char *text, int n)
{
    struct reading *r = to;
    struct bytes piece = {(const uint8_t *)text, (size_t)n};
    if (!r->refused && r->handler->text(r->to, piece, r->err))
        stop(r);
}

static void on_doctype(void *to, const char *name, const char *system_id, const char *public_id,
                       int has_subset)
{
    struct reading *r = to;
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_subset;
    err_set(r->err, EXIT_DATA, "a document type declaration is not allowed; take it out");
    stop(r);
}

/* ---- reading ------------------------------------------------------------------------------------ */

static void set_up(struct reading *r, struct bytes document)
{
    unsigned long salt = (unsigned long)hash_bytes(document.p, document.n);
    XML_SetHashSalt(r->parser, salt ? salt : 1); /* 0: expat asks the machine for one */
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_open, on_close);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
    if (r->handler->text)
        XML_SetCharacterDataHandler(r->parser, on_text);
}

static int fail(struct reading *r)
{
    if (!r->refused) {
        err_set(r->err, EXIT_DATA, "%s", XML_ErrorString(XML_GetErrorCode(r->parser)));
        mark_place(r);
    }
    return err_prefix(r->err, "line %lu, column %lu", r->line, r->column);
}

int xml_read(struct bytes document, const struct xml_limits *limits,
             const struct xml_handler *handler, void *to, struct err *err)
{
    struct reading r = {.limits = limits, .handler = handler, .to = to, .err = err};
    if (document.n > limits->size || document.n > INT_MAX)
        return err_set(err, EXIT_DATA, "a document of %zu bytes; at most %zu are allowed",
                       document.n, limits->size);
    r.parser = XML_ParserCreate(NULL);
    if (!r.parser)
        return err_set(err, EXIT_DATA, "no memory to read it");
    set_up(&r, document);
    const char *text = document.n ? (const char *)document.p : "";
    int failed =
        XML_Parse(r.parser, text, (int)document.n, XML_TRUE) == XML_STATUS_OK ? 0 : fail(&r);
    XML_ParserFree(r.parser);
    return failed;
}

const char *xml_attribute(const struct xml_element *element, const char *name)
{
    for (const char *const *a = element->attributes; *a; a += 2)
        if (strcmp(bare(a[0]), name) == 0)
            return a[1];
    return NULL;
}
