"""The page for those in trouble has a heading for each reason that is one, and sends nobody astray."""

import re
from collections import Counter
from pathlib import Path

import pytest

from computility.model.reasons import Reason

DOCS = Path(__file__).parents[3] / "docs"
PAGES = ("troubleshooting.md", "reasons.md")
NO_TROUBLE = {Reason.PLACED, Reason.SUCCEEDED, Reason.RENEWED, Reason.ACCEPTED, Reason.RECONCILED}
"""Words of things that went well: there is nothing to do about them."""


def headings(page: str) -> list[str]:
    return re.findall(r"^#+ (.*)$", (DOCS / page).read_text(), re.MULTILINE)


def anchor(heading: str) -> str:
    """Return where a heading's link leads, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_each_reason_that_is_a_trouble_has_a_heading_and_one_only() -> None:
    named = Counter(
        word for heading in headings("troubleshooting.md") for word in re.findall(r"`(\w+)`", heading)
    )

    assert named == Counter(reason.value for reason in Reason if reason not in NO_TROUBLE)


def test_no_heading_is_empty() -> None:
    parts = re.split(r"^### .*$", (DOCS / "troubleshooting.md").read_text(), flags=re.MULTILINE)

    assert len(parts) > 30
    assert [part for part in parts if len(part.split("\n## ")[0].strip()) < 40] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_page_and_a_heading_that_are_there(page: str) -> None:
    links = re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", (DOCS / page).read_text())

    assert links
    for target, part in links:
        assert (DOCS / (target or page)).is_file()
        assert not part or part in map(anchor, headings(target or page))


def test_the_two_pages_link_to_each_other() -> None:
    for page, other in (PAGES, PAGES[::-1]):
        assert f"]({other})" in (DOCS / page).read_text()
