"""What payloads themselves wrote about their starts and ends: evidence from outside of all our books."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from computility.lab.lab import Lab

FOLDER = "/srv/tally"
STARTED = f'echo "$SLURM_JOB_NAME/$COMPUTILITY_INDEX" >> {FOLDER}/starts'
"""A line of a payload's script: an array's attempt and chunk, and the index; a short append is whole."""
IN = f'echo "+$SLURM_JOB_NAME" >> {FOLDER}/presence'
OUT = f'echo "-$SLURM_JOB_NAME" >> {FOLDER}/presence'


class Start(NamedTuple):
    """One start of one index."""

    attempt: str
    index: int


class Tally:
    """The tallies at all Slurm centres of a lab, taken together."""

    def __init__(self, lab: Lab) -> None:
        self._centres = [lab.centre_of(site.name) for site in lab.federation.slurm]

    def prepare(self) -> None:
        """Make the folders, writable for every account of the centre."""
        for centre in self._centres:
            centre.run(["install", "-d", "-m", "1777", FOLDER], user="root").check_returncode()

    def starts(self, uid: str) -> Counter[Start]:
        """Count the starts of an array job's indices, each in the attempt in which it was."""
        words = (word for lines in self._read("starts") for word in lines)
        return Counter(_start(word) for word in words if word.startswith(_prefix(uid)))

    def most_at_once(self, uid: str) -> list[int]:
        """Return how many payloads of a job were between `IN` and `OUT` at once at most, for each centre."""
        return [_peak(word for word in lines if _prefix(uid) in word) for lines in self._read("presence")]

    def _read(self, file: str) -> list[list[str]]:
        answers = [centre.run(["cat", f"{FOLDER}/{file}"], user="root") for centre in self._centres]
        return [answer.stdout.split() for answer in answers]


def by_index(starts: Counter[Start]) -> Counter[int]:
    """Count the starts of each index, whatever the attempt."""
    counted: Counter[int] = Counter()
    for start, count in starts.items():
        counted[start.index] += count
    return counted


def _prefix(uid: str) -> str:
    return f"cj-{uid.replace('-', '')}-"


def _start(word: str) -> Start:
    workload, _, index = word.partition("/")
    return Start(workload.rpartition(".")[0], int(index))


def _peak(words: Iterable[str]) -> int:
    now = most = 0
    for word in words:
        now += 1 if word.startswith("+") else -1
        most = max(most, now)
    return most
