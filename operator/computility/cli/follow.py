"""Following a job by a watch, through cut connections and restarts of the API server."""

import math
import time
from collections.abc import Callable, Iterator

from computility.cli.errors import CliError, Expired, NotFound, Unreachable
from computility.cli.jobs import Jobs
from computility.model.compute_job import ComputeJob

Notice = Callable[[str], None]

_WATCH_SECONDS = 300
_FIRST_PAUSE_SECONDS = 0.25
_LAST_PAUSE_SECONDS = 15.0


class Deleted(CliError):
    """The job that was followed is gone."""


def follow(jobs: Jobs, name: str, notice: Notice, seconds: float = math.inf) -> Iterator[ComputeJob]:
    """Yield a job as it is, then whenever it has changed; end after `seconds`.

    Args:
        jobs: Where the job is.
        name: Its name.
        notice: Told in a sentence when the API server is away; following goes on by itself.
        seconds: For how long.

    Raises:
        NotFound: There is no such job to begin with.
        Deleted: It was deleted, also when another job has its name now.
        CliError: It may not be read.
    """
    end = time.monotonic() + seconds
    job = jobs.get(name)
    yield job
    pause, is_fresh = _FIRST_PAUSE_SECONDS, True
    while (left := end - time.monotonic()) > 0:
        try:
            for changed in _changes(jobs, job, left, is_fresh=is_fresh):
                job, pause, is_fresh = changed, _FIRST_PAUSE_SECONDS, True
                yield job
        except Expired:
            is_fresh = False
        except Unreachable as error:
            is_fresh = False
            notice(str(error))
        time.sleep(max(0.0, min(pause, end - time.monotonic())))
        pause = min(2 * pause, _LAST_PAUSE_SECONDS)


def _changes(jobs: Jobs, job: ComputeJob, seconds: float, *, is_fresh: bool) -> Iterator[ComputeJob]:
    """Yield what one watch brings; before it the job itself, where what we have of it may be out of date."""
    if not is_fresh:
        job = _read_anew(jobs, job)
        yield job
    for change in jobs.watch(job, math.ceil(min(seconds, _WATCH_SECONDS))):
        if change.is_deleted or change.job.metadata.uid != job.metadata.uid:
            raise Deleted(f'job "{job.metadata.name}" was deleted')
        yield change.job


def _read_anew(jobs: Jobs, job: ComputeJob) -> ComputeJob:
    name = job.metadata.name
    try:
        now = jobs.get(name)
    except NotFound as error:
        raise Deleted(f'job "{name}" was deleted') from error
    if now.metadata.uid != job.metadata.uid:
        raise Deleted(f'job "{name}" was deleted, and another one has its name')
    return now
