"""More input than a process can take."""

import time

from support.waiting import Failed, until

MIB = 1 << 20
ASLEEP, AWAKE = 0.08, 0.04  # seconds: a third of a processor
WARM, GROWTH, SLACK = 0.25, 0.10, 16 * MIB


def overload(world, dice):
    """All telemetry comes at once while the process gets a third of a processor: memory stays flat, nothing is lost."""
    (daemon,) = world.start("a")
    world.wait_all_run(daemon)
    world.feed.allow(1, float("inf"))
    samples, longest = [], 0

    def throttled():
        nonlocal longest
        daemon.freeze()
        time.sleep(ASLEEP)  # the duty cycle is the fault
        daemon.thaw()
        time.sleep(AWAKE)
        share = world.share()
        longest = max(longest, world.feed.written - round(share * world.fleet.records))
        if share >= WARM:
            samples.append(daemon.resident())
        return share == 1

    until("the backlog to be worked off", throttled, 300, also=daemon.must_run)
    smallest, largest = min(samples), max(samples)
    said = (f"backlog of up to {longest} records; resident {smallest // MIB} to {largest // MIB} MiB after the first "
            f"{WARM:.0%}")  # fmt: skip
    if largest > smallest * (1 + GROWTH) + SLACK:
        raise Failed(f"memory is not flat: {said}")
    return f"{said}; {world.finish()}"
