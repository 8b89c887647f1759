"""What one job asks of a pool, in the units that filters and estimates compare."""

from datetime import datetime
from functools import cached_property
from math import inf

import msgspec

from computility.model.base import Value
from computility.model.cards import CARD_MODELS
from computility.model.compute_job import (
    ArraySpec,
    ComputeJob,
    Form,
    JobData,
    PlacementSpec,
    Requirements,
    Resources,
    Work,
    choose_form,
)
from computility.model.pool_facts import Bound, Measure, Precision
from computility.model.quantity import parse_bytes
from computility.model.resource_pool import ResourcePoolSpec

_HOUR = 3600.0
MOST_PARTS = 8
"""Over so many pools an array is split at most: each is an attempt with an Assignment of its own."""


def parts_allowed(array: ArraySpec | None) -> int:
    """Return over how many pools a job may be split.

    Each part runs at least one index at a time: more parts than `maxConcurrent` would run too many.
    """
    return 1 if array is None else min(MOST_PARTS, array.max_concurrent or MOST_PARTS)


class Request(Value, frozen=True, kw_only=True, dict=True):
    """What one job asks for. Jobs with equal requests get the same answer."""

    namespace: str
    resources: Resources
    requirements: Requirements
    placement: PlacementSpec
    max_run_seconds: int
    user_class: str = ""
    """The class of user that the namespace is in, by which prices have factors."""
    count: int = 1
    """How many times it runs: the indices of an array that want a place."""
    max_concurrent: int | None = None
    most_parts: int = 1
    """Over how many pools its indices may be split."""
    work: Work | None = None
    data: JobData = JobData()
    deadline: datetime | None = None
    forms: tuple[Form, ...] = (Form(),)
    """The ways to run it; a pool takes the first that suits it."""
    mpi: str | None = None
    """The MPI that has to be there: "" for any, None for no need of one."""

    @classmethod
    def of(cls, job: ComputeJob, count: int = 1, work: Work | None = None, user_class: str = "") -> "Request":
        """Read the request out of a job.

        Args:
            job: What is asked for.
            count: How many of its indices want a place.
            work: How much work it is, instead of what it declares.
            user_class: The class of user that its namespace is in.
        """
        spec = job.spec
        return cls(
            namespace=job.metadata.namespace,
            resources=spec.resources,
            requirements=spec.requirements,
            placement=spec.placement,
            max_run_seconds=spec.max_run_seconds,
            user_class=user_class,
            count=count,
            max_concurrent=spec.array.max_concurrent if spec.array else None,
            most_parts=parts_allowed(spec.array),
            work=work or spec.work,
            data=spec.data,
            deadline=spec.deadline,
            forms=spec.template.forms,
            mpi=spec.template.asked_mpi,
        )

    @cached_property
    def key(self) -> bytes:
        """What it is, as bytes: equal for equal requests."""
        return msgspec.json.encode(self)

    @cached_property
    def memory_bytes(self) -> int:
        """Bytes wanted on each node; 0 where the centre may choose."""
        wanted = self.resources.memory_per_node
        return parse_bytes(wanted) if wanted else 0

    def form_at(self, pool: ResourcePoolSpec) -> Form | None:
        """Return the form that a pool takes; None if none suits it."""
        return choose_form(self.forms, pool.architecture, pool.card_model)

    @cached_property
    def input_bytes(self) -> dict[str, int]:
        """Bytes of its data by the place where they are."""
        sizes: dict[str, int] = {}
        for each in self.data.inputs:
            sizes[each.at] = sizes.get(each.at, 0) + parse_bytes(each.size)
        return sizes

    def seconds_left(self, now: datetime) -> float:
        """Return the time until the deadline, below 0 once it is over; inf without one."""
        return inf if self.deadline is None else (self.deadline - now).total_seconds()

    @property
    def may_split(self) -> bool:
        """Whether several pools may share it."""
        return self.count > 1 and self.most_parts > 1

    @cached_property
    def nodes(self) -> int:
        return self.resources.node_count

    @cached_property
    def cores(self) -> int:
        return self.resources.cores

    @cached_property
    def cards(self) -> int:
        return self.nodes * self.resources.cards_on_each_node

    @property
    def measure(self) -> Measure:
        """The benchmark that its run time follows."""
        if not self.cards:
            return Measure.CORE
        if self.work is not None and self.work.bound is Bound.MEMORY_BANDWIDTH:
            return Measure.MEMORY_BANDWIDTH
        first = next(iter(self.requirements.precisions), Precision.BF16)
        return Measure(first.value)

    @cached_property
    def reference_seconds(self) -> float | None:
        """How long one run of it takes on as many reference cards or cores, in seconds; None if unknown."""
        if self.work is None:
            return None
        hours = _reference_hours(self.work, self.measure)
        if hours is None:
            return None
        units = self.cards or self.cores
        return hours * _HOUR / units / self.work.parallel_efficiency


def _reference_hours(work: Work, measure: Measure) -> float | None:
    """Return card-hours or core-hours on the reference; None for a card of which nobody knows the speed.

    A card is compared by the same measure as the pools are: else a run would not take as long on the cards
    that it was measured on.
    """
    measured = work.measured
    if measured is None:
        return work.reference_card_hours or work.reference_core_hours
    hours = measured.seconds / _HOUR
    if measured.card_model is None:
        return hours * measured.cores
    known = CARD_MODELS.get(measured.card_model)
    speed = known.speed(measure) if known else None
    return hours * measured.cards * speed if speed else None
