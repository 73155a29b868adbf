#!/usr/bin/env python3
"""Opens a page of `score --html` in headless Chromium, looks at what it drew and at what it said.

    page_check.py [--sparse] PAGE WORK [TEXT ...]

WORK is a folder for the profile and the screenshot; each TEXT must be shown. --sparse: a page with hardly a row.

The screenshot must hold the colours of the value, of the score and of the axes in more than a few dots, the script must
have run to its end, and the console must be silent. Exit 1 with the findings, 77 without a browser.
"""

import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr",
    "--window-size=1280,900", "--virtual-time-budget=5000",
]  # fmt: skip


def pixels(png):
    """Rows of (red, green, blue) of an eight-bit PNG without interlacing."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
    at, data, width, height, depth = 8, b"", 0, 0, 0
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + size]
        at += 12 + size
        if kind == b"IHDR":
            width, height, bits, colour = struct.unpack(">IIBB", body[:10])
            assert bits == 8 and colour in (2, 6), "an unexpected kind of PNG"
            depth = 3 if colour == 2 else 4
        elif kind == b"IDAT":
            data += body
    raw, line, before = zlib.decompress(data), width * depth, bytearray(width * depth)
    for y in range(height):
        filtered, row = raw[y * (line + 1)], bytearray(raw[y * (line + 1) + 1 : (y + 1) * (line + 1)])
        for i in range(line):
            left = row[i - depth] if i >= depth else 0
            up, corner = before[i], before[i - depth] if i >= depth else 0
            if filtered == 1:
                row[i] = (row[i] + left) & 255
            elif filtered == 2:
                row[i] = (row[i] + up) & 255
            elif filtered == 3:
                row[i] = (row[i] + (left + up) // 2) & 255
            elif filtered == 4:
                p = left + up - corner
                a, b, c = abs(p - left), abs(p - up), abs(p - corner)
                row[i] = (row[i] + (left if a <= b and a <= c else up if b <= c else corner)) & 255
        before = row
        yield [tuple(row[i : i + 3]) for i in range(0, line, depth)]


def near(colour, wanted):
    return all(abs(a - b) <= 24 for a, b in zip(colour, wanted))


def browse(browser, page, work, *more):
    with tempfile.TemporaryDirectory(dir=work) as profile:
        return subprocess.run([browser, *FLAGS, f"--user-data-dir={profile}", *more, page.resolve().as_uri()],
                              capture_output=True, text=True, timeout=180)  # fmt: skip


def findings(browser, page, work, texts, sparse):
    shot = pathlib.Path(work) / "page.png"
    shot.unlink(missing_ok=True)
    found = []
    ran = browse(browser, page, work, f"--screenshot={shot}")
    found += [line for line in ran.stderr.splitlines() if "CONSOLE" in line]
    dom = browse(browser, page, work, "--dump-dom").stdout
    if 'data-drawn="yes"' not in dom:
        found.append("the script did not run to its end")
    found += [f"'{text}' is not shown" for text in texts if text not in dom]
    if not shot.exists():
        return found + ["no screenshot: " + ran.stderr[-500:]]
    if sparse:
        return found
    seen = {"value": 0, "score": 0, "axes": 0}
    wanted = {"value": (31, 78, 140), "score": (232, 116, 12), "axes": (82, 96, 109)}
    for row in list(pixels(shot.read_bytes()))[110:640]:  # the canvas, without the key above it
        for colour in row:
            if min(colour) > 240:
                continue
            for name, of in wanted.items():
                seen[name] += near(colour, of)
    found += [f"only {count} dots of the colour of the {name}" for name, count in seen.items() if count < 20]
    return found


def main():
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        print("no Chromium here (deploy/dependencies.sh test)")
        return 77
    arguments = [one for one in sys.argv[1:] if one != "--sparse"]
    page, work, texts = pathlib.Path(arguments[0]), arguments[1], arguments[2:]
    found = findings(browser, page, work, texts, "--sparse" in sys.argv)
    for one in found:
        print(f"{page.name}: {one}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
