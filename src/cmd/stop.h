#ifndef CMD_STOP_H
#define CMD_STOP_H

#include <signal.h>

/* SIGINT and SIGTERM ask a command to come to its end; so may the command itself. */
extern volatile sig_atomic_t stop_asked;

void stop_on_signals(void);

#endif
