"""Tables as a terminal gets them."""

import pytest

from computility.cli.printing import print_lines, print_table, visible

SENT = "\x1b[2J\x1b]0;mine\x07\u202e\x9b31m\nnext"


def test_a_terminal_obeys_nothing_that_a_job_or_a_centre_wrote(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("a",), [(SENT,)], "title")
    print_lines(SENT)

    told = capsys.readouterr().out
    assert all(sign.isprintable() for line in told.split("\n") for sign in line)
    assert told.count(r"\x1b[2J\x1b]0;mine\x07\u202e\x9b31m\nnext") == 2


def test_words_of_any_language_stay_as_they_are() -> None:
    assert visible("庆阳: ¥3,503 é") == "庆阳: ¥3,503 é"
