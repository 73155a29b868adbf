#!/usr/bin/env python3
"""proactived beside Kafka Streams and a bare librdkafka consumer: one topic, one broker, in turns.

Each contender reads the whole topic from its beginning with nothing known, as a process of its own. Its time ends when
the last offset is committed (bare: when the last record is read) and begins when the process begins, so start-up, JIT
and the group's join count; "steady" leaves them out: from the first commit seen to the last. CPU is user and system time
of the whole process, all threads. The broker shares the machine, so records per CPU second say more than records per
second.
"""

import json
import shutil
import signal
import subprocess

from world import HERE, ROOT, World, all_run, arguments, machine, median, run, say

PEER = ROOT / "build/peers"
USED = 'proactived_telemetry_records_total{result="used"}'
CONTENDERS = {  # name: (kind, settings)
    "bare": ("bare", {}),
    "proactived-1": ("proactived", {"lanes": 1}),
    "proactived-2": ("proactived", {"lanes": 2}),
    "streams": ("streams", {"store": "memory", "commit": 100, "cache": 0}),  # 100 ms: its own default for exactly once
    "streams-500": ("streams", {"store": "memory", "commit": 500, "cache": 0}),  # the daemon's default
    "streams-rocksdb": ("streams", {"store": "rocksdb", "commit": 100, "cache": 10 << 20}),  # its default store, cache
    "streams-cache": ("streams", {"store": "rocksdb", "commit": 500, "cache": 512 << 20}),
}
DEFAULT = "bare,proactived-1,proactived-2,streams,streams-500"


def build_peer():
    """Jars and classes, once for each state of the two files."""
    sources = (HERE / "pom.xml").read_text(encoding="utf-8") + (HERE / "StreamsPeer.java").read_text(encoding="utf-8")
    stamp = PEER / "sources"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == sources:
        return
    for needed in ("mvn", "javac"):
        if shutil.which(needed) is None:
            raise SystemExit(f"{needed} is missing: the Streams peer needs Maven and a JDK of version 17 or newer")
    say("building the Streams peer")
    shutil.rmtree(PEER, ignore_errors=True)
    run("mvn", "-q", "-B", "-f", HERE / "pom.xml", "dependency:copy-dependencies", "-DincludeScope=runtime",
        f"-DoutputDirectory={PEER}/libs")
    run("javac", "-d", PEER / "classes", "-cp", f"{PEER}/libs/*", HERE / "StreamsPeer.java")
    stamp.write_text(sources, encoding="utf-8")


def profile(world, process, name):
    if shutil.which("perf") is None:
        raise SystemExit("perf is missing")
    world.wait(process, "all threads there", all_run)  # perf follows those that it finds
    return subprocess.Popen(["perf", "record", "-q", "-F", "499", "--call-graph", "dwarf,4096", "-p", str(process.pid), "-o",
                             str(ROOT / f"build/perf-{name}.data")])


def race(world, name, kind, settings, flags):
    """One round of one contender."""
    config = world.config(name, lanes=settings.get("lanes", 1))
    if kind == "bare":
        broker = world.broker_cpu()
        row = world.tool("bare_consumer", config, "telemetry", "input")
        row["broker"] = world.broker_cpu() - broker
        row["steady"] = row["records"] / row["read_seconds"]
        return row
    world.create_topics(config)
    broker = world.broker_cpu()
    if kind == "streams":
        process = world.start(name, "java", "-Xmx2g", "-cp", f"{PEER}/classes:{PEER}/libs/*", "StreamsPeer",
                              world.brokers, name, "telemetry", f"{name}.outreach", world.folder / name,
                              settings["store"], settings["commit"], settings["cache"])
    else:
        process = world.daemon(name, config)
    perf = profile(world, process, name) if flags.perf and kind == "proactived" else None
    row = world.tool("watch_group", config, name, process.pid)
    row["broker"] = world.broker_cpu() - broker
    first = row["first"]
    row["steady"] = (row["records"] - first["records"]) / (row["seconds"] - first["seconds"])
    row["steady_cpu"] = (row["records"] - first["records"]) / (row["cpu_seconds"] - first["cpu_seconds"])
    if kind == "proactived":
        values = world.wait(process, "all records used by rules", lambda values: values[USED] == row["records"], 20)
        row["changes"] = values["proactived_state_changelog_records_total"] / row["records"]
        row["change_bytes"] = values["proactived_state_changelog_bytes_total"] / row["records"]
        row["commits"] = values["proactived_kafka_commits_total"]
        row["commit_share"] = values["proactived_kafka_commit_seconds_sum"] / row["seconds"] / settings["lanes"]
    if perf:
        perf.send_signal(signal.SIGINT)
        perf.wait(timeout=60)
    world.stop(process)
    world.delete_topics(name)
    return row


def table(rows):
    bare = median(rows["bare"], "records") / median(rows["bare"], "cpu_seconds") if "bare" in rows else None
    print("| medians | records/s | of them steady | records per CPU second | steady | of bare | CPU seconds | of the broker |")
    print("|---|---|---|---|---|---|---|---|")
    for name, of in rows.items():
        records, cpu = median(of, "records"), median(of, "cpu_seconds")
        steady_cpu = f"{median(of, 'steady_cpu'):,.0f}" if "steady_cpu" in of[0] else ""
        share = f"{records / cpu / bare:.2f}" if bare else ""
        print(f"| {name} | {records / median(of, 'seconds'):,.0f} | {median(of, 'steady'):,.0f} | {records / cpu:,.0f} "
              f"| {steady_cpu} | {share} | {cpu:.1f} | {median(of, 'broker'):.1f} |")
    for name, of in rows.items():
        if "changes" in of[0]:
            print(f"{name}: changelog {median(of, 'changes'):.2f} records and {median(of, 'change_bytes'):.0f} bytes per "
                  f"input record; {median(of, 'commits'):.0f} commits, {median(of, 'commit_share'):.0%} of a lane's time")


def main():
    parser = arguments(__doc__)
    parser.add_argument("--records", type=int, default=3_000_000)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--hours", type=float, default=1, help="of event time in the records")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--contenders", default=DEFAULT, help=f"some of {','.join(CONTENDERS)}")
    parser.add_argument("--perf", action="store_true", help="profile each run of proactived into build/perf-NAME.data")
    flags = parser.parse_args()
    names = flags.contenders.split(",")
    if any(CONTENDERS[name][0] == "streams" for name in names):
        build_peer()
    rows = {name: [] for name in names}
    with World(flags) as world:
        config = world.config("loader")
        world.create_topics(config)
        world.load(config, flags.records, flags.customers, flags.hours, "random")
        for number in range(flags.rounds):
            for name in names:
                row = race(world, f"{name}-{number}", *CONTENDERS[name], flags)
                say(f"round {number + 1}: {name}: {json.dumps(row)}")
                rows[name].append(row)
    print(f"{flags.records:,} records of {flags.customers:,} customers over {flags.hours:g} h, {flags.rounds} rounds; "
          f"{machine()}")
    table(rows)


if __name__ == "__main__":
    main()
