#include "base/err.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

/* C0, DEL, and C1 as UTF-8 writes it (C2 80 .. C2 9F): all that could steer a terminal. */
static size_t control_length(const char *p)
{
    unsigned char first = (unsigned char)p[0], second = (unsigned char)p[1];
    if (first < 0x20 || first == 0x7f)
        return 1;
    return first == 0xc2 && second >= 0x80 && second <= 0x9f ? 2 : 0;
}

static void hide_controls(char *text)
{
    while (*text) {
        size_t n = control_length(text);
        memset(text, '?', n);
        text += n ? n : 1;
    }
}

/* A character cut in half at the end of a full text goes whole. */
static void trim_cut_character(char *text)
{
    size_t n = strlen(text), back = 1;
    while (back < 4 && back < n && ((unsigned char)text[n - back] & 0xc0) == 0x80)
        back++;
    if (n < back || (unsigned char)text[n - back] < 0xc0)
        return;
    const unsigned char *p = (const unsigned char *)text + n - back;
    if (!utf8_length(p, p + back))
        text[n - back] = '\0';
}

static void format_text(char text[ERR_TEXT_MAX], const char *format, va_list args)
{
    int n = vsnprintf(text, ERR_TEXT_MAX, format, args);
    if (n < 0)
        text[0] = '\0';
    if (n >= ERR_TEXT_MAX)
        trim_cut_character(text);
}

int err_set(struct err *err, enum exit_code code, const char *format, ...)
{
    if (!err)
        return ERR_FAIL;
    char text[ERR_TEXT_MAX]; /* the arguments may point into err->text */
    va_list args;
    va_start(args, format);
    format_text(text, format, args);
    va_end(args);
    hide_controls(text);
    err->code = code;
    memcpy(err->text, text, sizeof text);
    return ERR_FAIL;
}

int err_prefix(struct err *err, const char *format, ...)
{
    if (!err)
        return ERR_FAIL;
    char prefix[ERR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    format_text(prefix, format, args);
    va_end(args);
    return err_set(err, err->code, "%s: %s", prefix, err->text);
}

void err_clear(struct err *err)
{
    if (!err)
        return;
    err->code = EXIT_FINE;
    err->text[0] = '\0';
}
