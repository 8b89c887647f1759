"""Slurm's commands: by argv, with a cleared environment, within what is left of the call's time."""

import os
import re
import subprocess
import time
from typing import Dict, List, NamedTuple, Optional

from .once import Repeats, run_once
from .problem import Problem
from .settings import CONFIG

COMMAND_SECONDS = 12.0  # above Slurm's MessageTimeout, which is 10 s by default
LEAST_SECONDS = 2.0  # with less none is begun: of an sbatch that is cut short nobody knows what it did
NATIVE_ID = re.compile(r"[1-9][0-9]{0,18}")
MAX_JOB_COUNT = re.compile(r"MaxJobCount\s*=\s*([0-9]{1,9})\s*")
ELAPSED = re.compile(r"(?:(?:([0-9]{1,6})-)?([0-9]{1,2}):)?([0-9]{1,2}):([0-9]{2})")

LIVE = frozenset((
    "PENDING", "RUNNING", "SUSPENDED", "CONFIGURING", "COMPLETING", "STAGE_OUT", "SIGNALING", "RESIZING",
    "STOPPED", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT", "POWER_UP_NODE",
    "REVOKED",
))  # fmt: skip

# %F is the array's own job id, the one that sbatch told: %A of a task that has started is another one's.
SQUEUE_FORMAT = "%F|%K|%T|%V|%P|%D|%C|%b|%M|%j|%r"
# Times as seconds since the epoch, and the numbers of an array's tasks without an end such as "0,2,4...".
SQUEUE_ENV = {"SLURM_TIME_FORMAT": "%s", "SLURM_BITSTR_LEN": "0"}


class Row(NamedTuple):
    """A job of this account as squeue tells it, or those tasks of an array that it tells together."""

    native_id: str
    tasks: str
    state: str
    submitted_at: str
    partition: str
    nodes: str
    cpus: str
    gres: str
    elapsed: str
    name: str
    reason: str


class Slurm:
    """Slurm as one account may use it, up to a `deadline` on the monotonic clock."""

    def __init__(self, user: str, conf: str, path: List[str], deadline: float):
        self.user = user
        self.path = path
        self.env = {"PATH": ":".join(path), "LC_ALL": "C", "SLURM_CONF": conf}
        self.deadline = deadline

    def run(self, *argv: str, repeats: Optional[Repeats] = None) -> str:
        """Run a Slurm command and return what it wrote.

        Raises:
            Problem: It failed or was too slow. A slow one is killed, and may have done its work all the same.
            AsksAgain: It meant to ask again, as `repeats` says.
        """
        seconds = min(COMMAND_SECONDS, self.check_time(argv[0]))
        env = dict(self.env, **SQUEUE_ENV) if argv[0] == "squeue" else self.env
        command = [find_command(self.path, argv[0]), *argv[1:]]
        try:
            done = run_once(command, env, seconds, repeats) if repeats else run_all(command, env, seconds)
        except subprocess.TimeoutExpired as slow:
            raise Problem("slurm", f"{argv[0]} did not answer in {seconds:.0f} s") from slow
        if done.returncode != 0:
            raise Problem("slurm", done.stderr.decode("utf-8", "replace").strip(), done.returncode)
        return done.stdout.decode("utf-8", "replace")

    def check_time(self, program: str) -> float:
        """Return how many seconds are left.

        Raises:
            Problem: Too few to begin the program.
        """
        seconds = self.deadline - time.monotonic()
        if seconds < LEAST_SECONDS:
            raise Problem("untried", f"{program}: no time was left for it")
        return seconds

    def max_job_count(self) -> Optional[int]:
        """Return how many jobs this Slurm keeps at a time; None if it does not say."""
        try:
            lines = self.run("scontrol", "show", "config").splitlines()
        except Problem:
            return None
        found = (MAX_JOB_COUNT.fullmatch(line) for line in lines)
        return next((int(match.group(1)) for match in found if match), None)

    def queue(self) -> List[Row]:
        """List this account's jobs, ended ones too as long as Slurm remembers them.

        Rows that cannot be read are jobs that the payloads themselves submitted under wild names.
        """
        options = ["--all", "--noheader", "--states=all", "--user=" + self.user, "--format=" + SQUEUE_FORMAT]
        rows = (line.split("|", 10) for line in self.run("squeue", *options).splitlines())
        return [Row(*row) for row in rows if len(row) == 11 and NATIVE_ID.fullmatch(row[0])]


def run_all(command: List[str], env: Dict[str, str], seconds: float) -> "subprocess.CompletedProcess[bytes]":
    """Run a command to its end.

    Raises:
        subprocess.TimeoutExpired: It was too slow.
    """
    return subprocess.run(  # noqa: PLW1510 - looked at by the caller
        command,
        input=b"", stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, timeout=seconds, cwd="/",
    )  # fmt: skip


def parse_elapsed(text: str) -> Optional[int]:
    """Read how long a job has run, written as [[days-]hours:]minutes:seconds; None for anything else."""
    found = ELAPSED.fullmatch(text)
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def find_command(path: List[str], name: str) -> str:
    """Return where a Slurm command is on the centre's own path.

    Raises:
        Problem: It is nowhere.
    """
    for directory in path:
        candidate = os.path.join(directory, name)
        if os.access(candidate, os.X_OK):
            return candidate
    raise Problem("failed", f"{name} is in none of {path}: mend `path` in {CONFIG}")
