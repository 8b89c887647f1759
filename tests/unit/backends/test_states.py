"""Slurm's state words."""

import pytest

from computility.backends.slurm.exec.slurm import LIVE
from computility.backends.slurm.states import MEANINGS, explain_state, render_word
from computility.lifecycle.evidence import WorkloadState
from computility.model.assignment import Fault
from computility.model.reasons import Reason

# `JOB STATE CODES` of squeue(1), Slurm 22.05 to 25.11.
DOCUMENTED = [
    "BOOT_FAIL",
    "CANCELLED",
    "COMPLETED",
    "CONFIGURING",
    "COMPLETING",
    "DEADLINE",
    "FAILED",
    "NODE_FAIL",
    "OUT_OF_MEMORY",
    "PENDING",
    "PREEMPTED",
    "RUNNING",
    "RESV_DEL_HOLD",
    "REQUEUE_FED",
    "REQUEUE_HOLD",
    "REQUEUED",
    "RESIZING",
    "REVOKED",
    "SIGNALING",
    "SPECIAL_EXIT",
    "STAGE_OUT",
    "STOPPED",
    "SUSPENDED",
    "TIMEOUT",
    "LAUNCH_FAILED",
    "POWER_UP_NODE",
    "RECONFIG_FAIL",
]


@pytest.mark.parametrize("word", DOCUMENTED)
def test_every_documented_state_has_a_meaning(word: str) -> None:
    assert word in MEANINGS


def test_what_the_helper_takes_for_live_is_what_has_not_ended() -> None:
    assert {word for word, meaning in MEANINGS.items() if meaning.state is not WorkloadState.ENDED} == LIVE


def test_an_unknown_slurm_state_is_reported_not_guessed() -> None:
    assert explain_state("EXPEDITING", "None", has_claim=False).state is WorkloadState.UNKNOWN
    assert render_word("EXPEDITING", "None") == "EXPEDITING"


@pytest.mark.parametrize("reason", ["JobHeldUser", "JobHeldAdmin"])
def test_a_pending_job_with_a_hold_is_held(reason: str) -> None:
    assert explain_state("PENDING", reason, has_claim=False).state is WorkloadState.HELD


@pytest.mark.parametrize("reason", ["Priority", "Resources", "BadConstraints", ""])
def test_a_pending_job_without_a_hold_is_queued(reason: str) -> None:
    assert explain_state("PENDING", reason, has_claim=False).state is WorkloadState.QUEUED


def test_a_job_that_is_completing_has_not_ended() -> None:
    assert explain_state("COMPLETING", "None", has_claim=True).state is WorkloadState.ACTIVE


def test_a_launch_failure_is_the_sites_unless_a_payload_has_the_claim() -> None:
    assert explain_state("FAILED", "JobLaunchFailure", has_claim=False) == (
        WorkloadState.ENDED, Reason.LAUNCH_FAILED, Fault.SITE,
    )  # fmt: skip
    assert explain_state("FAILED", "JobLaunchFailure", has_claim=True).ending is None


def test_a_job_that_a_sibling_cluster_started_has_not_ended_for_us() -> None:
    assert explain_state("REVOKED", "None", has_claim=False).state is WorkloadState.UNKNOWN


def test_a_fault_goes_with_every_ending() -> None:
    assert all((meaning.ending is None) == (meaning.fault is None) for meaning in MEANINGS.values())
