#!/usr/bin/env python3
"""Text hygiene of the sources: line ends, tabs, trailing blanks, and no path of the machine that somebody worked on."""

import re
import sys

from repository_files import ROOT, repository_files

TEXT = {
    ".h", ".cpp", ".py", ".sh", ".yaml", ".yml", ".md", ".txt", ".json", ".xml", ".cmake", ".service", ".proto",
    "", ".toml", ".ini", ".cfg",
}  # fmt: skip
# Fixtures are bytes; what is wrong in them is wrong on purpose.
FIXTURES = ("tests/data/", "tests/golden/", "tests/fuzz/corpus/")
TAB_ALLOWED = (".gitmodules",)

# Home folders never belong in a source; /tmp only in prose, because programs ask for a temporary folder.
HOME = re.compile(r"(?<![\w.$}])/(?:home|Users)/[A-Za-z]")
TEMPORARY = re.compile(r"(?<![\w.$}*-])/tmp/[A-Za-z]")


def findings_of(path, data, own_root):
    """Findings as (line, sentence)."""
    fixture = path.startswith(FIXTURES)
    try:
        text = data.decode("utf-8", errors="replace" if fixture else "strict")
    except UnicodeDecodeError as error:
        return [(data.count(b"\n", 0, error.start) + 1, "not UTF-8")]
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if own_root in line:
            found.append((number, "the absolute path of this checkout"))
        elif HOME.search(line):
            found.append((number, "a path in somebody's home folder"))
        if fixture:
            continue
        if "\r" in line:
            found.append((number, "a carriage return"))
        elif line != line.rstrip():
            found.append((number, "blanks at the end of the line"))
        if "\t" in line and not path.endswith(TAB_ALLOWED):
            found.append((number, "a tab"))
        if not path.endswith(".md") and TEMPORARY.search(line):
            found.append((number, "a fixed path in /tmp; ask for a temporary folder"))
    if text and not fixture:
        if not text.endswith("\n"):
            found.append((text.count("\n") + 1, "no line break at the end of the file"))
        elif text.endswith("\n\n"):
            found.append((text.count("\n"), "empty lines at the end of the file"))
    return found


def self_test():
    own = "/somewhere/checkout"
    slash = "/"  # keeps these examples from being findings themselves
    for bad in (b"a\tb\n", b"a \n", b"a\r\n", b"a", b"a\n\n", b"\xff\n", f"x = '{own}/build'\n".encode(),
                f"cd {slash}home/ann/x\n".encode(), f"open('{slash}tmp/x')\n".encode()):  # fmt: skip
        assert findings_of("models/base/a.cpp", bad, own), f"overlooked: {bad!r}"
    for good in (b"", b"a\n", b"  a\n\nb\n", f"{slash}etc{slash}x\n".encode(), "gr\u00fcn\n".encode()):
        assert not findings_of("models/base/a.cpp", good, own), f"refused: {good!r}"
    assert not findings_of("tests/data/bad/a.json", b"a\t\r\n\xff", own)
    assert findings_of("tests/data/bad/a.json", own.encode(), own)


def main():
    self_test()
    files = [
        path
        for path in repository_files()
        if path.suffix in TEXT and path.name != "LICENSE" and not str(path).startswith("tests/fuzz/corpus/")
    ]
    # In a checkout at the top of the file system ("/src") the path is no sign of a person's machine.
    own_root = str(ROOT) if len(ROOT.parts) > 2 else "\0"
    count = 0
    for path in files:
        for line, sentence in findings_of(str(path), (ROOT / path).read_bytes(), own_root):
            print(f"{path}:{line}: {sentence}")
            count += 1
    print(f"{len(files)} files read, {count} findings")
    return 1 if count or not files else 0


if __name__ == "__main__":
    sys.exit(main())
