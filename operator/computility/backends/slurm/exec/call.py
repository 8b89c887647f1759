"""One call of the agent: which verb, for which attempts, and what is answered."""

import importlib
import json
import os
import re
import sys
from typing import Any, Callable, Iterator, List, Tuple

from .account import Account, open_account
from .lock import ALONE
from .problem import Answer, Problem, render_answer
from .settings import CONFIG, read_settings

INPUT_BYTES = 64 * 2**20
NAME = re.compile(r"cj-[0-9a-f]{32}-[1-9][0-9]{0,8}")

MODULES = {
    "look": "look", "submit": "submit", "go": "start", "release": "start", "cancel": "cancel",
    "burn": "claims", "tidy": "tidy",
}  # fmt: skip

Verb = Callable[[Account, List[Answer]], Iterator[Answer]]


def main(argv: List[str], config: str = CONFIG) -> int:
    """Answer one call; return the exit code."""
    os.umask(0o077)
    verb = argv[-1] if argv else ""
    if verb not in MODULES or argv[:-1] not in ([], [ALONE]):
        print("usage: computility-exec [{}] {}".format(ALONE, "|".join(MODULES)), file=sys.stderr)
        return 2
    requests, answers = read_requests(sys.stdin.buffer.read(INPUT_BYTES))
    try:
        account = open_account(read_settings(config), alone=ALONE in argv)
        answers.extend(find_verb(verb)(account, requests))
    except (Problem, OSError, ValueError, KeyError) as problem:
        print(f"computility-exec: {verb}: {problem}", file=sys.stderr)
        return 2
    for answer in answers:
        sys.stdout.write(render_answer(answer) + "\n")
    return 0


def find_verb(verb: str) -> Verb:
    """Return what carries out a verb.

    Only its own module is loaded: no tenant can keep compiled ones here, so each is compiled in each call.
    """
    found: Verb = getattr(importlib.import_module("." + MODULES[verb], __package__), verb)
    return found


def read_requests(text: bytes) -> Tuple[List[Answer], List[Answer]]:
    """Split standard input into requests with an attempt's name, and answers to all else."""
    good: List[Answer] = []
    bad: List[Answer] = []
    for line in text.splitlines():
        request = parse_line(line)
        name = request.get("name") if isinstance(request, dict) else None
        name = name if isinstance(name, str) else None
        if name is not None and NAME.fullmatch(name):
            good.append(request)
        else:
            bad.append({"name": name, "error": {"kind": "invalid", "message": "no attempt's name"}})
    return good, bad


def parse_line(line: bytes) -> Any:
    """Read a line of JSON; None for text that is none."""
    try:
        return json.loads(line.decode())
    except (ValueError, RecursionError):
        return None
