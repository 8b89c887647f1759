"""What payloads write where the helper reads: it harms their own attempt, and no other's answer."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from computility.backends.slurm.exec.account import Account
from computility.backends.slurm.exec.call import find_verb
from computility.backends.slurm.exec.grace import overdue
from computility.backends.slurm.exec.problem import Answer, answer_to, render_answer
from computility.backends.slurm.exec.slurm import Row, Slurm
from support.leases import leased

HOSTILE, OTHER = f"cj-{'1' * 32}-1", f"cj-{'2' * 32}-1"
ARRAY = {"array": "0-2", "indices": "0-2"}
CLAIM = {"by": "payload", "job": "7", "nonce": "n0"}
RESULT = {
    "nonce": "n0",
    "startedAt": "2026-11-24T12:00:00Z",
    "endedAt": "2026-11-24T12:00:01Z",
    "exitCode": 0,
}
PLACES = [
    f"claims/{HOSTILE}/folded", f"claims/{HOSTILE}/0", f"{HOSTILE}/indices/0.json",
    f"{HOSTILE}/indices/0.out", f"{HOSTILE}/job.json", f"{HOSTILE}/cancel.json",
]  # fmt: skip
SINGLE_PLACES = ["lock", f"claims/{HOSTILE}", f"{HOSTILE}/started.json", f"{HOSTILE}/result.json"]
VERBS = ["look", "cancel", "burn", "go", "tidy"]


class NoSlurm(Slurm):
    """A Slurm whose queue is given, and that does whatever it is told."""

    rows: list[Row]

    def queue(self) -> list[Row]:
        return self.rows

    def run(self, *argv: str, **_: Any) -> str:
        return ""


@pytest.fixture(autouse=True)
def _no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here is to survive a crash."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


def a_row(name: str, tasks: str) -> Row:
    return Row("7", tasks, "RUNNING", "1795521600", "cpu", "1", "1", "N/A", "0:05", name, "None")


@pytest.fixture
def account(tmp_path: Path) -> Account:
    slurm = NoSlurm("alice", "", [], float("inf"))
    slurm.rows = [a_row(f"{HOSTILE}.0", "0"), a_row(HOSTILE, "N/A")]
    (tmp_path / "claims").mkdir()
    for name in (HOSTILE, OTHER):
        (tmp_path / name).mkdir()
    return Account("alice", str(tmp_path), os.open(tmp_path, os.O_RDONLY), slurm)


def put(root: Path, name: str, content: object) -> Path:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def ask(account: Account, verb: str, *requests: Answer) -> dict[str, Any]:
    """Have a verb carried out, and read the lines as the agent does."""
    lines = [render_answer(answer) for answer in find_verb(verb)(account, list(requests))]
    return {answer["name"]: answer for answer in map(json.loads, lines)}


def claims_seen(answer: Answer) -> dict[int, str]:
    """Return who has claimed each index; a claim without a word of that counts as a payload's."""
    return {
        found["index"]: found["claim"].get("by", "payload") for found in answer["indices"] if "claim" in found
    }


def results_seen(answer: Answer) -> set[int]:
    return {found["index"] for found in answer["indices"] if found.get("result")}


def of_text(text: str) -> Callable[[Path], None]:
    return lambda file: cast(None, file.write_text(text))


def of_bytes(content: bytes) -> Callable[[Path], None]:
    return lambda file: cast(None, file.write_bytes(content))


def huge(file: Path) -> None:
    file.touch()
    os.truncate(file, 2**40)


def a_link_to(away: str) -> Callable[[Path], None]:
    return lambda file: file.symlink_to(away)


