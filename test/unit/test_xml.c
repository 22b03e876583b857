#include "base/xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

/* What was called, in short: <name a=v>text</name>. */
struct seen {
    struct buf buf;
    char memory[4096];
    const char *stop_at;
};

static int on_open(void *to, const struct xml_element *element, struct err *err)
{
    struct seen *seen = to;
    const char *a = xml_attribute(element, "a");
    if (seen->stop_at && strcmp(seen->stop_at, element->name) == 0)
        return err_set(err, EXIT_DATA, "%s is not wanted", element->name);
    buf_format(&seen->buf, "<%u%s%s%s>", element->depth, element->name, a ? " " : "", a ? a : "");
    return 0;
}

static int on_text(void *to, struct bytes piece, struct err *err)
{
    struct seen *seen = to;
    (void)err;
    buf_put(&seen->buf, piece.p, piece.n);
    return 0;
}

static int on_close(void *to, const char *name, unsigned depth, struct err *err)
{
    struct seen *seen = to;
    (void)err;
    buf_format(&seen->buf, "</%u%s>", depth, name);
    return 0;
}

static const struct xml_handler all = {on_open, on_text, on_close};
static const struct xml_limits limits = {1024, 4, 3};

static int read_text(struct seen *seen, struct bytes text, struct err *err)
{
    *err = (struct err){EXIT_FINE, ""};
    buf_init(&seen->buf, seen->memory, sizeof seen->memory);
    return xml_read(text, &limits, &all, seen, err);
}

/* XML 1.0 (fifth edition): 2.4 character data, 2.7 CDATA, 2.11 line ends, 3.3.3 attribute values,
 * 4.1 character references, 4.6 the five entities. */
static void well_formed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *calls;
    } known[] = {
        {"<x/>", "<1x></1x>"},
        {"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n<x a='1'>t</x>\n",
         "<1x 1>t</1x>"},
        {"<k:x xmlns:k='u' k:a='2'><k:y>&lt;&amp;&#x41;&#66;&apos;</k:y></k:x>",
         "<1x 2><2y><&AB'</2y></1x>"},
        {"<x><![CDATA[<y>]]><!-- no --><?no?>\r\n</x>", "<1x><y>\n</1x>"},
        {"<?xml version='1.0' encoding='ISO-8859-1'?><x>\xe9</x>", "<1x>\xc3\xa9</1x>"},
        {"<x a='p\n\tq &quot;'/>", "<1x p  q \"></1x>"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct seen seen = {.stop_at = NULL};
        struct err err;
        assert_int_equal(read_text(&seen, bytes_of(known[i].text), &err), 0);
        assert_string_equal(seen.buf.p, known[i].calls);
    }
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } known[] = {
        {"", "no element found"},
        {"<x>", "no element found"},
        {"<x></y>", "mismatched tag"},
        {"<x/><x/>", "line 1, column 5: junk after document element"},
        {"<x a='1' a='2'/>", "duplicate attribute"},
        {"<x>\xff</x>", "not well-formed"},
        {"<x>&e;</x>", "undefined entity"},
        {"<!DOCTYPE x><x/>", "a document type declaration is not allowed"},
        {"<!DOCTYPE x [<!ENTITY e 'eee'>]><x>&e;</x>", "a document type declaration"},
        {"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>", "a document type declaration"},
        {"<?xml version='1.0' encoding='EUC-KR'?><x/>", "unknown encoding"},
        {"<a><a><a><a><a/></a></a></a></a>", "more than 4 levels"},
        {"<x>\n <y b='' c='' d='' e=''/></x>",
         "line 2, column 2: an element with more than 3 attributes"},
        {"<x>\n<no/></x>", "line 2, column 1: no is not wanted"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct seen seen = {.stop_at = "no"};
        struct err err;
        assert_int_equal(read_text(&seen, bytes_of(known[i].text), &err), ERR_FAIL);
        assert_int_equal(err.code, EXIT_DATA);
        if (!strstr(err.text, known[i].why))
            fail_msg("\"%s\" does not say \"%s\"", err.text, known[i].why);
    }
}

static void at_the_limits(void **state)
{
    (void)state;
    static char text[1100];
    struct seen seen = {.stop_at = NULL};
    struct err err;
    memset(text, ' ', sizeof text);
    memcpy(text, "<x>", 3);
    memcpy(text + 1020, "</x>", 4);
    assert_int_equal(read_text(&seen, (struct bytes){(uint8_t *)text, 1024}, &err), 0);
    assert_int_equal(read_text(&seen, (struct bytes){(uint8_t *)text, 1025}, &err), ERR_FAIL);
    assert_string_equal(err.text, "a document of 1025 bytes; at most 1024 are allowed");
    assert_int_equal(read_text(&seen, bytes_of("<a><a><a><a b='' c='' d=''/></a></a></a>"), &err),
                     0);
}

/* After a refusal nothing is called any more, and no error need be wanted. */
static void silence_after_a_stop(void **state)
{
    (void)state;
    struct seen seen = {.stop_at = "y"};
    struct err err;
    read_text(&seen, bytes_of("<x>1<y/>2<z/></x>"), &err);
    assert_string_equal(seen.buf.p, "<1x>1");
    assert_int_equal(xml_read(bytes_of("<x"), &limits, &all, &seen, NULL), ERR_FAIL);
    static const struct xml_handler none = {NULL, NULL, NULL};
    assert_int_equal(xml_read(bytes_of("<x>1</x>"), &limits, &none, NULL, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed),
        cmocka_unit_test(refused),
        cmocka_unit_test(at_the_limits),
        cmocka_unit_test(silence_after_a_stop),
    };
    return cmocka_run_group_tests_name("xml", tests, NULL, NULL);
}
