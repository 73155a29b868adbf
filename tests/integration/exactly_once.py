#!/usr/bin/env python3
"""Telemetry in, outreach out, through a real broker: equal, id for id, to a replay of the same files.

Three runs over the same input, each with topics and a group of its own:
  calm      one process, two lanes, eight partitions
  killed    the process dies by SIGKILL at five random moments; at least one kill leaves an open transaction behind
  broker    the broker dies by SIGKILL in mid-run and starts anew

Nothing may be lost, nothing said twice: neither outreach nor decisions. More faults: chaos.py.
"""

import os
import random
import sys
import time

from support.waiting import Failed, say
from support.world import Stage, World

FLEET = (120, 12)  # customers and days


def read_of(daemon):
    """Telemetry records that this life of the process has read."""
    values = daemon.metrics() or {}
    return sum(value for name, value in values.items()
               if name.startswith("proactived_kafka_records_total{") and ".telemetry" in name)  # fmt: skip


def calm(world, _):
    world.start("one")


def killed(world, dice):
    daemon = world.daemon("one")
    left_open = 0
    for number in range(1, 6):
        daemon.start()
        # Five such parts do not reach the end, so that each kill falls into the run.
        target = world.fleet.records * dice.uniform(0.02, 0.15)
        daemon.wait("reads records", lambda: read_of(daemon) >= target)
        time.sleep(dice.uniform(0, 0.3))  # the random moment
        daemon.kill()
        ongoing = [id for id in world.broker.open_transactions() if id.startswith(f"{world.name}.")]
        left_open += bool(ongoing)
        say(f"kill {number}: after at least {int(target)} records; open transactions: {ongoing or 'none'}")
    if left_open == 0:
        raise Failed("no kill of five left an open transaction behind: the test did not test")
    daemon.start()


def broker(world, _):
    (daemon,) = world.start("one")
    daemon.wait("reads records", lambda: read_of(daemon) >= world.fleet.records * 0.3)
    say("broker: restart")
    world.broker.kill()
    world.broker.up()
    daemon.wait("answers", daemon.metrics)
    if read_of(daemon) >= world.fleet.records:
        raise Failed("all records were read before the restart: the test did not test")


def main():
    seed = int(os.environ.get("SEED", "0")) or random.randrange(1, 10**6)
    say(f"seed {seed}; SEED={seed} repeats the moments of the kills")
    stage = Stage(sys.argv[1], int(sys.argv[2]))
    fleet = stage.fleet(*FLEET)
    statuses = {event["data"]["status"] for event in fleet.replayed["outreach"]}
    if len(fleet.expected["outreach"]) < 100 or not {"opened", "updated", "resolved"} <= statuses:
        raise SystemExit("the replay gives too little to compare")
    for test in (calm, killed, broker):
        name = test.__name__
        if name not in os.environ.get("ONLY", name):
            continue
        world = World(stage, f"{name}-{stage.run}", fleet, loaded=True)
        try:
            test(world, random.Random(seed))
            said = world.finish()
        except Failed as problem:
            raise SystemExit(f"{name}: {problem}\n{world.evidence()}\nseed {seed}") from problem
        world.close()
        say(f"{name}: {said}")
    stage.close()


main()
