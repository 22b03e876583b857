#!/usr/bin/env python3
"""How the caps and the step rule move the areas of korea-2018's buffers.

    python3 test/data/test_caps.py SOURCE_ROOT DETENTE

The text of 2018 is silent on both, so an agreement must say them. The numbers are cells of 500 m
counted in a plane by the definition in docs/format/agreement.md, both sides of the line together:
good to 0.5 %. `any`: within 40 km of any eastern point. Output is TAP.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

SECTORS = {"fixed wing": ({"km": 20}, {"km": 40}), "unmanned": ({"km": 10}, {"km": 15})}
COUNTED = [  # (what, widths or sectors, cap, step, km2)
    ("DMZ 2 km, round", {"km": 2}, "round", "nearest", 909),
    ("land 5 km, round", {"km": 5}, "round", "nearest", 2229),
    ("land 5 km, flat", {"km": 5}, "flat", "nearest", 2150),
    ("rotary wing 10 km, round", {"km": 10}, "round", "nearest", 4496),
    ("balloon 25 km, round", {"km": 25}, "round", "nearest", 12093),
    ("unmanned 10/15 km, round, nearest", "unmanned", "round", "nearest", 5731),
    ("fixed wing 20/40 km, round, nearest", "fixed wing", "round", "nearest", 15324),
    ("fixed wing 20/40 km, flat, nearest", "fixed wing", "flat", "nearest", 12585),
    ("fixed wing 20/40 km, round, any", "fixed wing", "round", "any", 16268),
]
TOLERANCE = 0.005


def geometry(widths, cap, step):
    buffer = {"line": "MDL", "side": "both", "cap": cap, "step": step}
    if isinstance(widths, dict):
        return {"buffer": {**buffer, **widths}}
    west, east = SECTORS[widths]
    return {"buffer": {**buffer, "by": [{"to": "0646", **west}, {"from": "0646", **east}]}}


def agreement(source):
    text = json.loads((source / "agreement.json").read_text())
    return {
        "format": text["format"], "id": "caps", "title": {"en": "Caps and steps"},
        "tz": text["tz"], "parties": text["parties"],
        "lines": [{k: v for k, v in line.items() if k not in ("asserted_by", "disputed_by")}
                  for line in text["lines"] if line["id"] == "MDL"],
        "zones": [{"id": f"Z{i}", "geometry": geometry(widths, cap, step)}
                  for i, (_, widths, cap, step, _) in enumerate(COUNTED)],
    }


def areas(source, detente):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        text = agreement(source)
        line = text["lines"][0]
        line["versions"] = [v for v in line["versions"] if "file" in v or "coordinates" in v]
        (folder / "agreement.json").write_text(json.dumps(text))
        for name in ("mdl.geojson", "geometry.geojson"):
            (folder / name).write_text((source / name).read_text())
        done = subprocess.run([detente, "agreement", "check", "--json", str(folder)],
                              capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"Bail out! {done.stderr}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["zone"]: line["area_km2"] for line in lines if "zone" in line}


def main():
    source = pathlib.Path(sys.argv[1]) / "agreements" / "korea-2018"
    got = areas(source, sys.argv[2])
    print(f"1..{len(COUNTED)}")
    bad = 0
    for i, (what, *_, want) in enumerate(COUNTED):
        area = got[f"Z{i}"]
        good = abs(area - want) <= TOLERANCE * want
        bad += not good
        print(f"{'ok' if good else 'not ok'} {i + 1} - {what}: {area:.1f} km2, counted {want}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
