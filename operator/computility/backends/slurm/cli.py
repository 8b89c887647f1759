"""Runs commands: by argv, with a cleared environment and within a bounded time."""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from computility.backends.protocol import BackendUnreachable
from computility.model.base import Value


class Command(Value, frozen=True, kw_only=True):
    """A program to run; nothing of the agent's own environment reaches it."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    stdin: bytes = b""
    seconds: float = 25.0


class Completed(Value, frozen=True, kw_only=True):
    """What a command answered."""

    exit_code: int
    stdout: bytes = b""
    stderr: bytes = b""

    @property
    def complaint(self) -> str:
        """The last that it wrote to standard error, on one line."""
        return " ".join(self.stderr.decode("utf-8", "replace").split())[-512:]


Runner = Callable[[Command], Awaitable[Completed]]
Talk: TypeAlias = asyncio.Future[tuple[bytes, bytes]]


class CommandHangs(BackendUnreachable):
    """A command did not end in time and was given up, but may live on: `talk` is done when it has ended."""

    def __init__(self, message: str, talk: Talk) -> None:
        super().__init__(message)
        self.talk = talk


class Lane:
    """Commands that hang for the same cause: none is begun while one that was given up still lives.

    Without that a file system that hangs would collect processes, one with every look, without end.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._living: set[Talk] = set()

    async def run(self, command: Command) -> Completed:
        """Run a command.

        Raises:
            BackendUnreachable: It could not be started, did not end in time, or an earlier one still lives.
        """
        if self._living:
            raise BackendUnreachable(
                f'"{describe_argv(command.argv)}" is not started: an earlier call that hung still lives'
            )
        try:
            return await self._runner(command)
        except CommandHangs as hangs:
            self._living.add(hangs.talk)
            hangs.talk.add_done_callback(self._living.discard)
            raise


async def run_command(command: Command) -> Completed:
    """Run a command and wait for its end.

    Raises:
        BackendUnreachable: It could not be started.
        CommandHangs: It did not end in time.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command.argv,
            env=dict(command.env),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd="/",
        )
    except OSError as error:
        raise BackendUnreachable(f'cannot start "{command.argv[0]}": {error.strerror}') from error
    talk = asyncio.ensure_future(process.communicate(command.stdin))
    try:
        stdout, stderr = await asyncio.wait_for(asyncio.shield(talk), command.seconds)
    except TimeoutError as error:
        _abandon(process, talk)
        raise CommandHangs(
            f'"{describe_argv(command.argv)}" did not end within {command.seconds:.0f} s', talk
        ) from error
    return Completed(exit_code=process.returncode or 0, stdout=stdout, stderr=stderr)


def describe_argv(argv: Sequence[str]) -> str:
    """Name a command for a message: the program and its last argument."""
    return " … ".join(dict.fromkeys((os.path.basename(argv[0]), argv[-1])))  # noqa: PTH119 - a name, not a file


_abandoned: set[Talk] = set()


def _abandon(process: asyncio.subprocess.Process, talk: Talk) -> None:
    """End a slow command if we may; sudo is root's, and ends by the helper's own deadline instead."""
    with contextlib.suppress(PermissionError, ProcessLookupError):
        process.kill()
    _abandoned.add(talk)
    talk.add_done_callback(_abandoned.discard)
