#!/usr/bin/python3 -IS
# Runs with the Python of a centre's login node, which may be as old as 3.6: hence typing's names.
"""computility-exec VERB: all that the agent may do as a tenant's account at a Slurm centre.

Installed root-owned as one file, so that an administrator can read what the one sudo rule grants. Standard
library only. The wrapper `computility_wrapper.py` stands beside it.

Standard input has a JSON line for each attempt, with its `name`; standard output answers a line for each,
with `name` and the verb's fields or `error: {kind, message}`. Kinds: `invalid` (the request can never be
carried out), `slurm` (a Slurm command failed: `exitCode`, null if it was killed for being slow), `untried`
(time was up before), `failed` (files). Exit code 2: nothing was done, the reason is on standard error.

    look     queue, claim, go file, start and result of the attempt
    submit   put its files in place and submit it, held
    go       let its payload start
    release  release the held job `nativeID`, if it has the attempt's name
    cancel   end the jobs that have the attempt's name
    burn     take its claim, so that no payload can start
"""

import contextlib
import errno
import fcntl
import functools
import json
import os
import pwd
import re
import stat
import subprocess
import sys
import time
from datetime import datetime, timezone
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

CONFIG = "/etc/computility/exec.json"
CALL_SECONDS = 20.0  # for everything in one call; the agent waits a little longer
COMMAND_SECONDS = 12.0  # above Slurm's MessageTimeout, which is 10 s by default
LOCK_SECONDS = 10.0
HARD_CANCEL_SECONDS = 30.0  # after the grace: a wrapper that is stuck is ended by Slurm
INPUT_BYTES = 64 * 2**20
RECORD_BYTES = 64 * 2**10
TAIL_BYTES = 2048
FILES_BYTES = 256 * 2**10

NAME = re.compile(r"cj-[0-9a-f]{32}-[1-9][0-9]{0,8}")
ACCOUNT = re.compile(r"[a-z_][a-z0-9_.-]{0,31}")
WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
NATIVE_ID = re.compile(r"[1-9][0-9]{0,18}")
# sbatch expands % and \ in --output: a root with either could not be named to it.
ROOT = re.compile(r"/[A-Za-z0-9_./-]+")
ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
# What would change the loader, a shell, an interpreter or Slurm's own commands before the payload runs.
ENV_DENIED = re.compile(
    r"LD_.*|GLIBC_.*|GCONV_PATH|BASH_.*|ENV|IFS|SHELLOPTS|BASHOPTS|PS4|PROMPT_COMMAND"
    r"|SLURM.*|SBATCH_.*|SRUN_.*|SALLOC_.*|SCANCEL_.*|SQUEUE_.*|SINFO_.*|SCONTROL_.*|SLURMD_.*|MUNGE_.*"
    r"|PYTHON.*|PERL5.*|PERLLIB|RUBYOPT|RUBYLIB|NODE_OPTIONS|JAVA_TOOL_OPTIONS|COMPUTILITY_.*"
)
FILE_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")

LIVE = frozenset((
    "PENDING", "RUNNING", "SUSPENDED", "CONFIGURING", "COMPLETING", "STAGE_OUT", "SIGNALING", "RESIZING",
    "STOPPED", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT", "POWER_UP_NODE",
))  # fmt: skip

Answer = Dict[str, Any]


class Problem(Exception):
    """Why one request was not carried out."""

    def __init__(self, kind: str, message: str, exit_code: Optional[int] = None):
        super().__init__(message)
        self.error: Dict[str, Any] = {"kind": kind, "message": message[-1024:]}
        if kind == "slurm":
            self.error["exitCode"] = exit_code


class Row(NamedTuple):
    """A job of this account as squeue tells it."""

    native_id: str
    state: str
    submitted_at: str
    partition: str
    nodes: str
    cpus: str
    gres: str
    name: str
    reason: str


SQUEUE_FORMAT = "%A|%T|%V|%P|%D|%C|%b|%j|%r"


# --- where we are -----------------------------------------------------------------------------------------


