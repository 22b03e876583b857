#!/usr/bin/env python3
"""Zone files against programs and files that share no code with ours.

Round trips: what goes out with --exact comes back with the same vertices. GDAL reads the same
coordinates from KML and GeoPackage as stand in our GeoJSON, and its validator finds nothing in the
GeoPackage. ED-318 holds to EUROCONTROL's schemas, and the samples of OpenAir, ED-269 and ED-318 give
what their publishers expect (both need DETENTE_SAMPLES). What cannot be tried is skipped, with a line.

Usage: zone_files.py ROOT DETENTE"""
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT, DETENTE = pathlib.Path(sys.argv[1]), sys.argv[2]
SAMPLES = os.environ.get("DETENTE_SAMPLES")
FORMATS = ["geojson", "kml", "openair", "ed318", "gpkg"]
OPENAIP_REFUSED = [
    "activation-times-invalid-with-none-none", "activation-times-invalid-with-none",
    "activation-times-invalid", "ceiling-definitions-al-greater-ah",
    "ceiling-definitions-duplicate", "circular-invalid", "flight-level-missing-number",
    "ignored-only", "insufficient-coordinates", "invalid-coordinates", "missing-ah-al"]
# input and result stand under names of their own where a row has two
OPENAIP_SAME = [
    ("arc-angle-ccw", "arc-angle-ccw"), ("arc-angle-cw", "arc-angle-cw"),
    ("arc-angle-single-vx", "arc-angle-single-vx"), ("arc-ccw", "arc-ccw"),
    ("arc-cw-ccw", "arc-cw-ccw"), ("arc-cw", "arc-cw"), ("arc-first", "arc-first"),
    ("airway", "awy"), ("circular", "circular"), ("inline-comments", "inline-comments")]
checks = []


def check(test):
    checks.append(test)
    return test


class Skip(Exception):
    pass


def samples():
    if not SAMPLES:
        raise Skip("DETENTE_SAMPLES is not set")
    return pathlib.Path(SAMPLES) / "zones"


def run(*args, code=0):
    done = subprocess.run([DETENTE, "agreement", *map(str, args)], capture_output=True, text=True)
    assert done.returncode == code, f"{args}: exit {done.returncode}: {done.stderr}"
    return done


def export(agreement, form, to, *more):
    run("zones", agreement, "--format", form, "-o", to, *more)
    return to


def features(path):
    return {f["id"]: f for f in json.loads(path.read_text())["features"]}


def rings(geometry):
    """All rings, whatever the depth, as sets of points rounded to 1e-9 degree."""
    if geometry is None:
        return []
    polygons = geometry["coordinates"]
    polygons = [polygons] if geometry["type"] == "Polygon" else polygons
    return sorted(sorted((round(x, 9), round(y, 9)) for x, y, *_ in ring[:-1])
                  for polygon in polygons for ring in polygon)


@check
def the_same_bytes_each_time(work):
    for form in FORMATS:
        first = export(ROOT / "agreements/tutorial", form, work / "first").read_bytes()
        assert export(ROOT / "agreements/tutorial", form, work / "second").read_bytes() == first, form


KEPT = {"geojson": ["floor", "ceiling", "from", "to", "daily", "classes", "status", "name"],
        "kml": ["floor", "ceiling", "from", "to", "daily", "classes", "status", "name"],
        "ed318": ["floor", "ceiling", "from", "to", "daily", "classes", "status", "name"],
        "openair": ["floor", "from", "to"]}


@check
def zones_come_back_as_they_went_out(work):
    tutorial = ROOT / "agreements/tutorial"
    before = features(export(tutorial, "geojson", work / "before.geojson", "--exact"))
    drawn = {k: f for k, f in before.items() if f["geometry"]}
    for form, kept in KEPT.items():
        file = export(tutorial, form, work / f"zones.{form}", "--exact")
        run("import", file, "--edges", "lonlat", "-o", work / form)
        after = features(export(work / form, "geojson", work / "after.geojson", "--exact"))
        assert after.keys() == drawn.keys(), (form, after.keys())
        for zone, feature in drawn.items():
            assert after[zone]["geometry"] == feature["geometry"], (form, zone)
            for key in kept:
                a, b = feature["properties"][key], after[zone]["properties"][key]
                assert a == b, (form, zone, key, a, b)