DIGITS = "9" * 5000
SPOILS = [
    pytest.param(of_text(f'{{"claims": {{"{DIGITS}": {{}}}}, "asked": {{"{DIGITS}": 1}}}}'), id="long-keys"),
    pytest.param(of_text(f'{{"nonce": {DIGITS}, "at": {DIGITS}, "by": {DIGITS}}}'), id="long-numbers"),
    pytest.param(of_text('{"claims": {"٣": {}, "²": {}, "-1": {}, "00000": {}}}'), id="other-digits"),
    pytest.param(of_text('{"nonce": "n0", "at": NaN, "claims": NaN}'), id="no-number"),
    pytest.param(of_text("[" * 100_000), id="deep-nesting"),
    pytest.param(of_text('{"claims": ' * 990 + "1" + "}" * 990), id="nesting-that-can-just-be-read"),
    pytest.param(of_text('{"claims": [], "records": 3, "stdout": "x", "asked": [1]}'), id="other-types"),
    pytest.param(of_text('{"asked": {"' + "0-9999," * 30_000 + '0": 1.5}}'), id="indices-over-and-over"),
    pytest.param(of_bytes(b"\xff\xfe\x00{"), id="no-text"),
    pytest.param(of_text(""), id="empty"),
    pytest.param(huge, id="a-terabyte"),
    pytest.param(os.mkfifo, id="a-pipe"),
    pytest.param(Path.mkdir, id="a-directory"),
    pytest.param(a_link_to("/dev/zero"), id="a-link-to-a-device"),
    pytest.param(a_link_to("/nowhere"), id="a-link-to-nothing"),
]  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILS)
@pytest.mark.parametrize("place", PLACES)
def test_a_spoiled_file_of_an_array_spoils_no_answer_of_any_verb(
    tmp_path: Path, account: Account, place: str, spoil: Callable[[Path], None]
) -> None:
    put(tmp_path, f"claims/{OTHER}", {"by": "agent"})
    put(tmp_path, f"claims/{HOSTILE}/0", CLAIM)
    put(tmp_path, f"{HOSTILE}/indices/0.json", RESULT)
    put(tmp_path, place, "").unlink()
    spoil(tmp_path / place)

    for verb in VERBS:
        answers = ask(account, verb, {"name": HOSTILE, **ARRAY}, {"name": OTHER})

        assert [answers[name].get("error") for name in (HOSTILE, OTHER)] == [None, None], verb
        for name in (HOSTILE, OTHER):
            (tmp_path / name).mkdir(exist_ok=True)  # tidied away
    look = ask(account, "look", {"name": HOSTILE, **ARRAY}, {"name": OTHER})
    assert (look[HOSTILE]["complete"], look[OTHER]["complete"]) == (True, True)
    assert claims_seen(look[HOSTILE])[0] == "payload"
    assert look[OTHER]["indices"][0]["claim"] == {"by": "agent"}


@pytest.mark.parametrize("spoil", SPOILS)
@pytest.mark.parametrize("place", SINGLE_PLACES)
def test_a_spoiled_file_of_an_attempt_spoils_no_answer_of_any_verb(
    tmp_path: Path, account: Account, place: str, spoil: Callable[[Path], None]
) -> None:
    put(tmp_path, f"claims/{OTHER}", {"by": "agent"})
    put(tmp_path, f"claims/{HOSTILE}", CLAIM)
    put(tmp_path, place, "").unlink()
    spoil(tmp_path / place)

    for verb in VERBS:
        answers = ask(account, verb, {"name": HOSTILE}, {"name": OTHER})

        assert [answers[name].get("error") for name in (HOSTILE, OTHER)] == [None, None], verb
        for name in (HOSTILE, OTHER):
            (tmp_path / name).mkdir(exist_ok=True)  # tidied away
    look = ask(account, "look", {"name": HOSTILE}, {"name": OTHER})
    assert (look[HOSTILE]["complete"], look[OTHER]["complete"]) == (True, True)
    assert claims_seen(look[HOSTILE]) == {0: "payload"}


@pytest.mark.parametrize("place", SINGLE_PLACES)
def test_a_file_that_its_owner_lets_nobody_open_yet_spoils_no_answer_of_any_verb(
    tmp_path: Path, account: Account, place: str
) -> None:
    put(tmp_path, f"claims/{HOSTILE}", CLAIM)
    put(tmp_path, f"{HOSTILE}/job.json", {})
    with leased(tmp_path / place):
        for verb in VERBS:
            answers = ask(account, verb, {"name": HOSTILE}, {"name": OTHER})
            assert [answers[name].get("error") for name in (HOSTILE, OTHER)] == [None, None], verb
            for name in (HOSTILE, OTHER):
                (tmp_path / name).mkdir(exist_ok=True)  # tidied away
        look = ask(account, "look", {"name": HOSTILE})[HOSTILE]

    assert look["complete"]
    assert claims_seen(look) == {0: "payload"}


def test_nesting_that_can_be_read_but_not_be_answered_costs_that_answer_alone(
    tmp_path: Path, account: Account
) -> None:
    """How deep is too deep depends on the Python: all depths about its limit are tried."""
    put(tmp_path, f"claims/{HOSTILE}", CLAIM)
    for depth in range(850, 1001, 3):
        put(tmp_path, f"{HOSTILE}/result.json", "")
        nested = json.dumps(RESULT)[:-1] + ', "told": ' + "[" * depth + "]" * depth + "}"
        put(tmp_path, f"{HOSTILE}/result.json", nested)

        answers = ask(account, "look", {"name": HOSTILE}, {"name": OTHER})

        assert answers.keys() == {HOSTILE, OTHER}
        assert answers[OTHER]["complete"]


