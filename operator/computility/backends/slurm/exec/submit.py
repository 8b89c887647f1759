"""The verb `submit`: an attempt's files, then its job, held."""

import contextlib
import errno
import fcntl
import os
from typing import Iterator, List

from .account import Account
from .checks import UNSAID, check_request
from .claims import opened_claims, read_claim, read_claims
from .files import make_directory, opened, write_whole
from .indices import read_array, read_chunk
from .inputs import describe_inputs
from .once import SBATCH, SBATCH_SLEEPS_SECONDS, AsksAgain
from .options import sbatch_options
from .problem import Answer, Problem, answer_to, whose
from .records import render
from .settings import CONFIG
from .slurm import NATIVE_ID

# Slurm copies it to the node: it stands on its own, and imports nothing from here.
WRAPPER = os.path.join(os.path.dirname(os.path.realpath(__file__)), "computility_wrapper.py")
TOLD_TO_WRAPPER = (
    "launcher", "mpi", "modules", "command", "nodes", "tasksPerNode", "cpusPerTask", "maxRunSeconds",
    "graceSeconds",
)  # fmt: skip
# What paths do that contradict each other, such as a and a/b, or a link where one of them leads through.
CONTRADICTORY = (errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY, errno.ELOOP, errno.ENAMETOOLONG)


def submit(account: Account, requests: List[Answer]) -> Iterator[Answer]:
    """Submit each attempt, held; none while another helper may look at what there is."""
    try:
        with account.lock(fcntl.LOCK_EX):
            for request in requests:
                yield answer_to(submit_one, account, request)
    except Problem as problem:
        yield from (dict(whose(request), error=problem.error) for request in requests)


def submit_one(account: Account, request: Answer) -> Answer:
    """Write the attempt's files, then submit it; never for an attempt that is claimed."""
    request = {**UNSAID, **request}
    check_request(request)
    check_modules(account, request)
    account.slurm.check_time("sbatch")  # before its files, too: fifty that come too late are many
    with untried():
        if is_claimed(account, request):
            raise Problem("failed", "the attempt is claimed already: it ran, or was given up")
        check_room(account, request)
        write_attempt(account, request)
    attempt = os.path.join(account.directory, request["name"])
    arguments = [attempt] if "array" not in request else [attempt, str(request["chunk"])]
    options = sbatch_options(account.directory, request)
    parsable = sbatch(account, request, *options, WRAPPER, *arguments)
    native_id, _, cluster = parsable.strip().partition(";")
    if not NATIVE_ID.fullmatch(native_id):
        raise Problem("slurm", f"sbatch answered {parsable[:200]!r} instead of a job id")
    return {"nativeID": native_id, "cluster": cluster}


def check_modules(account: Account, request: Answer) -> None:
    """See that modules can be loaded, where any are asked for.

    Raises:
        Problem: The centre does not say how.
    """
    if request["modules"] and not account.module_init:
        raise Problem("modules", f"{CONFIG} has no `moduleInit`, so that no module can be loaded here")


def sbatch(account: Account, request: Answer, *argv: str) -> str:
    """Call sbatch.

    Raises:
        Problem: Slurm does not take the job; `untried` if it was asked once, and takes none for now; `never`
            if it cannot take as many tasks at any time.
    """
    try:
        return account.slurm.run("sbatch", *argv, repeats=SBATCH)
    except AsksAgain as again:
        refuse_too_many(account, request)
        kind = "untried" if again.seconds < SBATCH_SLEEPS_SECONDS else "slurm"
        raise Problem(kind, str(again)) from again


def refuse_too_many(account: Account, request: Answer) -> None:
    """Refuse a chunk that has more tasks than this Slurm keeps jobs: it says so only as of a full one.

    Raises:
        Problem: It has more.
    """
    tasks = len(read_chunk(request)) if "array" in request else 1
    most = account.slurm.max_job_count()
    if most is not None and tasks > most:
        raise Problem(
            "never", f"{tasks} tasks are more jobs than this Slurm ever keeps: MaxJobCount is {most}"
        )


def is_claimed(account: Account, request: Answer) -> bool:
    """Say whether nothing is left to start: of an array's chunk, whether all its indices are claimed."""
    if "array" not in request:
        return read_claim(account, request["name"]) is not None
    indices = read_chunk(request)
    claims, _ = read_claims(account, request["name"], indices, len(read_array(request)))
    return len(claims) == len(indices)


@contextlib.contextmanager
def untried() -> Iterator[None]:
    """Say of a failure before sbatch is called that certainly nothing was submitted, and that it may pass.

    Raises:
        Problem: A file could not be written: a full disk, a quota, a file system that is away.
    """
    try:
        yield
    except OSError as error:
        raise Problem("untried", f"cannot write the attempt's files: {error}") from error


def write_attempt(account: Account, request: Answer) -> None:
    """Put the attempt's files in place; the same again changes nothing that matters."""
    with opened(account.fd, request["name"], make=True) as attempt:
        with opened(attempt, "work", make=True) as work:
            for file in request["files"]:
                write_file(work, file["path"], file["content"].encode())
        if request["script"] is not None:
            write_whole(attempt, "script", request["script"].encode(), 0o700)
        write_whole(attempt, "job.json", render(describe_job(account, request)))
        if "array" in request:
            write_array(account, attempt, request)
        os.fsync(account.fd)


def write_array(account: Account, attempt: int, request: Answer) -> None:
    """Put in place what an array needs: the table of the chunk's tasks, and room for each index's files."""
    make_directory(attempt, "indices")
    with opened_claims(account, request["name"], make=True):
        table = render({"indices": read_chunk(request)})
        write_whole(attempt, "chunk.{}.json".format(request["chunk"]), table)


def check_room(account: Account, request: Answer) -> None:
    """See that the account's file system has the room that the payload's files need.

    Raises:
        Problem: It has less, for now.
    """
    system = os.fstatvfs(account.fd)
    free, wanted = system.f_bavail * system.f_frsize, request["scratchBytes"]
    if free < wanted:
        raise Problem(
            "full", f"{free} bytes are free for this account's files, and the job asks for {wanted}"
        )


def describe_job(account: Account, request: Answer) -> Answer:
    """Say what the wrapper is to run, and what `tidy` may take away again."""
    job = {key: request[key] for key in TOLD_TO_WRAPPER}
    job["moduleInit"] = account.module_init
    job["env"] = {"USER": account.name, "LOGNAME": account.name}
    job["env"].update((variable["name"], variable["value"]) for variable in request["env"])
    if "array" in request:
        job["arraySize"] = request["arraySize"]
    job["inputs"] = describe_inputs(request["files"])
    return job


def write_file(work: int, path: str, content: bytes) -> None:
    """Write one of the job's own files.

    Raises:
        Problem: Its path contradicts what lies there, and always will.
    """
    try:
        write_below(work, path.split("/"), content)
    except OSError as error:
        if error.errno not in CONTRADICTORY:
            raise
        why = f'files[].path "{path}" contradicts another path: {error.strerror}'
        raise Problem("invalid", why) from error


def write_below(directory: int, parts: List[str], content: bytes) -> None:
    """Write a file at a relative path, step by step so that no link leads out."""
    if len(parts) == 1:
        # The owner may run it: payloads are often a file and `./file` as the command.
        write_whole(directory, parts[0], content, 0o700)
        return
    with opened(directory, parts[0], make=True) as below:
        write_below(below, parts[1:], content)
