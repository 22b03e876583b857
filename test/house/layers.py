#!/usr/bin/env python3
"""Who includes whom: a folder under src/ may include its own headers, those of folders of lower
rank, and base everywhere. Also: includes are written "folder/file.h", each folder is ranked, and
no two headers include each other in a circle. Prints every breach; exits 1 if there is one."""
import pathlib
import re
import sys

RANK = {"base": 0, "num": 0, "geo": 1, "ledger": 1, "feed": 2, "alert": 2, "agreement": 3,
        "watch": 4, "committee": 4, "recovery": 4, "node": 5, "os": 6, "store": 7, "api": 8,
        "cmd": 9}
CORE_ONLY_SYSTEM = {"assert.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h",
                    "string.h", "limits.h", "float.h", "stdalign.h", "sodium/crypto_hash_sha256.h", "expat.h",
                    "emmintrin.h", "immintrin.h", "arm_neon.h"}
SYSTEM = re.compile(r'^\s*#\s*include\s+<([^>]+)>', re.M)
OWN = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def breaches_of(path, source):
    folder = path.parts[-2]
    if folder not in RANK:
        yield f"{path}: folder {folder} has no rank; add it to test/house/layers.py"
        return
    text = path.read_text()
    for name in OWN.findall(text):
        target = name.split("/")[0]
        if "/" not in name or target not in RANK:
            yield f'{path}: "{name}" is not written as "folder/file.h"'
        elif target not in (folder, "base") and RANK[target] >= RANK[folder]:
            yield f'{path}: {folder} (rank {RANK[folder]}) includes "{name}" (rank {RANK[target]})'
        elif not (source / name).is_file():
            yield f'{path}: "{name}" does not exist'
    if RANK[folder] < RANK["os"]:
        for name in SYSTEM.findall(text):
            if name not in CORE_ONLY_SYSTEM:
                yield f"{path}: the core does not include <{name}>"


def circles(source):
    includes = {str(h.relative_to(source)): OWN.findall(h.read_text())
                for h in source.rglob("*.h")}
    done, path = set(), []

    def visit(header):
        if header in path:
            yield " -> ".join(path[path.index(header):] + [header])
            return
        if header in done:
            return
        path.append(header)
        for other in includes.get(header, []):
            yield from visit(other)
        path.pop()
        done.add(header)

    for header in sorted(includes):
        yield from visit(header)


def main():
    source = pathlib.Path(sys.argv[1])
    files = sorted(source.rglob("*.[ch]"))
    found = [b for f in files for b in breaches_of(f, source)]
    found += [f"circle of headers: {c}" for c in circles(source)]
    for breach in found:
        print(breach)
    print(f"{len(files)} files, {len(found)} breaches")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main())
