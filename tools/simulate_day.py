#!/usr/bin/env python3
"""Write the SIMULATED day of agreements/korea-2018: day.csv and plan.csv.

    python3 tools/simulate_day.py agreements/korea-2018

Nothing here happened. Every event is drawn once, in a frame that knows "depth" (kilometres on
one's own side of the dividing line) and not north or south, and is then placed twice: once on
the southern side, once on the northern side, some kilometres along and some minutes apart. Which
side comes first alternates. So both sides do the same things to the same measure.

Three frames:
  land     the line of the agreement. A depth is a distance to the line in a plane (transverse
           Mercator on WGS 84, Krueger's series, central meridian 127.5E: lengths true to 1e-4).
           A place is found on a ray square to the chord of the line, at "along" kilometres.
  sea      the middle parallel of each sea zone; depth is measured along the meridian.
  estuary  the western end of the schematic axis.

Only the standard library. The same seed gives the same file wherever the mathematics library is
good to 1e-12, which is far below the printed digits.
"""
import csv
import json
import math
import random
import sys
from datetime import datetime, timedelta, timezone

SEED = 20180919
DAY_START = datetime(2019, 5, 14, 15, 0, 0, tzinfo=timezone.utc)  # 15 May 2019, 00:00 in Korea
DAY_S = 86400
SPEED_RATIO_MAX = 2.5  # a placed track may be this much faster than it was drawn
CSV_HEAD = ("time,track,lat,lon,alt_m,alt_ref,speed_mps,course_deg,vrate_mps,class,flag,name,"
            "err_m")

# ---- WGS 84, transverse Mercator (L. Krueger 1912, to third order in n) --------------------------

A_M = 6378137.0
F = 1 / 298.257223563
CENTRAL_DEG = 127.5
N1 = F / (2 - F)
RADIUS_M = A_M / (1 + N1) * (1 + N1**2 / 4 + N1**4 / 64)
ALPHA = (N1 / 2 - 2 * N1**2 / 3 + 5 * N1**3 / 16,
         13 * N1**2 / 48 - 3 * N1**3 / 5,
         61 * N1**3 / 240)
BETA = (N1 / 2 - 2 * N1**2 / 3 + 37 * N1**3 / 96,
        N1**2 / 48 + N1**3 / 15,
        17 * N1**3 / 480)
DELTA = (2 * N1 - 2 * N1**2 / 3 - 2 * N1**3, 7 * N1**2 / 3 - 8 * N1**3 / 5, 56 * N1**3 / 15)


def to_plane(lon, lat):
    """Kilometres east and north in the plane."""
    e = 2 * math.sqrt(N1) / (1 + N1)
    phi, lam = math.radians(lat), math.radians(lon - CENTRAL_DEG)
    t = math.sinh(math.atanh(math.sin(phi)) - e * math.atanh(e * math.sin(phi)))
    xi, eta = math.atan2(t, math.cos(lam)), math.atanh(math.sin(lam) / math.hypot(1, t))
    x, y = eta, xi
    for k, alpha in enumerate(ALPHA, 1):
        x += alpha * math.cos(2 * k * xi) * math.sinh(2 * k * eta)
        y += alpha * math.sin(2 * k * xi) * math.cosh(2 * k * eta)
    return x * RADIUS_M / 1000, y * RADIUS_M / 1000


def from_plane(x, y):
    """Degrees east and north."""
    eta, xi = x * 1000 / RADIUS_M, y * 1000 / RADIUS_M
    eta0, xi0 = eta, xi
    for k, beta in enumerate(BETA, 1):
        eta -= beta * math.cos(2 * k * xi0) * math.sinh(2 * k * eta0)
        xi -= beta * math.sin(2 * k * xi0) * math.cosh(2 * k * eta0)
    chi = math.asin(math.sin(xi) / math.cosh(eta))
    phi = chi + sum(d * math.sin(2 * k * chi) for k, d in enumerate(DELTA, 1))
    return CENTRAL_DEG + math.degrees(math.atan2(math.sinh(eta), math.cos(xi))), math.degrees(phi)


# ---- frames: (side, along km, depth km) -> (lon, lat) --------------------------------------------

NORTH = {"N": 1.0, "S": -1.0}


