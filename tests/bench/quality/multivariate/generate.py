"""Seeded multivariate data with known faults: fleets of machines that run to failure, and sensors with labelled intervals.

Each kind is a function of a seed and gives a Data: column names, rows of numbers, per row its entity and whether it is
part of a fault, and how many rows of each entity are a healthy baseline. Only the standard library is used, so that a
seed gives the same rows everywhere.

    generate.py KIND SEED > rows.csv       # timestamp,[entity,]columns...; the truth goes to standard error
"""

import math
import random
import sys
from dataclasses import dataclass, field


@dataclass
class Data:
    columns: list
    baseline: int  # rows at the beginning of each entity that are healthy
    fleet: bool
    rows: list = field(default_factory=list)  # lists of floats
    entities: list = field(default_factory=list)  # per row
    faulty: list = field(default_factory=list)  # per row


def student(rng, freedom):
    """A Student t number with a variance of 1."""
    chi = sum(rng.gauss(0, 1) ** 2 for _ in range(freedom))
    return rng.gauss(0, 1) / math.sqrt(chi / freedom) * math.sqrt((freedom - 2) / freedom)


class Noise:
    """Noise of d columns: shared factors, each column's own part, AR(1), normal or heavy-tailed; variance 1 a column."""

    def __init__(self, rng, d, factors, memory=0.0, freedom=0):
        self.rng, self.memory, self.freedom = rng, memory, freedom
        self.weights = [[rng.gauss(0, 1) for _ in range(factors)] for _ in range(d)]
        for row in self.weights:
            share, length = rng.uniform(0.2, 0.9), math.sqrt(sum(w * w for w in row)) or 1.0
            row[:] = [w / length * math.sqrt(share) for w in row]
        self.own = [math.sqrt(max(0.0, 1 - sum(w * w for w in row))) for row in self.weights]
        self.factors = [rng.gauss(0, 1) for _ in range(factors)]
        self.rest = [rng.gauss(0, 1) for _ in range(d)]

    def _draw(self):
        return student(self.rng, self.freedom) if self.freedom else self.rng.gauss(0, 1)

    def next(self):
        a, b = self.memory, math.sqrt(1 - self.memory**2)
        self.factors = [a * f + b * self.rng.gauss(0, 1) for f in self.factors]
        self.rest = [a * r + b * self._draw() for r in self.rest]
        return [sum(w * f for w, f in zip(ws, self.factors)) + o * r for ws, o, r in zip(self.weights, self.own, self.rest)]


