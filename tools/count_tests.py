#!/usr/bin/env python3
"""Adds up what the test runs under BUILD left behind and prints one line:

    N passed, N failed, N skipped

Usage: count_tests.py BUILD [NAME...]   (default: every build that ran tests)
Reads build/NAME/meson-logs/testlog.junit.xml and build/*.counts (two words a line: passed or
failed or skipped, and what). Exits 1 when anything failed or nothing ran.
"""
import pathlib
import sys
import xml.etree.ElementTree as xml


def outcome(case):
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"


def outcomes_of(build, names):
    for log in sorted(build.glob("*/meson-logs/testlog.junit.xml")):
        if names and log.parent.parent.name not in names:
            continue
        for case in xml.parse(log).iter("testcase"):
            yield outcome(case), f"{log.parent.parent.name}: {case.get('classname')} {case.get('name')}"
    for counts in sorted(build.glob("*.counts")):
        for line in counts.read_text().splitlines():
            word, _, what = line.partition(" ")
            yield word, what


def main():
    build, names = pathlib.Path(sys.argv[1]), sys.argv[2:]
    count = {"passed": 0, "failed": 0, "skipped": 0}
    for word, what in outcomes_of(build, names):
        count[word] += 1
        if word != "passed":
            print(f"{word}: {what}", file=sys.stderr)
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**count))
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
