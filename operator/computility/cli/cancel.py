"""`computility cancel`: end jobs and keep their receipts."""

from typing import Annotated

import typer

from computility.cli.connect import connect
from computility.cli.jobs import Jobs
from computility.cli.options import Context, Kubeconfig, Namespace
from computility.cli.printing import phase_word, shown_name
from computility.model.compute_job import ComputeJob

Names = Annotated[list[str], typer.Argument(metavar="JOB...", help="Names of the jobs.", show_default=False)]


def cancel(
    jobs: Names, namespace: Namespace = "", context: Context = "", kubeconfig: Kubeconfig = None
) -> None:
    """End jobs; their receipts and costs are kept.

    This asks for the end and does not wait for it: `computility wait JOB` does. Deleting a job ends it too,
    and forgets it.
    """
    cluster = connect(namespace, context, kubeconfig)
    found = Jobs(cluster, cluster.namespace)
    for name in jobs:
        print(f"{shown_name(name)} {_describe(found.cancel(name))}")


def _describe(job: ComputeJob) -> str:
    if job.has_ended:
        return f"has ended before ({phase_word(job)})"
    return "is being cancelled"
