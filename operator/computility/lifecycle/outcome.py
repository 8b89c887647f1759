"""What a job's attempts amount to: what has succeeded, what has failed, what wants another attempt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from computility.lifecycle.tally import Tally
from computility.model.assignment import Fault, IndexOutcome, Started, State
from computility.model.compute_job import Attempt, ComputeJob, OnMemberLost
from computility.model.index_set import NO_INDICES, IndexSet
from computility.model.reasons import Reason

REPLACEMENTS = 3
"""How often an index is placed again after attempts in which it never started (PROTOCOL 1.3)."""
MOST_ATTEMPTS = 32
"""So many entries a job's status may have; there is no further attempt then."""
MOST_INDEX_TEXT = 500_000
"""So many characters the sets of indices in these entries may take; etcd takes 1.5 MiB for an object."""
FAILED_BY_ITSELF = frozenset({Reason.EXIT_CODE.value, Reason.SIGNAL.value, Reason.OUT_OF_MEMORY.value})
"""How a payload ends that `retry` may start again."""
SURELY_OVER = frozenset({Reason.PREEMPTED.value, Reason.CANCELLED_AT_CENTRE.value})
"""Ends by the centre's hand after which nothing of a payload runs; a failed node may only be unreachable."""


@dataclass
class Stock:
    """Where a job's indices stand, by its attempts as booked.

    `open` wants a place, its first or another; `live` is at a member; the other three are for good, but for
    `stopped`: ended on the hub's order, and open again when that order was only to suspend.

    Attributes:
        retried: The newest attempt that is to be followed by another; None before the first.
        setbacks: How many attempts failed of the index that has most of them behind it.
        first_failure: The first attempt of which something failed for good.
        over_limit: Those that failed because they were placed too often.
    """

    open: IndexSet = NO_INDICES
    live: IndexSet = NO_INDICES
    succeeded: IndexSet = NO_INDICES
    failed: IndexSet = NO_INDICES
    stopped: IndexSet = NO_INDICES
    retried: Attempt | None = None
    first_failure: tuple[Attempt, IndexOutcome] | None = None
    over_limit: IndexSet = NO_INDICES
    avoid: set[tuple[str, str]] = field(default_factory=set)
    prefer_not: set[tuple[str, str]] = field(default_factory=set)
    unstarted: Tally = field(default_factory=Tally)
    failures: Tally = field(default_factory=Tally)
    losses: Tally = field(default_factory=Tally)
    tries: Tally = field(default_factory=Tally)

    @property
    def setbacks(self) -> int:
        return max(self.unstarted.most, self.failures.most, self.losses.most)


def has_no_room(attempts: Sequence[Attempt]) -> bool:
    """Say whether a job's status could not hold another attempt."""
    texts = (len(a.indices) + sum(len(o.indices) for o in a.outcomes) for a in attempts)
    return len(attempts) >= MOST_ATTEMPTS or sum(texts) > MOST_INDEX_TEXT


def take_stock(job: ComputeJob, attempts: Iterable[Attempt]) -> Stock:
    """Go through a job's attempts, oldest first, and say where each index stands."""
    stock = Stock(open=job.spec.indices)
    for attempt in attempts:
        if not attempt.state.is_terminal:
            _count_live(stock, attempt)
            continue
        for outcome in outcomes_of(attempt):
            _count(stock, job, attempt, outcome)
    return stock


def outcomes_of(attempt: Attempt) -> tuple[IndexOutcome, ...]:
    """Return how the indices of an attempt ended that has ended: without an array, how it did itself."""
    return attempt.outcomes or (
        IndexOutcome(
            indices=attempt.indices or "0",
            state=State(attempt.state.value),
            reason=attempt.reason,
            fault=Fault(attempt.fault) if attempt.fault else None,
            started=Started(attempt.started) if attempt.started else Started.UNKNOWN,
            exit_code=attempt.exit_code,
            signal=attempt.signal,
        ),
    )


def _count_live(stock: Stock, attempt: Attempt) -> None:
    """What has succeeded has, also while the rest of its attempt goes on."""
    indices = IndexSet.parse(attempt.indices or "0")
    for outcome in attempt.outcomes:
        if outcome.state is State.SUCCEEDED:
            stock.succeeded |= IndexSet.parse(outcome.indices)
    stock.live |= indices - stock.succeeded
    stock.open -= indices


def _count(stock: Stock, job: ComputeJob, attempt: Attempt, outcome: IndexOutcome) -> None:
    indices = IndexSet.parse(outcome.indices)
    stock.open -= indices
    stock.tries.add(indices)
    if outcome.state is State.SUCCEEDED:
        stock.succeeded |= indices
        return
    tally = _tally_of(stock, job, outcome)
    if tally is None and outcome.state is State.CANCELLED:
        stock.stopped |= indices
        stock.open |= indices
        return
    over = indices if tally is None else _count_setback(stock, job, tally, indices)
    _learn(stock, attempt, outcome)
    if over:
        stock.failed |= over
        stock.first_failure = stock.first_failure or (attempt, outcome)
    if again := indices - over:
        stock.open |= again
        stock.retried = attempt


def _tally_of(stock: Stock, job: ComputeJob, outcome: IndexOutcome) -> Tally | None:
    """Return what a bad end counts as, if that may be followed by another attempt at all."""
    if outcome.started is Started.NO and outcome.fault in {Fault.SITE, Fault.INFRA}:
        return stock.unstarted
    if outcome.state is not State.FAILED:
        return None
    if outcome.reason in FAILED_BY_ITSELF and outcome.fault is Fault.USER:
        return stock.failures
    is_requeued = job.spec.failover.on_member_lost is OnMemberLost.REQUEUE
    return stock.losses if is_requeued and outcome.reason in SURELY_OVER else None


def _count_setback(stock: Stock, job: ComputeJob, tally: Tally, indices: IndexSet) -> IndexSet:
    """Count it, and return those to which it has now happened too often."""
    tally.add(indices)
    if tally is stock.unstarted:
        over = tally.more_than(REPLACEMENTS) & indices
        stock.over_limit |= over
        return over
    if tally is stock.failures:
        return tally.more_than(job.spec.retry.max_per_index) & indices
    return stock.tries.more_than(job.spec.failover.max_attempts - 1) & indices


def _learn(stock: Stock, attempt: Attempt, outcome: IndexOutcome) -> None:
    """Keep away from pools whose set-up was at fault, and rather not go back to those with bad luck."""
    if outcome.fault is Fault.SITE:
        stock.avoid.add((attempt.member, attempt.pool))
    elif outcome.fault is Fault.INFRA:
        stock.prefer_not.add((attempt.member, attempt.pool))
