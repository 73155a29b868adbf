#!/usr/bin/python3
"""Writes catalogue.csv: series, and what jump, drift, stuck, rate, forecast and silence say of them, by plain recursions in double
precision after their headers' descriptions, with probabilities by scipy.stats.

Run from this folder with Debian's python3-scipy; the output is checked in.
"""
import math

import numpy as np
from scipy import stats

rows = []
rng = np.random.default_rng(11)


class Robust:
    def __init__(self):
        self.mean = self.deviation = 0.0

    def scale(self, floor):
        return max(1.2533 * self.deviation, floor)

    def learn(self, x, n, memory, clip, floor):
        gain = max(1 / n, 1 / memory)
        r = x - self.mean
        if n > 10:
            limit = clip * self.scale(floor)
            r = min(max(r, -limit), limit)
        self.mean += gain * r
        self.deviation += gain * (abs(r) - self.deviation)


x = np.round(50 + 3 * rng.standard_normal(240), 3)
x[100] = 90
x[160:] += 12
x[200:] = x[199]  # stuck

# jump: x -> z
usual, previous, n = Robust(), None, 0
for value in x:
    z = math.nan
    if previous is not None:
        step = value - previous
        if n >= 20:
            z = (step - usual.mean) / usual.scale(0.05)
        n += 1
        usual.learn(step, n, 1000, 4, 0.05)
    previous = value
    rows.append(("jump", value, z, 0))

# drift: z of a level -> z of its smoothed self; extra: what is heard of it once values are ordinary again
usual, f, calm, n = Robust(), 0.0, 0.0, 0
for value in np.round(np.concatenate([rng.standard_normal(120), 1 + rng.standard_normal(60), [50.0, -50.0], rng.standard_normal(20)]), 3):
    f += (min(max(value, -20), 20) - f) * 2 / 13
    calm += (min(max(value, -3), 3) - calm) * 2 / 13
    z = (f - usual.mean) / usual.scale(0.1) if n >= 20 else math.nan
    heard = calm if abs(value) < 2 and abs(calm) < abs(f) else f
    heard = (heard - usual.mean) / usual.scale(0.1)
    n += 1
    usual.learn(f, n, 2000, 4, 0.1)
    rows.append(("drift", value, z, heard))

# stuck: x -> z
usual, previous, f, n = Robust(), None, 0.0, 0
for value in x:
    z = math.nan
    if previous is not None:
        step = math.log(abs(value - previous) + 0.05)
        f = step if n == 0 else f + (step - f) * 2 / 13
        if n >= 100 and usual.mean > math.log(0.1):
            z = min(0.0, (f - usual.mean) / usual.scale(0.3))
        n += 1
        usual.learn(f, n, 1000, 4, 0.3)
    previous = value
    rows.append(("stuck", value, z, 0))

# rate: count, exposure -> -log10 p of both sides
a, b, phi, n = 0.5, 0.01, 1.0, 0
for i in range(200):
    exposure = 2.0 if i % 50 == 49 else 1.0
    k = int(rng.negative_binomial(5, 5 / (5 + 8 * exposure)))
    if i == 120:
        k = 90
    if i > 180:
        k = 0
    mean = a / b * exposure
    size = 1 / (1 / a + (phi - 1) / mean)
    d = stats.nbinom(size, size / (size + mean))
    tail = d.sf(k - 1) if k > mean else d.cdf(k)
    p = tail - 0.5 * d.pmf(k)
    rows.append(("rate", k, max(0.0, -math.log10(2 * p)), exposure))
    variance = mean + mean * mean / size
    limit = max(1.0, 4 * math.sqrt(variance))
    learnt = k if n == 0 else min(max(k, mean - limit), mean + limit)
    n += 1
    pearson = min((k - mean) ** 2 / (mean + mean * mean / a), 9 * phi)
    phi = max(1.0, phi + max(1 / 200, 1 / (n + 20)) * (pearson - phi))
    a = 0.99 * a + learnt + 0.01 * 0.5
    b = 0.99 * b + exposure + 0.01 * 0.01

# forecast: x -> probability of reaching 100 within 288 buckets
level = trend = 0.0
error, n = Robust(), 0
for i in range(220):
    value = round(60 + (0.15 * (i - 80) if i > 80 else 0) + rng.standard_normal(), 3)
    if n == 0:
        level = value
    n += 1
    level += trend
    e = value - level
    limit = 3 * error.scale(0.05)
    learnt = min(max(e, -limit), limit) if n > 10 else e
    level += max(0.1, 1 / n) * learnt
    if n > 10:
        trend += 0.01 * learnt
    error.learn(e, n, 200, 3, 0.05)
    p = math.nan
    if n >= 30:
        distance = 100 - level
        s = error.scale(0.05) * math.sqrt(0.1**2 + 288 * 0.022**2)
        noise = 0.022 * error.scale(0.05)
        drift = trend * max(0.0, 1 - 9 * noise**2 / trend**2)
        if drift == 0:  # the reflection principle
            p = 2 * stats.norm.sf(distance / (s * math.sqrt(288)))
        else:
            shape = distance**2 / s**2
            ever = 1.0 if drift > 0 else math.exp(2 * distance * drift / s**2)
            p = ever * stats.invgauss(distance / abs(drift) / shape, scale=shape).cdf(288)
    rows.append(("forecast", value, p, 0))

# silence: gap in seconds learnt, then a gap of ten times as much asked -> -log10 p
log_gap, n = Robust(), 0
for i in range(60):
    gap = round(float(300 * math.exp(0.8 * rng.standard_normal())), 3)
    n += 1
    log_gap.learn(math.log(gap), n, 200, 3, 0.5)
    beyond = math.log(10 * gap) - log_gap.mean
    value = 0.0
    if n >= 10 and beyond >= math.log(3):
        value = -stats.lognorm(log_gap.scale(0.5), scale=math.exp(log_gap.mean)).logsf(10 * gap) / math.log(10)
    rows.append(("silence", gap, value, 0))

with open("catalogue.csv", "w") as out:
    out.write("model,x,value,extra\n")
    for name, value, result, extra in rows:
        out.write("%s,%r,%s,%r\n" % (name, float(value), "" if math.isnan(result) else "%.12e" % result, float(extra)))
