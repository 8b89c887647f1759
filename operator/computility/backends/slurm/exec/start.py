"""The verbs `go` and `release`: what lets a payload start."""

from typing import Iterator, List

from .account import Account
from .files import is_there, opened, write_whole
from .problem import Answer, answer_to
from .rows import CHUNK


def go(account: Account, requests: List[Answer]) -> Iterator[Answer]:
    """Let each payload start."""
    return (answer_to(go_one, account, request) for request in requests)


def go_one(account: Account, request: Answer) -> Answer:
    """Write the go file, once."""
    with opened(account.fd, request["name"]) as attempt:
        if not is_there(attempt, "go"):
            write_whole(attempt, "go", request["name"].encode() + b"\n")
    return {}


def release(account: Account, requests: List[Answer]) -> Iterator[Answer]:
    """Release the held jobs that still have their attempt's name: an id may have become another job's."""
    held = {
        (CHUNK.sub("", row.name), row.native_id)
        for row in account.slurm.queue()
        if row.state == "PENDING" and "JobHeldUser" in row.reason.split(",")
    }
    for request in requests:
        if (request["name"], request.get("nativeID")) in held:
            yield answer_to(release_one, account, request)
        else:
            yield answer_to(lambda *_: {}, account, request)


def release_one(account: Account, request: Answer) -> Answer:
    """Release one job."""
    account.slurm.run("scontrol", "release", request["nativeID"])
    return {}
