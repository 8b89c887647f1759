"""The real Slurm centre that tests share, and what they need to look at its processes from outside."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from computility.lab import proc
from computility.lab.modulefiles import GREETINGS, MPI
from computility.lab.packages import REMEDY, missing_programs
from computility.lab.slurm_centre import Centre, start_centre

ALLOW_SKIPS = "COMPUTILITY_ALLOW_SKIPS"


@pytest.fixture(scope="session")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A real Slurm centre, one for each worker. Who kills parts of it starts one of their own instead."""
    require_slurm()
    modules = {**MPI, **GREETINGS, "broken": ("no-such/1",)}
    running = start_centre(tmp_path_factory.mktemp("centre"), "alpha", tied=True, modules=modules)
    yield running
    running.stop()


def require_slurm() -> None:
    """Fail the test where the real Slurm is missing, or skip it where that is allowed."""
    missing = missing_programs()
    if missing and os.environ.get(ALLOW_SKIPS):
        pytest.skip(f"no {', '.join(missing)}")
    if missing:
        pytest.fail(f"no {', '.join(missing)}: {REMEDY} (or set {ALLOW_SKIPS}=1)", pytrace=False)


class Family:
    """A process and all that came of it so far, each by pid and start time."""

    def __init__(self, pid: int) -> None:
        self.members = {(pid, proc.start_ticks(pid)) for pid in _descendants(pid)}

    def survivors(self) -> list[int]:
        """Return the pids of those that still live."""
        return [pid for pid, ticks in self.members if ticks is not None and proc.start_ticks(pid) == ticks]

    def commands(self) -> str:
        """Return the command lines of those that still live, one a line."""
        return "\n".join(_command(pid) for pid in self.survivors())


def _descendants(pid: int) -> list[int]:
    return [pid, *(each for child in _children(pid) for each in _descendants(child))]


def _children(pid: int) -> list[int]:
    """Return the children of a process, as far as it and its threads do not end meanwhile."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
