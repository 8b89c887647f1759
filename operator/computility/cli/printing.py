"""Tables and documents on standard output; colour only where a person looks."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import yaml
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from computility.cli.section import Section
from computility.cli.visible import visible
from computility.model.compute_job import ComputeJob
from computility.model.meta import GROUP

_PHASE_STYLES = {
    "Suspended": "dim", "Queued": "yellow", "Quoted": "cyan", "Placed": "cyan", "Running": "blue",
    "Finishing": "magenta", "Succeeded": "green", "Failed": "red", "Cancelled": "dim",
}  # fmt: skip
_NEVER_CUT = 10_000
_READABLE = 30
"""Characters in a line that a text may be folded to."""


def shown_name(name: str) -> str:
    """Write a job as kubectl does, so that the word can be given back to it."""
    return f"{ComputeJob.KIND.kind.lower()}.{GROUP}/{name}"


def phase_word(job: ComputeJob) -> str:
    """Return where a job stands, in a word; one that is new to the hub has none yet."""
    return job.status.phase.value if job.status.phase else "not looked at by the hub yet"


def console() -> Console:
    """Return a console for standard output; into a pipe it writes lines of any length."""
    width = None if sys.stdout.isatty() else _NEVER_CUT
    return Console(width=width, highlight=False, markup=False)


def print_lines(*lines: str) -> None:
    """Print lines that name what others wrote."""
    console().print("\n".join(map(visible, lines)), soft_wrap=True)


def print_table(heads: Sequence[str], rows: Iterable[Sequence[str]], title: str = "") -> None:
    """Print rows under their heads, as kubectl does; with a title, below it and closer together."""
    target, gap = Console(width=_NEVER_CUT, highlight=False, markup=False), 2 if title else 3
    shown = [tuple(map(visible, row)) for row in rows]
    if title:
        target.print(Text(f"\n{title}", style="bold"))
    table = Table(
        box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold", show_header=any(heads)
    )
    widths = _fold(_widths([heads, *shown]), gap, console().width)
    for head, width in zip(heads, widths, strict=True):
        table.add_column(head if title else head.upper(), overflow="fold", max_width=width)
    for row in shown:
        table.add_row(*(Text(cell, style=_PHASE_STYLES.get(cell, "")) for cell in row))
    with target.capture() as captured:
        target.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """Return how wide each column is."""
    return [max(map(cell_len, column)) for column in zip(*rows, strict=True)]


def _fold(widths: Sequence[int], gap: int, room: int) -> list[int]:
    """Make the widest column as narrow as it takes to fit in, if it can still be read then.

    Else each line is as long as it is, as kubectl's are: names that are cut into pieces of four letters
    can be neither read nor copied.
    """
    over = sum(widths) + gap * (len(widths) - 1) - room
    widest = max(widths, default=0)
    if over <= 0 or widest - over < _READABLE:
        return list(widths)
    at = widths.index(widest)
    return [*widths[:at], widest - over, *widths[at + 1 :]]


def print_sections(sections: Iterable[Section]) -> None:
    """Print titled tables; one without rows is left out."""
    for section in sections:
        if section.rows:
            print_table(section.heads, section.rows, section.title)


def print_document(value: Any, form: str) -> None:
    """Print a value as `json` or `yaml`."""
    if form == "json":
        print(json.dumps(value, indent=2, ensure_ascii=False))
    else:
        print(yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=110), end="")
