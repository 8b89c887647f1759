#!/usr/bin/python3 -IS
# Runs on the nodes of a centre, whose Python may be as old as 3.6: hence typing's names.
"""The batch script of every attempt: claim it, wait for go, run the payload, write its result.

The text is the same for every attempt; `computility-exec submit` hands it to sbatch with the attempt's
directory as its argument. What to run stands there in `job.json`. In an array each task does this for one
index, which has a claim, a record and an output of its own; the chunk's number is the second argument then,
and `chunk.<number>.json` has the index of each task. Standard library only, one file: Slurm copies it to the
node, where nothing else of ours is installed.

Exit code: the payload's (128 + n after signal n); 75 if the claim was not ours, and then nothing was started.
What the payload has started on this node ends with it, also what has left its process group: the wrapper
adopts every orphan below it. Tasks that srun started are Slurm's own to end.
"""

import collections
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from typing import Any, Deque, Dict, List, NamedTuple, Optional, Set, Tuple

CLAIM_LOST = 75
TERMINATED = 128 + signal.SIGTERM
GO_POLL_SECONDS = 0.1
GO_PATIENCE_SECONDS = 300.0  # a controller that forgot this job would never end it
SRUN_ENDS_SECONDS = 5.0
KILL_SECONDS = 5.0  # for what the payload left running; in an uninterruptible sleep it may outlive SIGKILL
KILL_POLL_SECONDS = 0.01
PR_SET_CHILD_SUBREAPER = 36
MODULES_SECONDS = 60  # from a file system that hangs they may never come
ENVIRONMENT_BYTES = 4 * 2**20
# The one text of ours that a shell reads: modules are a shell's function. Names come as arguments.
LOAD_MODULES = (
    '{ init=$1; shift; names=("$@"); set --; . "$init" && module load "${names[@]}"; } >&2'
    " && exec /usr/bin/env -0"
)
LOADING = {"launcher": "single", "maxRunSeconds": MODULES_SECONDS, "graceSeconds": 0}
WATCHED = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)


class Step(NamedTuple):
    """What to do to a payload that has to end, and when on the monotonic clock."""

    at: float
    by: str  # "steps": through Slurm, to the tasks of srun; "group": to the payload's process group
    signal: int


class End(NamedTuple):
    """How the payload ended: Popen's return code, and what made it end, if anything did.

    `limit`: its time was over. `told`: a signal from outside was passed on to it. Never both.
    `unstarted`: what ended is the loading of modules, so that there was no payload.
    """

    code: int
    limit: bool = False
    told: bool = False
    unstarted: bool = False


class Part(NamedTuple):
    """What is run of an attempt: one index of an array, or, without an index, all of it."""

    attempt: str
    array_index: Optional[int] = None

    @property
    def claims(self) -> str:
        """Return the directory of its claim."""
        account, name = os.path.split(self.attempt)
        return os.path.join(account, "claims", *(() if self.array_index is None else (name,)))

    @property
    def claim(self) -> str:
        """Return its claim's name."""
        return os.path.basename(self.attempt) if self.array_index is None else str(self.array_index)

    @property
    def outputs(self) -> List[str]:
        """Return its own files of output, if it has any beside Slurm's, which an array's tasks share."""
        endings = () if self.array_index is None else (".out", ".err")
        return [os.path.join(self.attempt, "indices", f"{self.array_index}{ending}") for ending in endings]


def main(attempt: str, chunk: str = "") -> int:
    """Run the attempt whose directory is given, or this task's index of it; return what to exit with."""
    os.umask(0o077)
    part = Part(attempt, find_index(attempt, chunk) if chunk else None)
    # Blocked and taken with sigtimedwait: a signal is never lost, and never interrupts anything.
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    nonce = take_claim(part)
    if nonce is None:
        say("this attempt is claimed already, nothing is started")
        return CLAIM_LOST
    redirect(part)
    if not wait_for_go(attempt):
        say("ended before the payload was allowed to start")
        return TERMINATED
    return run_payload(part, nonce)


def find_index(attempt: str, chunk: str) -> int:
    """Return the index that this task stands for.

    Raises:
        ValueError: The chunk's table has none for it.
    """
    with open(os.path.join(attempt, f"chunk.{chunk}.json"), "rb") as text:
        index = json.loads(text.read().decode())["indices"][int(os.environ["SLURM_ARRAY_TASK_ID"])]
    if type(index) is not int or not 0 <= index < 10000:
        raise ValueError(f"{index!r} is no index")
    return index


