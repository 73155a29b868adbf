#!/usr/bin/python3
"""Writes math.csv: function, up to four arguments, and the value that scipy or mpmath-free formulas give.

Run from this folder with Debian's python3-scipy; the output is checked in. Logs of tiny tails come from scipy's own log
functions where it has them, and from exact sums of integers (fractions, lgamma-free) for the beta-binomial.
"""
import math
from decimal import Decimal, getcontext
from fractions import Fraction

import numpy as np
from scipy import special, stats

getcontext().prec = 60
rows = []


def row(name, args, value):
    if math.isfinite(value):
        rows.append((name, [repr(float(a)) for a in args], "%.15e" % value))


for x in [1e-310, 1e-300, 1e-20, 0.001, 0.5, 0.96, 0.97, 0.999, 0.999999999, 1.0000001, 1.03, 1.04, 1.5, 2, 3, 10, 12345.678, 1e100, 1e308]:
    row("log", [x], math.log(x))
    row("log10", [x], math.log10(x))
for x in [-0.999, -0.5, -0.031, -1e-3, -1e-12, 1e-18, 1e-9, 0.01, 0.0312, 0.04, 1, 20, 1e9]:
    row("log1p", [x], math.log1p(x))
for x in [-745, -708.5, -700, -100, -10.3, -1, -0.36, -0.2, -1e-5, 0, 1e-9, 0.1, 0.34, 0.36, 1, 2.5, 50, 700, 709.7]:
    row("exp", [x], math.exp(x))
    row("expm1", [x], math.expm1(x))
for x, y in [(2, 0.5), (10, -3.3), (0.02, 4), (1.0001, 10000)]:
    row("pow", [x, y], math.pow(x, y))
for t in [-3.2, -0.5, -0.1, 0.05, 0.1, 0.125, 0.2, 0.3, 0.45, 0.6, 0.7, 0.8, 0.9, 0.99, 17.3]:
    row("sin_turns", [t], float(np.sin(2 * np.pi * (Decimal(repr(t)) % 1).__float__())))
    row("cos_turns", [t], float(np.cos(2 * np.pi * (Decimal(repr(t)) % 1).__float__())))
for x in [-7, -3, -2, -1, -0.3, 0, 1e-6, 0.2, 0.9, 1.9, 1.99, 2, 2.5, 5, 10, 20, 26]:
    row("erfc", [x], special.erfc(x))
for z in [-9, -4, -1, 0, 0.5, 1, 2, 2.8, 2.9, 3, 5, 8, 12, 20, 30, 36, 37.5]:
    row("log_normal_tail", [z], special.log_ndtr(-z))
for p in [1e-300, 1e-30, 1e-9, 1e-3, 0.02, 0.25, 0.49, 0.5, 0.7, 0.99, 0.999999]:
    row("normal_quantile", [p], special.ndtri(p))
for x in [1e-5, 0.1, 0.5, 1.5, 2.5, 3.7, 7.9, 8, 8.1, 20, 171.3, 1e4, 1e8]:
    row("lgamma", [x], special.gammaln(x))
for a, b in [(0.5, 0.5), (0.5, 4.5), (2, 3), (10, 190), (1, 1), (50, 50), (0.3, 200), (1000, 30), (5000, 5000)]:
    for x in [1e-12, 1e-4, 0.01, 0.05, 0.2, 0.5, 0.6, 0.9, 0.99]:
        value = special.betainc(a, b, x)
        if 1e-290 < value and value < 1 - 1e-3:
            row("log_incomplete_beta", [a, b, x], math.log(value))
for a, b, x in [(400, 2, 0.01), (60, 800, 1e-4), (900, 100, 0.3)]:  # below what betainc holds, by logs
    k = np.arange(0, 4000)
    # I_x(a, b) = x^a (1-x)^b / (a B(a,b)) * 2F1(a+b, 1; a+1; x), a series of positive terms
    terms = np.cumsum(np.concatenate([[0.0], np.log((a + b + k) * x / (a + 1 + k))]))
    top = terms.max()
    series = top + math.log(math.fsum(np.exp(terms - top)))
    row("log_incomplete_beta", [a, b, x],
        a * math.log(x) + b * math.log1p(-x) - math.log(a) - special.betaln(a, b) + series)


