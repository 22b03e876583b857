#!/usr/bin/env python3
"""detente agreement and detente status from the outside: exit codes, the one line of an error, the
keys of --json, the files written. Arguments: the program, the directory of agreements."""

import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

DETENTE, AGREEMENTS = sys.argv[1], sys.argv[2]
KEYS = ["zone", "side", "classes", "status", "area_km2", "vertices", "boundary_error_m"]
STATUS_KEYS = ["provision", "party", "state", "since", "cause", "source"]
SMALLEST = """{ "format": "detente-agreement/1", "id": "tiny",
  "title": {"en": "Tiny", "ko": "작은 합의"}, "tz": "UTC",
  "parties": [{"id": "N", "name": {"en": "North"}}, {"id": "S", "name": {"en": "South"}}],
  "lines": [{"id": "L", "left": "N", "right": "S", "edges": "geodesic",
    "versions": [{"id": "v1", "coordinates": [[11.5, 57.65], [11.68, 57.9], [11.8, 58.12]]}]}],
  "zones": [{"id": "Z", "geometry": {"buffer": {"line": "L", "km": 5, "side": "both", "cap": "round"}}}],
  "provisions": [{"id": "1", "title": {"en": "Ships keep 5 km away"}}],
  "rules": [{"id": "R", "provision": "1", "zone": "Z", "verb": "prohibit", "activity": "presence",
    "classes": ["ship"]}] }
"""
ERROR_MAX_M = 0.01  # promised of every zone; what a zone states, it keeps
BUFFER = '{"buffer": {"line": "L", "km": 5, "side": "both", "cap": "round"}}'

# what stands there, what is put in its place, what the error must name
REFUSED = [
    ('"line": "L"', '"line": "M"', 'zones[0].geometry.buffer.line: no line "M"'),
    ('["ship"]', '["boat"]', "rules[0].classes[0]: "),
    ('"km": 5', '"km": 20000', "zones[0].geometry.buffer.km: "),
    ('"km": 5', '"km": 5, "m": 1', "zones[0].geometry.buffer.m: "),
    ('"km": 5', '"miles": 5', "zones[0].geometry.buffer.miles: unknown key"),
    ("57.65", "95", "lines[0].versions[0].coordinates[0][1]: 95"),
    ("57.65", "NaN", "agreement.json: "),
    ("agreement/1", "agreement/9", "format: unknown format"),
    (BUFFER, '{"zone": "Z"}', "zones[0].geometry: "),
    (BUFFER, '{"polygon": {"coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}}',
     "zones[0].geometry"),
]

failures = 0


def check(right, *what):
    global failures
    if not right:
        failures += 1
        print("not ok:", *what)


def run(*arguments):
    done = subprocess.run([DETENTE, *arguments], capture_output=True, timeout=300, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def write(directory, text):
    with open(os.path.join(directory, "agreement.json"), "w", encoding="utf-8") as f:
        f.write(text)


def check_lines(directory):
    code, out, err = run("agreement", "check", directory, "--json")
    check(code == 0, directory, code, err)
    lines = [json.loads(line) for line in out.splitlines()]
    check(bool(lines) and list(lines[-1]) == ["digest"] and len(lines[-1]["digest"]) == 64, lines[-1:])
    for line in lines[:-1]:
        check(list(line) == KEYS, line)
        check((line["area_km2"] is None) == (line["vertices"] == 0), line)
        check(line["boundary_error_m"] is None or 0 <= line["boundary_error_m"] <= ERROR_MAX_M, line)
    check(run("agreement", "check", directory, "--json") == (code, out, err), "another answer")
    return lines[:-1]


def check_files(directory, scratch, zones):
    path = os.path.join(scratch, "zones")
    for form in ("geojson", "kml"):
        code, _, err = run("agreement", "zones", directory, "--format", form, "-o", path)
        check(code == 0, form, err)
        if code:
            return
        check(run("agreement", "zones", directory, "--format", form)[1].encode() == open(path, "rb").read(),
              form, "differs on standard output")
        if form == "kml":
            found = xml.etree.ElementTree.parse(path).getroot().iter(
                "{http://www.opengis.net/kml/2.2}Placemark")
            check([p.get("id") for p in found] == [z["zone"] for z in zones], form)
        else:
            features = json.load(open(path, encoding="utf-8"))["features"]
            check([f["properties"]["zone"] for f in features] == [z["zone"] for z in zones], form)
    os.remove(path)


def check_refused(directory, scratch):
    out = os.path.join(scratch, "nothing")
    for before, after, named in REFUSED:
        check(before in SMALLEST, before)
        write(directory, SMALLEST.replace(before, after, 1))
        code, text, err = run("agreement", "check", directory)
        check(code == 65 and not text and err.count("\n") == 1 and named in err, after, code, err)
        code = run("agreement", "zones", directory, "--format", "kml", "-o", out)[0]
        check(code == 65 and os.listdir(scratch) == ["a"], "something was written", os.listdir(scratch))


def check_line_without_course(directory):
    """A course that is known to exist but not published is carried, and nothing is compiled from it."""
    write(directory, SMALLEST.replace('"lines": [', '"lines": [{"id": "U", "versions": [{"id": "x"}]}, '))
    check(len(check_lines(directory)) == 1, "one zone")


def check_codes(directory, scratch):
    write(directory, SMALLEST)
    os.truncate(os.path.join(directory, "agreement.json"), 100 * 1000 * 1000)
    code, _, err = run("agreement", "check", directory)
    check(code == 65 and err.count("\n") == 1, code, err)
    check(run("agreement", "check", os.path.join(scratch, "none"))[0] == 66)
    check(run("agreement", "check")[0] == 64)
    check(run("agreement", "zones", directory, "--format", "dxf")[0] == 64)
    write(directory, SMALLEST)
    check(run("agreement", "zones", directory, "--format", "kml", "-o", "/nowhere/x")[0] == 74)
    check(run("status", "--agreement", directory, "--on", "soon")[0] == 64)
    check(run("status", "--agreement", scratch + "/none", "--on", "2020-01-01")[0] == 66)


def status(directory, time):
    code, out, err = run("status", "--agreement", directory, "--on", time, "--json")
    check(code == 0, err)
    rows = [json.loads(line) for line in out.splitlines()]
    check(all(list(row) == STATUS_KEYS for row in rows), rows[:1])
    return {(row["provision"], row["party"]): row for row in rows}


def check_status(tiny):
    check(status(tiny, "2020-01-01")[("1", "N")]["state"] == "in_force", "no acts: in force")
    korea = os.path.join(AGREEMENTS, "korea-2018")
    before = status(korea, "2023-11-22T14:59+09:00")[("1.3", "S")]
    after = status(korea, "2023-11-22T15:00+09:00")[("1.3", "S")]
    check(before["state"] == "in_force", before)
    check(after["state"] == "declared_suspended", after)
    check(after["since"] == "2023-11-22T06:00:00Z" and after["cause"], after)


def main():
    with tempfile.TemporaryDirectory() as scratch:
        tiny = os.path.join(scratch, "a")
        os.mkdir(tiny)
        write(tiny, SMALLEST)
        check_files(tiny, scratch, check_lines(tiny))
        check_status(tiny)
        check_refused(tiny, scratch)
        check_line_without_course(tiny)
        check_codes(tiny, scratch)
        for name in sorted(os.listdir(AGREEMENTS)):
            directory = os.path.join(AGREEMENTS, name)
            if os.path.exists(os.path.join(directory, "agreement.json")):
                check_files(directory, scratch, check_lines(directory))
    print("failures:", failures)
    return 1 if failures else 0


sys.exit(main())
