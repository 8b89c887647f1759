"""Quotes: what jobs in files would be given now, reckoned here with the code that places them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from computility.cli.figures import change
from computility.lifecycle.conditions import Stamp
from computility.lifecycle.work_unknown import say_whether_compared
from computility.model.cards import CARD_MODELS
from computility.model.compute_job import Candidate, ComputeJob, Policy, Receipt
from computility.placement.place import Outcome, place
from computility.placement.request import Request
from computility.placement.snapshot import Snapshot
from computility.placement.split import parts_allowed


class Quote(NamedTuple):
    """What a job would be given.

    Attributes:
        job: What was asked for.
        outcome: Where it would go; `chosen` is None where no pool fits.
        before: The same for what it is compared with, if there is such a job.
    """

    job: ComputeJob
    outcome: Outcome
    before: Outcome | None = None

    @property
    def receipt(self) -> Receipt:
        return self.outcome.receipt

    @property
    def chosen(self) -> Candidate | None:
        return self.outcome.receipt.chosen

    @property
    def note(self) -> str:
        """What keeps pools from being compared, and the remedy; "" where all are."""
        work = self.job.spec.work
        if work and work.measured and Request.of(self.job).reference_seconds is None:
            return (
                f'spec.work.measured.cardModel: the speed of "{work.measured.card_model}" is not known '
                f"in {Request.of(self.job).measure.value}, "
                f"and so costs are upper bounds from maxRunSeconds: known are {', '.join(CARD_MODELS)}"
            )
        stamp = Stamp(generation=0, now=self.receipt.decided_at)
        return "".join(each.message for each in say_whether_compared((), self.receipt, stamp))


def with_policy(job: ComputeJob, policy: Policy | None) -> ComputeJob:
    """Put another policy in the place of a job's own."""
    if policy is None:
        return job
    placement = msgspec.structs.replace(job.spec.placement, policy=policy)
    return msgspec.structs.replace(job, spec=msgspec.structs.replace(job.spec, placement=placement))


def make_quotes(
    jobs: Sequence[ComputeJob], before: Sequence[ComputeJob], snapshot: Snapshot, now: datetime
) -> list[Quote]:
    """Quote jobs, each beside the one that it was before: of the same name, or the only one there is."""
    return [Quote(job, _place(job, snapshot, now), _before(job, jobs, before, snapshot, now)) for job in jobs]


def _before(
    job: ComputeJob,
    jobs: Sequence[ComputeJob],
    before: Sequence[ComputeJob],
    snapshot: Snapshot,
    now: datetime,
) -> Outcome | None:
    if len(jobs) == len(before) == 1:
        return _place(before[0], snapshot, now)
    same = (each for each in before if each.metadata == job.metadata)
    found = next(same, None)
    return _place(found, snapshot, now) if found else None


def _place(job: ComputeJob, snapshot: Snapshot, now: datetime) -> Outcome:
    """Place a job as the hub would at its first look."""
    request = Request.of(job, len(job.spec.indices))
    return place(request, snapshot, now, most_parts=parts_allowed(job.spec.array))


class Change(NamedTuple):
    """By how much a figure of the first choice has changed."""

    name: str
    now: float
    before: float

    @property
    def percent(self) -> str:
        return change(self.now, self.before)


def changes(now: Candidate, before: Candidate) -> list[Change]:
    """Compare two first choices: their costs, if they are in one currency, times and market-based CO2."""
    found = [Change("done", now.done_seconds, before.done_seconds)]
    if now.currency == before.currency:
        found.insert(0, Change("cost", float(now.cost), float(before.cost)))
    if now.kg_co2_market is not None and before.kg_co2_market is not None:
        found.append(Change("kgCO2", now.kg_co2_market, before.kg_co2_market))
    return found


def document(quotes: Sequence[Quote], source: str) -> Any:
    """Build what machines get; `source` is what they are compared with, "" for nothing."""
    return {"quotes": [_document(quote, source) for quote in quotes]}


def _document(quote: Quote, source: str) -> Any:
    made = {
        "namespace": quote.job.metadata.namespace,
        "name": quote.job.metadata.name,
        "fits": quote.chosen is not None,
        "message": quote.outcome.message,
        "note": quote.note,
        "receipt": msgspec.to_builtins(quote.receipt),
    }
    return made | {"against": _against(quote, source)} if source else made


def _against(quote: Quote, source: str) -> Any:
    if quote.before is None:
        return {"source": source, "found": False}
    was, now = quote.before.receipt, quote.chosen
    pairs = changes(now, was.chosen) if now and was.chosen else []
    told = {each.name: {"now": each.now, "before": each.before} for each in pairs}
    return {"source": source, "found": True, "receipt": msgspec.to_builtins(was), "change": told}
