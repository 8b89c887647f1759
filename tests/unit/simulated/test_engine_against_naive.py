"""The engine and a second, naive implementation tell the same history, to the second and to the node."""

import pytest

from .scenario import Scenario, draw_crowd, draw_scenario, play_engine, play_naive, tell_engine, tell_naive

SCENARIOS, CHUNKS = 160, 8


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_engine_and_naive_tell_the_same_history(chunk: int) -> None:
    for seed in range(chunk, SCENARIOS, CHUNKS):
        check(draw_scenario(seed), f"seed {seed}")


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_engine_and_naive_backfill_alike_in_a_crowd(chunk: int) -> None:
    for seed in range(chunk, SCENARIOS, CHUNKS):
        check(draw_crowd(seed), f"seed {seed} of the crowds")


def check(scenario: Scenario, which: str) -> None:
    engine = play_engine(scenario)

    assert tell_engine(engine, scenario) == tell_naive(play_naive(scenario)), which
