"""proactived processes that a test starts, kills, freezes and asks. None outlives the test."""

import atexit
import collections
import ctypes
import json
import re
import signal
import subprocess
import sys
import urllib.request

from support.waiting import Failed, until

started = []


def end_all():
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


atexit.register(end_all)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: also when the test itself is killed


class Daemon:
    def __init__(self, binary, name, config, ops, log):
        self.binary, self.name, self.config, self.ops, self.log = binary, name, config, ops, log
        self.process = None

    # ---- its life

    def start(self, *flags):
        with open(self.log, "a", encoding="utf-8") as log:
            command = [self.binary, "run", "--config", self.config, *flags]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            preexec_fn=die_with_parent)  # fmt: skip
        started.append(self.process)
        return self

    def runs(self):
        return self.process is not None and self.process.poll() is None

    def send(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.send(signal.SIGKILL)
        self.process.wait()

    def freeze(self):
        self.send(signal.SIGSTOP)

    def thaw(self):
        self.send(signal.SIGCONT)

    def stop(self):
        """Asks it to end, which must succeed."""
        self.send(signal.SIGTERM)
        code = self.ended(60)
        if code != 0:
            raise Failed(f"{self.name}: SIGTERM ended with {code}")

    def ended(self, seconds):
        """The exit code, once it has one."""
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name}: it still runs after {seconds} s") from None

    def must_run(self):
        if not self.runs():
            raise Failed(f"{self.name}: the daemon ended with {self.process.returncode}")

    # ---- what it says

    def ask(self, path):
        try:
            with urllib.request.urlopen(f"http://{self.ops}{path}", timeout=2) as page:
                return page.read().decode()
        except OSError:
            return None

    def metrics(self):
        """Values by series; None when nobody answers."""
        page = self.ask("/metrics")
        if page is None:
            return None
        values = collections.defaultdict(float)
        for line in page.splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                values[name] = float(value)
        return values

    def metric(self, name):
        """The sum of all series of that name."""
        values = self.metrics() or {}
        return sum(value for series, value in values.items() if series == name or series.startswith(name + "{"))

    def partitions(self):
        """What it says of each partition that it owns."""
        page = self.ask("/api/v1/status")
        if page is None:
            return {}
        return {at["partition"]: at for lane in json.loads(page)["lanes"] for at in lane["partitions"]}

    def in_state(self, state):
        return {number for number, at in self.partitions().items() if at["state"] == state}

    def wait(self, what, holds, seconds=90):
        """Until it says so."""
        return until(f"{self.name}: {what}", holds, seconds, also=self.must_run)

    def resident(self):
        """Bytes of memory, as the kernel counts them."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS:"))

    def text(self):
        with open(self.log, encoding="utf-8") as log:
            return log.read()

    def story(self, lines=40):
        """The end of its log, without the client library's own lines and the compiler's remarks on the rules."""
        noise = re.compile(r'"facility"|: warning\[W|^ +[0-9]* \| ')
        return "\n".join([line for line in self.text().splitlines() if not noise.search(line)][-lines:])
