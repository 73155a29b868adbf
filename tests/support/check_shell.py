#!/usr/bin/env python3
"""Every shell script parses, starts with a shebang if it is executable, and passes shellcheck."""

import os
import shutil
import subprocess
import sys

from repository_files import ROOT, repository_files

SKIPPED = 77


def is_shell(path):
    if path.suffix == ".sh":
        return True
    if path.suffix or str(path).startswith(("tests/data/", "tests/fuzz/corpus/")):
        return False
    with open(ROOT / path, "rb") as file:
        return file.readline().startswith((b"#!/bin/sh", b"#!/bin/bash", b"#!/usr/bin/env bash"))


def main():
    scripts = [str(path) for path in repository_files() if is_shell(path)]
    count = 0
    for path in scripts:
        parsed = subprocess.run(["bash", "-n", path], cwd=ROOT, capture_output=True, text=True)
        if parsed.returncode != 0:
            print(parsed.stderr, end="")
            count += 1
        if os.access(ROOT / path, os.X_OK) and not (ROOT / path).read_bytes().startswith(b"#!"):
            print(f"{path}:1: executable, but without a shebang")
            count += 1
    if shutil.which("shellcheck") is None:
        print("no shellcheck here (deploy/dependencies.sh lint)")
        return 1 if count else SKIPPED
    # A script with a fault must not pass, or this check checks nothing.
    probe = subprocess.run(["shellcheck", "-s", "bash", "-"], input="rm -rf $1/*\n", capture_output=True, text=True)
    assert probe.returncode == 1, "shellcheck finds nothing in a faulty script"
    checked = subprocess.run(["shellcheck", "--severity=info", *scripts], cwd=ROOT, capture_output=True, text=True)
    print(checked.stdout + checked.stderr, end="")
    print(f"{len(scripts)} scripts read")
    return 1 if count or checked.returncode != 0 or not scripts else 0


if __name__ == "__main__":
    sys.exit(main())
