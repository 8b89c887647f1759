"""The jobs that wait for a place, those that ask for the same together: they get the same answer."""

from collections import defaultdict
from collections.abc import Callable, Set
from heapq import nsmallest
from typing import NamedTuple

import msgspec

from computility.hub.prospects import Foreseen
from computility.lifecycle.outcome import take_stock
from computility.lifecycle.placing import ask_of
from computility.lifecycle.prospects import FOLLOWS_FROM_REQUEST
from computility.model.compute_job import ComputeJob, Mode
from computility.model.meta import Key, key_of
from computility.model.reasons import Reason
from computility.placement.ask import Ask
from computility.placement.prospects import Prospect
from computility.placement.rehearsal import Kind
from computility.placement.request import Request


class Turn(NamedTuple):
    """A waiting job's place among those of its namespace: by priority, then age."""

    before: int
    """Its priority, negated: the smallest goes first."""
    since: str
    key: Key
    kind: Kind = b""

    @property
    def claim(self) -> int:
        """What those have in common that may change places."""
        return self.before


def _nobody(_namespace: str) -> str:
    """Put every namespace into no class of users."""
    return ""


class Waiting:
    """Waiting jobs by kind, each with its turn.

    Args:
        class_of: Returns the class of user that a namespace is in.

    Attributes:
        asks: What the jobs of a kind ask for; nothing of one that no place would help now.
        foreseen: What may change the answer to a kind.
    """

    def __init__(self, class_of: Callable[[str], str] = _nobody) -> None:
        self._class_of = class_of
        self.asks: dict[Kind, Ask] = {}
        self.foreseen = Foreseen()
        self._kinds: defaultdict[Kind, dict[Key, Turn]] = defaultdict(dict)
        self._kind_of: dict[Key, Kind] = {}

    def __len__(self) -> int:
        return len(self._kind_of)

    def __contains__(self, key: object) -> bool:
        return key in self._kind_of

    def keys(self) -> Set[Key]:
        """Return which jobs wait."""
        return self._kind_of.keys()

    def add(self, job: ComputeJob) -> None:
        """Let a job wait, as it is now."""
        key, kind = key_of(job.metadata), kind_of(job)
        if self._kind_of.get(key) != kind:
            self.discard(key)
        self._kind_of[key] = kind
        self._note_ask(kind, job)
        since = str(job.metadata.creation_timestamp)
        self._kinds[kind][key] = Turn(-job.spec.priority, since, key, kind)

    def discard(self, key: Key) -> None:
        """Let a job wait no longer."""
        kind = self._kind_of.pop(key, None)
        if kind is not None:
            del self._kinds[kind][key]
            if not self._kinds[kind]:
                del self._kinds[kind]
                self.asks.pop(kind, None)
                self.foreseen.discard(kind)

    def foresee(self, key: Key, prospect: Prospect | None) -> None:
        """Take in what may change the answer to a waiting job, as to all of its kind."""
        kind = self._kind_of.get(key)
        if kind is not None:
            self.foreseen.note(kind, prospect)

    def reclassify(self, namespace: str) -> None:
        """Let a namespace's jobs ask for what they do as those of the class that it is in now."""
        user_class = self._class_of(namespace)
        for kind, ask in self.asks.items():
            if ask.request.namespace == namespace and ask.request.user_class != user_class:
                request = msgspec.structs.replace(ask.request, user_class=user_class)
                self.asks[kind] = ask._replace(request=request)

    def _note_ask(self, kind: Kind, job: ComputeJob) -> None:
        """Keep what the first of a kind asks for; one that was tried before asks for less each time."""
        if not _is_for_want_of_room(job):
            self.asks.pop(kind, None)
        elif kind not in self.asks or job.status.attempts:
            self.asks[kind] = self.build_ask(job)

    def build_ask(self, job: ComputeJob) -> Ask:
        """Return what a job asks for, as one of the class that its namespace is in now."""
        stock = take_stock(job, job.status.attempts)
        return ask_of(job, stock, self._class_of(job.metadata.namespace))

    def wants_nodes(self, more_than: int, at_most: int) -> bool:
        """Say whether some job wants so many nodes."""
        return more_than < at_most and any(
            more_than < ask.request.nodes <= at_most for ask in self.asks.values()
        )

    def queues(self, count: int | None = None, kinds: Set[Kind] | None = None) -> dict[str, list[Turn]]:
        """Return the jobs of each namespace in their order: all, so many of each kind, or some kinds."""
        queues: defaultdict[str, list[Turn]] = defaultdict(list)
        for kind in self._kinds if kinds is None else kinds & self._kinds.keys():
            turns = self._kinds[kind].values()
            for turn in turns if count is None else nsmallest(count, turns):
                queues[turn.key.namespace].append(turn)
        return {namespace: sorted(turns) for namespace, turns in queues.items()}


def kind_of(job: ComputeJob) -> Kind:
    """Return what decides together with the pools whether a job is placed.

    That is its request, and why it waits: because all pools are busy, which may have been found only just
    now, or because none fits. A job that was tried before, or waits for something else, is of a kind of its
    own.
    """
    if job.status.attempts or not _is_for_want_of_room(job):
        return job.metadata.uid.encode()
    return _reason(job).encode() + Request.of(job, count=len(job.spec.indices)).key


def wants_place_at_once(job: ComputeJob) -> bool:
    """Say whether a job has not been looked at yet, and nothing but room decides whether it goes."""
    spec = job.spec
    is_new = job.is_ours and job.status.phase is None and not job.status.attempts
    return is_new and not (job.wants_stop or spec.depends_on or spec.placement.mode is Mode.QUOTE)


def _is_for_want_of_room(job: ComputeJob) -> bool:
    return _reason(job) in FOLLOWS_FROM_REQUEST


def _reason(job: ComputeJob) -> str:
    return job.status.reason or Reason.POOLS_BUSY.value
