"""Topics that lose what the daemon needs: it refuses with a sentence that says what happened and what to do."""

import json
import re

from support.waiting import Failed, until
from support.world import PARTITIONS


def run_to(world, share):
    """One process reads so much, and ends."""
    (daemon,) = world.start("a")
    world.feed.allow(share, float("inf"))
    world.feed.wait()
    world.wait_share(share * 0.99)
    daemon.wait("commits what it has", lambda: world.committed() == world.ends())
    daemon.stop()
    return daemon


def wait_refused(daemon, partitions):
    daemon.wait(f"refuses {sorted(partitions)}", lambda: daemon.in_state("refused") == set(partitions))
    return {at: said["reason"] for at, said in daemon.partitions().items() if said["state"] == "refused"}


def require(found, wanted):
    if found != wanted:
        raise Failed(f"the sentence is\n    {found}\n  instead of\n    {wanted}")


def truncated_input(world, dice):
    """Telemetry is deleted before it was read: that partition is refused, the others go on; `skip` passes the gap."""
    partition = dice.randrange(PARTITIONS)
    asleep = dice.random() < 0.5  # deleted beneath a process that sleeps, or between two lives
    daemon = run_to(world, 0.3)
    if asleep:
        daemon.start()
        world.wait_all_run(daemon)
        daemon.freeze()
    world.feed.allow(0.5, float("inf"))
    world.feed.wait()
    begin, end = world.committed()[partition], world.ends()[partition]
    low = dice.randint((begin + end) // 2, end)
    path = f"{world.folder}/delete.json"
    with open(path, "w", encoding="utf-8") as out:
        where = {"topic": world.topic("telemetry"), "partition": partition, "offset": low}
        json.dump({"partitions": [where], "version": 1}, out)
    world.broker.delete_records(path)
    if asleep:
        daemon.thaw()
    else:
        daemon.start()
    reason = wait_refused(daemon, {partition})[partition]
    lost_from = world.committed()[partition]  # a sleeper had a first answer with some of them already
    require(reason, f"{world.topic('telemetry')} partition {partition} begins at offset {low}, the state ends at "
                    f"{lost_from}: {low - lost_from} records were deleted before they were read; set on_lost_input: "
                    "skip to go on without them")  # fmt: skip
    others = set(range(PARTITIONS)) - {partition}
    daemon.wait("runs the others", lambda: daemon.in_state("running") == others)
    daemon.stop()

    skipping = world.daemon("a", on_lost_input="skip").start()
    world.wait_all_run(skipping)
    gap = skipping.metric("proactived_kafka_input_gap_records_total")
    if gap != low - lost_from:
        raise Failed(f"the gap is {low - lost_from} records, the metric says {gap:.0f}")
    world.drain()
    said = world.compare(lossy={partition})
    how = "beneath a sleeper" if asleep else "between two lives"
    return f"deleted {how}, refused by sentence, {gap:.0f} skipped; {said}"


def recreated_input(world, dice):
    """The telemetry topic is deleted and made anew: its offsets mean other records now."""
    daemon = run_to(world, 0.3)
    committed = world.committed()
    world.broker.delete_topics(world.topic("telemetry"))
    until("the topic to be made anew", world.try_create_topics)
    refilled = dice.random() < 0.5  # beyond the old offsets, or short of them
    world.feed.allow(0.9 if refilled else 0.4, float("inf"))
    world.feed.wait()
    daemon.start()
    for partition, reason in wait_refused(daemon, range(PARTITIONS)).items():
        # Brokers delete a topic's offsets with the topic.
        require(reason, f"the group has lost its offset of {world.topic('telemetry')} partition {partition}, the state "
                        f"was built up to {committed[partition]}: the topic was recreated; use a new group and a new "
                        "changelog topic")  # fmt: skip
    daemon.stop()
    return f"refilled {'beyond' if refilled else 'short of'} the old offsets; all partitions refused by sentence"


def lost_changelog(world, dice):
    """The changelog is deleted, then made anew and empty."""
    daemon = run_to(world, dice.uniform(0.1, 0.4))
    committed = world.committed()
    world.broker.delete_topics(world.topic("changelog"))
    daemon.start()
    code = daemon.ended(60)
    sentence = f"topic {world.topic('changelog')} (changelog) does not exist"
    if code != 78 or sentence not in daemon.text():
        raise Failed(f"without its changelog it ended with {code}, without '{sentence}'")
    world.create_topics()
    daemon.start()
    reasons = wait_refused(daemon, range(PARTITIONS))
    for partition, reason in reasons.items():
        found = re.match(r"offsets are committed \(v([0-9]+) at telemetry ([0-9]+), profiles ([0-9]+)\)", reason)
        if not found or int(found[2]) != committed[partition]:
            raise Failed(f"the sentence does not name offset {committed[partition]}: {reason}")
        require(reason, f"{found[0]}, but the changelog {world.topic('changelog')} holds no state for partition "
                        f"{partition}: it was deleted or is another topic; restore it, or start with "
                        "--accept-empty-state to begin without history at these offsets")  # fmt: skip
    daemon.stop()
    daemon.start("--accept-empty-state")
    world.wait_all_run(daemon)
    world.drain()
    return "refused by sentence, and goes on without history if told so"