def take_claim(part: Part) -> Optional[str]:
    """Take the claim; return its nonce, or None if it is not ours.

    link(2) takes it at most once, also over NFS, where the answer may get lost: so what counts is
    whether the claim, read back, is our own text.
    """
    claims, name = part.claims, part.claim
    nonce = os.urandom(16).hex()
    text = render({
        "by": "payload",
        "job": os.environ.get("SLURM_ARRAY_JOB_ID") or os.environ["SLURM_JOB_ID"],
        "restart": int(os.environ.get("SLURM_RESTART_COUNT", "0")),
        "node": os.environ.get("SLURMD_NODENAME", ""),
        "nonce": nonce,
        "at": now(),
    })  # fmt: skip
    own = os.path.join(claims, f".{name}.{nonce}")
    write_new(own, text)
    with contextlib.suppress(OSError):
        os.link(own, os.path.join(claims, name))
    sync_directory(claims)
    # An array that has ended keeps its claims in one file (see `fold.py`): these two may be tidied away.
    with contextlib.suppress(FileNotFoundError):
        os.unlink(own)
    if read_start(os.path.join(claims, name)) != text:
        return None
    if part.array_index is not None and os.path.lexists(os.path.join(claims, "folded")):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(claims, name))
        return None
    return nonce


def read_start(path: str) -> bytes:
    """Read what a claim can have; nothing if it is gone, or nothing that can be read."""
    with contextlib.suppress(OSError), open(path, "rb") as file:
        return file.read(4096)
    return b""


def redirect(part: Part) -> None:
    """Write to the part's own output from now on."""
    for stream, path in enumerate(part.outputs, 1):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        os.dup2(file, stream)
        os.close(file)


def wait_for_go(attempt: str) -> bool:
    """Wait until the agent lets the payload start; False if told to end first, or if that takes too long."""
    patience_ends = time.monotonic() + GO_PATIENCE_SECONDS
    while not os.path.exists(os.path.join(attempt, "go")):
        caught = signal.sigtimedwait((signal.SIGTERM, signal.SIGINT), GO_POLL_SECONDS)
        if caught is not None or time.monotonic() > patience_ends:
            return False
    return True


def run_payload(part: Part, nonce: str) -> int:
    """Start the payload, see it to its end and write the result; return what to exit with."""
    attempt = part.attempt
    with open(os.path.join(attempt, "job.json"), "rb") as text:
        job = json.loads(text.read().decode())
    adopt_orphans()
    end, env = load_modules(part, job)
    begin, begun_at = time.monotonic(), now()
    if not end.unstarted:
        write_record(part, "started.json", {"nonce": nonce, "startedAt": begun_at})
        end = start_and_watch(part, job, env, begin)
    end_descendants()
    outcome = {"exitCode": end.code} if end.code >= 0 else {"signal": -end.code}
    result = {
        "nonce": nonce,
        "startedAt": begun_at,
        "endedAt": now(),
        "runSeconds": round(time.monotonic() - begin, 3),
        "limit": end.limit,
        "told": end.told,
        **({"unstarted": True} if end.unstarted else {}),
    }
    with contextlib.suppress(OSError):
        os.chmod(attempt, 0o700)  # the payload may have closed it
    write_record(part, "result.json", dict(result, **outcome))
    for path in part.outputs:
        with contextlib.suppress(OSError):
            if not os.stat(path).st_size:
                os.unlink(path)
    return end.code if end.code >= 0 else 128 - end.code


def load_modules(part: Part, job: Dict[str, Any]) -> Tuple[End, Dict[bytes, bytes]]:
    """Load the job's modules; return how that ended, and the environment with them."""
    work, env = os.path.join(part.attempt, "work"), dict(os.environb)
    env[b"HOME"] = work.encode()
    if not job["modules"]:
        return End(0), env
    argv = ["/bin/bash", "--norc", "--noprofile", "-c", LOAD_MODULES, "modules", job["moduleInit"]]
    try:
        with tempfile.TemporaryFile() as told:
            loader = start([*argv, *job["modules"]], cwd=work, env=env, stdin=subprocess.DEVNULL, stdout=told)
            end = watch(loader, LOADING, time.monotonic())
            told.seek(0)
            loaded = told.read(ENVIRONMENT_BYTES)
    except OSError as error:
        say(f"cannot run {argv[0]}: {error.strerror}")
        end, loaded = End(1), b""
    # A centre's script that exits ends the loader well, before it has told its environment.
    if end.code == 0 and not end.told and loaded.endswith(b"\0"):
        return end, dict(pair.split(b"=", 1) for pair in loaded.split(b"\0") if b"=" in pair)
    late = f" in {MODULES_SECONDS} s" if end.limit else ""
    say("cannot load the modules {}{}: nothing is started".format(" ".join(job["modules"]), late))
    return end._replace(code=end.code or TERMINATED, limit=False, unstarted=True), env


