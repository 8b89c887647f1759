"""What an agent says of an array's indices, read with distrust: it has a say over no index but its own."""

from collections.abc import Iterable

import msgspec

from computility.model.assignment import Fault, IndexOutcome, Started, State
from computility.model.index_set import IndexSet
from computility.model.reasons import Reason


def admit(outcomes: Iterable[IndexOutcome], mine: IndexSet) -> tuple[IndexOutcome, ...]:
    """Keep of reported outcomes what concerns an attempt's own indices, each once: the first word counts.

    What cannot be read is left out, and so the indices that it was about.
    """
    admitted = []
    for outcome in outcomes:
        said = _parse(outcome.indices) & mine
        mine -= said
        if said:
            admitted.append(msgspec.structs.replace(outcome, indices=str(said)))
    return tuple(admitted)


def _parse(text: str) -> IndexSet:
    try:
        return IndexSet.parse(text)
    except ValueError:
        return IndexSet()


def complete(outcomes: tuple[IndexOutcome, ...], mine: IndexSet, reason: Reason) -> tuple[IndexOutcome, ...]:
    """Add, of an attempt that has ended, the indices of which nothing was said: they may have run."""
    for outcome in outcomes:
        mine -= IndexSet.parse(outcome.indices)
    if not mine:
        return outcomes
    lost = IndexOutcome(
        indices=str(mine), state=State.LOST, reason=reason.value, fault=Fault.INFRA, started=Started.UNKNOWN
    )
    return (*outcomes, lost)
