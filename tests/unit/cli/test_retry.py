"""The job that repeats another: its name and its spec."""

import copy

from computility.cli.retry import RETRY_OF, build_retry, retry_names
from support.samples import decode, full_status, sample

ENDED = sample("computejob-full") | {"status": full_status("ComputeJob")}


def test_the_first_retry_is_number_one() -> None:
    assert retry_names("train")[:2] == ["train-retry-1", "train-retry-2"]


def test_a_retry_of_a_retry_counts_on() -> None:
    assert retry_names("train-retry-9")[0] == "train-retry-10"


def test_a_name_that_only_looks_like_a_retry_is_a_name() -> None:
    assert retry_names("train-retry-0")[0] == "train-retry-0-retry-1"
    assert retry_names("no-retry-please")[0] == "no-retry-please-retry-1"


def test_the_spec_is_the_same_without_the_wishes_to_end_it() -> None:
    before = copy.deepcopy(ENDED)
    made = build_retry(ENDED, "again")

    assert made["spec"] == {k: v for k, v in ENDED["spec"].items() if k not in ("cancel", "suspend")}
    assert {"cancel", "suspend"} < ENDED["spec"].keys()
    assert before == ENDED


def test_nothing_of_the_old_run_comes_along_but_its_name() -> None:
    labelled = copy.deepcopy(ENDED)
    labelled["metadata"]["labels"] = {"app.kubernetes.io/instance": "argo"}
    made = build_retry(labelled, "again")

    assert made["metadata"] == {"name": "again", "annotations": {RETRY_OF: "train"}}
    assert "status" not in made
    assert not decode(made).wants_cancel


def test_a_name_that_is_too_long_for_the_ending_is_cut() -> None:
    names = retry_names("a" * 250 + ".b1")

    assert {len(name) for name in names} <= set(range(240, 254))
    assert names[0] == "a" * 243 + "-retry-1"
