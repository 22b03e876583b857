#!/usr/bin/env python3
"""`detente decode` against what other programs decoded of the same bytes.

AIS: every position that gpsdecode or libais found in a log must be among ours, in the same order,
equal to the last unit of the message, with its velocity, accuracy, and a name that they read too.
Their output lies beside the logs; where the programs are installed they also run here.
BaseStation and aircraft.json: against a plain reading of their columns and keys by this script.
And what decode prints must come out the same when it is decoded again.
Without the samples (DETENTE_SAMPLES) it is skipped.

usage: decode_oracle.py DETENTE"""
import csv
import datetime
import gzip
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys

POSITIONS = {1, 2, 3, 4, 9, 11, 18, 19, 21, 27}
COARSE = 27
SLACK_MPS = 0.0075     # north and east are whole cm/s: half a cm/s on both axes
KNOT_MPS = 1852 / 3600
FOOT_M = 0.3048
ESTIMATED = (62, 63)   # time stamps of fixes that are none
EPU_M = {11: 3, 10: 10, 9: 30, 8: 92.6, 7: 185.2, 6: 555.6, 5: 926, 4: 1852, 3: 3704,
         2: 6553.5, 1: 6553.5}    # RTCA DO-260B
VDM = re.compile(rb"^![A-Z]{2}VD[MO],")


