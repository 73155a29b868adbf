#!/usr/bin/env python3
"""How long a restart takes with a million keys of state, beside a bare read of the same changelog.

The changelog is what a first run writes; then each round starts the daemon anew and takes the time from its assignment
to the last partition that runs (its own log), and reads the same topic with librdkafka alone, committed records only,
with the settings of a restore. Goal: at most 1.5 times the bare read.
"""

import datetime
import json

from world import World, all_run, arguments, machine, median, say


def seconds_of_restore(log):
    """From "partitions assigned" to the last "partition runs"."""
    assigned, runs = [], []
    for line in log.splitlines():
        if not line.startswith("{"):
            continue
        entry = json.loads(line)
        when = datetime.datetime.fromisoformat(entry["ts"].replace("Z", "+00:00")).timestamp()
        if entry["msg"] == "partitions assigned":
            assigned.append(when)
        if entry["msg"] == "partition runs":
            runs.append(when)
    return max(runs) - min(assigned)


def restart(world, name, config):
    log = world.folder / f"{name}.log"
    process = world.daemon(name, config)
    values = world.wait(process, "all partitions running", all_run)
    world.stop(process)
    return {
        "records": values["proactived_restore_records_total"],
        "seconds": seconds_of_restore(log.read_text(encoding="utf-8")),
        "cpu_seconds": values["process_cpu_seconds_total"],
        "keys": sum(values[f'proactived_state_keys{{kind="{kind}"}}'] for kind in ("customer", "series")),
        "series": values['proactived_state_keys{kind="series"}'],
    }


def main():
    parser = arguments(__doc__)
    parser.add_argument("--customers", type=int, default=500_000, help="each with two series")
    parser.add_argument("--updates", type=int, default=2, help="how often each series is written, at least")
    parser.add_argument("--lanes", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    flags = parser.parse_args()
    bare, restored = [], []
    with World(flags) as world:
        config = world.config("restore", lanes=flags.lanes)
        world.create_topics(config)
        world.load(config, flags.customers * 2 * flags.updates, flags.customers, 0.2, "turns")
        say("first run")
        process = world.daemon("first", config)
        world.tool("watch_group", config, "restore", process.pid)
        world.stop(process)
        for number in range(flags.rounds):
            bare.append(world.tool("bare_consumer", config, "restore.changelog", "table"))
            say(f"bare: {json.dumps(bare[-1])}")
            restored.append(restart(world, f"restore-{number}", config))
            say(f"restore: {json.dumps(restored[-1])}")
    seconds, bare_seconds = median(restored, "seconds"), median(bare, "read_seconds")
    print(f"{median(restored, 'series'):,.0f} series, {flags.lanes} lane(s), {flags.rounds} rounds; {machine()}")
    print("| medians | changelog records | MB | seconds | records/s | CPU seconds of the process |")
    print("|---|---|---|---|---|---|")
    print(f"| bare read | {median(bare, 'records'):,.0f} | {median(bare, 'bytes') / 1e6:.0f} | {bare_seconds:.2f} "
          f"| {median(bare, 'records') / bare_seconds:,.0f} | {median(bare, 'cpu_seconds'):.2f} |")
    print(f"| restore | {median(restored, 'records'):,.0f} | | {seconds:.2f} "
          f"| {median(restored, 'records') / seconds:,.0f} | {median(restored, 'cpu_seconds'):.2f} |")
    print(f"ratio {seconds / bare_seconds:.2f} (goal 1.5)")


if __name__ == "__main__":
    main()
