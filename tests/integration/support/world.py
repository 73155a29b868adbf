"""A group with topics of its own on a broker: its input, its processes, and the comparison with the replay."""

import collections
import json
import os
import shutil
import subprocess
import tempfile
import time

from support.broker import Broker
from support.feed import Feed
from support.fleet import Fleet, partition_of
from support.librdkafka import Reader, Writer
from support.processes import Daemon
from support.waiting import Failed, say, until

PARTITIONS = 8


class Stage:
    """What all worlds of a test share: the binary, the broker, a scratch folder, the fleets."""

    def __init__(self, binary, port_base):
        self.binary, self.port_base, self.root = os.path.abspath(binary), port_base, os.getcwd()
        self.broker = Broker(port_base)
        self.scratch = tempfile.mkdtemp(prefix="proactived-test.")
        self.run = self.scratch.rpartition(".")[2]  # names groups and topics, so that no run meets another's
        self.fleets = {}
        with open(f"{self.scratch}/id-key", "w", encoding="utf-8") as key:
            key.write("a key of tests\n")
        os.chmod(f"{self.scratch}/id-key", 0o600)

    def fleet(self, customers, days, seed=5):
        """Made once, replayed once."""
        known = self.fleets.get((customers, days, seed))
        if known is None:
            config = self.write_config("replay", "one", self.scratch)
            known = Fleet(self.binary, self.scratch, config, PARTITIONS, seed, customers, days)
            self.fleets[(customers, days, seed)] = known
            say(f"replay of {known.records} records: {len(known.expected['outreach'])} outreach, "
                f"{len(known.expected['decisions'])} decisions")
        return known

    def write_config(self, group, instance, folder, ops_port=0, session_timeout="6s", memory_budget="auto",
                     on_lost_input="refuse"):  # fmt: skip
        path = f"{folder}/{group}-{instance}.yaml"
        with open(path, "w", encoding="utf-8") as out:
            out.write(f"""version: 1
kafka:
  brokers: ["{self.broker.address}"]
  group: {group}
  instance: {instance}
  lanes: 2
  session_timeout: {session_timeout}
  memory_budget: {memory_budget}
  on_lost_input: {on_lost_input}
  inputs:
    telemetry: {{topic: {group}.telemetry, start: earliest, idle_after: never}}
    profiles: {{topic: {group}.profiles}}
  outputs: {{outreach: {group}.outreach, decisions: {group}.decisions, changelog: {group}.changelog}}
  dlq: {{topic: {group}.dlq}}
rules:
  signals: ["{self.root}/rules/packs/signals.yaml"]
  packs: ["{self.root}/tests/integration/rules"]
outreach: {{enabled: true}}
privacy: {{id_key_file: "{self.scratch}/id-key"}}
http: {{ops: {{listen: "127.0.0.1:{ops_port or self.port_base + 2}"}}}}
""")
        return path

    def close(self):
        shutil.rmtree(self.scratch)


