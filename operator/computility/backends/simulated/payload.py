"""What a simulated payload does, derived from the work that it stands for: the same every time.

What is said first counts: the variables SIMULATED_RUN_SECONDS, SIMULATED_WIND_DOWN_SECONDS,
SIMULATED_EXIT_CODE and SIMULATED_OUTPUT; the commands `sleep N`, `true` and `false`; the centre's own
distribution. What differs between indices is drawn, seeded by the attempt's name and the index.
"""

import random
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from computility.backends.simulated.requests import Run
from computility.model.assignment import JobWork

RUN_SECONDS = "SIMULATED_RUN_SECONDS"
EXIT_CODE = "SIMULATED_EXIT_CODE"
OUTPUT = "SIMULATED_OUTPUT"
WIND_DOWN_SECONDS = "SIMULATED_WIND_DOWN_SECONDS"

Span = tuple[float, float]
"""Shortest and longest run in seconds, equally likely between."""

_SECONDS = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(?:-([0-9]{1,9}(?:\.[0-9]{1,6})?))?")
_CODES = re.compile(r"[0-9]{1,3}(?:,[0-9]{1,3}){0,99}")


class Habits(NamedTuple):
    """How the payloads of one attempt behave.

    Attributes:
        seconds: How long they run; None leaves it to the centre's distribution.
        exit_codes: One of these is drawn for each index.
        output: What each of them writes to its standard output; None if nothing was said.
        wind_down: How long they run on after SIGTERM, in seconds; SIGKILL ends them after their grace.
    """

    seconds: Span | None = None
    exit_codes: tuple[int, ...] = (0,)
    output: str | None = None
    wind_down: Span = (0.0, 0.0)

    @property
    def are_alike(self) -> bool:
        """Whether every index does the same."""
        spans = (self.seconds or (0.0, 0.0), self.wind_down)
        return all(least == most for least, most in spans) and len(set(self.exit_codes)) == 1


def parse_habits(work: JobWork) -> Habits:
    """Read what the payloads of some work do.

    Raises:
        ValueError: A variable does not have its form; the message says which, and what it may be.
    """
    env = {variable.name: variable.value for variable in work.env}
    habits = read_command(work.command)
    if RUN_SECONDS in env:
        habits = habits._replace(seconds=parse_seconds(RUN_SECONDS, env[RUN_SECONDS]))
    if WIND_DOWN_SECONDS in env:
        habits = habits._replace(wind_down=parse_seconds(WIND_DOWN_SECONDS, env[WIND_DOWN_SECONDS]))
    if EXIT_CODE in env:
        habits = habits._replace(exit_codes=parse_codes(env[EXIT_CODE]))
    return habits._replace(output=env.get(OUTPUT))


def parse_seconds(variable: str, text: str) -> Span:
    """Read "90" or "60-120", the value of a variable.

    Raises:
        ValueError: It is neither.
    """
    found = _SECONDS.fullmatch(text)
    if found is not None and float(found[1]) <= float(found[2] or found[1]):
        return float(found[1]), float(found[2] or found[1])
    raise ValueError(f'{variable} is "{text[:40]}": give seconds such as 90, or a range such as 60-120')


def parse_codes(text: str) -> tuple[int, ...]:
    """Read "1", or "0,0,0,1" of which each index draws one.

    Raises:
        ValueError: It is neither.
    """
    codes = tuple(map(int, text.split(","))) if _CODES.fullmatch(text) else ()
    if codes and max(codes) <= 255:
        return codes
    raise ValueError(f'{EXIT_CODE} is "{text[:40]}": give codes from 0 to 255, such as 1 or 0,0,0,1')


def read_command(command: Sequence[str]) -> Habits:
    """Say what a command does that we know; nothing is said of others."""
    program = command[0].rpartition("/")[2] if command else ""
    read = _KNOWN.get(program)
    return read(command[1:]) if read else Habits()


def _read_sleep(arguments: Sequence[str]) -> Habits:
    found = _SECONDS.fullmatch(arguments[0]) if len(arguments) == 1 else None
    return Habits(seconds=(float(found[1]), float(found[1]))) if found and not found[2] else Habits()


_KNOWN: dict[str, Callable[[Sequence[str]], Habits]] = {
    "true": lambda _: Habits(seconds=(0.0, 0.0)),
    "false": lambda _: Habits(seconds=(0.0, 0.0), exit_codes=(1,)),
    "sleep": _read_sleep,
}


def draw_run(habits: Habits, name: str, index: int) -> Run:
    """Say what the payload of one index of an attempt does."""
    draw = random.Random(f"{name}/{index}")  # noqa: S311 - to be repeated, not to be secret
    seconds = None if habits.seconds is None else round(draw.uniform(*habits.seconds), 3)
    exit_code, wind_down = draw.choice(habits.exit_codes), round(draw.uniform(*habits.wind_down), 3)
    return Run(seconds=seconds, exit_code=exit_code, wind_down_seconds=wind_down)
