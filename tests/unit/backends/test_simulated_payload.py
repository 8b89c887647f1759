"""What a simulated payload does follows from its work alone."""

import pytest

from computility.backends.simulated.payload import Habits, draw_run, parse_habits
from computility.backends.simulated.submits import build_runs
from computility.model.compute_job import EnvVar
from computility.model.index_set import IndexSet
from support.workloads import a_work


def env(**values: str) -> tuple[EnvVar, ...]:
    return tuple(EnvVar(name=f"SIMULATED_{name}", value=value) for name, value in values.items())


@pytest.mark.parametrize(
    ("command", "seconds", "exit_codes"),
    [
        pytest.param(("sleep", "90"), (90.0, 90.0), (0,), id="sleep"),
        pytest.param(("/bin/sleep", "0.5"), (0.5, 0.5), (0,), id="by-its-path"),
        pytest.param(("true",), (0.0, 0.0), (0,), id="true"),
        pytest.param(("false",), (0.0, 0.0), (1,), id="false"),
        pytest.param(("python", "train.py"), None, (0,), id="another-one"),
        pytest.param(("sleep", "a-while"), None, (0,), id="sleep-without-seconds"),
        pytest.param(("sleep", "1", "2"), None, (0,), id="sleep-with-more"),
    ],
)
def test_a_known_command_does_what_it_does(
    command: tuple[str, ...], seconds: tuple[float, float] | None, exit_codes: tuple[int, ...]
) -> None:
    assert parse_habits(a_work(*command)) == Habits(seconds, exit_codes)


def test_a_variable_counts_more_than_the_command() -> None:
    work = a_work("sleep", "90", env=env(RUN_SECONDS="1-2", EXIT_CODE="0,3", OUTPUT="x\n"))

    assert parse_habits(work) == Habits((1.0, 2.0), (0, 3), "x\n")


@pytest.mark.parametrize("text", ["", "-1", "1-", "2-1", "1e3", "nan", "soon", "1 ", "1\n", "\u0661"])
def test_seconds_that_are_none_are_named(text: str) -> None:
    with pytest.raises(ValueError, match="SIMULATED_RUN_SECONDS"):
        parse_habits(a_work(env=env(RUN_SECONDS=text)))


def test_what_a_payload_does_after_sigterm_is_said_by_a_variable() -> None:
    run, runs = build_runs(
        parse_habits(a_work("sleep", "9", env=env(WIND_DOWN_SECONDS="5"))), "cj-a-1", IndexSet.first(2)
    )

    assert (run.seconds, run.wind_down_seconds, runs) == (9, 5, {})
    with pytest.raises(ValueError, match="SIMULATED_WIND_DOWN_SECONDS"):
        parse_habits(a_work(env=env(WIND_DOWN_SECONDS="long")))


@pytest.mark.parametrize("text", ["", "256", "-1", "0,", "0,256", "one", "0;1", "1\n"])
def test_exit_codes_that_are_none_are_named(text: str) -> None:
    with pytest.raises(ValueError, match="SIMULATED_EXIT_CODE"):
        parse_habits(a_work(env=env(EXIT_CODE=text)))


def test_the_same_index_of_the_same_attempt_always_does_the_same_and_others_differ() -> None:
    habits = Habits((10.0, 20.0), (0, 0, 0, 1))

    runs = [draw_run(habits, "cj-a-1", index) for index in range(400)]

    assert runs == [draw_run(habits, "cj-a-1", index) for index in range(400)]
    assert runs != [draw_run(habits, "cj-a-2", index) for index in range(400)]
    assert all(run.seconds is not None and 10 <= run.seconds <= 20 for run in runs)
    assert 50 < sum(run.exit_code for run in runs) < 150


def test_payloads_that_are_all_alike_are_said_once() -> None:
    alike, _ = Habits((5.0, 5.0), (2, 2)), Habits((5.0, 6.0))

    run, runs = build_runs(alike, "cj-a-1", IndexSet.first(1000))

    assert (run.seconds, run.exit_code, runs) == (5.0, 2, {})
    assert len(build_runs(Habits((5.0, 6.0)), "cj-a-1", IndexSet.first(1000))[1]) == 1000


def test_what_is_not_said_is_left_to_the_centre() -> None:
    run, runs = build_runs(parse_habits(a_work("python", "train.py")), "cj-a-1", IndexSet.first(3))

    assert (run.seconds, runs) == (None, {})
