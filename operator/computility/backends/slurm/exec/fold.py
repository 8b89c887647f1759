"""The fold: what stays of an array that has ended, in no more files than of a single attempt.

`claims/<name>/folded` says who claimed each index and how it ended; the outputs follow each other in
`<name>/stdout` and `<name>/stderr`, in the order of the indices. Although the claims' own files are gone
then, no payload of the array can start any more:

* Every index is claimed when the fold is written. A wrapper takes a claim by link(2), which fails as long as
  that claim's file is there: one that succeeds once more comes after its removal, hence after the fold.
* A wrapper looks for the fold after it has taken its claim, and starts nothing if there is one. The fold lies
  in the directory that its link has just changed: no cache of a network file system hides it.

Payloads can write a fold, too: it starts nothing, hides no claim or record that has a file, and leaves no
index to nobody (see `claims.read_claims`).
"""

import contextlib
import re
from typing import Any, Dict, List, Optional

from .account import Account
from .files import OWNERS_DOING, is_there, opened, read_part, sized, write_whole
from .problem import Answer
from .records import genuine, parse_record, render

FOLDED = "folded"
INDEX = re.compile(r"[0-9]{1,4}")
INDEX_BYTES = 1600  # of a fold, for each index: three times what ours take; what payloads made longer stays
INDEX_ITEMS = 40  # values likewise
OUTPUT_BYTES = 32 * 2**20  # of one stream; more is not copied, and stays in a file for each index
STREAMS = (("stdout", ".out"), ("stderr", ".err"))

Claims = Dict[int, Answer]
Places = Dict[int, List[int]]


class Fold:
    """What an array's fold tells: claims and records by index, and where in a stream an output lies."""

    def __init__(self, told: Answer):
        self.claims: Claims = read_by_index(told, "claims", dict)
        self.records: Dict[int, Answer] = read_by_index(told, "records", dict)
        self.outputs: Dict[str, Places] = {stream: read_places(told, stream) for stream, _ in STREAMS}


def read_by_index(told: Answer, key: str, kind: type) -> Dict[int, Any]:
    """Read a part of a fold; what its owner has made of it tells less, never anything else."""
    part = told.get(key)
    entries = part.items() if isinstance(part, dict) else ()
    return {
        int(index): value for index, value in entries if INDEX.fullmatch(index) and isinstance(value, kind)
    }


def read_places(told: Answer, stream: str) -> Places:
    """Read where in a stream each output begins and how long it is."""
    return {
        index: place
        for index, place in read_by_index(told, stream, list).items()
        if len(place) == 2 and all(type(number) is int and 0 <= number <= OUTPUT_BYTES for number in place)
    }


def read_fold(claims: int, size: int) -> Optional[Fold]:
    """Read the fold from the directory of claims of an array of this size; None if there is none.

    One that its owner has locked, or put in its place, tells nothing and is there all the same.
    """
    try:
        text = read_part(claims, FOLDED, most_bytes(size) + 1)
    except OSError as error:
        if error.errno not in OWNERS_DOING:
            raise
        text = None
    if text is None and not is_there(claims, FOLDED):
        return None
    return Fold(parse_fold(text or b"", size))


def most_bytes(size: int) -> int:
    """Return how long the fold of an array of this size may be."""
    return INDEX_BYTES * (size + 1)


def parse_fold(text: bytes, size: int) -> Answer:
    """Read the text of a fold; an empty one from text that no array of this size has."""
    return parse_record(text, INDEX_ITEMS * (size + 1)) if len(text) <= most_bytes(size) else {}


def contradicts(fold: Fold, standing: Claims) -> bool:
    """Say whether claims that stand beside a fold are not those in it: then it is none of ours."""
    return any(fold.claims.get(index) != claim for index, claim in standing.items())


def write_fold(account: Account, name: str, at: int, claims: Claims) -> None:
    """Fold an attempt that has ended, every index of which is claimed; the files stay for `tidy`.

    Args:
        account: Whose attempt it is.
        name: The attempt.
        at: Its directory of claims.
        claims: By whom each index is claimed.
    """
    told: Answer = {"claims": claims, "records": {}}
    with contextlib.suppress(FileNotFoundError), opened(account.fd, name) as attempt, opened(
        attempt, "indices"
    ) as indices:
        told["records"] = read_genuine(indices, claims)
        # Half of it: where the outputs begin takes far less than the other half.
        if not parse_fold(render(told), len(claims) // 2):
            return
        for stream, ending in STREAMS:
            told[stream] = fold_stream(attempt, indices, stream, ending, sorted(claims))
    text = render(told)
    if parse_fold(text, len(claims)):
        write_whole(at, FOLDED, text)


def read_genuine(indices: int, claims: Claims) -> Dict[int, Answer]:
    """Read the records of all payloads."""
    found = {index: genuine(indices, f"{index}.json", claim) for index, claim in claims.items()}
    return {index: record for index, record in found.items() if record is not None}


def fold_stream(attempt: int, indices: int, stream: str, ending: str, order: List[int]) -> Places:
    """Put a stream's outputs into one file; return where each begins and how long it is."""
    sizes = {index: sized(indices, f"{index}{ending}") for index in order}
    if sum(sizes.values()) > OUTPUT_BYTES:
        return {}
    places: Places = {}
    whole = bytearray()
    for index in (index for index in order if sizes[index]):
        output = read_part(indices, f"{index}{ending}", sizes[index]) or b""
        places[index] = [len(whole), len(output)]
        whole += output
    if whole:
        write_whole(attempt, stream, bytes(whole))
    return places
