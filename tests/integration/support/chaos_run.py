"""Runs faults in rounds. A round has a world of its own, and dice seeded by its name, so that it can be repeated."""

import random
import sys
import time
import traceback

from support.faults import FAULTS
from support.waiting import Failed, say
from support.world import Stage, World


def run_round(stage, fault, seed, number):
    """The sentence that says what held; raises with the evidence otherwise."""
    world = World(stage, f"{fault.name}-{number}-{stage.run}", stage.fleet(*fault.fleet), fault.loaded,
                  **fault.settings)  # fmt: skip
    try:
        said = fault.run(world, random.Random(f"{seed}/{fault.name}/{number}"))
    except Exception as problem:
        if not stage.broker.runs():
            stage.broker.up()  # a round that fails in the middle must not take the others with it
        what = problem if isinstance(problem, Failed) else traceback.format_exc()
        evidence = world.evidence()
        world.close()
        raise Failed(f"{what}\n{evidence}") from problem
    world.close()
    world.remove()
    return said


def run(program, binary, port_base, names, rounds, seed=None, first=1):
    seed = seed or random.randrange(1, 10**6)
    say(f"seed {seed}")
    stage = Stage(binary, port_base)
    was_up = stage.broker.runs()
    stage.broker.up()
    passed, failed = 0, []
    try:
        for fault in FAULTS:
            if fault.name not in names:
                continue
            for number in range(first, first + (1 if fault.once else rounds)):
                begun = time.monotonic()
                try:
                    said = run_round(stage, fault, seed, number)
                    passed += 1
                    say(f"ok    {fault.name} {number}, {time.monotonic() - begun:.0f} s: {said}")
                except Failed as problem:
                    failed.append(f"{fault.name} {number}")
                    say(f"FAIL  {fault.name} {number}, {time.monotonic() - begun:.0f} s: {problem}\nagain: {program} "
                        f"{binary} {port_base} --only {fault.name} --seed {seed} --first {number} --rounds 1")  # fmt: skip
    finally:
        if not was_up:
            stage.broker.down()
    say(f"{passed} rounds passed, {len(failed)} failed{': ' if failed else ''}{', '.join(failed)}; seed {seed}")
    if failed:
        say(f"evidence in {stage.scratch}")
        sys.exit(1)
    stage.close()
