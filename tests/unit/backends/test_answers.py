"""Requests to the helper and its answers, both ways."""

from datetime import UTC, datetime
from typing import Any, get_args

import msgspec
import pytest
from msgspec import Meta

from computility.agent.accounts import NativeModule
from computility.backends.protocol import Submission
from computility.backends.slurm.exec.call import read_requests
from computility.backends.slurm.exec.checks import ENV_RESERVED, MODULE, check_request
from computility.backends.slurm.exec.problem import Problem
from computility.backends.slurm.parse import parse_claim, parse_look, parse_result, parse_submit
from computility.backends.slurm.refusals import COUNTS, REFUSALS, explain_refusal
from computility.backends.slurm.render import parse_lines, render_lines, render_submit
from computility.lifecycle.evidence import Claim, ClaimHolder, SubmitAnswer, WorkloadState
from computility.model.assignment import Fault
from computility.model.compute_job import File, Launcher
from computility.model.job_payload import RESERVED_ENV
from computility.model.reasons import Reason
from support.workloads import a_target, a_work

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def a_submission(**fields: Any) -> Submission:
    return Submission(target=a_target(), work=a_work(**fields), partition="cpu")


def a_row(**fields: str) -> dict[str, str]:
    row = {"nativeID": "7", "state": "RUNNING", "reason": "None", "submittedAt": "1795521600"}
    return {**row, "partition": "cpu", "nodes": "1", "cpus": "1", "gres": "N/A", **fields}


def test_what_is_rendered_is_what_the_helper_reads_and_allows() -> None:
    submission = a_submission(
        launcher=Launcher.PER_TASK,
        files=(File(path="a/b.py", content="é\u2028\n"),),
        resources={"memory_per_node": "4Gi", "cards_per_node": 2},
    )

    (request,), bad = read_requests(render_lines([render_submit(submission)]))

    check_request(request)
    assert bad == []
    assert (request["memoryMiB"], request["cardsPerNode"], request["launcher"]) == (4096, 2, "perTask")
    assert request["files"][0]["content"] == "é\u2028\n"


def test_memory_is_rounded_up_to_whole_mebibytes() -> None:
    assert render_submit(a_submission(resources={"memory_per_node": "1"}))["memoryMiB"] == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"nodes": 0}, "nodes"),
        ({"nodes": True}, "nodes"),
        ({"nodes": "1"}, "nodes"),
        ({"maxRunSeconds": None}, "maxRunSeconds"),
        ({"partition": "cpu,gpu"}, "partition"),
        ({"partition": ""}, "partition"),
        ({"partition": "cpu\n"}, "partition"),
        ({"qos": "-x"}, "qos"),
        ({"launcher": "mpirun"}, "launcher"),
        ({"launcher": "mpi"}, "mpi"),
        ({"launcher": "mpi", "mpi": "pmix --uid=0"}, "mpi"),
        ({"mpi": "pmix"}, "mpi"),
        ({"modules": "gcc"}, "modules"),
        ({"modules": ["gcc", "-x"]}, "modules"),
        ({"modules": ["gcc/12;id"]}, "modules"),
        ({"modules": ["$(id)"]}, "modules"),
        ({"modules": ["/etc/x"]}, "modules"),
        ({"modules": ["gcc\n"]}, "modules"),
        ({"modules": ["gcc"] * 513}, "modules"),
        ({"scratchBytes": -1}, "scratchBytes"),
        ({"command": []}, "command"),
        ({"command": ["a\0b"]}, "command"),
        ({"command": ["\ud800"]}, "command"),
        ({"command": "true"}, "command"),
        ({"script": "#!/bin/sh\n"}, "command or script"),
        ({"command": [], "script": "echo"}, "script"),
        ({"files": [{"path": "../x", "content": ""}]}, "path"),
        ({"files": [{"path": "/x", "content": ""}]}, "path"),
        ({"files": [{"path": "a//b", "content": ""}]}, "path"),
        ({"files": [{"path": "a\n", "content": ""}]}, "path"),
        ({"files": ["x"]}, "files"),
        (
            {"files": [{"path": "a", "content": "x" * 200_000}, {"path": "b", "content": "x" * 200_000}]},
            "files",
        ),
        ({"env": [{"name": "LD_PRELOAD", "value": "x"}]}, "LD_PRELOAD"),
        ({"env": [{"name": "SLURM_CONF", "value": "x"}]}, "SLURM_CONF"),
        ({"env": [{"name": "A-B", "value": "x"}]}, "A-B"),
        ({"env": [{"name": "A", "value": "x\0"}]}, "env"),
    ],
)
def test_a_request_with_a_part_that_is_not_allowed_is_refused_by_that_parts_name(
    change: dict[str, object], named: str
) -> None:
    with pytest.raises(Problem, match=named) as refused:
        check_request({**render_submit(a_submission()), **change})

    assert refused.value.error["kind"] == "invalid"


PAYLOADS_OWN = ("LD_LIBRARY_PATH", "PYTHONPATH", "NODE_OPTIONS", "ENV", "PATH", "SLURMISH")


