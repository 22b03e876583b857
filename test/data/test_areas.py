#!/usr/bin/env python3
"""Whether the compiled zones have the areas that other means give.

    python3 test/data/test_areas.py SOURCE_ROOT [DETENTE]

Where the numbers come from:
  closed    closed forms on WGS 84: the zone between two parallels (authalic latitude, Snyder 1987,
            eq. 3-12), pi r2 for a circle this small, the sum of such strips where an edge is
            straight in longitude and latitude
  planim    Planimeter of GeographicLib 2.1.2, corners rounded to 1e-7 degree
  count     cells of 50 m (estuary: 10 m) counted in a transverse Mercator plane with its scale
            taken out, by the definition of a buffer in docs/format/agreement.md; 1 in 5,000
Output is TAP.
"""
import json
import os
import subprocess
import sys

KOREA = {  # zone: (km2, relative tolerance)
    "DMZ.N": (451.51, 2e-4), "DMZ.S": (445.26, 2e-4),            # count
    "LAND5.N": (1095.34, 2e-4), "LAND5.S": (1055.62, 2e-4),      # count
    "NFZ.FW.N": (5918.84, 2e-4), "NFZ.FW.S": (6668.73, 2e-4),    # count
    "NFZ.RW.N": (2155.40, 2e-4), "NFZ.RW.S": (2029.79, 2e-4),    # count
    "NFZ.UAV.N": (2625.52, 2e-4), "NFZ.UAV.S": (2615.21, 2e-4),  # count
    "NFZ.BAL.N": (5445.48, 2e-4), "NFZ.BAL.S": (4840.15, 2e-4),  # count
    "SEA.W": (31229.1751 - 188.953, 1e-6),                       # closed, less count of the estuary
    "SEA.E": (10729.63297, 1e-6),                                # closed
    "JSA": (0.50265482, 1e-4),                                   # closed
    "A3.SITE": (5.3151096846, 1e-5),                             # planim
    "HAN": (230.538, 1e-4), "HAN.NIGHT": (230.538, 1e-4),        # count
}
TUTORIAL = {"ROCK": (96.97825, 1e-5), "BANK": (738.54177, 1e-6)}  # closed
NO_AREA = {"korea-2018": {"PEACE.W", "FISH.W"}, "tutorial": {"SHOAL"}}


def areas(detente, directory):
    done = subprocess.run([detente, "agreement", "check", "--json", directory],
                          capture_output=True, text=True, check=True)
    lines = [json.loads(text) for text in done.stdout.splitlines()]
    return {line["zone"]: line["area_km2"] for line in lines if "zone" in line}


def wrong_areas(found, expected):
    return ["%s: %s km2, expected %s" % (zone, found.get(zone), km2)
            for zone, (km2, share) in expected.items()
            if found.get(zone) is None or abs(found[zone] - km2) > km2 * share]


def main(root, detente):
    failed = 0
    print("1..2")
    for number, (name, expected) in enumerate((("korea-2018", KOREA), ("tutorial", TUTORIAL)), 1):
        if not detente:
            print("ok %d - areas of %s # SKIP no program given" % (number, name))
            continue
        found = areas(detente, os.path.join(root, "agreements", name))
        wrong = wrong_areas(found, expected)
        wrong += ["%s has an area" % zone for zone in NO_AREA[name] if found.get(zone)]
        failed += bool(wrong)
        print("%s %d - areas of %s%s" % ("not ok" if wrong else "ok", number, name,
                                         "".join("\n# " + text for text in wrong)))
    return failed != 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    program = sys.argv[2] if len(sys.argv) == 3 else ""
    sys.exit(main(sys.argv[1], program if os.path.exists(program) else ""))
