"""How a member is closed to new work, emptied, and leaves."""

from typing import Any

import pytest

from computility.lifecycle.member import MemberDecision, decide_member, lease_answer
from computility.lifecycle.member_actions import (
    Annotate,
    MemberAction,
    Release,
    RemoveAccount,
    RemoveNamespace,
    Unbind,
)
from computility.lifecycle.member_closing import closed_because, is_beyond_reach
from computility.lifecycle.member_view import AgentLease, Home, Left, MemberView, Pulse
from computility.model.member_cluster import MemberCluster
from computility.model.meta import find_condition
from computility.model.names import AGENT_ACCOUNT, DRAIN_ANNOTATION, JOIN_ACCOUNT
from support.members import BOTH, NOON, a_member, a_view, said, settled

HOME = Home(exists=True, is_ours=True, uid="uid-home", accounts=BOTH, bound=BOTH)
NAMESPACE = "member-qingyang"
CLEARED = (
    Unbind(namespace=NAMESPACE, account=AGENT_ACCOUNT),
    Unbind(namespace=NAMESPACE, account=JOIN_ACCOUNT),
    RemoveAccount(namespace=NAMESPACE, account=AGENT_ACCOUNT),
    RemoveAccount(namespace=NAMESPACE, account=JOIN_ACCOUNT),
    RemoveNamespace(namespace=NAMESPACE, uid="uid-home"),
    Release(),
)


def leaving(**changes: Any) -> MemberView:
    return a_view(a_member(deleted_at=NOON), **{"home": HOME} | changes)


def actions_of(view: MemberView) -> tuple[MemberAction, ...]:
    return decide_member(view, NOON).actions


def message(view: MemberView, type_: str) -> str:
    status = decide_member(view, NOON).status
    found = find_condition(status.conditions, type_) if status else None
    assert found is not None
    return found.message


@pytest.mark.parametrize(
    ("member", "has_conflict", "reason"),
    [
        pytest.param(a_member(), False, None, id="open"),
        pytest.param(a_member(cordon=True), False, "Cordoned", id="cordoned"),
        pytest.param(a_member(drain=True), False, "Cordoned", id="drained-is-cordoned-as-well"),
        pytest.param(a_member(), True, "CpidConflict", id="its-name-is-anothers"),
        pytest.param(a_member(deleted_at=NOON, cordon=True), True, "MemberLeaving", id="leaving"),
    ],
)
def test_new_work_keeps_away_from_what_is_closed(
    member: MemberCluster, has_conflict: bool, reason: str | None
) -> None:
    assert closed_because(member, has_conflict=has_conflict) == reason


def test_a_cordoned_member_says_so_and_stays_ready() -> None:
    view = a_view(a_member(cordon=True))

    assert said(view, "Cordoned") == (True, "Cordoned")
    assert said(view, "Ready") == (True, "LeaseRenewed")


def test_of_a_member_that_was_always_open_nothing_is_said_about_closing() -> None:
    status = decide_member(a_view(), NOON).status

    assert status is not None
    assert {"Cordoned", "Drained", "Leaving"}.isdisjoint(c.type for c in status.conditions)


def test_a_cordon_that_was_lifted_is_told_as_lifted() -> None:
    cordoned = settled(a_view(a_member(cordon=True)))
    lifted = a_view(a_member(status=cordoned.member.status))

    assert said(lifted, "Cordoned") == (False, "Uncordoned")


def test_a_drain_is_done_when_nothing_is_left() -> None:
    draining = a_view(a_member(drain=True), left=Left(attempts=3, running=2))
    drained = a_view(a_member(drain=True))

    assert said(draining, "Drained") == (False, "Draining")
    assert message(draining, "Drained") == "attempts that have not ended: 3, running: 2"
    assert said(drained, "Drained") == (True, "Drained")


@pytest.mark.parametrize(
    ("view", "is_looked_at"),
    [
        pytest.param(leaving(), True, id="leaving"),
        pytest.param(a_view(a_member(drain=True), left=Left(attempts=1)), True, id="draining"),
        pytest.param(a_view(a_member(drain=True)), False, id="drained"),
        pytest.param(a_view(), False, id="open"),
    ],
)
def test_what_empties_by_reports_about_others_is_looked_at_again(
    view: MemberView, is_looked_at: bool
) -> None:
    assert (decide_member(view, NOON).look_at is not None) == is_looked_at


@pytest.mark.parametrize("member", [a_member(drain=True), a_member(deleted_at=NOON)])
def test_the_agent_is_told_to_empty_the_centre(member: MemberCluster) -> None:
    told = AgentLease(annotations=lease_answer(a_member()))
    view = a_view(member, lease=told, home=HOME, left=Left(attempts=1))

    assert Annotate(namespace=NAMESPACE, annotations={DRAIN_ANNOTATION: "true"}) in actions_of(view)


def test_what_is_at_a_leaving_member_is_waited_for() -> None:
    view = leaving(left=Left(attempts=2, running=1))

    assert actions_of(view) == ()
    assert said(view, "Leaving") == (True, "MemberLeaving")
    assert said(view, "Ready") == (False, "MemberLeaving")
    assert said(view, "Reconciling") == (True, "InProgress")


def test_once_nothing_is_left_rights_go_before_accounts_and_the_namespace_before_the_finalizer() -> None:
    assert actions_of(leaving()) == CLEARED


@pytest.mark.parametrize(
    ("home", "actions"),
    [
        pytest.param(
            Home(exists=True, is_ours=True, uid="uid-home", accounts=frozenset({JOIN_ACCOUNT})),
            CLEARED[3:],
            id="died-among-the-accounts",
        ),
        pytest.param(
            Home(exists=True, is_ours=True, is_ending=True, uid="uid-home"), CLEARED[-1:], id="namespace-ends"
        ),
        pytest.param(Home(), CLEARED[-1:], id="namespace-gone"),
        pytest.param(Home(exists=True), CLEARED[-1:], id="the-namespace-is-somebody-elses"),
    ],
)
def test_each_look_goes_on_from_what_is_still_there(home: Home, actions: tuple[MemberAction, ...]) -> None:
    assert actions_of(leaving(home=home)) == actions


def test_a_member_that_nothing_of_ours_keeps_is_left_alone() -> None:
    view = a_view(a_member(deleted_at=NOON, finalizers=("others",)), home=HOME)

    assert decide_member(view, NOON) == MemberDecision()


@pytest.mark.parametrize(
    ("member", "pulse", "expected"),
    [
        pytest.param(a_member(deleted_at=NOON), Pulse.RENEWED, False, id="its-agent-lives"),
        pytest.param(a_member(deleted_at=NOON), Pulse.UNHEARD, False, id="the-hub-has-just-started"),
        pytest.param(a_member(deleted_at=NOON), Pulse.SILENT, True, id="silent-past-its-lease"),
        pytest.param(a_member(deleted_at=NOON), Pulse.NEVER, True, id="no-agent-ever"),
        pytest.param(a_member(deleted_at=NOON, accepted=False), Pulse.RENEWED, True, id="locked-out"),
        pytest.param(a_member(), Pulse.SILENT, False, id="silent-and-nobody-deleted-it"),
    ],
)
def test_reports_are_waited_for_as_long_as_somebody_can_make_them(
    member: MemberCluster, pulse: Pulse, expected: bool
) -> None:
    assert is_beyond_reach(member, pulse) is expected


def test_it_is_said_when_attempts_are_booked_as_lost() -> None:
    view = leaving(pulse=Pulse.SILENT, left=Left(attempts=1))

    assert "booked as lost" in message(view, "Leaving")
