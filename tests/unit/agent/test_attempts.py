"""What is put together of attempts when something of one cannot be read."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from computility.agent.attempts import Attempts
from computility.agent.instants import Convert, unchanged
from computility.agent.journal import Journal
from computility.model.assignment import Assignment
from support.agent_rig import StepClock, a_table
from support.builders import NAME, NOON, an_assignment, an_entry, seconds
from support.memory_centre import MemoryCentre

OTHER = NAME.replace("cj-0", "cj-1")


class Told:
    """Every name's Assignment is the same."""

    def get(self, name: str) -> Assignment | None:
        return an_assignment()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.db") as journal:
        yield journal


def attempts_of(journal: Journal, to_centre: Convert = unchanged) -> Attempts:
    told: Any = Told()
    clock = StepClock()
    centre = MemoryCentre(clock)
    return Attempts(told, journal, centre, a_table(), member_uid=lambda: "", to_centre=to_centre, clock=clock)


async def test_a_row_of_the_journal_that_cannot_be_read_leaves_its_own_attempt_out_and_no_other(
    journal: Journal, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "journal.db") as vandal:
        vandal.execute("INSERT INTO entries VALUES (?, 'no entry', 0, NULL)", (OTHER,))
    vandal.close()
    journal.write([an_entry()])
    attempts = attempts_of(journal)

    await attempts.look([NAME, OTHER])

    (view,) = await attempts.views([OTHER, NAME])
    assert view.name == NAME
    assert view.look is not None


def test_the_lane_is_the_account_for_as_long_as_the_attempt_needs_it(journal: Journal) -> None:
    attempts = attempts_of(journal)
    assert attempts.lane(NAME) == ""

    entry = an_entry()
    journal.write([entry])
    assert attempts.lane(NAME) == entry.account

    refused = msgspec.structs.replace(entry, tidied_at=NOON, settled=an_assignment().status)
    journal.write([refused])
    assert attempts.lane(NAME) == ""


@pytest.mark.parametrize(
    ("to_centre", "start_by"),
    [
        pytest.param(lambda at: NOON + 100 * (at - NOON), NOON + seconds(6000), id="by-the-centres-clock"),
        pytest.param(lambda at: at + timedelta.max, None, id="never-beyond-a-fast-clocks-calendar"),
    ],
)
async def test_a_deadline_is_translated_into_the_centres_time(
    journal: Journal, to_centre: Convert, start_by: datetime | None
) -> None:
    entry = an_entry()
    assert entry.spec.job is not None
    work = msgspec.structs.replace(entry.spec.job, start_by=NOON + seconds(60))
    spec = msgspec.structs.replace(entry.spec, job=work)
    journal.write([msgspec.structs.replace(entry, spec=spec)])

    (view,) = await attempts_of(journal, to_centre).views([NAME])

    assert view.start_by == start_by
