"""Telemetry of a small simulated fleet, and what a replay of it says: the truth that a run on a broker must equal."""

import datetime
import json
import subprocess


# As Java's producers place keys.
def murmur2(data):
    mask, magic = 0xFFFFFFFF, 0x5BD1E995
    value = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        part = int.from_bytes(data[at : at + 4], "little") * magic & mask
        part ^= part >> 24
        value = (value * magic & mask) ^ (part * magic & mask)
    rest = data[whole:]
    if rest:
        value = (value ^ int.from_bytes(rest, "little")) * magic & mask
    value ^= value >> 13
    value = value * magic & mask
    return value ^ value >> 15


def partition_of(key, partitions):
    return (murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def events(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


class Fleet:
    """`expected` has, for outreach and decisions, each event's partition by id."""

    def __init__(self, binary, folder, config, partitions, seed, customers, days):
        self.folder, self.partitions = f"{folder}/fleet-{customers}-{days}", partitions
        self.flags = ["--seed", str(seed), "--customers", str(customers), "--days", str(days)]
        run(binary, "simulate", *self.flags, "--out", self.folder)
        said = run(binary, "replay", "--config", config, "--partitions", str(partitions),
                   "--telemetry", f"{self.folder}/telemetry.ndjson", "--profiles", f"{self.folder}/profiles.ndjson",
                   "--decisions", f"{self.folder}/decisions.ndjson")  # fmt: skip
        with open(f"{self.folder}/decisions.ndjson", encoding="utf-8") as decisions:
            decided = decisions.read()
        self.replayed = {"outreach": events(said), "decisions": events(decided)}
        self.expected = {
            what: {event["id"]: partition_of(event["partitionkey"], partitions) for event in found}
            for what, found in self.replayed.items()
        }
        for what, found in self.replayed.items():
            assert len(self.expected[what]) == len(found), f"the replay says {what} twice"
        with open(f"{self.folder}/telemetry.ndjson", "rb") as telemetry:
            self.records = sum(1 for _ in telemetry)

    def telemetry(self):
        """(key, value, milliseconds) of each record in order."""
        with open(f"{self.folder}/telemetry.ndjson", "rb") as lines:
            for line in lines:
                yield record_of(line.rstrip(b"\n"))

    def profiles(self):
        with open(f"{self.folder}/profiles.ndjson", "rb") as lines:
            for line in lines:
                profile = json.loads(line)
                yield profile["customer_id"].encode(), line.rstrip(b"\n"), milliseconds(profile["valid_from"])


def milliseconds(text):
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def record_of(line):
    event = json.loads(line)
    return event["customer_id"].encode(), line, milliseconds(event["event_time"])
