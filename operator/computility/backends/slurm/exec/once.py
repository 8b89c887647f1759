"""Slurm's commands, asked once. Some ask again and again, for minutes; that is for the agent to do.

sbatch does where Slurm takes no more jobs for now, and scancel with a signal to a task of an array of which
others still wait: 22.05.8 sends that signal at once, and yet answers "in transitional state" (tried).
"""

import os
import select
import subprocess
import time
from typing import IO, Dict, List, NamedTuple, cast

QUIET_SECONDS = 1.0  # after which no further task's signal is on its way


class Repeats(NamedTuple):
    """What a command writes to standard error when it means to ask again, and how often by then."""

    text: bytes
    times: int = 1


SBATCH = Repeats(b"sleeping and retrying")
SBATCH_SLEEPS_SECONDS = 0.9  # its first sleep takes 1 s: ended before that, it has asked once


def repeats_signal(tasks: int) -> Repeats:
    """Return what `scancel -v` writes when it means to signal so many tasks again."""
    return Repeats(b"transitional state, retrying", tasks)


class AsksAgain(Exception):
    """The command was ended because it meant to ask again; `seconds` after it was begun."""

    def __init__(self, said: bytes, seconds: float):
        super().__init__(said.decode("utf-8", "replace").strip())
        self.seconds = seconds


def run_once(
    command: List[str], env: Dict[str, str], seconds: float, repeats: Repeats
) -> "subprocess.CompletedProcess[bytes]":
    """Run a command to its end, or to where it means to ask again.

    Raises:
        AsksAgain: It meant to, and is ended.
        subprocess.TimeoutExpired: It was too slow, and is ended; it may have done its work all the same.
    """
    begun = time.monotonic()
    with subprocess.Popen(  # reaped at the end of the block
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, cwd="/"
    ) as process:
        stdout, stderr = cast(IO[bytes], process.stdout), cast(IO[bytes], process.stderr)
        try:
            said = read_complaint(stderr.fileno(), begun + seconds, repeats)
            if repeats.text in said:
                process.kill()
                process.wait()
                raise AsksAgain(said, time.monotonic() - begun)
            return subprocess.CompletedProcess(command, process.wait(), stdout.read(), said)
        except BaseException:
            process.kill()
            raise


def read_complaint(stderr: int, until: float, repeats: Repeats) -> bytes:
    """Read standard error to its end, or to where the command means to ask again."""
    said = b""
    while said.count(repeats.text) < repeats.times:
        left = max(0.0, until - time.monotonic())
        repeating = repeats.text in said
        if not select.select([stderr], [], [], min(left, QUIET_SECONDS) if repeating else left)[0]:
            if repeating:
                break
            raise subprocess.TimeoutExpired("", left)
        part = os.read(stderr, 4096)
        if not part:
            break
        said += part
    return said
