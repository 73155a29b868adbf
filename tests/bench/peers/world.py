"""What the benches on a broker share: a broker of their own, the built tools, configurations, the daemon, metrics."""

import argparse
import collections
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
HERE = pathlib.Path(__file__).resolve().parent
KAFKA = ["bash", str(ROOT / "deploy/local-kafka/kafka.sh")]
PARTITIONS = 8


def say(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def run(*command, **more):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, **more)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}\nended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def arguments(about):
    """The flags that all benches have."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release", help="where proactived was built")
    parser.add_argument("--port-base", type=int, default=22500, help="three ports from here on, of the loopback")
    return parser


def median(rows, *path):
    def value(row):
        for name in path:
            row = row[name]
        return row

    return statistics.median(value(row) for row in rows)


class World:
    """A broker with nothing in it, and a folder; both are gone at the end."""

    def __init__(self, flags):
        self.build, self.port = flags.build.resolve(), flags.port_base
        self.brokers, self.ops = f"127.0.0.1:{self.port}", f"127.0.0.1:{self.port + 2}"
        self.binary = self.build / "proactived"
        self.processes = []

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))  # by way of __exit__
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="proactived-bench."))
        key = self.folder / "id-key"
        key.write_text("bench\n", encoding="utf-8")
        key.chmod(0o600)
        say("starting a broker")
        try:
            self.kafka("reset")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        self.kafka("down")
        shutil.rmtree(self.folder)
        shutil.rmtree(self.folder_of_broker())

    def folder_of_broker(self):
        return self.folder.parent / f"{self.folder.name}.kafka"

    def kafka(self, *words):
        return run(*KAFKA, *words, "--port-base", self.port, "--data", self.folder_of_broker())

    def broker_cpu(self):
        """Seconds of user and system time so far."""
        pid = (self.folder_of_broker() / "pid").read_text(encoding="utf-8").strip()
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def tool(self, name, *words):
        """Runs a tool of this folder; its last line is JSON."""
        return json.loads(run(self.build / "tests" / name, *words).splitlines()[-1])

    def start(self, name, *command):
        with open(self.folder / f"{name}.log", "a", encoding="utf-8") as log:
            process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def config(self, name, telemetry="telemetry", lanes=1, rules=(), commit="{}"):
        """A configuration with a group and output topics of its own."""
        path = self.folder / f"{name}.yaml"
        packs = [str(ROOT / "rules/packs"), *map(str, rules)]
        path.write_text(f"""version: 1
kafka:
  brokers: ["{self.brokers}"]
  group: {name}
  instance: one
  lanes: {lanes}
  commit: {commit}
  inputs:
    telemetry: {{topic: {telemetry}, start: earliest, idle_after: never}}
  outputs: {{outreach: {name}.outreach, decisions: {name}.decisions, changelog: {name}.changelog}}
  dlq: {{topic: {name}.dlq}}
rules:
  signals: ["{ROOT}/rules/packs/signals.yaml"]
  packs: {json.dumps(packs)}
outreach: {{enabled: true}}
privacy: {{id_key_file: "{self.folder}/id-key"}}
http: {{ops: {{listen: "{self.ops}"}}}}
""", encoding="utf-8")
        return path

    def create_topics(self, config):
        run(self.binary, "check", "--config", config, "--environment", "--create-topics", "--partitions", PARTITIONS,
            "--replication", 1)

    def delete_topics(self, prefix):
        """So that the cleaner of the broker has nothing to do for a round that is over."""
        self.kafka("tool", "org.apache.kafka.tools.TopicCommand", "--bootstrap-server", "@bootstrap", "--delete",
                   "--topic", f"{prefix}\\..*|{prefix}-.*-changelog")

    def load(self, config, records, customers, hours, order):
        say(f"writing {records:,} records of {customers:,} customers")
        loaded = self.tool("telemetry_load", config, records, customers, hours, order)
        say(f"{loaded['bytes'] / records:.0f} bytes each, in {loaded['seconds']:.1f} s")

    def daemon(self, name, config):
        return self.start(name, self.binary, "run", "--config", config)

    def metrics(self):
        """Values by name and labels, and the sums of each name; None while the daemon does not answer."""
        values = collections.defaultdict(float)
        try:
            with urllib.request.urlopen(f"http://{self.ops}/metrics", timeout=5) as page:
                for line in page.read().decode().splitlines():
                    if not line.startswith("#"):
                        name, value = line.rsplit(" ", 1)
                        values[name] += float(value)
                        if "{" in name:
                            values[name.split("{")[0]] += float(value)
        except OSError:
            return None
        return values

    def wait(self, process, what, holds, seconds=300):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and process.poll() is None:
            values = self.metrics()
            if values is not None and holds(values):
                return values
            time.sleep(0.02)
        self.keep_logs()
        raise SystemExit(f"the daemon did not reach: {what}")

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=60)
        # 143: a JVM that ended by SIGTERM after its hooks.
        if code not in (0, 143):
            self.keep_logs()
            raise SystemExit(f"SIGTERM ended with {code}")

    def keep_logs(self):
        for log in sorted(self.folder.glob("*.log")):
            text = log.read_text(encoding="utf-8", errors="replace")
            print(f"---- {log.name}\n{text[-4000:]}", file=sys.stderr)


def all_run(values):
    return values['proactived_kafka_partitions{state="running"}'] == PARTITIONS


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "unknown")
    return f"{os.cpu_count()} cores, {model}"
