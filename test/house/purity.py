#!/usr/bin/env python3
"""The core asks nothing of the outside: the objects below src/os may leave undefined only what
they define for each other and a short list, and they hold no writable data.

Usage: purity.py LIBRARY.a...   (the static libraries of the core)
Prints every breach; exits 1 if there is one."""
import re
import subprocess
import sys

# Functions of memory and text without state, one formatter, the failing assert, SHA-256; and expat
# (XML_...), which is a function of the text and the handlers while base/xml.c holds it: it is seeded
# from the text, opens nothing, and is made and freed within one call.
ALLOWED = re.compile(r"""^(
    mem(cpy|move|set|cmp|chr)(_chk)? | __mem(cpy|move|set)_chk
    | str(len|nlen|cmp|ncmp|chr|rchr) | vsnprintf | __vsnprintf_chk | snprintf | __snprintf_chk
    | __assert_fail | __stack_chk_fail | crypto_hash_sha256(_init|_update|_final)?
    | XML_(ParserCreate|ParserFree|Parse|StopParser|ErrorString|GetErrorCode|GetCurrent(Line|Column)Number
    | SetHashSalt|SetUserData|SetElementHandler|SetCharacterDataHandler|SetStartDoctypeDeclHandler)
    | _GLOBAL_OFFSET_TABLE_ | __(u|)(div|mod)ti3 | __popcountdi2 | __cpu_model | __cpu_indicator_init
    )$""", re.X)


def symbols(library):
    """Of each symbol: member, "U" when undefined, the section it is in, its name."""
    text = subprocess.run(["nm", "--format=sysv", library], check=True, capture_output=True,
                          text=True).stdout
    member = "?"
    for line in text.splitlines():
        head = re.match(r"^(?:Symbols|Undefined symbols) from (?:.*\[)?(.*?)\]?:$", line)
        if head:
            member = head.group(1).split("/")[-1]
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 7 and cells[2] != "Class":
            yield member, cells[2], cells[6], cells[0]


def main():
    every = [(lib, *s) for lib in sys.argv[1:] for s in symbols(lib)]
    defined = {name for _, _, kind, _, name in every if kind not in "Uw"}
    found = []
    for library, member, kind, section, name in every:
        place = f"{library.split('/')[-1]}({member})"
        if kind == "U" and name not in defined and not ALLOWED.match(name):
            found.append(f"{place} asks for {name}")
        # .data.rel.ro is constant once the program is loaded: tables that hold pointers
        if re.match(r"^(\.data(?!\.rel\.ro)|\.bss|\*COM\*|\.tdata|\.tbss)", section):
            found.append(f"{place} holds writable data: {name}")
    for breach in sorted(set(found)):
        print(breach)
    print(f"{len(sys.argv) - 1} libraries, {len(every)} symbols, {len(found)} breaches")
    return 1 if found or not every else 0


if __name__ == "__main__":
    sys.exit(main())
