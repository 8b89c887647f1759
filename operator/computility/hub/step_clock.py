"""How long the steps of a decision take."""

from collections.abc import Callable

from computility.hub.metrics import Metrics
from computility.placement.steps import Step


class StepClock:
    """Counts the time since the last call for the step that has just ended.

    Args:
        metrics: Where it is counted.
        monotonic: The clock, in seconds.
    """

    def __init__(self, metrics: Metrics, monotonic: Callable[[], float]) -> None:
        self._metrics = metrics
        self._monotonic = monotonic
        self._last = monotonic()

    def __call__(self, step: Step | None) -> None:
        """Say that a step is over; None lets go of the time since the last."""
        now = self._monotonic()
        if step is not None:
            self._metrics.placement_step(step.value, now - self._last)
        self._last = now
