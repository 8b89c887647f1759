"""A hub's API server as the core can meet it: conditional writes, and watches that lag behind."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from computility.model.assignment import Assignment, AssignmentStatus, Desired
from computility.model.compute_job import ComputeJob, ComputeJobStatus
from computility.model.meta import Key

Stored = ComputeJob | Assignment


class Violation(AssertionError):
    """A promise was broken."""


class Conflict(Exception):
    """The object is another than the one that was looked at, or gone, or there already."""


@dataclass
class Shelf:
    """The objects of one kind, and everything that ever happened to them, in order."""

    objects: dict[Key, Stored] = field(default_factory=dict)
    log: list[tuple[Key, Stored | None]] = field(default_factory=list)


class Api:
    """Stores jobs and Assignments; without `compare_and_swap` it takes every write, however stale."""

    def __init__(self, *, compare_and_swap: bool = True) -> None:
        self.compare_and_swap = compare_and_swap
        self.shelves: Mapping[type, Shelf] = {ComputeJob: Shelf(), Assignment: Shelf()}
        self.writes: dict[str, int] = {}
        self.suspends: dict[str, int] = {}
        """How often each job's user has suspended it."""
        self.gone: set[str] = set()
        """Namespaces that were deleted with their members: nothing is made there any more."""
        self._version = 0

    def get(self, kind: type, key: Key) -> Stored | None:
        return self.shelves[kind].objects.get(key)

    def create(self, obj: Stored) -> None:
        key = _key(obj)
        if key in self.shelves[type(obj)].objects or key.namespace in self.gone:
            raise Conflict
        self._store("create", obj, uid=obj.metadata.uid or f"u{self._version:031d}")

    def write_status(
        self, kind: type, key: Key, uid: str, version: str, status: ComputeJobStatus | AssignmentStatus
    ) -> None:
        """Write a status on the object that was seen, as uid and resourceVersion name it."""
        now = self.shelves[kind].objects.get(key)
        if now is None or (self.compare_and_swap and now.metadata.resource_version != version):
            raise Conflict
        if self.compare_and_swap and now.metadata.uid != uid:
            raise Conflict
        self._store("status", msgspec.structs.replace(now, status=status))

    def cancel_job(self, key: Key) -> None:
        job = self.shelves[ComputeJob].objects[key]
        self._store("spec", msgspec.structs.replace(job, spec=msgspec.structs.replace(job.spec, cancel=True)))

    def delete_namespace(self, namespace: str) -> None:
        """Delete a member's namespace with all that is in it."""
        self.gone.add(namespace)
        for key, assignment in list(self.shelves[Assignment].objects.items()):
            if key.namespace == namespace:
                self.delete(Assignment, key, assignment.metadata.uid)

    def suspend_job(self, key: Key, *, suspend: bool) -> None:
        job = self.shelves[ComputeJob].objects[key]
        if job.spec.suspend is not suspend:
            spec = msgspec.structs.replace(job.spec, suspend=suspend)
            self._store("spec", msgspec.structs.replace(job, spec=spec))
            if suspend:
                self.suspends[job.metadata.uid] = self.suspends.get(job.metadata.uid, 0) + 1

    def give_up(self, key: Key, uid: str) -> None:
        asg = self.shelves[Assignment].objects.get(key)
        if asg is None or asg.metadata.uid != uid:
            raise Conflict
        spec = msgspec.structs.replace(asg.spec, desired=Desired.CANCEL)
        self._store("spec", msgspec.structs.replace(asg, spec=spec))

    def delete(self, kind: type, key: Key, uid: str) -> None:
        shelf = self.shelves[kind]
        if key not in shelf.objects or shelf.objects[key].metadata.uid != uid:
            raise Conflict
        del shelf.objects[key]
        shelf.log.append((key, None))
        self._count("delete")

    def _store(self, verb: str, obj: Stored, uid: str = "") -> None:
        self._version += 1
        meta = msgspec.structs.replace(
            obj.metadata, resource_version=str(self._version), uid=uid or obj.metadata.uid
        )
        obj = msgspec.structs.replace(obj, metadata=meta)
        shelf = self.shelves[type(obj)]
        shelf.objects[_key(obj)] = obj
        shelf.log.append((_key(obj), obj))
        self._count(verb)

    def _count(self, verb: str) -> None:
        self.writes[verb] = self.writes.get(verb, 0) + 1


class Informer:
    """One client's view of one kind: what it listed, plus as much of the log as has reached it."""

    def __init__(self, api: Api, kind: type) -> None:
        self.shelf = api.shelves[kind]
        self.relist()

    def relist(self) -> None:
        self.view: dict[Key, Stored] = dict(self.shelf.objects)
        self.position = len(self.shelf.log)

    @property
    def lag(self) -> int:
        return len(self.shelf.log) - self.position

    def deliver(self, count: int) -> None:
        """Let the next events through; None stands for a deletion."""
        for key, obj in self.shelf.log[self.position : self.position + count]:
            if obj is None:
                self.view.pop(key, None)
            else:
                self.view[key] = obj
            self.position += 1


def _key(obj: Stored) -> Key:
    return Key(obj.metadata.namespace, obj.metadata.name)