def fleet(seed, machines, sensors, regimes, memory, freedom, wear, baseline=50, mute=4):
    """Machines with `sensors` sensors, `mute` of them constant or noise alone, in `regimes` operating regimes."""
    rng = random.Random(seed)
    settings = [(rng.uniform(0, 40), rng.uniform(0, 1), rng.choice((60.0, 100.0))) for _ in range(regimes)]
    level = [[rng.uniform(1, 1000) for _ in range(sensors)] for _ in range(regimes)]
    scale = [10 ** rng.uniform(-2, 1) for _ in range(sensors)]
    effect = [0.0 if i < mute else rng.choice((-1, 1)) * rng.uniform(0.5, 2.0) for i in range(sensors)]
    constant = [i < mute // 2 for i in range(sensors)]
    data = Data([f"setting{i + 1}" for i in range(3)] + [f"s{i + 1}" for i in range(sensors)], baseline, True)
    for machine in range(machines):
        life = rng.randint(baseline + 80, baseline + 260)
        onset = baseline + int((life - baseline) * rng.uniform(0.15, 0.6))
        size = rng.uniform(3, 6)
        own = [rng.gauss(0, 0.7) for _ in range(sensors)]
        gain = [e * rng.uniform(0.5, 1.5) for e in effect]
        noise = Noise(random.Random(f"{seed}/{machine}"), sensors, 3, memory, freedom)
        regime = 0
        for cycle in range(life):
            if regimes > 1:
                regime = rng.randrange(regimes)
            age = max(0.0, (cycle - onset) / (life - onset))
            hurt = size * (math.exp(2.5 * age) - 1) / (math.exp(2.5) - 1) + wear * cycle / life
            values = noise.next()
            sensed = [
                level[regime][i] + (0.0 if constant[i] else scale[i] * (own[i] + values[i] + gain[i] * hurt))
                for i in range(sensors)
            ]
            set_to = [s + rng.gauss(0, 0.002) for s in settings[regime][:2]] + [settings[regime][2]]
            data.rows.append(set_to + sensed)
            data.entities.append(f"m{machine + 1}")
            data.faulty.append(cycle >= onset)
    return data


def intervals(rng, first, rows, count, shortest, longest):
    """`count` stretches behind `first` that do not touch."""
    found = []
    part = (rows - first) // count
    for i in range(count):
        length = rng.randint(shortest, longest)
        at = first + i * part + rng.randint(10, max(11, part - length - 10))
        found.append((at, min(rows, at + length)))
    return found


def sensors(seed, d, rows, baseline, memory, freedom, rhythm, faults, mute=0):
    """One system: common load with a rhythm, correlated noise; faults are shifts, broken correlation, spread, drift."""
    rng = random.Random(seed)
    noise = Noise(rng, d, max(2, d // 6), memory, freedom)
    other = Noise(rng, d, max(2, d // 6), memory, freedom)
    load = [rng.uniform(0, 2) * rhythm for _ in range(d)]
    scale = [10 ** rng.uniform(-1, 2) for _ in range(d)]
    level = [rng.uniform(-5, 50) * s for s in scale]
    data = Data([f"x{i + 1}" for i in range(d)], baseline, False)
    spans = intervals(rng, baseline + 20, rows, faults, max(10, rows // 100), max(20, rows // 25))
    plans = []
    for at, end in spans:
        hit = rng.sample(range(mute, d), min(d - mute, rng.randint(1, max(2, d // 4))))
        plans.append((at, end, rng.choice(("shift", "correlation", "spread", "drift", "stuck")), hit,
                      [rng.choice((-1, 1)) * rng.uniform(1.5, 4) for _ in hit]))  # fmt: skip
    held = {}
    for t in range(rows):
        values, independent = noise.next(), other.next()
        wave = math.sin(2 * math.pi * t / 288) + 0.3 * math.sin(2 * math.pi * t / 97)
        x = [v + w * wave for v, w in zip(values, load)]
        faulty = False
        for at, end, kind, hit, sizes in plans:
            if not at <= t < end:
                continue
            faulty = True
            for i, size in zip(hit, sizes):
                if kind == "shift":
                    x[i] += size
                elif kind == "correlation":
                    x[i] = independent[i] * abs(size) / 2 + load[i] * wave
                elif kind == "spread":
                    x[i] = values[i] * abs(size) + load[i] * wave
                elif kind == "drift":
                    x[i] += 1.5 * size * (t - at) / (end - at)
                else:
                    x[i] = held.setdefault((at, i), x[i] + 0.5 * size)
        data.rows.append([level[i] + (0.0 if i < mute // 2 else scale[i] * x[i]) for i in range(d)])
        data.entities.append("")
        data.faulty.append(faulty)
    return data


def plant(seed, tanks, rows, baseline, faults):
    """Tanks in a row: a valve fills and a pump empties between two marks; flow and pressure follow. Discrete actuators."""
    rng = random.Random(seed)
    columns = []
    for k in range(tanks):
        columns += [f"level{k + 1}", f"valve{k + 1}", f"pump{k + 1}", f"flow{k + 1}", f"pressure{k + 1}", f"quality{k + 1}"]
    data = Data(columns, baseline, False)
    spans = intervals(rng, baseline + 20, rows, faults, 30, rows // 40)
    plans = [(at, end, rng.choice(("level_lies", "pump_off", "valve_open", "flow_drop", "quality_drift")), rng.randrange(tanks))
             for at, end in spans]  # fmt: skip
    level = [rng.uniform(300, 700) for _ in range(tanks)]
    filling = [rng.random() < 0.5 for _ in range(tanks)]
    quality = [7.0] * tanks
    speed = [rng.uniform(4, 9) for _ in range(tanks)]
    draw = [rng.uniform(2, 4) for _ in range(tanks)]
    for t in range(rows):
        row, faulty = [], False
        for k in range(tanks):
            active = {kind for at, end, kind, where in plans if at <= t < end and where == k}
            faulty = faulty or bool(active)
            seen = level[k] + (60 if "level_lies" in active else 0)
            if seen < 300:
                filling[k] = True
            if seen > 700:
                filling[k] = False
            valve = 2 if filling[k] or "valve_open" in active else 1
            pump = 1 if "pump_off" in active else 2
            level[k] += (speed[k] if valve == 2 else 0) - (draw[k] if pump == 2 else 0) + rng.gauss(0, 0.3)
            level[k] = min(max(level[k], 0), 1100)
            quality[k] += 0.05 * (7.0 - quality[k]) + rng.gauss(0, 0.01) + (0.02 if "quality_drift" in active else 0)
            flow = (speed[k] if valve == 2 else 0.0) * (0.7 if "flow_drop" in active else 1) + abs(rng.gauss(0, 0.05))
            pressure = 20 + (12 if pump == 2 else 0) + 0.01 * level[k] + rng.gauss(0, 0.2)
            row += [seen + rng.gauss(0, 0.5), float(valve), float(pump), flow, pressure, quality[k]]
        data.rows.append(row)
        data.entities.append("")
        data.faulty.append(faulty)
    return data


KINDS = {
    # fleets: one regime; six; heavy tails with memory; wear from the first cycle; many sensors, short baseline
    "fleet": lambda s: fleet(s, 20, 17, 1, 0.0, 0, 0.3),
    "fleet_regimes": lambda s: fleet(s, 20, 17, 6, 0.0, 0, 0.3),
    "fleet_heavy": lambda s: fleet(s, 20, 17, 1, 0.5, 4, 0.3),
    "fleet_wear": lambda s: fleet(s, 20, 17, 1, 0.0, 0, 1.0),
    "fleet_wide": lambda s: fleet(s, 12, 40, 1, 0.3, 5, 0.3, baseline=30),
    # sensors: few and calm; remembering; heavy tails and a daily rhythm; wide with a short baseline; a plant
    "rig": lambda s: sensors(s, 8, 1200, 400, 0.5, 0, 0.0, 3),
    "rig_memory": lambda s: sensors(s, 8, 1200, 400, 0.93, 0, 0.0, 3),
    "server": lambda s: sensors(s, 30, 6000, 2500, 0.7, 4, 1.0, 6, mute=6),
    "wide": lambda s: sensors(s, 30, 1500, 90, 0.3, 5, 0.0, 4),
    "plant": lambda s: plant(s, 5, 6000, 2500, 6),
}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in KINDS:
        sys.exit(f"usage: generate.py KIND SEED\nkinds: {' '.join(KINDS)}")
    data = KINDS[sys.argv[1]](int(sys.argv[2]))
    write_csv(data, sys.stdout)
    for faulty in data.faulty:
        print(int(faulty), file=sys.stderr)


def write_csv(data, out):
    entity = ["machine"] if data.fleet else []
    print(",".join(["timestamp"] + entity + data.columns), file=out)
    count = {}
    for row, name in zip(data.rows, data.entities):
        at = count[name] = count.get(name, -1) + 1
        print(",".join([str(1767225600 + 300 * at)] + ([name] if entity else []) + [f"{x:.6g}" for x in row]), file=out)


if __name__ == "__main__":
    main()
