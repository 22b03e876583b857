#!/usr/bin/env python3
"""Even-handedness: names and order of the parties are labels. An agreement and its feed, with the
party ids swapped, with the parties listed the other way round, or with the flags swapped, must give
the same sightings and alerts, swapped. Ids of sightings and alerts are left aside, and so is the
order of what is equal in time.

usage: symmetry.py DETENTE AGREEMENTS"""
import csv
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

CASES = [("tutorial", "day.csv"), ("korea-2018", "simulated-day/day.csv")]
IDS = ("id", "replaces", "cause", "last_cause")


def swap(value, names):
    """The two names exchanged wherever they stand alone, as a value or as a key."""
    if isinstance(value, dict):
        return {names.get(k, k): swap(v, names) for k, v in value.items()}
    if isinstance(value, list):
        return [swap(v, names) for v in value]
    return names.get(value, value) if isinstance(value, str) else value


def swap_ids(agreement, feed):
    a, b = (party["id"] for party in agreement["parties"])
    return swap(agreement, {a: b, b: a}), feed, {a: b, b: a}


def swap_order(agreement, feed):
    return dict(agreement, parties=agreement["parties"][::-1]), feed, {}


def swap_flags(agreement, feed):
    """Every craft changes sides; so do the flags of the parties, and each is whose it was."""
    one, two = agreement["parties"]
    parties = [dict(one, flags=two["flags"]), dict(two, flags=one["flags"])]
    flags = {one["flags"][0]: two["flags"][0], two["flags"][0]: one["flags"][0]}
    lines = feed.splitlines(True)
    comments = "".join(line for line in lines if line.startswith("#"))
    rows = list(csv.reader(line for line in lines if not line.startswith("#")))
    column = rows[0].index("flag")
    for row in rows[1:]:
        row[column] = flags.get(row[column], row[column])
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return dict(agreement, parties=parties), comments + out.getvalue(), {}


def label(text):
    """The parties of a label stand in the order of the agreement; here in the order of names."""
    head, mark, names = text.partition(" for " if " for " in text else ": ")
    return head + mark + ", ".join(sorted(names.split(", ")))


def normal(said, names):
    said = {k: v for k, v in swap(said, names).items() if k not in IDS}
    if "label" in said:
        said["label"] = {k: label(v) for k, v in said["label"].items()}
    return json.dumps(said, sort_keys=True, ensure_ascii=False)


def watch(detente, source, agreement, feed, names):
    with tempfile.TemporaryDirectory() as home:
        copy = pathlib.Path(home) / "agreement"
        copy.mkdir()
        for file in source.glob("*.geojson"):
            shutil.copy(file, copy)
        (copy / "agreement.json").write_text(json.dumps(agreement, ensure_ascii=False))
        (pathlib.Path(home) / "day.csv").write_text(feed)
        run = subprocess.run([detente, "watch", "--agreement", str(copy), f"{home}/day.csv"],
                             capture_output=True, text=True, timeout=300)
    if run.returncode:
        raise SystemExit(f"{source.name}: exit {run.returncode}: {run.stderr}")
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    if not lines:
        raise SystemExit(f"{source.name}: nothing was said")
    return sorted(normal(line, names) for line in lines)


def main():
    detente, root = sys.argv[1], pathlib.Path(sys.argv[2])
    tests = [(name, feed, way) for name, feed in CASES
             for way in (swap_ids, swap_order, swap_flags)]
    print(f"1..{len(tests)}")
    said = {}
    for number, (name, feed, way) in enumerate(tests, 1):
        source = root / name
        agreement = json.loads((source / "agreement.json").read_text())
        text = (source / feed).read_text()
        if name not in said:
            said[name] = watch(detente, source, agreement, text, {})
        other = watch(detente, source, *way(agreement, text))
        same = other == said[name]
        print(f'{"ok" if same else "not ok"} {number} - {name}: {way.__name__}, {len(other)} lines')
        for line in sorted(set(other) ^ set(said[name]))[:6]:
            print("# only", "swapped" if line in set(other) else "as it is", line)


if __name__ == "__main__":
    main()
