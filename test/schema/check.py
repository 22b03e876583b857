#!/usr/bin/env python3
"""docs/format/agreement.schema.json against the agreements that ship, the smallest document of the
format, and documents that must be refused. Exit 77: python3-jsonschema is not installed."""

import copy
import glob
import json
import os
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

SMALLEST = {
    "format": "detente-agreement/1", "id": "tiny", "title": {"en": "Tiny", "ko": "작은 합의"}, "tz": "UTC",
    "parties": [{"id": "N", "name": {"en": "North"}}, {"id": "S", "name": {"en": "South"}}],
    "lines": [{"id": "L", "left": "N", "right": "S", "edges": "geodesic",
               "versions": [{"id": "v1", "coordinates": [[11.5, 57.65], [11.68, 57.9], [11.8, 58.12]]}]}],
    "zones": [{"id": "Z", "geometry": {"buffer": {"line": "L", "km": 5, "side": "both", "cap": "round"}}}],
    "provisions": [{"id": "1", "title": {"en": "Ships keep 5 km away"}}],
    "rules": [{"id": "R", "provision": "1", "zone": "Z", "verb": "prohibit", "activity": "presence",
               "classes": ["ship"]}]}

# Where to put what, so that the document is wrong; None takes the key away.
WRONG = [
    (["format"], "detente-agreement/2"),
    (["colour"], "red"),
    (["parties"], []),
    (["parties", 0, "id"], "a b"),
    (["parties", 0, "flags"], ["kr"]),
    (["title"], {}),
    (["lines", 0, "versions"], []),
    (["lines", 0, "versions", 0, "coordinates", 0, 1], 95),
    (["lines", 0, "versions", 0, "file"], "geometry.geojson#a"),
    (["lines", 0, "stations"], [{"id": "1"}]),
    (["zones", 0, "geometry"], {}),
    (["zones", 0, "geometry", "circle"], {"center": [1, 2], "km": 1}),
    (["zones", 0, "geometry", "buffer", "m"], 5),
    (["zones", 0, "geometry", "buffer", "km"], 20000),
    (["zones", 0, "geometry", "buffer", "km"], None),
    (["zones", 0, "geometry", "buffer", "cap"], None),
    (["zones", 0, "geometry", "buffer", "miles"], 3),
    (["zones", 0, "geometry"], {"union": [{"unresolved": {}}, {"zone": "Z"}]}),
    (["zones", 0, "classes"], ["zeppelin"]),
    (["zones", 0, "altitude"], {"floor": {"value": 1, "unit": "m"}}),
    (["zones", 0, "daily"], [{"hours": "7-19"}]),
    (["rules", 0, "verb"], "forbid"),
    (["rules", 0, "severity"], 5),
    (["rules", 0, "when"], {"of": "echelon", "is": ">=", "value": 3}),
    (["status"], [{"provision": "*", "party": "*", "at": "2018-13-01", "is": "done"}]),
    (["status"], [{"provision": "*", "party": "*", "at": "2018-11-01"}]),
    (["tasks"], [{"id": "t", "provision": "1"}]),
]


def changed(path, value):
    document = copy.deepcopy(SMALLEST)
    at = document
    for step in path[:-1]:
        at = at[step]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return document


def main(root):
    with open(os.path.join(root, "docs/format/agreement.schema.json"), encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    failed = 0

    def must_be(right, name, document):
        nonlocal failed
        errors = list(validator.iter_errors(document))
        if bool(errors) == right:
            failed += 1
            print("not ok", name, *[f"{list(e.absolute_path)}: {e.message[:200]}" for e in errors])

    must_be(True, "the smallest document", SMALLEST)
    shipped = sorted(glob.glob(os.path.join(root, "agreements/*/agreement.json")))
    for path in shipped:
        with open(path, encoding="utf-8") as f:
            must_be(True, path, json.load(f))
    for path, value in WRONG:
        must_be(False, f"accepted: {path} = {value}", changed(path, value))
    total = 1 + len(shipped) + len(WRONG)
    print(f"{total - failed} of {total} as they should be, {len(shipped)} agreements among them")
    return 1 if failed or not shipped else 0


sys.exit(main(sys.argv[1]))