class Site:
    """One account's files and Slurm commands at this centre, for the time of one call."""

    def __init__(self, root: str, account: str, slurm_conf: str, path: List[str]):
        self.account = account
        self.directory = os.path.join(root, account)
        self.fd = open_account(root, account)
        self.path = path
        self.env = {"PATH": ":".join(path), "LC_ALL": "C", "SLURM_CONF": slurm_conf}
        self.wrapper = os.path.join(os.path.dirname(os.path.realpath(__file__)), "computility_wrapper.py")
        self.deadline = time.monotonic() + CALL_SECONDS

    def slurm(self, *argv: str) -> str:
        """Run a Slurm command and return what it wrote.

        Raises:
            Problem: It failed or was too slow. A slow one is killed, and may have done its work all the same.
        """
        seconds = min(COMMAND_SECONDS, self.deadline - time.monotonic())
        if seconds <= 0:
            raise Problem("untried", f"{argv[0]}: no time was left for it")
        env = dict(self.env, SLURM_TIME_FORMAT="%s") if argv[0] == "squeue" else self.env
        try:
            done = subprocess.run(  # noqa: PLW1510 - looked at below
                [find_command(self.path, argv[0]), *argv[1:]],
                input=b"", stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, timeout=seconds, cwd="/",
            )  # fmt: skip
        except subprocess.TimeoutExpired as slow:
            raise Problem("slurm", f"{argv[0]} did not answer in {seconds:.0f} s") from slow
        if done.returncode != 0:
            raise Problem("slurm", done.stderr.decode("utf-8", "replace").strip(), done.returncode)
        return done.stdout.decode("utf-8", "replace")

    def queue(self) -> List[Row]:
        """List this account's jobs, ended ones too as long as Slurm remembers them.

        Rows that cannot be read are jobs that the payloads themselves submitted under wild names.
        """
        listed = self.slurm(
            "squeue",
            "--all",
            "--noheader",
            "--states=all",
            "--user=" + self.account,
            "--format=" + SQUEUE_FORMAT,
        )
        rows = (line.split("|", 8) for line in listed.splitlines())
        return [Row(*row) for row in rows if len(row) == 9 and NATIVE_ID.fullmatch(row[0])]

    @contextlib.contextmanager
    def lock(self, how: int) -> Iterator[None]:
        """Keep looks and submits of one account apart: a look during a submit could miss its job.

        Raises:
            Problem: The other side did not finish in time.
        """
        file = os.open("lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600, dir_fd=self.fd)
        try:
            until = min(time.monotonic() + LOCK_SECONDS, self.deadline)
            while not locked(file, how):
                if time.monotonic() > until:
                    raise Problem("failed", "another submit or look of this account is still under way")
                time.sleep(0.02)
            yield
        finally:
            os.close(file)


def locked(file: int, how: int) -> bool:
    """Try to lock a file."""
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


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


def read_site(config: str) -> Site:
    """Read the centre's settings and open the account's directory.

    Raises:
        Problem: The settings are not the administrator's, or the directory is not the account's alone.
    """
    if os.geteuid() == 0:
        raise Problem("failed", "runs as a tenant's account, never as root")
    with open(config, "rb") as file:
        status = os.fstat(file.fileno())
        if status.st_uid != 0 or status.st_mode & 0o022:
            raise Problem("failed", f"{config} must belong to root and be writable by root alone")
        settings = json.loads(file.read(RECORD_BYTES).decode())
    account = pwd.getpwuid(os.geteuid()).pw_name
    if not ACCOUNT.fullmatch(account) or not ROOT.fullmatch(settings["root"]):
        raise Problem(
            "failed", "account {!r} or root {!r} has a strange name".format(account, settings["root"])
        )
    return Site(settings["root"], account, settings["slurmConf"], settings["path"])


def open_account(root: str, account: str) -> int:
    """Open the account's own directory, made if the root allows it; nobody else may reach into it."""
    above = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fd = open_directory(above, account)
    finally:
        os.close(above)
    status = os.fstat(fd)
    if status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise Problem("failed", f"{root}/{account} must belong to {account} with mode 0700")
    os.close(open_directory(fd, "claims"))
    return fd


# --- files: always below an open directory, never through a link, never half-written ------------------------


def open_directory(above: int, name: str, make: bool = True) -> int:
    """Open a directory in a directory, made if it is missing."""
    if make:
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=above)
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)


