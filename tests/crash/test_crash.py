"""kill -9 of hub and agent after each of their steps, of slurmctld right after submits, over short jobs.

What counts in the end is the payloads' own tally: each attempt at most once, each job at most once.
"""

from collections import Counter

import pytest
from rich.console import Console
from rich.table import Table

from crash.drill import LONG, Drill

pytestmark = [pytest.mark.crash, pytest.mark.slurm, pytest.mark.control_plane]

TIMES = 3
SUBMITTING = (
    "WriteIntent",
    "submit begun",
    "submit sent",
    "Submit",
    "Record",
    "Go",
    "Release",
    "Settle",
    "Report",
    "Tidy",
)
HUB_STEPS = ("place", "create", "book", "delete")


def test_no_payload_starts_twice_and_no_job_is_lost_through_any_crash(drill: Drill) -> None:
    console = Console()
    for step in SUBMITTING:
        for _ in range(TIMES):
            drill.kill_agent_after(step)
            drill.submit()
            drill.await_agents_death(step)
        console.print(f"agent killed {TIMES} times after {step}")
    for _ in range(TIMES):
        _cancel_before_the_start(drill)
        _cancel_while_it_runs(drill, "Note")
        _cancel_while_it_runs(drill, "Cancel")
    console.print("agent killed on the way of a cancel, before and after the start")
    for step in HUB_STEPS:
        for _ in range(TIMES):
            drill.kill_hub_after(step)
            drill.submit()
            drill.await_hubs_death(step)
        console.print(f"hub killed {TIMES} times after {step}")
    for _ in range(TIMES):
        _kill_hub_giving_up(drill)
    for _ in range(TIMES + 1):
        drill.kill_controller_after_submits()
    console.print("slurmctld killed right after submits")
    drill.submit_many(6)

    jobs = drill.wait_all_ended(seconds=240)

    phases = Counter(_describe(job["status"]) for job in jobs.values())
    starts = drill.starts()
    _show(console, drill, phases, starts)
    assert len(jobs) == len(drill.submitted) >= 50
    assert sum(phases.values()) == len(drill.submitted)
    assert {name: n for name, n in starts.items() if n > 1} == {}
    by_job = Counter(name.rpartition("-")[0] for name in starts)
    assert {name: n for name, n in by_job.items() if n > 1} == {}
    _check_claims(jobs, starts)
    assert min(drill.kills.values()) >= TIMES


def _cancel_before_the_start(drill: Drill) -> None:
    """The agent is away while a job is placed and cancelled: it must burn the claim, and dies right after."""
    drill.stop_agent()
    name = drill.submit()
    drill.wait_phase(name, "Placed")
    drill.cancel(name)
    drill.wait_phase(name, "Finishing")
    drill.kill_agent_after("Burn")
    drill.await_agents_death("Burn")
    drill.wait_phase(name, "Cancelled")


def _cancel_while_it_runs(drill: Drill, step: str) -> None:
    name = drill.submit(LONG)
    drill.wait_phase(name, "Running")
    drill.kill_agent_after(step)
    drill.cancel(name)
    drill.await_agents_death(step)
    drill.wait_phase(name, "Cancelled")


def _kill_hub_giving_up(drill: Drill) -> None:
    name = drill.submit(LONG)
    drill.wait_phase(name, "Running")
    drill.kill_hub_after("give up")
    drill.cancel(name)
    drill.await_hubs_death("give up")
    drill.wait_phase(name, "Cancelled")


def _describe(status: dict[str, object]) -> str:
    """Name the end: Lost is a Failed of its own, because it says that we do not know."""
    attempts = status.get("attempts") or [{}]
    last = attempts[-1]  # type: ignore[index]
    return "Lost" if last.get("state") == "Lost" else str(status["phase"])


def _check_claims(jobs: dict[str, dict[str, object]], starts: Counter[str]) -> None:
    """What is booked agrees with what the payloads wrote."""
    for job in jobs.values():
        part = job["metadata"]["uid"].replace("-", "")  # type: ignore[index]
        for attempt in job["status"].get("attempts", []):  # type: ignore[attr-defined]
            ran = starts[f"cj-{part}-{attempt['ordinal']}"]
            if attempt["started"] == "No":
                assert ran == 0, (attempt, "booked as never started, but it ran")
            if attempt["state"] == "Succeeded":
                assert ran == 1, (attempt, "booked as succeeded, but it never ran")


def _show(console: Console, drill: Drill, phases: Counter[str], starts: Counter[str]) -> None:
    table = Table("killed", "times", title="kill -9", title_justify="left")
    for what, times in drill.kills.items():
        table.add_row(what, str(times))
    console.print(table)
    console.print(
        f"{len(drill.submitted)} submitted = "
        + " + ".join(f"{count} {phase}" for phase, count in sorted(phases.items()))
        + f"; {sum(starts.values())} payload starts of {len(starts)} attempts"
    )
