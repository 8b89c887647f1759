"""A backend over a real centre, with short words for what the contract tests do to it."""

import asyncio
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from computility.backends.protocol import Backend, Submission, Target
from computility.backends.slurm.backend import SlurmBackend
from computility.backends.slurm.cli import Command, Completed, run_command
from computility.lab.centre import Centre
from computility.lab.slurm_config import ACCOUNTS_ROOT, HELPER, SLURM_CONF
from computility.lifecycle.chunks import split_into_chunks
from computility.lifecycle.evidence import Claim, Look, Result, SubmitAnswer
from computility.model.assignment import JobWork, WorkResources
from computility.model.compute_job import Launcher
from computility.model.index_set import IndexSet

SECONDS = 30.0
ENDLESS = ("sh", "-c", "while :; do sleep 0.1; done")
"""A payload that ends on SIGTERM."""
STUBBORN = ("sh", "-c", "trap 'echo asked' TERM; echo ready; while :; do sleep 0.1; done")
"""A payload that does not."""
LOST_CLAIM = "FAILED(NonZeroExitCode)"
"""What the scheduler says of a wrapper that found its claim taken."""
DAEMONISES = """#!/bin/sh
setsid sh -c 'while :; do date >> daemonised; sleep 0.2; done' </dev/null >/dev/null 2>&1 &
while [ ! -s daemonised ]; do sleep 0.05; done
"""
"""The beginning of a script that leaves a process in a session of its own."""


def a_target(account: str = "alice") -> Target:
    return Target(name=f"cj-{os.urandom(16).hex()}-1", account=account)


def an_array(indices: IndexSet | int) -> Target:
    """An attempt at an array: at these indices, or at the first so many."""
    array = IndexSet.first(indices) if isinstance(indices, int) else indices
    return Target(name=a_target().name, account="alice", array=array, indices=array)


def some(target: Target, *indices: int) -> Target:
    """Some of an array's indices."""
    return replace(target, indices=IndexSet.of(indices))


def a_work(*command: str, resources: dict[str, Any] | None = None, **fields: Any) -> JobWork:
    """Work that prints nothing and ends at once, but for what the test says."""
    shape = {"nodes": 1, "tasks_per_node": 1, "cpus_per_task": 1, **(resources or {})}
    defaults: dict[str, Any] = {
        "namespace": "team-a",
        "name": "job",
        "uid": "6f9c",
        "pool": "cpu",
        "launcher": Launcher.SINGLE,
        "max_run_seconds": 60,
        "grace_seconds": 5,
        "command": command if command or "script" in fields else ("true",),
    }
    return JobWork(**{**defaults, "resources": WorkResources(**shape), **fields})


class Seen(Look, frozen=True, kw_only=True):
    """A look, with what was found of index 0: the one index of an attempt without an array."""

    @property
    def claim(self) -> Claim:
        return self.index(0).claim

    @property
    def traces(self) -> bool:
        return self.index(0).traces

    @property
    def started_at(self) -> datetime | None:
        return self.index(0).started_at

    @property
    def result(self) -> Result | None:
        return self.index(0).result

    @property
    def results(self) -> dict[int, Result]:
        """Those indices that have a result."""
        return {index: found.result for index, found in self.indices.items() if found.result is not None}


