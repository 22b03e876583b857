#!/usr/bin/env python3
"""Each header compiles alone, as C17, with every warning an error.

Usage: headers.py COMPILER SOURCE_DIR"""
import pathlib
import subprocess
import sys

FLAGS = ["-std=c17", "-D_GNU_SOURCE", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic",
         "-Wshadow", "-Wconversion", "-Wstrict-prototypes", "-Wvla", "-Werror", "-x", "c", "-"]


def main():
    compiler, source = sys.argv[1], pathlib.Path(sys.argv[2])
    headers = sorted(source.rglob("*.h"))
    bad = 0
    for header in headers:
        name = header.relative_to(source)
        run = subprocess.run([compiler, f"-I{source}", *FLAGS], input=f'#include "{name}"\n',
                             capture_output=True, text=True)
        if run.returncode:
            bad += 1
            print(f"{name} does not compile alone:\n{run.stderr}")
    print(f"{len(headers)} headers, {bad} that do not compile alone")
    return 1 if bad or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
