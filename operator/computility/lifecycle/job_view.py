"""What the hub knows of one job, and what it decides from that."""

from collections.abc import Mapping
from datetime import datetime

from computility.lifecycle.declared_work import Declared, declared_work
from computility.lifecycle.dependencies import Predecessors
from computility.lifecycle.hub_actions import Action
from computility.model.assignment import Assignment
from computility.model.base import Value
from computility.model.compute_job import ComputeJob, ComputeJobStatus
from computility.placement.prospects import Prospect
from computility.placement.snapshot import Snapshot


class JobView(Value, frozen=True, kw_only=True):
    """All that the hub knows of one job.

    `assignments` are those of the job's uid by name, listed before the job was read. `is_live` says that
    the job was just read from the API server and not from a watch. `silent` maps members that are silent
    to when they were heard of last. `removed` are uids of MemberClusters that are gone, or leave and will
    never report again. `namesake` names an Assignment of an earlier job of the same name that has not
    ended; `predecessors` are the jobs that this one depends on; `earlier` is the one that its
    `spec.work.similarTo` names; `user_class` is the class of user that its namespace is in.
    """

    job: ComputeJob
    assignments: Mapping[str, Assignment]
    snapshot: Snapshot
    is_live: bool = False
    silent: Mapping[str, datetime | None] = {}
    removed: frozenset[str] = frozenset()
    namesake: str = ""
    predecessors: Predecessors = Predecessors()
    earlier: ComputeJob | None = None
    user_class: str = ""

    @property
    def declared(self) -> Declared:
        """How much work the job is, as far as that is known."""
        return declared_work(self.job, self.earlier)


class JobDecision(Value, frozen=True, kw_only=True):
    """Actions in order, then the status to write (None: as it is), then when to look next.

    `prospect` is what may change the answer to a job that waits for a place, and to all that ask the same.
    `needs_live` asks for the same view with the job read live: nothing is decided on a lagging one.
    """

    actions: tuple[Action, ...] = ()
    status: ComputeJobStatus | None = None
    look_at: datetime | None = None
    prospect: Prospect | None = None
    needs_live: bool = False
