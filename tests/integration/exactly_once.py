#!/usr/bin/env python3
"""Telemetry in, outreach out, through a real broker: equal, id for id, to a replay of the same files.

Three runs over the same input, each with topics and a group of its own:
  calm      one process, two lanes, eight partitions
  killed    the process dies by SIGKILL at five random moments; at least one kill leaves an open transaction behind
  broker    the broker dies by SIGKILL in mid-run and starts anew

Nothing may be lost, nothing said twice: neither outreach nor decisions.
"""

import collections
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

BINARY, PORT_BASE = os.path.abspath(sys.argv[1]), int(sys.argv[2])
BROKERS = f"127.0.0.1:{PORT_BASE}"
OPS = f"127.0.0.1:{PORT_BASE + 2}"
KAFKA = ["bash", "deploy/local-kafka/kafka.sh"]
FLEET = ["--seed", "5", "--customers", "120", "--days", "12"]
PARTITIONS = 8
seed = int(os.environ.get("SEED", "0")) or random.randrange(1, 10**6)
dice = random.Random(seed)
scratch = tempfile.mkdtemp(prefix="exactly-once.")
root = os.getcwd()
records = 0  # of telemetry


def say(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)


def config(name):
    path = f"{scratch}/{name}.yaml"
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"""version: 1
kafka:
  brokers: ["{BROKERS}"]
  group: {name}
  instance: one
  lanes: 2
  session_timeout: 6s
  inputs:
    telemetry: {{topic: {name}.telemetry, start: earliest, idle_after: never}}
    profiles: {{topic: {name}.profiles}}
  outputs: {{outreach: {name}.outreach, decisions: {name}.decisions, changelog: {name}.changelog}}
  dlq: {{topic: {name}.dlq}}
rules:
  signals: ["{root}/rules/packs/signals.yaml"]
  packs: ["{root}/tests/integration/rules"]
outreach: {{enabled: true}}
privacy: {{id_key_file: "{scratch}/id-key"}}
http: {{ops: {{listen: "{OPS}"}}}}
""")
    return path


def run(*command, **more):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **more).stdout


def events(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def consume(topic, at_least):
    """All committed records. The tool ends after a silence; on a loaded machine that can be its own slow start."""
    for _ in range(4):
        found = events(run(*KAFKA, "consume", topic, "--port-base", str(PORT_BASE), stderr=subprocess.DEVNULL))
        if len(found) >= at_least:
            break
    return found


def metrics():
    values = collections.defaultdict(float)
    try:
        with urllib.request.urlopen(f"http://{OPS}/metrics", timeout=2) as page:
            for line in page.read().decode().splitlines():
                if not line.startswith("#"):
                    name, value = line.rsplit(" ", 1)
                    values[name] = float(value)
    except OSError:
        return None
    return values


def lag_of(values):
    """Records that wait in the telemetry topic; infinite until the lag of each partition was measured."""
    known = [value for name, value in values.items()
             if name.startswith("proactived_kafka_lag_records{") and ".telemetry" in name]
    return sum(known) if len(known) == PARTITIONS else float("inf")


def running_of(values):
    return values['proactived_kafka_partitions{state="running"}']


def read_of(values):
    """Telemetry records that this process has read."""
    return sum(value for name, value in values.items()
               if name.startswith("proactived_kafka_records_total{") and ".telemetry" in name)


class Daemon:
    def __init__(self, name):
        self.name, self.path, self.log = name, config(name), f"{scratch}/{name}.log"
        self.process = None

    def start(self):
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen([BINARY, "run", "--config", self.path], stdout=log, stderr=log)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def wait(self, what, holds, seconds=180):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name}: the daemon ended with {self.process.returncode} before {what}; "
                                 + self.evidence())
            values = metrics()
            if values is not None and holds(values):
                return values
            time.sleep(0.05)
        raise SystemExit(f"{self.name}: waited {seconds} s for {what}; " + self.evidence())

    def evidence(self):
        """What tells whose fault it is: the lanes' story, and what the broker thinks of the transactions."""
        with open(self.log, encoding="utf-8") as log:
            lines = [line for line in log if '"facility"' not in line]  # without the client library's own lines
        hanging = run(*KAFKA, "tool", "org.apache.kafka.tools.TransactionsCommand", "--bootstrap-server", "@bootstrap",
                      "find-hanging", "--broker-id", "1", "--max-transaction-timeout", "0", "--port-base", str(PORT_BASE),
                      stderr=subprocess.DEVNULL)
        return (f"\n{''.join(lines[-40:])}\ntransactions that run: {open_transactions()}\n"
                f"hanging transactions:\n{hanging}\nfiles in {scratch}")

    def drain(self):
        self.wait("the input to be read", lambda v: running_of(v) == PARTITIONS and lag_of(v) == 0)
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        if code != 0:
            raise SystemExit(f"{self.name}: SIGTERM ended with {code}")


