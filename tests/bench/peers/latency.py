#!/usr/bin/env python3
"""From the append of the record that makes an outreach due to the moment a read_committed reader has the event.

A steady stream of telemetry; in between, each time another customer has a latency far above the limit of
rules/limit.yaml, beside all shipped rules. The limit is a threshold alone: the rule is evaluated at the record itself,
no bucket must close. Goal: p99 of at most 120 ms, first bar 250 ms.
"""

from world import HERE, World, all_run, arguments, machine, say


def main():
    parser = arguments(__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=20_000, help="records per second")
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--due", type=int, default=20, help="outreach per second")
    parser.add_argument("--lanes", type=int, default=1)
    parser.add_argument("--commit", default="{}", help="kafka.commit, such as '{outreach_delay: 0ms}'")
    flags = parser.parse_args()
    with World(flags) as world:
        config = world.config("latency", lanes=flags.lanes, rules=[HERE / "rules"], commit=flags.commit)
        world.kafka("create", "telemetry", "8", "message.timestamp.type=LogAppendTime")
        world.create_topics(config)
        process = world.daemon("daemon", config)
        world.wait(process, "all partitions running", all_run)
        say(f"{flags.rate:,} records per second for {flags.seconds} s")
        row = world.tool("outreach_latency", config, flags.seconds, flags.rate, flags.customers, flags.due)
        values = world.metrics()
        world.stop(process)
    commits, busy = values["proactived_kafka_commits_total"], values["proactived_kafka_commit_seconds_sum"]
    print(f"{flags.rate:,} records per second for {flags.seconds} s, {flags.customers:,} customers, {flags.lanes} lane(s), "
          f"commit {flags.commit}; {machine()}")
    print("| ms | p50 | p90 | p99 | max |")
    print("|---|---|---|---|---|")
    for name, what in (("append_to_decision_ms", "append to decision"), ("decision_to_reader_ms", "decision to reader"),
                       ("append_to_reader_ms", "append to reader")):
        of = row[name]
        print(f"| {what} | {of['p50']} | {of['p90']} | {of['p99']} | {of['max']} |")
    print(f"{row['due']} outreach, {row['unseen']} unseen; {row['late']} records written late; "
          f"{commits:.0f} commits of {busy / commits * 1000:.0f} ms on average; "
          f"daemon {values['process_cpu_seconds_total']:.1f} CPU seconds")


if __name__ == "__main__":
    main()
