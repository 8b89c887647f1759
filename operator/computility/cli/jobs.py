"""ComputeJobs on the hub: read, list, apply, create, cancel, suspend, resume, watch."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from computility.cli.cluster import APPLY, JSON, MERGE_PATCH, Answer, Cluster, Query, Request
from computility.cli.errors import CliError
from computility.cli.refusal import refusal
from computility.model.base import DnsLabel, ObjectName
from computility.model.compute_job import ComputeJob

FIELD_MANAGER = "computility"
_CREATED = 201
_STRICT: Query = (("fieldManager", FIELD_MANAGER), ("fieldValidation", "Strict"))
_SILENCE_MARGIN_SECONDS = 10.0


class Change(NamedTuple):
    """One event of a watch."""

    is_deleted: bool
    job: ComputeJob


class Applied(NamedTuple):
    """A job after it was applied."""

    is_new: bool
    job: ComputeJob


class _Event(msgspec.Struct):
    type: str
    object: msgspec.Raw


class Jobs:
    """The ComputeJobs of one namespace; "" is all namespaces, to list only.

    Raises:
        CliError: Nothing can have this name: as a part of a path it would ask for something else.
    """

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        if namespace:
            check_name("namespace", namespace, DnsLabel)
        self._cluster = cluster
        self.namespace = namespace
        where = f"/namespaces/{namespace}" if namespace else ""
        self._path = f"/apis/{ComputeJob.KIND.api_version}{where}/{ComputeJob.KIND.plural}"

    def get(self, name: str) -> ComputeJob:
        """Read a job.

        Raises:
            NotFound: There is none of this name.
            CliError: It was refused or not answered, or the job is of a newer hub than this command.
        """
        return _decode(self.get_raw(name, JSON))

    def get_raw(self, name: str, accept: str) -> bytes:
        """Read a job as JSON, or as the API server's own table of one row."""
        request = Request(self._doing("read", name), "GET", self._path_of(name), accept=accept)
        return self._cluster.send(request).body

    def list_pages(self, accept: str = JSON) -> Iterator[Any]:
        """Read all jobs, page by page."""
        where = f'namespace "{self.namespace}"' if self.namespace else "all namespaces"
        return self._cluster.pages(Request(f"list the jobs in {where}", "GET", self._path, accept=accept))

    def apply(self, manifest: dict[str, Any]) -> Applied:
        """Apply a job as it is written.

        A field that the hub does not know is refused, and so is one that another tool has set otherwise.
        """
        name = manifest["metadata"]["name"]
        answer = self._patch(self._doing("submit", name), name, manifest, APPLY)
        return Applied(answer.status == _CREATED, _decode(answer.body))

    def create(self, manifest: dict[str, Any]) -> Any:
        """Make a new job and return it as it is stored.

        Raises:
            NameTaken: There is one of this name.
        """
        name = manifest["metadata"]["name"]
        check_name("job", name, ObjectName)
        request = Request(self._doing("create", name), "POST", self._path, _STRICT, manifest)
        return msgspec.json.decode(self._cluster.send(request).body)

    def cancel(self, name: str) -> ComputeJob:
        """Ask for a job's end; return the job as it is now."""
        return self._wish("cancel", name, cancel=True)

    def suspend(self, name: str) -> ComputeJob:
        """Ask that a job does not run for now; return the job as it is now."""
        return self._wish("suspend", name, suspend=True)

    def resume(self, name: str) -> ComputeJob:
        """Ask that a suspended job runs; return the job as it is now."""
        return self._wish("resume", name, suspend=False)

    def watch(self, job: ComputeJob, seconds: int) -> Iterator[Change]:
        """Yield each change of one job since this state of it; ends after `seconds`, or sooner.

        Raises:
            Expired: The state is too old to start from.
            CliError: It was refused or not answered.
        """
        name = job.metadata.name
        query = (
            ("watch", "true"),
            ("fieldSelector", f"metadata.name={name}"),
            ("resourceVersion", job.metadata.resource_version),
            ("timeoutSeconds", str(seconds)),
        )
        request = Request(self._doing("watch", name), "GET", self._path, query)
        for line in self._cluster.lines(request, seconds + _SILENCE_MARGIN_SECONDS):
            event = msgspec.json.decode(line, type=_Event)
            if event.type == "ERROR":
                raise refusal(request.doing, msgspec.json.decode(event.object)["code"], bytes(event.object))
            yield Change(event.type == "DELETED", _decode(bytes(event.object)))

    def _wish(self, verb: str, name: str, **spec: bool) -> ComputeJob:
        return _decode(self._patch(self._doing(verb, name), name, {"spec": spec}, MERGE_PATCH).body)

    def _patch(self, doing: str, name: str, body: object, content_type: str) -> Answer:
        return self._cluster.send(Request(doing, "PATCH", self._path_of(name), _STRICT, body, content_type))

    def _path_of(self, name: str) -> str:
        check_name("job", name, ObjectName)
        return f"{self._path}/{name}"

    def _doing(self, verb: str, name: str) -> str:
        return f'{verb} job "{name}" in namespace "{self.namespace}"'


def check_name(what: str, name: str, kind: Any) -> None:
    """Check that something can have this name.

    Raises:
        CliError: Nothing can: as a part of a path it would ask for something else.
    """
    try:
        msgspec.convert(name, kind)
    except msgspec.ValidationError as error:
        raise CliError(
            f'no {what} can be named "{name}": use a-z, 0-9 and "-", a letter or digit first and last'
        ) from error


def _decode(body: bytes) -> ComputeJob:
    try:
        return msgspec.json.decode(body, type=ComputeJob)
    except msgspec.ValidationError as error:
        raise CliError(f"cannot understand a job of this hub: {error}: update this command") from error
