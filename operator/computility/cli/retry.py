"""`computility retry`: run an ended job anew, as another job."""

import re
from typing import Annotated, Any

import msgspec
import typer

from computility.cli.cluster import JSON
from computility.cli.connect import connect
from computility.cli.errors import CliError, NameTaken
from computility.cli.jobs import Jobs
from computility.cli.options import Context, Document, Job, Kubeconfig, Namespace
from computility.cli.printing import phase_word, print_document, shown_name
from computility.model.compute_job import ComputeJob

RETRY_OF = "computility.io/retry-of"
"""Annotation of the new job: the name of the one that it repeats."""
_MOST_NAMES = 100
_LONGEST_NAME = 253
_RETRY_NAME = re.compile(r"(?P<first>.+)-retry-(?P<number>[1-9][0-9]{0,5})")
_LAST_WISHES = ("cancel", "suspend")
"""What was wished of the old run, and not what is to be run."""


def retry(
    job: Job,
    *,
    name: Annotated[
        str,
        typer.Option("--name", metavar="NEW", help="Name of the new job; JOB-retry-N by default."),
    ] = "",
    output: Annotated[Document, typer.Option("--output", "-o", help="How to print.")] = Document.TABLE,
    namespace: Namespace = "",
    context: Context = "",
    kubeconfig: Kubeconfig = None,
) -> None:
    """Run an ended job anew, as another job with the same spec.

    The old one stays as it is, with its receipt and its cost. Of an array all indices run again, also those
    that had succeeded: `retry.maxPerIndex` in the job itself repeats only what failed.
    """
    cluster = connect(namespace, context, kubeconfig)
    jobs = Jobs(cluster, cluster.namespace)
    made = _repeat(jobs, _read_ended(jobs, job), name)
    if output is Document.TABLE:
        print(f"{shown_name(made['metadata']['name'])} created")
    else:
        made["metadata"].pop("managedFields", None)
        print_document(made, output)


def _read_ended(jobs: Jobs, name: str) -> Any:
    """Read a job that has ended, as it is stored.

    Raises:
        CliError: There is none of this name, or it has not ended.
    """
    stored = msgspec.json.decode(jobs.get_raw(name, JSON))
    job = msgspec.convert(stored, ComputeJob)
    if not job.has_ended:
        raise CliError(
            f'cannot retry job "{name}": it has not ended ({phase_word(job)}): wait for its end, '
            f"or `computility cancel {name}` first"
        )
    return stored


def _repeat(jobs: Jobs, old: Any, name: str) -> Any:
    """Create the new job and return it as it is stored; without a name, under the first that is free.

    Raises:
        CliError: It was refused, or the name is taken.
    """
    if name:
        return jobs.create(build_retry(old, name))
    for each in retry_names(old["metadata"]["name"]):
        try:
            return jobs.create(build_retry(old, each))
        except NameTaken:
            continue
    taken = old["metadata"]["name"]
    raise CliError(f'cannot retry job "{taken}": the next {_MOST_NAMES} names are taken: give one by --name')


def retry_names(name: str) -> list[str]:
    """Return the names for the next run of a job, in order; a retry of a retry counts on.

    A name that is too long to take the ending is cut.
    """
    found = _RETRY_NAME.fullmatch(name)
    first, number = (found["first"], int(found["number"])) if found else (name, 0)
    first = first[: _LONGEST_NAME - len(f"-retry-{number + _MOST_NAMES}")].rstrip("-.")
    return [f"{first}-retry-{number + n}" for n in range(1, _MOST_NAMES + 1)]


def build_retry(old: Any, name: str) -> Any:
    """Build the manifest of a job that repeats another.

    Labels and annotations stay with the old one: they may say that Argo CD or Helm made it, and what such a
    tool made and does not find in its sources it deletes.
    """
    spec = {field: value for field, value in old["spec"].items() if field not in _LAST_WISHES}
    return {
        "apiVersion": old["apiVersion"],
        "kind": old["kind"],
        "metadata": {"name": name, "annotations": {RETRY_OF: old["metadata"]["name"]}},
        "spec": spec,
    }
