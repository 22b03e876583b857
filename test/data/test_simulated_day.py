#!/usr/bin/env python3
"""Whether the SIMULATED day treats both sides alike.

    python3 test/data/test_simulated_day.py agreements/korea-2018 [DETENTE]

Counts what the tracks of each side do, in two ways that share nothing with the generator:
  - geometry of its own: earth-centred coordinates and the local tangent plane at each point
    (over 50 km its lengths are true to 1 m; the drawn margins are 30 m and more for persons, who
    stay within a kilometre, and 500 m and more for all others);
  - the sightings of `detente watch`, when the program is given.
Output is TAP.
"""
import csv
import json
import math
import os
import subprocess
import sys
from collections import Counter, defaultdict

A_M, F = 6378137.0, 1 / 298.257223563
E2 = F * (2 - F)
OTHER = {"N": "S", "S": "N"}
WIDTH_KM = {  # agreement.json: west and east of marker 0646
    "fixed": (20, 40), "rotary": (10, 10), "uav": (10, 15), "balloon": (25, 25)}
FAMILY = {"combat_aircraft": "fixed", "airliner": "fixed", "light_aircraft": "fixed",
          "helicopter": "rotary", "uav_fixed": "uav", "free_balloon": "balloon"}
MARKER_0646_KM = 115.99
SEAS = {"SEA.W": (124.0, 126.6, 37.26, 38.49), "SEA.E": (128.0, 129.5083, 38.207, 38.955)}
STEP_KM = 0.5


def earth(lon, lat):
    lam, phi = math.radians(lon), math.radians(lat)
    n = A_M / math.sqrt(1 - E2 * math.sin(phi) ** 2)
    return (n * math.cos(phi) * math.cos(lam), n * math.cos(phi) * math.sin(lam),
            n * (1 - E2) * math.sin(phi))


class Line:
    def __init__(self, coordinates):
        self.vertices = [earth(*c) for c in coordinates]
        self.along = [0.0]
        for a, b in zip(self.vertices, self.vertices[1:]):
            self.along.append(self.along[-1] + math.dist(a, b) / 1000)

    def relation(self, lon, lat):
        """Side, distance and chainage of the nearest point, kilometres."""
        x0, y0, z0 = earth(lon, lat)
        lam, phi = math.radians(lon), math.radians(lat)
        sl, cl, sp, cp = math.sin(lam), math.cos(lam), math.sin(phi), math.cos(phi)
        flat = [(-sl * (x - x0) + cl * (y - y0),
                 -sp * cl * (x - x0) - sp * sl * (y - y0) + cp * (z - z0))
                for x, y, z in self.vertices]
        best, place, north = math.inf, 0.0, 0.0
        crossings = 0
        for i, ((ax, ay), (bx, by)) in enumerate(zip(flat, flat[1:])):
            ex, ey = bx - ax, by - ay
            t = min(1.0, max(0.0, -(ax * ex + ay * ey) / (ex * ex + ey * ey)))
            d = math.hypot(ax + t * ex, ay + t * ey)
            if d < best:
                best, place = d, self.along[i] + t * math.hypot(ex, ey) / 1000
            # from the north, the ray to the south-east, square to the chord, meets the line once
            a, b = self._square(ax, ay), self._square(bx, by)
            if (a[0] <= 0) != (b[0] <= 0) and a[1] + (b[1] - a[1]) * -a[0] / (b[0] - a[0]) < 0:
                crossings += 1
        return ("N" if crossings % 2 else "S"), best / 1000, place

    @staticmethod
    def _square(x, y):
        c, s = math.cos(math.radians(30)), math.sin(math.radians(30))
        return x * c + y * s, y * c - x * s


def zones_of(line, cls, lon, lat):
    """The zones that hold a point and concern the class, in words of whose side they lie on."""
    held = {name for name, (w, e, s, n) in SEAS.items()
            if cls in SHIPS and w <= lon <= e and s <= lat <= n}
    if cls in SHIPS:
        return held
    side, km, place = line.relation(lon, lat)
    east = place > MARKER_0646_KM
    if km < 2:
        held.add(side + " DMZ")
    if km < 5:
        held.add(side + " LAND5")
    for family, widths in WIDTH_KM.items():
        if FAMILY.get(cls, family) == family and cls not in LAND and km < widths[east]:
            held.add(side + " " + family)
    return held


SHIPS = {"cargo_ship", "tanker", "patrol", "fishing"}
LAND = {"vehicle", "person"}


def densified(fixes):
    yield fixes[0]
    for (lon_a, lat_a), (lon_b, lat_b) in zip(fixes, fixes[1:]):
        km = 111 * math.hypot(lat_b - lat_a, (lon_b - lon_a) * math.cos(math.radians(lat_a)))
        parts = max(1, math.ceil(km / STEP_KM))
        for k in range(1, parts + 1):
            yield lon_a + (lon_b - lon_a) * k / parts, lat_a + (lat_b - lat_a) * k / parts


def changes(line, cls, fixes):
    """What a track does, counted: entered and left zones, and those it was in at its start."""
    out, held = Counter(), None
    for lon, lat in densified(fixes):
        now = zones_of(line, cls, lon, lat)
        if held is None:
            out.update(("start", z) for z in now)
        else:
            out.update(("enter", z) for z in now - held)
            out.update(("leave", z) for z in held - now)
        held = now
    return out


