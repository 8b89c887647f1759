"""Tables and documents on standard output; colour only where a person looks."""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table
from rich.text import Text

from computility.cli.section import Section
from computility.model.compute_job import ComputeJob
from computility.model.meta import GROUP

_PHASE_STYLES = {
    "Suspended": "dim", "Queued": "yellow", "Quoted": "cyan", "Placed": "cyan", "Running": "blue",
    "Finishing": "magenta", "Succeeded": "green", "Failed": "red", "Cancelled": "dim",
}  # fmt: skip
_NEVER_CUT = 10_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Also those that turn the direction of writing around."""


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


def visible(text: str) -> str:
    """Write control characters as what they are: a terminal would obey those that a job or a centre sends."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def print_lines(*lines: str) -> None:
    """Print lines that name what others wrote."""
    console().print("\n".join(map(visible, lines)))


def print_table(heads: Sequence[str], rows: Iterable[Sequence[str]], title: str = "") -> None:
    """Print rows under their heads, as kubectl does; with a title, below it and closer together."""
    target = console()
    if title:
        target.print(Text(f"\n{title}", style="bold"))
    gap = 2 if title else 3
    table = Table(
        box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold", show_header=any(heads)
    )
    for head in heads:
        table.add_column(head if title else head.upper(), overflow="fold")
    for row in rows:
        table.add_row(*(Text(visible(cell), style=_PHASE_STYLES.get(cell, "")) for cell in row))
    with target.capture() as captured:
        target.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


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
