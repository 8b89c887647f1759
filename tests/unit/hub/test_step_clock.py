"""The steps of a decision are timed one by one."""

from datetime import UTC, datetime

from computility.hub.hub import Hub
from computility.hub.metrics import Metrics
from computility.hub.snapshot import build_snapshot
from computility.hub.step_clock import StepClock
from computility.placement.place import place
from computility.placement.snapshot import Request
from computility.placement.steps import Step
from support.builders import a_job

STEPS = "computility_hub_placement_steps_total"
SECONDS = "computility_hub_placement_step_seconds_total"


def test_the_time_between_two_calls_is_that_of_the_step_which_has_ended() -> None:
    metrics, times = Metrics(), iter([0.0, 1.0, 3.0, 10.0, 14.0])
    clock = StepClock(metrics, lambda: next(times))

    for step in (Step.ESTIMATE, Step.FILTER, None, Step.ESTIMATE):
        clock(step)

    assert metrics.value(SECONDS, step="2-estimate") == 5.0
    assert metrics.value(SECONDS, step="3-filter") == 2.0
    assert metrics.value(STEPS) == 3


def test_jobs_that_ask_for_the_same_share_all_steps_but_the_last_two(hub: Hub) -> None:
    for _ in range(3):
        place(Request.of(a_job()), build_snapshot(hub), datetime.now(UTC))

    done = {step.value: hub.metrics.value(STEPS, step=step.value) for step in Step}
    assert done == {
        "1-snapshot": 1, "2-estimate": 1, "3-filter": 1, "4-rank": 1, "5-choose": 3, "6-receipt": 3,
    }  # fmt: skip
