"""Waiting for conditions, with deadlines; and how a test says what is wrong."""

import time


class Failed(Exception):
    """What was promised does not hold."""


def say(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)


def until(what, holds, seconds=90, also=lambda: None):
    """The first true answer of `holds`. `also` may raise when waiting has become pointless."""
    deadline = time.monotonic() + seconds
    while True:
        answer = holds()
        if answer:
            return answer
        also()
        if time.monotonic() > deadline:
            raise Failed(f"waited {seconds} s for {what}")
        time.sleep(0.05)
