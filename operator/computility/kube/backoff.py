"""How long to wait between tries."""

import random


class Backoff:
    """Waits that double from `first_seconds` up to `cap_seconds`, each spread over its upper half.

    The spread keeps a thousand agents that lost the same API server from coming back in step.
    """

    def __init__(self, first_seconds: float = 0.1, cap_seconds: float = 30.0) -> None:
        self._first = first_seconds
        self._cap = cap_seconds
        self._next = first_seconds

    def next_seconds(self) -> float:
        wait = self._next
        self._next = min(self._cap, wait * 2)
        return wait * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing

    def reset(self) -> None:
        self._next = self._first
