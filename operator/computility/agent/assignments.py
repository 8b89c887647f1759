"""The member's Assignments, as fresh as we know them: what the hub sent, and what our own writes answered."""

from collections.abc import Callable, Iterable

from computility.agent.instants import Instants
from computility.kube.client import Client
from computility.kube.deltas import Added, Deleted, Delta, Modified, Synced
from computility.kube.informer import Informer
from computility.kube.listing import Selection
from computility.model.assignment import Assignment
from computility.model.meta import Key, is_newer

Wake = Callable[[Iterable[str]], None]


class Assignments:
    """A copy of the member's Assignments on the hub.

    Args:
        client: The hub.
        namespace: The member's namespace there.
        wake: Told of the names whose Assignments have changed.
        instants: Between the centre's time, in which Assignments are given out, and the hub's.
    """

    def __init__(self, client: Client, namespace: str, wake: Wake, instants: Instants | None = None) -> None:
        self._client = client
        self._namespace = namespace
        self._wake = wake
        self._instants = instants
        self._informer: Informer[Assignment] = Informer(client, Assignment, Selection(namespace))
        # Answers to our own reads and writes that the watch has not brought yet.
        self._answers: dict[str, Assignment] = {}
        # Uids that a live read has proved gone, by name, until the watch says so too.
        self._absent: dict[str, str] = {}

    async def follow(self) -> None:
        """Keep the copy fresh, for ever."""
        async for delta in self._informer.deltas():
            self._wake(self._take_delta(delta))

    def names(self) -> set[str]:
        """Return the names of all Assignments that are known, readable or not."""
        told = {key.name for key in (*self._informer.objects, *self._informer.unreadable)}
        return told | self._answers.keys()

    def get(self, name: str) -> Assignment | None:
        """Return an Assignment; None means that it is not known, which is no proof that it is gone."""
        known = self._find(name)
        return known if known is None or self._instants is None else self._instants.from_hub(known)

    def _find(self, name: str) -> Assignment | None:
        told = self._informer.objects.get(Key(self._namespace, name))
        known = self._answers.get(name) or told
        return known if known is None or known.metadata.uid != self._absent.get(name) else None

    def take(self, answer: Assignment) -> None:
        """Take in what the API server answered to a write of ours, at once."""
        name = answer.metadata.name
        told = self._informer.objects.get(Key(self._namespace, name))
        if told is None or is_newer(answer.metadata, told.metadata):
            self._answers[name] = answer

    async def refresh(self, name: str) -> Assignment | None:
        """Read an Assignment live; None means that it is gone.

        Raises:
            ApiError: Nobody knows.
        """
        # From before the question: what comes while it is asked may be newer than its answer.
        known = self._find(name)
        found = await self._client.find(Assignment, self._namespace, name)
        if found is not None:
            self.take(found)
        elif known is not None:
            self._absent[name] = known.metadata.uid
            self._drop(name, lambda kept: kept.metadata.uid == known.metadata.uid)
        return found

    async def is_gone(self, name: str) -> bool:
        """Prove that the hub has no such Assignment: by a complete, fresh list and a live 404.

        Raises:
            ApiError: Nobody knows.
        """
        informer = self._informer
        if not informer.is_synced or informer.trouble is not None:
            return False
        return not self._is_told(name) and await self.refresh(name) is None

    def _is_told(self, name: str) -> bool:
        key = Key(self._namespace, name)
        return key in self._informer.objects or key in self._informer.unreadable

    def _take_delta(self, delta: Delta[Assignment]) -> Iterable[str]:
        """Let go of answers that the watch has overtaken, and say whose attempts are to be looked into."""
        match delta:
            case Synced():
                # An object that came and went between two lists is never told to be deleted.
                self._answers = {n: a for n, a in self._answers.items() if self._is_told(n)}
                self._absent = {n: uid for n, uid in self._absent.items() if self._is_told(n)}
                return self.names()
            case Deleted(old=gone):
                if self._absent.get(gone.metadata.name) == gone.metadata.uid:
                    del self._absent[gone.metadata.name]
                self._drop(gone.metadata.name, lambda kept: kept.metadata.uid == gone.metadata.uid)
                return (gone.metadata.name,)
            case Added(new=new) | Modified(new=new):
                self._drop(new.metadata.name, lambda kept: not is_newer(kept.metadata, new.metadata))
                return (new.metadata.name,)
        return (delta.key.name,)

    def _drop(self, name: str, is_overtaken: Callable[[Assignment], bool]) -> None:
        kept = self._answers.get(name)
        if kept is not None and is_overtaken(kept):
            del self._answers[name]
