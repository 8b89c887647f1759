"""kill -9 of the agent after its steps and of slurmctld at several moments, while arrays of 200 tasks run.

What counts is the payloads' own tally: each index at most once in an attempt, and at most once in all.
"""

from collections import Counter
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from rich.console import Console

from computility.lab.member import start_agent
from computility.lab.waiting import holds_within, wait_until
from computility.model.index_set import IndexSet
from crash.drill import Drill
from lab.tally import STARTED, Start, by_index

pytestmark = [pytest.mark.crash, pytest.mark.slurm, pytest.mark.control_plane]

TASKS = 200
PAYLOAD = f"{STARTED}; sleep 1"
TO_THE_START = ("WriteIntent", "submit begun", "submit sent", "Record", "Go", "Release")
WHILE_IT_RUNS = ("NoteStarted", "Settle", "Report", "Settle", "Report")


class Account(NamedTuple):
    """What became of an array: as the hub books it, and as its payloads counted."""

    states: Counter[str]
    """How the indices ended, each by its last attempt."""
    attempts: int
    starts: Counter[Start]


def test_each_index_starts_at_most_once_wherever_the_agent_dies(drill: Drill) -> None:
    name = _die_in_turn(drill, TO_THE_START, maxConcurrent=6)
    drill.await_starts(name, 1)
    for step in WHILE_IT_RUNS:
        drill.kill_agent_after(step)
        drill.await_agents_death(step)
    drill.await_starts(name, TASKS)
    drill.kill_agent_after("Tidy")
    drill.await_agents_death("Tidy")

    account = _settle(drill, name)

    assert account.states == {"Succeeded": TASKS}
    assert by_index(account.starts) == dict.fromkeys(range(TASKS), 1)


def test_each_index_starts_at_most_once_whenever_slurmctld_dies(drill: Drill) -> None:
    name = _submit(drill)
    wait_until(lambda: bool(drill.queued()), "the array to arrive", timeout_seconds=30)
    drill.kill_controller("as an array arrives")
    drill.await_starts(name, 120)
    drill.kill_controller(f"after 120 of {TASKS} starts")

    _settle(drill, name)


def test_each_index_starts_at_most_once_when_both_die(drill: Drill) -> None:
    name = _die_in_turn(drill, ("submit sent", "Record"))
    for starts in (40, 150):
        drill.await_starts(name, starts)
        drill.stop_agent()
        drill.kills["agent beside slurmctld"] += 1
        drill.kill_controller("beside the agent")
        start_agent(drill.lab.centre)

    _settle(drill, name)


def _submit(drill: Drill, **array: int) -> str:
    return drill.submit_array(PAYLOAD, size=TASKS, **array)


def _die_in_turn(drill: Drill, steps: tuple[str, ...], **array: int) -> str:
    """Submit an array to an agent that dies after the first step, to one that dies after the next, ..."""
    drill.kill_agent_after(steps[0])
    name = _submit(drill, **array)
    for step, following in pairwise(steps):
        drill.see_agent_die(step)
        drill.kill_agent_after(following)
    drill.await_agents_death(steps[-1])
    return name


def _settle(drill: Drill, name: str) -> Account:
    """Wait for the array's end, and check what holds whatever was killed."""
    job = drill.wait_all_ended(seconds=180)[name]
    status = job["status"]
    starts = drill.tally.starts(job["metadata"]["uid"])
    account = Account(_states(status), len(status["attempts"]), starts)
    _show(drill, name, account)
    assert {start: n for start, n in starts.items() if n > 1} == {}, "started twice in one attempt"
    assert {index: n for index, n in by_index(starts).items() if n > 1} == {}, "started in two attempts"
    assert account.states.total() == TASKS == sum(status["counts"].values())
    assert account.states["Succeeded"] == status["counts"]["succeeded"]
    _check_booked(job, starts)
    # The agent's own helper runs as her, now and then: it still tidies.
    assert holds_within(lambda: drill.processes("alice") == "", timeout_seconds=60), drill.processes("alice")
    return account


def _states(status: dict[str, Any]) -> Counter[str]:
    last = {
        index: outcome["state"]
        for attempt in status["attempts"]
        for outcome in attempt["outcomes"]
        for index in IndexSet.parse(outcome["indices"])
    }
    return Counter(last.values())


def _check_booked(job: dict[str, Any], starts: Counter[Start]) -> None:
    """What is booked of each index of each attempt agrees with what the payloads wrote."""
    part = job["metadata"]["uid"].replace("-", "")
    ran = {(start.attempt, start.index) for start in starts}
    for attempt in job["status"]["attempts"]:
        for outcome in attempt["outcomes"]:
            mine = {(f"cj-{part}-{attempt['ordinal']}", i) for i in IndexSet.parse(outcome["indices"])}
            if outcome["started"] == "No":
                assert not mine & ran, (outcome, "booked as never started, but it ran")
            if outcome["state"] == "Succeeded":
                assert mine <= ran, (outcome, "booked as succeeded, but it never ran")


def _show(drill: Drill, name: str, account: Account) -> None:
    console = Console(soft_wrap=True)
    for what, times in drill.kills.items():
        console.print(f"killed {what}: {times}")
    drill.kills.clear()
    console.print(
        f"{name}: {TASKS} indices = "
        + " + ".join(f"{count} {state}" for state, count in sorted(account.states.items()))
        + f" in {account.attempts} attempts; {account.starts.total()} payload starts"
    )