def set_up(name):
    path = config(name)
    run(BINARY, "check", "--config", path, "--environment", "--create-topics", "--partitions", str(PARTITIONS),
        "--replication", "1")
    run(BINARY, "simulate", *FLEET, "--to-kafka", "--config", path)


def compare(name, expected, expected_decisions):
    for what, topic, wanted in (("outreach", "outreach", expected), ("decisions", "decisions", expected_decisions)):
        found = collections.Counter(event["id"] for event in consume(f"{name}.{topic}", len(wanted)))
        wanted_ids = collections.Counter(event["id"] for event in wanted)
        twice = [id for id, count in found.items() if count > 1]
        missing, extra = wanted_ids - found, found - wanted_ids
        if twice or missing or extra:
            raise SystemExit(f"{name}: {what}: {len(twice)} twice, {sum(missing.values())} missing, "
                             f"{sum(extra.values())} that the replay does not know; seed {seed}; files in {scratch}")
        say(f"{name}: {sum(found.values())} {what}, equal to the replay id for id")


def open_transactions():
    """Ids of transactions that are neither committed nor aborted, as the broker knows them."""
    text = run(*KAFKA, "tool", "org.apache.kafka.tools.TransactionsCommand", "--bootstrap-server", "@bootstrap", "list",
               "--port-base", str(PORT_BASE), stderr=subprocess.DEVNULL)
    return [line.split()[0] for line in text.splitlines() if "Ongoing" in line]


def calm():
    set_up("calm")
    daemon = Daemon("calm")
    daemon.start()
    daemon.drain()


def killed():
    set_up("killed")
    daemon = Daemon("killed")
    left_open = 0
    for number in range(1, 6):
        daemon.start()
        # Five such parts do not reach the end, so that each kill falls into the run.
        target = records * dice.uniform(0.02, 0.15)
        read = read_of(daemon.wait("records to be read", lambda v: read_of(v) >= target))
        time.sleep(dice.uniform(0, 0.3))
        daemon.kill()
        ongoing = [id for id in open_transactions() if id.startswith("killed.")]
        left_open += bool(ongoing)
        say(f"kill {number}: after at least {int(read)} records; open transactions: {ongoing or 'none'}")
    if left_open == 0:
        raise SystemExit(f"no kill of five left an open transaction behind: the test did not test; seed {seed}")
    daemon.start()
    daemon.drain()


def broker():
    set_up("broker")
    daemon = Daemon("broker")
    daemon.start()
    daemon.wait("records to be read", lambda v: read_of(v) >= records * 0.3)
    say("broker: restart")
    # By SIGKILL. In an orderly shutdown of the only broker all partitions lose their leader first, and a transaction that
    # is being ended right then is taken for one of deleted topics: Kafka 4.3.1 logs "Couldn't find leader endpoint for
    # partitions ... likely deleted already" and never writes its markers, so that its records stay open for good.
    run(*KAFKA, "kill9", "--port-base", str(PORT_BASE))
    run(*KAFKA, "up", "--port-base", str(PORT_BASE))
    left = records - read_of(daemon.wait("the daemon to answer", lambda v: True))
    if left <= 0:
        raise SystemExit("broker: all records were read before the restart: the test did not test")
    daemon.drain()


def main():
    say(f"seed {seed}; SEED={seed} repeats the moments of the kills")
    with open(f"{scratch}/id-key", "w", encoding="utf-8") as key:
        key.write("exactly-once-test\n")
    os.chmod(f"{scratch}/id-key", 0o600)
    run(BINARY, "simulate", *FLEET, "--out", f"{scratch}/fleet")
    replayed = run(BINARY, "replay", "--config", config("replay"), "--partitions", str(PARTITIONS),
                   "--telemetry", f"{scratch}/fleet/telemetry.ndjson", "--profiles", f"{scratch}/fleet/profiles.ndjson",
                   "--decisions", f"{scratch}/decisions.ndjson", stderr=subprocess.DEVNULL)
    expected = events(replayed)
    with open(f"{scratch}/decisions.ndjson", encoding="utf-8") as decisions:
        expected_decisions = events(decisions.read())
    global records
    with open(f"{scratch}/fleet/telemetry.ndjson", "rb") as telemetry:
        records = sum(1 for _ in telemetry)
    status = collections.Counter(event["data"]["status"] for event in expected)
    say(f"replay: {dict(status)}, {len(expected_decisions)} decisions")
    if len(expected) < 100 or not {"opened", "updated", "resolved"} <= set(status):
        raise SystemExit("the replay gives too little to compare")
    for name, test in (("calm", calm), ("killed", killed), ("broker", broker)):
        if name not in os.environ.get("ONLY", name):
            continue
        test()
        compare(name, expected, expected_decisions)


try:
    main()
finally:
    for line in os.popen(f"pgrep -P {os.getpid()}").read().split():
        try:
            os.kill(int(line), signal.SIGKILL)
        except ProcessLookupError:
            pass
    if not sys.exc_info()[0]:
        shutil.rmtree(scratch)
