#!/usr/bin/env python3
"""The manual pages are right in form and say what the program says: mandoc finds nothing to warn
of; every command in src/cmd/main.c has a page and stands in detente.1; `detente COMMAND --help`
exits 0; the page and that help name the same options; exit codes of the page are those of the
help. Exits 77 (skipped) without mandoc.

Usage: man.py ROOT DETENTE"""
import pathlib
import re
import shutil
import subprocess
import sys

COMMAND = re.compile(r'^\s*\{"([a-z]+)", cmd_[a-z]+,', re.M)
HELP_OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")
# "exit: 0 fine, 64 wrong usage, ..." stands last in a help
HELP_EXIT = re.compile(r"(?:^exit: |[,;]\s+)(\d+) ", re.M)
PAGE_OPTION = re.compile(r"^\.It Fl (-?[a-z][a-z-]*)", re.M)
PAGE_EXIT = re.compile(r"^\.It (\d+)$", re.M)


def lint(page):
    run = subprocess.run(["mandoc", "-Tlint", "-W", "warning", str(page)], capture_output=True,
                         text=True)
    return run.stdout.splitlines() + ([f"{page}: mandoc failed"] if run.returncode else [])


def help_options(text):
    return {name for name in HELP_OPTION.findall(text) if len(name) == 2 or name[1] == "-"}


def page_options(text):
    return {"-" + name for name in PAGE_OPTION.findall(text)}


def differing(what, page, said, helped):
    if said - helped:
        yield f"{page.name}: --help does not have {what} {', '.join(sorted(said - helped))}"
    if helped - said:
        yield f"{page.name}: {what} of --help missing: {', '.join(sorted(helped - said))}"


def command_faults(name, program, page):
    run = subprocess.run([program, name, "--help"], capture_output=True, text=True)
    if run.returncode or run.stderr:
        yield f"detente {name} --help: exit {run.returncode}, {run.stderr!r}"
    if not page.is_file():
        yield f"detente {name}: docs/man/{page.name} is missing"
        return
    text = page.read_text()
    yield from differing("option", page, page_options(text), help_options(run.stdout))
    exits = run.stdout[run.stdout.rfind("\nexit: ") + 1:]
    yield from differing("exit code", page, set(PAGE_EXIT.findall(text)),
                         set(HELP_EXIT.findall(exits)))


def faults(root, program):
    folder = root / "docs" / "man"
    pages = sorted(folder.glob("*.1"))
    names = COMMAND.findall((root / "src/cmd/main.c").read_text())
    overview = (folder / "detente.1").read_text()
    installed = (root / "docs/meson.build").read_text()
    for page in pages:
        yield from lint(page)
        if f"man/{page.name}'" not in installed:
            yield f"{page.name} is not installed by docs/meson.build"
    for name in names:
        if names.count(name) > 1:
            yield f"src/cmd/main.c lists {name} more than once"
        if f".It Cm {name}\n" not in overview:
            yield f"detente.1 does not list {name}"
        yield from command_faults(name, program, folder / f"detente-{name}.1")
    for page in pages:
        command = page.stem.partition("-")[2]
        if command and command not in names:
            yield f"{page.name}: there is no command {command}"
    if not names:
        yield "src/cmd/main.c: no command found"


def main():
    if not shutil.which("mandoc"):
        print("skipped: no mandoc")
        return 77
    found = list(faults(pathlib.Path(sys.argv[1]), sys.argv[2]))
    print("\n".join(found) if found else "pages and program agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