def test_whatever_goes_wrong_with_one_request_is_its_own_answer() -> None:
    def breaks(_: object, request: Answer) -> Answer:
        return {"value": request["there"]}

    assert answer_to(breaks, None, {"name": "a", "there": 1}) == {"name": "a", "value": 1}
    assert answer_to(breaks, None, {"name": "b", "chunk": 2}) == {
        "name": "b", "chunk": 2, "error": {"kind": "failed", "message": "KeyError: 'there'"},
    }  # fmt: skip
    assert json.loads(render_answer({"name": "c", "value": object()}))["error"]["kind"] == "failed"


@pytest.mark.parametrize(
    "text", ["{}", "", '{"claims": {"1": 3, "2": null}}', '{"records": {"0": {"endedAt": 1}}}']
)
def test_a_fold_that_a_payload_wrote_hides_no_claim_and_no_result_and_leaves_no_index_to_nobody(
    tmp_path: Path, account: Account, text: str
) -> None:
    put(tmp_path, f"claims/{HOSTILE}/0", CLAIM)
    put(tmp_path, f"{HOSTILE}/indices/0.json", RESULT)
    put(tmp_path, f"claims/{HOSTILE}/folded", text)

    look = ask(account, "look", {"name": HOSTILE, **ARRAY})[HOSTILE]

    assert claims_seen(look) == dict.fromkeys(range(3), "payload")
    assert results_seen(look) == {0}
    assert look["problem"] == "locked or replaced by its owner: a claim"


def test_a_record_in_a_fold_counts_only_with_the_nonce_of_its_claim(tmp_path: Path, account: Account) -> None:
    claims = {"0": CLAIM, "1": dict(CLAIM, nonce="n1"), "2": {"by": "payload"}}
    records = dict.fromkeys(("0", "1", "2"), RESULT)
    put(tmp_path, f"claims/{HOSTILE}/folded", {"claims": claims, "records": records})

    assert results_seen(ask(account, "look", {"name": HOSTILE, **ARRAY})[HOSTILE]) == {0}


def files_below(root: Path) -> dict[str, bytes]:
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}


@pytest.mark.parametrize("claimed", [1, 3], ids=["one-is-claimed", "all-are-claimed"])
def test_tidying_takes_nothing_away_for_a_fold_that_a_payload_wrote(
    tmp_path: Path, account: Account, claimed: int
) -> None:
    for index in range(claimed):
        put(tmp_path, f"claims/{HOSTILE}/{index}", CLAIM)
        put(tmp_path, f"{HOSTILE}/indices/{index}.json", RESULT)
    put(tmp_path, f"claims/{HOSTILE}/folded", "{}")
    before = files_below(tmp_path)

    assert ask(account, "tidy", {"name": HOSTILE, **ARRAY}) == {HOSTILE: {"name": HOSTILE}}

    assert files_below(tmp_path) == before


def test_what_would_make_a_fold_too_long_to_be_read_is_not_folded(tmp_path: Path, account: Account) -> None:
    for index in range(3):
        put(tmp_path, f"claims/{HOSTILE}/{index}", dict(CLAIM, padding="x" * 3000))
        put(tmp_path, f"{HOSTILE}/indices/{index}.out", "said")
    before = files_below(tmp_path)

    ask(account, "tidy", {"name": HOSTILE, **ARRAY})

    assert files_below(tmp_path) == before


def test_a_note_of_cancels_that_names_indices_over_and_over_is_read_once(
    tmp_path: Path, account: Account
) -> None:
    again_and_again = ",".join(["0-9999"] * 30_000)
    put(tmp_path, f"{HOSTILE}/cancel.json", {"asked": {again_and_again: 1.5}})

    assert overdue(account, HOSTILE, {1, 2}) == {1, 2}


def test_of_an_array_that_has_a_fold_no_claim_is_taken_any_more(tmp_path: Path, account: Account) -> None:
    """Else it would stand beside the fold and contradict it."""
    put(tmp_path, f"claims/{HOSTILE}/folded", {"claims": dict.fromkeys(("0", "1", "2"), CLAIM)})
    before = files_below(tmp_path)

    assert ask(account, "burn", {"name": HOSTILE, **ARRAY}) == {HOSTILE: {"name": HOSTILE}}

    assert files_below(tmp_path) == before