def start_and_watch(part: Part, job: Dict[str, Any], env: Dict[bytes, bytes], begin: float) -> End:
    """Start the payload and wait for its end; one that cannot be started ends as a shell would end it."""
    argv = launch_argv(part.attempt, job)
    work = os.path.join(part.attempt, "work")
    try:
        payload = start(argv, cwd=work, env=environment(env, job, part.array_index))
    except OSError as error:
        say(f"cannot start {argv[0]!r}: {error.strerror}")
        return End(127 if isinstance(error, FileNotFoundError) else 126)
    return watch(payload, job, begin)


def start(argv: List[str], **how: Any) -> "subprocess.Popen[bytes]":
    """Start a program in a process group of its own, with the signals that the wrapper itself has blocked.

    Text goes to it as UTF-8, whatever Python makes of the locale.
    """

    def unblock() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)

    words = [word.encode() for word in argv]
    return subprocess.Popen(words, start_new_session=True, preexec_fn=unblock, **how)  # noqa: PLW1509 - no threads


def launch_argv(attempt: str, job: Dict[str, Any]) -> List[str]:
    """Return the payload's argv: the command itself, or srun in front of it."""
    command = job["command"] or [os.path.join(attempt, "script")]
    if job["launcher"] == "single":
        return list(command)
    nodes, tasks, cpus = job["nodes"], job["tasksPerNode"], job["cpusPerTask"]
    if job["launcher"] == "perNode":
        tasks, cpus = 1, tasks * cpus
    # Since Slurm 22.05 srun no longer takes the job's cpus-per-task, so everything is said again.
    shape = [f"--nodes={nodes}", f"--ntasks={nodes * tasks}", f"--ntasks-per-node={tasks}"]
    srun = shutil.which("srun") or "srun"
    mpi = ["--mpi=" + job["mpi"]] if job["launcher"] == "mpi" else []
    return [srun, *mpi, "--kill-on-bad-exit=1", f"--cpus-per-task={cpus}", *shape, "--", *command]


def environment(env: Dict[bytes, bytes], job: Dict[str, Any], index: Optional[int]) -> Dict[bytes, bytes]:
    """Return the payload's environment: what Slurm, prolog and modules set, then the job's own."""
    env = dict(env)
    env.update((name.encode(), value.encode()) for name, value in job["env"].items())
    if index is not None:
        env[b"COMPUTILITY_INDEX"] = b"%d" % index
        env[b"COMPUTILITY_SIZE"] = b"%d" % job["arraySize"]
    return env


def watch(payload: "subprocess.Popen[bytes]", job: Dict[str, Any], begin: float) -> End:
    """Wait for the payload's end, and bring it about at the time limit or when told to."""
    limit_at = begin + job["maxRunSeconds"]
    # A grace as long as the run would end the payload before it began: half of the run at most.
    term_at = limit_at - min(job["graceSeconds"], job["maxRunSeconds"] / 2)
    has_steps = job["launcher"] != "single"
    steps = ending(term_at, limit_at, has_steps)
    ends = told = False
    while not has_ended(payload):
        wait = min(steps[0].at - time.monotonic(), 3600.0) if steps else 3600.0
        if wait <= 0:
            perform(steps.popleft(), payload)
            ends = True
            continue
        caught = signal.sigtimedwait(WATCHED, wait)
        if caught is not None and caught.si_signo != signal.SIGCHLD and not (ends or told):
            told = True
            told_at = time.monotonic()
            steps = ending(told_at, min(told_at + job["graceSeconds"], limit_at), has_steps)
    if told and not ends:
        os.kill(os.getpid(), signal.SIGTERM)  # it came too late for this one: whoever is next gets it
    # What it left running in its group ends with it; until it is reaped, the group's number is its own.
    signal_group(payload, signal.SIGKILL)
    return End(payload.wait(), limit=ends and not told, told=ends and told)


def has_ended(payload: "subprocess.Popen[bytes]") -> bool:
    """Say whether the payload has ended, and do not reap it yet; adopted orphans that have are reaped."""
    while True:
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None or ended.si_pid == payload.pid:
            return ended is not None
        os.waitpid(ended.si_pid, 0)


