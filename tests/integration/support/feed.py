"""Writes telemetry to the broker beside a test: in order, at a rate, and never further than the test allows."""

import threading
import time

from support.librdkafka import Writer
from support.waiting import Failed, until


class Feed(threading.Thread):
    STEP = 0.02  # seconds
    BATCH = 20_000  # records at most

    def __init__(self, brokers, topic, fleet):
        super().__init__(daemon=True)
        self.writer, self.topic, self.total = Writer(brokers), topic, fleet.records
        self.records = fleet.telemetry()
        self.written, self.allowed, self.rate = 0, 0, 10_000.0
        self.changed, self.closing, self.busy, self.trouble = threading.Condition(), False, False, None
        self.start()

    def allow(self, share, rate=None):
        """Goes on to this share of all records, at `rate` records a second."""
        with self.changed:
            self.allowed = max(self.allowed, round(share * self.total))
            self.rate = rate or self.rate
            self.changed.notify()

    def over(self, share, seconds):
        """Goes on to this share within about so many seconds."""
        self.allow(share, max(1.0, (share * self.total - self.written) / max(seconds, self.STEP)))

    def pause(self):
        """Nothing more for now; returns when the broker has what was written."""
        with self.changed:
            self.allowed = self.written
        self.wait()

    def rest(self):
        """All that is left, at once; returns when the broker has it."""
        self.allow(1, float("inf"))
        self.wait()

    def wait(self, seconds=180):
        until("the telemetry to be written",
              lambda: self.trouble or (self.written >= self.allowed and not self.busy), seconds)  # fmt: skip
        if self.trouble:
            raise Failed(f"the feed: {self.trouble}")
        self.writer.flush()

    def close(self):
        with self.changed:
            self.closing = True
            self.changed.notify()
        self.join()
        self.writer.close()

    def run(self):
        owed, seen = 0.0, time.monotonic()
        try:
            while True:
                with self.changed:
                    while self.written >= self.allowed and not self.closing:
                        self.changed.wait()
                        owed, seen = 0.0, time.monotonic()
                    if self.closing:
                        return
                    if self.rate == float("inf"):
                        owed = self.BATCH
                    else:
                        self.changed.wait(self.STEP)  # the pace, which is this thread's purpose
                        now = time.monotonic()
                        owed = min(owed + self.rate * (now - seen), self.BATCH)
                        seen = now
                    now_due = min(self.allowed - self.written, int(owed))
                    self.busy = True
                for _ in range(now_due):
                    key, value, at = next(self.records)
                    self.writer.write(self.topic, key, value, at)
                owed -= now_due
                self.writer.poll()
                self.written += now_due
                self.busy = False
        except Exception as problem:  # told to the test, which waits
            self.trouble = problem
