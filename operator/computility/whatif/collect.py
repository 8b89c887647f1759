"""Collects the jobs of a trace and the mistakes in it: several mistakes are told together."""

from collections.abc import Iterator
from contextlib import contextmanager

from computility.whatif.mistake import MOST_TOLD, Mistake, TraceRefused, WrongField
from computility.whatif.trace import Trace, TraceBuilder


class Collector:
    """Goes on after a mistake, until there are more than are told."""

    def __init__(self) -> None:
        self._builder = TraceBuilder()
        self._mistakes: list[Mistake] = []

    @contextmanager
    def at(self, line: int) -> Iterator[TraceBuilder]:
        """Read a line: a wrong field in it is a mistake of this line."""
        try:
            yield self._builder
        except WrongField as wrong:
            self.note(Mistake(line, wrong.field, wrong.remedy))

    def note(self, mistake: Mistake) -> None:
        """Keep a mistake; raises once there are more than are told."""
        self._mistakes.append(mistake)
        if len(self._mistakes) > MOST_TOLD:
            raise TraceRefused(self._mistakes)

    def build(self) -> Trace:
        """Return the trace, if there was no mistake, and any job.

        Raises:
            TraceRefused: Otherwise.
        """
        if self._mistakes:
            raise TraceRefused(self._mistakes)
        trace = self._builder.build()
        if not len(trace):
            raise TraceRefused([Mistake(1, "jobs", "there is none that ran: is this the right file?")])
        return trace