def own(side, counter):
    """The same counts in words of own side and other side."""
    words = {side: "own", OTHER[side]: "other"}
    out = Counter()
    for (kind, zone, *rest), n in counter.items():
        head, _, tail = zone.partition(" ")
        out[(kind, (words[head] + " " + tail) if tail else zone, *rest)] += n
    return out


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        first = file.readline()
        return first, list(csv.DictReader(file))


# ---- checks: each returns what is wrong, or None -------------------------------------------------


class Day:
    def __init__(self, directory):
        self.directory = directory
        self.first, self.fixes = rows(directory + "/simulated-day/day.csv")
        self.plan_first, self.plan = rows(directory + "/simulated-day/plan.csv")
        with open(directory + "/mdl.geojson", encoding="utf-8") as file:
            self.line = Line(json.load(file)["features"][0]["geometry"]["coordinates"])
        self.track = defaultdict(list)
        for row in self.fixes:
            self.track[row["track"]].append((float(row["lon"]), float(row["lat"])))
        self.by_track = {p["track"]: p for p in self.plan}


def check_marked(day):
    for text in (day.first, day.plan_first):
        if not text.startswith("# SIMULATED"):
            return "first line is " + text
    bad = [r["name"] for r in day.fixes if not r["name"].startswith("SIM-")]
    return "names without SIM: %s" % bad[:3] if bad else None


def check_pairs(day):
    if set(day.track) != set(day.by_track):
        return "plan.csv and day.csv name different tracks"
    for p in day.plan:
        m = day.by_track.get(p["mirror"])
        if m is None or m["mirror"] != p["track"] or p["track"][4] == m["track"][4]:
            return "%s has no mirror on the other side" % p["track"]
        if (p["event"], p["class"], p["notice"]) != (m["event"], m["class"], m["notice"]):
            return "%s and its mirror are different events" % p["track"]
        if len(day.track[p["track"]]) != len(day.track[p["mirror"]]):
            return "%s and its mirror have different numbers of fixes" % p["track"]
    return None


def check_first_mover(day):
    first = Counter()
    for p in day.plan:
        if p["from"] < day.by_track[p["mirror"]]["from"]:
            first[p["track"][4]] += 1
    return None if abs(first["N"] - first["S"]) <= 1 else "one side moves first: %s" % first


def check_changes(day):
    total = {"N": Counter(), "S": Counter()}
    for p in day.plan:
        side = p["track"][4]
        mine = own(side, changes(day.line, p["class"], day.track[p["track"]]))
        total[side] += Counter({(k, z, p["event"]): n for (k, z), n in mine.items()})
    if not total["N"]:
        return "nothing happens"
    wrong = {k: (total["N"][k], total["S"][k]) for k in total["N"] | total["S"]
             if total["N"][k] != total["S"][k]}
    return "N and S differ: %s" % wrong if wrong else None


def side_of(track):
    return track.rpartition("sim:")[2][0]


def stem_first(name):
    """"DMZ.N" as "N DMZ", which own() understands; other names as they are."""
    stem, _, hand = name.rpartition(".")
    return hand + " " + stem if hand in OTHER and stem else name


def seen(lines):
    """Sightings by kind, and episodes of alerts by rule; a prediction counts once a zone and
    class, since how often it is made anew depends on the bends of the line."""
    total, episodes = {"N": Counter(), "S": Counter()}, set()
    for text in lines:
        s = json.loads(text)
        key = (s.get("kind", "alert"), stem_first(s["zone"]), s["certainty"], s["class"])
        if s["type"] == "alert":
            episodes.add((s["track"], stem_first(s["rule"]), s["class"]))
        elif s["kind"] == "near":
            total[side_of(s["track"])][key] = 1
        else:
            total[side_of(s["track"])][key] += 1
    for track, rule, cls in episodes:
        total[side_of(track)][("alert", rule, cls)] += 1
    return total


def check_watch(day, detente):
    done = subprocess.run([detente, "watch", "--agreement", day.directory,
                           day.directory + "/simulated-day/day.csv"],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        return "detente watch: exit %d: %s" % (done.returncode, done.stderr[-300:])
    total = seen(done.stdout.splitlines())
    north, south = own("N", total["N"]), own("S", total["S"])
    if not any(kind == "alert" for kind, *_ in north):
        return "no alerts"
    wrong = {k: (north[k], south[k]) for k in north | south if north[k] != south[k]}
    return "N and S differ: %s" % wrong if wrong else None


def main(directory, detente):
    day, failed = Day(directory), 0
    checks = [("marked as simulated", lambda: check_marked(day)),
              ("each event has its mirror", lambda: check_pairs(day)),
              ("neither side always comes first", lambda: check_first_mover(day)),
              ("both sides do the same", lambda: check_changes(day))]
    if detente:
        checks.append(("the watch sees the same of both", lambda: check_watch(day, detente)))
    print("1..%d" % (len(checks) + (not detente)))
    for number, (name, check) in enumerate(checks, 1):
        wrong = check()
        failed += wrong is not None
        print("%s %d - %s%s" % ("not ok" if wrong else "ok", number, name,
                                "\n# " + wrong if wrong else ""))
    if not detente:
        print("ok 5 - the watch sees the same of both # SKIP no program given")
    return failed != 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    program = sys.argv[2] if len(sys.argv) == 3 else ""
    sys.exit(main(sys.argv[1], program if os.path.exists(program) else ""))
