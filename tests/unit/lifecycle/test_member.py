"""What the hub decides about a member."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from computility.lifecycle.member import decide_member, lease_answer
from computility.lifecycle.member_actions import (
    Annotate,
    Bind,
    Hold,
    MakeAccount,
    MakeNamespace,
    Unbind,
)
from computility.lifecycle.member_view import AgentLease, Home, Pulse
from computility.model.meta import find_condition
from computility.model.names import (
    ACCEPTED_ANNOTATION,
    AGENT_ACCOUNT,
    AGENT_VERSION_ANNOTATION,
    JOIN_ACCOUNT,
)
from support.members import NOON, a_member, a_view, said, settled


def test_a_member_is_held_before_anything_is_made_for_it() -> None:
    decision = decide_member(a_view(a_member(finalizers=("others",)), home=Home()), NOON)

    assert (decision.actions, decision.status) == ((Hold(),), None)


def test_a_new_member_is_furnished_in_an_order_that_works() -> None:
    actions = decide_member(a_view(home=Home()), NOON).actions

    assert [type(action) for action in actions] == [MakeNamespace, MakeAccount, Bind, MakeAccount, Bind]


def test_before_it_is_accepted_only_the_way_to_join_is_open() -> None:
    actions = decide_member(a_view(a_member(accepted=False), home=Home()), NOON).actions

    assert [action.account for action in actions if isinstance(action, Bind)] == [JOIN_ACCOUNT]


def test_acceptance_taken_back_takes_the_agents_rights_and_tells_it() -> None:
    view = a_view(a_member(accepted=False), lease=AgentLease(annotations=lease_answer(a_member())))

    assert decide_member(view, NOON).actions == (
        Unbind(namespace="member-qingyang", account=AGENT_ACCOUNT),
        Annotate(namespace="member-qingyang", annotations={ACCEPTED_ANNOTATION: "false"}),
    )


def test_a_namespace_that_is_not_ours_is_not_touched() -> None:
    view = a_view(home=Home(exists=True, is_ours=False), lease=AgentLease(annotations={}))

    assert decide_member(view, NOON).actions == ()
    assert said(view, "Stalled") == (True, "NamespaceForeign")
    assert said(view, "Ready") == (False, "NamespaceForeign")


def test_while_an_earlier_members_namespace_ends_it_waits() -> None:
    view = a_view(home=Home(exists=True, is_ours=True, is_ending=True))
    decision = decide_member(view, NOON)

    assert decision.actions == ()
    assert decision.look_at is not None
    assert said(view, "Reconciling") == (True, "NamespaceEnding")


def test_it_is_under_way_until_nothing_is_left_to_do() -> None:
    assert said(a_view(home=Home()), "Reconciling") == (True, "InProgress")
    assert said(a_view(), "Reconciling") == (False, "Reconciled")
    assert said(a_view(), "Stalled") == (False, "Reconciled")


@pytest.mark.parametrize(
    ("changes", "ready"),
    [
        pytest.param({"pulse": Pulse.RENEWED}, (True, "LeaseRenewed"), id="renews"),
        pytest.param({"pulse": Pulse.SILENT}, (False, "MemberSilent"), id="silent"),
        pytest.param({"pulse": Pulse.NEVER, "lease": None}, (False, "AgentNeverSeen"), id="no-agent-yet"),
        pytest.param({"pulse": Pulse.UNHEARD}, (False, "InProgress"), id="next-renewal-awaited"),
        pytest.param({"member": a_member(accepted=False)}, (False, "NotAccepted"), id="not-accepted"),
    ],
)
def test_ready_means_accepted_and_renewing(changes: dict[str, Any], ready: tuple[bool, str]) -> None:
    assert said(a_view(**changes), "Ready") == ready


@pytest.mark.parametrize("pulse", [Pulse.RENEWED, Pulse.SILENT])
def test_a_hub_that_has_just_started_goes_by_what_the_last_one_saw(pulse: Pulse) -> None:
    before = settled(a_view(pulse=pulse))
    after_restart = msgspec.structs.replace(before, pulse=Pulse.UNHEARD)

    assert decide_member(after_restart, NOON).status is None


def test_a_second_look_at_the_same_trouble_writes_nothing() -> None:
    view = settled(a_view(pulse=Pulse.SILENT))

    assert decide_member(view, NOON + timedelta(hours=1)).status is None


def test_silence_is_told_with_the_last_renewal() -> None:
    status = decide_member(a_view(pulse=Pulse.SILENT), NOON).status
    assert status is not None
    ready = find_condition(status.conditions, "Ready")

    assert ready is not None
    assert ready.message == "the agent renewed its Lease last at 2026-11-24T12:00:00Z"


def test_the_agent_is_shown_as_it_presents_itself() -> None:
    annotations = lease_answer(a_member()) | {AGENT_VERSION_ANNOTATION: "v" * 80}
    status = decide_member(a_view(lease=AgentLease(annotations=annotations, holder="j1")), NOON).status

    assert status is not None
    assert (status.agent.version, status.agent.holder) == ("v" * 64, "j1")


def test_an_agent_that_let_its_lease_vanish_is_remembered() -> None:
    view = settled(a_view())
    status = decide_member(msgspec.structs.replace(view, lease=None, pulse=Pulse.NEVER), NOON).status

    assert status is not None
    assert status.agent.holder == "j1"
