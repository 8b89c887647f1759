"""On a real API server: suspending, resuming and repeating jobs."""

import json
from typing import Any

import pytest
import yaml

from support.cli import Run
from support.samples import full_status
from support.team import Team, attempt

pytestmark = pytest.mark.control_plane

SHOWN = "computejob.computility.io"
COUNTS = {"running": 5, "succeeded": 14, "failed": 1}
RUNNING = {"phase": "Running", "attempts": [attempt("Running")]}
FAILED = {"phase": "Failed", "exitCode": 3, "attempts": [attempt("Failed", reason="NonZeroExitCode")]}


def said(*lines: str) -> str:
    return "".join(f"{SHOWN}/{line}\n" for line in lines)


def test_suspending_and_resuming_set_the_wish_and_say_so(team: Team, run: Run) -> None:
    team.create("one")
    team.create("two")

    suspended = run("suspend", "one", "two")
    wished = [team.read(name)["spec"]["suspend"] for name in ("one", "two")]
    resumed = run("resume", "one")

    assert suspended == (0, said("one is being suspended", "two is being suspended"), "")
    assert wished == [True, True]
    assert resumed == (0, said("one is resumed"), "")
    assert team.read("one")["spec"]["suspend"] is False


def test_doing_it_twice_says_so_and_writes_nothing(team: Team, run: Run) -> None:
    team.create("hello")
    run("suspend", "hello")
    version = team.read("hello")["metadata"]["resourceVersion"]

    assert run("suspend", "hello") == (0, said("hello was suspended before"), "")
    assert team.read("hello")["metadata"]["resourceVersion"] == version
    run("resume", "hello")
    assert run("resume", "hello") == (0, said("hello was not suspended"), "")


def test_what_has_ended_is_neither_suspended_nor_resumed(team: Team, run: Run) -> None:
    team.create("hello")
    team.report("hello", **FAILED)
    before = team.read("hello")

    suspended, resumed = run("suspend", "hello"), run("resume", "hello")

    assert suspended == (0, said("hello has ended before (Failed)"), "")
    assert resumed.code == 1
    assert "`computility retry hello` runs it anew" in resumed.err
    assert team.read("hello") == before


def test_what_is_being_cancelled_cannot_be_resumed(team: Team, run: Run) -> None:
    team.create("hello", suspend=True)
    run("cancel", "hello")

    assert run("suspend", "hello").out == said("hello is being cancelled: there is nothing to suspend")
    resumed = run("resume", "hello")
    assert resumed.code == 1
    assert "it is being cancelled, which cannot be taken back" in resumed.err


def test_a_retry_is_a_new_job_with_the_same_spec(team: Team, run: Run) -> None:
    team.create("hello", maxRunSeconds=77)
    team.report("hello", **FAILED)
    run("cancel", "hello")
    old = team.read("hello")

    ran = run("retry", "hello")

    new = team.read("hello-retry-1")
    assert ran == (0, said("hello-retry-1 created"), "")
    assert new["spec"] == old["spec"] | {"cancel": False}
    assert new["metadata"]["annotations"] == {"computility.io/retry-of": "hello"}
    assert team.read("hello") == old


def test_each_retry_takes_the_next_free_name(team: Team, run: Run) -> None:
    team.create("hello")
    team.report("hello", **FAILED)

    names = [run("retry", "hello").out for _ in range(2)]
    team.report("hello-retry-2", **FAILED)
    names.append(run("retry", "hello-retry-2").out)

    assert names == [said(f"hello-retry-{n} created") for n in (1, 2, 3)]


def test_a_name_of_ones_own_is_taken_or_refused(team: Team, run: Run) -> None:
    team.create("hello")
    team.report("hello", **FAILED)

    assert run("retry", "hello", "--name", "again").out == said("again created")
    taken = run("retry", "hello", "--name", "again")
    assert taken.code == 1
    assert '"again" already exists' in taken.err
    wrong = run("retry", "hello", "--name", "a/b")
    assert wrong.code == 1
    assert 'no job can be named "a/b"' in wrong.err


@pytest.mark.parametrize(("status", "word"), [({}, "not looked at by the hub yet"), (RUNNING, "Running")])
def test_a_job_that_has_not_ended_is_not_repeated(
    status: dict[str, Any], word: str, team: Team, run: Run
) -> None:
    team.create("hello")
    team.report("hello", **status)

    ran = run("retry", "hello")

    assert ran.code == 1
    assert f"it has not ended ({word})" in ran.err
    assert "`computility cancel hello` first" in ran.err


@pytest.mark.parametrize(("form", "parse"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_a_retry_is_shown_as_it_is_stored(form: str, parse: Any, team: Team, run: Run) -> None:
    team.create("hello")
    team.report("hello", **FAILED)

    shown = parse(run("retry", "hello", "-o", form).out)

    stored = team.read("hello-retry-1")
    stored["metadata"].pop("managedFields", None)
    assert shown == stored


def test_a_job_that_is_not_there_is_named(team: Team, run: Run) -> None:
    for command in ("suspend", "resume", "retry"):
        ran = run(command, "nobody")

        assert ran.code == 1
        assert '"nobody" not found' in ran.err


def test_an_array_shows_its_size_and_what_is_done(team: Team, run: Run) -> None:
    team.create("sweep", array={"size": 20})
    team.report("sweep", phase="Running", counts=COUNTS)

    head, row = (line.split() for line in run("get", "-o", "wide").out.splitlines())
    assert {"INDICES", "DONE"} <= set(head)
    assert ["20", "14"] in [row[n : n + 2] for n in range(len(row))]


def test_why_tells_how_far_an_array_is_and_what_failed(team: Team, run: Run) -> None:
    outcome = {"indices": "9", "state": "Failed", "reason": "NonZeroExitCode", "exitCode": 3}
    half = attempt("Running", indices="0-19", counts=COUNTS, outcomes=[outcome])
    team.create("sweep", array={"size": 20})
    team.report("sweep", phase="Running", counts=COUNTS, failedIndices="9", attempts=[half])

    told = run("why", "sweep").out
    document = json.loads(run("why", "sweep", "-o", "json").out)

    assert told.splitlines()[0].endswith("/sweep: Running, 14/20 succeeded, 1 failed, 5 running")
    assert "Failed indices" in told
    assert "NonZeroExitCode" in told
    assert (document["counts"], document["failedIndices"]) == (COUNTS, "9")


def test_waiting_for_an_array_ends_with_the_code_of_its_lowest_failed_index(team: Team, run: Run) -> None:
    ends = [{"indices": "9", "state": "Failed", "reason": "NonZeroExitCode", "exitCode": 3}]
    ended = attempt("Failed", indices="0-19", outcomes=ends)
    counts = {"succeeded": 19, "failed": 1}
    team.create("sweep", array={"size": 20})
    team.report("sweep", phase="Failed", counts=counts, failedIndices="9", attempts=[ended])

    ran = run("wait", "sweep", "--timeout", "60")

    assert ran.code == 3
    assert "19/20 succeeded, 1 failed" in ran.err


def test_a_full_status_can_be_repeated_and_explained(team: Team, run: Run) -> None:
    team.create("full")
    team.report("full", **full_status("ComputeJob"))

    assert run("why", "full").code == 0
    assert run("retry", "full").code == 0
