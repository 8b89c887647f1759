"""All that the hub knows of the objects it works on, with the indexes that its decisions need."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from computility.hub.dependents import Dependents
from computility.hub.fair_share import FairShare
from computility.hub.keys import member_of
from computility.hub.occupancy import NONE, Occupancy, Reserved, places_of_assignment, places_of_job
from computility.hub.placement_reads import has_other_terms, has_shorter_queue, nodes_up, user_class_of
from computility.hub.shelf import Change, Shelf
from computility.hub.turns import Turns
from computility.hub.waiting import Waiting
from computility.kube.builtin import Lease, Namespace
from computility.kube.resource import Object
from computility.lifecycle.dependencies import HELD_BACK
from computility.model.assignment import Assignment
from computility.model.compute_job import ComputeJob, Phase
from computility.model.data_link import DataLink, DataLinkSpec
from computility.model.member_cluster import MemberCluster
from computility.model.meta import Key, key_of
from computility.model.resource_pool import ResourcePool

KINDS: tuple[type[Object], ...] = (
    Assignment,
    ComputeJob,
    MemberCluster,
    ResourcePool,
    DataLink,
    Lease,
    Namespace,
)
"""The kinds that the hub follows, in the order in which they are listed: Assignments before jobs."""


class Store:
    """The copies, each fed in any order and none ever going back in time.

    A job that is for another controller is kept so that its Assignments are not taken for orphans, and
    counts nowhere.

    Attributes:
        occupancy: Live attempts by pool, of jobs, Assignments and decisions under way.
        waiting: Jobs that want a place and have none, and that room would help.
        turns: Whose room it is that has become free.
        fair_share: What each namespace has used, and whose job goes next.
        dependents: Jobs that wait for others to end.
        foreign: Jobs that are for another controller.
        claims_version: Goes up when a member or pool claims other names than before.
        terms_version: Goes up when something has changed on which it depends where a job may go.
        figures_version: Goes up when a pool tells other figures of its load.
    """

    def __init__(self, fair_share: FairShare | None = None) -> None:
        self.jobs: Shelf[ComputeJob] = Shelf()
        self.assignments: Shelf[Assignment] = Shelf()
        self.members: Shelf[MemberCluster] = Shelf()
        self.pools: Shelf[ResourcePool] = Shelf()
        self.links: Shelf[DataLink] = Shelf()
        self.leases: Shelf[Lease] = Shelf()
        self.namespaces: Shelf[Namespace] = Shelf()
        self.occupancy = Occupancy()
        self.waiting = Waiting(self.class_of)
        self.turns = Turns()
        self.fair_share = fair_share or FairShare()
        self.dependents = Dependents()
        self.foreign: set[Key] = set()
        self.claims_version = 0
        self.terms_version = 0
        self.figures_version = 0
        self._known_links: tuple[DataLinkSpec, ...] | None = None
        self._by_job: defaultdict[Key, dict[Key, Assignment]] = defaultdict(dict)

    def shelf(self, type_: type[Object]) -> Shelf[Any]:
        """Return the copy of one kind."""
        shelves: dict[type[Object], Shelf[Any]] = {
            Assignment: self.assignments,
            ComputeJob: self.jobs,
            MemberCluster: self.members,
            ResourcePool: self.pools,
            DataLink: self.links,
            Lease: self.leases,
            Namespace: self.namespaces,
        }
        return shelves[type_]

    def put(self, item: Any) -> list[Change[Any]]:
        """Take in an object as somebody saw it."""
        return self._index(type(item), self.shelf(type(item)).put(item))

    def drop(self, type_: type[Object], key: Key, uid: str) -> list[Change[Any]]:
        """Take in that an object is gone."""
        return self._index(type_, self.shelf(type_).drop(key, uid))

    def assignments_of(self, job: Key) -> Iterable[Assignment]:
        """Return the Assignments for jobs of this namespace and name, whatever their uid."""
        return tuple(self._by_job[job].values()) if job in self._by_job else ()

    def class_of(self, namespace: str) -> str:
        """Return the class of user that a namespace is in; "" for none."""
        return user_class_of(self.namespaces.objects.get(Key("", namespace)))

    def known_links(self) -> tuple[DataLinkSpec, ...]:
        """Return what the links say, in the order of their names; the same tuple until one changes."""
        if self._known_links is None:
            self._known_links = tuple(link.spec for _, link in sorted(self.links.objects.items()))
        return self._known_links

    def job_keys(self) -> set[Key]:
        """Return where there may be something to do: at jobs not done with, and where Assignments are."""
        unfinished = {key for key, job in self.jobs.objects.items() if _is_unfinished(job)}
        return unfinished | set(self._by_job)

    def count_jobs(self) -> int:
        """Count the jobs that are for this hub."""
        return len(self.jobs.objects) - len(self.foreign)

    def _index(self, type_: type[Object], changes: list[Change[Any]]) -> list[Change[Any]]:
        for change in changes:
            if type_ is Assignment:
                self._index_assignment(change)
            elif type_ is ComputeJob:
                self._index_job(change)
            elif type_ in (MemberCluster, ResourcePool):
                self.claims_version += _claims(change.old) != _claims(change.new)
            elif type_ is DataLink:
                self._known_links = None
            elif type_ is Namespace and user_class_of(change.old) != user_class_of(change.new):
                self._reclassify(change)
            self._count_version(type_, change)
        return changes

    def _count_version(self, type_: type[Object], change: Change[Any]) -> None:
        if type_ in (MemberCluster, DataLink) or (type_ is ResourcePool and self._opens(change)):
            self.terms_version += 1
        elif type_ is ResourcePool:
            self.figures_version += 1

    def _opens(self, change: Change[ResourcePool]) -> bool:
        """Say whether a pool may take jobs that it did not: it has other terms, or enough nodes up."""
        return has_other_terms(change) or self.waiting.wants_nodes(nodes_up(change.old), nodes_up(change.new))

    def is_awaited(self, change: Change[ResourcePool]) -> bool:
        """Say whether a pool tells of a shorter queue that some job waits for because of its deadline."""
        pool = change.new
        if pool is None:
            return False
        key = member_of(pool.metadata.namespace), pool.metadata.name
        return self.waiting.foreseen.is_late_at(key) and has_shorter_queue(change)

    def _reclassify(self, change: Change[Namespace]) -> None:
        namespace = change.new or change.old
        assert namespace is not None  # noqa: S101 - a change has a side
        self.waiting.reclassify(namespace.metadata.name)

    def _index_job(self, change: Change[ComputeJob]) -> None:
        job = change.new
        if job is not None and not job.is_ours:
            self.foreign.add(key_of(job.metadata))
        elif job is not None:
            self.occupancy.set(job.metadata.uid, places_of_job(job))
            self.fair_share.record(job)
            self.dependents.set(job)
            if _is_waiting(job):
                self.waiting.add(job)
            else:
                self.waiting.discard(key_of(job.metadata))
        elif change.old is not None:
            self.occupancy.set(change.old.metadata.uid, NONE)
            self.occupancy.set(Reserved(change.old.metadata.uid), NONE)
            if change.old.is_ours:
                self.fair_share.settle(change.old)
            self.dependents.discard(change.old)
            self.waiting.discard(key_of(change.old.metadata))
            self.foreign.discard(key_of(change.old.metadata))

    def _index_assignment(self, change: Change[Assignment]) -> None:
        known = change.new or change.old
        work = known.spec.job if known else None
        if known is None or work is None:
            return
        key, job = key_of(known.metadata), Key(work.namespace, work.name)
        if change.new is not None:
            self._by_job[job][key] = change.new
        else:
            self._by_job[job].pop(key, None)
            if not self._by_job[job]:
                del self._by_job[job]
        self.occupancy.set(key, places_of_assignment(change.new) if change.new else NONE)


def _is_unfinished(job: ComputeJob) -> bool:
    """Say whether a job has not ended, or is to be deleted some time after its end."""
    return job.is_ours and (not job.has_ended or job.spec.ttl_seconds_after_finished is not None)


def _claims(item: MemberCluster | ResourcePool | None) -> object:
    """Return what a member's or pool's cpid and aliases follow from."""
    if item is None:
        return None
    region = item.spec.location.region if isinstance(item, MemberCluster) else ""
    return item.metadata.uid, region, item.spec.cpid, item.spec.aliases


def _is_waiting(job: ComputeJob) -> bool:
    is_queued = job.status.phase is Phase.QUEUED and not places_of_job(job)
    return is_queued and job.status.reason not in HELD_BACK
