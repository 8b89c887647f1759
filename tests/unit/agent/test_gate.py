"""How many requests a hub gets that does not answer."""

from contextlib import ExitStack

from computility.agent.gate import CAP_SECONDS, Gate
from support.agent_rig import StepClock


def a_shut_gate(clock: StepClock) -> Gate:
    gate = Gate(clock)
    gate.shut()
    return gate


def let_through(gate: Gate, wanted: int = 5) -> list[bool]:
    """Ask for several at the same time."""
    with ExitStack() as together:
        return [together.enter_context(gate.passage()) for _ in range(wanted)]


def test_all_may_pass_while_the_hub_answers() -> None:
    assert all(let_through(Gate(StepClock())))


def test_nobody_may_pass_during_the_pause() -> None:
    assert not any(let_through(a_shut_gate(StepClock())))


def test_after_the_pause_one_passes_and_the_rest_wait_for_its_answer() -> None:
    clock = StepClock()
    gate = a_shut_gate(clock)
    clock.advance(CAP_SECONDS)

    assert let_through(gate) == [True, False, False, False, False]


def test_an_answer_opens_it_for_all() -> None:
    clock = StepClock()
    gate = a_shut_gate(clock)
    clock.advance(CAP_SECONDS)
    with gate.passage():
        gate.open()

    assert all(let_through(gate))


def test_silence_shuts_it_again_for_longer() -> None:
    clock = StepClock()
    gate = a_shut_gate(clock)
    for _ in range(20):
        clock.advance(CAP_SECONDS)
        with gate.passage():
            gate.shut()
    clock.advance(CAP_SECONDS / 4)

    assert not any(let_through(gate))


def test_a_try_that_was_broken_off_does_not_keep_it_shut_for_ever() -> None:
    clock = StepClock()
    gate = a_shut_gate(clock)
    clock.advance(CAP_SECONDS)
    with gate.passage():
        pass

    assert let_through(gate)[0]


def test_many_that_fail_together_count_as_one_silence() -> None:
    clock = StepClock()
    gate = Gate(clock)
    for _ in range(20):
        gate.shut()
    clock.advance(0.2)

    assert let_through(gate)[0]
