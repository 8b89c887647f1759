"""Slurm as a backend: the protocol of `backends.protocol`, over the helper and Slurm's own commands."""

import asyncio
import time
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, TypeVar

import msgspec

from computility.backends.protocol import (
    BackendUnreachable,
    Part,
    PoolReport,
    StartAsk,
    Submission,
    Target,
)
from computility.backends.slurm.capacity import Footprint, build_report, parse_footprint
from computility.backends.slurm.cli import Runner, run_command
from computility.backends.slurm.controller import Controller
from computility.backends.slurm.forecaster import Forecaster
from computility.backends.slurm.helper import Answer, Answers, Helper, build_errors
from computility.backends.slurm.parse import LookAnswer, parse_error, parse_look, parse_submit
from computility.backends.slurm.render import Request, part_of, render_submit, render_target
from computility.lifecycle.evidence import Look, SubmitAnswer
from computility.model.assignment import Fault
from computility.model.reasons import Reason
from computility.model.resource_pool import BackendInfo

T = TypeVar("T")


def utc_now() -> datetime:
    """Return this instant."""
    return datetime.now(UTC)


class SlurmBackend:
    """The workloads of one Slurm centre.

    Args:
        accounts: Local accounts that the centre lets the agent act as; no other is ever asked for.
        helper: Path of the installed `computility-exec`.
        slurm_conf: Path of the centre's slurm.conf; "" takes Slurm's own default.
        path: Where sudo and Slurm's commands are.
        become: What runs the helper as an account, before the account's name; () runs it as the agent itself.
        runner: Runs a command; tests put their own here.
        clock: Says what time it is.
        monotonic: A clock in seconds.
    """

    is_atomic = False

    def __init__(
        self,
        *,
        accounts: Collection[str],
        helper: str,
        slurm_conf: str = "",
        path: Sequence[str] = ("/usr/local/bin", "/usr/bin", "/bin"),
        become: Sequence[str] = ("sudo", "-n", "-u"),
        runner: Runner = run_command,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        env = {"PATH": ":".join(path), "LC_ALL": "C", "SLURM_TIME_FORMAT": "%s"}
        if slurm_conf:
            env["SLURM_CONF"] = slurm_conf
        self._accounts = frozenset(accounts)
        self._helper = Helper(helper, env=env, runner=runner, become=tuple(become), monotonic=monotonic)
        self._controller = Controller(env=env, runner=runner)
        self._forecaster = Forecaster(env=env, runner=runner, clock=clock)
        self._clock = clock
        self._cluster = ""
        self._footprints: dict[str, tuple[Footprint, ...]] = {}

    async def describe(self) -> BackendInfo:
        """Say which Slurm this is."""
        info = await self._controller.describe()
        self._cluster = info.cluster
        return info

    async def look(self, targets: Sequence[Target]) -> Mapping[str, Look]:
        """Read queue, claim and files of these attempts, one helper call for each account."""
        # The call's beginning: whatever was done before it is seen.
        taken_at = self._clock()
        asked = await _gather(
            self._look_as(account, some, taken_at)
            for account, some in _by_account(targets, lambda target: target)
        )
        return {name: look for looks in asked for name, look in looks.items()}

    async def _look_as(self, account: str, targets: list[Target], taken_at: datetime) -> dict[str, Look]:
        answers = await self._ask(account, "look", [render_target(target) for target in targets])
        self._remember(answers)
        return {
            target.name: parse_look(answers.get((target.name, 0)), target, taken_at, self._cluster)
            for target in targets
        }

    def _remember(self, answers: Answers) -> None:
        """Keep what our running workloads hold, for `capacity`."""
        for (name, _), answer in answers.items():
            try:
                rows = msgspec.convert(answer, LookAnswer).workloads
            except msgspec.ValidationError:
                continue
            self._footprints[name] = tuple(filter(None, map(parse_footprint, rows)))

    async def submit(self, submissions: Sequence[Submission]) -> Mapping[Part, SubmitAnswer]:
        """Submit these chunks of attempts, held."""
        asked = await _gather(
            self._submit_as(account, some)
            for account, some in _by_account(submissions, lambda submission: submission.target)
        )
        return {part: answer for answers in asked for part, answer in answers.items()}

    async def _submit_as(self, account: str, submissions: list[Submission]) -> dict[Part, SubmitAnswer]:
        parts = [(submission.target.name, submission.chunk) for submission in submissions]
        if account not in self._accounts:
            refused = SubmitAnswer(
                refused=Reason.ACCOUNT_REFUSED, fault=Fault.SITE, message=_not_ours(account)
            )
            return dict.fromkeys(parts, refused)
        answers = await self._ask(account, "submit", [render_submit(one) for one in submissions])
        return {part: parse_submit(answers.get(part), part[1], self._cluster) for part in parts}

    async def go(self, targets: Sequence[Target]) -> None:
        """Let these payloads start."""
        await self._order("go", [(target, {"name": target.name}) for target in targets])

    async def release(self, targets: Sequence[tuple[Target, str]]) -> None:
        """Release these held jobs, given with their job ids."""
        # The number tells the jobs of one attempt apart, no more.
        orders = [
            (target, {"name": target.name, "nativeID": native_id, "chunk": number})
            for number, (target, native_id) in enumerate(targets)
        ]
        await self._order("release", orders)

    async def burn(self, targets: Sequence[Target]) -> None:
        """Take the claims of these indices that nobody has."""
        await self._order("burn", [(target, render_target(target)) for target in targets])

    async def cancel(self, targets: Sequence[Target]) -> None:
        """End the jobs, or the tasks of arrays, that stand for these indices."""
        await self._order("cancel", [(target, render_target(target)) for target in targets])

    async def tidy(self, targets: Sequence[Target]) -> None:
        """Remove what these ended attempts need no more at the centre."""
        await self._order("tidy", [(target, render_target(target)) for target in targets])

    async def capacity(self, partitions: Sequence[str], ours: Sequence[Target]) -> Mapping[str, PoolReport]:
        """Read what each partition has; `ours` counts with what the last look saw them hold."""
        observed_at = self._clock()
        problem = await self._learn_footprints(ours)
        try:
            nodes = await self._controller.nodes(partitions)
        except BackendUnreachable as error:
            nodes, problem = [], str(error)
        held = [footprint for some in self._footprints.values() for footprint in some]
        return {name: build_report(name, nodes, held, observed_at, problem) for name in partitions}

    async def _learn_footprints(self, ours: Sequence[Target]) -> str:
        """Know what these hold and forget all others; say what is wrong if that of some cannot be known."""
        await self.look([target for target in ours if target.name not in self._footprints])
        seen = {target.name: self._footprints.get(target.name) for target in ours}
        self._footprints = {name: held for name, held in seen.items() if held is not None}
        unknown = len(seen) - len(self._footprints)
        return f"what {unknown} attempts of ours hold could not be read" if unknown else ""

    async def forecast(self, asks: Sequence[StartAsk]) -> Mapping[StartAsk, float]:
        """Ask when these would start, as the agent's own user."""
        return await self._forecaster.ask(asks)

    async def _order(self, verb: str, orders: Sequence[tuple[Target, Request]]) -> None:
        """Have something done for each attempt; every one is tried before a failure is raised."""
        asked = await _gather(
            self._order_as(account, verb, [request for _, request in some])
            for account, some in _by_account(orders, lambda order: order[0])
        )
        problems = [problem for some in asked for problem in some]
        if problems:
            raise BackendUnreachable(f"cannot {verb} {len(problems)} of {len(orders)}: {problems[0]}")

    async def _order_as(self, account: str, verb: str, requests: list[Request]) -> list[str]:
        answers = await self._ask(account, verb, requests)
        failed = [(request["name"], _complaint(answers.get(part_of(request)))) for request in requests]
        return [f'"{name}": {complaint}' for name, complaint in failed if complaint]

    async def _ask(self, account: str, verb: str, requests: list[Request]) -> Answers:
        if account not in self._accounts:
            return build_errors(requests, "unreachable", _not_ours(account))
        return await self._helper.ask(account, verb, requests)


def _not_ours(account: str) -> str:
    return f'the centre lets the agent act as no account "{account}": add it to the accounts table'


def _complaint(answer: Answer | None) -> str:
    if answer is None:
        return "no answer from the helper"
    return parse_error(answer["error"])[1] if "error" in answer else ""


def _by_account(items: Iterable[T], target: Callable[[T], Target]) -> list[tuple[str, list[T]]]:
    """Group by account, in the order of accounts."""
    ordered = sorted(items, key=lambda item: target(item).account)
    return [(account, list(some)) for account, some in groupby(ordered, lambda item: target(item).account)]


async def _gather(calls: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run one call for each account side by side."""
    return await asyncio.gather(*calls)
