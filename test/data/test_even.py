#!/usr/bin/env python3
"""Whether agreements/korea-2018 says to one side what it says to the other.

    python3 test/data/test_even.py SOURCE_ROOT

Exchanges the two parties in what binds (zones, rules, tasks, ladders, notices, bodies, channels)
and expects the same set back; asserted lines must all be told in the same keys. Output is TAP.
"""
import json
import sys

OTHER = {"N": "S", "S": "N"}
STEMS = ("DMZ", "LAND5", "NFZ.FW", "NFZ.RW", "NFZ.UAV", "NFZ.BAL", "CROSSING")


def exchanged_text(text):
    stem, _, hand = text.rpartition(".")
    if text in OTHER:
        return OTHER[text]
    return stem + "." + OTHER[hand] if hand in OTHER and stem in STEMS else text


def exchanged(value):
    """The value with the parties exchanged, without names and texts for readers, lists in order."""
    if isinstance(value, dict):
        return {exchanged_text(k): exchanged(v) for k, v in value.items()
                if k not in ("name", "text", "title", "call")}
    if isinstance(value, list):
        return sorted((exchanged(v) for v in value), key=repr)
    return exchanged_text(value) if isinstance(value, str) else value


def told(value):
    return exchanged(exchanged(value))


def check_even(agreement, key):
    here = {json.dumps(told(v), sort_keys=True) for v in agreement[key]}
    there = {json.dumps(exchanged(v), sort_keys=True) for v in agreement[key]}
    return sorted(here ^ there)


def asserted(agreement):
    return [line for line in agreement["lines"] if "asserted_by" in line]


def check_asserted(agreement):
    keys = {frozenset(line) - {"note", "tag"} for line in asserted(agreement)}
    return [sorted(k) for k in keys] if len(keys) != 1 else []


def check_hands(agreement):
    """No asserted line has sides, and each is asserted by one party and disputed by the other."""
    wrong = []
    for line in asserted(agreement):
        parties = [set(line[key]) & set(OTHER) for key in ("asserted_by", "disputed_by")]
        if "left" in line or "right" in line or sorted(map(len, parties)) != [1, 1] \
                or parties[0] == parties[1]:
            wrong.append(line["id"])
    return wrong


def main(root):
    with open(root + "/agreements/korea-2018/agreement.json", encoding="utf-8") as file:
        agreement = json.load(file)
    checks = [(key, check_even(agreement, key)) for key in
              ("zones", "rules", "exemptions", "notices", "ladders", "tasks", "verifications",
               "channels", "bodies")]
    checks += [("asserted lines told alike", check_asserted(agreement)),
               ("asserted lines take no side", check_hands(agreement))]
    print("1..%d" % len(checks))
    for number, (name, wrong) in enumerate(checks, 1):
        print("%s %d - %s%s" % ("not ok" if wrong else "ok", number, name,
                                "".join("\n# " + str(text) for text in wrong)))
    return any(wrong for _, wrong in checks)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
