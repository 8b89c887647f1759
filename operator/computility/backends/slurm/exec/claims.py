"""Claims: who may decide over a payload. There is one for each attempt, in an array for each index, for ever.

The claim of an attempt is the file `claims/<name>`. An array's are `claims/<name>/<index>`: a look lists no
others, and `folded` stands among them once they are kept in one file (see `fold.py`).
"""

import contextlib
import errno
import os
from typing import Dict, Iterable, Iterator, List, Optional, Tuple

from .account import Account
from .files import OWNERS_DOING, is_there, opened, write_new
from .fold import Fold, read_fold
from .indices import read_array, read_indices
from .problem import Answer, answer_to
from .records import now, read_record, render

UNREADABLE = {"by": "payload"}  # without a nonce: no start and no result is genuine


def read_claim(account: Account, name: str) -> Optional[Answer]:
    """Read the attempt's claim; what has its name and is no record was made by a payload of this account."""
    with opened(account.fd, "claims", make=True) as claims:
        return read_claim_in(claims, name)


def read_claim_in(claims: int, name: str) -> Optional[Answer]:
    """Read the claim of this name in a directory of claims."""
    claim = read_claim_record(claims, name)
    if claim is None and is_there(claims, name):
        # Taken this moment, or nothing that can be read.
        claim = read_claim_record(claims, name) or {}
    return UNREADABLE if claim == {} else claim


def read_claim_record(claims: int, name: str) -> Optional[Answer]:
    """Read a claim; None if there is none, or none that its owner lets us read."""
    try:
        return read_record(claims, name)
    except OSError as error:
        if error.errno not in OWNERS_DOING:
            raise
        return None


def read_claims(
    account: Account, name: str, indices: Iterable[int], size: int
) -> Tuple[Dict[int, Answer], Optional[Fold]]:
    """Read who claimed which of these indices of an array of this size, and its fold, if there is one.

    Once there is a fold, nobody can claim any more: an index of which neither a claim nor the fold tells
    counts as claimed by a payload, whoever wrote such a fold. Else it would be waited for without an end.
    """
    try:
        with opened_claims(account, name) as claims:
            # In this order: claims go after the fold came, so without a fold none is missing.
            standing = read_standing(claims, indices)
            fold = read_fold(claims, size)
    except FileNotFoundError:
        return {}, None
    except OSError as error:
        if error.errno not in OWNERS_DOING:
            raise
        return dict.fromkeys(indices, UNREADABLE), None  # locked, or replaced, by its owner
    if fold is None:
        return standing, None
    return {i: standing.get(i) or fold.claims.get(i) or UNREADABLE for i in indices}, fold


def read_standing(claims: int, indices: Iterable[int]) -> Dict[int, Answer]:
    """Read those claims of an array that stand in files of their own."""
    there = set(os.listdir(claims))
    found = {index: read_claim_in(claims, str(index)) for index in indices if str(index) in there}
    return {index: claim for index, claim in found.items() if claim is not None}


@contextlib.contextmanager
def opened_claims(account: Account, name: str, make: bool = False) -> Iterator[int]:
    """Have the directory of an array's claims open for a while."""
    with opened(account.fd, "claims", make=True) as above, opened(above, name, make) as claims:
        yield claims


def burn(account: Account, requests: List[Answer]) -> Iterator[Answer]:
    """Take each claim that nobody has."""
    return (answer_to(burn_any, account, request) for request in requests)


def burn_any(account: Account, request: Answer) -> Answer:
    """Take one attempt's claim, or those of some indices of an array."""
    name = request["name"]
    if "array" not in request:
        with opened(account.fd, "claims", make=True) as claims:
            take(claims, "." + name, [name])
        return {}
    indices, array = read_indices(request), read_array(request)
    with opened_claims(account, name, make=True) as claims:
        if read_fold(claims, len(array)) is None:
            there = set(os.listdir(claims))
            take(claims, ".agent", [str(index) for index in indices if str(index) not in there])
    return {}


def take(claims: int, prefix: str, names: List[str]) -> None:
    """Take claims as the wrapper does, by link(2): one file has as many names as are taken together."""
    nonce = os.urandom(16).hex()
    own = f"{prefix}.{nonce}"
    write_new(claims, own, render({"by": "agent", "nonce": nonce, "at": now()}))
    for name in names:
        link(claims, own, name)
    os.fsync(claims)
    os.unlink(own, dir_fd=claims)


def link(claims: int, own: str, name: str) -> None:
    """Give a claim of ours a name, unless that is taken; what its owner forbids is seen by the next look.

    Raises:
        OSError: A file system has failed, or knows no more links to one file: the call is made again.
    """
    try:
        os.link(own, name, src_dir_fd=claims, dst_dir_fd=claims)
    except OSError as error:
        if error.errno not in (errno.EEXIST, *OWNERS_DOING):
            raise
