#ifndef BASE_XML_H
#define BASE_XML_H

#include <stddef.h>

#include "base/bytes.h"
#include "base/err.h"

/*
 * One strict, bounded XML reader for feeds and zone files: a thin coat round expat.
 *
 * Input is one document that the caller holds whole. Refused besides what is not well-formed:
 * a document type declaration, and with it every entity but XML's own five (no expansion, no
 * outside file); more levels, elements' attributes or bytes than the limits say; an encoding that
 * is none of UTF-8, UTF-16, ISO 8859-1, US-ASCII. What the handler is given is always UTF-8.
 *
 * Names are given without their prefix ("kml:Point" is "Point"): formats here are told apart by
 * their elements, not by namespaces that half of their writers get wrong.
 *
 * Memory: expat takes its own and gives it back before xml_read returns; it is bounded by a small
 * multiple of limits->size. It is the one guest in the core that is not given an arena, because the
 * allocation functions that expat accepts have no argument by which an arena could be found: that
 * would take a writable global. Nothing of it outlives the call; the same bytes give the same calls
 * (its hash is seeded from the text, not from the machine).
 */
struct xml_limits {
    size_t size;         /* bytes of the document */
    unsigned depth;      /* levels of elements */
    unsigned attributes; /* of one element */
};

/* An element's attributes as expat lays them out: name, value, name, value, ..., NULL. */
struct xml_element {
    const char *name; /* without prefix; valid during the call, as all below */
    const char *const *attributes;
    unsigned depth; /* 1: the outermost */
};

/* Each may be NULL. A function that returns anything but 0 ends the reading; having set *err it
 * need not say where: xml_read adds the line. */
struct xml_handler {
    int (*open)(void *to, const struct xml_element *element, struct err *err);
    int (*text)(void *to, struct bytes piece, struct err *err); /* may come in several pieces */
    int (*close)(void *to, const char *name, unsigned depth, struct err *err);
};

/* Exit 65 with line, column and reason. err may be NULL. */
int xml_read(struct bytes document, const struct xml_limits *limits,
             const struct xml_handler *handler, void *to, struct err *err);

/* The value of the attribute, or NULL. The name without prefix. */
const char *xml_attribute(const struct xml_element *element, const char *name);

#endif