@pytest.mark.parametrize("name", PAYLOADS_OWN)
def test_a_variable_that_reaches_the_payload_alone_is_the_jobs_own(name: str) -> None:
    check_request({**render_submit(a_submission()), "env": [{"name": name, "value": "x"}]})


@pytest.mark.parametrize("name", ["gcc", "gcc/12.2", "Python/3.11.3-GCCcore-12.3.0", "gtk+/3", "a/b/c", "_x"])
def test_what_a_centre_calls_its_modules_is_taken_by_table_and_helper(name: str) -> None:
    check_request({**render_submit(a_submission()), "modules": [name]})

    assert msgspec.convert(name, NativeModule) == name


def test_helper_and_table_agree_on_what_a_modules_name_is() -> None:
    (told,) = (each for each in get_args(NativeModule) if isinstance(each, Meta))

    assert told.pattern == f"^{MODULE.pattern.replace('(?:', '(')}\\Z"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("modules", SubmitAnswer(refused=Reason.MODULE_UNKNOWN, fault=Fault.SITE, message="why")),
        ("full", SubmitAnswer(postponed=Reason.SCRATCH_FULL, message="why")),
    ],
)
def test_what_the_helper_did_not_submit_is_refused_or_postponed(kind: str, expected: SubmitAnswer) -> None:
    assert parse_submit({"error": {"kind": kind, "message": "why"}}, 0, "alpha") == expected


def test_helper_and_model_agree_on_which_variables_are_reserved() -> None:
    assert ENV_RESERVED.pattern == RESERVED_ENV


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"name": 1}', b'{"name": "../x"}', b"\xff", b"null"])
def test_a_line_without_an_attempts_name_is_answered_and_harms_no_other(line: bytes) -> None:
    good = render_lines([{"name": a_target().name}])

    requests, bad = read_requests(line + b"\n" + good)

    assert len(requests) == 1
    assert [answer["error"]["kind"] for answer in bad] == ["invalid"]


def test_a_line_of_output_that_is_no_answer_is_left_out() -> None:
    nested = b'{"name": "b", "x": ' + b"[" * 5000 + b"]" * 5000 + b"}\n"

    assert parse_lines(b'oops\n{"name": "a", "x": 1}\n[1]\n{"name": 3}\n' + nested) == {
        ("a", 0): {"name": "a", "x": 1}
    }


@pytest.mark.parametrize("answer", [None, {}, {"complete": "yes"}, {"complete": True, "workloads": [{}]}, []])
def test_an_answer_of_another_shape_is_an_incomplete_look(answer: object) -> None:
    look = parse_look(answer, a_target(), NOON, "alpha")

    assert not look.complete
    assert look.problem


def test_a_look_is_read() -> None:
    claim = {"by": "payload", "job": "7", "nonce": "n", "at": "2026-11-24T11:00:00.5Z"}
    result = {
        "startedAt": "2026-11-24T11:00:01Z",
        "endedAt": "2026-11-24T11:00:03Z",
        "runSeconds": 2.0,
        "signal": 9,
        "told": True,
    }
    answer = {
        "name": "a",
        "complete": True,
        "workloads": [{**a_row(), "elapsedSeconds": [3]}],
        "indices": [{"index": 0, "claim": claim, "result": result}],
        "go": True,
    }

    look = parse_look(answer, a_target(), NOON, "alpha")

    assert (look.complete, look.taken_at, look.go) == (True, NOON, True)
    found = look.index(0)
    assert found.claim.holder is ClaimHolder.PAYLOAD
    assert look.workloads[0].state is WorkloadState.ACTIVE
    assert (look.workloads[0].cluster, look.workloads[0].native_id) == ("alpha", "7")
    assert look.workloads[0].elapsed_seconds == 3
    assert found.result is not None
    assert (found.result.signal, found.result.exit_code) == (9, None)
    assert (found.result.limit, found.result.told) == (False, True)


def test_what_the_agent_burned_has_no_start_and_no_result() -> None:
    forged = {
        "startedAt": "2026-11-24T11:00:01Z",
        "endedAt": "2026-11-24T11:00:03Z",
        "runSeconds": 2,
        "exitCode": 0,
    }
    burned = {"claim": {"by": "agent"}, "startedAt": "2026-11-24T11:00:01Z", "result": forged}
    answer = {"complete": True, "indices": [{"index": 0, **burned}]}

    found = parse_look(answer, a_target(), NOON, "alpha").index(0)

    assert (found.claim.holder, found.started_at, found.result) == (ClaimHolder.AGENT, None, None)


@pytest.mark.parametrize("record", [{}, {"by": 3}, {"by": "payload", "job": ["7"]}, {"by": "other"}])
def test_any_other_claim_is_a_payloads(record: dict[str, object]) -> None:
    assert parse_claim(record).holder is ClaimHolder.PAYLOAD


