#!/usr/bin/env python3
"""Holds the layers: reads every #include of the C++ tree against the table below, and finds clocks where none may be.

The table is the one of docs/architecture.md: which project folders a folder may include, and which third-party
libraries. Anything that the tables do not know is a finding, so that a new library is a decision and not an accident.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

MODELS = ["models/base", "models/features", "models/detect"]
CONFIG = ["config/loader"]
RULES = ["rules/engine"]
OUTREACH = ["daemon/outreach", "daemon/outreach/gates"]
PIPELINE = ["daemon/codec"] + OUTREACH + ["daemon/pipeline"]
IO = ["daemon/io"]
SIMULATE = ["daemon/simulate"]
SCORE = ["daemon/score"]
BELOW_PIPELINE = MODELS + CONFIG + RULES
UP_TO_PIPELINE = BELOW_PIPELINE + PIPELINE
UP_TO_IO = UP_TO_PIPELINE + IO

# The shared vocabulary: small libraries that stand in signatures everywhere.
VOCABULARY = ["fmt", "tl-expected", "xxhash"]

# folder: (project folders it may include besides itself, third-party libraries it may include)
TABLE = {
    "models/base": (MODELS, VOCABULARY + ["Eigen"]),
    "models/features": (MODELS, VOCABULARY + ["Eigen"]),
    "models/detect": (MODELS, VOCABULARY + ["Eigen"]),
    "config/loader": (MODELS, VOCABULARY + ["yaml-cpp", "nlohmann-json"]),
    "rules/engine": (MODELS + CONFIG, VOCABULARY + ["re2", "date"]),
    # codec and outreach stand below the pipeline: it includes them, never the reverse.
    # codec writes what outreach decides, so it may include it; the reverse would be a circle.
    "daemon/codec": (
        BELOW_PIPELINE + OUTREACH,
        VOCABULARY + ["simdjson", "nlohmann-json", "libcrypto", "robin-map", "date"],
    ),
    "daemon/outreach": (BELOW_PIPELINE + OUTREACH, VOCABULARY + ["libcrypto", "robin-map", "date"]),
    "daemon/outreach/gates": (BELOW_PIPELINE + OUTREACH, VOCABULARY + ["date"]),
    "daemon/pipeline": (
        UP_TO_PIPELINE,
        VOCABULARY + ["simdjson", "nlohmann-json", "libcrypto", "robin-map", "date"],
    ),
    "daemon/io": (UP_TO_PIPELINE, VOCABULARY + ["spdlog", "nlohmann-json", "date"]),
    "daemon/simulate": (MODELS, VOCABULARY),
    "daemon/score": (MODELS, VOCABULARY + ["simdjson", "date"]),
    "daemon/kafka": (UP_TO_IO, VOCABULARY + ["spdlog", "librdkafka"]),
    "daemon/http": (UP_TO_IO, VOCABULARY + ["spdlog", "nlohmann-json", "libmicrohttpd", "prometheus-cpp"]),
    "daemon/cli": (
        UP_TO_IO + SIMULATE + SCORE + ["daemon/kafka", "daemon/http"],
        VOCABULARY + ["spdlog", "nlohmann-json", "CLI11", "date"],
    ),
    "daemon": (["daemon/cli"], []),
}

# Narrower than the folder: the only files that meet a library.
ONLY_IN = {"yaml-cpp": ["config/loader/config_tree.cpp"]}

LIBRARIES = [
    (r"Eigen/", "Eigen"),
    (r"tl/expected\.hpp$", "tl-expected"),
    (r"xxhash\.h$", "xxhash"),
    (r"fmt/", "fmt"),
    (r"yaml-cpp/", "yaml-cpp"),
    (r"nlohmann/", "nlohmann-json"),
    (r"re2/", "re2"),
    (r"date/", "date"),
    (r"simdjson\.h$", "simdjson"),
    (r"openssl/", "libcrypto"),
    (r"tsl/", "robin-map"),
    (r"spdlog/", "spdlog"),
    (r"librdkafka/", "librdkafka"),
    (r"microhttpd\.h$", "libmicrohttpd"),
    (r"prometheus/", "prometheus-cpp"),
    (r"CLI/", "CLI11"),
    (r"doctest/", "doctest"),
    (r"rapidcheck", "rapidcheck"),
    (r"benchmark/", "benchmark"),
]

# Headers of the operating system, for the layers that speak to it (config reads files and their modes). C++ standard headers have no dot in their name.
SYSTEM = re.compile(
    r"^(sys|netinet|arpa|linux)/[a-z_]+\.h$"
    r"|^(unistd|fcntl|poll|netdb|dirent|signal|pthread|threads|sched|time|pwd|termios|ifaddrs|cxxabi|dlfcn|execinfo|syslog|malloc)\.h$"
)
SYSTEM_FILES = ["daemon/pipeline/block_pool.cpp"]  # asks for huge pages, which changes no result
SYSTEM_ALLOWED = CONFIG + IO + ["daemon/kafka", "daemon/http", "daemon/cli", "daemon"]

# Instructions of one kind of machine; the file has another way for the rest.
INTRINSICS = {"emmintrin.h": ["daemon/codec/flat_telemetry.cpp"]}

# Below these, time is an argument: the same records give the same result whenever they are read.
CLOCKLESS = UP_TO_PIPELINE + SIMULATE + SCORE
CLOCK = re.compile(r"_clock::now\b|\bclock_gettime\b|\bgettimeofday\b|\bstd::time\s*\(|\brandom_device\b")

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def strip_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.DOTALL)


def rule_of(path):
    """What may the file at this path (relative, with slashes) include: (folders, libraries), or None if unknown."""
    folder = path.rsplit("/", 1)[0]
    if folder in TABLE:
        folders, libraries = TABLE[folder]
        return folders + [folder], libraries
    test_libraries = ["doctest", "rapidcheck"]
    unit = re.match(r"tests/unit/([a-z_]+)(/|$)", folder)
    if unit:
        library = unit.group(1)
        tested = {
            "models": MODELS, "config": CONFIG, "rules": RULES, "pipeline": PIPELINE, "codec": PIPELINE,
            "outreach": PIPELINE, "io": IO, "simulate": SIMULATE, "score": SCORE, "kafka": ["daemon/kafka"],
            "http": ["daemon/http"], "cli": ["daemon/cli"],
        }.get(library)  # fmt: skip
        if tested is None:
            return None
        folders, libraries = [], []
        for one in tested:
            folders += TABLE[one][0] + [one]
            libraries += TABLE[one][1]
        # A test may read what it checks with the project's own JSON library.
        return folders + [folder, "tests/support"], libraries + test_libraries + ["nlohmann-json"]
    # For tests of any layer; the linker holds those apart.
    if folder in ("tests/support", "tests/integration", "tests/bench/peers"):
        libraries = sorted({name for _, used in TABLE.values() for name in used} - {"yaml-cpp"})
        return sorted(TABLE) + [folder, "tests/support"], libraries + test_libraries
    # The evaluation kit drives the models alone.
    if folder == "tests/bench/quality":
        return MODELS + [folder], VOCABULARY + ["CLI11"]
    if folder in ("tests/property", "tests/simulation", "tests/bench", "tests/fuzz"):
        libraries = sorted({name for one in UP_TO_IO + SCORE for name in TABLE[one][1]} - {"yaml-cpp"})
        return UP_TO_IO + SIMULATE + SCORE + [folder, "tests/support"], libraries + test_libraries + ["benchmark"]
    return None


def findings_of(path, text):
    """All findings in one file, as (line, sentence)."""
    rule = rule_of(path)
    if rule is None:
        return [(1, "this folder is in no row of the layer table (tests/support/check_layers.py)")]
    folders, libraries = rule
    found = []
    text = strip_comments(text)
    for match in INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start(1) if match.group(1) else match.start(2)) + 1
        if match.group(1):
            folder = match.group(1).rsplit("/", 1)[0] if "/" in match.group(1) else None
            if folder is None or ".." in match.group(1):
                found.append((line, f'"{match.group(1)}": project includes are written from the root'))
            elif folder not in folders:
                found.append((line, f'"{match.group(1)}": {path.rsplit("/", 1)[0]} may not include {folder}'))
            continue
        header = match.group(2)
        library = next((name for pattern, name in LIBRARIES if re.match(pattern, header)), None)
        if library is not None:
            if library not in libraries:
                found.append((line, f"<{header}>: {path.rsplit('/', 1)[0]} may not use {library}"))
            elif path not in ONLY_IN.get(library, [path]):
                found.append((line, f"<{header}>: only {ONLY_IN[library][0]} may use {library}"))
        elif SYSTEM.match(header):
            folder = path.rsplit("/", 1)[0]
            if folder not in SYSTEM_ALLOWED and path not in SYSTEM_FILES and not folder.startswith("tests/"):
                found.append((line, f"<{header}>: this layer does not speak to the operating system"))
        elif header in INTRINSICS:
            if path not in INTRINSICS[header]:
                found.append((line, f"<{header}>: only {', '.join(INTRINSICS[header])} may use it"))
        elif "." in header or "/" in header:
            found.append((line, f"<{header}>: an unknown library; name it in the tables of this check"))
    if any(path.startswith(folder + "/") for folder in CLOCKLESS):
        for match in CLOCK.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append((line, f"{match.group()}: time and chance are arguments here, not read"))
    return found


def self_test():
    """The check must be able to fail: each line here is a breach, or must pass."""
    breaches = [
        ("models/detect/ewma.cpp", '#include "config/loader/config_tree.h"'),
        ("models/base/time.h", "#include <re2/re2.h>"),
        ("config/loader/load_config.cpp", '#include "rules/engine/rule.h"'),
        ("config/loader/diagnostics.cpp", "#include <yaml-cpp/parser.h>"),
        ("rules/engine/rule.cpp", '#include "daemon/codec/record.h"'),
        ("daemon/codec/decode.cpp", '#include "daemon/pipeline/pipeline.h"'),
        ("daemon/outreach/decide.cpp", '  #  include "daemon/codec/record.h"'),
        ("daemon/outreach/decide.cpp", '#include "daemon/pipeline/limits.h"'),
        ("daemon/pipeline/pipeline.cpp", '#include "daemon/io/ports.h"'),
        ("daemon/io/lane.cpp", '#include "daemon/kafka/kafka_source.h"'),
        ("daemon/io/lane.cpp", "#include <librdkafka/rdkafka.h>"),
        ("daemon/http/server.cpp", '#include "daemon/kafka/handles.h"'),
        ("daemon/kafka/kafka_sink.cpp", "#include <microhttpd.h>"),
        ("daemon/simulate/fleet.cpp", '#include "daemon/codec/record.h"'),
        ("daemon/cli/run.cpp", "#include <yaml-cpp/yaml.h>"),
        ("daemon/pipeline/pipeline.cpp", '#include "limits.h"'),
        ("daemon/pipeline/pipeline.cpp", '#include "daemon/pipeline/../io/ports.h"'),
        ("daemon/pipeline/pipeline.cpp", "#include <unistd.h>"),
        ("models/base/math.cpp", "#include <boost/math.hpp>"),
        ("models/base/math.cpp", "const auto now = std::chrono::system_clock::now();"),
        ("daemon/simulate/fleet.cpp", "std::random_device seed;"),
        ("daemon/newfolder/x.cpp", "int x;"),
        ("tests/unit/models/x_test.cpp", '#include "rules/engine/rule.h"'),
        ("tests/property/x_test.cpp", '#include "daemon/kafka/handles.h"'),
    ]
    allowed = [
        ("models/detect/ewma.cpp", "#include <vector>\n#include <Eigen/Core>"),
        ("config/loader/config_tree.cpp", "#include <yaml-cpp/parser.h>"),
        ("daemon/pipeline/pipeline.cpp", '#include "daemon/codec/decode.h"\n#include "rules/engine/rule.h"'),
        ("daemon/pipeline/pipeline.cpp", '// #include "daemon/io/ports.h"\n/* #include <re2/re2.h> */'),
        ("daemon/cli/run.cpp", '#include "daemon/kafka/kafka_source.h"\n#include <CLI/CLI.hpp>'),
        ("tests/unit/codec/x_test.cpp", '#include "daemon/codec/decode.h"\n#include <doctest/doctest.h>'),
    ]
    for path, text in breaches:
        assert findings_of(path, text), f"the check overlooks {text!r} in {path}"
    for path, text in allowed:
        assert not findings_of(path, text), f"the check refuses {text!r} in {path}: {findings_of(path, text)}"
    assert findings_of("models/base/a.cpp", "\n\n#include <re2/re2.h>\n")[0][0] == 3


def main():
    self_test()
    files = [
        path
        for top in ("models", "config", "rules", "daemon", "tests")
        for path in sorted((ROOT / top).rglob("*"))
        if path.suffix in (".h", ".cpp") and "data" not in path.relative_to(ROOT).parts
    ]
    count = 0
    for file in files:
        path = file.relative_to(ROOT).as_posix()
        for line, sentence in findings_of(path, file.read_text(encoding="utf-8")):
            print(f"{path}:{line}: {sentence}")
            count += 1
    print(f"{len(files)} files read, {count} findings")
    return 1 if count or not files else 0


if __name__ == "__main__":
    sys.exit(main())
