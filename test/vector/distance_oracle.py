#!/usr/bin/env python3
"""Zones of 5, 10 and 20 km about a line, against distances that another program computed.

The oracle is oracles/Hakefjord.distance-to-line.csv.gz under DETENTE_SAMPLES: positions of a real AIS
log in 1/600,000 degree, with their distance to the line of its first line by GeographicLib, to a
millimetre. `locate` and `watch` must agree with it about every position that is farther than 5 cm
from a limit: 1 cm is what the compiled border may be off, and 1e-7 degree is 1.1 cm.
Without the samples it is skipped.

usage: distance_oracle.py DETENTE"""
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

WIDTHS_KM = (5, 10, 20)
UNDECIDED_M = 0.05
LINE_M = 0.02       # rounding to 1e-7 degree on both axes, and the oracle's millimetre
UNITS = 600_000     # a degree


def read_oracle(path):
    with gzip.open(path, "rt") as lines:
        head = next(lines)
        line = json.loads(head[head.index(":") + 1:])
        rows = [tuple(row.split(",")) for row in lines if not row.startswith("#")]
    return line, [(int(lon) / UNITS, int(lat) / UNITS, float(m)) for lon, lat, m in rows]


def agreement(line):
    zones = [{"id": f"Z{km}", "geometry": {"buffer": {"line": "L", "km": km, "cap": "round"}}}
             for km in WIDTHS_KM]
    return {"format": "detente-agreement/1", "id": "oracle", "title": "Oracle", "simulated": True,
            "parties": [{"id": "N"}, {"id": "S"}],
            "lines": [{"id": "L", "left": "N", "right": "S", "edges": "geodesic",
                       "versions": [{"id": "v", "coordinates": line}]}],
            "zones": zones, "provisions": [{"id": "1", "title": "Keep away"}], "rules": []}


def run(arguments, text):
    done = subprocess.run(arguments, input=text, capture_output=True, text=True, timeout=600)
    if done.returncode:
        sys.exit(f"exit {done.returncode}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def wrong_inside(rows, inside):
    """Positions whose side of a limit is not the oracle's; how many were compared."""
    wrong, compared = [], 0
    for number, (lon, lat, metres) in enumerate(rows):
        for km in WIDTHS_KM:
            if abs(metres - 1000 * km) <= UNDECIDED_M:
                continue
            compared += 1
            if ((number, f"Z{km}") in inside) != (metres < 1000 * km):
                wrong.append((number, lon, lat, metres, km))
    return wrong, compared


def check_locate(detente, home, rows):
    text = "".join(f",{lon:.7f},{lat:.7f},,,\n" for lon, lat, _ in rows)
    said = run([detente, "locate", "--agreement", home], text)
    inside, far = set(), []
    for number, (answer, (_, _, metres)) in enumerate(zip(said, rows, strict=True)):
        for zone in answer["zones"]:
            if zone["inside"]:
                inside.add((number, zone["zone"]))
            outside_m = metres - 1000 * int(zone["zone"][1:])
            # outside of a zone with round caps its border is as far as the line, less the width
            if outside_m > UNDECIDED_M and abs(zone["dist_m"] - outside_m) > UNDECIDED_M:
                far.append((number, zone, metres))
    return wrong_inside(rows, inside) + (far,)


def check_watch(detente, home, rows):
    text = "time,track,lat,lon,class\n" + "".join(
        f"2030-01-01T00:00:00Z,o:{number},{lat:.7f},{lon:.7f},tug\n"
        for number, (lon, lat, _) in enumerate(rows))
    said = run([detente, "watch", "--agreement", home, "--format", "csv", "-"], text)
    inside, far = set(), []
    for sighting in said:
        number = int(sighting["track"].split(":")[1])
        if sighting["kind"] == "inside-at-start":
            inside.add((number, sighting["zone"]))
        if abs(sighting["line_m"] - rows[number][2]) > LINE_M:
            far.append((number, sighting["line_m"], rows[number][2]))
    return wrong_inside(rows, inside) + (far,)


INSIDE = ("enter", "inside-at-start", "lost-inside")


def check_log(detente, home, rows):
    """The log itself: the deciding fix of each sighting is on the side that the oracle says."""
    metres_at = {(round(lon * UNITS), round(lat * UNITS)): metres for lon, lat, metres in rows}
    log = str(pathlib.Path(os.environ["DETENTE_SAMPLES"], "ais", "opencpn", "Hakefjord.log"))
    said = run([detente, "watch", "--agreement", home, "--format", "nmea", log], "")
    wrong, far, compared = [], [], 0
    for sighting in said:
        fix = sighting["fix"]
        metres = metres_at[(round(fix["lon"] * UNITS), round(fix["lat"] * UNITS))]
        limit = 1000 * int(sighting["zone"][1:])
        compared += 1
        if abs(metres - limit) > UNDECIDED_M and \
                (sighting["kind"] in INSIDE) != (metres < limit):
            wrong.append(sighting)
        if abs(sighting["line_m"] - metres) > LINE_M:
            far.append(sighting)
    return wrong, compared, far


# What to check, and how many verdicts that makes at the least for each position.
CHECKS = ((check_locate, 1), (check_watch, 1), (check_log, 0.01))


def main():
    samples = os.environ.get("DETENTE_SAMPLES", "")
    path = pathlib.Path(samples, "oracles", "Hakefjord.distance-to-line.csv.gz")
    if not samples or not path.exists():
        print("1..0 # SKIP DETENTE_SAMPLES does not name the samples")
        return 0
    line, rows = read_oracle(path)
    failed = False
    print(f"1..{len(CHECKS)}")
    with tempfile.TemporaryDirectory() as home:
        pathlib.Path(home, "agreement.json").write_text(json.dumps(agreement(line)))
        for number, (check, least) in enumerate(CHECKS, 1):
            wrong, compared, far = check(sys.argv[1], home, rows)
            bad = bool(wrong or far or compared < least * len(rows))
            failed = failed or bad
            print(f'{"not ok" if bad else "ok"} {number} - {check.__name__}: {len(rows)} positions, '
                  f"{compared} verdicts, {len(wrong)} wrong, {len(far)} distances off")
            for one in (wrong + far)[:10]:
                print("#", one)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
