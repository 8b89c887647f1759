"""One request evaluated at all pools: who fits, in which order, and why the others do not."""

from collections.abc import Iterator, Set
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from computility.model.reasons import Reason
from computility.placement.estimates import Estimates, estimate
from computility.placement.facts import PoolFacts
from computility.placement.filters import WHETHER_NOW, WHO_MAY
from computility.placement.machine_filters import WHICH_MACHINE
from computility.placement.outcome_filters import WHAT_COMES_OF_IT, meet_deadline
from computility.placement.policies import Compared, score
from computility.placement.question import Question
from computility.placement.slots import free_slots
from computility.placement.software_filters import WHICH_SOFTWARE
from computility.placement.steps import Ended, Step, untimed
from computility.placement.table import Bools, Floats, Rows
from computility.placement.verdict import Refusal, Verdict

_HEAD = 128


class Evaluation:
    """The answer of all filters and estimates to one question; nothing of it depends on what is free now.

    Attributes:
        question: What was asked.
        estimates: What it would take at each pool, whether it fits or not.
        verdicts: The filters' answers, in the order asked: a pool is counted under the first that refuses.
        first: The row's first verdict that refuses, by its place in `verdicts`; -1 where it fits.
        fitting: Rows that no verdict refuses.
    """

    def __init__(self, question: Question, ended: Ended = untimed) -> None:
        self.question = question
        # What nobody knows is nan, and what a centre publishes may overflow: filters and fields see to both.
        with np.errstate(over="ignore", invalid="ignore"):
            self.estimates: Estimates = estimate(question)
        ended(Step.ESTIMATE)
        alone = tuple(_verdicts(question, self.estimates))
        self.verdicts: tuple[Verdict, ...] = _with_joint(alone, question, self.estimates)
        self.first = _first_refusals(self.verdicts, len(question.table))
        self.fitting: Rows = np.flatnonzero(self.first < 0)
        ended(Step.FILTER)
        self._head = self._find_head()
        ended(Step.RANK)

    def pool(self, row: int) -> PoolFacts:
        return self.question.table.pools[row]

    def refusals(self, row: int) -> list[Refusal]:
        """Return all that speaks against a pool, in the order asked."""
        return [verdict.refusal(self.pool(row)) for verdict in self.verdicts if not verdict.passes[row]]

    def refused_only_for(self, reasons: Set[Reason], beside: Set[Reason] = frozenset()) -> Bools:
        """Say of each row whether these reasons speak against it, and no others but those beside them."""
        passes = np.ones(len(self.question.table), np.bool_)
        is_refused = ~passes
        for verdict in self.verdicts:
            if verdict.reason in reasons:
                is_refused |= ~verdict.passes
            elif verdict.reason not in beside:
                passes &= verdict.passes
        return is_refused & passes

    @cached_property
    def order(self) -> list[int]:
        """Rows that fit, the preferred first; ties by member and pool."""
        return _sorted(self.fitting, self.scores)

    def preferred(self) -> Iterator[int]:
        """Go through `order`; of thousands that fit a job mostly looks at the first few."""
        yield from self._head
        if len(self._head) < len(self.fitting):
            yield from islice(self.order, len(self._head), None)

    def _find_head(self) -> list[int]:
        """The beginning of `order`, down to the last of those that score alike."""
        rows, scores = self.fitting, self.scores
        if len(rows) > _HEAD:
            is_near = scores <= np.partition(scores, _HEAD)[_HEAD]
            rows, scores = rows[is_near], scores[is_near]
        return _sorted(rows, scores)

    @cached_property
    def scores(self) -> Floats:
        """The policy's figures of the rows that fit; the lower the better."""
        return self.score(self.compared)

    @cached_property
    def compared(self) -> Compared:
        """What the policy goes by, of the rows that fit."""
        return to_compare(self.estimates, self.fitting)

    def score(self, figures: Compared) -> Floats:
        """Score figures as those of the rows that fit are, on their scale; the lower the better."""
        placement = self.question.request.placement
        return score(placement.policy, placement.weights, figures, self.compared)

    @cached_property
    def slots(self) -> list[float]:
        """How many of the indices each pool could run at once, as it was last reported."""
        found: list[float] = free_slots(self.question.request, self.question.table).tolist()
        return found

    @cached_property
    def is_compared(self) -> Bools:
        """Whether a row's estimates may be compared with the first one's; one a pool.

        Without declared work what a card of one model takes says nothing of another's.
        """
        request, table = self.question.request, self.question.table
        if not self._head or not request.cards or request.reference_seconds is not None:
            return np.ones(len(table), np.bool_)
        model = self.pool(self._head[0]).spec.card_model
        return table.machines.mask(("same model", model), lambda m: m.card_model == model)


def to_compare(found: Estimates, rows: Rows) -> Compared:
    """Return what policies go by, of some rows."""
    return Compared(found.cost[rows], found.done.expected[rows], found.emissions.kg_market[rows])


def _sorted(rows: Rows, scores: Floats) -> list[int]:
    """Sort by score, then by row; as a list, because stepping through an array costs ten times as much."""
    found: list[int] = rows[np.argsort(scores, kind="stable")].tolist()
    return found


def _verdicts(question: Question, estimates: Estimates) -> Iterator[Verdict]:
    """Ask all filters; first what is the job's and the centre's own doing, last what may pass."""
    for ask in (*WHO_MAY, *WHICH_MACHINE, *WHICH_SOFTWARE):
        if (verdict := ask(question)) is not None:
            yield verdict
    for ask_estimates in WHAT_COMES_OF_IT:
        if (verdict := ask_estimates(question, estimates)) is not None:
            yield verdict
    for ask in WHETHER_NOW:
        if (verdict := ask(question)) is not None:
            yield verdict


def _with_joint(
    verdicts: tuple[Verdict, ...], question: Question, estimates: Estimates
) -> tuple[Verdict, ...]:
    """Add what can only be asked of all pools together that pass what each is asked by itself."""
    if question.request.deadline is None or not question.request.may_split:
        return verdicts
    fits = np.logical_and.reduce([verdict.passes for verdict in verdicts])
    joint = meet_deadline(question, estimates, fits)
    return verdicts if joint is None else (*verdicts, joint)


def _first_refusals(verdicts: tuple[Verdict, ...], count: int) -> NDArray[np.int16]:
    first = np.full(count, -1, np.int16)
    for place in range(len(verdicts) - 1, -1, -1):
        passes = verdicts[place].passes
        if not passes.all():
            np.putmask(first, ~passes, place)
    return first
