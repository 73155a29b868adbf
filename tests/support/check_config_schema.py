#!/usr/bin/env python3
"""The JSON Schema for editors and the decoder agree on every configuration fixture.

What the decoder accepts, the schema accepts. What the decoder refuses for a single key (unknown, missing, wrong choice,
kind or range), the schema refuses too. Beyond a schema: YAML's own faults, files, and settings that contradict each
other.
"""

import json
import pathlib
import re
import sys

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SINGLE_KEY = {"E201", "E202", "E209", "E301", "E302", "E303"}
# Refused for one key, but by knowledge that draft-07 or YAML 1.1 readers don't have.
BEYOND_SCHEMA = {
    "bad_names",  # forms of host names and topics
    "bool_as_yes",  # YAML 1.1 reads `yes` as true
    "substituted_value_wrong",  # depends on the environment
}


def load(path):
    return yaml.safe_load(path.read_bytes().decode("utf-8-sig"))


def main():
    schema = json.loads((ROOT / "docs/configuration.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    faults, checked = [], 0

    for folder in ("tests/data/good/config", "config/examples", "config/defaults"):
        for path in sorted((ROOT / folder).glob("*.yaml")):
            checked += 1
            for error in validator.iter_errors(load(path)):
                faults.append(f"{path.relative_to(ROOT)}: the schema refuses what loads: {error.message}")

    for expect in sorted((ROOT / "tests/data/bad/config").glob("*.expect")):
        codes = set(re.findall(r"\b(?:error|warning)\[([EW]\d+)\]", expect.read_text()))
        if not codes or not codes <= SINGLE_KEY or expect.stem in BEYOND_SCHEMA:
            continue
        checked += 1
        if validator.is_valid(load(expect.with_suffix(".yaml"))):
            faults.append(f"{expect.with_suffix('.yaml').relative_to(ROOT)}: the schema accepts what is refused")

    for fault in faults:
        print(fault)
    if checked < 20:
        print(f"only {checked} fixtures were compared")
        return 1
    print(f"{checked} fixtures compared, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
