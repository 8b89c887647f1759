"""`computility suspend` and `computility resume`: keep jobs from running for a while."""

from typing import Annotated

import typer

from computility.cli.connect import connect
from computility.cli.errors import CliError
from computility.cli.jobs import Jobs
from computility.cli.options import Context, Kubeconfig, Namespace
from computility.cli.printing import phase_word, shown_name

Names = Annotated[list[str], typer.Argument(metavar="JOB...", help="Names of the jobs.", show_default=False)]


def suspend(
    jobs: Names, namespace: Namespace = "", context: Context = "", kubeconfig: Kubeconfig = None
) -> None:
    """Keep jobs from running until they are resumed; what runs of them is ended.

    A started payload is not frozen: it gets SIGTERM, and begins anew when the job is resumed. Of an array,
    the indices that have succeeded stay so.
    """
    cluster = connect(namespace, context, kubeconfig)
    found = Jobs(cluster, cluster.namespace)
    for name in jobs:
        print(f"{shown_name(name)} {_suspend(found, name)}")


def resume(
    jobs: Names, namespace: Namespace = "", context: Context = "", kubeconfig: Kubeconfig = None
) -> None:
    """Let suspended jobs run: what is left of them starts from its beginning."""
    cluster = connect(namespace, context, kubeconfig)
    found = Jobs(cluster, cluster.namespace)
    for name in jobs:
        print(f"{shown_name(name)} {_resume(found, name)}")


def _suspend(jobs: Jobs, name: str) -> str:
    job = jobs.get(name)
    if job.has_ended:
        return f"has ended before ({phase_word(job)})"
    if job.wants_cancel:
        return "is being cancelled: there is nothing to suspend"
    if job.spec.suspend:
        return "was suspended before"
    jobs.suspend(name)
    return "is being suspended"


def _resume(jobs: Jobs, name: str) -> str:
    """Resume a job.

    Raises:
        CliError: It has ended, or is to end: that cannot be taken back.
    """
    job = jobs.get(name)
    if job.has_ended:
        raise CliError(
            f'cannot resume job "{name}": it has ended ({phase_word(job)}): '
            f"`computility retry {name}` runs it anew"
        )
    if job.wants_cancel:
        raise CliError(
            f'cannot resume job "{name}": it is being cancelled, which cannot be taken back: '
            f"once it has ended, `computility retry {name}` runs it anew"
        )
    if not job.spec.suspend:
        return "was not suspended"
    jobs.resume(name)
    return "is resumed"
