"""More input than a process can take."""

import time

from support.waiting import Failed, until

MIB = 1 << 20
ASLEEP, AWAKE = 0.10, 0.02  # seconds: a sixth of a processor
BUDGET = 256 * MIB  # kafka.memory_budget of the world
GROWTH, SLACK = 0.10, 16 * MIB


def overload(world, _):
    """All telemetry is there at once, and the process gets a sixth of a processor: nothing is lost, memory stays below
    its budget and does not grow from the first three quarters of the work to the last. (Queues are full, then they drain.)"""
    (daemon,) = world.start("a")
    parts = ([], [])

    def throttled():
        daemon.freeze()
        time.sleep(ASLEEP)  # the duty cycle is the fault
        daemon.thaw()
        time.sleep(AWAKE)
        share = world.share()
        if share > 0:
            parts[share >= 0.75].append(daemon.resident())
        return share == 1

    until("the backlog to be worked off", throttled, 300, also=daemon.must_run)
    first, second = map(max, parts)
    said = f"backlog of {world.fleet.records} records; resident up to {first // MIB}, then up to {second // MIB} MiB"
    if second > first * (1 + GROWTH) + SLACK or max(first, second) > BUDGET:
        raise Failed(f"memory is not flat: {said}")
    return f"{said}; {world.finish()}"
