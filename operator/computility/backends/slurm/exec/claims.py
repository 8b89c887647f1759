"""Claims: who may decide over an attempt's payload. There is one for each attempt, taken once, for ever."""

import contextlib
import os
from typing import Iterator, List, Optional

from .account import Account
from .files import OWNERS_DOING, is_there, opened, write_new
from .problem import Answer, answer_to
from .records import now, read_record, render

UNREADABLE = {"by": "payload"}  # without a nonce: no start and no result is genuine


def read_claim(account: Account, name: str) -> Optional[Answer]:
    """Read the attempt's claim; what has its name and is no record was made by a payload of this account."""
    with opened(account.fd, "claims", make=True) as claims:
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


def burn(account: Account, requests: List[Answer]) -> Iterator[Answer]:
    """Take each claim that nobody has."""
    return (answer_to(burn_one, account, request) for request in requests)


def burn_one(account: Account, request: Answer) -> Answer:
    """Take the claim as the wrapper does, by link(2); say who holds it then."""
    nonce = os.urandom(16).hex()
    own = ".{}.{}".format(request["name"], nonce)
    with opened(account.fd, "claims", make=True) as claims:
        write_new(claims, own, render({"by": "agent", "nonce": nonce, "at": now()}))
        with contextlib.suppress(OSError):
            os.link(own, request["name"], src_dir_fd=claims, dst_dir_fd=claims)
        os.fsync(claims)
        os.unlink(own, dir_fd=claims)
    return {"claim": read_claim(account, request["name"])}
