"""The page that explains the reasons has one line for each, and none for anything else."""

import re
from collections import Counter
from pathlib import Path

from computility.model.reasons import Reason

PAGE = Path(__file__).parents[3] / "docs" / "reasons.md"
LINE = re.compile(r"\| `(?P<reason>[A-Za-z]+)` \| (?P<means>[^|]+) \| (?P<remedy>[^|]+) \|")


def explained() -> list[str]:
    """The first column of every row whose three columns all say something."""
    found = [LINE.fullmatch(line) for line in PAGE.read_text().splitlines()]
    return [line["reason"] for line in found if line and line["means"].strip() and line["remedy"].strip()]


def test_every_reason_is_explained_once_and_nothing_else_is() -> None:
    assert Counter(explained()) == Counter(reason.value for reason in Reason)


def test_no_row_of_the_page_is_malformed() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]

    assert len(rows) == len(explained())
