"""Processes and brokers that die by SIGKILL."""

import time

from support.waiting import Failed

SLICE, LONGEST_LIFE, STARTS_WITHIN = 1.0, 2.0, 0.4  # seconds: telemetry per kill; a process until it is killed
DEAD_FOR_GOOD = 0.03  # share of kills after which the other process takes all over


def kills(world, dice, count):
    """One of two processes is killed at a random moment and started again, `count` times, while telemetry comes."""
    daemons = world.start("a", "b")
    world.wait_all_run(*daemons)
    left_open = restoring = taken_over = 0
    for number in range(1, count + 1):
        victim, other = dice.sample(daemons, 2)
        world.feed.over(number / (count + 1), SLICE)
        moment = dice.choice(["starting", "any", "any", "in a transaction"])
        time.sleep(dice.uniform(0, STARTS_WITHIN if moment == "starting" else LONGEST_LIFE))  # the random moment
        if moment == "in a transaction":
            world.freeze_in_transaction(victim, [other], LONGEST_LIFE)
        else:
            restoring += not victim.in_state("running")
        of_other = set(other.partitions())
        victim.kill()
        left_open += bool(world.open_outputs() - of_other)
        if dice.random() < DEAD_FOR_GOOD:
            world.wait_all_run(other)
            taken_over += 1
        victim.start()
    read = world.share()
    if read == 0 or read == 1:
        raise Failed(f"{read:.0%} were committed at the last kill: the test did not test")
    if count >= 50 and left_open < count / 10:
        raise Failed(f"{left_open} of {count} kills left a transaction open: the test did not test")
    said = world.finish()
    return (f"{count} kills: {restoring} before anything ran, {left_open} left a transaction open, after {taken_over} "
            f"the other process took over; {read:.0%} committed at the last one; {said}")  # fmt: skip


def broker_dies(world, dice):
    """The broker dies in the middle of the work, and comes back with its data."""
    daemons = world.start("a", "b")
    world.wait_all_run(*daemons)
    world.feed.over(0.9, 10)
    world.wait_share(dice.uniform(0.02, 0.5))
    # The feed must not have records on their way: librdkafka 2.0.2 may write them twice, and the input would not be the
    # replay's. What it has just written is on its way through the processes.
    world.feed.pause()
    behind = world.feed.written - sum(world.committed().values())
    world.broker.kill()
    if dice.random() < 0.4:
        time.sleep(dice.uniform(0, 12))  # how long it is away: for some, longer than the session
    world.broker.up()
    if behind <= 0:
        raise Failed("all was committed before the broker died: the test did not test")
    return f"broker killed with {behind} records on their way; {world.finish()}"
