"""How plans are carried out: in their order, together where they are equal, and only as far as they come."""

from collections.abc import Sequence

import pytest

from computility.agent.journal import JournalError
from computility.agent.perform import Performer
from computility.agent.steps import Outcome, Outcomes, Plan, Step, all_done
from computility.backends.protocol import BackendUnreachable
from computility.lifecycle.agent_actions import Action, Burn, Cancel, Go, Release, Submit, Tidy
from computility.lifecycle.attempt_view import AttemptView
from computility.lifecycle.evidence import ONE

GO_AND_RELEASE = (Go(), Release(native_ids=("11",)))


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
        verbs: tuple[type[Action], ...] = (Burn, Cancel, Go, Release, Submit, Tidy)
        performer = Performer(
            dict.fromkeys(verbs, self), may_start=lambda: self.may_start, forget_look=self.forgotten.append
        )
        return await performer.perform(plans)


def plan(name: str, *actions: Action) -> Plan:
    return Plan(AttemptView(name=name), actions)


async def test_equal_actions_of_different_attempts_go_together_and_each_attempts_in_order() -> None:
    hands = Hands()
    outcomes = await hands.perform(
        plan("a", *GO_AND_RELEASE), plan("b", *GO_AND_RELEASE), plan("c", Burn(indices=ONE))
    )

    assert sorted(hands.calls) == [("Burn", ["c"]), ("Go", ["a", "b"]), ("Release", ["a", "b"])]
    assert [verb for verb, _ in hands.calls].index("Release") == 2
    assert outcomes == dict.fromkeys("abc", Outcome.DONE)


@pytest.mark.parametrize("error", [BackendUnreachable("away"), JournalError("disk full")])
async def test_after_an_action_that_failed_the_attempts_next_one_is_left(error: Exception) -> None:
    hands = Hands()
    hands.fails["Go"] = error
    outcomes = await hands.perform(plan("a", *GO_AND_RELEASE), plan("b", Burn(indices=ONE)))

    assert "Release" not in [verb for verb, _ in hands.calls]
    assert outcomes == {"a": Outcome.RETRY, "b": Outcome.DONE}


async def test_a_look_from_before_an_effect_is_forgotten_also_when_the_effect_fails() -> None:
    hands = Hands()
    hands.fails["Go"] = BackendUnreachable("away")
    await hands.perform(plan("a", Go()))

    assert hands.forgotten == ["a"]


@pytest.mark.parametrize("action", [Submit(), Go(), Release(native_ids=("11",))])
async def test_nothing_is_brought_nearer_to_its_start_without_the_lease(action: Action) -> None:
    hands = Hands()
    hands.may_start = False
    outcomes = await hands.perform(plan("a", action))

    assert hands.calls == []
    assert outcomes == {"a": Outcome.RETRY}


@pytest.mark.parametrize("action", [Burn(indices=ONE), Cancel(indices=ONE), Tidy()])
async def test_ends_need_no_lease(action: Action) -> None:
    hands = Hands()
    hands.may_start = False

    assert await hands.perform(plan("a", action)) == {"a": Outcome.DONE}


async def test_a_mistake_with_one_attempt_harms_no_other_neither_of_its_verb_nor_of_another() -> None:
    async def broken_for_a(steps: Sequence[Step]) -> Outcomes:
        if any(step.name == "a" for step in steps):
            raise LookupError("a is not in the journal")
        return all_done(steps)

    performer = Performer(
        {Go: broken_for_a, Burn: broken_for_a}, may_start=lambda: True, forget_look=lambda _: None
    )
    outcomes = await performer.perform([plan("a", Go()), plan("b", Go()), plan("c", Burn(indices=ONE))])

    assert outcomes == {"a": Outcome.RETRY, "b": Outcome.DONE, "c": Outcome.DONE}


async def test_a_submit_that_failed_for_one_of_many_is_never_repeated_at_once() -> None:
    hands = Hands()
    hands.fails["Submit"] = LookupError("a is not in the journal")
    outcomes = await hands.perform(plan("a", Submit()), plan("b", Submit()))

    assert hands.calls == [("Submit", ["a", "b"])]
    assert outcomes == {"a": Outcome.RETRY, "b": Outcome.RETRY}
