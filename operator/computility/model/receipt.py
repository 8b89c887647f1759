"""The receipt: why a job went where it went, with what every candidate would have taken."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from computility.model.base import Amount, Count, Currency, MemberName, ObjectName, Reason, Seconds, Value
from computility.model.job_placement import Policy


class AmountRange(Value, frozen=True, kw_only=True):
    """Between which amounts it is expected to be."""

    low: Annotated[Amount, Meta(description="The low end.")]
    high: Annotated[Amount, Meta(description="The high end.")]


class SecondsRange(Value, frozen=True, kw_only=True):
    """Between which times it is expected to be."""

    low: Annotated[Seconds, Meta(description="The low end, in seconds.")]
    high: Annotated[Seconds, Meta(description="The high end, in seconds.")]


Kilograms = Annotated[float, Meta(ge=0, le=1e15)]
Basis = Annotated[str, Meta(max_length=16, pattern=r"^[a-z]*\Z")]


class Candidate(Value, frozen=True, kw_only=True):
    """A pool that fits, with what is to be expected there; times count from the decision."""

    member: Annotated[MemberName, Meta(description="The pool's member.")]
    pool: Annotated[ObjectName, Meta(description="The pool.")]
    variant: Annotated[
        str, Meta(max_length=64, description="The variant that would run; empty: the template as it is.")
    ] = ""
    cost: Annotated[
        Amount,
        Meta(
            description="What it is expected to cost, transfers included; at most that without `spec.work`."
        ),
    ]
    cost_range: Annotated[
        AmountRange | None, Meta(description="Between which amounts; unset without `spec.work`.")
    ] = None
    currency: Annotated[Currency, Meta(description="Currency of `cost`.")]
    per_reference_hour: Annotated[
        Amount | None,
        Meta(description="Price of the work that a reference card or core does in an hour: what compares."),
    ] = None
    done_seconds: Annotated[
        Seconds,
        Meta(
            description=(
                "Until it is done, waiting and transfer included. Left out of runners-up where it is the run"
                " alone."
            )
        ),
    ] = 0
    done_range: Annotated[SecondsRange | None, Meta(description="Between which times.")] = None
    run_seconds: Annotated[
        Seconds,
        Meta(
            description=(
                "How long one run takes; without `spec.work` all of `maxRunSeconds`, and left out of"
                " runners-up then."
            )
        ),
    ] = 0
    wait_seconds: Annotated[Seconds, Meta(description="How long it waits in the queue.")] = 0
    transfer_seconds: Annotated[Seconds, Meta(description="How long its data takes to get there.")] = 0
    kg_co2_market: Annotated[
        Kilograms | None,
        Meta(description="CO2 of its energy in kg, contracted green power taken off."),
    ] = msgspec.field(name="kgCO2Market", default=None)
    kg_co2_location: Annotated[
        Kilograms | None,
        Meta(description="CO2 of its energy in kg, by the grid that the pool stands in."),
    ] = msgspec.field(name="kgCO2Location", default=None)
    run_basis: Annotated[
        Basis, Meta(description="Where the run time comes from: measured, nominal, estimated, or bound.")
    ] = ""
    wait_basis: Annotated[
        Basis,
        Meta(
            description=(
                "Where the wait comes from: scheduler, measured, nominal, estimated, free, busy (with the"
                " network's own attempts, and no quantiles are known), or unknown."
            )
        ),
    ] = ""


class Share(Value, frozen=True, kw_only=True):
    """What one of several pools gets of an array."""

    member: Annotated[MemberName, Meta(description="The pool's member.")]
    pool: Annotated[ObjectName, Meta(description="The pool.")]
    count: Annotated[Count, Meta(description="How many indices.")]
    cost: Annotated[Amount, Meta(description="What they are expected to cost, or at most, as in `chosen`.")]
    currency: Annotated[Currency, Meta(description="Currency of `cost`.")]


class PoolRef(Value, frozen=True, kw_only=True):
    """A pool by member and name."""

    member: Annotated[MemberName, Meta(description="The pool's member.")]
    pool: Annotated[ObjectName, Meta(description="The pool.")]


class Rejection(Value, frozen=True, kw_only=True):
    """Pools that one filter turned down, counted."""

    reason: Annotated[Reason, Meta(description="Which filter, one word.")]
    count: Annotated[Count, Meta(description="How many pools.")]
    wanted: Annotated[str, Meta(max_length=128, description="What the job asks for.")] = ""
    found: Annotated[str, Meta(max_length=128, description="The best that was found among them.")] = ""
    examples: Annotated[tuple[PoolRef, ...], Meta(max_length=3, description="Up to three of them.")] = ()


class Actual(Value, frozen=True, kw_only=True):
    """What it came to in the end, beside what the receipt promised."""

    cost: Annotated[Amount, Meta(description="Cost of all attempts.")]
    currency: Annotated[Currency, Meta(description="Currency of `cost`.")]
    run_seconds: Annotated[Seconds, Meta(description="Seconds run, all attempts together.")]
    done_seconds: Annotated[
        Seconds | None,
        Meta(
            description=(
                "From `decidedAt` to the last end; once the centre had taken it by the centre's own time, "
                "where `clockFactor` is above 1. Unset if nothing ran of what was decided then."
            )
        ),
    ] = None
    kg_co2_market: Annotated[
        Kilograms | None,
        Meta(
            description=(
                "CO2 of what ran, all attempts together, in kg, contracted green power taken off; unset "
                "where a pool's energy was not known."
            )
        ),
    ] = msgspec.field(name="kgCO2Market", default=None)
    kg_co2_location: Annotated[
        Kilograms | None, Meta(description="The same by the grids that the pools stand in.")
    ] = msgspec.field(name="kgCO2Location", default=None)


class Receipt(Value, frozen=True, kw_only=True):
    """Why the job went where it went, or why it waits."""

    decided_at: Annotated[datetime, Meta(description="When it was decided.")]
    policy: Annotated[Policy, Meta(description="By which policy.")]
    considered: Annotated[Count, Meta(description="Pools looked at.")]
    fitting: Annotated[Count, Meta(description="Pools that passed every filter.")]
    chosen: Annotated[
        Candidate | None,
        Meta(
            description=(
                "The pool chosen, of a split array the one with the first part, and what the whole job "
                "costs at most; unset while none fits."
            )
        ),
    ] = None
    shares: Annotated[
        tuple[Share, ...],
        Meta(max_length=8, description="How an array was split; empty if all of it went to `chosen`."),
    ] = ()
    runners_up: Annotated[
        tuple[Candidate, ...], Meta(max_length=9, description="The next best pools, best first.")
    ] = ()
    rejected: Annotated[
        tuple[Rejection, ...], Meta(max_length=32, description="What was turned down and why, most first.")
    ] = ()
    actual: Annotated[Actual | None, Meta(description="What it came to, once the job has ended.")] = None
