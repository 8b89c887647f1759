"""Traces as CSV with named columns, a job a line; an empty cell says nothing.

`run_seconds` is the run time on the reference: as many A100, or reference cores.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence

from computility.model.pool_facts import Precision
from computility.whatif.collect import Collector
from computility.whatif.mistake import Mistake, TraceRefused, WrongField
from computility.whatif.numbers import (
    CARDS,
    CORES,
    HOURS,
    NODES,
    REQUESTED,
    RUN,
    SUBMIT,
    Bounds,
    parse_number,
)
from computility.whatif.shapes import Shaping
from computility.whatif.trace import Shape, Trace, TraceBuilder

COLUMNS = (
    "submit_seconds",
    "run_seconds",
    "reference_card_hours",
    "reference_core_hours",
    "cards",
    "cores",
    "nodes",
    "requested_seconds",
    "namespace",
    "precision",
)
_WORK = ("run_seconds", "reference_card_hours", "reference_core_hours")
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_PRECISIONS = {precision.value: precision for precision in Precision}


def parse_csv(lines: Iterable[str], namespace: str, shaping: Shaping) -> Trace:
    """Read a trace.

    Args:
        lines: Of the file; the first names the columns, any of `COLUMNS` in any order.
        namespace: Whose the jobs are that do not say it.
        shaping: How jobs are spread over nodes that do not say it.

    Raises:
        TraceRefused: The first line or others are not what they have to be.
    """
    rows = csv.reader(lines, strict=True)
    collector, reader = Collector(), _Reader(namespace, shaping)
    try:
        heads = _parse_heads(next(rows, []))
        for cells in rows:
            if cells:
                with collector.at(rows.line_num) as builder:
                    reader.read(_cells(heads, cells), builder)
    except csv.Error as error:
        raise TraceRefused([Mistake(rows.line_num, "line", f"is no CSV: {error}")]) from error
    return collector.build()


def _parse_heads(heads: Sequence[str]) -> Sequence[str]:
    names = [head.strip() for head in heads]
    unknown = [name for name in names if name not in COLUMNS]
    known = f"columns are {', '.join(COLUMNS)}"
    if unknown:
        raise TraceRefused([Mistake(1, "columns", f'"{unknown[0][:40]}" is not known: {known}')])
    if len(set(names)) < len(names):
        raise TraceRefused([Mistake(1, "columns", "one is there twice: keep one of them")])
    if "submit_seconds" not in names or not set(_WORK) & set(names):
        remedy = f"submit_seconds and one of {', '.join(_WORK)} are needed: {known}"
        raise TraceRefused([Mistake(1, "columns", remedy)])
    return names


def _cells(heads: Sequence[str], cells: Sequence[str]) -> Mapping[str, str]:
    if len(cells) != len(heads):
        raise WrongField("cells", f"there are {len(cells)}: the first line names {len(heads)} columns")
    return {head: cell.strip() for head, cell in zip(heads, cells, strict=True) if cell.strip()}


class _Reader:
    def __init__(self, namespace: str, shaping: Shaping) -> None:
        self._namespace, self._shaping = namespace, shaping

    def read(self, row: Mapping[str, str], builder: TraceBuilder) -> None:
        cards, cores = int(_number(row, "cards", CARDS)), int(_number(row, "cores", CORES))
        shape = self._shaping.shape(cards, cores, int(_number(row, "nodes", NODES)))
        builder.add(
            parse_number("submit_seconds", row.get("submit_seconds", ""), SUBMIT),
            _reference_seconds(row, shape),
            shape,
            namespace=_namespace(row.get("namespace", self._namespace)),
            precision=_precision(row.get("precision", Precision.BF16.value)),
            requested_seconds=_number(row, "requested_seconds", REQUESTED),
        )


def _number(row: Mapping[str, str], name: str, bounds: Bounds) -> float:
    """Read a cell; 0 if it is empty."""
    return parse_number(name, row[name], bounds) if name in row else 0.0


def _reference_seconds(row: Mapping[str, str], shape: Shape) -> float:
    """Return the run time on the reference, said in one of three ways."""
    said = [name for name in _WORK if name in row]
    if len(said) != 1:
        raise WrongField(", ".join(_WORK), f"{len(said)} are filled in: fill in exactly one")
    (name,) = said
    if name == "run_seconds":
        return parse_number(name, row[name], RUN)
    has_cards = name == "reference_card_hours"
    units = shape.cards if has_cards else shape.cores
    if has_cards is not bool(shape.cards):
        raise WrongField(name, "cards are counted for a job with cards, cores for one without: use the other")
    seconds = parse_number(name, row[name], HOURS) * 3600 / units
    if not RUN.least <= seconds <= RUN.most:
        raise WrongField(name, f"makes a run of {seconds:g} s on {units}: write what takes up to a year")
    return seconds


def _namespace(text: str) -> str:
    if _NAMESPACE.fullmatch(text) is None:
        raise WrongField("namespace", f'"{text[:40]}" is no name: write lower-case letters, digits and "-"')
    return text


def _precision(text: str) -> Precision:
    if text not in _PRECISIONS:
        raise WrongField("precision", f'"{text[:40]}" is not known: write one of {", ".join(_PRECISIONS)}')
    return _PRECISIONS[text]
