"""Waiting for a condition, with a bound: the lab has no other way to wait."""

import time
from collections.abc import Callable

POLL_SECONDS = 0.05


class NotInTime(TimeoutError):
    """A condition did not come true within its bound; the message names both."""


def wait_until(condition: Callable[[], bool], what: str, *, timeout_seconds: float) -> None:
    """Return as soon as the condition holds; it is tried at least once.

    Raises:
        NotInTime: It still did not hold after `timeout_seconds`; the message contains `what`.
    """
    if not holds_within(condition, timeout_seconds=timeout_seconds):
        raise NotInTime(f"waited {timeout_seconds:g} s in vain for {what}")


def holds_within(condition: Callable[[], bool], *, timeout_seconds: float) -> bool:
    """Say whether the condition came true within the bound; it is tried at least once."""
    end = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(POLL_SECONDS)
    return True