class LandFrame:
    """Depth is the distance to the line; along is measured on the chord from its west end."""

    def __init__(self, line):
        points = [to_plane(lon, lat) for lon, lat in line]
        self.origin = points[0]
        dx, dy = points[-1][0] - points[0][0], points[-1][1] - points[0][1]
        self.cos, self.sin = dx / math.hypot(dx, dy), dy / math.hypot(dx, dy)
        self.line = [self._turn(p) for p in points]

    def _turn(self, p):
        x, y = p[0] - self.origin[0], p[1] - self.origin[1]
        return x * self.cos + y * self.sin, y * self.cos - x * self.sin

    def distance(self, u, v):
        best = math.inf
        for (ax, ay), (bx, by) in zip(self.line, self.line[1:]):
            ex, ey = bx - ax, by - ay
            t = ((u - ax) * ex + (v - ay) * ey) / (ex * ex + ey * ey)
            t = min(1.0, max(0.0, t))
            best = min(best, (u - ax - t * ex) ** 2 + (v - ay - t * ey) ** 2)
        return math.sqrt(best)

    def crossings(self, u):
        """The heights at which the line passes the ray at u, lowest first."""
        heights = [ay + (by - ay) * (u - ax) / (bx - ax)
                   for (ax, ay), (bx, by) in zip(self.line, self.line[1:])
                   if (ax <= u) != (bx <= u)]
        return sorted(heights)

    def place(self, side, along, depth):
        north = NORTH[side] * (1.0 if depth >= 0 else -1.0)  # which hand the point lies on
        heights = self.crossings(along)
        near = heights[-1] if north > 0 else heights[0]
        low, high = 0.0, abs(depth) * 1.5 + 15.0
        for _ in range(40):
            middle = (low + high) / 2
            if self.distance(along, near + north * middle) < abs(depth):
                low = middle
            else:
                high = middle
        v = near + north * high
        x = self.origin[0] + along * self.cos - v * self.sin
        y = self.origin[1] + along * self.sin + v * self.cos
        return from_plane(x, y)


class SeaFrame:
    """Depth from the middle parallel; along eastwards from a meridian."""

    KM_PER_LAT = 111.0

    def __init__(self, lon, south, north):
        self.lon, self.middle = lon, (south + north) / 2
        self.half = (north - south) / 2 * self.KM_PER_LAT
        self.km_per_lon = self.KM_PER_LAT * math.cos(math.radians(self.middle))

    def place(self, side, along, depth):
        return (self.lon + along / self.km_per_lon,
                self.middle + NORTH[side] * depth / self.KM_PER_LAT)


class EstuaryFrame:
    """Depth from the straight line between two points of the axis."""

    def __init__(self, west, east):
        self.a, b = to_plane(*west), to_plane(*east)
        dx, dy = b[0] - self.a[0], b[1] - self.a[1]
        self.cos, self.sin = dx / math.hypot(dx, dy), dy / math.hypot(dx, dy)

    def place(self, side, along, depth):
        v = NORTH[side] * depth
        return from_plane(self.a[0] + along * self.cos - v * self.sin,
                          self.a[1] + along * self.sin + v * self.cos)


# ---- drawing: [(seconds, along, depth)] ----------------------------------------------------------


