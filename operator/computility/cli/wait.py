"""`computility wait`: see a job to its end and exit as it did."""

import math
import sys
from typing import Annotated

import typer

from computility.cli.connect import connect
from computility.cli.errors import CliError
from computility.cli.follow import Deleted, follow
from computility.cli.jobs import Jobs
from computility.cli.options import Context, Job, Kubeconfig, Namespace
from computility.cli.progress import Progress
from computility.cli.verdict import DELETED, INTERRUPTED, UNANSWERED, Verdict, judge, judge_waiting
from computility.model.compute_job import ComputeJob

Timeout = Annotated[
    float, typer.Option("--timeout", metavar="SECONDS", help="Give up after so long; 0 never does.", min=0)
]


def wait(
    job: Job,
    *,
    timeout: Timeout = 0,
    namespace: Namespace = "",
    context: Context = "",
    kubeconfig: Kubeconfig = None,
) -> None:
    """Wait for a job's end and exit as it did.

    The ends of its standard output and error are printed to ours. Ctrl-C ends the waiting, not the job.
    An array that failed exits as its lowest failed index did.

    \b
    Exit codes:
      the payload's own, or 128 + n after signal n
      119  no such job, or no answer about it: how it ends is not known here
      120  cancelled
      121  lost: it may have run, and nobody knows how it ended
      122  failed without having run
      123  deleted
      124  not ended within --timeout
      125  not even placed within --timeout
      2    also a wrong use of this command
    """  # noqa: D301 - \b is how click is told not to wrap what follows
    try:
        cluster = connect(namespace, context, kubeconfig)
        jobs = Jobs(cluster, cluster.namespace)
    except CliError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(UNANSWERED) from error
    raise typer.Exit(wait_for(jobs, job, timeout))


def wait_for(jobs: Jobs, name: str, timeout_seconds: float = 0) -> int:
    """Wait for a job's end, say how it ended and return the exit code that goes with it.

    That no answer is to be had is one of the ways in which waiting ends: 1 is an exit code of payloads.
    """
    with Progress(name) as progress:
        verdict, job = _see_end(jobs, name, progress, timeout_seconds or math.inf)
    if job is not None:
        _print_tails(job)
    print(f"{name}: {verdict.message}{_came_to(job)}", file=sys.stderr)
    return verdict.exit_code


def _see_end(jobs: Jobs, name: str, progress: Progress, seconds: float) -> tuple[Verdict, ComputeJob | None]:
    try:
        for job in follow(jobs, name, progress.notice, seconds):
            if (verdict := judge(job)) is not None:
                return verdict, job
            progress.show(job)
    except Deleted:
        return Verdict(DELETED, "deleted"), None
    except CliError as error:
        return Verdict(UNANSWERED, str(error)), None
    except KeyboardInterrupt:
        return Verdict(INTERRUPTED, f"goes on; `computility cancel {name}` ends it"), None
    return judge_waiting(job, seconds), None


def _print_tails(job: ComputeJob) -> None:
    for tail, stream in ((job.status.stdout_tail, sys.stdout), (job.status.stderr_tail, sys.stderr)):
        print(tail, end="" if not tail or tail.endswith("\n") else "\n", file=stream, flush=True)


def _came_to(job: ComputeJob | None) -> str:
    receipt = job.status.receipt if job is not None else None
    if receipt is None or receipt.actual is None:
        return ""
    return f" ({receipt.actual.run_seconds:.1f} s, {receipt.actual.cost} {receipt.actual.currency})"
