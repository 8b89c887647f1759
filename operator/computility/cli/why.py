"""`computility why`: the receipt, the attempts and the conditions of a job."""

from typing import Annotated, Any

import msgspec
import typer

from computility.cli.connect import connect
from computility.cli.jobs import Jobs
from computility.cli.options import Context, Document, Job, Kubeconfig, Namespace
from computility.cli.printing import print_document, print_lines, print_sections
from computility.cli.receipt import headline, sections
from computility.model.compute_job import ComputeJob

_ENDED = ("exitCode", "signal", "stderrTail")
_TOLD = ("phase", "counts", "failedIndices", "receipt", "attempts", "conditions", *_ENDED)


def why(
    job: Job,
    *,
    output: Annotated[Document, typer.Option("--output", "-o", help="How to print.")] = Document.TABLE,
    namespace: Namespace = "",
    context: Context = "",
    kubeconfig: Kubeconfig = None,
) -> None:
    """Show why a job went where it went, or why it waits.

    The receipt: for the pool that was chosen and the next best what the job costs there, between which ends,
    when it is done and what it emits; those that were turned down, counted by reason, with what the job wants
    and the nearest that was found; once it has ended what it came to. The price of a reference hour compares
    cards of different speed, that of a card-hour does not. `computility why-not` tells about any other pool.
    """
    cluster = connect(namespace, context, kubeconfig)
    found = Jobs(cluster, cluster.namespace).get(job)
    if output is Document.TABLE:
        _print(found)
    else:
        print_document(_document(found), output)


def _print(job: ComputeJob) -> None:
    print_lines(headline(job))
    print_sections(sections(job))


def _document(job: ComputeJob) -> Any:
    status = msgspec.to_builtins(job.status)
    named = {"namespace": job.metadata.namespace, "name": job.metadata.name}
    return named | {field: status[field] for field in _TOLD if field in status}