class World:
    """A backend, and the centre behind it seen from outside."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.loses_answers = False
        self.backend: Backend = SlurmBackend(
            accounts=["alice", "bob"], helper=HELPER, slurm_conf=SLURM_CONF, runner=self._run
        )

    async def _run(self, command: Command) -> Completed:
        inside = self.centre.enter(command.argv, env=command.env)
        completed = await run_command(
            Command(argv=tuple(inside), env=os.environ, stdin=command.stdin, seconds=command.seconds)
        )
        return Completed(exit_code=1) if self.loses_answers else completed

    async def look(self, target: Target) -> Seen:
        return (await self.looks(target))[target.name]

    async def looks(self, *targets: Target) -> dict[str, Seen]:
        """Look at several together."""
        looks = await self.backend.look(targets)
        return {
            name: Seen(**{field: getattr(look, field) for field in look.__struct_fields__})
            for name, look in looks.items()
        }

    async def submit(self, target: Target, work: JobWork, partition: str = "cpu", **how: Any) -> SubmitAnswer:
        """Submit an attempt, or the first chunk of one at an array."""
        return (await self.submit_chunks(target, work, partition, **how))[0]

    async def submit_chunks(
        self, target: Target, work: JobWork, partition: str = "cpu", **how: Any
    ) -> list[SubmitAnswer]:
        """Submit an attempt, chunk by chunk."""
        if target.array is not None and not work.array_size:
            work = replace(work, array_size=max(target.array) + 1, indices=str(target.array))
        submissions = [
            Submission(
                target=replace(target, indices=chunk), work=work, chunk=number, partition=partition, **how
            )
            for number, chunk in enumerate(split_into_chunks(target.all_indices))
        ]
        answers = await self.backend.submit(submissions)
        return [answers[target.name, submission.chunk] for submission in submissions]

    async def hold(
        self, work: JobWork, target: Target | None = None, partition: str = "cpu", **how: Any
    ) -> Target:
        """Submit, and insist that it was taken."""
        target = target or a_target()
        for answer in await self.submit_chunks(target, work, partition, **how):
            assert answer.workload is not None, answer
        return target

    async def start(
        self, work: JobWork, target: Target | None = None, partition: str = "cpu", **how: Any
    ) -> Target:
        """Submit, let go and release."""
        target = await self.hold(work, target, partition, **how)
        await self.backend.go([target])
        await self.release(target)
        return target

    async def release(self, target: Target) -> None:
        native_ids = {w.native_id for w in (await self.look(target)).workloads}
        await self.backend.release([(target, native_id) for native_id in sorted(native_ids)])

    async def end(self, work: JobWork, partition: str = "cpu", **how: Any) -> Seen:
        """Run the work to its end."""
        return await self.until_ended(await self.start(work, partition=partition, **how))

    async def until(self, target: Target, holds: Callable[[Seen], bool], what: str) -> Seen:
        """Look until something holds, and fail if it does not within `SECONDS`."""
        until = time.monotonic() + SECONDS
        while not holds(look := await self.look(target)):
            if time.monotonic() > until:
                raise AssertionError(f"not within {SECONDS:g} s: {what}; last seen: {look}")
            await asyncio.sleep(0.05)
        return look

    async def until_started(self, target: Target) -> Seen:
        return await self.until(target, lambda look: look.started_at is not None, "the payload starts")

    async def until_ended(self, target: Target) -> Seen:
        return await self.until(
            target, lambda look: bool(look.workloads) and all(w.is_ended for w in look.workloads), "it ends"
        )

    async def until_index_output(self, target: Target, index: int, text: str) -> None:
        """Wait until an array's running payload has written something."""
        await self.until_output(target, text, f"indices/{index}.out")

    async def until_output(self, target: Target, text: str, stream: str = "stdout") -> None:
        """Wait until a running payload has written something."""
        file = self.file(target, stream)
        until = time.monotonic() + SECONDS
        while text not in self.sh(f"cat {file} 2>/dev/null || true", target.account):
            assert time.monotonic() < until, f"{target.name} did not write {text!r}"
            await asyncio.sleep(0.05)

    async def until_polled(self, target: Target, times: int) -> None:
        """Wait until the wrapper has slept and woken so often: it waits for something."""
        (wrapper,) = find_wrappers(target)
        first = count_sleeps(wrapper)
        until = time.monotonic() + SECONDS
        while count_sleeps(wrapper) < first + times:
            assert time.monotonic() < until, f"the wrapper of {target.name} does not poll"
            await asyncio.sleep(0.05)

    def file(self, target: Target, name: str) -> str:
        return f"{ACCOUNTS_ROOT}/{target.account}/{target.name}/{name}"

    def has_process(self, text: str) -> bool:
        """Say whether any process at the centre has this in its command line."""
        return text in self.sh(r"cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' '", "root")

    async def until_process(self, text: str) -> None:
        """Wait until a process at the centre has this in its command line."""
        until = time.monotonic() + SECONDS
        while not self.has_process(text):
            assert time.monotonic() < until, f"no process has {text!r}"
            await asyncio.sleep(0.05)

    def sh(self, script: str, user: str) -> str:
        """Run a shell script inside as a user and return what it wrote."""
        done = self.centre.run(["sh", "-ec", script], user)
        assert done.returncode == 0, f"{script!r} as {user}: {done.stderr}"
        return done.stdout


def find_wrappers(target: Target) -> list[Path]:
    """Find the wrappers of an attempt that run, as their directories in /proc."""
    return [process for process in Path("/proc").glob("[0-9]*") if is_wrapper(process, target)]


def is_wrapper(process: Path, target: Target) -> bool:
    try:
        argv = (process / "cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
    # Slurm's own name for its copy of a batch script, and the script's argument.
    return any(word.endswith(b"/slurm_script") for word in argv) and any(
        word.endswith(b"/" + target.name.encode()) for word in argv
    )


def count_sleeps(process: Path) -> int:
    """Return how often a process has given up the processor by itself, as it does for each of its polls."""
    fields = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    return int(fields["voluntary_ctxt_switches"])