HOLED = """{"format": "detente-agreement/1", "id": "holed", "title": "Holes", "parties": [{"id": "A"}],
 "zones": [{"id": "Z", "geometry": {"minus": [
  {"polygon": {"coordinates": [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]], "edges": "lonlat"}},
  {"circle": {"center": [1, 1], "km": 30}}, {"circle": {"center": [3, 3], "km": 30}}]}},
 {"id": "C", "geometry": {"circle": {"center": [-179.95, 10.5], "nm": 7}},
  "altitude": {"floor": {"value": 1000, "unit": "m", "ref": "HAE"}}},
 {"id": "P", "geometry": {"polygon": {"path": [[127, 38.1], {"arc": {"center": [127, 38],
  "to": [127, 37.9], "turn": "right"}}, [126.9, 38]]}}, "from": "2020-01-01T00:00:00Z"}]}"""


def total_km2(directory):
    lines = run("check", directory, "--json").stdout.splitlines()
    return sum(json.loads(line).get("area_km2") or 0 for line in lines)


@check
def openair_opens_holes_without_losing_area(work):
    holed = work / "holed"
    holed.mkdir()
    (holed / "agreement.json").write_text(HOLED)
    file = export(holed, "openair", work / "holed.txt", "--exact")
    text = file.read_text()
    assert "AN Z (1/" in text and "DC 7\n" in text and "* not said by the next record: 1000 m HAE" in text
    run("import", file, "--edges", "lonlat", "-o", work / "back")
    # a cut moves each border that it meets to a vertex of 1e-7 degree: 1 cm over at most 4 degrees
    assert abs(total_km2(holed) - total_km2(work / "back")) < 0.01 * 444000 * 4 / 1e6
    lines = run("check", work / "back", "--json").stdout.splitlines()
    circles = [json.loads(line) for line in lines if '"C"' in line]
    before = [json.loads(x) for x in run("check", holed, "--json").stdout.splitlines() if '"C"' in x]
    assert circles[0]["area_km2"] == before[0]["area_km2"]


@check
def gdal_reads_the_same_coordinates(work):
    if not shutil.which("ogr2ogr"):
        raise Skip("ogr2ogr is not installed")
    tutorial = ROOT / "agreements/tutorial"
    before = features(export(tutorial, "geojson", work / "b.geojson", "--exact"))
    for form in "kml", "gpkg":
        file = export(tutorial, form, work / f"zones.{form}", "--exact")
        out = work / f"{form}.geojson"
        layer = [] if form == "kml" else ["zones"]
        subprocess.run(["ogr2ogr", "-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=9", out, file, *layer],
                       check=True, capture_output=True)
        after = json.loads(out.read_text())["features"]
        seen = {}
        for feature in after:
            name = feature["properties"].get("zone") or feature["properties"]["Name"]
            seen[name] = rings(feature["geometry"])
        for zone, feature in before.items():
            name = zone if zone in seen else feature["properties"]["name"]["en"]
            if form == "gpkg" or feature["geometry"]:
                assert seen[name] == rings(feature["geometry"]), (form, zone)


