#!/usr/bin/env python3
"""Every relative link in a Markdown file leads to a file that exists, and to a heading that it has."""

import os
import re
import sys

from repository_files import ROOT, repository_files

LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\s*\[[^\]]+\]:\s+(\S+)", re.MULTILINE)


def without_code(text):
    """The text with fenced blocks and code spans blanked, line breaks kept."""
    blank = lambda match: re.sub(r"[^\n]", " ", match.group())  # noqa: E731
    text = re.sub(r"^( *)(```+|~~~+).*?^\1\2[`~]*\s*?$", blank, text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"(`+)[^`\n](?:.*?[^`])??\1(?!`)", blank, text)


def anchors_of(text):
    """The anchors of a file's headings, as GitHub makes them."""
    anchors, seen = set(), {}
    fenced = re.sub(r"^( *)(```+|~~~+).*?^\1\2[`~]*\s*?$", "", text, flags=re.DOTALL | re.MULTILINE)
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", fenced, re.MULTILINE):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        number = seen.get(slug, 0)
        seen[slug] = number + 1
        anchors.add(f"{slug}-{number}" if number else slug)
    anchors.update(re.findall(r"<a\s+(?:id|name)=\"([^\"]+)\"", text))
    return anchors


def findings_of(path, text, exists, read):
    """Findings as (line, sentence); exists and read look at paths relative to the root."""
    found = []
    text = without_code(text)
    for match in LINK.finditer(text):
        target = match.group(1) or match.group(2)
        if re.match(r"[a-z][a-z0-9+.-]*:", target, re.IGNORECASE):
            continue  # another place; not checked, since tests need no network
        line = text.count("\n", 0, match.start()) + 1
        name, _, anchor = target.partition("#")
        if name.startswith("/"):
            found.append((line, f"{target}: links are relative"))
            continue
        to = os.path.normpath(os.path.join(os.path.dirname(path), name)) if name else path
        if not exists(to):
            found.append((line, f"{target}: no such file"))
        elif anchor and to.endswith(".md") and anchor not in anchors_of(read(to)):
            found.append((line, f"{target}: {to} has no such heading"))
    return found


def self_test():
    files = {"a.md": "# One `two`: three\n## Same\n## Same\n", "docs/b.md": ""}
    check = lambda text: findings_of("docs/b.md", text, lambda p: p in files, files.get)  # noqa: E731
    for good in ("[x](../a.md)", "[x](../a.md#one-two-three)", "[x](../a.md#same-1)", "[x](https://example.org/y)",
                 "`[x](none.md)`", "```\n[x](none.md)\n```", "a[0](1.5 is code)"):  # fmt: skip
        assert not check(good), f"refused: {good!r}"
    for bad in ("[x](none.md)", "[x](../a.md#four)", "[x](/a.md)", "a\n\n[x]: none.md\n", "![x](none.png)"):
        assert check(bad), f"overlooked: {bad!r}"
    assert check("a\n\n[x](none.md)")[0][0] == 3


def main():
    self_test()
    known = {str(path) for path in repository_files()}
    folders = {str(parent) for path in repository_files() for parent in path.parents}
    exists = lambda path: path in known or path.rstrip("/") in folders  # noqa: E731
    read = lambda path: (ROOT / path).read_text(encoding="utf-8")  # noqa: E731
    pages = [path for path in sorted(known) if path.endswith(".md")]
    count = 0
    for path in pages:
        for line, sentence in findings_of(path, read(path), exists, read):
            print(f"{path}:{line}: {sentence}")
            count += 1
    print(f"{len(pages)} pages read, {count} findings")
    return 1 if count or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
