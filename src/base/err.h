#ifndef BASE_ERR_H
#define BASE_ERR_H

/*
 * One error: a sysexits code and one line for a human.
 *
 * A function that can fail returns 0 or ERR_FAIL and takes a struct err * as its last
 * parameter. The first place that knows the reason writes it; callers only add where
 * (err_prefix). The line names the place and the reason and says what to do, and carries
 * no trailing newline. Text that came from outside is cut to what fits and its control
 * bytes are shown as '?'.
 */

#define ERR_FAIL     (-1)
#define ERR_TEXT_MAX 400

/* Exit codes of the command line contract (sysexits.h has the same numbers). */
enum exit_code {
    EXIT_FINE = 0,
    EXIT_WRONG = 1,        /* checked and found wrong */
    EXIT_USAGE = 64,       /* the command line is wrong */
    EXIT_DATA = 65,        /* the input is wrong */
    EXIT_NO_INPUT = 66,    /* the input is not there */
    EXIT_UNAVAILABLE = 69, /* something needed does not answer */
    EXIT_IO = 74,          /* reading or writing failed */
    EXIT_NOT_PERMITTED = 77,
    EXIT_CONFIG = 78
};

struct err {
    enum exit_code code; /* EXIT_FINE while nothing went wrong */
    char text[ERR_TEXT_MAX];
};

/* Sets code and text; returns ERR_FAIL so that callers can `return err_set(...)`. A null err is
 * allowed and keeps nothing. */
int err_set(struct err *err, enum exit_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "PREFIX: " before the text that stands; cuts the tail if both do not fit. */
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

void err_clear(struct err *err);

#endif
