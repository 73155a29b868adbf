#!/usr/bin/env python3
"""The written recursions of models/detect/volatility.h and frozen.h, in double precision: volatility.csv, frozen.csv.

scipy gives the noise and, for runs, the geometric distribution; nothing here calls the C++ code.
"""

import csv
import pathlib

import numpy as np
from scipy import stats

HERE = pathlib.Path(__file__).parent


def volatility(zs):
    f, calm, mean, deviation, n, rows = 0.0, 0.0, 0.0, 0.0, 0, []
    for z in zs:
        f += 2 / 21 * (min(abs(z), 6) - f)
        calm += 2 / 21 * (min(abs(z), 2.5) - calm)
        scale = max(1.2533 * deviation, 0.1)
        heard = calm if abs(z) < 2 and calm < f else f
        rows.append([z, max(0.0, (f - mean) / scale), max(0.0, (heard - mean) / scale)])
        n += 1
        gain, limit, off = max(1 / 2000, 1 / n), 4 * scale, f - mean
        residual = float(np.clip(off, -limit, limit)) if n > 10 else off
        mean += gain * residual
        deviation += gain * (abs(residual) - deviation)
    return rows


def frozen(xs):
    last, repeats, longest, run, n, rows = None, 0.05, 0.0, 0, 0, []
    for x in xs:
        always_was, believed = run + 1 == n, 2 * longest + 5
        same, last, n = x == last, x, n + 1
        if same:
            run += 1
        else:
            longest, run = max(longest, run if always_was else min(run, believed)), 0
        surprise = 0.0
        if same and not always_was and n >= 100 and run > 1.5 * longest + 2:
            # A run of at least k repeats, each with probability `repeats`.
            surprise = -stats.geom.logsf(run, 1 - repeats) / np.log(10)
            surprise = 0.0 if surprise < 2 else min(surprise, np.log10(n) + 2.5)
        rows.append([x, surprise])
        longest *= 0.9999
        if always_was or run <= believed:
            repeats += max(1 / 1000, 1 / (n + 20)) * (same - repeats)
    return rows


def write(name, columns, rows):
    with open(HERE / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([[repr(float(value)) for value in row] for row in rows])


rng = np.random.default_rng(11)
z = stats.norm.rvs(size=800, random_state=rng)
z[300] = 12.0
z[500:560] *= 3
write("volatility.csv", ["x", "expected", "without_echo"], volatility(z))

counts = stats.poisson.rvs(2.0, size=1200, random_state=rng).astype(float)
counts[400:440] = 3.0
counts[700:760] = 0.0
counts[1000:1100] = 0.0
write("frozen.csv", ["x", "expected"], frozen(counts))
