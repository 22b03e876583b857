#ifndef FEED_GUESS_H
#define FEED_GUESS_H

#include "feed/feed.h"

/* What a feed's first line looks like. `more`: it may tell once more of it has come. */
struct guess {
    enum feed_format format; /* FEED_AUTO: it does not tell */
    bool more;
};
struct guess guess_line(struct bytes head);

/* Nothing but white space, or a comment. */
bool line_is_empty(struct bytes line);

/* Without a byte order mark before it and white space around it. */
struct bytes line_trim(struct bytes line);

#endif
