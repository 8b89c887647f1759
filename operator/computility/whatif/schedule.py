"""What became of each job of a trace: columns, one of each a job."""

from array import array

import numpy as np

from computility.whatif.pool_queue import Task

NOWHERE = -1


class Schedule:
    """Filled while a trace is replayed.

    Attributes:
        rows: The pool's row; -1 for a job without a place.
        starts: Seconds from the first submission until the start.
        seconds: How long it ran.
        cores, cards: What was allocated.
    """

    def __init__(self, jobs: int) -> None:
        self.rows = array("q", [NOWHERE]) * jobs
        self.starts = array("d", [np.nan]) * jobs
        self.seconds = array("d", [0.0]) * jobs
        self.cores = array("q", [0]) * jobs
        self.cards = array("q", [0]) * jobs

    def place(self, task: Task) -> None:
        """Write where a job goes, and what it is given there."""
        job = task.job
        self.rows[job] = task.row
        self.seconds[job] = task.seconds
        self.cores[job] = task.cores
        self.cards[job] = task.cards
