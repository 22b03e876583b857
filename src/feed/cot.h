#ifndef FEED_COT_H
#define FEED_COT_H

#include "base/bytes.h"
#include "base/platform.h"

/* The class that an atom's type tells ("a-f-A-M-F-Q"). The affiliation, its second letter, is the
 * sender's view of friend and foe: it is no side of an agreement, and nothing is made of it. */
enum platform cot_platform(struct bytes type);

#endif
