#ifndef CMD_CMD_H
#define CMD_CMD_H

/*
 * The subcommands of `detente`, one file each: cmd_NAME in NAME.c, one row in the table of main.c.
 * argv[0] is the subcommand's name. Returns the exit code of the command line contract
 * (base/err.h); data go to stdout, everything else to stderr.
 */
int cmd_agreement(int argc, char **argv);
int cmd_decode(int argc, char **argv);
int cmd_init(int argc, char **argv);
int cmd_locate(int argc, char **argv);
int cmd_recovery(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_watch(int argc, char **argv);

#endif