class World:
    """`loaded`: all telemetry is there from the beginning; otherwise a feed writes it, under the test's control."""

    def __init__(self, stage, name, fleet, loaded=False, **settings):
        self.stage, self.name, self.fleet, self.settings = stage, name, fleet, settings
        self.broker, self.folder = stage.broker, f"{stage.scratch}/{name}"
        os.mkdir(self.folder)
        self.daemons = []
        self.reader = Reader(self.broker.address, group=name)
        self.all_reader = Reader(self.broker.address, group=name, isolation="read_uncommitted")
        self.create_topics()
        self.feed = None
        if loaded:
            config = self.stage.write_config(self.name, "check", self.folder)
            subprocess.run([stage.binary, "simulate", *fleet.flags, "--to-kafka", "--config", config], check=True,
                           stderr=subprocess.DEVNULL)  # fmt: skip
            return
        with Writer(self.broker.address) as writer:
            for key, value, at in fleet.profiles():
                writer.write(self.topic("profiles"), key, value, at)
            writer.flush()
        self.feed = Feed(self.broker.address, self.topic("telemetry"), fleet)

    def topic(self, what):
        return f"{self.name}.{what}"

    def create_topics(self):
        """Those that are missing."""
        config = self.stage.write_config(self.name, "check", self.folder, **self.settings)
        done = subprocess.run([self.stage.binary, "check", "--config", config, "--environment", "--create-topics",
                               "--partitions", str(PARTITIONS), "--replication", "1"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # fmt: skip
        if done.returncode != 0:
            raise Failed(f"check --create-topics ended with {done.returncode}: {done.stdout}")

    def try_create_topics(self):
        try:
            self.create_topics()
        except Failed:
            return False
        return True

    def close(self):
        for daemon in self.daemons:
            if daemon.runs():
                daemon.kill()
        if self.feed:
            self.feed.close()
        self.reader.close()
        self.all_reader.close()

    def remove(self):
        """The topics too, so that a long suite does not fill the broker."""
        self.broker.delete_topics(self.name.replace(".", "[.]") + "[.].*")
        shutil.rmtree(self.folder)

    # ---- processes

    def daemon(self, instance, **settings):
        """A process that is not yet started. Two may have the same instance name, which is a fault of its own."""
        port = self.stage.port_base + 2 + len(self.daemons)
        config = self.stage.write_config(self.name, instance, self.folder, port, **(self.settings | settings))
        name = f"{self.name}-{instance}-{len(self.daemons)}"
        path = f"{self.folder}/{name}.yaml"
        os.rename(config, path)
        daemon = Daemon(self.stage.binary, name, path, f"127.0.0.1:{port}", f"{self.folder}/{name}.log")
        self.daemons.append(daemon)
        return daemon

    def start(self, *instances):
        return [self.daemon(instance).start() for instance in instances]

    def living(self):
        return [daemon for daemon in self.daemons if daemon.runs()]

    def all_run(self, *daemons):
        """Do these processes share all partitions, each partition once, and does every partition run?"""
        shares = [daemon.in_state("running") for daemon in daemons]
        return all(shares) and sorted(sum(map(list, shares), [])) == list(range(PARTITIONS))

    def wait_all_run(self, *daemons, seconds=90):
        until(f"all partitions to run in {', '.join(daemon.name for daemon in daemons)}",
              lambda: self.all_run(*daemons), seconds,
              also=lambda: [daemon.must_run() for daemon in daemons])  # fmt: skip

    # ---- what the broker holds

    def committed(self):
        """Records of the telemetry that are behind the group, by partition."""
        return {at: offset or 0 for at, offset in self.reader.committed(self.topic("telemetry"), PARTITIONS).items()}

    def ends(self, topic="telemetry"):
        return {at: self.all_reader.bounds(self.topic(topic), at)[1] for at in range(PARTITIONS)}

    def share(self):
        """How much of the telemetry is behind the group."""
        return sum(self.committed().values()) / self.fleet.records

    def open_partitions(self, topic="changelog"):
        """Partitions in which a transaction is open right now."""
        return {at for at, end in self.ends(topic).items() if self.reader.bounds(self.topic(topic), at)[1] < end}

    def freeze_in_transaction(self, daemon, others, seconds, undecided=False):
        """Freezes a process at a moment when it has a transaction open; false if that did not come about. `undecided`: not
        one that was committed already, and whose markers are on their way."""
        of_others = {partition for other in others for partition in other.partitions()}
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            daemon.freeze()
            begun = self.open_outputs() - of_others
            if begun and undecided:
                time.sleep(1)  # markers are there sooner
                begun &= self.open_outputs()
            if begun:
                return True
            daemon.thaw()
            time.sleep(0.02)  # let it work
        return False

    def open_outputs(self):
        return self.open_partitions("decisions") | self.open_partitions("changelog")

    def wait_share(self, share, seconds=90):
        until(f"{share:.0%} of the telemetry to be committed", lambda: self.share() >= share, seconds)

    # ---- the end

    def drain(self, seconds=180, also=None):
        """All telemetry is written, read and committed; every process ends when asked. `also`: done while waiting,
        instead of the demand that all processes go on."""
        running = self.living()
        if not running:
            raise Failed("no process runs that could read the rest")
        if self.feed:
            self.feed.rest()
        ends = self.ends()
        if sum(ends.values()) != self.fleet.records:
            raise Failed(f"the topic holds {sum(ends.values())} records instead of {self.fleet.records}")
        until("all telemetry to be committed", lambda: self.committed() == ends, seconds,
              also=also or (lambda: [daemon.must_run() for daemon in running]))  # fmt: skip
        for daemon in self.living():
            daemon.stop()

    def read_output(self, what):
        topic = self.topic(what)
        until(f"the last transaction in {topic} to end", lambda: not self.open_partitions(what), 60)
        return self.reader.read(topic, PARTITIONS)

    def compare(self, lossy=()):
        """Id for id what the replay says; where input was lost, only that nothing is said twice."""
        compared, troubles = [], []
        for what, expected in self.fleet.expected.items():
            wanted = {id: partition for id, partition in expected.items() if partition not in lossy}
            places = collections.defaultdict(list)
            for record in self.read_output(what):
                id = json.loads(record.value)["id"]
                if record.partition != partition_of(record.key.decode(), PARTITIONS):
                    troubles.append(f"{what} {id}: in partition {record.partition}, where its key does not belong")
                places[id].append((record.partition, record.offset))
            for id, found in places.items():
                if len(found) > 1:
                    troubles.append(f"{what} {id}: {len(found)} times, at (partition, offset) {found}")
                if id not in wanted and found[0][0] not in lossy:
                    troubles.append(f"{what} {id}: the replay does not know it; at (partition, offset) {found}")
            lost = [id for id in wanted if id not in places]
            troubles += [f"{what} {id}: missing; it belongs to partition {wanted[id]}" for id in lost]
            compared.append(f"{len(wanted)} {what}")
            with open(f"{self.folder}/{what}.found", "w", encoding="utf-8") as out:
                json.dump(places, out)
            with open(f"{self.folder}/{what}.expected", "w", encoding="utf-8") as out:
                json.dump(wanted, out)
        if troubles:
            offsets = f"committed {self.committed()}, telemetry ends {self.ends()}"
            raise Failed("\n  ".join([f"{len(troubles)} differences to the replay; {offsets}", *troubles[:50]]))
        return f"{' and '.join(compared)} equal to the replay"

    def finish(self, also=None):
        self.drain(also=also)
        return self.compare()

    def evidence(self):
        """What tells whose fault it is: the processes' stories, and what the broker thinks of the transactions."""
        stories = [f"--- {daemon.name}\n{daemon.story()}" for daemon in self.daemons if daemon.process]
        return "\n".join([*stories, f"open transactions: {self.broker.open_transactions()}",
                          f"hanging transactions:\n{self.broker.hanging_transactions()}",
                          f"files in {self.folder}"])  # fmt: skip
