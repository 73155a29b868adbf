#!/usr/bin/env python3
"""Two processes under load for a long time; one of them is killed every 30 s and started again. The other one's memory
stays flat, nothing is lost or said twice, and in the end nothing is left to read.
"""

import argparse
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

from support.waiting import Failed, say  # noqa: E402
from support.world import Stage, World  # noqa: E402

KILL_EVERY, REPORT_EVERY = 30, 60  # seconds
RATE, CUSTOMERS, RECORDS_PER_CUSTOMER_DAY = 2000, 60, 2480
WARM_UP, GROWTH = 0.2, 0.05  # shares: of the time, of the memory
MIB = 1 << 20


def soak(world, minutes, dice):
    survivor, victim = world.start("a", "b")
    world.wait_all_run(survivor, victim)
    begun = time.monotonic()
    ends, warm = begun + minutes * 60, begun + max(minutes * 60 * WARM_UP, 2 * REPORT_EVERY)
    world.feed.over(1, minutes * 60)
    kill_at, report_at = begun + KILL_EVERY, begun + REPORT_EVERY
    kills, samples = 0, []
    while time.monotonic() < ends:
        time.sleep(max(0.0, min(kill_at, report_at, ends) - time.monotonic()))  # a soak is a matter of time
        survivor.must_run()
        now = time.monotonic()
        if now >= kill_at:
            victim.must_run()
            victim.kill()
            victim.start()
            kills += 1
            kill_at += KILL_EVERY + dice.uniform(-2, 2)
        if now >= report_at:
            resident = survivor.resident()
            behind = world.feed.written - sum(world.committed().values())
            say(f"minute {(now - begun) / 60:.0f}: survivor {resident / MIB:.1f} MiB, {kills} kills, "
                f"{world.feed.written} records written, {behind} not yet committed")  # fmt: skip
            if now >= warm:
                samples.append(resident)
            report_at += REPORT_EVERY
    said = world.finish()
    smallest, largest = min(samples), max(samples)
    memory = f"survivor {smallest / MIB:.1f} to {largest / MIB:.1f} MiB after warm-up"
    if largest > smallest * (1 + GROWTH):
        raise Failed(f"memory is not flat within {GROWTH:.0%}: {memory}")
    return f"{minutes} minutes, {kills} kills; {memory}; nothing left to read; {said}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", help="the built proactived")
    parser.add_argument("port_base", type=int, help="a broker is there or gets started; the nine ports behind it are ours")
    parser.add_argument("--minutes", type=int, default=60, help="how long (default 60, at least 4)")
    parser.add_argument("--seed", type=int, default=None, help="of the dice; printed when it is drawn")
    flags = parser.parse_args()
    if flags.minutes < 4:
        parser.error("--minutes: at least 4, or nothing is left after the warm-up")
    seed = flags.seed or random.randrange(1, 10**6)
    say(f"seed {seed}")
    stage = Stage(flags.binary, flags.port_base)
    was_up = stage.broker.runs()
    stage.broker.up()
    try:
        days = max(2, round(flags.minutes * 60 * RATE / CUSTOMERS / RECORDS_PER_CUSTOMER_DAY))
        world = World(stage, f"soak-{stage.run}", stage.fleet(CUSTOMERS, days))
        try:
            said = soak(world, flags.minutes, random.Random(seed))
        except Failed as problem:
            sys.exit(f"{problem}\n{world.evidence()}\nseed {seed}")
        world.close()
        say(said)
    finally:
        if not was_up:
            stage.broker.down()
    stage.close()


main()
