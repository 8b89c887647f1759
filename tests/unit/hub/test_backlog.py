from computility.hub.backlog import Backlog
from computility.hub.keys import Lane


def taken(backlog: Backlog[str], now: float = 0.0) -> list[str]:
    keys = []
    while (key := backlog.take(now)) is not None:
        keys.append(key)
    return keys


def test_a_key_is_taken_once_however_often_it_is_added() -> None:
    backlog: Backlog[str] = Backlog()
    for _ in range(3):
        backlog.add("a", Lane.NEWS, 0.0)

    assert taken(backlog) == ["a"]


def test_what_is_added_while_it_is_worked_on_is_taken_again_afterwards() -> None:
    backlog: Backlog[str] = Backlog()
    backlog.add("a", Lane.NEWS, 0.0)
    backlog.take(0.0)
    backlog.add("a", Lane.NEWS, 1.0)
    meanwhile = taken(backlog, 1.0)
    backlog.done("a", 2.0)

    assert meanwhile == []
    assert taken(backlog, 2.0) == ["a"]


def test_ends_go_before_news_and_each_lane_in_the_order_of_arrival() -> None:
    backlog: Backlog[str] = Backlog()
    for key, lane in (("n1", Lane.NEWS), ("e1", Lane.ENDS), ("n2", Lane.NEWS), ("e2", Lane.ENDS)):
        backlog.add(key, lane, 0.0)

    assert taken(backlog) == ["e1", "e2", "n1", "n2"]


def test_some_keys_change_places_and_the_oldest_place_stays_as_old_as_it_was() -> None:
    backlog: Backlog[str] = Backlog()
    for since, key in enumerate("axbc"):
        backlog.add(key, Lane.NEWS, float(since))
    backlog.rearrange(Lane.NEWS, ["c", "b", "a"])

    assert backlog.ready(Lane.NEWS) == ["c", "x", "b", "a"]
    assert backlog.oldest_since() == 0.0
    assert taken(backlog) == ["c", "x", "b", "a"]


def test_a_waiting_key_moves_to_the_more_urgent_lane_and_never_back() -> None:
    backlog: Backlog[str] = Backlog()
    for key, lane in (("a", Lane.NEWS), ("b", Lane.NEWS), ("b", Lane.ENDS), ("b", Lane.NEWS)):
        backlog.add(key, lane, 0.0)

    assert taken(backlog) == ["b", "a"]


def test_a_delayed_key_is_taken_at_the_earliest_time_that_was_asked_for() -> None:
    backlog: Backlog[str] = Backlog()
    for at in (9.0, 5.0, 7.0):
        backlog.add_at("a", Lane.NEWS, at)

    assert backlog.next_at() == 5.0
    assert taken(backlog, 4.9) == []
    assert taken(backlog, 5.0) == ["a"]
    assert backlog.next_at() is None


def test_taking_a_key_uses_up_its_delayed_entry() -> None:
    backlog: Backlog[str] = Backlog()
    backlog.add_at("a", Lane.NEWS, 5.0)
    backlog.add("a", Lane.NEWS, 0.0)
    backlog.done(taken(backlog)[0], 0.0)

    assert taken(backlog, 6.0) == []


def test_a_delay_that_is_asked_for_while_working_is_kept() -> None:
    backlog: Backlog[str] = Backlog()
    backlog.add("a", Lane.NEWS, 0.0)
    backlog.take(0.0)
    backlog.add_at("a", Lane.NEWS, 5.0)
    backlog.done("a", 1.0)

    assert taken(backlog, 1.0) == []
    assert taken(backlog, 5.0) == ["a"]


def test_the_oldest_key_may_be_one_that_is_worked_on() -> None:
    backlog: Backlog[str] = Backlog()
    backlog.add("a", Lane.NEWS, 1.0)
    backlog.take(2.0)
    backlog.add("b", Lane.ENDS, 3.0)

    assert backlog.oldest_since() == 2.0


def test_what_waits_is_not_worked_on() -> None:
    backlog: Backlog[str] = Backlog()
    for key, at in (("a", 1.0), ("b", 3.0)):
        backlog.add(key, Lane.NEWS, at)
    waiting = backlog.busy_since()
    backlog.take(5.0)
    backlog.take(6.0)
    backlog.done("a", 7.0)

    assert waiting is None
    assert backlog.busy_since() == 6.0


def test_cleared_it_has_nothing_but_what_is_still_worked_on() -> None:
    backlog: Backlog[str] = Backlog()
    backlog.add("busy", Lane.NEWS, 0.0)
    backlog.take(0.0)
    backlog.add("busy", Lane.NEWS, 0.0)
    backlog.add("a", Lane.NEWS, 0.0)
    backlog.add_at("b", Lane.NEWS, 1.0)
    backlog.clear()
    backlog.done("busy", 2.0)

    assert taken(backlog, 9.0) == []
    assert backlog.oldest_since() is None
