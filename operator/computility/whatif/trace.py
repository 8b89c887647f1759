"""A job trace as values: columns of jobs, and the kinds of jobs that there are among them.

A job's kind is all that placement looks at, with its work and its limit rounded, so that millions of jobs
need thousands of evaluations. What is reckoned from the exact work afterwards is run time, cost and energy.
"""

from array import array
from dataclasses import dataclass, replace
from math import ceil, log10
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from computility.model.pool_facts import Precision

STEPS_PER_DECADE = 10
"""How finely the work that users declare, and their limits, are told apart: a step is a factor of 1.26."""
_LEAST_LIMIT = 60.0


class Shape(NamedTuple):
    """The machine that a job takes: so many nodes with so many cores and cards on each."""

    nodes: int
    cores_per_node: int
    cards_per_node: int

    @property
    def cores(self) -> int:
        return self.nodes * self.cores_per_node

    @property
    def cards(self) -> int:
        return self.nodes * self.cards_per_node


class JobKind(NamedTuple):
    """What placement sees of a job.

    Attributes:
        namespace: Whose it is.
        shape: What it takes.
        precision: In what its cards have to compute; None without cards.
        work_step: Its run time on the reference: tenths of the decimal logarithm of seconds.
        limit_step: For how long it asks on the reference, in the same way, rounded up.
    """

    namespace: str
    shape: Shape
    precision: Precision | None
    work_step: int
    limit_step: int

    @property
    def declared_seconds(self) -> float:
        """Its run time on the reference as its user declares it."""
        return float(10 ** (self.work_step / STEPS_PER_DECADE))

    @property
    def limit_seconds(self) -> int:
        """For how long it asks, on the reference."""
        return ceil(10 ** (self.limit_step / STEPS_PER_DECADE))


@dataclass(frozen=True, slots=True)
class Trace:
    """Jobs in the order of their submission; one of each column a job.

    Attributes:
        submit: Seconds since the first submission.
        seconds: Run time on the reference.
        kind: Which of `kinds` it is.
        kinds: What there is.
        left_out: Jobs of the file that never ran, or took nothing.
    """

    submit: NDArray[np.float64]
    seconds: NDArray[np.float64]
    kind: NDArray[np.int64]
    kinds: tuple[JobKind, ...]
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.submit)

    def first(self, count: int | None) -> "Trace":
        """Return the same with no more than so many jobs, the earliest; None: with all."""
        return replace(self, submit=self.submit[:count], seconds=self.seconds[:count], kind=self.kind[:count])

    def at_load(self, factor: float) -> "Trace":
        """Return the same jobs, submitted so many times as fast."""
        return replace(self, submit=self.submit / factor)


class TraceBuilder:
    """Collects jobs in any order."""

    def __init__(self) -> None:
        self._submit, self._seconds, self._kind = array("d"), array("d"), array("q")
        self._kinds: dict[JobKind, int] = {}
        self.left_out = 0

    def add(
        self,
        submit: float,
        seconds: float,
        shape: Shape,
        *,
        namespace: str,
        precision: Precision | None = None,
        requested_seconds: float = 0,
    ) -> None:
        """Add a job.

        Args:
            submit: When it was submitted, in seconds since any moment.
            seconds: How long it runs on the reference.
            shape: What it takes.
            namespace: Whose it is.
            precision: In what its cards have to compute.
            requested_seconds: How long it asked for; what it ran if that was longer.
        """
        kind = JobKind(
            namespace,
            shape,
            precision if shape.cards_per_node else None,
            round(STEPS_PER_DECADE * log10(seconds)),
            ceil(STEPS_PER_DECADE * log10(max(requested_seconds, seconds, _LEAST_LIMIT))),
        )
        self._submit.append(submit)
        self._seconds.append(seconds)
        self._kind.append(self._kinds.setdefault(kind, len(self._kinds)))

    def build(self) -> Trace:
        """Return the jobs, sorted by submission; those of one moment stay in their order."""
        submit = np.array(self._submit, np.float64)
        order = np.argsort(submit, kind="stable")
        return Trace(
            submit=submit[order] - (submit.min() if len(submit) else 0.0),
            seconds=np.array(self._seconds, np.float64)[order],
            kind=np.array(self._kind, np.int64)[order],
            kinds=tuple(self._kinds),
            left_out=self.left_out,
        )
