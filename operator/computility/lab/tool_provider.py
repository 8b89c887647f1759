"""Getting a program that this machine does not have: downloaded, or else built."""

import contextlib
import fcntl
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from computility.lab.tool_build import BuildFailed, build
from computility.lab.tool_download import Downloader, DownloadFailed
from computility.lab.tool_search import SETTING, Search, cached_program, version_problem
from computility.lab.tool_specs import GO


class ToolUnavailable(Exception):
    """A program can neither be found nor downloaded nor built; the message has each reason and a remedy."""


@dataclass(slots=True)
class Provider:
    """Gets programs into the cache, each made beside its place and then renamed into it."""

    cache: Path
    console: Console
    total: int
    downloader: Downloader = field(default_factory=Downloader)

    def provide(self, search: Search, number: int) -> Path:
        """Return the program in the cache; only one process at a time makes it, others wait for that.

        Raises:
            ToolUnavailable: It can neither be downloaded nor built.
        """
        spec, program = search.spec, cached_program(self.cache, search.spec)
        title = f"{spec.name} {spec.version} ({number} of {self.total})"
        with self._progress(title) as say, _locked(self.cache / f".{spec.name}-{spec.version}.lock"):
            if not program.is_file():
                self._make(search, program, say)
        return program

    def _make(self, search: Search, program: Path, say: "Say") -> None:
        partial = program.parent.with_name(f"{program.parent.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)  # of a process that died; nobody else is in here
        partial.mkdir(parents=True)
        self._download_or_build(search, partial / program.name, say)
        problem = version_problem(partial / program.name, search.spec)
        if problem:
            raise ToolUnavailable(f"what was made is of no use: {problem}")
        shutil.rmtree(program.parent, ignore_errors=True)
        partial.rename(program.parent)

    def _download_or_build(self, search: Search, program: Path, say: "Say") -> None:
        try:
            say("downloading")
            self.downloader.fetch(search.spec.download, program)
        except DownloadFailed as no_download:
            say(f"building from toolchain/{search.spec.module}, minutes the first time")
            try:
                build(search.spec, program)
            except BuildFailed as no_build:
                raise _unavailable(search, no_download, no_build) from no_build

    @contextlib.contextmanager
    def _progress(self, title: str) -> Iterator["Say"]:
        """Show what is being done and for how long; on a screen a line that moves, in a log one a step."""
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        started = time.monotonic()
        with Progress(
            *columns, console=self.console, transient=True, disable=not self.console.is_terminal
        ) as progress:
            yield Say(progress, title)
        self.console.print(
            f"{title}: ready after {time.monotonic() - started:.0f} s", highlight=False, soft_wrap=True
        )


class Say:
    """Tells the step that a program is in."""

    def __init__(self, progress: Progress, title: str) -> None:
        self._progress, self._title = progress, title
        self._task = progress.add_task(f"{title}: waiting", total=None)

    def __call__(self, step: str) -> None:
        self._progress.update(self._task, description=f"{self._title}: {step}")
        if not self._progress.console.is_terminal:
            self._progress.console.print(f"{self._title}: {step}", highlight=False, soft_wrap=True)


def _unavailable(search: Search, no_download: DownloadFailed, no_build: BuildFailed) -> ToolUnavailable:
    reasons = [*search.passed_over, f"download: {no_download}", f"build: {no_build}"]
    return ToolUnavailable(
        f"cannot get {search.spec.name} {search.spec.version}: {'; '.join(reasons)}. "
        f"Install Go {GO}, or put the programs into a folder and set {SETTING} to it"
    )


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of one program; the kernel lets go of it when its holder dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
