#!/usr/bin/python3
"""Writes detectors.csv (single values by scipy.stats) and ewma.csv (a series by a plain recursion in numpy floats).

Run from this folder with Debian's python3-scipy; the output is checked in.
"""
import math

import numpy as np
from scipy import stats

rows = []

# tail: u, mean excess, mean square excess, s -> -log10 p
for u, mean, square in [(2.5, 1.0, 2.0), (2.33, 0.35, 0.24), (3.1, 1.4, 6.5), (0.8, 2.0, 30.0), (2.0, 0.5, 0.3)]:
    variance = square - mean * mean
    xi = min(max((1 - mean * mean / variance) / 2, 0), 0.5)
    sigma = mean * (1 + mean * mean / variance) / 2 if xi > 0 else mean
    sigma = max(sigma, 0.1 * u)
    if xi > 0:  # the fit has the moments it was made from
        m, v = stats.genpareto(xi, scale=sigma).stats("mv")
        assert abs(m - mean) < 1e-9 and abs(v - variance) < 1e-6 * variance
    for s in [0.0, 0.5 * u, u, 1.01 * u, 1.5 * u, 2 * u, 4 * u, 30 * u]:
        if s <= u:
            value = -math.log10(0.02) * (s / u) ** 2
        else:
            value = -(math.log(0.02) + stats.genpareto.logsf(s - u, xi, scale=sigma)) / math.log(10)
        rows.append(("tail", u, mean, square, s, value))

# gumbel: typical, spread, S -> p
for typical, spread in [(2.5, 0.7), (1.25, 0.0), (4.0, 1.2)]:
    b = max(0.05 * typical, spread)
    for s in [0, 1, 2, 2.5, 4, 6, 9]:
        rows.append(("gumbel", typical, spread, s, 0, stats.gumbel_r.sf(s, loc=typical - np.euler_gamma * b, scale=b)))

# ratio_high, ratio_low: alpha, beta, x, n -> -log10 p of that side; ratio_either: twice the smaller side
for a, b in [(0.5, 4.5), (4, 196), (60, 140)]:
    for n in [1, 10, 60, 300]:
        d = stats.betabinom(n, a, b)
        for x in sorted({0, 1, round(n * a / (a + b)), round(n * 0.2), round(n * 0.5), n}):
            mean = n * a / (a + b)
            upper = float(np.sum(d.pmf(np.arange(x, n + 1))))
            lower = float(np.sum(d.pmf(np.arange(0, x + 1))))
            side = upper if x > mean else lower
            if side < 1e-9:
                continue  # sums of betabinom.pmf lose digits there; math.csv has exact ones
            rows.append(("ratio_high", a, b, x, n, -math.log10(upper) if x > mean else 0))
            rows.append(("ratio_low", a, b, x, n, -math.log10(lower) if x <= mean else 0))
            rows.append(("ratio_either", a, b, x, n, max(0.0, -math.log10(2 * side))))

# density_prior: bin from the centre -> mass of the t3 prior of density_tail.cpp, one sample = 2^19
edges = [math.sinh((k + 0.5) / 6) for k in range(36)] + [math.inf]
for k in range(37):
    low = -edges[0] if k == 0 else edges[k - 1]
    mass = stats.t.sf(low, 3) - stats.t.sf(edges[k], 3)
    # the last bin holds all beyond; the one before it must not be rarer
    rows.append(("density_prior", k, 0, 0, 0, max(2, round(20 * 2**19 * mass))))

with open("detectors.csv", "w") as out:
    out.write("what,a,b,c,d,value\n")
    for row in rows:
        out.write(",".join([row[0]] + [repr(float(v)) for v in row[1:5]] + ["%.12e" % row[5]]) + "\n")

# A series with a step, a spike and a gap, and the z that the description of docs/models/ewma.md gives for it.
rng = np.random.default_rng(7)
x = np.round(50 + 3 * rng.standard_normal(1000), 3)
x[150] = 90
x[250:] += 12
x[500:] += 200  # a day later this is normal
buckets = np.ones(1000)
buckets[300] = 40
mean, deviation, outside = x[0], 0.0, 0.0
floor = 0.05
step_hours = 1 / 12
memory = min(max(25 / step_hours, 25), 100)
with open("ewma.csv", "w") as out:
    out.write("x,buckets,z,mean\n")
    out.write("%r,1,,\n" % float(x[0]))
    for i in range(1, len(x)):
        scale = max(1.2533 * deviation, floor)
        r = x[i] - mean
        z = r / scale
        out.write("%r,%d,%.9e,%.9e\n" % (float(x[i]), buckets[i], z, mean))
        if i > 10 and abs(z) > 3:
            if outside * r < 0:
                outside = 0.0
            outside = outside + math.copysign(min(buckets[i], 3) * step_hours, r)
        else:
            outside = 0.0
        accepted = abs(outside) >= min(24, max(1, 300 * step_hours))
        outside = float(np.float32(outside))  # as it is stored
        learnt = min(max(r, -3 * scale), 3 * scale) if i > 10 and not accepted else r
        n = i + 1
        gain = max(1 / memory, 1 / n)
        if buckets[i] > 1:
            gain = max(gain, min(0.2, 1 - (1 - gain) ** buckets[i]))
        if accepted:
            gain = max(gain, 0.1)
        mean += gain * learnt
        if abs(outside) <= 2.5 * step_hours:
            deviation += max(1 / 200, 1 / n) * (abs(learnt) - deviation)
