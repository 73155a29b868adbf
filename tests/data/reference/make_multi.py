#!/usr/bin/python3
"""Writes multi.csv: what numpy and scipy say of the arithmetic of models/detect/multi*.h.

Run from this folder with Debian's python3-scipy; the output is checked in. Lines, by their first word:

    base SET x...              a baseline row of data set SET
    oas SET value              the shrinkage of its correlation
    probe SET y... t2 spe share...
    step x... t2               rows behind the baseline of set 0, in order, and the T2 of their smoothed values
    normal x f value           the standard normal number with the tail probability of chi-squared x, f degrees of freedom
"""
import numpy as np
from scipy import stats

rng = np.random.default_rng(11)
LINES = []


def line(*cells):
    LINES.append(",".join(c if isinstance(c, str) else str(c) if isinstance(c, int) else "%.15g" % c for c in cells))


def fit(x, floor=0.03):
    """Scales, shrunk correlation, shrinkage of a baseline."""
    n = len(x) - 1
    r = np.corrcoef(x, rowvar=False)
    p = len(r)
    square, trace = np.sum(r * r), np.trace(r)
    oas = ((1 - 2 / p) * square + trace**2) / ((n + 1 - 2 / p) * (square - trace**2 / p))
    shrinkage = max(floor, min(1.0, oas))
    return np.std(x, axis=0, ddof=1), (1 - shrinkage) * r + shrinkage * np.eye(p), shrinkage


mix = rng.standard_normal((5, 5))
plain = np.round(10 + rng.standard_normal((60, 5)) @ mix, 6)
near = rng.standard_normal((200, 6))
near[:, 5] = near[:, 0] + near[:, 1]  # without shrinkage there would be no inverse
near = np.round(near, 6)
short = np.round(rng.standard_normal((10, 12)), 6)  # fewer rows than columns
sets = [plain, near, short]

for number, x in enumerate(sets):
    for row in x:
        line("base", number, *row)
    scale, r, shrinkage = fit(x)
    line("oas", number, shrinkage)
    values, vectors = np.linalg.eigh(r)
    keep = np.searchsorted(np.cumsum(values[::-1]) / values.sum(), 0.9) + 1
    v = vectors[:, ::-1][:, :keep]
    for _ in range(4):
        y = np.round(2 * rng.standard_normal(x.shape[1]), 6)
        white = np.linalg.solve(r, y)
        t2 = y @ white
        rest = y - v @ (v.T @ y)
        share = np.maximum(y * white, 0)
        line("probe", number, *y, t2, rest @ rest, *(share / share.sum()))

scale, r, _ = fit(plain)
n, gain, y = len(plain), 2 / 9, np.zeros(5)
mean = plain.mean(axis=0)  # the cohort's and the entity's are the same here
for k in range(1, 41):
    x = np.round(plain[rng.integers(n)] + (1.5 * scale if k > 20 else 0), 6)
    y = y + gain * (np.clip((x - mean) / scale, -8, 8) - y)
    left = (1 - gain) ** k
    variance = gain / (2 - gain) * (1 - left**2) + (1 - left) ** 2 / (n + 4)
    line("step", *x, y @ np.linalg.solve(r, y) / variance)

for f in (1, 2, 5, 8.5, 20, 64):
    for p in (0.5, 0.05, 1e-3, 1e-6, 1e-9):
        x = stats.chi2.isf(p, f)
        line("normal", float(x), float(f), float(stats.norm.isf(p)))

with open("multi.csv", "w") as out:
    out.write("what,...\n" + "\n".join(LINES) + "\n")
