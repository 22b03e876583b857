#!/usr/bin/env python3
"""A file as a C function that gives its bytes.

Usage: embed.py INPUT OUTPUT.c FUNCTION HEADER"""
import sys


def main():
    source, output, function, header = sys.argv[1:]
    data = open(source, "rb").read()
    rows = [", ".join(str(b) for b in data[i:i + 20]) for i in range(0, len(data), 20)]
    with open(output, "w", encoding="ascii") as out:
        out.write(f'#include "{header}"\n\nstatic const uint8_t data[] = {{\n    '
                  + ",\n    ".join(rows)
                  + f"}};\n\nstruct bytes {function}(void)\n{{\n"
                  "    return (struct bytes){data, sizeof data};\n}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
