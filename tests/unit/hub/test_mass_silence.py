"""When silence is laid at the door of the network, and when at that of a member."""

import pytest

from computility.hub.heartbeats import Heartbeats
from computility.hub.mass_silence import MassSilence
from computility.hub.store import Store
from computility.kube.builtin import LeaseSpec
from support.network import a_member
from support.stored import stored

LEASE = 60


class Network:
    """Members that renew when told, by a clock that goes when told."""

    def __init__(self, count: int, *, is_news: bool = True) -> None:
        self.now = 1000.0
        self.members = [f"m{number}" for number in range(count)]
        self.store, self.beats = Store(), Heartbeats(lambda: self.now)
        self.mass = MassSilence(self.store, self.beats)
        for member in self.members:
            self.store.put(stored(a_member(member, lease_seconds=LEASE)))
            self.beats.hear(member, LeaseSpec(holder_identity="j", renew_time="t0"), is_news=is_news)

    def renew(self, *members: str) -> None:
        for member in members:
            self.beats.hear(member, LeaseSpec(holder_identity="j", renew_time=f"t{self.now}"), is_news=True)

    def pass_lease(self, *renewing: str) -> None:
        """Let a lease pass in which only these renew, every third of it, and look."""
        for _ in range(3):
            self.now += LEASE / 3
            self.renew(*renewing)
        self.now += 1
        self.mass.look()

    def overdue(self) -> list[str]:
        return [m for m in self.members if self.beats.is_overdue(m, LEASE)]


@pytest.mark.parametrize(
    ("count", "renewing", "is_one_trouble"),
    [
        pytest.param(4, 2, True, id="half-of-four"),
        pytest.param(3, 1, True, id="two-of-three"),
        pytest.param(5, 3, False, id="two-of-five"),
        pytest.param(2, 0, False, id="both-of-two-are-no-crowd"),
    ],
)
def test_half_of_at_least_three_silent_at_once_is_one_trouble(
    count: int, renewing: int, is_one_trouble: bool
) -> None:
    network = Network(count)
    network.pass_lease(*network.members[:renewing])

    assert network.mass.is_under_way is is_one_trouble
    assert bool(network.overdue()) is not is_one_trouble


def test_that_the_others_have_just_missed_a_renewal_is_seen_when_the_first_is_overdue() -> None:
    network = Network(3)
    network.now += LEASE / 3
    network.renew("m1", "m2")
    network.now += LEASE * 2 / 3 + 1
    network.mass.look()

    assert network.mass.is_under_way


def test_after_one_more_lease_those_still_silent_are_judged() -> None:
    network = Network(3)
    network.pass_lease()
    network.pass_lease()

    assert network.overdue() == network.members
    assert network.mass.is_under_way


def test_it_is_over_when_most_renew_again_and_the_rest_are_judged() -> None:
    network = Network(3)
    network.pass_lease()
    network.pass_lease("m1", "m2")

    assert not network.mass.is_under_way
    assert network.overdue() == ["m0"]


def test_a_second_one_is_spared_like_the_first() -> None:
    network = Network(3)
    network.pass_lease()
    network.pass_lease(*network.members)
    network.pass_lease()

    assert network.mass.is_under_way
    assert network.overdue() == []


def test_members_that_were_never_heard_are_no_part_of_the_crowd() -> None:
    network = Network(6, is_news=False)
    network.renew("m5")
    network.pass_lease("m5")

    assert not network.mass.is_under_way
    assert network.overdue() == network.members[:5]


def test_members_removed_meanwhile_do_not_keep_it_going() -> None:
    network = Network(3)
    network.pass_lease()
    network.store.members.objects.clear()
    network.mass.look()

    assert not network.mass.is_under_way
