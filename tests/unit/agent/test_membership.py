"""What follows from the hub's answers on the Lease."""

from typing import Any

import pytest

from computility.agent.membership import Membership, Terms, parse_terms
from computility.kube.builtin import Lease
from computility.kube.errors import Unreachable
from computility.kube.lease import LeaseLost
from computility.model.meta import ObjectMeta
from computility.model.names import ACCEPTED_ANNOTATION, LEASE_SECONDS_ANNOTATION, MEMBER_UID_ANNOTATION
from support.builders import NOON

ACCEPTED = {MEMBER_UID_ANNOTATION: "uid-a", ACCEPTED_ANNOTATION: "true", LEASE_SECONDS_ANNOTATION: "120"}
AWAY = Unreachable("patch", "/lease", "no answer")


class Lock:
    """A lock that answers what the test says."""

    wait_seconds = 0.0
    duration_seconds = 60

    def __init__(self) -> None:
        self.now = 100.0
        self.expires_at = 0.0
        self.answer: dict[str, str] | Exception | None = ACCEPTED

    async def acquire(self, *_: Any) -> Lease | None:
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is None:
            return None
        self.expires_at = self.now + self.duration_seconds
        return Lease(metadata=ObjectMeta(annotations=self.answer))

    renew = acquire


class Rig:
    def __init__(self) -> None:
        self.lock = Lock()
        self.changes = 0
        self.membership = Membership(
            self.lock,  # type: ignore[arg-type]
            heartbeat_seconds=10,
            version="1",
            clock=lambda: NOON,
            on_change=self._count,
            monotonic=lambda: self.lock.now,
        )

    def _count(self) -> None:
        self.changes += 1

    async def beat(self, answer: dict[str, str] | Exception | None) -> float:
        self.lock.answer = answer
        return await self.membership.beat()


async def test_work_may_start_once_the_hub_has_accepted_the_member() -> None:
    rig = Rig()
    await rig.beat({})
    assert rig.membership.is_holder
    assert not rig.membership.may_start

    await rig.beat(ACCEPTED)
    assert rig.membership.may_start
    assert rig.membership.terms == Terms(member_uid="uid-a", accepted=True, lease_seconds=120)


async def test_the_lease_promises_what_the_hub_expects() -> None:
    rig = Rig()
    await rig.beat(ACCEPTED)

    assert rig.lock.duration_seconds == 120


async def test_a_heartbeat_that_is_too_slow_for_the_lease_is_quickened() -> None:
    rig = Rig()

    assert await rig.beat(ACCEPTED) == 10
    assert await rig.beat(ACCEPTED | {LEASE_SECONDS_ANNOTATION: "12"}) == 4


async def test_another_holder_is_waited_for() -> None:
    rig = Rig()
    await rig.beat(None)

    assert not rig.membership.is_holder
    assert not rig.membership.may_start


async def test_a_silent_hub_takes_nothing_away_until_the_lease_runs_out_and_then_only_starts() -> None:
    rig = Rig()
    await rig.beat(ACCEPTED)
    assert await rig.beat(AWAY) < 10
    assert rig.membership.may_start

    rig.lock.now = rig.lock.expires_at
    assert not rig.membership.may_start
    assert rig.membership.is_holder


async def test_a_hub_that_returns_after_the_lease_ran_out_is_told_of_like_any_change() -> None:
    rig = Rig()
    await rig.beat(ACCEPTED)
    await rig.beat(ACCEPTED)
    assert rig.changes == 1
    rig.lock.now = rig.lock.expires_at
    await rig.beat(ACCEPTED)

    assert rig.changes == 2


@pytest.mark.parametrize("error", [LeaseLost("lost")])
async def test_a_lost_lease_ends_all_work(error: Exception) -> None:
    rig = Rig()
    await rig.beat(ACCEPTED)
    await rig.beat(error)

    assert not rig.membership.is_holder
    assert rig.changes == 2


async def test_a_member_that_is_no_longer_accepted_starts_nothing() -> None:
    rig = Rig()
    await rig.beat(ACCEPTED)
    await rig.beat(ACCEPTED | {ACCEPTED_ANNOTATION: "false"})

    assert rig.membership.is_holder
    assert not rig.membership.may_start


@pytest.mark.parametrize(
    ("annotations", "terms"),
    [
        pytest.param({}, Terms(), id="nothing-said"),
        pytest.param({ACCEPTED_ANNOTATION: "true"}, Terms(), id="accepted-without-a-uid"),
        pytest.param({LEASE_SECONDS_ANNOTATION: "-5"}, Terms(), id="negative-seconds"),
        pytest.param({LEASE_SECONDS_ANNOTATION: "٣"}, Terms(), id="a-digit-of-another-script"),
    ],
)
def test_what_is_malformed_counts_as_not_said(annotations: dict[str, str], terms: Terms) -> None:
    assert parse_terms(annotations) == terms
