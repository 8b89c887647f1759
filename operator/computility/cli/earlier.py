"""The jobs that others say they are similar to, read with the person's own rights."""

import contextlib
from collections.abc import Iterable, Mapping

from computility.cli.cluster import Cluster
from computility.cli.errors import NotFound
from computility.cli.jobs import Jobs
from computility.model.compute_job import ComputeJob
from computility.model.meta import Key

Earlier = Mapping[Key, ComputeJob]
"""Jobs by namespace and name."""


def earlier_key(job: ComputeJob) -> Key | None:
    """Return which job `spec.work.similarTo` names; None if it does not."""
    work = job.spec.work
    return Key(job.metadata.namespace, work.similar_to) if work and work.similar_to else None


def find_earlier(job: ComputeJob, known: Earlier) -> ComputeJob | None:
    """Return the job that another says it is similar to, if it is known."""
    key = earlier_key(job)
    return known.get(key) if key else None


def read_earlier(cluster: Cluster, jobs: Iterable[ComputeJob]) -> Earlier:
    """Read the jobs that these say they are similar to; those that are not there are left out.

    Raises:
        CliError: One may not be read, or there is no answer.
    """
    found = {}
    for key in {key for key in map(earlier_key, jobs) if key}:
        with contextlib.suppress(NotFound):
            found[key] = Jobs(cluster, key.namespace).get(key.name)
    return found
