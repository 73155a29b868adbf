"""Processes that come and go as somebody wishes: one after another, more of them, fewer, and in mid-restore."""

from support.librdkafka import OpenTransaction
from support.waiting import Failed, until


def rolling_restart(world, dice):
    """Each process is stopped and started, one after another; within the session no partition moves."""
    daemons = world.start("a", "b")
    world.wait_all_run(*daemons)
    world.feed.over(0.9, 15)
    rounds = 2
    for _ in range(rounds):
        for daemon, other in (daemons, daemons[::-1]):
            world.wait_share(min(0.85, world.share() + dice.uniform(0.02, 0.1)))
            before = other.metric("proactived_kafka_rebalances_total")
            daemon.stop()
            daemon.start()
            world.wait_all_run(*daemons)
            if other.metric("proactived_kafka_rebalances_total") != before:
                raise Failed(f"the restart of {daemon.name} moved partitions of {other.name}")
    return f"{2 * rounds} restarts, no rebalance of the other; {world.finish()}"


def scale(world, dice):
    """One process, then three, then two."""
    (first,) = world.start("a")
    world.wait_all_run(first)
    world.feed.over(0.9, 20)
    world.wait_share(dice.uniform(0.02, 0.2))
    daemons = [first, *world.start("b", "c")]
    world.wait_all_run(*daemons)
    reused = (first.metrics() or {}).get('proactived_restore_warm_ended_total{outcome="reused"}', 0)
    if not reused:
        raise Failed("the first process restored also the partitions that it kept")
    world.wait_share(world.share() + 0.05)
    leaving = dice.choice(daemons)
    leaving.stop()
    daemons.remove(leaving)
    world.wait_all_run(*daemons)
    return f"1, 3, 2 processes, {int(reused)} partitions kept without a restore; {world.finish()}"


def rebalance_in_restore(world, dice):
    """Partitions move while they are restored. A foreign transaction in the changelog, which is given up later, keeps
    the restores from ending."""
    (first,) = world.start("a")
    world.wait_all_run(first)
    world.feed.over(0.6, 3)
    world.wait_share(dice.uniform(0.1, 0.5))
    first.kill()
    until("the transaction of the killed process to end", lambda: not world.open_partitions(), 40)
    barrier = OpenTransaction(world.broker.address, f"{world.name}.barrier", world.topic("changelog"), 8)

    first.start()
    first.wait("restores", lambda: len(first.in_state("restoring")) == 8)
    (second,) = world.start("b")
    what = dice.choice(["a second process comes", "it comes and goes", "it takes the first one's place"])
    second.wait("gets partitions in the middle of the restore",
                lambda: second.in_state("restoring") and len(first.in_state("restoring")) < 8)  # fmt: skip
    left = [first, second]
    if what != "a second process comes":
        leaving = second if what == "it comes and goes" else first
        leaving.kill()
        left.remove(leaving)
        left[0].wait("gets all partitions back", lambda: len(left[0].in_state("restoring")) == 8)
    if any(daemon.in_state("running") for daemon in left):
        raise Failed("a partition runs though its changelog can't be read to its end")
    barrier.give_up()
    world.wait_all_run(*left)
    return f"{what} in mid-restore; {world.finish()}"
