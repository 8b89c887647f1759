from computility.hub.heartbeats import Heartbeats
from computility.kube.builtin import LeaseSpec
from computility.lifecycle.member_view import Pulse

LEASE_SECONDS = 60


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def renewed(at: str, holder: str | None = "j1") -> LeaseSpec:
    return LeaseSpec(holder_identity=holder, renew_time=at)


def heard(clock: Clock, *, is_news: bool = True) -> Heartbeats:
    beats = Heartbeats(clock)
    beats.hear("m", renewed("t1"), is_news=is_news)
    return beats


def test_a_member_without_a_lease_was_never_seen() -> None:
    assert Heartbeats(Clock()).pulse("m") is Pulse.NEVER


def test_a_lease_that_was_there_before_proves_nothing_until_it_is_renewed() -> None:
    beats = heard(Clock(), is_news=False)
    before = beats.pulse("m")
    changed = beats.hear("m", renewed("t2"), is_news=False)

    assert before is Pulse.UNHEARD
    assert changed
    assert beats.pulse("m") is Pulse.RENEWED


def test_a_lease_first_seen_after_the_whole_list_is_new() -> None:
    beats = Heartbeats(Clock())
    beats.has_list = True
    beats.hear("m", renewed("t1"), is_news=False)

    assert beats.pulse("m") is Pulse.RENEWED


def test_the_lease_is_counted_from_when_its_renewal_was_received() -> None:
    clock = Clock()
    beats = heard(clock)
    clock.now += LEASE_SECONDS
    in_time = beats.is_overdue("m", LEASE_SECONDS)
    clock.now += 1

    assert not in_time
    assert beats.is_overdue("m", LEASE_SECONDS)


def test_the_hubs_own_annotations_are_no_renewal() -> None:
    clock = Clock()
    beats = heard(clock)
    clock.now += LEASE_SECONDS + 1
    beats.hear("m", renewed("t1"), is_news=True)

    assert beats.is_overdue("m", LEASE_SECONDS)


def test_letting_go_of_the_lease_is_no_renewal() -> None:
    clock = Clock()
    beats = heard(clock)
    clock.now += LEASE_SECONDS + 1
    beats.hear("m", renewed("t2", holder=None), is_news=True)

    assert beats.is_overdue("m", LEASE_SECONDS)


def test_a_silent_member_is_declared_once_and_is_back_with_its_next_renewal() -> None:
    clock = Clock()
    beats = heard(clock)
    clock.now += LEASE_SECONDS + 1
    beats.declare_silent("m")
    silent = beats.pulse("m")
    is_overdue_again = beats.is_overdue("m", LEASE_SECONDS)
    changed = beats.hear("m", renewed("t2"), is_news=True)

    assert silent is Pulse.SILENT
    assert not is_overdue_again
    assert changed
    assert beats.pulse("m") is Pulse.RENEWED


def test_nobody_is_overdue_for_one_lease_after_the_hub_itself_was_away() -> None:
    clock = Clock()
    beats = heard(clock)
    clock.now += LEASE_SECONDS + 1
    beats.excuse_all()
    clock.now += LEASE_SECONDS

    assert not beats.is_overdue("m", LEASE_SECONDS)
