"""Quotes: what jobs in files would be given now, reckoned here with the code that places them."""

from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from computility.cli.earlier import Earlier, find_earlier
from computility.cli.figures import change
from computility.cli.user_class import UserClasses
from computility.lifecycle.declared_work import Declared, declared_work
from computility.lifecycle.work_unknown import describe_unknown
from computility.model.compute_job import Candidate, ComputeJob, Mode, Policy, Receipt
from computility.placement.place import Outcome, place
from computility.placement.request import Request
from computility.placement.snapshot import Snapshot


class Quote(NamedTuple):
    """What a job would be given.

    Attributes:
        job: What was asked for.
        outcome: Where it would go; `chosen` is None where no pool fits.
        problem: What is wrong with what it declares of its work; "" without that.
        before: The same for what it is compared with, if there is such a job.
    """

    job: ComputeJob
    outcome: Outcome
    problem: str = ""
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
        return describe_unknown(self.receipt, self.problem)


def as_quote(job: ComputeJob) -> ComputeJob:
    """Ask for all of each runner-up: what runs has the receipt say less of them, to cost the hub less."""
    placement = msgspec.structs.replace(job.spec.placement, mode=Mode.QUOTE)
    return msgspec.structs.replace(job, spec=msgspec.structs.replace(job.spec, placement=placement))


def with_policy(job: ComputeJob, policy: Policy | None) -> ComputeJob:
    """Put another policy in the place of a job's own."""
    if policy is None:
        return job
    placement = msgspec.structs.replace(job.spec.placement, policy=policy)
    return msgspec.structs.replace(job, spec=msgspec.structs.replace(job.spec, placement=placement))


class Market(NamedTuple):
    """What jobs are quoted against.

    Attributes:
        snapshot: What the network offers.
        now: When.
        earlier: The jobs that those to be quoted say they are similar to.
        user_classes: The class of user that each namespace is in, where it is in any.
    """

    snapshot: Snapshot
    now: datetime
    earlier: Earlier = MappingProxyType({})
    user_classes: UserClasses = MappingProxyType({})


def make_quotes(jobs: Sequence[ComputeJob], before: Sequence[ComputeJob], market: Market) -> list[Quote]:
    """Quote jobs, each beside the one that it was before: of the same name, or the only one there is."""
    return [_quote(job, _counterpart(job, jobs, before), market) for job in jobs]


def _quote(job: ComputeJob, before: ComputeJob | None, market: Market) -> Quote:
    problem = _declared(job, market).problem
    return Quote(job, _place(job, market), problem, _place(before, market) if before else None)


def _declared(job: ComputeJob, market: Market) -> Declared:
    return declared_work(job, find_earlier(job, market.earlier))


def _counterpart(
    job: ComputeJob, jobs: Sequence[ComputeJob], before: Sequence[ComputeJob]
) -> ComputeJob | None:
    if len(jobs) == len(before) == 1:
        return before[0]
    return next((each for each in before if each.metadata == job.metadata), None)


def _place(job: ComputeJob, market: Market) -> Outcome:
    """Place a job as the hub would at its first look."""
    work = _declared(job, market).work
    user_class = market.user_classes.get(job.metadata.namespace, "")
    request = Request.of(job, len(job.spec.indices), work, user_class)
    return place(request, market.snapshot, market.now)


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
