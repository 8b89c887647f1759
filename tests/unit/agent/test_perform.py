"""How plans are carried out: in their order, together where they are equal, and only as far as they come."""

import asyncio
from collections.abc import Sequence

import pytest

from computility.agent.journal import JournalError
from computility.agent.perform import Performer
from computility.agent.steps import Outcome, Outcomes, Plan, Step, all_done
from computility.backends.protocol import BackendUnreachable
from computility.lifecycle.agent_actions import Action, Burn, Cancel, Go, Release, Submit
from computility.lifecycle.attempt import AttemptView

GO_AND_RELEASE = (Go(), Release(native_id="11"))


class Hands:
    """Carry out everything, keep what was asked, and fail where they are told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str]]] = []
        self.forgotten: list[str] = []
        self.fails: dict[str, Exception] = {}
        self.may_start = True

    async def __call__(self, steps: Sequence[Step]) -> Outcomes:
        verb = type(steps[0].action).__name__
        self.calls.append((verb, [step.name for step in steps]))
        if verb in self.fails:
            raise self.fails[verb]
        return all_done(steps)

    async def perform(self, *plans: Plan) -> Outcomes:
        verbs: tuple[type[Action], ...] = (Burn, Cancel, Go, Release, Submit)
        performer = Performer(
            dict.fromkeys(verbs, self), may_start=lambda: self.may_start, forget_look=self.forgotten.append
        )
        return await performer.perform(plans)


def plan(name: str, *actions: Action) -> Plan:
    return Plan(AttemptView(name=name), actions)


async def test_equal_actions_of_different_attempts_go_together_and_each_attempts_in_order() -> None:
    hands = Hands()
    outcomes = await hands.perform(plan("a", *GO_AND_RELEASE), plan("b", *GO_AND_RELEASE), plan("c", Burn()))

    assert sorted(hands.calls) == [("Burn", ["c"]), ("Go", ["a", "b"]), ("Release", ["a", "b"])]
    assert [verb for verb, _ in hands.calls].index("Release") == 2
    assert outcomes == dict.fromkeys("abc", Outcome.DONE)


@pytest.mark.parametrize("error", [BackendUnreachable("away"), JournalError("disk full")])
async def test_after_an_action_that_failed_the_attempts_next_one_is_left(error: Exception) -> None:
    hands = Hands()
    hands.fails["Go"] = error
    outcomes = await hands.perform(plan("a", *GO_AND_RELEASE), plan("b", Burn()))

    assert "Release" not in [verb for verb, _ in hands.calls]
    assert outcomes == {"a": Outcome.RETRY, "b": Outcome.DONE}


async def test_a_look_from_before_an_effect_is_forgotten_also_when_the_effect_fails() -> None:
    hands = Hands()
    hands.fails["Go"] = BackendUnreachable("away")
    await hands.perform(plan("a", Go()))

    assert hands.forgotten == ["a"]


@pytest.mark.parametrize("action", [Submit(), Go(), Release(native_id="11")])
async def test_nothing_is_brought_nearer_to_its_start_without_the_lease(action: Action) -> None:
    hands = Hands()
    hands.may_start = False
    outcomes = await hands.perform(plan("a", action))

    assert hands.calls == []
    assert outcomes == {"a": Outcome.RETRY}


@pytest.mark.parametrize("action", [Burn(), Cancel()])
async def test_ends_need_no_lease(action: Action) -> None:
    hands = Hands()
    hands.may_start = False

    assert await hands.perform(plan("a", action)) == {"a": Outcome.DONE}


async def test_a_mistake_in_one_verb_is_raised_only_when_all_others_have_come_to_their_end() -> None:
    ended = []

    async def slow(steps: Sequence[Step]) -> Outcomes:
        await asyncio.sleep(0)
        ended.append(steps[0].name)
        return all_done(steps)

    async def broken(steps: Sequence[Step]) -> Outcomes:
        raise ZeroDivisionError

    performer = Performer({Go: broken, Burn: slow}, may_start=lambda: True, forget_look=lambda _: None)
    with pytest.raises(ZeroDivisionError):
        await performer.perform([plan("a", Go()), plan("b", Burn())])

    assert ended == ["b"]
