"""Processes that stand still longer than the group or a transaction allows, and two processes of one name."""

from support.waiting import Failed, until

TWIN = "another process runs under our instance name; kafka.instance must be unique. The process ends"


def zombie(world, dice):
    """A process sleeps past its session, another takes over, the sleeper wakes: what it had begun must not be seen."""
    sleeper, other = world.start("a", "b")
    world.wait_all_run(sleeper, other)
    world.feed.over(0.9, 20)
    world.wait_share(dice.uniform(0.02, 0.2))
    sleeper.freeze()
    world.wait_all_run(other)
    sleeper.thaw()
    world.wait_all_run(sleeper, other)
    aborts = sleeper.metric("proactived_kafka_aborts_total")
    rebuilt = sleeper.metric("proactived_kafka_producer_rebuilds_total")
    return f"the sleeper undid {aborts:.0f} transactions, made {rebuilt:.0f} producers anew; {world.finish()}"


def transaction_timeout(world, dice):
    """A process sleeps inside of its session but past its transaction's timeout: the broker aborts the transaction."""
    sleeper, other = world.start("a", "b")
    world.wait_all_run(sleeper, other)
    world.feed.over(0.9, 60)
    world.wait_share(dice.uniform(0.02, 0.1))
    of_other = other.in_state("running")
    if not world.freeze_in_transaction(sleeper, [other], 60, undecided=True):
        raise Failed("the process was never frozen in a transaction")
    until("the broker to abort it", lambda: not world.open_outputs() - of_other, 40)
    sleeper.thaw()
    sleeper.wait("notices it", lambda: sleeper.metric("proactived_kafka_producer_rebuilds_total") > 0)
    return f"aborted by the broker, producer made anew; {world.finish()}"


def twin(world, dice):
    """Two processes with one instance name: one of them ends and says why, and nothing is said twice."""
    first = world.daemon("a").start()
    world.wait_all_run(first)
    world.feed.over(0.5, 10)
    world.wait_share(dice.uniform(0.02, 0.2))
    second = world.daemon("a").start()
    until("one of the twins to end", lambda: not (first.runs() and second.runs()), 120)
    ended, left = (first, second) if not first.runs() else (second, first)
    require_twin(ended)
    starts = 0

    def supervise():  # the other one may have been fenced often enough to end too
        nonlocal starts
        if not left.runs():
            require_twin(left)
            left.start()
            starts += 1

    until("the other one to run all partitions", lambda: world.all_run(left), 90, also=supervise)
    said = world.finish(also=supervise)
    return f"{'one' if starts == 0 else 'both'} ended with 75 and said why; {said}"


def require_twin(daemon):
    if daemon.process.returncode != 75 or TWIN not in daemon.text():
        raise Failed(f"{daemon.name} ended with {daemon.process.returncode}, without '{TWIN}'")
