"""The faults of the chaos suite. Each is a function of a world and of dice; it returns a sentence, or raises.

It ends in equality with the replay, or in the refusal that docs/operating.md names, by its exact sentence.
"""

import dataclasses
import functools
import typing

from support.faults import crashes, inputs, load, members, sessions

SMALL, LARGE = (24, 4), (40, 8)  # fleets: customers and days


@dataclasses.dataclass(frozen=True)
class Fault:
    name: str
    run: typing.Callable
    fleet: tuple = SMALL
    settings: dict = dataclasses.field(default_factory=dict)  # of the world's configuration
    loaded: bool = False  # all telemetry is there from the beginning
    once: bool = False  # one long run, however many rounds the others get


FAULTS = [
    Fault("hundred_kills", functools.partial(crashes.kills, count=100), LARGE, once=True),
    Fault("kills", functools.partial(crashes.kills, count=8)),
    Fault("broker_dies", crashes.broker_dies),
    Fault("zombie", sessions.zombie),
    Fault("transaction_timeout", sessions.transaction_timeout, settings={"session_timeout": "60s"}),
    Fault("twin", sessions.twin),
    Fault("rolling_restart", members.rolling_restart, settings={"session_timeout": "10s"}),
    Fault("scale", members.scale),
    Fault("rebalance_in_restore", members.rebalance_in_restore),
    Fault("truncated_input", inputs.truncated_input),
    Fault("recreated_input", inputs.recreated_input),
    Fault("lost_changelog", inputs.lost_changelog),
    Fault("overload", load.overload, LARGE, {"memory_budget": "256MiB", "session_timeout": "30s"},
          loaded=True),  # fmt: skip
]
# Those that fit into three minutes together, once each. (exactly_once.py lets the broker die.)
SHORT = ["kills", "zombie", "rebalance_in_restore", "truncated_input", "recreated_input", "lost_changelog"]
