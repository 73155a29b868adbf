#!/usr/bin/env python3
"""The cheaper faults of the chaos suite, once each: tests/system/chaos.py runs all of them, in rounds.

Usage: tests/integration/chaos.py BINARY PORT_BASE      SEED=... repeats a run
"""

import os
import sys

from support import chaos_run
from support.faults import SHORT

chaos_run.run("tests/system/chaos.py", sys.argv[1], int(sys.argv[2]), SHORT, 1, int(os.environ.get("SEED", "0")))
