"""Traces in the Standard Workload Format of the Parallel Workloads Archive, version 2.

A line is a job of 18 fields, -1 where nothing is known; lines that begin with `;` are remarks. Read are
submission (2), run time (4), processors allocated (5) and requested (8), requested time (9) and status (11).

Source: https://www.cs.huji.ac.il/labs/parallel/workload/swf.html
"""

import enum
from collections.abc import Iterable, Sequence

from computility.model.pool_facts import Precision
from computility.whatif.collect import Collector
from computility.whatif.mistake import WrongField
from computility.whatif.numbers import CARDS, CORES, RUN, SUBMIT, YEAR, Bounds, parse_number
from computility.whatif.shapes import Shaping
from computility.whatif.trace import Trace, TraceBuilder

_FIELDS = 18
_SUBMIT, _RUN, _ALLOCATED, _REQUESTED, _REQUESTED_TIME, _STATUS = 1, 3, 4, 7, 8, 10
_PARTS = {"2", "3", "4"}
"""Of a job that was swapped out or checkpointed: each part once more, beside the line of the whole job."""


class Processor(enum.StrEnum):
    """What the trace counts as a processor."""

    CORES = "cores"
    CARDS = "cards"


def parse_swf(lines: Iterable[str], namespace: str, processor: Processor, shaping: Shaping) -> Trace:
    """Read a trace; jobs that never ran, and lines of parts of jobs, are left out.

    Args:
        lines: Of the file.
        namespace: Whose the jobs are.
        processor: What its processors are.
        shaping: How jobs are spread over nodes.

    Raises:
        TraceRefused: Lines are not what they have to be.
    """
    reader = _Reader(namespace, processor, shaping)
    collector = Collector()
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.lstrip().startswith(";"):
            with collector.at(number) as builder:
                reader.read(line.split(), builder)
    return collector.build()


class _Reader:
    def __init__(self, namespace: str, processor: Processor, shaping: Shaping) -> None:
        self._namespace, self._shaping = namespace, shaping
        self._has_cards = processor is Processor.CARDS

    def read(self, fields: Sequence[str], builder: TraceBuilder) -> None:
        if len(fields) != _FIELDS:
            raise WrongField("fields", f"there are {len(fields)}: a job has {_FIELDS}, -1 where unknown")
        run = _known("run time (4)", fields[_RUN], Bounds(0, RUN.most))
        processors = self._processors(fields)
        if not run or not processors or fields[_STATUS] in _PARTS:
            builder.left_out += 1
            return
        builder.add(
            parse_number("submit time (2)", fields[_SUBMIT], SUBMIT),
            run,
            self._shaping.shape(processors, 0) if self._has_cards else self._shaping.shape(0, processors),
            namespace=self._namespace,
            precision=Precision.BF16 if self._has_cards else None,
            requested_seconds=min(YEAR, _known("requested time (9)", fields[_REQUESTED_TIME], SUBMIT)),
        )

    def _processors(self, fields: Sequence[str]) -> int:
        bounds = CARDS if self._has_cards else CORES
        requested = _known("requested processors (8)", fields[_REQUESTED], bounds)
        return int(requested or _known("allocated processors (5)", fields[_ALLOCATED], bounds))


def _known(field: str, text: str, bounds: Bounds) -> float:
    """Read a number; 0 where nothing is known."""
    if text == "-1":
        return 0.0
    return parse_number(field, text, bounds)
