#ifndef CMD_SHOW_H
#define CMD_SHOW_H

/* Text that came from outside, on standard output: what could steer a terminal (C0, DEL, and C1 as
 * UTF-8 writes it) is shown as '?'. NULL shows nothing. For people only; JSON escapes by itself. */
void show_text(const char *text);

#endif
