"""What a job's ended attempts amount to: an end, or another attempt elsewhere."""

from computility.model.assignment import Fault, Started
from computility.model.base import Value
from computility.model.compute_job import Attempt, AttemptState, Phase
from computility.model.reasons import Reason

REPLACEMENTS = 3
"""How often a job is placed again after attempts that never started (PROTOCOL 1.3)."""


class Ended(Value, frozen=True, kw_only=True):
    """The job has ended, and how."""

    phase: Phase
    reason: str
    message: str


class Again(Value, frozen=True, kw_only=True):
    """The job wants a place: its first, or another after `failures` attempts that never started.

    `avoid` are (member, pool) pairs whose set-up was at fault; `prefer_not` those that merely had bad luck.
    """

    attempt: Attempt | None = None
    failures: int = 0
    avoid: frozenset[tuple[str, str]] = frozenset()
    prefer_not: frozenset[tuple[str, str]] = frozenset()


def conclude(attempts: tuple[Attempt, ...], *, wants_cancel: bool) -> Ended | Again:
    """Say what follows from attempts that have all ended; what succeeded wins over a cancel."""
    last = attempts[-1] if attempts else None
    if last is not None and last.state is AttemptState.SUCCEEDED:
        return Ended(
            phase=Phase.SUCCEEDED, reason=Reason.SUCCEEDED.value, message="the payload ended with exit code 0"
        )
    if wants_cancel and (last is None or _never_started(last) or last.state is AttemptState.CANCELLED):
        return Ended(phase=Phase.CANCELLED, reason=Reason.CANCELLED.value, message="cancelled by its user")
    if last is None:
        return Again()
    if not (_never_started(last) and last.fault in {Fault.SITE.value, Fault.INFRA.value}):
        return Ended(phase=Phase.FAILED, reason=last.reason, message=_describe(last))
    failures = sum(1 for a in attempts if _never_started(a))
    if failures > REPLACEMENTS:
        message = f"{failures} attempts never started; the last: {_describe(last)}"
        return Ended(phase=Phase.FAILED, reason=Reason.ATTEMPT_LIMIT.value, message=message)
    return Again(
        attempt=last,
        failures=failures,
        avoid=_pools(attempts, Fault.SITE),
        prefer_not=_pools(attempts, Fault.INFRA),
    )


def _never_started(attempt: Attempt) -> bool:
    return attempt.started == Started.NO.value


def _pools(attempts: tuple[Attempt, ...], fault: Fault) -> frozenset[tuple[str, str]]:
    return frozenset((a.member, a.pool) for a in attempts if a.fault == fault.value)


def _describe(attempt: Attempt) -> str:
    how = f'attempt {attempt.ordinal} on "{attempt.member}" ended {attempt.state.value} ({attempt.reason})'
    return f"{how}: {attempt.message}" if attempt.message else how
