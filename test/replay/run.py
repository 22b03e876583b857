#!/usr/bin/env python3
"""Replays test/replay/CASE/feed.csv through `detente watch` and compares what it says with
CASE/expected.chk, which is derived by hand: boxes in longitude and latitude, crossed by straight
hops, give instants and places in closed form. Lines that begin with # say why.

usage: run.py [--accept] DETENTE DIR [CASE...]     --accept writes what was said as expected
"""
import difflib
import json
import pathlib
import subprocess
import sys


def sighting_line(said):
    time = said["fix"]["time"] if said["kind"] == "near" else said["time"]
    if said["type"] == "mark":
        return (f'{said["time"] or "-"} mark {said["kind"]} {said["track"]} leg {said["leg"]} '
                f'at {said["lat"]:.7f} {said["lon"]:.7f}')
    amended = "amended " if said["type"] == "amended" else ""
    line = (f'{amended}{time or "-"} {said["kind"]} {said["zone"]} {said["track"]} leg {said["leg"]} '
            f'{said["certainty"]}')
    if said["kind"] == "near":
        return line
    line += f' at {said["lat"]:.7f} {said["lon"]:.7f}'
    return line + (f' until {said["time_hi"]}' if said["kind"] == "cross" else "")


def alert_line(said):
    predicted = "predicted " if said["predicted"] else ""
    return (f'{said["changed"] or "-"} alert {said["rule"]} {said["track"]} {said["state"]} '
            f'severity {said["severity"]} {predicted}{said["certainty"]}')


def say(detente, case):
    run = subprocess.run([detente, "watch", "--agreement", str(case), str(case / "feed.csv")],
                         capture_output=True, text=True, timeout=60)
    if run.returncode:
        return [f"exit {run.returncode}: {run.stderr.strip()}"]
    said = [json.loads(line) for line in run.stdout.splitlines()]
    return [alert_line(s) if s["type"] == "alert" else sighting_line(s) for s in said]


def check(detente, case, accept):
    chk = case / "expected.chk"
    lines = chk.read_text().splitlines() if chk.exists() else []
    why = [line for line in lines if line.startswith("#")]
    expected = [line for line in lines if line and not line.startswith("#")]
    said = say(detente, case)
    if accept:
        chk.write_text("".join(line + "\n" for line in why + said))
        return []
    return list(difflib.unified_diff(expected, said, "expected", "said", lineterm=""))


def main():
    arguments = [a for a in sys.argv[1:] if a != "--accept"]
    accept = "--accept" in sys.argv
    if len(arguments) < 2:
        sys.exit(__doc__)
    detente, root = arguments[0], pathlib.Path(arguments[1])
    cases = sorted(p.parent for p in root.glob("*/agreement.json"))
    cases = [c for c in cases if not arguments[2:] or c.name in arguments[2:]]
    print(f"1..{len(cases)}")
    for number, case in enumerate(cases, 1):
        difference = check(detente, case, accept)
        print(f'{"not ok" if difference else "ok"} {number} - {case.name}')
        for line in difference:
            print("#", line)


if __name__ == "__main__":
    main()
