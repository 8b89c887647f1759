"""The soak's end: the hub's books beside the centres' own records, and whether memory stayed flat."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec

from bench.soak.books import Books
from bench.soak.samples import Sample
from bench.soak.witness import Rest, Start
from computility.model.compute_job import Phase
from computility.model.index_set import IndexSet

MIB = 2**20


class Check(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One thing that must hold; `wrong` counts what breaks it, `of` what was looked at."""

    claim: str
    wrong: int
    of: int
    examples: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.wrong


class Trend(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How a process's memory went in the part of the soak in which nothing was killed.

    Attributes:
        first_mib: Its median over the first tenth of that part.
        last_mib: Likewise over the last tenth.
        mib_per_hour: The slope of the straight line through all samples, in virtual hours.
    """

    first_mib: float
    last_mib: float
    mib_per_hour: float


def check_all(
    books: Books, starts: Sequence[Start], rests: Mapping[str, Rest], assignments: int
) -> list[Check]:
    """Compare everything with everything.

    Args:
        books: What was submitted and booked.
        starts: What the centres started, all of them.
        rests: What each member has left.
        assignments: How many the API server has left.
    """
    wait = {uid.replace("-", ""): a for uid, a in books.accounts.items() if a.planned.starts_once}
    claims = {
        "every job submitted is booked, or was deleted by its owner": (
            _missing(books),
            len(books.accounts),
        ),
        "what was booked stays so, with receipt and charge, and nothing vanishes": (
            books.wrong,
            len(books.ends),
        ),
        "no Assignment is left": ([f"{assignments} are left"] * assignments, len(starts)),
        "no member has anything left to do, to run or to tidy": (
            [f"{name}: {rest}" for name, rest in rests.items() if not rest.is_nothing],
            len(rests),
        ),
        "no attempt starts an index twice": (_twice((s.attempt, s.index) for s in starts), len(starts)),
        "no job that is to start once starts an index twice, at whichever member": (
            _twice((s.job, s.index) for s in starts if s.job in wait),
            len(wait),
        ),
        "no index ever runs in two places at once": (list(_overlaps(starts)), len(starts)),
        "what was booked as succeeded did succeed, by the centre's own record": (
            list(_unproved(books, starts)),
            sum(end.phase is Phase.SUCCEEDED for end in books.ends.values()),
        ),
    }
    return [
        Check(claim=claim, wrong=len(wrong), of=of, examples=tuple(wrong[:5]))
        for claim, (wrong, of) in claims.items()
    ]


def trend(
    samples: Iterable[Sample], process: str, since_seconds: float, until_seconds: float
) -> Trend | None:
    """Fit a line through a process's memory; None if there are too few samples."""
    points = [
        (s.hours, s.rss_bytes[process] / MIB)
        for s in samples
        if since_seconds <= s.seconds <= until_seconds and process in s.rss_bytes
    ]
    if len(points) < 10:
        return None
    tenth = len(points) // 10
    return Trend(
        first_mib=_median(points[:tenth]), last_mib=_median(points[-tenth:]), mib_per_hour=_slope(points)
    )


def _missing(books: Books) -> list[str]:
    lost = books.accounts.keys() - books.ends.keys() - books.deleted
    return [books.accounts[uid].planned.job.metadata.name for uid in lost]


def _twice(starts: Iterable[tuple[str, int]]) -> list[str]:
    return [f"{name}/{index}" for (name, index), count in Counter(starts).items() if count > 1]


def _overlaps(starts: Iterable[Start]) -> Iterator[str]:
    by_index: defaultdict[tuple[str, int], list[Start]] = defaultdict(list)
    for start in starts:
        by_index[start.job, start.index].append(start)
    for (job, index), several in by_index.items():
        for one, other in pairwise(sorted(several, key=lambda s: s.began_at)):
            if one.ended_at is None or other.began_at < one.ended_at:
                yield f"{job}/{index}: {one.attempt} and {other.attempt}"


def _unproved(books: Books, starts: Iterable[Start]) -> Iterator[str]:
    proved: defaultdict[str, set[int]] = defaultdict(set)
    for start in starts:
        if start.succeeded:
            proved[start.job].add(start.index)
    for uid, end in books.ends.items():
        if uid in books.accounts:
            job = books.accounts[uid].planned.job
            wanted = _succeeded(
                end.phase, job.spec.indices, end.outcome[0], is_array=job.spec.array is not None
            )
            if not wanted <= proved[uid.replace("-", "")]:
                yield job.metadata.name


def _succeeded(phase: Phase, indices: IndexSet, said: str, *, is_array: bool) -> set[int]:
    """Return the indices that were booked as succeeded."""
    if is_array:
        return set(IndexSet.parse(said))
    return set(indices) if phase is Phase.SUCCEEDED else set()


def _median(points: Sequence[tuple[float, float]]) -> float:
    values = sorted(value for _, value in points)
    return values[len(values) // 2]


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of the line of least squares."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
