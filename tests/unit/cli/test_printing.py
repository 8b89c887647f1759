"""Tables as a terminal gets them."""

import re
from pathlib import Path

import pytest

from computility.cli.printing import print_lines, print_table
from computility.cli.visible import visible
from support.cli import Run

SENT = "\x1b[2J\x1b]0;mine\x07\u202e\x9b31m\nnext"


def test_a_terminal_obeys_nothing_that_a_job_or_a_centre_wrote(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("a",), [(SENT,)], "title")
    print_lines(SENT)

    told = capsys.readouterr().out
    assert all(sign.isprintable() for line in told.split("\n") for sign in line)
    assert told.count(r"\x1b[2J\x1b]0;mine\x07\u202e\x9b31m\nnext") == 2


def test_nor_anything_that_a_file_is_refused_for(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "trace.csv"
    path.write_text("\x1b[2Jcolumn\n1\n")

    told = run("simulate", "--trace", path).err

    assert r"\x1b[2Jcolumn" in told
    assert "\x1b" not in told


def test_words_of_any_language_stay_as_they_are() -> None:
    assert visible("庆阳: ¥3,503 é") == "庆阳: ¥3,503 é"


def lines_at(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], columns: int) -> list[str]:
    """Print a table with a long name and a longer sentence on a terminal of so many columns."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    print_table(("name", "why"), [("shaoguan-camphor/h100", "no pool fits: " + "35 are too far away " * 3)])
    return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()


def test_where_there_is_little_room_a_sentence_is_folded_and_no_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = lines_at(monkeypatch, capsys, 60)

    assert max(map(len, lines)) <= 60
    assert len(lines) > 2
    assert lines[1].startswith("shaoguan-camphor/h100   no pool fits")


def test_where_there_is_too_little_room_lines_are_as_long_as_they_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(lines_at(monkeypatch, capsys, 40)) == 2