def walk(points, speed_mps, step_s, hold=None):
    """Along straight legs at one speed; hold[i] seconds are spent at point i."""
    stops, t = [(0.0, *points[0])], 0.0
    for i, (a, b) in enumerate(zip(points, points[1:])):
        t += math.hypot(b[0] - a[0], b[1] - a[1]) * 1000 / speed_mps
        stops.append((t, *b))
        if hold and i + 1 in hold:
            t += hold[i + 1]
            stops.append((t, *b))
    out, leg = [], 0
    for k in range(int(t // step_s) + 1):
        while leg + 2 < len(stops) and stops[leg + 1][0] <= k * step_s:
            leg += 1
        (t0, u0, d0), (t1, u1, d1) = stops[leg], stops[leg + 1]
        share = min(1.0, (k * step_s - t0) / (t1 - t0)) if t1 > t0 else 0.0
        out.append((k * step_s, u0 + (u1 - u0) * share, d0 + (d1 - d0) * share))
    return out


def fishing(rng, along, outside, ground, hours):
    """Out from port, hours of slow turns about the ground, and home."""
    points = [(along, outside), (along + 1, ground)]
    for _ in range(int(hours * 3600 * 1.5 / 1500)):
        points.append((along + rng.uniform(-3, 3), ground + rng.uniform(-3, 3)))
    points.append((along, outside))
    return walk(points, 4.0, 60)


def loop(along, depth, width):
    """Back and forth, all day."""
    lap, points = [(along, depth), (along + width, depth - 3)], []
    for _ in range(40):
        points += lap
    return [p for p in walk(points, 5.0, 60) if p[0] < DAY_S - 1800]


# ---- the events ----------------------------------------------------------------------------------


def events(seas):
    """kind, class, frame, start (hour in Korea), shift km, height m, error m, drawing, notice."""
    rng = random.Random(SEED)
    west, east = seas["west"], seas["east"]
    air = [
        ("helicopter along the zone", "helicopter", 7.0, 300,
         walk([(26, 13), (32, 13)], 55, 20), ""),
        ("helicopter into the zone", "helicopter", 9.2, 300,
         walk([(22, 20), (24, 6), (26, 20)], 55, 20), ""),
        ("medevac with notice", "helicopter", 10.0, 250,
         walk([(46, 25), (46, 1.5), (46, 25)], 60, 20, {1: 600}), "medical evacuation"),
        ("approach that turns, west", "combat_aircraft", 11.0, 6000,
         walk([(48, 60), (50, 25), (52, 60)], 220, 10), ""),
        ("approach that turns, east", "combat_aircraft", 11.6, 6000,
         walk([(132, 85), (134, 47), (136, 85)], 220, 10), ""),
        ("fixed wing into the zone", "combat_aircraft", 14.0, 5000,
         walk([(48, 50), (49, 14), (50, 50)], 200, 10), ""),
        ("airliner through the zone", "airliner", 15.0, 9000,
         walk([(132, 80), (134, 30), (136, 80)], 230, 10), ""),
        ("over the line between two fixes", "combat_aircraft", 16.0, 4000,
         walk([(48, 97.5), (48, -7.5), (48, 97.5)], 250, 60), ""),
        ("light aircraft near the zone", "light_aircraft", 12.4, 800,
         walk([(28, 32), (30, 21), (32, 32)], 60, 20), ""),
        ("unmanned aircraft over the line and back", "uav_fixed", 5.5, 500,
         walk([(46, 16.1), (46, -4.1), (46, 16.1)], 30, 20), ""),
        ("unmanned aircraft lost beyond the line", "uav_fixed", 13.0, 700,
         walk([(134, 22), (134, -6)], 30, 20), ""),
        ("balloon adrift over the line", "free_balloon", 3.0, 2500,
         walk([(46, 34), (50, -34)], 9, 60), ""),
        ("weather balloon with notice", "free_balloon", 8.0, 8000,
         walk([(134, 34), (136, 19), (138, 34)], 9, 60), "weather observation"),
        ("aircraft of unknown kind and flag", "aircraft", 18.0, 1200,
         walk([(22, 34), (24, 8), (26, 34)], 90, 20), ""),
    ]
    for kind, cls, hour, height, drawing, notice in air:
        yield kind, cls, "land", hour, 2.0, height, 20, drawing, notice
    ground = [
        ("vehicle on its own side", "vehicle", 6.0, walk([(133.0, 1.5), (133.5, 1.5)] * 3, 3, 60)),
        ("party steps over the line", "person", 10.5,
         walk([(132, 0.4), (132, -0.03), (132, 0.4)], 1.1, 30, {1: 240})),
    ]
    for kind, cls, hour, drawing in ground:
        yield kind, cls, "land", hour, 2.0, None, 15, drawing, ""
    for name, sea, hour, cls in (("west", west, 1.0, "cargo_ship"), ("east", east, 1.5, "tanker")):
        half = sea.half
        yield ("cargo in and out, " + name, cls, name, hour, 3.0, None, 10,
               walk([(8, half + 8), (14, half - 22), (28, half + 8)], 7.5, 60), "")
        yield ("cargo in and out, " + name, "cargo_ship", name, hour + 9, 3.0, None, 10,
               walk([(30, half + 8), (20, half - 14), (6, half + 8)], 7.0, 60), "")
        yield ("patrol, " + name, "patrol", name, 0.2, 2.0, None, 10,
               loop(10, half - 18, 14), "")
        for i in range(4):
            yield ("fishing, " + name, "fishing", name, hour + 2.5 + 1.5 * i, 1.0, None, 15,
                   fishing(rng, 9 + 5 * i, half + 5, half - 9 - i, 4), "")
    yield ("stray fishing boat in the estuary", "fishing", "estuary", 9.5, 0.6, None, 15,
           walk([(4.5, 3.2), (5.0, 1.0), (6.0, 0.4), (4.5, 3.2)], 1.8, 60, {2: 1200}), "")


# ---- placing -------------------------------------------------------------------------------------


def measure(fixes, i):
    """Speed and course from fix i to the next, or from the one before at the end."""
    a, b = (i, i + 1) if i + 1 < len(fixes) else (i - 1, i)
    (ta, lon_a, lat_a), (tb, lon_b, lat_b) = fixes[a], fixes[b]
    north = (lat_b - lat_a) * SeaFrame.KM_PER_LAT * 1000
    east = (lon_b - lon_a) * SeaFrame.KM_PER_LAT * 1000 * math.cos(math.radians(lat_a))
    return math.hypot(east, north) / (tb - ta), math.degrees(math.atan2(east, north)) % 360


def drawn_speed(drawing):
    return max(math.hypot(b[1] - a[1], b[2] - a[2]) * 1000 / (b[0] - a[0])
               for a, b in zip(drawing, drawing[1:]))


def place(frame, side, start_s, shift_km, drawing):
    fixes = [(start_s + t, *frame.place(side, u + shift_km, d)) for t, u, d in drawing]
    fixes = [f for f in fixes if f[0] < DAY_S]
    fastest = max(measure(fixes, i)[0] for i in range(len(fixes)))
    if fastest > SPEED_RATIO_MAX * drawn_speed(drawing) + 1:
        sys.exit("simulate_day: %s at %.0f km: %.0f m/s where %.0f was drawn; choose another place"
                 % (side, drawing[0][1] + shift_km, fastest, drawn_speed(drawing)))
    return fixes


def rows_of(track, side, event, fixes):
    _, cls, _, _, _, height, err_m, _, _ = event
    flag = "" if cls == "aircraft" else {"N": "KP", "S": "KR"}[side]
    alt = ("", "") if height is None else ("%d" % height, "ellipsoid")
    for i, (t, lon, lat) in enumerate(fixes):
        speed, course = measure(fixes, i)
        time = (DAY_START + timedelta(seconds=t)).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield (time, "sim:" + track, "%.6f" % lat, "%.6f" % lon, *alt, "%.1f" % speed,
               "%d" % (round(course) % 360), "", cls, flag, "SIM-" + track, str(err_m))


def clock(seconds):
    return (DAY_START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def build(frames, seas):
    rows, plan = [], []
    for number, event in enumerate(events(seas), 1):
        kind, _, frame, hour, shift_km, _, _, drawing, notice = event
        order = ("S", "N") if number % 2 else ("N", "S")
        for turn, side in enumerate(order):
            track = "%s-%02d" % (side, number)
            start_s = int(hour * 3600) + turn * (420 + 30 * (number % 9)) + 3 * number % 20
            fixes = place(frames[frame], side, start_s, turn * shift_km, drawing)
            rows += rows_of(track, side, event, fixes)
            plan.append(("sim:" + track, "sim:%s-%02d" % (order[1 - turn], number), kind,
                         event[1], clock(fixes[0][0]), clock(fixes[-1][0]), notice))
    return sorted(rows), sorted(plan)


def write(path, head, first, rows):
    with open(path, "w", encoding="utf-8", newline="") as out:
        out.write(first + "\n" + head + "\n")
        csv.writer(out, lineterminator="\n").writerows(rows)


def main(directory):
    with open(directory + "/mdl.geojson", encoding="utf-8") as file:
        line = json.load(file)["features"][0]["geometry"]["coordinates"]
    seas = {"west": SeaFrame(124.05, 37.26, 38.49), "east": SeaFrame(128.8, 38.207, 38.955)}
    frames = {"land": LandFrame(line), "estuary": EstuaryFrame((126.111111, 37.7125),
                                                               (126.22, 37.775)), **seas}
    rows, plan = build(frames, seas)
    write(directory + "/simulated-day/day.csv", CSV_HEAD,
          "# SIMULATED: no track here is real. Written by tools/simulate_day.py", rows)
    write(directory + "/simulated-day/plan.csv", "track,mirror,event,class,from,to,notice",
          "# SIMULATED: what day.csv holds; each event stands once on each side", plan)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python3 tools/simulate_day.py agreements/korea-2018")
    main(sys.argv[1])
