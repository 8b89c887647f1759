"""What a request is answered with, and what is answered when it was not carried out."""

import json
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
    """Carry out one request of many; its failure is its own, whatever it is."""
    try:
        return dict(one(account, request), **whose(request))
    except Problem as problem:
        return dict(whose(request), error=problem.error)
    except Exception as error:  # a file of a payload's can make any of our own mistakes come out
        return failed(request, error)


def render_answer(answer: Answer) -> str:
    """Write an answer as a line of JSON; one that JSON cannot hold as a failure of its own."""
    try:
        return json.dumps(answer)
    except Exception as error:
        return json.dumps(failed(answer, error))


def failed(about: Answer, error: Exception) -> Answer:
    """Answer that something went wrong which nobody has a word for."""
    message = str(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
    return dict(whose(about), error={"kind": "failed", "message": message[:1024]})


def whose(about: Answer) -> Answer:
    """Return what a request, or its answer, is about."""
    return {key: about[key] for key in ("name", "chunk") if key in about}