@check
def gdal_finds_nothing_wrong_in_the_geopackage(work):
    script = ("import sys; from osgeo_utils.samples import validate_gpkg as v; "
              "sys.exit(len(v.check(sys.argv[1], extra_checks=True)))")
    there = subprocess.run(["/usr/bin/python3", "-c", "from osgeo_utils.samples import validate_gpkg"],
                           capture_output=True)
    if there.returncode:
        raise Skip("python3-gdal is not installed")
    file = export(ROOT / "agreements/tutorial", "gpkg", work / "zones.gpkg")
    done = subprocess.run(["/usr/bin/python3", "-c", script, file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@check
def ed318_holds_to_the_schemas(work):
    try:
        import warnings
        warnings.simplefilter("ignore")
        from jsonschema import Draft7Validator, RefResolver
    except ImportError:
        raise Skip("python3-jsonschema is not installed")
    schemas = {p.as_uri(): json.loads(p.read_text()) for p in (samples() / "ed318/schema").glob("*.json")}
    top = next(uri for uri in schemas if uri.endswith("Schema_GeoZones.json"))
    validator = Draft7Validator(schemas[top], resolver=RefResolver(top, schemas[top], store=schemas),
                                format_checker=Draft7Validator.FORMAT_CHECKER)
    holed = work / "holed"
    holed.mkdir()
    (holed / "agreement.json").write_text(HOLED)
    for agreement in ROOT / "agreements/tutorial", ROOT / "agreements/korea-2018", holed:
        file = export(agreement, "ed318", work / "zones.json")
        faults = [e.message[:200] for e in validator.iter_errors(json.loads(file.read_text()))]
        assert not faults, (agreement, faults[:3])


def flat(points):
    """Metres about the first point: good to a thousandth within 100 km."""
    x0, y0 = points[0][0], points[0][1]
    k = math.cos(math.radians(y0))
    return x0, y0, k


def distance_m(point, ring, origin):
    x0, y0, k = origin
    at = [((p[0] - x0) * 111320 * k, (p[1] - y0) * 110950) for p in (point, *ring)]
    (px, py), best = at[0], math.inf
    for (ax, ay), (bx, by) in zip(at[1:], at[2:]):
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        t = max(0, min(1, ((px - ax) * dx + (py - ay) * dy) / length)) if length else 0
        best = min(best, math.hypot(px - ax - t * dx, py - ay - t * dy))
    return best


@check
def openaip_expects_the_same_areas(work):
    """Their arcs are on a sphere, of some 50 chords: 0.6 % of the radius, and never over 400 m."""
    folder = samples() / "openaip"
    for source, result in OPENAIP_SAME:
        run("import", folder / f"{source}.txt", "-o", work / source)
        ours = next(iter(features(export(work / source, "geojson", work / "o.json")).values()))
        theirs = json.loads((folder / f"{result}-result.json").read_text())
        theirs = theirs["features"][0]["geometry"]["coordinates"][0]
        ring = ours["geometry"]["coordinates"][0][0]
        origin = flat(ring)
        size = max(math.hypot((x - ring[0][0]) * origin[2], y - ring[0][1]) for x, y in ring) * 111000
        worst = max(distance_m(p, ring, origin) for p in theirs)
        assert worst < min(400, 3 + 0.006 * size), (source, worst, size)


@check
def openaip_refuses_the_same_files(work):
    for name in OPENAIP_REFUSED:
        done = run("import", samples() / f"openaip/{name}.txt", "-o", work / name, code=65)
        assert name in done.stderr and not (work / name).exists(), done.stderr


@check
def xcsoar_files_are_read_whole(work):
    for name in "openair", "openair_2":
        text = (samples() / f"xcsoar/{name}.txt").read_bytes()
        areas = sum(line.startswith(b"AC ") for line in text.splitlines())
        run("import", samples() / f"xcsoar/{name}.txt", "-o", work / name)
        assert len(features(export(work / name, "geojson", work / "zones.json"))) == areas, name


@check
def uas_samples_are_read(work):
    for file, zones in (("ed269/cis_source_sample_ed269.json", 1), ("ed318/Example_GeoZone_Circle.json", 1),
                        ("ed318/Example_GeoZone_2_Layers.json", 2)):
        run("import", samples() / file, "-o", work / pathlib.Path(file).stem)
        lines = run("check", work / pathlib.Path(file).stem, "--json").stdout.splitlines()
        assert len(lines) == zones + 1, (file, lines)


@check
def nothing_half_done(work):
    (work / "bad.geojson").write_text('{"type": "Polygon", "coordinates": [[[0,0],[1,1],[1,0],[0,1],[0,0]]]}')
    done = run("import", work / "bad.geojson", "-o", work / "bad", code=65)
    assert "bad.geojson: geometry" in done.stderr and "crosses" in done.stderr, done.stderr
    assert not (work / "bad").exists()
    run("import", work / "none.geojson", "-o", work / "bad", code=66)
    (work / "there").mkdir()
    (work / "there/agreement.json").write_text("mine")
    (work / "good.geojson").write_text('{"type": "Polygon", "coordinates": [[[0,0],[1,0],[1,1],[0,0]]]}')
    run("import", work / "good.geojson", "-o", work / "there", code=74)
    assert (work / "there/agreement.json").read_text() == "mine"
    run("import", work / "good.geojson", "--box", "1,2,3", code=64)
    run("import", work / "good.geojson", "--format", "dxf", code=64)


def main():
    failed = 0
    print(f"1..{len(checks)}")
    for number, test in enumerate(checks, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(pathlib.Path(folder))
                print(f"ok {number} - {test.__name__}")
            except Skip as why:
                print(f"ok {number} - {test.__name__} # SKIP {why}")
            except (AssertionError, subprocess.CalledProcessError, KeyError) as fault:
                failed += 1
                print(f"not ok {number} - {test.__name__}\n# {str(fault)[:600]}")
    sys.exit(failed > 0)


main()
