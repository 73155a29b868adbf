#!/usr/bin/env python3
"""Turns ctest's JUnit file into lines that tests/run.sh reads: `passed NAME`, `failed NAME`, `skipped NAME: why`."""

import sys
import xml.etree.ElementTree as xml


def main():
    for case in xml.parse(sys.argv[1]).getroot().iter("testcase"):
        name, status = case.get("name"), case.get("status")
        if status == "run":
            print("passed", name)
        elif status == "notrun" and "SKIP_RETURN_CODE" in (case.find("skipped").get("message") or ""):
            said = [line for line in (case.findtext("system-out") or "").splitlines() if line.strip()]
            print(f"skipped {name}: {said[-1].strip() if said else 'gave no reason'}")
        else:  # also a test whose program was not built
            print("failed", name)


if __name__ == "__main__":
    sys.exit(main())