def decode(detente, path, *options, text=None):
    done = subprocess.run([detente, "decode", *options, str(path)], input=text,
                          capture_output=True, timeout=120)
    if done.returncode:
        raise AssertionError(f"exit {done.returncode}: {done.stderr.decode()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


# ---- AIS ----------------------------------------------------------------------------------------

def e7(units, per_degree):
    """To the nearest; a third never lies halfway."""
    return round(units * 10_000_000 / per_degree)


def gpsd_positions(records):
    for r in records:
        if r.get("class") != "AIS" or r["type"] not in POSITIONS or "lon" not in r:
            continue
        unit = 600 if r["type"] == COARSE else 600_000
        if r.get("scaled", True) or abs(r["lon"]) > 180 * unit or abs(r["lat"]) > 90 * unit:
            continue
        yield {"mmsi": r["mmsi"], "lon": e7(r["lon"], unit), "lat": e7(r["lat"], unit), "by": 0,
               **gpsd_motion(r)}


def gpsd_motion(r):
    """Speed in m/s, course in degrees, error in metres; None where not told or not compared."""
    found = {"speed": None, "course": None, "err": None}
    if "speed" in r:
        coarse = r["type"] in (COARSE, 9)
        none = (63,) if r["type"] == COARSE else (1023,)
        cog = r["course"] / (1 if r["type"] == COARSE else 10)
        known = r["speed"] not in none and (cog < 360 or r["speed"] == 0)
        found["speed"] = r["speed"] / (1 if coarse else 10) * KNOT_MPS if known else "none"
        found["course"] = cog
    if "accuracy" in r:
        estimated = r["type"] not in (4, 11, 21) and r.get("second") in ESTIMATED
        found["err"] = 6553.5 if estimated else 185 if r["type"] == COARSE else \
            10 if r["accuracy"] else 100
    return found


def libais_positions(records):
    for r in records:
        if r.get("id") not in POSITIONS or "x" not in r or abs(r["x"]) > 180 or abs(r["y"]) > 90:
            continue
        yield {"mmsi": r["mmsi"], "lon": round(r["x"] * 1e7), "lat": round(r["y"] * 1e7), "by": 1,
               "speed": None, "course": None, "err": None}


def same_place(ours, theirs):
    lon = round(ours["lon"] * 1e7) - theirs["lon"]
    if lon == -3_600_000_000:    # 180 degrees east is 180 west
        lon = 0
    return (ours["track"] == f"ais:{theirs['mmsi']:09d}" and abs(lon) <= theirs["by"]
            and abs(round(ours["lat"] * 1e7) - theirs["lat"]) <= theirs["by"])


def same_motion(ours, theirs):
    if theirs["err"] is not None and ours["err_m"] != theirs["err"]:
        return False
    if theirs["speed"] is None:
        return True
    if theirs["speed"] == "none" or ours["speed_mps"] is None:
        return theirs["speed"] == "none" and ours["speed_mps"] is None
    if abs(ours["speed_mps"] - theirs["speed"]) > SLACK_MPS:
        return False
    if ours["course_deg"] is None:
        return ours["speed_mps"] == 0
    turn = math.radians(ours["course_deg"] - theirs["course"])
    return abs(math.remainder(turn, 2 * math.pi)) * ours["speed_mps"] <= SLACK_MPS


def compare(ours, theirs):
    """How many of theirs are ours, in order; the first that is not."""
    at = 0
    for number, expected in enumerate(theirs):
        while at < len(ours) and not same_place(ours[at], expected):
            at += 1
        if at == len(ours):
            return number, f"missing: {expected}"
        if not same_motion(ours[at], expected):
            return number, f"differs: {ours[at]} from {expected}"
        at += 1
    return len(theirs), None


def names_of(records):
    names = {}
    for r in records:
        for key in ("shipname", "name", "callsign"):
            if r.get(key):
                text = (r[key] + r.get("name_ext", "")).split("@")[0].strip()
                names.setdefault(r["mmsi"], set()).add(text)
    return {mmsi: texts for mmsi, texts in names.items() if texts - {""}}


def compare_names(ours, records):
    known, compared = names_of(records), set()
    for o in ours:
        mmsi = int(o["track"][4:])
        if o["name"] is None or mmsi not in known:
            continue
        compared.add(mmsi)
        if o["name"] not in known[mmsi]:
            return len(compared), f"{o['name']!r} of {mmsi} is none of {known[mmsi]}"
    return len(compared), None


def read_lines(path):
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt") as lines:
        return [json.loads(line) for line in lines if line.startswith("{")]


def run_gpsdecode(path):
    lines = b"".join(l for l in path.read_bytes().splitlines(True) if VDM.match(l))
    done = subprocess.run(["gpsdecode", "-j", "-u"], input=lines, capture_output=True, timeout=120)
    return [json.loads(line) for line in done.stdout.decode("utf-8", "replace").splitlines()]


LIBAIS = """
import ais, json, sys
for line in sys.stdin:
    field = line.split(",")
    try:
        print(json.dumps(ais.decode(field[5], int(field[6][0]))))
    except Exception:
        pass
"""


def python_with_libais():
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import ais"], capture_output=True).returncode == 0:
            return python
    return None


def run_libais(python, path):
    """Messages of one sentence."""
    lines = [l for l in path.read_bytes().splitlines(True)
             if VDM.match(l) and l[6:11] == b",1,1,"]
    text = b"".join(lines).decode("ascii", "replace")
    done = subprocess.run([python, "-c", LIBAIS], input=text, capture_output=True, text=True,
                          timeout=120)
    return [json.loads(line) for line in done.stdout.splitlines()]


LOGS = [("ais/opencpn/Hakefjord.log", ["oracles/Hakefjord.gpsdecode-3.22-unscaled.jsonl.gz",
                                       "oracles/Hakefjord.libais-0.17.jsonl.gz"]),
        ("ais/pyais/nmea_data_sample.txt",
         ["oracles/pyais_nmea_data_sample.gpsdecode-3.22-unscaled.jsonl.gz"]),
        ("ais/gpsd/sample.aivdm", ["ais/gpsd/sample.aivdm.ju.chk"]),
        ("ais/gpsd/ais-18-27.log", ["ais/gpsd/ais-18-27.log.chk"]),
        ("ais/libais/test.aivdm", []),
        ("ais/libais/typeexamples.nmea", [])]


def check_ais(report, samples, detente):
    live, python = shutil.which("gpsdecode"), python_with_libais()
    report.note(f"gpsdecode {'runs' if live else 'is not installed'}, "
                f"libais {'runs' if python else 'is not installed'}")
    for log, stored in LOGS:
        ours = decode(detente, samples / log)
        oracles = [(pathlib.Path(p).name, read_lines(samples / p)) for p in stored]
        if live:
            oracles.append(("gpsdecode now", run_gpsdecode(samples / log)))
        if python:
            oracles.append(("libais now", run_libais(python, samples / log)))
        for name, records in oracles:
            theirs = list(gpsd_positions(records)) + list(libais_positions(records))
            report.compared(f"{log}: positions of {name}", *compare(ours, theirs),
                            may_be_none=not stored and name == "libais now")
        named = [r for _, records in oracles for r in records if "mmsi" in r]
        report.compared(f"{log}: names", *compare_names(ours, named), may_be_none=True)


def check_tags(report, samples, detente):
    """Scaled to single precision: a millionth of 180 degrees."""
    ours = decode(detente, samples / "ais/libais/tagblock.nmea")
    theirs = [r for r in read_lines(samples / "ais/libais/tagblock.json") if "lon" in r]
    wrong = None
    if len(ours) != len(theirs):
        wrong = f"{len(ours)} positions, {len(theirs)} expected"
    for o, t in zip(ours, theirs):
        at = t["timestamp"].replace(".000000Z", "Z")
        if o["time"] != at or o["time_source"] != "tag" or abs(o["lon"] - t["lon"]) > 2e-5 or \
                abs(o["lat"] - t["lat"]) > 2e-5 or o["track"] != f"ais:{t['mmsi']:09d}":
            wrong = f"{o} is not {t}"
    report.compared("ais/libais/tagblock.nmea: positions and times", len(theirs), wrong)


# ---- aircraft -----------------------------------------------------------------------------------

def utc(seconds):
    moment = datetime.datetime.fromtimestamp(round(seconds * 1000) / 1000, datetime.timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "")


def first_difference(ours, theirs):
    if len(ours) != len(theirs):
        return f"{len(ours)} positions, {len(theirs)} expected"
    for o, t in zip(ours, theirs):
        for key, value in t.items():
            mine = o[key]
            if key == "time":
                mine = mine.rstrip("Z") + ("" if "." in mine else ".000")
                mine = (mine + "000")[:len("2021-10-02T22:45:06.600")]
            near = isinstance(value, (int, float)) and mine is not None and \
                abs(mine - value) <= {"speed_mps": SLACK_MPS, "alt_m": 0.0051}.get(key, 1e-9)
            if mine != value and not near:
                return f"{key}: {mine}, expected {value}: {t}"
    return None


def check_aircraft(report, samples, detente, path):
    document = json.loads((samples / path).read_text())
    theirs = []
    for a in document["aircraft"]:
        if "lat" not in a:
            continue
        feet = a.get("alt_geom", a.get("alt_baro"))
        ground = a.get("alt_baro") == "ground"
        track = f"icao:{a['hex'].upper()}" if a["hex"][0] != "~" else f"tisb:{a['hex'][1:].upper()}"
        theirs.append({"track": track, "lat": a["lat"], "lon": a["lon"],
                       "time": utc(document["now"] - a["seen_pos"]), "time_source": "tag",
                       "alt_m": None if ground or feet is None else feet * FOOT_M,
                       "speed_mps": a["gs"] * KNOT_MPS if "gs" in a and "track" in a else None,
                       "name": a.get("flight", "").strip() or None,
                       "err_m": EPU_M.get(a.get("nac_p")) or a.get("rc") or 92.6})
    report.compared(f"{path}: aircraft", len(theirs),
                    first_difference(decode(detente, samples / path), theirs))


def check_sbs(report, samples, detente, path):
    theirs, speed, name = [], {}, {}
    with open(samples / path, newline="") as lines:
        for f in csv.reader(lines):
            if f[0] != "MSG":
                continue
            if f[10].strip():
                name[f[4]] = f[10].strip()
            if f[12]:
                speed[f[4]] = float(f[12]) * KNOT_MPS
            if f[14] and f[15]:
                theirs.append({"track": f"icao:{f[4]}", "lat": float(f[14]), "lon": float(f[15]),
                               "time": f"{f[6].replace('/', '-')}T{f[7]}", "time_source": "suffix",
                               "alt_m": float(f[11]) * FOOT_M, "speed_mps": speed.get(f[4]),
                               "name": name.get(f[4])})
    report.compared(f"{path}: positions", len(theirs),
                    first_difference(decode(detente, samples / path), theirs))


def check_beast(report, samples, detente):
    """dump1090-mutability was given the frames more than once: so are we. Five decimals; it prints
    pressure altitude in feet."""
    frames = (samples / "adsb/xoolive/sample_dump1090.bin").read_bytes()
    ours = decode(detente, "-", "--format", "beast", text=frames + frames)
    found = {(o["track"], round(o["lat"], 5), round(o["lon"], 5), round(o["alt_m"] / FOOT_M))
             for o in ours}
    theirs = []
    with open(samples / "adsb/xoolive/sample_dump1090.oracle-dump1090-mutability.sbs",
              newline="") as lines:
        for f in csv.reader(lines):
            if f[14] and f[15]:
                theirs.append((f"icao:{f[4]}", float(f[14]), float(f[15]), int(f[11])))
    missing = [t for t in theirs if t not in found]
    report.compared("adsb/xoolive/sample_dump1090.bin: positions of dump1090-mutability",
                    len(theirs), f"missing: {missing[0]}" if missing else None)
    text = (samples / "adsb/xoolive/sample_dump1090.oracle-dump1090-mutability.avr").read_bytes()
    once = decode(detente, samples / "adsb/xoolive/sample_dump1090.bin")
    as_text = decode(detente, "-", "--format", "avr", text=text)
    for o in once + as_text:
        del o["feed"]
    report.compared("the same frames, binary and as dump1090-mutability prints them", len(once),
                    None if once == as_text else f"{once} are not {as_text}")


def check_gpsd(report, samples, detente):
    """What gpsd printed of sentences, read as gpsd's JSON, is what we read of the sentences. Scaled
    reports have seven decimals of a degree, and of message 27 four."""
    ours = decode(detente, samples / "ais/gpsd/sample.aivdm")
    for path in ("ais/gpsd/sample.aivdm.ju.chk", "ais/gpsd/sample.aivdm.js.chk"):
        theirs = decode(detente, samples / path, "--format", "gpsd")
        wrong = None if len(ours) == len(theirs) else f"{len(theirs)} positions, not {len(ours)}"
        for o, t in zip(ours, theirs):
            near = 5e-5 if o["err_m"] == 185 else 1e-7
            if o["track"] != t["track"] or abs(o["lat"] - t["lat"]) > near or \
                    abs(o["lon"] - t["lon"]) > near or \
                    any(o[k] != t[k] for k in ("speed_mps", "course_deg", "class", "flag", "err_m")):
                wrong = wrong or f"{t} is not {o}"
        report.compared(f"{path}: positions as of the sentences", len(ours), wrong)


# ---- what is printed can be read ----------------------------------------------------------------

def check_again(report, samples, detente, path):
    once = decode(detente, samples / path)
    text = "".join(json.dumps(o) + "\n" for o in once).encode()
    again = decode(detente, "-", "--format", "ndjson", text=text)
    for o in once + again:
        del o["feed"]
    wrong = None if len(once) == len(again) else f"{len(again)} of {len(once)} came back"
    for o, a in zip(once, again):
        o["time_source"] = o["time_source"] if o["time"] else "none"
        if o != a:
            wrong = wrong or f"{o} came back as {a}"
    report.compared(f"{path}: read again", len(once), wrong)


# ---- the report ---------------------------------------------------------------------------------

class Report:
    def __init__(self):
        self.number = self.failed = self.total = 0

    def note(self, text):
        print(f"# {text}")

    def compared(self, name, count, wrong, may_be_none=False):
        self.number += 1
        self.total += count
        if not wrong and not count and not may_be_none:
            wrong = "nothing was compared"
        self.failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {self.number} - {name}: {count} compared")
        if wrong:
            self.note(wrong)


def main(detente):
    root = os.environ.get("DETENTE_SAMPLES")
    if not root or not pathlib.Path(root).is_dir():
        print("1..0 # SKIP DETENTE_SAMPLES does not name the samples")
        return 0
    samples, report = pathlib.Path(root), Report()
    check_ais(report, samples, detente)
    check_tags(report, samples, detente)
    for path in ("adsb/plord12/aircraft.json", "adsb/claws/aircraft.json"):
        check_aircraft(report, samples, detente, path)
    sbs = "adsb/xoolive/sample_dump1090.oracle-dump1090-mutability.sbs"
    check_sbs(report, samples, detente, sbs)
    check_beast(report, samples, detente)
    check_gpsd(report, samples, detente)
    for path in ("ais/opencpn/Hakefjord.log", "ais/pyais/nmea_data_sample.txt",
                 "adsb/plord12/aircraft.json", sbs):
        check_again(report, samples, detente, path)
    print(f"1..{report.number}")
    print(f"# {report.total} compared, {report.failed} of {report.number} comparisons failed")
    return 1 if report.failed or not report.total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