def write_new(directory: int, name: str, content: bytes, mode: int = 0o600) -> None:
    """Write a file that must not exist yet, down to the disk."""
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode, dir_fd=directory)
    with os.fdopen(file, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(file)


def write_whole(directory: int, name: str, content: bytes, mode: int = 0o600) -> None:
    """Write a file so that it is never seen in part, and survives a crash."""
    beside = f".{name[:64]}.{os.urandom(8).hex()}"
    write_new(directory, beside, content, mode)
    os.replace(beside, name, src_dir_fd=directory, dst_dir_fd=directory)
    os.fsync(directory)


def read_end(directory: int, name: str, limit: int, tail: bool = False) -> Optional[bytes]:
    """Read the first `limit` bytes of a regular file, or its last; None if there is none."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO):
            return None
        raise
    with os.fdopen(file, "rb") as stream:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            return None
        if tail:
            stream.seek(max(0, status.st_size - limit))
        return stream.read(limit)


def read_record(directory: int, name: str) -> Optional[Answer]:
    """Read a JSON record; an empty one for text that is none (payloads can write here too)."""
    text = read_end(directory, name, RECORD_BYTES)
    if text is None:
        return None
    try:
        value = json.loads(text.decode())
        # What Python reads but JSON does not know (NaN, half a surrogate pair) would spoil the whole answer.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def read_tail(directory: int, name: str) -> str:
    """Read the end of a stream as text of at most `TAIL_BYTES` bytes, whatever the bytes were."""
    raw = read_end(directory, name, TAIL_BYTES, tail=True) or b""
    text = raw.decode("utf-8", "replace").replace("\0", "\ufffd")
    return text.encode()[-TAIL_BYTES:].decode("utf-8", "ignore")


def render(value: Answer) -> bytes:
    """Write a value as one line of JSON."""
    return json.dumps(value, sort_keys=True).encode() + b"\n"


def now() -> str:
    """Return this instant in UTC as RFC 3339 has it."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# --- look ---------------------------------------------------------------------------------------------------


def look(site: Site, requests: List[Answer]) -> Iterator[Answer]:
    """Tell all that is known of each attempt; `complete` is false if anything could not be read."""
    rows: List[Row] = []
    problem = ""
    try:
        with site.lock(fcntl.LOCK_SH):
            rows = site.queue()
    except Problem as failure:
        problem = "squeue: " + failure.error["message"]
    for request in requests:
        mine = [row for row in rows if row.name == request["name"]]
        seen: Answer = {"name": request["name"], "complete": not problem, "problem": problem}
        seen["workloads"] = [render_row(row) for row in mine]
        try:
            seen.update(look_at_files(site, request["name"], [row.state for row in mine]))
        except OSError as error:
            seen.update(complete=False, problem=f"files: {error}")
        yield seen


def render_row(row: Row) -> Answer:
    """Write a queue row as the agent reads it."""
    return {
        "nativeID": row.native_id, "state": row.state, "reason": row.reason, "submittedAt": row.submitted_at,
        "partition": row.partition, "nodes": row.nodes, "cpus": row.cpus, "gres": row.gres,
    }  # fmt: skip


def look_at_files(site: Site, name: str, states: List[str]) -> Answer:
    """Read the attempt's claim and files; a start or result without the claim's nonce is none."""
    claim = read_claim(site, name)
    seen: Answer = {"claim": claim}
    try:
        attempt = open_directory(site.fd, name, make=False)
    except FileNotFoundError:
        return seen
    try:
        seen["go"] = read_end(attempt, "go", 1) is not None
        started, result = (genuine(attempt, kind, claim) for kind in ("started.json", "result.json"))
        seen.update(startedAt=(started or {}).get("startedAt"), result=result)
        if result or not LIVE.intersection(states):
            seen.update(stdoutTail=read_tail(attempt, "stdout"), stderrTail=read_tail(attempt, "stderr"))
    finally:
        os.close(attempt)
    return seen


def read_claim(site: Site, name: str) -> Optional[Answer]:
    """Read the attempt's claim; one that is no record was made by a payload of this account."""
    claims = open_directory(site.fd, "claims")
    try:
        claim = read_record(claims, name)
    finally:
        os.close(claims)
    return {"by": "payload"} if claim == {} else claim


def genuine(attempt: int, record: str, claim: Optional[Answer]) -> Optional[Answer]:
    """Read a record of the wrapper; None unless it has the nonce of the claim that a payload holds."""
    nonce = claim.get("nonce") if claim and claim.get("by") == "payload" else None
    found = read_record(attempt, record) if nonce else None
    return found if found and found.get("nonce") == nonce else None


# --- submit -------------------------------------------------------------------------------------------------


def submit(site: Site, requests: List[Answer]) -> Iterator[Answer]:
    """Submit each attempt, held."""
    with site.lock(fcntl.LOCK_EX):
        for request in requests:
            yield answer_to(submit_one, site, request)


def submit_one(site: Site, request: Answer) -> Answer:
    """Write the attempt's files, then submit it; never for an attempt that is claimed."""
    check_request(request)
    if read_claim(site, request["name"]) is not None:
        raise Problem("failed", "the attempt is claimed already: it ran, or was given up")
    write_attempt(site, request)
    parsable = site.slurm(
        "sbatch", *sbatch_options(site.directory, request), site.wrapper, attempt_path(site, request)
    )
    native_id, _, cluster = parsable.strip().partition(";")
    if not NATIVE_ID.fullmatch(native_id):
        raise Problem("slurm", f"sbatch answered {parsable[:200]!r} instead of a job id")
    return {"nativeID": native_id, "cluster": cluster}


def attempt_path(site: Site, request: Answer) -> str:
    """Return the path of the attempt's directory, for Slurm and the wrapper."""
    return os.path.join(site.directory, request["name"])


def sbatch_options(directory: str, request: Answer) -> List[str]:
    """Render what is asked of Slurm; every part is a checked word, a number or a path of ours."""
    attempt = os.path.join(directory, request["name"])
    seconds = request["maxRunSeconds"] + request["graceSeconds"]
    options = [
        "--parsable", "--hold", "--no-requeue",
        # Everything of the environment, which we have cleared ourselves. NONE would make slurmd run `su` to
        # recreate a login that these accounts do not have, and srun lose its environment.
        "--export=ALL",
        "--job-name=" + request["name"],
        "--partition=" + request["partition"],
        f"--nodes={request['nodes']}-{request['nodes']}",
        f"--ntasks-per-node={request['tasksPerNode']}",
        f"--cpus-per-task={request['cpusPerTask']}",
        # The wrapper ends the payload; Slurm, which counts in minutes, stands behind it.
        f"--time={-(-seconds // 60) + 2}",
        "--chdir=" + os.path.join(attempt, "work"),
        "--output=" + os.path.join(attempt, "stdout"),
        "--error=" + os.path.join(attempt, "stderr"),
        "--input=/dev/null", "--open-mode=append",
    ]  # fmt: skip
    optional = (
        ("--mem=%dM", request["memoryMiB"]),
        ("--gres=gpu:%d", request["cardsPerNode"]),
        ("--account=%s", request["schedulerAccount"]),
        ("--qos=%s", request["qos"]),
    )
    return options + [option % value for option, value in optional if value]


def write_attempt(site: Site, request: Answer) -> None:
    """Put the attempt's files in place; the same again changes nothing that matters."""
    keys = ("launcher", "command", "nodes", "tasksPerNode", "cpusPerTask", "maxRunSeconds", "graceSeconds")
    job = {key: request[key] for key in keys}
    job["env"] = {"USER": site.account, "LOGNAME": site.account}
    job["env"].update((variable["name"], variable["value"]) for variable in request["env"])
    attempt = open_directory(site.fd, request["name"])
    try:
        work = open_directory(attempt, "work")
        try:
            for file in request["files"]:
                write_below(work, file["path"].split("/"), file["content"].encode())
        finally:
            os.close(work)
        if request["script"] is not None:
            write_whole(attempt, "script", request["script"].encode(), 0o700)
        write_whole(attempt, "job.json", render(job))
        os.fsync(site.fd)
    finally:
        os.close(attempt)


def write_below(directory: int, parts: List[str], content: bytes) -> None:
    """Write a file at a relative path, step by step so that no link leads out."""
    if len(parts) == 1:
        # The owner may run it: payloads are often a file and `./file` as the command.
        return write_whole(directory, parts[0], content, 0o700)
    below = open_directory(directory, parts[0])
    try:
        write_below(below, parts[1:], content)
    finally:
        os.close(below)


def check_request(request: Answer) -> None:
    """Check everything that a submit takes.

    Raises:
        Problem: A part is missing, of another type or not allowed; the message names it.
    """
    numbers = (
        ("nodes", 1, 10**6), ("tasksPerNode", 1, 4096), ("cpusPerTask", 1, 4096), ("cardsPerNode", 0, 1024),
        ("memoryMiB", 0, 2**40), ("maxRunSeconds", 1, 31536000), ("graceSeconds", 0, 3600),
    )  # fmt: skip
    for key, least, most in numbers:
        number = request.get(key)
        require(type(number) is int and least <= number <= most, key, number)
    for key, optional in (("partition", False), ("schedulerAccount", True), ("qos", True)):
        word = request.get(key)
        require(isinstance(word, str) and (WORD.fullmatch(word) or (optional and word == "")), key, word)
    launcher = request.get("launcher")
    require(launcher in ("single", "perNode", "perTask"), "launcher", launcher)
    check_texts(request)


def check_texts(request: Answer) -> None:
    """Check the tenant's own text; it goes into files only."""
    command: Any = request.get("command")
    script: Any = request.get("script")
    require(isinstance(command, list) and all(is_text(part, 4096) for part in command), "command", command)
    require(script is None or (is_text(script, 65536) and script.startswith("#!")), "script", script)
    require(bool(command) != bool(script), "command or script, exactly one", command)
    files: Any = request.get("files")
    env: Any = request.get("env")
    require(isinstance(files, list) and len(files) <= 64, "files", files)
    for file in files:
        require(isinstance(file, dict), "files[]", file)
        require(is_path(file.get("path")), "files[].path", file.get("path"))
        require(is_text(file.get("content"), FILES_BYTES), "files[].content of", file["path"])
    require(sum(len(file["content"].encode()) for file in files) <= FILES_BYTES, "files, in all", len(files))
    require(isinstance(env, list) and len(env) <= 256, "env", env)
    for variable in env:
        require(isinstance(variable, dict), "env[]", variable)
        require(is_env_name(variable.get("name")), "env[].name", variable.get("name"))
        require(is_text(variable.get("value"), 32768), "env[].value of", variable["name"])


def require(fine: Any, what: str, found: Any) -> None:
    """Refuse a request for one of its parts.

    Raises:
        Problem: It is not fine.
    """
    if not fine:
        raise Problem("invalid", f"{what} is not allowed: {found!r:.80}")


def is_text(value: Any, most: int) -> bool:
    """Say whether a value is text that a file or an environment can hold."""
    if not isinstance(value, str) or len(value) > most or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_path(value: Any) -> bool:
    """Say whether a value is a path that stays below the working directory."""
    return isinstance(value, str) and len(value) <= 255 and bool(FILE_PATH.fullmatch(value))


def is_env_name(value: Any) -> bool:
    """Say whether a payload may set this variable."""
    return isinstance(value, str) and bool(ENV_NAME.fullmatch(value)) and not ENV_DENIED.fullmatch(value)


# --- go, release, cancel, burn ------------------------------------------------------------------------------


def go(site: Site, requests: List[Answer]) -> Iterator[Answer]:
    """Let each payload start."""
    return (answer_to(go_one, site, request) for request in requests)


def go_one(site: Site, request: Answer) -> Answer:
    """Write the go file, once."""
    attempt = open_directory(site.fd, request["name"], make=False)
    try:
        if read_end(attempt, "go", 1) is None:
            write_whole(attempt, "go", request["name"].encode() + b"\n")
    finally:
        os.close(attempt)
    return {}


def release(site: Site, requests: List[Answer]) -> Iterator[Answer]:
    """Release the held jobs that still have their attempt's name: an id may have become another job's."""
    held = {
        (row.name, row.native_id)
        for row in site.queue()
        if row.state == "PENDING" and row.reason == "JobHeldUser"
    }
    for request in requests:
        if (request["name"], request.get("nativeID")) in held:
            yield answer_to(release_one, site, request)
        else:
            yield {"name": request["name"]}


def release_one(site: Site, request: Answer) -> Answer:
    """Release one job."""
    site.slurm("scontrol", "release", request["nativeID"])
    return {}


def cancel(site: Site, requests: List[Answer]) -> Iterator[Answer]:
    """End the jobs that have these names."""
    rows = [row for row in site.queue() if row.state in LIVE and row.state != "COMPLETING"]
    for request in requests:
        mine = [row for row in rows if row.name == request["name"]]
        yield answer_to(functools.partial(cancel_one, rows=mine), site, request)


def cancel_one(site: Site, request: Answer, rows: List[Row]) -> Answer:
    """End one attempt's jobs: a running one through its wrapper, which gives the payload its grace."""
    hard = bool(rows) and is_overdue(site, request["name"])
    for row in rows:
        soft = row.state == "RUNNING" and not hard
        how = ["--batch", "--signal=TERM", "--state=RUNNING"] if soft else []
        # With --name beside the id scancel itself leaves a job alone that has another name by now.
        with ignore_gone():
            site.slurm("scancel", *how, "--user=" + site.account, "--name=" + row.name, row.native_id)
    return {}


@contextlib.contextmanager
def ignore_gone() -> Iterator[None]:
    """Take a job that is no longer there for one that has been cancelled."""
    try:
        yield
    except Problem as problem:
        if not re.search("Invalid job id|already completing|no longer pending", problem.error["message"]):
            raise


def is_overdue(site: Site, name: str) -> bool:
    """Say whether the attempt was first cancelled longer ago than its grace; note the first time."""
    try:
        attempt = open_directory(site.fd, name, make=False)
    except FileNotFoundError:
        return True
    try:
        first = read_record(attempt, "cancel.json")
        if first is None:
            write_whole(attempt, "cancel.json", render({"at": time.time()}))
            return False
        grace = (read_record(attempt, "job.json") or {}).get("graceSeconds")
        at = first.get("at")
        patience = HARD_CANCEL_SECONDS + (grace if type(grace) is int and 0 <= grace <= 3600 else 0)
        return not isinstance(at, float) or not 0 <= time.time() - at <= patience
    finally:
        os.close(attempt)


def burn(site: Site, requests: List[Answer]) -> Iterator[Answer]:
    """Take each claim that nobody has."""
    return (answer_to(burn_one, site, request) for request in requests)


def burn_one(site: Site, request: Answer) -> Answer:
    """Take the claim as the wrapper does, by link(2); say who holds it then."""
    nonce = os.urandom(16).hex()
    own = ".{}.{}".format(request["name"], nonce)
    claims = open_directory(site.fd, "claims")
    try:
        write_new(claims, own, render({"by": "agent", "nonce": nonce, "at": now()}))
        with contextlib.suppress(OSError):
            os.link(own, request["name"], src_dir_fd=claims, dst_dir_fd=claims)
        os.fsync(claims)
        os.unlink(own, dir_fd=claims)
    finally:
        os.close(claims)
    return {"claim": read_claim(site, request["name"])}


# --- the call -----------------------------------------------------------------------------------------------

VERBS: Dict[str, Callable[[Site, List[Answer]], Iterator[Answer]]] = {
    "look": look, "submit": submit, "go": go, "release": release, "cancel": cancel, "burn": burn,
}  # fmt: skip


def answer_to(one: Callable[[Site, Answer], Answer], site: Site, request: Answer) -> Answer:
    """Carry out one request of many; its failure is its own."""
    try:
        return dict(one(site, request), name=request["name"])
    except Problem as problem:
        return {"name": request["name"], "error": problem.error}
    except OSError as error:
        return {"name": request["name"], "error": {"kind": "failed", "message": str(error)}}


def read_requests(text: bytes) -> Tuple[List[Answer], List[Answer]]:
    """Split standard input into requests with an attempt's name, and answers to all else."""
    good: List[Answer] = []
    bad: List[Answer] = []
    for line in text.splitlines():
        try:
            request = json.loads(line.decode())
        except ValueError:
            request = None
        name = request.get("name") if isinstance(request, dict) else None
        if isinstance(name, str) and NAME.fullmatch(name):
            good.append(request)
        else:
            bad.append({"name": name, "error": {"kind": "invalid", "message": "no attempt's name"}})
    return good, bad


def main(argv: List[str], config: str = CONFIG) -> int:
    """Answer one call of the agent."""
    os.umask(0o077)
    if len(argv) != 1 or argv[0] not in VERBS:
        print("usage: computility-exec {}".format("|".join(VERBS)), file=sys.stderr)
        return 2
    requests, answers = read_requests(sys.stdin.buffer.read(INPUT_BYTES))
    try:
        answers.extend(VERBS[argv[0]](read_site(config), requests))
    except (Problem, OSError, ValueError, KeyError) as problem:
        print(f"computility-exec: {argv[0]}: {problem}", file=sys.stderr)
        return 2
    for answer in answers:
        sys.stdout.write(json.dumps(answer) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