def beta_binomial_upper(k, n, a, b):
    """Exact: rational arithmetic, then one logarithm in 60 digits."""
    a, b = Fraction(a), Fraction(b)
    mass = Fraction(1)
    for i in range(n):  # P(X = 0)
        mass *= (b + i) / (a + b + i)
    tail = Fraction(0)
    for i in range(n + 1):
        if i >= k:
            tail += mass
        if i < n:
            mass *= Fraction(n - i, i + 1) * (a + i) / (n - i - 1 + b)
    return float((Decimal(tail.numerator) / Decimal(tail.denominator)).ln())


for a, b in [(0.5, 4.5), (2, 198), (10, 190), (100, 100), (190, 10), (0.25, 1), (1, 0.5)]:
    for n in [1, 2, 7, 40, 200]:
        for share in [0.0, 0.02, 0.1, 0.3, 0.6, 0.9, 1.0]:
            k = round(n * share)
            row("log_beta_binomial_upper", [k, n, a, b], beta_binomial_upper(k, n, a, b))
            row("log_beta_binomial_lower", [k, n, a, b], beta_binomial_upper(n - k, n, b, a))
for k, n, a, b in [(30, 1000, 2, 198), (25, 1000, 4, 196), (24, 500, 1, 199), (300, 1000, 20, 180)]:
    row("log_beta_binomial_upper", [k, n, a, b], math.log(math.fsum(
        stats.betabinom(n, a, b).pmf(np.arange(k, n + 1)))))
for k, n, a, b in [(60, 3000, 2, 198), (5000, 20000, 40, 160), (900, 20000, 4, 196), (12000, 20000, 100, 100), (60000, 1000000, 8, 192)]:
    value = math.fsum(stats.betabinom(n, a, b).pmf(np.arange(k, n + 1)))
    row("matched_upper", [k, n, a, b], math.log(value))

for mean, size in [(0.1, 0.5), (3, 1.5), (30, 4), (30, 400), (2000, 50)]:
    d = stats.nbinom(size, size / (mean + size))
    for k in [0, 1, 2, round(0.3 * mean), round(mean), round(2 * mean) + 3, round(5 * mean) + 9]:
        row("log_negative_binomial_mass", [k, mean, size], d.logpmf(k))
        upper, lower = special.betainc(k, size, mean / (mean + size)) if k > 0 else 1.0, d.cdf(k)
        if 1e-290 < upper < 1 - 1e-3:
            row("log_negative_binomial_upper", [k, mean, size], math.log(upper))
        if 1e-290 < lower < 1 - 1e-3:
            row("log_negative_binomial_lower", [k, mean, size], math.log(lower))
# A Brownian motion with drift b > 0 first reaches a at an inverse Gaussian time of mean a/b and shape a^2/sigma^2; with b < 0
# it does so with probability e^(2ab/sigma^2), and then like |b|.
for a, b, sigma, horizon in [(4, 0.02, 0.3, 288), (10, 0.05, 1, 100), (1, 0.001, 0.05, 24), (30, 0.1, 2, 200), (3, -0.02, 0.4, 288),
                             (5, -0.01, 0.2, 500), (0.2, 0.5, 1, 1), (50, 0.1, 0.5, 288)]:
    shape = a * a / (sigma * sigma)
    ever = 1 if b > 0 else math.exp(2 * a * b / (sigma * sigma))
    row("first_passage", [a, b, sigma, horizon], ever * stats.invgauss(a / abs(b) / shape, scale=shape).cdf(horizon))
for p in [0.5, 0.3, 0.1, 0.01, 1e-3, 1e-6, 1e-12, 1e-50, 1e-290]:
    row("quick_normal_score", [math.log(p)], -special.ndtri(p))

with open("math.csv", "w") as out:
    out.write("function,a,b,c,d,value\n")
    for name, args, value in sorted(set((n, tuple(a), v) for n, a, v in rows)):
        out.write(",".join([name] + list(args) + [""] * (4 - len(args)) + [value]) + "\n")
