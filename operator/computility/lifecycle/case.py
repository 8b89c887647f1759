"""One attempt in one decision: what is known of it, and what was found so far."""

from datetime import datetime
from typing import NamedTuple

from computility.lifecycle.attempt_view import AttemptView
from computility.lifecycle.entry import Entry
from computility.lifecycle.findings import Findings
from computility.lifecycle.sight import Sight


class Case(NamedTuple):
    """An attempt that the journal has and that a complete look was taken at."""

    view: AttemptView
    entry: Entry
    sight: Sight
    found: Findings

    @property
    def now(self) -> datetime:
        return self.found.now
