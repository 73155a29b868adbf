#!/usr/bin/env python3
"""The demo's promise over seeds that no development used: at least 80 % of the faults of size 2 and more are caught
before their ticket, and at most one outreach per 100 customers and week is false.

Usage: tests/system/demo_seeds.py BINARY [SEEDS]      default 20; the table goes to standard output
"""

import json
import subprocess
import sys

FIRST_SEED = 9001
CAUGHT_AT_LEAST = 0.80
FALSE_AT_MOST = 1.0

# heading, key of the summary, width
COLUMNS = [
    ("faults", "faults_size2", 7),
    ("caught", "caught_size2", 7),
    ("of all", "faults", 7),
    ("caught", "caught_before_ticket", 7),
    ("outreach", "outreach", 9),
    ("false", "false_outreach", 6),
    ("false/100/week", "false_per_100_customers_week", 15),
    ("lead, h", "median_lead_hours", 8),
    ("static caught", "static_caught_size2", 14),
    ("false", "static_false_outreach", 6),
    ("events/s", "events_per_second", 10),
]


def shown(value, width):
    if value is None:
        return "-".rjust(width)
    return (f"{value:.2f}" if isinstance(value, float) and value < 1000 else f"{value:.0f}").rjust(width)


def main():
    binary = sys.argv[1]
    seeds = range(FIRST_SEED, FIRST_SEED + (int(sys.argv[2]) if len(sys.argv) > 2 else 20))
    print("seed ".ljust(6) + "".join(heading.rjust(width) for heading, _, width in COLUMNS))
    rows = []
    for seed in seeds:
        ran = subprocess.run(
            [binary, "demo", "--seed", str(seed), "--format", "json"], capture_output=True, text=True
        )
        if ran.returncode != 0:
            sys.exit(f"demo --seed {seed} ended with {ran.returncode}: {ran.stderr}")
        row = json.loads(ran.stdout.strip().splitlines()[-1])
        lead = row.get("median_lead_seconds")
        row["median_lead_hours"] = None if lead is None else lead / 3600
        rows.append(row)
        print(str(seed).ljust(6) + "".join(shown(row.get(key), width) for _, key, width in COLUMNS), flush=True)

    faults = sum(row["faults_size2"] for row in rows)
    caught = sum(row["caught_size2"] for row in rows)
    false = sum(row["false_per_100_customers_week"] for row in rows) / len(rows)
    print(f"caught {caught} of {faults} faults of size 2 and more: {caught / faults:.1%}")
    print(f"false outreach per 100 customers and week: {false:.2f}, worst seed "
          f"{max(row['false_per_100_customers_week'] for row in rows):.2f}")  # fmt: skip
    kept = caught >= CAUGHT_AT_LEAST * faults and false <= FALSE_AT_MOST
    print("the promise is", "kept" if kept else "BROKEN")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