def ending(term_at: float, kill_at: float, has_steps: bool) -> Deque[Step]:
    """Plan an end: SIGTERM, then the hard end.

    srun passes no SIGTERM on, it kills its tasks on it: they get theirs through Slurm, and srun ends them.
    """
    if not has_steps:
        plan = [Step(term_at, "group", signal.SIGTERM), Step(kill_at, "group", signal.SIGKILL)]
    else:
        plan = [
            Step(term_at, "steps", signal.SIGTERM),
            Step(kill_at, "group", signal.SIGTERM),
            Step(kill_at + SRUN_ENDS_SECONDS, "group", signal.SIGKILL),
        ]
    return collections.deque(plan)


def perform(step: Step, payload: "subprocess.Popen[bytes]") -> None:
    """Send a planned signal."""
    if step.by == "group":
        signal_group(payload, step.signal)
        return
    # Without --batch or --full it reaches the job's steps, and not this script. Not waited for. The last task
    # of an array has the id of the whole, so that a task is named by its number.
    array = os.environ.get("SLURM_ARRAY_JOB_ID")
    job = f"{array}_{os.environ['SLURM_ARRAY_TASK_ID']}" if array else os.environ["SLURM_JOB_ID"]
    start(["scancel", f"--signal={int(step.signal)}", job])


def signal_group(payload: "subprocess.Popen[bytes]", number: int) -> None:
    """Signal the payload and what it started, as far as that still is ours to signal."""
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.killpg(payload.pid, number)


def adopt_orphans() -> None:
    """Become the parent of all below whose own parent ends, instead of the node's init.

    Where that cannot be done (a Python without ctypes, a kernel before 3.4), what has left the payload's
    process group and lost its parent is out of our sight: Slurm's own tracking has to find it.
    """
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import ctypes  # noqa: PLC0415 - may be missing

        number = ctypes.c_ulong
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, number(1), number(0), number(0), number(0))


def end_descendants() -> None:
    """Kill all that is left below the wrapper, until there is nothing or `KILL_SECONDS` have passed.

    Again and again: one that forks while the others are killed leaves us its child as an orphan.
    """
    until = time.monotonic() + KILL_SECONDS
    while has_children():
        left = descendants(os.getpid())
        if time.monotonic() > until:
            say(f"processes {sorted(left)} did not end")
            return
        for pid in left:
            with contextlib.suppress(PermissionError, ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        signal.sigtimedwait((signal.SIGCHLD,), KILL_POLL_SECONDS)


def has_children() -> bool:
    """Say whether any child lives; those that have ended are reaped."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def descendants(ancestor: int) -> Set[int]:
    """Return all processes below one: its children, theirs, and so on."""
    children: Dict[int, List[int]] = collections.defaultdict(list)
    for name in os.listdir("/proc"):
        if name.isdigit():
            children[parent_of(name)].append(int(name))
    found: Set[int] = set()
    above = [ancestor]
    while above:
        new = [pid for pid in children.get(above.pop(), ()) if pid not in found]
        found.update(new)
        above.extend(new)
    return found


def parent_of(pid: str) -> int:
    """Return a process's parent; 0 if it has gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            # The name before it is in parentheses, and may itself have some.
            return int(stat.read().rpartition(b")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def write_record(part: Part, name: str, value: Dict[str, Any]) -> None:
    """Write the start or the result; an index has one file for both, the result instead of the start."""
    if part.array_index is None:
        write_whole(part.attempt, name, value)
    else:
        write_whole(os.path.join(part.attempt, "indices"), f"{part.array_index}.json", value)


def write_whole(directory: str, name: str, value: Dict[str, Any]) -> None:
    """Write a file so that it is never seen in part, and survives a crash of the node."""
    beside = os.path.join(directory, f".{name}.{os.urandom(8).hex()}")
    write_new(beside, render(value))
    os.replace(beside, os.path.join(directory, name))
    sync_directory(directory)


def write_new(path: str, text: bytes) -> None:
    """Write a file that must not exist yet, down to the disk."""
    with open(path, "xb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def sync_directory(path: str) -> None:
    """Make the names in a directory as durable as the files."""
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def render(value: Dict[str, Any]) -> bytes:
    """Write a value as one line of JSON."""
    return json.dumps(value, sort_keys=True).encode() + b"\n"


def now() -> str:
    """Return this instant in UTC as RFC 3339 has it."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def say(message: str) -> None:
    """Tell the user, in the job's standard error."""
    print("computility: " + message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
