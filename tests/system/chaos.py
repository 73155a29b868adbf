#!/usr/bin/env python3
"""The chaos suite: faults on a real broker, each in several rounds. A round ends in equality with `proactived replay`,
id for id, or in the refusal that docs/operating.md names. One that fails keeps its files and says how to repeat it.
"""

import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

from support import chaos_run  # noqa: E402
from support.faults import FAULTS  # noqa: E402


def main():
    names = [fault.name for fault in FAULTS]
    parser = argparse.ArgumentParser(description=__doc__, epilog="Faults: " + ", ".join(names))
    parser.add_argument("binary", help="the built proactived")
    parser.add_argument("port_base", type=int, help="a broker is there or gets started; the nine ports behind it are ours")
    parser.add_argument("--rounds", type=int, default=5, help="of each fault (default 5); hundred_kills runs once")
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help="this fault; may be repeated")
    parser.add_argument("--seed", type=int, help="of the dice; printed when it is drawn")
    parser.add_argument("--first", type=int, default=1, help="number of the first round, to repeat one that failed")
    flags = parser.parse_args()
    chaos_run.run("tests/system/chaos.py", flags.binary, flags.port_base, flags.only or names, flags.rounds, flags.seed,
                  flags.first)  # fmt: skip


main()