@pytest.mark.parametrize("record", [None, {}, [], "x", {"exitCode": 0}])
def test_a_result_without_its_times_is_none(record: object) -> None:
    assert parse_result(record) is None


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
def test_an_instant_that_cannot_be_told_in_utc_is_none(at: str) -> None:
    good = {"startedAt": "2026-11-24T11:00:01Z", "endedAt": "2026-11-24T11:00:03Z"}
    result = {**good, "runSeconds": 2, "exitCode": 0}
    found = {"index": 0, "claim": {"by": "payload", "at": at}, "startedAt": at}

    seen = parse_look({"complete": True, "indices": [found]}, a_target(), NOON, "alpha").index(0)

    assert (seen.claim, seen.started_at) == (Claim(holder=ClaimHolder.PAYLOAD), None)
    assert parse_result(result) is not None
    assert parse_result({**result, "startedAt": at}) is None
    assert parse_result({**result, "endedAt": at}) is None


@pytest.mark.parametrize(
    ("message", "reason", "fault"),
    [
        (
            "sbatch: error: invalid partition specified: nope\n"
            "sbatch: error: Batch job submission failed: Invalid partition name specified",
            Reason.PARTITION_UNKNOWN,
            Fault.SITE,
        ),
        ("sbatch: error: Invalid generic resource (gres) specification", Reason.REQUEST_REFUSED, Fault.USER),
        (
            "sbatch: error: Batch job submission failed: User's group not permitted to use this partition",
            Reason.ACCOUNT_REFUSED,
            Fault.SITE,
        ),
    ],
)
def test_a_certain_refusal_is_answered_with_its_fault(message: str, reason: Reason, fault: Fault) -> None:
    answer = parse_submit({"error": {"kind": "slurm", "exitCode": 1, "message": message}}, 0, "alpha")

    assert (answer.refused, answer.fault, answer.message) == (reason, fault, message)


@pytest.mark.parametrize(
    "message",
    [
        "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation",
        "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)",
        "sbatch: error: Batch job submission failed: Zero Bytes were transmitted or received",
        "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying",
        "sbatch did not answer in 12 s",
        "job invalid: Invalid partition name specified, says a user's text",
        "",
    ],
)
def test_anything_else_that_sbatch_says_is_uncertain(message: str) -> None:
    answer = parse_submit({"error": {"kind": "slurm", "exitCode": 1, "message": message}}, 0, "alpha")

    assert (answer.is_certain, answer.message) == (False, message)


POLICY = "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"
COUNTED = [
    f"sbatch: error: {limit}\nsbatch: error: Batch job submission failed: {POLICY}"
    for limit in sorted(COUNTS)
]


@pytest.mark.parametrize(
    "message",
    [
        *COUNTED,
        "sbatch: error: Batch job submission failed: "
        "Requested account has breached requested QOS usage threshold",
        "sbatch: error: Batch job submission failed: Unable to create job record, try again",
    ],
)
def test_a_limit_on_how_many_jobs_there_are_postpones(message: str) -> None:
    answer = parse_submit({"error": {"kind": "slurm", "exitCode": 1, "message": message}}, 0, "alpha")

    assert (answer.postponed, answer.refused, answer.is_certain) == (Reason.LIMIT_REACHED, None, True)
    assert answer.message == message


@pytest.mark.parametrize("named", ["", "QOSMaxWallDurationPerJobLimit", "AssocMaxNodePerJobLimit"])
def test_a_limit_on_a_job_itself_refuses_it_for_good_here(named: str) -> None:
    message = f"sbatch: error: {named}\nsbatch: error: Batch job submission failed: {POLICY}"

    answer = parse_submit({"error": {"kind": "slurm", "exitCode": 1, "message": message}}, 0, "alpha")

    assert (answer.refused, answer.fault, answer.postponed) == (Reason.REQUEST_REFUSED, Fault.SITE, None)


def test_the_name_of_a_limit_alone_says_nothing_for_certain() -> None:
    error = {"kind": "slurm", "exitCode": 1, "message": "sbatch: error: AssocMaxSubmitJobLimit"}

    assert not parse_submit({"error": error}, 0, "alpha").is_certain


def test_what_the_helper_did_not_come_to_is_postponed() -> None:
    answer = parse_submit({"error": {"kind": "untried", "message": "no time was left"}}, 0, "alpha")

    assert (answer.postponed, answer.refused, answer.workload) == (Reason.CENTRE_BUSY, None, None)
    assert answer.message == "no time was left"


@pytest.mark.parametrize("kind", ["failed", "unreachable", "new-kind"])
def test_an_error_that_is_not_slurms_is_uncertain_even_with_slurms_words(kind: str) -> None:
    message = "Batch job submission failed: Invalid partition name specified"

    assert not parse_submit({"error": {"kind": kind, "message": message}}, 0, "alpha").is_certain


@pytest.mark.parametrize("answer", [None, {}, {"nativeID": ""}, {"nativeID": 5}, {"error": "x"}])
def test_an_answer_without_an_id_is_uncertain(answer: object) -> None:
    parsed = parse_submit(answer, 0, "alpha")

    assert not parsed.is_certain


def test_every_refusal_is_found_as_sbatch_writes_it() -> None:
    for text, refusal in REFUSALS.items():
        assert explain_refusal(f"sbatch: error: Batch job submission failed: {text}") == refusal
