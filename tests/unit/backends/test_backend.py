"""The backend's own decisions, over a helper that the test plays."""

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from computility.backends.protocol import BackendUnreachable, Submission, Target
from computility.backends.slurm.backend import SlurmBackend
from computility.backends.slurm.cli import Command, CommandHangs, Completed, run_command
from computility.model.reasons import Reason
from support.workloads import a_target, a_work

Answers = Callable[[str, dict[str, Any]], dict[str, Any]]


class Helper:
    """Plays sudo and the helper: notes the calls, answers as it is told."""

    def __init__(self, answer: Answers | None = None) -> None:
        self.calls: list[Command] = []
        self.answer = answer or (lambda verb, request: {})

    async def __call__(self, command: Command) -> Completed:
        self.calls.append(command)
        verb = command.argv[-1]
        requests = map(json.loads, command.stdin.splitlines())
        lines = [
            {
                **{key: request[key] for key in ("name", "chunk") if key in request},
                **self.answer(verb, request),
            }
            for request in requests
        ]
        return Completed(exit_code=0, stdout="".join(json.dumps(line) + "\n" for line in lines).encode())


def a_backend(helper: Any, **how: Any) -> SlurmBackend:
    return SlurmBackend(accounts=["alice", "bob"], helper="/libexec/computility-exec", runner=helper, **how)


async def test_attempts_are_asked_for_in_one_call_for_each_account() -> None:
    helper = Helper(lambda verb, request: {"complete": True})
    targets = [a_target("alice"), a_target("bob"), a_target("alice")]

    looks = await a_backend(helper).look(targets)

    assert [call.argv for call in helper.calls] == [
        ("sudo", "-n", "-u", account, "--", "/libexec/computility-exec", "look")
        for account in ("alice", "bob")
    ]
    assert list(map(len, (call.stdin.splitlines() for call in helper.calls))) == [2, 1]
    assert looks.keys() == {target.name for target in targets}


async def test_an_agent_that_is_the_one_account_needs_no_sudo() -> None:
    helper = Helper()

    await a_backend(helper, become=()).go([a_target()])

    assert helper.calls[0].argv == ("/libexec/computility-exec", "go")


async def test_a_big_batch_is_cut_so_that_the_helper_ends_in_time() -> None:
    helper = Helper(lambda verb, request: {"complete": True})

    await a_backend(helper).look([a_target() for _ in range(120)])

    assert [len(call.stdin.splitlines()) for call in helper.calls] == [50, 50, 20]


async def test_answers_of_earlier_calls_are_kept_when_a_later_one_fails() -> None:
    whole = Helper(lambda verb, request: {"nativeID": "7"})

    async def fails_second(command: Command) -> Completed:
        return await (whole if not whole.calls else failing)(command)

    submissions = [Submission(target=a_target(), work=a_work(), partition="cpu") for _ in range(120)]
    answers = await a_backend(fails_second).submit(submissions)

    told = [answers[one.target.name, 0] for one in submissions]
    assert all(answer.workload for answer in told[:50])
    assert not any(answer.is_certain for answer in told[50:100])
    assert all(answer.postponed is Reason.CENTRE_BUSY for answer in told[100:])


async def test_while_a_call_that_hung_lives_its_account_is_not_called_again_and_others_are() -> None:
    hung: asyncio.Future[tuple[bytes, bytes]] = asyncio.get_running_loop().create_future()
    helper = Helper(lambda verb, request: {"complete": True})

    async def hangs_for_alice(command: Command) -> Completed:
        completed = await helper(command)
        if "alice" in command.argv and not hung.done():
            raise CommandHangs("it hangs", hung)
        return completed

    backend, alices, bobs = a_backend(hangs_for_alice), a_target("alice"), a_target("bob")
    looks = [await backend.look([alices, bobs]) for _ in range(5)]
    assert [call.argv[3] for call in helper.calls] == ["alice", *["bob"] * 5]
    assert "still lives" in looks[4][alices.name].problem
    assert all(look[bobs.name].complete for look in looks)

    hung.set_result((b"", b""))
    await asyncio.sleep(0)
    assert (await backend.look([alices]))[alices.name].complete


async def test_nothing_of_the_agents_environment_reaches_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SBATCH_HOLD", "0")
    helper = Helper()

    await a_backend(helper, slurm_conf="/etc/slurm.conf").go([a_target()])

    assert helper.calls[0].env.keys() == {"PATH", "LC_ALL", "SLURM_TIME_FORMAT", "SLURM_CONF"}


async def unreachable(command: Command) -> Completed:
    raise BackendUnreachable("no answer within 25 s")


async def failing(command: Command) -> Completed:
    return Completed(exit_code=2, stderr=b"computility-exec: look: no\n")


@pytest.mark.parametrize("runner", [unreachable, failing])
async def test_a_call_without_an_answer_is_an_incomplete_look_an_uncertain_submit_and_an_error(
    runner: Any,
) -> None:
    backend, target = a_backend(runner), a_target()

    look = (await backend.look([target]))[target.name]
    answer = (await backend.submit([Submission(target=target, work=a_work(), partition="cpu")]))[
        target.name, 0
    ]

    assert (look.complete, bool(look.problem)) == (False, True)
    assert (answer.is_certain, bool(answer.message)) == (False, True)
    for order in (backend.go, backend.burn, backend.cancel):
        with pytest.raises(BackendUnreachable, match=target.name):
            await order([target])


async def test_every_order_is_tried_before_a_failure_is_raised() -> None:
    bad, good = a_target("alice"), a_target("bob")
    error = {"error": {"kind": "failed", "message": "disk full"}}
    helper = Helper(lambda verb, request: error if request["name"] == bad.name else {})

    with pytest.raises(BackendUnreachable, match="disk full"):
        await a_backend(helper).burn([bad, good])

    assert len(helper.calls) == 2


async def test_an_attempt_that_the_helper_left_out_is_not_taken_for_done() -> None:
    async def silent(command: Command) -> Completed:
        return Completed(exit_code=0)

    target = a_target()
    with pytest.raises(BackendUnreachable):
        await a_backend(silent).cancel([target])
    assert not (await a_backend(silent).look([target]))[target.name].complete


async def test_no_account_outside_the_table_is_ever_asked_for() -> None:
    helper, target = Helper(), Target(name=a_target().name, account="root")
    backend = a_backend(helper)

    await backend.look([target])
    await backend.submit([Submission(target=target, work=a_work(), partition="cpu")])
    with pytest.raises(BackendUnreachable, match='"root"'):
        await backend.cancel([target])

    assert helper.calls == []


async def test_a_command_that_takes_too_long_is_given_up() -> None:
    sleeper = Command(argv=(sys.executable, "-c", "import time; time.sleep(60)"), env={}, seconds=0.3)

    with pytest.raises(CommandHangs, match="did not end within") as hangs:
        await run_command(sleeper)

    await asyncio.wait_for(hangs.value.talk, 20)  # and ended, as far as that is ours to do


async def test_a_command_that_is_not_there_is_unreachable() -> None:
    with pytest.raises(BackendUnreachable, match="no-such-program"):
        await run_command(Command(argv=("/no-such-program",), env={}))
