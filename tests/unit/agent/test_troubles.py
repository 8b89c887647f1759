"""What the log hears of looks that could not see."""

import logging

import pytest

from computility.agent.troubles import Troubles
from computility.backends.protocol import Target
from computility.lifecycle.evidence import Look
from support.builders import NOON


def a_look(problem: str = "") -> Look:
    return Look(taken_at=NOON, complete=not problem, problem=problem)


class Ear:
    """Troubles, and what they made the log say."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self.caplog = caplog
        self.open = {"a1", "a2", "b1"}
        self.troubles = Troubles(lambda name: name in self.open)

    def hear(self, **problems: str) -> list[str]:
        """Hear of looks, and return what is logged about them."""
        self.caplog.clear()
        targets = [Target(name=name, account={"a": "alice", "b": "bob"}[name[0]]) for name in problems]
        self.troubles.hear(targets, {name: a_look(problem) for name, problem in problems.items()})
        return [f"{record.levelname} {record.getMessage()}" for record in self.caplog.records]


@pytest.fixture
def ear(caplog: pytest.LogCaptureFixture) -> Ear:
    caplog.set_level(logging.INFO)
    return Ear(caplog)


def test_a_problem_is_logged_once_for_each_account_and_again_only_when_it_reads_otherwise(ear: Ear) -> None:
    assert ear.hear(a1="no disk", a2="no disk", b1="no disk") == [
        'WARNING not all can be seen that belongs to account "alice": no disk',
        'WARNING not all can be seen that belongs to account "bob": no disk',
    ]
    assert ear.hear(a1="no disk", a2="no disk") == []
    assert ear.hear(a1="no quota", a2="no disk") == [
        'WARNING not all can be seen that belongs to account "alice": no quota'
    ]


def test_it_is_logged_when_the_last_attempt_can_be_seen_again_and_not_before(ear: Ear) -> None:
    ear.hear(a1="no disk", a2="no disk")

    assert ear.hear(a1="") == []
    assert ear.hear(a2="") == ['INFO all can be seen again that belongs to account "alice"']
    assert ear.hear(a1="", a2="") == []


def test_the_summary_names_each_account_once_and_forgets_attempts_that_are_over(ear: Ear) -> None:
    ear.hear(a1="no disk", a2="no disk", b1="no key")
    assert ear.troubles.summarize() == 'account "alice": no disk; account "bob": no key'

    ear.open = {"b1"}
    assert ear.troubles.summarize() == 'account "bob": no key'
    ear.open = set()
    assert ear.troubles.summarize() == ""
