"""One line that tells where a job stands: alive on a terminal, one line a change elsewhere."""

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from computility.cli.indices import describe_counts
from computility.cli.pool_name import pool_name
from computility.model.compute_job import ComputeJob
from computility.model.meta import find_condition

_REFRESHES_PER_SECOND = 4


class Progress:
    """Shows a job on standard error, so that standard output stays the job's."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._line = ""
        self._began = time.monotonic()
        self._console = Console(stderr=True, highlight=False, markup=False)
        self._spinner = Spinner("dots")
        self._live = Live(
            get_renderable=self._render,
            console=self._console,
            transient=True,
            refresh_per_second=_REFRESHES_PER_SECOND,
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, job: ComputeJob) -> None:
        """Show where the job stands."""
        self._say(describe(job))

    def notice(self, text: str) -> None:
        """Show something else that the person should know."""
        self._say(text)

    def _say(self, line: str) -> None:
        if line != self._line and not self._console.is_terminal:
            print(f"{self._name}: {line}", file=sys.stderr, flush=True)
        self._line = line

    def _render(self) -> Spinner:
        seconds = int(time.monotonic() - self._began)
        self._spinner.update(text=Text(f"{self._name}: {self._line}  {seconds // 60}:{seconds % 60:02}"))
        return self._spinner


def describe(job: ComputeJob) -> str:
    """Say in a few words where a job stands, and why it waits."""
    status = job.status
    if status.phase is None:
        return "not looked at by the hub yet"
    live = [attempt for attempt in status.attempts if not attempt.state.is_terminal]
    if live:
        counted = f": {counts}" if (counts := describe_counts(job)) else ""
        places = dict.fromkeys(map(pool_name, live))
        return f"{status.phase.value} on {', '.join(places)}{counted}"
    placed = find_condition(status.conditions, "Placed")
    if status.phase.is_terminal or placed is None or not placed.message:
        return status.phase.value
    return f"{status.phase.value}: {placed.message}"
