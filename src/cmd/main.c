#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cmd/cmd.h"

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
};

static const struct command commands[] = {
    {"agreement", cmd_agreement, "check an agreement, export its zones"},
    {"decode", cmd_decode, "bytes of a feed -> positions"},
    {"init", cmd_init, "make a party's home"},
    {"locate", cmd_locate, "points on standard input -> the zones that hold them"},
    {"recovery", cmd_recovery, "where to search next"},
    {"serve", cmd_serve, "the node of a home: feeds, console, interface"},
    {"status", cmd_status, "what is in force for whom at a time"},
    {"watch", cmd_watch, "positions -> sightings and alerts"},
};
#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static void print_help(FILE *to)
{
    fputs("usage: detente COMMAND [ARGUMENTS]\n\n", to);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].help);
    fputs("\ndetente COMMAND --help says what a command takes.\n", to);
}

static const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return EXIT_FINE;
    }
    if (strcmp(name, "--version") == 0) {
        puts("detente " DETENTE_VERSION);
        return EXIT_FINE;
    }
    const struct command *command = command_find(name);
    if (command)
        return command->run(argc - 1, argv + 1);
    if (*name)
        fprintf(stderr, "detente: there is no command \"%s\"\n", name);
    print_help(stderr);
    return EXIT_USAGE;
}
