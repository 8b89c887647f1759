"""What a request is answered with, and what is answered when it was not carried out."""

from typing import Any, Callable, Dict, Optional, TypeVar

Answer = Dict[str, Any]
T = TypeVar("T")


class Problem(Exception):
    """Why one request was not carried out."""

    def __init__(self, kind: str, message: str, exit_code: Optional[int] = None):
        super().__init__(message)
        self.error: Dict[str, Any] = {"kind": kind, "message": message[-1024:]}
        if kind == "slurm":
            self.error["exitCode"] = exit_code


def answer_to(one: Callable[[T, Answer], Answer], account: T, request: Answer) -> Answer:
    """Carry out one request of many; its failure is its own."""
    whose: Answer = {key: request[key] for key in ("name", "chunk") if key in request}
    try:
        return dict(one(account, request), **whose)
    except Problem as problem:
        return dict(whose, error=problem.error)
    except OSError as error:
        return dict(whose, error={"kind": "failed", "message": str(error)})
