"""How much the helper reads of what payloads can write: in proportion to what its own files have."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from computility.backends.slurm.exec import fold, grace
from computility.backends.slurm.exec.account import Account
from computility.backends.slurm.exec.files import read_part
from computility.backends.slurm.exec.fold import INDEX_BYTES, INDEX_ITEMS, read_fold
from computility.backends.slurm.exec.grace import HARD_CANCEL_SECONDS, overdue, patience
from computility.backends.slurm.exec.indices import MAX_ARRAY_SIZE, parse_indices
from computility.backends.slurm.exec.records import RECORD_ITEMS, parse_record, render
from computility.backends.slurm.exec.slurm import Slurm

NAME = f"cj-{'1' * 32}-1"
CLAIM = {"by": "payload", "job": "7", "nonce": "n0"}
DIGITS = "9" * 21


@pytest.fixture
def account(tmp_path: Path) -> Account:
    (tmp_path / NAME).mkdir()
    slurm = Slurm("alice", "", [], float("inf"))
    return Account("alice", str(tmp_path), os.open(tmp_path, os.O_RDONLY), slurm)


def test_of_a_note_that_names_all_indices_again_and_again_no_more_are_read_than_there_can_be(
    tmp_path: Path, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def counted(text: str) -> list[int]:
        found = parse_indices(text)
        sizes.append(len(found))
        return found

    monkeypatch.setattr(grace, "parse_indices", counted)
    asked = {f"0-9999,{number}": 1.5 for number in range(1000)}
    (tmp_path / NAME / "cancel.json").write_text(json.dumps({"asked": asked}))

    assert overdue(account, NAME, {1, 2}) == {1, 2}
    assert sum(sizes) <= 2 * MAX_ARRAY_SIZE


def test_a_cancel_of_ten_thousand_indices_one_by_one_stays_noted(tmp_path: Path, account: Account) -> None:
    asked = {str(index): grace.now() for index in range(MAX_ARRAY_SIZE - 1)}
    (tmp_path / NAME / "cancel.json").write_bytes(render({"asked": asked}))

    assert overdue(account, NAME, {0, MAX_ARRAY_SIZE - 1}) == set()

    noted = json.loads((tmp_path / NAME / "cancel.json").read_bytes())["asked"]
    assert len(noted) == MAX_ARRAY_SIZE
    assert (tmp_path / NAME / "cancel.json").stat().st_size <= grace.NOTE_BYTES


@pytest.mark.parametrize(
    ("at", "passed"),
    [
        pytest.param(1000.0, False, id="this-moment"),
        pytest.param(970.0, False, id="as-long-ago-as-is-granted"),
        pytest.param(969.0, True, id="longer-ago"),
        pytest.param(1001.0, True, id="in-the-future"),
        pytest.param(1000, True, id="not-as-we-write-it"),
        pytest.param("1000.0", True, id="text"),
        pytest.param(None, True, id="missing"),
    ],
)
def test_a_time_that_cannot_be_is_long_ago(monkeypatch: pytest.MonkeyPatch, at: Any, passed: bool) -> None:
    monkeypatch.setattr("time.time", lambda: 1000.0)

    assert grace.has_passed(at, 30.0) is passed


def test_the_jobs_grace_is_found_whatever_words_the_tenant_has_put_beside_it(
    tmp_path: Path, account: Account
) -> None:
    job = {"command": ['"graceSeconds": 7, ', "\\"], "graceSeconds": 5, "env": {"graceSeconds": "8"}}
    (tmp_path / NAME / "job.json").write_bytes(render(job))

    assert patience(os.open(tmp_path / NAME, os.O_RDONLY)) == HARD_CANCEL_SECONDS + 5


@pytest.mark.parametrize("job", ["", "{}", '{"graceSeconds": 3601}', '{"graceSeconds": -1}'])
def test_a_grace_that_no_job_has_is_none(tmp_path: Path, account: Account, job: str) -> None:
    (tmp_path / NAME / "job.json").write_text(job)

    assert patience(os.open(tmp_path / NAME, os.O_RDONLY)) == HARD_CANCEL_SECONDS


@pytest.mark.parametrize(
    ("text", "indices"),
    [
        ("3-5,4,5-9,1,7", [3, 4, 5, 7]),
        ("9-0,2", [2]),
        (",".join(["0-9999"] * 100), list(range(10_000))),
        (",".join(f"{low}-9999" for low in range(100)), list(range(10_000))),
    ],
    ids=["out-of-order", "an-empty-range", "over-and-over", "overlapping"],
)
def test_indices_that_do_not_ascend_are_left_out(text: str, indices: list[int]) -> None:
    assert parse_indices(text) == indices


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    "more",
    [
        pytest.param(lambda size: [[]] * INDEX_ITEMS * (size + 1), id="lists"),
        pytest.param(lambda size: [{}] * INDEX_ITEMS * (size + 1), id="objects"),
        pytest.param(lambda size: [1] * INDEX_ITEMS * (size + 1), id="numbers"),
        pytest.param(lambda size: "x" * INDEX_BYTES * (size + 1), id="text"),
    ],
)
def test_of_a_fold_that_has_more_than_an_array_of_its_size_can_have_nothing_is_read(
    tmp_path: Path, size: int, more: Any
) -> None:
    claims = {str(index): CLAIM for index in range(size)}
    directory = os.open(tmp_path, os.O_RDONLY)

    def claims_read(beside: Any) -> int:
        (tmp_path / "folded").write_text(json.dumps({"claims": claims, "more": beside}))
        found = read_fold(directory, size)
        assert found is not None
        return len(found.claims)

    assert claims_read([[], {}, 1, "x"]) == size
    assert claims_read(more(size)) == 0


def test_no_more_of_a_fold_is_taken_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []

    def measured(*where: Any) -> bytes | None:
        text = read_part(*where)
        lengths.append(len(text or b""))
        return text

    monkeypatch.setattr(fold, "read_part", measured)
    (tmp_path / "folded").write_bytes(b"x" * INDEX_BYTES * 100)

    read_fold(os.open(tmp_path, os.O_RDONLY), 3)

    assert 0 < lengths[0] <= INDEX_BYTES * 5


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"a": [' + "[]," * RECORD_ITEMS + "[]]}", id="values"),
        pytest.param(f'{{"a": {DIGITS}}}', id="digits"),
        pytest.param(f'{{"a": [-{DIGITS}]}}', id="digits-below-zero"),
    ],
)
def test_a_record_that_would_take_long_to_read_is_none(text: str) -> None:
    assert parse_record(text.encode(), RECORD_ITEMS) == {}
    assert parse_record(b'{"a": [[], {}, 9, -9, 1.5]}', RECORD_ITEMS) != {}
